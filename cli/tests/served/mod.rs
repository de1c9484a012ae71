//! `hornbeam serve` as a process of a test: started at a free port, and stopped with the test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that runs.
pub struct Served {
    pub child: Child,
    /// Where it listens: host and port.
    pub address: String,
}

/// Starts `hornbeam serve` in `directory`, and waits until it has told where it is.
pub fn serve(arguments: &[&str], directory: &Path) -> Served {
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
    /// Sends a signal, and waits for the exit code.
    pub fn signal(&mut self, name: &str) -> Option<i32> {
        let done = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    /// A test that fails leaves no server behind; one that has stopped it finds nothing to kill.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
