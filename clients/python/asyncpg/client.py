"""asyncpg: its codecs by what it asks of the catalog, prepared statements, cursors, COPY, LISTEN, pools, errors."""

import asyncio
import datetime as dt
import decimal
import io
import ipaddress
import json
import sys
import uuid

import asyncpg

from checks import end, same

URL = sys.argv[1]
D = decimal.Decimal

VALUES = [
    ("bool", True),
    ("int2", -32768),
    ("int4", 7),
    ("int8", 2**62),
    ("numeric", D("123456789012345678901234567890.000100")),
    ("float4", 0.25),
    ("float8", 2.5e-300),
    ("text", "süß \U0001f41d"),
    ("varchar", ""),
    ('"char"', b"x"),
    ("name", "a_name"),
    ("bytea", b"\0\1\xff"),
    ("date", dt.date(1999, 12, 31)),
    ("time", dt.time(1, 2, 3, 4)),
    ("timetz", dt.time(1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
    ("timestamp", dt.datetime(1, 1, 1, 0, 0, 0, 1)),
    ("timestamptz", dt.datetime(2040, 1, 1, tzinfo=dt.timezone.utc)),
    ("interval", dt.timedelta(days=45, microseconds=-7)),
    ("uuid", uuid.UUID(int=2**100)),
    ("inet", ipaddress.ip_address("10.1.2.3")),
    ("inet", ipaddress.ip_interface("10.1.2.3/9")),
    ("cidr", ipaddress.ip_network("fe80::/64")),
    ("macaddr", "08:00:2b:01:02:03"),
    ("bit(5)", asyncpg.BitString("10101")),
    ("varbit", asyncpg.BitString("")),
    ("point", asyncpg.Point(1.5, -2)),
    ("box", asyncpg.Box((3, 4), (1, 2))),
    ("path", asyncpg.Path((0, 0), (1, 1), (2, 0), is_closed=True)),
    ("polygon", asyncpg.Polygon((0, 0), (1, 1), (2, 0))),
    ("circle", asyncpg.Circle((1, 2), 3.5)),
    ("lseg", asyncpg.LineSegment((1, 2), (3, 4))),
    ("line", asyncpg.Line(1, 2, 3)),
    ("json", '{"a": 1}'),
    ("jsonb", '{"a": [1, null]}'),
    ("xid", 17),
    ("oid", 4294967295),
    ("tid", (1, 2)),
    ("jsonpath", '$."a"[*]'),
    ("int4[]", [[1, None], [3, 4]]),
    ("text[]", ["a", None, ""]),
    ("numeric[]", []),
    ("int4range", asyncpg.Range(1, 5)),
    ("tsrange", asyncpg.Range(dt.datetime(2020, 1, 1), None)),
    ("numrange", asyncpg.Range(empty=True)),
    ("int8multirange", [asyncpg.Range(1, 3), asyncpg.Range(7, 9)]),
    ("daterange[]", [asyncpg.Range(dt.date(2020, 1, 1), dt.date(2020, 1, 3))]),
]


async def fails(name, expected, action):
    try:
        got = await action
    except expected as error:
        print("ok", name, flush=True)
        return error
    same(name, got, expected)
    return None


async def values(connection):
    for number, (name, value) in enumerate(VALUES):
        got = await connection.fetchval(f"SELECT $1::{name}", value)
        if name == "uuid":  # a class of its own
            got = uuid.UUID(bytes=got.bytes)
        same(f"{name} {number}", got, value)
    got = await connection.fetchrow("SELECT NULL::int AS a, 'infinity'::date AS b, B'1' AS c, 1 AS \"D\"")
    same("row", list(got.items()), [("a", None), ("b", dt.date.max), ("c", asyncpg.BitString("1")), ("D", 1)])


async def own_types(connection):
    await connection.execute(
        """CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN few AS int CHECK (value < 9);
        CREATE TYPE inner_pair AS (a int, b mood); CREATE TYPE outer_pair AS (p inner_pair, q few, r inner_pair[]);
        CREATE TYPE few_range AS RANGE (subtype = float8)"""
    )
    same("enum", await connection.fetchval("SELECT $1::mood", "ok"), "ok")
    same("enums", await connection.fetchval("SELECT $1::mood[]", ["ok", None]), ["ok", None])
    same("domain", await connection.fetchval("SELECT $1::few", 8), 8)
    value = ((1, "sad"), 7, [(2, "ok"), None])
    got = await connection.fetchval("SELECT $1::outer_pair", value)
    same("composite", (tuple(got["p"]), got["q"], tuple(got["r"][0]), got["r"][1]), ((1, "sad"), 7, (2, "ok"), None))
    same("range", await connection.fetchval("SELECT $1::few_range", asyncpg.Range(0.5, 2.5)), asyncpg.Range(0.5, 2.5))
    got = await connection.fetchval("SELECT (1, 'x'::text, 2.5::float8)")
    same("record", tuple(got), (1, "x", 2.5))
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    same("own codec", await connection.fetchval("SELECT $1::jsonb || '{\"b\": 2}'", {"a": 1}), {"a": 1, "b": 2})
    await connection.set_builtin_type_codec("few", codec_name="int")
    attributes = (await connection.prepare("SELECT $1::mood, $2::few, $3::outer_pair[]")).get_parameters()
    same("parameters", [(t.name, t.kind) for t in attributes], [("mood", "scalar"), ("few", "scalar"), ("outer_pair[]", "array")])


async def statements(connection):
    await connection.execute("CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b text)")
    await connection.executemany("INSERT INTO t (a, b) VALUES ($1, $2)", [(i, str(i)) for i in range(200)])
    same("executemany", await connection.fetchval("SELECT count(*) FROM t"), 200)
    statement = await connection.prepare("SELECT a, b FROM t WHERE a = ANY($1::int[]) ORDER BY a")
    same("prepared", [tuple(row) for row in await statement.fetch([3, 1])], [(1, "1"), (3, "3")])
    same("attributes", [(a.name, a.type.name) for a in statement.get_attributes()], [("a", "int4"), ("b", "text")])
    same("status", statement.get_statusmsg(), "SELECT 2")
    plan = await statement.explain([1])
    same("explained", "Plan" in plan[0], True)
    same("execute", await connection.execute("UPDATE t SET b = 'x' WHERE a < $1", 5), "UPDATE 5")
    got = await connection.fetchmany("INSERT INTO t (a) VALUES ($1) RETURNING id, a", [(1000,), (1001,)])
    same("fetchmany", [row["a"] for row in got], [1000, 1001])
    await connection.execute("ALTER TABLE t ADD c int DEFAULT 7")
    await connection.reload_schema_state()
    got = await connection.fetchrow("SELECT * FROM t WHERE a = $1", 1)
    same("after ALTER TABLE", dict(got), {"id": 2, "a": 1, "b": "x", "c": 7})


async def cursors(connection):
    async with connection.transaction():
        total, batches = 0, 0
        async for row in connection.cursor("SELECT a FROM t WHERE a < 200", prefetch=13):
            total += row["a"]
        same("iterated", total, 19900)
        cursor = await connection.cursor("SELECT a FROM t ORDER BY a")
        same("forward", await cursor.forward(10), 10)
        same("fetchrow", (await cursor.fetchrow())["a"], 10)
        same("fetch", [row["a"] for row in await cursor.fetch(3)], [11, 12, 13])
    await fails("cursor apart", asyncpg.NoActiveSQLTransactionError, anext_of(connection))


async def anext_of(connection):
    async for _ in connection.cursor("SELECT 1"):
        pass


async def copy(connection):
    await connection.execute("CREATE TABLE c (a int CHECK (a >= 0), b text, c timestamptz, d numeric[])")
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
    records = [(i, f"r{i}", moment, [D(i), None]) for i in range(3000)]
    same("records", await connection.copy_records_to_table("c", records=records), "COPY 3000")
    same("copied", tuple(await connection.fetchrow("SELECT * FROM c WHERE a = 2999")), records[-1])
    out = io.BytesIO()
    got = await connection.copy_from_query("SELECT a, b FROM c WHERE a < $1 ORDER BY a", 2, output=out, format="csv", header=True)
    same("query out", (got, out.getvalue()), ("COPY 2", b"a,b\n0,r0\n1,r1\n"))
    out = io.BytesIO()
    await connection.copy_from_table("c", output=out, format="binary")
    await connection.execute("TRUNCATE c")
    out.seek(0)
    same("table in", await connection.copy_to_table("c", source=out, format="binary"), "COPY 3000")
    bad = connection.copy_records_to_table("c", records=[(1,), (-1,)], columns=["a"])
    await fails("checked", asyncpg.CheckViolationError, bad)
    same("goes on", await connection.fetchval("SELECT count(*) FROM c"), 3000)


async def listen(connection):
    heard = asyncio.Queue()
    await connection.add_listener("news", lambda *said: heard.put_nowait(said[1:]))
    other = await asyncpg.connect(URL)
    await other.execute("NOTIFY news, 'one'")
    got = await asyncio.wait_for(heard.get(), 10)
    same("notification", got, (other.get_server_pid(), "news", "one"))
    notices = asyncio.Queue()
    connection.add_log_listener(lambda _, message: notices.put_nowait((message.severity, message.message, message.sqlstate)))
    await connection.execute("DO $$BEGIN RAISE WARNING 'w'; END$$")
    same("notice", await asyncio.wait_for(notices.get(), 10), ("WARNING", "w", "01000"))
    await other.close()


async def transactions(connection):
    async with connection.transaction(isolation="serializable"):
        same("isolation", await connection.fetchval("SHOW transaction_isolation"), "serializable")
        try:
            async with connection.transaction():
                await connection.execute("DELETE FROM t")
                raise KeyError
        except KeyError:
            pass
        same("savepoint", await connection.fetchval("SELECT count(*) FROM t"), 202)
    transaction = connection.transaction(readonly=True)
    await transaction.start()
    await fails("read only", asyncpg.ReadOnlySQLTransactionError, connection.execute("DELETE FROM t"))
    await fails("failed block", asyncpg.InFailedSQLTransactionError, connection.fetch("SELECT 1"))
    await transaction.rollback()
    error = await fails("unique", asyncpg.UniqueViolationError, connection.execute("INSERT INTO t (a) VALUES ($1)", 1))
    same("unique's fields", (error.schema_name, error.table_name, error.constraint_name, error.detail),
         ("public", "t", "t_a_key", "Key (a)=(1) already exists."))
    error = await fails("no column", asyncpg.UndefinedColumnError, connection.fetch("SELECT nope FROM t"))
    same("position", error.position, "8")
    await fails("timeout", asyncio.TimeoutError, connection.fetch("SELECT pg_sleep(20)", timeout=0.2))
    same("goes on after cancel", await connection.fetchval("SELECT 1"), 1)
    await fails("wrong type", asyncpg.DataError, connection.fetchval("SELECT $1::int", "text"))


async def pools():
    async with asyncpg.create_pool(URL, min_size=2, max_size=5) as pool:
        await pool.execute("CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)")

        async def add():
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL lock_timeout TO '30s'")
                await connection.execute("UPDATE counter SET n = n + 1")

        await asyncio.gather(*(add() for _ in range(40)))
        same("added by a pool", await pool.fetchval("SELECT n FROM counter"), 40)
        async with pool.acquire() as connection:
            await connection.execute("SET application_name TO 'mine'; CREATE TEMP TABLE kept (a int); LISTEN x")
            same("within", await connection.fetchval("SHOW application_name"), "mine")
        settings = await asyncio.gather(*(pool.fetchval("SELECT current_setting('application_name')") for _ in range(5)))
        same("given back as it was", set(settings), {""})


async def main():
    connection = await asyncpg.connect(URL)
    same("version", connection.get_server_version().major, 15)
    same("settings", (connection.get_settings().server_encoding, connection.get_settings().TimeZone != ""), ("UTF8", True))
    for part in (values, own_types, statements, cursors, copy, listen, transactions):
        await part(connection)
    await connection.reset()
    await connection.close()
    same("closed", connection.is_closed(), True)
    await pools()
    end()


asyncio.run(main())
