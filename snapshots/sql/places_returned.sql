-- INSERT … RETURNING ctid: where rows lie that were just written.
create table t (a int primary key, b int);
insert into t values (1, 1), (2, 2) returning ctid, *;
insert into t select i, i from generate_series(3, 5) i returning a, t.ctid, xmin = pg_current_xact_id()::xid as own;
insert into t default values returning ctid;
with made as (insert into t values (9, 9) returning ctid as place, a) select t.*, made.place = t.ctid as same from made left join t using (a);
select a, b from t where ctid = '(0,2)';
insert into t values (1, 7), (2, 7) on conflict do nothing returning ctid;
insert into t values (2, 7), (20, 7) on conflict (a) do update set b = excluded.b returning xmax = 0 as new, ctid is not null as placed, a, b;
insert into t values (30, 1) returning ctid = (select ctid from t where a = 1) as other;
prepare one (int) as insert into t values ($1, $1) returning (select count(*) from generate_series(1, a)), ctid > '(0,1)' as later;
execute one (40);
execute one (41);
-- Rows that triggers leave out or change have no place, or their own.
create function even_only() returns trigger language plpgsql as $$ begin if new.a % 2 = 1 then return null; end if; new.b = -new.b; return new; end $$;
create table e (a int, b int);
create trigger even before insert on e for each row execute function even_only();
insert into e select i, i from generate_series(1, 6) i returning ctid, *;
-- Partitions have places of their own.
create table p (a int, b int) partition by list (a);
create table p1 (b int, a int);
alter table p attach partition p1 for values in (1);
create table p2 partition of p for values in (2);
insert into p values (1, 1), (2, 2), (1, 3), (2, 4), (2, 5) returning ctid, tableoid::regclass, *;
select tableoid::regclass, ctid, * from p order by b;
insert into p1 values (6, 1) returning ctid, *;
create unique index on p (a, b);
insert into p values (1, 1), (2, 7) on conflict (a, b) do nothing returning ctid, a, b;
-- A view has none.
create view v as select * from t;
insert into v values (50, 50) returning *;
-- EXPLAIN.
explain (costs off, verbose) insert into t values (60, 1) returning ctid, b;
explain (costs off, verbose) insert into t as called values (60, 1) on conflict (a) do update set b = 1 where called.b > 3 returning called.a, xmax;
explain (costs off) insert into t as called values (60, 1), (61, 2);
explain (costs off) insert into t as called select * from t where a = 3;
explain (costs off, verbose) delete from t;
explain (costs off, verbose) delete from t as called returning called.ctid;
explain (costs off, verbose) insert into t values (60, 1);
explain (costs off, verbose) insert into t select a + 100, b from t where a < 3;
vacuum analyze t;
set enable_seqscan = off;
explain (analyze, costs off, timing off, summary off) select a from t where a < 3;
