create function notices() returns void language plpgsql as $$
declare
  v int := 5;
begin
  raise notice 'plain';
  raise notice 'value % and % and 100%%', v, null;
  raise warning 'warned %', v + 1;
  raise info 'info';
  raise log 'log';
  raise debug 'debug';
  raise notice using message = 'by option', detail = 'the detail', hint = 'the hint';
  raise notice 'both %', v using detail = 'more';
  raise notice '%', array[1, 2];
  raise notice '% %', row(1, 'a'), true;
end $$;
select notices();
set client_min_messages = warning;
select notices();
set client_min_messages = debug;
select notices();
reset client_min_messages;
create function fails(how int) returns int language plpgsql as $$
begin
  if how = 1 then raise exception 'simple';
  elsif how = 2 then raise exception 'with % and %', 1, 'x' using errcode = 'unique_violation';
  elsif how = 3 then raise division_by_zero;
  elsif how = 4 then raise sqlstate 'U1234';
  elsif how = 5 then raise exception using errcode = '22012', message = 'own', detail = 'd', hint = 'h', column = 'c', constraint = 'k', datatype = 't', table = 'tab', schema = 's';
  elsif how = 6 then raise unique_violation using message = 'renamed';
  elsif how = 7 then raise;
  elsif how = 8 then raise exception 'a' using message = 'b';
  elsif how = 9 then raise exception 'a' using errcode = 'nosuch_condition';
  elsif how = 10 then raise exception 'a' using detail = null;
  elsif how = 11 then raise 'default level %', how;
  elsif how = 12 then raise exception using hint = 'only a hint';
  elsif how = 13 then raise exception 'a' using hint = 'h', hint = 'again';
  elsif how = 14 then raise division_by_zero using errcode = '22012';
  end if;
  return how;
end $$;
select fails(1);
select fails(2);
select fails(3);
select fails(4);
select fails(5);
select fails(6);
select fails(7);
select fails(8);
select fails(9);
select fails(10);
select fails(11);
select fails(12);
select fails(13);
select fails(14);
select fails(15);
create function catches(how int) returns text language plpgsql as $$
begin
  return fails(how);
exception
  when division_by_zero then return 'division ' || sqlstate || ' ' || sqlerrm;
  when unique_violation or sqlstate 'U1234' then return 'either ' || sqlstate || ' ' || sqlerrm;
  when others then return 'others ' || sqlstate || ' ' || sqlerrm;
end $$;
select n, catches(n) from generate_series(1, 15) n;
create table noted(n int primary key, t text);
create function undoes() returns text language plpgsql as $$
declare
  s text := '';
begin
  insert into noted values (1, 'kept');
  begin
    insert into noted values (2, 'undone');
    s := s || 'in;';
    insert into noted values (1, 'twice');
    s := s || 'never;';
  exception when unique_violation then
    s := s || 'caught ' || sqlerrm || ';';
  end;
  insert into noted values (3, 'after');
  return s || (select count(*) from noted);
end $$;
select undoes();
select * from noted order by n;
create function nested() returns text language plpgsql as $$
declare s text := '';
begin
  begin
    begin
      raise exception 'inner';
    exception when division_by_zero then
      s := s || 'wrong';
    end;
  exception when raise_exception then
    s := s || 'outer ' || sqlerrm || ';';
    begin
      perform 1 / 0;
    exception when others then
      s := s || sqlerrm || ';';
    end;
    s := s || sqlerrm;
  end;
  return s;
end $$;
select nested();
create function again() returns int language plpgsql as $$
begin
  begin
    perform 1 / 0;
  exception when others then
    raise notice 'caught %', sqlerrm;
    raise;
  end;
  return 1;
end $$;
select again();
create function other_raise() returns int language plpgsql as $$
begin
  perform 1 / 0;
exception when others then
  raise exception 'in its place: %', sqlerrm using errcode = sqlstate;
end $$;
select other_raise();
create function class_catch() returns text language plpgsql as $$
begin
  perform 'x'::int;
exception when data_exception then
  return 'class ' || sqlstate;
end $$;
select class_catch();
create function asserts(ok bool) returns text language plpgsql as $$
begin
  assert ok;
  assert ok, 'said ' || 1;
  return 'fine';
end $$;
select asserts(true);
select asserts(false);
select asserts(null);
create function asserts2(ok bool) returns text language plpgsql as $$
begin
  assert ok, 'told';
  return 'fine';
exception when others then
  return 'kept';
end $$;
select asserts2(false);
set plpgsql.check_asserts = off;
select asserts2(false);
reset plpgsql.check_asserts;
create function asserts3() returns text language plpgsql as $$
begin
  assert false, 'told';
exception when assert_failure then
  return 'kept ' || sqlerrm;
end $$;
select asserts3();
create function diagnostics() returns text language plpgsql as $$
declare
  n bigint;
  c text;
begin
  perform * from generate_series(1, 7);
  get diagnostics n = row_count;
  insert into noted select g, 'd' from generate_series(100, 104) g;
  get current diagnostics c := row_count;
  return n || ' ' || c;
end $$;
select diagnostics();
create function stacked(how int) returns text language plpgsql as $$
declare
  a text; b text; c text; d text; e text; f text; g text; h text; i text; j text;
begin
  if how = 0 then insert into noted values (1, 'x'); end if;
  return fails(how);
exception when others then
  get stacked diagnostics a = returned_sqlstate, b = message_text, c = pg_exception_detail, d = pg_exception_hint,
    e = column_name, f = constraint_name, g = pg_datatype_name, h = table_name, i = schema_name, j = pg_exception_context;
  return concat_ws('|', a, b, c, d, e, f, g, h, case when how = 0 then 'schema' else i end, j);
end $$;
select stacked(1);
select stacked(5);
select stacked(0);
create function stacked2() returns int language plpgsql as $$
declare a text;
begin
  get stacked diagnostics a = message_text;
  return 1;
end $$;
select stacked2();
create function stacked3() returns int language plpgsql as $$ declare a text; begin get diagnostics a = message_text; end $$;
create function stacked4() returns int language plpgsql as $$ declare a text; begin get stacked diagnostics a = row_count; end $$;
create function stacked5() returns int language plpgsql as $$ declare a text; begin get diagnostics a = nosuch; end $$;
create function where_am_i() returns text language plpgsql as $$
declare c text;
begin
  get diagnostics c = pg_context;
  return c;
end $$;
select where_am_i();
create function founds() returns text language plpgsql as $$
declare s text := ''; r record;
begin
  s := s || found;
  perform 1 where false;
  s := s || found;
  perform 1;
  s := s || found;
  select n into r from noted where n = -1;
  s := s || found;
  update noted set t = 'u' where n = 1;
  s := s || found;
  delete from noted where n = -1;
  s := s || found;
  for r in select 1 loop null; end loop;
  s := s || found;
  for r in select 1 where false loop null; end loop;
  s := s || found;
  execute 'select 1';
  s := s || found;
  return s;
end $$;
select founds();
do $$ begin raise notice 'in a block'; end $$;
do language plpgsql $$ begin raise exception 'failing block'; end $$;
do $$ declare x int; begin x := 'abc'; end $$;
do $$ begin perform nosuch(); end $$;
do $$ begin insert into nosuch values (1); end $$;
do $$ begin syntax error; end $$;
do $$ begin raise notice '%', 1 + ; end $$;
do $$
begin
  begin
    insert into noted values (1, 'y');
  exception
    when unique_violation then raise notice 'sqlstate % message %', sqlstate, sqlerrm;
  end;
end $$;
do language sql $$ select 1 $$;
do language nosuch $$ select 1 $$;
create function deep(n int) returns int language plpgsql as $$
begin
  if n = 0 then raise exception 'bottom'; end if;
  return deep(n - 1);
end $$;
select deep(2);
create function sqlf() returns int language sql as $$ select fails(1) $$;
create function calls_sql() returns int language plpgsql as $$ begin return sqlf(); end $$;
select calls_sql();
begin;
insert into noted values (50, 'tx');
do $$ begin insert into noted values (51, 'tx'); raise exception 'no'; end $$;
select 1;
rollback;
begin;
insert into noted values (50, 'tx');
savepoint s;
do $$ begin insert into noted values (51, 'tx'); raise exception 'no'; end $$;
rollback to s;
do $$ begin insert into noted values (52, 'tx'); end $$;
commit;
select n from noted where n between 50 and 60 order by 1;
