create table people (
    id            uuid    not null primary key,
    login         text    not null unique collate "C",
    name          bytea   not null,          -- sealed
    password_hash text    not null,          -- Argon2id, PHC form
    created_at    bigint  not null           -- microseconds since 1970, UTC; so are all times
);

create table person_roles (
    person uuid not null references people,
    role   text not null check (role in (
        'practitioner', 'researcher', 'coach', 'line_manager', 'programme_lead', 'coordinator',
        'coaching_supervisor', 'sysadmin', 'dpo', 'safeguarding_lead')),
    primary key (person, role)
);

create table sessions (
    token        bytea   not null primary key check (length(token) = 32),  -- SHA-256 of the browser's token
    person       uuid    not null,
    role         text    not null,
    created_at   bigint  not null,
    last_seen_at bigint  not null,
    expires_at   bigint  not null,
    foreign key (person, role) references person_roles (person, role)      -- nobody wears a hat that is not theirs
);

-- By name and not by person: a name that nobody has is slowed down just the same.
create table sign_in_failures (
    login    text    not null primary key,
    failures bigint  not null check (failures > 0),
    last_at  bigint  not null
);
