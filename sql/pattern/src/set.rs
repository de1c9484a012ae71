//! Sets of characters: brackets, classes, `.`, and letters of either case.

/// A set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) items: Vec<Item>,
    pub(crate) negated: bool,
    /// A newline is not in it, whatever else is said.
    pub(crate) without_newline: bool,
    pub(crate) ignore_case: bool,
}

/// A part of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    Range(char, char),
    Class(Class),
    NotClass(Class),
}

/// A named class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Alphanumeric,
    Alphabetic,
    Ascii,
    Blank,
    Control,
    Digit,
    Graphic,
    Lower,
    Printable,
    Punctuation,
    Space,
    Upper,
    HexDigit,
    Word,
}

impl Class {
    pub(crate) fn named(name: &str, ignore_case: bool) -> Option<Class> {
        Some(match name {
            "alnum" => Class::Alphanumeric,
            "alpha" => Class::Alphabetic,
            "ascii" => Class::Ascii,
            "blank" => Class::Blank,
            "cntrl" => Class::Control,
            "digit" => Class::Digit,
            "graph" => Class::Graphic,
            "lower" | "upper" if ignore_case => Class::Alphabetic,
            "lower" => Class::Lower,
            "print" => Class::Printable,
            "punct" => Class::Punctuation,
            "space" => Class::Space,
            "upper" => Class::Upper,
            "xdigit" => Class::HexDigit,
            "word" => Class::Word,
            _ => return None,
        })
    }

    pub(crate) fn has(self, found: char) -> bool {
        match self {
            Class::Alphanumeric => found.is_alphanumeric(),
            Class::Alphabetic => found.is_alphabetic(),
            Class::Ascii => found.is_ascii(),
            Class::Blank => matches!(found, ' ' | '\t'),
            Class::Control => found.is_control(),
            Class::Digit => found.is_ascii_digit(),
            Class::Graphic => !found.is_control() && !found.is_whitespace(),
            Class::Lower => found.is_lowercase(),
            Class::Printable => !found.is_control(),
            Class::Punctuation => !found.is_control() && !found.is_whitespace() && !found.is_alphanumeric(),
            // Blanks that forbid a break of lines are no white space to PostgreSQL.
            Class::Space => found.is_whitespace() && !matches!(found, '\u{a0}' | '\u{2007}' | '\u{202f}'),
            Class::Upper => found.is_uppercase(),
            Class::HexDigit => found.is_ascii_hexdigit(),
            Class::Word => found.is_alphanumeric() || found == '_',
        }
    }
}

impl Set {
    /// Of one class, or of what is not in it.
    pub(crate) fn of(item: Item) -> Set {
        Set { items: vec![item], negated: false, without_newline: false, ignore_case: false }
    }

    pub(crate) fn has(&self, found: char) -> bool {
        if self.without_newline && found == '\n' {
            return false;
        }
        let inside =
            self.lists(found) || (self.ignore_case && (self.lists(lower(found)) || self.lists(upper(found))));
        inside != self.negated
    }

    fn lists(&self, found: char) -> bool {
        self.items.iter().any(|item| match item {
            Item::Range(first, last) => (*first..=*last).contains(&found),
            Item::Class(class) => class.has(found),
            Item::NotClass(class) => !class.has(found),
        })
    }
}

/// The lower case of a character, where that is one character.
pub(crate) fn lower(found: char) -> char {
    let mut cased = found.to_lowercase();
    match (cased.next(), cased.next()) {
        (Some(one), None) => one,
        _ => found,
    }
}

/// The upper case of a character, where that is one character.
pub(crate) fn upper(found: char) -> char {
    let mut cased = found.to_uppercase();
    match (cased.next(), cased.next()) {
        (Some(one), None) => one,
        _ => found,
    }
}
