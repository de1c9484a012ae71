//! Which statement comes next: rows and expressions, drawn by named choices.

use super::Client;
use crate::expression::{Comparison, Expression};
use crate::labels;
use crate::model::contents::Contents;
use crate::model::statement::{NewRow, OnConflict, Statement};
use crate::model::table::{Column, KEY, Rule, Table};
use crate::value::{Kind, Value};

/// Keys that there are.
const KEYS: usize = 24;
/// How deep expressions nest.
const DEPTH: u32 = 3;

impl Client<'_> {
    /// One of the tables.
    pub fn table<'v>(&self, view: &'v Contents) -> Option<(&'v str, &'v Table)> {
        let place = self.choose(&labels::TABLE, view.tables.len());
        view.tables.iter().nth(place).map(|(name, table)| (name.as_str(), &**table))
    }

    /// A value of a type; now and then NULL.
    pub fn value(&self, kind: Kind) -> Value {
        const WORDS: [&str; 7] = ["a", "b", "ab", "", "zz", "a b", "c"];
        match kind {
            Kind::Int => match self.choose(&labels::VALUE, 11) {
                10 => Value::Null,
                number => Value::Int(number as i64 - 1),
            },
            Kind::Text => match WORDS.get(self.choose(&labels::VALUE, WORDS.len() + 1)) {
                Some(word) => Value::Text((*word).to_owned()),
                None => Value::Null,
            },
        }
    }

    /// A value for a column: of one that refers to a table mostly a key that is there.
    fn value_for(&self, view: &Contents, table: &Table, place: usize) -> Value {
        let column = &table.columns[place];
        let referred = table.rules.values().find_map(|rule| match rule {
            Rule::Reference { column: name, to, .. } if *name == column.name => view.tables.get(to),
            Rule::Reference { .. }
            | Rule::Check(_)
            | Rule::Unique(..)
            | Rule::UniqueIndex(..)
            | Rule::Index(..)
            | Rule::Spread(..) => None,
        });
        let keys: Vec<i64> = referred.map_or_else(Vec::new, |table| table.rows.keys().copied().collect());
        if keys.is_empty() || self.choose(&labels::SHAPE, 8) == 7 {
            return self.value(column.kind);
        }
        Value::Int(keys[self.choose(&labels::VALUE, keys.len())])
    }

    /// `INSERT`
    pub fn insert(&self, view: &Contents) -> Option<Statement> {
        let (name, table) = self.table(view)?;
        let row = |_| -> NewRow {
            let key = self.choose(&labels::KEY, KEYS) as i64;
            let value = |place: usize| match self.choose(&labels::VARIANT, 8) {
                _ if table.columns[place].generated.is_some() => None,
                7 => None,
                _ => Some(self.value_for(view, table, place)),
            };
            (key, (0..table.columns.len()).map(value).collect())
        };
        let rows: Vec<NewRow> = (0..=self.choose(&labels::COUNT, 4)).map(row).collect();
        // What is looked at when the transaction commits cannot decide.
        let decides = |rule: &Rule| rule.unique().is_none() || !rule.is_deferred();
        let conflict = match (self.choose(&labels::VARIANT, 7), self.set_one(view, table)) {
            (4, _) => OnConflict::Nothing,
            (6, _) if table.rules.values().all(decides) => OnConflict::NothingAtAll,
            (5, Some((column, value))) => OnConflict::Update(column, value, self.conflict_condition(table)),
            _ => OnConflict::Fail,
        };
        Some(Statement::Insert(name.to_owned(), rows, conflict))
    }

    /// Which rows `ON CONFLICT DO UPDATE` changes, now and then.
    pub fn conflict_condition(&self, table: &Table) -> Option<Expression> {
        (self.choose(&labels::VARIANT, 4) == 3).then(|| self.predicate(&table.typed(), 0))
    }

    /// One more in a row that everybody counts in.
    fn counts(&self, view: &Contents) -> Option<Statement> {
        let (name, table) = view.tables.iter().next()?;
        let counts = |column: &&Column| column.kind == Kind::Int && column.generated.is_none();
        let column = table.columns.iter().find(counts)?;
        let key = Expression::Value(Value::Int(*table.rows.keys().next()?));
        let by_key = Expression::Compare(Comparison::Equal, Expression::column(KEY).into(), key.into());
        let more = Expression::Plus(Expression::column(&column.name).into(), 1);
        Some(Statement::Update(name.clone(), vec![(column.name.clone(), more)], Some(by_key)))
    }

    /// `UPDATE`
    pub fn update(&self, view: &Contents) -> Option<Statement> {
        if self.choose(&labels::VARIANT, 6) == 5
            && let Some(counts) = self.counts(view)
        {
            return Some(counts);
        }
        let (name, table) = self.table(view)?;
        let mut set: Vec<(String, Expression)> = Vec::new();
        for _ in 0..=self.choose(&labels::COUNT, 2) {
            let (column, value) = self.set_one(view, table)?;
            if set.iter().all(|(other, _)| *other != column) {
                set.push((column, value));
            }
        }
        Some(Statement::Update(name.to_owned(), set, self.filter(table)))
    }

    /// `DELETE`
    pub fn delete(&self, view: &Contents) -> Option<Statement> {
        let (name, table) = self.table(view)?;
        Some(Statement::Delete(name.to_owned(), self.filter(table)))
    }

    /// `TRUNCATE`
    pub fn truncate(&self, view: &Contents) -> Option<Statement> {
        self.table(view).map(|(name, _)| Statement::Truncate(name.to_owned()))
    }

    /// `SELECT`
    pub fn select(&self, view: &Contents) -> Option<Statement> {
        let (name, table) = self.table(view)?;
        Some(Statement::Select(name.to_owned(), self.filter(table)))
    }

    /// What `SET` says of a column.
    fn set_one(&self, view: &Contents, table: &Table) -> Option<(String, Expression)> {
        let place = self.choose(&labels::COLUMN, table.columns.len());
        let column = table.columns.get(place).filter(|column| column.generated.is_none())?;
        let value = match (self.choose(&labels::VARIANT, 4), column.kind) {
            (2, Kind::Int) => Expression::Plus(
                Expression::column(&column.name).into(),
                self.choose(&labels::VALUE, 3) as i64 - 1,
            ),
            (3, kind) => self.column(&table.typed(), kind),
            _ => Expression::Value(self.value_for(view, table, place)),
        };
        Some((column.name.clone(), value))
    }

    /// A filter: mostly by the key.
    pub fn filter(&self, table: &Table) -> Option<Expression> {
        let key = || Expression::column(KEY).into();
        match self.choose(&labels::VARIANT, 8) {
            variant @ (0 | 1) => {
                // One that is there, or any.
                let there = table.rows.keys().nth(self.choose(&labels::KEY, KEYS) % table.rows.len().max(1));
                let drawn = there.copied().filter(|_| variant == 0);
                let drawn = drawn.unwrap_or_else(|| self.choose(&labels::KEY, KEYS) as i64);
                let value = Expression::Value(Value::Int(drawn));
                Some(Expression::Compare(Comparison::Equal, key(), value.into()))
            }
            2 => {
                let value = Value::Int(self.choose(&labels::KEY, KEYS) as i64);
                let how = Comparison::ALL[self.choose(&labels::SHAPE, Comparison::ALL.len())];
                Some(Expression::Compare(how, key(), Expression::Value(value).into()))
            }
            3 => {
                let count = 1 + self.choose(&labels::COUNT, 4);
                let keys = (0..count).map(|_| Value::Int(self.choose(&labels::KEY, KEYS) as i64));
                Some(Expression::In(key(), keys.map(Expression::Value).collect()))
            }
            4 if self.choose(&labels::VARIANT, 4) == 3 => None,
            _ => Some(self.predicate(&table.typed(), DEPTH)),
        }
    }

    /// A column of a type, or a value if there is none.
    pub fn column(&self, columns: &[(String, Kind)], kind: Kind) -> Expression {
        let columns = columns.iter().filter(|column| column.1 == kind);
        let names: Vec<&str> = columns.map(|column| column.0.as_str()).collect();
        match names.get(self.choose(&labels::COLUMN, names.len())) {
            Some(name) => Expression::column(name),
            None => Expression::Value(self.value(kind)),
        }
    }

    /// Ranges of a column, as indexes are read by: two of them perhaps, or behind a value of another column.
    pub fn ranges(&self, columns: &[(String, Kind)]) -> Expression {
        let kind = if self.choose(&labels::VARIANT, 5) == 4 { Kind::Text } else { Kind::Int };
        let column = self.column(columns, kind);
        self.ranges_of(columns, &column, kind)
    }

    /// The same of a column of this type.
    pub fn ranges_of(&self, columns: &[(String, Kind)], column: &Expression, kind: Kind) -> Expression {
        let value = || match self.choose(&labels::VARIANT, 3) {
            2 if kind == Kind::Int => Value::Int(self.choose(&labels::KEY, KEYS) as i64),
            _ => self.value(kind),
        };
        let compare = |how: Comparison, of: &Expression, value: Value| {
            Expression::Compare(how, of.clone().into(), Expression::Value(value).into())
        };
        let one = || {
            let low = [Comparison::GreaterOrEqual, Comparison::Greater][self.choose(&labels::SHAPE, 2)];
            let high = [Comparison::LessOrEqual, Comparison::Less][self.choose(&labels::SHAPE, 2)];
            match self.choose(&labels::SHAPE, 4) {
                2 => compare(low, column, value()),
                3 => compare(high, column, value()),
                _ => Expression::And(
                    compare(low, column, value()).into(),
                    compare(high, column, value()).into(),
                ),
            }
        };
        let range = one();
        match self.choose(&labels::VARIANT, 7) {
            2 => Expression::Or(range.into(), one().into()),
            // Values beside ranges: some of them lie within.
            4 => {
                let values = (0..=self.choose(&labels::COUNT, 4)).map(|_| Expression::Value(value()));
                Expression::Or(Expression::In(column.clone().into(), values.collect()).into(), range.into())
            }
            // Each of both may have an index.
            5 | 6 => {
                let other = self.column(columns, Kind::Int);
                let value = || self.value(Kind::Int);
                let high = compare(Comparison::LessOrEqual, &other, value());
                let more = match self.choose(&labels::SHAPE, 3) {
                    2 => high,
                    1 => compare(Comparison::Equal, &other, value()),
                    _ => Expression::And(
                        compare(Comparison::GreaterOrEqual, &other, value()).into(),
                        high.into(),
                    ),
                };
                Expression::And(range.into(), more.into())
            }
            3 => {
                let other = self.column(columns, Kind::Int);
                let value = self.value(Kind::Int);
                Expression::And(compare(Comparison::Equal, &other, value).into(), range.into())
            }
            _ => range,
        }
    }

    /// A condition on rows with these columns.
    pub fn predicate(&self, columns: &[(String, Kind)], depth: u32) -> Expression {
        let kind = || [Kind::Int, Kind::Text][self.choose(&labels::VARIANT, 2)];
        let inner = |_: ()| Box::new(self.predicate(columns, depth - 1));
        match self.choose(&labels::SHAPE, if depth == 0 { 5 } else { 9 }) {
            0 | 1 => {
                let kind = kind();
                let how = Comparison::ALL[self.choose(&labels::SHAPE, Comparison::ALL.len())];
                let right = match self.choose(&labels::VARIANT, 4) {
                    3 => self.column(columns, kind),
                    _ => Expression::Value(self.value(kind)),
                };
                let left = match (self.choose(&labels::VARIANT, 6), kind) {
                    (4, Kind::Int) => Expression::Plus(self.column(columns, kind).into(), 1),
                    (5, kind) => Expression::Coalesce(self.column(columns, kind).into(), self.value(kind)),
                    _ => self.column(columns, kind),
                };
                Expression::Compare(how, left.into(), right.into())
            }
            2 | 3 => {
                let kind = kind();
                let values = (0..=self.choose(&labels::COUNT, 4))
                    .map(|_| Expression::Value(self.value(kind)))
                    .collect();
                Expression::In(self.column(columns, kind).into(), values)
            }
            4 => Expression::IsNull(self.column(columns, kind()).into()),
            5 => Expression::And(inner(()), inner(())),
            6 => Expression::Or(inner(()), inner(())),
            7 => self.ranges(columns),
            _ => Expression::Not(inner(())),
        }
    }
}
