create function evens (n int) returns text language sql as $$ select array_agg(i * 2)::text from generate_series(1, n) i $$;
create function odds (n int) returns text language sql as $$ select array_agg(i * 2 - 1)::text from generate_series(1, n) i $$;
create table par (r int);
do $$ begin
  execute format('create table few (check (r = any (%L::int[]))) inherits (par)', odds(100));
  execute format('create table many (check (r = any (%L::int[]))) inherits (par)', odds(101));
end $$;
create function members (query text) returns setof text language plpgsql as $$
declare line text;
begin
  for line in execute 'explain (costs off) ' || query loop
    if line ~ 'Scan' then return next line; end if;
  end loop;
end $$;
select members('select * from par where r = 2');
select members(format('select * from par where r = any (%L::int[])', evens(100)));
select members(format('select * from par where r = any (%L::int[])', evens(101)));
select members(format('select * from par where r in (%s)', translate(evens(100), '{}', '')));
select members(format('select * from par where r in (%s)', translate(evens(101), '{}', '')));
create table listed (r int);
do $$ begin
  execute format('create table listed_few (check (r in (%s))) inherits (listed)', translate(odds(100), '{}', ''));
  execute format('create table listed_many (check (r in (%s))) inherits (listed)', translate(odds(101), '{}', ''));
end $$;
select members('select * from listed where r = 2');
select members(format('select * from listed where r = any (%L::int[])', evens(100)));
create table partly (r int);
create index partly_r on partly (r) where r < 1000;
insert into partly select generate_series(1, 10);
set enable_seqscan = off;
set enable_bitmapscan = off;
select members(format('select * from partly where r in (%s)', translate(evens(100), '{}', '')));
select members(format('select * from partly where r in (%s)', translate(evens(101), '{}', '')));
select count(*) from par;
