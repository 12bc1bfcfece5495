-- What coders agreed about a passage that somebody marked, beside what each of them wrote. Never part of any figure.
create table agreed_codes (
    recording         blob    not null references recordings,
    code              blob    not null,          -- one of the marks of the passage, by which it is known
    framework_version text    not null,
    item              text,                      -- which skill is heard; null: none that is to be kept
    start_ms          integer not null check (start_ms >= 0),
    end_ms            integer not null,
    note              blob    not null,          -- sealed
    agreed_by         blob    not null references people,
    agreed_at         integer not null,
    primary key (recording, code),
    check (start_ms < end_ms)
) strict;

-- What coder and coach write to each other while they prepare (CM-04).
create table briefing_notes (
    id         blob    not null primary key,
    recording  blob    not null references recordings,
    author     blob    not null references people,
    body       blob    not null,                 -- sealed
    written_at integer not null
) strict;
create index briefing_notes_by_recording on briefing_notes (recording, written_at);

-- Which of the coder's moments the two propose for the playlist, and why.
create table proposals (
    recording   blob    not null references recordings,
    code        blob    not null,
    position    integer not null,
    strength    blob    not null,                -- sealed: what is heard that works
    question    blob    not null,                -- sealed: what might be asked
    proposed_by blob    not null references people,
    proposed_at integer not null,
    primary key (recording, code)
) strict;

-- What was put on in briefings: all of it together is no more than extracts may be.
create table briefing_pieces (
    recording blob    not null references recordings,
    start_ms  integer not null check (start_ms >= 0),
    end_ms    integer not null,
    put_on_by blob    not null references people,
    put_on_at integer not null,
    primary key (recording, start_ms, end_ms),
    check (start_ms < end_ms)
) strict;
