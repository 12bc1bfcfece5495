-- Who may sign in. A disabled person keeps their place in the log and in everything they made.
alter table people add column disabled_at bigint;

-- Sessions get a name for their owner's list and a note of how much was shown. Everybody signs in once more.
drop table sessions;
create table sessions (
    token          bytea   not null primary key check (length(token) = 32),  -- SHA-256 of the browser's token
    id             uuid    not null unique,   -- for the owner's list; it opens nothing
    person         uuid    not null,
    role           text    not null,
    created_at     bigint  not null,
    last_seen_at   bigint  not null,
    expires_at     bigint  not null,
    elevated_until bigint,                    -- until then, who it is was shown just now
    shown          text    not null check (shown in ('passphrase', 'two_steps', 'passkey', 'single_sign_on', 'single_sign_on_two_steps')),
    device         text    not null,          -- two coarse words, as in `Firefox on Windows`
    foreign key (person, role) references person_roles (person, role)      -- nobody wears a hat that is not theirs
);
create index sessions_by_person on sessions (person);

-- One authenticator app for each person. The secret is sealed before it gets here.
create table totp (
    person       uuid    not null primary key references people,
    secret       bytea   not null,
    created_at   bigint  not null,
    confirmed_at bigint,                      -- none: nobody has typed a code yet
    last_step    bigint  not null             -- RFC 6238: a step's code is taken once
);

create table recovery_codes (
    hash    bytea   not null primary key check (length(hash) = 32),        -- SHA-256; 128 random bits need no salt
    person  uuid    not null references people,
    used_at bigint
);
create index recovery_codes_by_person on recovery_codes (person);

create table passkeys (
    id           uuid    not null primary key,
    person       uuid    not null references people,
    credential   bytea   not null unique,     -- the authenticator's name for it
    data         text    not null,            -- its public part, JSON
    counter      bigint  not null,
    name         text    not null,
    created_at   bigint  not null,
    last_used_at bigint
);
create index passkeys_by_person on passkeys (person);

-- What was begun and is finished once: the second step of a sign-in, a passkey's challenge, a confirmation.
create table ceremonies (
    token      bytea   not null primary key check (length(token) = 32),
    kind       text    not null,
    person     uuid references people,
    state      text    not null,
    expires_at bigint  not null
);

create table invitations (
    id         uuid    not null primary key,
    token      bytea   not null unique check (length(token) = 32),
    login      text    not null collate "C",
    name       text    not null,
    roles      text    not null,              -- with commas between them
    invited_by uuid    not null references people,
    created_at bigint  not null,
    expires_at bigint  not null,
    used_at    bigint
);

-- Browsers in which somebody signed in before: other people's failures do not slow them down.
create table devices (
    token      bytea   not null primary key check (length(token) = 32),
    person     uuid    not null references people,
    created_at bigint  not null,
    failures   bigint  not null,
    last_at    bigint
);
create index devices_by_person on devices (person);

-- How much a network, or everybody together, asked lately (generic cell rate algorithm): when the next ask would be
-- due if they came evenly.
create table limits (
    key text    not null primary key,
    due bigint  not null
);
