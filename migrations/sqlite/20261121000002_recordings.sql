create table recordings (
    id             blob    not null primary key,
    owner          blob    not null references people,
    pseudonym      blob    not null,          -- sealed
    session_kind   text    not null check (session_kind in ('visit', 'office', 'remote', 'other')),
    held_on        text,                     -- YYYY-MM-DD
    phase          text    not null check (phase in ('pre_training', 'post_training', 'post_coaching')),
    audio          text    not null check (audio in ('awaiting_file', 'uploaded', 'decoded', 'unreadable')),
    transcript     text    not null check (transcript in ('not_wanted', 'waiting', 'running', 'done', 'failed')),
    sharing        text    not null check (sharing in ('private', 'released', 'withheld')),
    shared_at      integer,                  -- when the practitioner decided about sharing
    duration_ms    integer check (duration_ms >= 0),
    container      text,                     -- this and the next four: what decoding found out
    codec          text,
    channels       integer,
    sample_rate_hz integer,
    remarks        text,
    verdict        text,                     -- why it could not be read
    language       text,
    model          text,
    content_sha256 blob    check (length(content_sha256) = 32),
    created_at     integer not null,
    check ((sharing = 'private') = (shared_at is null)),
    check (audio <> 'decoded' or duration_ms is not null)
) strict;
create index recordings_by_owner on recordings (owner, created_at);

create table parties (
    recording blob    not null references recordings,
    person    blob    not null,
    position  integer not null,              -- the order in which they were given
    kind      text    not null check (kind in (
        'practitioner', 'child', 'young_person', 'parent', 'carer', 'other')),
    label     blob    not null,          -- sealed
    primary key (recording, person),
    unique (recording, position)
) strict;

create table consents (
    recording blob    not null,
    person    blob    not null,
    purpose   text    not null check (purpose in (
        'record', 'transcribe', 'code_research', 'coach_playback', 'manager_present_playback',
        'teaching_playback', 'research_archive', 'quote', 'told_result', 'improve_tools')),
    given     integer not null check (given in (0, 1)),
    primary key (recording, person, purpose),
    foreign key (recording, person) references parties (recording, person)
) strict;

create table grants (
    id         blob    not null primary key,
    recording  blob    not null references recordings,
    person     blob    not null references people,
    relation   text    not null check (relation in ('codes', 'coaches')),
    created_at integer not null,
    expires_at integer not null,
    ended_at   integer                       -- ended before it expired
) strict;
create index grants_by_person on grants (person, relation);
create index grants_by_recording on grants (recording);
