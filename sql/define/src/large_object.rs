//! What is said of large objects: `GRANT`, `OWNER TO`, `COMMENT`, `REASSIGN OWNED` and `DROP OWNED`. They are made and removed by
//! functions.

use crate::definer::Definer;
use crate::error::{DefineResult, plain};
use crate::grant::{Change, best_grantor, warn};
use crate::owner::{renamed, without};
use catalog::object::{Oid, Privileges};
use catalog::{AccessError, LargeObject};
use diagnostic::Diagnostic;
use syntax::tree::Expression;
use syntax::tree::expression::ExpressionKind;
use types::catalog::{BuiltinTypes, oid};
use types::text::{InputError, TextSettings};
use types::{Type, Value};

/// The number that is written, read as an `oid` is: one below zero counts from the end.
///
/// # Errors
/// When it is none.
pub(crate) fn number(written: &Expression<'_>) -> DefineResult<Oid> {
    let number = match written.kind {
        ExpressionKind::Integer(number) => return Ok(number.cast_unsigned()),
        ExpressionKind::Decimal(number) => number,
        _ => "0", // the grammar takes no others
    };
    let read = types::text::input(&BuiltinTypes, Type::of(oid::OID), number, &TextSettings::default());
    let refused = |error: InputError| plain(error.sqlstate(), error.to_string());
    match read.map_err(refused)? {
        Value::Int32(number) => Ok(number.cast_unsigned()),
        _ => Ok(0), // numbers are of no other kind
    }
}

/// The large object of a number that is written, which is held.
///
/// # Errors
/// When there is none.
pub(crate) fn numbered(
    definer: &mut Definer<'_>,
    written: &Expression<'_>,
) -> DefineResult<(Oid, LargeObject)> {
    let oid = number(written)?;
    Ok((oid, definer.catalog.hold_large_object(definer.transaction, oid)?))
}

/// That the role at work owns one.
pub(crate) fn require_owner(definer: &Definer<'_>, oid: Oid, object: &LargeObject) -> DefineResult<()> {
    Ok(definer.actor().require_owner_of(oid, object)?)
}

/// `GRANT`, `REVOKE` on one.
pub(crate) fn grant(
    definer: &mut Definer<'_>,
    (oid, object): (Oid, LargeObject),
    change: &Change,
) -> DefineResult<()> {
    let wanted = if change.all { LargeObject::PRIVILEGES } else { change.privileges };
    let (owner, actor) = (object.owner, definer.actor());
    let grants = object.grants();
    let (grantor, option) = best_grantor(&actor, &grants, owner, wanted);
    if option.is_empty() && actor.privileges_on(&definer.scope, &object).is_empty() {
        // PostgreSQL says twice what it is.
        let name = format!("large object {oid}");
        return Err(AccessError::Denied { kind: "large object", name }.into());
    }
    let done = Privileges(wanted.0 & option.0);
    warn(definer, change, wanted, done, &|| format!("\"large object {oid}\""));
    let acl = Some(change.apply(grants, owner, grantor, done)?);
    put(definer, oid, &LargeObject { owner, acl })
}

/// `ALTER LARGE OBJECT … OWNER TO`
pub(crate) fn set_owner(
    definer: &mut Definer<'_>,
    (oid, object): (Oid, LargeObject),
    owner: Oid,
) -> DefineResult<()> {
    if object.owner == owner {
        return Ok(());
    }
    if !definer.scope.is_superuser(definer.role) {
        require_owner(definer, oid, &object)?;
        let branch = definer.transaction.database().0;
        if !catalog::is_member(&definer.scope, definer.role, owner, branch) {
            let role = definer.scope.role_name(owner);
            return Err(AccessError::NotMember { role }.into());
        }
    }
    give(definer, (oid, object), owner)
}

fn give(definer: &mut Definer<'_>, (oid, object): (Oid, LargeObject), owner: Oid) -> DefineResult<()> {
    let acl = renamed(&object.acl, object.owner, owner);
    put(definer, oid, &LargeObject { owner, acl })
}

fn put(definer: &mut Definer<'_>, oid: Oid, object: &LargeObject) -> DefineResult<()> {
    Ok(definer.catalog.alter_large_object(definer.transaction, oid, object)?)
}

/// `REASSIGN OWNED`: those that these roles own.
pub(crate) fn reassign(definer: &mut Definer<'_>, roles: &[Oid], owner: Oid) -> DefineResult<()> {
    for (oid, object) in definer.catalog.large_objects_of(definer.transaction, roles)? {
        if roles.contains(&object.owner) {
            give(definer, (oid, object), owner)?;
        }
    }
    Ok(())
}

/// `DROP OWNED`: those that these roles own, and what they may do with others.
pub(crate) fn drop_owned(definer: &mut Definer<'_>, roles: &[Oid]) -> DefineResult<()> {
    for (oid, object) in definer.catalog.large_objects_of(definer.transaction, roles)? {
        if roles.contains(&object.owner) {
            definer.catalog.drop_large_object(definer.transaction, oid)?;
            continue;
        }
        let LargeObject { owner, acl } = object;
        let acl = acl.map(|grants| without(&grants, owner, roles)).transpose()?;
        put(definer, oid, &LargeObject { owner, acl })?;
    }
    Ok(())
}

/// Which one gets a comment.
pub(crate) fn commented(definer: &mut Definer<'_>, written: &Expression<'_>) -> DefineResult<Oid> {
    let (oid, object) = numbered(definer, written)?;
    require_owner(definer, oid, &object)?;
    Ok(oid)
}
