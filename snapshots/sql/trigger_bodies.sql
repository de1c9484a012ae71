create function told() returns trigger language plpgsql as $$
begin
  raise notice '% % % % on %.% (%): old %, new %', tg_name, tg_when, tg_level, tg_op, 'schema', tg_table_name, tg_argv[0], old, new;
  if tg_op = 'DELETE' then return old; end if;
  return new;
end $$;
create function counted() returns trigger language plpgsql as $$
begin
  raise notice '% % % %: % arguments, depth %', tg_name, tg_when, tg_level, tg_op, tg_nargs, pg_trigger_depth();
  return null;
end $$;
create table t (a int primary key, b text, c int default 7);
create trigger b_row before insert or update or delete on t for each row execute function told('one');
create trigger a_row after insert or update or delete on t for each row execute function told();
create trigger b_stat before insert or update or delete or truncate on t for each statement execute function counted('x', 'y');
create trigger a_stat after insert or update or delete or truncate on t execute function counted();
insert into t values (1, 'one'), (2, 'two');
insert into t select 3, 'three' where false;
update t set b = b || '!' where a = 1;
update t set b = 'none' where a = 100;
delete from t where a = 2;
insert into t values (1, 'again') on conflict (a) do update set b = excluded.b || ' updated';
insert into t values (1, 'again') on conflict (a) do nothing;
insert into t values (5, 'five') on conflict (a) do update set b = 'no' returning *;
merge into t using (values (1, 'merged'), (9, 'nine')) as v(k, w) on t.a = v.k when matched then update set b = v.w when not matched then insert values (v.k, v.w);
merge into t using (values (9)) as v(k) on t.a = v.k when matched then delete;
with i as (insert into t values (20, 'cte') returning a) update t set c = 0 where a = 1;
truncate t;
drop table t;
create function change() returns trigger language plpgsql as $$
begin
  if new.a < 0 then return null; end if;
  if new.a > 100 then new.a := new.a - 100; end if;
  new.b := coalesce(new.b, '') || tg_name;
  return new;
end $$;
create table t (a int primary key check (a <> 13), b text not null, g int generated always as (a * 2) stored);
create trigger c1 before insert or update on t for each row execute function change();
create trigger c2 before insert or update on t for each row when (new.a <> 7) execute function change();
insert into t (a) values (1), (-1), (102), (7) returning *;
insert into t (a) values (113);
update t set a = a + 100 where a = 1 returning *;
update t set a = -a where a = 2 returning *;
update t set a = 107 where a = 1 returning *;
insert into t (a) values (1) on conflict (a) do update set b = 'over ' returning *;
insert into t (a) values (101) on conflict (a) do update set b = 'over ' returning *;
select * from t order by a;
drop table t;
create table t (a int, b int);
create function seen() returns trigger language plpgsql as $$
begin
  raise notice 'rows: %', (select count(*) from t);
  return new;
end $$;
create trigger s1 before insert on t for each row execute function seen();
create trigger s2 after insert on t for each row execute function seen();
insert into t values (1, 1), (2, 2);
drop table t;
create function gathered() returns trigger language plpgsql as $$
declare o text; n text;
begin
  if tg_op in ('UPDATE', 'DELETE') then select string_agg(ot::text, ', ' order by a) into o from ot; end if;
  if tg_op in ('UPDATE', 'INSERT') then select string_agg(nt::text, ', ' order by a) into n from nt; end if;
  raise notice '% %: old % new %', tg_name, tg_op, o, n;
  return null;
end $$;
create table t (a int primary key, b text);
create trigger i after insert on t referencing new table as nt for each statement execute function gathered();
create trigger u after update on t referencing old table as ot new table as nt for each statement execute function gathered();
create trigger d after delete on t referencing old table as ot for each statement execute function gathered();
create trigger dr after delete on t referencing old table as ot for each row when (old.a = 2) execute function gathered();
insert into t values (1, 'x'), (2, 'y'), (3, 'z');
insert into t select 1, 'q' where false;
update t set b = upper(b) where a < 3;
insert into t values (1, 'w'), (4, 'v') on conflict (a) do update set b = excluded.b;
merge into t using (values (1), (2), (5)) as v(k) on a = k when matched and k = 1 then update set b = 'm' when matched then delete when not matched then insert values (k, 'n');
delete from t;
drop table t;
create table pt (a int, b text) partition by list (a);
create table p1 partition of pt for values in (1);
create table p2 (b text, a int);
alter table pt attach partition p2 for values in (2);
create trigger i after insert on pt referencing new table as nt for each statement execute function gathered();
create trigger u after update on pt referencing old table as ot new table as nt for each statement execute function gathered();
create trigger d after delete on pt referencing old table as ot for each statement execute function gathered();
create trigger r before insert or update or delete on pt for each row execute function told();
create trigger s after insert or update or delete on pt for each row execute function told();
insert into pt values (1, 'x'), (2, 'y');
update pt set b = b || '!';
update pt set a = 2 where a = 1;
delete from pt where b = 'x!';
insert into p2 values ('direct', 2);
drop trigger r on pt;
create function moves() returns trigger language plpgsql as $$
begin
  new.a := 3 - new.a;
  return new;
end $$;
create trigger m before insert or update on pt for each row execute function moves();
insert into pt values (1, 'moved');
insert into p1 values (1, 'moved');
update pt set b = 'moved by update' where a = 2;
select tableoid::regclass, a, b from pt order by 2, 3;
drop table pt;
create table t (a int primary key, b int);
create function itself() returns trigger language plpgsql as $$
begin
  update t set b = b + 1 where a = old.a;
  if tg_op = 'DELETE' then return old; end if;
  return new;
end $$;
insert into t values (1, 1), (2, 2);
create trigger i before update or delete on t for each row when (pg_trigger_depth() = 0) execute function itself();
update t set b = 10 where a = 1;
delete from t where a = 1;
merge into t using (values (1)) as v(k) on a = k when matched then update set b = 5;
select * from t order by a;
drop trigger i on t;
create function other() returns trigger language plpgsql as $$
begin
  delete from t where a = 3 - old.a;
  return new;
end $$;
create trigger o before update on t for each row execute function other();
update t set b = b + 1;
select * from t order by a;
drop trigger o on t;
create trigger o after update on t for each row execute function other();
update t set b = b + 1 where a = 1;
select * from t order by a;
drop table t;
create table t (a int);
create function again() returns trigger language plpgsql as $$
begin
  if new.a > 0 then insert into t values (new.a - 1); end if;
  raise notice 'a % depth %', new.a, pg_trigger_depth();
  return new;
end $$;
create trigger r before insert on t for each row execute function again();
insert into t values (3);
drop trigger r on t;
create trigger r after insert on t for each row execute function again();
insert into t values (3);
select a from t order by a;
drop table t;
create table t (a int primary key, b text);
create function asked() returns trigger language plpgsql as $$
begin
  raise notice 'asked for %', new.a;
  if new.b is null then raise exception 'no b for %', new.a using errcode = 'check_violation', hint = 'give one'; end if;
  return null;
end $$;
create constraint trigger k after insert or update on t deferrable initially deferred for each row execute function asked();
insert into t values (1, 'x');
insert into t values (2, null);
begin;
insert into t values (2, null);
update t set b = 'y' where a = 2;
commit;
begin;
insert into t values (3, 'z');
set constraints k immediate;
insert into t values (4, 'w');
set constraints k deferred;
insert into t values (5, 'v');
savepoint s;
insert into t values (6, 'u');
rollback to s;
commit;
select a from t order by a;
drop table t;
create table r (a int primary key);
create table d (a int references r on delete cascade on update cascade, b int);
create trigger row1 before delete or update on d for each row execute function told();
create trigger row2 after delete or update on d for each row execute function told();
create trigger stat1 before delete or update on d for each statement execute function counted();
create trigger stat2 after delete or update on d for each statement execute function counted();
create trigger del after delete on d referencing old table as ot for each statement execute function gathered();
create trigger above after delete or update on r for each row execute function told();
insert into r values (1), (2);
insert into d values (1, 10), (1, 11), (2, 20);
delete from r where a = 1;
update r set a = 3 where a = 2;
delete from r;
create function kept() returns trigger language plpgsql as 'begin return null; end';
create trigger zz before delete on d for each row execute function kept();
insert into r values (7);
insert into d values (7, 70);
delete from r;
select * from d;
drop table d, r;
create table base (a int primary key, b text);
create view v as select a, b, a * 10 as ten from base;
create function instead() returns trigger language plpgsql as $$
begin
  raise notice '% % old % new %', tg_op, tg_when, old, new;
  if tg_op = 'INSERT' then
    if new.a < 0 then return null; end if;
    insert into base values (new.a, new.b);
    new.ten := new.a * 100;
    return new;
  elsif tg_op = 'UPDATE' then
    update base set a = new.a, b = new.b where a = old.a;
    return new;
  else
    delete from base where a = old.a;
    return old;
  end if;
end $$;
create trigger iv instead of insert or update or delete on v for each row execute function instead();
create trigger sv after insert or update or delete on v for each statement execute function counted();
insert into v (a, b) values (1, 'one'), (-1, 'none'), (2, 'two') returning *;
update v set b = b || '!' where ten > 10 returning *;
update v set a = a + 10 from (values (1)) as x(k) where v.a = k returning v.*, k;
delete from v where b = 'one' returning *;
with x as (insert into v (a) values (30) returning ten) select * from x;
select * from v order by a;
create view w as select * from v where a > 1 with check option;
insert into w (a, b) values (40, 'forty') returning *;
update w set b = 'w' where a = 40;
delete from w;
drop view v cascade;
create function bad() returns trigger language plpgsql as 'begin return row(1); end';
create trigger b before insert on base for each row execute function bad();
insert into base values (99, 'x');
drop trigger b on base;
create function ends() returns trigger language plpgsql as 'begin end';
create trigger b before insert on base for each row execute function ends();
insert into base values (99, 'x');
drop table base;
create table par (a int primary key);
create table chi (a int references par);
create trigger t1 before truncate on par execute function counted('p');
create trigger t2 after truncate on par execute function counted('p');
create trigger t3 before truncate on chi execute function counted();
create trigger t4 after truncate on chi execute function counted();
truncate par;
truncate par cascade;
truncate par, chi;
drop table chi, par;
create table t (a int, b text);
create function caught() returns trigger language plpgsql as $$
begin
  begin
    insert into t values (1 / new.a, 'in');
  exception when division_by_zero then
    raise notice 'caught';
  end;
  return new;
end $$;
create trigger c before insert on t for each row when (pg_trigger_depth() < 1) execute function caught();
insert into t values (0, 'zero'), (1, 'one');
select * from t order by 2;
drop table t;
create table one (a int primary key, b int unique);
create table many (c int default 7, d int references one on delete cascade on update cascade, e int references one (b) on delete set null on update set default);
create function deep() returns trigger language plpgsql as $$ begin raise notice '% % % % depth %', tg_relname, tg_when, tg_level, tg_op, pg_trigger_depth(); if tg_op = 'DELETE' then return old; end if; return new; end $$;
create trigger a before insert or update or delete on many for each statement execute function deep();
create trigger b before insert or update or delete on many for each row execute function deep();
create trigger c after insert or update or delete on many for each row execute function deep();
create trigger d after insert or update or delete on many for each statement execute function deep();
create trigger a before update or delete on one for each row execute function deep();
create trigger b after update or delete on one for each row execute function deep();
insert into one values (1, 10), (2, 20), (3, 30);
delete from one where a = 3;
insert into many values (1, 1, 10), (2, 2, 20);
update one set b = 11 where a = 1;
update one set a = 5 where a = 2;
update one set a = 5 where a = 5;
delete from one where a = 5;
delete from one;
select * from many;
