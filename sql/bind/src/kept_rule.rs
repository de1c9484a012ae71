//! What DDL needs of rules: actions and conditions as they mean something, with the shapes in which they were written.
//!
//! `old` and `new` stand for rows of the rule's relation that nobody has yet.

use crate::binder::{Binder, Context, Parameters};
use crate::clause::Clause;
use crate::deparse::column_numbers;
use crate::error::BindResult;
use crate::level::Item;
use crate::notification::notify_text;
use crate::parse::{parsed_expression, parsed_statement};
use crate::shape::{Body, DistinctShape, EntryShape, EntrySource, FromShape, SelectShape, Shape, Shapes};
use bumpalo::Bump;
use catalog::Scope;
use catalog::object::{Oid, RuleEvent};
use plan::expression::{Column, Expression, RelationId};
use plan::logical::{OutputColumn, RelationUse, ScanSource};
use std::collections::BTreeMap;
use syntax::tree::{Expression as Syntax, StatementKind};

/// An action of a rule.
#[derive(Debug, Clone)]
pub struct RuleAction {
    /// How it was written.
    pub shapes: Shapes,
    /// The relations that it uses.
    pub relations: Vec<RelationUse>,
    /// The columns of its `RETURNING`.
    pub returning: Vec<OutputColumn>,
    /// Its text, where nothing in that is ever called otherwise: `NOTIFY`.
    pub verbatim: Option<String>,
    /// Whether it speaks of `old`.
    pub old: bool,
    /// Whether it speaks of `new`.
    pub new: bool,
}

/// A rule's condition.
#[derive(Debug, Clone)]
pub struct RuleCondition {
    /// It.
    pub condition: Expression,
    /// How queries in it were written.
    pub shapes: Shapes,
    /// The relations that it uses.
    pub relations: Vec<RelationUse>,
    /// Whether it speaks of `old`.
    pub old: bool,
    /// Whether it speaks of `new`.
    pub new: bool,
}

/// By what kind of rules a statement is no single one in the end, if by any: `DO ALSO`.
///
/// # Errors
/// When what it changes is not there.
pub fn several_by_rules(context: Context<'_>, kind: &StatementKind<'_>) -> BindResult<Option<&'static str>> {
    Binder::defining(context, Parameters::None).several_by_rules(kind)
}

/// An action of a rule of a relation.
///
/// # Errors
/// When it means nothing.
pub fn rule_action(context: Context<'_>, relation: Oid, kind: &StatementKind<'_>) -> BindResult<RuleAction> {
    let mut binder = Binder::defining(context, Parameters::None);
    let table = binder.as_table(relation)?;
    let rows = binder.rows_of_new_rule(&table)?;
    let items = rows.items.clone();
    binder.shapes = Some(Box::default());
    binder.rule_rows = Some(rows.of_statement(kind));
    let mut bound = binder.changing_statement(kind)?;
    let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
    shapes.root = bound.shape.take();
    note_system_columns(&binder, &mut shapes);
    shapes.rows = rows_shape(context.scope, &items, relation, None);
    let [old, new] = spoken_of(&items, |visit| {
        bound.logical.for_each_column(visit);
        shapes.for_each_expression(&mut |expression| expression.for_each_column(visit));
    });
    let query = binder.finish(bound)?;
    let verbatim = match kind {
        StatementKind::Notify(notify) => Some(notify_text(notify)),
        _ => None,
    };
    // What such an action yields is nobody's rows.
    let returning = if verbatim.is_some() { Vec::new() } else { query.output };
    Ok(RuleAction { shapes, relations: query.relations, returning, verbatim, old, new })
}

/// The same of one that the catalog keeps as text.
///
/// # Errors
/// When the text means nothing.
pub fn kept_rule_action(context: Context<'_>, relation: Oid, text: &str) -> BindResult<RuleAction> {
    let arena = Bump::new();
    rule_action(context.kept(), relation, &parsed_statement(text, &arena, context.depth_limit)?)
}

/// A condition of a rule of a relation. Of an event that is given only the rows that it has are named, which need no word before
/// their columns.
///
/// # Errors
/// When it means nothing.
pub fn rule_condition(
    context: Context<'_>,
    relation: Oid,
    event: Option<RuleEvent>,
    condition: &Syntax<'_>,
) -> BindResult<RuleCondition> {
    let mut binder = Binder::defining(context, Parameters::None);
    let table = binder.as_table(relation)?;
    let items = binder.rows_of_new_rule(&table)?.items;
    binder.shapes = Some(Box::default());
    let (condition, _) = binder.within(|binder| {
        binder.level().items.clone_from(&items);
        if let Some(event) = event {
            let level = binder.level();
            level.items.iter_mut().for_each(|item| item.open = true);
            match event {
                RuleEvent::Insert => level.hidden.push(level.items.remove(0)),
                RuleEvent::Update => {}
                RuleEvent::Delete => level.hidden.push(level.items.remove(1)),
            }
        }
        for item in &items {
            for column in &item.columns {
                if let Some(column) = column.expression.as_column() {
                    binder.own(column.relation);
                }
            }
        }
        binder.clause(Clause::Where, |binder| binder.condition(condition, "WHERE"))
    })?;
    let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
    note_system_columns(&binder, &mut shapes);
    shapes.rows = rows_shape(context.scope, &items, relation, None);
    let [old, new] = spoken_of(&items, |visit| condition.for_each_column(visit));
    let relations = binder.uses.into_values().collect();
    Ok(RuleCondition { condition, shapes, relations, old, new })
}

/// The same of one that the catalog keeps as text.
///
/// # Errors
/// When the text means nothing.
pub fn kept_rule_condition(context: Context<'_>, relation: Oid, text: &str) -> BindResult<RuleCondition> {
    parsed_expression(text, context.depth_limit, |tree| rule_condition(context.kept(), relation, None, tree))
}

pub(crate) fn note_system_columns(binder: &Binder<'_>, shapes: &mut Shapes) {
    for (relation, scan) in &binder.scans {
        for (index, column) in scan.columns.iter().enumerate() {
            if !matches!(column.source, ScanSource::Column { .. }) {
                let column_of_scan = Column { relation: *relation, index: index as u32 };
                shapes.system.insert(column_of_scan, column.source.clone());
            }
        }
    }
}

/// Whether `old` and `new` are among the columns that are visited.
fn spoken_of(items: &[Item], each: impl FnOnce(&mut dyn FnMut(Column))) -> [bool; 2] {
    let relation = |place: usize| -> Option<RelationId> {
        let column = items.get(place)?.columns.first()?.expression.as_column()?;
        Some(column.relation)
    };
    let relations = [relation(0), relation(1)];
    let mut found = [false; 2];
    each(&mut |column| {
        for (found, relation) in found.iter_mut().zip(relations) {
            *found |= relation == Some(column.relation);
        }
    });
    found
}

/// Rows, `old` and `new` or those of a table, as entries of a `FROM` that nobody writes.
pub(crate) fn rows_shape(
    scope: &Scope,
    items: &[Item],
    relation: Oid,
    scan: Option<RelationId>,
) -> Option<Box<Shape>> {
    let entry = |item: &Item| {
        let columns = item.columns.iter().map(|column| (column.name.to_string(), column.expression.clone()));
        FromShape::Entry(Box::new(EntryShape {
            source: EntrySource::Relation { relation, scan, only: false, sample: None },
            lateral: false,
            alias: None,
            given: Vec::new(),
            name: item.name.as_deref().unwrap_or_default().to_owned(),
            columns: columns.collect(),
            numbers: column_numbers(scope, relation),
        }))
    };
    let nobody = RelationId(u32::MAX);
    let select = SelectShape {
        distinct: DistinctShape::No,
        targets: Vec::new(),
        from: items.iter().map(entry).collect(),
        condition: None,
        having: None,
        groups: Vec::new(),
        group_distinct: false,
        keys: Vec::new(),
        aggregates: (nobody, Vec::new()),
        groupings: (nobody, Vec::new()),
        windows: Vec::new(),
        window_calls: BTreeMap::new(),
        sets: Vec::new(),
    };
    Some(Box::new(Shape::plain(Body::Select(Box::new(select)), Vec::new())))
}
