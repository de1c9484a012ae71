//! Which isolation a history of list-append transactions really had (after Kingsbury and Alvaro, "Elle", 2020).
//!
//! Transactions append numbers to lists and read whole lists. Since no number is appended twice, a list read tells not
//! only what was seen but in which order it came about: from reads alone follow the dependencies between transactions,
//! and a cycle of dependencies is an anomaly with a name (Adya 1999).
//!
//! * `lists.rs`: the order of each list, and what is wrong with single reads.
//! * `graph.rs`: the dependencies. `cycles.rs`: cycles in them, and their names.
//!
//! What each level excludes, for transactions that ask for it:
//!
//! * READ COMMITTED: G0, G1a, G1b, G1c; lists that contradict one another; appends that vanish or were never made;
//!   reads that miss what was acknowledged before they began, or the reader's own appends.
//! * REPEATABLE READ: as well G-single and G-nonadjacent (the only cycles left have two conflicts in a row), and two
//!   reads of one transaction that differ.
//! * SERIALIZABLE: as well G2-item, among serialisable transactions.
//!
//! Everything here is linear in the history, up to a logarithm, as long as it finds nothing; explaining what it finds
//! takes a breadth-first search for each anomaly.
//!
//! The checker sees no predicates: a workload that wants phantoms found reads the lists of a range of keys.

mod anomaly;
mod cycles;
mod graph;
mod lists;

pub use anomaly::{Anomaly, AnomalyKind, Dependency, Edge};

use std::collections::BTreeMap;

/// What a transaction asked for, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Each read sees what was committed when it began.
    ReadCommitted,
    /// All reads see one snapshot; of two that change one list, the second fails.
    RepeatableRead,
    /// As if one after another.
    Serializable,
}

/// How a transaction ended, as its client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged at this moment of the history.
    Committed {
        /// When the acknowledgement was received.
        acknowledged: u64,
    },
    /// Refused or rolled back: nobody may ever see it.
    Aborted,
    /// Nobody knows; whoever sees it settles it.
    Unknown,
}

/// One operation of a transaction. `Key` and `Element` are chosen by the workload; an element is appended once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Appended `element` to the list of `key`.
    Append {
        /// The list.
        key: u64,
        /// What was appended: no other append of the history has this number.
        element: u64,
    },
    /// Read the list of `key`.
    Read {
        /// The list.
        key: u64,
        /// When the snapshot that it came from was asked for.
        began: u64,
        /// What it held, first to last.
        list: Vec<u64>,
    },
}

/// One transaction, in the order of its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// What it asked for.
    pub level: Level,
    /// How it ended.
    pub outcome: Outcome,
    /// What it did: operations that were answered, and not rolled back to a savepoint.
    pub operations: Vec<Operation>,
}

/// A history to be judged: transactions in any order, numbered by their place.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The transactions.
    pub transactions: Vec<Transaction>,
    /// The lists after everything has ended, if they were read then.
    pub last_state: Option<BTreeMap<u64, Vec<u64>>>,
}

impl History {
    /// Everything that the levels asked for exclude, worst first. Empty for a history without fault.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        let (lists, mut anomalies) = lists::read(self);
        let graph = graph::Graph::of(self, &lists);
        anomalies.extend(cycles::find(&graph));
        anomalies.sort_by_key(|anomaly| anomaly.kind);
        anomalies
    }
}
