//! Clients that cancel or end what others do, or themselves; and those that wait until their time is over.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::query;
use super::model::ACCOUNTS;
use super::reading::number;
use super::wire::{Answer, cancel};
use crate::labels;
use std::time::Duration;
use torture::promise::Promise;

/// How often it is asked whether a session that was ended is gone, and how long in between: a minute.
const ASKED: u32 = 300;
const BETWEEN: Duration = Duration::from_millis(200);

impl Client<'_> {
    /// Does something over another connection, if there is room for one; nothing if that breaks.
    pub fn by_another<T>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<T, Stopped>,
    ) -> Result<Option<T>, Stopped> {
        let Some(other) = self.log_in()? else { return Ok(None) };
        let own = self.wire.replace(other);
        let done = body(self);
        if let Some(other) = self.let_go() {
            other.leave();
        }
        self.wire = own;
        match done {
            Ok(value) => Ok(Some(value)),
            Err(Stopped::Gone) => Ok(None),
            Err(Stopped::Over) => Err(Stopped::Over),
        }
    }

    /// Ends a session, and waits until it is gone; whether that was seen.
    pub fn ends(&mut self, process: u32) -> Result<bool, Stopped> {
        self.kept.with(|kept| kept.presence.ends(process));
        let Some(_) = self.simply(&format!("SELECT pg_terminate_backend({process})"))? else {
            return Ok(false);
        };
        let text = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {process}");
        for _ in 0..ASKED {
            let Some(rows) = self.rows(&text)? else { return Ok(false) };
            if rows.first().is_none_or(|row| number(row, 0) == 0) {
                return Ok(true);
            }
            self.session.stage.env().sleep(&labels::PAUSE, BETWEEN);
        }
        let detail = format!("session {process} is there a minute after it was ended");
        Err(self.broken(Promise::EndsInTime, detail))
    }

    /// Cancels or ends what another client does.
    pub fn disturb(&mut self) -> Result<(), Stopped> {
        let others = self.kept.with(|kept| kept.presence.others(self.number));
        if others.is_empty() {
            return Ok(());
        }
        let other = others[self.choose(&labels::DISTURB, others.len() as u32) as usize];
        let process = other.process;
        match self.choose(&labels::DISTURB, 4) {
            0 | 1 => {
                self.note(&format!("cancels what session {process} does"));
                self.kept.with(|kept| kept.presence.cancels(process));
                if cancel(&*self.session.stage.env(), other.key) {
                    self.reached(&marks::OTHER_CANCELLED);
                }
                Ok(())
            }
            2 => {
                self.note(&format!("cancels what session {process} does, by a statement"));
                self.kept.with(|kept| kept.presence.cancels(process));
                if self.simply(&format!("SELECT pg_cancel_backend({process})"))?.is_some() {
                    self.reached(&marks::OTHER_CANCELLED);
                }
                Ok(())
            }
            _ => {
                self.note(&format!("ends session {process}"));
                if self.ends(process)? {
                    self.reached(&marks::OTHER_ENDED);
                }
                Ok(())
            }
        }
    }

    /// Is cancelled while it does something, or while it does nothing, or by its own time limit.
    pub fn cancelled(&mut self) -> Result<(), Stopped> {
        match self.choose(&labels::DISTURB, 3) {
            0 => self.cancelled_at_work(),
            1 => self.cancelled_at_rest(),
            _ => self.out_of_time(),
        }
    }

    fn cancelled_at_work(&mut self) -> Result<(), Stopped> {
        self.note("has itself cancelled");
        let Some(_) = self.simply("BEGIN")? else { return Ok(()) };
        let account = self.choose(&labels::ACCOUNTS, ACCOUNTS as u32);
        let text = format!("SELECT pg_sleep(1) FROM accounts WHERE id = {account} FOR UPDATE");
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let (process, key) = (wire.process(), wire.key);
        let said = wire.say(&query(&text));
        self.kept.with(|kept| kept.presence.cancels(process));
        cancel(&*self.session.stage.env(), key);
        let answered =
            said.and_then(|()| self.wire.as_mut().map_or(Ok(Answer::default()), |wire| wire.answer()));
        let answer = self.heard(spoke, answered, &[])?;
        if answer.error.is_some_and(|told| told.state == "57014") {
            self.reached(&marks::CANCELLED);
        }
        self.simply("ROLLBACK").map(drop)
    }

    /// Whoever cancels while nothing is done cancels nothing, the next statement least of all.
    fn cancelled_at_rest(&mut self) -> Result<(), Stopped> {
        self.note("has itself cancelled while it rests");
        let is_in_block = self.choose(&labels::DISTURB, 2) == 1;
        if is_in_block && self.simply("BEGIN")?.is_none() {
            return Ok(());
        }
        let Some((process, key)) = self.wire.as_ref().map(|wire| (wire.process(), wire.key)) else {
            return Err(Stopped::Gone);
        };
        if cancel(&*self.session.stage.env(), key) {
            self.reached(&marks::CANCELLED_AT_REST);
        } else {
            // It may be under way, and come late.
            self.kept.with(|kept| kept.presence.cancels(process));
        }
        let done = self.sums()?;
        if is_in_block && done {
            self.simply("COMMIT")?;
        }
        Ok(())
    }

    fn out_of_time(&mut self) -> Result<(), Stopped> {
        self.note("runs out of time");
        let Some(_) = self.simply("SET statement_timeout = '200ms'")? else { return Ok(()) };
        if self.fails("SELECT pg_sleep(1000)", "57014")? {
            self.reached(&marks::OUT_OF_TIME);
        }
        self.simply_but("SET statement_timeout = 0", &["57014"])?;
        Ok(())
    }
}

/// The limits of who says nothing, and with what they end him.
const SILENCES: [(&str, &str); 2] =
    [("idle_in_transaction_session_timeout", "25P03"), ("idle_session_timeout", "57P05")];

impl Client<'_> {
    /// Says nothing until its time is over, with a row in its hands, or without.
    pub fn falls_silent(&mut self) -> Result<(), Stopped> {
        let place = self.choose(&labels::SILENCE, 2) as usize;
        let (setting, state) = SILENCES[place];
        self.note(&format!("says nothing, until {setting}"));
        let Some(_) = self.simply_but(&format!("SET {setting} = '2s'"), &[state])? else { return Ok(()) };
        if place == 0 {
            let account = self.choose(&labels::ACCOUNTS, ACCOUNTS as u32);
            let text = format!("BEGIN; SELECT 1 FROM accounts WHERE id = {account} FOR UPDATE");
            if self.simply_but(&text, &[state])?.is_none() {
                return Ok(());
            }
        }
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let answered = wire.answer();
        if answered.as_ref().is_err_and(|gone| gone.told.as_ref().is_some_and(|told| told.state == state)) {
            self.reached(&marks::SILENCE_ENDED);
        }
        self.heard(spoke, answered, &[state]).map(drop)
    }

    /// Goes away with locks, and comes again to take them: they must be free.
    pub fn dies(&mut self) -> Result<(), Stopped> {
        self.note("goes away with locks");
        let (lock, account) =
            (1000 + u32::from(self.number), self.choose(&labels::ACCOUNTS, ACCOUNTS as u32));
        let locks = [
            format!("SELECT pg_advisory_lock({lock})"),
            "BEGIN".to_owned(),
            format!("UPDATE accounts SET balance = balance + 1000 WHERE id = {account}"),
            format!("INSERT INTO loads VALUES ({}, 1, 'dead')", self.next_number()),
            format!("SELECT pg_notify('moved', '{}')", self.next_number()),
        ];
        for text in &locks {
            if self.simply(text)?.is_none() {
                // The first of them outlives its transaction.
                self.simply("SELECT pg_advisory_unlock_all()")?;
                return Ok(());
            }
        }
        let dead = self.let_go();
        match (dead, self.choose(&labels::VANISH, 2)) {
            (Some(mut dead), 1) => {
                // It goes in the midst of a message.
                let _ = dead.say(&query("COMMIT")[..5]);
            }
            (dead, _) => drop(dead),
        }
        if !self.comes()? {
            return Ok(());
        }
        let Some(_) = self.simply("BEGIN")? else { return Ok(()) };
        let Some(_) = self.simply(&format!("SELECT pg_advisory_xact_lock({lock})"))? else { return Ok(()) };
        let text = format!("SELECT balance FROM accounts WHERE id = {account} FOR UPDATE");
        if self.simply(&text)?.is_some() && self.sums()? {
            self.reached(&marks::LOCKS_RELEASED);
            self.simply("ROLLBACK")?;
        }
        Ok(())
    }
}
