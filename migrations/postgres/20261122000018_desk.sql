-- How a moment sounded, in the coder's words; null: nothing was written.
alter table codes add column nonverbal bytea;          -- sealed

-- What a coder has not saved yet: the page's own words, so that a tab that dies takes nothing with it.
create table desk_drafts (
    recording uuid    not null references recordings,
    coder     uuid    not null references people,
    body      bytea   not null,                 -- sealed
    kept_at   bigint  not null,
    primary key (recording, coder)
);

-- How much of each five seconds a coder heard, over all times: shown to that coder and to nobody else.
create table heard (
    recording uuid    not null references recordings,
    coder     uuid    not null references people,
    stretch   bigint  not null check (stretch >= 0),
    ms        bigint  not null check (ms > 0),
    primary key (recording, coder, stretch)
);
