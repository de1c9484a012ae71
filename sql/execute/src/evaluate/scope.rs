//! The rows for which an expression is computed.

use crate::error::ExecuteResult;
use types::Vector;

/// Rows of columns, and what `CASE` and array casts around an expression tell of each.
#[derive(Clone, Copy)]
pub struct Scope<'c> {
    columns: &'c [Vector],
    rows: usize,
    /// Which rows of the columns, unless all.
    selected: Option<&'c [u32]>,
    /// The operand of the innermost `CASE`, for each row of the scope.
    pub(super) case: Option<&'c Vector>,
    /// The element of the innermost array cast, for each row of the scope.
    pub(super) element: Option<&'c Vector>,
}

/// A scope of fewer rows, and what it owns.
pub(super) struct Narrowed {
    selected: Vec<u32>,
    case: Option<Vector>,
    element: Option<Vector>,
}

impl<'c> Scope<'c> {
    /// All `rows` rows of these columns.
    pub fn new(columns: &'c [Vector], rows: usize) -> Scope<'c> {
        Scope { columns, rows, selected: None, case: None, element: None }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether its rows are all that the columns have: those are read as they are.
    pub(super) fn is_whole(&self) -> bool {
        self.selected.is_none()
    }

    /// The columns, rows out of the scope among them.
    pub(super) fn columns(&self) -> &'c [Vector] {
        self.columns
    }

    /// A column's values.
    pub(super) fn column(&self, slot: usize) -> ExecuteResult<Vector> {
        let column = &self.columns[slot];
        Ok(match self.selected {
            None => column.clone(),
            Some(rows) => column.gather(rows)?,
        })
    }

    /// The same rows with an element for each.
    pub fn with_element(self, element: &'c Vector) -> Scope<'c> {
        Scope { element: Some(element), ..self }
    }

    /// The same rows with an operand of `CASE` for each.
    pub(super) fn with_case(self, case: &'c Vector) -> Scope<'c> {
        Scope { case: Some(case), ..self }
    }

    /// Those of the rows that `chosen` names, ascending.
    pub(super) fn narrow(&self, chosen: &[u32]) -> ExecuteResult<Narrowed> {
        let selected = match self.selected {
            None => chosen.to_vec(),
            Some(rows) => chosen.iter().map(|place| rows[*place as usize]).collect(),
        };
        let gather = |vector: Option<&Vector>| vector.map(|vector| vector.gather(chosen)).transpose();
        Ok(Narrowed { selected, case: gather(self.case)?, element: gather(self.element)? })
    }
}

impl Narrowed {
    /// The scope; `columns` are those of the one that was narrowed.
    pub(super) fn scope<'c>(&'c self, columns: &'c [Vector]) -> Scope<'c> {
        Scope {
            columns,
            rows: self.selected.len(),
            selected: Some(&self.selected),
            case: self.case.as_ref(),
            element: self.element.as_ref(),
        }
    }
}
