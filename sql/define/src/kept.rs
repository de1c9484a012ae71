//! Texts that the catalog keeps, written anew when what they name gets another name.
//!
//! What a text means is read before the change, by numbers, and written down after it. So a rename works as if the catalog
//! kept numbers, and nobody who reads a text need know a name that is gone.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::expression::{ROW, column_names};
use bind::Shapes;
use bind::definition::{
    PolicyCondition, RuleAction, RuleCondition, TriggerCondition, kept_alone, kept_of_domain,
    kept_over_table, kept_policy_condition, kept_rule_action, kept_rule_condition, kept_trigger_condition,
    shaped_text, written_defaults, written_target,
};
use bind::kept_routine::{BodyStatement, RETURN, kept_body_statements};
use catalog::object::{
    Body, Function, IndexedValue, Object, Oid, Origin, Replication, Rule, Source, Table, UNTYPED_NULL,
};
use catalog::{CatalogError, Relation};
use plan::expression::Expression;
use plan::target::TargetTable;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::locks::RowMode;
use store::{ConflictAction, StoreError};

/// Which texts are written anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All.
    Texts,
    /// Those of views, rules, policies and functions, which tell the columns of what they join.
    Queries,
}

/// What texts mean.
#[derive(Default)]
pub struct Kept {
    views: Vec<(Oid, Shapes)>,
    tables: Vec<(Oid, Arc<TargetTable>, Vec<Expression>)>,
    /// Expressions by which rows are divided, by their places.
    partition_keys: Vec<Placed>,
    checks: Vec<(Oid, Expression)>,
    domain_defaults: Vec<(Oid, Expression)>,
    rules: Vec<(Oid, Option<RuleCondition>, Vec<RuleAction>)>,
    triggers: Vec<(Oid, TriggerCondition)>,
    policies: Vec<(Oid, [Option<PolicyCondition>; 2])>,
    /// Of tables in publications.
    filters: Vec<(Oid, PolicyCondition)>,
    /// Bodies, and whether one is an expression.
    functions: Vec<(Oid, Vec<BodyStatement>, bool)>,
    /// Defaults of functions' arguments, by their places.
    argument_defaults: Vec<Placed>,
}

/// Expressions of an object, by their places.
type Placed = (Oid, Vec<(usize, Expression)>);

/// Whether a function's body is kept as what it means, or what arguments have if they are left out.
fn has_texts(function: &Function) -> bool {
    matches!(function.body, Body::Bound(_))
        || function.arguments.iter().any(|argument| argument.default.is_some())
}

impl Definer<'_> {
    /// What has texts that name any of some objects, or the columns of a table among them.
    ///
    /// # Errors
    /// When one of the texts is kept as its author wrote it.
    fn naming(&self, named: &BTreeSet<Oid>, reach: Reach) -> DefineResult<BTreeSet<Oid>> {
        let scope = &self.scope;
        let uses = |oid: Oid| scope.dependencies_of(oid).any(|(_, on, _)| named.contains(&on.oid));
        let mut naming = BTreeSet::new();
        for object in scope.objects() {
            match object {
                Object::View(view) if uses(view.oid) => {
                    naming.insert(view.oid);
                }
                Object::Table(table) if table.is_materialized() && uses(table.oid) => {
                    naming.insert(table.oid);
                }
                Object::Rewrite(rule) if named.contains(&rule.relation) || uses(rule.oid) => {
                    naming.insert(rule.oid);
                }
                Object::Policy(policy) if named.contains(&policy.table) || uses(policy.oid) => {
                    naming.insert(policy.oid);
                }
                Object::Replication(replication)
                    if let Replication::Table(entry) = &**replication
                        && entry.filter.is_some()
                        && reach == Reach::Texts
                        && (named.contains(&entry.table) || uses(entry.oid)) =>
                {
                    naming.insert(entry.oid);
                }
                Object::Function(function)
                    if has_texts(function) && (named.contains(&function.oid) || uses(function.oid)) =>
                {
                    naming.insert(function.oid);
                }
                _ if reach == Reach::Queries => {}
                Object::Table(table)
                    if named.contains(&table.oid)
                        || self.names_any(table, &uses)
                        || (table.is_partitioned() && uses(table.oid)) =>
                {
                    naming.insert(table.oid);
                }
                Object::Index(index) if uses(index.oid) => {
                    naming.insert(index.table);
                }
                Object::Statistics(known) if !known.expressions.is_empty() && uses(known.oid) => {
                    naming.insert(known.table);
                }
                Object::Constraint(constraint)
                    if matches!(constraint.rule, Rule::Check(_)) && uses(constraint.oid) =>
                {
                    naming.insert(if constraint.domain == 0 { constraint.table } else { constraint.oid });
                }
                Object::Domain(domain) if uses(domain.oid) => {
                    naming.insert(domain.oid);
                }
                Object::Trigger(trigger)
                    if trigger.condition.is_some()
                        && (named.contains(&trigger.relation) || uses(trigger.oid)) =>
                {
                    naming.insert(trigger.oid);
                }
                _ => {}
            }
        }
        Ok(naming)
    }

    /// Holds what has texts that name any of some objects, and answers it: nobody changes those texts or makes another before
    /// this transaction ends, and the scope tells them as they are. Who makes what depends on something has a share of its key.
    fn hold_naming(&mut self, named: &BTreeSet<Oid>, reach: Reach) -> DefineResult<BTreeSet<Oid>> {
        for oid in named {
            self.catalog.hold_for_change(self.transaction, *oid, RowMode::Update)?;
        }
        let mut held = BTreeSet::new();
        loop {
            // Whoever was waited for has committed since the scope was made.
            self.transaction.refresh()?;
            self.refresh()?;
            let naming = self.naming(named, reach)?;
            if naming.is_subset(&held) {
                break;
            }
            for oid in naming.difference(&held) {
                self.catalog.hold_for_change(self.transaction, *oid, RowMode::NoKeyUpdate)?;
            }
            held.extend(naming);
        }
        for oid in named {
            if !self.catalog.sees_dependents(self.transaction, self.scope.snapshot(), *oid)? {
                let conflict =
                    StoreError::Conflict { action: ConflictAction::Update, tree: self.catalog.tree() };
                return Err(conflict.into());
            }
        }
        Ok(held)
    }

    /// What the texts of some objects mean.
    fn texts_of(&self, naming: &BTreeSet<Oid>) -> DefineResult<Kept> {
        let mut kept = Kept::default();
        for object in naming.iter().filter_map(|oid| self.scope.snapshot().object(*oid)) {
            match object {
                Object::View(view) => {
                    let (_, shapes) = shaped_text(self.binding(), &view.query)?;
                    kept.views.push((view.oid, shapes));
                }
                Object::Table(table) => {
                    if let Some(view) = table.materialized() {
                        let (_, shapes) = shaped_text(self.binding(), &view.query)?;
                        kept.views.push((table.oid, shapes));
                    }
                    let target = written_target(self.binding(), table)?;
                    kept.tables.push((table.oid, target, written_defaults(self.binding(), table)?));
                    kept.partition_keys.extend(self.partition_key_of(table)?);
                }
                Object::Constraint(constraint) => {
                    let Some(domain) = self.scope.domain(constraint.domain) else { continue };
                    if let Rule::Check(text) = &constraint.rule {
                        let bound = kept_of_domain(self.binding(), domain.base(), text)?;
                        kept.checks.push((constraint.oid, bound));
                    }
                }
                Object::Rewrite(rule) => {
                    let condition = rule.condition.as_deref();
                    let condition = condition
                        .map(|text| kept_rule_condition(self.binding(), rule.relation, text))
                        .transpose()?;
                    let mut actions = Vec::with_capacity(rule.actions.len());
                    for text in &rule.actions {
                        actions.push(kept_rule_action(self.binding(), rule.relation, text)?);
                    }
                    kept.rules.push((rule.oid, condition, actions));
                }
                Object::Policy(policy) => {
                    let bound = |text: &Option<String>| match text {
                        Some(text) => kept_policy_condition(self.binding(), policy.table, text).map(Some),
                        None => Ok(None),
                    };
                    kept.policies.push((policy.oid, [bound(&policy.using)?, bound(&policy.check)?]));
                }
                Object::Replication(replication) => {
                    kept.filters.extend(self.filter_of(replication)?);
                }
                Object::Function(function) => {
                    kept.argument_defaults.extend(self.argument_defaults_of(function)?);
                    if let Body::Bound(text) = &function.body {
                        let statements = kept_body_statements(self.binding(), function, text)?;
                        kept.functions.push((function.oid, statements, text.starts_with(RETURN)));
                    }
                }
                Object::Trigger(trigger) => {
                    if let Some(text) = &trigger.condition {
                        let bound = kept_trigger_condition(self.binding(), trigger.relation, text)?;
                        kept.triggers.push((trigger.oid, bound));
                    }
                }
                Object::Domain(domain) => {
                    if let Some(text) = &domain.default {
                        let bound = kept_of_domain(self.binding(), domain.base(), text)?;
                        kept.domain_defaults.push((domain.oid, bound));
                    }
                }
                _ => {}
            }
        }
        Ok(kept)
    }

    /// The expressions by which a table's rows are divided, if there are any.
    fn partition_key_of(&self, table: &Arc<Table>) -> DefineResult<Option<Placed>> {
        let mut bound = Vec::new();
        let columns = table.inheritance.key.iter().flat_map(|key| &key.columns);
        for (place, column) in columns.enumerate() {
            if let IndexedValue::Expression(text) = &column.value {
                bound.push((place, kept_over_table(self.binding(), table, ROW, text)?));
            }
        }
        Ok((!bound.is_empty()).then_some((table.oid, bound)))
    }

    fn write_partition_keys(&mut self, kept: &Kept) -> DefineResult<()> {
        for (oid, expressions) in &kept.partition_keys {
            let names = column_names(&*self.table(*oid)?);
            let mut texts = Vec::with_capacity(expressions.len());
            for (place, expression) in expressions {
                texts.push((*place, self.text_of(expression, &names)?));
            }
            self.alter_object(*oid, |object| {
                if let Object::Table(table) = object
                    && let Some(key) = &mut Arc::make_mut(table).inheritance.key
                {
                    for (place, text) in texts {
                        if let Some(column) = key.columns.get_mut(place) {
                            column.value = IndexedValue::Expression(text);
                        }
                    }
                }
            })?;
        }
        Ok(())
    }

    /// The defaults of a function's arguments, if there are any.
    fn argument_defaults_of(&self, function: &Function) -> DefineResult<Option<Placed>> {
        let mut bound = Vec::new();
        for (place, argument) in function.arguments.iter().enumerate() {
            if let Some(text) = argument.default.as_deref().filter(|text| *text != UNTYPED_NULL) {
                bound.push((place, kept_alone(self.binding(), text)?));
            }
        }
        Ok((!bound.is_empty()).then_some((function.oid, bound)))
    }

    /// Which rows of a table a publication publishes, if that is said.
    fn filter_of(&self, replication: &Replication) -> DefineResult<Option<(Oid, PolicyCondition)>> {
        let Replication::Table(entry) = replication else { return Ok(None) };
        let Some(filter) = &entry.filter else { return Ok(None) };
        let bound = kept_policy_condition(self.binding(), entry.table, &filter.text)?;
        Ok(Some((entry.oid, bound)))
    }

    fn names_any(&self, table: &Table, uses: &dyn Fn(Oid) -> bool) -> bool {
        table.columns.iter().any(|column| match &column.source {
            Source::Default(expression) | Source::Generated(expression) => uses(expression.oid),
            Source::Identity { .. } | Source::Null => false,
        })
    }

    /// Writes texts down as things are called now.
    ///
    /// # Errors
    /// When something in them cannot be written.
    pub fn write_texts(&mut self, kept: &Kept) -> DefineResult<()> {
        for (oid, shapes) in &kept.views {
            let Some(query) = self.written_query(*oid, shapes) else {
                return self.unsupported("renaming what such a view names", None);
            };
            self.alter_object(*oid, |object| match object {
                Object::View(view) => Arc::make_mut(view).query = query,
                Object::Table(table) => {
                    if let Origin::Materialized(view) = &mut Arc::make_mut(table).origin {
                        view.query = query;
                    }
                }
                _ => {}
            })?;
        }
        for (oid, condition, actions) in &kept.rules {
            let condition =
                condition.as_ref().map(|bound| crate::rule::condition_text(self, bound)).transpose()?;
            let mut texts = Vec::with_capacity(actions.len());
            for action in actions {
                texts.push(crate::rule::action_text(self, action)?);
            }
            self.alter_object(*oid, |object| {
                if let Object::Rewrite(rule) = object {
                    let rule = Arc::make_mut(rule);
                    (rule.condition, rule.actions) = (condition, texts);
                }
            })?;
        }
        self.write_policies(kept)?;
        self.write_filters(kept)?;
        self.write_functions(kept)?;
        for (oid, condition) in &kept.triggers {
            let text = crate::trigger::condition_text(self, condition)?;
            self.alter_object(*oid, |object| {
                if let Object::Trigger(trigger) = object {
                    Arc::make_mut(trigger).condition = Some(text);
                }
            })?;
        }
        for (oid, check) in &kept.checks {
            let text = self.text_of(check, &[])?;
            self.alter_object(*oid, |object| {
                if let Object::Constraint(constraint) = object {
                    Arc::make_mut(constraint).rule = Rule::Check(text);
                }
            })?;
        }
        for (oid, default) in &kept.domain_defaults {
            let text = self.text_of(default, &[])?;
            self.alter_object(*oid, |object| {
                if let Object::Domain(domain) = object {
                    Arc::make_mut(domain).default = Some(text);
                }
            })?;
        }
        for (oid, target, defaults) in &kept.tables {
            self.write_target(*oid, target)?;
            self.write_defaults(*oid, target, defaults)?;
        }
        self.write_partition_keys(kept)?;
        self.refresh()
    }

    fn write_functions(&mut self, kept: &Kept) -> DefineResult<()> {
        for (oid, defaults) in &kept.argument_defaults {
            let mut texts = Vec::with_capacity(defaults.len());
            for (place, default) in defaults {
                texts.push((*place, self.text_of(default, &[])?));
            }
            self.alter_object(*oid, |object| {
                if let Object::Function(function) = object {
                    let function = Arc::make_mut(function);
                    for (place, text) in texts {
                        if let Some(argument) = function.arguments.get_mut(place) {
                            argument.default = Some(text);
                        }
                    }
                }
            })?;
        }
        for (oid, statements, returned) in &kept.functions {
            let text = crate::routine_body::body_text(self, statements, *returned)?;
            self.alter_object(*oid, |object| {
                if let Object::Function(function) = object {
                    Arc::make_mut(function).body = Body::Bound(text);
                }
            })?;
        }
        Ok(())
    }

    fn write_policies(&mut self, kept: &Kept) -> DefineResult<()> {
        for (oid, conditions) in &kept.policies {
            let text = |bound: &Option<PolicyCondition>| {
                bound.as_ref().map(|bound| crate::policy::condition_text(self, bound)).transpose()
            };
            let (using, check) = (text(&conditions[0])?, text(&conditions[1])?);
            self.alter_object(*oid, |object| {
                if let Object::Policy(policy) = object {
                    let policy = Arc::make_mut(policy);
                    (policy.using, policy.check) = (using, check);
                }
            })?;
        }
        Ok(())
    }

    fn write_filters(&mut self, kept: &Kept) -> DefineResult<()> {
        for (oid, condition) in &kept.filters {
            let text = crate::policy::condition_text(self, condition)?;
            self.alter_object(*oid, |object| {
                if let Object::Replication(replication) = object
                    && let Replication::Table(entry) = Arc::make_mut(replication)
                    && let Some(filter) = &mut entry.filter
                {
                    filter.text = text;
                }
            })?;
        }
        Ok(())
    }

    fn alter_object(&mut self, oid: Oid, change: impl FnOnce(&mut Object)) -> DefineResult<()> {
        self.catalog.alter::<CatalogError>(self.transaction, oid, |object| {
            change(object);
            Ok(())
        })?;
        Ok(())
    }

    /// Writes down the defaults of a table's columns.
    fn write_defaults(
        &mut self,
        oid: Oid,
        target: &TargetTable,
        defaults: &[Expression],
    ) -> DefineResult<()> {
        let table = self.table(oid)?;
        for (column, default) in target.columns.iter().zip(defaults) {
            let place = column.number - 1;
            if !matches!(table.columns[usize::from(place)].source, Source::Default(_)) {
                continue;
            }
            let text = self.text_of(default, &[])?;
            self.alter_column(oid, place, |column| {
                if let Source::Default(expression) = &mut column.source {
                    expression.text = text;
                }
            })?;
        }
        Ok(())
    }

    /// Writes down what the catalog keeps of a table besides defaults: checks, generated columns, indexes.
    ///
    /// # Errors
    /// When something in it has no text.
    pub(crate) fn write_target(&mut self, oid: Oid, target: &TargetTable) -> DefineResult<()> {
        let table = self.table(oid)?;
        let names = column_names(&table);
        for check in &target.checks {
            let text = self.text_of(&check.condition, &names)?;
            let found = self.scope.constraints_of(oid).find(|constraint| constraint.name == check.name);
            let Some(constraint) = found.map(|constraint| constraint.oid) else { continue };
            self.alter_object(constraint, |object| {
                if let Object::Constraint(constraint) = object {
                    Arc::make_mut(constraint).rule = Rule::Check(text);
                }
            })?;
        }
        for column in &target.columns {
            let Some(generated) = &column.generated else { continue };
            let text = self.text_of(generated, &names)?;
            self.alter_column(oid, column.number - 1, |column| {
                if let Source::Generated(expression) = &mut column.source {
                    expression.text = text;
                }
            })?;
        }
        for index in &target.indexes {
            let predicate =
                index.predicate.as_ref().map(|condition| self.text_of(condition, &names)).transpose()?;
            let mut keys = Vec::with_capacity(index.keys.len());
            for key in &index.keys {
                keys.push(self.text_of(&key.expression, &names)?);
            }
            self.alter_object(index.index, |object| {
                if let Object::Index(index) = object {
                    let index = Arc::make_mut(index);
                    index.predicate = predicate;
                    for (key, text) in index.keys.iter_mut().zip(keys) {
                        match &mut key.value {
                            IndexedValue::Expression(written) => *written = text,
                            IndexedValue::Column(column) => {
                                let column = table.columns.get(usize::from(*column));
                                key.name = column.map_or_else(String::new, |column| column.name.clone());
                            }
                        }
                    }
                }
            })?;
        }
        for (statistics, gathered) in &target.statistics {
            let mut texts = Vec::with_capacity(gathered.len());
            for expression in gathered {
                texts.push((self.text_of(expression, &names)?, expression.result));
            }
            self.alter_object(*statistics, |object| {
                if let Object::Statistics(known) = object {
                    for (kept, (text, of)) in Arc::make_mut(known).expressions.iter_mut().zip(texts) {
                        (kept.text, kept.type_oid, kept.modifier) = (text, of.oid, of.modifier);
                    }
                }
            })?;
        }
        Ok(())
    }

    /// Changes something and writes anew what names it.
    ///
    /// # Errors
    /// Those of the change, and when a text cannot be written anew.
    pub fn with_texts(
        &mut self,
        named: impl IntoIterator<Item = Oid>,
        change: impl FnOnce(&mut Self) -> DefineResult<()>,
    ) -> DefineResult<()> {
        let naming = self.hold_naming(&named.into_iter().collect(), Reach::Texts)?;
        let kept = self.texts_of(&naming)?;
        change(self)?;
        self.refresh()?;
        self.write_texts(&kept)
    }

    /// Changes which columns relations have, and writes anew the queries that read them: what they join by name must not take
    /// in a column that was not there, and names of columns tell nothing of those that come or go. Tables that inherit from
    /// one another are changed by one call: a query is not understood while a child lacks a column of its parent.
    ///
    /// # Errors
    /// Those of the change, and when a query cannot be written anew.
    pub fn with_queries<T>(
        &mut self,
        relations: impl IntoIterator<Item = Oid>,
        change: impl FnOnce(&mut Self) -> DefineResult<T>,
    ) -> DefineResult<T> {
        let named: BTreeSet<Oid> = relations.into_iter().collect();
        if self.naming(&named, Reach::Queries)?.is_empty() {
            return change(self);
        }
        let naming = self.hold_naming(&named, Reach::Queries)?;
        let mut kept = self.texts_of(&naming)?;
        // What has no text that tells what it means is kept as its author wrote it.
        kept.views.retain(|(oid, shapes)| self.written_query(*oid, shapes).is_some());
        kept.tables.clear();
        let changed = change(self)?;
        self.refresh()?;
        let scope = &self.scope;
        kept.views.retain(|(oid, _)| scope.relation(*oid).is_some());
        kept.rules.retain(|(oid, ..)| scope.snapshot().object(*oid).is_some());
        kept.policies.retain(|(oid, _)| scope.snapshot().object(*oid).is_some());
        kept.functions.retain(|(oid, ..)| scope.snapshot().object(*oid).is_some());
        kept.argument_defaults.retain(|(oid, _)| scope.snapshot().object(*oid).is_some());
        self.write_texts(&kept)?;
        Ok(changed)
    }

    /// The text of the query that a view has, as things are called now.
    fn written_query(&self, view: Oid, shapes: &Shapes) -> Option<String> {
        let names: Vec<String> = match self.scope.relation(view)? {
            Relation::View(view) => view.columns.iter().map(|column| column.column.name.clone()).collect(),
            Relation::Table(table) => table.live_columns().map(|(_, column)| column.name.clone()).collect(),
            Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) | Relation::System(_) => {
                return None;
            }
        };
        self.query_text(shapes, &names)
    }

    /// Everything in a schema.
    pub fn objects_of_schema(&self, schema: Oid) -> Vec<Oid> {
        let within = self.scope.objects().filter(|object| object.schema() == Some(schema));
        within.map(Object::oid).collect()
    }

    /// An object that is called something else now.
    ///
    /// # Errors
    /// When another has that name.
    pub fn change_object(&mut self, oid: Oid, change: impl FnOnce(&mut Object)) -> Result<(), DefineError> {
        self.alter_object(oid, change)?;
        self.refresh()
    }
}
