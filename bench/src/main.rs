//! Side-by-side benchmarks: the same work, in the same run, on the same machine, with durability on for all.
//!
//! `cargo run --release -p bench -- kv` measures the store against SQLite and redb. The comparators are linked here and
//! nowhere else: the engine never depends on what it is compared with.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures real time with real threads

mod engine;
mod files;
mod hornbeam_store;
mod kv;
mod measure;
mod progress;
mod redb_engine;
mod report;
mod sqlite;
mod work;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Benchmarks of Hornbeam beside other embedded databases.
#[derive(Debug, Parser)]
#[command(version, after_help = "Example: cargo run --release -p bench -- kv --rows 100000 --seconds 1")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Keys and values: the store against SQLite (WAL, synchronous=FULL) and redb.
    Kv(KvArguments),
}

/// How the key-value benchmark runs.
#[derive(Debug, Clone, Args)]
pub struct KvArguments {
    /// Rows in the table, of a hundred bytes each.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// Seconds that each engine is measured on each line, over several rounds.
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Where the databases are made: a directory on the device to be measured. A new one within it is removed at the end.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Only lines whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
}

fn main() -> ExitCode {
    let Arguments { command: Command::Kv(arguments) } = Arguments::parse();
    match kv::run(&arguments) {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
