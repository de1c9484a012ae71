//! Real sockets on the loopback interface.

#![cfg(not(hornbeam_loom))]

use env::real::RealEnv;
use env::{Env, StreamDirection, StreamExt};
use std::io::ErrorKind;
use std::time::Duration;

env::labels! {
    SOCKET: "test.socket", Network, "nothing";
    TASK: "test.task", Task, "nothing";
}

#[test]
fn bytes_go_both_ways_and_the_end_is_seen() {
    let world = RealEnv::new();
    let network = world.network().expect("the real world has sockets");
    let listener = network.listen(&SOCKET, ([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = listener.local_address();
    let echo = move || {
        let stream = listener.accept(&SOCKET).expect("a connection").expect("not closed");
        let mut buffer = [0; 7];
        loop {
            match stream.read_some(&SOCKET, &mut buffer).expect("readable") {
                0 => break,
                count => stream.write_all(&SOCKET, &buffer[..count]).expect("writable"),
            }
        }
        stream.shutdown(&SOCKET, StreamDirection::Write).expect("still open");
    };
    let task = world.spawn(&TASK, "echo", Box::new(echo)).expect("started");
    let stream = network.connect(&SOCKET, address, Some(Duration::from_secs(5))).expect("it listens");
    assert_eq!(stream.peer_address(), address);
    stream.write_all(&SOCKET, b"through the loopback").expect("writable");
    let mut answer = [0; 20];
    stream.read_exact(&SOCKET, &mut answer).expect("an echo");
    assert_eq!(&answer, b"through the loopback");
    stream.shutdown(&SOCKET, StreamDirection::Write).expect("still open");
    let end = stream.read_exact(&SOCKET, &mut answer).expect_err("the other side has ended");
    assert_eq!(end.kind, ErrorKind::UnexpectedEof);
    assert_eq!(task.join(), Ok(()));
}

#[test]
fn closing_a_listener_ends_a_waiting_accept() {
    let world = RealEnv::new();
    let network = world.network().expect("the real world has sockets");
    let listener = network.listen(&SOCKET, ([127, 0, 0, 1], 0).into()).expect("a free port");
    let waiting = std::sync::Arc::clone(&listener);
    let body = Box::new(move || assert!(waiting.accept(&SOCKET).expect("no failure").is_none()));
    let task = world.spawn(&TASK, "acceptor", body).expect("started");
    world.sleep(&TASK, Duration::from_millis(20));
    listener.close(&SOCKET);
    assert_eq!(task.join(), Ok(()));
    assert!(listener.accept(&SOCKET).expect("no failure").is_none());
}

#[test]
fn a_read_limit_ends_a_wait_and_a_refused_connection_names_the_address() {
    let world = RealEnv::new();
    let network = world.network().expect("the real world has sockets");
    let listener = network.listen(&SOCKET, ([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = listener.local_address();
    let stream = network.connect(&SOCKET, address, None).expect("it listens");
    stream.set_read_limit(&SOCKET, Some(Duration::from_millis(5))).expect("settable");
    let error = stream.read_some(&SOCKET, &mut [0; 1]).expect_err("nothing comes");
    assert_eq!(error.kind, ErrorKind::TimedOut);
    drop((stream, listener));
    let refused = network.connect(&SOCKET, address, None).err().expect("nobody listens");
    assert_eq!(refused.path.display().to_string(), address.to_string());
    let resolved = network.resolve(&SOCKET, &address.to_string()).expect("an address is a name");
    assert_eq!(resolved, [address]);
}
