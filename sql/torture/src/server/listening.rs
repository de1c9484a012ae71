//! Notifications, as a client hears them: of every deed that is committed while it listens, also when it says nothing.

use super::client::{Client, Stopped};
use super::marks;
use super::wire::{Answer, PATIENCE};
use crate::labels;
use std::time::Duration;
use torture::promise::Promise;

/// Who rests is told no later. What is on its way may take ten seconds, more than once.
const TOLD_WITHIN: Duration = Duration::from_secs(100);

impl Client<'_> {
    /// Begins to listen, ends it, or waits for what is to be heard.
    pub fn listen(&mut self) -> Result<(), Stopped> {
        let Some(listener) = self.wire.as_ref().and_then(|wire| wire.listener) else {
            return self.begins_to_listen();
        };
        match self.choose(&labels::LISTENING, 4) {
            3 => self.ends_to_listen(listener),
            _ => self.waits_to_hear(listener),
        }
    }

    /// Listens from now on.
    pub fn begins_to_listen(&mut self) -> Result<(), Stopped> {
        self.note("listens");
        let listener = self.kept.with(|kept| kept.hearing.listens());
        if let Some(wire) = &mut self.wire {
            wire.listener = Some(listener);
        }
        if self.simply("LISTEN moved")?.is_some() {
            self.kept.with(|kept| {
                let moment = kept.model.moment();
                kept.hearing.is_listening(listener, moment);
            });
        } else if let Some(wire) = &mut self.wire {
            wire.listener = None;
        }
        Ok(())
    }

    fn ends_to_listen(&mut self, listener: usize) -> Result<(), Stopped> {
        self.note("listens no more");
        self.kept.with(|kept| {
            let moment = kept.model.moment();
            kept.hearing.stops(listener, moment);
        });
        let text = ["UNLISTEN moved", "UNLISTEN *"][self.choose(&labels::LISTENING, 2) as usize];
        if self.simply(text)?.is_none() {
            return Ok(());
        }
        self.reached(&marks::UNLISTENED);
        // From now on it must hear nothing, as is seen with all that it does.
        if let Some(wire) = &mut self.wire {
            wire.listener = None;
        }
        Ok(())
    }

    /// Says nothing until it has heard of all that was committed before.
    fn waits_to_hear(&mut self, listener: usize) -> Result<(), Stopped> {
        self.note("waits to hear");
        // Others may do something meanwhile.
        self.session.stage.env().sleep(&labels::PAUSE, Duration::from_millis(20));
        let moment = self.moment();
        let lacks =
            |client: &Client<'_>| client.kept.with(|kept| kept.hearing.lacks(listener, moment, &kept.model));
        while !lacks(self).is_empty() {
            let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
            let mut answer = Answer::default();
            let taken = wire.waits(TOLD_WITHIN).and_then(|()| wire.take(&mut answer, 1));
            if taken.as_ref().is_err_and(|gone| gone.is_late) {
                let detail = format!("who listens and rests was not told of {:x?}", lacks(self));
                return Err(self.broken(Promise::NotificationsArrive, detail));
            }
            self.heard(moment, taken.map(|_| answer), &[])?;
            self.reached(&marks::HEARD_AT_REST);
        }
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        // Who cannot be waited for is gone, as will show.
        let _ = wire.waits(PATIENCE);
        Ok(())
    }

    /// What others tell is committed; all of it is told.
    pub fn told(&self, spoke: u64, answer: &Answer) -> Result<(), Stopped> {
        let listener = self.wire.as_ref().and_then(|wire| wire.listener);
        let in_block = |status| matches!(status, b'T' | b'E');
        let is_within =
            self.wire.as_ref().is_some_and(|wire| in_block(wire.statuses.0) && in_block(answer.status));
        if is_within && let Some((_, payload)) = answer.notifications.first() {
            let detail = format!("{payload} was told of to one who is within a transaction");
            return Err(self.broken(Promise::NotificationsArrive, detail));
        }
        for (channel, payload) in &answer.notifications {
            let number = payload.parse().unwrap_or_default();
            let (Some(listener), "moved") = (listener, channel.as_str()) else {
                let detail = format!("{payload} was told of to one who does not listen to {channel}");
                return Err(self.broken(Promise::NotificationsArrive, detail));
            };
            let is_known = self.kept.with(|kept| kept.model.fate(number).is_some());
            if !is_known {
                let detail = format!("{payload} was told of, and nobody committed it");
                return Err(self.broken(Promise::RefusedLeavesNothing, detail));
            }
            let heard = self.kept.with(|kept| {
                kept.model.acknowledged(number);
                kept.hearing.hears(listener, number, &kept.model)
            });
            heard.map_err(|failure| self.failed(failure))?;
            self.reached(&marks::HEARD);
        }
        let Some(listener) = listener.filter(|_| answer.status == b'I') else { return Ok(()) };
        let lacks = self.kept.with(|kept| kept.hearing.lacks(listener, spoke, &kept.model));
        if lacks.is_empty() {
            return Ok(());
        }
        let detail = format!("who listens was not told of {lacks:x?}, which had been acknowledged");
        Err(self.broken(Promise::NotificationsArrive, detail))
    }
}
