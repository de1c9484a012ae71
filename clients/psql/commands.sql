\pset null (null)
SET search_path TO app, public;
SELECT a AS last, b AS "is" FROM one ORDER BY a DESC LIMIT 1 \gset one_
\echo :one_last :one_is :'one_is' :"one_is" :{?one_last} :{?two_last}
SELECT :one_last + 1 AS plus;
\if :{?two_last}
\echo never
\else
\echo else
\endif
\set ON_ERROR_STOP 0
SELECT nothing FROM one;
\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE
SELECT 1;
\echo :ROW_COUNT :SERVER_VERSION_NUM
\set ON_ERROR_STOP 1
CREATE TABLE copied (a int, b text, c date);
\copy copied (a, b) FROM STDIN WITH (FORMAT csv)
1,"a ""quoted"" one"
2,
\.
\copy copied FROM STDIN
3	tab\tbed	2020-02-29
\N	\N	\N
\.
\copy copied TO STDOUT
\copy (SELECT a, b FROM copied ORDER BY a DESC) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)
COPY copied TO STDOUT (DELIMITER '|', NULL '-');
SELECT format('SELECT %L AS which', a) FROM one ORDER BY a \gexec
SELECT a, b FROM one ORDER BY a \gdesc
SELECT a::numeric(5,1), now(), 'x'::varchar(7) AS v, row(1), array[1]::few[] FROM one \gdesc
SELECT * FROM one ORDER BY a \gx
SELECT n % 2 AS r, n % 3 AS c, sum(n) FROM generate_series(1, 12) n GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview r c
\x on
SELECT * FROM two ORDER BY a;
\x off
\pset format csv
SELECT * FROM copied ORDER BY a;
\pset format html
SELECT a, b FROM copied ORDER BY a;
\pset format unaligned
TABLE kept;
\pset format aligned
\pset border 2
TABLE kept;
\pset border 1
\set FETCH_COUNT 3
SELECT n, n * n AS square FROM generate_series(1, 7) n;
\unset FETCH_COUNT
\set AUTOCOMMIT off
INSERT INTO copied VALUES (100);
ROLLBACK;
SELECT count(*) FROM copied WHERE a = 100;
COMMIT;
\set AUTOCOMMIT on
BEGIN;
\set ON_ERROR_ROLLBACK on
\set ON_ERROR_STOP 0
INSERT INTO copied VALUES (101);
SELECT 1 / 0;
COMMIT;
\set ON_ERROR_STOP 1
SELECT count(*) FROM copied WHERE a = 101;
SELECT 1 AS one \; SELECT 2 AS two;
\encoding
DROP TABLE copied;
