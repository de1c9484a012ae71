//! Changes of one row that is given, or found by its whole key: no operators, nothing noted to undo by.
//!
//! * `insert`: one row whose values are given, and what is done where somebody has its key.
//! * `by_key`: UPDATE and DELETE of the one row that a key names.
//! * `rewrite`: how a row that is locked is written anew; both use it.
//!
//! Invariants
//!
//! 1. All that may refuse a row is looked at before anything is written. A row that is refused goes the way of all rows
//!    (`insert_rows`, `write_rows`), with the values it has: that way knows the words, and nothing is computed twice.
//! 2. A statement that fails half-way is undone with its transaction, or with what is left of it since a savepoint.
//! 3. What rows leave to be looked at later (foreign keys, keys that are looked at late) is none of these statements' business:
//!    where there may be such a thing, the plan is none of these.

mod by_key;
mod insert;
mod rewrite;

use super::index::Index;
use super::table::Table;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::point::Given;
use crate::run::{Run, State};
use crate::tally::Tally;
use crate::world::World;
use by_key::{Changed, SingleDelete, SingleUpdate};
use insert::SingleInsert;
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{NodeKind, Plan};
use store::Transaction;
use types::row::{RowView, encode_items};
use types::{Item, Kind, Types, Value, Vector};

/// The statement.
pub enum SingleChange {
    /// One row whose values are given.
    Insert(SingleInsert),
    /// The row of a key.
    Update(SingleUpdate),
    /// The same, removed.
    Delete(SingleDelete),
}

impl SingleChange {
    /// The plan as such a statement, if it is one.
    ///
    /// # Errors
    /// When the plan is damaged.
    pub fn of(plan: &Plan, types: &dyn Types) -> ExecuteResult<Option<SingleChange>> {
        if !plan.output.is_empty() || !plan.subplans.is_empty() || !plan.common_tables.is_empty() {
            return Ok(None);
        }
        // What functions in SQL write must not be seen, which takes a view, nor be written over.
        if !plan.functions.is_empty() {
            return Ok(None);
        }
        let compiler = Compiler::new(types);
        Ok(match &plan.root.kind {
            NodeKind::Insert { target, input, values, conflict, row_ids: false, .. } => {
                SingleInsert::of(&compiler, target, input, values, conflict.as_ref())?
                    .map(SingleChange::Insert)
            }
            NodeKind::Update { target, input, row_id, assignments, .. } => {
                SingleUpdate::of(&compiler, target, input, *row_id, assignments)?.map(SingleChange::Update)
            }
            NodeKind::Delete { target, input, row_id, .. } => {
                SingleDelete::of(&compiler, target, input, *row_id)?.map(SingleChange::Delete)
            }
            _ => None,
        })
    }

    /// Whether nobody hears of what it reads, but of how many rows it changed. It may then read what is not durable yet
    /// ([`Transaction::allow_ahead`]).
    pub fn tells_nothing(&self) -> bool {
        match self {
            SingleChange::Insert(insert) => insert.tells_nothing(),
            SingleChange::Delete(_) => true,
            SingleChange::Update(update) => update.tells_nothing(),
        }
    }

    /// Runs it as far as that takes nothing but the transaction.
    ///
    /// # Errors
    /// Whatever can go wrong. What was written is to be undone with the transaction then.
    pub fn run_given(
        &self,
        transaction: &mut Transaction,
        parameters: &[Value],
        tally: &mut Tally,
    ) -> ExecuteResult<Step<'_>> {
        Ok(match self {
            SingleChange::Insert(insert) => match insert.run_given(transaction, parameters, tally)? {
                true => Step::Done(1),
                false => Step::More(Left::Insert(insert)),
            },
            SingleChange::Update(update) => Step::More(Left::Update(update)),
            SingleChange::Delete(delete) => delete.run_given(transaction, parameters, tally)?,
        })
    }
}

/// What a run without a world came to.
pub enum Step<'c> {
    /// To its end: so many rows were changed.
    Done(u64),
    /// This is left to be done.
    More(Left<'c>),
}

/// What is left of a statement.
pub enum Left<'c> {
    /// All of it.
    Insert(&'c SingleInsert),
    /// All of it.
    Update(&'c SingleUpdate),
    /// To look again at a row that others have changed.
    Delete(&'c SingleDelete, Changed),
}

impl Left<'_> {
    /// Does it; answers how many rows were changed.
    ///
    /// # Errors
    /// As [`SingleChange::run_given`].
    pub fn run(self, world: &mut World<'_>) -> ExecuteResult<u64> {
        let mut state = State::default();
        let run = &mut Run { world, state: &mut state };
        let changed = match self {
            Left::Insert(insert) => insert.run(run)?,
            Left::Update(update) => update.run(run)?,
            Left::Delete(delete, changed) => delete.run_changed(run, changed)?,
        };
        Ok(u64::from(changed))
    }
}

/// Where a value comes from.
enum Source {
    /// It is known.
    Given(Given),
    /// It is computed.
    Computed(Evaluator),
}

impl Source {
    /// Of an expression.
    fn of(compiler: &Compiler<'_>, expression: &Expression) -> ExecuteResult<Source> {
        Ok(match Given::of(expression) {
            Some(given) => Source::Given(given),
            None => Source::Computed(Evaluator::new(compiler, expression)?),
        })
    }

    /// Computes it for the one row of a scope, if that is how it comes.
    fn compute(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Option<Vector>> {
        match self {
            Source::Given(_) => Ok(None),
            Source::Computed(evaluator) => evaluator.evaluate_in(run, scope).map(Some),
        }
    }

    /// The value, of which `computed` is what [`Source::compute`] answered.
    fn item<'v>(&'v self, parameters: &'v [Value], computed: &'v Option<Vector>) -> ExecuteResult<Item<'v>> {
        match (self, computed) {
            (Source::Given(given), _) => Ok(Item::from(given.value(parameters)?)),
            (Source::Computed(_), Some(vector)) => Ok(vector.item(0)),
            (Source::Computed(_), None) => Err(ExecuteError::plan("a value that was not computed")),
        }
    }
}

/// Slots of expressions while they become places among the columns that are read.
struct Slots<'i> {
    input: &'i dyn Fn(usize) -> Option<usize>,
    inputs: Vec<usize>,
    /// Whether one of them is no column.
    unknown: bool,
}

impl<'i> Slots<'i> {
    /// `input` tells the column that a slot is.
    fn new(input: &'i dyn Fn(usize) -> Option<usize>) -> Slots<'i> {
        Slots { input, inputs: Vec::new(), unknown: false }
    }

    /// The columns that are read, if all of them are columns.
    fn inputs(self) -> Option<Vec<usize>> {
        (!self.unknown).then_some(self.inputs)
    }

    /// The expression over them.
    fn moved(&mut self, expression: &Expression) -> Expression {
        let mut expression = expression.clone();
        expression.rewrite(&mut |part| {
            if let ExpressionKind::Slot(slot) = &mut part.kind {
                let Some(column) = (self.input)(*slot as usize) else {
                    self.unknown = true;
                    return;
                };
                let known = self.inputs.iter().position(|input| *input == column);
                let place = known.unwrap_or_else(|| {
                    self.inputs.push(column);
                    self.inputs.len() - 1
                });
                // There are no more of them than slots.
                *slot = place as u32;
            }
        });
        expression
    }
}

/// The values of a table's columns in a stored row.
fn items_of<'r>(table: &'r Table, row: &RowView<'r>) -> ExecuteResult<Vec<Item<'r>>> {
    // The table's constructor has seen to it that there is such a place.
    let item =
        |column: &'r plan::target::TargetColumn| row.item(usize::from(column.number) - 1, &column.missing);
    Ok(table.target.columns.iter().map(item).collect::<Result<_, _>>()?)
}

/// Values of a table's columns as a row that is stored.
fn encode(table: &Table, items: &[Item<'_>], bytes: &mut Vec<u8>) -> ExecuteResult<()> {
    if table.is_stored_as_it_is() {
        return Ok(encode_items(&table.target.layout, items, bytes)?);
    }
    let item = |place: &Option<usize>| place.map_or(Item::Null, |place| items[place].clone());
    let stored: Vec<Item<'_>> = table.stored_places().iter().map(item).collect();
    Ok(encode_items(&table.target.layout, &stored, bytes)?)
}

/// Values as columns of one row.
fn columns_of(kinds: &[Kind], items: &[Item<'_>]) -> ExecuteResult<Vec<Vector>> {
    let column = |(kind, item): (&Kind, &Item<'_>)| Ok(Vector::constant(*kind, &item.to_value(), 1)?);
    kinds.iter().zip(items).map(column).collect()
}

/// The keys that a row has in an index whose keys are columns.
fn keys_of<'i>(index: &Index, items: &[Item<'i>]) -> impl Iterator<Item = Item<'i>> {
    index.key_columns.iter().flatten().map(|place| items[*place as usize].clone())
}
