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

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;
create trigger audit_is_not_changed before update or delete on audit
    for each row execute function refuse_change();
create trigger audit_is_not_emptied before truncate on audit
    for each statement execute function refuse_change();

-- The newest entry once more: whoever appends takes this row first, and a log cut short at its end shows.
create table audit_head (
    id   bigint  not null primary key check (id = 1),
    seq  bigint  not null,
    link bytea   not null check (length(link) = 32)
);
insert into audit_head (id, seq, link) values (1, 0, decode(repeat('00', 32), 'hex'));
