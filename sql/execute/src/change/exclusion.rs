//! Exclusion constraints: that no two rows are to each other what its operators say.
//!
//! A row is looked at when it is written. Its values are claimed first ([`store::Transaction::claim`]), so that of two
//! transactions that write at a time one sees the other; who meets rows of an open transaction waits for it to end, and looks
//! again.
//!
//! Invariant: what is told of a row was true when nobody held a row that excludes it.

use super::constraint::key_values;
use super::events::Event;
use super::index::{Entries, Index, entry_row};
use super::table::Table;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::operator::include_layout;
use crate::run::Run;
use crate::spread::{Newest, find, keep_shared};
use diagnostic::{SqlState, Subject};
use plan::spread::Question;
use plan::target::TargetIndex;
use store::locks::Claim;
use store::locks::RowMode;
use store::{Bounds, NewestScan};
use types::entry::Wanted;
use types::row::{RowLayout, decode_column, encode_row};
use types::vector::Chunk;
use types::{Item, Type, Value, Vector};

/// The mode that whoever changes or removes a row excludes.
const LOOKED_AT: RowMode = RowMode::Unwritten;

/// What two rows may not be to each other.
pub struct Exclusion {
    /// For each key the operator, over the key of one row and that of the other.
    conditions: Vec<Evaluator>,
    /// For each key what its entries are asked, if they can be.
    questions: Vec<Option<Question>>,
    layout: RowLayout,
}

/// The values of the keys of a row that excludes another.
pub type Met = Vec<Vector>;

/// What was found of a row that excludes another.
enum Looked {
    Free,
    Met(Met),
    /// Somebody else's change of this row has to be waited for.
    Held([u8; 8]),
}

impl Exclusion {
    /// As the plan says; none if the index is not that of such a constraint.
    pub fn new(compiler: &Compiler<'_>, index: &TargetIndex) -> ExecuteResult<Option<Exclusion>> {
        if index.exclusion.is_empty() {
            return Ok(None);
        }
        let conditions = index.exclusion.iter().map(|excluded| Evaluator::new(compiler, &excluded.condition));
        let types: Vec<Type> = index.keys.iter().map(|key| key.expression.result).collect();
        Ok(Some(Exclusion {
            conditions: conditions.collect::<ExecuteResult<_>>()?,
            questions: index.exclusion.iter().map(|excluded| excluded.question).collect(),
            layout: include_layout(compiler.types(), &types)?,
        }))
    }

    /// Looks at a row that was written with its entries, now or when the constraint is looked at.
    pub fn written(
        &self,
        table: &Table,
        index: &Index,
        run: &mut Run<'_, '_>,
        (entries, row): (&Entries, usize),
        id: i64,
    ) -> ExecuteResult<()> {
        let keys: Vec<Vector> = entries.keys.iter().map(|key| key.slice(row, 1)).collect();
        if keys.iter().any(|key| key.is_null(0)) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        // What is too large to be said is a claim of anything.
        let said = encode_row(&self.layout, &keys, 0, &mut bytes).is_ok();
        run.world.transaction.claim(index.tree, id, said.then_some(bytes.as_slice()))?;
        if index.deferrable {
            // Of two rows that exclude each other the second is looked at again. If both were, each would wait for the other.
            if !self.is_met_now(table, index, run, &keys, id)? {
                return Ok(());
            }
            let plan = &table.target.indexes[index.place];
            let event = Event::exclusion(&table.target, index.place, id);
            run.world.events.push(event, plan.constraint, plan.initially_deferred);
            return Ok(());
        }
        match self.meet(table, index, run, &keys, Some(id))? {
            None => Ok(()),
            Some(met) => Err(self.conflict(table, index, run, &keys, &met)?),
        }
    }

    /// The values of a row, other than `id`, that excludes one with these keys. Waits for whoever is about to change one.
    pub fn meet(
        &self,
        table: &Table,
        index: &Index,
        run: &mut Run<'_, '_>,
        keys: &[Vector],
        id: Option<i64>,
    ) -> ExecuteResult<Option<Met>> {
        if keys.iter().any(|key| key.is_null(0)) {
            return Ok(None);
        }
        loop {
            run.check()?;
            let looked = match self.claimed(table, index, run, keys)? {
                Some(row) => Looked::Held(row),
                None => self.look(table, index, run, keys, id)?,
            };
            match looked {
                Looked::Free => return Ok(None),
                Looked::Met(met) => return Ok(Some(met)),
                Looked::Held(row) => run.world.transaction.await_row(table.tree(), &row, LOOKED_AT)?,
            }
        }
    }

    /// Whether a row, or one of an open transaction, may exclude row `id`.
    fn is_met_now(
        &self,
        table: &Table,
        index: &Index,
        run: &mut Run<'_, '_>,
        keys: &[Vector],
        id: i64,
    ) -> ExecuteResult<bool> {
        Ok(self.claimed(table, index, run, keys)?.is_some()
            || !matches!(self.look(table, index, run, keys, Some(id))?, Looked::Free))
    }

    /// A row of an open transaction that excludes one with these keys, or may.
    fn claimed(
        &self,
        table: &Table,
        index: &Index,
        run: &mut Run<'_, '_>,
        keys: &[Vector],
    ) -> ExecuteResult<Option<[u8; 8]>> {
        let claims = run.world.transaction.claims_of_others(index.tree)?;
        if claims.is_empty() {
            return Ok(None);
        }
        let mut meets = self.excludes_any(run, keys, &claims)?.into_iter();
        for claim in claims {
            // What is claimed without a value is anything.
            if claim.what.is_some() && meets.next() != Some(true) {
                continue;
            }
            for row in claim.first..=claim.last {
                let row = vec![row.to_be_bytes()];
                if let Some(held) = run.world.transaction.held_by_others(table.tree(), LOOKED_AT, row)? {
                    return Ok(Some(held));
                }
            }
        }
        Ok(None)
    }

    /// For each of the values that others claim, whether it excludes one with these keys.
    fn excludes_any(
        &self,
        run: &mut Run<'_, '_>,
        keys: &[Vector],
        claims: &[Claim],
    ) -> ExecuteResult<Vec<bool>> {
        let values: Vec<&[u8]> = claims.iter().filter_map(|claim| claim.what.as_deref()).collect();
        let mut left: Vec<usize> = (0..values.len()).collect();
        for (place, (condition, key)) in self.conditions.iter().zip(keys).enumerate() {
            let asked = left.iter().map(|value| values[*value]);
            let theirs = decode_column(&self.layout, place, asked, &Value::Null)?;
            let pairs = Chunk::new(vec![key.repeat(0, left.len()), theirs], left.len());
            let truths = condition.evaluate(run, &pairs)?;
            let mut answers = (0..left.len()).map(|row| matches!(truths.item(row), Item::Bool(true)));
            left.retain(|_| answers.next() == Some(true));
        }
        let mut excludes = vec![false; values.len()];
        left.into_iter().for_each(|value| excludes[value] = true);
        Ok(excludes)
    }

    /// Looks for a row that excludes one with these keys among those that are there now.
    fn look(
        &self,
        table: &Table,
        index: &Index,
        run: &mut Run<'_, '_>,
        keys: &[Vector],
        id: Option<i64>,
    ) -> ExecuteResult<Looked> {
        for other in self.candidates(index, run, keys)? {
            if Some(other) == id {
                continue;
            }
            let row = run.world.transaction.get_newest(table.tree(), &other.to_be_bytes())?;
            // Who has removed it may have committed since.
            let Some(row) = row else { continue };
            let columns = table.decode(&[row])?;
            let theirs = index.entries(run, &columns, 1)?;
            if !theirs.has(0) || !self.excludes(run, keys, &theirs.keys)? {
                continue;
            }
            let owner = vec![other.to_be_bytes()];
            let held = run.world.transaction.held_by_others(table.tree(), LOOKED_AT, owner)?;
            return Ok(held.map_or(Looked::Met(theirs.keys), Looked::Held));
        }
        Ok(Looked::Free)
    }

    /// The ids of the rows among which those are that exclude one with these keys.
    fn candidates(&self, index: &Index, run: &mut Run<'_, '_>, keys: &[Vector]) -> ExecuteResult<Vec<i64>> {
        let items: Vec<Item<'_>> = keys.iter().map(|key| key.item(0)).collect();
        let (transaction, types) = (&mut *run.world.transaction, run.world.context.types);
        if index.is_ordered() {
            // What is in order is excluded by equality alone.
            let mut scan = transaction.scan_newest(index.tree, Bounds::prefix(&index.prefix(&items)))?;
            return ids_of(&mut scan);
        }
        let mut found: Option<Vec<i64>> = None;
        for (place, (question, maker)) in self.questions.iter().zip(index.makers()).enumerate() {
            let Some(question) = question else { continue };
            let of = types.undomained(index.key_types[place]);
            let wanted = maker.wanted(*question, Some((of, &items[place])))?;
            let ids = find(&mut Newest::new(transaction, index.tree), place as u8, &wanted)?;
            match &mut found {
                Some(found) => keep_shared(found, &ids),
                None => found = Some(ids),
            }
        }
        match found {
            Some(found) => Ok(found),
            None => find(&mut Newest::new(transaction, index.tree), 0, &Wanted::Any),
        }
    }

    /// Whether all operators are true of two rows.
    fn excludes(&self, run: &mut Run<'_, '_>, keys: &[Vector], others: &[Vector]) -> ExecuteResult<bool> {
        for ((condition, one), other) in self.conditions.iter().zip(keys).zip(others) {
            let pair = Chunk::new(vec![one.clone(), other.clone()], 1);
            if !matches!(condition.evaluate(run, &pair)?.item(0), Item::Bool(true)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// That a row is excluded by another.
    pub fn conflict(
        &self,
        table: &Table,
        index: &Index,
        run: &Run<'_, '_>,
        keys: &[Vector],
        met: &Met,
    ) -> ExecuteResult<ExecuteError> {
        let name = &table.target.indexes[index.place].name;
        let message = format!("conflicting key value violates exclusion constraint \"{name}\"");
        self.refusal(table, index, run, (keys, met), (message, "conflicts with existing key"))
    }

    /// The same of rows that were there before the constraint.
    pub fn conflict_of_rows(
        &self,
        table: &Table,
        index: &Index,
        run: &Run<'_, '_>,
        keys: &[Vector],
        met: &Met,
    ) -> ExecuteResult<ExecuteError> {
        let name = &table.target.indexes[index.place].name;
        let message = format!("could not create exclusion constraint \"{name}\"");
        self.refusal(table, index, run, (keys, met), (message, "conflicts with key"))
    }

    fn refusal(
        &self,
        table: &Table,
        index: &Index,
        run: &Run<'_, '_>,
        (keys, met): (&[Vector], &Met),
        (message, words): (String, &str),
    ) -> ExecuteResult<ExecuteError> {
        let (target, plan) = (&table.target, &table.target.indexes[index.place]);
        let detail = match target.tells(super::constraint::key_places(plan)) {
            false => "Key conflicts with existing key.".to_owned(),
            true => {
                let names = plan.key_names.join(", ");
                let own = key_values(&run.world.context, &index.key_types, keys, 0)?;
                let other = key_values(&run.world.context, &index.key_types, met, 0)?;
                format!("Key ({names})=({own}) {words} ({names})=({other}).")
            }
        };
        Ok(ConstraintError {
            state: SqlState::ExclusionViolation,
            message,
            detail: Some(detail),
            subject: Subject {
                schema: Some(target.schema.clone()),
                table: Some(target.name.clone()),
                constraint: Some(plan.name.clone()),
                ..Subject::default()
            },
        }
        .into())
    }
}

fn ids_of(scan: &mut NewestScan) -> ExecuteResult<Vec<i64>> {
    let mut ids = Vec::new();
    while scan.next()? {
        ids.push(entry_row(&scan.value()?)?);
    }
    Ok(ids)
}

/// Looks at a row of a table as it is now, if it is still there.
pub fn look_again(table: &Table, place: usize, run: &mut Run<'_, '_>, id: i64) -> ExecuteResult<()> {
    let index = &table.indexes[place];
    let Some(exclusion) = &index.exclusion else { return Ok(()) };
    let row = run.world.transaction.get_newest(table.tree(), &id.to_be_bytes())?;
    let Some(row) = row else { return Ok(()) };
    let columns = table.decode(&[row])?;
    let entries = index.entries(run, &columns, 1)?;
    if !entries.has(0) {
        return Ok(());
    }
    match exclusion.meet(table, index, run, &entries.keys, Some(id))? {
        None => Ok(()),
        Some(met) => Err(exclusion.conflict(table, index, run, &entries.keys, &met)?),
    }
}
