-- The first rows of a product do not wait until all rows of a side were read; what it has is the same.
create table many (id int);
insert into many select generate_series(1, 100000);
create table few (id int, v int);
insert into few values (1, 10), (2, 20), (3, null);
create table one (id int);
insert into one values (2);
create table none (id int);
analyze many, few, one, none;

set statement_timeout = '60s';
select 1 as found from many a, many b, many c limit 1;
select exists (select 1 from many a, many b, many c);
select count(*) from (select 1 from many a, many b, many c limit 250000) s;
select a.id, b.id from many a, many b where a.id + b.id > 100001 limit 3;
select a.id, b.id from few a left join many b on a.id < b.id limit 3;
reset statement_timeout;

-- What fails behind the rows that are asked for is not asked.
select 1 / (a.id - b.id) as x from few a, few b where a.id = 2 limit 1;
select a.id, 1 / (3 - b.id) as x from few a, few b limit 2;
select a.id, 1 / (3 - b.id) as x from few a, few b;

select f.id, o.id from few f left join one o on f.id < o.id order by 1;
select f.id, o.id from one f left join few o on f.id < o.id order by 1;
select f.id, o.id from one f left join few o on f.id > o.id + 5;
select f.id, o.id from one f left join none o on f.id > o.id;
select f.id, o.id from none f left join few o on f.id > o.id;
select f.id, o.id from none f, few o;
select f.id, o.id from few f, none o;
select id from few f where exists (select from one o where o.id < f.id);
select id from one f where exists (select from few o where o.id < f.id);
select id from one f where not exists (select from few o where o.id < f.id);
select id from one f where not exists (select from few o where o.id < f.id - 5);
select id from few f where not exists (select from one o where o.id < f.id) order by 1;
select id from few f where not exists (select from none o where o.id < f.id) order by 1;
select id from few f where exists (select from one) order by 1;
select id from few f where exists (select from none) order by 1;
select id from few f where not exists (select from none) order by 1;
select id from few f where v <> all (select v from few) order by 1;
select f.id, (select count(*) from few a, one b where a.id >= f.id and b.id <> a.id) from few f order by 1;
select f.id, x.* from few f, lateral (select a.id as a, b.id as b from few a left join one b on a.id < b.id where a.id >= f.id limit 2) x order by 1, 2;

-- Of more rows than come at once.
select count(*), sum(a.id), sum(b.id) from few a, many b where a.id * 1000 < b.id;
select count(*), count(b.id) from few a left join many b on a.id * 40000 < b.id and a.v > 5;
select count(*), sum(b.id) from many b where exists (select from few a where a.id * 40000 < b.id);
select count(*), sum(b.id) from many b where not exists (select from few a where a.id * 40000 < b.id);
select count(*) from few a where not exists (select from many b where a.id * 40000 < b.id);
