//! Leaves that are run for each row of what they are joined with.
//!
//! A grouping, a set of joins or the like in a region is planned once for all rows. If few rows are joined with it, and the
//! conditions of the join, pushed down into it, let an index find what belongs to one row, it is cheaper to run it anew for each
//! of those. Decorrelated subqueries thus get back what correlation was good for; which way is taken is a question of cost.

use super::Lowering;
use super::region::{Region, Set};
use crate::cost::{IndexCost, lookup_cost};
use crate::error::PlanResult;
use crate::expression::{Column, Expression};
use crate::facts::{IndexFacts, PlannerSettings, TableFacts};
use crate::logical::{JoinKind, Logical, Scan};
use crate::physical::Estimate;
use crate::rewrite::{is_volatile, restricted};
use crate::walk::{columns_of, free_columns};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How deep such leaves are looked for in each other: each is planned once more for it.
const DEPTH: u32 = 3;

/// A way to run a leaf for rows that it is joined with.
#[derive(Debug)]
pub(super) struct Bound {
    /// What must have been joined.
    pub(super) required: Set,
    /// The leaf with the conditions pushed down into it.
    pub(super) logical: Logical,
    /// One run of it.
    estimate: Estimate,
    /// Of a table whose index's entries are asked in each run: what they are asked.
    probe: Option<(Arc<TableFacts>, Arc<IndexFacts>, IndexCost)>,
}

impl Bound {
    /// What one of so many runs costs. What one has read of a table and its index is in the cache for the next.
    pub(super) fn cost_of_one(&self, settings: &PlannerSettings, runs: f64) -> f64 {
        let one = self.estimate.total_cost;
        match &self.probe {
            Some((table, index, asked)) => one.min(lookup_cost(settings, table, index, *asked, runs)),
            None => one,
        }
    }
}

impl Lowering<'_> {
    /// Finds the ways in which the leaves of a region may be run for rows that they are joined with.
    pub(super) fn bind_leaves(&mut self, region: &mut Region) {
        if self.bound_depth >= DEPTH || region.leaves.len() < 2 {
            return;
        }
        self.bound_depth += 1;
        for leaf in 0..region.leaves.len() {
            let whole = region.leaves[leaf].repeatable.take().or_else(|| self.table_by_rows(region, leaf));
            let Some(logical) = whole else { continue };
            for (required, mut conditions) in self.conditions_by_partners(region, leaf, &logical) {
                if region.is_free(leaf)
                    && let Some((scan, _, _)) = &region.leaves[leaf].table
                {
                    conditions.iter_mut().for_each(|condition| self.put_id_first(scan, condition));
                }
                if let Some(bound) = self.bind_leaf(region, logical.clone(), required, conditions) {
                    region.leaves[leaf].bounds.push(bound);
                }
            }
        }
        self.bound_depth -= 1;
    }

    /// A table that conditions of a region name a row of by its id, or ask the entries of an index of: its ordered indexes are
    /// looked up for many rows at a time, ids and entries for one row after the other.
    fn table_by_rows(&self, region: &Region, leaf: usize) -> Option<Logical> {
        let (scan, own, _) = region.leaves[leaf].table.as_ref()?;
        let attached = region.leaves[leaf].attached.iter().flat_map(|attached| &attached.conditions);
        let mut between = region.conditions.iter().map(|condition| &condition.expression).chain(attached);
        let named = between.any(|condition| self.names_row(scan, condition) || self.may_ask(scan, condition));
        let again = |condition: &Expression| !condition.has_subquery() && !is_volatile(self.facts, condition);
        (named && scan.sample.is_none() && own.iter().all(again)).then(|| {
            let input = Logical::Scan(scan.clone());
            match own.as_slice() {
                [] => input,
                own => Logical::Filter { input: Box::new(input), conditions: own.to_vec() },
            }
        })
    }

    /// Whether an operator gives the same rows however often it is run, and is more than a table.
    pub(super) fn is_repeatable(&self, logical: &Logical) -> bool {
        let mut table = logical;
        while let Logical::Filter { input, .. } = table {
            table = input;
        }
        let mut repeatable = !matches!(table, Logical::Scan(scan) if scan.members.is_empty());
        let of_rounds = self.readers_of(|_| true);
        logical.walk(&mut |part| {
            if let Logical::CommonTable { table, .. } = part {
                repeatable = repeatable && !of_rounds.contains(&table.0);
            }
            part.for_each_expression(&mut |expression| {
                repeatable = repeatable && !expression.has_subquery() && !is_volatile(self.facts, expression);
            });
            repeatable = repeatable && may_be_run_again(part);
        });
        repeatable
    }

    fn bind_leaf(
        &mut self,
        region: &Region,
        logical: Logical,
        required: Set,
        conditions: Vec<Expression>,
    ) -> Option<Bound> {
        let logical = restricted(logical, conditions, self.facts, &self.names);
        if !self.finds_rows(&logical) {
            return None;
        }
        let partners = region.leaves.iter().flat_map(|leaf| leaf.columns.iter().copied());
        let estimate = self.estimated(&logical, &partners.collect::<Vec<_>>()).ok()?;
        let probe = self.entries_asked(&logical);
        Some(Bound { required, logical, estimate, probe })
    }

    /// The cheapest index of a table whose entries are asked with values of rows around.
    fn entries_asked(&self, logical: &Logical) -> Option<(Arc<TableFacts>, Arc<IndexFacts>, IndexCost)> {
        let Logical::Filter { input, conditions } = logical else { return None };
        let Logical::Scan(scan) = &**input else { return None };
        let asked = self.matches(scan, conditions).into_iter().filter(|matched| !matched.searches.is_empty());
        let costs = asked.map(|matched| {
            let cost = self.index_cost(scan, &matched, conditions, &self.statistics);
            (matched.index, cost)
        });
        let (index, cost) = costs.min_by(|one, other| one.1.part.total_cmp(&other.1.part))?;
        Some((self.facts.table(scan.table), index, cost))
    }

    /// The conditions that connect a leaf with others: for each set of leaves that one of them names by which rows may be found, all
    /// that it fulfils.
    fn conditions_by_partners(
        &self,
        region: &Region,
        leaf: usize,
        logical: &Logical,
    ) -> Vec<(Set, Vec<Expression>)> {
        let finds = |sides: bool, condition: &Expression| sides || self.asks_any(logical, condition);
        if let Some(attached) = &region.leaves[leaf].attached {
            let one_by_one = match attached.kind {
                JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti | JoinKind::Single => true,
                JoinKind::Full | JoinKind::AntiNull | JoinKind::Mark(_) => false,
            };
            let plain = attached.conditions.iter().all(|condition| !condition.has_subquery());
            let mut known = attached.sides.iter().zip(&attached.conditions);
            let found = known.any(|(sides, condition)| finds(sides.is_some(), condition));
            if !one_by_one || !plain || attached.lateral || !found {
                return Vec::new();
            }
            return vec![(attached.required, attached.conditions.clone())];
        }
        let own: Set = 1 << leaf;
        let connects = |named: Set| named & own != 0 && named != own;
        let keys = region.conditions.iter().filter(|condition| {
            connects(condition.named) && finds(condition.sides.is_some(), &condition.expression)
        });
        let partners = keys.map(|condition| condition.named & !own).collect::<BTreeSet<_>>();
        let fulfilled = |partners: Set| {
            let conditions = region
                .conditions
                .iter()
                .filter(|condition| connects(condition.named) && condition.named & !(partners | own) == 0);
            conditions.map(|condition| condition.expression.clone()).collect()
        };
        partners.into_iter().map(|partners| (partners, fulfilled(partners))).collect()
    }

    /// Whether a condition asks the entries of an index of a table within.
    fn asks_any(&self, logical: &Logical, condition: &Expression) -> bool {
        let mut found = false;
        logical.walk(&mut |part| {
            if let Logical::Scan(scan) = part {
                found = found || of_each(scan).iter().any(|scan| self.may_ask(scan, condition));
            }
        });
        found
    }

    /// Whether a value of a row around bounds an index somewhere within, or names a row.
    fn finds_rows(&self, logical: &Logical) -> bool {
        let free = free_columns(logical);
        let mut found = false;
        logical.walk(&mut |part| {
            let Logical::Filter { input, conditions } = part else { return };
            let Logical::Scan(scan) = &**input else { return };
            found = found
                || conditions.iter().any(|condition| {
                    let mut outer = false;
                    condition.for_each_column(&mut |column| outer = outer || free.contains(&column));
                    outer && (self.may_bound_any(scan, condition) || self.names_row(scan, condition))
                });
        });
        found
    }

    /// Whether a condition compares a key of some index of a table, or asks its entries, or of one of those that inherit from it. A table by itself is
    /// looked up.
    fn may_bound_any(&self, scan: &Scan, condition: &Expression) -> bool {
        let mut tables = of_each(scan).into_iter();
        tables.any(|scan| self.may_bound(&scan, condition) || self.may_ask(&scan, condition))
    }

    /// What something costs that is planned with rows around it. It is planned for that only.
    pub(super) fn estimated(&mut self, logical: &Logical, around: &[Column]) -> PlanResult<Estimate> {
        let trial = self.begin_trial();
        self.enter(around);
        let planned = self.lower(logical.clone());
        self.leave();
        self.give_up(trial);
        Ok(planned?.node.estimate)
    }
}

/// A table by itself, or those that inherit from it, each as what stands for the whole.
fn of_each(scan: &Scan) -> Vec<Scan> {
    let as_whole = |member: &Scan| Scan { relation: scan.relation, ..member.clone() };
    match scan.members.as_slice() {
        [] => vec![scan.clone()],
        members => members.iter().map(as_whole).collect(),
    }
}

/// Whether an operator may be run for one row after another, as far as its kind goes.
fn may_be_run_again(logical: &Logical) -> bool {
    match logical {
        Logical::Values { .. }
        | Logical::Empty { .. }
        | Logical::Filter { .. }
        | Logical::Project { .. }
        | Logical::ProjectSet { .. }
        | Logical::Join(_)
        | Logical::Aggregate(_)
        | Logical::Window(_)
        | Logical::Sort { .. }
        | Logical::Limit { .. }
        | Logical::Distinct { .. }
        | Logical::Set(_)
        | Logical::SystemScan { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. } => true,
        // Each reading of a sample may be another one.
        Logical::Scan(scan) => scan.sample.is_none(),
        Logical::Recursive(_)
        | Logical::WorkTable { .. }
        | Logical::Given { .. }
        | Logical::LockRows { .. }
        | Logical::Insert(_)
        | Logical::Update(_)
        | Logical::Delete(_)
        | Logical::Merge(_) => false,
    }
}

/// The columns of something that is to be a leaf.
pub(super) fn columns(logical: &Logical) -> Vec<Column> {
    columns_of(logical).into_iter().map(|column| column.0).collect()
}
