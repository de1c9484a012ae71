select ('5'::text)::regclass;
select ('pg_class'::text)::regclass;
select '5'::regclass;
select (5)::regclass; select ('5'::varchar)::regclass; select ('pg_class'::varchar)::regclass; select '5'::text::regproc; select '5'::text::regtype;
select ('-'::text)::regclass;
select ('"5"'::text)::regclass;
select (x::text)::regclass from (values ('pg_class'),('5')) v(x);
select cast('pg_type'::text as regclass); select regclass('pg_type'::text); select to_regclass('5');
set seed to 0.5; select random(); select random();
set seed = 0.5; select random(); show seed;
set seed = 2;
reset seed; set local seed = 0.1;
select name, setting, unit, category, short_desc, extra_desc, context, vartype, source, min_val, max_val, boot_val, reset_val from pg_settings where name='seed';
select set_config('seed','0.5',false); select random(); select current_setting('seed');
select * from ts_debug('x');
select * from ts_debug('the quick foxes 12');
select alias, token from ts_debug('english','a b');
\d information_schema.sql_sizing
\d information_schema.sql_parts
\d information_schema.sql_implementation_info
select * from information_schema.sql_sizing;
select * from information_schema.sql_parts;
select * from information_schema.sql_implementation_info where implementation_info_id <> '18';
