-- PL/pgSQL is an extension to those who look for it.
select oid, * from pg_extension;
\dx
\dx plp*
select * from pg_available_extensions where name in ('plpgsql', 'uuid-ossp') order by 1;
select * from pg_available_extension_versions where name in ('plpgsql', 'uuid-ossp') order by 1;
select * from pg_available_extensions() where name in ('plpgsql', 'uuid-ossp') order by 1;
select * from pg_available_extension_versions() where name in ('plpgsql', 'uuid-ossp') order by 1;
select * from pg_extension_update_paths('plpgsql');
select * from pg_depend where deptype = 'e' order by 1, 2;
select pg_describe_object(3079, oid, 0), pg_identify_object(3079, oid, 0), pg_identify_object_as_address(3079, oid, 0) from pg_extension;
select pg_get_object_address('extension', '{plpgsql}', '{}');
create extension if not exists plpgsql;
create extension plpgsql;
create extension plpgsql schema public;
comment on extension plpgsql is 'x';
\dx
comment on extension plpgsql is null;
select obj_description(oid, 'pg_extension') from pg_extension;
comment on extension plpgsql is 'PL/pgSQL procedural language';
alter extension plpgsql set schema public;
alter extension plpgsql update;
alter extension plpgsql update to '2';
alter extension plpgsql update to '2' to '3';
drop language plpgsql;
-- What is said of what is there from the beginning.
\dn+
select nspname, obj_description(oid, 'pg_namespace') from pg_namespace where oid < 16384 order by 1;
select lanname, obj_description(oid, 'pg_language') from pg_language order by 1;
select amname, obj_description(oid, 'pg_am') from pg_am order by 1;
select collname, obj_description(oid, 'pg_collation') from pg_collation where oid < 1000 order by 1;
select shobj_description(oid, 'pg_database') from pg_database where datname = 'postgres';
comment on schema public is null;
select obj_description('public'::regnamespace, 'pg_namespace');
comment on schema public is 'ours';
select obj_description('public'::regnamespace, 'pg_namespace');
begin;
comment on schema public is '';
select obj_description('public'::regnamespace, 'pg_namespace');
rollback;
select obj_description('public'::regnamespace, 'pg_namespace');
comment on schema pg_catalog is 'x';
select obj_description(11, 'pg_namespace');
comment on schema pg_catalog is 'system catalog schema';
-- What there is not.
comment on extension nope is 'x';
drop extension nope;
drop extension if exists nope;
alter extension nope update;
alter extension nope set schema public;
alter extension nope add table x;
create extension "a--b";
create extension "-a";
create extension "a/b";
-- Where it goes.
create extension "uuid-ossp" schema nope;
create schema x;
set search_path = nowhere;
create extension "uuid-ossp";
set search_path = public;
create extension "uuid-ossp" version '9';
create extension "uuid-ossp" schema x schema public;
create extension "uuid-ossp" cascade cascade;
begin;
create extension "uuid-ossp" with schema x;
create extension "uuid-ossp";
create extension if not exists "uuid-ossp";
rollback;
\dx
create extension "uuid-ossp" with schema x version '1.1' cascade;
create extension "uuid-ossp";
create extension if not exists "uuid-ossp";
\dx
\df x.*
select proname, prosrc, probin, provolatile, proparallel, proisstrict, lanname, procost from pg_proc p join pg_language l on l.oid = prolang where pronamespace = 'x'::regnamespace order by 1, 2;
select pg_get_functiondef('x.uuid_nil'::regproc);
select routine_name, external_language, routine_definition from information_schema.routines where routine_schema = 'x' order by 1 limit 2;
select extname, extowner::regrole, extnamespace::regnamespace, extrelocatable, extversion, extconfig, extcondition from pg_extension order by 1;
select pg_describe_object(classid, objid, objsubid), refobjid = (select oid from pg_extension where extname = 'uuid-ossp'), deptype from pg_depend where refclassid = 'pg_extension'::regclass and objid >= 16384 order by 1;
select deptype, refclassid::regclass from pg_depend where classid = 'pg_extension'::regclass;
select pg_describe_object(3079, oid, 0), pg_identify_object(3079, oid, 0), pg_identify_object_as_address(3079, oid, 0) from pg_extension order by 1;
show search_path;
-- Members go with it, and not without it.
drop function x.uuid_nil();
drop function x.uuid_nil() cascade;
drop schema x;
create table t (a uuid default x.uuid_nil());
create view v as select x.uuid_ns_dns();
drop extension "uuid-ossp";
begin;
drop extension "uuid-ossp" cascade;
\d t
\df x.*
rollback;
begin;
drop schema x cascade;
\dx
rollback;
-- To another schema.
alter extension "uuid-ossp" set schema public;
\dx
\df x.*
\d t
\d+ v
alter extension "uuid-ossp" set schema public;
alter extension "uuid-ossp" set schema nowhere;
alter extension "uuid-ossp" update;
alter extension "uuid-ossp" update to '1.1';
alter extension "uuid-ossp" update to '7';
drop schema x;
create schema x;
-- A member that is made anew stays one.
create or replace function uuid_nil() returns uuid language sql as 'select null::uuid';
drop function uuid_nil();
alter function uuid_nil() rename to nilly;
alter function nilly() set schema x;
select x.nilly();
drop function x.nilly();
alter extension "uuid-ossp" set schema x;
comment on extension "uuid-ossp" is 'y';
\dx
-- Who may.
create role extension_user;
grant usage on schema public to extension_user;
set role extension_user;
create extension pgcrypto;
drop extension "uuid-ossp";
alter extension "uuid-ossp" update;
alter extension "uuid-ossp" set schema public;
comment on extension "uuid-ossp" is 'y';
reset role;
grant create on schema public to extension_user;
do $$ begin execute format('grant create on database %I to extension_user', current_database()); end $$;
set role extension_user;
create extension pgcrypto;
select extowner::regrole from pg_extension where extname = 'pgcrypto';
select distinct proowner::regrole = current_user::regrole, proacl is null from pg_proc where probin like '%pgcrypto';
drop function digest(text, text);
alter extension pgcrypto set schema x;
comment on extension pgcrypto is 'mine';
drop extension pgcrypto;
create function q() returns uuid language c as '$libdir/uuid-ossp', 'uuid_nil';
reset role;
do $$ begin execute format('revoke create on database %I from extension_user', current_database()); end $$;
drop owned by extension_user;
drop role extension_user;
drop extension if exists "uuid-ossp", nope cascade;
\dx
drop table t;
drop schema x;
-- Its functions by other names.
create function q() returns uuid language c as '$libdir/uuid-ossp', 'uuid_nil';
select q();
select pg_get_functiondef('q'::regproc);
create function q2() returns uuid language c as '$libdir/nonesuch', 'nonesuch';
create function uuid_nil() returns uuid language c as '$libdir/uuid-ossp';
select uuid_nil();
create extension "uuid-ossp";
\dx
drop function q(), uuid_nil();
begin read only;
create extension "uuid-ossp";
rollback;
create extension "uuid-ossp" schema pg_catalog;
select uuid_nil();
drop extension "uuid-ossp";
-- Numbers of names.
create extension "uuid-ossp";
select uuid_nil(), uuid_ns_dns(), uuid_ns_url(), uuid_ns_oid(), uuid_ns_x500();
select uuid_generate_v3(uuid_ns_dns(), 'www.widgets.com'), uuid_generate_v5(uuid_ns_dns(), 'www.widgets.com');
select uuid_generate_v3(uuid_ns_url(), ''), uuid_generate_v5(uuid_nil(), 'é'), uuid_generate_v5(null, 'x');
select name, uuid_generate_v5(uuid_ns_url(), name) from unnest('{a,b,null,c}'::text[]) name;
select u <> u2, substr(u::text, 15, 1), substr(u::text, 20, 1) between '8' and 'b' from (select uuid_generate_v4() u, uuid_generate_v4() u2) s;
select u <> u2, substr(u::text, 15, 1), substr(u::text, 20, 1) between '8' and 'b' from (select uuid_generate_v1mc() u, uuid_generate_v1() u2) s;
select get_byte(decode(substr(uuid_generate_v1mc()::text, 25), 'hex'), 0) & 1;
select abs(extract(epoch from clock_timestamp()) - ((('x' || substr(u, 16, 3) || substr(u, 10, 4) || left(u, 8))::bit(60)::bigint / 10000000.0) - 12219292800)) < 100 from (select uuid_generate_v1()::text u) s;
select count(distinct uuid_generate_v4()), count(distinct uuid_generate_v1()) from generate_series(1, 1000);
create table keyed (id uuid primary key default uuid_generate_v4(), name text);
insert into keyed (name) values ('a'), ('b');
select count(distinct id) from keyed;
alter extension "uuid-ossp" set schema pg_catalog;
\d keyed
drop extension "uuid-ossp";
drop extension "uuid-ossp" cascade;
\d keyed
drop table keyed;
\dx
