-- Where a window is ordered by an index a limit reads no more than the first rows of it, if its functions look at nothing behind.
create table scores (id int primary key, team int, score int, half numeric);
insert into scores select g, g / 7, g * 37 % 101, g % 3 from generate_series(1, 20000) g;
create index on scores (team, id);
analyze scores;

explain (costs off) select id, sum(score) over (order by id) from scores order by id limit 5;
explain (costs off) select id, row_number() over (order by id) from scores limit 5;
explain (costs off) select team, rank() over (partition by team order by id) from scores order by team, id limit 5;

select id, sum(score) over (order by id) from scores order by id limit 5;
select id, sum(score) over (order by id) from scores order by id offset 10000 limit 3;
select id, sum(score) over (order by id), count(*) over (order by id) from scores order by id limit 2;
select id, row_number() over (order by id), lag(score) over (order by id), first_value(score) over (order by id) from scores limit 3;
select id, lead(score) over (order by id), lag(score, -2) over (order by id) from scores order by id limit 3;
select id, sum(score) over (order by id rows between 2 preceding and current row) from scores order by id limit 4;
select id, sum(score) over (order by id rows between current row and 2 following) from scores order by id limit 4;
select id, sum(score) over (order by id rows between 3 preceding and 1 preceding) from scores order by id limit 5;
select team, id, count(*) over (partition by team), rank() over (partition by team order by id) from scores order by team, id limit 9;
select team, sum(score) over (order by team) from scores order by team limit 9;
select team, id, sum(score) over (partition by team order by id) from scores order by team, id offset 9996 limit 9;
select id, ntile(4) over (order by id), percent_rank() over (order by id) from scores order by id limit 2;
select id, sum(score) over (order by id desc) from scores order by id desc limit 3;

-- What fails behind the rows that are asked for is not asked.
select id, sum(1 / (id - 15000)) over (order by id) from scores order by id limit 2;
-- All rows are what they are without a limit.
select count(*), sum(s), sum(r), sum(t), min(p), max(p) from
  (select sum(score) over (order by id) s, rank() over (order by team) r, sum(score) over (partition by team order by id) t,
      lag(id) over (partition by half order by id) p from scores) x;
with limited as materialized
  (select id, sum(score) over (order by team) s, count(*) over (order by team groups 1 preceding) c from scores order by team, id limit 5000),
  whole as materialized (select id, sum(score) over (order by team) s, count(*) over (order by team groups 1 preceding) c from scores)
select count(*), count(*) filter (where l.s = w.s and l.c = w.c) from limited l join whole w using (id);
select sum(score) over (order by half) from scores where id <= 3 limit 2;
select sum(score) over () from scores where id < 0 limit 2;
select f.v, x.* from (values (1), (19990)) f (v), lateral (select id, sum(score) over (order by id) from scores where id >= f.v order by id limit 2) x;
