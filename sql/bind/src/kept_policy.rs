//! What DDL needs of policies: conditions over a table's rows, in which queries may stand, with the shapes in which these were written.

use crate::binder::{Binder, Context, Parameters, internal};
use crate::clause::Clause;
use crate::error::BindResult;
use crate::kept_rule::{note_system_columns, rows_shape};
use crate::parse::parsed_expression;
use crate::shape::Shapes;
use catalog::object::Oid;
use plan::expression::Expression;
use plan::logical::RelationUse;
use syntax::tree::Expression as Syntax;

/// A condition of a policy.
#[derive(Debug, Clone)]
pub struct PolicyCondition {
    /// It, over the table's rows.
    pub condition: Expression,
    /// How queries in it were written.
    pub shapes: Shapes,
    /// The relations that it uses.
    pub relations: Vec<RelationUse>,
}

/// A condition of a policy of a table.
///
/// # Errors
/// When it means nothing.
pub fn policy_condition(
    context: Context<'_>,
    table: Oid,
    condition: &Syntax<'_>,
) -> BindResult<PolicyCondition> {
    let mut binder = Binder::defining(context, Parameters::None);
    row_condition(&mut binder, table, (Clause::Policy, "POLICY"), condition)
}

/// A condition over the rows of a table, in a clause that messages call `construct`.
pub(crate) fn row_condition(
    binder: &mut Binder<'_>,
    table: Oid,
    (clause, construct): (Clause, &str),
    condition: &Syntax<'_>,
) -> BindResult<PolicyCondition> {
    let scope = binder.scope();
    let Some(table) = scope.table(table).cloned() else {
        return Err(internal("a condition is of no table"));
    };
    binder.shapes = Some(Box::default());
    let ((condition, relation, item), _) = binder.within(|binder| {
        let (relation, mut item) = binder.table_item_of(&table, true, None)?;
        (item.lateral_only, item.lateral_ok) = (false, true);
        binder.level().items.push(item.clone());
        let condition = binder.clause(clause, |binder| binder.condition(condition, construct))?;
        Ok((condition, relation, item))
    })?;
    let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
    note_system_columns(binder, &mut shapes);
    shapes.rows = rows_shape(scope, &[item], table.oid, Some(relation));
    let relations = std::mem::take(&mut binder.uses).into_values().collect();
    Ok(PolicyCondition { condition, shapes, relations })
}

/// The same of one that the catalog keeps as text.
///
/// # Errors
/// When the text means nothing.
pub fn kept_policy_condition(context: Context<'_>, table: Oid, text: &str) -> BindResult<PolicyCondition> {
    parsed_expression(text, context.depth_limit, |tree| policy_condition(context.kept(), table, tree))
}
