-- The listening copy: one more kind of object, and the job that makes it. SQLite changes no check, so both tables are
-- written anew.
create table objects_anew (
    id        blob    not null primary key,
    recording blob    not null references recordings,
    kind      text    not null
        check (kind in ('original', 'normalised', 'peaks', 'listening', 'transcript', 'clip')),
    clip      blob    references clips,
    bytes     integer not null check (bytes >= 0),
    sha256    blob    not null check (length(sha256) = 32),  -- of the encrypted file
    check ((kind = 'clip') = (clip is not null))
) strict;
insert into objects_anew select * from objects;
drop table objects;
alter table objects_anew rename to objects;
create unique index objects_current on objects (recording, kind) where clip is null;
create unique index objects_current_clip on objects (clip) where clip is not null;

create table jobs_anew (
    id          blob    not null primary key,
    kind        text    not null
        check (kind in ('decode', 'listening', 'transcribe', 'render_clip', 'erase')),
    recording   blob    not null,
    clip        blob,
    state       text    not null check (state in ('queued', 'running', 'done', 'dead')),
    queued_at   integer not null,            -- tells the newest; stays when run_at moves
    run_at      integer not null,
    lease_until integer,
    token       integer not null,            -- the fencing token of the last lease
    attempts    integer not null check (attempts >= 0),
    progress    integer not null check (progress between 0 and 1000),
    reason      text,
    check ((kind = 'render_clip') = (clip is not null)),
    check ((state = 'running') = (lease_until is not null))
) strict;
insert into jobs_anew select * from jobs;
drop table jobs;
alter table jobs_anew rename to jobs;
create index jobs_waiting on jobs (run_at, id) where state = 'queued';
create index jobs_leased on jobs (lease_until, id) where state = 'running';
create index jobs_by_recording on jobs (recording, kind, queued_at);
create unique index jobs_open on jobs (recording, kind)
    where clip is null and state in ('queued', 'running');
create unique index jobs_open_clip on jobs (clip, kind)
    where clip is not null and state in ('queued', 'running');
