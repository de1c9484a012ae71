//! Statements as a whole.

use crate::binder::{Binder, Context, Parameters, unsupported};
use crate::error::BindResult;
use crate::query::BoundQuery;
use plan::logical::Query;
use syntax::tree::{Statement, StatementKind};

/// Stack that a level of nesting takes at most, in bytes.
const BYTES_A_LEVEL: usize = if cfg!(debug_assertions) { 24 << 10 } else { 8 << 10 };
/// Stack for what stands above and below the levels.
const BYTES_APART: usize = 64 << 10;

/// How deep statements may nest on a stack with `stack_bytes` free.
pub fn depth_limit(stack_bytes: usize) -> usize {
    stack_bytes.saturating_sub(BYTES_APART) / BYTES_A_LEVEL
}

/// What a statement that yields or changes rows means.
///
/// # Errors
/// When it means nothing, or is no such statement.
pub fn bind(context: Context<'_>, statement: &Statement<'_>, parameters: Parameters) -> BindResult<Query> {
    let mut binder = Binder::new(context, parameters);
    let bound = match &statement.kind {
        StatementKind::Query(query) => binder.query(query)?,
        kind => match binder.by_rules(kind)? {
            Some(mut ruled) => {
                binder.settle_uses(&mut ruled.query)?;
                return Ok(ruled.query);
            }
            None => binder.changing_statement(kind)?,
        },
    };
    binder.finish(bound)
}

impl Binder<'_> {
    /// `INSERT`, `UPDATE`, `DELETE`, `MERGE`, with the columns of its `RETURNING`.
    pub fn changing_statement(&mut self, statement: &StatementKind<'_>) -> BindResult<BoundQuery> {
        match statement {
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => self.update(update),
            StatementKind::Delete(delete) => self.delete(delete),
            StatementKind::Merge(merge) => self.merge_statement(merge),
            StatementKind::Query(query) => self.query(query),
            StatementKind::Notify(notify) => self.notification(notify),
            _ => Err(unsupported("binding a statement that neither yields nor changes rows", 0)),
        }
    }
}
