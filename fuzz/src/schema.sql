create type mood as enum ('sad', 'ok', 'happy');
create domain small as int check (value between -100 and 100);
create type pair as (a int, b text);
create sequence s;
create table t (
    a int primary key,
    b text default 'b',
    c numeric(10, 2),
    d timestamptz,
    e mood,
    f int[],
    g jsonb,
    h small,
    i float8,
    j boolean,
    k bytea,
    l interval,
    m pair
);
create table u (
    a int references t on delete cascade on update cascade,
    b text not null check (b <> 'x'),
    n bigint generated always as identity,
    o int generated always as (a * 2) stored,
    unique (a, b)
);
create table v (a bigint, b varchar(5), d date, r int4range, p point);
create index t_b on t (lower(b) desc nulls last, c);
create unique index v_a on v (a) where a > 0;
create view w as select t.a, t.b, u.b as ub, c from t left join u using (a);
create function f(int, int default 2) returns int language sql as 'select $1 * $2';
create function g(x int) returns setof t language sql stable as 'select * from t where a > x';
insert into t values
    (1, 'one', 1.50, '2024-02-29 12:00+02', 'sad', '{1,2,3}', '{"a": [1, null, "x"], "b": {"c": 1.5}}', 5, 'NaN', true, '\x00ff', '1 mon -2 days 03:04:05', (1, 'x')),
    (2, 'two', null, 'infinity', 'happy', '{{1,2},{3,null}}', '[]', -100, '-Infinity', false, '', '-178000000 years', null),
    (3, null, -99999999.99, null, null, null, 'null', null, 1e-300, null, null, null, (null, null)),
    (2147483647, '', 0, '4713-01-01 00:00:00+00 BC', 'ok', '{}', '"text"', 100, 0, true, 'abc', '0', (0, ''));
insert into u (a, b) values (1, 'p'), (1, 'q'), (2, 'p'), (null, 'r');
insert into v values (1, 'abcde', '2000-01-01', '[1,5)', '(1,2)'), (9223372036854775807, 'a ', 'infinity', 'empty', null), (null, null, null, null, null);
