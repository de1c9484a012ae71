-- A key is shown as its reader would write it.
create table pt (a int, b int) partition by range ((a + b), lower(b::text));
insert into pt values (1, 2);
create table "P q" ("A b" int, c varchar) partition by list ((("A b" % 3) + length(c)));
insert into "P q" values (1, 'abc');
create table pn (a int, b int) partition by range (abs(a), b);
insert into pn values (1, 2);
select pg_get_partkeydef('pt'::regclass), pg_get_partkeydef('"P q"'::regclass), pg_get_partkeydef('pn'::regclass);
create schema other;
create function other.f(int) returns int language sql immutable as 'select $1 + 1';
create table po (a int) partition by list (other.f(a));
insert into po values (1);
set search_path = other, public;
insert into po values (1);
reset search_path;
