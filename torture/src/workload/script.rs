//! What the clients of a told story do, in words: `put 4; put 5 300`, `checkpoint`, `rest 200`.
//!
//! One line is one transaction of one client, its operations separated by semicolons, on the first tree of rows; or one
//! thing that is no transaction. Keys are the numbers of rows, sizes are bytes, times are microseconds.
//!
//! | line | means |
//! |---|---|
//! | `put 4` or `put 4 300` | a transaction that writes row 4 (with a value of 300 bytes) and commits |
//! | `put 0..50 60` | the same with rows 0 to 49 |
//! | `delete 4`, `delete 0..50` | rows are removed, those in a range by one range delete |
//! | `get 4` | the row is read, and what is read is judged |
//! | `lists read 1; rest 50; append 0` | a serialisable transaction on the lists, whose history is judged, too; it may rest |
//! | `checkpoint` | a checkpoint is asked for |
//! | `rest 200` | the client rests |
//!
//! How it fails: a line that says anything else is refused when the scenario is read, with the word that was not
//! understood.

use super::labels;
use super::lists::{self, ListDeed};
use super::session::{Ended, Session};
use super::setup::{KEYS, LISTS, row_key};
use super::transaction::Mirrored;
use crate::subject::{Isolation, MAIN, Start};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of a value when nothing is said.
const USUAL_BYTES: usize = 20;

/// What one life of a told run does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What each client does, one line after the other.
    pub clients: BTreeMap<String, Vec<Line>>,
    /// How the life ends, if no event ends it before.
    pub curtain: Curtain,
}

/// How a life ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curtain {
    /// The process leaves without closing the database.
    #[default]
    Left,
    /// The database is closed.
    Closed,
    /// The process is killed.
    ProcessKilled,
    /// The power fails.
    PowerLoss,
}

impl Curtain {
    /// Whether it needs no word.
    pub fn is_usual(&self) -> bool {
        *self == Curtain::default()
    }
}

/// One line of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A transaction.
    Transaction(Vec<Deed>),
    /// A serialisable transaction on the lists.
    Lists(Vec<ListDeed>),
    /// A checkpoint is asked for.
    Checkpoint,
    /// The client rests.
    Rest(Duration),
}

/// One operation of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Rows are written, from one number up to another, with values of so many bytes.
    Put(u32, u32, usize),
    /// A row is removed.
    Delete(u32),
    /// The rows between two numbers are removed.
    DeleteRange(u32, u32),
    /// A row is read.
    Get(u32),
}

/// A line that says nothing that can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line:?} is no line of a client: {expected}")]
pub struct ScriptError {
    line: String,
    expected: &'static str,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// [`ScriptError`], with what was expected.
    pub fn parse(text: &str) -> Result<Line, ScriptError> {
        let wrong = |expected| ScriptError { line: text.to_owned(), expected };
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["checkpoint"] => Ok(Line::Checkpoint),
            ["rest", time] => rest_of(time).map(Line::Rest).map_err(wrong),
            ["lists", ..] => {
                let text = text.trim_start().strip_prefix("lists").unwrap_or_default();
                let deeds: Result<Vec<ListDeed>, &'static str> = text.split(';').map(list_deed).collect();
                deeds.map(Line::Lists).map_err(wrong)
            }
            _ => {
                let deeds: Result<Vec<Deed>, &'static str> = text.split(';').map(Deed::parse).collect();
                deeds.map(Line::Transaction).map_err(wrong)
            }
        }
    }
}

impl Deed {
    fn parse(text: &str) -> Result<Deed, &'static str> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["put", rows] => rows_of(rows).map(|(from, to)| Deed::Put(from, to, USUAL_BYTES)),
            ["put", rows, bytes] => {
                let bytes = bytes.parse().map_err(|_| "the size of a value is a number of bytes")?;
                rows_of(rows).map(|(from, to)| Deed::Put(from, to, bytes))
            }
            ["delete", rows] if rows.contains("..") => {
                rows_of(rows).map(|(from, to)| Deed::DeleteRange(from, to))
            }
            ["delete", row] => rows_of(row).map(|(from, _)| Deed::Delete(from)),
            ["get", row] if !row.contains("..") => rows_of(row).map(|(from, _)| Deed::Get(from)),
            _ => Err("expected put, delete, get, lists, checkpoint or rest, as in `put 4; delete 0..50`"),
        }
    }

    fn play(&self, transaction: &mut Mirrored<'_>, tree: u64) -> Result<(), Ended> {
        match self {
            Deed::Put(from, to, bytes) => {
                for number in *from..*to {
                    transaction.put(tree, &row_key(number), *bytes)?;
                }
                Ok(())
            }
            Deed::Delete(number) => transaction.delete(tree, &row_key(*number)),
            Deed::DeleteRange(from, to) => transaction.delete_range(tree, &row_key(*from), &row_key(*to)),
            Deed::Get(number) => transaction.get(tree, &row_key(*number)).map(|_| ()),
        }
    }
}

fn list_deed(text: &str) -> Result<ListDeed, &'static str> {
    let list = |text: &str| {
        let number = text.parse().ok().filter(|number| *number < LISTS);
        number.ok_or("lists are numbers below 5, as in `lists append 0`")
    };
    match text.split_whitespace().collect::<Vec<&str>>().as_slice() {
        ["read", number] => list(number).map(ListDeed::Read),
        ["append", number] => list(number).map(ListDeed::Append),
        ["rest", time] => rest_of(time).map(ListDeed::Rest),
        _ => Err("expected read, append or rest, as in `lists read 1; append 0`"),
    }
}

fn rest_of(text: &str) -> Result<Duration, &'static str> {
    text.parse().map(Duration::from_micros).map_err(|_| "`rest` needs microseconds, as in `rest 200`")
}

/// `4` is the rows from 4 up to 5, `4..9` those from 4 up to 9.
fn rows_of(text: &str) -> Result<(u32, u32), &'static str> {
    let expected = "rows are numbers below 320, as in `4`, or a range of them, as in `0..50`";
    let number = |text: &str| text.parse::<u32>().map_err(|_| expected);
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (number(from)?, number(to)?),
        None => (number(text)?, number(text)?.saturating_add(1)),
    };
    if from < to && to <= KEYS { Ok((from, to)) } else { Err(expected) }
}

/// Runs the lines of one client of one life.
pub fn run_script(session: &Session, name: &str, number: u8, lines: &[Line]) {
    for line in lines {
        if !session.goes_on() {
            return;
        }
        let done = match line {
            Line::Transaction(deeds) => transaction(session, name, number, deeds),
            Line::Lists(deeds) => lists::tell(session, name, number, deeds),
            Line::Checkpoint => {
                session.database.checkpoint().map_err(|refusal| session.refused(name, &refusal))
            }
            Line::Rest(time) => {
                session.stage.env().sleep(&labels::PAUSE, *time);
                Ok(())
            }
        };
        match done {
            Ok(()) | Err(Ended::Transaction) => {}
            Err(Ended::Client) => return,
        }
    }
}

fn transaction(session: &Session, name: &str, number: u8, deeds: &[Deed]) -> Result<(), Ended> {
    let start = Start::writing(MAIN, Isolation::RepeatableRead);
    let mut transaction = Mirrored::begin(session, name, number, &start)?;
    // The first two trees hold markers and lists.
    let Some(&tree) = transaction.trees()?.get(2) else { return Ok(()) };
    for deed in deeds {
        deed.play(&mut transaction, tree)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_or_explained() {
        let put = Deed::Put(4, 5, USUAL_BYTES);
        assert_eq!(Line::parse("put 4"), Ok(Line::Transaction(vec![put.clone()])));
        let both = Line::Transaction(vec![put, Deed::DeleteRange(0, 50)]);
        assert_eq!(Line::parse("put 4; delete 0..50"), Ok(both));
        assert_eq!(Line::parse("rest 200"), Ok(Line::Rest(Duration::from_micros(200))));
        assert_eq!(Line::parse("checkpoint"), Ok(Line::Checkpoint));
        let deeds = [ListDeed::Read(4), ListDeed::Rest(Duration::from_micros(50)), ListDeed::Append(0)];
        assert_eq!(Line::parse("lists read 4; rest 50; append 0"), Ok(Line::Lists(deeds.to_vec())));
        for wrong in ["lists", "lists read", "lists append 5", "lists put 4", "lists read 1; checkpoint"] {
            assert!(Line::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "put", "put 4 much", "put 400", "put 9..4", "rest", "get 0..4", "checkpoint; put 4"]
        {
            assert!(Line::parse(wrong).is_err(), "{wrong}");
        }
    }
}
