//! What the conditions of a scan say of the keys that its table is divided by.

use super::Lowering;
use super::access::{bare, over_columns, tells_null};
use crate::error::PlanResult;
use crate::expression::{Expression, ExpressionKind};
use crate::logical::Scan;
use crate::partition::{Place, Routing};
use crate::pruning::{Alternative, Clause, Division, Operand, Pruning, Terms};
use std::sync::Arc;
use types::Value;
use types::vector::{Operator, Order};

/// Beyond this depth alternatives are rare, and nothing is lost but time.
const DEPTH: usize = 8;

/// Makes divisions of conditions.
pub(super) struct Divider<'d, 'l> {
    lowering: &'d Lowering<'l>,
    scan: &'d Scan,
    columns: &'d [u16],
    /// What is to be computed when the plan is run.
    values: Vec<Expression>,
}

/// A part that is divided further.
struct Around<'a> {
    routing: &'a Routing,
    keys: Option<Vec<Expression>>,
    part: usize,
}

impl Lowering<'_> {
    /// What conditions say of the keys of a division, and what is to be computed for it.
    pub(super) fn division(
        &self,
        (routing, columns): (&Routing, &[u16]),
        scan: &Scan,
        conditions: &[Expression],
    ) -> (Division, Vec<Expression>) {
        let mut divider = Divider { lowering: self, scan, columns, values: Vec::new() };
        let division = divider.division(routing, &mut Vec::new(), conditions);
        (division, divider.values)
    }

    /// How an operator finds out which members it need not read, if conditions that are planned say something of their keys that
    /// is known when it is run.
    pub(super) fn pruning(
        &mut self,
        scan: &Scan,
        members: &[Scan],
        conditions: &[Expression],
    ) -> PlanResult<Option<Arc<Pruning>>> {
        let settings = self.facts.settings();
        if !settings.optimise || !settings.enable_partition_pruning {
            return Ok(None);
        }
        let Some((routing, columns)) = self.facts.routing(scan.table) else { return Ok(None) };
        let (division, mut values) = self.division((&routing, &columns), scan, conditions);
        if values.is_empty() {
            return Ok(None);
        }
        for value in &mut values {
            self.resolve(value, &[])?;
        }
        let tables = members.iter().map(|member| member.table).collect();
        Ok(Some(Arc::new(Pruning { routing, division, values, tables })))
    }
}

impl Divider<'_, '_> {
    fn division<'r>(
        &mut self,
        routing: &'r Routing,
        around: &mut Vec<Around<'r>>,
        conditions: &[Expression],
    ) -> Division {
        let keys: Option<Vec<Expression>> =
            routing.keys.iter().map(|key| over_columns(self.scan, self.columns, &key.expression)).collect();
        let terms = keys.as_ref().map(|keys| self.terms((routing, keys, around), conditions, 0));
        let mut within = Vec::with_capacity(routing.parts.len());
        for (part, place) in routing.parts.iter().map(|part| &part.place).enumerate() {
            within.push(match place {
                Place::Table(_) => None,
                Place::Divided(inner) => {
                    around.push(Around { routing, keys: keys.clone(), part });
                    let division = self.division(inner, around, conditions);
                    around.pop();
                    Some(division)
                }
            });
        }
        Division { terms, within }
    }

    /// What conditions that must all be true say of the keys of a division.
    fn terms(
        &mut self,
        (routing, keys, around): (&Routing, &[Expression], &[Around<'_>]),
        conditions: &[Expression],
        depth: usize,
    ) -> Terms {
        let mut terms = Terms::default();
        let mut flat: Vec<&Expression> = Vec::new();
        let mut choices: Vec<&Vec<Expression>> = Vec::new();
        flatten(conditions, &mut flat, &mut choices);
        for condition in &flat {
            for (place, key) in keys.iter().enumerate() {
                let order = &routing.keys[place].order;
                self.learn((key, order), condition, &mut |clause| terms.clauses.push((place, clause)));
            }
        }
        for outer in around {
            outer.tell(routing, keys, &mut terms);
        }
        if depth >= DEPTH {
            return terms;
        }
        for choice in choices {
            let alternatives = choice.iter().map(|term| {
                let all: Vec<Expression> = flat.iter().copied().chain([term]).cloned().collect();
                let own = self.terms((routing, keys, around), &all, depth + 1);
                let of_outer = |outer: &Around<'_>| {
                    let keys = outer.keys.as_ref()?;
                    Some(self.terms((outer.routing, keys, &[]), &all, depth + 1))
                };
                Alternative { around: around.iter().map(of_outer).collect(), own }
            });
            terms.choices.push(alternatives.collect());
        }
        terms
    }

    /// What a condition says of a key.
    fn learn(
        &mut self,
        (key, order): (&Expression, &Order),
        condition: &Expression,
        tell: &mut dyn FnMut(Clause),
    ) {
        let same = |one: &Expression| bare(one) == bare(key);
        let truth = |value: bool| Clause::Among(vec![Value::Bool(value)]);
        match &condition.kind {
            ExpressionKind::Constant(Value::Bool(true)) => {}
            ExpressionKind::Constant(_) => tell(Clause::Among(Vec::new())),
            ExpressionKind::IsNull { .. } if !tells_null(order) => {}
            ExpressionKind::IsNull { operand, negated: false } if same(operand) => {
                tell(Clause::Among(vec![Value::Null]));
            }
            ExpressionKind::IsNull { operand, negated: true } if same(operand) => tell(Clause::NotNull),
            ExpressionKind::InList { operand, list, order: own, negated }
                if same(operand) && own == order =>
            {
                let operands = list.iter().map(|value| self.operand(value));
                let operands: Option<Vec<Operand>> = operands.collect();
                if *negated {
                    tell(Clause::NotNull);
                }
                if let Some(operands) = operands {
                    tell(if *negated { Clause::NoneOf(operands) } else { Clause::OneOf(operands) });
                }
            }
            ExpressionKind::IsBoolean { operand, wanted, negated: true } if same(operand) => match wanted {
                Some(wanted) => tell(Clause::NoneOf(vec![Operand::Constant(Value::Bool(*wanted))])),
                None => tell(Clause::NotNull),
            },
            ExpressionKind::Not(operand) if same(operand) => tell(truth(false)),
            ExpressionKind::IsBoolean { operand, wanted: Some(wanted), negated: false } if same(operand) => {
                tell(truth(*wanted));
            }
            _ if same(condition) => tell(truth(true)),
            _ => {
                if let Some(array) = self.lowering.among(self.scan, condition, key, order) {
                    return self.operand(array).into_iter().for_each(|array| tell(Clause::Element(array)));
                }
                let compared = self.lowering.compared_by(self.scan, condition, key, order);
                let Some((operator, value)) = compared else { return };
                if operator == Operator::NotEqual {
                    tell(Clause::NotNull);
                }
                if let Some(operand) = self.operand(&value) {
                    tell(Clause::Compared(operator, operand));
                }
            }
        }
    }

    fn operand(&mut self, value: &Expression) -> Option<Operand> {
        match value.as_constant() {
            Some(value) => Some(Operand::Constant(value.clone())),
            None => self.computed(value).map(Operand::Computed),
        }
    }

    /// The place of a value that is to be computed; none of what asks a query, which is asked for its row only.
    fn computed(&mut self, value: &Expression) -> Option<u32> {
        if value.has_subquery() {
            return None;
        }
        let known = self.values.iter().position(|known| known == value);
        let place = known.unwrap_or_else(|| {
            self.values.push(value.clone());
            self.values.len() - 1
        });
        Some(place as u32)
    }
}

impl Around<'_> {
    /// Tells what its bound says of the first key, if the division within it goes by that too.
    fn tell(&self, routing: &Routing, keys: &[Expression], terms: &mut Terms) {
        let Some(key) = self.keys.as_ref().and_then(|keys| keys.first()) else { return };
        let Some(place) = keys.iter().position(|own| bare(own) == bare(key)) else { return };
        let (Some(part), Some(own)) = (self.routing.parts.get(self.part), routing.keys.get(place)) else {
            return;
        };
        if self.routing.keys.first().is_some_and(|key| key.order == own.order) {
            terms.tell_bound(place, &part.bound);
        }
    }
}

/// All that must be true, and of what one must be.
fn flatten<'e>(
    conditions: &'e [Expression],
    flat: &mut Vec<&'e Expression>,
    alternatives: &mut Vec<&'e Vec<Expression>>,
) {
    for condition in conditions {
        match &condition.kind {
            ExpressionKind::And(terms) => flatten(terms, flat, alternatives),
            ExpressionKind::Or(terms) => alternatives.push(terms),
            _ => flat.push(condition),
        }
    }
}
