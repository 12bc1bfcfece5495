-- Who somebody is at the organisation's identity provider: issuer and subject, and never an e-mail address.
create table external_identities (
    issuer       text    not null,
    subject      text    not null,
    person       uuid    not null references people,
    connected_at bigint not null,
    primary key (issuer, subject),
    unique (person, issuer)
);

-- A browser that set out for the provider and has not come back yet.
create table external_attempts (
    browser    bytea    not null primary key check (length(browser) = 32),  -- SHA-256 of the browser's cookie
    purpose    text    not null check (purpose in ('sign_in', 'link', 'invitation', 'connect', 'confirm')),
    secret     bytea    check (length(secret) = 32),  -- the hash of the link, the invitation or the session it is about
    next       text    not null,
    created_at bigint not null,
    expires_at bigint not null,
    check ((purpose = 'sign_in') = (secret is null))
);
create index external_attempts_by_end on external_attempts (expires_at);

-- An administrator's one-time link, with which an account is tied to whoever signs in with it.
create table external_links (
    token      bytea    not null primary key check (length(token) = 32),
    person     uuid    not null unique references people,
    issuer     text    not null,             -- for this provider only
    created_at bigint not null,
    expires_at bigint not null
);

-- Which sessions the provider may end.
create table external_sessions (
    token   bytea not null primary key references sessions on delete cascade,
    issuer  text not null,
    subject text not null,
    sid     text                              -- the provider's name for its own session
);
create index external_sessions_by_subject on external_sessions (issuer, subject);

-- Logout tokens that were taken, so that none is taken twice.
create table external_logouts (
    issuer     text    not null,
    jti        text    not null,
    expires_at bigint not null,
    primary key (issuer, jti)
);
