//! What goes with a simulated call: who makes it, where, and the books in which its fault is entered.

use crate::decisions::{Chance, Concern, Decisions, Part, TaskId};
use crate::kind::{FaultKind, Operation};
use crate::ledger::{FaultNumber, Ledger, Place};
use crate::plan::Plan;
use env::Label;

/// One simulated call.
#[derive(Debug)]
pub struct Call<'a> {
    /// Where choices come from.
    pub decisions: &'a mut Decisions,
    /// Where faults are entered.
    pub ledger: &'a mut Ledger,
    /// Who calls.
    pub task: TaskId,
    /// What is called.
    pub label: &'static Label,
    /// The step of the trace.
    pub step: u64,
}

impl Call<'_> {
    /// Decides what goes wrong at this call.
    #[inline]
    pub fn decide(&mut self, plan: &Plan, operation: Operation) -> Option<FaultKind> {
        plan.decide(self.decisions, self.task, self.label, operation)
    }

    /// Refines the fault that was decided: one of `options`, all equally likely.
    pub fn part(&mut self, part: Part, options: u32) -> u32 {
        self.part_of(Concern::Faults, (part, 0), options, Chance::Even)
    }

    /// Refines the latest choice of `concern` at this call.
    pub fn part_of(&mut self, concern: Concern, part: (Part, u32), options: u32, chance: Chance<'_>) -> u32 {
        self.decisions.choose_part(concern, self.task, self.label, part, options, chance)
    }

    /// Enters a fault of this call.
    pub fn inject(&mut self, kind: FaultKind, place: Place) -> FaultNumber {
        self.ledger.inject(kind, Some(self.label), self.step, place)
    }

    /// Enters a fault of this call that the page cache hides until the next power loss.
    pub fn inject_hidden(&mut self, kind: FaultKind, place: Place) -> FaultNumber {
        self.ledger.inject_hidden(kind, Some(self.label), self.step, place)
    }
}
