-- What is hidden of a recording from those who hear extracts of it. Kinds and positions, and no words.

create table hidden_passages (
    id            uuid    not null primary key,
    recording     uuid    not null references recordings,
    start_ms      bigint not null check (start_ms >= 0),
    end_ms        bigint not null,
    why           text    not null
        check (why in ('name', 'address', 'school', 'third_party', 'other')),
    hidden_by     uuid    not null references people,
    hidden_at     bigint not null,
    show_asked_by uuid    references people,  -- would have it heard again; a second person decides
    show_asked_at bigint,
    check (start_ms < end_ms),
    check ((show_asked_by is null) = (show_asked_at is null))
);
create index hidden_passages_by_recording on hidden_passages (recording, start_ms);

-- What is heard instead; counts each change of what is hidden; and the version that somebody listened to and approved.
alter table recordings add column hidden_with text not null default 'tone'
    check (hidden_with in ('tone', 'silence'));
alter table recordings add column redaction bigint not null default 0;
alter table recordings add column redaction_approved bigint;
alter table recordings add column redaction_approved_by uuid references people;
alter table recordings add column redaction_approved_at bigint;

-- The version under which an extract was cut, or to which it was taken along because nothing in it changed.
alter table clips add column redaction bigint not null default 0;
