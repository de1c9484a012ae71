//! Programs of the system that somebody at the terminal asks for: `\!`, and `|COMMAND` in place of a file.
//!
//! Each is a command of `sh`. The engine starts none: what runs here belongs to the shell alone.

#![allow(clippy::disallowed_types)] // See above.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// What runs the system's shell itself.
const SHELL: &str = "exec \"${SHELL:-/bin/sh}\"";

fn command(text: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text]);
    command
}

/// Runs a command at the terminal, or the system's shell, until it ends.
pub fn run(text: Option<&str>) -> Result<(), String> {
    let ended = command(text.unwrap_or(SHELL)).status();
    ended.map(drop).map_err(|error| format!("\\!: failed: {error}"))
}

/// A program that is written to, until this goes.
pub struct Written {
    child: Child,
    input: Option<ChildStdin>,
}

impl Written {
    /// Starts it.
    pub fn start(text: &str) -> Result<Written, String> {
        let started = command(text).stdin(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{text}: {error}"))?;
        Ok(Written { input: child.stdin.take(), child })
    }

    /// Writes to it. Who does not read any more has what he wants.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(input) = &mut self.input else { return Ok(()) };
        match input.write_all(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.input = None,
            Err(error) => return Err(error.to_string()),
            Ok(()) => {}
        }
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // It ends when there is nothing more to read, and what it shows comes before the next prompt.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// A program that is read.
pub struct Output {
    text: String,
    child: Child,
    output: Option<ChildStdout>,
}

impl Output {
    /// Starts it.
    pub fn start(text: &str) -> Result<Output, String> {
        let started = command(text).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{text}: {error}"))?;
        Ok(Output { text: text.to_owned(), output: child.stdout.take(), child })
    }

    /// Appends the next bytes; whether there were any. One that has failed has not written all there is.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, String> {
        /// How many bytes are read at once.
        const PIECE: u64 = 256 << 10;
        let Some(output) = &mut self.output else { return Ok(false) };
        let read = output.take(PIECE).read_to_end(bytes).map_err(|error| error.to_string())?;
        if read > 0 {
            return Ok(true);
        }
        self.output = None;
        let ended = self.child.wait().map_err(|error| error.to_string())?;
        if ended.success() { Ok(false) } else { Err(format!("{}: {}", self.text, told(ended))) }
    }
}

fn told(ended: ExitStatus) -> String {
    match ended.code() {
        Some(code) => format!("child process exited with exit code {code}"),
        None => "child process was terminated by a signal".to_owned(),
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Nobody reads the rest: it is told so by its pipe.
        self.output = None;
        let _ = self.child.wait();
    }
}
