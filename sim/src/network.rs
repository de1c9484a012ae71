//! Sockets of the simulated world: listeners, connections, and bytes on their way between them.
//!
//! A connection has two ends. What one writes arrives at the other a little later, piece by piece and in order; an end takes
//! [`ROOM`] bytes that nobody has read yet, then its writers wait. An end that is dropped, or whose process is killed, is read
//! as an end, or as a broken connection where bytes were left unread.
//!
//! Faults: a read or write of fewer bytes, a piece that arrives late, a connection that breaks and loses what had not arrived,
//! a connection that is refused.

use crate::core::{Core, Dead, Shared};
use crate::environment::SimEnv;
use crate::state::{Entered, State};
use crate::trace::{Outcome, digest};
use env::{
    Address, IoError, IoResult, Label, Listener, Network as Sockets, SocketAddr, Stream, StreamDirection,
};
use faults::{FaultKind, Operation, Part, Place};
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    GONE: "sim.network.gone", Network, "who waits for a process that was killed waits for ever";
}

/// How many bytes an end takes that nobody has read yet.
const ROOM: usize = 64 * 1024;
/// How long bytes are on their way, usually.
const LATENCY_NANOSECONDS: u64 = 30_000;
/// Ports that are taken where any will do.
const FIRST_FREE_PORT: u16 = 40_000;

/// All sockets of a world.
#[derive(Debug, Default)]
pub(crate) struct Network {
    doors: Vec<Door>,
    ends: Vec<End>,
    ports: u16,
    /// How many runs came before: a socket that outlives its run is none of this one's.
    run: u64,
}

/// A listening socket.
#[derive(Debug)]
struct Door {
    address: Address,
    process: u32,
    open: bool,
    /// Ends that have connected and are not accepted yet.
    waiting: VecDeque<usize>,
    /// What an arrival wakes.
    resource: u64,
}

/// Bytes that arrive together.
#[derive(Debug)]
struct Piece {
    at: u64,
    bytes: VecDeque<u8>,
}

/// One end of a connection.
#[derive(Debug)]
struct End {
    process: u32,
    other: usize,
    pieces: VecDeque<Piece>,
    /// Bytes in all of them.
    bytes: usize,
    /// When the other side's end arrives.
    ended: Option<u64>,
    broken: bool,
    closed: bool,
    no_reads: bool,
    no_writes: bool,
    limit: Option<Duration>,
    write_limit: Option<Duration>,
    interruptible: bool,
    interrupted: bool,
    /// What wakes its reader, and who writes to it.
    readable: u64,
    writable: u64,
}

/// What a read finds.
enum Found {
    Bytes(usize),
    Failed(ErrorKind),
    /// Nothing yet; something arrives then.
    Nothing(Option<u64>),
}

impl Network {
    /// That of the next run.
    pub(crate) fn next(&self) -> Network {
        Network { run: self.run + 1, ..Network::default() }
    }

    fn end(&mut self, process: u32, other: usize, next_resource: &mut u64) -> usize {
        *next_resource += 2;
        self.ends.push(End {
            process,
            other,
            pieces: VecDeque::new(),
            bytes: 0,
            ended: None,
            broken: false,
            closed: false,
            no_reads: false,
            no_writes: false,
            limit: None,
            write_limit: None,
            interruptible: false,
            interrupted: false,
            readable: *next_resource - 1,
            writable: *next_resource,
        });
        self.ends.len() - 1
    }
}

impl End {
    /// When the newest of what is on its way arrives.
    fn newest(&self) -> u64 {
        self.pieces.back().map_or(0, |piece| piece.at).max(self.ended.unwrap_or(0))
    }

    fn read(&mut self, now: u64, buffer: &mut [u8]) -> Found {
        let mut count = 0;
        while let Some(piece) = self.pieces.front_mut()
            && piece.at <= now
            && count < buffer.len()
        {
            let taken = piece.bytes.len().min(buffer.len() - count);
            for (place, byte) in buffer[count..count + taken].iter_mut().zip(piece.bytes.drain(..taken)) {
                *place = byte;
            }
            count += taken;
            if piece.bytes.is_empty() {
                self.pieces.pop_front();
            }
        }
        self.bytes -= count;
        if count > 0 {
            return Found::Bytes(count);
        }
        if self.no_reads {
            return Found::Bytes(0);
        }
        if let Some(at) = self.pieces.front().map(|piece| piece.at) {
            return self.interrupted().unwrap_or(Found::Nothing(Some(at)));
        }
        if self.broken {
            return Found::Failed(ErrorKind::ConnectionReset);
        }
        match self.ended {
            Some(at) if at <= now => Found::Bytes(0),
            at => self.interrupted().unwrap_or(Found::Nothing(at)),
        }
    }

    fn interrupted(&mut self) -> Option<Found> {
        std::mem::take(&mut self.interrupted).then_some(Found::Failed(ErrorKind::WouldBlock))
    }
}

impl State {
    fn wake_reader(&mut self, label: &'static Label, end: usize) {
        let resource = self.network.ends[end].readable;
        self.wake(label, resource, true);
    }

    fn wake_writer(&mut self, label: &'static Label, end: usize) {
        let resource = self.network.ends[end].writable;
        self.wake(label, resource, true);
    }

    /// Nobody holds this end any more: the other one reads an end, or learns that what it sent was not read.
    fn close_end(&mut self, label: &'static Label, number: usize) {
        let now = self.clock.now();
        let end = &mut self.network.ends[number];
        if std::mem::replace(&mut end.closed, true) {
            return;
        }
        let (unread, other) = (end.bytes > 0, end.other);
        end.pieces.clear();
        end.bytes = 0;
        let far = &mut self.network.ends[other];
        if unread {
            far.broken = true;
        } else if far.ended.is_none() {
            far.ended = Some(far.newest().max(now + LATENCY_NANOSECONDS));
        }
        self.wake_reader(label, other);
        self.wake_writer(label, number);
    }

    fn close_door(&mut self, label: &'static Label, number: usize) {
        let door = &mut self.network.doors[number];
        door.open = false;
        let resource = door.resource;
        for end in std::mem::take(&mut door.waiting) {
            self.close_end(label, end);
        }
        self.wake(label, resource, true);
    }

    /// All sockets of a process that was killed are gone.
    pub(crate) fn close_sockets(&mut self, process: u32) {
        for number in 0..self.network.doors.len() {
            if self.network.doors[number].process == process && self.network.doors[number].open {
                self.close_door(&GONE, number);
            }
        }
        for number in 0..self.network.ends.len() {
            if self.network.ends[number].process == process {
                self.close_end(&GONE, number);
            }
        }
    }

    /// The connection breaks, if that was decided: both ends learn it when they have read what had arrived.
    fn breaks(&mut self, entered: &Entered, number: usize) -> bool {
        if entered.fault != Some(FaultKind::ConnectionBroken) {
            return false;
        }
        self.books(entered.who, entered.label).inject(FaultKind::ConnectionBroken, Place::default());
        let now = self.clock.now();
        for end in [number, self.network.ends[number].other] {
            let own = &mut self.network.ends[end];
            own.pieces.retain(|piece| piece.at <= now);
            own.bytes = own.pieces.iter().map(|piece| piece.bytes.len()).sum();
            own.broken = true;
            self.wake_reader(entered.label, end);
            self.wake_writer(entered.label, end);
        }
        true
    }

    /// How many of `count` bytes this call handles: fewer, if that was decided.
    fn split(&mut self, entered: &Entered, count: usize) -> usize {
        if entered.fault != Some(FaultKind::StreamSplit) || count < 2 {
            return count;
        }
        let mut books = self.books(entered.who, entered.label);
        books.inject(FaultKind::StreamSplit, Place::default());
        1 + books.part(Part::Length, u32::try_from(count - 1).unwrap_or(u32::MAX)) as usize
    }

    /// When what is sent now arrives at an end.
    fn arrival(&mut self, entered: &Entered, end: usize) -> u64 {
        let hash = self.labels.record(entered.number).hash;
        let mut latency = self.stretched(LATENCY_NANOSECONDS, hash);
        if entered.fault == Some(FaultKind::StreamDelayed) {
            let mut books = self.books(entered.who, entered.label);
            let exponent = books.part(Part::Delay, 5);
            books.inject(FaultKind::StreamDelayed, Place::default());
            // From a millisecond to ten seconds.
            latency += 1_000_000 * 10u64.pow(exponent);
        }
        (self.clock.now() + latency).max(self.network.ends[end].newest())
    }

    fn write_to(
        &mut self,
        entered: &Entered,
        number: usize,
        bytes: &[u8],
    ) -> Result<Option<usize>, ErrorKind> {
        let end = &self.network.ends[number];
        let (other, broken) = (end.other, end.broken);
        if end.no_writes {
            return Err(ErrorKind::BrokenPipe);
        }
        if broken || self.breaks(entered, number) {
            return Err(ErrorKind::ConnectionReset);
        }
        if self.network.ends[other].closed {
            // It is taken, and then comes back as unwanted.
            self.network.ends[number].broken = true;
            return Ok(Some(bytes.len()));
        }
        let room = ROOM.saturating_sub(self.network.ends[other].bytes).min(bytes.len());
        if room == 0 && !bytes.is_empty() {
            return Ok(None);
        }
        let count = self.split(entered, room);
        let at = self.arrival(entered, other);
        let far = &mut self.network.ends[other];
        far.pieces.push_back(Piece { at, bytes: bytes[..count].iter().copied().collect() });
        far.bytes += count;
        self.wake_reader(entered.label, other);
        Ok(Some(count))
    }
}

/// A socket of a simulated process.
struct SimListener {
    shared: Shared,
    address: Address,
    number: usize,
    run: u64,
    /// Its number in the trace.
    file: u32,
}

/// An end of a connection, as its process holds it.
struct SimStream {
    shared: Shared,
    peer: Address,
    end: usize,
    run: u64,
    file: u32,
}

fn failed(label: &'static Label, address: &Address, kind: ErrorKind) -> IoError {
    IoError::new(label, &PathBuf::from(address.to_string()), kind)
}

/// The answer to a task that is being taken down.
fn dead(label: &'static Label, address: &Address) -> IoError {
    failed(label, address, ErrorKind::NotConnected)
}

fn outcome<T>(result: &Result<T, ErrorKind>, count: impl FnOnce(&T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => count(value),
        Err(kind) => Outcome::Failed(*kind),
    }
}

impl Sockets for SimEnv {
    fn resolve(&self, label: &'static Label, name: &str) -> IoResult<Vec<SocketAddr>> {
        let found = name.parse().map(|address| vec![address]);
        found.map_err(|_| IoError::new(label, Path::new(name), ErrorKind::NotFound))
    }

    fn listen(&self, label: &'static Label, address: &Address) -> IoResult<Arc<dyn Listener>> {
        let (core, process) = (self.core(), self.process());
        let entered = core.enter(label, Operation::Connect).map_err(|Dead| dead(label, address))?;
        let mut state = core.state();
        let mut address = address.clone();
        if let Address::Ip(ip) = &mut address
            && ip.port() == 0
        {
            ip.set_port(FIRST_FREE_PORT + state.network.ports);
            state.network.ports += 1;
        }
        let taken = state.network.doors.iter().any(|door| door.open && door.address == address);
        let file = state.trace.file(&PathBuf::from(address.to_string()));
        let result = if taken { Err(ErrorKind::AddrInUse) } else { Ok(state.network.doors.len()) };
        if result.is_ok() {
            state.next_resource += 1;
            let resource = state.next_resource;
            let door =
                Door { address: address.clone(), process, open: true, waiting: VecDeque::new(), resource };
            state.network.doors.push(door);
        }
        let run = state.network.run;
        drop(state);
        core.leave(&entered, file, 0, outcome(&result, |_| Outcome::Done));
        let number = result.map_err(|kind| failed(label, &address, kind))?;
        Ok(Arc::new(SimListener { shared: self.shared(), address, number, run, file }))
    }

    fn connect(
        &self,
        label: &'static Label,
        address: &Address,
        _: Option<Duration>,
    ) -> IoResult<Arc<dyn Stream>> {
        let core = self.core();
        let entered = core.enter(label, Operation::Connect).map_err(|Dead| dead(label, address))?;
        let mut state = core.state();
        let refused = entered.fault == Some(FaultKind::ConnectionRefused);
        if refused {
            state.books(entered.who, label).inject(FaultKind::ConnectionRefused, Place::default());
        }
        let open = |door: &Door| door.open && door.address == *address;
        let result = match state.network.doors.iter().position(open) {
            Some(door) if !refused => Ok(door),
            Some(_) | None => Err(ErrorKind::ConnectionRefused),
        };
        let result = result.map(|door| {
            let State { network, next_resource, .. } = &mut *state;
            let near = network.ends.len();
            network.end(self.process(), near + 1, next_resource);
            let far_process = network.doors[door].process;
            let far = network.end(far_process, near, next_resource);
            network.doors[door].waiting.push_back(far);
            let resource = network.doors[door].resource;
            state.wake(label, resource, true);
            near
        });
        let file = state.trace.file(&PathBuf::from(address.to_string()));
        let run = state.network.run;
        drop(state);
        core.leave(&entered, file, 0, outcome(&result, |end| Outcome::Value(*end as u64)));
        let end = result.map_err(|kind| failed(label, address, kind))?;
        Ok(Arc::new(SimStream { shared: self.shared(), peer: address.clone(), end, run, file }))
    }
}

impl SimListener {
    fn core(&self) -> &Core {
        self.shared.get()
    }
}

impl Listener for SimListener {
    fn accept(&self, label: &'static Label) -> IoResult<Option<Arc<dyn Stream>>> {
        let core = self.core();
        let entered = core.enter(label, Operation::Connect).map_err(|Dead| dead(label, &self.address))?;
        let accepted = loop {
            let mut state = core.state();
            let door = &mut state.network.doors[self.number];
            let resource = door.resource;
            if !door.open {
                break None;
            }
            if let Some(end) = door.waiting.pop_front() {
                break Some(end);
            }
            drop(state);
            core.block(label, resource, None);
        };
        core.leave(&entered, self.file, 0, accepted.map_or(Outcome::Done, |end| Outcome::Value(end as u64)));
        let peer = Address::Ip(SocketAddr::from(([127, 0, 0, 1], 1)));
        let (run, file) = (self.run, self.file);
        let stream = |end| Arc::new(SimStream { shared: Arc::clone(&self.shared), peer, end, run, file });
        Ok(accepted.map(|end| stream(end) as Arc<dyn Stream>))
    }

    fn close(&self, label: &'static Label) {
        let core = self.core();
        let Ok(entered) = core.enter(label, Operation::Connect) else { return };
        core.state().close_door(label, self.number);
        core.leave(&entered, self.file, 0, Outcome::Done);
    }

    fn local_address(&self) -> Address {
        self.address.clone()
    }
}

impl Drop for SimListener {
    fn drop(&mut self) {
        // As for files: a destructor must not panic.
        if self.shared.is_here()
            && let Some(mut state) = self.core().try_state()
            && state.network.run == self.run
            && state.network.doors[self.number].open
        {
            state.close_door(&GONE, self.number);
        }
    }
}

impl SimStream {
    fn core(&self) -> &Core {
        self.shared.get()
    }

    /// Changes the end by a call that waits for nobody.
    fn change(&self, label: &'static Label, change: impl FnOnce(&mut State, usize)) -> IoResult<()> {
        let core = self.core();
        let entered = core.enter(label, Operation::Connect).map_err(|Dead| dead(label, &self.peer))?;
        change(&mut core.state(), self.end);
        core.leave(&entered, self.file, self.end as u64, Outcome::Done);
        Ok(())
    }

    /// Reads, or waits for what there is to read.
    fn read_when_there(&self, entered: &Entered, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let core = self.core();
        let mut until = None;
        loop {
            let mut state = core.state();
            if state.breaks(entered, self.end) {
                return Err(ErrorKind::ConnectionReset);
            }
            let now = state.clock.now();
            let wanted = state.split(entered, buffer.len());
            let end = &mut state.network.ends[self.end];
            let (resource, writers) = (end.readable, end.writable);
            let arrives = match end.read(now, &mut buffer[..wanted]) {
                Found::Bytes(count) => {
                    state.wake(entered.label, writers, true);
                    return Ok(count);
                }
                Found::Failed(kind) => return Err(kind),
                Found::Nothing(arrives) => arrives,
            };
            let too_late =
                *until
                    .get_or_insert(end.limit.map(|limit| {
                        now.saturating_add(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX))
                    }));
            if too_late.is_some_and(|too_late| too_late <= now) {
                return Err(ErrorKind::TimedOut);
            }
            let next = arrives.into_iter().chain(too_late).min();
            drop(state);
            let limit = next.map(|next| Duration::from_nanos(next.saturating_sub(now)));
            core.block(entered.label, resource, limit);
        }
    }
}

impl SimStream {
    /// Writes, or waits until the other side takes something.
    fn write_when_taken(&self, entered: &Entered, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let core = self.core();
        let mut until = None;
        loop {
            let mut state = core.state();
            if let Some(count) = state.write_to(entered, self.end, bytes)? {
                return Ok(count);
            }
            let now = state.clock.now();
            let end = &state.network.ends[self.end];
            let resource = state.network.ends[end.other].writable;
            let too_late =
                *until
                    .get_or_insert(end.write_limit.map(|limit| {
                        now.saturating_add(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX))
                    }));
            if too_late.is_some_and(|too_late| too_late <= now) {
                return Err(ErrorKind::TimedOut);
            }
            drop(state);
            let limit = too_late.map(|too_late| Duration::from_nanos(too_late - now));
            core.block(entered.label, resource, limit);
        }
    }
}

impl Stream for SimStream {
    fn read(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<usize> {
        let core = self.core();
        let entered = core.enter(label, Operation::Receive).map_err(|Dead| dead(label, &self.peer))?;
        let result = self.read_when_there(&entered, buffer);
        let told = outcome(&result, |count| Outcome::Bytes(*count as u64));
        core.leave(&entered, self.file, self.end as u64, told);
        result.map_err(|kind| failed(label, &self.peer, kind))
    }

    fn write(&self, label: &'static Label, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        let bytes: Vec<u8> = buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
        let core = self.core();
        core.state().trace.absorb(digest(&bytes));
        let entered = core.enter(label, Operation::Send).map_err(|Dead| dead(label, &self.peer))?;
        let result = self.write_when_taken(&entered, &bytes);
        let told = outcome(&result, |count| Outcome::Bytes(*count as u64));
        core.leave(&entered, self.file, self.end as u64, told);
        result.map_err(|kind| failed(label, &self.peer, kind))
    }

    fn set_read_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()> {
        self.change(label, |state, end| state.network.ends[end].limit = limit)
    }

    fn set_write_limit(&self, label: &'static Label, limit: Option<Duration>) -> IoResult<()> {
        self.change(label, |state, end| state.network.ends[end].write_limit = limit)
    }

    fn shutdown(&self, label: &'static Label, direction: StreamDirection) -> IoResult<()> {
        self.change(label, |state, number| {
            if matches!(direction, StreamDirection::Read | StreamDirection::Both) {
                state.network.ends[number].no_reads = true;
                state.wake_reader(label, number);
            }
            if matches!(direction, StreamDirection::Write | StreamDirection::Both) {
                let end = &mut state.network.ends[number];
                end.no_writes = true;
                let (other, now) = (end.other, state.clock.now());
                state.wake_writer(label, other);
                let far = &mut state.network.ends[other];
                if far.ended.is_none() {
                    far.ended = Some(far.newest().max(now + LATENCY_NANOSECONDS));
                }
                state.wake_reader(label, other);
            }
        })
    }

    fn allow_interrupts(&self, label: &'static Label) -> IoResult<()> {
        self.change(label, |state, end| state.network.ends[end].interruptible = true)
    }

    fn interrupt(&self, label: &'static Label) {
        // Whoever is being taken down reaches nobody any more.
        let _ = self.change(label, |state, end| {
            if state.network.ends[end].interruptible {
                state.network.ends[end].interrupted = true;
                state.wake_reader(label, end);
            }
        });
    }

    fn peer_address(&self) -> Address {
        self.peer.clone()
    }

    fn is_own_user(&self) -> bool {
        false
    }
}

impl Drop for SimStream {
    fn drop(&mut self) {
        // As for files: a destructor must not panic.
        if self.shared.is_here()
            && let Some(mut state) = self.core().try_state()
            && state.network.run == self.run
        {
            state.close_end(&GONE, self.end);
        }
    }
}
