-- A trigger of a partition's own makes another row of one that was routed to it.
create table parts (id int, v text, twice int generated always as (id * 2) stored) partition by range (id);
create table part_low partition of parts for values from (0) to (10);
create table part_high partition of parts for values from (10) to (20);
create table part_rest partition of parts default;
create function moved() returns trigger language plpgsql as $$ begin new.id := new.id + 10; return new; end $$;
create trigger moves before insert on part_low for each row execute function moved();
insert into parts values (4, 'moved');
insert into parts values (12, 'stays'), (5, 'moved');
insert into part_low values (-3, 'comes in');
insert into part_low values (3, 'goes out');
insert into parts select n, 'selected' from generate_series(11, 3, -4) n;
merge into parts using (values (6)) as v(id) on parts.id = v.id when not matched then insert values (v.id, 'merged');
prepare one (int) as insert into parts values ($1, 'prepared');
execute one (7);
insert into parts values (8, 'conflict') on conflict do nothing;
create trigger rest_moves before insert on part_rest for each row execute function moved();
insert into parts values (30, 'still of no other'), (-5, 'would be of another');
select tableoid::regclass, * from parts order by id;
-- Whoever moves a row by updating it meets the trigger, too.
update parts set id = 2 where id = 7;
select tableoid::regclass, * from parts order by id;
drop trigger moves on part_low;
-- Triggers of statements are shown the rows of all partitions, whatever was done in the place of an insertion.
create table kept (k int primary key, v int) partition by range (k);
create table kept_low (v int, k int not null);
alter table kept attach partition kept_low for values from (0) to (10);
create table kept_high partition of kept for values from (10) to (20);
create function tells() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then
    raise notice '% inserted %', tg_name, (select string_agg(n::text, ' ' order by n.k) from newer n);
  else
    raise notice '% updated % to %', tg_name, (select string_agg(o::text, ' ' order by o.k) from older o),
      (select string_agg(n::text, ' ' order by n.k) from newer n);
  end if;
  return null; end $$;
create trigger told_inserted after insert on kept referencing new table as newer for each statement execute function tells();
create trigger told_updated after update on kept referencing old table as older new table as newer
  for each statement execute function tells();
insert into kept values (2, 1), (12, 1) on conflict do nothing;
insert into kept values (2, 5), (3, 5), (12, 5) on conflict do nothing;
insert into kept values (2, 6), (4, 6), (12, 6) on conflict (k) do update set v = kept.v + excluded.v;
insert into kept values (3, 7) on conflict (k) do update set v = 0 where kept.v > 100;
insert into kept_low (k, v) values (5, 1), (3, 1) on conflict (k) do update set v = excluded.v returning k, v;
select tableoid::regclass, * from kept order by k;
insert into kept values (25, 1);
drop table parts, kept;
drop function moved, tells;
