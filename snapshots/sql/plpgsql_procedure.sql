create table log(n serial, t text);
create procedure note(t text) language plpgsql as $$
begin
  insert into log(t) values (t || '!');
end $$;
call note('one');
call note(t => 'two');
select t from log order by n;
call note();
select note('x');
create procedure outs(a int, inout b int, out c text) language plpgsql as $$
begin
  b := b + a;
  c := 'c' || b;
end $$;
call outs(1, 2, null);
do $$
declare
  x int := 5;
  y text;
begin
  call outs(1, x, y);
  raise notice '% %', x, y;
  call outs(10, x, y);
  raise notice '% %', x, y;
end $$;
do $$ declare y text; begin call outs(1, 2, y); end $$;
create procedure commits(n int) language plpgsql as $$
begin
  for i in 1..n loop
    insert into log(t) values ('c' || i);
    if i % 2 = 0 then commit; else rollback; end if;
  end loop;
end $$;
call commits(5);
select t from log where t like 'c%' order by n;
begin;
call commits(2);
rollback;
create function calls_commits() returns int language plpgsql as $$ begin call commits(2); return 1; end $$;
select calls_commits();
create procedure nests() language plpgsql as $$ begin call commits(2); insert into log(t) values ('nested'); commit; end $$;
call nests();
select count(*) from log where t = 'nested';
do $$
begin
  insert into log(t) values ('do1');
  commit;
  insert into log(t) values ('do2');
  rollback;
  insert into log(t) values ('do3');
end $$;
select t from log where t like 'do%' order by n;
do $$
begin
  begin
    insert into log(t) values ('sub');
    commit;
  exception when others then
    raise notice '% %', sqlstate, sqlerrm;
  end;
end $$;
do $$
begin
  begin
    rollback;
  exception when others then
    raise notice '% %', sqlstate, sqlerrm;
  end;
end $$;
create table src(i int);
insert into src select generate_series(1, 5);
do $$
declare r record; s text := '';
begin
  for r in select i from src order by i loop
    insert into log(t) values ('loop' || r.i);
    commit;
    s := s || r.i;
  end loop;
  raise notice '%', s;
end $$;
select count(*) from log where t like 'loop%';
do $$
declare c cursor for select i from src order by i; n int;
begin
  open c;
  fetch c into n;
  raise notice '%', n;
  commit;
  fetch c into n;
  raise notice '%', n;
  close c;
end $$;
do $$
begin
  commit and chain;
  raise notice 'after %', current_setting('transaction_isolation');
end $$;
do $$
begin
  set transaction isolation level repeatable read;
  raise notice '%', current_setting('transaction_isolation');
  commit and chain;
  raise notice '%', current_setting('transaction_isolation');
  commit;
  raise notice '%', current_setting('transaction_isolation');
end $$;
create procedure fails() language plpgsql as $$
begin
  insert into log(t) values ('kept');
  commit;
  insert into log(t) values ('lost');
  raise exception 'stop';
end $$;
call fails();
select t from log where t in ('kept', 'lost');
do $$ begin savepoint s; end $$;
do $$ begin execute 'commit'; end $$;
do $$ begin start transaction; end $$;
create procedure returns_early(n int) language plpgsql as $$
begin
  if n > 1 then return; end if;
  raise notice 'went on';
end $$;
call returns_early(1);
call returns_early(2);
create procedure bad_return() language plpgsql as $$ begin return 1; end $$;
create procedure sec() language plpgsql security definer as $$ begin commit; end $$;
call sec();
create procedure with_set() language plpgsql set work_mem = '88kB' as $$ begin raise notice '%', current_setting('work_mem'); commit; end $$;
call with_set();
create procedure poly(inout x anyelement) language plpgsql as $$ begin x := x; raise notice '%', pg_typeof(x); end $$;
call poly(1);
call poly('a'::text);
create procedure vari(variadic a int[]) language plpgsql as $$ begin raise notice '%', a; end $$;
call vari(1, 2, 3);
drop procedure vari(int[]);
call vari(1);
do $$
declare a int := 1;
begin
  do $b$ begin raise notice 'inner block'; end $b$;
  a := a + 1;
  raise notice 'a %', a;
end $$;
do $$ begin vacuum log; end $$;
do $$
<<outer_block>>
declare x int := 1;
begin
  declare x int := 2;
  begin
    raise notice '% %', x, outer_block.x;
  end;
end $$;
