//! `ts_rewrite`: parts of a query replaced by others; which operands a query has.
//!
//! What is looked for may be some of the operands of a `&` or a `|`, in any order. So both trees are sorted; what comes out
//! is written in the order that PostgreSQL's sorting and pairing leave.

use crate::query::{Node, Operand, Query, checksum};
use std::cmp::Ordering;

/// A tree whose lists are sorted, and whether a part of it was put there by a replacement.
#[derive(Debug, Clone)]
enum Tree {
    Value(Operand),
    Not(Box<Entry>),
    All(Vec<Entry>),
    Any(Vec<Entry>),
    /// The right operand, the left one, the distance.
    Phrase(Box<(Entry, Entry)>, u16),
}

#[derive(Debug, Clone)]
struct Entry {
    tree: Tree,
    /// It is not looked into again.
    replaced: bool,
}

impl Tree {
    /// A tree and its parts, the last first.
    fn of(node: &Node) -> Tree {
        let entry = |node| Entry { tree: Tree::of(node), replaced: false };
        match node {
            Node::Value(operand) => Tree::Value(operand.clone()),
            Node::Not(node) => Tree::Not(Box::new(entry(node))),
            Node::All(nodes) => Tree::All(nodes.iter().rev().map(entry).collect()),
            Node::Any(nodes) => Tree::Any(nodes.iter().rev().map(entry).collect()),
            Node::Phrase(left, right, distance) => {
                Tree::Phrase(Box::new((entry(right), entry(left))), *distance)
            }
        }
    }

    /// The same with operators of two operands each, as they were written.
    fn in_pairs(node: &Node) -> Tree {
        let entry = |tree| Entry { tree, replaced: false };
        let paired = |nodes: &[Node], list: fn(Vec<Entry>) -> Tree| {
            let parts = nodes.iter().map(Tree::in_pairs);
            let whole = parts.reduce(|left, right| list(vec![entry(right), entry(left)]));
            whole.unwrap_or_else(|| list(Vec::new()))
        };
        match node {
            Node::Value(operand) => Tree::Value(operand.clone()),
            Node::Not(node) => Tree::Not(Box::new(entry(Tree::in_pairs(node)))),
            Node::All(nodes) => paired(nodes, Tree::All),
            Node::Any(nodes) => paired(nodes, Tree::Any),
            Node::Phrase(left, right, distance) => {
                let sides = (entry(Tree::in_pairs(right)), entry(Tree::in_pairs(left)));
                Tree::Phrase(Box::new(sides), *distance)
            }
        }
    }

    /// Sorts all lists, and forgets what was replaced.
    fn sort(&mut self, forget: bool) {
        let each = |entry: &mut Entry| {
            entry.tree.sort(forget);
            entry.replaced &= !forget;
        };
        match self {
            Tree::Value(_) => {}
            Tree::Not(entry) => each(entry),
            Tree::Phrase(entries, _) => {
                each(&mut entries.0);
                each(&mut entries.1);
            }
            Tree::All(entries) | Tree::Any(entries) => {
                entries.iter_mut().for_each(each);
                entries.sort_by(|one, other| one.tree.compare(&other.tree));
            }
        }
    }

    fn into_node(self) -> Option<Node> {
        Some(match self {
            Tree::Value(operand) => Node::Value(operand),
            Tree::Not(entry) => Node::Not(Box::new(entry.tree.into_node()?)),
            Tree::All(entries) => paired(entries, Node::and)?,
            Tree::Any(entries) => paired(entries, Node::or)?,
            Tree::Phrase(entries, distance) => {
                let (right, left) = *entries;
                Node::Phrase(Box::new(left.tree.into_node()?), Box::new(right.tree.into_node()?), distance)
            }
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Tree::Phrase(..) => 0,
            Tree::Any(_) => 1,
            Tree::All(_) => 2,
            Tree::Not(_) => 3,
            Tree::Value(_) => 4,
        }
    }

    fn compare(&self, other: &Tree) -> Ordering {
        let entries = |one: &[Entry], other: &[Entry]| {
            let pairs = one.iter().zip(other).map(|(one, other)| one.tree.compare(&other.tree));
            other.len().cmp(&one.len()).then_with(|| pairs.fold(Ordering::Equal, Ordering::then))
        };
        match (self, other) {
            (Tree::Value(one), Tree::Value(other)) => {
                let sums = checksum(&other.text).cmp(&checksum(&one.text));
                sums.then_with(|| one.text.cmp(&other.text))
            }
            (Tree::Not(one), Tree::Not(other)) => one.tree.compare(&other.tree),
            (Tree::All(one), Tree::All(other)) | (Tree::Any(one), Tree::Any(other)) => entries(one, other),
            (Tree::Phrase(one, distance), Tree::Phrase(other, further)) => {
                let parts = one.0.tree.compare(&other.0.tree).then_with(|| one.1.tree.compare(&other.1.tree));
                parts.then(further.cmp(distance))
            }
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }

    /// Lists within lists of the same kind are one; all lists are sorted.
    fn settle(&mut self) {
        match self {
            Tree::Value(_) => {}
            Tree::Not(entry) => entry.tree.settle(),
            Tree::Phrase(entries, _) => {
                entries.0.tree.settle();
                entries.1.tree.settle();
            }
            Tree::All(entries) => settle_list(entries, |tree| match tree {
                Tree::All(inner) => Ok(inner),
                other => Err(other),
            }),
            Tree::Any(entries) => settle_list(entries, |tree| match tree {
                Tree::Any(inner) => Ok(inner),
                other => Err(other),
            }),
        }
    }
}

fn settle_list(entries: &mut Vec<Entry>, list: impl Fn(Tree) -> Result<Vec<Entry>, Tree>) {
    let mut flat = Vec::with_capacity(entries.len());
    for mut entry in entries.drain(..) {
        entry.tree.settle();
        match list(entry.tree) {
            Ok(inner) => flat.extend(inner),
            Err(tree) => flat.push(Entry { tree, ..entry }),
        }
    }
    flat.sort_by(|one, other| one.tree.compare(&other.tree));
    *entries = flat;
}

/// A list as operators of two operands: the first two, then the last, the last but one and so on. The list has the right
/// operand first.
fn paired(entries: Vec<Entry>, join: fn(Node, Node) -> Node) -> Option<Node> {
    let mut nodes = entries.into_iter().map(|entry| entry.tree.into_node());
    let first = nodes.next()??;
    let Some(second) = nodes.next() else { return Some(first) };
    let mut whole = join(second?, first);
    for node in nodes.rev() {
        whole = join(node?, whole);
    }
    Some(whole)
}

/// Replaces in one tree what equals `wanted`.
struct Rewrite<'r> {
    wanted: &'r Tree,
    by: Option<&'r Tree>,
}

impl Rewrite<'_> {
    fn replacement(&self) -> Option<Entry> {
        self.by.map(|tree| Entry { tree: tree.clone(), replaced: true })
    }

    /// What becomes of a part of the tree; none if nothing is left.
    fn apply(&self, mut entry: Entry) -> Option<Entry> {
        if entry.replaced {
            return Some(entry);
        }
        if entry.tree.compare(self.wanted).is_eq() {
            return self.replacement();
        }
        match (&mut entry.tree, self.wanted) {
            (Tree::All(entries), Tree::All(wanted)) | (Tree::Any(entries), Tree::Any(wanted)) => {
                self.apply_to_some(entries, wanted);
            }
            _ => {}
        }
        entry.tree = match entry.tree {
            Tree::Value(operand) => Tree::Value(operand),
            Tree::Not(inner) => Tree::Not(Box::new(self.apply(*inner)?)),
            Tree::All(entries) => match self.apply_to_each(entries, Tree::All) {
                Applied::List(tree) => tree,
                Applied::One(entry) => return entry,
            },
            Tree::Any(entries) => match self.apply_to_each(entries, Tree::Any) {
                Applied::List(tree) => tree,
                Applied::One(entry) => return entry,
            },
            Tree::Phrase(entries, distance) => {
                let (right, left) = *entries;
                match (self.apply(right), self.apply(left)) {
                    (Some(right), Some(left)) => Tree::Phrase(Box::new((right, left)), distance),
                    (one, other) => return one.or(other),
                }
            }
        };
        Some(entry)
    }

    /// Replaces some operands of a list, if all that are wanted are there. Both lists are sorted.
    fn apply_to_some(&self, entries: &mut Vec<Entry>, wanted: &[Entry]) {
        if entries.len() <= wanted.len() {
            return;
        }
        let mut matched = vec![false; entries.len()];
        let mut rest = wanted.iter().peekable();
        for (entry, matched) in entries.iter().zip(&mut matched) {
            let Some(next) = rest.peek() else { break };
            match entry.tree.compare(&next.tree) {
                Ordering::Less => {}
                Ordering::Equal => {
                    *matched = true;
                    rest.next();
                }
                Ordering::Greater => return,
            }
        }
        if rest.peek().is_some() {
            return;
        }
        let mut kept = matched.iter().map(|matched| !matched);
        entries.retain(|_| kept.next().unwrap_or(true));
        entries.extend(self.replacement());
        // What was put there is sorted with the rest.
        entries.iter_mut().for_each(|entry| entry.tree.sort(false));
        entries.sort_by(|one, other| one.tree.compare(&other.tree));
    }

    fn apply_to_each(&self, entries: Vec<Entry>, list: fn(Vec<Entry>) -> Tree) -> Applied {
        let mut left: Vec<Entry> = entries.into_iter().filter_map(|entry| self.apply(entry)).collect();
        if left.len() > 1 { Applied::List(list(left)) } else { Applied::One(left.pop()) }
    }
}

/// What became of a list.
enum Applied {
    List(Tree),
    One(Option<Entry>),
}

impl Query {
    /// The query with each part that equals `wanted` replaced.
    pub fn rewritten(&self, wanted: &Query, by: &Query) -> Query {
        let (Some(root), Some(wanted)) = (&self.root, &wanted.root) else { return self.clone() };
        let (mut whole, mut wanted) = (Tree::of(root), Tree::of(wanted));
        whole.settle();
        wanted.settle();
        let by = by.root.as_ref().map(Tree::in_pairs);
        let rewrite = Rewrite { wanted: &wanted, by: by.as_ref() };
        let left = rewrite.apply(Entry { tree: whole, replaced: false });
        Query { root: left.and_then(|left| left.tree.into_node()) }
    }

    /// The same for pairs, one after the other.
    pub fn rewritten_by(&self, pairs: &[(Query, Query)]) -> Query {
        let Some(root) = &self.root else { return self.clone() };
        let mut whole = Tree::of(root);
        whole.settle();
        for (wanted, by) in pairs {
            let Some(wanted) = &wanted.root else { continue };
            let mut wanted = Tree::of(wanted);
            wanted.settle();
            let by = by.root.as_ref().map(Tree::in_pairs);
            let rewrite = Rewrite { wanted: &wanted, by: by.as_ref() };
            let Some(left) = rewrite.apply(Entry { tree: whole, replaced: false }) else {
                return Query { root: None };
            };
            whole = left.tree;
            whole.sort(true);
        }
        Query { root: whole.into_node() }
    }

    /// Whether it has all lexemes that another one names.
    pub fn contains(&self, other: &Query) -> bool {
        let own = self.operands();
        other.operands().iter().all(|wanted| own.iter().any(|operand| operand.text == wanted.text))
    }

    /// What of it an index can look for: without negations. `T` if that is nothing in particular.
    pub fn indexable(&self) -> String {
        let Some(root) = &self.root else { return String::new() };
        let mut text = String::new();
        match positive(root) {
            Some(node) => Query { root: Some(node) }.write(&mut text),
            None => text.push('T'),
        }
        text
    }
}

fn positive(node: &Node) -> Option<Node> {
    match node {
        Node::Value(operand) => Some(Node::Value(operand.clone())),
        Node::Not(_) => None,
        Node::All(nodes) => nodes.iter().filter_map(positive).reduce(Node::and),
        Node::Any(nodes) => {
            let parts: Option<Vec<Node>> = nodes.iter().map(positive).collect();
            parts?.into_iter().reduce(Node::or)
        }
        Node::Phrase(left, right, distance) => match (positive(left), positive(right)) {
            (Some(left), Some(right)) => Some(Node::Phrase(Box::new(left), Box::new(right), *distance)),
            (left, right) => left.or(right),
        },
    }
}
