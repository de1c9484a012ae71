//! What a session lends to a statement that runs.

pub(crate) mod facts;
pub(crate) mod helper;
pub(crate) mod literals;
pub(crate) mod rows;
pub(crate) mod tables;
pub(crate) mod tried;

use crate::client::{Notice, Teller};
use crate::cursor::Cursors;
use crate::engine::Engine;
use crate::error::SessionError;
use crate::prepared::PreparedStatements;
use crate::procedural::Lent;
use crate::sequence::sets::Sets;
use crate::services::{Kept, Services};
use crate::session::Session;
use crate::settings::Settings;
use crate::system::Live;
use crate::transaction::relation_locks::RelationLock;
use crate::world::helper::Crew;
use crate::world::literals::SessionLiterals;
use crate::world::tables::{About, Tables};
use bind::Literals;
use catalog::{Oid, Scope};
use datetime::TimestampTz;
use execute::{Events, ExecuteResult, Tally, World};
use functions::{Cache, Context};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use store::{DatabaseId, Session as StoreSession, Transaction};
use types::Value;
use types::text::TextSettings;

/// Everything but the transaction.
pub struct Parts<'p> {
    /// What sessions share.
    pub engine: &'p Engine,
    /// Whose locks and cancellation.
    pub store: &'p StoreSession,
    /// Which database.
    pub database: DatabaseId,
    /// How values look.
    pub text: &'p TextSettings,
    /// When the statement came in.
    pub statement_time: TimestampTz,
    /// Settings.
    pub settings: &'p mut Settings,
    /// What is kept between statements.
    pub kept: &'p mut Kept,
    /// Sequences that were set.
    pub sets: &'p RefCell<Sets>,
    /// Cursors and prepared statements, to be listed.
    pub cursors: &'p RefCell<Cursors>,
    /// The same.
    pub prepared: &'p RefCell<PreparedStatements>,
    /// What is lent to functions that run statements.
    pub lent: Lent<'p>,
    /// How deep functions have called each other.
    pub depth: u32,
    /// What is left to be looked at before the transaction commits.
    pub events: &'p mut Events,
    /// What is counted.
    pub tally: &'p RefCell<Tally>,
    /// The roles: the one that acts, and the one that logged in.
    pub roles: (Oid, Oid),
    /// What settings said of them when they were looked up.
    pub identity: &'p Arc<(String, String)>,
    /// When the statement has to be over, by the monotonic clock.
    pub deadline: &'p mut Option<Duration>,
    /// How deep expressions may nest.
    pub depth_limit: usize,
    /// What functions had to say.
    pub notices: Vec<Notice>,
}

/// Does something with the rights of a table's owner: what the owner has put into indexes and statistics is run by whoever maintains
/// the table, and must not be able to do what only he may, nor change who runs it.
pub fn as_owner<R>(world: &mut World<'_>, owner: Oid, what: impl FnOnce(&mut World<'_>) -> R) -> R {
    let caller = world.context.session.act_as(owner);
    let done = what(world);
    world.context.session.act_again(caller);
    done
}

/// As what something runs.
pub(crate) struct AsStatement<'s> {
    /// What names mean to it.
    pub scope: &'s Scope,
    /// What it has locked.
    pub locks: &'s [RelationLock],
    /// Its parameters.
    pub values: &'s [Value],
    /// How values look.
    pub text: &'s TextSettings,
    /// Who is told at once what functions have to say.
    pub teller: Option<&'s dyn Teller>,
}

impl Session {
    /// Does something as one statement of the open transaction. If it fails nothing of it is left: neither what it changed nor the
    /// events that its rows set off. What functions had to say is kept for the client in either case.
    ///
    /// # Errors
    /// Those of what is done, and when what was changed cannot be undone.
    pub(crate) fn as_statement<R>(
        &mut self,
        statement: AsStatement<'_>,
        what: impl FnOnce(&mut World<'_>) -> Result<R, SessionError>,
    ) -> Result<R, SessionError> {
        let AsStatement { scope, locks, values, text, teller } = statement;
        let mark = self.events.mark();
        let (transaction, mut parts) = self.split(text)?;
        transaction.begin_statement();
        parts.lent.running = locks;
        parts.lent.teller = teller;
        let done = parts.within(scope, transaction, values, |world| Ok(what(world)));
        let mut notices = std::mem::take(&mut parts.notices);
        let done = done.map_err(SessionError::from).and_then(|done| done);
        let undone = match &done {
            Ok(_) => {
                transaction.end_statement();
                Ok(())
            }
            Err(_) => transaction.undo_statement(),
        };
        self.notices.append(&mut notices);
        if done.is_err() {
            self.events.forget(mark);
        }
        undone?;
        done
    }
}

impl Parts<'_> {
    /// What binding asks for.
    pub fn context<'c>(&self, scope: &'c Scope, literals: &'c dyn Literals) -> bind::Context<'c> {
        let strings = self.settings.typed().strings;
        bind::Context { scope, literals, depth_limit: self.depth_limit, strings }
    }

    /// Does something in the world that these make up with a transaction.
    ///
    /// # Errors
    /// Those of what is done.
    pub fn within<R>(
        &mut self,
        scope: &Scope,
        transaction: &mut Transaction,
        parameters: &[Value],
        what: impl FnOnce(&mut World<'_>) -> ExecuteResult<R>,
    ) -> ExecuteResult<R> {
        let settings = self.execution();
        let literals = SessionLiterals { text: self.text };
        let context = self.context(scope, &literals);
        let about = self.settings.clone();
        let store = (self.store, self.database);
        let most = self.settings.typed().parallel_workers;
        let crew = Crew { engine: self.engine, database: self.database, most };
        let (cursors, prepared) = (self.cursors, self.prepared);
        let (sets, lent, role) = (self.sets, Some(&self.lent), self.roles.0);
        let tally = self.tally;
        let live = Live { engine: self.engine, role, store, sets, cursors, prepared, tally, lent };
        let session = About { who: (self.database, self.roles.0), text: self.text, settings: &about, live };
        let tables = Tables::new(context, session);
        let mut services = Services {
            engine: self.engine,
            store: self.store,
            database: self.database,
            scope,
            settings: self.settings,
            kept: self.kept,
            sets: self.sets,
            roles: self.roles,
            identity: self.identity.clone(),
            deadline: self.deadline,
            text: self.text,
            depth_limit: self.depth_limit,
            notices: Vec::new(),
            entered: Vec::new(),
            live,
            view: None,
        };
        let mut cache = Cache::default();
        let env = &*self.engine.env;
        let timer = || env.monotonic(&crate::labels::TIMER);
        let mut world = World {
            context: Context {
                types: scope,
                text: self.text,
                statement_time: self.statement_time,
                session: &mut services,
                cache: &mut cache,
                room: usize::MAX,
            },
            store: &self.engine.store,
            transaction,
            catalog: &tables,
            events: self.events,
            parameters,
            settings,
            tally,
            timer: &timer,
            helpers: Some(&crew),
        };
        let done = what(&mut world);
        self.notices.append(&mut services.notices);
        done
    }

    /// What the session's settings and the machine leave an execution.
    fn execution(&self) -> execute::Settings {
        execute::Settings {
            work_mem: self.settings.typed().work_mem,
            temp_file_limit: self.settings.typed().temp_file_limit,
            chunk_rows: match self.settings.typed().chunk_rows {
                0 => types::vector::CHUNK_ROWS,
                rows => rows,
            },
            depth: self.depth,
            depth_limit: execute::depth_limit(self.engine.env.stack_budget()),
            stack_floor: self.engine.env.stack_floor(),
            replica: self.settings.typed().replica,
            helping: self.settings.typed().helping,
            ..execute::Settings::default()
        }
    }
}
