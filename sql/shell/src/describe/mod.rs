//! `\d` and its like: what there is, asked of the system's tables, and shown as psql shows it.
//!
//! * `list`: lists of objects. `relation`: all about one relation. `pattern`: which objects a pattern means.

mod inheritance;
mod list;
mod pattern;
mod relation;

use crate::arguments::Command;
use crate::shell::Shell;
use crate::surroundings::Surroundings;
use display::{Options, Table};
use pattern::Pattern;

/// What a command shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// `\d`: relations, or all about those that match.
    Relations,
    /// `\dt` and its like: relations of these kinds, by the letters of `pg_class`.
    Kinds(&'static str),
    Functions,
    Schemas,
    Types,
    Domains,
    Roles,
    Privileges,
    Databases,
}

/// A command without its signs.
fn subject(name: &str) -> Option<Subject> {
    let letters: String = name.chars().filter(|sign| !matches!(sign, '+' | 'S')).collect();
    Some(match letters.as_str() {
        "d" => Subject::Relations,
        "dt" => Subject::Kinds("rp"),
        "di" => Subject::Kinds("iI"),
        "dv" => Subject::Kinds("v"),
        "dm" => Subject::Kinds("m"),
        "ds" => Subject::Kinds("S"),
        "dtv" | "dvt" => Subject::Kinds("rpv"),
        "df" => Subject::Functions,
        "dn" => Subject::Schemas,
        "dT" => Subject::Types,
        "dD" => Subject::Domains,
        "du" | "dg" => Subject::Roles,
        "dp" | "z" => Subject::Privileges,
        "l" | "list" => Subject::Databases,
        _ => return None,
    })
}

/// Whether a command is one of these.
pub fn is_command(name: &str) -> bool {
    subject(name).is_some()
}

impl Shell {
    /// Runs one of these commands.
    pub(crate) fn describe(&mut self, command: &Command, around: &mut dyn Surroundings) {
        let Some(subject) = subject(&command.name) else { return };
        let more = command.name.contains('+');
        let pattern = command.arguments.first().map(|argument| argument.written.as_str());
        let system = command.name.contains('S') || pattern.is_some();
        let pattern = Pattern::read(pattern.unwrap_or_default());
        match subject {
            Subject::Relations if pattern.is_given() => self.describe_relations(&pattern, more, around),
            Subject::Relations => self.list_relations("rpvmSf", &pattern, more, system, around),
            Subject::Kinds(kinds) => self.list_relations(kinds, &pattern, more, system, around),
            Subject::Functions => self.list_functions(&pattern, more, system, around),
            Subject::Schemas => self.list_schemas(&pattern, more, system, around),
            Subject::Types => self.list_types(&pattern, more, system, around),
            Subject::Domains => self.list_domains(&pattern, more, system, around),
            Subject::Roles => self.list_roles(&pattern, more, around),
            Subject::Privileges => self.list_privileges(&pattern, around),
            Subject::Databases => self.list_databases(&pattern, more, around),
        }
    }

    /// Shows a list with its title.
    fn show_list(&mut self, query: &str, title: &str, around: &mut dyn Surroundings) {
        let Some(table) = self.query(query, around) else { return };
        let table = Table { title: Some(title.to_owned()), ..table };
        let mut text = String::new();
        self.formatting.write(&table, around.width(), &mut text);
        around.print(text.as_bytes());
    }

    /// Shows a table with lines below it, in place of the count of its rows.
    fn show_described(&mut self, table: &Table, footers: &[String], around: &mut dyn Surroundings) {
        let mut formatting = self.formatting.clone();
        formatting.options = Options { footer: false, ..formatting.options };
        let mut text = String::new();
        formatting.write(table, around.width(), &mut text);
        if !footers.is_empty() && !formatting.options.tuples_only {
            // The last line of a table is an empty one.
            let open = text.ends_with("\n\n");
            text.truncate(text.len() - usize::from(open));
            for footer in footers {
                text.push_str(footer);
                text.push('\n');
            }
            if open {
                text.push('\n');
            }
        }
        around.print(text.as_bytes());
    }
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
