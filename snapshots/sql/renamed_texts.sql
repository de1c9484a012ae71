create table x2(b varchar(4) default 7, c int, d varchar(5) default 'abc', e numeric(5,2) default 3.14159, f text default 5, g timestamp default current_date, h int default 7.5);
alter table x2 rename c to cc; 
\d x2
alter table x2 alter b type smallint using b::smallint;
create table x3(c text, g char(5) generated always as (c) stored, i numeric(5,1) generated always as (length(c)) stored);
alter table x3 rename c to cc;
\d x3
insert into x3 values ('a'); select * from x3;
insert into x3 values ('abcd');
\d x3
insert into x3 values ('abcd'); select * from x3;
create table t6(c text, b char(3) generated always as (c) stored); alter table t6 alter b type varchar(4);
\d t6
create function fd() returns int language sql as 'select 1';
create table x4(a smallint default fd(), b varchar(3) default fd()::text);
alter function fd rename to fe;
\d x4
insert into x4 default values; select * from x4;
create domain dv as varchar(3); create table x5(a dv default 'ab', b dv default fe()::text, c int);
alter table x5 rename c to d; alter function fe rename to fg;
\d x5
insert into x5 default values; select * from x5;
create schema s1; create type s1.en as enum ('a','b'); create table x6(a s1.en default 'a', b text default 'a'::s1.en);
alter type s1.en rename to eo; alter schema s1 rename to s2;
\d x6
insert into x6 default values; select * from x6;
create table pt(k varchar(5), i int, j int) partition by list ((lower(k)), i) ; 
create table pt(k varchar(5), i int, j int) partition by list ((lower(k))) ; 
create table pt1 partition of pt for values in ('a'); create table pt2 partition of pt for values in ('b') partition by range ((j + i), j); create table pt21 partition of pt2 for values from (0,0) to (10,0);
alter table pt rename k to kk; alter table pt rename j to jj; alter table pt rename i to "I x";
\d pt
\d pt2
\d pt1
\d pt21
insert into pt values ('A', 1, 2), ('B', 3, 4); select tableoid::regclass, * from pt order by 1;
insert into pt values ('C', 1, 2);
insert into pt values ('B', 30, 4);
explain (costs off) select * from pt where lower(kk) = 'a';
create table pt3 (kk varchar(5), "I x" int, jj int); insert into pt3 values ('Q',1,1);
alter table pt attach partition pt3 for values in ('r');
alter table pt attach partition pt3 for values in ('q');
alter table pt rename kk to k2;
create function fp(text) returns text immutable language sql as 'select $1';
create table pf(a text) partition by hash ((fp(a))); create table pf1 partition of pf for values with (modulus 1, remainder 0);
alter function fp rename to fp2;
insert into pf values ('a'); select * from pf;
