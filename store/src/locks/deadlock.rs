//! Deadlock detection: a walk over who waits for whom, and PostgreSQL's attempt to help without killing anyone.
//!
//! An edge is *hard* when the other holds what is waited for, *soft* when the other merely stands ahead in the same
//! queue with a conflicting request. A cycle with a soft edge may be opened by letting the waiter pass: the search
//! tries reversals of the soft edges of each cycle it meets, and accepts an order of the queues without any cycle.
//!
//! Invariants
//!
//! 1. A cycle can only close when a wait begins (grants turn soft edges into hard ones, and add none between two who
//!    wait). Checking each wait when it begins, or once after a delay, therefore finds every deadlock.
//! 2. The answer depends on the queues alone: same queues, same victim, same cycle.
//! 3. The walk keeps its own stack, so that a long chain of waiters cannot exhaust the task's.

use super::queue::{Waiter, Waiting};
use super::shard::LockerId;
use super::target::Target;
use std::collections::BTreeSet;

/// A waiter that stands behind a conflicting one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SoftEdge {
    waiter: LockerId,
    ahead: LockerId,
    target: Target,
}

/// Another order for one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewOrder {
    pub(super) target: Target,
    pub(super) order: Vec<LockerId>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No cycle goes through the locker.
    Free,
    /// There was one, and these orders open it.
    Reordered(Vec<NewOrder>),
    /// Each waits for the next, the last for the first.
    Deadlock(Vec<LockerId>),
}

/// Looks for a cycle through `start`, which has just begun to wait.
pub(super) fn check(waiting: &Waiting, start: LockerId) -> Verdict {
    if !waiting.is_waited_for(start) {
        return Verdict::Free;
    }
    let Some(first) = find_cycle(waiting, &[], start) else { return Verdict::Free };
    let mut search = Search { waiting, start, reversed: Vec::new(), tries: 0 };
    match search.resolve() {
        Some(orders) => Verdict::Reordered(orders),
        None => Verdict::Deadlock(first.members),
    }
}

struct Search<'a> {
    waiting: &'a Waiting,
    start: LockerId,
    reversed: Vec<SoftEdge>,
    tries: usize,
}

enum Tested {
    NoCycle(Vec<NewOrder>),
    Open(Vec<SoftEdge>),
    Hopeless,
}

impl Search<'_> {
    /// As many orders as are tried before the requester is refused after all (PostgreSQL bounds its search too).
    const MOST_TRIES: usize = 256;

    fn resolve(&mut self) -> Option<Vec<NewOrder>> {
        self.tries += 1;
        match self.test() {
            Tested::NoCycle(orders) => Some(orders),
            Tested::Hopeless => None,
            Tested::Open(edges) => {
                for edge in edges {
                    if self.tries >= Self::MOST_TRIES || self.reversed.contains(&edge) {
                        return None;
                    }
                    self.reversed.push(edge);
                    if let Some(orders) = self.resolve() {
                        return Some(orders);
                    }
                    self.reversed.pop();
                }
                None
            }
        }
    }

    /// Tries the queues with `reversed` applied.
    fn test(&self) -> Tested {
        let Some(orders) = self.expand() else { return Tested::Hopeless };
        let mut lockers: Vec<LockerId> =
            self.reversed.iter().flat_map(|edge| [edge.waiter, edge.ahead]).collect();
        lockers.push(self.start);
        let mut open = None;
        for locker in lockers {
            match find_cycle(self.waiting, &orders, locker) {
                None => {}
                Some(cycle) if cycle.soft.is_empty() => return Tested::Hopeless,
                Some(cycle) => open = Some(cycle.soft),
            }
        }
        match open {
            None => Tested::NoCycle(orders),
            Some(soft) => Tested::Open(soft),
        }
    }

    /// The orders that `reversed` asks for; `None` when they contradict one another.
    fn expand(&self) -> Option<Vec<NewOrder>> {
        let targets: BTreeSet<&Target> = self.reversed.iter().map(|edge| &edge.target).collect();
        targets.into_iter().map(|target| self.sort(target)).collect()
    }

    /// Sorts one queue so that each reversed edge's waiter comes before the one it stood behind; everybody else keeps
    /// as late a place as the present order gives.
    fn sort(&self, target: &Target) -> Option<NewOrder> {
        let mut left: Vec<LockerId> = self.waiting.queue(target).iter().map(|waiter| waiter.locker).collect();
        let mut edges: Vec<&SoftEdge> = self.reversed.iter().filter(|edge| edge.target == *target).collect();
        let mut backwards = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let last = left.iter().rposition(|locker| edges.iter().all(|edge| edge.waiter != *locker))?;
            let locker = left.remove(last);
            edges.retain(|edge| edge.ahead != locker);
            backwards.push(locker);
        }
        backwards.reverse();
        Some(NewOrder { target: target.clone(), order: backwards })
    }
}

struct Cycle {
    members: Vec<LockerId>,
    soft: Vec<SoftEdge>,
}

struct Frame {
    locker: LockerId,
    edges: Vec<(LockerId, Option<SoftEdge>)>,
    next: usize,
}

/// A cycle through `start` in the queues, some of them in another order.
fn find_cycle(waiting: &Waiting, orders: &[NewOrder], start: LockerId) -> Option<Cycle> {
    let mut seen = BTreeSet::from([start]);
    let mut path = vec![Frame { locker: start, edges: edges_of(waiting, orders, start), next: 0 }];
    while let Some(frame) = path.last_mut() {
        let Some((to, _)) = frame.edges.get(frame.next) else {
            path.pop();
            continue;
        };
        let to = *to;
        frame.next += 1;
        if to == start {
            // PostgreSQL tries to reverse those first that are farthest from where the search began.
            let soft = path.iter().rev().filter_map(|frame| frame.edges[frame.next - 1].1.clone()).collect();
            return Some(Cycle { members: path.iter().map(|frame| frame.locker).collect(), soft });
        }
        if seen.insert(to) {
            path.push(Frame { locker: to, edges: edges_of(waiting, orders, to), next: 0 });
        }
    }
    None
}

/// Whom a locker waits for as the queues are, each once: holders, and those ahead of it in its queue.
pub(super) fn waited_for(waiting: &Waiting, locker: LockerId) -> Vec<LockerId> {
    let mut found: Vec<LockerId> = Vec::new();
    for (other, _) in edges_of(waiting, &[], locker) {
        if !found.contains(&other) {
            found.push(other);
        }
    }
    found
}

/// Whom a locker waits for: holders first, then those ahead of it.
fn edges_of(waiting: &Waiting, orders: &[NewOrder], locker: LockerId) -> Vec<(LockerId, Option<SoftEdge>)> {
    let Some((target, position)) = waiting.wait_of(locker) else { return Vec::new() };
    let queue = waiting.queue(target);
    let me = &queue[position];
    let mut edges: Vec<_> = me.blockers.iter().map(|&blocker| (blocker, None)).collect();
    let mut soft = |other: &Waiter| {
        if me.mode.conflicts() & other.mode.bit() != 0 {
            let edge = SoftEdge { waiter: locker, ahead: other.locker, target: target.clone() };
            edges.push((other.locker, Some(edge)));
        }
    };
    match orders.iter().find(|order| order.target == *target) {
        None => queue[..position].iter().for_each(soft),
        Some(order) => {
            let ahead: BTreeSet<LockerId> =
                order.order.iter().copied().take_while(|other| *other != locker).collect();
            queue.iter().filter(|other| ahead.contains(&other.locker)).for_each(&mut soft);
        }
    }
    edges
}
