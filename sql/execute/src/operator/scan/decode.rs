//! From rows on pages to chunks: the columns of the filter first, condition by condition, the others only for the rows that it
//! keeps. Where columns
//! come from is the rows' own affair: decoded one by one ([`StoredRows`]), or kept beside their leaves
//! ([`Leaves`](super::leaves::Leaves)).

use super::dictionaries::Dictionaries;
use super::restrict::Restrictions;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions};
use crate::keys::Present;
use crate::operator::Late;
use crate::run::{Run, kind_of};
use plan::expression::{Expression, ExpressionKind};
use plan::implied::of_every_term;
use plan::logical::{ScanColumn, ScanSource, StoredField};
use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::row::{RowLayout, RowView, decode_column};
use types::vector::{Chunk, VectorBuilder};
use types::{Item, Kind, Value, Vector};

/// What becomes a column.
pub(super) enum Source {
    Stored {
        column: usize,
        missing: Value,
    },
    RowId,
    Writer,
    TableOid,
    /// By its fields.
    WholeRow(Vec<RowField>),
}

/// A field of a whole row.
pub(super) struct RowField {
    /// Its type.
    of: u32,
    kind: Kind,
    /// Where it is stored, if it is.
    stored: Option<StoredField>,
}

/// Rows that become a chunk.
pub trait RowSource {
    /// How many there are.
    fn rows(&self) -> usize;
    /// Told before columns are asked for which ones these are, and of which rows: of all, or of the chosen.
    fn prepare(&mut self, decoder: &RowDecoder, slots: &[usize], chosen: Option<&[u32]>)
    -> ExecuteResult<()>;
    /// Those of all rows, or of the chosen, whose number in a column may be among keys, by their places among them; nothing if
    /// that cannot be told without making the column.
    ///
    /// # Errors
    /// As the others.
    fn among(
        &mut self,
        _: &RowDecoder,
        _: usize,
        _: &Present,
        _: Option<&[u32]>,
    ) -> ExecuteResult<Option<Vec<u32>>> {
        Ok(None)
    }
    /// One of these columns, of these rows.
    fn column(&self, decoder: &RowDecoder, slot: usize, chosen: Option<&[u32]>) -> ExecuteResult<Vector>;
}

/// Makes chunks of a table's rows.
pub struct RowDecoder {
    layout: Arc<RowLayout>,
    table: u32,
    sources: Vec<(Source, Kind)>,
    filter: Vec<Stage>,
    /// A null of each column's kind: it stands where the filter reads nothing.
    blank: Vec<Vector>,
    /// All columns.
    slots: Vec<usize>,
    /// For each column whether it is handed up; where it is not, nulls stand in its place.
    asked: Vec<bool>,
    needs_writer: bool,
    /// Another layout that was found to be the same.
    same_layout: RefCell<Option<Arc<RowLayout>>>,
    /// Of columns of leaves.
    dictionaries: RefCell<Dictionaries>,
    /// What waits, where rows before one that the filter fails of are handed up.
    late: Option<Late>,
}

/// Conditions that are asked together, and the columns that they read.
struct Stage {
    conditions: Conditions,
    slots: Vec<usize>,
}

/// Where fewer than half of the rows are left, columns are read for those alone: to pick them costs more than to take all.
fn are_few(left: usize, rows: usize) -> bool {
    left * 2 < rows
}

/// The conditions of a scan in the order in which they are asked. What alternatives say of single columns is asked before they
/// are, where no row can make anything fail: it may leave out rows of which the other columns need not be read.
fn stages_of(compiler: &Compiler<'_>, filter: &[Expression]) -> ExecuteResult<Vec<Stage>> {
    let mut conditions = Conditions::new(compiler, filter)?;
    let of_columns: Vec<Expression> = filter.iter().flat_map(said_of_columns).collect();
    if !of_columns.is_empty() && conditions.cannot_fail() {
        let all: Vec<Expression> = filter.iter().cloned().chain(of_columns).collect();
        conditions = Conditions::new(compiler, &all)?;
    }
    let stage = |conditions: Conditions| {
        let slots: BTreeSet<usize> = conditions.slots().map(|slot| slot as usize).collect();
        Stage { conditions, slots: slots.into_iter().collect() }
    };
    Ok(conditions.stages().into_iter().map(stage).collect())
}

/// What all alternatives of a condition on several columns say of one of them, for each.
fn said_of_columns(condition: &Expression) -> Vec<Expression> {
    let mut slots = BTreeSet::new();
    condition.walk(&mut |part| {
        if let ExpressionKind::Slot(slot) = part.kind {
            slots.insert(slot);
        }
    });
    if slots.len() < 2 {
        return Vec::new();
    }
    let only = |part: &Expression, wanted: u32| {
        let (mut found, mut others) = (false, false);
        part.walk(&mut |inner| {
            if let ExpressionKind::Slot(slot) = inner.kind {
                found |= slot == wanted;
                others |= slot != wanted;
            }
        });
        found && !others
    };
    slots.iter().filter_map(|slot| of_every_term(condition, &|part| only(part, *slot))).collect()
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
                ScanSource::WholeRow(stored) => {
                    let of = compiler.types().undomained(column.column_type);
                    let fields = compiler.types().columns(of.oid);
                    let fields = fields.ok_or_else(|| ExecuteError::plan("a row of no row type"))?;
                    let fields: ExecuteResult<Vec<_>> = fields
                        .iter()
                        .zip(stored.iter())
                        .map(|(field, stored)| {
                            // What rows hold of a dropped column is of a type that it has no more.
                            let stored = stored.as_ref().filter(|_| !field.dropped);
                            let stored =
                                stored.filter(|stored| usize::from(stored.place) < layout.columns().len());
                            let kind = kind_of(compiler.types(), field.column_type)?;
                            Ok(RowField { of: field.column_type.oid, kind, stored: stored.cloned() })
                        })
                        .collect();
                    Source::WholeRow(fields?)
                }
            };
            sources.push((source, kind));
        }
        let filter = stages_of(compiler, filter)?;
        let needs_writer = sources.iter().any(|(source, _)| matches!(source, Source::Writer));
        let null = |(_, kind): &(Source, _)| Vector::constant(*kind, &Value::Null, 1);
        let blank = sources.iter().map(null).collect::<Result<Vec<_>, _>>()?;
        let slots = (0..sources.len()).collect();
        let asked = vec![true; sources.len()];
        Ok(RowDecoder {
            layout,
            table,
            sources,
            filter,
            blank,
            slots,
            asked,
            needs_writer,
            same_layout: RefCell::default(),
            dictionaries: RefCell::default(),
            late: None,
        })
    }

    /// The same, where nobody asks for some of the columns, by their places: the filter alone reads them.
    pub fn without(mut self, unasked: &[u32]) -> RowDecoder {
        for slot in unasked {
            if let Some(asked) = self.asked.get_mut(*slot as usize) {
                *asked = false;
            }
        }
        self
    }

    /// The same, where the rows before one that the filter fails of are handed up. Whoever decodes asks [`RowDecoder::check`] before he
    /// reads more, and before he says that there are no more rows.
    pub fn with_late(mut self, late: Late) -> RowDecoder {
        self.late = Some(late);
        self
    }

    /// Whether an error waits.
    pub(super) fn waits(&self) -> bool {
        self.late.as_ref().is_some_and(Late::waits)
    }

    /// What waits.
    ///
    /// # Errors
    /// The error that the filter failed of.
    pub fn check(&self) -> ExecuteResult<()> {
        self.late.as_ref().map_or(Ok(()), Late::check)
    }

    /// The scan begins again.
    pub fn forget(&self) {
        self.late.iter().for_each(Late::forget);
    }

    /// Whether [`StoredRows::writers`] must be filled.
    pub fn needs_writer(&self) -> bool {
        self.needs_writer
    }

    /// Whether no row can make its filter fail.
    pub(super) fn cannot_fail(&self) -> bool {
        self.filter.iter().all(|stage| stage.conditions.cannot_fail())
    }

    /// Whether it leaves rows out.
    pub fn filters(&self) -> bool {
        !self.filter.is_empty()
    }

    /// Whether there is nothing to be read of rows: no columns, no filter.
    pub fn reads_nothing(&self) -> bool {
        self.sources.is_empty() && self.filter.is_empty()
    }

    /// How rows are laid out.
    pub(super) fn layout(&self) -> &Arc<RowLayout> {
        &self.layout
    }

    /// Whether it is this one. Leaves that one scan has decoded share theirs, which is compared once.
    pub(super) fn has_layout(&self, layout: &Arc<RowLayout>) -> bool {
        if Arc::ptr_eq(&self.layout, layout) {
            return true;
        }
        let mut same = self.same_layout.borrow_mut();
        if same.as_ref().is_some_and(|same| Arc::ptr_eq(same, layout)) {
            return true;
        }
        let equal = *self.layout == **layout;
        if equal {
            *same = Some(layout.clone());
        }
        equal
    }

    /// The dictionaries of columns that the scan has met.
    pub(super) fn dictionaries(&self) -> RefMut<'_, Dictionaries> {
        self.dictionaries.borrow_mut()
    }

    /// What becomes a column.
    pub(super) fn source(&self, slot: usize) -> &Source {
        &self.sources[slot].0
    }

    /// Whether a column is one of the table's.
    pub(super) fn is_stored(&self, slot: usize) -> bool {
        self.sources.get(slot).is_some_and(|(source, _)| matches!(source, Source::Stored { .. }))
    }

    /// The kind of a column.
    pub(super) fn kind(&self, slot: usize) -> Kind {
        self.sources[slot].1
    }

    /// The kinds of all columns.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.sources.iter().map(|source| source.1).collect()
    }

    /// Whether all columns are the table's.
    pub(super) fn is_all_stored(&self) -> bool {
        self.sources.iter().all(|(source, _)| matches!(source, Source::Stored { .. }))
    }

    /// All columns of all rows, whatever the filter says.
    pub(super) fn all<R: RowSource>(&self, source: &mut R) -> ExecuteResult<Vec<Vector>> {
        source.prepare(self, &self.slots, None)?;
        self.slots.iter().map(|slot| source.column(self, *slot, None)).collect()
    }

    /// The table's number as a column.
    pub(super) fn table_oid(&self, rows: usize) -> ExecuteResult<Vector> {
        Ok(Vector::constant(Kind::Int32, &Value::Int32(self.table.cast_signed()), rows)?)
    }

    /// The rows that pass the filter, and their places among those given.
    pub fn decode<R: RowSource>(
        &self,
        run: &mut Run<'_, '_>,
        source: &mut R,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        self.decode_some(run, source, &mut Restrictions::default())
    }

    /// Those of them that pass restrictions, too. Restrictions are the first where no row can make the filter fail: otherwise
    /// it would keep silent about rows that are left out.
    pub(super) fn decode_some<R: RowSource>(
        &self,
        run: &mut Run<'_, '_>,
        source: &mut R,
        restrictions: &mut Restrictions,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        self.check()?;
        let mut rows = self.wanted(source);
        if self.filter.is_empty() && restrictions.is_empty() {
            return Ok((Chunk::new(self.all(rows.source)?, rows.count), None));
        }
        let restricted_first = !restrictions.is_empty() && self.cannot_fail();
        if restricted_first {
            restrictions.apply(&mut rows)?;
        }
        let effects = run.state.effects;
        if let Err(error) = rows.filter(run) {
            return self.front(run, source, error, effects);
        }
        if !restricted_first {
            restrictions.apply(&mut rows)?;
        }
        rows.finish()
    }

    fn wanted<'d, 's, R: RowSource>(&'d self, source: &'s mut R) -> Wanted<'d, 's, R> {
        Wanted { decoder: self, count: source.rows(), source, columns: Vec::new(), chosen: None }
    }

    /// The rows that pass in front of the first that the filter fails of.
    #[cold]
    fn front<R: RowSource>(
        &self,
        run: &mut Run<'_, '_>,
        source: &mut R,
        error: ExecuteError,
        effects: u64,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let Some(late) = &self.late else { return Err(error) };
        let all = Chunk::new(self.all(source)?, source.rows());
        let passed = late.front(run, (&all, effects), error, |run, mut front| {
            for stage in &self.filter {
                stage.conditions.filter(run, &mut front)?;
            }
            Ok(front)
        })?;
        let chosen = passed.selection().map(<[u32]>::to_vec);
        let chosen = chosen.unwrap_or_else(|| (0..passed.rows() as u32).collect());
        Ok((passed.densify()?, Some(chosen)))
    }
}

/// Rows of which the columns are read little by little, for as many as are still wanted.
pub(super) struct Wanted<'d, 's, R> {
    decoder: &'d RowDecoder,
    source: &'s mut R,
    /// How many rows there are still.
    count: usize,
    /// By their slots, those that were read.
    columns: Vec<Option<Vector>>,
    /// Which of the source's rows they are, unless all.
    chosen: Option<Vec<u32>>,
}

impl<R: RowSource> Wanted<'_, '_, R> {
    /// How many rows there are still.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The rows whose number in a column may be among keys, by their places; `None` if nothing can be told of it.
    pub(super) fn among(&mut self, slot: usize, keys: &Present) -> ExecuteResult<Option<Vec<u32>>> {
        if let Some(places) = self.source.among(self.decoder, slot, keys, self.chosen.as_deref())? {
            return Ok(Some(places));
        }
        self.read(&[slot])?;
        Ok(self.columns[slot].as_ref().and_then(|column| keys.select(column)))
    }

    /// Reads columns, as far as they have not been read.
    pub(super) fn read(&mut self, slots: &[usize]) -> ExecuteResult<()> {
        self.columns.resize(self.decoder.sources.len(), None);
        let unread = |slot: &usize| self.columns[*slot].is_none();
        let wanted: Vec<usize> = slots.iter().copied().filter(unread).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        self.source.prepare(self.decoder, &wanted, self.chosen.as_deref())?;
        for slot in wanted {
            self.columns[slot] = Some(self.source.column(self.decoder, slot, self.chosen.as_deref())?);
        }
        Ok(())
    }

    /// Leaves out the rows for which the filter is not true.
    fn filter(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let (before, stages) = (self.count, &self.decoder.filter);
        // Which rows are left, as long as those are so many that columns are read for all.
        let mut left: Option<Vec<u32>> = None;
        for (place, stage) in stages.iter().enumerate() {
            if self.count == 0 {
                break;
            }
            self.read(&stage.slots)?;
            let chosen = self.select(stage, left.take(), run)?;
            if place + 1 == stages.len() || are_few(chosen.len(), self.count) {
                self.forget(&stages[place + 1..]);
                self.keep(chosen)?;
            } else {
                left = Some(chosen);
            }
        }
        run.note_removed(before - self.count);
        Ok(())
    }

    /// Forgets columns that neither somebody above nor a later condition reads.
    fn forget(&mut self, later: &[Stage]) {
        for (slot, column) in self.columns.iter_mut().enumerate() {
            if !self.decoder.asked[slot] && !later.iter().any(|stage| stage.slots.contains(&slot)) {
                *column = None;
            }
        }
    }

    /// The rows for which conditions are true, by their places; of those that are `left`, if not all are.
    fn select(
        &self,
        stage: &Stage,
        left: Option<Vec<u32>>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Vec<u32>> {
        let of = |(slot, blank): (usize, &Vector)| match self.columns.get(slot) {
            Some(Some(column)) => column.clone(),
            Some(None) | None => blank.repeat(0, self.count),
        };
        let columns: Vec<Vector> = self.decoder.blank.iter().enumerate().map(of).collect();
        stage.conditions.select_among(run, &columns, self.count, left)
    }

    /// Leaves out all rows but these, which are told by their places.
    pub(super) fn keep(&mut self, places: Vec<u32>) -> ExecuteResult<()> {
        if places.len() == self.count {
            return Ok(());
        }
        for column in self.columns.iter_mut().flatten() {
            *column = column.gather(&places)?;
        }
        self.count = places.len();
        self.chosen = Some(match self.chosen.take() {
            None => places,
            Some(before) => places.iter().map(|place| before[*place as usize]).collect(),
        });
        Ok(())
    }

    /// All columns of the rows that are left.
    fn finish(mut self) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let decoder = self.decoder;
        if self.count == 0 {
            let none = decoder.blank.iter().map(|blank| blank.slice(0, 0)).collect();
            return Ok((Chunk::new(none, 0), Some(Vec::new())));
        }
        let asked: Vec<usize> = decoder.slots.iter().copied().filter(|slot| decoder.asked[*slot]).collect();
        self.read(&asked)?;
        let of = |(column, blank): (Option<Vector>, &Vector)| {
            column.unwrap_or_else(|| blank.repeat(0, self.count))
        };
        let columns = self.columns.into_iter().zip(&decoder.blank).map(of).collect();
        Ok((Chunk::new(columns, self.count), self.chosen))
    }
}

impl RowSource for StoredRows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn prepare(&mut self, _: &RowDecoder, _: &[usize], _: Option<&[u32]>) -> ExecuteResult<()> {
        Ok(())
    }

    fn column(&self, decoder: &RowDecoder, slot: usize, chosen: Option<&[u32]>) -> ExecuteResult<Vector> {
        let count = chosen.map_or(self.rows.len(), <[u32]>::len);
        let place = |index: usize| chosen.map_or(index, |chosen| chosen[index] as usize);
        Ok(match decoder.source(slot) {
            Source::Stored { column, missing } => match chosen {
                None => decode_column(decoder.layout(), *column, self.rows.iter().copied(), missing)?,
                Some(chosen) => {
                    let rows = chosen.iter().map(|row| self.rows[*row as usize]);
                    decode_column(decoder.layout(), *column, rows, missing)?
                }
            },
            Source::RowId => {
                Vector::from_values::<i64>((0..count).map(|index| self.ids[place(index)]).collect())
            }
            Source::Writer => {
                Vector::from_values::<i32>((0..count).map(|index| self.writers[place(index)]).collect())
            }
            Source::TableOid => decoder.table_oid(count)?,
            Source::WholeRow(fields) => {
                let mut builder = VectorBuilder::new(Kind::Bytes, count);
                for index in 0..count {
                    push_whole(&mut builder, fields, decoder.layout(), self.rows[place(index)])?;
                }
                builder.finish()
            }
        })
    }
}

/// Appends a row as a value of the table's row type.
pub(super) fn push_whole(
    builder: &mut VectorBuilder,
    fields: &[RowField],
    layout: &RowLayout,
    row: &[u8],
) -> ExecuteResult<()> {
    let view = RowView::new(layout, row)?;
    let mut items = Vec::with_capacity(fields.len());
    for RowField { of, kind, stored } in fields {
        let item = match stored {
            Some(stored) => view.item(usize::from(stored.place), &stored.missing)?,
            None => Item::Null,
        };
        items.push((*of, *kind, item));
    }
    Ok(builder.push_bytes(&types::record::record(&items))?)
}
