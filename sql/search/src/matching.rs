//! Whether a document is what a query looks for.
//!
//! Phrases are matched by places. An operand that is there without its places matches perhaps; a phrase of such does not
//! match, everything else does.

use crate::lexemes::{Lexeme, Lexemes};
use crate::query::{Node, Operand, Query};
use std::cmp::Ordering;

/// How an operand, or a part of a phrase, matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Matched {
    No,
    /// It is there; nobody knows where.
    Perhaps,
    Yes(Places),
}

/// Where something matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// The last place of each match, ascending.
    pub(crate) ends: Vec<u16>,
    /// Everywhere but there.
    pub(crate) elsewhere: bool,
    /// How many places before its last one a match begins.
    pub(crate) width: u32,
}

/// What a query is asked of.
pub(crate) trait Occurrences {
    /// Whether an operand is there at all.
    fn has(&self, operand: &Operand) -> bool;
    /// Where.
    fn places(&self, operand: &Operand) -> Matched;
}

impl Occurrences for Lexemes<'_> {
    fn has(&self, operand: &Operand) -> bool {
        self.found(operand).iter().any(|lexeme| {
            let weighs = |weights: u8| lexeme.positions.iter().any(|place| place.weight.bit() & weights != 0);
            operand.weights == 0 || lexeme.positions.is_empty() || weighs(operand.weights)
        })
    }

    fn places(&self, operand: &Operand) -> Matched {
        let mut ends = Vec::new();
        for lexeme in self.found(operand) {
            if lexeme.positions.is_empty() {
                return Matched::Perhaps;
            }
            let wanted = lexeme.positions.iter();
            let wanted =
                wanted.filter(|place| operand.weights == 0 || place.weight.bit() & operand.weights != 0);
            ends.extend(wanted.map(|place| place.place));
        }
        ends.sort_unstable();
        ends.dedup();
        if ends.is_empty() { Matched::No } else { Matched::Yes(Places { ends, ..Places::default() }) }
    }
}

impl<'a> Lexemes<'a> {
    /// The lexemes that an operand means.
    pub(crate) fn found(&self, operand: &Operand) -> &[Lexeme<'a>] {
        match operand.prefix {
            true => self.beginning(&operand.text),
            false => self.find(&operand.text).map(std::slice::from_ref).unwrap_or_default(),
        }
    }

    /// Whether a query matches.
    pub fn matches(&self, query: &Query) -> bool {
        query.root.as_ref().is_some_and(|root| holds(root, self))
    }
}

/// Whether a query matches; what is only perhaps so counts.
pub(crate) fn holds(node: &Node, document: &dyn Occurrences) -> bool {
    match node {
        Node::Value(operand) => document.has(operand),
        Node::Not(node) => !holds(node, document),
        Node::All(nodes) => nodes.iter().all(|node| holds(node, document)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, document)),
        Node::Phrase(..) => matches!(places(node, document), Matched::Yes(_)),
    }
}

/// Where a part of a phrase matches.
pub(crate) fn places(node: &Node, document: &dyn Occurrences) -> Matched {
    match node {
        Node::Value(operand) => document.places(operand),
        Node::Not(node) => match places(node, document) {
            Matched::No => Matched::Yes(Places { elsewhere: true, ..Places::default() }),
            Matched::Perhaps => Matched::Perhaps,
            Matched::Yes(found) if found.ends.is_empty() && found.elsewhere => Matched::No,
            Matched::Yes(found) => Matched::Yes(Places { elsewhere: !found.elsewhere, ..found }),
        },
        Node::Phrase(left, right, distance) => {
            let Some((left, right)) = both(left, right, document) else { return Matched::No };
            let (Some(left), Some(right)) = (left, right) else { return Matched::Perhaps };
            let distance = u32::from(*distance);
            let width = distance + left.width + right.width;
            let shift = distance + right.width;
            intersected(&left, &right, (shift, 0), width)
        }
        Node::All(nodes) => {
            let mut nodes = nodes.iter();
            let Some(first) = nodes.next() else { return Matched::No };
            nodes.fold(places(first, document), |before, node| all(before, || places(node, document)))
        }
        Node::Any(nodes) => {
            let mut nodes = nodes.iter();
            let Some(first) = nodes.next() else { return Matched::No };
            nodes.fold(places(first, document), |before, node| any(before, places(node, document)))
        }
    }
}

/// Places of both, unless one does not match at all; none of one that matches only perhaps.
fn both(left: &Node, right: &Node, document: &dyn Occurrences) -> Option<(Option<Places>, Option<Places>)> {
    let known = |matched| match matched {
        Matched::No => None,
        Matched::Perhaps => Some(None),
        Matched::Yes(places) => Some(Some(places)),
    };
    Some((known(places(left, document))?, known(places(right, document))?))
}

/// The narrower of two is moved so that both end at the same place.
fn shifts(left: &Places, right: &Places) -> ((u32, u32), u32) {
    let width = left.width.max(right.width);
    ((width - left.width, width - right.width), width)
}

fn all(left: Matched, right: impl FnOnce() -> Matched) -> Matched {
    if left == Matched::No {
        return Matched::No;
    }
    match (left, right()) {
        (_, Matched::No) => Matched::No,
        (Matched::Yes(left), Matched::Yes(right)) => {
            let (shift, width) = shifts(&left, &right);
            intersected(&left, &right, shift, width)
        }
        (Matched::No | Matched::Perhaps | Matched::Yes(_), Matched::Perhaps | Matched::Yes(_)) => {
            Matched::Perhaps
        }
    }
}

fn any(left: Matched, right: Matched) -> Matched {
    let (left, right) = match (left, right) {
        (Matched::No, Matched::No) => return Matched::No,
        (Matched::Perhaps, _) | (_, Matched::Perhaps) => return Matched::Perhaps,
        (Matched::Yes(left), Matched::Yes(right)) => (left, right),
        (Matched::Yes(left), Matched::No) => (left, Places::default()),
        (Matched::No, Matched::Yes(right)) => (Places::default(), right),
    };
    let (shift, width) = shifts(&left, &right);
    // What matches everywhere but at some places is what does not match at those.
    match (left.elsewhere, right.elsewhere) {
        (true, true) => elsewhere(merged(&left, &right, shift, |kept| kept == Kept::Both), width),
        (true, false) => elsewhere(merged(&left, &right, shift, |kept| kept == Kept::Left), width),
        (false, true) => elsewhere(merged(&left, &right, shift, |kept| kept == Kept::Right), width),
        (false, false) => found(merged(&left, &right, shift, |_| true), width),
    }
}

fn intersected(left: &Places, right: &Places, shift: (u32, u32), width: u32) -> Matched {
    match (left.elsewhere, right.elsewhere) {
        (true, true) => elsewhere(merged(left, right, shift, |_| true), width),
        (true, false) => found(merged(left, right, shift, |kept| kept == Kept::Right), width),
        (false, true) => found(merged(left, right, shift, |kept| kept == Kept::Left), width),
        (false, false) => found(merged(left, right, shift, |kept| kept == Kept::Both), width),
    }
}

fn found(ends: Vec<u16>, width: u32) -> Matched {
    if ends.is_empty() { Matched::No } else { Matched::Yes(Places { ends, elsewhere: false, width }) }
}

fn elsewhere(ends: Vec<u16>, width: u32) -> Matched {
    Matched::Yes(Places { ends, elsewhere: true, width })
}

/// In which of two lists a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Left,
    Right,
    Both,
}

/// The places of two lists, each moved on, that are wanted.
fn merged(left: &Places, right: &Places, shift: (u32, u32), wanted: impl Fn(Kept) -> bool) -> Vec<u16> {
    let mut lefts = left.ends.iter().map(|end| u32::from(*end) + shift.0).peekable();
    let mut rights = right.ends.iter().map(|end| u32::from(*end) + shift.1).peekable();
    let mut ends = Vec::new();
    loop {
        let (kept, place) = match (lefts.peek().copied(), rights.peek().copied()) {
            (None, None) => return ends,
            (Some(left), None) => (Kept::Left, left),
            (None, Some(right)) => (Kept::Right, right),
            (Some(left), Some(right)) => match left.cmp(&right) {
                Ordering::Less => (Kept::Left, left),
                Ordering::Greater => (Kept::Right, right),
                Ordering::Equal => (Kept::Both, left),
            },
        };
        if kept != Kept::Right {
            lefts.next();
        }
        if kept != Kept::Left {
            rights.next();
        }
        // Beyond the last place nothing is told apart.
        if wanted(kept)
            && let Ok(place) = u16::try_from(place)
        {
            ends.push(place);
        }
    }
}
