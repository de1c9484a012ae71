//! Finding by name.

use super::{Scope, Snapshot};
use crate::access::{AccessError, AccessResult};
use crate::error::{CatalogError, CatalogResult};
use crate::object::{Composite, FIXED_COLLATIONS, Index, Object, Oid, PG_CATALOG, Sequence, Table, View};
use crate::system::SystemTable;
use std::sync::Arc;
use types::catalog::builtin_named;

/// What a name in FROM, or of a relation elsewhere, may mean.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // each is what its name says
pub enum Relation {
    Table(Arc<Table>),
    View(Arc<View>),
    Index(Arc<Index>),
    Sequence(Arc<Sequence>),
    Composite(Arc<Composite>),
    /// Of `pg_catalog` or `information_schema`: its rows are computed.
    System(Arc<SystemTable>),
}

impl Relation {
    /// Its number in pg_class.
    pub fn oid(&self) -> Oid {
        match self {
            Relation::Table(table) => table.oid,
            Relation::View(view) => view.oid,
            Relation::Index(index) => index.oid,
            Relation::Sequence(sequence) => sequence.oid,
            Relation::Composite(composite) => composite.class,
            Relation::System(table) => table.oid,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Relation::Table(table) => &table.name,
            Relation::View(view) => &view.name,
            Relation::Index(index) => &index.name,
            Relation::Sequence(sequence) => &sequence.name,
            Relation::Composite(composite) => &composite.name,
            Relation::System(table) => table.name,
        }
    }

    /// Its schema.
    pub fn schema(&self) -> Oid {
        match self {
            Relation::Table(table) => table.schema,
            Relation::View(view) => view.schema,
            Relation::Index(index) => index.schema,
            Relation::Sequence(sequence) => sequence.schema,
            Relation::Composite(composite) => composite.schema,
            Relation::System(table) => table.schema,
        }
    }

    /// What messages call its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Relation::Table(table) => table.kind_word(),
            Relation::View(_) => "view",
            Relation::Index(_) => "index",
            Relation::Sequence(_) => "sequence",
            Relation::Composite(_) => "composite type",
            Relation::System(table) if table.is_view => "view",
            Relation::System(_) => "table",
        }
    }
}

impl Snapshot {
    /// The schema called `name`.
    pub fn schema_named(&self, name: &str) -> Option<Oid> {
        self.schemas.get(name).copied()
    }

    /// The role called `name`.
    pub fn role_named(&self, name: &str) -> Option<Oid> {
        self.roles.get(name).copied()
    }

    /// The database called `name`.
    pub fn database_named(&self, name: &str) -> Option<Oid> {
        self.databases.get(name).copied()
    }

    /// The relation with this number in pg_class.
    pub fn relation(&self, oid: Oid) -> Option<Relation> {
        if let Some(table) = self.system.get(&oid) {
            return Some(Relation::System(table.clone()));
        }
        let oid = self.composites.get(&oid).copied().unwrap_or(oid);
        match self.objects.get(&oid)? {
            Object::Table(table) => Some(Relation::Table(table.clone())),
            Object::View(view) => Some(Relation::View(view.clone())),
            Object::Index(index) => Some(Relation::Index(index.clone())),
            Object::Sequence(sequence) => Some(Relation::Sequence(sequence.clone())),
            Object::Composite(composite) => Some(Relation::Composite(composite.clone())),
            Object::Schema(_)
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
            | Object::Database(_) => None,
        }
    }

    /// The number of the relation called `name` in a schema.
    pub fn relation_in(&self, schema: Oid, name: &str) -> Option<Oid> {
        self.relations.get(&schema)?.get(name).copied()
    }

    /// The number of the collation called `name` in a schema; those that come with the program are in `pg_catalog`.
    pub fn collation_in(&self, schema: Oid, name: &str) -> Option<Oid> {
        let made = self.collations.get(&schema).and_then(|names| names.get(name)).copied();
        let fixed = || FIXED_COLLATIONS.iter().find(|fixed| fixed.name == name).map(|fixed| fixed.oid);
        if schema == PG_CATALOG { made.or_else(fixed) } else { made }
    }

    /// The schema and the name of a collation.
    pub fn collation_known(&self, oid: Oid) -> Option<(Oid, &str)> {
        let fixed = FIXED_COLLATIONS.iter().find(|fixed| fixed.oid == oid);
        let made = || self.collation(oid).map(|made| (made.schema, made.name.as_str()));
        fixed.map(|fixed| (PG_CATALOG, fixed.name)).or_else(made)
    }

    /// The number of the type called `name` in a schema; the built-in ones are in `pg_catalog`.
    pub fn type_in(&self, schema: Oid, name: &str) -> Option<Oid> {
        let made = self.type_names.get(&schema).and_then(|names| names.get(name)).copied();
        if schema == PG_CATALOG { made.or_else(|| builtin_named(name).map(|entry| entry.oid)) } else { made }
    }
}

impl Scope {
    /// The schema called `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find_schema(&self, name: &str) -> CatalogResult<Oid> {
        let found = if name == "pg_temp" { self.path().temporary() } else { self.schema_named(name) };
        found.ok_or_else(|| CatalogError::UndefinedSchema { name: name.to_owned() })
    }

    /// That something may be looked for in the schema called `name`, if there is one.
    ///
    /// # Errors
    /// When it may not.
    pub fn may_look_in(&self, name: &str) -> AccessResult<()> {
        match self.schema_named(name) {
            Some(schema) if self.path().is_denied(schema) => {
                Err(AccessError::Denied { kind: "schema", name: name.to_owned() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The schema called `name`, in which something is looked for.
    ///
    /// # Errors
    /// When there is none, or nothing may be looked for in it.
    pub fn open_schema(&self, name: &str) -> CatalogResult<Oid> {
        let found = self.find_schema(name)?;
        self.may_look_in(name)?;
        Ok(found)
    }

    /// The role called `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find_role(&self, name: &str) -> CatalogResult<Oid> {
        self.role_named(name).ok_or_else(|| CatalogError::UndefinedRole { name: name.to_owned() })
    }

    /// The relation called `name`, in `schema` or along the path, if there is one.
    pub fn look_for_relation(&self, schema: Option<&str>, name: &str) -> Option<Relation> {
        let oid = match schema {
            Some(schema) => self.relation_in(self.find_schema(schema).ok()?, name)?,
            None => self.path().schemas().find_map(|schema| self.relation_in(schema, name))?,
        };
        self.relation(oid)
    }

    /// The relation called `name`, in `schema` or along the path.
    ///
    /// # Errors
    /// When there is none, or no such schema.
    pub fn find_relation(&self, schema: Option<&str>, name: &str) -> CatalogResult<Relation> {
        if let Some(schema) = schema {
            self.find_schema(schema)?;
            self.may_look_in(schema)?;
        }
        self.look_for_relation(schema, name)
            .ok_or_else(|| CatalogError::UndefinedRelation { name: written(schema, name) })
    }

    /// The number of the type called `name`, in `schema` or along the path, if there is one.
    pub fn look_for_type(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => self.type_in(self.find_schema(schema).ok()?, name),
            None => self.path().schemas().find_map(|schema| self.type_in(schema, name)),
        }
    }

    /// The number of the collation called `name`, in `schema` or along the path.
    pub fn look_for_collation(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => self.collation_in(self.find_schema(schema).ok()?, name),
            None => self.path().schemas().find_map(|schema| self.collation_in(schema, name)),
        }
    }

    /// The number of the statistics called `name` in a schema.
    pub fn statistics_in(&self, schema: Oid, name: &str) -> Option<Oid> {
        self.statistics.get(&schema).and_then(|names| names.get(name)).copied()
    }

    /// The number of the statistics called `name`, in a schema or along the path.
    pub fn look_for_statistics(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => self.statistics_in(self.find_schema(schema).ok()?, name),
            None => self.path().schemas().find_map(|schema| self.statistics_in(schema, name)),
        }
    }

    /// Whether the name of statistics alone finds them.
    pub fn is_statistics_visible(&self, schema: Oid, name: &str) -> bool {
        self.path().schemas().find(|schema| self.statistics_in(*schema, name).is_some()) == Some(schema)
    }

    /// Whether a collation's name alone finds it.
    pub fn is_collation_visible(&self, schema: Oid, name: &str) -> bool {
        self.path().schemas().find(|schema| self.collation_in(*schema, name).is_some()) == Some(schema)
    }

    /// The number of the type called `name`, in `schema` or along the path.
    ///
    /// # Errors
    /// When there is none; when a schema is named and there is no such schema.
    pub fn find_type(&self, schema: Option<&str>, name: &str) -> CatalogResult<Oid> {
        if let Some(schema) = schema {
            self.find_schema(schema)?;
            self.may_look_in(schema)?;
        }
        self.look_for_type(schema, name)
            .ok_or_else(|| CatalogError::UndefinedType { name: written(schema, name) })
    }

    /// Where a new object goes: in `schema`, or in the first of the path.
    ///
    /// # Errors
    /// When there is no such schema, or none in the path.
    pub fn creation_schema(&self, schema: Option<&str>) -> CatalogResult<Oid> {
        match schema {
            Some(schema) => self.find_schema(schema),
            None => self.path().creation().ok_or(CatalogError::NoCreationSchema),
        }
    }

    /// Whether a relation's name alone finds it.
    pub fn is_relation_visible(&self, schema: Oid, name: &str) -> bool {
        let found = self.path().schemas().find(|schema| self.relation_in(*schema, name).is_some());
        found == Some(schema)
    }

    /// Whether a type's name alone finds it.
    pub fn is_type_visible(&self, schema: Oid, name: &str) -> bool {
        let found = self.path().schemas().find(|schema| self.type_in(*schema, name).is_some());
        found == Some(schema)
    }
}

fn written(schema: Option<&str>, name: &str) -> String {
    schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"))
}
