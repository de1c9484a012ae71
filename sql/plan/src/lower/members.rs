//! A table and those that inherit from it: each is read on its own way, and what its conditions leave no row of is not read.

use super::access::over_columns;
use super::leaf::columns_of_scan;
use super::sorted::common;
use super::{Lowering, Planned, Wanted};
use crate::error::PlanResult;
use crate::expression::{Expression, ExpressionKind, SortKey, SubqueryTest};
use crate::facts::{Exclusion, TableFacts};
use crate::implied::{LONGEST_LIST, excludes, terms_of};
use crate::logical::{Logical, Scan};
use crate::partition::{Bound, Place, Routing};
use crate::physical::NodeKind;
use crate::rewrite::is_volatile;
use crate::walk::free_columns;
use std::collections::BTreeSet;
use std::sync::Arc;
use types::array::ArrayView;
use types::catalog::oid;
use types::vector::Operator;
use types::{Item, Type, Value};

impl Lowering<'_> {
    pub(super) fn lower_members(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let pruned = self.facts.routing(scan.table).filter(|_| self.facts.settings().optimise);
        let kept: Option<BTreeSet<u32>> = pruned.map(|(routing, columns)| {
            if !self.facts.settings().enable_partition_pruning {
                return routing.all_tables();
            }
            let (division, _) = self.division((&routing, &columns), &scan, &conditions);
            division.tables(&routing, &[])
        });
        let asked = self.facts.settings().constraint_exclusion != Exclusion::Off;
        let known = if asked { self.known_of(&conditions) } else { None };
        let members: Vec<Scan> = scan
            .members
            .iter()
            .filter(|member| kept.as_ref().is_none_or(|kept| kept.contains(&member.table)))
            .map(|member| Scan { relation: scan.relation, guarded: scan.guarded, ..member.clone() })
            .filter(|member| !known.as_ref().is_some_and(|known| self.is_excluded(member, known)))
            .collect();
        crate::foreign::refuse_members(&members, self.facts)?;
        let (layout, columns) = columns_of_scan(&scan);
        let rows = |member: &Scan| self.facts.table(member.table).rows;
        let largest = members.iter().max_by(|one, other| rows(one).total_cmp(&rows(other))).cloned();
        if members.len() == 1 {
            let member = members.into_iter().next().unwrap_or(scan);
            return self.lower_scan(member, conditions, wanted);
        }
        if members.is_empty() {
            self.note(&scan);
            return Ok(Planned::new(self.node(NodeKind::Values { rows: Vec::new() }, columns), layout));
        }
        let conditions = self.asked_once(conditions)?;
        let mut inputs = Vec::with_capacity(members.len());
        for member in &members {
            inputs.push(self.lower_scan(member.clone(), conditions.clone(), &Wanted::default())?.node);
        }
        let members_of = Some(scan.alias.clone());
        let pruning = self.pruning(&scan, &members, &conditions)?;
        let kind = NodeKind::Append { inputs, members_of, backward: false, pruning };
        let appended = Planned::new(self.node(kind, columns), layout);
        let planned = match self.in_order(&scan, &members, &conditions, wanted)? {
            Some(ordered) if self.is_cheaper(&ordered, &appended, wanted) => ordered,
            Some(_) | None => appended,
        };
        // What ANALYZE found of a table with those that inherit from it is of all their rows. Where nothing is known of the whole it is what is
        // known of the most of it.
        let family = self.facts.family(scan.table);
        if !family.statistics.is_empty() || !family.combined.is_empty() {
            let rows = members.iter().map(rows).sum();
            self.note_as(&scan, &Arc::new(TableFacts { rows, ..(*family).clone() }));
        } else if let Some(largest) = largest {
            self.note(&largest);
        }
        Ok(planned)
    }

    /// What conditions say, as [`Self::is_excluded`] asks it of each table; nothing if no table is left out for them.
    pub(super) fn known_of(&self, conditions: &[Expression]) -> Option<Expression> {
        let asked = self.facts.settings().optimise && !conditions.is_empty();
        asked.then(|| all_of(conditions.iter().map(|known| self.with_lists(known.clone())).collect()))
    }

    /// Whether no row of a table can fulfil what is known of all that are wanted, for what its checks say of all of them.
    pub(super) fn is_excluded(&self, scan: &Scan, known: &Expression) -> bool {
        let (checks, numbers) = self.facts.kept_checks(scan.table);
        let said = checks.into_iter().flat_map(terms_of);
        let said = said.filter_map(|check| over_columns(scan, &numbers, &check));
        let said: Vec<Expression> = said
            .filter(|check| !is_volatile(self.facts, check))
            .map(|check| self.with_lists(check))
            .collect();
        !said.is_empty() && excludes(known, &all_of(said), &self.facts)
    }

    /// An expression in which what is among the few elements of an array that is known is one of a list of values.
    fn with_lists(&self, mut expression: Expression) -> Expression {
        expression.rewrite(&mut |part| {
            if let Some(list) = self.as_list(part) {
                part.kind = list;
            }
        });
        expression
    }

    fn as_list(&self, expression: &Expression) -> Option<ExpressionKind> {
        let ExpressionKind::Quantified { function, all: false, operands } = &expression.kind else {
            return None;
        };
        let (operand, array) = &**operands;
        let element = self.facts.element_type(array.result)?;
        let known = self.facts.comparison_of_sides(*function, operand.result, element)?;
        let plain = known.left_cast.is_none() && known.right_cast.is_none();
        let array = array.as_constant().filter(|_| plain && known.operator == Operator::Equal)?;
        let Item::Bytes(bytes) = Item::from(array) else { return None };
        let elements = ArrayView::new(bytes).filter(|elements| elements.len() <= LONGEST_LIST)?;
        let values = elements.items().map(|item| item.to_value());
        let list = values.map(|value| Expression::constant(value, element)).collect();
        Some(ExpressionKind::InList {
            operand: Box::new(operand.clone()),
            list,
            order: known.order,
            negated: false,
        })
    }

    /// Whether rows that come in a wanted order are cheaper than those that have to be sorted.
    fn is_cheaper(&self, ordered: &Planned, unordered: &Planned, wanted: &Wanted) -> bool {
        let settings = self.facts.settings();
        let cost = |planned: &Planned| wanted.cost(settings, planned.node.estimate, planned.presorted, 1.0);
        cost(ordered) <= cost(unordered)
    }

    /// The members' rows in a wanted order, if an index gives any of them in it.
    fn in_order(
        &mut self,
        scan: &Scan,
        members: &[Scan],
        conditions: &[Expression],
        wanted: &Wanted,
    ) -> PlanResult<Option<Planned>> {
        let asks = |condition: &Expression| {
            condition.any(&mut |part| matches!(part.kind, ExpressionKind::Subquery(_)))
        };
        // What asks queries is planned once: each has its number.
        if wanted.keys.is_empty() || !self.facts.settings().optimise || conditions.iter().any(asks) {
            return Ok(None);
        }
        let trial = self.begin_trial();
        let strict = Wanted { strict: true, ..wanted.clone() };
        let mut inputs = Vec::with_capacity(members.len());
        for member in members {
            inputs.push(self.lower_scan(member.clone(), conditions.to_vec(), &strict)?);
        }
        if !inputs.iter().any(|input| wanted.is_met(input.presorted)) {
            self.give_up(trial);
            return Ok(None);
        }
        let (layout, columns) = columns_of_scan(scan);
        let mut nodes = Vec::with_capacity(inputs.len());
        for input in inputs {
            let met = wanted.is_met(input.presorted);
            let sorted = if met { input } else { self.sorted(input, wanted.keys.clone(), 0)? };
            nodes.push(sorted.node);
        }
        let members_of = Some(scan.alias.clone());
        let pruning = self.pruning(scan, members, conditions)?;
        let kind = match self.comes_in_order(scan, members, conditions, wanted) {
            Some(backward) => NodeKind::Append { inputs: nodes, members_of, backward, pruning },
            None => {
                let keys = self.keys_over(wanted.keys.clone(), &layout)?;
                NodeKind::MergeAppend { inputs: nodes, keys, members_of, pruning }
            }
        };
        let node = self.node(kind, columns);
        Ok(Some(Planned { node, layout, presorted: wanted.keys.len() }))
    }

    /// Whether all rows of a part come before those of the next in a wanted order, or all behind them.
    fn comes_in_order(
        &self,
        scan: &Scan,
        members: &[Scan],
        conditions: &[Expression],
        wanted: &Wanted,
    ) -> Option<bool> {
        let (routing, columns) = self.facts.routing(scan.table)?;
        let own = routing.parts.iter().filter(|part| match &part.place {
            Place::Table(table) => members.iter().any(|member| member.table == *table),
            Place::Divided(_) => true,
        });
        let bounds: Vec<&Bound> = own.clone().map(|part| &part.bound).collect();
        let flat = own.clone().all(|part| matches!(part.place, Place::Table(_)));
        if !flat || bounds.len() != members.len() || !are_apart(&routing, &bounds) {
            return None;
        }
        let mut keys = Vec::with_capacity(routing.keys.len());
        for key in &routing.keys {
            let expression = over_columns(scan, &columns, &key.expression)?;
            let order = key.order.clone();
            keys.push(SortKey { expression, order, descending: false, nulls_first: false });
        }
        let logical = Logical::Filter {
            input: Box::new(Logical::Scan(Scan { members: Vec::new(), ..scan.clone() })),
            conditions: conditions.to_vec(),
        };
        let keys = self.needed(&logical, &keys);
        let backward = wanted.keys.first()?.descending;
        let turned: Vec<SortKey> = keys
            .into_iter()
            .map(|key| SortKey { descending: backward, nulls_first: backward, ..key })
            .collect();
        let shared = common(&turned, &wanted.keys);
        (shared == turned.len() || shared == wanted.keys.len()).then_some(backward)
    }

    /// Queries in conditions that name nothing around them are planned once for all members.
    fn asked_once(&mut self, mut conditions: Vec<Expression>) -> PlanResult<Vec<Expression>> {
        let mut result = Ok(());
        for condition in &mut conditions {
            condition.rewrite(&mut |part| {
                let ExpressionKind::Subquery(subquery) = &part.kind else { return };
                let valued = match &subquery.test {
                    SubqueryTest::Scalar | SubqueryTest::Exists | SubqueryTest::Array { .. } => true,
                    _ => false, // what is compared is of a row
                };
                if valued && result.is_ok() && free_columns(&subquery.query).is_empty() {
                    result = self.resolve(part, &[]);
                }
            });
        }
        result.map(|()| conditions)
    }
}

/// That all of these are true.
fn all_of(terms: Vec<Expression>) -> Expression {
    Expression { kind: ExpressionKind::And(terms), result: Type::of(oid::BOOL) }
}

/// Whether all rows of each of these parts come before those of the next.
fn are_apart(routing: &Routing, bounds: &[&Bound]) -> bool {
    let Some(key) = routing.keys.first() else { return false };
    let mut last: Option<&Value> = None;
    for bound in bounds {
        match bound {
            Bound::Range(..) => {}
            Bound::Default | Bound::Hash { .. } => return false,
            Bound::List(values) => {
                let compare =
                    |one: &&Value, other: &&Value| key.order.compare(&Item::from(*one), &Item::from(*other));
                let Some(least) = values.iter().min_by(compare) else { return false };
                if values.iter().any(Value::is_null)
                    || last.is_some_and(|last| !compare(&last, &least).is_lt())
                {
                    return false;
                }
                last = values.iter().max_by(compare);
            }
        }
    }
    true
}
