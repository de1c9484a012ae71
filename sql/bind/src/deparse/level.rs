//! What is called how within a query: names of what is in `FROM`, made unique, and of its columns.

use super::settle::{NamedJoin, current_name, known_names};
use crate::shape::{
    Body, ChangeHow, EntryShape, EntrySource, FromShape, JoinAlias, JoinShape, SelectShape, Shape,
};
use catalog::Scope;
use plan::expression::{Column, Expression, ExpressionKind, RelationId};
use std::collections::BTreeMap;
use types::Value;

/// The names of a query, and of those around it.
pub(super) struct Level<'l> {
    around: Option<&'l Level<'l>>,
    shape: &'l Shape,
    pub(super) entries: Vec<Named<'l>>,
    pub(super) joins: Vec<NamedJoin<'l>>,
    /// Columns that joins make, and what they are called.
    pub(super) merged: Vec<(&'l Expression, String)>,
    /// The names by which is joined, join by join.
    pub(super) using: Vec<(&'l JoinShape, Vec<String>)>,
    /// Those of them that no other column has.
    pub(super) used: Vec<String>,
    columns: BTreeMap<Column, (usize, usize)>,
    /// Whether its columns are named without what they are of: those of a policy's table.
    pub(super) bare: bool,
}

/// An entry of `FROM` with the names that it and its columns have.
pub(super) struct Named<'l> {
    pub entry: &'l EntryShape,
    pub name: String,
    pub columns: Vec<String>,
    /// The names of the columns that it has now.
    pub shown: Vec<String>,
    /// Whether the columns have to be named after it.
    pub shows_columns: bool,
}

/// What a column is called.
pub(super) enum Called<'l> {
    /// A column of an entry.
    Column(&'l str, &'l str),
    /// A column that a full join makes.
    Merged(&'l str),
}

impl<'l> Level<'l> {
    pub fn new(around: Option<&'l Level<'l>>, shape: &'l Shape, scope: &Scope) -> Level<'l> {
        let mut level = Level {
            around,
            shape,
            entries: Vec::new(),
            joins: Vec::new(),
            merged: Vec::new(),
            using: Vec::new(),
            used: Vec::new(),
            columns: BTreeMap::new(),
            bare: false,
        };
        let from = match &shape.body {
            Body::Select(select) => &select.from[..],
            Body::Change(change) => {
                level.add_entry(&change.target, scope);
                // Rows as they are made go by the same names.
                for place in 0..change.target.columns.len() {
                    let column = Column { relation: change.made, index: place as u32 };
                    level.columns.entry(column).or_insert((0, place));
                }
                if let ChangeHow::Insert { conflict: Some(conflict), .. } = &change.how
                    && let Some(update) = &conflict.update
                {
                    for (place, existing) in update.existing.iter().enumerate() {
                        if let Some(column) = existing.as_column() {
                            level.columns.entry(column).or_insert((0, place));
                        }
                    }
                    level.add_entry(&update.excluded, scope);
                }
                &change.from[..]
            }
            Body::Set { .. } => &[],
        };
        from.iter().for_each(|item| level.add(item, scope));
        level.settle(from, scope);
        level
    }

    /// The rows before and after a change by their own names, or those of a table.
    pub fn of_rows(shape: &'l Shape, scope: &Scope) -> Level<'l> {
        let mut level = Level {
            around: None,
            shape,
            entries: Vec::new(),
            joins: Vec::new(),
            merged: Vec::new(),
            using: Vec::new(),
            used: Vec::new(),
            columns: BTreeMap::new(),
            bare: false,
        };
        let Body::Select(select) = &shape.body else { return level };
        level.bare = select.from.len() == 1;
        for item in &select.from {
            let FromShape::Entry(entry) = item else { continue };
            let number = level.entries.len();
            for (place, (_, expression)) in entry.columns.iter().enumerate() {
                if let Some(column) = expression.as_column() {
                    level.columns.insert(column, (number, place));
                }
            }
            let (table, now) = known_names(entry, scope);
            let own = |place| current_name(entry, &now, place).unwrap_or_default().to_owned();
            let columns: Vec<String> = (0..entry.columns.len()).map(own).collect();
            let name = if level.bare { table } else { entry.name.clone() };
            let shown = columns.clone();
            level.entries.push(Named { entry, name, columns, shown, shows_columns: false });
        }
        level
    }

    /// Whether it, or one around it, has anything in `FROM`.
    pub fn names_something(&self) -> bool {
        !self.entries.is_empty() || self.around.is_some_and(Level::names_something)
    }

    fn add(&mut self, item: &'l FromShape, scope: &Scope) {
        match item {
            FromShape::Entry(entry) => self.add_entry(entry, scope),
            FromShape::Join(join) => {
                self.add(&join.left, scope);
                self.add(&join.right, scope);
                if let Some(alias) = &join.alias {
                    self.joins.push(NamedJoin::new(alias, self.unique(&alias.name)));
                }
            }
        }
    }

    fn add_entry(&mut self, entry: &'l EntryShape, scope: &Scope) {
        let (own, now) = known_names(entry, scope);
        let columns: Vec<String> = (0..entry.columns.len())
            .map(|place| current_name(entry, &now, place).unwrap_or_default().to_owned())
            .collect();
        let name = self.unique(entry.alias.as_deref().unwrap_or(&own));
        let number = self.entries.len();
        for (place, (_, expression)) in entry.columns.iter().enumerate() {
            if let Some(column) = expression.as_column() {
                self.columns.insert(column, (number, place));
            }
        }
        let shown = columns.clone();
        self.entries.push(Named { entry, name, columns, shown, shows_columns: false });
    }

    /// A name that nothing here or around has.
    pub(super) fn unique(&self, wanted: &str) -> String {
        if !self.is_taken(wanted) {
            return wanted.to_owned();
        }
        let mut number = 1usize;
        loop {
            let name = format!("{wanted}_{number}");
            if !self.is_taken(&name) {
                return name;
            }
            number += 1;
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
            || self.joins.iter().any(|known| known.name == name)
            || match self.around {
                Some(around) => around.is_taken(name),
                // The rows before and after a change, of which rules speak.
                None => name == "old" || name == "new",
            }
    }

    /// The query's `SELECT`, if it is one.
    pub fn select(&self) -> Option<&'l SelectShape> {
        match &self.shape.body {
            Body::Select(select) => Some(select),
            Body::Set { .. } | Body::Change(_) => None,
        }
    }

    pub fn around(&self) -> Option<&'l Level<'l>> {
        self.around
    }

    /// The entry with its names.
    pub fn named(&self, entry: &EntryShape) -> Option<&Named<'l>> {
        self.entries.iter().find(|named| std::ptr::eq(named.entry, entry))
    }

    /// The aliased join with its names.
    pub fn named_join(&self, alias: &JoinAlias) -> Option<&NamedJoin<'l>> {
        self.joins.iter().find(|known| std::ptr::eq(known.alias, alias))
    }

    /// The names by which is joined.
    pub fn joined_names(&self, join: &JoinShape) -> &[String] {
        let found = self.using.iter().find(|(known, _)| std::ptr::eq(*known, join));
        found.map_or(&[], |(_, names)| names)
    }

    /// The name of what scans a table.
    pub fn name_of_scan(&self, relation: RelationId) -> Option<&str> {
        let found = self.entries.iter().find(|named| match &named.entry.source {
            EntrySource::Relation { scan, .. } => *scan == Some(relation),
            EntrySource::Query(_)
            | EntrySource::Values(_)
            | EntrySource::Common(_)
            | EntrySource::Functions(_) => false,
        });
        match found {
            Some(named) => Some(&named.name),
            None => self.around.and_then(|around| around.name_of_scan(relation)),
        }
    }

    /// What an expression is called, here or around. Within `FROM` joins' own names mean nothing yet.
    pub fn called(&self, expression: &Expression, within_from: bool) -> Option<Called<'_>> {
        if !within_from {
            for join in &self.joins {
                let mut columns = join.alias.columns.iter().zip(&join.columns);
                if let Some((_, column)) = columns.find(|((_, known), _)| known == expression) {
                    return Some(Called::Column(&join.name, column));
                }
            }
        }
        let merged = self.merged.iter().find(|(known, _)| *known == expression);
        if let Some((_, name)) = merged {
            return Some(Called::Merged(name));
        }
        let found = expression.as_column().and_then(|column| self.columns.get(&column));
        if let Some((entry, place)) = found {
            let named = self.entries.get(*entry)?;
            return Some(Called::Column(&named.name, named.columns.get(*place)?));
        }
        self.around.and_then(|around| around.called(expression, false))
    }

    /// The entry whose whole row these fields are.
    pub fn row_of(&self, fields: &[Expression]) -> Option<&str> {
        // Dropped columns have their places in rows, as nulls.
        let is_there = |field: &&Expression| !matches!(field.kind, ExpressionKind::Constant(Value::Null));
        let whole = self.entries.iter().find(|named| {
            let columns = || named.entry.columns.iter().map(|(_, column)| column);
            !fields.is_empty() && columns().len() > 0 && columns().eq(fields.iter().filter(is_there))
        });
        let whole = whole.or_else(|| self.entry_in_order(fields.iter().filter(is_there)));
        match whole {
            Some(named) => Some(&named.name),
            None => self.around.and_then(|around| around.row_of(fields)),
        }
    }

    /// The entry that has these columns and no others, by whatever relation they go.
    fn entry_in_order<'e>(&self, fields: impl Iterator<Item = &'e Expression>) -> Option<&Named<'l>> {
        let places = fields.map(|field| self.columns.get(&field.as_column()?).copied());
        let places = places.collect::<Option<Vec<_>>>()?;
        let (entry, _) = *places.first()?;
        let named = self.entries.get(entry)?;
        places.iter().copied().eq((0..named.columns.len()).map(|place| (entry, place))).then_some(named)
    }

    /// Whether expressions use columns of what stands beside them.
    pub fn owns_any(&self, expressions: &[Expression]) -> bool {
        let mut own = false;
        for expression in expressions {
            expression.for_each_column(&mut |column| own |= self.columns.contains_key(&column));
        }
        own
    }
}
