//! What is said of columns that changes no value: storage, compression, options, and how many values statistics of an
//! index's expressions keep.
//!
//! Storage and compression are looked at and kept as PostgreSQL does, since dumps and tools have them: here values lie as
//! their types have it.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::storage_option::{self, StorageOf};
use catalog::object::{Index, IndexKey, IndexedValue, Object, Oid, Table};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::option::Definition;
use types::Types;
use types::catalog::type_name;

/// Whether PostgreSQL may lay values of a type elsewhere, and compress them.
fn lies_elsewhere(definer: &Definer<'_>, of: Oid) -> bool {
    definer.scope.entry(of).is_some_and(|entry| catalog::type_storage(&definer.scope, &entry) != b'p')
}

/// `SET STORAGE`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_storage(
    definer: &mut Definer<'_>,
    table: &Table,
    at: u16,
    word: Name<'_>,
) -> DefineResult<()> {
    let storage = match word.text.to_ascii_lowercase().as_str() {
        "plain" => b'p',
        "external" => b'e',
        "extended" => b'x',
        "main" => b'm',
        _ => {
            let message = format!("invalid storage type \"{}\"", word.text);
            return Err(plain(SqlState::InvalidParameterValue, message));
        }
    };
    let of = table.columns[usize::from(at)].type_oid;
    if storage != b'p' && !lies_elsewhere(definer, of) {
        let shown = type_name(&definer.scope, of, None);
        let message = format!("column data type {shown} can only have storage PLAIN");
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    definer.alter_column(table.oid, at, |column| column.details.storage = Some(storage))
}

/// The letter of a way to compress; none for the default.
///
/// # Errors
/// When there is no such way, or a type's values are not compressed.
pub(crate) fn compression(definer: &Definer<'_>, of: Oid, word: Name<'_>) -> DefineResult<Option<u8>> {
    if word.text == "default" {
        return Ok(None);
    }
    if !lies_elsewhere(definer, of) {
        let shown = type_name(&definer.scope, of, None);
        let message = format!("column data type {shown} does not support compression");
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    match word.text {
        "pglz" => Ok(Some(b'p')),
        "lz4" => Ok(Some(b'l')),
        other => {
            let message = format!("invalid compression method \"{other}\"");
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

/// `SET COMPRESSION`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_compression(
    definer: &mut Definer<'_>,
    table: &Table,
    at: u16,
    word: Name<'_>,
) -> DefineResult<()> {
    let compression = compression(definer, table.columns[usize::from(at)].type_oid, word)?;
    definer.alter_column(table.oid, at, |column| column.details.compression = compression)
}

/// `SET (…)`, `RESET (…)` of a column.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_options(
    definer: &mut Definer<'_>,
    table: &Table,
    at: u16,
    (written, sets): (&[Definition<'_>], bool),
) -> DefineResult<()> {
    let before = &table.columns[usize::from(at)].details.options;
    let change = if sets { storage_option::set } else { storage_option::reset };
    let options = change(before, written, StorageOf::Column)?;
    definer.alter_column(table.oid, at, |column| column.details.options = options)
}

/// How many values statistics are to keep, once that has been looked at.
///
/// # Errors
/// When it is less than none.
pub(crate) fn statistics_target(definer: &mut Definer<'_>, target: i32) -> DefineResult<i16> {
    if target < -1 {
        let message = format!("statistics target {target} is too low");
        return Err(plain(SqlState::InvalidParameterValue, message));
    }
    if target > 10_000 {
        let message = "lowering statistics target to 10000".to_owned();
        definer.notice(DefineNotice::Warning(SqlState::InvalidParameterValue, message));
    }
    Ok(i16::try_from(target).unwrap_or(i16::MAX).clamp(-1, 10_000))
}

/// `ALTER INDEX … ALTER COLUMN n SET STATISTICS`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_index_statistics(
    definer: &mut Definer<'_>,
    index: &Arc<Index>,
    number: i32,
    target: i32,
) -> DefineResult<()> {
    let target = statistics_target(definer, target)?;
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let place = place.filter(|place| *place < index.keys.len() + index.include.len());
    let Some(place) = place else {
        let message = format!("column number {number} of relation \"{}\" does not exist", index.name);
        return Err(plain(SqlState::UndefinedColumn, message));
    };
    let refused = |message: String, hint: Option<&str>| DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message,
        detail: None,
        hint: hint.map(str::to_owned),
        position: None,
    };
    match index.keys.get(place) {
        None => {
            let table = definer.table(index.table)?;
            let included = index.include.get(place - index.keys.len());
            let column = included.and_then(|column| table.columns.get(usize::from(*column)));
            let name = column.map_or("", |column| &column.name);
            let message =
                format!("cannot alter statistics on included column \"{name}\" of index \"{}\"", index.name);
            Err(refused(message, None))
        }
        Some(IndexKey { value: IndexedValue::Column(_), name, .. }) => {
            let message = format!(
                "cannot alter statistics on non-expression column \"{name}\" of index \"{}\"",
                index.name
            );
            Err(refused(message, Some("Alter statistics on table column instead.")))
        }
        Some(IndexKey { value: IndexedValue::Expression(_), .. }) => {
            definer.change_object(index.oid, |object| {
                if let Object::Index(index) = object
                    && let Some(key) = Arc::make_mut(index).keys.get_mut(place)
                {
                    key.statistics_target = target;
                }
            })
        }
    }
}
