//! Conditions of triggers: over the old row and the new one, whose columns stand behind each other under one relation.

use crate::binder::{Binder, Context, Parameters};
use crate::clause::Clause;
use crate::error::BindResult;
use crate::kept_rule::rows_shape;
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::parse::parsed_expression;
use crate::shape::Shapes;
use catalog::object::{Oid, Table};
use plan::expression::{Column, Expression, RelationId};
use plan::logical::RelationUse;
use std::sync::Arc;
use syntax::tree::Expression as Syntax;

/// A trigger's condition.
#[derive(Debug, Clone)]
pub struct TriggerCondition {
    /// It: over the columns of the old row, then those of the new one.
    pub condition: Expression,
    /// How it was written.
    pub shapes: Shapes,
    /// The relations that it uses.
    pub relations: Vec<RelationUse>,
    /// The columns that it names, as they are counted there, and where.
    pub named: Vec<(u32, u32)>,
}

/// A condition of a trigger of a relation.
///
/// # Errors
/// When it means nothing.
pub fn trigger_condition(
    context: Context<'_>,
    relation: Oid,
    condition: &Syntax<'_>,
) -> BindResult<TriggerCondition> {
    let mut binder = Binder::defining(context, Parameters::None);
    let table = binder.as_table(relation)?;
    binder.shapes = Some(Box::default());
    let rows = binder.relation();
    let ((condition, items), level) = binder.within(|binder| {
        binder.own(rows);
        let items = binder.trigger_rows(&table, rows);
        let condition = binder.trigger_condition(condition)?;
        Ok((condition, items))
    })?;
    let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
    shapes.rows = rows_shape(context.scope, &items, relation, None);
    let named = level.uses.iter().map(|used| (used.column.index, used.position)).collect();
    Ok(TriggerCondition { condition, shapes, relations: binder.uses.into_values().collect(), named })
}

/// The same of one that the catalog keeps as text.
///
/// # Errors
/// When the text means nothing.
pub fn kept_trigger_condition(
    context: Context<'_>,
    relation: Oid,
    text: &str,
) -> BindResult<TriggerCondition> {
    parsed_expression(text, context.depth_limit, |tree| trigger_condition(context.kept(), relation, tree))
}

impl Binder<'_> {
    /// Lets `old` and `new` be named: rows of a table that stand behind each other under one relation.
    fn trigger_rows(&mut self, table: &Arc<Table>, relation: RelationId) -> Vec<Item> {
        let live = || table.live_columns().map(|(_, column)| column);
        let typed = || live().map(|column| (Arc::from(column.name.as_str()), column.column_type()));
        let both = item_columns(relation, typed().chain(typed()));
        for (index, column) in live().chain(live()).enumerate() {
            let index = index as u32;
            self.note_collation(Column { relation, index }, column.column_type(), column.collation);
        }
        let (old, new) = both.split_at(both.len() / 2);
        let row = |name: &str, columns: &[crate::level::ItemColumn]| {
            Item::open(name.into(), columns.to_vec(), ItemKind::Composite(table.row_type))
        };
        let items = vec![row("old", old), row("new", new)];
        self.level().items.clone_from(&items);
        items
    }

    fn trigger_condition(&mut self, condition: &Syntax<'_>) -> BindResult<Expression> {
        self.clause(Clause::TriggerWhen, |binder| binder.condition(condition, "WHEN"))
    }

    /// A condition that the catalog keeps, as changes of a table's rows need it.
    pub(crate) fn condition_of_trigger(&mut self, table: &Arc<Table>, text: &str) -> BindResult<Expression> {
        let limit = self.context.depth_limit;
        self.kept(|binder| {
            let rows = binder.relation();
            binder.own(rows);
            binder.trigger_rows(table, rows);
            parsed_expression(text, limit, |tree| binder.trigger_condition(tree))
        })
    }
}
