//! How well a document fits a query: `ts_rank` by how often its words stand in it, `ts_rank_cd` by how close together.

use crate::lexemes::{Lexeme, Lexemes, Position, Weight};
use crate::matching::{Matched, Occurrences, Places, holds};
use crate::query::{Node, Operand, Query};

/// What an occurrence of each weight counts, D first.
pub type Weights = [f32; 4];

/// What it counts where nothing else is said.
pub const WEIGHTS: Weights = [0.1, 0.2, 0.4, 1.0];

/// By what a rank is divided; bits that may be set together.
mod normal {
    pub(super) const LOG_LENGTH: i32 = 1;
    pub(super) const LENGTH: i32 = 2;
    pub(super) const EXTENT_DISTANCE: i32 = 4;
    pub(super) const UNIQUE: i32 = 8;
    pub(super) const LOG_UNIQUE: i32 = 16;
    pub(super) const ITSELF: i32 = 32;
}

/// Where a lexeme without places is taken to stand.
const NOWHERE: [Position; 1] = [Position { place: 16383, weight: Weight::D }];

fn weigh(weights: &Weights, position: Position) -> f32 {
    weights[position.weight as usize]
}

/// How many words a document has.
fn length(document: &Lexemes<'_>) -> usize {
    document.entries().iter().map(|entry| entry.positions.len().max(1)).sum()
}

/// The operands of a query, each text once, in order; of several that are looked for in other ways the last.
fn distinct(query: &Query) -> Vec<&Operand> {
    let mut operands = query.operands();
    operands.reverse();
    operands.sort_by(|one, other| one.text.cmp(&other.text));
    operands.dedup_by(|one, other| one.text == other.text);
    operands
}

/// `ts_rank`.
pub fn rank(weights: &Weights, document: &Lexemes<'_>, query: &Query, normalization: i32) -> f32 {
    let Some(root) = query.root.as_ref().filter(|_| !document.entries().is_empty()) else { return 0.0 };
    let mut rank = match root {
        Node::All(_) | Node::Phrase(..) => rank_of_all(weights, document, query),
        Node::Value(_) | Node::Not(_) | Node::Any(_) => rank_of_any(weights, document, query),
    };
    if rank < 0.0 {
        rank = 1e-20;
    }
    let lexemes = document.entries().len();
    if normalization & normal::LOG_LENGTH != 0 {
        rank = (f64::from(rank) / ((length(document) + 1) as f64).ln() * 2f64.ln()) as f32;
    }
    if normalization & normal::LENGTH != 0 {
        rank /= length(document) as f32;
    }
    if normalization & normal::UNIQUE != 0 {
        rank /= lexemes as f32;
    }
    if normalization & normal::LOG_UNIQUE != 0 {
        rank = (f64::from(rank) / (((lexemes + 1) as f64).ln() / 2f64.ln())) as f32;
    }
    if normalization & normal::ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank
}

fn rank_of_any(weights: &Weights, document: &Lexemes<'_>, query: &Query) -> f32 {
    let operands = distinct(query);
    let mut rank = 0f32;
    for operand in &operands {
        for entry in document.found(operand) {
            let positions = if entry.positions.is_empty() { &NOWHERE } else { entry.positions.as_slice() };
            // Later occurrences count less, the greatest weight counts once in full.
            let (mut sum, mut greatest, mut place) = (0f32, -1f32, 0);
            for (count, position) in positions.iter().enumerate() {
                let weight = weigh(weights, *position);
                sum += weight / ((count + 1) * (count + 1)) as f32;
                if weight > greatest {
                    (greatest, place) = (weight, count);
                }
            }
            let first = greatest / ((place + 1) * (place + 1)) as f32;
            rank = (f64::from(rank) + f64::from(greatest + sum - first) / 1.644_934_066_85) as f32;
        }
    }
    if operands.is_empty() { rank } else { rank / operands.len() as f32 }
}

/// How much a distance counts.
fn nearness(distance: u16) -> f32 {
    if distance > 100 {
        return 1e-30;
    }
    (1.0 / (1.005 + 0.05 * (f64::from(f32::from(distance)) / 1.5 - 2.0).exp())) as f32
}

fn rank_of_all(weights: &Weights, document: &Lexemes<'_>, query: &Query) -> f32 {
    let operands = distinct(query);
    if operands.len() < 2 {
        return rank_of_any(weights, document, query);
    }
    let mut rank = -1f32;
    let mut before: Vec<&[Position]> = Vec::new();
    for operand in operands {
        let mut last: &[Position] = &[];
        for entry in document.found(operand) {
            last = if entry.positions.is_empty() { &NOWHERE } else { &entry.positions };
            for other in &before {
                let nowhere = last == NOWHERE.as_slice() || *other == NOWHERE.as_slice();
                for (one, other) in last.iter().flat_map(|one| other.iter().map(move |other| (one, other))) {
                    let distance = one.place.abs_diff(other.place);
                    if distance == 0 && !nowhere {
                        continue;
                    }
                    let distance = if distance == 0 { 16384 } else { distance };
                    let weight = weigh(weights, *one) * weigh(weights, *other) * nearness(distance);
                    let weight = f64::from(weight).sqrt() as f32;
                    rank = match rank < 0.0 {
                        true => weight,
                        false => (1.0 - (1.0 - f64::from(rank)) * (1.0 - f64::from(weight))) as f32,
                    };
                }
            }
        }
        if !last.is_empty() {
            before.push(last);
        }
    }
    rank
}

/// A place of a document at which operands of a query stand.
struct Spot<'q> {
    position: Position,
    operands: Vec<&'q Operand>,
}

/// The operands that a stretch of a document has, with their places.
#[derive(Default)]
struct Stretch<'q> {
    seen: Vec<(&'q Operand, Vec<u16>)>,
}

impl<'q> Stretch<'q> {
    fn add(&mut self, spot: &Spot<'q>) {
        for operand in &spot.operands {
            let known = self.seen.iter().position(|(seen, _)| seen == operand);
            let place = spot.position.place;
            match known.and_then(|known| self.seen.get_mut(known)) {
                Some((_, places)) => places.push(place),
                None => self.seen.push((operand, vec![place])),
            }
        }
    }
}

impl Occurrences for Stretch<'_> {
    fn has(&self, operand: &Operand) -> bool {
        self.seen.iter().any(|(seen, _)| *seen == operand)
    }

    fn places(&self, operand: &Operand) -> Matched {
        match self.seen.iter().find(|(seen, _)| *seen == operand) {
            None => Matched::No,
            Some((_, places)) => {
                let mut ends = places.clone();
                ends.sort_unstable();
                ends.dedup();
                Matched::Yes(Places { ends, ..Places::default() })
            }
        }
    }
}

/// The places of a document at which something of a query stands, ascending.
fn spots<'q>(document: &Lexemes<'_>, query: &'q Query) -> Vec<Spot<'q>> {
    let mut found: Vec<(Position, &Lexeme<'_>, &'q Operand)> = Vec::new();
    for operand in query.operands() {
        for entry in document.found(operand) {
            let positions = entry.positions.iter();
            let wanted = positions
                .filter(|position| operand.weights == 0 || position.weight.bit() & operand.weights != 0);
            found.extend(wanted.map(|position| (*position, entry, operand)));
        }
    }
    found.sort_by(|one, other| {
        let key = |found: &(Position, &Lexeme<'_>, &Operand)| (found.0.place, found.0.weight);
        key(one).cmp(&key(other)).then_with(|| one.1.text.cmp(&other.1.text))
    });
    let mut spots: Vec<Spot<'q>> = Vec::new();
    let mut last: Option<&str> = None;
    for (position, entry, operand) in found {
        match spots.last_mut() {
            Some(spot) if spot.position == position && last == Some(&*entry.text) => {
                spot.operands.push(operand)
            }
            _ => spots.push(Spot { position, operands: vec![operand] }),
        }
        last = Some(&entry.text);
    }
    spots
}

/// The next shortest stretch that matches: its first and its last spot.
fn cover(spots: &[Spot<'_>], root: &Node, mut from: usize) -> Option<(usize, usize)> {
    loop {
        let mut stretch = Stretch::default();
        let end = (from..spots.len()).find(|spot| {
            stretch.add(&spots[*spot]);
            holds(root, &stretch)
        })?;
        let mut stretch = Stretch::default();
        let begin = (from..=end).rev().find(|spot| {
            stretch.add(&spots[*spot]);
            holds(root, &stretch)
        });
        match begin {
            Some(begin) => return Some((begin, end)),
            None => from += 1,
        }
    }
}

/// `ts_rank_cd`.
pub fn rank_by_cover(weights: &Weights, document: &Lexemes<'_>, query: &Query, normalization: i32) -> f32 {
    let Some(root) = &query.root else { return 0.0 };
    let spots = spots(document, query);
    let inverted = weights.map(|weight| 1.0 / f64::from(weight));
    let (mut rank, mut distances, mut middle_before, mut extents) = (0f64, 0f64, 0f64, 0u32);
    let mut from = 0;
    while let Some((begin, end)) = cover(&spots, root, from) {
        let (first_place, last_place) = (spots[begin].position.place, spots[end].position.place);
        let inverted: f64 =
            spots[begin..=end].iter().map(|spot| inverted[spot.position.weight as usize]).sum();
        let steps = (end - begin) as i64;
        let noise = i64::from(last_place) - i64::from(first_place) - steps;
        let noise = if noise < 0 { steps / 2 } else { noise };
        rank += (steps + 1) as f64 / inverted / (1 + noise) as f64;
        let middle = (f64::from(last_place) + f64::from(first_place)) / 2.0;
        if extents > 0 && middle > middle_before {
            distances += 1.0 / (middle - middle_before);
        }
        middle_before = middle;
        extents += 1;
        from = begin + 1;
    }
    let (words, lexemes) = (length(document) as f64, document.entries().len() as f64);
    if normalization & normal::LOG_LENGTH != 0 && lexemes > 0.0 {
        rank /= (words + 1.0).ln();
    }
    if normalization & normal::LENGTH != 0 && words > 0.0 {
        rank /= words;
    }
    if normalization & normal::EXTENT_DISTANCE != 0 && extents > 0 && distances > 0.0 {
        rank /= f64::from(extents) / distances;
    }
    if normalization & normal::UNIQUE != 0 && lexemes > 0.0 {
        rank /= lexemes;
    }
    if normalization & normal::LOG_UNIQUE != 0 && lexemes > 0.0 {
        rank /= (lexemes + 1.0).ln() / 2f64.ln();
    }
    if normalization & normal::ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank as f32
}
