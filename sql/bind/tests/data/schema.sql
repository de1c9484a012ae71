create domain positive as int;
create table t1 (a int primary key, b text, c numeric(10,2));
create table t2 (a int, d text, e varchar(5)[], f timestamp(3));
create table t3 (x bigint not null, y smallint, z double precision, j jsonb, primary key (x, y));
create table dom (p positive, q char(3));
create view v1 as select a, b as bb from public.t1 where a > 0;
