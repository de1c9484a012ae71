//! Databases that run in processes of their own: DuckDB behind Python, PostgreSQL behind psql. They are measured where they
//! are found, by clocks of their own.

use super::WORK_MEM;
use super::database::{Answer, Database, Dialect, Rows, Table};
use crate::engine::Outcome;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A process that is spoken to.
struct Process {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Outcome<Process> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { return Err("no pipes".into()) };
        Ok(Process { child, input: Some(BufWriter::new(input)), output: BufReader::new(output) })
    }

    fn say(&mut self, text: &str) -> Outcome<()> {
        let input = self.input.as_mut().ok_or("its input is closed")?;
        input.write_all(text.as_bytes())?;
        Ok(input.flush()?)
    }

    /// The next line without its end.
    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("it has ended".into());
        }
        line.truncate(line.trim_end_matches('\n').len());
        Ok(line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait(); // it ends with its input
    }
}

fn row(line: &str) -> Vec<Option<String>> {
    line.split('\t').map(|value| (value != "\\N").then(|| value.to_owned())).collect()
}

/// Writes rows into a file, values between tabs.
fn write_rows(path: &Path, rows: Rows<'_>) -> Outcome<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for row in rows {
        let texts: Vec<String> = row.iter().map(super::database::Cell::text).collect();
        writeln!(file, "{}", texts.join("\t"))?;
    }
    Ok(file.flush()?)
}

/// DuckDB's Python package.
pub struct DuckDb {
    process: Process,
    directory: PathBuf,
}

impl DuckDb {
    /// Starts it; none where there is no such package.
    pub fn start(python: &str, directory: &Path) -> Option<DuckDb> {
        let mut command = Command::new(python);
        command
            .args(["-I", "-c", include_str!("duckdb.py")])
            .arg(directory.join("duck.db"))
            .stderr(Stdio::null());
        let mut process = Process::start(&mut command).ok()?;
        let ready = process.line().ok()?;
        ready.starts_with("ready").then(|| DuckDb { process, directory: directory.to_path_buf() })
    }

    fn execute(&mut self, text: &str) -> Outcome<(Duration, Answer)> {
        self.process.say(&format!("{}\n{text}", text.len()))?;
        let head = self.process.line()?;
        let mut words = head.split(' ');
        let (Some("ok"), Some(seconds), Some(rows)) = (words.next(), words.next(), words.next()) else {
            return Err(head.into());
        };
        let (took, rows) = (Duration::from_secs_f64(seconds.parse()?), rows.parse()?);
        let answer: Outcome<Answer> = (0..rows).map(|_: usize| Ok(row(&self.process.line()?))).collect();
        Ok((took, answer?))
    }
}

impl Database for DuckDb {
    fn name(&self) -> &'static str {
        "DuckDB"
    }

    fn load(&mut self, table: &Table, rows: Rows<'_>) -> Outcome<()> {
        let path = self.directory.join(format!("{}.tsv", table.name));
        write_rows(&path, rows)?;
        self.execute(&table.create(Dialect::Postgres))?;
        let text = format!(
            "copy {} from '{}' (format csv, delimiter '\t', header false, quote '')",
            table.name,
            path.display()
        );
        self.execute(&text)?;
        std::fs::remove_file(path)?;
        table.create_indexes().iter().try_for_each(|index| self.execute(index).map(drop))
    }

    fn settle(&mut self) -> Outcome<()> {
        self.execute("checkpoint").map(drop)
    }

    fn ask(&mut self, query: &str) -> Outcome<(Duration, Answer)> {
        self.execute(query)
    }
}

/// PostgreSQL behind psql, in a database of its own that is dropped at the end.
pub struct Postgres {
    process: Option<Process>,
    connection: String,
    directory: PathBuf,
}

/// The database that is made.
const DATABASE: &str = "hornbeam_bench";
/// What psql says when it is done with a query.
const DONE: &str = "@@done";

impl Postgres {
    /// Connects to a server by what psql takes as a connection string (without a database).
    pub fn start(connection: &str, directory: &Path) -> Outcome<Postgres> {
        Self::once(connection, &format!("drop database if exists {DATABASE}"))?;
        Self::once(connection, &format!("create database {DATABASE}"))?;
        let mut command = Command::new("psql");
        command.args(["-XAtq", "-F", "\t", "-P", "null=\\N", "-v", "ON_ERROR_STOP=0", "-d"]);
        command.arg(format!("{connection} dbname={DATABASE}"));
        let mut process = Process::start(&mut command)?;
        process.say(&format!("{WORK_MEM};\n\\timing on\n"))?;
        Ok(Postgres {
            process: Some(process),
            connection: connection.to_owned(),
            directory: directory.to_path_buf(),
        })
    }

    fn once(connection: &str, text: &str) -> Outcome<()> {
        let mut command = Command::new("psql");
        command.args(["-XAtq", "-d"]).arg(format!("{connection} dbname=postgres")).args(["-c", text]);
        let done = command.stderr(Stdio::null()).status()?;
        if done.success() { Ok(()) } else { Err(format!("psql failed: {text}").into()) }
    }

    fn execute(&mut self, text: &str) -> Outcome<(Duration, Answer)> {
        let process = self.process.as_mut().ok_or("it has ended")?;
        process.say(&format!("{text}\n\\echo {DONE}\n"))?;
        let (mut answer, mut took) = (Answer::new(), None);
        loop {
            let line = process.line()?;
            if line == DONE {
                break;
            }
            match line.strip_prefix("Time: ") {
                Some(time) => {
                    let milliseconds: f64 = time.split(' ').next().unwrap_or_default().parse()?;
                    took = Some(Duration::from_secs_f64(milliseconds / 1000.0));
                }
                None => answer.push(row(&line)),
            }
        }
        took.map(|took| (took, answer)).ok_or_else(|| format!("PostgreSQL refuses: {text}").into())
    }
}

impl Database for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn load(&mut self, table: &Table, rows: Rows<'_>) -> Outcome<()> {
        let path = self.directory.join(format!("{}.tsv", table.name));
        write_rows(&path, rows)?;
        self.execute(&format!("{};", table.create(Dialect::Postgres)))?;
        self.execute(&format!("\\copy {} from '{}'", table.name, path.display()))?;
        std::fs::remove_file(path)?;
        table.create_indexes().iter().try_for_each(|index| self.execute(&format!("{index};")).map(drop))
    }

    fn settle(&mut self) -> Outcome<()> {
        self.execute("vacuum analyze;").map(drop)
    }

    fn ask(&mut self, query: &str) -> Outcome<(Duration, Answer)> {
        let (took, answer) = self.execute(&format!("{query};"))?;
        Ok((took, answer))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process = None;
        let _ = Self::once(&self.connection, &format!("drop database {DATABASE}")); // it is only in the way
    }
}
