select name, default_version, installed_version, comment from pg_available_extensions where name = 'citext';
create table before_it (a citext);
create extension citext;
select extname, extversion, extnamespace::regnamespace, extrelocatable, obj_description(oid, 'pg_extension') from pg_extension where extname = 'citext';
select pg_describe_object(classid, objid, 0) as member from pg_depend where deptype = 'e' and refobjid = (select oid from pg_extension where extname = 'citext') order by member collate "C";
select typname, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typinput, typoutput, typreceive, typsend, typalign, typstorage, typcollation from pg_type where typname in ('citext', '_citext') order by 1;
select p.oid::regprocedure, l.lanname, prorettype::regtype, provolatile, proparallel, proisstrict, proretset, procost, prorows, prosrc, probin from pg_proc p join pg_language l on l.oid = prolang where p.oid >= 16384 and l.lanname <> 'sql' order by p.oid::regprocedure::text;
select p.oid::regprocedure, prorettype::regtype, provolatile, proparallel, proisstrict, proretset, procost, prorows from pg_proc p join pg_language l on l.oid = prolang where p.oid >= 16384 and l.lanname = 'sql' order by p.oid::regprocedure::text;
select o.oid::regoperator, oprresult::regtype, oprcode, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin, oprcanhash, oprcanmerge from pg_operator o where o.oid >= 16384 order by oprname, oprright::regtype::text;
select castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod from pg_cast where oid >= 16384 order by castsource::regtype::text, casttarget::regtype::text;
select opcname, amname, opcintype::regtype, opcdefault, opckeytype from pg_opclass c join pg_am a on a.oid = opcmethod where c.oid >= 16384 order by 1, 2;
select amopfamily >= 16384, amopstrategy, amopopr::regoperator, amoppurpose from pg_amop where amopopr >= 16384 order by amopopr::regoperator::text, 2;
select amprocnum, amproc from pg_amproc where amproc >= 16384 order by amproc::text;
select aggfnoid, aggtransfn, aggcombinefn, aggsortop::regoperator from pg_aggregate where aggfnoid >= 16384 order by 1;

-- Comparisons.
select 'a'::citext = 'A' as t, 'a'::citext = 'b' as f, 'ÀÉÎ'::citext = 'àéî' as t2, 'Σ'::citext = 'σ' as t3, 'ß'::citext = 'SS' as f2, 'a'::citext = 'A'::text as as_text, 'a'::citext <> 'A' as f3;
select 'a'::citext < 'B', 'A'::citext < 'b', 'B'::citext > 'a', 'b'::citext >= 'B', 'b'::citext <= 'A', 'A'::varchar = 'a'::citext, 'a'::bpchar = 'A'::citext;
select sign(citext_cmp('a', 'B')), sign(citext_cmp('B', 'a')), citext_cmp('A', 'a'), sign(citext_pattern_cmp('B', 'a'));
select citext_eq('a', 'A'), citext_ne('a', 'A'), citext_lt('a', 'B'), citext_le('a', 'A'), citext_gt('a', 'B'), citext_ge('a', 'A');
select 'a'::citext ~<~ 'B'::citext, 'a'::citext ~<=~ 'A'::citext, 'a'::citext ~>~ 'B'::citext, 'a'::citext ~>=~ 'A'::citext;
select citext_hash('ABC') = citext_hash('abc'), citext_hash('abc') = hashtext('abc'), citext_hash('abc'), citext_hash_extended('ABC', 0), citext_hash_extended('abc', 17), citext_hash('É') = hashtext('é');
select 'Abc'::citext in ('abc', 'x'), 'Abc'::citext not in ('ABC', 'x'), 'Abc'::citext = any('{x,aBC}'::citext[]), 'Abc'::citext between 'AB' and 'abd';
select nullif('a'::citext, 'A'), 'a'::citext is distinct from 'A'::citext, case 'a'::citext when 'A' then 1 else 2 end, greatest('a'::citext, 'B'), least('a'::citext, 'B');
select row('a'::citext, 1) = row('A'::citext, 1), row('a'::citext, 1) < row('A'::citext, 2), array['a', 'B']::citext[] = array['A', 'b']::citext[], array['a', 'B']::citext[] @> array['A']::citext[];
select 'a'::citext || 'B'::citext as joined, pg_typeof('a'::citext || 'B'), length('abc'::citext), upper('abc'::citext), lower('ABC'::citext), pg_typeof(lower('A'::citext));

-- Patterns.
select 'Abc'::citext like 'aB%', 'Abc'::citext not like 'aB%', 'Abc'::citext ilike 'ab_', 'Abc'::citext not ilike 'ab_', 'Abc'::citext like 'aB%'::text, 'Abc'::citext like 'aB%'::citext;
select 'Abc'::citext ~ '^aB', 'Abc'::citext !~ '^aB', 'Abc'::citext ~* '^aB', 'Abc'::citext !~* '^aB', 'Abc'::citext ~ '^aB'::text;
select 'Abc'::citext similar to 'aB%', 'Abc' like 'aB%'::citext;

-- Functions.
select regexp_match('fooBARbequeBAZ'::citext, '(bar)(beque)'::citext), regexp_match('fooBARbequeBAZ'::citext, '(bar)(beque)'::citext, 'c'), regexp_match('fooBARbequeBAZ'::citext, '(bar)(beque)'::citext, '');
select regexp_matches('foobarBarBAR'::citext, '(b.r)'::citext), regexp_matches('fooBarbar'::citext, '(bar)'::citext, 'c');
select * from regexp_matches('foobarBarBAR'::citext, '(b.r)'::citext, 'g');
select regexp_replace('Thomas'::citext, '.[MN]A.'::citext, 'M'), regexp_replace('Thomas'::citext, '.[MN]A.'::citext, 'M', 'c'), regexp_replace('foobarbaz'::citext, 'B..'::citext, 'X', 'g');
select regexp_split_to_array('helloTworldt!'::citext, 't'::citext), regexp_split_to_array('helloTworldt!'::citext, 't'::citext, 'c');
select * from regexp_split_to_table('helloTworldt!'::citext, 't'::citext) a;
select * from regexp_split_to_table('helloTworldt!'::citext, 't'::citext, 'c') a;
select replace('abcdefabcdef'::citext, 'CD'::citext, 'XX'::citext), replace('ab^is$abcdef'::citext, '^IS$'::citext, 'XX'::citext), replace('a.b.C'::citext, '.', '-');
select split_part('abcTdefTghi'::citext, 't'::citext, 2), split_part('abcTdefTghi'::citext, 't'::citext, 5), split_part('a.b'::citext, '.', 2);
select strpos('high'::citext, 'GH'::citext), strpos('high'::citext, 'x'), position('GH' in 'high'::citext);
select translate('abcdefabcdef'::citext, 'CE'::citext, 'XX');
select concat('a'::citext, 'b'), format('%s %L %I', 'A'::citext, 'B'::citext, 'C'::citext), quote_literal('x'::citext), md5('A'::citext), initcap('abc def'::citext), left('Abc'::citext, 2), trim(' A '::citext), lpad('A'::citext, 3), ascii('A'::citext), to_char(1, '9'::citext);

-- Casts.
select 'A'::text::citext, 'A'::varchar::citext, 'A  '::char(4)::citext || '|', true::citext, '10.0.0.1'::inet::citext, 'A'::citext::text, 'A'::citext::varchar(10), 'A'::citext::char(3), 'a'::name::citext;
select '5'::citext::int, 'true'::citext::bool, 1::citext, '{"a": 1}'::citext::jsonb, '2020-01-01'::citext::date;
select citext('a  '::char(4)) || '|', citext(true), citext('::1'::inet), to_json('A'::citext), to_jsonb('A"'::citext), json_build_object('k', 'A'::citext);
create table casts (a citext, b text, c citext default 'D');
insert into casts select 'x'::text, 'y'::citext;
insert into casts values (1, 2), (true, now() < now()), (' ', null);
insert into casts values (date '2020-01-01', 'x');
select * from casts order by a, b;

-- Tables, keys, orders.
create table people (id int, name citext primary key, other citext unique, tags citext[]);
\d people
insert into people values (1, 'Alice', 'one', '{A,b}'), (2, 'bob', 'Two', '{C}'), (3, 'Carol', null, null);
insert into people values (4, 'ALICE', 'four');
insert into people values (4, 'dave', 'ONE');
insert into people values (4, 'BOB', 'five') on conflict (name) do update set id = excluded.id, name = excluded.name returning *;
insert into people values (5, 'CAROL') on conflict do nothing returning *;
select * from people where name = 'aLiCe';
select * from people where name in ('ALICE', 'CAROL') order by name;
select * from people where name > 'ALICE' order by name desc;
select name from people where 'b' = any(tags);
select name from people where tags @> '{a}';
select max(name), min(name), count(distinct name), pg_typeof(max(name)) from people;
select string_agg(name, ',' order by name), array_agg(name order by name desc) from people;
create table words (w citext);
insert into words values ('b'), ('A'), ('a'), ('B'), ('c'), (null), ('Aa'), ('aB');
select lower(w), count(*) from words group by w, lower(w) order by 1;
select count(*) from (select distinct w from words) s;
select lower(w) from words order by w nulls first;
select lower(w) from words order by w using > ;
select lower(min(w)), lower(max(w)) from words;
select lower(w), rank() over (order by w), dense_rank() over (order by w desc) from words order by w, 2, 3;
select count(*) from words a join words b on a.w = b.w;
set enable_hashjoin = off;
select count(*) from words a join words b on a.w = b.w;
set enable_mergejoin = off;
select count(*) from words a join words b on a.w = b.w;
reset enable_hashjoin;
reset enable_mergejoin;
select count(*) from (select w from words union select upper(w)::citext from words) s;
select count(*) from (select w from words intersect select upper(w)::citext from words) s;
select count(*) from words where w in (select upper(w::text)::citext from words);
create index words_btree on words (w);
set enable_seqscan = off;
explain (costs off) select * from words where w = 'A';
create index words_hash on words using hash (w);
create index words_pattern on words (w citext_pattern_ops);
\d words
explain (costs off) select * from words where w > 'A' order by w;
select lower(w) from words where w = 'AA';
select lower(w) from words where w >= 'B' order by w;
select lower(min(w)), lower(max(w)) from words;
drop index words_btree;
select count(*) from words where w = 'b';
select count(*) from words where w = 'B'::text;
reset enable_seqscan;
analyze words;
select null_frac > 0, n_distinct from pg_stats where tablename = 'words';

create table child (name citext references people on update cascade on delete cascade);
insert into child values ('ALICE'), ('bob');
insert into child values ('nobody');
update people set name = 'aLICE' where id = 1;
select * from child order by name;
update people set name = 'Eve' where name = 'alice';
select * from child order by name;
delete from people where name = 'BOB';
select * from child order by name;

create table parts (a citext, b int) partition by list (a);
create table parts_a partition of parts for values in ('a', 'B');
create table parts_c partition of parts for values in ('A');
create table parts_rest partition of parts default;
insert into parts values ('A', 1), ('b', 2), ('c', 3);
select tableoid::regclass, * from parts order by b;
select tableoid::regclass, * from parts where a = 'B';
create table hashed (a citext) partition by hash (a);
create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
insert into hashed select chr(65 + i % 26 + i / 26 * 32) from generate_series(0, 51) i;
select tableoid::regclass, string_agg(lower(a), '' order by lower(a)) from hashed group by 1 order by 1;
create domain mail as citext check (value ~ '^.+@.+$');
create table mails (m mail unique);
insert into mails values ('A@b'), ('x@Y');
insert into mails values ('a@B');
insert into mails values ('nothing');
select * from mails where m = 'X@y';
create type pair as (a citext, b int);
select (row('A', 1)::pair) = (row('a', 1)::pair);
create table pairs (p pair unique);
insert into pairs values (row('A', 1));
insert into pairs values (row('a', 1));
create type citext_range as range (subtype = citext);
select citext_range('a', 'C') @> 'B'::citext, citext_range('A', 'b') = citext_range('a', 'B');
create view v as select name from people where name = 'x' or name like 'y%';
select pg_get_viewdef('v');
prepare p(citext) as select count(*) from words where w = $1;
execute p('AA');
select * from unnest('{a,B}'::citext[]) u where u = 'b';
create function f(citext) returns citext language plpgsql as $$ declare x citext := $1; begin if x = 'YES' then return 'was ' || x; end if; return null; end $$;
select f('yes'), f('no');
copy words to stdout;
select xmin is not null from words where w = 'C';
create temp table t2 as select w from words where w = 'c';
select * from t2;

-- What users make of the program's functions goes by what those are for.
create function exact(citext, citext) returns bool language internal immutable strict as 'texteq';
select exact('a', 'A'), exact('a', 'a');
create function folding(text, text) returns bool language c immutable strict as '$libdir/citext', 'citext_eq';
select folding('a', 'A'), folding('a', 'b');

-- It goes with all that is its own.
drop table casts, words, child, parts, hashed, mails, pairs, t2;
drop view v;
drop type citext_range, pair;
drop domain mail;
drop function exact(citext, citext), f(citext);
alter table people drop column tags, drop column other;
drop function citext_eq(citext, citext);
drop operator = (citext, citext);
drop operator class citext_ops using btree;
drop type citext;
drop extension citext;
alter extension citext set schema pg_catalog;
select 'a'::pg_catalog.citext = 'A';
drop extension citext cascade;
select count(*) from pg_type where typname in ('citext', '_citext');
select count(*) from pg_proc where proname like '%citext%';
select folding('a', 'A');
create schema ext;
create extension citext schema ext;
select 'a'::ext.citext = 'A';
select 'a'::ext.citext operator(ext.=) 'A';
set search_path = public, ext;
select 'a'::citext = 'A';
drop table people;
drop schema ext cascade;
select extname from pg_extension where extname = 'citext';
