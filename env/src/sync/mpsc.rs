//! Channels with many senders and one receiver, made of [`Mutex`] and [`Condvar`], so that they have all three faces.

use super::{Condvar, Mutex};
use crate::Label;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// The receiver is gone; the value comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why nothing was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiveError {
    /// Nothing is in the channel (now, or within the time limit).
    Empty,
    /// Nothing is in the channel and every sender is gone.
    Disconnected,
}

struct State<T> {
    queue: VecDeque<T>,
    senders: usize,
    receiver_alive: bool,
}

struct Channel<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    filled: Condvar,
    drained: Condvar,
}

/// The sending end; cloned for each sender.
pub struct Sender<T>(Arc<Channel<T>>);

/// The receiving end.
pub struct Receiver<T>(Arc<Channel<T>>);

/// A channel without bound: sending never waits.
pub fn channel<T>(label: &'static Label) -> (Sender<T>, Receiver<T>) {
    bounded(label, usize::MAX)
}

/// A channel in which sending waits while `capacity` (at least 1) values are unreceived.
pub fn bounded<T>(label: &'static Label, capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { queue: VecDeque::new(), senders: 1, receiver_alive: true };
    let channel = Arc::new(Channel {
        capacity: capacity.max(1),
        state: Mutex::new(label, state),
        filled: Condvar::new(label),
        drained: Condvar::new(label),
    });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    /// Puts `value` in the channel; waits while it is full.
    ///
    /// # Errors
    /// The value, when the receiver is gone.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.0.state.lock();
        while state.receiver_alive && state.queue.len() >= self.0.capacity {
            self.0.drained.wait(&mut state);
        }
        if !state.receiver_alive {
            return Err(SendError(value));
        }
        state.queue.push_back(value);
        drop(state);
        self.0.filled.notify_one();
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.0.state.lock().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.senders -= 1;
        let last = state.senders == 0;
        drop(state);
        if last {
            self.0.filled.notify_all();
        }
    }
}

impl<T> Receiver<T> {
    /// Takes the oldest value; waits for one.
    ///
    /// # Errors
    /// `Disconnected` when the channel is empty and every sender is gone.
    pub fn receive(&self) -> Result<T, ReceiveError> {
        let mut state = self.0.state.lock();
        loop {
            if let Some(value) = state.queue.pop_front() {
                drop(state);
                self.0.drained.notify_one();
                return Ok(value);
            }
            if state.senders == 0 {
                return Err(ReceiveError::Disconnected);
            }
            self.0.filled.wait(&mut state);
        }
    }

    /// Takes the oldest value if there is one.
    ///
    /// # Errors
    /// `Empty` or `Disconnected`.
    pub fn try_receive(&self) -> Result<T, ReceiveError> {
        let mut state = self.0.state.lock();
        match state.queue.pop_front() {
            Some(value) => {
                drop(state);
                self.0.drained.notify_one();
                Ok(value)
            }
            None if state.senders == 0 => Err(ReceiveError::Disconnected),
            None => Err(ReceiveError::Empty),
        }
    }

    /// Takes the oldest value; waits for one, but for one sleep of `limit` at most.
    ///
    /// # Errors
    /// `Empty` when none came in time (or the wait ended early: callers that must wait in full loop with their
    /// clock), `Disconnected` when none can come.
    pub fn receive_for(&self, limit: Duration) -> Result<T, ReceiveError> {
        {
            let mut state = self.0.state.lock();
            if state.queue.is_empty() && state.senders > 0 {
                self.0.filled.wait_for(&mut state, limit);
            }
        }
        self.try_receive()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.receiver_alive = false;
        let rest = std::mem::take(&mut state.queue);
        drop(state);
        self.0.drained.notify_all();
        drop(rest);
    }
}
