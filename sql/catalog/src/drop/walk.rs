//! From what is to be dropped to all that depends on it.
//!
//! Dependents are visited before what they depend on, newest first, and told in the reverse of that: PostgreSQL's order.
//! The walk has a stack of its own, so a long chain of views costs memory and not the thread's stack.

use crate::dependency::{Address, DependencyKind};
use crate::error::{CatalogError, CatalogResult};
use crate::handle::Catalog;
use crate::keys;
use crate::object::{Object, Oid};
use crate::snapshot::Scope;
use std::collections::BTreeMap;
use store::locks::RowMode;
use store::{RowLock, Transaction};

/// What an address stands for.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// An object.
    Object(Object),
    /// A column of a table or composite type.
    Column {
        /// The table.
        of: Object,
        /// The column, from 0.
        column: u16,
    },
    /// The default of a column.
    Default {
        /// The table.
        table: Object,
        /// The column, from 0.
        column: u16,
    },
    /// A type that comes with an object: it has no entry.
    Type {
        /// The object.
        of: Object,
        /// Whether it is that of arrays.
        array: bool,
    },
}

/// Something that goes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) address: Address,
    pub(super) node: Node,
    /// Through what it was met; none for a root.
    pub(super) through: Option<Address>,
    /// Whether it goes along without a word.
    pub(super) silent: bool,
}

/// What is known of an address that was met.
#[derive(Debug, Clone, Copy)]
struct Met {
    through: Option<Address>,
    silent: bool,
}

/// One level of the walk: what is being looked at, and its dependents that were not yet, the next one last.
struct Level {
    address: Address,
    node: Node,
    dependents: Vec<(Address, DependencyKind)>,
}

pub(super) struct Walk<'a> {
    catalog: &'a Catalog,
    transaction: &'a mut Transaction,
    scope: &'a Scope,
    roots: &'a [Address],
    met: BTreeMap<Address, Met>,
    stack: Vec<Level>,
    /// What goes, dependents first.
    order: Vec<(Address, Node)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        transaction: &'a mut Transaction,
        scope: &'a Scope,
        roots: &'a [Address],
    ) -> Walk<'a> {
        let (met, stack, order) = (BTreeMap::new(), Vec::new(), Vec::new());
        Walk { catalog, transaction, scope, roots, met, stack, order }
    }

    /// Walks from one of the roots.
    pub(super) fn start(&mut self, root: Address) -> CatalogResult<()> {
        if let Some(known) = self.met.get_mut(&root) {
            known.silent = true;
            return Ok(());
        }
        let (node, owner) = self.look_up(root)?.ok_or(CatalogError::Outdated { oid: root.oid })?;
        if let Some(owner) = owner.filter(|owner| !self.is_root(*owner)) {
            let (_, owner_node) = self.resolved(owner)?;
            return Err(CatalogError::Required {
                what: super::report::describe(self.scope, &node),
                owner: super::report::describe(self.scope, &owner_node),
            });
        }
        self.enter(root, node, None, true)?;
        self.run()
    }

    /// All that goes, dependents first.
    pub(super) fn finish(self) -> Vec<Target> {
        let met = self.met;
        let target = |(address, node)| {
            let Met { through, silent } =
                met.get(&address).copied().unwrap_or(Met { through: None, silent: true });
            Target { address, node, through, silent }
        };
        self.order.into_iter().map(target).collect()
    }

    fn is_root(&self, address: Address) -> bool {
        self.roots.iter().any(|root| *root == address || *root == Address::of(address.oid))
    }

    fn run(&mut self) -> CatalogResult<()> {
        while let Some(level) = self.stack.last_mut() {
            let through = level.address;
            let Some((address, kind)) = level.dependents.pop() else {
                self.order.extend(self.stack.pop().map(|level| (level.address, level.node)));
                continue;
            };
            self.visit(address, kind, through)?;
        }
        Ok(())
    }

    fn visit(&mut self, address: Address, kind: DependencyKind, through: Address) -> CatalogResult<()> {
        let silent = kind != DependencyKind::Normal;
        if let Some(known) = self.met.get_mut(&address) {
            known.silent |= silent;
            return Ok(());
        }
        // Who drops a whole table need not drop its columns.
        if address.part != 0 && self.met.contains_key(&Address::of(address.oid)) {
            return Ok(());
        }
        let Some((node, owner)) = self.look_up(address)? else { return Ok(()) };
        match owner {
            // A part is dropped by dropping what it is a part of; it comes up again from there.
            Some(owner) if owner != through && !self.covers(owner) => {
                let (owner, node) = self.outermost(owner)?;
                self.enter(owner, node, Some(through), false)
            }
            Some(_) | None => self.enter(address, node, Some(through), silent),
        }
    }

    /// Whether something, or what it is a column of, was met.
    fn covers(&self, address: Address) -> bool {
        self.met.contains_key(&address) || self.met.contains_key(&Address::of(address.oid))
    }

    /// What something is a part of that is no part itself.
    fn outermost(&mut self, part: Address) -> CatalogResult<(Address, Node)> {
        let mut address = part;
        loop {
            let found = self.look_up(address)?;
            let (node, owner) = found.ok_or(CatalogError::UndefinedObject { oid: address.oid })?;
            match owner.filter(|owner| !self.covers(*owner)) {
                Some(owner) => address = owner,
                None => return Ok((address, node)),
            }
        }
    }

    fn resolved(&mut self, address: Address) -> CatalogResult<(Address, Node)> {
        let found = self.look_up(address)?;
        let (node, _) = found.ok_or(CatalogError::UndefinedObject { oid: address.oid })?;
        Ok((address, node))
    }

    fn enter(
        &mut self,
        address: Address,
        node: Node,
        through: Option<Address>,
        silent: bool,
    ) -> CatalogResult<()> {
        self.met.insert(address, Met { through, silent });
        if address.part == 0 {
            let columns =
                (Address { oid: address.oid, part: 1 })..=(Address { oid: address.oid, part: u16::MAX });
            for (_, column) in self.met.range_mut(columns) {
                column.silent = true;
            }
        }
        let mut dependents = Vec::new();
        for (on, dependent, kind) in self.catalog.edges(self.transaction, keys::DEPENDENTS, address.oid)? {
            if address.part == 0 || on.part == address.part {
                dependents.push((dependent, kind));
            }
        }
        dependents.extend(types_with(&node).map(|oid| (Address::of(oid), DependencyKind::Internal)));
        if let Node::Column { of: Object::Table(table), column } = &node {
            dependents.extend(default_of(table, *column).map(|oid| (Address::of(oid), DependencyKind::Auto)));
        }
        // The next to be looked at stands last: the newest, and of one table's columns the first.
        dependents.sort_by_key(|(dependent, kind)| (dependent.oid, std::cmp::Reverse(dependent.part), *kind));
        self.stack.push(Level { address, node, dependents });
        Ok(())
    }

    /// What an address stands for, locked, and what it is a part of; nothing if it is gone.
    fn look_up(&mut self, address: Address) -> CatalogResult<Option<(Node, Option<Address>)>> {
        let (catalog, oid) = (self.catalog, address.oid);
        let key = keys::of(keys::OBJECTS, oid);
        if catalog.lock(self.transaction, &key, RowMode::Update)? == RowLock::HeldChanged {
            return Err(CatalogError::Outdated { oid });
        }
        let references = catalog.edges(self.transaction, keys::REFERENCES, oid)?;
        // Of several it is the newest that is told of.
        let owner = references
            .iter()
            .rev()
            .find(|(dependent, _, kind)| *dependent == address && kind.is_of_a_whole())
            .map(|(_, on, _)| *on);
        let Some(object) = catalog.newest(self.transaction, oid)? else {
            // A type of the object that is being looked at, or the default of a column.
            if let Some(of) = self.stack.last().and_then(|level| comes_with(&level.node, oid)) {
                return Ok(Some((of, None)));
            }
            // A default goes with its column; what a column is generated from does not go without it.
            let with = references.iter().find(|(_, on, kind)| on.part > 0 && *kind == DependencyKind::Auto);
            let Some(on) = owner.or(with.map(|(_, on, _)| *on)).filter(|on| on.part > 0) else {
                return Ok(None);
            };
            let table = catalog.newest(self.transaction, on.oid)?;
            return Ok(table.map(|table| (Node::Default { table, column: on.part - 1 }, owner)));
        };
        Ok(Some(match address.part {
            0 => (Node::Object(object), owner),
            // A table cannot do without what its rows are divided by.
            part if divides(&object, part - 1) => {
                (Node::Column { of: object, column: part - 1 }, Some(Address::of(oid)))
            }
            part => (Node::Column { of: object, column: part - 1 }, owner),
        }))
    }
}

/// Whether a table's rows are divided by a column.
fn divides(object: &Object, column: u16) -> bool {
    let Object::Table(table) = object else { return false };
    let key = table.inheritance.key.as_ref();
    key.is_some_and(|key| key.columns.iter().any(|part| part.uses.contains(&column)))
}

/// The numbers of the types that come with something.
fn types_with(node: &Node) -> impl Iterator<Item = Oid> {
    let types = match node {
        Node::Object(Object::Table(table)) => [table.row_type, 0],
        Node::Object(Object::View(view)) => [view.row_type, 0],
        Node::Object(Object::Enum(enumeration)) => [enumeration.array_type, 0],
        Node::Object(Object::Base(base)) => [base.array_type, 0],
        Node::Object(Object::Domain(domain)) => [domain.array_type, 0],
        Node::Object(Object::Range(range)) => [range.array_type, 0],
        Node::Object(Object::Multirange(multirange)) => [multirange.array_type, 0],
        Node::Object(Object::Composite(composite)) => [composite.array_type, composite.class],
        Node::Type { of: Object::Table(table), array: false } => [table.array_type, 0],
        Node::Type { of: Object::View(view), array: false } => [view.array_type, 0],
        Node::Object(
            Object::Schema(_)
            | Object::Index(_)
            | Object::Sequence(_)
            | Object::Constraint(_)
            | Object::Function(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Rewrite(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Policy(_)
            | Object::Trigger(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_),
        )
        | Node::Type { .. }
        | Node::Column { .. }
        | Node::Default { .. } => [0, 0],
    };
    types.into_iter().filter(|oid| *oid != 0)
}

/// What the number stands for, if it is that of a type that comes with `node`.
fn comes_with(node: &Node, oid: Oid) -> Option<Node> {
    types_with(node).find(|found| *found == oid)?;
    match node {
        Node::Object(of @ (Object::Table(_) | Object::View(_))) => {
            Some(Node::Type { of: of.clone(), array: false })
        }
        Node::Object(of) | Node::Type { of, .. } => Some(Node::Type { of: of.clone(), array: true }),
        Node::Column { .. } | Node::Default { .. } => None,
    }
}

fn default_of(table: &crate::object::Table, column: u16) -> Option<Oid> {
    use crate::object::Source;
    match &table.columns.get(usize::from(column))?.source {
        Source::Default(expression) | Source::Generated(expression) => Some(expression.oid),
        Source::Null | Source::Identity { .. } => None,
    }
}
