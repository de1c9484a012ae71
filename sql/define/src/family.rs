//! Tables that inherit from one another: who belongs to a table's family, and what of its columns comes from elsewhere.
//!
//! A column knows from how many parents it is. Where these are more than belong to the family, a change that is handed down
//! from its head would be none of the others': it is refused.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{Oid, Rule, Table};
use diagnostic::SqlState;
use std::sync::Arc;

const INVALID: SqlState = SqlState::InvalidTableDefinition;

/// A table and all that inherit from it, each once, parents first.
pub(crate) fn family(definer: &Definer<'_>, table: &Arc<Table>) -> Vec<Arc<Table>> {
    let mut found = vec![table.clone()];
    let mut at = 0;
    while let Some(above) = found.get(at).cloned() {
        at += 1;
        for child in definer.scope.attached_to(above.oid) {
            if !found.iter().any(|known| known.oid == child.oid) {
                found.push(child.clone());
            }
        }
    }
    found
}

/// The tables whose column gets another name with a table's: all that have it from there.
///
/// # Errors
/// When one has it from elsewhere, too, or has a column of the new name.
pub(crate) fn renamed_with(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    from: &str,
    to: &str,
) -> DefineResult<Vec<Oid>> {
    let family = family(definer, table);
    for one in &family {
        let Some((_, column)) = one.column(from) else { continue };
        if comes_from_elsewhere(table, &family, one, column) {
            return Err(plain(INVALID, format!("cannot rename inherited column \"{from}\"")));
        }
        if one.column(to).is_some() {
            return Err(DefineError::ColumnExists { column: to.into(), relation: one.name.clone() });
        }
    }
    Ok(family.iter().map(|table| table.oid).collect())
}

/// Whether a table of another's family has a column from more tables than those of the family.
fn comes_from_elsewhere(
    root: &Table,
    family: &[Arc<Table>],
    one: &Table,
    column: &catalog::object::Column,
) -> bool {
    let parents = one.inheritance.parents.iter();
    let inside =
        parents.filter(|parent| one.oid != root.oid && family.iter().any(|known| known.oid == **parent));
    usize::from(column.inherited) > inside.count()
}

/// Refuses another type for a column that a table below has from elsewhere, too.
///
/// # Errors
/// When one has.
pub(crate) fn refuse_type_of_others(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    name: &str,
) -> DefineResult<()> {
    let family = family(definer, table);
    for one in family.iter().skip(1) {
        let Some((_, column)) = one.column(name) else { continue };
        if comes_from_elsewhere(table, &family, one, column) {
            let message = format!("cannot alter inherited column \"{name}\" of relation \"{}\"", one.name);
            return Err(plain(INVALID, message));
        }
    }
    Ok(())
}

/// The checks of a name that tables below one have from it.
pub(crate) fn inherited_checks(definer: &Definer<'_>, table: Oid, name: &str) -> Vec<Oid> {
    let Some(table) = definer.scope.table(table).cloned() else { return Vec::new() };
    let below = family(definer, &table).into_iter().skip(1);
    let own = below.flat_map(|child| definer.scope.constraints_of(child.oid).cloned().collect::<Vec<_>>());
    own.filter(|check| check.name == name && check.inherited > 0 && matches!(check.rule, Rule::Check(_)))
        .map(|check| check.oid)
        .collect()
}
