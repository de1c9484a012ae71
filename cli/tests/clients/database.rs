//! The server that a client talks to: one of its own, or the one that the environment names.

use crate::command::run;
use crate::served::{Served, serve};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A database of one client.
pub struct Database {
    server: String,
    name: String,
    served: Option<(Served, TempDir)>,
}

impl Database {
    /// An empty one, in memory.
    pub fn new(client: &str) -> Database {
        if let Ok(server) = std::env::var("HORNBEAM_CLIENTS_URL") {
            let name = format!("clients_{client}");
            let statement = |text: String| {
                let mut psql = Command::new("psql");
                psql.args(["-X", "-q", "-c", &text]).arg(format!("{server}/postgres"));
                run(&mut psql, Duration::from_secs(60)).unwrap().well().unwrap();
            };
            statement(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            statement(format!("CREATE DATABASE {name}"));
            return Database { server, name, served: None };
        }
        let directory = tempfile::tempdir().unwrap();
        let served = serve(&["--memory"], directory.path());
        let server = format!("postgresql://postgres@{}", served.address);
        Database { server, name: "postgres".to_owned(), served: Some((served, directory)) }
    }

    /// How it is reached.
    pub fn url(&self) -> String {
        self.url_of(&self.name)
    }

    /// How another database of its server is reached.
    pub fn url_of(&self, database: &str) -> String {
        format!("{}/{database}", self.server)
    }

    /// Ends the server, which says that all was well.
    pub fn stop(self) {
        if let Some((mut served, _directory)) = self.served {
            assert_eq!(served.signal("TERM"), Some(0));
        }
    }
}
