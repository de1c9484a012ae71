//! Statements of the model: as SQL writes them, and what they must give.

use super::contents::{Change, Contents, Definition, Violations};
use super::table::{Column, KEY, OnDelete, Row, Rule, Table, index_sql};
use crate::expression::{Comparison, Expression};
use crate::state::{CARDINALITY, IN_USE, REFERENCE, UNIQUE, UNSUPPORTED};
use crate::value::{Shown, Value};

/// What an `INSERT` does with a key that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnConflict {
    /// It fails.
    Fail,
    /// `(id) DO NOTHING`
    Nothing,
    /// `DO NOTHING`, whatever stands once
    NothingAtAll,
    /// `DO UPDATE SET` a column, `WHERE` something holds for the row that is there.
    Update(String, Expression, Option<Expression>),
}

impl OnConflict {
    /// What follows the rows.
    fn sql(&self, table: &str) -> String {
        match self {
            OnConflict::Fail => String::new(),
            OnConflict::NothingAtAll => " ON CONFLICT DO NOTHING".to_owned(),
            OnConflict::Nothing => format!(" ON CONFLICT ({KEY}) DO NOTHING"),
            OnConflict::Update(column, value, condition) => {
                let own = format!("{table}.");
                let (value, condition) = (value.sql(&own), condition.as_ref().map(|it| it.sql(&own)));
                let condition = condition.map_or(String::new(), |condition| format!(" WHERE {condition}"));
                format!(" ON CONFLICT ({KEY}) DO UPDATE SET {column} = {value}{condition}")
            }
        }
    }
}

/// One row of an `INSERT`: its key, and a value for each column; none is `DEFAULT`.
pub type NewRow = (i64, Vec<Option<Value>>);

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `INSERT`
    Insert(String, Vec<NewRow>, OnConflict),
    /// `UPDATE`
    Update(String, Vec<(String, Expression)>, Option<Expression>),
    /// `DELETE`
    Delete(String, Option<Expression>),
    /// `TRUNCATE`
    Truncate(String),
    /// `SELECT` of the rows of a table.
    Select(String, Option<Expression>),
    /// A definition.
    Define(Definition),
}

/// What a statement must do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prediction {
    /// It must fail with one of these SQLSTATEs, if there are any.
    pub fails: Violations,
    /// It may fail with one of these: the order in which rows are changed decides.
    pub may_fail: Violations,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The rows it gives, in the order of the keys.
    pub rows: Vec<Shown>,
}

fn filter_sql(filter: Option<&Expression>) -> String {
    filter.map_or(String::new(), |filter| format!(" WHERE {}", filter.sql("")))
}

impl Statement {
    /// The table it is about.
    pub fn table(&self) -> &str {
        match self {
            Statement::Insert(table, ..)
            | Statement::Update(table, ..)
            | Statement::Delete(table, _)
            | Statement::Truncate(table)
            | Statement::Select(table, _) => table,
            Statement::Define(definition) => definition.table(),
        }
    }

    /// In SQL, the tables being those of `view`.
    pub fn sql(&self, view: &Contents) -> String {
        let names =
            |table: &str| view.tables.get(table).map_or(KEY.to_owned(), |table| table.names().join(", "));
        match self {
            Statement::Insert(table, rows, conflict) => {
                let row = |(key, values): &NewRow| {
                    let value =
                        |value: &Option<Value>| value.as_ref().map_or("DEFAULT".to_owned(), Value::literal);
                    let values = values.iter().map(value);
                    let all: Vec<String> = std::iter::once(key.to_string()).chain(values).collect();
                    format!("({})", all.join(", "))
                };
                let rows: Vec<String> = rows.iter().map(row).collect();
                let conflict = conflict.sql(table);
                let names = names(table);
                format!(
                    "INSERT INTO {table} ({names}) VALUES {}{conflict} RETURNING {names}",
                    rows.join(", ")
                )
            }
            Statement::Update(table, set, filter) => {
                let set: Vec<String> =
                    set.iter().map(|(column, value)| format!("{column} = {}", value.sql(""))).collect();
                let (set, filter) = (set.join(", "), filter_sql(filter.as_ref()));
                format!("UPDATE {table} SET {set}{filter} RETURNING {}", names(table))
            }
            Statement::Delete(table, filter) => {
                format!("DELETE FROM {table}{} RETURNING {}", filter_sql(filter.as_ref()), names(table))
            }
            Statement::Truncate(table) => format!("TRUNCATE {table}"),
            Statement::Select(table, filter) => {
                format!("SELECT {} FROM {table}{}", names(table), filter_sql(filter.as_ref()))
            }
            Statement::Define(definition) => definition.sql().join("; "),
        }
    }

    /// The same without its rows: of what changes rows.
    pub fn quiet_sql(&self, view: &Contents) -> Option<String> {
        let text = self.sql(view);
        text.find(" RETURNING ").map(|end| text[..end].to_owned())
    }

    /// The same with parameters: of what changes or shows one row by its key, or inserts it. Such statements have ways of their
    /// own where they are prepared.
    pub fn prepared_sql(&self, view: &Contents) -> Option<(String, Vec<Value>)> {
        let key_of = |filter: &Option<Expression>| match filter {
            Some(Expression::Compare(Comparison::Equal, left, right)) => match (&**left, &**right) {
                (Expression::Column(name), Expression::Value(value)) if name == KEY => Some(value.clone()),
                _ => None,
            },
            _ => None,
        };
        let table = view.tables.get(self.table())?;
        match self {
            Statement::Insert(name, rows, conflict) => {
                let [(key, values)] = &rows[..] else { return None };
                let mut given = vec![Value::Int(*key)];
                let mut names = vec![KEY];
                for (column, value) in table.columns.iter().zip(values) {
                    if let Some(value) = value {
                        names.push(&column.name);
                        given.push(value.clone());
                    }
                }
                let places: Vec<String> = (1..=given.len()).map(|place| format!("${place}")).collect();
                let (names, places, conflict) = (names.join(", "), places.join(", "), conflict.sql(name));
                let text = format!("INSERT INTO {name} ({names}) VALUES ({places}){conflict}");
                Some((text, given))
            }
            Statement::Update(name, set, filter) => {
                let mut given = vec![key_of(filter)?];
                let mut texts = Vec::new();
                for (column, value) in set {
                    if let Expression::Value(value) = value {
                        given.push(value.clone());
                        texts.push(format!("{column} = ${}", given.len()));
                    } else {
                        texts.push(format!("{column} = {}", value.sql("")));
                    }
                }
                Some((format!("UPDATE {name} SET {} WHERE {KEY} = $1", texts.join(", ")), given))
            }
            Statement::Delete(name, filter) => {
                Some((format!("DELETE FROM {name} WHERE {KEY} = $1"), vec![key_of(filter)?]))
            }
            Statement::Select(name, filter) => {
                let names = table.names().join(", ");
                Some((format!("SELECT {names} FROM {name} WHERE {KEY} = $1"), vec![key_of(filter)?]))
            }
            Statement::Truncate(_) | Statement::Define(_) => None,
        }
    }

    /// What it must do where `view` is what it sees, in a transaction that has changed this.
    pub fn predict(&self, view: &Contents, changed: &[Change]) -> Prediction {
        let Some(table) = view.tables.get(self.table()) else {
            return self.predict_definition(view, changed);
        };
        match self {
            Statement::Insert(name, rows, conflict) => predict_insert(view, (name, table), rows, conflict),
            Statement::Update(name, set, filter) => predict_update(view, (name, table), set, filter.as_ref()),
            Statement::Delete(name, filter) => {
                let gone = matching(table, filter.as_ref());
                let rows = gone.iter().map(|(key, row)| table.shown(*key, row)).collect();
                let changes = gone.iter().map(|(key, _)| Change::Delete(name.clone(), *key)).collect();
                let mut prediction = Prediction { changes, rows, ..Prediction::default() };
                prediction.hold_against_rules(view);
                let after = prediction.after(view);
                if after.restricted().difference(&view.restricted()).next().is_some() {
                    prediction.fails.insert(REFERENCE);
                }
                if !gone.is_empty() {
                    prediction.may_fail.extend(in_between(view));
                }
                prediction
            }
            Statement::Truncate(name) if view.is_referred_to(name) => {
                // Whether it is in use is looked at first.
                let (fails, may_fail) = (Violations::from([UNSUPPORTED]), pending(view, changed));
                Prediction { fails, may_fail, ..Prediction::default() }
            }
            Statement::Truncate(name) => {
                let may_fail = pending(view, changed);
                Prediction {
                    may_fail,
                    changes: vec![Change::Truncate(name.clone())],
                    ..Prediction::default()
                }
            }
            Statement::Select(_, filter) => {
                let rows = matching(table, filter.as_ref()).into_iter();
                let rows = rows.map(|(key, row)| table.shown(key, row)).collect();
                Prediction { rows, ..Prediction::default() }
            }
            Statement::Define(_) => self.predict_definition(view, changed),
        }
    }

    fn predict_definition(&self, view: &Contents, changed: &[Change]) -> Prediction {
        let Statement::Define(definition) = self else { return Prediction::default() };
        let mut prediction =
            Prediction { changes: vec![Change::Define(definition.clone())], ..Prediction::default() };
        prediction.fails = view.dependents(definition);
        let mut after = view.clone();
        after.apply(&prediction.changes[0]);
        let before = view.violations(true);
        // A new condition holds for the rows that are there, also if it is otherwise looked at later.
        prediction.fails.extend(after.violations(true).difference(&before));
        // What waits to be looked at is in the way of most definitions.
        prediction.may_fail = pending(view, changed);
        prediction
    }
}

/// What a table may be in use for: conditions that wait for the commit, and those that waited for it until they were dropped, which
/// leaves what was to be looked at.
fn pending(view: &Contents, changed: &[Change]) -> Violations {
    let waits = Rule::is_deferred;
    let any = view.tables.values().any(|table| table.rules.values().any(waits));
    let drops = |change: &Change| match change {
        Change::Define(Definition::DropTable(..) | Definition::DropColumn(..) | Definition::DropRule(..)) => {
            true
        }
        Change::Define(
            Definition::CreateTable(..)
            | Definition::AddColumn(..)
            | Definition::RenameColumn(..)
            | Definition::AddRule(..)
            | Definition::SetNotNull(..)
            | Definition::SetDefault(..),
        )
        | Change::Put(..)
        | Change::Assign(..)
        | Change::Delete(..)
        | Change::Truncate(_) => false,
    };
    if any || changed.iter().any(drops) {
        Violations::from([IN_USE, REFERENCE, UNIQUE])
    } else {
        Violations::new()
    }
}

/// What a deletion may fail with for what is there only in between: where some foreign keys delete and others refuse, and
/// where they set values that stand once, the order in which they are looked at decides. Whoever refers by default to a row
/// that is gone is refused at once, also where references are otherwise looked at later.
fn in_between(view: &Contents) -> Violations {
    let rules = || view.tables.values().flat_map(|table| table.rules.values());
    let resets = |rule: &Rule| {
        matches!(rule, Rule::Reference { on_delete: OnDelete::SetNull | OnDelete::SetDefault, .. })
    };
    let to_default = |rule: &Rule| matches!(rule, Rule::Reference { on_delete: OnDelete::SetDefault, .. });
    let mut found = Violations::new();
    if has_mixed_actions(view) || rules().any(to_default) {
        found.insert(REFERENCE);
    }
    if rules().any(resets) && rules().any(|rule| rule.unique().is_some()) {
        found.insert(UNIQUE);
    }
    found
}

/// Where some foreign keys delete and others refuse, the order in which they are looked at decides.
fn has_mixed_actions(view: &Contents) -> bool {
    let mut actions =
        view.tables.values().flat_map(|table| table.rules.values()).filter_map(|rule| match rule {
            Rule::Reference { on_delete, .. } => Some(*on_delete),
            Rule::Check(_)
            | Rule::Unique(..)
            | Rule::UniqueIndex(..)
            | Rule::Index(..)
            | Rule::Spread(..) => None,
        });
    let refuses = |action: OnDelete| matches!(action, OnDelete::NoAction | OnDelete::Restrict);
    let first = actions.next();
    actions.any(|action| first.is_some_and(|first| refuses(first) != refuses(action)))
}

fn matching<'t>(table: &'t Table, filter: Option<&Expression>) -> Vec<(i64, &'t Row)> {
    let rows = table.rows.iter().map(|(key, row)| (*key, row));
    rows.filter(|(key, row)| table.passes(filter, *key, row)).collect()
}

fn predict_insert(
    view: &Contents,
    (name, table): (&str, &Table),
    rows: &[NewRow],
    conflict: &OnConflict,
) -> Prediction {
    let mut prediction = Prediction::default();
    let mut now = table.clone();
    for (key, values) in rows {
        let mut row: Row = table
            .columns
            .iter()
            .zip(values)
            .map(|(column, value)| value.clone().unwrap_or_else(|| column.default.clone()))
            .collect();
        table.generate(*key, &mut row);
        // A row is held against NOT NULL and CHECK before its key is looked for.
        let mut alone = table.clone();
        alone.rows = [(*key, row.clone())].into();
        prediction.fails.extend(rules_of_rows(alone));
        let there = now.rows.get(key).cloned();
        let row = match (there, conflict) {
            (None, OnConflict::NothingAtAll) if now.would_have_duplicates(*key, &row) => continue,
            (None, _) => row,
            (Some(_), OnConflict::Fail) => {
                prediction.fails.insert(UNIQUE);
                continue;
            }
            (Some(_), OnConflict::Nothing | OnConflict::NothingAtAll) => continue,
            (Some(_), OnConflict::Update(..)) if !table.rows.contains_key(key) => {
                prediction.fails.insert(CARDINALITY);
                continue;
            }
            (Some(mut there), OnConflict::Update(column, value, condition)) => {
                let changed = prediction
                    .changes
                    .iter()
                    .any(|change| matches!(change, Change::Put(_, changed, _) if changed == key));
                if changed {
                    prediction.fails.insert(CARDINALITY);
                }
                if !table.passes(condition.as_ref(), *key, &there) {
                    continue;
                }
                let value = table.evaluate(value, *key, &there);
                if let Some(place) = table.place(column) {
                    there[place] = value;
                }
                table.generate(*key, &mut there);
                there
            }
        };
        now.rows.insert(*key, row.clone());
        // Row by row: what a later one changes does not help.
        if now.has_duplicates_now() {
            prediction.fails.insert(UNIQUE);
        }
        prediction.rows.push(now.shown(*key, &row));
        prediction.changes.push(Change::Put(name.to_owned(), *key, table.named(&row)));
    }
    prediction.hold_against_rules(view);
    prediction.rows.sort_by_key(|row| key_of(row));
    prediction
}

/// NOT NULL and CHECK.
fn rules_of_rows(mut table: Table) -> Violations {
    let mut alone = Contents::default();
    table.rules.retain(|_, rule| matches!(rule, Rule::Check(_)));
    alone.tables.insert(String::new(), table.into());
    alone.violations(false)
}

fn predict_update(
    view: &Contents,
    (name, table): (&str, &Table),
    set: &[(String, Expression)],
    filter: Option<&Expression>,
) -> Prediction {
    let mut prediction = Prediction::default();
    for (key, row) in matching(table, filter) {
        let mut new = row.clone();
        for (column, value) in set {
            if let Some(place) = table.place(column) {
                new[place] = table.evaluate(value, key, row);
            }
        }
        table.generate(key, &mut new);
        prediction.rows.push(table.shown(key, &new));
        prediction.changes.push(Change::Put(name.to_owned(), key, table.named(&new)));
    }
    let assigned = |column: &Column| {
        set.iter().any(|(name, _)| {
            *name == column.name || column.generated.as_ref().is_some_and(|of| of.reads(name))
        })
    };
    let changed: Vec<&Column> = table.columns.iter().filter(|column| assigned(column)).collect();
    let touches = |rule: &Rule| changed.iter().any(|column| rule.names(&column.name));
    let unique = table.rules.values().filter(|rule| rule.unique().is_some() && !rule.is_deferred());
    if prediction.changes.len() > 1 && unique.into_iter().any(touches) {
        prediction.may_fail.insert(UNIQUE);
    }
    prediction.hold_against_rules(view);
    prediction
}

impl Prediction {
    fn after(&self, view: &Contents) -> Contents {
        let mut after = view.clone();
        self.changes.iter().for_each(|change| after.apply(change));
        after
    }

    /// What the changes break.
    fn hold_against_rules(&mut self, view: &Contents) {
        let after = self.after(view);
        let before = view.violations(false);
        self.fails.extend(after.violations(false).difference(&before));
    }
}

/// The key of a shown row.
pub fn key_of(row: &[Option<String>]) -> i64 {
    row.first().and_then(|key| key.as_deref()).and_then(|key| key.parse().ok()).unwrap_or(i64::MAX)
}

impl Definition {
    /// The table it is about.
    pub fn table(&self) -> &str {
        match self {
            Definition::CreateTable(table, _)
            | Definition::DropTable(table, _)
            | Definition::AddColumn(table, _)
            | Definition::DropColumn(table, _)
            | Definition::RenameColumn(table, ..)
            | Definition::AddRule(table, ..)
            | Definition::DropRule(table, _)
            | Definition::SetNotNull(table, ..)
            | Definition::SetDefault(table, ..) => table,
        }
    }

    /// In SQL. An index is told by its name: those that were made by `ADD CONSTRAINT` begin with `c`.
    pub fn sql(&self) -> Vec<String> {
        let alter = |table: &str, what: String| vec![format!("ALTER TABLE {table} {what}")];
        match self {
            Definition::CreateTable(name, table) => table.sql(name),
            Definition::DropTable(name, cascade) => {
                vec![format!("DROP TABLE {name}{}", if *cascade { " CASCADE" } else { "" })]
            }
            Definition::AddColumn(table, column) => alter(table, format!("ADD COLUMN {}", column.sql())),
            Definition::DropColumn(table, column) => alter(table, format!("DROP COLUMN {column}")),
            Definition::RenameColumn(table, from, to) => {
                alter(table, format!("RENAME COLUMN {from} TO {to}"))
            }
            Definition::AddRule(table, suffix, rule) if rule.is_index() => {
                vec![index_sql(table, suffix, rule)]
            }
            Definition::AddRule(table, suffix, rule) => {
                alter(table, format!("ADD CONSTRAINT {table}_{suffix} {}", rule.sql()))
            }
            Definition::DropRule(table, suffix) if suffix.starts_with('i') => {
                vec![format!("DROP INDEX {table}_{suffix}")]
            }
            Definition::DropRule(table, suffix) => alter(table, format!("DROP CONSTRAINT {table}_{suffix}")),
            Definition::SetNotNull(table, column, not_null) => {
                let what = if *not_null { "SET" } else { "DROP" };
                alter(table, format!("ALTER COLUMN {column} {what} NOT NULL"))
            }
            Definition::SetDefault(table, column, value) => {
                alter(table, format!("ALTER COLUMN {column} SET DEFAULT {}", value.literal()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_be_in_use_for_a_key_that_was_dropped() {
        let view = Contents::default();
        let truncate = |changed: &[Change]| pending(&view, changed).contains(IN_USE);
        assert!(!truncate(&[Change::Truncate("t".into())]));
        assert!(truncate(&[Change::Define(Definition::DropTable("t".into(), true))]));
    }
}
