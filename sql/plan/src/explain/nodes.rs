//! From operators to what is shown of them.

use super::deparse::{Deparser, Slot};
use super::entry::{Entry, PropertyValue};
use super::sets::members_of;
use super::{Actual, ExplainOptions, Found, ReadInputs};
use crate::expression::{Expression, ExpressionKind, SortKey, WindowCall};
use crate::facts::Facts;
use crate::logical::RangeName;
use crate::physical::{
    AggregateNode, Estimate, HashJoin, Node, NodeKind, Phase, PhysicalJoinKind, Plan, Subplan,
};
use crate::target::TargetTable;
use std::collections::{BTreeMap, BTreeSet};

/// Makes entries.
pub(super) struct Builder<'a> {
    pub(super) deparser: Deparser<'a>,
    pub(super) options: &'a ExplainOptions,
    pub(super) actual: Option<&'a [Actual]>,
    pub(super) read: &'a ReadInputs,
    /// The number of the next operator.
    pub(super) number: usize,
    /// How often a name was given already.
    pub(super) names: BTreeMap<String, u32>,
    /// Whether the statement has several tables: then columns are written with their table's name.
    several: bool,
    /// Where the operators of each subplan begin.
    starts: Vec<usize>,
    shown: BTreeSet<usize>,
    /// How many queries of the set operation that is being shown were shown; none outside of one.
    pub(super) arms: Option<u32>,
    /// The name of a changed table that its members' numbers go on from.
    pub(super) reserved: Option<String>,
}

/// Whether an operator is shown with conditions on what it makes.
fn takes_conditions(kind: &NodeKind) -> bool {
    is_scan(kind)
        || matches!(
            kind,
            NodeKind::HashAggregate(_)
                | NodeKind::SortedAggregate(_)
                | NodeKind::HashJoin(_)
                | NodeKind::MergeJoin(_)
                | NodeKind::NestedLoopJoin { .. }
                | NodeKind::Apply { .. }
                | NodeKind::LookupJoin { .. }
                | NodeKind::Values { .. }
        )
}

/// Whether conditions on what an operator makes name columns without their table.
fn is_scan(kind: &NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. }
    )
}

/// Whether conditions on what an operator makes might as well be those by which it joins.
fn is_inner_join(kind: &NodeKind) -> bool {
    let of = match kind {
        NodeKind::HashJoin(join) => Some(join.kind),
        NodeKind::MergeJoin(join) => Some(join.kind),
        NodeKind::NestedLoopJoin { kind, .. }
        | NodeKind::Apply { kind, .. }
        | NodeKind::LookupJoin { kind, .. } => Some(*kind),
        _ => None, // joins nothing
    };
    of == Some(PhysicalJoinKind::Inner)
}

/// How many operators are below one, and it.
pub(super) fn size(node: &Node) -> usize {
    let mut count = 1;
    node.kind.for_each_input(&mut |input| count += size(input));
    count
}

/// How many relations are read below an operator.
fn relations(node: &Node) -> usize {
    let own = match &node.kind {
        NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::BitmapScan(_)
        | NodeKind::SystemScan { .. }
        | NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. }
        | NodeKind::LookupJoin { .. } => 1,
        // One row that is given is a relation of its own in PostgreSQL's range table.
        NodeKind::Insert { input, .. } => match &input.kind {
            NodeKind::Values { rows } if rows.len() <= 1 => 2,
            _ => 1,
        },
        NodeKind::Values { rows } => usize::from(rows.len() > 1),
        _ => 0,
    };
    let mut count = own;
    node.kind.for_each_input(&mut |input| count += relations(input));
    count
}

/// Whether a subplan's value is a parameter of the whole.
fn is_init_plan(subplan: &Subplan, used_as_test: bool) -> bool {
    subplan.once && !used_as_test
}

/// The number of the parameter that a subplan sets.
pub(super) fn init_plan_number(plan: &Plan, subplan: usize) -> usize {
    plan.subplans.iter().take(subplan).filter(|before| before.once).count()
}

/// The entry of a whole plan.
pub(super) fn entry(plan: &Plan, facts: &dyn Facts, options: &ExplainOptions, found: Found<'_>) -> Entry {
    let roots = || plan.common_tables.iter().chain(&plan.subplans).map(|subplan| &subplan.root);
    let count = relations(&plan.root) + roots().map(relations).sum::<usize>();
    let mut starts = vec![size(&plan.root)];
    for root in roots() {
        starts.push(starts.last().copied().unwrap_or(0) + size(root));
    }
    let mut builder = Builder {
        deparser: Deparser { facts, plan, outer: BTreeMap::new() },
        options,
        actual: found.actual,
        read: found.read,
        number: 0,
        names: BTreeMap::new(),
        several: plan.ranges > 1 || count > 1,
        starts,
        shown: BTreeSet::new(),
        reserved: None,
        arms: None,
    };
    let (mut root, _) = builder.node(&plan.root);
    let mut before = Vec::new();
    for (number, table) in plan.common_tables.iter().enumerate() {
        before.push((table.name.clone(), builder.subplan(number, table)));
    }
    for (number, subplan) in plan.subplans.iter().enumerate() {
        if builder.shown.contains(&number) || !is_init_plan(subplan, false) {
            continue;
        }
        let title = format!("{} (returns ${})", subplan.name, init_plan_number(plan, number));
        before.push((title, builder.subplan(plan.common_tables.len() + number, subplan)));
    }
    root.before = before;
    root
}

impl Builder<'_> {
    /// The entry of a subplan, or of a common table, by its place among both.
    fn subplan(&mut self, place: usize, subplan: &Subplan) -> Entry {
        let here = std::mem::replace(&mut self.number, self.starts.get(place).copied().unwrap_or(0));
        let (entry, _) = self.node(&subplan.root);
        self.number = here;
        entry
    }

    /// A name that nothing else in the plan goes by.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let times = self.names.entry(name.to_owned()).or_default();
        *times += 1;
        if *times == 1 { name.to_owned() } else { format!("{name}_{}", *times - 1) }
    }

    pub(super) fn columns(&self, alias: &str, names: impl IntoIterator<Item = String>) -> Vec<Slot> {
        let with_table = self.several || self.options.verbose;
        let slot = |name: String| Slot {
            text: if with_table { format!("{alias}.{name}") } else { name.clone() },
            bare: name,
            plain: true,
            fresh: false,
        };
        names.into_iter().map(slot).collect()
    }

    /// Columns as a scan's own conditions name them: without their table, but with VERBOSE.
    pub(super) fn local(&self, slots: &[Slot]) -> Vec<Slot> {
        if self.options.verbose { slots.to_vec() } else { slots.iter().map(Slot::local).collect() }
    }

    /// A column that an operator computes, told in both ways.
    pub(super) fn computed(&self, slots: &[Slot], text: impl Fn(&[Slot]) -> String) -> Slot {
        let bare = text(&slots.iter().map(Slot::local).collect::<Vec<_>>());
        Slot { text: text(slots), bare, plain: false, fresh: true }
    }

    /// The entry of an operator's input, and what its columns are called above it.
    pub(super) fn input(&mut self, node: &Node) -> (Entry, Vec<Slot>) {
        let (entry, slots) = self.node(node);
        (entry, slots.into_iter().map(Slot::handed_on).collect())
    }

    pub(super) fn next_actual(&mut self) -> Option<Actual> {
        let number = self.number;
        self.number += 1;
        self.actual.map(|actual| actual.get(number).copied().unwrap_or_default())
    }

    pub(super) fn all(&self, conditions: &[Expression], slots: &[Slot]) -> String {
        self.deparser.all(conditions, slots)
    }

    /// The entry of an operator, and what its columns are called.
    fn node(&mut self, node: &Node) -> (Entry, Vec<Slot>) {
        let actual = self.next_actual();
        let (mut entry, slots) = match &node.kind {
            NodeKind::Project { input, expressions } => {
                let (mut entry, below) = self.node(input);
                self.beside(expressions.iter(), &below, &mut entry);
                entry.estimate = node.estimate;
                let slots =
                    expressions.iter().map(|expression| self.slot(expression, &below)).collect::<Vec<_>>();
                self.output(&mut entry, &slots);
                return (entry, slots);
            }
            NodeKind::Filter { input, conditions, called, .. } => {
                return self.filter(node, input, conditions, called.as_deref(), actual);
            }
            NodeKind::Values { .. }
            | NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. } => self.leaf(node),
            NodeKind::HashJoin(_)
            | NodeKind::MergeJoin(_)
            | NodeKind::NestedLoopJoin { .. }
            | NodeKind::Apply { .. }
            | NodeKind::LookupJoin { .. } => self.join(node),
            NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. } => self.change(node, actual),
            NodeKind::SortedSetOperation { operator, all, input, names, .. } => {
                self.sorted_set((*operator, *all), names, input)
            }
            NodeKind::Append { .. }
            | NodeKind::MergeAppend { .. }
            | NodeKind::SetOperation { .. }
            | NodeKind::Recursive { .. } => self.several(node),
            NodeKind::HashAggregate(_)
            | NodeKind::SortedAggregate(_)
            | NodeKind::Window { .. }
            | NodeKind::ProjectSet { .. }
            | NodeKind::Sort { .. }
            | NodeKind::TopN { .. }
            | NodeKind::Limit { .. }
            | NodeKind::HashDistinct { .. }
            | NodeKind::SortedDistinct { .. }
            | NodeKind::Memoize { .. }
            | NodeKind::LockRows { .. } => self.over_one(node, actual),
        };
        entry.estimate = node.estimate;
        entry.actual = actual;
        self.removed(&mut entry);
        let is_change = matches!(
            node.kind,
            NodeKind::Insert { .. }
                | NodeKind::Update { .. }
                | NodeKind::Delete { .. }
                | NodeKind::Merge { .. }
        );
        let plan = self.deparser.plan;
        // Of a change only what is returned is its output.
        if !is_change || std::ptr::eq(node, &plan.root) && !plan.output.is_empty() {
            self.output(&mut entry, &slots);
        }
        (entry, slots)
    }

    /// How many rows a filter refused, where one is shown.
    fn removed(&self, entry: &mut Entry) {
        let Some(actual) = entry.actual.filter(|actual| actual.removed > 0 && actual.loops > 0) else {
            return;
        };
        let place =
            entry.properties.iter().rposition(|property| matches!(property.label, "Filter" | "Join Filter"));
        if let Some(place) = place {
            let label = if entry.properties[place].label == "Filter" {
                "Rows Removed by Filter"
            } else {
                "Rows Removed by Join Filter"
            };
            entry.count(label, actual.removed / actual.loops);
            if let Some(property) = entry.properties.pop() {
                entry.properties.insert(place + 1, property);
            }
        }
    }

    /// `Output`, with VERBOSE.
    fn output(&self, entry: &mut Entry, slots: &[Slot]) {
        let of_several = matches!(&*entry.node_type, "Append" | "Merge Append" | "Recursive Union");
        if !self.options.verbose || slots.is_empty() || of_several {
            return;
        }
        entry.properties.retain(|property| property.label != "Output");
        let text = |slot: &Slot| {
            let name = if self.several { &slot.text } else { &slot.bare };
            if slot.plain || slot.fresh { name.clone() } else { format!("({name})") }
        };
        entry.list("Output", slots.iter().map(text).collect());
        entry.properties.rotate_right(1);
    }

    /// What a column that is computed is called.
    pub(super) fn slot(&self, expression: &Expression, below: &[Slot]) -> Slot {
        match &expression.kind {
            ExpressionKind::Slot(slot) if (*slot as usize) < below.len() => below[*slot as usize].clone(),
            _ => self.computed(below, |slots| self.deparser.text(expression, slots)),
        }
    }

    /// Names what subplans are given, and shows those that are run row by row.
    pub(super) fn beside<'e>(
        &mut self,
        expressions: impl Iterator<Item = &'e Expression>,
        slots: &[Slot],
        entry: &mut Entry,
    ) {
        let mut found = Vec::new();
        for expression in expressions {
            expression.walk(&mut |part| {
                if let ExpressionKind::Subplan { plan, test, outer } = &part.kind {
                    found.push((plan.0 as usize, test, outer));
                }
            });
        }
        for (number, test, outer) in found {
            for (id, value) in outer {
                let text = self.deparser.text(value, slots);
                self.deparser.outer.insert(*id, text);
            }
            let plan = self.deparser.plan;
            let Some(subplan) = plan.subplans.get(number) else { continue };
            let tested = test.comparison().is_some();
            if !is_init_plan(subplan, tested) && self.shown.insert(number) {
                let title = subplan.name.replace("InitPlan", "SubPlan");
                let shown = self.subplan(plan.common_tables.len() + number, subplan);
                entry.after.push((title, shown));
            }
        }
    }

    fn filter(
        &mut self,
        node: &Node,
        input: &Node,
        conditions: &[Expression],
        called: Option<&RangeName>,
        actual: Option<Actual>,
    ) -> (Entry, Vec<Slot>) {
        if let NodeKind::Filter { once: true, .. } = node.kind {
            let (mut entry, slots) = self.simple("Result", node, input);
            entry.text("One-Time Filter", self.all(conditions, &slots));
            self.beside(conditions.iter(), &slots, &mut entry);
            entry.actual = actual;
            return (entry, slots);
        }
        let (mut entry, mut slots) = self.node(input);
        let takes = takes_conditions(&input.kind);
        let below = slots.iter().map(|slot| Slot { plain: true, ..slot.clone() }).collect::<Vec<_>>();
        let below = if is_scan(&input.kind) { self.local(&below) } else { below };
        if !takes {
            let mut outside = Entry::new("Subquery Scan", node.estimate);
            if let Some(called) = called {
                let alias = self.unique(&called.alias);
                outside.title = format!("Subquery Scan on {}", quoted(&alias));
                slots = self.columns(&alias, called.columns.iter().map(|name| quoted(name)));
                outside.facts.push(("Alias", alias));
                self.output(&mut outside, &slots);
            }
            outside.inputs.push(entry);
            entry = outside;
        }
        let text = self.all(conditions, if takes { &below } else { &slots });
        let label = if is_inner_join(&input.kind) { "Join Filter" } else { "Filter" };
        let own = entry.properties.iter_mut().find(|property| property.label == label);
        match own.map(|property| &mut property.value) {
            Some(PropertyValue::Text(known)) => *known = format!("({known} AND {text})"),
            Some(PropertyValue::List(_) | PropertyValue::Count(_)) => {}
            // A row that reads nothing is asked for once.
            None if matches!(&input.kind, NodeKind::Values { rows } if rows.len() == 1) => {
                entry.text("One-Time Filter", text);
            }
            None => entry.text(label, text),
        }
        self.beside(conditions.iter(), &slots, &mut entry);
        entry.estimate = node.estimate;
        if let (Some(mine), Some(inner)) = (actual, entry.actual) {
            // The input's rows that do not come out here were refused here.
            let removed = inner.removed + inner.rows.saturating_sub(mine.rows);
            entry.actual = Some(Actual { removed, ..mine });
        } else {
            entry.actual = actual;
        }
        self.removed(&mut entry);
        (entry, slots)
    }

    fn join(&mut self, node: &Node) -> (Entry, Vec<Slot>) {
        match &node.kind {
            NodeKind::HashJoin(join) => self.hash_join(join),
            NodeKind::MergeJoin(join) => {
                let (left, left_slots) = self.input(&join.left);
                let (right, right_slots) = self.input(&join.right);
                let pairs = join.keys.iter().map(|(left, right)| {
                    let left = self.deparser.side(&left.expression, &left_slots);
                    format!("({left} = {})", self.deparser.side(&right.expression, &right_slots))
                });
                let condition = together(pairs.collect());
                let mut entry = joined_entry("Merge", "Merge Join", join.kind);
                entry.text("Merge Cond", condition);
                self.join_rest(entry, join.kind, (left, left_slots), (right, right_slots), &join.conditions)
            }
            NodeKind::NestedLoopJoin { kind, left, right, conditions } => {
                let again = left.estimate.rows > 1.0 && !materializes(&right.kind);
                let left = self.input(left);
                let (mut inner, slots) = self.input(right);
                if again {
                    // The right side is kept for all rows of the left.
                    let mut kept = Entry::new("Materialize", inner.estimate);
                    kept.actual = inner.actual;
                    self.output(&mut kept, &slots);
                    kept.inputs.push(inner);
                    inner = kept;
                }
                let right = (inner, slots);
                // PostgreSQL goes through both sides of a full join side by side, whatever the conditions are.
                let what = if *kind == PhysicalJoinKind::Full { "Merge Join" } else { "Nested Loop" };
                let entry = joined_entry(what.trim_end_matches(" Join"), what, *kind);
                self.join_rest(entry, *kind, left, right, conditions)
            }
            NodeKind::Apply { kind, left, right, outer, conditions } => {
                let left = self.input(left);
                for (id, slot) in outer {
                    let text = left.1.get(*slot as usize).map(|slot| slot.text.clone());
                    self.deparser.outer.insert(*id, text.unwrap_or_default());
                }
                let right = self.input(right);
                let entry = joined_entry("Nested Loop", "Nested Loop", *kind);
                self.join_rest(entry, *kind, left, right, conditions)
            }
            NodeKind::LookupJoin { kind, left, right, conditions, .. } => {
                let left = self.input(left);
                let mut right = self.index_scan(right, &left.1);
                let lookups = left.0.estimate.rows.max(1.0);
                let cost = (node.estimate.total_cost - left.0.estimate.total_cost).max(0.0) / lookups;
                let rows = (node.estimate.rows / lookups).max(1.0).round();
                right.0.estimate = Estimate { startup_cost: 0.0, total_cost: cost, rows, width: 0 };
                let entry = joined_entry("Nested Loop", "Nested Loop", *kind);
                self.join_rest(entry, *kind, left, right, conditions)
            }
            _ => (Entry::new("Result", node.estimate), Vec::new()),
        }
    }

    fn hash_join(&mut self, join: &HashJoin) -> (Entry, Vec<Slot>) {
        let (left, left_slots) = self.input(&join.left);
        let (right, right_slots) = self.input(&join.right);
        let pairs = join.keys.iter().zip(&join.nulls_equal).map(|((left, right, _), nulls)| {
            let left = self.deparser.side(left, &left_slots);
            let right = self.deparser.side(right, &right_slots);
            let condition = if *nulls { "IS NOT DISTINCT FROM" } else { "=" };
            format!("({left} {condition} {right})")
        });
        let condition = together(pairs.collect());
        let total = right.estimate.total_cost;
        let mut hash = Entry::new("Hash", Estimate { startup_cost: total, ..right.estimate });
        hash.actual =
            right.actual.map(|actual| Actual { startup_time: actual.total_time, removed: 0, ..actual });
        self.output(&mut hash, &right_slots);
        hash.inputs.push(right);
        let mut entry = joined_entry("Hash", "Hash Join", join.kind);
        entry.text("Hash Cond", condition);
        self.join_rest(entry, join.kind, (left, left_slots), (hash, right_slots), &join.conditions)
    }

    fn join_rest(
        &mut self,
        mut entry: Entry,
        kind: PhysicalJoinKind,
        (left, left_slots): (Entry, Vec<Slot>),
        (right, right_slots): (Entry, Vec<Slot>),
        conditions: &[Expression],
    ) -> (Entry, Vec<Slot>) {
        let mut both = left_slots.clone();
        both.extend(right_slots.iter().cloned());
        if !conditions.is_empty() {
            entry.text("Join Filter", self.all(conditions, &both));
        }
        self.beside(conditions.iter(), &both, &mut entry);
        entry.inputs.extend([left, right]);
        let slots = match kind {
            PhysicalJoinKind::Semi | PhysicalJoinKind::Anti | PhysicalJoinKind::AntiNull => left_slots,
            PhysicalJoinKind::RightSemi | PhysicalJoinKind::RightAnti => right_slots,
            PhysicalJoinKind::Mark => {
                let mut slots = left_slots;
                slots.extend(self.columns("", ["mark".to_owned()]));
                slots
            }
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Single => both,
        };
        (entry, slots)
    }

    fn over_one(&mut self, node: &Node, actual: Option<Actual>) -> (Entry, Vec<Slot>) {
        match &node.kind {
            NodeKind::HashAggregate(aggregate) => self.aggregate(aggregate, true),
            NodeKind::SortedAggregate(aggregate) => self.aggregate(aggregate, false),
            NodeKind::Window { input, functions, until, .. } => self.window(node, input, functions, until),
            NodeKind::ProjectSet { input, calls } => {
                let (below, mut slots) = self.input(input);
                let mut entry = Entry::new("ProjectSet", node.estimate);
                self.beside(calls.iter(), &slots, &mut entry);
                let made = calls.iter().map(|call| self.slot(call, &slots)).collect::<Vec<_>>();
                slots.extend(made);
                entry.inputs.push(below);
                (entry, slots)
            }
            NodeKind::Sort { input, keys, presorted } => {
                let (below, slots) = self.input(input);
                let name = if *presorted > 0 { "Incremental Sort" } else { "Sort" };
                let mut entry = Entry::new(name, node.estimate);
                let texts = self.deparser.computed_keys(keys, &slots);
                let sorted = texts.get(..*presorted as usize).unwrap_or(&[]).to_vec();
                entry.list("Sort Key", texts);
                entry.list("Presorted Key", sorted);
                self.sort_used(actual, &mut entry);
                entry.inputs.push(below);
                (entry, slots)
            }
            NodeKind::TopN { input, keys, .. } => {
                let (below, slots) = self.input(input);
                let mut sort = Entry::new("Sort", node.estimate);
                sort.estimate.rows = below.estimate.rows;
                sort.actual = actual;
                sort.list("Sort Key", self.deparser.computed_keys(keys, &slots));
                self.sort_used(actual, &mut sort);
                self.output(&mut sort, &slots);
                sort.inputs.push(below);
                let mut entry = Entry::new("Limit", node.estimate);
                entry.inputs.push(sort);
                (entry, slots)
            }
            NodeKind::Limit { input, .. } => self.simple("Limit", node, input),
            NodeKind::Memoize { input, keys } => {
                let (mut entry, slots) = self.simple("Memoize", node, input);
                let key = |id| self.deparser.outer.get(id).cloned().unwrap_or_default();
                entry.list("Cache Key", keys.iter().map(|(id, ..)| key(id)).collect());
                entry.text("Cache Mode", "binary");
                (entry, slots)
            }
            NodeKind::LockRows { input, .. } => self.simple("LockRows", node, input),
            NodeKind::SortedDistinct { input, .. } => self.simple("Unique", node, input),
            NodeKind::HashDistinct { input, keys } => {
                let (below, slots) = self.node(input);
                let mut entry = Entry::new("Aggregate", node.estimate);
                entry.title = "HashAggregate".to_owned();
                entry.facts.push(("Strategy", "Hashed".to_owned()));
                entry.list("Group Key", self.deparser.group_keys(keys, &slots));
                entry.inputs.push(below);
                (entry, slots.into_iter().map(Slot::handed_on).collect())
            }
            _ => (Entry::new("Result", node.estimate), Vec::new()),
        }
    }

    fn window(
        &mut self,
        node: &Node,
        input: &Node,
        functions: &[WindowCall],
        until: &[Expression],
    ) -> (Entry, Vec<Slot>) {
        let (below, mut slots) = self.input(input);
        let mut entry = Entry::new("WindowAgg", node.estimate);
        let made = |call| self.computed(&slots, |slots| self.deparser.window(call, slots));
        let made = functions.iter().map(made).collect::<Vec<_>>();
        slots.extend(made);
        if !until.is_empty() {
            entry.text("Run Condition", self.all(until, &slots));
        }
        entry.inputs.push(below);
        (entry, slots)
    }

    fn simple(&mut self, name: &str, node: &Node, input: &Node) -> (Entry, Vec<Slot>) {
        let (below, slots) = self.input(input);
        let mut entry = Entry::new(name, node.estimate);
        entry.inputs.push(below);
        (entry, slots)
    }

    fn aggregate(&mut self, aggregate: &AggregateNode, hashed: bool) -> (Entry, Vec<Slot>) {
        let (below, slots) = self.node(&aggregate.input);
        let mut entry = Entry::new("Aggregate", Estimate::default());
        let mut keys = self.deparser.group_keys(&aggregate.keys, &slots);
        if matches!(aggregate.input.kind, NodeKind::Sort { .. }) && !hashed {
            // The sort below has computed them.
            keys = self.deparser.computed_keys(&plainly(&aggregate.keys), &slots);
        }
        let slots = slots.into_iter().map(Slot::handed_on).collect::<Vec<_>>();
        let (title, strategy) = match (keys.is_empty(), hashed) {
            (true, _) => ("Aggregate", "Plain"),
            (false, true) => ("HashAggregate", "Hashed"),
            (false, false) if aggregate.aggregates.iter().all(is_carried) => ("Group", ""),
            (false, false) => ("GroupAggregate", "Sorted"),
        };
        entry.title = title.to_owned();
        if strategy.is_empty() {
            entry.node_type = title.to_owned();
        } else {
            entry.facts.push(("Strategy", strategy.to_owned()));
            entry.facts.push(("Partial Mode", "Simple".to_owned()));
        }
        if !aggregate.phases.is_empty() {
            self.phases(aggregate, &keys, &slots, &mut entry);
        } else if let [_] = aggregate.sets.as_slice() {
            entry.list("Group Key", keys.clone());
        } else {
            if aggregate.sets.iter().any(Vec::is_empty) {
                entry.title = "MixedAggregate".to_owned();
            }
            for set in &aggregate.sets {
                let texts =
                    set.iter().filter_map(|place| keys.get(*place as usize)).cloned().collect::<Vec<_>>();
                if texts.is_empty() {
                    entry.text("Group Key", "()");
                } else {
                    entry.list("Hash Key", texts);
                }
            }
        }
        let mut expressions = Vec::new();
        aggregate.aggregates.iter().for_each(|given| given.for_each_part(&mut |part| expressions.push(part)));
        self.beside(expressions.into_iter(), &slots, &mut entry);
        let of_key = |key: &crate::expression::SortKey| self.slot(&key.expression, &slots);
        let mut made = aggregate.keys.iter().map(of_key).collect::<Vec<_>>();
        made.extend(aggregate.aggregates.iter().map(|given| match given.arguments.as_slice() {
            [decided] if is_carried(given) => self.slot(decided, &slots),
            _ => self.computed(&slots, |slots| self.deparser.aggregate(given, slots)),
        }));
        for call in &aggregate.grouping_calls {
            let texts =
                call.iter().filter_map(|place| keys.get(*place as usize)).cloned().collect::<Vec<_>>();
            made.push(self.computed(&[], |_| format!("GROUPING({})", texts.join(", "))));
        }
        entry.inputs.push(below);
        (entry, made)
    }

    /// Which sets are grouped how.
    fn phases(&self, aggregate: &AggregateNode, keys: &[String], slots: &[Slot], entry: &mut Entry) {
        let hashed = aggregate.phases.iter().filter(|phase| matches!(phase, Phase::Hashed(_))).count();
        let keyed = aggregate.sets.iter().any(|set| !set.is_empty());
        let (title, strategy) = match (hashed, aggregate.phases.len() - hashed) {
            (0, _) if !keyed => ("Aggregate", "Plain"),
            (0, _) => ("GroupAggregate", "Sorted"),
            (_, 0) => ("HashAggregate", "Hashed"),
            (_, _) => ("MixedAggregate", "Mixed"),
        };
        entry.title = title.to_owned();
        entry.facts = vec![("Strategy", strategy.to_owned()), ("Partial Mode", "Simple".to_owned())];
        let named = |set: u32| -> Vec<String> {
            let places = aggregate.sets.get(set as usize).into_iter().flatten();
            places.filter_map(|place| keys.get(*place as usize)).cloned().collect()
        };
        let mut first = true;
        for phase in &aggregate.phases {
            let Phase::Sorted { keys: by, sets } = phase else {
                if let Phase::Hashed(set) = phase {
                    entry.list("Hash Key", named(*set));
                }
                continue;
            };
            // The first takes the rows as they come, each other sorts them.
            let sorts = !first && !by.is_empty();
            first = false;
            if sorts {
                let of = by.iter().filter_map(|place| aggregate.keys.get(*place as usize)).cloned();
                entry.list("Sort Key", self.deparser.computed_keys(&of.collect::<Vec<_>>(), slots));
            }
            let label = if sorts { "  Group Key" } else { "Group Key" };
            for set in sets {
                let named = named(*set);
                if named.is_empty() { entry.text(label, "()") } else { entry.list(label, named) }
            }
        }
    }

    fn change(&mut self, node: &Node, actual: Option<Actual>) -> (Entry, Vec<Slot>) {
        let (word, target, input) = match &node.kind {
            NodeKind::Insert { target, input, .. } => ("Insert", target, input),
            NodeKind::Update { target, input, .. } => ("Update", target, input),
            NodeKind::Delete { target, input, .. } => ("Delete", target, input),
            NodeKind::Merge { target, input, .. } => ("Merge", target, input),
            _ => return (Entry::new("Result", node.estimate), Vec::new()),
        };
        if !matches!(node.kind, NodeKind::Insert { .. }) {
            self.reserved = members_alias(target, input);
        }
        match (&node.kind, self.reserved.clone()) {
            (_, Some(alias)) => _ = self.unique(&alias),
            (NodeKind::Insert { called, .. }, None) => _ = self.unique(called),
            (_, None) => {}
        }
        let (below, below_slots) = self.input(input);
        let mut entry = Entry::new("ModifyTable", node.estimate);
        let called = self.reserved.take();
        if !target.members.is_empty() && !matches!(node.kind, NodeKind::Insert { .. }) {
            member_titles(word, (target, called.as_deref()), &below, &mut entry.targets);
        }
        let schema = if self.options.verbose { format!("{}.", target.schema) } else { String::new() };
        let alias = match &node.kind {
            NodeKind::Insert { called, .. } => called.to_string(),
            _ => target_alias(target.table, input).unwrap_or_else(|| target.name.clone()),
        };
        entry.title = format!("{word} on {schema}{}", target.name);
        if alias != target.name && target.members.is_empty() {
            entry.title.push_str(&format!(" {alias}"));
        }
        entry.facts.push(("Operation", word.to_owned()));
        entry.facts.push(("Relation Name", target.name.clone()));
        entry.facts.push(("Alias", alias.clone()));
        let ender = match &node.kind {
            NodeKind::Insert { conflict: Some(conflict), .. } if conflict.tells_ender(target) => Some("xmax"),
            _ => None,
        };
        let table = target.routing.as_ref().map(|_| "tableoid");
        let id = matches!(node.kind, NodeKind::Insert { row_ids: true, .. }).then_some("ctid");
        let names = target.columns.iter().map(|column| column.name.clone());
        let behind = table.into_iter().chain(ender).chain(id);
        let own = self.columns(&alias, names.chain(behind.map(Into::into)));
        if let NodeKind::Insert { values, conflict, .. } = &node.kind {
            self.beside(values.iter(), &below_slots, &mut entry);
            if let Some(conflict) = conflict {
                let rows = below.actual.map_or(0, |below| below.rows);
                self.conflict((target, &alias), conflict, &mut entry);
                self.conflicting(rows, actual, &mut entry);
            }
        }
        if let NodeKind::Update { assignments, .. } = &node.kind {
            self.beside(assignments.iter().map(|assignment| &assignment.1), &below_slots, &mut entry);
        }
        entry.inputs.push(below);
        let slots = match &node.kind {
            NodeKind::Insert { .. } => own,
            NodeKind::Merge { .. } => Vec::new(),
            _ => below_slots.into_iter().chain(own).collect(),
        };
        (entry, slots)
    }
}

/// Whether an aggregate is but a value that comes along with its group.
fn is_carried(aggregate: &crate::expression::Aggregate) -> bool {
    aggregate.function == crate::expression::DECIDED
}

/// Whether an operator keeps what it hands up anyway, so that it can be read again.
fn materializes(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Project { input, .. } => materializes(&input.kind),
        NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. }
        | NodeKind::Sort { .. } => true,
        NodeKind::Values { rows } => rows.len() <= 1,
        _ => false,
    }
}

/// What the statement calls a changed table, as its rows are read.
fn target_alias(table: u32, input: &Node) -> Option<String> {
    let mut found = match &input.kind {
        NodeKind::TableScan(scan) if scan.table == table => Some(scan.alias.to_string()),
        NodeKind::IndexScan(scan) if scan.scan.table == table => Some(scan.scan.alias.to_string()),
        NodeKind::BitmapScan(scan) if scan.scan.table == table => Some(scan.scan.alias.to_string()),
        _ => None,
    };
    input.kind.for_each_input(&mut |input| {
        if found.is_none() {
            found = target_alias(table, input);
        }
    });
    found
}

/// What the statement calls a changed table whose members are changed.
fn members_alias(target: &TargetTable, input: &Node) -> Option<String> {
    if target.members.is_empty() || target.routing.is_some() && matches!(input.kind, NodeKind::Values { .. })
    {
        return None;
    }
    let is_member = |table: u32| target.members.iter().any(|member| member.target.table == table);
    let mut found = match &input.kind {
        kind if members_of(kind).is_some() => members_of(kind).map(str::to_owned),
        NodeKind::TableScan(scan) if is_member(scan.table) => Some(scan.alias.to_string()),
        NodeKind::IndexScan(scan) if is_member(scan.scan.table) => Some(scan.scan.alias.to_string()),
        NodeKind::BitmapScan(scan) if is_member(scan.scan.table) => Some(scan.scan.alias.to_string()),
        _ => None,
    };
    input.kind.for_each_input(&mut |input| {
        if found.is_none() {
            found = members_alias(target, input);
        }
    });
    found
}

/// The changed tables that are read, as `Update on part p_1`.
fn member_titles(
    word: &str,
    (target, called): (&TargetTable, Option<&str>),
    entry: &Entry,
    titles: &mut Vec<String>,
) {
    let fact = |wanted: &str| entry.facts.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    if let (Some(name), Some(alias)) = (fact("Relation Name"), fact("Alias"))
        && target.members.iter().any(|member| member.target.name == *name)
        && alias.rsplit_once('_').is_some_and(|(whole, number)| {
            called.is_none_or(|called| called == whole) && number.parse::<u32>().is_ok()
        })
    {
        titles.push(format!("{word} on {name} {alias}"));
    }
    entry.inputs.iter().for_each(|input| member_titles(word, (target, called), input, titles));
}

/// Keys without their directions.
fn plainly(keys: &[SortKey]) -> Vec<SortKey> {
    keys.iter().map(|key| SortKey { descending: false, nulls_first: false, ..key.clone() }).collect()
}

/// A name as it stands in SQL.
pub(super) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .chars()
            .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_' || one == '$');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Conditions, in parentheses if there are several.
fn together(conditions: Vec<String>) -> String {
    if conditions.len() > 1 { format!("({})", conditions.join(" AND ")) } else { conditions.concat() }
}

/// The entry of a join: `Hash` and `Nested Loop` stand before the kind, `Join` behind it.
fn joined_entry(word: &str, node_type: &str, kind: PhysicalJoinKind) -> Entry {
    let name = match kind {
        PhysicalJoinKind::Inner => "Inner",
        PhysicalJoinKind::Left | PhysicalJoinKind::Single => "Left",
        PhysicalJoinKind::Right => "Right",
        PhysicalJoinKind::Full => "Full",
        PhysicalJoinKind::Semi => "Semi",
        PhysicalJoinKind::Anti | PhysicalJoinKind::AntiNull => "Anti",
        PhysicalJoinKind::Mark => "Mark",
        PhysicalJoinKind::RightSemi => "Right Semi",
        PhysicalJoinKind::RightAnti => "Right Anti",
    };
    let mut entry = Entry::new(node_type, Estimate::default());
    entry.title = match (kind, node_type) {
        (PhysicalJoinKind::Inner, _) => node_type.to_owned(),
        (_, _) => format!("{word} {name} Join"),
    };
    entry.facts.push(("Join Type", name.to_owned()));
    entry
}
