"""psycopg2: values, COPY, named cursors, notifications, errors, sessions' settings, two-phase commit refused."""

import datetime as dt
import decimal
import io
import select
import sys
import uuid

import psycopg2
import psycopg2.errors
import psycopg2.extras
from psycopg2 import extensions, sql
from psycopg2.extras import DateTimeTZRange, Json, NamedTupleCursor, NumericRange, RealDictCursor, execute_batch, execute_values

from checks import end, fails, same

URL = sys.argv[1]
D = decimal.Decimal

VALUES = [
    ("bool", False),
    ("int2", 32767),
    ("int8", 2**63 - 1),
    ("numeric", D("0.00000000000000000001")),
    ("float8", 0.1),
    ("text", "it's \\ a süß \U0001f41d %s"),
    ("char(3)", "a  "),
    ("date", dt.date(1, 1, 1)),
    ("time", dt.time(12, 30, 0, 1)),
    ("timestamp", dt.datetime(2020, 2, 29, 1, 2, 3, 4)),
    ("timestamptz", dt.datetime(2020, 2, 29, 1, 2, 3, 4, dt.timezone.utc)),
    ("interval", dt.timedelta(days=400, seconds=59, microseconds=999999)),
    ("int[]", [1, None, 3]),
    ("text[]", [["a", "b'"], ["{", '"']]),
    ("numeric[]", [D("1.10")]),
    ("int4range", NumericRange(1, 9)),
    ("uuid", uuid.UUID(int=7)),
    ("uuid[]", [uuid.UUID(int=8)]),
]


def values(connection):
    psycopg2.extras.register_uuid()
    cursor = connection.cursor()
    cursor.execute("SET timezone TO 'UTC'")
    for number, (name, value) in enumerate(VALUES):
        cursor.execute(f"SELECT %s::{name}", (value,))
        same(f"{name} {number}", cursor.fetchone()[0], value)
    cursor.execute("SELECT %s::bytea", (psycopg2.Binary(bytes(range(256))),))
    same("bytea", bytes(cursor.fetchone()[0]), bytes(range(256)))
    cursor.execute("SELECT %s::jsonb, %s::json", (Json({"b": [1.5, None]}), Json("x")))
    same("json", cursor.fetchone(), ({"b": [1.5, None]}, "x"))
    cursor.execute("SELECT %s", (DateTimeTZRange(None, dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)),))
    got = cursor.fetchone()[0]
    same("tstzrange", (got.lower, got.upper.year, got.upper_inc), (None, 2020, False))
    cursor.execute("CREATE TYPE pair AS (a int, b text)")
    psycopg2.extras.register_composite("pair", cursor)
    cursor.execute("SELECT row(1, 'x')::pair, array[row(2, 'y,\"')::pair]")
    got = cursor.fetchone()
    same("composite", (tuple(got[0]), tuple(got[1][0])), ((1, "x"), (2, 'y,"')))
    cursor.execute("SELECT (1, 2) IN %s", (((1, 2), (3, 4)),))
    same("tuples", cursor.fetchone()[0], True)
    cursor.execute("SELECT null, ''")
    same("null", cursor.fetchone(), (None, ""))
    connection.commit()


def rows(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (id serial PRIMARY KEY, a int CHECK (a < 1000), b text, UNIQUE (a))")
    got = execute_values(cursor, "INSERT INTO t (a, b) VALUES %s RETURNING id", [(i, str(i)) for i in range(250)], fetch=True)
    same("execute_values", len(got), 250)
    execute_batch(cursor, "UPDATE t SET b = %s WHERE a = %s", [("new", i) for i in range(10)])
    cursor.execute("SELECT count(*) FROM t WHERE b = 'new'")
    same("execute_batch", cursor.fetchone()[0], 10)
    same("mogrify", cursor.mogrify("SELECT %s, %s", ("a'b", None)), b"SELECT 'a''b', NULL")
    cursor.execute("DELETE FROM t WHERE a >= 200")
    same("deleted", (cursor.rowcount, cursor.statusmessage), (50, "DELETE 50"))
    cursor.execute("SELECT id, b, a::numeric(7,3) AS n FROM t LIMIT 0")
    same("description", [(c.name, c.type_code, c.precision, c.scale) for c in cursor.description],
         [("id", 23, None, None), ("b", 25, None, None), ("n", 1700, 7, 3)])
    same("table of a column", [bool(c.table_oid) for c in cursor.description], [True, True, False])
    with connection.cursor(cursor_factory=RealDictCursor) as other:
        other.execute("SELECT a, b FROM t WHERE a = 20")
        same("dict", dict(other.fetchone()), {"a": 20, "b": "20"})
    with connection.cursor(cursor_factory=NamedTupleCursor) as other:
        other.execute(sql.SQL("SELECT {} AS x FROM {} ORDER BY 1 DESC").format(sql.Identifier("a"), sql.Identifier("public", "t")))
        same("namedtuple", other.fetchone().x, 199)
    cursor.execute("CREATE FUNCTION twice(a int, OUT b int) LANGUAGE sql AS 'SELECT a * 2'")
    cursor.callproc("twice", (21,))
    same("callproc", cursor.fetchone()[0], 42)
    connection.commit()


def copy(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE c (a int, b text)")
    cursor.copy_from(io.StringIO("1\tx\\ty\n2\t\\N\n"), "c")
    cursor.copy_expert("COPY c FROM STDIN (FORMAT csv)", io.StringIO('3,"a, ""b"""\n'))
    cursor.execute("SELECT * FROM c ORDER BY a")
    same("copied in", cursor.fetchall(), [(1, "x\ty"), (2, None), (3, 'a, "b"')])
    out = io.StringIO()
    cursor.copy_to(out, "c", sep="|", null="-", columns=("b", "a"))
    same("copied out", out.getvalue(), 'x\\ty|1\n-|2\na, "b"|3\n')
    many = io.StringIO("".join(f"{i}\t{'x' * 50}\n" for i in range(20000)))
    cursor.copy_expert("COPY c FROM STDIN", many)
    same("many", cursor.rowcount, 20000)
    out = io.BytesIO()
    cursor.copy_expert("COPY c TO STDOUT (FORMAT binary)", out)
    same("bytes", out.getvalue()[:11], b"PGCOPY\n\xff\r\n\0")
    error = fails("bad copy", psycopg2.errors.BadCopyFileFormat, cursor.copy_expert, "COPY c FROM STDIN", io.StringIO("1\n"))
    same("bad copy's place", error.diag.context, 'COPY c, line 1: "1"')
    connection.rollback()


def cursors(connection):
    with connection.cursor("named", scrollable=True) as cursor:
        cursor.itersize = 30
        cursor.execute("SELECT generate_series(1, 100)")
        same("fetchmany", [row[0] for row in cursor.fetchmany(2)], [1, 2])
        cursor.scroll(95)
        same("scrolled", [row[0] for row in cursor.fetchall()], [98, 99, 100])
        cursor.scroll(-101, mode="relative")
        same("iterated", sum(row[0] for row in cursor), 5050)
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT a FROM t WHERE a < 3 ORDER BY a")
        connection.commit()
        same("held", cursor.fetchall(), [(0,), (1,), (2,)])
    connection.rollback()


def transactions(connection):
    cursor = connection.cursor()
    with connection:
        cursor.execute("INSERT INTO t (a) VALUES (500)")
    try:
        with connection:
            cursor.execute("INSERT INTO t (a) VALUES (501)")
            raise KeyError
    except KeyError:
        pass
    cursor.execute("SELECT a FROM t WHERE a >= 500")
    same("with", cursor.fetchall(), [(500,)])
    connection.rollback()
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True, deferrable=False)
    cursor.execute("SHOW transaction_isolation")
    same("isolation", cursor.fetchone()[0], "repeatable read")
    fails("read only", psycopg2.errors.ReadOnlySqlTransaction, cursor.execute, "DELETE FROM t")
    same("status", connection.info.transaction_status, extensions.TRANSACTION_STATUS_INERROR)
    connection.rollback()
    connection.set_session(isolation_level="DEFAULT", readonly=False)
    other = psycopg2.connect(URL)
    other.tpc_begin("one")
    other.cursor().execute("INSERT INTO t (a) VALUES (502)")
    error = fails("two-phase", psycopg2.errors.ObjectNotInPrerequisiteState, other.tpc_prepare)
    same("two-phase's message", error.diag.message_primary, "prepared transactions are disabled")
    same("none to recover", other.tpc_recover(), [])
    other.close()


def conflict(connection):
    first, second = psycopg2.connect(URL), psycopg2.connect(URL)
    for each in (first, second):
        each.set_session(isolation_level="REPEATABLE READ")
        each.cursor().execute("SELECT count(*) FROM t")
    first.cursor().execute("UPDATE t SET b = '1' WHERE a = 1")
    first.commit()
    fails("40001", psycopg2.errors.SerializationFailure, second.cursor().execute, "UPDATE t SET b = '2' WHERE a = 1")
    second.rollback()
    first.cursor().execute("SELECT * FROM t WHERE a = 1 FOR UPDATE")
    fails("55P03", psycopg2.errors.LockNotAvailable, second.cursor().execute, "SELECT * FROM t WHERE a = 1 FOR UPDATE NOWAIT")
    first.close()
    second.close()


def notifications(connection):
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("LISTEN \"Some\"; DO $$BEGIN RAISE NOTICE 'heard'; END$$")
    same("notices", connection.notices[-1:], ["NOTICE:  heard\n"])
    with psycopg2.connect(URL) as other:
        other.cursor().execute("NOTIFY \"Some\", 'payload'")
    ready = select.select([connection], [], [], 10)
    same("woken", bool(ready[0]), True)
    connection.poll()
    same("notifies", [(n.channel, n.payload) for n in connection.notifies], [("Some", "payload")])
    other.close()


def errors(connection):
    cursor = connection.cursor()
    error = fails("unique", psycopg2.errors.UniqueViolation, cursor.execute, "INSERT INTO t (a) VALUES (1)")
    diag = error.diag
    same("unique's fields", (error.pgcode, diag.severity, diag.schema_name, diag.table_name, diag.constraint_name, diag.message_detail),
         ("23505", "ERROR", "public", "t", "t_a_key", "Key (a)=(1) already exists."))
    error = fails("check", psycopg2.errors.CheckViolation, cursor.execute, "INSERT INTO t (a) VALUES (1000)")
    same("check's name", error.diag.constraint_name, "t_a_check")
    error = fails("no table", psycopg2.errors.UndefinedTable, cursor.execute, "SELECT * FROM nowhere")
    same("printed", str(error), 'relation "nowhere" does not exist\nLINE 1: SELECT * FROM nowhere\n                      ^\n')
    error = fails("no function", psycopg2.errors.UndefinedFunction, cursor.execute, "SELECT f(1)")
    same("no function's hint", error.diag.message_hint,
         "No function matches the given name and argument types. You might need to add explicit type casts.")
    fails("no database", psycopg2.OperationalError, psycopg2.connect, URL.rsplit("/", 1)[0] + "/nowhere")
    fails("no encoding", psycopg2.Error, connection.set_client_encoding, "NOTHING")
    same("encoding", connection.encoding, "UTF8")


def main():
    connection = psycopg2.connect(URL)
    same("version", connection.server_version // 10000, 15)
    same("protocol", connection.protocol_version, 3)
    for part in (values, rows, copy, cursors, transactions, conflict, notifications, errors):
        part(connection)
    connection.reset()
    connection.cancel()
    connection.close()
    same("closed", connection.closed, 1)
    end()


main()
