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
create table nd (f1 text, a int, f2 numeric, b int, f3 date, c int, d int) ;
insert into nd (a, b, c, f1) select i/100, i/200, i/100, i::text from generate_series(1,1000) s(i);
analyze nd;
select * from est('select count(*) from nd group by a, b');
select * from est('select count(*) from nd group by b, c');
select * from est('select count(*) from nd group by a, b, c');
select * from est('select count(*) from nd group by a, b, c, d');
select * from est('select count(*) from nd group by b, c, d');
select * from est('select count(*) from nd group by a, (a+1)');
select * from est('select count(*) from nd group by (a+1), (b+100)');
select * from est('select count(*) from nd group by a, (a+1), (b+100)');
create statistics s10 on a, b, c from nd;
analyze nd;
select stxkind, stxdndistinct from pg_statistic_ext join pg_statistic_ext_data on oid = stxoid;
select * from est('select count(*) from nd group by a, b');
select * from est('select count(*) from nd group by b, c');
select * from est('select count(*) from nd group by a, b, c');
select * from est('select count(*) from nd group by a, b, c, d');
select * from est('select count(*) from nd group by b, c, d');
select * from est('select count(*) from nd group by b, c, a, c');
select * from est('select count(*) from nd group by a, (a+1)');
select * from est('select count(*) from nd group by (a+1), (b+100)');
select * from est('select count(*) from nd group by a, (a+1), (b+100)');
truncate nd;
insert into nd (a, b, c, f1, d) select mod(i,13), mod(i,17), mod(i,19), mod(i,23)::text, mod(i,7) from generate_series(1,5000) s(i);
analyze nd;
select * from est('select count(*) from nd group by a, b');
select * from est('select count(*) from nd group by a, b, c');
select * from est('select count(*) from nd group by a, b, c, d');
select * from est('select count(*) from nd group by b, c, d');
select * from est('select count(*) from nd group by a, d');
select * from est('select count(*) from nd where a < 5 group by a, d');
drop statistics s10;
select * from est('select count(*) from nd group by a, b');
select * from est('select count(*) from nd group by a, b, c');
select * from est('select count(*) from nd group by a, b, c, d');
select * from est('select count(*) from nd group by b, c, d');
select * from est('select count(*) from nd group by a, d');
select * from est('select count(*) from nd group by (a*2), d');
select * from est('select count(*) from nd group by a, (b+1)');
select * from est('select count(*) from nd group by a, (b+1), (c+d)');
create table fd (f0 text, a int, f1 numeric, b text, f2 date, c int);
insert into fd (a, b, c, f0) select mod(i, 5), mod(i, 7)::text, mod(i, 11), i::text from generate_series(1, 1000) i;
analyze fd;
select * from est('select * from fd where a = 1 and b = ''1''');
select * from est('select * from fd where a = 1 and b = ''1'' and c = 1');
create statistics fs (dependencies) on a, b, c from fd;
analyze fd;
select * from est('select * from fd where a = 1 and b = ''1''');
select * from est('select * from fd where a = 1 and b = ''1'' and c = 1');
truncate fd;
drop statistics fs;
insert into fd (a, b, c, f0) select mod(i, 100), mod(i, 50)::text, mod(i, 25), i::text from generate_series(1, 5000) i;
analyze fd;
create table q (n serial, t text);
insert into q (t) values
('a = 1 and b = ''1'''), ('a = 1 and b = ''1'' and c = 1'),
('a in (1, 51) and b = ''1'''), ('a in (1, 51) and b in (''1'', ''2'')'), ('a in (1, 2, 51, 52) and b in (''1'', ''2'')'), ('a in (1, 2, 51, 52) and b = ''1'''),
('a in (1, 26, 51, 76) and b in (''1'', ''26'') and c = 1'), ('a in (1, 26, 51, 76) and b in (''1'', ''26'') and c in (1)'), ('a in (1, 2, 26, 27, 51, 52, 76, 77) and b in (''1'', ''2'', ''26'', ''27'') and c in (1, 2)'),
('(a = 1 or a = 51) and b = ''1'''), ('(a = 1 or a = 51) and (b = ''1'' or b = ''2'')'), ('(a = 1 or a = 2 or a = 51 or a = 52) and (b = ''1'' or b = ''2'')'), ('(a = 1 or b = ''1'') and b = ''1'''),
('(a = 1 or a = 51) and (b = ''1'' or c = 2)'),
('a = any (array[1, 51]) and b = ''1'''), ('a = any (array[1, 51]) and b = any (array[''1'', ''2''])'), ('a = any (array[1, 2, 51, 52]) and b = any (array[''1'', ''2''])'),
('a = any (array[1, 26, 51, 76]) and b = any (array[''1'', ''26'']) and c = 1'), ('a = any (array[1, 26, 51, 76]) and b = any (array[''1'', ''26'']) and c = any (array[1])'),
('a < any (array[1, 51]) and b > ''1'''), ('a < any (array[1, 51]) and b > any (array[''1'', ''2''])'), ('a <= any (array[1, 2, 51, 52]) and b <= any (array[''1'', ''2''])'),
('a in (1, 51) and b = all (array[''1''])'), ('a in (1, 51) and b = all (array[''1'', ''2''])'), ('a in (1, 2, 51, 52) and b = all (array[''1'', ''2''])'),
('a < 10'), ('a <= 10 and a > 3'), ('a > 5 and a < 3'), ('b = ''99'''), ('a = 200'), ('not a = 1'), ('a <> 1'), ('a is null'), ('a is not null'), ('f1 is null'), ('not (a = 1 or b = ''2'')'),
('a < 10 and b = ''1'''), ('a < 5 and b < ''2'''), ('a = 1 or b = ''1'''), ('a = 1 or b = ''1'' or c = 1'), ('a not in (1,2,3)'), ('a <> all (array[1,2,3])'), ('a = all (array[1])'), ('a = all (array[1, 2])'), ('a < all (array[10, 20])'), ('a <= any (array[10, 20])'),
('b like ''1%'''), ('b like ''%1'''), ('a = c'), ('a < c'), ('a + c = 2'), ('a + c < 2'), ('a between 3 and 10'), ('f0 = ''7'''), ('f0 < ''7'''), ('a % 2 = 0'), ('a::text = b'), ('a = 1 and a = 1'), ('a = null'), ('(a > 5 and b = ''1'') or c = 2'), ('a is distinct from 1'), ('a is not distinct from 1'), ('(a = 1) is true'), ('(a = 1) is not true'), ('coalesce(a, 1) = 1'), ('(a, c) = (1, 1)'), ('(a, c) < (1, 1)'), ('a = 1 and (b = ''1'' and c = 1)'), ('a = (select 1)'), ('a < (select 10)'), ('a = any (select 1)'), ('1 = a and ''1'' = b'), ('10 > a and ''1'' = b'), ('1 = any(array[a, c])'), ('upper(b) = ''1'''), ('a = 1.5'), ('a < 10.5'), ('a::numeric < 10'), ('a = 5::bigint'), ('a < 50::bigint and c > 3::smallint'), ('b = ''1'' collate "C"'), ('b < ''1'' collate "C"'), ('b is null or a = 1'), ('true'), ('false'), ('a > 90 or a < 5'), ('a >= 0'), ('a > 99'), ('a < 0'), ('a <= 0'), ('a >= 99');
create view qe as select n, t, g.* from q, lateral est('select * from fd where ' || t) g;
select * from qe order by n;
create statistics fs (dependencies) on a, b, c from fd;
analyze fd;
select * from qe order by n;
drop statistics fs;
create statistics fs (mcv) on a, b, c from fd;
analyze fd;
select * from qe order by n;
drop statistics fs;
create statistics fs on a, b, c from fd;
analyze fd;
select * from qe order by n;
drop statistics fs;
create statistics fs1 on a, b from fd;
create statistics fs2 on b, c from fd;
analyze fd;
select * from qe order by n;
