create table playlists (
    id         blob    not null primary key,
    recording  blob    not null unique references recordings,
    agreed_at  integer,                      -- in the room since
    created_at integer not null
) strict;

create table clips (
    id                blob    not null primary key,
    playlist          blob    not null references playlists,
    position          integer not null,
    framework_version text    not null,
    skill             text    not null,
    sub               text,
    start_ms          integer not null check (start_ms >= 0),
    end_ms            integer not null,
    note              blob    not null,          -- sealed
    question          blob    not null,          -- sealed
    rendered_at       integer,               -- cut, with this span
    approved_by       blob    references people,
    approved_at       integer,
    vetoed            integer not null check (vetoed in (0, 1)),
    check (start_ms < end_ms),
    check ((approved_by is null) = (approved_at is null)),
    check (approved_at is null or rendered_at is not null)
) strict;
create index clips_by_playlist on clips (playlist, position);
