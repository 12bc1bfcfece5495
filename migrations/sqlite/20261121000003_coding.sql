create table codes (
    id                blob    not null primary key,
    recording         blob    not null references recordings,
    coder             blob    not null references people,
    framework_version text    not null,
    skill             text    not null,
    sub               text,
    start_ms          integer not null check (start_ms >= 0),
    end_ms            integer not null,
    note              blob    not null,          -- sealed
    exemplar          integer not null check (exemplar in (0, 1)),
    created_at        integer not null,
    check (start_ms < end_ms)
) strict;
create index codes_by_coder on codes (recording, coder, start_ms);

create table scores (
    recording         blob    not null references recordings,
    coder             blob    not null references people,
    item              text    not null collate binary,
    framework_version text    not null,
    score             integer check (score between 1 and 5),  -- null: not codable, which is an answer; no row: no answer
    scored_at         integer not null,
    primary key (recording, coder, item)
) strict;

create table coding_finished (
    recording   blob    not null references recordings,
    coder       blob    not null references people,
    finished_at integer not null,
    primary key (recording, coder)
) strict;
