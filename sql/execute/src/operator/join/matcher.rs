//! What a kind of join makes of candidates.
//!
//! Candidates are pairs of a row of the left and a row of the right whose keys are equal, or may be; conditions decide
//! the rest. They come in the order of the left's rows, and rows of the left are told complete when their last candidate
//! has come. So what is handed up is in the order of the left, too, with rows without a partner in their places.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::Conditions;
use crate::operator::late::{Late, first_failing, may_be_tried_again};
use crate::operator::rows::{join, nulls};
use crate::run::Run;
use plan::physical::PhysicalJoinKind;
use types::vector::Chunk;
use types::{Kind, Vector};

/// Pairs of rows.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Rows of the left, ascending.
    pub left: Vec<u32>,
    /// Rows of the right.
    pub right: Vec<u32>,
    /// Pairs, by their places, of which it is unknown whether they match: a key is null.
    pub uncertain: Vec<u32>,
}

impl Candidates {
    /// One of them.
    fn single(&self, place: usize) -> Candidates {
        let is_uncertain = self.uncertain.iter().any(|uncertain| *uncertain as usize == place);
        Candidates {
            left: vec![self.left[place]],
            right: vec![self.right[place]],
            uncertain: if is_uncertain { vec![0] } else { Vec::new() },
        }
    }

    /// Adds another one.
    fn push(&mut self, single: &Candidates) {
        let place = self.left.len() as u32;
        self.uncertain.extend(single.uncertain.iter().map(|_| place));
        self.left.extend(&single.left);
        self.right.extend(&single.right);
    }

    /// The first of them.
    fn front(&self, count: usize) -> Candidates {
        let uncertain = self.uncertain.iter().copied().filter(|place| (*place as usize) < count);
        Candidates {
            left: self.left[..count].to_vec(),
            right: self.right[..count].to_vec(),
            uncertain: uncertain.collect(),
        }
    }
}

/// Knows the kind of a join.
pub struct Matcher {
    kind: PhysicalJoinKind,
    conditions: Conditions,
    /// For each column of both sides what stands in its place where the conditions do not read it.
    blank: Vec<Option<Vector>>,
    left_kinds: Vec<Kind>,
    right_kinds: Vec<Kind>,
    /// For each column that is handed up a null, if nobody asks for it.
    unasked: Vec<Option<Vector>>,
    /// The first row of the left that is not complete, and what is known of it.
    row: u32,
    matched: bool,
    unknown: bool,
    /// Rows of the right that had a partner; kept where somebody asks.
    right_matched: Vec<bool>,
    /// For each row that was handed up last, the row of the left that it is of.
    origins: Vec<u32>,
    late: Late,
}

/// Rows of the right without a partner, their numbers, and where to go on.
pub type Rest = (Chunk, Vec<u32>, usize);

/// Rows that are handed up: of the left, of the right (`None` stands for nulls), marks.
#[derive(Default)]
struct Output {
    left: Vec<u32>,
    right: Vec<u32>,
    marks: Vec<Option<bool>>,
    /// The rows of the left that rows of the right alone are of.
    origins: Vec<u32>,
}

/// Whether these are all of so many rows, in their order, as where each has one partner: they need not be gathered.
fn is_each_once(chosen: &[u32], rows: usize) -> bool {
    rows > 0 && chosen.len() == rows && (0..).zip(chosen).all(|(row, chosen)| row == *chosen)
}

impl Matcher {
    /// For a kind of join.
    pub fn new(
        kind: PhysicalJoinKind,
        conditions: Conditions,
        left_kinds: Vec<Kind>,
        right_kinds: Vec<Kind>,
        late: Late,
    ) -> ExecuteResult<Matcher> {
        let mut needed = vec![false; left_kinds.len() + right_kinds.len()];
        for slot in conditions.slots() {
            if let Some(needed) = needed.get_mut(slot as usize) {
                *needed = true;
            }
        }
        let mut blank = Vec::new();
        for (kind, needed) in left_kinds.iter().chain(&right_kinds).zip(needed) {
            blank.push(if needed { None } else { Some(Vector::constant(*kind, &types::Value::Null, 1)?) });
        }
        Ok(Matcher {
            kind,
            conditions,
            blank,
            left_kinds,
            right_kinds,
            unasked: Vec::new(),
            row: 0,
            matched: false,
            unknown: false,
            right_matched: Vec::new(),
            origins: Vec::new(),
            late,
        })
    }

    /// The same, where nobody asks for some of the columns that are handed up, by their places.
    pub fn without(mut self, unasked: &[u32]) -> ExecuteResult<Matcher> {
        let handed = match self.kind {
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Single => [&self.left_kinds[..], &self.right_kinds[..]].concat(),
            // A mark is made anyway.
            PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark => self.left_kinds.clone(),
            PhysicalJoinKind::RightSemi | PhysicalJoinKind::RightAnti => self.right_kinds.clone(),
        };
        let null = |(slot, kind): (u32, &Kind)| {
            unasked.contains(&slot).then(|| Vector::constant(*kind, &types::Value::Null, 1)).transpose()
        };
        self.unasked = (0..).zip(&handed).map(null).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The right's columns that neither anybody above nor a condition reads, by their places.
    pub fn unasked_of_right(&self) -> Vec<u32> {
        let columns = self.unasked.iter().zip(&self.blank).skip(self.left_kinds.len());
        let unread = (0..).zip(columns).filter(|(_, (unasked, blank))| unasked.is_some() && blank.is_some());
        unread.map(|(place, _)| place).collect()
    }

    /// The kinds of the left's columns.
    pub fn left_kinds(&self) -> &[Kind] {
        &self.left_kinds
    }

    /// For each row that was handed up last, the row of the left that it is of.
    pub fn origins(&self) -> &[u32] {
        &self.origins
    }

    /// The kinds of the right's columns.
    pub fn right_kinds(&self) -> &[Kind] {
        &self.right_kinds
    }

    /// Whether an unknown comparison counts.
    pub fn asks_unknown(&self) -> bool {
        matches!(self.kind, PhysicalJoinKind::AntiNull | PhysicalJoinKind::Mark)
    }

    /// Whether parts of both sides may be joined apart from each other. With conditions, each row that may be unknown would have
    /// to be in every part.
    pub fn may_be_parted(&self) -> bool {
        !self.asks_unknown() || self.conditions.is_empty()
    }

    /// Whether one certain candidate is enough for a row of the left.
    pub fn one_is_enough(&self) -> bool {
        self.conditions.is_empty() && self.ends_with_match()
    }

    /// How many candidates are to come at once where rows of the left are to have about so many in all: where it matters how many
    /// partners a row has before it is handed up, all that are its own, however many.
    pub fn at_once(&self, limit: usize) -> usize {
        match self.kind {
            PhysicalJoinKind::Single => usize::MAX,
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => limit,
        }
    }

    /// Whether a row of the left may be joined with some rows of the right before all of these are known.
    pub fn may_begin_early(&self) -> bool {
        match self.kind {
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti => true,
            PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::Single
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => false,
        }
    }

    /// Whether rows of the right are asked for that have no partner, or their first one.
    pub fn tracks_right(&self) -> bool {
        match self.kind {
            PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => true,
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::Single => false,
        }
    }

    /// Whether rows of the left without a partner are handed up with nulls.
    pub fn pads_left(&self) -> bool {
        match self.kind {
            PhysicalJoinKind::Left | PhysicalJoinKind::Full | PhysicalJoinKind::Single => true,
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => false,
        }
    }

    /// Whether a right side without rows leaves nothing of the left.
    pub fn needs_right(&self) -> bool {
        match self.kind {
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => true,
            PhysicalJoinKind::Left
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::Single => false,
        }
    }

    /// Whether rows of the left may be left out unseen that are of no use to whoever is above: a row tells of nothing but itself,
    /// and nothing that is asked of it can fail.
    pub fn left_is_free(&self) -> bool {
        self.conditions.cannot_fail() && self.kind.is_by_rows_of_left()
    }

    /// The same of rows of the right.
    pub fn right_is_free(&self) -> bool {
        self.conditions.cannot_fail() && self.kind == PhysicalJoinKind::Inner
    }

    /// All rows of a right side; behind them a row of nulls, where the left is padded with it.
    pub fn right_side(&self, mut chunks: Vec<Chunk>) -> ExecuteResult<Chunk> {
        if self.pads_left() {
            chunks.push(Chunk::new(nulls(&self.right_kinds, 1)?, 1));
        }
        join(&self.right_kinds, chunks)
    }

    /// The join begins, with so many rows of the right.
    pub fn begin(&mut self, right_rows: usize) {
        self.late.forget();
        self.right_matched = if self.tracks_right() { vec![false; right_rows] } else { Vec::new() };
        self.begin_left();
    }

    /// Another chunk of the left begins.
    pub fn begin_left(&mut self) {
        (self.row, self.matched, self.unknown) = (0, false, false);
    }

    /// What waits, of which the conditions have failed behind the rows that were handed up last; or something else has that waits.
    ///
    /// # Errors
    /// That.
    pub fn late(&self) -> ExecuteResult<()> {
        self.late.check()
    }

    /// Lets an error wait that something else than conditions has failed of.
    ///
    /// # Errors
    /// That one, where it may not wait.
    pub fn hold(&self, error: ExecuteError) -> ExecuteResult<()> {
        self.late.hold(error)
    }

    /// What candidates make, now that all rows of the left before `complete` have had theirs. The right has a row of
    /// nulls as its last, if the left is padded ([`Matcher::right_side`]).
    pub fn take(
        &mut self,
        run: &mut Run<'_, '_>,
        left: &Chunk,
        right: &Chunk,
        candidates: &Candidates,
        complete: u32,
    ) -> ExecuteResult<Option<Chunk>> {
        self.late.check()?;
        let effects = run.state.effects;
        match self.take_all(run, (left, right), candidates, complete) {
            Ok(found) => Ok(found),
            Err(error) if !may_be_tried_again(run, effects, &error) => Err(error),
            Err(_) if self.ends_with_match() => self.take_singly(run, (left, right), candidates, complete),
            Err(error) => self.take_front(run, (left, right), candidates, (error, effects)),
        }
    }

    /// Whether nothing more is asked of a row of the left that has a partner.
    fn ends_with_match(&self) -> bool {
        match self.kind {
            PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark => true,
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Single
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => false,
        }
    }

    /// The same where candidates behind the partner of a row of the left are not looked at, one by one up to the first of which the
    /// conditions fail.
    #[cold]
    fn take_singly(
        &mut self,
        run: &mut Run<'_, '_>,
        (left, right): (&Chunk, &Chunk),
        candidates: &Candidates,
        complete: u32,
    ) -> ExecuteResult<Option<Chunk>> {
        let (mut kept, mut end) = (Candidates::default(), complete);
        let mut matched = self.matched.then_some(self.row);
        for place in 0..candidates.left.len() {
            let row = candidates.left[place];
            if matched == Some(row) {
                continue;
            }
            let single = candidates.single(place);
            match self.verdicts(run, left, right, &single) {
                Ok(verdicts) => {
                    if verdicts.first() == Some(&Some(true)) && single.uncertain.is_empty() {
                        matched = Some(row);
                    }
                    kept.push(&single);
                }
                Err(error) => {
                    self.late.hold(error)?;
                    end = row;
                    break;
                }
            }
        }
        let found = self.take_all(run, (left, right), &kept, end)?;
        if found.is_none() {
            self.late.check()?;
        }
        Ok(found)
    }

    /// What those make that come before the first of which the conditions fail.
    #[cold]
    fn take_front(
        &mut self,
        run: &mut Run<'_, '_>,
        (left, right): (&Chunk, &Chunk),
        candidates: &Candidates,
        (error, effects): (ExecuteError, u64),
    ) -> ExecuteResult<Option<Chunk>> {
        let rows = candidates.left.len();
        let (good, error) = first_failing(run, (rows, effects), error, |run, count| {
            self.verdicts(run, left, right, &candidates.front(count)).map(drop)
        })?;
        let Some(complete) = candidates.left.get(good) else { return Err(error) };
        self.late.hold(error)?;
        let found = self.take_all(run, (left, right), &candidates.front(good), *complete)?;
        if found.is_none() {
            self.late.check()?;
        }
        Ok(found)
    }

    fn take_all(
        &mut self,
        run: &mut Run<'_, '_>,
        (left, right): (&Chunk, &Chunk),
        candidates: &Candidates,
        complete: u32,
    ) -> ExecuteResult<Option<Chunk>> {
        if self.kind == PhysicalJoinKind::Inner {
            return self.take_pairs(run, left, right, candidates);
        }
        let verdicts = self.verdicts(run, left, right, candidates)?;
        let null_row = right.rows().saturating_sub(1) as u32;
        let mut output = Output::default();
        let mut uncertain = candidates.uncertain.iter().peekable();
        for (place, verdict) in verdicts.iter().enumerate() {
            let (left_row, right_row) = (candidates.left[place], candidates.right[place]);
            let doubtful = uncertain.next_if(|next| **next as usize == place).is_some();
            self.complete(left_row, null_row, &mut output);
            match verdict {
                Some(false) => {}
                Some(true) if !doubtful => {
                    if self.kind == PhysicalJoinKind::Single && self.matched {
                        return self.take_before(left, right, output);
                    }
                    self.pair(left_row, right_row, &mut output);
                }
                Some(true) | None => self.unknown = true,
            }
        }
        self.complete(complete, null_row, &mut output);
        if self.kind == PhysicalJoinKind::Single && self.matched {
            // Something has failed behind the partner of a row: the row is not handed up.
            output.left.pop();
            output.right.pop();
        }
        self.finish_chunk(left, right, output)
    }

    /// The present row of the left has a partner too many: it is not handed up, what comes before it is.
    #[cold]
    fn take_before(
        &mut self,
        left: &Chunk,
        right: &Chunk,
        mut output: Output,
    ) -> ExecuteResult<Option<Chunk>> {
        // All of its candidates have come together, so its first partner is the last that was put down.
        output.left.pop();
        output.right.pop();
        self.late.hold(ExecuteError::SeveralRows)?;
        let found = self.finish_chunk(left, right, output)?;
        if found.is_none() {
            self.late.check()?;
        }
        Ok(found)
    }

    /// The same of an inner join: all pairs that fulfil the conditions, whatever else their rows have.
    fn take_pairs(
        &mut self,
        run: &mut Run<'_, '_>,
        left: &Chunk,
        right: &Chunk,
        candidates: &Candidates,
    ) -> ExecuteResult<Option<Chunk>> {
        let rows = candidates.left.len();
        if self.conditions.is_empty() || rows == 0 {
            let (left_rows, right_rows) = (candidates.left.clone(), candidates.right.clone());
            let output = Output { left: left_rows, right: right_rows, ..Output::default() };
            return self.finish_chunk(left, right, output);
        }
        let columns = self.columns_of(left, right, candidates)?;
        let chosen = self.conditions.select(run, &columns, rows)?;
        run.note_removed(rows - chosen.len());
        let picked = |of: &[u32]| chosen.iter().map(|pair| of[*pair as usize]).collect();
        let output =
            Output { left: picked(&candidates.left), right: picked(&candidates.right), ..Output::default() };
        self.finish_chunk(left, right, output)
    }

    /// The columns of candidates that the conditions read.
    fn columns_of(&self, left: &Chunk, right: &Chunk, candidates: &Candidates) -> ExecuteResult<Vec<Vector>> {
        let rows = candidates.left.len();
        let mut columns = Vec::with_capacity(self.blank.len());
        for (slot, blank) in self.blank.iter().enumerate() {
            let place = slot.checked_sub(self.left_kinds.len());
            columns.push(match (blank, place) {
                (Some(blank), _) => blank.repeat(0, rows),
                (None, None) => left.column(slot).gather(&candidates.left)?,
                (None, Some(place)) => right.column(place).gather(&candidates.right)?,
            });
        }
        Ok(columns)
    }

    /// What the conditions say of each candidate; `None` is unknown, and false where nobody asks.
    fn verdicts(
        &self,
        run: &mut Run<'_, '_>,
        left: &Chunk,
        right: &Chunk,
        candidates: &Candidates,
    ) -> ExecuteResult<Vec<Option<bool>>> {
        let rows = candidates.left.len();
        if self.conditions.is_empty() || rows == 0 {
            return Ok(vec![Some(true); rows]);
        }
        let columns = self.columns_of(left, right, candidates)?;
        if self.asks_unknown() {
            return self.conditions.truths(run, &columns, rows);
        }
        let mut verdicts = vec![Some(false); rows];
        let chosen = self.conditions.select(run, &columns, rows)?;
        run.note_removed(rows - chosen.len());
        for row in chosen {
            verdicts[row as usize] = Some(true);
        }
        Ok(verdicts)
    }

    /// All rows of the left before `row` have had their candidates.
    fn complete(&mut self, row: u32, null_row: u32, output: &mut Output) {
        while self.row < row {
            match self.kind {
                PhysicalJoinKind::Left | PhysicalJoinKind::Full | PhysicalJoinKind::Single
                    if !self.matched =>
                {
                    output.left.push(self.row);
                    output.right.push(null_row);
                }
                PhysicalJoinKind::Anti if !self.matched => output.left.push(self.row),
                PhysicalJoinKind::AntiNull if !self.matched && !self.unknown => output.left.push(self.row),
                PhysicalJoinKind::Mark => {
                    output.left.push(self.row);
                    output.marks.push(if self.matched || !self.unknown { Some(self.matched) } else { None });
                }
                PhysicalJoinKind::Inner
                | PhysicalJoinKind::Left
                | PhysicalJoinKind::Right
                | PhysicalJoinKind::Full
                | PhysicalJoinKind::Semi
                | PhysicalJoinKind::Anti
                | PhysicalJoinKind::AntiNull
                | PhysicalJoinKind::Single
                | PhysicalJoinKind::RightSemi
                | PhysicalJoinKind::RightAnti => {}
            }
            self.row += 1;
            (self.matched, self.unknown) = (false, false);
        }
    }

    /// A pair matches.
    fn pair(&mut self, left: u32, right: u32, output: &mut Output) {
        let first = !std::mem::replace(&mut self.matched, true);
        let right_first = match self.right_matched.get_mut(right as usize) {
            Some(matched) => !std::mem::replace(matched, true),
            None => false,
        };
        match self.kind {
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Single => {
                output.left.push(left);
                output.right.push(right);
            }
            PhysicalJoinKind::Semi if first => output.left.push(left),
            PhysicalJoinKind::RightSemi if right_first => {
                output.right.push(right);
                output.origins.push(left);
            }
            PhysicalJoinKind::Semi
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::RightAnti => {}
        }
    }

    /// Appends the columns of rows of a side, as far as somebody asks for them.
    fn hand_up(&self, side: &Chunk, rows: &[u32], columns: &mut Vec<Vector>) -> ExecuteResult<()> {
        for column in side.columns() {
            columns.push(match self.unasked.get(columns.len()) {
                Some(Some(null)) => null.repeat(0, rows.len()),
                Some(None) | None => column.gather(rows)?,
            });
        }
        Ok(())
    }

    fn finish_chunk(&mut self, left: &Chunk, right: &Chunk, output: Output) -> ExecuteResult<Option<Chunk>> {
        let rows = output.left.len().max(output.right.len());
        if rows == 0 {
            return Ok(None);
        }
        let mut columns = Vec::with_capacity(self.left_kinds.len() + self.right_kinds.len());
        if is_each_once(&output.left, left.rows()) {
            columns.extend_from_slice(left.columns());
        } else if !output.left.is_empty() {
            self.hand_up(left, &output.left, &mut columns)?;
        }
        if !output.right.is_empty() {
            self.hand_up(right, &output.right, &mut columns)?;
        }
        if self.kind == PhysicalJoinKind::Mark {
            columns.push(crate::evaluate::booleans(output.marks.into_iter()));
        }
        self.origins = if output.left.is_empty() { output.origins } else { output.left };
        Ok(Some(Chunk::new(columns, rows)))
    }

    /// Rows of the right that nobody matched, once the left is at its end: at most `limit` from row `from` on, which
    /// they are, and from where to go on.
    pub fn rest(&self, right: &Chunk, from: usize, limit: usize) -> ExecuteResult<Option<Rest>> {
        let both = match self.kind {
            PhysicalJoinKind::Right | PhysicalJoinKind::Full => true,
            PhysicalJoinKind::RightAnti => false,
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark
            | PhysicalJoinKind::Single
            | PhysicalJoinKind::RightSemi => return Ok(None),
        };
        let (mut rows, mut next) = (Vec::new(), from);
        while rows.len() < limit && next < self.right_matched.len() {
            if !self.right_matched[next] {
                rows.push(next as u32);
            }
            next += 1;
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let mut columns = if both { nulls(&self.left_kinds, rows.len())? } else { Vec::new() };
        self.hand_up(right, &rows, &mut columns)?;
        let count = rows.len();
        Ok(Some((Chunk::new(columns, count), rows, next)))
    }
}
