//! Databases: made, changed, dropped, and entered.
//!
//! A database is a branch of the store, made at once whatever its size; one without a template is a branch of the main database
//! from which everything is taken. Making and dropping one are commits of the store's own, beside the transaction that writes the
//! entry: the branch is made before its entry and dropped after it, so that an entry never stands for nothing. A crash between
//! the two leaves a branch that nobody names; whoever opens the file next drops it.

use crate::client::Client;
use crate::engine::Engine;
use crate::error::SessionError;
use crate::services::activity::Activity;
use crate::session::Session;
use catalog::object::{Object, SUPERUSER, SettingsOf};
use catalog::{CatalogError, FirstNames, Scope, SearchPath};
use define::DefineResult;
use define::database::{self, Occupancy};
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, Ordering};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Begin, Canceller, DatabaseId, MAIN_DATABASE};
use syntax::tree::object::{Drop, ObjectKind, ObjectName};
use syntax::tree::role::DatabaseOptions;
use syntax::tree::session::SetVariable;
use syntax::tree::statement::StatementKind;

/// How long DROP DATABASE waits for sessions to end that are about to, or were told to, and how often it looks.
const PATIENCE: u32 = 50;
const STEP: Duration = Duration::from_millis(100);

/// A session, as others see it.
#[derive(Clone)]
pub(crate) struct Presence {
    pub database: DatabaseId,
    /// Its number for users.
    pub pid: u64,
    pub canceller: Canceller,
    /// Whether a statement runs, or a transaction is open.
    pub busy: Arc<AtomicBool>,
    /// Whether it was told to end.
    pub ended: Arc<AtomicBool>,
    /// What tells whoever waits for its client.
    pub wake: Arc<Mutex<Option<Wake>>>,
    /// What it does.
    pub activity: Arc<Mutex<Activity>>,
}

/// Wakes whoever waits for a session's client.
pub type Wake = Box<dyn Fn() + Send + Sync>;

impl Presence {
    /// Tells it to end: what runs is cancelled, and its client is waited for no longer.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.canceller.cancel();
        if let Some(wake) = &*self.wake.lock() {
            wake();
        }
    }
}

/// Ends a session, from anywhere.
#[derive(Clone)]
pub struct Ender(pub(crate) Presence);

impl Ender {
    /// Tells the session to end.
    pub fn end(&self) {
        self.0.end();
    }

    /// Cancels what it does, and nothing more.
    pub fn cancel(&self) {
        self.0.canceller.cancel();
    }
}

/// The sessions of an engine by their numbers.
pub(crate) struct Sessions {
    present: Mutex<Present>,
}

#[derive(Default)]
struct Present {
    come: u64,
    sessions: BTreeMap<u64, Presence>,
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions { present: Mutex::new(&crate::labels::SESSIONS_LOCK, Present::default()) }
    }
}

impl Sessions {
    /// One comes. Answers its number.
    pub fn enter(&self, presence: Presence) -> u64 {
        let mut present = self.present.lock();
        present.come += 1;
        let number = present.come;
        present.sessions.insert(number, presence);
        number
    }

    /// One goes.
    pub fn leave(&self, number: u64) {
        self.present.lock().sessions.remove(&number);
    }

    /// All that are there, by their numbers.
    pub fn all(&self) -> Vec<Presence> {
        self.present.lock().sessions.values().cloned().collect()
    }

    /// The one that users know by this number.
    pub fn with_pid(&self, pid: u64) -> Option<Presence> {
        self.present.lock().sessions.values().find(|presence| presence.pid == pid).cloned()
    }

    /// Its number here, of the one that users know by this number.
    pub fn number_of(&self, pid: u64) -> Option<u64> {
        let present = self.present.lock();
        present.sessions.iter().find(|(_, presence)| presence.pid == pid).map(|(number, _)| *number)
    }

    /// How many a role has.
    pub fn of_role(&self, role: catalog::Oid) -> usize {
        let present = self.present.lock();
        present.sessions.values().filter(|presence| presence.activity.lock().role == role).count()
    }

    /// How many there are in a database.
    pub fn in_database(&self, database: DatabaseId) -> usize {
        self.present.lock().sessions.values().filter(|presence| presence.database == database).count()
    }

    /// Those in a database, without those that were told to end and do nothing.
    fn within(&self, database: DatabaseId) -> Vec<Presence> {
        let present = self.present.lock();
        let is_there = |presence: &&Presence| {
            presence.database == database
                && (presence.busy.load(Ordering::Acquire) || !presence.ended.load(Ordering::Acquire))
        };
        present.sessions.values().filter(is_there).cloned().collect()
    }
}

impl Engine {
    /// Drops the branches of the main database that no entry names: a crash came between the branch and its entry. What has
    /// no catalog is not SQL's, and stays.
    ///
    /// # Errors
    /// When the catalog cannot be read, or a branch cannot be dropped.
    pub(crate) fn drop_nameless(&self) -> Result<(), SessionError> {
        let store = &self.store;
        let branches: Vec<DatabaseId> =
            store.databases().into_iter().filter(|branch| *branch != MAIN_DATABASE).collect();
        if branches.is_empty() || store.check_writable().is_err() {
            return Ok(());
        }
        let mut main = self.catalogs.open(store, MAIN_DATABASE, FirstNames::default())?;
        let snapshot = main.snapshot(store, &store.view(MAIN_DATABASE)?)?;
        let named: BTreeSet<u64> = snapshot
            .shared_objects()
            .filter_map(|object| match object {
                Object::Database(database) => Some(database.branch),
                _ => None,
            })
            .collect();
        for branch in branches {
            if !named.contains(&branch.0) && store.trees(branch)?.contains(&main.tree()) {
                store.drop_database(branch)?;
            }
        }
        Ok(())
    }
}

impl Session {
    /// A session of a role in a database, both by name; the superuser and the main database if none is named.
    ///
    /// # Errors
    /// When there is none of that name, the role may not be there, or the catalog cannot be read.
    pub fn open(
        engine: &Engine,
        database: Option<&str>,
        role: Option<&str>,
    ) -> Result<Session, SessionError> {
        let mut main = engine.catalogs.open(&engine.store, MAIN_DATABASE, FirstNames::default())?;
        let snapshot = main.shared_snapshot(&engine.store, &engine.store.view(MAIN_DATABASE)?)?;
        let scope = Scope::new(snapshot, SearchPath::default());
        let role = match role {
            Some(name) => scope.find_role(name)?,
            None => SUPERUSER,
        };
        let found = match database {
            Some(name) => scope.database_named(name).and_then(|oid| scope.database(oid)).cloned(),
            None => scope.database(catalog::MAIN_DATABASE_OID).cloned(),
        };
        let missing = || CatalogError::UndefinedDatabase { name: database.unwrap_or_default().to_owned() };
        let found = found.ok_or_else(missing)?;
        database::may_connect(&scope, &found, role)?;
        let mut session = Session::of_role(engine, DatabaseId(found.branch), role)?;
        session.take_settings(&scope, found.oid, engine.settings());
        Ok(session)
    }

    /// That the session was not told to end.
    pub(crate) fn check_ended(&self) -> Result<(), SessionError> {
        if self.presence.ended.load(Ordering::Acquire) { Err(SessionError::Terminated) } else { Ok(()) }
    }

    /// `CREATE DATABASE`
    pub(crate) fn create_database(
        &mut self,
        create: &DatabaseOptions<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.refuse_in_block("CREATE DATABASE")?;
        let mut made = self.define_shared(client, |definer| database::prepare(definer, create))?;
        // The template must be free of transactions, this one's among them; nothing was done in it.
        self.begin_anew();
        let store = self.engine.store.clone();
        let source = made.source.map_or(MAIN_DATABASE, DatabaseId);
        let branch = store.create_database_from(source)?;
        made.database.branch = branch.0;
        if let Err(error) = self.enter_database(&made, client) {
            // Nobody knows of the branch yet; the first error is the one that counts.
            drop(store.drop_database(branch));
            self.engine.catalogs.forget(branch);
            return Err(error);
        }
        // A commit that is not known to have failed may stand: its branch stays.
        self.commit_alone()
    }

    /// Puts the entry of a database whose branch is there.
    fn enter_database(
        &mut self,
        made: &database::Prepared,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if made.source.is_none() {
            self.make_empty(DatabaseId(made.database.branch))?;
        }
        self.define_shared(client, |definer| database::create(definer, &made.database))
    }

    /// Ends the transaction that nothing was done in, and begins another.
    pub(crate) fn begin_anew(&mut self) {
        self.block.roll_back(&mut self.settings);
        self.forget_transaction(false);
        self.block.enter(&mut self.settings, self.statement_time);
    }

    /// Commits what the statement has done, which is a transaction of its own.
    pub(crate) fn commit_alone(&mut self) -> Result<(), SessionError> {
        let committed = self.commit_block();
        self.forget_transaction(committed.is_ok());
        self.block.enter(&mut self.settings, self.statement_time);
        committed?;
        Ok(())
    }

    /// Takes everything from a branch that users have made.
    fn make_empty(&self, branch: DatabaseId) -> Result<(), SessionError> {
        let (store, catalogs) = (&self.engine.store, &self.engine.catalogs);
        let mut transaction = store.begin(Begin { database: branch, ..Begin::default() })?;
        let mut catalog = catalogs.open(store, branch, FirstNames::default())?;
        let view = transaction.view()?;
        let snapshot = catalog.snapshot(store, &view)?;
        drop(view);
        catalog.make_empty(&mut transaction, &snapshot)?;
        catalog.end_transaction();
        transaction.commit()?;
        Ok(())
    }

    /// `DROP DATABASE`
    pub(crate) fn drop_database(
        &mut self,
        dropped: &Drop<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.refuse_in_block("DROP DATABASE")?;
        let [ObjectName::Named(name)] = dropped.objects else {
            return Err(SessionError::NotSupported { feature: "DROP DATABASE of several databases" });
        };
        let (name, current, engine) = (name.object(), self.database.0, self.engine.clone());
        let found = self.define_shared(client, |definer| {
            database::to_drop(definer, name, dropped.if_exists, current, &engine)
        })?;
        let Some(found) = found else { return Ok(()) };
        // No transaction is open during the wait: it would keep what its snapshot sees, and the database is dropped by what there
        // is after it.
        self.begin_anew();
        self.wait_until_empty(DatabaseId(found.branch), dropped.force)?;
        let gone = self.define_shared(client, |definer| {
            database::drop(definer, name, dropped.if_exists, current, &engine)
        })?;
        if let Some(branch) = gone {
            self.commit_alone()?;
            self.engine.store.drop_database(DatabaseId(branch))?;
            self.engine.catalogs.forget(DatabaseId(branch));
            self.engine.statistics.forget(DatabaseId(branch));
        }
        Ok(())
    }

    /// Waits for those who are in a database to leave it, but not for long; with `force` they are sent away. Whoever has gone may
    /// still be seen for a moment.
    fn wait_until_empty(&mut self, database: DatabaseId, force: bool) -> Result<(), SessionError> {
        let engine = self.engine.clone();
        let mut left = engine.sessions.within(database);
        if force {
            left.iter().for_each(Presence::end);
        }
        for _ in 0..PATIENCE {
            if left.is_empty() {
                break;
            }
            self.check_running()?;
            engine.env.sleep(&crate::labels::SLEEP, STEP);
            left = engine.sessions.within(database);
        }
        Ok(())
    }

    /// `ALTER DATABASE … SET …`, for its owner.
    pub(crate) fn alter_database_setting(
        &mut self,
        name: &str,
        set: &SetVariable<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let kept = self.kept_setting(&set.action)?;
        self.define_shared(client, |definer| {
            let database = database::owned(definer, name)?.oid;
            crate::definition::roles::keep(definer, SettingsOf { database, role: 0 }, kept.clone())
        })
    }

    /// Statements about databases as wholes.
    pub(crate) fn run_database(
        &mut self,
        statement: &StatementKind<'_>,
        tag: &str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if !matches!(statement, StatementKind::CreateDatabase(_) | StatementKind::Drop(_)) {
            self.begin_snapshot()?;
        }
        match statement {
            StatementKind::CreateDatabase(create) => self.create_database(create, client)?,
            StatementKind::AlterDatabase(alter) => {
                self.define_shared(client, |definer| database::alter(definer, alter))?;
            }
            StatementKind::SetDatabase(setting) => {
                self.alter_database_setting(setting.name.text, &setting.set, client)?;
            }
            StatementKind::Drop(dropped) => self.drop_database(dropped, client)?,
            StatementKind::Rename(rename) => {
                let (from, to, current) = (object_name(&rename.object)?, rename.to.text, self.database.0);
                self.define_shared(client, |definer| database::rename(definer, from, to, current))?;
            }
            StatementKind::SetOwner(owner) => {
                let name = object_name(&owner.object)?;
                self.define_shared(client, |definer| database::set_owner(definer, name, &owner.owner))?;
            }
            StatementKind::Comment(comment) => {
                let (name, text) = (object_name(&comment.object)?, comment.text);
                match comment.kind {
                    ObjectKind::Role => {
                        self.define_shared(client, |definer| database::comment_on_role(definer, name, text))?
                    }
                    _ => self.define_shared(client, |definer| database::comment(definer, name, text))?,
                }
            }
            _ => return Err(SessionError::NotSupported { feature: "such a statement about databases" }),
        }
        client.complete(tag);
        Ok(())
    }
}

fn object_name<'n>(name: &ObjectName<'n>) -> Result<&'n str, SessionError> {
    match name {
        ObjectName::Named(name) => Ok(name.object()),
        _ => Err(SessionError::NotSupported { feature: "such a name of a database" }),
    }
}

impl Occupancy for Engine {
    fn subscriptions(&self, branch: u64) -> DefineResult<usize> {
        let database = DatabaseId(branch);
        let view = self.store.view(database)?;
        let mut catalog = self.catalogs.open(&self.store, database, FirstNames::default())?;
        Ok(catalog.shared_snapshot(&self.store, &view)?.all_subscriptions().count())
    }

    fn sessions(&self, branch: u64) -> usize {
        self.sessions.within(DatabaseId(branch)).len()
    }
}
