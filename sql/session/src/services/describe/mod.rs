//! Definitions as SQL, as functions and the system's tables tell them: what the catalog keeps is bound and written down for
//! whoever asks, with the names that his search path needs.

pub(crate) mod routine;
pub(crate) mod statistics;
pub(crate) mod words;

use bind::Context;
use bind::definition::{
    kept_alone, kept_of_domain, kept_over_table, kept_policy_condition, kept_rule_action,
    kept_rule_condition, kept_trigger_condition, shaped_text, updatable_part,
};
use bind::deparse::{Deparse, Style};
use catalog::Relation;
use catalog::name::{qualified, quote_identifier};
use catalog::object::{
    Constraint, Index, IndexedValue, Oid, RewriteRule, Rule, RuleEvent, Table, Trigger, TriggerTiming, View,
};
use plan::expression::{Column, Expression, RelationId};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::text::TextSettings;

/// The columns of a table whose expressions are told.
const ROW: RelationId = RelationId(u32::MAX);

/// Events that a relation may support, as `pg_relation_is_updatable` counts them.
const UPDATE: i32 = 1 << 2;
const INSERT: i32 = 1 << 3;
const DELETE: i32 = 1 << 4;
const ALL_EVENTS: i32 = UPDATE | INSERT | DELETE;

/// Tells definitions.
#[derive(Clone, Copy)]
pub struct Describe<'d> {
    /// What names mean.
    pub context: Context<'d>,
    /// How values look.
    pub text: &'d TextSettings,
}

impl Describe<'_> {
    fn printed(&self, expression: &Expression, names: &[String], pretty: bool) -> Option<String> {
        self.printed_in(expression, names, Style { pretty, indented: pretty })
    }

    fn printed_in(&self, expression: &Expression, names: &[String], style: Style) -> Option<String> {
        let column = |column: Column| {
            names.get(column.index as usize).map_or_else(String::new, |name| quote_identifier(name))
        };
        let deparse = Deparse::new(self.context.scope, self.text, &column);
        deparse.expression_in(expression, style)
    }

    /// The query of a view, materialized or not.
    pub fn query_of(&self, relation: &Relation, pretty: bool) -> Option<String> {
        match relation {
            Relation::View(view) => Some(self.view(view, pretty)),
            Relation::Table(table) => self.materialized(table, pretty),
            Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => None,
        }
    }

    /// The query of a view.
    pub fn view(&self, view: &View, pretty: bool) -> String {
        let live = view.columns.iter().filter(|column| !column.column.dropped);
        let names: Vec<String> = live.map(|column| column.column.name.clone()).collect();
        self.query(&view.query, &names, pretty)
    }

    /// The query of a materialized view; none of a table that is not one.
    pub fn materialized(&self, table: &Table, pretty: bool) -> Option<String> {
        let names: Vec<String> = table.live_columns().map(|(_, column)| column.name.clone()).collect();
        table.materialized().map(|view| self.query(&view.query, &names, pretty))
    }

    fn query(&self, query: &str, names: &[String], pretty: bool) -> String {
        let as_kept = || format!(" {query};");
        let Ok((_, shapes)) = shaped_text(self.context, query) else { return as_kept() };
        let deparse = Deparse::new(self.context.scope, self.text, &|_| String::new());
        match deparse.query(&shapes, names, Style { pretty, indented: true }) {
            Some(text) => format!("{text};"),
            None => as_kept(),
        }
    }

    /// A rule, with the names of relations as the search path needs them, or in full.
    pub fn rule(&self, rule: &RewriteRule, pretty: bool) -> Option<String> {
        let scope = self.context.scope;
        let relation = scope.relation(rule.relation)?;
        let name = match pretty {
            true => scope.relation_name(relation.schema(), relation.name()),
            false => qualified(&scope.schema(relation.schema())?.name, relation.name()),
        };
        let style = Style { pretty, indented: true };
        let deparse = Deparse::new(scope, self.text, &|_| String::new());
        let mut text = format!(
            "CREATE RULE {} AS\n    ON {} TO {name}",
            quote_identifier(&rule.name),
            rule.event.word()
        );
        if let Some(kept) = &rule.condition {
            let told = kept_rule_condition(self.context, rule.relation, kept).ok();
            let told = told.and_then(|bound| deparse.rule_condition(&bound.condition, &bound.shapes, style));
            text.push_str(&format!("\n   WHERE {}", told.as_deref().unwrap_or(kept)));
        }
        text.push_str(if rule.instead { " DO INSTEAD " } else { " DO " });
        let action = |kept: &String| {
            let told = kept_rule_action(self.context, rule.relation, kept).ok();
            let told = told.and_then(|bound| match bound.verbatim {
                Some(text) => Some(format!("\n {text}")),
                None => deparse.action(&bound.shapes, style),
            });
            told.unwrap_or_else(|| format!(" {kept}"))
        };
        match &rule.actions[..] {
            [] => text.push_str("NOTHING;"),
            [one] => text.push_str(&format!("{};", action(one))),
            several => {
                text.push('(');
                several.iter().for_each(|one| text.push_str(&format!("{};\n", action(one))));
                text.push_str(");");
            }
        }
        Some(text)
    }

    /// A trigger, with the names of relations as the search path needs them, or in full.
    pub fn trigger(&self, trigger: &Trigger, pretty: bool) -> Option<String> {
        let scope = self.context.scope;
        let relation = scope.relation(trigger.relation)?;
        let full =
            |relation: &Relation| Some(qualified(&scope.schema(relation.schema())?.name, relation.name()));
        let name = match pretty {
            true => scope.relation_name(relation.schema(), relation.name()),
            false => full(&relation)?,
        };
        let kind = if trigger.constraint.is_some() { "CONSTRAINT TRIGGER" } else { "TRIGGER" };
        let mut text =
            format!("CREATE {kind} {} {} ", quote_identifier(&trigger.name), trigger.timing.words());
        text.push_str(&self.trigger_events(trigger, &relation));
        text.push_str(&format!(" ON {name} "));
        if let Some(constraint) = &trigger.constraint {
            if let Some(from) = scope.relation(constraint.from) {
                text.push_str(&format!("FROM {} ", scope.relation_name(from.schema(), from.name())));
            }
            text.push_str(if constraint.deferrable { "" } else { "NOT " });
            text.push_str("DEFERRABLE INITIALLY ");
            text.push_str(if constraint.initially_deferred { "DEFERRED " } else { "IMMEDIATE " });
        }
        if trigger.has_transitions() {
            text.push_str("REFERENCING ");
            for (word, table) in [("OLD", &trigger.old_table), ("NEW", &trigger.new_table)] {
                if let Some(table) = table {
                    text.push_str(&format!("{word} TABLE AS {} ", quote_identifier(table)));
                }
            }
        }
        text.push_str(if trigger.each_row { "FOR EACH ROW " } else { "FOR EACH STATEMENT " });
        if let Some(kept) = &trigger.condition {
            let deparse = Deparse::new(scope, self.text, &|_| String::new());
            let style = Style { pretty, indented: pretty };
            let told = kept_trigger_condition(self.context, trigger.relation, kept).ok();
            let told = told.and_then(|bound| deparse.rule_condition(&bound.condition, &bound.shapes, style));
            text.push_str(&format!("WHEN ({}) ", told.as_deref().unwrap_or(kept)));
        }
        let arguments: Vec<String> =
            trigger.arguments.iter().map(|it| format!("'{}'", it.replace('\'', "''"))).collect();
        let function = self.trigger_function(trigger.function);
        text.push_str(&format!("EXECUTE FUNCTION {function}({})", arguments.join(", ")));
        Some(text)
    }

    fn trigger_events(&self, trigger: &Trigger, relation: &Relation) -> String {
        let events = trigger.events;
        let mut update = "UPDATE".to_owned();
        if let Relation::Table(table) = relation
            && !trigger.columns.is_empty()
        {
            let column = |place: &u16| table.columns.get(usize::from(*place));
            let names: Vec<String> =
                trigger.columns.iter().filter_map(column).map(|it| quote_identifier(&it.name)).collect();
            update = format!("UPDATE OF {}", names.join(", "));
        }
        let words = [
            (events.insert, "INSERT"),
            (events.delete, "DELETE"),
            (events.update, &update),
            (events.truncate, "TRUNCATE"),
        ];
        let words: Vec<&str> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        words.join(" OR ")
    }

    /// A function's name, with its schema where it alone does not find it.
    fn trigger_function(&self, function: Oid) -> String {
        let scope = self.context.scope;
        match scope.function(function) {
            Some(made) => {
                let name = scope.function_name(made);
                name.strip_suffix("()").map_or(name.clone(), str::to_owned)
            }
            None => functions::table::function(function)
                .map_or_else(|| function.to_string(), |entry| quote_identifier(entry.name)),
        }
    }

    /// An expression over a table's columns.
    fn over_table(&self, table: &Arc<Table>, text: &str, pretty: bool) -> Option<String> {
        self.over_table_in(table, text, Style { pretty, indented: pretty })
    }

    /// The same in a style.
    pub(crate) fn over_table_in(&self, table: &Arc<Table>, text: &str, style: Style) -> Option<String> {
        let bound = kept_over_table(self.context, table, ROW, text).ok()?;
        let own = table.live_columns().map(|(_, column)| column.name.clone());
        let names: Vec<String> = own.chain(["tableoid".to_owned()]).collect();
        self.printed_in(&bound, &names, style)
    }

    /// Whether a text is what a policy of a table says, where there may be queries, or a publication that it is in.
    fn is_of_policy(&self, table: Oid, text: &str) -> bool {
        let says = |kept: &Option<String>| kept.as_deref() == Some(text);
        let mut filters = self.context.scope.publications_of_table(table).filter_map(|it| it.filter.as_ref());
        if filters.any(|filter| filter.text == text) {
            return true;
        }
        let policies = self.context.scope.policies_of(table);
        policies.iter().any(|policy| says(&policy.using) || says(&policy.check))
    }

    /// A condition of a policy.
    fn policy_condition(&self, table: Oid, text: &str, pretty: bool) -> Option<String> {
        let bound = kept_policy_condition(self.context, table, text).ok()?;
        let deparse = Deparse::new(self.context.scope, self.text, &|_| String::new());
        deparse.rule_condition(&bound.condition, &bound.shapes, Style { pretty, indented: true })
    }

    /// The default of an argument.
    pub fn argument_default(&self, text: &str) -> String {
        if text == catalog::object::UNTYPED_NULL {
            return format!("{text}::unknown");
        }
        let bound = kept_alone(self.context, text).ok();
        let told = bound.and_then(|bound| self.printed(&bound, &[], false));
        told.unwrap_or_else(|| text.to_owned())
    }

    /// An expression that is kept of a relation, a default among them.
    pub fn expression(&self, text: &str, relation: Oid, pretty: bool) -> String {
        let told = match self.context.scope.table(relation) {
            Some(_) if self.is_of_policy(relation, text) => self.policy_condition(relation, text, pretty),
            Some(table) => self
                .expressions_of_statistics(relation, text, pretty)
                .or_else(|| self.over_table(table, text, pretty)),
            None if relation == 0 => return self.argument_default(text),
            None => None,
        };
        told.unwrap_or_else(|| text.to_owned())
    }

    /// A constraint.
    pub fn constraint(&self, constraint: &Constraint, pretty: bool) -> String {
        let scope = self.context.scope;
        let mut constraint = constraint.clone();
        if let Rule::Exclude(index, operators) = &constraint.rule
            && let Some(index) = scope.index(*index)
        {
            return scope.exclusion_definition(&constraint, &self.told(index, pretty), operators);
        }
        if let Rule::Check(text) = &constraint.rule {
            let told = match (scope.table(constraint.table), scope.domain(constraint.domain)) {
                (Some(table), _) => self.over_table(table, text, pretty),
                (None, Some(domain)) => kept_of_domain(self.context, domain.base(), text)
                    .ok()
                    .and_then(|bound| self.printed(&bound, &[], pretty)),
                (None, None) => None,
            };
            if let Some(told) = told {
                constraint.rule = Rule::Check(told);
            }
        }
        scope.constraint_definition(&constraint)
    }

    /// An index with its expressions as they are to be shown.
    fn told(&self, index: &Index, pretty: bool) -> Index {
        let scope = self.context.scope;
        let mut index = index.clone();
        if let Some(table) = scope.table(index.table) {
            let predicate = index.predicate.as_deref().and_then(|text| self.over_table(table, text, pretty));
            index.predicate = predicate.or(index.predicate);
            for key in &mut index.keys {
                if let IndexedValue::Expression(text) = &mut key.value
                    && let Some(told) = self.over_table(table, text, pretty)
                {
                    *text = told;
                }
            }
        }
        index
    }

    /// An index, or one of its keys, which are counted from 1.
    pub fn index(&self, index: &Index, key: i32, pretty: bool) -> Option<String> {
        let scope = self.context.scope;
        let index = self.told(index, pretty);
        let Some(place) = usize::try_from(key).ok().and_then(|key| key.checked_sub(1)) else {
            return Some(scope.index_definition_as(&index, pretty));
        };
        match index.keys.get(place) {
            Some(key) => Some(scope.index_key_definition(&index, key)),
            None => {
                let column = index.include.get(place - index.keys.len())?;
                let table = scope.table(index.table)?;
                Some(quote_identifier(&table.columns.get(usize::from(*column))?.name))
            }
        }
    }

    /// What can be done with a relation's rows: all of it, or of those of one column, which is counted from 1. Source: PostgreSQL's
    /// `relation_is_updatable`.
    pub fn events(&self, relation: Oid, column: Option<i32>, triggers: bool) -> i32 {
        let place = column.map(|column| usize::try_from(column - 1).into_iter().collect());
        self.events_of(relation, place.as_ref(), triggers, &mut Vec::new())
    }

    /// The same of some columns, by their places; `asked` are the views that are being asked, as one may be made to read another
    /// that reads it.
    fn events_of(
        &self,
        relation: Oid,
        columns: Option<&BTreeSet<usize>>,
        triggers: bool,
        asked: &mut Vec<Oid>,
    ) -> i32 {
        let by_triggers = if triggers { self.events_by_triggers(relation) } else { 0 };
        match self.context.scope.relation(relation) {
            // What can be done with foreign rows a handler would say.
            // Those of a materialized view are another query's.
            Some(Relation::Table(table)) if table.is_foreign() || table.is_materialized() => by_triggers,
            Some(Relation::Table(_)) => ALL_EVENTS,
            Some(Relation::View(view)) if !asked.contains(&relation) => {
                asked.push(relation);
                let own = self.events_by_rules(relation) | by_triggers;
                let events = own | self.events_of_part(&view, columns, triggers, asked);
                asked.pop();
                events
            }
            Some(
                Relation::View(_)
                | Relation::System(_)
                | Relation::Index(_)
                | Relation::Sequence(_)
                | Relation::Composite(_),
            )
            | None => by_triggers,
        }
    }

    /// What can be done with a view's rows as those of what it is a part of.
    fn events_of_part(
        &self,
        view: &Arc<View>,
        columns: Option<&BTreeSet<usize>>,
        triggers: bool,
        asked: &mut Vec<Oid>,
    ) -> i32 {
        let Ok(Ok(part)) = updatable_part(self.context, view) else { return 0 };
        let wanted = |place: usize| columns.is_none_or(|columns| columns.contains(&place));
        let below: BTreeSet<usize> = part
            .places
            .iter()
            .enumerate()
            .filter(|(place, _)| wanted(*place))
            .filter_map(|(_, below)| *below)
            .collect();
        let events = if below.is_empty() { DELETE } else { ALL_EVENTS };
        events & self.events_of(part.base.oid(), Some(&below), triggers, asked)
    }

    /// What rules do in the place of changes of a relation, whatever is changed.
    fn events_by_rules(&self, relation: Oid) -> i32 {
        let rules = self.context.scope.rules_of(relation).into_iter();
        let replacing = rules.filter(|rule| rule.instead && rule.condition.is_none());
        replacing.fold(0, |known, rule| {
            known
                | match rule.event {
                    RuleEvent::Insert => INSERT,
                    RuleEvent::Update => UPDATE,
                    RuleEvent::Delete => DELETE,
                }
        })
    }

    /// What triggers do in the place of changes of a view.
    fn events_by_triggers(&self, relation: Oid) -> i32 {
        let instead = |trigger: &&Arc<Trigger>| trigger.timing == TriggerTiming::InsteadOf;
        let triggers = self.context.scope.triggers_of(relation);
        triggers.into_iter().filter(instead).fold(0, |known, trigger| {
            let events = trigger.events;
            let flags = [(events.update, UPDATE), (events.insert, INSERT), (events.delete, DELETE)];
            flags.into_iter().filter(|(is, _)| *is).fold(known, |known, (_, bit)| known | bit)
        })
    }

    /// Whether a column can be updated, and its rows deleted.
    pub fn column_is_updatable(&self, relation: Oid, column: i32, triggers: bool) -> bool {
        column > 0 && self.events(relation, Some(column), triggers) & (UPDATE | DELETE) == UPDATE | DELETE
    }
}
