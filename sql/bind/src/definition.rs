//! What DDL needs of the binder.

pub use crate::expression::{StepFunction, step_function};
pub use crate::kept_policy::{PolicyCondition, kept_policy_condition, policy_condition};
pub use crate::kept_rule::{
    RuleAction, RuleCondition, kept_rule_action, kept_rule_condition, rule_action, rule_condition,
    several_by_rules,
};
pub use crate::kept_trigger::{TriggerCondition, kept_trigger_condition, trigger_condition};
pub use crate::modify::member::compare_edges;
pub use crate::modify::{UpdatablePart, view_as_table};
pub use crate::routine::{
    CalledProcedure, Routine, RoutineStatement, called_procedure, may_be_one_statement, routine_statements,
    routine_statements_at,
};
pub use crate::row_filter::row_filter;

use crate::binder::{Binder, Bound, Context, Parameters};
use crate::clause::Clause;
use crate::comparison::ByCatalog;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::shape::Shapes;
use catalog::object::{Constraint, Rule, Table, View};
use functions::table::{CastContext, Volatility, function};
use plan::expression::{Column, Expression, ExpressionKind, RelationId};
use plan::implied::{implies, terms_of};
use plan::logical::{OutputColumn, ScanSource};
use std::sync::Arc;
use syntax::tree::expression::Operator;
use syntax::tree::{Expression as Syntax, Query, TypeName};
use types::Type;
use types::catalog::{Form, oid};

/// The type that a name means.
///
/// # Errors
/// When there is none of that name, or it cannot have such a modifier.
pub fn resolve_type(context: Context<'_>, name: &TypeName<'_>) -> BindResult<Type> {
    Binder::defining(context, Parameters::None).type_named(name)
}

/// A text as a value of a type.
///
/// # Errors
/// When it is none.
pub fn text_value(context: Context<'_>, text: &str, of: Type) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    let literal = crate::constant::unknown(text, 0);
    binder.cast(literal, of, CastContext::Explicit, 0).map_err(BindError::nowhere)
}

/// The columns that a query yields, with their names and types: for views, `CREATE TABLE AS`, prepared statements.
///
/// # Errors
/// When the query means nothing.
pub fn query_columns(
    context: Context<'_>,
    query: &Query<'_>,
    parameters: Parameters,
) -> BindResult<Vec<OutputColumn>> {
    let mut binder = Binder::defining(context, parameters);
    let bound = binder.query(query)?;
    Ok(binder.finish(bound)?.output)
}

/// What a query means, and the shape in which it was written: for what the catalog keeps of it.
///
/// # Errors
/// When the query means nothing.
pub fn shaped_query(
    context: Context<'_>,
    query: &Query<'_>,
    parameters: Parameters,
) -> BindResult<(plan::logical::Query, Shapes)> {
    let mut binder = Binder::defining(context, parameters);
    binder.shapes = Some(Box::default());
    let mut bound = binder.query(query)?;
    let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
    shapes.root = bound.shape.take();
    for (relation, scan) in &binder.scans {
        for (index, column) in scan.columns.iter().enumerate() {
            if !matches!(column.source, ScanSource::Column { .. }) {
                let column_of_scan = Column { relation: *relation, index: index as u32 };
                shapes.system.insert(column_of_scan, column.source.clone());
            }
        }
    }
    Ok((binder.finish(bound)?, shapes))
}

/// The same of a query that the catalog keeps as text.
///
/// # Errors
/// When the text means nothing.
pub fn shaped_text(context: Context<'_>, text: &str) -> BindResult<(plan::logical::Query, Shapes)> {
    crate::parse::parsed_query(text, context.depth_limit, |query| {
        shaped_query(context.kept(), query, Parameters::None)
    })
}

/// An expression over a table's columns that the catalog keeps as text: over those of `relation`, as they are counted
/// without dropped ones.
///
/// # Errors
/// When the text means nothing.
pub fn kept_over_table(
    context: Context<'_>,
    table: &Arc<Table>,
    relation: RelationId,
    text: &str,
) -> BindResult<Expression> {
    let mut binder = beside(context, relation);
    binder.writes_down = true;
    binder.over_table(table, relation, Clause::Check, text, |binder, tree| {
        let bound = binder.expression(tree)?;
        Ok(binder.settle(bound)?.expression)
    })
}

/// The collation that a key of an index has of itself, which the catalog keeps as text; 0 if its type has none or none can be told.
///
/// # Errors
/// When the text means nothing.
pub fn kept_key_collation(context: Context<'_>, table: &Arc<Table>, text: &str) -> BindResult<u32> {
    let relation = RelationId(u32::MAX);
    let mut binder = beside(context, relation);
    binder.over_table(table, relation, Clause::IndexExpression, text, |binder, tree| {
        let bound = binder.expression(tree)?;
        let key = binder.settle(bound)?.expression;
        Ok(binder.collated(&key)?.collation())
    })
}

/// Whether conditions that a table's rows do not fail say that they do not fail `wanted`; false if that cannot be told.
///
/// # Errors
/// When a text means nothing.
pub fn say_as_much(
    context: Context<'_>,
    table: &Arc<Table>,
    known: &[String],
    wanted: &str,
) -> BindResult<bool> {
    let relation = RelationId(u32::MAX);
    let terms = |text: &str| kept_over_table(context, table, relation, text).map(terms_of);
    let known = known.iter().map(|text| terms(text)).collect::<BindResult<Vec<_>>>()?.concat();
    let meanings = ByCatalog(context.scope);
    let says = |wanted: &Expression| {
        // What compares a null fails nobody, so it does not say that there is none.
        let is_filled = matches!(wanted.kind, ExpressionKind::IsNull { negated: true, .. });
        let implied = |known: &Expression| !is_filled && implies(known, wanted, &meanings);
        known.iter().any(|known| known == wanted || implied(known))
    };
    Ok(terms(wanted)?.iter().all(says))
}

/// The same of a domain's default and of its checks, over values of `base`.
///
/// # Errors
/// When the text means nothing.
pub fn kept_of_domain(context: Context<'_>, base: Type, text: &str) -> BindResult<Expression> {
    crate::parse::parsed_expression(text, context.depth_limit, |tree| {
        let mut binder = Binder::defining(context.kept(), Parameters::None);
        binder.level().domain_value = Some(base);
        binder.level().clause = Clause::DomainCheck;
        let bound = binder.expression(tree)?;
        Ok(binder.settle(bound)?.expression)
    })
}

/// An expression that the catalog keeps and that is of nothing: a default of an argument.
///
/// # Errors
/// When it means nothing.
pub fn kept_alone(context: Context<'_>, text: &str) -> BindResult<Expression> {
    crate::parse::parsed_expression(text, context.depth_limit, |tree| {
        let mut binder = Binder::defining(context.kept(), Parameters::None);
        binder.level().clause = Clause::ArgumentDefault;
        // A text without a type has none before a call.
        Ok(binder.expression(tree)?.expression)
    })
}

/// An operator between two values of a type, which are in the first two slots.
///
/// # Errors
/// When there is no such operator.
pub fn between(context: Context<'_>, operator: &Operator<'_>, of: Type) -> BindResult<Expression> {
    let [left, right] = crate::modify::keys_of(of);
    let bound = Binder::defining(context, Parameters::None).binary(operator, left, right, operator.position);
    bound.map(|bound| bound.expression).map_err(BindError::nowhere)
}

/// A table as changes of its own rows alone see it.
///
/// # Errors
/// When a text of the catalog means nothing any more.
pub fn lone_target(context: Context<'_>, table: &Arc<Table>) -> BindResult<Arc<plan::target::TargetTable>> {
    Binder::defining(context, Parameters::None).lone_target(table)
}

/// How the rows of a partitioned table find their partition, with keys over its columns by their places; none of other
/// tables.
///
/// # Errors
/// When a key means nothing.
pub fn routing(context: Context<'_>, table: &Arc<Table>) -> BindResult<Option<plan::partition::Routing>> {
    Binder::defining(context, Parameters::None).routing(table, table, RelationId(0))
}

/// What a view is but a part of, or why its rows cannot be changed as those of another relation.
///
/// # Errors
/// When the view's query means nothing.
pub fn updatable_part(
    context: Context<'_>,
    view: &Arc<View>,
) -> BindResult<Result<UpdatablePart, &'static str>> {
    Binder::defining(context, Parameters::None).updatable_part(view)
}

/// The same to be written down again: `tableoid` in it is the column behind the others.
///
/// # Errors
/// When an expression of the catalog means nothing.
pub fn written_target(
    context: Context<'_>,
    table: &Arc<Table>,
) -> BindResult<Arc<plan::target::TargetTable>> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.writes_down = true;
    binder.target_table(table)
}

/// All that a change must know of a table. Its expressions are over [`plan::target::TargetTable::relation`].
///
/// # Errors
/// When an expression of the catalog means nothing.
pub fn target_table(context: Context<'_>, table: &Arc<Table>) -> BindResult<Arc<plan::target::TargetTable>> {
    Binder::defining(context, Parameters::None).target_table(table)
}

/// What all rows of a table keep, over its columns by their places: its checks that are validated.
///
/// # Errors
/// When a check means nothing.
pub fn kept_checks(context: Context<'_>, table: &Arc<Table>) -> BindResult<Vec<Expression>> {
    let mut binder = Binder::defining(context, Parameters::None);
    let relation = binder.relation();
    let kept = context.scope.constraints_of(table.oid).filter(|constraint| constraint.validated);
    kept.filter_map(|constraint| match &constraint.rule {
        Rule::Check(text) => Some(binder.table_check(table, relation, text)),
        Rule::ForeignKey { .. } | Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => None,
    })
    .collect()
}

/// A foreign key as the table that refers has it; nothing for another constraint.
pub fn foreign_key(context: Context<'_>, constraint: &Constraint) -> Option<plan::target::ForeignKey> {
    Binder::defining(context, Parameters::None).foreign_key(constraint)
}

/// The same with the rows of partitions that are being detached: what refers to others does so until it is a table of its own.
///
/// # Errors
/// As there.
pub fn referring_table(
    context: Context<'_>,
    table: &Arc<Table>,
) -> BindResult<Arc<plan::target::TargetTable>> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.with_detaching = true;
    binder.target_table(table)
}

/// The value that each column of a table has when none is given, without dropped columns.
///
/// # Errors
/// When a default means nothing.
pub fn defaults(context: Context<'_>, table: &Table) -> BindResult<Vec<Expression>> {
    let mut binder = Binder::defining(context, Parameters::None);
    table.live_columns().map(|(_, column)| binder.default_value(column)).collect()
}

/// The same to be written down again: without the casts that assignment makes. Null stands for a column whose value is no default
/// of its own.
///
/// # Errors
/// As there.
pub fn written_defaults(context: Context<'_>, table: &Table) -> BindResult<Vec<Expression>> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.writes_down = true;
    table.live_columns().map(|(_, column)| binder.default_value(column)).collect()
}

/// A value as it is assigned to a column of a type; `None` if it cannot be.
///
/// # Errors
/// When a domain's check means nothing any more.
pub fn assigned(context: Context<'_>, value: Expression, to: Type) -> BindResult<Option<Expression>> {
    let mut binder = Binder::defining(context.kept(), Parameters::None);
    let result = binder.types().undomained(value.result);
    let expression = Expression { result, ..value };
    binder.coerce(Bound { expression, position: 0 }, to, CastContext::Assignment)
}

/// An expression that stands alone, as one of a type: a default, a domain's default, an argument of `EXECUTE`.
///
/// # Errors
/// When it means nothing, or is not of that type.
pub fn value(
    context: Context<'_>,
    expression: &Syntax<'_>,
    of: Option<Type>,
    clause: Clause,
) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().clause = clause;
    let bound = binder.expression(expression)?;
    let position = bound.position;
    match of {
        Some(of) => binder.cast(bound, of, CastContext::Assignment, position),
        None => Ok(binder.settle(bound)?.expression),
    }
}

/// An argument of `EXECUTE`, as one of its parameter's type.
///
/// # Errors
/// When it means nothing, or cannot become that type.
pub fn argument(
    context: Context<'_>,
    expression: &Syntax<'_>,
    number: usize,
    of: Type,
) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().clause = Clause::ExecuteParameter;
    let bound = binder.expression(expression)?;
    let (position, given) = (bound.position, bound.oid());
    match binder.coerce(bound, of, CastContext::Assignment)? {
        Some(value) => Ok(value),
        None => {
            let (given, expected) = (binder.type_name(given), binder.type_name(of.oid));
            Err(BindError::at(BindErrorKind::ArgumentType { number, given, expected }, position))
        }
    }
}

/// A value of a bound of a partition, as one of a column's or expression's type.
///
/// # Errors
/// When it means nothing, or is not of that type.
pub fn bound_value(
    context: Context<'_>,
    expression: &Syntax<'_>,
    (column, of): (&str, Type),
    clause: Clause,
) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().clause = clause;
    let bound = binder.expression(expression)?;
    let position = bound.position;
    match binder.coerce(bound, of, CastContext::Assignment)? {
        Some(value) => Ok(value),
        None => {
            let wanted = types::catalog::type_name(context.scope, of.oid, None);
            let message = format!("specified value cannot be cast to type {wanted} for column \"{column}\"");
            let kind = BindErrorKind::Plain { state: diagnostic::SqlState::DatatypeMismatch, message };
            Err(BindError::at(kind, position))
        }
    }
}

/// An expression over the columns of a table, which are those of `relation`, dropped ones left out. A check or a predicate
/// is a condition.
///
/// # Errors
/// When it means nothing.
pub fn over_table(
    context: Context<'_>,
    table: &Arc<Table>,
    relation: RelationId,
    expression: &Syntax<'_>,
    clause: Clause,
) -> BindResult<Expression> {
    let mut binder = beside(context, relation);
    binder.writes_down = true;
    binder.over_rows(table, relation, clause, |binder| match clause {
        Clause::Check | Clause::DomainCheck => binder.condition(expression, "CHECK"),
        Clause::IndexPredicate | Clause::CopyWhere => binder.condition(expression, "WHERE"),
        // A literal becomes one of the column's new type; one that is to be gathered has none.
        Clause::AlterType | Clause::Statistics => Ok(binder.expression(expression)?.expression),
        _ => {
            let bound = binder.expression(expression)?;
            Ok(binder.settle(bound)?.expression)
        }
    })
}

/// An expression that an index or a partitioned table has as a key, and its collation: a `COLLATE` around all of it is that of
/// the key. 0 if its type has none or none can be told.
///
/// # Errors
/// When it means nothing.
pub fn key_over_table(
    context: Context<'_>,
    table: &Arc<Table>,
    relation: RelationId,
    expression: &Syntax<'_>,
    clause: Clause,
) -> BindResult<(Expression, u32)> {
    let mut binder = beside(context, relation);
    binder.writes_down = true;
    binder.over_rows(table, relation, clause, |binder| {
        let bound = binder.expression(expression)?;
        let mut key = binder.settle(bound)?.expression;
        let collation = binder.collated(&key)?.collation();
        while let ExpressionKind::Collate { operand, .. } = key.kind {
            key = *operand;
        }
        Ok((key, collation))
    })
}

/// The check of a domain over values of `base`, which are [`plan::expression::ExpressionKind::Element`].
///
/// # Errors
/// When it means nothing.
pub fn domain_check(context: Context<'_>, base: Type, expression: &Syntax<'_>) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().domain_value = Some(base);
    binder.level().clause = Clause::DomainCheck;
    binder.condition(expression, "CHECK")
}

/// The value of a column that an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnValue {
    /// As one of the column's type.
    pub value: Expression,
    /// As it is written, without the cast that assignment makes: what is kept and shown. A literal of no type is of the
    /// column's.
    pub written: Expression,
    /// Where it uses which columns of the table's rows, by their indexes.
    pub uses: Vec<(u32, u32)>,
}

/// An expression over the columns of a table, as one of a type: `ALTER COLUMN … TYPE … USING`, a generated column.
///
/// # Errors
/// When it means nothing, or is not of that type and cannot be on assignment; the message names `column`.
pub fn column_value(
    context: Context<'_>,
    table: &Arc<Table>,
    relation: RelationId,
    expression: &Syntax<'_>,
    (column, of): (&str, Type),
    clause: Clause,
) -> BindResult<ColumnValue> {
    let mut binder = beside(context, relation);
    binder.writes_down = true;
    binder.over_rows(table, relation, clause, |binder| {
        let bound = binder.expression(expression)?;
        let uses = binder.level().uses.iter().map(|used| (used.column.index, used.position)).collect();
        binder.default_of(bound, column, of).map(|value| ColumnValue { uses, ..value })
    })
}

/// A binder whose own relations have other numbers than one that stands for a table's rows: what aggregates and windows yield
/// must not be taken for these.
fn beside(context: Context<'_>, relation: RelationId) -> Binder<'_> {
    let mut binder = Binder::defining(context, Parameters::None);
    // The greatest number is nobody's: it stands for rows where no binder has given one.
    while relation.0 != u32::MAX && binder.relation() != relation {}
    binder
}

/// A default of a column.
///
/// # Errors
/// When it means nothing, or is not of the column's type and cannot be on assignment.
pub fn default_value(
    context: Context<'_>,
    expression: &Syntax<'_>,
    (column, of): (&str, Type),
) -> BindResult<ColumnValue> {
    default_in(Clause::Default, context, expression, (column, of))
}

/// A default of a routine's argument.
///
/// # Errors
/// As [`default_value`].
pub fn argument_default(
    context: Context<'_>,
    expression: &Syntax<'_>,
    argument: (&str, Type),
) -> BindResult<ColumnValue> {
    default_in(Clause::ArgumentDefault, context, expression, argument)
}

/// A default of a routine's argument whose type stands for many: it is of the type that it has.
///
/// # Errors
/// When it means nothing, or the argument's type does not stand for its own.
pub fn polymorphic_default(context: Context<'_>, expression: &Syntax<'_>, of: u32) -> BindResult<Expression> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().clause = Clause::ArgumentDefault;
    let bound = binder.expression(expression)?;
    let (actual, position) = (bound.oid(), bound.position);
    if !functions::resolve::may_stand_for(binder.types(), actual, of) {
        let (wanted, actual) = (binder.type_name(of), binder.type_name(actual));
        return Err(BindError::at(BindErrorKind::ArgumentDefaultType { wanted, actual }, position));
    }
    let any_value =
        matches!(of, oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY);
    let text = bound.expression.as_constant().filter(|value| actual == oid::UNKNOWN && !value.is_null());
    if !any_value && text.is_some() {
        // It would have to be read as a value of that very type, of which there is none.
        binder.coerce(bound.clone(), Type::of(of), CastContext::Assignment)?;
    }
    Ok(bound.expression)
}

fn default_in(
    clause: Clause,
    context: Context<'_>,
    expression: &Syntax<'_>,
    (column, of): (&str, Type),
) -> BindResult<ColumnValue> {
    let mut binder = Binder::defining(context, Parameters::None);
    binder.level().clause = clause;
    let bound = binder.expression(expression)?;
    binder.default_of(bound, column, of)
}

/// A value that has been read from a text as one of its type: its elements, fields and bounds are asked what their domains ask.
/// `None` if there is nothing to ask.
///
/// # Errors
/// When a domain's check means nothing.
pub fn as_read(context: Context<'_>, value: &Expression, of: Type) -> BindResult<Option<Expression>> {
    let mut binder = Binder::defining(context, Parameters::None);
    let base = types::Types::undomained(context.scope, of).oid;
    let checked = binder.with_checked_parts(value.clone(), base)?;
    Ok((checked != *value).then_some(checked))
}

/// An expression as one of another type, as on assignment; `None` if there is no such cast.
///
/// # Errors
/// When a domain's check means nothing.
pub fn assignment_cast(
    context: Context<'_>,
    expression: Expression,
    to: Type,
) -> BindResult<Option<Expression>> {
    let mut binder = Binder::defining(context, Parameters::None);
    let cast = binder.coerce(Bound { expression, position: 0 }, to, CastContext::Assignment);
    // Where the expression stands is not known here.
    cast.map_err(|error| BindError { position: None, ..error })
}

/// `text || anynonarray`
const TEXT_ANY_CAT: u32 = 2003;
/// `anynonarray || text`
const ANY_TEXT_CAT: u32 = 2004;

/// Whether the text of a type's values depends on nothing but the value, and is read the same by everybody.
fn has_one_text(scope: &catalog::Scope, of: Type) -> bool {
    let base = types::Types::undomained(scope, of).oid;
    let depends = matches!(
        base,
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::MONEY | oid::RECORD | oid::TSVECTOR
    ) || types::text::names_objects(base);
    let form = types::Types::entry(scope, base).map(|entry| entry.form);
    !depends && form == Some(Form::Base)
}

/// Whether an expression is the same whenever it is evaluated: what indexes and generated columns demand.
pub fn is_immutable(context: Context<'_>, expression: &Expression) -> bool {
    let scope = context.scope;
    let changes = |part: &Expression| match &part.kind {
        // Text beside a value of another type: the value's text is what may change.
        ExpressionKind::Call(call) if matches!(call.function.0, TEXT_ANY_CAT | ANY_TEXT_CAT) => {
            !call.arguments.iter().all(|argument| has_one_text(scope, argument.result))
        }
        ExpressionKind::ThroughText(operand) => {
            !has_one_text(scope, operand.result) || !has_one_text(scope, part.result)
        }
        ExpressionKind::SqlValue(_) | ExpressionKind::Subquery(_) => true,
        _ => part.calls(|called| match function(called.0) {
            Some(entry) => entry.volatility != Volatility::Immutable,
            None => scope
                .function(called.0)
                .is_none_or(|known| known.volatility != catalog::object::Volatility::Immutable),
        }),
    };
    !expression.any(&mut |part| changes(part))
}

impl Binder<'_> {
    fn default_of(&mut self, bound: Bound, column: &str, of: Type) -> BindResult<ColumnValue> {
        let (actual, position) = (bound.oid(), bound.position);
        let literal =
            (actual == oid::UNKNOWN && bound.expression.as_constant().is_some()).then(|| bound.clone());
        let mut written = (actual != oid::UNKNOWN).then(|| bound.expression.clone());
        match self.coerce(bound, of, CastContext::Assignment)? {
            Some(value) => {
                if let Some(literal) = literal {
                    // It is read as one of any length, and only then made one of a domain.
                    let base = self.types().undomained(of);
                    let read = if base.oid == oid::INTERVAL { base } else { Type::of(base.oid) };
                    written = self.coerce(literal, read, CastContext::Assignment)?;
                }
                let written = written.unwrap_or_else(|| value.clone());
                Ok(ColumnValue { written, value, uses: Vec::new() })
            }
            None => {
                let (wanted, actual) = (self.type_name(of.oid), self.type_name(actual));
                if self.level().clause == Clause::ArgumentDefault {
                    let kind = BindErrorKind::ArgumentDefaultType { wanted, actual };
                    return Err(BindError::at(kind, position));
                }
                let column = column.to_owned();
                Err(BindError::new(BindErrorKind::DefaultType { column, wanted, actual }))
            }
        }
    }
}
