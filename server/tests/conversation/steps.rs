//! Statements in steps: prepared, bound, described, run.

use crate::client::{House, Value};

#[test]
fn a_statement_is_prepared_bound_described_and_run() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int PRIMARY KEY, b text)");
    caller.parse("put", "INSERT INTO t VALUES ($1, $2) RETURNING a", &[]).describe(b'S', "put").sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [23, 25]
    columns a(column 1 type 23 4 -1 format 0)
    ready I
    ");
    caller.bind("", "put", &[Value::Bytes(&[0, 0, 0, 7]), Value::Text("x")], true);
    caller.describe(b'P', "").execute("", 0);
    caller.bind("", "put", &[Value::Text("8"), Value::Null], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    bound
    columns a(column 1 type 23 4 -1 format 1)
    row [00, 00, 00, 07]
    complete INSERT 0 1
    bound
    row 8
    complete INSERT 0 1
    ready I
    ");
    caller.parse("", "SELECT * FROM t ORDER BY a", &[]).bind("", "", &[], false).describe(b'P', "");
    caller.execute("", 0).close(b'S', "put").sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    columns a(column 1 type 23 4 -1 format 0) b(column 2 type 25 -1 -1 format 0)
    row 7 | x
    row 8 | null
    complete SELECT 2
    closed
    ready I
    ");
    caller.parse("", "DELETE FROM t", &[]).describe(b'S', "").bind("", "", &[], false).describe(b'P', "");
    caller.execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters []
    no data
    bound
    no data
    complete DELETE 2
    ready I
    ");
    caller.parse("", "", &[]).bind("", "", &[], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    empty
    ready I
    ");
}

#[test]
fn rows_come_in_parts_as_long_as_the_portal_lives() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("BEGIN");
    caller.parse("", "SELECT generate_series(1, 5)", &[]).bind("p", "", &[], false).execute("p", 2).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    row 1
    row 2
    suspended
    ready T
    ");
    caller.execute("p", 2).sync();
    insta::assert_snapshot!(caller.say(), @r"
    row 3
    row 4
    suspended
    ready T
    ");
    caller.execute("p", 2).execute("p", 2).sync();
    insta::assert_snapshot!(caller.say(), @r"
    row 5
    complete SELECT 1
    complete SELECT 0
    ready T
    ");
    caller.query("COMMIT");
    caller.execute("p", 2).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=34000 M=portal "p" does not exist
    ready I
    "#);
}

#[test]
fn what_follows_an_error_is_skipped_up_to_the_next_sync() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("", "SELECT 1 / $1::int", &[]).bind("", "", &[Value::Text("0")], false).execute("", 0);
    caller.parse("", "SELECT 2", &[]).bind("", "", &[], false).execute("", 0).sync();
    caller.parse("", "SELECT 3", &[]).bind("", "", &[], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    error S=ERROR C=22012 M=division by zero
    ready I
    parsed
    bound
    row 3
    complete SELECT 1
    ready I
    ");
    caller.parse("", "SELECT nothing", &[]).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=42703 M=column "nothing" does not exist P=8
    ready I
    "#);
    caller.bind("", "none", &[], false).sync().describe(b'P', "none").sync().execute("none", 0).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=26000 M=prepared statement "none" does not exist
    ready I
    error S=ERROR C=34000 M=portal "none" does not exist
    ready I
    error S=ERROR C=34000 M=portal "none" does not exist
    ready I
    "#);
}

#[test]
fn values_that_are_none_name_their_parameter() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("s", "SELECT $1::int, $2::text", &[]).sync().say();
    caller.bind("", "s", &[Value::Text("x"), Value::Null], false).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=22P02 M=invalid input syntax for type integer: "x" W=unnamed portal parameter $1 = '...'
    ready I
    "#);
    caller.bind("", "s", &[Value::Bytes(&[1, 2]), Value::Null], false).sync();
    insta::assert_snapshot!(caller.say(), @r"
    error S=ERROR C=08P01 M=insufficient data left in message W=unnamed portal parameter $1
    ready I
    ");
    caller.bind("", "s", &[Value::Null], false).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=08P01 M=bind message supplies 1 parameters, but prepared statement "s" requires 2
    ready I
    "#);
    caller.bind("", "s", &[Value::Null, Value::Bytes(&[0xff])], false).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=22021 M=invalid byte sequence for encoding "UTF8": 0xff W=unnamed portal parameter $2
    ready I
    "#);
}

#[test]
fn several_statements_up_to_a_sync_are_one_transaction() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int PRIMARY KEY)");
    for value in ["1", "2", "1"] {
        caller.parse("", "INSERT INTO t VALUES ($1)", &[]).bind("", "", &[Value::Text(value)], false);
        caller.execute("", 0);
    }
    insta::assert_snapshot!(caller.sync().say(), @r#"
    parsed
    bound
    complete INSERT 0 1
    parsed
    bound
    complete INSERT 0 1
    parsed
    bound
    error S=ERROR C=23505 M=duplicate key value violates unique constraint "t_pkey" D=Key (a)=(1) already exists. s=public t=t n=t_pkey
    ready I
    "#);
    insta::assert_snapshot!(caller.query("SELECT count(*) FROM t"), @r"
    columns count(- type 20 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
}

#[test]
fn values_leave_as_bytes_where_that_is_asked_for() {
    let house = House::trusting();
    let mut caller = house.guest();
    let text = "SELECT true, 1::smallint, 2::int, 3::bigint, 1.5::float4, 1.5::float8, 'x'::text, '\\x01'::bytea, \
        date '2000-01-02', time '00:00:01', interval '1 day', 1.5::numeric, '{1,2}'::int[], row(1), '[1]'::jsonb, \
        '00000000-0000-0000-0000-000000000001'::uuid";
    caller.parse("", text, &[]).bind("", "", &[], true).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    row [01] | [00, 01] | [00, 00, 00, 02] | [00, 00, 00, 00, 00, 00, 00, 03] | [3f, c0, 00, 00] | [3f, f8, 00, 00, 00, 00, 00, 00] | x | [01] | [00, 00, 00, 01] | [00, 00, 00, 00, 00, 0f, 42, 40] | [00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 01, 00, 00, 00, 00] | [00, 02, 00, 00, 00, 00, 00, 01, 00, 01, 13, 88] | [00, 00, 00, 01, 00, 00, 00, 00, 00, 00, 00, 17, 00, 00, 00, 02, 00, 00, 00, 01, 00, 00, 00, 04, 00, 00, 00, 01, 00, 00, 00, 04, 00, 00, 00, 02] | [00, 00, 00, 01, 00, 00, 00, 17, 00, 00, 00, 04, 00, 00, 00, 01] | [01, 5b, 31, 5d] | [00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 01]
    complete SELECT 1
    ready I
    ");
}

/// psycopg's server-side cursors: declared with parameters, described as portals, fetched from by SQL.
#[test]
fn a_cursor_is_declared_with_parameters_and_described_as_a_portal() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("BEGIN");
    caller.parse("", "DECLARE c CURSOR FOR SELECT g, $2 AS t FROM generate_series(1, $1) AS g", &[23, 25]);
    caller.bind("", "", &[Value::Text("3"), Value::Text("x")], false).execute("", 0).describe(b'P', "c");
    caller.parse("", "FETCH 2 FROM c", &[]).bind("", "", &[], false).describe(b'P', "").execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    complete DECLARE CURSOR
    columns g(- type 23 4 -1 format 0) t(- type 25 -1 -1 format 0)
    parsed
    bound
    columns g(- type 23 4 -1 format 0) t(- type 25 -1 -1 format 0)
    row 1 | x
    row 2 | x
    complete FETCH 2
    ready T
    ");
    caller.close(b'P', "c").describe(b'P', "c").sync();
    insta::assert_snapshot!(caller.say(), @r#"
    closed
    error S=ERROR C=34000 M=portal "c" does not exist
    ready E
    "#);
    caller.query("ROLLBACK");
    caller.parse("", "EXPLAIN (COSTS off) SELECT 1 WHERE $1 = 5", &[]).bind(
        "",
        "",
        &[Value::Text("5")],
        false,
    );
    caller.execute("", 0);
    caller.parse("", "CREATE TABLE made AS SELECT $1 + 1 AS a", &[]).bind("", "", &[Value::Text("5")], false);
    caller.execute("", 0).parse("", "TABLE made", &[]).bind("", "", &[], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    row Result
    row   One-Time Filter: ($1 = 5)
    complete EXPLAIN
    parsed
    bound
    complete SELECT 1
    parsed
    bound
    row 6
    complete SELECT 1
    ready I
    ");
}

/// asyncpg's cursors: portals of the protocol that SQL moves.
#[test]
fn a_portal_is_fetched_from_and_moved_by_its_name() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("BEGIN");
    caller.parse("", "SELECT generate_series(1, 9)", &[]).bind("p", "", &[], false).execute("p", 1).sync();
    caller.say();
    insta::assert_snapshot!(caller.query("MOVE FORWARD 2 FROM p; FETCH p; FETCH 0 FROM p"), @r"
    complete MOVE 2
    columns generate_series(- type 23 4 -1 format 0)
    row 4
    complete FETCH 1
    error S=ERROR C=55000 M=cursor can only scan forward H=Declare it with SCROLL option to enable backward scan.
    ready E
    ");
    caller.query("ROLLBACK; BEGIN");
    caller.parse("", "SELECT generate_series(1, 3)", &[]).bind("p", "", &[], false).sync();
    caller.say();
    insta::assert_snapshot!(caller.query("FETCH 2 FROM p; FETCH ALL FROM p; FETCH p; CLOSE p; FETCH p"), @r#"
    columns generate_series(- type 23 4 -1 format 0)
    row 1
    row 2
    complete FETCH 2
    columns generate_series(- type 23 4 -1 format 0)
    row 3
    complete FETCH 1
    columns generate_series(- type 23 4 -1 format 0)
    complete FETCH 0
    complete CLOSE CURSOR
    error S=ERROR C=34000 M=cursor "p" does not exist
    ready E
    "#);
}

/// Some clients prepare anew after this error only, which they know by the routine.
#[test]
fn a_statement_whose_columns_have_changed_says_so_to_programs() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    caller.parse("all", "SELECT * FROM t", &[]).sync();
    caller.say();
    caller.query("ALTER TABLE t ADD b text");
    caller.bind("", "all", &[], false).sync();
    insta::assert_snapshot!(caller.say(), @r"
    error S=ERROR C=0A000 M=cached plan must not change result type R=RevalidateCachedQuery
    ready I
    ");
}

#[test]
fn a_portal_ends_with_the_savepoint_since_which_it_was_opened() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query(
        "BEGIN; CREATE TABLE t (a int); INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2)",
    );
    caller.parse("all", "SELECT a FROM t", &[]).bind("p", "all", &[], false).execute("p", 1).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    row 1
    suspended
    ready T
    ");
    caller.query("RELEASE s; SAVEPOINT s");
    caller.bind("q", "all", &[], false).execute("q", 1).sync();
    caller.say();
    caller.query("ROLLBACK TO s");
    caller.execute("p", 1).sync();
    insta::assert_snapshot!(caller.say(), @r"
    row 2
    suspended
    ready T
    ");
    caller.execute("q", 1).sync();
    insta::assert_snapshot!(caller.say(), @r#"
    error S=ERROR C=34000 M=portal "q" does not exist
    ready E
    "#);
}

/// As PostgreSQL has it: what is done between binding and running, by the portal of a change too, is not read.
#[test]
fn a_portal_reads_what_there_was_when_it_was_bound() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t SELECT g, 1 FROM generate_series(1, 3) AS g");
    caller.query("BEGIN");
    caller.parse("all", "SELECT a, b FROM t ORDER BY a", &[]).parse(
        "one",
        "SELECT b FROM t WHERE a = 2",
        &[],
    );
    caller.bind("all", "all", &[], false).bind("one", "one", &[], false).sync();
    caller.say();
    caller.query("UPDATE t SET b = b + 10");
    caller.parse("", "DELETE FROM t WHERE a = 3", &[]).bind("change", "", &[], false);
    caller.bind("later", "all", &[], false).execute("change", 0);
    caller.execute("all", 2).execute("one", 0).execute("all", 0).execute("later", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    bound
    complete DELETE 1
    row 1 | 1
    row 2 | 1
    suspended
    row 1
    complete SELECT 1
    row 3 | 1
    complete SELECT 1
    row 1 | 11
    row 2 | 11
    row 3 | 11
    complete SELECT 3
    ready T
    ");
}

#[test]
fn a_portal_that_locks_rows_reads_what_there_was_when_it_was_bound() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t SELECT g, 1 FROM generate_series(1, 3) AS g");
    for strength in ["SHARE", "UPDATE"] {
        caller.query("BEGIN");
        caller
            .parse("", &format!("SELECT a FROM t ORDER BY a FOR {strength}"), &[])
            .bind("p", "", &[], false)
            .sync();
        caller.say();
        caller.query("INSERT INTO t VALUES (50, 50)");
        caller.query("UPDATE t SET b = 2 WHERE a = 1; DELETE FROM t WHERE a = 3");
        caller.execute("p", 0).sync();
        insta::allow_duplicates! {
            insta::assert_snapshot!(caller.say(), @r"
            row 2
            complete SELECT 1
            ready T
            ");
        }
        caller.query("ROLLBACK");
    }
}

#[test]
fn what_an_open_portal_reads_is_not_changed_beneath_it() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
    for change in ["DROP TABLE t", "TRUNCATE t", "ALTER TABLE t ADD b int"] {
        for taken in [0, 1] {
            caller.query("BEGIN");
            caller.parse("", "SELECT a FROM t", &[]).bind("p", "", &[], false);
            if taken > 0 {
                caller.execute("p", taken);
            }
            caller.sync().say();
            let told = caller.query(change);
            assert!(told.contains("55006"), "{change} after {taken} rows: {told}");
            caller.query("ROLLBACK");
        }
    }
    // The one without a name is gone when a text is sent, one that is closed always.
    caller.query("BEGIN");
    caller.parse("", "SELECT a FROM t", &[]).bind("", "", &[], false).bind("p", "", &[], false);
    caller.close(b'P', "p").sync().say();
    let told = caller.query("DROP TABLE t");
    assert!(told.contains("DROP TABLE"), "{told}");
}

#[test]
fn a_query_that_makes_a_table_is_prepared_as_others_are() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller
        .parse("", "SELECT $1::int AS x INTO u", &[])
        .describe(b'S', "")
        .bind("", "", &[Value::Text("7")], false)
        .execute("", 0);
    caller.parse("", "SELECT x FROM u", &[]).bind("", "", &[], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [23]
    no data
    bound
    complete SELECT 1
    parsed
    bound
    row 7
    complete SELECT 1
    ready I
    ");
}

#[test]
fn a_message_with_a_zero_byte_ends_there() {
    let house = House::trusting();
    let mut caller = house.guest();
    let told = caller.query("SELECT acldefault(''::\"char\", 0)");
    assert!(told.contains("unrecognized objtype abbreviation"), "{told}");
    assert!(caller.query("SELECT 1").contains("row 1"));
}

#[test]
fn a_cursor_is_run_as_a_portal_is_and_no_formats_are_left_of_another() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("BEGIN");
    caller.parse("", "SELECT 7", &[]).bind("c", "", &[], true).close(b'P', "c").sync();
    caller.say();
    caller.query("DECLARE c CURSOR FOR SELECT * FROM generate_series(1, 3)");
    caller.describe(b'P', "c").execute("c", 2).execute("c", 2).execute("c", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    columns generate_series(- type 23 4 -1 format 0)
    row 1
    row 2
    suspended
    row 3
    complete SELECT 1
    complete SELECT 0
    ready T
    ");
}

#[test]
fn the_statement_without_a_name_lasts_until_the_next() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("", "SELECT 1", &[]).sync();
    caller.say();
    caller.query("SELECT 2");
    caller.bind("", "", &[], false).sync();
    assert!(caller.say().contains("C=26000"));
    caller.parse("", "SELECT 1", &[]).sync();
    caller.parse("", "nonsense", &[]).sync();
    caller.say();
    caller.bind("", "", &[], false).sync();
    assert!(caller.say().contains("C=26000"));
}

#[test]
fn a_procedure_is_called_with_parameters_and_its_row_is_described() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query(
        "CREATE PROCEDURE p(INOUT a int, b text) LANGUAGE plpgsql AS $$ BEGIN a := a + length(b); END $$",
    );
    caller.query("CREATE PROCEDURE q(b text) LANGUAGE sql AS ''");
    caller.parse("s", "CALL p($1, $2)", &[]).describe(b'S', "s");
    caller
        .bind("", "s", &[Value::Text("5"), Value::Text("abc")], true)
        .describe(b'P', "")
        .execute("", 0)
        .sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [23, 25]
    columns a(- type 23 4 -1 format 0)
    bound
    columns a(- type 23 4 -1 format 1)
    row [00, 00, 00, 08]
    complete CALL
    ready I
    ");
    caller.parse("", "CALL q($1)", &[]).describe(b'S', "").bind("", "", &[Value::Null], false);
    caller.describe(b'P', "").execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [25]
    no data
    bound
    no data
    complete CALL
    ready I
    ");
    caller.parse("", "CALL p($1)", &[23]).sync();
    insta::assert_snapshot!(caller.say(), @r"
    error S=ERROR C=42883 M=procedure p(integer) does not exist H=No procedure matches the given name and argument types. You might need to add explicit type casts. P=6
    ready I
    ");
}

#[test]
fn a_parameter_of_no_type_is_no_argument() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("", "SELECT * FROM upper($1, $2) AS r", &[2278, 25]).describe(b'S', "");
    caller.bind("", "", &[Value::Null, Value::Text("x")], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [2278, 25]
    columns r(- type 25 -1 -1 format 0)
    bound
    row X
    complete SELECT 1
    ready I
    ");
    caller.parse("", "SELECT upper($1)", &[2278]).sync();
    insta::assert_snapshot!(caller.say(), @r"
    error S=ERROR C=42883 M=function upper() does not exist H=No function matches the given name and argument types. You might need to add explicit type casts. P=8
    ready I
    ");
}

#[test]
fn what_has_no_rows_may_be_bound_with_any_formats() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    for text in ["INSERT INTO t VALUES (1)", "SET search_path = public", "SELECT 1, 2, 3"] {
        caller.parse("", text, &[]);
        caller.message(b'B', &[b"\0\0", &[0, 0, 0, 0], &[0, 2, 0, 1, 0, 1]]).execute("", 0).sync();
    }
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    complete INSERT 0 1
    ready I
    parsed
    bound
    complete SET
    ready I
    parsed
    error S=ERROR C=08P01 M=bind message has 2 result formats but query has 3 columns
    ready I
    ");
}

#[test]
fn what_a_called_procedure_takes_and_gives_is_told_before_it_is_called() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    caller.query(
        "CREATE PROCEDURE put(a int, INOUT b text) LANGUAGE plpgsql AS
         'BEGIN INSERT INTO t VALUES (a); COMMIT; INSERT INTO t VALUES (-a); ROLLBACK; b := b || a; END'",
    );
    caller
        .query("CREATE PROCEDURE silent(VARIADIC a int[]) LANGUAGE sql AS 'INSERT INTO t SELECT unnest(a)'");
    caller.parse("put", "CALL put($1, b => $2)", &[]).describe(b'S', "put");
    caller.bind("", "put", &[Value::Text("5"), Value::Text("x")], false).describe(b'P', "");
    caller.execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [23, 25]
    columns b(- type 25 -1 -1 format 0)
    bound
    columns b(- type 25 -1 -1 format 0)
    row x5
    complete CALL
    ready I
    ");
    caller.parse("", "CALL silent($1, $2 + 1)", &[]).describe(b'S', "");
    caller.bind("", "", &[Value::Text("7"), Value::Text("8")], false).execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [23, 23]
    no data
    bound
    complete CALL
    ready I
    ");
    insta::assert_snapshot!(caller.query("SELECT string_agg(a::text, ',' ORDER BY a) FROM t"), @r"
    columns string_agg(- type 25 -1 -1 format 0)
    row 5,7,9
    complete SELECT 1
    ready I
    ");
    caller.parse("", "CALL put($1, $2)", &[25]).sync();
    caller.parse("", "CALL silent($2)", &[]).sync();
    insta::assert_snapshot!(caller.say(), @r"
    error S=ERROR C=42883 M=procedure put(text, unknown) does not exist H=No procedure matches the given name and argument types. You might need to add explicit type casts. P=6
    ready I
    error S=ERROR C=42P18 M=could not determine data type of parameter $1
    ready I
    ");
}

#[test]
fn a_parameter_said_to_be_of_unknown_type_is_of_the_type_that_its_use_gives_it() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("", "SELECT lower($1), $2 + 1, $3", &[705, 705, 705]).describe(b'S', "");
    caller.bind("", "", &[Value::Text("A"), Value::Text("1"), Value::Text("c")], false);
    caller.execute("", 0).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    parameters [25, 23, 25]
    columns lower(- type 25 -1 -1 format 0) ?column?(- type 23 4 -1 format 0) ?column?(- type 25 -1 -1 format 0)
    bound
    row a | 2 | c
    complete SELECT 1
    ready I
    ");
}

#[test]
fn no_row_of_a_portal_is_computed_before_it_is_asked_for() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE SEQUENCE s");
    caller.parse("", "SELECT nextval('s'), 1 / (3 - x) FROM generate_series(1, 5) x", &[]);
    caller.bind("", "", &[], false).execute("", 2).execute("", 1).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    row 1 | 0
    row 2 | 1
    suspended
    error S=ERROR C=22012 M=division by zero
    ready I
    ");
    insta::assert_snapshot!(caller.query("SELECT nextval('s')"), @r"
    columns nextval(- type 20 8 -1 format 0)
    row 4
    complete SELECT 1
    ready I
    ");
}

#[test]
fn columns_of_queries_and_views_tell_what_they_are() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int, b text)");
    caller.query("CREATE VIEW v AS SELECT b, a + 1 AS c, a FROM t");
    for (text, number) in [
        ("SELECT q.a FROM (SELECT b, a FROM t) q", Some(1)),
        ("SELECT q.a FROM (SELECT b, a + 1 AS a FROM t) q", None),
        ("WITH w AS (SELECT * FROM t) SELECT b FROM w", Some(2)),
        ("WITH w AS MATERIALIZED (SELECT * FROM v) SELECT a FROM w", Some(3)),
        ("WITH w AS (INSERT INTO t VALUES (1) RETURNING *) SELECT a FROM w", Some(1)),
        ("WITH RECURSIVE w AS (SELECT a FROM t UNION ALL SELECT a FROM w) SELECT a FROM w", None),
        ("SELECT c FROM v", Some(2)),
        ("SELECT z.a FROM (SELECT * FROM v) z", Some(3)),
        ("SELECT t.b FROM t LEFT JOIN (SELECT a FROM v) q ON true", Some(2)),
        ("SELECT l.a FROM t, LATERAL (SELECT t.a) l", Some(1)),
        ("SELECT a FROM t UNION SELECT a FROM v", None),
        ("SELECT (SELECT a FROM t)", None),
        ("SELECT b, count(*) FROM t GROUP BY b", Some(2)),
        ("SELECT b, sum(a) FROM t GROUP BY ROLLUP (b, a)", Some(2)),
        ("SELECT q.b FROM (SELECT b FROM t GROUP BY b) q", Some(2)),
        ("SELECT a FROM v GROUP BY a", Some(3)),
        ("SELECT a FROM t x JOIN t y USING (a) GROUP BY a", Some(1)),
        ("SELECT a FROM t x FULL JOIN t y USING (a) GROUP BY a", None),
        ("SELECT a + 1 FROM t GROUP BY a + 1", None),
        ("SELECT max(a) FROM t GROUP BY b", None),
    ] {
        caller.parse("", text, &[]).describe(b'S', "").sync();
        let told = caller.say();
        let wanted = number.map_or("(- type".to_owned(), |number| format!("(column {number} type"));
        assert!(told.contains(&wanted), "{text}: {told}");
    }
}
