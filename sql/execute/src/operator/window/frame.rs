//! Partitions, and which rows of its partition a row's frame has.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, function, truth};
use crate::keys::{SortColumn, changes};
use crate::run::Run;
use functions::{Frame, Site};
use plan::expression::{self, Expression, FrameExclusion, FrameUnit, FunctionId, SortKey};
use std::ops::Range;
use types::catalog::oid;
use types::vector::Chunk;
use types::{Kind, Type, Value, Vector};

/// A partition of a stretch.
pub struct Part {
    /// Its rows.
    pub rows: Range<usize>,
    /// Its groups of peers.
    pub groups: Range<usize>,
}

/// Rows of some neighbouring partitions in their order.
pub struct Stretch {
    /// The rows.
    pub rows: Chunk,
    /// What they are ordered by.
    keys: Vec<Vector>,
    /// The partitions.
    pub parts: Vec<Part>,
    /// The first row of each partition.
    pub starts: Vec<usize>,
    /// The first row of each group of peers.
    pub peers: Vec<usize>,
    /// The group of each row.
    group: Vec<u32>,
}

impl Stretch {
    /// Rows with their keys, and where partitions begin, the first at 0.
    pub fn new(rows: Chunk, starts: Vec<usize>, keys: Vec<Vector>, columns: &[SortColumn]) -> Stretch {
        let count = rows.rows();
        let mut begins = changes(columns, &keys, count);
        starts.iter().for_each(|start| begins[*start] = true);
        let (mut peers, mut group) = (Vec::new(), Vec::with_capacity(count));
        for (row, begins) in begins.iter().enumerate() {
            if *begins {
                peers.push(row);
            }
            // Fewer than 2^32 rows are in memory.
            group.push(peers.len() as u32 - 1);
        }
        let ends = starts.iter().skip(1).copied().chain([count]);
        let part = |(start, end): (&usize, usize)| Part {
            rows: *start..end,
            groups: group[*start] as usize..group[end - 1] as usize + 1,
        };
        let parts = starts.iter().zip(ends).map(part).collect();
        Stretch { rows, keys, parts, starts, peers, group }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.rows()
    }

    /// The group of peers of each row.
    pub fn groups(&self) -> &[u32] {
        &self.group
    }

    /// The rows of a group of a partition; those past its last are empty at its end.
    fn group_rows(&self, part: &Part, group: usize) -> Range<usize> {
        let start = |group: usize| match group < part.groups.end {
            true => self.peers[group],
            false => part.rows.end,
        };
        start(group)..start(group.saturating_add(1))
    }

    fn peers_of(&self, row: usize) -> Range<usize> {
        let group = self.group[row] as usize;
        self.peers[group]..self.peers.get(group + 1).copied().unwrap_or(self.len())
    }
}

/// A bound, compiled.
enum Bound {
    UnboundedPreceding,
    CurrentRow,
    UnboundedFollowing,
    Offset(Box<Moved>),
}

/// So far from the present row.
struct Moved {
    following: bool,
    offset: Evaluator,
    in_range: Option<Site>,
    value: Offset,
}

/// The value of an offset.
enum Offset {
    /// It was not asked for yet.
    Unknown,
    Rows(usize),
    Range(Vector),
}

/// A bound with the value of its offset.
enum Edge<'b> {
    UnboundedPreceding,
    CurrentRow,
    UnboundedFollowing,
    Rows { following: bool, offset: usize },
    InRange { following: bool, offset: &'b Vector, site: &'b Site },
}

/// Frames that need not be looked at one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The whole partition.
    Whole,
    /// From the partition's beginning up to the row.
    ToRow,
    /// From the partition's beginning up to the row's last peer.
    ToPeers,
    /// Any others.
    Other,
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

    /// Finds the values of offsets; to be called before the first rows, as PostgreSQL does.
    ///
    /// # Errors
    /// When one is null or negative.
    pub fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.start.begin(self.unit, "starting", run)?;
        self.end.begin(self.unit, "ending", run)
    }

    /// The frame of each row without exclusions.
    pub fn ranges(&self, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Range<usize>>> {
        let (start, end) = (self.start.edge()?, self.end.edge()?);
        let mut ranges = Vec::with_capacity(stretch.len());
        for part in &stretch.parts {
            let (mut head, mut tail) = (part.rows.start, part.rows.start);
            for row in part.rows.clone() {
                if row % 1024 == 1023 {
                    run.check()?;
                }
                head = self.head(&start, row, head, (stretch, part), run)?;
                tail = self.tail(&end, row, tail, (stretch, part), run)?;
                ranges.push(head..tail.max(head));
            }
        }
        Ok(ranges)
    }

    /// What all frames have in common.
    pub fn shape(&self) -> Shape {
        match (&self.start, &self.end) {
            (_, _) if self.exclusion != FrameExclusion::NoOthers => Shape::Other,
            (Bound::UnboundedPreceding, Bound::UnboundedFollowing) => Shape::Whole,
            (Bound::UnboundedPreceding, Bound::CurrentRow) => match self.unit {
                FrameUnit::Rows => Shape::ToRow,
                FrameUnit::Range | FrameUnit::Groups => Shape::ToPeers,
            },
            (
                Bound::UnboundedPreceding | Bound::CurrentRow | Bound::UnboundedFollowing | Bound::Offset(_),
                Bound::UnboundedPreceding | Bound::CurrentRow | Bound::UnboundedFollowing | Bound::Offset(_),
            ) => Shape::Other,
        }
    }

    /// How many rows before and behind a row its frame may have, where that is the same for all rows and whoever is a peer of whom.
    pub fn reach(&self) -> Option<(usize, usize)> {
        if self.unit != FrameUnit::Rows || self.exclusion != FrameExclusion::NoOthers {
            return None;
        }
        let (start, end) = (self.start.reach()?, self.end.reach()?);
        Some((start.0.max(end.0), start.1.max(end.1)))
    }

    /// The first row of a frame; `before` is that of the row before.
    fn head(
        &self,
        edge: &Edge<'_>,
        row: usize,
        before: usize,
        (stretch, part): (&Stretch, &Part),
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<usize> {
        let rows = part.rows.clone();
        Ok(match (edge, self.unit) {
            (Edge::UnboundedPreceding, _) => rows.start,
            (Edge::UnboundedFollowing, _) => rows.end,
            (Edge::CurrentRow, FrameUnit::Rows) => row,
            (Edge::CurrentRow, FrameUnit::Range | FrameUnit::Groups) => stretch.peers_of(row).start,
            (Edge::Rows { following, offset }, FrameUnit::Rows) => {
                moved(row, *offset, *following).map_or(rows.start, |first| first.clamp(rows.start, rows.end))
            }
            (Edge::Rows { following, offset }, FrameUnit::Groups | FrameUnit::Range) => {
                match moved(stretch.group[row] as usize, *offset, *following) {
                    Some(group) => stretch.group_rows(part, group.max(part.groups.start)).start,
                    None => rows.start,
                }
            }
            (Edge::InRange { following, offset, site }, _) => {
                let mut head = before;
                while head < rows.end {
                    let stop = match self.nulls(row, head, stretch) {
                        Some((current, other)) if self.nulls_first => !other || current,
                        Some((current, other)) => other || !current,
                        None => {
                            let flags = (*following == self.descending, self.descending);
                            in_range(site, stretch, (head, row), offset, flags, run)?
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
        (stretch, part): (&Stretch, &Part),
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<usize> {
        let rows = part.rows.clone();
        Ok(match (edge, self.unit) {
            (Edge::UnboundedPreceding, _) => rows.start,
            (Edge::UnboundedFollowing, _) => rows.end,
            (Edge::CurrentRow, FrameUnit::Rows) => row + 1,
            (Edge::CurrentRow, FrameUnit::Range | FrameUnit::Groups) => stretch.peers_of(row).end,
            (Edge::Rows { following, offset }, FrameUnit::Rows) => moved(row, *offset, *following)
                .map_or(rows.start, |last| last.saturating_add(1).clamp(rows.start, rows.end)),
            (Edge::Rows { following, offset }, FrameUnit::Groups | FrameUnit::Range) => {
                match moved(stretch.group[row] as usize, *offset, *following) {
                    Some(group) if group >= part.groups.start => stretch.group_rows(part, group).end,
                    Some(_) | None => rows.start,
                }
            }
            (Edge::InRange { following, offset, site }, _) => {
                let mut tail = before;
                while tail < rows.end {
                    let stop = match self.nulls(row, tail, stretch) {
                        Some((_, other)) if self.nulls_first => !other,
                        Some((current, _)) => !current,
                        None => {
                            let flags = (*following == self.descending, !self.descending);
                            !in_range(site, stretch, (tail, row), offset, flags, run)?
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
    fn nulls(&self, row: usize, other: usize, stretch: &Stretch) -> Option<(bool, bool)> {
        let null = |row| stretch.keys.first().is_none_or(|key| key.is_null(row));
        let nulls = (null(row), null(other));
        (nulls.0 || nulls.1).then_some(nulls)
    }

    /// Whether anything is left out of frames.
    pub fn excludes(&self) -> bool {
        self.exclusion != FrameExclusion::NoOthers
    }

    /// A frame without what is left out of it.
    pub fn cut(&self, range: &Range<usize>, row: usize, stretch: &Stretch) -> Frame {
        let peers = stretch.peers_of(row);
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
    stretch: &Stretch,
    (row, base): (usize, usize),
    offset: &Vector,
    (subtract, less): (bool, bool),
    run: &mut Run<'_, '_>,
) -> ExecuteResult<bool> {
    let Some(key) = stretch.keys.first() else { return Ok(true) };
    run.check()?;
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
            Ok(Bound::Offset(Box::new(Moved {
                following,
                offset: Evaluator::new(compiler, offset)?,
                in_range,
                value: Offset::Unknown,
            })))
        };
        match bound {
            expression::FrameBound::UnboundedPreceding => Ok(Bound::UnboundedPreceding),
            expression::FrameBound::CurrentRow => Ok(Bound::CurrentRow),
            expression::FrameBound::UnboundedFollowing => Ok(Bound::UnboundedFollowing),
            expression::FrameBound::Preceding(value, in_range) => offset(value, in_range, false),
            expression::FrameBound::Following(value, in_range) => offset(value, in_range, true),
        }
    }

    fn begin(&mut self, unit: FrameUnit, edge: &'static str, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let Bound::Offset(moved) = self else { return Ok(()) };
        let Moved { offset, in_range, value, .. } = &mut **moved;
        let found = offset.value(run)?;
        if found.is_null() {
            return Err(ExecuteError::FrameOffset { edge, problem: "null" });
        }
        *value = match (in_range, found) {
            (Some(_), found) => Offset::Range(Vector::constant(offset.kind(), &found, 1)?),
            (None, Value::Int64(found)) if unit != FrameUnit::Range => match usize::try_from(found) {
                Ok(offset) => Offset::Rows(offset),
                Err(_) => return Err(ExecuteError::FrameOffset { edge, problem: "negative" }),
            },
            (None, _) => return Err(ExecuteError::plan("an offset that is no bigint")),
        };
        Ok(())
    }

    /// How far a row may be before or behind another one that it bounds the frame of, if that is known by numbers of rows.
    fn reach(&self) -> Option<(usize, usize)> {
        match self {
            Bound::UnboundedPreceding | Bound::UnboundedFollowing => None,
            Bound::CurrentRow => Some((0, 0)),
            Bound::Offset(moved) => match (&moved.value, moved.following) {
                (Offset::Rows(offset), false) => Some((*offset, 0)),
                (Offset::Rows(offset), true) => Some((0, *offset)),
                (Offset::Unknown | Offset::Range(_), _) => None,
            },
        }
    }

    fn edge(&self) -> ExecuteResult<Edge<'_>> {
        Ok(match self {
            Bound::UnboundedPreceding => Edge::UnboundedPreceding,
            Bound::CurrentRow => Edge::CurrentRow,
            Bound::UnboundedFollowing => Edge::UnboundedFollowing,
            Bound::Offset(moved) => match (&moved.value, &moved.in_range) {
                (Offset::Rows(offset), _) => Edge::Rows { following: moved.following, offset: *offset },
                (Offset::Range(offset), Some(site)) => {
                    Edge::InRange { following: moved.following, offset, site }
                }
                (Offset::Unknown | Offset::Range(_), _) => {
                    return Err(ExecuteError::plan("an offset that nobody has found"));
                }
            },
        })
    }
}
