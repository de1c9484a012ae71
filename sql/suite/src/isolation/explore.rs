//! All orders in which the steps of a short script can be begun, each with several schedules within the steps, and what must hold in
//! each of them, whoever else has been asked (PostgreSQL's own outputs are compared elsewhere):
//!
//! 1. A schedule does not show: every seed prints the same.
//! 2. Nobody panics, waits for ever, or leaves a lock behind ([`super::simulated`]); no deadlock stays unnoticed.
//! 3. Where all sessions are serialisable, those that committed have seen and left what they see and leave in some order one after
//!    another.
//! 4. What REPEATABLE READ and SERIALIZABLE read twice without writing in between is the same.
//!
//! An order in which a session would be asked for its next step while it waits for somebody who would be asked later cannot be: such an
//! order is told as impossible.

use super::play::{Heard, UNDETECTED};
use super::simulated::{Given, simulate};
use super::spec::{Spec, Turn};
use std::collections::BTreeMap;

/// A script with more orders than this is not short.
pub const ORDERS: usize = 300;

/// What the orders of a script have given.
#[derive(Debug, Default)]
pub struct Explored {
    /// What is printed of each that can be, by the names of its steps.
    pub possible: BTreeMap<String, String>,
    /// How many cannot be.
    pub impossible: usize,
}

/// Runs a script in all orders, each with so many seeds.
///
/// # Errors
/// What did not hold, with the seed and the order that show it.
pub fn explore(spec: &Spec, seeds: u64) -> Result<Explored, String> {
    let orders = spec.interleavings();
    if orders.len() > ORDERS {
        return Err(format!("{} orders are too many to try them all", orders.len()));
    }
    let mut explored = Explored::default();
    let mut serial = Serial { spec, known: BTreeMap::new() };
    for order in orders {
        let names = names_of(&order);
        let at = |error: String| format!("permutation {names}: {error}");
        let given = scheduled(spec, &order, seeds).map_err(at)?;
        if !given.is_complete {
            explored.impossible += 1;
            continue;
        }
        reads_one_snapshot(spec, &given.heard).map_err(at)?;
        if spec.sessions.iter().all(|part| is_at(part.setup.as_ref(), &["SERIALIZABLE"])) {
            serial.judge(&given.heard).map_err(at)?;
        }
        explored.possible.insert(names, given.printed);
    }
    Ok(explored)
}

fn names_of(order: &[Turn]) -> String {
    order.iter().map(|turn| turn.name.as_str()).collect::<Vec<_>>().join(" ")
}

/// One order with so many seeds.
fn scheduled(spec: &Spec, order: &[Turn], seeds: u64) -> Result<Given, String> {
    let mut first: Option<Given> = None;
    for seed in 0..seeds.max(1) {
        let given = simulate(spec, vec![order.to_vec()], seed)?;
        if given.printed.contains(UNDETECTED) {
            return Err(format!("seed {seed}: {UNDETECTED}\n{}", given.printed));
        }
        match &first {
            None => first = Some(given),
            Some(first) if first.printed == given.printed => {}
            Some(first) => {
                let both = format!("--- seed 0\n{}\n--- seed {seed}\n{}", first.printed, given.printed);
                return Err(format!("seed {seed}: what is printed depends on the schedule\n{both}"));
            }
        }
    }
    Ok(first.unwrap_or_default())
}

fn is_at(setup: Option<&String>, levels: &[&str]) -> bool {
    setup.is_some_and(|setup| levels.iter().any(|level| setup.to_uppercase().contains(level)))
}

fn failed(results: &str) -> bool {
    results.lines().any(|line| line.starts_with("ERROR:"))
}

/// Looks whether what a session reads again is what it has read before.
fn reads_one_snapshot(spec: &Spec, heard: &[Heard]) -> Result<(), String> {
    for (session, part) in spec.sessions.iter().enumerate() {
        if !is_at(part.setup.as_ref(), &["REPEATABLE READ", "SERIALIZABLE"]) {
            continue;
        }
        let mut read: BTreeMap<&str, &str> = BTreeMap::new();
        for one in heard.iter().filter(|one| one.session == session && !failed(&one.results)) {
            let text = one.text.trim();
            if !text.to_uppercase().starts_with("SELECT") {
                // What it writes it reads.
                read.clear();
            } else if read.insert(text, &one.results).is_some_and(|before| before != one.results) {
                return Err(format!("{}: {text} gives something else than before", part.name));
            }
        }
    }
    Ok(())
}

/// What sessions see and leave one after another.
struct Serial<'s> {
    spec: &'s Spec,
    known: BTreeMap<Vec<usize>, Vec<Heard>>,
}

impl Serial<'_> {
    /// Looks for an order of the sessions that committed in which they would have got the same.
    fn judge(&mut self, heard: &[Heard]) -> Result<(), String> {
        let has_failed =
            |session: usize| heard.iter().any(|one| one.session == session && failed(&one.results));
        let committed: Vec<usize> = (0..self.spec.sessions.len()).filter(|one| !has_failed(*one)).collect();
        let last = self.spec.sessions.len();
        let seen = of_each(heard, &committed, last);
        for order in orders_of(&committed) {
            let alone = self.alone(&order)?;
            if of_each(&alone, &committed, last) == seen {
                return Ok(());
            }
        }
        Err("what the committed sessions saw and left is that of no serial order".to_owned())
    }

    /// What sessions get in this order, and nobody else.
    fn alone(&mut self, order: &[usize]) -> Result<Vec<Heard>, String> {
        if let Some(known) = self.known.get(order) {
            return Ok(known.clone());
        }
        let mut spec = self.spec.clone();
        spec.sessions = order.iter().map(|session| self.spec.sessions[*session].clone()).collect();
        let turns =
            spec.interleavings().into_iter().find(|turns| turns.iter().map(|turn| turn.session).is_sorted());
        let mut given = simulate(&spec, turns.into_iter().collect(), 0)?;
        for one in &mut given.heard {
            // As the whole script counts them; the last are what is left in the end.
            one.session = order.get(one.session).copied().unwrap_or(self.spec.sessions.len());
        }
        self.known.insert(order.to_vec(), given.heard.clone());
        Ok(given.heard)
    }
}

/// What these sessions, and the last look at what is left, have given, each in its own order.
fn of_each(heard: &[Heard], sessions: &[usize], last: usize) -> Vec<Vec<Heard>> {
    let of = |session: &usize| heard.iter().filter(|one| one.session == *session).cloned().collect();
    sessions.iter().chain([&last]).map(of).collect()
}

fn orders_of(sessions: &[usize]) -> Vec<Vec<usize>> {
    let Some((first, rest)) = sessions.split_first() else { return vec![Vec::new()] };
    let put = |shorter: Vec<usize>| {
        (0..=shorter.len()).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, *first);
            longer
        })
    };
    orders_of(rest).into_iter().flat_map(put).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_there_once() {
        let mut all = orders_of(&[1, 2, 3]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert_eq!(orders_of(&[]), [Vec::<usize>::new()]);
    }
}
