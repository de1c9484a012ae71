//! Plans as text: operators, slots, expected rows and costs.

use super::{List, conditions, indent};
use crate::physical::{AggregateNode, Bitmap, IndexScan, KeyRange, Node, NodeKind, Plan, TableScan};
use crate::pruning::Pruning;
use crate::row_ids::RowIds;
use std::fmt::{self, Display, Formatter};

impl Display for Plan {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for subplan in self.common_tables.iter().chain(&self.subplans) {
            writeln!(formatter, "{}{}", subplan.name, if subplan.once { " (once)" } else { "" })?;
            tree(&subplan.root, formatter, 1)?;
        }
        tree(&self.root, formatter, 0)?;
        let output = self.output.iter().map(|output| format!("${}", output.0)).collect::<Vec<_>>();
        writeln!(formatter, "output {}", List(&output))
    }
}

impl Display for Node {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        tree(self, formatter, 0)
    }
}

fn tree(node: &Node, formatter: &mut Formatter<'_>, depth: usize) -> fmt::Result {
    indent(formatter, depth)?;
    line(&node.kind, formatter)?;
    if !node.unasked.is_empty() {
        let slots = node.unasked.iter().map(|slot| format!("${slot}")).collect::<Vec<_>>();
        write!(formatter, " unasked {}", List(&slots))?;
    }
    writeln!(formatter)?;
    if let NodeKind::LookupJoin { right, .. } = &node.kind {
        indent(formatter, depth + 1)?;
        index_scan(right, formatter)?;
        writeln!(formatter)?;
    }
    let mut result = Ok(());
    node.kind.for_each_input(&mut |input| {
        if result.is_ok() {
            result = tree(input, formatter, depth + 1);
        }
    });
    result
}

fn table_scan(scan: &TableScan, formatter: &mut Formatter<'_>) -> fmt::Result {
    write!(formatter, "{} ({})", scan.alias, List(&scan.columns))?;
    if let Some(row_ids) = &scan.row_ids {
        let (word, between) = match row_ids {
            RowIds::Named(_) => ("row", " or "),
            RowIds::Between(_) => ("rows", " and "),
        };
        for (place, test) in row_ids.tests().iter().enumerate() {
            let any = if test.any { "any " } else { "" };
            let before = if place == 0 { format!(" {word} ") } else { between.to_owned() };
            write!(formatter, "{before}{:?} {any}{}", test.operator, test.value)?;
        }
    }
    conditions(formatter, "where", &scan.filter)
}

fn key_range(range: &KeyRange, formatter: &mut Formatter<'_>) -> fmt::Result {
    formatter.write_str(" {")?;
    for (place, value) in range.equal.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        match value {
            Some(value) => write!(formatter, "{comma}={value}")?,
            None => write!(formatter, "{comma}=null")?,
        }
    }
    if let Some(among) = &range.among {
        write!(formatter, " in {among}")?;
    }
    if let Some((low, included)) = &range.low {
        write!(formatter, " {}{low}", if *included { ">=" } else { ">" })?;
    }
    if let Some((high, included)) = &range.high {
        write!(formatter, " {}{high}", if *included { "<=" } else { "<" })?;
    }
    formatter.write_str(if range.nulls { "}" } else { " not null}" })
}

fn bounds(index: &IndexScan, formatter: &mut Formatter<'_>) -> fmt::Result {
    if let Some(nearest) = &index.nearest {
        write!(formatter, " nearest {}", List(&nearest.by))?;
    }
    if index.searches.is_empty() {
        return index.ranges.iter().try_for_each(|range| key_range(range, formatter));
    }
    write!(formatter, " {{{}}}", List(&index.asked))
}

fn bitmap(of: &Bitmap, formatter: &mut Formatter<'_>) -> fmt::Result {
    let (word, parts) = match of {
        Bitmap::Index(index, _) => {
            write!(formatter, " {}", index.index_name)?;
            return bounds(index, formatter);
        }
        Bitmap::And(parts, _) => (" and", parts),
        Bitmap::Or(parts, _) => (" or", parts),
    };
    write!(formatter, "{word}(")?;
    parts.iter().try_for_each(|part| bitmap(part, formatter))?;
    formatter.write_str(")")
}

fn index_scan(index: &IndexScan, formatter: &mut Formatter<'_>) -> fmt::Result {
    let only = if index.index_only.is_some() { "Only" } else { "" };
    let backward = if index.backward { " backward" } else { "" };
    write!(formatter, "Index{only}Scan{backward} {}", index.index_name)?;
    bounds(index, formatter)?;
    formatter.write_str(" on ")?;
    table_scan(&index.scan, formatter)
}

fn aggregate(name: &str, aggregate: &AggregateNode, formatter: &mut Formatter<'_>) -> fmt::Result {
    write!(formatter, "{name} by {}", List(&aggregate.keys))?;
    if aggregate.sets.len() != 1 {
        write!(formatter, " sets {:?}", aggregate.sets)?;
    }
    write!(formatter, " compute {}", List(&aggregate.aggregates))
}

fn pruned(pruning: Option<&Pruning>, formatter: &mut Formatter<'_>) -> fmt::Result {
    match pruning {
        Some(pruning) => write!(formatter, " pruned by {}", List(&pruning.values)),
        None => Ok(()),
    }
}

fn several(kind: &NodeKind, formatter: &mut Formatter<'_>) -> fmt::Result {
    match kind {
        NodeKind::Append { pruning, .. } => {
            formatter.write_str("Append")?;
            pruned(pruning.as_deref(), formatter)
        }
        NodeKind::MergeAppend { keys, pruning, .. } => {
            write!(formatter, "MergeAppend {}", List(keys))?;
            pruned(pruning.as_deref(), formatter)
        }
        NodeKind::SortedSetOperation { operator, all, keys, .. } => {
            write!(formatter, "Sorted{operator:?}{} {}", if *all { " all" } else { "" }, List(keys))
        }
        NodeKind::SetOperation { operator, all, .. } => {
            write!(formatter, "{operator:?}{}", if *all { " all" } else { "" })
        }
        _ => Ok(()),
    }
}

fn line(kind: &NodeKind, formatter: &mut Formatter<'_>) -> fmt::Result {
    match kind {
        NodeKind::Values { .. }
        | NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::BitmapScan(_)
        | NodeKind::SystemScan { .. }
        | NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. } => leaf(kind, formatter),
        NodeKind::Filter { conditions: terms, once, .. } => {
            formatter.write_str(if *once { "Filter once" } else { "Filter" })?;
            conditions(formatter, "where", terms)
        }
        NodeKind::Project { expressions, .. } => write!(formatter, "Project {}", List(expressions)),
        NodeKind::ProjectSet { calls, .. } => write!(formatter, "ProjectSet {}", List(calls)),
        NodeKind::HashAggregate(node) => aggregate("HashAggregate", node, formatter),
        NodeKind::SortedAggregate(node) => aggregate("SortedAggregate", node, formatter),
        NodeKind::Window { partition, order, functions, until, .. } => {
            write!(formatter, "Window {}", List(functions))?;
            write!(formatter, " partition {} order {}", List(partition), List(order))?;
            conditions(formatter, "until", until)
        }
        NodeKind::Sort { keys, presorted, .. } => {
            write!(formatter, "Sort {}", List(keys))?;
            if *presorted > 0 { write!(formatter, " presorted {presorted}") } else { Ok(()) }
        }
        NodeKind::TopN { keys, limit, offset, .. } => {
            write!(formatter, "TopN {} limit {limit}", List(keys))?;
            offset.iter().try_for_each(|offset| write!(formatter, " offset {offset}"))
        }
        NodeKind::Limit { limit, offset, with_ties, .. } => {
            formatter.write_str("Limit")?;
            limit.iter().try_for_each(|limit| write!(formatter, " {limit}"))?;
            offset.iter().try_for_each(|offset| write!(formatter, " offset {offset}"))?;
            formatter.write_str(if with_ties.is_empty() { "" } else { " with ties" })
        }
        NodeKind::HashDistinct { keys, .. } => write!(formatter, "HashDistinct {}", List(keys)),
        NodeKind::SortedDistinct { keys, .. } => write!(formatter, "SortedDistinct {}", List(keys)),
        NodeKind::Append { .. }
        | NodeKind::MergeAppend { .. }
        | NodeKind::SetOperation { .. }
        | NodeKind::SortedSetOperation { .. } => several(kind, formatter),
        NodeKind::Recursive { work_table, distinct, .. } => {
            write!(formatter, "Recursive {work_table}{}", if distinct.is_some() { " distinct" } else { "" })
        }
        NodeKind::Memoize { keys, .. } => {
            formatter.write_str("Memoize")?;
            keys.iter().try_for_each(|(id, ..)| write!(formatter, " outer {}", id.0))
        }
        NodeKind::LockRows { locks, .. } => {
            formatter.write_str("LockRows")?;
            locks.iter().try_for_each(|lock| write!(formatter, " ${} {:?}", lock.row_id, lock.strength))
        }
        NodeKind::HashJoin(_)
        | NodeKind::MergeJoin(_)
        | NodeKind::NestedLoopJoin { .. }
        | NodeKind::Apply { .. }
        | NodeKind::LookupJoin { .. } => join(kind, formatter),
        NodeKind::Insert { .. }
        | NodeKind::Update { .. }
        | NodeKind::Delete { .. }
        | NodeKind::Merge { .. } => change(kind, formatter),
    }
}

fn leaf(kind: &NodeKind, formatter: &mut Formatter<'_>) -> fmt::Result {
    match kind {
        NodeKind::Values { rows } => {
            formatter.write_str("Values")?;
            rows.iter().try_for_each(|row| write!(formatter, " ({})", List(row)))
        }
        NodeKind::TableScan(scan) => {
            formatter.write_str("TableScan ")?;
            table_scan(scan, formatter)
        }
        NodeKind::IndexScan(scan) => index_scan(scan, formatter),
        NodeKind::BitmapScan(scan) => {
            formatter.write_str("BitmapScan")?;
            bitmap(&scan.bitmap, formatter)?;
            formatter.write_str(" on ")?;
            table_scan(&scan.scan, formatter)
        }
        NodeKind::SystemScan { name, filter, .. } => {
            write!(formatter, "SystemScan {name}")?;
            conditions(formatter, "where", filter)
        }
        NodeKind::FunctionScan { functions, filter, .. } => {
            let calls = functions.iter().map(|function| function.call.to_string()).collect::<Vec<_>>();
            write!(formatter, "FunctionScan {}", List(&calls))?;
            conditions(formatter, "where", filter)
        }
        NodeKind::CommonTableScan { table, name, .. } => write!(formatter, "CommonTableScan {table} {name}"),
        NodeKind::WorkTableScan { table, .. } => write!(formatter, "WorkTableScan {table}"),
        NodeKind::GivenScan { name, .. } => write!(formatter, "GivenScan {name}"),
        _ => Ok(()),
    }
}

fn join(node: &NodeKind, formatter: &mut Formatter<'_>) -> fmt::Result {
    match node {
        NodeKind::HashJoin(join) => {
            write!(formatter, "HashJoin {:?}", join.kind)?;
            let pairs = join.keys.iter().zip(&join.nulls_equal).map(|((left, right, _), nulls)| {
                format!("{left} {} {right}", if *nulls { "is" } else { "=" })
            });
            conditions(formatter, "on", &pairs.collect::<Vec<_>>())?;
            conditions(formatter, "if", &join.conditions)
        }
        NodeKind::MergeJoin(join) => {
            write!(formatter, "MergeJoin {:?}", join.kind)?;
            let pairs = join.keys.iter().map(|(left, right)| format!("{left} = {right}"));
            conditions(formatter, "on", &pairs.collect::<Vec<_>>())?;
            conditions(formatter, "if", &join.conditions)
        }
        NodeKind::NestedLoopJoin { kind, conditions: terms, .. } => {
            write!(formatter, "NestedLoopJoin {kind:?}")?;
            conditions(formatter, "if", terms)
        }
        NodeKind::Apply { kind, outer, conditions: terms, .. } => {
            write!(formatter, "Apply {kind:?}")?;
            outer.iter().try_for_each(|(outer, slot)| write!(formatter, " ^{}=${slot}", outer.0))?;
            conditions(formatter, "if", terms)
        }
        NodeKind::LookupJoin { kind, conditions: terms, .. } => {
            write!(formatter, "LookupJoin {kind:?}")?;
            conditions(formatter, "if", terms)
        }
        _ => Ok(()),
    }
}

fn change(node: &NodeKind, formatter: &mut Formatter<'_>) -> fmt::Result {
    match node {
        NodeKind::Insert { target, values, conflict, .. } => {
            write!(formatter, "Insert {} ({})", target.name, List(values))?;
            formatter.write_str(if conflict.is_some() { " on conflict" } else { "" })
        }
        NodeKind::Update { target, row_id, assignments, .. } => {
            write!(formatter, "Update {} row ${row_id} set", target.name)?;
            assignments.iter().try_for_each(|(place, value)| write!(formatter, " {place}={value}"))
        }
        NodeKind::Delete { target, row_id, .. } => write!(formatter, "Delete {} row ${row_id}", target.name),
        NodeKind::Merge { target, row_id, actions, .. } => {
            write!(formatter, "Merge {} row ${row_id}, {} actions", target.name, actions.len())
        }
        _ => Ok(()),
    }
}
