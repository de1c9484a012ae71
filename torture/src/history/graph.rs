//! The dependencies between the transactions of a history.
//!
//! A node is a transaction that has committed: acknowledged, or of unknown outcome and seen. Edges lead to the *next*
//! version only; those to later ones follow from them. So there are about as many as there are operations.

use super::anomaly::{Dependency, Edge};
use super::lists::{List, Lists};
use super::{History, Level, Operation, Outcome};
use std::collections::BTreeSet;

pub(super) struct Graph {
    pub(super) levels: Vec<Level>,
    /// Of each transaction, the edges that leave it, sorted.
    pub(super) edges: Vec<Vec<Edge>>,
}

impl Graph {
    pub(super) fn of(history: &History, lists: &Lists) -> Graph {
        let seen: BTreeSet<usize> = lists
            .lists
            .values()
            .flat_map(|list| &list.order)
            .filter_map(|element| lists.appended_by.get(element).copied())
            .collect();
        let is_node =
            history.transactions.iter().enumerate().map(|(number, transaction)| match transaction.outcome {
                Outcome::Committed { .. } => true,
                Outcome::Aborted => false,
                Outcome::Unknown => seen.contains(&number),
            });
        let mut builder = Builder {
            lists,
            is_node: is_node.collect(),
            edges: vec![Vec::new(); history.transactions.len()],
        };
        for (key, list) in &lists.lists {
            builder.overwrites(*key, list);
        }
        for (number, transaction) in history.transactions.iter().enumerate() {
            for operation in &transaction.operations {
                if let Operation::Read { key, list, .. } = operation {
                    builder.read(number, *key, list);
                }
            }
        }
        for edges in &mut builder.edges {
            edges.sort_unstable();
            edges.dedup();
        }
        let levels = history.transactions.iter().map(|transaction| transaction.level).collect();
        Graph { levels, edges: builder.edges }
    }
}

struct Builder<'a> {
    lists: &'a Lists,
    is_node: Vec<bool>,
    edges: Vec<Vec<Edge>>,
}

impl Builder<'_> {
    fn writer(&self, element: u64) -> Option<usize> {
        self.lists.appended_by.get(&element).copied()
    }

    fn add(&mut self, from: Option<usize>, to: Option<usize>, dependency: Dependency, key: u64) {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
            && self.is_node[from]
            && self.is_node[to]
        {
            self.edges[from].push(Edge { from, to, dependency, key });
        }
    }

    fn overwrites(&mut self, key: u64, list: &List) {
        for pair in list.order.windows(2) {
            self.add(self.writer(pair[0]), self.writer(pair[1]), Dependency::Overwrite, key);
        }
        if let Some(&last) = list.order.last() {
            for &element in &list.unseen {
                self.add(self.writer(last), self.writer(element), Dependency::Overwrite, key);
            }
        }
    }

    fn read(&mut self, number: usize, key: u64, read: &[u64]) {
        let own = read.iter().rev().take_while(|element| self.writer(**element) == Some(number)).count();
        let foreign = &read[..read.len() - own];
        if let Some(&last) = foreign.last() {
            self.add(self.writer(last), Some(number), Dependency::Read, key);
        }
        let Some(list) = self.lists.lists.get(&key) else { return };
        match list.order.get(foreign.len()) {
            Some(&next) => self.add(Some(number), self.writer(next), Dependency::Conflict, key),
            None => {
                for &element in &list.unseen {
                    self.add(Some(number), self.writer(element), Dependency::Conflict, key);
                }
            }
        }
    }
}
