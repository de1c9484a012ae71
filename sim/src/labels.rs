//! The labels a world has met: their hashes, how often each was called, and which are sabotaged.
//!
//! A label is found by its address through a small open table, a few nanoseconds per call; numbers follow the order
//! of first use, so addresses never reach an output.

use env::Label;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one label.
#[derive(Debug, Clone)]
pub(crate) struct LabelRecord {
    pub(crate) label: &'static Label,
    /// Its stable hash, computed once.
    pub(crate) hash: u64,
    /// Times it was called (for a mark: reached).
    pub(crate) calls: u64,
    /// Crashes that struck at it.
    pub(crate) crashes: u64,
    /// Whether its calls silently do nothing.
    pub(crate) sabotaged: bool,
    /// How often sabotage made a difference.
    pub(crate) sabotages: u64,
}

/// Number of a label in its world.
pub(crate) type LabelNumber = usize;

/// All labels met so far.
#[derive(Debug)]
pub(crate) struct LabelTable {
    records: Vec<LabelRecord>,
    /// Open addressing: address of the label and its number; 0 marks an empty place.
    places: Vec<(usize, u32)>,
    sabotaged: BTreeSet<String>,
}

const FIRST_PLACES: usize = 256;

impl LabelTable {
    /// An empty table in which the labels named in `sabotaged` will do nothing.
    pub(crate) fn new(sabotaged: BTreeSet<String>) -> LabelTable {
        LabelTable { records: Vec::new(), places: vec![(0, 0); FIRST_PLACES], sabotaged }
    }

    /// The number of `label`.
    #[inline]
    pub(crate) fn number(&mut self, label: &'static Label) -> LabelNumber {
        let address = std::ptr::from_ref(label) as usize;
        let mut place = place_of(address, self.places.len());
        loop {
            let (found, number) = self.places[place];
            if found == address {
                return number as usize;
            }
            if found == 0 {
                return self.admit(label, address, place);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }

    #[cold]
    fn admit(&mut self, label: &'static Label, address: usize, place: usize) -> LabelNumber {
        let number = self.records.len();
        self.records.push(LabelRecord {
            label,
            hash: label.hash(),
            calls: 0,
            crashes: 0,
            sabotaged: self.sabotaged.contains(label.name),
            sabotages: 0,
        });
        self.places[place] = (address, number as u32);
        if self.records.len() * 2 > self.places.len() {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let size = self.places.len() * 2;
        let mut places = vec![(0, 0); size];
        for &(address, number) in self.places.iter().filter(|(address, _)| *address != 0) {
            let mut place = place_of(address, size);
            while places[place].0 != 0 {
                place = (place + 1) & (size - 1);
            }
            places[place] = (address, number);
        }
        self.places = places;
    }

    /// The record of a label.
    #[inline]
    pub(crate) fn record(&mut self, number: LabelNumber) -> &mut LabelRecord {
        &mut self.records[number]
    }

    /// Some count of every label that has been met, by name; zero counts are left out.
    pub(crate) fn counts(&self, count: impl Fn(&LabelRecord) -> u64) -> BTreeMap<&'static str, u64> {
        self.records
            .iter()
            .map(|record| (record.label.name, count(record)))
            .filter(|&(_, count)| count > 0)
            .collect()
    }

    /// Names asked to be sabotaged under which no call was ever made.
    pub(crate) fn sabotage_not_reached(&self) -> Vec<String> {
        let reached: BTreeSet<&str> = self
            .records
            .iter()
            .filter(|record| record.sabotages > 0)
            .map(|record| record.label.name)
            .collect();
        self.sabotaged.iter().filter(|name| !reached.contains(name.as_str())).cloned().collect()
    }
}

#[inline]
fn place_of(address: usize, places: usize) -> usize {
    // Labels are aligned to 8 bytes and lie close together: multiply and keep the high bits.
    let hash = ((address >> 3) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 40) as usize & (places - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use env::LabelKind;

    #[test]
    fn many_labels_keep_their_numbers_while_the_table_grows() {
        let labels: Vec<&'static Label> = (0..1_000)
            .map(|_| {
                let label = Label { name: "sim.test.label", kind: LabelKind::Mark, breaks: "nothing" };
                &*Box::leak(Box::new(label))
            })
            .collect();
        let mut table = LabelTable::new(BTreeSet::new());
        for (expected, label) in labels.iter().enumerate() {
            assert_eq!(table.number(label), expected);
        }
        for (expected, label) in labels.iter().enumerate() {
            assert_eq!(table.number(label), expected);
        }
    }
}
