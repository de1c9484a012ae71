//! Changes of one row, and definitions, that wait for another session: what is changed is the row as it is then, if it is still meant. Statements
//! that need no operators do as those that do, and as PostgreSQL.

use session::Session;
use shell::collect::Collect;
use suite::Database;
use suite::asked::{complete, execute, lines};
use types::Value;

const SETUP: &str = "create table t (id int primary key, v int, u int unique); create index on t (v);
     insert into t values (1, 10, 100), (2, 20, 200)";

/// Does something in a session that has to wait for one that has begun with something else, which then comes to its end.
fn beside<R: Send>(
    database: &mut Database,
    before: &str,
    end: &str,
    what: impl FnOnce(&mut Session) -> R + Send,
) -> R {
    execute(&mut database.session, &format!("begin; {before}"));
    let engine = database.engine().clone();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| what(&mut Session::new(&engine).unwrap()));
        while lines(&mut database.session, "select 1 from pg_locks where not granted").is_empty() {
            std::thread::yield_now();
        }
        execute(&mut database.session, end);
        waiting.join().unwrap()
    })
}

/// Runs a statement with id 1 while another session has done something and goes on to an end; its tag, or SQLSTATE, and the rows
/// of the table after that.
fn meanwhile(text: &str, before: &str, end: &str, level: &str) -> (String, Vec<String>) {
    let mut database = Database::new();
    execute(&mut database.session, SETUP);
    let tag = beside(&mut database, before, end, |session| {
        let statement = session.make_statement(text, &[]).unwrap();
        execute(session, &format!("begin isolation level {level}"));
        let mut client = Collect::default();
        let done = session.run_prepared(&statement, &[Value::Int32(1)], &mut client);
        let tag = match done {
            Ok(()) => client.events.iter().rev().find_map(complete).unwrap_or_default(),
            Err(report) => report.sqlstate.code().to_owned(),
        };
        execute(session, "commit");
        tag
    });
    let mut rows = lines(&mut database.session, "select * from t order by id");
    rows.extend(lines(
        &mut database.session,
        "set enable_seqscan = off; select id, v from t where v > 0 order by v",
    ));
    (tag, rows)
}

const STATEMENTS: [&str; 3] = [
    "update t set v = v + 1, u = u where id = $1",
    "delete from t where id = $1",
    "insert into t values ($1, 1, 100) on conflict (id) do update set v = t.v + 7",
];

/// Tags of the three statements after something else.
fn tags(before: &str, end: &str, level: &str) -> [String; 3] {
    STATEMENTS.map(|text| {
        let short = meanwhile(text, before, end, level);
        let long = meanwhile(&format!("{text} returning *"), before, end, level);
        assert_eq!(short, long, "{text} after {before}");
        short.0
    })
}

#[test]
fn the_row_is_changed_as_it_is_after_the_wait() {
    let found = tags("update t set v = 50 where id = 1", "commit", "read committed");
    assert_eq!(found, ["UPDATE 1", "DELETE 1", "INSERT 0 1"]);
    let (_, rows) = meanwhile(STATEMENTS[0], "update t set v = 50 where id = 1", "commit", "read committed");
    assert_eq!(rows, ["1 51 100", "2 20 200", "2 20", "1 51"]);
    let found = tags("update t set v = 50 where id = 1", "rollback", "read committed");
    assert_eq!(found, ["UPDATE 1", "DELETE 1", "INSERT 0 1"]);
}

#[test]
fn a_row_that_is_gone_or_has_another_key_is_not_meant() {
    let found = tags("delete from t where id = 1", "commit", "read committed");
    assert_eq!(found, ["UPDATE 0", "DELETE 0", "INSERT 0 1"]);
    let found = tags("update t set id = 5, u = 500 where id = 1", "commit", "read committed");
    assert_eq!(found, ["UPDATE 0", "DELETE 0", "INSERT 0 1"]);
    // Another row has the key now: the statement did not see it.
    let moved = "update t set id = 5, u = 500 where id = 1; insert into t values (1, 60, 600)";
    let found = tags(moved, "commit", "read committed");
    assert_eq!(found, ["UPDATE 0", "DELETE 0", "INSERT 0 1"]);
}

#[test]
fn the_stricter_levels_refuse() {
    for level in ["repeatable read", "serializable"] {
        let found = tags("update t set v = 50 where id = 1", "commit", level);
        assert_eq!(found, ["40001", "40001", "40001"], "{level}");
        let found = tags("update t set v = 50 where id = 1", "rollback", level);
        assert_eq!(found, ["UPDATE 1", "DELETE 1", "INSERT 0 1"], "{level}");
    }
}

#[test]
fn a_view_is_altered_as_it_is_after_the_wait() {
    let rename = "alter view w rename column b to c";
    let after = |before: &str, end: &str| {
        let mut database = Database::new();
        execute(&mut database.session, "create view w as select 1 as a, 2 as b");
        let done = beside(&mut database, before, end, |session| {
            session
                .execute(rename, &mut Collect::default())
                .map_err(|report| report.sqlstate.code().to_owned())
        });
        let names =
            "select string_agg(column_name, ' ' order by ordinal_position) from information_schema.columns
                     where table_name = 'w'";
        (done, lines(&mut database.session, names).concat())
    };
    let taken = after("alter view w rename column a to c", "commit");
    assert_eq!(taken, (Err("42701".to_owned()), "c b".to_owned()));
    assert_eq!(after("alter view w rename column a to c", "rollback"), (Ok(()), "a c".to_owned()));
    assert_eq!(after("alter view w rename column a to d", "commit"), (Ok(()), "d c".to_owned()));
    assert_eq!(after("drop view w", "commit").0, Err("42P01".to_owned()));
}

/// Texts of one table were written anew from what they had been before the wait when another was called otherwise (found by
/// SQL torture).
#[test]
fn texts_that_name_what_is_called_otherwise_are_written_as_they_are_after_the_wait() {
    let setup =
        "create table a (x int); create function f(int) returns int immutable language sql as 'select $1';
         create table b (r a, n int default 1, check ((r).x > 0)); create type e as enum ('k')";
    let after = |before: &str, renaming: &str, question: &str| {
        let mut database = Database::new();
        execute(&mut database.session, setup);
        beside(&mut database, before, "commit", |session| execute(session, renaming));
        lines(&mut database.session, question).concat()
    };
    let texts = "select pg_get_expr(adbin, adrelid) || ' ' ||
         (select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'b'::regclass)
         from pg_attrdef where adrelid = 'b'::regclass";
    assert_eq!(
        after("alter table b alter n set default 2", "alter table a rename x to y", texts),
        "2 CHECK (((r).y > 0))"
    );
    let index = "select pg_get_indexdef('i'::regclass)";
    assert_eq!(
        after("create index i on b (f(n))", "alter function f rename to g", index),
        "CREATE INDEX i ON public.b USING btree (g(n))"
    );
    let view = "select pg_get_viewdef('v'::regclass)";
    assert_eq!(
        after("create view v as select f(1)", "alter function f rename to g", view),
        " SELECT g(1) AS f;"
    );
    assert_eq!(
        after("create view v as select 'k'::e as k", "alter type e rename to e2", view),
        " SELECT 'k'::e2 AS k;"
    );
}
