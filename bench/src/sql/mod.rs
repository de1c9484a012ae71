//! The SQL benchmark: short statements and filling a table beside SQLite, an analytic batch and TPC-H beside SQLite, DuckDB and PostgreSQL.
//!
//! Everybody gets the same rows and the same queries, in the same run on the same machine. A query is asked several times,
//! the databases by turns, and the fastest time counts: what disturbs the machine only ever adds. All answers are compared.

mod analytic;
mod bulk;
mod compare;
mod database;
mod hornbeam;
mod oltp;
mod outside;
mod report;
mod sqlite;
mod tpch;

use crate::SqlArguments;
use crate::engine::Outcome;
use database::{Answer, Database, Table};
use report::{Line, OTHERS, kept_table, table};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Memory for sorting, grouping and joining, of those who know the setting; the others take what they like.
const WORK_MEM: &str = "set work_mem = '256MB'";
/// Memory for pages, of whoever can be told.
const CACHE: usize = 2 << 30;

/// What all parts share.
pub struct SqlBenchmark<'a> {
    pub arguments: &'a SqlArguments,
    root: PathBuf,
    lines: Vec<Line>,
}

/// A query and its name.
pub struct Query {
    pub name: String,
    pub text: String,
}

/// Measures everything and returns the table as text.
pub fn run(arguments: &SqlArguments) -> Outcome<String> {
    let parent = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::tempdir_in(&parent)?;
    let mut benchmark = SqlBenchmark { arguments, root: directory.path().to_path_buf(), lines: Vec::new() };
    let wanted = |name: &str| arguments.part.as_ref().is_none_or(|wanted| wanted == name);
    if wanted("oltp") {
        oltp::run(&mut benchmark)?;
    }
    if wanted("bulk") {
        bulk::run(&mut benchmark)?;
    }
    if wanted("analytic") {
        analytic::run(&mut benchmark)?;
    }
    if wanted("tpch") {
        tpch::run(&mut benchmark)?;
    }
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let rows = crate::report::number(arguments.rows as f64);
    let head = format!("{rows} rows, TPC-H at {}; {cores} cores; results are not cached", arguments.scale);
    let mut told = format!("{head}\n{}", table(&benchmark.lines));
    if let Some(kept) = kept_table(&benchmark.lines) {
        write!(told, "\n\nthe same questions asked again, with the result cache on\n{kept}")?;
    }
    Ok(told)
}

impl SqlBenchmark<'_> {
    pub fn wanted(&self, work: &str) -> bool {
        self.arguments.only.as_ref().is_none_or(|only| work.contains(only.as_str()))
    }

    /// Notes a line that has been measured.
    pub fn report(&mut self, line: Line) {
        eprintln!("{line}");
        self.lines.push(line);
    }

    /// A new directory.
    pub fn directory(&self, name: &str) -> Outcome<PathBuf> {
        let directory = self.root.join(name);
        std::fs::create_dir_all(&directory)?;
        Ok(directory)
    }

    /// All databases that are there: ours first, then [`OTHERS`].
    fn databases(&self, name: &str) -> Outcome<Vec<Option<Box<dyn Database>>>> {
        let directory = self.directory(name)?;
        let asked = |name: &str| self.arguments.against.iter().any(|one| one.eq_ignore_ascii_case(name));
        let mut all: Vec<Option<Box<dyn Database>>> =
            vec![Some(Box::new(hornbeam::Hornbeam::open(&directory, CACHE)?))];
        all.push(match asked("sqlite") {
            true => Some(Box::new(sqlite::Sqlite::open(&directory, CACHE)?)),
            false => None,
        });
        let duck = asked("duckdb").then(|| outside::DuckDb::start(&self.arguments.python, &directory));
        all.push(duck.flatten().map(|duck| Box::new(duck) as Box<dyn Database>));
        let postgres = self.arguments.postgres.as_ref().filter(|_| asked("postgresql"));
        let postgres = postgres.map(|connection| outside::Postgres::start(connection, &directory));
        all.push(postgres.transpose()?.map(|postgres| Box::new(postgres) as Box<dyn Database>));
        Ok(all)
    }

    /// Fills a table everywhere, each time with the same rows.
    fn load(
        databases: &mut [Option<Box<dyn Database>>],
        table: &Table,
        rows: &dyn Fn() -> Box<dyn Iterator<Item = Vec<database::Cell>>>,
    ) -> Outcome<()> {
        for database in databases.iter_mut().flatten() {
            let began = std::time::Instant::now();
            database.load(table, &mut *rows())?;
            eprintln!("{}: {} loaded in {:.2} s", database.name(), table.name, began.elapsed().as_secs_f64());
        }
        Ok(())
    }

    /// Asks every database every query, and notes the lines.
    fn queries(
        &mut self,
        databases: &mut [Option<Box<dyn Database>>],
        queries: impl Iterator<Item = Query>,
    ) -> Outcome<()> {
        for query in queries {
            if !self.wanted(&query.name) {
                continue;
            }
            let mut best: Vec<Option<Duration>> = vec![None; databases.len()];
            let mut answers: Vec<Option<Answer>> = vec![None; databases.len()];
            let mut note = Vec::new();
            for round in 0..self.arguments.rounds.max(1) {
                for (place, database) in databases.iter_mut().enumerate() {
                    let Some(database) = database else { continue };
                    // Whoever takes very long is asked once.
                    let slow = best[place].is_some_and(|best| best > Duration::from_secs(20));
                    if round > 0 && (answers[place].is_none() || slow) {
                        continue;
                    }
                    match database.ask(&query.text) {
                        Ok((took, answer)) => {
                            best[place] = Some(best[place].map_or(took, |best| best.min(took)));
                            answers[place] = Some(answer);
                        }
                        Err(error) => note.push(format!("{}: {error}", database.name())),
                    }
                }
            }
            if let Some(ours) = &answers[0] {
                for (name, theirs) in OTHERS.iter().zip(&answers[1..]) {
                    let differs = theirs.as_ref().and_then(|theirs| compare::difference(ours, theirs));
                    note.extend(differs.map(|differs| format!("differs from {name}: {differs}")));
                }
            }
            let kept = match &answers[0] {
                Some(ours) => ask_kept(databases, &query, ours, &mut note),
                None => None,
            };
            let seconds: Vec<Option<f64>> =
                best.iter().map(|best| best.map(|best| best.as_secs_f64())).collect();
            let ratio = |theirs: f64| (theirs, seconds[0].map_or(0.0, |ours| theirs / ours));
            let others = seconds[1..].iter().map(|theirs| theirs.map(ratio)).collect();
            self.report(Line { work: query.name, ours: seconds[0], others, kept, note: note.join("; ") });
        }
        Ok(())
    }
}

/// How many seconds the question takes us when its result has been kept, which must be `ours`.
fn ask_kept(
    databases: &mut [Option<Box<dyn Database>>],
    query: &Query,
    ours: &Answer,
    note: &mut Vec<String>,
) -> Option<f64> {
    match databases[0].as_mut()?.ask_kept(&query.text) {
        Ok(kept) => kept.map(|(took, answer)| {
            note.extend(
                compare::difference(ours, &answer).map(|differs| format!("kept otherwise: {differs}")),
            );
            took.as_secs_f64()
        }),
        Err(error) => {
            note.push(format!("asked again: {error}"));
            None
        }
    }
}
