//! One client's conversation: bytes in, bytes out. Who drives it reads and writes the sockets, real ones or simulated ones.
//!
//! * [`Conversation`]: what the client says next, and what it may be. `opening`: until somebody is logged in; `scram`: how he
//!   proves who he is. `talking`: statements, one message each or in steps. `sink`: what a statement sends while it runs.
//!
//! Invariants
//!
//! 1. Bytes mean the same in whatever pieces they come.
//! 2. An error between two `Sync`s is told once; what follows it is skipped up to the second.
//! 3. Nothing is kept of a client's bytes but messages that are not whole or not answered yet, each no longer than the limit, and
//!    before it is logged in no more than 64 KiB: answers leave in pieces while a statement runs.
//!
//! It fails by an error with severity FATAL, after which the connection is closed: only the conversation's own bytes can be at
//! fault, never the server.

mod opening;
mod scram;
mod sink;
mod talking;

use crate::protocol::backend::{Answers, Status};
use crate::protocol::frames::Frames;
use crate::shared::Shared;
use diagnostic::{Diagnostic, SqlState};
use env::SocketAddr;
use session::client::{Report, Severity};
use std::sync::Arc;
use std::time::Duration;

/// The client does not take what is sent, or has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerGone;

/// The other end, as long as a statement runs and the conversation cannot be asked.
pub trait Peer {
    /// Sends all of these bytes.
    ///
    /// # Errors
    /// When nobody takes them.
    fn send(&mut self, bytes: &[u8]) -> Result<(), PeerGone>;

    /// Waits for more bytes, and appends them; `false` when there are no more.
    ///
    /// # Errors
    /// When the connection is broken.
    fn receive(&mut self, bytes: &mut Vec<u8>) -> Result<bool, PeerGone>;
}

/// What a message is read from and answered to.
struct Wire<'w> {
    answers: &'w mut Answers,
    frames: &'w mut Frames,
    peer: &'w mut dyn Peer,
    message_limit: usize,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// More bytes are awaited.
    More,
    /// From now on the bytes are encrypted, by TLS.
    Encrypt,
    /// It is over; the connection is to be closed.
    Over,
}

/// Why a conversation is over that the client has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Ended {
    #[error("terminating connection due to administrator command")]
    Told,
    #[error("terminating connection due to idle-in-transaction timeout")]
    IdleInTransaction,
    #[error("terminating connection due to idle-session timeout")]
    Idle,
    #[error("canceling authentication due to timeout")]
    Login,
}

impl Diagnostic for Ended {
    fn sqlstate(&self) -> SqlState {
        match self {
            Ended::Told => SqlState::AdminShutdown,
            Ended::IdleInTransaction => SqlState::IdleInTransactionSessionTimeout,
            Ended::Idle => SqlState::IdleSessionTimeout,
            Ended::Login => SqlState::QueryCanceled,
        }
    }
}

/// Where a conversation stands.
enum State {
    /// Nobody has said who he is.
    Opening,
    /// He is proving it.
    Proving(Box<opening::Proving>),
    /// He is logged in.
    Talking(Box<talking::Talking>),
    /// It is over.
    Over,
}

/// A client's conversation.
pub struct Conversation {
    shared: Arc<Shared>,
    frames: Frames,
    answers: Answers,
    state: State,
    /// Whether its bytes are encrypted below.
    encrypted: bool,
    bells: Bells,
}

/// What a conversation learns of the connection below, and what reaches whoever drives it from elsewhere.
#[derive(Clone)]
pub struct Bells {
    /// Ends the waiting for the client's bytes for good.
    pub end: Arc<dyn Fn() + Send + Sync>,
    /// Ends it once: [`Conversation::called`] is to be asked.
    pub call: Arc<dyn Fn() + Send + Sync>,
    /// Whether the client is certainly a process of the server's own user.
    pub is_own_user: bool,
    /// From where it comes, if by a network.
    pub peer: Option<SocketAddr>,
}

impl Bells {
    /// Nobody is reached, and nobody known.
    pub fn none() -> Bells {
        Bells { end: Arc::new(|| ()), call: Arc::new(|| ()), is_own_user: false, peer: None }
    }
}

impl Conversation {
    /// Begins one.
    pub fn new(shared: Arc<Shared>, bells: Bells) -> Conversation {
        let (frames, answers) = (Frames::default(), Answers::default());
        Conversation { shared, frames, answers, state: State::Opening, encrypted: false, bells }
    }

    /// These bytes have come. Answers leave through `peer` before this returns.
    pub fn take(&mut self, bytes: &[u8], peer: &mut dyn Peer) -> Next {
        if let State::Talking(talking) = &mut self.state {
            talking.wakes();
        }
        self.frames.push(bytes);
        let next = self.go_on(peer);
        self.flush(peer, next)
    }

    /// From here on the bytes are encrypted.
    pub fn encrypt(&mut self) {
        self.encrypted = true;
    }

    /// Whether the client is logged in.
    pub fn is_logged_in(&self) -> bool {
        matches!(self.state, State::Talking(_))
    }

    /// Whether its session listens to what others tell.
    pub fn listens(&self) -> bool {
        matches!(&self.state, State::Talking(talking) if talking.listens())
    }

    /// Somebody has called: the client hears what its session was told, if it is not within a transaction.
    pub fn called(&mut self, peer: &mut dyn Peer) -> Next {
        let next = match &mut self.state {
            State::Talking(talking) => {
                talking.tell_notifications(&mut self.answers);
                Next::More
            }
            State::Opening | State::Proving(_) => Next::More,
            State::Over => Next::Over,
        };
        self.flush(peer, next)
    }

    /// How long the next bytes are waited for.
    pub fn patience(&mut self) -> Option<Duration> {
        match &mut self.state {
            State::Opening | State::Proving(_) => Some(self.shared.options.login_timeout),
            State::Talking(talking) => talking.patience(&*self.shared.env),
            State::Over => None,
        }
    }

    /// Nothing has come for so long as [`Conversation::patience`] said.
    pub fn out_of_patience(&mut self, peer: &mut dyn Peer) -> Next {
        let ended = match &self.state {
            State::Opening | State::Proving(_) => Ended::Login,
            State::Talking(talking) if talking.status() == Status::Idle => Ended::Idle,
            State::Talking(_) | State::Over => Ended::IdleInTransaction,
        };
        let next = self.end(&ended);
        self.flush(peer, next)
    }

    /// No more bytes come. Whoever was told to end is told so, if he still listens.
    pub fn hung_up(&mut self, peer: &mut dyn Peer) -> Next {
        let told = matches!(&self.state, State::Talking(talking) if talking.is_ended());
        let next = if told { self.end(&Ended::Told) } else { self.over() };
        self.flush(peer, next)
    }

    /// It is not logged in, and has to make room for another.
    pub fn turned_away(&mut self, peer: &mut dyn Peer) -> Next {
        let next = self.end(&opening::OpeningError::Full);
        self.flush(peer, next)
    }

    fn go_on(&mut self, peer: &mut dyn Peer) -> Next {
        loop {
            let done = match &mut self.state {
                State::Opening => self.open(),
                State::Proving(_) => self.prove(),
                State::Talking(talking) => talking.go_on(&mut Wire {
                    answers: &mut self.answers,
                    frames: &mut self.frames,
                    peer,
                    message_limit: self.shared.options.message_limit,
                }),
                State::Over => return Next::Over,
            };
            match done {
                Step::Further => {}
                Step::Wait => return Next::More,
                Step::Encrypt => return Next::Encrypt,
                Step::Over => return self.over(),
            }
        }
    }

    /// Tells why it is over.
    fn end(&mut self, why: &(impl Diagnostic + ?Sized)) -> Next {
        self.answers.error(&Report::new(Severity::Fatal, why), "");
        self.over()
    }

    fn over(&mut self) -> Next {
        self.state = State::Over;
        Next::Over
    }

    fn flush(&mut self, peer: &mut dyn Peer, next: Next) -> Next {
        if self.answers.is_empty() {
            return next;
        }
        let sent = peer.send(self.answers.bytes());
        self.answers.clear();
        if sent.is_err() { self.over() } else { next }
    }
}

/// How far a conversation has come by one message.
enum Step {
    /// There may be another.
    Further,
    /// More bytes are awaited.
    Wait,
    /// What follows is encrypted.
    Encrypt,
    /// It is over.
    Over,
}
