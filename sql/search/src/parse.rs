//! Queries as they are written, in three ways: with operators, as plain text, and as people type into a search field.
//!
//! Words that a dictionary takes out leave gaps: a phrase around one is as much longer. So what is read so far is a
//! [`Part`]: a tree, or none, with the places that are missing on either side of it.

use crate::error::{SearchError, SearchResult};
use crate::lexemes::LEXEME_MAX;
use crate::query::{DEPTH_MAX, DISTANCE_MAX, Node, Operand, Query};
use crate::word::{Within, Words, is_space};

/// What part of a query has come to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    node: Option<Node>,
    /// Places that are missing before it and behind it.
    before: u32,
    after: u32,
}

impl Part {
    /// Something that was taken out.
    pub(crate) fn nothing() -> Part {
        Part::default()
    }

    pub(crate) fn of(node: Node) -> Part {
        Part { node: Some(node), before: 0, after: 0 }
    }

    /// What is left of it.
    pub(crate) fn into_node(self) -> Option<Node> {
        self.node
    }

    fn not(self) -> Part {
        Part { node: self.node.map(|node| Node::Not(Box::new(node))), ..self }
    }

    pub(crate) fn phrase(self, right: Part, distance: u32) -> Part {
        match (self.node, right.node) {
            (None, None) => {
                let missing = self.before + distance + right.before;
                Part { node: None, before: missing, after: missing }
            }
            (None, node) => Part { node, before: self.before + distance + right.before, after: right.after },
            (node, None) => Part { node, before: self.before, after: self.after + distance + right.after },
            (Some(one), Some(other)) => {
                let distance = u16::try_from(distance + self.after + right.before).unwrap_or(u16::MAX);
                let node = Node::Phrase(Box::new(one), Box::new(other), distance);
                Part { node: Some(node), before: self.before, after: right.after }
            }
        }
    }

    fn joined(self, right: Part, join: fn(Node, Node) -> Node) -> Part {
        match (self.node, right.node) {
            (None, None) => {
                let missing = self.before.max(right.before);
                Part { node: None, before: missing, after: missing }
            }
            (None, node) => Part { node, ..right },
            (node, None) => Part { node, before: self.before, after: self.after },
            (Some(one), Some(other)) => Part::of(join(one, other)),
        }
    }

    pub(crate) fn and(self, right: Part) -> Part {
        self.joined(right, Node::and)
    }

    pub(crate) fn or(self, right: Part) -> Part {
        self.joined(right, Node::or)
    }
}

/// Makes a part of a query of a word in it, with its weights and whether it is a prefix.
pub(crate) type MakePart<'f> = dyn FnMut(&str, u8, bool) -> SearchResult<Part> + 'f;

/// A symbol of a query.
enum Symbol {
    Value {
        text: String,
        weights: u8,
        prefix: bool,
    },
    Not,
    And,
    Or,
    Phrase(u32),
    Open,
    Close,
    /// An operand is missing, and that is borne.
    Nothing,
    End,
}

/// Gives the symbols of a query, one after the other. `operand` tells what is waited for.
trait Symbols {
    fn next(&mut self, operand: bool) -> SearchResult<Symbol>;
    /// There is no query like this.
    fn syntax(&self) -> SearchError;
}

impl Query {
    /// Reads one with operators.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> SearchResult<Query> {
        with_operators(text, &mut |word, weights, prefix| {
            if word.len() > LEXEME_MAX {
                return Err(SearchError::LongOperand(text.to_owned()));
            }
            Ok(Part::of(Node::Value(Operand { text: word.to_owned(), weights, prefix })))
        })
    }
}

/// A query with operators, whose words become what `make` says.
pub(crate) fn with_operators(text: &str, make: &mut MakePart<'_>) -> SearchResult<Query> {
    query(&mut Written { text, place: 0, first: true }, make)
}

/// A query as it is typed into a search field.
pub(crate) fn from_web(text: &str, make: &mut MakePart<'_>) -> SearchResult<Query> {
    query(&mut Web { text, place: 0, first: true }, make)
}

fn query(symbols: &mut dyn Symbols, make: &mut MakePart<'_>) -> SearchResult<Query> {
    let mut parser = Parser { symbols, make };
    let first = parser.symbols.next(true)?;
    if matches!(first, Symbol::End) {
        return Ok(Query::default());
    }
    let (part, last) = parser.operation(first, 0, DEPTH_MAX)?;
    match last {
        Symbol::End => Query::of(part.node),
        _ => Err(parser.symbols.syntax()),
    }
}

struct Parser<'s, 'f> {
    symbols: &'s mut dyn Symbols,
    make: &'s mut MakePart<'f>,
}

impl Parser<'_, '_> {
    /// Operands joined by operators that bind tighter than `above`; and the symbol behind them.
    fn operation(&mut self, first: Symbol, above: u8, depth: usize) -> SearchResult<(Part, Symbol)> {
        let depth = depth.checked_sub(1).ok_or(SearchError::TooDeep)?;
        let (mut left, mut symbol) = self.operand(first, depth)?;
        loop {
            let priority = match symbol {
                Symbol::Or => 1,
                Symbol::And => 2,
                Symbol::Phrase(_) => 3,
                Symbol::Close | Symbol::End => return Ok((left, symbol)),
                Symbol::Value { .. } | Symbol::Not | Symbol::Open | Symbol::Nothing => {
                    return Err(self.symbols.syntax());
                }
            };
            if priority <= above {
                return Ok((left, symbol));
            }
            let first = self.symbols.next(true)?;
            let (right, next) = self.operation(first, priority, depth)?;
            left = match symbol {
                Symbol::Or => left.or(right),
                Symbol::Phrase(distance) => left.phrase(right, distance),
                _ => left.and(right),
            };
            symbol = next;
        }
    }

    /// One operand, and the symbol behind it.
    fn operand(&mut self, first: Symbol, depth: usize) -> SearchResult<(Part, Symbol)> {
        let depth = depth.checked_sub(1).ok_or(SearchError::TooDeep)?;
        match first {
            Symbol::Value { text, weights, prefix } => {
                let part = (self.make)(&text, weights, prefix)?;
                Ok((part, self.symbols.next(false)?))
            }
            Symbol::Not => {
                let inner = self.symbols.next(true)?;
                let (part, next) = self.operand(inner, depth)?;
                Ok((part.not(), next))
            }
            Symbol::Open => {
                let inner = self.symbols.next(true)?;
                match self.operation(inner, 0, depth)? {
                    (part, Symbol::Close) => Ok((part, self.symbols.next(false)?)),
                    _ => Err(self.symbols.syntax()),
                }
            }
            Symbol::Nothing => Ok((Part::nothing(), Symbol::End)),
            Symbol::And | Symbol::Or | Symbol::Phrase(_) | Symbol::Close | Symbol::End => {
                Err(self.symbols.syntax())
            }
        }
    }
}

/// A query with operators.
struct Written<'a> {
    text: &'a str,
    place: usize,
    first: bool,
}

fn skip_space(text: &str, place: usize) -> usize {
    text[place..].find(|found| !is_space(found)).map_or(text.len(), |length| place + length)
}

impl Written<'_> {
    /// The distance of `<->` or `<N>`, and where it ends. There must be something behind it.
    fn phrase(&self) -> SearchResult<Option<(u32, usize)>> {
        let rest = &self.text[self.place..];
        let Some(inner) = rest.strip_prefix('<') else { return Ok(None) };
        let (distance, length) = if inner.starts_with('-') {
            (1, 1)
        } else {
            let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return Ok(None);
            }
            let distance = inner[..digits].parse().unwrap_or(u32::MAX);
            if distance > DISTANCE_MAX {
                return Err(SearchError::Distance);
            }
            (distance, digits)
        };
        let end = self.place + 1 + length + 1;
        let complete = inner[length..].starts_with('>') && end < self.text.len();
        Ok(complete.then_some((distance, end)))
    }

    /// Weights and the mark of a prefix behind a colon.
    fn modifiers(&mut self) -> (u8, bool) {
        let (mut weights, mut prefix) = (0, false);
        let Some(rest) = self.text[self.place..].strip_prefix(':') else { return (weights, prefix) };
        self.place += 1;
        for found in rest.chars() {
            match crate::lexemes::Weight::from_letter(found) {
                Some(weight) => weights |= weight.bit(),
                None if found == '*' => prefix = true,
                None => break,
            }
            self.place += 1;
        }
        (weights, prefix)
    }

    fn operand(&mut self) -> SearchResult<Symbol> {
        let first = std::mem::replace(&mut self.first, false);
        match self.text[self.place..].chars().next() {
            Some('!') => {
                self.place += 1;
                Ok(Symbol::Not)
            }
            Some('(') => {
                self.place += 1;
                Ok(Symbol::Open)
            }
            Some(':') => Err(self.syntax()),
            None if first => Ok(Symbol::End),
            None => Err(SearchError::NoOperand(self.text.to_owned())),
            Some(_) => {
                let words = Words { whole: self.text, within: Within::Query };
                let Some(word) = words.next(self.place)? else { return Err(self.syntax()) };
                self.place = word.end;
                let (weights, prefix) = self.modifiers();
                Ok(Symbol::Value { text: word.text, weights, prefix })
            }
        }
    }
}

impl Symbols for Written<'_> {
    fn next(&mut self, operand: bool) -> SearchResult<Symbol> {
        self.place = skip_space(self.text, self.place);
        if operand {
            return self.operand();
        }
        if let Some((distance, end)) = self.phrase()? {
            self.place = end;
            return Ok(Symbol::Phrase(distance));
        }
        let symbol = match self.text[self.place..].chars().next() {
            None => return Ok(Symbol::End),
            Some('&') => Symbol::And,
            Some('|') => Symbol::Or,
            Some(')') => Symbol::Close,
            Some(_) => return Err(self.syntax()),
        };
        self.place += 1;
        Ok(symbol)
    }

    fn syntax(&self) -> SearchError {
        SearchError::QuerySyntax(self.text.to_owned())
    }
}

/// A query as it is typed into a search field.
struct Web<'a> {
    text: &'a str,
    place: usize,
    first: bool,
}

impl Web<'_> {
    fn operand(&mut self) -> SearchResult<Symbol> {
        loop {
            self.place = skip_space(self.text, self.place);
            let rest = &self.text[self.place..];
            let first = std::mem::replace(&mut self.first, false);
            match rest.chars().next() {
                None if first => return Ok(Symbol::End),
                None => return Ok(Symbol::Nothing),
                Some('-') => {
                    self.place += 1;
                    return Ok(Symbol::Not);
                }
                Some('"') => {
                    let inner = &rest[1..];
                    let length = inner.find('"');
                    let text = inner[..length.unwrap_or(inner.len())].to_owned();
                    self.place += 1 + length.map_or(inner.len(), |length| length + 1);
                    return Ok(Symbol::Value { text, weights: 0, prefix: false });
                }
                Some('!' | '&' | '|' | '(' | ')' | '<') => self.place += 1,
                Some(_) => {
                    let words = Words { whole: self.text, within: Within::Web };
                    let Some(word) = words.next(self.place)? else { return Ok(Symbol::Nothing) };
                    self.place = word.end;
                    return Ok(Symbol::Value { text: word.text, weights: 0, prefix: false });
                }
            }
        }
    }

    /// Whether `or` stands here as a word of its own, with something behind it.
    fn is_or(&self) -> bool {
        let rest = &self.text[self.place..];
        let Some(behind) = rest.get(2..).filter(|_| rest[..2].eq_ignore_ascii_case("or")) else {
            return false;
        };
        let mut characters = behind.chars();
        let apart = |next: char| !(matches!(next, '-' | '_') || next.is_alphanumeric());
        characters.next().is_some_and(apart) && characters.any(|found| !is_space(found))
    }
}

impl Symbols for Web<'_> {
    fn next(&mut self, operand: bool) -> SearchResult<Symbol> {
        if operand {
            return self.operand();
        }
        let signs = |found| is_space(found) || matches!(found, '!' | '&' | '|' | '(' | ')' | '<');
        let rest = &self.text[self.place..];
        self.place = rest.find(|found| !signs(found)).map_or(self.text.len(), |length| self.place + length);
        if self.is_or() {
            self.place += 2;
            return Ok(Symbol::Or);
        }
        Ok(if self.place == self.text.len() { Symbol::End } else { Symbol::And })
    }

    fn syntax(&self) -> SearchError {
        SearchError::QuerySyntax(self.text.to_owned())
    }
}
