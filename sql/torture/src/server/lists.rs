//! Transactions that read lists and append to them, at all levels: what a history of isolation is made of.

use super::client::{Client, Stopped};
use super::histories::LISTS;
use super::marks;
use super::messages::query;
use super::reading::{Row, number};
use super::transfer::LEVELS;
use crate::labels;
use torture::history::{Level, Operation};
use torture::promise::Promise;

const OF_LEVELS: [Level; 3] = [Level::ReadCommitted, Level::RepeatableRead, Level::Serializable];

/// A list as it is shown; an element that nobody appends where it is none.
pub fn list(text: Option<&String>) -> Vec<u64> {
    let inside = text.map_or("?", |text| text.trim_start_matches('{').trim_end_matches('}'));
    let elements = inside.split(',').filter(|element| !element.is_empty());
    elements.map(|element| element.parse().unwrap_or(u64::MAX)).collect()
}

impl Client<'_> {
    /// Reads lists, and appends to them.
    pub fn lists(&mut self) -> Result<(), Stopped> {
        let place = self.choose(&labels::LISTS, 3) as usize;
        let level = OF_LEVELS[place];
        let transaction = self.kept.with(|kept| kept.histories.begins(level));
        self.note(&format!("works on lists as T{transaction}, {}", LEVELS[place]));
        let Some(_) = self.begins(LEVELS[place])? else { return Ok(()) };
        let mut snapshot = None;
        for _ in 0..1 + self.choose(&labels::LISTS, 4) {
            let moment = self.moment();
            let began = if level == Level::ReadCommitted { moment } else { *snapshot.get_or_insert(moment) };
            let key = i64::from(self.choose(&labels::LISTS, LISTS as u32));
            let goes_on = match self.choose(&labels::LISTS, 4) {
                0 => self.reads_lists(transaction, began, "true")?,
                1 => self.reads_lists(transaction, began, &format!("id = {key}"))?,
                _ => self.appends(transaction, key)?,
            };
            if !goes_on {
                return Ok(());
            }
        }
        if self.choose(&labels::ENDING, 8) == 7 {
            return self.simply("ROLLBACK").map(drop);
        }
        self.kept.with(|kept| kept.histories.asked(transaction));
        let answer = self.ask(&query("COMMIT"), &[])?;
        self.kept.with(|kept| match answer.error {
            Some(_) => kept.histories.refused(transaction),
            None => {
                let moment = kept.model.moment();
                kept.histories.acknowledged(transaction, moment);
            }
        });
        if self.or_back(answer)?.is_some() {
            self.reached(&marks::LISTS_WORKED_ON);
        }
        Ok(())
    }

    fn reads_lists(&mut self, transaction: usize, began: u64, which: &str) -> Result<bool, Stopped> {
        let text = format!("SELECT id, items FROM lists WHERE {which} ORDER BY id");
        let Some(rows) = self.rows(&text)? else { return Ok(false) };
        let read = |row: &Row| Operation::Read {
            key: number(row, 0).unsigned_abs(),
            began,
            list: list(row.get(1).and_then(Option::as_ref)),
        };
        self.kept.with(|kept| rows.iter().for_each(|row| kept.histories.did(transaction, read(row))));
        Ok(true)
    }

    fn appends(&mut self, transaction: usize, key: i64) -> Result<bool, Stopped> {
        let element = self.kept.with(|kept| kept.histories.next_element());
        let text = format!("UPDATE lists SET items = items || {element}::bigint WHERE id = {key}");
        let Some(answer) = self.simply(&text)? else { return Ok(false) };
        if answer.tags != ["UPDATE 1"] {
            let detail = format!("list {key} is there, and was appended to with {:?}", answer.tags);
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        let append = Operation::Append { key: key.unsigned_abs(), element };
        self.kept.with(|kept| kept.histories.did(transaction, append));
        Ok(true)
    }
}
