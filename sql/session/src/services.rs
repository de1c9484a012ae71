//! What functions ask of the session: sequences, settings, who and where one is, names of the catalog, the clock.

use crate::client::Notice;
use crate::describe::Describe;
use crate::describe_routine;
use crate::engine::{Engine, now};
use crate::labels::{ENTROPY, SLEEP};
use crate::literals::SessionLiterals;
use crate::privileges::QuestionError;
use crate::sequence_sets::{Set, Sets};
use crate::sequence_value::{SequenceError, value_of};
use crate::session::Session;
use crate::settings::{Mark, Settings};
use crate::system::Live;
use catalog::object::{FunctionKind, Object, Privileges, Sequence, TEMPORARY_SCHEMA, is_temporary};
use catalog::{Oid, Relation, Scope};
use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use functions::{FunctionError, FunctionResult, Session as Asked, SessionFunction, Site};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::locks::RelationMode;
use store::{DatabaseId, SequenceId, Session as StoreSession, TreeId};
use types::array::{ArrayBuilder, Dimension};
use types::catalog::oid;
use types::text::TextSettings;
use types::{Item, Value, Vector};

/// What a session keeps between statements for the functions that it answers.
#[derive(Debug, Default)]
pub struct Kept {
    /// What the transaction tells others when it commits.
    pub(crate) pending: crate::notify::Pending,
    /// The snapshots that the transaction has for others.
    pub(crate) exports: crate::exported::OwnExports,
    /// `random()`, once it was seeded.
    random: Option<[u64; 2]>,
    /// `currval`: the last value of each sequence.
    current: BTreeMap<Oid, i64>,
    /// `lastval`: which sequence gave the last.
    last: Option<Oid>,
    /// Values taken together (`CACHE`): the next ordinal and how many are left, by the sequence's tree.
    taken: BTreeMap<u64, (u64, u64)>,
    /// How many triggers' functions run, each within the one before.
    pub triggers: i32,
    /// How many functions run with their owners' rights.
    pub definers: u32,
    /// Whether what was counted is to be handed on when the transaction is over.
    pub hands_on: bool,
}

impl Kept {
    /// Forgets what sequences gave: `DISCARD SEQUENCES`.
    pub fn forget_sequences(&mut self) {
        self.current.clear();
        self.taken.clear();
        self.last = None;
    }
}

/// The session, as far as functions ask it, while a statement runs.
pub struct Services<'s> {
    /// The shared parts.
    pub engine: &'s Engine,
    /// Whose locks and cancellation.
    pub store: &'s StoreSession,
    /// Which database.
    pub database: DatabaseId,
    /// What names mean.
    pub scope: &'s Scope,
    /// Settings, which `set_config` changes.
    pub settings: &'s mut Settings,
    /// What is kept between statements.
    pub kept: &'s mut Kept,
    /// Sequences that were set, which tables read while functions set more.
    pub sets: &'s RefCell<Sets>,
    /// The roles: the one that acts, and the one that it acts for.
    pub roles: (Oid, Oid),
    /// What settings said of them when they were looked up.
    pub identity: Arc<(String, String)>,
    /// When the statement has to be over, by the monotonic clock.
    pub deadline: &'s mut Option<Duration>,
    /// How values look.
    pub text: &'s TextSettings,
    /// How deep expressions may nest.
    pub depth_limit: usize,
    /// What is to be told to the client.
    pub notices: Vec<Notice>,
    /// The functions that run and have settings of their own: how it was before each, and which.
    pub entered: Vec<(Mark, Vec<String>)>,
    /// What goes on now.
    pub live: Live<'s>,
    /// What the statement reads from, where a function asks that looks at large objects.
    pub view: Option<store::View>,
}

impl Services<'_> {
    fn sequence(&self, oid: &Item<'_>) -> FunctionResult<Arc<Sequence>> {
        let number = number(oid);
        match self.scope.sequence(number) {
            Some(sequence) => {
                let sets = self.sets.borrow();
                Ok(match sets.as_set(sequence) {
                    Cow::Borrowed(_) => sets.newer.get(&sequence.tree).unwrap_or(sequence).clone(),
                    Cow::Owned(set) => Arc::new(set),
                })
            }
            None => match self.scope.relation(number) {
                Some(other) => Err(FunctionError::plain(
                    SqlState::WrongObjectType,
                    format!("\"{}\" is not a sequence", other.name()),
                )),
                None => Err(FunctionError::plain(
                    SqlState::UndefinedTable,
                    format!("could not open relation with OID {number}"),
                )),
            },
        }
    }

    /// Values of a sequence that others see are taken where the transaction may write.
    fn refuse_read_only(&self, sequence: &Sequence, call: &str) -> FunctionResult<()> {
        if is_temporary(sequence.oid) || !self.settings.is_on("transaction_read_only") {
            return Ok(());
        }
        let message = format!("cannot execute {call} in a read-only transaction");
        Err(FunctionError::plain(SqlState::ReadOnlySqlTransaction, message))
    }

    /// Keeps others from defining a sequence anew until the transaction ends, as PostgreSQL does, and finds it as it is now: the
    /// statement's view may be older.
    fn hold_sequence(&mut self, oid: &Item<'_>) -> FunctionResult<Arc<Sequence>> {
        let seen = self.sequence(oid)?;
        if is_temporary(seen.oid) {
            return Ok(seen);
        }
        let (lock, mode) = (TreeId(seen.lock), RelationMode::RowExclusive);
        match self.store.lock_tree(self.database, lock, mode, self.patience()) {
            Ok(true) => {}
            Ok(false) => return Ok(seen),
            Err(error) => {
                // When the statement's time is over, that is what it fails with.
                functions::Session::check(self)?;
                return Err(other(crate::StoreFailure::from(error)));
            }
        }
        let (engine, number) = (self.engine, seen.oid);
        let now = engine.catalogs.committed_sequence(&engine.store, self.database, number).map_err(other)?;
        match (now, self.scope.sequence(number)) {
            (Some(now), Some(entry)) if now.tree != entry.tree => {
                self.sets.borrow_mut().newer.insert(entry.tree, now);
                self.sequence(oid)
            }
            (Some(_), _) => Ok(seen),
            (None, _) => {
                let message = format!("could not open relation with OID {number}");
                Err(FunctionError::plain(SqlState::UndefinedTable, message))
            }
        }
    }

    fn next_value(&mut self, sequence: &Sequence) -> FunctionResult<i64> {
        let cache = u64::try_from(sequence.cache).unwrap_or(1).max(1);
        let (ordinal, left) = match self.kept.taken.get(&sequence.tree) {
            Some((ordinal, left)) if *left > 0 => (*ordinal, *left),
            _ => {
                let taken = self.store.take_ordinals(self.database, SequenceId(sequence.tree), cache);
                (taken.map_err(|error| other(crate::StoreFailure::from(error)))?, cache)
            }
        };
        self.kept.taken.insert(sequence.tree, (ordinal + 1, left - 1));
        let value = value_of(sequence, ordinal).map_err(other)?;
        self.kept.current.insert(sequence.oid, value);
        self.kept.last = Some(sequence.oid);
        Ok(value)
    }

    fn current_value(&self, sequence: &Sequence) -> FunctionResult<i64> {
        let found = self.kept.current.get(&sequence.oid).copied();
        found.ok_or_else(|| other(SequenceError::NotYetDefined { name: sequence.name.clone() }))
    }

    /// `setval` does not wait for the transaction, and is not undone with it.
    fn set_value(&mut self, sequence: &Sequence, value: i64, called: bool) -> FunctionResult<i64> {
        if value < sequence.minimum || value > sequence.maximum {
            return Err(other(SequenceError::OutOfBounds {
                value,
                name: sequence.name.clone(),
                minimum: sequence.minimum,
                maximum: sequence.maximum,
            }));
        }
        let first = catalog::object::first_behind((value, called), sequence.increment);
        if called {
            self.kept.current.insert(sequence.oid, value);
        }
        if is_temporary(sequence.oid) {
            let (entry, set) = self.own_count(sequence.oid, first, (value, called))?;
            self.sets.borrow_mut().temporary.insert(entry, set);
            return Ok(value);
        }
        let (engine, database) = (self.engine, self.database);
        let change = (sequence.oid, first, (value, called));
        let (entry, set) = match crate::set_sequences::set(engine, database, self.scope, change) {
            Ok(Some(tree)) => {
                let (entry, before) = (self.entry_tree(sequence.oid), (value, called));
                (entry, Set { sequence: sequence.oid, entered: true, tree, first, before })
            }
            Ok(None) => self.own_count(sequence.oid, first, (value, called))?,
            Err(error) => return Err(other(error)),
        };
        self.sets.borrow_mut().within.insert(entry, set);
        Ok(value)
    }

    /// A count of the session's own. A sequence's entry may belong to the transaction, which may be rolled back: what was set is
    /// kept beside it, until the entry itself gets another count.
    fn own_count(&mut self, oid: Oid, first: i64, before: (i64, bool)) -> FunctionResult<(u64, Set)> {
        let failed = |error| other(crate::StoreFailure::from(error));
        let tree = self.store.new_temporary_sequence().map_err(failed)?.0;
        Ok((self.entry_tree(oid), Set { sequence: oid, entered: false, tree, first, before }))
    }

    /// The tree that a sequence's entry has, as the statement sees it.
    fn entry_tree(&self, oid: Oid) -> u64 {
        self.scope.sequence(oid).map_or(0, |entry| entry.tree)
    }

    fn role_name(&self, role: Oid) -> Value {
        self.scope.role(role).map_or(Value::Null, |role| Value::text(&role.name))
    }

    fn schema_names(&self, with_implicit: bool) -> Vec<String> {
        let entries = self.scope.path().entries().iter().filter(|entry| with_implicit || !entry.implicit);
        entries
            .filter_map(|entry| self.scope.schema(entry.schema).map(|schema| schema.name.clone()))
            .collect()
    }

    /// The relation that a text names, if there is one.
    pub(crate) fn relation_named(&self, text: &str) -> FunctionResult<Option<Relation>> {
        let Ok((schema, name)) = catalog::names::parts(text) else { return Ok(None) };
        if let Some(schema) = &schema {
            self.scope.may_look_in(schema).map_err(other)?;
        }
        Ok(self.scope.look_for_relation(schema.as_deref(), &name))
    }

    /// The answer of a function, if it is one that this session knows.
    fn answer(&mut self, function: SessionFunction, arguments: &[Item<'_>]) -> FunctionResult<Option<Value>> {
        if let Some(value) = self.of_sequences(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_settings(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_session(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_statement(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_replication(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_sizes(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_locks(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_counts(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_notifications(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_snapshots(function)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_others(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_catalog(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_objects(function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_descriptions(function, arguments) {
            return Ok(Some(value));
        }
        if let Some(value) = self.of_index_properties(function, arguments) {
            return Ok(Some(value));
        }
        self.of_privileges(function, arguments)
    }

    /// Values of sequences.
    fn of_sequences(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::NextVal | F::NextIdentity => {
                let sequence = self.hold_sequence(first(arguments))?;
                if function == F::NextVal {
                    self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::UPDATE])?;
                }
                self.refuse_read_only(&sequence, "nextval()")?;
                Value::Int64(self.next_value(&sequence)?)
            }
            F::CurrVal => {
                let sequence = self.sequence(first(arguments))?;
                self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::SELECT])?;
                Value::Int64(self.current_value(&sequence)?)
            }
            F::SetVal | F::SetValCalled => {
                let sequence = self.hold_sequence(first(arguments))?;
                let Some(Item::Int64(value)) = arguments.get(1) else { return Ok(None) };
                self.require_sequence(&sequence, &[Privileges::UPDATE])?;
                self.refuse_read_only(&sequence, "setval()")?;
                let called = !matches!(arguments.get(2), Some(Item::Bool(false)));
                Value::Int64(self.set_value(&sequence, *value, called)?)
            }
            F::LastVal => {
                // The sequence may be gone since.
                let last = self.kept.last.and_then(|last| self.scope.sequence(last).cloned());
                let sequence = last.ok_or_else(|| other(SequenceError::LastNotYetDefined))?;
                self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::SELECT])?;
                Value::Int64(self.current_value(&sequence)?)
            }
            _ => return Ok(None),
        }))
    }

    /// Settings.
    fn of_settings(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::ShowSetting => {
                let shown = self.settings.show(text(first(arguments)));
                Value::text(&shown.map_err(other)?)
            }
            F::ShowSettingMissingOk => match self.settings.show(text(first(arguments))) {
                Ok(shown) => Value::text(&shown),
                Err(_) if matches!(arguments.get(1), Some(Item::Bool(true))) => Value::Null,
                Err(error) => return Err(other(error)),
            },
            F::SettingFlags => match crate::settings::find(text(first(arguments))) {
                Some(setting) => array_of(oid::TEXT, &crate::settings::flags(setting.name)),
                None => Value::Null,
            },
            F::SetSetting => {
                let [name, value, local] = arguments else { return Ok(None) };
                let (name, local) = (text(name), matches!(local, Item::Bool(true)));
                match value {
                    Item::Null => {
                        let (superuser, definers) =
                            (self.scope.is_superuser(self.roles.0), self.kept.definers);
                        crate::identity::reset(self.settings, (name, local), superuser, definers)
                            .map_err(other)?;
                    }
                    value => self.set_setting((name, text(value), local))?,
                }
                self.look_who();
                Value::text(&self.settings.show(name).map_err(other)?)
            }
            _ => return Ok(None),
        }))
    }

    /// Who and where one is.
    fn of_session(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::CurrentUser => self.role_name(self.roles.0),
            F::SessionUser => self.role_name(self.roles.1),
            F::CurrentDatabase => self.database_name(),
            F::CurrentSchema => {
                self.schema_names(false).first().map_or(Value::Null, |name| Value::text(name))
            }
            F::CurrentSchemas => {
                let names = self.schema_names(matches!(first(arguments), Item::Bool(true)));
                array_of(oid::NAME, &names)
            }
            F::BackendPid => Value::Int32(i32::try_from(self.store.id().0).unwrap_or(i32::MAX)),
            F::PostmasterStart | F::ConfigurationLoadTime => Value::Int64(self.engine.opened.0),
            F::InRecovery => Value::Bool(false),
            F::CurrentSearchConfiguration => {
                let name = self.settings.kept("default_text_search_config");
                let Some(number) = catalog::names::search_configuration(self.scope, name) else {
                    let message = format!("text search configuration \"{name}\" does not exist");
                    return Err(FunctionError::plain(SqlState::UndefinedObject, message));
                };
                Value::Int32(number.cast_signed())
            }
            F::ClientAddress => self.client().0,
            F::ClientEncoding => Value::text(self.settings.kept("client_encoding")),
            F::DatabaseEncoding => Value::text("UTF8"),
            // Other sessions' temporary schemas are seen by nobody.
            F::MyTemporarySchema => {
                let schema = self.scope.schema(TEMPORARY_SCHEMA).map_or(0, |schema| schema.oid);
                Value::Int32(schema.cast_signed())
            }
            F::IsOtherTemporarySchema => Value::Bool(false),
            _ => return Ok(None),
        }))
    }

    /// Names, definitions and privileges.
    fn of_catalog(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::ToRegClass => self.object_named(oid::REGCLASS, arguments)?,
            F::ToRegType => self.object_named(oid::REGTYPE, arguments)?,
            F::ToRegProc => self.object_named(oid::REGPROC, arguments)?,
            F::ToRegProcedure => self.object_named(oid::REGPROCEDURE, arguments)?,
            F::ToRegOper => self.object_named(oid::REGOPER, arguments)?,
            F::ToRegOperator => self.object_named(oid::REGOPERATOR, arguments)?,
            F::ToRegNamespace => self.object_named(oid::REGNAMESPACE, arguments)?,
            F::ToRegRole => self.object_named(oid::REGROLE, arguments)?,
            F::ToRegCollation => self.object_named(oid::REGCOLLATION, arguments)?,
            F::TextToRegClass => self.relation_of(text(first(arguments)))?,
            F::UserById => match self.scope.role(number(first(arguments))) {
                Some(role) => Value::text(&role.name),
                None => Value::text(&format!("unknown (OID={})", number(first(arguments)))),
            },
            F::RowSecurityActive => self.row_security_active(number(first(arguments))),
            F::DescribeObject => self.described(arguments)?,
            F::SequenceParameters => {
                let sequence = self.sequence(first(arguments))?;
                let any = [Privileges::USAGE, Privileges::SELECT, Privileges::UPDATE];
                self.require_sequence(&sequence, &any)?;
                crate::described::sequence_parameters(&sequence)
            }
            F::FunctionDefinition => {
                self.refuse_aggregate(number(first(arguments)))?;
                return Ok(self.of_definitions(function, arguments));
            }
            F::ViewDefinitionByName | F::ViewDefinitionByNamePretty => {
                let name = text(first(arguments));
                if self.relation_named(name)?.is_none() {
                    return Err(FunctionError::Other(Box::new(QuestionError::NoRelation {
                        name: name.to_owned(),
                    })));
                }
                return Ok(self.of_definitions(function, arguments));
            }
            F::RelationIsUpdatable | F::ColumnIsUpdatable => {
                let table = self.scope.table(number(first(arguments)));
                if let Some(foreign) = table.and_then(|table| table.foreign()) {
                    let message = self.scope.no_handler(foreign.server);
                    return Err(FunctionError::plain(SqlState::ObjectNotInPrerequisiteState, message));
                }
                return Ok(self.of_definitions(function, arguments));
            }
            _ => return Ok(self.of_definitions(function, arguments)),
        }))
    }

    /// Refuses an aggregate: `CREATE FUNCTION` makes none.
    fn refuse_aggregate(&self, oid: Oid) -> FunctionResult<()> {
        let name = match (functions::table::function(oid), self.scope.function(oid)) {
            (Some(entry), _) => entry.kind.is_aggregate().then_some(entry.name),
            (None, Some(made)) => (made.kind == FunctionKind::Aggregate).then_some(made.name.as_str()),
            (None, None) => None,
        };
        match name {
            None => Ok(()),
            Some(name) => {
                let message = format!("\"{name}\" is an aggregate function");
                Err(FunctionError::plain(SqlState::WrongObjectType, message))
            }
        }
    }

    /// Who tells definitions.
    pub(crate) fn describe<'s>(&'s self, literals: &'s SessionLiterals<'s>) -> Describe<'s> {
        let (scope, strings) = (self.scope, self.settings.typed().strings);
        let context = bind::Context { scope, literals, depth_limit: self.depth_limit, strings };
        Describe { context, text: self.text }
    }

    /// Definitions as SQL.
    fn of_definitions(&self, function: SessionFunction, arguments: &[Item<'_>]) -> Option<Value> {
        use SessionFunction as F;
        let literals = SessionLiterals { text: self.text };
        let describe = self.describe(&literals);
        let (object, is_true) =
            (number(first(arguments)), |place: usize| matches!(arguments.get(place), Some(Item::Bool(true))));
        let told = match function {
            F::IndexDefinition => self.scope.index(object).and_then(|index| describe.index(index, 0, false)),
            F::IndexDefinitionColumn => {
                let key = if let Some(Item::Int32(key)) = arguments.get(1) { *key } else { 0 };
                self.scope.index(object).and_then(|index| describe.index(index, key, is_true(2)))
            }
            F::ConstraintDefinition | F::ConstraintDefinitionPretty => {
                let constraint = self.scope.constraint(object);
                constraint.map(|constraint| describe.constraint(constraint, is_true(1)))
            }
            F::ViewDefinition | F::ViewDefinitionPretty | F::ViewDefinitionWrapped => {
                let pretty = function == F::ViewDefinitionWrapped || is_true(1);
                self.scope.relation(object).and_then(|view| describe.query_of(&view, pretty))
            }
            F::ViewDefinitionByName | F::ViewDefinitionByNamePretty => {
                // Whether it may be looked for has been asked.
                let named = self.relation_named(text(first(arguments))).ok().flatten();
                named.and_then(|view| describe.query_of(&view, is_true(1)))
            }
            F::RuleDefinition | F::RuleDefinitionPretty => self.rule(&describe, object, is_true(1)),
            F::TriggerDefinition | F::TriggerDefinitionPretty => {
                let of_key = self.scope.key_trigger(object);
                let trigger = self.scope.trigger(object).map(Arc::as_ref).or(of_key.as_ref());
                trigger.and_then(|trigger| describe.trigger(trigger, is_true(1)))
            }
            F::FunctionDefinition => {
                self.scope.function(object).map(|function| describe_routine::definition(&describe, function))
            }
            F::FunctionSqlBody => describe_routine::bound_body(&describe, object),
            F::FunctionArguments | F::FunctionIdentityArguments => {
                let defaults = function == F::FunctionArguments;
                match self.scope.function(object) {
                    Some(known) => Some(describe_routine::arguments(&describe, known, defaults)),
                    None => functions::table::function(object)
                        .map(|known| describe_routine::native_arguments(self.scope, known, defaults)),
                }
            }
            F::FunctionResultType => match self.scope.function(object) {
                Some(known) => describe_routine::result(self.scope, known),
                None => functions::table::function(object)
                    .map(|known| describe_routine::native_result(self.scope, known)),
            },
            F::Expression | F::ExpressionPretty => match (first(arguments), arguments.get(1)) {
                (kept @ Item::Bytes(_), Some(relation)) => {
                    Some(describe.expression(text(kept), number(relation), is_true(2)))
                }
                _ => None,
            },
            F::RelationIsUpdatable => return Some(Value::Int32(describe.events(object, None, is_true(1)))),
            F::ColumnIsUpdatable => {
                let column =
                    if let Some(Item::Int16(column)) = arguments.get(1) { i32::from(*column) } else { 0 };
                return Some(Value::Bool(describe.column_is_updatable(object, column, is_true(2))));
            }
            _ => {
                return crate::describe_statistics::answer(&describe, function, object)
                    .or_else(|| crate::partition::answer(self.scope, function, object));
            }
        };
        Some(told.map_or(Value::Null, |told| Value::text(&told)))
    }

    fn database_name(&self) -> Value {
        let database = self.scope.shared_objects().find_map(|object| match object {
            Object::Database(database) if database.branch == self.database.0 => Some(database.name.as_str()),
            _ => None,
        });
        database.map_or(Value::Null, Value::text)
    }
}

impl Asked for Services<'_> {
    fn search_configuration(&mut self, number: u32) -> FunctionResult<Arc<search::Configuration>> {
        self.made_configuration(number)
    }

    fn search_dictionary(&mut self, number: u32) -> FunctionResult<search::Dictionary> {
        self.made_dictionary(number)
    }

    fn number_setting(&self, name: &str) -> f64 {
        self.settings.number(name)
    }

    fn search_dictionary_of(&mut self, extension: &str) -> FunctionResult<u32> {
        self.dictionary_of_extension(extension)
    }

    fn search_dictionaries(&mut self, number: u32) -> FunctionResult<Vec<(i32, u32)>> {
        self.dictionaries_of(number)
    }

    fn require_search_parser(&mut self, parser: Result<u32, &str>) -> FunctionResult<()> {
        self.require_parser(parser)
    }

    fn search_configuration_named(&mut self, name: &str) -> Option<u32> {
        catalog::names::search_configuration(self.scope, name)
    }

    fn call(
        &mut self,
        function: SessionFunction,
        site: &Site,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Value> {
        if function == SessionFunction::Statistic {
            return self.statistic(site, arguments);
        }
        if function == SessionFunction::SatisfiesHashPartition {
            return crate::partition::satisfies_hash(self.scope, site, arguments);
        }
        match self.answer(function, arguments)? {
            Some(value) => Ok(value),
            None => Err(FunctionError::Unsupported(format!("function {}", site.function.name))),
        }
    }

    fn rows(
        &mut self,
        function: SessionFunction,
        site: &Site,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Vec<Vector>> {
        if let Some(rows) = crate::partition::rows(self.scope, function, number(first(arguments))) {
            return rows;
        }
        if function == SessionFunction::TablespaceDatabases {
            return self.tablespace_databases(number(first(arguments)));
        }
        if let Some(rows) = self.listed(function, arguments)? {
            return Ok(rows);
        }
        Err(FunctionError::Unsupported(format!("function {}", site.function.name)))
    }

    fn clock(&mut self) -> TimestampTz {
        now(&*self.engine.env)
    }

    fn entropy(&mut self) -> FunctionResult<u64> {
        let mut bytes = [0; 8];
        let drawn = self.engine.env.random(&ENTROPY, &mut bytes);
        drawn.map_err(|error| other(crate::StoreFailure::from(store::StoreError::from(error))))?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn random_state(&mut self) -> &mut Option<[u64; 2]> {
        &mut self.kept.random
    }

    fn sleep(&mut self, seconds: f64) -> FunctionResult<()> {
        /// How long one sleeps before one looks whether one is cancelled.
        const STEP: f64 = 0.1;
        let mut left = seconds;
        while left > 0.0 {
            self.check()?;
            let step = left.min(STEP);
            self.engine.env.sleep(&SLEEP, Duration::from_secs_f64(step));
            left -= step;
        }
        Ok(())
    }

    fn check(&mut self) -> FunctionResult<()> {
        if self.store.take_cancel() {
            return Err(FunctionError::plain(
                SqlState::QueryCanceled,
                "canceling statement due to user request",
            ));
        }
        if let Some(deadline) = *self.deadline
            && self.engine.env.monotonic(&crate::labels::TIMER) >= deadline
        {
            // It ends the statement once; a body that keeps the failure goes on.
            *self.deadline = None;
            let message = "canceling statement due to statement timeout";
            return Err(FunctionError::plain(SqlState::QueryCanceled, message));
        }
        Ok(())
    }

    fn native(&self, number: u32) -> Option<functions::table::Native> {
        self.engine.natives.get(number)
    }

    fn role(&self) -> u32 {
        self.roles.0
    }

    fn act_as(&mut self, role: u32) -> u32 {
        self.kept.definers += 1;
        std::mem::replace(&mut self.roles.0, role)
    }

    fn act_again(&mut self, role: u32) {
        self.kept.definers -= 1;
        self.roles.0 = role;
    }

    fn enter_trigger(&mut self) {
        self.kept.triggers += 1;
    }

    fn leave_trigger(&mut self) {
        self.kept.triggers -= 1;
    }

    fn enter(&mut self, settings: &[(String, String)]) -> FunctionResult<TextSettings> {
        let mark = self.settings.mark();
        if let Err(error) = self.set_for_function(settings) {
            settings.iter().for_each(|(name, _)| self.settings.give_back(name, &mark));
            return Err(other(error));
        }
        self.look_who();
        self.entered.push((mark, settings.iter().map(|(name, _)| name.clone()).collect()));
        Ok(crate::session::shown_as(self.text.clone(), self.settings.typed()))
    }

    fn leave(&mut self) {
        let Some((mark, names)) = self.entered.pop() else { return };
        names.iter().for_each(|name| self.settings.give_back(name, &mark));
        self.look_who();
    }

    fn entered(&self) -> Vec<(String, String)> {
        let names = self.entered.iter().flat_map(|(_, names)| names);
        names.map(|name| (name.clone(), self.settings.kept(name).to_owned())).collect()
    }

    fn exchange(&mut self, place: &mut dyn std::any::Any) {
        if let Some(view) = place.downcast_mut::<Option<store::View>>() {
            std::mem::swap(&mut self.view, view);
            return;
        }
        let Some(nested) = place.downcast_mut::<Session>() else { return };
        std::mem::swap(self.settings, &mut nested.settings);
        std::mem::swap(self.kept, &mut nested.kept);
        std::mem::swap(&mut self.roles.0, &mut nested.role);
        std::mem::swap(&mut self.roles.1, &mut nested.session_role);
        std::mem::swap(&mut self.identity, &mut nested.identity);
        self.notices.append(&mut nested.notices);
        std::mem::swap(self.deadline, &mut nested.deadline);
    }

    fn is_counted(&mut self, function: u32) {
        self.engine.statistics.know_function((self.database, self.store.id().0), function);
    }

    fn notice(&mut self, notice: Box<dyn Diagnostic>) {
        let notice = Notice::New(notice);
        let Some(teller) = self.live.lent.and_then(|lent| lent.teller) else {
            self.notices.push(notice);
            return;
        };
        if let Some(report) = notice.report(self.settings)
            && let Err(report) = teller.tell(report)
        {
            self.notices.push(Notice::Told(report));
        }
    }
}

/// An error of the session's own, as functions carry it.
pub(crate) fn other(error: impl Diagnostic + std::fmt::Debug + Send + Sync + 'static) -> FunctionError {
    FunctionError::Other(Box::new(error))
}

pub(crate) fn first<'a, 'b>(arguments: &'a [Item<'b>]) -> &'a Item<'b> {
    arguments.first().unwrap_or(&Item::Null)
}

/// The number of an object in an argument.
pub(crate) fn number(item: &Item<'_>) -> Oid {
    if let Item::Int32(number) = item { number.cast_unsigned() } else { 0 }
}

/// The text in an argument; what comes from SQL is valid UTF-8.
pub(crate) fn text<'a>(item: &Item<'a>) -> &'a str {
    if let Item::Bytes(bytes) = item { std::str::from_utf8(bytes).unwrap_or_default() } else { "" }
}

/// An array of words.
fn array_of(of: Oid, words: &[impl AsRef<str>]) -> Value {
    let mut array = ArrayBuilder::new(of, types::Kind::Bytes);
    for word in words {
        array.push(&Item::Bytes(word.as_ref().as_bytes()));
    }
    let dimension = Dimension { length: i32::try_from(words.len()).unwrap_or(i32::MAX), lower: 1 };
    let dimensions = if words.is_empty() { &[][..] } else { std::slice::from_ref(&dimension) };
    Value::Bytes(array.finish(dimensions).into())
}
