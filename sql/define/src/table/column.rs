//! A column as it is written: its type, and what its constraints say of it.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::sequence::Properties;
use catalog::object::{ColumnDetails, Oid};
use syntax::tree::Name;
use syntax::tree::expression::Expression;
use syntax::tree::sequence::SequenceOption;
use syntax::tree::table::{
    ColumnConstraint, ColumnConstraintKind, ColumnSpecification, ConstraintAttribute, Exclusion,
    IndexParameters, Reference,
};
use types::catalog::{Form, oid};
use types::{Type, Types};

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 1600;
/// Columns that every table has besides its own.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

/// A column that is to be made.
pub struct ColumnDraft<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub column_type: Type,
    /// Its collation: 0 where its type has none.
    pub collation: Oid,
    /// `NOT NULL`, or what implies it.
    pub not_null: bool,
    /// Whether its values come from a sequence of its own by default, as `serial` says.
    pub serial: bool,
    /// `DEFAULT`
    pub default: Option<Expression<'a>>,
    /// `GENERATED ALWAYS AS (…) STORED`
    pub generated: Option<Expression<'a>>,
    /// `GENERATED … AS IDENTITY`: whether always, and the sequence's options.
    pub identity: Option<(bool, &'a [SequenceOption<'a>])>,
    /// The same of a column that this one is like: whether always, and what its sequence is like.
    pub copied_identity: Option<(bool, Properties)>,
    /// Whether the table says itself that it has it.
    pub local: bool,
    /// How many parents have it.
    pub inherited: u16,
    /// What else is said of it.
    pub details: ColumnDetails,
    /// Constraints that stand with the column.
    pub constraints: Vec<KeyDraft<'a>>,
}

/// What has been said of when the constraint before is looked at.
#[derive(Default)]
struct WhenLookedAt {
    /// `DEFERRABLE` or not.
    deferrable: Option<bool>,
    /// `INITIALLY DEFERRED` or `IMMEDIATE`.
    deferred: Option<bool>,
}

/// A constraint that is to be made.
#[derive(Clone)]
pub struct KeyDraft<'a> {
    /// Its name, if one is written.
    pub name: Option<&'a str>,
    /// What it demands.
    pub rule: RuleDraft<'a>,
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub initially_deferred: bool,
    /// `NOT VALID`
    pub not_valid: bool,
    /// `NO INHERIT`
    pub no_inherit: bool,
    /// `ONLY`: partitions get no part of it.
    pub only: bool,
    /// From whom it comes, if not from the table alone.
    pub inherited: Option<InheritedKey>,
    /// Where it stands.
    pub position: u32,
}

impl KeyDraft<'_> {
    /// Whether two are keys that one index serves: of the same columns, looked at at the same time.
    pub fn is_same_key(&self, other: &KeyDraft<'_>) -> bool {
        let (
            RuleDraft::Key { columns, include, parameters, .. },
            RuleDraft::Key { columns: of_other, include: included, parameters: others, .. },
        ) = (&self.rule, &other.rule)
        else {
            return false;
        };
        let same = |one: &[Name<'_>], other: &[Name<'_>]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.text == other.text)
        };
        same(columns, of_other)
            && same(include, included)
            && parameters.nulls_distinct == others.nulls_distinct
            && (self.deferrable, self.initially_deferred) == (other.deferrable, other.initially_deferred)
    }
}

/// Whose a constraint is that parents give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InheritedKey {
    /// Whether the table says itself that it has it.
    pub local: bool,
    /// How many parents have it.
    pub count: u16,
    /// The constraint of the partitioned table that it is the part of, 0 without.
    pub parent: Oid,
}

/// What a constraint that is to be made demands.
#[derive(Clone)]
pub enum RuleDraft<'a> {
    /// `CHECK`
    Check(Expression<'a>),
    /// `UNIQUE` or `PRIMARY KEY`: columns, included ones, how the index is made.
    Key {
        /// Whether it is the primary key.
        primary: bool,
        /// Its columns.
        columns: Vec<Name<'a>>,
        /// `INCLUDE`
        include: Vec<Name<'a>>,
        /// The index's.
        parameters: IndexParameters<'a>,
    },
    /// `FOREIGN KEY`
    Foreign {
        /// The columns that refer.
        columns: Vec<Name<'a>>,
        /// To what.
        reference: Reference<'a>,
    },
    /// `EXCLUDE`
    Exclude(&'a Exclusion<'a>),
}

impl<'a> ColumnDraft<'a> {
    /// Reads a column of the table called `table`.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn read(
        definer: &Definer<'_>,
        table: &str,
        written: &ColumnSpecification<'a>,
    ) -> DefineResult<ColumnDraft<'a>> {
        let name = written.name.text;
        refuse_system_column(name)?;
        let Some(type_name) = &written.type_name else {
            return ColumnDraft::options(table, written);
        };
        let serial = crate::names::serial_type(type_name);
        let column_type = match serial {
            Some(of) => Type::of(of),
            None => definer.use_type(type_name)?,
        };
        refuse_pseudo_type(definer, name, column_type)?;
        let compression = match written.compression {
            Some(word) => crate::column_detail::compression(definer, column_type.oid, word)?,
            None => None,
        };
        let collation = definer.collation(column_type, written.collation.as_ref())?;
        let mut draft = ColumnDraft {
            name,
            column_type,
            collation,
            not_null: serial.is_some(),
            serial: serial.is_some(),
            default: None,
            generated: None,
            identity: None,
            copied_identity: None,
            local: true,
            inherited: 0,
            details: ColumnDetails { compression, ..ColumnDetails::default() },
            constraints: Vec::new(),
        };
        draft.read_constraints(table, written.constraints, written.name)?;
        Ok(draft)
    }

    /// Reads what is said of a column that has its type from elsewhere.
    ///
    /// # Errors
    /// PostgreSQL's.
    fn options(table: &str, written: &ColumnSpecification<'a>) -> DefineResult<ColumnDraft<'a>> {
        let mut draft = super::column_of_result(written.name.text, Type::of(oid::INT4));
        draft.read_constraints(table, written.constraints, written.name)?;
        Ok(draft)
    }

    fn read_constraints(
        &mut self,
        table: &str,
        written: &'a [ColumnConstraint<'a>],
        name: Name<'a>,
    ) -> DefineResult<()> {
        let mut nullable = None;
        let mut when = None;
        for constraint in written {
            let position = constraint.position;
            match &constraint.kind {
                ColumnConstraintKind::Attribute(attribute) => {
                    self.attribute(&mut when, *attribute, position)?;
                    continue;
                }
                ColumnConstraintKind::NotNull | ColumnConstraintKind::Null => {
                    let not_null = matches!(constraint.kind, ColumnConstraintKind::NotNull);
                    let known = if self.identity.is_some() { Some(true) } else { nullable };
                    if known.is_some_and(|known| known != not_null) || (self.serial && !not_null) {
                        return Err(self.conflicting_null(table, position));
                    }
                    nullable = Some(not_null);
                }
                ColumnConstraintKind::Default(_)
                | ColumnConstraintKind::Identity { .. }
                | ColumnConstraintKind::Generated(_) => {
                    self.read_source(table, constraint, nullable)?;
                    self.refuse_two_sources(table, position)?;
                }
                ColumnConstraintKind::Check { .. }
                | ColumnConstraintKind::Unique(_)
                | ColumnConstraintKind::PrimaryKey(_)
                | ColumnConstraintKind::References(_) => {
                    self.constraints.extend(key_of_column(constraint, name));
                }
            }
            when = has_attributes(&constraint.kind).then(WhenLookedAt::default);
        }
        self.not_null |= nullable == Some(true) || self.identity.is_some();
        for constraint in &self.constraints {
            self.not_null |= matches!(constraint.rule, RuleDraft::Key { primary: true, .. });
        }
        Ok(())
    }

    fn conflicting_null(&self, table: &str, position: u32) -> DefineError {
        DefineError::ConflictingNull { column: self.name.into(), table: table.into(), position }
    }

    /// What the column's values come from.
    fn read_source(
        &mut self,
        table: &str,
        constraint: &ColumnConstraint<'a>,
        nullable: Option<bool>,
    ) -> DefineResult<()> {
        let (column, position) = (self.name.to_owned(), constraint.position);
        match constraint.kind {
            ColumnConstraintKind::Default(value) => {
                if self.default.is_some() || self.serial {
                    let error = DefineError::MultipleDefaults { column, table: table.into(), position };
                    // The first one is written nowhere.
                    return Err(if self.serial { error.without_position() } else { error });
                }
                self.default = Some(value);
            }
            ColumnConstraintKind::Identity { always, options } => {
                if self.identity.is_some() {
                    return Err(DefineError::MultipleIdentities { column, table: table.into(), position });
                }
                if nullable == Some(false) {
                    return Err(self.conflicting_null(table, position));
                }
                self.identity = Some((always, options));
            }
            ColumnConstraintKind::Generated(value) => {
                if self.generated.is_some() {
                    return Err(DefineError::MultipleGenerated { column, table: table.into(), position });
                }
                self.generated = Some(value);
            }
            ColumnConstraintKind::NotNull
            | ColumnConstraintKind::Null
            | ColumnConstraintKind::Attribute(_)
            | ColumnConstraintKind::Check { .. }
            | ColumnConstraintKind::Unique(_)
            | ColumnConstraintKind::PrimaryKey(_)
            | ColumnConstraintKind::References(_) => {}
        }
        Ok(())
    }

    fn refuse_two_sources(&self, table: &str, position: u32) -> DefineResult<()> {
        let (column, table) = (self.name.to_owned(), table.to_owned());
        match (self.default.is_some() || self.serial, self.identity.is_some(), self.generated.is_some()) {
            (true, true, _) => Err(DefineError::DefaultAndIdentity { column, table, position }),
            (true, false, true) => Err(DefineError::DefaultAndGenerated { column, table, position }),
            (false, true, true) => Err(DefineError::IdentityAndGenerated { column, table, position }),
            (true | false, false, false) | (false, true, false) | (false, false, true) => Ok(()),
        }
    }

    /// `DEFERRABLE` and the like belong to the constraint right before them; `when`: what they have said of it, if they may.
    fn attribute(
        &mut self,
        when: &mut Option<WhenLookedAt>,
        attribute: ConstraintAttribute,
        position: u32,
    ) -> DefineResult<()> {
        use ConstraintAttribute as A;
        let what = match attribute {
            A::Deferrable => "DEFERRABLE",
            A::NotDeferrable => "NOT DEFERRABLE",
            A::InitiallyDeferred => "INITIALLY DEFERRED",
            A::InitiallyImmediate => "INITIALLY IMMEDIATE",
        };
        let (Some(when), Some(last)) = (when, self.constraints.last_mut()) else {
            return Err(DefineError::Misplaced { what, position });
        };
        let (said, is, several) = match attribute {
            A::Deferrable | A::NotDeferrable => {
                (&mut when.deferrable, attribute == A::Deferrable, "DEFERRABLE/NOT DEFERRABLE")
            }
            A::InitiallyDeferred | A::InitiallyImmediate => {
                (&mut when.deferred, attribute == A::InitiallyDeferred, "INITIALLY IMMEDIATE/DEFERRED")
            }
        };
        if said.replace(is).is_some() {
            return Err(DefineError::SeveralAttributes { what: several, position });
        }
        if when.deferred == Some(true) && when.deferrable == Some(false) {
            return Err(DefineError::DeferredMustBeDeferrable { position });
        }
        last.initially_deferred = when.deferred == Some(true);
        last.deferrable = when.deferrable.unwrap_or(last.initially_deferred);
        Ok(())
    }
}

/// Whether it can be said of a constraint when it is looked at.
fn has_attributes(constraint: &ColumnConstraintKind<'_>) -> bool {
    match constraint {
        ColumnConstraintKind::Unique(_)
        | ColumnConstraintKind::PrimaryKey(_)
        | ColumnConstraintKind::References(_) => true,
        ColumnConstraintKind::NotNull
        | ColumnConstraintKind::Null
        | ColumnConstraintKind::Default(_)
        | ColumnConstraintKind::Identity { .. }
        | ColumnConstraintKind::Generated(_)
        | ColumnConstraintKind::Check { .. }
        | ColumnConstraintKind::Attribute(_) => false,
    }
}

/// A constraint that stands with a column, as one of the table, if it is one that a table can have.
fn key_of_column<'a>(constraint: &ColumnConstraint<'a>, column: Name<'a>) -> Option<KeyDraft<'a>> {
    let mut no_inherit_written = false;
    let key = |primary, parameters| RuleDraft::Key {
        primary,
        columns: vec![column],
        include: Vec::new(),
        parameters,
    };
    let rule = match constraint.kind {
        ColumnConstraintKind::Check { condition, no_inherit } => {
            no_inherit_written = no_inherit;
            RuleDraft::Check(condition)
        }
        ColumnConstraintKind::Unique(parameters) => key(false, parameters),
        ColumnConstraintKind::PrimaryKey(parameters) => key(true, parameters),
        ColumnConstraintKind::References(reference) => {
            RuleDraft::Foreign { columns: vec![column], reference }
        }
        ColumnConstraintKind::NotNull
        | ColumnConstraintKind::Null
        | ColumnConstraintKind::Default(_)
        | ColumnConstraintKind::Identity { .. }
        | ColumnConstraintKind::Generated(_)
        | ColumnConstraintKind::Attribute(_) => return None,
    };
    Some(KeyDraft {
        name: constraint.name.map(|name| name.text),
        rule,
        deferrable: false,
        initially_deferred: false,
        not_valid: false,
        no_inherit: no_inherit_written,
        only: false,
        inherited: None,
        position: constraint.position,
    })
}

/// # Errors
/// If every table has a column of this name.
pub fn refuse_system_column(name: &str) -> DefineResult<()> {
    if SYSTEM_COLUMNS.contains(&name) {
        return Err(DefineError::SystemColumn { column: name.into() });
    }
    Ok(())
}

/// # Errors
/// If a type has no values.
pub fn refuse_pseudo_type(definer: &Definer<'_>, column: &str, column_type: Type) -> DefineResult<()> {
    let Some(entry) = definer.scope.entry(column_type.oid) else { return Ok(()) };
    let type_name = || entry.displayed.to_owned();
    if entry.form == Form::Pseudo {
        return Err(DefineError::PseudoType { name: column.into(), type_name: type_name() });
    }
    if entry.kind.is_none() && entry.form != Form::Domain {
        return definer.unsupported(&format!("type {}", type_name()), None);
    }
    Ok(())
}
