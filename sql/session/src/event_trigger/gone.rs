//! What a command has taken away: the objects that are gone, and what went along with each.

use crate::identify::{Identifier, Identity};
use catalog::object::{
    Body, Column, Composite, Object, Oid, Replication, Rule, Source, Table, class, is_temporary,
};
use catalog::{Address, DependencyKind, Scope};
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::statement::StatementKind;

/// Something that is gone.
pub struct Gone {
    pub of: Oid,
    pub address: Address,
    pub original: bool,
    pub normal: bool,
    pub temporary: bool,
    pub identity: Identity,
    /// The schema of what it belongs to.
    pub schema: Option<String>,
}

/// What is gone in the order in which it is told: what was named, and behind it what went along.
pub fn gone(
    before: &Scope,
    after: &Scope,
    statement: &StatementKind<'_>,
    named: &[(Oid, Address)],
) -> Vec<Gone> {
    let changed = after.differing(before);
    let lost: BTreeMap<Oid, &Object> = changed
        .iter()
        .filter_map(|(old, new)| old.filter(|_| new.is_none()).map(|old| (old.oid(), old)))
        .collect();
    let owned = match statement {
        StatementKind::Owned(_) => {
            let owned = lost.values().filter(|object| object.owner().is_some());
            owned.map(|object| object.oid()).collect()
        }
        _ => BTreeSet::new(), // nothing is dropped for its owner
    };
    let mut walk = Walk { before, lost: &lost, owned, seen: BTreeSet::new(), found: Vec::new() };
    for (old, new) in &changed {
        match (old, new) {
            (Some(Object::Table(old)), Some(Object::Table(new))) => walk.columns(old, new),
            (Some(Object::Composite(old)), Some(Object::Composite(new))) => walk.attributes(old, new),
            _ => {} // others have no columns that go
        }
    }
    if let StatementKind::Drop(_) = statement {
        // The last that is named is told first.
        named.iter().rev().for_each(|(_, address)| walk.visit(address.oid, true, false));
    }
    let goes_along = |oid: &Oid| {
        before.dependencies_of(*oid).any(|(_, on, _)| on.oid != *oid && lost.contains_key(&on.oid))
    };
    let roots: Vec<Oid> = lost.keys().copied().filter(|oid| !goes_along(oid)).collect();
    // What an identity counted with goes without a word when a column stays that was one.
    let silent = |oid: &Oid| match lost.get(oid) {
        Some(Object::Sequence(_)) => {
            let mut edges = before.dependencies_of(*oid);
            edges.any(|(_, _, kind)| kind == DependencyKind::Internal)
        }
        _ => false, // no sequence
    };
    let silent: Vec<Oid> = roots.iter().copied().filter(silent).collect();
    walk.seen.extend(silent);
    roots.into_iter().for_each(|oid| walk.visit(oid, true, false));
    lost.keys().for_each(|oid| walk.visit(*oid, false, false));
    walk.found
}

/// From what is gone to what went along.
struct Walk<'w> {
    before: &'w Scope,
    lost: &'w BTreeMap<Oid, &'w Object>,
    /// What is dropped for its owner, whatever it depended on.
    owned: BTreeSet<Oid>,
    seen: BTreeSet<Oid>,
    found: Vec<Gone>,
}

/// The number of a column's default, or of what it is computed by.
fn default_of(column: &Column) -> Option<Oid> {
    match &column.source {
        Source::Default(expression) | Source::Generated(expression) => Some(expression.oid),
        Source::Null | Source::Identity { .. } => None,
    }
}

/// Whether an object is said to have gone because something else went, whatever it is.
fn is_always_normal(object: &Object, original: bool) -> bool {
    match object {
        // What a rule does names its table once more.
        Object::Rewrite(_) => !original,
        // PostgreSQL says so of each.
        Object::Replication(replication) => matches!(**replication, Replication::Subscription(_)),
        _ => false, // that depends
    }
}

impl Walk<'_> {
    /// An object, or a default, and what went along with it.
    fn visit(&mut self, oid: Oid, original: bool, normal: bool) {
        let Some(object) = self.lost.get(&oid).copied() else {
            if crate::described::default_of(self.before, oid).is_some() && self.seen.insert(oid) {
                let mut edges = self.before.dependencies_of(oid);
                let counts = edges
                    .any(|(_, on, kind)| kind == DependencyKind::Normal && self.lost.contains_key(&on.oid));
                self.push((class::DEFAULT, Address::of(oid)), original, normal || counts);
            }
            return;
        };
        let awaits = |parent: Oid| self.lost.contains_key(&parent) && !self.seen.contains(&parent);
        match object {
            Object::Role(_) | Object::Database(_) => return,
            // It goes with its table, and as a part with the whole.
            Object::Constraint(constraint) if awaits(constraint.table) || awaits(constraint.parent) => return,
            // It goes with the index that it is a part of.
            Object::Index(index) if awaits(index.parent) || awaits(index.table) => return,
            Object::Sequence(sequence) if sequence.owned_by.is_some_and(|(table, _)| awaits(table)) => return,
            _ => {}
        }
        if let Object::Index(index) = object
            && index.parent != 0
            && let Some(key) = self.key_of(oid)
        {
            self.visit(key, false, false);
        }
        if !self.seen.insert(oid) {
            return;
        }
        let (original, normal) = if self.owned.contains(&oid) { (true, false) } else { (original, normal) };
        let normal = normal || self.stood_in_the_way(object, original) || is_always_normal(object, original);
        let comes = match object {
            Object::Multirange(_) => true,
            Object::Function(made) => {
                let mut edges = self.before.dependencies_of(oid);
                let of_extension = edges.any(|(_, _, kind)| kind == DependencyKind::Extension);
                matches!(made.body, Body::BuiltIn(_)) && !of_extension
            }
            _ => false, // made by itself
        };
        let checks =
            matches!(object, Object::Constraint(constraint) if matches!(constraint.rule, Rule::Check(_)));
        self.push((object.class(), Address::of(oid)), original, normal || (checks || comes) && !original);
        let mut along = self.dependents(|on| on.oid == oid);
        // A sequence that came with a column comes before all else.
        let table = oid;
        let of_column = |oid: Oid| match self.lost.get(&oid) {
            Some(Object::Sequence(sequence)) if sequence.owned_by.is_some_and(|(of, _)| of == table) => {
                let mut edges = self.before.dependencies_of(oid);
                edges.any(|(_, _, kind)| kind == DependencyKind::Internal)
                    || !self.dependents(|on| on.oid == oid).is_empty()
            }
            _ => false, // none of its own
        };
        let parts: Vec<Oid> = along.iter().map(|(oid, _)| *oid).filter(|oid| of_column(*oid)).collect();
        for part in parts {
            if let Some(sequence) = self.lost.get(&part)
                && self.seen.insert(part)
            {
                let normal = self.stood_in_the_way(sequence, false);
                self.push((class::RELATION, Address::of(part)), false, normal);
            }
        }
        along.extend(self.parts(object).into_iter().map(|oid| (oid, false)));
        along.sort_unstable_by_key(|(oid, _)| *oid);
        along.into_iter().for_each(|(oid, normal)| self.visit(oid, false, normal));
    }

    /// Whether an object had to go because something else went that it stood in the way of. A view that was meant itself did only
    /// in its schema's: what its query reads is its rule's.
    fn stood_in_the_way(&self, object: &Object, original: bool) -> bool {
        let (own, is_view) = (object.oid(), matches!(object, Object::View(_)));
        let mut edges = self.before.dependencies_of(own);
        edges.any(|(_, on, kind)| {
            let counts = |on: &Object| !(is_view && original) || matches!(on, Object::Schema(_));
            kind == DependencyKind::Normal
                && on.oid != own
                && self.lost.get(&on.oid).is_some_and(|on| counts(on))
        })
    }

    /// The key that an index serves, if it is gone and was not told yet.
    fn key_of(&self, index: Oid) -> Option<Oid> {
        let mut keys = self.lost.values().filter_map(|object| match object {
            Object::Constraint(key) => Some(key),
            _ => None, // no key
        });
        let serves = |rule: &Rule| match rule {
            Rule::Unique(of) | Rule::PrimaryKey(of) | Rule::Exclude(of, _) => *of == index,
            Rule::Check(_) | Rule::ForeignKey { .. } => false,
        };
        keys.find(|key| serves(&key.rule) && !self.seen.contains(&key.oid)).map(|key| key.oid)
    }

    /// What depended on something, and whether it stood in the way.
    fn dependents(&self, on: impl Fn(&Address) -> bool) -> Vec<(Oid, bool)> {
        let edges = self.before.all_dependencies().filter(|(from, to, _)| on(to) && from.oid != to.oid);
        edges.map(|(from, _, kind)| (from.oid, kind == DependencyKind::Normal)).collect()
    }

    /// What comes with an object and has no entry: types of rows and of arrays, the rule that a view is, triggers of keys. Answers
    /// the defaults of its columns.
    fn parts(&mut self, object: &Object) -> Vec<Oid> {
        let (row_type, is_view) = match object {
            Object::Table(table) => (table.row_type, table.materialized().is_some()),
            Object::View(view) => (view.row_type, true),
            Object::Composite(made) => {
                self.push((class::RELATION, Address::of(made.class)), false, false);
                (made.oid, false)
            }
            Object::Enum(_)
            | Object::Domain(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => (object.oid(), false),
            Object::Constraint(constraint) => {
                if let Rule::ForeignKey { triggers, .. } = &constraint.rule {
                    let own = (0..4).map(|place| triggers.first.saturating_add(place));
                    own.for_each(|oid| self.push((class::TRIGGER, Address::of(oid)), false, false));
                }
                return Vec::new();
            }
            _ => return Vec::new(), // nothing comes with others
        };
        if row_type != object.oid() {
            self.push((class::TYPE, Address::of(row_type)), false, false);
        }
        let array = self.before.made_type(row_type).map_or(0, |made| made.entry(true).array);
        if array != 0 {
            self.push((class::TYPE, Address::of(array)), false, false);
        }
        if is_view {
            self.push((class::REWRITE, Address::of(object.oid())), false, true);
        }
        let Object::Table(table) = object else { return Vec::new() };
        table.live_columns().filter_map(|(_, column)| default_of(column)).collect()
    }

    /// Attributes that a type has lost.
    fn attributes(&mut self, old: &Composite, new: &Composite) {
        for (place, column) in old.columns.iter().enumerate() {
            if !column.dropped && new.columns.get(place).is_none_or(|still| still.dropped) {
                let address = Address::column(old.class, u16::try_from(place).unwrap_or(u16::MAX));
                self.push((class::RELATION, address), true, false);
            }
        }
    }

    /// Columns that a table has lost with what depended on them, and defaults of those that stay.
    fn columns(&mut self, old: &Table, new: &Table) {
        for (place, column) in old.live_columns() {
            let default = default_of(column);
            if let Some(still) = new.columns.get(place).filter(|column| !column.dropped) {
                let lost = default.filter(|_| default_of(still).is_none());
                lost.into_iter().for_each(|oid| self.visit(oid, true, false));
                continue;
            }
            let address = Address::column(old.oid, u16::try_from(place).unwrap_or(u16::MAX));
            self.push((class::RELATION, address), true, false);
            let mut along = self.dependents(|on| *on == address);
            along.extend(default.map(|oid| (oid, false)));
            along.sort_unstable_by_key(|(oid, _)| *oid);
            along.into_iter().for_each(|(oid, normal)| self.visit(oid, false, normal));
        }
    }

    fn push(&mut self, (of, address): (Oid, Address), original: bool, normal: bool) {
        let identifier = Identifier { scope: self.before, view: None };
        let Ok(Some(identity)) = identifier.identity(of, address.oid, i32::from(address.part)) else {
            return;
        };
        let relation = match of {
            class::REWRITE => None,
            class::DEFAULT => crate::described::default_of(self.before, address.oid).map(|(table, _)| table),
            class::TRIGGER => {
                let made = self.before.trigger(address.oid).map(|made| made.relation);
                made.or_else(|| self.before.key_trigger(address.oid).map(|of_key| of_key.relation))
            }
            _ => self.before.object(address.oid).and_then(Object::relation),
        };
        let schema = relation.and_then(|relation| self.before.relation(relation));
        let schema = schema.map(|relation| identifier.schema_name(relation.schema()).to_owned());
        let temporary = is_temporary(address.oid);
        self.found.push(Gone { of, address, original, normal, temporary, identity, schema });
    }
}
