//! What is dropped goes: entries, names, edges, comments, statistics, trees.

use super::walk::{Node, Target};
use crate::change::names_of;
use crate::dependency::Address;
use crate::error::CatalogResult;
use crate::handle::Catalog;
use crate::keys;
use crate::object::{INHERITED, Object, Oid, Source, Table, class};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Bounds, SequenceId, Transaction, TreeId};

impl Catalog {
    /// Removes everything that was met; gives the objects that are gone.
    pub(super) fn remove(
        &self,
        transaction: &mut Transaction,
        targets: &[Target],
    ) -> CatalogResult<Vec<Object>> {
        let whole: BTreeSet<Oid> = targets
            .iter()
            .filter(|target| matches!(target.node, Node::Object(_)))
            .map(|target| target.address.oid)
            .collect();
        let mut gone = Vec::new();
        for target in targets {
            self.remove_edges(transaction, target.address)?;
            match &target.node {
                Node::Object(object) => {
                    self.remove_object(transaction, object, &whole)?;
                    gone.push(object.clone());
                }
                Node::Column { of, .. } | Node::Default { table: of, .. } if whole.contains(&of.oid()) => {}
                Node::Column { of, column } => self.drop_column(transaction, of.oid(), *column)?,
                Node::Default { table, column } => self.drop_default(transaction, table.oid(), *column)?,
                Node::Type { .. } => {}
            }
        }
        Ok(gone)
    }

    fn remove_edges(&self, transaction: &mut Transaction, address: Address) -> CatalogResult<()> {
        for (here, there) in [(keys::DEPENDENTS, keys::REFERENCES), (keys::REFERENCES, keys::DEPENDENTS)] {
            for (own, other, _) in self.edges(transaction, here, address.oid)? {
                if address.part == 0 || own.part == address.part {
                    self.delete(transaction, &keys::edge(here, own, other))?;
                    self.delete(transaction, &keys::edge(there, other, own))?;
                }
            }
        }
        Ok(())
    }

    fn remove_object(
        &self,
        transaction: &mut Transaction,
        object: &Object,
        whole: &BTreeSet<Oid>,
    ) -> CatalogResult<()> {
        let oid = object.oid();
        for (kind, space, name) in names_of(object) {
            self.delete(transaction, &keys::name(kind, space, &name))?;
        }
        self.delete(transaction, &keys::of(keys::OBJECTS, oid))?;
        let mut comments = keys::of(keys::COMMENTS, object.class());
        comments.extend_from_slice(&oid.to_be_bytes());
        self.remove_all(transaction, &comments)?;
        self.remove_all(transaction, &keys::of(keys::STATISTICS, oid))?;
        if matches!(object, Object::Table(_) | Object::Index(_)) {
            self.place(transaction, oid, 0)?;
        }
        if let Object::Schema(_) = object {
            self.forget_defaults_in(transaction, oid)?;
        }
        for tree in trees_of(object) {
            transaction.drop_tree(TreeId(tree))?;
            transaction.drop_sequence(SequenceId(tree))?;
        }
        match object.relation() {
            Some(table) if !whole.contains(&table) => self.touch_tables_of(transaction, object),
            Some(_) | None => Ok(()),
        }
    }

    /// What objects in a schema that is gone would begin with.
    fn forget_defaults_in(&self, transaction: &mut Transaction, schema: Oid) -> CatalogResult<()> {
        let mut scan = transaction.scan_newest(self.tree, Bounds::prefix(&[keys::DEFAULT_ACLS]))?;
        let mut found = Vec::new();
        while scan.next()? {
            if keys::default_acl_of(scan.key()).is_some_and(|of| of.schema == schema) {
                found.push(scan.key().to_vec());
            }
        }
        found.into_iter().try_for_each(|key| Ok(transaction.delete(self.tree, &key).map(drop)?))
    }

    fn remove_all(&self, transaction: &mut Transaction, prefix: &[u8]) -> CatalogResult<()> {
        let Some(tree) = self.tree_of(prefix) else { return Ok(()) };
        let mut scan = transaction.scan_newest(tree, Bounds::prefix(prefix))?;
        let mut found = Vec::new();
        while scan.next()? {
            found.push(scan.key().to_vec());
        }
        for key in found {
            self.delete(transaction, &key)?;
        }
        Ok(())
    }

    /// A column keeps its place, under a name that nobody writes.
    fn drop_column(&self, transaction: &mut Transaction, of: Oid, column: u16) -> CatalogResult<()> {
        let name = format!("........pg.dropped.{}........", u32::from(column) + 1);
        self.alter(transaction, of, |object| {
            match object {
                Object::Table(table) => {
                    if let Some(column) = Arc::make_mut(table).columns.get_mut(usize::from(column)) {
                        column.name = name;
                        column.type_oid = 0;
                        column.collation = 0;
                        column.not_null = false;
                        column.source = Source::Null;
                        column.missing = None;
                        column.acl = None;
                        column.dropped = true;
                    }
                }
                Object::Composite(composite) => {
                    let columns = &mut Arc::make_mut(composite).columns;
                    if let Some(column) = columns.get_mut(usize::from(column)) {
                        column.name = name;
                        column.type_oid = 0;
                        column.dropped = true;
                    }
                }
                Object::Schema(_)
                | Object::Index(_)
                | Object::Sequence(_)
                | Object::View(_)
                | Object::Constraint(_)
                | Object::Enum(_)
                | Object::Domain(_)
                | Object::Base(_)
                | Object::Range(_)
                | Object::Multirange(_)
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
                | Object::Function(_)
                | Object::Role(_)
                | Object::Tablespace(_)
                | Object::Database(_) => {}
            }
            CatalogResult::Ok(())
        })?;
        self.comment(transaction, class::RELATION, Address::column(of, column), None)?;
        self.set_column_statistics(transaction, of, column | INHERITED, None)?;
        self.set_column_statistics(transaction, of, column, None)
    }

    fn drop_default(&self, transaction: &mut Transaction, of: Oid, column: u16) -> CatalogResult<()> {
        self.alter(transaction, of, |object| {
            if let Object::Table(table) = object {
                let table: &mut Table = Arc::make_mut(table);
                if let Some(column) = table.columns.get_mut(usize::from(column)) {
                    column.source = Source::Null;
                }
            }
            CatalogResult::Ok(())
        })?;
        Ok(())
    }
}

/// The trees that are an object's own.
pub(super) fn trees_of(object: &Object) -> Vec<u64> {
    let mut trees = match object {
        Object::Table(table) => vec![table.lock, table.tree],
        Object::Index(index) => vec![index.tree],
        Object::Sequence(sequence) => vec![sequence.lock, sequence.tree],
        Object::View(view) => vec![view.lock],
        Object::Schema(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Composite(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
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
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => Vec::new(),
    };
    trees.dedup();
    trees.retain(|tree| *tree != 0);
    trees
}
