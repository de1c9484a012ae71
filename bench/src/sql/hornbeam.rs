//! Hornbeam through its sessions.

use super::WORK_MEM;
use super::database::{Answer, Cell, Database, Dialect, Rows, Table};
use super::oltp::{Oltp, Parameter};
use crate::engine::Outcome;
use env::real::RealEnv;
use session::client::{Client, ClientGone, CopyBroken, Report, ResultColumn, ValueFormat};
use session::{Engine, Session, Statement};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Store, StoreOptions};
use types::vector::{CHUNK_ROWS, Chunk, VectorBuilder};
use types::{Item, Numeric, Value};

/// An open database and a session on it.
pub struct Hornbeam {
    engine: Engine,
    session: Session,
    statements: Vec<Statement>,
    values: Vec<Value>,
}

/// Every query is computed each time.
const RESULTS_NOT_KEPT: &str = "set hornbeam.result_cache = off";
/// Every result that is small enough is kept.
const RESULTS_KEPT: &str = "set hornbeam.result_cache = on; set hornbeam.result_cache_above_cost = 0";
/// Rows between two commits while a table is filled.
const LOADED_TOGETHER: usize = 1_000_000;
/// Days from 1970 to 2000, where PostgreSQL counts from.
const EPOCH_DAYS: i32 = 10_957;

impl Hornbeam {
    pub fn open(directory: &Path, cache_bytes: usize) -> Outcome<Hornbeam> {
        let options = StoreOptions { cache_bytes, ..StoreOptions::default() };
        let env = Arc::new(RealEnv::new());
        let store = Store::open(env.clone(), &directory.join("hornbeam.db"), options)?;
        let engine = Engine::new(env, store)?;
        let session = Session::new(&engine)?;
        let mut database = Hornbeam { engine, session, statements: Vec::new(), values: Vec::new() };
        database.execute(WORK_MEM)?;
        database.execute(RESULTS_NOT_KEPT)?;
        Ok(database)
    }

    /// Statistics, and a checkpoint, as SQLite makes one of its log.
    fn settled(&mut self) -> Outcome<()> {
        self.execute("analyze")?;
        self.execute("checkpoint")
    }

    fn execute(&mut self, text: &str) -> Outcome<()> {
        self.session.execute(text, &mut Count::default()).map_err(told)
    }
}

/// A client whose data are copied in, in pieces that somebody makes.
struct Copied<'c> {
    more: &'c mut dyn FnMut(&mut Vec<u8>),
}

impl Client for Copied<'_> {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn rows(&mut self, _: &Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        let before = bytes.len();
        (self.more)(bytes);
        Ok(bytes.len() > before)
    }
}

impl Hornbeam {
    /// Copies data in; `more` appends some of them, and nothing at the end.
    pub fn copy(&mut self, text: &str, more: &mut dyn FnMut(&mut Vec<u8>)) -> Outcome<()> {
        self.session.execute(text, &mut Copied { more }).map_err(told)
    }

    /// Appends rows to a table as a program does by itself, in one transaction.
    pub fn append<'p, const COLUMNS: usize>(
        &mut self,
        table: &str,
        rows: i64,
        row: &dyn Fn(i64) -> [Parameter<'p>; COLUMNS],
    ) -> Outcome<()> {
        self.execute("begin")?;
        let mut append = self.session.begin_append(None, table, &[]).map_err(told)?;
        let mut next = 0;
        while next < rows {
            let end = rows.min(next + CHUNK_ROWS as i64);
            let count = (end - next) as usize;
            let kinds = append.kinds().iter();
            let mut builders: Vec<VectorBuilder> =
                kinds.map(|kind| VectorBuilder::new(*kind, count)).collect();
            for number in next..end {
                for (builder, parameter) in builders.iter_mut().zip(row(number)) {
                    builder.push(&parameter.value())?;
                }
            }
            let columns = builders.into_iter().map(VectorBuilder::finish).collect();
            self.session.append(&mut append, columns, count).map_err(told)?;
            next = end;
        }
        self.execute("commit")
    }
}

impl Parameter<'_> {
    fn value(&self) -> Value {
        match self {
            Parameter::Int(value) => Value::Int32(*value as i32), // keys are small
            Parameter::Text(text) => Value::text(text),
        }
    }
}

fn told(report: Box<Report>) -> Box<dyn std::error::Error + Send + Sync> {
    report.to_string().into()
}

/// A client that counts rows and looks at every value.
#[derive(Default)]
struct Count {
    rows: u64,
}

impl Client for Count {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn rows(&mut self, chunk: &Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        for column in chunk.columns() {
            for row in 0..chunk.len() {
                std::hint::black_box(column.item(row));
            }
        }
        self.rows += chunk.len() as u64;
        Ok(())
    }

    fn single_row(&mut self, items: &[Item<'_>], _: &mut dyn ValueFormat) -> Option<Result<(), ClientGone>> {
        for item in items {
            std::hint::black_box(item);
        }
        self.rows += 1;
        Some(Ok(()))
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}
}

/// A client that keeps rows as texts.
#[derive(Default)]
struct Keep {
    rows: Answer,
    columns: usize,
}

impl Client for Keep {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.columns = columns.len();
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        for row in 0..chunk.len() {
            let place = chunk.selection().map_or(row, |chosen| chosen[row] as usize);
            let texts = (0..self.columns).map(|column| {
                if chunk.column(column).is_null(place) {
                    return None;
                }
                let mut text = String::new();
                format.text(column, place, &mut text);
                Some(text)
            });
            self.rows.push(texts.collect());
        }
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Int(value) => Value::Int32(*value as i32), // as the generators make them
        Cell::Cents(value) => Value::Numeric(Numeric::from_mantissa(*value, 2)),
        Cell::Date(days) => Value::Int32(days - EPOCH_DAYS),
        Cell::Text(text) => Value::text(text),
    }
}

impl Database for Hornbeam {
    fn name(&self) -> &'static str {
        "hornbeam"
    }

    fn load(&mut self, table: &Table, rows: Rows<'_>) -> Outcome<()> {
        self.execute(&table.create(Dialect::Postgres))?;
        let places: Vec<String> = (1..=table.columns.len()).map(|place| format!("${place}")).collect();
        let text = format!("insert into {} values ({})", table.name, places.join(", "));
        let insert = self.session.make_statement(&text, &[]).map_err(told)?;
        self.execute("begin")?;
        for (at, row) in rows.enumerate() {
            self.values.clear();
            self.values.extend(row.iter().map(value));
            self.session.run_prepared(&insert, &self.values, &mut Count::default()).map_err(told)?;
            if (at + 1) % LOADED_TOGETHER == 0 {
                self.execute("commit")?;
                self.execute("begin")?;
            }
        }
        self.execute("commit")?;
        table.create_indexes().iter().try_for_each(|index| self.execute(index))
    }

    fn settle(&mut self) -> Outcome<()> {
        self.settled()
    }

    fn ask(&mut self, query: &str) -> Outcome<(Duration, Answer)> {
        let began = Instant::now();
        let mut client = Keep::default();
        self.session.execute(query, &mut client).map_err(told)?;
        Ok((began.elapsed(), client.rows))
    }

    /// The question is asked once to have its result kept, whatever it costs, and again; one that is too large is not kept.
    fn ask_kept(&mut self, query: &str) -> Outcome<Option<(Duration, Answer)>> {
        self.execute(RESULTS_KEPT)?;
        let first = self.ask(query);
        let found = self.engine.kept_results().found;
        let again = first.and_then(|_| self.ask(query));
        let was_kept = self.engine.kept_results().found > found;
        self.execute(RESULTS_NOT_KEPT)?;
        Ok(Some(again?).filter(|_| was_kept))
    }
}

impl Oltp for Hornbeam {
    fn execute(&mut self, text: &str) -> Outcome<()> {
        Hornbeam::execute(self, text)
    }

    fn settle(&mut self) -> Outcome<()> {
        self.settled()
    }

    fn prepare(&mut self, text: &str) -> Outcome<usize> {
        self.statements.push(self.session.make_statement(text, &[]).map_err(told)?);
        Ok(self.statements.len() - 1)
    }

    fn run(&mut self, statement: usize, parameters: &[Parameter<'_>]) -> Outcome<u64> {
        self.values.clear();
        self.values.extend(parameters.iter().map(Parameter::value));
        let mut client = Count::default();
        let statement = &self.statements[statement];
        self.session.run_prepared(statement, &self.values, &mut client).map_err(told)?;
        Ok(client.rows)
    }
}
