//! Any bytes, as a client of the server sends them: in pieces, and after having logged in or not.
//!
//! The first byte says whether somebody is logged in before, the second into how large pieces the others are cut. The server is the
//! same for all inputs, as one that serves strangers is.
#![no_main]

use hornbeam::env::memory::MemoryEnv;
use hornbeam::env::{self, Env};
use hornbeam::store::{Store, StoreOptions};
use libfuzzer_sys::fuzz_target;
use server::Options;
use server::conversation::{Bells, Conversation, Next, Peer, PeerGone};
use server::shared::Shared;
use session::Engine;
use std::path::Path;
use std::sync::Arc;

/// Somebody who is logged in, and whose statements take no longer than this.
const STARTUP: &[u8] = b"\0\x03\0\0user\0postgres\0options\0-c statement_timeout=500ms -c temp_file_limit=10MB\0\0";
/// Bytes of answers after which the client listens no more.
const HEARD: usize = 1 << 20;
const MESSAGE_MAX: usize = 1 << 16;

thread_local! {
    static SHARED: Arc<Shared> = shared();
}

fn shared() -> Arc<Shared> {
    let world: Arc<dyn Env> = Arc::new(MemoryEnv::new());
    let store = Store::open(world.clone(), Path::new("fuzz.db"), StoreOptions::default());
    let engine = Engine::new(world.clone(), store.expect("an empty world")).expect("an empty database");
    let options = Options { message_limit: MESSAGE_MAX, ..Options::default() };
    Arc::new(Shared::new(engine, world as Arc<dyn env::Env>, options).expect("the world has chance"))
}

struct Deaf(usize);

impl Peer for Deaf {
    fn send(&mut self, bytes: &[u8]) -> Result<(), PeerGone> {
        self.0 += bytes.len();
        if self.0 > HEARD { Err(PeerGone) } else { Ok(()) }
    }

    fn receive(&mut self, _: &mut Vec<u8>) -> Result<bool, PeerGone> {
        Ok(false)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [logged_in, size, rest @ ..] = bytes else { return };
    SHARED.with(|shared| {
        let mut conversation = Conversation::new(shared.clone(), Bells::none());
        let mut peer = Deaf(0);
        let mut next = Next::More;
        if logged_in & 1 == 1 {
            let packet = [&(STARTUP.len() as u32 + 4).to_be_bytes(), STARTUP].concat();
            next = conversation.take(&packet, &mut peer);
        }
        for piece in rest.chunks(usize::from(*size).max(1)) {
            if next != Next::More {
                break;
            }
            next = conversation.take(piece, &mut peer);
        }
        conversation.hung_up(&mut peer);
    });
});
