//! Rows found by the entries of an index that is not in the order of its keys.
//!
//! A key of such an index is the place of the index's key, an entry ([`types::entry`]), and the row's id in eight bytes, big
//! end first.
//!
//! Invariant: the ids that are told are those of all rows that have what is wanted, ascending, each once; there may be others
//! among them.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::run::Run;
use plan::spread::{Question, Search};
use store::{Bounds, NewestScan, Scan, Transaction, TreeId, TreeView};
use types::Type;
use types::entry::{Cell, Maker, Wanted, Window};
use types::key::KeyError;

/// Bytes of a row's id.
const ID: usize = 8;

/// The key of an entry.
pub fn entry_key(place: usize, entry: &[u8], id: i64) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + entry.len() + ID);
    key.push(place as u8);
    key.extend_from_slice(entry);
    key.extend_from_slice(&id.to_be_bytes());
    key
}

/// Entries of an index, in their order.
pub trait Entries {
    /// Goes before the first within bounds.
    fn seek(&mut self, bounds: Bounds) -> ExecuteResult<()>;

    /// Goes to the next; `false` behind the last.
    fn next(&mut self) -> ExecuteResult<bool>;

    /// The key where it stands.
    fn key(&self) -> &[u8];
}

/// Entries as a statement sees them.
pub struct Seen {
    tree: TreeView,
    scan: Option<Scan>,
}

impl Seen {
    /// Of an index's tree.
    pub fn new(tree: TreeView) -> Seen {
        Seen { tree, scan: None }
    }
}

impl Entries for Seen {
    fn seek(&mut self, bounds: Bounds) -> ExecuteResult<()> {
        match &mut self.scan {
            Some(scan) => self.tree.scan_on(scan, bounds)?,
            None => self.scan = Some(self.tree.scan(bounds)?),
        }
        Ok(())
    }

    fn next(&mut self) -> ExecuteResult<bool> {
        match &mut self.scan {
            Some(scan) => Ok(scan.next()?),
            None => Ok(false),
        }
    }

    fn key(&self) -> &[u8] {
        self.scan.as_ref().map_or(&[], Scan::key)
    }
}

/// Entries as they are now, whatever the statement sees.
pub struct Newest<'t> {
    transaction: &'t mut Transaction,
    tree: TreeId,
    scan: Option<NewestScan>,
}

impl Newest<'_> {
    /// Of an index's tree.
    pub fn new(transaction: &mut Transaction, tree: TreeId) -> Newest<'_> {
        Newest { transaction, tree, scan: None }
    }
}

impl Entries for Newest<'_> {
    fn seek(&mut self, bounds: Bounds) -> ExecuteResult<()> {
        self.scan = Some(self.transaction.scan_newest(self.tree, bounds)?);
        Ok(())
    }

    fn next(&mut self) -> ExecuteResult<bool> {
        match &mut self.scan {
            Some(scan) => Ok(scan.next()?),
            None => Ok(false),
        }
    }

    fn key(&self) -> &[u8] {
        self.scan.as_ref().map_or(&[], NewestScan::key)
    }
}

/// The ids of the rows that have what is wanted in one key of an index.
pub fn find(entries: &mut impl Entries, place: u8, wanted: &Wanted) -> ExecuteResult<Vec<i64>> {
    let mut ids = Vec::new();
    match wanted {
        Wanted::Nothing => {}
        Wanted::Any => {
            // Entries of null come first.
            let Some(from) = Bounds::prefix(&[place, 0]).to else { return Ok(ids) };
            gather(entries, Bounds { from, to: Bounds::prefix(&[place]).to }, &mut ids)?;
        }
        Wanted::Beginning(prefix) => gather(entries, Bounds::prefix(&within(place, prefix)), &mut ids)?,
        Wanted::Between(from, to) => {
            let bounds = Bounds { from: within(place, from), to: Some(within(place, to)) };
            gather(entries, bounds, &mut ids)?;
        }
        Wanted::Within(window) => meeting(entries, place, window, &mut ids)?,
        Wanted::All(parts) => {
            let mut parts = parts.iter();
            ids = parts.next().map_or_else(|| Ok(Vec::new()), |part| find(entries, place, part))?;
            for part in parts {
                if ids.is_empty() {
                    break;
                }
                keep_shared(&mut ids, &find(entries, place, part)?);
            }
            return Ok(ids);
        }
        Wanted::One(parts) => {
            for part in parts {
                ids.extend(find(entries, place, part)?);
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Keeps those ids that are among others; both ascend.
pub fn keep_shared(ids: &mut Vec<i64>, others: &[i64]) {
    let mut at = others.iter().peekable();
    ids.retain(|id| {
        while at.next_if(|other| **other < *id).is_some() {}
        at.next_if_eq(&id).is_some()
    });
}

pub fn within(place: u8, entry: &[u8]) -> Vec<u8> {
    let mut key = vec![place];
    key.extend_from_slice(entry);
    key
}

fn gather(entries: &mut impl Entries, bounds: Bounds, ids: &mut Vec<i64>) -> ExecuteResult<()> {
    entries.seek(bounds)?;
    while entries.next()? {
        ids.push(split(entries.key())?.1);
    }
    Ok(())
}

/// The entry that a key has, and the id of its row.
pub fn split(key: &[u8]) -> ExecuteResult<(&[u8], i64)> {
    let damaged = KeyError { column: 0 };
    let (rest, id) = key.split_last_chunk::<ID>().ok_or(damaged)?;
    Ok((rest.get(1..).ok_or(damaged)?, i64::from_be_bytes(*id)))
}

/// The rows in whose cells a window reaches.
fn meeting(entries: &mut impl Entries, place: u8, window: &Window, ids: &mut Vec<i64>) -> ExecuteResult<()> {
    let mut wanted = window.first();
    let end = Bounds::prefix(&within(place, &[3])).to;
    while let Some(from) = wanted.take() {
        entries.seek(Bounds { from: within(place, &from.entry()), to: end.clone() })?;
        while entries.next()? {
            let (entry, id) = split(entries.key())?;
            let cell = Cell::read(window.is_of_plane(), entry).ok_or(KeyError { column: 0 })?;
            let next = window.next(cell);
            if next != Some(cell) {
                wanted = next;
                break;
            }
            ids.push(id);
        }
    }
    Ok(())
}

/// Questions to an index, compiled.
pub struct Finder {
    index_tree: u64,
    searches: Vec<One>,
}

struct One {
    place: u8,
    maker: Maker,
    question: Question,
    value: Option<(Type, Evaluator)>,
}

impl Finder {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, index_tree: u64, searches: &[Search]) -> ExecuteResult<Finder> {
        let one = |search: &Search| {
            let maker = Maker::new(compiler.types(), search.kind, search.of).ok_or(KeyError { column: 0 })?;
            let value = match &search.value {
                Some(value) => Some((value.result, Evaluator::new(compiler, value)?)),
                None => None,
            };
            Ok(One { place: search.place as u8, maker, question: search.question, value })
        };
        let searches = searches.iter().map(one).collect::<ExecuteResult<_>>()?;
        Ok(Finder { index_tree, searches })
    }

    /// The ids of rows for which all may be true, ascending.
    pub fn ids(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<i64>> {
        let mut found: Option<Vec<i64>> = None;
        for search in &self.searches {
            run.check()?;
            let wanted = search.wanted(run)?;
            let ids = find(&mut Seen::new(run.tree(self.index_tree)?), search.place, &wanted)?;
            match &mut found {
                Some(found) => keep_shared(found, &ids),
                None => found = Some(ids),
            }
        }
        Ok(found.unwrap_or_default())
    }
}

/// What conditions leave of the entries of a key that are cells of a plane.
pub enum Left {
    /// Rows that were found by all of them.
    Ids(Vec<i64>),
    /// Those that reach into all of these windows, those of null among them or not.
    Within {
        /// The windows.
        windows: Vec<Window>,
        /// Whether nulls are left.
        nulls: bool,
    },
}

impl Finder {
    /// What is left of the entries of one key.
    pub fn left(&self, place: u8, run: &mut Run<'_, '_>) -> ExecuteResult<Left> {
        let (mut windows, mut nulls) = (Vec::new(), true);
        for search in &self.searches {
            match search.wanted(run)? {
                Wanted::Within(window) if search.place == place && window.is_of_plane() => {
                    nulls = false;
                    windows.push(window);
                }
                Wanted::Any if search.place == place => nulls = false,
                Wanted::Any
                | Wanted::Within(_)
                | Wanted::Nothing
                | Wanted::Beginning(_)
                | Wanted::Between(..)
                | Wanted::All(_)
                | Wanted::One(_) => return Ok(Left::Ids(self.ids(run)?)),
            }
        }
        Ok(Left::Within { windows, nulls })
    }
}

impl One {
    fn wanted(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Wanted> {
        let Some((of, value)) = &self.value else { return Ok(self.maker.wanted(self.question, None)?) };
        let value = value.evaluate_in(run, &Scope::new(&[], 1))?;
        let of = run.world.context.types.undomained(*of);
        Ok(self.maker.wanted(self.question, Some((of, &value.item(0))))?)
    }
}
