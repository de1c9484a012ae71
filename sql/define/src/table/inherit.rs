//! What a new table takes over from the tables that it inherits from: columns and checks, merged with its own.
//!
//! Columns of the parents come first, in their order; one that several of them have, or that the table has itself, becomes
//! one. It knows how often it is inherited and whether the table says it itself, so that it goes when nobody has it any more.

use super::column::{ColumnDraft, InheritedKey, KeyDraft, RuleDraft};
use super::constraint::NOWHERE;
use super::like::parsed;
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use bumpalo::Bump;
use catalog::Relation;
use catalog::object::{Column, Composite, Oid, Persistence, Rule, Source, Table};
use diagnostic::SqlState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;
use types::catalog::type_name;

/// An error with a hint.
fn hinted(message: String, hint: &str) -> DefineError {
    let state = SqlState::InvalidColumnDefinition;
    DefineError::Plain { state, message, detail: None, hint: Some(hint.into()), position: None }
}

/// The tables that a new one inherits from, locked.
pub(super) fn parents(
    definer: &mut Definer<'_>,
    names: &[QualifiedName<'_>],
    persistence: Persistence,
) -> DefineResult<Vec<Arc<Table>>> {
    let mut found: Vec<Arc<Table>> = Vec::with_capacity(names.len());
    for name in names {
        let table = inherited_table(definer, name)?;
        if table.is_partitioned() {
            let message = format!("cannot inherit from partitioned table \"{}\"", table.name);
            return Err(plain(SqlState::WrongObjectType, message));
        }
        if table.partition_of().is_some() {
            let message = format!("cannot inherit from partition \"{}\"", table.name);
            return Err(plain(SqlState::WrongObjectType, message));
        }
        refuse_temporary(&table, persistence, "cannot inherit from temporary relation")?;
        definer.require_owner(table.oid)?;
        if found.iter().any(|known| known.oid == table.oid) {
            let message = format!("relation \"{}\" would be inherited from more than once", table.name);
            return Err(plain(SqlState::DuplicateTable, message));
        }
        found.push(definer.lock_table(&table, RelationMode::ShareUpdateExclusive)?);
    }
    Ok(found)
}

/// What is permanent cannot be a part of what is temporary.
pub(crate) fn refuse_temporary(parent: &Table, persistence: Persistence, what: &str) -> DefineResult<()> {
    if parent.persistence == Persistence::Temporary && persistence != Persistence::Temporary {
        return Err(plain(SqlState::WrongObjectType, format!("{what} \"{}\"", parent.name)));
    }
    Ok(())
}

/// A table by the name under which it is to be inherited from.
pub(crate) fn inherited_table(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Arc<Table>> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    match definer.scope.find_relation(schema, object)? {
        Relation::Table(table) => Ok(table),
        other @ (Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::Composite(_)
        | Relation::System(_)) => {
            let message = format!("inherited relation \"{}\" is not a table or foreign table", other.name());
            Err(plain(SqlState::WrongObjectType, message))
        }
    }
}

/// The columns that parents give, by name where they have one in common.
pub(super) struct Merged<'a> {
    columns: Vec<ColumnDraft<'a>>,
    /// The text of each column's default, to see whether parents agree.
    defaults: Vec<Option<String>>,
    /// Columns of whose defaults parents do not agree.
    conflicting: BTreeSet<&'a str>,
    /// How many of the columns come from parents.
    given: usize,
}

impl<'a> Merged<'a> {
    /// Those of these parents.
    ///
    /// # Errors
    /// When parents do not agree on a type.
    pub(super) fn of(
        definer: &mut Definer<'_>,
        parents: &[Arc<Table>],
        arena: &'a Bump,
    ) -> DefineResult<Merged<'a>> {
        let (columns, defaults) = (Vec::new(), Vec::new());
        let mut merged = Merged { columns, defaults, conflicting: BTreeSet::new(), given: 0 };
        for parent in parents {
            for (_, column) in parent.live_columns() {
                merged.inherit(definer, column, arena)?;
            }
        }
        merged.given = merged.columns.len();
        Ok(merged)
    }

    /// The fields of a type, for a table of it.
    pub(super) fn typed(of: &'a Composite) -> Merged<'a> {
        let columns = super::typed::columns(of);
        let (defaults, given) = (vec![None; columns.len()], columns.len());
        Merged { columns, defaults, conflicting: BTreeSet::new(), given }
    }

    fn inherit(&mut self, definer: &mut Definer<'_>, column: &Column, arena: &'a Bump) -> DefineResult<()> {
        let known = self.columns.iter().position(|known| known.name == column.name);
        let place = match known {
            Some(place) => {
                let message = format!("merging multiple inherited definitions of column \"{}\"", column.name);
                definer.notice(DefineNotice::Merging(message, None));
                let draft = &mut self.columns[place];
                let message = || format!("inherited column \"{}\" has a type conflict", column.name);
                same_type(definer, draft, (column.column_type(), column.collation), message)?;
                if draft.generated.is_some() != matches!(column.source, Source::Generated(_)) {
                    let message = format!("inherited column \"{}\" has a generation conflict", column.name);
                    return Err(plain(SqlState::DatatypeMismatch, message));
                }
                same_storage(definer, draft, &column.details)?;
                draft.details.compression =
                    same_compression(&column.name, draft.details.compression, column.details.compression)?;
                draft.inherited += 1;
                draft.not_null |= column.not_null;
                place
            }
            None => {
                let mut draft = super::column_of_result(arena.alloc_str(&column.name), column.column_type());
                (draft.collation, draft.not_null) = (column.collation, column.not_null);
                (draft.local, draft.inherited) = (false, 1);
                (draft.details.storage, draft.details.compression) =
                    (column.details.storage, column.details.compression);
                self.columns.push(draft);
                self.defaults.push(None);
                self.columns.len() - 1
            }
        };
        let (text, value) = match &column.source {
            Source::Default(value) => (&value.text, &mut self.columns[place].default),
            Source::Generated(value) => (&value.text, &mut self.columns[place].generated),
            Source::Null | Source::Identity { .. } => return Ok(()),
        };
        match &self.defaults[place] {
            Some(known) if known == text => {}
            Some(_) => {
                self.conflicting.insert(self.columns[place].name);
            }
            None => {
                *value = Some(parsed(definer, text, arena)?);
                self.defaults[place] = Some(text.clone());
            }
        }
        Ok(())
    }

    /// The table's own columns, merged with those that it inherits.
    ///
    /// # Errors
    /// When they do not agree, or a name stands twice.
    pub(super) fn with_own(
        mut self,
        definer: &mut Definer<'_>,
        own: Vec<ColumnDraft<'a>>,
    ) -> DefineResult<Vec<ColumnDraft<'a>>> {
        super::refuse_doubles(&own)?;
        for (at, column) in own.into_iter().enumerate() {
            match self.columns[..self.given].iter().position(|known| known.name == column.name) {
                Some(place) => self.merge_own(definer, place, column, at)?,
                None => self.columns.push(column),
            }
        }
        match self.conflicting.first() {
            None => Ok(self.columns),
            Some(name) => {
                let generated =
                    self.columns.iter().any(|column| column.name == *name && column.generated.is_some());
                Err(if generated {
                    hinted(
                        format!("column \"{name}\" inherits conflicting generation expressions"),
                        "To resolve the conflict, specify a generation expression explicitly.",
                    )
                } else {
                    hinted(
                        format!("column \"{name}\" inherits conflicting default values"),
                        "To resolve the conflict, specify a default explicitly.",
                    )
                })
            }
        }
    }

    fn merge_own(
        &mut self,
        definer: &mut Definer<'_>,
        place: usize,
        own: ColumnDraft<'a>,
        at: usize,
    ) -> DefineResult<()> {
        let name = own.name;
        definer.notice(if place == at {
            let message = format!("merging column \"{name}\" with inherited definition");
            DefineNotice::Merging(message, None)
        } else {
            let message = format!("moving and merging column \"{name}\" with inherited definition");
            let detail = "User-specified column moved to the position of the inherited column.";
            DefineNotice::Merging(message, Some(detail.to_owned()))
        });
        let draft = &mut self.columns[place];
        let message = || format!("column \"{name}\" has a type conflict");
        same_type(definer, draft, (own.column_type, own.collation), message)?;
        draft.local = true;
        self.add_to(place, own)
    }

    /// What a table says of a column that it inherits, besides its type.
    fn add_to(&mut self, place: usize, own: ColumnDraft<'a>) -> DefineResult<()> {
        let (draft, name) = (&mut self.columns[place], own.name);
        refuse_other_source(draft, &own)?;
        draft.not_null |= own.not_null;
        draft.details.compression =
            same_compression(name, draft.details.compression, own.details.compression)?;
        draft.serial = own.serial;
        (draft.identity, draft.copied_identity) = (own.identity, own.copied_identity);
        if own.default.is_some() {
            draft.default = own.default;
        }
        if own.generated.is_some() {
            (draft.default, draft.generated) = (None, own.generated);
        }
        if draft.serial || draft.identity.is_some() {
            draft.default = None;
        }
        if own.default.is_some() || own.generated.is_some() || own.serial {
            self.conflicting.remove(name);
        }
        Ok(())
    }

    /// What a partition or a typed table says of its columns, which are its parent's or its type's.
    ///
    /// # Errors
    /// When it names one that is not there; when it says of one what these `tables` cannot say.
    pub(super) fn with_options(
        mut self,
        own: Vec<ColumnDraft<'a>>,
        tables: &str,
    ) -> DefineResult<Vec<ColumnDraft<'a>>> {
        for column in &own {
            let kind = match (&column.identity, &column.generated) {
                (Some(_), _) => Some("identity"),
                (None, Some(_)) => Some("generated"),
                (None, None) => None,
            };
            if let Some(kind) = kind {
                let message = format!("{kind} columns are not supported on {tables}");
                return Err(plain(SqlState::FeatureNotSupported, message));
            }
        }
        super::refuse_doubles(&own)?;
        for column in own {
            let Some(place) = self.columns.iter().position(|known| known.name == column.name) else {
                let message = format!("column \"{}\" does not exist", column.name);
                return Err(plain(SqlState::UndefinedColumn, message));
            };
            self.add_to(place, column)?;
        }
        Ok(self.columns)
    }
}

/// A generated column stays one, and computes what its parent's does.
fn refuse_other_source(inherited: &ColumnDraft<'_>, own: &ColumnDraft<'_>) -> DefineResult<()> {
    let name = own.name;
    let state = SqlState::InvalidColumnDefinition;
    if inherited.generated.is_some() {
        if own.default.is_some() || own.serial {
            let message = format!("column \"{name}\" inherits from generated column but specifies default");
            return Err(plain(state, message));
        }
        if own.identity.is_some() {
            let message = format!("column \"{name}\" inherits from generated column but specifies identity");
            return Err(plain(state, message));
        }
    }
    if own.generated.is_some() && inherited.generated.is_some() {
        return Err(hinted(
            format!("child column \"{name}\" specifies generation expression"),
            "Omit the generation expression in the definition of the child table column to inherit the generation expression from the parent table.",
        ));
    }
    Ok(())
}

/// That both definitions of a column are of one type and collation.
fn same_type(
    definer: &Definer<'_>,
    draft: &ColumnDraft<'_>,
    (of, collation): (types::Type, Oid),
    message: impl Fn() -> String,
) -> DefineResult<()> {
    let shown = |of: types::Type| type_name(&definer.scope, of.oid, Some(of.modifier));
    if draft.column_type != of {
        let detail = format!("{} versus {}", shown(draft.column_type), shown(of));
        return Err(detailed(SqlState::DatatypeMismatch, message(), detail));
    }
    if draft.collation != collation {
        let message = message().replace("type conflict", "collation conflict");
        let name = |oid: Oid| {
            let known = definer.scope.collation_known(oid);
            format!("\"{}\"", known.map_or("", |(_, name)| name))
        };
        let detail = format!("{} versus {}", name(draft.collation), name(collation));
        return Err(detailed(SqlState::CollationMismatch, message, detail));
    }
    Ok(())
}

/// That two parents keep the values of a column alike.
fn same_storage(
    definer: &Definer<'_>,
    draft: &ColumnDraft<'_>,
    other: &catalog::object::ColumnDetails,
) -> DefineResult<()> {
    let of_type = || {
        let entry = types::Types::entry(&definer.scope, draft.column_type.oid);
        entry.map_or(b'p', |entry| catalog::type_storage(&definer.scope, &entry))
    };
    let (one, other) = (draft.details.storage.unwrap_or_else(of_type), other.storage.unwrap_or_else(of_type));
    if one == other {
        return Ok(());
    }
    let word = |letter| match letter {
        b'e' => "EXTERNAL",
        b'm' => "MAIN",
        b'x' => "EXTENDED",
        _ => "PLAIN", // there is no other letter
    };
    let message = format!("inherited column \"{}\" has a storage parameter conflict", draft.name);
    let detail = format!("{} versus {}", word(one), word(other));
    Err(detailed(SqlState::DatatypeMismatch, message, detail))
}

/// How values of a column are compressed by two definitions of it: by the one that says so, or as both do.
fn same_compression(name: &str, one: Option<u8>, other: Option<u8>) -> DefineResult<Option<u8>> {
    let (Some(own), Some(further)) = (one, other) else { return Ok(one.or(other)) };
    if own == further {
        return Ok(one);
    }
    let word = |letter| if letter == b'l' { "lz4" } else { "pglz" };
    let message = format!("column \"{name}\" has a compression method conflict");
    let detail = format!("{} versus {}", word(own), word(further));
    Err(detailed(SqlState::DatatypeMismatch, message, detail))
}

/// The checks that parents give.
///
/// # Errors
/// When one name stands for different conditions.
pub(super) fn inherited_checks<'a>(
    definer: &Definer<'_>,
    parents: &[Arc<Table>],
    arena: &'a Bump,
) -> DefineResult<Vec<KeyDraft<'a>>> {
    let mut found: BTreeMap<String, (String, u16)> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for parent in parents {
        let mut own: Vec<_> = definer.scope.constraints_of(parent.oid).cloned().collect();
        own.sort_by(|one, other| one.name.cmp(&other.name));
        for constraint in own {
            let Rule::Check(text) = &constraint.rule else { continue };
            if constraint.no_inherit {
                continue;
            }
            match found.get_mut(&constraint.name) {
                None => {
                    found.insert(constraint.name.clone(), (text.clone(), 1));
                    order.push(constraint.name.clone());
                }
                Some((known, count)) if known == text => *count += 1,
                Some(_) => {
                    let message = format!(
                        "check constraint name \"{}\" appears multiple times but with different expressions",
                        constraint.name
                    );
                    return Err(plain(SqlState::DuplicateObject, message));
                }
            }
        }
    }
    let mut drafts = Vec::with_capacity(order.len());
    for name in order {
        let Some((text, count)) = found.remove(&name) else { continue };
        drafts.push(KeyDraft {
            name: Some(arena.alloc_str(&name)),
            rule: RuleDraft::Check(parsed(definer, &text, arena)?),
            deferrable: false,
            initially_deferred: false,
            not_valid: false,
            no_inherit: false,
            only: false,
            inherited: Some(InheritedKey { local: false, count, parent: 0 }),
            position: NOWHERE,
        });
    }
    Ok(drafts)
}
