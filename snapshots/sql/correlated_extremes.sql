create table x(a int, b int); create table y(a int, b int); create index on y(a);
insert into x select i % 7, i % 5 from generate_series(1,30) i; insert into y select i % 11, i % 5 from generate_series(1,40) i;
select a, b, count(*) from x where a in (select max(a) from y where y.b = x.b) group by 1, 2 order by 1, 2;
select a, b, count(*) from x where a not in (select min(a) from y where y.b = x.b and y.a > x.a) group by 1, 2 order by 1, 2;
select a, b, count(*) from x where a < all (select max(a) from y where y.b = x.b) group by 1, 2 order by 1, 2;
select a, b, count(*) from x where a = any (select min(a) from y where y.b = x.b + 1) group by 1, 2 order by 1, 2;
select a, b, (select max(a) from y where y.b = x.b), a in (select min(a) from y where y.a > x.a) from x order by 1, 2 limit 5;
select x.a, s.m from x, lateral (select max(a) m from y where y.b = x.b and y.a <= x.a) s order by 1, 2 limit 8;
drop table x, y;
