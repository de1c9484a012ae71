//! LISTEN and NOTIFY: what sessions tell each other by channels.
//!
//! What a transaction tells is kept until it commits, each thing once, and then put into the box of every session of the same
//! database that listens. A session's box is emptied by whoever drives it, between two transactions.
//!
//! Invariants
//!
//! 1. Boxes are filled in the order of commits: who has something to tell, or begins to listen, commits while he holds `order`.
//! 2. What is rolled back, or of which nobody knows whether it was committed, is told to nobody.
//! 3. Boxes hold no more than [`ROOM`] bytes in all: when they do, a transaction that tells something fails before it commits.

use crate::engine::Engine;
use crate::error::SessionError;
use crate::labels::{LISTENERS_LOCK, NOTIFICATION, NOTIFY_ORDER_LOCK};
use crate::services::{Services, text};
use crate::session::Session;
use diagnostic::{Diagnostic, SqlState};
use env::sync::{Condvar, Mutex};
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use store::{CommitError, DatabaseId};
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// How many bytes may lie in all boxes together.
const ROOM: usize = 256 << 20;
/// What a notification takes beside its texts, about.
const OVERHEAD: usize = 64;
/// Pages as which all that is told is counted, and what a notification has there before its texts.
const PAGE: usize = 8192;
const HEAD: usize = 16;
/// A channel's name is shorter than this (PostgreSQL's NAMEDATALEN).
const CHANNEL_MAX: usize = 64;
/// And what is said shorter than this.
const PAYLOAD_MAX: usize = 8000;

/// Something that a session was told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notification {
    /// By which channel.
    pub channel: String,
    /// What; empty if nothing was said.
    pub payload: String,
    /// The number of the session that told it: its `pg_backend_pid()`.
    pub process: u64,
}

impl Notification {
    fn size(&self) -> usize {
        self.channel.len() + self.payload.len() + OVERHEAD
    }

    /// How long it is on a page.
    fn length(&self) -> usize {
        (HEAD + self.channel.len() + 1 + self.payload.len() + 1).next_multiple_of(4)
    }
}

/// What cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// `NOTIFY ""`
    #[error("channel name cannot be empty")]
    NoChannel,
    /// 64 bytes or more.
    #[error("channel name too long")]
    Channel,
    /// 8000 bytes or more.
    #[error("payload string too long")]
    Payload,
    /// Others do not hear what they are told.
    #[error("too many notifications in the NOTIFY queue")]
    Full,
}

impl Diagnostic for NotifyError {
    fn sqlstate(&self) -> SqlState {
        match self {
            NotifyError::NoChannel | NotifyError::Channel | NotifyError::Payload => {
                SqlState::InvalidParameterValue
            }
            NotifyError::Full => SqlState::ProgramLimitExceeded,
        }
    }
}

/// To what a session begins or ceases to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Listen(String),
    Unlisten(String),
    UnlistenAll,
}

/// What a transaction leaves to be told when it commits.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    told: Vec<Arc<Notification>>,
    /// The same, to be found.
    known: BTreeSet<Arc<Notification>>,
    changes: Vec<Change>,
}

/// How much there was at a savepoint.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    told: usize,
    changes: usize,
}

impl Pending {
    /// Something is to be told. What is told already is not told twice.
    ///
    /// # Errors
    /// When channel or payload are none.
    pub fn tell(&mut self, channel: &str, payload: &str, process: u64) -> Result<(), NotifyError> {
        if channel.is_empty() {
            return Err(NotifyError::NoChannel);
        }
        if channel.len() >= CHANNEL_MAX {
            return Err(NotifyError::Channel);
        }
        if payload.len() >= PAYLOAD_MAX {
            return Err(NotifyError::Payload);
        }
        let (channel, payload) = (channel.to_owned(), payload.to_owned());
        let notification = Arc::new(Notification { channel, payload, process });
        if self.known.insert(notification.clone()) {
            self.told.push(notification);
        }
        Ok(())
    }

    pub fn mark(&self) -> Mark {
        Mark { told: self.told.len(), changes: self.changes.len() }
    }

    /// Forgets what came after a savepoint.
    pub fn forget(&mut self, mark: Mark) {
        for notification in self.told.drain(mark.told.min(self.told.len())..) {
            self.known.remove(&notification);
        }
        self.changes.truncate(mark.changes);
    }

    pub fn clear(&mut self) {
        if !self.is_empty() {
            *self = Pending::default();
        }
    }

    fn is_empty(&self) -> bool {
        self.told.is_empty() && self.changes.is_empty()
    }
}

/// Calls whoever drives a session that has been told something.
pub type Call = Arc<dyn Fn() + Send + Sync>;

/// A session that listens.
struct Listener {
    database: DatabaseId,
    channels: BTreeSet<String>,
    told: VecDeque<Arc<Notification>>,
    call: Option<Call>,
}

/// Who listens to what.
pub(crate) struct Listeners {
    /// Held from before a commit until all were told of it.
    order: Mutex<()>,
    boxes: Mutex<Boxes>,
    arrived: Condvar,
}

#[derive(Default)]
struct Boxes {
    /// By the numbers of sessions.
    listeners: BTreeMap<u64, Listener>,
    bytes: usize,
    /// How far the page is filled that was begun last, were all that is told laid one behind the other as PostgreSQL lays it.
    filled: usize,
}

impl Default for Listeners {
    fn default() -> Listeners {
        Listeners {
            order: Mutex::new(&NOTIFY_ORDER_LOCK, ()),
            boxes: Mutex::new(&LISTENERS_LOCK, Boxes::default()),
            arrived: Condvar::new(&NOTIFICATION),
        }
    }
}

impl Listeners {
    /// How full the boxes are, from 0 to 1.
    pub fn usage(&self) -> f64 {
        self.boxes.lock().bytes as f64 / ROOM as f64
    }

    /// A session has gone.
    pub fn leave(&self, session: u64) {
        let mut boxes = self.boxes.lock();
        if let Some(listener) = boxes.listeners.remove(&session) {
            boxes.bytes -= listener.told.iter().map(|told| told.size()).sum::<usize>();
        }
    }

    fn channels(&self, session: u64) -> Vec<String> {
        let boxes = self.boxes.lock();
        boxes.listeners.get(&session).map_or(Vec::new(), |own| own.channels.iter().cloned().collect())
    }

    /// Everything that a session was told since it was asked last.
    fn take(&self, session: u64) -> VecDeque<Arc<Notification>> {
        let mut boxes = self.boxes.lock();
        let taken = boxes.listeners.get_mut(&session).map(|own| std::mem::take(&mut own.told));
        let taken = taken.unwrap_or_default();
        boxes.bytes -= taken.iter().map(|told| told.size()).sum::<usize>();
        taken
    }

    /// Waits until a session is told something; whether it was, within that time.
    fn wait(&self, session: u64, limit: Duration, now: &dyn Fn() -> Duration) -> bool {
        let end = now().saturating_add(limit);
        let mut boxes = self.boxes.lock();
        loop {
            if boxes.listeners.get(&session).is_some_and(|own| !own.told.is_empty()) {
                return true;
            }
            let left = end.saturating_sub(now());
            if left.is_zero() {
                return false;
            }
            self.arrived.wait_for(&mut boxes, left);
        }
    }

    /// Puts what a committed transaction has told into the boxes, and calls who is to look into his. Answers how many pages it has
    /// begun to fill.
    fn tell(&self, session: u64, database: DatabaseId, told: &[Arc<Notification>]) -> u64 {
        let (mut calls, mut pages) = (Vec::new(), 0);
        {
            let mut boxes = self.boxes.lock();
            let Boxes { listeners, bytes, filled } = &mut *boxes;
            for length in told.iter().map(|told| told.length()) {
                if *filled == 0 || *filled + length > PAGE {
                    (*filled, pages) = (0, pages + 1);
                }
                *filled += length;
            }
            for (number, listener) in listeners.iter_mut().filter(|(_, own)| own.database == database) {
                let heard = told.iter().filter(|told| listener.channels.contains(&told.channel));
                let before = listener.told.len();
                for notification in heard {
                    *bytes += notification.size();
                    listener.told.push_back(notification.clone());
                }
                // Who told it himself looks when his transaction is over.
                if listener.told.len() > before && *number != session {
                    calls.extend(listener.call.clone());
                }
            }
        }
        self.arrived.notify_all();
        calls.iter().for_each(|call| call());
        pages
    }

    /// Changes to what a session listens; whether it listens to anything then.
    fn change(&self, session: &Session, changes: Vec<Change>) -> bool {
        let number = session.number;
        let mut boxes = self.boxes.lock();
        for change in changes {
            if let Change::Listen(channel) = change {
                let own = boxes.listeners.entry(number).or_insert_with(|| Listener {
                    database: session.database,
                    channels: BTreeSet::new(),
                    told: VecDeque::new(),
                    call: session.call.clone(),
                });
                own.channels.insert(channel);
                continue;
            }
            let Some(own) = boxes.listeners.get_mut(&number) else { continue };
            match change {
                Change::Unlisten(channel) => drop(own.channels.remove(&channel)),
                Change::Listen(_) | Change::UnlistenAll => own.channels.clear(),
            }
            // What it was told by a channel to which it listens no more it does not hear.
            let (kept, gone): (VecDeque<_>, VecDeque<_>) =
                own.told.drain(..).partition(|told| own.channels.contains(&told.channel));
            own.told = kept;
            if own.channels.is_empty() {
                boxes.listeners.remove(&number);
            }
            boxes.bytes -= gone.iter().map(|told| told.size()).sum::<usize>();
        }
        boxes.listeners.contains_key(&number)
    }
}

impl Session {
    /// `LISTEN`, from the end of the transaction on.
    pub(crate) fn listen(&mut self, channel: &str) {
        self.kept.pending.changes.push(Change::Listen(channel.to_owned()));
    }

    /// `UNLISTEN`, of one channel or all.
    pub(crate) fn unlisten(&mut self, channel: Option<&str>) {
        self.kept.pending.changes.push(match channel {
            Some(channel) => Change::Unlisten(channel.to_owned()),
            None => Change::UnlistenAll,
        });
    }

    /// `NOTIFY`
    ///
    /// # Errors
    /// When channel or payload are none.
    pub(crate) fn notify(&mut self, channel: &str, payload: &str) -> Result<(), SessionError> {
        let process = self.presence.pid;
        Ok(self.kept.pending.tell(channel, payload, process)?)
    }

    /// Commits, and tells others what the transaction had to tell.
    ///
    /// # Errors
    /// As [`crate::transaction::block::Block::commit`]: then nobody is told anything.
    pub(crate) fn commit_block(&mut self) -> Result<bool, CommitError> {
        if self.kept.pending.is_empty() {
            return self.block.commit(&mut self.settings);
        }
        let listeners = self.engine.listeners.clone();
        let order = listeners.order.lock();
        let committed = self.block.commit(&mut self.settings)?;
        if committed {
            let Pending { told, changes, .. } = std::mem::take(&mut self.kept.pending);
            if !changes.is_empty() {
                self.listens = listeners.change(self, changes);
            }
            self.ended.pages_told += listeners.tell(self.number, self.database, &told);
        }
        drop(order);
        Ok(committed)
    }

    /// # Errors
    /// When there is something to be told, and no room for it.
    pub(crate) fn demand_room_to_tell(&self) -> Result<(), SessionError> {
        let size: usize = self.kept.pending.told.iter().map(|told| told.size()).sum();
        if size > 0 && self.engine.listeners.boxes.lock().bytes.saturating_add(size) > ROOM {
            return Err(NotifyError::Full.into());
        }
        Ok(())
    }

    /// Whether it listens to anything.
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// What calls whoever drives this session when it is told something; to be said before it listens.
    pub fn on_notification(&mut self, call: Call) {
        self.call = Some(call);
    }

    /// What it was told since it was asked last. Within a transaction block that is nothing: it hears when that is over.
    pub fn take_notifications(&mut self) -> Vec<Notification> {
        if !self.listens || self.block.is_open() {
            return Vec::new();
        }
        let told = self.engine.listeners.take(self.number);
        told.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// Waits, no longer than so, until it is told something; whether it was.
    pub fn wait_for_notification(&self, limit: Duration) -> bool {
        let env = self.engine.env.clone();
        self.listens
            && self.engine.listeners.wait(self.number, limit, &|| env.monotonic(&crate::labels::TIMER))
    }
}

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_notifications(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        match function {
            SessionFunction::Notify => {
                let said = |place: usize| arguments.get(place).map_or("", text);
                let told = self.kept.pending.tell(said(0), said(1), self.store.id().0);
                told.map_err(|error| FunctionError::plain(error.sqlstate(), error.to_string()))?;
                Ok(Some(Value::Bytes([].into())))
            }
            SessionFunction::NotificationQueueUsage => {
                Ok(Some(Value::Float64(self.engine.listeners.usage())))
            }
            _ => Ok(None), // all others are answered elsewhere
        }
    }

    /// The channels to which the session listens.
    pub(crate) fn listening_channels(&self) -> FunctionResult<Vec<Vector>> {
        let session = self.engine.sessions.number_of(self.store.id().0);
        let channels = session.map_or(Vec::new(), |number| self.engine.listeners.channels(number));
        let mut names = VectorBuilder::new(Kind::Bytes, channels.len());
        for channel in &channels {
            names.push_bytes(channel.as_bytes())?;
        }
        Ok(vec![names.finish()])
    }
}

impl Engine {
    /// Tells no session that has gone.
    pub(crate) fn forget_listener(&self, session: u64) {
        self.listeners.leave(session);
    }
}
