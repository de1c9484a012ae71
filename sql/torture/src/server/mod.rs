//! A server under torture: clients speak PostgreSQL's protocol over connections that break, in a world that crashes.
//!
//! They move money between accounts and copy lines in, and write down each deed in the transaction that does it. So what must hold
//! can be read off the tables, whatever became of whom: the balances are what the transfers written down make of the first ones,
//! those deeds that were acknowledged are among them, and none is that nobody asked to be committed. Besides they do all else that
//! clients do, and hold every answer against what it must be.
//!
//! * [`client`]: what a client does next, and which errors are just. [`transfer`], [`reading`], [`copying`], [`portals`], [`schema`],
//!   [`lists`], [`listening`], [`stalling`], [`disturbing`]: what it does, each by itself.
//! * [`messages`], [`wire`]: messages, a connection, answers.
//! * [`model`]: what may and what must be there. [`hearing`]: what listeners must hear. [`histories`]: which isolation transactions
//!   had. [`stamps`]: which columns may be seen. [`presence`]: who was cancelled or ended.
//! * [`marks`]: what must happen sometimes.

pub mod client;
pub mod copying;
pub mod disturbing;
pub mod hearing;
pub mod histories;
pub mod listening;
pub mod lists;
pub mod marks;
pub mod messages;
pub mod model;
pub mod portals;
pub mod presence;
pub mod reading;
pub mod schema;
pub mod stalling;
pub mod stamps;
pub mod transfer;
pub mod wire;

use crate::talk::{Answer, Talk};
use crate::workload::sql_of;
use client::{Client, refusal_of};
use env::SocketAddr;
use hearing::Hearing;
use histories::{Histories, LISTS, Lists};
use model::{ACCOUNTS, FIRST_BALANCE, Found, Model, Must};
use presence::Presence;
use reading::{BALANCES, LINES, Row, TRANSFERS};
use server::{Options, Server};
use stalling::SEQUENCES;
use stamps::Stamps;
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
use wire::Wire;

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
    /// What listeners of this life must hear.
    pub hearing: Hearing,
    /// The sessions of this life.
    pub presence: Presence,
    /// Columns that took one another's place.
    pub stamps: Stamps,
    /// What was done to lists.
    pub histories: Histories,
    /// Connections that stay open and from which nobody reads.
    pub left: Vec<Wire>,
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

/// What the tables hold.
struct Tables {
    found: Found,
    lists: Lists,
}

/// What the tables hold; none if there are none.
fn found(talk: &mut Talk) -> Result<Option<Tables>, Trouble> {
    let there = ask(talk, "SELECT to_regclass('transfers') IS NOT NULL")?;
    if there.rows.first().and_then(|row| row.first()) != Some(&Some("t".to_owned())) {
        return Ok(None);
    }
    let mut found = Found::default();
    found.put_transfers(&ask(talk, TRANSFERS)?.rows);
    found.put_balances(&ask(talk, BALANCES)?.rows);
    found.put_lines(ask(talk, LINES)?.rows);
    let lists = ask(talk, "SELECT id, items FROM lists")?.rows;
    let list = |row: &Row| {
        (reading::number(row, 0).unsigned_abs(), lists::list(row.get(1).and_then(Option::as_ref)))
    };
    Ok(Some(Tables { found, lists: lists.iter().map(list).collect() }))
}

/// What the clients need.
fn definitions() -> String {
    let last = ACCOUNTS - 1;
    let mut text = format!(
        "CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL); \
         CREATE TABLE transfers (id bigint PRIMARY KEY, source bigint REFERENCES accounts, \
         target bigint REFERENCES accounts, amount bigint NOT NULL); \
         CREATE TABLE loads (load bigint, line bigint, note text, PRIMARY KEY (load, line)); \
         CREATE TABLE lists (id bigint PRIMARY KEY, items bigint[] NOT NULL); \
         INSERT INTO accounts SELECT g, {FIRST_BALANCE} FROM generate_series(0, {last}) AS g; \
         INSERT INTO lists SELECT g, '{{}}' FROM generate_series(0, {LISTS} - 1) AS g"
    );
    for number in 0..SEQUENCES {
        text.push_str(&format!("; CREATE SEQUENCE drawn_{number}"));
    }
    text
}

impl Workload for Transfers {
    fn compare(
        &self,
        _: &Shared<State>,
        database: &dyn Database,
        standard: Standard<'_>,
    ) -> Result<Compared, Trouble> {
        let mut talk = Talk::new(sql_of(database)?.session()?);
        let tables = found(&mut talk)?;
        let must = match standard {
            Standard::Itself | Standard::Synced => Must::All,
            Standard::Copy(_) => Must::Nothing,
        };
        let found = tables.as_ref().map(|tables| &tables.found);
        self.kept.with(|kept| kept.model.judge(found, must))?;
        let rows = found.map_or(0, |found| found.transfers.len() + found.balances.len()) as u64;
        let kept = self.kept.clone();
        let settle = Box::new(move |_: &Shared<State>| {
            kept.with(|kept| {
                if let Some(tables) = &tables {
                    let moment = kept.model.moment();
                    kept.histories.settle(moment, tables.lists.clone())?;
                }
                Ok(kept.model.settle(tables.as_ref().map(|tables| &tables.found)))
            })
        });
        Ok(Compared { rows, levels: 0, settle })
    }

    fn is_set_up(&self, _: &Session) -> bool {
        self.kept.with(|kept| kept.model.is_set_up())
    }

    fn set_up(&self, session: &Session, task: &str) -> Result<(), Ended> {
        let refused = |refusal: Refusal| session.refused(task, &refusal);
        let sql = sql_of(&*session.database).map_err(refused)?;
        let mut talk = Talk::new(sql.session().map_err(refused)?);
        let text = definitions();
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
        let left = self.kept.with(|kept| {
            kept.model.tasks_are_gone();
            kept.hearing.clear();
            kept.presence.clear();
            std::mem::take(&mut kept.left)
        });
        // To let go of a connection is a call of the world.
        drop(left);
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
