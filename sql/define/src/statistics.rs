//! Statistics of several columns and expressions together: `CREATE STATISTICS`, `ALTER STATISTICS`. ANALYZE gathers them.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::expression::Defined;
use crate::table::constraint::{joined, unused};
use bind::Clause;
use catalog::object::{ExtendedKinds, ExtendedStatistics, GatheredExpression, INHERITED, Object, Oid, Table};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::index::IndexKey;
use syntax::tree::select::TableExpression;
use syntax::tree::statistics::{AlterStatistics, CreateStatistics};
use syntax::tree::{Name, QualifiedName};
use types::{Type, Types};

/// How many columns there may be.
const COLUMNS: usize = 8;
/// The greatest number of most common values that can be wanted.
const TARGET: i32 = 10_000;

/// `CREATE STATISTICS`
///
/// # Errors
/// PostgreSQL's.
pub fn create_statistics(definer: &mut Definer<'_>, statement: &CreateStatistics<'_>) -> DefineResult<()> {
    let table = table_of(definer, statement)?;
    let written = read(definer, &table, statement)?;
    let (schema, name) = definer.new_name(&statement.name)?;
    if definer.scope.statistics_in(schema, name).is_some() {
        let message = format!("statistics object \"{name}\" already exists");
        if statement.if_not_exists {
            definer.notice(DefineNotice::Exists { what: message });
            return Ok(());
        }
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let mut looked = looked_at(definer, &table, written)?;
    let alone = looked.columns.is_empty() && looked.expressions.len() == 1;
    if alone && !statement.kinds.is_empty() {
        let message =
            "when building statistics on a single expression, statistics kinds may not be specified";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    let kinds = if alone { ExtendedKinds::default() } else { kinds_of(statement.kinds)? };
    refuse_count(&mut looked)?;
    make(definer, &table, (schema, name), looked, kinds)?;
    Ok(())
}

/// The table that statistics are to be of.
fn table_of(definer: &mut Definer<'_>, statement: &CreateStatistics<'_>) -> DefineResult<Arc<Table>> {
    let [from] = statement.from else {
        let message = "only a single relation is allowed in CREATE STATISTICS";
        return Err(plain(SqlState::FeatureNotSupported, message));
    };
    let TableExpression::Relation { relation, sample: None, .. } = from else {
        let message = "CREATE STATISTICS only supports relation names in the FROM clause";
        return Err(plain(SqlState::FeatureNotSupported, message));
    };
    let (schema, name) = crate::names::split_name(&definer.scope, &relation.name)?;
    let kinds = match definer.scope.find_relation(schema, name)? {
        Relation::Table(table) => {
            definer.require_owner(table.oid)?;
            return definer.lock_table(&table, RelationMode::ShareUpdateExclusive);
        }
        Relation::System(table) if !table.is_view => {
            let message = format!("permission denied: \"{}\" is a system catalog", table.name);
            return Err(plain(SqlState::InsufficientPrivilege, message));
        }
        Relation::System(_) | Relation::View(_) => "views",
        Relation::Index(_) => "indexes",
        Relation::Sequence(_) => "sequences",
        Relation::Composite(_) => "composite types",
    };
    Err(DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("cannot define statistics for relation \"{name}\""),
        detail: Some(format!("This operation is not supported for {kinds}.")),
        hint: None,
        position: None,
    })
}

/// What is to be looked at, as it is written.
enum Written {
    /// A column by its name.
    Column(String),
    /// An expression.
    Expression(Box<Defined>),
}

/// What is to be looked at.
struct Looked {
    /// The places of columns, ascending.
    columns: Vec<u16>,
    expressions: Vec<GatheredExpression>,
    /// On what the expressions depend.
    references: Vec<(Address, DependencyKind)>,
}

/// Reads expressions, before anything is asked of what they are.
fn read(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    statement: &CreateStatistics<'_>,
) -> DefineResult<Vec<Written>> {
    let mut read = Vec::with_capacity(statement.keys.len());
    for key in statement.keys {
        read.push(match key {
            IndexKey::Column(name) => Written::Column(name.text.to_owned()),
            IndexKey::Expression(expression) => {
                let bound = definer.table_condition(table, expression, Clause::Statistics)?;
                Written::Expression(Box::new(bound))
            }
        });
    }
    Ok(read)
}

/// What is to be looked at: columns, one in parentheses among them, and expressions.
fn looked_at(definer: &Definer<'_>, table: &Table, written: Vec<Written>) -> DefineResult<Looked> {
    let (count, of_system) = (written.len(), "statistics creation on system columns is not supported");
    if count > COLUMNS {
        let message = format!("cannot have more than {COLUMNS} columns in statistics");
        return Err(plain(SqlState::TooManyColumns, message));
    }
    let mut looked = Looked { columns: Vec::new(), expressions: Vec::new(), references: Vec::new() };
    for key in written {
        let place = match key {
            Written::Column(name) => {
                if crate::table::column::refuse_system_column(&name).is_err() {
                    return Err(plain(SqlState::FeatureNotSupported, of_system));
                }
                let Some((place, _)) = table.column(&name) else {
                    let message = format!("column \"{name}\" does not exist");
                    return Err(plain(SqlState::UndefinedColumn, message));
                };
                place
            }
            Written::Expression(bound) => {
                if bound.of_row || bound.of_table {
                    return Err(plain(SqlState::FeatureNotSupported, of_system));
                }
                match bound.expression.as_column() {
                    Some(column) => match table.live_columns().nth(column.index as usize) {
                        Some((place, _)) => place,
                        None => return Err(plain(SqlState::FeatureNotSupported, of_system)),
                    },
                    None => {
                        let bound = *bound;
                        let of = bound.expression.result;
                        refuse_expression(definer, of, count)?;
                        let (text, type_oid, modifier) = (bound.text, of.oid, of.modifier);
                        looked.expressions.push(GatheredExpression { text, type_oid, modifier });
                        looked.references.extend(bound.references);
                        continue;
                    }
                }
            }
        };
        refuse_unordered(definer, &table.columns[place].name, table.columns[place].column_type())?;
        looked.columns.push(crate::table::place(place));
    }
    Ok(looked)
}

/// That what several expressions are looked at by has an order. An expression alone need not have one.
fn refuse_expression(definer: &Definer<'_>, of: Type, count: usize) -> DefineResult<()> {
    let name = || types::catalog::type_name(&definer.scope, of.oid, None);
    if crate::table::column::refuse_pseudo_type(definer, "", of).is_err() {
        let message = format!("expression has pseudo-type {}", name());
        return Err(plain(SqlState::InvalidTableDefinition, message));
    }
    if count < 2 || definer.scope.order(of).is_some() {
        return Ok(());
    }
    let message = format!(
        "expression cannot be used in multivariate statistics because its type {} has no default btree operator class",
        name()
    );
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// Refuses what is too little, or there twice.
fn refuse_count(looked: &mut Looked) -> DefineResult<()> {
    if looked.columns.len() + looked.expressions.len() < 2 && looked.expressions.is_empty() {
        let message = "extended statistics require at least 2 columns";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    looked.columns.sort_unstable();
    if looked.columns.windows(2).any(|two| two[0] == two[1]) {
        let message = "duplicate column name in statistics definition";
        return Err(plain(SqlState::DuplicateColumn, message));
    }
    let twice = |(place, one): (usize, &GatheredExpression)| looked.expressions[..place].contains(one);
    if looked.expressions.iter().enumerate().any(twice) {
        let message = "duplicate expression in statistics definition";
        return Err(plain(SqlState::DuplicateColumn, message));
    }
    Ok(())
}

fn refuse_unordered(definer: &Definer<'_>, column: &str, of: Type) -> DefineResult<()> {
    if definer.scope.order(of).is_some() {
        return Ok(());
    }
    let of = types::catalog::type_name(&definer.scope, of.oid, None);
    let message = format!(
        "column \"{column}\" cannot be used in statistics because its type {of} has no default btree operator class"
    );
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// That a column may get another type, whatever statistics it is part of.
///
/// # Errors
/// When there are some, and the type has no order.
pub(crate) fn refuse_retyped(definer: &Definer<'_>, table: &Table, at: u16, to: Type) -> DefineResult<()> {
    if definer.scope.statistics_of(table.oid).any(|known| known.columns.contains(&at)) {
        refuse_unordered(definer, &table.columns[usize::from(at)].name, to)?;
    }
    Ok(())
}

fn kinds_of(written: &[Name<'_>]) -> DefineResult<ExtendedKinds> {
    if written.is_empty() {
        return Ok(ExtendedKinds::ALL);
    }
    let mut kinds = ExtendedKinds::default();
    for kind in written {
        match kind.text {
            "ndistinct" => kinds.distinct = true,
            "dependencies" => kinds.dependencies = true,
            "mcv" => kinds.common = true,
            other => {
                let message = format!("unrecognized statistics kind \"{other}\"");
                return Err(plain(SqlState::SyntaxError, message));
            }
        }
    }
    Ok(kinds)
}

fn make(
    definer: &mut Definer<'_>,
    table: &Table,
    (schema, name): (Oid, &str),
    Looked { columns, expressions, references: used }: Looked,
    kinds: ExtendedKinds,
) -> DefineResult<Oid> {
    // They are as temporary as their table.
    let beside = if catalog::object::is_temporary(table.oid) { table.oid } else { schema };
    let oid = definer.new_oids_beside(1, beside)?;
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    let column = |place: &u16| (Address::column(table.oid, *place), DependencyKind::Auto);
    if columns.is_empty() {
        references.push((Address::of(table.oid), DependencyKind::Auto));
    }
    references.extend(columns.iter().map(column));
    references.extend(used);
    let (name, owner) = (name.to_owned(), definer.role);
    let made = ExtendedStatistics {
        oid,
        name,
        schema,
        owner,
        table: table.oid,
        columns,
        expressions,
        kinds,
        target: -1,
        found: None,
        inherited: None,
    };
    definer.create(&Object::Statistics(Arc::new(made)), &references)?;
    definer.refresh()?;
    Ok(oid)
}

/// Gives a table the statistics that another has of columns of the same names.
///
/// # Errors
/// When the catalog cannot be written.
pub(crate) fn make_like(
    definer: &mut Definer<'_>,
    model: Oid,
    table: &Table,
) -> DefineResult<Vec<(Oid, Oid)>> {
    let of = definer.table(model)?;
    let table = definer.table(table.oid)?;
    let mut made = Vec::new();
    let known: Vec<Arc<ExtendedStatistics>> = definer.scope.statistics_of(model).cloned().collect();
    for known in known {
        let mut names: Vec<&str> = known
            .columns
            .iter()
            .filter_map(|place| of.columns.get(usize::from(*place)))
            .map(|column| column.name.as_str())
            .collect();
        let places = names.iter().filter_map(|name| table.column(name));
        let mut columns: Vec<u16> = places.map(|(place, _)| crate::table::place(place)).collect();
        columns.sort_unstable();
        let mut looked = Looked { columns, expressions: Vec::new(), references: Vec::new() };
        for expression in &known.expressions {
            let (text, used) = definer.kept_text(&table, &expression.text)?;
            looked.expressions.push(GatheredExpression { text, ..*expression });
            looked.references.extend(used);
            names.push("expr");
        }
        let schema = table.schema;
        let name = unused(&table.name, Some(&joined(&names)), "stat", |name| {
            definer.scope.statistics_in(schema, name).is_some()
        });
        made.push((known.oid, make(definer, &table, (schema, &name), looked, known.kinds)?));
    }
    Ok(made)
}

/// The statistics of a name, if there are any; none where there is no such schema either.
///
/// # Errors
/// When the schema may not be used.
pub(crate) fn find(
    definer: &Definer<'_>,
    name: &QualifiedName<'_>,
) -> DefineResult<Option<Arc<ExtendedStatistics>>> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema {
        if definer.scope.find_schema(schema).is_err() {
            return Ok(None);
        }
        definer.scope.may_look_in(schema)?;
    }
    let found = definer.scope.look_for_statistics(schema, object);
    Ok(found.and_then(|oid| definer.scope.statistics(oid)).cloned())
}

/// The statistics of a name.
///
/// # Errors
/// When there are none.
pub(crate) fn named(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    if let Some(found) = find(definer, name)? {
        return Ok(found.oid);
    }
    if let (Some(schema), _) = crate::names::split_name(&definer.scope, name)? {
        definer.scope.find_schema(schema)?;
    }
    Err(plain(SqlState::UndefinedObject, format!("statistics object \"{name}\" does not exist")))
}

/// `ALTER STATISTICS … RENAME TO …`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn rename(definer: &mut Definer<'_>, name: &QualifiedName<'_>, to: &str) -> DefineResult<()> {
    let oid = named(definer, name)?;
    definer.require_owner(oid)?;
    let schema = definer.scope.object(oid).and_then(Object::schema).unwrap_or(0);
    refuse_taken(definer, schema, to)?;
    definer.change_object(oid, |object| crate::rename::set_name(object, to))
}

/// That statistics of this name may stand in a schema.
///
/// # Errors
/// When there are some.
pub(crate) fn refuse_taken(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<()> {
    if definer.scope.statistics_in(schema, name).is_none() {
        return Ok(());
    }
    let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("statistics object \"{name}\" already exists in schema \"{within}\"");
    Err(plain(SqlState::DuplicateObject, message))
}

/// `ALTER STATISTICS … SET STATISTICS`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_statistics(definer: &mut Definer<'_>, statement: &AlterStatistics<'_>) -> DefineResult<()> {
    let target = statement.target;
    if target < -1 {
        let message = format!("statistics target {target} is too low");
        return Err(plain(SqlState::InvalidParameterValue, message));
    }
    if target > TARGET {
        let message = format!("lowering statistics target to {TARGET}");
        definer.notice(DefineNotice::Warning(SqlState::InvalidParameterValue, message));
    }
    if statement.if_exists && find(definer, &statement.name)?.is_none() {
        let (kind, name) = ("statistics object", statement.name.to_string());
        definer.notice(DefineNotice::DoesNotExist { kind, name });
        return Ok(());
    }
    let oid = named(definer, &statement.name)?;
    definer.require_owner(oid)?;
    definer.change_object(oid, |object| {
        if let Object::Statistics(statistics) = object {
            Arc::make_mut(statistics).target = target.min(TARGET);
        }
    })
}

/// Forgets what was found of a column of a table, by itself and together with others: its values are others. Statistics are made
/// anew with that in PostgreSQL, and forget how much of them was wanted.
///
/// # Errors
/// When the catalog cannot be written.
pub(crate) fn forget(definer: &mut Definer<'_>, table: Oid, column: u16) -> DefineResult<()> {
    for place in [column, column | INHERITED] {
        definer.catalog.set_column_statistics(definer.transaction, table, place, None)?;
    }
    let address = Address::column(table, column);
    let uses = |oid: Oid| definer.scope.dependencies_of(oid).any(|(_, on, _)| on == address);
    let known: Vec<Oid> =
        definer.scope.statistics_of(table).filter(|known| uses(known.oid)).map(|known| known.oid).collect();
    for oid in known {
        definer.change_object(oid, |object| {
            if let Object::Statistics(statistics) = object {
                let statistics = Arc::make_mut(statistics);
                (statistics.found, statistics.inherited) = (None, None);
                statistics.target = -1;
            }
        })?;
    }
    Ok(())
}
