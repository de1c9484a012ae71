//! Connections under faults. What they promise without any is in `files.rs`, with the promises of every world.

use env::{Address, Stream, StreamExt};
use faults::{Decisions, FaultKind, Plan};
use sim::{Scheduling, Stop, World, WorldConfig};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::sync::Arc;

env::labels! {
    SOCKET: "test.socket", Network, "nothing";
    TASK: "test.network.task", Task, "no second task";
}

const PORT: u16 = 5432;

fn address() -> Address {
    Address::Ip(([127, 0, 0, 1], PORT).into())
}

/// Bytes written by one task and read by another under a plan: what arrived, and whether both saw the end of it.
fn sent(seed: u64, plan: Plan) -> (Vec<u8>, Option<ErrorKind>, Option<ErrorKind>, World) {
    let scheduling = Scheduling::draw(&Decisions::seeded(seed));
    let world =
        World::new(WorldConfig { plan, scheduling, ..WorldConfig::default() }, Decisions::seeded(seed));
    let told = Rc::new(RefCell::new((Vec::new(), None, None)));
    let (kept, env) = (told.clone(), world.env());
    let stop = world.run(move || {
        let network = env.network().expect("the simulator has sockets");
        let listener = network.listen(&SOCKET, &address()).expect("nobody else listens");
        let stream = network.connect(&SOCKET, &address(), None).expect("it listens");
        let accepted = listener.accept(&SOCKET).expect("a connection").expect("not closed");
        let done = Arc::new(env::sync::Mutex::new(&TASK, None));
        let writes = done.clone();
        let body = move || *writes.lock() = write(&*accepted).err().map(|error| error.kind);
        let writer = env.spawn(&TASK, "writer", Box::new(body)).expect("started");
        let mut bytes = [0; 100];
        let end = loop {
            match stream.read_some(&SOCKET, &mut bytes) {
                Ok(0) => break None,
                Ok(count) => kept.borrow_mut().0.extend_from_slice(&bytes[..count]),
                Err(error) => break Some(error.kind),
            }
        };
        drop(stream);
        assert_eq!(writer.join(), Ok(()));
        kept.borrow_mut().1 = end;
        kept.borrow_mut().2 = *done.lock();
    });
    assert_eq!(stop, Stop::Finished, "seed {seed}");
    let (bytes, read, written) = told.take();
    (bytes, read, written, world)
}

fn all() -> Vec<u8> {
    (0..2_000_u32).map(|index| (index % 251) as u8).collect()
}

fn write(stream: &dyn Stream) -> env::IoResult<()> {
    all().chunks(50).try_for_each(|piece| stream.write_all(&SOCKET, piece))
}

fn count(world: &World, kind: FaultKind) -> usize {
    world.with_ledger(|ledger| ledger.faults().iter().filter(|fault| fault.kind == kind).count())
}

#[test]
fn bytes_come_in_pieces_and_late_and_all_of_them() {
    let plan = Plan::of(&[(FaultKind::StreamSplit, 300_000), (FaultKind::StreamDelayed, 100_000)]);
    for seed in 0..20 {
        let (bytes, read, written, world) = sent(seed, plan.clone());
        assert_eq!((bytes, read, written), (all(), None, None), "seed {seed}");
        assert!(count(&world, FaultKind::StreamSplit) > 0 && count(&world, FaultKind::StreamDelayed) > 0);
        assert!(world.time().as_millis() > 1);
        assert_eq!(world.hash(), sent(seed, plan.clone()).3.hash());
    }
}

#[test]
fn a_connection_that_breaks_loses_a_tail_and_both_ends_learn_it() {
    let (mut lost, mut told) = (0, 0);
    for seed in 0..60 {
        let plan = Plan::of(&[(FaultKind::ConnectionBroken, 20_000), (FaultKind::StreamDelayed, 100_000)]);
        let (bytes, read, written, world) = sent(seed, plan);
        assert!(all().starts_with(&bytes), "seed {seed}: what arrives is what was sent first");
        if count(&world, FaultKind::ConnectionBroken) == 0 {
            assert_eq!((bytes, read, written), (all(), None, None), "seed {seed}");
            continue;
        }
        assert_eq!(read, Some(ErrorKind::ConnectionReset), "seed {seed}");
        lost += usize::from(bytes.len() < all().len());
        told += usize::from(written.is_some());
    }
    assert!(lost > 10 && told > 10, "{lost} {told}");
}

#[test]
fn a_refused_connection_may_be_had_the_next_time() {
    let plan = Plan::of(&[(FaultKind::ConnectionRefused, 500_000)]);
    let world = World::new(WorldConfig { plan, ..WorldConfig::default() }, Decisions::seeded(1));
    let env = world.env();
    let stop = world.run(move || {
        let network = env.network().expect("the simulator has sockets");
        let listener = network.listen(&SOCKET, &address()).expect("nobody else listens");
        let mut refused = 0;
        while let Err(error) = network.connect(&SOCKET, &address(), None) {
            assert_eq!(error.kind, ErrorKind::ConnectionRefused);
            refused += 1;
        }
        assert!(refused > 0 && listener.accept(&SOCKET).is_ok());
    });
    assert_eq!(stop, Stop::Finished);
}

#[test]
fn who_is_killed_is_read_as_gone_and_his_port_is_free() {
    let world = World::new(WorldConfig::default(), Decisions::seeded(1));
    let (inner, env, server) = (world.clone(), world.env(), world.env_of(2));
    let stop = world.run(move || {
        let network = env.network().expect("the simulator has sockets");
        let other = server.network().expect("the simulator has sockets");
        let listener = other.listen(&SOCKET, &address()).expect("nobody else listens");
        let stream = network.connect(&SOCKET, &address(), None).expect("it listens");
        let accepted = listener.accept(&SOCKET).expect("a connection").expect("not closed");
        accepted.write_all(&SOCKET, b"x").expect("writable");
        inner.kill(2);
        let mut byte = [0];
        assert_eq!(stream.read_some(&SOCKET, &mut byte), Ok(1));
        assert_eq!(stream.read_some(&SOCKET, &mut byte), Ok(0));
        let refused = network.connect(&SOCKET, &address(), None).err().expect("nobody listens");
        assert_eq!(refused.kind, ErrorKind::ConnectionRefused);
        network.listen(&SOCKET, &address()).expect("nobody else listens");
    });
    assert_eq!(stop, Stop::Finished);
}
