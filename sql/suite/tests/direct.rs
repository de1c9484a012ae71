//! Statements that a program prepares itself: plans and operators that are kept must not be noticed.
#![allow(clippy::unwrap_used)] // a test

use session::Session;
use shell::collect::Collect;
use suite::Database;
use types::Value;

type Rows = Vec<Vec<Option<String>>>;

fn execute(session: &mut Session, text: &str) {
    session.execute(text, &mut Collect::default()).unwrap();
}

fn run(session: &mut Session, statement: &session::Statement, values: &[Value]) -> Result<Rows, String> {
    let mut client = Collect::default();
    session.run_prepared(statement, values, &mut client).map_err(|report| report.message)?;
    Ok(client.rows().to_vec())
}

fn texts(rows: &[&[&str]]) -> Rows {
    rows.iter().map(|row| row.iter().map(|text| Some((*text).to_owned())).collect()).collect()
}

#[test]
fn what_is_kept_follows_definitions_settings_and_rows() {
    let mut database = Database::new();
    let session = &mut database.session;
    execute(session, "create table t (id int primary key, v text); insert into t values (1, 'one')");
    let select = session.make_statement("select v from t where id = $1", &[]).unwrap();
    assert_eq!(select.parameters().len(), 1);
    let key = [Value::Int32(1)];
    for _ in 0..3 {
        assert_eq!(run(session, &select, &key).unwrap(), texts(&[&["one"]]));
    }
    assert_eq!(run(session, &select, &[Value::Null]).unwrap(), texts(&[]));
    execute(session, "update t set v = 'two'");
    assert_eq!(run(session, &select, &key).unwrap(), texts(&[&["two"]]));
    execute(session, "alter table t rename column v to w");
    assert_eq!(run(session, &select, &key).unwrap_err(), "column \"v\" does not exist");
    execute(session, "alter table t rename column w to v");
    assert_eq!(run(session, &select, &key).unwrap(), texts(&[&["two"]]));
    execute(session, "create schema other; create table other.t (id int, v text); set search_path = other");
    assert_eq!(run(session, &select, &key).unwrap(), texts(&[]));
    execute(session, "reset search_path");
    assert_eq!(run(session, &select, &key).unwrap(), texts(&[&["two"]]));
    execute(session, "begin; alter table t add column x int; insert into t values (2, 'x', 3)");
    assert_eq!(run(session, &select, &[Value::Int32(2)]).unwrap(), texts(&[&["x"]]));
    execute(session, "rollback");
    assert_eq!(run(session, &select, &[Value::Int32(2)]).unwrap(), texts(&[]));
    execute(session, "drop table t");
    assert_eq!(run(session, &select, &key).unwrap_err(), "relation \"t\" does not exist");
}

#[test]
fn values_are_as_many_as_parameters_and_of_their_types() {
    let mut database = Database::new();
    let session = &mut database.session;
    let sum = session.make_statement("select $1 + 1, $2 || 'x'", &[]).unwrap();
    let found = run(session, &sum, &[Value::Int32(1)]).unwrap_err();
    assert_eq!(found, "bind message supplies 1 parameters, but prepared statement \"\" requires 2");
    let found = run(session, &sum, &[Value::text("a"), Value::text("b")]).unwrap_err();
    assert_eq!(found, "the value for parameter $1 is not of its type");
    let found = run(session, &sum, &[Value::Int32(1), Value::text("b")]).unwrap();
    assert_eq!(found, texts(&[&["2", "bx"]]));
    let several = session.make_statement("select 1; select 2", &[]).err().map(|report| report.message);
    assert_eq!(several.as_deref(), Some("cannot insert multiple commands into a prepared statement"));
    let nothing = session.make_statement("", &[]).unwrap();
    assert_eq!(run(session, &nothing, &[]).unwrap(), texts(&[]));
    let begin = session.make_statement("begin", &[]).unwrap();
    assert_eq!(run(session, &begin, &[]).unwrap(), texts(&[]));
    let fails = session.make_statement("select 1 / $1", &[]).unwrap();
    assert_eq!(run(session, &fails, &[Value::Int32(0)]).unwrap_err(), "division by zero");
    let again = run(session, &fails, &[Value::Int32(1)]).unwrap_err();
    assert!(again.starts_with("current transaction is aborted"), "{again}");
    execute(session, "rollback");
    assert_eq!(run(session, &fails, &[Value::Int32(1)]).unwrap(), texts(&[&["1"]]));
}

#[test]
fn single_rows_are_changed_without_a_view_as_with_one() {
    let mut database = Database::new();
    let mut other = database.another();
    let session = &mut database.session;
    execute(
        session,
        "create table t (id int primary key, v int, u int unique); insert into t values (1, 10, 5)",
    );
    let add = session.make_statement("update t set v = v + $1 where id = 1 returning v", &[]).unwrap();
    let insert = session
        .make_statement(
            "insert into t values ($1, 1, $2) on conflict (id) do update set v = t.v + 100 returning v",
            &[],
        )
        .unwrap();
    execute(session, "begin");
    assert_eq!(run(session, &add, &[Value::Int32(1)]).unwrap(), texts(&[&["11"]]));
    assert_eq!(run(session, &add, &[Value::Int32(1)]).unwrap(), texts(&[&["12"]]));
    let two = [Value::Int32(2), Value::Int32(6)];
    assert_eq!(run(session, &insert, &two).unwrap(), texts(&[&["1"]]));
    assert_eq!(run(session, &insert, &two).unwrap(), texts(&[&["101"]]));
    execute(session, "commit");
    // What another session has changed meanwhile is found.
    execute(&mut other, "update t set v = 50 where id = 1");
    assert_eq!(run(session, &add, &[Value::Int32(1)]).unwrap(), texts(&[&["51"]]));
    let taken = run(session, &insert, &[Value::Int32(3), Value::Int32(5)]).unwrap_err();
    assert_eq!(taken, "duplicate key value violates unique constraint \"t_u_key\"");
    // A failing statement leaves nothing, and the next one runs.
    assert_eq!(run(session, &insert, &[Value::Int32(3), Value::Int32(7)]).unwrap(), texts(&[&["1"]]));
    let remove = session
        .make_statement("delete from t where id = $1 returning (select count(*) from t)", &[])
        .unwrap();
    assert_eq!(run(session, &remove, &[Value::Int32(3)]).unwrap(), texts(&[&["3"]]));
    assert_eq!(run(session, &remove, &[Value::Int32(3)]).unwrap(), texts(&[]));
}

#[test]
fn a_key_that_is_looked_at_late_is_no_point() {
    let mut database = Database::new();
    let session = &mut database.session;
    execute(session, "create table t (id int unique deferrable initially deferred, v int)");
    execute(session, "insert into t values (1, 1), (2, 2)");
    let select = session.make_statement("select v from t where id = $1", &[]).unwrap();
    assert_eq!(run(session, &select, &[Value::Int32(2)]).unwrap(), texts(&[&["2"]]));
}
