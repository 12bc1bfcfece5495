-- Becoming a reliable coder (REL-01 … REL-04): a set of recordings with agreed scores, for each version of a framework.
create table training_sets (
    framework_version text    not null primary key,
    size              integer not null check (size between 3 and 10),  -- so many recordings belong to it
    per_skill         integer not null check (per_skill in (0, 1)),    -- the share is asked for item by item too
    made_by           blob    not null references people,
    made_at           integer not null,
    opened_at         integer                    -- every score is agreed, and people may learn; from then on it stays
) strict;

create table training_recordings (
    framework_version text    not null references training_sets,
    recording         blob    not null references recordings,
    level             text    not null check (level in ('lower', 'middle', 'higher')),
    added_by          blob    not null references people,
    added_at          integer not null,
    primary key (framework_version, recording)
) strict;
create index training_recordings_by_recording on training_recordings (recording);

create table training_people (
    framework_version text    not null references training_sets,
    person            blob    not null references people,
    part              text    not null check (part in ('founder', 'trainee')),
    since             integer not null,
    primary key (framework_version, person)
) strict;

-- What the people who coded a recording agreed on afterwards. What each of them said stays in `scores`.
create table agreed_scores (
    id                blob    not null primary key,
    recording         blob    not null references recordings,
    framework_version text    not null,
    item              text    not null,
    halves            integer check (halves between 2 and 10),  -- twice the score; null: not codable
    note              blob    not null,          -- sealed under the recording's key
    agreed_by         blob    not null references people,
    agreed_at         integer not null,
    unique (recording, framework_version, item)
) strict;

create table attempts (
    id                blob    not null primary key,
    framework_version text    not null references training_sets,
    person            blob    not null references people,
    number            integer not null,          -- counted from 1
    begun_at          integer not null,
    handed_in_at      integer,
    per_skill         integer check (per_skill in (0, 1)),  -- this and the next: noted when it was handed in
    reached           integer check (reached in (0, 1)),
    unique (framework_version, person, number),
    check ((handed_in_at is null) = (reached is null) and (reached is null) = (per_skill is null))
) strict;

-- The figures of an attempt, item by item. They stay when a recording goes.
create table attempt_items (
    attempt           blob    not null references attempts,
    place             integer not null,          -- the framework's order
    item              text    not null,
    near              integer not null,          -- scores within 1.0 of the agreed ones
    compared          integer not null,
    left_out          integer not null,          -- not codable on both sides
    primary key (attempt, place)
) strict;

-- What was handed in, answer by answer.
create table attempt_answers (
    attempt           blob    not null references attempts,
    recording         blob    not null references recordings,
    item              text    not null,
    answered          integer not null check (answered in (0, 1)),
    score             integer check (score between 1 and 5),  -- null: not codable, or no answer
    near              integer check (near in (0, 1)),         -- null: left out
    primary key (attempt, recording, item)
) strict;
create index attempt_answers_by_recording on attempt_answers (recording);

-- Whose codings with a version count.
create table qualified (
    framework_version text    not null,
    person            blob    not null references people,
    how               text    not null check (how in ('founder', 'attempt')),
    at                integer not null,
    primary key (framework_version, person)
) strict;

-- A coding that is practice on a recording whose agreed scores are known: nobody compares with it.
alter table codings add column learning integer not null default 0 check (learning in (0, 1));

-- Whether the practitioner lets people who are learning to code listen to it, and practise on it.
alter table recordings add column teaching integer not null default 0 check (teaching in (0, 1));

-- Who learns on a recording hears and codes it. SQLite changes no check, so the table is written anew.
create table grants_anew (
    id         blob    not null primary key,
    recording  blob    not null references recordings,
    person     blob    not null references people,
    relation   text    not null check (relation in ('codes', 'codes_second', 'coaches', 'learns')),
    created_at integer not null,
    expires_at integer not null,
    ended_at   integer                       -- ended before it expired
) strict;
insert into grants_anew select * from grants;
drop table grants;
alter table grants_anew rename to grants;
create index grants_by_person on grants (person, relation);
create index grants_by_recording on grants (recording);
