//! Functions in FROM, side by side: as many rows as the longest gives.

use super::catalog::next_rows;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, SetCall};
use crate::operator::{Late, Operator};
use crate::run::{Run, kind_of};
use diagnostic::SqlState;
use functions::RowSource;
use plan::expression::Expression;
use plan::logical::TableFunction;
use types::catalog::{Column, oid};
use types::record::RecordView;
use types::vector::{Chunk, VectorBuilder};
use types::{Item, Kind, Value, Vector};

/// One of the functions.
struct Part {
    call: SetCall,
    kinds: Vec<Kind>,
    expand: bool,
    /// Where in a record the columns are: those dropped have their places there too.
    places: Vec<usize>,
    /// Of which types the query says a record's columns to be, and their names.
    wanted: Option<Vec<(u32, String)>>,
    source: Option<Box<dyn RowSource>>,
    /// Rows that came and were not handed up yet.
    left: Option<Vec<Vector>>,
}

/// The operator.
pub struct FunctionScan {
    parts: Vec<Part>,
    ordinality: bool,
    filter: Conditions,
    /// How many rows were handed up; `None` before the first.
    given: Option<i64>,
    done: bool,
    late: Late,
}

impl FunctionScan {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        functions: &[TableFunction],
        ordinality: bool,
        filter: &[Expression],
        late: Late,
    ) -> ExecuteResult<FunctionScan> {
        let parts: ExecuteResult<Vec<Part>> = functions
            .iter()
            .map(|function| {
                let kinds: ExecuteResult<Vec<Kind>> =
                    function.types.iter().map(|of| kind_of(compiler.types(), *of)).collect();
                Ok(Part {
                    call: call(compiler, function)?,
                    kinds: kinds?,
                    expand: function.expand,
                    places: places(compiler, function),
                    wanted: wanted(compiler, function),
                    source: None,
                    left: None,
                })
            })
            .collect();
        let filter = Conditions::new(compiler, filter)?;
        Ok(FunctionScan { parts: parts?, ordinality, filter, given: None, done: false, late })
    }

    fn next_columns(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<(Vec<Vector>, usize)>> {
        let limit = run.chunk_rows();
        let mut rows = 0;
        for part in &mut self.parts {
            part.fill(limit, run)?;
            rows = rows.max(part.left.as_ref().and_then(|left| left.first()).map_or(0, Vector::len));
        }
        if rows == 0 {
            return Ok(None);
        }
        let mut columns = Vec::new();
        for part in &mut self.parts {
            columns.extend(part.take(rows)?);
        }
        Ok(Some((columns, rows)))
    }
}

impl Part {
    /// Sees to it that there are rows, as long as the function has some.
    fn fill(&mut self, limit: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if self.left.is_some() {
            return Ok(());
        }
        let Some(source) = &mut self.source else { return Ok(()) };
        match next_rows(&mut **source, limit, run)? {
            Some((columns, _)) if self.expand && self.call.gives_records() => {
                self.left = Some(expand(&columns[0], self)?);
            }
            Some((columns, _)) => self.left = Some(columns),
            None => self.source = None,
        }
        Ok(())
    }

    /// `rows` rows, nulls where the function has no more.
    fn take(&mut self, rows: usize) -> ExecuteResult<Vec<Vector>> {
        let Some(left) = self.left.take() else {
            return crate::operator::rows::nulls(&self.kinds, rows);
        };
        let here = left.first().map_or(0, Vector::len);
        if here > rows {
            self.left = Some(left.iter().map(|column| column.slice(rows, here - rows)).collect());
        }
        let mut columns = Vec::with_capacity(left.len());
        for (column, kind) in left.iter().zip(&self.kinds) {
            let column = column.slice(0, rows);
            columns.push(if here < rows {
                let nulls = Vector::constant(*kind, &Value::Null, rows - here)?;
                Vector::concat(*kind, &[&column, &nulls])?
            } else {
                column
            });
        }
        Ok(columns)
    }
}

/// Of a function that returns `record` the query says the columns.
fn call(compiler: &Compiler<'_>, function: &TableFunction) -> ExecuteResult<SetCall> {
    if function.call.result.oid != oid::RECORD {
        return SetCall::new(compiler, &function.call);
    }
    let columns = function.names.iter().zip(&function.types).map(|(name, of)| Column {
        name: name.to_string(),
        column_type: *of,
        dropped: false,
    });
    SetCall::with_columns(compiler, &function.call, columns.collect())
}

fn places(compiler: &Compiler<'_>, function: &TableFunction) -> Vec<usize> {
    let result = compiler.types().undomained(function.call.result);
    match compiler.types().columns(result.oid) {
        Some(columns) => (0..columns.len()).filter(|place| !columns[*place].dropped).collect(),
        None => (0..function.types.len()).collect(),
    }
}

/// The columns that a query says of a record.
fn wanted(compiler: &Compiler<'_>, function: &TableFunction) -> Option<Vec<(u32, String)>> {
    let types = compiler.types();
    let named = |of: &types::Type| (of.oid, types::catalog::type_name(types, of.oid, None));
    (function.call.result.oid == oid::RECORD).then(|| function.types.iter().map(named).collect())
}

/// The fields of rows as columns.
fn expand(rows: &Vector, part: &Part) -> ExecuteResult<Vec<Vector>> {
    let mut builders: Vec<VectorBuilder> =
        part.kinds.iter().map(|kind| VectorBuilder::new(*kind, rows.len())).collect();
    for row in 0..rows.len() {
        let record = match rows.item(row) {
            Item::Bytes(bytes) => RecordView::new(bytes),
            _ => None,
        };
        if let (Some(record), Some(wanted)) = (&record, &part.wanted) {
            same_columns(record, wanted)?;
        }
        for (place, builder) in part.places.iter().zip(&mut builders) {
            let item = record.map_or(Item::Null, |record| record.item(*place));
            if item.kind().is_none_or(|kind| kind == builder.kind()) {
                builder.push(&item.to_value())?;
            } else {
                builder.push_null();
            }
        }
    }
    Ok(builders.into_iter().map(VectorBuilder::finish).collect())
}

/// Refuses a record of other columns than the query says.
fn same_columns(record: &RecordView<'_>, wanted: &[(u32, String)]) -> ExecuteResult<()> {
    let given = record.items().count();
    let detail = if given != wanted.len() {
        let plural = if given == 1 { "" } else { "s" };
        format!("Returned row contains {given} attribute{plural}, but query expects {}.", wanted.len())
    } else {
        let other = wanted.iter().enumerate().find_map(|(place, (of, name))| {
            let found = record.column_type(place).filter(|found| found != of && *found != 0)?;
            let found = types::catalog::type_name(&types::catalog::BuiltinTypes, found, None);
            let number = place + 1;
            Some(format!("Returned type {found} at ordinal position {number}, but query expects {name}."))
        });
        match other {
            Some(detail) => detail,
            None => return Ok(()),
        }
    };
    Err(ExecuteError::Plain {
        state: SqlState::DatatypeMismatch,
        message: "function return row and query-specified return row do not match".to_owned(),
        detail: Some(detail),
        hint: None,
    })
}

impl Operator for FunctionScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.late.check()?;
        if self.given.is_none() {
            for part in &mut self.parts {
                part.source = Some(part.call.start(run, &[], 0)?);
            }
            self.given = Some(0);
        }
        while !self.done {
            run.check()?;
            let Some((mut columns, rows)) = self.next_columns(run)? else {
                // A part may have more rows although this round had none of it.
                self.done = self.parts.iter().all(|part| part.source.is_none());
                continue;
            };
            let before = self.given.unwrap_or(0);
            self.given = Some(before + rows as i64);
            if self.ordinality {
                columns.push(Vector::from_values::<i64>((before + 1..=before + rows as i64).collect()));
            }
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
        (self.given, self.done) = (None, false);
        self.late.forget();
        self.parts.iter_mut().for_each(|part| (part.source, part.left) = (None, None));
        Ok(())
    }
}
