-- How far statements of PL/pgSQL read: rows come in chunks where nobody can tell.
create table q(i int primary key);
insert into q select generate_series(1, 3000);
create sequence s;
-- What has an effect is done for as many rows as PostgreSQL does it for.
do $$ declare n bigint; begin select nextval('s') into n from q; raise notice '%', n; end $$;
select last_value from s;
do $$ declare n bigint; begin select nextval('s') into strict n from q limit 1; raise notice '%', n; end $$;
select last_value from s;
do $$ declare r record; begin for r in select nextval('s') n, i from q order by i loop exit when r.i = 3; end loop; end $$;
select last_value from s;
create function f() returns int language plpgsql as $$ declare r record; begin for r in select nextval('s') n, i from q order by i loop exit when r.i = 3; end loop; return r.i; end $$;
select f(), last_value from s;
select last_value from s;
-- What fails behind what is wanted does not fail.
do $$ declare n int; begin select 10 / (2 - i) into n from q where i < 3 order by i; raise notice '%', n; end $$;
do $$ declare n int; begin select 10 / (1000 - i) into n from q; raise notice '%', n; get diagnostics n = row_count; raise notice '%', n; end $$;
do $$ declare n int; begin select 10 / (2 - i) into strict n from q where i < 3 order by i; raise notice '%', n; end $$;
do $$ declare n int; begin select i into strict n from q order by i; end $$;
do $$ declare n int := 0; r record; begin for r in select i, 1 / (2000 - i) x from q order by i loop n := n + 1; exit when r.i = 1990; end loop; raise notice '%', n; end $$;
do $$ declare n int := 0; r record; begin for r in select i, 1 / (2000 - i) x from q order by i loop n := n + 1; end loop; exception when division_by_zero then raise notice 'after % of some', n > 1000; end $$;
-- A loop that commits goes on with the rows that there were.
do $$ declare n int := 0; r record; begin for r in select i from q order by i loop n := n + 1; delete from q where i = r.i + 1; if n % 1000 = 0 then commit; end if; end loop; raise notice '%', n; end $$;
select count(*) from q;
-- Arrays that grow.
do $$ declare a int[] := '{}'; t text[]; n int[]; begin
  for i in 1..5000 loop a := a || i; t := array_append(t, 'x' || i); n := case when i % 3 = 0 then null || n else n || i end; end loop;
  raise notice '% % %', array_length(a, 1), a[4999], (select sum(x) from unnest(a) x);
  raise notice '% % %', array_length(t, 1), t[4999], md5(t::text);
  raise notice '% % %', array_dims(n), n[-1660:-1658], md5(n::text);
end $$;
select array[[1,2],[3,null]] || array[[5,6]], array[1,null] || array[[2,3]], '{}'::int[] || array[[1]], array[null,'a'] || array['b',null], '[5:6]={1,2}'::int[] || 3, 0 || '[5:6]={1,2}'::int[];
drop table q; drop sequence s; drop function f;
