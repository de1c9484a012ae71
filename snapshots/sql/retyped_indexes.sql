create table t9(a text collate "C" primary key, b text unique, c varchar collate "POSIX"); create index on t9(c, lower(a)); 
alter table t9 alter b type int using 1, alter c type text; alter table t9 alter a type varchar(10);
select c.relname, i.indcollation from pg_index i join pg_class c on c.oid=indexrelid where indrelid='t9'::regclass order by 1;
\d t9
alter table t9 alter c type text collate "C";
select c.relname, i.indcollation from pg_index i join pg_class c on c.oid=indexrelid where indrelid='t9'::regclass order by 1;
create table a(v text); create index a_v on a(v); create index a_v2 on a(v collate "C"); create index a_v3 on a((v||'x')); create index a_v4 on a((v||'x') collate "C"); create index a_v5 on a(lower(v) text_pattern_ops);
alter table a alter v type varchar(20);
\d a
alter table a alter v type text collate "POSIX";
\d a
select c.relname, i.indcollation from pg_index i join pg_class c on c.oid=indexrelid where indrelid='a'::regclass order by 1;
drop index a_v2, a_v3, a_v4, a_v5;
alter table a alter v type int using v::int; 
\d a
create table b(v text); create index b_v on b(v collate "C");
alter table b alter v type int using v::int;
create table t5(c varchar(10)); create index on t5((c::text)); alter table t5 alter c type date using c::date;
\d t5
create table t6(c varchar(10), d int); create index on t6(d) where c::text = 'x'; alter table t6 alter c type date using c::date;
alter table t6 alter c type timestamp using c::timestamp;
create table t7(c varchar(10), d int); create unique index on t7(d) where (c||'x') = 'x'; alter table t7 alter c type timestamp using c::timestamp;
create table t8(c varchar(10), d int, exclude using btree ((c||'x') with =)); alter table t8 alter c type timestamp using c::timestamp;
create table t10(b int); create index on t10((b::text)); alter table t10 alter b type text;
\d t10
create table t11(c varchar(10), d text generated always as (c||'x') stored); alter table t11 alter c type timestamp using c::timestamp;
create table t12(k text) partition by list(k); create table t12a partition of t12 for values in ('a'); create index on t12(k); create table t13(k text) partition by list((k||'x'));
alter table t13 alter k type date using k::date;
create table t14(c varchar(10) check ((c||'x') <> 'y')); alter table t14 alter c type timestamp using c::timestamp;
create table t15(a int); create index on t15((a+1)) where a > 2; alter table t15 alter a type text;
create table t16(a int, b int); create index on t16((a+1), (a||'x')) where b > 2; alter table t16 alter a type text;
