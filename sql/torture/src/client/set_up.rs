//! The first tables: the marks, and a few tables of rows.

use super::Client;
use crate::model::MARKS;
use crate::model::contents::{Change, Contents};
use crate::model::statement::Statement;
use torture::model::Fate;
use torture::workload::Ended;

/// Tables that are made before anything else happens.
const FIRST_TABLES: usize = 3;

/// Makes them, in one transaction.
///
/// # Errors
/// When a statement was refused.
pub fn set_up(client: &mut Client<'_>) -> Result<(), Ended> {
    let serial = client.kept.with(|kept| kept.model.next_serial(client.number));
    let mut view = Contents::default();
    let mut changes = Vec::new();
    client.simply("BEGIN")?;
    client.simply(&format!("CREATE TABLE {MARKS} (client int PRIMARY KEY, serial int NOT NULL)"))?;
    for _ in 0..FIRST_TABLES {
        let Some(definition) = client.new_table(&view) else { break };
        client.simply(&Statement::Define(definition.clone()).sql(&view))?;
        let change = Change::Define(definition);
        view.apply(&change);
        changes.push(change);
    }
    client.simply(&format!("INSERT INTO {MARKS} VALUES ({}, {serial})", client.number))?;
    let attempt = client.kept.with(|kept| kept.model.commit_called(client.number, serial, changes));
    let said = client.talk.say("COMMIT");
    let fate = match &said {
        Ok(_) => Fate::Acknowledged(0),
        Err(refused) if refused.unknown => Fate::Unknown,
        Err(_) => Fate::Refused,
    };
    client.kept.with(|kept| kept.model.commit_returned(attempt, fate));
    said.map(drop).map_err(|refused| client.commit_refused(&refused))
}

impl Client<'_> {
    /// Says something that must succeed unless a fault keeps it from that.
    ///
    /// # Errors
    /// When it was refused.
    pub fn simply(&mut self, text: &str) -> Result<(), Ended> {
        self.talk.say(text).map(drop).map_err(|refused| self.refused(&refused, text))
    }
}
