//! From an entry of the catalog's tree to the maps of a snapshot, and out of them.

use super::made::system_types;
use super::{Names, SHARED_CLASSES, Snapshot};
use crate::codec;
use crate::dependency::DependencyKind;
use crate::error::{CatalogError, CatalogResult};
use crate::keys;
use crate::object::{Constraint, ExtendedStatistics, Object, Oid, Rule};
use crate::system::SystemTable;
use std::sync::Arc;

impl Snapshot {
    /// What stands under `key` is `value` now, or nothing.
    pub(crate) fn apply(&mut self, key: &[u8], value: Option<&[u8]>) -> CatalogResult<()> {
        let damaged = || CatalogError::damaged(key, "the key is none of the catalog's".to_owned());
        let prefix = *key.first().ok_or_else(damaged)?;
        match prefix {
            keys::OBJECTS => {
                let oid = keys::number_of(key).ok_or_else(damaged)?;
                self.apply_object(key, oid, value)
            }
            // Names follow from objects, dependents from what they refer to.
            keys::NAMES | keys::DEPENDENTS => Ok(()),
            keys::REFERENCES => {
                let ends = keys::edge_ends(key).ok_or_else(damaged)?;
                let kind = value.map(|value| {
                    DependencyKind::from_bytes(value).ok_or_else(|| {
                        CatalogError::damaged(key, "there is no such kind of dependency".to_owned())
                    })
                });
                match kind.transpose()? {
                    Some(kind) => self.dependencies.insert(ends, kind),
                    None => self.dependencies.remove(&ends),
                };
                Ok(())
            }
            keys::COMMENTS => {
                let of_what = keys::comment_of(key).ok_or_else(damaged)?;
                match value.map(|value| codec::decode::<Arc<str>>(key, value)).transpose()? {
                    Some(text) if !text.is_empty() => self.comments.insert(of_what, text),
                    Some(_) | None => self.comments.remove(&of_what),
                };
                Ok(())
            }
            keys::STATISTICS => self.apply_statistics(key, value),
            keys::SETTINGS => {
                let of_whom = keys::settings_of(key).ok_or_else(damaged)?;
                match value.map(|value| codec::decode(key, value)).transpose()? {
                    Some(settings) => self.settings.insert(of_whom, Arc::new(settings)),
                    None => self.settings.remove(&of_whom),
                };
                Ok(())
            }
            keys::DEFAULT_ACLS => {
                let of = keys::default_acl_of(key).ok_or_else(damaged)?;
                match value.map(|value| codec::decode(key, value)).transpose()? {
                    Some(grants) => self.default_acls.insert(of, Arc::new(grants)),
                    None => self.default_acls.remove(&of),
                };
                Ok(())
            }
            keys::PLACES => {
                let relation = keys::number_of(key).ok_or_else(damaged)?;
                match value.map(|value| codec::decode(key, value)).transpose()? {
                    Some(tablespace) => self.places.insert(relation, tablespace),
                    None => self.places.remove(&relation),
                };
                Ok(())
            }
            keys::LARGE_OBJECT_TREES => {
                self.large_objects = value.map(|value| codec::decode(key, value)).transpose()?;
                Ok(())
            }
            _ => Err(damaged()),
        }
    }

    fn apply_statistics(&mut self, key: &[u8], value: Option<&[u8]>) -> CatalogResult<()> {
        let (table, column) = keys::statistics_of(key)
            .ok_or_else(|| CatalogError::damaged(key, "it names no column".to_owned()))?;
        if column == keys::WHOLE_TABLE {
            match value.map(|value| codec::decode(key, value)).transpose()? {
                Some(found) => self.table_statistics.insert(table, Arc::new(found)),
                None => self.table_statistics.remove(&table),
            };
            return Ok(());
        }
        match value.map(|value| codec::decode(key, value)).transpose()? {
            Some(found) => self.column_statistics.insert((table, column), Arc::new(found)),
            None => self.column_statistics.remove(&(table, column)),
        };
        Ok(())
    }

    fn apply_object(&mut self, key: &[u8], oid: Oid, value: Option<&[u8]>) -> CatalogResult<()> {
        let new = value.map(|value| codec::decode_object(key, oid, value)).transpose()?;
        self.remove(oid);
        if let Some(new) = new {
            self.put(new);
        }
        Ok(())
    }

    fn remove(&mut self, oid: Oid) {
        let Some(old) = self.objects.remove(&oid).or_else(|| self.shared.remove(&oid)) else { return };
        for made in self.types_of(&old) {
            self.types.remove(&made.oid);
            forget_name(&mut self.type_names, made.schema, &made.name, made.oid);
        }
        let name = old.name();
        match &old {
            Object::Schema(_) => forget(&mut self.schemas, name, oid),
            Object::Role(_) => forget(&mut self.roles, name, oid),
            Object::Database(_) => forget(&mut self.databases, name, oid),
            Object::Tablespace(_) => forget(&mut self.tablespaces, name, oid),
            Object::Extension(_) => forget(&mut self.extensions, name, oid),
            Object::EventTrigger(_) => forget(&mut self.event_triggers, name, oid),
            Object::Table(table) => {
                forget_name(&mut self.relations, table.schema, name, oid);
                for parent in &table.inheritance.parents {
                    self.children.remove(&(*parent, oid));
                }
            }
            Object::View(view) => forget_name(&mut self.relations, view.schema, name, oid),
            Object::Sequence(sequence) => forget_name(&mut self.relations, sequence.schema, name, oid),
            Object::Index(index) => {
                forget_name(&mut self.relations, index.schema, name, oid);
                self.indexes.remove(&(index.table, oid));
            }
            Object::Composite(composite) => {
                forget_name(&mut self.relations, composite.schema, name, composite.class);
                self.composites.remove(&composite.class);
            }
            Object::Constraint(constraint) => self.remove_constraint(constraint),
            Object::Enum(enumeration) => {
                for label in &enumeration.labels {
                    self.labels.remove(&label.oid);
                }
            }
            Object::Function(function) => {
                let named = self.functions.get_mut(&function.schema).and_then(|names| names.get_mut(name));
                if let Some(named) = named {
                    named.remove(&oid);
                }
            }
            Object::Rewrite(rule) => drop(self.rules.remove(&(rule.relation, oid))),
            Object::Trigger(trigger) => drop(self.triggers.remove(&(trigger.relation, oid))),
            Object::Policy(policy) => drop(self.policies.remove(&(policy.table, oid))),
            Object::Foreign(foreign) => self.remove_foreign(foreign),
            Object::Replication(replication) => self.remove_replication(replication),
            Object::Search(search) => self.remove_search(search),
            Object::Operator(_) => {
                if let Some(named) = self.operators.get_mut(name) {
                    named.remove(&oid);
                }
            }
            Object::Statistics(made) => self.remove_statistics(made),
            Object::Conversion(made) => forget_alone(&mut self.conversions, made.schema, name),
            Object::Collation(made) => forget_alone(&mut self.collations, made.schema, name),
            Object::Cast(cast) => {
                self.casts.remove(&(cast.source, cast.target));
            }
            Object::Domain(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_) => {}
        }
    }

    fn remove_statistics(&mut self, made: &ExtendedStatistics) {
        if let Some(names) = self.statistics.get_mut(&made.schema) {
            names.remove(made.name.as_str());
        }
        self.combined.remove(&(made.table, made.oid));
    }

    fn put_statistics(&mut self, made: &ExtendedStatistics) {
        self.statistics.entry(made.schema).or_default().insert(made.name.as_str().into(), made.oid);
        self.combined.insert((made.table, made.oid));
    }

    fn remove_constraint(&mut self, constraint: &Constraint) {
        self.constraints.remove(&(constraint.table.max(constraint.domain), constraint.oid));
        match &constraint.rule {
            Rule::Check(_) => {}
            Rule::Unique(index) | Rule::PrimaryKey(index) | Rule::Exclude(index, _) => {
                self.served.remove(index);
            }
            Rule::ForeignKey { table, triggers, .. } => {
                self.referring.remove(&(*table, constraint.oid));
                self.firing.remove(&triggers.first);
            }
        }
    }

    /// Puts an object that is not there.
    pub(crate) fn put(&mut self, object: Object) {
        let (oid, name): (Oid, Arc<str>) = (object.oid(), object.name().into());
        for made in self.types_of(&object) {
            self.type_names.entry(made.schema).or_default().insert(made.name.clone(), made.oid);
            self.types.insert(made.oid, Arc::new(made));
        }
        self.put_by_name(&object, name, oid);
        match object {
            Object::Role(_) | Object::Tablespace(_) | Object::Database(_) => self.shared.insert(oid, object),
            object => self.objects.insert(oid, object),
        };
    }

    /// Has an object found by its name, or by what it belongs to.
    fn put_by_name(&mut self, object: &Object, name: Arc<str>, oid: Oid) {
        match object {
            Object::Schema(_) => {
                self.schemas.insert(name, oid);
                self.rename_types(oid, object.name());
            }
            Object::Role(_) => {
                self.roles.insert(name, oid);
            }
            Object::Database(_) => {
                self.databases.insert(name, oid);
            }
            Object::Tablespace(_) => {
                self.tablespaces.insert(name, oid);
            }
            Object::EventTrigger(_) => {
                self.event_triggers.insert(name, oid);
            }
            Object::Extension(_) => {
                self.extensions.insert(name, oid);
            }
            Object::Table(table) => {
                for parent in &table.inheritance.parents {
                    self.children.insert((*parent, oid));
                }
                self.name_relation(table.schema, name, oid);
            }
            Object::View(view) => self.name_relation(view.schema, name, oid),
            Object::Sequence(sequence) => self.name_relation(sequence.schema, name, oid),
            Object::Index(index) => {
                self.indexes.insert((index.table, oid));
                self.name_relation(index.schema, name, oid);
            }
            Object::Composite(composite) => {
                self.composites.insert(composite.class, oid);
                self.name_relation(composite.schema, name, composite.class);
            }
            Object::Constraint(constraint) => self.put_constraint(constraint),
            Object::Enum(enumeration) => self.put_labels(enumeration),
            Object::Function(function) => {
                self.functions.entry(function.schema).or_default().entry(name).or_default().insert(oid);
            }
            Object::Rewrite(rule) => drop(self.rules.insert((rule.relation, oid))),
            Object::Trigger(trigger) => drop(self.triggers.insert((trigger.relation, oid))),
            Object::Policy(policy) => drop(self.policies.insert((policy.table, oid))),
            Object::Foreign(foreign) => self.put_foreign(foreign),
            Object::Replication(replication) => self.put_replication(replication),
            Object::Search(search) => self.put_search(search),
            Object::Operator(_) => {
                self.operators.entry(name).or_default().insert(oid);
            }
            Object::Statistics(made) => self.put_statistics(made),
            Object::Conversion(conversion) => {
                self.conversions.entry(conversion.schema).or_default().insert(name, oid);
            }
            Object::Collation(collation) => {
                self.collations.entry(collation.schema).or_default().insert(name, oid);
            }
            Object::Cast(cast) => {
                self.casts.insert((cast.source, cast.target), oid);
            }
            Object::Domain(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_) => {}
        }
    }

    fn put_labels(&mut self, enumeration: &crate::object::EnumType) {
        for label in &enumeration.labels {
            self.labels.insert(label.oid, (enumeration.oid, label.name.as_str().into()));
        }
    }

    pub(super) fn put_system(&mut self, table: Arc<SystemTable>) {
        for made in system_types(&table) {
            self.type_names.entry(made.schema).or_default().insert(made.name.clone(), made.oid);
            self.types.insert(made.oid, Arc::new(made));
        }
        self.name_relation(table.schema, table.name.into(), table.oid);
        self.system.insert(table.oid, table);
    }

    fn put_constraint(&mut self, constraint: &Constraint) {
        self.constraints.insert((constraint.table.max(constraint.domain), constraint.oid));
        match &constraint.rule {
            Rule::Check(_) => {}
            Rule::Unique(index) | Rule::PrimaryKey(index) | Rule::Exclude(index, _) => {
                self.served.insert(*index, constraint.oid);
            }
            Rule::ForeignKey { table, triggers, .. } => {
                self.referring.insert((*table, constraint.oid));
                self.firing.insert(triggers.first, constraint.oid);
            }
        }
    }

    fn name_relation(&mut self, schema: Oid, name: Arc<str>, oid: Oid) {
        self.relations.entry(schema).or_default().insert(name, oid);
    }

    /// A schema got its name, or another: types that say where they are say it anew.
    fn rename_types(&mut self, schema: Oid, name: &str) {
        let Some(names) = self.type_names.get(&schema).cloned() else { return };
        for oid in names.values() {
            let Some(made) = self.types.get(oid) else { continue };
            let renamed = made.renamed(name);
            self.types.insert(*oid, Arc::new(renamed));
        }
    }

    /// Takes roles, databases, their settings and tablespaces from the main database's catalog, where they stand, and what is
    /// said of them.
    pub(crate) fn with_shared_of(&self, main: &Snapshot) -> Snapshot {
        let mut snapshot = self.clone();
        snapshot.shared = main.shared.clone();
        snapshot.roles = main.roles.clone();
        snapshot.databases = main.databases.clone();
        snapshot.tablespaces = main.tablespaces.clone();
        snapshot.settings = main.settings.clone();
        for of in SHARED_CLASSES {
            let own: Vec<_> = snapshot.comments_of(of).map(|(key, _)| *key).collect();
            own.iter().for_each(|key| drop(snapshot.comments.remove(key)));
            let told = main.comments_of(of).map(|(key, comment)| (*key, comment.clone()));
            snapshot.comments.extend(told);
        }
        snapshot
    }
}

/// A name goes only if it is still this object's: another may have taken it in the same change.
pub(super) fn forget(names: &mut imbl::OrdMap<Arc<str>, Oid>, name: &str, oid: Oid) {
    if names.get(name) == Some(&oid) {
        names.remove(name);
    }
}

/// Forgets a name that nothing else has.
fn forget_alone(names: &mut Names, schema: Oid, name: &str) {
    if let Some(names) = names.get_mut(&schema) {
        names.remove(name);
    }
}

fn forget_name(names: &mut Names, space: Oid, name: &str, oid: Oid) {
    if let Some(names) = names.get_mut(&space) {
        forget(names, name, oid);
    }
}
