//! UPDATE.

use super::constraint::first_violation;
use super::foreign_key;
use super::index::Index;
use super::insert::asked_later;
use super::locked::{Locked, lock, moved_away};
use super::member::Targets;
use super::needs_view;
use super::recheck::Rechecker;
use super::table::Table;
use super::trigger::StatementTriggers;
use super::write::{changes, update_row};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use plan::expression::Expression;
use plan::physical::{Node, PinnedScan};
use plan::target::{PolicyCheck, TargetTable};
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use store::locks::{RowMode, WaitPolicy};
use types::vector::Chunk;
use types::{Item, Vector};

/// The operator.
pub struct Update {
    targets: Targets,
    input: BoxedOperator,
    row_id: usize,
    table_oid: Option<usize>,
    assignments: Vec<(usize, Evaluator)>,
    /// The columns that are assigned to, and those that are generated from them.
    assigned: Vec<u32>,
    /// Whether keys are among them that others may refer to.
    may_change_keys: bool,
    triggers: StatementTriggers,
    /// Of a view where the rows are found as they are.
    found: Vec<Evaluator>,
    rechecker: Rechecker,
    counts: bool,
    needs_view: bool,
    /// What is changed and not handed up yet, the next last.
    ready: Vec<Chunk>,
}

impl Update {
    /// As the plan says; of the slots of the row's id and of its table.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        (row_id, table_oid, scans): (u32, Option<u32>, &[PinnedScan]),
        assignments: &[(u32, Expression)],
        found: &[Expression],
    ) -> ExecuteResult<Update> {
        let targets = Targets::new(&builder.compiler, target)?;
        let compiled = assignments
            .iter()
            .map(|(place, value)| Ok((*place as usize, Evaluator::new(&builder.compiler, value)?)));
        let assigned = || assignments.iter().map(|(place, _)| *place);
        let own_assigned = targets.named.with_generated(assigned());
        Ok(Update {
            input: builder.input_of_change(input, assignments.iter().map(|(_, value)| value))?,
            row_id: row_id as usize,
            table_oid: table_oid.map(|slot| slot as usize),
            assignments: compiled.collect::<ExecuteResult<_>>()?,
            rechecker: Rechecker::new(input, scans),
            needs_view: targets.has_triggers() || needs_view(builder, input),
            triggers: StatementTriggers::new(vec![(TriggerEvent::Update, own_assigned.clone())]),
            may_change_keys: update_mode(&targets.named, own_assigned.iter().copied()) == RowMode::Update,
            assigned: own_assigned,
            found: Evaluator::list(&builder.compiler, found)?,
            targets,
            counts: builder.counts,
            ready: Vec::new(),
        })
    }

    /// Changes rows of the named table, or of one of its members: as many together as nobody keeps from being changed.
    fn change(&mut self, run: &mut Run<'_, '_>, chunk: Chunk, member: Option<usize>) -> ExecuteResult<()> {
        let chunk = chunk.densify()?;
        let mut place = Place::default();
        while place.start < chunk.rows() {
            let done = self.change_some(run, &chunk, &mut place, member)?;
            self.ready.extend(done);
        }
        Ok(())
    }

    /// Changes rows from a place on, which then says where to go on; none if there are none any more.
    fn change_some(
        &mut self,
        run: &mut Run<'_, '_>,
        chunk: &Chunk,
        place: &mut Place,
        member: Option<usize>,
    ) -> ExecuteResult<Option<Chunk>> {
        let own = member.map(|member| &self.targets.members[member]);
        let table = own.map_or(&self.targets.named, |own| &own.table);
        // Who writes another key locks the row for that; where triggers are asked before, it is not known yet whether it is another.
        let asks = self.may_change_keys && table.asks_before(TriggerEvent::Update);
        let changes_key = std::mem::take(&mut place.changes_key);
        let mode = if asks || changes_key { RowMode::Update } else { RowMode::NoKeyUpdate };
        let wanted = Wanted { mode, may_want_more: self.may_change_keys, one: changes_key, what: "updated" };
        let locked = lock_rows(table, &mut self.rechecker, run, (chunk, &place.start), self.row_id, wanted)?;
        place.start = locked.end;
        if locked.ids.is_empty() {
            return Ok(None);
        }
        let before = table.decode(&locked.bytes)?;
        let mut after = own.map_or_else(|| before.clone(), |own| own.to_named(&before));
        let seen = (locked.in_the_way && mode == RowMode::NoKeyUpdate).then(|| after.clone());
        assign(&self.assignments, run, &locked.input, &mut after)?;
        if let ([id], Some(seen)) = (&locked.ids[..], &seen)
            && keys_differ(&self.targets.named, seen, &after)
            && run.world.transaction.let_go(table.tree(), &id.to_be_bytes(), mode)?
        {
            // It is waited for with nothing held, and looked at again: whoever is in the way may change it meanwhile.
            run.forget_changed(table.target.tree, *id);
            *place = Place { start: locked.end - 1, changes_key: true };
            return Ok(None);
        }
        run.refuse_changed_by_routine(table.target.tree, &locked.ids, "updated")?;
        let sides = (before, after);
        let written = self.targets.update(run, member, &locked.ids, sides, &self.assigned)?;
        self.done(run, locked.input, written)
    }

    /// What is handed up of rows that were written: those of the input that were not left out, and what they are now.
    fn done(
        &self,
        run: &mut Run<'_, '_>,
        mut input: Chunk,
        written: Written,
    ) -> ExecuteResult<Option<Chunk>> {
        if let Some(kept) = &written.kept {
            input = crate::operator::gather_rows(&input, kept)?;
        }
        let rows = written.rows;
        if self.counts {
            run.state.affected += rows as u64;
        }
        if rows == 0 {
            return Ok(None);
        }
        let mut columns = input.into_columns();
        columns.extend(written.columns);
        Ok(Some(Chunk::new(columns, rows)))
    }

    /// Calls triggers that change a view's rows.
    fn change_view(&mut self, run: &mut Run<'_, '_>, chunk: Chunk) -> ExecuteResult<Option<Chunk>> {
        let chunk = chunk.densify()?;
        let before = evaluate_all(&self.found, run, &chunk)?;
        let mut after = before.clone();
        assign(&self.assignments, run, &chunk, &mut after)?;
        let written = self.targets.update_instead(run, (before, after), chunk.rows())?;
        self.done(run, chunk, written)
    }
}

/// Where an input's rows are gone on with.
#[derive(Default)]
struct Place {
    start: usize,
    /// Whether the next of them gets another key.
    changes_key: bool,
}

/// Whether one of the keys that others may refer to is another afterwards, of one row.
fn keys_differ(table: &Table, before: &[Vector], after: &[Vector]) -> bool {
    let mut places =
        table.indexes.iter().filter(|index| is_plain_key(index)).flat_map(|index| &index.key_columns);
    places.any(|place| {
        let at = |columns: &[Vector]| {
            place.and_then(|place| columns.get(place as usize)).map(|column| column.value(0))
        };
        at(before) != at(after)
    })
}

/// Whether an index is a key that others may refer to.
fn is_plain_key(index: &Index) -> bool {
    index.unique && index.is_whole() && !index.key_columns.contains(&None)
}

/// Rows that were written, in the form of the named table.
pub struct Written {
    /// Which of those that were to be; none for all.
    pub kept: Option<Vec<u32>>,
    /// What they are now.
    pub columns: Vec<Vector>,
    /// How many they are.
    pub rows: usize,
}

/// Writes a row anew that is locked, as triggers before it want it; none if they want nothing.
pub fn write_row(
    table: &Table,
    run: &mut Run<'_, '_>,
    id: i64,
    (before, after): (Vec<Vector>, Vec<Vector>),
    assigned: &[u32],
) -> ExecuteResult<Option<Vec<Vector>>> {
    let Some(after) = before_update(table, run, id, (&before, after), assigned)? else { return Ok(None) };
    write_rows(table, run, &[id], before, after, assigned).map(Some)
}

/// Calls triggers before a row is written anew; the row as they want it, which may have another key then.
pub fn before_update(
    table: &Table,
    run: &mut Run<'_, '_>,
    id: i64,
    (before, after): (&[Vector], Vec<Vector>),
    assigned: &[u32],
) -> ExecuteResult<Option<Vec<Vector>>> {
    if !table.asks_before(TriggerEvent::Update) {
        return Ok(Some(after));
    }
    run.refuse_changed_by_routine(table.target.tree, &[id], "updated")?;
    let rows = (Some(before), Some(after));
    let ready = table.before_row(run, TriggerEvent::Update, assigned, rows)?;
    let Some(after) = ready else { return Ok(None) };
    run.refuse_changed_by_routine(table.target.tree, &[id], "updated")?;
    Ok(Some(after))
}

/// Puts new values, over the columns of `input`, into the places of columns.
pub fn assign(
    assignments: &[(usize, Evaluator)],
    run: &mut Run<'_, '_>,
    input: &Chunk,
    columns: &mut [Vector],
) -> ExecuteResult<()> {
    for (place, value) in assignments {
        let mut values = evaluate_all(std::slice::from_ref(value), run, input)?;
        columns[*place] = values.swap_remove(0);
    }
    Ok(())
}

/// In which mode `ON CONFLICT` locks a row before it assigns to columns of it: whether one of them is a key that others may
/// refer to (PostgreSQL's `ExecUpdateLockMode`).
pub fn update_mode(table: &Table, mut assigned: impl Iterator<Item = u32>) -> RowMode {
    let keys = table.indexes.iter().filter(|index| is_plain_key(index));
    let is_key = |place| keys.clone().any(|index| index.key_columns.contains(&Some(place)));
    if assigned.any(is_key) { RowMode::Update } else { RowMode::NoKeyUpdate }
}

/// How rows are locked that are to be changed.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// The mode.
    pub mode: RowMode,
    /// Whether who writes them may ask for [`RowMode::Update`] then, and wait for it.
    pub may_want_more: bool,
    /// Whether no more than one is locked.
    pub one: bool,
    /// What is done with them, for the message about one that cannot be had because a routine has changed it.
    pub what: &'static str,
}

/// Rows of an input that are locked, without those that are gone or were changed already.
pub struct LockedRows {
    /// The first row of the input that is not looked at yet.
    pub end: usize,
    /// Whether others hold the one row that they are, so that who writes another key has to wait for them.
    pub in_the_way: bool,
    /// The input's rows.
    pub input: Chunk,
    /// The rows' ids.
    pub ids: Vec<i64>,
    /// What they are.
    pub bytes: Vec<Vec<u8>>,
}

/// Locks the rows of an input from `start` on; those that others have changed are looked at again. Comes back before the first,
/// other than `start`, that cannot be had at once: those before it are changed before it is waited for, as in PostgreSQL.
pub fn lock_rows(
    table: &Table,
    rechecker: &mut Rechecker,
    run: &mut Run<'_, '_>,
    (chunk, start): (&Chunk, &usize),
    row_id: usize,
    wanted: Wanted,
) -> ExecuteResult<LockedRows> {
    let (tree, mode) = (table.tree(), wanted.mode);
    let (mut ids, mut bytes, mut chosen) = (Vec::new(), Vec::new(), Vec::new());
    let mut replaced = Vec::new();
    let mut end = *start;
    let (mut alone, mut in_the_way) = (false, false);
    while end < chunk.rows() && !alone {
        let (row, first) = (end, ids.is_empty());
        end += 1;
        let Item::Int64(id) = chunk.column(row_id).item(row) else { continue };
        if run.was_changed(table.target.tree, id) {
            continue;
        }
        run.refuse_changed_by_routine(table.target.tree, &[id], wanted.what)?;
        let key = id.to_be_bytes();
        let held = || run.world.transaction.held_by_others(tree, RowMode::Update, vec![key]);
        let more = wanted.may_want_more && held()?.is_some();
        alone = wanted.one || more;
        let wait = if first { run.world.transaction.wait() } else { WaitPolicy::Skip };
        let locked = if more && !first { Ok(Locked::Skipped) } else { lock(run, tree, id, mode, wait) };
        match locked {
            Ok(Locked::Skipped) | Err(_) if !first => {
                end = row;
                break;
            }
            Err(error) => return Err(error),
            Ok(Locked::Same(content)) => bytes.push(content),
            Ok(Locked::Changed(content)) => {
                let changed = [(row_id, content)];
                let Some(fresh) = rechecker.again(run, (chunk, row), &changed)? else {
                    run.world.transaction.leave_unwritten(tree, &key, mode)?;
                    continue;
                };
                replaced.push((chosen.len(), fresh));
                bytes.extend(changed.map(|(_, content)| content));
            }
            Ok(Locked::Gone | Locked::Skipped) => continue,
            Ok(Locked::Moved) => return Err(moved_away()),
        }
        in_the_way = more;
        run.note_changed(table.target.tree, id);
        ids.push(id);
        chosen.push(row as u32);
    }
    let mut input = crate::operator::gather_rows(chunk, &chosen)?;
    if !replaced.is_empty() {
        input = replace_rows(input, &replaced)?;
    }
    Ok(LockedRows { end, in_the_way, input, ids, bytes })
}

/// Puts other rows into the places of some.
fn replace_rows(rows: Chunk, replaced: &[(usize, Chunk)]) -> ExecuteResult<Chunk> {
    let count = rows.rows();
    let kinds: Vec<types::Kind> = rows.columns().iter().map(Vector::kind).collect();
    let mut order: Vec<u32> = (0..count as u32).collect();
    let mut parts = vec![rows];
    for (number, (place, fresh)) in replaced.iter().enumerate() {
        order[*place] = (count + number) as u32;
        parts.push(fresh.clone());
    }
    crate::operator::gather_rows(&crate::operator::join_rows(&kinds, parts)?, &order)
}

/// Writes rows anew that are locked; they come back with generated columns.
pub fn write_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    before: Vec<Vector>,
    mut after: Vec<Vector>,
    assigned: &[u32],
) -> ExecuteResult<Vec<Vector>> {
    let rows = ids.len();
    table.generate(run, &mut after, rows)?;
    let violation = first_violation(table, run, &after, rows, PolicyCheck::Updated)?;
    let good = violation.as_ref().map_or(rows, |(row, error)| *row + usize::from(asked_later(error)));
    if good > 0 {
        let front = |columns: &[Vector]| -> Vec<Vector> {
            columns.iter().map(|column| column.slice(0, good)).collect()
        };
        let changes = changes(table, run, &front(&before), &front(&after), good)?;
        let stored = table.stored(&after, rows)?;
        let sides = (Some(&before[..]), Some(&after[..]));
        let fired = table.after_rows(run, TriggerEvent::Update, assigned, sides, rows)?;
        let mut bytes = Vec::new();
        for (row, id) in ids.iter().enumerate().take(good) {
            table.encode(&stored, row, &mut bytes)?;
            update_row(table, run, &bytes, &changes, row, *id)?;
            run.note_changed(table.target.tree, *id);
            fired.iter().for_each(|fired| fired.queue(run, row, true));
            foreign_key::updated(table, run, *id, (&before, &after), row)?;
            fired.iter().for_each(|fired| fired.queue(run, row, false));
        }
        run.count(|tally| tally.updated(table.target.table, good as u64));
    }
    match violation {
        Some((_, error)) => Err(error),
        None => Ok(after),
    }
}

impl Operator for Update {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        self.triggers.begin(&self.targets.named, run)?;
        loop {
            if let Some(ready) = self.ready.pop() {
                return Ok(Some(ready));
            }
            let Some(chunk) = self.input.next(run)? else {
                self.triggers.end(&self.targets.named, run)?;
                return Ok(None);
            };
            run.check()?;
            if self.targets.named.target.is_view {
                let done = self.change_view(run, chunk)?;
                self.ready.extend(done);
                continue;
            }
            match self.table_oid.filter(|_| !self.targets.members.is_empty()) {
                None => self.change(run, chunk, None)?,
                Some(slot) => {
                    for (member, part) in self.targets.split(chunk, slot)? {
                        self.change(run, part, Some(member))?;
                    }
                }
            }
            self.ready.reverse();
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.ready.clear();
        self.triggers.rewind();
        self.rechecker.release();
        self.input.rewind(run)
    }
}
