//! How a server is run.

use env::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How somebody proves who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// He is believed. Only for connections from the same machine.
    Trust,
    /// By the password of his role: SCRAM-SHA-256. Whoever comes by a socket of Unix, as the server's own user or the machine's
    /// superuser, could read the file as well, and is believed.
    Scram,
    /// The same, but for roles whose passwords are kept as MD5 hashes: they are asked for by MD5, which who listens can try out.
    Md5,
}

impl Authentication {
    /// Whether passwords are asked for.
    pub fn asks(self) -> bool {
        match self {
            Authentication::Trust => false,
            Authentication::Scram | Authentication::Md5 => true,
        }
    }
}

/// How a server is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens. Port 0 takes any that is free.
    pub addresses: Vec<SocketAddr>,
    /// A socket of Unix at which it listens besides: the file, if its name is as PostgreSQL's clients expect it
    /// (`.s.PGSQL.5432`), otherwise the directory of such a file.
    pub socket: Option<PathBuf>,
    /// Where figures are told to whoever asks by HTTP, if anywhere. Nobody has to say who he is there.
    pub metrics: Option<SocketAddr>,
    /// How somebody proves who he is.
    pub authentication: Authentication,
    /// What encrypts, if anything does.
    pub encryption: Option<Arc<rustls::ServerConfig>>,
    /// Whether nobody is let in without who comes over TCP.
    pub encryption_required: bool,
    /// How many clients may be logged in at once.
    pub connection_limit: usize,
    /// How many bytes a message may have.
    pub message_limit: usize,
    /// How long somebody may take to log in.
    pub login_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            addresses: vec![SocketAddr::from(([127, 0, 0, 1], 5432))],
            socket: None,
            metrics: None,
            authentication: Authentication::Trust,
            encryption: None,
            encryption_required: false,
            connection_limit: 100,
            message_limit: 1 << 30,
            login_timeout: Duration::from_secs(60),
        }
    }
}
