//! Functions that return rows.

use super::context::Context;
use crate::error::FunctionResult;
use types::Vector;

/// The rows that one call returns, a stretch at a time, so that nobody needs to hold a million of them.
pub trait RowSource: Send {
    /// At most `limit` more rows: a vector for each column of the result, all of one length. `None` when there are no
    /// more.
    fn next(&mut self, context: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>>;
}

/// Rows that are all there.
pub(crate) struct Made {
    columns: Vec<Vector>,
    given: usize,
}

impl Made {
    /// These rows; `columns` are of one length.
    pub(crate) fn source(columns: Vec<Vector>) -> Box<dyn RowSource> {
        Box::new(Made { columns, given: 0 })
    }
}

impl RowSource for Made {
    fn next(&mut self, _: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        let rows = self.columns.first().map_or(0, Vector::len);
        if self.given >= rows {
            return Ok(None);
        }
        let part = self.columns.iter().map(|column| column.slice(self.given, limit.max(1))).collect();
        self.given = self.given.saturating_add(limit.max(1)).min(rows);
        Ok(Some(part))
    }
}
