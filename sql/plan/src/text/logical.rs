//! Logical operators as text.

use super::{List, conditions, indent};
use crate::expression::RelationId;
use crate::logical::{Logical, MergeWhat, Query, ScanColumn, ScanSource};
use std::fmt::{self, Display, Formatter};

impl Display for RelationId {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

impl Display for ScanColumn {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.source {
            ScanSource::Column { name, .. } => formatter.write_str(name),
            ScanSource::RowId => formatter.write_str("ctid"),
            ScanSource::Writer => formatter.write_str("xmin"),
            ScanSource::TableOid => formatter.write_str("tableoid"),
            ScanSource::WholeRow(_) => formatter.write_str("*"),
        }
    }
}

impl Display for Query {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (number, table) in self.common_tables.iter().enumerate() {
            writeln!(formatter, "with {number} {} ({})", table.name, List(&table.columns))?;
            tree(&table.query, formatter, 1)?;
        }
        tree(&self.root, formatter, 0)?;
        let output = self.output.iter().map(|output| output.column).collect::<Vec<_>>();
        writeln!(formatter, "output {}", List(&output))
    }
}

impl Display for Logical {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        tree(self, formatter, 0)
    }
}

fn tree(logical: &Logical, formatter: &mut Formatter<'_>, depth: usize) -> fmt::Result {
    indent(formatter, depth)?;
    line(logical, formatter)?;
    writeln!(formatter)?;
    let mut result = Ok(());
    logical.for_each_input(&mut |input| {
        if result.is_ok() {
            result = tree(input, formatter, depth + 1);
        }
    });
    result
}

fn line(logical: &Logical, formatter: &mut Formatter<'_>) -> fmt::Result {
    match logical {
        Logical::Values { .. }
        | Logical::Empty { .. }
        | Logical::Scan(_)
        | Logical::SystemScan { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. }
        | Logical::WorkTable { .. }
        | Logical::Given { .. } => leaf(logical, formatter),
        Logical::Filter { conditions: terms, .. } => {
            formatter.write_str("Filter")?;
            conditions(formatter, "where", terms)
        }
        Logical::Project { relation, expressions, .. } => {
            write!(formatter, "Project {relation} {}", List(expressions))
        }
        Logical::ProjectSet { relation, calls, .. } => {
            write!(formatter, "ProjectSet {relation} {}", List(calls))
        }
        Logical::Join(join) => {
            write!(formatter, "Join {:?}{}", join.kind, if join.lateral { " lateral" } else { "" })?;
            conditions(formatter, "on", &join.conditions)
        }
        Logical::Aggregate(grouping) => {
            write!(formatter, "Aggregate {} by {}", grouping.relation, List(&grouping.keys))?;
            if grouping.sets.len() != 1 {
                write!(formatter, " sets {:?}", grouping.sets)?;
            }
            write!(formatter, " compute {}", List(&grouping.aggregates))
        }
        Logical::Window(window) => {
            write!(formatter, "Window {} {}", window.relation, List(&window.functions))?;
            write!(formatter, " partition {} order {}", List(&window.partition), List(&window.order))
        }
        Logical::Sort { keys, .. } => write!(formatter, "Sort {}", List(keys)),
        Logical::Limit { limit, offset, with_ties, .. } => {
            formatter.write_str("Limit")?;
            limit.iter().try_for_each(|limit| write!(formatter, " {limit}"))?;
            offset.iter().try_for_each(|offset| write!(formatter, " offset {offset}"))?;
            formatter.write_str(if with_ties.is_empty() { "" } else { " with ties" })
        }
        Logical::Distinct { keys, on, .. } => {
            write!(formatter, "Distinct{} {}", if *on { " on" } else { "" }, List(keys))
        }
        Logical::Set(operation) => {
            let all = if operation.all { " all" } else { "" };
            write!(formatter, "{:?}{all} {}", operation.operator, operation.relation)?;
            operation.inputs.iter().try_for_each(|input| write!(formatter, " ({})", List(&input.1)))
        }
        Logical::Recursive(recursive) => {
            write!(formatter, "Recursive {} {}", recursive.relation, recursive.work_table.0)?;
            formatter.write_str(if recursive.distinct { " distinct" } else { "" })
        }
        Logical::LockRows { locks, .. } => {
            formatter.write_str("LockRows")?;
            locks.iter().try_for_each(|lock| write!(formatter, " {} {:?}", lock.row_id, lock.strength))
        }
        Logical::Insert(_) | Logical::Update(_) | Logical::Delete(_) | Logical::Merge(_) => {
            change(logical, formatter)
        }
    }
}

fn leaf(logical: &Logical, formatter: &mut Formatter<'_>) -> fmt::Result {
    match logical {
        Logical::Values { relation, rows, .. } => {
            write!(formatter, "Values {relation}")?;
            rows.iter().try_for_each(|row| write!(formatter, " ({})", List(row)))
        }
        Logical::Empty { relation, .. } => write!(formatter, "Empty {relation}"),
        Logical::Scan(scan) => {
            write!(formatter, "Scan {} {} ({})", scan.relation, scan.alias, List(&scan.columns))?;
            scan.guards.iter().try_for_each(|guard| write!(formatter, " guard {guard}"))
        }
        Logical::SystemScan { relation, name, .. } => write!(formatter, "SystemScan {relation} {name}"),
        Logical::Functions { relation, functions, ordinality } => {
            let calls = functions.iter().map(|function| function.call.to_string()).collect::<Vec<_>>();
            write!(formatter, "Functions {relation} {}", List(&calls))?;
            formatter.write_str(if *ordinality { " with ordinality" } else { "" })
        }
        Logical::CommonTable { relation, table, .. } => {
            write!(formatter, "CommonTable {relation} {}", table.0)
        }
        Logical::WorkTable { relation, table, .. } => write!(formatter, "WorkTable {relation} {}", table.0),
        Logical::Given { relation, name, .. } => write!(formatter, "Given {relation} {name}"),
        _ => Ok(()),
    }
}

fn change(logical: &Logical, formatter: &mut Formatter<'_>) -> fmt::Result {
    let assignment =
        |assignment: &(u32, crate::expression::Expression)| format!("{}={}", assignment.0, assignment.1);
    match logical {
        Logical::Insert(insert) => {
            write!(
                formatter,
                "Insert {} {} ({})",
                insert.relation,
                insert.target.name,
                List(&insert.values)
            )?;
            formatter.write_str(if insert.conflict.is_some() { " on conflict" } else { "" })
        }
        Logical::Update(update) => {
            let set = update.assignments.iter().map(assignment).collect::<Vec<_>>();
            write!(formatter, "Update {} {} set {}", update.relation, update.target.name, List(&set))
        }
        Logical::Delete(delete) => write!(formatter, "Delete {} {}", delete.relation, delete.target.name),
        Logical::Merge(merge) => {
            write!(formatter, "Merge {}", merge.target.name)?;
            merge.actions.iter().try_for_each(|action| {
                let word = match action.what {
                    MergeWhat::Nothing => "nothing",
                    MergeWhat::Delete => "delete",
                    MergeWhat::Update(_) => "update",
                    MergeWhat::Insert(_) => "insert",
                };
                write!(formatter, " {}{word}", if action.matched { "" } else { "not matched " })
            })
        }
        _ => Ok(()),
    }
}
