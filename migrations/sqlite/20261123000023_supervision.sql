-- A moment of their own recording that a coach brings to a meeting in which coaches are supervised (SUP-03).
create table brought_moments (
    id         blob    not null primary key,
    meeting    blob    not null references supervision_meetings on delete cascade,
    brought_by blob    not null references people,
    nomination blob    not null references nominations on delete cascade,
    brought_at integer not null,
    unique (meeting, brought_by)
) strict;

-- What the supervisor notes after a meeting, and whom they let read it (SUP-05).
create table supervision_debriefs (
    meeting     blob    not null primary key references supervision_meetings on delete cascade,
    body        blob    not null,              -- sealed under the supervisor's key
    saved_at    integer not null,
    shared_with blob    references people,     -- a researcher
    shared_at   integer,
    check ((shared_with is null) = (shared_at is null))
) strict;

-- A focus group after the meeting (SUP-07): another event, with consents and a recorder of its own.
create table focus_groups (
    meeting    blob    not null primary key references supervision_meetings on delete cascade,
    begins_at  integer not null,
    recording  integer not null check (recording in (0, 1))  -- whether the recorder runs; this service records nothing
) strict;

-- What a coach says to it. No row: they were not heard yet, which is no.
create table focus_seats (
    meeting    blob    not null references focus_groups on delete cascade,
    coach      blob    not null references people,
    takes_part integer not null check (takes_part in (0, 1)),
    recorded   integer not null check (recorded in (0, 1)),
    said_at    integer not null,
    primary key (meeting, coach),
    check (takes_part or not recorded)
) strict;

-- Hours that a coach notes of their training, practice and supervision (CM-09, SUP-04).
create table coach_hours (
    id      blob    not null primary key,
    coach   blob    not null references people,
    kind    text    not null
        check (kind in ('taught', 'practice', 'supervised', 'supervised_group', 'self_directed')),
    held_on text    not null,                  -- a day, as 2026-03-09
    minutes integer not null check (minutes between 1 and 60000),
    note    blob    not null,                  -- sealed under the coach's key
    made_at integer not null
) strict;
create index coach_hours_by_coach on coach_hours (coach, held_on);

-- When somebody looked at the certificate: from then on supervision is looked for (SUP-06).
alter table coach_profiles add column checked_at integer;

-- What a practitioner thought about before they began a series (CM-11): JSON, sealed under their key, for them alone.
alter table series add column considered blob;

-- Taken out of the playlist by its coder, and kept because it was heard in a session: there it can be heard still.
alter table clips add column removed_at integer;

-- A series that lost its coach, because nobody coaches whom they manage (K-17): what the data protection officer sees.
create table series_conflicts (
    series blob    not null references series,
    person blob    not null references people,
    at     integer not null,
    primary key (series, person, at)
) strict;

-- The highest revision of a sheet of this session that was taken away: what is written anew counts on from there.
alter table coaching_sessions add column sheets_gone integer not null default 0;

-- Whoever coached before this was looked for has as long as everybody else, from now on.
update coach_profiles set checked_at = unixepoch() * 1000000 where accredited_till is not null;

-- What was shared with somebody who no longer coaches in the series stays closed, also if they come back.
update sheets set shared_with = null, shared_at = null
where shared_with is not null and not exists (
    select 1 from coaching_sessions m join series s on s.id = m.series
    where m.id = sheets.session and (s.practitioner = sheets.shared_with or s.coach = sheets.shared_with)
);
update goals set shared_with = null, shared_at = null
where shared_with is not null and not exists (
    select 1 from series s where s.id = goals.series and s.coach = goals.shared_with
);
