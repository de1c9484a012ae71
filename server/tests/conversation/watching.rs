//! What others see of a client: what it does, and which statements were run how often.

use crate::client::{House, Value};

#[test]
fn statements_are_counted_without_their_constants_once_that_is_asked_for() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("SELECT 0");
    house.shared.engine.watch_statements(true);
    caller.query("SELECT 1; SELECT 22");
    caller.query("SELECT 1 / 0");
    caller.parse("p", "SELECT generate_series(1, $1)", &[23]);
    for count in ["2", "3"] {
        caller.bind("", "p", &[Value::Text(count)], false).execute("", 0);
    }
    caller.sync().say();
    caller.query("SET work_mem = 1000");
    let asked = "SELECT query, calls, rows, total_exec_time >= max_exec_time, toplevel FROM pg_stat_statements \
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1";
    insta::assert_snapshot!(caller.query(asked), @r"
    columns query(- type 25 -1 -1 format 0) calls(- type 20 8 -1 format 0) rows(- type 20 8 -1 format 0) ?column?(- type 16 1 -1 format 0) toplevel(- type 16 1 -1 format 0)
    row SELECT $1 | 2 | 2 | t | t
    row SELECT generate_series($2, $1) | 2 | 5 | t | t
    row SET work_mem = 1000 | 1 | 0 | t | t
    complete SELECT 3
    ready I
    ");
    caller.query("SELECT pg_stat_statements_reset()");
    assert!(caller.query("SELECT count(*) FROM pg_stat_statements").contains("row 1\n"), "the reset itself");
}

#[test]
fn others_see_what_is_run_in_steps_and_who_rests() {
    let house = House::trusting();
    let (mut one, mut other) = (house.guest(), house.guest());
    one.query("BEGIN");
    one.parse("", "SELECT $1::int AS shown", &[]).bind("", "", &[Value::Text("7")], false).execute("", 0);
    one.sync().say();
    let asked = "SELECT state, query, client_addr, backend_xid IS NULL, xact_start <= query_start, wait_event \
        FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%shown%'";
    let told = other.query(asked);
    assert!(
        told.contains("row idle in transaction | SELECT $1::int AS shown | null | t | t | ClientRead\n"),
        "{told}"
    );
    one.query("COMMIT");
    one.parse("", "SELECT $1::int AS shown", &[]).bind("", "", &[Value::Text("7")], false).execute("", 0);
    one.sync().say();
    assert!(other.query(asked).contains("row idle | SELECT $1::int AS shown"));
}
