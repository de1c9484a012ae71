//! What need not be grouped by: columns of a table whose primary key is grouped by, too (PostgreSQL's
//! `remove_useless_groupby_columns`). Their values are carried along with the group.

use super::Lowering;
use crate::expression::{Aggregate, Column, DECIDED, Expression, SortKey};
use crate::logical::{Grouping, Logical, Scan, ScanSource};
use std::collections::BTreeSet;

impl Lowering<'_> {
    /// The places of a grouping's keys that the others decide.
    pub(super) fn decided_keys(&self, grouping: &Grouping) -> BTreeSet<usize> {
        let plain = grouping.sets.len() == 1 && grouping.grouping_calls.is_empty() && grouping.keys.len() > 1;
        let mut decided = BTreeSet::new();
        if !plain || !self.facts.settings().optimise {
            return decided;
        }
        grouping.input.walk(&mut |part| {
            if let Logical::Scan(scan) = part {
                decided.extend(self.decided_by_key(scan, &grouping.keys));
            }
        });
        decided
    }

    /// The places of keys that are columns of a table without being of its primary key, if all of that are keys.
    fn decided_by_key(&self, scan: &Scan, keys: &[SortKey]) -> Vec<usize> {
        // Rows of tables that inherit from it may have its keys as well; those of partitions do not.
        let family = !scan.members.is_empty() && self.facts.routing(scan.table).is_none();
        let numbered = |(place, key): (usize, &SortKey)| {
            let column = key.expression.as_column().filter(|column| column.relation == scan.relation)?;
            match scan.columns.get(column.index as usize)?.source {
                ScanSource::Column { number, .. } => Some((place, number)),
                ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid | ScanSource::WholeRow(_) => {
                    None
                }
            }
        };
        let grouped: Vec<(usize, u16)> = keys.iter().enumerate().filter_map(numbered).collect();
        if family || grouped.len() < 2 {
            return Vec::new();
        }
        let table = self.facts.table(scan.table);
        let primary = table.indexes.iter().find(|index| index.index.primary && !index.index.deferrable);
        let Some(primary) = primary else { return Vec::new() };
        let number = |key: &SortKey| {
            let column = key.expression.as_column()?;
            primary.columns.get(column.index as usize).copied()
        };
        let Some(of_key) = primary.index.keys.iter().map(number).collect::<Option<Vec<u16>>>() else {
            return Vec::new();
        };
        if !of_key.iter().all(|number| grouped.iter().any(|(_, own)| own == number)) {
            return Vec::new();
        }
        grouped.into_iter().filter(|(_, number)| !of_key.contains(number)).map(|(place, _)| place).collect()
    }
}

/// A value that comes along with a group.
pub(super) fn carry(expression: Expression) -> Aggregate {
    let result = expression.result;
    Aggregate {
        function: DECIDED,
        arguments: vec![expression],
        direct: 0,
        distinct: Vec::new(),
        order: Vec::new(),
        filter: None,
        made: None,
        result,
    }
}

/// The columns of a grouping by those of its keys that are left, in their order: aggregates and what is carried follow.
pub(super) struct Columns {
    /// How many keys there were.
    pub(super) keys: u32,
    /// How many aggregates.
    pub(super) aggregates: u32,
    /// The places that the keys that are carried had.
    pub(super) carried: Vec<u32>,
}

impl Columns {
    /// Which columns there are, where `order` says which of the keys come as such and `calls` how many calls of `GROUPING` there are.
    pub(super) fn layout(
        &self,
        relation: crate::expression::RelationId,
        order: &[u32],
        calls: u32,
    ) -> Vec<Column> {
        let aggregates = self.keys..self.keys + self.aggregates;
        let calls = aggregates.end..aggregates.end + calls;
        let places = order.iter().copied().chain(aggregates).chain(self.carried.iter().copied()).chain(calls);
        places.map(|index| Column { relation, index }).collect()
    }
}
