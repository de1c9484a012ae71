//! Short statements in process, prepared once: Hornbeam beside SQLite, durability on for both.

use super::SqlBenchmark;
use super::hornbeam::Hornbeam;
use super::report::Line;
use super::sqlite::Sqlite;
use crate::engine::Outcome;
use crate::measure::{Keys, median};
use std::time::{Duration, Instant};

/// A parameter.
pub enum Parameter<'p> {
    Int(i64),
    Text(&'p str),
}

/// A database that runs prepared statements.
pub trait Oltp {
    fn execute(&mut self, text: &str) -> Outcome<()>;
    /// Has it look at what it was given: statistics.
    fn settle(&mut self) -> Outcome<()>;
    /// Prepares a statement, and answers its number.
    fn prepare(&mut self, text: &str) -> Outcome<usize>;
    /// Runs a prepared statement to its end; answers how many rows came.
    fn run(&mut self, statement: usize, parameters: &[Parameter<'_>]) -> Outcome<u64>;
}

/// Rounds in which both take turns.
const ROUNDS: usize = 5;
/// Statements of a batch.
const BATCH: u64 = 1000;
/// Rows of a range, and rows with the same `branch`.
const RANGE: i64 = 100;
const BRANCH_ROWS: i64 = 10;
/// Memory for pages: everything fits.
const CACHE: usize = 1 << 30;

/// The table, its index, and the statements, by the names of the lines.
const TABLE: &str = "create table account (id integer primary key, branch integer not null, \
     owner text not null, balance integer not null)";
const INDEX: &str = "create index account_branch on account (branch)";
const STATEMENTS: [(&str, &str); 7] = [
    ("point select", "select owner, balance from account where id = $1"),
    ("range select of 100", "select id, balance from account where id >= $1 and id < $2 order by id"),
    ("secondary index select of 10", "select id, owner from account where branch = $1"),
    ("insert", "insert into account values ($1, $2, $3, $4)"),
    ("update", "update account set balance = balance + $2 where id = $1"),
    ("delete", "delete from account where id = $1"),
    (
        "upsert",
        "insert into account values ($1, $2, $3, $4) \
         on conflict (id) do update set balance = account.balance + excluded.balance",
    ),
];
/// The place of `insert` and `delete` among them.
const INSERT: usize = 3;
const DELETE: usize = 5;
const UPSERT: usize = 6;

/// One database while it is measured.
struct Side {
    database: Box<dyn Oltp>,
    statements: Vec<usize>,
    keys: Keys,
    rows: i64,
    /// Rows that were inserted beside the loaded ones: from where to where.
    extra: std::ops::Range<i64>,
}

impl Side {
    /// Loads `rows` rows.
    fn new(mut database: Box<dyn Oltp>, rows: i64) -> Outcome<Side> {
        database.execute(TABLE)?;
        let statements: Outcome<Vec<usize>> =
            STATEMENTS.iter().map(|(_, text)| database.prepare(text)).collect();
        let keys = Keys::new(1, rows.unsigned_abs());
        let mut side = Side { database, statements: statements?, keys, rows, extra: rows..rows };
        side.database.execute("begin")?;
        (0..rows).try_for_each(|id| side.insert(INSERT, id))?;
        side.database.execute("commit")?;
        side.database.execute(INDEX)?;
        side.database.settle()?;
        Ok(side)
    }

    fn insert(&mut self, statement: usize, id: i64) -> Outcome<()> {
        let owner = "the owner of an account";
        let parameters = [
            Parameter::Int(id),
            Parameter::Int(id / BRANCH_ROWS),
            Parameter::Text(owner),
            Parameter::Int(id % 1000),
        ];
        self.database.run(self.statements[statement], &parameters).map(drop)
    }

    /// Runs a statement once, with parameters that fit it.
    fn once(&mut self, statement: usize) -> Outcome<()> {
        let key = self.keys.next() as i64;
        let number = self.statements[statement];
        let (parameters, expected): (&[i64], u64) = match statement {
            0 => (&[key], 1),
            1 => {
                let from = key.min(self.rows - RANGE);
                (&[from, from + RANGE], RANGE as u64)
            }
            2 => (&[(key / BRANCH_ROWS).min(self.rows / BRANCH_ROWS - 1)], BRANCH_ROWS as u64),
            INSERT => {
                self.extra.end += 1;
                return self.insert(INSERT, self.extra.end - 1);
            }
            DELETE => {
                // What was inserted goes; when nothing is left, rows are made outside of what is measured.
                self.extra.start += 1;
                (&[self.extra.start - 1], 0)
            }
            UPSERT => return self.insert(UPSERT, key),
            _ => (&[key, 1], 0),
        };
        let mut bound = [Parameter::Int(0), Parameter::Int(0)];
        for (place, value) in bound.iter_mut().zip(parameters) {
            *place = Parameter::Int(*value);
        }
        let found = self.database.run(number, &bound[..parameters.len()])?;
        if found == expected { Ok(()) } else { Err(format!("{found} rows instead of {expected}").into()) }
    }

    /// Statements per second for about `time`.
    fn rate(&mut self, statement: usize, batched: bool, time: Duration) -> Outcome<f64> {
        if statement == DELETE {
            self.provide(200_000)?;
        }
        let began = Instant::now();
        let mut done = 0u64;
        while began.elapsed() < time && !(statement == DELETE && self.extra.end - self.extra.start < 2000) {
            if batched {
                self.database.execute("begin")?;
                (0..BATCH).try_for_each(|_| self.once(statement))?;
                self.database.execute("commit")?;
                done += BATCH;
            } else {
                (0..10).try_for_each(|_| self.once(statement))?;
                done += 10;
            }
        }
        Ok(done as f64 / began.elapsed().as_secs_f64())
    }

    /// Sees to it that there are rows to be deleted.
    fn provide(&mut self, rows: i64) -> Outcome<()> {
        self.database.execute("begin")?;
        while self.extra.end - self.extra.start < rows {
            self.extra.end += 1;
            self.insert(INSERT, self.extra.end - 1)?;
        }
        self.database.execute("commit")
    }
}

/// Measures all lines.
pub fn run(benchmark: &mut SqlBenchmark<'_>) -> Outcome<()> {
    let rows = benchmark.arguments.rows.clamp(1000, 1_000_000) as i64 / BRANCH_ROWS * BRANCH_ROWS;
    let directory = benchmark.directory("oltp")?;
    let mut sides = [
        Side::new(Box::new(Hornbeam::open(&directory, CACHE)?), rows)?,
        Side::new(Box::new(Sqlite::open(&directory, CACHE)?), rows)?,
    ];
    let time = Duration::from_secs_f64(benchmark.arguments.seconds / ROUNDS as f64);
    for batched in [false, true] {
        for (statement, (name, _)) in STATEMENTS.iter().enumerate() {
            let work = format!("{name}, {}", if batched { "1,000 in a transaction" } else { "single" });
            if !benchmark.wanted(&work) {
                continue;
            }
            let mut rounds = [Vec::new(), Vec::new()];
            for round in 0..ROUNDS {
                for turn in 0..2 {
                    let side = (round + turn) % 2;
                    rounds[side].push(sides[side].rate(statement, batched, time)?);
                }
            }
            // Times of a statement, as in the other lines; from the rounds' ratios.
            let ratio =
                median(rounds[0].iter().zip(&rounds[1]).map(|(ours, theirs)| ours / theirs).collect());
            let [ours, theirs] = rounds.map(|rates| median(rates).map(|rate| 1.0 / rate));
            let (Some(ours), Some(theirs), Some(ratio)) = (ours, theirs, ratio) else { continue };
            benchmark.report(Line {
                work,
                ours: Some(ours),
                others: vec![Some((theirs, ratio)), None, None],
                kept: None,
                note: String::new(),
            });
        }
    }
    Ok(())
}
