//! Rules: what a change of rows becomes where the relation has some.
//!
//! An action of a rule is bound with the rows that the statement around it would make or find as one more entry of its `FROM`,
//! whose columns `old` and `new` name; what `new` names is put in expression by expression, as in PostgreSQL. So an action is
//! done once for each of these rows, and knows nothing of what comes of them. An action may itself change a relation that has
//! rules: its rows are those of the statement around it joined with its own.
//!
//! Invariants
//!
//! 1. What is bound for a statement runs in the order in which PostgreSQL runs it; the statement's own rows and its count are
//!    those of the only one that [`Query`] itself is.
//! 2. Actions use relations as the owner of the rule's relation does; what the statement around them reads, whoever made it.
//! 3. A relation's rules are asked once on the way to each statement, or it is refused.

use super::Change;
use super::rule_tree::{
    alias_of, columns_as_found, event_of, returning_of, target_of, view_as_table, with_of, with_returning,
};
use crate::binder::{Binder, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::parse::{parsed_expression, parsed_statement};
use crate::query::{BoundQuery, filtered, joined};
use bumpalo::Bump;
use catalog::Relation;
use catalog::object::{Oid, RewriteRule, RuleEvent, Table, TriggerTiming, View};
use diagnostic::SqlState;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{JoinKind, Logical, Query};
use std::ops::Range;
use std::sync::Arc;
use syntax::tree::StatementKind;
use syntax::tree::modify::{self, InsertSource};
use syntax::tree::select::{QueryBody, Target};
use types::Type;

/// The rows of the statement around an action, until they are part of it.
#[derive(Debug, Clone)]
pub(crate) struct RuleRows {
    pub input: Logical,
    /// `old` and `new`.
    pub items: Vec<Item>,
    /// The relations that were made for them, at the outermost level.
    relations: Range<usize>,
    /// Which `SELECT` they belong to, by where its tree lies; 0 for the change itself.
    place: usize,
}

/// What `RETURNING` of a statement is asked of an action.
#[derive(Debug, Clone)]
pub(crate) struct RuleReturning {
    /// The action, whose own `RETURNING` makes the rows.
    action: String,
    /// What the rows are called, and their columns.
    name: Arc<str>,
    columns: Vec<Arc<str>>,
}

/// A statement that is done: the client's, or an action.
struct Frame<'f> {
    kind: StatementKind<'f>,
    around: Option<Around<'f>>,
    /// `RETURNING` of the client's statement, if this is to answer it.
    returning: &'f [Target<'f>],
    /// What its rows go through on the way, the innermost first.
    answers: Vec<RuleReturning>,
}

/// What an action is done for.
struct Around<'f> {
    frame: &'f Frame<'f>,
    rule: &'f RewriteRule,
    owner: Oid,
    action: &'f str,
}

/// What a statement has become.
pub(crate) struct Ruled {
    /// It, with what is done besides.
    pub query: Query,
    /// What its rows are made of.
    pub bound: BoundQuery,
}

/// A statement that has been bound.
struct Made {
    query: Query,
    bound: BoundQuery,
    event: Option<RuleEvent>,
    /// Whether it is the client's own.
    own: bool,
    /// Whether it stands in the place of the one around it.
    instead: bool,
}

/// Rows that are found, their columns as they are there, and what is assigned to which.
type Updated = (Logical, Vec<Expression>, Vec<(u32, Expression)>);

/// The rules of what a statement changes.
struct Rules {
    /// In the order in which they are asked.
    all: Vec<Arc<RewriteRule>>,
    /// The relations that have them.
    relations: Vec<(Oid, String)>,
    /// The relation that the statement names.
    name: String,
}

impl Rules {
    /// Those by whose conditions the statement's own rows are left out.
    fn negated(&self) -> Vec<Arc<RewriteRule>> {
        self.all.iter().filter(|rule| rule.instead && rule.condition.is_some()).cloned().collect()
    }

    /// By which of them there is no single statement in the end, if there is none.
    fn several(&self) -> Option<&'static str> {
        let replaced = self.all.iter().any(|rule| replaces(rule));
        let acting = || self.all.iter().filter(|rule| !rule.actions.is_empty());
        if replaced && acting().next().is_none() {
            return Some("DO INSTEAD NOTHING");
        }
        for rule in acting() {
            if !rule.instead {
                return Some("DO ALSO");
            }
            if rule.condition.is_some() {
                return Some("conditional DO INSTEAD");
            }
        }
        let count: usize = self.all.iter().map(|rule| rule.actions.len()).sum();
        (count + usize::from(!replaced) > 1).then_some("multi-statement DO INSTEAD")
    }
}

impl Binder<'_> {
    /// By what kind of rules a statement is no single one in the end, if by any.
    pub(crate) fn several_by_rules(&self, kind: &StatementKind<'_>) -> BindResult<Option<&'static str>> {
        Ok(self.rules_of(kind)?.and_then(|rules| rules.several()))
    }

    /// What a statement becomes by the rules of what it changes; none if there are none.
    pub fn by_rules(&mut self, kind: &StatementKind<'_>) -> BindResult<Option<Ruled>> {
        let Some(rules) = self.rules_of(kind)? else { return Ok(None) };
        let frame = Frame { kind: *kind, around: None, returning: returning_of(kind), answers: Vec::new() };
        let mut made = Vec::new();
        // Whatever is wrong with the statement itself is told first.
        self.source_rows(&frame, None)?;
        self.expand(&frame, Some(rules), false, &mut Vec::new(), &mut made)?;
        if made.len() > 1 && with_of(kind) {
            let message = "WITH cannot be used in a query that is rewritten by rules into multiple queries";
            return Err(plain(SqlState::FeatureNotSupported, message));
        }
        let event = event_of(kind);
        let own = made.iter().position(|made| made.own);
        let last = || made.iter().rposition(|made| made.instead && made.event == event);
        let Some(main) = own.or_else(last) else {
            let relation = self.relation();
            let logical = Logical::Empty { relation, types: Vec::new() };
            let bound = BoundQuery { logical, columns: Vec::new(), shape: None };
            let mut query = self.finished(bound.clone())?;
            query.before = made.into_iter().map(|made| made.query).collect();
            return Ok(Some(Ruled { query, bound }));
        };
        let after = made.split_off(main + 1);
        let Some(Made { mut query, bound, .. }) = made.pop() else {
            return Err(internal("a statement is lost"));
        };
        query.before = made.into_iter().map(|made| made.query).collect();
        query.after = after.into_iter().map(|made| made.query).collect();
        Ok(Some(Ruled { query, bound }))
    }

    /// The same of a statement in `WITH`, which may become one other at most.
    pub fn by_rules_in_with(&mut self, kind: &StatementKind<'_>) -> BindResult<Option<BoundQuery>> {
        let Some(rules) = self.rules_of(kind)? else { return Ok(None) };
        let refused = |what: &str| {
            let message = format!("{what} rules are not supported for data-modifying statements in WITH");
            Err(plain(SqlState::FeatureNotSupported, &message))
        };
        if let Some(what) = rules.several() {
            return refused(what);
        }
        let frame = Frame { kind: *kind, around: None, returning: returning_of(kind), answers: Vec::new() };
        let action = rules.all.iter().find_map(|rule| rule.actions.first().map(|action| (rule, action)));
        let Some((rule, action)) = action else {
            let negated = rules.negated();
            return self.bind_frame(&frame, &negated).map(Some);
        };
        self.refuse_returning(&frame, &rules, true)?;
        let arena = Bump::new();
        let inner = self.action_frame(&frame, rule, action, &rules, &arena)?;
        if self.rules_of(&inner.kind)?.is_some() {
            return refused("multi-statement DO INSTEAD");
        }
        self.bind_frame(&inner, &[]).map(Some)
    }

    /// The rules of what a statement changes, if there are any.
    fn rules_of(&self, kind: &StatementKind<'_>) -> BindResult<Option<Rules>> {
        let (Some((name, _)), Some(event)) = (target_of(kind), event_of(kind)) else { return Ok(None) };
        if !self.scope().has_rules() || matches!(name.parts, [one] if self.given(one.text).is_some()) {
            return Ok(None);
        }
        let mut relation = self.relation_named(name)?;
        if let StatementKind::Insert(modify::Insert { conflict: Some(_), .. }) = kind
            && [RuleEvent::Insert, RuleEvent::Update]
                .iter()
                .any(|event| asked(self.scope(), relation.oid(), *event).next().is_some())
        {
            let message =
                "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules";
            return Err(plain(SqlState::FeatureNotSupported, message));
        }
        let name = relation.name().to_owned();
        let (mut all, mut relations) = (Vec::new(), Vec::new());
        loop {
            let own: Vec<_> = asked(self.scope(), relation.oid(), event).cloned().collect();
            if !own.is_empty() {
                relations.push((relation.oid(), relation.name().to_owned()));
            }
            let instead = own.iter().any(|rule| replaces(rule));
            let refuses = own.iter().any(|rule| rule.instead) && !instead;
            // A table is changed before what is done for a view on it.
            all.splice(if event == RuleEvent::Insert { 0..0 } else { all.len()..all.len() }, own);
            match &relation {
                Relation::View(view) if has_instead(self.scope(), view, event) => break,
                Relation::View(view) if refuses => return Err(conditional(&view.name, event)),
                Relation::View(view) if !instead => match self.below(view)? {
                    Some(below) => relation = below,
                    None => break,
                },
                _ => break,
            }
        }
        Ok((!all.is_empty()).then_some(Rules { all, relations, name }))
    }

    /// Binds a statement and what rules say of it, in the order in which all of it is done.
    fn expand(
        &mut self,
        frame: &Frame<'_>,
        rules: Option<Rules>,
        instead: bool,
        asked: &mut Vec<(Oid, RuleEvent)>,
        made: &mut Vec<Made>,
    ) -> BindResult<()> {
        let event = event_of(&frame.kind);
        let own = frame.around.is_none();
        let (Some(rules), Some(event)) = (rules, event) else {
            let bound = self.bind_frame(frame, &[])?;
            let query = self.finished(bound.clone())?;
            made.push(Made { query, bound, event, own, instead });
            return Ok(());
        };
        let before = asked.len();
        for (relation, name) in &rules.relations {
            if asked.contains(&(*relation, event)) {
                let message = format!("infinite recursion detected in rules for relation \"{name}\"");
                return Err(plain(SqlState::InvalidObjectDefinition, &message));
            }
            asked.push((*relation, event));
        }
        let replaced = rules.all.iter().any(|rule| replaces(rule));
        let negated = rules.negated();
        self.refuse_returning(frame, &rules, replaced || !negated.is_empty())?;
        let first = event == RuleEvent::Insert;
        if first && !replaced {
            let bound = self.bind_frame(frame, &negated)?;
            let query = self.finished(bound.clone())?;
            made.push(Made { query, bound, event: Some(event), own, instead });
        }
        for rule in &rules.all {
            for action in &rule.actions {
                let arena = Bump::new();
                let inner = self.action_frame(frame, rule, action, &rules, &arena)?;
                let of_inner = self.rules_of(&inner.kind)?;
                self.deeper(|binder| binder.expand(&inner, of_inner, rule.instead, asked, made))?;
            }
        }
        if !first && !replaced {
            let bound = self.bind_frame(frame, &negated)?;
            let query = self.finished(bound.clone())?;
            made.push(Made { query, bound, event: Some(event), own, instead });
        }
        asked.truncate(before);
        Ok(())
    }

    /// An action as a statement of its own.
    fn action_frame<'f>(
        &self,
        frame: &'f Frame<'f>,
        rule: &'f RewriteRule,
        action: &'f str,
        rules: &Rules,
        arena: &'f Bump,
    ) -> BindResult<Frame<'f>> {
        let kind = parsed_statement(action, arena, self.context.depth_limit)?;
        let answers_it = replaces(rule) && !returning_of(&kind).is_empty() && !frame.returning.is_empty();
        let (mut returning, mut answers) = (&[][..], Vec::new());
        if answers_it {
            let (table, columns) = self.rows_of(rule.relation)?;
            let alias = alias_of(&frame.kind).unwrap_or(&rules.name);
            let name = if frame.around.is_none() { alias } else { &table };
            answers.push(RuleReturning { action: action.to_owned(), name: name.into(), columns });
            answers.extend(frame.answers.iter().cloned());
            returning = frame.returning;
        }
        let owner = owner_of(self.scope(), rule.relation);
        let around = Some(Around { frame, rule, owner, action });
        Ok(Frame { kind, around, returning, answers })
    }

    /// The name of a relation and those of its columns.
    fn rows_of(&self, relation: Oid) -> BindResult<(String, Vec<Arc<str>>)> {
        let table = self.as_table(relation)?;
        let columns = table.live_columns().map(|(_, column)| column.name.as_str().into()).collect();
        Ok((table.name.clone(), columns))
    }

    fn refuse_returning(&self, frame: &Frame<'_>, rules: &Rules, replaced: bool) -> BindResult<()> {
        if frame.returning.is_empty() || !replaced {
            return Ok(());
        }
        let limit = self.context.depth_limit;
        for action in rules.all.iter().filter(|rule| replaces(rule)).flat_map(|rule| &rule.actions) {
            let arena = Bump::new();
            if !returning_of(&parsed_statement(action, &arena, limit)?).is_empty() {
                return Ok(());
            }
        }
        let word = event_of(&frame.kind).map_or("", RuleEvent::word);
        Err(BindError::new(BindErrorKind::PlainWith {
            state: SqlState::FeatureNotSupported,
            message: format!("cannot perform {word} RETURNING on relation \"{}\"", rules.name),
            detail: None,
            hint: Some(format!(
                "You need an unconditional ON {word} DO INSTEAD rule with a RETURNING clause."
            )),
        }))
    }

    /// Binds a statement; rows for which one of the conditions of `negated` holds are left out.
    fn bind_frame(&mut self, frame: &Frame<'_>, negated: &[Arc<RewriteRule>]) -> BindResult<BoundQuery> {
        let kept = self.check_as;
        let mut rows = None;
        if let Some(around) = &frame.around {
            rows = self.rows_for(around, &frame.kind)?;
            self.check_as = Some(around.owner);
        }
        let before = std::mem::replace(&mut self.rule_rows, rows);
        self.rule_answers.clone_from(&frame.answers);
        self.negated_rules = negated.to_vec();
        let arena = Bump::new();
        let kind = with_returning(&frame.kind, frame.returning, &arena);
        let bound = self.changing_statement(&kind);
        self.rule_rows = before;
        self.rule_answers.clear();
        self.negated_rules.clear();
        self.check_as = kept;
        match &frame.around {
            Some(_) => bound.map_err(BindError::nowhere),
            None => bound,
        }
    }

    /// The rows that an action is done for, as its part; none if it is done once, whatever there is.
    fn rows_for(&mut self, around: &Around<'_>, action: &StatementKind<'_>) -> BindResult<Option<RuleRows>> {
        let place = match action {
            StatementKind::Insert(modify::Insert { source: InsertSource::Query(query), .. }) => {
                match query.body {
                    QueryBody::Select(select) => std::ptr::from_ref(select) as usize,
                    QueryBody::Values(_) => 0,
                    QueryBody::Table(_) | QueryBody::Set(_) | QueryBody::Nested(_) => {
                        if around.rule.condition.is_some() {
                            let message = "conditional UNION/INTERSECT/EXCEPT statements are not implemented";
                            return Err(plain(SqlState::FeatureNotSupported, message));
                        }
                        return Ok(None);
                    }
                }
            }
            // It is done once for the statement, whatever its rows are.
            StatementKind::Notify(_) => return Ok(None),
            _ => 0,
        };
        let mut rows = self.source_rows(around.frame, Some(around))?;
        if is_found_needlessly(around) {
            let relation = self.relation();
            rows.input = Logical::nothing(relation);
        }
        Ok(Some(RuleRows { place, ..rows }))
    }

    /// The rows that a statement would make or change, of which a rule's condition holds.
    fn source_rows(&mut self, frame: &Frame<'_>, of: Option<&Around<'_>>) -> BindResult<RuleRows> {
        let kept = (self.check_as, self.rule_rows.take(), std::mem::take(&mut self.negated_rules));
        if let Some(around) = &frame.around {
            self.rule_rows = self.rows_for(around, &frame.kind)?;
            self.check_as = Some(around.owner);
        }
        let start = self.owners.len();
        let rows = self.source_of(&frame.kind, of.map(|around| around.rule));
        (self.check_as, self.rule_rows, self.negated_rules) = kept;
        let (mut input, items) = rows?;
        if let Some(around) = of
            && let Some(text) = &around.rule.condition
        {
            let kept = self.check_as.replace(around.owner);
            let condition = self.rule_condition(text, items.clone());
            self.check_as = kept;
            input = filtered(input, Some(condition?));
        }
        Ok(RuleRows { input, items, relations: start..self.owners.len(), place: 0 })
    }

    /// A rule's condition over `old` and `new`.
    fn rule_condition(&mut self, text: &str, items: Vec<Item>) -> BindResult<Expression> {
        let limit = self.context.depth_limit;
        let (condition, _) = self.within(|binder| {
            binder.level().items = items;
            parsed_expression(text, limit, |tree| {
                binder.clause(Clause::Where, |binder| binder.condition(tree, "WHERE"))
            })
        })?;
        Ok(condition)
    }

    fn source_of(
        &mut self,
        kind: &StatementKind<'_>,
        rule: Option<&RewriteRule>,
    ) -> BindResult<(Logical, Vec<Item>)> {
        match kind {
            StatementKind::Insert(insert) => self.with_tables(insert.with.as_ref(), |binder| {
                binder.changing(&insert.table, Change::Insert, |binder, table| {
                    let (found, _) = binder.within(|binder| {
                        let (input, mut values) = binder.inserted_values(table, insert)?;
                        binder.generate(table, &mut values)?;
                        let new = binder.rule_item(table, "new", &values, rule)?;
                        Ok((input, vec![new]))
                    })?;
                    Ok(found)
                })
            }),
            StatementKind::Update(update) => self.with_tables(update.with.as_ref(), |binder| {
                binder.changing(&update.table.name, Change::Update, |binder, table| {
                    let (found, _) = binder.within(|binder| {
                        let (input, base, assignments) = binder.updated_values(table, update)?;
                        let old = binder.rule_item(table, "old", &base, rule)?;
                        let mut values = base;
                        for (place, value) in assignments {
                            values[place as usize] = value;
                        }
                        binder.generate(table, &mut values)?;
                        let new = binder.rule_item(table, "new", &values, rule)?;
                        Ok((input, vec![old, new]))
                    })?;
                    Ok(found)
                })
            }),
            StatementKind::Delete(delete) => self.with_tables(delete.with.as_ref(), |binder| {
                binder.changing(&delete.table.name, Change::Delete, |binder, table| {
                    let (found, _) = binder.within(|binder| {
                        let (input, base) = binder.deleted_values(table, delete)?;
                        let old = binder.rule_item(table, "old", &base, rule)?;
                        Ok((input, vec![old]))
                    })?;
                    Ok(found)
                })
            }),
            _ => Err(internal("a rule is asked at what changes nothing")),
        }
    }

    fn updated_values(&mut self, table: &Arc<Table>, update: &modify::Update<'_>) -> BindResult<Updated> {
        let called = self.target_called(table, update.alias.as_ref());
        let (scanned, input) =
            self.changed_rows(table, &called, self.changed_only(update.table.only), update.from)?;
        let condition = self.where_of(update.condition.as_ref())?;
        let assignments = self.assignments(table, scanned, update.assignments)?;
        Ok((filtered(input, condition), columns_as_found(table, scanned), assignments))
    }

    fn deleted_values(
        &mut self,
        table: &Arc<Table>,
        delete: &modify::Delete<'_>,
    ) -> BindResult<(Logical, Vec<Expression>)> {
        let called = self.target_called(table, delete.alias.as_ref());
        let (scanned, input) =
            self.changed_rows(table, &called, self.changed_only(delete.table.only), delete.using)?;
        let condition = self.where_of(delete.condition.as_ref())?;
        Ok((filtered(input, condition), columns_as_found(table, scanned)))
    }

    /// `WHERE` of a change.
    pub(super) fn where_of(
        &mut self,
        condition: Option<&syntax::tree::Expression<'_>>,
    ) -> BindResult<Option<Expression>> {
        self.clause(Clause::Where, |binder| match condition {
            Some(condition) => binder.condition(condition, "WHERE").map(Some),
            None => Ok(None),
        })
    }

    /// `old` or `new`: a row of the rule's relation, which is the table or a view on it.
    fn rule_item(
        &mut self,
        table: &Arc<Table>,
        name: &str,
        values: &[Expression],
        rule: Option<&RewriteRule>,
    ) -> BindResult<Item> {
        let columns = table.live_columns().zip(values).map(|((_, column), value)| crate::level::ItemColumn {
            name: column.name.as_str().into(),
            expression: value.clone(),
        });
        let item = Item::open(name.into(), columns.collect(), ItemKind::Composite(table.row_type));
        let mut item = match rule {
            Some(rule) if rule.relation != table.oid => self.as_view_of(item, rule.relation)?,
            _ => item,
        };
        (item.name, item.open) = (Some(name.into()), false);
        Ok(item)
    }

    /// The statement's own rows without those for which a rule's condition holds.
    pub(super) fn without_negated(
        &mut self,
        table: &Arc<Table>,
        mut input: Logical,
        old: Option<&[Expression]>,
        new: Option<&[Expression]>,
    ) -> BindResult<Logical> {
        for rule in std::mem::take(&mut self.negated_rules) {
            let Some(text) = &rule.condition else { continue };
            let mut items = Vec::new();
            for (name, values) in [("old", old), ("new", new)] {
                if let Some(values) = values {
                    items.push(self.rule_item(table, name, values, Some(&rule))?);
                }
            }
            let kept = self.check_as.replace(owner_of(self.scope(), rule.relation));
            let limit = self.context.depth_limit;
            let around = std::mem::replace(&mut self.level().items, items);
            let condition = parsed_expression(text, limit, |tree| self.where_of(Some(tree)));
            self.level().items = around;
            self.check_as = kept;
            let Some(condition) = condition? else { continue };
            let operand = Box::new(condition);
            let kind = ExpressionKind::IsBoolean { operand, wanted: Some(true), negated: true };
            let condition = Expression { kind, result: Type::of(types::catalog::oid::BOOL) };
            input = filtered(input, Some(condition));
        }
        Ok(input)
    }

    /// Takes the rows that a statement is done for, if they belong to what lies at this place.
    pub(crate) fn take_rule_rows(&mut self, place: usize) -> Option<RuleRows> {
        let rows = self.rule_rows.take_if(|rows| rows.place == place)?;
        let level = self.levels.len().saturating_sub(1) as u32;
        for owner in self.owners.get_mut(rows.relations.clone()).into_iter().flatten() {
            *owner += level;
        }
        Some(rows)
    }

    /// Joins what is in `FROM` with the rows that a statement is done for.
    pub(crate) fn with_rule_rows(&mut self, input: Logical, place: usize) -> Logical {
        match self.take_rule_rows(place) {
            None => input,
            Some(rows) => {
                self.level().items.extend(rows.items);
                joined(JoinKind::Inner, rows.input, input, Vec::new(), false)
            }
        }
    }

    /// Puts what an action returns in the place of the rows that `RETURNING` is of.
    pub(super) fn answered(&mut self) -> BindResult<()> {
        let limit = self.context.depth_limit;
        for answer in std::mem::take(&mut self.rule_answers) {
            let arena = Bump::new();
            let kind = parsed_statement(&answer.action, &arena, limit)?;
            let targets = self.targets(returning_of(&kind), Clause::Returning)?;
            let columns = answer.columns.iter().zip(targets).map(|(name, target)| crate::level::ItemColumn {
                name: name.clone(),
                expression: target.expression,
            });
            let item = Item::open(answer.name.clone(), columns.collect(), ItemKind::Rows);
            self.level().items = vec![item];
            self.level().made = None;
        }
        Ok(())
    }

    /// A relation as the table that its rows would be those of: a view has none of its own.
    pub(crate) fn as_table(&self, relation: Oid) -> BindResult<Arc<Table>> {
        match self.scope().relation(relation) {
            Some(Relation::Table(table)) => Ok(table),
            Some(Relation::View(view)) => Ok(Arc::new(view_as_table(&view))),
            _ => Err(internal("a rule is of no relation")),
        }
    }

    /// `old` and `new` of a rule that is being made.
    pub(crate) fn rows_of_new_rule(&mut self, table: &Arc<Table>) -> BindResult<RuleRows> {
        let mut items = Vec::new();
        for name in ["old", "new"] {
            let relation = self.relation();
            let typed = table
                .live_columns()
                .map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
            let columns = item_columns(relation, typed);
            let described = crate::binder::Described {
                alias: name.into(),
                columns: columns.iter().map(|column| column.name.clone()).collect(),
                table: self.scope().table(table.oid).cloned(),
            };
            self.described.insert(relation, described);
            let mut item = Item::open(name.into(), columns, ItemKind::Composite(table.row_type));
            item.open = false;
            items.push(item);
        }
        let relation = self.relation();
        Ok(RuleRows { input: Logical::nothing(relation), items, relations: 0..0, place: 0 })
    }
}

impl RuleRows {
    /// The same as a part of a statement.
    pub(crate) fn of_statement(self, kind: &StatementKind<'_>) -> RuleRows {
        let place = match kind {
            StatementKind::Insert(modify::Insert { source: InsertSource::Query(query), .. })
            | StatementKind::Query(query) => match query.body {
                QueryBody::Select(select) => std::ptr::from_ref(select) as usize,
                QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Set(_) | QueryBody::Nested(_) => 0,
            },
            _ => 0,
        };
        RuleRows { place, ..self }
    }
}

/// Whether the rows of a table are found only to be counted: an `UPDATE` or `DELETE` of all, for an action that names none.
fn is_found_needlessly(around: &Around<'_>) -> bool {
    let unconditional = match &around.frame.kind {
        StatementKind::Update(update) => update.condition.is_none() && update.from.is_empty(),
        StatementKind::Delete(delete) => delete.condition.is_none() && delete.using.is_empty(),
        _ => false,
    };
    let names = |text: &str| text.contains("old.") || text.contains("new.");
    unconditional && around.frame.around.is_none() && around.rule.condition.is_none() && !names(around.action)
}

/// Whether a rule stands in the place of whatever it is asked at.
fn replaces(rule: &RewriteRule) -> bool {
    rule.instead && rule.condition.is_none()
}

/// The rules of a relation that are asked at something.
fn asked(scope: &catalog::Scope, relation: Oid, event: RuleEvent) -> impl Iterator<Item = &Arc<RewriteRule>> {
    let rules = scope.rules_of(relation).into_iter();
    rules.filter(move |rule| rule.event == event && rule.state.is_asked())
}

/// Whether a view has triggers that stand in the place of a change of it.
fn has_instead(scope: &catalog::Scope, view: &View, event: RuleEvent) -> bool {
    scope.triggers_of(view.oid).into_iter().any(|trigger| {
        let events = trigger.events;
        trigger.timing == TriggerTiming::InsteadOf
            && match event {
                RuleEvent::Insert => events.insert,
                RuleEvent::Update => events.update,
                RuleEvent::Delete => events.delete,
            }
    })
}

/// Whether a view's own rules or triggers stand in the place of a change of it.
pub(super) fn is_replaced(scope: &catalog::Scope, view: &View, how: Change) -> bool {
    let event = match how {
        Change::Insert => RuleEvent::Insert,
        Change::Update => RuleEvent::Update,
        Change::Delete => RuleEvent::Delete,
        Change::Merge => return false,
    };
    has_instead(scope, view, event) || asked(scope, view.oid, event).any(|rule| replaces(rule))
}

fn owner_of(scope: &catalog::Scope, relation: Oid) -> Oid {
    match scope.relation(relation) {
        Some(Relation::Table(table)) => table.owner,
        Some(Relation::View(view)) => view.owner,
        _ => 0,
    }
}

fn conditional(name: &str, event: RuleEvent) -> BindError {
    let how = match event {
        RuleEvent::Insert => Change::Insert,
        RuleEvent::Update => Change::Update,
        RuleEvent::Delete => Change::Delete,
    };
    let reason = "Views with conditional DO INSTEAD rules are not automatically updatable.";
    BindError::new(super::view::refused(name, how, reason))
}

fn plain(state: SqlState, message: &str) -> BindError {
    BindError::new(BindErrorKind::Plain { state, message: message.to_owned() })
}
