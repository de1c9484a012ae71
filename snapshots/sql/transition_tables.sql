create table t (a int primary key, b text);
create table log (what text);
create function f() returns trigger language plpgsql as $$
declare n int; r record;
begin
  select count(*) into n from nt;
  raise notice 'op % n % sum %', tg_op, n, (select sum(a) from nt);
  raise notice 'exists %', exists (select from nt where a > 2);
  for r in select nt.a, log.what from nt left join log on log.what = nt.b order by 1 loop raise notice '%', r; end loop;
  insert into log select b from nt order by a;
  perform count(*) from nt x join nt y using (a);
  raise notice 'with %', (with w as (select * from nt) select string_agg(b, ',' order by a) from w);
  if exists (select from nt where b = 'deep') then
    insert into t select a + 100, b || '!' from nt where b = 'deep';
    select count(*) into n from nt;
    raise notice 'after nested % ', n;
  end if;
  execute 'select count(*) from nt' into n;
  raise notice 'dynamic %', n;
  return null;
end $$;
create trigger tr after insert on t referencing new table as nt for each statement execute function f();
insert into t values (1,'one'),(2,'two'),(3,'one');
insert into t values (4,'deep');
insert into t select 10, 'x' where false;
select * from log;
create function g() returns trigger language plpgsql as $$
begin
  raise notice '% % %', tg_op, (select array_agg(o order by a) from o), (select array_agg(n order by a) from n);
  update n set a = 1;
  return null;
end $$;
create trigger tr2 after update on t referencing new table as n old table as o for each statement execute function g();
update t set b = 'z' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  raise notice '%', (select count(*) from o full join n on o.a = n.a - 1);
  raise notice '%', (select count(*) from o, lateral (select * from n where n.a = o.a) q);
  create temp table keep as select * from n;
  return null;
end $$;
update t set b = 'y' where a < 3;
select * from keep order by 1;
create or replace function g() returns trigger language plpgsql as $$
declare c cursor for select * from n order by a; r record;
begin
  for r in c loop raise notice 'c %', r; end loop;
  open c; fetch c into r; raise notice 'f %', r; close c;
  delete from t where a in (select a from n);
  raise notice 'n %', (select count(*) from n);
  create view v as select * from n;
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  lock table n;
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  raise notice '%', (select n from n limit 1);
  raise notice '%', (select tableoid from n limit 1);
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  raise notice '%', (select ctid from n limit 1);
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  perform 1 from n for update;
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  alter table t add c int;
  raise notice '%', (select count(*) from n);
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  perform nosuch from n;
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  truncate n;
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  insert into n values (1, 'x');
  return null;
end $$;
update t set b = 'y' where a < 3;
create or replace function g() returns trigger language plpgsql as $$
begin
  raise notice '%', (select count(*) from public.n);
  return null;
end $$;
update t set b = 'y' where a < 3;
