-- What is grouped, ordered or told apart by may have subqueries, and be written again elsewhere.
create table t (a int, b int);
insert into t values (1, 1), (2, 1), (3, 2), (null, 3);
select exists (select 1 from t z where z.a = t.a), count(*) from t group by exists (select 1 from t z where z.a = t.a) order by 1;
select t.a in (select z.a from t z where z.a is not null), count(*) from t group by t.a in (select z.a from t z where z.a is not null) order by 1;
select (select max(z.a) from t z where z.b = t.b) + 1, count(*) from t group by (select max(z.a) from t z where z.b = t.b) + 1 order by 1;
select array(select z.a from t z where z.b = t.b order by 1), count(*) from t group by array(select z.a from t z where z.b = t.b order by 1) order by 1;
select distinct exists (select 1 from t z where z.a = t.a) from t order by exists (select 1 from t z where z.a = t.a) desc;
select count(*) from t group by exists (select 1 from t z where z.a = t.a) order by exists (select 1 from t z where z.a = t.a);
select (select count(*) from t z join t y on z.a = y.b where z.b = t.b), count(*) from t group by 1 having (select count(*) from t z join t y on z.a = y.b where z.b = t.b) > 0 order by 1;
select (select s from (select sum(a) as s from t z where z.b = t.b) q), sum(b) from t group by (select s from (select sum(a) as s from t z where z.b = t.b) q) order by 1;
select b, rank() over (partition by exists (select from t z where z.a = t.b) order by b), count(*) over (partition by exists (select from t z where z.a = t.b)) from t order by b, 2;
-- not the same
select (select max(z.a) from t z where z.b = t.b), count(*) from t group by (select min(z.a) from t z where z.b = t.b);
select exists (select 1 from t z where z.a = t.a), count(*) from t group by exists (select 1 from t z where z.b = t.a);
select distinct exists (select 1 from t z where z.a = t.a) from t order by exists (select 1 from t z where z.b = t.a);
-- patterns of bytes know no characters
create table bytes (x bytea);
insert into bytes values ('\xc3a9'), ('\x8080'), ('\x'), (null);
select x, x like '_'::bytea, x like '__'::bytea, x like '\x255f80'::bytea, x like '\x5f80'::bytea, x not like '\x5f5f'::bytea from bytes;
select x like x, x like '%'::bytea, x like '%_\200%'::bytea from bytes;
select like_escape('\xc3a9'::bytea, '\x5c'::bytea), like_escape('\x61255f62'::bytea, '\x62'::bytea), x like '\xc3c35f'::bytea escape '\xc3'::bytea from bytes;
select like_escape('\xc3a9'::bytea, '\xc3a9'::bytea);
select 'é' like '_', 'é' like '__', like_escape('aéb%', 'é'), 'a%' like 'aé%' escape 'é';
