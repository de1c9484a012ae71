create domain pos as int check (value > 0);
create domain nn as text not null;
create type comp as (a pos, b nn);
create type outerc as (c comp, d pos[]);
create domain dc as comp check ((value).a <> 7);
create domain da as pos[] check (array_length(value, 1) < 3);
select '(1,x)'::comp, '(,x)'::comp, '("(1,x)","{1,2}")'::outerc, null::comp, '{1,NULL}'::pos[], '{"(1,x)"}'::comp[], '(1,x)'::dc, '{1,2}'::da;
select x::pos[] from (values (text '{1}')) v(x);
select x::pos[] from (values (text '{-1}')) v(x);
select x::comp from (values (text '(1,x)'), (null)) v(x);
select x::comp from (values (text '(-1,x)')) v(x);
select x::comp from (values (text '(1,)')) v(x);
select x::comp[] from (values (text '{"(1,x)"}')) v(x);
select x::comp[] from (values (text '{"(-1,x)"}')) v(x);
select x::outerc from (values (text '("(1,x)","{1,2}")'), ('(,)')) v(x);
select x::outerc from (values (text '("(0,x)","{1,2}")')) v(x);
select x::outerc from (values (text '("(1,x)","{1,0}")')) v(x);
select x::dc from (values (text '(7,x)')) v(x);
select x::dc from (values (text '(0,x)')) v(x);
select x::da from (values (text '{1,2,3}')) v(x);
select x::da from (values (text '{0}')) v(x);
create table t (a pos[], c comp, d dc, e da);
copy t from stdin;
{1}	(1,x)	(2,y)	{4}
\N	\N	\N	\N
\.
copy t from stdin;
{-1}	\N	\N	\N
\.
copy t from stdin;
\N	(-1,x)	\N	\N
\.
copy t from stdin;
\N	(1,)	\N	\N
\.
copy t from stdin;
\N	\N	(0,y)	\N
\.
copy t from stdin;
\N	\N	\N	{0}
\.
insert into t values ('{1,2}', '(5,x)', '(6,z)', '{9}');
select * from t;
prepare q(text) as select $1::comp;
execute q('(1,x)');
execute q('(-1,x)');
create view v as select '(1,x)'::comp as a, '{1}'::pos[] as b, x::comp as c, x::comp[] as d, '(1,x)'::dc as e, '{"(1,x)"}'::comp[] as f from (values (text '(1,x)')) w(x);
select pg_get_viewdef('v'::regclass, true);
select a, b, c, e, f from v;
create table dd (a comp default '(1,x)', b pos[] default '{1,2}', c comp[] default '{"(1,x)"}');
insert into dd default values;
select * from dd;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'dd'::regclass order by adnum;
create function f(comp) returns int language sql as 'select ($1).a';
select f('(3,x)');
select row(1,'x')::comp, array[1,2]::pos[];
select row(-1,'x')::comp;
select array[1,-1]::pos[];
select row(1,null)::comp;
