//! A server on real sockets: it starts, serves, encrypts, and stops.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use env::Address;
use env::memory::MemoryEnv;
use env::real::RealEnv;
use rustls::pki_types::{CertificateDer, ServerName};
use server::server::StartError;
use server::{Options, Server};
use session::Engine;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreOptions};

fn start(options: Options) -> Result<Server, StartError> {
    let world: Arc<dyn env::Env> = Arc::new(MemoryEnv::new());
    let store = Store::open(world.clone(), Path::new("app.db"), StoreOptions::default()).unwrap();
    Server::start(Engine::new(world, store).unwrap(), Arc::new(RealEnv::new()), options)
}

fn anywhere() -> Options {
    Options { addresses: vec![SocketAddr::from(([127, 0, 0, 1], 0))], ..Options::default() }
}

fn connect(server: &Server) -> TcpStream {
    let Address::Ip(address) = server.addresses()[0] else { panic!("no port") };
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

const STARTUP: &[u8] = b"\0\0\0\x17\0\x03\0\0user\0postgres\0\0";
const TLS_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";

fn query(text: &str) -> Vec<u8> {
    let length = (text.len() as u32 + 5).to_be_bytes();
    [b"Q", &length[..], text.as_bytes(), b"\0"].concat()
}

/// Reads messages up to the one of this kind; their kinds, and the body of the last.
fn up_to(stream: &mut impl Read, last: u8) -> (String, Vec<u8>) {
    let mut kinds = String::new();
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length - 4];
        stream.read_exact(&mut body).unwrap();
        kinds.push(head[0] as char);
        if head[0] == last {
            return (kinds, body);
        }
    }
}

#[test]
fn a_server_serves_and_when_it_stops_tells_everybody() {
    let server = start(anywhere()).unwrap();
    let mut stream = connect(&server);
    stream.write_all(STARTUP).unwrap();
    assert!(up_to(&mut stream, b'Z').0.ends_with("KZ"));
    stream.write_all(&query("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)")).unwrap();
    assert_eq!(up_to(&mut stream, b'Z'), ("CCCZ".to_owned(), b"T".to_vec()));
    // One is at the door, one is in a statement, one rests.
    let mut door = connect(&server);
    let mut busy = connect(&server);
    busy.write_all(STARTUP).unwrap();
    up_to(&mut busy, b'Z');
    busy.write_all(&query("SELECT pg_sleep(1000)")).unwrap();
    let others =
        "SELECT 'busy ' || count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()";
    loop {
        stream.write_all(&query(others)).unwrap();
        let (_, row) = up_to(&mut stream, b'D');
        up_to(&mut stream, b'Z');
        if row.ends_with(b"busy 1") {
            break;
        }
    }
    assert!(server.stop());
    for stream in [&mut stream, &mut busy] {
        let (kinds, told) = up_to(stream, b'E');
        let told = String::from_utf8_lossy(&told);
        assert!(kinds.ends_with('E') && told.contains("FATAL") && told.contains("57P01"), "{kinds} {told}");
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
    assert_eq!(door.read(&mut [0]).unwrap(), 0);
}

#[test]
fn who_is_terminated_while_he_rests_is_told_at_once() {
    let server = start(anywhere()).unwrap();
    let (mut resting, mut other) = (connect(&server), connect(&server));
    for stream in [&mut resting, &mut other] {
        stream.write_all(STARTUP).unwrap();
        up_to(stream, b'Z');
    }
    let text = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    other.write_all(&query(text)).unwrap();
    // Without a warning: he was gone before the minute was over.
    assert_eq!(up_to(&mut other, b'Z').0, "TDCZ");
    assert!(String::from_utf8_lossy(&up_to(&mut resting, b'E').1).contains("57P01"));
    assert!(server.stop());
}

#[test]
fn a_statement_is_cancelled_over_another_connection() {
    let server = start(anywhere()).unwrap();
    let mut stream = connect(&server);
    stream.write_all(STARTUP).unwrap();
    let (_, key) = up_to(&mut stream, b'K');
    up_to(&mut stream, b'Z');
    stream.write_all(&query("SELECT 1 FROM pg_sleep(1000)")).unwrap();
    // A wrong secret does nothing; it does not even say so.
    let mut wrong = key.clone();
    wrong[7] ^= 1;
    for key in [&wrong, &key] {
        let mut cancel = connect(&server);
        cancel.write_all(&[b"\0\0\0\x10\x04\xd2\x16\x2e", key.as_slice()].concat()).unwrap();
        assert_eq!(cancel.read(&mut [0]).unwrap(), 0);
    }
    // It may have come before the statement began: then it is said again.
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    while stream.peek(&mut [0]).is_err() {
        let mut cancel = connect(&server);
        cancel.write_all(&[b"\0\0\0\x10\x04\xd2\x16\x2e", key.as_slice()].concat()).unwrap();
    }
    let (_, told) = up_to(&mut stream, b'E');
    assert!(String::from_utf8_lossy(&told).contains("57014"));
    assert!(server.stop());
}

#[test]
fn who_takes_too_long_to_log_in_is_let_go_however_he_draws_it_out() {
    let server = start(Options { login_timeout: Duration::from_millis(300), ..anywhere() }).unwrap();
    let mut stream = connect(&server);
    for byte in STARTUP.iter().take(10) {
        std::thread::sleep(Duration::from_millis(50));
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
    }
    let mut told = Vec::new();
    // The end may come as a reset: bytes were on their way.
    let _ = stream.read_to_end(&mut told);
    assert!(String::from_utf8_lossy(&told).contains("57014"), "{told:?}");
    assert!(server.stop());
}

#[test]
fn other_machines_need_passwords() {
    let addresses = vec![SocketAddr::from(([0, 0, 0, 0], 0))];
    let refused = start(Options { addresses: addresses.clone(), ..Options::default() });
    assert!(matches!(refused, Err(StartError::Open(_))));
    let authentication = server::Authentication::Scram;
    let server = start(Options { addresses, authentication, ..Options::default() }).unwrap();
    assert!(server.stop());
}

#[test]
fn encrypted_connections_serve_as_well_and_others_are_turned_away_where_they_must_be() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let encryption = server::tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let server =
        start(Options { encryption: Some(encryption), encryption_required: true, ..anywhere() }).unwrap();

    let mut plain = connect(&server);
    plain.write_all(STARTUP).unwrap();
    assert!(String::from_utf8_lossy(&up_to(&mut plain, b'E').1).contains("28000"));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(made.cert.der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let settings = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let name = ServerName::try_from("localhost").unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(settings.with_no_client_auth()), name).unwrap();
    let mut stream = connect(&server);
    stream.write_all(TLS_REQUEST).unwrap();
    let mut said = [0];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, *b"S");
    let mut stream = rustls::StreamOwned::new(connection, stream);
    stream.write_all(STARTUP).unwrap();
    up_to(&mut stream, b'Z');
    // An answer that is longer than any record.
    stream.write_all(&query("SELECT repeat('x', 1000000)")).unwrap();
    assert_eq!(up_to(&mut stream, b'D').1.len(), 1_000_006);
    // And a statement that is.
    stream.write_all(&query(&format!("SELECT length('{}')", "y".repeat(1_000_000)))).unwrap();
    up_to(&mut stream, b'Z');
    let (_, row) = up_to(&mut stream, b'D');
    assert!(row.ends_with(b"1000000"));
    assert!(server.stop());
}

#[test]
fn bytes_before_the_handshake_are_refused() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let encryption = server::tls::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap();
    let server = start(Options { encryption: Some(encryption), ..anywhere() }).unwrap();
    let mut stream = connect(&server);
    stream.write_all(&[TLS_REQUEST, STARTUP].concat()).unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).unwrap();
    assert!(String::from_utf8_lossy(&told).contains("08P01"));
    assert!(server.stop());
}

#[test]
fn what_is_no_certificate_or_no_key_is_refused() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let told = |certificate: &str, key: &str| {
        server::tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err().to_string()
    };
    assert!(told("", &key).contains("CERTIFICATE"));
    assert!(told(&certificate, "none").contains("private key"));
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    assert!(told(&certificate, &other.signing_key.serialize_pem()).contains("cannot be used"));
}

#[test]
fn who_listens_hears_of_a_commit_while_he_rests() {
    let server = start(anywhere()).unwrap();
    let (mut listening, mut telling) = (connect(&server), connect(&server));
    for stream in [&mut listening, &mut telling] {
        stream.write_all(STARTUP).unwrap();
        up_to(stream, b'Z');
    }
    listening.write_all(&query("LISTEN orders")).unwrap();
    up_to(&mut listening, b'Z');
    telling.write_all(&query("NOTIFY orders, 'seven'")).unwrap();
    up_to(&mut telling, b'Z');
    let (kinds, body) = up_to(&mut listening, b'A');
    assert_eq!((kinds.as_str(), &body[4..]), ("A", b"orders\0seven\0".as_slice()));
    // It serves as before, and hears within a transaction nothing, after it everything.
    listening.write_all(&query("BEGIN")).unwrap();
    up_to(&mut listening, b'Z');
    telling.write_all(&query("NOTIFY orders, 'eight'")).unwrap();
    up_to(&mut telling, b'Z');
    listening.write_all(&query("SELECT 1")).unwrap();
    assert_eq!(up_to(&mut listening, b'Z').0, "TDCZ");
    listening.write_all(&query("COMMIT")).unwrap();
    assert_eq!(up_to(&mut listening, b'Z').0, "CAZ");
    assert!(server.stop());
}

#[test]
fn a_socket_of_unix_serves_is_replaced_when_stale_and_goes_with_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let stale = directory.path().join(".s.PGSQL.7777");
    drop(UnixListener::bind(&stale).unwrap());
    let authentication = server::Authentication::Scram;
    let options =
        || Options { addresses: Vec::new(), socket: Some(stale.clone()), authentication, ..anywhere() };
    let server = start(options()).unwrap();
    // Whoever could read the file as well needs no password.
    let mut stream = UnixStream::connect(&stale).unwrap();
    stream.write_all(STARTUP).unwrap();
    up_to(&mut stream, b'Z');
    assert!(matches!(start(options()), Err(StartError::Io(_))), "somebody listens there");
    assert!(server.stop());
    assert!(!stale.exists());
    // What is no socket is nobody's to replace.
    std::fs::write(&stale, b"kept").unwrap();
    assert!(start(options()).is_err());
    assert_eq!(std::fs::read(&stale).unwrap(), b"kept");

    let server = start(Options { socket: Some(directory.path().to_path_buf()), ..anywhere() }).unwrap();
    let addresses = server.addresses();
    let [Address::Ip(port), Address::Path(path)] = addresses.as_slice() else { panic!("{addresses:?}") };
    assert_eq!(*path, directory.path().join(format!(".s.PGSQL.{}", port.port())));
    assert!(std::fs::symlink_metadata(path).unwrap().file_type().is_socket());
    assert!(server.stop());
}

#[test]
fn figures_are_told_to_whoever_asks_by_http() {
    let metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = start(Options { metrics, ..anywhere() }).unwrap();
    let mut stream = connect(&server);
    stream.write_all(STARTUP).unwrap();
    up_to(&mut stream, b'Z');
    stream.write_all(&query("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")).unwrap();
    up_to(&mut stream, b'Z');
    stream
        .write_all(&query("SELECT host(client_addr), client_port = inet_client_port() FROM pg_stat_activity"))
        .unwrap();
    let (_, row) = up_to(&mut stream, b'D');
    assert!(row.ends_with(b"127.0.0.1\0\0\0\x01t"), "{row:?}");
    up_to(&mut stream, b'Z');
    let Some(Address::Ip(address)) = server.metrics_address() else { panic!("no port") };
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        told
    };
    let told = ask("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    let (head, body) = told.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("version=0.0.4"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
    for line in [
        "# TYPE hornbeam_sessions gauge",
        "hornbeam_sessions{state=\"idle\"} 1",
        "hornbeam_rows_total{done=\"inserted\"} 2",
        "hornbeam_connections_max 100",
    ] {
        assert!(body.lines().any(|told| told == line), "{line}: {body}");
    }
    assert!(ask("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    assert!(server.stop());
}

#[test]
fn a_full_door_lets_in_whoever_says_who_he_is() {
    let server = start(anywhere()).unwrap();
    let mut resting = guest(&server);
    let mut door: Vec<TcpStream> = (0..105).map(|_| connect(&server)).collect();
    let mut late = guest(&server);
    late.write_all(&query("SELECT 1")).unwrap();
    assert_eq!(up_to(&mut late, b'Z').0, "TDCZ");
    // Who came first had to go; who is logged in did not.
    assert!(String::from_utf8_lossy(&up_to(&mut door[0], b'E').1).contains("53300"));
    resting.write_all(&query("SELECT 1")).unwrap();
    assert_eq!(up_to(&mut resting, b'Z').0, "TDCZ");
    assert!(server.stop());
}

/// Somebody who has logged in.
fn guest(server: &Server) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(STARTUP).unwrap();
    up_to(&mut stream, b'Z');
    stream
}

/// What somebody else does to all who are there beside him.
fn to_others(server: &Server, what: &str) {
    let mut other = guest(server);
    let text = format!("SELECT {what}(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
    other.write_all(&query(&text)).unwrap();
    up_to(&mut other, b'Z');
}

#[test]
fn who_takes_nothing_is_ended_all_the_same_and_gives_back_his_locks() {
    let server = start(anywhere()).unwrap();
    let mut deaf = guest(&server);
    deaf.write_all(&query("CREATE TABLE t (a int)")).unwrap();
    up_to(&mut deaf, b'Z');
    let text = "BEGIN; LOCK TABLE t; SELECT repeat('x', 100000) FROM generate_series(1, 10000)";
    deaf.write_all(&query(text)).unwrap();
    up_to(&mut deaf, b'D');
    // It writes until nothing more is taken.
    std::thread::sleep(Duration::from_millis(500));
    to_others(&server, "pg_terminate_backend");
    let mut other = guest(&server);
    other.write_all(&query("SELECT * FROM t")).unwrap();
    assert_eq!(up_to(&mut other, b'Z').0, "TCZ");
    // And so is another, when the server stops.
    let mut deaf = guest(&server);
    deaf.write_all(&query(text)).unwrap();
    up_to(&mut deaf, b'D');
    assert!(server.stop());
}

#[test]
fn who_draws_out_a_handshake_is_let_go_as_well() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let encryption = server::tls::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap();
    let login_timeout = Duration::from_millis(300);
    let server = start(Options { encryption: Some(encryption), login_timeout, ..anywhere() }).unwrap();
    let mut stream = connect(&server);
    stream.write_all(TLS_REQUEST).unwrap();
    stream.read_exact(&mut [0]).unwrap();
    stream.write_all(b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc").unwrap();
    let mut taken = 0;
    while taken < 100 && stream.write_all(&[3]).is_ok() {
        taken += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(taken < 100, "nobody let it go in five seconds");
    assert!(server.stop());
}

#[test]
fn who_asks_for_figures_bit_by_bit_does_not_keep_the_server() {
    let metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = start(Options { metrics, ..anywhere() }).unwrap();
    let Some(Address::Ip(address)) = server.metrics_address() else { panic!("no port") };
    let mut stream = TcpStream::connect(address).unwrap();
    let mut head = TcpStream::connect(address).unwrap();
    head.write_all(b"HEAD / HTTP/1.1\r\n\r\n").unwrap();
    let drip = std::thread::spawn(move || {
        let mut taken = 0;
        while taken < 100 && stream.write_all(b"x").is_ok() {
            taken += 1;
            std::thread::sleep(Duration::from_millis(100));
        }
        taken
    });
    let mut told = String::new();
    head.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200 OK") && told.ends_with("\r\n\r\n"), "{told}");
    assert!(drip.join().unwrap() < 100, "it took as long as it liked");
    assert!(server.stop());
}

#[test]
fn who_is_asked_for_his_data_can_be_cancelled_and_is_told_that_he_is_to_go() {
    let server = start(anywhere()).unwrap();
    let mut stream = guest(&server);
    stream.write_all(&query("CREATE TABLE t (a int)")).unwrap();
    up_to(&mut stream, b'Z');
    stream.write_all(&query("COPY t FROM STDIN")).unwrap();
    up_to(&mut stream, b'G');
    to_others(&server, "pg_cancel_backend");
    stream.write_all(b"d\0\0\0\x061\nc\0\0\0\x04").unwrap();
    assert!(String::from_utf8_lossy(&up_to(&mut stream, b'E').1).contains("57014"));
    up_to(&mut stream, b'Z');
    stream.write_all(&query("COPY t FROM STDIN")).unwrap();
    up_to(&mut stream, b'G');
    to_others(&server, "pg_terminate_backend");
    assert!(String::from_utf8_lossy(&up_to(&mut stream, b'E').1).contains("57P01"));
    assert!(server.stop());
}

#[test]
fn notices_come_while_the_statement_still_runs() {
    let server = start(anywhere()).unwrap();
    let mut stream = guest(&server);
    let text = "DO $$ BEGIN RAISE NOTICE 'begun'; PERFORM pg_sleep(1000); END $$";
    stream.write_all(&query(text)).unwrap();
    assert!(String::from_utf8_lossy(&up_to(&mut stream, b'N').1).contains("begun"));
    assert!(server.stop());
}

#[test]
fn who_goes_while_his_statement_only_says_notices_holds_nothing_any_more() {
    let server = start(anywhere()).unwrap();
    let mut stream = guest(&server);
    for text in ["CREATE TABLE t AS SELECT 1 AS a", "BEGIN", "UPDATE t SET a = 2"] {
        stream.write_all(&query(text)).unwrap();
        up_to(&mut stream, b'Z');
    }
    let text = "DO $$ BEGIN LOOP RAISE NOTICE 'still here'; PERFORM pg_sleep(0.01); END LOOP; END $$";
    stream.write_all(&query(text)).unwrap();
    up_to(&mut stream, b'N');
    drop(stream);
    let mut other = guest(&server);
    other.write_all(&query("UPDATE t SET a = 3")).unwrap();
    assert_eq!(up_to(&mut other, b'Z').0, "CZ");
    assert!(server.stop());
}

#[test]
fn a_cancellation_between_two_steps_is_nobodys() {
    let server = start(anywhere()).unwrap();
    let mut stream = guest(&server);
    let parse = b"P\0\0\0\x10\0SELECT 1\0\0\0";
    let bind = b"B\0\0\0\x0c\0\0\0\0\0\0\0\0";
    let execute = b"E\0\0\0\x09\0\0\0\0\0";
    stream.write_all(&[parse.as_slice(), bind, execute, b"H\0\0\0\x04"].concat()).unwrap();
    assert_eq!(up_to(&mut stream, b'C').0, "12DC");
    to_others(&server, "pg_cancel_backend");
    stream.write_all(&[bind.as_slice(), execute, b"S\0\0\0\x04"].concat()).unwrap();
    assert_eq!(up_to(&mut stream, b'Z').0, "2DCZ");
    assert!(server.stop());
}
