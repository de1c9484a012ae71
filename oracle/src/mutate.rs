//! Statements made wrong, or right in another way: tokens dropped, doubled, swapped, put in from elsewhere.

use bumpalo::Bump;
use syntax::lexer::{Lexer, TokenKind};

/// A small generator of numbers (xorshift).
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Where the tokens of a statement stand; empty if the lexer refuses it.
pub fn tokens(statement: &str) -> Vec<(usize, usize)> {
    let arena = Bump::new();
    let mut found = Vec::new();
    let Ok(mut lexer) = Lexer::new(statement, &arena) else { return found };
    loop {
        match lexer.next_token() {
            Ok(token) if token.kind == TokenKind::End => return found,
            Ok(token) => found.push((token.start as usize, token.end as usize)),
            Err(_) => return Vec::new(),
        }
    }
}

/// `statement` with one change, which may take a word from `pool`.
pub fn mutated(statement: &str, tokens: &[(usize, usize)], pool: &[String], dice: &mut Dice) -> String {
    let at = dice.roll(tokens.len());
    let (from, to) = tokens[at];
    let (before, token, after) = (&statement[..from], &statement[from..to], &statement[to..]);
    match dice.roll(5) {
        0 => format!("{before} {after}"),
        1 => format!("{before}{token} {token} {after}"),
        2 if at + 1 < tokens.len() => {
            let (next, end) = tokens[at + 1];
            let (between, second) = (&statement[to..next], &statement[next..end]);
            format!("{before} {second} {between} {token} {}", &statement[end..])
        }
        3 => format!("{before} {} {token}{after}", pool[dice.roll(pool.len())]),
        _ => format!("{before} {} {after}", pool[dice.roll(pool.len())]),
    }
}
