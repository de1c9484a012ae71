//! Set-returning functions in the select list, run in step: a row of the input becomes as many as the longest call
//! gives, nulls standing for what the shorter ones lack.

use crate::error::ExecuteResult;
use crate::evaluate::SetCall;
use crate::operator::late::Late;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use functions::RowSource;
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Vector};

/// The operator.
pub struct ProjectSet {
    input: BoxedOperator,
    calls: Vec<SetCall>,
    kinds: Vec<Kind>,
    /// The input's rows that are being worked on, and the next of them.
    rows: Option<(Chunk, u32)>,
    /// How many chunks of the input came so far.
    chunks: u64,
    /// What the calls give for the present row.
    sources: Vec<Source>,
    late: Late,
}

/// One call's rows.
struct Source {
    rows: Option<Box<dyn RowSource>>,
    left: Option<(Vector, usize)>,
}

impl Source {
    /// Whether there is another row.
    fn has_more(&mut self, limit: usize, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        loop {
            if self.left.as_ref().is_some_and(|(vector, given)| *given < vector.len()) {
                return Ok(true);
            }
            self.left = None;
            let Some(rows) = &mut self.rows else { return Ok(false) };
            match rows.next(&mut run.world.context, limit)? {
                Some(mut columns) if !columns.is_empty() => self.left = Some((columns.swap_remove(0), 0)),
                Some(_) | None => self.rows = None,
            }
        }
    }

    fn push(&mut self, builder: &mut VectorBuilder) -> ExecuteResult<()> {
        match &mut self.left {
            Some((vector, given)) => {
                builder.push_from(vector, *given)?;
                *given += 1;
            }
            None => builder.push_null(),
        }
        Ok(())
    }
}

impl ProjectSet {
    /// These calls; `kinds` are those of their values.
    pub fn new(input: BoxedOperator, calls: Vec<SetCall>, kinds: Vec<Kind>, late: Late) -> ProjectSet {
        ProjectSet { input, calls, kinds, rows: None, chunks: 0, sources: Vec::new(), late }
    }

    /// Sees to it that there is a row with something left; `false` at the end.
    fn advance(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let limit = run.chunk_rows();
        loop {
            let mut more = false;
            for source in &mut self.sources {
                more |= source.has_more(limit, run)?;
            }
            if more {
                return Ok(true);
            }
            self.sources.clear();
            match &mut self.rows {
                Some((chunk, next)) if (*next as usize) < chunk.rows() => {
                    for call in &self.calls {
                        let rows = call.start(run, chunk.columns(), *next)?;
                        self.sources.push(Source { rows: Some(rows), left: None });
                    }
                    *next += 1;
                }
                _ => match self.input.next(run)? {
                    Some(chunk) => {
                        self.rows = Some((chunk.densify()?, 0));
                        self.chunks += 1;
                    }
                    None => {
                        self.rows = None;
                        return Ok(false);
                    }
                },
            }
        }
    }
}

impl Operator for ProjectSet {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        self.late.check()?;
        let limit = run.chunk_rows();
        let mut builders: Vec<VectorBuilder> =
            self.kinds.iter().map(|kind| VectorBuilder::new(*kind, limit.min(1024))).collect();
        let mut parts: Vec<(u64, Chunk, Vec<u32>)> = Vec::new();
        let mut rows = 0;
        while rows < limit {
            match self.advance(run) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if rows > 0 => {
                    self.late.hold(error)?;
                    break;
                }
                Err(error) => return Err(error),
            }
            let Some((chunk, next)) = &self.rows else { break };
            for (source, builder) in self.sources.iter_mut().zip(&mut builders) {
                source.push(builder)?;
            }
            match parts.last_mut() {
                Some((number, _, places)) if *number == self.chunks => places.push(*next - 1),
                _ => parts.push((self.chunks, chunk.clone(), vec![*next - 1])),
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let mut gathered = Vec::with_capacity(parts.len());
        for (_, chunk, places) in parts {
            gathered.push(super::rows::gather(&chunk, &places)?);
        }
        let kinds: Vec<Kind> = gathered
            .first()
            .map(|first| first.columns().iter().map(Vector::kind).collect())
            .unwrap_or_default();
        let input = super::rows::join(&kinds, gathered)?;
        let mut columns = input.into_columns();
        columns.extend(builders.into_iter().map(VectorBuilder::finish));
        Ok(Some(Chunk::new(columns, rows)))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.rows = None;
        self.sources.clear();
        self.late.forget();
        self.input.rewind(run)
    }
}
