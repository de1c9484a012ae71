//! The parts of logical operators: inputs, expressions, columns.

use crate::expression::{Column, Expression, ExpressionKind, FunctionId, RelationId};
use crate::logical::{JoinKind, Logical, MergeWhat, Query};
use std::collections::BTreeSet;
use types::catalog::oid;
use types::{Type, Value};

/// The first number that a user's function may have: those below are the system's.
pub(crate) const FIRST_USERS_FUNCTION: u32 = 16_384;

/// Calls `visit` with every input of an operator.
macro_rules! inputs {
    ([$($reference:tt)+], $operator:expr, $visit:expr) => {{
        let visit = $visit;
        match $operator {
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. } | Logical::Given { .. } => {}
            Logical::Filter { input, .. }
            | Logical::Project { input, .. }
            | Logical::ProjectSet { input, .. }
            | Logical::Sort { input, .. }
            | Logical::Limit { input, .. }
            | Logical::Distinct { input, .. }
            | Logical::LockRows { input, .. } => visit(input),
            Logical::Join(join) => {
                visit($($reference)+ join.left);
                visit($($reference)+ join.right);
            }
            Logical::Aggregate(grouping) => visit($($reference)+ grouping.input),
            Logical::Window(window) => visit($($reference)+ window.input),
            Logical::Set(operation) => {
                for (input, _) in $($reference)+ operation.inputs {
                    visit(input);
                }
            }
            Logical::Recursive(recursive) => {
                visit($($reference)+ recursive.start.0);
                visit($($reference)+ recursive.step.0);
            }
            Logical::Insert(insert) => visit($($reference)+ insert.input),
            Logical::Update(update) => visit($($reference)+ update.input),
            Logical::Delete(delete) => visit($($reference)+ delete.input),
            Logical::Merge(merge) => visit($($reference)+ merge.input),
        }
    }};
}

/// Calls `visit` with every expression of an operator itself.
macro_rules! expressions {
    ([$($reference:tt)+], $operator:expr, $visit:expr) => {{
        let visit = $visit;
        match $operator {
            Logical::Empty { .. }
            | Logical::SystemScan { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. } | Logical::Given { .. }
            | Logical::LockRows { .. }
            | Logical::Set(_)
            | Logical::Recursive(_) => {}
            Logical::Values { rows, .. } => {
                for expression in rows.into_iter().flatten() {
                    visit(expression);
                }
            }
            Logical::Scan(scan) => {
                for guard in $($reference)+ scan.guards {
                    visit(guard);
                }
                if let Some(sample) = $($reference)+ scan.sample {
                    visit($($reference)+ sample.percentage);
                    if let Some(seed) = $($reference)+ sample.seed {
                        visit(seed);
                    }
                }
            }
            Logical::Functions { functions, .. } => {
                for function in functions {
                    visit($($reference)+ function.call);
                }
            }
            Logical::Filter { conditions: expressions, .. }
            | Logical::Project { expressions, .. }
            | Logical::ProjectSet { calls: expressions, .. } => {
                for expression in expressions {
                    visit(expression);
                }
            }
            Logical::Join(join) => {
                for condition in $($reference)+ join.conditions {
                    visit(condition);
                }
            }
            Logical::Aggregate(grouping) => {
                for key in $($reference)+ grouping.keys {
                    visit($($reference)+ key.expression);
                }
                for aggregate in $($reference)+ grouping.aggregates {
                    expressions!(@aggregate [$($reference)+], aggregate, visit);
                }
            }
            Logical::Window(window) => {
                for key in $($reference)+ window.partition {
                    visit($($reference)+ key.expression);
                }
                for key in $($reference)+ window.order {
                    visit($($reference)+ key.expression);
                }
                for call in $($reference)+ window.functions {
                    expressions!(@aggregate [$($reference)+], call, visit);
                }
            }
            Logical::Sort { keys, .. } | Logical::Distinct { keys, .. } => {
                for key in keys {
                    visit($($reference)+ key.expression);
                }
            }
            Logical::Limit { limit, offset, with_ties, .. } => {
                for bound in limit.into_iter().chain(offset) {
                    visit(bound);
                }
                for key in with_ties {
                    visit($($reference)+ key.expression);
                }
            }
            Logical::Insert(insert) => {
                for check in $($reference)+ insert.further_checks {
                    visit($($reference)+ check.condition);
                }
                for value in $($reference)+ insert.values {
                    visit(value);
                }
                if let Some(update) = $($reference)+ insert.conflict {
                    if let Some(update) = $($reference)+ update.update {
                        for (_, value) in $($reference)+ update.assignments {
                            visit(value);
                        }
                        if let Some(condition) = $($reference)+ update.condition {
                            visit(condition);
                        }
                        for check in $($reference)+ update.existing_checks {
                            visit($($reference)+ check.condition);
                        }
                    }
                }
            }
            Logical::Update(update) => {
                for check in $($reference)+ update.further_checks {
                    visit($($reference)+ check.condition);
                }
                for (_, value) in $($reference)+ update.assignments {
                    visit(value);
                }
                for value in $($reference)+ update.found {
                    visit(value);
                }
            }
            Logical::Delete(delete) => {
                for value in $($reference)+ delete.found {
                    visit(value);
                }
            }
            Logical::Merge(merge) => {
                for check in $($reference)+ merge.further_checks {
                    visit($($reference)+ check.condition);
                }
                for action in $($reference)+ merge.actions {
                    if let Some(condition) = $($reference)+ action.condition {
                        visit(condition);
                    }
                    for check in $($reference)+ action.existing_checks {
                        visit($($reference)+ check.condition);
                    }
                    match $($reference)+ action.what {
                        MergeWhat::Nothing | MergeWhat::Delete => {}
                        MergeWhat::Update(assignments) => {
                            for (_, value) in assignments {
                                visit(value);
                            }
                        }
                        MergeWhat::Insert(values) => {
                            for value in values {
                                visit(value);
                            }
                        }
                    }
                }
            }
        }
    }};
    (@aggregate [& mut], $call:expr, $visit:expr) => { $call.for_each_part_mut(&mut *$visit) };
    (@aggregate [&], $call:expr, $visit:expr) => { $call.for_each_part(&mut *$visit) };
}

impl Logical {
    /// One row without columns.
    pub fn nothing(relation: RelationId) -> Logical {
        Logical::Values { relation, types: Vec::new(), rows: vec![Vec::new()] }
    }

    /// Its inputs, from left to right.
    pub fn for_each_input<'a>(&'a self, visit: &mut dyn FnMut(&'a Logical)) {
        inputs!([&], self, visit);
    }

    /// Its inputs, to be changed.
    pub fn for_each_input_mut(&mut self, visit: &mut dyn FnMut(&mut Logical)) {
        inputs!([&mut], self, visit);
    }

    /// Its own expressions.
    pub fn for_each_expression<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        expressions!([&], self, visit);
    }

    /// Its own expressions, to be changed.
    pub fn for_each_expression_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        expressions!([&mut], self, visit);
    }

    /// Itself and all operators below, those of queries within expressions among them.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Logical)) {
        visit(self);
        self.for_each_expression(&mut |expression| {
            expression.walk(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &part.kind {
                    subquery.query.walk(visit);
                }
            });
        });
        self.for_each_input(&mut |input| input.walk(visit));
    }

    /// As [`Logical::walk`], what is below before what is above, to be changed.
    pub fn walk_mut(&mut self, visit: &mut dyn FnMut(&mut Logical)) {
        self.for_each_input_mut(&mut |input| input.walk_mut(visit));
        self.for_each_expression_mut(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    subquery.query.walk_mut(visit);
                }
            });
        });
        visit(self);
    }

    /// Every expression of the whole tree, whole, those of queries within expressions among them, to be changed.
    pub fn rewrite_expressions(&mut self, change: &mut dyn FnMut(&mut Expression)) {
        self.for_each_expression_mut(&mut |expression| {
            change(expression);
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    subquery.query.rewrite_expressions(change);
                }
            });
        });
        self.for_each_input_mut(&mut |input| input.rewrite_expressions(change));
    }

    /// Columns that it or anything below it names, where they are not its making.
    pub fn for_each_column(&self, visit: &mut dyn FnMut(Column)) {
        self.for_each_expression(&mut |expression| expression.for_each_column(visit));
        match self {
            Logical::Set(operation) => {
                operation.inputs.iter().flat_map(|input| &input.1).for_each(|column| visit(*column));
            }
            Logical::Recursive(recursive) => {
                recursive.start.1.iter().chain(&recursive.step.1).for_each(|column| visit(*column));
            }
            Logical::LockRows { locks, .. } => {
                for lock in locks {
                    visit(lock.row_id);
                    lock.members.iter().for_each(|(column, _)| visit(*column));
                }
            }
            Logical::Update(update) => {
                if !update.target.is_view {
                    visit(update.row_id);
                }
                update.table_oid.into_iter().for_each(&mut *visit);
            }
            Logical::Delete(delete) => {
                if !delete.target.is_view {
                    visit(delete.row_id);
                }
                delete.table_oid.into_iter().for_each(&mut *visit);
            }
            Logical::Merge(merge) => {
                visit(merge.row_id);
                merge.table_oid.into_iter().for_each(&mut *visit);
            }
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Filter { .. }
            | Logical::Project { .. }
            | Logical::ProjectSet { .. }
            | Logical::Join(_)
            | Logical::Aggregate(_)
            | Logical::Window(_)
            | Logical::Sort { .. }
            | Logical::Limit { .. }
            | Logical::Distinct { .. }
            | Logical::Insert(_) => {}
        }
        self.for_each_input(&mut |input| input.for_each_column(visit));
    }

    /// The relations whose columns it makes itself.
    pub fn own_relations(&self, visit: &mut dyn FnMut(RelationId)) {
        match self {
            Logical::Values { relation, .. }
            | Logical::Empty { relation, .. }
            | Logical::SystemScan { relation, .. }
            | Logical::Functions { relation, .. }
            | Logical::CommonTable { relation, .. }
            | Logical::WorkTable { relation, .. }
            | Logical::Given { relation, .. }
            | Logical::Project { relation, .. }
            | Logical::ProjectSet { relation, .. } => visit(*relation),
            Logical::Scan(scan) => visit(scan.relation),
            Logical::Join(join) => {
                if let JoinKind::Mark(relation) = join.kind {
                    visit(relation);
                }
            }
            Logical::Aggregate(grouping) => visit(grouping.relation),
            Logical::Window(window) => visit(window.relation),
            Logical::Set(operation) => visit(operation.relation),
            Logical::Recursive(recursive) => visit(recursive.relation),
            Logical::Insert(insert) => {
                visit(insert.relation);
                visit(insert.target.relation);
                if let Some(update) = insert.conflict.as_ref().and_then(|conflict| conflict.update.as_ref()) {
                    visit(update.existing);
                    visit(update.excluded);
                }
            }
            Logical::Update(update) => {
                visit(update.relation);
                visit(update.target.relation);
            }
            Logical::Delete(delete) => visit(delete.relation),
            Logical::Filter { .. }
            | Logical::Sort { .. }
            | Logical::Limit { .. }
            | Logical::Distinct { .. }
            | Logical::LockRows { .. }
            | Logical::Merge(_) => {}
        }
    }
}

impl Query {
    /// Puts values in the place of its parameters; those that are not given stay.
    pub fn give(&mut self, values: &[Value]) {
        let mut give = |expression: &mut Expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Parameter(number) = part.kind
                    && let Some(value) = values.get(number as usize)
                {
                    part.kind = ExpressionKind::Constant(value.clone());
                }
            });
        };
        self.root.rewrite_expressions(&mut give);
        for table in &mut self.common_tables {
            table.query.rewrite_expressions(&mut give);
        }
        self.before.iter_mut().chain(&mut self.after).for_each(|step| step.give(values));
    }
}

/// Whether a function is one that users have made.
pub(crate) fn is_users(function: FunctionId) -> bool {
    function.0 >= FIRST_USERS_FUNCTION
}

/// The functions that are called anywhere within an operator and that users have made. What a change checks, generates and
/// indexes calls too.
pub fn users_functions(logical: &Logical) -> BTreeSet<FunctionId> {
    let mut called = BTreeSet::new();
    let mut note = |function: FunctionId| {
        if is_users(function) {
            called.insert(function);
        }
    };
    logical.walk(&mut |operator| {
        operator.for_each_expression(&mut |expression| functions_in(expression, &mut note));
        match operator {
            Logical::Aggregate(grouping) => {
                grouping.aggregates.iter().for_each(|aggregate| note(aggregate.function));
            }
            Logical::Window(window) => window.functions.iter().for_each(|call| note(call.function)),
            Logical::Insert(insert) => {
                insert.target.for_each_expression(&mut |of| functions_in(of, &mut note))
            }
            Logical::Update(update) => {
                update.target.for_each_expression(&mut |of| functions_in(of, &mut note))
            }
            Logical::Delete(delete) => {
                delete.target.for_each_expression(&mut |of| functions_in(of, &mut note))
            }
            Logical::Merge(merge) => merge.target.for_each_expression(&mut |of| functions_in(of, &mut note)),
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Filter { .. }
            | Logical::Project { .. }
            | Logical::ProjectSet { .. }
            | Logical::Join(_)
            | Logical::Set(_)
            | Logical::Recursive(_)
            | Logical::Sort { .. }
            | Logical::Limit { .. }
            | Logical::Distinct { .. }
            | Logical::LockRows { .. } => {}
        }
    });
    called
}

fn functions_in(expression: &Expression, note: &mut dyn FnMut(FunctionId)) {
    expression.walk(&mut |part| part.for_each_function(note));
}

/// All relations made within an operator, those of queries in expressions among them.
pub fn made_relations(logical: &Logical) -> BTreeSet<RelationId> {
    let mut made = BTreeSet::new();
    logical.walk(&mut |operator| {
        operator.own_relations(&mut |relation| {
            made.insert(relation);
        });
    });
    made
}

/// All columns named within an operator that something within makes or something around.
pub fn references(logical: &Logical) -> BTreeSet<Column> {
    let mut named = BTreeSet::new();
    logical.for_each_column(&mut |column| {
        named.insert(column);
    });
    named
}

/// The columns that an operator uses and that nothing within it makes: it is correlated by them.
pub fn free_columns(logical: &Logical) -> BTreeSet<Column> {
    let made = made_relations(logical);
    let mut named = references(logical);
    named.retain(|column| !made.contains(&column.relation));
    named
}

/// The columns that an operator hands up, in order, with their types.
pub fn columns_of(logical: &Logical) -> Vec<(Column, Type)> {
    let mut columns = Vec::new();
    append_columns(logical, &mut columns);
    columns
}

fn append_columns(logical: &Logical, columns: &mut Vec<(Column, Type)>) {
    match logical {
        Logical::Values { relation, types, .. }
        | Logical::Empty { relation, types }
        | Logical::CommonTable { relation, types, .. }
        | Logical::WorkTable { relation, types, .. }
        | Logical::Given { relation, types, .. } => {
            number(*relation, types.iter().copied(), columns);
        }
        Logical::Scan(scan) => {
            number(scan.relation, scan.columns.iter().map(|column| column.column_type), columns);
        }
        Logical::SystemScan { relation, columns: read, .. } => {
            number(*relation, read.iter().map(|column| column.1), columns);
        }
        Logical::Functions { relation, functions, ordinality } => {
            let made = functions.iter().flat_map(|function| function.types.iter().copied());
            number(*relation, made.chain(ordinality.then_some(Type::of(oid::INT8))), columns);
        }
        Logical::Project { relation, expressions, .. } => {
            number(*relation, expressions.iter().map(|expression| expression.result), columns);
        }
        Logical::ProjectSet { relation, input, calls } => {
            append_columns(input, columns);
            number(*relation, calls.iter().map(|call| call.result), columns);
        }
        Logical::Join(join) => {
            append_columns(&join.left, columns);
            match join.kind {
                JoinKind::Semi | JoinKind::Anti | JoinKind::AntiNull => {}
                JoinKind::Mark(relation) => number(relation, [Type::of(oid::BOOL)], columns),
                JoinKind::Inner | JoinKind::Left | JoinKind::Full | JoinKind::Single => {
                    append_columns(&join.right, columns);
                }
            }
        }
        Logical::Aggregate(grouping) => {
            let keys = grouping.keys.iter().map(|key| key.expression.result);
            let aggregates = grouping.aggregates.iter().map(|aggregate| aggregate.result);
            let calls = grouping.grouping_calls.iter().map(|_| Type::of(oid::INT4));
            number(grouping.relation, keys.chain(aggregates).chain(calls), columns);
        }
        Logical::Window(window) => {
            append_columns(&window.input, columns);
            number(window.relation, window.functions.iter().map(|call| call.result), columns);
        }
        Logical::Set(operation) => number(operation.relation, operation.types.iter().copied(), columns),
        Logical::Recursive(recursive) => number(recursive.relation, recursive.types.iter().copied(), columns),
        Logical::Filter { input, .. }
        | Logical::Sort { input, .. }
        | Logical::Limit { input, .. }
        | Logical::Distinct { input, .. }
        | Logical::LockRows { input, .. } => append_columns(input, columns),
        Logical::Insert(insert) => {
            let target = insert.target.columns.iter().map(|column| column.column_type);
            number(insert.relation, target, columns);
        }
        Logical::Update(update) => {
            append_columns(&update.input, columns);
            number(update.relation, update.target.columns.iter().map(|column| column.column_type), columns);
        }
        Logical::Delete(delete) => {
            append_columns(&delete.input, columns);
            number(delete.relation, delete.target.columns.iter().map(|column| column.column_type), columns);
        }
        Logical::Merge(_) => {}
    }
}

fn number(relation: RelationId, types: impl IntoIterator<Item = Type>, columns: &mut Vec<(Column, Type)>) {
    columns.extend((0u32..).zip(types).map(|(index, of)| (Column { relation, index }, of)));
}
