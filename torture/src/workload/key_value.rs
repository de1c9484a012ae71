//! The key-value transactions, as the runner sees them.

use super::script::{Line, run_script};
use super::session::{Ended, Session, State};
use super::work::{Compared, Workload};
use super::{run_client, setup};
use crate::model::{ModelCounts, Standard};
use crate::oracle::{Trouble, contents};
use crate::stage::Shared;
use crate::subject::Database;
use std::sync::Arc;

/// The workload of this crate; its model is in the [`State`].
pub struct KeyValue;

impl KeyValue {
    /// The workload, as the runner takes it.
    pub fn workload() -> Arc<dyn Workload> {
        Arc::new(KeyValue)
    }
}

impl Workload for KeyValue {
    fn compare(
        &self,
        state: &Shared<State>,
        database: &dyn Database,
        standard: Standard<'_>,
    ) -> Result<Compared, Trouble> {
        let sight = contents::first_sight(database)?;
        let expected = state.with(|state| state.model.expect(&sight, standard))?;
        let compared = contents::compare(database, &expected)?;
        let settle = Box::new(move |state: &Shared<State>| {
            state.with(|state| {
                let commits = state.model.acknowledged_since();
                state.settle(expected).map(|()| commits)
            })
        });
        Ok(Compared { rows: compared.rows, levels: compared.levels, settle })
    }

    fn is_set_up(&self, session: &Session) -> bool {
        session.state.with(|state| state.model.is_set_up())
    }

    fn set_up(&self, session: &Session, task: &str) -> Result<(), Ended> {
        setup::set_up(session, task)
    }

    fn run_client(&self, session: &Session, number: u8, _: u8, transactions: u32) {
        run_client(session, number, transactions);
    }

    fn run_script(&self, session: &Session, name: &str, number: u8, lines: &[Line]) {
        run_script(session, name, number, lines);
    }

    fn tasks_are_gone(&self, state: &mut State) {
        state.model.tasks_are_gone();
    }

    fn groups_missing(&self, state: &State) -> u64 {
        state.model.groups_missing()
    }

    fn counts(&self, state: &State) -> ModelCounts {
        state.model.counts()
    }
}
