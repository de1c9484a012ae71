-- A primary key that is grouped by decides the other columns of its table: nothing is grouped by those.
create table t (a int primary key, b int, c text);
insert into t select i, i % 10, 'c' || i % 7 from generate_series(1, 100) i;
analyze t;
explain (costs off) select a, b, c from t group by a, b, c;
select a, b, c from t where a < 4 group by a, b, c order by c, a;
explain (costs off) select a, b, c, count(*) from t group by b, a, c having c > 'c3';
select a, b, c, count(*) from t group by b, a, c having c > 'c3' and a < 20 order by a;
explain (costs off, verbose) select a, b + 1, c, count(*) from t group by a order by b;
select a, b + 1, c, count(*) from t where a < 13 group by a order by b, a desc;
explain (costs off) select a, b, count(*) filter (where c = 'c1') from t group by a, b order by a;
explain (costs off) select b, c from t group by b, c order by b, c;
select b, c from t where a < 5 group by b, c order by b, c;
-- Of several columns all have to be there.
create table t2 (x int, y int, z text, primary key (x, y));
insert into t2 values (1, 1, null), (1, 2, 'q'), (2, 1, 'r');
explain (costs off) select x, y, z from t2 group by x, y, z;
select x, y, z from t2 group by x, y, z order by x, y;
explain (costs off) select x, z from t2 group by x, z;
explain (costs off) select t.*, t2.x, t2.z from t join t2 on t.a = t2.x group by t.a, t.b, t.c, t2.x, t2.z;
select t.*, t2.x, t2.z from t join t2 on t.a = t2.x group by t.a, t.b, t.c, t2.x, t2.z order by 1, 5;
explain (costs off) select t.*, t2.x, t2.y, t2.z from t join t2 on t.a = t2.x group by t.a, t.b, t.c, t2.x, t2.y, t2.z;
select t.*, t2.x, t2.y, t2.z, sum(t.a) from t join t2 on t.a = t2.x group by t.a, t.b, t.c, t2.z, t2.x, t2.y order by 1, 5;
-- On the side that may be missing.
select t2.x, t2.y, t2.z, count(*) from t left join t2 on t.a = t2.x where t.a < 5 group by t2.z, t2.x, t2.y order by 1, 2;
-- Nothing else decides: no other unique key, none that is looked at later, none of a table others inherit from.
create table u (a int unique not null, b int);
explain (costs off) select a, b from u group by a, b;
create table d (a int primary key deferrable, b int);
explain (costs off) select a, b from d group by a, b;
create table par (a int primary key, b int);
create table chi () inherits (par);
explain (costs off) select a, b from par group by a, b;
insert into par values (1, 1);
insert into chi values (1, 2);
select a, b from par group by a, b order by a, b;
-- Partitions have different keys.
create table pt (a int, b int, c int, primary key (a, b)) partition by list (a);
create table pt1 partition of pt for values in (1);
create table pt2 partition of pt for values in (2);
insert into pt values (1, 1, 5), (1, 2, 6), (2, 1, 7);
explain (costs off) select a, b, c from pt group by a, b, c;
select a, b, c, count(*) from pt group by c, a, b order by a, b;
-- Neither grouping sets nor DISTINCT are looked at.
explain (costs off) select a, b, c, count(*) from t group by grouping sets ((a, b, c), (a, b));
explain (costs off) select distinct a, b, c from t;
-- Types of every kind come along.
create table kinds (k int primary key, n numeric, f float8, o bool, d date, ar int[], ts timestamptz, i interval, p point[]);
insert into kinds (k, n, f, o, d, ar) values (1, 1.50, 0.25, true, '2020-01-02', '{1,2}'), (2, null, null, null, null, null);
select k, n, f, o, d, ar, i from kinds group by k, n, f, o, d, ar, i order by k;
select k, max(n), n, f, o, d, ar, i from kinds join (values (1), (1), (2)) v(w) on k = w group by i, ar, d, o, f, n, k order by k;
-- Groups that do not fit into memory.
set work_mem = '64kB';
create table many (a int primary key, b text);
insert into many select i, repeat('x', i % 50) || i from generate_series(1, 5000) i;
select count(*), sum(a), sum(length(b)) from (select a, b, count(*) from many group by b, a) s;
set enable_hashagg = off;
select count(*), sum(a), sum(length(b)) from (select a, b, count(*) from many group by b, a) s;
