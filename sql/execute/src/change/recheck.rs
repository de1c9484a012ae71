//! Rows that others have changed since the statement's snapshot: READ COMMITTED looks at them again, as they are now.
//!
//! The input is run once more with the rows that it was made of in the places of their tables' scans, those that have changed as
//! they are now (PostgreSQL's `EvalPlanQual`). Everything else is read as the statement sees it. What the input yields then is
//! what the change goes on with; nothing means that the row is not meant any more.

use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::operator::{BoxedOperator, Builder, Operator, RowDecoder, StoredRows};
use crate::run::Run;
use plan::expression::RelationId;
use plan::physical::{Node, PinnedScan, TableScan};
use std::sync::Arc;
use store::TreeId;
use types::Item;
use types::vector::Chunk;

/// The rows that stand in the places of scans.
pub type Standing = Arc<[(RelationId, Option<Row>)]>;

/// The row that stands in the place of a scan.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: i64,
    /// Its table, if the scan reads several.
    table: Option<u32>,
    /// What it is now, if others have changed it.
    changed: Option<Arc<[u8]>>,
}

impl Row {
    /// Whether it is read as it is now.
    pub fn is_changed(&self) -> bool {
        self.changed.is_some()
    }
}

impl Run<'_, '_> {
    /// The row that stands in the place of a scan of a table, while rows are looked at again.
    pub fn standing(&self, relation: RelationId, table: u32) -> Option<&Row> {
        let all = self.state.recheck.as_ref()?;
        let (_, row) = all.iter().find(|(of, _)| *of == relation)?;
        row.as_ref().filter(|row| row.table.is_none_or(|of| of == table))
    }
}

/// Stands for the table's scan.
pub struct RecheckScan {
    relation: RelationId,
    table: u32,
    tree: u64,
    decoder: RowDecoder,
    done: bool,
}

impl RecheckScan {
    /// In the place of a scan.
    pub fn new(compiler: &Compiler<'_>, plan: &TableScan) -> ExecuteResult<RecheckScan> {
        let layout = plan.layout.clone();
        let decoder = RowDecoder::new(compiler, plan.table, layout, &plan.columns, &plan.filter)?;
        let (relation, table, tree) = (plan.relation, plan.table, plan.tree);
        Ok(RecheckScan { relation, table, tree, decoder, done: false })
    }
}

impl Operator for RecheckScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let Some(Row { id, changed, .. }) = run.standing(self.relation, self.table).cloned() else {
            return Ok(None);
        };
        let (bytes, writer): (Arc<[u8]>, i32) = match changed {
            Some(bytes) => (bytes, 0),
            None => {
                let read = |writer, bytes: &[u8]| (bytes.into(), writer);
                let row = run.view()?.tree(TreeId(self.tree))?.get_row_with(&id.to_be_bytes(), read)?;
                let Some((bytes, writer)) = row else { return Ok(None) };
                // Of the number the lower half is shown.
                (bytes, writer.map_or(0, |writer: store::TransactionId| writer.0 as i32))
            }
        };
        let mut stored = StoredRows { ids: vec![id], rows: vec![&bytes], writers: vec![writer] };
        let (chunk, _) = self.decoder.decode(run, &mut stored)?;
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.done = false;
        Ok(())
    }
}

/// Looks at rows again.
pub struct Rechecker {
    input: Arc<Node>,
    scans: Arc<[PinnedScan]>,
    /// Made when the first row needs it.
    operator: Option<BoxedOperator>,
}

impl Rechecker {
    /// For the input of a change, whose rows are made of those of `scans`.
    pub fn new(input: &Node, scans: &[PinnedScan]) -> Rechecker {
        Rechecker { input: Arc::new(input.clone()), scans: scans.into(), operator: None }
    }

    /// Lets go of what was read.
    pub fn release(&mut self) {
        self.operator = None;
    }

    /// The input's row for row `row` of `rows` with what others have made of some of the rows that it is made of: the slots of
    /// their ids, and what they are now. `None` if there is none any more.
    pub fn again(
        &mut self,
        run: &mut Run<'_, '_>,
        (rows, row): (&Chunk, usize),
        changed: &[(usize, Vec<u8>)],
    ) -> ExecuteResult<Option<Chunk>> {
        let standing = self.scans.iter().map(|scan| (scan.relation, standing(scan, rows, row, changed)));
        let standing = standing.collect();
        // An outer join yields rows that others are made of, too.
        self.first(run, standing, |chunk, other| {
            let same = |slot: usize| chunk.column(slot).value(other) == rows.column(slot).value(row);
            changed.iter().all(|(slot, _)| same(*slot))
        })
    }

    /// Whether an input that reads one table has a row yet that others have changed.
    pub fn still_has(&mut self, run: &mut Run<'_, '_>, id: i64, bytes: &[u8]) -> ExecuteResult<bool> {
        let row = Row { id, table: None, changed: Some(bytes.into()) };
        let standing = self.scans.iter().map(|scan| (scan.relation, Some(row.clone()))).collect();
        Ok(self.first(run, standing, |_, _| true)?.is_some())
    }

    /// The first row of the input that is meant, with rows in the places of scans.
    fn first(
        &mut self,
        run: &mut Run<'_, '_>,
        standing: Standing,
        is_meant: impl Fn(&Chunk, usize) -> bool,
    ) -> ExecuteResult<Option<Chunk>> {
        let operator = match &mut self.operator {
            Some(operator) => operator,
            none => {
                let mut builder = Builder::new(Compiler::new(run.world.context.types));
                builder.recheck = Some(&self.scans);
                none.insert(builder.build(&self.input)?)
            }
        };
        let before = run.state.recheck.replace(standing);
        let found = first_of(&mut **operator, run, is_meant);
        run.state.recheck = before;
        found
    }
}

/// The row of a scan that a row of the input was made of; none if an outer join has filled it up with nulls.
fn standing(scan: &PinnedScan, rows: &Chunk, row: usize, changed: &[(usize, Vec<u8>)]) -> Option<Row> {
    let slot = scan.row_id as usize;
    let Item::Int64(id) = rows.column(slot).item(row) else { return None };
    let table = match scan.table_oid.map(|slot| rows.column(slot as usize).item(row)) {
        Some(Item::Int32(number)) => Some(number.cast_unsigned()),
        Some(_) | None => None,
    };
    let changed = changed.iter().find(|(of, _)| *of == slot).map(|(_, bytes)| Arc::from(&bytes[..]));
    Some(Row { id, table, changed })
}

fn first_of(
    operator: &mut dyn Operator,
    run: &mut Run<'_, '_>,
    is_meant: impl Fn(&Chunk, usize) -> bool,
) -> ExecuteResult<Option<Chunk>> {
    operator.rewind(run)?;
    while let Some(chunk) = operator.next(run)? {
        let chunk = chunk.densify()?;
        if let Some(found) = (0..chunk.rows()).find(|row| is_meant(&chunk, *row)) {
            return Ok(Some(chunk.slice(found, 1)));
        }
    }
    Ok(None)
}
