//! What functions ask of the session: sequences, settings, who and where one is, names of the catalog, the clock.

pub(crate) mod about;
pub(crate) mod acl;
pub(crate) mod activity;
pub(crate) mod address;
pub(crate) mod comments;
mod current;
mod definitions;
pub(crate) mod describe;
pub(crate) mod dictionaries;
mod dispatch;
pub(crate) mod identify;
pub(crate) mod index_properties;
pub(crate) mod large_object;
pub(crate) mod names;
pub(crate) mod partition;
pub(crate) mod privileges;
pub(crate) mod replication;
mod settings;
pub(crate) mod sizes;

use crate::client::Notice;
use crate::engine::{Engine, now};
use crate::labels::{ENTROPY, SLEEP};
use crate::sequence::answers::Given;
use crate::sequence::sets::Sets;
use crate::session::Session;
use crate::settings::{Mark, Settings};
use crate::system::Live;
use catalog::{Oid, Scope};
use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use functions::{FunctionError, FunctionResult, SessionFunction, Site};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use store::{DatabaseId, Session as StoreSession};
use types::array::{ArrayBuilder, Dimension};
use types::text::TextSettings;
use types::{Item, Value, Vector};

/// What a session keeps between statements for the functions that it answers.
#[derive(Debug, Default)]
pub struct Kept {
    /// What the transaction tells others when it commits.
    pub(crate) pending: crate::notify::Pending,
    /// The snapshots that the transaction has for others.
    pub(crate) exports: crate::transaction::exported::OwnExports,
    /// `random()`, once it was seeded.
    pub(crate) random: Option<[u64; 2]>,
    /// What sequences gave.
    pub(crate) sequences: Given,
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
        self.sequences = Given::default();
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

impl functions::Session for Services<'_> {
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
            return crate::services::partition::satisfies_hash(self.scope, site, arguments);
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
        if let Some(rows) = crate::services::partition::rows(self.scope, function, number(first(arguments))) {
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
