-- What EXPLAIN ANALYZE counts of rows that were to be inserted, and says of sorts.
create table t (k int primary key, v text);
explain (analyze, costs off, summary off, timing off) insert into t values (1, 'x') on conflict (k) do nothing;
explain (analyze, costs off, summary off, timing off) insert into t values (1, 'x'), (2, 'y') on conflict (k) do nothing;
explain (analyze, costs off, summary off, timing off) insert into t select i, 'z' from generate_series(2, 6) i on conflict (k) do update set v = excluded.v where t.v <> 'y';
explain (analyze, costs off, summary off, timing off) insert into t select i, 'q' from generate_series(5, 9) i on conflict (k) do update set v = excluded.v where t.v = 'z';
explain (analyze, costs off, summary off, timing off) insert into t as called values (1, 'w') on conflict (k) do update set v = excluded.v where called.v = 'none';
explain (analyze, costs off, summary off, timing off, format json) insert into t values (1, 'x') on conflict (k) do nothing;
explain (costs off) insert into t values (1, 'x') on conflict (k) do nothing;
select * from t order by k;
create function shown(statement text) returns setof text language plpgsql as $$
declare line text;
begin
  for line in execute statement loop
    return next regexp_replace(line, '\d+kB', 'NkB', 'g');
  end loop;
end $$;
create table s (a int, b text);
insert into s select i % 77, repeat('x', i % 20) from generate_series(1, 5000) i;
select shown('explain (analyze, costs off, summary off, timing off) select * from s order by b');
select shown('explain (analyze, costs off, summary off, timing off) select * from s order by b, a limit 5');
select shown('explain (analyze, costs off, summary off, timing off) select * from s where a < 0 order by b');
select shown('explain (analyze, costs off, summary off, timing off) select * from (values (3), (1), (2)) v(w) order by w limit 2');
select shown('explain (costs off) select * from s order by b');
set work_mem = '64kB';
select shown('explain (analyze, costs off, summary off, timing off) select * from s order by b');
