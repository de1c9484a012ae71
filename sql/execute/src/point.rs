//! The shortest statement: columns of the one row whose whole key is given.
//!
//! What [`Execution`](crate::Execution) would do for it is known once and for all, so that a run is two looks into trees and
//! the values of a row; one, where the key tells where the row is ([`RowGuess`]).

use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::{Fitted, dangling, key_columns, row_id};
use crate::row_guess::{RowGuess, as_integer};
use crate::tally::Tally;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::ScanSource;
use plan::physical::{IndexScan, NodeKind, Plan};
use std::sync::Arc;
use store::{Isolation, Transaction, TreeId};
use types::key::{KeyColumn, encode_item};
use types::row::{RowLayout, RowView, decode_column};
use types::vector::Chunk;
use types::{Item, Value};

/// The statement.
pub struct Point {
    key: GivenKey,
    /// Where the row may be looked for without the index.
    guess: Option<RowGuess>,
    table: TreeId,
    layout: Arc<RowLayout>,
    /// Columns of the layout, and what they are in rows older than they are.
    columns: Vec<(usize, Value)>,
}

/// A value that is known before a statement runs, but for its parameters.
pub enum Given {
    /// One of these.
    Parameter(usize),
    /// The same for every run.
    Constant(Value),
}

impl Given {
    /// What an expression gives, if that is known without computing.
    pub fn of(expression: &Expression) -> Option<Given> {
        match &expression.kind {
            ExpressionKind::Parameter(index) => Some(Given::Parameter(*index as usize)),
            ExpressionKind::Constant(value) => Some(Given::Constant(value.clone())),
            _ => None,
        }
    }

    /// Its value.
    pub fn value<'v>(&'v self, parameters: &'v [Value]) -> ExecuteResult<&'v Value> {
        match self {
            Given::Constant(value) => Ok(value),
            Given::Parameter(index) => {
                parameters.get(*index).ok_or_else(|| ExecuteError::plan("a parameter without a value"))
            }
        }
    }
}

/// A key of an index whose keys stand once, and whose values are given.
pub struct GivenKey {
    index: TreeId,
    columns: Vec<(KeyColumn, Given)>,
}

impl GivenKey {
    /// What a scan looks for, if it is one row by such a key and nothing else.
    pub fn of(scan: &IndexScan) -> Option<GivenKey> {
        if !scan.is_point() || !scan.scan.filter.is_empty() || scan.scan.sample.is_some() {
            return None;
        }
        let given = scan.ranges.first()?.equal.iter().map(|value| Given::of(value.as_ref()?));
        let given = given.collect::<Option<Vec<Given>>>()?;
        let columns = key_columns(&scan.keys).into_iter().zip(given).collect();
        Some(GivenKey { index: TreeId(scan.index_tree), columns })
    }

    /// The value of the only column; none if there are several.
    fn only<'v>(&'v self, parameters: &'v [Value]) -> Option<&'v Value> {
        match self.columns.as_slice() {
            [(_, given)] => given.value(parameters).ok(),
            _ => None,
        }
    }

    /// The index's tree.
    pub fn tree(&self) -> u64 {
        self.index.0
    }

    /// The id of the row that has it; none if none has.
    pub fn find(&self, transaction: &mut Transaction, parameters: &[Value]) -> ExecuteResult<Option<i64>> {
        let (mut key, mut rest) = (Vec::with_capacity(24), Vec::new());
        for (column, given) in &self.columns {
            let value = given.value(parameters)?;
            if value.is_null() {
                return Ok(None);
            }
            let Some(item) = Fitted::new(&column.order, Item::from(value)).within() else { return Ok(None) };
            encode_item(column, &item, &mut key, &mut rest);
        }
        transaction.get_with(self.index, &key, row_id)?.transpose()
    }
}

/// What a plan reads by an index, and the columns of the rows' layout that it yields, with what they are in rows older than they
/// are; if that is all that it does.
pub fn scanned(plan: &Plan) -> Option<(&IndexScan, Vec<(usize, Value)>)> {
    if !plan.subplans.is_empty() || !plan.common_tables.is_empty() {
        return None;
    }
    let (scan, slots): (&IndexScan, Option<&[Expression]>) = match &plan.root.kind {
        NodeKind::IndexScan(scan) => (scan, None),
        NodeKind::Project { input, expressions } => match &input.kind {
            NodeKind::IndexScan(scan) => (scan, Some(expressions)),
            _ => return None,
        },
        _ => return None,
    };
    let place = |output: usize| match slots {
        None => Some(output),
        Some(expressions) => match &expressions.get(output)?.kind {
            ExpressionKind::Slot(slot) => Some(*slot as usize),
            _ => None,
        },
    };
    let column = |(output, _): &(u32, _)| match &scan.scan.columns.get(place(*output as usize)?)?.source {
        ScanSource::Column { number, missing, .. } => {
            let column = usize::from(*number).checked_sub(1)?;
            (column < scan.scan.layout.columns().len()).then(|| (column, missing.clone()))
        }
        ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid | ScanSource::WholeRow(_) => None,
    };
    Some((scan, plan.output.iter().map(column).collect::<Option<_>>()?))
}

impl Point {
    /// The plan as such a statement, if it is one.
    pub fn of(plan: &Plan) -> Option<Point> {
        let (scan, columns) = scanned(plan)?;
        let (table, layout) = (TreeId(scan.scan.tree), scan.scan.layout.clone());
        Some(Point { key: GivenKey::of(scan)?, guess: RowGuess::of(scan), table, layout, columns })
    }

    /// Reads the row into `row`, which is empty; `false` if there is none.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn read(
        &self,
        transaction: &mut Transaction,
        parameters: &[Value],
        row: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> ExecuteResult<bool> {
        let guess = self.guess.as_ref().zip(self.key.only(parameters).and_then(as_integer));
        if let Some((guess, key)) = guess
            && self.read_guessed(guess, key, transaction, row)?
        {
            tally.looked_up(self.key.tree(), 1);
            return Ok(true);
        }
        let found = self.key.find(transaction, parameters)?;
        tally.looked_up(self.key.tree(), u64::from(found.is_some()));
        let Some(id) = found else { return Ok(false) };
        if let Some((guess, key)) = guess {
            guess.learn(key, id);
        }
        let found = transaction
            .get_row_with(self.table, &id.to_be_bytes(), |_, content| row.extend_from_slice(content))?;
        found.map(|()| true).ok_or_else(|| dangling(id))
    }

    /// Reads the row if it is where its key lets it be guessed.
    fn read_guessed(
        &self,
        guess: &RowGuess,
        key: i64,
        transaction: &mut Transaction,
        row: &mut Vec<u8>,
    ) -> ExecuteResult<bool> {
        // A look at a row that is not asked for would be a dependency that is none.
        if transaction.isolation() == Isolation::Serializable {
            return Ok(false);
        }
        let Some(id) = guess.id_of(key) else { return Ok(false) };
        let found = transaction.get_row_with(self.table, &id.to_be_bytes(), |_, content| {
            let is_it = guess.is_row_of(key, &self.layout, content);
            if is_it {
                row.extend_from_slice(content);
            }
            is_it
        })?;
        let is_it = found == Some(true);
        if !is_it {
            guess.missed();
        }
        Ok(is_it)
    }

    /// The values of the columns of a row that was read.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn items<'r>(&'r self, row: &'r [u8]) -> ExecuteResult<Vec<Item<'r>>> {
        let row = RowView::new(&self.layout, row)?;
        let mut items = Vec::with_capacity(self.columns.len());
        for (column, missing) in &self.columns {
            items.push(row.item(*column, missing)?);
        }
        Ok(items)
    }

    /// The same as columns of one row.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn chunk(&self, row: &[u8]) -> ExecuteResult<Chunk> {
        let column = |(column, missing): &(usize, Value)| {
            decode_column(&self.layout, *column, std::iter::once(row), missing)
        };
        let columns = self.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        Ok(Chunk::new(columns, 1))
    }
}
