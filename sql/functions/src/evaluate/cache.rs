//! What is made of arguments that seldom change, kept from call to call.

use super::by_values::MadeOfValues;
use pattern::{Flags, Pattern};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many patterns are kept; then all are forgotten, which happens where patterns come from a column.
const PATTERNS_MAX: usize = 64;

/// Compiled patterns, and results. One for a session or a statement; dropping it loses nothing.
#[derive(Debug, Default)]
pub struct Cache {
    patterns: BTreeMap<(Flags, String), Arc<Pattern>>,
    /// The one that was asked for last, which is the one that is asked for next.
    last: Option<(Flags, String, Arc<Pattern>)>,
    /// What functions have made of the values of dictionaries.
    pub(super) of_values: MadeOfValues,
}

impl Cache {
    pub(crate) fn pattern(&mut self, text: &str, flags: Flags) -> Option<Arc<Pattern>> {
        if let Some((last_flags, last_text, regex)) = &self.last
            && *last_flags == flags
            && last_text == text
        {
            return Some(Arc::clone(regex));
        }
        let regex = Arc::clone(self.patterns.get(&(flags, text.to_owned()))?);
        self.last = Some((flags, text.to_owned(), Arc::clone(&regex)));
        Some(regex)
    }

    pub(crate) fn keep_pattern(&mut self, text: &str, flags: Flags, regex: Arc<Pattern>) {
        if self.patterns.len() >= PATTERNS_MAX {
            self.patterns.clear();
        }
        self.last = Some((flags, text.to_owned(), Arc::clone(&regex)));
        self.patterns.insert((flags, text.to_owned()), regex);
    }
}
