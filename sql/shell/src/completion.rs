//! Completion of what is typed: commands, keywords, names.

use crate::shell::Shell;

/// Commands.
const COMMANDS: &[&str] = &[
    "\\C",
    "\\a",
    "\\conninfo",
    "\\copy",
    "\\crosstabview",
    "\\d",
    "\\dD",
    "\\dT",
    "\\df",
    "\\di",
    "\\dm",
    "\\dn",
    "\\dp",
    "\\ds",
    "\\dt",
    "\\du",
    "\\dv",
    "\\e",
    "\\echo",
    "\\elif",
    "\\else",
    "\\encoding",
    "\\endif",
    "\\errverbose",
    "\\f",
    "\\g",
    "\\gdesc",
    "\\gexec",
    "\\gset",
    "\\gx",
    "\\i",
    "\\if",
    "\\ir",
    "\\l",
    "\\o",
    "\\p",
    "\\prompt",
    "\\pset",
    "\\q",
    "\\qecho",
    "\\r",
    "\\set",
    "\\t",
    "\\timing",
    "\\unset",
    "\\w",
    "\\warn",
    "\\watch",
    "\\x",
];

/// Words that statements are made of.
const WORDS: &[&str] = &[
    "ADD",
    "ALL",
    "ALTER",
    "ANALYZE",
    "AND",
    "AS",
    "ASC",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLUMN",
    "COMMENT",
    "COMMIT",
    "CONFLICT",
    "CONSTRAINT",
    "COPY",
    "CREATE",
    "CROSS",
    "DATABASE",
    "DEFAULT",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DO",
    "DOMAIN",
    "DROP",
    "ELSE",
    "END",
    "EXCEPT",
    "EXECUTE",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FOREIGN",
    "FROM",
    "FULL",
    "FUNCTION",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "IN",
    "INDEX",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "KEY",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MERGE",
    "NATURAL",
    "NOT",
    "NOTHING",
    "NULL",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PREPARE",
    "PRIMARY",
    "REFERENCES",
    "RENAME",
    "RETURNING",
    "REVOKE",
    "RIGHT",
    "ROLE",
    "ROLLBACK",
    "SAVEPOINT",
    "SCHEMA",
    "SELECT",
    "SEQUENCE",
    "SET",
    "SHOW",
    "TABLE",
    "THEN",
    "TO",
    "TRANSACTION",
    "TRUE",
    "TRUNCATE",
    "TYPE",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

impl Shell {
    /// Where the word begins that ends at byte `end` of a line, and what it may become.
    pub fn complete(&mut self, line: &str, end: usize) -> (usize, Vec<String>) {
        let typed = &line[..end];
        let is_part = |found: char| found.is_alphanumeric() || matches!(found, '_' | '\\' | '+');
        let start = typed.char_indices().rev().take_while(|(_, found)| is_part(*found)).last();
        let start = start.map_or(end, |(place, _)| place);
        let word = &typed[start..];
        if word.starts_with('\\') {
            let found = COMMANDS.iter().filter(|command| command.starts_with(word));
            return (start, found.map(|command| (*command).to_owned()).collect());
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        let lower = word.to_lowercase();
        let upper = word.to_uppercase();
        // As it is typed: in capitals or not.
        let small = word.chars().any(char::is_lowercase);
        let mut found: Vec<String> = WORDS
            .iter()
            .filter(|known| known.starts_with(&upper))
            .map(|known| if small { known.to_lowercase() } else { (*known).to_owned() })
            .collect();
        // A block that has failed answers nothing; one that is idle begins no transaction that stays.
        if self.session.status() != session::transaction::block::Status::Failed {
            found.extend(self.names_beginning(&lower));
        }
        found.dedup();
        (start, found)
    }
}
