//! Sockets: what the server asks of the world.

use crate::{IoError, IoResult, Label};
use std::io::{ErrorKind, IoSlice};
pub use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where somebody listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// At a port of a machine, by TCP.
    Ip(SocketAddr),
    /// At a file of this machine that stands for a socket.
    Path(PathBuf),
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Ip(address) => address.fmt(formatter),
            Address::Path(path) => path.display().fmt(formatter),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Address {
        Address::Ip(address)
    }
}

/// Listening and connecting. An [`Env`](crate::Env) without sockets has none.
pub trait Network: Send + Sync {
    /// The addresses that `name` (host and port: `localhost:5432`, `[::1]:5432`) stands for, in the system's order.
    fn resolve(&self, label: &'static Label, name: &str) -> IoResult<Vec<SocketAddr>>;
    /// Listens at `address`; port 0 takes any free one, and a socket's file that nobody listens at any more is replaced.
    fn listen(&self, label: &'static Label, address: &Address) -> IoResult<Arc<dyn Listener>>;
    /// Connects to `address`, waiting no longer than `limit`.
    fn connect(
        &self,
        label: &'static Label,
        address: &Address,
        limit: Option<Duration>,
    ) -> IoResult<Arc<dyn Stream>>;
}

/// A listening socket.
pub trait Listener: Send + Sync {
    /// Waits for the next connection. `None` once [`Listener::close`] was called.
    fn accept(&self, label: &'static Label) -> IoResult<Option<Arc<dyn Stream>>>;
    /// Ends every waiting and every later [`Listener::accept`]; a socket's file goes.
    fn close(&self, label: &'static Label);
    /// The address it listens at, with the port that was really taken.
    fn local_address(&self) -> Address;
}

/// One connection. One task may read while another writes.
pub trait Stream: Send + Sync {
    /// Reads up to `buffer.len()` bytes; 0 means that the other side has ended.
    ///
    /// # Errors
    /// `TimedOut` when nothing came within the read limit; `WouldBlock` when it was interrupted; otherwise what the network reports.
    fn read(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<usize>;
    /// Writes up to all bytes of `buffers`; fewer is legal.
    ///
    /// # Errors
    /// `TimedOut` when the other side took nothing within the write limit; otherwise what the network reports.
    fn write(&self, label: &'static Label, buffers: &[IoSlice<'_>]) -> IoResult<usize>;
    /// How long a read waits at most; for ever by default.
    fn set_read_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()>;
    /// How long a write waits at most for the other side to take something; for ever by default.
    fn set_write_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()>;
    /// Ends one or both directions; wakes who waits in them.
    fn shutdown(&self, label: &'static Label, direction: StreamDirection) -> IoResult<()>;
    /// From here on [`Stream::interrupt`] ends reads.
    fn allow_interrupts(&self, label: &'static Label) -> IoResult<()>;
    /// Ends a read that waits, or else the next that would: it fails with `WouldBlock`. Nothing that came is lost. Waits for
    /// nobody.
    fn interrupt(&self, label: &'static Label);
    /// The other side's address.
    fn peer_address(&self) -> Address;
    /// Whether the other side is certainly a process of this machine, of this process's user or the machine's superuser.
    fn is_own_user(&self) -> bool;
}

/// Which half of a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamDirection {
    /// Nothing more is read.
    Read,
    /// Nothing more is written; the other side reads an end.
    Write,
    /// Both.
    Both,
}

/// Zero-progress and interruption handling for [`Stream`], as [`FileExt`](crate::FileExt) has it for files.
pub trait StreamExt: Stream {
    /// Reads at least one byte, unless the other side has ended; `Interrupted` is retried.
    fn read_some(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<usize> {
        loop {
            match self.read(label, buffer) {
                Err(error) if error.kind == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Reads exactly `buffer.len()` bytes.
    ///
    /// # Errors
    /// `UnexpectedEof` when the other side ends before; otherwise what the network reports.
    fn read_exact(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read_some(label, &mut buffer[done..])? {
                0 => return Err(IoError::new(label, Path::new(""), ErrorKind::UnexpectedEof)),
                count => done += count,
            }
        }
        Ok(())
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// `WriteZero` when a call makes no progress; otherwise what the network reports.
    fn write_all(&self, label: &'static Label, bytes: &[u8]) -> IoResult<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.write(label, &[IoSlice::new(rest)]) {
                Ok(0) => return Err(IoError::new(label, Path::new(""), ErrorKind::WriteZero)),
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<S: Stream + ?Sized> StreamExt for S {}
