create function est(q text) returns table (guess int, actual int) language plpgsql as $$
declare l text; m text[]; first bool := true;
begin
  for l in execute 'explain analyze ' || q loop
    if first then
      first := false;
      m := regexp_match(l, 'rows=(\d*) .* rows=(\d*)');
      guess := m[1]::int; actual := m[2]::int;
      return next;
    end if;
  end loop;
end $$;
create table g (n serial, t text);
insert into g (t) values ('(a+1)'), ('(a+1), (b+100)'), ('a, (a+1)'), ('a, (b+1)'), ('(a+1), b'), ('(a+1), (b+100), (2*c)'), ('a, (b+100), c'), ('a, (b+100), (2*c), d'), ('a, b, (2*c)'), ('a, b, d'), ('(a*5), (b+1)'), ('a, b, (b+1)'), ('(a+1), (a+2)'), ('a, (a*5), (b+1)'), ('(a > 1), b'), ('a, b + 100'), ('d, (2*c), (b+100)'), ('f, upper(f)'), ('upper(f), a'), ('(a+b)'), ('(a+b), c'), ('lower(f)');
create table nd (a int, b int, c int, d int, f text);
insert into nd select i/100, i/200, i/100, i, 'x' || i % 30 from generate_series(1, 1000) i;
analyze nd;
create view ge as select n, t, x.* from g, lateral est('select count(*) from nd group by ' || t) x;
select * from ge order by n;
create statistics s1 (ndistinct) on (a+1), (b+100), (2*c) from nd;
analyze nd;
select stxkind, stxdndistinct from pg_statistic_ext join pg_statistic_ext_data on oid = stxoid;
select * from ge order by n;
drop statistics s1;
create statistics s1 (ndistinct) on a, b, (2*c), (b+100), upper(f) from nd;
analyze nd;
select * from ge order by n;
drop statistics s1;
create statistics s1 on (a+b) from nd;
create statistics s2 on (upper(f)), a from nd;
analyze nd;
select * from ge order by n;
truncate nd;
insert into nd select mod(i,13), mod(i,17), mod(i,19), mod(i,7), 'x' || mod(i, 23) from generate_series(1,5000) i;
analyze nd;
select * from ge order by n;
drop statistics s1, s2;
create statistics s1 on a, (b+100) from nd;
create statistics s2 on (a+1), (b+100), c from nd;
create statistics s3 (ndistinct) on a, b, c from nd;
create statistics s4 on (a*5), (b+1), (a+1) from nd;
analyze nd;
select * from ge order by n;
create table ml (a int, b varchar, c int, d numeric, e bool, f date, i bigint);
insert into ml select mod(k,100), mod(k,50), mod(k,25), mod(k,20), k % 3 = 0, date '2000-01-01' + k % 40, k from generate_series(1, 5000) k;
insert into ml select null, mod(k,50), null, mod(k,20), null, null, k from generate_series(1, 300) k;
analyze ml;
create table q (n serial, t text);
insert into q (t) values ('a = 1 and b = ''1'''), ('a = 1 and b = ''1'' and c = 1'), ('mod(a,7) = 1 and mod(b::int,11) = 1'), ('mod(a,7) = 1'), ('mod(a,20) = 1 and mod(b::int,10) = 1 and mod(c,5) = 1'), ('mod(a,20) < 5'), ('mod(a,20) < 1 and mod(b::int,10) < 1'), ('mod(a,20) <= 0 and mod(b::int,10) <= 0 and 4 >= mod(c,5)'), ('mod(a,20) = 1 or mod(b::int,10) = 1 or mod(c,25) = 1 or d is not null'), ('mod(a,20) in (1,2,51,52) and mod(b::int,10) in (1,2)'), ('mod(a,20) = any (array[1,2,51,52]) and mod(b::int,10) = any (array[1,2])'), ('mod(a,20) < any (array[1,2]) and mod(b::int,10) > any (array[1,2])'),
('mod(a,20) is null'), ('mod(a,20) is not null and mod(c,5) = 1'), ('(a * 2) is null and c is null'), ('a is null and c is null'), ('a is null and c is not null'), ('a is not null and c = 1'), ('a is null or c = 1'),
('e'), ('not e'), ('e is true'), ('e is not true'), ('e is false'), ('e is unknown'), ('e is not unknown'), ('e and a = 3'), ('not e and a = 3'), ('e = true and a = 3'), ('e <> false and c = 3'), ('e is null and a is null'), ('e is true and a = 3'),
('(a > 50)'), ('a > 50 and c > 10'), ('not (a > 50) and c > 10'), ('not (a > 50 or c > 10)'), ('(a > 50 and c > 10) or d = 5'), ('a <> 1 and c <> 1'), ('not (a = 1) and not (c = 1)'), ('(a = 1 or c = 1) and d = 1'), ('a = 1 or c = 1 or d = 1'), ('(a = 1 and c = 1) or (a = 2 and c = 2)'), ('a = 1 or (b = ''3'' and c = 3)'),
('d = 3'), ('d < 3'), ('d < 3.5'), ('f = ''2000-01-05'''), ('f < ''2000-01-05'''), ('f < timestamp ''2000-01-05'''), ('f between ''2000-01-05'' and ''2000-01-10'''), ('i < 100'), ('i > 4990'), ('i = 100'), ('i between 100 and 200'), ('i < 100::int'), ('i::int < 100'), ('b < ''3'''), ('b > ''3'' and b < ''4'''), ('b >= ''45'''), ('b like ''4%'''), ('b || ''x'' = ''4x'''), ('upper(b) = ''4'' and mod(a,20) = 4'), ('mod(a,20) + c = 5'), ('a = c and d = 1'), ('(mod(a,20), mod(c,5)) = (1, 1)'), ('a not in (1,2) and c not in (1, 2)'), ('a <> all (array[1,2]) and c <> all(array[1,2])'), ('a = all (array[1]) and c = 1'), ('a in (1, null) and c = 1'), ('a = any (null::int[]) and c = 1'), ('a = null and c = 1'), ('a < 5 and c < 5 and d < 5'), ('a < 5 and c < 5 and d < 5 and e'), ('a = 1 and c = 1 and d = 1 and b = ''1'''), ('mod(a,7) = 3 and c > 3'), ('mod(a,7) = 3 and mod(a,7) = 3 and c = 1'), ('mod(a,7) > 1 and mod(a,7) < 3'), ('case when a > 50 then 1 else 2 end = 1'), ('coalesce(c, 7) = 7'), ('coalesce(c, 7) = 7 and a = 1'), ('a is distinct from 3 and c = 3'), ('nullif(a, 3) is null');
create view qe as select n, t, x.* from q, lateral est('select * from ml where ' || t) x;
select * from qe order by n;
create statistics m1 (mcv) on a, c, e from ml;
analyze ml;
select * from qe order by n;
drop statistics m1;
create statistics m1 (mcv) on (mod(a,20)), (mod(b::int,10)), (mod(c,5)) from ml;
analyze ml;
select * from qe order by n;
drop statistics m1;
create statistics m1 (dependencies) on (mod(a,20)), (mod(b::int,10)), (mod(c,5)), (mod(a,7)), c from ml;
analyze ml;
select * from qe order by n;
drop statistics m1;
create statistics m1 on (mod(a,20)) from ml;
create statistics m2 on (mod(a,7)), c from ml;
create statistics m3 on (coalesce(c, 7)), (a > 50), a, upper(b) from ml;
create statistics m4 on (case when a > 50 then 1 else 2 end) from ml;
create statistics m5 on (a * 2), (mod(c,5)) from ml;
analyze ml;
select * from qe order by n;
