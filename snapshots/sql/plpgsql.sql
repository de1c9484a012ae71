create function add_one(n int) returns int language plpgsql as $$ begin return n + 1; end $$;
select add_one(41), add_one(null);
select n, add_one(n) from generate_series(1, 3) n;
create function add_one(n int) returns int language plpgsql as $$ begin return n + 2; end $$;
create or replace function add_one(n int) returns int language plpgsql as $$ begin return n + 10; end $$;
select add_one(1);
select lanname, lanispl, lanpltrusted from pg_language order by 1;
select l.lanname, p.prosrc from pg_proc p join pg_language l on l.oid = p.prolang where p.proname = 'add_one';
select pg_get_functiondef('add_one(int)'::regprocedure);
create function bad() returns int language plpgsql as $$
begin
  retrun 1;
end $$;
create function bad() returns int language plpgsql as $$
begin
  x := 1;
  return 1;
end $$;
create function bad() returns int language plpgsql as $$
declare
  x nosuchtype;
begin
  return 1;
end $$;
create function bad() returns int language plpgsql as $$
declare
  x int;
  x int;
begin
  return 1;
end $$;
create function bad() returns int language plpgsql as $$
begin
  if true then
    return 1;
end $$;
create function bad() returns int language plpgsql as $$
begin
  return 1 +;
end $$;
create function bad() returns int language plpgsql as $$
begin
  return;
end $$;
create function bad() returns void language plpgsql as $$
begin
  return 1;
end $$;
create function bad() returns int language plpgsql as $$
begin
  exit;
end $$;
create function bad() returns int language plpgsql as $$
begin
  continue when true;
end $$;
create function bad() returns int language plpgsql as $$
<<l>>
begin
  loop
    exit nosuch;
  end loop;
end $$;
create function bad() returns int language plpgsql as $$
<<l>>
begin
  loop
    continue l;
  end loop;
end l $$;
create function bad() returns int language plpgsql as $$
<<l>>
begin
  return 1;
end m $$;
create function bad() returns int language plpgsql as $$
begin
  return 1;
end m $$;
create function bad() returns int language plpgsql as $$
declare
  c constant int := 1;
begin
  c := 2;
  return c;
end $$;
create function bad() returns int language plpgsql as $$
declare
  c int not null;
begin
  return c;
end $$;
create function bad() returns int language plpgsql as $$
begin
  return next 1;
end $$;
create function bad() returns setof int language plpgsql as $$
begin
  return 1;
end $$;
create function bad(out x int) language plpgsql as $$
begin
  return 1;
end $$;
create function bad() returns int language plpgsql as $$
begin
  select 1 union;
end $$;
create function bad() returns int language plpgsql as $$
begin
  for i in 1..3 loop
    null;
  end;
end $$;
create function bad() returns int language plpgsql as $$
begin
  for i in select 1 loop
    null;
  end loop;
end $$;
create function bad() returns int language plpgsql as $$
begin
  perform (1;
end $$;
create function bad(x anyelement) returns cstring language plpgsql as $$ begin return 1; end $$;
create function bad(x cstring) returns int language plpgsql as $$ begin return 1; end $$;
create function bad0() returns int language plpgsql as $$ begin end
$$;
create function bad() returns int language plpgsql as $$ begin select 1 into x; end $$;
create function bad() returns int language plpgsql as $$ begin raise notice 'a %'; end $$;
create function bad() returns int language plpgsql as $$ begin raise notice 'a %', 1, 2; end $$;
create function bad() returns int language plpgsql as $$ begin raise nosuchcondition; end $$;
create function bad() returns int language plpgsql as $$ begin begin null; exception when nosuch then null; end; end $$;
create function noreturn() returns int language plpgsql as $$ begin end $$;
select noreturn();
create function nothing() returns void language plpgsql as $$ begin end $$;
select nothing();
create function fact(n int) returns numeric language plpgsql as $$
begin
  if n <= 1 then
    return 1;
  end if;
  return n * fact(n - 1);
end $$;
select fact(3), fact(5);
create function grade(score int) returns text language plpgsql as $$
begin
  if score >= 90 then return 'A';
  elsif score >= 80 then return 'B';
  elseif score >= 70 then return 'C';
  else return 'F';
  end if;
end $$;
select s, grade(s) from (values (95), (85), (75), (10), (null)) v(s);
create function which(n int) returns text language plpgsql as $$
begin
  case n
    when 1, 2 then return 'small';
    when 3 then return 'three';
    else return 'large';
  end case;
end $$;
select n, which(n) from generate_series(1, 4) n;
create function which2(n int) returns text language plpgsql as $$
begin
  case
    when n < 0 then return 'negative';
    when n = 0 then return 'zero';
  end case;
  return 'end';
end $$;
select which2(-1), which2(0);
select which2(1);
create function which3(n text) returns text language plpgsql as $$
begin
  case n when 'a' then return 'first'; when 'b', 'c' then return 'second'; end case;
end $$;
select which3('a'), which3('c');
select which3('z');
create function loops() returns text language plpgsql as $$
declare
  s text := '';
  i int := 0;
begin
  loop
    i := i + 1;
    continue when i = 2;
    exit when i > 4;
    s := s || i || ',';
  end loop;
  while i > 0 loop
    i := i - 2;
    s := s || 'w' || i;
  end loop;
  for i in 1..3 loop s := s || ' f' || i; end loop;
  for i in reverse 3..1 loop s := s || ' r' || i; end loop;
  for i in 1..10 by 4 loop s := s || ' b' || i; end loop;
  for i in 5..1 loop s := s || ' never'; end loop;
  return s || ' ' || i || ' ' || found;
end $$;
select loops();
create function labels() returns text language plpgsql as $$
declare
  s text = '';
begin
  <<outer>>
  for i in 1..3 loop
    <<inner>>
    for j in 1..3 loop
      continue outer when j = 2 and i = 1;
      exit outer when i = 3;
      s := s || i || j || ' ';
    end loop inner;
  end loop outer;
  <<blk>>
  begin
    s := s || 'in ';
    exit blk;
    s := s || 'never ';
  end blk;
  return s;
end $$;
select labels();
create function scopes(x int) returns text language plpgsql as $$
<<top>>
declare
  y int := 1;
begin
  declare
    y int := 2;
    x int := 3;
  begin
    y := y + 1;
    top.y := 10;
    return y || ' ' || top.y || ' ' || x || ' ' || scopes.x;
  end;
end $$;
select scopes(7);
create function aliases(int, text) returns text language plpgsql as $$
declare
  a alias for $1;
  b alias for $2;
  c alias for a;
begin
  a := a + 1;
  return $1 || b || c;
end $$;
select aliases(1, 'x');
create table item(id int primary key, name text, price numeric(8, 2) default 1);
insert into item values (1, 'pen', 1.5), (2, 'ink', 20), (3, 'pad', 3.25);
create function price_of(wanted int) returns item.price%type language plpgsql as $$
declare
  p item.price%type;
  i item%rowtype;
  r record;
  q p%type;
begin
  select price into p from item where id = wanted;
  select * into i from item where id = wanted;
  select name as n, price * 2 as double into r from item where id = wanted;
  q := r.double;
  raise notice '% % % % %', p, i.name, i, r, q;
  return i.price;
end $$;
select price_of(1);
select price_of(9);
create function rows_in(i item) returns text language plpgsql as $$
begin
  i.name := upper(i.name);
  i.price := i.price + 1;
  return i.name || i.price || i.id;
end $$;
select rows_in(item) from item order by id;
select rows_in(row(1, 'a', 2));
create function row_out(n int) returns item language plpgsql as $$
declare
  i item;
begin
  i.id := n;
  i.name := 'new';
  return i;
end $$;
select row_out(4), (row_out(5)).name;
select * from row_out(6);
create type pair as (a int, b text);
create function pairs() returns pair language plpgsql as $$
declare
  p pair := row(1, 'one');
  q pair;
begin
  q := p;
  q.b := q.b || '!';
  p.a := q.a + 1;
  return (p.a, q.b);
end $$;
select pairs();
create function wrong_pair() returns pair language plpgsql as $$ begin return row(1, 'x'::text, 2); end $$;
select wrong_pair();
create function wrong_pair2() returns pair language plpgsql as $$ begin return row('x'::text, 1); end $$;
select wrong_pair2();
create function wrong_pair3() returns pair language plpgsql as $$ begin return 1; end $$;
select wrong_pair3();
create function arrays() returns text language plpgsql as $$
declare
  a int[] := array[1, 2, 3];
  b text[];
  m int[][] := '{{1,2},{3,4}}';
  p pair[] := array[row(1, 'x')::pair];
begin
  a[2] := 20;
  a[5] := 50;
  b[1] := 'one';
  b := b || 'two'::text;
  m[2][1] := 30;
  a[1:2] := array[7, 8];
  return a::text || b::text || m::text || array_length(a, 1) || p[1].b;
end $$;
select arrays();
create function documents() returns jsonb language plpgsql as $$
declare
  j jsonb := '{"a": 1}';
begin
  j['b'] := '[1, 2]';
  j['b'][1] := '"two"';
  j['a'] := to_jsonb(j['a']::int + 1);
  return j;
end $$;
select documents();
create function records() returns text language plpgsql as $$
declare
  r record;
begin
  r := row(1, 'x');
  raise notice '%', r;
  select 1 as a, 'b' as b into r;
  r.a := 5;
  r.b := r.b || r.a;
  return r.a || r.b;
end $$;
select records();
create function unassigned() returns text language plpgsql as $$
declare r record; begin return r.a; end $$;
select unassigned();
create function unassigned2() returns text language plpgsql as $$
declare r record; begin r.a := 1; return 'x'; end $$;
select unassigned2();
create function nofield() returns text language plpgsql as $$
declare r record; begin select 1 as a into r; return r.b; end $$;
select nofield();
create function nofield2() returns text language plpgsql as $$
declare r record; begin select 1 as a into r; r.b := 1; return 'x'; end $$;
select nofield2();
create domain posint as int check (value > 0);
create function domains(n int) returns posint language plpgsql as $$
declare
  p posint := 1;
begin
  p := n;
  return p;
end $$;
select domains(5);
select domains(-5);
create function domains2(n int) returns posint language plpgsql as $$ begin return n; end $$;
select domains2(0);
create domain must as text not null;
create function musts() returns text language plpgsql as $$ declare m must; begin return m; end $$;
select musts();
create function notnull(n int) returns int language plpgsql as $$
declare
  x int not null := 1;
begin
  x := n;
  return x;
end $$;
select notnull(3);
select notnull(null);
create function lengths(t text) returns varchar(3) language plpgsql as $$
declare
  v varchar(3);
  n numeric(4, 1);
  c char(4);
begin
  n := 12.345;
  c := 'ab';
  v := t;
  return v || n || '[' || c || ']';
end $$;
select lengths('abc');
select lengths('abcd');
create function casts(t text) returns int language plpgsql as $$ declare i int; begin i := t; return i; end $$;
select casts('12');
select casts('x');
create function casts2(d numeric) returns int language plpgsql as $$ declare i int := d; begin return i * 2; end $$;
select casts2(1.5);
create function constants() returns int language plpgsql as $$
declare
  c constant int := 5;
  d int default c * 2;
  e int = d + 1;
begin
  return c + d + e;
end $$;
select constants();
create function outs(a int, out b int, out c text) language plpgsql as $$
begin
  b := a * 2;
  c := 'c' || a;
end $$;
select outs(2), (outs(3)).c;
select * from outs(4);
create function inouts(inout a int) language plpgsql as $$ begin a := a + 1; return; end $$;
select inouts(1);
create function variadics(variadic a int[]) returns int language plpgsql as $$
declare s int := 0; x int;
begin
  foreach x in array a loop s := s + x; end loop;
  return s;
end $$;
select variadics(1, 2, 3), variadics(variadic array[4, 5]);
create function defaults(a int, b int default 10) returns int language plpgsql as $$ begin return a + b; end $$;
select defaults(1), defaults(1, 2), defaults(b => 3, a => 4);
create function poly(x anyelement, y anyelement) returns anyelement language plpgsql as $$
declare z x%type := x;
begin
  if y > z then z := y; end if;
  return z;
end $$;
select poly(1, 2), poly('b'::text, 'a'), poly(1.5, 0.5);
create function polyarray(x anyelement) returns anyarray language plpgsql as $$ begin return array[x, x]; end $$;
select polyarray(1), polyarray('t'::text);
create function strictly(a int) returns int strict language plpgsql as $$ begin return 5; end $$;
select strictly(null), strictly(1);
create function slices() returns text language plpgsql as $$
declare
  s text := '';
  x int[];
  y int;
begin
  foreach x slice 1 in array array[[1, 2], [3, 4]] loop s := s || x::text; end loop;
  foreach y in array array[[1, 2], [3, 4]] loop s := s || y; end loop;
  return s;
end $$;
select slices();
create function slices2() returns text language plpgsql as $$
declare x int[]; begin foreach x in array array[1] loop null; end loop; return 1; end $$;
select slices2();
create function slices3() returns text language plpgsql as $$
declare x int; begin foreach x in array null::int[] loop null; end loop; return 1; end $$;
select slices3();
create function slices4() returns text language plpgsql as $$
declare x int; begin foreach x in array 5 loop null; end loop; return 1; end $$;
select slices4();
create function slices5() returns text language plpgsql as $$
declare x int[]; begin foreach x slice 3 in array array[1] loop null; end loop; return 1; end $$;
select slices5();
create function bounds(a int, b int, c int) returns int language plpgsql as $$
declare n int := 0; begin for i in a..b by c loop n := n + 1; end loop; return n; end $$;
select bounds(1, 10, 3);
select bounds(null, 10, 3);
select bounds(1, null, 3);
select bounds(1, 10, null);
select bounds(1, 10, 0);
select bounds(2147483646, 2147483647, 1);
create function div(a int, b int) returns int language plpgsql as $$ begin return a / b; end $$;
select div(1, 0);
create function div2(a int) returns int language plpgsql as $$
declare x int;
begin
  x := div(a, 0);
  return x;
end $$;
select div2(1);
create function div3() returns int language plpgsql as $$
declare x int := 1 / 0;
begin
  return x;
end $$;
select div3();
create function div4() returns int language plpgsql as $$ begin perform div(1, 0); return 1; end $$;
select div4();
create function nocolumn() returns int language plpgsql as $$ begin return nosuch + 1; end $$;
select nocolumn();
create function nocolumn2() returns int language plpgsql as $$ declare x int; begin x := nosuch + 1; return x; end $$;
select nocolumn2();
create function notable() returns int language plpgsql as $$ begin perform * from nosuchtable; return 1; end $$;
select notable();
create function ambiguous(id int) returns text language plpgsql as $$ begin return (select name from item where id = 1); end $$;
select ambiguous(2);
create function ambiguous2(id int) returns text language plpgsql as $$
#variable_conflict use_column
begin return (select name from item where id = 2 limit 1); end $$;
select ambiguous2(1);
create function ambiguous3(id int) returns text language plpgsql as $$
#variable_conflict use_variable
begin return (select count(*) from item where id = 2); end $$;
select ambiguous3(2), ambiguous3(1);
create function ambiguous4(id int) returns text language plpgsql as $$
begin return (select name from item where item.id = ambiguous4.id); end $$;
select ambiguous4(3);
create function trig() returns trigger language plpgsql as $$ begin return new; end $$;
select trig();
create function trig2(a int) returns trigger language plpgsql as $$ begin return new; end $$;
drop function add_one(int);
select add_one(1);
create function "Quoted Name"("A b" int) returns int language plpgsql as $$ begin return "A b" + "Quoted Name"."A b"; end $$;
select "Quoted Name"(2);
create function recursive_depth(n int) returns int language plpgsql as $$ begin return recursive_depth(n + 1); end $$;
create extension plpgsql;
create extension if not exists plpgsql;
select routine_name, external_language, routine_body from information_schema.routines where routine_name = 'fact';
