-- What people change of a transcript, one that is made again, and which channel is the louder: three more kinds of object.
alter table objects drop constraint objects_kind_check;
alter table objects add constraint objects_kind_check
    check (kind in ('original', 'normalised', 'peaks', 'listening', 'sides', 'transcript',
        'corrections', 'draft', 'clip'));

-- How many changes of the transcript there are: whoever adds one says how many there were.
alter table recordings add column corrections bigint not null default 0 check (corrections >= 0);
-- The language that somebody chose, as ISO 639-1; none leaves it to the service.
alter table recordings add column language_wanted text;
-- Whether the words of an extract are shown with it.
alter table clips add column quoted boolean not null default false;
