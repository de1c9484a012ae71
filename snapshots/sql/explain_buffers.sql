create table t (a int primary key, b text);
insert into t select g, 'x' || g from generate_series(1, 3000) g;
analyze t;
create function told(query text, out said text) returns setof text language plpgsql as $$
declare line text; planning boolean := false;
begin
  for line in execute 'explain (analyze, buffers, costs off, timing off, summary off) ' || query loop
    planning := planning or line like 'Planning%';
    if not planning and line not like '%Buckets%' then
      said := regexp_replace(regexp_replace(line, '(hit|read|dirtied|written)=[0-9]+', '\1=N', 'g'), '(hit|read)=N dirtied=N', '\1=N', 'g');
      return next;
    end if;
  end loop;
end $$;
create function counted(query text) returns jsonb language plpgsql as $$
declare plan jsonb;
begin
  execute 'explain (analyze, buffers, format json, costs off, timing off, summary off) ' || query into plan;
  return plan->0;
end $$;
select told('select b from t where a = 10');
select told('select x.b, y.b from t x join t y on x.a = y.a');
select told('select 1');
select told('select * from generate_series(1, 3) g');
select told('select b from t where false');
select told('update t set b = ''y'' where a < 10');
create temp table tt as select * from t;
select told('select * from tt');
explain (buffers, costs off) select g from generate_series(1, 3) g;
explain (buffers, costs off, format json) select g from generate_series(1, 3) g;
explain (buffers, costs off, format yaml) select g from generate_series(1, 3) g;
explain (buffers, costs off, format xml) select g from generate_series(1, 3) g;
explain (analyze, buffers off, costs off, timing off, summary off) select b from t where a = 10;
select key, (value)::int > 0 as some from jsonb_each(counted('select b from t where b > ''''')->'Plan') where key like '%Blocks' order by key;
select key, (value)::int > 0 as some from jsonb_each(counted('select b from tt where b > ''''')->'Plan') where key like '%Blocks' order by key;
select counted('select b from t where b > ''''') ? 'Planning';
-- What an operator has touched includes what those below it have.
select (plan->>'Shared Hit Blocks')::int = (plan->'Plans'->0->>'Shared Hit Blocks')::int + (plan->'Plans'->1->>'Shared Hit Blocks')::int
  from (select counted('select x.b, y.b from t x join t y on x.a = y.a')->'Plan' as plan) q;
set work_mem = 64;
select key, (value)::int > 0 as some from jsonb_each(counted('select b || repeat(''x'', 200) from t order by 1')->'Plan') where key like 'Temp%' order by key;
reset work_mem;
explain (analyze, buffers 3) select 1;
explain (analyze, buffers, buffers off, costs off, timing off, summary off) select 1;
