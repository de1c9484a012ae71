//! Variables: `\set`, and what becomes of `:name` in statements.

use std::collections::BTreeMap;

/// Names and their values.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether one is set and says yes.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).and_then(boolean).unwrap_or(false)
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Forgets one.
    pub fn unset(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// All of them, by their names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What stands for the reference to a variable at the beginning of `text`, and how long the reference is; none if
    /// nothing is referred to.
    pub fn reference(&self, text: &str) -> Option<(String, usize)> {
        let rest = text.strip_prefix(':')?;
        if let Some(tested) = rest.strip_prefix("{?") {
            let end = tested.find('}')?;
            let name = &tested[..end];
            let known = if self.get(name).is_some() { "TRUE" } else { "FALSE" };
            return is_name(name).then(|| (known.to_owned(), end + 4));
        }
        if let Some(quote) = rest.chars().next().filter(|found| matches!(found, '\'' | '"')) {
            let end = rest[1..].find(quote)?;
            let value = self.get(&rest[1..=end])?;
            return Some((quoted(value, quote), end + 3));
        }
        let end = rest.find(|found: char| !is_name_part(found)).unwrap_or(rest.len());
        let value = self.get(&rest[..end])?;
        Some((value.to_owned(), end + 1))
    }
}

/// Whether something can be the name of a variable.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_name_part)
}

fn is_name_part(found: char) -> bool {
    found.is_alphanumeric() || found == '_'
}

/// A text as SQL: between quotes, or as a name.
fn quoted(value: &str, quote: char) -> String {
    let inner = value.replace(quote, &format!("{quote}{quote}"));
    if quote == '\'' && value.contains('\\') {
        return format!(" E'{}'", inner.replace('\\', "\\\\"));
    }
    format!("{quote}{inner}{quote}")
}

/// Yes or no by any beginning of their words.
pub fn boolean(word: &str) -> Option<bool> {
    let word = word.to_ascii_lowercase();
    let begins = |of: &str| !word.is_empty() && of.starts_with(word.as_str());
    match word.as_str() {
        "1" | "on" => Some(true),
        "0" | "of" | "off" => Some(false),
        _ if begins("true") || begins("yes") => Some(true),
        _ if begins("false") || begins("no") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Variables, boolean};

    #[test]
    fn references_are_replaced_if_they_refer_to_something() {
        let mut variables = Variables::default();
        variables.set("a", "it's");
        let reference = |text: &str| variables.reference(text);
        assert_eq!(reference(":a b"), Some(("it's".into(), 2)));
        assert_eq!(reference(":'a'"), Some(("'it''s'".into(), 4)));
        assert_eq!(reference(":\"a\""), Some(("\"it's\"".into(), 4)));
        assert_eq!(reference(":{?a}x"), Some(("TRUE".into(), 5)));
        assert_eq!(reference(":{?b}"), Some(("FALSE".into(), 5)));
        assert_eq!(reference(":b"), None);
        assert_eq!(reference("::a"), None);
        assert_eq!(reference(":'a"), None);
    }

    #[test]
    fn words_say_yes_or_no() {
        assert_eq!(
            [boolean("t"), boolean("OFF"), boolean("o"), boolean("")],
            [Some(true), Some(false), None, None]
        );
    }
}
