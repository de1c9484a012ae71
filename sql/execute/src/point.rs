//! The shortest statement: columns of the one row whose whole key is given.
//!
//! What [`Execution`](crate::Execution) would do for it is known once and for all, so that a run is two looks into trees and
//! the columns of a row.

use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::{dangling, key_columns, row_id};
use plan::expression::{Expression, ExpressionKind};
use plan::logical::ScanSource;
use plan::physical::{IndexScan, NodeKind, Plan};
use std::sync::Arc;
use store::{Transaction, TreeId};
use types::Value;
use types::key::{KeyColumn, encode_item};
use types::row::{RowLayout, decode_column};
use types::vector::Chunk;

/// The statement.
pub struct Point {
    index: TreeId,
    table: TreeId,
    layout: Arc<RowLayout>,
    keys: Vec<(KeyColumn, Given)>,
    /// Columns of the layout, and what they are in rows older than they are.
    columns: Vec<(usize, Value)>,
}

/// A value that is known before a statement runs, but for its parameters.
pub enum Given {
    /// One of these.
    Parameter(usize),
    /// The same for every run.
    Constant(Value),
}

impl Given {
    /// What an expression gives, if that is known without computing.
    pub fn of(expression: &Expression) -> Option<Given> {
        match &expression.kind {
            ExpressionKind::Parameter(index) => Some(Given::Parameter(*index as usize)),
            ExpressionKind::Constant(value) => Some(Given::Constant(value.clone())),
            _ => None,
        }
    }

    /// Its value.
    pub fn value<'v>(&'v self, parameters: &'v [Value]) -> ExecuteResult<&'v Value> {
        match self {
            Given::Constant(value) => Ok(value),
            Given::Parameter(index) => {
                parameters.get(*index).ok_or_else(|| ExecuteError::plan("a parameter without a value"))
            }
        }
    }
}

impl Point {
    /// The plan as such a statement, if it is one.
    pub fn of(plan: &Plan) -> Option<Point> {
        if !plan.subplans.is_empty() || !plan.common_tables.is_empty() {
            return None;
        }
        let (scan, slots): (&IndexScan, Option<&[Expression]>) = match &plan.root.kind {
            NodeKind::IndexScan(scan) => (scan, None),
            NodeKind::Project { input, expressions } => match &input.kind {
                NodeKind::IndexScan(scan) => (scan, Some(expressions)),
                _ => return None,
            },
            _ => return None,
        };
        if !scan.is_point() || !scan.scan.filter.is_empty() || scan.scan.sample.is_some() {
            return None;
        }
        let place = |output: usize| match slots {
            None => Some(output),
            Some(expressions) => match &expressions.get(output)?.kind {
                ExpressionKind::Slot(slot) => Some(*slot as usize),
                _ => None,
            },
        };
        let column = |(output, _): &(u32, _)| match &scan.scan.columns.get(place(*output as usize)?)?.source {
            ScanSource::Column { number, missing, .. } => {
                let column = usize::from(*number).checked_sub(1)?;
                (column < scan.scan.layout.columns().len()).then(|| (column, missing.clone()))
            }
            ScanSource::RowId
            | ScanSource::Writer
            | ScanSource::TableOid
            | ScanSource::WholeRow
            | ScanSource::ParentRow(_) => None,
        };
        let range = scan.ranges.first()?;
        let given = range.equal.iter().map(|value| Given::of(value.as_ref()?));
        let given = given.collect::<Option<Vec<Given>>>()?;
        Some(Point {
            index: TreeId(scan.index_tree),
            table: TreeId(scan.scan.tree),
            layout: scan.scan.layout.clone(),
            keys: key_columns(&scan.keys).into_iter().zip(given).collect(),
            columns: plan.output.iter().map(column).collect::<Option<_>>()?,
        })
    }

    /// The row; none if there is none.
    ///
    /// # Errors
    /// When a page cannot be read, or a row is damaged.
    pub fn run(&self, transaction: &mut Transaction, parameters: &[Value]) -> ExecuteResult<Option<Chunk>> {
        let (mut key, mut rest) = (Vec::with_capacity(16), Vec::new());
        for (column, given) in &self.keys {
            let value = given.value(parameters)?;
            if value.is_null() {
                return Ok(None);
            }
            encode_item(column, &types::Item::from(value), &mut key, &mut rest);
        }
        let id = transaction.get_with(self.index, &key, row_id)?;
        let Some(id) = id.transpose()? else { return Ok(None) };
        let decoded = transaction.get_row_with(self.table, &id.to_be_bytes(), |_, row| {
            let column = |(column, missing): &(usize, Value)| {
                decode_column(&self.layout, *column, std::iter::once(row), missing)
            };
            self.columns.iter().map(column).collect::<Result<Vec<_>, _>>()
        })?;
        match decoded {
            Some(columns) => Ok(Some(Chunk::new(columns?, 1))),
            None => Err(dangling(id)),
        }
    }
}
