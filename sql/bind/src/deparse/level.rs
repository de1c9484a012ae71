//! What is called how within a query: names of what is in `FROM`, made unique, and of its columns.

use crate::shape::{
    Body, EntryShape, EntrySource, FromShape, JoinAlias, JoinShape, JoinWord, SelectShape, Shape,
};
use catalog::{Relation, Scope};
use plan::expression::{Column, Expression, RelationId};
use std::collections::BTreeMap;

/// The names of a query, and of those around it.
pub(super) struct Level<'l> {
    around: Option<&'l Level<'l>>,
    shape: &'l Shape,
    entries: Vec<Named<'l>>,
    joins: Vec<(&'l JoinAlias, String)>,
    /// Columns that a full join makes of two.
    merged: Vec<(&'l Expression, &'l str)>,
    columns: BTreeMap<Column, (usize, usize)>,
}

/// An entry of `FROM` with the names that it and its columns have.
pub(super) struct Named<'l> {
    pub entry: &'l EntryShape,
    pub name: String,
    pub columns: Vec<String>,
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
            columns: BTreeMap::new(),
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
                &change.from[..]
            }
            Body::Set { .. } => &[],
        };
        from.iter().for_each(|item| level.add(item, scope));
        from.iter().for_each(|item| level.name_using(item));
        level
    }

    /// The rows before and after a change, by their own names.
    pub fn of_rows(shape: &'l Shape, scope: &Scope) -> Level<'l> {
        let mut level = Level {
            around: None,
            shape,
            entries: Vec::new(),
            joins: Vec::new(),
            merged: Vec::new(),
            columns: BTreeMap::new(),
        };
        let Body::Select(select) = &shape.body else { return level };
        for item in &select.from {
            let FromShape::Entry(entry) = item else { continue };
            let number = level.entries.len();
            for (place, (_, expression)) in entry.columns.iter().enumerate() {
                if let Some(column) = expression.as_column() {
                    level.columns.insert(column, (number, place));
                }
            }
            let EntrySource::Relation { relation, .. } = &entry.source else { continue };
            let columns = scope.relation(*relation).map_or_else(Vec::new, |found| names_of(&found).1);
            level.entries.push(Named { entry, name: entry.name.clone(), columns, shows_columns: false });
        }
        level
    }

    fn add(&mut self, item: &'l FromShape, scope: &Scope) {
        match item {
            FromShape::Entry(entry) => self.add_entry(entry, scope),
            FromShape::Join(join) => {
                self.add(&join.left, scope);
                self.add(&join.right, scope);
                if let Some(alias) = &join.alias {
                    let name = self.unique(&alias.name);
                    self.joins.push((alias, name));
                }
                if join.kind == JoinWord::Full {
                    self.merged.extend(join.using.iter().map(|using| (&using.merged, using.name.as_str())));
                }
            }
        }
    }

    fn add_entry(&mut self, entry: &'l EntryShape, scope: &Scope) {
        let real = match &entry.source {
            EntrySource::Relation { relation, .. } => scope.relation(*relation).map(|found| names_of(&found)),
            EntrySource::Query(_)
            | EntrySource::Values(_)
            | EntrySource::Common(_)
            | EntrySource::Functions(_) => None,
        };
        let (own, real) = real.unwrap_or_else(|| {
            (entry.name.clone(), entry.columns.iter().map(|(name, _)| name.clone()).collect())
        });
        let columns: Vec<String> = (0..entry.columns.len())
            .map(|place| entry.given.get(place).or(real.get(place)).cloned().unwrap_or_default())
            .collect();
        let shows_columns = match &entry.source {
            EntrySource::Relation { .. } => columns.iter().zip(&real).any(|(name, real)| name != real),
            EntrySource::Functions(functions) => functions.definitions.is_empty(),
            EntrySource::Query(_) | EntrySource::Values(_) | EntrySource::Common(_) => {
                !entry.given.is_empty()
            }
        };
        let name = self.unique(entry.alias.as_deref().unwrap_or(&own));
        let number = self.entries.len();
        for (place, (_, expression)) in entry.columns.iter().enumerate() {
            if let Some(column) = expression.as_column() {
                self.columns.insert(column, (number, place));
            }
        }
        self.entries.push(Named { entry, name, columns, shows_columns });
    }

    /// Columns that are joined by name have that name.
    fn name_using(&mut self, item: &'l FromShape) {
        let FromShape::Join(join) = item else { return };
        let JoinShape { left, right, using, .. } = &**join;
        self.name_using(left);
        self.name_using(right);
        for pair in using {
            for side in [&pair.left, &pair.right] {
                let found = side.as_column().and_then(|column| self.columns.get(&column));
                let Some((entry, place)) = found.copied() else { continue };
                let Some(named) = self.entries.get_mut(entry) else { continue };
                if let Some(name) = named.columns.get_mut(place)
                    && *name != pair.name
                {
                    name.clone_from(&pair.name);
                    named.shows_columns = true;
                }
            }
        }
    }

    /// A name that nothing here or around has.
    fn unique(&self, wanted: &str) -> String {
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
            || self.joins.iter().any(|(_, known)| known == name)
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

    /// The names that the columns of an aliased join have by what they are of.
    pub fn own_names(&self, alias: &JoinAlias) -> Vec<String> {
        let own = |(name, expression): &(String, Expression)| match self.called(expression, true) {
            Some(Called::Column(_, own) | Called::Merged(own)) => own.to_owned(),
            None => name.clone(),
        };
        alias.columns.iter().map(own).collect()
    }

    /// The name that an aliased join has.
    pub fn name_of_join(&self, alias: &JoinAlias) -> Option<&str> {
        self.joins.iter().find(|(known, _)| std::ptr::eq(*known, alias)).map(|(_, name)| name.as_str())
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
            for (alias, name) in &self.joins {
                let mut columns = alias.columns.iter();
                if let Some((column, _)) = columns.find(|(_, known)| known == expression) {
                    return Some(Called::Column(name, column));
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
        let whole = self.entries.iter().find(|named| {
            !fields.is_empty() && named.entry.columns.iter().map(|(_, column)| column).eq(fields)
        });
        match whole {
            Some(named) => Some(&named.name),
            None => self.around.and_then(|around| around.row_of(fields)),
        }
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

/// A relation's name and those of its columns.
fn names_of(relation: &Relation) -> (String, Vec<String>) {
    let columns = match relation {
        Relation::Table(table) => table.live_columns().map(|(_, column)| column.name.clone()).collect(),
        Relation::View(view) => {
            let live = view.columns.iter().filter(|column| !column.column.dropped);
            live.map(|column| column.column.name.clone()).collect()
        }
        Relation::System(table) => table.columns.iter().map(|column| column.name.to_owned()).collect(),
        Relation::Sequence(_) => {
            crate::query::SEQUENCE_COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect()
        }
        Relation::Index(_) | Relation::Composite(_) => Vec::new(),
    };
    (relation.name().to_owned(), columns)
}
