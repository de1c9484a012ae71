//! Operators that are watched while they run: for `EXPLAIN ANALYZE`.
//!
//! Each is wrapped, and what it does is added up under its number in the plan. An operator's time includes what it asks of
//! those below.

use crate::error::ExecuteResult;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::SpillFile;
use plan::explain::{Actual, Buffers, Pages, SortUsed, numbered};
use plan::physical::{Node, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{PageCounts, PageWatch};
use types::vector::Chunk;

/// Bytes of a block, as PostgreSQL counts them.
const BLOCK_BYTES: u64 = 8192;

/// The numbers of a plan's operators, by where they lie.
pub struct Numbers {
    by_address: BTreeMap<usize, usize>,
}

impl Numbers {
    /// Of a plan, which must stay where it is as long as operators are made of it.
    pub fn of(plan: &Plan) -> Numbers {
        let addresses = numbered(plan).into_iter().map(address).zip(0..);
        Numbers { by_address: addresses.collect() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_address.len()
    }

    /// That of an operator; copies of parts of the plan have none.
    pub fn get(&self, node: &Node) -> Option<usize> {
        self.by_address.get(&address(node)).copied()
    }
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// What an operator has done in all loops together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Observation {
    startup: Duration,
    total: Duration,
    rows: u64,
    removed: u64,
    loops: u64,
    conflicting: u64,
    sorted: Option<SortUsed>,
    buffers: Buffers,
}

impl Observation {
    /// As EXPLAIN shows it: times are averages.
    pub fn actual(&self) -> Actual {
        let average = |time: Duration| time.as_secs_f64() * 1000.0 / self.loops.max(1) as f64;
        Actual {
            startup_time: average(self.startup),
            total_time: average(self.total),
            rows: self.rows,
            removed: self.removed,
            loops: self.loops,
            conflicting: self.conflicting,
            sorted: self.sorted,
            buffers: self.buffers,
        }
    }
}

/// How many blocks some bytes are.
fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES)
}

/// What is looked at beside rows while a statement runs.
#[derive(Clone, Default)]
pub struct Watching {
    /// Whether times are taken.
    pub timing: bool,
    /// Who counts pages, if they are counted.
    pub pages: Option<Arc<PageWatch>>,
}

impl Watching {
    /// Pages that were touched since they are counted.
    pub fn buffers(&self) -> Buffers {
        let Some(pages) = &self.pages else { return Buffers::default() };
        let (shared, local) = pages.counts();
        Buffers { shared: shown(shared), local: shown(local), ..Buffers::default() }
    }
}

/// In PostgreSQL's words.
fn shown(counts: PageCounts) -> Pages {
    Pages { hit: counts.found, read: counts.read, dirtied: counts.made, written: counts.written }
}

impl Observations {
    /// The statement begins again: what was done until then was for nothing.
    pub fn begin_again(&mut self) {
        self.operators.fill(Observation::default());
        self.own = Done::default();
    }

    /// Pages that were touched so far, and blocks of the statement's file.
    fn buffers(&self, spill: Option<&SpillFile>) -> Buffers {
        let (read, written) = spill.map_or((0, 0), SpillFile::traffic);
        let (temporary_read, temporary_written) = (blocks(read), blocks(written));
        Buffers { temporary_read, temporary_written, ..self.watching.buffers() }
    }
}

/// What is kept of all operators of a statement.
#[derive(Default)]
pub struct Observations {
    /// By their numbers.
    pub operators: Vec<Observation>,
    /// Whether times are taken, and who counts pages.
    pub watching: Watching,
    /// What the operator that runs has done.
    pub own: Done,
}

/// What an operator tells of itself when it is asked for rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    /// Rows that its filters have refused.
    pub removed: u64,
    /// Rows whose keys somebody has.
    pub conflicting: u64,
    /// How it has sorted, if it has.
    pub sorted: Option<SortUsed>,
}

/// The operator.
pub struct Observed {
    inner: BoxedOperator,
    number: usize,
    /// Whether it was asked since it was rewound.
    begun: bool,
}

impl Observed {
    /// Around another.
    pub fn new(inner: BoxedOperator, number: usize) -> Observed {
        Observed { inner, number, begun: false }
    }
}

impl Operator for Observed {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let (began, before) = (run.time(), run.state.observed.buffers(run.state.spill.as_ref()));
        let around = std::mem::take(&mut run.state.observed.own);
        let found = self.inner.next(run);
        let took = run.time().saturating_sub(began);
        let own = std::mem::replace(&mut run.state.observed.own, around);
        let touched = run.state.observed.buffers(run.state.spill.as_ref()) - before;
        let first = !std::mem::replace(&mut self.begun, true);
        if let Some(operator) = run.state.observed.operators.get_mut(self.number) {
            operator.loops += u64::from(first);
            operator.startup += if first { took } else { Duration::ZERO };
            operator.total += took;
            operator.removed += own.removed;
            operator.conflicting += own.conflicting;
            operator.buffers.add(touched);
            operator.sorted = own.sorted.or(operator.sorted);
            if let Ok(Some(chunk)) = &found {
                operator.rows += chunk.len() as u64;
            }
        }
        found
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.begun = false;
        self.inner.rewind(run)
    }
}
