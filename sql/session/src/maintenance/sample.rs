//! What ANALYZE looks at: some rows of a table, or of the partitions that hold its rows.

use catalog::object::Table;
use catalog::{Oid, Scope};
use execute::{ExecuteResult, World};
use std::sync::Arc;
use store::{Bounds, TreeId};
use types::vector::VectorBuilder;
use types::{Kind, Types, Vector};

/// Rows of a table that were looked at.
pub(crate) struct Sample {
    /// How many rows the table has.
    pub rows: u64,
    /// The places of its columns.
    pub places: Vec<u16>,
    /// The values of each.
    pub values: Vec<Vector>,
    /// The tables whose rows they are, if there are others than the one itself.
    pub parts: Vec<Part>,
}

/// A table's name, its pages and rows, and how many of these were looked at.
pub(crate) type Part = (String, u64, u64, usize);

/// So many rows of a table, with those of what inherits from it or its own alone.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn sample(
    world: &mut World<'_>,
    scope: &Scope,
    table: &Arc<Table>,
    inherited: bool,
    wanted: usize,
) -> ExecuteResult<Sample> {
    if inherited {
        return sample_parts(world, scope, table, wanted);
    }
    let target = world.catalog.target(table.oid)?;
    let (rows, values) = execute::sample_rows(world, &target, wanted)?;
    Ok(Sample {
        parts: Vec::new(),
        rows,
        places: target.columns.iter().map(|column| column.number - 1).collect(),
        values,
    })
}

/// Of each table below another, and of itself, as large a part of the sample as it has of the rows.
fn sample_parts(
    world: &mut World<'_>,
    scope: &Scope,
    table: &Arc<Table>,
    wanted: usize,
) -> ExecuteResult<Sample> {
    let kind = |of| scope.entry(scope.undomained(of).oid).and_then(|entry| entry.kind);
    let (mut columns, mut places) = (Vec::new(), Vec::new());
    for (place, column) in table.live_columns() {
        places.push(u16::try_from(place).unwrap_or(u16::MAX));
        let kind = kind(column.column_type()).unwrap_or(Kind::Bytes);
        columns.push((column.name.as_str(), VectorBuilder::new(kind, 0)));
    }
    let (mut parts, mut told, mut rows) = (Vec::new(), Vec::new(), 0);
    let all = std::iter::once(table.clone()).chain(parts_of(scope, table.oid));
    for part in all.filter(|part| !part.is_partitioned() && !part.is_foreign()) {
        let own = world.transaction.view()?.tree(TreeId(part.tree))?.estimate(&Bounds::all())?;
        rows += own;
        parts.push((part, own));
    }
    for (part, own) in parts.into_iter().filter(|(_, own)| *own > 0) {
        let share = (wanted as u128 * u128::from(own)).div_ceil(u128::from(rows.max(1)));
        let target = world.catalog.target(part.oid)?;
        let pages = define::size_of(&part, own).pages;
        told.push((
            part.name.clone(),
            pages,
            own,
            usize::try_from(share.min(u128::from(own))).unwrap_or(wanted),
        ));
        let (_, values) = execute::sample_rows(world, &target, usize::try_from(share).unwrap_or(wanted))?;
        for (name, builder) in &mut columns {
            let number = part.column(name).map(|(place, _)| place + 1);
            let at = target.columns.iter().position(|column| Some(usize::from(column.number)) == number);
            if let Some(values) = at.and_then(|at| values.get(at)) {
                builder.append(values).map_err(functions::FunctionError::from)?;
            }
        }
    }
    Ok(Sample {
        parts: told,
        rows,
        places,
        values: columns.into_iter().map(|(_, builder)| builder.finish()).collect(),
    })
}

/// All tables that inherit from a table, its partitions if it has such, at any depth: each before its own.
pub(crate) fn parts_of(scope: &Scope, table: Oid) -> Vec<Arc<Table>> {
    let mut all: Vec<Arc<Table>> = scope.attached_to(table).cloned().collect();
    let mut next = 0;
    while let Some(part) = all.get(next).map(|part| part.oid) {
        for child in scope.attached_to(part) {
            // Two that inherit from one another's parents have a child in common.
            if !all.iter().any(|known| known.oid == child.oid) {
                all.push(child.clone());
            }
        }
        next += 1;
    }
    all
}
