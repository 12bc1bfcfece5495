-- What coders agreed about a passage that somebody marked, beside what each of them wrote. Never part of any figure.
create table agreed_codes (
    recording         uuid    not null references recordings,
    code              uuid    not null,          -- one of the marks of the passage, by which it is known
    framework_version text    not null,
    item              text,                      -- which skill is heard; null: none that is to be kept
    start_ms          bigint  not null check (start_ms >= 0),
    end_ms            bigint  not null,
    note              bytea   not null,          -- sealed
    agreed_by         uuid    not null references people,
    agreed_at         bigint  not null,
    primary key (recording, code),
    check (start_ms < end_ms)
);

-- What coder and coach write to each other while they prepare (CM-04).
create table briefing_notes (
    id         uuid    not null primary key,
    recording  uuid    not null references recordings,
    author     uuid    not null references people,
    body       bytea   not null,                 -- sealed
    written_at bigint  not null
);
create index briefing_notes_by_recording on briefing_notes (recording, written_at);

-- Which of the coder's moments the two propose for the playlist, and why.
create table proposals (
    recording   uuid    not null references recordings,
    code        uuid    not null,
    position    bigint  not null,
    strength    bytea   not null,                -- sealed: what is heard that works
    question    bytea   not null,                -- sealed: what might be asked
    proposed_by uuid    not null references people,
    proposed_at bigint  not null,
    primary key (recording, code)
);

-- What was put on in briefings: all of it together is no more than extracts may be.
create table briefing_pieces (
    recording uuid    not null references recordings,
    start_ms  bigint  not null check (start_ms >= 0),
    end_ms    bigint  not null,
    put_on_by uuid    not null references people,
    put_on_at bigint  not null,
    primary key (recording, start_ms, end_ms),
    check (start_ms < end_ms)
);
