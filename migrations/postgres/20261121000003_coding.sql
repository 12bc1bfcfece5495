create table codes (
    id                uuid    not null primary key,
    recording         uuid    not null references recordings,
    coder             uuid    not null references people,
    framework_version text    not null,
    skill             text    not null,
    sub               text,
    start_ms          bigint  not null check (start_ms >= 0),
    end_ms            bigint  not null,
    note              bytea   not null,          -- sealed
    exemplar          boolean not null,
    created_at        bigint  not null,
    check (start_ms < end_ms)
);
create index codes_by_coder on codes (recording, coder, start_ms);

create table scores (
    recording         uuid    not null references recordings,
    coder             uuid    not null references people,
    item              text    not null collate "C",
    framework_version text    not null,
    score             bigint  check (score between 1 and 5),  -- null: not codable, which is an answer; no row: no answer
    scored_at         bigint  not null,
    primary key (recording, coder, item)
);

create table coding_finished (
    recording   uuid    not null references recordings,
    coder       uuid    not null references people,
    finished_at bigint  not null,
    primary key (recording, coder)
);
