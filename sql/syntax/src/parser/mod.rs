//! From tokens to trees: recursive descent, one token ahead, two where the grammar needs them.
//!
//! Here is what every rule leans on: looking at tokens, taking them, refusing them, lists, names, depth. Each other file
//! has the rules of the file of the same name under `tree`.
//!
//! Invariants
//!
//! 1. A rule that returns has taken exactly its own tokens. A rule that cannot go on refuses the *current* token, which is
//!    the one PostgreSQL names: so no rule takes a token before it knows that some continuation exists.
//! 2. Every rule that can contain itself asks [`Parser::deeper`] first.

mod aggregate;
mod alter;
mod alter_table;
mod call;
mod constraint;
mod copy;
mod event_trigger;
mod expression;
mod extension;
mod foreign;
mod from;
mod grant;
mod index;
mod modify;
mod object;
mod option;
mod policy;
mod primary;
mod replication;
mod role;
mod routine;
mod rule;
mod schema;
mod search;
mod select;
mod sequence;
mod session;
mod special;
mod statement;
mod table;
mod transaction;
mod trigger;
mod type_name;
mod unsupported;
mod window;
mod with;
mod xml;

use crate::error::{Near, Rule, SyntaxError, SyntaxErrorKind, SyntaxResult};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::{Lexer, StringRules, Token, TokenKind};
use crate::tree::{Name, QualifiedName, Statement};
use bumpalo::Bump;
use bumpalo::collections::Vec as ArenaVec;

/// Reads trees off a text.
#[derive(Debug)]
pub struct Parser<'a> {
    arena: &'a Bump,
    lexer: Lexer<'a>,
    current: Token<'a>,
    /// The token behind the current one, once somebody has looked at it.
    next: Option<Token<'a>>,
    /// Where the last token that was taken ended.
    taken_to: u32,
    /// Where a `WITH` or `NOT` was taken that may stand before any word, also before those that it else goes on with.
    plain_word: u32,
    depth: usize,
    depth_limit: usize,
    /// Whether the text is the program's, not a user's.
    kept: bool,
}

impl<'a> Parser<'a> {
    /// At the first token of `source`. Rules nest up to `depth_limit` deep.
    ///
    /// # Errors
    /// When the first token is none, or the text is too long.
    pub fn new(source: &'a str, arena: &'a Bump, depth_limit: usize) -> SyntaxResult<Parser<'a>> {
        Parser::of(Lexer::new(source, arena)?, arena, depth_limit)
    }

    fn of(mut lexer: Lexer<'a>, arena: &'a Bump, depth_limit: usize) -> SyntaxResult<Parser<'a>> {
        let current = lexer.next_token()?;
        Ok(Parser {
            arena,
            lexer,
            current,
            next: None,
            taken_to: 0,
            plain_word: u32::MAX,
            depth: 0,
            depth_limit,
            kept: false,
        })
    }

    /// Whether the text is the program's, not a user's.
    pub(crate) fn kept(&self) -> bool {
        self.kept
    }

    /// The current token.
    pub(crate) fn current(&self) -> Token<'a> {
        self.current
    }

    /// What the current token is.
    pub(crate) fn kind(&self) -> TokenKind {
        self.current.kind
    }

    /// Where the current token begins.
    pub(crate) fn position(&self) -> u32 {
        self.current.start
    }

    /// The token behind the current one.
    pub(crate) fn next(&mut self) -> SyntaxResult<Token<'a>> {
        match self.next {
            Some(token) => Ok(token),
            None => {
                let token = self.lexer.next_token()?;
                self.next = Some(token);
                Ok(token)
            }
        }
    }

    /// The token behind the next one. Looked at where two do not tell, so it is read anew each time.
    pub(crate) fn third(&mut self) -> SyntaxResult<Token<'a>> {
        self.next()?;
        self.lexer.clone().next_token()
    }

    /// Takes the current token.
    pub(crate) fn take(&mut self) -> SyntaxResult<Token<'a>> {
        let taken = self.current;
        self.current = match self.next.take() {
            Some(token) => token,
            None => self.lexer.next_token()?,
        };
        self.taken_to = taken.end;
        Ok(taken)
    }

    /// Takes a `WITH` that says nothing.
    pub(crate) fn eat_plain_with(&mut self) -> SyntaxResult<()> {
        if self.at_keyword(Keyword::With) {
            self.take_plain()?;
        }
        Ok(())
    }

    /// Takes a `WITH` or `NOT` that goes on with any word.
    pub(crate) fn take_plain(&mut self) -> SyntaxResult<()> {
        self.plain_word = self.take()?.start;
        Ok(())
    }

    /// Whether the current token is of this kind.
    pub(crate) fn at(&self, kind: TokenKind) -> bool {
        self.current.kind == kind
    }

    /// Whether the current token is this key word.
    pub(crate) fn at_keyword(&self, keyword: Keyword) -> bool {
        self.current.kind == TokenKind::Keyword(keyword)
    }

    /// Whether the two tokens from here on are these key words.
    pub(crate) fn at_keywords(&mut self, first: Keyword, second: Keyword) -> SyntaxResult<bool> {
        Ok(self.at_keyword(first) && self.next()?.kind == TokenKind::Keyword(second))
    }

    /// Takes the current token if it is of this kind.
    pub(crate) fn eat(&mut self, kind: TokenKind) -> SyntaxResult<bool> {
        let found = self.at(kind);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Takes the current token if it is this key word.
    pub(crate) fn eat_keyword(&mut self, keyword: Keyword) -> SyntaxResult<bool> {
        self.eat(TokenKind::Keyword(keyword))
    }

    /// Takes these two key words if both stand here.
    pub(crate) fn eat_keywords(&mut self, first: Keyword, second: Keyword) -> SyntaxResult<bool> {
        let found = self.at_keywords(first, second)?;
        if found {
            self.take()?;
            self.take()?;
        }
        Ok(found)
    }

    /// Takes a token that must be of this kind.
    pub(crate) fn expect(&mut self, kind: TokenKind) -> SyntaxResult<Token<'a>> {
        if self.at(kind) { self.take() } else { Err(self.unexpected()) }
    }

    /// Takes a token that must be this key word.
    pub(crate) fn expect_keyword(&mut self, keyword: Keyword) -> SyntaxResult<Token<'a>> {
        self.expect(TokenKind::Keyword(keyword))
    }

    /// The refusal of the current token.
    pub(crate) fn unexpected(&self) -> SyntaxError {
        if let Some(word) = self.split_word() {
            return self.unexpected_at(word);
        }
        let near = match self.current.kind {
            TokenKind::End => Near::End,
            _ => Near::Token(self.source_of(self.current).to_owned()),
        };
        SyntaxError { kind: SyntaxErrorKind::Unexpected(near), position: Some(self.current.start) }
    }

    /// Where the `WITH` before `TIME`, or the `NOT` before `IN`, begins: PostgreSQL takes the two for one, and refuses
    /// both.
    fn split_word(&self) -> Option<u32> {
        let TokenKind::Keyword(current) = self.current.kind else { return None };
        let first = match current {
            Keyword::Time | Keyword::Ordinality => Keyword::With,
            Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar => {
                Keyword::Not
            }
            _ => return None,
        };
        let start = self.taken_to.checked_sub(first.text().len() as u32)?;
        let word = self.lexer.source().get(start as usize..self.taken_to as usize)?;
        if start == self.plain_word || !word.eq_ignore_ascii_case(first.text()) {
            return None;
        }
        let token = self.lexer.clone().read_at(start)?;
        (token.kind == TokenKind::Keyword(first)).then_some(start)
    }

    /// The refusal of the token that begins at `position`, which has been taken already.
    pub(crate) fn unexpected_at(&self, position: u32) -> SyntaxError {
        let mut lexer = self.lexer.clone();
        let token = lexer.read_at(position);
        let near = token.map_or(Near::End, |token| Near::Token(self.source_of(token).to_owned()));
        SyntaxError { kind: SyntaxErrorKind::Unexpected(near), position: Some(position) }
    }

    /// Where the token behind the one at `position` begins; both have been read before.
    pub(crate) fn behind(&self, position: u32) -> u32 {
        let mut lexer = self.lexer.clone();
        lexer.read_at(position);
        lexer.next_token().map_or(position, |token| token.start)
    }

    /// The refusal by a rule whose place PostgreSQL does not name.
    pub(crate) fn refused_without_place(&self, rule: Rule) -> SyntaxError {
        SyntaxError { kind: SyntaxErrorKind::Rule(rule), position: None }
    }

    /// The refusal of something at `position` by a rule that no order of tokens can say.
    pub(crate) fn refused(&self, rule: Rule, position: u32) -> SyntaxError {
        SyntaxError { kind: SyntaxErrorKind::Rule(rule), position: Some(position) }
    }

    /// A token as it stands in the text.
    pub(crate) fn source_of(&self, token: Token<'a>) -> &'a str {
        self.lexer.source().get(token.start as usize..token.end as usize).unwrap_or("")
    }

    /// Runs a rule one level deeper.
    pub(crate) fn deeper<T>(
        &mut self,
        rule: impl FnOnce(&mut Parser<'a>) -> SyntaxResult<T>,
    ) -> SyntaxResult<T> {
        if self.depth >= self.depth_limit {
            return Err(SyntaxError { kind: SyntaxErrorKind::TooDeep, position: None });
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// Puts a node into the arena.
    pub(crate) fn boxed<T: Copy>(&self, node: T) -> &'a T {
        self.arena.alloc(node)
    }

    /// An empty list in the arena.
    pub(crate) fn list<T: Copy>(&self) -> ArenaVec<'a, T> {
        ArenaVec::new_in(self.arena)
    }

    /// One or more of what `rule` reads, with commas between them.
    pub(crate) fn separated<T: Copy>(
        &mut self,
        mut rule: impl FnMut(&mut Parser<'a>) -> SyntaxResult<T>,
    ) -> SyntaxResult<&'a [T]> {
        let mut list = self.list();
        loop {
            list.push(rule(self)?);
            if !self.eat(TokenKind::Comma)? {
                return Ok(list.into_bump_slice());
            }
        }
    }

    /// The same in parentheses.
    pub(crate) fn parenthesised<T: Copy>(
        &mut self,
        rule: impl FnMut(&mut Parser<'a>) -> SyntaxResult<T>,
    ) -> SyntaxResult<&'a [T]> {
        self.expect(TokenKind::LeftParenthesis)?;
        let list = self.separated(rule)?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(list)
    }

    /// Whether a token may be a name where these classes of key words may (`Unreserved` always).
    pub(crate) fn is_name(token: Token<'_>, also: &[KeywordClass]) -> bool {
        match token.kind {
            TokenKind::Identifier => true,
            TokenKind::Keyword(keyword) => {
                keyword.class() == KeywordClass::Unreserved || also.contains(&keyword.class())
            }
            _ => false,
        }
    }

    pub(crate) fn name_of(&mut self, also: &[KeywordClass]) -> SyntaxResult<Name<'a>> {
        if !Parser::is_name(self.current, also) || self.introduces()? {
            return Err(self.unexpected());
        }
        let token = self.take()?;
        Ok(Name { text: token.text, position: token.start })
    }

    /// Whether the word here goes on with the next one, so that it is no name, where it may be one otherwise.
    pub(crate) fn introduces(&mut self) -> SyntaxResult<bool> {
        let TokenKind::Keyword(keyword @ (Keyword::Not | Keyword::Nulls | Keyword::With)) = self.kind()
        else {
            return Ok(false);
        };
        let TokenKind::Keyword(next) = self.next()?.kind else { return Ok(false) };
        Ok(match keyword {
            Keyword::Not => matches!(
                next,
                Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar
            ),
            Keyword::Nulls => matches!(next, Keyword::First | Keyword::Last),
            _ => matches!(next, Keyword::Time | Keyword::Ordinality),
        })
    }

    /// A name of a column, a table, an alias (`ColId` in PostgreSQL's grammar).
    pub(crate) fn name(&mut self) -> SyntaxResult<Name<'a>> {
        self.name_of(&[KeywordClass::ColumnName])
    }

    /// Whether [`Parser::name`] would take the current token.
    pub(crate) fn at_name(&self) -> bool {
        Parser::is_name(self.current, &[KeywordClass::ColumnName])
    }

    /// A name of a type or a function (`type_function_name`).
    pub(crate) fn type_or_function_name(&mut self) -> SyntaxResult<Name<'a>> {
        self.name_of(&[KeywordClass::TypeOrFunctionName])
    }

    /// A name where anything may be one: behind a dot, behind `AS` (`ColLabel`).
    pub(crate) fn label(&mut self) -> SyntaxResult<Name<'a>> {
        self.name_of(&[KeywordClass::ColumnName, KeywordClass::TypeOrFunctionName, KeywordClass::Reserved])
    }

    /// A column label without `AS` (`BareColLabel`), if one stands here.
    pub(crate) fn bare_label(&mut self) -> SyntaxResult<Option<Name<'a>>> {
        match self.current.kind {
            TokenKind::Identifier => self.label().map(Some),
            TokenKind::Keyword(keyword) if keyword.is_bare_label() => self.label().map(Some),
            _ => Ok(None),
        }
    }

    /// `a`, `a.b`, `a.b.c`: the name of an object (`any_name`, `qualified_name`).
    pub(crate) fn qualified_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        let first = self.name()?;
        self.more_names(first)
    }

    /// The names behind the first one, up to a star.
    pub(crate) fn more_names_to(&mut self, first: Name<'a>) -> SyntaxResult<QualifiedName<'a>> {
        if !self.at(TokenKind::Dot) || self.next()?.kind == TokenKind::Star {
            return Ok(QualifiedName { parts: std::slice::from_ref(self.boxed(first)) });
        }
        let mut parts = self.list();
        parts.push(first);
        while self.at(TokenKind::Dot) && self.next()?.kind != TokenKind::Star {
            self.take()?;
            parts.push(self.label()?);
        }
        Ok(QualifiedName { parts: parts.into_bump_slice() })
    }

    /// The names behind the first one of a qualified name.
    pub(crate) fn more_names(&mut self, first: Name<'a>) -> SyntaxResult<QualifiedName<'a>> {
        if !self.at(TokenKind::Dot) {
            return Ok(QualifiedName { parts: std::slice::from_ref(self.boxed(first)) });
        }
        let mut parts = self.list();
        parts.push(first);
        while self.eat(TokenKind::Dot)? {
            parts.push(self.label()?);
        }
        Ok(QualifiedName { parts: parts.into_bump_slice() })
    }
}

/// Stack that a level of nesting takes at most, in bytes. Measured over thirty ways to nest: 1,610 optimised; without
/// optimisation 9,910.
const BYTES_A_LEVEL: usize = if cfg!(debug_assertions) { 12 << 10 } else { 2 << 10 };

/// Stack for what stands above and below the levels: the caller's frames, the lexer, the allocator.
const BYTES_APART: usize = 64 << 10;

/// The depth to which rules may nest on a stack with `stack_bytes` free: a megabyte allows 480 levels, of which
/// parentheses take one each, and a subquery three.
pub fn depth_limit(stack_bytes: usize) -> usize {
    stack_bytes.saturating_sub(BYTES_APART) / BYTES_A_LEVEL
}

/// Every statement of `source`, a text that the program has or keeps, with semicolons between them; empty ones leave nothing.
///
/// # Errors
/// The first token that PostgreSQL's parser would refuse.
pub fn parse<'a>(source: &'a str, arena: &'a Bump, depth_limit: usize) -> SyntaxResult<&'a [Statement<'a>]> {
    statements(Parser { kept: true, ..Parser::new(source, arena, depth_limit)? })
}

/// The same of a text that a user has written, by the rules for strings that a session has set.
///
/// # Errors
/// Those of [`parse`], and at a string that the rules refuse.
pub fn parse_by<'a>(
    source: &'a str,
    arena: &'a Bump,
    depth_limit: usize,
    rules: StringRules,
) -> SyntaxResult<&'a [Statement<'a>]> {
    let lexer = Lexer::new(source, arena)?.with_rules(rules);
    statements(Parser::of(lexer, arena, depth_limit)?)
}

fn statements<'a>(mut parser: Parser<'a>) -> SyntaxResult<&'a [Statement<'a>]> {
    let mut statements = parser.list();
    loop {
        while parser.eat(TokenKind::Semicolon)? {}
        if parser.at(TokenKind::End) {
            return Ok(statements.into_bump_slice());
        }
        statements.push(parser.statement()?);
        if !parser.at(TokenKind::Semicolon) && !parser.at(TokenKind::End) {
            return Err(parser.unexpected());
        }
    }
}
