//! What settings say of bodies (`plpgsql.…`), each read from its text once.

use crate::tree::Conflict;
use syntax::lexer::StringRules;

/// What is looked for beyond what the language asks: `plpgsql.extra_warnings`, `plpgsql.extra_errors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checks {
    /// A variable hides one that is declared further out.
    pub shadowed_variables: bool,
    /// A row has more or fewer columns than there are places for them.
    pub strict_multi_assignment: bool,
    /// A query with `INTO` yields more than one row.
    pub too_many_rows: bool,
}

/// How grave it is if such a thing is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Found {
    Warning,
    Error,
}

/// Settings of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `plpgsql.check_asserts`
    pub check_asserts: bool,
    /// `plpgsql.variable_conflict`
    pub conflict: Conflict,
    /// `plpgsql.print_strict_params`
    pub prints_parameters: bool,
    /// `plpgsql.extra_warnings`
    pub warnings: Checks,
    /// `plpgsql.extra_errors`
    pub errors: Checks,
    /// What backslashes are in strings: `standard_conforming_strings`, `backslash_quote`.
    pub strings: StringRules,
}

impl Default for Settings {
    fn default() -> Settings {
        let (warnings, errors) = (Checks::default(), Checks::default());
        let conflict = Conflict::Error;
        let strings = StringRules::default();
        Settings { check_asserts: true, conflict, prints_parameters: false, warnings, errors, strings }
    }
}

/// Why a text is no list of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoChecks {
    /// A word that is none.
    Unknown(String),
    /// A word that stands alone or not at all.
    NotAlone(String),
}

impl Checks {
    /// What a text says that is one of the words that stand alone, and nothing else.
    pub fn by_word(text: &str) -> Option<Checks> {
        match text.to_ascii_lowercase().as_str() {
            "all" => {
                let all = true;
                Some(Checks { shadowed_variables: all, strict_multi_assignment: all, too_many_rows: all })
            }
            "none" => Some(Checks::default()),
            _ => None,
        }
    }

    /// The words of a list.
    ///
    /// # Errors
    /// When one is none, or may not stand in a list.
    pub fn read(words: &[String]) -> Result<Checks, NoChecks> {
        let mut checks = Checks::default();
        for word in words {
            match word.to_ascii_lowercase().as_str() {
                "shadowed_variables" => checks.shadowed_variables = true,
                "strict_multi_assignment" => checks.strict_multi_assignment = true,
                "too_many_rows" => checks.too_many_rows = true,
                "all" | "none" => return Err(NoChecks::NotAlone(word.clone())),
                _ => return Err(NoChecks::Unknown(word.clone())),
            }
        }
        Ok(checks)
    }
}

impl Settings {
    /// Whether something is looked for, and how grave it is.
    pub fn looks_for(&self, which: fn(&Checks) -> bool) -> Option<Found> {
        match (which(&self.errors), which(&self.warnings)) {
            (true, _) => Some(Found::Error),
            (false, true) => Some(Found::Warning),
            (false, false) => None,
        }
    }
}
