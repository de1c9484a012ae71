//! `\d` and its like: what there is, asked of the system's tables, and shown as psql shows it.
//!
//! * `list`: lists of objects; `listings`: those that are one query each. `relation`: all about one relation. `source`: what made a function or a view.
//!   `pattern`: which objects a pattern means.

mod inheritance;
mod list;
mod listings;
mod pattern;
mod relation;
mod source;

use crate::arguments::Command;
use crate::shell::Shell;
use crate::surroundings::Surroundings;
use display::{Options, Table};
use listings::{LISTINGS, Listing};
use pattern::Pattern;

/// What a command shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    /// `\d`: relations, or all about those that match.
    Relations,
    /// `\dt` and its like: relations of these kinds, by the letters of `pg_class`.
    Kinds(String),
    /// `\\da` and what else is one query.
    List(&'static Listing),
    Functions,
    Schemas,
    Types,
    Domains,
    Roles,
    Privileges,
    Databases,
    /// `\sf`; of a view `\sv`.
    Source {
        /// Whether a function is meant.
        function: bool,
    },
}

/// A command without its signs.
fn subject(name: &str) -> Option<Subject> {
    let letters: String = name.chars().filter(|sign| !matches!(sign, '+' | 'S')).collect();
    Some(match letters.as_str() {
        "d" => Subject::Relations,
        "df" => Subject::Functions,
        "dn" => Subject::Schemas,
        "dT" => Subject::Types,
        "dD" => Subject::Domains,
        "du" | "dg" => Subject::Roles,
        "dp" | "z" => Subject::Privileges,
        "l" | "list" => Subject::Databases,
        "sf" => Subject::Source { function: true },
        "sv" => Subject::Source { function: false },
        other => match LISTINGS.iter().find(|listing| listing.letters == other) {
            Some(listing) => Subject::List(listing),
            None => return kinds(other),
        },
    })
}

/// One or several kinds of relations: `\dt`, `\dtv`, `\dis`.
fn kinds(letters: &str) -> Option<Subject> {
    let kind = |sign| match sign {
        't' => Some("rp"),
        'i' => Some("iI"),
        'v' => Some("v"),
        'm' => Some("m"),
        's' => Some("S"),
        'E' => Some("f"),
        _ => None,
    };
    let kinds: Vec<&str> = letters.strip_prefix('d')?.chars().map(kind).collect::<Option<_>>()?;
    (!kinds.is_empty()).then(|| Subject::Kinds(kinds.concat()))
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
        let pattern = match subject {
            // Names of operators are made of signs that would mean something in an expression.
            Subject::List(listing) if listing.letters == "do" => Pattern::read_signs,
            _ => Pattern::read,
        }(pattern.unwrap_or_default());
        match subject {
            Subject::Relations if pattern.is_given() => self.describe_relations(&pattern, more, around),
            Subject::Relations => self.list_relations("rpvmSf", &pattern, more, system, around),
            Subject::Kinds(kinds) => self.list_relations(&kinds, &pattern, more, system, around),
            Subject::Functions => self.list_functions(&pattern, more, system, around),
            Subject::Schemas => self.list_schemas(&pattern, more, system, around),
            Subject::Types => self.list_types(&pattern, more, system, around),
            Subject::Domains => self.list_domains(&pattern, more, system, around),
            Subject::Roles => self.list_roles(&pattern, more, around),
            Subject::Privileges => self.list_privileges(&pattern, around),
            Subject::List(listing) => self.list_of(listing, &pattern, more, system, around),
            Subject::Source { function } => self.show_source(function, command, around),
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
