-- How a moment sounded, in the coder's words; null: nothing was written.
alter table codes add column nonverbal blob;          -- sealed

-- What a coder has not saved yet: the page's own words, so that a tab that dies takes nothing with it.
create table desk_drafts (
    recording blob    not null references recordings,
    coder     blob    not null references people,
    body      blob    not null,                 -- sealed
    kept_at   integer not null,
    primary key (recording, coder)
) strict;

-- How much of each five seconds a coder heard, over all times: shown to that coder and to nobody else.
create table heard (
    recording blob    not null references recordings,
    coder     blob    not null references people,
    stretch   integer not null check (stretch >= 0),
    ms        integer not null check (ms > 0),
    primary key (recording, coder, stretch)
) strict;
