//! What is to be told of a text besides whether it is SQL: names that are cut, words that mean nothing any more.

use crate::keyword::Keyword;
use crate::lexer::{Lexer, StringRules, TokenKind, truncate};
use bumpalo::Bump;
use diagnostic::{Diagnostic, SqlState};

/// Something to be told of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// A name is longer than names are.
    #[error("identifier \"{name}\" will be truncated to \"{}\"", truncate(name))]
    Truncated {
        /// As it is written.
        name: String,
    },
    /// `GLOBAL TEMPORARY`
    #[error("GLOBAL is deprecated in temporary table creation")]
    Global {
        /// Where the word stands.
        position: u32,
    },
    /// A backslash in a plain string, where it escapes.
    #[error("nonstandard use of {} in a string literal", escaped.words())]
    Escape {
        /// What it escapes.
        escaped: Escaped,
        /// Where the string stands.
        position: u32,
    },
}

/// What the first backslash in a string escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaped {
    /// A quote.
    Quote,
    /// A backslash.
    Backslash,
    /// Anything else.
    Other,
}

impl Escaped {
    fn words(self) -> &'static str {
        match self {
            Escaped::Quote => "\\'",
            Escaped::Backslash => "\\\\",
            Escaped::Other => "escape",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Escaped::Quote => "Use '' to write quotes in strings, or use the escape string syntax (E'...').",
            Escaped::Backslash => "Use the escape string syntax for backslashes, e.g., E'\\\\'.",
            Escaped::Other => "Use the escape string syntax for escapes, e.g., E'\\r\\n'.",
        }
    }
}

impl Diagnostic for Remark {
    fn sqlstate(&self) -> SqlState {
        match self {
            Remark::Truncated { .. } => SqlState::NameTooLong,
            Remark::Global { .. } => SqlState::Warning,
            Remark::Escape { .. } => SqlState::NonstandardUseOfEscapeCharacter,
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            Remark::Truncated { .. } => None,
            Remark::Global { position } | Remark::Escape { position, .. } => Some(*position),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Remark::Escape { escaped, .. } => Some(escaped.hint().to_owned()),
            Remark::Truncated { .. } | Remark::Global { .. } => None,
        }
    }
}

/// Whether there may be anything to be told: most texts are looked through once and no more.
fn is_suspicious(text: &str) -> bool {
    const LONG: usize = 63;
    const WORD: &[u8] = b"global";
    let (mut run, mut quoted) = (0, false);
    for byte in text.bytes() {
        quoted ^= byte == b'"';
        let goes_on = quoted || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'"' | 128..);
        run = if goes_on { run + 1 } else { 0 };
        if run > LONG {
            return true;
        }
    }
    text.as_bytes().windows(WORD.len()).any(|word| word.eq_ignore_ascii_case(WORD))
}

/// All that is to be told of a text, in its order, up to what is no token.
pub fn remarks(text: &str, rules: StringRules) -> Vec<Remark> {
    let mut found = Vec::new();
    let arena = Bump::new();
    let Some(mut lexer) = is_suspicious(text).then(|| Lexer::new(text, &arena).ok()).flatten() else {
        return found;
    };
    let mut before: [Option<(TokenKind, u32)>; 2] = [None, None];
    lexer = lexer.with_rules(rules);
    while let Ok(token) = lexer.next_token() {
        if token.kind == TokenKind::End {
            break;
        }
        if token.kind == TokenKind::Identifier {
            found.extend(cut(&text[token.start as usize..token.end as usize]));
        }
        let temporary = matches!(token.kind, TokenKind::Keyword(Keyword::Temp | Keyword::Temporary));
        if let (
            true,
            [
                Some((TokenKind::Keyword(Keyword::Create | Keyword::Into), _)),
                Some((TokenKind::Keyword(Keyword::Global), position)),
            ],
        ) = (temporary, before)
        {
            found.push(Remark::Global { position });
        }
        before = [before[1], Some((token.kind, token.start))];
    }
    found
}

/// The plain strings of a text in which backslashes escape, up to what is no token.
pub fn escape_remarks(text: &str) -> Vec<Remark> {
    let (mut found, arena) = (Vec::new(), Bump::new());
    let Ok(lexer) = Lexer::new(text, &arena) else { return found };
    let mut lexer = lexer.with_rules(StringRules { conforming: false, before_quotes: true });
    while let Ok(token) = lexer.next_token() {
        match token.kind {
            TokenKind::End => break,
            TokenKind::String => {
                let written =
                    text.as_bytes().get(token.start as usize..token.end as usize).unwrap_or_default();
                let backslash = written.iter().position(|byte| *byte == b'\\');
                if let (Some(b'\''), Some(place)) = (written.first(), backslash) {
                    let escaped = match written.get(place + 1) {
                        Some(b'\'') => Escaped::Quote,
                        Some(b'\\') => Escaped::Backslash,
                        Some(_) | None => Escaped::Other,
                    };
                    found.push(Remark::Escape { escaped, position: token.start });
                }
            }
            _ => {}
        }
    }
    found
}

/// A name that is too long.
fn cut(written: &str) -> Option<Remark> {
    let name = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        // What is written with escapes is told of nowhere.
        None if written.contains('"') => return None,
        None => written.to_ascii_lowercase(),
    };
    (truncate(&name) != name).then_some(Remark::Truncated { name })
}
