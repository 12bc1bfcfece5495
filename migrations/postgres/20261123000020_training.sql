-- Becoming a reliable coder (REL-01 … REL-04): a set of recordings with agreed scores, for each version of a framework.
create table training_sets (
    framework_version text    not null primary key,
    size              bigint  not null check (size between 3 and 10),  -- so many recordings belong to it
    per_skill         boolean not null,    -- the share is asked for item by item too
    made_by           uuid    not null references people,
    made_at           bigint  not null,
    opened_at         bigint                     -- every score is agreed, and people may learn; from then on it stays
);

create table training_recordings (
    framework_version text    not null references training_sets,
    recording         uuid    not null references recordings,
    level             text    not null check (level in ('lower', 'middle', 'higher')),
    added_by          uuid    not null references people,
    added_at          bigint  not null,
    primary key (framework_version, recording)
);
create index training_recordings_by_recording on training_recordings (recording);

create table training_people (
    framework_version text    not null references training_sets,
    person            uuid    not null references people,
    part              text    not null check (part in ('founder', 'trainee')),
    since             bigint  not null,
    primary key (framework_version, person)
);

-- What the people who coded a recording agreed on afterwards. What each of them said stays in `scores`.
create table agreed_scores (
    id                uuid    not null primary key,
    recording         uuid    not null references recordings,
    framework_version text    not null,
    item              text    not null,
    halves            bigint  check (halves between 2 and 10),  -- twice the score; null: not codable
    note              bytea   not null,          -- sealed under the recording's key
    agreed_by         uuid    not null references people,
    agreed_at         bigint  not null,
    unique (recording, framework_version, item)
);

create table attempts (
    id                uuid    not null primary key,
    framework_version text    not null references training_sets,
    person            uuid    not null references people,
    number            bigint  not null,          -- counted from 1
    begun_at          bigint  not null,
    handed_in_at      bigint ,
    per_skill         boolean,  -- this and the next: noted when it was handed in
    reached           boolean,
    unique (framework_version, person, number),
    check ((handed_in_at is null) = (reached is null) and (reached is null) = (per_skill is null))
);

-- The figures of an attempt, item by item. They stay when a recording goes.
create table attempt_items (
    attempt           uuid    not null references attempts,
    place             bigint  not null,          -- the framework's order
    item              text    not null,
    near              bigint  not null,          -- scores within 1.0 of the agreed ones
    compared          bigint  not null,
    left_out          bigint  not null,          -- not codable on both sides
    primary key (attempt, place)
);

-- What was handed in, answer by answer.
create table attempt_answers (
    attempt           uuid    not null references attempts,
    recording         uuid    not null references recordings,
    item              text    not null,
    answered          boolean not null,
    score             bigint  check (score between 1 and 5),  -- null: not codable, or no answer
    near              boolean,         -- null: left out
    primary key (attempt, recording, item)
);
create index attempt_answers_by_recording on attempt_answers (recording);

-- Whose codings with a version count.
create table qualified (
    framework_version text    not null,
    person            uuid    not null references people,
    how               text    not null check (how in ('founder', 'attempt')),
    at                bigint  not null,
    primary key (framework_version, person)
);

-- A coding that is practice on a recording whose agreed scores are known: nobody compares with it.
alter table codings add column learning boolean not null default false;

-- Whether the practitioner lets people who are learning to code listen to it, and practise on it.
alter table recordings add column teaching boolean not null default false;

-- Who learns on a recording hears and codes it.
alter table grants drop constraint grants_relation_check;
alter table grants add constraint grants_relation_check
    check (relation in ('codes', 'codes_second', 'coaches', 'learns'));
