//! What is measured.

use super::Benchmark;
use super::hosts::{Host, Kind};
use super::wire::Wire;
use crate::engine::Outcome;
use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
/// Connections that are made one after the other, and that are held at once.
const CONNECTIONS: usize = 300;
const HELD: usize = 50;
/// How long a server is left alone before its memory is looked at.
const REST: Duration = Duration::from_millis(1500);

/// All lines.
///
/// # Errors
/// The first that cannot be measured.
pub fn all(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let arguments = benchmark.arguments;
    let scale = arguments.scale;
    for host in &benchmark.hosts {
        eprintln!("{:?}: pgbench -i -s {scale}", host.kind);
        pgbench(host, &["-i", "-q", "-s", &scale.to_string()])?;
    }
    start_and_memory(benchmark)?;
    for clients in [1, 8, 32] {
        for (mode, name) in [("simple", "simple"), ("prepared", "prepared")] {
            for (script, work) in [("tpcb-like", "TPC-B"), ("select-only", "select-only")] {
                let work = format!("pgbench {work}, {clients} clients, {name}");
                // Twice as good where commits can be grouped, level elsewhere.
                let aim = if script == "tpcb-like" && clients == 8 { 2.0 } else { 1.0 };
                let seconds = arguments.seconds;
                benchmark.line(&work, "transactions/s", (ROUNDS, aim), &|host| {
                    let (clients, seconds) = (clients.to_string(), seconds.to_string());
                    let threads = if clients == "1" { "1" } else { "2" };
                    let say = ["-n", "-M", mode, "-b", script, "-c", &clients, "-j", threads, "-T", &seconds];
                    rate(&pgbench(host, &say)?)
                })?;
            }
        }
    }
    bulk(benchmark)?;
    benchmark.line("connections, one after the other", "connections/s", (ROUNDS, 1.0), &|host| {
        let begun = Instant::now();
        for _ in 0..CONNECTIONS {
            Wire::connect(host.port, host.database)?.leave();
        }
        Ok(CONNECTIONS as f64 / begun.elapsed().as_secs_f64())
    })
}

/// Start on a clean file, and memory with nobody there and with connections that rest.
fn start_and_memory(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    benchmark.line("start, up to the first login", "ms", (ROUNDS, 2.0), &|host| {
        host.stop();
        Ok(host.start()?.as_secs_f64() * 1e3)
    })?;
    benchmark.line("memory at rest, just started", "MiB", (1, 2.0), &|host| {
        host.stop();
        host.start()?;
        std::thread::sleep(REST);
        Ok(host.memory()? / f64::from(1 << 20))
    })?;
    benchmark.line("memory of a connection that has asked once", "KiB", (1, 2.0), &|host| {
        let before = host.memory()?;
        let mut held = Vec::new();
        for _ in 0..HELD {
            let mut wire = Wire::connect(host.port, host.database)?;
            wire.query("SELECT abalance FROM pgbench_accounts WHERE aid = 1")?;
            held.push(wire);
        }
        std::thread::sleep(REST);
        let each = (host.memory()? - before) / HELD as f64;
        held.into_iter().for_each(Wire::leave);
        Ok(each / 1024.0)
    })
}

/// Rows in bulk: in, out, and as a result.
fn bulk(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let rows = benchmark.arguments.rows;
    let mut data = String::new();
    for id in 0..rows {
        // It is kept in memory: that cannot fail.
        let _ = writeln!(
            data,
            "{id}\t{}\tname of number {id}\t{}.25\t2024-02-{:02}",
            id % 97,
            id % 1000,
            id % 28 + 1
        );
    }
    let made = "DROP TABLE IF EXISTS bulk; \
        CREATE TABLE bulk (id bigint PRIMARY KEY, kind int, name text, price numeric(12, 2), day date)";
    benchmark.line("COPY in, text, with a primary key", "rows/s", (ROUNDS, 2.0), &|host| {
        let mut wire = Wire::connect(host.port, host.database)?;
        wire.query(made)?;
        let begun = Instant::now();
        wire.copy_in("COPY bulk FROM STDIN", data.as_bytes())?;
        let took = begun.elapsed();
        wire.leave();
        Ok(rows as f64 / took.as_secs_f64())
    })?;
    // Lines before may not have been asked for.
    for host in &benchmark.hosts {
        let mut wire = Wire::connect(host.port, host.database)?;
        wire.query(made)?;
        wire.copy_in("COPY bulk FROM STDIN", data.as_bytes())?;
        wire.query("ANALYZE bulk")?;
        wire.leave();
    }
    for (work, text, aim) in [
        ("COPY out, text", "COPY bulk TO STDOUT", 2.0),
        ("COPY out, binary", "COPY bulk TO STDOUT (FORMAT binary)", 2.0),
        ("a large result, text", "SELECT * FROM bulk", 1.0),
    ] {
        benchmark.line(work, "rows/s", (ROUNDS, aim), &|host| {
            let mut wire = Wire::connect(host.port, host.database)?;
            let begun = Instant::now();
            let answer = wire.query(text)?;
            let took = begun.elapsed();
            wire.leave();
            if answer.rows < rows {
                return Err(format!("{} rows of {rows} came", answer.rows).into());
            }
            Ok(rows as f64 / took.as_secs_f64())
        })?;
    }
    Ok(())
}

/// What pgbench says.
fn pgbench(host: &Host, arguments: &[&str]) -> Outcome<String> {
    let mut command = Command::new("pgbench");
    command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &host.port.to_string()]).args(arguments);
    let output = command.arg(host.database).stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let whose = match host.kind {
            Kind::Hornbeam => "Hornbeam",
            Kind::PostgreSql => "PostgreSQL",
        };
        return Err(format!("pgbench on {whose}: {text}").into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Transactions a second, without the time to connect.
fn rate(said: &str) -> Outcome<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("pgbench tells no rate: {said}").into())
}
