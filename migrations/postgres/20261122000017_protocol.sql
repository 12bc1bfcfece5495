-- Agreements on who codes what, and how: which part of each recording, how much of it twice, blind to what.
create table protocols (
    id                uuid    not null primary key,
    name              bytea   not null,          -- sealed under the installation's key
    framework_version text    not null,
    minutes           bigint  check (minutes in (5, 10, 20)),  -- null: the whole recording
    seed              bigint  not null,          -- which part, and which recordings twice, follow from it
    twice_percent     bigint  not null check (twice_percent between 0 and 100),
    blind_phase       boolean not null,
    blind_practitioner boolean not null,
    drift_every       bigint  check (drift_every > 0),  -- a check of drift after so many recordings; null: none
    made_by           uuid    not null references people,
    made_at           bigint  not null,
    closed_at         bigint
);

-- One coder's work on one recording. What it is made with is fixed when it begins, or when it is assigned.
create table codings (
    id                uuid    not null primary key,
    recording         uuid    not null references recordings,
    coder             uuid    not null references people,
    framework_version text    not null,
    protocol          uuid    references protocols,
    part_start_ms     bigint  check (part_start_ms >= 0),  -- both null: the whole recording
    part_end_ms       bigint,
    begun_at          bigint,                   -- null: assigned, and not begun
    locked_at         bigint,                   -- from then on it is not changed
    not_blind         boolean,      -- this and the next two: noted when it was locked
    phase_visible     boolean,
    standing          text    check (standing in ('practice', 'counts')),
    twice             text    check (twice in ('drawn', 'drift')),  -- why a second person codes it too; null: nobody does
    own               boolean not null default false,  -- taken in by its coder, who is the first
    unique (recording, coder),
    check ((part_start_ms is null) = (part_end_ms is null)),
    check (part_start_ms < part_end_ms),
    check (locked_at is null or (begun_at is not null and not_blind is not null
        and phase_visible is not null and standing is not null))
);
create index codings_by_protocol on codings (protocol);

insert into codings (id, recording, coder, framework_version, begun_at, locked_at, not_blind,
    phase_visible, standing)
select gen_random_uuid(), w.recording, w.coder, coalesce(min(w.version), '1'), min(w.at),
    max(f.finished_at),
    case when max(f.finished_at) is not null then coalesce(bool_or(f.not_blind), false) end,
    case when max(f.finished_at) is not null then coalesce(bool_or(f.phase_visible), false) end,
    case when max(f.finished_at) is not null then 'counts' end
from (
    select recording, coder, framework_version as version, created_at as at from codes
    union all
    select recording, coder, framework_version, scored_at from scores
    union all
    select recording, coder, null, finished_at from coding_finished
) w
left join coding_finished f on f.recording = w.recording and f.coder = w.coder
group by w.recording, w.coder;
drop table coding_finished;

-- Whether the practitioner lets a second researcher code it too, without seeing the first one's work.
alter table recordings add column second_coder boolean not null default false;

-- A second coder hears and codes, and prepares nothing.
alter table grants drop constraint grants_relation_check;
alter table grants add constraint grants_relation_check
    check (relation in ('codes', 'codes_second', 'coaches'));
