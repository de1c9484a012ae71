//! The order of each list, as far as reads show it, and what is wrong with single reads.
//!
//! The longest list that was read of a key is its order; every other read must be a beginning of it. What was appended
//! and committed but never read comes after all that was read: else it would have been in between.
//!
//! Reads of transactions that did not commit are held to the same rules: the engine showed them.

use super::anomaly::{Anomaly, AnomalyKind};
use super::{History, Level, Operation, Outcome, Transaction};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one list.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The order that reads have shown.
    pub(super) order: Vec<u64>,
    /// Committed appends that no read has shown, in order of their numbers.
    pub(super) unseen: Vec<u64>,
}

/// All lists, and who appended what.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) lists: BTreeMap<u64, List>,
    pub(super) appended_by: BTreeMap<u64, usize>,
}

/// Reads everything once.
pub(super) fn read(history: &History) -> (Lists, Vec<Anomaly>) {
    let mut reader =
        Reader { history, lists: Lists::default(), last_append: BTreeMap::new(), anomalies: Vec::new() };
    reader.collect_appends();
    reader.find_orders();
    reader.find_unseen();
    let acknowledged = reader.acknowledged();
    for (number, transaction) in history.transactions.iter().enumerate() {
        reader.check_reads(number, transaction, &acknowledged);
    }
    reader.check_last_state();
    (reader.lists, reader.anomalies)
}

/// Of one list: when a length was acknowledged. Sorted by time, and by length with it.
type Acknowledged = BTreeMap<u64, Vec<(u64, usize)>>;

/// A list as one transaction read it; the last state is nobody's read.
type ReadBy<'a> = (Option<usize>, &'a [u64]);

struct Reader<'a> {
    history: &'a History,
    lists: Lists,
    /// The last element that a transaction appended to a key.
    last_append: BTreeMap<(usize, u64), u64>,
    anomalies: Vec<Anomaly>,
}

impl Reader<'_> {
    fn report(&mut self, kind: AnomalyKind, transactions: Vec<usize>, detail: String) {
        self.anomalies.push(Anomaly::of_read(kind, transactions, detail));
    }

    fn collect_appends(&mut self) {
        for (number, transaction) in self.history.transactions.iter().enumerate() {
            for operation in &transaction.operations {
                if let Operation::Append { key, element } = operation {
                    let former = self.lists.appended_by.insert(*element, number);
                    debug_assert!(former.is_none(), "the workload appends no number twice");
                    self.last_append.insert((number, *key), *element);
                    self.lists.lists.entry(*key).or_default();
                }
            }
        }
    }

    /// Takes the longest read of each list for its order, and compares the others with it.
    fn find_orders(&mut self) {
        let mut reads: BTreeMap<u64, Vec<ReadBy<'_>>> = BTreeMap::new();
        for (number, transaction) in self.history.transactions.iter().enumerate() {
            let committed = matches!(transaction.outcome, Outcome::Committed { .. });
            for operation in &transaction.operations {
                let Operation::Read { key, list, .. } = operation else { continue };
                // The tail of a reader's list may be its own, and go with it.
                let list = if committed { list } else { self.without_own(number, list) };
                reads.entry(*key).or_default().push((Some(number), list));
            }
        }
        for (key, list) in self.history.last_state.iter().flatten() {
            reads.entry(*key).or_default().push((None, list));
        }
        for (key, reads) in reads {
            // The first of the longest, so that the answer does not depend on more than the history.
            let Some(longest) = reads.iter().rev().max_by_key(|(_, list)| list.len()).copied() else {
                continue;
            };
            for (number, list) in &reads {
                if longest.1.get(..list.len()) != Some(list) {
                    let between = [*number, longest.0].into_iter().flatten().collect();
                    let detail = format!("list {key} was read as {list:?} and as {:?}", longest.1);
                    self.report(AnomalyKind::IncompatibleOrder, between, detail);
                }
            }
            let unique: BTreeSet<u64> = longest.1.iter().copied().collect();
            if unique.len() < longest.1.len() {
                let detail = format!("list {key} was read as {:?}", longest.1);
                self.report(AnomalyKind::Duplicate, longest.0.into_iter().collect(), detail);
            }
            self.lists.lists.entry(key).or_default().order = longest.1.to_vec();
        }
    }

    fn without_own<'l>(&self, number: usize, list: &'l [u64]) -> &'l [u64] {
        let own = |element: &&u64| self.lists.appended_by.get(element) == Some(&number);
        let own = list.iter().rev().take_while(own).count();
        &list[..list.len() - own]
    }

    fn find_unseen(&mut self) {
        let seen: BTreeSet<u64> =
            self.lists.lists.values().flat_map(|list| list.order.iter().copied()).collect();
        for transaction in &self.history.transactions {
            if !matches!(transaction.outcome, Outcome::Committed { .. }) {
                continue;
            }
            for operation in &transaction.operations {
                if let Operation::Append { key, element } = operation
                    && !seen.contains(element)
                {
                    self.lists.lists.entry(*key).or_default().unseen.push(*element);
                }
            }
        }
    }

    /// For each list, from when on a read must have had at least which length.
    fn acknowledged(&self) -> Acknowledged {
        let mut all = Acknowledged::new();
        for (key, list) in &self.lists.lists {
            let when = |(at, element): (usize, &u64)| {
                let transaction = &self.history.transactions[*self.lists.appended_by.get(element)?];
                match transaction.outcome {
                    Outcome::Committed { acknowledged } => Some((acknowledged, at + 1)),
                    Outcome::Aborted | Outcome::Unknown => None,
                }
            };
            let mut lengths: Vec<(u64, usize)> = list.order.iter().enumerate().filter_map(when).collect();
            lengths.sort_unstable();
            let mut longest = 0;
            for (_, length) in &mut lengths {
                longest = longest.max(*length);
                *length = longest;
            }
            all.insert(*key, lengths);
        }
        all
    }

    fn check_reads(&mut self, number: usize, transaction: &Transaction, acknowledged: &Acknowledged) {
        let mut own: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut seen: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for operation in &transaction.operations {
            match operation {
                Operation::Append { key, element } => {
                    own.entry(*key).or_default().push(*element);
                    if let Some(list) = seen.get_mut(key) {
                        list.push(*element);
                    }
                }
                Operation::Read { key, began, list } => {
                    let mine = own.get(key).map_or(&[][..], Vec::as_slice);
                    let expected = seen.get(key).filter(|_| transaction.level >= Level::RepeatableRead);
                    if !list.ends_with(mine) || expected.is_some_and(|expected| expected != list) {
                        let detail = format!(
                            "T{number} read list {key} as {list:?}, after its own appends {mine:?} and {}",
                            expected.map_or("no other read".to_owned(), |list| format!("a read as {list:?}"))
                        );
                        self.report(AnomalyKind::Internal, vec![number], detail);
                    }
                    let foreign = &list[..list.len().saturating_sub(mine.len())];
                    self.check_elements(number, *key, foreign);
                    self.check_stale(number, *key, *began, foreign, acknowledged);
                    seen.insert(*key, list.clone());
                }
            }
        }
    }

    /// What others appended, as one read showed it.
    fn check_elements(&mut self, number: usize, key: u64, foreign: &[u64]) {
        for element in foreign {
            let Some(&writer) = self.lists.appended_by.get(element) else {
                let detail = format!("T{number} read {element} in list {key}, which nobody appended");
                self.report(AnomalyKind::Garbage, vec![number], detail);
                continue;
            };
            if writer != number && self.history.transactions[writer].outcome == Outcome::Aborted {
                let detail = format!("T{number} read {element} in list {key} of T{writer}, which aborted");
                self.report(AnomalyKind::G1a, vec![number, writer], detail);
            }
        }
        if let Some(last) = foreign.last()
            && let Some(&writer) = self.lists.appended_by.get(last)
            && writer != number
            && self.last_append.get(&(writer, key)).is_some_and(|final_| final_ != last)
        {
            let detail =
                format!("T{number} read list {key} up to {last}, after which T{writer} appended more");
            self.report(AnomalyKind::G1b, vec![number, writer], detail);
        }
    }

    fn check_stale(
        &mut self,
        number: usize,
        key: u64,
        began: u64,
        foreign: &[u64],
        acknowledged: &Acknowledged,
    ) {
        let Some(lengths) = acknowledged.get(&key) else { return };
        let before = lengths.partition_point(|(time, _)| *time < began);
        let Some(&(time, length)) = before.checked_sub(1).and_then(|last| lengths.get(last)) else { return };
        if foreign.len() < length {
            let detail = format!(
                "T{number} read list {key} at {began} as {foreign:?}, but {length} appends were acknowledged by {time}"
            );
            self.report(AnomalyKind::StaleRead, vec![number], detail);
        }
    }

    fn check_last_state(&mut self) {
        let Some(last_state) = &self.history.last_state else { return };
        let mut lost = Vec::new();
        for (key, list) in &self.lists.lists {
            for element in &list.unseen {
                lost.push((*key, *element));
            }
            let last = last_state.get(key).map_or(0, Vec::len);
            for element in list.order.iter().skip(last) {
                let writer =
                    self.lists.appended_by.get(element).map(|writer| &self.history.transactions[*writer]);
                if writer.is_some_and(|writer| matches!(writer.outcome, Outcome::Committed { .. })) {
                    lost.push((*key, *element));
                }
            }
        }
        for (key, element) in lost {
            let writer = self.lists.appended_by.get(&element).copied();
            let detail = format!("{element} is missing from the last state of list {key}");
            self.report(AnomalyKind::LostAppend, writer.into_iter().collect(), detail);
        }
        for (key, list) in last_state {
            for element in list {
                match self.lists.appended_by.get(element).copied() {
                    None => {
                        let detail =
                            format!("the last state of list {key} has {element}, which nobody appended");
                        self.report(AnomalyKind::Garbage, Vec::new(), detail);
                    }
                    Some(writer) if self.history.transactions[writer].outcome == Outcome::Aborted => {
                        let detail =
                            format!("the last state of list {key} has {element} of T{writer}, which aborted");
                        self.report(AnomalyKind::G1a, vec![writer], detail);
                    }
                    Some(_) => {}
                }
            }
        }
    }
}
