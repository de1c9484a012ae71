//! The simulated world behind [`Stage`].

use crate::stage::Stage;
use crate::subject::{Evidence, Refusal};
use crate::workload::labels;
use env::{Env, Label};
use faults::{Chance, Concern};
use sim::World;
use std::collections::BTreeMap;
use std::path::PathBuf;
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
        self.world.with_ledger(|ledger| match &refusal.evidence {
            Evidence::Call(error) => ledger.error_seen(error, to),
            Evidence::Damage { file, range } => ledger.damage_seen(file, range.clone(), &refusal.text, to),
            Evidence::Page { file, page } => {
                let start = page.saturating_mul(self.page_bytes);
                let range = start..start.saturating_add(self.page_bytes);
                ledger.damage_seen(file, Some(range), &refusal.text, to)
            }
            Evidence::None => ledger.interference_seen(&refusal.text, to),
        })
    }

    /// The engine refuses for good. Whether a fault explains just that; if so, all damage is answered for.
    pub fn refused(&self, refusal: &Refusal, to: &str) -> bool {
        self.explains_refusal(refusal, to)
            && self.world.with_ledger(|ledger| ledger.refused(&refusal.text, to))
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

    fn may_lose(&self) -> bool {
        self.world.with_ledger(|ledger| ledger.may_lose())
    }

    fn synced_files(&self) -> Option<BTreeMap<PathBuf, Vec<u8>>> {
        Some(self.world.with_disk(|disk| disk.synced_image()))
    }
}
