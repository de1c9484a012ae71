//! How much room relations and databases take: pages of trees, counted when somebody asks.
//!
//! What has no tree of its own, or an empty one (views, sequences, partitioned tables, what the system computes), takes none.

use crate::services::{Services, number, text};
use catalog::object::{DEFAULT_TABLESPACE, Database, Object, SHARED_TABLESPACE, Tablespace};
use catalog::{Oid, Relation};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use store::{DatabaseId, TreeId};
use types::{Item, Value};

/// Of a relation's parts the first is all there is; the others are PostgreSQL's.
const FORKS: [&str; 4] = ["main", "fsm", "vm", "init"];

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_sizes(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        let object = arguments.first().map_or(0, number);
        Ok(Some(match function {
            F::RelationSize => {
                let fork = arguments.get(1).map_or("main", text);
                if !FORKS.contains(&fork) {
                    return Err(invalid_fork());
                }
                let size = |relation: &Relation| if fork == "main" { self.own_size(relation) } else { Ok(0) };
                self.of_relation(object, size)?
            }
            F::RelationFileNode => {
                match self.scope.relation(object).map_or(0, |found| catalog::file_of(&found)) {
                    0 => Value::Null,
                    file => Value::Int32(file.cast_signed()),
                }
            }
            F::TableSize => self.of_relation(object, |relation| self.own_size(relation))?,
            F::IndexesSize => self.of_relation(object, |relation| self.indexes_size(relation))?,
            F::TotalRelationSize => self.of_relation(object, |relation| {
                Ok(self.own_size(relation)? + self.indexes_size(relation)?)
            })?,
            F::DatabaseSize => self.of_database(|database| database.oid == object)?.unwrap_or(Value::Null),
            F::TablespaceSize => match self.scope.tablespace(object) {
                Some(found) => self.of_tablespace(found)?,
                None => {
                    let message = format!("tablespace with OID {object} does not exist");
                    return Err(FunctionError::plain(SqlState::UndefinedObject, message));
                }
            },
            F::TablespaceSizeByName => {
                let name = arguments.first().map_or("", text);
                match self.scope.tablespace_named(name) {
                    Some(found) => self.of_tablespace(found)?,
                    None => {
                        let message = format!("tablespace \"{name}\" does not exist");
                        return Err(FunctionError::plain(SqlState::UndefinedObject, message));
                    }
                }
            }
            F::DatabaseSizeByName => {
                let name = arguments.first().map_or("", text);
                match self.of_database(|database| database.name == name)? {
                    Some(size) => size,
                    None => {
                        let message = format!("database \"{name}\" does not exist");
                        return Err(FunctionError::plain(SqlState::InvalidCatalogName, message));
                    }
                }
            }
            _ => return Ok(None), // all others are answered elsewhere
        }))
    }

    /// The size of what is to lie in a tablespace, in this database: of the default one all that says nothing else.
    fn of_tablespace(&self, tablespace: &Tablespace) -> FunctionResult<Value> {
        let sizes = |relations: &mut dyn Iterator<Item = Oid>| {
            let relations = relations.filter_map(|relation| self.scope.relation(relation));
            relations.map(|relation| self.own_size(&relation)).sum::<FunctionResult<u64>>()
        };
        let size = match tablespace.oid {
            DEFAULT_TABLESPACE => {
                let all = self.bytes(self.database, None)?;
                let placed = self.scope.all_placed();
                all.saturating_sub(sizes(&mut placed.into_iter())?)
            }
            SHARED_TABLESPACE => 0,
            other => sizes(&mut self.scope.lying_in(other))?,
        };
        Ok(Value::Int64(size.cast_signed()))
    }

    fn of_relation(
        &self,
        relation: Oid,
        size: impl Fn(&Relation) -> FunctionResult<u64>,
    ) -> FunctionResult<Value> {
        match self.scope.relation(relation) {
            Some(relation) => Ok(Value::Int64(size(&relation)?.cast_signed())),
            None => Ok(Value::Null),
        }
    }

    fn own_size(&self, relation: &Relation) -> FunctionResult<u64> {
        match relation {
            Relation::Table(table) => self.bytes(self.database, Some(TreeId(table.tree))),
            Relation::Index(index) => self.bytes(self.database, Some(TreeId(index.tree))),
            Relation::Sequence(_) | Relation::View(_) | Relation::System(_) | Relation::Composite(_) => Ok(0),
        }
    }

    fn indexes_size(&self, relation: &Relation) -> FunctionResult<u64> {
        let trees = self.scope.indexes_of(relation.oid()).map(|index| TreeId(index.tree));
        trees.map(|tree| self.bytes(self.database, Some(tree))).sum()
    }

    /// The size of a database; nothing if there is none such.
    fn of_database(&self, is: impl Fn(&Database) -> bool) -> FunctionResult<Option<Value>> {
        let found = self.scope.shared_objects().find_map(|object| match object {
            Object::Database(database) if is(database) => Some(DatabaseId(database.branch)),
            _ => None,
        });
        let size = found.map(|database| self.bytes(database, None)).transpose()?;
        Ok(size.map(|size| Value::Int64(size.cast_signed())))
    }

    fn bytes(&self, database: DatabaseId, tree: Option<TreeId>) -> FunctionResult<u64> {
        self.store
            .bytes_of(database, tree)
            .map_err(|error| FunctionError::Other(Box::new(crate::StoreFailure::from(error))))
    }
}

fn invalid_fork() -> FunctionError {
    let hint = "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".";
    FunctionError::hinted(SqlState::InvalidParameterValue, "invalid fork name", hint)
}
