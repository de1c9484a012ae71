-- Of what is made nobody asks for some: it is not made, and cannot fail, unless it may do something besides.
create table sa(id int, buyer int, price int);
insert into sa select i, i%7, i%13 from generate_series(1,100) i;
create sequence sq;
explain (costs off) select count(*) from (select row_number() over (order by id) as n from sa) q;
explain (costs off) select count(*) from (select sum(price) over (partition by buyer order by id rows between -1 preceding and current row) s, id from sa) q;
select count(*) from (select sum(price) over (partition by buyer order by id rows between -1 preceding and current row) s, id from sa) q;
select count(*) from (select buyer, sum(1/(price-3)) from sa group by buyer) q;
select count(*) from (select buyer, sum(nextval('sq')) from sa group by buyer) q;
select nextval('sq');
select count(*) from (select buyer, sum(nextval('sq')) over (order by id) from sa) q;
select nextval('sq');
select count(*) from (select distinct rank() over (order by buyer) from sa) q;
select count(*) from (select id, rank() over (order by buyer) from sa order by 2 limit 3) q;
select sum(id) from (select id, rank() over (order by buyer) r from sa order by 2, 1 limit 3) q;
drop table sa;
drop sequence sq;
-- keys are computed all the same
create table sb(g int, x int);
insert into sb select i % 5, i from generate_series(1, 50) i;
select count(*) from (select g, sum(x) over (partition by 1 / (x - 3)) s from sb) q;
select g from (select g, sum(x) over (order by 1 / (x - 3)) s from sb) q where g = 1 order by 1 limit 2;
select count(*) from (select g, sum(x) over (order by x desc, g) s, rank() over (order by x + 1) from sb) q;
drop table sb;
