//! Listens, and gives every client a task of its own.

use crate::connection;
use crate::labels::{ACCEPT, ACCEPTING, CONNECTION, LISTEN, REST, STOP};
use crate::options::{Authentication, Options};
use crate::shared::Shared;
use env::{Env, IoError, Listener, SocketAddr, TaskHandle};
use session::Engine;
use std::sync::Arc;
use std::time::Duration;

/// How long clients are given to learn that they are told to go.
const FAREWELL: Duration = Duration::from_secs(10);
/// How many may be at the door, not logged in, beyond those that are.
const AT_THE_DOOR: usize = 100;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The world has no sockets.
    #[error("this world has no network")]
    NoNetwork,
    /// Anybody could come in.
    #[error(
        "{0} can be reached from other machines, where anybody could log in as anybody: let passwords be asked for (authentication by scram), or listen at 127.0.0.1"
    )]
    Open(SocketAddr),
    /// A socket or a task.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// A server that runs.
pub struct Server {
    shared: Arc<Shared>,
    listeners: Vec<Arc<dyn Listener>>,
    accepting: Vec<Box<dyn TaskHandle>>,
}

impl Server {
    /// Listens, and serves from then on.
    ///
    /// # Errors
    /// When an address is taken or none of this machine's, or others could come in without a password.
    pub fn start(engine: Engine, env: Arc<dyn Env>, options: Options) -> Result<Server, StartError> {
        let open = |address: &&SocketAddr| !address.ip().is_loopback();
        if options.authentication == Authentication::Trust
            && let Some(address) = options.addresses.iter().find(open)
        {
            return Err(StartError::Open(*address));
        }
        let addresses = options.addresses.clone();
        let shared = Arc::new(Shared::new(engine, env, options)?);
        let mut server = Server { shared, listeners: Vec::new(), accepting: Vec::new() };
        for address in addresses {
            let network = server.shared.env.network().ok_or(StartError::NoNetwork)?;
            let listener = network.listen(&LISTEN, address)?;
            server.listeners.push(listener);
        }
        for listener in &server.listeners {
            let (shared, listener) = (server.shared.clone(), listener.clone());
            let accepting = Box::new(move || accept(&shared, &*listener));
            server.accepting.push(server.shared.env.spawn(&ACCEPTING, "accepting", accepting)?);
        }
        Ok(server)
    }

    /// Where it listens, with the ports that were really taken.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.local_address()).collect()
    }

    /// Lets nobody in any more, cancels what runs, tells everybody to go, and waits until they have; whether they have within
    /// ten seconds.
    pub fn stop(self) -> bool {
        for listener in &self.listeners {
            listener.close(&STOP);
        }
        for task in self.accepting {
            if let Err(panic) = task.join() {
                tracing::error!(%panic, "the task that lets clients in has failed");
            }
        }
        self.shared.callers.end_all();
        self.shared.callers.wait_for_all(FAREWELL)
    }
}

fn accept(shared: &Arc<Shared>, listener: &dyn Listener) {
    loop {
        let stream = match listener.accept(&ACCEPT) {
            Ok(Some(stream)) => stream,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "a client could not be let in");
                // It may be that there are no more descriptors: trying again at once would be all that is done.
                shared.env.sleep(&REST, Duration::from_millis(50));
                continue;
            }
        };
        let limit = shared.options.connection_limit + AT_THE_DOOR;
        let Some(place) = shared.callers.come(stream.clone(), limit) else {
            tracing::warn!(peer = %stream.peer_address(), "a client was turned away: too many are at the door");
            continue;
        };
        let body = {
            let shared = shared.clone();
            Box::new(move || {
                connection::serve(&shared, &stream);
                drop(place);
            })
        };
        if let Err(error) = shared.env.spawn(&CONNECTION, "client", body) {
            tracing::warn!(%error, "a client could not be given a task");
        }
    }
}
