//! Tables: `CREATE TABLE` here; columns, constraints and foreign keys in files of their own.

pub(crate) mod adopt;
pub mod column;
pub mod constraint;
mod exclusion;
mod foreign_key;
pub(crate) mod inherit;
pub(crate) mod like;
pub(crate) mod typed;
mod written;

pub(crate) use foreign_key::{alter_foreign_key, comparable, switch_key};
pub(crate) use written::{refuse_identity_type, refuse_taken};

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::materialized::KeptQuery;
use crate::sequence::Options;
use crate::storage_option::{self, StorageOf};
use bumpalo::Bump;
use catalog::object::{
    Column, ColumnDetails, ColumnStorage, Composite, Expression, Inheritance, Object, Oid, Origin,
    Persistence, Source, Table,
};
use catalog::{Address, DependencyKind, Relation};
use column::{COLUMNS_MAX, ColumnDraft, KeyDraft, RuleDraft};
use constraint::{ConstraintMaker, unused};
use inherit::Merged;
use like::Model;
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::Query;
use syntax::tree::select::Persistence as Written;
use syntax::tree::table::{CreateTable, CreateTableAs, PartitionBy, TableElement, TableShape};
use types::catalog::{numeric_shape, oid};
use types::row::Storage;
use types::{Kind, Type, Types};

/// A column's place as the catalog keeps it: tables have at most 1,600 columns.
pub(crate) fn place(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// `CREATE TABLE`. Answers the table's number; none if it was there already.
///
/// # Errors
/// PostgreSQL's.
pub fn create_table(definer: &mut Definer<'_>, statement: &CreateTable<'_>) -> DefineResult<Option<Oid>> {
    refuse_options(definer, statement)?;
    let options =
        storage_option::set(&[], statement.options, StorageOf::table(statement.partition_by.is_some()))?;
    let position = statement.name.position();
    let written = persistence(statement.persistence);
    let (schema, name, persistence) = definer
        .new_relation_name(&statement.name, written, Some(position))
        .map_err(|error| error.at(position))?;
    if statement.on_commit.is_some() && persistence != Persistence::Temporary {
        return Err(DefineError::OnCommitNotTemporary);
    }
    if definer.scope.relation_in(schema, name).is_some() && statement.if_not_exists {
        definer.notice(DefineNotice::RelationExists { name: name.into() });
        return Ok(None);
    }
    let arena = Bump::new();
    let of_type = typed_of(definer, statement)?;
    let mut own_keys = Vec::new();
    let (columns, models) = read_elements(definer, (name, statement), &mut own_keys, &arena)?;
    written::check(definer, (name, statement), (&columns, of_type.as_deref()), &own_keys)?;
    let Lineage { parents, bounded } = Lineage::read(definer, statement, (schema, name, persistence))?;
    crate::foreign::table::may_be_part(definer, statement, &parents)?;
    let mut keys = inherit::inherited_checks(definer, &parents, &arena)?;
    keys.append(&mut own_keys);
    let merged = match &of_type {
        Some(of) => Merged::typed(of),
        None => Merged::of(definer, &parents, &arena)?,
    };
    let mut columns = match (&bounded, &of_type) {
        (Some(_), _) => merged.with_options(columns, "partitions")?,
        (None, Some(_)) => merged.with_options(columns, "typed tables")?,
        (None, None) => merged.with_own(definer, columns)?,
    };
    primary_key_is_not_null(&mut columns, &keys);
    let table = make_child(definer, (schema, name, persistence), &columns, (&parents, bounded))?;
    crate::foreign::table::put_on_server(definer, table, statement.foreign)?;
    keep_options(definer, table, options)?;
    if let Some(of) = &of_type {
        typed::set(definer, table, of.oid)?;
    }
    if let Some(written) = statement.partition_by {
        divide(definer, table, written)?;
    }
    let parent = match (&statement.shape, parents.as_slice()) {
        (TableShape::Partition(..), [parent]) => Some(parent),
        _ => None, // what is no partition has nothing of its parents but columns and checks
    };
    // What it has of its table comes first, as in PostgreSQL: a primary key of its own is a second one then.
    if let Some(parent) = parent {
        crate::partition::take_over(definer, table, parent)?;
    }
    add_keys(definer, table, &keys)?;
    crate::foreign::table::give_columns_options(definer, table, statement)?;
    for model in &models {
        model.finish(definer, table, &arena)?;
    }
    if let Some(parent) = parent {
        crate::partition::check_default(definer, parent.oid, table, false)?;
    }
    Ok(Some(table))
}

/// The columns that are written, and the tables that a new one is to be like; constraints are put beside `keys`.
fn read_elements<'a>(
    definer: &mut Definer<'_>,
    (name, statement): (&str, &CreateTable<'a>),
    keys: &mut Vec<KeyDraft<'a>>,
    arena: &'a Bump,
) -> DefineResult<(Vec<ColumnDraft<'a>>, Vec<Model>)> {
    let is_foreign = statement.foreign.is_some();
    let (mut columns, mut models) = (Vec::new(), Vec::new());
    for element in statement.elements {
        match element {
            TableElement::Column(written) => {
                let mut column = ColumnDraft::read(definer, name, written)?;
                if is_foreign {
                    crate::foreign::table::refuse_keys_of(&column)?;
                }
                for key in &column.constraints {
                    written::refuse_exclusion(statement, key)?;
                }
                keys.append(&mut column.constraints);
                columns.push(column);
            }
            TableElement::Constraint(written) => {
                if is_foreign {
                    crate::foreign::table::refuse_written(written)?;
                }
                let key = KeyDraft::read(written)?;
                written::refuse_exclusion(statement, &key)?;
                keys.push(key);
            }
            TableElement::Like { table, .. } if is_foreign => {
                return Err(crate::foreign::table::refuse_like(table.position()));
            }
            TableElement::Like { table, options } => {
                let model = Model::find(definer, table, options)?;
                columns.extend(model.columns(definer, arena)?);
                models.push(model);
            }
        }
    }
    Ok((columns, models))
}

/// The type whose fields a table's columns are, if it says that it is of one.
fn typed_of(definer: &mut Definer<'_>, statement: &CreateTable<'_>) -> DefineResult<Option<Arc<Composite>>> {
    let TableShape::Type(of) = &statement.shape else { return Ok(None) };
    let of = typed::named(definer, of)?;
    definer.require_type(of.oid)?;
    Ok(Some(of))
}

/// Where a table's columns come from that it does not say itself, and that no type says.
struct Lineage {
    /// From whom it inherits; of a partition the table that it is a part of.
    parents: Vec<Arc<Table>>,
    /// Which rows a partition has.
    bounded: Option<crate::partition::Bounded>,
}

impl Lineage {
    fn read(
        definer: &mut Definer<'_>,
        statement: &CreateTable<'_>,
        (schema, name, persistence): (Oid, &str, Persistence),
    ) -> DefineResult<Lineage> {
        match &statement.shape {
            TableShape::Type(_) => Ok(Lineage { parents: Vec::new(), bounded: None }),
            TableShape::Columns => {
                if statement.partition_by.is_some() && !statement.inherits.is_empty() {
                    let message = "cannot create partitioned table as inheritance child";
                    return Err(crate::error::plain(diagnostic::SqlState::InvalidObjectDefinition, message));
                }
                let parents = inherit::parents(definer, statement.inherits, persistence)?;
                Ok(Lineage { parents, bounded: None })
            }
            TableShape::Partition(parent, bound) => {
                inherit::inherited_table(definer, parent)?;
                written::refuse_taken(definer, schema, name)?;
                let parent = crate::partition::parent(definer, parent, persistence)?;
                let bounded = crate::partition::read_bound(definer, &parent, bound)?;
                Ok(Lineage { parents: vec![parent], bounded: Some(bounded) })
            }
        }
    }
}

/// Makes a table that inherits from others, perhaps as a partition.
fn make_child(
    definer: &mut Definer<'_>,
    (schema, name, persistence): (Oid, &str, Persistence),
    columns: &[ColumnDraft<'_>],
    (parents, bounded): (&[Arc<Table>], Option<crate::partition::Bounded>),
) -> DefineResult<Oid> {
    if let (Some(bounded), [parent]) = (&bounded, parents) {
        bounded.check(definer, parent, name)?;
    }
    let inheritance = Inheritance {
        parents: parents.iter().map(|parent| parent.oid).collect(),
        bound: bounded.map(|bounded| bounded.bound),
        detaching: None,
        key: None,
    };
    let table = make_table(definer, schema, name, persistence, columns, inheritance)?;
    for parent in parents {
        definer.touch(parent.oid)?;
    }
    definer.refresh()?;
    Ok(table)
}

/// `PARTITION BY`
fn divide(definer: &mut Definer<'_>, table: Oid, written: &PartitionBy<'_>) -> DefineResult<()> {
    let of = definer.table(table)?;
    let (key, references) = crate::partition::partition_key(definer, &of, written)?;
    definer.alter_table(table, |table| table.inheritance.key = Some(key))?;
    definer.depend(table, &references)?;
    definer.refresh()
}

/// The table of `CREATE TABLE … AS`, without its rows. None if it was there already.
///
/// # Errors
/// PostgreSQL's.
pub fn create_table_as(
    definer: &mut Definer<'_>,
    statement: &CreateTableAs<'_>,
    query: &Query<'_>,
    parameters: bind::Parameters,
) -> DefineResult<Option<MadeTable>> {
    definer.places.table = crate::tablespace::written(definer, statement.tablespace)?;
    let options = storage_option::set(&[], statement.options, StorageOf::Table)?;
    let wanted = persistence(statement.persistence);
    if statement.materialized_view && wanted == Persistence::Unlogged {
        return crate::materialized::refuse_unlogged();
    }
    let (schema, name, persistence) = definer.new_relation_name(&statement.name, wanted, None)?;
    if statement.on_commit.is_some() && persistence != Persistence::Temporary {
        return Err(DefineError::OnCommitNotTemporary);
    }
    if definer.scope.relation_in(schema, name).is_some() && statement.if_not_exists {
        definer.notice(DefineNotice::RelationExists { name: name.into() });
        return Ok(None);
    }
    let output = bind::definition::query_columns(definer.binding(), query, parameters)?;
    if statement.columns.len() > output.len() {
        return Err(DefineError::TableNames);
    }
    let mut columns = Vec::with_capacity(output.len());
    for (at, made) in output.iter().enumerate() {
        let name = statement.columns.get(at).map_or(made.name.as_str(), |written| written.text);
        let mut column = column_of_result(name, made.column_type);
        let derived = (column.column_type, made.collation);
        column.collation = crate::view::derived_collation(definer, name, derived)?;
        column::refuse_system_column(name)?;
        column::refuse_pseudo_type(definer, name, column.column_type)?;
        columns.push(column);
    }
    refuse_doubles(&columns)?;
    let kept = match statement.materialized_view {
        true => {
            let names: Vec<String> = columns.iter().map(|column| column.name.to_owned()).collect();
            Some(KeptQuery::read(definer, query, &names)?)
        }
        false => None,
    };
    let table = make_table(definer, schema, name, persistence, &columns, Inheritance::default())?;
    keep_options(definer, table, options)?;
    let schema = definer.scope.schema(schema).map_or_else(String::new, |schema| schema.name.clone());
    Ok(Some(MadeTable { table, name: (schema, name.to_owned()), kept }))
}

fn keep_options(definer: &mut Definer<'_>, table: Oid, options: Vec<String>) -> DefineResult<()> {
    if options.is_empty() {
        return Ok(());
    }
    definer.alter_table(table, |table| table.options = options)?;
    definer.refresh()
}

/// A table that was made for a query's rows.
#[derive(Debug, Clone)]
pub struct MadeTable {
    /// Its number.
    pub table: Oid,
    /// Its schema and its name.
    pub name: (String, String),
    /// Of what is to become a materialized view: its query.
    pub kept: Option<KeptQuery>,
}

/// Makes a table of these columns, without constraints: also for `CREATE TABLE AS`.
///
/// # Errors
/// When the name is taken.
pub fn make_table(
    definer: &mut Definer<'_>,
    schema: Oid,
    name: &str,
    persistence: Persistence,
    columns: &[ColumnDraft<'_>],
    inheritance: Inheritance,
) -> DefineResult<Oid> {
    if columns.len() > COLUMNS_MAX {
        return Err(DefineError::TooManyColumns);
    }
    let first = definer.new_oids_beside(3, schema)?;
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    // A partition goes with its table, who only inherits stands in the way.
    let kind = if inheritance.bound.is_some() { DependencyKind::Auto } else { DependencyKind::Normal };
    references.extend(inheritance.parents.iter().map(|parent| (Address::of(*parent), kind)));
    let mut table = Table {
        oid: first,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        persistence,
        tree: definer.new_tree_beside(true, schema)?,
        lock: 0,
        row_type: first + 1,
        array_type: first + 2,
        columns: Vec::with_capacity(columns.len()),
        inheritance,
        options: Vec::new(),
        origin: Origin::Own,
        clustered: 0,
        replica: catalog::object::Replica::Default,
        row_security: false,
        forces_row_security: false,
        of_type: 0,
        acl: None,
        revision: 0,
    };
    table.lock = table.tree;
    table.columns.extend(columns.iter().map(|draft| plain_column(definer, draft)));
    definer.create(&Object::Table(Arc::new(table)), &references)?;
    for (at, draft) in columns.iter().enumerate() {
        let references: Vec<_> = definer
            .on_type(draft.column_type)
            .into_iter()
            .chain(definer.on_collation(draft.collation))
            .collect();
        definer.catalog.depend(definer.transaction, Address::column(first, place(at)), &references)?;
    }
    definer.refresh()?;
    for (index, draft) in columns.iter().enumerate() {
        add_source(definer, first, place(index), draft)?;
    }
    // Only now is it known which of the columns behind one are generated, too.
    let generated: Vec<_> = columns
        .iter()
        .enumerate()
        .filter_map(|(index, draft)| draft.generated.as_ref().map(|value| (index, value)))
        .collect();
    if generated.len() > 1 {
        let table = definer.table(first)?;
        for (index, value) in generated {
            definer.generated_expression(&table, place(index), value)?;
        }
    }
    Ok(first)
}

/// A column without what its values come from.
pub(crate) fn plain_column(definer: &Definer<'_>, draft: &ColumnDraft<'_>) -> Column {
    Column {
        name: draft.name.to_owned(),
        type_oid: draft.column_type.oid,
        modifier: draft.column_type.modifier,
        collation: draft.collation,
        storage: ColumnStorage(storage(definer, draft.column_type)),
        not_null: draft.not_null,
        source: Source::Null,
        missing: None,
        statistics_target: -1,
        details: draft.details.clone(),
        acl: None,
        local: draft.local,
        inherited: draft.inherited,
        dropped: false,
    }
}

/// Gives a column of a table that is there what its values come from.
pub(crate) fn add_source(
    definer: &mut Definer<'_>,
    table: Oid,
    place: u16,
    draft: &ColumnDraft<'_>,
) -> DefineResult<()> {
    let source = if draft.serial {
        let sequence = own_sequence(definer, table, place, draft, &Options::default(), DependencyKind::Auto)?;
        let text = definer.nextval_text(sequence);
        let on = [(Address::of(sequence), DependencyKind::Normal)];
        default_of(definer, table, place, text, &on)?
    } else if let Some((always, options)) = draft.identity {
        let options = Options::of_identity(definer, options)?;
        let sequence = own_sequence(definer, table, place, draft, &options, DependencyKind::Internal)?;
        Source::Identity { always, sequence }
    } else if let Some((always, properties)) = draft.copied_identity {
        // As PostgreSQL has it, the copy of a sequence is of bigint within the limits of the first.
        let options = Options::from(properties).counting_in(oid::INT8);
        let sequence = own_sequence(definer, table, place, draft, &options, DependencyKind::Internal)?;
        Source::Identity { always, sequence }
    } else if let Some(value) = &draft.default {
        let bound = definer.default_expression((draft.name, draft.column_type), value)?;
        // Null is what a column without a default is given.
        if definer.is_no_default(&bound.expression, draft.column_type) {
            return Ok(());
        }
        default_of(definer, table, place, bound.text, &bound.references)?
    } else if let Some(value) = &draft.generated {
        let of = definer.table(table)?;
        let bound = definer.generated_expression(&of, place, value)?;
        source_of(definer, table, place, (bound.text, DependencyKind::Internal), &bound.references)
            .map(Source::Generated)?
    } else {
        return Ok(());
    };
    definer.alter_column(table, place, |column| column.source = source)?;
    definer.refresh()
}

/// A default: it goes with its column, and stands in the way of what it uses.
pub(crate) fn default_of(
    definer: &mut Definer<'_>,
    table: Oid,
    place: u16,
    text: String,
    on: &[(Address, DependencyKind)],
) -> DefineResult<Source> {
    source_of(definer, table, place, (text, DependencyKind::Auto), on).map(Source::Default)
}

/// What a column's values come from, as an object of its own with how it depends on its column: what it is generated from is a
/// part of it.
fn source_of(
    definer: &mut Definer<'_>,
    table: Oid,
    place: u16,
    (text, kind): (String, DependencyKind),
    on: &[(Address, DependencyKind)],
) -> DefineResult<Expression> {
    let oid = definer.new_oids_beside(1, table)?;
    let mut references = vec![(Address::column(table, place), kind)];
    references.extend(on);
    definer.depend(oid, &references)?;
    Ok(Expression { oid, text })
}

/// The sequence of a serial or an identity column.
pub(crate) fn own_sequence(
    definer: &mut Definer<'_>,
    table: Oid,
    place: u16,
    draft: &ColumnDraft<'_>,
    options: &Options<'_>,
    kind: DependencyKind,
) -> DefineResult<Oid> {
    let of = definer.table(table)?;
    written::refuse_identity_type(draft.column_type.oid)?;
    let properties = options.create(draft.column_type.oid)?;
    let (schema, name) = match &options.name {
        Some(name) => {
            let (schema, name) = definer.new_name(name)?;
            (schema, name.to_owned())
        }
        None => {
            let scope = &definer.scope;
            let taken = |name: &str| scope.relation_in(of.schema, name).is_some();
            (of.schema, unused(&of.name, Some(draft.name), "seq", taken))
        }
    };
    let oid = definer.new_oids_beside(1, schema)?;
    let tree = definer.new_tree_beside(false, schema)?;
    let owned_by = Some((table, place));
    let sequence = properties.sequence(oid, name, schema, of.owner, tree, owned_by, of.persistence);
    let references = [(Address::of(schema), DependencyKind::Normal), (Address::column(table, place), kind)];
    definer.create(&Object::Sequence(Arc::new(sequence)), &references)?;
    definer.refresh()?;
    Ok(oid)
}

/// Makes constraints of a new table: checks, then keys (the primary one first), then what refers to other tables.
fn add_keys(definer: &mut Definer<'_>, table: Oid, keys: &[KeyDraft<'_>]) -> DefineResult<()> {
    let mut maker = ConstraintMaker::new(definer, definer.table(table)?);
    maker.reserve(keys.iter());
    let rank = |key: &KeyDraft<'_>| match &key.rule {
        RuleDraft::Check(_) => 0,
        RuleDraft::Key { primary: true, .. } => 1,
        RuleDraft::Key { primary: false, .. } | RuleDraft::Exclude(_) => 2,
        RuleDraft::Foreign { .. } => 3,
    };
    let mut ordered: Vec<&KeyDraft<'_>> = keys.iter().collect();
    ordered.sort_by_key(|key| rank(key));
    let mut made: Vec<KeyDraft<'_>> = Vec::with_capacity(ordered.len());
    for key in ordered {
        let is_primary = |key: &KeyDraft<'_>| matches!(key.rule, RuleDraft::Key { primary: true, .. });
        let serves = |known: &KeyDraft<'_>| known.is_same_key(key) && !(is_primary(known) && is_primary(key));
        match made.iter_mut().find(|known| serves(known)) {
            // One index serves both; it is called as one of them says.
            Some(known) => known.name = known.name.or(key.name),
            None => made.push(key.clone()),
        }
    }
    for key in &made {
        maker.make(definer, key, true)?;
    }
    definer.refresh()
}

fn refuse_doubles(columns: &[ColumnDraft<'_>]) -> DefineResult<()> {
    let mut names = std::collections::BTreeSet::new();
    match columns.iter().find(|column| !names.insert(column.name)) {
        Some(column) => Err(DefineError::DuplicateColumn { name: column.name.into() }),
        None => Ok(()),
    }
}

fn primary_key_is_not_null(columns: &mut [ColumnDraft<'_>], keys: &[KeyDraft<'_>]) {
    for key in keys {
        let RuleDraft::Key { primary: true, columns: named, .. } = &key.rule else { continue };
        let is_named =
            |column: &ColumnDraft<'_>| named.iter().any(|name: &Name<'_>| name.text == column.name);
        for column in columns.iter_mut().filter(|column| is_named(column)) {
            column.not_null = true;
        }
    }
}

/// Refuses what a table may be in PostgreSQL and not here.
fn refuse_options(definer: &mut Definer<'_>, statement: &CreateTable<'_>) -> DefineResult<()> {
    if let Some(method) = statement.method.filter(|method| method.text != "heap") {
        return Err(DefineError::NoAccessMethod { name: method.text.into() });
    }
    definer.places.table = crate::tablespace::written(definer, statement.tablespace)?;
    if definer.places.table == Some(0) && statement.partition_by.is_some() {
        return Err(DefineError::Plain {
            state: diagnostic::SqlState::FeatureNotSupported,
            message: "cannot specify default tablespace for partitioned relations".into(),
            detail: None,
            hint: None,
            position: None,
        });
    }
    Ok(())
}

pub(crate) fn persistence(written: Written) -> Persistence {
    match written {
        Written::Permanent => Persistence::Permanent,
        Written::Temporary => Persistence::Temporary,
        Written::Unlogged => Persistence::Unlogged,
    }
}

/// A column of a query's result, as `CREATE TABLE AS` makes it.
pub fn column_of_result(name: &str, column_type: Type) -> ColumnDraft<'_> {
    // What nobody gave a type is text.
    let column_type = if column_type.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { column_type };
    ColumnDraft {
        name,
        column_type,
        collation: 0,
        not_null: false,
        serial: false,
        default: None,
        generated: None,
        identity: None,
        copied_identity: None,
        local: true,
        inherited: 0,
        details: ColumnDetails::default(),
        constraints: Vec::new(),
    }
}

/// The relation of this name, if it is a table.
///
/// # Errors
/// PostgreSQL's, with its hint.
pub(crate) fn expect_table(relation: Relation) -> DefineResult<Arc<Table>> {
    match relation {
        Relation::Table(table) => Ok(table),
        Relation::System(table) if !table.is_view => {
            Err(DefineError::SystemCatalog { name: table.name.into() })
        }
        other @ (Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::Composite(_)
        | Relation::System(_)) => {
            Err(DefineError::WrongKind { name: other.name().into(), wanted: "a table", hint: None })
        }
    }
}

/// How a column of this type is stored.
pub(crate) fn storage(definer: &Definer<'_>, of: Type) -> Storage {
    let base = definer.scope.undomained(of);
    if base.oid == oid::NUMERIC {
        return Storage::numeric(numeric_shape(base.modifier));
    }
    let kind = definer.scope.entry(base.oid).and_then(|entry| entry.kind);
    // A type without values was refused before.
    Storage::Plain(kind.unwrap_or(Kind::Bytes))
}
