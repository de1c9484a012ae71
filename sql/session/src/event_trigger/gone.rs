//! What a command has taken away: the objects that are gone, and what went along with each.
//!
//! They are told in the reverse of the order in which PostgreSQL deletes: what is meant, then what depended on it, older before
//! newer, but each behind all that it depended on. So the walk goes as its deletion does: from what is meant to its dependents,
//! newest first; what is a part of something else comes up with that. The walk has a stack of its own, so a long chain of views
//! costs memory and not the thread's stack.

use crate::services::identify::{Identifier, Identity};
use catalog::object::{Body, Column, Object, Oid, Replication, Rule, Source, class, is_temporary};
use catalog::{Address, DependencyKind, Scope};
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::alter::{AlterActionKind, ColumnReference};
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
    let columns = lost_columns(before, &changed);
    let defaults = lost_defaults(&changed);
    if lost.is_empty() && columns.is_empty() && defaults.is_empty() {
        return Vec::new();
    }
    let mut walk = Walk::new(before, &lost, &columns);
    match statement {
        StatementKind::Drop(_) => {
            named.iter().for_each(|(_, address)| walk.run(What::Object(address.oid), true));
        }
        // What is dropped for its owner is meant, whatever it depended on.
        StatementKind::Owned(_) => {
            let is_one = |role: Oid| named.iter().any(|(_, named)| named.oid == role);
            let owned = lost.values().filter(|object| object.owner().is_some_and(is_one));
            walk.owned = owned.map(|object| object.oid()).collect();
            let mut owned: Vec<What> = walk.owned.iter().copied().map(What::Object).collect();
            owned.sort_by_key(|what| std::cmp::Reverse(walk.age(*what)));
            owned.into_iter().for_each(|what| walk.run(what, true));
        }
        StatementKind::AlterTable(alter) => {
            let lost = [&columns[..], &defaults].concat();
            alter.actions.iter().for_each(|action| walk.run_action(&action.kind, &lost));
        }
        _ => {} // what has changed tells
    }
    columns.into_iter().chain(defaults).for_each(|(_, what)| walk.run(what, true));
    walk.run_roots();
    walk.told.reverse();
    walk.told
}

type Changed<'o> = [(Option<&'o Object>, Option<&'o Object>)];

/// What is lost of a column, and what that was called.
type OfColumn<'o> = (&'o str, What);

/// The columns that relations have lost which stay: those of tables that inherit before those of their parents.
fn lost_columns<'o>(before: &Scope, changed: &Changed<'o>) -> Vec<OfColumn<'o>> {
    let mut lost: BTreeMap<Oid, Vec<OfColumn<'o>>> = BTreeMap::new();
    for (old, new) in changed {
        let gone: Vec<OfColumn<'o>> = match (old, new) {
            (Some(Object::Table(old)), Some(Object::Table(new))) => {
                let gone = old.live_columns().filter(|(place, _)| is_lost(&new.columns, *place));
                gone.map(|(place, column)| (&*column.name, What::Column(address(old.oid, place)))).collect()
            }
            (Some(Object::Composite(old)), Some(Object::Composite(new))) => {
                let live = old.columns.iter().enumerate().filter(|(_, column)| !column.dropped);
                let gone =
                    live.filter(|(place, _)| new.columns.get(*place).is_none_or(|still| still.dropped));
                gone.map(|(place, column)| (&*column.name, What::Column(address(old.oid, place)))).collect()
            }
            _ => continue, // others have no columns that go
        };
        if let (Some(old), false) = (old, gone.is_empty()) {
            lost.insert(old.oid(), gone);
        }
    }
    let mut ordered = Vec::new();
    while let Some((oid, _)) = lost.iter().next() {
        below_first(before, *oid, &mut lost, &mut ordered);
    }
    ordered
}

fn is_lost(columns: &[Column], place: usize) -> bool {
    columns.get(place).is_none_or(|still| still.dropped)
}

fn address(of: Oid, place: usize) -> Address {
    Address::column(of, u16::try_from(place).unwrap_or(u16::MAX))
}

/// Takes what a relation has lost, behind what those have lost that inherit from it.
fn below_first<'o>(
    before: &Scope,
    oid: Oid,
    lost: &mut BTreeMap<Oid, Vec<OfColumn<'o>>>,
    ordered: &mut Vec<OfColumn<'o>>,
) {
    let Some(own) = lost.remove(&oid) else { return };
    let mut levels = vec![(own, before.children_of(oid).map(|child| child.oid).collect::<Vec<_>>())];
    while let Some((_, children)) = levels.last_mut() {
        if children.is_empty() {
            ordered.extend(levels.pop().map(|(own, _)| own).unwrap_or_default());
            continue;
        }
        let child = children.remove(0);
        if let Some(own) = lost.remove(&child) {
            levels.push((own, before.children_of(child).map(|child| child.oid).collect()));
        }
    }
}

/// Defaults that columns have lost which stay.
fn lost_defaults<'o>(changed: &Changed<'o>) -> Vec<OfColumn<'o>> {
    let mut lost = Vec::new();
    for (old, new) in changed {
        match (old, new) {
            (Some(Object::Table(old)), Some(Object::Table(new))) => {
                for (place, column) in old.live_columns() {
                    let still = new.columns.get(place).filter(|still| !still.dropped);
                    let gone = still.is_some_and(|still| default_of(still).is_none());
                    let default = default_of(column).filter(|_| gone);
                    lost.extend(default.map(|oid| (&*column.name, What::Object(oid))));
                }
            }
            (Some(Object::View(old)), Some(Object::View(new))) => {
                for (old, new) in old.columns.iter().zip(&new.columns) {
                    let default = old.default.as_ref().filter(|_| new.default.is_none());
                    lost.extend(default.map(|gone| (&*old.column.name, What::Object(gone.oid))));
                }
            }
            _ => {} // others have no defaults
        }
    }
    lost
}

/// Something on the way.
#[derive(Debug, Clone, Copy)]
enum What {
    /// An object, or the default of a column.
    Object(Oid),
    /// A column of what stays, a table or a composite type.
    Column(Address),
    /// A type that comes with an object and has no entry.
    Type(Oid),
    /// What a composite type is among relations.
    Class(Oid),
    /// The rule that a view is.
    Rule(Oid),
    /// A trigger of a foreign key.
    KeyTrigger(Oid),
}

impl What {
    fn is_column(self) -> bool {
        match self {
            What::Column(_) => true,
            What::Object(_) | What::Type(_) | What::Class(_) | What::Rule(_) | What::KeyTrigger(_) => false,
        }
    }
}

/// What is to be done next.
enum Step {
    /// Looked at.
    Visit(What, bool),
    /// Told, as its dependents have been.
    Tell(What, bool),
}

/// From what is gone to what went along.
struct Walk<'w> {
    before: &'w Scope,
    lost: &'w BTreeMap<Oid, &'w Object>,
    columns: BTreeSet<Address>,
    /// What depends on something that is gone, by what that is.
    dependents: BTreeMap<Address, Vec<(Address, DependencyKind)>>,
    /// What is dropped for its owner.
    owned: BTreeSet<Oid>,
    seen: BTreeSet<Address>,
    steps: Vec<Step>,
    /// The last that is told first.
    told: Vec<Gone>,
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

impl<'w> Walk<'w> {
    fn new(before: &'w Scope, lost: &'w BTreeMap<Oid, &'w Object>, columns: &[OfColumn<'_>]) -> Walk<'w> {
        let mut dependents: BTreeMap<Address, Vec<(Address, DependencyKind)>> = BTreeMap::new();
        for (from, on, kind) in before.all_dependencies().filter(|(from, on, _)| from.oid != on.oid) {
            dependents.entry(on).or_default().push((from, kind));
        }
        let (owned, seen) = (BTreeSet::new(), BTreeSet::new());
        let columns = columns.iter().filter_map(|(_, what)| match what {
            What::Column(address) => Some(*address),
            What::Object(_) | What::Type(_) | What::Class(_) | What::Rule(_) | What::KeyTrigger(_) => None,
        });
        let columns = columns.collect();
        Walk { before, lost, columns, dependents, owned, seen, steps: Vec::new(), told: Vec::new() }
    }

    /// What an action of `ALTER TABLE` was to take away, of the columns and defaults that are lost and of the constraints.
    fn run_action(&mut self, action: &AlterActionKind<'_>, lost: &[OfColumn<'_>]) {
        match action {
            AlterActionKind::DropColumn { name, .. } => {
                let meant = lost.iter().filter(|(called, what)| *called == name.text && what.is_column());
                meant.for_each(|(_, what)| self.run(*what, true));
            }
            AlterActionKind::Column(ColumnReference::Name(name), _) => {
                let meant = lost.iter().filter(|(called, what)| *called == name.text && !what.is_column());
                meant.for_each(|(_, what)| self.run(*what, true));
            }
            AlterActionKind::DropConstraint { name, .. } => {
                let is_meant =
                    |object: &&Object| matches!(object, Object::Constraint(_) if object.name() == name.text);
                let meant =
                    self.lost.values().copied().filter(is_meant).filter(|key| !self.goes_along(key.oid()));
                let meant: Vec<Oid> = meant.map(Object::oid).collect();
                meant.into_iter().for_each(|oid| self.run(What::Object(oid), true));
            }
            _ => {} // others take nothing away that is told by its name
        }
    }

    /// Whether something depended on what is gone.
    fn goes_along(&self, oid: Oid) -> bool {
        let mut edges = self.before.dependencies_of(oid);
        edges.any(|(_, on, _)| on.oid != oid && self.lost.contains_key(&on.oid))
    }

    /// What was not met yet: first what depended on nothing that is gone.
    fn run_roots(&mut self) {
        // What an identity counted with goes without a word when a column stays that was one.
        let silent =
            |oid: &Oid| matches!(self.lost.get(oid), Some(Object::Sequence(_))) && self.is_part(*oid);
        let roots: Vec<Oid> = self.lost.keys().copied().filter(|oid| !self.goes_along(*oid)).collect();
        let silent: Vec<Address> =
            roots.iter().filter(|oid| silent(oid)).map(|oid| Address::of(*oid)).collect();
        self.seen.extend(silent);
        roots.into_iter().for_each(|oid| self.run(What::Object(oid), true));
        let rest: Vec<Oid> = self.lost.keys().copied().collect();
        rest.into_iter().for_each(|oid| self.run(What::Object(oid), false));
    }

    /// Goes from something to all that went along.
    fn run(&mut self, what: What, original: bool) {
        self.steps.push(Step::Visit(what, original));
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Visit(what, original) => self.visit(what, original),
                Step::Tell(what, original) => self.tell(what, original),
            }
        }
    }

    fn visit(&mut self, what: What, original: bool) {
        let address = match what {
            What::Object(oid) => {
                if self.seen.contains(&Address::of(oid)) {
                    return;
                }
                match self.lost.get(&oid) {
                    Some(Object::Role(_) | Object::Tablespace(_) | Object::Database(_)) => return,
                    Some(_) => {}
                    None if crate::services::describe::words::default_of(self.before, oid).is_some() => {}
                    None => return,
                }
                if let Some(whole) = self.whole_of(oid) {
                    // It comes up again from there, or is looked at then.
                    self.steps.push(Step::Visit(what, original));
                    self.steps.push(Step::Visit(What::Object(whole), false));
                    return;
                }
                Address::of(oid)
            }
            What::Column(address) => address,
            What::Type(oid) => Address::of(oid),
            What::Class(_) | What::Rule(_) | What::KeyTrigger(_) => return self.tell(what, original),
        };
        if !self.seen.insert(address) {
            return;
        }
        self.steps.push(Step::Tell(what, original));
        let mut along = self.dependents_of(address);
        along.extend(self.parts(what));
        // The newest is looked at first: it stands last.
        along.sort_by_key(|(rank, _)| *rank);
        self.steps.extend(along.into_iter().map(|(_, what)| Step::Visit(what, false)));
    }

    /// What something is a part of that is gone and was not met yet.
    fn whole_of(&self, oid: Oid) -> Option<Oid> {
        let mut edges = self.before.dependencies_of(oid);
        let whole = edges.find(|(_, on, kind)| {
            let of_whole = match kind {
                DependencyKind::Internal | DependencyKind::Extension => true,
                DependencyKind::Normal | DependencyKind::Auto => false,
            };
            of_whole
                && on.oid != oid
                && self.lost.contains_key(&on.oid)
                && !self.seen.contains(&Address::of(on.oid))
        });
        whole.map(|(_, on, _)| on.oid)
    }

    /// Whether something is a part of something else.
    fn is_part(&self, oid: Oid) -> bool {
        self.before.dependencies_of(oid).any(|(_, _, kind)| kind == DependencyKind::Internal)
    }

    /// What depended on something, or on a column of it, by age.
    fn dependents_of(&self, on: Address) -> Vec<((Oid, u16), What)> {
        let last = if on.part == 0 { u16::MAX } else { on.part };
        let edges = self.dependents.range(on..=Address { oid: on.oid, part: last });
        let edges = edges.flat_map(|(_, edges)| edges);
        let met = edges.filter_map(|(from, _)| match from.part {
            0 => Some(What::Object(from.oid)),
            _ => self.columns.contains(from).then_some(What::Column(*from)),
        });
        met.map(|what| (self.age(what), what)).collect()
    }

    fn tell(&mut self, what: What, original: bool) {
        match what {
            What::Object(oid) => match self.lost.get(&oid).copied() {
                Some(object) => {
                    let original = original || self.owned.contains(&oid);
                    let normal = self.is_normal(object, original);
                    self.push((object.class(), Address::of(oid)), original, normal);
                }
                None => {
                    let mut edges = self.before.dependencies_of(oid);
                    let counts =
                        edges.any(|(_, on, kind)| kind == DependencyKind::Normal && self.is_gone(on));
                    self.push((class::DEFAULT, Address::of(oid)), original, counts);
                }
            },
            What::Column(address) => {
                // A type's attributes are those of what it is among relations.
                let oid = match self.before.object(address.oid) {
                    Some(Object::Composite(made)) => made.class,
                    _ => address.oid,
                };
                self.push((class::RELATION, Address { oid, ..address }), original, !original);
            }
            What::Type(oid) => self.push((class::TYPE, Address::of(oid)), false, false),
            What::Class(oid) => self.push((class::RELATION, Address::of(oid)), false, false),
            What::Rule(view) => self.push((class::REWRITE, Address::of(view)), false, true),
            What::KeyTrigger(oid) => self.push((class::TRIGGER, Address::of(oid)), false, false),
        }
    }

    /// Whether an object is said to have gone because something else did.
    fn is_normal(&self, object: &Object, original: bool) -> bool {
        if self.owned.contains(&object.oid()) && !is_always_normal(object, original) {
            return self.stood_in_the_way(object, true);
        }
        let comes = match object {
            Object::Multirange(_) => true,
            Object::Function(made) => {
                let mut edges = self.before.dependencies_of(made.oid);
                let of_extension = edges.any(|(_, _, kind)| kind == DependencyKind::Extension);
                matches!(made.body, Body::BuiltIn(_)) && !of_extension
            }
            // A check names its columns.
            Object::Constraint(check) => matches!(check.rule, Rule::Check(_)) && check.table != 0,
            _ => false, // made by itself
        };
        comes && !original || self.stood_in_the_way(object, original) || is_always_normal(object, original)
    }

    /// Whether an object had to go because something else went that it stood in the way of. A view that was meant itself did only
    /// in its schema's: what its query reads is its rule's.
    fn stood_in_the_way(&self, object: &Object, original: bool) -> bool {
        let (own, is_view) = (object.oid(), matches!(object, Object::View(_)));
        let mut edges = self.before.dependencies_of(own);
        edges.any(|(_, on, kind)| {
            let counts = !(is_view && original) || matches!(self.lost.get(&on.oid), Some(Object::Schema(_)));
            kind == DependencyKind::Normal && on.oid != own && counts && self.is_gone(on)
        })
    }

    /// Whether something is gone: an object, what comes with one, or a column.
    fn is_gone(&self, address: Address) -> bool {
        let made = || self.before.made_type(address.oid).map(|made| made.object);
        self.lost.contains_key(&address.oid)
            || self.columns.contains(&address)
            || made().is_some_and(|of| self.lost.contains_key(&of))
    }

    /// What comes with something and has no entry, and the defaults of its columns, by age.
    fn parts(&self, what: What) -> Vec<((Oid, u16), What)> {
        let mut parts = Vec::new();
        match what {
            What::Object(oid) => match self.lost.get(&oid).copied() {
                Some(Object::Table(table)) => {
                    parts.push(What::Type(table.row_type));
                    if table.materialized().is_some() {
                        parts.push(What::Rule(oid));
                    }
                    let defaults = table.live_columns().filter_map(|(_, column)| default_of(column));
                    parts.extend(defaults.map(What::Object));
                }
                Some(Object::View(view)) => {
                    parts.extend([What::Type(view.row_type), What::Rule(oid)]);
                    let defaults = view.columns.iter().filter_map(|column| column.default.as_ref());
                    parts.extend(defaults.map(|default| What::Object(default.oid)));
                }
                Some(Object::Composite(made)) => {
                    parts.extend(self.array_of(oid));
                    parts.push(What::Class(made.class));
                }
                Some(
                    Object::Enum(_)
                    | Object::Domain(_)
                    | Object::Base(_)
                    | Object::Range(_)
                    | Object::Multirange(_),
                ) => parts.extend(self.array_of(oid)),
                Some(Object::Constraint(constraint)) => {
                    if let Rule::ForeignKey { triggers, .. } = &constraint.rule {
                        let own = (0..4).map(|place| triggers.first.saturating_add(place));
                        parts.extend(own.map(What::KeyTrigger));
                    }
                }
                _ => {} // nothing comes with others
            },
            What::Column(address) => {
                if let (Some(Object::Table(table)), Some(place)) =
                    (self.before.object(address.oid), address.part.checked_sub(1))
                {
                    let default = table.columns.get(usize::from(place)).and_then(default_of);
                    parts.extend(default.map(What::Object));
                }
            }
            What::Type(oid) => parts.extend(self.array_of(oid)),
            What::Class(_) | What::Rule(_) | What::KeyTrigger(_) => {}
        }
        parts.into_iter().map(|what| (self.age(what), what)).collect()
    }

    /// How old something is: numbers are given in the order in which things are made, but for what is made with a relation.
    fn age(&self, what: What) -> (Oid, u16) {
        match what {
            What::Object(oid) => match self.lost.get(&oid) {
                // In PostgreSQL what columns count with is made before their table.
                Some(Object::Sequence(sequence)) if self.comes_with_column(oid) => {
                    sequence.owned_by.map_or((oid, 0), |(table, _)| (table.saturating_sub(1), u16::MAX))
                }
                _ => (oid, 0),
            },
            // Of one table's columns the first is looked at first.
            What::Column(address) => (address.oid, u16::MAX - address.part),
            What::Type(oid) | What::KeyTrigger(oid) => (oid, 0),
            What::Class(_) => (0, 0),
            What::Rule(of) => match self.lost.get(&of) {
                Some(Object::View(view)) => (view.row_type, 1),
                Some(Object::Table(table)) => (table.row_type, 1),
                _ => (of, 0), // others are no queries
            },
        }
    }

    /// Whether a sequence was made for a column: for its identity, or its default.
    fn comes_with_column(&self, sequence: Oid) -> bool {
        let depends = self.dependents.get(&Address::of(sequence));
        self.is_part(sequence) || depends.is_some_and(|dependents| !dependents.is_empty())
    }

    fn array_of(&self, of: Oid) -> Option<What> {
        let array = self.before.made_type(of).map_or(0, |made| made.entry(true).array);
        (array != 0).then_some(What::Type(array))
    }

    fn push(&mut self, (of, address): (Oid, Address), original: bool, normal: bool) {
        let identifier = Identifier { scope: self.before, view: None };
        let Ok(Some(identity)) = identifier.identity(of, address.oid, i32::from(address.part)) else {
            return;
        };
        let relation = match of {
            class::REWRITE => None,
            class::DEFAULT => {
                crate::services::describe::words::default_of(self.before, address.oid).map(|(table, _)| table)
            }
            class::TRIGGER => {
                let made = self.before.trigger(address.oid).map(|made| made.relation);
                made.or_else(|| self.before.key_trigger(address.oid).map(|of_key| of_key.relation))
            }
            _ => self.before.object(address.oid).and_then(Object::relation),
        };
        let schema = relation.and_then(|relation| self.before.relation(relation));
        let schema = schema.map(|relation| identifier.schema_name(relation.schema()).to_owned());
        let temporary = is_temporary(address.oid);
        self.told.push(Gone { of, address, original, normal, temporary, identity, schema });
    }
}
