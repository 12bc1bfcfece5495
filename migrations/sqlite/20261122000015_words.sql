-- What people change of a transcript, one that is made again, and which channel is the louder: three more kinds of object.
-- SQLite changes no check, so the table is written anew.
create table objects_anew (
    id        blob    not null primary key,
    recording blob    not null references recordings,
    kind      text    not null
        check (kind in ('original', 'normalised', 'peaks', 'listening', 'sides', 'transcript',
            'corrections', 'draft', 'clip')),
    clip      blob    references clips,
    bytes     integer not null check (bytes >= 0),
    sha256    blob    not null check (length(sha256) = 32),  -- of the encrypted file
    check ((kind = 'clip') = (clip is not null))
) strict;
insert into objects_anew select * from objects;
drop table objects;
alter table objects_anew rename to objects;
create unique index objects_current on objects (recording, kind) where clip is null;
create unique index objects_current_clip on objects (clip) where clip is not null;

-- How many changes of the transcript there are: whoever adds one says how many there were.
alter table recordings add column corrections integer not null default 0 check (corrections >= 0);
-- The language that somebody chose, as ISO 639-1; none leaves it to the service.
alter table recordings add column language_wanted text;
-- Whether the words of an extract are shown with it.
alter table clips add column quoted integer not null default 0 check (quoted in (0, 1));
