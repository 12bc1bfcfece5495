-- Whoever coaches, as those who look for a coach see them (CM-09, ORG-05, ORG-12).
create table coach_profiles (
    person         blob    not null primary key references people,
    body           blob    not null,          -- JSON, sealed under the person's key
    taking_on      integer not null check (taking_on in (0, 1)),
    most_series    integer not null check (most_series between 1 and 20),
    accredited_till integer,                  -- null: nobody has looked at the certificate yet
    checked_by     blob    references people,
    changed_at     integer not null
) strict;

-- A series of up to five sessions about one child, young person or family (CM-02).
create table series (
    id           blob    not null primary key,
    practitioner blob    not null references people,
    coach        blob    references people,    -- null: the last one went, the next is not chosen yet
    focus        blob    not null,             -- JSON, sealed under the practitioner's key: chosen name, skill or issue
    attendance   integer not null check (attendance in (0, 1)), -- 'is receiving coaching' may be told
    started_at   integer not null,
    agreed_at    integer,                      -- both have signed, and the coach is still the same
    ended_at     integer,
    ending       text    check (ending in ('nothing', 'note', 'guest')),
    ending_note  blob,                         -- sealed: what the practitioner allows to be told
    check ((ended_at is null) = (ending is null))
) strict;
create index series_by_practitioner on series (practitioner, started_at);
create index series_by_coach on series (coach, started_at);

-- The recordings that a series walks along, in the order of their making.
create table series_recordings (
    series    blob    not null references series,
    recording blob    not null references recordings on delete cascade,
    added_at  integer not null,
    primary key (series, recording)
) strict;

-- Who coached when.
create table series_coaches (
    series   blob    not null references series,
    coach    blob    not null references people,
    asked_at integer not null,
    left_at  integer,
    primary key (series, coach, asked_at)
) strict;

-- What the two agreed on (FRM-01). Changed together, and signed anew after each change.
create table agreements (
    series            blob    not null references series,
    version           integer not null check (version > 0),
    body              blob    not null,        -- JSON, sealed under the practitioner's key
    written_by        blob    not null references people,
    written_at        integer not null,
    practitioner_signed_at integer,
    coach             blob    references people,
    coach_signed_at   integer,
    primary key (series, version)
) strict;

create table coaching_sessions (
    id         blob    not null primary key,
    series     blob    not null references series,
    planned_at integer not null,               -- when it is to begin
    place      blob    not null,               -- sealed under the practitioner's key
    state      text    not null check (state in ('planned', 'postponed', 'missed', 'live', 'held')),
    coach      blob    references people,      -- who held it
    code       text,                           -- while it is live: what a guest types
    began_at   integer,
    ended_at   integer,
    check ((state in ('live', 'held')) = (began_at is not null)),
    check ((state = 'held') = (ended_at is not null))
) strict;
create index coaching_sessions_by_series on coaching_sessions (series, planned_at);
-- One session at a time.
create unique index coaching_sessions_live on coaching_sessions (series) where state = 'live';
create unique index coaching_sessions_code on coaching_sessions (code) where code is not null;

-- Extracts that are to be heard in a session.
create table session_clips (
    id        blob    not null primary key,
    session   blob    not null references coaching_sessions,
    clip      blob    not null references clips on delete cascade,
    position  integer not null,
    title     blob    not null,                -- sealed under the recording's key for extracts
    question  blob    not null,                -- sealed likewise
    added_by  blob    not null references people,
    added_at  integer not null,
    vetoed_at integer,                         -- the practitioner would rather not
    heard_at  integer,
    unique (session, clip)
) strict;

-- Moments that somebody marked while they listened together.
create table session_marks (
    id        blob    not null primary key,
    piece     blob    not null references session_clips on delete cascade,
    at_ms     integer not null check (at_ms >= 0), -- on the recording's clock
    marked_by blob    not null references people,
    marked_at integer not null
) strict;

-- Whom the practitioner invited to one session (K-02). An invitation is over when the session is.
create table session_guests (
    session    blob    not null references coaching_sessions,
    guest      blob    not null references people,
    invited_at integer not null,
    ended_at   integer,
    primary key (session, guest)
) strict;

-- Moments of their own recording that a practitioner would like to hear with their coach.
create table nominations (
    id        blob    not null primary key,
    recording blob    not null references recordings on delete cascade,
    kind      text    not null check (kind in ('proud', 'wonder')),
    start_ms  integer not null check (start_ms >= 0),
    end_ms    integer not null,
    note      blob    not null,                -- sealed under the recording's key for its sound
    made_at   integer not null,
    check (start_ms < end_ms)
) strict;
create index nominations_by_recording on nominations (recording, start_ms);

-- Sheets and logs (FRM-02, FRM-03, FRM-04): one of each kind for a session and a writer. Theirs alone until they share it.
create table sheets (
    session    blob    not null references coaching_sessions,
    writer     blob    not null references people,
    kind       text    not null check (kind in ('session', 'thinking', 'take_away')),
    body       blob    not null,               -- JSON, sealed under the writer's key
    revision   integer not null,
    saved_at   integer not null,
    shared_with blob   references people,      -- whom the writer lets read it: the other one of the two, as they were then
    shared_at  integer,
    primary key (session, writer, kind),
    check ((shared_with is null) = (shared_at is null))
) strict;

-- What a practitioner wants to try or to reach. How far it is, they alone say.
create table goals (
    id        blob    not null primary key,
    series    blob    not null references series,
    session   blob    references coaching_sessions, -- where it came up
    piece     blob    references session_clips on delete set null, -- what it came from
    body      blob    not null,                -- sealed under the practitioner's key
    status    text    not null check (status in ('trying', 'there', 'changed', 'set_aside')),
    shared_with blob  references people,       -- whom the practitioner lets read it
    shared_at integer,
    made_at   integer not null,
    changed_at integer not null,
    check ((shared_with is null) = (shared_at is null))
) strict;
create index goals_by_series on goals (series, made_at);

-- Group supervision of coaches (SUP-01 ff.).
create table supervision_meetings (
    id         blob    not null primary key,
    supervisor blob    not null references people,
    planned_at integer not null,
    volunteer  blob    references people,      -- who is under the dome, if the exercise was begun (SUP-03)
    phase      integer check (phase between 1 and 6),
    left_ms    integer check (left_ms >= 0),   -- what was left of the phase when the clock was last started or stopped
    since      integer,                        -- since when the clock runs; null: it stands
    check ((volunteer is null) = (phase is null)),
    check ((volunteer is null) = (left_ms is null)),
    check (volunteer is not null or since is null)
) strict;
create index supervision_meetings_by_supervisor on supervision_meetings (supervisor, planned_at);

create table supervision_seats (
    meeting    blob    not null references supervision_meetings on delete cascade,
    coach      blob    not null references people,
    came_at    integer,
    volunteered_at integer,                    -- was under the dome
    primary key (meeting, coach)
) strict;

-- What somebody who was under the dome takes away from it. Theirs alone.
create table supervision_notes (
    meeting    blob    not null references supervision_meetings,
    writer     blob    not null references people,
    body       blob    not null,               -- sealed under the writer's key
    saved_at   integer not null,
    primary key (meeting, writer)
) strict;
