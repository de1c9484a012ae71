//! Two sessions of one client: what the one has locked, the other has to wait for, to skip, or to be told of.
//!
//! A task that waits for itself would wait for ever; so the other session waits but a moment.

use super::Client;
use crate::labels;
use crate::state::{LOCKED, UNIQUE};
use crate::talk::{Answer, Refused, Talk};
use crate::value::Shown;
use crate::workload::sql_of;
use torture::promise::Promise;
use torture::workload::Ended;

/// How the first session holds rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Removed,
    ForUpdate,
    ForShare,
    Changed,
}

impl Client<'_> {
    /// A transaction that holds rows, while another asks for them; both roll back.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn pair(&mut self) -> Result<(), Ended> {
        let view = self.kept.with(|kept| kept.model.latest());
        let Some((table, declared)) = self.table(&view) else { return Ok(()) };
        let own = declared.columns.iter().filter(|column| column.generated.is_none());
        let own: Vec<&str> = own.map(|column| column.name.as_str()).collect();
        let place = self.choose(&labels::KEY, declared.rows.len());
        let Some(low) = declared.rows.keys().nth(place) else { return Ok(()) };
        let opened = sql_of(&*self.session.database).and_then(|sql| sql.session());
        let mut other = Talk::new(opened.map_err(|refusal| self.session.refused(self.name, &refusal))?);
        self.simply("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let holds = [Hold::Removed, Hold::ForUpdate, Hold::ForShare, Hold::Changed, Hold::Removed];
        let hold = holds[self.choose(&labels::VARIANT, holds.len())];
        let text = held_sql(hold, table, own.first().copied(), *low);
        let held = match self.talk.say(&text) {
            Ok(answer) => answer.rows,
            // Rows may be referred to, and others may have made another table of it.
            Err(refused) if refused.store.is_none() => return Err(Ended::Transaction),
            Err(refused) => return Err(self.refused(&refused, &text)),
        };
        let judged = match held.first() {
            Some(row) => self.asked_for(&mut other, (table, &own), hold, (row, &held)),
            None => Ok(()),
        };
        // Whatever came of it, it is over.
        let _ = other.say("ROLLBACK");
        let said = other.said.drain(..).map(|text| format!("{text} -- in another session"));
        self.talk.said.extend(said);
        judged?;
        self.simply("ROLLBACK")
    }

    /// The other session asks for what is held.
    fn asked_for(
        &mut self,
        other: &mut Talk,
        (table, own): (&str, &[&str]),
        hold: Hold,
        (row, held): (&Shown, &[Shown]),
    ) -> Result<(), Ended> {
        let key = row.first().cloned().flatten().unwrap_or_default();
        other
            .say("BEGIN; SET LOCAL lock_timeout = '5ms'; SAVEPOINT one")
            .map_err(|refused| self.refused(&refused, "BEGIN"))?;
        // Whether anybody else has these, nobody can tell; those that are held here are held.
        let strong = format!("SELECT id FROM {table} ORDER BY id FOR UPDATE SKIP LOCKED");
        if let Ok(answer) = other.say(&strong)
            && let Some(row) = answer.rows.iter().find(|row| held.contains(row))
        {
            return Err(self.got(&format!("{row:?}"), &strong));
        }
        self.comes_back(other)?;
        let nowait = format!("SELECT id FROM {table} WHERE id = {key} FOR NO KEY UPDATE NOWAIT");
        let answer = other.say(&nowait);
        self.must_not_get(answer, &nowait)?;
        self.comes_back(other)?;
        let weak = format!("SELECT id FROM {table} WHERE id = {key} FOR KEY SHARE NOWAIT");
        match other.say(&weak) {
            // A row that another is about to remove, or to give another key, is nobody's.
            answer @ Ok(_) if hold == Hold::Removed => self.must_not_get(answer, &weak)?,
            Err(refused) if hold == Hold::ForShare && refused.state() == LOCKED && self.alone => {
                return Err(self.unjust(&refused, &weak));
            }
            Ok(_) | Err(_) => {}
        }
        self.comes_back(other)?;
        if self.alone { self.inserted_again(other, (table, own), hold, &key) } else { Ok(()) }
    }

    /// The other session inserts the row that is held. Several that wait for one key whose row is held wake one another without end,
    /// and none of them is ever out of time: until that is mended, nobody else may come for it.
    fn inserted_again(
        &mut self,
        other: &mut Talk,
        (table, own): (&str, &[&str]),
        hold: Hold,
        key: &str,
    ) -> Result<(), Ended> {
        // Who does not know yet that it is gone sees it.
        let all: String = own.iter().map(|column| format!(", {column}")).collect();
        let insert = format!("INSERT INTO {table} (id{all}) SELECT id{all} FROM {table} WHERE id = {key}");
        match other.say(&insert) {
            // Others may have removed what was known of the table.
            Ok(answer) if answer.tag != "INSERT 0 0" => Err(self.got(key, &insert)),
            Ok(_) => Ok(()),
            Err(refused)
                if hold == Hold::Removed
                    && refused.state() == UNIQUE
                    && refused.report.message.contains(&format!("\"{table}_pkey\"")) =>
            {
                // It may be gone in the end.
                Err(self.unjust(&refused, &insert))
            }
            Err(_) => Ok(()),
        }
    }

    fn comes_back(&self, other: &mut Talk) -> Result<(), Ended> {
        other.say("ROLLBACK TO one").map(drop).map_err(|refused| self.refused(&refused, "ROLLBACK TO one"))
    }

    fn must_not_get(&self, answer: Result<Answer, Refused>, text: &str) -> Result<(), Ended> {
        match answer {
            Ok(answer) if !answer.rows.is_empty() => Err(self.got(&format!("{:?}", answer.rows[0]), text)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn got(&self, row: &str, text: &str) -> Ended {
        self.broken(Promise::IsolationHolds, format!("{row} is held by another transaction: {text}"))
    }
}

/// What holds rows of a table, and tells their keys.
fn held_sql(hold: Hold, table: &str, column: Option<&str>, low: i64) -> String {
    match (hold, column) {
        (Hold::Removed, _) => {
            format!("DELETE FROM {table} WHERE id BETWEEN {low} AND {} RETURNING id", low + 6)
        }
        (Hold::Changed, Some(column)) => format!(
            "UPDATE {table} SET {column} = {column} WHERE id BETWEEN {low} AND {} RETURNING id",
            low + 6
        ),
        (Hold::ForUpdate | Hold::Changed, _) => {
            format!("SELECT id FROM {table} WHERE id >= {low} ORDER BY id LIMIT 3 FOR UPDATE")
        }
        (Hold::ForShare, _) => {
            format!("SELECT id FROM {table} WHERE id >= {low} ORDER BY id LIMIT 3 FOR SHARE")
        }
    }
}
