-- Who may sign in. A disabled person keeps their place in the log and in everything they made.
alter table people add column disabled_at integer;

-- Sessions get a name for their owner's list and a note of how much was shown. Everybody signs in once more.
drop table sessions;
create table sessions (
    token          blob    not null primary key check (length(token) = 32),  -- SHA-256 of the browser's token
    id             blob    not null unique,   -- for the owner's list; it opens nothing
    person         blob    not null,
    role           text    not null,
    created_at     integer not null,
    last_seen_at   integer not null,
    expires_at     integer not null,
    elevated_until integer,                    -- until then, who it is was shown just now
    shown          text    not null check (shown in ('passphrase', 'two_steps', 'passkey', 'single_sign_on', 'single_sign_on_two_steps')),
    device         text    not null,          -- two coarse words, as in `Firefox on Windows`
    foreign key (person, role) references person_roles (person, role)      -- nobody wears a hat that is not theirs
) strict;
create index sessions_by_person on sessions (person);

-- One authenticator app for each person. The secret is sealed before it gets here.
create table totp (
    person       blob    not null primary key references people,
    secret       blob    not null,
    created_at   integer not null,
    confirmed_at integer,                      -- none: nobody has typed a code yet
    last_step    integer not null             -- RFC 6238: a step's code is taken once
) strict;

create table recovery_codes (
    hash    blob    not null primary key check (length(hash) = 32),        -- SHA-256; 128 random bits need no salt
    person  blob    not null references people,
    used_at integer
) strict;
create index recovery_codes_by_person on recovery_codes (person);

create table passkeys (
    id           blob    not null primary key,
    person       blob    not null references people,
    credential   blob    not null unique,     -- the authenticator's name for it
    data         text    not null,            -- its public part, JSON
    counter      integer not null,
    name         text    not null,
    created_at   integer not null,
    last_used_at integer
) strict;
create index passkeys_by_person on passkeys (person);

-- What was begun and is finished once: the second step of a sign-in, a passkey's challenge, a confirmation.
create table ceremonies (
    token      blob    not null primary key check (length(token) = 32),
    kind       text    not null,
    person     blob references people,
    state      text    not null,
    expires_at integer not null
) strict;

create table invitations (
    id         blob    not null primary key,
    token      blob    not null unique check (length(token) = 32),
    login      text    not null collate binary,
    name       text    not null,
    roles      text    not null,              -- with commas between them
    invited_by blob    not null references people,
    created_at integer not null,
    expires_at integer not null,
    used_at    integer
) strict;

-- Browsers in which somebody signed in before: other people's failures do not slow them down.
create table devices (
    token      blob    not null primary key check (length(token) = 32),
    person     blob    not null references people,
    created_at integer not null,
    failures   integer not null,
    last_at    integer
) strict;
create index devices_by_person on devices (person);

-- How much a network, or everybody together, asked lately (generic cell rate algorithm): when the next ask would be
-- due if they came evenly.
create table limits (
    key text    not null primary key,
    due integer not null
) strict;
