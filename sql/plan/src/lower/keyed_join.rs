//! Joins by all columns of a unique key: what several equalities come to together.
//!
//! Taken one by one, `x = k1 AND y = k2` leave as many pairs of rows as if the columns of the key had nothing to do with one
//! another. But a key's combinations are counted: there are as many as rows, and whoever joins by a whole key mostly refers to it.
//! So of all pairs one in so many fulfils them together.

use super::Lowering;
use super::region::{Region, Set};
use crate::expression::{Column, RelationId};
use crate::facts::TableFacts;
use std::collections::BTreeMap;

impl Lowering<'_> {
    /// Corrects what conditions between two leaves come to, where they name all columns of a unique key.
    pub(super) fn join_by_keys(&self, region: &mut Region) {
        let mut pairs = BTreeMap::<Set, Vec<usize>>::new();
        for (place, condition) in region.conditions.iter().enumerate() {
            let single = |(first, second): (Set, Set)| first.count_ones() == 1 && second.count_ones() == 1;
            if condition.named.count_ones() == 2
                && condition.part > 0.0
                && condition.sides.is_some_and(single)
            {
                pairs.entry(condition.named).or_default().push(place);
            }
        }
        for (leaves, places) in pairs.into_iter().filter(|(_, places)| places.len() > 1) {
            let of_sides = (0..region.leaves.len()).filter(|leaf| leaves & (1 << leaf) != 0);
            let known = of_sides.filter_map(|leaf| self.by_key(region, leaf, &places));
            // Where both sides are keys the greater one has the fewer partners.
            let Some((covering, part)) = known.min_by(|one, other| one.1.total_cmp(&other.1)) else {
                continue;
            };
            let independent: f64 = covering.iter().map(|place| region.conditions[*place].part).product();
            if let Some(first) = covering.first().filter(|_| independent < part) {
                let corrected = &mut region.conditions[*first].part;
                *corrected = (*corrected * part / independent).min(1.0);
            }
        }
    }

    /// Those of some equalities that name all columns of a unique key of a leaf, and which part of all pairs fulfils them.
    fn by_key(&self, region: &Region, leaf: usize, places: &[usize]) -> Option<(Vec<usize>, f64)> {
        let (scan, _, table) = region.leaves[leaf].table.as_ref()?;
        let named: Vec<(usize, u16)> = places
            .iter()
            .filter_map(|place| {
                let mut own = None;
                region.conditions[*place].expression.for_each_column(&mut |column| {
                    if column.relation == scan.relation {
                        own = Some(column);
                    }
                });
                Some((*place, self.number_of(own?, scan.relation)?))
            })
            .collect();
        let covering = unique_keys(table).find_map(|key| {
            let of_key = |number: &u16| named.iter().find(|(_, of)| of == number).map(|(place, _)| *place);
            key.iter().map(of_key).collect::<Option<Vec<usize>>>()
        })?;
        Some((covering, 1.0 / table.rows.max(1.0)))
    }

    /// The number of a table's column.
    fn number_of(&self, column: Column, relation: RelationId) -> Option<u16> {
        let known = self.statistics.table_of_column(column)?;
        (column.relation == relation).then_some(known.1)
    }
}

/// The columns of a table's unique keys of several columns.
fn unique_keys(table: &TableFacts) -> impl Iterator<Item = Vec<u16>> + '_ {
    table.indexes.iter().filter_map(|index| {
        let keys = &index.index.keys;
        if !index.index.unique || index.index.predicate.is_some() || keys.len() < 2 {
            return None;
        }
        let number = |key: &crate::expression::SortKey| {
            let column = key.expression.as_column()?;
            index.columns.get(column.index as usize).copied()
        };
        keys.iter().map(number).collect()
    })
}
