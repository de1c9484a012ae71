//! One client's task: what comes is given to its conversation, what that answers is sent.

use crate::channel::{Channel, Received};
use crate::conversation::{Bells, Conversation, Next, Peer, PeerGone};
use crate::labels::{CALLS, CLOCK, CLOSE};
use crate::shared::{Place, Shared};
use env::sync::atomic::{AtomicBool, Ordering};
use env::{Address, Stream, StreamDirection};
use rustls::ServerConnection;
use std::sync::Arc;

impl Peer for Channel {
    fn send(&mut self, bytes: &[u8]) -> Result<(), PeerGone> {
        Channel::send(self, bytes).map_err(|_| PeerGone)
    }

    fn receive(&mut self, bytes: &mut Vec<u8>) -> Result<bool, PeerGone> {
        loop {
            return match Channel::receive(self, bytes, None) {
                Received::Bytes => Ok(true),
                // What it was told it hears when the transaction is over.
                Received::Called => continue,
                Received::Nothing | Received::TooLate => Ok(false),
            };
        }
    }
}

/// Serves a client until it has gone, or is told to.
pub fn serve(shared: &Arc<Shared>, stream: &Arc<dyn Stream>, place: &Place) {
    let ended = Arc::new(AtomicBool::new(false));
    // Who is gone already need not be served.
    let Ok(mut channel) = Channel::new(shared.env.clone(), stream.clone(), ended.clone()) else { return };
    let mut conversation = Conversation::new(shared.clone(), bells_of(stream, ended));
    let (mut listens, mut at_the_door) = (false, true);
    let begun = shared.env.monotonic(&CLOCK);
    let mut come = Vec::new();
    loop {
        let limit = match conversation.patience() {
            // To log in takes so long in all, however it is drawn out.
            Some(limit) if !conversation.is_logged_in() => {
                Some(limit.saturating_sub(shared.env.monotonic(&CLOCK).saturating_sub(begun)))
            }
            limit => limit,
        };
        come.clear();
        let received = channel.receive(&mut come, limit);
        if matches!(received, Received::TooLate | Received::Nothing) {
            // What is still said to it may be more than it takes.
            channel.lose_patience();
        }
        let next = match received {
            Received::Bytes => conversation.take(&come, &mut channel),
            Received::Called => conversation.called(&mut channel),
            Received::TooLate => conversation.out_of_patience(&mut channel),
            Received::Nothing if at_the_door && !place.is_at_the_door() => {
                conversation.turned_away(&mut channel)
            }
            Received::Nothing => conversation.hung_up(&mut channel),
        };
        if at_the_door && conversation.is_logged_in() {
            at_the_door = false;
            place.is_logged_in();
        }
        match next {
            Next::More if conversation.listens() && !listens => {
                listens = channel.hear_calls();
                // Somebody may have called before.
                if conversation.called(&mut channel) == Next::Over {
                    break;
                }
            }
            Next::More => {}
            Next::Encrypt => match encryption(shared) {
                Some(connection) => {
                    channel.encrypt(connection);
                    conversation.encrypt();
                }
                None => break,
            },
            Next::Over => break,
        }
    }
    channel.end();
    // What it holds is given back before the client learns that it is over.
    drop(conversation);
    // Who has gone need not know.
    let _ = stream.shutdown(&CLOSE, StreamDirection::Both);
}

/// What reaches a connection from elsewhere.
fn bells_of(stream: &Arc<dyn Stream>, ended: Arc<AtomicBool>) -> Bells {
    let end = {
        let stream = stream.clone();
        move || {
            ended.store(true, Ordering::Release);
            // It may be gone already.
            let _ = stream.shutdown(&CLOSE, StreamDirection::Read);
        }
    };
    let call = {
        let stream = stream.clone();
        move || stream.interrupt(&CALLS)
    };
    let peer = match stream.peer_address() {
        Address::Ip(address) => Some(address),
        Address::Path(_) => None,
    };
    let is_own_user = stream.is_own_user();
    Bells { end: Arc::new(end), call: Arc::new(call), is_own_user, peer }
}

fn encryption(shared: &Shared) -> Option<ServerConnection> {
    let settings = shared.options.encryption.clone()?;
    match ServerConnection::new(settings) {
        Ok(connection) => Some(connection),
        Err(error) => {
            tracing::warn!(%error, "no connection can be encrypted");
            None
        }
    }
}
