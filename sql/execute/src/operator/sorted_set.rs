//! INTERSECT and EXCEPT of sorted rows: those that are equal lie together, and are counted by their sides.

use super::rows::{Pieces, join};
use super::sort::Keys;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::evaluate_all;
use crate::keys::compare_rows;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::logical::SetOperator;
use types::vector::Chunk;
use types::{Item, Kind, Vector};

/// The operator.
pub struct SortedSetOperation {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    keys: Keys,
    intersect: bool,
    all: bool,
    group: Option<Group>,
    made: Pieces,
    ended: bool,
}

/// Equal rows that were read.
struct Group {
    /// The first of them.
    row: Chunk,
    keys: Vec<Vector>,
    left: u64,
    right: u64,
}

impl SortedSetOperation {
    /// As the plan says.
    pub fn new(
        operator: SetOperator,
        all: bool,
        input: BoxedOperator,
        kinds: Vec<Kind>,
        keys: Keys,
    ) -> ExecuteResult<SortedSetOperation> {
        let intersect = match operator {
            SetOperator::Intersect => true,
            SetOperator::Except => false,
            SetOperator::Union => return Err(ExecuteError::plan("UNION is an append")),
        };
        let made = Pieces::default();
        Ok(SortedSetOperation { input, kinds, keys, intersect, all, group: None, made, ended: false })
    }

    /// How often a row comes out that is so often on either side.
    fn times(&self, group: &Group) -> u64 {
        let Group { left, right, .. } = *group;
        match (self.intersect, self.all) {
            (true, true) => left.min(right),
            (true, false) => u64::from(left > 0 && right > 0),
            (false, true) => left.saturating_sub(right),
            (false, false) => u64::from(left > 0 && right == 0),
        }
    }

    /// Puts the rows of a complete group out.
    fn put(&self, group: &Group, out: &mut Vec<Chunk>, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        for _ in 0..self.times(group) {
            run.check()?;
            out.push(group.row.clone());
        }
        Ok(())
    }

    /// Goes through the next rows of the input.
    fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Chunk> {
        let mut out = Vec::new();
        let Some(chunk) = self.input.next(run)? else {
            self.ended = true;
            if let Some(group) = self.group.take() {
                self.put(&group, &mut out, run)?;
            }
            return join(&self.kinds, out);
        };
        let chunk = chunk.densify()?;
        let keys = evaluate_all(&self.keys.evaluators, run, &chunk)?;
        let sides = chunk.column(self.kinds.len());
        for row in 0..chunk.rows() {
            let same =
                |group: &Group| compare_rows(&self.keys.columns, (&keys, row), (&group.keys, 0)).is_eq();
            if !self.group.as_ref().is_some_and(same) {
                if let Some(group) = self.group.take() {
                    self.put(&group, &mut out, run)?;
                }
                let columns = chunk.columns()[..self.kinds.len()].iter();
                let row_alone = Chunk::new(columns.map(|column| column.slice(row, 1)).collect(), 1);
                let keys = keys.iter().map(|key| key.slice(row, 1)).collect();
                self.group = Some(Group { row: row_alone, keys, left: 0, right: 0 });
            }
            if let Some(group) = &mut self.group {
                match sides.item(row) {
                    Item::Int32(0) => group.left += 1,
                    _ => group.right += 1,
                }
            }
        }
        join(&self.kinds, out)
    }
}

impl Operator for SortedSetOperation {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let limit = run.chunk_rows();
        loop {
            if let Some(chunk) = self.made.next(limit)? {
                return Ok(Some(chunk));
            }
            if self.ended {
                return Ok(None);
            }
            self.made = Pieces::new(self.read(run)?);
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.group, self.made, self.ended) = (None, Pieces::default(), false);
        self.input.rewind(run)
    }
}
