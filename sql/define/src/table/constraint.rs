//! Constraints of a table: what is written, the names they get, the objects they become.

use super::column::{KeyDraft, RuleDraft};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::expression::Defined;
use crate::index::{IndexDraft, IndexOf, told_apart};
use catalog::name::{self, object_name};
use catalog::object::{Constraint, IndexMethod, Object, Oid, Rule, Table};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::table::{TableConstraint, TableConstraintKind};

/// The position of a constraint that is not written, but taken over from another table.
pub(crate) const NOWHERE: u32 = u32::MAX;

impl<'a> KeyDraft<'a> {
    /// A constraint that stands for itself.
    ///
    /// # Errors
    /// For what is not supported.
    pub fn read(written: &TableConstraint<'a>) -> DefineResult<KeyDraft<'a>> {
        let rule = match written.kind {
            TableConstraintKind::Check(condition) => RuleDraft::Check(condition),
            TableConstraintKind::Unique(columns, include, parameters) => RuleDraft::Key {
                primary: false,
                columns: columns.to_vec(),
                include: include.to_vec(),
                parameters,
            },
            TableConstraintKind::PrimaryKey(columns, include, parameters) => RuleDraft::Key {
                primary: true,
                columns: columns.to_vec(),
                include: include.to_vec(),
                parameters,
            },
            TableConstraintKind::ForeignKey(columns, reference) => {
                RuleDraft::Foreign { columns: columns.to_vec(), reference }
            }
            TableConstraintKind::UniqueIndex(_) | TableConstraintKind::PrimaryKeyIndex(_) => {
                let message = "cannot use an existing index in CREATE TABLE";
                let mut error = crate::error::plain(SqlState::FeatureNotSupported, message);
                if let DefineError::Plain { position, .. } = &mut error {
                    *position = Some(written.position);
                }
                return Err(error);
            }
            TableConstraintKind::Exclude(exclusion) => RuleDraft::Exclude(exclusion),
        };
        Ok(KeyDraft {
            name: written.name.map(|name| name.text),
            rule,
            deferrable: written.deferrable,
            initially_deferred: written.initially_deferred,
            not_valid: written.not_valid,
            no_inherit: written.no_inherit,
            only: false,
            inherited: None,
            position: written.position,
        })
    }
}

/// The constraints of one table that are made by one statement, one after the other.
pub struct ConstraintMaker {
    table: Arc<Table>,
    /// Names that constraints of the table have or get in this statement.
    names: BTreeSet<String>,
    has_primary_key: bool,
    /// Names of checks that the statement gives a new table.
    checks: BTreeSet<String>,
    /// Checks that parents gave: with which a check of the table's own is merged.
    inherited: BTreeMap<String, (Oid, String)>,
}

impl ConstraintMaker {
    /// For a table that is there.
    pub fn new(definer: &Definer<'_>, table: Arc<Table>) -> ConstraintMaker {
        let mut names = BTreeSet::new();
        let mut has_primary_key = false;
        for constraint in definer.scope.constraints_of(table.oid) {
            names.insert(constraint.name.clone());
            has_primary_key |= matches!(constraint.rule, Rule::PrimaryKey(_));
        }
        ConstraintMaker { table, names, has_primary_key, checks: BTreeSet::new(), inherited: BTreeMap::new() }
    }

    /// Names that are written somewhere in the statement: they are not chosen for others.
    pub fn reserve<'a>(&mut self, drafts: impl Iterator<Item = &'a KeyDraft<'a>>) {
        self.names.extend(drafts.filter_map(|draft| draft.name.map(str::to_owned)));
    }

    /// Names that others have got meanwhile.
    pub(super) fn keep_from(&mut self, names: impl Iterator<Item = String>) {
        self.names.extend(names);
    }

    /// The name of the column that a condition is of, if it is of one alone. A row is none of its columns, be it the only one.
    fn only_column(&self, bound: &Defined) -> Option<String> {
        let columns: Vec<u16> = bound.columns.iter().copied().collect();
        match columns[..] {
            _ if bound.of_row => None,
            [one] if !bound.of_table => Some(self.table.columns[usize::from(one)].name.clone()),
            [] if bound.of_table => Some("tableoid".to_owned()),
            _ => None,
        }
    }

    /// Makes a constraint. Of an existing table the rows are looked at, unless they were by whoever made it.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn make(
        &mut self,
        definer: &mut Definer<'_>,
        draft: &KeyDraft<'_>,
        fresh: bool,
    ) -> DefineResult<Oid> {
        if fresh && draft.not_valid && !self.table.is_foreign() {
            // There is no row that it would not hold for, unless it is elsewhere.
            return self.make(definer, &KeyDraft { not_valid: false, ..draft.clone() }, fresh);
        }
        match &draft.rule {
            RuleDraft::Check(condition) => {
                if draft.deferrable {
                    let (kind, attribute) = ("CHECK", "DEFERRABLE");
                    return Err(DefineError::NotMarked { kind, attribute, position: draft.position });
                }
                let bound = definer.table_condition(&self.table, condition, bind::Clause::Check);
                // Of a table that is there it is read long after the statement.
                let bound = if fresh { bound? } else { bound.map_err(DefineError::without_position)? };
                if draft.no_inherit && self.table.is_partitioned() {
                    let message = format!(
                        "cannot add NO INHERIT constraint to partitioned table \"{}\"",
                        self.table.name
                    );
                    return Err(crate::error::plain(SqlState::InvalidTableDefinition, message));
                }
                let columns: Vec<u16> = bound.columns.iter().copied().collect();
                let only = self.only_column(&bound);
                if let Some(merged) = self.merge_check(definer, draft, &bound.text)? {
                    return Ok(merged);
                }
                let name = self.name(draft, only.as_deref(), "check");
                if fresh && !self.checks.insert(name.clone()) {
                    let message = format!("check constraint \"{name}\" already exists");
                    return Err(crate::error::plain(SqlState::DuplicateObject, message));
                }
                let inherited = draft.inherited.map(|_| (name.clone(), bound.text.clone()));
                let constraint = self.constraint(definer, draft, name, columns, Rule::Check(bound.text))?;
                let oid = constraint.oid;
                self.inherited.extend(inherited.map(|(name, text)| (name, (oid, text))));
                let mut references = self.on_columns(&constraint.columns);
                references.extend(bound.references);
                definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
                if !fresh && !draft.not_valid {
                    definer.refresh()?;
                    definer.validate(oid)?;
                }
                Ok(oid)
            }
            RuleDraft::Key { primary, columns, include, parameters } => {
                definer.places.index = crate::tablespace::written(definer, parameters.tablespace)?;
                self.make_key(
                    definer,
                    (draft, fresh),
                    *primary,
                    (columns, include),
                    !parameters.nulls_distinct,
                )
            }
            RuleDraft::Foreign { columns, reference } => {
                self.make_foreign_key(definer, draft, columns, reference, fresh)
            }
            RuleDraft::Exclude(exclusion) => self.make_exclusion(definer, draft, exclusion),
        }
    }

    /// The check that a parent gave under the same name, if there is one: the table says now that it has it itself.
    fn merge_check(
        &self,
        definer: &mut Definer<'_>,
        draft: &KeyDraft<'_>,
        text: &str,
    ) -> DefineResult<Option<Oid>> {
        let Some((name, (oid, known))) = draft.name.and_then(|name| self.inherited.get_key_value(name))
        else {
            return Ok(None);
        };
        if known != text {
            let message =
                format!("constraint \"{name}\" for relation \"{}\" already exists", self.table.name);
            return Err(crate::error::plain(SqlState::DuplicateObject, message));
        }
        if draft.no_inherit {
            let message = format!(
                "constraint \"{name}\" conflicts with inherited constraint on relation \"{}\"",
                self.table.name
            );
            return Err(crate::error::plain(SqlState::InvalidObjectDefinition, message));
        }
        let message = format!("merging constraint \"{name}\" with inherited definition");
        definer.notice(DefineNotice::Merging(message, None));
        // What a partition has of its table is never its own.
        let local = self.table.partition_of().is_none();
        definer.alter_constraint(*oid, |constraint| constraint.local |= local)?;
        Ok(Some(*oid))
    }

    fn make_key(
        &mut self,
        definer: &mut Definer<'_>,
        (draft, fresh): (&KeyDraft<'_>, bool),
        primary: bool,
        (columns, include): (&[Name<'_>], &[Name<'_>]),
        nulls_equal: bool,
    ) -> DefineResult<Oid> {
        if primary && std::mem::replace(&mut self.has_primary_key, true) {
            // That a new partition has one already its own statement does not say.
            let written = fresh && self.table.partition_of().is_none();
            let position = Some(draft.position).filter(|position| written && *position != NOWHERE);
            return Err(DefineError::MultiplePrimaryKeys { table: self.table.name.clone(), position });
        }
        let kind = if primary { "primary key" } else { "unique" };
        let places = self.places(columns, kind, (draft, fresh))?;
        let included = self.places(include, kind, (draft, fresh))?;
        let places_of_key: Vec<Option<u16>> = places.iter().copied().map(Some).collect();
        crate::partition::refuse_partial_key(&self.table, primary, &places_of_key)?;
        crate::foreign::table::refuse_foreign_parts(definer, &self.table, true)?;
        let name = if primary {
            self.name_of_index(definer, draft, None, "pkey")
        } else {
            let written = columns.iter().chain(include).map(|column| column.text.to_owned());
            let shown = told_apart(written);
            let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
            self.name_of_index(definer, draft, Some(&joined(&shown)), "key")
        };
        let constraint_oid = definer.new_oids_beside(1, self.table.oid)?;
        let index = IndexDraft {
            name: name.clone(),
            method: IndexMethod::Ordered,
            keys: places.iter().map(|place| IndexOf::column(*place)).collect(),
            include: included.clone(),
            unique: true,
            primary,
            nulls_equal,
            immediate: !draft.deferrable,
            predicate: None,
            parent: 0,
            options: Vec::new(),
        };
        let rule = |index| if primary { Rule::PrimaryKey(index) } else { Rule::Unique(index) };
        let index_oid = index.create(definer, &self.table, Some(constraint_oid))?;
        let mut constraint = self.constraint(definer, draft, name, places, rule(index_oid))?;
        constraint.oid = constraint_oid;
        let of_index: Vec<u16> = constraint.columns.iter().chain(&included).copied().collect();
        let references = self.on_columns(&of_index);
        definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
        definer.depend(index_oid, &[(Address::of(constraint_oid), DependencyKind::Internal)])?;
        definer.refresh()?;
        crate::index::fill(definer, &self.table, index_oid, draft.only)?;
        Ok(constraint_oid)
    }

    /// The name that is written, or `table_columns_label` with the first number that makes it unused.
    pub(super) fn name(&mut self, draft: &KeyDraft<'_>, columns: Option<&str>, label: &str) -> String {
        let name = match draft.name {
            Some(name) => name.to_owned(),
            None => unused(&self.table.name, columns, label, |name| self.names.contains(name)),
        };
        self.names.insert(name.clone());
        name
    }

    /// The same for what is an index besides: no relation of the schema may have the name.
    pub(super) fn name_of_index(
        &mut self,
        definer: &Definer<'_>,
        draft: &KeyDraft<'_>,
        columns: Option<&str>,
        label: &str,
    ) -> String {
        let name = match draft.name {
            Some(name) => name.to_owned(),
            None => unused(&self.table.name, columns, label, |name| {
                self.names.contains(name) || definer.scope.relation_in(self.table.schema, name).is_some()
            }),
        };
        self.names.insert(name.clone());
        name
    }

    pub(super) fn constraint(
        &self,
        definer: &mut Definer<'_>,
        draft: &KeyDraft<'_>,
        name: String,
        columns: Vec<u16>,
        rule: Rule,
    ) -> DefineResult<Constraint> {
        Ok(Constraint {
            oid: definer.new_oids_beside(1, self.table.oid)?,
            name,
            schema: self.table.schema,
            table: self.table.oid,
            domain: 0,
            columns,
            rule,
            deferrable: draft.deferrable,
            initially_deferred: draft.initially_deferred,
            validated: !draft.not_valid,
            no_inherit: draft.no_inherit,
            local: draft.inherited.is_none_or(|inherited| inherited.local),
            inherited: draft.inherited.map_or(0, |inherited| inherited.count),
            parent: draft.inherited.map_or(0, |inherited| inherited.parent),
        })
    }

    /// Places of columns that a key names, each once. Errors point at the constraint; that a column is not there is found of a
    /// table that is there only when its index is made, and points at nothing.
    fn places(
        &self,
        columns: &[Name<'_>],
        constraint: &'static str,
        (draft, fresh): (&KeyDraft<'_>, bool),
    ) -> DefineResult<Vec<u16>> {
        let position = draft.position;
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let Some((place, _)) = self.table.column(column.text) else {
                let error = DefineError::KeyColumn { column: column.text.into(), position };
                return Err(if fresh { error } else { error.without_position() });
            };
            let place = super::place(place);
            if places.contains(&place) {
                return Err(DefineError::KeyColumnTwice { column: column.text.into(), constraint, position });
            }
            places.push(place);
        }
        Ok(places)
    }

    /// A constraint goes with the columns that it is about, or with the table if it is about none.
    pub(super) fn on_columns(&self, columns: &[u16]) -> Vec<(Address, DependencyKind)> {
        if columns.is_empty() {
            return vec![(Address::of(self.table.oid), DependencyKind::Auto)];
        }
        columns
            .iter()
            .map(|column| (Address::column(self.table.oid, *column), DependencyKind::Auto))
            .collect()
    }

    /// The table.
    pub(super) fn table(&self) -> &Arc<Table> {
        &self.table
    }
}

/// The first of `table_columns_label`, `…label1`, `…label2` that is not taken.
pub fn unused(table: &str, columns: Option<&str>, label: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut number = 0u32;
    loop {
        let numbered = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
        let name = object_name(table, columns, &numbered);
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// Names of columns in a name: `a_b`, no longer than a name may be.
pub fn joined(names: &[&str]) -> String {
    name::truncate(&names.join("_")).to_owned()
}
