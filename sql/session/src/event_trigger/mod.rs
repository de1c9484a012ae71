//! Triggers of definitions: which commands they fire by, and what they are told of what was done.
//!
//! What a command has made, changed and removed is found by comparing the catalog before it and after it, so that no
//! definition has to tell of itself. Only where there are such triggers anything is compared.
//!
//! * `fires`: by which definitions triggers fire. `subjects`: what a definition names that is there. `done`: what it has made
//!   and changed. `gone`: what it has taken away. `rows`: all that as functions ask for it.
//!
//! Invariants
//!
//! 1. A trigger's function runs within the command's transaction, and what it fails with fails the command.
//! 2. What functions may ask ([`Defining`]) is that of the innermost command that fires.
//! 3. What stands in a `CREATE SCHEMA` is a part of that: it fires nothing, and is told of with the whole, part by part. Statements
//!    of an extension's script are commands of their own.

mod done;
mod fires;
mod gone;
mod rows;
mod subjects;

use self::done::{Done, done};
use self::fires::{firing, firing_tag};
use self::gone::{Gone, gone};
use crate::client::{Client, SharedClient};
use crate::error::SessionError;
use crate::session::Session;
use catalog::Scope;
use catalog::object::{DefinitionEvent, Oid};
use std::collections::BTreeSet;
use syntax::tree::Statement;
use syntax::tree::statement::StatementKind;

/// What a command has done, as triggers may ask.
#[derive(Default)]
pub(crate) struct Defining {
    /// What fires now.
    event: Option<DefinitionEvent>,
    commands: Vec<Done>,
    gone: Vec<Gone>,
    tag: &'static str,
    /// Whether there may be parts of it, and what they have done.
    whole: bool,
    parts: Vec<Done>,
    /// The table whose rows are about to be written anew, and why; tables of which that was told.
    rewrite: Option<(Oid, i32)>,
    rewritten: BTreeSet<Oid>,
}

impl Defining {
    /// Whether what is defined now is a part of it.
    fn runs_parts(&self) -> bool {
        self.whole && self.event.is_none()
    }

    /// A table's rows are about to be written anew: whom to call, with which tag.
    pub fn begin_rewrite(
        &mut self,
        scope: &Scope,
        (table, reason): (Oid, i32),
        replica: bool,
    ) -> Vec<(Oid, &'static str)> {
        if !self.rewritten.insert(table) {
            return Vec::new();
        }
        self.event = Some(DefinitionEvent::Rewrite);
        self.rewrite = Some((table, reason));
        let functions = firing(scope, DefinitionEvent::Rewrite, self.tag, replica).into_iter();
        functions.map(|function| (function, self.tag)).collect()
    }

    /// They have been called.
    pub fn end_rewrite(&mut self) {
        (self.event, self.rewrite) = (None, None);
    }
}

impl Session {
    /// Runs a definition, and the triggers that fire by it.
    pub(crate) fn with_event_triggers(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
        run: impl FnOnce(&mut Session, &mut dyn Client) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        let Some(tag) = firing_tag(text, statement) else { return run(self, client) };
        if self.transient.get_mut().defining.last().is_some_and(Defining::runs_parts) {
            return self.run_part(tag, statement, client, run);
        }
        self.begin_snapshot()?;
        if self.scope()?.event_triggers().next().is_none() {
            return run(self, client);
        }
        let whole = matches!(statement.kind, StatementKind::CreateSchema(_));
        self.transient.get_mut().defining.push(Defining { tag, whole, ..Defining::default() });
        let done = self.run_and_fire(tag, statement, client, run);
        self.transient.get_mut().defining.pop();
        done
    }

    fn run_and_fire(
        &mut self,
        tag: &'static str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
        run: impl FnOnce(&mut Session, &mut dyn Client) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        self.fire(DefinitionEvent::Start, tag, client)?;
        let before = self.scope()?;
        let subjects = self.subjects(&statement.kind)?;
        run(self, client)?;
        // What functions said of tables that were written anew comes before what is said now.
        self.tell_notices(client);
        let after = self.scope()?;
        let commands = done(tag, &statement.kind, (&before, &after), &subjects);
        let gone = gone(&before, &after, &statement.kind, &subjects);
        if let Some(defining) = self.transient.get_mut().defining.last_mut() {
            (defining.commands, defining.gone) = (commands, gone);
            defining.commands.append(&mut defining.parts);
        }
        if self.transient.get_mut().defining.last().is_some_and(|defining| !defining.gone.is_empty()) {
            self.fire(DefinitionEvent::Drop, tag, client)?;
        }
        self.fire(DefinitionEvent::End, tag, client)
    }

    /// Runs a part of what is defined, and notes what it does.
    fn run_part(
        &mut self,
        tag: &'static str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
        run: impl FnOnce(&mut Session, &mut dyn Client) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        let before = self.scope()?;
        let subjects = self.subjects(&statement.kind)?;
        run(self, client)?;
        let after = self.scope()?;
        if let Some(whole) = self.transient.get_mut().defining.last_mut() {
            whole.parts.extend(done(tag, &statement.kind, (&before, &after), &subjects));
        }
        Ok(())
    }

    fn fire(
        &mut self,
        event: DefinitionEvent,
        tag: &'static str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let scope = self.scope()?;
        let functions = firing(&scope, event, tag, self.settings.typed().replica);
        if functions.is_empty() {
            return Ok(());
        }
        self.set_event(Some(event));
        let shared = SharedClient::new(client);
        for function in functions {
            self.call_event_trigger(function, (event.name(), tag), Some(&shared))?;
        }
        self.set_event(None);
        Ok(())
    }

    fn set_event(&mut self, event: Option<DefinitionEvent>) {
        if let Some(defining) = self.transient.get_mut().defining.last_mut() {
            defining.event = event;
        }
    }
}
