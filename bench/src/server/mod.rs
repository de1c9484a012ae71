//! The server beside PostgreSQL: pgbench, bulk copies, large results, connections, start and memory, with durability on for both.
//!
//! Both are programs of their own, reached over TCP by the same clients. `hosts`: how they are started and ended. `wire`: a
//! client of this benchmark's own, where pgbench has no such work. `figures`: what is measured. `report`: the table.

mod figures;
mod hosts;
mod report;
mod wire;

use crate::ServerArguments;
use crate::engine::Outcome;
use hosts::{Host, Kind};
use report::Line;

/// What a run is about.
pub struct Benchmark<'b> {
    /// How it was asked for.
    pub arguments: &'b ServerArguments,
    /// Whom it measures.
    pub hosts: Vec<Host>,
    /// What was measured.
    pub lines: Vec<Line>,
}

impl Benchmark<'_> {
    /// Whether a line is asked for.
    pub fn wanted(&self, work: &str) -> bool {
        self.arguments.only.as_ref().is_none_or(|only| work.contains(only.as_str()))
    }

    /// Measures one line: each in its turn, another one first in each round.
    pub fn line(
        &mut self,
        work: &str,
        unit: &'static str,
        (rounds, aim): (usize, f64),
        measure: &dyn Fn(&mut Host) -> Outcome<f64>,
    ) -> Outcome<()> {
        if !self.wanted(work) {
            return Ok(());
        }
        let mut figures = vec![Vec::new(); self.hosts.len()];
        for round in 0..rounds {
            for turn in 0..self.hosts.len() {
                let place = (round + turn) % self.hosts.len();
                figures[place].push(measure(&mut self.hosts[place])?);
            }
        }
        let line = Line { work: work.to_owned(), unit, figures, aim };
        eprintln!("{line}");
        self.lines.push(line);
        Ok(())
    }
}

/// Runs it.
///
/// # Errors
/// When a server does not start, or a client fails.
pub fn run(arguments: &ServerArguments) -> Outcome<String> {
    let root = match &arguments.dir {
        Some(directory) => tempfile::tempdir_in(directory)?,
        None => tempfile::tempdir()?,
    };
    let mut hosts = vec![Host::new(Kind::Hornbeam, root.path(), arguments)?];
    match Host::new(Kind::PostgreSql, root.path(), arguments) {
        Ok(host) => hosts.push(host),
        Err(error) => eprintln!("PostgreSQL is left out: {error}"),
    }
    let mut benchmark = Benchmark { arguments, hosts, lines: Vec::new() };
    let measured = figures::all(&mut benchmark);
    for host in &mut benchmark.hosts {
        host.stop();
    }
    measured?;
    Ok(report::table(&benchmark.lines, benchmark.hosts.len()))
}
