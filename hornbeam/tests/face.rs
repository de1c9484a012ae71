//! The library as an application uses it: values in and out, rows that stream, transactions, failures.

use hornbeam::env::sync::atomic::{AtomicU64, Ordering};
use hornbeam::{Connection, Database, Error, Isolation, Parameter};
use std::sync::Arc;

fn connect() -> Connection {
    Database::open_in_memory().and_then(|database| database.connect()).expect("a database in memory")
}

#[test]
fn values_go_in_and_come_out_as_what_they_are() {
    let mut connection = connect();
    let row = |row: hornbeam::Row<'_>| {
        Ok((
            row.get::<bool>(0)?,
            row.get::<i16>(1)?,
            row.get::<i64>(2)?,
            row.get::<f64>(3)?,
            row.get::<String>(4)?,
            row.get::<Vec<u8>>(5)?,
            row.get::<Option<i32>>(6)?,
        ))
    };
    let found = connection
        .query_row(
            "select $1::bool, $2::smallint, $3::bigint, $4::float8, $5::text, $6::bytea, $7::int",
            (true, -7, i64::MIN, 0.1, "ä", vec![0u8, 255], None::<i32>),
            row,
        )
        .unwrap();
    assert_eq!(found, (true, -7, i64::MIN, 0.1, "ä".to_owned(), vec![0, 255], None));
}

#[test]
fn other_types_go_by_their_texts() {
    let mut connection = connect();
    let text = |connection: &mut Connection, sql: &str, value: Parameter<'_>| {
        connection.query_value::<String>(sql, vec![value]).unwrap()
    };
    assert_eq!(text(&mut connection, "select $1::date + 1", "2024-02-28".into()), "2024-02-29");
    assert_eq!(text(&mut connection, "select $1::numeric * 2", 1.25.into()), "2.50");
    assert_eq!(text(&mut connection, "select $1::int[] || 3", "{1,2}".into()), "{1,2,3}");
    assert_eq!(text(&mut connection, "select $1::jsonb -> 'a'", r#"{"a": [1, 2]}"#.into()), "[1, 2]");
    let not_a_date = connection.query_value::<String>("select $1::date", ("2024-13-01",)).unwrap_err();
    assert_eq!(not_a_date.sqlstate(), Some("22008"));
    let too_long = connection.query_value::<i32>("select $1::int", (i64::MAX,)).unwrap_err();
    assert_eq!(too_long.sqlstate(), Some("22003"));
    // Neither has left anything open.
    assert!(!connection.is_in_transaction());
    assert_eq!(connection.query_value::<i32>("select $1::int", (1,)).unwrap(), 1);
}

#[test]
fn what_does_not_fit_is_said() {
    let mut connection = connect();
    let wrong = |error: Error| error.to_string();
    let ask = "select 'x' as a, null::int as b";
    let found = connection.query_row(ask, (), |row| row.get::<i32>("a")).unwrap_err();
    assert_eq!(wrong(found), "column \"a\" is of type text, which cannot be read as i32");
    let found = connection.query_row(ask, (), |row| row.get::<i32>("b")).unwrap_err();
    assert_eq!(wrong(found), "column \"b\" is null; ask for an Option of i32");
    let found = connection.query_row(ask, (), |row| row.get::<i32>("c")).unwrap_err();
    assert_eq!(wrong(found), "there is no column \"c\" among the 2 of the result");
    let found = connection.query_row(ask, (), |row| row.get::<i32>(2)).unwrap_err();
    assert_eq!(wrong(found), "there is no column number 2 among the 2 of the result");
    let found = connection.execute("select $1::int", ()).unwrap_err();
    assert_eq!(wrong(found), "the statement has 1 parameters, but 0 values were given");
    let found = connection.query_value::<i32>("select 1 where false", ()).unwrap_err();
    assert!(matches!(found, Error::NoRow));
}

#[test]
fn rows_stream_and_may_be_left() {
    let mut connection = connect();
    let mut rows = connection.query("select * from generate_series(1, 1000000000000)", ()).unwrap();
    for expected in 1..=2_500i64 {
        assert_eq!(rows.next().unwrap().unwrap().get::<i64>(0).unwrap(), expected);
    }
    rows.close().unwrap();
    assert!(!connection.is_in_transaction());
    // An error behind rows that were read already is that of the row where it is met.
    let mut rows = connection.query("select 1 / (1500 - g) from generate_series(1, 2000) g", ()).unwrap();
    let mut read = 0;
    let error = loop {
        match rows.next() {
            Ok(Some(_)) => read += 1,
            Ok(None) => panic!("the division by zero was not met"),
            Err(error) => break error,
        }
    };
    assert!(read < 1500);
    assert_eq!(error.sqlstate(), Some("22012"));
}

#[test]
fn a_transaction_is_undone_unless_it_is_committed() {
    let mut connection = connect();
    connection.batch("create table t (a int primary key)").unwrap();
    let count = |connection: &mut Connection| connection.query_value::<i64>("select count(*) from t", ());
    {
        let mut transaction = connection.transaction().unwrap();
        transaction.execute("insert into t values (1)", ()).unwrap();
        assert_eq!(count(&mut transaction).unwrap(), 1);
    }
    assert_eq!(count(&mut connection).unwrap(), 0);

    let mut transaction = connection.transaction_at(Isolation::Serializable).unwrap();
    transaction.execute("insert into t values (1)", ()).unwrap();
    transaction.savepoint("here").unwrap();
    let twice = transaction.execute("insert into t values (1)", ()).unwrap_err();
    assert_eq!(twice.sqlstate(), Some("23505"));
    assert!(!twice.is_retryable());
    assert_eq!(count(&mut transaction).unwrap_err().sqlstate(), Some("25P02"));
    transaction.rollback_to("here").unwrap();
    transaction.execute("insert into t values (2)", ()).unwrap();
    transaction.commit().unwrap();
    assert_eq!(count(&mut connection).unwrap(), 2);

    let mut transaction = connection.transaction().unwrap();
    assert!(transaction.execute("insert into t values (1)", ()).is_err());
    assert!(matches!(transaction.commit().unwrap_err(), Error::RolledBack));
    assert!(!connection.is_in_transaction());
}

#[test]
fn conflicts_can_be_told_from_other_errors() {
    let database = Database::open_in_memory().unwrap();
    let (mut one, mut two) = (database.connect().unwrap(), database.connect().unwrap());
    one.batch("create table t (a int primary key, b int); insert into t values (1, 0)").unwrap();
    let mut first = one.transaction_at(Isolation::RepeatableRead).unwrap();
    assert_eq!(first.query_value::<i32>("select b from t", ()).unwrap(), 0);
    two.execute("update t set b = b + 1", ()).unwrap();
    let conflict = first.execute("update t set b = b + 1", ()).unwrap_err();
    assert!(conflict.is_retryable(), "{conflict}");
}

#[test]
fn prepared_statements_outlive_what_is_defined_and_forgotten() {
    let mut connection = connect();
    connection.batch("create table t (a int); insert into t values (1), (2)").unwrap();
    let sum = connection.prepare("select sum(a) from t where a >= $1").unwrap();
    assert_eq!(sum.parameter_count(), 1);
    assert_eq!(connection.query_value::<i64>(&sum, (0,)).unwrap(), 3);
    connection.batch("alter table t add b int; create index on t (a)").unwrap();
    assert_eq!(connection.query_value::<i64>(&sum, (2,)).unwrap(), 2);
    connection.batch("deallocate all").unwrap();
    assert_eq!(connection.query_value::<i64>(&sum, (2,)).unwrap(), 2);
    // More texts than are kept.
    for number in 0..200 {
        let text = format!("select {number} + $1::int");
        assert_eq!(connection.query_value::<i32>(&text, (1,)).unwrap(), number + 1);
    }
}

#[test]
fn notices_are_heard() {
    let mut connection = connect();
    let heard = Arc::new(AtomicU64::new(0));
    let ear = heard.clone();
    connection.on_notice(move |report| {
        assert_eq!(report.message, "table \"nowhere\" does not exist, skipping");
        ear.fetch_add(1, Ordering::Relaxed);
    });
    connection.batch("drop table if exists nowhere").unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 1);
}

#[test]
fn a_file_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let database = Database::open(&path).unwrap();
    let mut connection = database.connect().unwrap();
    connection.batch("create table t (a int); insert into t values (42)").unwrap();
    drop(connection);
    let copy = folder.path().join("copy.db");
    database.backup(&copy).unwrap();
    database.close().unwrap();
    for path in [path, copy] {
        let database = Database::open(&path).unwrap();
        assert_eq!(database.connect().unwrap().query_value::<i32>("select a from t", ()).unwrap(), 42);
    }
}

#[test]
fn rows_are_appended_and_looked_at() {
    let database = Database::open_in_memory().unwrap();
    let mut connection = database.connect().unwrap();
    connection
        .batch(
            "create domain even as int check (value % 2 = 0);
             create table u (id int primary key); insert into u values (1), (2);
             create table t (a int primary key, b even, c numeric(5, 2), d timestamptz, e text not null default 'e',
                f int references u, g int generated always as (a + 1) stored, h int[], i varchar(3))",
        )
        .unwrap();
    let columns = ["a", "b", "c", "d", "f", "h", "i"];
    let mut appender = connection.appender("t", &columns).unwrap();
    for number in 0..2_500 {
        appender.append((number, number * 2, 1.25, "2024-02-29 12:00+02", 1, "{1,2}", Some("abc"))).unwrap();
    }
    assert!(matches!(appender.append((1, 2)), Err(Error::ValueCount { expected: 7, found: 2 })));
    appender.finish().unwrap();
    let count = "select count(*) from t where g = a + 1 and b = a * 2 and c = 1.25 and e = 'e' and h[2] = 2 and i = 'abc'";
    assert_eq!(connection.query_value::<i64>(count, ()).unwrap(), 2_500);

    // What may not be is told with its row, and nothing of it all is there afterwards.
    let fail = |connection: &mut Connection, row: (i32, i32, f64, &str, i32, &str, Option<&str>)| {
        let mut appender = connection.appender("public.t", &columns)?;
        for number in 10_000..11_500 {
            appender.append((number, 0, 0.0, None::<&str>, 2, None::<&str>, None::<&str>))?;
        }
        appender.append(row)?;
        appender.finish()
    };
    let good = (20_000, 2, 1.0, "now", 1, "{}", None);
    for (row, code) in [
        ((10_001, good.1, good.2, good.3, good.4, good.5, good.6), "23505"),
        ((good.0, 3, good.2, good.3, good.4, good.5, good.6), "23514"),
        ((good.0, good.1, 1e9, good.3, good.4, good.5, good.6), "22003"),
        ((good.0, good.1, good.2, "yesterweek", good.4, good.5, good.6), "22007"),
        ((good.0, good.1, good.2, good.3, 3, good.5, good.6), "23503"),
        ((good.0, good.1, good.2, good.3, good.4, "{", good.6), "22P02"),
        ((good.0, good.1, good.2, good.3, good.4, good.5, Some("four")), "22001"),
    ] {
        let error = fail(&mut connection, row).unwrap_err();
        assert_eq!(error.sqlstate(), Some(code), "{error}");
        assert!(!connection.is_in_transaction());
    }
    assert_eq!(connection.query_value::<i64>("select count(*) from t", ()).unwrap(), 2_500);
    fail(&mut connection, good).unwrap();
    assert_eq!(connection.query_value::<i64>("select count(*) from t", ()).unwrap(), 4_001);

    // One that is left keeps nothing; within a transaction it is a part of that.
    let mut appender = connection.appender("u", &[]).unwrap();
    (100..3_000).for_each(|number| appender.append((number,)).unwrap());
    drop(appender);
    assert_eq!(connection.query_value::<i64>("select count(*) from u", ()).unwrap(), 2);
    let mut transaction = connection.transaction().unwrap();
    let mut appender = transaction.appender("u", &["id"]).unwrap();
    (100..3_000).for_each(|number| appender.append((number,)).unwrap());
    appender.finish().unwrap();
    assert_eq!(transaction.query_value::<i64>("select count(*) from u", ()).unwrap(), 2_902);
    transaction.rollback().unwrap();
    assert_eq!(connection.query_value::<i64>("select count(*) from u", ()).unwrap(), 2);
    for (table, code) in [("nowhere", "42P01"), ("pg_class", "42501"), ("t", "42703")] {
        let refused = connection.appender(table, &["id"]).err().unwrap();
        assert_eq!(refused.sqlstate(), Some(code), "{refused}");
    }
    assert!(!connection.is_in_transaction());
}

#[test]
#[allow(clippy::disallowed_methods)] // it is itself the process that is named
fn a_file_in_use_says_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let database = Database::open(&path).unwrap();
    let holder = format!("process {}", std::process::id());
    for other in [Database::open(&path), Database::open_read_only(&path)] {
        let refused = other.err().unwrap().to_string();
        assert!(refused.contains(&holder), "{refused}");
    }
    database.connect().unwrap().batch("create table t (a int); insert into t values (1)").unwrap();
    database.close().unwrap();
    // Several may read together, and nobody writes meanwhile.
    let readers: Vec<Database> = (0..3).map(|_| Database::open_read_only(&path).unwrap()).collect();
    for reader in &readers {
        let mut connection = reader.connect().unwrap();
        assert_eq!(connection.query_value::<i32>("select a from t", ()).unwrap(), 1);
        assert_eq!(connection.execute("insert into t values (2)", ()).unwrap_err().sqlstate(), Some("25006"));
    }
    assert!(Database::open(&path).is_err());
    drop(readers);
    Database::open(&path).unwrap();
}
