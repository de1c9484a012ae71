//! Who owns what: `OWNER TO`, `REASSIGN OWNED`, `DROP OWNED`.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::grant::Change;
use crate::role_error::{RoleError, RoleNotice};
use catalog::object::{Acl, FIRST_USER_OID, Object, Oid, Privileges, Replication, Source};
use catalog::privilege::{self, Revoked};
use catalog::{AccessError, Address, CatalogError, Relation};
use syntax::tree::object::{ObjectKind, ObjectName, SetOwner};
use syntax::tree::option::RoleName;
use syntax::tree::role::Owned;

/// `ALTER … OWNER TO` of what is no relation.
///
/// # Errors
/// PostgreSQL's.
pub fn set_owner(definer: &mut Definer<'_>, statement: &SetOwner<'_>) -> DefineResult<()> {
    let owner = definer.role_named(&statement.owner)?;
    let oid = match (statement.kind, &statement.object) {
        (ObjectKind::Schema, ObjectName::Named(name)) => definer.scope.find_schema(name.object())?,
        (ObjectKind::Type | ObjectKind::Domain, ObjectName::Named(name)) => {
            let (schema, of) = crate::names::split_name(&definer.scope, name)?;
            let found = definer.scope.find_type(schema, of)?;
            crate::composite::refuse_row_type(definer, found)?;
            match definer.scope.made_type(found) {
                Some(made) => made.object,
                None => return definer.unsupported("ALTER TYPE OWNER of a built-in type", None),
            }
        }
        (
            kind @ (ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Aggregate),
            ObjectName::Routine(name),
        ) => crate::named_routine::find(definer, kind, name)?.oid,
        (ObjectKind::Collation, ObjectName::Named(name)) => crate::collation::made(definer, name)?,
        (ObjectKind::Statistics, ObjectName::Named(name)) => crate::statistics::named(definer, name)?,
        (ObjectKind::Operator, ObjectName::Operator(operator, operands)) => {
            crate::operator::made(definer, operator, operands)?
        }
        (
            kind @ (ObjectKind::OperatorClass | ObjectKind::OperatorFamily),
            ObjectName::Using(name, method),
        ) if let Some(oid) = crate::operator_class::made(definer, kind, name, method)? => oid,
        (kind @ (ObjectKind::ForeignDataWrapper | ObjectKind::Server), name)
            if let Some(oid) = crate::foreign::find(definer, kind, name) =>
        {
            oid
        }
        (kind @ (ObjectKind::Publication | ObjectKind::Subscription), name)
            if let Some(found) = crate::replication::find(definer, kind, name) =>
        {
            found?
        }
        (kind, name) if let Some(oid) = crate::search::changeable(definer, kind, name)? => oid,
        (kind, name) if let Some(oid) = crate::conversion::made(definer, kind, name)? => oid,
        (kind, name) if let Some(oid) = crate::event_trigger::find(definer, kind, name) => oid,
        (ObjectKind::LargeObject, ObjectName::Number(number)) => {
            let object = crate::large_object::numbered(definer, number)?;
            return crate::large_object::set_owner(definer, object, owner);
        }
        (kind, object) => return crate::fixed::refuse_change(definer, (kind, object), false, "OWNER"),
    };
    change_owner(definer, oid, owner)
}

/// `ALTER TABLE … OWNER TO` and its like.
///
/// # Errors
/// PostgreSQL's.
pub fn set_relation_owner(
    definer: &mut Definer<'_>,
    relation: &Relation,
    owner: &RoleName<'_>,
) -> DefineResult<()> {
    let owner = definer.role_named(owner)?;
    let name = relation.name().to_owned();
    match relation {
        Relation::Table(_) | Relation::View(_) => {
            if let Relation::Table(table) = relation {
                definer.refuse_awaited(table, "ALTER TABLE")?;
            }
            crate::rename::owned_alone(definer, relation.clone())?;
        }
        Relation::Sequence(sequence) => {
            if let Some((table, _)) = sequence.owned_by
                && let Some(table) = definer.scope.table(table)
                && table.owner != owner
            {
                return Err(RoleError::OwnedSequence { name, table: table.name.clone() }.into());
            }
        }
        Relation::Index(_) => {
            definer.notice(DefineNotice::Role(RoleNotice::OwnerOfIndex { name }));
            return Ok(());
        }
        Relation::Composite(composite) => return change_owner(definer, composite.oid, owner),
        Relation::System(_) => return Err(DefineError::SystemCatalog { name }),
    }
    change_owner(definer, relation.oid(), owner)
}

/// Gives an object, and what belongs to it, to another role.
fn change_owner(definer: &mut Definer<'_>, oid: Oid, owner: Oid) -> DefineResult<()> {
    let object = definer.scope.object(oid).cloned().ok_or(CatalogError::UndefinedObject { oid })?;
    crate::foreign::refuse_owner(definer, &object, owner)?;
    if definer.scope.is_superuser(definer.role) {
        crate::replication::refuse_owner(definer, &object, owner)?;
    }
    crate::event_trigger::refuse_owner(definer, &object, owner)?;
    if object.owner() == Some(owner) {
        return Ok(());
    }
    if !definer.scope.is_superuser(definer.role) {
        may_give(definer, &object, owner)?;
    }
    give(definer, &object, owner)?;
    definer.refresh()
}

fn may_give(definer: &Definer<'_>, object: &Object, owner: Oid) -> DefineResult<()> {
    definer.require_owner(object.oid())?;
    let branch = definer.transaction.database().0;
    if !catalog::is_member(&definer.scope, definer.role, owner, branch) {
        let role = definer.scope.role_name(owner);
        return Err(AccessError::NotMember { role }.into());
    }
    if let Some(schema) = object.schema().and_then(|schema| definer.scope.object(schema)) {
        let new = catalog::Actor::new(&definer.scope, owner, branch);
        new.require(&definer.scope, schema, Privileges::CREATE)?;
    }
    if let Some(server) = definer.scope.foreign_server(object.oid())
        && let Some(wrapper) = definer.scope.object(server.wrapper)
    {
        let new = catalog::Actor::new(&definer.scope, owner, branch);
        new.require(&definer.scope, wrapper, Privileges::USAGE)?;
    }
    crate::replication::refuse_owner(definer, object, owner)
}

fn give(definer: &mut Definer<'_>, object: &Object, owner: Oid) -> DefineResult<()> {
    let old = object.owner().unwrap_or(0);
    definer.catalog.alter::<CatalogError>(definer.transaction, object.oid(), |object| {
        object.set_owner(owner);
        let acl = renamed(object.acl(), old, owner);
        object.set_acl(acl);
        let columns: Vec<(usize, Acl)> = object
            .columns_with_acl()
            .into_iter()
            .filter(|(_, _, acl)| acl.is_some())
            .map(|(place, _, acl)| (place, renamed(acl, old, owner)))
            .collect();
        for (place, acl) in columns {
            object.set_column_acl(place, acl);
        }
        Ok(())
    })?;
    for sequence in own_sequences(definer, object) {
        if let Some(sequence) = definer.scope.object(sequence).cloned() {
            give(definer, &sequence, owner)?;
        }
    }
    Ok(())
}

/// Sequences that belong to a table's columns.
fn own_sequences(definer: &Definer<'_>, object: &Object) -> Vec<Oid> {
    let Object::Table(table) = object else { return Vec::new() };
    let of_identity = table.columns.iter().filter_map(|column| match column.source {
        Source::Identity { sequence, .. } => Some(sequence),
        Source::Null | Source::Default(_) | Source::Generated(_) => None,
    });
    let mut found: Vec<Oid> = of_identity.collect();
    for other in definer.scope.objects() {
        if let Object::Sequence(sequence) = other
            && sequence.owned_by.is_some_and(|of| of.0 == table.oid)
            && !found.contains(&sequence.oid)
        {
            found.push(sequence.oid);
        }
    }
    found
}

/// Grants in which the new owner stands for the old one.
pub(crate) fn renamed(acl: &Acl, old: Oid, new: Oid) -> Acl {
    let mut renamed = Vec::new();
    let other = |role: Oid| if role == old { new } else { role };
    for grant in acl.as_ref()? {
        let (grantee, grantor) = (other(grant.grantee), other(grant.grantor));
        privilege::grant(&mut renamed, grantee, grantor, grant.privileges, false);
        if !grant.grant_option.is_empty() {
            privilege::grant(&mut renamed, grantee, grantor, grant.grant_option, true);
        }
    }
    Some(renamed)
}

/// `REASSIGN OWNED`, `DROP OWNED`: in this database. Whether something is left to do about what all databases share
/// ([`drop_owned_of_all`]).
///
/// # Errors
/// PostgreSQL's.
pub fn owned(definer: &mut Definer<'_>, statement: &Owned<'_>) -> DefineResult<bool> {
    let mut roles = Vec::with_capacity(statement.roles.len());
    for role in statement.roles {
        roles.push(definer.role_named(role)?);
    }
    let actor = definer.actor();
    let may = roles.iter().all(|role| actor.has_rights_of(*role));
    let Some(to) = &statement.to else {
        if !may {
            return Err(RoleError::DropOwned.into());
        }
        drop_owned(definer, &roles, statement)?;
        return Ok(definer.scope.shared_objects().any(|object| is_granted_to(object, &roles)));
    };
    let to = definer.role_named(to)?;
    if !may || !actor.has_rights_of(to) {
        return Err(RoleError::Reassign.into());
    }
    for role in &roles {
        if *role < FIRST_USER_OID {
            let role = definer.scope.role_name(*role);
            return Err(RoleError::ReassignFixed { role }.into());
        }
    }
    crate::large_object::reassign(definer, &roles, to)?;
    let given: Vec<Object> = owned_by(definer, &roles).cloned().collect();
    for object in given {
        // Sequences of tables have gone with them.
        let still = definer.scope.object(object.oid()).and_then(Object::owner);
        if still.is_some_and(|owner| roles.contains(&owner)) {
            crate::foreign::refuse_owner(definer, &object, to)?;
            crate::replication::refuse_owner(definer, &object, to)?;
            crate::event_trigger::refuse_owner(definer, &object, to)?;
            give(definer, &object, to)?;
            definer.refresh()?;
        }
    }
    Ok(false)
}

/// What the roles of `DROP OWNED` may do with databases and whatever else stands in the main database's catalog, which is the one
/// that is changed.
///
/// # Errors
/// PostgreSQL's.
pub fn drop_owned_of_all(definer: &mut Definer<'_>, statement: &Owned<'_>) -> DefineResult<()> {
    let roles =
        statement.roles.iter().map(|role| definer.role_named(role)).collect::<DefineResult<Vec<_>>>()?;
    for role in &roles {
        let shared = definer.scope.shared_objects();
        let touched: Vec<Object> = shared
            .filter(|object| is_granted_to(object, &roles) && mentions(object, *role))
            .cloned()
            .collect();
        for object in touched {
            take_all(definer, &object, *role)?;
        }
        definer.refresh()?;
    }
    Ok(())
}

/// Whether others than an object's owner among these roles may do something with it.
fn is_granted_to(object: &Object, roles: &[Oid]) -> bool {
    let owned = object.owner().is_some_and(|owner| roles.contains(&owner));
    !owned && object.acl().iter().flatten().any(|grant| roles.contains(&grant.grantee))
}

fn owned_by<'d>(definer: &'d Definer<'_>, roles: &'d [Oid]) -> impl Iterator<Item = &'d Object> {
    definer.scope.objects().filter(|object| object.owner().is_some_and(|owner| roles.contains(&owner)))
}

fn drop_owned(definer: &mut Definer<'_>, roles: &[Oid], statement: &Owned<'_>) -> DefineResult<()> {
    for role in roles {
        if *role < FIRST_USER_OID {
            let role = definer.scope.role_name(*role);
            return Err(RoleError::DropOwnedFixed { role }.into());
        }
    }
    for role in roles {
        let given = |object: &&Object| {
            let owned = object.owner().is_some_and(|owner| roles.contains(&owner));
            !owned && mentions(object, *role)
        };
        let touched: Vec<Object> = definer.scope.objects().filter(given).cloned().collect();
        for object in touched {
            take_all(definer, &object, *role)?;
        }
        definer.refresh()?;
    }
    for of in definer.scope.all_default_acls() {
        let Some(grants) = definer.scope.default_grants_of(of).cloned() else { continue };
        if roles.contains(&of.role) {
            definer.catalog.set_default_acl(definer.transaction, of, None)?;
            continue;
        }
        let left = without(&grants, of.role, roles)?;
        if left != *grants {
            crate::default_privileges::keep(definer, of, left)?;
        }
    }
    crate::large_object::drop_owned(definer, roles)?;
    let for_nobody = crate::policy::forget_roles(definer, roles)?;
    definer.refresh()?;
    // Subscriptions are of no database alone, so they stay as databases do.
    let of_all = |object: &&Object| match object {
        Object::Replication(made) => matches!(**made, Replication::Subscription(_)),
        _ => false, // all others are of one
    };
    let owned = owned_by(definer, roles).filter(|object| !of_all(object));
    let mut roots: Vec<Address> = owned.map(|object| Address::of(object.oid())).collect();
    roots.extend(for_nobody);
    roots.sort_unstable_by_key(|root| std::cmp::Reverse(root.oid));
    crate::drop::remove(definer, &roots, statement.behavior)?;
    Ok(())
}

/// Whether a role may do something with an object, or with a column of one.
fn mentions(object: &Object, role: Oid) -> bool {
    let granted = |acl: &Acl| acl.iter().flatten().any(|grant| grant.grantee == role);
    granted(object.acl()) || object.columns_with_acl().iter().any(|(_, _, acl)| granted(acl))
}

/// Takes from a role all that it may do with an object, as far as the actor may take it.
fn take_all(definer: &mut Definer<'_>, object: &Object, role: Oid) -> DefineResult<()> {
    let change = Change {
        grant: false,
        all: true,
        privileges: Privileges::NONE,
        grantees: vec![role],
        option: false,
        cascade: true,
    };
    let has_rows = matches!(object, Object::Table(_) | Object::View(_));
    crate::grant::on_object(definer, object, has_rows, &change, false)?;
    match has_rows {
        true => crate::grant::on_columns(definer, object, &change, &Vec::new()),
        false => Ok(()),
    }
}

pub(crate) fn without(
    grants: &[catalog::object::Grant],
    owner: Oid,
    roles: &[Oid],
) -> DefineResult<Vec<catalog::object::Grant>> {
    let mut left = grants.to_vec();
    let how = Revoked { only_option: false, cascade: true };
    while let Some(grant) = left.iter().find(|grant| roles.contains(&grant.grantee)) {
        let (parties, privileges) = ((grant.grantee, grant.grantor), grant.privileges);
        privilege::revoke(&mut left, owner, parties, privileges, how)?;
    }
    Ok(left)
}
