//! What sessions do, as others see it: `pg_stat_activity`, `pg_cancel_backend`, `pg_terminate_backend`.
//!
//! A session writes down what it runs when a statement begins and when it ends; whoever looks reads that and waits for nobody
//! but for the small lock around it.

use crate::definition::databases::Presence;
use crate::engine::now;
use crate::labels::SLEEP;
use crate::services::{Services, number};
use crate::session::Session;
use crate::statistics::Counts;
use crate::transaction::block::Status;
use catalog::object::PG_SIGNAL_BACKEND;
use catalog::{Actor, Oid};
use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use env::sync::atomic::Ordering;
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::sync::Arc;
use std::time::Duration;
use types::{Item, Value};

/// What a session does.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    /// The role that it logged in as.
    pub role: Oid,
    /// When it came.
    pub began: TimestampTz,
    /// What it calls itself.
    pub application: String,
    /// The last statement, and when it began.
    pub query: String,
    pub query_began: Option<TimestampTz>,
    /// When the transaction began, if one is open.
    pub transaction_began: Option<TimestampTz>,
    /// Since when it is in this state.
    pub changed: TimestampTz,
    pub state: State,
    /// What it has read, changed and called, as far as it was put down and not handed on to what is known to all.
    pub counts: Counts,
    /// When that was done last, and since when something waits for it.
    pub handed_on: TimestampTz,
    pub waits_since: Option<TimestampTz>,
    /// From where its client has come, if over a network.
    pub address: Option<Arc<str>>,
    /// Where nobody comes over a connection: a program's own session.
    pub port: Option<i32>,
}

/// What a session is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A statement runs.
    Active,
    /// None does.
    Resting(Status),
}

impl State {
    /// As `pg_stat_activity` tells it.
    pub fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Resting(Status::Idle) => "idle",
            State::Resting(Status::Open) => "idle in transaction",
            State::Resting(Status::Failed) => "idle in transaction (aborted)",
        }
    }
}

impl Activity {
    /// Of a session that has just come.
    pub fn new(role: Oid, began: TimestampTz) -> Activity {
        Activity {
            role,
            began,
            application: String::new(),
            query: String::new(),
            query_began: None,
            transaction_began: None,
            changed: began,
            state: State::Resting(Status::Idle),
            counts: Counts::default(),
            handed_on: began,
            waits_since: None,
            address: None,
            port: None,
        }
    }

    /// It calls itself so from now on.
    fn call(&mut self, application: &str) {
        if self.application != application {
            application.clone_into(&mut self.application);
        }
    }
}

/// So many bytes of a statement's text are shown to others, and kept for that (PostgreSQL's `track_activity_query_size`, less its
/// end).
const SHOWN_MAX: usize = 1023;

impl Session {
    /// Statements of this text begin.
    pub(crate) fn begins(&mut self, text: &str) {
        self.steps = false;
        self.presence.busy.store(true, Ordering::Release);
        let moment = now(&*self.engine.env);
        let mut activity = self.presence.activity.lock();
        activity.query.clear();
        activity.query.push_str(catalog::name::truncate_to(text, SHOWN_MAX));
        activity.query_began = Some(moment);
        activity.transaction_began = Some(self.block.began().unwrap_or(moment));
        activity.changed = moment;
        activity.state = State::Active;
        activity.call(self.settings.kept("application_name"));
    }

    /// What it calls itself is seen by others.
    pub(crate) fn note_application(&self) {
        self.presence.activity.lock().call(self.settings.kept("application_name"));
    }

    /// A statement of this text begins that is run in steps; [`Session::ends_step`] tells that it is done. Others see it meanwhile.
    pub fn begins_step(&mut self, text: &str) {
        self.begins(text);
        self.steps = true;
    }

    /// It is done, or all that is run now is.
    pub fn ends_step(&mut self) {
        self.rests();
    }

    /// From where its client has come: an address of a network, or nothing of a socket on this machine.
    pub fn comes_from(&self, address: Option<env::SocketAddr>) {
        let mut activity = self.presence.activity.lock();
        activity.address = address.map(|address| address.ip().to_string().into());
        activity.port = Some(address.map_or(-1, |address| i32::from(address.port())));
    }

    /// They are done.
    pub(crate) fn rests(&mut self) {
        let open = self.block.begun().is_some();
        self.presence.busy.store(open, Ordering::Release);
        let status = self.block.status();
        let at = now(&*self.engine.env);
        self.rest_counting(at, |activity| {
            activity.state = State::Resting(status);
            activity.changed = at;
            if status == Status::Idle {
                activity.transaction_began = None;
            }
        });
    }
}

/// There is no such session.
#[derive(Debug, thiserror::Error)]
#[error("PID {0} is not a PostgreSQL backend process")]
struct NoSuchSession(Oid);

impl Diagnostic for NoSuchSession {
    fn sqlstate(&self) -> SqlState {
        SqlState::Warning
    }
}

/// That a session that was told to end has not.
#[derive(Debug, thiserror::Error)]
#[error("backend with PID {pid} did not terminate within {patience} milliseconds")]
struct NotGone {
    pid: Oid,
    patience: u64,
}

impl Diagnostic for NotGone {
    fn sqlstate(&self) -> SqlState {
        SqlState::Warning
    }
}

impl Services<'_> {
    /// Ends what another session does, or the session itself.
    pub(crate) fn of_others(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        let ends = match function {
            SessionFunction::CancelBackend => false,
            SessionFunction::TerminateBackend => true,
            _ => return Ok(None),
        };
        let pid = arguments.first().map_or(0, number);
        let patience = match arguments.get(1) {
            Some(Item::Int64(patience)) if ends => *patience,
            Some(_) | None => 0,
        };
        let Ok(patience) = u64::try_from(patience) else {
            let message = "\"timeout\" must not be negative";
            return Err(FunctionError::plain(SqlState::NumericValueOutOfRange, message));
        };
        let Some(other) = self.engine.sessions.with_pid(u64::from(pid)) else {
            functions::Session::notice(self, Box::new(NoSuchSession(pid)));
            return Ok(Some(Value::Bool(false)));
        };
        self.may_signal(&other, ends)?;
        match ends {
            true => other.end(),
            false => other.canceller.cancel(),
        }
        let gone = patience == 0 || other.pid == self.store.id().0 || self.await_end(other.pid, patience)?;
        if !gone {
            functions::Session::notice(self, Box::new(NotGone { pid, patience }));
        }
        Ok(Some(Value::Bool(gone)))
    }

    /// Waits so many milliseconds at most until a session is gone; whether it is.
    fn await_end(&mut self, pid: u64, patience: u64) -> FunctionResult<bool> {
        /// Milliseconds after which one looks again.
        const STEP: u64 = 10;
        let mut left = patience;
        while self.engine.sessions.with_pid(pid).is_some() {
            functions::Session::check(self)?;
            if left == 0 {
                return Ok(false);
            }
            let step = left.min(STEP);
            self.engine.env.sleep(&SLEEP, Duration::from_millis(step));
            left -= step;
        }
        Ok(true)
    }

    /// Sessions of a superuser are ended by superusers only, others by those who have the rights of their role, or are there for it.
    fn may_signal(&self, other: &Presence, ends: bool) -> FunctionResult<()> {
        let (own, role) = (self.roles.0, other.activity.lock().role);
        if self.scope.is_superuser(own) {
            return Ok(());
        }
        let actor = Actor::new(self.scope, own, self.database.0);
        let may = actor.has_rights_of(role) || actor.has_rights_of(PG_SIGNAL_BACKEND);
        let message = match (self.scope.is_superuser(role), ends) {
            (true, false) => "must be a superuser to cancel superuser query",
            (true, true) => "must be a superuser to terminate superuser process",
            (false, _) if may => return Ok(()),
            (false, false) => {
                "must be a member of the role whose query is being canceled or member of pg_signal_backend"
            }
            (false, true) => {
                "must be a member of the role whose process is being terminated or member of pg_signal_backend"
            }
        };
        Err(FunctionError::plain(SqlState::InsufficientPrivilege, message))
    }
}
