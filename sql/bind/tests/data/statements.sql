select x from t1
select t1.x from t1
select bb from t1
select t3.a from t1
select a from t1, t2
select t1.a from t1 as q
select * from t1, t1
select * from nope
select * from nosch.nope
select a, count(*) from t1 group by b
select c, count(*) from t1 join t2 using (a) group by d
select (select b) , count(*) from t1 group by c
select * from t1 join t2 using (zz)
select * from t1 join t2 using (d)
select * from t1 where count(*) > 1
select * from t1 where sum(a) over () > 1
select sum(sum(a)) from t1
select sum(row_number() over ()) from t1
select * from t1 where generate_series(1,2) = 1
select case when true then generate_series(1,2) end
select distinct a from t1 order by b
select distinct on (b) a from t1 order by a
select a from t1 order by 5
select a from t1 group by 5
select a from t1 order by 'x'
select a as z, b as z from t1 order by z
select * from t1 where a
select * from t1 limit a
select * from t1 limit 'x'
select 1 union select 'x'
select 1,2 union select 3
select a from t1 union select a from t2 order by a+1
select a from t1 union select a from t2 order by q
insert into t1 values (1,2,3,4)
insert into t1(a,b) values (1)
insert into t1(a,q) values (1,2)
insert into t1(a,a) values (1,2)
insert into t1 values (1.5::text)
update t1 set q = 1
update t1 set a=1, a=2
update t1 set a = 'x'
update t1 set a = now()
delete from t1 where q = 1
select * from t1 a, lateral (select z.a) s
select * from t1, (select t1.a) s
select * from t1 right join lateral (select t1.a) s on true
select 1 from t1 having a > 1
select $1
select $1 + $2
select row(1,2) = row(1)
select (1,2) = 3
select 1 in (select 1,2)
select (select 1,2)
select array[1,'x']
select 1 + true
select foo(1)
select abs('a','b')
select 'a' || 1 + 2
select 'abc'::int
select '1'::nosuch
select a.b.c.d.e from t1
select nosuch.t1.a from t1
select t1.* from t2
select *
select * from t1 for update of t5
select count(*) from t1 for update
select 1 union select 2 for update
with x as (select 1), x as (select 2) select * from x
with recursive x as (select 1 union select x.* from x, x y) select * from x
with recursive x as (select 1) select * from x
with recursive x(n) as (select n from x union select 1) select * from x
with recursive x(n) as (select 1 union all select n+1.5 from x) select * from x
with x(a,b) as (select 1) select * from x
select * from (values (1,2),(3)) v
select * from (select 1)
values (1), ('a')
select count(distinct) from t1
select count(distinct a,b) from t1
select abs(distinct 1)
select abs(1) over ()
select rank()
select sum(a) filter (where b) from t1
select percentile_cont(0.5) from t1
select sum(a) within group (order by a) from t1
select sum(a) over w from t1
select sum(a) over (w) from t1 window w as (order by a), w as (order by b)
select lag(a) over (order by a rows between unbounded following and current row) from t1
select sum(a) over (order by a,b range 1 preceding) from t1
select t1.a.b from t1
select (t1).zz from t1
select (1).zz
select b[1] from t1
select grouping(a) from t1
select now(1)
select coalesce(1, 'x', true)
select 1 is true
select not 1
select 1 and true
select 1 between 'a' and 'b'
select * from generate_series(1,2) as g(a,b)
select * from abs(1) with ordinality as x(a,b,c)
select * from json_to_record('{}')
select * from json_to_record('{}') as (a int)
select * from abs(1) as (a int)
select collation for (1)
select 'a' collate "xx"
select 1 collate "C"
select 'a' collate "de_DE.utf8"
merge into t1 using t2 on t1.a=t2.a when matched then update set a = q
insert into t1 values (1) on conflict (b) do nothing
insert into t1 values (1) on conflict (zz) do nothing
insert into t1 values (1) on conflict on constraint zz do nothing
insert into t1 values (1) on conflict (a) do update set a = excluded.zz
insert into t1 values (1) on conflict do update set a=1
select pg_typeof(nullif(1,2.0)), pg_typeof(nullif('a'::varchar,'b'))
select '2020-01-01'::date::int
select cast(1 as bytea)
select cast('x' as int)
select int '4x'
select 'a'::varchar(0)
select 'abc'::varchar(2), 'abc'::numeric(3,1)
select 1::foo.bar
select 1::int[]
select row(1,2)::int
select array[]; 
select array[[1],[2,3]]
select array[1,2,true]
select array[array[1],2]
select (array[1,2])['x']
select (array[1,2])[1.5]
select 'x' in (1,2)
select 1 = any('x')
select 1 = any(1)
select 1 + any(array[1])
select (1,2) > (select 1,2,3)
select (1,2) in (select 1,2,3)
select (1,2) in (1,2)
select (1,2) ~~ (1,2)
select row() = row()
select 1 is distinct from 'x'
select current_timestamp(9)
select 'a' similar to 'b' escape 'cd'
select exists(select 1), array(select 1,2)
select case 1 when 'x' then 1 end
select case when 1 then 1 end
select case when true then 1 else 'x' end
select case when true then 1 else true end
select greatest(1,'x')
select greatest(1,true)
select greatest('{}'::json, '{}')
select nullif(1,true)
select -'x'
select @ 'x'
select 1 @@@ 2
select 1 operator(nosch.+) 2
select interval '1' year
select 99999999999, 9999999999999999999999, 1e3
select b'102'
select x'zz'
select a.* from t1 a, t2 b where a.* = b.*
select row(t1.*) from t1
select t1 from t1
select (t1.*).b from t1
select t1.ctid, tableoid from t1
select 1 limit null; 
select 1 limit 1 offset 'x'::text
select 1 fetch first null rows with ties
select 1 order by 1 fetch first null rows with ties
select 1 fetch first 1 rows with ties
select * from t1
select a, b as x, c from t1 where a > 1 and b like 'x%' order by x desc limit 3 offset 1
select t1.*, d from t1 join t2 using (a)
select * from t1 natural join t2
select * from t1 left join t2 on t1.a = t2.a
select * from t1 full join t2 using (a)
select a, t1.a, t2.a from t1 full join t2 using (a)
select x.a from (t1 join t2 using (a)) as x
select count(*), sum(a), avg(a), max(b), min(c) from t1
select a, count(*) from t1 group by a having count(*) > 1 order by 2
select a, b, count(*) from t1 group by a
select b, sum(c) from t1 group by rollup (b, a)
select a + 1 as z, count(*) from t1 group by z
select a + 1, count(*) from t1 group by a + 1
select upper(b) from t1 group by upper(b)
select grouping(a, b), a, b from t1 group by cube (a, b)
select row_number() over (partition by b order by a), rank() over w from t1 window w as (order by a)
select sum(a) over (order by a rows between 1 preceding and 1 following) from t1
select sum(sum(a)) over (order by b) from t1 group by b
select first_value(a) over (order by a range between 2 preceding and current row) from t1
select distinct a, b from t1 order by b, a
select distinct on (b) b, a from t1 order by b, a desc
select 1, 'a', null, true, 1.5, 1e10, -1, 2147483648, 9223372036854775808
select 'a' || 'b', 'a' || 1, 1 || 'a', b || c::text from t1
select 1 + 2 * 3, 7 / 2, 7 % 2, 2 ^ 3, 1.0 / 3, - a, @ a from t1
select a between 1 and 3, a not between symmetric 3 and 1, a in (1, 2, 3), a not in (1), b in ('x', 'y') from t1
select case a when 1 then 'one' when 2 then 'two' else 'many' end, case when a > 1 then a end from t1
select coalesce(b, 'x'), nullif(a, 1), greatest(a, 2, 3.5), least(b, 'z') from t1
select array[1,2,3], array['a','b'], array[[1,2],[3,4]], array[1, 2.5], '{1,2}'::int[]
select (array[1,2,3])[2], (array[1,2,3])[1:2], e[1], e[1:2] from t2
select row(1, 'a'), row(t1.*), t1 from t1
select (t1).b, (t1).* from t1
select exists (select 1 from t2 where t2.a = t1.a), (select max(t2.a) from t2), a in (select a from t2) from t1
select a = any (array[1,2]), a > all (select a from t2), (a, b) = (1, 'x'), (a, b) in (select a, d from t2) from t1
select array(select a from t1 order by a desc)
select * from (select a, b from t1) s where s.a > 0
select * from (values (1, 'a'), (2, null)) as v (x, y)
values (1, 'a'), (2.5, 'b')
values (1), (2) order by column1 desc limit 1
table t1
select a from t1 union select a from t2 union all select x from t3 order by 1
select 1 as one union all select 2.5
select null union select 1
select 'a' union select 'b'
select a from t1 intersect select a from t2 except select 3
with w as (select a, b from t1) select * from w
with w (x) as (select a from t1), v as (select x + 1 as y from w) select * from w join v on w.x = v.y
with recursive r (n) as (select 1 union all select n + 1 from r where n < 10) select n from r
with recursive r as (select 1 as n, 'a'::text as s union all select n + 1, s || 'b' from r where n < 10) select * from r
select * from generate_series(1, 3)
select * from generate_series(1, 3) as g
select * from generate_series(1, 3) as g (n)
select * from generate_series(1, 3) with ordinality
select * from unnest(array[1,2], array['a','b']) as u (x, y)
select * from unnest(array['a','b']) with ordinality as u (x, n)
select generate_series(1, 3), a from t1
select generate_series(1, 3) + 1 as g
select * from t1, lateral (select t1.a + d.a as s from t2 d) l
select * from t1 cross join lateral generate_series(1, t1.a) as g
select * from json_each('{"a": 1}')
select * from jsonb_to_recordset('[]') as x (a int, b text)
select * from json_array_elements('[1]')
select j -> 'a', j ->> 'b', j @> '{}', j['a'] from t3
select current_date, current_timestamp, localtime, current_user, now()
select extract(year from f), f at time zone 'UTC', f + interval '1 day', date_trunc('day', f) from t2
select interval '1 day', date '2020-01-01', timestamp '2020-01-01 00:00', time '10:00'
select '2020-01-01'::date - '2019-01-01'::date, '2020-01-01'::date + 1
select a::text, a::bigint, c::int, b::varchar(3), cast(a as numeric(5,1)) from t1
select substring(b from 1 for 2), trim(both ' ' from b), position('a' in b), overlay(b placing 'x' from 1) from t1
select b is null, a is not null, (a > 1) is true, a is distinct from 2 from t1
select $1::int + a, $2 from t1
select * from t1 where a = $1 and b = $2
select $1 || b, a + $2 from t1
insert into t1 values ($1, $2, $3)
insert into t1 (a, b) select a, d from t2
insert into t1 values (1, 'x', 2.5), (2, default, null) returning *
insert into t1 default values returning a
insert into t1 (a) values (1) on conflict (a) do update set b = excluded.b || t1.b where t1.a > 0 returning b
insert into t1 (a) values (1) on conflict do nothing
insert into t1 as q (a) values (1) returning q.a + 1 as next
update t1 set b = 'x', c = c + 1 where a = 1 returning *
update t1 set (a, b) = (1, 'x')
update t1 set (a, b) = (select a, d from t2 where t2.a = t1.a)
update t1 set b = d from t2 where t1.a = t2.a returning t1.a, t2.d
update t2 set e[1] = 'x', e[2] = 'y'
update t1 as q set b = default where q.a = 1
delete from t1 where a = 1 returning b
delete from t1 using t2 where t1.a = t2.a returning t1.*, t2.d
with gone as (delete from t1 returning *) select * from gone
with gone as (delete from t1 returning a) insert into t2 (a) select a from gone
merge into t1 using t2 on t1.a = t2.a when matched then update set b = d when not matched then insert (a, b) values (t2.a, t2.d)
merge into t1 using t2 on t1.a = t2.a when matched and d is null then delete when not matched then do nothing
select p, q, p + 1 from dom
select * from v1
select v1.a, bb from v1 where bb = 'x'
select 5::positive, 'x'::positive
insert into dom values (1, 'abcd')
select string_agg(b, ',' order by a), array_agg(a), count(distinct b), bool_and(a > 1) from t1
select percentile_cont(0.5) within group (order by a), mode() within group (order by b) from t1
select sum(a) filter (where a > 1) from t1
select count(*) filter (where b is null), max(a) - min(a) from t1
select a from t1 for update
select a from t1 where a = 1 for update skip locked
select a from t1 for no key update of t1 nowait
select (select b from t1 where t1.a = t2.a), (select count(*) from t1 where t1.a = t2.a) from t2
select a, (select max(t2.a) from t2 where t2.a < t1.a) from t1 group by a
select (select sum(t1.a)) from t1
select t1.a, s.n from t1, (select count(*) as n from t2) s
select 1 where 1 in (select 1)
select not a > 1 from t1
select a isnull, b notnull from t1
select to_char(f, 'YYYY'), lower(b), length(b), coalesce(a, 0)::text from t1, t2
select 'x' collate "C", b collate "C" < 'y' from t1
select t1.b, count(*) over () from t1 limit 5
select 'abc' like 'a%', 'abc' ilike 'A%', 'abc' similar to 'a%', 'abc' ~ 'b', 'abc' like 'a!%' escape '!'
select 1 as "Select", 2 as "two words"
select cast(null as int), null::text, coalesce(null, null)
select * from pg_class where relname = 't1'
select c.relname, n.nspname from pg_catalog.pg_class c join pg_namespace n on n.oid = c.relnamespace
select table_name from information_schema.tables
select 't1'::regclass::oid
select x.y from t1
select t1.nope from t1 as t1
select a.b.c from t1
select max(a) from t1 where max(a) > 1
select a from t1 order by max(a)
select count(*) from t1 order by b
select a from t1 group by a order by b
select b from t1 group by a, b having c > 1
select * from t1 join t1 on true
select * from t1 a join t2 a on true
select b, row_number() over (order by count(*)) from t1 group by b
select lag(a, 1, 0) over (order by a), ntile(4) over (order by a) from t1
select 1 from t1 where a in (select b from t1)
select 1 from t1 where a = (select 1, 2)
select * from nosuch(1)
select nosuch(a) from t1
select a + b from t1
select a || a from t1
select sum(b) from t1
select 'a' < 1
select 'a'::text < 1
select true + 1
select upper(1)
select length(a) from t1
select round(1.5, 'x')
select date '2020-13-01'
select '{1,2'::int[]
select 1 / 'x'
select null + null
select array_append(array[1], 'x')
select unnest('{1}')
select array[1] || array['a']
select concat(1, 'a', null), format('%s', 1), coalesce(1, 2.5)
select make_interval(days => 1)
select make_date(year => 2020, month => 1, 5)
select abs(x => 1)
insert into t1 (a, b) values (1, 2)
insert into t1 (a) values ('x')
insert into t1 (c) values ('1.5')
insert into t1 (a) select d from t2
insert into v1 values (1)
insert into t9 values (1)
update t1 set a = b
update t1 set (a, b) = (1)
update t1 set a = 1 where b = 1
delete from t9
