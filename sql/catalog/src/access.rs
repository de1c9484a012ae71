//! Whether somebody may do something: asked before it is done.
//!
//! An [`Actor`] is a role with all whose rights it has, looked up once. What it may do to an object follows from the object's
//! owner and grants; a superuser may do everything, and nothing is looked at for it.

use crate::object::{Acl, FunctionKind, Object, Oid, Privileges};
use crate::privilege::DATABASE_OWNER;
use crate::snapshot::{Relation, Snapshot};
use crate::system::SystemTable;
use diagnostic::{Diagnostic, SqlState};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The result of asking.
pub type AccessResult<T> = Result<T, AccessError>;

/// Roles that may read, or write, everything.
const READ_ALL: Oid = 6181;
const WRITE_ALL: Oid = 6182;
/// Relations of the system that only superusers read.
const SECRET: &[&str] =
    &["pg_authid", "pg_shadow", "pg_statistic", "pg_user_mapping", "pg_largeobject", "pg_statistic_ext_data"];

/// Columns of relations of the system that only superusers read.
const SECRET_COLUMNS: &[(&str, &str)] = &[("pg_subscription", "subconninfo")];

/// Whether a relation of the system may be read without some of its columns.
pub fn has_secret_columns(table: &str) -> bool {
    SECRET_COLUMNS.iter().any(|(of, _)| *of == table)
}

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum AccessError {
    #[error("permission denied for {kind} {name}")]
    Denied { kind: &'static str, name: String },
    #[error("must be owner of {kind} {name}")]
    NotOwner { kind: &'static str, name: String },
    #[error("must be member of role \"{role}\"")]
    NotMember { role: String },
    #[error("dependent privileges exist")]
    DependentPrivileges,
}

impl Diagnostic for AccessError {
    fn sqlstate(&self) -> SqlState {
        match self {
            AccessError::Denied { .. } | AccessError::NotOwner { .. } | AccessError::NotMember { .. } => {
                SqlState::InsufficientPrivilege
            }
            AccessError::DependentPrivileges => SqlState::DependentObjectsStillExist,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            AccessError::DependentPrivileges => Some("Use CASCADE to revoke them too.".into()),
            AccessError::Denied { .. } | AccessError::NotOwner { .. } | AccessError::NotMember { .. } => None,
        }
    }
}

impl Object {
    /// Who may do what with it.
    pub fn acl(&self) -> &Acl {
        const NONE: &Acl = &None;
        match self {
            Object::Schema(schema) => &schema.acl,
            Object::Table(table) => &table.acl,
            Object::Sequence(sequence) => &sequence.acl,
            Object::View(view) => &view.acl,
            Object::Enum(enumeration) => &enumeration.acl,
            Object::Domain(domain) => &domain.acl,
            Object::Composite(composite) => &composite.acl,
            Object::Function(function) => &function.acl,
            Object::Database(database) => &database.acl,
            Object::Tablespace(tablespace) => &tablespace.acl,
            Object::Range(range) => &range.acl,
            Object::Base(base) => &base.acl,
            Object::Multirange(multirange) => &multirange.acl,
            Object::Foreign(foreign) => foreign.acl(),
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_)
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
            | Object::Policy(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Trigger(_) => NONE,
        }
    }

    /// Says who may do what with it.
    pub fn set_acl(&mut self, acl: Acl) {
        match self {
            Object::Schema(schema) => Arc::make_mut(schema).acl = acl,
            Object::Table(table) => Arc::make_mut(table).acl = acl,
            Object::Sequence(sequence) => Arc::make_mut(sequence).acl = acl,
            Object::View(view) => Arc::make_mut(view).acl = acl,
            Object::Enum(enumeration) => Arc::make_mut(enumeration).acl = acl,
            Object::Domain(domain) => Arc::make_mut(domain).acl = acl,
            Object::Composite(composite) => Arc::make_mut(composite).acl = acl,
            Object::Function(function) => Arc::make_mut(function).acl = acl,
            Object::Database(database) => Arc::make_mut(database).acl = acl,
            Object::Tablespace(tablespace) => Arc::make_mut(tablespace).acl = acl,
            Object::Range(range) => Arc::make_mut(range).acl = acl,
            Object::Base(base) => Arc::make_mut(base).acl = acl,
            Object::Multirange(multirange) => Arc::make_mut(multirange).acl = acl,
            Object::Foreign(foreign) => Arc::make_mut(foreign).set_acl(acl),
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_)
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
            | Object::Policy(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Trigger(_) => {}
        }
    }

    /// Gives it to another role. An index and a constraint follow their table.
    pub fn set_owner(&mut self, owner: Oid) {
        match self {
            Object::Schema(schema) => Arc::make_mut(schema).owner = owner,
            Object::Table(table) => Arc::make_mut(table).owner = owner,
            Object::Sequence(sequence) => Arc::make_mut(sequence).owner = owner,
            Object::View(view) => Arc::make_mut(view).owner = owner,
            Object::Enum(enumeration) => Arc::make_mut(enumeration).owner = owner,
            Object::Domain(domain) => Arc::make_mut(domain).owner = owner,
            Object::Composite(composite) => Arc::make_mut(composite).owner = owner,
            Object::Function(function) => Arc::make_mut(function).owner = owner,
            Object::Database(database) => Arc::make_mut(database).owner = owner,
            Object::Tablespace(tablespace) => Arc::make_mut(tablespace).owner = owner,
            Object::Range(range) => Arc::make_mut(range).owner = owner,
            Object::Base(base) => Arc::make_mut(base).owner = owner,
            Object::Multirange(multirange) => Arc::make_mut(multirange).owner = owner,
            Object::Foreign(foreign) => Arc::make_mut(foreign).set_owner(owner),
            Object::Replication(replication) => Arc::make_mut(replication).set_owner(owner),
            Object::Search(search) => Arc::make_mut(search).set_owner(owner),
            Object::Collation(collation) => Arc::make_mut(collation).owner = owner,
            Object::Conversion(conversion) => Arc::make_mut(conversion).owner = owner,
            Object::Operator(operator) => Arc::make_mut(operator).owner = owner,
            Object::OperatorClass(class) => Arc::make_mut(class).owner = owner,
            Object::OperatorFamily(family) => Arc::make_mut(family).owner = owner,
            Object::Statistics(statistics) => Arc::make_mut(statistics).owner = owner,
            Object::Extension(extension) => Arc::make_mut(extension).owner = owner,
            Object::EventTrigger(trigger) => Arc::make_mut(trigger).owner = owner,
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_)
            | Object::Cast(_)
            | Object::Rewrite(_)
            | Object::Policy(_)
            | Object::Trigger(_) => {}
        }
    }

    /// The columns on which privileges may be, with their places and grants; dropped ones are left out.
    pub fn columns_with_acl(&self) -> Vec<(usize, &str, &Acl)> {
        match self {
            Object::Table(table) => table
                .live_columns()
                .map(|(place, column)| (place, column.name.as_str(), &column.acl))
                .collect(),
            Object::View(view) => {
                let columns = view.columns.iter().enumerate();
                columns.map(|(place, column)| (place, column.column.name.as_str(), &column.acl)).collect()
            }
            Object::Schema(_)
            | Object::Sequence(_)
            | Object::Index(_)
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
        }
    }

    /// Says who may do what with one of its columns.
    pub fn set_column_acl(&mut self, place: usize, acl: Acl) {
        match self {
            Object::Table(table) => {
                if let Some(column) = Arc::make_mut(table).columns.get_mut(place) {
                    column.acl = acl;
                }
            }
            Object::View(view) => {
                if let Some(column) = Arc::make_mut(view).columns.get_mut(place) {
                    column.acl = acl;
                }
            }
            Object::Schema(_)
            | Object::Sequence(_)
            | Object::Index(_)
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
            | Object::Database(_) => {}
        }
    }

    /// What messages about rights call its kind.
    pub fn kind_word(&self) -> &'static str {
        match self {
            Object::Schema(_) => "schema",
            Object::Table(table) => table.kind_word(),
            Object::Index(_) => "index",
            Object::Sequence(_) => "sequence",
            Object::View(_) => "view",
            Object::Constraint(_) => "constraint",
            Object::Enum(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => "type",
            Object::Cast(_) => "cast",
            Object::Collation(_) => "collation",
            Object::Conversion(_) => "conversion",
            Object::Extension(_) => "extension",
            Object::EventTrigger(_) => "event trigger",
            Object::Operator(_) => "operator",
            Object::OperatorClass(_) => "operator class",
            Object::OperatorFamily(_) => "operator family",
            Object::Statistics(_) => "statistics object",
            Object::Rewrite(_) => "rule",
            Object::Trigger(_) => "trigger",
            Object::Policy(_) => "policy",
            Object::Foreign(foreign) => foreign.kind_word(),
            Object::Replication(replication) => replication.kind_word(),
            Object::Search(search) => search.kind_word(),
            Object::Domain(_) => "domain",
            Object::Function(function) => match function.kind {
                FunctionKind::Function => "function",
                FunctionKind::Procedure => "procedure",
                FunctionKind::Aggregate => "aggregate",
            },
            Object::Role(_) => "role",
            Object::Database(_) => "database",
            Object::Tablespace(_) => "tablespace",
        }
    }
}

impl Snapshot {
    /// The database that is this branch of the store.
    pub fn database_of(&self, branch: u64) -> Option<&crate::object::Database> {
        self.shared_objects().find_map(|object| match object {
            Object::Database(database) if database.branch == branch => Some(&**database),
            _ => None,
        })
    }
}

/// A role that does something.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The role.
    pub role: Oid,
    /// Whether it may do everything.
    pub superuser: bool,
    /// All whose rights it has; nobody asks of a superuser.
    roles: BTreeSet<Oid>,
}

impl Actor {
    /// The role in the database that is this branch.
    pub fn new(scope: &Snapshot, role: Oid, branch: u64) -> Actor {
        if scope.is_superuser(role) {
            return Actor { role, superuser: true, roles: BTreeSet::new() };
        }
        let owner = scope.database_of(branch).map_or(0, |database| database.owner);
        Actor { role, superuser: false, roles: scope.inherited_roles(role, owner) }
    }

    /// Whether it has all the rights of a role: that it owns what the role owns.
    pub fn has_rights_of(&self, role: Oid) -> bool {
        self.superuser || self.roles.contains(&role)
    }

    /// The roles whose rights it has, itself among them.
    pub fn roles(&self) -> impl Iterator<Item = Oid> {
        std::iter::once(self.role).chain(self.roles.iter().copied().filter(|role| *role != self.role))
    }

    /// What it may do with an object.
    pub fn privileges(&self, scope: &Snapshot, object: &Object) -> Privileges {
        let all = Privileges::all_of(object);
        if self.superuser {
            return all;
        }
        let owner = object.owner().unwrap_or(0);
        let granted = scope.granted(&self.roles, object.acl(), owner, all, Privileges::public_of(object));
        granted.with(self.of_everything(object))
    }

    /// What roles that read or write everything may do.
    fn of_everything(&self, object: &Object) -> Privileges {
        let (read, write) = (self.roles.contains(&READ_ALL), self.roles.contains(&WRITE_ALL));
        let changes = Privileges::INSERT.with(Privileges::UPDATE).with(Privileges::DELETE);
        match object {
            Object::Table(_) | Object::View(_) | Object::Sequence(_) => {
                let reads = if read { Privileges::SELECT } else { Privileges::NONE };
                reads.with(if write { changes } else { Privileges::NONE })
            }
            Object::Schema(_) if read || write => Privileges::USAGE,
            Object::Schema(_)
            | Object::Index(_)
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
            | Object::Database(_) => Privileges::NONE,
        }
    }

    /// What it may do with a column because of the column's own grants.
    pub fn column_privileges(&self, acl: &Acl) -> Privileges {
        let reaches =
            |grant: &&crate::object::Grant| grant.grantee == 0 || self.roles.contains(&grant.grantee);
        let own = acl.iter().flatten().filter(reaches);
        own.fold(Privileges::NONE, |total, grant| total.with(grant.privileges))
    }

    /// That it may do something with an object.
    ///
    /// # Errors
    /// When it may not.
    pub fn require(&self, scope: &Snapshot, object: &Object, wanted: Privileges) -> AccessResult<()> {
        if self.superuser || self.privileges(scope, object).contains(wanted) {
            return Ok(());
        }
        Err(denied(object))
    }

    /// That it may do one of several things with an object.
    ///
    /// # Errors
    /// When it may do none of them.
    pub fn require_any(&self, scope: &Snapshot, object: &Object, ways: &[Privileges]) -> AccessResult<()> {
        if self.superuser {
            return Ok(());
        }
        let privileges = self.privileges(scope, object);
        if ways.iter().any(|way| privileges.contains(*way)) {
            return Ok(());
        }
        Err(denied(object))
    }

    /// That it owns an object, or what the object belongs to.
    ///
    /// # Errors
    /// When it does not.
    pub fn require_owner(&self, scope: &Snapshot, object: &Object) -> AccessResult<()> {
        if self.superuser || owner_of(scope, object).is_some_and(|owner| self.has_rights_of(owner)) {
            return Ok(());
        }
        let relation = match object {
            Object::Trigger(trigger) => trigger.relation,
            Object::Policy(policy) => policy.table,
            Object::Rewrite(rule) => rule.relation,
            Object::Constraint(constraint) => constraint.table,
            _ => 0, // others are not named for their relations
        };
        if relation != 0 {
            let name = scope.relation(relation).map(|of| of.name().to_owned()).unwrap_or_default();
            return Err(AccessError::NotOwner { kind: "relation", name });
        }
        let kind = match object {
            // As which it is owned.
            Object::Domain(_) => "type",
            // A domain's is owned as the domain is.
            Object::Constraint(constraint) => {
                let domain = scope.object(constraint.domain);
                let name = domain.map(|of| of.name().to_owned()).unwrap_or_default();
                return Err(AccessError::NotOwner { kind: "type", name });
            }
            other => other.kind_word(),
        };
        Err(AccessError::NotOwner { kind, name: object.name().to_owned() })
    }

    /// That it may read columns of a relation of the system, by their numbers; all of them without.
    ///
    /// # Errors
    /// When it may not.
    pub fn require_system(&self, table: &SystemTable, read: Option<&[u16]>) -> AccessResult<()> {
        let is_secret = |column: &str| SECRET_COLUMNS.contains(&(table.name, column));
        let reads =
            |place: usize| read.is_none_or(|read| read.iter().any(|it| usize::from(*it) == place + 1));
        let mut columns = table.columns.iter().enumerate();
        let secret = SECRET.contains(&table.name)
            || columns.any(|(place, column)| is_secret(column.name) && reads(place));
        if self.superuser || !secret {
            return Ok(());
        }
        let kind = if table.is_view { "view" } else { "table" };
        Err(AccessError::Denied { kind, name: table.name.to_owned() })
    }
}

/// That somebody may not do something with an object.
pub fn denied(object: &Object) -> AccessError {
    AccessError::Denied { kind: object.kind_word(), name: object.name().to_owned() }
}

/// Who owns an object, or what it belongs to.
fn owner_of(scope: &Snapshot, object: &Object) -> Option<Oid> {
    let of_table = |table: Oid| match scope.relation(table) {
        Some(Relation::Table(table)) => Some(table.owner),
        Some(Relation::View(view)) => Some(view.owner),
        _ => None,
    };
    match object {
        Object::Index(index) => of_table(index.table),
        Object::Rewrite(rule) => of_table(rule.relation),
        Object::Trigger(trigger) => of_table(trigger.relation),
        Object::Policy(policy) => of_table(policy.table),
        Object::Constraint(constraint) if constraint.table != 0 => of_table(constraint.table),
        Object::Constraint(constraint) => scope.domain(constraint.domain).map(|domain| domain.owner),
        Object::Schema(_)
        | Object::Table(_)
        | Object::Sequence(_)
        | Object::View(_)
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
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => object.owner(),
    }
}

/// Whether a role is a member of another, directly or by others, whether it inherits or not.
pub fn is_member(scope: &Snapshot, role: Oid, of: Oid, branch: u64) -> bool {
    let owner = scope.database_of(branch).map_or(0, |database| database.owner);
    scope.roles_of(role, owner).contains(&of)
}

/// Whether the role stands for the owner of the database: its members are not chosen.
pub fn is_database_owner(role: Oid) -> bool {
    role == DATABASE_OWNER
}
