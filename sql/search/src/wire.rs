//! Lexemes and queries in the protocol's binary form, as PostgreSQL's `tsvectorsend` and `tsquerysend` have it.
//!
//! | what | bytes |
//! |---|---|
//! | lexemes | how many (4); of each its text and a zero byte, how many places (2), each place (2): the weight's number in the upper two bits |
//! | query | how many nodes (4); the nodes, an operator before its operands, the right one before the left one |
//! | operand | 1, weights, whether it is a prefix, its text and a zero byte |
//! | operator | 2, its number; of a phrase also the distance (2) |

use crate::error::SearchError;
use crate::lexemes::{LEXEME_MAX, Lexeme, Lexemes, Position, Weight};
use crate::query::{AND, NOT, Node, OR, Operand, PHRASE, Query};
use diagnostic::{Diagnostic, SqlState};
use std::borrow::Cow;
use thiserror::Error;

/// What a node begins with.
const VALUE: u8 = 1;
const OPERATOR: u8 = 2;
/// No lexeme has more places.
const PLACES_MAX: usize = 256;
/// As many as PostgreSQL could hold.
const ENTRIES_MAX: u32 = 0x3fff_ffff / 4;
const NODES_MAX: u32 = 0x3fff_ffff / 12;

/// Why bytes are neither.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum WireError {
    #[error("insufficient data left in message")]
    Insufficient,
    #[error("invalid string in message")]
    Unterminated,
    #[error("invalid size of {0}")]
    Size(&'static str),
    #[error("invalid tsvector: lexeme too long")]
    LongLexeme,
    #[error("unexpected number of tsvector positions")]
    Places,
    #[error("position information is misordered")]
    Misordered,
    #[error("invalid tsquery: invalid weight bitmap")]
    Weights,
    #[error("invalid tsquery: operand too long")]
    LongOperand,
    #[error("invalid tsquery: unrecognized operator type {0}")]
    Operator(u8),
    #[error("unrecognized tsquery node type: {0}")]
    Kind(u8),
    #[error("invalid pointer to right operand")]
    Pointer,
    #[error("malformed tsquery: operand not found")]
    NoOperand,
    #[error("malformed tsquery: extra nodes")]
    Extra,
    /// Who reads texts knows why.
    #[error("a text cannot be read")]
    Text,
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl Diagnostic for WireError {
    fn sqlstate(&self) -> SqlState {
        match self {
            WireError::Insufficient | WireError::Unterminated => SqlState::ProtocolViolation,
            WireError::Text => SqlState::CharacterNotInRepertoire,
            WireError::Search(error) => error.sqlstate(),
            WireError::Size(_)
            | WireError::LongLexeme
            | WireError::Places
            | WireError::Misordered
            | WireError::Weights
            | WireError::LongOperand
            | WireError::Operator(_)
            | WireError::Kind(_)
            | WireError::Pointer
            | WireError::NoOperand
            | WireError::Extra => SqlState::InternalError,
        }
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], WireError> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or(WireError::Insufficient)?;
    *bytes = rest;
    Ok(*taken)
}

/// Appends a text, in the encoding of whom it is for.
pub type Write<'w, E> = &'w mut dyn FnMut(&str, &mut Vec<u8>) -> Result<(), E>;

/// The text that these bytes are, if they are one.
pub type Read<'r> = &'r mut dyn FnMut(&[u8]) -> Option<String>;

fn text(bytes: &mut &[u8], read: Read<'_>) -> Result<String, WireError> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or(WireError::Unterminated)?;
    let text = read(&bytes[..end]).ok_or(WireError::Text)?;
    *bytes = &bytes[end + 1..];
    Ok(text)
}

impl Lexemes<'_> {
    /// Appends its bytes.
    ///
    /// # Errors
    /// When a text cannot be written.
    pub fn send<E>(&self, bytes: &mut Vec<u8>, write: Write<'_, E>) -> Result<(), E> {
        bytes.extend_from_slice(&(self.entries().len() as u32).to_be_bytes());
        for lexeme in self.entries() {
            write(&lexeme.text, bytes)?;
            bytes.push(0);
            bytes.extend_from_slice(&(lexeme.positions.len() as u16).to_be_bytes());
            for position in &lexeme.positions {
                let place = (position.weight as u16) << 14 | position.place;
                bytes.extend_from_slice(&place.to_be_bytes());
            }
        }
        Ok(())
    }

    /// Takes one from the beginning of bytes.
    ///
    /// # Errors
    /// When they are none.
    pub fn receive(bytes: &mut &[u8], read: Read<'_>) -> Result<Lexemes<'static>, WireError> {
        let count = u32::from_be_bytes(take(bytes)?);
        if count > ENTRIES_MAX {
            return Err(WireError::Size("tsvector"));
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let text = text(bytes, read)?;
            let places = usize::from(u16::from_be_bytes(take(bytes)?));
            if text.len() > LEXEME_MAX {
                return Err(WireError::LongLexeme);
            }
            if places > PLACES_MAX {
                return Err(WireError::Places);
            }
            let mut positions: Vec<Position> = Vec::with_capacity(places);
            for _ in 0..places {
                let found = u16::from_be_bytes(take(bytes)?);
                let position =
                    Position { place: found & 0x3fff, weight: Weight::ALL[usize::from(found >> 14)] };
                if positions.last().is_some_and(|last| position.place <= last.place) {
                    return Err(WireError::Misordered);
                }
                positions.push(position);
            }
            entries.push(Lexeme { text: Cow::Owned(text), positions });
        }
        Ok(Lexemes::gathered(entries)?)
    }
}

impl Query {
    /// Appends its bytes.
    ///
    /// # Errors
    /// When a text cannot be written.
    pub fn send<E>(&self, bytes: &mut Vec<u8>, write: Write<'_, E>) -> Result<(), E> {
        bytes.extend_from_slice(&(self.count() as u32).to_be_bytes());
        self.root.as_ref().map_or(Ok(()), |root| root.send(bytes, write))
    }

    /// Takes one from the beginning of bytes.
    ///
    /// # Errors
    /// When they are none.
    pub fn receive(bytes: &mut &[u8], read: Read<'_>) -> Result<Query, WireError> {
        let count = u32::from_be_bytes(take(bytes)?);
        if count > NODES_MAX {
            return Err(WireError::Size("tsquery"));
        }
        let mut parts = Vec::new();
        for place in 0..count {
            parts.push(Part::receive(bytes, place + 1 == count, read)?);
        }
        // From behind, operands come before their operators: the left one first.
        let mut nodes = Vec::new();
        for part in parts.into_iter().rev() {
            let mut operand = || nodes.pop().ok_or(WireError::NoOperand);
            let node = match part {
                Part::Value(operand) => Node::Value(operand),
                Part::Not => Node::Not(Box::new(operand()?)),
                Part::Both(operator, distance) => {
                    let (right, left) = (operand()?, operand()?);
                    match operator {
                        Both::And => Node::and(left, right),
                        Both::Or => Node::or(left, right),
                        Both::Phrase => Node::Phrase(Box::new(left), Box::new(right), distance),
                    }
                }
            };
            nodes.push(node);
        }
        let root = nodes.pop();
        if !nodes.is_empty() {
            return Err(WireError::Extra);
        }
        Ok(Query::of(root)?)
    }
}

impl Node {
    fn send<E>(&self, bytes: &mut Vec<u8>, write: Write<'_, E>) -> Result<(), E> {
        match self {
            Node::Value(operand) => {
                bytes.extend_from_slice(&[VALUE, operand.weights, u8::from(operand.prefix)]);
                write(&operand.text, bytes)?;
                bytes.push(0);
            }
            Node::Not(node) => {
                bytes.extend_from_slice(&[OPERATOR, NOT]);
                node.send(bytes, write)?;
            }
            Node::All(nodes) => send_list(AND, nodes, bytes, write)?,
            Node::Any(nodes) => send_list(OR, nodes, bytes, write)?,
            Node::Phrase(left, right, distance) => {
                bytes.extend_from_slice(&[OPERATOR, PHRASE]);
                bytes.extend_from_slice(&distance.to_be_bytes());
                right.send(bytes, write)?;
                left.send(bytes, write)?;
            }
        }
        Ok(())
    }
}

/// Operators of two operands each: the last one is the right operand of the first operator.
fn send_list<E>(number: u8, nodes: &[Node], bytes: &mut Vec<u8>, write: Write<'_, E>) -> Result<(), E> {
    for (place, node) in nodes.iter().enumerate().rev() {
        if place > 0 {
            bytes.extend_from_slice(&[OPERATOR, number]);
        }
        node.send(bytes, write)?;
    }
    Ok(())
}

/// A node without its operands.
enum Part {
    Value(Operand),
    Not,
    Both(Both, u16),
}

/// Operators of two operands.
#[derive(Clone, Copy)]
enum Both {
    And,
    Or,
    Phrase,
}

impl Part {
    fn receive(bytes: &mut &[u8], last: bool, read: Read<'_>) -> Result<Part, WireError> {
        let [kind] = take(bytes)?;
        match kind {
            VALUE => {
                let [weights, prefix] = take(bytes)?;
                let text = text(bytes, read)?;
                if weights > 15 {
                    return Err(WireError::Weights);
                }
                if text.len() > LEXEME_MAX {
                    return Err(WireError::LongOperand);
                }
                Ok(Part::Value(Operand { text, weights, prefix: prefix != 0 }))
            }
            OPERATOR => {
                let [number] = take(bytes)?;
                let part = match number {
                    NOT => Part::Not,
                    AND => Part::Both(Both::And, 0),
                    OR => Part::Both(Both::Or, 0),
                    PHRASE => Part::Both(Both::Phrase, 0),
                    other => return Err(WireError::Operator(other)),
                };
                if last {
                    return Err(WireError::Pointer);
                }
                match part {
                    Part::Both(Both::Phrase, _) => {
                        Ok(Part::Both(Both::Phrase, u16::from_be_bytes(take(bytes)?)))
                    }
                    other => Ok(other),
                }
            }
            other => Err(WireError::Kind(other)),
        }
    }
}
