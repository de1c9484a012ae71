//! What operators hand to each other: columns of equal length, and which rows of them are meant.

use super::Vector;
use super::error::VectorResult;

/// How many rows a chunk is meant to have.
pub const CHUNK_ROWS: usize = 1024;

/// Rows of a chunk by their numbers, ascending.
pub type Selection = Vec<u32>;

/// Columns, all of `rows` rows, of which `selection` names those that count; all do if there is none.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    columns: Vec<Vector>,
    rows: usize,
    selection: Option<Selection>,
}

impl Chunk {
    /// All rows of these columns. `rows` tells how many where there is no column.
    pub fn new(columns: Vec<Vector>, rows: usize) -> Chunk {
        assert!(columns.iter().all(|column| column.len() == rows), "columns of one length");
        Chunk { columns, rows, selection: None }
    }

    /// The columns, unselected rows among them.
    pub fn columns(&self) -> &[Vector] {
        &self.columns
    }

    /// One of them.
    pub fn column(&self, index: usize) -> &Vector {
        &self.columns[index]
    }

    /// How many rows the columns have.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many of them count.
    pub fn len(&self) -> usize {
        self.selection.as_ref().map_or(self.rows, Vec::len)
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which rows count, unless all do.
    pub fn selection(&self) -> Option<&[u32]> {
        self.selection.as_deref()
    }

    /// Keeps those of the rows that count which `chosen` names by their places among them, ascending.
    pub fn select(&mut self, chosen: Selection) {
        if chosen.len() == self.len() {
            return;
        }
        self.selection = Some(match &self.selection {
            None => chosen,
            Some(before) => chosen.iter().map(|place| before[*place as usize]).collect(),
        });
    }

    /// One column, with the rows that count and no others.
    pub fn dense(&self, index: usize) -> VectorResult<Vector> {
        match &self.selection {
            None => Ok(self.columns[index].clone()),
            Some(rows) => self.columns[index].gather(rows),
        }
    }

    /// The same rows without a selection.
    pub fn densify(self) -> VectorResult<Chunk> {
        match &self.selection {
            None => Ok(self),
            Some(rows) => {
                let columns: VectorResult<_> =
                    self.columns.iter().map(|column| column.gather(rows)).collect();
                Ok(Chunk { columns: columns?, rows: rows.len(), selection: None })
            }
        }
    }

    /// These columns in this order; the rows stay.
    pub fn project(&self, indices: &[usize]) -> Chunk {
        let columns = indices.iter().map(|index| self.columns[*index].clone()).collect();
        Chunk { columns, rows: self.rows, selection: self.selection.clone() }
    }

    /// The columns, if the chunk is not needed any more.
    pub fn into_columns(self) -> Vec<Vector> {
        self.columns
    }

    /// A stretch of the rows that count.
    pub fn slice(&self, start: usize, length: usize) -> Chunk {
        let start = start.min(self.len());
        let length = length.min(self.len() - start);
        match &self.selection {
            None => {
                let columns = self.columns.iter().map(|column| column.slice(start, length)).collect();
                Chunk { columns, rows: length, selection: None }
            }
            Some(rows) => Chunk {
                columns: self.columns.clone(),
                rows: self.rows,
                selection: Some(rows[start..start + length].to_vec()),
            },
        }
    }
}
