-- What lies in the vault. A row goes when something takes its place; the vault's sweep then removes the file.
create table objects (
    id        uuid    not null primary key,
    recording uuid    not null references recordings,
    kind      text    not null check (kind in ('original', 'normalised', 'peaks', 'transcript', 'clip')),
    clip      uuid    references clips,
    bytes     bigint  not null check (bytes >= 0),
    sha256    bytea   not null check (length(sha256) = 32),  -- of the encrypted file
    check ((kind = 'clip') = (clip is not null))
);
create unique index objects_current on objects (recording, kind) where clip is null;
create unique index objects_current_clip on objects (clip) where clip is not null;
