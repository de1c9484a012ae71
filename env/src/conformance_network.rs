//! What every world with sockets promises about them.

use crate::conformance::Promise;
use crate::{Env, IoResult, Listener, Network, SocketAddr, Stream, StreamDirection, StreamExt, TaskHandle};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

crate::labels! {
    SOCKET: "conformance.socket", Network, "the suite itself";
    TASK: "conformance.socket.task", Task, "the suite itself";
    WAIT: "conformance.socket.wait", Clock, "the suite itself";
}

/// What worlds with sockets, which can start tasks, promise about them.
pub const SOCKETS: &[Promise] = &[
    Promise { name: "bytes go both ways, and the end is seen", check: both_ways },
    Promise { name: "more than fits on the way waits for its reader", check: large },
    Promise { name: "closing a listener ends a waiting accept", check: close },
    Promise { name: "a read limit ends a wait", check: limit },
    Promise { name: "a refused connection names its address", check: refused },
    Promise {
        name: "an interrupt ends a read that waits or the next that would, and loses nothing",
        check: interrupt,
    },
    Promise { name: "ending the reading half wakes who reads", check: end_of_reading },
    Promise { name: "who has gone is read as an end", check: gone },
];

const ANYWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 0);
const TIRELESS: &str = "sockets work in this world";

fn sockets(env: &dyn Env) -> &dyn Network {
    env.network().expect("this world has sockets")
}

fn listen(env: &dyn Env) -> Arc<dyn Listener> {
    sockets(env).listen(&SOCKET, &SocketAddr::from(ANYWHERE).into()).expect("a free port")
}

fn pair(env: &dyn Env) -> [Arc<dyn Stream>; 2] {
    let listener = listen(env);
    let address = listener.local_address();
    let stream = sockets(env).connect(&SOCKET, &address, Some(Duration::from_secs(5))).expect("it listens");
    assert_eq!(stream.peer_address(), address);
    let accepted = listener.accept(&SOCKET).expect("a connection").expect("not closed");
    [stream, accepted]
}

fn task(env: &dyn Env, body: impl FnOnce() + Send + 'static) -> Box<dyn TaskHandle> {
    env.spawn(&TASK, "other", Box::new(body)).expect("started")
}

fn kind<T>(result: IoResult<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind)
}

fn both_ways(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    let echo = task(env, move || {
        let mut buffer = [0; 7];
        loop {
            match other.read_some(&SOCKET, &mut buffer).expect("readable") {
                0 => break,
                count => other.write_all(&SOCKET, &buffer[..count]).expect("writable"),
            }
        }
        other.shutdown(&SOCKET, StreamDirection::Write).expect("still open");
    });
    stream.write_all(&SOCKET, b"through the loopback").expect("writable");
    let mut answer = [0; 20];
    stream.read_exact(&SOCKET, &mut answer).expect("an echo");
    assert_eq!(&answer, b"through the loopback");
    stream.shutdown(&SOCKET, StreamDirection::Write).expect("still open");
    assert_eq!(kind(stream.read_exact(&SOCKET, &mut answer)), Some(ErrorKind::UnexpectedEof));
    assert_eq!(echo.join(), Ok(()));
}

fn large(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    let bytes: Vec<u8> = (0..3_000_000u32).map(|index| (index * 7 % 251) as u8).collect();
    let sent = bytes.clone();
    let writer = task(env, move || other.write_all(&SOCKET, &sent).expect(TIRELESS));
    let mut read = vec![0; bytes.len()];
    stream.read_exact(&SOCKET, &mut read).expect(TIRELESS);
    assert!(read == bytes, "every byte once, in order");
    assert_eq!(writer.join(), Ok(()));
}

fn close(env: &dyn Env, _: &Path) {
    let listener = listen(env);
    let waiting = Arc::clone(&listener);
    let other = task(env, move || assert!(waiting.accept(&SOCKET).expect("no failure").is_none()));
    env.sleep(&WAIT, Duration::from_millis(20));
    listener.close(&SOCKET);
    assert_eq!(other.join(), Ok(()));
    assert!(listener.accept(&SOCKET).expect("no failure").is_none());
}

fn limit(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    stream.set_read_limit(&SOCKET, Some(Duration::from_millis(5))).expect("settable");
    assert_eq!(kind(stream.read_some(&SOCKET, &mut [0; 1])), Some(ErrorKind::TimedOut));
    stream.allow_interrupts(&SOCKET).expect("possible");
    assert_eq!(kind(stream.read_some(&SOCKET, &mut [0; 1])), Some(ErrorKind::TimedOut));
    stream.set_read_limit(&SOCKET, None).expect("settable");
    other.write_all(&SOCKET, b"x").expect("writable");
    assert_eq!(stream.read_some(&SOCKET, &mut [0; 1]), Ok(1));
}

fn refused(env: &dyn Env, _: &Path) {
    let listener = listen(env);
    let address = listener.local_address();
    listener.close(&SOCKET);
    drop(listener);
    let refused = sockets(env).connect(&SOCKET, &address, None).err().expect("nobody listens");
    assert_eq!(refused.kind, ErrorKind::ConnectionRefused);
    assert_eq!(refused.path.display().to_string(), address.to_string());
}

fn interrupt(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    stream.allow_interrupts(&SOCKET).expect("possible");
    stream.interrupt(&SOCKET);
    assert_eq!(kind(stream.read_some(&SOCKET, &mut [0; 1])), Some(ErrorKind::WouldBlock));
    let waiting = Arc::clone(&stream);
    let reader = task(env, move || {
        assert_eq!(kind(waiting.read_some(&SOCKET, &mut [0; 1])), Some(ErrorKind::WouldBlock));
    });
    env.sleep(&WAIT, Duration::from_millis(20));
    stream.interrupt(&SOCKET);
    assert_eq!(reader.join(), Ok(()));
    other.write_all(&SOCKET, b"ab").expect("writable");
    let mut bytes = [0; 2];
    stream.read_exact(&SOCKET, &mut bytes).expect(TIRELESS);
    assert_eq!(&bytes, b"ab");
}

fn end_of_reading(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    let waiting = Arc::clone(&stream);
    let reader = task(env, move || assert_eq!(waiting.read_some(&SOCKET, &mut [0; 1]), Ok(0)));
    env.sleep(&WAIT, Duration::from_millis(20));
    stream.shutdown(&SOCKET, StreamDirection::Read).expect("still open");
    assert_eq!(reader.join(), Ok(()));
    stream.write_all(&SOCKET, b"x").expect("the other half is open");
    assert_eq!(other.read_some(&SOCKET, &mut [0; 1]), Ok(1));
}

fn gone(env: &dyn Env, _: &Path) {
    let [stream, other] = pair(env);
    other.write_all(&SOCKET, b"last words").expect("writable");
    drop(other);
    let mut words = [0; 10];
    stream.read_exact(&SOCKET, &mut words).expect("they were sent");
    assert_eq!(stream.read_some(&SOCKET, &mut words), Ok(0));
}
