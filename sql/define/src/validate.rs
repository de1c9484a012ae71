//! `VALIDATE CONSTRAINT`: rows that were there before a constraint are looked at.
//!
//! A check that is handed down holds of a table only where it holds of all that inherit from it, so it is validated there, too,
//! or not at all. Foreign tables and partitioned ones have no rows to be looked at.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::family::family;
use catalog::object::{Constraint, Oid, Rule, Table};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;

/// `ALTER TABLE … VALIDATE CONSTRAINT`
///
/// # Errors
/// When there is no such constraint, when it is of another kind, when a row breaks it, when it would hold of a table `only`.
pub(crate) fn validate_constraint(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    only: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let found = found(definer, &of, name)?;
    if found.validated {
        return Ok(());
    }
    let handed_down = matches!(found.rule, Rule::Check(_)) && !found.no_inherit;
    let family = if handed_down { family(definer, &of) } else { vec![of] };
    if only && family.len() > 1 {
        let message = "constraint must be validated on child tables too";
        return Err(plain(SqlState::InvalidTableDefinition, message));
    }
    for (place, one) in family.iter().enumerate() {
        let one = match place {
            0 => one.clone(),
            _ => definer.lock_table(one, RelationMode::ShareUpdateExclusive)?,
        };
        let own = self::found(definer, &one, name)?;
        if !own.validated {
            definer.validate(own.oid)?;
            definer.alter_constraint(own.oid, |constraint| constraint.validated = true)?;
        }
    }
    Ok(())
}

/// A table's constraint of a name, which can be validated.
fn found(definer: &Definer<'_>, of: &Table, name: &str) -> DefineResult<Arc<Constraint>> {
    let scope = &definer.scope;
    let found = scope.constraints_of(of.oid).find(|constraint| constraint.name == name);
    let validates = |constraint: &&Arc<Constraint>| match constraint.rule {
        Rule::Check(_) | Rule::ForeignKey { .. } => true,
        Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => false,
    };
    if let Some(constraint) = found.filter(validates) {
        return Ok(constraint.clone());
    }
    let mut triggers = scope.triggers_of(of.oid).into_iter();
    if found.is_some() || triggers.any(|trigger| trigger.name == name && trigger.constraint.is_some()) {
        let message = format!(
            "constraint \"{name}\" of relation \"{}\" is not a foreign key or check constraint",
            of.name
        );
        return Err(plain(SqlState::WrongObjectType, message));
    }
    Err(DefineError::NoConstraint { name: name.into(), relation: of.name.clone() })
}
