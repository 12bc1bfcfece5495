-- For how many days each class is kept, by what the clock starts from: where the data protection officer said otherwise
-- than Hearback does by itself.
create table retention_rules (
    class  text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    anchor text    not null check (anchor in ('created', 'coded', 'agreed', 'sound')),
    days   bigint not null check (days > 0),
    primary key (class, anchor)
);

-- Until when something of a recording may be kept. Looked at whenever somebody asks for it, not only by the sweep.
create table keeping (
    recording uuid    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    until     bigint not null,
    extended  bigint not null check (extended between 0 and 2),
    primary key (recording, class)
);
create index keeping_by_time on keeping (until);

-- Why something is kept for longer. Rows are added, never changed.
create table extensions (
    id        uuid    not null primary key,
    recording uuid    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    until     bigint not null,
    reason    bytea  not null,             -- sealed under the key of the recording's sound
    made_by   uuid    not null references people,
    made_at   bigint not null
);
create index extensions_by_recording on extensions (recording);

-- What was decided to be destroyed. Outlives the recording; holds opaque ids and words from closed sets.
create table erasures (
    id           uuid    not null primary key,
    recording    uuid    not null,
    classes      text    not null,          -- words, comma between them
    whole        boolean    not null,          -- the recording itself goes
    cause        text    not null check (cause in ('withdrawal', 'retention', 'request')),
    state        text    not null check (state in ('pending', 'held', 'done')),
    requested_at bigint not null,
    receipt      bytea   not null unique check (length(receipt) = 32),  -- SHA-256 of the code that the person has
    done_at      bigint,
    ledger_seq   bigint,
    was_coded    boolean,                 -- whether codes or scores went: figures made of them are revised
    check ((state = 'done') = (done_at is not null))
);
create index erasures_by_recording on erasures (recording, requested_at);
create index erasures_open on erasures (requested_at) where state <> 'done';

-- What of a recording that is still there nobody gets at any more: destroyed, or decided to be.
create table erased_classes (
    recording uuid    not null references recordings,
    class     text    not null check (class in ('sound', 'text', 'extracts', 'coding')),
    at        bigint not null,
    primary key (recording, class)
);

create table holds (
    id        uuid    not null primary key,
    recording uuid    not null references recordings,
    reason    bytea   not null,             -- sealed under the key of the recording's sound
    placed_by uuid    not null references people,
    placed_at bigint not null,
    review_by bigint not null,
    lifted_by uuid    references people,
    lifted_at bigint,
    check ((lifted_by is null) = (lifted_at is null))
);
create unique index holds_current on holds (recording) where lifted_at is null;

-- What stays of an erased recording: months, not days; no names, no sizes. Its practitioner sees that it is gone.
create table tombstones (
    recording    uuid    not null primary key,
    practitioner uuid    not null references people,
    phase        text    not null,
    was_coded    boolean    not null,
    created_in   text    not null,          -- YYYY-MM
    erased_in    text    not null,          -- YYYY-MM
    cause        text    not null
);

-- What somebody ever was to a practitioner, on any of their recordings, erased ones too (ETH-12).
create table relations_ever (
    practitioner uuid    not null references people,
    person       uuid    not null references people,
    relation     text    not null check (relation in ('codes', 'coaches')),
    primary key (practitioner, person, relation)
);

-- The last line of the ledger of erasures that this database has carried out.
create table ledger_applied (
    id  bigint not null primary key check (id = 1),
    seq bigint not null
);
insert into ledger_applied (id, seq) values (1, 0);

-- What a line manager is to a practitioner: only so that they are not chosen as coach or researcher.
create table managers (
    practitioner uuid    not null references people,
    manager      uuid    not null references people,
    primary key (practitioner, manager)
);

-- What the sweep of what has come to the end of its time knows of the one before, and why it waits if it does.
create table sweeps (
    id          bigint not null primary key check (id = 1),
    swept_at    bigint,                     -- by the clock on the wall
    forecast    bigint not null,            -- of how many recordings something was to go, said a day ago
    forecast_at bigint,
    already     bigint not null,            -- of how many it went since
    released    bigint not null,            -- of how many a person said that it is all right
    paused      text check (paused in ('clock_jumped', 'clock_behind', 'too_many')),
    due         bigint not null             -- of how many it would have gone when it paused
);
insert into sweeps (id, forecast, already, released, due) values (1, 0, 0, 0, 0);

-- How somebody asked who has no account.
alter table withdrawals add column asked text check (asked in ('in_person', 'phone', 'writing', 'through'));

-- Who was chosen before this was noted.
insert into relations_ever (practitioner, person, relation)
    select distinct r.owner, g.person, g.relation from grants g join recordings r on r.id = g.recording;

alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind in ('decode', 'transcribe', 'render_clip', 'erase'));
