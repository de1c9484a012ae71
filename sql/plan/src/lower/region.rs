//! A region: tables that are joined, with the conditions between them, before it is decided in which order.
//!
//! Inner joins are taken apart into leaves. The right side of any other join, and a lateral one, is an *attached* leaf: it
//! joins last among those that its conditions name, as the right side, in its own way. Everything else may go in any order.

use super::access::Matched;
use super::bound::{self, Bound};
use super::narrowed::{Narrowed, is_grouping};
use super::{Lowering, Planned, Wanted};
use crate::cost::{IndexCost, clamp_rows};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::facts::TableFacts;
use crate::logical::{Join, JoinKind, Logical, Scan};
use crate::physical::Estimate;
use crate::rewrite::restriction;
use crate::walk::{free_columns, made_relations};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::vector::Operator;

/// Sets of leaves.
pub(super) type Set = u64;

/// The most leaves of a region; what is more is planned apart.
const LEAVES: usize = 60;

/// Something that is joined.
pub(super) struct Leaf {
    pub(super) logical: Logical,
    /// Relations that it makes.
    pub(super) relations: BTreeSet<RelationId>,
    pub(super) attached: Option<Attached>,
    pub(super) estimate: Estimate,
    /// The leaf planned on its own; none of a lateral one, which needs the rows that it is joined with.
    pub(super) planned: Option<Planned>,
    /// Of a table: its scan and conditions, for being looked up.
    pub(super) table: Option<(Scan, Vec<Expression>, Arc<TableFacts>)>,
    /// Which conditions of the region may bound a key of its indexes.
    pub(super) bounding: u64,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// Of what is more than a table and may be run again and again: what it is.
    pub(super) repeatable: Option<Logical>,
    /// The ways in which it may be run for rows that it is joined with.
    pub(super) bounds: Vec<Bound>,
    /// Of a grouping, what it costs if it is told which keys are of use.
    pub(super) narrowed: Option<Narrowed>,
}

/// How a leaf is joined that cannot be joined in any way.
pub(super) struct Attached {
    pub(super) kind: JoinKind,
    pub(super) conditions: Vec<Expression>,
    pub(super) lateral: bool,
    /// What it must be joined with.
    pub(super) required: Set,
    /// Which part of all pairs fulfils its conditions.
    pub(super) part: f64,
    /// For each condition the leaves that either side of an equality names.
    pub(super) sides: Vec<Option<(Set, Set)>>,
}

/// A condition of a region, and which leaves it names.
pub(super) struct Condition {
    pub(super) expression: Expression,
    pub(super) named: Set,
    pub(super) part: f64,
    /// Of an equality: which leaves either side names.
    pub(super) sides: Option<(Set, Set)>,
}

impl Condition {
    /// Whether it says that something of one set equals something of another.
    pub(super) fn is_key(&self, left: Set, right: Set) -> bool {
        let within = |named: Set, set: Set| named != 0 && named & !set == 0;
        self.sides.is_some_and(|(first, second)| {
            within(first, left) && within(second, right) || within(first, right) && within(second, left)
        })
    }
}

/// Leaves and conditions.
#[derive(Default)]
pub(super) struct Region {
    pub(super) leaves: Vec<Leaf>,
    pub(super) conditions: Vec<Condition>,
    /// How many right sides of joins are still to come, while joins are taken apart: each is a leaf at least.
    awaited: usize,
}

/// A leaf as the inner side of lookups.
pub(super) struct Lookup {
    pub(super) matched: Matched,
    /// The leaf's own conditions, then those of the join.
    pub(super) conditions: Vec<Expression>,
    pub(super) cost: IndexCost,
}

/// Whether an operator is a join that may be part of a region.
pub(super) fn is_region(logical: &Logical) -> bool {
    match logical {
        Logical::Join(join) => join.kind != JoinKind::Full,
        Logical::Filter { input, .. } => is_region(input),
        _ => false,
    }
}

impl Region {
    /// Takes joins apart.
    fn collect(&mut self, logical: Logical, loose: &mut Vec<Expression>) {
        match logical {
            Logical::Filter { input, conditions } if is_region(&input) => {
                self.collect(*input, loose);
                loose.extend(conditions);
            }
            Logical::Join(join)
                if join.kind != JoinKind::Full && self.leaves.len() + self.awaited < LEAVES =>
            {
                let Join { kind, left, right, conditions, .. } = join;
                let made = made_relations(&left);
                let lateral = free_columns(&right).iter().any(|column| made.contains(&column.relation));
                let before = self.leaves.len();
                self.awaited += 1;
                self.collect(*left, loose);
                self.awaited -= 1;
                if kind == JoinKind::Inner && !lateral {
                    self.collect(*right, loose);
                    loose.extend(conditions);
                } else {
                    self.attach(kind, *right, conditions, lateral, before);
                }
            }
            logical => self.push(logical, None),
        }
    }

    fn attach(
        &mut self,
        kind: JoinKind,
        right: Logical,
        conditions: Vec<Expression>,
        lateral: bool,
        before: usize,
    ) {
        let mut required = 0;
        for condition in &conditions {
            required |= self.named(condition);
        }
        if lateral {
            free_columns(&right).iter().for_each(|column| required |= self.made_by(column.relation));
        }
        if required == 0 {
            // What names nothing at the left comes after all of it.
            (before..self.leaves.len()).for_each(|leaf| required |= 1 << leaf);
        }
        self.push(
            right,
            Some(Attached { kind, conditions, lateral, required, part: 1.0, sides: Vec::new() }),
        );
    }

    fn push(&mut self, logical: Logical, attached: Option<Attached>) {
        let mut relations = made_relations(&logical);
        if let Some(Attached { kind: JoinKind::Mark(relation), .. }) = attached {
            relations.insert(relation);
        }
        let columns = bound::columns(&logical);
        self.leaves.push(Leaf {
            logical,
            relations,
            attached,
            estimate: Estimate::default(),
            planned: None,
            table: None,
            bounding: 0,
            columns,
            repeatable: None,
            bounds: Vec::new(),
            narrowed: None,
        });
    }

    fn made_by(&self, relation: RelationId) -> Set {
        let found = self.leaves.iter().position(|leaf| leaf.relations.contains(&relation));
        found.map_or(0, |leaf| 1 << leaf)
    }

    /// Which leaves an expression names.
    pub(super) fn named(&self, expression: &Expression) -> Set {
        let mut named = 0;
        expression.for_each_column(&mut |column| named |= self.made_by(column.relation));
        named
    }

    /// Leaves that may be joined in any way.
    pub(super) fn is_free(&self, leaf: usize) -> bool {
        self.leaves[leaf].attached.is_none()
    }
}

impl Lowering<'_> {
    /// Plans a tree of joins: in which order, in which way.
    pub(super) fn lower_region(&mut self, logical: Logical) -> PlanResult<Planned> {
        let mut region = Region::default();
        let mut loose = Vec::new();
        region.collect(logical, &mut loose);
        let all = region.leaves.iter().flat_map(|leaf| leaf.columns.iter().copied()).collect::<Vec<_>>();
        for number in 0..region.leaves.len() {
            self.prepare(&mut region.leaves[number], &all)?;
        }
        for expression in loose {
            // What is volatile, or asks another query, comes last of all.
            let late = self.is_volatile(&expression) || expression.has_subquery();
            let named = if late { 0 } else { region.named(&expression) };
            let part = self.part_of_pairs(&region, &expression, named);
            let sides = self.sides(&region, &expression);
            region.conditions.push(Condition { expression, named, part, sides });
        }
        self.join_by_keys(&mut region);
        self.measure(&mut region);
        self.bind_leaves(&mut region);
        let chosen = self.enumerate(&region);
        self.build(&mut region, &chosen)
    }

    /// Which part of the pairs of rows fulfils a condition, of those that fulfil what it says of single leaves: that is a condition
    /// of its own (`rewrite::restriction`).
    fn part_of_pairs(&self, region: &Region, condition: &Expression, named: Set) -> f64 {
        let mut part = self.statistics.one(condition, self.facts);
        for leaf in (0..region.leaves.len()).filter(|leaf| named.count_ones() > 1 && named & (1 << leaf) != 0)
        {
            let about = |relation: RelationId| region.leaves[leaf].relations.contains(&relation);
            if let Some(restriction) = restriction(condition, &about) {
                part /= self.statistics.one(&restriction, self.facts).max(1.0e-10);
            }
        }
        part.min(1.0)
    }

    /// What is asked again and again when orders are tried.
    fn measure(&self, region: &mut Region) {
        for number in 0..region.leaves.len() {
            if let Some(attached) = &region.leaves[number].attached {
                let part = self.statistics.all(&attached.conditions.iter().collect::<Vec<_>>(), self.facts);
                let sides =
                    attached.conditions.iter().map(|condition| self.sides(region, condition)).collect();
                if let Some(attached) = &mut region.leaves[number].attached {
                    (attached.part, attached.sides) = (part, sides);
                }
            }
            let Some((scan, _, _)) = &region.leaves[number].table else { continue };
            let mut bounding = 0;
            for (place, condition) in region.conditions.iter().enumerate().take(64) {
                if condition.named & (1 << number) != 0 && self.may_bound(scan, &condition.expression) {
                    bounding |= 1 << place;
                }
            }
            region.leaves[number].bounding = bounding;
        }
    }

    /// Which leaves the sides of an equality name.
    fn sides(&self, region: &Region, condition: &Expression) -> Option<(Set, Set)> {
        let (function, first, second) = match &condition.kind {
            ExpressionKind::Call(call) if call.arguments.len() == 2 => {
                (call.function, &call.arguments[0], &call.arguments[1])
            }
            ExpressionKind::IsDistinct { equality, operands, negated: true } => {
                (*equality, &operands.0, &operands.1)
            }
            _ => return None,
        };
        let known = self.facts.comparison_of_sides(function, first.result, second.result)?;
        let equal = known.operator == Operator::Equal;
        (equal && !condition.has_subquery() && !self.is_volatile(condition))
            .then(|| (region.named(first), region.named(second)))
    }

    /// Plans a leaf on its own.
    fn prepare(&mut self, leaf: &mut Leaf, all: &[Column]) -> PlanResult<()> {
        leaf.table = match &leaf.logical {
            Logical::Scan(scan) if scan.members.is_empty() => {
                Some((scan.clone(), Vec::new(), self.facts.table(scan.table)))
            }
            Logical::Filter { input, conditions } => match &**input {
                Logical::Scan(scan) if scan.members.is_empty() => {
                    Some((scan.clone(), conditions.clone(), self.facts.table(scan.table)))
                }
                _ => None,
            },
            _ => None,
        };
        let lateral = leaf.attached.as_ref().is_some_and(|attached| attached.lateral);
        if !lateral {
            leaf.repeatable = self.is_repeatable(&leaf.logical).then(|| leaf.logical.clone());
            let taken = std::mem::replace(&mut leaf.logical, Logical::nothing(RelationId(u32::MAX)));
            let planned = self.lower_wanted(taken, &Wanted::default())?;
            leaf.estimate = planned.node.estimate;
            if leaf.repeatable.as_ref().is_some_and(is_grouping) {
                leaf.narrowed = self.narrowed(&planned);
            }
            leaf.planned = Some(planned);
            return Ok(());
        }
        // What it will be is planned when what it is joined with is known; this is for its cost only.
        leaf.estimate = self.estimated(&leaf.logical, all)?;
        Ok(())
    }

    /// How a leaf may be looked up, with all conditions between it and a set of leaves.
    pub(super) fn lookups(&self, region: &Region, left: Set, leaf: usize) -> Vec<Lookup> {
        let Some((scan, own, _)) = &region.leaves[leaf].table else { return Vec::new() };
        let between = match &region.leaves[leaf].attached {
            Some(attached) => attached.conditions.clone(),
            None => region
                .conditions
                .iter()
                .filter(|condition| {
                    condition.named & (1 << leaf) != 0 && condition.named & !(left | 1 << leaf) == 0
                })
                .map(|condition| condition.expression.clone())
                .collect(),
        };
        if between.is_empty() {
            return Vec::new();
        }
        let first = own.len();
        let conditions = own.iter().cloned().chain(between).collect::<Vec<_>>();
        // What is asked of entries is asked for one row after the other (`bind_leaves`).
        let single = |matched: &Matched| {
            matched.is_one_range() && matched.searches.is_empty() && matched.bounding[first..].contains(&true)
        };
        self.matches(scan, &conditions)
            .into_iter()
            .filter(single)
            .map(|matched| {
                let cost = self.index_cost(scan, &matched, &conditions, &self.statistics);
                Lookup { matched, conditions: conditions.clone(), cost }
            })
            .collect()
    }

    /// How many rows a join has, of so many at each side.
    pub(super) fn join_rows(&self, kind: JoinKind, left: f64, right: f64, part: f64) -> f64 {
        let pairs = left * right * part;
        clamp_rows(match kind {
            JoinKind::Inner => pairs,
            JoinKind::Left => pairs.max(left),
            JoinKind::Full => pairs.max(left).max(right),
            // Each row of the left has so many partners: those with less than one are found by that chance.
            JoinKind::Semi => left * (right * part).min(1.0),
            JoinKind::Anti | JoinKind::AntiNull => left * (1.0 - (right * part).min(0.99)).max(0.01),
            JoinKind::Mark(_) | JoinKind::Single => left,
        })
    }
}
