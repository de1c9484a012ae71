//! `\sf` and `\sv`: what made a function or a view, with numbered lines behind a `+`.

use super::quoted;
use crate::arguments::Command;
use crate::shell::Shell;
use crate::surroundings::Surroundings;

impl Shell {
    /// Shows the definition of the function or view that the command names.
    pub(super) fn show_source(&mut self, function: bool, command: &Command, around: &mut dyn Surroundings) {
        let named: Vec<&str> = command.arguments.iter().map(|argument| argument.written.as_str()).collect();
        let (named, what) = (named.join(" "), if function { "function" } else { "view" });
        if named.is_empty() {
            return self.complain(&format!("{what} name is required"), around);
        }
        let query = match function {
            true => {
                let of = if named.contains('(') { "regprocedure" } else { "regproc" };
                format!(
                    "SELECT pg_catalog.pg_get_functiondef({}::pg_catalog.{of}::pg_catalog.oid)",
                    quoted(&named)
                )
            }
            false => view_query(&named),
        };
        let Some(found) = self.query(&query, around) else { return };
        let Some(text) = found.rows.first().and_then(|row| row.first().cloned().flatten()) else {
            return self.complain(&format!("\"{named}\" is not a {what}"), around);
        };
        let text = text.trim_end_matches('\n');
        let shown = if command.name.contains('+') { numbered(text, function) } else { format!("{text}\n") };
        around.print(shown.as_bytes());
    }
}

fn view_query(named: &str) -> String {
    format!(
        "SELECT 'CREATE OR REPLACE VIEW ' || pg_catalog.quote_ident(n.nspname) || '.' || \
         pg_catalog.quote_ident(c.relname) || E' AS\\n' || \
         pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid, true), ';') || \
         CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN E'\\n WITH LOCAL CHECK OPTION' \
         WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN E'\\n WITH CASCADED CHECK OPTION' ELSE '' END \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = {}::pg_catalog.regclass AND c.relkind = 'v'",
        quoted(named)
    )
}

/// Lines with their numbers; of a function its body is counted, as its errors are.
fn numbered(text: &str, function: bool) -> String {
    let mut number = 0;
    let mut shown = String::new();
    for line in text.lines() {
        let body = ["AS ", "BEGIN ", "RETURN "].iter().any(|head| line.starts_with(head));
        if !function || number > 0 || body {
            number += 1;
        }
        let head = if number > 0 { number.to_string() } else { String::new() };
        shown.push_str(&format!("{head:<7} {line}\n"));
    }
    shown
}
