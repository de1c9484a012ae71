//! What rows of a table must be: NOT NULL, CHECK, UNIQUE; and PostgreSQL's words for rows that are not.

use super::index::{Entries, Index};
use super::table::Table;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::run::Run;
use crate::text;
use diagnostic::{SqlState, Subject};
use functions::Context;
use plan::target::TargetTable;
use types::vector::{Chunk, select_false};
use types::{Type, Vector};

/// A field's text in "Failing row contains" is no longer than this.
const SHOWN_MAX: usize = 64;

/// The first row that may not be, and why.
pub fn first_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    violation(table, run, columns, rows, true)
}

/// The same without what views ask: of rows that may not be put in after all.
pub fn first_own_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    violation(table, run, columns, rows, false)
}

fn violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
    of_views: bool,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    let target = &table.target;
    // The row, and which rule of it; the first of both counts.
    let mut first: Option<(usize, Rule)> = None;
    let mut found = |row: usize, rule: Rule| {
        if first.is_none_or(|(before, _)| row < before) {
            first = Some((row, rule));
        }
    };
    for (place, column) in target.columns.iter().enumerate() {
        if column.not_null && columns[place].has_nulls() {
            let row = (0..rows).find(|row| columns[place].is_null(*row));
            row.into_iter().for_each(|row| found(row, Rule::NotNull(place)));
        }
    }
    let chunk = Chunk::new(columns.to_vec(), rows);
    for (place, check) in table.checks().iter().enumerate() {
        if target.checks[place].of_view && !of_views {
            continue;
        }
        let truths = check.evaluate(run, &chunk)?;
        if let Some(row) = select_false(&truths).first() {
            found(*row as usize, Rule::Check(place));
        }
    }
    for (router, part) in &table.within {
        let parts = router.parts(run, columns, rows)?;
        if let Some(row) = parts.iter().position(|found| *found != Some(*part)) {
            found(row, Rule::Within);
        }
    }
    let Some((row, rule)) = first else { return Ok(None) };
    let detail = failing_row(table, &run.world.context, columns, row)?;
    Ok(Some((row, refusal(target, rule, detail).into())))
}

/// What is wrong with a row that breaks a rule.
fn refusal(target: &TargetTable, rule: Rule, detail: String) -> ConstraintError {
    let subject = |column: Option<&str>, constraint: Option<&str>| Subject {
        schema: Some(target.schema.clone()),
        table: Some(target.name.clone()),
        column: column.map(str::to_owned),
        constraint: constraint.map(str::to_owned),
        data_type: None,
    };
    match rule {
        Rule::NotNull(place) => {
            let name = &target.columns[place].name;
            ConstraintError {
                state: SqlState::NotNullViolation,
                message: format!(
                    "null value in column \"{name}\" of relation \"{}\" violates not-null constraint",
                    target.name
                ),
                detail: Some(detail),
                subject: subject(Some(name), None),
            }
        }
        Rule::Within => ConstraintError {
            state: SqlState::CheckViolation,
            message: format!("new row for relation \"{}\" violates partition constraint", target.name),
            detail: Some(detail),
            subject: subject(None, None),
        },
        Rule::Check(place) if target.checks[place].of_view => ConstraintError {
            state: SqlState::WithCheckOptionViolation,
            message: format!("new row violates check option for view \"{}\"", target.checks[place].name),
            detail: Some(detail),
            subject: Subject::default(),
        },
        Rule::Check(place) => {
            let name = &target.checks[place].name;
            ConstraintError {
                state: SqlState::CheckViolation,
                message: format!(
                    "new row for relation \"{}\" violates check constraint \"{name}\"",
                    target.name
                ),
                detail: Some(detail),
                subject: subject(None, Some(name)),
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    NotNull(usize),
    Check(usize),
    /// That it belongs to the partition.
    Within,
}

/// The first row that a view refuses, or that does not belong to what it is put into, of those rules alone that a table has
/// for rows that go to its members.
pub fn first_view_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    let of_view = table.target.checks.iter().any(|check| check.of_view);
    if !of_view && table.within.is_empty() {
        return Ok(None);
    }
    // What the table asks besides, its members ask, too.
    first_violation(table, run, columns, rows)
}

/// `Failing row contains (1, null).`
fn failing_row(
    table: &Table,
    context: &Context<'_>,
    columns: &[Vector],
    row: usize,
) -> ExecuteResult<String> {
    let mut shown = String::from("Failing row contains (");
    for (place, column) in table.target.columns.iter().enumerate() {
        if place > 0 {
            shown.push_str(", ");
        }
        let text = field(context, column.column_type, &columns[place], row)?;
        if text.len() <= SHOWN_MAX {
            shown.push_str(&text);
        } else {
            let mut end = SHOWN_MAX;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            shown.push_str(&text[..end]);
            shown.push_str("...");
        }
    }
    shown.push_str(").");
    Ok(shown)
}

fn field(context: &Context<'_>, of: Type, vector: &Vector, row: usize) -> ExecuteResult<String> {
    if vector.is_null(row) {
        return Ok("null".to_owned());
    }
    let mut shown = String::new();
    text::append(context, of, &vector.item(row), &mut shown)?;
    Ok(shown)
}

/// `(a, b)=(1, x)`
pub fn key_text(
    context: &Context<'_>,
    names: &[String],
    types: &[Type],
    keys: &[Vector],
    row: usize,
) -> ExecuteResult<String> {
    Ok(format!("({})=({})", names.join(", "), key_values(context, types, keys, row)?))
}

/// `1, x`
pub fn key_values(
    context: &Context<'_>,
    types: &[Type],
    keys: &[Vector],
    row: usize,
) -> ExecuteResult<String> {
    let mut values = Vec::with_capacity(keys.len());
    for (of, key) in types.iter().zip(keys) {
        values.push(field(context, *of, key, row)?);
    }
    Ok(values.join(", "))
}

/// A key that somebody else has.
pub fn duplicate(
    table: &Table,
    index: &Index,
    context: &Context<'_>,
    entries: &Entries,
    row: usize,
) -> ExecuteResult<ExecuteError> {
    let target = &table.target;
    let plan = &target.indexes[index.place];
    let key = key_text(context, &plan.key_names, &index.key_types, &entries.keys, row)?;
    Ok(ConstraintError {
        state: SqlState::UniqueViolation,
        message: format!("duplicate key value violates unique constraint \"{}\"", plan.name),
        detail: Some(format!("Key {key} already exists.")),
        subject: Subject {
            schema: Some(target.schema.clone()),
            table: Some(target.name.clone()),
            constraint: Some(plan.name.clone()),
            ..Subject::default()
        },
    }
    .into())
}
