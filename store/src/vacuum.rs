//! Vacuum: pages are moved to where they lie well, below all transactions.
//!
//! ```text
//! copy pages of the newest version ─► commit lock: refer to the copies in all trees that have the pages, log a commit
//!   that changes nothing, publish ─► unlock ─► two checkpoints ─► the old places become free
//! ```
//!
//! This goes on in steps of so many pages, each of them a commit, until every tree was walked through: first those whose
//! leaves lie scattered are copied behind all others, in key order; then whatever lies behind the place at which the file
//! could end goes to the lowest free places, in key order again. Then the file is trimmed.
//!
//! Invariants
//!
//! 1. Rows, writers and commits' order stay as they are. What depends on where a row lies (a rebase) is told by the commit
//!    number that something has changed, and by the row's writer that it was not the row.
//! 2. A moved page keeps its birth, and is referred to anew by all databases at once: who shares it, and whose it is to
//!    free, stays. Lists of dead pages name it by its new number.
//! 3. The log holds nothing of it. A recovery from an older checkpoint has the pages where they lay; so until both
//!    superblocks have the new places, nothing is logged that names pages ([`Inner::settle_moves`]).
//! 4. A move towards the front never makes the file longer.
//! 5. A step that fails leaves everything as it was, or moved.

use crate::commit::CommitState;
use crate::error::{CommitError, StoreResult};
use crate::forest::{Forest, MAIN_DATABASE, TreeEntry, Version};
use crate::ids::{CommitNumber, DatabaseId, TreeId};
use crate::labels;
use crate::lineage::{SYSTEM, SystemEdit};
use crate::record::{self, Header};
use crate::store::{Inner, WriterState};
use btree::{Relocation, Renamed, ScanOrder, Stopped, Tree, Wanted};
use env::sync::MutexGuard;
use pager::{OwnerId, PageChanges, PageRef, PageSet, Placements, Region};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use wal::Lsn;

/// The branch that makes a vacuum's index pages.
const VACUUM: OwnerId = OwnerId(3);
/// So many pages move in one step at most.
const STEP_PAGES_MAX: u64 = 4096;
/// And so many at least, however small the cache.
const STEP_PAGES_MIN: u64 = 64;
/// Both superblocks have the new places when so many checkpoints were made.
const CHECKPOINTS_TO_SETTLE: u8 = 2;
/// A tree with fewer leaves is in order whatever it looks like.
const LEAVES_IN_ORDER_MIN: u64 = 8;
/// One of which more than one leaf in so many lies far from the one before is scattered.
const BREAKS_SHARE: u64 = 4;
/// How often the file is gone through for what still lies too far behind: pages that were made anew in one round may move
/// in the next.
const ROUNDS: u32 = 3;

/// What a vacuum did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VacuumReport {
    /// Pages that lie elsewhere now, once for each move.
    pub moved: u64,
    /// Pages by which the file is shorter than it was at its longest.
    pub given_back: u64,
    /// Whether it was not broken off.
    pub finished: bool,
    /// Whether trees were left in disorder because there was no room to copy them.
    pub no_room: bool,
}

/// A tree of the file: users' trees and the store's own, in the order in which they are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    User(DatabaseId, TreeId),
    Directory(DatabaseId),
    Sequences(DatabaseId),
    /// A line's dead pages.
    Dead(u64),
    /// The list of databases and lines.
    List,
}

/// Trees that may share pages: those with one id, in all databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    User(TreeId),
    Own(Slot),
}

impl Slot {
    fn group(self) -> Group {
        match self {
            Slot::User(_, tree) => Group::User(tree),
            Slot::Directory(_) | Slot::Sequences(_) | Slot::Dead(_) | Slot::List => Group::Own(self),
        }
    }
}

/// How far a round has come: the next tree, and the key in it to go on from.
type Position = Option<(Slot, Option<Vec<u8>>)>;

/// What is moved in a round.
#[derive(Debug, Clone, Copy)]
enum Round {
    /// Scattered trees, behind this place.
    Apart(u64),
    /// What lies at this place or behind it, to places before it.
    Forward(u64),
}

/// Copies that wait to be referred to.
#[derive(Default)]
struct Step {
    relocations: BTreeMap<Group, Relocation>,
    looked_at: u64,
}

/// How far a step came.
#[derive(Debug, Clone, Copy)]
struct Done {
    looked_at: u64,
    moved: u64,
}

/// A tree that refers to moved pages, in the making.
struct Changed {
    slot: Slot,
    tree: Tree,
    versioned: bool,
}

/// What is to be published, and its page accounting.
struct Switched {
    forest: Forest,
    /// The list of databases.
    list: Tree,
    /// What changing the lists of dead pages took and gave up.
    own: PageChanges,
}

impl Step {
    fn moved(&self) -> u64 {
        self.relocations.values().map(Relocation::moved).sum()
    }

    fn taken(&self) -> PageSet {
        let mut taken = PageSet::new();
        for relocation in self.relocations.values() {
            taken.union(relocation.taken());
        }
        taken
    }

    fn renamed(&self) -> impl Iterator<Item = &Renamed> {
        self.relocations.values().flat_map(|relocation| relocation.renamed())
    }
}

impl Inner {
    /// See [`crate::Store::vacuum`].
    pub fn vacuum(&self, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> StoreResult<VacuumReport> {
        let mut report = VacuumReport { finished: true, ..VacuumReport::default() };
        // What was given up until now is free afterwards.
        self.checkpoint(false)?;
        self.checkpoint(false)?;
        self.order(&mut report, progress)?;
        for _ in 0..ROUNDS {
            let before = report.moved;
            let (free, pages) = self.pager.free_pages();
            if report.finished {
                self.round(Round::Forward(pages - free), &mut report, progress)?;
            }
            if report.moved == before {
                break;
            }
        }
        report.given_back = self.trim()?;
        Ok(report)
    }

    /// Puts scattered trees in order, if there is room for that.
    fn order(
        &self,
        report: &mut VacuumReport,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let (_, pages) = self.pager.free_pages();
        match self.round(Round::Apart(pages), report, progress) {
            Err(error) if error.is_out_of_space() => {
                report.no_room = true;
                Ok(())
            }
            result => result,
        }
    }

    /// Goes through all trees once.
    fn round(
        &self,
        round: Round,
        report: &mut VacuumReport,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let (mut position, mut looked_at) = (None, 0);
        loop {
            let (free, pages) = self.pager.free_pages();
            if progress(looked_at.min(pages - free), pages - free).is_break() {
                report.finished = false;
                return Ok(());
            }
            let mut writing = self.writing.lock();
            self.health.check()?;
            let done = self.health.as_a_whole(|| self.step(&mut writing, round, &mut position))?;
            looked_at += done.looked_at;
            report.moved += done.moved;
            if position.is_none() {
                return Ok(());
            }
        }
    }

    /// Moves some pages, from `position` on, and moves that on: to none at the end.
    fn step(
        &self,
        writing: &mut MutexGuard<'_, WriterState>,
        round: Round,
        position: &mut Position,
    ) -> StoreResult<Done> {
        // Keeps what is copied from being given away; its commits may go on.
        let hold = self.snapshots.take();
        let version = self.commit.lock().published.clone();
        let mut step = Step::default();
        let copied = self.copy(&version.forest, &writing.forest, round, position, &mut step);
        drop((hold, version));
        let done = Done { looked_at: step.looked_at, moved: step.moved() };
        if let Err(error) = copied {
            self.pager.give_back(&step.taken())?;
            return Err(error);
        }
        if done.moved == 0 {
            self.pager.give_back(&step.taken())?;
            return Ok(done);
        }
        let (commit, lsn) = self.change_commit_state(|state| self.switch(state, writing, step))?;
        self.make_durable(commit, lsn).map_err(|error| match error {
            CommitError::Refused(cause) | CommitError::Unknown { cause, .. } => cause,
        })?;
        self.env.reached(&labels::VACUUMED);
        self.settle_moves(writing)?;
        Ok(done)
    }

    /// Invariant 3: until the pages that were moved are in both superblocks, the log must not name them. A recovery from an
    /// older one would have other pages in common between databases than the record takes for granted.
    ///
    /// # Errors
    /// As a checkpoint.
    pub fn settle_moves(&self, writing: &mut MutexGuard<'_, WriterState>) -> StoreResult<()> {
        while writing.unsettled > 0 {
            self.checkpoint_holding(writing, false)?;
        }
        Ok(())
    }

    /// Copies what the round moves, up to so many pages.
    fn copy(
        &self,
        forest: &Forest,
        list: &Tree,
        round: Round,
        position: &mut Position,
        step: &mut Step,
    ) -> StoreResult<()> {
        let budget = (self.cache_bytes() / 4 / self.pager.page_size()) as u64;
        let limit = budget.clamp(STEP_PAGES_MIN, STEP_PAGES_MAX);
        let resumed = position.take();
        for slot in self.slots(forest)? {
            let resumed = resumed.as_ref().filter(|(at, _)| *at >= slot);
            if resumed.is_some_and(|(at, _)| *at > slot) {
                continue;
            }
            let moved = step.moved();
            if moved >= limit {
                *position = Some((slot, None));
                return Ok(());
            }
            let Some((tree, _)) = self.tree_in(forest, list, slot)? else { continue };
            let from: &[u8] = match resumed {
                Some((_, Some(key))) => key,
                Some((_, None)) | None if round.takes(slot, || tree.scan_order(&self.pager))? => &[],
                Some((_, None)) | None => continue,
            };
            let relocation = step.relocations.entry(slot.group()).or_default();
            let before = relocation.looked_at();
            let page = |number: u64| round.moves(number);
            let limit = relocation.moved() + limit - moved;
            let wanted = Wanted { page: &page, region: round.region(), limit };
            let stopped = relocation.copy(&self.pager, &tree, from, wanted)?;
            step.looked_at += relocation.looked_at() - before;
            match stopped {
                Stopped::End => {}
                Stopped::Before(key) => {
                    *position = Some((slot, Some(key)));
                    return Ok(());
                }
                Stopped::Full => return Ok(()),
            }
        }
        Ok(())
    }

    /// Every tree of the file, in order.
    fn slots(&self, forest: &Forest) -> StoreResult<Vec<Slot>> {
        let mut slots = Vec::new();
        for (id, database) in &forest.databases {
            slots.extend(database.tree_ids(&self.pager)?.into_iter().map(|tree| Slot::User(*id, tree)));
        }
        slots.extend(forest.databases.keys().map(|id| Slot::Directory(*id)));
        slots.extend(forest.databases.keys().map(|id| Slot::Sequences(*id)));
        slots.extend(forest.lineage.nodes().map(|(line, _)| Slot::Dead(line)));
        slots.push(Slot::List);
        Ok(slots)
    }

    /// The tree at a place, and whether its rows carry their writers.
    fn tree_in(&self, forest: &Forest, list: &Tree, slot: Slot) -> StoreResult<Option<(Tree, bool)>> {
        let own = |tree: &Tree| Some((tree.clone(), false));
        Ok(match slot {
            Slot::User(database, tree) => match forest.databases.get(&database) {
                Some(database) => {
                    database.tree(&self.pager, tree)?.map(|entry| (entry.tree, entry.versioned))
                }
                None => None,
            },
            Slot::Directory(database) => {
                forest.databases.get(&database).and_then(|database| own(database.directory.tree()))
            }
            Slot::Sequences(database) => {
                forest.databases.get(&database).and_then(|database| own(&database.sequences))
            }
            Slot::Dead(line) => forest
                .lineage
                .nodes()
                .find(|(number, _)| *number == line)
                .and_then(|(_, node)| own(&node.dead)),
            Slot::List => own(list),
        })
    }

    /// Makes the newest version refer to the copies. Under the commit lock.
    fn switch(
        &self,
        state: &mut CommitState,
        writing: &mut WriterState,
        mut step: Step,
    ) -> StoreResult<(CommitNumber, Lsn)> {
        let commit = state.published.commit.next();
        let mut placements = Placements::new();
        let logged = self.switched(state, writing, &mut step, &mut placements).and_then(|switched| {
            self.health.check()?;
            let transaction = self.new_transaction().0;
            let mut payload = Vec::new();
            let header = Header::Commit { commit: commit.0, transaction, database: MAIN_DATABASE.0 };
            record::encode_header(&header, &mut payload);
            Ok((self.append(&payload)?, switched))
        });
        let made = placements.take(VACUUM);
        state.delta.writer_ended(&self.pager, &placements.take_all());
        let (lsn, switched) = match logged {
            Ok(logged) => logged,
            Err(error) => {
                self.pager.give_back(&made)?;
                self.pager.give_back(&step.taken())?;
                return Err(error);
            }
        };
        let (mut allocated, mut unused) = (step.taken(), PageSet::new());
        let mut freed = switched.own.freed;
        for relocation in step.relocations.values() {
            unused.union(&relocation.unused());
            freed.extend_from_slice(relocation.freed());
        }
        allocated.difference(&unused);
        allocated.union(&made);
        let operations = state.published.operations + step.moved();
        let version = Version { commit, lsn, operations, forest: switched.forest };
        self.publish_version(state, version, &allocated, freed);
        writing.forest = switched.list;
        writing.unsettled = CHECKPOINTS_TO_SETTLE;
        self.pager.give_back(&unused)?;
        Ok((commit, lsn))
    }

    /// The newest forest and the list of databases with the copies in them, written.
    fn switched(
        &self,
        state: &CommitState,
        writing: &WriterState,
        step: &mut Step,
        placements: &mut Placements,
    ) -> StoreResult<Switched> {
        let mut forest = state.published.forest.clone();
        let mut list = writing.forest.clone();
        let mut changed = Vec::new();
        for (group, relocation) in &mut step.relocations {
            let slots = match *group {
                Group::User(tree) => forest.databases.keys().map(|id| Slot::User(*id, tree)).collect(),
                Group::Own(slot) => vec![slot],
            };
            for slot in slots {
                let Some((tree, versioned)) = self.tree_in(&forest, &list, slot)? else { continue };
                if let Some(tree) = relocation.apply(&self.pager, VACUUM, &tree)? {
                    changed.push(Changed { slot, tree, versioned });
                }
            }
        }
        let roots: Vec<PageRef> = changed.iter().filter_map(|it| it.tree.root().cloned()).collect();
        let pointers = self.pager.write_tree(&roots, placements)?;
        for (Changed { slot, tree, versioned }, pointer) in changed.into_iter().zip(pointers) {
            put(&mut forest, &mut list, slot, tree.with_root(pointer), versioned);
        }
        let mut own = PageChanges::default();
        let generation = forest.lineage.generation();
        let mut edit = SystemEdit { pager: &self.pager, generation, owner: SYSTEM, changes: &mut own };
        forest.lineage.rename_dead(&mut edit, step.renamed())?;
        Ok(Switched { forest, list, own })
    }
}

/// Puts a tree into its place.
fn put(forest: &mut Forest, list: &mut Tree, slot: Slot, tree: Tree, versioned: bool) {
    match slot {
        Slot::User(database, id) => {
            if let Some(database) = forest.databases.get_mut(&database) {
                database.overlay.insert(id, Some(TreeEntry { tree, versioned }));
            }
        }
        Slot::Directory(database) => {
            if let Some(database) = forest.databases.get_mut(&database) {
                database.directory = database.directory.replaced_by(tree);
            }
        }
        Slot::Sequences(database) => {
            if let Some(database) = forest.databases.get_mut(&database) {
                database.sequences = tree;
            }
        }
        Slot::Dead(line) => {
            if let Some(node) = forest.lineage.node_mut(line) {
                node.dead = tree;
            }
        }
        Slot::List => *list = tree,
    }
}

impl Round {
    /// Whether a page is moved.
    fn moves(self, number: u64) -> bool {
        match self {
            Round::Apart(end) => number < end,
            Round::Forward(end) => number >= end,
        }
    }

    /// Where to.
    fn region(self) -> Region {
        match self {
            Round::Apart(end) => Region::From(end),
            Round::Forward(end) => Region::Below(end),
        }
    }

    /// Whether a tree is gone through.
    fn takes(self, slot: Slot, order: impl FnOnce() -> btree::Result<ScanOrder>) -> StoreResult<bool> {
        match (self, slot) {
            (Round::Forward(_), _) => Ok(true),
            (Round::Apart(_), Slot::User(..)) => {
                let ScanOrder { leaves, breaks } = order()?;
                Ok(leaves >= LEAVES_IN_ORDER_MIN && breaks * BREAKS_SHARE > leaves)
            }
            (Round::Apart(_), Slot::Directory(_) | Slot::Sequences(_) | Slot::Dead(_) | Slot::List) => {
                Ok(false)
            }
        }
    }
}
