//! Functions in SQL that stand for a query are no calls in `FROM`: the query stands there, with the call's arguments in place of its
//! parameters. So conditions around it find its indexes, and no more rows are made than somebody wants. Source: PostgreSQL's
//! `inline_set_returning_function`.
//!
//! A function that calls itself is put in once; the calls within stay. So does what cannot be bound: it says so when it is called.

use crate::binder::Context;
use crate::copy::{each_operator, map_columns, own_relations};
use crate::finish::calls_volatile;
use crate::routine::{Routine, RoutineStatement, routine_statements};
use catalog::object::{Function, Volatility};
use catalog::{Oid, Scope};
use plan::expression::{Expression, ExpressionKind, RelationId};
use plan::logical::{Logical, Query, TableFunction};
use types::Type;
use types::catalog::oid;

/// How many queries are put into a statement, how deep within each other, and how deep one of them may be: a call of what is more stays
/// one. Trees are walked by recursion, and functions that call others twice double.
const QUERIES: usize = 64;
const NESTED: usize = 8;
const DEPTH: usize = 100;

/// Whether a statement calls functions in `FROM` for which queries may stand: few do.
pub fn calls_functions_that_stand(scope: &Scope, query: &Query) -> bool {
    let mut calls = false;
    let mut look = |root: &Logical| {
        root.walk(&mut |operator| {
            calls = calls || alone(operator).is_some_and(|call| stands(scope, call).is_some());
        });
    };
    look(&query.root);
    query.common_tables.iter().for_each(|table| look(&table.query));
    calls
}

/// Puts queries in the place of functions in `FROM`, of those that whoever runs the statement may call.
pub fn put_queries_for_functions(context: Context<'_>, may_call: &dyn Fn(Oid) -> bool, query: &mut Query) {
    Placing { context, may_call, active: Vec::new(), left: QUERIES }.fill(query);
}

/// The call of a function that stands alone in `FROM`.
fn alone(operator: &Logical) -> Option<&TableFunction> {
    match operator {
        Logical::Functions { functions, ordinality: false, .. } => match functions.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        _ => None, // no function
    }
}

/// The function that is called, if it is one that a query may stand for.
fn stands<'s>(scope: &'s Scope, call: &TableFunction) -> Option<&'s Function> {
    let ExpressionKind::Call(called) = &call.call.kind else { return None };
    let function = scope.function(called.function.0)?;
    // Of a record that the query describes only the query knows the columns.
    let described =
        call.call.result.oid == oid::RECORD && !function.arguments.iter().any(crate::routine::gives);
    let stands = function.may_give_way()
        && function.returns_set
        && !function.strict
        && function.volatility != Volatility::Volatile
        && call.call.result.oid != oid::VOID
        && !described;
    stands.then_some(function)
}

/// Functions that are put in.
struct Placing<'p> {
    context: Context<'p>,
    may_call: &'p dyn Fn(Oid) -> bool,
    /// Those whose queries are being put in.
    active: Vec<Oid>,
    /// How many more may be put in.
    left: usize,
}

/// What the queries that are put in bring along.
#[derive(Default)]
struct Brought {
    /// The next free number of a relation.
    next_relation: u32,
    queries: Vec<(u32, Query)>,
}

impl Placing<'_> {
    fn fill(&mut self, query: &mut Query) {
        let mut brought = Brought { next_relation: query.next_relation, queries: Vec::new() };
        for table in &mut query.common_tables {
            self.fill_operator(&mut table.query, &mut brought);
        }
        self.fill_operator(&mut query.root, &mut brought);
        query.next_relation = brought.next_relation;
        for (moved, from) in brought.queries {
            query.ranges += from.ranges;
            query.names.extend(
                from.names.into_iter().map(|(relation, name)| (RelationId(relation.0 + moved), name)),
            );
            let place = query.relations.iter().map(|used| used.place + 1).max().unwrap_or(0);
            query.relations.extend(from.relations.into_iter().map(|mut used| {
                used.place += place;
                used
            }));
        }
    }

    fn fill_operator(&mut self, operator: &mut Logical, brought: &mut Brought) {
        if let Some(placed) = self.placed(operator, brought) {
            *operator = placed;
            return;
        }
        operator.for_each_expression_mut(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    self.fill_operator(&mut subquery.query, brought);
                }
            });
        });
        operator.for_each_input_mut(&mut |input| self.fill_operator(input, brought));
    }

    /// What stands for a function in `FROM`.
    fn placed(&mut self, operator: &Logical, brought: &mut Brought) -> Option<Logical> {
        let (Logical::Functions { relation, .. }, Some(call)) = (operator, alone(operator)) else {
            return None;
        };
        let function = stands(self.context.scope, call)?;
        let ExpressionKind::Call(called) = &call.call.kind else { return None };
        let scope = self.context.scope;
        let changing = |argument: &Expression| {
            argument.has_subquery() || argument.any(&mut |part| calls_volatile(scope, part))
        };
        if self.left == 0
            || self.active.len() == NESTED
            || self.active.contains(&function.oid)
            || !(self.may_call)(function.oid)
            || called.arguments.iter().any(changing)
        {
            return None;
        }
        let mut query = self.body(function, call)?;
        let moved = brought.next_relation;
        let number = |relation: &mut RelationId| relation.0 += moved;
        map_columns(&mut query.root, &|column| number(&mut column.relation));
        each_operator(&mut query.root, &mut |operator| own_relations(operator, &number));
        let root = std::mem::replace(&mut query.root, Logical::nothing(RelationId(0)));
        let Logical::Project { mut input, expressions, .. } = root else { return None };
        let mut expressions = columns_of(expressions, call)?;
        let give = |expression: &mut Expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Parameter(number) = part.kind
                    && let Some(argument) = called.arguments.get(number as usize)
                {
                    *part = argument.clone();
                }
            });
        };
        input.rewrite_expressions(&mut |expression| give(expression));
        expressions.iter_mut().for_each(give);
        brought.next_relation += query.next_relation;
        brought.queries.push((moved, query));
        Some(Logical::Project { relation: *relation, input, expressions })
    }

    /// What a function's only statement means, with queries put in it too. It must change nothing, and have no tables of `WITH` that
    /// are made once.
    fn body(&mut self, function: &Function, call: &TableFunction) -> Option<Query> {
        let ExpressionKind::Call(called) = &call.call.kind else { return None };
        let arguments: Vec<Type> = called.arguments.iter().map(|argument| argument.result).collect();
        let routine = Routine { function, arguments: &arguments, result: call.call.result, columns: &[] };
        let mut statements = routine_statements(self.context, &routine).ok()?;
        let mut query = match statements.pop().filter(|_| statements.is_empty())? {
            RoutineStatement::Query { query, .. } => *query,
            RoutineStatement::Other(_) => return None,
        };
        let reads = query
            .relations
            .iter()
            .all(|used| !(used.insert || used.update || used.delete) && used.lock_rows.is_none());
        let mut works = false;
        query.root.walk(&mut |operator| works |= matches!(operator, Logical::Recursive(_)));
        if !reads || works || !(query.common_tables.is_empty() && query.before.is_empty()) {
            return None;
        }
        if is_deeper(&query.root, DEPTH) {
            return None;
        }
        self.left = self.left.saturating_sub(1);
        self.active.push(function.oid);
        self.fill(&mut query);
        self.active.pop();
        Some(query)
    }
}

/// Whether operators and expressions lie deeper within each other than so.
fn is_deeper(operator: &Logical, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return true };
    let mut deeper = false;
    operator.for_each_input(&mut |input| deeper = deeper || is_deeper(input, levels));
    operator.for_each_expression(&mut |expression| {
        expression.walk(&mut |part| {
            if let ExpressionKind::Subquery(subquery) = &part.kind {
                deeper = deeper || is_deeper(&subquery.query, levels);
            }
        });
        deeper = deeper || expression.depth() > levels;
    });
    deeper
}

/// The columns that a function's value is made of, if they are those that the query sees.
fn columns_of(mut values: Vec<Expression>, call: &TableFunction) -> Option<Vec<Expression>> {
    let columns = match (call.expand, values.pop()?) {
        (true, Expression { kind: ExpressionKind::Row(columns), .. }) => columns,
        (true, _) => return None,
        (false, value) => vec![value],
    };
    let same = |(column, of): (&Expression, &Type)| column.result.oid == of.oid;
    (columns.len() == call.types.len() && columns.iter().zip(&call.types).all(same)).then_some(columns)
}
