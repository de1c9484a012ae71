//! Statements in steps: prepared, described, bound, run in pieces; what ends with what.

use crate::support::{Told, said, session};
use session::client::Report;
use session::{Progress, Session};

use types::catalog::oid;
use types::{Type, Value};

fn piece(session: &mut Session, portal: &str, rows: Option<u64>) -> (Option<Progress>, Vec<String>) {
    let mut told = Told::default();
    match session.run_portal(portal, rows, &mut told) {
        Ok(progress) => (Some(progress), told.0),
        Err(report) => (None, vec![format!("{} {}", report.sqlstate.code(), report.message)]),
    }
}

#[test]
fn types_of_parameters_come_from_where_they_are_used() {
    let mut session = session();
    session
        .prepare("", "select $1 + 1::bigint, $2 || 'x', $3", &[None, None, Some(Type::of(oid::DATE))])
        .unwrap();
    let described = session.describe("").unwrap();
    assert_eq!(
        described.parameters.iter().map(|of| of.oid).collect::<Vec<_>>(),
        [oid::INT8, oid::TEXT, oid::DATE]
    );
    let columns = described.columns.unwrap();
    assert_eq!(
        columns.iter().map(|column| column.column_type.oid).collect::<Vec<_>>(),
        [oid::INT8, oid::TEXT, oid::DATE]
    );
    session.sync(&mut Told::default()).unwrap();
}

#[test]
fn rows_come_in_pieces_and_tags_count_the_last_one() {
    let mut session = session();
    session.prepare("five", "select * from generate_series(1, $1)", &[]).unwrap();
    session.open_portal("p", "five", vec![Value::Int32(5)]).unwrap();
    assert_eq!(piece(&mut session, "p", Some(2)), (Some(Progress::Suspended), vec!["1".into(), "2".into()]));
    assert_eq!(piece(&mut session, "p", Some(2)), (Some(Progress::Suspended), vec!["3".into(), "4".into()]));
    let last = (Some(Progress::Complete), vec!["5".into(), "SELECT 1".into()]);
    assert_eq!(piece(&mut session, "p", Some(2)), last);
    assert_eq!(piece(&mut session, "p", None), (Some(Progress::Complete), vec!["SELECT 0".into()]));
    session.sync(&mut Told::default()).unwrap();
    assert_eq!(piece(&mut session, "p", None), (None, vec!["34000 portal \"p\" does not exist".into()]));
}

#[test]
fn a_portal_reads_from_its_own_snapshot() {
    let mut session = session();
    said(&mut session, "create table t (a int); insert into t select generate_series(1, 3)");
    session.prepare("read", "select a from t", &[]).unwrap();
    session.prepare("write", "insert into t values ($1) returning a", &[]).unwrap();
    session.open_portal("r", "read", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "r", Some(1)).1, ["1"]);
    session.open_portal("w", "write", vec![Value::Int32(9)]).unwrap();
    assert_eq!(piece(&mut session, "w", None).1, ["9", "INSERT 0 1"]);
    assert_eq!(piece(&mut session, "w", None), (None, vec!["55000 portal \"w\" cannot be run".into()]));
    // The failure has undone the transaction, and the portals with it.
    assert_eq!(piece(&mut session, "r", None).1, ["34000 portal \"r\" does not exist"]);
    assert_eq!(said(&mut session, "select count(*) from t"), ["count", "3", "SELECT 1"]);

    said(&mut session, "begin");
    session.open_portal("r", "read", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "r", Some(1)).1, ["1"]);
    session.open_portal("w", "write", vec![Value::Int32(9)]).unwrap();
    assert_eq!(piece(&mut session, "w", None).1, ["9", "INSERT 0 1"]);
    session.sync(&mut Told::default()).unwrap();
    assert_eq!(piece(&mut session, "r", None).1, ["2", "3", "SELECT 2"]);
    assert_eq!(said(&mut session, "commit; select count(*) from t"), ["COMMIT", "count", "4", "SELECT 1"]);
}

#[test]
fn what_changes_rows_is_done_by_the_first_piece() {
    let mut session = session();
    said(&mut session, "create table t (a int primary key)");
    session.prepare("", "insert into t select generate_series(1, 3) returning a", &[]).unwrap();
    session.open_portal("", "", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "", Some(1)), (Some(Progress::Suspended), vec!["1".into()]));
    session.prepare("count", "select count(*) from t", &[]).unwrap();
    session.open_portal("c", "count", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "c", None).1, ["3", "SELECT 1"]);
    assert_eq!(piece(&mut session, "", None).1, ["2", "3", "INSERT 0 3"]);
    session.sync(&mut Told::default()).unwrap();
}

#[test]
fn utilities_are_described_and_run() {
    let mut session = session();
    let columns = |session: &mut Session, text: &str| {
        session.prepare("", text, &[]).unwrap();
        let columns = session.describe("").unwrap().columns;
        columns.map(|columns| columns.into_iter().map(|column| column.name).collect::<Vec<_>>())
    };
    assert_eq!(columns(&mut session, "show search_path"), Some(vec!["search_path".into()]));
    assert_eq!(columns(&mut session, "explain select 1"), Some(vec!["QUERY PLAN".into()]));
    assert_eq!(columns(&mut session, "create table t (a int)"), None);
    session.open_portal("", "", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "", None), (Some(Progress::Complete), vec!["CREATE TABLE".into()]));
    assert_eq!(columns(&mut session, "show search_path"), Some(vec!["search_path".into()]));
    session.open_portal("", "", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "", None).1, ["\"$user\", public", "SHOW"]);
    assert_eq!(columns(&mut session, "  -- nothing"), None);
    session.open_portal("", "", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "", None).1, ["(empty)"]);
    session.sync(&mut Told::default()).unwrap();
}

#[test]
fn what_is_wrong_is_said_and_ends_the_transaction() {
    let mut session = session();
    let failure = |outcome: Result<(), Box<Report>>| {
        let report = outcome.unwrap_err();
        format!("{} {}", report.sqlstate.code(), report.message)
    };
    assert_eq!(
        failure(session.prepare("", "select 1; select 2", &[])),
        "42601 cannot insert multiple commands into a prepared statement"
    );
    session.prepare("one", "select $1::int", &[]).unwrap();
    assert_eq!(
        failure(session.prepare("one", "select 2", &[])),
        "42P05 prepared statement \"one\" already exists"
    );
    assert_eq!(
        failure(session.open_portal("", "one", Vec::new())),
        "08P01 bind message supplies 0 parameters, but prepared statement \"one\" requires 1"
    );
    assert_eq!(
        failure(session.open_portal("", "two", Vec::new())),
        "26000 prepared statement \"two\" does not exist"
    );
    said(&mut session, "begin; select 1/0");
    assert_eq!(
        failure(session.open_portal("", "one", vec![Value::Int32(1)])),
        "25P02 current transaction is aborted, commands ignored until end of transaction block"
    );
    session.prepare("end", "rollback", &[]).unwrap();
    session.open_portal("", "end", Vec::new()).unwrap();
    assert_eq!(piece(&mut session, "", None).1, ["ROLLBACK"]);
    session.sync(&mut Told::default()).unwrap();
    assert_eq!(said(&mut session, "select 1"), ["?column?", "1", "SELECT 1"]);
}

#[test]
fn portals_of_one_statement_do_not_meet_in_what_it_keeps() {
    let mut session = session();
    said(
        &mut session,
        "create table t (a int primary key, b int); insert into t select n, n * 10 from generate_series(1, 4) n",
    );
    let from = [("r", "select a from t where a >= $1 order by a"), ("one", "select b from t where a = $1")];
    from.iter().for_each(|(name, text)| session.prepare(name, text, &[]).unwrap());
    session.prepare("add", "update t set b = b + $1 where a = 1 returning b", &[]).unwrap();
    for _ in 0..2 {
        session.open_portal("p", "r", vec![Value::Int32(1)]).unwrap();
        assert_eq!(piece(&mut session, "p", Some(1)).1, ["1"]);
        // The same statement with other values, while the first run is not done.
        session.open_portal("q", "r", vec![Value::Int32(3)]).unwrap();
        assert_eq!(piece(&mut session, "q", None).1, ["3", "4", "SELECT 2"]);
        assert_eq!(piece(&mut session, "p", Some(2)).1, ["2", "3"]);
        session.close_portal("q");
        session.open_portal("q", "r", vec![Value::Int32(4)]).unwrap();
        assert_eq!(piece(&mut session, "q", Some(1)).1, ["4"]);
        // One is left in its midst, the other comes to its end.
        session.close_portal("q");
        assert_eq!(piece(&mut session, "p", None).1, ["4", "SELECT 1"]);
        assert_eq!(piece(&mut session, "p", None).1, ["SELECT 0"]);
        session.sync(&mut Told::default()).unwrap();
    }
    for (key, found) in [(2, vec!["20", "SELECT 1"]), (9, vec!["SELECT 0"]), (3, vec!["30", "SELECT 1"])] {
        session.open_portal("", "one", vec![Value::Int32(key)]).unwrap();
        assert_eq!(piece(&mut session, "", Some(5)).1, found);
        assert_eq!(piece(&mut session, "", None).1, ["SELECT 0"]);
        session.sync(&mut Told::default()).unwrap();
    }
    for sum in ["11", "12"] {
        session.open_portal("", "add", vec![Value::Int32(1)]).unwrap();
        assert_eq!(piece(&mut session, "", Some(1)).1, [sum]);
        assert_eq!(piece(&mut session, "", None).1, ["UPDATE 1"]);
        session.sync(&mut Told::default()).unwrap();
    }
    said(&mut session, "begin read only");
    let refused = session.open_portal("", "add", vec![Value::Int32(1)]).unwrap_err();
    assert_eq!(refused.message, "cannot execute UPDATE in a read-only transaction");
    said(&mut session, "rollback; alter table t add column c int");
    session.prepare("whole", "select * from t", &[]).unwrap();
    session.open_portal("", "whole", Vec::new()).unwrap();
    session.sync(&mut Told::default()).unwrap();
    said(&mut session, "alter table t drop column c");
    let refused = session.open_portal("", "whole", Vec::new()).unwrap_err();
    assert_eq!(
        (refused.sqlstate.code(), &*refused.message),
        ("0A000", "cached plan must not change result type")
    );
    let refused = session.open_portal("", "one", vec![Value::text("x")]).unwrap_err();
    assert_eq!(refused.message, "the value for parameter $1 is not of its type");
}

#[test]
fn a_statement_without_a_name_follows_its_table_and_can_be_forgotten() {
    let (mut session, mut other) = (session(), session());
    said(&mut session, "create table t (a int); insert into t values (1)");
    let whole = session.make_statement("select * from t", &[]).unwrap();
    let run = |session: &mut Session, statement: &session::Statement| {
        let mut told = Told::default();
        let done = session.run_prepared(statement, &[], &mut told);
        done.map(|()| told.0.join(" ")).map_err(|report| report.message)
    };
    assert_eq!(run(&mut session, &whole).unwrap(), "a 1 SELECT 1");
    said(&mut session, "alter table t add column b int default 2; deallocate all; discard plans");
    assert_eq!(run(&mut session, &whole).unwrap(), "a|b 1|2 SELECT 1");
    assert!(run(&mut other, &whole).unwrap_err().ends_with("does not exist"), "it is another session's");
    session.forget_statement(&whole);
    session.forget_statement(&whole);
    assert!(run(&mut session, &whole).unwrap_err().ends_with("does not exist"));
    let another = session.make_statement("select 1", &[]).unwrap();
    assert!(run(&mut session, &whole).unwrap_err().ends_with("does not exist"), "its place is taken");
    assert_eq!(run(&mut session, &another).unwrap(), "?column? 1 SELECT 1");
}

#[test]
fn portals_and_cursors_have_their_names_among_each_other() {
    let mut session = session();
    let taken = "42P03 cursor \"c\" already exists";
    session.prepare("s", "select 2", &[]).unwrap();
    said(&mut session, "begin; declare c cursor for select 1");
    let report = session.open_portal("c", "s", Vec::new()).unwrap_err();
    assert_eq!(format!("{} {}", report.sqlstate.code(), report.message), taken);
    said(&mut session, "rollback; begin");
    session.open_portal("c", "s", Vec::new()).unwrap();
    assert_eq!(said(&mut session, "declare c cursor for select 1"), [taken]);
    said(&mut session, "rollback");
}
