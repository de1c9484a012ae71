//! Points, boxes, polygons and circles, as rectangles of a plane.
//!
//! A rectangle is asked for with a margin: geometric operators take numbers for the same that differ by little.

use super::grid::{Block, Cell, Window};
use super::{EntryKind, Question, Wanted};
use crate::catalog::{Type, oid};
use crate::geometry::{EPSILON, fixed, points};

/// A rectangle: its least and its greatest coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corners {
    low: [f64; 2],
    high: [f64; 2],
}

/// The place of a number on a line, in the order of numbers.
fn place(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The number at a place, or the outermost one where none is.
fn number_at(place: u64) -> f64 {
    let number = f64::from_bits(if place >> 63 == 1 { place & !(1 << 63) } else { !place });
    match (number.is_nan(), place >> 63) {
        (false, _) => number,
        (true, 1) => f64::INFINITY,
        (true, _) => f64::NEG_INFINITY,
    }
}

/// A point from which the nearest shapes are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    at: [f64; 2],
    /// Whether shapes are points: what is not computed of anything but two coordinates is not rounded otherwise elsewhere.
    points: bool,
}

impl Origin {
    /// By its bytes, for entries of some kind.
    pub fn new(kind: EntryKind, point: &[u8]) -> Origin {
        Origin { at: fixed(point), points: kind == EntryKind::Point }
    }

    /// So far away is everything at least whose entry is one of a block's: no more than any distance that is computed.
    pub fn distance(&self, block: &Block) -> f64 {
        if !self.at.iter().all(|number| number.is_finite()) {
            return 0.0;
        }
        let (low, high) = block.corners();
        let (mut gaps, mut size) = ([0.0; 2], 0.0);
        for (axis, gap) in gaps.iter_mut().enumerate() {
            let (at, low, high) = (self.at[axis], number_at(low[axis]), number_at(high[axis]));
            let edge = at.clamp(low, high);
            *gap = (edge - at).abs();
            size += at.abs() + edge.abs();
        }
        let distance = gaps[0].hypot(gaps[1]);
        let margin = if self.points { distance } else { size } * ROUNDING;
        if distance.is_finite() { (distance - margin).max(0.0) } else { distance }
    }
}

/// The corners of a shape, by what it is.
pub(super) fn corners(kind: EntryKind, bytes: &[u8]) -> Corners {
    match kind {
        EntryKind::Box => {
            let [x, y, other_x, other_y] = fixed(bytes);
            around(&[[x, y], [other_x, other_y]])
        }
        EntryKind::Circle => {
            let [x, y, radius] = fixed(bytes);
            // What is computed of it elsewhere is rounded otherwise.
            let radius = radius + (x.abs() + y.abs() + radius) * ROUNDING;
            around(&[[x - radius, y - radius], [x + radius, y + radius]])
        }
        _ => around(&points(bytes).iter().map(|point| [point.x, point.y]).collect::<Vec<_>>()),
    }
}

const ROUNDING: f64 = 1e-12;

fn around(points: &[[f64; 2]]) -> Corners {
    let mut corners = Corners { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };
    for point in points {
        if point.iter().any(|number| number.is_nan()) {
            return Corners { low: [f64::NAN; 2], high: [f64::NAN; 2] };
        }
        for ((low, high), number) in corners.low.iter_mut().zip(&mut corners.high).zip(point) {
            (*low, *high) = (low.min(*number), high.max(*number));
        }
    }
    corners
}

/// The entry of a rectangle. What is no number lies everywhere.
pub(super) fn entry(corners: Corners) -> Vec<u8> {
    if corners.low[0].is_nan() {
        return Cell::EVERYWHERE.entry();
    }
    Cell::of_plane(corners.low.map(place), corners.high.map(place)).entry()
}

/// Which entries a shape must have.
pub(super) fn wanted(kind: EntryKind, question: Question, of: Type, with: &[u8]) -> Option<Wanted> {
    let with_kind = match of.oid {
        oid::POINT => EntryKind::Point,
        oid::BOX => EntryKind::Box,
        oid::POLYGON => EntryKind::Polygon,
        oid::CIRCLE => EntryKind::Circle,
        _ => kind,
    };
    let Corners { low, high } = corners(with_kind, with);
    if low[0].is_nan() {
        return Some(Wanted::Any);
    }
    let lower = |axis: usize, number: f64| {
        let mut edges = [0; 2];
        edges[axis] = place(number - margin(number));
        Wanted::Within(Window::of_plane(edges, [u64::MAX; 2]))
    };
    let upper = |axis: usize, number: f64| {
        let mut edges = [u64::MAX; 2];
        edges[axis] = place(number + margin(number));
        Wanted::Within(Window::of_plane([0; 2], edges))
    };
    let within = |low: [f64; 2], high: [f64; 2]| {
        let low = low.map(|number| place(number - margin(number)));
        Wanted::Within(Window::of_plane(low, high.map(|number| place(number + margin(number)))))
    };
    Some(match question {
        Question::Overlaps | Question::ContainedBy | Question::Equal => within(low, high),
        Question::Contains => within(low, low),
        Question::Before => upper(0, low[0]),
        Question::NotAfter => upper(0, high[0]),
        Question::NotBefore => lower(0, low[0]),
        Question::After => lower(0, high[0]),
        Question::Below => upper(1, low[1]),
        Question::NotAbove => upper(1, high[1]),
        Question::NotBelow => lower(1, low[1]),
        Question::Above => lower(1, high[1]),
        _ => return None,
    })
}

/// By how much numbers may differ and be the same.
fn margin(number: f64) -> f64 {
    if number.is_finite() { 2.0 * EPSILON + number.abs() * ROUNDING } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_nearer_than_its_block() {
        let numbers = [-1e300, -7.5, -0.0, 0.0, 1e-300, 0.25, 3.0, 1e17, f64::INFINITY, f64::NEG_INFINITY];
        for x in numbers {
            assert_eq!(number_at(place(x)), x);
            for y in numbers {
                let cell = Cell::of_plane([place(x); 2], [place(y); 2]);
                for at in numbers.map(|at| [at, 1.0]) {
                    let bytes: Vec<u8> = at.iter().flat_map(|number| number.to_le_bytes()).collect();
                    let origin = Origin::new(EntryKind::Point, &bytes);
                    for number in [x, y] {
                        let far = (number - at[0]).hypot(number - at[1]);
                        let least = origin.distance(&Block::from(cell));
                        assert!(far.is_nan() || least <= far, "{at:?} {number}: {least} {far}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_point_is_as_far_as_its_block() {
        let origin = Origin::new(EntryKind::Point, &crate::geometry::bytes_of([1.0, 2.0]));
        let cell = Cell::of_plane([place(4.0), place(-2.0)], [place(4.0), place(-2.0)]);
        assert!((origin.distance(&Block::from(cell)) - 5.0).abs() < 1e-9);
    }
}
