-- No references: an entry outlives whatever it names, and holds opaque ids and words from closed sets only.
create table audit (
    seq         bigint  not null primary key,
    at          bigint  not null,
    actor       uuid,
    hat         text    not null,
    action      text    not null,
    object_kind text    not null,
    object      uuid,
    recording   uuid,
    decision    text    not null,
    link        bytea   not null check (length(link) = 32)
);
create index audit_by_recording on audit (recording, seq);
create index audit_by_actor on audit (actor, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;
create trigger audit_is_not_changed before update or delete on audit
    for each row execute function refuse_change();
create trigger audit_is_not_emptied before truncate on audit
    for each statement execute function refuse_change();

-- The newest entry once more: whoever appends takes this row first, and a log cut short at its end shows. The frontier
-- is that of the Merkle tree over the log, 32 bytes for each complete subtree. What is sealed outside is noted for people
-- to see; it proves nothing here.
create table audit_head (
    id         bigint  not null primary key check (id = 1),
    seq        bigint  not null,
    link       bytea   not null check (length(link) = 32),
    frontier   bytea   not null check (length(frontier) % 32 = 0),
    sealed_seq bigint,
    sealed_at  bigint,
    check ((sealed_seq is null) = (sealed_at is null))
);
insert into audit_head (id, seq, link, frontier) values (1, 0, decode(repeat('00', 32), 'hex'), '');
