//! `ON CONFLICT` as it is shown, and what running a statement tells of it and of sorts.

use super::entry::Entry;
use super::nodes::Builder;
use super::{Actual, ExplainFormat};
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

impl Builder<'_> {
    /// What became of the rows that were to be inserted.
    pub(super) fn conflicting(&self, rows: u64, actual: Option<Actual>, entry: &mut Entry) {
        let Some(actual) = actual.filter(|actual| actual.loops > 0) else { return };
        let filtered = entry.properties.iter().any(|property| property.label == "Conflict Filter");
        if filtered && actual.removed > 0 {
            entry.count("Rows Removed by Conflict Filter", actual.removed / actual.loops);
        }
        entry.count("Tuples Inserted", rows.saturating_sub(actual.conflicting) / actual.loops);
        entry.count("Conflicting Tuples", actual.conflicting / actual.loops);
    }

    /// By what method rows were sorted, and how much room they took.
    pub(super) fn sort_used(&self, actual: Option<Actual>, entry: &mut Entry) {
        let Some(sorted) = actual.and_then(|actual| actual.sorted) else { return };
        let (method, place) = sorted.method.words();
        let kilobytes = sorted.bytes.div_ceil(1024);
        match self.options.format {
            ExplainFormat::Text => entry.text("Sort Method", format!("{method}  {place}: {kilobytes}kB")),
            ExplainFormat::Json | ExplainFormat::Yaml | ExplainFormat::Xml => {
                entry.text("Sort Method", method);
                entry.count("Sort Space Used", kilobytes);
                entry.text("Sort Space Type", place);
            }
        }
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
