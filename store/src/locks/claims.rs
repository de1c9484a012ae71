//! What open transactions have made of rows, where it decides whether others may write theirs: values of exclusion constraints.
//!
//! A unique key can be locked by its name. Whether one value excludes another is known only to whoever compares them, so a
//! transaction says which values it has written, and others look at those. A claim says nothing of how long it holds: it is
//! as good as the lock of its row, which is there as long as the change may be taken back.
//!
//! Invariants
//!
//! 1. Whoever claims and then looks at the claims of others misses nobody who does so, too.
//! 2. The claims of one locker take bounded memory for each run of its rows: when there are many, what they say is forgotten,
//!    and they count as claims of anything.
//!
//! There is nothing here that can fail.

use super::labels;
use super::shard::LockerId;
use crate::ids::TreeId;
use env::sync::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More claims of one locker in one tree are put together.
const MOST: usize = 4096;

/// Rows with consecutive numbers, and what is claimed for each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The first row.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// What it is; anything without.
    pub what: Option<Arc<[u8]>>,
}

#[derive(Debug, Default)]
struct Own {
    claims: Vec<Claim>,
    /// How many there may be before they are put together anew.
    most: usize,
}

/// The claims of all lockers.
#[derive(Debug)]
pub(super) struct Claims {
    by_tree: Mutex<BTreeMap<(TreeId, LockerId), Own>>,
}

impl Claims {
    pub(super) fn new() -> Claims {
        Claims { by_tree: Mutex::new(&labels::CLAIMS, BTreeMap::new()) }
    }

    /// Notes what a locker claims for a row.
    pub(super) fn add(&self, tree: TreeId, locker: LockerId, row: i64, what: Option<&[u8]>) {
        let mut by_tree = self.by_tree.lock();
        let own = by_tree.entry((tree, locker)).or_default();
        own.claims.push(Claim { first: row, last: row, what: what.map(Arc::from) });
        if own.claims.len() > own.most.max(MOST) {
            own.claims = put_together(std::mem::take(&mut own.claims));
            own.most = own.claims.len() * 2;
        }
    }

    /// What others claim in a tree.
    pub(super) fn of_others(&self, tree: TreeId, locker: LockerId) -> Vec<Claim> {
        let by_tree = self.by_tree.lock();
        let all = by_tree.range((tree, LockerId(0))..=(tree, LockerId(u32::MAX)));
        let others = all.filter(|((_, other), _)| *other != locker);
        others.flat_map(|(_, own)| own.claims.iter().cloned()).collect()
    }

    /// Forgets what a locker claims.
    pub(super) fn remove(&self, locker: LockerId) {
        self.by_tree.lock().retain(|(_, other), _| *other != locker);
    }
}

/// The runs of rows that claims are of.
fn put_together(mut claims: Vec<Claim>) -> Vec<Claim> {
    claims.sort_by_key(|claim| claim.first);
    let mut runs: Vec<Claim> = Vec::new();
    for claim in claims {
        match runs.last_mut() {
            Some(run) if claim.first <= run.last.saturating_add(1) => run.last = run.last.max(claim.last),
            _ => runs.push(Claim { what: None, ..claim }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_claims_become_runs_of_anything() {
        let claims = Claims::new();
        let (tree, me, other) = (TreeId(5), LockerId(1), LockerId(2));
        claims.add(tree, me, 7, Some(b"seven"));
        assert_eq!(claims.of_others(tree, other).len(), 1);
        assert!(claims.of_others(tree, me).is_empty());
        assert!(claims.of_others(TreeId(6), other).is_empty());
        (8..6000).for_each(|row| claims.add(tree, me, row, Some(b"more")));
        let found = claims.of_others(tree, other);
        assert!(found.len() <= MOST);
        assert_eq!((found[0].first, found[0].what.as_ref()), (7, None));
        let covered = |row: i64| found.iter().any(|claim| claim.first <= row && row <= claim.last);
        assert!((7..6000).all(covered));
        claims.remove(me);
        assert!(claims.of_others(tree, other).is_empty());
    }
}
