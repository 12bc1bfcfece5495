-- An answer holds until it runs out or is taken back. What is not there is a no.
alter table consents add column expires_at integer;
alter table consents add column withdrawn_at integer;

-- The words people are asked to agree to. A version is never changed.
create table consent_forms (
    kind         text    not null check (kind in (
        'practitioner', 'child', 'young_person', 'parent', 'carer', 'other')),
    version      integer not null check (version > 0),
    body         text    not null,          -- JSON
    published_at integer not null,
    published_by blob    references people, -- null: came with Hearback
    primary key (kind, version)
) strict;

-- One conversation with one person about one recording. Rows are added, never changed.
create table consent_records (
    id           blob    not null primary key,
    recording    blob    not null,
    person       blob    not null,
    form_kind    text    not null,
    form_version integer not null,
    body         blob   not null,          -- sealed under the recording's key
    recorded_by  blob    not null references people,
    recorded_at  integer not null,
    expires_at   integer not null,
    foreign key (recording, person) references parties (recording, person),
    foreign key (form_kind, form_version) references consent_forms (kind, version)
) strict;
create index consent_records_by_recording on consent_records (recording, recorded_at);

-- That somebody took a yes back. Outlives the recording; says nothing about anybody.
create table withdrawals (
    id           blob    not null primary key,
    recording    blob    not null,
    purposes     text    not null,          -- words, comma between them; all of them: 'everything'
    channel      text    not null check (channel in ('own', 'for_practitioner', 'for_family')),
    recorded_by  blob    not null,
    at           integer not null
) strict;
create index withdrawals_by_recording on withdrawals (recording, at);
