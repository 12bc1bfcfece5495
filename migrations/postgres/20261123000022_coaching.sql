-- Whoever coaches, as those who look for a coach see them (CM-09, ORG-05, ORG-12).
create table coach_profiles (
    person         uuid    not null primary key references people,
    body           bytea   not null,          -- JSON, sealed under the person's key
    taking_on      boolean not null,
    most_series    bigint  not null check (most_series between 1 and 20),
    accredited_till bigint,                  -- null: nobody has looked at the certificate yet
    checked_by     uuid    references people,
    changed_at     bigint  not null
);

-- A series of up to five sessions about one child, young person or family (CM-02).
create table series (
    id           uuid    not null primary key,
    practitioner uuid    not null references people,
    coach        uuid    references people,    -- null: the last one went, the next is not chosen yet
    focus        bytea   not null,             -- JSON, sealed under the practitioner's key: chosen name, skill or issue
    attendance   boolean not null, -- 'is receiving coaching' may be told
    started_at   bigint  not null,
    agreed_at    bigint,                      -- both have signed, and the coach is still the same
    ended_at     bigint,
    ending       text    check (ending in ('nothing', 'note', 'guest')),
    ending_note  bytea,                         -- sealed: what the practitioner allows to be told
    check ((ended_at is null) = (ending is null))
);
create index series_by_practitioner on series (practitioner, started_at);
create index series_by_coach on series (coach, started_at);

-- The recordings that a series walks along, in the order of their making.
create table series_recordings (
    series    uuid    not null references series,
    recording uuid    not null references recordings on delete cascade,
    added_at  bigint  not null,
    primary key (series, recording)
);

-- Who coached when.
create table series_coaches (
    series   uuid    not null references series,
    coach    uuid    not null references people,
    asked_at bigint  not null,
    left_at  bigint,
    primary key (series, coach, asked_at)
);

-- What the two agreed on (FRM-01). Changed together, and signed anew after each change.
create table agreements (
    series            uuid    not null references series,
    version           bigint  not null check (version > 0),
    body              bytea   not null,        -- JSON, sealed under the practitioner's key
    written_by        uuid    not null references people,
    written_at        bigint  not null,
    practitioner_signed_at bigint,
    coach             uuid    references people,
    coach_signed_at   bigint,
    primary key (series, version)
);

create table coaching_sessions (
    id         uuid    not null primary key,
    series     uuid    not null references series,
    planned_at bigint  not null,               -- when it is to begin
    place      bytea   not null,               -- sealed under the practitioner's key
    state      text    not null check (state in ('planned', 'postponed', 'missed', 'live', 'held')),
    coach      uuid    references people,      -- who held it
    code       text,                           -- while it is live: what a guest types
    began_at   bigint,
    ended_at   bigint,
    check ((state in ('live', 'held')) = (began_at is not null)),
    check ((state = 'held') = (ended_at is not null))
);
create index coaching_sessions_by_series on coaching_sessions (series, planned_at);
-- One session at a time.
create unique index coaching_sessions_live on coaching_sessions (series) where state = 'live';
create unique index coaching_sessions_code on coaching_sessions (code) where code is not null;

-- Extracts that are to be heard in a session.
create table session_clips (
    id        uuid    not null primary key,
    session   uuid    not null references coaching_sessions,
    clip      uuid    not null references clips on delete cascade,
    position  bigint  not null,
    title     bytea   not null,                -- sealed under the recording's key for extracts
    question  bytea   not null,                -- sealed likewise
    added_by  uuid    not null references people,
    added_at  bigint  not null,
    vetoed_at bigint,                         -- the practitioner would rather not
    heard_at  bigint,
    unique (session, clip)
);

-- Moments that somebody marked while they listened together.
create table session_marks (
    id        uuid    not null primary key,
    piece     uuid    not null references session_clips on delete cascade,
    at_ms     bigint  not null check (at_ms >= 0), -- on the recording's clock
    marked_by uuid    not null references people,
    marked_at bigint  not null
);

-- Whom the practitioner invited to one session (K-02). An invitation is over when the session is.
create table session_guests (
    session    uuid    not null references coaching_sessions,
    guest      uuid    not null references people,
    invited_at bigint  not null,
    ended_at   bigint,
    primary key (session, guest)
);

-- Moments of their own recording that a practitioner would like to hear with their coach.
create table nominations (
    id        uuid    not null primary key,
    recording uuid    not null references recordings on delete cascade,
    kind      text    not null check (kind in ('proud', 'wonder')),
    start_ms  bigint  not null check (start_ms >= 0),
    end_ms    bigint  not null,
    note      bytea   not null,                -- sealed under the recording's key for its sound
    made_at   bigint  not null,
    check (start_ms < end_ms)
);
create index nominations_by_recording on nominations (recording, start_ms);

-- Sheets and logs (FRM-02, FRM-03, FRM-04): one of each kind for a session and a writer. Theirs alone until they share it.
create table sheets (
    session    uuid    not null references coaching_sessions,
    writer     uuid    not null references people,
    kind       text    not null check (kind in ('session', 'thinking', 'take_away')),
    body       bytea   not null,               -- JSON, sealed under the writer's key
    revision   bigint  not null,
    saved_at   bigint  not null,
    shared_with uuid   references people,      -- whom the writer lets read it: the other one of the two, as they were then
    shared_at  bigint,
    primary key (session, writer, kind),
    check ((shared_with is null) = (shared_at is null))
);

-- What a practitioner wants to try or to reach. How far it is, they alone say.
create table goals (
    id        uuid    not null primary key,
    series    uuid    not null references series,
    session   uuid    references coaching_sessions, -- where it came up
    piece     uuid    references session_clips on delete set null, -- what it came from
    body      bytea   not null,                -- sealed under the practitioner's key
    status    text    not null check (status in ('trying', 'there', 'changed', 'set_aside')),
    shared_with uuid  references people,       -- whom the practitioner lets read it
    shared_at bigint,
    made_at   bigint  not null,
    changed_at bigint  not null,
    check ((shared_with is null) = (shared_at is null))
);
create index goals_by_series on goals (series, made_at);

-- Group supervision of coaches (SUP-01 ff.).
create table supervision_meetings (
    id         uuid    not null primary key,
    supervisor uuid    not null references people,
    planned_at bigint  not null,
    volunteer  uuid    references people,      -- who is under the dome, if the exercise was begun (SUP-03)
    phase      bigint  check (phase between 1 and 6),
    left_ms    bigint  check (left_ms >= 0),   -- what was left of the phase when the clock was last started or stopped
    since      bigint,                        -- since when the clock runs; null: it stands
    check ((volunteer is null) = (phase is null)),
    check ((volunteer is null) = (left_ms is null)),
    check (volunteer is not null or since is null)
);
create index supervision_meetings_by_supervisor on supervision_meetings (supervisor, planned_at);

create table supervision_seats (
    meeting    uuid    not null references supervision_meetings on delete cascade,
    coach      uuid    not null references people,
    came_at    bigint,
    volunteered_at bigint,                    -- was under the dome
    primary key (meeting, coach)
);

-- What somebody who was under the dome takes away from it. Theirs alone.
create table supervision_notes (
    meeting    uuid    not null references supervision_meetings,
    writer     uuid    not null references people,
    body       bytea   not null,               -- sealed under the writer's key
    saved_at   bigint  not null,
    primary key (meeting, writer)
);
