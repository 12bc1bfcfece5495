-- The listening copy: one more kind of object, and the job that makes it.
alter table objects drop constraint objects_kind_check;
alter table objects add constraint objects_kind_check
    check (kind in ('original', 'normalised', 'peaks', 'listening', 'transcript', 'clip'));
alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check
    check (kind in ('decode', 'listening', 'transcribe', 'render_clip', 'erase'));
