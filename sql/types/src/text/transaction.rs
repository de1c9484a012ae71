//! Texts of places in the log (`16/B374D848`), of rows' places (`(0,1)`), and of snapshots (`12:20:13,15`).
//!
//! A row's place is the number of the row counted from 1, written as a page and a line of 16 bits: so the first row of a table is
//! `(0,1)`, and places are ordered as rows are. A snapshot is kept as its text, which has one form only.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};

fn wrong(type_name: &'static str, text: &str) -> InputError {
    InputError::Syntax { type_name, text: text.to_owned() }
}

/// Two hexadecimal words of at most eight digits.
pub(super) fn place_in_log(text: &str) -> InputResult<i64> {
    let word = |digits: &str| {
        let fits = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
    };
    let found = text.split_once('/').and_then(|(high, low)| Some(word(high)? << 32 | word(low)?));
    found.map(u64::cast_signed).ok_or_else(|| wrong("pg_lsn", text))
}

pub(super) fn append_place_in_log(value: i64, text: &mut String) {
    let value = value.cast_unsigned();
    text.push_str(&format!("{:X}/{:X}", value >> 32, value & 0xffff_ffff));
}

/// A page and a line; a negative page is taken as 32 bits.
pub(super) fn place_of_row(text: &str) -> InputResult<i64> {
    let found = text.split_once('(').and_then(|(_, rest)| {
        let (page, rest) = rest.split_once(',')?;
        let (line, _) = rest.split_once(')')?;
        let page = page.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
        let page: i64 = page.parse().ok()?;
        let line = line.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
        let page = u32::try_from(page).ok().or_else(|| i32::try_from(page).ok().map(i32::cast_unsigned))?;
        Some(row_at(page, line.parse().ok()?))
    });
    found.ok_or_else(|| wrong("tid", text))
}

/// The row at a page and a line.
pub(crate) fn row_at(page: u32, line: u16) -> i64 {
    (i64::from(page) << 16 | i64::from(line)) - 1
}

/// The page and the line of a row.
pub(crate) fn place_of(row: i64) -> (u64, u16) {
    let counted = row.wrapping_add(1).cast_unsigned();
    (counted >> 16, counted as u16)
}

pub(super) fn append_place_of_row(row: i64, text: &mut String) {
    let (page, line) = place_of(row);
    text.push_str(&format!("({page},{line})"));
}

/// A snapshot's parts: the oldest transaction that was running, the first that had not begun, and those that ran between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotText {
    /// All before are over.
    pub oldest: u64,
    /// None from here on had begun.
    pub next: u64,
    /// Those that ran, ascending.
    pub running: Vec<u64>,
}

impl SnapshotText {
    /// Reads one; `None` if it is none.
    pub fn parse(text: &str) -> Option<SnapshotText> {
        let mut parts = text.splitn(3, ':');
        let number = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten()
        };
        let (oldest, next) = (number(parts.next()?)?, number(parts.next()?)?);
        let list = parts.next()?;
        if oldest == 0 || next < oldest {
            return None;
        }
        let mut running: Vec<u64> = Vec::new();
        // A comma may stand at the end.
        for part in list.strip_suffix(',').unwrap_or(list).split(',').filter(|_| !list.is_empty()) {
            let one = number(part)?;
            let known = running.last().copied();
            if one < oldest || one >= next || known.is_some_and(|known| one < known) {
                return None;
            }
            if known != Some(one) {
                running.push(one);
            }
        }
        Some(SnapshotText { oldest, next, running })
    }
}

impl std::fmt::Display for SnapshotText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let running: Vec<String> = self.running.iter().map(u64::to_string).collect();
        write!(formatter, "{}:{}:{}", self.oldest, self.next, running.join(","))
    }
}

/// A snapshot's text in its one form.
pub(super) fn snapshot(text: &str) -> InputResult<Vec<u8>> {
    let found = SnapshotText::parse(text).map(|snapshot| snapshot.to_string().into_bytes());
    found.ok_or_else(|| wrong("pg_snapshot", text))
}

impl SnapshotText {
    /// Appends it as clients get it in binary form.
    pub(crate) fn send(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.running.len() as u32).to_be_bytes());
        for number in [self.oldest, self.next].iter().chain(&self.running) {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
}
