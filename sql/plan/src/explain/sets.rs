//! What is shown of whatever puts rows of several inputs together.

use super::deparse::Slot;
use super::entry::Entry;
use super::nodes::{Builder, quoted, size};
use crate::logical::SetOperator;
use crate::physical::{Estimate, Node, NodeKind};
use std::sync::Arc;

impl Builder<'_> {
    pub(super) fn several(&mut self, node: &Node) -> (Entry, Vec<Slot>) {
        let mut inputs = Vec::new();
        node.kind.for_each_input(&mut |input| inputs.push(input));
        // Its own number has been counted.
        let read = self.read.get(&(self.number - 1)).cloned();
        // A table's members are told apart from it by numbers, itself among them.
        let whole = members_of(&node.kind).map(|name| {
            if self.reserved.as_deref() == Some(name) {
                self.reserved = None;
                name.to_owned()
            } else {
                self.unique(name)
            }
        });
        let around = self.arms;
        if is_set_operation(node) {
            self.arms = around.or(Some(0));
        }
        let mut entries = Vec::with_capacity(inputs.len());
        let mut first: Option<Vec<Slot>> = None;
        let mut removed = 0;
        for (place, input) in inputs.iter().enumerate() {
            if read.as_ref().is_some_and(|read| read.get(place) == Some(&false)) {
                self.number += size(input);
                removed += 1;
                continue;
            }
            let (entry, columns) = self.arm(input);
            entries.push(if is_set_operation(node) { self.set_arm(entry, input) } else { entry });
            first.get_or_insert(columns);
        }
        if around.is_none() {
            self.arms = None;
        }
        let mut entry = match &node.kind {
            NodeKind::SetOperation { operator, all, .. } => {
                let arms = Entry { inputs: entries, ..Entry::new("Append", node.estimate) };
                entries = vec![arms];
                set_entry(*operator, *all, true, node.estimate)
            }
            NodeKind::Recursive { .. } => Entry::new("Recursive Union", node.estimate),
            NodeKind::MergeAppend { .. } => Entry::new("Merge Append", node.estimate),
            _ => Entry::new("Append", node.estimate),
        };
        if matches!(&node.kind, NodeKind::Append { backward: true, .. }) {
            entries.reverse();
        }
        entry.inputs = entries;
        let names_only = |builder: &mut Self| inputs.first().map(|input| builder.names_only(input));
        let mut first = first.or_else(|| names_only(self)).unwrap_or_default();
        if let Some(alias) = whole {
            let names: Vec<String> = first.iter().map(|slot| slot.bare.clone()).collect();
            first = self.columns(&alias, names);
        }
        if let NodeKind::MergeAppend { keys, .. } = &node.kind {
            entry.list("Sort Key", self.deparser.computed_keys(keys, &first));
        }
        if removed > 0 {
            entry.count("Subplans Removed", removed);
        }
        // What comes of several has the names of the first.
        (entry, first)
    }

    /// One of several inputs.
    fn arm(&mut self, input: &Node) -> (Entry, Vec<Slot>) {
        let counted = self.arms;
        if !is_set_operation(input) {
            self.arms = None;
        }
        let shown = self.input(input);
        if !is_set_operation(input) {
            self.arms = counted;
        }
        shown
    }

    /// What the columns of an input are called that is not shown.
    fn names_only(&mut self, input: &Node) -> Vec<Slot> {
        let (number, names) = (self.number, self.names.clone());
        let (_, slots) = self.input(input);
        (self.number, self.names) = (number, names);
        slots
    }

    /// A query that a set operation takes rows of, which stands as a subquery of its own.
    fn set_arm(&mut self, entry: Entry, input: &Node) -> Entry {
        if is_set_operation(input) {
            return entry;
        }
        let number = self.arms.unwrap_or(0) + 1;
        self.arms = Some(number);
        let alias = format!("*SELECT* {number}");
        let mut arm = Entry::new("Subquery Scan", entry.estimate);
        arm.title = format!("Subquery Scan on \"{alias}\"");
        arm.facts.push(("Alias", alias));
        arm.actual = entry.actual;
        arm.inputs.push(entry);
        arm
    }

    /// A set operation of sorted rows: what is below it is shown as its own.
    pub(super) fn sorted_set(
        &mut self,
        (operator, all): (SetOperator, bool),
        names: &[Arc<str>],
        input: &Node,
    ) -> (Entry, Vec<Slot>) {
        let (sort, append) = match &input.kind {
            NodeKind::Sort { input: append, .. } => (Some(input), &**append),
            _ => (None, input),
        };
        let sort = sort.map(|sort| (sort.estimate, self.next_actual()));
        let actual = self.next_actual();
        let around = self.arms;
        self.arms = around.or(Some(0));
        let mut arms = Entry { actual, ..Entry::new("Append", append.estimate) };
        let mut slots: Option<Vec<Slot>> = None;
        let mut inputs = Vec::new();
        append.kind.for_each_input(&mut |input| inputs.push(input));
        for input in inputs {
            let (entry, mut columns) = self.arm(input);
            // The last says of which side a row is.
            columns.pop();
            let arm = self.set_arm(entry, input);
            if let Some((_, alias)) = arm.facts.iter().find(|fact| fact.0 == "Alias") {
                let own = columns.into_iter().map(|slot| slot.bare).enumerate();
                let called = own.map(|(place, own)| names.get(place).map_or(own, |name| quoted(name)));
                columns = self.columns(&quoted(alias), called.collect::<Vec<_>>());
            }
            slots.get_or_insert(columns);
            arms.inputs.push(arm);
        }
        if around.is_none() {
            self.arms = None;
        }
        let slots = slots.unwrap_or_default();
        let mut entry = set_entry(operator, all, false, input.estimate);
        entry.inputs.push(match sort {
            Some((estimate, actual)) => {
                let mut sort = Entry { actual, ..Entry::new("Sort", estimate) };
                sort.list("Sort Key", slots.iter().map(|slot| slot.text.clone()).collect());
                sort.inputs.push(arms);
                sort
            }
            None => arms,
        });
        (entry, slots)
    }
}

/// The entry of a set operation.
fn set_entry(operator: SetOperator, all: bool, hashed: bool, estimate: Estimate) -> Entry {
    let word = match operator {
        SetOperator::Union => "Union",
        SetOperator::Intersect => "Intersect",
        SetOperator::Except => "Except",
    };
    let mut entry = Entry::new("SetOp", estimate);
    let command = format!("{word}{}", if all { " All" } else { "" });
    entry.title = format!("{} {command}", if hashed { "HashSetOp" } else { "SetOp" });
    entry.facts.push(("Strategy", if hashed { "Hashed" } else { "Sorted" }.to_owned()));
    entry.facts.push(("Command", command));
    entry
}

/// The name of the table whose members' rows an operator hands up.
pub(super) fn members_of(kind: &NodeKind) -> Option<&str> {
    match kind {
        NodeKind::Append { members_of, .. } | NodeKind::MergeAppend { members_of, .. } => {
            members_of.as_deref()
        }
        _ => None,
    }
}

/// Whether a node is a set operation, or shows the columns of one.
fn is_set_operation(node: &Node) -> bool {
    match &node.kind {
        NodeKind::SetOperation { .. } | NodeKind::SortedSetOperation { .. } => true,
        NodeKind::Project { input, .. } => is_set_operation(input),
        _ => false,
    }
}
