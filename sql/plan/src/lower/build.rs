//! The operators of the order in which a region is joined.

use super::enumerate::{Method, Path, Step};
use super::join::{EqualPair, joined};
use super::region::{Lookup, Region, Set};
use super::{Lowering, Planned};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, SortKey};
use crate::logical::{JoinKind, Logical};
use crate::physical::{HashJoin, MergeJoin, NodeKind, PhysicalJoinKind};
use std::rc::Rc;
use types::Type;

impl Lowering<'_> {
    /// Makes operators of a path, and a filter of what is left of the conditions.
    pub(super) fn build(&mut self, region: &mut Region, path: &Rc<Path>) -> PlanResult<Planned> {
        let planned = self.build_path(region, path)?;
        let rest = std::mem::take(&mut region.conditions);
        self.filter(planned, rest.into_iter().map(|condition| condition.expression).collect())
    }

    fn build_path(&mut self, region: &mut Region, path: &Path) -> PlanResult<Planned> {
        match &path.step {
            Step::Leaf(leaf) => {
                region.leaves[*leaf].planned.take().ok_or(PlanError::Misplaced("a leaf that is joined twice"))
            }
            Step::Join { method, left, right } => self.build_join(region, path, *method, left, right),
        }
    }

    fn build_join(
        &mut self,
        region: &mut Region,
        path: &Path,
        method: Method,
        left: &Path,
        right: &Path,
    ) -> PlanResult<Planned> {
        // The lookups are told from the region as it was when the path was found.
        let lookup = self.lookup_of(region, method, left, right);
        let attached = match right.step {
            Step::Leaf(leaf) => region.leaves[leaf].attached.take(),
            Step::Join { .. } => None,
        };
        let both = left.set | right.set;
        let (kind, conditions) = match attached {
            Some(attached) => (attached.kind, attached.conditions),
            None => (
                JoinKind::Inner,
                take_conditions(region, |named| {
                    named != 0 && named & !both == 0 && named & left.set != 0 && named & right.set != 0
                }),
            ),
        };
        let planned = match (method, &right.step) {
            (Method::Apply, Step::Leaf(leaf)) => {
                let left = self.build_path(region, left)?;
                let logical = std::mem::replace(
                    &mut region.leaves[*leaf].logical,
                    Logical::nothing(crate::expression::RelationId(u32::MAX)),
                );
                self.build_apply(kind, left, logical, conditions)?
            }
            (Method::Bound(way), Step::Leaf(leaf)) => {
                let left = self.build_path(region, left)?;
                let bound = region.leaves[*leaf].bounds.swap_remove(way);
                // All that it is bound by is said within it.
                let within =
                    |condition: &Expression| region.named(condition) & !(bound.required | right.set) == 0;
                let rest =
                    conditions.into_iter().filter(|it| kind == JoinKind::Inner && !within(it)).collect();
                self.build_apply(kind, left, bound.logical, rest)?
            }
            (Method::Lookup(_), Step::Leaf(leaf)) => {
                let left = self.build_path(region, left)?;
                let lookup = lookup.ok_or(PlanError::Misplaced("a lookup without an index"))?;
                let (scan, own, _) = region.leaves[*leaf]
                    .table
                    .take()
                    .ok_or(PlanError::Misplaced("a lookup without a table"))?;
                self.build_lookup(kind, left, scan, own.len(), lookup)?
            }
            _ => {
                let left = self.build_path(region, left)?;
                let right = self.build_path(region, right)?;
                self.join_planned(method, kind, left, right, conditions)?
            }
        };
        let mut planned = planned;
        planned.node.estimate = path.estimate;
        if kind == JoinKind::Inner {
            return Ok(planned);
        }
        let later =
            take_conditions(region, |named| named != 0 && named & !both == 0 && named & right.set != 0);
        self.filter(planned, later)
    }

    /// The lookup of a leaf by the index that a method names.
    fn lookup_of(&self, region: &Region, method: Method, left: &Path, right: &Path) -> Option<Lookup> {
        let (Method::Lookup(index), Step::Leaf(leaf)) = (method, &right.step) else { return None };
        let mut known = self.lookups(region, left.set, *leaf).into_iter();
        known.find(|lookup| lookup.matched.index.index.index == index)
    }

    /// A join whose right side is planned for rows of the left.
    fn build_apply(
        &mut self,
        kind: JoinKind,
        left: Planned,
        right: Logical,
        conditions: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let steady = self.is_repeatable(&right);
        // Whether rows further around are used is told by their frames alone.
        let before: Vec<bool> =
            self.frames.iter_mut().map(|frame| std::mem::take(&mut frame.dependent)).collect();
        self.enter(&left.layout);
        let right = self.lower(right);
        let (provided, _) = self.leave();
        let alone = !self.frames.iter().any(|frame| frame.dependent);
        self.frames.iter_mut().zip(before).for_each(|(frame, before)| frame.dependent |= before);
        let mut right = right?;
        if steady && alone {
            right = self.memoized(&left, right, &provided);
        }
        let (columns, layout) = joined(kind, &left, &right);
        self.apply(kind, left, right, conditions, provided, columns, layout)
    }

    /// A join of two planned sides, by a method.
    pub(super) fn join_planned(
        &mut self,
        method: Method,
        kind: JoinKind,
        left: Planned,
        right: Planned,
        conditions: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let (pairs, rest) = self.split_conditions(conditions, &left.layout, &right.layout);
        match method {
            Method::Hash if !pairs.is_empty() => {
                self.hash_join(kind.into(), joined(kind, &left, &right), left, right, pairs, rest)
            }
            Method::HashTurned if !pairs.is_empty() => {
                let (turned, (columns, layout)) = match kind {
                    JoinKind::Semi => (PhysicalJoinKind::RightSemi, joined(kind, &left, &right)),
                    JoinKind::Anti => (PhysicalJoinKind::RightAnti, joined(kind, &left, &right)),
                    JoinKind::Left => (PhysicalJoinKind::Right, joined(JoinKind::Inner, &right, &left)),
                    JoinKind::Inner
                    | JoinKind::Full
                    | JoinKind::AntiNull
                    | JoinKind::Mark(_)
                    | JoinKind::Single => (kind.into(), joined(kind, &left, &right)),
                };
                let pairs = pairs.into_iter().map(EqualPair::turned).collect();
                self.hash_join(turned, (columns, layout), right, left, pairs, rest)
            }
            Method::Merge if !pairs.is_empty() => self.merge_join(kind, left, right, pairs, rest),
            Method::Hash
            | Method::HashTurned
            | Method::Merge
            | Method::Loop
            | Method::Lookup(_)
            | Method::Bound(_)
            | Method::Apply => self.loop_join(kind, left, right, pairs, rest),
        }
    }

    fn hash_join(
        &mut self,
        kind: PhysicalJoinKind,
        (columns, layout): (Vec<Type>, Vec<Column>),
        left: Planned,
        right: Planned,
        pairs: Vec<EqualPair>,
        rest: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let both = [left.layout.as_slice(), right.layout.as_slice()].concat();
        let conditions = self.conditions_over(rest, &both)?;
        let nulls_equal = pairs.iter().map(|pair| pair.nulls_equal).collect();
        let mut keys = Vec::with_capacity(pairs.len());
        for mut pair in pairs {
            self.resolve(&mut pair.left, &left.layout)?;
            self.resolve(&mut pair.right, &right.layout)?;
            keys.push((pair.left, pair.right, pair.order));
        }
        let (left, right) = (Box::new(left.node), Box::new(right.node));
        let join = HashJoin { kind, left, right, keys, nulls_equal, conditions };
        Ok(Planned::new(self.node(NodeKind::HashJoin(join), columns), layout))
    }

    fn loop_join(
        &mut self,
        kind: JoinKind,
        left: Planned,
        right: Planned,
        pairs: Vec<EqualPair>,
        rest: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let (columns, layout) = joined(kind, &left, &right);
        let both = [left.layout.as_slice(), right.layout.as_slice()].concat();
        let conditions = pairs.into_iter().map(|pair| pair.condition).chain(rest).collect();
        let conditions = self.conditions_over(conditions, &both)?;
        let (left, right) = (Box::new(left.node), Box::new(right.node));
        let kind = NodeKind::NestedLoopJoin { kind: kind.into(), left, right, conditions };
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    fn merge_join(
        &mut self,
        kind: JoinKind,
        left: Planned,
        right: Planned,
        pairs: Vec<EqualPair>,
        rest: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let (columns, layout) = joined(kind, &left, &right);
        let both = [left.layout.as_slice(), right.layout.as_slice()].concat();
        // What is equal with nulls is no key of an order here.
        let (keys, others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| !pair.nulls_equal);
        if keys.is_empty() {
            return self.loop_join(kind, left, right, others, rest);
        }
        let key = |expression: &Expression, pair: &EqualPair| SortKey {
            expression: expression.clone(),
            order: pair.order.clone(),
            descending: false,
            nulls_first: false,
        };
        let left_keys = keys.iter().map(|pair| key(&pair.left, pair)).collect::<Vec<_>>();
        let right_keys = keys.iter().map(|pair| key(&pair.right, pair)).collect::<Vec<_>>();
        let left = self.sorted(left, left_keys.clone(), 0)?;
        let right = self.sorted(right, right_keys.clone(), 0)?;
        let left_keys = self.keys_over(left_keys, &left.layout)?;
        let right_keys = self.keys_over(right_keys, &right.layout)?;
        let conditions = others.into_iter().map(|pair| pair.condition).chain(rest).collect();
        let join = MergeJoin {
            kind: kind.into(),
            left: Box::new(left.node),
            right: Box::new(right.node),
            keys: left_keys.into_iter().zip(right_keys).collect(),
            conditions: self.conditions_over(conditions, &both)?,
        };
        Ok(Planned::new(self.node(NodeKind::MergeJoin(join), columns), layout))
    }

    /// A join whose right side is looked up in an index for rows of the left.
    fn build_lookup(
        &mut self,
        kind: JoinKind,
        left: Planned,
        scan: crate::logical::Scan,
        own: usize,
        lookup: Lookup,
    ) -> PlanResult<Planned> {
        let Lookup { mut matched, mut conditions, .. } = lookup;
        let between = conditions.split_off(own);
        let exact = matched.exact.split_off(own);
        let right_columns = scan.columns.iter().map(|column| column.column_type).collect::<Vec<_>>();
        let relation = scan.relation;
        let right = self.index_scan(scan, matched, conditions, false, &left.layout)?;
        let right_layout = super::columns_of_relation(relation, right_columns.len()).collect::<Vec<_>>();
        let mut columns = left.node.columns.clone();
        let mut layout = left.layout.clone();
        if matches!(kind, JoinKind::Inner | JoinKind::Left) {
            columns.extend_from_slice(&right_columns);
            layout.extend_from_slice(&right_layout);
        }
        let both = [left.layout.as_slice(), right_layout.as_slice()].concat();
        let rest = between.into_iter().zip(exact).filter(|pair| !pair.1).map(|pair| pair.0).collect();
        let kind = NodeKind::LookupJoin {
            kind: kind.into(),
            left: Box::new(left.node),
            right: Box::new(right),
            right_columns,
            conditions: self.conditions_over(rest, &both)?,
        };
        Ok(Planned::new(self.node(kind, columns), layout))
    }
}

/// Takes the conditions out of a region that name the right leaves.
fn take_conditions(region: &mut Region, fits: impl Fn(Set) -> bool) -> Vec<Expression> {
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for condition in std::mem::take(&mut region.conditions) {
        if fits(condition.named) { taken.push(condition.expression) } else { kept.push(condition) }
    }
    region.conditions = kept;
    taken
}
