-- A queue in a table: the next jobs by a partial index whose first key the condition says.
create table job(id int primary key, state text, priority int);
insert into job select g, case when g % 3 = 0 then 'done' else 'new' end, g % 10 from generate_series(1, 20000) g;
create index on job(state, priority) where state = 'new';
analyze job;
explain (costs off) select id from job where state = 'new' order by priority limit 1 for update skip locked;
explain (costs off) select id from job where state = 'new' order by priority, id limit 1 for update skip locked;
explain (costs off) select id from job where state = 'new' order by priority, id;
select id from job where state = 'new' order by priority, id limit 3 for update skip locked;
select id from job where state = 'new' order by priority, id limit 3 offset 1332;
update job set state = 'busy' where id = (select id from job where state = 'new' order by priority, id limit 1 for update skip locked) returning *;
update job set state = 'busy' where id in (select id from job where state = 'new' order by priority, id limit 2 for update skip locked) returning *;
delete from job where id = (select id from job where state = 'new' order by priority desc, id desc limit 1 for update skip locked) returning *;
select state, count(*) from job group by state order by state;
drop table job;
