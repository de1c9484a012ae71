//! Results that are kept are never stale: whatever changes between two runs of one query, the second says what is so then.

use session::Session;
use shell::collect::{Collect, Event};
use suite::Database;

/// What statements show: rows as text, or the error's state.
fn shown(session: &mut Session, statement: &str) -> String {
    let mut client = Collect::default();
    if let Err(report) = session.execute(statement, &mut client) {
        return format!("{}: {}", report.sqlstate.code(), report.message);
    }
    let mut out = String::new();
    for event in &client.events {
        if let Event::Rows(table, _) = event {
            table.write(&display::Options { tuples_only: true, ..display::Options::default() }, &mut out);
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A database in which every result is kept that may be.
fn keeping() -> Database {
    let mut database = Database::new();
    shown(&mut database.session, "set hornbeam.result_cache_above_cost = 0");
    shown(&mut database.session, "create table t (a int primary key, b text); insert into t values (1, 'x')");
    database
}

fn another(database: &Database) -> Session {
    let mut session = Session::new(database.engine()).expect("a session");
    shown(&mut session, "set hornbeam.result_cache_above_cost = 0");
    session
}

/// How often a result was found that was kept.
fn hits(database: &Database) -> u64 {
    database.engine().kept_results().found
}

/// Asks twice, and sees to it that the second answer is a kept one that is the same.
fn asked_twice(database: &mut Database, query: &str) -> String {
    let first = shown(&mut database.session, query);
    let before = hits(database);
    assert_eq!(shown(&mut database.session, query), first, "{query}");
    assert_eq!(hits(database), before + 1, "{query} was not kept");
    first
}

/// Asks, and sees to it that the answer is not a kept one.
fn asked_anew(database: &mut Database, query: &str) -> String {
    let before = hits(database);
    let answer = shown(&mut database.session, query);
    assert_eq!(hits(database), before, "{query} was kept");
    answer
}

#[test]
fn a_result_holds_until_a_table_changes() {
    let mut database = keeping();
    let query = "select count(*), max(b) from t";
    assert_eq!(asked_twice(&mut database, query), "1 | x");
    // Whoever changes it.
    let mut other = another(&database);
    shown(&mut other, "insert into t values (2, 'y')");
    assert_eq!(asked_anew(&mut database, query), "2 | y");
    assert_eq!(asked_twice(&mut database, query), "2 | y");
    // What is not committed is nobody else's, and what is rolled back nobody's.
    shown(&mut other, "begin; insert into t values (3, 'z')");
    assert_eq!(asked_twice(&mut database, query), "2 | y");
    assert_eq!(shown(&mut other, query), "3 | z");
    shown(&mut other, "rollback");
    assert_eq!(shown(&mut other, query), "2 | y");
    assert_eq!(asked_twice(&mut database, query), "2 | y");
    // Rows that come back are a change, too.
    shown(&mut other, "delete from t where a = 2");
    assert_eq!(asked_anew(&mut database, query), "1 | x");
    shown(&mut other, "insert into t values (2, 'y')");
    assert_eq!(asked_anew(&mut database, query), "2 | y");
    shown(&mut database.session, "truncate t");
    assert_eq!(asked_anew(&mut database, query), "0 |");
}

#[test]
fn a_transaction_sees_what_it_may() {
    let mut database = keeping();
    let query = "select sum(a) from t";
    assert_eq!(asked_twice(&mut database, query), "1");
    shown(&mut database.session, "begin; insert into t values (5, '')");
    assert_eq!(asked_anew(&mut database, query), "6");
    assert_eq!(asked_anew(&mut database, query), "6");
    shown(&mut database.session, "savepoint s; insert into t values (7, '')");
    assert_eq!(asked_anew(&mut database, query), "13");
    shown(&mut database.session, "rollback to s");
    assert_eq!(asked_anew(&mut database, query), "6");
    shown(&mut database.session, "rollback");
    assert_eq!(shown(&mut database.session, query), "1");

    // An older snapshot neither finds what is newer nor leaves what is older behind.
    let mut old = another(&database);
    shown(&mut old, "begin isolation level repeatable read");
    assert_eq!(shown(&mut old, query), "1");
    shown(&mut database.session, "insert into t values (10, '')");
    assert_eq!(shown(&mut database.session, query), "11");
    assert_eq!(shown(&mut old, query), "1");
    assert_eq!(shown(&mut database.session, query), "11");
    assert_eq!(shown(&mut old, query), "1");
    shown(&mut old, "commit");
    assert_eq!(shown(&mut old, query), "11");
}

#[test]
fn serialisable_transactions_read_for_themselves() {
    let mut database = keeping();
    let query = "select count(*) from t";
    asked_twice(&mut database, query);
    let mut other = another(&database);
    for session in [&mut database.session, &mut other] {
        shown(session, "begin isolation level serializable");
        shown(session, query);
    }
    shown(&mut database.session, "insert into t values (20, '')");
    shown(&mut other, "insert into t values (21, '')");
    assert_eq!(shown(&mut database.session, "commit"), "");
    assert!(shown(&mut other, "commit").starts_with("40001"));
}

#[test]
fn definitions_end_it() {
    let mut database = keeping();
    let ask = |database: &mut Database, query: &str, expected: &str| {
        assert_eq!(shown(&mut database.session, query), expected, "{query}");
        assert_eq!(shown(&mut database.session, query), expected, "{query}");
    };
    ask(&mut database, "select * from t", "1 | x");
    shown(&mut database.session, "alter table t add c int default 9");
    ask(&mut database, "select * from t", "1 | x | 9");
    shown(&mut database.session, "alter table t rename c to d; alter table t drop d");
    ask(&mut database, "select * from t", "1 | x");
    shown(&mut database.session, "create view v as select a from t");
    ask(&mut database, "select * from v", "1");
    shown(&mut database.session, "create or replace view v as select a + 1 as a from t");
    ask(&mut database, "select * from v", "2");
    shown(
        &mut database.session,
        "begin; drop table t cascade; create table t (z int); insert into t values (77)",
    );
    ask(&mut database, "select * from t", "77");
    shown(&mut database.session, "rollback");
    ask(&mut database, "select * from t", "1 | x");
    shown(&mut database.session, "create type mood as enum ('a', 'b'); alter table t add m mood default 'b'");
    ask(&mut database, "select max(m) from t", "b");
    shown(&mut database.session, "alter type mood rename value 'b' to 'c'");
    ask(&mut database, "select max(m) from t", "c");
}

#[test]
fn settings_and_values_are_a_part_of_it() {
    let mut database = keeping();
    shown(
        &mut database.session,
        "create table d (at timestamptz, x float8, b bytea); insert into d values ('2024-07-01 12:00+00', 0.1, 'ab')",
    );
    let query = "select at, x, b from d";
    assert_eq!(asked_twice(&mut database, query), "2024-07-01 12:00:00+00 | 0.1 | \\x6162");
    shown(&mut database.session, "set timezone = 'Europe/Berlin'");
    assert_eq!(asked_twice(&mut database, query), "2024-07-01 14:00:00+02 | 0.1 | \\x6162");
    shown(&mut database.session, "set datestyle = 'German'");
    assert_eq!(asked_twice(&mut database, query), "01.07.2024 14:00:00 CEST | 0.1 | \\x6162");
    shown(&mut database.session, "set extra_float_digits = -15; set bytea_output = escape");
    assert_eq!(asked_twice(&mut database, query), "01.07.2024 14:00:00 CEST | 0.1 | ab");

    shown(&mut database.session, "create schema s; create table s.t (a int); insert into s.t values (100)");
    assert_eq!(asked_twice(&mut database, "select max(a) from t"), "1");
    shown(&mut database.session, "set search_path = s");
    assert_eq!(asked_twice(&mut database, "select max(a) from t"), "100");
    shown(&mut database.session, "reset search_path");
    assert_eq!(shown(&mut database.session, "select max(a) from t"), "1");

    shown(&mut database.session, "prepare p as select count(*) from t where a = $1 or b = $2");
    // With `auto` the plan, which is a part of it, may be another one the second time.
    for mode in ["force_generic_plan", "force_custom_plan"] {
        shown(&mut database.session, &format!("set plan_cache_mode = {mode}"));
        for (values, count) in
            [("1, 'x'", "1"), ("2, 'y'", "0"), ("1, null", "1"), ("null, 'x'", "1"), ("2, null", "0")]
        {
            assert_eq!(asked_twice(&mut database, &format!("execute p({values})")), count, "{values}");
        }
    }
}

#[test]
fn roles_do_not_see_by_each_others_eyes() {
    let mut database = keeping();
    shown(&mut database.session, "create role ada");
    assert_eq!(asked_twice(&mut database, "select b from t"), "x");
    shown(&mut database.session, "set role ada");
    assert_eq!(shown(&mut database.session, "select b from t"), "42501: permission denied for table t");
    shown(&mut database.session, "reset role; grant select on t to ada; set role ada");
    assert_eq!(asked_twice(&mut database, "select b from t"), "x");
    shown(&mut database.session, "reset role; revoke select on t from ada; set role ada");
    assert_eq!(shown(&mut database.session, "select b from t"), "42501: permission denied for table t");
}

#[test]
fn what_may_be_otherwise_the_next_time_is_not_kept() {
    let mut database = keeping();
    shown(
        &mut database.session,
        "create function f(int) returns bigint language sql immutable as 'select count(*) + $1 from t';
         create sequence s",
    );
    for query in [
        "select random() < 2, a from t",
        "select now() is null, a from t",
        "select current_user, a from t",
        "select current_date > '2000-01-01', a from t",
        "select ('now' || b)::text::timestamptz is null from t where false",
        "select clock_timestamp() is null from t",
        "select f(a) from t",
        "select count(*) from pg_class",
        "select last_value from s",
        "select nextval('s') > 0 from t",
        "select a from t for update",
        "select count(*) from t tablesample bernoulli (50)",
        "with x as (update t set b = b returning a) select count(*) from x",
        "explain select * from t",
        "explain (analyze, timing off, costs off, summary off) select * from t",
        "show work_mem",
        "select 1",
    ] {
        asked_anew(&mut database, query);
        asked_anew(&mut database, query);
    }
    asked_twice(&mut database, "select * from t where a < 5");
    shown(&mut database.session, "set hornbeam.result_cache = off");
    asked_anew(&mut database, "select * from t where a < 5");
    shown(
        &mut database.session,
        "set hornbeam.result_cache = on; set hornbeam.result_cache_above_cost = 1000000",
    );
    asked_anew(&mut database, "select * from t where a < 5");
}

#[test]
fn databases_have_their_own() {
    let mut database = keeping();
    assert_eq!(asked_twice(&mut database, "select max(a) from t"), "1");
    shown(&mut database.session, "create database other template postgres");
    let engine = database.engine().clone();
    let mut other = Session::open(&engine, Some("other"), None).unwrap();
    shown(&mut other, "set hornbeam.result_cache_above_cost = 0; update t set a = 50");
    assert_eq!(shown(&mut other, "select max(a) from t"), "50");
    assert_eq!(shown(&mut database.session, "select max(a) from t"), "1");
    assert_eq!(shown(&mut other, "select max(a) from t"), "50");
}

#[test]
fn it_takes_no_more_room_than_it_may() {
    let mut database = keeping();
    shown(
        &mut database.session,
        "insert into t select x, repeat('y', 4000) from generate_series(100, 500) x",
    );
    for number in 0..40 {
        shown(&mut database.session, &format!("select a + {number}, b from t"));
    }
    let kept = database.engine().kept_results();
    assert!(kept.bytes <= 32 << 20, "{kept:?}");
    assert!(kept.count > 5 && kept.count < 40, "{kept:?}");
    // One that is larger than all may be is run each time.
    let large = "select x.b, y.b from t x, t y where y.a < 103";
    asked_anew(&mut database, large);
    asked_anew(&mut database, large);
}
