//! What the simulated face of every lock does: how it asks the scheduler, and by what number the scheduler knows it.

use super::installed::Run;
use super::{ResourceId, WakeReason};
use crate::Label;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The identity of a lock or condition in the current run: the run's serial and the number drawn in it, or 0.
#[derive(Debug, Default)]
pub(super) struct Resource(AtomicU64);

impl Resource {
    pub(super) const fn new() -> Resource {
        Resource(AtomicU64::new(0))
    }

    /// The number, if one was drawn in this run: then somebody has waited for it.
    fn known(&self, run: &Run) -> Option<ResourceId> {
        let known = self.0.load(Ordering::Relaxed);
        ((known >> 32) as u32 == run.serial).then_some(known & u64::from(u32::MAX))
    }

    fn number(&self, run: &Run) -> ResourceId {
        if let Some(number) = self.known(run) {
            return number;
        }
        let number = run.scheduler.new_resource();
        assert!(number <= u64::from(u32::MAX), "a run numbers its resources below 2^32");
        self.0.store(u64::from(run.serial) << 32 | number, Ordering::Relaxed);
        number
    }
}

impl Run {
    /// A scheduling point before the lock `label` is tried.
    pub(super) fn preempt(&self, label: &'static Label) {
        self.scheduler.preempt(label);
    }

    /// Sleeps until `resource` is woken.
    pub(super) fn block(
        &self,
        label: &'static Label,
        resource: &Resource,
        limit: Option<Duration>,
    ) -> WakeReason {
        self.scheduler.block(label, resource.number(self), limit)
    }

    /// Wakes one or all sleepers on `resource`; no scheduling point.
    pub(super) fn wake(&self, label: &'static Label, resource: &Resource, all: bool) {
        // For most locks nobody ever waits: they draw no number, and nobody need be looked for.
        if let Some(number) = resource.known(self) {
            self.scheduler.wake(label, number, all);
        }
    }

    /// Takes what `attempt` takes, sleeping on `resource` as long as another task has it.
    pub(super) fn acquire<G>(
        &self,
        label: &'static Label,
        resource: &Resource,
        mut attempt: impl FnMut() -> Option<G>,
    ) -> G {
        loop {
            if let Some(guard) = attempt() {
                return guard;
            }
            self.block(label, resource, None);
        }
    }

    /// What follows a real unlock: sleepers are woken, and others may run.
    pub(super) fn released(&self, label: &'static Label, resource: &Resource, all: bool) {
        self.wake(label, resource, all);
        self.preempt(label);
    }
}
