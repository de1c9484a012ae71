//! Which node is computed where.

use super::node::Node;
use super::scope::Scope;
use super::{array, composite, conditional, convert, list, logic, subplan};
use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::has_effects;
use crate::run::Run;
use functions::{Implementation, SessionFunction, Site, Volatility};
use types::vector::{VectorBuilder, compare};
use types::{Item, Kind, Vector};

impl Node {
    /// The value for each row of the scope.
    pub fn run(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vector> {
        match self {
            Node::Constant(vector) => Ok(vector.repeat(0, scope.rows())),
            Node::Parameter(index, kind) => {
                Ok(Vector::constant(*kind, run.parameter(*index)?, scope.rows())?)
            }
            Node::Slot(slot) => scope.column(*slot as usize),
            Node::Outer(id, kind) => Ok(Vector::constant(*kind, run.outer(*id), scope.rows())?),
            Node::Call { site, arguments } => call(site, arguments, run, scope),
            Node::Compare { operator, order, sides } => {
                let (left, right) = run_pair(sides, run, scope)?;
                Ok(compare(*operator, &left, &right, order)?)
            }
            Node::And(terms) => logic::junction(terms, false, run, scope),
            Node::Or(terms) => logic::junction(terms, true, run, scope),
            Node::Not(operand) => logic::not(operand.run(run, scope)?),
            Node::IsNull { .. } | Node::IsBoolean { .. } | Node::IsDistinct { .. } => {
                self.run_test(run, scope)
            }
            Node::Case { operand, arms, otherwise, kind } => {
                conditional::case(operand.as_deref(), arms, otherwise.as_deref(), *kind, run, scope)
            }
            Node::CaseOperand => {
                scope.case.cloned().ok_or_else(|| ExecuteError::plan("no CASE around an operand"))
            }
            Node::Element => {
                scope.element.cloned().ok_or_else(|| ExecuteError::plan("nothing around an element"))
            }
            Node::Coalesce(terms, kind) => conditional::coalesce(terms, *kind, run, scope),
            Node::NullIf { equality, sides } => conditional::null_if(equality, sides, run, scope),
            Node::Extreme { greatest, order, operands, kind } => {
                conditional::extreme(*greatest, order, operands, *kind, run, scope)
            }
            Node::ThroughText { operand, from, to } => {
                convert::through_text(&operand.run(run, scope)?, *from, *to, run)
            }
            Node::SameBits { operand, kind } => convert::same_bits(&operand.run(run, scope)?, *kind),
            Node::Routine { .. }
            | Node::ArrayCast { .. }
            | Node::RowCast { .. }
            | Node::ShapePart { .. }
            | Node::Array { .. }
            | Node::Row(_)
            | Node::Field { .. }
            | Node::Subscript { .. }
            | Node::ReplaceField { .. }
            | Node::ReplaceElement { .. }
            | Node::ReplaceMember { .. } => self.run_composite(run, scope),
            Node::DomainCheck { operand, name, shown, not_null, checks } => {
                let value = operand.run(run, scope)?;
                convert::domain(value, name, shown, *not_null, checks, run, scope)
            }
            Node::Quantified { comparison, all, sides, element_kind } => {
                let (left, right) = run_pair(sides, run, scope)?;
                list::quantified(comparison, *all, &left, &right, *element_kind, run)
            }
            Node::InList { operand, list: terms, fixed, order, negated } => {
                let operand = operand.run(run, scope)?;
                list::in_list(&operand, terms, fixed.as_deref(), order, *negated, run, scope)
            }
            Node::RowCompare { fields } => list::row_compare(fields, run, scope),
            Node::SqlValue { value, kind } => convert::sql_value(*value, *kind, run, scope.rows()),
            Node::Subplan { plan, test, outer, kind } => subplan::run(*plan, test, outer, *kind, run, scope),
        }
    }
}

/// A function's call. Nearly all have one argument or two, which need no memory of their own.
fn call(site: &Site, arguments: &[Node], run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vector> {
    let (one, two, several);
    let vectors: &[Vector] = match arguments {
        [only] => {
            one = [only.run(run, scope)?];
            &one
        }
        [left, right] => {
            two = [left.run(run, scope)?, right.run(run, scope)?];
            &two
        }
        all => {
            several = run_all(all, run, scope)?;
            &several
        }
    };
    if site.function.volatility == Volatility::Volatile {
        match has_effects(site.function) {
            true => run.note_effect(),
            false => run.note_volatile(),
        }
    }
    evaluate_site(site, vectors, run, scope.rows())
}

/// The values of a call for rows of arguments.
pub(super) fn evaluate_site(
    site: &Site,
    vectors: &[Vector],
    run: &mut Run<'_, '_>,
    rows: usize,
) -> ExecuteResult<Vector> {
    match site.function.implementation {
        Implementation::Session(function) if function.asks_transaction() => {
            ask(site, function, vectors, run, rows)
        }
        _ => Ok(site.evaluate(&mut run.world.context, vectors, rows)?),
    }
}

/// The same of one that asks for the transaction.
fn ask(
    site: &Site,
    function: SessionFunction,
    vectors: &[Vector],
    run: &mut Run<'_, '_>,
    rows: usize,
) -> ExecuteResult<Vector> {
    let entry = run.world.context.types.entry(site.result.oid).and_then(|entry| entry.kind);
    let mut builder = VectorBuilder::new(entry.unwrap_or(Kind::Bytes), rows);
    for row in 0..rows {
        let arguments: Vec<Item<'_>> = vectors.iter().map(|vector| vector.item(row)).collect();
        let is_null = site.function.strict && arguments.iter().any(|item| matches!(item, Item::Null));
        if is_null {
            builder.push_null();
            continue;
        }
        let (catalog, view) = (run.world.catalog, run.view()?.clone());
        builder.push(&catalog.ask(run.world, function, (site, &arguments), &view)?)?;
    }
    Ok(builder.finish())
}

impl Node {
    /// Tests for null, truth and distinctness.
    fn run_test(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vector> {
        match self {
            Node::IsNull { operand, negated, row } => {
                let operand = operand.run(run, scope)?;
                Ok(match row {
                    Some(there) => composite::is_null(&operand, *negated, there),
                    None => logic::is_null(&operand, *negated),
                })
            }
            Node::IsBoolean { operand, wanted, negated } => {
                Ok(logic::is_boolean(&operand.run(run, scope)?, *wanted, *negated))
            }
            Node::IsDistinct { equality, sides, negated } => {
                let (left, right) = run_pair(sides, run, scope)?;
                logic::is_distinct(equality, left, right, *negated, run)
            }
            other => Err(ExecuteError::plan(format!("not a test: {other:?}"))),
        }
    }

    /// Arrays and rows, and functions in SQL.
    fn run_composite(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vector> {
        match self {
            Node::Routine { call, arguments } => {
                let vectors = run_all(arguments, run, scope)?;
                call.evaluate(run, &vectors, scope.rows())
            }
            Node::ArrayCast { operand, element, to, kind } => {
                let operand = operand.run(run, scope)?;
                array::cast(&operand, element, *to, *kind, run, scope)
            }
            Node::ShapePart { operand, index, kind } => {
                let (operand, index) = (operand.run(run, scope)?, index.run(run, scope)?);
                composite::shape_part(&operand, &index, *kind)
            }
            Node::RowCast { operand, fields } => {
                composite::cast(&operand.run(run, scope)?, fields, run, scope)
            }
            Node::Array { elements, nested, element_type, element_kind } => {
                array::build(elements, *nested, *element_type, *element_kind, run, scope)
            }
            Node::Row(fields) => composite::row(fields, run, scope),
            Node::Field { operand, index, kind } => {
                composite::field(&operand.run(run, scope)?, *index, *kind)
            }
            Node::Subscript { operand, steps, json, kind } => {
                let whole = operand.run(run, scope)?;
                array::subscript(&whole, steps, *json, *kind, run, scope)
            }
            Node::ReplaceField { operand, index, value, types } => {
                let (whole, value) = (operand.run(run, scope)?, value.run(run, scope)?);
                composite::replace(&whole, *index, &value, types)
            }
            Node::ReplaceElement { operand, steps, value, element_type, element_kind } => {
                let (whole, value) = (operand.run(run, scope)?, value.run(run, scope)?);
                array::replace(&whole, steps, &value, (*element_type, *element_kind), run, scope)
            }
            Node::ReplaceMember { operand, steps, value } => {
                let (whole, value) = (operand.run(run, scope)?, value.run(run, scope)?);
                array::replace_member(&whole, steps, &value, run, scope)
            }
            other => Err(ExecuteError::plan(format!("not composite: {other:?}"))),
        }
    }
}

/// The values of several nodes.
pub(super) fn run_all(
    nodes: &[Node],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vec<Vector>> {
    nodes.iter().map(|node| node.run(run, scope)).collect()
}

/// The values of two nodes.
pub(super) fn run_pair(
    pair: &(Node, Node),
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<(Vector, Vector)> {
    Ok((pair.0.run(run, scope)?, pair.1.run(run, scope)?))
}

/// The truth of a row; `None` is unknown.
pub fn truth(vector: &Vector, row: usize) -> Option<bool> {
    if vector.is_null(row) {
        return None;
    }
    vector.fixed::<bool>().and_then(|values| values.get(vector.place(row)).copied())
}
