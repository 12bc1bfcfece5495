-- For how many days each class is kept, by what the clock starts from: where the data protection officer said otherwise
-- than Hearback does by itself.
create table retention_rules (
    class  text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    anchor text    not null check (anchor in ('created', 'coded', 'agreed', 'sound')),
    days   integer not null check (days > 0),
    primary key (class, anchor)
) strict;

-- Until when something of a recording may be kept. Looked at whenever somebody asks for it, not only by the sweep.
create table keeping (
    recording blob    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    until     integer not null,
    extended  integer not null check (extended between 0 and 2),
    primary key (recording, class)
) strict;
create index keeping_by_time on keeping (until);

-- Why something is kept for longer. Rows are added, never changed.
create table extensions (
    id        blob    not null primary key,
    recording blob    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    until     integer not null,
    reason    blob   not null,             -- sealed under the key of the recording's sound
    made_by   blob    not null references people,
    made_at   integer not null
) strict;
create index extensions_by_recording on extensions (recording);

-- What was decided to be destroyed. Outlives the recording; holds opaque ids and words from closed sets.
create table erasures (
    id           blob    not null primary key,
    recording    blob    not null,
    classes      text    not null,          -- words, comma between them
    whole        integer    not null,          -- the recording itself goes
    cause        text    not null check (cause in ('withdrawal', 'retention', 'request')),
    state        text    not null check (state in ('pending', 'held', 'done')),
    requested_at integer not null,
    receipt      blob   not null unique check (length(receipt) = 32),  -- SHA-256 of the code that the person has
    done_at      integer,
    ledger_seq   integer,
    was_coded    integer,                 -- whether codes or scores went: figures made of them are revised
    check ((state = 'done') = (done_at is not null))
) strict;
create index erasures_by_recording on erasures (recording, requested_at);
create index erasures_open on erasures (requested_at) where state <> 'done';

-- What of a recording that is still there nobody gets at any more: destroyed, or decided to be.
create table erased_classes (
    recording blob    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    at        integer not null,
    primary key (recording, class)
) strict;

create table holds (
    id        blob    not null primary key,
    recording blob    not null references recordings,
    reason    blob   not null,             -- sealed under the key of the recording's sound
    placed_by blob    not null references people,
    placed_at integer not null,
    review_by integer not null,
    lifted_by blob    references people,
    lifted_at integer,
    check ((lifted_by is null) = (lifted_at is null))
) strict;
create unique index holds_current on holds (recording) where lifted_at is null;

-- What stays of an erased recording: months, not days; no names, no sizes. Its practitioner sees that it is gone.
create table tombstones (
    recording    blob    not null primary key,
    practitioner blob    not null references people,
    phase        text    not null,
    was_coded    integer    not null,
    created_in   text    not null,          -- YYYY-MM
    erased_in    text    not null,          -- YYYY-MM
    cause        text    not null
) strict;

-- What somebody ever was to a practitioner, on any of their recordings, erased ones too (ETH-12).
create table relations_ever (
    practitioner blob    not null references people,
    person       blob    not null references people,
    relation     text    not null check (relation in ('codes', 'coaches')),
    primary key (practitioner, person, relation)
) strict;

-- The last line of the ledger of erasures that this database has carried out.
create table ledger_applied (
    id  integer not null primary key check (id = 1),
    seq integer not null
) strict;
insert into ledger_applied (id, seq) values (1, 0);

-- What a line manager is to a practitioner: only so that they are not chosen as coach or researcher.
create table managers (
    practitioner blob    not null references people,
    manager      blob    not null references people,
    primary key (practitioner, manager)
) strict;

-- What the sweep of what has come to the end of its time knows of the one before, and why it waits if it does.
create table sweeps (
    id          integer not null primary key check (id = 1),
    swept_at    integer,                     -- by the clock on the wall
    forecast    integer not null,            -- of how many recordings something was to go, said a day ago
    forecast_at integer,
    already     integer not null,            -- of how many it went since
    released    integer not null,            -- of how many a person said that it is all right
    paused      text check (paused in ('clock_jumped', 'clock_behind', 'too_many')),
    due         integer not null             -- of how many it would have gone when it paused
) strict;
insert into sweeps (id, forecast, already, released, due) values (1, 0, 0, 0, 0);

-- How somebody asked who has no account.
alter table withdrawals add column asked text check (asked in ('in_person', 'phone', 'writing', 'through'));

-- Who was chosen before this was noted.
insert into relations_ever (practitioner, person, relation)
    select distinct r.owner, g.person, g.relation from grants g join recordings r on r.id = g.recording;

-- One more kind of job. SQLite changes no check, so the table is written anew.
create table jobs_anew (
    id          blob    not null primary key,
    kind        text    not null check (kind in ('decode', 'transcribe', 'render_clip', 'erase')),
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
