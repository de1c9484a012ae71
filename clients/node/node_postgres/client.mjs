// node-postgres with its cursors, streams of rows and of COPY.

import pg from "pg";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { end, fails, same } from "./checks.mjs";

const url = process.argv[2];
const client = new pg.Client({ connectionString: url });
await client.connect();

async function one(query, values) {
    const result = await client.query({ text: query, values, rowMode: "array" });
    return result.rows[0];
}

async function values() {
    for (const [type, value, expected] of [
        ["bool", true],
        ["int2", -7],
        ["int4", 2147483647],
        ["int8", "9223372036854775807"],
        ["numeric", "1.50"],
        ["float4", 0.5],
        ["float8", -1.5e300],
        ["text", "süß 'x' \\ 🐝"],
        ["varchar(3)", "abc"],
        ["bytea", Buffer.from([0, 255, 39, 92])],
        ["jsonb", { a: [1, null, "x"] }],
        ["json", { b: true }],
        ["uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
        ["inet", "10.0.0.1/8"],
        ["int4[]", [1, null, 3]],
        ["text[]", [["a", 'b"'], ["{", "\\"]]],
        ["bool[]", [true, false]],
        ["timestamptz", new Date("2024-02-29T12:30:00.123Z")],
        ["timestamp", "2024-02-29 12:30:00", new Date(2024, 1, 29, 12, 30)],
        ["date", "2024-02-29", new Date(2024, 1, 29)],
        ["time", "01:02:03.000004"],
        ["point", "(1,2)", { x: 1, y: 2 }],
        ["circle", "<(1,2),3>", { x: 1, y: 2, radius: 3 }],
        ["int4range", "[1,5)"],
        ["\"char\"", "x"],
    ]) {
        same(type, (await one(`SELECT $1::${type}`, [value]))[0], expected ?? value);
    }
    const interval = (await one("SELECT '1 year 2 days 3:04:05.006'::interval"))[0];
    same("interval", { ...interval }, { years: 1, days: 2, hours: 3, minutes: 4, seconds: 5, milliseconds: 6 });
    same("null", await one("SELECT $1::int, NULL", [null]), [null, null]);
    const binary = await client.query({ text: "SELECT $1::int4 AS a, true AS c, 'x' AS d", values: [7], binary: true });
    same("binary", binary.rows, [{ a: 7, c: true, d: "x" }]);
}

async function statements() {
    await client.query("CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b text NOT NULL DEFAULT 'x')");
    const inserted = await client.query("INSERT INTO t (a) SELECT generate_series(1, 100) RETURNING id");
    same("inserted", [inserted.command, inserted.rowCount, inserted.rows.length], ["INSERT", 100, 100]);
    const several = await client.query("SELECT 1 AS a; UPDATE t SET b = 'y' WHERE a < 5; SELECT 2 AS b");
    same("several", several.map((r) => [r.command, r.rowCount]), [["SELECT", 1], ["UPDATE", 4], ["SELECT", 1]]);
    for (const a of [1, 2, 3]) {
        const named = await client.query({ name: "by a", text: "SELECT b FROM t WHERE a = $1", values: [a] });
        same(`named ${a}`, named.rows, [{ b: "y" }]);
    }
    same("prepared once", await one("SELECT count(*)::int FROM pg_prepared_statements WHERE name = 'by a'"), [1]);
    const described = await client.query("SELECT a AS x, b, 1.5::numeric(4,1) AS n FROM t LIMIT 1");
    same("fields", described.fields.map((f) => [f.name, f.dataTypeID, f.tableID > 0, f.columnID]),
        [["x", 23, true, 2], ["b", 25, true, 3], ["n", 1700, false, 0]]);
    const many = await Promise.all([...Array(20).keys()].map((n) => one("SELECT $1::int * 2", [n])));
    same("queued", many.map((row) => row[0]), [...Array(20).keys()].map((n) => n * 2));
    same("empty", (await client.query("")).rows, []);
    same("escaped", await one(`SELECT ${client.escapeLiteral("it's \\ x")} AS ${client.escapeIdentifier('a"b')}`), ["it's \\ x"]);
}

async function cursors() {
    await client.query("BEGIN");
    const cursor = client.query(new Cursor("SELECT a FROM t WHERE a > $1 ORDER BY a", [50]));
    same("first", (await cursor.read(3)).map((row) => row.a), [51, 52, 53]);
    same("rest", (await cursor.read(100)).length, 47);
    same("over", await cursor.read(1), []);
    await cursor.close();
    const early = client.query(new Cursor("SELECT a FROM t"));
    await early.read(1);
    await early.close();
    let total = 0;
    const stream = client.query(new QueryStream("SELECT a FROM t WHERE a <= $1", [90], { batchSize: 7, highWaterMark: 7 }));
    for await (const row of stream) total += row.a;
    same("streamed", total, 4095);
    const broken = client.query(new Cursor("SELECT 10 / (a - 3) FROM t ORDER BY a"));
    await fails("cursor fails", { code: "22012" }, broken.read(100));
    await broken.close();
    await client.query("ROLLBACK");
}

async function copy() {
    await client.query("CREATE TABLE c (a int, b text)");
    const rows = [...Array(5000).keys()].map((n) => `${n}\tline ${n}\\n\n`);
    const into = client.query(copyFrom("COPY c FROM STDIN"));
    await pipeline(Readable.from(rows), into);
    same("copied in", into.rowCount, 5000);
    same("copied", await one("SELECT count(*)::int, sum(a)::int, max(length(b)) FROM c"), [5000, 12497500, 10]);
    const out = client.query(copyTo("COPY (SELECT * FROM c WHERE a < 2 ORDER BY a) TO STDOUT (FORMAT csv, HEADER)"));
    same("copied out", await text(out), 'a,b\n0,"line 0\n"\n1,"line 1\n"\n');
    const bad = pipeline(Readable.from(["1\tx\n", "y\tz\n"]), client.query(copyFrom("COPY c FROM STDIN")));
    await fails("bad copy", { code: "22P02", where: 'COPY c, line 2, column a: "y"' }, bad);
    const given = async function* () {
        yield "1\tx\n";
        throw new Error("given up");
    };
    await fails("copy given up", { message: "given up" }, pipeline(Readable.from(given()), client.query(copyFrom("COPY c FROM STDIN"))));
    same("nothing more", await one("SELECT count(*)::int FROM c"), [5000]);
}

async function errors() {
    await fails("unique", { code: "23505", severity: "ERROR", schema: "public", table: "t", constraint: "t_a_key", detail: "Key (a)=(1) already exists." },
        client.query("INSERT INTO t (a) VALUES ($1)", [1]));
    await fails("not null", { code: "23502", table: "t", column: "b" }, client.query("INSERT INTO t (b) VALUES (NULL)"));
    await fails("syntax", { code: "42601", position: "1", message: 'syntax error at or near "SELEC"' }, client.query("SELEC 1"));
    await fails("no column", { code: "42703", position: "8", hint: 'Perhaps you meant to reference the column "t.id".' }, client.query("SELECT idd FROM t"));
    await fails("wrong value", { code: "22P02", where: "unnamed portal parameter $1 = '...'" }, client.query("SELECT $1::int", ["x"]));
    await fails("unknown type", { code: "42P18" }, client.query("SELECT $1 IS NULL", [null]));
    await fails("too few", { code: "08P01" }, client.query("SELECT $1::int, $2::int", [1]));
    const notices = [];
    client.on("notice", (notice) => notices.push([notice.severity, notice.message, notice.code]));
    await client.query("DO $$BEGIN RAISE NOTICE 'heard %', 1; END$$");
    same("notice", notices, [["NOTICE", "heard 1", "00000"]]);
    await fails("timeout", { code: "57014" }, client.query("SET statement_timeout TO 50; SELECT pg_sleep(20)"));
    await client.query("RESET statement_timeout");
    const other = new pg.Client({ connectionString: url.replace(/[^/]*$/, "nowhere") });
    await fails("no database", { code: "3D000" }, other.connect());
}

async function others() {
    const heard = new Promise((resolve) => client.once("notification", resolve));
    await client.query("LISTEN news");
    const pool = new pg.Pool({ connectionString: url, max: 4, application_name: "pooled" });
    await pool.query("SELECT pg_notify($1, $2)", ["news", "payload"]);
    const notification = await heard;
    same("notification", [notification.channel, notification.payload], ["news", "payload"]);
    await Promise.all([...Array(40).keys()].map(() => pool.query("UPDATE t SET a = a + 1000 WHERE id = 1")));
    same("by a pool", await one("SELECT a FROM t WHERE id = 1"), [40001]);
    same("application_name", (await pool.query("SHOW application_name")).rows, [{ application_name: "pooled" }]);
    const [first, second] = [await pool.connect(), await pool.connect()];
    await first.query("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(a) FROM t");
    await second.query("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(a) FROM t; INSERT INTO t (a) VALUES (-1); COMMIT");
    await fails("serializable", { code: "40001" }, first.query("INSERT INTO t (a) VALUES (-2); COMMIT"));
    await first.query("ROLLBACK");
    const ended = new Promise((resolve) => second.on("error", resolve));
    const pid = (await second.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
    await client.query("SELECT pg_terminate_backend($1)", [pid]);
    same("terminated", (await ended).code, "57P01");
    first.release();
    second.release(true);
    await pool.end();
}

for (const part of [values, statements, cursors, copy, errors, others]) await part();
await client.end();
end();
