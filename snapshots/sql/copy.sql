create table t(a int unique, b text not null, c numeric(5,2) default 1.5, g int generated always as (a*2) stored, check (a < 100));
copy t from stdin (format xml);
copy t from stdin (format csv, format text);
copy t from stdin (foo);
copy t from stdin (delimiter 'ab');
copy t from stdin (delimiter '');
copy t from stdin (format binary, delimiter ',');
copy t from stdin (format binary, null ',');
copy t from stdin (format binary, header);
copy t from stdin (delimiter E'\n');
copy t from stdin (null E'\n');
copy t from stdin (delimiter 'a');
copy t from stdin (delimiter '\');
copy t from stdin (delimiter '.');
copy t from stdin (quote '"');
copy t from stdin (format csv, quote 'xx');
copy t from stdin (format csv, quote ',');
copy t from stdin (format csv, escape 'xx');
copy t from stdin (escape 'x');
copy t from stdin (format csv, force_quote *);
copy t from stdin (force_quote (a));
copy t to stdout (force_quote (a));
copy t to stdout (force_not_null (a));
copy t to stdout (format csv, force_not_null (a));
copy t to stdout (format csv, force_null (a));
copy t to stdout (force_null (a));
copy t from stdin (delimiter ',', null 'a,b');
copy t from stdin (format csv, null '"');
copy t from stdin (header match, format binary);
copy t to stdout (header match);
copy t to stdout (header maybe);
copy t to stdout (header 2);
copy t to stdout (header 1);
copy t from stdin (freeze 3);
copy t from stdin (encoding 'foo');
copy t from stdin (encoding 3);
copy t from stdin (format csv, force_null a);
copy t from stdin (format csv, force_null *);
copy t from stdin (format csv, force_null (zz));
copy t from stdin (format csv, force_not_null (zz));
copy t to stdout (format csv, force_quote (zz));
copy t(a) to stdout (format csv, force_quote (b));
copy t(a) from stdin (format csv, force_null (b));
copy t(a,a) from stdin;
copy t(zz) from stdin;
copy t(g) from stdin;
copy t(g) to stdout;
copy nope from stdin;
copy nope to stdout;
create view v as select 1 x;
create sequence s;
create index i on t(a);
copy v from stdin;
\.
copy v to stdout;
copy s from stdin;
\.
copy s to stdout;
copy i to stdout;
copy i from stdin;
copy (insert into t(a) values (1)) to stdout;
copy (select 1 into xx) to stdout;
copy (select) to stdout;
copy t to 'relative';
copy t from 'relative';
copy t to stdout where a > 3;
copy t from stdin where g > 3;
copy t from stdin where zz > 3;
copy t from stdin where a;
copy t from stdin where a = (select 1);
copy t from stdin (freeze);
\.
copy t to stdout (freeze);
begin read only;
copy t from stdin;
rollback;
copy t from stdin (format 1);
copy t from stdin (format);
copy t from stdin (delimiter);
copy t from stdin (null);
copy t from stdin (delimiter true);
copy t from stdin (format text, delimiter E'\r');
copy t from stdin (format csv, delimiter E'\r');
copy t from stdin (format csv, delimiter 'a');
\.
copy t from stdin (format csv, quote '');
copy t from stdin (format csv, escape '');
copy t from stdin (delimiter 'é');
copy t from stdin (delimiter ',', delimiter ';');
copy t from stdin (header, header);
drop view v; drop sequence s; drop table t;
create table t(a int unique, b text not null, c numeric(5,2) default 1.5, g int generated always as (a*2) stored, check (a < 100));
copy t(a,b) from stdin;
1	x
2	y	z
\.
copy t(a,b) from stdin;
1
\.
copy t(a,b) from stdin;
1x	b
\.
copy t(a,b) from stdin;
1	\N
\.
copy t(a,b) from stdin;
1	ok
200	bad
3	x	y
\.
copy t(a,b) from stdin;
1	ok
1	dup
2	x
\.
copy t(a,b) from stdin;
1	ok
1	dup
x2	x
\.
copy t from stdin;
1	back\\slash\ttab\nnl \x41\101 \q	3.456
2	\
cont	\N

\.
copy t from stdin (format csv);
1,"a
b",2
2,"un
\.
copy t from stdin (format csv);
1,"a"b
\.
copy t from stdin (format csv);
1,ab"c,d"e"",
2,,
\.
copy t from stdin (format csv, header match);
a,b,d
\.
copy t from stdin (format csv, header match);
a,b
\.
copy t from stdin (header match);
a	b	c	d
\.
copy t from stdin (header match);
\N	b	c
\.
copy t from stdin (header);
garbage
1	one	1
\.
table t;
copy t to stdout;
copy t to stdout (format csv, header);
copy t(b,a) to stdout with csv header quote '''' force quote b;
copy t to stdout (delimiter ',', null 'x');
copy (select 1, null, 'a,b', e'q"uote', '', 'x') to stdout csv;
copy (select 1, null, 'a,b', e'tab\t', '\.', e'nl\ncr\r', e'\b\f\x0b') to stdout;
copy (select '\.') to stdout csv;
copy (select '\.',1) to stdout csv;
copy (select '\.a') to stdout csv;
copy (select null) to stdout csv;
copy (select '') to stdout csv;
copy (select) to stdout;
copy (select 1 where false) to stdout (header);
create table d1(x int, y varchar(3));
copy d1 from stdin;
1	abcd
\.
copy d1(y) from stdin;
abc
\.
create table pk(i int primary key); create table f(r int references pk);
copy f from stdin;
1
\.
copy f from stdin where r > 1;
1
\.
copy f from stdin where r > 'x';
copy t(a,b) from stdin where a > 10 and c > 1 and g is null;
copy t(a,b) from stdin where a > 10 and c > 1;
12	x
3	y
\.
copy pk from stdin;
\.
copy pk from stdin;
99999999999
\.
copy pk from stdin (format csv, force_null (i));
""
\.
copy pk from stdin (format csv);
""
\.
copy t(a,b) from stdin;
50	aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	zz
\.
copy pk from stdin;
\.x
\.
copy pk from stdin (null '');

5
\.
begin; create table z(a int); 
copy z from stdin (freeze);
1
\.
commit;
copy pk from stdin with delimiter as '|' null as 'n';
7
\.
copy pk from stdin using delimiters ',';
77
\.
copy d1 from stdin (format csv, null 'NULL', force_not_null (y));
1,NULL
2,"NULL"
3,
\.
select *, y is null from d1;
copy d1 from stdin (format csv, null 'NULL', force_null (y));
1,NULL
2,"NULL"
3,
\.
select *, y is null from d1;

create table l(a text, b text);
copy l from stdin (format csv);
1,"a
b"
2,"c"
\.
copy l from stdin;
x	\
y
\.
copy l from stdin (format csv);
\.,2
\.
copy l from stdin (format csv, escape '\');
"a\"b","c\\d\e"
""x"",y"z"
\.
copy l from stdin (format csv, quote '$', delimiter ';');
$a;b$;$$
;
\.
table l;
copy l to stdout (format csv, quote '$', delimiter ';', force_quote *);
copy l to stdout (format csv, escape '\', null 'y', quote '"');
copy (select a, length(a) from l order by 1, 2) to stdout (header);
create type pair as (x int, y text);
create type mood as enum ('sad', 'ok');
create table k(a int[], d date, p pair, m mood, j jsonb, r regclass, n numeric, ts timestamptz, u uuid, bo bool, by bytea);
copy k from stdin;
{1,NULL,3}	2020-02-29	(1,"a b")	ok	{"a": [1, 2]}	k	1.50	2020-01-01 00:00:00+00	00000000-0000-0000-0000-000000000001	t	\\x0001
\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
\.
set timezone = 'UTC';
copy k to stdout;
copy k to stdout csv header;
copy k(m) from stdin;
happy
\.
copy k(a) from stdin;
{1,x}
\.
copy k(by) from stdin;
\\x0
\.
copy k(d) from stdin;
2021-02-29
\.
copy k(r) from stdin;
nothing
\.
create table q(id int generated always as identity, s serial, w text default 'w', x int default 7);
copy q(w) from stdin;
a
b
\.
copy q(id, w) from stdin;
10	c
\.
table q;
begin;
copy q(w) from stdin;
d
\.
copy q(x) from stdin;
d
\.
copy q(w) from stdin;
rollback;
select count(*) from q;
begin;
savepoint one;
copy q(w) from stdin;
d
\.
rollback to one;
copy q(w) from stdin;
f
\.
commit;
select w, x from q order by w;
copy (insert into q(w) values ('r') returning w, x) to stdout;
copy (values (1, 'a'), (2, 'b') order by 1 desc) to stdout;
copy (with c as (select 1 as one) table c) to stdout (format csv, header);
create table p2(i int primary key);
create table f2(r int references p2 deferrable initially deferred);
begin;
copy f2 from stdin;
5
\.
copy p2 from stdin;
5
\.
commit;
select * from f2;
begin;
copy f2 from stdin;
6
\.
commit;
select * from f2;
create table z0();
copy z0 from stdin;


\.
copy z0 from stdin;
x
\.
select count(*) from z0;
copy z0 to stdout;
create table dr(a int, b int, c int);
alter table dr drop column b;
copy dr from stdin;
1	2
\.
copy dr(c, a) from stdin;
3	4
\.
copy dr to stdout;
copy dr(b) to stdout;
create table dz(a int check (10 / a > 0));
copy dz from stdin;
1
0
\.
create table gz(a int, b int generated always as (10 / a) stored);
copy gz from stdin;
1
0
\.
copy gz from stdin where 10 / a > 1;
1
0
\.
create unique index dxx on gz(abs(a));
copy gz(a) from stdin;
1
2
-2
\.
