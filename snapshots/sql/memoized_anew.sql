-- What was kept of a run of a prepared statement is not handed up in the next.
set plan_cache_mode = force_generic_plan;
create table hb_t (k int, n int);
insert into hb_t select g % 3, g from generate_series(1, 3000) g;
create table hb_u (k int, x int, y int);
insert into hb_u select g % 50, g % 2, g from generate_series(1, 500) g;
create index on hb_u (k);
analyze hb_t, hb_u;
prepare hb_by(int) as
with c as materialized (select max(n) as most from hb_t)
select $1 as asked, count(*), sum(l.y) from c, hb_t t cross join lateral (select y from hb_u u where u.k = t.k and x = $1 limit 4) l where t.n <= c.most;
execute hb_by(0);
execute hb_by(1);
execute hb_by(0);
insert into hb_u select 0, 1, 1000 from generate_series(1, 3);
update hb_u set y = y + 1000000 where x = 1;
execute hb_by(1);
deallocate hb_by;
prepare hb_beside(int) as
select $1 as asked, (select max(n) from hb_t) as most, count(*), sum(l.y) from hb_t t cross join lateral (select y from hb_u u where u.k = t.k and x = $1 limit 4) l;
execute hb_beside(0);
execute hb_beside(1);
deallocate hb_beside;
drop table hb_t, hb_u;
