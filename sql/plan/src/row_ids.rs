//! Which rows of a table are read, where conditions on their ids tell that.

use crate::expression::Expression;
use crate::physical::TableScan;
use std::sync::Arc;
use types::vector::Operator;

/// Rows of a table by their ids: by `ctid`, or by the id as a bigint (the second step of a change, `CURRENT OF`).
#[derive(Debug, Clone, PartialEq)]
pub enum RowIds {
    /// Those for which one of these equalities is true.
    Named(Vec<RowIdTest>),
    /// Those for which all of these are true, none of which is an equality.
    Between(Vec<RowIdTest>),
}

impl RowIds {
    /// The conditions.
    pub fn tests(&self) -> &[RowIdTest] {
        match self {
            RowIds::Named(tests) | RowIds::Between(tests) => tests,
        }
    }

    /// The same to be changed.
    pub fn tests_mut(&mut self) -> &mut [RowIdTest] {
        match self {
            RowIds::Named(tests) | RowIds::Between(tests) => tests,
        }
    }
}

/// A condition on a row's id.
#[derive(Debug, Clone, PartialEq)]
pub struct RowIdTest {
    /// How the id compares with the value.
    pub operator: Operator,
    /// Whether the value is an array, one of whose elements is meant.
    pub any: bool,
    /// The value, which is known before the table is read. A null is no id.
    pub value: Expression,
    /// Whether the value is written first: for texts.
    pub turned: bool,
    /// The cursor on whose row it is: for texts.
    pub cursor: Option<Arc<str>>,
}

impl TableScan {
    /// Whether there is at most one row, whose id is known.
    pub fn is_point(&self) -> bool {
        match &self.row_ids {
            Some(RowIds::Named(tests)) => matches!(tests.as_slice(), [only] if !only.any),
            Some(RowIds::Between(_)) | None => false,
        }
    }
}
