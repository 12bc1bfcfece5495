-- Agreements on who codes what, and how: which part of each recording, how much of it twice, blind to what.
create table protocols (
    id                blob    not null primary key,
    name              blob    not null,          -- sealed under the installation's key
    framework_version text    not null,
    minutes           integer check (minutes in (5, 10, 20)),  -- null: the whole recording
    seed              integer not null,          -- which part, and which recordings twice, follow from it
    twice_percent     integer not null check (twice_percent between 0 and 100),
    blind_phase       integer not null check (blind_phase in (0, 1)),
    blind_practitioner integer not null check (blind_practitioner in (0, 1)),
    drift_every       integer check (drift_every > 0),  -- a check of drift after so many recordings; null: none
    made_by           blob    not null references people,
    made_at           integer not null,
    closed_at         integer
) strict;

-- One coder's work on one recording. What it is made with is fixed when it begins, or when it is assigned.
create table codings (
    id                blob    not null primary key,
    recording         blob    not null references recordings,
    coder             blob    not null references people,
    framework_version text    not null,
    protocol          blob    references protocols,
    part_start_ms     integer check (part_start_ms >= 0),  -- both null: the whole recording
    part_end_ms       integer,
    begun_at          integer,                   -- null: assigned, and not begun
    locked_at         integer,                   -- from then on it is not changed
    not_blind         integer check (not_blind in (0, 1)),      -- this and the next two: noted when it was locked
    phase_visible     integer check (phase_visible in (0, 1)),
    standing          text    check (standing in ('practice', 'counts')),
    twice             text    check (twice in ('drawn', 'drift')),  -- why a second person codes it too; null: nobody does
    own               integer not null default 0 check (own in (0, 1)),  -- taken in by its coder, who is the first
    unique (recording, coder),
    check ((part_start_ms is null) = (part_end_ms is null)),
    check (part_start_ms < part_end_ms),
    check (locked_at is null or (begun_at is not null and not_blind is not null
        and phase_visible is not null and standing is not null))
) strict;
create index codings_by_protocol on codings (protocol);

insert into codings (id, recording, coder, framework_version, begun_at, locked_at, not_blind,
    phase_visible, standing)
select randomblob(16), w.recording, w.coder, coalesce(min(w.version), '1'), min(w.at),
    max(f.finished_at),
    case when max(f.finished_at) is not null then coalesce(max(f.not_blind), 0) end,
    case when max(f.finished_at) is not null then coalesce(max(f.phase_visible), 0) end,
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
alter table recordings add column second_coder integer not null default 0
    check (second_coder in (0, 1));

-- A second coder hears and codes, and prepares nothing. SQLite changes no check, so the table is written anew.
create table grants_anew (
    id         blob    not null primary key,
    recording  blob    not null references recordings,
    person     blob    not null references people,
    relation   text    not null check (relation in ('codes', 'codes_second', 'coaches')),
    created_at integer not null,
    expires_at integer not null,
    ended_at   integer                       -- ended before it expired
) strict;
insert into grants_anew select * from grants;
drop table grants;
alter table grants_anew rename to grants;
create index grants_by_person on grants (person, relation);
create index grants_by_recording on grants (recording);
