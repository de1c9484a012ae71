//! Real sockets: what only the real world has.

#![cfg(not(hornbeam_loom))]

use env::real::RealEnv;
use env::{Address, Env, StreamExt};
use std::io::ErrorKind;
use std::path::Path;

env::labels! {
    SOCKET: "test.socket", Network, "nothing";
}

#[test]
fn the_real_world_keeps_the_promises_about_sockets() {
    for promise in env::conformance::SOCKETS {
        (promise.check)(&RealEnv::new(), Path::new(""));
    }
}

#[test]
fn a_numeric_name_is_an_address() {
    let world = RealEnv::new();
    let network = world.network().expect("the real world has sockets");
    let resolved = network.resolve(&SOCKET, "127.0.0.1:5432").expect("an address is a name");
    assert_eq!(resolved, [([127, 0, 0, 1], 5432).into()]);
}

#[test]
fn a_socket_of_unix_is_a_file_as_long_as_somebody_listens() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    let world = RealEnv::new();
    let network = world.network().expect("the real world has sockets");
    let address = Address::Path(path.clone());
    let listener = network.listen(&SOCKET, &address).expect("nobody listens there");
    let stream = network.connect(&SOCKET, &address, None).expect("it listens");
    let accepted = listener.accept(&SOCKET).expect("a connection").expect("not closed");
    assert!(accepted.is_own_user() || !cfg!(target_os = "linux"));
    stream.write_all(&SOCKET, b"x").expect("writable");
    assert_eq!(accepted.read_some(&SOCKET, &mut [0; 1]), Ok(1));
    let taken = network.listen(&SOCKET, &address).err().expect("somebody listens there");
    assert_eq!(taken.kind, ErrorKind::AddrInUse);
    listener.close(&SOCKET);
    assert_eq!(world.identity(&SOCKET, &path), Ok(None));
}
