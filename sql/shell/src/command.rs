//! Lines: gathered to statements, or backslash commands.

use crate::collect::{Collect, Event};
use crate::message::{self, Verbosity};
use crate::settings::Surroundings;
use crate::split::ends;
use display::{Format, Options};
use session::Session;

/// Scripts that include each other.
const INCLUDE_MAX: usize = 16;

/// A shell on a session.
pub struct Shell {
    session: Session,
    /// The name of the database, for the prompt.
    name: String,
    /// What was typed of a statement so far.
    buffer: String,
    /// The statement that was run last, for `\g`.
    last: String,
    options: Options,
    timing: bool,
    stop_on_error: bool,
    quit: bool,
    /// Whether a statement has failed.
    failed: bool,
    depth: usize,
}

impl Shell {
    /// On a session of the database called `name`.
    pub fn new(session: Session, name: &str) -> Shell {
        Shell {
            session,
            name: name.to_owned(),
            buffer: String::new(),
            last: String::new(),
            options: Options::default(),
            timing: false,
            stop_on_error: false,
            quit: false,
            failed: false,
            depth: 0,
        }
    }

    /// What stands before the next line.
    pub fn prompt(&self) -> String {
        let state = match self.session.status() {
            session::block::Status::Idle => "",
            session::block::Status::Open => "*",
            session::block::Status::Failed => "!",
        };
        let open = if self.buffer.trim().is_empty() { '=' } else { '-' };
        format!("{}{open}{state}# ", self.name)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.quit
    }

    /// Whether a statement has failed.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether to stop at the first statement that fails.
    pub fn set_stop_on_error(&mut self, stop: bool) {
        self.stop_on_error = stop;
    }

    /// How results look.
    pub fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    /// What ends whatever runs, from another task.
    pub fn canceller(&self) -> store::Canceller {
        self.session.canceller()
    }

    /// Takes a line.
    pub fn line(&mut self, line: &str, around: &mut dyn Surroundings) {
        let trimmed = line.trim_start();
        if self.buffer.trim().is_empty() && trimmed.starts_with('\\') {
            self.command(trimmed, around);
            return;
        }
        if self.buffer.trim().is_empty() && matches!(trimmed.trim_end(), "quit" | "exit") {
            self.quit = true;
            return;
        }
        // A command may follow a statement on its line: `select 1 \gx`.
        let (sql, command) = split_command(&self.buffer, line);
        self.buffer.push_str(sql);
        self.buffer.push('\n');
        self.run_complete(around);
        if let Some(command) = command {
            self.command(command, around);
        }
    }

    /// Runs a whole text: a script, or what `-c` says.
    pub fn script(&mut self, text: &str, around: &mut dyn Surroundings) {
        for line in text.lines() {
            self.line(line, around);
            if self.quit || (self.failed && self.stop_on_error) {
                return;
            }
        }
        self.finish(around);
    }

    /// There are no more lines: what is left is run as it is.
    pub fn finish(&mut self, around: &mut dyn Surroundings) {
        let left = std::mem::take(&mut self.buffer);
        if !left.trim().is_empty() {
            self.run(left.trim(), around);
        }
    }

    /// Forgets what was typed: Ctrl-C.
    pub fn interrupt(&mut self) {
        self.buffer.clear();
    }

    fn run_complete(&mut self, around: &mut dyn Surroundings) {
        let ends = ends(&self.buffer);
        let Some(last) = ends.last().copied() else { return };
        let buffer = std::mem::take(&mut self.buffer);
        let mut start = 0;
        for end in ends {
            let statement = buffer[start..end].trim();
            start = end;
            self.run(statement, around);
            if self.failed && self.stop_on_error {
                return;
            }
        }
        self.buffer = buffer[last..].trim_start().to_owned();
    }

    fn run(&mut self, statement: &str, around: &mut dyn Surroundings) {
        self.last = statement.to_owned();
        let begun = around.milliseconds();
        let mut client = Collect::default();
        let failed = self.session.execute(statement, &mut client).err();
        if failed.is_some() {
            client.forget_unfinished();
        }
        for event in &client.events {
            let mut text = String::new();
            match event {
                Event::Rows(table, _) => {
                    table.write(&self.options, &mut text);
                    around.print(&text);
                }
                Event::Notice(report) => {
                    message::write(statement, report, Verbosity::Default, &mut text);
                    around.complain(&text);
                }
                Event::Complete(tag) if shows_tag(tag) => around.print(&format!("{tag}\n")),
                Event::Complete(_) => {}
            }
        }
        if let Some(report) = failed {
            self.failed = true;
            let mut text = String::new();
            message::write(statement, &report, Verbosity::Default, &mut text);
            around.complain(&text);
        }
        if self.timing {
            let passed = around.milliseconds() - begun;
            around.print(&format!("Time: {passed:.3} ms\n"));
        }
    }

    fn command(&mut self, line: &str, around: &mut dyn Surroundings) {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or("\\");
        let words: Vec<&str> = words.collect();
        match name {
            "\\q" => self.quit = true,
            "\\?" => around.print(HELP),
            "\\x" => self.expanded(words.first().copied(), around),
            "\\t" => {
                self.options.tuples_only = !self.options.tuples_only;
                let state = if self.options.tuples_only { "on" } else { "off" };
                around.print(&format!("Tuples only is {state}.\n"));
            }
            "\\a" => {
                let unaligned = self.options.format == Format::Unaligned;
                self.set_format(if unaligned { "aligned" } else { "unaligned" }, around);
            }
            "\\timing" => {
                self.timing = match words.first() {
                    Some(word) => *word == "on",
                    None => !self.timing,
                };
                around.print(&format!("Timing is {}.\n", if self.timing { "on" } else { "off" }));
            }
            "\\pset" => self.pset(&words, around),
            "\\echo" | "\\qecho" => around.print(&format!("{}\n", words.join(" "))),
            "\\warn" => around.complain(&format!("{}\n", words.join(" "))),
            "\\i" | "\\include" => self.include(words.first().copied(), around),
            "\\o" | "\\out" => {
                if let Err(reason) = around.redirect(words.first().copied()) {
                    self.complain(&reason, around);
                }
            }
            "\\p" => around.print(&format!(
                "{}\n",
                if self.buffer.trim().is_empty() { &self.last } else { &self.buffer }
            )),
            "\\r" => {
                self.buffer.clear();
                around.print("Query buffer reset (cleared).\n");
            }
            "\\g" | "\\gx" => self.go(name == "\\gx", around),
            "\\conninfo" => around.print(&format!("You are connected to database \"{}\".\n", self.name)),
            "\\encoding" => around.print("UTF8\n"),
            _ => self.complain(&format!("invalid command {name}; \\? lists what there is"), around),
        }
    }

    fn complain(&mut self, reason: &str, around: &mut dyn Surroundings) {
        self.failed = true;
        around.complain(&format!("{reason}\n"));
    }

    fn expanded(&mut self, word: Option<&str>, around: &mut dyn Surroundings) {
        self.options.expanded = match word {
            Some(word) => word == "on",
            None => !self.options.expanded,
        };
        let state = if self.options.expanded { "on" } else { "off" };
        around.print(&format!("Expanded display is {state}.\n"));
    }

    fn go(&mut self, expanded: bool, around: &mut dyn Surroundings) {
        let buffer = std::mem::take(&mut self.buffer);
        let statement = if buffer.trim().is_empty() { self.last.clone() } else { buffer.trim().to_owned() };
        let before = self.options.expanded;
        self.options.expanded |= expanded;
        self.run(&statement, around);
        self.options.expanded = before;
    }

    fn include(&mut self, path: Option<&str>, around: &mut dyn Surroundings) {
        let Some(path) = path else { return self.complain("\\i: missing required argument", around) };
        if self.depth >= INCLUDE_MAX {
            return self.complain(
                &format!("{path}: scripts include each other more than {INCLUDE_MAX} deep"),
                around,
            );
        }
        match around.read_file(path) {
            Ok(text) => {
                self.depth += 1;
                self.script(&text, around);
                self.depth -= 1;
            }
            Err(reason) => self.complain(&reason, around),
        }
    }

    fn pset(&mut self, words: &[&str], around: &mut dyn Surroundings) {
        match words {
            ["format", format] => self.set_format(format, around),
            ["border", border] => match border.parse() {
                Ok(border @ 0..=2) => {
                    self.options.border = border;
                    around.print(&format!("Border style is {border}.\n"));
                }
                _ => self.complain("\\pset: border is 0, 1 or 2", around),
            },
            ["null", rest @ ..] => {
                self.options.null = rest.join(" ").trim_matches('\'').to_owned();
                around.print(&format!("Null display is \"{}\".\n", self.options.null));
            }
            ["footer", state] => {
                self.options.footer = *state == "on";
                around.print(&format!("Default footer is {state}.\n"));
            }
            ["expanded", state] => self.expanded(Some(state), around),
            _ => self.complain("\\pset knows format, border, null, footer and expanded", around),
        }
    }

    fn set_format(&mut self, name: &str, around: &mut dyn Surroundings) {
        self.options.format = match name {
            "aligned" => Format::Aligned,
            "unaligned" => Format::Unaligned,
            "csv" => Format::Csv,
            "html" => Format::Html,
            "json" => Format::Json,
            "markdown" => Format::Markdown,
            _ => {
                let reason = "\\pset: allowed formats are aligned, csv, html, json, markdown, unaligned";
                return self.complain(reason, around);
            }
        };
        around.print(&format!("Output format is {name}.\n"));
    }
}

/// psql shows the tag of a statement that sends no rows.
fn shows_tag(tag: &str) -> bool {
    !["SELECT", "SHOW", "FETCH", "EXPLAIN"].iter().any(|verb| tag.starts_with(verb))
}

/// Where a backslash command begins in a line that goes on with a statement, outside of quotes.
fn split_command<'l>(buffer: &str, line: &'l str) -> (&'l str, Option<&'l str>) {
    let mut quote = None;
    let mut before = buffer.chars().filter(|found| *found == '\'').count() % 2 == 1;
    for (place, found) in line.char_indices() {
        match (quote, found) {
            (None, '\'') if before => before = false,
            (None, '\'' | '"') if !before => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            (None, '\\') if !before => return (&line[..place], Some(&line[place..])),
            _ => {}
        }
    }
    (line, None)
}

const HELP: &str = "\
General
  \\q                 leave
  \\g, \\gx            run the statement in the buffer, or the last one again (\\gx: expanded)
  \\timing [on|off]   tell how long statements take
Input and output
  \\i FILE            run a script
  \\o [FILE]          write results to a file, or to the terminal again
  \\echo TEXT         write a text
  \\p, \\r             show or clear what is typed so far
Formatting
  \\x [on|off]        a line for each value
  \\t                 values alone
  \\a                 aligned or not
  \\pset format aligned|unaligned|csv|html|json|markdown
  \\pset border 0|1|2, null TEXT, footer on|off
";

#[cfg(test)]
mod tests {
    use super::split_command;

    #[test]
    fn commands_are_found_behind_statements() {
        assert_eq!(split_command("", "select 1 \\gx"), ("select 1 ", Some("\\gx")));
        assert_eq!(split_command("", "select '\\g'"), ("select '\\g'", None));
        assert_eq!(split_command("select 'a", "b\\g' \\g"), ("b\\g' ", Some("\\g")));
    }
}
