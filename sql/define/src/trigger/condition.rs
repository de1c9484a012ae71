//! `WHEN`: what a condition of a trigger may name, and its text.

use super::References;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use bind::definition::{TriggerCondition, trigger_condition};
use bind::deparse::Style;
use bind::{BindError, BindErrorKind};
use catalog::object::{Source, Table, TriggerEvents};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::trigger::{CreateTrigger, TriggerTiming};

/// The text of the condition, if there is one; on what it depends goes among `references`.
pub(super) fn condition_of(
    definer: &Definer<'_>,
    statement: &CreateTrigger<'_>,
    events: TriggerEvents,
    relation: &Relation,
    references: &mut References,
) -> DefineResult<Option<String>> {
    let Some(written) = &statement.condition else { return Ok(None) };
    let bound = trigger_condition(definer.binding(), relation.oid(), written)
        .map_err(|error| not_there_yet(error, statement))?;
    let table = match relation {
        Relation::Table(table) => Some(table),
        _ => None, // a view's triggers that may have conditions name no columns
    };
    let columns: Vec<u16> = table.map_or_else(Vec::new, |table| {
        table.live_columns().map(|(place, _)| crate::table::place(place)).collect()
    });
    for (at, (index, position)) in bound.named.iter().enumerate() {
        let (index, new) = (*index as usize, *index as usize >= columns.len());
        may_name(statement, events, new, *position)?;
        let Some(place) = columns.get(if new { index - columns.len() } else { index }) else { continue };
        // Columns that are named in one place are those of a whole row.
        let row = bound.named.iter().enumerate().any(|(other, it)| other != at && it.1 == *position);
        if let Some(table) = table.filter(|_| new && statement.timing == TriggerTiming::Before) {
            not_generated(table, *place, row, *position)?;
        }
        if row {
            continue;
        }
        references.push((Address::column(relation.oid(), *place), DependencyKind::Normal));
    }
    bound.condition.walk_written(&mut |part| {
        references.extend(crate::expression::referred_to(definer, part));
    });
    condition_text(definer, &bound).map(Some)
}

/// A condition with every name in it resolved.
pub(crate) fn condition_text(definer: &Definer<'_>, bound: &TriggerCondition) -> DefineResult<String> {
    let style = Style { pretty: false, indented: false };
    let text =
        crate::rule::full(definer, |deparse| deparse.rule_condition(&bound.condition, &bound.shapes, style));
    text.map_or_else(|| definer.unsupported("such a condition of a trigger", None), Ok)
}

fn refused(message: &str, detail: Option<String>, position: u32) -> DefineError {
    match plain(SqlState::InvalidObjectDefinition, message) {
        DefineError::Plain { state, message, hint, .. } => {
            DefineError::Plain { state, message, detail, hint, position: Some(position) }
        }
        other => other,
    }
}

/// A row that is yet to be written has nothing of the system's.
fn not_there_yet(error: BindError, statement: &CreateTrigger<'_>) -> DefineError {
    /// What every row has besides its columns.
    const SYSTEM: [&str; 6] = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];
    let of_system = match &*error.kind {
        BindErrorKind::NoColumn { relation: Some(relation), column, .. } => {
            relation == "new" && SYSTEM.contains(&column.as_str())
        }
        _ => false,
    };
    match (of_system && statement.timing == TriggerTiming::Before && statement.each_row, error.position) {
        (true, position) => DefineError::Plain {
            state: SqlState::FeatureNotSupported,
            message: "BEFORE trigger's WHEN condition cannot reference NEW system columns".to_owned(),
            detail: None,
            hint: None,
            position,
        },
        (false, _) => error.into(),
    }
}

/// That there is a row of which a column is named.
fn may_name(
    statement: &CreateTrigger<'_>,
    events: TriggerEvents,
    new: bool,
    position: u32,
) -> DefineResult<()> {
    let message = if !statement.each_row {
        "statement trigger's WHEN condition cannot reference column values"
    } else if !new && events.insert {
        "INSERT trigger's WHEN condition cannot reference OLD values"
    } else if new && events.delete {
        "DELETE trigger's WHEN condition cannot reference NEW values"
    } else {
        return Ok(());
    };
    Err(refused(message, None, position))
}

/// That a column of the new row is known before the row is complete.
fn not_generated(table: &Arc<Table>, place: u16, row: bool, position: u32) -> DefineResult<()> {
    let generated = |source: &Source| matches!(source, Source::Generated(_));
    let column = &table.columns[usize::from(place)];
    let detail = if row && table.live_columns().any(|(_, column)| generated(&column.source)) {
        "A whole-row reference is used and the table contains generated columns.".to_owned()
    } else if generated(&column.source) {
        format!("Column \"{}\" is a generated column.", column.name)
    } else {
        return Ok(());
    };
    let message = "BEFORE trigger's WHEN condition cannot reference NEW generated columns";
    Err(refused(message, Some(detail), position))
}
