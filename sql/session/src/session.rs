//! A session: who it is, what it has set, and the statements that it runs.
//!
//! Invariants
//!
//! 1. The statements of one text run in one transaction unless they say otherwise themselves; an error undoes them all.
//! 2. A statement that fails leaves no trace: what it wrote is undone before the next one is looked at.

use crate::client::{Client, Notice, Overheard, Report, Severity, SharedClient, Teller};
use crate::cursor::Cursors;
use crate::definition::databases::Presence;
use crate::engine::{Engine, now};
use crate::error::SessionError;
use crate::labels::{ACTIVITY_LOCK, TIMER, WAKE_LOCK};
use crate::notify::Call;
use crate::portal::Portals;
use crate::prepared::again::Texts;
use crate::prepared::{Arguments, PreparedStatements, Source, slice};
use crate::procedural::{Transient, Within};
use crate::sequence::sets::Sets;
use crate::sequence::value::last_value;
use crate::services::Kept;
use crate::services::activity::Activity;
use crate::settings::{Settings, Spoken, Typed};
use crate::statistics::Ended;
use crate::statistics::watch::Said;
use crate::store_error::StoreFailure;
use crate::transaction::block::{Block, Status};
use bumpalo::Bump;
use catalog::object::{Object, Sequence, TEMPORARY_SCHEMA};
use catalog::{Actor, Catalog, FirstNames, Oid, Reader, Scope, SearchPath, Snapshot};
use datetime::TimestampTz;
use diagnostic::SqlState;
use env::sync::Mutex;
use execute::Tally;
use plan::facts::PlannerSettings;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use store::locks::WaitPolicy;
use store::{DatabaseId, Session as StoreSession};
use syntax::lexer::StringRules;
use syntax::tree::Statement;
use types::text::TextSettings;

/// One session.
pub struct Session {
    pub(crate) engine: Engine,
    pub(crate) store: StoreSession,
    pub(crate) database: DatabaseId,
    /// Its number among the sessions, and how it is seen there.
    pub(crate) number: u64,
    pub(crate) presence: Presence,
    pub(crate) catalog: RefCell<Catalog>,
    pub(crate) settings: Settings,
    pub(crate) block: Block,
    pub(crate) prepared: RefCell<PreparedStatements>,
    /// Texts that it was sent.
    pub(crate) texts: Texts,
    pub(crate) arguments: Arguments,
    pub(crate) cursors: RefCell<Cursors>,
    /// What lasts as the transaction does, and the bodies that have been read.
    pub(crate) transient: RefCell<Transient>,
    /// A session for what functions run, and whether this is one: what it keeps is lent to it as long as one runs.
    pub(crate) nested: RefCell<Option<Box<Session>>>,
    pub(crate) within: Option<Within>,
    pub(crate) portals: Portals,
    pub(crate) kept: Kept,
    /// `setval`, where entries do not say it.
    pub(crate) sets: RefCell<Sets>,
    /// What is left to be looked at before the transaction commits.
    pub(crate) events: execute::Events,
    /// What statements count until it is put down.
    pub(crate) tally: RefCell<Tally>,
    /// What functions had to say in the statement that runs.
    pub(crate) notices: Vec<Notice>,
    /// The role it logged in as, the one that it acts for, and the one it acts as.
    pub(crate) login_role: Oid,
    pub(crate) session_role: Oid,
    pub(crate) role: Oid,
    /// What the settings said of them when they were looked up: SET SESSION AUTHORIZATION, SET ROLE.
    pub(crate) identity: Arc<(String, String)>,
    /// Whether the statement is only to be explained: nothing is read.
    pub(crate) explains: bool,
    /// Transactions that have ended since that was put down.
    pub(crate) ended: Ended,
    /// Whether it runs statements in steps: what they count is put down when a longer one begins.
    pub(crate) steps: bool,
    /// Whether it listens to what others tell, and who is called when it was told something.
    pub(crate) listens: bool,
    pub(crate) call: Option<Call>,
    /// When the statement came in.
    pub(crate) statement_time: TimestampTz,
    /// When it has to be over, by the monotonic clock: `statement_timeout`.
    pub(crate) deadline: Option<Duration>,
    /// The extension whose script runs.
    pub(crate) extension: Option<Oid>,
    /// Where a row is read that is sent at once; empty between two.
    pub(crate) row: Vec<u8>,
    /// How values look, and which settings said so.
    pub(crate) text: Option<(Arc<Typed>, Arc<TextSettings>)>,
    /// What names meant last, and by which settings and for which role.
    pub(crate) scope: Option<(Arc<Typed>, Oid, Scope)>,
    /// What settings say of plans, and which settings said so.
    pub(crate) planner: Option<(Arc<Typed>, PlannerSettings)>,
    /// See [`Session::store_failure`].
    pub(crate) store_failure: Option<StoreFailure>,
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that runs what functions do is nobody's, and what it counted was taken over.
        if self.within.is_none() {
            self.leave_counts();
            self.engine.sessions.leave(self.number);
        }
        if self.listens {
            self.engine.forget_listener(self.number);
        }
    }
}

impl Session {
    /// A session of the superuser in the main database.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn new(engine: &Engine) -> Result<Session, SessionError> {
        Session::open(engine, None, None)
    }

    /// A session of a role in a database, without its settings.
    pub(crate) fn of_role(engine: &Engine, database: DatabaseId, role: Oid) -> Result<Session, SessionError> {
        let catalog = engine.catalogs.open(&engine.store, database, FirstNames::default())?;
        let store = engine.store.session();
        let canceller = store.canceller();
        let activity = Activity::new(role, now(&*engine.env));
        let presence = Presence {
            database,
            pid: store.id().0,
            canceller,
            busy: Arc::default(),
            ended: Arc::default(),
            wake: Arc::new(Mutex::new(&WAKE_LOCK, None)),
            activity: Arc::new(Mutex::new(&ACTIVITY_LOCK, activity)),
        };
        let number = engine.sessions.enter(presence.clone());
        if engine.statistics.come(database) {
            let there = engine.catalogs.committed(&engine.store, database)?;
            let last = there.objects().map(Object::oid).max().unwrap_or(0);
            engine.statistics.begin(database, last + 1);
        }
        Ok(Session::of(engine, (store, database), catalog, (number, presence), role))
    }

    /// A session for what functions run within a statement of another. All that counts is lent to it.
    pub(crate) fn nested(
        engine: &Engine,
        (store, database): (&StoreSession, DatabaseId),
        catalog: Catalog,
        presence: &Presence,
    ) -> Session {
        let whom = (0, presence.clone());
        let mut nested = Session::of(engine, (store.clone(), database), catalog, whom, 0);
        nested.within = Some(Within::default());
        nested
    }

    /// A session that has done nothing yet.
    fn of(
        engine: &Engine,
        (store, database): (StoreSession, DatabaseId),
        catalog: Catalog,
        (number, presence): (u64, Presence),
        role: Oid,
    ) -> Session {
        Session {
            store,
            database,
            number,
            presence,
            catalog: RefCell::new(catalog),
            settings: Settings::default(),
            block: Block::default(),
            prepared: RefCell::default(),
            texts: Texts::default(),
            arguments: Arguments::default(),
            cursors: RefCell::default(),
            transient: RefCell::default(),
            nested: RefCell::default(),
            within: None,
            portals: Portals::default(),
            kept: Kept::default(),
            sets: RefCell::default(),
            events: execute::Events::default(),
            tally: RefCell::default(),
            notices: Vec::new(),
            login_role: role,
            session_role: role,
            role,
            identity: Arc::default(),
            explains: false,
            ended: Ended::default(),
            steps: false,
            listens: false,
            call: None,
            statement_time: engine.opened,
            deadline: None,
            extension: None,
            row: Vec::new(),
            text: None,
            scope: None,
            planner: None,
            store_failure: None,
            engine: engine.clone(),
        }
    }

    /// Whether it is within a transaction block.
    pub fn status(&self) -> Status {
        self.block.status()
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The encoding of its client's texts, now and whenever it changes.
    pub fn spoken(&mut self) -> Spoken {
        self.settings.spoken()
    }

    /// Its settings, to be changed from outside of statements: what a client asks for when it connects.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// What the store said, if it was the store by which the last statement failed: where a report has PostgreSQL's words, this
    /// tells the file and the call.
    pub fn store_failure(&self) -> Option<&StoreFailure> {
        self.store_failure.as_ref()
    }

    /// Ends whatever it waits for or runs, from another task.
    pub fn canceller(&self) -> store::Canceller {
        self.store.canceller()
    }

    /// Runs the statements of a text, one after the other, and tells the client of each.
    ///
    /// # Errors
    /// The first that fails ends it: its report is the error.
    pub fn execute(&mut self, text: &str, client: &mut dyn Client) -> Result<(), Box<Report>> {
        self.begins(text);
        let done = self.execute_all(text, client);
        self.rests();
        done
    }

    fn execute_all(&mut self, text: &str, client: &mut dyn Client) -> Result<(), Box<Report>> {
        if let Err(error) = self.check_ended() {
            self.block.roll_back(&mut self.settings);
            self.forget_transaction(false);
            return Err(Box::new(Report::new(Severity::Fatal, &error)));
        }
        // A cancellation that came too late for the last statement is not this one's.
        self.store.take_cancel();
        match self.run_again(text, client) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(error) => return Err(self.failed(&error)),
        }
        let escapes = match self.settings.typed().escape_warning {
            true => syntax::escape_remarks(text),
            false => Vec::new(),
        };
        for remark in syntax::remarks(text, self.strings()).into_iter().chain(escapes) {
            self.notices.push(Notice::New(Box::new(remark)));
        }
        self.tell_notices(client);
        let arena = Bump::new();
        let statements = match self.parse(text, &arena) {
            Ok(statements) => statements,
            Err(error) => return Err(self.failed(&error)),
        };
        if statements.is_empty() {
            client.empty();
        }
        self.block.begin_message(statements.len() > 1);
        for (place, statement) in statements.iter().enumerate() {
            self.enter();
            let last = place + 1 == statements.len();
            let said = Said::Text(slice(text, statement));
            let done =
                self.watched(&said, client, |session, client| session.run_one(text, statement, last, client));
            if let Err(error) = done {
                return Err(self.failed(&error));
            }
        }
        Ok(())
    }

    /// Runs a statement. An implicit block ends with the last one, and only then is that one told to be done; of an
    /// explicit one the statement itself decides.
    fn run_one(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        last: bool,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let mut held = Overheard::holding(client);
        let done = self.run(text, statement, &mut held);
        self.tell_notices(&mut held);
        done?;
        let tag = held.into_tag();
        self.complete(tag, last, client)
    }

    /// A statement has been run: ends its implicit block if it is the last one in it, and only then tells that it is done.
    pub(crate) fn complete(
        &mut self,
        tag: Option<String>,
        last: bool,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if last && !self.block.is_explicit() {
            self.end_implicit(client)?;
        }
        if let Some(tag) = tag {
            client.complete(&tag);
        }
        Ok(())
    }

    /// A statement begins.
    pub(crate) fn enter(&mut self) {
        self.statement_time = now(&*self.engine.env);
        self.deadline = match self.settings.typed().statement_timeout {
            0 => None,
            milliseconds => Some(self.engine.env.monotonic(&TIMER) + Duration::from_millis(milliseconds)),
        };
        let deadlock_timeout = Duration::from_millis(self.settings.typed().deadlock_timeout);
        self.store.set_deadlock_timeout(Some(deadlock_timeout));
        self.block.enter(&mut self.settings, self.statement_time);
    }

    /// Reads the statements of a text. All are read before the first is run, as PostgreSQL does.
    pub(crate) fn parse<'a>(
        &self,
        text: &'a str,
        arena: &'a Bump,
    ) -> Result<&'a [Statement<'a>], SessionError> {
        Ok(syntax::parse_by(text, arena, self.depth_limit(), self.strings())?)
    }

    /// The statements of a text that was prepared: strings mean what they did then.
    pub(crate) fn parse_again<'a>(
        &self,
        source: &'a Source,
        arena: &'a Bump,
    ) -> Result<&'a [Statement<'a>], SessionError> {
        Ok(syntax::parse_by(&source.text, arena, self.depth_limit(), source.rules)?)
    }

    /// What backslashes are in strings.
    pub(crate) fn strings(&self) -> StringRules {
        self.settings.typed().strings
    }

    /// How deep statements may nest on the stack of this world.
    pub(crate) fn depth_limit(&self) -> usize {
        syntax::depth_limit(self.engine.env.stack_budget())
    }

    /// Ends the transaction that statements opened by themselves; what triggers that were put off have to say is told.
    pub(crate) fn end_implicit(&mut self, client: &mut dyn Client) -> Result<(), SessionError> {
        let done = self.run_before_commit(Some(&SharedClient::new(client)));
        self.tell_notices(client);
        done?;
        let committed = self.commit_block();
        self.forget_transaction(committed.is_ok());
        committed?;
        Ok(())
    }

    /// What is left to be done before a transaction commits.
    pub(crate) fn run_before_commit(&mut self, teller: Option<&dyn Teller>) -> Result<(), SessionError> {
        self.run_deferred(teller)?;
        self.read_held_cursors()?;
        self.demand_room_to_tell()?;
        self.run_on_commit()
    }

    /// A statement failed: what it did is undone.
    pub(crate) fn failed(&mut self, error: &SessionError) -> Box<Report> {
        let out_of_time = self.deadline.is_some_and(|end| self.engine.env.monotonic(&TIMER) >= end);
        // A wait for a lock ends with the statement's time, too.
        let report = if error.is_lock_timeout() && out_of_time {
            self.failed_of(&SessionError::StatementTimeout)
        } else {
            self.failed_of(error)
        };
        self.store_failure = error.store_failure();
        report
    }

    /// The same, of anything.
    pub(crate) fn failed_of(&mut self, error: &dyn diagnostic::Diagnostic) -> Box<Report> {
        // An error may tell of what the statement has read; its locks need not be kept so long.
        let unsettled = self.block.begun().and_then(|transaction| transaction.unsettled());
        self.ended.deadlocks += u64::from(error.sqlstate() == SqlState::TRDeadlockDetected);
        self.block.fail(&mut self.settings);
        let settled = unsettled.map_or(Ok(()), |unsettled| unsettled.wait());
        let report = Box::new(match settled.map_err(SessionError::from) {
            Ok(()) => Report::new(Severity::Error, error),
            Err(lost) => Report::new(Severity::Error, &lost),
        });
        if self.block.status() == Status::Idle {
            self.forget_transaction(false);
        }
        report
    }

    /// The same, where something outside failed that belongs to the statement: a message that is none, say.
    pub fn fail_of(&mut self, error: &dyn diagnostic::Diagnostic) -> Box<Report> {
        self.failed_of(error)
    }

    /// A transaction is over: what was kept for it goes.
    pub(crate) fn forget_transaction(&mut self, committed: bool) {
        let ended = if committed { &mut self.ended.commits } else { &mut self.ended.rollbacks };
        *ended += 1;
        self.tally.get_mut().end(committed);
        self.transient.get_mut().reading.clear();
        self.transient.get_mut().large_objects.clear();
        self.catalog.get_mut().end_transaction();
        self.cursors.get_mut().end_transaction(committed);
        self.transient.get_mut().new_labels = Arc::default();
        self.portals.clear();
        self.events.clear();
        self.sets.get_mut().end_transaction();
        self.kept.pending.clear();
        self.kept.exports = Default::default();
        self.transient.get_mut().used_temporary = false;
        for gone in std::mem::take(&mut self.transient.get_mut().gone) {
            if committed {
                self.transient.get_mut().on_commit.remove(&gone);
            }
        }
    }

    /// How long statements wait for locks: as long as is set, and no longer than they may take themselves.
    pub(crate) fn wait(&self) -> WaitPolicy {
        let set = match self.settings.typed().lock_timeout {
            0 => None,
            milliseconds => Some(Duration::from_millis(milliseconds)),
        };
        let left = self.deadline.map(|end| end.saturating_sub(self.engine.env.monotonic(&TIMER)));
        WaitPolicy::Wait { limit: set.into_iter().chain(left).min() }
    }

    /// What names mean now: the catalog as the session's transaction sees it, which is begun if none is.
    ///
    /// # Errors
    /// In a transaction that has failed; when the catalog cannot be read.
    pub fn catalog_scope(&mut self) -> Result<Scope, SessionError> {
        self.scope()
    }

    /// The last value of a sequence, and whether it was given: what `setval` takes to bring another one to the same place.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn sequence_state(&self, sequence: &Sequence) -> Result<(i64, bool), SessionError> {
        Ok(last_value(&self.store, self.database, sequence)?)
    }

    /// What names mean now.
    pub(crate) fn scope(&mut self) -> Result<Scope, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let view = transaction.view_of(self.catalog.get_mut().tree())?;
        let snapshot = self.catalog.get_mut().snapshot(&self.engine.store, &view)?;
        let typed = self.settings.shared();
        let scope = match &self.scope {
            Some((by, role, known))
                if Arc::ptr_eq(by, typed)
                    && *role == self.role
                    && Arc::ptr_eq(known.snapshot(), &snapshot) =>
            {
                known.afresh()
            }
            Some(_) | None => {
                let path = search_path(&snapshot, &self.settings, (self.role, self.database));
                let scope = Scope::new(snapshot, path);
                self.scope = Some((typed.clone(), self.role, scope.clone()));
                scope
            }
        };
        let scope = scope.with_new_labels(self.transient.get_mut().new_labels.clone());
        let given = self.within.as_ref().map(|within| within.given.clone());
        Ok(scope.with_given(given.unwrap_or_default()))
    }

    /// How values are read and written.
    pub(crate) fn text_settings(&self) -> TextSettings {
        let text = TextSettings::new(self.block.began().unwrap_or(self.statement_time));
        shown_as(text, self.settings.typed())
    }

    /// The same, made anew only where the settings have changed.
    pub(crate) fn kept_text_settings(&mut self) -> Arc<TextSettings> {
        let now = self.block.began().unwrap_or(self.statement_time);
        if let Some((of, text)) = &mut self.text
            && Arc::ptr_eq(of, self.settings.shared())
        {
            if text.datetime.now != now {
                Arc::make_mut(text).datetime.now = now;
            }
            return text.clone();
        }
        let text = Arc::new(self.text_settings());
        self.text = Some((self.settings.shared().clone(), text.clone()));
        text
    }

    /// Sends what functions had to say.
    pub(crate) fn tell_notices(&mut self, client: &mut dyn Client) {
        for notice in self.notices.drain(..) {
            if let Some(report) = notice.report(&self.settings) {
                client.notice(*report);
            }
        }
    }

    /// The same while a statement still runs.
    pub(crate) fn tell_at_once(&mut self, teller: &dyn Teller) {
        let settings = &self.settings;
        let reports =
            std::mem::take(&mut self.notices).into_iter().filter_map(|notice| notice.report(settings));
        let untold = reports.filter_map(|report| teller.tell(report).err());
        self.notices = untold.map(Notice::Told).collect();
    }

    /// Sends a notice, unless the client does not want to hear it.
    pub(crate) fn tell(
        &self,
        client: &mut dyn Client,
        severity: Severity,
        told: &dyn diagnostic::Diagnostic,
    ) {
        if self.is_told(severity) {
            client.notice(Report::new(severity, told));
        }
    }

    /// Whether the client wants to hear what is so grave.
    pub(crate) fn is_told(&self, severity: Severity) -> bool {
        severity.is_told(&self.settings)
    }
}

/// How values are read and written by these settings.
pub(crate) fn shown_as(mut text: TextSettings, typed: &Typed) -> TextSettings {
    text.datetime.date_style = typed.date_style;
    text.datetime.date_order = typed.date_order;
    text.datetime.interval_style = typed.interval_style;
    text.datetime.zone = typed.zone.clone();
    text.extra_float_digits = typed.extra_float_digits;
    text.bytea_escaped = typed.bytea_escape;
    text.client_encoding = typed.client_encoding;
    text
}

/// The search path as the setting says it.
pub(crate) fn search_path(
    snapshot: &Snapshot,
    settings: &Settings,
    (role, database): (Oid, DatabaseId),
) -> SearchPath {
    let names = catalog::name::identifier_list(settings.kept("search_path"));
    let user = snapshot.role(role).map_or("", |role| role.name.as_str());
    let temporary = snapshot.schema(TEMPORARY_SCHEMA).map(|schema| schema.oid);
    let reader = Reader { role, refuses_policies: settings.typed().refuses_policies };
    let path = snapshot.search_path(names.iter().map(String::as_str), user, temporary);
    let path = path.within(database.0).read_by(reader);
    if snapshot.is_superuser(role) {
        return path;
    }
    path.allowed(snapshot, &Actor::new(snapshot, role, database.0))
}
