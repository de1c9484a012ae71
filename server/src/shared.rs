//! What the connections of a server share.

use crate::labels::{CLOCK, CONNECTIONS, GONE, SECRET, STOP};
use crate::options::Options;
use diagnostic::{Diagnostic, SqlState};
use env::sync::{Condvar, Mutex};
use env::{Env, Stream, StreamDirection};
use session::client::{Report, Severity};
use session::{Ender, Engine};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What connections share.
pub struct Shared {
    /// The database.
    pub engine: Engine,
    /// The world.
    pub env: Arc<dyn Env>,
    /// How the server is run.
    pub options: Options,
    /// Who is there.
    pub callers: Arc<Callers>,
    /// What nobody outside knows: questions to nobody are made of it.
    pub secret: [u8; 32],
}

/// The world gives no chance.
#[derive(Debug, thiserror::Error)]
#[error("could not generate random cancel key")]
struct NoChance;

impl Diagnostic for NoChance {
    fn sqlstate(&self) -> SqlState {
        SqlState::InternalError
    }
}

impl Shared {
    /// For a server on an open database.
    ///
    /// # Errors
    /// When the world gives no chance.
    pub fn new(engine: Engine, env: Arc<dyn Env>, options: Options) -> env::IoResult<Shared> {
        let mut secret = [0; 32];
        env.random(&SECRET, &mut secret)?;
        engine.tell_connection_limit(options.connection_limit);
        Ok(Shared { engine, env, options, callers: Arc::default(), secret })
    }

    /// What a client is told in secret, so that nobody else cancels what it does.
    ///
    /// # Errors
    /// When the world gives no chance.
    pub fn secret(&self) -> Result<u32, Box<Report>> {
        let mut secret = [0; 4];
        let drawn = self.env.random(&SECRET, &mut secret);
        drawn.map_err(|_| Box::new(Report::new(Severity::Fatal, &NoChance)))?;
        Ok(u32::from_be_bytes(secret))
    }
}

/// Who is there: logged in, or at the door.
pub struct Callers {
    present: Mutex<Present>,
    gone: Condvar,
}

#[derive(Default)]
struct Present {
    /// Connections by their numbers, logged in or not.
    streams: BTreeMap<u64, Arc<dyn Stream>>,
    /// Those of them that are not logged in: the one that came first is the first to go when there are too many.
    door: BTreeSet<u64>,
    /// How many have come.
    come: u64,
    /// Those that are logged in.
    seats: usize,
    /// Their secrets, and what ends them, by their numbers.
    known: BTreeMap<u32, (u32, Ender)>,
}

impl Default for Callers {
    fn default() -> Callers {
        Callers { present: Mutex::new(&CONNECTIONS, Present::default()), gone: Condvar::new(&GONE) }
    }
}

impl Callers {
    /// A connection has come; a place for it. If there are as many as may be at the door, the one that has been there longest
    /// goes: its stream is the second answer. Whoever wants to log in or to cancel takes no time for it.
    pub fn come(
        self: &Arc<Callers>,
        stream: Arc<dyn Stream>,
        limit: usize,
    ) -> (Place, Option<Arc<dyn Stream>>) {
        let mut present = self.present.lock();
        let oldest = if present.door.len() >= limit { present.door.pop_first() } else { None };
        let turned_away = oldest.and_then(|number| present.streams.get(&number).cloned());
        present.come += 1;
        let number = present.come;
        present.streams.insert(number, stream);
        present.door.insert(number);
        (Place { callers: self.clone(), number }, turned_away)
    }

    /// Tells everybody to go: what they do is cancelled, and nothing more of theirs is read. Who takes what is still sent to him
    /// gets it.
    pub fn end_all(&self) {
        let (enders, streams) = {
            let present = self.present.lock();
            let enders: Vec<Ender> = present.known.values().map(|(_, ender)| ender.clone()).collect();
            (enders, present.streams.values().cloned().collect::<Vec<_>>())
        };
        enders.iter().for_each(Ender::end);
        for stream in streams {
            // It may be gone already.
            let _ = stream.shutdown(&STOP, StreamDirection::Read);
        }
    }

    /// Closes the connections of all who are still there: nothing more is sent to them either.
    pub fn cut_all(&self) {
        let streams: Vec<Arc<dyn Stream>> = self.present.lock().streams.values().cloned().collect();
        for stream in streams {
            // It may be gone already.
            let _ = stream.shutdown(&STOP, StreamDirection::Both);
        }
    }

    /// Waits until all have gone, but in all no longer than so; whether they have.
    pub fn wait_for_all(&self, env: &dyn Env, patience: Duration) -> bool {
        let begun = env.monotonic(&CLOCK);
        let mut present = self.present.lock();
        while !present.streams.is_empty() {
            let left = patience.saturating_sub(env.monotonic(&CLOCK).saturating_sub(begun));
            if left.is_zero() {
                return false;
            }
            self.gone.wait_for(&mut present, left);
        }
        true
    }

    /// A place for one more who logs in, if there is one.
    pub fn seat(self: &Arc<Callers>, limit: usize) -> Option<Seat> {
        let mut present = self.present.lock();
        if present.seats >= limit {
            return None;
        }
        present.seats += 1;
        drop(present);
        Some(Seat { callers: self.clone(), process: None })
    }

    /// Cancels what somebody does, if the secret is his.
    pub fn cancel(&self, process: u32, secret: u32) {
        let ender = self.present.lock().known.get(&process).filter(|known| known.0 == secret).cloned();
        if let Some((_, ender)) = ender {
            ender.cancel();
        }
    }
}

/// The place of a connection.
pub struct Place {
    callers: Arc<Callers>,
    number: u64,
}

impl Place {
    /// It is no longer at the door.
    pub fn is_logged_in(&self) {
        self.callers.present.lock().door.remove(&self.number);
    }

    /// Whether it is still at the door; it is not when it had to go for another.
    pub fn is_at_the_door(&self) -> bool {
        self.callers.present.lock().door.contains(&self.number)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.callers.present.lock();
        present.streams.remove(&self.number);
        present.door.remove(&self.number);
        drop(present);
        self.callers.gone.notify_all();
    }
}

/// The place of somebody who is logged in.
pub struct Seat {
    callers: Arc<Callers>,
    process: Option<u32>,
}

impl Seat {
    /// Who has it, and how he is ended or cancelled.
    pub fn sit(&mut self, process: u32, secret: u32, ender: Ender) {
        self.process = Some(process);
        self.callers.present.lock().known.insert(process, (secret, ender));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut present = self.callers.present.lock();
        present.seats -= 1;
        if let Some(process) = self.process {
            present.known.remove(&process);
        }
    }
}
