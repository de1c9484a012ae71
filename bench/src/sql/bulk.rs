//! A table filled in one transaction, in each of the ways there are, beside SQLite's prepared statement and its own
//! `INSERT … SELECT`.

use super::SqlBenchmark;
use super::hornbeam::Hornbeam;
use super::oltp::{Oltp, Parameter};
use super::report::Line;
use super::sqlite::Sqlite;
use crate::engine::Outcome;
use std::time::Instant;

/// Memory for pages: everything fits.
const CACHE: usize = 1 << 30;
const TABLE: &str = "create table account (id integer primary key, branch integer not null, \
     owner text not null, balance integer not null)";
const INSERT: &str = "insert into account values ($1, $2, $3, $4)";
const OWNER: &str = "the owner of an account";

/// How it is filled.
#[derive(Clone, Copy)]
enum Way {
    Prepared,
    Select,
    Copy,
    Append,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Prepared, "prepared INSERT of a row"),
    (Way::Select, "INSERT … SELECT"),
    (Way::Copy, "COPY of text, against prepared INSERT"),
    (Way::Append, "appender, against prepared INSERT"),
];

/// Measures all lines.
pub fn run(benchmark: &mut SqlBenchmark<'_>) -> Outcome<()> {
    let rows = i64::try_from(benchmark.arguments.rows)?;
    for (way, name) in WAYS {
        let work = format!("bulk: {name}");
        if !benchmark.wanted(&work) {
            continue;
        }
        let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
        for round in 0..benchmark.arguments.rounds.max(1) {
            let directory = benchmark.directory(&format!("bulk-{}-{round}", way as u8))?;
            theirs = theirs.min(fill_sqlite(Sqlite::open(&directory, CACHE)?, way, rows)?);
            ours = ours.min(fill(Hornbeam::open(&directory, CACHE)?, way, rows)?);
            std::fs::remove_dir_all(&directory)?;
        }
        let others = vec![Some((theirs, theirs / ours)), None, None];
        benchmark.report(Line { work, ours: Some(ours), others, kept: None, note: String::new() });
    }
    Ok(())
}

/// Fills a table with Hornbeam; answers in how many seconds.
fn fill(mut database: Hornbeam, way: Way, rows: i64) -> Outcome<f64> {
    Oltp::execute(&mut database, TABLE)?;
    let began = Instant::now();
    match way {
        Way::Prepared => insert_all(&mut database, rows)?,
        Way::Select => Oltp::execute(
            &mut database,
            &format!(
                "insert into account select i, i / 10, '{OWNER}', i % 1000 from generate_series(0, {rows} - 1) i"
            ),
        )?,
        Way::Copy => database.copy("copy account from stdin", &mut lines(rows))?,
        Way::Append => database.append("account", rows, &|row| {
            [
                Parameter::Int(row),
                Parameter::Int(row / 10),
                Parameter::Text(OWNER),
                Parameter::Int(row % 1000),
            ]
        })?,
    }
    let seconds = began.elapsed().as_secs_f64();
    filled(&mut database, rows)?;
    Ok(seconds)
}

/// The same with SQLite, in the nearest way it has.
fn fill_sqlite(mut database: Sqlite, way: Way, rows: i64) -> Outcome<f64> {
    Oltp::execute(&mut database, TABLE)?;
    let began = Instant::now();
    match way {
        Way::Prepared | Way::Copy | Way::Append => insert_all(&mut database, rows)?,
        Way::Select => Oltp::execute(
            &mut database,
            &format!(
                "with recursive s (i) as (select 0 union all select i + 1 from s where i < {rows} - 1) \
                 insert into account select i, i / 10, '{OWNER}', i % 1000 from s"
            ),
        )?,
    }
    let seconds = began.elapsed().as_secs_f64();
    filled(&mut database, rows)?;
    Ok(seconds)
}

/// Looks whether all rows are there.
fn filled(database: &mut dyn Oltp, rows: i64) -> Outcome<()> {
    let all = database.prepare("select id from account")?;
    let found = database.run(all, &[])?;
    if i64::try_from(found) == Ok(rows) {
        return Ok(());
    }
    Err(format!("{rows} rows were to be filled in, and {found} are there").into())
}

fn insert_all(database: &mut dyn Oltp, rows: i64) -> Outcome<()> {
    let insert = database.prepare(INSERT)?;
    database.execute("begin")?;
    for row in 0..rows {
        let values = [
            Parameter::Int(row),
            Parameter::Int(row / 10),
            Parameter::Text(OWNER),
            Parameter::Int(row % 1000),
        ];
        database.run(insert, &values)?;
    }
    database.execute("commit")
}

/// The rows as COPY reads them, some thousand at a time; empty at the end.
fn lines(rows: i64) -> impl FnMut(&mut Vec<u8>) {
    let mut next = 0;
    move |bytes| {
        use std::io::Write;
        let end = rows.min(next + 4096);
        for row in next..end {
            // Writing to memory does not fail.
            let _ = writeln!(bytes, "{row}\t{}\t{OWNER}\t{}", row / 10, row % 1000);
        }
        next = end;
    }
}
