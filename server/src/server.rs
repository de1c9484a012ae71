//! Listens, and gives every client a task of its own.

use crate::connection;
use crate::labels::{ACCEPT, ACCEPTING, CONNECTION, LISTEN, REST, STOP};
use crate::metrics;
use crate::options::{Authentication, Options};
use crate::shared::Shared;
use env::{Address, Env, IoError, Listener, SocketAddr, StreamDirection, TaskHandle};
use session::Engine;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The port in a socket's name where no port was taken.
const PORT: u16 = 5432;
/// What a socket's file is called, before the port.
const SOCKET_NAME: &str = ".s.PGSQL.";
/// How long clients are given to learn that they are told to go, and then, when their connections are closed, their tasks to end.
const FAREWELL: Duration = Duration::from_secs(8);
const AFTERWARDS: Duration = Duration::from_secs(2);
/// How many may be at the door, not logged in. When another comes, the one that has been there longest goes.
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
    /// Where figures are told.
    metrics: Option<Arc<dyn Listener>>,
    accepting: Vec<Box<dyn TaskHandle>>,
    telling: Option<Box<dyn TaskHandle>>,
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
        let (addresses, socket) = (options.addresses.clone(), options.socket.clone());
        let shared = Arc::new(Shared::new(engine, env, options)?);
        let mut server =
            Server { shared, listeners: Vec::new(), metrics: None, accepting: Vec::new(), telling: None };
        for address in addresses {
            server.listen(&Address::Ip(address))?;
        }
        if let Some(socket) = socket {
            // Its name has the port that was really taken.
            let port = server.addresses().iter().find_map(|address| match address {
                Address::Ip(address) => Some(address.port()),
                Address::Path(_) => None,
            });
            server.listen(&Address::Path(socket_file(&socket, port.unwrap_or(PORT))))?;
        }
        if let Some(address) = server.shared.options.metrics {
            let network = server.shared.env.network().ok_or(StartError::NoNetwork)?;
            let listener = network.listen(&LISTEN, &Address::Ip(address))?;
            let (shared, asked) = (server.shared.clone(), listener.clone());
            server.metrics = Some(listener);
            let telling = Box::new(move || metrics::serve(&shared, &*asked));
            server.telling = Some(server.shared.env.spawn(&ACCEPTING, "metrics", telling)?);
        }
        for listener in &server.listeners {
            let (shared, listener) = (server.shared.clone(), listener.clone());
            let accepting = Box::new(move || accept(&shared, &*listener));
            server.accepting.push(server.shared.env.spawn(&ACCEPTING, "accepting", accepting)?);
        }
        Ok(server)
    }

    fn listen(&mut self, address: &Address) -> Result<(), StartError> {
        let network = self.shared.env.network().ok_or(StartError::NoNetwork)?;
        self.listeners.push(network.listen(&LISTEN, address)?);
        Ok(())
    }

    fn close(&mut self) {
        for listener in self.listeners.drain(..).chain(self.metrics.take()) {
            listener.close(&STOP);
        }
    }

    /// Where figures are told, with the port that was really taken.
    pub fn metrics_address(&self) -> Option<Address> {
        self.metrics.as_ref().map(|listener| listener.local_address())
    }

    /// Where it listens, with the ports that were really taken.
    pub fn addresses(&self) -> Vec<Address> {
        self.listeners.iter().map(|listener| listener.local_address()).collect()
    }

    /// Lets nobody in any more, cancels what runs, tells everybody to go, and waits until they have; whether they have within
    /// ten seconds. Who has not gone after eight of them finds his connection closed.
    pub fn stop(mut self) -> bool {
        self.close();
        for task in std::mem::take(&mut self.accepting) {
            if let Err(panic) = task.join() {
                tracing::error!(%panic, "the task that lets clients in has failed");
            }
        }
        let (callers, env) = (&self.shared.callers, &*self.shared.env);
        callers.end_all();
        let all_gone = callers.wait_for_all(env, FAREWELL) || {
            callers.cut_all();
            callers.wait_for_all(env, AFTERWARDS)
        };
        // Whoever asks for figures has a few seconds in all; nobody else waits for him.
        if let Some(Err(panic)) = self.telling.take().map(TaskHandle::join) {
            tracing::error!(%panic, "the task that tells figures has failed");
        }
        all_gone
    }
}

/// Who goes without stopping it, as one that could not be started, lets nobody in any more either.
impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

/// The file at which clients look for a socket.
fn socket_file(socket: &Path, port: u16) -> PathBuf {
    let is_file = socket.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SOCKET_NAME));
    if is_file { socket.to_path_buf() } else { socket.join(format!("{SOCKET_NAME}{port}")) }
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
        let (place, turned_away) = shared.callers.come(stream.clone(), AT_THE_DOOR);
        if let Some(oldest) = turned_away {
            tracing::warn!(peer = %oldest.peer_address(), "a client was turned away: too many are at the door");
            // It may be gone already.
            let _ = oldest.shutdown(&STOP, StreamDirection::Read);
        }
        let body = {
            let shared = shared.clone();
            Box::new(move || {
                connection::serve(&shared, &stream, &place);
                drop(place);
            })
        };
        if let Err(error) = shared.env.spawn(&CONNECTION, "client", body) {
            tracing::warn!(%error, "a client could not be given a task");
        }
    }
}
