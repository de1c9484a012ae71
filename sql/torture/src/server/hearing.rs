//! What listeners must hear: each deed that was committed while they listened, once, in the order of commits, and nothing else.
//!
//! A listener is a session between the acknowledgement of its `LISTEN` and its `UNLISTEN` or its end. A deed must have reached it
//! when it is told that it may speak and is within no transaction, if the deed was acknowledged before the listener last spoke.

use super::model::{Fate, Model};
use torture::promise::{Failure, Promise};

/// A session that listens.
#[derive(Debug, Clone)]
struct Listener {
    /// When its `LISTEN` had been acknowledged.
    since: u64,
    /// When its `UNLISTEN` was asked for.
    stops: Option<u64>,
    /// What it heard, in order.
    heard: Vec<i64>,
}

/// All listeners of a life.
#[derive(Debug, Clone, Default)]
pub struct Hearing {
    listeners: Vec<Listener>,
}

fn broken(detail: String) -> Failure {
    Failure::new(Promise::NotificationsArrive, detail)
}

/// When a deed was asked for, and when acknowledged.
fn moments(model: &Model, number: i64) -> Option<(u64, Option<u64>)> {
    let open = model.open().get(&number)?;
    let acknowledged = match open.fate {
        Fate::Acknowledged(moment) => Some(moment),
        Fate::Asked | Fate::Unknown => None,
    };
    Some((open.asked, acknowledged))
}

impl Hearing {
    /// A session asks to listen: from now on it may hear.
    pub fn listens(&mut self) -> usize {
        self.listeners.push(Listener { since: u64::MAX, stops: None, heard: Vec::new() });
        self.listeners.len() - 1
    }

    /// That was acknowledged: from this moment on it must.
    pub fn is_listening(&mut self, listener: usize, moment: u64) {
        self.listeners[listener].since = moment;
    }

    /// It asks not to hear any more.
    pub fn stops(&mut self, listener: usize, moment: u64) {
        self.listeners[listener].stops = Some(moment);
    }

    /// All sessions are gone.
    pub fn clear(&mut self) {
        self.listeners.clear();
    }

    /// A listener is told of a deed.
    ///
    /// # Errors
    /// When it must not be, or was before, or hears it too late.
    pub fn hears(&mut self, listener: usize, number: i64, model: &Model) -> Result<(), Failure> {
        let own = &self.listeners[listener];
        if own.heard.contains(&number) {
            return Err(broken(format!("{number:x} was told of twice: {:x?}", own.heard)));
        }
        let Some((_, acknowledged)) = moments(model, number) else {
            return Err(broken(format!("{number:x} was told of in a later life than it was done in")));
        };
        let later = own.heard.iter().find(|former| {
            let former = moments(model, **former).map_or(0, |(asked, _)| asked);
            acknowledged.is_some_and(|moment| former > moment)
        });
        if let Some(later) = later {
            let detail = format!("{later:x} was told of before {number:x}, which was committed earlier");
            return Err(broken(detail));
        }
        self.agrees(listener, number)?;
        self.listeners[listener].heard.push(number);
        Ok(())
    }

    /// All listeners hear what they hear in one order.
    fn agrees(&self, listener: usize, number: i64) -> Result<(), Failure> {
        let former = &self.listeners[listener].heard;
        for (place, other) in self.listeners.iter().enumerate().filter(|(place, _)| *place != listener) {
            let Some(at) = other.heard.iter().position(|heard| *heard == number) else { continue };
            if let Some(later) = other.heard[at..].iter().find(|later| former.contains(later)) {
                let detail = format!(
                    "listener {listener} is told of {later:x} and then of {number:x}, listener {place} the other way round"
                );
                return Err(broken(detail));
            }
        }
        Ok(())
    }

    /// What a listener that is within no transaction, and last spoke after this moment, lacks.
    pub fn lacks(&self, listener: usize, spoke: u64, model: &Model) -> Vec<i64> {
        let own = &self.listeners[listener];
        let end = own.stops.unwrap_or(u64::MAX);
        let lacks = model.open().iter().filter(|(number, open)| match open.fate {
            Fate::Acknowledged(moment) => {
                open.asked > own.since && moment < spoke && moment < end && !own.heard.contains(number)
            }
            Fate::Asked | Fate::Unknown => false,
        });
        lacks.map(|(number, _)| *number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::model::{Deed, Transfer};

    const DEED: Deed = Deed { transfer: Some(Transfer { source: 0, target: 1, amount: 1 }), lines: 0 };

    fn listens(hearing: &mut Hearing, model: &mut Model) -> usize {
        let listener = hearing.listens();
        hearing.is_listening(listener, model.moment());
        listener
    }

    fn committed(model: &mut Model, number: i64) {
        model.asked(number, DEED);
        model.acknowledged(number);
    }

    #[test]
    fn each_deed_is_told_once_and_in_order() {
        let (mut model, mut hearing) = (Model::default(), Hearing::default());
        let (one, two) = (listens(&mut hearing, &mut model), listens(&mut hearing, &mut model));
        committed(&mut model, 1);
        committed(&mut model, 2);
        let now = model.moment();
        assert_eq!(hearing.lacks(one, now, &model), [1, 2]);
        assert!(hearing.hears(one, 1, &model).is_ok());
        assert!(hearing.hears(one, 1, &model).is_err(), "twice");
        assert!(hearing.hears(one, 2, &model).is_ok());
        assert!(hearing.lacks(one, now, &model).is_empty());
        assert!(hearing.hears(two, 2, &model).is_ok());
        assert!(hearing.hears(two, 1, &model).is_err(), "the other way round");
        assert!(hearing.hears(one, 3, &model).is_err(), "nobody has done it");
    }

    #[test]
    fn listeners_agree_on_what_nobody_else_orders() {
        let (mut model, mut hearing) = (Model::default(), Hearing::default());
        let (one, two) = (listens(&mut hearing, &mut model), listens(&mut hearing, &mut model));
        model.asked(1, DEED);
        model.asked(2, DEED);
        assert!(hearing.hears(one, 2, &model).is_ok());
        assert!(hearing.hears(one, 1, &model).is_ok());
        assert!(hearing.hears(two, 1, &model).is_ok());
        assert!(hearing.hears(two, 2, &model).is_err());
    }

    #[test]
    fn who_stops_may_hear_or_not() {
        let (mut model, mut hearing) = (Model::default(), Hearing::default());
        let one = listens(&mut hearing, &mut model);
        let moment = model.moment();
        hearing.stops(one, moment);
        committed(&mut model, 1);
        let now = model.moment();
        assert!(hearing.lacks(one, now, &model).is_empty());
        assert!(hearing.hears(one, 1, &model).is_ok(), "it was under way");
    }
}
