create table concerns (
    id         blob    not null primary key,
    recording  blob    not null,           -- leads nowhere once the recording is erased: a concern outlives it
    practitioner blob not null references people,
    raised_by  blob    not null references people,
    hat        text    not null,
    start_ms   integer not null check (start_ms >= 0),
    end_ms     integer not null,
    told       text    not null check (told in ('yes', 'not_yet', 'not_safe')),  -- the person was told that this is passed on
    body       blob   not null,            -- what was heard, in the person's own words; sealed under the
                                           -- installation's key, like all that is about it
    state      text    not null check (state in ('open', 'passed_on', 'closed')),
    raised_at  integer not null,
    check (start_ms < end_ms)
) strict;
create index concerns_by_recording on concerns (recording);

-- What was done about a concern, by whom. Rows are added, never changed.
create table concern_notes (
    id      blob    not null primary key,
    concern blob    not null references concerns,
    author  blob    not null references people,
    hat     text    not null,
    body    blob   not null,               -- sealed under the installation's key
    at      integer not null
) strict;
create index concern_notes_by_concern on concern_notes (concern, at);

-- Hearing a passage without anybody's leave takes two people, and lasts an hour.
create table glass (
    id           blob    not null primary key,
    concern      blob    not null references concerns,
    requested_by blob    not null references people,
    reason       blob   not null,          -- sealed under the installation's key
    requested_at integer not null,
    decided_by   blob    references people,
    decided_at   integer,
    allowed      integer,
    expires_at   integer,
    heard_at     integer,                  -- when the passage was first heard
    seen_at      integer,                  -- when the practitioner was shown that this happened
    check ((decided_by is null) = (decided_at is null)),
    check (decided_by is null or decided_by <> requested_by)
) strict;
create index glass_by_concern on glass (concern, requested_at);

-- Who is to have nothing to do with a recording.
create table blocks (
    recording blob    not null,           -- leads nowhere once it is erased: stays while there is a concern about it
    person    blob    not null references people,
    set_by    blob    not null references people,
    set_at    integer not null,
    primary key (recording, person)
) strict;

-- The data protection officer's key: the public half, and the secret half locked by a passphrase that the service never
-- keeps.
create table identity_keys (
    id         blob    not null primary key,
    public     blob   not null,           -- sealed under the installation's key, like the next: nobody puts their own in its place
    locked     blob   not null,
    made_by    blob    not null references people,
    made_at    integer not null,
    retired_at integer
) strict;
create unique index identity_keys_current on identity_keys ((retired_at is null)) where retired_at is null;

-- Real names, sealed for the data protection officer's own key and then under the recording's.
create table identity_links (
    recording blob    not null,
    person    blob    not null,
    body      blob   not null,
    linked_by blob    not null references people,
    linked_at integer not null,
    key       blob    not null references identity_keys,
    primary key (recording, person),
    foreign key (recording, person) references parties (recording, person)
) strict;

-- Who briefed a practitioner's coach with a playlist they made: outlives the recording (K-22).
create table briefings (
    practitioner blob    not null references people,
    researcher   blob    not null references people,
    at           integer not null,
    primary key (practitioner, researcher)
) strict;

-- Standing permissions that ended because they came into conflict with the rules. Outlives the recording.
create table conflicts_ended (
    id           blob    not null primary key,  -- the permission's
    recording    blob    not null,
    practitioner blob    not null,
    person       blob    not null,
    wanted       text    not null check (wanted in ('codes', 'coaches')),
    stands       text    not null check (stands in ('holds', 'codes', 'coaches', 'manages')),
    at           integer not null
) strict;
create index conflicts_ended_by_time on conflicts_ended (at);

-- Whether the coder had briefed the practitioner's coach, and whether they could see the part of the programme.
alter table coding_finished add column not_blind integer;
alter table coding_finished add column phase_visible integer;
