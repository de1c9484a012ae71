//! From plans to operators.

use super::BoxedOperator;
use super::aggregate::{Aggregate, is_divisible};
use super::append::Append;
use super::distinct::{HashDistinct, SortedDistinct};
use super::divided::{DividedInput, Shares};
use super::effects::{RowByRow, Stepwise, effects};
use super::join::{Apply, HashJoin, LookupJoin, Matcher, MergeJoin, NestedLoopJoin};
use super::late::Late;
use super::limit::{Bounds, Limit};
use super::memoize::Memoize;
use super::merge_append::MergeAppend;
use super::observed::{Numbers, Observed};
use super::project_set::ProjectSet;
use super::pruned::Pruned;
use super::recursive::{Recursive, Together};
use super::row_wise::{Filter, Gate, Project};
use super::scan::{
    BitmapScan, FunctionScan, IndexReader, IndexScan, NearestScan, SystemScan, TableScan, Values,
};
use super::seen::Seen;
use super::set_operation::SetOperation;
use super::shared::{CommonTableScan, GivenScan, WorkTableScan};
use super::single_step::SingleStep;
use super::sort::{Keys, Sort, TopN};
use super::sorted_set::SortedSetOperation;
use super::window::{Planned, Window};
use crate::change;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator, SetCall};
use crate::keys::sort_columns;
use crate::parallel::{Divided, Helping, Stretch, is_known};
use crate::run::{Run, kind_of};
use plan::expression::{Expression, SortKey};
use plan::physical::{
    BitmapScan as BitmapPlan, Estimate, IndexScan as IndexPlan, Node, NodeKind, PhysicalJoinKind, PinnedScan,
    TableScan as TableScanPlan,
};
use plan::pruning::Pruning;
use plan::spread::Nearest;
use std::sync::Arc;
use types::{Kind, Type};

/// How deep plans may be nested.
const DEPTH_MAX: u32 = 1_000;

/// Builds operators.
#[derive(Clone, Copy)]
pub struct Builder<'b> {
    /// Compiles their expressions.
    pub compiler: Compiler<'b>,
    /// The scans in whose places rows stand that are looked at again, if some are.
    pub recheck: Option<&'b [PinnedScan]>,
    /// Whether changes count for what the client is told.
    pub counts: bool,
    /// Whether nothing is run beside the operators: no subplans, no tables of `WITH`.
    pub alone: bool,
    /// The numbers of operators that are watched, if they are.
    pub watched: Option<&'b Numbers>,
    /// From when on others help with what is built.
    pub helping: Helping,
    /// The rows of one of its tables that are read, if it is some only.
    pub stretch: Option<&'b Stretch>,
    /// Whether a change that is built next gets its rows one by one: what it has changed is looked at with effects.
    stepwise: bool,
    /// Whether whoever is above a projection that is built next takes all its rows.
    drained: bool,
    /// Whether something above takes all rows before it hands one up.
    whole: bool,
    depth: u32,
}

impl<'b> Builder<'b> {
    /// A builder.
    pub fn new(compiler: Compiler<'b>) -> Builder<'b> {
        Builder {
            compiler,
            recheck: None,
            counts: true,
            alone: false,
            watched: None,
            helping: Helping::default(),
            stretch: None,
            stepwise: false,
            drained: false,
            whole: false,
            depth: 0,
        }
    }

    /// A builder of what reads a stretch of a table.
    pub fn of_stretch<'a: 'b>(stretch: &'b Stretch, run: &Run<'_, 'a>) -> Builder<'b> {
        let compiler = Compiler::new(run.world.context.types);
        Builder { alone: true, stretch: Some(stretch), ..Builder::new(compiler) }
    }

    /// The same for what does not count.
    pub fn uncounted(&self) -> Builder<'b> {
        Builder { counts: false, ..*self }
    }

    /// The kinds of values of these types.
    pub fn kinds(&self, types: &[Type]) -> ExecuteResult<Vec<Kind>> {
        types.iter().map(|of| kind_of(self.compiler.types(), *of)).collect()
    }

    fn evaluators(&self, keys: &[SortKey]) -> ExecuteResult<Vec<Evaluator>> {
        keys.iter().map(|key| Evaluator::new(&self.compiler, &key.expression)).collect()
    }

    fn keys(&self, keys: &[SortKey]) -> ExecuteResult<Keys> {
        Ok(Keys { evaluators: self.evaluators(keys)?, columns: sort_columns(keys) })
    }

    fn optional(&self, expression: &Option<Expression>) -> ExecuteResult<Option<Evaluator>> {
        expression.as_ref().map(|expression| Evaluator::new(&self.compiler, expression)).transpose()
    }

    fn conditions(&self, conditions: &[Expression]) -> ExecuteResult<Conditions> {
        Conditions::new(&self.compiler, conditions)
    }

    fn late(&self) -> Late {
        Late::new(self.whole)
    }

    /// The same for inputs of what PostgreSQL has read all of before the first row comes of it.
    pub fn whole(&self) -> Builder<'b> {
        Builder { whole: true, ..*self }
    }

    /// What a join, which is `node`, makes of candidates.
    fn matcher(
        &self,
        node: &Node,
        kind: PhysicalJoinKind,
        conditions: &[Expression],
        left: &Node,
        right: &[Type],
    ) -> ExecuteResult<Matcher> {
        let (left, right) = (self.kinds(&left.columns)?, self.kinds(right)?);
        let matcher = Matcher::new(kind, self.conditions(conditions)?, left, right, self.late())?;
        matcher.without(&node.unasked)
    }

    /// Whether a row stands in the place of a scan.
    fn is_pinned(&self, scan: &TableScanPlan) -> bool {
        self.recheck.is_some_and(|pinned| pinned.iter().any(|one| one.relation == scan.relation))
    }

    fn index_reader(&self, plan: &IndexPlan) -> ExecuteResult<IndexReader> {
        IndexReader::new(&self.compiler, plan, self.is_pinned(&plan.scan))
    }

    /// The operator of a plan.
    pub fn build(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        if self.depth > DEPTH_MAX {
            return Err(ExecuteError::TooDeep);
        }
        let builder = Builder {
            depth: self.depth + 1,
            stepwise: self.stepwise && is_change(node),
            drained: self.drained && matches!(node.kind, NodeKind::Project { .. }),
            ..*self
        };
        let operator = builder.node(node)?;
        Ok(match self.watched.and_then(|numbers| numbers.get(node)) {
            Some(number) => Box::new(Observed::new(operator, number)),
            None => operator,
        })
    }

    /// The operator whose rows another one takes, one by one if it says so.
    fn build_for(&self, input: &Node, stepwise: bool) -> ExecuteResult<BoxedOperator> {
        let operator = self.build(input)?;
        Ok(if stepwise { Box::new(RowByRow::new(operator)) } else { operator })
    }

    /// The input of a change, which computes these expressions for each row before it changes it.
    pub fn input_of_change<'e>(
        &self,
        input: &Node,
        computed: impl IntoIterator<Item = &'e Expression>,
    ) -> ExecuteResult<BoxedOperator> {
        let effects = effects(&self.compiler, computed);
        let stepwise = self.stepwise || effects > 1;
        Builder { stepwise: false, drained: !stepwise && effects == 0, ..*self }.build_for(input, stepwise)
    }

    fn node(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        Ok(match &node.kind {
            NodeKind::Values { .. }
            | NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. } => self.leaf(node)?,
            NodeKind::Filter { .. } | NodeKind::Project { .. } | NodeKind::ProjectSet { .. } => {
                self.row_wise(node)?
            }
            NodeKind::HashJoin(_)
            | NodeKind::MergeJoin(_)
            | NodeKind::NestedLoopJoin { .. }
            | NodeKind::Apply { .. }
            | NodeKind::LookupJoin { .. } => self.join(node)?,
            NodeKind::HashAggregate(plan) | NodeKind::SortedAggregate(plan) => {
                let mut aggregate = Aggregate::new(self, plan)?;
                let divided = self.divided(&plan.input, node.estimate, || (**plan).clone());
                aggregate.divide(divided.filter(|_| is_divisible(plan)));
                Box::new(aggregate)
            }
            NodeKind::Window { input, partition, order, functions, until } => {
                let (order, functions, until) = (order.clone(), functions.clone(), until.clone());
                let kinds = self.kinds(&input.columns)?;
                let planned = Planned { order, functions, until };
                Box::new(Window::new(compiler, self.build(input)?, kinds, partition, planned)?)
            }
            NodeKind::Sort { .. }
            | NodeKind::TopN { .. }
            | NodeKind::Limit { .. }
            | NodeKind::HashDistinct { .. }
            | NodeKind::SortedDistinct { .. } => self.ordering(node)?,
            NodeKind::Append { .. } | NodeKind::MergeAppend { .. } => self.several(node)?,
            NodeKind::SetOperation { operator, all, inputs, orders } => {
                let kinds = self.kinds(&node.columns)?;
                let inputs = (self.whole().build(&inputs.0)?, self.whole().build(&inputs.1)?);
                Box::new(SetOperation::new(*operator, *all, inputs, kinds, orders.clone())?)
            }
            NodeKind::SortedSetOperation { operator, all, input, keys, .. } => {
                let (input, keys, kinds) = (self.build(input)?, self.keys(keys)?, self.kinds(&node.columns)?);
                Box::new(SortedSetOperation::new(*operator, *all, input, kinds, keys)?)
            }
            NodeKind::Recursive { .. } => self.recursive(node)?,
            // What is kept would be of the row that was looked at before.
            NodeKind::Memoize { input, .. } if self.recheck.is_some() => self.build(input)?,
            NodeKind::Memoize { input, keys } => {
                let outer = keys.iter().map(|(id, of, _)| Ok((*id, kind_of(compiler.types(), *of)?)));
                let outer: Vec<_> = outer.collect::<ExecuteResult<_>>()?;
                let orders = keys.iter().map(|key| key.2.clone()).collect();
                Box::new(Memoize::new(self.build(input)?, outer, orders))
            }
            NodeKind::LockRows { .. }
            | NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. } => change::build(self, node)?,
        })
    }

    /// What is done with an input, of which so much is expected to come, if several tasks can do it: not where anybody watches what one
    /// does, or rows are looked at again.
    fn divided<P>(&self, input: &Node, expected: Estimate, plan: impl FnOnce() -> P) -> Option<Divided<P>> {
        let may = self.recheck.is_none() && self.watched.is_none() && self.stretch.is_none();
        if may { Divided::new(plan, input, expected, &self.helping) } else { None }
    }

    /// The input of an operator, read by several tasks if it can be; `helpers` says what they do.
    fn input_of(&self, input: &Node, helpers: Option<&Node>) -> ExecuteResult<BoxedOperator> {
        let whole = self.build(input)?;
        let shares = || match helpers {
            Some(helpers) => Shares { helpers: helpers.clone(), own: Some(input.clone()) },
            None => Shares { helpers: input.clone(), own: None },
        };
        let expected = helpers.unwrap_or(input).estimate;
        Ok(match self.divided(input, expected, shares) {
            Some(divided) => Box::new(DividedInput::new(whole, divided, self.whole)),
            None => whole,
        })
    }

    /// The rounds of `WITH RECURSIVE`.
    fn recursive(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let NodeKind::Recursive { work_table, start, step, distinct, quiet, renewed } = &node.kind else {
            return Err(ExecuteError::plan(format!("no rounds: {:?}", node.kind)));
        };
        let kinds = self.kinds(&node.columns)?;
        // Who watches counts rows that were made.
        let together = (*quiet && self.watched.is_none()).then(|| Together::new(kinds.clone()));
        let single = match (&together, distinct) {
            (Some(_), None) => SingleStep::new(&self.compiler, *work_table, step, &kinds)?,
            (Some(_), Some(_)) | (None, _) => None,
        };
        let seen = distinct.clone().map(|orders| Seen::new(orders, kinds));
        let inputs = (self.build(start)?, self.build(step)?);
        let renewed = renewed.iter().map(|table| *table as usize).collect();
        Ok(Box::new(Recursive::new((*work_table, renewed), inputs, seen, together, single)))
    }

    /// Rows of several inputs.
    fn several(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        Ok(match &node.kind {
            NodeKind::Append { inputs, backward, pruning, .. } => {
                let (inputs, pruned) = self.members(inputs, pruning.as_ref())?;
                Box::new(Append::new(inputs, *backward, pruned))
            }
            NodeKind::MergeAppend { inputs, keys, pruning, .. } => {
                let (inputs, pruned) = self.members(inputs, pruning.as_ref())?;
                let (kinds, keys) = (self.kinds(&node.columns)?, self.keys(keys)?);
                Box::new(MergeAppend::new(inputs, kinds, keys, pruned))
            }
            other => return Err(ExecuteError::plan(format!("not of several inputs: {other:?}"))),
        })
    }

    /// The operators of inputs, and what tells which of them are read.
    fn members(
        &self,
        inputs: &[Node],
        pruning: Option<&Arc<Pruning>>,
    ) -> ExecuteResult<(Vec<BoxedOperator>, Option<Pruned>)> {
        let pruned = pruning.map(|pruning| Pruned::new(&self.compiler, pruning)).transpose()?;
        let inputs: ExecuteResult<Vec<BoxedOperator>> =
            inputs.iter().map(|input| self.build(input)).collect();
        Ok((inputs?, pruned))
    }

    /// What looks at a row at a time.
    fn row_wise(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        Ok(match &node.kind {
            NodeKind::Filter { input, conditions, once: true, .. } => {
                let (input, conditions) = (self.build(input)?, self.conditions(conditions)?);
                Box::new(Gate { input, conditions, open: None })
            }
            NodeKind::Filter { input, conditions, .. } => {
                let input = self.build_for(input, effects(compiler, conditions) > 0)?;
                Box::new(Filter { input, conditions: self.conditions(conditions)?, late: self.late() })
            }
            NodeKind::Project { input, expressions } => {
                let effects = effects(compiler, expressions);
                let stepwise = effects > usize::from(self.drained);
                let builder = Builder { stepwise, drained: false, ..*self };
                let input = builder.build_for(input, stepwise)?;
                let expressions = Evaluator::list(compiler, expressions)?;
                Box::new(Project::new(input, expressions, effects == 0, self.late()))
            }
            NodeKind::ProjectSet { input, calls } => {
                let set_calls: ExecuteResult<Vec<SetCall>> =
                    calls.iter().map(|call| SetCall::new(compiler, call)).collect();
                let types: Vec<Type> = calls.iter().map(|call| call.result).collect();
                let stepwise = effects(compiler, calls) > 0;
                let input = self.build_for(input, stepwise)?;
                Box::new(ProjectSet::new(input, set_calls?, self.kinds(&types)?, self.late()))
            }
            other => return Err(ExecuteError::plan(format!("not a row at a time: {other:?}"))),
        })
    }

    fn leaf(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        Ok(match &node.kind {
            NodeKind::Values { rows } => {
                Box::new(Values::new(compiler, rows, self.kinds(&node.columns)?, self.late())?)
            }
            NodeKind::TableScan(plan) if self.is_pinned(plan) => {
                Box::new(change::RecheckScan::new(compiler, plan)?)
            }
            NodeKind::TableScan(plan) => {
                let stretch = self.stretch.filter(|stretch| stretch.relation == plan.relation);
                let scan =
                    TableScan::new(compiler, plan, self.late())?.without(&node.unasked).within(stretch);
                stepwise(compiler, Box::new(scan), &plan.filter)
            }
            NodeKind::IndexScan(plan @ IndexPlan { nearest: Some(nearest), .. }) => {
                self.nearest_scan(plan, nearest, &node.unasked)?
            }
            // Its rows come in their own order, as those of a bitmap do.
            NodeKind::IndexScan(plan) if !plan.searches.is_empty() => {
                self.bitmap_scan(&plan.as_bitmap_scan(node.estimate), &node.unasked)?
            }
            NodeKind::IndexScan(plan) => {
                let scan =
                    IndexScan::new(self.index_reader(plan)?.without(&node.unasked).with_late(self.late()));
                stepwise(compiler, Box::new(scan), &plan.scan.filter)
            }
            NodeKind::BitmapScan(plan) => self.bitmap_scan(plan, &node.unasked)?,
            NodeKind::SystemScan { table, columns, filter, .. } => {
                Box::new(SystemScan::new(compiler, *table, columns, filter, self.late())?)
            }
            NodeKind::FunctionScan { functions, ordinality, filter, .. } => {
                let scan = FunctionScan::new(compiler, functions, *ordinality, filter, self.late())?;
                stepwise(compiler, Box::new(scan), filter)
            }
            NodeKind::CommonTableScan { table, .. } => {
                Box::new(CommonTableScan { table: *table as usize, given: 0 })
            }
            NodeKind::WorkTableScan { table, .. } => {
                Box::new(WorkTableScan { table: *table as usize, given: 0 })
            }
            NodeKind::GivenScan { name, .. } => Box::new(GivenScan { name: name.clone(), given: 0 }),
            other => return Err(ExecuteError::plan(format!("not a leaf: {other:?}"))),
        })
    }

    fn nearest_scan(
        &self,
        plan: &IndexPlan,
        nearest: &Nearest,
        unasked: &[u32],
    ) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        let mut filter = plan.asked.clone();
        filter.extend(plan.scan.filter.iter().cloned());
        let scan = TableScanPlan { filter, ..plan.scan.clone() };
        if self.is_pinned(&scan) {
            return Ok(Box::new(change::RecheckScan::new(compiler, &scan)?));
        }
        let operator = Box::new(NearestScan::new(compiler, plan, (nearest, &scan), unasked, self.late())?);
        Ok(stepwise(compiler, operator, &scan.filter))
    }

    fn bitmap_scan(&self, plan: &BitmapPlan, unasked: &[u32]) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        if self.is_pinned(&plan.scan) {
            return Ok(Box::new(change::RecheckScan::new(compiler, &plan.as_table_scan())?));
        }
        let scan = Box::new(BitmapScan::new(compiler, plan, unasked, self.late())?);
        Ok(stepwise(compiler, scan, &plan.scan.filter))
    }

    fn join(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let compiler = &self.compiler;
        Ok(match &node.kind {
            NodeKind::HashJoin(plan) => {
                let matcher =
                    self.matcher(node, plan.kind, &plan.conditions, &plan.left, &plan.right.columns)?;
                let (left, right) = (self.build(&plan.left)?, self.input_of(&plan.right, None)?);
                Box::new(HashJoin::new(compiler, plan, left, right, matcher)?)
            }
            NodeKind::MergeJoin(plan) => {
                let matcher =
                    self.matcher(node, plan.kind, &plan.conditions, &plan.left, &plan.right.columns)?;
                let (left, right) = (self.build(&plan.left)?, self.build(&plan.right)?);
                Box::new(MergeJoin::new(compiler, plan, left, right, matcher)?)
            }
            NodeKind::NestedLoopJoin { kind, left, right, conditions } => {
                let matcher = self.matcher(node, *kind, conditions, left, &right.columns)?;
                Box::new(NestedLoopJoin::new(self.build(left)?, self.build(right)?, matcher))
            }
            NodeKind::Apply { kind, left, right, outer, conditions } => {
                let matcher = self.matcher(node, *kind, conditions, left, &right.columns)?;
                if matcher.tracks_right() {
                    return Err(ExecuteError::plan("a join that keeps rows of a right side that changes"));
                }
                Box::new(Apply::new(self.build(left)?, self.build(right)?, outer.clone(), matcher))
            }
            NodeKind::LookupJoin { kind, left, right, right_columns, conditions } => {
                let matcher = self.matcher(node, *kind, conditions, left, right_columns)?;
                if matcher.tracks_right() {
                    return Err(ExecuteError::plan(
                        "a join that keeps rows of a right side that is looked up",
                    ));
                }
                let reader = self.index_reader(right)?.without(&matcher.unasked_of_right());
                Box::new(LookupJoin::new(self.build(left)?, reader, matcher))
            }
            other => return Err(ExecuteError::plan(format!("not a join: {other:?}"))),
        })
    }

    fn ordering(&self, node: &Node) -> ExecuteResult<BoxedOperator> {
        let kinds = self.kinds(&node.columns)?;
        Ok(match &node.kind {
            NodeKind::Sort { input, keys, presorted } => {
                let first = keys.get(..*presorted as usize).filter(|first| !first.is_empty());
                let first = first.map(|first| self.keys(first)).transpose()?;
                let input = if *presorted == 0 { self.input_of(input, None)? } else { self.build(input)? };
                let sort = Sort::new(input, kinds, self.keys(keys)?, first);
                Box::new(sort.without(&node.unasked))
            }
            NodeKind::TopN { input, keys, limit, offset } => {
                let simple =
                    offset.is_none() && is_known(limit) && keys.iter().all(|key| is_known(&key.expression));
                let input = if simple { self.input_of(input, Some(node))? } else { self.build(input)? };
                let limit = Evaluator::new(&self.compiler, limit)?;
                let bounds = Bounds::new(Some(limit), self.optional(offset)?);
                Box::new(TopN::new(input, kinds, self.keys(keys)?, bounds))
            }
            NodeKind::Limit { input, limit, offset, with_ties } => {
                let bounds = Bounds::new(self.optional(limit)?, self.optional(offset)?);
                let ties = self.evaluators(with_ties)?;
                Box::new(Limit::new(self.build(input)?, bounds, ties, sort_columns(with_ties)))
            }
            NodeKind::HashDistinct { input, keys } => {
                let columns = sort_columns(keys);
                let simple = keys.iter().all(|key| is_known(&key.expression));
                let whole = self.whole();
                let input = if simple { whole.input_of(input, Some(node))? } else { whole.build(input)? };
                Box::new(HashDistinct::new(input, kinds, self.evaluators(keys)?, &columns))
            }
            NodeKind::SortedDistinct { input, keys } => {
                let columns = sort_columns(keys);
                Box::new(SortedDistinct::new(self.build(input)?, self.evaluators(keys)?, columns))
            }
            other => return Err(ExecuteError::plan(format!("nothing of order: {other:?}"))),
        })
    }
}

/// Whether an operator changes rows, and hands up what it has changed.
fn is_change(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Insert { .. } | NodeKind::Update { .. } | NodeKind::Delete { .. })
}

/// A scan, which reads row by row if its filter has effects.
fn stepwise(compiler: &Compiler<'_>, scan: BoxedOperator, filter: &[Expression]) -> BoxedOperator {
    if effects(compiler, filter) > 0 { Box::new(Stepwise::new(scan)) } else { scan }
}
