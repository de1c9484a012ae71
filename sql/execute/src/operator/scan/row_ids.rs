//! Rows whose ids conditions tell: the conditions are looked at once, before the table is read. An id that no row has names none.

use super::decode::{RowDecoder, StoredRows};
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator};
use crate::memory::Held;
use crate::run::Run;
use plan::row_ids;
use store::Bounds;
use types::array::ArrayView;
use types::value::Item;
use types::vector::{Chunk, Operator};

/// The conditions.
pub struct RowIds {
    tests: Vec<Test>,
    /// Whether all of them bound a range; otherwise each names rows.
    between: bool,
}

struct Test {
    operator: Operator,
    any: bool,
    value: Evaluator,
}

/// What conditions tell.
pub enum Told {
    /// The ids of rows, ascending.
    Named(NamedRows),
    /// Where rows lie.
    Between(Bounds),
}

impl RowIds {
    /// As the plan says.
    ///
    /// # Errors
    /// When a value cannot be computed.
    pub fn new(compiler: &Compiler<'_>, plan: &row_ids::RowIds) -> ExecuteResult<RowIds> {
        let test = |test: &row_ids::RowIdTest| {
            let value = Evaluator::new(compiler, &test.value)?;
            Ok(Test { operator: test.operator, any: test.any, value })
        };
        let tests = plan.tests().iter().map(test).collect::<ExecuteResult<Vec<_>>>()?;
        let between = match plan {
            row_ids::RowIds::Named(_) => false,
            row_ids::RowIds::Between(_) => true,
        };
        Ok(RowIds { tests, between })
    }

    /// Whether rows are named one by one.
    pub fn names_rows(&self) -> bool {
        !self.between
    }

    /// What the conditions tell now.
    ///
    /// # Errors
    /// When a value cannot be computed, or there is no memory for the ids.
    pub fn told(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Told> {
        if self.between { self.range(run) } else { Ok(Told::Named(NamedRows::new(self.ids(run)?, run)?)) }
    }

    fn ids(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<i64>> {
        let mut ids = Vec::with_capacity(self.tests.len());
        for test in &self.tests {
            let value = test.value.value(run)?;
            match Item::from(&value) {
                Item::Int64(id) if !test.any => ids.push(id),
                Item::Bytes(array) if test.any => {
                    let items = ArrayView::new(array).into_iter().flat_map(|array| array.items());
                    ids.extend(items.filter_map(|item| match item {
                        Item::Int64(id) => Some(id),
                        _ => None, // a null names no row
                    }));
                }
                _ => {} // nor does one here
            }
        }
        ids.retain(|id| *id >= 0);
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn range(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Told> {
        let (mut low, mut high) = (0, i64::MAX);
        for test in &self.tests {
            let Item::Int64(id) = Item::from(&test.value.value(run)?) else {
                // Nothing is above or below null.
                return Ok(Told::Named(NamedRows::default()));
            };
            match test.operator {
                Operator::Less => high = high.min(id.saturating_sub(1)),
                Operator::LessOrEqual => high = high.min(id),
                Operator::Greater => low = low.max(id.saturating_add(1)),
                Operator::GreaterOrEqual => low = low.max(id),
                Operator::Equal => (low, high) = (low.max(id), high.min(id)),
                // The planner makes no bound of it.
                Operator::NotEqual => {}
            }
        }
        if low > high {
            return Ok(Told::Named(NamedRows::default()));
        }
        let to = high.checked_add(1).map(|to| to.to_be_bytes().to_vec());
        Ok(Told::Between(Bounds { from: low.to_be_bytes().to_vec(), to }))
    }
}

/// Ids, of which some may be no row's, and how many of them were looked up.
#[derive(Default)]
pub struct NamedRows {
    ids: Vec<i64>,
    _held: Held,
    read: usize,
}

impl NamedRows {
    fn new(ids: Vec<i64>, run: &mut Run<'_, '_>) -> ExecuteResult<NamedRows> {
        let mut held = Held::default();
        held.take(run, ids.len() * size_of::<i64>())?;
        Ok(NamedRows { ids, _held: held, read: 0 })
    }

    /// The next rows that pass, maybe none of those that were looked up; `None` behind the last.
    ///
    /// # Errors
    /// When they cannot be read, or decoded.
    pub fn next(
        &mut self,
        tree: u64,
        decoder: &RowDecoder,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Chunk>> {
        let end = self.ids.len().min(self.read + run.chunk_rows());
        let wanted = &self.ids[self.read..end];
        if wanted.is_empty() {
            return Ok(None);
        }
        self.read = end;
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(wanted.len()));
        let (mut ids, mut writers) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
        for id in wanted {
            let writer = run.get_row_with(tree, &id.to_be_bytes(), |writer, content| {
                bytes.extend_from_slice(content);
                writer.map_or(0, |writer| writer.0 as i32)
            })?;
            if let Some(writer) = writer {
                ids.push(*id);
                writers.push(writer);
                ends.push(bytes.len());
            }
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let rows = starts.zip(&ends).map(|(start, end)| &bytes[start..*end]).collect();
        Ok(Some(decoder.decode(run, &mut StoredRows { rows, writers, ids })?.0))
    }
}
