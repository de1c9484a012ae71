//! What a database holds, and what changes do to it.
//!
//! Changes are carried out as SQL has them: the deletion of a row does to others what their foreign keys say. What must
//! never be there is told by [`Contents::violations`], which looks at everything, whatever was changed.

use super::table::{Column, KEY, OnDelete, Row, Rule, Table};
use crate::expression::Expression;
use crate::state::{CHECK, DEPENDENT, NOT_NULL, REFERENCE, UNIQUE};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One change of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A row is there, with these values in these columns. Others keep theirs; those of a new row are the defaults.
    Put(String, i64, Vec<(String, Value)>),
    /// Columns of a row are given what these expressions make of it. (What a transaction knows of rows that others change at
    /// the same time.)
    Assign(String, i64, Vec<(String, Expression)>),
    /// A row is deleted, and what its deletion brings with it.
    Delete(String, i64),
    /// A table is emptied; nothing refers to it.
    Truncate(String),
    /// A definition.
    Define(Definition),
}

/// A change of what is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// `CREATE TABLE`; without rows.
    CreateTable(String, Table),
    /// `DROP TABLE`, `CASCADE` or not.
    DropTable(String, bool),
    /// `ADD COLUMN`
    AddColumn(String, Column),
    /// `DROP COLUMN`
    DropColumn(String, String),
    /// `RENAME COLUMN`
    RenameColumn(String, String, String),
    /// `ADD CONSTRAINT`, or `CREATE INDEX`.
    AddRule(String, String, Rule),
    /// `DROP CONSTRAINT`, or `DROP INDEX`.
    DropRule(String, String),
    /// `SET NOT NULL`, or `DROP NOT NULL`.
    SetNotNull(String, String, bool),
    /// `SET DEFAULT`
    SetDefault(String, String, Value),
}

/// What must never be there, by its SQLSTATE.
pub type Violations = BTreeSet<&'static str>;

/// What a database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Tables by name. States that do not differ in one share it.
    pub tables: BTreeMap<String, Arc<Table>>,
}

impl Contents {
    fn table(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.get_mut(name).map(Arc::make_mut)
    }

    /// Carries a change out. One of what is not there changes nothing.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(table, key, values) => {
                if let Some(table) = self.table(table) {
                    table.put(*key, values);
                }
            }
            Change::Assign(table, key, set) => {
                if let Some(table) = self.table(table) {
                    table.assign(*key, set);
                }
            }
            Change::Delete(table, key) => self.delete(table, *key),
            Change::Truncate(table) => {
                if let Some(table) = self.table(table) {
                    table.rows.clear();
                }
            }
            Change::Define(definition) => self.define(definition),
        }
    }

    fn delete(&mut self, table: &str, key: i64) {
        let gone = self.table(table).and_then(|table| table.rows.remove(&key));
        if gone.is_none() {
            return;
        }
        for (name, place, on_delete) in self.references_to(table) {
            let refers = |row: &Row| row.get(place) == Some(&Value::Int(key));
            let Some(referring) = self.tables.get(&name) else { continue };
            let keys: Vec<i64> =
                referring.rows.iter().filter(|(_, row)| refers(row)).map(|(key, _)| *key).collect();
            for referring in keys {
                match on_delete {
                    OnDelete::NoAction | OnDelete::Restrict => {}
                    OnDelete::Cascade => self.delete(&name, referring),
                    OnDelete::SetNull | OnDelete::SetDefault => {
                        let Some(table) = self.table(&name) else { continue };
                        let column = &table.columns[place];
                        let default = (on_delete == OnDelete::SetDefault).then(|| column.default.clone());
                        let set = [(column.name.clone(), default.unwrap_or(Value::Null))];
                        table.put(referring, &set);
                    }
                }
            }
        }
    }

    /// The foreign keys to a table: whose, from which place, what deletion does.
    fn references_to(&self, table: &str) -> Vec<(String, usize, OnDelete)> {
        let mut found = Vec::new();
        for (name, referring) in &self.tables {
            for rule in referring.rules.values() {
                if let Rule::Reference { column, to, on_delete, .. } = rule
                    && to == table
                    && let Some(place) = referring.place(column)
                {
                    found.push((name.clone(), place, *on_delete));
                }
            }
        }
        found
    }

    /// Whether another table refers to this one.
    pub fn is_referred_to(&self, table: &str) -> bool {
        self.references_to(table).iter().any(|(name, ..)| name != table)
    }

    fn define(&mut self, definition: &Definition) {
        match definition {
            Definition::CreateTable(name, table) => {
                self.tables.insert(name.clone(), Arc::new(table.clone()));
            }
            Definition::DropTable(name, _) => {
                self.tables.remove(name);
                for table in self.tables.values_mut() {
                    let refers = |rule: &Rule| matches!(rule, Rule::Reference { to, .. } if to == name);
                    if table.rules.values().any(refers) {
                        Arc::make_mut(table).rules.retain(|_, rule| !refers(rule));
                    }
                }
            }
            Definition::AddColumn(table, column) => {
                if let Some(table) = self.table(table) {
                    table.columns.push(column.clone());
                    table.rows.values_mut().for_each(|row| row.push(column.default.clone()));
                    table.generate_all();
                }
            }
            Definition::DropColumn(table, column) => {
                if let Some(table) = self.table(table)
                    && let Some(place) = table.place(column)
                {
                    table.columns.remove(place);
                    table.rules.retain(|_, rule| !rule.names(column));
                    for row in table.rows.values_mut().filter(|row| place < row.len()) {
                        row.remove(place);
                    }
                }
            }
            Definition::RenameColumn(table, from, to) => self.rename_column(table, from, to),
            Definition::AddRule(table, suffix, rule) => {
                if let Some(table) = self.table(table) {
                    table.rules.insert(suffix.clone(), rule.clone());
                }
            }
            Definition::DropRule(table, suffix) => {
                if let Some(table) = self.table(table) {
                    table.rules.remove(suffix);
                }
            }
            Definition::SetNotNull(table, column, not_null) => {
                if let Some(column) = self.column(table, column) {
                    column.not_null = *not_null;
                }
            }
            Definition::SetDefault(table, column, value) => {
                if let Some(column) = self.column(table, column) {
                    column.default = value.clone();
                }
            }
        }
    }

    fn column(&mut self, table: &str, column: &str) -> Option<&mut Column> {
        self.table(table)?.columns.iter_mut().find(|it| it.name == column)
    }

    fn rename_column(&mut self, table: &str, from: &str, to: &str) {
        if let Some(column) = self.column(table, from) {
            column.name = to.to_owned();
        }
        if let Some(table) = self.table(table) {
            let generated = table.columns.iter_mut().filter_map(|column| column.generated.as_mut());
            generated.for_each(|of| of.rename(from, to));
            table.rules.values_mut().for_each(|rule| rule.rename(from, to));
        }
    }

    /// Rows that refer to none that is there, by foreign keys whose `RESTRICT` is not put off, whatever they say of themselves.
    pub fn restricted(&self) -> BTreeSet<(&str, &str, i64)> {
        let mut found = BTreeSet::new();
        for (name, table) in &self.tables {
            for (suffix, rule) in &table.rules {
                let Rule::Reference { column, to, on_delete: OnDelete::Restrict, .. } = rule else {
                    continue;
                };
                let dangles = self.dangling(table, column, to);
                found.extend(dangles.map(|key| (name.as_str(), suffix.as_str(), key)));
            }
        }
        found
    }

    /// Rows of a table that refer by a column to none that is there.
    fn dangling<'t>(
        &self,
        table: &'t Table,
        column: &'t str,
        to: &str,
    ) -> impl Iterator<Item = i64> + use<'t> {
        let referred = self.tables.get(to).cloned();
        let dangles = move |(key, row): (&i64, &'t Row)| match table.value(*key, row, column) {
            Value::Int(number) => {
                let there = referred.as_ref().is_some_and(|table| table.rows.contains_key(&number));
                (!there).then_some(*key)
            }
            Value::Text(_) | Value::Bool(_) | Value::Null => None,
        };
        table.rows.iter().filter_map(dangles)
    }

    /// What a definition is refused for beside the rows: what depends on it.
    pub fn dependents(&self, definition: &Definition) -> Violations {
        match definition {
            Definition::DropTable(name, false) if self.is_referred_to(name) => Violations::from([DEPENDENT]),
            Definition::DropColumn(name, column)
                if self.tables.get(name).is_some_and(|table| table.is_made_of(column)) =>
            {
                Violations::from([DEPENDENT])
            }
            _ => Violations::new(),
        }
    }

    /// Everything that must not be; `at_commit` counts what may be so until then.
    pub fn violations(&self, at_commit: bool) -> Violations {
        let mut found = Violations::new();
        for table in self.tables.values() {
            for (place, _) in table.columns.iter().enumerate().filter(|(_, column)| column.not_null) {
                if table.rows.values().any(|row| row.get(place) == Some(&Value::Null)) {
                    found.insert(NOT_NULL);
                }
            }
            for rule in table.rules.values() {
                found.extend(self.violated(table, rule, at_commit));
            }
        }
        found
    }

    fn violated(&self, table: &Table, rule: &Rule, at_commit: bool) -> Option<&'static str> {
        match rule {
            Rule::Check(condition) => {
                let fails =
                    |(key, row): (&i64, &Row)| table.evaluate(condition, *key, row) == Value::Bool(false);
                table.rows.iter().any(fails).then_some(CHECK)
            }
            Rule::Unique(..) if rule.is_deferred() && !at_commit => None,
            Rule::Unique(..) | Rule::UniqueIndex(..) => table.has_duplicates(rule).then_some(UNIQUE),
            Rule::Reference { column, to, deferred, .. } => {
                if *deferred && !at_commit {
                    return None;
                }
                self.dangling(table, column, to).next().map(|_| REFERENCE)
            }
            Rule::Index(..) | Rule::Spread(..) => None,
        }
    }

    /// The first difference from what was found, for a reader.
    pub fn difference(&self, found: &Contents) -> Option<String> {
        if self.tables.keys().ne(found.tables.keys()) {
            let names = |contents: &Contents| contents.tables.keys().cloned().collect::<Vec<_>>().join(", ");
            return Some(format!("expected the tables {}, found {}", names(self), names(found)));
        }
        self.tables.iter().zip(found.tables.values()).find_map(|((name, expected), found)| {
            difference(expected, found).map(|difference| format!("table {name}: {difference}"))
        })
    }
}

fn difference(expected: &Table, found: &Table) -> Option<String> {
    if expected.columns != found.columns {
        return Some(format!("expected the columns {:?}, found {:?}", expected.columns, found.columns));
    }
    if expected.rules.keys().ne(found.rules.keys()) {
        let names = |table: &Table| table.rules.keys().cloned().collect::<Vec<_>>().join(", ");
        return Some(format!(
            "expected the constraints and indexes {}, found {}",
            names(expected),
            names(found)
        ));
    }
    let keys: BTreeSet<&i64> = expected.rows.keys().chain(found.rows.keys()).collect();
    let row = |row: Option<&Row>| match row {
        None => "nothing".to_owned(),
        Some(row) => row.iter().map(Value::literal).collect::<Vec<_>>().join(", "),
    };
    keys.into_iter().find_map(|key| {
        let (expected, found) = (expected.rows.get(key), found.rows.get(key));
        (expected != found)
            .then(|| format!("row {KEY} = {key} should be {}, and is {}", row(expected), row(found)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Kind;

    fn with_reference(on_delete: OnDelete) -> Contents {
        let column = |name: &str| Column {
            name: name.to_owned(),
            kind: Kind::Int,
            not_null: false,
            default: Value::Null,
            generated: None,
        };
        let referring = Table {
            columns: vec![column("a")],
            rules: BTreeMap::from([(
                "r".to_owned(),
                Rule::Reference { column: "a".to_owned(), to: "p".to_owned(), on_delete, deferred: false },
            )]),
            rows: BTreeMap::from([(1, vec![Value::Int(7)]), (2, vec![Value::Null])]),
        };
        let referred = Table { rows: BTreeMap::from([(7, Vec::new())]), ..Table::default() };
        let tables = [("p".to_owned(), Arc::new(referred)), ("c".to_owned(), Arc::new(referring))];
        Contents { tables: BTreeMap::from(tables) }
    }

    #[test]
    fn deletions_do_what_foreign_keys_say() {
        let delete = Change::Delete("p".to_owned(), 7);
        for (on_delete, violations, rows) in [
            (OnDelete::NoAction, Violations::from([REFERENCE]), 2),
            (OnDelete::Restrict, Violations::from([REFERENCE]), 2),
            (OnDelete::Cascade, Violations::new(), 1),
            (OnDelete::SetNull, Violations::new(), 2),
            (OnDelete::SetDefault, Violations::new(), 2),
        ] {
            let mut contents = with_reference(on_delete);
            assert!(contents.violations(true).is_empty());
            contents.apply(&delete);
            assert_eq!(contents.violations(true), violations, "{on_delete:?}");
            assert_eq!(contents.tables["c"].rows.len(), rows, "{on_delete:?}");
        }
    }

    #[test]
    fn a_difference_is_told_in_words() {
        let contents = with_reference(OnDelete::Cascade);
        let mut other = contents.clone();
        assert_eq!(contents.difference(&other), None);
        other.apply(&Change::Put("c".to_owned(), 2, vec![("a".to_owned(), Value::Int(3))]));
        assert_eq!(
            contents.difference(&other).as_deref(),
            Some("table c: row id = 2 should be NULL, and is 3")
        );
    }
}
