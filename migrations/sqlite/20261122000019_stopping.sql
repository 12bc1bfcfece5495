-- A transcript can be stopped by the practitioner: one more state. SQLite changes no check, but it replaces a column.
alter table recordings add column words text not null default 'not_wanted'
    check (words in ('not_wanted', 'waiting', 'running', 'done', 'failed', 'stopped'));
update recordings set words = transcript;
alter table recordings drop column transcript;
alter table recordings rename column words to transcript;

-- A file that could not be read is kept as long as any other sound.
update keeping set until = (
    select r.created_at + 86400000000 * coalesce((
        select days from retention_rules where class = 'sound' and anchor = 'created'
    ), 365)
    from recordings r where r.id = keeping.recording
)
where class = 'sound' and extended = 0
  and exists (select 1 from recordings r where r.id = keeping.recording and r.audio = 'unreadable');
