//! Rewrites: the same statement, said in a way that is cheaper to follow.
//!
//! Each file is one rewrite; [`rewrite`] says in which order they go. None of them evaluates an expression more or less often
//! than before if a volatile function is in it (apart from what `EXISTS` selects, arguments that the body of a function in SQL does not
//! use, and fields of a written row of which another is taken, which are never evaluated; and conditions are tried in PostgreSQL's
//! order: a volatile one is asked only of rows for which what can be asked beside it or below it holds).

mod apart;
mod common;
mod empty;
mod exists;
mod fold;
mod follow;
mod guard;
mod hoist;
mod inline;
mod known;
mod nulls;
mod order;
mod prune;
mod push;
mod raise;
mod removal;
mod substitute;
mod unnest;
mod unnest_pull;

pub(crate) use common::restriction;
pub(crate) use exists::forget_selected;
pub(crate) use guard::is_leakproof;
pub use inline::is_inlined;
pub(crate) use known::demand_known;

use crate::expression::{Expression, ExpressionKind, FunctionId, RelationId};
use crate::facts::{Facts, Volatility};
use crate::logical::{Logical, Query, RangeName};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A statement while it is rewritten.
pub(crate) struct Rewriter<'a> {
    pub(crate) facts: &'a dyn Facts,
    next_relation: u32,
    /// Relations that are queries in `FROM`, and what else goes by a name without being a table.
    named: BTreeSet<RelationId>,
    /// Those of them that let no condition in that may tell of rows what it sees.
    barriers: BTreeSet<RelationId>,
    /// Whether expressions are put in the place of calls of functions that stand for them: once, as one that calls itself would never
    /// come to an end.
    inlines: bool,
    /// Functions in place of whose calls an expression is being put.
    inlining: RefCell<Vec<FunctionId>>,
    /// Calls that stay since the expression in their place fails, each with the part by which.
    failing: RefCell<Vec<(Expression, Expression)>>,
}

impl<'a> Rewriter<'a> {
    /// Of a statement whose relations have these names.
    fn new(
        facts: &'a dyn Facts,
        next_relation: u32,
        names: &BTreeMap<RelationId, RangeName>,
    ) -> Rewriter<'a> {
        Rewriter {
            facts,
            next_relation,
            named: names.keys().copied().collect(),
            barriers: names.iter().filter(|(_, name)| name.barrier).map(|(relation, _)| *relation).collect(),
            inlines: false,
            inlining: RefCell::default(),
            failing: RefCell::default(),
        }
    }

    /// A relation that nothing else in the statement is.
    fn new_relation(&mut self) -> RelationId {
        let relation = RelationId(self.next_relation);
        self.next_relation += 1;
        relation
    }

    /// Whether an expression may differ each time; queries within are looked at too.
    pub(crate) fn is_volatile(&self, expression: &Expression) -> bool {
        is_volatile(self.facts, expression)
    }
}

/// Whether an expression calls a volatile function itself, its parts aside.
pub(crate) fn calls_volatile(facts: &dyn Facts, expression: &Expression) -> bool {
    expression.calls(|function| facts.function(function).volatility == Volatility::Volatile)
}

/// Whether an expression may differ each time; queries within are looked at too.
pub(crate) fn is_volatile(facts: &dyn Facts, expression: &Expression) -> bool {
    let calls_volatile = |part: &Expression| calls_volatile(facts, part);
    expression.any(&mut |part| match &part.kind {
        ExpressionKind::Subquery(subquery) => {
            let mut found = false;
            // The walk enters queries within queries itself.
            subquery.query.walk(&mut |operator| {
                operator.for_each_expression(&mut |inner| {
                    found = found || inner.any(&mut |part| calls_volatile(part));
                });
            });
            found
        }
        _ => calls_volatile(part),
    })
}

/// Whether anything within may differ each time.
pub(crate) fn has_volatile(facts: &dyn Facts, logical: &Logical) -> bool {
    let mut found = false;
    logical.walk(&mut |part| {
        part.for_each_expression(&mut |expression| found = found || is_volatile(facts, expression));
    });
    found
}

/// Evaluates whatever in an expression is known beforehand.
pub(crate) fn fold(expression: &mut Expression, facts: &dyn Facts) {
    Rewriter { inlines: true, ..Rewriter::new(facts, 0, &BTreeMap::new()) }.fold(expression);
}

/// Rewrites a statement.
pub(crate) fn rewrite(mut query: Query, facts: &dyn Facts) -> Query {
    let mut rewriter = Rewriter::new(facts, query.next_relation, &query.names);
    rewriter.inlines = true;
    for_each_query(&mut query, &mut |logical| logical.rewrite_expressions(&mut |part| rewriter.fold(part)));
    rewriter.inlines = false;
    demand_known(&query, facts, &rewriter.failing.take());
    for_each_query(&mut query, &mut |logical| rewriter.common_terms(logical));
    for_each_query(&mut query, &mut |logical| replace(logical, |logical| rewriter.unnest_all(logical)));
    rewriter.hoist_projections(&mut query);
    for_each_query(&mut query, &mut |logical| {
        logical.rewrite_expressions(&mut |part| rewriter.fold(part));
        rewriter.common_terms(logical);
        rewriter.raise_lateral(logical);
        replace(logical, |logical| rewriter.push(logical, Vec::new()));
        rewriter.push_in_subqueries(logical);
        // Conditions have met constants on their way down.
        logical.rewrite_expressions(&mut |part| rewriter.fold(part));
        replace(logical, |logical| rewriter.remove_empty(logical));
    });
    rewriter.hoist_projections(&mut query);
    prune::prune(&mut query, facts);
    while rewriter.remove_joins(&mut query) {
        prune::prune(&mut query, facts);
    }
    for_each_query(&mut query, &mut |logical| {
        order::order_conditions(logical, facts);
        guard::put_guards(logical, facts);
    });
    query.next_relation = rewriter.next_relation;
    query
}

/// A part of a rewritten statement once more, with further conditions on its rows, as far down as they go.
pub(crate) fn restricted(
    logical: Logical,
    conditions: Vec<Expression>,
    facts: &dyn Facts,
    names: &BTreeMap<RelationId, RangeName>,
) -> Logical {
    // Nothing that needs a relation of its own is made by it.
    let rewriter = Rewriter::new(facts, u32::MAX, names);
    Rewriter { named: BTreeSet::new(), ..rewriter }.push(logical, conditions)
}

/// Calls with the statement's query and those of its common tables.
fn for_each_query(query: &mut Query, change: &mut dyn FnMut(&mut Logical)) {
    for table in &mut query.common_tables {
        change(&mut table.query);
    }
    change(&mut query.root);
}

/// A query without what in it depends on rows around, and what that asks of its rows; `None` if it cannot be told apart.
pub(crate) fn correlation(
    query: Logical,
    facts: &dyn Facts,
    names: &BTreeMap<RelationId, RangeName>,
) -> Option<(Logical, Vec<Expression>)> {
    // What has groups would need a relation of its own.
    let mut grouped = false;
    query.walk(&mut |part| grouped = grouped || matches!(part, Logical::Aggregate(_) | Logical::Window(_)));
    if grouped {
        return None;
    }
    let mut pulled = Rewriter::new(facts, u32::MAX, names).pull(query, unnest_pull::Purpose::Test)?;
    let mut conditions = std::mem::take(&mut pulled.conditions);
    pulled.substitute(&mut conditions);
    crate::walk::free_columns(&pulled.query).is_empty().then_some((pulled.query, conditions))
}

/// Replaces an operator by what becomes of it.
fn replace(logical: &mut Logical, change: impl FnOnce(Logical) -> Logical) {
    let taken = std::mem::replace(logical, Logical::nothing(RelationId(u32::MAX)));
    *logical = change(taken);
}
