select 'now'::regproc, 'pg_catalog.now'::regproc, 'abs(int4)'::regprocedure, '||/'::regoper, '+(integer,integer)'::regoperator, '-(none,int4)'::regoperator;
select 'abs'::regproc;
select 'nope'::regproc;
select 'nope(int)'::regprocedure;
select 'abs'::regprocedure;
select '+'::regoper;
select 'nope.||/'::regoper;
select '++(int4,int4)'::regoperator;
select '-(int4)'::regoperator;
select 0::regproc, 0::regoper, 99999999::regproc, '-'::regproc, 551::regoper, 551::regoperator, 484::regoperator, 1299::regproc, 1397::regproc;
select 'integer'::regtype, 'int4'::regtype, 'double precision'::regtype, 'text[]'::regtype, 'timestamp with time zone'::regtype, 'pg_catalog.bool'::regtype;
select 'nope'::regtype;
select to_regproc('now'), to_regproc('abs'), to_regproc('nope'), to_regprocedure('abs(int4)'), to_regoper('||/'), to_regoper('+'), to_regoperator('+(int4,int4)'), to_regclass('nope.x'), to_regtype('int4'), to_regtype('nope'), to_regnamespace('pg_catalog'), to_regnamespace('nope'), to_regrole('nope');
select 'nope'::regnamespace;
select 'nope'::regrole;
select 'a.b'::regnamespace;
create table indexed (a int primary key, b text);
create index indexed_b on indexed (b);
create view looked_at as select 1;
insert into indexed values (1, 'x'), (2, null);
reindex table indexed;
reindex index indexed_b;
begin;
delete from indexed where a = 1;
reindex index indexed_pkey;
select * from indexed where a in (1, 2) order by a;
rollback;
select a from indexed where b = 'x';
reindex table indexed_b;
reindex index indexed;
reindex index nope;
reindex table looked_at;
reindex schema nope;
reindex (bogus) table indexed;
begin;
reindex table concurrently indexed;
rollback;
set vacuum_cost_delay = 40;
show vacuum_cost_delay;
set vacuum_cost_delay = '0.5ms';
show vacuum_cost_delay;
set vacuum_cost_delay = 101;
set vacuum_cost_delay = '1 lightyear';
create schema aside;
create table aside.hidden (i int);
create domain aside.number as int;
create function aside.twice(int) returns int language sql as 'select $1 * 2';
select pg_table_is_visible('aside.hidden'::regclass) as hidden_table, pg_type_is_visible('aside.number'::regtype) as hidden_type,
  pg_function_is_visible('aside.twice(int)'::regprocedure) as hidden_function, pg_table_is_visible('pg_class'::regclass) as catalog,
  pg_type_is_visible('int'::regtype) as type, pg_function_is_visible('abs(int)'::regprocedure) as function,
  pg_table_is_visible(1), pg_type_is_visible(1), pg_function_is_visible(1), pg_operator_is_visible('+(int,int)'::regoperator);
create function twice(int) returns int language sql as 'select $1 * 3';
begin;
set local search_path = aside;
select pg_function_is_visible('aside.twice(int)'::regprocedure) as seen;
rollback;
select pg_get_function_arguments(oid), pg_get_function_identity_arguments(oid), pg_get_function_result(oid) from pg_proc
where oid in ('format(text,"any")'::regprocedure, 'jsonb_set(jsonb,text[],jsonb,boolean)'::regprocedure, 'jsonb_each(jsonb)'::regprocedure,
  'generate_series(int,int)'::regprocedure, 'percentile_cont(float8,float8)'::regprocedure, 'rank("any")'::regprocedure,
  'count()'::regprocedure, 'pg_sequence_parameters(oid)'::regprocedure, 'mode(anyelement)'::regprocedure) order by oid;
drop function twice(int);
drop schema aside cascade;
