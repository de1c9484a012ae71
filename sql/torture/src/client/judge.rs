//! Answers against predictions.

use super::Client;
use super::transaction::Transaction;
use crate::model::contents::{Change, REFERENCE, UNIQUE};
use crate::model::statement::{Prediction, Statement, key_of};
use crate::talk::{Answer, Refused};
use crate::value::{Shown, describe};
use torture::promise::Promise;
use torture::workload::Ended;

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused for a good reason.
    Failed,
}

impl Client<'_> {
    /// Runs a statement of a transaction, and holds what comes of it against the model.
    ///
    /// # Errors
    /// When the transaction is over.
    pub fn judge_statement(
        &mut self,
        transaction: &mut Transaction,
        statement: &Statement,
    ) -> Result<Outcome, Ended> {
        let text = statement.sql(&transaction.view);
        let prediction = statement.predict(&transaction.view);
        match self.talk.say(&text) {
            Ok(answer) => {
                self.judge_answer(transaction, statement, prediction, &answer, &text)?;
                Ok(Outcome::Done)
            }
            Err(refused) => self.judge_refusal(transaction, &prediction, &refused, &text),
        }
    }

    fn judge_answer(
        &mut self,
        transaction: &mut Transaction,
        statement: &Statement,
        prediction: Prediction,
        answer: &Answer,
        text: &str,
    ) -> Result<(), Ended> {
        let mut rows = answer.rows.clone();
        rows.sort_by_key(|row| key_of(row));
        if transaction.exact {
            if !prediction.fails.is_empty() {
                // What others have done since the snapshot may have made room.
                let excused = |state: &&str| !self.alone && [UNIQUE, REFERENCE].contains(state);
                if !prediction.fails.iter().all(excused) {
                    let detail = format!("it should fail with {:?}: {text}", prediction.fails);
                    return Err(self.broken(Promise::ConstraintsHold, detail));
                }
                transaction.exact = false;
            } else if rows != prediction.rows {
                let (expected, found) = (describe(&prediction.rows), describe(&rows));
                let detail = format!("expected {expected}, found {found}: {text}");
                return Err(self.broken(Promise::StatementsMatchModel, detail));
            } else {
                self.kept.with(|kept| kept.model.read_verified());
            }
        }
        if !transaction.exact
            && let Some(row) = surprising(transaction, statement, answer)
        {
            let detail = format!("the row {} does not pass the filter: {text}", describe(&[row]));
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        let changes =
            if transaction.exact { prediction.changes } else { learned(transaction, statement, answer) };
        changes.iter().for_each(|change| transaction.view.apply(change));
        transaction.changes.extend(changes);
        Ok(())
    }

    fn judge_refusal(
        &mut self,
        transaction: &Transaction,
        prediction: &Prediction,
        refused: &Refused,
        text: &str,
    ) -> Result<Outcome, Ended> {
        let state = refused.state();
        let foretold = prediction.fails.contains(state) || prediction.may_fail.contains(state);
        if foretold && (transaction.exact || !self.alone) {
            return Ok(Outcome::Failed);
        }
        if refused.is_conflict() && !self.alone {
            return Ok(Outcome::Failed);
        }
        if refused.store.is_some() {
            return match self.refused(refused, text) {
                // A fault: the transaction can still go back to a savepoint.
                Ended::Transaction => Ok(Outcome::Failed),
                Ended::Client => Err(Ended::Client),
            };
        }
        if !self.alone && refused.may_be_by_others() {
            return Ok(Outcome::Failed);
        }
        Err(self.unjust(refused, text))
    }
}

/// A row that a statement returned although its filter excludes it: what nobody could foretell must still be what was asked
/// for. Of updates that can be told where the filter looks at nothing that is assigned.
fn surprising(transaction: &Transaction, statement: &Statement, answer: &Answer) -> Option<Shown> {
    let table = transaction.view.tables.get(statement.table())?;
    let filter = match statement {
        Statement::Delete(_, filter) | Statement::Select(_, filter) => filter.as_ref()?,
        Statement::Update(_, set, filter) => {
            filter.as_ref().filter(|filter| !set.iter().any(|(column, _)| filter.reads(column)))?
        }
        Statement::Insert(..) | Statement::Truncate(_) | Statement::Define(_) => return None,
    };
    let fails =
        |shown: &&Shown| table.read(shown).is_some_and(|(key, row)| !table.passes(Some(filter), key, &row));
    answer.rows.iter().find(fails).cloned()
}

/// What a statement changed, from what it returned.
fn learned(transaction: &Transaction, statement: &Statement, answer: &Answer) -> Vec<Change> {
    let name = statement.table();
    let table = transaction.view.tables.get(name);
    let rows = answer.rows.iter().map(|row| (key_of(row), row));
    match statement {
        Statement::Insert(..) => {
            let named = |row: &Shown| table.map_or_else(Vec::new, |table| table.named_as_shown(row));
            rows.map(|(key, row)| Change::Put(name.to_owned(), key, named(row))).collect()
        }
        // What it makes of the row follows from what the row was when it was locked: what came before in the model's order.
        Statement::Update(_, set, _) => {
            rows.map(|(key, _)| Change::Assign(name.to_owned(), key, set.clone())).collect()
        }
        Statement::Delete(..) => rows.map(|(key, _)| Change::Delete(name.to_owned(), key)).collect(),
        Statement::Truncate(_) => vec![Change::Truncate(name.to_owned())],
        Statement::Select(..) => Vec::new(),
        Statement::Define(definition) => vec![Change::Define(definition.clone())],
    }
}
