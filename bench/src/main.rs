//! Side-by-side benchmarks: the same work, in the same run, on the same machine, with durability on for all.
//!
//! `cargo run --release -p bench -- kv` measures the store against SQLite and redb, `-- sql` the language against SQLite and,
//! where they are found, DuckDB and PostgreSQL, `-- server` the server against PostgreSQL. The comparators are linked here and nowhere else: the engine never depends on
//! what it is compared with.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures real time with real threads

mod engine;
mod files;
mod hornbeam_store;
mod kv;
mod measure;
mod progress;
mod redb_engine;
mod report;
mod rest;
mod server;
mod sql;
mod sqlite;
mod work;

use clap::{Args, Parser, Subcommand};
use mimalloc::MiMalloc;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the program `hornbeam` has, too. redb is Rust's and has it as well; SQLite and DuckDB ask their own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
    /// SQL: short statements against SQLite; an analytic batch and TPC-H against SQLite, DuckDB and PostgreSQL.
    Sql(SqlArguments),
    /// The server: pgbench, bulk copies, large results, connections, start and memory, against PostgreSQL 15 where it is installed.
    Server(ServerArguments),
    /// Opens a loaded table, uses it, and tells how much memory the process has then (what `kv` starts for its line).
    #[command(hide = true)]
    Rest(RestArguments),
}

/// One engine's loaded table, to be used in a process of its own.
#[derive(Debug, Clone, Args)]
pub struct RestArguments {
    /// Whose it is.
    #[arg(value_enum)]
    pub kind: engine::Kind,
    /// Where it is.
    pub directory: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// Memory for pages.
    pub cache_bytes: usize,
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
    /// Also measure the opening of a file of about so many gigabytes, which is made for that.
    #[arg(long)]
    pub gigabytes: Option<u64>,
    /// Only lines whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
}

/// How the SQL benchmark runs.
#[derive(Debug, Clone, Args)]
pub struct SqlArguments {
    /// Rows of the largest table of short statements and of the analytic batch.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// TPC-H's scale factor.
    #[arg(long, default_value_t = 0.1)]
    pub scale: f64,
    /// Seconds that each database is measured on each line of short statements.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// How often each query is asked; the fastest counts.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Where the databases are made. A new directory within it is removed at the end.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Only one part: oltp, bulk, analytic, tpch.
    #[arg(long)]
    pub part: Option<String>,
    /// Only lines whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
    /// Whom to compare with, of those that are found.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,duckdb,postgresql")]
    pub against: Vec<String>,
    /// A Python that may have the package duckdb.
    #[arg(long, default_value = "python3")]
    pub python: String,
    /// How psql reaches a PostgreSQL server, without a database: `host=localhost user=postgres`. It is left out otherwise.
    #[arg(long)]
    pub postgres: Option<String>,
}

/// How the server benchmark runs.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    /// pgbench's scale factor: so many times 100,000 accounts.
    #[arg(long, default_value_t = 10)]
    pub scale: u32,
    /// Seconds that pgbench runs in each round of a line.
    #[arg(long, default_value_t = 5)]
    pub seconds: u32,
    /// Rows that are copied.
    #[arg(long, default_value_t = 500_000)]
    pub rows: u64,
    /// Where the databases are made: a directory on the device to be measured. A new one within it is removed at the end.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Only lines whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
    /// The program `hornbeam`; otherwise the one beside this one.
    #[arg(long)]
    pub hornbeam: Option<PathBuf>,
    /// Where PostgreSQL's programs are: initdb, postgres.
    #[arg(long)]
    pub postgres: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Kv(arguments) => kv::run(&arguments),
        Command::Rest(arguments) => rest::use_and_tell(&arguments).map(|bytes| bytes.to_string()),
        Command::Sql(arguments) => sql::run(&arguments),
        Command::Server(arguments) => server::run(&arguments),
    };
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
