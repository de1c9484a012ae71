//! Addresses of networks, as intervals of a line: those of four bytes, then those of sixteen.

use super::grid::{Cell, Window};
use super::{Question, Wanted};
use crate::network::Address;

fn place(address: &Address) -> u64 {
    let first = u64::from_be_bytes(*address.bytes.first_chunk().unwrap_or(&[0; 8]));
    u64::from(address.six) << 63 | first >> 1
}

/// From where to where a network goes.
fn interval(bytes: &[u8]) -> Option<(u64, u64)> {
    let address = Address::read(bytes)?;
    Some((place(&address.with_rest(false)), place(&address.with_rest(true))))
}

/// The entry of an address.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (low, high) = interval(bytes)?;
    Some(vec![Cell::of_line(low, high).entry()])
}

/// Which entries an address must have. What is less than another in their order may contain it, or begin before.
pub(super) fn wanted(question: Question, with: &[u8]) -> Option<Wanted> {
    let (low, high) = interval(with)?;
    let within = |low: u64, high: u64| Wanted::Within(Window::of_line(low, high));
    Some(match question {
        Question::Overlaps | Question::ContainedBy => within(low, high),
        Question::Contains => within(low, low),
        Question::Equal => Wanted::Beginning(Cell::of_line(low, high).entry()),
        Question::NotEqual => Wanted::Any,
        Question::Less | Question::LessOrEqual => within(0, high),
        Question::Greater | Question::GreaterOrEqual => within(low, u64::MAX),
        _ => return None,
    })
}
