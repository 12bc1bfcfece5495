create table recordings (
    id             uuid    not null primary key,
    owner          uuid    not null references people,
    pseudonym      bytea   not null,          -- sealed
    session_kind   text    not null check (session_kind in ('visit', 'office', 'remote', 'other')),
    held_on        text,                     -- YYYY-MM-DD
    phase          text    not null check (phase in ('pre_training', 'post_training', 'post_coaching')),
    audio          text    not null check (audio in ('awaiting_file', 'uploaded', 'decoded', 'unreadable')),
    transcript     text    not null check (transcript in ('not_wanted', 'waiting', 'running', 'done', 'failed')),
    sharing        text    not null check (sharing in ('private', 'released', 'withheld')),
    shared_at      bigint,                   -- when the practitioner decided about sharing
    duration_ms    bigint  check (duration_ms >= 0),
    container      text,                     -- this and the next four: what decoding found out
    codec          text,
    channels       bigint,
    sample_rate_hz bigint,
    remarks        text,
    verdict        text,                     -- why it could not be read
    language       text,
    model          text,
    content_sha256 bytea   check (length(content_sha256) = 32),
    created_at     bigint  not null,
    check ((sharing = 'private') = (shared_at is null)),
    check (audio <> 'decoded' or duration_ms is not null)
);
create index recordings_by_owner on recordings (owner, created_at);

create table parties (
    recording uuid    not null references recordings,
    person    uuid    not null,
    position  bigint  not null,              -- the order in which they were given
    kind      text    not null check (kind in (
        'practitioner', 'child', 'young_person', 'parent', 'carer', 'other')),
    label     bytea   not null,          -- sealed
    primary key (recording, person),
    unique (recording, position)
);

create table consents (
    recording uuid    not null,
    person    uuid    not null,
    purpose   text    not null check (purpose in (
        'record', 'transcribe', 'code_research', 'coach_playback', 'manager_present_playback',
        'teaching_playback', 'research_archive', 'quote', 'told_result', 'improve_tools')),
    given     boolean not null,
    primary key (recording, person, purpose),
    foreign key (recording, person) references parties (recording, person)
);

create table grants (
    id         uuid    not null primary key,
    recording  uuid    not null references recordings,
    person     uuid    not null references people,
    relation   text    not null check (relation in ('codes', 'coaches')),
    created_at bigint  not null,
    expires_at bigint  not null,
    ended_at   bigint                        -- ended before it expired
);
create index grants_by_person on grants (person, relation);
create index grants_by_recording on grants (recording);
