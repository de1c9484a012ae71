//! A server under torture: clients speak PostgreSQL's protocol over connections that break, in a world that crashes.
//!
//! They move money between accounts, and write down each transfer in the transaction that makes it. So what must hold can be read
//! off the tables, whatever became of whom: the balances are what the transfers written down make of the first ones, those
//! that were acknowledged are among them, and none is that nobody asked to be committed.
//!
//! * [`wire`]: a connection, messages and answers. [`client`]: what a client does. [`transfer`]: one transfer, in messages of
//!   several kinds, and how clients vanish in it. [`model`]: what may and what must be there.

pub mod client;
pub mod model;
pub mod transfer;
pub mod wire;

use crate::talk::{Answer, Talk};
use crate::workload::sql_of;
use client::{Client, refusal_of};
use env::SocketAddr;
use model::{ACCOUNTS, FIRST_BALANCE, Found, Model, Transfer};
use server::{Options, Server};
use std::collections::BTreeMap;
use std::sync::Arc;
use torture::model::{ModelCounts, Standard};
use torture::oracle::Trouble;
use torture::promise::{Failure, Promise};
use torture::stage::Shared;
use torture::subject::{Database, Refusal, RefusalKind};
use torture::workload::script::Line;
use torture::workload::work::Compared;
use torture::workload::{Ended, Service, Session, State, Workload};

/// Where the server listens.
const PORT: u16 = 5432;
/// Logged in at once at most: now and then one more comes.
const CONNECTIONS: usize = 8;

fn address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], PORT))
}

/// What outlives the lives of a run.
#[derive(Default)]
pub struct Kept {
    /// What may and what must be there.
    pub model: Model,
    /// What each client of each life did.
    pub said: BTreeMap<(u32, String), Vec<String>>,
}

/// The workload.
pub struct Transfers {
    kept: Arc<Shared<Kept>>,
}

impl Transfers {
    /// Before the first life.
    pub fn new() -> Transfers {
        Transfers { kept: Shared::new(Kept::default()) }
    }
}

impl Default for Transfers {
    fn default() -> Transfers {
        Transfers::new()
    }
}

/// A server that runs.
struct Running(Server);

impl Service for Running {
    fn stop(self: Box<Self>) -> Result<(), Failure> {
        match self.0.stop() {
            true => Ok(()),
            false => {
                let detail = "a connection is still served ten seconds after its server was told to stop";
                Err(Failure::new(Promise::EndsInTime, detail))
            }
        }
    }
}

/// Asks for what nothing keeps from being answered but a fault.
fn ask(talk: &mut Talk, text: &str) -> Result<Answer, Trouble> {
    talk.ask(text).map_err(|refused| Trouble::Refused(refusal_of(&refused, text)))
}

fn number(value: Option<&String>) -> i64 {
    value.and_then(|text| text.parse().ok()).unwrap_or(i64::MIN)
}

/// What the tables hold; none if there are none.
fn found(talk: &mut Talk) -> Result<Option<Found>, Trouble> {
    let there = ask(talk, "SELECT to_regclass('transfers') IS NOT NULL")?;
    if there.rows.first().and_then(|row| row.first()) != Some(&Some("t".to_owned())) {
        return Ok(None);
    }
    let mut found = Found::default();
    for row in ask(talk, "SELECT id, source, target, amount FROM transfers ORDER BY id")?.rows {
        let cell = |place: usize| number(row.get(place).and_then(Option::as_ref));
        let transfer = Transfer { source: cell(1), target: cell(2), amount: cell(3) };
        found.transfers.insert(cell(0), transfer);
    }
    for row in ask(talk, "SELECT id, balance FROM accounts ORDER BY id")?.rows {
        let cell = |place: usize| number(row.get(place).and_then(Option::as_ref));
        found.balances.insert(cell(0), cell(1));
    }
    Ok(Some(found))
}

impl Workload for Transfers {
    fn compare(
        &self,
        _: &Shared<State>,
        database: &dyn Database,
        standard: Standard<'_>,
    ) -> Result<Compared, Trouble> {
        let mut talk = Talk::new(sql_of(database)?.session()?);
        let found = found(&mut talk)?;
        let complete = match standard {
            Standard::Itself | Standard::Synced => true,
            Standard::Copy(_) => false,
        };
        self.kept.with(|kept| kept.model.judge(found.as_ref(), complete))?;
        let rows = found.as_ref().map_or(0, |found| found.transfers.len() + found.balances.len()) as u64;
        let kept = self.kept.clone();
        let settle = Box::new(move |_: &Shared<State>| Ok(kept.with(|kept| kept.model.settle(found))));
        Ok(Compared { rows, levels: 0, settle })
    }

    fn is_set_up(&self, _: &Session) -> bool {
        self.kept.with(|kept| kept.model.is_set_up())
    }

    fn set_up(&self, session: &Session, task: &str) -> Result<(), Ended> {
        let refused = |refusal: Refusal| session.refused(task, &refusal);
        let sql = sql_of(&*session.database).map_err(refused)?;
        let mut talk = Talk::new(sql.session().map_err(refused)?);
        let last = ACCOUNTS - 1;
        let text = format!(
            "CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL); \
             CREATE TABLE transfers (id bigint PRIMARY KEY, source bigint REFERENCES accounts, \
             target bigint REFERENCES accounts, amount bigint NOT NULL); \
             INSERT INTO accounts SELECT g, {FIRST_BALANCE} FROM generate_series(0, {last}) AS g"
        );
        self.kept.with(|kept| kept.model.set_up_called());
        match talk.say(&text) {
            Ok(_) => {
                self.kept.with(|kept| kept.model.set_up_acknowledged());
                Ok(())
            }
            Err(refused) => Err(session.refused(task, &refusal_of(&refused, &text))),
        }
    }

    fn serve(&self, session: &Session) -> Result<Option<Box<dyn Service>>, Ended> {
        let refused = |refusal: Refusal| session.refused("main", &refusal);
        let engine = sql_of(&*session.database).map_err(refused)?.engine().clone();
        let options =
            Options { addresses: vec![address()], connection_limit: CONNECTIONS, ..Options::default() };
        match Server::start(engine, session.stage.env(), options) {
            Ok(server) => Ok(Some(Box::new(Running(server)))),
            Err(error) => Err(refused(Refusal::new(RefusalKind::Other, error.to_string()))),
        }
    }

    fn run_client(&self, session: &Session, number: u8, _: u8, transactions: u32) {
        let name = torture::workload::client::client_name(number);
        Client::new(session, &self.kept, &name, number).run(transactions);
    }

    fn run_script(&self, _: &Session, _: &str, _: u8, _: &[Line]) {}

    fn tasks_are_gone(&self, _: &mut State) {
        self.kept.with(|kept| kept.model.tasks_are_gone());
    }

    fn groups_missing(&self, _: &State) -> u64 {
        0
    }

    fn counts(&self, _: &State) -> ModelCounts {
        self.kept.with(|kept| kept.model.counts())
    }

    fn told(&self) -> Vec<Vec<(String, Vec<String>)>> {
        self.kept.with(|kept| {
            let lives = kept.said.keys().map(|(life, _)| *life + 1).max().unwrap_or(0);
            let mut told = vec![Vec::new(); lives as usize];
            for ((life, name), said) in &kept.said {
                told[*life as usize].push((name.clone(), said.clone()));
            }
            told
        })
    }
}
