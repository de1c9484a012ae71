create table acc (id int primary key, code text unique, grp int, note text default 'n');
create index acc_grp on acc (grp);
insert into acc select i, 'c' || i, i % 3 from generate_series(1, 10) i;
select count(*), sum(id), min(code), max(note) from acc;
insert into acc values (11, 'c11', 1), (12, 'c12', 2), (5, 'c13', 0), (14, 'c14', 1), (15, 'c15', 2);
insert into acc values (11, 'c11', 1), (12, 'c12', 2), (13, 'c3', 0), (14, 'c14', 1), (5, 'c15', 2);
insert into acc values (11, 'c11', 1), (12, 'c12', 2), (13, 'c12', 0), (14, 'c14', 1), (11, 'c15', 2);
insert into acc values (11, 'c11', 1), (12, null, 2), (13, null, 0), (14, null, 1), (11, null, 2);
insert into acc values (11, 'c11', 1), (12, null, 2), (13, null, 0), (14, null, 1), (15, 'c15', null);
select * from acc where id > 9 order by id;
select count(*) from acc where grp = 1;
begin;
insert into acc select i, 'd' || i, i % 3 from generate_series(101, 120) i;
savepoint s;
insert into acc select i, 'd' || i, i % 3 from generate_series(121, 140) i;
insert into acc select i, 'd' || i, i % 3 from generate_series(141, 161) i where i <> 161 union all select 101, 'x', 1;
rollback to s;
select count(*), max(id) from acc where id > 100;
insert into acc select i, 'e' || i, i % 3 from generate_series(121, 130) i;
delete from acc where id between 105 and 125;
insert into acc select i, 'f' || i, i % 3 from generate_series(105, 125) i;
select count(*), min(code), max(code) from acc where id > 100;
commit;
select count(*), sum(grp) from acc;
select id, code from acc where grp = 1 and id > 100 order by id limit 3;
truncate acc;
insert into acc select i, 'c' || i, i % 3 from generate_series(10, 1, -1) i;
select array_agg(id) from (select id from acc order by grp, id) s;
insert into acc (id, code) select i, 'c' || i from generate_series(8, 14) i on conflict do nothing;
insert into acc (id, code, grp) select i, 'c' || i, 9 from generate_series(13, 18) i on conflict (id) do update set grp = excluded.grp;
select id, grp from acc where id > 7 order by id;
update acc set id = id + 100, code = code || 'u';
insert into acc select i, 'c' || i, i % 3 from generate_series(1, 18) i returning id;
select count(*), count(distinct code) from acc;
create table pairs (a int, b text, unique (a, b), unique nulls not distinct (b));
insert into pairs values (1, 'x'), (1, 'y'), (null, 'z'), (null, 'w');
insert into pairs values (2, 'p'), (2, 'q'), (3, null), (4, 'r'), (5, 's');
insert into pairs values (2, 'p1'), (2, 'q1'), (3, null), (4, 'r1'), (5, 's1');
select * from pairs order by b, a;
create table big (k text primary key);
insert into big select repeat(chr(96 + i), 100) from generate_series(1, 20) i;
insert into big select repeat(chr(64 + i), 100) || i from generate_series(1, 20) i;
select count(*), min(k), length(max(k)) from big;
create table late (v int unique deferrable initially deferred, w int unique);
begin;
insert into late values (1, 1), (2, 2), (1, 3), (4, 4), (5, 5);
update late set v = 3 where w = 3;
commit;
begin;
insert into late values (11, 11), (12, 12), (11, 13), (14, 14);
commit;
select * from late order by 1;
create table part (id int, k int, primary key (id, k)) partition by list (k);
create table part0 partition of part for values in (0);
create table part1 partition of part for values in (1);
insert into part select i, i % 2 from generate_series(1, 20) i;
insert into part select i, i % 2 from generate_series(15, 24) i;
insert into part select i, i % 3 from generate_series(30, 40) i;
select tableoid::regclass, count(*), sum(id) from part group by 1 order by 1;
create table up (id int primary key);
create table down (id int primary key, u int references up);
insert into up select generate_series(1, 10);
insert into down select i, i from generate_series(1, 10) i;
insert into down select i, i - 10 from generate_series(11, 22) i;
select count(*) from down;
create table gen (a int, b int generated always as (a * 2) stored, c int check (c > 0), unique (b));
insert into gen (a, c) select i, i from generate_series(1, 8) i;
insert into gen (a, c) select i, 12 - i from generate_series(9, 14) i;
insert into gen (a, c) select i, 1 from generate_series(8, 14) i;
select count(*), max(b) from gen;
copy acc (id, code) from stdin;
1001	a
1002	b
1003	c
1004	d
\.
copy acc (id, code) from stdin;
1005	e
1006	f
1007	c
1008	g
1009	h
\.
select id, code, note from acc where id > 1000 order by id;
create temp table tmp (id int primary key, v text);
insert into tmp select i, 't' || i from generate_series(1, 9) i;
insert into tmp select i, 't' || i from generate_series(9, 19) i;
select count(*) from tmp;
begin isolation level serializable;
insert into tmp select i, 's' || i from generate_series(21, 29) i;
insert into acc select i, 's' || i from generate_series(2001, 2009) i;
select count(*) from acc where id > 2000;
commit;
create unique index acc_note on acc (note) where id > 2000;
create unique index acc_note2 on acc (lower(code)) include (grp) where id <= 2000;
insert into acc select i, 'K' || i, 1, 'm' || i from generate_series(2101, 2106) i;
insert into acc select i, 'K' || i, 1, 'm' || i / 2 from generate_series(2201, 2206) i;
insert into acc select i - 1000, 'S' || i, 1, 'm' || i / 2 from generate_series(2001, 2006) i;
select count(*), max(code) from acc;
