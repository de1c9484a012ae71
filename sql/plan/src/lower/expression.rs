//! Expressions over columns become expressions over slots and outer values; subqueries become subplans.

use super::{Frame, Lowering, Provided, place};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, ExpressionKind, OuterId, SubplanTest, Subquery, SubqueryTest};
use crate::logical::Logical;
use crate::physical::{Making, Node, NodeKind, Subplan, SubplanId};
use types::Type;

impl Lowering<'_> {
    /// Expressions over an input.
    pub(super) fn over(
        &mut self,
        mut expressions: Vec<Expression>,
        layout: &[Column],
    ) -> PlanResult<Vec<Expression>> {
        for expression in &mut expressions {
            self.resolve(expression, layout)?;
        }
        Ok(expressions)
    }

    /// Conditions over rows of `FROM`. A row is kept if a subquery has one that goes with it (`ANY`): PostgreSQL makes that a join,
    /// whose other side is made once, as far as somebody asks for it.
    pub(super) fn conditions_over(
        &mut self,
        mut conditions: Vec<Expression>,
        layout: &[Column],
    ) -> PlanResult<Vec<Expression>> {
        for condition in &mut conditions {
            self.resolve(condition, layout)?;
            if let ExpressionKind::Subplan { plan, test: SubplanTest::Any(_), .. } = &condition.kind
                && let Some(subplan) = self.subplans.get_mut(plan.0 as usize)
                && subplan.making == Making::Anew
            {
                subplan.making = Making::Onwards;
            }
        }
        Ok(conditions)
    }

    /// An expression over an input, or none.
    pub(super) fn over_option(
        &mut self,
        mut expression: Option<Expression>,
        layout: &[Column],
    ) -> PlanResult<Option<Expression>> {
        if let Some(expression) = &mut expression {
            self.resolve(expression, layout)?;
        }
        Ok(expression)
    }

    /// Makes an expression one over an input.
    pub(super) fn resolve(&mut self, expression: &mut Expression, layout: &[Column]) -> PlanResult<()> {
        match &mut expression.kind {
            ExpressionKind::Column(column) => {
                let column = *column;
                expression.kind = self.column(column, expression.result, layout)?;
                Ok(())
            }
            ExpressionKind::Subquery(_) => {
                let kind = std::mem::replace(&mut expression.kind, ExpressionKind::CaseOperand);
                if let ExpressionKind::Subquery(subquery) = kind {
                    expression.kind = self.subplan(*subquery, layout)?;
                }
                Ok(())
            }
            ExpressionKind::Grouping(_) => Err(PlanError::Misplaced("GROUPING")),
            _ => {
                let mut result = Ok(());
                expression.for_each_part_mut(&mut |part| {
                    if result.is_ok() {
                        result = self.resolve(part, layout);
                    }
                });
                result
            }
        }
    }

    fn column(&mut self, column: Column, of: Type, layout: &[Column]) -> PlanResult<ExpressionKind> {
        if let Ok(slot) = place(layout, column) {
            return Ok(ExpressionKind::Slot(slot));
        }
        for number in (0..self.frames.len()).rev() {
            let Ok(slot) = place(&self.frames[number].layout, column) else { continue };
            for frame in &mut self.frames[number..] {
                frame.dependent = true;
            }
            let known = self.frames[number].provided.iter().find(|provided| provided.slot == slot);
            let outer = match known {
                Some(known) => known.outer,
                None => {
                    let outer = self.new_outer();
                    self.frames[number].provided.push(Provided { outer, slot, of });
                    outer
                }
            };
            return Ok(ExpressionKind::Outer(outer));
        }
        Err(PlanError::UnknownColumn(column))
    }

    fn new_outer(&mut self) -> OuterId {
        let outer = OuterId(self.outer_values);
        self.outer_values += 1;
        outer
    }

    /// Goes into something that may use the columns of a row around it.
    pub(super) fn enter(&mut self, layout: &[Column]) {
        self.frames.push(Frame { layout: layout.to_vec(), provided: Vec::new(), dependent: false });
    }

    /// Comes out of it: which outer values are set, and whether anything around is used.
    pub(super) fn leave(&mut self) -> (Vec<Provided>, bool) {
        self.frames.pop().map_or((Vec::new(), false), |frame| (frame.provided, frame.dependent))
    }

    /// A subquery beside the plan. Whether there is a row may be asked in two ways: PostgreSQL numbers both, and takes the cheaper one.
    fn subplan(&mut self, subquery: Subquery, layout: &[Column]) -> PlanResult<ExpressionKind> {
        let lookup = self.exists_by_lookup(&subquery);
        let mut draft = self.draft(subquery, layout, false)?;
        if let Some(lookup) = lookup.filter(|_| draft.dependent) {
            let by_lookup = self.draft(lookup, layout, true)?;
            if self.prefers_lookup(&draft, &by_lookup) {
                draft = by_lookup;
            }
        }
        let SubplanDraft { subplan, test, outer, .. } = draft;
        self.subplans.push(subplan);
        let plan = SubplanId((self.subplans.len() - 1) as u32);
        Ok(ExpressionKind::Subplan { plan, test, outer })
    }

    /// One way to ask a subquery. `unknown_is_no`: whether an answer that would be unknown is no.
    fn draft(
        &mut self,
        subquery: Subquery,
        layout: &[Column],
        unknown_is_no: bool,
    ) -> PlanResult<SubplanDraft> {
        let Subquery { test, query, columns } = subquery;
        let volatile = self.calls_volatile(&query);
        let executions = self.executions.take();
        self.enter(layout);
        let planned = self.lower(query).and_then(|planned| match test {
            // Whether there is a row does not depend on its columns.
            SubqueryTest::Exists => Ok(planned),
            SubqueryTest::Scalar
            | SubqueryTest::Array { .. }
            | SubqueryTest::Any(_)
            | SubqueryTest::All(_)
            | SubqueryTest::RowField(_) => self.project_to(planned, &columns),
        });
        let (provided, dependent) = self.leave();
        self.executions = executions;
        let planned = planned?;
        // Those within have got their numbers before.
        self.subplan_numbers += 1;
        let number = self.subplan_numbers;
        let given = |set: &Provided| (set.outer, Expression::slot(set.slot as usize, set.of));
        let mut outer = provided.iter().map(given).collect::<Vec<_>>();
        let mut test = match test {
            SubqueryTest::Scalar => SubplanTest::Field(0),
            SubqueryTest::RowField(field) => SubplanTest::Field(field),
            SubqueryTest::Exists => SubplanTest::Exists,
            SubqueryTest::Array { nested } => SubplanTest::Array { nested },
            SubqueryTest::Any(comparison) => {
                SubplanTest::Any(self.comparison(comparison, &columns, layout, &mut outer)?)
            }
            SubqueryTest::All(comparison) => {
                SubplanTest::All(self.comparison(comparison, &columns, layout, &mut outer)?)
            }
        };
        let name = format!("{} {number}", if dependent { "SubPlan" } else { "InitPlan" });
        let making = match &test {
            SubplanTest::Any(comparison) if self.hashes(comparison) => Making::Whole,
            SubplanTest::Any(_) | SubplanTest::All(_) if keeps_its_rows(&planned.node) => Making::Anew,
            SubplanTest::Any(_) | SubplanTest::All(_) => Making::Onwards,
            SubplanTest::Among(_) => Making::Whole,
            // They are asked once.
            SubplanTest::Field(_) | SubplanTest::Exists | SubplanTest::Array { .. } => Making::Onwards,
        };
        if let SubplanTest::Any(comparison) = &test
            && making == Making::Whole
            && !dependent
            && !volatile
            && let Some(among) = self.looked_for(comparison, &outer, unknown_is_no)
        {
            test = SubplanTest::Among(Box::new(among));
        }
        let once = !dependent;
        let subplan = Subplan { name, root: planned.node, once, volatile, making, changes: false };
        Ok(SubplanDraft { subplan, test, outer, dependent })
    }

    fn calls_volatile(&self, query: &Logical) -> bool {
        let mut found = false;
        query.walk(&mut |part| {
            part.for_each_expression(&mut |expression| found = found || self.is_volatile(expression));
        });
        found
    }

    /// Whether values that a comparison finds equal could be found by hash.
    fn hashes(&self, comparison: &Expression) -> bool {
        match &comparison.kind {
            ExpressionKind::Call(call) => self.facts.equality(call.function).0,
            ExpressionKind::And(parts) => parts.iter().all(|part| self.hashes(part)),
            _ => false, // it is more than an equality of values
        }
    }

    /// The comparison of `ANY` and `ALL`: the subplan's columns are its slots, what stands beside them is evaluated once for
    /// each row around.
    fn comparison(
        &mut self,
        mut comparison: Box<Expression>,
        columns: &[Column],
        layout: &[Column],
        outer: &mut Vec<(OuterId, Expression)>,
    ) -> PlanResult<Box<Expression>> {
        self.compare(&mut comparison, columns, layout, outer)?;
        Ok(comparison)
    }

    fn compare(
        &mut self,
        part: &mut Expression,
        columns: &[Column],
        layout: &[Column],
        outer: &mut Vec<(OuterId, Expression)>,
    ) -> PlanResult<()> {
        if let ExpressionKind::Column(column) = part.kind
            && let Ok(slot) = place(columns, column)
        {
            part.kind = ExpressionKind::Slot(slot);
            return Ok(());
        }
        let mut inside = false;
        part.for_each_column(&mut |column| inside = inside || columns.contains(&column));
        if inside {
            let mut result = Ok(());
            part.for_each_part_mut(&mut |part| {
                if result.is_ok() {
                    result = self.compare(part, columns, layout, outer);
                }
            });
            return result;
        }
        if part.has_column() || self.is_volatile(part) {
            let id = self.new_outer();
            let result = part.result;
            let mut given = std::mem::replace(part, Expression::new(ExpressionKind::Outer(id), result));
            self.resolve(&mut given, layout)?;
            outer.push((id, given));
        }
        Ok(())
    }

    /// Whether an expression may differ each time.
    pub(super) fn is_volatile(&self, expression: &Expression) -> bool {
        expression.any(&mut |part| crate::rewrite::calls_volatile(self.facts, part))
    }
}

/// A subquery that was planned, and how it is asked.
pub(super) struct SubplanDraft {
    pub(super) subplan: Subplan,
    pub(super) test: SubplanTest,
    outer: Vec<(OuterId, Expression)>,
    /// Whether it uses anything of rows around.
    dependent: bool,
}

/// Whether a plan keeps what it has read, and computes its rows of that whenever they are asked for.
fn keeps_its_rows(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Project { input, .. } => keeps_its_rows(input),
        NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. } => true,
        _ => false, // it is read again
    }
}
