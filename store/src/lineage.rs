//! Lineage: who branched off whom, and whose job it is to free a page that branches share.
//!
//! Branching a database copies its roots. From then on both sides share the pages of that moment, and neither may free
//! one that the other still uses. The lineage is a binary tree: its leaves are the databases, an inner node is a moment
//! of branching. A page's birth generation tells which node it was born under.
//!
//! When a line gives up a page that was born in its own time, the page is free. Otherwise it goes to the line's list of
//! dead pages. A page that both children of a node list as dead was the node's own to give up, one step further up.
//! Dropping a database frees the pages of its own time; its sibling then takes the place of their parent, and the dead
//! pages that only the sibling's list kept are free. (The idea is that of ZFS's dead lists, with a tree for a line.)
//!
//! Invariants
//!
//! 1. A node's `point` is the generation of the branching that made it: pages born later are its own, earlier ones are
//!    shared with its sibling. The first node's point is 0 and every page is its own.
//! 2. Inner nodes have exactly two children; only leaves belong to databases.
//! 3. A node's dead pages were born at or before its point, are used by nothing below it, and are listed once.
//! 4. No page is listed as dead by both children of a node.
//! 5. The generation in force is that of a version, as the points are: a transaction whose pages were born in that of the
//!    version that it was brought onto last has none that a later branching takes for older ones.
//! 6. Shared pages have been written: a database is flushed before it is branched, so a shared page has a number.

use crate::error::{StoreError, StoreResult};
use crate::forest::DEAD_PAGES_TREE;
use btree::{Edit, Renamed, Tree};
use imbl::OrdMap;
use pager::{COUNTER_LIMIT, FreedPage, OwnerId, PageChanges, Pager};
use std::collections::BTreeMap;

/// The branch that makes the store's own frames: nobody else uses this number.
pub const SYSTEM: OwnerId = OwnerId(1);

/// One line of databases between two branchings.
#[derive(Debug, Clone)]
pub struct Node {
    /// The branching it came from; `None` for the first.
    pub parent: Option<u64>,
    /// Generation of that branching.
    pub point: u64,
    /// The two lines that it ended in, for an inner node.
    pub children: Option<(u64, u64)>,
    /// Pages older than `point` that nothing below this node uses: page number → birth.
    pub dead: Tree,
}

impl Node {
    fn leaf(parent: Option<u64>, point: u64) -> Node {
        Node { parent, point, children: None, dead: Tree::empty(DEAD_PAGES_TREE) }
    }
}

/// All lines of a file.
#[derive(Debug, Clone)]
pub struct Lineage {
    nodes: OrdMap<u64, Node>,
    next: u64,
    /// The generation in force: pages are born in it. Later than every branching.
    generation: u64,
}

/// What is needed to edit the lists of dead pages.
pub struct SystemEdit<'a> {
    /// The file.
    pub pager: &'a Pager,
    /// The generation in which new pages are born.
    pub generation: u64,
    /// Who may edit the new pages in place.
    pub owner: OwnerId,
    /// Pages that the store's own trees took and gave up.
    pub changes: &'a mut PageChanges,
}

impl SystemEdit<'_> {
    /// The means to change one of the store's own trees.
    pub fn edit(&mut self) -> Edit<'_> {
        Edit::new(self.pager, self.owner, self.generation, self.changes)
    }
}

impl Lineage {
    /// The node of the main database of a new file.
    pub const FIRST_NODE: u64 = 1;
    /// The generation in force in a new file.
    pub const FIRST_GENERATION: u64 = 1;

    /// One line, with every page its own.
    pub fn new() -> Lineage {
        Lineage {
            nodes: OrdMap::unit(Lineage::FIRST_NODE, Node::leaf(None, 0)),
            next: Lineage::FIRST_NODE + 1,
            generation: Lineage::FIRST_GENERATION,
        }
    }

    /// Puts together what was stored. Whoever read it from a file asks for its [`Lineage::flaw`] next.
    pub fn from_nodes(nodes: impl IntoIterator<Item = (u64, Node)>, generation: u64) -> Lineage {
        let nodes: OrdMap<u64, Node> = nodes.into_iter().collect();
        let next = nodes.keys().next_back().map_or(Lineage::FIRST_NODE, |last| last.saturating_add(1));
        Lineage { nodes, next, generation }
    }

    /// The generation in force, in which pages are born.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What contradicts the invariants in lines that were read, if anything does: a line's number, and what a sound one
    /// would be. `leaves` are the lines that databases are on.
    pub fn flaw(&self, leaves: &BTreeMap<u64, u64>) -> Option<(u64, &'static str)> {
        if let Some(line) = leaves.keys().find(|line| !self.nodes.contains_key(*line)) {
            return Some((*line, "an entry in the list of lines"));
        }
        let is_child =
            |number: u64, parent: u64| self.nodes.get(&number).is_some_and(|it| it.parent == Some(parent));
        for (&number, node) in &self.nodes {
            let expected = if !(Lineage::FIRST_NODE..COUNTER_LIMIT).contains(&number) {
                "a number from 1 to 2^62"
            } else if node.point >= self.generation {
                "a branching before the generation in force"
            } else if !node.parent.is_none_or(|parent| self.is_parent(parent, number, node.point)) {
                "a parent that was branched before, and ended in it"
            } else if !node
                .children
                .is_none_or(|(one, two)| one != two && is_child(one, number) && is_child(two, number))
            {
                "two children of its own"
            } else if node.children.is_some() == leaves.contains_key(&number) {
                "either two children or a database"
            } else {
                continue;
            };
            return Some((number, expected));
        }
        None
    }

    /// Whether `parent` is the parent of a line that began at `point`: as points grow from parent to child, nobody is
    /// their own ancestor.
    fn is_parent(&self, parent: u64, child: u64, point: u64) -> bool {
        self.nodes.get(&parent).is_some_and(|parent| {
            parent.point < point && parent.children.is_some_and(|(one, two)| one == child || two == child)
        })
    }

    /// `count` lines that share nothing, numbered from [`Lineage::FIRST_NODE`].
    pub fn apart(count: u64, generation: u64) -> Lineage {
        let numbers = Lineage::FIRST_NODE..Lineage::FIRST_NODE + count;
        Lineage::from_nodes(numbers.map(|number| (number, Node::leaf(None, 0))), generation)
    }

    /// Whether `node` is `line`, or came from it by branching.
    pub fn is_below(&self, node: u64, line: u64) -> bool {
        let mut at = Some(node);
        while let Some(number) = at {
            if number == line {
                return true;
            }
            at = self.nodes.get(&number).and_then(|node| node.parent);
        }
        false
    }

    /// The line that `node` was branched apart from.
    pub fn sibling_of(&self, node: u64) -> Option<u64> {
        self.nodes.get(&node)?.parent.map(|parent| self.sibling(parent, node))
    }

    /// The nodes, by number.
    pub fn nodes(&self) -> impl Iterator<Item = (u64, &Node)> {
        self.nodes.iter().map(|(number, node)| (*number, node))
    }

    /// A node, to change its list of dead pages' root after it was written.
    pub fn node_mut(&mut self, number: u64) -> Option<&mut Node> {
        self.nodes.get_mut(&number)
    }

    /// The generation up to which pages are shared with others, for the line `node`.
    pub fn point(&self, node: u64) -> u64 {
        self.nodes.get(&node).map_or(0, |node| node.point)
    }

    /// Sorts pages that line `node` gave up: returns those that are free, keeps the others as dead.
    ///
    /// # Errors
    /// When a list of dead pages cannot be read.
    pub fn give_up(
        &mut self,
        edit: &mut SystemEdit<'_>,
        node: u64,
        pages: Vec<FreedPage>,
    ) -> StoreResult<Vec<FreedPage>> {
        let point = self.point(node);
        let (mut free, shared): (Vec<_>, Vec<_>) = pages.into_iter().partition(|page| page.birth > point);
        for page in shared {
            let number = page.number().ok_or_else(|| unwritten(edit.pager))?;
            if self.give_up_shared(edit, node, number, page.birth)? {
                free.push(page);
            }
        }
        Ok(free)
    }

    /// Line `node` gave up a page born at or before its point. Whether that makes it free.
    fn give_up_shared(
        &mut self,
        edit: &mut SystemEdit<'_>,
        node: u64,
        number: u64,
        birth: u64,
    ) -> StoreResult<bool> {
        let mut node = node;
        loop {
            let Some(parent) = self.nodes.get(&node).filter(|it| birth <= it.point).and_then(|it| it.parent)
            else {
                return Ok(true);
            };
            let sibling = self.sibling(parent, node);
            let key = number.to_be_bytes();
            let dead_there = match self.nodes.get_mut(&sibling) {
                Some(sibling) => sibling.dead.delete(&mut edit.edit(), &key)?,
                None => true,
            };
            if !dead_there {
                if let Some(line) = self.nodes.get_mut(&node) {
                    line.dead.insert(&mut edit.edit(), &key, &birth.to_be_bytes())?;
                }
                return Ok(false);
            }
            node = parent;
        }
    }

    /// Pages were moved: the lists of dead pages name them by their new numbers. Only pages of before a line's point can
    /// stand in its list.
    ///
    /// # Errors
    /// When a list cannot be read or changed.
    pub fn rename_dead<'r>(
        &mut self,
        edit: &mut SystemEdit<'_>,
        renamed: impl Iterator<Item = &'r Renamed>,
    ) -> StoreResult<()> {
        let lines: Vec<(u64, u64)> = self
            .nodes
            .iter()
            .filter(|(_, node)| !node.dead.is_empty())
            .map(|(number, node)| (*number, node.point))
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        for page in renamed {
            let Some(to) = page.to() else { continue };
            for (line, _) in lines.iter().filter(|(_, point)| page.birth <= *point) {
                let Some(node) = self.nodes.get_mut(line) else { continue };
                if node.dead.delete(&mut edit.edit(), &page.from.to_be_bytes())? {
                    node.dead.insert(&mut edit.edit(), &to.to_be_bytes(), &page.birth.to_be_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// Branches line `node` at `generation`, the one in force or, in a log, a later one: it becomes inner, with two new lines
    /// below, and the next generation begins. Returns (its continuation, the new line).
    pub fn branch(&mut self, node: u64, generation: u64) -> (u64, u64) {
        let (one, two) = (self.next, self.next + 1);
        self.next += 2;
        self.generation = generation + 1;
        if let Some(inner) = self.nodes.get_mut(&node) {
            assert!(inner.children.is_none(), "invariant 2: only a leaf is branched");
            assert!(inner.point < generation, "generations grow with every branching");
            inner.children = Some((one, two));
        }
        self.nodes.insert(one, Node::leaf(Some(node), generation));
        self.nodes.insert(two, Node::leaf(Some(node), generation));
        (one, two)
    }

    /// Ends line `node`, whose own pages the caller frees. Its sibling takes the parent's place; returns the pages that
    /// are free by that, and the number under which the sibling now goes.
    ///
    /// # Errors
    /// When a list of dead pages cannot be read.
    pub fn drop_line(&mut self, edit: &mut SystemEdit<'_>, node: u64) -> StoreResult<Vec<(u64, u64)>> {
        let Some(ended) = self.nodes.remove(&node) else { return Ok(Vec::new()) };
        let mut list = ended.dead;
        list.free_all(&mut edit.edit())?;
        let Some(parent_number) = ended.parent else { return Ok(Vec::new()) };
        let sibling_number = self.sibling(parent_number, node);
        let Some(parent) = self.nodes.remove(&parent_number) else { return Ok(Vec::new()) };
        let Some(mut sibling) = self.nodes.remove(&sibling_number) else { return Ok(Vec::new()) };

        let listed = dead_pages(edit.pager, &sibling.dead)?;
        sibling.dead.free_all(&mut edit.edit())?;
        sibling.dead = parent.dead;
        sibling.point = parent.point;
        sibling.parent = parent.parent;
        if let Some(grandparent) = parent.parent.and_then(|number| self.nodes.get_mut(&number)) {
            grandparent.children = grandparent.children.map(|(one, two)| {
                if one == parent_number { (sibling_number, two) } else { (one, sibling_number) }
            });
        }
        self.nodes.insert(sibling_number, sibling);
        let mut free = Vec::new();
        for (number, birth) in listed {
            if self.give_up_shared(edit, sibling_number, number, birth)? {
                free.push((number, birth));
            }
        }
        Ok(free)
    }

    fn sibling(&self, parent: u64, child: u64) -> u64 {
        match self.nodes.get(&parent).and_then(|node| node.children) {
            Some((one, two)) if one == child => two,
            Some((one, _)) => one,
            None => 0,
        }
    }
}

/// The pages of a list: (number, birth).
///
/// # Errors
/// When the list cannot be read, or holds something else.
pub fn dead_pages(pager: &Pager, list: &Tree) -> StoreResult<Vec<(u64, u64)>> {
    let mut pages = Vec::new();
    let mut cursor = list.cursor();
    let mut found = cursor.seek_first(pager)?;
    while found {
        let value = cursor.value().read(pager)?;
        let entry = match (<[u8; 8]>::try_from(cursor.key()), <[u8; 8]>::try_from(value.as_slice())) {
            (Ok(number), Ok(birth)) => (u64::from_be_bytes(number), u64::from_be_bytes(birth)),
            _ => {
                return Err(StoreError::corrupt(
                    pager,
                    "list of dead pages",
                    pages.len() as u64,
                    "8-byte entries",
                ));
            }
        };
        pages.push(entry);
        found = cursor.next(pager)?;
    }
    Ok(pages)
}

fn unwritten(pager: &Pager) -> StoreError {
    StoreError::corrupt(pager, "shared page", 0, "a page that was written before its database was branched")
}
