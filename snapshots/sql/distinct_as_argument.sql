-- What DISTINCT sees of an argument may be sorted by as it was before it became one of another type.
create table named (v varchar(10), c char(4), n name, i int, s smallint);
insert into named values ('yew', 'oak', 'elm', 3, 2), ('oak', 'elm', 'ash', 1, 2), ('yew', 'oak', 'elm', 3, 1), (null, null, null, null, null);
select string_agg(distinct v, ',' order by v), string_agg(distinct v, ',' order by v desc) from named;
select string_agg(distinct c, ',' order by c), string_agg(distinct n, ',' order by n desc) from named;
select string_agg(distinct i::varchar, ',' order by i::varchar) from named;
select string_agg(distinct coalesce(v, ''), ',' order by coalesce(v, '')) from named;
select max(distinct v order by v), min(distinct c order by c desc) from named;
select string_agg(distinct case when i > 1 then v end, '+' order by case when i > 1 then v end) from named;
select regr_count(distinct s, i order by s, i) from named;
select string_agg(distinct v, ',' order by c) from named;
select string_agg(distinct i::text, ',' order by i) from named;
select string_agg(distinct v, ',' order by lower(v)) from named;
select array_agg(distinct v order by v), array_agg(distinct c order by c desc) from named;
drop table named;
