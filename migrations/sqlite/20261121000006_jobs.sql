-- No references: a job may outlive what it is about, and finds that out when it asks for its permit.
create table jobs (
    id          blob    not null primary key,
    kind        text    not null check (kind in ('decode', 'transcribe', 'render_clip')),
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
create index jobs_waiting on jobs (run_at, id) where state = 'queued';
create index jobs_leased on jobs (lease_until, id) where state = 'running';
create index jobs_by_recording on jobs (recording, kind, queued_at);

-- The same work is not queued twice.
create unique index jobs_open on jobs (recording, kind)
    where clip is null and state in ('queued', 'running');
create unique index jobs_open_clip on jobs (clip, kind)
    where clip is not null and state in ('queued', 'running');
