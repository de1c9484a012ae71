//! Tables of the model: what was declared, and the rows.

use crate::expression::Expression;
use crate::query::Way;
use crate::value::{Kind, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The column that identifies a row; nothing ever changes it.
pub const KEY: &str = "id";

/// A column beside the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it takes no NULL.
    pub not_null: bool,
    /// What a row gets that says nothing.
    pub default: Value,
    /// What it is made of, over the other columns, if it is generated; nobody assigns to it then.
    pub generated: Option<Expression>,
}

/// What the deletion of a row does to those that refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum OnDelete {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl OnDelete {
    /// In SQL.
    pub fn sql(self) -> &'static str {
        match self {
            OnDelete::NoAction => "NO ACTION",
            OnDelete::Restrict => "RESTRICT",
            OnDelete::Cascade => "CASCADE",
            OnDelete::SetNull => "SET NULL",
            OnDelete::SetDefault => "SET DEFAULT",
        }
    }
}

/// What is said of a condition that waits for the commit.
const DEFERRED: &str = " DEFERRABLE INITIALLY DEFERRED";

/// When values are the same, and when that is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sameness {
    /// `NULLS NOT DISTINCT`
    pub nulls_equal: bool,
    /// `DEFERRABLE INITIALLY DEFERRED`
    pub deferred: bool,
}

/// A condition on a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `CHECK`
    Check(Expression),
    /// `UNIQUE` over columns.
    Unique(Vec<String>, Sameness),
    /// `CREATE UNIQUE INDEX … WHERE`
    UniqueIndex(Vec<String>, Option<Expression>),
    /// `FOREIGN KEY` to the key of a table.
    Reference {
        /// The column that refers.
        column: String,
        /// The table referred to.
        to: String,
        /// What a deletion there does.
        on_delete: OnDelete,
        /// Looked at when the transaction commits.
        deferred: bool,
    },
    /// An index that demands nothing: columns, each with its order; which rows.
    Index(Vec<(String, Way)>, Option<Expression>),
    /// One that is not in the order of its key: the column, its type; which rows. Each of them has one entry.
    Spread(String, Kind, Option<Expression>),
}

impl Rule {
    /// Whether it is made by `CREATE INDEX`.
    pub fn is_index(&self) -> bool {
        match self {
            Rule::Check(_) | Rule::Unique(..) | Rule::Reference { .. } => false,
            Rule::UniqueIndex(..) | Rule::Index(..) | Rule::Spread(..) => true,
        }
    }

    /// Whether it is about the column.
    pub fn names(&self, column: &str) -> bool {
        let reads = |predicate: &Option<Expression>| {
            predicate.as_ref().is_some_and(|predicate| predicate.reads(column))
        };
        match self {
            Rule::Check(condition) => condition.reads(column),
            Rule::Unique(columns, _) => columns.iter().any(|name| name == column),
            Rule::UniqueIndex(columns, predicate) => {
                columns.iter().any(|name| name == column) || reads(predicate)
            }
            Rule::Reference { column: name, .. } => name == column,
            Rule::Index(columns, predicate) => {
                columns.iter().any(|(name, _)| name == column) || reads(predicate)
            }
            Rule::Spread(name, _, predicate) => name == column || reads(predicate),
        }
    }

    /// A column that it is about gets another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        let rename = |name: &mut String| {
            if name == from {
                *name = to.to_owned();
            }
        };
        match self {
            Rule::Check(condition) => condition.rename(from, to),
            Rule::Unique(columns, _) => columns.iter_mut().for_each(rename),
            Rule::UniqueIndex(columns, predicate) => {
                columns.iter_mut().for_each(rename);
                predicate.iter_mut().for_each(|predicate| predicate.rename(from, to));
            }
            Rule::Reference { column, .. } => rename(column),
            Rule::Index(columns, predicate) => {
                columns.iter_mut().for_each(|(column, _)| rename(column));
                predicate.iter_mut().for_each(|predicate| predicate.rename(from, to));
            }
            Rule::Spread(column, _, predicate) => {
                rename(column);
                predicate.iter_mut().for_each(|predicate| predicate.rename(from, to));
            }
        }
    }

    /// The columns whose values stand once, and among which rows.
    pub fn unique(&self) -> Option<(&[String], Option<&Expression>)> {
        match self {
            Rule::Unique(columns, _) => Some((columns, None)),
            Rule::UniqueIndex(columns, predicate) => Some((columns, predicate.as_ref())),
            Rule::Check(_) | Rule::Reference { .. } | Rule::Index(..) | Rule::Spread(..) => None,
        }
    }

    /// Which rows alone an index has, if it has not all.
    pub fn predicate(&self) -> Option<&Expression> {
        match self {
            Rule::UniqueIndex(_, predicate) | Rule::Index(_, predicate) | Rule::Spread(_, _, predicate) => {
                predicate.as_ref()
            }
            Rule::Check(_) | Rule::Unique(..) | Rule::Reference { .. } => None,
        }
    }

    /// Whether nulls count as the same.
    fn nulls_equal(&self) -> bool {
        matches!(self, Rule::Unique(_, Sameness { nulls_equal: true, .. }))
    }

    /// Whether it is looked at when the transaction commits.
    pub fn is_deferred(&self) -> bool {
        matches!(
            self,
            Rule::Unique(_, Sameness { deferred: true, .. }) | Rule::Reference { deferred: true, .. }
        )
    }

    /// What is indexed of a number: a range that begins there, and is endless without one.
    pub fn spread_range(column: &str) -> String {
        format!("int8range({column}::bigint, {column}::bigint + 3)")
    }

    /// What `CREATE TABLE` or `ADD CONSTRAINT` says of it; of indexes what follows the table's name.
    pub fn sql(&self) -> String {
        let filter = |predicate: &Option<Expression>| {
            predicate.as_ref().map_or(String::new(), |predicate| format!(" WHERE {}", predicate.sql("")))
        };
        match self {
            Rule::Check(condition) => format!("CHECK {}", condition.sql("")),
            Rule::Unique(columns, Sameness { nulls_equal, deferred }) => format!(
                "UNIQUE{} ({}){}",
                if *nulls_equal { " NULLS NOT DISTINCT" } else { "" },
                columns.join(", "),
                if *deferred { DEFERRED } else { "" }
            ),
            Rule::UniqueIndex(columns, predicate) => {
                format!("({}){}", columns.join(", "), filter(predicate))
            }
            Rule::Reference { column, to, on_delete, deferred } => {
                let action = on_delete.sql();
                let deferred = if *deferred { DEFERRED } else { "" };
                format!("FOREIGN KEY ({column}) REFERENCES {to} ({KEY}) ON DELETE {action}{deferred}")
            }
            Rule::Index(columns, predicate) => {
                let keys = columns.iter().map(|(name, way)| format!("{name}{}", way.sql()));
                format!("({}){}", keys.collect::<Vec<_>>().join(", "), filter(predicate))
            }
            Rule::Spread(column, Kind::Text, predicate) => {
                format!("USING spgist ({column}){}", filter(predicate))
            }
            Rule::Spread(column, Kind::Int, predicate) => {
                format!("USING gist (({})){}", Rule::spread_range(column), filter(predicate))
            }
        }
    }
}

/// The values of a row beside its key, in the order of the columns.
pub type Row = Vec<Value>;

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns beside the key.
    pub columns: Vec<Column>,
    /// Its conditions and indexes by name, which is the table's own followed by this.
    pub rules: BTreeMap<String, Rule>,
    /// Its rows by key.
    pub rows: BTreeMap<i64, Row>,
}

impl Table {
    /// The place of a column.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The value of a column in a row.
    pub fn value(&self, key: i64, row: &[Value], name: &str) -> Value {
        if name == KEY {
            return Value::Int(key);
        }
        self.place(name).and_then(|place| row.get(place)).cloned().unwrap_or(Value::Null)
    }

    /// What an expression gives for a row.
    pub fn evaluate(&self, expression: &Expression, key: i64, row: &[Value]) -> Value {
        expression.value(&|name| self.value(key, row, name))
    }

    /// Whether a row passes a filter.
    pub fn passes(&self, filter: Option<&Expression>, key: i64, row: &[Value]) -> bool {
        filter.is_none_or(|filter| self.evaluate(filter, key, row) == Value::Bool(true))
    }

    /// The values of a row with the names of their columns.
    pub fn named(&self, row: &[Value]) -> Vec<(String, Value)> {
        self.columns.iter().zip(row).map(|(column, value)| (column.name.clone(), value.clone())).collect()
    }

    /// The values of a row that a result shows, behind its key, with the names of their columns. Others may have given these
    /// names to columns of other types.
    pub fn named_as_shown(&self, shown: &[Option<String>]) -> Vec<(String, Value)> {
        let values = shown.iter().skip(1);
        let named = |(column, shown): (&Column, &Option<String>)| {
            (column.name.clone(), Value::read_of_any(column.kind, shown.as_deref()))
        };
        self.columns.iter().zip(values).map(named).collect()
    }

    /// Computes what is generated.
    pub fn generate(&self, key: i64, row: &mut Row) {
        for (place, column) in self.columns.iter().enumerate() {
            if let Some(of) = &column.generated {
                row[place] = self.evaluate(of, key, row);
            }
        }
    }

    /// The same for all rows.
    pub fn generate_all(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.iter_mut().for_each(|(key, row)| self.generate(*key, row));
        self.rows = rows;
    }

    /// Whether a column is generated from another.
    pub fn is_made_of(&self, column: &str) -> bool {
        let reads = |other: &Column| other.generated.as_ref().is_some_and(|of| of.reads(column));
        self.columns.iter().any(reads)
    }

    /// Sets values of a row, which is new perhaps.
    pub fn put(&mut self, key: i64, values: &[(String, Value)]) {
        let new = || self.columns.iter().map(|column| column.default.clone()).collect();
        let mut row: Row = self.rows.get(&key).cloned().unwrap_or_else(new);
        for (name, value) in values {
            if let Some(place) = self.place(name) {
                row[place] = value.clone().assigned_to(self.columns[place].kind);
            }
        }
        self.generate(key, &mut row);
        self.rows.insert(key, row);
    }

    /// Sets columns of a row that is there to what expressions make of it.
    pub fn assign(&mut self, key: i64, set: &[(String, Expression)]) {
        let Some(row) = self.rows.get(&key) else { return };
        let values: Vec<(String, Value)> =
            set.iter().map(|(column, value)| (column.clone(), self.evaluate(value, key, row))).collect();
        self.put(key, &values);
    }

    /// Whether two rows have the same of what stands once, as a rule says.
    pub fn has_duplicates(&self, rule: &Rule) -> bool {
        let Some((columns, predicate)) = rule.unique() else { return false };
        let mut seen = BTreeSet::new();
        self.rows.iter().any(|(key, row)| {
            let values: Vec<Value> = columns.iter().map(|column| self.value(*key, row, column)).collect();
            let known = rule.nulls_equal() || !values.iter().any(Value::is_null);
            let counts = known && self.passes(predicate, *key, row);
            counts && !seen.insert(values)
        })
    }

    /// Whether two rows have the same of what must stand once at any time.
    pub fn has_duplicates_now(&self) -> bool {
        self.rules.values().any(|rule| !rule.is_deferred() && self.has_duplicates(rule))
    }

    /// Whether that is so with another row.
    pub fn would_have_duplicates(&self, key: i64, row: &Row) -> bool {
        let mut with = self.clone();
        with.rows.insert(key, row.clone());
        with.has_duplicates_now()
    }

    /// All columns with their types, the key first.
    pub fn typed(&self) -> Vec<(String, Kind)> {
        let columns = self.columns.iter().map(|column| (column.name.clone(), column.kind));
        std::iter::once((KEY.to_owned(), Kind::Int)).chain(columns).collect()
    }

    /// The names of all columns, the key first.
    pub fn names(&self) -> Vec<&str> {
        std::iter::once(KEY).chain(self.columns.iter().map(|column| column.name.as_str())).collect()
    }

    /// Key and values as `RETURNING` and `SELECT` of [`Table::names`] show them.
    pub fn shown(&self, key: i64, row: &[Value]) -> crate::value::Shown {
        std::iter::once(Some(key.to_string())).chain(row.iter().map(Value::shown)).collect()
    }

    /// A row that a result shows.
    pub fn read(&self, shown: &[Option<String>]) -> Option<(i64, Row)> {
        let (key, values) = shown.split_first()?;
        let key = key.as_deref()?.parse().ok()?;
        let row: Option<Row> = self
            .columns
            .iter()
            .zip(values)
            .map(|(column, shown)| Value::read(column.kind, shown.as_deref()))
            .collect();
        Some((key, row.filter(|row| row.len() == self.columns.len())?))
    }

    /// `CREATE TABLE` of this name, the statements that make its indexes after it.
    pub fn sql(&self, name: &str) -> Vec<String> {
        let mut parts = vec![format!("{KEY} int PRIMARY KEY")];
        parts.extend(self.columns.iter().map(Column::sql));
        let mut statements = Vec::new();
        for (suffix, rule) in &self.rules {
            if rule.is_index() {
                statements.push(index_sql(name, suffix, rule));
            } else {
                parts.push(format!("CONSTRAINT {name}_{suffix} {}", rule.sql()));
            }
        }
        statements.insert(0, format!("CREATE TABLE {name} ({})", parts.join(", ")));
        statements
    }
}

impl Column {
    /// What `CREATE TABLE` and `ADD COLUMN` say of it.
    pub fn sql(&self) -> String {
        let mut text = format!("{} {}", self.name, self.kind.name());
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        if !self.default.is_null() {
            text.push_str(&format!(" DEFAULT {}", self.default.literal()));
        }
        if let Some(of) = &self.generated {
            text.push_str(&format!(" GENERATED ALWAYS AS ({}) STORED", of.sql("")));
        }
        text
    }
}

/// `CREATE INDEX`.
pub fn index_sql(table: &str, suffix: &str, rule: &Rule) -> String {
    let unique = if rule.unique().is_some() { "UNIQUE " } else { "" };
    format!("CREATE {unique}INDEX {table}_{suffix} ON {table} {}", rule.sql())
}
