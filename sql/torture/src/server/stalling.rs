//! Clients that stop reading while the server sends: for a while, or until they are ended. Others go on meanwhile, and of what
//! nobody takes the server makes no more than fits into what lies between.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::query;
use super::model::{ACCOUNTS, FIRST_BALANCE};
use super::reading::{Row, number};
use super::wire::{Answer, Wire, cancel};
use crate::labels;
use std::time::Duration;
use torture::promise::Promise;

/// How often all accounts are read at once: more than the connection holds.
const ROUNDS: i64 = 90;
/// How many rows a client that takes nothing asks for.
const ROWS: i64 = 6000;
/// How many of these may be made at most that nobody takes: 64 KiB on the way, twice as many in the server, and a chunk of rows.
const ROWS_AHEAD: i64 = 2500;
/// How many sequences there are, `drawn_0` and so on: one for each client.
pub const SEQUENCES: u32 = 8;
/// Connections that stay open, and are not read from, at most.
const LEFT: usize = 2;

impl Client<'_> {
    /// Asks for more than fits, and stops reading.
    pub fn stall(&mut self) -> Result<(), Stopped> {
        match self.choose(&labels::STALL, 7) {
            way @ 0..=2 => self.stalls_for_a_while(way),
            3 => self.is_ended_while_it_stalls(),
            4 => self.stalls_for_good(),
            5 => self.stands_at_the_door(),
            _ => self.counts_what_is_made(),
        }
    }

    /// Says this, and reads so many messages of the answer.
    fn begins_to_read(&mut self, text: &str, answer: &mut Answer) -> Result<(), Stopped> {
        let messages = 1 + self.choose(&labels::STALL, 20) as usize;
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        match wire.say(&query(text)).and_then(|()| wire.take(answer, messages)) {
            Ok(_) => Ok(()),
            Err(gone) => self.heard(spoke, Err(gone), &[]).map(drop),
        }
    }

    fn stalls_for_a_while(&mut self, way: u32) -> Result<(), Stopped> {
        self.note("stops reading for a while");
        let text = format!(
            "SELECT g, id, balance, repeat('x', 300) FROM generate_series(1, {ROUNDS}) AS g, accounts ORDER BY g, id"
        );
        let (spoke, mut answer) = (self.moment(), Answer::default());
        self.begins_to_read(&text, &mut answer)?;
        let env = self.session.stage.env();
        env.sleep(&labels::PAUSE, Duration::from_secs(1 + u64::from(self.choose(&labels::STALL, 12))));
        self.reached(&marks::STALLED);
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let (process, key) = (wire.process(), wire.key);
        match way {
            0 => {}
            1 => return Err(Stopped::Gone),
            _ => {
                self.kept.with(|kept| kept.presence.cancels(process));
                cancel(&*env, key);
            }
        }
        if answer.status == 0 {
            let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
            let taken = wire.take(&mut answer, usize::MAX);
            answer = self.heard(spoke, taken.map(|_| answer), &[])?;
        }
        let Some(answer) = self.or_back(answer)? else { return Ok(()) };
        let sum: i64 = answer.rows.iter().map(|row| number(row, 2)).sum();
        let first = answer.rows.get(..ACCOUNTS as usize).unwrap_or_default();
        let balances = |rows: &[Row]| rows.iter().map(|row| number(row, 2)).collect::<Vec<i64>>();
        let same = answer.rows.chunks(ACCOUNTS as usize).all(|rows| balances(rows) == balances(first));
        if !same || sum != ROUNDS * ACCOUNTS * FIRST_BALANCE {
            let detail = format!("{} rows of one statement have in all {sum}", answer.rows.len());
            return Err(self.broken(Promise::ReadsMatchSnapshot, detail));
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(())
    }

    /// The sequence that counts the rows that are made for it.
    fn sequence(&self) -> String {
        format!("drawn_{}", u32::from(self.number) % SEQUENCES)
    }

    /// Asks for rows whose making is counted, and reads a few of them. No table is held meanwhile.
    fn asks_for_rows(&mut self, answer: &mut Answer) -> Result<(), Stopped> {
        let text = format!(
            "SELECT nextval('{}'), repeat('x', 500) FROM generate_series(1, {ROWS})",
            self.sequence()
        );
        self.begins_to_read(&text, answer)
    }

    /// Who takes nothing is ended all the same.
    fn is_ended_while_it_stalls(&mut self) -> Result<(), Stopped> {
        self.note("stops reading, and has itself ended");
        self.asks_for_rows(&mut Answer::default())?;
        let Some(process) = self.wire.as_ref().map(Wire::process) else { return Err(Stopped::Gone) };
        if self.by_another(|client| client.ends(process))? == Some(true) {
            self.reached(&marks::STALLED_ENDED);
        }
        Err(Stopped::Gone)
    }

    /// Leaves a connection that it never reads from again: the server has to end it when it stops.
    fn stalls_for_good(&mut self) -> Result<(), Stopped> {
        if self.kept.with(|kept| kept.left.len()) >= LEFT {
            return Ok(());
        }
        self.note("stops reading for good");
        self.asks_for_rows(&mut Answer::default())?;
        self.reached(&marks::STALLED_FOR_GOOD);
        if let Some(wire) = self.let_go() {
            self.kept.with(|kept| kept.left.push(wire));
        }
        Ok(())
    }

    /// Whoever does not say who he is is turned away in time.
    fn stands_at_the_door(&mut self) -> Result<(), Stopped> {
        self.note("stands at the door");
        let length = self.choose(&labels::STALL, 24) as usize;
        let Ok(mut wire) = Wire::at_the_door(&*self.session.stage.env(), length) else { return Ok(()) };
        match wire.answer() {
            Err(gone) if gone.is_late => {
                let detail = "one who does not say who he is is let stand at the door".to_owned();
                Err(self.broken(Promise::EndsInTime, detail))
            }
            // The connection may break before, and be broken before it was heard why.
            Err(gone) => {
                if gone.told.is_some_and(|told| told.state == "57014") {
                    self.reached(&marks::TURNED_AWAY);
                }
                Ok(())
            }
            Ok(answer) => {
                let detail = format!("one who has not said who he is was answered {answer:?}");
                Err(self.broken(Promise::StatementsMatchModel, detail))
            }
        }
    }

    /// The server makes no rows ahead that nobody takes.
    fn counts_what_is_made(&mut self) -> Result<(), Stopped> {
        self.note("stops reading, and has counted what is made");
        let counted = format!("SELECT last_value FROM {}", self.sequence());
        let Some(before) = self.rows(&counted)? else { return Ok(()) };
        let mut answer = Answer::default();
        self.asks_for_rows(&mut answer)?;
        self.session.stage.env().sleep(&labels::PAUSE, Duration::from_secs(2));
        let after = self.by_another(|client| client.rows(&counted))?.flatten();
        let first = |rows: &[Row]| rows.first().map_or(0, |row| number(row, 0));
        if let Some(after) = after {
            let made = first(&after) - first(&before);
            let taken = answer.rows.len() as i64;
            if made > taken + ROWS_AHEAD {
                let detail = format!("{made} rows were made for one who took {taken}");
                return Err(self.broken(Promise::MemoryIsBounded, detail));
            }
            self.reached(&marks::STALLED_COUNTED);
        }
        Err(Stopped::Gone)
    }
}
