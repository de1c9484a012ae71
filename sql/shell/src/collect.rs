//! A client that keeps what it is told.

use crate::data::Following;
use display::{Column, Content, Table};
use session::client::{Client, ClientGone, CopyBroken, CopyShape, Report, ResultColumn, ValueFormat};
use types::catalog::oid;
use types::vector::Chunk;

/// One thing that a client was told.
#[derive(Debug)]
pub enum Event {
    /// Rows.
    Rows(Table, Vec<ResultColumn>),
    /// Rows that are copied out, as they are.
    Copied(Vec<u8>),
    /// A statement is done.
    Complete(String),
    /// A notice.
    Notice(Report),
}

/// Keeps everything, in order.
#[derive(Debug, Default)]
pub struct Collect<'t> {
    /// What it was told.
    pub events: Vec<Event>,
    /// What follows the statement in its script: the data of `COPY … FROM STDIN`.
    pub following: Following<'t>,
}

impl<'t> Collect<'t> {
    /// For a statement that this text follows.
    pub fn with_data(following: &'t str) -> Collect<'t> {
        Collect { events: Vec::new(), following: Following::new(following) }
    }

    /// Forgets the result that had begun when its statement failed, as psql does.
    pub fn forget_unfinished(&mut self) {
        let last = self.events.iter().rposition(|event| !matches!(event, Event::Notice(_)));
        if let Some(last) = last
            && matches!(self.events[last], Event::Rows(..))
        {
            self.events.remove(last);
        }
    }

    /// The rows of the last result.
    pub fn rows(&self) -> &[Vec<Option<String>>] {
        let last = self.events.iter().rev().find_map(|event| match event {
            Event::Rows(table, _) => Some(table.rows.as_slice()),
            Event::Complete(_) | Event::Notice(_) | Event::Copied(_) => None,
        });
        last.unwrap_or_default()
    }
}

impl Client for Collect<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        let shown = columns
            .iter()
            .map(|column| Column { name: column.name.clone(), content: content(column.column_type.oid) })
            .collect();
        let table = Table { title: None, columns: shown, rows: Vec::new() };
        self.events.push(Event::Rows(table, columns.to_vec()));
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        let Some(Event::Rows(table, _)) = self.events.last_mut() else { return Ok(()) };
        let all: Vec<u32>;
        let rows: &[u32] = match chunk.selection() {
            Some(rows) => rows,
            None => {
                all = (0..u32::try_from(chunk.rows()).unwrap_or(u32::MAX)).collect();
                &all
            }
        };
        for row in rows {
            let row = *row as usize;
            let mut values = Vec::with_capacity(table.columns.len());
            for column in 0..table.columns.len() {
                values.push(if chunk.column(column).is_null(row) {
                    None
                } else {
                    let mut text = String::new();
                    format.text(column, row, &mut text);
                    Some(text)
                });
            }
            table.rows.push(values);
        }
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        self.events.push(Event::Complete(tag.to_owned()));
    }

    fn notice(&mut self, report: Report) {
        // psql shows it at once, and the rows of a result when all have come.
        let unfinished = matches!(self.events.last(), Some(Event::Rows(..)));
        let place = self.events.len() - usize::from(unfinished);
        self.events.insert(place, Event::Notice(report));
    }

    fn copy_in(&mut self, _: CopyShape) {
        self.following.begin();
    }

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        Ok(self.following.read(bytes))
    }

    fn copy_out(&mut self, _: CopyShape) {
        self.events.push(Event::Copied(Vec::new()));
    }

    fn copy_write(&mut self, bytes: &[u8], _: &[usize]) -> Result<(), ClientGone> {
        if let Some(Event::Copied(copied)) = self.events.last_mut() {
            copied.extend_from_slice(bytes);
        }
        Ok(())
    }
}

/// How psql lines values of a type up.
pub fn content(of: u32) -> Content {
    match of {
        oid::INT2
        | oid::INT4
        | oid::INT8
        | oid::FLOAT4
        | oid::FLOAT8
        | oid::NUMERIC
        | oid::OID
        | oid::XID
        | oid::XID8
        | oid::CID
        | oid::MONEY => Content::Number,
        oid::BOOL => Content::Boolean,
        oid::JSON | oid::JSONB => Content::Json,
        _ => Content::Text,
    }
}
