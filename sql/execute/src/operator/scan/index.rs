//! A table by an index: the index tells row ids, or everything.

use super::columns::Finding;
use super::decode::{RowDecoder, StoredRows};
use super::key_range::{Range, RangeValues, key_columns};
use super::restrict::Restrictions;
use crate::change::Row;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Scope};
use crate::operator::{Late, Operator};
use crate::run::{Run, kind_of};
use plan::expression::RelationId;
use plan::physical;
use std::collections::VecDeque;
use store::{Batch, Bounds, Lookups, Scan, TreeId, TreeView};
use types::key::{KeyColumn, decode_key};
use types::row::{RowLayout, RowView, Storage};
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Value};

/// Bytes of a row's id.
const ID: usize = 8;

/// Reads rows by their index entries.
pub struct IndexReader {
    tree: u64,
    index_tree: u64,
    keys: Vec<KeyColumn>,
    ranges: Vec<Range>,
    backward: bool,
    decoder: RowDecoder,
    only: Option<IndexOnly>,
    /// The scan and its table, if it stands for the one row that is looked at again.
    again: Option<(RelationId, u32)>,
    /// Whether the whole key of the one row is known.
    point: bool,
    /// Whether all of the index is gone through, for the rows that it tells of.
    whole: bool,
}

/// What an index alone tells.
struct IndexOnly {
    places: Vec<u32>,
    kinds: Vec<Kind>,
    include: RowLayout,
    filter: Conditions,
    /// What waits, as with the rows of the table.
    late: Option<Late>,
}

/// Entries of an index, one after the other.
#[derive(Default)]
struct Entries {
    /// The rows' ids.
    ids: Vec<i64>,
    /// The marks of their ranges.
    marks: Vec<u32>,
    /// Where the index alone tells of rows: their keys and values.
    bytes: Vec<u8>,
    /// Where each key begins and ends, and its value.
    places: Vec<[usize; 3]>,
}

impl IndexReader {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &physical::IndexScan,
        again: bool,
    ) -> ExecuteResult<IndexReader> {
        let scan = &plan.scan;
        let ranges: ExecuteResult<Vec<Range>> =
            plan.ranges.iter().map(|range| Range::new(compiler, range)).collect();
        let only = match &plan.index_only {
            None => None,
            Some(places) => {
                let kinds: ExecuteResult<Vec<Kind>> =
                    scan.columns.iter().map(|one| kind_of(compiler.types(), one.column_type)).collect();
                Some(IndexOnly {
                    places: places.clone(),
                    kinds: kinds?,
                    include: include_layout(compiler.types(), &plan.include)?,
                    filter: Conditions::new(compiler, &scan.filter)?,
                    late: None,
                })
            }
        };
        let layout = scan.layout.clone();
        let decoder = RowDecoder::new(compiler, scan.table, layout, &scan.columns, &scan.filter)?;
        let whole = plan.is_whole() && only.is_none() && !again && decoder.is_all_stored();
        Ok(IndexReader {
            tree: scan.tree,
            index_tree: plan.index_tree,
            keys: key_columns(&plan.keys),
            ranges: ranges?,
            backward: plan.backward,
            decoder,
            only,
            again: again.then_some((scan.relation, scan.table)),
            point: plan.is_point() && !again,
            whole,
        })
    }

    /// The same, where nobody asks for some of the columns, by their places.
    pub fn without(mut self, unasked: &[u32]) -> IndexReader {
        self.decoder = self.decoder.without(unasked);
        self
    }

    /// The same, where the rows before one that the filter fails of are handed up.
    pub fn with_late(mut self, late: Late) -> IndexReader {
        match &mut self.only {
            Some(only) => only.late = Some(late),
            None => self.decoder = self.decoder.with_late(late),
        }
        self
    }

    /// What waits.
    fn late(&self) -> ExecuteResult<()> {
        self.only.as_ref().and_then(|only| only.late.as_ref()).map_or(Ok(()), Late::check)?;
        self.decoder.check()
    }

    /// The scan begins again.
    fn forget(&self) {
        self.only.iter().filter_map(|only| only.late.as_ref()).for_each(Late::forget);
        self.decoder.forget();
    }

    /// The values of its ranges for each row of a scope.
    pub fn values(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vec<RangeValues>> {
        self.ranges.iter().map(|range| range.values(run, scope)).collect()
    }

    /// Whether some of the rows in the ranges may be left out.
    pub fn filters(&self) -> bool {
        self.again.is_some()
            || self.decoder.filters()
            || self.only.as_ref().is_some_and(|only| !only.filter.is_empty())
    }

    /// Appends the keys in the ranges of a row, with a mark, in the order in which they are gone through.
    pub fn add_bounds(
        &self,
        values: &[RangeValues],
        row: usize,
        mark: u32,
        ranges: &mut VecDeque<(u32, Bounds)>,
    ) {
        match values {
            [values] if !values.is_several() => {
                ranges.extend(values.bounds(&self.keys, row).map(|bounds| (mark, bounds)));
            }
            several => ranges.extend(self.bounds(several, row).into_iter().map(|bounds| (mark, bounds))),
        }
    }

    /// The keys in several ranges of a row.
    fn bounds(&self, values: &[RangeValues], row: usize) -> Vec<Bounds> {
        let mut bounds: Vec<Bounds> =
            values.iter().flat_map(|values| values.all_bounds(&self.keys, row)).collect();
        // Keys of a descending index run the other way; and values that come as parameters may be equal.
        bounds.sort_by(|left, right| left.from.cmp(&right.from));
        let mut bounds = bounds.into_iter().fold(Vec::<Bounds>::new(), |mut joined, next| {
            match joined.last_mut() {
                Some(last) if last.to.as_ref().is_none_or(|to| *to > next.from) => {
                    let further =
                        last.to.is_some() && next.to.as_ref().is_none_or(|to| Some(to) > last.to.as_ref());
                    if further {
                        last.to = next.to;
                    }
                }
                _ => joined.push(next),
            }
            joined
        });
        if self.backward {
            bounds.reverse();
        }
        bounds
    }

    /// Index and table as the statement sees them.
    fn trees(&self, run: &mut Run<'_, '_>) -> ExecuteResult<(TreeView, TreeView)> {
        let standing = self.again.and_then(|(relation, table)| run.standing(relation, table));
        if standing.is_some_and(Row::is_changed) {
            let now = run.world.transaction.view()?;
            return Ok((now.tree(TreeId(self.index_tree))?, now.tree(TreeId(self.tree))?));
        }
        Ok((run.tree(self.index_tree)?, run.tree(self.tree)?))
    }

    /// Rows of entries that pass the filter, and their places among the entries.
    fn rows(
        &self,
        entries: &mut Entries,
        table: &TreeView,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        match &self.only {
            Some(only) => only.rows(&self.keys, entries, run),
            None => rows_of(std::mem::take(&mut entries.ids), table, &self.decoder, run),
        }
    }

    /// Whether more is asked of entries than that they are there.
    fn reads_entries(&self) -> bool {
        let counted = |only: &IndexOnly| only.kinds.is_empty() && only.filter.is_empty();
        self.again.is_some() || !self.only.as_ref().is_some_and(counted)
    }

    /// Whether entries are kept.
    fn keeps_entries(&self) -> bool {
        self.only.as_ref().is_some_and(|only| !only.kinds.is_empty())
    }

    /// The one row whose key is known. As long as nothing was taken a view for, it is read from the transaction itself:
    /// the statement has not written yet, and whoever writes a single row is spared a view.
    fn point(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        let values = self.values(run, &Scope::new(&[], 1))?;
        let key = values.first().and_then(|values| values.whole_key(&self.keys, 0));
        let Some(key) = key else { return Ok(None) };
        let value = run.get(self.index_tree, &key)?;
        run.count(|tally| tally.looked_up(self.index_tree, u64::from(value.is_some())));
        let Some(value) = value else { return Ok(None) };
        let (chunk, _) = match &self.only {
            Some(only) => {
                let mut entry = Entries::default();
                entry.push(0, &value, self.keeps_entries().then_some(key.as_slice()))?;
                only.rows(&self.keys, &entry, run)?
            }
            None => {
                let id = row_id(&value)?;
                let mut bytes = value;
                bytes.clear();
                let writer = run.get_row_with(self.tree, &id.to_be_bytes(), |writer, content| {
                    bytes.extend_from_slice(content);
                    writer.map_or(0, |writer| writer.0 as i32)
                })?;
                let writer = writer.ok_or_else(|| dangling(id))?;
                let mut stored = StoredRows { ids: vec![id], rows: vec![&bytes], writers: vec![writer] };
                self.decoder.decode(run, &mut stored)?
            }
        };
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

/// Rows by their ids that pass the decoder's filter, and their places among the ids.
pub fn rows_of(
    ids: Vec<i64>,
    table: &TreeView,
    decoder: &RowDecoder,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
    rows_among(ids, table, decoder, &mut Restrictions::default(), run)
}

/// Those of them that pass restrictions, too.
pub fn rows_among(
    ids: Vec<i64>,
    table: &TreeView,
    decoder: &RowDecoder,
    restrictions: &mut Restrictions,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
    if lie_together(&ids) {
        return Stretch::read(ids, table)?.decode(decoder, restrictions, run);
    }
    let mut found = Found::default();
    found.look_up(&ids, table)?;
    let rows = found.rows.iter().map(|row| &found.bytes[row.clone()]).collect();
    decoder.decode_some(run, &mut StoredRows { rows, writers: found.writers, ids }, restrictions)
}

impl Entries {
    /// Another one; its key is given if it is kept.
    fn push(&mut self, mark: u32, value: &[u8], key: Option<&[u8]>) -> ExecuteResult<()> {
        self.ids.push(row_id(value)?);
        self.marks.push(mark);
        if let Some(key) = key {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(key);
            self.bytes.extend_from_slice(value);
            self.places.push([start, start + key.len(), self.bytes.len()]);
        }
        Ok(())
    }

    /// Keeps those of a row alone.
    fn keep(&mut self, wanted: i64) {
        let kept: Vec<bool> = self.ids.iter().map(|id| *id == wanted).collect();
        let (mut of_ids, mut of_places, mut of_marks) = (kept.iter(), kept.iter(), kept.iter());
        self.ids.retain(|_| of_ids.next() == Some(&true));
        self.places.retain(|_| of_places.next() == Some(&true));
        self.marks.retain(|_| of_marks.next() == Some(&true));
    }
}

/// Whether rows are so close to each other, and in order, that going through all between costs less than to look for each.
pub fn lie_together(ids: &[i64]) -> bool {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return false };
    let span = last.checked_sub(*first).and_then(|span| usize::try_from(span).ok());
    ids.len() > 4 && span.is_some_and(|span| span < ids.len() * 4) && ids.is_sorted_by(|one, next| one < next)
}

/// Rows of a table, by their ids.
#[derive(Default)]
struct Found {
    bytes: Vec<u8>,
    rows: Vec<std::ops::Range<usize>>,
    writers: Vec<i32>,
}

impl Found {
    /// They are looked for in the order in which they lie: what leads to one mostly leads to the next.
    fn look_up(&mut self, ids: &[i64], table: &TreeView) -> ExecuteResult<()> {
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_by_key(|place| ids[*place as usize]);
        self.rows.resize(ids.len(), 0..0);
        self.writers.resize(ids.len(), 0);
        let mut lookups = table.lookups();
        for place in order {
            let place = place as usize;
            let start = self.bytes.len();
            let writer = lookups.get_row_with(&ids[place].to_be_bytes(), |writer, content| {
                self.bytes.extend_from_slice(content);
                writer.map_or(0, |writer| writer.0 as i32)
            })?;
            self.writers[place] = writer.ok_or_else(|| dangling(ids[place]))?;
            self.rows[place] = start..self.bytes.len();
        }
        Ok(())
    }
}

/// Rows of a table that lie together, on the pages where they lie.
struct Stretch {
    ids: Vec<i64>,
    batches: Vec<Batch>,
    /// Of each row its batch and its place there.
    places: Vec<(usize, usize)>,
}

impl Stretch {
    /// Of these ids, which ascend.
    fn read(ids: Vec<i64>, table: &TreeView) -> ExecuteResult<Stretch> {
        let (mut batches, mut places) = (Vec::new(), Vec::with_capacity(ids.len()));
        let (first, last) = (ids.first().copied().unwrap_or(0), ids.last().copied().unwrap_or(0));
        let to = last.checked_add(1).map(|behind| behind.to_be_bytes().to_vec());
        let mut scan = table.scan(Bounds { from: first.to_be_bytes().to_vec(), to })?;
        let mut wanted = ids.iter().peekable();
        while let Some(batch) = scan.next_batch()? {
            for place in 0..batch.len() {
                let id = batch.row_number(place).map(u64::cast_signed);
                if wanted.next_if(|wanted| Some(**wanted) == id).is_some() {
                    places.push((batches.len(), place));
                }
            }
            batches.push(batch);
        }
        // Whoever was passed over is not there.
        match wanted.next() {
            Some(id) => Err(dangling(*id)),
            None => Ok(Stretch { ids, batches, places }),
        }
    }

    fn decode(
        self,
        decoder: &RowDecoder,
        restrictions: &mut Restrictions,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let Stretch { ids, batches, places } = self;
        let mut writers = Vec::new();
        if decoder.needs_writer() {
            for (batch, place) in &places {
                writers.push(batches[*batch].writer(*place)?.map_or(0, |writer| writer.0 as i32));
            }
        }
        // Large values lie elsewhere, and are few.
        let mut large: Vec<Vec<u8>> = Vec::new();
        for (batch, place) in &places {
            if batches[*batch].inline_value(*place)?.is_none() {
                let mut bytes = Vec::new();
                let value = batches[*batch].value(*place, &mut bytes)?.to_vec();
                large.push(value);
            }
        }
        let (mut rows, mut large) = (Vec::with_capacity(places.len()), large.iter());
        for (batch, place) in &places {
            rows.push(match batches[*batch].inline_value(*place)? {
                Some(value) => value,
                None => large.next().map_or(&[][..], Vec::as_slice),
            });
        }
        decoder.decode_some(run, &mut StoredRows { rows, writers, ids }, restrictions)
    }
}

/// The id that an entry of an index begins with.
pub fn row_id(value: &[u8]) -> ExecuteResult<i64> {
    let id = value.first_chunk::<ID>().map(|id| i64::from_be_bytes(*id));
    id.ok_or(types::key::KeyError { column: 0 }.into())
}

/// The error of an entry whose row is not there.
pub fn dangling(id: i64) -> ExecuteError {
    let message = format!("index entry refers to row {id}, which is not there");
    ExecuteError::plain(diagnostic::SqlState::IndexCorrupted, message)
}

/// How included columns lie in an entry.
pub fn include_layout(types: &dyn types::Types, include: &[types::Type]) -> ExecuteResult<RowLayout> {
    let storages: ExecuteResult<Vec<Storage>> =
        include.iter().map(|of| Ok(Storage::Plain(kind_of(types, *of)?))).collect();
    Ok(RowLayout::new(storages?))
}

impl IndexOnly {
    fn rows(
        &self,
        keys: &[KeyColumn],
        entries: &Entries,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let count = entries.ids.len();
        let mut builders: Vec<VectorBuilder> =
            self.kinds.iter().map(|kind| VectorBuilder::new(*kind, count)).collect();
        for [start, key_end, end] in &entries.places {
            let (key, value) = (&entries.bytes[*start..*key_end], &entries.bytes[*key_end..*end]);
            let rest = value.get(ID..).unwrap_or(&[]);
            let (values, _, used) = decode_key(keys, key, rest)?;
            let included = rest.get(used..).unwrap_or(&[]);
            for (builder, place) in builders.iter_mut().zip(&self.places) {
                let place = *place as usize;
                match values.get(place) {
                    Some(value) => builder.push(value)?,
                    None => {
                        let view = RowView::new(&self.include, included)?;
                        builder.push(&view.item(place - values.len(), &Value::Null)?.to_value())?;
                    }
                }
            }
        }
        let columns = builders.into_iter().map(VectorBuilder::finish).collect();
        let mut chunk = Chunk::new(columns, count);
        match &self.late {
            Some(late) => {
                late.check()?;
                self.filter.filter_front(run, &mut chunk, late)?;
            }
            None => self.filter.filter(run, &mut chunk)?,
        }
        run.note_removed(count - chunk.len());
        let chosen = chunk.selection().map(<[u32]>::to_vec);
        Ok((chunk.densify()?, chosen))
    }
}

/// Goes through ranges of an index.
#[derive(Default)]
pub struct Walk {
    ranges: VecDeque<(u32, Bounds)>,
    /// Where it stands in the index; it goes on with the next range from there.
    scan: Option<Scan>,
    /// The same of keys that are known.
    lookups: Option<Lookups>,
    /// The mark of the range that it is in.
    mark: Option<u32>,
    /// Whether one entry of each mark is enough.
    first_only: bool,
    /// How many ranges it has begun since that was counted.
    begun: u64,
    /// What is left of the leaf of the index that was read last, where it is gone through leaf by leaf.
    rest: Option<(Batch, usize)>,
    finding: Finding,
}

impl Walk {
    /// Through these ranges, each with a mark that its entries are told by.
    pub fn new(ranges: VecDeque<(u32, Bounds)>) -> Walk {
        Walk { ranges, ..Walk::default() }
    }

    /// The same for whom one entry of each mark is enough.
    pub fn for_first(self, first_only: bool) -> Walk {
        Walk { first_only, ..self }
    }

    /// The same for whom rows may be picked of the whole table.
    fn through_all(self) -> Walk {
        Walk { finding: Finding::Undecided(0), ..self }
    }

    /// Goes on with these ranges, in the same view.
    pub fn begin(&mut self, ranges: VecDeque<(u32, Bounds)>) {
        (self.ranges, self.mark) = (ranges, None);
    }

    /// At most `limit` more entries, and the marks of their ranges.
    fn take(&mut self, reader: &IndexReader, index: &TreeView, limit: usize) -> ExecuteResult<Entries> {
        if reader.whole && !reader.backward {
            return self.take_leaves(index, limit);
        }
        let mut entries = Entries::default();
        let keeps = reader.keeps_entries();
        while entries.ids.len() < limit {
            if reader.point {
                let Some((mark, Bounds { from: key, .. })) = self.ranges.pop_front() else { break };
                self.begun += 1;
                let lookups = self.lookups.get_or_insert_with(|| index.lookups());
                let kept = keeps.then_some(key.as_slice());
                lookups.get_row_with(&key, |_, value| entries.push(mark, value, kept))?.transpose()?;
                continue;
            }
            let (Some(mark), Some(scan)) = (self.mark, &mut self.scan) else {
                if !self.advance(index)? {
                    break;
                }
                continue;
            };
            if !(if reader.backward { scan.prev()? } else { scan.next()? }) {
                self.mark = None;
                continue;
            }
            scan.value_with(|value| entries.push(mark, value, keeps.then(|| scan.key())))??;
            if self.first_only {
                self.mark = None;
                while self.ranges.front().is_some_and(|(next, _)| *next == mark) {
                    self.ranges.pop_front();
                }
            }
        }
        Ok(entries)
    }

    /// The same leaf by leaf.
    fn take_leaves(&mut self, index: &TreeView, limit: usize) -> ExecuteResult<Entries> {
        let (mut entries, mut buffer) = (Entries::default(), Vec::new());
        while entries.ids.len() < limit {
            let (Some(mark), Some(scan)) = (self.mark, &mut self.scan) else {
                if !self.advance(index)? {
                    break;
                }
                continue;
            };
            let next = match self.rest.take() {
                None => scan.next_batch()?.map(|batch| (batch, 0)),
                rest => rest,
            };
            let Some((batch, from)) = next else {
                self.mark = None;
                continue;
            };
            let to = batch.len().min(from + limit - entries.ids.len());
            for place in from..to {
                entries.push(mark, batch.value(place, &mut buffer)?, None)?;
            }
            if to < batch.len() {
                self.rest = Some((batch, to));
            }
        }
        Ok(entries)
    }

    /// Moves on to the next range; `false` behind the last.
    fn advance(&mut self, index: &TreeView) -> ExecuteResult<bool> {
        let Some((mark, bounds)) = self.ranges.pop_front() else { return Ok(false) };
        match &mut self.scan {
            Some(scan) => index.scan_on(scan, bounds)?,
            None => self.scan = Some(index.scan(bounds)?),
        }
        self.mark = Some(mark);
        self.begun += 1;
        Ok(true)
    }

    /// Counts what was taken; whether rows were read because of it.
    fn count(&mut self, reader: &IndexReader, entries: &Entries, fetches: bool, run: &mut Run<'_, '_>) {
        let (scans, entries) = (std::mem::take(&mut self.begun), entries.ids.len() as u64);
        run.count(|tally| {
            let counts = tally.index(reader.index_tree);
            counts.scans += scans;
            counts.entries += entries;
            counts.rows_fetched += if fetches { entries } else { 0 };
        });
    }

    /// The ids of all rows in the ranges.
    pub fn all_ids(&mut self, reader: &IndexReader, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<i64>> {
        let (index, _) = reader.trees(run)?;
        let mut ids = Vec::new();
        loop {
            run.check()?;
            let entries = self.take(reader, &index, run.chunk_rows())?;
            self.count(reader, &entries, false, run);
            if entries.ids.is_empty() {
                return Ok(ids);
            }
            ids.extend(entries.ids);
        }
    }

    /// The next rows that pass the filter, and the mark of each; `None` at the end.
    pub fn next(
        &mut self,
        reader: &IndexReader,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<(Chunk, Vec<u32>)>> {
        if self.mark.is_none() && self.ranges.is_empty() {
            return Ok(None);
        }
        let mut wanted = None;
        if let Some((relation, table)) = reader.again {
            let Some(row) = run.standing(relation, table) else { return Ok(None) };
            wanted = Some(row.id);
        }
        let (index, table) = reader.trees(run)?;
        loop {
            run.check()?;
            let mut entries = self.take(reader, &index, run.chunk_rows())?;
            self.count(reader, &entries, reader.only.is_none(), run);
            if entries.ids.is_empty() {
                return Ok(None);
            }
            if let Some(wanted) = wanted {
                entries.keep(wanted);
                if entries.ids.is_empty() {
                    continue;
                }
            }
            let more = entries.ids.len();
            let picked = self.finding.columns(more, (&index, &table), &reader.decoder, run)?;
            let (chunk, chosen) = match picked {
                Some(columns) => columns.rows_of(&entries.ids, &reader.decoder, run)?,
                None => reader.rows(&mut entries, &table, run)?,
            };
            if chunk.is_empty() {
                continue;
            }
            let marks = entries.marks;
            let marks = match chosen {
                None => marks,
                Some(chosen) => chosen.iter().map(|place| marks[*place as usize]).collect(),
            };
            return Ok(Some((chunk, marks)));
        }
    }
}

/// The operator.
pub struct IndexScan {
    reader: IndexReader,
    walk: Option<Walk>,
    /// Whether the one row was read.
    read: bool,
}

impl IndexScan {
    /// As the plan says.
    pub fn new(reader: IndexReader) -> IndexScan {
        IndexScan { reader, walk: None, read: false }
    }

    /// The keys that it goes through.
    fn ranges(&self, run: &mut Run<'_, '_>) -> ExecuteResult<VecDeque<(u32, Bounds)>> {
        let values = self.reader.values(run, &Scope::new(&[], 1))?;
        let mut ranges = VecDeque::new();
        self.reader.add_bounds(&values, 0, 0, &mut ranges);
        Ok(ranges)
    }
}

impl Operator for IndexScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.reader.point {
            return if std::mem::replace(&mut self.read, true) { Ok(None) } else { self.reader.point(run) };
        }
        if self.walk.is_none() {
            let walk = Walk::new(self.ranges(run)?);
            self.walk = Some(if self.reader.whole { walk.through_all() } else { walk });
        }
        let Some(walk) = &mut self.walk else { return Ok(None) };
        self.reader.late()?;
        let found = walk.next(&self.reader, run)?;
        if found.is_none() {
            self.reader.late()?;
        }
        Ok(found.map(|(chunk, _)| chunk))
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.reader.forget();
        (self.walk, self.read) = (None, false);
        Ok(())
    }

    /// Where nobody asks what entries hold, the tree of the index tells how many there are.
    fn take_count(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<u64>> {
        if self.reader.point || self.walk.is_some() || self.reader.reads_entries() {
            return Ok(None);
        }
        let ranges = self.ranges(run)?;
        let (index, _) = self.reader.trees(run)?;
        let mut count = 0;
        for (_, bounds) in &ranges {
            count += index.count(bounds)?;
        }
        self.walk = Some(Walk::default());
        Ok(Some(count))
    }
}
