//! Sequences: their options, as CREATE, ALTER, identity columns and serial types give them.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::object::{Object, Oid, Persistence, Sequence, Source, first_behind};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::expression::{Expression, ExpressionKind};
use syntax::tree::sequence::{AlterSequence, CreateSequence, SequenceOption, SequenceOptionKind};
use types::catalog::oid;

/// What options say, before defaults.
#[derive(Default)]
pub struct Options<'a> {
    type_oid: Option<u32>,
    increment: Option<i64>,
    /// `NO MAXVALUE` is a written `None`.
    maximum: Option<Option<i64>>,
    minimum: Option<Option<i64>>,
    start: Option<i64>,
    /// `RESTART` alone is a written `None`.
    restart: Option<Option<i64>>,
    cache: Option<i64>,
    cycle: Option<bool>,
    /// `OWNED BY`.
    pub owned_by: Option<syntax::tree::QualifiedName<'a>>,
    /// `SEQUENCE NAME`, of an identity column.
    pub name: Option<syntax::tree::QualifiedName<'a>>,
}

/// The properties of a sequence that options decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties {
    /// smallint, integer or bigint.
    pub type_oid: u32,
    /// `INCREMENT`
    pub increment: i64,
    /// `MINVALUE`
    pub minimum: i64,
    /// `MAXVALUE`
    pub maximum: i64,
    /// `START`
    pub start: i64,
    /// `CACHE`
    pub cache: i64,
    /// `CYCLE`
    pub cycle: bool,
}

impl From<Properties> for Options<'_> {
    /// What says all that a sequence is like.
    fn from(of: Properties) -> Self {
        Options {
            type_oid: Some(of.type_oid),
            increment: Some(of.increment),
            maximum: Some(Some(of.maximum)),
            minimum: Some(Some(of.minimum)),
            start: Some(of.start),
            cache: Some(of.cache),
            cycle: Some(of.cycle),
            ..Options::default()
        }
    }
}

impl<'a> Options<'a> {
    /// `AS`, whatever else they say.
    pub(crate) fn counting_in(self, type_oid: u32) -> Options<'a> {
        Options { type_oid: Some(type_oid), ..self }
    }

    /// Reads options; each may stand once.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn read(definer: &Definer<'_>, options: &[SequenceOption<'a>]) -> DefineResult<Options<'a>> {
        let mut read = Options::default();
        for option in options {
            let twice = match option.kind {
                SequenceOptionKind::Type(written) => {
                    let found = definer.resolve_type(&written)?.oid;
                    if ![oid::INT2, oid::INT4, oid::INT8].contains(&found) {
                        return Err(DefineError::SequenceType);
                    }
                    read.type_oid.replace(found).is_some()
                }
                SequenceOptionKind::Cache(value) => read.cache.replace(number(&value)?).is_some(),
                SequenceOptionKind::Cycle(cycle) => read.cycle.replace(cycle).is_some(),
                SequenceOptionKind::Increment(value) => read.increment.replace(number(&value)?).is_some(),
                SequenceOptionKind::Maximum(value) => {
                    read.maximum.replace(value.as_ref().map(number).transpose()?).is_some()
                }
                SequenceOptionKind::Minimum(value) => {
                    read.minimum.replace(value.as_ref().map(number).transpose()?).is_some()
                }
                SequenceOptionKind::OwnedBy(name) => read.owned_by.replace(name).is_some(),
                SequenceOptionKind::Name(name) => read.name.replace(name).is_some(),
                SequenceOptionKind::Start(value) => read.start.replace(number(&value)?).is_some(),
                SequenceOptionKind::Restart(value) => {
                    read.restart.replace(value.as_ref().map(number).transpose()?).is_some()
                }
            };
            if twice {
                return Err(DefineError::ConflictingOptions { position: option.position });
            }
        }
        Ok(read)
    }

    /// The same of an identity column's sequence, whose type is the column's.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn of_identity(definer: &Definer<'_>, options: &[SequenceOption<'a>]) -> DefineResult<Options<'a>> {
        let has_type = |option: &&SequenceOption<'a>| matches!(option.kind, SequenceOptionKind::Type(_));
        match options.iter().find(has_type) {
            Some(option) => Err(DefineError::ConflictingOptions { position: option.position }),
            None => Options::read(definer, options),
        }
    }

    /// What a new sequence is like; `default_type` is the column's for a serial or identity column.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn create(&self, default_type: u32) -> DefineResult<Properties> {
        self.properties(None, default_type)
    }

    /// What an existing sequence becomes.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn alter(&self, old: Properties) -> DefineResult<Properties> {
        self.properties(Some(old), old.type_oid)
    }

    /// Where an altered sequence goes on: the value that `nextval` gives next, if it is said.
    pub fn restart(&self, properties: &Properties) -> DefineResult<Option<i64>> {
        let Some(restart) = self.restart else { return Ok(None) };
        let value = restart.unwrap_or(properties.start);
        if value < properties.minimum {
            return Err(DefineError::RestartBelow { value, minimum: properties.minimum });
        }
        if value > properties.maximum {
            return Err(DefineError::RestartAbove { value, maximum: properties.maximum });
        }
        Ok(Some(value))
    }

    fn properties(&self, old: Option<Properties>, default_type: u32) -> DefineResult<Properties> {
        let type_oid = self.type_oid.unwrap_or(default_type);
        let (least, greatest) = range(type_oid);
        let increment = self.increment.or(old.map(|old| old.increment)).unwrap_or(1);
        if increment == 0 {
            return Err(DefineError::IncrementZero);
        }
        // A changed type takes limits along that were those of the old one.
        let (old_least, old_greatest) = old.map_or((least, greatest), |old| range(old.type_oid));
        let kept_maximum =
            old.map(|old| old.maximum).filter(|maximum| *maximum != old_greatest || type_oid == default_type);
        let kept_minimum =
            old.map(|old| old.minimum).filter(|minimum| *minimum != old_least || type_oid == default_type);
        let maximum_goes_along = old.is_some() && kept_maximum.is_none();
        let minimum_goes_along = old.is_some() && kept_minimum.is_none();
        let default_maximum = if increment > 0 || maximum_goes_along { greatest } else { -1 };
        let default_minimum = if increment < 0 || minimum_goes_along { least } else { 1 };
        let maximum = match self.maximum {
            Some(written) => written.unwrap_or(default_maximum),
            None => kept_maximum.unwrap_or(default_maximum),
        };
        let minimum = match self.minimum {
            Some(written) => written.unwrap_or(default_minimum),
            None => kept_minimum.unwrap_or(default_minimum),
        };
        let type_name = type_name(type_oid);
        if !(least..=greatest).contains(&maximum) {
            return Err(DefineError::MaximumOutOfRange { value: maximum, type_name });
        }
        if !(least..=greatest).contains(&minimum) {
            return Err(DefineError::MinimumOutOfRange { value: minimum, type_name });
        }
        if minimum >= maximum {
            return Err(DefineError::MinimumNotBelow { minimum, maximum });
        }
        let start =
            self.start.or(old.map(|old| old.start)).unwrap_or(if increment > 0 { minimum } else { maximum });
        if start < minimum {
            return Err(DefineError::StartBelow { value: start, minimum });
        }
        if start > maximum {
            return Err(DefineError::StartAbove { value: start, maximum });
        }
        let cache = self.cache.or(old.map(|old| old.cache)).unwrap_or(1);
        if cache <= 0 {
            return Err(DefineError::CacheNotPositive { value: cache });
        }
        let cycle = self.cycle.or(old.map(|old| old.cycle)).unwrap_or(false);
        Ok(Properties { type_oid, increment, minimum, maximum, start, cache, cycle })
    }
}

impl Properties {
    /// Those of a sequence that is there.
    pub fn of(sequence: &Sequence) -> Properties {
        Properties {
            type_oid: sequence.type_oid,
            increment: sequence.increment,
            minimum: sequence.minimum,
            maximum: sequence.maximum,
            start: sequence.start,
            cache: sequence.cache,
            cycle: sequence.cycle,
        }
    }

    /// A sequence with them. `tree` is a new, empty tree whose number counts; `first` the first value.
    #[allow(clippy::too_many_arguments)] // where and whose a sequence is
    pub fn sequence(
        self,
        number: Oid,
        name: String,
        schema: Oid,
        owner: Oid,
        tree: u64,
        owned_by: Option<(Oid, u16)>,
        persistence: Persistence,
    ) -> Sequence {
        Sequence {
            oid: number,
            name,
            schema,
            owner,
            persistence,
            tree,
            lock: tree,
            type_oid: self.type_oid,
            first: self.start,
            before: (self.start, false),
            start: self.start,
            increment: self.increment,
            minimum: self.minimum,
            maximum: self.maximum,
            cache: self.cache,
            cycle: self.cycle,
            owned_by,
            acl: None,
        }
    }
}

fn range(type_oid: u32) -> (i64, i64) {
    match type_oid {
        oid::INT2 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        oid::INT4 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

fn type_name(type_oid: u32) -> &'static str {
    match type_oid {
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        _ => "bigint",
    }
}

/// A whole number as options write it.
fn number(value: &Expression<'_>) -> DefineResult<i64> {
    let text = match value.kind {
        ExpressionKind::Integer(number) => return Ok(i64::from(number)),
        ExpressionKind::Decimal(text) => text,
        _ => return Err(DefineError::NotWhole { text: String::new() }),
    };
    text.parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
            DefineError::BigintOutOfRange { text: text.into() }
        }
        _ => DefineError::NotWhole { text: text.into() },
    })
}

/// `CREATE SEQUENCE`
///
/// # Errors
/// PostgreSQL's.
pub fn create_sequence(definer: &mut Definer<'_>, statement: &CreateSequence<'_>) -> DefineResult<()> {
    let persistence = crate::table::persistence(statement.persistence);
    let (schema, name, persistence) = definer.new_relation_name(&statement.name, persistence, None)?;
    if statement.if_not_exists && definer.scope.relation_in(schema, name).is_some() {
        definer.notice(DefineNotice::RelationExists { name: name.into() });
        return Ok(());
    }
    let options = Options::read(definer, statement.options)?;
    let properties = options.create(oid::INT8)?;
    crate::table::refuse_taken(definer, schema, name)?;
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    let owned_by = match &options.owned_by {
        Some(owner) => owner_column(definer, (schema, definer.role), owner)?,
        None => None,
    };
    references.extend(owned_by.map(|(table, place)| (Address::column(table, place), DependencyKind::Auto)));
    let number = definer.new_oids_beside(1, schema)?;
    let tree = definer.new_tree_beside(false, schema)?;
    let sequence =
        properties.sequence(number, name.into(), schema, definer.role, tree, owned_by, persistence);
    let first = options.restart(&properties)?.unwrap_or(properties.start);
    let sequence = Sequence { first, before: (first, false), ..sequence };
    definer.create(&Object::Sequence(Arc::new(sequence)), &references)?;
    definer.refresh()
}

/// `ALTER SEQUENCE`. A restarted sequence counts anew, on a new tree.
///
/// # Errors
/// PostgreSQL's.
pub fn alter_sequence(definer: &mut Definer<'_>, statement: &AlterSequence<'_>) -> DefineResult<()> {
    let Some(found) = crate::rename::relation(definer, &statement.name, statement.if_exists)? else {
        return Ok(());
    };
    let Relation::Sequence(sequence) = found else {
        return Err(DefineError::WrongKind { name: found.name().into(), wanted: "a sequence", hint: None });
    };
    definer.require_owner(sequence.oid)?;
    change_sequence(definer, &sequence, statement.options)
}

/// Gives a sequence that is there what options say.
///
/// # Errors
/// PostgreSQL's.
pub fn change_sequence(
    definer: &mut Definer<'_>,
    sequence: &Sequence,
    options: &[SequenceOption<'_>],
) -> DefineResult<()> {
    let named = options.iter().find(|option| matches!(option.kind, SequenceOptionKind::Name(_)));
    if let Some(named) = named {
        return Err(DefineError::SequenceName { position: named.position });
    }
    let options = Options::read(definer, options)?;
    set_options(definer, sequence, &options)
}

/// The same of options that are read. The sequence of an identity column counts in the column's type.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_options(
    definer: &mut Definer<'_>,
    sequence: &Sequence,
    options: &Options<'_>,
) -> DefineResult<()> {
    let sequence = &*definer.lock_sequence(sequence)?;
    let properties = options.alter(Properties::of(sequence))?;
    let owned_by = match &options.owned_by {
        Some(owner) => {
            refuse_identity(definer, sequence)?;
            owner_column(definer, (sequence.schema, sequence.owner), owner)?
        }
        None => sequence.owned_by,
    };
    let goes_on = options.restart(&properties)?;
    let before = definer.rows.last_value(definer.transaction, sequence).map_err(DefineError::Build)?;
    // Values are counted from the first in steps; another first, step or limit needs another count.
    let (first, before) = match goes_on {
        Some(first) => (first, (first, false)),
        None => (first_behind(before, properties.increment), before),
    };
    let tree = definer.new_tree_beside(false, sequence.oid)?;
    let changed = |sequence: &mut Sequence| {
        sequence.type_oid = properties.type_oid;
        sequence.increment = properties.increment;
        sequence.minimum = properties.minimum;
        sequence.maximum = properties.maximum;
        sequence.start = properties.start;
        sequence.cache = properties.cache;
        sequence.cycle = properties.cycle;
        sequence.owned_by = owned_by;
        sequence.tree = tree;
        sequence.first = first;
        sequence.before = before;
    };
    definer.catalog.alter::<CatalogError>(definer.transaction, sequence.oid, |object| {
        if let Object::Sequence(sequence) = object {
            changed(Arc::make_mut(sequence));
        }
        Ok(())
    })?;
    if options.owned_by.is_some() {
        let address = Address::of(sequence.oid);
        definer.catalog.depend_on_nothing(definer.transaction, address)?;
        let mut references = vec![(Address::of(sequence.schema), DependencyKind::Normal)];
        references
            .extend(owned_by.map(|(table, place)| (Address::column(table, place), DependencyKind::Auto)));
        definer.catalog.depend(definer.transaction, address, &references)?;
    }
    definer.refresh()
}

/// Refuses another owner for the sequence of an identity column.
fn refuse_identity(definer: &Definer<'_>, sequence: &Sequence) -> DefineResult<()> {
    let owner = sequence.owned_by.and_then(|(table, _)| definer.scope.table(table));
    let feeds = |column: &catalog::object::Column| match column.source {
        Source::Identity { sequence: of, .. } => of == sequence.oid,
        Source::Null | Source::Default(_) | Source::Generated(_) => false,
    };
    let Some(table) = owner.filter(|table| table.columns.iter().any(feeds)) else { return Ok(()) };
    Err(DefineError::Plain {
        state: diagnostic::SqlState::FeatureNotSupported,
        message: "cannot change ownership of identity sequence".into(),
        detail: Some(format!("Sequence \"{}\" is linked to table \"{}\".", sequence.name, table.name)),
        hint: None,
        position: None,
    })
}

/// What `OWNED BY` means: a column, or none.
fn owner_column(
    definer: &Definer<'_>,
    (schema, owner): (Oid, Oid),
    written: &QualifiedName<'_>,
) -> DefineResult<Option<(Oid, u16)>> {
    let [before @ .., column] = written.parts else { return Err(DefineError::OwnedBy) };
    if before.is_empty() {
        return if column.text == "none" { Ok(None) } else { Err(DefineError::OwnedBy) };
    }
    let table = QualifiedName { parts: before };
    let (table_schema, name) = crate::names::split_name(&definer.scope, &table)?;
    let table = match definer.scope.find_relation(table_schema, name)? {
        Relation::Table(table) => table,
        other @ (Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::Composite(_)
        | Relation::System(_)) => {
            let kind = match other {
                Relation::View(_) => "views",
                Relation::Index(_) => "indexes",
                Relation::Sequence(_) => "sequences",
                Relation::Composite(_) | Relation::Table(_) | Relation::System(_) => "composite types",
            };
            return Err(DefineError::OwnedByNoTable { name: other.name().into(), kind });
        }
    };
    if table.owner != owner {
        let message = "sequence must have same owner as table it is linked to";
        return Err(crate::error::plain(diagnostic::SqlState::ObjectNotInPrerequisiteState, message));
    }
    if table.schema != schema {
        return Err(DefineError::OwnedByElsewhere);
    }
    let found = table
        .column(column.text)
        .ok_or_else(|| DefineError::NoColumn { column: column.text.into(), relation: table.name.clone() })?;
    Ok(Some((table.oid, crate::table::place(found.0))))
}
