-- No references: an entry outlives whatever it names, and holds opaque ids and words from closed sets only.
create table audit (
    seq         integer not null primary key,
    at          integer not null,
    actor       blob,
    hat         text    not null,
    action      text    not null,
    object_kind text    not null,
    object      blob,
    recording   blob,
    decision    text    not null,
    link        blob    not null check (length(link) = 32)
) strict;
create index audit_by_recording on audit (recording, seq);
create index audit_by_actor on audit (actor, seq);

create trigger audit_is_not_changed before update on audit begin
    select raise(abort, 'the audit log is append-only');
end;
create trigger audit_is_not_shortened before delete on audit begin
    select raise(abort, 'the audit log is append-only');
end;

-- The newest entry once more: whoever appends takes this row first, and a log cut short at its end shows. The frontier
-- is that of the Merkle tree over the log, 32 bytes for each complete subtree. What is sealed outside is noted for people
-- to see; it proves nothing here.
create table audit_head (
    id         integer not null primary key check (id = 1),
    seq        integer not null,
    link       blob    not null check (length(link) = 32),
    frontier   blob    not null check (length(frontier) % 32 = 0),
    sealed_seq integer,
    sealed_at  integer,
    check ((sealed_seq is null) = (sealed_at is null))
) strict;
insert into audit_head (id, seq, link, frontier) values (1, 0, zeroblob(32), x'');
