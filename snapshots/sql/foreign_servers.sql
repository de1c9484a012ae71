create role fs_owner superuser;
create role fs_plain;
create role fs_other;
create role fs_member in role fs_plain;
set role fs_owner;
create foreign data wrapper fs_a;
create foreign data wrapper fs_a;
create foreign data wrapper fs_b options (user 'me', "Mixed Case" 'it''s', "set" '1');
create foreign data wrapper fs_c options (a '1', b '2', a '3');
create foreign data wrapper fs_c options ("a=b" '1');
create foreign data wrapper fs_c validator missing_validator;
create foreign data wrapper fs_c handler missing_handler;
create foreign data wrapper fs_c handler pi;
create foreign data wrapper fs_c no handler no validator;
create foreign data wrapper fs_d validator postgresql_fdw_validator options (host 'x');
create foreign data wrapper fs_d validator pg_catalog.postgresql_fdw_validator;
create foreign data wrapper fs_e validator a.b;
create foreign data wrapper fs_e validator postgresql_fdw_validator no validator;
create foreign data wrapper fs_e no handler handler pi;
create foreign data wrapper fs_e options ();
alter foreign data wrapper fs_b options (add more 'x', set user 'you', drop "set");
alter foreign data wrapper fs_b options (more 'y');
alter foreign data wrapper fs_b options (drop nothing);
alter foreign data wrapper fs_b options (set nothing '1');
alter foreign data wrapper fs_b options (drop more, more 'z');
alter foreign data wrapper fs_b;
alter foreign data wrapper fs_b no handler;
alter foreign data wrapper fs_b no handler no handler;
alter foreign data wrapper fs_b validator postgresql_fdw_validator;
alter foreign data wrapper fs_a validator postgresql_fdw_validator;
alter foreign data wrapper fs_a no validator options (z 'z');
alter foreign data wrapper missing options (z 'z');
alter foreign data wrapper fs_a rename to fs_b;
alter foreign data wrapper fs_a rename to fs_a;
alter foreign data wrapper missing rename to other;
alter foreign data wrapper fs_c rename to fs_renamed;
alter foreign data wrapper missing owner to fs_owner;
alter foreign data wrapper fs_a owner to fs_plain;
alter foreign data wrapper fs_a owner to missing;
comment on foreign data wrapper fs_a is 'a wrapper';
comment on foreign data wrapper missing is 'none';
select fdwname, fdwowner::regrole, fdwhandler, fdwvalidator::regproc, fdwacl, fdwoptions
from pg_foreign_data_wrapper order by 1;
set role fs_plain;
create foreign data wrapper fs_mine;
alter foreign data wrapper fs_a options (y 'y');
alter foreign data wrapper fs_a owner to fs_plain;
alter foreign data wrapper fs_a rename to fs_mine;
comment on foreign data wrapper fs_a is 'mine';
drop foreign data wrapper fs_a;
create server fs_s foreign data wrapper fs_a;
set role fs_owner;
create server fs_s type 'kind' version '1.0' foreign data wrapper fs_a options (host 'localhost', port '1');
create server fs_s foreign data wrapper missing;
create server if not exists fs_s foreign data wrapper missing;
create server fs_t foreign data wrapper missing;
create server fs_t version null foreign data wrapper fs_d options (host 'h', nothing '1');
create server fs_t version null foreign data wrapper fs_d options (host 'h', port '5');
alter server fs_s version '2.0' options (set host 'h2', drop port);
alter server fs_s version null;
alter server fs_s options (set port '1');
alter server fs_t options (add nothing '1');
alter server fs_s;
alter server missing version '1';
alter server fs_s rename to fs_t;
alter server fs_t rename to fs_u;
alter server fs_u rename to fs_t;
comment on server fs_s is 'a server';
comment on server missing is 'none';
grant usage on foreign data wrapper fs_a, fs_d to fs_plain with grant option;
grant usage on foreign data wrapper missing to fs_plain;
grant select on foreign data wrapper fs_a to fs_plain;
grant all on foreign server fs_s to fs_plain;
grant usage on foreign server missing to fs_plain;
set role fs_plain;
grant usage on foreign data wrapper fs_a to fs_other;
grant usage on foreign server fs_s to fs_other;
create server fs_own foreign data wrapper fs_a options (secret 'mine');
create server fs_denied foreign data wrapper fs_b;
alter server fs_s options (a '1');
alter server fs_s owner to fs_plain;
alter server fs_s rename to fs_x;
comment on server fs_s is 'mine';
drop server fs_s;
alter server fs_own owner to fs_other;
set role fs_owner;
alter server fs_own owner to fs_other;
alter server fs_own owner to fs_plain;
select srvname, srvowner::regrole, srvtype, srvversion, srvacl, srvoptions from pg_foreign_server order by 1;
create user mapping for fs_plain server fs_s options (user 'p', password 'secret');
create user mapping for fs_plain server fs_s;
create user mapping if not exists for fs_plain server fs_s;
create user mapping for missing server fs_s;
create user mapping for fs_plain server missing;
create user mapping for public server fs_s options (everybody 'yes');
create user mapping for user server fs_s;
create user mapping for current_user server fs_s;
create user mapping for current_role server fs_t options (user 'o');
create user mapping for public server fs_t options (host 'x');
alter user mapping for fs_plain server fs_s options (set user 'q', drop password, more '1');
alter user mapping for fs_plain server fs_s options (drop nothing);
alter user mapping for fs_other server fs_s options (a '1');
alter user mapping for missing server fs_s options (a '1');
alter user mapping for fs_other server missing options (a '1');
alter user mapping for user server fs_t options (host '1');
set role fs_plain;
create user mapping for fs_other server fs_s;
create user mapping for public server fs_s;
create user mapping for user server fs_t;
create user mapping for user server fs_own options (mine '1');
create user mapping for fs_other server fs_own options (other '2');
create user mapping for public server fs_own options (all_ '3');
alter user mapping for user server fs_s options (own 'x');
drop user mapping for public server fs_s;
select srvname, usename, umoptions from pg_user_mappings order by 1, 2;
select * from pg_user_mapping;
select foreign_data_wrapper_name, authorization_identifier, library_name, foreign_data_wrapper_language
from information_schema.foreign_data_wrappers where foreign_data_wrapper_name like 'fs%' order by 1;
select foreign_server_name, foreign_data_wrapper_name, foreign_server_type, foreign_server_version,
  authorization_identifier from information_schema.foreign_servers order by 1;
select authorization_identifier, foreign_server_name, option_name, option_value
from information_schema.user_mapping_options order by 1, 2, 3;
set role fs_owner;
select srvname, usename, umoptions from pg_user_mappings order by 1, 2;
select foreign_data_wrapper_name, option_name, option_value
from information_schema.foreign_data_wrapper_options order by 1, 2;
select foreign_server_name, option_name, option_value from information_schema.foreign_server_options order by 1, 2;
select authorization_identifier, foreign_server_name from information_schema.user_mappings order by 1, 2;
select grantor, grantee, object_schema, object_name, object_type, privilege_type, is_grantable
from information_schema.usage_privileges where object_name like 'fs%' order by 5, 4, 1, 2;
select grantor, grantee, object_name, object_type
from information_schema.role_usage_grants where object_name like 'fs%' order by 4, 3, 1, 2;
select has_foreign_data_wrapper_privilege('fs_plain', 'fs_a', 'usage'),
  has_foreign_data_wrapper_privilege('fs_plain', 'fs_a', 'usage with grant option'),
  has_foreign_data_wrapper_privilege('fs_other', 'fs_a', 'usage'),
  has_foreign_data_wrapper_privilege('fs_other', 'fs_b', 'usage'),
  has_foreign_data_wrapper_privilege('fs_b', 'usage'),
  has_foreign_data_wrapper_privilege(0::oid, 'usage'),
  has_server_privilege('fs_plain', 'fs_s', 'usage'),
  has_server_privilege('fs_other', 'fs_s', 'usage'),
  has_server_privilege('fs_plain', 'fs_t', 'usage'),
  has_server_privilege(0::oid, 'usage');
select has_foreign_data_wrapper_privilege('missing', 'usage');
select has_server_privilege('missing', 'usage');
select has_server_privilege('fs_s', 'select');
select has_server_privilege('missing', 'fs_s', 'usage');
revoke usage on foreign data wrapper fs_a from fs_plain;
revoke usage on foreign data wrapper fs_a from fs_plain cascade;
select fdwname, fdwacl from pg_foreign_data_wrapper order by 1;
select pg_describe_object(classid, objid, 0), type, schema, name, identity, object_names, object_args
from (select 'pg_foreign_data_wrapper'::regclass classid, oid objid from pg_foreign_data_wrapper
  union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
  union all select 'pg_user_mapping'::regclass, oid from pg_user_mapping) t,
  pg_identify_object(classid, objid, 0),
  pg_identify_object_as_address(classid, objid, 0) a(kind, object_names, object_args)
order by 1;
select classid::regclass, objid = (select oid from pg_foreign_server where srvname = 'fs_s'), objsubid
from pg_get_object_address('server', '{fs_s}', '{}');
select classid::regclass, objid = (select oid from pg_foreign_data_wrapper where fdwname = 'fs_a'), objsubid
from pg_get_object_address('foreign-data wrapper', '{fs_a}', '{}');
select classid::regclass, objsubid from pg_get_object_address('user mapping', '{fs_plain}', '{fs_s}');
select classid::regclass, objsubid from pg_get_object_address('user mapping', '{public}', '{fs_s}');
select * from pg_get_object_address('user mapping', '{fs_other}', '{fs_s}');
select * from pg_get_object_address('user mapping', '{missing}', '{fs_s}');
select * from pg_get_object_address('user mapping', '{fs_other}', '{missing}');
select * from pg_get_object_address('server', '{missing}', '{}');
select * from pg_get_object_address('server', '{a,b}', '{}');
select obj_description(oid, 'pg_foreign_data_wrapper') from pg_foreign_data_wrapper where fdwname = 'fs_a';
select obj_description(oid, 'pg_foreign_server') from pg_foreign_server where srvname = 'fs_s';
select classid::regclass, refclassid::regclass, deptype, count(*) from pg_depend
where classid in ('pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_user_mapping'::regclass)
group by 1, 2, 3 order by 1, 2;
select classid::regclass, deptype, refobjid::regrole, count(*) from pg_shdepend
where classid in ('pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_user_mapping'::regclass)
group by 1, 2, 3 order by 1, 2, 3;
import foreign schema there from server fs_s into public;
import foreign schema there limit to (a, b) from server fs_s into public options (x '1');
import foreign schema there except (a) from server missing into public;
import foreign schema there from server fs_s into missing;
begin;
create server fs_undone foreign data wrapper fs_a;
create user mapping for public server fs_undone;
alter server fs_s options (undone 'yes');
drop user mapping for public server fs_s;
savepoint s;
drop server fs_undone cascade;
rollback to s;
select srvname, usename from pg_user_mappings where srvname = 'fs_undone';
rollback;
select srvname, srvoptions from pg_foreign_server order by 1;
select srvname, usename from pg_user_mappings order by 1, 2;
drop foreign data wrapper fs_a;
drop server fs_s;
drop foreign data wrapper fs_b, fs_a restrict;
drop foreign data wrapper if exists missing, fs_renamed;
drop foreign data wrapper missing;
drop server missing;
drop server if exists missing;
drop user mapping for fs_other server fs_s;
drop user mapping if exists for fs_other server fs_s;
drop user mapping if exists for missing server fs_s;
drop user mapping if exists for fs_other server missing;
drop user mapping for missing server fs_s;
drop user mapping for fs_other server missing;
drop user mapping for fs_other server fs_own;
drop server fs_t cascade;
reset role;
drop role fs_plain;
drop role fs_owner;
reassign owned by fs_plain to fs_owner;
select srvname, srvowner::regrole, srvacl from pg_foreign_server order by 1;
drop owned by fs_plain;
select srvname, usename from pg_user_mappings order by 1, 2;
reassign owned by fs_owner to fs_other;
drop foreign data wrapper fs_a cascade;
drop owned by fs_owner;
drop role fs_plain, fs_other, fs_member, fs_owner;
select count(*) from pg_foreign_data_wrapper;
select count(*) from pg_foreign_server;
select count(*) from pg_user_mapping;
begin read only;
create foreign data wrapper w;
rollback;
begin read only;
create user mapping for public server s;
rollback;
