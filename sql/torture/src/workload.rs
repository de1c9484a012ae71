//! The workload of a run of statements, as the runner sees it.

use crate::client::{Client, set_up};
use crate::model::{Marks, Model};
use crate::oracle::whole;
use crate::subject::SqlDatabase;
use crate::talk::Talk;
use std::collections::BTreeMap;
use std::sync::Arc;
use torture::model::{ModelCounts, Standard};
use torture::oracle::Trouble;
use torture::stage::Shared;
use torture::subject::{Database, Refusal, RefusalKind};
use torture::workload::script::Line;
use torture::workload::work::Compared;
use torture::workload::{Ended, Session, State, Workload};

/// What outlives the lives of a run.
#[derive(Default)]
pub struct Kept {
    /// The model.
    pub model: Model,
    /// What each client of each life said.
    pub said: BTreeMap<(u32, String), Vec<String>>,
}

/// The workload.
pub struct Statements {
    kept: Arc<Shared<Kept>>,
}

impl Statements {
    /// Before the first life.
    pub fn new() -> Statements {
        Statements { kept: Shared::new(Kept::default()) }
    }
}

impl Default for Statements {
    fn default() -> Statements {
        Statements::new()
    }
}

/// The database with SQL on it, which every database of such a run is.
pub fn sql_of(database: &dyn Database) -> Result<&SqlDatabase, Refusal> {
    let none = || Refusal::new(RefusalKind::Other, "there is no SQL on this database");
    SqlDatabase::of(database).ok_or_else(none)
}

impl Workload for Statements {
    fn compare(
        &self,
        _: &Shared<State>,
        database: &dyn Database,
        standard: Standard<'_>,
    ) -> Result<Compared, Trouble> {
        let sql = sql_of(database)?;
        let mut talk = Talk::new(sql.session()?);
        let marks: Marks = whole::marks(&mut talk)?;
        // What others were promised is demanded of a copy of the synced bytes, too.
        let complete = match standard {
            Standard::Itself | Standard::Synced => true,
            Standard::Copy(_) => false,
        };
        let expected = self.kept.with(|kept| kept.model.expect(&marks, complete))?;
        let rows = whole::compare(&mut talk, sql, &expected.contents)?;
        let kept = self.kept.clone();
        let settle = Box::new(move |_: &Shared<State>| {
            kept.with(|kept| {
                let commits = kept.model.acknowledged_since();
                kept.model.settle(expected);
                Ok(commits)
            })
        });
        Ok(Compared { rows, levels: 0, settle })
    }

    fn is_set_up(&self, _: &Session) -> bool {
        self.kept.with(|kept| kept.model.is_set_up())
    }

    fn set_up(&self, session: &Session, task: &str) -> Result<(), Ended> {
        let mut client = Client::begin(session, &self.kept, task, (0, 1))?;
        let done = set_up::set_up(&mut client);
        client.ends();
        done
    }

    fn run_client(&self, session: &Session, number: u8, count: u8, transactions: u32) {
        let name = torture::workload::client::client_name(number);
        // Whoever is refused a session has told the books already.
        if let Ok(mut client) = Client::begin(session, &self.kept, &name, (number, count)) {
            client.run(transactions);
            client.ends();
        }
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
