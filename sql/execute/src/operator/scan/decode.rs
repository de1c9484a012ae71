//! From rows on pages to chunks: the columns of the filter first, the others only for the rows that it keeps.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions};
use crate::run::{Run, kind_of};
use plan::expression::Expression;
use plan::logical::{ScanColumn, ScanSource};
use std::sync::Arc;
use types::row::{RowLayout, RowView, decode_column};
use types::vector::{Chunk, VectorBuilder};
use types::{Item, Kind, Value, Vector};

/// What becomes a column.
enum Source {
    Stored {
        column: usize,
        missing: Value,
    },
    RowId,
    Writer,
    TableOid,
    /// For each field its type, its kind and its stored column.
    WholeRow(Vec<(u32, Kind, Option<usize>)>),
}

/// Makes chunks of a table's rows.
pub struct RowDecoder {
    layout: Arc<RowLayout>,
    table: u32,
    sources: Vec<(Source, Kind)>,
    filter: Conditions,
    /// Whether the filter reads a column.
    filtered: Vec<bool>,
    needs_writer: bool,
    needs_ids: bool,
}

/// Rows as they are stored.
#[derive(Default)]
pub struct StoredRows<'b> {
    /// Their ids; empty where nobody asks.
    pub ids: Vec<i64>,
    /// Their bytes.
    pub rows: Vec<&'b [u8]>,
    /// Who wrote them; empty where nobody asks.
    pub writers: Vec<i32>,
}

impl RowDecoder {
    /// Of these columns.
    pub fn new(
        compiler: &Compiler<'_>,
        table: u32,
        layout: Arc<RowLayout>,
        columns: &[ScanColumn],
        filter: &[Expression],
    ) -> ExecuteResult<RowDecoder> {
        let mut sources = Vec::with_capacity(columns.len());
        for column in columns {
            let kind = kind_of(compiler.types(), column.column_type)?;
            let source = match &column.source {
                ScanSource::Column { number, missing, .. } => {
                    let place = usize::from(*number).checked_sub(1);
                    let place = place.filter(|place| *place < layout.columns().len());
                    let place = place.ok_or_else(|| ExecuteError::plan("a column that no row has"))?;
                    Source::Stored { column: place, missing: missing.clone() }
                }
                ScanSource::RowId => Source::RowId,
                ScanSource::Writer => Source::Writer,
                ScanSource::TableOid => Source::TableOid,
                ScanSource::WholeRow | ScanSource::ParentRow(_) => {
                    let of = compiler.types().undomained(column.column_type);
                    let fields = compiler.types().columns(of.oid);
                    let fields = fields.ok_or_else(|| ExecuteError::plan("a row of no row type"))?;
                    let fields: ExecuteResult<Vec<_>> = fields
                        .iter()
                        .enumerate()
                        .map(|(place, field)| {
                            let stored = match &column.source {
                                ScanSource::ParentRow(places) => {
                                    places.get(place).copied().flatten().map(usize::from)
                                }
                                _ => Some(place),
                            };
                            let stored = stored.filter(|stored| *stored < layout.columns().len());
                            Ok((field.column_type.oid, kind_of(compiler.types(), field.column_type)?, stored))
                        })
                        .collect();
                    Source::WholeRow(fields?)
                }
            };
            sources.push((source, kind));
        }
        let filter = Conditions::new(compiler, filter)?;
        let mut filtered = vec![false; sources.len()];
        for slot in filter.slots() {
            if let Some(filtered) = filtered.get_mut(slot as usize) {
                *filtered = true;
            }
        }
        let needs_writer = sources.iter().any(|(source, _)| matches!(source, Source::Writer));
        let needs_ids = sources.iter().any(|(source, _)| matches!(source, Source::RowId));
        Ok(RowDecoder { layout, table, sources, filter, filtered, needs_writer, needs_ids })
    }

    /// Whether [`StoredRows::writers`] must be filled.
    pub fn needs_writer(&self) -> bool {
        self.needs_writer
    }

    /// Whether there is nothing to be read of rows: no columns, no filter.
    pub fn reads_nothing(&self) -> bool {
        self.sources.is_empty() && self.filter.is_empty()
    }

    /// Whether [`StoredRows::ids`] must be filled.
    pub fn needs_ids(&self) -> bool {
        self.needs_ids
    }

    /// The rows that pass the filter, and their places among those given.
    pub fn decode(
        &self,
        run: &mut Run<'_, '_>,
        stored: &StoredRows<'_>,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let rows = stored.rows.len();
        if self.filter.is_empty() {
            let columns: ExecuteResult<Vec<Vector>> =
                (0..self.sources.len()).map(|slot| self.column(slot, stored, None)).collect();
            return Ok((Chunk::new(columns?, rows), None));
        }
        let mut columns = Vec::with_capacity(self.sources.len());
        for (slot, (_, kind)) in self.sources.iter().enumerate() {
            columns.push(if self.filtered[slot] {
                self.column(slot, stored, None)?
            } else {
                Vector::constant(*kind, &Value::Null, rows)?
            });
        }
        let chosen = self.filter.select(run, &columns, rows)?;
        let all = chosen.len() == rows;
        run.note_removed(rows - chosen.len());
        for (slot, column) in columns.iter_mut().enumerate() {
            *column = match (self.filtered[slot], all) {
                (true, true) => continue,
                (true, false) => column.gather(&chosen)?,
                (false, true) => self.column(slot, stored, None)?,
                (false, false) => self.column(slot, stored, Some(&chosen))?,
            };
        }
        let chunk = Chunk::new(columns, chosen.len());
        Ok((chunk, (!all).then_some(chosen)))
    }

    /// A column of all rows, or of those that are chosen.
    fn column(&self, slot: usize, stored: &StoredRows<'_>, chosen: Option<&[u32]>) -> ExecuteResult<Vector> {
        let (source, _) = &self.sources[slot];
        let count = chosen.map_or(stored.rows.len(), <[u32]>::len);
        let place = |index: usize| chosen.map_or(index, |chosen| chosen[index] as usize);
        Ok(match source {
            Source::Stored { column, missing } => match chosen {
                None => decode_column(&self.layout, *column, stored.rows.iter().copied(), missing)?,
                Some(chosen) => {
                    let rows = chosen.iter().map(|row| stored.rows[*row as usize]);
                    decode_column(&self.layout, *column, rows, missing)?
                }
            },
            Source::RowId => {
                Vector::from_values::<i64>((0..count).map(|index| stored.ids[place(index)]).collect())
            }
            Source::Writer => {
                Vector::from_values::<i32>((0..count).map(|index| stored.writers[place(index)]).collect())
            }
            Source::TableOid => {
                let number = Value::Int32(self.table.cast_signed());
                Vector::constant(Kind::Int32, &number, count)?
            }
            Source::WholeRow(fields) => self.whole(fields, count, |index| stored.rows[place(index)])?,
        })
    }

    /// Rows as values of the table's row type.
    fn whole<'b>(
        &self,
        fields: &[(u32, Kind, Option<usize>)],
        count: usize,
        row: impl Fn(usize) -> &'b [u8],
    ) -> ExecuteResult<Vector> {
        let mut builder = VectorBuilder::new(Kind::Bytes, count);
        for index in 0..count {
            let view = RowView::new(&self.layout, row(index))?;
            let mut items = Vec::with_capacity(fields.len());
            for (of, kind, column) in fields {
                let item = match column {
                    Some(column) => view.item(*column, &Value::Null)?,
                    None => Item::Null,
                };
                items.push((*of, *kind, item));
            }
            builder.push_bytes(&types::record::record(&items))?;
        }
        Ok(builder.finish())
    }
}
