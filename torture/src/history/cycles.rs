//! Cycles of dependencies, found by strongly connected components and named by their edges.
//!
//! Three searches, one for each level's promise:
//!
//! 1. over overwrites and reads alone: G0, G1c, excluded for everybody;
//! 2. over these and the conflicts of readers that have a snapshot, never two conflicts in a row: G-single and
//!    G-nonadjacent. The nodes of this search are pairs of a transaction and whether it was reached by a conflict;
//! 3. over everything between serialisable transactions: G2-item.
//!
//! One anomaly is reported for each component and kind.

use super::Level;
use super::anomaly::{Anomaly, AnomalyKind, Dependency, Edge};
use super::graph::Graph;
use std::collections::VecDeque;

pub(super) fn find(graph: &Graph) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    let overwrites = Search::new(graph, |edge| edge.dependency == Dependency::Overwrite);
    overwrites.report_with(Dependency::Overwrite, &mut anomalies);
    let without_conflicts = Search::new(graph, |edge| edge.dependency != Dependency::Conflict);
    without_conflicts.report_with(Dependency::Read, &mut anomalies);
    find_nonadjacent(graph, &without_conflicts, &mut anomalies);
    let serializable = |number: usize| graph.levels[number] == Level::Serializable;
    let everything = Search::new(graph, |edge| serializable(edge.from) && serializable(edge.to));
    everything.report_adjacent(&mut anomalies);
    anomalies
}

/// The name of a cycle.
fn name(cycle: &[Edge]) -> AnomalyKind {
    let conflict = |edge: &Edge| edge.dependency == Dependency::Conflict;
    let next = cycle.iter().cycle().skip(1);
    match cycle.iter().filter(|edge| conflict(edge)).count() {
        0 if cycle.iter().any(|edge| edge.dependency == Dependency::Read) => AnomalyKind::G1c,
        0 => AnomalyKind::G0,
        1 => AnomalyKind::GSingle,
        _ if cycle.iter().zip(next).any(|(one, other)| conflict(one) && conflict(other)) => {
            AnomalyKind::G2Item
        }
        _ => AnomalyKind::GNonadjacent,
    }
}

/// A part of the graph, by its edges, and its components.
struct Search {
    edges: Vec<Vec<Edge>>,
    component: Vec<usize>,
}

impl Search {
    fn new(graph: &Graph, keep: impl Fn(&Edge) -> bool) -> Search {
        let keep = |edges: &Vec<Edge>| edges.iter().copied().filter(&keep).collect();
        let edges: Vec<Vec<Edge>> = graph.edges.iter().map(keep).collect();
        let component = components(edges.len(), |node, next| edges[node].get(next).map(|edge| edge.to));
        Search { edges, component }
    }

    fn is_inside(&self, edge: &Edge) -> bool {
        self.component[edge.from] == self.component[edge.to]
    }

    /// Reports, of each component, a cycle that has an edge of this kind.
    fn report_with(&self, wanted: Dependency, anomalies: &mut Vec<Anomaly>) {
        let mut reported = vec![false; self.component.len()];
        let wanted = |edge: &&Edge| edge.dependency == wanted && self.is_inside(edge);
        for edge in self.edges.iter().flatten().filter(wanted) {
            let reported = &mut reported[self.component[edge.from]];
            if !*reported && let Some(path) = self.path(edge.to, edge.from) {
                *reported = true;
                let cycle: Vec<Edge> = [*edge].into_iter().chain(path).collect();
                anomalies.push(Anomaly::of_cycle(name(&cycle), cycle));
            }
        }
    }

    /// Reports, of each component, a cycle that has two conflicts in a row.
    fn report_adjacent(&self, anomalies: &mut Vec<Anomaly>) {
        let mut reported = vec![false; self.component.len()];
        let conflict = |edge: &&Edge| edge.dependency == Dependency::Conflict && self.is_inside(edge);
        for edge in self.edges.iter().flatten().filter(conflict) {
            let reported = &mut reported[self.component[edge.from]];
            let Some(next) = self.edges[edge.to].iter().find(conflict) else { continue };
            if !*reported && let Some(path) = self.path(next.to, edge.from) {
                *reported = true;
                let cycle: Vec<Edge> = [*edge, *next].into_iter().chain(path).collect();
                anomalies.push(Anomaly::of_cycle(name(&cycle), cycle));
            }
        }
    }

    /// The shortest way from one node to another of the same component; empty if they are one.
    fn path(&self, from: usize, to: usize) -> Option<Vec<Edge>> {
        shortest(self.edges.len(), from, to, |node| {
            self.edges[node].iter().filter(|edge| self.is_inside(edge)).map(|edge| (edge.to, *edge))
        })
    }
}

/// The second search.
fn find_nonadjacent(graph: &Graph, without_conflicts: &Search, anomalies: &mut Vec<Anomaly>) {
    // Node 2n is transaction n, reached by no conflict; node 2n + 1 the same, reached by one.
    let step = |node: usize, edge: &Edge| match edge.dependency {
        Dependency::Overwrite | Dependency::Read => Some(2 * edge.to),
        Dependency::Conflict => {
            let has_snapshot = graph.levels[edge.from] >= Level::RepeatableRead;
            (node.is_multiple_of(2) && has_snapshot).then_some(2 * edge.to + 1)
        }
    };
    let component = components(2 * graph.edges.len(), |node, next| {
        // A refused step is a step to itself: it joins nothing.
        graph.edges[node / 2].get(next).map(|edge| step(node, edge).unwrap_or(node))
    });
    let conflicts = graph.edges.iter().flatten().filter(|edge| {
        step(2 * edge.from, edge) == Some(2 * edge.to + 1)
            && component[2 * edge.from] == component[2 * edge.to + 1]
    });
    let mut reported = vec![[false; 2]; component.len()];
    for conflict in conflicts {
        let (start, end) = (2 * conflict.to + 1, 2 * conflict.from);
        let [single, nonadjacent] = &mut reported[component[end]];
        if !*single && let Some(path) = without_conflicts_path(without_conflicts, conflict) {
            *single = true;
            anomalies.push(Anomaly::of_cycle(AnomalyKind::GSingle, path));
        } else if !*single && !*nonadjacent {
            let steps = |node: usize| {
                let inside = |edge: &Edge| Some((step(node, edge)?, *edge));
                let edges: Vec<(usize, Edge)> = graph.edges[node / 2].iter().filter_map(inside).collect();
                edges.into_iter().filter(|(to, _)| component[*to] == component[end])
            };
            if let Some(path) = shortest(component.len(), start, end, steps) {
                *nonadjacent = true;
                let cycle = [*conflict].into_iter().chain(path).collect();
                anomalies.push(Anomaly::of_cycle(AnomalyKind::GNonadjacent, cycle));
            }
        }
    }
}

/// A cycle of `conflict` and no other one.
fn without_conflicts_path(search: &Search, conflict: &Edge) -> Option<Vec<Edge>> {
    let steps = |node: usize| search.edges[node].iter().map(|edge| (edge.to, *edge));
    let path = shortest(search.edges.len(), conflict.to, conflict.from, steps)?;
    Some([*conflict].into_iter().chain(path).collect())
}

/// Breadth first.
fn shortest<I: IntoIterator<Item = (usize, Edge)>>(
    nodes: usize,
    from: usize,
    to: usize,
    steps: impl Fn(usize) -> I,
) -> Option<Vec<Edge>> {
    let mut reached_by: Vec<Option<(usize, Edge)>> = vec![None; nodes];
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            break;
        }
        for (next, edge) in steps(node) {
            if next != from && reached_by[next].is_none() {
                reached_by[next] = Some((node, edge));
                queue.push_back(next);
            }
        }
    }
    let mut path = Vec::new();
    let mut node = to;
    while node != from {
        let (before, edge) = reached_by[node]?;
        path.push(edge);
        node = before;
    }
    path.reverse();
    Some(path)
}

/// Strongly connected components (Tarjan), without recursion. `successor(node, n)` is the n-th, `None` after the last.
fn components(nodes: usize, successor: impl Fn(usize, usize) -> Option<usize>) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; nodes];
    let mut low = vec![0; nodes];
    let mut component = vec![UNSEEN; nodes];
    let (mut stack, mut path, mut seen, mut found) = (Vec::new(), Vec::new(), 0, 0);
    for root in 0..nodes {
        if index[root] != UNSEEN {
            continue;
        }
        path.push((root, 0));
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if *next == 0 {
                index[node] = seen;
                low[node] = seen;
                seen += 1;
                stack.push(node);
            }
            *next += 1;
            match successor(node, *next - 1) {
                Some(to) if index[to] == UNSEEN => path.push((to, 0)),
                Some(to) if component[to] == UNSEEN => low[node] = low[node].min(index[to]),
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        low[*parent] = low[*parent].min(low[node]);
                    }
                    if low[node] == index[node] {
                        while let Some(member) = stack.pop() {
                            component[member] = found;
                            if member == node {
                                break;
                            }
                        }
                        found += 1;
                    }
                }
            }
        }
    }
    component
}
