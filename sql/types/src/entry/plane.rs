//! Points, boxes, polygons and circles, as rectangles of a plane.
//!
//! A rectangle is asked for with a margin: geometric operators take numbers for the same that differ by little.

use super::grid::{Cell, Window};
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
