//! The servers: made, started, asked for their memory, and ended.

use super::wire::Wire;
use crate::ServerArguments;
use crate::engine::Outcome;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where distributions put PostgreSQL's programs that nobody calls by hand.
const USUAL: &str = "/usr/lib/postgresql/15/bin";

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hornbeam,
    PostgreSql,
}

/// A server.
pub struct Host {
    pub kind: Kind,
    /// Where it listens.
    pub port: u16,
    /// The database that is worked on.
    pub database: &'static str,
    program: PathBuf,
    data: PathBuf,
    /// As whom it runs, where it refuses to as root.
    user: Option<(u32, u32)>,
    child: Option<Child>,
}

/// What a program says, as one line.
fn said(program: &Path, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{} {}: {}", program.display(), arguments.join(" "), output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Host {
    /// A new, empty database of this kind, started.
    pub fn new(kind: Kind, root: &Path, arguments: &ServerArguments) -> Outcome<Host> {
        let mut host = match kind {
            Kind::Hornbeam => {
                let beside = std::env::current_exe()?.with_file_name("hornbeam");
                let program = arguments.hornbeam.clone().unwrap_or(beside);
                if !program.exists() {
                    let text = "is not there: cargo build --release --bin hornbeam makes it";
                    return Err(format!("{} {text}", program.display()).into());
                }
                let data = root.join("hornbeam.db");
                Host { kind, port: 0, database: "postgres", program, data, user: None, child: None }
            }
            Kind::PostgreSql => Host::cluster(root, arguments)?,
        };
        host.start()?;
        Ok(host)
    }

    fn cluster(root: &Path, arguments: &ServerArguments) -> Outcome<Host> {
        let directory = arguments.postgres.clone().unwrap_or(PathBuf::from(USUAL));
        let initdb = directory.join("initdb");
        if !initdb.exists() {
            return Err(format!("{} is not there", initdb.display()).into());
        }
        let data = root.join("cluster");
        std::fs::create_dir(&data)?;
        let number = |of: &[&str]| -> Outcome<u32> { Ok(said(Path::new("id"), of)?.parse()?) };
        let user = match number(&["-u"])? {
            0 => {
                let user = (number(&["-u", "postgres"])?, number(&["-g", "postgres"])?);
                chown(&data, Some(user.0), Some(user.1))?;
                // It has to pass through to its own.
                chown(root, Some(user.0), Some(user.1))?;
                Some(user)
            }
            _ => None,
        };
        let host = Host {
            kind: Kind::PostgreSql,
            port: free_port()?,
            database: "postgres",
            program: directory.join("postgres"),
            data,
            user,
            child: None,
        };
        let mut command = host.command(&initdb);
        command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"]).arg(&host.data);
        let done = command.stdout(Stdio::null()).status()?;
        if !done.success() {
            return Err(format!("initdb: {done}").into());
        }
        Ok(host)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group).current_dir("/");
        }
        command
    }

    /// Starts it; how long it took until somebody was logged in.
    pub fn start(&mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        let mut command = self.command(&self.program);
        match self.kind {
            Kind::Hornbeam => {
                command.arg("serve").arg(&self.data).args(["--port", "0", "--log", "warn"]);
                command.args(["--max-connections", "200"]).stdout(Stdio::piped());
                let mut child = command.spawn()?;
                let mut line = String::new();
                if let Some(out) = child.stdout.take() {
                    BufReader::new(out).read_line(&mut line)?;
                }
                self.child = Some(child);
                let port = line.trim().rsplit(':').next().and_then(|rest| rest.split('/').next());
                self.port =
                    port.and_then(|port| port.parse().ok()).ok_or("it does not say where it listens")?;
            }
            Kind::PostgreSql => {
                command.arg("-D").arg(&self.data).args(["-p", &self.port.to_string(), "-c", "fsync=on"]);
                command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
                command.args(["-c", "max_connections=200"]);
                self.child = Some(command.stderr(Stdio::null()).stdout(Stdio::null()).spawn()?);
            }
        }
        loop {
            match Wire::connect(self.port, self.database) {
                Ok(wire) => {
                    let took = begun.elapsed();
                    wire.leave();
                    return Ok(took);
                }
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_micros(500)),
            }
        }
    }

    /// Ends it, and waits until it has ended. Clients that are still there are sent away.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // SIGINT: the one stops, the other stops fast.
        let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        if !told.is_ok_and(|told| told.success()) {
            // It has ended by itself, or nothing else is left to be done.
            let _ = child.kill();
        }
        let _ = child.wait();
    }

    /// The memory that it has, in bytes, with all its processes; what they share counts once.
    pub fn memory(&self) -> Outcome<f64> {
        let Some(child) = &self.child else { return Err("it does not run".into()) };
        let mut all = vec![child.id()];
        let mut bytes = 0.0;
        while let Some(process) = all.pop() {
            let Ok(text) = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else { continue };
            let line = text.lines().find(|line| line.starts_with("Pss:")).unwrap_or_default();
            let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
            bytes += 1024.0 * kilobytes.unwrap_or(0.0);
            let children = format!("/proc/{process}/task/{process}/children");
            let children = std::fs::read_to_string(children).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        Ok(bytes)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}
