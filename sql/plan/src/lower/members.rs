//! A table and those that inherit from it: each is read on its own way, and what its conditions leave no row of is not read.

use super::leaf::columns_of_scan;
use super::{Lowering, Planned, Wanted};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, ExpressionKind};
use crate::logical::{Scan, ScanSource};
use crate::partition::{Place, Routing};
use crate::physical::NodeKind;
use crate::prune::{Known, Survivors};
use std::collections::BTreeSet;
use types::Value;
use types::vector::Operator;

impl Lowering<'_> {
    pub(super) fn lower_members(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let pruned = self.facts.routing(scan.table).filter(|_| self.facts.settings().optimise);
        let kept: Option<BTreeSet<u32>> = pruned.and_then(|(routing, columns)| {
            let mut tables = BTreeSet::new();
            self.kept(&routing, &columns, &scan, &conditions, &mut tables).then_some(tables)
        });
        let members: Vec<Scan> = scan
            .members
            .iter()
            .filter(|member| kept.as_ref().is_none_or(|kept| kept.contains(&member.table)))
            .map(|member| Scan { relation: scan.relation, ..member.clone() })
            .collect();
        let (layout, columns) = columns_of_scan(&scan);
        let rows = |member: &Scan| self.facts.table(member.table).rows;
        let largest = members.iter().max_by(|one, other| rows(one).total_cmp(&rows(other))).cloned();
        let mut inputs = Vec::with_capacity(members.len());
        let single = members.len() == 1;
        let (none, alone) = (Wanted::default(), wanted);
        let wanted = if single { alone } else { &none };
        for member in members {
            let planned = self.lower_scan(member, conditions.clone(), wanted)?;
            if single {
                return Ok(planned);
            }
            inputs.push(planned.node);
        }
        if let Some(largest) = largest {
            // What is known of columns of the whole is what is known of the most of it.
            self.note(&largest);
        }
        if inputs.is_empty() {
            self.note(&scan);
            return Ok(Planned::new(self.node(NodeKind::Values { rows: Vec::new() }, columns), layout));
        }
        let kind = NodeKind::Append { inputs, members_of: Some(scan.alias) };
        let node = self.node(kind, columns);
        Ok(Planned::new(node, layout))
    }

    /// Gathers the tables that may have rows for which conditions are true. False if nothing can be said.
    fn kept(
        &self,
        routing: &Routing,
        columns: &[u16],
        scan: &Scan,
        conditions: &[Expression],
        tables: &mut BTreeSet<u32>,
    ) -> bool {
        let keys: Option<Vec<Expression>> =
            routing.keys.iter().map(|key| over_scan(scan, columns, &key.expression)).collect();
        let survivors = match &keys {
            Some(keys) => self.survivors(routing, keys, scan, conditions, 0),
            None => vec![true; routing.parts.len()],
        };
        for (part, survives) in routing.parts.iter().zip(survivors) {
            match &part.place {
                Place::Table(table) if survives => {
                    tables.insert(*table);
                }
                Place::Divided(inner) if survives => {
                    self.kept(inner, columns, scan, conditions, tables);
                }
                Place::Table(_) | Place::Divided(_) => {}
            }
        }
        true
    }

    /// Which parts may have rows for which all conditions are true.
    fn survivors(
        &self,
        routing: &Routing,
        keys: &[Expression],
        scan: &Scan,
        conditions: &[Expression],
        depth: usize,
    ) -> Vec<bool> {
        let mut known = vec![Known::default(); keys.len()];
        let mut flat: Vec<&Expression> = Vec::new();
        let mut alternatives: Vec<&Vec<Expression>> = Vec::new();
        flatten(conditions, &mut flat, &mut alternatives);
        for condition in &flat {
            for (place, key) in keys.iter().enumerate() {
                self.learn(routing, key, place, scan, condition, &mut known[place]);
            }
        }
        let mut survivors = Survivors::new(routing).of(&known);
        // Beyond this depth alternatives are rare, and nothing is lost but time.
        if depth < 8 {
            for terms in alternatives {
                let mut any = vec![false; survivors.len()];
                for term in terms {
                    let mut all: Vec<Expression> = flat.iter().map(|known| (*known).clone()).collect();
                    all.push(term.clone());
                    let one = self.survivors(routing, keys, scan, &all, depth + 1);
                    any.iter_mut().zip(one).for_each(|(any, one)| *any |= one);
                }
                survivors.iter_mut().zip(any).for_each(|(survives, any)| *survives &= any);
            }
        }
        survivors
    }

    /// What a condition says of a key.
    fn learn(
        &self,
        routing: &Routing,
        key: &Expression,
        place: usize,
        scan: &Scan,
        condition: &Expression,
        known: &mut Known,
    ) {
        let order = &routing.keys[place].order;
        let same = |one: &Expression| super::access::bare(one) == super::access::bare(key);
        match &condition.kind {
            ExpressionKind::Constant(Value::Bool(true)) => {}
            ExpressionKind::Constant(_) => known.equal(order, Vec::new()),
            ExpressionKind::IsNull { .. } if !super::access::tells_null(order) => {}
            ExpressionKind::IsNull { operand, negated: false } if same(operand) => {
                known.equal(order, vec![Value::Null]);
            }
            ExpressionKind::IsNull { operand, negated: true } if same(operand) => known.not_null = true,
            ExpressionKind::InList { operand, list, order: own, negated: false }
                if same(operand) && own == order =>
            {
                let values: Option<Vec<Value>> =
                    list.iter().map(|value| value.as_constant().cloned()).collect();
                if let Some(mut values) = values {
                    values.retain(|value| !value.is_null());
                    known.equal(order, values);
                }
            }
            ExpressionKind::Not(operand) if same(operand) => known.equal(order, vec![Value::Bool(false)]),
            ExpressionKind::IsBoolean { operand, wanted: Some(wanted), negated: false } if same(operand) => {
                known.equal(order, vec![Value::Bool(*wanted)]);
            }
            _ if same(condition) => known.equal(order, vec![Value::Bool(true)]),
            _ => {
                let Some((operator, value)) = self.compared_by(scan, condition, key, order) else { return };
                let Some(value) = value.as_constant().cloned() else { return };
                if value.is_null() {
                    return known.equal(order, Vec::new());
                }
                match operator {
                    Operator::Equal => known.equal(order, vec![value]),
                    Operator::Less => known.below(order, value, false),
                    Operator::LessOrEqual => known.below(order, value, true),
                    Operator::Greater => known.above(order, value, false),
                    Operator::GreaterOrEqual => known.above(order, value, true),
                    Operator::NotEqual => known.not_null = true,
                }
            }
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

/// A key over a scan's columns; `None` if the scan lacks one.
fn over_scan(scan: &Scan, columns: &[u16], expression: &Expression) -> Option<Expression> {
    let mut over = expression.clone();
    let mut complete = true;
    over.rewrite(&mut |part| {
        if let ExpressionKind::Column(column) = &mut part.kind {
            let number = columns.get(column.index as usize);
            let place = number.and_then(|number| {
                let is = |source: &ScanSource| {
                    matches!(source, ScanSource::Column { number: own, .. } if own == number)
                };
                scan.columns.iter().position(|column| is(&column.source))
            });
            match place {
                Some(place) => *column = Column { relation: scan.relation, index: place as u32 },
                None => complete = false,
            }
        }
    });
    complete.then_some(over)
}
