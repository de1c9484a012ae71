select a, b as x from t1 where a > 1 and b like 'x%' order by x desc limit 3 offset 1
select * from t1 full join t2 using (a)
select x.d, t3.y from t1 right join t2 x on x.a = t1.a, t3
select b, count(*), sum(c) filter (where a > 1) from t1 group by b having count(*) > 1 order by 2 desc
select a, b, c, count(*) from t1 group by a
select b, a, grouping(b, a), sum(c) from t1 group by rollup (b, a)
select a, sum(c) over (partition by b order by a), rank() over (order by c desc) from t1
select generate_series(1, a), generate_series(1, generate_series(1, 2)) from t1
select distinct on (b) b, a from t1 order by b, a desc
select a, (select max(t2.a) from t2 where t2.a < t1.a) from t1 where exists (select 1 from t2 where t2.a = t1.a)
select a from t1 where (a, b) in (select a, d from t2) or a > all (select x from t3)
select (select sum(t1.a)) from t1
select a from t1 union select x from t3 union all select 1.5 order by 1
with w as (select a from t1), m as materialized (select 1 as one) select * from w, m, m as n
with recursive r (n) as (select 1 union all select n + 1 from r where n < 10) select n from r
select (with c as (select t1.a as q) select q from c) from t1
select * from t1, lateral (select t1.a + d.a as s from t2 d) l
select * from unnest(array[1,2], array['a','b']) with ordinality as u (x, y, n)
select case a when 1 then 'one' else b end, coalesce(c, 1), a in (1, 2, 3), a not between symmetric 3 and 1 from t1
select e[1:2], (t1).b, t1, row(a, 1) from t1 join t2 using (a)
select bb from v1 where a = $1
insert into t1 values (1, 'x', 2.5), (2, default, $1) on conflict (a) do update set b = excluded.b || t1.b where t1.a > 0 returning b
insert into dom select a, b from t1
update t1 set b = d, c = default from t2 where t1.a = t2.a returning t1.b, t2.d
update t2 set e[1] = 'x', (a, d) = (select a, b from t1 where t1.a = t2.a)
with gone as (delete from t1 where a = 1 returning *) insert into t2 (a, d) select a, b from gone
merge into t1 using t2 on t1.a = t2.a when matched and d is null then delete when matched then update set b = d when not matched then insert (a, b) values (t2.a, t2.d)
select a from t1 where a = 1 for update skip locked
select relname from pg_class where relkind = 'r'
