//! Tables of the catalog, made when they are read.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Conditions};
use crate::operator::{Late, Operator};
use crate::run::Run;
use functions::RowSource;
use plan::expression::Expression;
use types::vector::Chunk;

/// The operator.
pub struct SystemScan {
    table: u32,
    columns: Vec<u16>,
    filter: Conditions,
    source: Option<Box<dyn RowSource>>,
    done: bool,
    late: Late,
}

impl SystemScan {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        table: u32,
        columns: &[u16],
        filter: &[Expression],
        late: Late,
    ) -> ExecuteResult<SystemScan> {
        let filter = Conditions::new(compiler, filter)?;
        Ok(SystemScan { table, columns: columns.to_vec(), filter, source: None, done: false, late })
    }
}

impl Operator for SystemScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.late.check()?;
        let limit = run.chunk_rows();
        while !self.done {
            run.check()?;
            let source = match &mut self.source {
                Some(source) => source,
                none => {
                    let view = run.view()?.clone();
                    none.insert(run.world.catalog.rows(self.table, &self.columns, &view)?)
                }
            };
            let Some((columns, rows)) = next_rows(&mut **source, limit, run)? else {
                self.done = true;
                break;
            };
            let mut chunk = Chunk::new(columns, rows);
            let before = chunk.len();
            self.filter.filter_front(run, &mut chunk, &self.late)?;
            run.note_removed(before - chunk.len());
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
            self.late.check()?;
        }
        Ok(None)
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.source, self.done) = (None, false);
        self.late.forget();
        Ok(())
    }
}

/// The next rows of a source, and how many there are; never none of them.
pub fn next_rows(
    source: &mut dyn RowSource,
    limit: usize,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Option<(Vec<types::Vector>, usize)>> {
    while let Some(columns) = source.next(&mut run.world.context, limit)? {
        let rows = columns.first().map_or(0, types::Vector::len);
        if rows > 0 {
            return Ok(Some((columns, rows)));
        }
    }
    Ok(None)
}
