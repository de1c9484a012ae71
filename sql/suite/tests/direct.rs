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

#[test]
fn one_row_that_is_given_is_inserted_as_by_operators() {
    let mut database = Database::new();
    let mut other = database.another();
    let session = &mut database.session;
    execute(
        session,
        "create table t (gone int, id int primary key, u int unique, v text not null, n numeric, d int default 7);
         create index on t (v desc, d);
         alter table t drop column gone",
    );
    let insert = session.make_statement("insert into t (id, u, v, n) values ($1, $2, $3, $4)", &[]).unwrap();
    let all = session.make_statement("select id, u, v, n, d from t order by id", &[]).unwrap();
    let row = |id, u: Option<i32>, v: &str| {
        [Value::Int32(id), u.map_or(Value::Null, Value::Int32), Value::text(v), Value::Null]
    };
    run(session, &insert, &row(1, Some(5), "one")).unwrap();
    // Nulls are not equal to each other.
    run(session, &insert, &row(2, None, "two")).unwrap();
    run(session, &insert, &row(3, None, "")).unwrap();
    let taken = run(session, &insert, &row(1, Some(6), "x")).unwrap_err();
    assert_eq!(taken, "duplicate key value violates unique constraint \"t_pkey\"");
    let taken = run(session, &insert, &row(4, Some(5), "x")).unwrap_err();
    assert_eq!(taken, "duplicate key value violates unique constraint \"t_u_key\"");
    let null = [Value::Int32(4), Value::Null, Value::Null, Value::Null];
    let refused = run(session, &insert, &null).unwrap_err();
    assert_eq!(refused, "null value in column \"v\" of relation \"t\" violates not-null constraint");
    // What fails in a block is undone to the savepoint, and nothing before it is.
    execute(session, "begin");
    run(session, &insert, &row(4, None, "four")).unwrap();
    execute(session, "savepoint a");
    run(session, &insert, &row(5, None, "five")).unwrap();
    assert!(run(session, &insert, &row(4, None, "again")).is_err());
    execute(session, "rollback to a");
    run(session, &insert, &row(6, Some(66), "six")).unwrap();
    execute(session, "commit; begin");
    run(session, &insert, &row(7, None, "seven")).unwrap();
    execute(session, "rollback; begin read only");
    assert!(run(session, &insert, &row(8, None, "eight")).unwrap_err().contains("read-only"));
    execute(session, "rollback");
    // What another session has inserted meanwhile is met, though the snapshot does not show it.
    execute(session, "begin isolation level repeatable read; select 1 from t");
    execute(&mut other, "insert into t (id, v) values (9, 'nine')");
    assert!(run(session, &insert, &row(9, None, "mine")).is_err());
    execute(session, "rollback");
    execute(&mut other, "delete from t where id = 9");
    run(session, &insert, &row(9, None, "mine")).unwrap();
    let lines = |rows: Rows| -> Vec<String> {
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
        rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
    };
    let found = lines(run(session, &all, &[]).unwrap());
    assert_eq!(
        found,
        ["1 5 one - 7", "2 - two - 7", "3 -  - 7", "4 - four - 7", "6 66 six - 7", "9 - mine - 7"]
    );
    // By each index, too.
    for (text, ids) in [("u = 66", "6"), ("v = 'four' and d = 7", "4"), ("v = '' ", "3"), ("id = 9", "9")] {
        execute(session, "set enable_seqscan = off");
        let by = session.make_statement(&format!("select id from t where {text}"), &[]).unwrap();
        assert_eq!(run(session, &by, &[]).unwrap(), texts(&[&[ids]]), "{text}");
    }
    // An update that leaves an index's columns alone leaves its entries; one that does not moves them.
    execute(session, "update t set n = 1.5 where v = 'four'; update t set v = 'vier', u = 44 where id = 4");
    let by = session.make_statement("select id, n from t where v = $1", &[]).unwrap();
    assert_eq!(run(session, &by, &[Value::text("vier")]).unwrap(), texts(&[&["4", "1.5"]]));
    assert_eq!(run(session, &by, &[Value::text("four")]).unwrap(), texts(&[]));
    let taken = run(session, &insert, &row(10, Some(44), "x")).unwrap_err();
    assert_eq!(taken, "duplicate key value violates unique constraint \"t_u_key\"");
}

#[test]
fn rows_that_are_more_than_given_are_inserted_by_operators() {
    let mut database = Database::new();
    let session = &mut database.session;
    execute(
        session,
        "create table p (id int primary key); insert into p values (1);
         create table f (p int references p); create table c (a int check (a > 0));
         create table g (a int, b int generated always as (a + 1) stored); create table s (id serial, a varchar(2));
         create temp table temporary (id int primary key, a text);
         create table d (a int unique deferrable initially deferred); create table e (a int);
         create unique index on e (abs(a)) where a <> 3",
    );
    let one = [Value::Int32(1)];
    let mut insert = |text: &str, values: &[&[Value]]| -> Vec<String> {
        let statement = session.make_statement(text, &[]).unwrap();
        values.iter().map(|values| run(session, &statement, values).err().unwrap_or_default()).collect()
    };
    let zero = [Value::Int32(0)];
    let broken = "insert or update on table \"f\" violates foreign key constraint \"f_p_fkey\"";
    assert_eq!(insert("insert into f values ($1)", &[&one, &zero]), ["", broken]);
    let broken = "new row for relation \"c\" violates check constraint \"c_a_check\"";
    assert_eq!(insert("insert into c values ($1)", &[&one, &zero]), ["", broken]);
    assert_eq!(insert("insert into g values ($1)", &[&one]), [""]);
    let long = [Value::text("abc")];
    assert_eq!(
        insert("insert into s (a) values ($1)", &[&long]),
        ["value too long for type character varying(2)"]
    );
    let taken = "duplicate key value violates unique constraint \"temporary_pkey\"";
    assert_eq!(insert("insert into temporary values ($1, 'x')", &[&one, &one, &zero]), ["", taken, ""]);
    let taken = "duplicate key value violates unique constraint \"d_a_key\"";
    assert_eq!(insert("insert into d values ($1)", &[&one, &one]), ["", taken]);
    let (three, minus) = ([Value::Int32(3)], [Value::Int32(-1)]);
    let found = insert("insert into e values ($1)", &[&one, &three, &three, &minus]);
    assert_eq!(found[..3], ["", "", ""]);
    assert!(found[3].starts_with("duplicate key value"), "{found:?}");
}

#[test]
fn one_row_that_is_given_finds_its_partition() {
    let mut database = Database::new();
    let session = &mut database.session;
    execute(
        session,
        "create table p (a int) partition by range (a); create table p1 partition of p for values from (0) to (10)",
    );
    let above = session.make_statement("insert into p values ($1)", &[]).unwrap();
    let part = session.make_statement("insert into p1 values ($1)", &[]).unwrap();
    for statement in [&above, &part] {
        run(session, statement, &[Value::Int32(3)]).unwrap();
    }
    let refused = run(session, &above, &[Value::Int32(99)]).unwrap_err();
    assert_eq!(refused, "no partition of relation \"p\" found for row");
    let refused = run(session, &part, &[Value::Int32(99)]).unwrap_err();
    assert_eq!(refused, "new row for relation \"p1\" violates partition constraint");
    let all = session.make_statement("select a from p1", &[]).unwrap();
    assert_eq!(run(session, &all, &[]).unwrap(), texts(&[&["3"], &["3"]]));
}
