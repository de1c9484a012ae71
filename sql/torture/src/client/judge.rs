//! Answers against predictions.

use super::Client;
use super::transaction::Transaction;
use crate::expression::Expression;
use crate::labels;
use crate::model::contents::Change;
use crate::model::statement::{Prediction, Statement, key_of};
use crate::state::{REFERENCE, UNIQUE};
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

/// A statement as it was said.
struct Said {
    text: String,
    answer: Result<Answer, Refused>,
    /// Of one that tells no rows: the key that it is about, if it is about one.
    quiet: Option<Option<String>>,
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
        let prediction = statement.predict(&transaction.view, &transaction.changes);
        // Where nothing has to be learned, statements need not tell their rows: those have ways of their own.
        // What must fail must fail in those, too.
        let must_come = prediction.fails.is_empty() || self.is_undisturbed(transaction);
        let is_known = transaction.exact && must_come;
        let Said { text, answer, quiet } = self.say_somehow(transaction, statement, is_known);
        match answer {
            Ok(mut answer) => {
                if let Some(key) = quiet {
                    answer.rows = unsaid(&answer.tag, &prediction, is_known, key);
                }
                self.judge_answer(transaction, statement, prediction, &answer, &text)?;
                Ok(Outcome::Done)
            }
            Err(refused) => self.judge_refusal(transaction, &prediction, &refused, &text),
        }
    }

    /// Says a statement as it stands, or prepared, or without asking for its rows, where those are known or told by their
    /// number: such statements have ways of their own.
    fn say_somehow(&mut self, transaction: &Transaction, statement: &Statement, is_known: bool) -> Said {
        let view = &transaction.view;
        let by_key = matches!(statement, Statement::Update(..) | Statement::Delete(..));
        let way = if is_known || by_key { self.choose(&labels::VARIANT, 4) } else { 0 };
        let shows = matches!(statement, Statement::Select(..));
        if way >= 1
            && let Some((text, values)) = statement.prepared_sql(view)
        {
            let answer = self.talk.say_prepared(&text, &values);
            return Said { text, answer, quiet: (!shows).then(|| values[0].shown()) };
        }
        let quiet = if way >= 1 && is_known { statement.quiet_sql(view) } else { None };
        let is_quiet = quiet.is_some();
        let text = quiet.unwrap_or_else(|| statement.sql(view));
        let answer = self.talk.say(&text);
        Said { text, answer, quiet: is_quiet.then_some(None) }
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
                let excused =
                    |state: &&str| !self.is_undisturbed(transaction) && [UNIQUE, REFERENCE].contains(state);
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

    /// Whether nobody else changes what the transaction works with.
    fn is_undisturbed(&self, transaction: &Transaction) -> bool {
        self.alone || transaction.apart
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
        let undisturbed = self.is_undisturbed(transaction);
        if foretold && (transaction.exact || !undisturbed) {
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
        if !undisturbed && refused.may_be_by_others() {
            return Ok(Outcome::Failed);
        }
        Err(self.unjust(refused, text))
    }
}

/// The rows of a statement that has told their number alone: those that were foretold, if there are as many, or the one with
/// the key that it is about.
fn unsaid(tag: &str, prediction: &Prediction, is_known: bool, key: Option<String>) -> Vec<Shown> {
    let count: usize = tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(usize::MAX);
    if is_known && count == prediction.rows.len() {
        return prediction.rows.clone();
    }
    if count == 1 { vec![vec![key]] } else { Vec::new() }
}

/// A row that a statement returned although its filter excludes it: what nobody could foretell must still be what was asked
/// for. Of updates that can be told where the filter looks at nothing that is assigned.
fn surprising(transaction: &Transaction, statement: &Statement, answer: &Answer) -> Option<Shown> {
    let table = transaction.view.tables.get(statement.table())?;
    let filter = match statement {
        Statement::Delete(_, filter) | Statement::Select(_, filter) => filter.as_ref()?,
        Statement::Update(_, set, filter) => {
            let made = |of: &str| {
                table.columns.iter().any(|column| {
                    column.generated.as_ref().is_some_and(|made| made.reads(of))
                        && filter.as_ref().is_some_and(|it| it.reads(&column.name))
                })
            };
            let assigned =
                |filter: &Expression| set.iter().any(|(column, _)| filter.reads(column) || made(column));
            filter.as_ref().filter(|filter| !assigned(filter))?
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
