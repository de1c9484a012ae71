//! Several tasks do a statement's work: what comes of it is what one of them would have found, in the same order.

use crate::support::{said, session};
use env::Env;
use env::memory::MemoryEnv;
use session::Session;

/// So many rows are sorted by several tasks, too.
const ROWS: usize = 70_000;

/// Everybody helps with everything, or nobody does.
fn help(session: &mut Session, helps: bool) {
    let most = if helps { 8 } else { 0 };
    let text = format!(
        "set hornbeam.result_cache = off; set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set max_parallel_workers_per_gather = {most}"
    );
    assert_eq!(said(session, &text), ["SET", "SET", "SET", "SET"]);
}

fn filled() -> Session {
    let mut session = session();
    let made = said(
        &mut session,
        &format!(
            "create table t (id int primary key, a int, b text, c numeric, d float8);
             insert into t select i, nullif(i * 7919 % 1009, 0), 'text ' || i * 31 % 5003, i * 37 % 1000 / 8.0, i % 3 * 1.1
               from generate_series(1, {ROWS}) i;
             create table u (a int primary key, name text);
             insert into u select i, 'name ' || i % 9 from generate_series(1, 900) i;
             analyze t, u"
        ),
    );
    assert_eq!(made, ["CREATE TABLE", "INSERT 0 70000", "CREATE TABLE", "INSERT 0 900", "ANALYZE"]);
    session
}

#[test]
fn rows_and_their_order_are_those_that_one_task_finds() {
    let mut session = filled();
    let queries = [
        "select a, count(*), sum(c), min(b), max(id), array_agg(id) from t where id % 5 < 3 group by a",
        "select b, a is null, count(*) from t group by 1, 2",
        "select a % 3, b, count(distinct c), grouping(b) from t where id < 3000 group by rollup (a % 3, b)",
        "select count(distinct b), string_agg(b, ',' order by id desc) filter (where id % 9000 = 0), max(d) from t",
        "select distinct a % 50, b like '%7' from t",
        "select u.name, count(*), avg(t.c) from t join u on u.a = t.a group by u.name",
        "select count(*), count(u.a), min(t.id) from t left join u on u.a = t.a and u.name > 'name 4' where t.id > 100",
        "select id, a from t order by a, id",
        "select id from t order by a desc nulls last, id desc",
        "select id from t order by b, id desc",
        "select id, b from t order by c, b desc nulls first, d",
        "select id, a from t order by a nulls first limit 40",
        "select id from (select id, row_number() over (partition by a order by c desc, id) as n from t) q where n = 2",
    ];
    for work_mem in ["4MB", "64MB"] {
        assert_eq!(said(&mut session, &format!("set work_mem = '{work_mem}'")), ["SET"]);
        for query in queries {
            help(&mut session, false);
            let alone = said(&mut session, query);
            assert!(alone.len() > 2, "{query}: {alone:?}");
            help(&mut session, true);
            let together = said(&mut session, query);
            let differs = alone.iter().zip(&together).position(|(one, other)| one != other);
            let lines = (alone.len(), together.len(), differs.map(|line| (&alone[line], &together[line])));
            assert!(together == alone, "{query} with {work_mem}: {lines:?}");
        }
    }
}

/// How often the table was gone through: each task counts.
fn scans(session: &mut Session) -> usize {
    said(session, "select pg_stat_force_next_flush()");
    let told = said(session, "select seq_scan from pg_stat_user_tables where relname = 't'");
    told[1].parse().unwrap()
}

#[test]
fn as_many_tasks_work_as_the_machine_and_the_settings_have() {
    let mut session = filled();
    let tasks = MemoryEnv::new().parallelism();
    let took = |session: &mut Session, query: &str| {
        let before = scans(session);
        let told = said(session, query);
        assert_eq!(told.last().unwrap(), "SELECT 1", "{told:?}");
        scans(session) - before
    };
    let query = "select sum(a) from t";
    help(&mut session, true);
    assert_eq!(took(&mut session, query), tasks.min(9));
    assert_eq!(said(&mut session, "set max_parallel_workers_per_gather = 1"), ["SET"]);
    assert_eq!(took(&mut session, query), tasks.min(2));
    // Nobody helps who is not needed, may not, or does not know.
    for (set, query) in [
        ("set max_parallel_workers = 0", query),
        ("reset max_parallel_workers", "select sum(a + random()) > 0 from t"),
        ("reset max_parallel_workers", "select count(current_user) from t"),
        ("reset max_parallel_workers", "select sum(a + (select count(*) from u)) from t"),
        ("set parallel_setup_cost = 1e9", query),
        ("reset parallel_setup_cost; set min_parallel_table_scan_size = '1GB'", query),
    ] {
        said(&mut session, set);
        assert_eq!(took(&mut session, query), 1, "{set}: {query}");
    }
}

#[test]
fn a_helper_s_error_is_the_statement_s_and_the_first_row_s_comes_first() {
    let mut session = filled();
    help(&mut session, true);
    let query = format!("select sum(1 / (id - {ROWS})) from t");
    assert_eq!(said(&mut session, &query), ["sum", "22012 division by zero"]);
    let query = format!("select sum(1 / (id - {ROWS})), max(('x' || id)::int) from t where id > 1");
    assert_eq!(
        said(&mut session, &query),
        ["sum|max", "22P02 invalid input syntax for type integer: \"x2\""]
    );
    let query = format!("select max(case when id = {ROWS} then b::int else id end) from t");
    let told = said(&mut session, &query);
    assert!(told[1].starts_with("22P02 invalid input syntax for type integer: \"text "), "{told:?}");
    assert_eq!(said(&mut session, "select count(a) from t"), ["count", "69931", "SELECT 1"]);
}

/// What is told to stop has stopped when the statement is over: the next one has as many helpers.
#[test]
fn no_helper_outlives_its_statement() {
    let mut session = filled();
    let tasks = MemoryEnv::new().parallelism();
    help(&mut session, true);
    assert_eq!(said(&mut session, "set statement_timeout = '5ms'"), ["SET"]);
    let told = said(&mut session, "select sum(length(repeat(b, 2000) || id)) from t");
    assert_eq!(told[1], "57014 canceling statement due to statement timeout");
    assert_eq!(said(&mut session, "set statement_timeout = 0"), ["SET"]);
    let before = scans(&mut session);
    let sums = said(&mut session, "select sum(d), stddev(d) from t");
    assert_eq!(scans(&mut session) - before, tasks.min(9));
    for ended in ["select distinct b from t limit 1", "select sum(1 / (id - 10)) from t"] {
        said(&mut session, ended);
        let text = "begin; declare c cursor for select distinct b from t; fetch 2 from c; close c; commit";
        assert_eq!(said(&mut session, text).last().unwrap(), "COMMIT");
        let before = scans(&mut session);
        // The sums of floating-point numbers are the same as often as they are asked for.
        assert_eq!(said(&mut session, "select sum(d), stddev(d) from t"), sums);
        assert_eq!(scans(&mut session) - before, tasks.min(9), "{ended}");
    }
}
