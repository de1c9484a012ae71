//! Statements that a program prepares itself: plans and operators that are kept must not be noticed.

use session::Session;
use shell::collect::Collect;
use suite::Database;
use suite::asked::{complete, execute, lines};
use types::Value;

type Rows = Vec<Vec<Option<String>>>;

fn run(session: &mut Session, statement: &session::Statement, values: &[Value]) -> Result<Rows, String> {
    let mut client = Collect::default();
    session.run_prepared(statement, values, &mut client).map_err(|report| report.message)?;
    Ok(client.rows().to_vec())
}

/// The tag of a statement, or what it fails with.
fn tag(session: &mut Session, statement: &session::Statement, values: &[Value]) -> String {
    let mut client = Collect::default();
    match session.run_prepared(statement, values, &mut client) {
        Ok(()) => client.events.iter().rev().find_map(complete).unwrap_or_default(),
        Err(report) => match &report.detail {
            Some(detail) => format!("{}: {} {detail}", report.sqlstate.code(), report.message),
            None => format!("{}: {}", report.sqlstate.code(), report.message),
        },
    }
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

/// Plans for the values would be cheaper by their costs, and planning for each run would cost many times what a run does.
#[test]
fn a_few_rows_of_a_range_are_planned_for_all_values_until_they_are_many() {
    let mut database = Database::new();
    let session = &mut database.session;
    execute(
        session,
        "create table t (id int primary key, v text);
         insert into t select i, 'v' from generate_series(1, 100000) i; analyze t;
         prepare few (int, int) as select v from t where id >= $1 and id < $2 order by id",
    );
    let plans = "select generic_plans, custom_plans from pg_prepared_statements where name = 'few'";
    for _ in 0..8 {
        assert_eq!(lines(session, "execute few (100, 102)"), ["v", "v"]);
    }
    assert_eq!(lines(session, plans), ["3 5"]);
    // What EXPLAIN shows is by costs.
    let shown = lines(session, "explain (costs off) execute few (100, 102)").join(" ");
    assert!(shown.contains("(id >= 100)"), "{shown}");
    assert_eq!(lines(session, "execute few (1, 2001)").len(), 2000);
    let before = lines(session, plans);
    assert_eq!(lines(session, "execute few (100, 102)"), ["v", "v"]);
    assert_eq!(lines(session, "execute few (100, 102)"), ["v", "v"]);
    assert_eq!((before, lines(session, plans)), (vec!["4 6".to_owned()], vec!["4 8".to_owned()]));
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

/// What two sessions make of the same statements: one has them prepared, so that they need no operators; the other says each
/// with RETURNING, which does.
struct Pair {
    database: Database,
    by_operators: Database,
}

impl Pair {
    fn new(setup: &str) -> Pair {
        let (mut database, mut by_operators) = (Database::new(), Database::new());
        execute(&mut database.session, setup);
        execute(&mut by_operators.session, setup);
        Pair { database, by_operators }
    }

    fn execute(&mut self, text: &str) {
        execute(&mut self.database.session, text);
        execute(&mut self.by_operators.session, text);
    }

    /// Runs a statement on both sides with each of some values, twice prepared; answers the tags, which are the same.
    fn run(&mut self, text: &str, values: &[&[Value]]) -> Vec<String> {
        let session = &mut self.database.session;
        let short = session.make_statement(text, &[]).unwrap();
        let other = &mut self.by_operators.session;
        let long = other.make_statement(&format!("{text} returning *"), &[]).unwrap();
        let mut tags = Vec::new();
        for values in values {
            let found = tag(session, &short, values);
            assert_eq!(found, tag(other, &long, values), "{text}: {values:?}");
            tags.push(found);
        }
        tags
    }

    /// The rows of a query, which are the same on both sides.
    fn lines(&mut self, query: &str) -> Vec<String> {
        let found = lines(&mut self.database.session, query);
        assert_eq!(found, lines(&mut self.by_operators.session, query), "{query}");
        found
    }
}

const TABLE: &str = "create table t (gone int, id int primary key, u int unique, v text not null, n numeric(6, 2), d int default 7);
     create index on t (v desc, d); create unique index on t (u, v) include (n); alter table t drop column gone;
     insert into t (id, u, v, n) select i, i * 10, 'row ' || i, i / 4.0 from generate_series(1, 9) i;
     alter table t add column late int default 5";
const ALL: &str = "select * from t order by id";

fn int(value: i32) -> Value {
    Value::Int32(value)
}

#[test]
fn one_row_by_its_key_is_updated_as_by_operators() {
    let mut pair = Pair::new(TABLE);
    let key = |key: i32| [int(key)];
    let (one, nine, none) = (key(1), key(9), key(99));
    let by_key = |pair: &mut Pair, set: &str| {
        pair.run(&format!("update t set {set} where id = $1"), &[&one, &nine, &none, &[Value::Null], &one])
    };
    assert_eq!(by_key(&mut pair, "v = 'x'"), ["UPDATE 1", "UPDATE 1", "UPDATE 0", "UPDATE 0", "UPDATE 1"]);
    by_key(&mut pair, "n = n * 2, d = d + 1");
    by_key(&mut pair, "n = null, late = late + d + u");
    by_key(&mut pair, "v = v || d, d = id");
    by_key(&mut pair, "u = null");
    by_key(&mut pair, "(d, late) = (late, d)");
    by_key(&mut pair, "v = default");
    by_key(&mut pair, "n = 99999");
    by_key(&mut pair, "d = 1 / (d - d)");
    by_key(&mut pair, "d = 2147483647 + id");
    let taken = by_key(&mut pair, "u = 20");
    let words =
        "23505: duplicate key value violates unique constraint \"t_u_key\" Key (u)=(20) already exists.";
    assert_eq!((&*taken[0], &*taken[2]), (words, "UPDATE 0"));
    let refused = by_key(&mut pair, "v = null, d = d + 1");
    assert!(refused[0].starts_with("23502: null value in column \"v\" of relation \"t\""), "{refused:?}");
    by_key(&mut pair, "v = v");
    pair.lines(ALL);
    // The key itself.
    let (to_ten, to_two) = ([int(1), int(10)], [int(10), int(2)]);
    let moved = pair.run("update t set id = $2 where id = $1", &[&to_ten, &to_ten, &to_two]);
    assert_eq!((&*moved[0], &*moved[1]), ("UPDATE 1", "UPDATE 0"));
    assert!(moved[2].starts_with("23505"), "{moved:?}");
    pair.run("update t set id = id where id = $1", &[&key(10), &key(2)]);
    // By another key, by two columns, with more conditions, from a constant.
    pair.run("update t set d = 70 where u = $1", &[&key(30), &key(31)]);
    pair.run("update t set d = 71 where u = $1 and v = $2", &[&[int(40), Value::text("row 4")]]);
    pair.run("update t set d = 72 where id = $1 and d > 100", &[&key(5)]);
    pair.run("update t as a set d = 73 + a.id where id = 6", &[&[]]);
    pair.lines(ALL);
    for query in ["select id from t where v = 'row 4' and d = 71", "select id from t where u = 40 and v > ''"]
    {
        pair.execute("set enable_seqscan = off");
        assert_eq!(pair.lines(query), ["4"]);
    }
}

#[test]
fn one_row_by_its_key_is_deleted_as_by_operators() {
    let mut pair = Pair::new(TABLE);
    let keys = [[int(1)], [int(1)], [Value::Null], [int(50)], [int(9)]];
    let keys: Vec<&[Value]> = keys.iter().map(|key| &key[..]).collect();
    let found = pair.run("delete from t where id = $1", &keys);
    assert_eq!(found, ["DELETE 1", "DELETE 0", "DELETE 0", "DELETE 0", "DELETE 1"]);
    pair.run("delete from t where u = $1", &[&[int(30)], &[int(90)]]);
    pair.run("delete from t where id = 2 and v = 'no'", &[&[]]);
    pair.lines(ALL);
    pair.execute("set enable_seqscan = off");
    assert_eq!(pair.lines("select count(*) from t where v > ''"), ["6"]);
    // What was deleted may come again, within the same transaction too.
    pair.execute("begin");
    pair.run("delete from t where id = $1", &[&[int(2)]]);
    pair.run("insert into t (id, u, v) values ($1, 20, 'again')", &[&[int(2)]]);
    pair.run("delete from t where id = $1", &[&[int(2)]]);
    pair.execute("savepoint a");
    pair.run("insert into t (id, u, v) values ($1, 20, 'once more')", &[&[int(2)]]);
    pair.execute("rollback to a");
    pair.run("insert into t (id, u, v) values ($1, 20, 'and again')", &[&[int(2)]]);
    pair.execute("commit");
    pair.lines(ALL);
}

#[test]
fn one_row_that_is_given_meets_another_as_by_operators() {
    let mut pair = Pair::new(TABLE);
    let row = |id: i32, u: i32, v: &str| [int(id), int(u), Value::text(v)];
    let (new, old, taken) = (row(20, 200, "new"), row(1, 11, "old"), row(30, 20, "taken"));
    let values: [&[Value]; 4] = [&new, &old, &taken, &new];
    let insert = |pair: &mut Pair, what: &str| {
        pair.run(&format!("insert into t (id, u, v) values ($1, $2, $3) on conflict {what}"), &values)
    };
    let found = insert(&mut pair, "(id) do nothing");
    assert_eq!((&*found[0], &*found[1], &*found[3]), ("INSERT 0 1", "INSERT 0 0", "INSERT 0 0"));
    assert!(found[2].starts_with("23505"), "{found:?}");
    insert(&mut pair, "do nothing");
    insert(&mut pair, "(id) do update set v = t.v || excluded.v, d = excluded.u + t.u");
    insert(&mut pair, "(u) do update set v = excluded.v || t.id, id = excluded.id");
    insert(&mut pair, "(id) do update set d = t.d + 1 where t.d > excluded.d");
    insert(&mut pair, "(id) do update set d = null where t.d is not null");
    insert(&mut pair, "(id) do update set u = 30");
    insert(&mut pair, "(id) do update set v = null");
    insert(&mut pair, "(id) do update set (d, late) = (select 5, 6)");
    insert(&mut pair, "(u, v) do update set n = excluded.u / 8.0");
    pair.lines(ALL);
    pair.execute("set enable_seqscan = off");
    pair.lines("select id, u from t where v > '' order by v desc, d");
}

#[test]
fn values_that_are_computed_are_computed_once_and_in_their_order() {
    let mut pair = Pair::new(
        "create sequence s; create table t (id serial primary key, a int, b int, c varchar(3), e numeric(4, 1) not null)",
    );
    let insert = "insert into t (b, a, c, e) values (nextval('s'), nextval('s'), $1, $2::float8)";
    let text = Value::text;
    let number = Value::Float64;
    let found = pair.run(
        insert,
        &[
            &[text("abc"), number(1.25)],
            &[text("ab  "), number(99.96)],
            &[Value::Null, Value::Null],
            &[text(""), number(-0.04)],
        ],
    );
    assert_eq!((&*found[0], &*found[3]), ("INSERT 0 1", "INSERT 0 1"));
    assert!(found[2].starts_with("23502"), "{found:?}");
    // A plan for the values is refused before anything is asked of a sequence; what needs no plan asks it first.
    pair.run(
        "insert into t (a, c, e) values (7, $1, $2::float8)",
        &[&[text("abcd"), number(1.0)], &[Value::Null, number(1000.0)]],
    );
    pair.run(
        "update t set a = nextval('s'), b = nextval('s'), e = null where id = $1",
        &[&[int(1)], &[int(2)]],
    );
    pair.run(
        "update t set b = nextval('s'), a = nextval('s') where id = $1",
        &[&[int(1)], &[int(2)], &[int(77)]],
    );
    assert_eq!(pair.lines("select id, b < a as rises, c, e from t order by id").len(), 3);
    pair.lines("select * from t order by id");
    pair.lines("select nextval('s')");
}

#[test]
fn rows_that_others_refer_to_are_changed_by_operators() {
    let mut pair = Pair::new(
        "create table p (id int primary key, k int unique, v int); insert into p select i, i, i from generate_series(1, 5) i;
         create table f (id int primary key, p int references p on delete cascade on update cascade, k int references p (k),
            w int check (w < 10), x int generated always as (w + 1) stored);
         insert into f values (1, 1, 2, 1), (2, 3, 3, 2), (3, null, null, 3)",
    );
    let key = |key: i32| [int(key)];
    pair.run("update p set v = v + 1 where id = $1", &[&key(1), &key(2)]);
    pair.run("update p set k = k + 10 where id = $1", &[&key(1), &key(2)]);
    pair.run("update p set id = id + 10 where id = $1", &[&key(3), &key(4)]);
    pair.run("delete from p where id = $1", &[&key(1), &key(2), &key(5)]);
    pair.run("update f set w = w + 5 where id = $1", &[&key(2), &key(2), &key(3)]);
    pair.run("update f set p = $2 where id = $1", &[&[int(2), int(99)], &[int(2), int(14)]]);
    pair.run("delete from f where id = $1", &[&key(3)]);
    pair.lines("select * from f order by id");
    pair.lines("select * from p order by id");
}

#[test]
fn changes_of_one_row_follow_definitions_and_transactions() {
    let mut pair =
        Pair::new("create table t (id int primary key, v int); insert into t values (1, 1), (2, 2)");
    let session = &mut pair.database.session;
    let update = session.make_statement("update t set v = v + 1 where id = $1", &[]).unwrap();
    let delete = session.make_statement("delete from t where id = $1", &[]).unwrap();
    let upsert = session
        .make_statement(
            "insert into t (id, v) values ($1, 0) on conflict (id) do update set v = t.v + 10",
            &[],
        )
        .unwrap();
    let one = [int(1)];
    assert_eq!(tag(session, &update, &one), "UPDATE 1");
    execute(session, "alter table t add constraint small check (v < 4)");
    assert_eq!(tag(session, &update, &one), "UPDATE 1");
    assert!(tag(session, &update, &one).starts_with("23514"), "a check that came later");
    execute(
        session,
        "alter table t drop constraint small; create index on t (v); alter table t add column w int default 9",
    );
    assert_eq!(tag(session, &update, &one), "UPDATE 1");
    assert_eq!(tag(session, &upsert, &one), "INSERT 0 1");
    assert_eq!(lines(session, "select * from t order by id"), ["1 14 9", "2 2 9"]);
    // In blocks: what fails takes the rest with it, up to a savepoint.
    execute(session, "begin");
    assert_eq!(tag(session, &update, &one), "UPDATE 1");
    execute(session, "savepoint a");
    assert_eq!(tag(session, &delete, &one), "DELETE 1");
    assert_eq!(tag(session, &update, &one), "UPDATE 0");
    assert_eq!(tag(session, &upsert, &one), "INSERT 0 1");
    execute(session, "rollback to a");
    assert_eq!(lines(session, "select v from t where id = 1"), ["15"]);
    execute(session, "rollback; begin read only");
    for (statement, what) in [(&update, "UPDATE"), (&delete, "DELETE"), (&upsert, "INSERT")] {
        let refused = format!("25006: cannot execute {what} in a read-only transaction");
        assert_eq!(tag(session, statement, &one), refused);
        execute(session, "rollback; begin read only");
    }
    execute(session, "rollback");
    assert_eq!(lines(session, "select * from t order by id"), ["1 14 9", "2 2 9"]);
    // Rows that a cursor has still to read are those of then.
    execute(session, "begin; declare c cursor for select * from t order by id");
    assert_eq!(tag(session, &delete, &[int(2)]), "DELETE 1");
    assert_eq!(tag(session, &update, &one), "UPDATE 1");
    assert_eq!(lines(session, "fetch all from c"), ["1 14 9", "2 2 9"]);
    execute(session, "rollback");
    // A plan that is a table's no more.
    execute(session, "drop table t; create view t as select 1 as id, 2 as v");
    assert!(tag(session, &delete, &one).starts_with("55000"), "a view of no table");
}

#[test]
fn changes_of_one_row_give_way_to_others_at_the_stricter_levels() {
    let mut database = Database::new();
    let mut other = database.another();
    let session = &mut database.session;
    execute(session, "create table t (id int primary key, v int); insert into t values (1, 1), (2, 2)");
    let update = session.make_statement("update t set v = v + 1 where id = $1", &[]).unwrap();
    let delete = session.make_statement("delete from t where id = $1", &[]).unwrap();
    let upsert = session
        .make_statement("insert into t values ($1, 0) on conflict (id) do update set v = t.v + 10", &[])
        .unwrap();
    for (level, statement) in [
        ("repeatable read", &update),
        ("serializable", &update),
        ("repeatable read", &delete),
        ("repeatable read", &upsert),
    ] {
        execute(session, &format!("begin isolation level {level}; select 1 from t"));
        execute(&mut other, "update t set v = v + 100 where id = 1");
        let refused = tag(session, statement, &[int(1)]);
        assert_eq!(refused, "40001: could not serialize access due to concurrent update", "{level}");
        execute(session, "rollback");
    }
    // What another has deleted meanwhile is there for the snapshot, and not to be changed.
    execute(session, "begin isolation level repeatable read; select 1 from t");
    execute(&mut other, "delete from t where id = 2");
    let refused = tag(session, &delete, &[int(2)]);
    assert_eq!(refused, "40001: could not serialize access due to concurrent delete");
    execute(session, "rollback");
    // Two serialisable transactions that read what the other writes: the second gives way.
    execute(&mut other, "insert into t values (2, 2)");
    execute(session, "begin isolation level serializable; select v from t where id = 1");
    execute(&mut other, "begin isolation level serializable; select v from t where id = 2");
    assert_eq!(tag(session, &update, &[int(2)]), "UPDATE 1");
    execute(&mut other, "update t set v = 0 where id = 1; commit");
    let mut client = Collect::default();
    let refused =
        session.execute("commit", &mut client).err().map(|report| report.sqlstate.code().to_owned());
    assert_eq!(refused.as_deref(), Some("40001"));
}
