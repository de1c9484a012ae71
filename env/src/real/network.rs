//! Real sockets: TCP.
//!
//! A listener is polled together with a wake-up socket pair, so that closing it from another thread ends a waiting
//! `accept` at once and on every system (closing or shutting down a listening socket does that on some only).

use crate::{IoError, IoResult, Label, Listener, Network, Stream, StreamDirection};
use rustix::event::{PollFd, PollFlags, poll};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The network of the operating system.
#[derive(Debug)]
pub(super) struct RealNetwork;

/// Names the address where a file's error names the path.
fn failed(label: &'static Label, address: &dyn std::fmt::Display, error: &io::Error) -> IoError {
    IoError::from_std(label, &PathBuf::from(address.to_string()), error)
}

impl Network for RealNetwork {
    fn resolve(&self, label: &'static Label, name: &str) -> IoResult<Vec<SocketAddr>> {
        name.to_socket_addrs().map(Iterator::collect).map_err(|error| failed(label, &name, &error))
    }

    fn listen(&self, label: &'static Label, address: SocketAddr) -> IoResult<Arc<dyn Listener>> {
        let listener = RealListener::new(address).map_err(|error| failed(label, &address, &error))?;
        Ok(Arc::new(listener))
    }

    fn connect(
        &self,
        label: &'static Label,
        address: SocketAddr,
        limit: Option<Duration>,
    ) -> IoResult<Arc<dyn Stream>> {
        let connected = match limit {
            Some(limit) => TcpStream::connect_timeout(&address, limit),
            None => TcpStream::connect(address),
        };
        connected
            .and_then(|stream| RealStream::new(stream, address))
            .map(|stream| Arc::new(stream) as Arc<dyn Stream>)
            .map_err(|error| failed(label, &address, &error))
    }
}

struct RealListener {
    listener: TcpListener,
    address: SocketAddr,
    closed: AtomicBool,
    wake: UnixStream,
    woken: UnixStream,
}

impl RealListener {
    fn new(address: SocketAddr) -> io::Result<RealListener> {
        let listener = TcpListener::bind(address)?;
        // A connection that is gone between the poll and the accept must not leave the accept waiting.
        listener.set_nonblocking(true)?;
        let (wake, woken) = UnixStream::pair()?;
        let address = listener.local_addr()?;
        Ok(RealListener { listener, address, closed: AtomicBool::new(false), wake, woken })
    }

    fn accept_once(&self) -> io::Result<Option<RealStream>> {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return Ok(None);
            }
            match self.listener.accept() {
                Ok((stream, peer)) => {
                    // Some systems hand the listener's mode down.
                    stream.set_nonblocking(false)?;
                    return RealStream::new(stream, peer).map(Some);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let mut watched =
                [PollFd::new(&self.listener, PollFlags::IN), PollFd::new(&self.woken, PollFlags::IN)];
            match poll(&mut watched, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
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
        self.closed.store(true, Ordering::Release);
        // The other end then stays readable for every waiter. It fails only if it was shut down before.
        let _ = self.wake.shutdown(Shutdown::Both);
    }

    fn local_address(&self) -> SocketAddr {
        self.address
    }
}

struct RealStream {
    stream: TcpStream,
    peer: SocketAddr,
}

impl RealStream {
    fn new(stream: TcpStream, peer: SocketAddr) -> io::Result<RealStream> {
        // Answers are written whole; waiting to fill a packet would only delay them.
        stream.set_nodelay(true)?;
        Ok(RealStream { stream, peer })
    }
}

impl Stream for RealStream {
    fn read(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<usize> {
        (&self.stream).read(buffer).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => failed(label, &self.peer, &ErrorKind::TimedOut.into()),
            _ => failed(label, &self.peer, &error),
        })
    }

    fn write(&self, label: &'static Label, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        (&self.stream).write_vectored(buffers).map_err(|error| failed(label, &self.peer, &error))
    }

    fn set_read_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()> {
        // The system takes a limit of zero for none at all.
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        self.stream.set_read_timeout(limit).map_err(|error| failed(label, &self.peer, &error))
    }

    fn shutdown(&self, label: &'static Label, direction: StreamDirection) -> IoResult<()> {
        let direction = match direction {
            StreamDirection::Read => Shutdown::Read,
            StreamDirection::Write => Shutdown::Write,
            StreamDirection::Both => Shutdown::Both,
        };
        match self.stream.shutdown(direction) {
            // The other side was faster.
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            result => result.map_err(|error| failed(label, &self.peer, &error)),
        }
    }

    fn peer_address(&self) -> SocketAddr {
        self.peer
    }
}
