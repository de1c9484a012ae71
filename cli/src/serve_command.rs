//! `hornbeam serve`: a database as a PostgreSQL server, until somebody stops it.

use crate::arguments::{LogFormat, ServeArguments};
use crate::errors::CliError;
use crate::files;
use crate::opening::{self, Opened};
use env::{Address, Env, SocketAddr};
use server::{Authentication, Options, Server};
use session::Engine;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// Serves a database until SIGINT or SIGTERM comes; whether everybody had gone then.
pub fn serve(env: &Arc<dyn Env>, arguments: &ServeArguments) -> Result<bool, CliError> {
    log(arguments)?;
    let options = options(env, arguments)?;
    let Opened { world, store, notice, .. } =
        opening::open(env, arguments.file.as_deref(), arguments.cache, arguments.read_only)?;
    if let Some(notice) = notice {
        tracing::warn!("{notice}");
    }
    let engine = Engine::new(world, store.clone()).map_err(|error| CliError::Sql(error.to_string()))?;
    engine.watch_statements(!arguments.no_statement_statistics);
    engine.log_slow_statements(arguments.log_slow);
    // From here on they do not kill the program.
    let mut signals =
        Signals::new([SIGINT, SIGTERM]).map_err(|error| CliError::Terminal(error.to_string()))?;
    let server = Server::start(engine, env.clone(), options)?;
    announce(&server.addresses())?;
    if let Some(address) = server.metrics_address() {
        tracing::info!(%address, "figures are told");
    }
    let signal = signals.forever().next().map(signal_hook::low_level::signal_name);
    tracing::info!(signal = signal.flatten(), "stopping");
    let all_gone = server.stop();
    if !all_gone {
        tracing::warn!("some clients did not go within ten seconds");
    }
    store.close().map_err(CliError::Store)?;
    tracing::info!("stopped");
    Ok(all_gone)
}

/// One line: how it is reached.
fn announce(addresses: &[Address]) -> Result<(), CliError> {
    let lines: Vec<String> = addresses.iter().map(reached).collect();
    let mut out = std::io::stdout();
    let written = writeln!(out, "{}", lines.join(" ")).and_then(|()| out.flush());
    written.map_err(|error| CliError::Terminal(error.to_string()))
}

/// How a client reaches an address.
fn reached(address: &Address) -> String {
    match address {
        Address::Ip(address) => format!("postgresql://postgres@{address}/postgres"),
        Address::Path(path) => {
            let directory = std::path::absolute(path).ok();
            let directory = directory.as_deref().and_then(Path::parent).unwrap_or(Path::new("/"));
            let port = path.extension().map(|port| port.to_string_lossy()).unwrap_or_default();
            let host = percent_encoded(&directory.to_string_lossy());
            format!("postgresql://postgres@/postgres?host={host}&port={port}")
        }
    }
}

/// A text as a part of a connection string: what might mean something there is written as numbers.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => encoded.push(byte.into()),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn options(env: &Arc<dyn Env>, arguments: &ServeArguments) -> Result<Options, CliError> {
    let encryption = match (&arguments.tls_certificate, &arguments.tls_key) {
        (Some(certificate), Some(key)) => {
            let read = |path: &Path| files::read_text(&**env, path);
            Some(server::tls::from_pem(read(certificate)?.as_bytes(), read(key)?.as_bytes())?)
        }
        (None, None) | (Some(_), None) | (None, Some(_)) => None,
    };
    Ok(Options {
        addresses: arguments.listen.iter().map(|ip| SocketAddr::new(*ip, arguments.port)).collect(),
        socket: arguments.socket.clone(),
        metrics: arguments.metrics,
        authentication: match arguments.auth {
            crate::arguments::Auth::Trust => Authentication::Trust,
            crate::arguments::Auth::Scram => Authentication::Scram,
            crate::arguments::Auth::Md5 => Authentication::Md5,
        },
        encryption,
        encryption_required: arguments.tls_required,
        connection_limit: arguments.max_connections,
        message_limit: arguments.max_message,
        login_timeout: arguments.login_timeout,
    })
}

/// What the server has to tell goes to standard error.
fn log(arguments: &ServeArguments) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&arguments.log).map_err(|error| CliError::Log(error.to_string()))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
