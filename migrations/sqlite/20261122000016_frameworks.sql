-- What recordings are coded for (domain::framework), in versions. A version that is published is never changed.
create table frameworks (
    id       blob    not null primary key,
    short    text    not null unique,      -- begins the names of its versions; empty: came with Hearback
    added_at integer not null,
    added_by blob    references people     -- null: came with Hearback
) strict;

create table framework_versions (
    version      text    not null primary key,  -- what every code and score carries
    framework    blob    not null references frameworks,
    number       integer not null check (number > 0),
    body         text    not null,              -- JSON
    revision     integer not null,              -- counts how often it was saved
    notes        text    not null,              -- what changed, and why
    mapping      text    not null,              -- JSON: what became of each item of the version before
    published_at integer,                       -- null: a draft
    published_by blob    references people,     -- null: a draft, or came with Hearback
    unique (framework, number)
) strict;
create unique index framework_drafts on framework_versions (framework) where published_at is null;

-- The version that new codings take.
create table current_framework (
    one       integer not null primary key check (one = 1),
    version   text    not null references framework_versions,
    chosen_at integer not null,
    chosen_by blob    references people         -- null: came with Hearback
) strict;
