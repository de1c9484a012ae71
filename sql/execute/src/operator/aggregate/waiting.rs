//! Rows that wait for all others of their groups to be there, since an aggregate wants them in order or without repetition.
//!
//! What does not fit into memory is sorted in runs, which are written, and merged when all rows have come. Rows that are equal
//! stay in the order in which they came either way. Of rows that repeat others most are left out when they come, as long as a
//! table of those that came before fits into memory.

use crate::error::ExecuteResult;
use crate::keys::{KeySet, RowOrder, SortColumn, compare_rows};
use crate::memory::{Held, chunk_bytes};
use crate::operator::rows::join;
use crate::run::Run;
use crate::spill::{Merge, Rows, merged};
use types::vector::{Chunk, Order};
use types::{Kind, Vector};

/// How rows that wait lie: the group, what they are ordered by, the arguments.
pub struct Shape {
    /// By what they are sorted, after the group.
    order: Vec<SortColumn>,
    /// By what repetition is told, of the arguments from one on.
    distinct: Vec<SortColumn>,
    /// The first argument that tells rows apart.
    direct: usize,
    kinds: Vec<Kind>,
}

/// The rows of one aggregate and one grouping set.
#[derive(Default)]
pub struct Waiting {
    chunks: Vec<Chunk>,
    held: Held,
    runs: Vec<Rows>,
    /// Groups and values that came, where repetition is told.
    seen: Option<Seen>,
}

/// Groups and values that came.
struct Seen {
    table: KeySet,
    held: Held,
    /// Whether no more are taken in: the table is as large as memory is.
    full: bool,
}

/// Rows that do not repeat one that is known.
pub struct Fresh {
    /// Which.
    pub rows: Vec<u32>,
    /// Whether they repeat none at all; otherwise they may repeat each other, and others that were fresh.
    pub certain: bool,
}

/// All rows, by group and in order.
pub enum Ordered {
    /// Those that fit into memory: at once.
    Memory(Option<Chunk>),
    /// Runs that were written; the last row that was handed up.
    Written(Merge, Option<Vec<Vector>>),
}

/// Rows that come in order: which group each is of, and their arguments.
pub struct Arranged {
    /// The groups.
    pub groups: Vec<u32>,
    /// The arguments.
    pub arguments: Vec<Vector>,
}

impl Shape {
    /// Of an aggregate with these orders and arguments, of which the first `direct` do not tell rows apart.
    pub fn new(order: Vec<SortColumn>, distinct: &[Order], direct: usize, kinds: &[Kind]) -> Shape {
        let ascending =
            |order: &Order| SortColumn { order: order.clone(), descending: false, nulls_first: false };
        let distinct = distinct.iter().map(ascending).collect();
        let kinds = std::iter::once(Kind::Int32).chain(kinds.iter().copied()).collect();
        Shape { order, distinct, direct, kinds }
    }

    /// Whether repetition is told, and no order is asked for but that of the values themselves.
    pub fn only_distinct(&self) -> bool {
        self.order.is_empty() && !self.distinct.is_empty()
    }

    /// Whether rows have to wait at all.
    pub fn waits(&self) -> bool {
        !self.order.is_empty() || !self.distinct.is_empty()
    }

    fn columns(&self) -> Vec<SortColumn> {
        let group = SortColumn { order: Order::Unsigned32, descending: false, nulls_first: false };
        std::iter::once(group)
            .chain(self.order.iter().cloned())
            .chain(self.distinct.iter().cloned())
            .collect()
    }

    /// By what rows are told apart: the group, then values.
    fn told_apart_by(&self) -> Vec<Order> {
        let values = self.distinct.iter().map(|column| column.order.clone());
        std::iter::once(Order::Unsigned32).chain(values).collect()
    }

    /// The arguments that tell rows apart.
    fn told_apart<'r>(&self, columns: &'r [Vector]) -> &'r [Vector] {
        let start = 1 + self.order.len() + self.direct;
        columns.get(start..start + self.distinct.len()).unwrap_or(&[])
    }

    fn keys(&self, columns: &[Vector]) -> Vec<Vector> {
        let ordering = columns.iter().take(1 + self.order.len());
        ordering.chain(self.told_apart(columns)).cloned().collect()
    }

    /// Whether a row repeats another.
    fn repeats(&self, (left, left_row): (&[Vector], usize), (right, right_row): (&[Vector], usize)) -> bool {
        let group = |columns: &[Vector], row: usize| groups(columns).get(row).copied();
        group(left, left_row) == group(right, right_row)
            && compare_rows(
                &self.distinct,
                (self.told_apart(left), left_row),
                (self.told_apart(right), right_row),
            )
            .is_eq()
    }

    /// What a chunk of rows that wait is made of: their groups, what they are ordered by, the arguments.
    pub fn parts<'r>(&self, chunk: &'r Chunk) -> (Vec<u32>, &'r [Vector], &'r [Vector]) {
        let columns = chunk.columns();
        let of = groups(columns).iter().map(|group| group.cast_unsigned()).collect();
        let rest = columns.get(1..).unwrap_or(&[]);
        let (order, arguments) = rest.split_at_checked(self.order.len()).unwrap_or((rest, &[]));
        (of, order, arguments)
    }

    fn arguments(&self, columns: &[Vector], rows: &[u32]) -> ExecuteResult<Arranged> {
        let all = groups(columns);
        let arguments = columns.iter().skip(1 + self.order.len());
        let arguments: Result<Vec<Vector>, _> = arguments.map(|argument| argument.gather(rows)).collect();
        let groups = rows.iter().map(|row| all[*row as usize].cast_unsigned()).collect();
        Ok(Arranged { groups, arguments: arguments? })
    }
}

/// The groups of rows, as they lie.
fn groups(columns: &[Vector]) -> &[i32] {
    columns.first().and_then(Vector::fixed::<i32>).unwrap_or(&[])
}

impl Waiting {
    /// Which of some rows do not repeat one that came before; `None` stands for all, where nobody tells repetition.
    pub fn fresh(
        &mut self,
        shape: &Shape,
        groups: &[u32],
        arguments: &[Vector],
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Fresh>> {
        if shape.distinct.is_empty() {
            return Ok(None);
        }
        let seen = self.seen.get_or_insert_with(|| Seen {
            table: KeySet::new(shape.told_apart_by()),
            held: Held::default(),
            full: false,
        });
        let told_apart = arguments.iter().skip(shape.direct).take(shape.distinct.len());
        let group = Vector::from_values::<i32>(groups.iter().map(|group| group.cast_signed()).collect());
        let keys: Vec<Vector> = std::iter::once(&group).chain(told_apart).cloned().collect();
        let rows = groups.len();
        let fresh = match seen.full {
            true => seen.table.absent(&keys, rows),
            false => seen.table.insert(&keys, rows),
        };
        let fresh = Fresh { rows: fresh, certain: !seen.full };
        // Twice, as other tables are reckoned.
        let now = seen.table.size() * 2;
        seen.held.grow(run, now)?;
        seen.full = now > run.world.settings.work_mem;
        Ok(Some(fresh))
    }

    /// All rows as they came; `None` if some were written.
    pub fn into_chunks(self) -> Option<Vec<Chunk>> {
        self.runs.is_empty().then_some(self.chunks)
    }

    /// Keeps rows of these groups.
    pub fn push(
        &mut self,
        shape: &Shape,
        groups: &[u32],
        order: &[Vector],
        arguments: &[Vector],
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let groups = Vector::from_values::<i32>(groups.iter().map(|group| group.cast_signed()).collect());
        let rows = groups.len();
        let columns = std::iter::once(&groups).chain(order).chain(arguments).cloned().collect();
        let chunk = Chunk::new(columns, rows);
        let bytes = chunk_bytes(&chunk);
        self.held.take(run, bytes)?;
        self.chunks.push(chunk);
        if self.held.bytes() > run.world.settings.work_mem {
            self.write(shape, run)?;
        }
        Ok(())
    }

    /// Writes the rows that are in memory, in order.
    fn write(&mut self, shape: &Shape, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let rows = join(&shape.kinds, std::mem::take(&mut self.chunks))?;
        let keys = shape.keys(rows.columns());
        let (encoded, order) = RowOrder::sort_with_keys(&shape.columns(), &keys, rows.rows());
        let mut written = Rows::new(&shape.kinds);
        for (count, row) in order.into_iter().enumerate() {
            if count % 1024 == 1023 {
                run.check()?;
            }
            written.push(run, encoded.get(row as usize), rows.columns(), row as usize)?;
        }
        written.flush(run)?;
        self.runs.push(written);
        self.held.release();
        Ok(())
    }

    /// All rows have come.
    pub fn ordered(mut self, shape: &Shape, run: &mut Run<'_, '_>) -> ExecuteResult<Ordered> {
        self.seen = None;
        if self.runs.is_empty() {
            let none = self.chunks.is_empty();
            return Ok(Ordered::Memory(if none { None } else { Some(join(&shape.kinds, self.chunks)?) }));
        }
        if !self.chunks.is_empty() {
            self.write(shape, run)?;
        }
        Ok(Ordered::Written(merged(self.runs, run)?, None))
    }
}

impl Ordered {
    /// The next rows; `None` behind the last.
    pub fn next(&mut self, shape: &Shape, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Arranged>> {
        run.check()?;
        match self {
            Ordered::Memory(rows) => {
                let Some(rows) = rows.take() else { return Ok(None) };
                let columns = rows.columns();
                let mut order = RowOrder::sort(&shape.columns(), &shape.keys(columns), rows.rows());
                if !shape.distinct.is_empty() {
                    order.dedup_by(|row, kept| {
                        shape.repeats((columns, *row as usize), (columns, *kept as usize))
                    });
                }
                Ok(Some(shape.arguments(columns, &order)?))
            }
            Ordered::Written(merge, last) => {
                let limit = run.chunk_rows();
                let Some(chunk) = merge.next(limit)? else { return Ok(None) };
                let columns = chunk.columns();
                let fresh = |row: &u32| {
                    let row = *row as usize;
                    shape.distinct.is_empty()
                        || match (row.checked_sub(1), &*last) {
                            (Some(before), _) => !shape.repeats((columns, row), (columns, before)),
                            (None, Some(last)) => !shape.repeats((columns, row), (last, 0)),
                            (None, None) => true,
                        }
                };
                // A chunk has fewer than 2^32 rows.
                let rows: Vec<u32> = (0..chunk.rows() as u32).filter(fresh).collect();
                let arranged = shape.arguments(columns, &rows)?;
                *last = Some(columns.iter().map(|column| column.slice(chunk.rows() - 1, 1)).collect());
                Ok(Some(arranged))
            }
        }
    }
}
