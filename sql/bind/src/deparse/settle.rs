//! What the columns of entries and of joins are called, as PostgreSQL has it: no two columns of an entry have one name, what is
//! joined by name has that name, and nothing beside it has.
//!
//! A relation may have got columns, or lost some, since the query was bound: those that it got are columns of joins too, and
//! names are found so that the text means what the query meant.

use super::level::Level;
use crate::query::SEQUENCE_COLUMNS;
use crate::shape::{EntryShape, EntrySource, FromShape, JoinAlias, JoinShape, UsingShape};
use catalog::{Relation, Scope};
use plan::expression::Expression;

/// A column that an item of `FROM` yields.
struct Yielded<'l> {
    name: String,
    /// What it was when the query was bound; nothing of a column that its relation got later.
    of: Option<&'l Expression>,
    /// Whether its relation lost it.
    lost: bool,
}

/// An aliased join with the names that it and its columns have.
pub(super) struct NamedJoin<'l> {
    pub alias: &'l JoinAlias,
    pub name: String,
    /// The names of the columns that it had when the query was bound.
    pub columns: Vec<String>,
    /// The names of those that it has.
    pub shown: Vec<String>,
    /// Whether they have to be named after it.
    pub shows_columns: bool,
}

impl<'l> NamedJoin<'l> {
    /// A join whose columns have no names yet.
    pub fn new(alias: &'l JoinAlias, name: String) -> NamedJoin<'l> {
        NamedJoin { alias, name, columns: Vec::new(), shown: Vec::new(), shows_columns: false }
    }
}

/// Names that columns are to have, as they are joined by name further out.
type Wanted<'w> = Vec<(&'w Expression, String)>;

/// What is known of where an item stands.
#[derive(Clone, Default)]
struct Around<'w> {
    wanted: Wanted<'w>,
    /// The names by which is joined further out, which no other column may have.
    joined: Vec<String>,
}

impl<'l> Level<'l> {
    /// Names the columns of items.
    pub(super) fn settle(&mut self, items: &'l [FromShape], scope: &Scope) {
        let alone = items.iter().any(makes_columns);
        let mut used = Vec::new();
        for item in items {
            self.name_joined(item, &Around::default(), &mut used, alone);
        }
        // Where a column of a join is none of either side's, its name alone tells it.
        self.used = if alone { used } else { Vec::new() };
        for item in items {
            self.settle_item(item, &Around::default(), scope);
        }
    }

    /// Chooses the names by which is joined, from outside in. `alone`: no other join of the query has such a name.
    fn name_joined(&mut self, item: &'l FromShape, around: &Around<'l>, used: &mut Vec<String>, alone: bool) {
        let FromShape::Join(join) = item else { return };
        let mut names = Vec::with_capacity(join.using.len());
        for pair in &join.using {
            let known = around
                .wanted
                .iter()
                .find(|(of, _)| join.alias.is_none() && [&pair.merged, &pair.left, &pair.right].contains(of));
            let name = match known {
                Some((_, name)) => name.clone(),
                None => {
                    let taken = |name: &str| {
                        let used = used.iter().filter(|_| alone);
                        used.chain(&around.joined).any(|known| known == name)
                    };
                    let name = distinct(&pair.name, taken);
                    used.push(name.clone());
                    name
                }
            };
            if pair.merged.as_column().is_none() {
                self.merged.push((&pair.merged, name.clone()));
            }
            names.push(name);
        }
        self.using.push((join, names));
        let within = self.within(join, around);
        self.name_joined(&join.left, &within, used, alone);
        self.name_joined(&join.right, &within, used, alone);
    }

    /// What the sides of a join stand in.
    fn within(&self, join: &'l JoinShape, around: &Around<'l>) -> Around<'l> {
        let mut within = around.clone();
        if join.alias.is_some() {
            // What is joined around an alias sees the alias's columns alone.
            within.wanted.clear();
        }
        for (pair, name) in join.using.iter().zip(self.joined_names(join)) {
            within.wanted.retain(|(known, _)| **known != pair.left && **known != pair.right);
            within.wanted.push((&pair.left, name.clone()));
            within.wanted.push((&pair.right, name.clone()));
            within.joined.push(name.clone());
        }
        within
    }

    fn settle_item(&mut self, item: &'l FromShape, around: &Around<'l>, scope: &Scope) -> Vec<Yielded<'l>> {
        match item {
            FromShape::Entry(entry) => self.settle_entry(entry, around, scope),
            FromShape::Join(join) => {
                let within = self.settle_join(join, around, scope);
                match &join.alias {
                    Some(alias) => self.settle_alias(alias, within, around),
                    None => within,
                }
            }
        }
    }

    fn settle_join(&mut self, join: &'l JoinShape, around: &Around<'l>, scope: &Scope) -> Vec<Yielded<'l>> {
        let within = self.within(join, around);
        let merged = |(pair, name): (&'l UsingShape, &String)| Yielded {
            name: name.clone(),
            of: Some(&pair.merged),
            lost: false,
        };
        let mut yielded: Vec<Yielded<'l>> =
            join.using.iter().zip(self.joined_names(join)).map(merged).collect();
        for side in [&join.left, &join.right] {
            let columns = self.settle_item(side, &within, scope);
            let is_joined = |column: &Yielded<'l>| {
                column
                    .of
                    .is_some_and(|of| join.using.iter().any(|pair| pair.left == *of || pair.right == *of))
            };
            yielded.extend(columns.into_iter().filter(|column| !is_joined(column)));
        }
        yielded
    }

    /// What was there keeps its name before what came later.
    fn settle_alias(
        &mut self,
        alias: &'l JoinAlias,
        within: Vec<Yielded<'l>>,
        around: &Around<'l>,
    ) -> Vec<Yielded<'l>> {
        let mut columns: Vec<String> = Vec::with_capacity(alias.columns.len());
        let beside = self.used.iter().chain(&around.joined);
        for (name, of) in &alias.columns {
            let taken = |name: &str| columns.iter().chain(beside.clone()).any(|known| known == name);
            let name = wanted_name(&around.wanted, of).unwrap_or_else(|| distinct(name, taken));
            columns.push(name);
        }
        let mut known = alias.columns.iter().zip(&columns);
        let (mut shown, mut yielded): (Vec<String>, Vec<_>) = (Vec::new(), Vec::new());
        let mut changed = !alias.given.is_empty();
        for inner in within {
            let (name, of) = match inner.of.and_then(|_| known.next()) {
                Some(((_, of), name)) => (name.clone(), Some(of)),
                None => {
                    let known = columns.iter().chain(&shown).chain(beside.clone());
                    (distinct(&inner.name, |name| known.clone().any(|known| known == name)), None)
                }
            };
            if !inner.lost {
                changed |= name != inner.name;
                shown.push(name.clone());
            }
            yielded.push(Yielded { name, of, lost: inner.lost });
        }
        if let Some(named) = self.joins.iter_mut().find(|named| std::ptr::eq(named.alias, alias)) {
            (named.columns, named.shown, named.shows_columns) = (columns, shown, changed);
        }
        yielded
    }

    fn settle_entry(
        &mut self,
        entry: &'l EntryShape,
        around: &Around<'l>,
        scope: &Scope,
    ) -> Vec<Yielded<'l>> {
        let beside = self.used.iter().chain(&around.joined);
        let (_, now) = known_names(entry, scope);
        let Some(named) = self.entries.iter_mut().find(|named| std::ptr::eq(named.entry, entry)) else {
            return Vec::new();
        };
        let mut yielded = Vec::with_capacity(entry.columns.len());
        let mut fixed: Vec<Option<String>> =
            entry.columns.iter().map(|(_, of)| wanted_name(&around.wanted, of)).collect();
        let mut shown: Vec<String> = Vec::new();
        let mut changed = false;
        for (place, (_, of)) in entry.columns.iter().enumerate() {
            let own = current_name(entry, &now, place);
            let lost = own.is_none();
            let given = entry.given.get(place).map(String::as_str);
            let name = match fixed.get_mut(place).and_then(Option::take) {
                Some(name) => name,
                None => {
                    let wanted = given.or(own).unwrap_or_default();
                    let taken = |name: &str| {
                        let mut known = shown.iter().chain(beside.clone()).chain(fixed.iter().flatten());
                        known.any(|known| known == name)
                    };
                    distinct(wanted, taken)
                }
            };
            if let Some(known) = named.columns.get_mut(place) {
                known.clone_from(&name);
            }
            if !lost {
                changed |= own != Some(&*name);
                shown.push(name.clone());
            }
            yielded.push(Yielded { name, of: Some(of), lost });
        }
        for (_, own) in now.iter().filter(|(number, _)| is_new(entry, *number)) {
            let name = distinct(own, |taken| shown.iter().chain(beside.clone()).any(|known| known == taken));
            changed |= name != *own;
            shown.push(name.clone());
            yielded.push(Yielded { name, of: None, lost: false });
        }
        named.shown = shown;
        named.shows_columns = match &entry.source {
            EntrySource::Functions(functions) => functions.behind_alias().is_none(),
            EntrySource::Query(_) | EntrySource::Values(_) | EntrySource::Common(_) => {
                changed || !entry.given.is_empty()
            }
            EntrySource::Relation { .. } => changed,
        };
        yielded
    }
}

/// The name that a relation has now, and those of its columns with their numbers; what is no relation keeps its names.
pub(super) fn known_names(entry: &EntryShape, scope: &Scope) -> (String, Vec<(u16, String)>) {
    let found = match &entry.source {
        EntrySource::Relation { relation, .. } => scope.relation(*relation),
        EntrySource::Query(_)
        | EntrySource::Values(_)
        | EntrySource::Common(_)
        | EntrySource::Functions(_) => None,
    };
    let Some(found) = found else {
        let columns = entry.columns.iter().map(|(name, _)| name.clone());
        return (entry.name.clone(), (1..).zip(columns).collect());
    };
    (found.name().to_owned(), live_columns(&found))
}

/// What a column is called now that stood at a place of an entry; nothing if there is none any more.
pub(super) fn current_name<'n>(
    entry: &EntryShape,
    now: &'n [(u16, String)],
    place: usize,
) -> Option<&'n str> {
    let known = match entry.numbers.get(place) {
        Some(number) => now.iter().find(|(known, _)| known == number),
        None => now.get(place),
    };
    known.map(|(_, name)| name.as_str())
}

fn is_new(entry: &EntryShape, number: u16) -> bool {
    !entry.numbers.is_empty() && !entry.numbers.contains(&number)
}

/// Whether a join that has no name makes columns that are none of either side's.
fn makes_columns(item: &FromShape) -> bool {
    let FromShape::Join(join) = item else { return false };
    let made = join.alias.is_none() && join.using.iter().any(|pair| pair.merged.as_column().is_none());
    made || makes_columns(&join.left) || makes_columns(&join.right)
}

fn wanted_name(wanted: &Wanted<'_>, of: &Expression) -> Option<String> {
    wanted.iter().find(|(known, _)| *known == of).map(|(_, name)| name.clone())
}

/// A name that is not taken.
fn distinct(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1usize;
    while taken(&name) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}

/// The columns of a relation, by their numbers.
fn live_columns(relation: &Relation) -> Vec<(u16, String)> {
    match relation {
        Relation::Table(table) => {
            let numbered =
                |(place, column): (usize, &catalog::object::Column)| (place as u16 + 1, column.name.clone());
            table.live_columns().map(numbered).collect()
        }
        Relation::View(view) => {
            let live = (1..).zip(&view.columns).filter(|(_, column)| !column.column.dropped);
            live.map(|(number, column)| (number, column.column.name.clone())).collect()
        }
        Relation::System(table) => {
            (1..).zip(table.columns.iter().map(|column| column.name.to_owned())).collect()
        }
        Relation::Sequence(_) => {
            (1..).zip(SEQUENCE_COLUMNS.iter().map(|(name, _)| (*name).to_owned())).collect()
        }
        Relation::Index(_) | Relation::Composite(_) => Vec::new(),
    }
}

/// The numbers of a relation's columns.
pub(crate) fn column_numbers(scope: &Scope, relation: u32) -> Vec<u16> {
    let found = scope.relation(relation);
    found.map_or_else(Vec::new, |found| live_columns(&found).into_iter().map(|(number, _)| number).collect())
}
