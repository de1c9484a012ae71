//! What is to be told of a text besides whether it is SQL: names that are cut, words that mean nothing any more.

use crate::keyword::Keyword;
use crate::lexer::{Lexer, TokenKind, truncate};
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
}

impl Diagnostic for Remark {
    fn sqlstate(&self) -> SqlState {
        match self {
            Remark::Truncated { .. } => SqlState::NameTooLong,
            Remark::Global { .. } => SqlState::Warning,
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            Remark::Truncated { .. } => None,
            Remark::Global { position } => Some(*position),
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
pub fn remarks(text: &str) -> Vec<Remark> {
    let mut found = Vec::new();
    let arena = Bump::new();
    let Some(mut lexer) = is_suspicious(text).then(|| Lexer::new(text, &arena).ok()).flatten() else {
        return found;
    };
    let mut before: [Option<(TokenKind, u32)>; 2] = [None, None];
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
