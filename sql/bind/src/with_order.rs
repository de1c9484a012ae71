//! In which order the tables of `WITH RECURSIVE` are bound: each after those that it refers to.
//!
//! Which those are is told by the text alone: a name without a schema that stands where a relation may, unless a `WITH`
//! further inside has a table of that name. As long as some tables are left, the first that refers to none of the others
//! comes next; where there is none, they refer to one another in a circle, and are refused.
//!
//! Invariant: no recursion. What is still to be looked at lies in a list, as trees may lean to the left without end.

use crate::error::{BindError, BindErrorKind, BindResult};
use syntax::tree::expression::{Call, CaseArm, Indirection, QuantifiedOperand};
use syntax::tree::index::{IndexElement, IndexKey};
use syntax::tree::modify::{
    Assignment, ColumnTarget, ConflictAction, ConflictTarget, InsertSource, MergeAction, OnConflict,
};
use syntax::tree::select::{
    CommonTable, Distinct, FrameBound, GroupItem, JoinCondition, Limit, Over, Query, QueryBody, Select,
    SortKey, TableExpression, Target, Window, With,
};
use syntax::tree::{Expression, ExpressionKind, QualifiedName, StatementKind};

/// The tables in the order in which they are bound, as places in the list.
pub(crate) fn ordered(tables: &[CommonTable<'_>]) -> BindResult<Vec<usize>> {
    let mut needs: Vec<Vec<usize>> =
        tables.iter().enumerate().map(|(own, _)| needs_of(tables, own)).collect();
    let mut order: Vec<usize> = (0..tables.len()).collect();
    for place in 0..order.len() {
        let free = (place..order.len()).find(|at| needs[order[*at]].is_empty());
        let Some(free) = free else {
            let position = tables[order[place]].name.position;
            return Err(BindError::at(BindErrorKind::MutualRecursion, position));
        };
        order.swap(place, free);
        let bound = order[place];
        needs.iter_mut().for_each(|needed| needed.retain(|one| *one != bound));
    }
    Ok(order)
}

/// The other tables that one refers to.
fn needs_of(tables: &[CommonTable<'_>], own: usize) -> Vec<usize> {
    let mut walk = Walk { tables, own, needs: Vec::new(), hidden: Vec::new(), scope: None, work: Vec::new() };
    walk.statement(&tables[own].statement.kind);
    while let Some((part, scope)) = walk.work.pop() {
        walk.scope = scope;
        match part {
            Part::Statement(statement) => walk.statement(statement),
            Part::Query(query) => walk.query(query),
            Part::Body(body) => walk.body(body),
            Part::Table(table) => walk.table(table),
            Part::Expression(expression) => walk.expression(expression),
        }
    }
    walk.needs
}

/// Something that may name a table.
#[derive(Clone, Copy)]
enum Part<'w, 's> {
    Statement(&'w StatementKind<'s>),
    Query(&'w Query<'s>),
    Body(&'w QueryBody<'s>),
    Table(&'w TableExpression<'s>),
    Expression(&'w Expression<'s>),
}

/// The innermost name that hides one further out, by its place in [`Walk::hidden`].
type Hides = Option<usize>;

struct Walk<'w, 's> {
    tables: &'w [CommonTable<'s>],
    own: usize,
    needs: Vec<usize>,
    /// Names of tables of a `WITH` further inside, each with the one around it.
    hidden: Vec<(&'s str, Hides)>,
    /// What hides names where the walk is.
    scope: Hides,
    /// What is still to be looked at, and what hides names there.
    work: Vec<(Part<'w, 's>, Hides)>,
}

impl<'w, 's> Walk<'w, 's> {
    fn later(&mut self, part: Part<'w, 's>) {
        self.work.push((part, self.scope));
    }

    fn expressions(&mut self, expressions: impl IntoIterator<Item = &'w Expression<'s>>)
    where
        's: 'w,
    {
        for expression in expressions {
            self.later(Part::Expression(expression));
        }
    }

    /// A name where a relation may stand.
    fn named(&mut self, name: &QualifiedName<'s>) {
        let [name] = name.parts else { return };
        let mut hides = self.scope;
        while let Some((hidden, around)) = hides.map(|place| self.hidden[place]) {
            if hidden == name.text {
                return;
            }
            hides = around;
        }
        let found = self.tables.iter().position(|table| table.name.text == name.text);
        self.needs.extend(found.filter(|found| *found != self.own));
    }

    fn hide(&mut self, name: &'s str) {
        self.hidden.push((name, self.scope));
        self.scope = Some(self.hidden.len() - 1);
    }

    /// A `WITH`, whose tables hide those of their names in what follows.
    fn with(&mut self, with: Option<&With<'s>>) {
        let Some(with) = with else { return };
        if with.recursive {
            with.tables.iter().for_each(|table| self.hide(table.name.text));
        }
        for table in with.tables {
            self.later(Part::Statement(&table.statement.kind));
            if !with.recursive {
                self.hide(table.name.text);
            }
        }
    }

    fn statement(&mut self, statement: &'w StatementKind<'s>) {
        match statement {
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => {
                self.with(insert.with.as_ref());
                self.named(&insert.table);
                match &insert.source {
                    InsertSource::Query(query) => self.later(Part::Query(query)),
                    InsertSource::Defaults => {}
                }
                self.targets(insert.columns.unwrap_or_default());
                if let Some(conflict) = insert.conflict {
                    self.conflict(conflict);
                }
                self.shown(insert.returning);
            }
            StatementKind::Update(update) => {
                self.with(update.with.as_ref());
                self.named(&update.table.name);
                self.assignments(update.assignments);
                update.from.iter().for_each(|table| self.later(Part::Table(table)));
                self.expressions(&update.condition);
                self.shown(update.returning);
            }
            StatementKind::Delete(delete) => {
                self.with(delete.with.as_ref());
                self.named(&delete.table.name);
                delete.using.iter().for_each(|table| self.later(Part::Table(table)));
                self.expressions(&delete.condition);
                self.shown(delete.returning);
            }
            StatementKind::Merge(merge) => {
                self.with(merge.with.as_ref());
                self.named(&merge.table.name);
                self.later(Part::Table(&merge.source));
                self.expressions([&merge.condition]);
                for clause in merge.clauses {
                    self.expressions(&clause.condition);
                    self.merged(&clause.action);
                }
            }
            // No other statement stands in a `WITH`.
            _ => {}
        }
    }

    fn merged(&mut self, action: &'w MergeAction<'s>) {
        match action {
            MergeAction::Nothing | MergeAction::Delete => {}
            MergeAction::Update(assignments) => self.assignments(assignments),
            MergeAction::Insert { values, .. } => self.expressions(values.unwrap_or_default()),
        }
    }

    fn conflict(&mut self, conflict: &'w OnConflict<'s>) {
        if let ConflictTarget::Index { elements, condition, .. } = &conflict.target {
            self.expressions(condition);
            elements.iter().for_each(|element| self.element(element));
        }
        if let ConflictAction::Update { assignments, condition } = &conflict.action {
            self.assignments(assignments);
            self.expressions(condition);
        }
    }

    fn element(&mut self, element: &'w IndexElement<'s>) {
        match &element.key {
            IndexKey::Column(_) => {}
            IndexKey::Expression(expression) => self.expressions([expression]),
        }
    }

    fn assignments(&mut self, assignments: &'w [Assignment<'s>]) {
        for assignment in assignments {
            match assignment {
                Assignment::One { target, value } => {
                    self.targets(std::slice::from_ref(target));
                    self.expressions([value]);
                }
                Assignment::Many { targets, value, .. } => {
                    self.targets(targets);
                    self.expressions([value]);
                }
            }
        }
    }

    fn targets(&mut self, targets: &'w [ColumnTarget<'s>]) {
        targets.iter().for_each(|target| self.path(target.path));
    }

    fn path(&mut self, path: &'w [Indirection<'s>]) {
        for step in path {
            match step {
                Indirection::Field(_) | Indirection::Star(_) => {}
                Indirection::Subscript(at) => self.expressions([*at]),
                Indirection::Slice(low, high) => self.expressions(low.iter().chain(high).copied()),
            }
        }
    }

    fn shown(&mut self, targets: &'w [Target<'s>]) {
        self.expressions(targets.iter().map(|target| &target.expression));
    }

    fn query(&mut self, query: &'w Query<'s>) {
        self.with(query.with.as_ref());
        self.later(Part::Body(&query.body));
        self.sorted(query.order);
        match &query.limit {
            Some(Limit::Rows(count) | Limit::WithTies(count)) => self.expressions([count]),
            Some(Limit::All(_)) | None => {}
        }
        self.expressions(&query.offset);
    }

    fn sorted(&mut self, keys: &'w [SortKey<'s>]) {
        self.expressions(keys.iter().map(|key| &key.expression));
    }

    fn body(&mut self, body: &'w QueryBody<'s>) {
        match body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Values(rows) => self.expressions(rows.iter().flat_map(|row| row.values)),
            QueryBody::Table(relation) => self.named(&relation.name),
            QueryBody::Set(set) => {
                self.later(Part::Body(&set.left));
                self.later(Part::Body(&set.right));
            }
            QueryBody::Nested(query) => self.later(Part::Query(query)),
        }
    }

    fn select(&mut self, select: &'w Select<'s>) {
        match select.distinct {
            Distinct::No | Distinct::Rows => {}
            Distinct::On(expressions) => self.expressions(expressions),
        }
        self.shown(select.targets);
        select.from.iter().for_each(|table| self.later(Part::Table(table)));
        self.expressions(&select.condition);
        self.expressions(&select.having);
        let mut groups: Vec<&GroupItem<'s>> = select.group.items.iter().collect();
        while let Some(item) = groups.pop() {
            match item {
                GroupItem::Expression(expression) => self.expressions([expression]),
                GroupItem::Empty(_) => {}
                GroupItem::Rollup(expressions, _) | GroupItem::Cube(expressions, _) => {
                    self.expressions(*expressions);
                }
                GroupItem::Sets(sets, _) => groups.extend(*sets),
            }
        }
        select.windows.iter().for_each(|named| self.window(&named.window));
    }

    fn window(&mut self, window: &'w Window<'s>) {
        self.expressions(window.partition);
        self.sorted(window.order);
        let Some(frame) = &window.frame else { return };
        for bound in [Some(&frame.start), frame.end.as_ref()].into_iter().flatten() {
            match bound {
                FrameBound::Preceding(offset) | FrameBound::Following(offset) => self.expressions([*offset]),
                FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => {}
            }
        }
    }

    fn table(&mut self, table: &'w TableExpression<'s>) {
        match table {
            TableExpression::Relation { relation, sample, .. } => {
                self.named(&relation.name);
                if let Some(sample) = sample {
                    self.expressions(sample.arguments.iter().chain(&sample.seed));
                }
            }
            TableExpression::Subquery { query, .. } => self.later(Part::Query(query)),
            TableExpression::Functions { functions, .. } => {
                self.expressions(functions.iter().map(|function| &function.call));
            }
            TableExpression::XmlTable(_) => {}
            TableExpression::Join(join) => {
                self.later(Part::Table(&join.left));
                self.later(Part::Table(&join.right));
                match &join.condition {
                    JoinCondition::On(condition) => self.expressions([condition]),
                    JoinCondition::None | JoinCondition::Using(..) | JoinCondition::Natural => {}
                }
            }
        }
    }

    fn expression(&mut self, expression: &'w Expression<'s>) {
        use ExpressionKind as Kind;
        match &expression.kind {
            Kind::Null
            | Kind::Boolean(_)
            | Kind::Integer(_)
            | Kind::Decimal(_)
            | Kind::String(_)
            | Kind::BitString(_)
            | Kind::HexString(_)
            | Kind::Parameter(_)
            | Kind::Default
            | Kind::Column(_)
            | Kind::Star(_)
            | Kind::SqlValue(..)
            | Kind::CurrentOf(_) => {}
            Kind::Indirection { base, path } => {
                self.expressions([*base]);
                self.path(path);
            }
            Kind::Operation { left, right, .. } => self.expressions(left.iter().copied().chain([*right])),
            Kind::Quantified { left, right, .. } => {
                self.expressions([*left]);
                match right {
                    QuantifiedOperand::Array(array) => self.expressions([*array]),
                    QuantifiedOperand::Subquery(query) => self.later(Part::Query(query)),
                }
            }
            Kind::And(terms)
            | Kind::Or(terms)
            | Kind::Coalesce(terms)
            | Kind::Greatest(terms)
            | Kind::Least(terms)
            | Kind::Array(terms)
            | Kind::Grouping(terms)
            | Kind::Xml(_, terms)
            | Kind::Row { fields: terms, .. } => self.expressions(*terms),
            Kind::Not(operand)
            | Kind::Is { operand, .. }
            | Kind::Cast { operand, .. }
            | Kind::Collate { operand, .. } => self.expressions([*operand]),
            Kind::IsDistinct { left, right, .. } | Kind::NullIf(left, right) => {
                self.expressions([*left, *right]);
            }
            Kind::Between { operand, low, high, .. } => self.expressions([*operand, *low, *high]),
            Kind::In { operand, list, .. } => self.expressions([*operand].into_iter().chain(*list)),
            Kind::InSubquery { operand, query, .. } => {
                self.expressions([*operand]);
                self.later(Part::Query(query));
            }
            Kind::Like { operand, pattern, escape, .. } => {
                self.expressions([*operand, *pattern].into_iter().chain(escape.iter().copied()));
            }
            Kind::AtTimeZone { operand, zone } => self.expressions([*operand, *zone]),
            Kind::Call(call) => self.call(call),
            Kind::Case { operand, arms, otherwise } => {
                self.expressions(operand.iter().chain(otherwise).copied());
                self.expressions(arms.iter().flat_map(|CaseArm { when, then, .. }| [when, then]));
            }
            Kind::ArraySubquery(query) | Kind::Exists(query) | Kind::Subquery(query) => {
                self.later(Part::Query(query));
            }
        }
    }

    fn call(&mut self, call: &'w Call<'s>) {
        self.expressions(call.arguments.iter().map(|argument| &argument.value));
        self.sorted(call.order);
        self.expressions(call.filter);
        match call.over {
            Some(Over::Window(window)) => self.window(window),
            Some(Over::Named(_)) | None => {}
        }
    }
}
