//! Rust closures as functions of SQL.

use hornbeam::{Connection, Database, Function};

fn database() -> (Database, Connection) {
    let database = Database::open_in_memory().expect("a database in memory");
    let connection = database.connect().expect("a connection");
    (database, connection)
}

fn text(connection: &mut Connection, query: &str) -> String {
    let value = connection.query_value::<Option<String>>(&format!("select ({query})::text"), ());
    value.expect("it is answered").unwrap_or_else(|| "null".to_owned())
}

fn state(connection: &mut Connection, statement: &str) -> (String, String) {
    let error = connection.batch(statement).expect_err("it is refused");
    let report = error.report().expect("PostgreSQL has words for it");
    (report.sqlstate.code().to_owned(), report.message.clone())
}

#[test]
fn the_examples_of_the_documentation() {
    let (database, mut connection) = database();
    database.register(Function::scalar("hypotenuse", |a: f64, b: f64| a.hypot(b)).immutable()).unwrap();
    let half = |of: i64| match of % 2 {
        0 => Ok(of / 2),
        _ => Err(format!("{of} is odd")),
    };
    database.register(Function::scalar("half", half)).unwrap();
    assert_eq!(connection.query_value::<f64>("select hypotenuse(3, 4)", ()).unwrap(), 5.0);
    let odd = connection.query_value::<i64>("select half(7)", ()).unwrap_err();
    assert_eq!(odd.to_string(), "7 is odd (SQLSTATE 38000)");
    let step = |product: &mut f64, factor: f64| *product *= factor;
    database.register(Function::aggregate("product", || 1.0, step, |product: &f64| *product)).unwrap();
    assert_eq!(text(&mut connection, "select product(x) from generate_series(1, 5) x"), "120");
}

#[test]
fn functions_are_resolved_by_the_types_of_their_arguments() {
    let (database, mut connection) = database();
    database.register(Function::scalar("kind", |_: i32| "integer".to_owned())).unwrap();
    database.register(Function::scalar("kind", |_: String| "text".to_owned())).unwrap();
    database.register(Function::scalar("kind", |_: i32, _: bool| "two".to_owned())).unwrap();
    database.register(Function::scalar("kind", || "none".to_owned())).unwrap();
    for (call, expected) in [
        ("kind(1)", "integer"),
        ("kind(1::smallint)", "integer"),
        ("kind('x')", "text"),
        ("kind(1, true)", "two"),
        ("kind()", "none"),
        ("pg_catalog.kind(1)", "integer"),
        ("kind(null)", "null"),
        ("(select string_agg(kind(x), ',') from generate_series(1, 3) x)", "integer,integer,integer"),
    ] {
        assert_eq!(text(&mut connection, call), expected, "{call}");
    }
    let (code, message) = state(&mut connection, "select kind(point '(1,2)')");
    assert_eq!((code.as_str(), message.as_str()), ("42883", "function kind(point) does not exist"));
    let twice = database.register(Function::scalar("kind", |_: i32| 1i32)).unwrap_err();
    assert_eq!(twice.sqlstate(), Some("42723"));
    let built_in = database.register(Function::scalar("upper", |of: String| of)).unwrap_err();
    assert_eq!(built_in.sqlstate(), Some("42723"));
    // Another overload of a built-in name is another function.
    database.register(Function::scalar("upper", |of: bool| of)).unwrap();
    assert_eq!(text(&mut connection, "upper(true)"), "true");
    assert_eq!(text(&mut connection, "upper('x')"), "X");
}

#[test]
fn nulls_are_shown_to_those_who_ask() {
    let (database, mut connection) = database();
    let strict = Function::scalar("strict", |a: i32, b: i32| a + b);
    let lenient = Function::scalar("lenient", |a: Option<i32>, b: i32| a.unwrap_or(100) + b);
    let empty = Function::scalar("empty_as_null", |of: String| (!of.is_empty()).then_some(of));
    for function in [strict, lenient, empty] {
        database.register(function).unwrap();
    }
    for (call, expected) in [
        ("strict(1, 2)", "3"),
        ("strict(null, 2)", "null"),
        ("lenient(null, 2)", "102"),
        ("lenient(1, null)", "null"),
        ("empty_as_null('')", "null"),
        ("empty_as_null('x')", "x"),
        (
            "select string_agg(coalesce(lenient(x, 1)::text, '-'), ',') from (values (1), (null), (3)) v(x)",
            "2,101,4",
        ),
    ] {
        assert_eq!(text(&mut connection, call), expected, "{call}");
    }
    assert_eq!(
        text(
            &mut connection,
            "select string_agg(proisstrict::text, ',' order by proname) from pg_proc where proname in ('strict', 'lenient')"
        ),
        "false,true"
    );
}

#[test]
fn errors_and_panics_are_errors_of_the_statement() {
    let (database, mut connection) = database();
    database
        .register(Function::scalar("fails", |at: i32| if at > 2 { Err("too much") } else { Ok(at) }))
        .unwrap();
    database.register(Function::scalar("panics", |at: i32| [0, 1, 2][at as usize])).unwrap();
    database.register(Function::scalar("zero", || "a\0b".to_owned())).unwrap();
    let step = |sum: &mut i64, value: i32| {
        assert!(value < 3, "no more than two");
        *sum += i64::from(value);
    };
    database.register(Function::aggregate("sum_to_two", || 0i64, step, |sum: &i64| *sum)).unwrap();
    database
        .register(Function::table("rows_then_panic", ["n"], |to: i32| {
            (0..to).map(|n| if n < 2 { (n,) } else { panic!("at {n}") })
        }))
        .unwrap();
    connection.batch("create table t (a int); insert into t values (1)").unwrap();
    for (statement, expected) in [
        ("insert into t select fails(x) from generate_series(1, 5) x", "too much"),
        (
            "select panics(7)",
            "function panics panicked: index out of bounds: the len is 3 but the index is 7",
        ),
        ("select zero()", "invalid byte sequence for encoding \"UTF8\": 0x00"),
        (
            "select sum_to_two(x) from generate_series(1, 3) x",
            "function sum_to_two panicked: no more than two",
        ),
        ("select * from rows_then_panic(3)", "function rows_then_panic panicked: at 2"),
    ] {
        let (code, message) = state(&mut connection, statement);
        assert_eq!((code.as_str(), message.as_str()), ("38000", expected), "{statement}");
    }
    // The session goes on, and nothing is left of what failed.
    assert_eq!(text(&mut connection, "select count(*) from t"), "1");
    assert_eq!(text(&mut connection, "select sum_to_two(x) from generate_series(1, 2) x"), "3");
    assert_eq!(text(&mut connection, "select count(*) from rows_then_panic(2)"), "2");
}

#[test]
fn aggregates_group_filter_and_slide() {
    let (database, mut connection) = database();
    let step =
        |all: &mut Vec<String>, value: Option<String>| all.push(value.unwrap_or_else(|| "-".to_owned()));
    let joined = Function::aggregate("joined", Vec::new, step, |all: &Vec<String>| all.join(""));
    database.register(joined).unwrap();
    let least =
        |least: &mut Option<i32>, value: i32| *least = Some(least.map_or(value, |known| known.min(value)));
    database.register(Function::aggregate("least_of", || None, least, |least: &Option<i32>| *least)).unwrap();
    connection
        .batch("create table t (g int, v text); insert into t values (1, 'b'), (1, 'a'), (2, null), (2, 'c'), (1, 'a')")
        .unwrap();
    for (query, expected) in [
        ("select joined(v order by v) from t where g = 1", "aab"),
        ("select joined(distinct v) from t where g = 1", "ab"),
        ("select joined(v) filter (where v <> 'a') from t", "bc"),
        ("select joined(v) from t where false", ""),
        (
            "select string_agg(j, '|' order by g) from (select g, joined(v order by v) j from t group by g) x",
            "aab|c-",
        ),
        (
            "select string_agg(j, '|') from (select joined(v) over (order by g, v rows between 1 preceding and current row) j from t) x",
            "a|aa|ab|bc|c-",
        ),
        ("select least_of(length(v)) from t", "1"),
        ("select least_of(1) from t where false", "null"),
        ("select least_of(null)", "null"),
        ("select count(*) from (select g, least_of(g) from t group by rollup (g)) x", "3"),
    ] {
        assert_eq!(text(&mut connection, query), expected, "{query}");
    }
    let kept = "set hornbeam.spill = on; create table k as select x % 500 as g, x as v from generate_series(1, 3000) x";
    connection.batch(kept).unwrap();
    assert_eq!(
        text(&mut connection, "select sum(l) from (select least_of(v) l from k group by g) x"),
        "125250"
    );
}

#[test]
fn table_functions_are_read_as_far_as_is_asked() {
    let (database, mut connection) = database();
    database.register(Function::table("count_from", ["n"], |from: i64| (from..).map(|n| (n,)))).unwrap();
    let pairs = |text: String| -> Vec<(i32, Option<String>)> {
        text.split(',')
            .enumerate()
            .map(|(n, part)| (n as i32, (!part.is_empty()).then(|| part.to_owned())))
            .collect()
    };
    database.register(Function::table("parts", ["place", "part"], pairs)).unwrap();
    for (query, expected) in [
        ("select string_agg(n::text, ',') from (select * from count_from(5) limit 3) x", "5,6,7"),
        ("select string_agg(place || coalesce(part, '-'), ' ') from parts('a,,c')", "0a 1- 2c"),
        ("select count(*) from parts(null)", "0"),
        (
            "select string_agg(x.t || p.part, ' ') from (values ('a,b'), ('c')) x(t), lateral parts(x.t) p",
            "a,ba a,bb cc",
        ),
        ("select string_agg(o::text, '') from parts('a,b') with ordinality as y(place, part, o)", "12"),
        ("select parts('a')", "(0,a)"),
        (
            "select string_agg(n::text, ',') from rows from (parts('a,b'), generate_series(7, 9)) as y(place, part, n)",
            "7,8,9",
        ),
    ] {
        assert_eq!(text(&mut connection, query), expected, "{query}");
    }
    assert_eq!(
        text(&mut connection, "select pg_get_function_result('parts'::regproc)"),
        "TABLE(place integer, part text)"
    );
}

#[test]
fn they_are_functions_like_others() {
    let (database, mut connection) = database();
    database.register(Function::scalar("double", |of: i32| of * 2).immutable()).unwrap();
    // One that is open already has it too, and another that comes later.
    connection
        .batch(
            "create table t (a int, b int generated always as (double(a)) stored, check (double(a) < 100))",
        )
        .unwrap();
    connection.batch("create index on t (double(a)); insert into t (a) values (1), (2)").unwrap();
    let mut other = database.connect().unwrap();
    other.batch("create view v as select double(b) as c from t").unwrap();
    assert_eq!(text(&mut other, "select sum(c) from v"), "12");
    assert_eq!(text(&mut other, "select a from t where double(a) = 4"), "2");
    assert_eq!(state(&mut other, "insert into t (a) values (50)").0, "23514");
    let sql = "create function quadruple(int) returns int language sql as 'select double(double($1))'";
    other.batch(sql).unwrap();
    assert_eq!(text(&mut other, "quadruple(3)"), "12");
    let (code, message) = state(&mut other, "drop function double(int)");
    assert_eq!(code, "2BP01", "{message}");
    assert!(message.ends_with("because it is required by the database system"), "{message}");
    for statement in ["create database copied template postgres", "create database bare"] {
        other.batch(statement).unwrap();
    }
    assert_eq!(
        text(&mut other, "select prosrc || provolatile::text from pg_proc where proname = 'double'"),
        "doublei"
    );
    // Defined things go and come without it.
    other.batch("begin; drop table t cascade; rollback; drop table t cascade").unwrap();
    assert_eq!(text(&mut other, "double(21)"), "42");
}

#[test]
fn a_file_that_names_them_says_so_when_they_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let database = Database::open(&path).unwrap();
    database.register(Function::scalar("double", |of: i32| of * 2).immutable()).unwrap();
    let mut connection = database.connect().unwrap();
    connection
        .batch("create table t (a int); insert into t values (4); create view v as select double(a) from t")
        .unwrap();
    drop(connection);
    database.close().unwrap();
    let database = Database::open(&path).unwrap();
    let mut connection = database.connect().unwrap();
    let (code, message) = state(&mut connection, "select * from v");
    assert_eq!((code.as_str(), message.as_str()), ("42883", "function double(integer) does not exist"));
    assert_eq!(text(&mut connection, "select a from t"), "4");
    database.register(Function::scalar("double", |of: i32| of * 2)).unwrap();
    assert_eq!(text(&mut connection, "select * from v"), "8");
}
