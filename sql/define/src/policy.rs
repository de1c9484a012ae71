//! Policies: `CREATE POLICY`, `ALTER POLICY`, and what `ALTER TABLE` says of row security.
//!
//! A policy's conditions are kept as texts in which every name is resolved, but for the table's own columns, which are named alone.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use bind::BindError;
use bind::definition::{PolicyCondition, policy_condition};
use bind::deparse::Style;
use catalog::object::{Object, Oid, Policy, PolicyCommand, Table};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::alter::RowSecurity;
use syntax::tree::option::{RoleKind, RoleName};
use syntax::tree::policy::{AlterPolicy, CreatePolicy, PolicyCommand as Written};
use syntax::tree::{Expression, QualifiedName};

type References = Vec<(Address, DependencyKind)>;

/// Makes a policy.
///
/// # Errors
/// PostgreSQL's.
pub fn create_policy(definer: &mut Definer<'_>, statement: &CreatePolicy<'_>) -> DefineResult<()> {
    let command = match statement.command {
        Written::All => PolicyCommand::All,
        Written::Select => PolicyCommand::Select,
        Written::Insert => PolicyCommand::Insert,
        Written::Update => PolicyCommand::Update,
        Written::Delete => PolicyCommand::Delete,
    };
    let parts = &statement.parts;
    match command {
        PolicyCommand::Select | PolicyCommand::Delete if parts.check.is_some() => {
            return Err(plain(SqlState::SyntaxError, "WITH CHECK cannot be applied to SELECT or DELETE"));
        }
        PolicyCommand::Insert if parts.using.is_some() => {
            return Err(plain(SqlState::SyntaxError, "only WITH CHECK expression allowed for INSERT"));
        }
        PolicyCommand::All
        | PolicyCommand::Select
        | PolicyCommand::Insert
        | PolicyCommand::Update
        | PolicyCommand::Delete => {}
    }
    let roles = match parts.roles {
        Some(roles) => roles_of(definer, roles)?,
        None => vec![0],
    };
    let table = secured(definer, &statement.table)?;
    let mut references: References = vec![(Address::of(table.oid), DependencyKind::Auto)];
    let using = text_of(definer, &table, parts.using.as_ref(), &mut references)?;
    let check = text_of(definer, &table, parts.check.as_ref(), &mut references)?;
    let name = statement.name.text.to_owned();
    refuse_taken(definer, &table, &name)?;
    let oid = definer.new_oids_beside(1, table.oid)?;
    let permissive = statement.permissive;
    let policy = Policy { oid, name, table: table.oid, command, permissive, roles, using, check };
    definer.create(&Object::Policy(Arc::new(policy)), &references)?;
    definer.refresh()
}

/// Says of a policy for whom it is, and which rows.
///
/// # Errors
/// PostgreSQL's.
pub fn alter_policy(definer: &mut Definer<'_>, statement: &AlterPolicy<'_>) -> DefineResult<()> {
    let parts = &statement.parts;
    let roles = parts.roles.map(|roles| roles_of(definer, roles)).transpose()?;
    let table = secured(definer, &statement.table)?;
    let mut references: References = vec![(Address::of(table.oid), DependencyKind::Auto)];
    let mut using = text_of(definer, &table, parts.using.as_ref(), &mut references)?;
    let mut check = text_of(definer, &table, parts.check.as_ref(), &mut references)?;
    let Some(policy) = named(definer, table.oid, statement.name.text) else {
        return Err(missing(statement.name.text, &table.name));
    };
    match policy.command {
        PolicyCommand::Select | PolicyCommand::Delete if check.is_some() => {
            return Err(plain(SqlState::SyntaxError, "only USING expression allowed for SELECT, DELETE"));
        }
        PolicyCommand::Insert if using.is_some() => {
            return Err(plain(SqlState::SyntaxError, "only WITH CHECK expression allowed for INSERT"));
        }
        PolicyCommand::All
        | PolicyCommand::Select
        | PolicyCommand::Insert
        | PolicyCommand::Update
        | PolicyCommand::Delete => {}
    }
    for (new, kept) in [(&mut using, &policy.using), (&mut check, &policy.check)] {
        if let (None, Some(kept)) = (&new, kept) {
            let bound = bind::definition::kept_policy_condition(definer.binding(), table.oid, kept)?;
            references.extend(used_by(definer, &table, &bound));
            *new = Some(kept.clone());
        }
    }
    definer.change_object(policy.oid, |object| {
        if let Object::Policy(policy) = object {
            let policy = Arc::make_mut(policy);
            (policy.using, policy.check) = (using, check);
            if let Some(roles) = roles {
                policy.roles = roles;
            }
        }
    })?;
    let address = Address::of(policy.oid);
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    definer.catalog.depend(definer.transaction, address, &references)?;
    definer.refresh()
}

/// `ALTER POLICY … RENAME TO …`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn rename(
    definer: &mut Definer<'_>,
    name: &str,
    table: &QualifiedName<'_>,
    to: &str,
) -> DefineResult<()> {
    let table = secured(definer, table)?;
    refuse_taken(definer, &table, to)?;
    let Some(policy) = named(definer, table.oid, name) else { return Err(missing(name, &table.name)) };
    definer.change_object(policy.oid, |object| {
        if let Object::Policy(policy) = object {
            Arc::make_mut(policy).name = to.to_owned();
        }
    })
}

/// `ALTER TABLE … ROW LEVEL SECURITY`
///
/// # Errors
/// When the table is gone.
pub(crate) fn switch(definer: &mut Definer<'_>, table: Oid, security: RowSecurity) -> DefineResult<()> {
    definer.change_object(table, |object| {
        if let Object::Table(table) = object {
            let table = Arc::make_mut(table);
            match security {
                RowSecurity::Enable => table.row_security = true,
                RowSecurity::Disable => table.row_security = false,
                RowSecurity::Force => table.forces_row_security = true,
                RowSecurity::NoForce => table.forces_row_security = false,
            }
        }
    })
}

/// Refuses to say anything of the row security of what is no table.
pub(crate) fn refuse_switch(relation: &Relation, security: RowSecurity) -> DefineResult<()> {
    let kind = match relation {
        Relation::View(_) => "views",
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => "indexes",
        Relation::Composite(_) => "composite types",
        Relation::Table(_) | Relation::System(_) => return Ok(()), // others refuse them, if anybody does
    };
    let (action, name) = (words(security), relation.name());
    Err(DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("ALTER action {action} cannot be performed on relation \"{name}\""),
        detail: Some(format!("This operation is not supported for {kind}.")),
        hint: None,
        position: None,
    })
}

/// What an action of `ALTER TABLE` that is about row security is called by messages.
pub(crate) fn words(security: RowSecurity) -> &'static str {
    match security {
        RowSecurity::Enable => "ENABLE ROW SECURITY",
        RowSecurity::Disable => "DISABLE ROW SECURITY",
        RowSecurity::Force => "FORCE ROW SECURITY",
        RowSecurity::NoForce => "NO FORCE ROW SECURITY",
    }
}

/// Takes roles out of the policies that are for them, and answers the policies that are for nobody then.
///
/// # Errors
/// When one cannot be changed.
pub(crate) fn forget_roles(definer: &mut Definer<'_>, roles: &[Oid]) -> DefineResult<Vec<Address>> {
    let policies: Vec<Arc<Policy>> = definer
        .scope
        .objects()
        .filter_map(|object| match object {
            Object::Policy(policy) if policy.roles.iter().any(|role| roles.contains(role)) => {
                Some(policy.clone())
            }
            _ => None, // others are for nobody
        })
        .collect();
    let mut left = Vec::new();
    for policy in policies {
        if policy.roles.iter().all(|role| roles.contains(role)) {
            left.push(Address::of(policy.oid));
            continue;
        }
        definer.catalog.alter::<CatalogError>(definer.transaction, policy.oid, |object| {
            if let Object::Policy(policy) = object {
                Arc::make_mut(policy).roles.retain(|role| !roles.contains(role));
            }
            Ok(())
        })?;
    }
    Ok(left)
}

/// A policy as statements name it; none if it is not there.
///
/// # Errors
/// When the name is none.
pub(crate) fn find(
    definer: &Definer<'_>,
    name: &str,
    table: &QualifiedName<'_>,
) -> DefineResult<Option<Arc<Policy>>> {
    let (schema, object) = crate::names::split_name(&definer.scope, table)?;
    let Ok(found) = definer.scope.find_relation(schema, object) else { return Ok(None) };
    Ok(named(definer, found.oid(), name))
}

/// A table's policy of a name.
fn named(definer: &Definer<'_>, table: Oid, name: &str) -> Option<Arc<Policy>> {
    definer.scope.policies_of(table).into_iter().find(|policy| policy.name == name).cloned()
}

fn refuse_taken(definer: &Definer<'_>, table: &Table, name: &str) -> DefineResult<()> {
    match named(definer, table.oid, name) {
        Some(_) => {
            let (name, table) = (name.to_owned(), table.name.clone());
            Err(CatalogError::DuplicatePolicy { name, table }.into())
        }
        None => Ok(()),
    }
}

fn missing(name: &str, table: &str) -> DefineError {
    let message = format!("policy \"{name}\" for table \"{table}\" does not exist");
    plain(SqlState::UndefinedObject, message)
}

/// The table whose policies are changed, locked.
fn secured(definer: &mut Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Arc<Table>> {
    let (schema, object) = crate::names::split_relation(&definer.scope, name)?;
    match definer.scope.find_relation(schema, object)? {
        Relation::Table(table) => {
            definer.require_owner(table.oid)?;
            if table.is_materialized() || table.is_foreign() {
                return Err(not_a_table(&table.name));
            }
            let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
            definer.require_owner(table.oid)?;
            Ok(table)
        }
        Relation::System(table) => {
            let message = format!("permission denied: \"{}\" is a system catalog", table.name);
            Err(plain(SqlState::InsufficientPrivilege, message))
        }
        other @ (Relation::View(_) | Relation::Sequence(_) | Relation::Index(_) | Relation::Composite(_)) => {
            definer.require_owner(other.oid())?;
            Err(not_a_table(other.name()))
        }
    }
}

fn not_a_table(name: &str) -> DefineError {
    plain(SqlState::WrongObjectType, format!("\"{name}\" is not a table"))
}

/// The roles that a policy is for; 0 alone is everybody.
fn roles_of(definer: &mut Definer<'_>, written: &[RoleName<'_>]) -> DefineResult<Vec<Oid>> {
    if written.iter().any(|role| role.kind == RoleKind::Public) {
        if written.len() > 1 {
            definer.notice(DefineNotice::RolesIgnored);
        }
        return Ok(vec![0]);
    }
    written.iter().map(|role| definer.role_named(role)).collect()
}

/// The text of a condition, if there is one; on what it depends goes among `references`.
fn text_of(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    written: Option<&Expression<'_>>,
    references: &mut References,
) -> DefineResult<Option<String>> {
    let Some(written) = written else { return Ok(None) };
    let bound = policy_condition(definer.binding(), table.oid, written).map_err(BindError::nowhere)?;
    references.extend(used_by(definer, table, &bound));
    condition_text(definer, &bound).map(Some)
}

/// On what a condition of a policy depends.
pub(crate) fn used_by(definer: &Definer<'_>, table: &Table, bound: &PolicyCondition) -> References {
    let mut references = definer.used_of(&bound.relations, &bound.shapes);
    references.retain(|(on, _)| on.oid != table.oid || on.part > 0);
    bound.condition.walk_written(&mut |part| {
        references.extend(crate::expression::referred_to(definer, part));
    });
    references
}

/// A condition with every name in it resolved.
pub(crate) fn condition_text(definer: &Definer<'_>, bound: &PolicyCondition) -> DefineResult<String> {
    let style = Style { pretty: false, indented: false };
    let text =
        crate::rule::full(definer, |deparse| deparse.rule_condition(&bound.condition, &bound.shapes, style));
    text.map_or_else(|| definer.unsupported("such a condition of a policy", None), Ok)
}
