//! What a sample tells of several columns together: ANALYZE for `CREATE STATISTICS`.
//!
//! As PostgreSQL gathers it: how many different combinations there are by Haas and Stokes' Duj1; how far some columns tell
//! another by the rows in whose group nothing contradicts; and the combinations that are more common in the sample than chance
//! would have them. Nulls are values like others.

use crate::error::ExecuteResult;
use crate::keys::quick_sort;
use crate::statistics::duj1;
use std::cmp::Ordering;
use types::vector::Order;
use types::{Value, Vector};

/// A sample of the columns.
pub struct CombinedSample<'s> {
    /// Their values, in the order of rows.
    pub columns: Vec<&'s Vector>,
    /// How they compare.
    pub orders: Vec<Order>,
    /// How many rows were sampled.
    pub sample: usize,
    /// How many rows the table has.
    pub rows: f64,
}

/// A combination of values that is common: the values, which part of the rows has it, and which part would have it if the
/// columns had nothing to do with one another.
pub type CommonValues = (Vec<Value>, f64, f64);

/// Whether whoever asked still wants to know.
pub type StopCheck<'c> = dyn FnMut() -> ExecuteResult<()> + 'c;

impl CombinedSample<'_> {
    fn compare(&self, dimension: usize, one: u32, other: u32) -> Ordering {
        let column = self.columns[dimension];
        match (column.is_null(one as usize), column.is_null(other as usize)) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                self.orders[dimension].compare(&column.item(one as usize), &column.item(other as usize))
            }
        }
    }

    fn compare_all(&self, dimensions: &[usize], one: u32, other: u32) -> Ordering {
        dimensions.iter().fold(Ordering::Equal, |so_far, dimension| {
            so_far.then_with(|| self.compare(*dimension, one, other))
        })
    }

    /// The rows in the order of some columns, in groups that are equal by them.
    fn groups(&self, dimensions: &[usize]) -> Vec<Vec<u32>> {
        let mut rows: Vec<u32> = (0..self.sample as u32).collect();
        rows.sort_by(|one, other| self.compare_all(dimensions, *one, *other));
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for row in rows {
            match groups.last_mut() {
                Some(group) if self.compare_all(dimensions, group[0], row).is_eq() => group.push(row),
                Some(_) | None => groups.push(vec![row]),
            }
        }
        groups
    }

    /// How many different combinations each set of columns has. `check` is called for each, since there are many of many columns.
    ///
    /// # Errors
    /// Those of `check`.
    pub fn distinct(&self, check: &mut StopCheck<'_>) -> ExecuteResult<Vec<(Vec<u16>, f64)>> {
        let mut found = Vec::new();
        for size in 2..=self.columns.len() {
            for dimensions in combinations(self.columns.len(), size) {
                check()?;
                let groups = self.groups(&dimensions);
                let once = groups.iter().filter(|group| group.len() == 1).count() as f64;
                let several = groups.len() as f64 - once;
                let estimate = duj1(self.rows, self.sample as f64, once, several);
                found.push((numbers(&dimensions), estimate));
            }
        }
        Ok(found)
    }

    /// Which part of the rows some columns tell another in, for all there are that tell it in some. `check` is called for each set
    /// of columns.
    ///
    /// # Errors
    /// Those of `check`.
    pub fn dependencies(&self, check: &mut StopCheck<'_>) -> ExecuteResult<Vec<(Vec<u16>, f64)>> {
        let mut found = Vec::new();
        for size in 2..=self.columns.len() {
            for telling in combinations(self.columns.len(), size - 1) {
                check()?;
                let groups = self.groups(&telling);
                for told in (0..self.columns.len()).filter(|told| !telling.contains(told)) {
                    let agrees = |group: &&Vec<u32>| {
                        group.iter().all(|row| self.compare(told, group[0], *row).is_eq())
                    };
                    let rows: usize = groups.iter().filter(agrees).map(Vec::len).sum();
                    if rows > 0 {
                        let mut dimensions = telling.clone();
                        dimensions.push(told);
                        found.push((numbers(&dimensions), rows as f64 / self.sample as f64));
                    }
                }
            }
        }
        Ok(found)
    }

    /// The most common combinations, the most common first, at most so many.
    pub fn common(&self, target: usize) -> Vec<CommonValues> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let found = self.groups(&all);
        let mut order: Vec<usize> = (0..found.len()).collect();
        // Which of those that are equally common come first is PostgreSQL's.
        quick_sort(&mut order, &mut |one, other| found[*other].len().cmp(&found[*one].len()));
        order.truncate(target);
        let mut groups: Vec<&Vec<u32>> = order.into_iter().map(|place| &found[place]).collect();
        let least = self.least_common();
        groups.retain(|group| group.len() as f64 >= least);
        let alone: Vec<Vec<Vec<u32>>> = all.iter().map(|dimension| self.groups(&[*dimension])).collect();
        let sample = self.sample as f64;
        let combination = |group: &&Vec<u32>| {
            let row = group[0];
            let values = self.columns.iter().map(|column| column.value(row as usize)).collect();
            let base = all.iter().fold(1.0, |base, dimension| {
                let place =
                    alone[*dimension].binary_search_by(|known| self.compare(*dimension, known[0], row));
                base * place.map_or(0.0, |place| alone[*dimension][place].len() as f64 / sample)
            });
            (values, group.len() as f64 / sample, base)
        };
        groups.iter().map(combination).collect()
    }

    /// How often a combination must be in the sample so that it is common, chance aside.
    fn least_common(&self) -> f64 {
        let (sample, rows) = (self.sample as f64, self.rows);
        let below = rows - sample + 0.04 * sample * (rows - 1.0);
        if below == 0.0 { 0.0 } else { sample * (rows - sample) / below }
    }
}

fn numbers(dimensions: &[usize]) -> Vec<u16> {
    dimensions.iter().map(|dimension| *dimension as u16).collect()
}

/// All choices of so many among so many, in their order.
fn combinations(of: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..size {
        let longer = |chosen: Vec<usize>| {
            let first = chosen.last().map_or(0, |last| last + 1);
            (first..of).map(move |next| chosen.iter().copied().chain([next]).collect())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ExecuteError;

    #[test]
    fn whoever_asked_is_heard_between_two_sets_of_columns() {
        let column = Vector::from_values::<i32>((0..20).map(|row| row % 4).collect());
        let columns = vec![&column; 8];
        let sample = CombinedSample { columns, orders: vec![Order::Int32; 8], sample: 20, rows: 100.0 };
        assert_eq!(sample.distinct(&mut || Ok(())).unwrap().len(), 247);
        let mut asked = 0;
        let mut stop = || {
            asked += 1;
            if asked == 5 { Err(ExecuteError::plan("stopped")) } else { Ok(()) }
        };
        assert!(sample.distinct(&mut stop).is_err());
        assert_eq!(asked, 5);
        let mut sets = 0;
        let told = sample.dependencies(&mut || {
            sets += 1;
            Ok(())
        });
        // Each of eight columns by every choice of one to seven others that is not it.
        assert_eq!((sets, told.unwrap().len()), (254, 8 * 127));
    }
}
