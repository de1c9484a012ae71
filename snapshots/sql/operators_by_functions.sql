create type mood as enum ('a', 'b', 'c');
create table calls (of text);
create table answers (yes bool);
insert into answers values (true);
create function asked(mood, mood) returns bool language plpgsql volatile as $$
begin
  return (select yes from answers);
end $$;
create operator = (leftarg = mood, rightarg = mood, function = asked);
prepare all_of_it as select 'a'::mood = 'b'::mood, nullif('a'::mood, 'b'::mood), 'a'::mood is distinct from 'b'::mood, 'a'::mood = any (array['b', 'c']::mood[]), 'a'::mood in ('b', 'c');
execute all_of_it;
update answers set yes = false;
execute all_of_it;
create table of_moods (x mood, y mood);
create index on of_moods ((x is distinct from y));
create index on of_moods ((nullif(x, y)));
create table generated (x mood, y mood, z bool generated always as (x is distinct from y) stored);
create function with_nulls(mood, mood) returns bool language plpgsql as $$
begin
  if $1 is null or $2 is null then
    raise exception 'null seen';
  end if;
  return $1::text = $2::text;
end $$;
create operator ==! (leftarg = mood, rightarg = mood, function = with_nulls);
drop operator = (mood, mood);
create operator = (leftarg = mood, rightarg = mood, function = with_nulls);
insert into of_moods values ('a', 'a'), ('b', null), (null, 'c'), (null, null), ('a', 'c');
select x, y, nullif(x, y), x is distinct from y from of_moods;
select nullif('a'::mood, null), null::mood is distinct from 'a'::mood, null::mood is not distinct from null::mood;
drop operator = (mood, mood);
select 'a' ~ any (array['a', '(']), 'a' ~ all (array['b', '(']);
select 'a' ~ any (array['b', '(']);
create function no_zero(int, int) returns bool language plpgsql as $$
begin
  if $2 = 0 then
    raise exception 'zero';
  end if;
  return $1 = $2;
end $$;
create operator ==! (leftarg = int, rightarg = int, function = no_zero);
select 1 ==! any (array[1, 0]), 2 ==! all (array[1, 0]);
select 2 ==! any (array[1, 0]);
select 1 ==! any (array[null, 1, 0]), 2 ==! any ('{}'), 1 ==! any (null);
create schema s;
create operator s.= (leftarg = int, rightarg = int, function = int4ne);
create operator s.@ (leftarg = int, rightarg = int, function = int4gt);
create operator public.@ (leftarg = int, rightarg = int, function = int4lt);
select 3 operator(s.@) any (array[1]), 3 operator(s.=) any (array[1]), 3 operator(pg_catalog.=) any (array[1]);
select 3 @ any (array[1]), 3 operator(public.@) any (array[1]);
select 3 operator(s.=) any (select 4), 3 operator(s.@) all (select 4), 3 operator(pg_catalog.=) any (select 4);
select row(1, 2) operator(s.=) row(2, 3), row(1, 2) operator(pg_catalog.=) row(1, 2), row(1, 2) = (select 1, 2);
select row(1, 2) operator(s.=) (select 2, 3);
select 3 operator(nowhere.=) any (array[1]);
select 3 operator(nowhere.=) any (select 1);
create role plain;
revoke execute on function no_zero(int, int) from public;
set role plain;
select 1 ==! 1;
select 1 ==! any (array[1]);
reset role;
drop role plain;
