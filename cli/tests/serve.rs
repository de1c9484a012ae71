//! `hornbeam serve`, as a process: it tells where it is reached, stops when it is told to, and loses nothing when it is killed.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

mod served;

use served::{Served, serve};

/// What a client says that knows no more than the protocol.
impl Served {
    /// Says a statement, and waits until it is answered; all that was answered.
    fn query(&self, stream: &mut TcpStream, text: &str) -> String {
        let length = (text.len() as u32 + 5).to_be_bytes();
        stream.write_all(&[b"Q", &length[..], text.as_bytes(), b"\0"].concat()).unwrap();
        self.up_to_ready(stream)
    }

    fn log_in(&self) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"\0\0\0\x17\0\x03\0\0user\0postgres\0\0").unwrap();
        self.up_to_ready(&mut stream);
        stream
    }

    fn up_to_ready(&self, stream: &mut TcpStream) -> String {
        let mut told = String::new();
        loop {
            let mut head = [0; 5];
            stream.read_exact(&mut head).unwrap();
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length - 4];
            stream.read_exact(&mut body).unwrap();
            told.push_str(&String::from_utf8_lossy(&body));
            if head[0] == b'Z' {
                return told;
            }
        }
    }
}

#[test]
fn a_signal_stops_it_with_exit_code_0_and_the_file_is_whole() {
    for signal in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let mut served = serve(&["app.db"], directory.path());
        let mut stream = served.log_in();
        served.query(&mut stream, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
        assert_eq!(served.signal(signal), Some(0));
        let shown = Command::new(env!("CARGO_BIN_EXE_hornbeam"))
            .args(["app.db", "-c", "SELECT sum(a) FROM t"])
            .current_dir(directory.path())
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&shown.stdout).contains("500500"));
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let mut served = serve(&["app.db"], directory.path());
        let mut stream = served.log_in();
        served.query(&mut stream, "CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY, b text)");
        for row in 0..20 {
            let told =
                served.query(&mut stream, &format!("INSERT INTO t VALUES ({}, 'x')", round * 100 + row));
            assert!(told.contains("INSERT 0 1"), "{told}");
        }
        // One that is not acknowledged.
        served.query(&mut stream, "BEGIN; INSERT INTO t VALUES (1, 'never')");
        served.signal("KILL");
        let served = serve(&["app.db"], directory.path());
        let mut stream = served.log_in();
        let told = served.query(&mut stream, "SELECT 'count ' || count(*) || ' least ' || min(a) FROM t");
        assert!(told.contains(&format!("count {} least 100", round * 20)), "{told}");
        let mut served = served;
        assert_eq!(served.signal("TERM"), Some(0));
    }
}

#[test]
fn a_database_in_memory_needs_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut served = serve(&["--memory"], directory.path());
    let mut stream = served.log_in();
    assert!(served.query(&mut stream, "SELECT 6 * 7").contains("42"));
    assert_eq!(served.signal("TERM"), Some(0));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// The server stays, whatever its clients' functions call: each of these would take more stack than there is.
#[test]
fn recursion_of_clients_ends_with_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let mut served = serve(&["--memory"], directory.path());
    let mut stream = served.log_in();
    let nest = |levels: usize, open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    for body in [
        "return f(n + 1);".to_owned(),
        format!("return {};", nest(400, "(1 + ", "f(n + 1)", ")")),
        format!("return {};", nest(200, "(case when n > 0 then ", "f(n + 1)", " else 0 end)")),
        format!(
            "return (select {});",
            nest(100, "(select max(x) from (select ", "f(n + 1)", " as x) q group by x + 0)")
        ),
        format!("{} return 0;", nest(500, "begin if n > 0 then ", "return f(n + 1);", " end if; end; ")),
        "execute 'select f($1)' into n using n + 1; return n;".to_owned(),
    ] {
        let made = format!(
            "CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        );
        let told = served.query(&mut stream, &made);
        assert!(told.contains("CREATE FUNCTION"), "{told}");
        let told = served.query(&mut stream, "SELECT f(1)");
        assert!(told.contains("54001"), "{told}");
        assert!(told.contains("stack depth limit exceeded"), "{told}");
    }
    assert_eq!(served.signal("TERM"), Some(0));
}

/// What the planner orders at once has a limit: what is more is planned apart, with the same rows.
#[test]
fn more_joins_than_are_ordered_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut served = serve(&["--memory"], directory.path());
    let mut stream = served.log_in();
    served.query(&mut stream, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
    let lateral: String = (1..100)
        .map(|number| {
            let before = number - 1;
            format!(" LEFT JOIN LATERAL (SELECT x FROM (VALUES (a{before}.x + 1)) z(x)) a{number}(x) ON true")
        })
        .collect();
    let query = format!("SELECT 'sum ' || a99.x FROM (VALUES (1)) a0(x){lateral}");
    let told = served.query(&mut stream, &query);
    assert!(told.contains("sum 100"), "{told}");
    for join in ["JOIN", "LEFT JOIN"] {
        let joined: String =
            (1..80).map(|number| format!(" {join} t t{number} ON t{number}.a = t.a")).collect();
        let told = served.query(&mut stream, &format!("SELECT 'sum ' || sum(t.a + t79.a) FROM t{joined}"));
        assert!(told.contains("sum 6"), "{told}");
    }
    assert_eq!(served.signal("TERM"), Some(0));
}
