//! From what a database shows at first sight (its branches, their trees, the markers) to what it must hold.

use super::{Attempt, BranchChange, Contents, Effect, Fate, Model, Tag};
use crate::promise::{Failure, Promise};
use crate::subject::{BranchId, MAIN};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a marker's key: whether its transaction ran on a branch, and its client.
pub const MARKER_KEY_BYTES: usize = 2;

/// The key of the marker that a transaction of `client` writes on `branch`.
///
/// A branch is a copy and begins with copies of the main database's markers; its own transactions write others beside
/// them, so that both stay readable.
pub fn marker_key(branch: BranchId, client: u8) -> [u8; MARKER_KEY_BYTES] {
    [u8::from(branch != MAIN), client]
}

/// One branch at first sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchSight {
    /// Its trees, in order of id. The first holds the markers.
    pub trees: Vec<u64>,
    /// The markers.
    pub markers: BTreeMap<[u8; MARKER_KEY_BYTES], Tag>,
}

impl BranchSight {
    fn shows(&self, key: [u8; MARKER_KEY_BYTES], serial: u32) -> bool {
        self.markers.get(&key).is_some_and(|tag| tag.serial() >= serial)
    }
}

/// A database at first sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// By branch.
    pub branches: BTreeMap<BranchId, BranchSight>,
}

/// What a database must hold, given its first sight.
#[derive(Debug, Clone)]
pub struct Expected {
    /// By branch.
    pub contents: BTreeMap<BranchId, Contents>,
    /// For each attempt since the certain state, whether it is part of that.
    pub included: Vec<bool>,
}

/// What a database is held to.
#[derive(Debug, Clone, Copy)]
pub enum Standard<'a> {
    /// It is the database itself: everything acknowledged is there, and what is seen binds the unknown.
    Itself,
    /// It is what only the synced bytes hold, at this moment: everything acknowledged is there.
    Synced,
    /// It is a copy made while others wrote: the commits with these numbers are there, later ones may be.
    Copy(&'a BTreeSet<u64>),
}

impl Model {
    /// What a database with this first sight must hold. Pins unknown attempts when it is the database itself.
    ///
    /// # Errors
    /// When the sight alone breaks a promise: an acknowledged commit missing, a refused one there, a gap.
    pub fn expect(&mut self, sight: &Sight, standard: Standard<'_>) -> Result<Expected, Failure> {
        if matches!(standard, Standard::Itself) {
            self.groups_missing = self.count_groups_missing(sight);
        }
        let included = self.included(sight, standard)?;
        if matches!(standard, Standard::Itself) {
            for (attempt, included) in self.attempts.iter_mut().zip(&included) {
                if attempt.fate == Fate::Unknown && attempt.seen.is_none() {
                    attempt.seen = Some(*included);
                }
            }
        }
        let mut contents = BTreeMap::new();
        for (branch, seen) in &sight.branches {
            let expected = match self.certain.get(branch) {
                Some(certain) => {
                    if !matches!(standard, Standard::Copy(_)) {
                        self.check_branch_may_exist(*branch)?;
                    }
                    self.replayed(*branch, certain.clone(), &included)?
                }
                None => self.new_branch(*branch, seen, &included)?,
            };
            contents.insert(*branch, expected);
        }
        self.check_branches_exist(sight, standard)?;
        Ok(Expected { contents, included })
    }

    /// Which attempts the database shows.
    fn included(&self, sight: &Sight, standard: Standard<'_>) -> Result<Vec<bool>, Failure> {
        let mut included = Vec::with_capacity(self.attempts.len());
        for attempt in &self.attempts {
            let key = marker_key(attempt.branch, attempt.client);
            let shown = match sight.branches.get(&attempt.branch) {
                Some(branch) => branch.shows(key, attempt.serial),
                // The branch is gone, and with it what was done on it.
                None => {
                    included.push(false);
                    continue;
                }
            };
            self.check_fate(attempt, shown, standard)?;
            // A refused one may lie below a later marker of its client.
            included.push(shown && attempt.fate != Fate::Refused);
        }
        self.check_certain_markers(sight)?;
        self.check_markers_are_known(sight)?;
        self.check_prefix(sight, &included)?;
        Ok(included)
    }

    /// The longest row of acknowledged commits that are not there, each called when the one before had been acknowledged.
    fn count_groups_missing(&self, sight: &Sight) -> u64 {
        let is_missing = |attempt: &&Attempt| {
            let branch = sight.branches.get(&attempt.branch);
            let key = marker_key(attempt.branch, attempt.client);
            matches!(attempt.fate, Fate::Acknowledged(_))
                && branch.is_some_and(|branch| !branch.shows(key, attempt.serial))
        };
        let mut missing: Vec<(u64, u64)> =
            self.attempts.iter().filter(is_missing).map(|attempt| attempt.order).collect();
        // The one that ends first leaves most room for others.
        missing.sort_unstable_by_key(|&(_, acknowledged)| acknowledged);
        let (mut groups, mut end) = (0, 0);
        for (called, acknowledged) in missing {
            if called >= end {
                groups += 1;
                end = acknowledged;
            }
        }
        groups
    }

    fn check_fate(&self, attempt: &Attempt, shown: bool, standard: Standard<'_>) -> Result<(), Failure> {
        let demanded = |number: u64| match standard {
            Standard::Itself | Standard::Synced => self.durable,
            Standard::Copy(numbers) => numbers.contains(&number),
        };
        let binding = self.durable && !matches!(standard, Standard::Copy(_));
        let name = format!("client {} transaction {}", attempt.client, attempt.serial);
        match (attempt.fate, attempt.seen) {
            (Fate::Acknowledged(number), _) if !shown && demanded(number) => Err(Failure::new(
                Promise::AcknowledgedSurvives,
                format!("commit {number} ({name}) was acknowledged and is not there"),
            )),
            (Fate::InFlight | Fate::Unknown, _) if attempt.shown && !shown && binding => Err(Failure::new(
                Promise::OnlyDurableIsRead,
                format!("{name} had been read by another transaction and is not there"),
            )),
            (Fate::Unknown, Some(before)) if before != shown => Err(Failure::new(
                Promise::UnknownIsPinned,
                format!("{name} was {} and is now {}", presence(before), presence(shown)),
            )),
            (Fate::Acknowledged(_) | Fate::Unknown | Fate::InFlight | Fate::Refused, _) => Ok(()),
        }
    }

    /// No marker of the certain state has gone back: what a full comparison has once confirmed stays.
    fn check_certain_markers(&self, sight: &Sight) -> Result<(), Failure> {
        for (branch, seen) in &sight.branches {
            if let Some(tag) = self.missing_marker(*branch, seen) {
                return Err(Failure::new(
                    Promise::AcknowledgedSurvives,
                    format!("branch {branch} had been seen to hold {tag:?} and holds an older state now"),
                ));
            }
        }
        Ok(())
    }

    /// A marker of the certain state of `branch` that what was seen does not show, nor a later one.
    fn missing_marker(&self, branch: BranchId, seen: &BranchSight) -> Option<Tag> {
        let markers = self.certain.get(&branch)?.trees.values().next()?;
        markers.iter().find_map(|(key, value)| {
            let name = <[u8; MARKER_KEY_BYTES]>::try_from(&**key).ok()?;
            Tag::of(value).filter(|tag| !seen.shows(name, tag.serial()))
        })
    }

    /// Every marker was written by a transaction that called commit and was not refused.
    fn check_markers_are_known(&self, sight: &Sight) -> Result<(), Failure> {
        for (branch, seen) in &sight.branches {
            // Of one that was never made there is more to say.
            let Some(origin) = self.origin(*branch, seen) else { continue };
            if let Some(tag) = self.unknown_marker(origin, seen) {
                return Err(Failure::new(
                    Promise::RefusedLeavesNothing,
                    format!("branch {branch} holds a marker of {tag:?}, which never committed"),
                ));
            }
        }
        Ok(())
    }

    /// Where the markers of a branch come from: its own transactions, or if it was made since the certain state, those of
    /// the branch it was made from. Which that was is not known of a creation that has not answered; then the markers tell:
    /// none may be another branch's, and none that is certain may be missing. Two branches that have the same ones are the
    /// same.
    fn origin(&self, branch: BranchId, seen: &BranchSight) -> Option<BranchId> {
        if self.certain.contains_key(&branch) {
            return Some(branch);
        }
        let made_here = |change: &BranchChange| match change.branch {
            Some(made) => made == branch,
            None => matches!(change.fate, Fate::InFlight | Fate::Unknown),
        };
        let changes = self.branch_changes.iter().filter(|change| made_here(change));
        let sources: Vec<BranchId> = changes.filter_map(|change| change.source).collect();
        let fits = sources.iter().find(|source| {
            self.unknown_marker(**source, seen).is_none() && self.missing_marker(**source, seen).is_none()
        });
        fits.or(sources.first()).copied()
    }

    /// A marker that no transaction of `origin` has written that called commit and was not refused.
    fn unknown_marker(&self, origin: BranchId, seen: &BranchSight) -> Option<Tag> {
        let is_known = |key: &[u8; MARKER_KEY_BYTES], tag: Tag| {
            let by_attempt = |attempt: &Attempt| {
                attempt.branch == origin
                    && marker_key(origin, attempt.client) == *key
                    && attempt.client == tag.client()
                    && attempt.serial == tag.serial()
                    && attempt.fate != Fate::Refused
            };
            self.is_certain(origin, &seen.trees, key, tag) || self.attempts.iter().any(by_attempt)
        };
        seen.markers.iter().find(|(key, tag)| !is_known(key, **tag)).map(|(_, tag)| *tag)
    }

    fn is_certain(&self, branch: BranchId, trees: &[u64], key: &[u8], tag: Tag) -> bool {
        let Some(markers) = trees.first() else { return false };
        self.certain
            .get(&branch)
            .and_then(|contents| contents.trees.get(markers))
            .and_then(|rows| rows.get(key))
            .is_some_and(|value| Tag::of(value) == Some(tag))
    }

    /// No acknowledged commit is missing before one that is there. (Under full durability none is missing at all.)
    fn check_prefix(&self, sight: &Sight, included: &[bool]) -> Result<(), Failure> {
        let numbers = |wanted: bool| {
            self.attempts.iter().zip(included).filter_map(move |(attempt, shown)| match attempt.fate {
                // What was done on a branch that was dropped since is gone with it.
                Fate::Acknowledged(_) if !sight.branches.contains_key(&attempt.branch) => None,
                Fate::Acknowledged(number) if *shown == wanted => Some(number),
                Fate::Acknowledged(_) | Fate::InFlight | Fate::Refused | Fate::Unknown => None,
            })
        };
        match (numbers(false).min(), numbers(true).max()) {
            (Some(missing), Some(there)) if missing < there => Err(Failure::new(
                Promise::SurvivorsAreAPrefix,
                format!("commit {there} survived although commit {missing} did not"),
            )),
            _ => Ok(()),
        }
    }

    /// The contents of a branch that was certain, after the attempts that it shows.
    fn replayed(
        &self,
        branch: BranchId,
        mut contents: Contents,
        included: &[bool],
    ) -> Result<Contents, Failure> {
        for (attempt, shown) in self.attempts.iter().zip(included) {
            if *shown && attempt.branch == branch {
                apply(&mut contents, attempt)?;
            }
        }
        Ok(contents)
    }

    /// The contents of a branch that was made since: what its source had then, as the copied markers tell, and what was
    /// done on the branch.
    fn new_branch(
        &self,
        branch: BranchId,
        seen: &BranchSight,
        included: &[bool],
    ) -> Result<Contents, Failure> {
        let Some(source) = self.origin(branch, seen) else {
            return Err(Failure::new(Promise::BranchesAreApart, format!("branch {branch} was never made")));
        };
        let mut contents = self.certain.get(&source).cloned().unwrap_or_default();
        let (mut newest_there, mut oldest_missing) = (0, u64::MAX);
        for attempt in self.attempts.iter().filter(|attempt| attempt.branch == source) {
            let key = marker_key(source, attempt.client);
            let shown = attempt.fate != Fate::Refused && seen.shows(key, attempt.serial);
            if shown {
                apply(&mut contents, attempt)?;
            }
            match attempt.fate {
                Fate::Acknowledged(number) if shown => newest_there = number.max(newest_there),
                Fate::Acknowledged(number) => oldest_missing = number.min(oldest_missing),
                Fate::InFlight | Fate::Refused | Fate::Unknown => {}
            }
        }
        if oldest_missing < newest_there {
            return Err(Failure::new(
                Promise::SurvivorsAreAPrefix,
                format!("branch {branch} holds commit {newest_there} but not commit {oldest_missing}"),
            ));
        }
        self.replayed(branch, contents, included)
    }

    fn check_branch_may_exist(&self, branch: BranchId) -> Result<(), Failure> {
        let dropped = self.branch_changes.iter().any(|change| {
            !change.made() && change.branch == Some(branch) && matches!(change.fate, Fate::Acknowledged(_))
        });
        if dropped && self.durable {
            return Err(Failure::new(
                Promise::AcknowledgedSurvives,
                format!("branch {branch} was dropped, and is there"),
            ));
        }
        Ok(())
    }

    fn check_branches_exist(&self, sight: &Sight, standard: Standard<'_>) -> Result<(), Failure> {
        let demanded = self.durable && !matches!(standard, Standard::Copy(_));
        let made = self.branch_changes.iter().filter_map(|change| match change.fate {
            Fate::Acknowledged(_) if change.made() && demanded => change.branch,
            Fate::Acknowledged(_) | Fate::InFlight | Fate::Refused | Fate::Unknown => None,
        });
        for branch in self.certain.keys().copied().chain(made) {
            let may_be_gone = self.branch_changes.iter().any(|change| {
                !change.made() && change.branch == Some(branch) && change.fate != Fate::Refused
            });
            if !may_be_gone && !sight.branches.contains_key(&branch) {
                return Err(Failure::new(
                    Promise::AcknowledgedSurvives,
                    format!("branch {branch} was made, not dropped, and is not there"),
                ));
            }
        }
        Ok(())
    }
}

/// Applies an attempt, watching that list rows only grow: an update never overwrites one that it has not seen.
fn apply(contents: &mut Contents, attempt: &Attempt) -> Result<(), Failure> {
    let lists = contents.trees.keys().nth(1).copied();
    for effect in &attempt.effects {
        if let Effect::Row { tree, key, value: Some(value) } = effect
            && Some(*tree) == lists
        {
            let before = contents.trees.get(tree).and_then(|rows| rows.get(key));
            if let Some(before) = before.filter(|before| !value.starts_with(before)) {
                return Err(Failure::new(
                    Promise::NoLostUpdate,
                    format!(
                        "client {} transaction {} overwrote a list of {} elements with one of {} that does not begin with it",
                        attempt.client,
                        attempt.serial,
                        before.len() / 8,
                        value.len() / 8
                    ),
                ));
            }
        }
        contents.apply(effect);
    }
    Ok(())
}

fn presence(there: bool) -> &'static str {
    if there { "there" } else { "not there" }
}
