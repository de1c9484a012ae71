//! `hornbeam serve`, as a process: it tells where it is reached, stops when it is told to, and loses nothing when it is killed.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Served {
    child: Child,
    address: String,
}

fn serve(arguments: &[&str], directory: &Path) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hornbeam"))
        .args(["serve", "--port", "0"])
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address =
        line.trim().strip_prefix("postgresql://postgres@").and_then(|rest| rest.strip_suffix("/postgres"));
    Served { address: address.unwrap_or_else(|| panic!("{line}")).to_owned(), child }
}

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

    fn signal(&mut self, name: &str) -> Option<i32> {
        let done = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
        self.child.wait().unwrap().code()
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

/// psql, where it is installed: its own queries of the catalog are its business, and they work.
#[test]
fn psql_is_at_home() {
    if Command::new("psql").arg("--version").output().is_err() {
        eprintln!("psql is not installed: nothing was tested");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut served = serve(&["app.db"], directory.path());
    let mut psql = Command::new("psql")
        .args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            &format!("postgresql://postgres@{}/postgres", served.address),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = "CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x');\n\\d t\n\\copy t (a) from stdin\n1\n2\n\\.\n\
        SELECT a AS last FROM t ORDER BY a DESC LIMIT 1 \\gset\n\\echo last :last\n\\copy t to stdout\n\\dt\n\\di\n\\l\n\\dn\n\\du\n\
        SELECT $1::int + $2 AS sum \\bind 40 2 \\g\n";
    // `\\bind` came with psql 16.
    let version = Command::new("psql").arg("--version").output().unwrap();
    let major = String::from_utf8_lossy(&version.stdout).split_whitespace().nth(2).map(str::to_owned);
    let major: f64 = major.and_then(|major| major.parse().ok()).unwrap_or(0.0);
    let script = if major < 16.0 { &script[..script.find("SELECT $1").unwrap()] } else { script };
    psql.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let done = psql.wait_with_output().unwrap();
    let (told, complaints) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{told}{complaints}");
    for expected in ["\"t_pkey\" PRIMARY KEY, btree (a)", "last 2", "2\tx", "List of databases"] {
        assert!(told.contains(expected), "{expected:?} is missing in {told}{complaints}");
    }
    assert_eq!(served.signal("TERM"), Some(0));
}

/// pg_dump, where it is installed: what it writes psql loads into another database, of which it writes the same.
#[test]
fn pg_dump_writes_what_psql_loads() {
    if Command::new("pg_dump").arg("--version").output().is_err() {
        eprintln!("pg_dump is not installed: nothing was tested");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut served = serve(&["app.db"], directory.path());
    let mut stream = served.log_in();
    served.query(
        &mut stream,
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'ok'); CREATE DOMAIN app.few AS int CHECK (value < 9);
        CREATE TABLE app.one (a serial PRIMARY KEY, b app.mood DEFAULT 'ok', c app.few, d text[], UNIQUE (b, c));
        CREATE TABLE app.two (a int REFERENCES app.one ON DELETE CASCADE, b bigint GENERATED ALWAYS AS IDENTITY);
        CREATE INDEX ON app.two (b DESC) WHERE a > 0; CREATE VIEW app.both AS SELECT b, d FROM app.one;
        CREATE TABLE app.parts (a int, b text) PARTITION BY RANGE (a); CREATE INDEX ON app.parts (b);
        CREATE TABLE app.low PARTITION OF app.parts FOR VALUES FROM (0) TO (10);
        CREATE FUNCTION app.next(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + 1';
        COMMENT ON COLUMN app.one.b IS 'how it is'; CREATE ROLE reader; GRANT SELECT ON app.one TO reader;
        INSERT INTO app.one (c, d) VALUES (1, '{x,NULL}'), (NULL, NULL); INSERT INTO app.two VALUES (1), (2);
        INSERT INTO app.parts VALUES (1, 'a'); SELECT setval('app.one_a_seq', 40)",
    );
    assert!(served.query(&mut stream, "CREATE DATABASE again").contains("CREATE DATABASE"));
    let url = |database: &str| format!("postgresql://postgres@{}/{database}", served.address);
    let dump = |database: &str| {
        let done = Command::new("pg_dump").arg(url(database)).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let text = String::from_utf8(done.stdout).unwrap();
        // A word drawn for each dump.
        let is_drawn = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
        text.lines().filter(|line| !is_drawn(line)).collect::<Vec<_>>().join("\n")
    };
    let first = dump("postgres");
    for expected in [
        "CREATE TYPE app.mood",
        "ATTACH PARTITION app.low",
        "1\tok\t1\t{x,NULL}",
        "GRANT SELECT ON TABLE app.one",
    ] {
        assert!(first.contains(expected), "{expected:?} is missing in {first}");
    }
    let file = directory.path().join("dump.sql");
    std::fs::write(&file, &first).unwrap();
    let loaded = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(&file)
        .arg(url("again"))
        .output()
        .unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    assert_eq!(dump("again"), first);
    assert_eq!(served.signal("TERM"), Some(0));
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
