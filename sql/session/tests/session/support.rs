//! A client that writes down what it is told.

use env::memory::MemoryEnv;
use session::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use session::{Engine, Session};
use std::sync::Arc;
use store::{Store, StoreOptions};
use types::vector::Chunk;

/// What a client was told, a line each.
#[derive(Default)]
pub struct Told(pub Vec<String>);

impl Client for Told {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.0.push(columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("|"));
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        for place in 0..chunk.len() {
            let row = chunk.selection().map_or(place, |rows| rows[place] as usize);
            let mut line = String::new();
            for column in 0..chunk.columns().len() {
                if column > 0 {
                    line.push('|');
                }
                if !chunk.column(column).is_null(row) {
                    format.text(column, row, &mut line);
                }
            }
            self.0.push(line);
        }
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        self.0.push(tag.to_owned());
    }

    fn notice(&mut self, report: Report) {
        self.0.push(report.to_string());
    }

    fn empty(&mut self) {
        self.0.push("(empty)".to_owned());
    }
}

/// A new database.
pub fn engine() -> Engine {
    let env: Arc<dyn env::Env> = Arc::new(MemoryEnv::new());
    let store = Store::open(env.clone(), "memory.db".as_ref(), StoreOptions::default()).expect("a store");
    Engine::new(env, store).expect("an engine")
}

/// A session on a new database.
pub fn session() -> Session {
    Session::new(&engine()).expect("a session")
}

/// What it says to a text, a line each.
pub fn said(session: &mut Session, text: &str) -> Vec<String> {
    let mut told = Told::default();
    if let Err(report) = session.execute(text, &mut told) {
        told.0.push(format!("{} {}", report.sqlstate.code(), report.message));
    }
    told.0
}
