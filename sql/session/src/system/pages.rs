//! Rows of `pg_largeobject`, in stretches: only those are in memory that somebody looks at.

use super::asked;
use crate::error::SessionError;
use crate::services::other;
use catalog::object::class;
use catalog::{LargeObjectPages, Scope};
use functions::{Context, FunctionResult, RowSource};
use store::View;
use types::Vector;

/// Its columns of these numbers, from 1; and of those that are its own, from 0.
pub(super) fn source(
    scope: &Scope,
    view: &View,
    (wanted, columns): (Vec<u16>, &[u16]),
) -> Box<dyn RowSource> {
    Box::new(Pages { pages: LargeObjectPages::new(scope, view, wanted), columns: columns.to_vec() })
}

struct Pages {
    /// None where there are no large objects.
    pages: Option<LargeObjectPages>,
    columns: Vec<u16>,
}

impl RowSource for Pages {
    fn next(&mut self, _: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        let Some(pages) = &mut self.pages else { return Ok(None) };
        let read = pages.next(limit).map_err(|error| other(SessionError::from(error)))?;
        Ok(read.map(|chunk| asked(chunk, &self.columns, class::LARGE_OBJECT)).transpose()?)
    }
}
