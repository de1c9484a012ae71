//! Why a statement cannot be planned.

use crate::expression::Column;
use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of planning.
pub type PlanResult<T> = Result<T, PlanError>;

/// Why a statement cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A column that no operator makes: the binder made a tree that means nothing.
    #[error("column {} of relation {} is not made by anything", .0.index, .0.relation.0)]
    UnknownColumn(Column),
    /// A common table that is not there.
    #[error("common table {0} is not there")]
    UnknownCommonTable(u32),
    /// An expression that has no place where it stands.
    #[error("{0} cannot be planned where it stands")]
    Misplaced(&'static str),
    /// A full join by something that neither a hash table nor an order decides.
    #[error("FULL JOIN is only supported with merge-joinable or hash-joinable join conditions")]
    FullJoin,
    /// Groups by what has no order and what has no hash.
    #[error("could not implement GROUP BY")]
    NoGrouping,
    /// Locks of rows that a join may make up.
    #[error("{0} cannot be applied to the nullable side of an outer join")]
    NullableLock(&'static str),
    /// Rows are wanted of a foreign table whose wrapper has no handler.
    #[error("{0}")]
    NoHandler(String),
}

impl Diagnostic for PlanError {
    fn sqlstate(&self) -> SqlState {
        match self {
            PlanError::UnknownColumn(_) | PlanError::UnknownCommonTable(_) | PlanError::Misplaced(_) => {
                SqlState::InternalError
            }
            PlanError::FullJoin | PlanError::NoGrouping | PlanError::NullableLock(_) => {
                SqlState::FeatureNotSupported
            }
            PlanError::NoHandler(_) => SqlState::ObjectNotInPrerequisiteState,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            PlanError::NoGrouping => Some(
                "Some of the datatypes only support hashing, while others only support sorting.".to_owned(),
            ),
            PlanError::UnknownColumn(_)
            | PlanError::UnknownCommonTable(_)
            | PlanError::Misplaced(_)
            | PlanError::FullJoin
            | PlanError::NullableLock(_)
            | PlanError::NoHandler(_) => None,
        }
    }
}
