//! `ON CONFLICT` as it is shown.

use super::entry::Entry;
use super::nodes::Builder;
use crate::expression::{Expression, ExpressionKind};
use crate::physical::PhysicalConflict;
use crate::target::TargetTable;

impl Builder<'_> {
    pub(super) fn conflict(
        &self,
        (target, alias): (&TargetTable, &str),
        conflict: &PhysicalConflict,
        entry: &mut Entry,
    ) {
        let what = if conflict.update.is_some() { "UPDATE" } else { "NOTHING" };
        entry.text("Conflict Resolution", what);
        let deciding = target.indexes.iter().filter(|index| conflict.indexes.contains(&index.index));
        entry.list("Conflict Arbiter Indexes", deciding.map(|index| index.name.clone()).collect());
        let condition = conflict.update.as_ref().and_then(|update| update.condition.as_ref());
        let Some(condition) = condition else { return };
        let names = || target.columns.iter().map(|column| column.name.clone());
        let mut slots = self.columns(alias, names());
        slots.extend(self.columns("excluded", names()));
        // Whole rows have slots of their own behind those.
        for row in [alias, "excluded"] {
            slots.extend(self.columns(row, ["*".to_owned()]));
        }
        let mut condition = condition.clone();
        let width = target.columns.len();
        condition.rewrite(&mut |part| {
            if let Some(row) = whole_row(part, width) {
                part.kind = ExpressionKind::Slot((2 * width + row) as u32);
            }
        });
        entry.text("Conflict Filter", self.deparser.text(&condition, &slots));
    }
}

/// Which of two rows of so many columns an expression is, if it is one of them.
fn whole_row(expression: &Expression, width: usize) -> Option<usize> {
    let ExpressionKind::Row(fields) = &expression.kind else { return None };
    let slot = |field: &Expression| match field.kind {
        ExpressionKind::Slot(slot) => Some(slot as usize),
        _ => None, // what is no column is no part of a row as it is
    };
    let slots = fields.iter().map(slot).collect::<Option<Vec<_>>>()?;
    (0..2).find(|row| !slots.is_empty() && slots.iter().copied().eq(row * width..(row + 1) * width))
}
