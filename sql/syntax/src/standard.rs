//! A text by the rules of a session as one by the standard's, for whoever keeps it: what its strings are no longer hangs on settings.

use crate::error::SyntaxResult;
use crate::lexer::{Lexer, StringRules, TokenKind};
use bumpalo::Bump;
use std::borrow::Cow;

/// The same text with plain strings in which no backslash escapes. Only where one does is it another.
///
/// # Errors
/// Where the text has a token that is none.
pub fn in_standard_form(text: &str, rules: StringRules) -> SyntaxResult<Cow<'_, str>> {
    if rules.conforming || !text.contains('\\') {
        return Ok(Cow::Borrowed(text));
    }
    let arena = Bump::new();
    let mut lexer = Lexer::new(text, &arena)?.with_rules(rules);
    let (mut standard, mut taken) = (String::with_capacity(text.len()), 0);
    loop {
        let token = lexer.next_token()?;
        let (start, end) = (token.start as usize, token.end as usize);
        match token.kind {
            TokenKind::End => break,
            TokenKind::String => {
                let written = text.get(start..end).unwrap_or_default();
                if written.starts_with('\'') && written.contains('\\') {
                    standard.push_str(text.get(taken..start).unwrap_or_default());
                    standard.push('\'');
                    standard.push_str(&token.text.replace('\'', "''"));
                    standard.push('\'');
                    taken = end;
                }
            }
            _ => {} // anything else is the same by all rules
        }
    }
    standard.push_str(text.get(taken..).unwrap_or_default());
    Ok(Cow::Owned(standard))
}
