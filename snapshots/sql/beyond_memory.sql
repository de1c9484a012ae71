-- Rows that do not fit into work_mem: first rows of a sort, rows of a change, of a cursor and of a portal.
create table m(i int primary key, t text);
insert into m select i, repeat(chr(97 + i % 26), 40) from generate_series(1, 20000) i;
set work_mem = '64kB';
-- The first rows of a sort, more than fit.
select sum(i), min(i), max(i), count(*) from (select i from m order by t desc, i limit 9000 offset 3000) s;
select * from (select i, left(t, 1) c from m order by t, i limit 3 offset 11997) s;
select * from (select i, left(t, 1) c from m order by t desc, i desc limit 2 offset 14998) s;
select count(*) from (select i from m order by t, i limit null offset 19000) s;
select count(*) from (select i from m order by t, i limit 100000 offset 19999) s;
select count(*) from (select i from m order by t, i limit 5000 offset 20000) s;
select count(*) from (select i from m order by t, i limit 0 offset 5000) s;
-- The same for each row of another table.
select g, (select sum(i) from (select i from m where i % 3 = g order by t, i limit 4000 offset 1000) s)
from generate_series(0, 2) g;
-- What is let go makes room: forty sorts, each of which is written.
set temp_file_limit = '4MB';
select count(*), sum(r) from generate_series(1, 40) g,
  lateral (select max(n) r from (select row_number() over (order by t, i) n from m where i % 4 = g % 4 offset 0) s) l;
reset temp_file_limit;
-- Rows of a change.
with changed as (update m set t = t || '!' where i <= 15000 returning i, t)
select count(*), sum(i), sum(length(t)) from changed;
begin;
create table moved(i int, t text);
with gone as (delete from m where i > 10000 returning *) insert into moved select * from gone;
select count(*), sum(i) from moved;
rollback;
-- Rows of cursors, forwards and backwards.
begin;
declare s scroll cursor for select i, left(t, 2) from m order by i;
move 14000 in s;
fetch 2 from s;
fetch backward 3 from s;
move forward all in s;
fetch prior from s;
fetch absolute 5000 from s;
fetch backward 2 from s;
fetch relative 9000 from s;
fetch first from s;
fetch last from s;
move absolute 0 in s;
fetch next from s;
declare n no scroll cursor for select i from m order by i;
move 12345 in n;
fetch 2 from n;
fetch prior from n;
rollback;
begin;
declare h cursor with hold for select i, left(t, 2) from m order by t, i;
commit;
move 17000 in h;
fetch 2 from h;
close h;
do $$
declare c scroll cursor for select i from m order by i; r record; n int := 0; s bigint := 0;
begin
  open c;
  for k in 1..3000 loop fetch c into r; s := s + r.i; end loop;
  for k in 1..3000 loop fetch prior from c into r; exit when not found; s := s - r.i; n := n + 1; end loop;
  raise notice '% %', n, s;
  close c;
end $$;
drop table m;
-- Wide rows of which few are wanted need no file.
create temp table wide as select g, (select string_agg(md5((g * k)::text), '') from generate_series(1, 60) k) t from generate_series(1, 3000) g;
analyze wide;
set work_mem = '1MB';
select g, left(t, 8) from wide order by t limit 5;
select g, left(t, 8) from wide order by t desc limit 2 offset 1200;
set work_mem = '64kB';
select g, left(t, 8) from wide order by t limit 2 offset 1200;
select g, left(t, 8) from wide order by t desc limit 2 offset 2900;
-- A query may not close the cursor that it is of, nor ask for more of it.
create function closes() returns text language plpgsql as $$ begin execute 'close c'; raise exception 'x'; end $$;
create function moves() returns text language plpgsql as $$ begin execute 'move c'; return 'x'; end $$;
begin;
declare c cursor for select closes();
fetch c;
select 'still good';
rollback;
begin;
declare c cursor for select moves();
fetch c;
select 'still good';
rollback;
drop function closes, moves;
