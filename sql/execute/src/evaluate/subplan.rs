//! Subqueries that are run for rows of an expression.

use super::list::{quantify, vector_of};
use super::node::{Node, SubplanTest};
use super::run::truth;
use super::scope::Scope;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::{Dependencies, Run, Side};
use crate::spill::Kept;
use functions::ArrayStack;
use plan::expression::OuterId;
use plan::physical::{Making, SubplanId};
use types::array::ArrayBuilder;
use types::vector::Chunk;
use types::{Item, Kind, Value, Vector};

/// The value for each row.
pub(super) fn run(
    plan: SubplanId,
    test: &SubplanTest,
    outer: &[(OuterId, Node)],
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let given: ExecuteResult<Vec<Vector>> = outer.iter().map(|(_, node)| node.run(run, scope)).collect();
    let given = given?;
    let index = plan.0 as usize;
    let taken = run.state.subplans.get_mut(index).and_then(Option::take);
    let mut side = taken.ok_or_else(|| ExecuteError::plan(format!("subplan {index} is not there")))?;
    // What runs below sees to its rows itself.
    let room = std::mem::replace(&mut run.world.context.room, usize::MAX);
    let effects = run.state.effects;
    let result = values(&mut side, test, outer, &given, kind, run, scope.rows());
    if run.state.effects == effects {
        run.world.context.room = room;
    }
    run.state.subplans[index] = Some(side);
    result
}

fn values(
    side: &mut Side,
    test: &SubplanTest,
    outer: &[(OuterId, Node)],
    given: &[Vector],
    kind: Kind,
    run: &mut Run<'_, '_>,
    rows: usize,
) -> ExecuteResult<Vector> {
    let mut found: Vec<Value> = Vec::with_capacity(rows);
    let mut key = Vec::new();
    let known = match test {
        SubplanTest::Among(among) => super::among::look_up(side, among, given, rows, run)?,
        SubplanTest::Field(_)
        | SubplanTest::Exists
        | SubplanTest::Array { .. }
        | SubplanTest::Quantified(..) => Vec::new(),
    };
    for row in 0..rows {
        if let Some(Some(answer)) = known.get(row) {
            found.push(answer.clone());
            continue;
        }
        key.clear();
        for vector in given {
            append_key(&vector.item(row), &mut key);
        }
        if let Some(answer) = side.answers.get(&key) {
            found.push(answer.clone());
            continue;
        }
        run.state.noted.push(Dependencies::default());
        for ((id, _), vector) in outer.iter().zip(given) {
            run.set_outer(*id, vector.value(row));
        }
        let answer = ask(side, test, run);
        let alone = run.end_noting();
        let answer = answer?;
        // What needs nothing of the row is asked once, even if it would be something else the next time.
        let once = side.once && side.rows.is_some() && given.is_empty();
        if (alone || once) && side.has_room(run) {
            side.held.take(run, key.len() + value_bytes(&answer) + 64)?;
            side.answers.insert(key.clone(), answer.clone());
        }
        found.push(answer);
    }
    vector_of(kind, &found)
}

/// How many answers of a subplan are kept.
const ANSWERS_MAX: usize = 65_536;

/// Bytes that a value takes beside what a value without any takes.
fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.len(),
        // Few have more digits.
        Value::Numeric(_) => 32,
        Value::Null
        | Value::Bool(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Int64(_)
        | Value::Float32(_)
        | Value::Float64(_)
        | Value::Interval(_)
        | Value::TimeTz(_)
        | Value::Uuid(_) => 0,
    }
}

/// Appends bytes that are equal only for values that are the same in every respect.
fn append_key(item: &Item<'_>, key: &mut Vec<u8>) {
    let start = key.len();
    key.extend_from_slice(&[0; 4]);
    types::stored::append(item, key);
    // A value has less than 4 GB. A null has another length than any value.
    let length = if item.is_null() { u32::MAX } else { (key.len() - start - 4) as u32 };
    key[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

impl Side {
    /// Whether another answer is kept.
    fn has_room(&self, run: &Run<'_, '_>) -> bool {
        self.answers.len() < ANSWERS_MAX && self.held.bytes() <= run.world.settings.work_mem
    }

    /// Whoever asks next has it begin again: rows that were kept are not.
    fn begin_anew(&mut self) {
        self.rows = None;
        self.members = None;
        self.ended = false;
    }
}

/// The answer for one row.
fn ask(side: &mut Side, test: &SubplanTest, run: &mut Run<'_, '_>) -> ExecuteResult<Value> {
    let effects = run.state.effects;
    let mut reader = Reader::new(side, run)?;
    let mut answer = Answer::new(test);
    while let Some(chunk) = reader.next(run)? {
        if answer.take(test, chunk, run)? {
            break;
        }
    }
    if side.once && run.state.effects != effects {
        if side.making == Making::Anew {
            side.begin_anew();
            return answer.finish(test);
        }
        if side.making == Making::Whole {
            let place = side.rows.as_ref().map_or(0, Kept::len);
            let mut rest = Reader { side, place };
            while rest.next(run)?.is_some() {}
        }
        // The rows are kept: whoever asks again does nothing again.
        run.state.effects = effects;
    }
    answer.finish(test)
}

/// Reads a subplan's rows: those that were kept, and then what the plan goes on to make.
pub(super) struct Reader<'s> {
    side: &'s mut Side,
    /// How many chunks of those that were kept have been read.
    place: usize,
}

impl<'s> Reader<'s> {
    pub(super) fn new(side: &'s mut Side, run: &mut Run<'_, '_>) -> ExecuteResult<Reader<'s>> {
        if side.rows.is_none() {
            side.root.rewind(run)?;
            side.rows = side.once.then(Kept::default);
        }
        Ok(Reader { side, place: 0 })
    }

    pub(super) fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if let Some(rows) = &self.side.rows
            && let Some(chunk) = rows.get(self.place)?
        {
            self.place += 1;
            return Ok(Some(chunk));
        }
        if self.side.ended {
            return Ok(None);
        }
        let made = self.side.root.next(run).inspect_err(|_| {
            // Nobody knows where it stands now.
            self.side.begin_anew();
        });
        let chunk = made?;
        if let Some(rows) = &mut self.side.rows {
            match &chunk {
                Some(chunk) => {
                    rows.push(run, chunk.clone())?;
                    self.place = rows.len();
                }
                None => self.side.ended = true,
            }
        }
        Ok(chunk)
    }
}

/// An answer in the making.
struct Answer {
    value: Value,
    rows: usize,
    unknown: bool,
    array: Option<Gathered>,
}

/// The elements of an array in the making.
enum Gathered {
    /// Values.
    List(ArrayBuilder),
    /// Arrays, of which comes one with a dimension more.
    Stack(ArrayStack),
}

impl Answer {
    fn new(test: &SubplanTest) -> Answer {
        let array = match test {
            SubplanTest::Array { element_type, element_kind, nested: true } => {
                Some(Gathered::Stack(ArrayStack::new(*element_type, *element_kind)))
            }
            SubplanTest::Array { element_type, element_kind, nested: false } => {
                Some(Gathered::List(ArrayBuilder::new(*element_type, *element_kind)))
            }
            SubplanTest::Field(_)
            | SubplanTest::Exists
            | SubplanTest::Among(_)
            | SubplanTest::Quantified(..) => None,
        };
        let value = match test {
            SubplanTest::Field(_) | SubplanTest::Array { .. } => Value::Null,
            SubplanTest::Exists | SubplanTest::Among(_) => Value::Bool(false),
            SubplanTest::Quantified(_, all) => Value::Bool(*all),
        };
        Answer { value, rows: 0, unknown: false, array }
    }

    /// Takes rows in; whether the answer is known.
    fn take(&mut self, test: &SubplanTest, chunk: Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let rows = chunk.len();
        self.rows += rows;
        match test {
            SubplanTest::Exists => {
                self.value = Value::Bool(rows > 0);
                Ok(rows > 0)
            }
            SubplanTest::Field(index) => {
                if self.rows > 1 {
                    return Err(ExecuteError::SeveralRows);
                }
                if rows == 1 {
                    self.value = chunk.dense(*index as usize)?.value(0);
                }
                Ok(false)
            }
            SubplanTest::Array { .. } => {
                let column = chunk.dense(0)?;
                match &mut self.array {
                    Some(Gathered::List(array)) => {
                        (0..rows).for_each(|row| array.push(&column.item(row)));
                    }
                    Some(Gathered::Stack(stack)) => {
                        (0..rows).try_for_each(|row| stack.push(&column.item(row)))?;
                    }
                    None => {}
                }
                Ok(false)
            }
            SubplanTest::Quantified(comparison, all) => self.compare(comparison, *all, chunk, run),
            SubplanTest::Among(among) => self.compare(&among.comparison, false, chunk, run),
        }
    }

    fn compare(
        &mut self,
        comparison: &Node,
        all: bool,
        chunk: Chunk,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<bool> {
        let dense = chunk.densify()?;
        let rows = dense.rows();
        let truths = comparison.run(run, &Scope::new(dense.columns(), rows))?;
        match quantify((0..rows).map(|row| truth(&truths, row)), all) {
            Some(value) if value != all => {
                (self.value, self.unknown) = (Value::Bool(value), false);
                return Ok(true);
            }
            Some(_) => {}
            None => self.unknown = true,
        }
        Ok(false)
    }

    fn finish(self, test: &SubplanTest) -> ExecuteResult<Value> {
        let unknown_is_no = matches!(test, SubplanTest::Among(among) if among.unknown_is_no);
        if self.unknown && !unknown_is_no {
            return Ok(Value::Null);
        }
        Ok(match (test, self.array) {
            (SubplanTest::Array { .. }, Some(Gathered::List(array))) => {
                Value::Bytes(array.finish_list().into())
            }
            (SubplanTest::Array { .. }, Some(Gathered::Stack(stack))) => Value::Bytes(stack.finish().into()),
            _ => self.value,
        })
    }
}
