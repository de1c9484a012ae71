create table named(a int, b text);
insert into named values (3, 'c'), (1, 'a'), (2, 'b'), (2, 'z');
create sequence numbers;

select nextval('numbers'), a from named order by a, b;
select nextval('numbers'), a from named order by a, b limit 1;
select currval('numbers');
select nextval('numbers') from named limit 2;
select nextval('numbers') from named limit 0;
select nextval('numbers') from named offset 3;
select currval('numbers');
select a, nextval('numbers') as n from named order by n desc limit 2;
select x, nextval('numbers') from (select a as x from named order by a limit 3) s order by x desc limit 2;
select nextval('numbers') from generate_series(1, 5000) limit 3;
select currval('numbers');
select nextval('numbers'), b from named where a = 2 order by b for update;

select distinct on (a) a, b, generate_series(1, 2) as g from named order by a, b desc;
select generate_series(1, a) as g, b from named order by b;
select generate_series(1, a) as g, b from named order by b limit 3;
select generate_series(1, a) as g, b from named order by g, b limit 3;
select generate_series(1, a), a * 2 from named order by b fetch first 4 rows only;
select a, count(*), generate_series(1, 2) from named group by a order by a;
select row_number() over (order by b), generate_series(1, 2), upper(b) from named order by b;
select generate_series(1, 2) as x, generate_series(1, 3) as y, b from named order by b desc limit 4;
select a, (select max(n.a) from named n where n.a < named.a), generate_series(1, 2) from named order by a, b;

select g as x, g as y from generate_series(1, 3) g group by x, rollup(y) order by 1, 2;
select g as x, g as y, count(*) from generate_series(1, 2) g group by grouping sets ((x), (y)) order by 1, 2;
select a as x, a as y from named group by a order by 1;
select a + 1 as p, a + 1 as q from named group by p, q order by 1;

create table several(a int, b text);
insert into several values (generate_series(1, 3), 'x') returning *;
insert into several values (generate_series(4, 5), default), (6, 'y');
insert into several values (count(*), 'x');
insert into several values (row_number() over (), 'x');
insert into several (b) values (unnest(array['p', 'q'])) returning a, b;

select rank(2) within group (order by a), dense_rank(2) within group (order by a),
    percent_rank(2) within group (order by a), cume_dist(2) within group (order by a) from named;
select rank(2, 'z') within group (order by a, b desc), dense_rank(null) within group (order by a),
    rank(null) within group (order by a nulls first), cume_dist(3) within group (order by a desc) from named;
select b, rank(2) within group (order by a) filter (where a > 1) from named group by b order by b;
select percent_rank(3) within group (order by a), cume_dist(1) within group (order by a), rank(1) within group (order by a)
    from named where false;
select dense_rank(2.5) within group (order by a), rank('b') within group (order by b) from named;
select x, rank(x) within group (order by a) from named, generate_series(0, 3) x group by x order by x;
select rank(1, 2) within group (order by a) from named;
select rank('x') within group (order by a) from named;
select rank(1) from named;
select rank(3) within group (order by a) over () from named;
