-- btree_gist: values in their order as keys of GiST.
create extension btree_gist;
select extname, extversion from pg_extension where extname = 'btree_gist';
-- A room is let to one at a time.
create table booking(room int, during tsrange, exclude using gist (room with =, during with &&));
select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'booking'::regclass order by 1;
insert into booking values (1, '[2024-01-01 10:00, 2024-01-01 12:00)'), (2, '[2024-01-01 10:00, 2024-01-01 12:00)');
insert into booking values (1, '[2024-01-01 11:00, 2024-01-01 13:00)');
insert into booking values (1, '[2024-01-01 12:00, 2024-01-01 13:00)'), (null, '[2024-01-01 11:00, 2024-01-01 13:00)');
insert into booking values (1, '[2024-01-01 12:30, 2024-01-01 12:45)') on conflict do nothing;
update booking set room = 1 where room = 2;
select * from booking order by room, during;
-- What must be the same.
create table zoo(cage int, animal text, exclude using gist (cage with =, animal with <>));
insert into zoo values (123, 'zebra'), (123, 'zebra'), (124, 'lion');
insert into zoo values (123, 'lion');
insert into zoo values (125, 'lion'), (null, 'x'), (123, null);
select * from zoo order by cage, animal;
-- All types, each asked in every way.
create table v(i int, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, t text, c char(5), b bytea, o oid, m money, d date,
  ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval, bi bit(4), vb varbit, u uuid, ma macaddr, m8 macaddr8,
  ip inet, ci cidr, bo bool);
insert into v select g, g, g * 1000000000000, g / 4.0, g * 1e100, g::numeric / 3, 't' || g, 'c' || g, ('b' || g)::bytea, g, g, date '2024-01-01' + g,
  time '00:00' + g * interval '1 minute', timetz '00:00+00' + g * interval '1 minute', timestamp '2024-01-01' + g * interval '1 hour',
  timestamptz '2024-01-01 00:00+00' + g * interval '1 hour', g * interval '1 day', (g % 16)::bit(4), g::bit(12)::varbit,
  lpad(to_hex(g), 32, '0')::uuid, ('00:00:00:00:' || lpad(to_hex(g / 256), 2, '0') || ':' || lpad(to_hex(g % 256), 2, '0'))::macaddr,
  ('00:00:00:00:00:00:' || lpad(to_hex(g / 256), 2, '0') || ':' || lpad(to_hex(g % 256), 2, '0'))::macaddr8,
  '10.0.0.0'::inet + g, '10.0.0.0'::inet + g, g % 2 = 0 from generate_series(-500, 500) g where g >= 0
union all select -g, -g, -g, -g, -g, -g, repeat('x', 300) || g, '', '', 0, -g, date '2023-01-01' - g, '23:59', '23:59+01', 'infinity', '-infinity', -g * interval '1 hour', b'0000', b'', null, null, null, '::1'::inet + g, '::1', null from generate_series(1, 20) g;
create index on v using gist (i, i2, i8, f4, f8, n, t, c);
create index on v using gist (b, o, m, d, ti, tz, ts, tstz, iv);
create index on v using gist (bi, vb, u, ma, m8, ip, ci, bo);
analyze v;
set enable_seqscan = off;
select count(*) from v where t = 't7';
select count(*) from v where t < 't2';
select count(*) from v where t >= repeat('x', 300) || '3';
select count(*) from v where t = repeat('x', 300) || '3';
select count(*) from v where c = 'c7';
select count(*) from v where c <= 'c1  ';
select (select count(*) from v where i = 7), (select count(*) from v where i < 0), (select count(*) from v where i >= 490), (select count(*) from v where i <> 3), (select count(*) from v where i is null);
select (select count(*) from v where i2 = 7::int2), (select count(*) from v where i8 > 490000000000000::int8), (select count(*) from v where f4 <= 1::float4), (select count(*) from v where f8 > 1e102), (select count(*) from v where n < -3), (select count(*) from v where n = 7::numeric / 3);
select (select count(*) from v where b = 'b7'), (select count(*) from v where b > 'b5'), (select count(*) from v where o < 10), (select count(*) from v where m >= 490::money), (select count(*) from v where d < '2023-01-01'), (select count(*) from v where ti > '08:00');
select (select count(*) from v where tz < '01:00+00'), (select count(*) from v where ts = 'infinity'), (select count(*) from v where tstz < '2024-01-02 00:00+00'), (select count(*) from v where iv < '0'), (select count(*) from v where iv = '24:00');
select (select count(*) from v where bi = b'0011'), (select count(*) from v where vb > b'000111110000'), (select count(*) from v where u is null), (select count(*) from v where u <= '00000000-0000-0000-0000-00000000000f'), (select count(*) from v where ma >= '00:00:00:00:01:00'), (select count(*) from v where m8 = '00:00:00:00:00:00:01:01');
select (select count(*) from v where ip < '10.0.0.5'), (select count(*) from v where ci = '::1'), (select count(*) from v where bo), (select count(*) from v where bo = false), (select count(*) from v where i = 5 and t = 't5' and f4 between 1::float4 and 2::float4);
reset enable_seqscan;
-- Enums and domains.
create type mood as enum ('sad', 'ok', 'happy');
create domain age as int check (value >= 0);
create table p(m mood, a age);
insert into p select (enum_range(null::mood))[1 + g % 3], g from generate_series(0, 99) g;
create index on p using gist (m, a);
alter type mood add value 'so-so' before 'ok';
set enable_seqscan = off;
select count(*) from p where m >= 'ok';
select count(*) from p where m < 'ok' and a < 10;
reset enable_seqscan;
-- Distances.
select 5 <-> 3, 1::int2 <-> 5::int2, 3::int8 <-> -9, '2024-01-01'::date <-> '2025-01-01', 'infinity'::timestamp <-> '2024-01-01';
select '12:00'::time <-> '13:30', 5::oid <-> 7::oid, '1 day'::interval <-> '2 days', '5'::money <-> 7::money, 1.5::float4 <-> 3, 1e300::float8 <-> -1e300;
select '2024-01-01 00:00+00'::timestamptz <-> '2024-03-01 12:00+00', '-2 days 1 hour'::interval <-> '-1 mon', 'nan'::float8 <-> 1, 'infinity'::float4 <-> 1;
select 1::int2 <-> (-32768)::int2;
select (-2147483648) <-> 1;
select (-9223372036854775808) <-> 0::int8;
select '-92233720368547758.08'::money <-> 1::money;
select '1e308'::float8 <-> '-1e308';
select 'infinity'::date <-> '2024-01-01';
select i from v order by i <-> 250, i limit 3;
select '1'::gbtreekey4;
drop extension btree_gist;
drop table booking, zoo, v, p;
drop extension btree_gist;
create table w(i int);
create index on w using gist (i);
drop table w;
