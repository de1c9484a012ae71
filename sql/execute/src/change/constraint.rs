//! What rows of a table must be: NOT NULL, CHECK, UNIQUE; and PostgreSQL's words for rows that are not.

use super::index::{Entries, Index};
use super::table::Table;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::Run;
use crate::text;
use diagnostic::{SqlState, Subject};
use functions::Context;
use plan::target::{AskedBy, Check, ColumnTold, PolicyCheck, TargetIndex, TargetTable, Told};
use types::vector::{Chunk, select_false};
use types::{Item, Type, Vector};

/// A field's text in "Failing row contains" is no longer than this.
const SHOWN_MAX: usize = 64;

/// The first row that may not be, and why; policies ask of a row that is updated something else than of one that is inserted.
pub fn first_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
    made: PolicyCheck,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    violation(table, run, columns, rows, (made, true))
}

/// The same without what views ask: of rows that may not be inserted after all.
pub fn first_own_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    violation(table, run, columns, rows, (PolicyCheck::Inserted, false))
}

/// The first row that a check of these rules refuses, of those that policies or others ask.
fn refused(
    table: &Table,
    run: &mut Run<'_, '_>,
    chunk: &Chunk,
    asks: impl Fn(AskedBy) -> bool,
) -> ExecuteResult<Option<(usize, Rule)>> {
    let mut first: Option<(usize, Rule)> = None;
    for (place, check) in table.checks().iter().enumerate() {
        let asked_by = table.target.checks[place].asked_by;
        if !asks(asked_by) {
            continue;
        }
        let truths = check.evaluate(run, chunk)?;
        let row = match asked_by {
            AskedBy::Table | AskedBy::View => select_false(&truths).first().map(|row| *row as usize),
            // What is unknown is refused, too.
            AskedBy::Policy(_) => first_not_true(&truths, chunk.rows()),
        };
        if let Some(row) = row
            && first.is_none_or(|(before, _)| row < before)
        {
            first = Some((row, Rule::Check(place)));
        }
    }
    Ok(first)
}

/// The first row for which something is not true.
fn first_not_true(truths: &Vector, rows: usize) -> Option<usize> {
    (0..rows).find(|row| !matches!(truths.item(*row), Item::Bool(true)))
}

fn violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
    (made, of_views): (PolicyCheck, bool),
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    let target = &table.target;
    // The row, and which rule of it; the first of both counts.
    let mut first: Option<(usize, Rule)> = None;
    let mut found = |row: usize, rule: Rule| {
        if first.is_none_or(|(before, _)| row < before) {
            first = Some((row, rule));
        }
    };
    let chunk = Chunk::new(columns.to_vec(), rows);
    // What policies ask comes first: nobody is to learn from another rule of what he may not write.
    if let Some((row, rule)) = refused(table, run, &chunk, |by| by == AskedBy::Policy(made))? {
        found(row, rule);
    }
    for (place, column) in target.columns.iter().enumerate() {
        if column.not_null && columns[place].has_nulls() {
            let row = (0..rows).find(|row| columns[place].is_null(*row));
            row.into_iter().for_each(|row| found(row, Rule::NotNull(place)));
        }
    }
    let others = |by| match by {
        AskedBy::Table => true,
        AskedBy::View => of_views,
        AskedBy::Policy(_) => false,
    };
    if let Some((row, rule)) = refused(table, run, &chunk, others)? {
        found(row, rule);
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
fn refusal(target: &TargetTable, rule: Rule, detail: Option<String>) -> ConstraintError {
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
                detail,
                subject: subject(Some(name), None),
            }
        }
        Rule::Within => ConstraintError {
            state: SqlState::CheckViolation,
            message: format!("new row for relation \"{}\" violates partition constraint", target.name),
            detail,
            subject: subject(None, None),
        },
        Rule::Check(place) => {
            let Check { name, asked_by, .. } = &target.checks[place];
            match asked_by {
                AskedBy::Policy(asked) => refused_by_policy(name, &target.name, *asked),
                AskedBy::View => ConstraintError {
                    state: SqlState::WithCheckOptionViolation,
                    message: format!("new row violates check option for view \"{name}\""),
                    detail,
                    subject: Subject::default(),
                },
                AskedBy::Table => ConstraintError {
                    state: SqlState::CheckViolation,
                    message: format!(
                        "new row for relation \"{}\" violates check constraint \"{name}\"",
                        target.name
                    ),
                    detail,
                    subject: subject(None, Some(name)),
                },
            }
        }
    }
}

/// That policies refuse a row: one of this name, or all that might have allowed it.
fn refused_by_policy(policy: &str, table: &str, asked: PolicyCheck) -> ConstraintError {
    let (row, using) = match asked {
        PolicyCheck::Inserted | PolicyCheck::Updated => ("new", ""),
        PolicyCheck::Conflicting => ("new", " (USING expression)"),
        PolicyCheck::Merged => ("target", " (USING expression)"),
    };
    let named = if policy.is_empty() { String::new() } else { format!(" \"{policy}\"") };
    ConstraintError {
        state: SqlState::InsufficientPrivilege,
        message: format!("{row} row violates row-level security policy{named}{using} for table \"{table}\""),
        detail: None,
        subject: Subject::default(),
    }
}

/// Checks of policies on rows that are there before they are changed.
pub struct ExistingChecks {
    checks: Vec<(Check, Evaluator)>,
}

impl ExistingChecks {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, checks: &[Check]) -> ExecuteResult<ExistingChecks> {
        let compiled = checks.iter().map(|check| {
            let evaluator = Evaluator::new(compiler, &check.condition)?;
            Ok((check.clone(), evaluator))
        });
        Ok(ExistingChecks { checks: compiled.collect::<ExecuteResult<_>>()? })
    }

    /// Refuses a row of a table for which one of them is not true.
    pub fn ask(&self, run: &mut Run<'_, '_>, row: &Chunk, table: &str) -> ExecuteResult<()> {
        for (check, condition) in &self.checks {
            let AskedBy::Policy(asked) = check.asked_by else { continue };
            let truths = condition.evaluate(run, row)?;
            if first_not_true(&truths, row.rows()).is_some() {
                return Err(refused_by_policy(&check.name, table, asked).into());
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    NotNull(usize),
    Check(usize),
    /// That it belongs to the partition.
    Within,
}

/// What policies alone have against a row that is to be inserted.
pub fn policy_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    row: &[Vector],
) -> ExecuteResult<Option<ExecuteError>> {
    let asks = |by| by == AskedBy::Policy(PolicyCheck::Inserted);
    if !table.target.checks.iter().any(|check| asks(check.asked_by)) {
        return Ok(None);
    }
    let mut columns = row.to_vec();
    table.generate(run, &mut columns, 1)?;
    let found = refused(table, run, &Chunk::new(columns, 1), asks)?;
    Ok(found.map(|(_, rule)| refusal(&table.target, rule, None).into()))
}

/// The first row that a view or a policy refuses, or that does not belong to what it is put into, of those rules alone that a table has
/// for rows that go to its members.
pub fn first_view_violation(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
    made: PolicyCheck,
) -> ExecuteResult<Option<(usize, ExecuteError)>> {
    let own = |check: &Check| check.asked_by == AskedBy::Table;
    if table.target.checks.iter().all(own) && table.within.is_empty() {
        return Ok(None);
    }
    // What the table asks besides, its members ask, too.
    first_violation(table, run, columns, rows, made)
}

/// `Failing row contains (1, null).`, or of the columns that may be told: `Failing row contains (a) = (1).`; nothing if there are none.
fn failing_row(
    table: &Table,
    context: &Context<'_>,
    columns: &[Vector],
    row: usize,
) -> ExecuteResult<Option<String>> {
    let is_told = |place: usize| match &table.target.told {
        Told::All => true,
        Told::Columns(told) => told.get(place).is_some_and(|told| *told != ColumnTold::Nothing),
        Told::Nothing => false,
    };
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (place, column) in table.target.columns.iter().enumerate().filter(|(place, _)| is_told(*place)) {
        let mut text = field(context, column.column_type, &columns[place], row)?;
        if text.len() > SHOWN_MAX {
            let mut end = SHOWN_MAX;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push_str("...");
        }
        names.push(column.name.as_str());
        values.push(text);
    }
    let values = values.join(", ");
    Ok(match &table.target.told {
        Told::All => Some(format!("Failing row contains ({values}).")),
        Told::Columns(_) if !names.is_empty() => {
            Some(format!("Failing row contains ({}) = ({values}).", names.join(", ")))
        }
        Told::Columns(_) | Told::Nothing => None,
    })
}

/// The places of the columns that are the keys of an index; none for what is no column.
pub fn key_places(index: &TargetIndex) -> impl Iterator<Item = Option<usize>> {
    index.keys.iter().map(|key| key.expression.as_column().map(|column| column.index as usize))
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
    let detail = match target.tells(key_places(plan)) {
        false => None,
        true => {
            let key = key_text(context, &plan.key_names, &index.key_types, &entries.keys, row)?;
            Some(format!("Key {key} already exists."))
        }
    };
    Ok(ConstraintError {
        state: SqlState::UniqueViolation,
        message: format!("duplicate key value violates unique constraint \"{}\"", plan.name),
        detail,
        subject: Subject {
            schema: Some(target.schema.clone()),
            table: Some(target.name.clone()),
            constraint: Some(plan.name.clone()),
            ..Subject::default()
        },
    }
    .into())
}
