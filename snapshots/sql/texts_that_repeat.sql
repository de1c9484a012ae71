-- Few texts of many rows: what is made of them is made once for each of them, and no row may see that.
create table said (id int primary key, word text, hex text, part bytea, n int);
insert into said select i, (array['oak', 'Beech', 'elm', 'hornbeam', null])[1 + i % 5],
  case when i % 7 = 3 then 'zz' else (array['00', '7f', 'c3a4'])[1 + i % 3] end,
  (array['\x00', '\xff01', null]::bytea[])[1 + i % 3], i from generate_series(1, 5000) i;
checkpoint;
select word, count(*), min(n), max(n) from said group by word order by word;
-- a second time, of what is kept
select word, count(*), min(n), max(n) from said group by word order by word;
select upper(word), length(word), count(*) from said group by 1, 2 order by 1, 2;
select count(*) from said where word like '%e%';
select count(*) from said where word like '%e%' and upper(word) <> 'ELM' or word is null;
select count(*), count(word) from said where word = 'elm';
select count(*) from said where word <> 'elm';
select count(*) from said where word > 'b' and word <= 'hornbeam';
select count(*) from said where 'elm' = word;
select word, hex, count(*) from said where n between 100 and 1900 group by word, hex order by word, hex;
select count(distinct replace(word, 'e', '')), sum(length(upper(substr(word, 2, 3)) || coalesce(hex, ''))) from said;
select count(*), sum(length(part)), max(encode(part, 'hex')) from said;
-- what fails of a text fails of its rows alone
select count(*) from said where hex <> 'zz' and length(decode(hex, 'hex')) = 1;
select sum(length(decode(hex, 'hex'))) from said where n % 7 <> 3;
select sum(length(decode(hex, 'hex'))) from said;
select sum(length(decode(hex, 'hex'))) from said where n % 7 = 1;
-- functions that take nulls
select count(*), sum(length(concat(word, '-'))) from said;
select coalesce(word, 'none') as w, count(*) from said group by w order by w;
select quote_nullable(word) as w, count(*) from said group by w order by w;
-- rows in an order, and few of them
select id, word from said order by word desc nulls last, id limit 3;
select id, word from said order by word, id offset 3998 limit 4;
select word from said where id = 2;
select string_agg(word, ',' order by id) from said where id < 12;
-- changes are seen, written or not
update said set word = 'larch' where id % 1000 = 0;
select word, count(*) from said group by word order by word;
checkpoint;
select word, count(*) from said group by word order by word;
begin;
delete from said where word = 'elm';
select count(*), count(word), count(distinct word) from said;
rollback;
select count(*), count(word), count(distinct word) from said;
insert into said select i, 'w' || i, '00', null, i from generate_series(5001, 9000) i;
checkpoint;
select count(*), count(word), count(distinct word), count(distinct upper(word)) from said;
select count(*), count(word), count(distinct word), count(distinct upper(word)) from said;
drop table said;
