//! Expressions of one row: values by themselves, where a vector for each operation would cost more than what it computes.
//!
//! The same rows see the same terms in the same order as in chunks, so the same errors come.

use super::node::{Node, Step};
use super::{Conditions, Evaluator};
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use functions::{Single, SingleFunction};
use plan::expression::OuterId;
use types::array::ArrayView;
use types::vector::{Operator, Order};
use types::{Item, Value};

/// An expression of rows whose columns all have [`Single`]s.
#[derive(Debug)]
pub struct SingleEvaluator(Term);

/// What it consists of. What the variants mean is told where they come from, [`Node`].
#[derive(Debug)]
enum Term {
    Constant(Single),
    Slot(u32),
    Parameter(u32),
    Outer(OuterId),
    /// An element of an array that is a parameter, and at which place.
    Element(u32, Box<Term>),
    /// A strict function of one argument.
    Unary(SingleFunction, Box<Term>),
    /// The same of two.
    Binary(SingleFunction, Box<[Term; 2]>),
    Compare(Operator, Order, Box<[Term; 2]>),
    /// `AND` decides by false, `OR` by true.
    Junction(Vec<Term>, bool),
    Not(Box<Term>),
    IsNull(Box<Term>, bool),
    Coalesce(Vec<Term>),
    /// Conditions and results, and the result without.
    Case(Vec<[Term; 2]>, Box<Term>),
}

/// What an expression is given besides its row.
pub trait Given {
    /// A parameter.
    ///
    /// # Errors
    /// When there is no such one.
    fn parameter(&self, index: u32) -> ExecuteResult<&Value>;

    /// A value that an outer operator has set.
    ///
    /// # Errors
    /// When there is none.
    fn outer(&mut self, id: OuterId) -> ExecuteResult<Single>;
}

impl Given for Run<'_, '_> {
    #[inline]
    fn parameter(&self, index: u32) -> ExecuteResult<&Value> {
        Run::parameter(self, index)
    }

    #[inline]
    fn outer(&mut self, id: OuterId) -> ExecuteResult<Single> {
        single(&Item::from(Run::outer(self, id)))
    }
}

/// Parameters alone.
pub(super) struct Parameters<'p>(pub &'p [Value]);

impl Given for Parameters<'_> {
    #[inline]
    fn parameter(&self, index: u32) -> ExecuteResult<&Value> {
        self.0.get(index as usize).ok_or_else(other_kind)
    }

    fn outer(&mut self, _: OuterId) -> ExecuteResult<Single> {
        Err(other_kind())
    }
}

impl Term {
    /// Of a node; `None` if a row's value takes more than [`Single`]s.
    fn new(node: &Node) -> Option<Term> {
        let pair = |sides: &(Node, Node)| Some(Box::new([Term::new(&sides.0)?, Term::new(&sides.1)?]));
        let all = |nodes: &[Node]| nodes.iter().map(Term::new).collect::<Option<Vec<Term>>>();
        Some(match node {
            Node::Constant(vector) => Term::Constant(Single::from_item(&vector.item(0))?),
            Node::Parameter(index, kind) if Single::has(*kind) => Term::Parameter(*index),
            Node::Outer(id, kind) if Single::has(*kind) => Term::Outer(*id),
            Node::Slot(slot) => Term::Slot(*slot),
            Node::Subscript { operand, steps, json: false, kind } if Single::has(*kind) => {
                match (&**operand, &steps[..]) {
                    (Node::Parameter(array, _), [Step::Index(at)]) => {
                        Term::Element(*array, Box::new(Term::new(at)?))
                    }
                    _ => return None,
                }
            }
            Node::Call { site, arguments } => match &arguments[..] {
                [only] => Term::Unary(site.single()?, Box::new(Term::new(only)?)),
                [left, right] => {
                    Term::Binary(site.single()?, Box::new([Term::new(left)?, Term::new(right)?]))
                }
                _ => return None,
            },
            Node::Compare { operator, order, sides } => Term::Compare(*operator, order.clone(), pair(sides)?),
            Node::And(terms) => Term::Junction(all(terms)?, false),
            Node::Or(terms) => Term::Junction(all(terms)?, true),
            Node::Not(operand) => Term::Not(Box::new(Term::new(operand)?)),
            Node::IsNull { operand, negated, row: None } => {
                Term::IsNull(Box::new(Term::new(operand)?), *negated)
            }
            Node::Coalesce(terms, _) => Term::Coalesce(all(terms)?),
            Node::Case { operand: None, arms, otherwise, .. } => {
                let arms =
                    arms.iter().map(|(condition, result)| Some([Term::new(condition)?, Term::new(result)?]));
                let otherwise =
                    otherwise.as_ref().map_or(Some(Term::Constant(Single::Null)), |node| Term::new(node));
                Term::Case(arms.collect::<Option<_>>()?, Box::new(otherwise?))
            }
            Node::Routine { .. }
            | Node::Parameter(..)
            | Node::Outer(..)
            | Node::IsNull { row: Some(_), .. }
            | Node::IsBoolean { .. }
            | Node::IsDistinct { .. }
            | Node::Case { operand: Some(_), .. }
            | Node::CaseOperand
            | Node::NullIf { .. }
            | Node::Extreme { .. }
            | Node::ThroughText { .. }
            | Node::SameBits { .. }
            | Node::ArrayCast { .. }
            | Node::Element
            | Node::ShapePart { .. }
            | Node::RowCast { .. }
            | Node::DomainCheck { .. }
            | Node::Array { .. }
            | Node::Row(_)
            | Node::Field { .. }
            | Node::Subscript { .. }
            | Node::ReplaceField { .. }
            | Node::ReplaceElement { .. }
            | Node::ReplaceMember { .. }
            | Node::Quantified { .. }
            | Node::InList { .. }
            | Node::RowCompare { .. }
            | Node::SqlValue { .. }
            | Node::Subplan { .. } => return None,
        })
    }

    /// The value for a row.
    fn value<G: Given>(&self, run: &mut G, row: &[Single]) -> ExecuteResult<Single> {
        match self {
            Term::Slot(slot) => row.get(*slot as usize).copied().ok_or_else(other_kind),
            Term::Constant(value) => Ok(*value),
            Term::Parameter(index) => single(&Item::from(run.parameter(*index)?)),
            Term::Outer(id) => run.outer(*id),
            Term::Element(array, at) => match at.value(run, row)? {
                Single::Int32(at) => element(run.parameter(*array)?, at),
                _ => Ok(Single::Null),
            },
            Term::Unary(function, operand) => match operand.value(run, row)? {
                Single::Null => Ok(Single::Null),
                value => Ok(function(&[value])?),
            },
            Term::Binary(function, sides) => match (sides[0].value(run, row)?, sides[1].value(run, row)?) {
                (Single::Null, _) | (_, Single::Null) => Ok(Single::Null),
                (left, right) => Ok(function(&[left, right])?),
            },
            Term::Compare(operator, order, sides) => {
                Ok(match (sides[0].value(run, row)?, sides[1].value(run, row)?) {
                    (Single::Null, _) | (_, Single::Null) => Single::Null,
                    (left, right) => Single::Bool(operator.holds(order.compare(&left.item(), &right.item()))),
                })
            }
            Term::Junction(terms, decides) => junction(terms, *decides, run, row),
            Term::Not(operand) => {
                Ok(truth(operand.value(run, row)?).map_or(Single::Null, |truth| Single::Bool(!truth)))
            }
            Term::IsNull(operand, negated) => {
                Ok(Single::Bool((operand.value(run, row)? == Single::Null) != *negated))
            }
            Term::Coalesce(terms) => {
                for term in terms {
                    let value = term.value(run, row)?;
                    if value != Single::Null {
                        return Ok(value);
                    }
                }
                Ok(Single::Null)
            }
            Term::Case(arms, otherwise) => {
                for [condition, result] in arms {
                    if truth(condition.value(run, row)?) == Some(true) {
                        return result.value(run, row);
                    }
                }
                otherwise.value(run, row)
            }
        }
    }
}

fn other_kind() -> ExecuteError {
    ExecuteError::plan("a value of another kind in a single row")
}

fn single(item: &Item<'_>) -> ExecuteResult<Single> {
    Single::from_item(item).ok_or_else(other_kind)
}

/// An element of an array of one dimension; null where there is none.
fn element(array: &Value, at: i32) -> ExecuteResult<Single> {
    let Some(view) = array.as_bytes().and_then(ArrayView::new) else { return Ok(Single::Null) };
    let mut dimensions = view.dimensions();
    let (Some(dimension), None) = (dimensions.next(), dimensions.next()) else { return Ok(Single::Null) };
    match usize::try_from(i64::from(at) - i64::from(dimension.lower)) {
        Ok(place) => single(&view.item(place)),
        Err(_) => Ok(Single::Null),
    }
}

fn truth(value: Single) -> Option<bool> {
    if let Single::Bool(truth) = value { Some(truth) } else { None }
}

/// The first term that decides is the last that is computed.
fn junction<G: Given>(terms: &[Term], decides: bool, run: &mut G, row: &[Single]) -> ExecuteResult<Single> {
    let mut result = Single::Bool(!decides);
    for term in terms {
        match truth(term.value(run, row)?) {
            Some(truth) if truth == decides => return Ok(Single::Bool(decides)),
            Some(_) => {}
            None => result = Single::Null,
        }
    }
    Ok(result)
}

impl SingleEvaluator {
    /// The value for a row.
    #[inline]
    pub fn value<G: Given>(&self, run: &mut G, row: &[Single]) -> ExecuteResult<Single> {
        self.0.value(run, row)
    }

    /// Whether it is true for a row.
    #[inline]
    pub fn holds<G: Given>(&self, run: &mut G, row: &[Single]) -> ExecuteResult<bool> {
        Ok(truth(self.0.value(run, row)?) == Some(true))
    }
}

impl Evaluator {
    /// The same for rows of [`Single`]s; `None` if these do not do.
    pub fn single(&self) -> Option<SingleEvaluator> {
        if Single::has(self.kind) { Term::new(&self.node).map(SingleEvaluator) } else { None }
    }
}

impl Conditions {
    /// The same for rows of [`Single`]s; `None` if these do not do.
    pub fn single(&self) -> Option<Vec<SingleEvaluator>> {
        self.conditions.iter().map(Evaluator::single).collect()
    }
}
