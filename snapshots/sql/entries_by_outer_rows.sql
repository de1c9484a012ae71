-- Indexes that are not ordered are asked with values of rows around: of joins, of what is lateral, of correlated queries.
create table spans (id int, r int4range);
insert into spans select g, int4range(g * 10, g * 10 + 15) from generate_series(1, 4000) g;
create index on spans using gist (r);
create table places (id int, p point, t tsvector, a int[]);
insert into places
  select g, point(g % 100, g / 100), to_tsvector('simple', 'w' || (g % 500) || ' x' || g), array[g % 300, g]
  from generate_series(1, 5000) g;
create index on places using gist (p);
create index on places using gin (t);
create index on places using gin (a);
create table asked (id int, p point, w text, a int[], r int4range);
insert into asked
  select g, point(g * 3 % 97, g * 7 % 53), 'w' || g, array[g], int4range(g * 31, g * 31 + g % 40)
  from generate_series(1, 100) g;
insert into asked values (101, null, null, null, null), (102, point(1, 1), 'none', '{}', 'empty');
analyze spans, places, asked;

explain (costs off) select * from asked b left join spans x on x.r @> b.id;
explain (costs off) select * from asked b join places x on x.t @@ plainto_tsquery('simple', b.w);
explain (costs off) select * from asked b join places x on b.a <@ x.a;
explain (costs off) select * from asked b left join places x on x.a @> b.a and x.id > b.id;
explain (costs off) select * from asked b where exists (select from places x where x.a @> b.a);
explain (costs off) select id, (select x.id from places x where x.a @> b.a limit 1) from asked b;
set enable_memoize = off;
explain (costs off) select b.id, x.id from asked b, lateral (select id from places x where x.a && b.a offset 0) x;
reset enable_memoize;

select count(*), sum(x.id) from spans b join spans x on x.r && b.r;
select count(*), sum(x.id) from spans b join spans x on x.r && b.r and x.id <> b.id;
select b.id, x.id from asked b join places x on x.p <@ box(b.p, b.p) where b.id < 10 or b.id > 99 order by 1, 2;
select count(*), sum(x.id) from asked b join places x on x.t @@ plainto_tsquery('simple', b.w);
select b.id, count(x.id) from asked b left join places x on x.a @> b.a and x.id > b.id where b.id > 98 group by 1 order by 1;
select id from asked b where not exists (select from spans x where x.r && b.r) order by 1;
select id, (select count(*) from spans x where x.r @> b.id) from asked b where id < 20 order by 1;
select b.id, x.id from asked b, lateral (select id from places x where x.a && b.a order by id limit 2) x where b.id in (3, 50, 101, 102) order by 1, 2;
update places x set id = -x.id from asked b where x.a @> b.a and b.id = 7;
select id from places where id < 0 order by 1;
delete from spans x using asked b where x.r <@ b.r;
select count(*) from spans;

-- By an index as without one.
create table found (way text, question text, left_id int, right_id int);
create function gather(of text) returns void language plpgsql as $$
begin
  insert into found select of, '&&', b.id, x.id from asked b join spans x on x.r && b.r;
  insert into found select of, '<@', b.id, x.id from asked b join spans x on x.r <@ b.r;
  insert into found select of, '@>', b.id, x.id from asked b join spans x on x.r @> b.id;
  insert into found select of, '<<', b.id, x.id from asked b join spans x on x.r << b.r;
  insert into found select of, '-|-', b.id, x.id from asked b join spans x on x.r -|- b.r;
  insert into found select of, 'in box', b.id, x.id from asked b join places x on x.p <@ box(b.p, point(b.id, b.id));
  insert into found select of, 'words', b.id, x.id from asked b join places x on x.t @@ plainto_tsquery('simple', b.w);
  insert into found select of, 'overlap', b.id, x.id from asked b join places x on x.a && array[b.id, b.id * 2];
  insert into found select of, 'contained', b.id, x.id from asked b join places x on x.a <@ array[b.id, b.id + 300];
  insert into found select of, 'outer', b.id, x.id from asked b left join places x on x.a @> b.a;
  insert into found select of, 'or', b.id, x.id from asked b join places x on x.a @> b.a or x.t @@ plainto_tsquery('simple', b.w);
  insert into found select of, 'exists', b.id, 0 from asked b where exists (select from spans x where x.r && b.r);
end $$;
select gather('index');
set enable_indexscan = off;
set enable_indexonlyscan = off;
set enable_bitmapscan = off;
select gather('table');
select question, count(*) filter (where way = 'index') as by_index, count(*) filter (where way = 'table') as by_table,
    sum(right_id) filter (where way = 'index') = sum(right_id) filter (where way = 'table') as same_sum
  from found group by question order by question collate "C";
select count(*) from
  ((select question, left_id, right_id from found where way = 'index' except all select question, left_id, right_id from found where way = 'table')
   union all
   (select question, left_id, right_id from found where way = 'table' except all select question, left_id, right_id from found where way = 'index')) d;
