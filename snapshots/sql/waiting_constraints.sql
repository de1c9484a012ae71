-- While something about a table's rows is still to be looked at, the table is not defined anew.
create table p (id int primary key);
create table c (id int primary key, a int references p deferrable initially deferred, b int unique deferrable initially deferred);
begin;
insert into c values (1, 6, 1);
truncate c;
rollback;
begin;
insert into c values (1, 6, 1);
alter table c add column x int;
rollback;
begin;
insert into c values (1, 6, 1);
alter table c rename to d;
rollback;
begin;
insert into c values (1, 6, 1);
create index on c (a);
rollback;
begin;
insert into c values (1, 6, 1);
drop table c;
rollback;
-- Nor the table that is referred to, once a row of it is gone.
insert into p values (1), (2);
insert into c values (1, 1, 1);
begin;
delete from p where id = 1;
alter table p add column x int;
rollback;
begin;
delete from p where id = 2;
truncate p, c;
rollback;
-- What has been looked at is in nobody's way.
begin;
insert into c values (2, 2, 2);
set constraints all immediate;
alter table c add column x int;
truncate c;
commit;
select * from c;
-- Going back to before the rows is enough, too.
begin;
savepoint s;
insert into c values (3, 9, 3);
rollback to s;
truncate c;
commit;
-- What is not deferrable has been looked at when the statement is over.
create table n (id int primary key, a int references p);
begin;
insert into n values (1, 2);
alter table n add column x int;
drop table n;
commit;
-- Full joins of which only one side's rows are wanted, with a condition on the other: the sides change their places.
create table l (a int, b int);
create table r (a int, b text);
insert into l values (1, 2), (2, null), (5, null);
insert into r values (1, 'x'), (2, 'y'), (3, 'z'), (null, 'n');
select * from l full join r on l.a = r.a where r.b >= 'a' and l.b is null order by r.b;
select * from l full join r on l.a = r.a where l.b is null and r.b > 'x' and coalesce(l.a, 0) >= 0 order by r.b;
select * from l full join r on l.a = r.a where l.a > 0 and r.b is null order by l.a;
select * from l full join r on l.a = r.a left join l as m on m.a = l.b where r.b >= 'a' and l.b is null order by r.b;

-- What waits is forgotten with the foreign key that it is about.
create table forgotten_to (id int primary key);
create table forgotten_from (id int primary key, r int references forgotten_to deferrable initially deferred);
insert into forgotten_to values (1), (2);
insert into forgotten_from values (1, 1), (2, 2);
begin;
delete from forgotten_to where id = 1;
drop table forgotten_from;
commit;
table forgotten_to;
create table forgotten_from (id int primary key, r int references forgotten_to deferrable initially deferred);
begin;
insert into forgotten_from values (3, 7);
drop table forgotten_to cascade;
commit;
table forgotten_from;
-- RESTRICT is not put off, whatever the foreign key says.
create table kept_to (id int primary key);
create table kept_from (id int primary key,
  r int references kept_to on delete restrict deferrable initially deferred);
begin;
insert into kept_from values (1, 5);
insert into kept_to values (5);
delete from kept_to where id = 5;
rollback;
-- A key that stands once does so after each row.
create table one_by_one (id int primary key, v int unique);
insert into one_by_one values (8, 5), (0, 6);
insert into one_by_one values (8, 1), (0, 1) on conflict (id) do update set v = one_by_one.v + 1;
insert into one_by_one values (0, 1), (8, 1) on conflict (id) do update set v = one_by_one.v + 1;
table one_by_one order by id;
