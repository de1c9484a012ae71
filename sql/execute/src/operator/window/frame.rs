//! Which rows of a partition a row's frame has.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, function, truth};
use crate::keys::{SortColumn, compare_rows};
use crate::run::Run;
use functions::{Frame, Site};
use plan::expression::{self, Expression, FrameExclusion, FrameUnit, FunctionId, SortKey};
use std::ops::Range;
use types::catalog::oid;
use types::vector::Chunk;
use types::{Kind, Type, Value, Vector};

/// Rows of one partition in their order.
pub struct Partition {
    /// The rows.
    pub rows: Chunk,
    /// What they are ordered by.
    keys: Vec<Vector>,
    /// The first row of each group of peers.
    pub peers: Vec<usize>,
    /// The group of each row.
    group: Vec<usize>,
}

impl Partition {
    /// Rows with their keys.
    pub fn new(rows: Chunk, keys: Vec<Vector>, columns: &[SortColumn]) -> Partition {
        let (mut peers, mut group) = (vec![0], Vec::with_capacity(rows.rows()));
        for row in 0..rows.rows() {
            if row > 0 && compare_rows(columns, (&keys, row - 1), (&keys, row)).is_ne() {
                peers.push(row);
            }
            group.push(peers.len() - 1);
        }
        Partition { rows, keys, peers, group }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.rows()
    }

    /// The rows of a group; those past the last are empty at the end.
    fn group_rows(&self, group: usize) -> Range<usize> {
        let start = |group: usize| self.peers.get(group).copied().unwrap_or(self.len());
        start(group)..start(group + 1)
    }

    fn peers_of(&self, row: usize) -> Range<usize> {
        self.group_rows(self.group[row])
    }
}

/// A bound, compiled.
enum Bound {
    UnboundedPreceding,
    CurrentRow,
    UnboundedFollowing,
    Offset { following: bool, offset: Evaluator, in_range: Option<Site> },
}

/// A bound with the value of its offset.
enum Edge<'b> {
    UnboundedPreceding,
    CurrentRow,
    UnboundedFollowing,
    Rows { following: bool, offset: usize },
    InRange { following: bool, offset: Vector, site: &'b Site },
}

/// A frame clause, compiled.
pub struct Clause {
    unit: FrameUnit,
    start: Bound,
    end: Bound,
    exclusion: FrameExclusion,
    descending: bool,
    nulls_first: bool,
}

impl Clause {
    /// As the plan says; `order` is the first key of the window's order.
    pub fn new(
        compiler: &Compiler<'_>,
        frame: &expression::Frame,
        order: Option<&SortKey>,
    ) -> ExecuteResult<Clause> {
        Ok(Clause {
            unit: frame.unit,
            start: Bound::new(compiler, &frame.start, order)?,
            end: Bound::new(compiler, &frame.end, order)?,
            exclusion: frame.exclusion,
            descending: order.is_some_and(|order| order.descending),
            nulls_first: order.is_some_and(|order| order.nulls_first),
        })
    }

    /// The frame of each row without exclusions.
    pub fn ranges(&self, partition: &Partition, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Range<usize>>> {
        let start = self.start.edge(self.unit, "starting", run)?;
        let end = self.end.edge(self.unit, "ending", run)?;
        let (mut head, mut tail) = (0, 0);
        let mut ranges = Vec::with_capacity(partition.len());
        for row in 0..partition.len() {
            head = self.head(&start, row, head, partition, run)?;
            tail = self.tail(&end, row, tail, partition, run)?;
            ranges.push(head..tail.max(head));
        }
        Ok(ranges)
    }

    /// The first row of a frame; `before` is that of the row before.
    fn head(
        &self,
        edge: &Edge<'_>,
        row: usize,
        before: usize,
        partition: &Partition,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<usize> {
        let rows = partition.len();
        Ok(match (edge, self.unit) {
            (Edge::UnboundedPreceding, _) => 0,
            (Edge::UnboundedFollowing, _) => rows,
            (Edge::CurrentRow, FrameUnit::Rows) => row,
            (Edge::CurrentRow, FrameUnit::Range | FrameUnit::Groups) => partition.peers_of(row).start,
            (Edge::Rows { following, offset }, FrameUnit::Rows) => {
                moved(row, *offset, *following).unwrap_or(0).min(rows)
            }
            (Edge::Rows { following, offset }, FrameUnit::Groups | FrameUnit::Range) => {
                match moved(partition.group[row], *offset, *following) {
                    Some(group) => partition.group_rows(group).start,
                    None => 0,
                }
            }
            (Edge::InRange { following, offset, site }, _) => {
                let mut head = before;
                while head < rows {
                    let stop = match self.nulls(row, head, partition) {
                        Some((current, other)) if self.nulls_first => !other || current,
                        Some((current, other)) => other || !current,
                        None => {
                            let flags = (*following == self.descending, self.descending);
                            in_range(site, partition, (head, row), offset, flags, run)?
                        }
                    };
                    if stop {
                        break;
                    }
                    head += 1;
                }
                head
            }
        })
    }

    /// The row behind the last of a frame; `before` is that of the row before.
    fn tail(
        &self,
        edge: &Edge<'_>,
        row: usize,
        before: usize,
        partition: &Partition,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<usize> {
        let rows = partition.len();
        Ok(match (edge, self.unit) {
            (Edge::UnboundedPreceding, _) => 0,
            (Edge::UnboundedFollowing, _) => rows,
            (Edge::CurrentRow, FrameUnit::Rows) => row + 1,
            (Edge::CurrentRow, FrameUnit::Range | FrameUnit::Groups) => partition.peers_of(row).end,
            (Edge::Rows { following, offset }, FrameUnit::Rows) => {
                moved(row, *offset, *following).map_or(0, |last| last.saturating_add(1).min(rows))
            }
            (Edge::Rows { following, offset }, FrameUnit::Groups | FrameUnit::Range) => {
                match moved(partition.group[row], *offset, *following) {
                    Some(group) => partition.group_rows(group.min(rows)).end,
                    None => 0,
                }
            }
            (Edge::InRange { following, offset, site }, _) => {
                let mut tail = before;
                while tail < rows {
                    let stop = match self.nulls(row, tail, partition) {
                        Some((_, other)) if self.nulls_first => !other,
                        Some((current, _)) => !current,
                        None => {
                            let flags = (*following == self.descending, !self.descending);
                            !in_range(site, partition, (tail, row), offset, flags, run)?
                        }
                    };
                    if stop {
                        break;
                    }
                    tail += 1;
                }
                tail
            }
        })
    }

    /// Whether the keys of the present row and of another are null, if either is.
    fn nulls(&self, row: usize, other: usize, partition: &Partition) -> Option<(bool, bool)> {
        let null = |row| partition.keys.first().is_none_or(|key| key.is_null(row));
        let nulls = (null(row), null(other));
        (nulls.0 || nulls.1).then_some(nulls)
    }

    /// Whether anything is left out of frames.
    pub fn excludes(&self) -> bool {
        self.exclusion != FrameExclusion::NoOthers
    }

    /// A frame without what is left out of it.
    pub fn cut(&self, range: &Range<usize>, row: usize, partition: &Partition) -> Frame {
        let peers = partition.peers_of(row);
        let outside = |gone: Range<usize>| {
            [
                range.start..gone.start.clamp(range.start, range.end),
                gone.end.clamp(range.start, range.end)..range.end,
            ]
        };
        match self.exclusion {
            FrameExclusion::NoOthers => Frame::whole(range.clone()),
            FrameExclusion::CurrentRow => {
                let [before, after] = outside(row..row + 1);
                Frame([before, after, 0..0])
            }
            FrameExclusion::Group => {
                let [before, after] = outside(peers);
                Frame([before, after, 0..0])
            }
            FrameExclusion::Ties => {
                let [before, after] = outside(peers);
                let own = if range.contains(&row) { row..row + 1 } else { 0..0 };
                Frame([before, own, after])
            }
        }
    }
}

/// A place moved by an offset; `None` before the first.
fn moved(place: usize, offset: usize, following: bool) -> Option<usize> {
    if following { Some(place.saturating_add(offset)) } else { place.checked_sub(offset) }
}

/// Whether a row's key is in the range of another's; flags: subtract the offset, less or equal.
fn in_range(
    site: &Site,
    partition: &Partition,
    (row, base): (usize, usize),
    offset: &Vector,
    (subtract, less): (bool, bool),
    run: &mut Run<'_, '_>,
) -> ExecuteResult<bool> {
    let Some(key) = partition.keys.first() else { return Ok(true) };
    let flag = |value| Vector::constant(Kind::Bool, &Value::Bool(value), 1);
    let arguments = [key.repeat(row, 1), key.repeat(base, 1), offset.clone(), flag(subtract)?, flag(less)?];
    Ok(truth(&site.evaluate(&mut run.world.context, &arguments, 1)?, 0) == Some(true))
}

impl Bound {
    fn new(
        compiler: &Compiler<'_>,
        bound: &expression::FrameBound,
        order: Option<&SortKey>,
    ) -> ExecuteResult<Bound> {
        let offset = |offset: &Expression, in_range: &Option<FunctionId>, following| {
            let in_range = match (in_range, order) {
                (None, _) => None,
                (Some(_), None) => return Err(ExecuteError::plan("a range without an order")),
                (Some(id), Some(order)) => {
                    let key = order.expression.result;
                    let boolean = Type::of(oid::BOOL);
                    let arguments = [key, key, offset.result, boolean, boolean].into();
                    Some(Site {
                        native: 0,
                        function: function(*id)?,
                        arguments,
                        result: boolean,
                        variadic: false,
                        columns: Box::default(),
                    })
                }
            };
            Ok(Bound::Offset { following, offset: Evaluator::new(compiler, offset)?, in_range })
        };
        match bound {
            expression::FrameBound::UnboundedPreceding => Ok(Bound::UnboundedPreceding),
            expression::FrameBound::CurrentRow => Ok(Bound::CurrentRow),
            expression::FrameBound::UnboundedFollowing => Ok(Bound::UnboundedFollowing),
            expression::FrameBound::Preceding(value, in_range) => offset(value, in_range, false),
            expression::FrameBound::Following(value, in_range) => offset(value, in_range, true),
        }
    }

    fn edge(&self, unit: FrameUnit, edge: &'static str, run: &mut Run<'_, '_>) -> ExecuteResult<Edge<'_>> {
        let (following, offset, in_range) = match self {
            Bound::UnboundedPreceding => return Ok(Edge::UnboundedPreceding),
            Bound::CurrentRow => return Ok(Edge::CurrentRow),
            Bound::UnboundedFollowing => return Ok(Edge::UnboundedFollowing),
            Bound::Offset { following, offset, in_range } => (*following, offset, in_range),
        };
        let value = offset.value(run)?;
        if value.is_null() {
            return Err(ExecuteError::FrameOffset { edge, problem: "null" });
        }
        match (in_range, value) {
            (Some(site), value) => {
                let offset = Vector::constant(offset.kind(), &value, 1)?;
                Ok(Edge::InRange { following, offset, site })
            }
            (None, Value::Int64(value)) if unit != FrameUnit::Range => match usize::try_from(value) {
                Ok(offset) => Ok(Edge::Rows { following, offset }),
                Err(_) => Err(ExecuteError::FrameOffset { edge, problem: "negative" }),
            },
            (None, _) => Err(ExecuteError::plan("an offset that is no bigint")),
        }
    }
}
