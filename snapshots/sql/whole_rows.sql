create table left_side(a int);
create table right_side(a int, b text);
insert into left_side values (1), (2), (3);
insert into right_side values (1, 'x'), (1, null), (3, 'z');
create view right_view as select a, b from right_side where a < 3;

select l.a, count(r.*) from left_side l left join (select * from right_side) r on l.a = r.a group by l.a order by 1;
select l.a, r, r is null, r.b from left_side l left join (select * from right_side offset 0) r on l.a = r.a order by 1, 4;
select l.a, v, count(v) over () from left_side l left join right_view v on l.a = v.a order by 1, 2;
select l.a, r, to_jsonb(r) from left_side l left join (values (1, 2), (9, null)) r(x, y) on l.a = r.x order by 1;
select p, q from (select 1 as x) p full join (select 2 as y) q on x = y order by p;
with c as (select 1 as x union all select null) select c, d from c left join c d on c.x = d.x order by c.x;
select r from left_side l left join generate_series(1, 2) with ordinality r on r.ordinality = l.a order by l.a;
select l.a from left_side l left join (select * from right_side) r on l.a = r.a where r.* is null order by 1;
select coalesce(r::text, 'none') from left_side l left join lateral (select l.a + 1 as n where l.a < 3) r on true order by 1;
select l.a, (select r from (select 5 as five) r right join (select l.a as a) z on z.a = five) from left_side l order by 1;
select count(r), count(*) from right_side s right join left_side l on false left join (select 1 as one) r on s.a = r.one;

select x from (values (row(1, 2)), (row(1, 3))) v(x) union select x from (values (row(1, 2)), (row(1, 4))) v(x) order by 1;
select x from (values (row(1, 2)), (row(1, 3))) v(x) intersect select x from (values (row(1, 2)), (row(1, 4))) v(x);
select x from (values (row(1, 2)), (row(1, 3))) v(x) except select x from (values (row(1, 2)), (row(1, 4))) v(x);
select count(*) from (values (row(1, 2.0)), (row(1, 2.00))) v(x) group by x;
select distinct x from (values (row(1, null::text)), (row(1, null::text)), (row(2, 'a'))) v(x) order by x desc;
select q.a, q.b = row(2), q.c = array[row(3)], q.d = row(row(4)) from
    unnest(array[row(1, row(2), array[row(3)], row(row(4))), row(2, row(3), array[row(4)], row(row(5)))])
    as q(a int, b record, c record[], d record);
create index on right_side ((row(a, b)));
create table parted(a int) partition by range ((row(a, a)));

select pg_typeof('a'), pg_typeof(null), pg_typeof('a'::text), pg_typeof('a' || 'b'), pg_typeof(array['a']);
select * from (select 1 as a) x join (select 1 as a) y using (a) as x;

create table keyed(id int primary key, title text, body text);
create view grouped as select id, title, body from keyed group by id;
alter table keyed drop constraint keyed_pkey;
create view nested as select * from right_side where b in (select title from keyed group by id);
alter table keyed drop constraint keyed_pkey restrict;
drop view grouped;
alter table keyed drop constraint keyed_pkey;
alter table keyed drop constraint keyed_pkey cascade;
select title from keyed group by id;
