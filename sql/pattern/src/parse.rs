//! From a pattern's text to its syntax.

use crate::set::{Class, Item, Set, lower, upper};
use crate::token::{Lexer, Token};
use crate::{Dialect, Flags, PatternError};

/// How deep parentheses may nest: everything else here descends as deep.
const DEPTH_MAX: usize = 60;
/// How many groups there may be: parts behind groups are taken apart one within the other.
const GROUPS_MAX: usize = 200;

/// Branches between bars.
pub(crate) type Branches = Vec<Vec<Piece>>;

/// An atom and how often it comes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) atom: Atom,
    pub(crate) repeat: Option<Repeat>,
}

/// A quantifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) least: u32,
    pub(crate) most: Option<u32>,
    /// Whether it prefers less.
    pub(crate) lazy: bool,
    /// Whether it prefers anything: `{m}` does not, `{m,m}` does.
    pub(crate) prefers: bool,
}

/// What a quantifier may follow, and conditions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Atom {
    Character(char),
    /// By its place among [`Parsed::sets`].
    Set(usize),
    Anchor(Anchor),
    Look {
        ahead: bool,
        negated: bool,
        inside: Branches,
    },
    Group(Option<usize>, Branches),
    BackReference(usize),
}

/// A condition on a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    LineBegin,
    LineEnd,
    TextBegin,
    TextEnd,
    WordBegin,
    WordEnd,
    WordEdge,
    NoWordEdge,
}

/// A pattern, read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) branches: Branches,
    pub(crate) sets: Vec<Set>,
    pub(crate) groups: usize,
    pub(crate) flags: Flags,
}

/// Reads a pattern.
pub(crate) fn parse(text: &str, flags: Flags) -> Result<Parsed, PatternError> {
    let mut lexer = Lexer::new(text.chars().collect(), flags);
    prefixes(&mut lexer)?;
    let next = lexer.token()?;
    let mut parser =
        Parser { lexer, next, sets: Vec::new(), closed: Vec::new(), depth: 0, references: 0, looking: false };
    let branches = parser.branches()?;
    if parser.next != Token::End {
        return Err(PatternError::Parentheses);
    }
    let groups = parser.closed.len();
    Ok(Parsed { branches, sets: parser.sets, groups, flags: parser.lexer.flags })
}

/// `***:`, `***=` and `(?letters)` in front.
fn prefixes(lexer: &mut Lexer) -> Result<(), PatternError> {
    if lexer.flags.dialect == Dialect::Literal {
        return Ok(());
    }
    if lexer.text.starts_with(&['*', '*', '*']) {
        lexer.flags.dialect = match lexer.peek(3) {
            Some('=') => Dialect::Literal,
            Some(':') => Dialect::Advanced,
            _ => return Err(PatternError::Quantifier),
        };
        lexer.at = 4;
    }
    let letters = lexer.peek(2).is_some_and(|found| found.is_ascii_alphabetic());
    if lexer.flags.dialect == Dialect::Advanced
        && lexer.peek(0) == Some('(')
        && lexer.peek(1) == Some('?')
        && letters
    {
        lexer.at += 2;
        while let Some(letter) = lexer.peek(0).filter(char::is_ascii_alphabetic) {
            if !lexer.flags.take(letter) {
                return Err(PatternError::EmbeddedOption);
            }
            lexer.at += 1;
        }
        if lexer.peek(0) != Some(')') {
            return Err(PatternError::EmbeddedOption);
        }
        lexer.at += 1;
    }
    Ok(())
}

struct Parser {
    lexer: Lexer,
    next: Token,
    sets: Vec<Set>,
    /// Of each group that was opened, whether it is closed.
    closed: Vec<bool>,
    depth: usize,
    /// How many back references there were.
    references: usize,
    /// Within a condition parentheses do not capture, and nothing refers back.
    looking: bool,
}

impl Parser {
    fn advance(&mut self) -> Result<Token, PatternError> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    fn branches(&mut self) -> Result<Branches, PatternError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(PatternError::TooComplex);
        }
        let mut branches = vec![self.branch()?];
        while self.next == Token::Or {
            self.advance()?;
            branches.push(self.branch()?);
        }
        self.depth -= 1;
        Ok(branches)
    }

    fn branch(&mut self) -> Result<Vec<Piece>, PatternError> {
        let mut pieces = Vec::new();
        loop {
            match &self.next {
                Token::End | Token::Or => return Ok(pieces),
                Token::Close if self.depth > 1 || self.lexer.flags.dialect != Dialect::Extended => {
                    return Ok(pieces);
                }
                _ => {}
            }
            let atom = self.atom()?;
            let condition = matches!(atom, Atom::Anchor(_) | Atom::Look { .. });
            let mut repeat = None;
            if let Token::Repeat(found) = self.next {
                if condition {
                    return Err(PatternError::Quantifier);
                }
                self.advance()?;
                repeat = Some(found);
            }
            match repeat {
                // What comes no time is not there.
                Some(Repeat { most: Some(0), .. }) => {}
                // It says nothing.
                Some(Repeat { least: 1, most: Some(1), prefers: false, .. }) => {
                    pieces.push(Piece { atom, repeat: None })
                }
                repeat => pieces.push(Piece { atom, repeat }),
            }
        }
    }

    fn atom(&mut self) -> Result<Atom, PatternError> {
        // A bracket is read from the text, so the token behind it must not have been read.
        if self.next == Token::Bracket {
            let set = self.bracket()?;
            self.next = self.lexer.token()?;
            return Ok(self.set(set));
        }
        let without_newline = self.lexer.flags.newline_stops;
        Ok(match self.advance()? {
            Token::Character(found) => self.character(found),
            Token::Any => {
                self.set(Set { items: Vec::new(), negated: true, without_newline, ignore_case: false })
            }
            Token::Set(set) => self.set(set),
            Token::Anchor(anchor) => Atom::Anchor(anchor),
            Token::Open(captures) => self.group(captures)?,
            Token::Look { ahead, negated } => {
                let outer = std::mem::replace(&mut self.looking, true);
                let inside = self.branches()?;
                self.looking = outer;
                self.close()?;
                Atom::Look { ahead, negated, inside }
            }
            Token::BackReference(number) => {
                self.references += 1;
                if self.references > GROUPS_MAX {
                    return Err(PatternError::TooComplex);
                }
                let closed = number.checked_sub(1).and_then(|index| self.closed.get(index)) == Some(&true);
                if self.looking || !closed {
                    return Err(PatternError::BackReference);
                }
                Atom::BackReference(number)
            }
            Token::Close => Atom::Character(')'),
            Token::Repeat(_) | Token::Bracket | Token::Or | Token::End => {
                return Err(PatternError::Quantifier);
            }
        })
    }

    fn close(&mut self) -> Result<(), PatternError> {
        match self.advance()? {
            Token::Close => Ok(()),
            _ => Err(PatternError::Parentheses),
        }
    }

    fn group(&mut self, captures: bool) -> Result<Atom, PatternError> {
        let number = (captures && !self.looking).then(|| {
            self.closed.push(false);
            self.closed.len()
        });
        if self.closed.len() > GROUPS_MAX {
            return Err(PatternError::TooComplex);
        }
        let inside = self.branches()?;
        self.close()?;
        if let Some(number) = number {
            self.closed[number - 1] = true;
        }
        Ok(Atom::Group(number, inside))
    }

    fn set(&mut self, set: Set) -> Atom {
        let known = self.sets.iter().position(|other| *other == set);
        Atom::Set(known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        }))
    }

    fn character(&mut self, found: char) -> Atom {
        if !self.lexer.flags.ignore_case || (lower(found) == found && upper(found) == found) {
            return Atom::Character(found);
        }
        let items = [found, lower(found), upper(found)].map(|one| Item::Range(one, one)).to_vec();
        self.set(Set { items, negated: false, without_newline: false, ignore_case: false })
    }

    /// The rest of a bracket expression.
    fn bracket(&mut self) -> Result<Set, PatternError> {
        let flags = self.lexer.flags;
        let negated = self.lexer.peek(0) == Some('^');
        if negated {
            self.lexer.at += 1;
        }
        let mut items = Vec::new();
        let mut first = true;
        loop {
            let Some(found) = self.lexer.peek(0) else { return Err(PatternError::Brackets) };
            if found == ']' && !first {
                self.lexer.at += 1;
                break;
            }
            let begin = match self.element(first)? {
                Element::Items(item) => {
                    items.push(item);
                    first = false;
                    continue;
                }
                Element::Character(found) => found,
                Element::Dash => return Err(PatternError::CharacterRange),
            };
            first = false;
            let ranges = self.lexer.peek(0) == Some('-') && self.lexer.peek(1) != Some(']');
            if !ranges {
                items.push(Item::Range(begin, begin));
                continue;
            }
            self.lexer.at += 1;
            match self.element(false)? {
                Element::Character(end) if begin <= end => items.push(Item::Range(begin, end)),
                Element::Dash if begin <= '-' => items.push(Item::Range(begin, '-')),
                _ => return Err(PatternError::CharacterRange),
            }
        }
        let without_newline = negated && flags.newline_stops;
        Ok(Set { items, negated, without_newline, ignore_case: flags.ignore_case })
    }

    fn element(&mut self, first: bool) -> Result<Element, PatternError> {
        let Some(found) = self.lexer.peek(0) else { return Err(PatternError::Brackets) };
        self.lexer.at += 1;
        match found {
            '\\' if self.lexer.flags.dialect == Dialect::Advanced => match self.lexer.escape()? {
                Token::Character(found) => Ok(Element::Character(found)),
                Token::Set(set) => {
                    set.items.first().map(|item| Element::Items(*item)).ok_or(PatternError::Escape)
                }
                _ => Err(PatternError::Escape),
            },
            '-' if !first && self.lexer.peek(0) != Some(']') => Ok(Element::Dash),
            '[' => match self.lexer.peek(0) {
                None => Err(PatternError::Brackets),
                Some(kind @ ('.' | '=' | ':')) => self.named(kind),
                Some(_) => Ok(Element::Character('[')),
            },
            found => Ok(Element::Character(found)),
        }
    }

    /// The rest of `[.name.]`, `[=name=]`, `[:name:]`.
    fn named(&mut self, kind: char) -> Result<Element, PatternError> {
        self.lexer.at += 1;
        let mut name = String::new();
        loop {
            match (self.lexer.peek(0), self.lexer.peek(1)) {
                (Some(found), Some(']')) if found == kind => break,
                (Some(found), _) => name.push(found),
                (None, _) => return Err(PatternError::Brackets),
            }
            self.lexer.at += 1;
        }
        self.lexer.at += 2;
        if kind == ':' {
            let class = Class::named(&name, self.lexer.flags.ignore_case);
            return class.map(|class| Element::Items(Item::Class(class))).ok_or(PatternError::CharacterClass);
        }
        let mut characters = name.chars();
        let found = match (characters.next(), characters.next()) {
            (Some(one), None) => one,
            _ => collating_element(&name).ok_or(PatternError::CollatingElement)?,
        };
        Ok(if kind == '=' { Element::Items(Item::Range(found, found)) } else { Element::Character(found) })
    }
}

enum Element {
    Character(char),
    Items(Item),
    Dash,
}

/// Characters by the names that POSIX gives them.
fn collating_element(name: &str) -> Option<char> {
    const NAMES: &[(&str, char)] = &[
        ("NUL", '\0'),
        ("tab", '\t'),
        ("newline", '\n'),
        ("vertical-tab", '\u{b}'),
        ("form-feed", '\u{c}'),
        ("carriage-return", '\r'),
        ("space", ' '),
        ("exclamation-mark", '!'),
        ("quotation-mark", '"'),
        ("number-sign", '#'),
        ("dollar-sign", '$'),
        ("percent-sign", '%'),
        ("ampersand", '&'),
        ("apostrophe", '\''),
        ("left-parenthesis", '('),
        ("right-parenthesis", ')'),
        ("asterisk", '*'),
        ("plus-sign", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("hyphen-minus", '-'),
        ("period", '.'),
        ("full-stop", '.'),
        ("slash", '/'),
        ("solidus", '/'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("less-than-sign", '<'),
        ("equals-sign", '='),
        ("greater-than-sign", '>'),
        ("question-mark", '?'),
        ("commercial-at", '@'),
        ("left-square-bracket", '['),
        ("backslash", '\\'),
        ("reverse-solidus", '\\'),
        ("right-square-bracket", ']'),
        ("circumflex", '^'),
        ("circumflex-accent", '^'),
        ("underscore", '_'),
        ("low-line", '_'),
        ("grave-accent", '`'),
        ("left-brace", '{'),
        ("left-curly-bracket", '{'),
        ("vertical-line", '|'),
        ("right-brace", '}'),
        ("right-curly-bracket", '}'),
        ("tilde", '~'),
        ("DEL", '\u{7f}'),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}
