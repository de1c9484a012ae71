//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use env::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// An embedded SQL database, tested in a seeded simulation.
#[derive(Debug, Parser)]
#[command(
    name = "hornbeam",
    bin_name = "hornbeam",
    version,
    max_term_width = 100,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true
)]
pub struct Arguments {
    /// What to do instead of running SQL.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The database, and what is said to it.
    #[command(flatten)]
    pub shell: ShellArguments,
}

/// `hornbeam FILE`.
#[derive(Debug, Args)]
pub struct ShellArguments {
    /// The database to run SQL on; it is made when it is missing. `:memory:` is one in memory, gone when you leave
    pub file: Option<PathBuf>,
    /// Run this and leave, instead of reading lines; may be given several times
    #[arg(short = 'c', long = "command", value_name = "SQL")]
    pub commands: Vec<String>,
    /// Memory for the database's pages: 64MB, 2GB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "64MB")]
    pub cache: usize,
    /// Write nothing to the file, which others may read meanwhile. A file that may not be written is opened like this, too
    #[arg(long)]
    pub read_only: bool,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Crash, tear and recover databases under many seeds, and hold every one to its promises
    #[command(after_help = TORTURE_EXAMPLES)]
    Torture(TortureArguments),
    /// Run one seed or scenario again, to the same trace hash, which is the last line
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArguments),
    /// Make the failing run of a seed smaller, and write it as a scenario
    #[command(after_help = MINIMISE_EXAMPLES)]
    Minimise(MinimiseArguments),
    /// Verify a whole database file: checksums, order, counts, every page reachable once or free
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Write a database as SQL that psql loads into PostgreSQL, and hornbeam into another file
    #[command(after_help = DUMP_EXAMPLES)]
    Dump(DumpArguments),
    /// Put a database file in order: scattered tables in key order, free space given back
    #[command(after_help = VACUUM_EXAMPLES)]
    Vacuum(VacuumArguments),
    /// Serve a database to PostgreSQL's clients, until SIGTERM or Ctrl-C
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArguments),
    /// Commit to a real file until killed (what the kill tests run)
    #[command(hide = true)]
    Victim(VictimArguments),
}

const EXAMPLES: &str = "\
Examples:
  hornbeam app.db                   SQL at a terminal; \\? lists commands
  hornbeam app.db -c \"SELECT 1\"     one statement
  hornbeam app.db < script.sql      a script
  hornbeam dump app.db              the database as SQL
  hornbeam serve app.db             a server for psql, and all else that speaks to PostgreSQL
  hornbeam torture                  crash databases for about a minute, and see every promise held
  hornbeam replay 4711 --trace      one of the runs again, call by call
  hornbeam check app.db             is this file whole?
  hornbeam vacuum app.db            make it short, and quick to scan
Exit codes: 0 all is well; 1 a promise is broken or a file is damaged; 2 what was asked cannot be done.";

const TORTURE_EXAMPLES: &str = "\
Examples:
  hornbeam torture                            about a minute, all profiles mixed
  hornbeam torture --for 10m --jobs 8
  hornbeam torture --seeds 0..10000 --profile storm
  hornbeam torture --seeds 0..1000000 --shard 3/40 --json shard-3.json
  hornbeam torture merge shard-*.json
  hornbeam torture --labels                   every call, lock, barrier and mark, and what breaks without it
  hornbeam torture --sabotage wal.commit.sync that sync silently does nothing: must fail (exit code 1)
  hornbeam torture --exhaustive scenarios/exhaustive-commit.toml";

const REPLAY_EXAMPLES: &str = "\
Examples:
  hornbeam replay 4711 --profile storm
  hornbeam replay 4711 --profile storm --trace --until 2000
  hornbeam replay 4711 --profile sql
  hornbeam replay 4711 --profile storm --until 2000 --dump-disk disk
  hornbeam replay scenarios/trap-1-later-record-survives.toml --trace";

const MINIMISE_EXAMPLES: &str = "\
Examples:
  hornbeam minimise 4711 --profile storm -o scenarios/my-failure.toml
  hornbeam replay scenarios/my-failure.toml --trace";

const MERGE_EXAMPLES: &str = "\
Examples:
  hornbeam torture merge shard-*.json
  hornbeam torture merge monday.json tuesday.json --json both.json";

const DUMP_EXAMPLES: &str = "\
Examples:
  hornbeam dump app.db > app.sql
  hornbeam dump app.db | psql shop                  into PostgreSQL
  hornbeam dump app.db | hornbeam copy.db           into a new file
  hornbeam dump app.db -t orders -t 'stock.*' --data-only
Rows are written by COPY, or by INSERT with --inserts. Nothing is written to the database.";

const CHECK_EXAMPLES: &str = "\
Examples:
  hornbeam check app.db
Exit code 1 when the file is damaged; nothing is ever repaired or written.";

const VACUUM_EXAMPLES: &str = "\
Examples:
  hornbeam vacuum app.db
A table whose pages lie scattered is copied behind the others first, if there is room for that.
A power failure at any time leaves the database as it was, or further on.";

const SERVE_EXAMPLES: &str = "\
Examples:
  hornbeam serve app.db                                  at 127.0.0.1:5432, whoever is on this machine may come in
  hornbeam serve app.db --port 0                         at a free port; the line that is printed tells which
  hornbeam serve --memory                                a database that is gone afterwards
  hornbeam serve app.db --listen 0.0.0.0 --auth scram --tls-cert server.crt --tls-key server.key
Then: psql -h 127.0.0.1 -U postgres
Passwords are those of roles: hornbeam app.db -c \"ALTER ROLE postgres PASSWORD '…'\".
To stop: SIGTERM or Ctrl-C. What runs is cancelled, everybody is told, and the file is closed.";

/// How somebody proves who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Whoever is on this machine is believed
    Trust,
    /// By the password of the role (SCRAM-SHA-256)
    Scram,
    /// The same, but by MD5 where a role's password is kept so
    Md5,
}

/// In which form the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// An object a line
    Json,
}

/// `hornbeam serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The database file; it is made when it is missing
    #[arg(required_unless_present = "memory")]
    pub file: Option<PathBuf>,
    /// A database in memory, gone when the server stops
    #[arg(long, conflicts_with = "file")]
    pub memory: bool,
    /// Listen at this address of this machine; may be given several times
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub listen: Vec<IpAddr>,
    /// Listen at this port; 0 is any free one
    #[arg(short, long, default_value_t = 5432)]
    pub port: u16,
    /// Listen at a Unix socket, too: in this directory, or at this file named .s.PGSQL.PORT
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// How somebody proves who he is. Other machines are only served with passwords
    #[arg(long, value_enum, default_value_t = Auth::Trust)]
    pub auth: Auth,
    /// Encrypt by TLS with this certificate (or chain), in PEM form
    #[arg(long = "tls-cert", value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Turn away who comes over TCP and does not encrypt
    #[arg(long, requires = "tls_certificate")]
    pub tls_required: bool,
    /// Memory for the database's pages: 64MB, 2GB. SHOW shared_buffers tells it
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "128MB")]
    pub cache: usize,
    /// Write nothing to the file
    #[arg(long, conflicts_with = "memory")]
    pub read_only: bool,
    /// How many may be logged in at once
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_connections: usize,
    /// How many bytes a message (a statement, a row of COPY) may have
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub max_message: usize,
    /// How long somebody may take to log in: 90s, 10m
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "60s")]
    pub login_timeout: Duration,
    /// Tell figures to Prometheus at this address: 127.0.0.1:9187
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Log statements that take longer: 500ms, 2s
    #[arg(long, value_name = "TIME", value_parser = parse_short_time)]
    pub log_slow: Option<Duration>,
    /// Do not count how often statements are run (pg_stat_statements)
    #[arg(long)]
    pub no_statement_statistics: bool,
    /// What is logged, to standard error: error, warn, info, debug, trace, or one for each part
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
    /// In which form
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// `hornbeam torture`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TortureArguments {
    /// Something else than running seeds.
    #[command(subcommand)]
    pub command: Option<TortureSubcommand>,
    /// Run the seeds from A up to, not including, B
    #[arg(long, value_name = "A..B", value_parser = parse_seeds, conflicts_with = "time")]
    pub seeds: Option<(u64, u64)>,
    /// Begin runs for so long: 90s, 10m, 2h [default: 45s]
    #[arg(long = "for", value_name = "TIME", value_parser = parse_time)]
    pub time: Option<Duration>,
    /// The first seed of a run by time
    #[arg(long, value_name = "SEED", default_value_t = 0, conflicts_with = "seeds")]
    pub first: u64,
    /// Of the seeds, only every N-th, beginning with number I (from 0)
    #[arg(long, value_name = "I/N", value_parser = parse_shard, default_value = "0/1")]
    pub shard: (u64, u64),
    /// Write the report as JSON as well
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// calm, storm, power, rot, fsyncgate, liar, full-disk, clock, starve, meddler, adversary, accounting, restless, cycles, sql,
    /// server, or mixed, where each seed has its own of the key-value ones, and sql and server besides
    #[arg(long, value_name = "NAME", default_value = "mixed")]
    pub profile: String,
    /// Make the calls at this label silently do nothing: the run must then fail
    #[arg(long, value_name = "LABEL")]
    pub sabotage: Option<String>,
    /// Stop after so many failing seeds
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub failures: usize,
    /// List every label with its kind, and what breaks without it
    #[arg(long, exclusive = true)]
    pub labels: bool,
    /// Crash this scenario after every single call, with every representative survivor state, and again in the recovery
    /// that follows
    #[arg(long, value_name = "SCENARIO", exclusive = true)]
    pub exhaustive: Option<PathBuf>,
}

/// `hornbeam torture` with something else than seeds.
#[derive(Debug, Subcommand)]
pub enum TortureSubcommand {
    /// Add up the reports of shards
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArguments),
}

/// `hornbeam torture merge`.
#[derive(Debug, Args)]
pub struct MergeArguments {
    /// Reports written with --json
    #[arg(required = true)]
    pub reports: Vec<PathBuf>,
    /// Write the sum as JSON as well
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// `hornbeam replay`.
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A seed, or a scenario file
    #[arg(value_name = "SEED|SCENARIO")]
    pub what: String,
    /// The profile of the seed [default: the key-value one it has when profiles are mixed]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// As in the failing run
    #[arg(long, value_name = "LABEL")]
    pub sabotage: Option<String>,
    /// Stop when so many calls have been made
    #[arg(long, value_name = "STEP")]
    pub until: Option<u64>,
    /// Print every event
    #[arg(long)]
    pub trace: bool,
    /// Write the simulated disk, as a reader sees it at the end, to real files in this directory, made if missing
    #[arg(long, value_name = "DIR")]
    pub dump_disk: Option<PathBuf>,
}

/// `hornbeam minimise`.
#[derive(Debug, Args)]
pub struct MinimiseArguments {
    /// The failing seed
    pub seed: u64,
    /// Its profile [default: the one it has when profiles are mixed]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// As in the failing run
    #[arg(long, value_name = "LABEL")]
    pub sabotage: Option<String>,
    /// The scenario to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Runs it may take
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub budget: u32,
}

/// `hornbeam check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The database file
    pub file: PathBuf,
}

/// `hornbeam dump`.
#[derive(Debug, Args)]
pub struct DumpArguments {
    /// The database file
    pub file: PathBuf,
    /// Only tables, views and sequences of this name, s.t or t, with * and ?; may be given several times
    #[arg(short = 't', long = "table", value_name = "PATTERN")]
    pub tables: Vec<String>,
    /// Definitions, no rows
    #[arg(long, conflicts_with = "data_only")]
    pub schema_only: bool,
    /// Rows and the values of sequences, no definitions
    #[arg(long)]
    pub data_only: bool,
    /// Rows by INSERT instead of COPY
    #[arg(long)]
    pub inserts: bool,
    /// Write to this file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `hornbeam vacuum`.
#[derive(Debug, Args)]
pub struct VacuumArguments {
    /// The database file
    pub file: PathBuf,
}

/// `hornbeam victim`.
#[derive(Debug, Args)]
pub struct VictimArguments {
    /// The database file
    pub file: PathBuf,
    /// Its seed
    pub seed: u64,
}

fn parse_seeds(text: &str) -> Result<(u64, u64), String> {
    let wanted = "expected A..B with A below B, as in 0..1000";
    let (first, end) = text.split_once("..").ok_or(wanted)?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wanted);
    let (first, end) = (number(first)?, number(end)?);
    if first < end { Ok((first, end)) } else { Err(wanted.into()) }
}

fn parse_shard(text: &str) -> Result<(u64, u64), String> {
    let wanted = "expected I/N with I below N, as in 3/40";
    let (shard, shards) = text.split_once('/').ok_or(wanted)?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wanted);
    let (shard, shards) = (number(shard)?, number(shards)?);
    if shard < shards { Ok((shard, shards)) } else { Err(wanted.into()) }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let wanted = "expected a number with s, m or h, as in 90s, 10m, 2h";
    let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('m') => (number, 60),
        Some(number) if text.ends_with('h') => (number, 3600),
        Some(number) => (number, 1),
        None => (text, 1),
    };
    let number: u64 = number.parse().map_err(|_| wanted)?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(|| wanted.into())
}

/// Bytes, as PostgreSQL writes sizes.
fn parse_size(text: &str) -> Result<usize, String> {
    let wanted = "expected a number with kB, MB, GB or TB, as in 64MB, 2GB";
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "kB" => 10,
        "MB" => 20,
        "GB" => 30,
        "TB" => 40,
        _ => return Err(wanted.into()),
    };
    let number: usize = number.parse().map_err(|_| wanted)?;
    number.checked_mul(1 << shift).ok_or_else(|| wanted.into())
}

fn parse_short_time(text: &str) -> Result<Duration, String> {
    match text.strip_suffix("ms").map(str::parse) {
        Some(Ok(milliseconds)) => Ok(Duration::from_millis(milliseconds)),
        Some(Err(_)) => Err("expected a number with ms, s, m or h, as in 500ms, 2s".into()),
        None => parse_time(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn seeds_shards_and_times_are_read_or_explained() {
        assert_eq!(parse_seeds("3..10"), Ok((3, 10)));
        assert_eq!(parse_size("64MB"), Ok(64 << 20));
        assert_eq!(parse_size("3 kB"), Ok(3 << 10));
        assert_eq!(parse_size("2TB"), Ok(2 << 40));
        assert!(
            ["64", "MB", "64mb", "-1MB", "1.5GB", "99999999999TB"]
                .iter()
                .all(|text| parse_size(text).is_err())
        );
        assert!(parse_seeds("10..3").is_err() && parse_seeds("3").is_err());
        assert_eq!(parse_shard("0/4"), Ok((0, 4)));
        assert!(parse_shard("4/4").is_err());
        assert_eq!(parse_time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_time("90"), Ok(Duration::from_secs(90)));
        assert!(parse_time("soon").is_err());
    }
}
