//! The simulated world behind [`Stage`].

use crate::stage::Stage;
use crate::subject::{Evidence, Refusal};
use crate::workload::labels;
use env::{Env, Label};
use faults::{Chance, Concern, Ledger, Pointer};
use sim::World;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A simulated world as the workload sees it.
pub struct WorldStage {
    world: World,
    page_bytes: u64,
}

impl WorldStage {
    /// Wraps a world in which databases have pages of `page_size` bytes.
    pub fn new(world: World, page_size: usize) -> Arc<WorldStage> {
        Arc::new(WorldStage { world, page_bytes: page_size as u64 })
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Whether an injected fault explains a refusal that may pass.
    pub fn explains_refusal(&self, refusal: &Refusal, to: &str) -> bool {
        self.explained(&refusal.evidence, &|ledger, pointer| ledger.told(pointer, &refusal.text, to))
    }

    /// The engine refuses for good, or a check has found damage. Whether a fault explains just that: it has destroyed then
    /// what nothing stands in for.
    pub fn explains_for_good(&self, evidence: &Evidence, text: &str, to: &str) -> bool {
        self.explained(evidence, &|ledger, pointer| ledger.told_for_good(pointer, text, to))
    }

    /// Whether what a refusal points at is damage that stays.
    pub fn is_destroyed(&self, refusal: &Refusal) -> bool {
        self.explained(&refusal.evidence, &|ledger, pointer| ledger.is_destroyed(pointer))
    }

    /// Whether the ledger has a fault for what is pointed at. `tell` may close it.
    fn explained(&self, evidence: &Evidence, tell: &dyn Fn(&mut Ledger, &Pointer<'_>) -> bool) -> bool {
        let pointer = match evidence {
            Evidence::None => return false,
            Evidence::Call(error) => Pointer::Call(error),
            Evidence::Damage { file, range } => Pointer::Damage { file, range: range.clone() },
            Evidence::Page { file, page } => {
                let start = page.saturating_mul(self.page_bytes);
                let range = start..start.saturating_add(self.page_bytes);
                Pointer::Damage { file, range: Some(range) }
            }
            Evidence::Whole { file } => Pointer::Whole(file),
            Evidence::OrAll { other, file, parts } => {
                let part = |range: &Range<u64>| Pointer::Damage { file, range: Some(range.clone()) };
                return self.explained(other, tell)
                    || self.world.with_ledger(|ledger| {
                        // No fault is closed by what it has not done.
                        parts.iter().all(|range| ledger.is_destroyed(&part(range)))
                            && parts.iter().all(|range| tell(ledger, &part(range)))
                    });
            }
            Evidence::Holder => Pointer::Holder,
            Evidence::Earlier => Pointer::Earlier,
        };
        self.world.with_ledger(|ledger| tell(ledger, &pointer))
    }
}

impl Stage for WorldStage {
    fn env(&self) -> Arc<dyn Env> {
        self.world.env()
    }

    fn choose(&self, _task: &str, label: &'static Label, options: u32, chance: Chance<'_>) -> u32 {
        // The world names the running task itself.
        self.world.choose(Concern::Workload, label, options, chance)
    }

    fn is_memory_short(&self) -> bool {
        self.world.is_memory_short(&labels::MEMORY)
    }

    fn press(&self, power_losses_at_changes: Option<u32>) {
        self.world.press(power_losses_at_changes);
    }

    fn step(&self) -> u64 {
        self.world.step()
    }

    fn explains(&self, refusal: &Refusal, to: &str) -> bool {
        self.explains_refusal(refusal, to)
    }

    fn outcome_unknown(&self, to: &str) {
        self.world.with_ledger(|ledger| ledger.outcome_unknown(to));
    }

    fn explains_repeated_value(&self) -> bool {
        self.world.with_ledger(|ledger| ledger.sequence_loss_seen(crate::life::DATABASE.as_ref()))
    }

    fn may_be_damaged(&self, database: &Path) -> bool {
        self.world.with_ledger(|ledger| ledger.may_be_damaged(database))
    }

    fn may_ever_be_damaged(&self, database: &Path) -> bool {
        self.world.with_ledger(|ledger| ledger.may_ever_be_damaged(database))
    }

    fn is_taken_away(&self, database: &Path) -> bool {
        self.world.with_ledger(|ledger| ledger.is_taken_away(database))
    }

    fn break_off(&self, calls: u32, body: &mut dyn FnMut()) -> bool {
        self.world.cancel_after(calls.into(), body).is_err()
    }

    fn synced_files(&self) -> Option<BTreeMap<PathBuf, Vec<u8>>> {
        Some(self.world.with_disk(|disk| disk.synced_image()))
    }
}
