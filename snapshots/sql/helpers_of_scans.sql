-- Several tasks read a table in stretches; what they find is put together as one would have found it.
set min_parallel_table_scan_size = 0;
set parallel_setup_cost = 0;
set max_parallel_workers_per_gather = 4;
create table sale (id int primary key, buyer int, item text, price numeric(8,2), paid bool, at date);
insert into sale select i, i % 7, 'item ' || i % 11, (i * 37 % 1000) / 10.0, nullif(i % 3, 0) = 1, date '2024-01-01' + i % 50
  from generate_series(1, 3000) i;
create table buyer (id int primary key, name text);
insert into buyer select i, 'buyer ' || i from generate_series(0, 5) i;
analyze sale, buyer;
-- one group, and of no rows
select count(*), count(paid), sum(price), avg(price), min(item), max(at), bool_and(paid), every(paid is null) from sale where id > 10;
select count(*), sum(price), max(item), array_agg(id) from sale where id < 0;
select buyer, count(*) from sale where id < 0 group by buyer;
select count(*) from sale where item like '%1%' and price > 50;
-- groups
select buyer, count(*), sum(price), min(at) from sale group by buyer order by min(id);
select item, paid, count(*) from sale group by item, paid order by item, paid limit 7;
select buyer, item, count(*), grouping(buyer, item) from sale where id < 30 and buyer < 3 group by rollup (buyer, item) order by 1, 2;
-- what is shown rows in an order, or once
select buyer, count(distinct item), string_agg(distinct item, ',' order by item), array_agg(id order by price desc, id) filter (where id < 60)
  from sale where id < 200 group by buyer order by buyer;
select string_agg(item, ' ') from sale where id in (1, 1500, 2999);
select array_agg(id) from sale where id % 500 = 0;
select json_agg(id), jsonb_object_agg(id, item) from sale where id % 1000 = 1;
select percentile_cont(0.5) within group (order by price), percentile_disc(array[0.25, 0.75]) within group (order by id), mode() within group (order by buyer) from sale;
select var_pop(buyer), stddev(price), corr(buyer, id) > -1, regr_count(buyer, id), bit_or(buyer), bit_and(id | 1024) from sale;
-- joins
select b.name, count(*), sum(s.price) from sale s join buyer b on b.id = s.buyer group by b.name order by 1;
select count(*), count(b.id) from sale s left join buyer b on b.id = s.buyer and b.id > 3 where s.id between 100 and 900;
select count(*) from sale s where not exists (select from buyer b where b.id = s.buyer);
select count(*) from sale a join sale b on a.buyer = b.buyer and a.id < b.id where a.price > 99;
-- repetition, the first of an order, an order
select distinct buyer from sale order by buyer;
select distinct on (buyer) buyer, id from sale order by buyer, id desc;
select id, price from sale order by price desc, id limit 3;
select item, id from sale order by item, id offset 2997;
select sum(place) from (select rank() over (partition by buyer order by price desc) as place from sale) q where place <= 3;
-- windows, a part of the partitions each
select count(*), sum(place), sum(total), max(before) from (select rank() over w as place, sum(price) over w as total, lag(item, 2, 'none') over w as before from sale window w as (partition by buyer order by id)) q;
select sum(a), max(b), count(c) from (select count(*) filter (where price > 40) over w as a, max(id) over (partition by buyer order by price, id range between 2 preceding and 1 following exclude current row) as b, nth_value(id, 2) over w as c from sale window w as (partition by buyer, item order by id)) q;
select buyer, id, row_number() over (partition by buyer order by id desc) from sale where id > 2985 order by buyer, id;
select count(*) from (select row_number() over (order by id) as n from sale) q;
select max(sum) from (select sum(100 / (id - 2500)) over (partition by buyer order by id) from sale) q;
select count(*) from (select sum(id) over (partition by buyer order by id rows between -1 preceding and current row) from sale) q;
-- parameters, and what is run again
prepare p(int, text) as select count(*), max(item) from sale where buyer = $1 and item <> $2;
execute p(3, 'item 3');
execute p(4, 'item 9');
deallocate p;
prepare w(int) as select sum(s), count(s) from (select sum(price) over (partition by buyer order by id rows between $1 preceding and current row) as s from sale) q;
execute w(2);
execute w(0);
execute w(-1);
deallocate w;
select b.id, (select count(*) from sale s where s.buyer = b.id and s.price > 40) from buyer b order by 1;
with w as (select buyer, sum(price) as total from sale group by buyer) select count(*), max(a.total - b.total) from w a join w b on a.buyer = b.buyer + 1;
-- errors
select sum(1 / (id - 2000)) from sale;
select sum(1 / (id - 2000)), max(1 / (id - 10)) from sale;
select distinct 1 / (id - 1) from sale;
select id from sale order by 100 / (2999 - id) limit 2;
-- what the transaction has changed itself
begin;
update sale set price = price + 1 where id % 100 = 0;
delete from sale where id > 2990;
insert into sale values (5000, 9, 'new', 1, null, '2024-03-01');
select count(*), sum(price), max(buyer) from sale;
select buyer, count(*) from sale where id > 2980 group by buyer order by buyer;
rollback;
create temp table own as select id, buyer from sale where id <= 1000;
analyze own;
select count(*), sum(buyer) from own where id > 5;
-- with little memory, and nobody to help
set work_mem = 64;
select count(*), max(n) from (select id, item, count(*) as n from sale group by id, item) q;
select count(distinct item || id) from sale;
select count(*) from (select distinct id, item from sale) q;
set max_parallel_workers = 0;
select buyer, count(*) from sale group by buyer order by buyer limit 2;
