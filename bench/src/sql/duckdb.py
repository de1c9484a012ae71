"""DuckDB, asked through a pipe: a line with a number of bytes, then that many bytes of SQL.
The answer: "ok SECONDS ROWS" and the rows, a line each, values between tabs; or "error TEXT"."""
import sys
import time

import duckdb

connection = duckdb.connect(sys.argv[1])
print("ready", duckdb.__version__, flush=True)
while line := sys.stdin.buffer.readline():
    text = sys.stdin.buffer.read(int(line)).decode()
    try:
        began = time.perf_counter()
        rows = connection.execute(text).fetchall()
        took = time.perf_counter() - began
    except Exception as error:
        print("error", str(error).replace("\n", " "), flush=True)
        continue
    print("ok", took, len(rows))
    for row in rows:
        print("\t".join("\\N" if value is None else str(value) for value in row))
    sys.stdout.flush()
