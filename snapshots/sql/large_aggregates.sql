-- Results of aggregates that are more together than a function makes at once.
select i, length(string_agg(repeat('a', 400000), ',')) from generate_series(1, 4) i group by i order by i;
select count(z), sum(length(z)) from (select string_agg(repeat('a', 10000), ',') z from generate_series(1, 150) i group by i) q;
select count(z) from (select string_agg(repeat('a', 10000), ',') over (partition by i % 100) z from generate_series(1, 200) i offset 0) q;
select count(z) from (select string_agg(repeat('a', 10000), ',') over (order by i rows between 2 preceding and current row) z from generate_series(1, 300) i offset 0) q;
select count(z) from (select sum((repeat('9', 20000))::numeric) over (partition by i % 100) z from generate_series(1, 200) i offset 0) q;
select count(z) from (select avg((repeat('9', 20000))::numeric) z from generate_series(1, 200) i group by i) q;
select count(z), sum(array_length(z, 1)) from (select array_agg(repeat('a', 10000)) z from generate_series(1, 300) i group by i % 150) q;
select count(z) from (select json_agg(repeat('a', 10000)) z from generate_series(1, 150) i group by rollup (i)) q;
select count(z) from (select jsonb_agg(repeat('a', 10000)) z from generate_series(1, 150) i group by i) q;
select count(z) from (select jsonb_object_agg(i, repeat('a', 10000)) z from generate_series(1, 150) i group by i) q;
select count(z) from (select bit_or(repeat('10', 40000)::bit(80000)) z from generate_series(1, 150) i group by i) q;
select count(z) from (select string_agg(decode(repeat('61', 10000), 'hex'), '\x00') z from generate_series(1, 150) i group by i) q;
select count(z) from (select max(repeat('a', 10000)) z from generate_series(1, 150) i group by i) q;
select count(z) from (select range_agg(int4range(j, j + 1)) z from generate_series(1, 60) i, generate_series(1, 4000, 2) j group by i) q;
