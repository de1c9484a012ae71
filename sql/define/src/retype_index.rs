//! Indexes of a table one of whose columns gets another type: as if each of those that use it were made anew as it was written.
//!
//! A key has the collation that its column or expression gives it, unless another one was written; what is kept tells the two apart
//! by what the key would have had before.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use bind::definition::{is_immutable, kept_key_collation};
use catalog::object::{IndexKey, IndexedValue, Object, Oid, Table};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use plan::expression::{Expression, ExpressionKind};
use plan::target::{TargetIndex, TargetTable};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::catalog::type_name;

/// Collations that were written at keys, by index and place.
pub(crate) type Written = BTreeMap<(Oid, usize), Oid>;

/// Those of a table as it is.
pub(crate) fn written_collations(definer: &Definer<'_>, table: &Arc<Table>) -> DefineResult<Written> {
    let mut written = Written::new();
    for index in definer.scope.indexes_of(table.oid) {
        for (place, key) in index.keys.iter().enumerate() {
            if key.collation != natural(definer, table, &key.value)? {
                written.insert((index.oid, place), key.collation);
            }
        }
    }
    Ok(written)
}

/// The collation that a key has of itself.
fn natural(definer: &Definer<'_>, table: &Arc<Table>, value: &IndexedValue) -> DefineResult<Oid> {
    Ok(match value {
        IndexedValue::Column(place) => {
            table.columns.get(usize::from(*place)).map_or(0, |column| column.collation)
        }
        IndexedValue::Expression(text) => kept_key_collation(definer.binding(), table, text)?,
    })
}

/// Gives the indexes that use a column their keys anew; `target` is the table with the column's new type.
///
/// # Errors
/// When an expression is not immutable any more, or a collation was written of which the new type has none.
pub(crate) fn settle(
    definer: &mut Definer<'_>,
    (table, at): (&Arc<Table>, u16),
    target: &TargetTable,
    written: &Written,
) -> DefineResult<()> {
    let column = table.live_columns().position(|(place, _)| place == usize::from(at)).unwrap_or(0) as u32;
    for index in &target.indexes {
        refuse_mutable(definer, index, column)?;
        let Some(before) = definer.scope.index(index.index).cloned() else { continue };
        let mut keys = before.keys.clone();
        for (place, (key, bound)) in keys.iter_mut().zip(&index.keys).enumerate() {
            if uses(&bound.expression, column) {
                let written = written.get(&(index.index, place)).copied();
                settle_key(definer, table, (key, &bound.expression), written)?;
            }
        }
        if keys == before.keys {
            continue;
        }
        depend_on_collations(definer, index.index, &before.keys, &keys)?;
        definer.catalog.alter::<CatalogError>(definer.transaction, index.index, |object| {
            if let Object::Index(index) = object {
                Arc::make_mut(index).keys = keys;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn uses(expression: &Expression, column: u32) -> bool {
    let mut found = false;
    expression.for_each_column(&mut |used| found |= used.index == column);
    found
}

/// What an index is made of has to be the same whenever it is computed.
fn refuse_mutable(definer: &Definer<'_>, index: &TargetIndex, column: u32) -> DefineResult<()> {
    let changes =
        |expression: &Expression| uses(expression, column) && !is_immutable(definer.binding(), expression);
    if index.predicate.as_ref().is_some_and(changes) {
        return Err(DefineError::IndexNotImmutable { what: "predicate" });
    }
    if index.keys.iter().any(|key| changes(&key.expression)) {
        return Err(DefineError::IndexNotImmutable { what: "expression" });
    }
    Ok(())
}

fn settle_key(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    (key, bound): (&mut IndexKey, &Expression),
    written: Option<Oid>,
) -> DefineResult<()> {
    // Of a cast to the type that the column has now, the column is left.
    if let ExpressionKind::Column(column) = &bound.kind
        && let Some((place, column)) = table.live_columns().nth(column.index as usize)
    {
        key.value = IndexedValue::Column(crate::table::place(place));
        key.name.clone_from(&column.name);
    }
    let of = bound.result;
    (key.type_oid, key.modifier) = (of.oid, of.modifier);
    key.collation = match written {
        None => natural(definer, table, &key.value)?,
        Some(written) if definer.scope.type_collation(of.oid) != 0 => written,
        Some(_) => {
            let shown = type_name(&definer.scope, of.oid, None);
            let message = format!("collations are not supported by type {shown}");
            return Err(plain(SqlState::DatatypeMismatch, message));
        }
    };
    Ok(())
}

/// An index that is no constraint's depends on collations that its columns do not have.
fn depend_on_collations(
    definer: &mut Definer<'_>,
    index: Oid,
    before: &[IndexKey],
    after: &[IndexKey],
) -> DefineResult<()> {
    if definer.scope.constraint_of_index(index).is_some() {
        return Ok(());
    }
    let on = |definer: &Definer<'_>, keys: &[IndexKey]| -> Vec<(Address, DependencyKind)> {
        keys.iter().filter_map(|key| definer.on_collation(key.collation)).collect()
    };
    let (old, new) = (on(definer, before), on(definer, after));
    let address = Address::of(index);
    for (gone, _) in old.iter().filter(|reference| !new.contains(reference)) {
        definer.catalog.undepend(definer.transaction, address, *gone)?;
    }
    definer.catalog.depend(definer.transaction, address, &new)?;
    Ok(())
}
