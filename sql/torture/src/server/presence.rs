//! Which sessions are there, and what was asked to be done to them: nobody is cancelled more often than was asked for, and
//! nobody ended whom nobody asked to end.

use std::collections::BTreeMap;

/// A session that has logged in.
#[derive(Debug, Clone, Copy, Default)]
struct Present {
    client: u8,
    key: [u8; 8],
    /// How often its statement was to be cancelled, and how often one was.
    cancels: u32,
    cancelled: u32,
    /// Whether it was to be ended.
    ends: bool,
    /// Whether its client has left it.
    is_left: bool,
}

/// A session, for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
    /// Its number.
    pub process: u32,
    /// What it takes to cancel it.
    pub key: [u8; 8],
}

/// The sessions of a life, by their numbers.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    sessions: BTreeMap<u32, Present>,
}

impl Presence {
    /// A client has logged in.
    pub fn comes(&mut self, client: u8, process: u32, key: [u8; 8]) {
        self.sessions.insert(process, Present { client, key, ..Present::default() });
    }

    /// It uses this session no more.
    pub fn leaves(&mut self, process: u32) {
        if let Some(present) = self.sessions.get_mut(&process) {
            present.is_left = true;
        }
    }

    /// All are gone.
    pub fn clear(&mut self) {
        self.sessions.clear();
    }

    /// The sessions of others.
    pub fn others(&self, client: u8) -> Vec<Other> {
        let others = self.sessions.iter().filter(|(_, present)| present.client != client && !present.is_left);
        others.map(|(process, present)| Other { process: *process, key: present.key }).collect()
    }

    /// Somebody asks for its statement to be cancelled.
    pub fn cancels(&mut self, process: u32) {
        if let Some(present) = self.sessions.get_mut(&process) {
            present.cancels += 1;
        }
    }

    /// Somebody asks for it to be ended.
    pub fn ends(&mut self, process: u32) {
        if let Some(present) = self.sessions.get_mut(&process) {
            present.ends = true;
        }
    }

    /// A statement of it was cancelled; whether that was asked for.
    pub fn is_cancelled(&mut self, process: u32) -> bool {
        let Some(present) = self.sessions.get_mut(&process) else { return false };
        present.cancelled += 1;
        present.cancelled <= present.cancels
    }

    /// Whether it may be ended.
    pub fn may_end(&self, process: u32) -> bool {
        self.sessions.get(&process).is_some_and(|present| present.ends)
    }
}
