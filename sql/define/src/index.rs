//! Indexes: by themselves, and as part of a constraint.

pub(crate) use crate::access_method::{Wanted, method};
use crate::access_method::{class_of_key, operator_class_named, refuse_entries};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed};
use crate::storage_option::{self, StorageOf};
use crate::table::constraint::{joined, unused};
use catalog::object::{FIRST_USER_OID, Index, IndexKey, IndexMethod, IndexedValue, Object, Oid, Table};
use catalog::operator_class::{self, OperatorClass};
use catalog::{Address, DependencyKind, Relation};
use plan::expression::ExpressionKind;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::alter::{AlterAction, AlterActionKind, ColumnAction, ColumnReference};
use syntax::tree::index::{CreateIndex, IndexElement, IndexKey as WrittenKey};
use syntax::tree::select::{NullsOrder, SortDirection};
use types::Type;
use types::catalog::oid;

/// On what something depends, and how.
type Dependencies = Vec<(Address, DependencyKind)>;

/// Most keys of an index, included columns among them.
const KEYS_MAX: usize = 32;

/// An index that is to be made.
pub struct IndexDraft {
    /// Its name.
    pub name: String,
    /// By what it finds its keys.
    pub method: IndexMethod,
    /// What it is ordered by.
    pub keys: Vec<IndexOf>,
    /// Columns that it holds besides, by their places.
    pub include: Vec<u16>,
    /// Whether a key stands once.
    pub unique: bool,
    /// Whether it is the primary key's.
    pub primary: bool,
    /// `NULLS NOT DISTINCT`
    pub nulls_equal: bool,
    /// Whether uniqueness is looked at at once, not at the end of the transaction.
    pub immediate: bool,
    /// Which rows it has, as text, and on what that depends.
    pub predicate: Option<(String, Vec<(Address, DependencyKind)>)>,
    /// The index of the table's parent that it is the part of, 0 without.
    pub parent: Oid,
    /// Storage parameters, `name=value` each.
    pub options: Vec<String>,
}

/// One key of an index that is to be made.
pub struct IndexOf {
    /// What is ordered.
    pub value: IndexedValue,
    /// Its type; of a column it is the column's.
    pub value_type: Option<Type>,
    /// The name of the key, where it is not the column's.
    pub name: Option<String>,
    /// Its collation, where it is not that of the column or type.
    pub collation: Option<Oid>,
    /// Its operator class, if one is named.
    pub class: Option<OperatorClass>,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST`
    pub nulls_first: bool,
    /// Parameters of the operator class, `name=value` each.
    pub class_options: Vec<String>,
    /// On what an expression depends.
    pub references: Vec<(Address, DependencyKind)>,
}

impl IndexOf {
    /// A column by its place, ascending, nulls last.
    pub fn column(place: u16) -> IndexOf {
        IndexOf {
            value: IndexedValue::Column(place),
            value_type: None,
            name: None,
            collation: None,
            class: None,
            descending: false,
            nulls_first: false,
            class_options: Vec::new(),
            references: Vec::new(),
        }
    }
}

impl IndexDraft {
    /// Makes the index, empty. `constraint` is the one that it belongs to, which exists afterwards.
    ///
    /// # Errors
    /// When a type has no order, or the name is taken.
    pub fn create(
        self,
        definer: &mut Definer<'_>,
        table: &Arc<Table>,
        constraint: Option<Oid>,
    ) -> DefineResult<Oid> {
        if self.keys.len() + self.include.len() > KEYS_MAX {
            return Err(DefineError::TooManyKeys);
        }
        let (keys, mut references) = made_keys(definer, table, self.method, self.keys)?;
        references.extend(
            self.include.iter().map(|place| (Address::column(table.oid, *place), DependencyKind::Auto)),
        );
        let predicate = self.predicate.map(|(text, on)| {
            references.extend(on);
            text
        });
        if references.is_empty() {
            references.push((Address::of(table.oid), DependencyKind::Auto));
        }
        // The constraint has no entry yet: whoever makes it adds that the index is a part of it.
        if constraint.is_some() {
            references.clear();
        }
        let index = Index {
            oid: definer.new_oids_beside(1, table.oid)?,
            name: self.name,
            schema: table.schema,
            table: table.oid,
            parent: self.parent,
            tree: definer.new_tree_beside(false, table.oid)?,
            method: self.method,
            keys,
            include: self.include,
            unique: self.unique,
            primary: self.primary,
            nulls_not_distinct: self.nulls_equal,
            immediate: self.immediate,
            predicate,
            valid: true,
            options: self.options,
        };
        let oid = index.oid;
        definer.create(&Object::Index(Arc::new(index)), &references)?;
        Ok(oid)
    }
}

/// Keys as the catalog has them, and on what they depend.
fn made_keys(
    definer: &Definer<'_>,
    table: &Table,
    method: IndexMethod,
    drafts: Vec<IndexOf>,
) -> DefineResult<(Vec<IndexKey>, Dependencies)> {
    let mut references = Vec::new();
    let mut keys = Vec::with_capacity(drafts.len());
    for key in drafts {
        let (key_type, name, natural) = match key.value {
            IndexedValue::Column(place) => {
                let column = &table.columns[usize::from(place)];
                references.push((Address::column(table.oid, place), DependencyKind::Auto));
                (column.column_type(), column.name.clone(), column.collation)
            }
            IndexedValue::Expression(_) => {
                let key_type = key.value_type.unwrap_or(Type::of(oid::TEXT));
                // PostgreSQL calls what it finds no name for by its form.
                let name = if key_type.oid == oid::RECORD { "row" } else { "expr" };
                crate::table::column::refuse_pseudo_type(
                    definer,
                    key.name.as_deref().unwrap_or(name),
                    key_type,
                )?;
                let natural = definer.collation(key_type, None)?;
                (key_type, key.name.clone().unwrap_or_else(|| "expr".into()), natural)
            }
        };
        let class = class_of_key(definer, method, key.class, key_type)?;
        refuse_entries(definer, method, &class, key_type)?;
        if class.oid >= FIRST_USER_OID {
            references.push((Address::of(class.oid), DependencyKind::Normal));
        }
        // That of the type is found again by the type.
        let default = operator_class::default_class(&definer.scope, method, key_type.oid);
        let class = Some(class).filter(|class| Some(class.oid) != default.map(|default| default.oid));
        references.extend(key.references);
        references.extend(key.collation.and_then(|collation| definer.on_collation(collation)));
        keys.push(IndexKey {
            value: key.value,
            name: key.name.unwrap_or(name),
            type_oid: key_type.oid,
            modifier: key_type.modifier,
            collation: key.collation.unwrap_or(natural),
            class: class.map(|class| class.oid),
            descending: key.descending,
            nulls_first: key.nulls_first,
            statistics_target: -1,
            class_options: key.class_options,
        });
    }
    Ok((keys, references))
}

/// That a relation can have no index.
fn not_indexed(relation: &Relation) -> DefineError {
    let state = diagnostic::SqlState::WrongObjectType;
    let name = relation.name();
    let kinds = match relation {
        Relation::View(_) | Relation::System(_) => "views",
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => return crate::error::plain(state, format!("\"{name}\" is an index")),
        Relation::Composite(_) => {
            return crate::error::plain(state, format!("\"{name}\" is a composite type"));
        }
        Relation::Table(_) => "foreign tables", // others can
    };
    let message = format!("cannot create index on relation \"{name}\"");
    detailed(state, message, format!("This operation is not supported for {kinds}."))
}

/// `CREATE INDEX`
///
/// # Errors
/// PostgreSQL's.
pub fn create_index(definer: &mut Definer<'_>, statement: &CreateIndex<'_>) -> DefineResult<()> {
    definer.places.index = crate::tablespace::written(definer, statement.tablespace)?;
    let wanted = Wanted {
        unique: statement.unique,
        excludes: false,
        includes: !statement.include.is_empty(),
        elements: statement.elements,
    };
    let method = method(definer, statement.method, wanted)?;
    let options = storage_option::set(&[], statement.options, StorageOf::Index(method))?;
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.table.name)?;
    let table = match definer.scope.find_relation(schema, name)? {
        Relation::Table(table) if !table.is_foreign() => table,
        Relation::System(table) if !table.is_view => {
            return Err(DefineError::SystemCatalog { name: table.name.into() });
        }
        other => {
            definer.require_owner(other.oid())?;
            return Err(not_indexed(&other));
        }
    };
    definer.require_owner(table.oid)?;
    if statement.concurrently && table.is_partitioned() {
        let message = format!("cannot create index on partitioned table \"{}\" concurrently", table.name);
        return Err(crate::error::plain(diagnostic::SqlState::FeatureNotSupported, message));
    }
    if statement.concurrently {
        definer.await_others(&table, RelationMode::Share, RelationMode::Share)?;
    }
    let table = definer.lock_table(&table, RelationMode::Share)?;
    definer.refuse_awaited(&table, "CREATE INDEX")?;
    let draft = IndexDraft { options, ..draft(definer, statement, (method, &table))? };
    if statement.if_not_exists && definer.scope.relation_in(table.schema, &draft.name).is_some() {
        definer.notice(DefineNotice::RelationExists { name: draft.name });
        return Ok(());
    }
    if draft.unique {
        crate::partition::refuse_partial_key(&table, false, &columns_of(&draft.keys))?;
    }
    if draft.unique {
        crate::foreign::table::refuse_foreign_parts(definer, &table, false)?;
    }
    let index = draft.create(definer, &table, None)?;
    definer.refresh()?;
    fill(definer, &table, index, statement.table.only)
}

/// The columns that keys are, and nothing for expressions.
pub(crate) fn columns_of(keys: &[IndexOf]) -> Vec<Option<u16>> {
    let column = |key: &IndexOf| match key.value {
        IndexedValue::Column(place) => Some(place),
        IndexedValue::Expression(_) => None,
    };
    keys.iter().map(column).collect()
}

/// Fills a new index: of a partitioned table by making one for each partition, unless it is for the table `only`.
pub(crate) fn fill(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    index: Oid,
    only: bool,
) -> DefineResult<()> {
    if !table.is_partitioned() {
        return definer.build(index);
    }
    if only && definer.scope.attached_to(table.oid).next().is_some() {
        // It is whole when every partition has a part that is attached to it.
        definer.alter_index(index, |index| index.valid = false)?;
        return definer.refresh();
    }
    match definer.scope.index(index).cloned() {
        Some(index) => crate::partition::add_index_to_parts(definer, table, &index),
        None => Ok(()),
    }
}

fn draft(
    definer: &mut Definer<'_>,
    statement: &CreateIndex<'_>,
    (method, table): (IndexMethod, &Arc<Table>),
) -> DefineResult<IndexDraft> {
    let predicate = match &statement.condition {
        Some(condition) => read_predicate(definer, table, condition)?,
        None => None,
    };
    let (keys, names) = read_keys(definer, statement.elements, (method, table))?;
    let (include, included) = read_included(definer, statement.include, (method, table))?;
    let shown = told_apart(names.into_iter().chain(included));
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let name = match statement.name {
        Some(name) => name.text.to_owned(),
        None => unused(&table.name, Some(&joined(&shown)), "idx", |name| {
            definer.scope.relation_in(table.schema, name).is_some()
        }),
    };
    Ok(IndexDraft {
        name,
        method,
        keys,
        include,
        unique: statement.unique,
        primary: false,
        nulls_equal: !statement.nulls_distinct,
        immediate: true,
        predicate,
        parent: 0,
        options: Vec::new(),
    })
}

/// Keys as they are written, and the names that they give to the index.
pub(crate) fn read_keys(
    definer: &mut Definer<'_>,
    elements: &[IndexElement<'_>],
    (method, table): (IndexMethod, &Arc<Table>),
) -> DefineResult<(Vec<IndexOf>, Vec<String>)> {
    let (mut keys, mut names) = (Vec::with_capacity(elements.len()), Vec::with_capacity(elements.len()));
    for element in elements {
        let (key, name) = read_key(definer, element, (method, table))?;
        names.push(name);
        keys.push(key);
    }
    Ok((keys, names))
}

/// Columns that are included, by their places, and their names.
pub(crate) fn read_included(
    definer: &mut Definer<'_>,
    elements: &[IndexElement<'_>],
    (method, table): (IndexMethod, &Arc<Table>),
) -> DefineResult<(Vec<u16>, Vec<String>)> {
    let mut include = Vec::with_capacity(elements.len());
    for element in elements {
        match read_key(definer, element, (method, table))?.0.value {
            IndexedValue::Column(place) => include.push(place),
            IndexedValue::Expression(_) => {
                return definer.unsupported("expression in included columns", Some(element.position));
            }
        }
    }
    let names = include.iter().map(|place| table.columns[usize::from(*place)].name.clone());
    let names = names.collect();
    Ok((include, names))
}

/// Which rows an index has, as text, and on what that depends; none if it has all.
pub(crate) fn read_predicate(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    condition: &syntax::tree::expression::Expression<'_>,
) -> DefineResult<Option<(String, Dependencies)>> {
    let bound = definer.table_condition(table, condition, bind::Clause::IndexPredicate)?;
    if !bound.immutable {
        return Err(DefineError::IndexNotImmutable { what: "predicate" });
    }
    // What lets all rows through is no condition.
    let all = bound.expression.as_constant() == Some(&types::Value::Bool(true));
    Ok((!all).then_some((bound.text, bound.references)))
}

/// Names of keys, numbered where one stands twice.
pub(crate) fn told_apart(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for name in names {
        let numbered = (1u32..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !known.contains(name));
        known.push(free.unwrap_or(name));
    }
    known
}

/// What is not a column that an index can have.
fn no_key_column(definer: &Definer<'_>, name: &str) -> DefineError {
    match name {
        "tableoid" | "xmin" | "cmin" | "xmax" | "cmax" | "ctid" => {
            DefineError::NotSupported { feature: "index creation on system columns".into(), position: None }
        }
        other => definer.no_plain_column(other),
    }
}

/// Whether a key descends, and whether it has nulls first.
fn key_order(definer: &Definer<'_>, element: &IndexElement<'_>) -> DefineResult<(bool, bool)> {
    let descending = match element.direction {
        SortDirection::Default | SortDirection::Ascending => false,
        SortDirection::Descending => true,
        SortDirection::Using(operator) => {
            return definer.unsupported("USING in an index", Some(operator.position));
        }
    };
    let nulls_first = match element.nulls {
        Some(NullsOrder::First) => true,
        Some(NullsOrder::Last) => false,
        None => descending,
    };
    Ok((descending, nulls_first))
}

/// A key as it is written, and the name that it gives to the index.
fn read_key(
    definer: &mut Definer<'_>,
    element: &IndexElement<'_>,
    (method, table): (IndexMethod, &Arc<Table>),
) -> DefineResult<(IndexOf, String)> {
    let (descending, nulls_first) = key_order(definer, element)?;
    let (key, name, of) = match &element.key {
        WrittenKey::Column(name) => {
            let found = table.column(name.text);
            let (place, column) = found.ok_or_else(|| no_key_column(definer, name.text))?;
            let of = column.column_type();
            (IndexOf::column(crate::table::place(place)), name.text.to_owned(), of)
        }
        WrittenKey::Expression(expression) => {
            let bound = definer.table_expression(table, expression)?;
            // A column in parentheses is a column.
            if let ExpressionKind::Column(column) = &bound.expression.kind
                && let Some((place, _)) = table.live_columns().nth(column.index as usize)
            {
                let collation = element
                    .collation
                    .as_ref()
                    .map(|name| definer.collation(bound.expression.result, Some(name)));
                let collation = Some(collation.transpose()?.unwrap_or(bound.collation));
                let place = crate::table::place(place);
                let key = IndexOf { descending, nulls_first, collation, ..IndexOf::column(place) };
                return Ok((key, bound.name));
            }
            if !bound.immutable {
                return Err(DefineError::IndexNotImmutable { what: "expression" });
            }
            let of = bound.expression.result;
            let key = IndexOf {
                value: IndexedValue::Expression(bound.text),
                value_type: Some(of),
                name: Some(bound.name.clone()),
                references: bound.references,
                collation: Some(bound.collation),
                ..IndexOf::column(0)
            };
            (key, bound.name, of)
        }
    };
    let collation = match &element.collation {
        Some(collation) => Some(definer.collation(of, Some(collation)).map_err(|error| {
            // Of an index PostgreSQL does not say where.
            let (state, message) = (diagnostic::Diagnostic::sqlstate(&error), error.to_string());
            DefineError::Plain { state, message, detail: None, hint: None, position: None }
        })?),
        None => key.collation,
    };
    if collation == Some(0) && definer.scope.type_collation(of.oid) != 0 {
        return Err(crate::view::no_collation(
            "could not determine which collation to use for index expression".into(),
        ));
    }
    let class = match &element.class {
        Some(class) => Some(operator_class_named(definer, element.class_options, (method, class), of)?),
        None => None,
    };
    let class_options = storage_option::set(&[], element.class_options, StorageOf::OperatorClass)?;
    Ok((IndexOf { collation, class, descending, nulls_first, class_options, ..key }, name))
}

/// `ALTER INDEX`: storage parameters.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn alter_index(
    definer: &mut Definer<'_>,
    index: &Arc<Index>,
    action: &AlterAction<'_>,
) -> DefineResult<()> {
    let of = StorageOf::Index(index.method);
    let options = match &action.kind {
        AlterActionKind::SetOptions(written) => storage_option::set(&index.options, written, of)?,
        AlterActionKind::ResetOptions(written) => storage_option::reset(&index.options, written, of)?,
        AlterActionKind::Column(ColumnReference::Number(number, _), ColumnAction::Statistics(target)) => {
            return crate::column_detail::set_index_statistics(definer, index, *number, *target);
        }
        AlterActionKind::Column(_, ColumnAction::SetOptions(_) | ColumnAction::ResetOptions(_)) => {
            let word = match &action.kind {
                AlterActionKind::Column(_, ColumnAction::SetOptions(_)) => "SET",
                _ => "RESET",
            };
            return Err(DefineError::Plain {
                state: diagnostic::SqlState::WrongObjectType,
                message: format!(
                    "ALTER action ALTER COLUMN ... {word} cannot be performed on relation \"{}\"",
                    index.name
                ),
                detail: Some("This operation is not supported for indexes.".into()),
                hint: None,
                position: None,
            });
        }
        AlterActionKind::SetTablespace(name) => return crate::tablespace::put(definer, index.oid, *name),
        AlterActionKind::AttachPartition(..) => {
            return definer.unsupported("partitioned index", Some(action.position));
        }
        _ => return definer.unsupported("such a change of an index", Some(action.position)),
    };
    definer.change_object(index.oid, |object| {
        if let Object::Index(index) = object {
            Arc::make_mut(index).options = options;
        }
    })
}
