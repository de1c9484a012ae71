-- What RETURNING tells of the transaction: xmin and xmax of rows that were inserted, and of those updated in their place.
create table t(a int primary key, b text default 'x');
insert into t values (1),(2);
insert into t values (2,'new'),(3,'c') on conflict (a) do update set b = excluded.b returning a, b, (xmax = 0) as inserted;
insert into t values (2,'w') on conflict (a) do update set b=excluded.b where t.b='zz' returning a, xmax;
insert into t values (2,'w'),(9,'n') on conflict do nothing returning a, xmax;
with u as (insert into t values (1,'q'),(10,'n') on conflict (a) do update set b='upd' returning a, xmax)
select a, xmax::text::bigint > 0 as updated from u order by 1;
insert into t values (2,'v') on conflict (a) do update set b=excluded.b returning xmax = pg_current_xact_id()::xid, *;
insert into t values (20) returning xmin = pg_current_xact_id()::xid, xmax;
update t set b='z' where a=20 returning xmin = pg_current_xact_id()::xid, xmax;
explain (verbose, costs off) insert into t values (2,'v') on conflict (a) do update set b=excluded.b returning a, xmax, b;
prepare up(int,text) as insert into t values ($1,$2) on conflict (a) do update set b=excluded.b returning a, xmax=0;
execute up(2,'p');
execute up(30,'p');
execute up(30,'p');
create table pt(a int primary key, b int) partition by list (a);
create table pt1 partition of pt for values in (1,2);
insert into pt values (1,1) on conflict (a) do update set b=2 returning a, xmax;
insert into pt1 values (1,1) on conflict (a) do update set b=5 returning xmax=0, *;
insert into pt1 values (1,1) on conflict (a) do update set b=5 returning xmax=0, *;
create table tr(a int primary key, b int generated always as (a*2) stored, c text);
insert into tr values (1) on conflict (a) do update set c='k' returning *, xmax=0;
insert into tr(a) values (1),(2) on conflict (a) do update set c='k' returning *, xmax=0;
