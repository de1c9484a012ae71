//! The names of what can be wrong with a history, and how that is told.

use std::fmt;

/// What is wrong, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnomalyKind {
    /// A list held a number that nobody has appended.
    Garbage,
    /// A list held one number twice.
    Duplicate,
    /// An acknowledged append is not in the last state.
    LostAppend,
    /// Two reads of one list contradict each other: neither is the beginning of the other.
    IncompatibleOrder,
    /// A transaction did not see its own appends, or (from REPEATABLE READ on) saw two states of one list.
    Internal,
    /// A read missed what had been acknowledged before it began.
    StaleRead,
    /// A cycle of overwrites alone.
    G0,
    /// An aborted transaction was seen.
    G1a,
    /// A state was seen that its transaction had changed again before it committed.
    G1b,
    /// A cycle of overwrites and reads of what was written.
    G1c,
    /// A cycle with exactly one conflict (a read that missed a write).
    GSingle,
    /// A cycle with several conflicts, no two in a row: excluded by snapshots, too.
    GNonadjacent,
    /// A cycle with two conflicts in a row: write skew and its kin.
    G2Item,
}

impl AnomalyKind {
    /// The name in the literature, or a plain one where there is none.
    pub const fn name(self) -> &'static str {
        match self {
            AnomalyKind::Garbage => "garbage",
            AnomalyKind::Duplicate => "duplicate",
            AnomalyKind::LostAppend => "lost append",
            AnomalyKind::IncompatibleOrder => "incompatible order",
            AnomalyKind::Internal => "internal",
            AnomalyKind::StaleRead => "stale read",
            AnomalyKind::G0 => "G0",
            AnomalyKind::G1a => "G1a",
            AnomalyKind::G1b => "G1b",
            AnomalyKind::G1c => "G1c",
            AnomalyKind::GSingle => "G-single",
            AnomalyKind::GNonadjacent => "G-nonadjacent",
            AnomalyKind::G2Item => "G2-item",
        }
    }
}

/// Why one transaction comes before another in any serial order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependency {
    /// The second appended right after the first (ww).
    Overwrite,
    /// The second read what the first appended (wr).
    Read,
    /// The first read without seeing what the second appended (rw).
    Conflict,
}

impl Dependency {
    const fn name(self) -> &'static str {
        match self {
            Dependency::Overwrite => "ww",
            Dependency::Read => "wr",
            Dependency::Conflict => "rw",
        }
    }
}

/// A dependency between two transactions, by their places in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Which comes before.
    pub from: usize,
    /// Which comes after.
    pub to: usize,
    /// Why.
    pub dependency: Dependency,
    /// The list that shows it.
    pub key: u64,
}

/// One thing wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Its name.
    pub kind: AnomalyKind,
    /// The transactions concerned, by their places in the history.
    pub transactions: Vec<usize>,
    /// For a cycle, its edges: each begins where the one before ends.
    pub cycle: Vec<Edge>,
    /// For what is wrong with single reads, what it is.
    pub detail: String,
}

impl Anomaly {
    pub(super) fn of_read(kind: AnomalyKind, transactions: Vec<usize>, detail: String) -> Anomaly {
        Anomaly { kind, transactions, cycle: Vec::new(), detail }
    }

    pub(super) fn of_cycle(kind: AnomalyKind, cycle: Vec<Edge>) -> Anomaly {
        let transactions = cycle.iter().map(|edge| edge.from).collect();
        Anomaly { kind, transactions, cycle, detail: String::new() }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.name(), self.detail)?;
        for edge in &self.cycle {
            write!(formatter, "T{} -{}({})-> ", edge.from, edge.dependency.name(), edge.key)?;
        }
        match self.cycle.first() {
            Some(first) => write!(formatter, "T{}", first.from),
            None => Ok(()),
        }
    }
}
