//! Which dictionaries a configuration asks for which kinds of tokens.

use super::{changed, named, skipped};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{Oid, Search, SearchConfiguration};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use search::token::TokenKind;
use std::collections::BTreeSet;
use syntax::tree::object::ObjectKind;
use syntax::tree::search::MappingChange;
use syntax::tree::{Name, QualifiedName};

/// What a configuration depends on besides its schema.
pub(super) fn used(configuration: &SearchConfiguration) -> Vec<Oid> {
    let dictionaries = configuration.mappings.iter().flat_map(|(_, dictionaries)| dictionaries);
    let used: BTreeSet<Oid> = dictionaries.copied().chain([configuration.parser]).collect();
    used.into_iter().collect()
}

/// `ALTER TEXT SEARCH CONFIGURATION …`
pub(super) fn alter(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    wanted: &MappingChange<'_>,
) -> DefineResult<()> {
    let oid = named(definer, ObjectKind::TextSearchConfiguration, name)?;
    changed(definer, ObjectKind::TextSearchConfiguration, oid)?;
    definer.hold_newest(oid)?;
    let Some(mut made) = definer.scope.search_configuration(oid).cloned() else {
        return Err(CatalogError::UndefinedObject { oid }.into());
    };
    match wanted {
        MappingChange::Add(kinds, dictionaries) => {
            let kinds = numbers(kinds)?;
            let dictionaries = all_named(definer, dictionaries)?;
            for kind in kinds {
                if !made.dictionaries(kind).is_empty() {
                    return Err(taken(oid, kind));
                }
                made.map(kind, dictionaries.clone());
            }
        }
        MappingChange::Set(kinds, dictionaries) => {
            let kinds = numbers(kinds)?;
            let dictionaries = all_named(definer, dictionaries)?;
            kinds.into_iter().for_each(|kind| made.map(kind, dictionaries.clone()));
        }
        MappingChange::Replace(kinds, old, new) => {
            let kinds = numbers(kinds)?;
            let dictionaries = all_named(definer, &[*old, *new])?;
            if let [old, new] = dictionaries[..] {
                replace(&mut made, &kinds, old, new);
            }
        }
        MappingChange::Drop(kinds, if_exists) => remove(definer, &mut made, kinds, *if_exists)?,
    }
    super::change(definer, oid, |search| {
        if let Search::Configuration(configuration) = search {
            configuration.mappings = made.mappings.clone();
        }
    })?;
    let on = [made.schema].into_iter().chain(used(&made));
    let references: Vec<_> = on.map(|on| (Address::of(on), DependencyKind::Normal)).collect();
    definer.catalog.depend_on_nothing(definer.transaction, Address::of(oid))?;
    definer.catalog.depend(definer.transaction, Address::of(oid), &references)?;
    definer.refresh()
}

fn replace(made: &mut SearchConfiguration, kinds: &[i32], old: Oid, new: Oid) {
    for (kind, dictionaries) in &mut made.mappings {
        if kinds.is_empty() || kinds.contains(kind) {
            for dictionary in dictionaries.iter_mut().filter(|dictionary| **dictionary == old) {
                *dictionary = new;
            }
        }
    }
}

fn remove(
    definer: &mut Definer<'_>,
    made: &mut SearchConfiguration,
    kinds: &[Name<'_>],
    if_exists: bool,
) -> DefineResult<()> {
    for kind in numbers(kinds)? {
        if !made.dictionaries(kind).is_empty() {
            made.map(kind, Vec::new());
            continue;
        }
        let name = TokenKind::ALL.into_iter().find(|known| known.number() == kind);
        let name = name.map_or("", |kind| kind.described().0);
        let message = format!("mapping for token type \"{name}\" does not exist");
        if !if_exists {
            return Err(plain(SqlState::UndefinedObject, message));
        }
        skipped(definer, message);
    }
    Ok(())
}

/// The numbers of kinds of tokens, each once.
fn numbers(kinds: &[Name<'_>]) -> DefineResult<Vec<i32>> {
    let mut numbers = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let known = TokenKind::ALL.into_iter().find(|known| known.described().0 == kind.text);
        let known = known.ok_or_else(|| {
            let message = format!("token type \"{}\" does not exist", kind.text);
            plain(SqlState::InvalidParameterValue, message)
        })?;
        if !numbers.contains(&known.number()) {
            numbers.push(known.number());
        }
    }
    Ok(numbers)
}

fn all_named(definer: &Definer<'_>, names: &[QualifiedName<'_>]) -> DefineResult<Vec<Oid>> {
    names.iter().map(|name| named(definer, ObjectKind::TextSearchDictionary, name)).collect()
}

fn taken(configuration: Oid, kind: i32) -> DefineError {
    let key = format!("(mapcfg, maptokentype, mapseqno)=({configuration}, {kind}, 1)");
    CatalogError::DuplicateKey { index: "pg_ts_config_map_index", key }.into()
}
