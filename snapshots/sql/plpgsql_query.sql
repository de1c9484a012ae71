create table city(id int primary key, name text, people int);
insert into city values (1, 'Bonn', 330), (2, 'Ulm', 126), (3, 'Trier', 110), (4, 'Jena', 111);
create function big(lo int) returns setof city language plpgsql as $$
declare
  c city;
begin
  for c in select * from city where people >= lo order by id loop
    return next c;
  end loop;
  return;
end $$;
select * from big(111);
select big(120);
select name from big(0) where id > 2;
create function names() returns setof text language plpgsql as $$
declare r record;
begin
  for r in select name from city order by name loop
    return next r.name;
  end loop;
end $$;
select * from names();
select names();
create function tab(n int) returns table(a int, b text) language plpgsql as $$
begin
  for a in 1..n loop
    b := 'not the column';
    return next;
  end loop;
  a := 100; b := 'last';
  return next;
end $$;
select * from tab(2);
select a, b || '!' from tab(1);
create function query() returns setof city language plpgsql as $$
begin
  return query select * from city where id = 1;
  raise notice '%', found;
  return query select * from city where id = -1;
  raise notice '%', found;
  return query execute 'select * from city where id > $1 order by id' using 2;
  return query values (9, 'x', 1);
end $$;
select * from query();
create function query2() returns setof int language plpgsql as $$ begin return query select id, name from city; end $$;
select query2();
create function query3() returns setof int language plpgsql as $$ begin return query select name from city; end $$;
select query3();
create function query4() returns table(x int, y text) language plpgsql as $$
begin
  return query select id, name from city where people > 120;
  x := 7; y := 'seven';
  return next;
end $$;
select * from query4();
create function query5() returns setof record language plpgsql as $$ begin return query select id, name from city where id < 3; end $$;
select * from query5() as t(i int, n text);
select * from query5() as t(i int, n text, z int);
select * from query5() as t(i text, n text);
create function query6() returns record language plpgsql as $$ begin return row(1, 'a'::text); end $$;
select query6();
select * from query6() as t(a int, b text);
select * from query6() as t(a int, b int);
create function into1(n int) returns text language plpgsql as $$
declare
  a int; b text; r record; c city; p int := -1;
begin
  select id, name into a, b from city where id = n;
  select * into c from city where id = n;
  select id into r from city where id = n;
  select id, name, people from city where id = n into a, b, p;
  return concat_ws(',', a, b, c.name, r.id, p, found);
end $$;
select into1(2);
select into1(20);
create function into2(n int) returns text language plpgsql as $$
declare a text;
begin
  select name into strict a from city where people > n;
  return a;
end $$;
select into2(200);
select into2(120);
select into2(1000);
create function into3(n int) returns text language plpgsql as $$
#print_strict_params on
declare a text;
begin
  select name into strict a from city where people > n;
  return a;
end $$;
select into3(1000);
create function into4() returns text language plpgsql as $$
declare a int; b text;
begin
  insert into city values (5, 'Gera', 93) returning id, name into a, b;
  update city set people = people + 1 where id = 5 returning people into a;
  delete from city where id = 5 returning name into strict b;
  return a || b;
end $$;
select into4();
create function into5() returns text language plpgsql as $$
declare a int;
begin
  update city set people = people returning id into a;
  return a;
end $$;
select into5();
create function into6() returns int language plpgsql as $$ begin select 1; return 1; end $$;
select into6();
create function into7() returns int language plpgsql as $$ declare x int; begin update city set people = 1 where false into x; return x; end $$;
select into7();
create function into8() returns text language plpgsql as $$
declare a int; b int; c text;
begin
  select 1, 2, 3 into a, b;
  select 1 into a, c;
  return concat_ws(',', a, b, c, c is null);
end $$;
select into8();
create function into9() returns text language plpgsql as $$
declare r record; p city;
begin
  select 1 as x, 2 as y into r;
  select 4, 'Y' into p;
  return r::text || p::text;
end $$;
select into9();
create function exec1(t text, n int) returns text language plpgsql as $$
declare a text; r record; i int;
begin
  execute 'select name from ' || quote_ident(t) || ' where id = $1' into a using n;
  execute format('select count(*) as c, max(people) as m from %I', t) into r;
  execute 'select 1 where false' into i;
  return concat_ws('|', a, r.c, r.m, i is null);
end $$;
select exec1('city', 3);
select exec1('nosuch', 3);
create function exec2(q text) returns text language plpgsql as $$
declare a text;
begin
  execute q into a;
  return a;
end $$;
select exec2('select 7');
select exec2(null);
select exec2('selec 7');
select exec2('select nosuch');
select exec2('select 1/0');
select exec2('create table made(i int)');
select exec2('insert into made values (1), (2) returning i');
select * from made;
select exec2('begin');
select exec2('select 1 into x');
create function exec3() returns int language plpgsql as $$
declare n int;
begin
  execute 'create temp table scratch(v int) on commit drop';
  execute 'insert into scratch select generate_series(1, 5)';
  get diagnostics n = row_count;
  create temp table scratch2 as select v * 2 as v from scratch;
  insert into scratch2 values (100);
  select sum(v) into n from scratch2;
  drop table scratch2;
  return n;
end $$;
select exec3();
select exec3();
create function exec4(out a int, out b text) language plpgsql as $$
begin
  execute 'select 1, ''x''' into a, b;
  execute 'select $1 + $2, $3::text' into a, b using 1, a, now() is not null;
end $$;
select * from exec4();
create function exec5() returns text language plpgsql as $$
declare a int;
begin
  execute 'select generate_series(1, 2)' into strict a;
  return a;
end $$;
select exec5();
create function forexec(t text) returns text language plpgsql as $$
declare r record; s text := ''; a int; b text;
begin
  for r in execute 'select * from ' || t || ' order by id' loop s := s || r.name; end loop;
  for a, b in execute 'select id, name from city where id < $1 order by id' using 3 loop s := s || a || b; end loop;
  for a, b in select id, name from city order by id desc limit 1 loop s := s || a || b; end loop;
  return s;
end $$;
select forexec('city');
create function loopvar() returns text language plpgsql as $$
declare r record; s text := '';
begin
  for r in select id from city order by id loop
    exit when r.id = 3;
  end loop;
  s := r.id;
  for r in select id from city where false loop null; end loop;
  return s || coalesce(r.id::text, 'null');
end $$;
select loopvar();
create function cursors() returns text language plpgsql as $$
declare
  c1 cursor for select id, name from city order by id;
  c2 cursor (lo int, most int) for select name from city where people between lo and most order by name;
  c3 refcursor;
  a int; b text; r record; s text := '';
begin
  open c1;
  fetch c1 into a, b;
  s := s || a || b;
  fetch next from c1 into r;
  s := s || r.name;
  move c1;
  fetch c1 into a, b;
  s := s || a || found;
  fetch c1 into a, b;
  s := s || coalesce(a::text, 'null') || found;
  close c1;
  open c2(110, 130);
  fetch c2 into b; s := s || ' ' || b;
  close c2;
  open c2(most := 120, lo := 100);
  loop
    fetch c2 into b;
    exit when not found;
    s := s || ' ' || b;
  end loop;
  close c2;
  open c3 for select people from city order by people;
  fetch last from c3 into a; s := s || ' ' || a;
  fetch first from c3 into a; s := s || ' ' || a;
  fetch absolute 3 from c3 into a; s := s || ' ' || a;
  fetch relative -1 from c3 into a; s := s || ' ' || a;
  fetch prior from c3 into a; s := s || ' ' || a;
  fetch backward from c3 into a; s := s || ' ' || coalesce(a, -1);
  close c3;
  open c3 scroll for execute 'select id from city where id > $1 order by 1' using 1;
  move forward 2 from c3;
  fetch c3 into a; s := s || ' ' || a;
  close c3;
  return s;
end $$;
select cursors();
create function forcursor(lo int) returns text language plpgsql as $$
declare
  c cursor (n int) for select id, name from city where people > n order by id;
  d cursor is select max(people) m from city;
  s text := '';
begin
  for r in c(lo) loop
    s := s || r.id || r.name;
  end loop;
  for x in d loop s := s || x.m; end loop;
  return s || (c is null);
end $$;
select forcursor(115);
create function currentof() returns text language plpgsql as $$
declare
  c cursor for select * from city where id in (1, 2) order by id for update;
begin
  for r in c loop
    update city set people = r.people + 1 where current of c;
  end loop;
  return (select string_agg(people::text, ',' order by id) from city);
end $$;
select currentof();
create function named(inout c refcursor) language plpgsql as $$
begin
  open c for select name from city order by id;
end $$;
begin;
select named('mine');
fetch 2 from mine;
fetch all in mine;
close mine;
select named(null);
commit;
create function unbound() returns refcursor language plpgsql as $$
declare c refcursor := 'given';
begin
  open c for select 1 as one;
  return c;
end $$;
begin;
select unbound();
fetch all from given;
select unbound();
rollback;
create function badcursor(how int) returns int language plpgsql as $$
declare c refcursor; d cursor for select 1; a int;
begin
  if how = 1 then fetch c into a;
  elsif how = 2 then close c;
  elsif how = 3 then c := 'nosuch'; fetch c into a;
  elsif how = 4 then open d; open d;
  elsif how = 5 then open c for insert into city values (77);
  elsif how = 6 then close d;
  end if;
  return 1;
end $$;
select badcursor(1);
select badcursor(2);
select badcursor(3);
select badcursor(4);
select badcursor(5);
select badcursor(6);
create function bad1() returns int language plpgsql as $$ declare c cursor for select 1; begin open c(1); end $$;
create function bad1() returns int language plpgsql as $$ declare c cursor (a int) for select 1; begin open c; end $$;
create function bad1() returns int language plpgsql as $$ declare c cursor (a int) for select 1; begin open c(1, 2); end $$;
create function bad1() returns int language plpgsql as $$ declare c cursor (a int, b int) for select 1; begin open c(1); end $$;
create function bad1() returns int language plpgsql as $$ declare c cursor (a int) for select 1; begin open c(x := 1); end $$;
create function bad1() returns int language plpgsql as $$ declare c refcursor; begin for r in c loop null; end loop; end $$;
create function bad1() returns int language plpgsql as $$ declare c int; begin open c for select 1; end $$;
create function bad1() returns int language plpgsql as $$ declare c refcursor; begin fetch 2 from c into x; end $$;
create function stable_one() returns bigint stable language plpgsql as $$ begin return (select count(*) from city); end $$;
create function volatile_one() returns bigint language plpgsql as $$ begin return (select count(*) from city); end $$;
create function inserts(n int) returns text language plpgsql as $$
begin
  insert into city values (n, 'new', 1);
  return stable_one() || ' ' || volatile_one();
end $$;
select inserts(10);
select inserts(11), stable_one(), volatile_one();
with w as (insert into city values (12, 'w', 1) returning id) select id, stable_one(), volatile_one() from w;
create function stable_write() returns int stable language plpgsql as $$ begin insert into city values (13, 'x', 1); return 1; end $$;
select stable_write();
create function stable_ddl() returns int stable language plpgsql as $$ begin create table nope(i int); return 1; end $$;
select stable_ddl();
create function modifies() returns int language plpgsql as $$
declare n int;
begin
  delete from city where id >= 10;
  get diagnostics n = row_count;
  return n;
end $$;
select modifies();
update city set people = volatile_one() + id where id < 3 returning *;
create function set_path() returns text language plpgsql set search_path = pg_catalog as $$ begin return current_setting('search_path'); end $$;
select set_path(), current_setting('search_path') like '%public%';
create function sets_local() returns text language plpgsql as $$
begin
  perform set_config('work_mem', '77kB', true);
  set local enable_seqscan = off;
  return current_setting('work_mem') || current_setting('enable_seqscan');
end $$;
select sets_local();
show enable_seqscan;
create function sub_tx() returns text language plpgsql as $$
declare s text := '';
begin
  begin
    set local work_mem = '99kB';
    s := s || current_setting('work_mem');
    raise exception 'back';
  exception when others then
    s := s || ' ' || (current_setting('work_mem') = '99kB');
  end;
  return s;
end $$;
select sub_tx();
create function in_where(n int) returns bool immutable language plpgsql as $$ begin return n % 2 = 0; end $$;
select id from city where in_where(id) order by id;
create index on city ((in_where(id)));
create table checked(n int check (in_where(n)), d int default volatile_one());
insert into checked values (2);
insert into checked values (3);
select * from checked;
create view shown as select id, in_where(id) from city where id < 3;
select * from shown order by 1;
create function outer_ctx() returns int language plpgsql as $$ begin return (select in_where_fail(id) from city limit 1); end $$;
create function in_where_fail(n int) returns int language plpgsql as $$ begin return n / 0; end $$;
select outer_ctx();
create function select_into_table() returns int language plpgsql as $$ begin execute 'create table t_made as select 1 as x'; return (select x from t_made); end $$;
select select_into_table();
create function shadow() returns text language plpgsql as $$
declare name text := 'var';
begin
  return (select city.name from city where id = 1) || name;
end $$;
select shadow();
create function rowvar() returns text language plpgsql as $$
declare c city;
begin
  select * into c from city where id = 1;
  insert into city select 20, c.name || '2', c.people;
  update city set name = c.name || '3' where id = c.id + 19;
  return (select name from city where id = 20) || (select (c).name) || (select c.*)::text;
end $$;
select rowvar();
create function nullrow() returns text language plpgsql as $$
declare c city;
begin
  return (c is null)::text || coalesce(c.name, 'none');
end $$;
select nullrow();
