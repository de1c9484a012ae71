create table edge(f int, t int, label text);
insert into edge values (1, 2, 'a'), (1, 3, 'b'), (2, 3, 'c'), (1, 4, 'd'), (4, 5, 'e'), (5, 1, 'f'), (null, 7, 'g');

with recursive x(n) as (select 1 union all select n + 1 from x where n < 3) search depth first by n set o select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x where n < 3) search breadth first by n set o select * from x order by o desc;
with recursive x(n) as (select 1 union all select n % 3 + 1 from x) cycle n set c using p select * from x;
with recursive x(n) as (values (1) union select n % 3 + 1 from x) cycle n set c to 'Y' default 'N' using p select * from x;
with recursive g as (
    select * from edge where f = 1 or f is null
    union all
    select e.* from edge e join g on e.f = g.t
) search depth first by f, t set path cycle f, t set done using seen
select f, t, label, path, done, seen from g order by path;
with recursive g as (
    select * from edge where f = 1
    union
    select e.* from edge e, g where e.f = g.t
) search breadth first by f, t set path cycle f, t set done to 1 default 0 using seen
select f, t, label, path, done from g order by path, done;
with recursive x(n, m) as (select 1, 2 union select n % 3 + 1, m from x)
    search breadth first by n, m set s cycle n set c using p
    select s, c, p, pg_typeof(s), pg_typeof(c), pg_typeof(p) from x order by s;
with recursive x(n, m) as (select 1, 2 union select distinct n % 3 + 1, m from x where n < 4) cycle n set c using p select * from x;
with recursive x(n) as (select 1.5 union all select n + 1 from x where n < 3)
    search depth first by n set o cycle n set isc using pa select * from x;
with recursive x(n) as (select null::int union all select 1 from x where n is null) search depth first by n set o select * from x;
with recursive x(n) as (select 1 where false union all select n + 1 from x) search depth first by n set o select * from x;

with x(n) as (select 1) search depth first by n set o select * from x;
with recursive x(n) as (select 1) search depth first by n set o select * from x;
with recursive x(n) as (select 1 union all select 2) cycle n set c using p select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) search depth first by m set o select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) search depth first by n, n set o select * from x;
with recursive x(n) as (select 1 union all select 2 from x) search depth first by n set n select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) cycle m set o using p select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) cycle n, n set o using p select * from x;
with recursive x(n) as (select 1 union all select 2 from x) cycle n set n using p select * from x;
with recursive x(n) as (select 1 union all select 2 from x) cycle n set c using n select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) cycle n set c using c select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) search depth first by n set c cycle n set c using p select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) search depth first by n set c cycle n set d using c select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) cycle n set c to 1 default true using p select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x) cycle n set c to point '(1,1)' default point '(0,0)' using p select * from x;
with recursive x(n) as ((select 1 union select 2) union all select n + 1 from x) search depth first by n set o select * from x;
with recursive x(n) as (select 1 union all (select n + 1 from x union select 1)) search depth first by n set o select * from x;
with recursive x(n) as (select 1 union all select n + 1 from (select * from x) y) search depth first by n set o select * from x;

create view paths as
    with recursive g as (select f, t from edge where f = 1 union all select e.f, e.t from edge e join g on e.f = g.t)
    search depth first by f, t set path cycle f, t set done using seen
    select f, t, done from g order by path;
select pg_get_viewdef('paths');
select * from paths;
