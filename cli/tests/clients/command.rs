//! Programs that are run with a limit of time, and what they have said.

use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program has said, and whether it has ended well.
pub struct Done {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// What it has written, if it ended well; else all that it has said.
    pub fn well(self) -> Result<String, String> {
        if self.success { Ok(self.stdout) } else { Err(format!("{}{}", self.stdout, self.stderr)) }
    }
}

/// Runs `command` to its end, or ends it and all that it has started when `limit` is over. Output goes by files, so that no
/// program waits for somebody to read it.
pub fn run(command: &mut Command, limit: Duration) -> Result<Done, String> {
    let directory = tempfile::tempdir().unwrap();
    let (stdout, stderr) = (directory.path().join("stdout"), directory.path().join("stderr"));
    command.stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap());
    command.stdin(Stdio::null());
    let name = format!("{:?}", command.get_program());
    let mut child = command.process_group(0).spawn().map_err(|error| format!("{name}: {error}"))?;
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > end {
            let _ = Command::new("kill").args(["-s", "KILL", "--", &format!("-{}", child.id())]).status();
            child.wait().unwrap();
            let told = std::fs::read(&stdout).unwrap();
            let complaints = std::fs::read(&stderr).unwrap();
            return Err(format!(
                "{name} was not done after {} s\n{}{}",
                limit.as_secs(),
                String::from_utf8_lossy(&told),
                String::from_utf8_lossy(&complaints)
            ));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let mut stderr = read(stderr);
    if let Some(signal) = status.signal() {
        stderr.push_str(&format!("{name} was ended by signal {signal}\n"));
    }
    Ok(Done { success: status.success(), stdout: read(stdout), stderr })
}
