SELECT 'CREATE ROLE clients_reader NOLOGIN CONNECTION LIMIT 3' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'clients_reader') \gexec
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'all of it';
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE app.pair AS (a int, b text);
CREATE TYPE app.span AS RANGE (subtype = float8);
CREATE DOMAIN app.few AS int CHECK (value < 9);
CREATE DOMAIN app.word AS text COLLATE "C" DEFAULT 'x' NOT NULL;
CREATE TABLE app.one (a serial PRIMARY KEY, b app.mood DEFAULT 'ok', c app.few, d text[], UNIQUE (b, c), CHECK (a > 0));
CREATE TABLE app.two (
    a int REFERENCES app.one ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    b bigint GENERATED ALWAYS AS IDENTITY (START 7),
    c int GENERATED ALWAYS AS (a * 2) STORED,
    d timestamptz(3) NOT NULL DEFAULT now(),
    e varchar(20) COLLATE "C",
    EXCLUDE USING gist (int4range(a, a + 1) WITH &&) WHERE (a > 100)
);
COMMENT ON TABLE app.two IS 'the other';
COMMENT ON COLUMN app.one.b IS 'how it is';
CREATE INDEX two_b ON app.two (b DESC NULLS LAST) INCLUDE (d) WHERE a > 0;
CREATE INDEX two_lower ON app.two (lower(e) text_pattern_ops);
CREATE INDEX one_d ON app.one USING gin (d);
CREATE STATISTICS app.two_stats (ndistinct, dependencies) ON a, b FROM app.two;
CREATE VIEW app.both AS SELECT one.a, one.b, two.d FROM app.one JOIN app.two USING (a) WHERE one.a > 1;
CREATE VIEW app.some WITH (security_barrier) AS SELECT a, b FROM app.one WHERE a < 100 WITH LOCAL CHECK OPTION;
CREATE VIEW app.visible AS SELECT 1 AS x;
CREATE MATERIALIZED VIEW app.kept AS SELECT b, count(*) AS n FROM app.one GROUP BY b;
CREATE UNIQUE INDEX kept_b ON app.kept (b);
CREATE TABLE app.parts (a int NOT NULL, b text) PARTITION BY RANGE (a);
CREATE INDEX parts_b ON app.parts (b);
CREATE TABLE app.low PARTITION OF app.parts FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE app.high PARTITION OF app.parts FOR VALUES FROM (10) TO (20) PARTITION BY LIST (b);
CREATE TABLE app.high_x PARTITION OF app.high FOR VALUES IN ('x', NULL);
CREATE TABLE app.rest PARTITION OF app.parts DEFAULT;
CREATE TABLE app.base (a int, b text);
CREATE TABLE app.derived (c date) INHERITS (app.base);
CREATE UNLOGGED TABLE app.quick (a int) WITH (fillfactor = 70);
CREATE SEQUENCE app.numbers INCREMENT 5 MAXVALUE 1000 CYCLE OWNED BY app.base.a;
CREATE FUNCTION app.next(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION app.pairs(OUT x int, OUT y text, VARIADIC z int[]) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT n, 'text' FROM unnest(z) n;
END
$$;
CREATE PROCEDURE app.work(INOUT n int) LANGUAGE plpgsql AS $$BEGIN n := n + 1; END$$;
CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE FUNCTION app.touched() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF b ON app.one FOR EACH ROW WHEN (new.a > 0) EXECUTE FUNCTION app.touched();
CREATE TRIGGER touch_all AFTER INSERT ON app.one REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION app.touched();
ALTER TABLE app.one DISABLE TRIGGER touch_all;
CREATE RULE never AS ON DELETE TO app.base DO INSTEAD NOTHING;
CREATE OPERATOR app.+|+ (LEFTARG = int, RIGHTARG = int, FUNCTION = app.next);
CREATE FUNCTION app.as_int(app.mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT length($1::text)$$;
CREATE CAST (app.mood AS int) WITH FUNCTION app.as_int(app.mood) AS ASSIGNMENT;
CREATE COLLATION app.bytes FROM "C";
GRANT SELECT ON app.one TO clients_reader;
GRANT INSERT (a), UPDATE (b) ON app.two TO clients_reader WITH GRANT OPTION;
GRANT USAGE ON SCHEMA app TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO clients_reader;
REVOKE EXECUTE ON FUNCTION app.next FROM PUBLIC;
INSERT INTO app.one (c, d) VALUES (1, '{x,NULL}'), (NULL, NULL);
INSERT INTO app.two (a, d) VALUES (1, '2020-01-01'), (2, '2021-01-01');
INSERT INTO app.parts VALUES (1, 'a'), (11, 'x'), (99, NULL);
SELECT setval('app.one_a_seq', 40);
REFRESH MATERIALIZED VIEW app.kept;
