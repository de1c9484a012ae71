//! Groups of several sets in one order: `ROLLUP` as a sorted input would give it. A group comes behind those that are within
//! it: `(a, b)` before `(a)` before `()`.

use super::operator::{Aggregate, Grouped, SetResult};
use crate::error::ExecuteResult;
use crate::keys::{RowOrder, SortColumn};
use crate::run::Run;
use crate::spill::{Merge, Rows, merged};
use types::vector::{Chunk, Order};
use types::{Kind, Value, Vector};

impl Aggregate {
    /// The rows of results of some sets in the order of keys.
    pub(super) fn in_order(
        &self,
        keys: &[u32],
        sets: Vec<SetResult>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Merge> {
        let mut done = Vec::new();
        for of_set in sets {
            self.write_in_order(&of_set.groups, (of_set.set, keys), &mut done, run)?;
            if let Some(apart) = of_set.apart {
                self.settle(apart, (of_set.set, Some(keys)), &mut done, run)?;
            }
        }
        merged(done, run)
    }

    /// Writes the rows of results of groups down in the order of keys.
    pub(super) fn write_in_order(
        &self,
        groups: &Grouped,
        (set, keys): (usize, &[u32]),
        done: &mut Vec<Rows>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut given = 0;
        while given < groups.count {
            run.check()?;
            let chunk = self.rows(groups, set, given, run)?;
            given += chunk.rows();
            chunks.push(chunk);
        }
        let Some(first) = chunks.first() else { return Ok(()) };
        let together = first.rows();
        let kinds: Vec<Kind> = first.columns().iter().map(Vector::kind).collect();
        let (columns, values) = self.order_of(groups, (set, keys))?;
        let (encoded, order) = RowOrder::sort_with_keys(&columns, &values, groups.count);
        let mut written = Rows::new(&kinds);
        for row in order {
            let row = row as usize;
            let Some(chunk) = chunks.get(row / together) else { continue };
            written.push(run, encoded.get(row), chunk.columns(), row % together)?;
        }
        written.flush(run)?;
        done.push(written);
        Ok(())
    }

    /// By what groups are sorted: for each key whether the set has it not, and its value; at last which set it is.
    fn order_of(
        &self,
        groups: &Grouped,
        (set, keys): (usize, &[u32]),
    ) -> ExecuteResult<(Vec<SortColumn>, Vec<Vector>)> {
        let number = || SortColumn { order: Order::Int32, descending: false, nulls_first: false };
        let constant = |value: i32| Vector::constant(Kind::Int32, &Value::Int32(value), groups.count);
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for key in keys {
            let absent = !self.sets.get(set).is_some_and(|own| own.contains(key));
            let place = *key as usize;
            let (Some(column), Some(value)) = (self.columns.get(place), groups.keys.get(place)) else {
                continue;
            };
            columns.extend([number(), column.clone()]);
            values.extend([constant(i32::from(absent))?, value.clone()]);
        }
        columns.push(number());
        values.push(constant(i32::try_from(set).unwrap_or(i32::MAX))?);
        Ok((columns, values))
    }
}
