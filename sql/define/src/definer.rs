//! What every definition works with: the transaction, the catalog, names, and what is said besides the result.

use crate::error::{DefineError, DefineNotice, DefineResult};
use bind::Literals;
use catalog::object::{
    Column, Object, Oid, PG_CATALOG, PG_TOAST, Persistence, Privileges, SUPERUSER, SearchTemplate, Sequence,
    TEMPORARY_SCHEMA, Table, TableStatistics, View, is_temporary,
};
use catalog::{Actor, Address, Catalog, CatalogError, DependencyKind, Relation, Scope, SearchPath, Snapshot};
use diagnostic::{Diagnostic, SqlState};
use plan::expression::Expression;
use plan::target::TargetTable;
use search::dictionary::OptionValue;
use std::sync::Arc;
use store::locks::{RelationMode, RowMode};
use store::{ConflictAction, Store, StoreError, Transaction, TreeId};
use syntax::lexer::StringRules;
use syntax::tree::option::{RoleKind, RoleName};
use syntax::tree::{QualifiedName, TypeName};
use types::Type;

/// An error of whoever looks at rows.
pub trait RowsError: Diagnostic + std::fmt::Debug + Send + Sync {
    /// The error as it is told.
    fn as_diagnostic(&self) -> &dyn Diagnostic;

    /// What the store said, if it was the store that failed.
    fn store_error(&self) -> Option<&StoreError>;
}

/// What only the executor can do for a definition: it reads and writes rows.
pub trait Rows {
    /// The last value of a sequence, and whether it was given. None is taken to know it: who asks may be rolled back.
    ///
    /// # Errors
    /// As reading its counter fails.
    fn last_value(
        &mut self,
        transaction: &mut Transaction,
        sequence: &Sequence,
    ) -> Result<(i64, bool), Box<dyn RowsError>>;

    /// All rows of a table are gone, and so many of its indexes are made anew of none.
    fn emptied(&mut self, table: Oid, indexes: usize);

    /// Whether something about a table's rows is still to be looked at, when the transaction commits.
    fn are_awaited(&self, table: Oid) -> bool;

    /// Whether a cursor of the session goes through a table's rows.
    fn are_read(&self, table: Oid) -> bool;

    /// Fills a new index from its table's rows, and returns how many there are.
    ///
    /// # Errors
    /// When a key stands twice, or an expression fails.
    fn build_index(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        index: Oid,
    ) -> Result<u64, Box<dyn RowsError>>;

    /// Looks whether the rows of a constraint's table keep to it.
    ///
    /// # Errors
    /// When a row does not.
    fn validate(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        constraint: Oid,
    ) -> Result<(), Box<dyn RowsError>>;

    /// Gives a column that has just been added its value in the rows that are there: as the value of rows older than the
    /// column if it is one and the same for all, else row by row.
    ///
    /// # Errors
    /// When its default fails.
    fn fill_column(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: Oid,
        column: u16,
    ) -> Result<(), Box<dyn RowsError>>;

    /// Writes a table's rows anew, as `values` of its columns as they were (those of the target's relation), after its
    /// columns have become of other types. `before` is the table as it was.
    ///
    /// # Errors
    /// When a value cannot be of its new type, or a row is refused.
    fn retype(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        before: &Arc<TargetTable>,
        values: &[Expression],
    ) -> Result<(), Box<dyn RowsError>>;

    /// A table's rows are about to be written anew: as they are kept otherwise (1), because of a default (2), or of a column's type
    /// (4). Whoever wants to hear of it is told, once a statement and table.
    ///
    /// # Errors
    /// What he says.
    fn rewrites(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        reason: i32,
    ) -> Result<(), Box<dyn RowsError>>;

    /// Lays a table's rows in the order of one of its indexes, in new trees.
    ///
    /// # Errors
    /// As reading and writing fails.
    fn order_rows(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: Oid,
        index: Oid,
    ) -> Result<(), Box<dyn RowsError>>;

    /// Whether all values of a column fulfil a condition over [`plan::expression::ExpressionKind::Element`]; without one
    /// whether none is null.
    ///
    /// # Errors
    /// When the condition fails.
    fn column_keeps(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        column: u16,
        condition: Option<&Expression>,
    ) -> Result<bool, Box<dyn RowsError>>;

    /// Calls the triggers of tables that are emptied, before that or after it.
    ///
    /// # Errors
    /// Those of triggers.
    fn fire_truncate(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        tables: &[Oid],
        before: bool,
    ) -> Result<(), Box<dyn RowsError>>;

    /// Makes a dictionary of text search, to see whether it can be made.
    ///
    /// # Errors
    /// When an option is wrong, or a file that it names.
    fn try_dictionary(
        &mut self,
        scope: &Scope,
        template: &SearchTemplate,
        options: &[(String, OptionValue)],
    ) -> Result<(), Box<dyn RowsError>>;

    /// The value of an expression without columns.
    ///
    /// # Errors
    /// When it fails.
    fn constant(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        expression: &Expression,
    ) -> Result<types::Value, Box<dyn RowsError>>;

    /// Whether all rows of a partition belong to it.
    ///
    /// # Errors
    /// When they cannot be read.
    fn keeps_within(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
    ) -> Result<bool, Box<dyn RowsError>>;

    /// Looks whether a column has no nulls.
    ///
    /// # Errors
    /// When it has.
    fn validate_not_null(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        column: u16,
    ) -> Result<(), Box<dyn RowsError>>;
}

/// What is around a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// Nothing: it is a transaction of its own.
    Nothing,
    /// A transaction block, or other statements that come with it.
    Block,
    /// A function.
    Function,
}

/// Where a definition is made.
pub struct Definer<'d> {
    /// The store.
    pub store: &'d Store,
    /// The transaction that it is part of.
    pub transaction: &'d mut Transaction,
    /// The session's way to the catalog.
    pub catalog: &'d mut Catalog,
    /// What names mean now.
    pub scope: Scope,
    /// What names mean after a change: the search path is read anew.
    pub path_of: &'d dyn Fn(&Snapshot) -> SearchPath,
    /// The role that makes it.
    pub role: Oid,
    /// The role of the session, which it acts for.
    pub session_role: Oid,
    /// How literals are read.
    pub literals: &'d dyn Literals,
    /// How deep statements may nest.
    pub depth_limit: usize,
    /// What backslashes are in strings.
    pub strings: StringRules,
    /// How bodies of functions are looked at when they are made: not at all if `check_function_bodies` is off.
    pub bodies: Option<procedural::Settings>,
    /// What only the executor can do.
    pub rows: &'d mut dyn Rows,
    /// What is around the statement.
    pub around: Around,
    /// The extension whose members are made.
    pub extension: Option<Oid>,
    /// Where new relations are to lie.
    pub places: crate::tablespace::Places,
    /// What is said besides the result.
    pub notices: Vec<DefineNotice>,
}

impl Definer<'_> {
    /// What names mean, once something has been changed.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn refresh(&mut self) -> DefineResult<()> {
        let view = self.transaction.view()?;
        let snapshot = self.catalog.snapshot(self.store, &view)?;
        let path = (self.path_of)(&snapshot);
        self.scope = self.scope.renewed(snapshot, path);
        Ok(())
    }

    /// Waits until nobody else changes or is about to name an object, keeps everybody from that until the transaction ends, and
    /// looks at what it is then: what it becomes is made of what it is.
    ///
    /// # Errors
    /// When the lock is not granted: a conflict if somebody has changed it since the one snapshot of the transaction.
    pub(crate) fn hold_newest(&mut self, oid: Oid) -> DefineResult<()> {
        self.catalog.hold_for_change(self.transaction, oid, RowMode::Update)?;
        self.transaction.refresh()?;
        self.refresh()
    }

    /// A number for a new object.
    ///
    /// # Errors
    /// When none is left.
    pub fn new_oid(&mut self) -> DefineResult<Oid> {
        Ok(self.catalog.new_oids(self.store, 1)?)
    }

    /// Numbers for new objects: the first of so many that follow each other.
    ///
    /// # Errors
    /// When none is left.
    pub fn new_oids(&mut self, count: u32) -> DefineResult<Oid> {
        Ok(self.catalog.new_oids(self.store, count)?)
    }

    /// Numbers for new objects that stand beside another, or in a schema: temporary ones if that is.
    ///
    /// # Errors
    /// When none is left.
    pub fn new_oids_beside(&mut self, count: u32, beside: Oid) -> DefineResult<Oid> {
        if is_temporary(beside) { Ok(self.catalog.new_temporary_oids(count)?) } else { self.new_oids(count) }
    }

    /// A tree for something that stands beside an object, or in a schema: a temporary one if that is.
    ///
    /// # Errors
    /// When the transaction cannot write.
    pub fn new_tree_beside(&mut self, versioned: bool, beside: Oid) -> DefineResult<u64> {
        let transaction = &mut *self.transaction;
        let made = if is_temporary(beside) {
            transaction.create_temporary_tree(versioned)
        } else {
            transaction.create_tree(versioned)
        };
        Ok(made?.0)
    }

    /// The type that is written, with its modifier.
    ///
    /// # Errors
    /// When there is none, or its modifier is wrong.
    pub fn resolve_type(&self, written: &TypeName<'_>) -> DefineResult<Type> {
        Ok(bind::definition::resolve_type(self.binding(), written)?)
    }

    /// The type that is written of something that is made of it, which the role must be allowed.
    ///
    /// # Errors
    /// [`Definer::resolve_type`]'s, or when the role may not use it.
    pub fn use_type(&self, written: &TypeName<'_>) -> DefineResult<Type> {
        let of = self.resolve_type(written)?;
        self.require_type(of.oid)?;
        Ok(of)
    }

    /// That the role may make something of a type: of an array's, of that of its elements. Types of rows of tables have no
    /// privileges of their own.
    ///
    /// # Errors
    /// When it may not.
    pub fn require_type(&self, oid: Oid) -> DefineResult<()> {
        let of = match self.scope.object_of_type(oid) {
            Some(
                of @ (Object::Enum(_)
                | Object::Domain(_)
                | Object::Composite(_)
                | Object::Range(_)
                | Object::Base(_)),
            ) => of,
            Some(_) | None => return Ok(()),
        };
        if self.scope.is_superuser(self.role)
            || self.actor().privileges(&self.scope, of).contains(Privileges::USAGE)
        {
            return Ok(());
        }
        Err(catalog::AccessError::Denied { kind: "type", name: of.name().to_owned() }.into())
    }

    /// The schema in which something new with this name goes, and the name.
    ///
    /// # Errors
    /// When there is no such schema, or the name has too many parts.
    pub fn new_name<'n>(&mut self, name: &QualifiedName<'n>) -> DefineResult<(Oid, &'n str)> {
        let (schema, object) = crate::names::split_name(&self.scope, name)?;
        Ok((self.creation_schema(schema)?, object))
    }

    /// Where something new goes: in `schema`, or in the first of the path. The role may create there.
    pub(crate) fn creation_schema(&mut self, schema: Option<&str>) -> DefineResult<Oid> {
        let temporary = match schema {
            Some(name) => name == "pg_temp",
            None => self.scope.path().creates_temporary(),
        };
        if temporary {
            return self.temporary_schema();
        }
        let schema = self.scope.creation_schema(schema)?;
        if !is_temporary(schema) {
            self.require(schema, Privileges::CREATE)?;
        }
        Ok(schema)
    }

    /// The session's temporary schema, made if there is none.
    fn temporary_schema(&mut self) -> DefineResult<Oid> {
        if self.scope.schema(TEMPORARY_SCHEMA).is_none() {
            self.catalog.make_temporary_schema(self.transaction, SUPERUSER)?;
            self.refresh()?;
        }
        Ok(TEMPORARY_SCHEMA)
    }

    /// Creates an object that depends on others.
    ///
    /// # Errors
    /// When its name is taken, or something that it refers to is gone.
    pub fn create(&mut self, object: &Object, references: catalog::References<'_>) -> DefineResult<()> {
        let mut references = references.to_vec();
        if object.relation().is_none() {
            let member = |extension| (Address::of(extension), DependencyKind::Extension);
            references.extend(self.extension.map(member));
        }
        let references = references.as_slice();
        match self.scope.default_acl(object) {
            None => self.catalog.create(self.transaction, object, references)?,
            acl => {
                let mut object = object.clone();
                object.set_acl(acl);
                self.catalog.create(self.transaction, &object, references)?;
            }
        }
        match crate::tablespace::of_new(self, object)? {
            0 => Ok(()),
            tablespace => Ok(self.catalog.place(self.transaction, object.oid(), tablespace)?),
        }
    }

    /// Says something besides the result.
    pub fn notice(&mut self, notice: DefineNotice) {
        self.notices.push(notice);
    }

    /// Refuses what is not there yet.
    ///
    /// # Errors
    /// Always.
    pub fn unsupported<T>(&self, feature: &str, position: Option<u32>) -> DefineResult<T> {
        Err(DefineError::NotSupported { feature: feature.into(), position })
    }

    /// The snapshot that names are looked up in.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        self.scope.snapshot()
    }

    /// The schema in which a new relation goes, its name, and how long it lives: temporary relations stand in the
    /// session's temporary schema, and whatever stands there is one. `position` is where errors point.
    ///
    /// # Errors
    /// When there is no such schema, or it is none for such a relation.
    pub fn new_relation_name<'n>(
        &mut self,
        name: &QualifiedName<'n>,
        persistence: Persistence,
        position: Option<u32>,
    ) -> DefineResult<(Oid, &'n str, Persistence)> {
        let (schema, object) = crate::names::split_name(&self.scope, name)?;
        let schema = match (schema, persistence) {
            (None, Persistence::Temporary) => self.temporary_schema()?,
            (schema, _) => self.creation_schema(schema)?,
        };
        self.refuse_system_schema(schema, object)?;
        match (persistence, is_temporary(schema)) {
            (Persistence::Permanent | Persistence::Temporary, true) => {
                Ok((schema, object, Persistence::Temporary))
            }
            (Persistence::Permanent | Persistence::Unlogged, false) => Ok((schema, object, persistence)),
            (Persistence::Temporary, false) => Err(DefineError::TemporaryElsewhere { position }),
            (Persistence::Unlogged, true) => Err(DefineError::OnlyTemporary { position }),
        }
    }

    /// Relations, composite types among them, go in none of the system's schemas.
    ///
    /// # Errors
    /// When one would.
    pub fn refuse_system_schema(&self, schema: Oid, name: &str) -> DefineResult<()> {
        if !matches!(schema, PG_CATALOG | PG_TOAST) {
            return Ok(());
        }
        let within = self.scope.schema(schema).map_or("", |schema| schema.name.as_str());
        Err(DefineError::Plain {
            state: SqlState::InsufficientPrivilege,
            message: format!("permission denied to create \"{within}.{name}\""),
            detail: Some("System catalog modifications are currently disallowed.".to_owned()),
            hint: None,
            position: None,
        })
    }

    /// Locks a table, and answers what it is now that nobody else changes it. What is made of its rows afterwards is made of all
    /// of them: a transaction whose one snapshot is older than some, or than the table's definition, has to be made again.
    ///
    /// # Errors
    /// When it has been dropped, or the lock is not granted.
    pub fn lock_table(&mut self, table: &Arc<Table>, mode: RelationMode) -> DefineResult<Arc<Table>> {
        self.lock_relation(TreeId(table.lock), mode, table.oid)?;
        let called = (table.schema, &table.name);
        if self.is_outdated(table, mode)? {
            self.transaction.refresh()?;
            self.refresh()?;
        }
        // One that is gone, or is called otherwise now, is looked for again by its name.
        let now = self.scope.table(table.oid).filter(|now| (now.schema, &now.name) == called).cloned();
        let table = now.ok_or(CatalogError::Outdated { oid: table.oid })?;
        if self.is_outdated(&table, mode)? {
            let conflict = StoreError::Conflict { action: ConflictAction::Update, tree: TreeId(table.tree) };
            return Err(conflict.into());
        }
        Ok(table)
    }

    /// Locks a relation by its tree; one that is gone meanwhile is looked for again by its name.
    fn lock_relation(&mut self, tree: TreeId, mode: RelationMode, oid: Oid) -> DefineResult<()> {
        let wait = self.transaction.wait();
        match self.transaction.lock_tree(tree, mode, wait) {
            Ok(_) => Ok(()),
            Err(StoreError::NoSuchTree { .. }) => Err(CatalogError::Outdated { oid }.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until nobody uses a view any more, and until this transaction sees what they made of it.
    ///
    /// # Errors
    /// When it has been dropped; a conflict if the transaction's snapshot may not move on.
    pub fn lock_view(&mut self, view: &Arc<View>) -> DefineResult<Arc<View>> {
        self.lock_relation(TreeId(view.lock), RelationMode::AccessExclusive, view.oid)?;
        if !self.catalog.is_current(self.transaction, self.scope.snapshot(), view.oid)? {
            self.transaction.refresh()?;
            self.refresh()?;
        }
        if !self.catalog.is_current(self.transaction, self.scope.snapshot(), view.oid)? {
            let conflict = StoreError::Conflict { action: ConflictAction::Update, tree: TreeId(view.lock) };
            return Err(conflict.into());
        }
        match self.scope.relation(view.oid) {
            Some(Relation::View(now)) if (now.schema, &now.name) == (view.schema, &view.name) => Ok(now),
            Some(_) | None => Err(CatalogError::Outdated { oid: view.oid }.into()),
        }
    }

    /// Waits until nobody takes values of a sequence in a transaction that goes on, and until this transaction sees what others
    /// made of it.
    ///
    /// # Errors
    /// When it has been dropped; a conflict if the transaction's snapshot may not move on.
    pub fn lock_sequence(&mut self, sequence: &Sequence) -> DefineResult<Arc<Sequence>> {
        let lock = TreeId(sequence.lock);
        self.lock_relation(lock, RelationMode::ShareRowExclusive, sequence.oid)?;
        if !self.catalog.is_current(self.transaction, self.scope.snapshot(), sequence.oid)? {
            self.transaction.refresh()?;
            self.refresh()?;
        }
        if !self.catalog.is_current(self.transaction, self.scope.snapshot(), sequence.oid)? {
            return Err(StoreError::Conflict { action: ConflictAction::Update, tree: lock }.into());
        }
        let oid = sequence.oid;
        self.scope.sequence(oid).cloned().ok_or_else(|| CatalogError::Outdated { oid }.into())
    }

    /// Refuses to define a table anew while a cursor reads it, or something about its rows is still to be looked at.
    ///
    /// # Errors
    /// In the name of `command`.
    pub fn refuse_awaited(&self, table: &Table, command: &'static str) -> DefineResult<()> {
        if self.rows.are_read(table.oid) {
            return Err(DefineError::Read { command, name: table.name.clone() });
        }
        if self.rows.are_awaited(table.oid) {
            return Err(DefineError::Awaited { command, name: table.name.clone() });
        }
        Ok(())
    }

    /// Whether a commit that the transaction does not see has changed a table, or its rows if nobody writes them now.
    fn is_outdated(&mut self, table: &Table, mode: RelationMode) -> DefineResult<bool> {
        let excludes_writers = match mode {
            RelationMode::AccessShare
            | RelationMode::RowShare
            | RelationMode::RowExclusive
            | RelationMode::ShareUpdateExclusive => false,
            RelationMode::Share
            | RelationMode::ShareRowExclusive
            | RelationMode::Exclusive
            | RelationMode::AccessExclusive => true,
        };
        let current = self.catalog.is_current(self.transaction, self.scope.snapshot(), table.oid)?;
        Ok(!current || (excludes_writers && self.transaction.has_newer(TreeId(table.tree))?))
    }

    /// A table by its number.
    ///
    /// # Errors
    /// When it has been dropped.
    pub fn table(&self, oid: Oid) -> DefineResult<Arc<Table>> {
        let found = self.scope.table(oid).cloned();
        Ok(found.ok_or(CatalogError::UndefinedObject { oid })?)
    }

    /// Changes a column of a table.
    ///
    /// # Errors
    /// When the table is gone.
    pub fn alter_column(
        &mut self,
        table: Oid,
        place: u16,
        change: impl FnOnce(&mut Column),
    ) -> DefineResult<()> {
        self.alter_table(table, |table| {
            if let Some(column) = table.columns.get_mut(usize::from(place)) {
                change(column);
            }
        })
    }

    /// Changes a table's entry.
    ///
    /// # Errors
    /// When the table is gone.
    pub fn alter_table(&mut self, table: Oid, change: impl FnOnce(&mut Table)) -> DefineResult<()> {
        self.catalog.alter::<CatalogError>(self.transaction, table, |object| {
            if let Object::Table(table) = object {
                change(Arc::make_mut(table));
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Changes a constraint's entry.
    ///
    /// # Errors
    /// When the constraint is gone.
    pub fn alter_constraint(
        &mut self,
        constraint: Oid,
        change: impl FnOnce(&mut catalog::object::Constraint),
    ) -> DefineResult<()> {
        self.catalog.alter::<CatalogError>(self.transaction, constraint, |object| {
            if let Object::Constraint(constraint) = object {
                change(Arc::make_mut(constraint));
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Changes an index's entry.
    ///
    /// # Errors
    /// When the index is gone.
    pub fn alter_index(
        &mut self,
        index: Oid,
        change: impl FnOnce(&mut catalog::object::Index),
    ) -> DefineResult<()> {
        self.catalog.alter::<CatalogError>(self.transaction, index, |object| {
            if let Object::Index(index) = object {
                change(Arc::make_mut(index));
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Says that a table has changed, though its entry says the same: others inherit from it now, or do not any more.
    ///
    /// # Errors
    /// When the table is gone.
    pub fn touch(&mut self, table: Oid) -> DefineResult<()> {
        self.alter_table(table, |table| table.revision = table.revision.wrapping_add(1))
    }

    /// An object does not depend on another any more.
    ///
    /// # Errors
    /// When the catalog cannot be changed.
    pub fn undepend(&mut self, oid: Oid, on: Oid) -> DefineResult<()> {
        let (dependent, on) = (Address::of(oid), Address::of(on));
        Ok(self.catalog.undepend(self.transaction, dependent, on)?)
    }

    /// The value of an expression without columns.
    ///
    /// # Errors
    /// When it fails.
    pub fn constant(&mut self, expression: &Expression) -> DefineResult<types::Value> {
        if let Some(value) = expression.as_constant() {
            return Ok(value.clone());
        }
        self.rows.constant(self.transaction, &self.scope, expression).map_err(DefineError::Build)
    }

    /// Whether all rows of a partition belong to it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn keeps_within(&mut self, table: Oid) -> DefineResult<bool> {
        self.rows.keeps_within(self.transaction, &self.scope, table).map_err(DefineError::Build)
    }

    /// What something of this type depends on, if it is not built in.
    pub fn on_type(&self, of: Type) -> Option<(Address, DependencyKind)> {
        self.scope.type_address(of.oid).map(|address| (address, DependencyKind::Normal))
    }

    /// Records dependencies of an object.
    ///
    /// # Errors
    /// When something that is referred to is gone.
    pub fn depend(&mut self, oid: Oid, references: catalog::References<'_>) -> DefineResult<()> {
        Ok(self.catalog.depend(self.transaction, Address::of(oid), references)?)
    }

    /// Fills a new index. Whoever has gone through a table's rows knows how many there are, and says so.
    ///
    /// # Errors
    /// When a key stands twice, or an expression fails.
    pub fn build(&mut self, index: Oid) -> DefineResult<()> {
        let rows = self.rows.build_index(self.transaction, &self.scope, index).map_err(DefineError::Build)?;
        let table = self.scope.index(index).and_then(|index| self.scope.table(index.table).cloned());
        if let Some(table) = table
            && rows > 0
        {
            let known = size_of(&table, rows);
            self.catalog.set_table_statistics(self.transaction, table.oid, Some(&known))?;
        }
        Ok(())
    }

    /// Looks whether rows keep to a constraint.
    ///
    /// # Errors
    /// When one does not.
    pub fn validate(&mut self, constraint: Oid) -> DefineResult<()> {
        self.rows.validate(self.transaction, &self.scope, constraint).map_err(DefineError::Build)
    }

    /// The role that makes it, with all whose rights it has.
    pub fn actor(&self) -> Actor {
        Actor::new(&self.scope, self.role, self.transaction.database().0)
    }

    /// That the role may do something with an object. A superuser may, and nothing is looked at.
    ///
    /// # Errors
    /// When it may not.
    pub fn require(&self, oid: Oid, wanted: Privileges) -> DefineResult<()> {
        if self.scope.is_superuser(self.role) {
            return Ok(());
        }
        match self.scope.object(oid) {
            Some(object) => Ok(self.actor().require(&self.scope, object, wanted)?),
            None => Ok(()),
        }
    }

    /// That the role owns an object.
    ///
    /// # Errors
    /// When it does not.
    pub fn require_owner(&self, oid: Oid) -> DefineResult<()> {
        if self.scope.is_superuser(self.role) {
            return Ok(());
        }
        match self.scope.object(oid) {
            Some(object) => Ok(self.actor().require_owner(&self.scope, object)?),
            None => Ok(()),
        }
    }

    /// That the role owns an object, or the schema that it is in: then it may drop it.
    ///
    /// # Errors
    /// When it owns neither.
    pub fn require_droppable(&self, oid: Oid) -> DefineResult<()> {
        if self.scope.is_superuser(self.role) {
            return Ok(());
        }
        let schema = self.scope.object(oid).and_then(Object::schema);
        match schema.map(|schema| self.require_owner(schema)) {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => self.require_owner(oid),
        }
    }

    /// A role by name.
    ///
    /// # Errors
    /// When there is none.
    pub fn role_named(&self, name: &RoleName<'_>) -> DefineResult<Oid> {
        match name.kind {
            RoleKind::Named(name) => Ok(self.scope.find_role(name)?),
            RoleKind::CurrentRole | RoleKind::CurrentUser => Ok(self.role),
            RoleKind::SessionUser => Ok(self.session_role),
            RoleKind::Public => Err(CatalogError::UndefinedRole { name: "public".into() }.into()),
        }
    }

    /// A column that an index names is not there.
    pub fn no_plain_column(&self, column: &str) -> DefineError {
        DefineError::NoPlainColumn { column: column.into() }
    }

    /// The text of a default that takes the next value of a sequence.
    pub fn nextval_text(&self, sequence: Oid) -> String {
        let name = self.scope.sequence(sequence).map_or_else(String::new, |sequence| {
            let schema = self.scope.schema(sequence.schema).map_or("", |schema| schema.name.as_str());
            catalog::name::qualified(schema, &sequence.name)
        });
        format!("nextval('{}'::regclass)", name.replace('\'', "''"))
    }
}

/// What is known of a table of so many rows if nobody has looked at their values.
pub fn size_of(table: &Table, rows: u64) -> TableStatistics {
    let types = table.live_columns().map(|(_, column)| column.column_type());
    let (rows, pages) = plan::facts::unanalysed_size(rows as f64, types, false);
    TableStatistics { rows, pages: pages as u64 }
}
