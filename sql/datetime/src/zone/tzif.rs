//! One zone of the zone database, read where it lies in the program: nothing is copied or prepared.

use crate::zone::LocalType;
use crate::zone::posix::Posix;

const HEADER: usize = 44;

/// A file of the zone database (RFC 8536, its second part): changes, types, names, and the rule for what comes after.
#[derive(Debug, Clone)]
pub struct File {
    /// Moments of change, eight bytes each, ascending.
    changes: &'static [u8],
    /// The type after each change.
    change_types: &'static [u8],
    /// Types, six bytes each.
    types: &'static [u8],
    names: &'static [u8],
    /// The type before the first change.
    first: u8,
    rule: Option<Posix>,
}

fn number(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
}

/// The six counts of a header.
fn counts(header: &[u8]) -> Option<[usize; 6]> {
    let mut counts = [0; 6];
    for (count, bytes) in counts.iter_mut().zip(header.get(20..HEADER)?.chunks_exact(4)) {
        *count = number(bytes)?;
    }
    Some(counts)
}

impl File {
    /// The zone that the bytes describe.
    pub fn parse(data: &'static [u8]) -> Option<File> {
        let [utc, standard, leaps, changes, types, names] = counts(data)?;
        let data = data.get(HEADER + changes * 5 + types * 6 + names + leaps * 8 + standard + utc..)?;
        let [utc, standard, leaps, changes, types, names] = counts(data)?;
        let (changes, rest) = data.get(HEADER..)?.split_at_checked(changes * 8)?;
        let (change_types, rest) = rest.split_at_checked(changes.len() / 8)?;
        let (types, rest) = rest.split_at_checked(types * 6)?;
        let (names, rest) = rest.split_at_checked(names)?;
        let footer = rest.get(leaps * 12 + standard + utc..)?;
        let footer = std::str::from_utf8(footer.strip_prefix(b"\n")?.strip_suffix(b"\n")?).ok()?;
        let rule = if footer.is_empty() { None } else { Some(Posix::of_footer(footer)?) };
        let mut file = File { changes, change_types, types, names, first: 0, rule };
        if change_types.contains(&0) {
            file.first = file.first_standard();
        }
        Some(file)
    }

    fn first_standard(&self) -> u8 {
        let standard = self.types.chunks_exact(6).position(|bytes| bytes[4] == 0);
        standard.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
    }

    fn len(&self) -> usize {
        self.change_types.len()
    }

    fn change(&self, index: usize) -> i64 {
        let mut bytes = [0; 8];
        if let Some(found) = self.changes.get(index * 8..index * 8 + 8) {
            bytes.copy_from_slice(found);
        }
        i64::from_be_bytes(bytes)
    }

    /// How many changes are at or before a moment.
    fn changes_until(&self, unix: i64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.change(middle) <= unix {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn type_at(&self, index: u8) -> LocalType<'_> {
        let Some(&[a, b, c, d, is_daylight, name]) =
            self.types.get(usize::from(index) * 6..).and_then(<[u8]>::first_chunk)
        else {
            return LocalType { offset: 0, is_daylight: false, abbreviation: "" };
        };
        let name = self.names.get(usize::from(name)..).unwrap_or_default();
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        LocalType {
            offset: i32::from_be_bytes([a, b, c, d]),
            is_daylight: is_daylight != 0,
            abbreviation: std::str::from_utf8(&name[..end]).unwrap_or_default(),
        }
    }

    fn type_after(&self, change: usize) -> LocalType<'_> {
        self.type_at(self.change_types.get(change).copied().unwrap_or(0))
    }

    /// The offset that never changed, if so.
    pub fn fixed_offset(&self) -> Option<i32> {
        let first = self.type_at(0).offset;
        let same = self.types.chunks_exact(6).all(|bytes| bytes[..4] == first.to_be_bytes());
        let rule_is_fixed = self.rule.as_ref().is_none_or(|rule| rule.fixed_offset() == Some(first));
        (same && rule_is_fixed).then_some(first)
    }

    /// What holds at a moment.
    pub fn local_type(&self, unix: i64) -> LocalType<'_> {
        let until = self.changes_until(unix);
        match &self.rule {
            Some(rule) if until == self.len() => rule.local_type(unix),
            Some(_) | None if until == 0 => self.type_at(self.first),
            Some(_) | None => self.type_after(until - 1),
        }
    }

    /// What holds at a moment for whoever asks when it will change: before the first change, the first standard time.
    pub fn type_before_change(&self, unix: i64) -> LocalType<'_> {
        if self.len() > 0 && self.changes_until(unix) == 0 {
            return self.type_at(self.first_standard());
        }
        self.local_type(unix)
    }

    /// The first change after a moment, and what holds from then on.
    pub fn next_change(&self, unix: i64) -> Option<(i64, LocalType<'_>)> {
        let until = self.changes_until(unix);
        if until < self.len() {
            return Some((self.change(until), self.type_after(until)));
        }
        self.rule.as_ref()?.next_change(unix)
    }

    /// What an abbreviation means at a moment: its last meaning until then, or else the first after.
    pub fn named(&self, abbreviation: &str, unix: i64) -> Option<LocalType<'_>> {
        let until = self.changes_until(unix);
        let by_rule = || self.rule.as_ref()?.named(abbreviation);
        if let Some(found) = by_rule().filter(|_| until == self.len()) {
            return Some(found);
        }
        let is_it = |found: &LocalType<'_>| found.abbreviation == abbreviation;
        let earlier = (0..until).rev().map(|change| self.type_after(change)).find(is_it);
        let later = || (until..self.len()).map(|change| self.type_after(change)).find(is_it);
        earlier.or_else(later).or_else(by_rule)
    }
}
