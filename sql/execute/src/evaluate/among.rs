//! Values that are looked for among the rows of a subplan that is run at most once: by a table of all of them.
//!
//! A null equals nothing, and nobody knows whether it would. So what is not found is unknown where a null is in its place, or in that of
//! a row; where several values make up a row, only a look at all rows tells whether those with nulls could be equal.

use super::node::{Among, Node};
use super::scope::Scope;
use super::subplan::Reader;
use crate::error::ExecuteResult;
use crate::keys::{KeyTable, NONE};
use crate::memory::Held;
use crate::run::{Run, Side};
use types::{Value, Vector};

/// The rows of a subplan by what is looked for.
pub struct Members {
    table: KeyTable,
    /// Whether there is none.
    empty: bool,
    /// Whether some have nulls in what is compared.
    nulls: bool,
    _held: Held,
}

/// For each row whether it is among them; `None` where all of them have to be looked at for that.
pub(super) fn look_up(
    side: &mut Side,
    among: &Among,
    given: &[Vector],
    rows: usize,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<Option<Value>>> {
    if rows == 0 {
        return Ok(Vec::new());
    }
    let members = match side.members.take() {
        Some(members) => members,
        None => Members::of(side, among, run)?,
    };
    let values = all(&among.given, &Scope::new(given, rows), run)?;
    let mut numbers = Vec::new();
    members.table.find(&values, rows, &mut numbers);
    let answer = |row: usize| {
        let null = values.iter().any(|value| value.is_null(row));
        let unknown = null || members.nulls;
        if members.empty {
            Some(Value::Bool(false))
        } else if !null && numbers.get(row).is_some_and(|number| *number != NONE) {
            Some(Value::Bool(true))
        } else if among.unknown_is_no || !unknown {
            Some(Value::Bool(false))
        } else {
            (values.len() == 1).then_some(Value::Null)
        }
    };
    let answers = (0..rows).map(answer).collect();
    side.members = Some(members);
    Ok(answers)
}

impl Members {
    /// Makes all rows of a subplan.
    fn of(side: &mut Side, among: &Among, run: &mut Run<'_, '_>) -> ExecuteResult<Members> {
        let effects = run.state.effects;
        let (mut table, mut held) = (KeyTable::new(among.orders.clone()), Held::default());
        let (mut empty, mut nulls, mut numbers) = (true, false, Vec::new());
        let mut reader = Reader::new(side, run)?;
        while let Some(chunk) = reader.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let values = all(&among.own, &Scope::new(chunk.columns(), chunk.rows()), run)?;
            numbers.clear();
            table.insert(&values, chunk.rows(), &mut numbers);
            empty = empty && chunk.rows() == 0;
            nulls = nulls || values.iter().any(Vector::has_nulls);
            held.grow(run, table.size())?;
        }
        // The rows are kept: whoever asks again does nothing again.
        run.state.effects = effects;
        Ok(Members { table, empty, nulls, _held: held })
    }
}

fn all(nodes: &[Node], scope: &Scope<'_>, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Vector>> {
    nodes.iter().map(|node| node.run(run, scope)).collect()
}
