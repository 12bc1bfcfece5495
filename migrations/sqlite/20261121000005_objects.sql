-- What lies in the vault. A row goes when something takes its place; the vault's sweep then removes the file.
create table objects (
    id        blob    not null primary key,
    recording blob    not null references recordings,
    kind      text    not null check (kind in ('original', 'normalised', 'peaks', 'transcript', 'clip')),
    clip      blob    references clips,
    bytes     integer not null check (bytes >= 0),
    sha256    blob    not null check (length(sha256) = 32),  -- of the encrypted file
    check ((kind = 'clip') = (clip is not null))
) strict;
create unique index objects_current on objects (recording, kind) where clip is null;
create unique index objects_current_clip on objects (clip) where clip is not null;
