//! Statements as large as they come, and those that are larger than they may be: errors, and the session goes on.

use hornbeam::{Connection, Database, Parameter};

fn connect() -> Connection {
    Database::open_in_memory().and_then(|database| database.connect()).expect("a database in memory")
}

/// The error's state of a statement that must fail; the session can be used afterwards.
fn state(connection: &mut Connection, statement: &str) -> String {
    let error = match connection.query_all(statement, (), |_| Ok(())) {
        Ok(rows) => panic!("{} rows of {}", rows.len(), &statement[..statement.len().min(80)]),
        Err(error) => error,
    };
    let state = error.sqlstate().unwrap_or_default().to_owned();
    assert_eq!(connection.query_value::<i32>("select 1", ()).expect("the session goes on"), 1, "{error}");
    state
}

#[test]
fn long_statements_are_read() {
    let mut connection = connect();
    connection.batch("create table t (a int, b text)").unwrap();
    let text = "x".repeat(10 << 20);
    assert_eq!(connection.query_value::<i32>(&format!("select length('{text}')"), ()).unwrap(), 10 << 20);
    let list: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    connection.batch("insert into t select x, x::text from generate_series(9000, 11000) x").unwrap();
    let within = format!("select count(*) from t where a in ({})", list.join(", "));
    assert_eq!(connection.query_value::<i64>(&within, ()).unwrap(), 1_000);
    let rows: Vec<String> = (0..20_000).map(|number| format!("({number}, 'row')")).collect();
    assert_eq!(connection.execute(&format!("insert into t values {}", rows.join(", ")), ()).unwrap(), 20_000);
}

#[test]
fn columns_and_parameters_are_counted() {
    let mut connection = connect();
    let columns = |count: usize| -> String {
        (0..count).map(|number| format!("c{number} int")).collect::<Vec<_>>().join(", ")
    };
    connection.batch(&format!("create table wide ({})", columns(1_600))).unwrap();
    assert_eq!(connection.execute("insert into wide (c0, c1599) values (1, 2)", ()).unwrap(), 1);
    assert_eq!(connection.query_value::<i32>("select c1599 from wide", ()).unwrap(), 2);
    assert_eq!(state(&mut connection, &format!("create table wider ({})", columns(1_601))), "54011");
    assert_eq!(state(&mut connection, "alter table wide add one_more int"), "54011");
    let targets = vec!["1"; 1_665].join(", ");
    assert_eq!(state(&mut connection, &format!("select {targets}")), "54011");

    let sum = |count: usize| -> String {
        let terms: Vec<String> = (1..=count).map(|number| format!("(${number}::int)")).collect();
        format!("select count(*) from (values {}) v", terms.join(", "))
    };
    let values = |count: usize| vec![Parameter::Integer(1); count];
    assert_eq!(connection.query_value::<i64>(&sum(65_535), values(65_535)).unwrap(), 65_535);
    assert_eq!(state(&mut connection, &sum(65_536)), "42P02");
    assert_eq!(state(&mut connection, "select $99999999999"), "42601");
}

#[test]
fn lengths_and_counts_are_bounded() {
    let mut connection = connect();
    connection.batch("set statement_timeout = '2s'").unwrap();
    for (statement, expected) in [
        ("select length(repeat('xxxx', 2147483647))", "54000"),
        ("select length(lpad('x', 1000000000))", "54000"),
        ("select length(rpad('x', 2147483647, 'ab'))", "54000"),
        ("select count(*) from generate_series(1, 1000000000000000000)", "57014"),
        ("select array_agg(x) from generate_series(1, 1000000000000000000) x", "57014 53200"),
        ("select array_fill(0, array[1000000000])", "54000"),
        ("select array_fill(0, array[100000, 100000])", "54000"),
        ("select 10 ^ 1000000", "22003"),
        ("select 10::numeric ^ 1000000", "22003"),
        ("select exp(100000::numeric)", "22003"),
        ("select '1e1000000'::numeric", "22003"),
        ("select 1e200000", "22003"),
        ("select factorial(1000000)", "22003"),
        ("select ('1' || repeat('0', 200000))::numeric", "22003"),
        ("select 'x' ~ repeat('(a|b)*', 100000)", "2201B"),
        ("select 'x' ~ 'x{1000}'", "2201B"),
        ("select 'x' ~ repeat('(', 100000)", "2201B"),
        ("select set_bit(''::bytea, 2147483647, 1)", "2202E"),
        ("select ('[' || repeat('[', 100000))::json", "54001"),
        ("select jsonb_path_query('1', (repeat('(', 100000))::jsonpath)", "42601 54001"),
    ] {
        let found = state(&mut connection, statement);
        assert!(expected.split(' ').any(|expected| expected == found), "{found} of {statement}");
    }
}

/// Functions that never end to call themselves, each from where its own expression, block or plan has nested already: the stack
/// that they take is the product of both. `LEVELS` stands for how deep.
const RECURSIONS: [(&str, &str, &str); 6] = [
    ("return ", "(1 + ", ")"),
    ("return ", "(case when n > 0 then ", " else 0 end)"),
    ("return ", "coalesce(null::int, abs(", "))"),
    ("return ", "(select max(x) from (select ", " as x) q group by x + 0)"),
    ("", "begin if n > 0 then ", " end if; end; "),
    ("", "begin ", " exception when division_by_zero then null; end; "),
];

#[test]
fn calls_out_of_deep_expressions_are_refused_before_the_stack_is_used_up() {
    for levels in [1, 5, 12] {
        for (start, open, close) in RECURSIONS {
            let mut connection = connect();
            let inner = if start.is_empty() { "return f(n + 1);" } else { "f(n + 1)" };
            let (opened, closed) = (open.repeat(levels), close.repeat(levels));
            let body = format!("begin {start}{opened}{inner}{closed}; return 0; end").replace("; ;", ";");
            let made = format!("create function f(n int) returns int language plpgsql as $$ {body} $$");
            connection.batch(&made).unwrap_or_else(|error| panic!("{error}: {body}"));
            assert_eq!(state(&mut connection, "select f(1)"), "54001", "{levels} of {open}");
            connection.batch("drop function f(int)").unwrap();
        }
    }
}
