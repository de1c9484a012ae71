"""What SQLAlchemy's suite asks of a database beforehand."""

import sys

import psycopg

with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("CREATE SCHEMA test_schema; CREATE SCHEMA test_schema_2")
