//! `tsquery`: what a document must have, as a tree.
//!
//! The bytes of a value compare as PostgreSQL compares values: first how many nodes there are, then how many bytes
//! PostgreSQL would need, then node by node, the right operand before the left one. What that order does not look at, weights
//! and distances, comes last.
//!
//! Operands of `&` and `|` stand in one list each, so that a tree is only as deep as operators alternate; no tree is deeper
//! than [`DEPTH_MAX`], so walks over it may recurse.

use crate::error::{SearchError, SearchResult};
use crate::lexemes::{Weight, write_quoted};

/// How deep a tree may be.
pub const DEPTH_MAX: usize = 1000;
/// All operands' texts together, in bytes.
const TEXT_MAX: usize = 1 << 20;
/// The greatest distance.
pub const DISTANCE_MAX: u32 = 16384;

/// A lexeme that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// It.
    pub text: String,
    /// Of which weights an occurrence must be: bits of [`Weight::bit`]; 0 for any.
    pub weights: u8,
    /// Whether it is only how the lexeme begins.
    pub prefix: bool,
}

/// A node of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// The document has the lexeme.
    Value(Operand),
    /// It does not match.
    Not(Box<Node>),
    /// All match, at least two; none of them is such a list itself.
    All(Vec<Node>),
    /// One matches, likewise.
    Any(Vec<Node>),
    /// The right one matches so many places behind the left one.
    Phrase(Box<Node>, Box<Node>, u16),
}

/// A query; one without nodes matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Its root.
    pub root: Option<Node>,
}

/// PostgreSQL's numbers of the operators.
pub(crate) const NOT: u8 = 1;
pub(crate) const AND: u8 = 2;
pub(crate) const OR: u8 = 3;
pub(crate) const PHRASE: u8 = 4;

impl Node {
    /// Both match.
    pub fn and(left: Node, right: Node) -> Node {
        Node::All(joined(left, right, |node| match node {
            Node::All(nodes) => Ok(nodes),
            other => Err(other),
        }))
    }

    /// One of them matches.
    pub fn or(left: Node, right: Node) -> Node {
        Node::Any(joined(left, right, |node| match node {
            Node::Any(nodes) => Ok(nodes),
            other => Err(other),
        }))
    }

    /// All operands, from left to right.
    pub fn operands(&self) -> Vec<&Operand> {
        let mut found = Vec::new();
        self.visit(&mut |operand| found.push(operand));
        found
    }

    fn visit<'n>(&'n self, each: &mut impl FnMut(&'n Operand)) {
        match self {
            Node::Value(operand) => each(operand),
            Node::Not(node) => node.visit(each),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| node.visit(each)),
            Node::Phrase(left, right, _) => {
                left.visit(each);
                right.visit(each);
            }
        }
    }

    /// How many operators and operands it has.
    pub fn count(&self) -> usize {
        match self {
            Node::Value(_) => 1,
            Node::Not(node) => 1 + node.count(),
            Node::All(nodes) | Node::Any(nodes) => {
                nodes.len() - 1 + nodes.iter().map(Node::count).sum::<usize>()
            }
            Node::Phrase(left, right, _) => 1 + left.count() + right.count(),
        }
    }

    /// Whether it is no deeper than this.
    fn is_within(&self, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match self {
            Node::Value(_) => true,
            Node::Not(node) => node.is_within(depth),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().all(|node| node.is_within(depth)),
            Node::Phrase(left, right, _) => left.is_within(depth) && right.is_within(depth),
        }
    }

    fn priority(&self) -> u8 {
        match self {
            Node::Any(_) => 1,
            Node::All(_) => 2,
            Node::Phrase(..) => 3,
            Node::Not(_) => 4,
            Node::Value(_) => 5,
        }
    }

    fn write(&self, above: u8, right_of_phrase: bool, text: &mut String) {
        let priority = self.priority();
        let parentheses = priority < above || right_of_phrase && matches!(self, Node::Phrase(..));
        if parentheses {
            text.push_str("( ");
        }
        match self {
            Node::Value(operand) => operand.write(text),
            Node::Not(node) => {
                text.push('!');
                node.write(priority, false, text);
            }
            Node::All(nodes) | Node::Any(nodes) => {
                let sign = if matches!(self, Node::All(_)) { " & " } else { " | " };
                for (count, node) in nodes.iter().enumerate() {
                    if count > 0 {
                        text.push_str(sign);
                    }
                    node.write(priority, false, text);
                }
            }
            Node::Phrase(left, right, distance) => {
                left.write(priority, false, text);
                match distance {
                    1 => text.push_str(" <-> "),
                    distance => text.push_str(&format!(" <{distance}> ")),
                }
                right.write(priority, true, text);
            }
        }
        if parentheses {
            text.push_str(" )");
        }
    }

    /// Appends what is compared, and to `rest` what is not.
    fn put(&self, bytes: &mut Vec<u8>, rest: &mut Vec<u8>) {
        match self {
            Node::Value(operand) => {
                bytes.push(1);
                bytes.extend((!(checksum(&operand.text).cast_unsigned() ^ 1 << 31)).to_be_bytes());
                bytes.extend_from_slice(operand.text.as_bytes());
                bytes.push(0);
                rest.push(operand.weights | u8::from(operand.prefix) << 4);
            }
            Node::Not(node) => {
                bytes.extend([0, !NOT]);
                node.put(bytes, rest);
            }
            Node::All(nodes) | Node::Any(nodes) => {
                let operator = if matches!(self, Node::All(_)) { AND } else { OR };
                for (count, node) in nodes.iter().enumerate().rev() {
                    if count > 0 {
                        bytes.extend([0, !operator]);
                    }
                    node.put(bytes, rest);
                }
            }
            Node::Phrase(left, right, distance) => {
                bytes.extend([0, !PHRASE]);
                rest.extend((!distance).to_be_bytes());
                right.put(bytes, rest);
                left.put(bytes, rest);
            }
        }
    }
}

fn joined(left: Node, right: Node, list: impl Fn(Node) -> Result<Vec<Node>, Node>) -> Vec<Node> {
    let mut nodes = list(left).unwrap_or_else(|node| vec![node]);
    match list(right) {
        Ok(more) => nodes.extend(more),
        Err(node) => nodes.push(node),
    }
    nodes
}

impl Operand {
    fn write(&self, text: &mut String) {
        write_quoted(&self.text, text);
        if self.weights != 0 || self.prefix {
            text.push(':');
        }
        if self.prefix {
            text.push('*');
        }
        let weights = Weight::ALL.iter().rev().filter(|weight| self.weights & weight.bit() != 0);
        text.extend(weights.map(|weight| weight.letter()));
    }
}

/// The checksum by which PostgreSQL orders operands: the table of one kind of CRC-32, shifted as the other kind.
pub(crate) fn checksum(text: &str) -> i32 {
    let step = |crc: u32, byte: u8| {
        let mut entry = crc >> 24 ^ u32::from(byte);
        for _ in 0..8 {
            entry = if entry & 1 == 1 { entry >> 1 ^ 0xedb8_8320 } else { entry >> 1 };
        }
        entry ^ crc << 8
    };
    (!text.bytes().fold(u32::MAX, step)).cast_signed()
}

impl Query {
    /// Of a tree.
    ///
    /// # Errors
    /// When it is too deep or too large.
    pub fn of(root: Option<Node>) -> SearchResult<Query> {
        if let Some(root) = &root {
            if !root.is_within(DEPTH_MAX) {
                return Err(SearchError::TooDeep);
            }
            if root.operands().iter().map(|operand| operand.text.len() + 1).sum::<usize>() > TEXT_MAX {
                return Err(SearchError::LargeQuery);
            }
        }
        Ok(Query { root })
    }

    /// How many operators and operands it has.
    pub fn count(&self) -> usize {
        self.root.as_ref().map_or(0, Node::count)
    }

    /// All operands, from left to right.
    pub fn operands(&self) -> Vec<&Operand> {
        self.root.as_ref().map(Node::operands).unwrap_or_default()
    }

    /// Appends its text.
    pub fn write(&self, text: &mut String) {
        if let Some(root) = &self.root {
            root.write(0, false, text);
        }
    }

    /// Its bytes; see the module's text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut bytes, mut rest) = (Vec::new(), Vec::new());
        let count = self.count();
        let texts: usize = self.operands().iter().map(|operand| operand.text.len() + 1).sum();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        bytes.extend(number(count));
        bytes.extend(number(8 + 12 * count + texts));
        if let Some(root) = &self.root {
            root.put(&mut bytes, &mut rest);
        }
        bytes.extend(rest);
        bytes
    }

    /// Reads its bytes; damaged ones are no value.
    pub fn from_bytes(bytes: &[u8]) -> Option<Query> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let count = u32::from_be_bytes(*count);
        if count == 0 {
            return Some(Query::default());
        }
        let mut reader = Reader { bytes: rest.get(4..)? };
        let mut pending = Vec::new();
        let mut root = reader.node(&mut pending, DEPTH_MAX)?;
        let mut rest = reader.bytes.iter().copied();
        complete(&mut root, &mut rest)?;
        Some(Query { root: Some(root) })
    }
}

/// Gives a tree what comes behind its nodes, in the order in which they are written.
fn complete(node: &mut Node, rest: &mut impl Iterator<Item = u8>) -> Option<()> {
    match node {
        Node::Value(operand) => {
            let found = rest.next()?;
            (operand.weights, operand.prefix) = (found & 15, found & 16 != 0);
        }
        Node::Not(node) => complete(node, rest)?,
        Node::All(nodes) | Node::Any(nodes) => {
            for node in nodes.iter_mut().rev() {
                complete(node, rest)?;
            }
        }
        Node::Phrase(left, right, distance) => {
            *distance = !u16::from_be_bytes([rest.next()?, rest.next()?]);
            complete(right, rest)?;
            complete(left, rest)?;
        }
    }
    Some(())
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn node(&mut self, pending: &mut Vec<Node>, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        if self.byte()? == 1 {
            self.bytes = self.bytes.get(4..)?;
            let end = self.bytes.iter().position(|byte| *byte == 0)?;
            let text = std::str::from_utf8(&self.bytes[..end]).ok()?.to_owned();
            self.bytes = &self.bytes[end + 1..];
            return Some(Node::Value(Operand { text, weights: 0, prefix: false }));
        }
        match !self.byte()? {
            NOT => Some(Node::Not(Box::new(self.node(pending, depth)?))),
            PHRASE => {
                let right = self.node(pending, depth)?;
                let left = self.node(pending, depth)?;
                Some(Node::Phrase(Box::new(left), Box::new(right), 0))
            }
            operator @ (AND | OR) => {
                let before = pending.len();
                let right = self.node(pending, depth)?;
                pending.push(right);
                while self.bytes.starts_with(&[0, !operator]) {
                    self.bytes = &self.bytes[2..];
                    let right = self.node(pending, depth)?;
                    pending.push(right);
                }
                let left = self.node(pending, depth)?;
                pending.push(left);
                let nodes = pending.drain(before..).rev().collect();
                Some(if operator == AND { Node::All(nodes) } else { Node::Any(nodes) })
            }
            _ => None,
        }
    }
}
