//! Indexes: by themselves, and as part of a constraint.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::table::constraint::{joined, unused};
use catalog::object::{Index, IndexKey, IndexedValue, Object, Oid, Table};
use catalog::{Address, DependencyKind, Relation};
use plan::expression::ExpressionKind;
use std::sync::Arc;
use syntax::tree::index::{CreateIndex, IndexElement, IndexKey as WrittenKey};
use syntax::tree::select::{NullsOrder, SortDirection};
use types::catalog::oid;
use types::{Type, Types};

/// On what something depends, and how.
type Dependencies = Vec<(Address, DependencyKind)>;

/// Most keys of an index, included columns among them.
const KEYS_MAX: usize = 32;

/// An index that is to be made.
pub struct IndexDraft {
    /// Its name.
    pub name: String,
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
}

/// One key of an index that is to be made.
pub struct IndexOf {
    /// What is ordered.
    pub value: IndexedValue,
    /// Its type; of a column it is the column's.
    pub value_type: Option<Type>,
    /// The name of the key, where it is not the column's.
    pub name: Option<String>,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST`
    pub nulls_first: bool,
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
            descending: false,
            nulls_first: false,
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
        let (keys, mut references) = made_keys(definer, table, self.keys)?;
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
            keys,
            include: self.include,
            unique: self.unique,
            primary: self.primary,
            nulls_not_distinct: self.nulls_equal,
            immediate: self.immediate,
            predicate,
            valid: true,
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
    drafts: Vec<IndexOf>,
) -> DefineResult<(Vec<IndexKey>, Dependencies)> {
    let mut references = Vec::new();
    let mut keys = Vec::with_capacity(drafts.len());
    for key in drafts {
        let (key_type, name) = match key.value {
            IndexedValue::Column(place) => {
                let column = &table.columns[usize::from(place)];
                references.push((Address::column(table.oid, place), DependencyKind::Auto));
                (column.column_type(), column.name.clone())
            }
            IndexedValue::Expression(_) => {
                let key_type = key.value_type.unwrap_or(Type::of(oid::TEXT));
                (key_type, key.name.clone().unwrap_or_else(|| "expr".into()))
            }
        };
        if definer.scope.order(key_type).is_none() {
            let entry = definer.scope.entry(key_type.oid);
            let type_name = entry.map_or_else(String::new, |entry| entry.displayed.to_owned());
            return Err(DefineError::NoOperatorClass { type_name });
        }
        references.extend(key.references);
        keys.push(IndexKey {
            value: key.value,
            name: key.name.unwrap_or(name),
            type_oid: key_type.oid,
            modifier: key_type.modifier,
            descending: key.descending,
            nulls_first: key.nulls_first,
        });
    }
    Ok((keys, references))
}

/// `CREATE INDEX`
///
/// # Errors
/// PostgreSQL's.
pub fn create_index(definer: &mut Definer<'_>, statement: &CreateIndex<'_>) -> DefineResult<()> {
    if let Some(tablespace) = statement.tablespace {
        return definer.unsupported("tablespace", Some(tablespace.position));
    }
    if let Some(option) = statement.options.first() {
        return definer.unsupported("index storage parameter", Some(option.name.position));
    }
    if let Some(method) = statement.method
        && method.text != "btree"
    {
        return match method.text {
            "hash" | "gist" | "gin" | "spgist" | "brin" => {
                definer.unsupported(&format!("access method \"{}\"", method.text), None)
            }
            name => Err(DefineError::NoAccessMethod { name: name.into() }),
        };
    }
    let (schema, name) = crate::names::split_name(&statement.table.name)?;
    let table = match definer.scope.find_relation(schema, name)? {
        Relation::Table(table) => table,
        other @ (Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::Composite(_)
        | Relation::System(_)) => {
            return Err(DefineError::WrongKind { name: other.name().into(), wanted: "a table", hint: None });
        }
    };
    definer.require_owner(table.oid)?;
    let table = definer.lock_table(&table, store::locks::RelationMode::Share)?;
    definer.refuse_awaited(&table, "CREATE INDEX")?;
    let draft = draft(definer, statement, &table)?;
    if statement.if_not_exists && definer.scope.relation_in(table.schema, &draft.name).is_some() {
        definer.notice(DefineNotice::RelationExists { name: draft.name });
        return Ok(());
    }
    if draft.unique {
        let places = draft.keys.iter().map(|key| match key.value {
            IndexedValue::Column(place) => Some(place),
            IndexedValue::Expression(_) => None,
        });
        crate::partition::refuse_partial_key(&table, false, &places.collect::<Vec<_>>())?;
    }
    let index = draft.create(definer, &table, None)?;
    definer.refresh()?;
    if statement.table.only && table.is_partitioned() && definer.scope.children_of(table.oid).next().is_some()
    {
        // It is whole when every partition has a part that is attached to it.
        definer.alter_index(index, |index| index.valid = false)?;
        return definer.refresh();
    }
    fill(definer, &table, index)
}

/// Fills a new index: of a partitioned table by making one for each partition.
pub(crate) fn fill(definer: &mut Definer<'_>, table: &Arc<Table>, index: Oid) -> DefineResult<()> {
    if !table.is_partitioned() {
        return definer.build(index);
    }
    match definer.scope.index(index).cloned() {
        Some(index) => crate::partition::add_index_to_parts(definer, table, &index),
        None => Ok(()),
    }
}

fn draft(
    definer: &mut Definer<'_>,
    statement: &CreateIndex<'_>,
    table: &Arc<Table>,
) -> DefineResult<IndexDraft> {
    let mut keys = Vec::with_capacity(statement.elements.len());
    let mut names: Vec<String> = Vec::with_capacity(statement.elements.len());
    for element in statement.elements {
        let (key, name) = read_key(definer, element, table)?;
        names.push(name);
        keys.push(key);
    }
    let mut include = Vec::with_capacity(statement.include.len());
    for element in statement.include {
        match read_key(definer, element, table)?.0.value {
            IndexedValue::Column(place) => include.push(place),
            IndexedValue::Expression(_) => {
                return definer.unsupported("expression in included columns", Some(element.position));
            }
        }
    }
    let predicate = match &statement.condition {
        Some(condition) => {
            let bound = definer.table_condition(table, condition, bind::Clause::IndexPredicate)?;
            if !bound.immutable {
                return Err(DefineError::IndexNotImmutable { what: "predicate" });
            }
            Some((bound.text, bound.references))
        }
        None => None,
    };
    let mut shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let included: Vec<String> =
        include.iter().map(|place| table.columns[usize::from(*place)].name.clone()).collect();
    shown.extend(included.iter().map(String::as_str));
    let name = match statement.name {
        Some(name) => name.text.to_owned(),
        None => unused(&table.name, Some(&joined(&shown)), "idx", |name| {
            definer.scope.relation_in(table.schema, name).is_some()
        }),
    };
    Ok(IndexDraft {
        name,
        keys,
        include,
        unique: statement.unique,
        primary: false,
        nulls_equal: !statement.nulls_distinct,
        immediate: true,
        predicate,
        parent: 0,
    })
}

/// A key as it is written, and the name that it gives to the index.
fn read_key(
    definer: &mut Definer<'_>,
    element: &IndexElement<'_>,
    table: &Arc<Table>,
) -> DefineResult<(IndexOf, String)> {
    if let Some(collation) = &element.collation {
        definer.collation(Type::of(oid::TEXT), Some(collation))?;
    }
    if let Some(class) = &element.class {
        return definer.unsupported("operator class", Some(class.position()));
    }
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
    match &element.key {
        WrittenKey::Column(name) => {
            let found = table.column(name.text);
            let (place, _) = found.ok_or_else(|| definer.no_plain_column(name.text))?;
            let key = IndexOf { descending, nulls_first, ..IndexOf::column(crate::table::place(place)) };
            Ok((key, name.text.to_owned()))
        }
        WrittenKey::Expression(expression) => {
            let bound = definer.table_expression(table, expression)?;
            // A column in parentheses is a column.
            if let ExpressionKind::Column(column) = &bound.expression.kind
                && let Some((place, _)) = table.live_columns().nth(column.index as usize)
            {
                let key = IndexOf { descending, nulls_first, ..IndexOf::column(crate::table::place(place)) };
                return Ok((key, bound.name));
            }
            if !bound.immutable {
                return Err(DefineError::IndexNotImmutable { what: "expression" });
            }
            let key = IndexOf {
                value: IndexedValue::Expression(bound.text),
                value_type: Some(bound.expression.result),
                name: Some(bound.name.clone()),
                descending,
                nulls_first,
                references: bound.references,
            };
            Ok((key, bound.name))
        }
    }
}
