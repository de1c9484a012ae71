//! Rows that come out of statements, read as they are asked for.

use crate::connection::Connection;
use crate::error::{Error, Result};
use session::Progress;
use session::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use std::collections::VecDeque;
use std::sync::Arc;
use types::catalog::{builtin, oid};
use types::vector::Chunk;
use types::{Item, Value, Vector};

/// How many rows are taken from the engine at once.
const PIECE: u64 = types::vector::CHUNK_ROWS as u64;

/// A column of a few rows: as values where Rust has the type, else as texts.
enum Cells {
    Values(Vector),
    /// Of the only row.
    Value(Value),
    Texts(Vec<Option<Box<str>>>),
}

/// A few rows.
struct Piece {
    columns: Vec<Cells>,
    rows: usize,
}

/// The rows of a statement. Those that are not asked for are not computed.
///
/// Dropping it ends the statement.
pub struct Rows<'c> {
    connection: &'c mut Connection,
    columns: Arc<[ResultColumn]>,
    pieces: VecDeque<Piece>,
    /// The row that was answered last, in the first piece, from 1.
    at: usize,
    complete: bool,
}

impl<'c> Rows<'c> {
    pub(crate) fn new(connection: &'c mut Connection, columns: Arc<[ResultColumn]>) -> Rows<'c> {
        Rows { connection, columns, pieces: VecDeque::new(), at: 0, complete: false }
    }

    /// All rows of a statement that has been run.
    pub(crate) fn complete(
        connection: &'c mut Connection,
        columns: Arc<[ResultColumn]>,
        taker: Taker,
    ) -> Rows<'c> {
        Rows { connection, columns, pieces: taker.pieces, at: 0, complete: true }
    }

    /// Their columns.
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    /// Whatever the statement fails of; what it did is undone then.
    #[allow(clippy::should_implement_trait)] // a row borrows from what holds it
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        while self.pieces.front().is_none_or(|piece| self.at >= piece.rows) {
            self.pieces.pop_front();
            self.at = 0;
            if self.pieces.is_empty() {
                if self.complete {
                    return Ok(None);
                }
                self.fetch()?;
            }
        }
        self.at += 1;
        // The loop has left a piece with a row behind `at`.
        let Some(piece) = self.pieces.front() else { return Ok(None) };
        Ok(Some(Row { columns: &self.columns, piece, place: self.at - 1 }))
    }

    fn fetch(&mut self) -> Result<()> {
        let mut taker = Taker::default();
        taker.columns(&self.columns);
        let session = self.connection.session();
        let progress = session.run_portal("", Some(PIECE), &mut taker);
        self.pieces.append(&mut taker.pieces);
        self.connection.tell(taker.notices);
        // A statement that failed has ended.
        self.complete = progress.is_err();
        self.complete = progress? == Progress::Complete;
        Ok(())
    }

    /// Ends the statement; rows that were not asked for are not computed.
    ///
    /// # Errors
    /// When its transaction cannot be committed.
    pub fn close(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        self.complete = true;
        self.connection.session().close_portal("");
        let mut taker = Taker::default();
        let done = self.connection.session().sync(&mut taker);
        self.connection.tell(taker.notices);
        Ok(done?)
    }
}

impl Drop for Rows<'_> {
    /// Whoever wants to know whether the statement could be committed calls [`Rows::close`].
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// A row.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    columns: &'r [ResultColumn],
    piece: &'r Piece,
    place: usize,
}

impl<'r> Row<'r> {
    /// A column, by its number from 0 or by its name.
    ///
    /// # Errors
    /// When there is no such column, it is of another type, or null and not asked for as an `Option`.
    pub fn get<T: FromColumn<'r>>(&self, column: impl ColumnIndex) -> Result<T> {
        let index = column.index(self.columns)?;
        let cell = match &self.piece.columns[index] {
            Cells::Values(vector) => Cell::Item(vector.item(self.place)),
            Cells::Value(value) => Cell::Item(Item::from(value)),
            Cells::Texts(texts) => match &texts[self.place] {
                Some(text) => Cell::Text(text),
                None => Cell::Item(Item::Null),
            },
        };
        let null = matches!(cell, Cell::Item(Item::Null));
        T::from_cell(cell).ok_or_else(|| {
            let column = self.columns[index].name.clone();
            let wanted = T::NAME;
            if null {
                return Error::NullColumn { column, wanted };
            }
            let of = self.columns[index].column_type.oid;
            let found = builtin(of).map_or_else(|| format!("number {of}"), |entry| entry.name.to_string());
            Error::ColumnType { column, found, wanted }
        })
    }

    /// The columns.
    pub fn columns(&self) -> &'r [ResultColumn] {
        self.columns
    }
}

/// What names a column: its number from 0, or its name.
pub trait ColumnIndex {
    /// Its number.
    ///
    /// # Errors
    /// When there is none.
    fn index(&self, columns: &[ResultColumn]) -> Result<usize>;
}

impl ColumnIndex for usize {
    fn index(&self, columns: &[ResultColumn]) -> Result<usize> {
        let missing = || Error::NoColumn { column: format!("number {self}"), count: columns.len() };
        columns.get(*self).map(|_| *self).ok_or_else(missing)
    }
}

impl ColumnIndex for &str {
    fn index(&self, columns: &[ResultColumn]) -> Result<usize> {
        let missing = || Error::NoColumn { column: format!("\"{self}\""), count: columns.len() };
        columns.iter().position(|column| column.name == *self).ok_or_else(missing)
    }
}

/// What a column holds in a row.
pub enum Cell<'r> {
    /// A value of a type that Rust has, or null.
    Item(Item<'r>),
    /// The text of any other value, as PostgreSQL writes it.
    Text(&'r str),
}

/// What a column can be read as.
pub trait FromColumn<'r>: Sized {
    /// Its name, for errors.
    const NAME: &'static str;

    /// It, if the cell can be read so.
    fn from_cell(cell: Cell<'r>) -> Option<Self>;
}

macro_rules! from_column {
    ($($rust:ty, $name:literal: $($pattern:pat => $made:expr),+;)*) => {$(
        impl<'r> FromColumn<'r> for $rust {
            const NAME: &'static str = $name;

            fn from_cell(cell: Cell<'r>) -> Option<$rust> {
                match cell {
                    $($pattern => $made,)+
                    _ => None,
                }
            }
        }
    )*};
}

from_column! {
    bool, "bool": Cell::Item(Item::Bool(value)) => Some(value);
    i16, "i16": Cell::Item(Item::Int16(value)) => Some(value);
    i32, "i32": Cell::Item(Item::Int16(value)) => Some(value.into()), Cell::Item(Item::Int32(value)) => Some(value);
    i64, "i64":
        Cell::Item(Item::Int16(value)) => Some(value.into()),
        Cell::Item(Item::Int32(value)) => Some(value.into()),
        Cell::Item(Item::Int64(value)) => Some(value);
    f32, "f32": Cell::Item(Item::Float32(value)) => Some(value);
    f64, "f64":
        Cell::Item(Item::Float32(value)) => Some(value.into()),
        Cell::Item(Item::Float64(value)) => Some(value),
        Cell::Item(Item::Int16(value)) => Some(value.into()),
        Cell::Item(Item::Int32(value)) => Some(value.into()),
        Cell::Text(text) => text.parse().ok();
    &'r [u8], "&[u8]": Cell::Item(Item::Bytes(bytes)) => Some(bytes);
    Vec<u8>, "Vec<u8>": Cell::Item(Item::Bytes(bytes)) => Some(bytes.to_vec());
}

impl<'r> FromColumn<'r> for &'r str {
    const NAME: &'static str = "&str";

    fn from_cell(cell: Cell<'r>) -> Option<&'r str> {
        match cell {
            Cell::Text(text) => Some(text),
            Cell::Item(Item::Bytes(bytes)) => std::str::from_utf8(bytes).ok(),
            Cell::Item(_) => None,
        }
    }
}

impl<'r> FromColumn<'r> for String {
    const NAME: &'static str = "String";

    fn from_cell(cell: Cell<'r>) -> Option<String> {
        <&str>::from_cell(cell).map(str::to_owned)
    }
}

impl<'r, T: FromColumn<'r>> FromColumn<'r> for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_cell(cell: Cell<'r>) -> Option<Option<T>> {
        match cell {
            Cell::Item(Item::Null) => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// Takes rows from a session.
#[derive(Default)]
pub(crate) struct Taker {
    /// Of each column whether Rust has its type.
    native: Vec<bool>,
    pieces: VecDeque<Piece>,
    /// What the session had to say.
    pub notices: Vec<Report>,
}

impl Client for Taker {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.native.clear();
        self.native.extend(columns.iter().map(|column| is_native(column.column_type.oid)));
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> std::result::Result<(), ClientGone> {
        let rows = chunk.len();
        let mut columns = Vec::with_capacity(self.native.len());
        for (place, native) in self.native.iter().enumerate() {
            let vector = chunk.column(place);
            if *native {
                columns.push(Cells::Values(vector.clone()));
                continue;
            }
            let mut texts = Vec::with_capacity(rows);
            for row in 0..rows {
                texts.push((!vector.is_null(row)).then(|| {
                    let mut text = String::new();
                    format.text(place, row, &mut text);
                    text.into_boxed_str()
                }));
            }
            columns.push(Cells::Texts(texts));
        }
        self.pieces.push_back(Piece { columns, rows });
        Ok(())
    }

    fn single_row(
        &mut self,
        items: &[Item<'_>],
        format: &mut dyn ValueFormat,
    ) -> Option<std::result::Result<(), ClientGone>> {
        let mut columns = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let native = self.native.get(place).is_some_and(|native| *native);
            columns.push(if native || item.is_null() {
                Cells::Value(item.to_value())
            } else {
                let mut text = String::new();
                format.text(place, 0, &mut text);
                Cells::Texts(vec![Some(text.into_boxed_str())])
            });
        }
        self.pieces.push_back(Piece { columns, rows: 1 });
        Some(Ok(()))
    }

    fn complete(&mut self, _tag: &str) {}

    fn notice(&mut self, report: Report) {
        self.notices.push(report);
    }
}

/// Whether Rust has the type: its values need not be written to be read.
fn is_native(of: u32) -> bool {
    matches!(
        of,
        oid::BOOL
            | oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::TEXT
            | oid::VARCHAR
            | oid::NAME
            | oid::BYTEA
    )
}
