create table t(a int, b text, e float8, c text, g bool);
insert into t select i, 'x'||i, i, 'c'||i%3, i%2=0 from generate_series(1,20) i;
create view placed as
select rank(1,'a') within group (order by a,c) r, dense_rank(5) within group (order by a desc nulls last) filter (where g) d,
percent_rank('x') within group (order by b) p, cume_dist(2.5) within group (order by e) from t;
select pg_get_viewdef('placed'::regclass);
select * from placed;
create function rec() returns setof record language sql as 'select 1, ''a''::text';
create view told as select * from rows from (rec() as (x int, y text collate "C"), generate_series(1,2)) with ordinality as t(a,b,c,n);
select pg_get_viewdef('told');
select * from told;
create view told_alone as select * from rec() as f(x int, y text collate "POSIX");
select pg_get_viewdef('told_alone');
create view told_counted as select * from rows from (rec() as (x int, y text)) with ordinality;
select pg_get_viewdef('told_counted');
select * from told_counted;
create view told_last as select * from rows from (generate_series(1,2), rec() as (x int, y text)) as q;
select * from told_last;
explain (costs off) select * from t tablesample bernoulli (10+1) repeatable (3);
prepare one(int) as select $1;
execute one(true);
execute one('2020-01-01'::date);
prepare texts(text[]) as select $1;
execute texts(5);
