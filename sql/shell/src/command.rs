//! Backslash commands.

use crate::arguments::{Argument, Command};
use crate::client::Channel;
use crate::input::{Input, script_text};
use crate::shell::{Shell, Target};
use crate::surroundings::{Place, Surroundings};
use crate::variables::{boolean, is_name};

/// Scripts that include each other.
const INCLUDE_MAX: usize = 16;

impl Shell {
    /// Runs a command.
    pub(crate) fn command(
        &mut self,
        command: &Command,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        let first = command.arguments.first().map(|argument| argument.text.as_str());
        if self.conditional(&command.name, first, around) || !self.conditions.is_active() {
            return;
        }
        let words: Vec<&str> = command.arguments.iter().map(|argument| argument.text.as_str()).collect();
        match command.name.as_str() {
            "q" | "quit" => self.quit = true,
            "?" | "h" | "help" => around.print(crate::help::TEXT.as_bytes()),
            "x" | "t" | "f" | "C" | "H" | "html" | "a" | "pset" => self.format(&command.name, &words, around),
            "timing" => self.set_timing(first, around),
            "echo" | "qecho" => around.print(echo(&words).as_bytes()),
            "warn" => around.complain(&echo(&words)),
            "i" | "include" => self.include(first, false, around),
            "ir" | "include_relative" => self.include(first, true, around),
            "o" | "out" => {
                let place = command.arguments.first().map(Argument::place);
                if let Err(reason) = around.redirect(place.as_ref()) {
                    self.complain(&reason, around);
                }
            }
            "set" => self.set(&words, around),
            "unset" => match first {
                Some(name) => self.variables.unset(name),
                None => self.complain("\\unset: missing required argument", around),
            },
            "prompt" => self.ask(&words, around),
            "p" | "print" => {
                let text = if self.buffer.trim().is_empty() { &self.last } else { &self.buffer };
                let text = if text.is_empty() { "Query buffer is empty." } else { text.trim_end() };
                around.print(format!("{text}\n").as_bytes());
            }
            "r" | "reset" => {
                self.interrupt();
                around.print(b"Query buffer reset (cleared).\n");
            }
            "e" | "edit" => self.edit(input, around),
            "w" | "write" => self.write(command.arguments.first(), around),
            "!" => {
                let program = Some(command.rest.trim()).filter(|program| !program.is_empty());
                if let Err(reason) = around.run(program) {
                    self.complain(&reason, around);
                }
            }
            "errverbose" => self.tell_error_again(around),
            "g" | "gx" | "gset" | "gexec" | "gdesc" | "crosstabview" | "watch" => {
                self.go(command, input, around)
            }
            "copy" => self.copy(&command.rest, input, around),
            "conninfo" => {
                let text = format!("You are connected to database \"{}\".\n", self.name);
                around.print(text.as_bytes());
            }
            "encoding" => around.print(b"UTF8\n"),
            name if crate::describe::is_command(name) => self.describe(command, around),
            name => self.complain(&format!("invalid command \\{name}\nTry \\? for help."), around),
        }
    }

    /// `\if` and its like, which count in branches that are not run, too; whether it was one.
    fn conditional(&mut self, name: &str, word: Option<&str>, around: &mut dyn Surroundings) -> bool {
        let mut unknown = None;
        let condition = || {
            let word = word.unwrap_or_default();
            boolean(word).unwrap_or_else(|| {
                unknown = Some(word.to_owned());
                false
            })
        };
        let done = match name {
            "if" => {
                self.conditions.begin(condition);
                Ok(())
            }
            "elif" => self.conditions.other(condition),
            "else" => self.conditions.otherwise(),
            "endif" => self.conditions.end(),
            _ => return false,
        };
        if let Some(word) = unknown {
            let text = format!("unrecognized value \"{word}\" for \"\\{name} expression\": Boolean expected");
            self.complain(&text, around);
        }
        if let Err(reason) = done {
            self.complain(reason, around);
        }
        true
    }

    /// How results look from now on.
    fn format(&mut self, command: &str, words: &[&str], around: &mut dyn Surroundings) {
        let first = words.first().copied();
        let format = self.formatting.options.format;
        let or_aligned = |is_it, name| Some(if is_it { "aligned" } else { name });
        match command {
            "x" => self.formatted("expanded", first, around),
            "t" => self.formatted("tuples_only", first, around),
            "f" => self.formatted("fieldsep", first, around),
            "C" => self.formatted("title", first, around),
            "a" => {
                let is_it = format == display::Format::Unaligned;
                self.formatted("format", or_aligned(is_it, "unaligned"), around);
            }
            "pset" => match first {
                Some(name) => self.formatted(name, words.get(1).copied(), around),
                None => around.print(self.formatting.all().as_bytes()),
            },
            // `\H`
            _ => self.formatted("format", or_aligned(format == display::Format::Html, "html"), around),
        }
    }

    fn formatted(&mut self, name: &str, value: Option<&str>, around: &mut dyn Surroundings) {
        match self.formatting.set(name, value) {
            Ok(told) if !self.variables.is_on("QUIET") => around.print(format!("{told}\n").as_bytes()),
            Ok(_) => {}
            Err(reason) => self.complain(&reason, around),
        }
    }

    fn set_timing(&mut self, word: Option<&str>, around: &mut dyn Surroundings) {
        self.timing = match word {
            None => !self.timing,
            Some(word) => match boolean(word) {
                Some(on) => on,
                None => {
                    let text = format!("unrecognized value \"{word}\" for \"\\timing\": Boolean expected");
                    return self.complain(&text, around);
                }
            },
        };
        if !self.variables.is_on("QUIET") {
            let state = if self.timing { "on" } else { "off" };
            around.print(format!("Timing is {state}.\n").as_bytes());
        }
    }

    fn set(&mut self, words: &[&str], around: &mut dyn Surroundings) {
        let [name, values @ ..] = words else {
            let all: String =
                self.variables.all().map(|(name, value)| format!("{name} = '{value}'\n")).collect();
            return around.print(all.as_bytes());
        };
        if !is_name(name) {
            return self.complain(&format!("invalid variable name: \"{name}\""), around);
        }
        let value = values.concat();
        let refused = match *name {
            "AUTOCOMMIT" => boolean(&value) != Some(true),
            "ON_ERROR_ROLLBACK" => boolean(&value) != Some(false),
            _ => false,
        };
        if refused {
            return self.complain(&format!("{name} cannot be set to \"{value}\" here"), around);
        }
        self.variables.set(name, &value);
    }

    /// `\prompt [TEXT] NAME`
    fn ask(&mut self, words: &[&str], around: &mut dyn Surroundings) {
        let (text, name) = match words {
            [name] => ("", *name),
            [text, name, ..] => (*text, *name),
            [] => return self.complain("\\prompt: missing required argument", around),
        };
        if let Some(line) = around.read_line(text) {
            self.variables.set(name, &line);
        }
    }

    fn include(&mut self, path: Option<&str>, relative: bool, around: &mut dyn Surroundings) {
        let Some(path) = path else { return self.complain("\\i: missing required argument", around) };
        if self.depth >= INCLUDE_MAX {
            let text = format!("{path}: scripts include each other more than {INCLUDE_MAX} deep");
            return self.complain(&text, around);
        }
        let beside = relative && !path.starts_with('/') && !self.directory.is_empty();
        let path = if beside { format!("{}/{path}", self.directory) } else { path.to_owned() };
        match read_text(&path, around) {
            Ok(text) => {
                let directory = path.rfind('/').map_or("", |slash| &path[..slash]).to_owned();
                let before = std::mem::replace(&mut self.directory, directory);
                self.depth += 1;
                self.script(&text, around);
                self.depth -= 1;
                self.directory = before;
            }
            Err(reason) => self.complain(&reason, around),
        }
    }

    fn edit(&mut self, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        let text = if self.buffer.trim().is_empty() { self.last.clone() } else { self.buffer.clone() };
        match around.edit(&text) {
            Ok(edited) => {
                self.interrupt();
                edited.lines().for_each(|line| self.line(line, input, around));
            }
            Err(reason) => self.complain(&reason, around),
        }
    }

    fn write(&mut self, place: Option<&Argument>, around: &mut dyn Surroundings) {
        let Some(place) = place.map(Argument::place) else {
            return self.complain("\\w: missing required argument", around);
        };
        let text = if self.buffer.trim().is_empty() { &self.last } else { &self.buffer };
        let written = around.write(&place).and_then(|mut write| write(text.as_bytes()));
        if let Err(reason) = written {
            self.complain(&reason, around);
        }
    }

    /// `\g` and its like: what is typed so far, or else the last statement, is run.
    fn go(&mut self, command: &Command, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        let buffer = std::mem::take(&mut self.buffer);
        self.scanner = crate::scan::Scanner::default();
        let statement = if buffer.trim().is_empty() { self.last.clone() } else { buffer.trim().to_owned() };
        if statement.is_empty() {
            return;
        }
        let first = command.arguments.first().map(|argument| argument.text.as_str());
        match command.name.as_str() {
            "gset" => self.set_from_row(&statement, first.unwrap_or_default(), input, around),
            "gexec" => self.run_cells(&statement, input, around),
            "gdesc" => self.describe_result(&statement, input, around),
            "crosstabview" => {
                let words: Vec<&str> = command.arguments.iter().map(|word| word.text.as_str()).collect();
                self.show_turned(&statement, &words, input, around);
            }
            "watch" => self.watch(&statement, first, input, around),
            name => match self.target(&command.arguments, name == "gx") {
                Ok(target) => self.run(&statement, &target, input, around),
                Err(reason) => self.complain(&reason, around),
            },
        }
    }

    /// `\gdesc`: the columns that a statement would yield, and their types.
    fn describe_result(&mut self, statement: &str, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        statement.clone_into(&mut self.last);
        let prepared = self.session.prepare("", statement, &[]);
        let described = match prepared.and_then(|()| self.session.describe("")) {
            Ok(described) => described,
            Err(report) => return self.tell_failure(statement, &report, around),
        };
        let columns = described.columns.unwrap_or_default();
        if columns.is_empty() {
            return around.print(b"The command has no result, or the result has no columns.\n");
        }
        let rows: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let (name, of) = (column.name.replace('\'', "''"), column.column_type);
                format!("({place}, E'{}', {}::oid, {})", name.replace('\\', "\\\\"), of.oid, of.modifier)
            })
            .collect();
        let query = format!(
            "SELECT name AS \"Column\", pg_catalog.format_type(tp, tpm) AS \"Type\" \
             FROM (VALUES {}) s(place, name, tp, tpm) ORDER BY place",
            rows.join(", ")
        );
        let (collected, failed, copied) = self.execute(&query, Channel::Standard, input, around);
        self.show(&query, &collected, &Target::default(), copied, around);
        if let Some(report) = failed {
            self.tell_failure(&query, &report, around);
        }
    }

    /// Where `\g (name=value …) FILE` sends results.
    fn target(&self, arguments: &[Argument], expanded: bool) -> Result<Target, String> {
        let mut formatting = self.formatting.clone();
        formatting.options.expanded |= expanded;
        let mut place = None;
        let mut open = false;
        for argument in arguments {
            let mut word = argument.text.as_str();
            if let Some(rest) = word.strip_prefix('(').filter(|_| !open && place.is_none()) {
                open = true;
                word = rest;
            }
            if !open {
                place = Some(argument.place());
                continue;
            }
            let (option, closes) = word.strip_suffix(')').map_or((word, false), |word| (word, true));
            if !option.is_empty() {
                let (name, value) = option.split_once('=').map_or((option, None), |(a, b)| (a, Some(b)));
                formatting.set(name, value)?;
            }
            open = !closes;
        }
        if open {
            return Err("\\g: missing right parenthesis".to_owned());
        }
        Ok(Target { formatting: Some(formatting), place })
    }
}

/// Words with blanks between them, as a line; `-n` before them leaves the line open.
fn echo(words: &[&str]) -> String {
    match words {
        ["-n", rest @ ..] => rest.join(" "),
        words => format!("{}\n", words.join(" ")),
    }
}

/// The text of a file.
pub(crate) fn read_text(path: &str, around: &mut dyn Surroundings) -> Result<String, String> {
    let mut read = around.read(&Place::File(path.to_owned()))?;
    let mut bytes = Vec::new();
    while read(&mut bytes)? {}
    script_text(&bytes).map(str::to_owned).map_err(|error| format!("{path}: {error}"))
}
