"""psycopg 3: values both ways as text and as bytes, COPY, cursors on the server, pipelines, notifications, errors."""

import datetime as dt
import decimal
import ipaddress
import sys
import threading
import uuid

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, namedtuple_row
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Json, Jsonb
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from checks import end, fails, same

URL = sys.argv[1]
D = decimal.Decimal

VALUES = [
    ("bool", True),
    ("int2", -7),
    ("int4", 2147483647),
    ("int8", -(2**63)),
    ("numeric", D("-12345678901234567890.0987654321")),
    ("numeric", D("NaN")),
    ("float4", 1.5),
    ("float8", -1e300),
    ("text", "süß \U0001f41d 'quoted' \\"),
    ("varchar", ""),
    ("bytea", b"\x00\xff'\\"),
    ("date", dt.date(4, 2, 29)),
    ("time", dt.time(23, 59, 59, 999999)),
    ("timetz", dt.time(1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30)))),
    ("timestamp", dt.datetime(9999, 12, 31, 23, 59, 59, 999999)),
    ("interval", dt.timedelta(days=-3, seconds=7, microseconds=11)),
    ("uuid", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("inet", ipaddress.ip_interface("192.168.1.7/24")),
    ("inet", ipaddress.ip_address("2001:db8::1")),
    ("cidr", ipaddress.ip_network("10.0.0.0/8")),
    ("int4[]", [[1, 2], [3, None]]),
    ("text[]", ["a,b", '"', "", None, "NULL"]),
    ("timestamp[]", [dt.datetime(2020, 1, 1, 1, 1)]),
    ("int4range", Range(1, 5)),
    ("numrange", Range(D("1.5"), None, "(]"[0] + ")")),
    ("daterange", Range(empty=True)),
    ("int4multirange", Multirange([Range(1, 3), Range(5, 9)])),
]


def values(connection):
    for binary in (False, True):
        form = "binary" if binary else "text"
        for number, (name, value) in enumerate(VALUES):
            mark = "%b" if binary else "%t"
            with connection.cursor(binary=binary) as cursor:
                cursor.execute(f"SELECT {mark}::{name}, pg_typeof({mark}::{name})::text", (value, value))
                got = cursor.fetchone()[0]
            if name == "numeric" and value.is_nan():
                got, value = str(got), "NaN"
            same(f"{name} {number} {form}", got, value)
    connection.execute("SET timezone TO 'Europe/Vienna'")
    moment = dt.datetime(2021, 7, 1, 12, tzinfo=dt.timezone.utc)
    for binary in (False, True):
        got = connection.cursor(binary=binary).execute("SELECT %s::timestamptz", (moment,)).fetchone()[0]
        same(f"timestamptz binary={binary}", (got == moment, got.hour), (True, 14))
        got = connection.cursor(binary=binary).execute("SELECT %s, %s", (Jsonb({"a": [1, None]}), Json([]))).fetchone()
        same(f"json binary={binary}", got, ({"a": [1, None]}, []))
        got = connection.cursor(binary=binary).execute("SELECT null, row(1, 'a'), array[]::int[]").fetchone()
        same(f"null and row binary={binary}", got[0], None)
        same(f"empty array binary={binary}", got[2], [])
    connection.execute("RESET timezone")


def own_types(connection):
    connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text, c mood)")
    info = EnumInfo.fetch(connection, "mood")
    register_enum(info, connection)
    same("labels", info.labels, ["sad", "ok"])
    got = connection.execute("SELECT %s::mood, array['ok']::mood[]", (info.enum.sad,)).fetchone()
    same("enum", got, (info.enum.sad, [info.enum.ok]))
    pair = CompositeInfo.fetch(connection, "pair")
    register_composite(pair, connection)
    same("fields", pair.field_names, ("a", "b", "c"))
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        got = cursor.execute("SELECT %s::pair", (pair.python_type(1, "x,y", info.enum.ok),)).fetchone()[0]
        same(f"composite binary={binary}", tuple(got), (1, "x,y", info.enum.ok))
    same("type by name", TypeInfo.fetch(connection, "pg_catalog.int4range").oid, 3904)


def rows(connection):
    connection.execute("CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b text NOT NULL DEFAULT 'x' CHECK (b <> 'bad'))")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t (a) VALUES (%s) RETURNING id", [(i,) for i in range(3)], returning=True)
        got = []
        while True:
            got.append(cursor.fetchone()[0])
            if not cursor.nextset():
                break
        same("executemany returning", got, [1, 2, 3])
        cursor.execute("UPDATE t SET b = 'y' WHERE a > 0")
        same("rowcount", cursor.rowcount, 2)
        same("statusmessage", cursor.statusmessage, "UPDATE 2")
        cursor.execute("SELECT id, b AS other, 1.5::numeric(5,2) FROM t")
        same("description", [(c.name, c.type_code) for c in cursor.description], [("id", 23), ("other", 25), ("numeric", 1700)])
        same("precision", (cursor.description[2].precision, cursor.description[2].scale), (5, 2))
    got = connection.cursor(row_factory=dict_row).execute("SELECT a, b FROM t ORDER BY a LIMIT 1").fetchone()
    same("dict", got, {"a": 0, "b": "x"})
    got = connection.cursor(row_factory=namedtuple_row).execute("SELECT a FROM t ORDER BY a DESC").fetchone()
    same("namedtuple", got.a, 2)
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} = ANY(%s)").format(sql.Identifier("t"), sql.Identifier("a"))
    same("composed", connection.execute(query, ([1, 2, 9],)).fetchone()[0], 2)
    for _ in range(7):  # prepared from the fifth time on
        got = connection.execute("SELECT a FROM t WHERE id = %s", (2,)).fetchone()
    same("prepared by itself", got, (1,))
    counted = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT a FROM t WHERE id = $1%'"
    same("pg_prepared_statements", connection.execute(counted).fetchone()[0], 1)


def copy(connection):
    connection.execute("CREATE TABLE c (a int, b text, c date)")
    expected = [(i, f"tab\t{i}\\", dt.date(2020, 1, 1 + i % 28)) for i in range(1000)] + [(None, None, None)]
    for form in ("", "(FORMAT binary)"):
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY c FROM STDIN {form}") as into:
                into.set_types(["int4", "text", "date"])
                for row in expected:
                    into.write_row(row)
            same(f"copied {form}", cursor.rowcount, 1001)
            with cursor.copy(f"COPY (SELECT * FROM c ORDER BY a) TO STDOUT {form}") as out:
                out.set_types(["int4", "text", "date"])
                same(f"copied back {form}", list(out.rows()), expected)
            connection.execute("TRUNCATE c")
    with connection.cursor() as cursor:
        with cursor.copy("COPY c FROM STDIN (FORMAT csv, HEADER)") as into:
            into.write("a,b,c\n1,")
            into.write('"x\ny",2020-02-02\n')
        same("csv", connection.execute("SELECT * FROM c").fetchall(), [(1, "x\ny", dt.date(2020, 2, 2))])

    def broken():
        with connection.cursor().copy("COPY c FROM STDIN") as into:
            into.write("1\tb\t2020-01-01\nx\ty\tz\n")

    error = fails("copy of what is no number", psycopg.errors.InvalidTextRepresentation, broken)
    same("where", error.diag.context, 'COPY c, line 2, column a: "x"')

    def given_up():
        with connection.cursor().copy("COPY c FROM STDIN") as into:
            into.write("1\tb\t2020-01-01\n")
            raise KeyError("mine")

    fails("copy given up", KeyError, given_up)
    same("nothing was copied", connection.execute("SELECT count(*) FROM c").fetchone()[0], 1)


def cursors(connection):
    connection.autocommit = False
    with connection.cursor("named", scrollable=True) as cursor:
        cursor.execute("SELECT generate_series(1, 100)")
        cursor.itersize = 7
        same("fetchmany", cursor.fetchmany(3), [(1,), (2,), (3,)])
        cursor.scroll(50)
        same("after scroll", cursor.fetchone(), (54,))
        cursor.scroll(0, mode="absolute")
        same("iterated", sum(row[0] for row in cursor), 5050)
    with connection.cursor("bytes", binary=True) as cursor:
        cursor.execute("SELECT %s::text, 1.25::numeric", ("x",))
        same("binary cursor", cursor.fetchall(), [("x", D("1.25"))])
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT generate_series(1, 3)")
        connection.commit()
        same("held", cursor.fetchall(), [(1,), (2,), (3,)])
    connection.rollback()
    connection.autocommit = True
    with psycopg.connect(URL) as other, other.cursor() as cursor:
        got = [row[0] for row in cursor.stream("SELECT generate_series(1, 500)")]
        same("stream", got, list(range(1, 501)))


def transactions(connection):
    with connection.transaction():
        connection.execute("INSERT INTO t (a) VALUES (100)")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO t (a) VALUES (101)")
                raise KeyError
        except KeyError:
            pass
    same("savepoint", connection.execute("SELECT a FROM t WHERE a >= 100").fetchall(), [(100,)])
    connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    connection.read_only = True
    with connection.transaction():
        same("isolation", connection.execute("SHOW transaction_isolation").fetchone()[0], "serializable")
        fails("read only", psycopg.errors.ReadOnlySqlTransaction, connection.execute, "INSERT INTO t (a) VALUES (102)")
        same("status", connection.info.transaction_status.name, "INERROR")
        fails("failed block", psycopg.errors.InFailedSqlTransaction, connection.execute, "SELECT 1")
        raise psycopg.Rollback
    connection.isolation_level = connection.read_only = None
    other = psycopg.connect(URL)
    other.tpc_begin(other.xid(1, "global", "branch"))
    other.execute("INSERT INTO t (a) VALUES (103)")
    error = fails("two-phase", psycopg.NotSupportedError, other.tpc_prepare)
    same("two-phase's hint", str(error).splitlines()[1], "HINT:  Set max_prepared_transactions to a nonzero value.")
    same("after two-phase", other.info.transaction_status.name, "IDLE")
    other.close()
    same("nothing of it", connection.execute("SELECT count(*) FROM t WHERE a = 103").fetchone()[0], 0)


def pipeline(connection):
    with connection.pipeline() as pipe:
        cursors = [connection.execute("SELECT %s::int * 2", (i,)) for i in range(20)]
        pipe.sync()
        same("pipeline", [c.fetchone()[0] for c in cursors], [2 * i for i in range(20)])

    def one_fails():
        with connection.pipeline():
            connection.execute("INSERT INTO t (a) VALUES (200)")
            connection.execute("SELECT 1 / 0")
            connection.execute("INSERT INTO t (a) VALUES (201)")

    fails("pipeline fails", psycopg.errors.DivisionByZero, one_fails)
    same("pipeline undone", connection.execute("SELECT count(*) FROM t WHERE a >= 200").fetchone()[0], 0)


def notifications(connection):
    with psycopg.connect(URL, autocommit=True) as other:
        connection.execute("LISTEN news")
        other.execute("NOTIFY news, 'first'")
        other.execute("SELECT pg_notify('news', 'second')")
        got = list(connection.notifies(timeout=5, stop_after=2))
        same("notifies", [(n.channel, n.payload) for n in got], [("news", "first"), ("news", "second")])
        same("pid", {n.pid for n in got}, {other.info.backend_pid})
    heard = []
    connection.add_notice_handler(lambda diag: heard.append((diag.severity, diag.message_primary)))
    connection.execute("DO $$BEGIN RAISE WARNING 'mind %', 7; END$$")
    same("notice", heard, [("WARNING", "mind 7")])


def errors(connection):
    error = fails("unique", psycopg.errors.UniqueViolation, connection.execute, "INSERT INTO t (a) VALUES (1)")
    diag = error.diag
    same("unique's fields", (diag.schema_name, diag.table_name, diag.constraint_name, diag.message_detail),
         ("public", "t", "t_a_key", "Key (a)=(1) already exists."))
    error = fails("not null", psycopg.errors.NotNullViolation, connection.execute, "INSERT INTO t (b) VALUES (null)")
    same("not null's fields", (error.diag.table_name, error.diag.column_name), ("t", "b"))
    error = fails("check", psycopg.errors.CheckViolation, connection.execute, "INSERT INTO t (b) VALUES ('bad')")
    same("check's name", error.diag.constraint_name, "t_b_check")
    error = fails("no column", psycopg.errors.UndefinedColumn, connection.execute, "SELECT idd FROM t")
    same("no column's fields", (error.diag.statement_position, error.diag.message_hint, error.diag.severity_nonlocalized),
         ("8", 'Perhaps you meant to reference the column "t.id".', "ERROR"))
    error = fails("syntax", psycopg.errors.SyntaxError, connection.execute, "SELEC 1")
    same("syntax's message", error.diag.message_primary, 'syntax error at or near "SELEC"')
    text = "DO $$BEGIN RAISE EXCEPTION 'own' USING errcode = 'P7777', hint = 'h', detail = 'd', column = 'c', datatype = 't'; END$$"
    error = fails("raised", psycopg.DatabaseError, connection.execute, text)
    same("raised fields", (error.sqlstate, error.diag.message_hint, error.diag.message_detail, error.diag.column_name, error.diag.datatype_name),
         ("P7777", "h", "d", "c", "t"))
    same("raised where", error.diag.context, "PL/pgSQL function inline_code_block line 1 at RAISE")


def cancelled(connection):
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    fails("cancel", psycopg.errors.QueryCanceled, connection.execute, "SELECT pg_sleep(20)")
    timer.join()
    connection.execute("SET statement_timeout TO 50")
    fails("timeout", psycopg.errors.QueryCanceled, connection.execute, "SELECT pg_sleep(20)")
    connection.execute("RESET statement_timeout")
    with psycopg.connect(URL, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    fails("terminated", psycopg.OperationalError, connection.execute, "SELECT 1")
    same("broken", connection.broken, True)


def server(connection):
    info = connection.info
    same("version", info.server_version // 10000, 15)
    same("parameters", (info.parameter_status("server_encoding"), info.parameter_status("integer_datetimes")), ("UTF8", "on"))
    same("database", info.dbname, connection.execute("SELECT current_database()").fetchone()[0])
    connection.execute("SET application_name TO 'mine'")
    same("reported", info.parameter_status("application_name"), "mine")


def main():
    with psycopg.connect(URL, autocommit=True) as connection:
        for part in (server, values, own_types, rows, copy, cursors, transactions, pipeline, notifications, errors, cancelled):
            part(connection)
    end()


main()
