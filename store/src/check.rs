//! Verifying a whole file.
//!
//! What is verified is the newest durable checkpoint, the part of the file that a later opening starts from, and every
//! tree of the newest visible version on top of it. (The log is verified when it is read, at opening.) Of the older
//! checkpoint it is the superblock alone: what only that one uses is needed by nobody unless the newest superblock rots.
//!
//! Invariants that are checked
//!
//! 1. Every tree is sound: checksums, order, separators, counts, births, values (`btree::Tree::check`).
//! 2. Within one database every page is reached exactly once.
//! 3. The pages reached by any database, those listed as dead by a line, and the free-space map's own are exactly the
//!    pages that the free-space map says are used.
//! 4. A dead page is reached by no database below the line that lists it.
//! 5. A page from before a branching that a database below one of its two lines reaches is, for the other line, reached by
//!    a database below it or listed as dead: otherwise giving it up would not free it.
//! 6. Every tree's number was given: a new tree that got it once more would take the old one's place.
//! 7. While no transaction is open, every place of the file is used by the checkpoint or by what was committed since, or is
//!    free, or will be: none is lost to memory until the next opening.

use crate::error::StoreResult;
use crate::forest::{Database, Forest};
use crate::forest_file;
use crate::ids::{DatabaseId, TreeId};
use crate::lineage::{Lineage, dead_pages};
use crate::store::Inner;
use btree::{CheckVisitor, Tree, TreeError};
use env::hash::HashSet;
use env::sync::atomic::Ordering;
use pager::{PageKind, PagePointer, PageSet, Usage};
use std::fmt;

/// The report names so many problems at the most.
const PROBLEMS_MAX: usize = 1000;

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// Databases in the file.
    pub databases: usize,
    /// Trees in all databases.
    pub trees: u64,
    /// Rows in all trees.
    pub rows: u64,
    /// Pages that are in use.
    pub pages: u64,
    /// Everything that is wrong; empty for a sound file.
    pub problems: Vec<Problem>,
    /// What is wrong with one of the two superblocks of a file that was not closed: a crash in the midst of a checkpoint
    /// leaves that, and the next opening for writing mends it.
    pub torn_superblock: Option<String>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// One of the two superblocks of a file that was closed.
    Superblock {
        /// What was expected and what was found.
        message: String,
    },
    /// A page or a row.
    Damage {
        /// In which database.
        database: DatabaseId,
        /// In which tree.
        tree: TreeId,
        /// Which page, unless it could not be read at all.
        page: Option<u64>,
        /// The page, what was expected and what was found.
        message: String,
    },
    /// A tree has a number that is still to be given.
    NumberNotGiven {
        /// In which database.
        database: DatabaseId,
        /// Which tree.
        tree: TreeId,
        /// The number that the next tree gets.
        next: u64,
    },
    /// A page is reached twice within one database.
    ReachedTwice {
        /// In which database.
        database: DatabaseId,
        /// Which page.
        page: u64,
    },
    /// A page is in use, but the free-space map says that it is free.
    UsedButFree {
        /// Which page.
        page: u64,
    },
    /// A page is not in use, but the free-space map says that it is.
    Leaked {
        /// Which page.
        page: u64,
    },
    /// A place is taken in memory, but nothing that is open or committed uses it.
    Lost {
        /// Which page.
        page: u64,
    },
    /// A page is listed as dead, but a database below that line uses it.
    DeadButUsed {
        /// Which line.
        line: u64,
        /// Which page.
        page: u64,
    },
    /// By its birth a page is shared with a line, but that one neither uses it nor lists it as dead.
    NotShared {
        /// Which line.
        line: u64,
        /// Which page.
        page: u64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Superblock { message } => {
                write!(
                    formatter,
                    "one of the two superblocks: {message}; the other one stands for it: open the file for writing once, which makes it anew"
                )
            }
            Problem::Damage { database, tree, message, page: _ } => {
                write!(formatter, "database {database}, tree {tree}: {message}")
            }
            Problem::NumberNotGiven { database, tree, next } => write!(
                formatter,
                "database {database}, tree {tree}: expected a number below {next}, which the next new tree gets; copy what is in the database to a new file"
            ),
            Problem::ReachedTwice { database, page } => {
                write!(formatter, "page {page} is used twice in database {database}")
            }
            Problem::UsedButFree { page } => write!(formatter, "page {page} is used, but marked as free"),
            Problem::Leaked { page } => write!(formatter, "page {page} is not used, but marked as used"),
            Problem::Lost { page } => write!(formatter, "page {page} is taken, but nothing uses it"),
            Problem::DeadButUsed { line, page } => {
                write!(formatter, "page {page} is listed as dead by line {line}, but used below it")
            }
            Problem::NotShared { line, page } => write!(
                formatter,
                "page {page} is older than line {line}, but neither used below it nor listed as dead by it"
            ),
        }
    }
}

/// What a database reaches.
struct Leaf {
    line: u64,
    pages: PageSet,
    /// Those that are shared by their age, with their births.
    shared: Vec<(u64, u64)>,
}

/// A check under way.
struct Check<'a> {
    inner: &'a Inner,
    report: CheckReport,
    /// The number that a tree made after the checkpoint gets at the least.
    next_tree: u64,
    total: u64,
    looked_at: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// The pages of one database, or of the store's own trees.
#[derive(Default)]
struct Reached {
    /// In the order in which they were reached.
    pages: Vec<u64>,
    seen: HashSet<u64>,
    /// Those that were reached again, as often as that happened.
    twice: Vec<u64>,
    /// The generation up to which pages are shared, and those of that age with their births.
    shared_until: u64,
    shared: Vec<(u64, u64)>,
}

impl Reached {
    /// Notes a page; whether it is reached for the first time.
    fn reach(&mut self, page: PagePointer) -> bool {
        let PagePointer { number, birth, .. } = page;
        let first = self.seen.insert(number);
        if !first {
            self.twice.push(number);
            return false;
        }
        self.pages.push(number);
        if birth <= self.shared_until {
            self.shared.push((number, birth));
        }
        true
    }

    /// The pages, and those that were reached more than once, as often as they were too many.
    fn apart(mut self) -> (PageSet, Vec<u64>) {
        self.pages.sort_unstable();
        self.twice.sort_unstable();
        (self.pages.into_iter().collect(), self.twice)
    }
}

impl Inner {
    /// See [`crate::Store::check`].
    pub fn check(&self, progress: &mut dyn FnMut(u64, u64)) -> StoreResult<CheckReport> {
        self.health.check_open()?;
        // No checkpoint runs meanwhile, so the newest one's pages stay as they are.
        let _writing = self.writing.lock();
        let superblock = self.pager.superblock();
        let usage = self.pager.usage()?;
        let (list, forest) = forest_file::read(&self.pager, &superblock)?;
        let total = usage.checkpoint.len();
        let (report, next_tree) = (CheckReport::default(), superblock.next_tree);
        let mut check = Check { inner: self, report, next_tree, total, looked_at: 0, progress };
        check.superblocks(superblock.log_required);
        check.checkpoint(&list, &forest, &usage)?;
        check.lost()?;
        check.newest()?;
        check.count()?;
        check.report.pages = usage.checkpoint.len();
        (check.progress)(total, total);
        Ok(check.report)
    }
}

impl Check<'_> {
    fn superblocks(&mut self, log_required: bool) {
        let Some(message) = self.inner.pager.unusable_superblock().map(str::to_owned) else { return };
        if log_required {
            self.report.torn_superblock = Some(message);
        } else {
            self.problem(Problem::Superblock { message });
        }
    }

    fn checkpoint(&mut self, list: &Tree, forest: &Forest, usage: &Usage) -> StoreResult<()> {
        let mut all = usage.map.clone();
        let mut own = Reached::default();
        let main = DatabaseId(0);
        self.tree(main, list, &mut own);
        let mut leaves = Vec::new();
        for (id, database) in &forest.databases {
            let shared_until = forest.lineage.point(database.node);
            let mut reached = Reached { shared_until, ..Reached::default() };
            self.database(*id, database, &mut reached, &mut own)?;
            let shared = std::mem::take(&mut reached.shared);
            let (pages, twice) = reached.apart();
            self.report_twice(*id, &twice);
            all.union(&pages);
            leaves.push(Leaf { line: database.node, pages, shared });
        }
        for (line, node) in forest.lineage.nodes() {
            self.tree(main, &node.dead, &mut own);
            let mut dead = PageSet::new();
            dead_pages(&self.inner.pager, &node.dead)?.iter().for_each(|(page, _)| _ = dead.insert(*page));
            self.line(&forest.lineage, line, &dead, &leaves);
            all.union(&dead);
        }
        let (pages, twice) = own.apart();
        self.report_twice(main, &twice);
        all.union(&pages);
        let mut used_but_free = all.clone();
        used_but_free.difference(&usage.checkpoint);
        let mut leaked = usage.checkpoint.clone();
        leaked.difference(&all);
        for page in used_but_free.iter().take(PROBLEMS_MAX) {
            self.problem(Problem::UsedButFree { page });
        }
        for page in leaked.iter().take(PROBLEMS_MAX) {
            self.problem(Problem::Leaked { page });
        }
        Ok(())
    }

    /// Invariants 4 and 5, for a line that lists these pages as dead.
    fn line(&mut self, lineage: &Lineage, line: u64, dead: &PageSet, leaves: &[Leaf]) {
        let below = |leaf: &&Leaf| lineage.is_below(leaf.line, line);
        for page in dead.iter() {
            if leaves.iter().filter(below).any(|leaf| leaf.pages.contains(page)) {
                self.problem(Problem::DeadButUsed { line, page });
            }
        }
        let (sibling, point) = (lineage.sibling_of(line), lineage.point(line));
        let mut missing = PageSet::new();
        for leaf in leaves.iter().filter(|leaf| sibling.is_some_and(|it| lineage.is_below(leaf.line, it))) {
            let old = leaf.shared.iter().filter(|(_, birth)| *birth <= point);
            old.for_each(|(page, _)| _ = missing.insert(*page));
        }
        missing.difference(dead);
        leaves.iter().filter(below).for_each(|leaf| missing.difference(&leaf.pages));
        for page in missing.iter() {
            self.problem(Problem::NotShared { line, page });
        }
    }

    /// Invariant 7. Nobody writes published pages meanwhile; that no transaction has places of its own is looked at.
    fn lost(&mut self) -> StoreResult<()> {
        let inner = self.inner;
        let begun = inner.next_owner.load(Ordering::Acquire);
        if inner.options.read_only || inner.snapshots.held() > 0 {
            return Ok(());
        }
        // What has stopped takes no place any more, and a checkpoint that was cut off by its failure keeps those it took.
        if inner.health.check().is_err() || inner.pager.poison_cause().is_some() {
            return Ok(());
        }
        let state = inner.commit.lock();
        let usage = inner.pager.usage()?;
        let settled = state.delta.is_settled();
        let mut accounted = state.delta.added.clone();
        drop(state);
        // Whoever began meanwhile may have taken places.
        if !settled || inner.next_owner.load(Ordering::Acquire) != begun {
            return Ok(());
        }
        for pages in [&usage.checkpoint, &usage.free, &usage.retired] {
            accounted.union(pages);
        }
        let mut lost = PageSet::new();
        lost.insert_run(usage.first_page..usage.file_pages);
        lost.difference(&accounted);
        for page in lost.iter().take(PROBLEMS_MAX) {
            self.problem(Problem::Lost { page });
        }
        Ok(())
    }

    /// What there is by now: commits that only the log holds count as well.
    fn count(&mut self) -> StoreResult<()> {
        let snapshot = self.inner.snapshots.take();
        let databases = &snapshot.version().forest.databases;
        self.report.databases = databases.len();
        for database in databases.values() {
            for (_, entry) in database.trees(&self.inner.pager)? {
                self.report.trees += 1;
                self.report.rows += entry.tree.len();
            }
        }
        Ok(())
    }

    fn database(
        &mut self,
        id: DatabaseId,
        database: &Database,
        reached: &mut Reached,
        own: &mut Reached,
    ) -> StoreResult<()> {
        let next = self.next_tree;
        for (tree, entry) in database.trees(&self.inner.pager)? {
            if tree.0 >= next {
                self.problem(Problem::NumberNotGiven { database: id, tree, next });
            }
            self.tree(id, &entry.tree, reached);
        }
        self.tree(id, database.directory.tree(), own);
        self.tree(id, &database.sequences, own);
        Ok(())
    }

    /// The newest version's trees, where they differ from the checkpoint's.
    fn newest(&mut self) -> StoreResult<()> {
        let snapshot = self.inner.snapshots.take();
        for (id, database) in &snapshot.version().forest.databases {
            for entry in database.overlay.values().flatten() {
                self.tree(*id, &entry.tree, &mut Reached::default());
            }
        }
        Ok(())
    }

    fn tree(&mut self, database: DatabaseId, tree: &Tree, reached: &mut Reached) {
        let mut visitor =
            Visitor { database, tree: TreeId(tree.id()), reached, problems: Vec::new(), pages: 0 };
        tree.check(&self.inner.pager, &mut visitor);
        let Visitor { problems, pages, .. } = visitor;
        self.looked_at += pages;
        for problem in problems {
            self.problem(problem);
        }
        (self.progress)(self.looked_at.min(self.total), self.total);
    }

    fn report_twice(&mut self, database: DatabaseId, twice: &[u64]) {
        for page in twice {
            self.problem(Problem::ReachedTwice { database, page: *page });
        }
    }

    fn problem(&mut self, problem: Problem) {
        if self.report.problems.len() < PROBLEMS_MAX {
            self.report.problems.push(problem);
        }
    }
}

struct Visitor<'a> {
    database: DatabaseId,
    tree: TreeId,
    reached: &'a mut Reached,
    problems: Vec<Problem>,
    pages: u64,
}

impl CheckVisitor for Visitor<'_> {
    fn page(&mut self, _kind: PageKind, pointer: Option<PagePointer>) -> bool {
        self.pages += 1;
        pointer.is_none_or(|pointer| self.reached.reach(pointer))
    }

    fn damage(&mut self, error: TreeError) {
        let page = error.page();
        // Which tree that is, the problem says itself.
        let message = match error {
            TreeError::Page { cause, .. } => cause.to_string(),
            other => other.to_string(),
        };
        self.problems.push(Problem::Damage { database: self.database, tree: self.tree, page, message });
    }
}
