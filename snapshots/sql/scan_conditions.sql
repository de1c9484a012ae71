-- Conditions of a scan are asked one after the other; what alternatives say of single columns is asked before.
CREATE TABLE t (id int, a int, b int, c text, d numeric);
INSERT INTO t SELECT n, n % 7, CASE WHEN n % 5 = 0 THEN NULL ELSE n % 5 END, 'text ' || n % 11, n / 4.0 FROM generate_series(1, 3000) n;
SELECT count(*), sum(id) FROM t WHERE a = 1 AND c LIKE '%3' AND b > 1;
SELECT count(*), sum(id) FROM t WHERE (a = 1 AND b = 2 AND c = 'text 3') OR (a = 3 AND b = 4 AND c IN ('text 1', 'text 2'));
SELECT count(*), sum(id) FROM t WHERE (a = 1 AND b = 2) OR (a = 3 AND b IS NULL);
SELECT count(*), sum(id) FROM t WHERE (a = 1 OR b = 2) AND (c <> 'text 3' OR d < 100);
SELECT count(*), sum(id) FROM t WHERE a < 6 AND b < 4 AND c < 'text 9' AND d > 3;
SELECT count(*), sum(id) FROM t WHERE NOT (a = 1 AND b = 2) AND (a > 5 OR c = 'text 1' AND d > 700.5);
-- What may fail is asked only of rows that those before have left, be they few or many.
SELECT count(*) FROM t WHERE a > 0 AND 10 / a > 2;
SELECT count(*) FROM t WHERE a > 0 AND b > 1 AND 12 / (a * (b - 1)) >= 1;
SELECT count(*) FROM t WHERE a = 3 AND c <> 'text 5' AND 10 / (a - 2) = 10;
SELECT count(*) FROM t WHERE c <> 'text 5' AND 10 / a > 2;
-- Joins tell their keys to scans that have conditions and other joins.
CREATE TABLE u (a int, id int, e text, PRIMARY KEY (a, id));
INSERT INTO u SELECT n % 7, n, 'e' || n % 3 FROM generate_series(1, 3000, 2) n;
ANALYZE t;
ANALYZE u;
SELECT count(*), sum(t.id) FROM t JOIN u ON t.a = u.a AND t.id = u.id WHERE u.e = 'e1' AND t.b = 2;
SELECT count(*), sum(t.id) FROM t JOIN u ON t.id = u.id JOIN u v ON v.id = t.id AND v.a = t.a WHERE v.e <> 'e2' AND u.e <> 'e1' AND t.c LIKE '%4';
SELECT count(*), sum(t.id) FROM t LEFT JOIN u ON t.a = u.a AND t.id = u.id WHERE u.e IS NULL AND t.b > 2;
