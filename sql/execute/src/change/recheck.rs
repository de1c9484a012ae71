//! Rows that others have changed since the statement's snapshot: READ COMMITTED looks at them again, as they are now.
//!
//! The input is run once more with the one row in the place of the table's scan; everything else is read from the view.
//! What it yields first is what the change goes on with; nothing means that the row is not meant any more.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::Compiler;
use crate::operator::{BoxedOperator, Builder, Operator, RowDecoder, StoredRows};
use crate::run::Run;
use plan::logical::ScanSource;
use plan::physical::{Node, TableScan};
use std::sync::Arc;
use types::Item;
use types::vector::Chunk;

/// Which scan is the table's: of its tree, and with row ids.
#[derive(Debug, Clone, Copy)]
pub struct Recheck {
    /// The tree.
    pub tree: u64,
}

impl Recheck {
    /// Whether a scan is the table's.
    pub fn is_of(self, scan: &TableScan) -> bool {
        let has_id = scan.columns.iter().any(|column| matches!(column.source, ScanSource::RowId));
        scan.tree == self.tree && has_id
    }
}

/// The row that is looked at again.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: i64,
    /// What it is now.
    bytes: Arc<[u8]>,
}

/// Stands for the table's scan.
pub struct RecheckScan {
    decoder: RowDecoder,
    done: bool,
}

impl RecheckScan {
    /// In the place of a scan.
    pub fn new(compiler: &Compiler<'_>, plan: &TableScan) -> ExecuteResult<RecheckScan> {
        let layout = plan.layout.clone();
        let decoder = RowDecoder::new(compiler, plan.table, layout, &plan.columns, &plan.filter)?;
        Ok(RecheckScan { decoder, done: false })
    }
}

impl Operator for RecheckScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let row = run.state.recheck.clone().ok_or_else(|| ExecuteError::lost("the row to look at again"))?;
        let mut stored = StoredRows { ids: vec![row.id], rows: vec![&row.bytes], writers: vec![0] };
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
    input: Node,
    tree: u64,
    /// The slot of the row's id among the input's columns.
    row_id: usize,
    /// Made when the first row needs it.
    operator: Option<BoxedOperator>,
}

impl Rechecker {
    /// For the input of a change.
    pub fn new(input: &Node, tree: u64, row_id: usize) -> Rechecker {
        Rechecker { input: input.clone(), tree, row_id, operator: None }
    }

    /// Lets go of what was read.
    pub fn release(&mut self) {
        self.operator = None;
    }

    /// The input's row for a row as it is now; `None` if there is none any more.
    pub fn again(&mut self, run: &mut Run<'_, '_>, id: i64, bytes: &[u8]) -> ExecuteResult<Option<Chunk>> {
        let operator = match &mut self.operator {
            Some(operator) => operator,
            none => {
                let mut builder = Builder::new(Compiler::new(run.world.context.types));
                builder.recheck = Some(Recheck { tree: self.tree });
                none.insert(builder.build(&self.input)?)
            }
        };
        let before = run.state.recheck.replace(Row { id, bytes: bytes.into() });
        let found = first_of(&mut **operator, self.row_id, id, run);
        run.state.recheck = before;
        found
    }
}

/// The first row with an id; an outer join yields others, too.
fn first_of(
    operator: &mut dyn Operator,
    row_id: usize,
    id: i64,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Option<Chunk>> {
    operator.rewind(run)?;
    while let Some(chunk) = operator.next(run)? {
        let chunk = chunk.densify()?;
        let ids = chunk.column(row_id);
        let found = (0..chunk.rows()).find(|row| matches!(ids.item(*row), Item::Int64(other) if other == id));
        if let Some(row) = found {
            return Ok(Some(chunk.slice(row, 1)));
        }
    }
    Ok(None)
}
