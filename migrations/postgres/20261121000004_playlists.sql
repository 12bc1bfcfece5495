create table playlists (
    id         uuid    not null primary key,
    recording  uuid    not null unique references recordings,
    agreed_at  bigint,                       -- in the room since
    created_at bigint  not null
);

create table clips (
    id                uuid    not null primary key,
    playlist          uuid    not null references playlists,
    position          bigint  not null,
    framework_version text    not null,
    skill             text    not null,
    sub               text,
    start_ms          bigint  not null check (start_ms >= 0),
    end_ms            bigint  not null,
    note              bytea   not null,          -- sealed
    question          bytea   not null,          -- sealed
    rendered_at       bigint,                -- cut, with this span
    approved_by       uuid    references people,
    approved_at       bigint,
    vetoed            boolean not null,
    check (start_ms < end_ms),
    check ((approved_by is null) = (approved_at is null)),
    check (approved_at is null or rendered_at is not null)
);
create index clips_by_playlist on clips (playlist, position);
