//! Real sockets: TCP, and those of Unix.
//!
//! A listener is polled together with a wake-up socket pair, so that closing it from another thread ends a waiting
//! `accept` at once and on every system (closing or shutting down a listening socket does that on some only). So is a stream
//! whose reads may be interrupted; others are read as they are.

use crate::{Address, IoError, IoResult, Label, Listener, Network, Stream, StreamDirection};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Whoever may open the directory of a socket may come in by it, as with PostgreSQL's.
const SOCKET_MODE: u32 = 0o777;

/// The network of the operating system.
#[derive(Debug)]
pub(super) struct RealNetwork;

/// Names the address where a file's error names the path.
fn failed(label: &'static Label, address: &dyn std::fmt::Display, error: &io::Error) -> IoError {
    IoError::from_std(label, &PathBuf::from(address.to_string()), error)
}

/// What the system says of a socket, in the words of [`Stream`]: its own limit is over where it would block, and a peer that has
/// not answered for long, of which it says that time is out, is lost.
fn told(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        ErrorKind::TimedOut => ErrorKind::ConnectionAborted.into(),
        _ => error,
    }
}

impl Network for RealNetwork {
    fn resolve(&self, label: &'static Label, name: &str) -> IoResult<Vec<SocketAddr>> {
        name.to_socket_addrs().map(Iterator::collect).map_err(|error| failed(label, &name, &error))
    }

    fn listen(&self, label: &'static Label, address: &Address) -> IoResult<Arc<dyn Listener>> {
        let listener = RealListener::new(address).map_err(|error| failed(label, address, &error))?;
        Ok(Arc::new(listener))
    }

    fn connect(
        &self,
        label: &'static Label,
        address: &Address,
        limit: Option<Duration>,
    ) -> IoResult<Arc<dyn Stream>> {
        let connected = match (address, limit) {
            (Address::Ip(address), Some(limit)) => TcpStream::connect_timeout(address, limit).map(Socket::Ip),
            (Address::Ip(address), None) => TcpStream::connect(address).map(Socket::Ip),
            // Whether somebody listens at a file is known at once.
            (Address::Path(path), _) => UnixStream::connect(path).map(Socket::Unix),
        };
        connected
            .and_then(|socket| RealStream::new(socket, address.clone()))
            .map(|stream| Arc::new(stream) as Arc<dyn Stream>)
            .map_err(|error| failed(label, address, &error))
    }
}

/// A socket that listens.
enum Door {
    Ip(TcpListener),
    Unix(UnixListener),
}

impl Door {
    fn accept(&self) -> io::Result<(Socket, Address)> {
        match self {
            Door::Ip(listener) => {
                listener.accept().map(|(stream, peer)| (Socket::Ip(stream), Address::Ip(peer)))
            }
            Door::Unix(listener) => {
                // Who connects has no name as a rule.
                let named = |peer: std::os::unix::net::SocketAddr| {
                    Address::Path(peer.as_pathname().map(Path::to_path_buf).unwrap_or_default())
                };
                listener.accept().map(|(stream, peer)| (Socket::Unix(stream), named(peer)))
            }
        }
    }
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Door::Ip(listener) => listener.as_fd(),
            Door::Unix(listener) => listener.as_fd(),
        }
    }
}

struct RealListener {
    door: Door,
    address: Address,
    /// The file that stands for it: its device and its number.
    file: Option<(u64, u64)>,
    closed: AtomicBool,
    wake: UnixStream,
    woken: UnixStream,
}

impl RealListener {
    fn new(address: &Address) -> io::Result<RealListener> {
        let (wake, woken) = UnixStream::pair()?;
        // A connection that is gone between the poll and the accept must not leave the accept waiting.
        let (door, address, file) = match address {
            Address::Ip(address) => {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                (Door::Ip(listener), Address::Ip(address), None)
            }
            Address::Path(path) => {
                let listener = bind_path(path)?;
                listener.set_nonblocking(true)?;
                fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
                let file = fs::symlink_metadata(path)?;
                (Door::Unix(listener), address.clone(), Some((file.dev(), file.ino())))
            }
        };
        Ok(RealListener { door, address, file, closed: AtomicBool::new(false), wake, woken })
    }

    fn accept_once(&self) -> io::Result<Option<RealStream>> {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return Ok(None);
            }
            match self.door.accept() {
                Ok((socket, peer)) => {
                    // Some systems hand the listener's mode down.
                    socket.set_nonblocking(false)?;
                    return RealStream::new(socket, peer).map(Some);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let mut watched =
                [PollFd::new(&self.door, PollFlags::IN), PollFd::new(&self.woken, PollFlags::IN)];
            match poll(&mut watched, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Listens at a file. One at which nobody listens any more is left of a process that was killed, and goes.
fn bind_path(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
            let is_stale = is_socket
                && UnixStream::connect(path)
                    .is_err_and(|refused| refused.kind() == ErrorKind::ConnectionRefused);
            if !is_stale {
                return Err(error);
            }
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }
}

impl Listener for RealListener {
    fn accept(&self, label: &'static Label) -> IoResult<Option<Arc<dyn Stream>>> {
        match self.accept_once() {
            Ok(accepted) => Ok(accepted.map(|stream| Arc::new(stream) as Arc<dyn Stream>)),
            Err(error) => Err(failed(label, &self.address, &error)),
        }
    }

    fn close(&self, _label: &'static Label) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        // The other end then stays readable for every waiter. It fails only if it was shut down before.
        let _ = self.wake.shutdown(Shutdown::Both);
        // Another may listen there by now, at a file of his own.
        if let Address::Path(path) = &self.address
            && fs::symlink_metadata(path).is_ok_and(|file| self.file == Some((file.dev(), file.ino())))
        {
            // Whoever took it away was faster.
            let _ = fs::remove_file(path);
        }
    }

    fn local_address(&self) -> Address {
        self.address.clone()
    }
}

/// A connected socket.
enum Socket {
    Ip(TcpStream),
    Unix(UnixStream),
}

/// The same call of either kind.
macro_rules! of_either {
    ($socket:expr, $stream:ident => $call:expr) => {
        match $socket {
            Socket::Ip($stream) => $call,
            Socket::Unix($stream) => $call,
        }
    };
}

impl Socket {
    fn set_nonblocking(&self, on: bool) -> io::Result<()> {
        of_either!(self, stream => stream.set_nonblocking(on))
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        of_either!(self, stream => (&mut &*stream).read(buffer))
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        of_either!(self, stream => stream.as_fd())
    }
}

/// What interrupts reads: a byte into one end makes the other readable.
struct Bell {
    rope: UnixStream,
    heard: UnixStream,
}

struct RealStream {
    socket: Socket,
    peer: Address,
    bell: OnceLock<Bell>,
    /// How long reads wait, where they are polled, in milliseconds; 0 for ever.
    limit: AtomicU64,
}

impl RealStream {
    fn new(socket: Socket, peer: Address) -> io::Result<RealStream> {
        if let Socket::Ip(stream) = &socket {
            // Answers are written whole; waiting to fill a packet would only delay them.
            stream.set_nodelay(true)?;
            // Who has gone without a word is missed some day, and what he holds is given back.
            rustix::net::sockopt::set_socket_keepalive(stream, true)?;
        }
        Ok(RealStream { socket, peer, bell: OnceLock::new(), limit: AtomicU64::new(0) })
    }

    /// Waits until there is something to read; an error when it is interrupted or too late.
    fn wait(&self, bell: &Bell) -> io::Result<()> {
        let limit = self.limit.load(Ordering::Acquire).cast_signed();
        let time =
            (limit > 0).then_some(Timespec { tv_sec: limit / 1000, tv_nsec: limit % 1000 * 1_000_000 });
        let mut watched = [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(&bell.heard, PollFlags::IN)];
        let ready = match poll(&mut watched, time.as_ref()) {
            Ok(ready) => ready,
            Err(rustix::io::Errno::INTR) => return Err(ErrorKind::Interrupted.into()),
            Err(error) => return Err(error.into()),
        };
        if ready == 0 {
            return Err(ErrorKind::TimedOut.into());
        }
        // Ends and errors are there to be read, too.
        if !watched[0].revents().is_empty() {
            return Ok(());
        }
        // However often it was rung.
        let _ = (&bell.heard).read(&mut [0; 64]);
        Err(ErrorKind::WouldBlock.into())
    }
}

impl Stream for RealStream {
    fn read(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<usize> {
        if let Some(bell) = self.bell.get() {
            self.wait(bell).map_err(|error| failed(label, &self.peer, &error))?;
        }
        self.socket.read(buffer).map_err(|error| failed(label, &self.peer, &told(error)))
    }

    fn write(&self, label: &'static Label, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        of_either!(&self.socket, stream => (&mut &*stream).write_vectored(buffers))
            .map_err(|error| failed(label, &self.peer, &told(error)))
    }

    fn set_read_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()> {
        // The system takes a limit of zero for none at all.
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        let milliseconds = limit.map_or(0, |limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX >> 1));
        self.limit.store(milliseconds, Ordering::Release);
        of_either!(&self.socket, stream => stream.set_read_timeout(limit))
            .map_err(|error| failed(label, &self.peer, &error))
    }

    fn set_write_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()> {
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        of_either!(&self.socket, stream => stream.set_write_timeout(limit))
            .map_err(|error| failed(label, &self.peer, &error))
    }

    fn shutdown(&self, label: &'static Label, direction: StreamDirection) -> IoResult<()> {
        let direction = match direction {
            StreamDirection::Read => Shutdown::Read,
            StreamDirection::Write => Shutdown::Write,
            StreamDirection::Both => Shutdown::Both,
        };
        match of_either!(&self.socket, stream => stream.shutdown(direction)) {
            // The other side was faster.
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            result => result.map_err(|error| failed(label, &self.peer, &error)),
        }
    }

    fn allow_interrupts(&self, label: &'static Label) -> IoResult<()> {
        if self.bell.get().is_some() {
            return Ok(());
        }
        let made = UnixStream::pair().and_then(|(rope, heard)| {
            rope.set_nonblocking(true)?;
            heard.set_nonblocking(true)?;
            Ok(Bell { rope, heard })
        });
        // Somebody else may have made one meanwhile: that is as good.
        let _ = self.bell.set(made.map_err(|error| failed(label, &self.peer, &error))?);
        Ok(())
    }

    fn interrupt(&self, _label: &'static Label) {
        if let Some(bell) = self.bell.get() {
            // Where there is no more room it rings already.
            let _ = (&bell.rope).write(&[0]);
        }
    }

    fn peer_address(&self) -> Address {
        self.peer.clone()
    }

    fn is_own_user(&self) -> bool {
        match &self.socket {
            Socket::Ip(_) => false,
            Socket::Unix(stream) => is_own_user(stream),
        }
    }
}

/// Whose process has connected, where the system tells.
#[cfg(target_os = "linux")]
fn is_own_user(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid();
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid.is_root() || peer.uid == own)
}

#[cfg(not(target_os = "linux"))]
fn is_own_user(_: &UnixStream) -> bool {
    false
}
