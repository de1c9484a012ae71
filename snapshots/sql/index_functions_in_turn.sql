-- Functions of several indexes are called for one row after the other, and no further than the first key that somebody has.
create function f1(text) returns text immutable language plpgsql as $$ begin raise notice 'f1 %', $1; return $1; end $$;
create function f2(text) returns text immutable language plpgsql as $$ begin raise notice 'f2 %', $1; return $1; end $$;
create table t (a text, b text);
create unique index t1 on t (f1(a));
create index t2 on t (f2(a)) where f2(b) is null;
insert into t values ('x'), ('y');
insert into t values ('z', 'b'), ('x', 'c');
insert into t select i::text from generate_series(1, 5) i;
insert into t values ('v', 'w'), ('x', 'c') on conflict do nothing;
create table p (a text, b text) partition by list (b);
create table p1 partition of p for values in ('1');
create table p2 partition of p for values in ('2');
create unique index on p1 (f1(a));
create index on p (f2(a));
insert into p values ('a', '1'), ('b', '2'), ('c', '1');
insert into p values ('d', '1'), ('a', '1'), ('e', '2');
drop table t, p;
