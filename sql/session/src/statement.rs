//! One statement: which part of the session runs it.

use crate::client::{Client, ResultColumn, Severity, SharedClient};
use crate::definition::select_into;
use crate::error::{SessionError, Warning};
use crate::session::Session;
use crate::transaction::block::{Marks, Status};
use bumpalo::Bump;
use syntax::tree::Statement;
use syntax::tree::session::{Discard, SetAction, SetScope, SetValue, Show, Transaction};
use syntax::tree::statement::StatementKind;

impl Session {
    /// Runs a statement of `text`, and tells what it did.
    pub(crate) fn run(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match self.block.status() == Status::Failed {
            true if !ends_block(&statement.kind) => return Err(SessionError::InFailedTransaction),
            true => {}
            false => self.refresh_identity()?,
        }
        self.begin_snapshot_for_nothing(&statement.kind)?;
        match &statement.kind {
            StatementKind::Query(query) => {
                let arena = Bump::new();
                match select_into::as_create_table(query, &arena) {
                    Some(create) => {
                        let kind = StatementKind::CreateTableAs(&create);
                        self.run_definition(text, &Statement { kind, ..*statement }, client)
                    }
                    None => self.run_query(statement, &[], client),
                }
            }
            StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => self.run_query(statement, &[], client),
            StatementKind::Transaction(transaction) => self.run_transaction(transaction, client),
            StatementKind::Set(set) => {
                let tag = self.run_set(&set.action, set.scope, client)?;
                client.complete(tag);
                Ok(())
            }
            StatementKind::Show(show) => self.run_show(show, client),
            StatementKind::Prepare(prepare) => self.run_prepare(text, prepare, client),
            StatementKind::Execute(execute) => self.run_execute(execute, client),
            StatementKind::Deallocate(name) => self.run_deallocate(name.map(|name| name.text), client),
            StatementKind::DeclareCursor(declare) => self.run_declare(text, declare, client),
            StatementKind::Fetch(fetch) => self.run_fetch(fetch, client),
            StatementKind::Close(name) => self.run_close(name.map(|name| name.text), client),
            StatementKind::Do(block) => self.run_do(block, Some((text, statement.start)), client),
            StatementKind::Explain(explain) => self.run_explain(explain, client),
            StatementKind::Lock(lock) => self.run_lock(lock, client),
            StatementKind::SetConstraints(set) => self.run_set_constraints(set, client),
            StatementKind::Discard(what) => self.run_discard(*what, client),
            StatementKind::Checkpoint => self.run_checkpoint(client),
            StatementKind::Load(library) => self.run_load(library, client),
            StatementKind::Copy(copy) => self.run_copy(copy, client),
            StatementKind::Vacuum(vacuum) => self.run_vacuum(vacuum, client),
            StatementKind::Listen(channel) => {
                self.listen(channel.text);
                client.complete("LISTEN");
                Ok(())
            }
            StatementKind::Unlisten(channel) => {
                self.unlisten(channel.map(|channel| channel.text));
                client.complete("UNLISTEN");
                Ok(())
            }
            StatementKind::Notify(notify) => {
                self.notify(notify.channel.text, notify.payload.unwrap_or(""))?;
                client.complete("NOTIFY");
                Ok(())
            }
            StatementKind::Unsupported(feature) => Err(SessionError::NotSupported { feature }),
            _ => self.run_definition(text, statement, client),
        }
    }

    /// Some statements read nothing, and in PostgreSQL decide nevertheless what a transaction of one snapshot sees.
    fn begin_snapshot_for_nothing(&mut self, kind: &StatementKind<'_>) -> Result<(), SessionError> {
        let takes_one = matches!(
            kind,
            StatementKind::Deallocate(_) | StatementKind::Close(_) | StatementKind::Discard(_)
        );
        if takes_one && self.block.is_explicit() { self.begin_snapshot() } else { Ok(()) }
    }

    fn run_transaction(
        &mut self,
        transaction: &Transaction<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match *transaction {
            Transaction::Begin(modes) | Transaction::Start(modes) => {
                if let Some(warning) = self.block.begin(&mut self.settings, modes)? {
                    self.tell(client, Severity::Warning, &warning);
                }
                let started = matches!(transaction, Transaction::Start(_));
                client.complete(if started { "START TRANSACTION" } else { "BEGIN" });
            }
            Transaction::Commit(chain) => self.commit(chain, client)?,
            Transaction::Rollback(chain) => self.roll_back(chain, client)?,
            Transaction::Savepoint(name) => {
                let (events, cursors) = (self.events.mark(), self.cursors.get_mut().mark());
                let (portals, pending) = (self.portals.mark(), self.kept.pending.mark());
                let large_objects = self.transient.get_mut().large_objects.mark();
                let marks = Marks { events, cursors, portals, pending, large_objects };
                self.block.savepoint(&self.settings, marks, name.text)?;
                self.tally.get_mut().enter();
                client.complete("SAVEPOINT");
            }
            Transaction::Release(name) => {
                self.block.release(&mut self.settings, name.text)?;
                self.tally.get_mut().keep_to(self.block.level());
                client.complete("RELEASE");
            }
            Transaction::RollbackTo(name) => {
                let marks = self.block.roll_back_to(&mut self.settings, name.text)?;
                // The savepoint itself stays.
                self.tally.get_mut().undo_to(self.block.level().saturating_sub(1));
                self.tally.get_mut().enter();
                self.events.forget(marks.events);
                self.cursors.get_mut().forget(marks.cursors);
                self.portals.forget(marks.portals);
                self.kept.pending.forget(marks.pending);
                self.transient.get_mut().large_objects.forget(marks.large_objects);
                self.catalog.get_mut().end_transaction();
                client.complete("ROLLBACK");
            }
            Transaction::Prepare(_) => self.prepare_transaction(client)?,
            Transaction::CommitPrepared(name) => return self.refuse_prepared("COMMIT PREPARED", name),
            Transaction::RollbackPrepared(name) => return self.refuse_prepared("ROLLBACK PREPARED", name),
        }
        Ok(())
    }

    /// What ends a prepared transaction, of which there is none.
    fn refuse_prepared(&self, statement: &'static str, name: &str) -> Result<(), SessionError> {
        self.block.refuse(statement)?;
        Err(SessionError::NoPreparedTransaction { name: name.into() })
    }

    /// `PREPARE TRANSACTION`, as of a server that keeps none: the transaction is rolled back, and it is said why.
    fn prepare_transaction(&mut self, client: &mut dyn Client) -> Result<(), SessionError> {
        if !self.block.is_explicit() {
            self.tell(client, Severity::Warning, &Warning::NoTransaction);
        }
        let refused = match self.block.status() {
            Status::Idle | Status::Failed => None,
            Status::Open if self.transient.get_mut().used_temporary => {
                Some(SessionError::CannotPrepare { what: "operated on temporary objects" })
            }
            Status::Open if self.cursors.get_mut().is_any_to_be_held() => {
                Some(SessionError::CannotPrepare { what: "created a cursor WITH HOLD" })
            }
            Status::Open => Some(SessionError::NoPreparedTransactions),
        };
        self.block.roll_back(&mut self.settings);
        self.forget_transaction(false);
        match refused {
            Some(error) => Err(error),
            None => {
                client.complete("ROLLBACK");
                Ok(())
            }
        }
    }

    fn commit(&mut self, chain: bool, client: &mut dyn Client) -> Result<(), SessionError> {
        if !self.block.is_explicit() {
            if chain {
                return Err(SessionError::OnlyInBlock { statement: "COMMIT AND CHAIN" });
            }
            self.tell(client, Severity::Warning, &Warning::NoTransaction);
        }
        let like = self.block.characteristics();
        if self.block.status() != Status::Failed
            && let Err(error) = self.run_before_commit(Some(&SharedClient::new(client)))
        {
            // A commit that fails ends the block as a rollback does.
            self.block.roll_back(&mut self.settings);
            self.forget_transaction(false);
            return Err(error);
        }
        let committed = self.commit_block();
        self.forget_transaction(matches!(committed, Ok(true)));
        let committed = committed?;
        if chain {
            self.block.chain(&mut self.settings, like, self.statement_time);
        }
        client.complete(if committed { "COMMIT" } else { "ROLLBACK" });
        Ok(())
    }

    fn roll_back(&mut self, chain: bool, client: &mut dyn Client) -> Result<(), SessionError> {
        if !self.block.is_explicit() {
            if chain {
                return Err(SessionError::OnlyInBlock { statement: "ROLLBACK AND CHAIN" });
            }
            self.tell(client, Severity::Warning, &Warning::NoTransaction);
        }
        let like = self.block.characteristics();
        self.block.roll_back(&mut self.settings);
        self.forget_transaction(false);
        if chain {
            self.block.chain(&mut self.settings, like, self.statement_time);
        }
        client.complete("ROLLBACK");
        Ok(())
    }

    fn run_set(
        &mut self,
        action: &SetAction<'_>,
        scope: SetScope,
        client: &mut dyn Client,
    ) -> Result<&'static str, SessionError> {
        let local = scope == SetScope::Local;
        if local && !self.block.is_shared() && !self.block.is_in_function() {
            self.tell(client, Severity::Warning, &Warning::OnlyInBlock { statement: "SET LOCAL" });
        }
        match action {
            SetAction::Values(name, values) => {
                let name = name.to_string();
                let value = self.set_value(&name, values)?;
                self.set_one(&name, &value, local)?;
            }
            SetAction::Default(name) => self.reset_one(&name.to_string(), local)?,
            // Whatever holds now holds on.
            SetAction::Current(name) => {
                let name = name.to_string();
                let value = self.settings.kept(&name).to_owned();
                self.set_one(&name, &value, local)?;
            }
            SetAction::Reset(name) => {
                self.reset_one(&name.to_string(), local)?;
                return Ok("RESET");
            }
            SetAction::ResetAll => {
                self.settings.reset_all();
                return Ok("RESET");
            }
            SetAction::Transaction(modes) => {
                self.warn_outside_of_block(client);
                self.block.set_modes(&mut self.settings, modes)?;
            }
            SetAction::Characteristics(modes) => self.set_characteristics(modes)?,
            SetAction::Snapshot(name) => {
                self.warn_outside_of_block(client);
                self.take_over_snapshot(name)?;
            }
        }
        Ok("SET")
    }

    /// Says that what is set of a transaction outside of a block is set of none.
    fn warn_outside_of_block(&mut self, client: &mut dyn Client) {
        if !self.block.is_shared() && !self.block.is_in_function() {
            let warning = Warning::OnlyInBlock { statement: "SET TRANSACTION" };
            self.tell(client, Severity::Warning, &warning);
        }
    }

    fn set_one(&mut self, name: &str, value: &str, local: bool) -> Result<(), SessionError> {
        if let Some(outcome) = self.block.set_by_name(&mut self.settings, name, value) {
            return outcome;
        }
        if self.set_identity((name, value, local))? {
            return Ok(());
        }
        let superuser = self.is_superuser_for(name)?;
        self.settings.set(name, value, local, superuser)?;
        if let Some(seed) = crate::settings::seed_of(name, &self.settings) {
            self.kept.random = Some(functions::random_state(seed));
        }
        Ok(())
    }

    fn reset_one(&mut self, name: &str, local: bool) -> Result<(), SessionError> {
        let superuser = self.is_superuser_for(name)?;
        let definers = self.kept.definers;
        Ok(crate::login::identity::reset(&mut self.settings, (name, local), superuser, definers)?)
    }

    fn set_characteristics(
        &mut self,
        modes: &[syntax::tree::session::TransactionMode],
    ) -> Result<(), SessionError> {
        use syntax::tree::session::{Isolation, TransactionMode};
        for mode in modes {
            let switch = |on| if on { "on" } else { "off" };
            let (name, value) = match *mode {
                TransactionMode::Isolation(level, _) => {
                    let name = match level {
                        Isolation::ReadUncommitted => "read uncommitted",
                        Isolation::ReadCommitted => "read committed",
                        Isolation::RepeatableRead => "repeatable read",
                        Isolation::Serializable => "serializable",
                    };
                    ("default_transaction_isolation", name)
                }
                TransactionMode::ReadOnly(on) => ("default_transaction_read_only", switch(on)),
                TransactionMode::Deferrable(on) => ("default_transaction_deferrable", switch(on)),
            };
            self.settings.set(name, value, false, true)?;
        }
        Ok(())
    }

    /// The words of `SET name = a, b` as one text.
    pub(crate) fn set_value(&mut self, name: &str, values: &[SetValue<'_>]) -> Result<String, SessionError> {
        let is_list = crate::settings::find(name).is_some_and(|setting| setting.kind.is_list());
        if values.len() > 1 && !is_list {
            return Err(crate::settings::SettingError::TooMany { name: name.into() }.into());
        }
        let names = name.eq_ignore_ascii_case("search_path");
        let mut words = Vec::with_capacity(values.len());
        for value in values {
            words.push(match value {
                SetValue::String(text) if names => catalog::name::quote_identifier(text),
                SetValue::String(text) => (*text).to_owned(),
                SetValue::Number(number) => crate::words::number_text(number),
                SetValue::Interval(interval) => self.zone_of_interval(interval)?,
            });
        }
        Ok(words.join(", "))
    }

    fn run_show(&mut self, show: &Show<'_>, client: &mut dyn Client) -> Result<(), SessionError> {
        match show {
            Show::Variable(name) => {
                let name = name.to_string();
                let value = self.settings.show(&name)?;
                let shown = crate::settings::find(&name).map_or(name.as_str(), |setting| setting.name);
                let columns = [ResultColumn::text(shown)];
                self.send_texts(&columns, &[vec![Some(value)]], client)?;
            }
            Show::All => {
                let columns = ["name", "setting", "description"].map(ResultColumn::text);
                let mut rows = Vec::new();
                for setting in crate::settings::SETTINGS {
                    let value = self.settings.show(setting.name)?;
                    rows.push(vec![Some(setting.name.to_owned()), Some(value), Some(String::new())]);
                }
                self.send_texts(&columns, &rows, client)?;
            }
        }
        client.complete("SHOW");
        Ok(())
    }

    fn run_discard(&mut self, what: Discard, client: &mut dyn Client) -> Result<(), SessionError> {
        let tag = match what {
            Discard::All => {
                self.block.refuse("DISCARD ALL")?;
                self.prepared.get_mut().clear();
                self.cursors.get_mut().clear();
                self.unlisten(None);
                self.settings.reset("session_authorization", false, true)?;
                self.settings.reset("role", false, true)?;
                self.settings.reset_all();
                self.kept.forget_sequences();
                self.store.unlock_all_advisory();
                self.begin_snapshot()?;
                self.define(client, define::persistence::discard)?;
                "DISCARD ALL"
            }
            Discard::Plans => {
                self.prepared.get_mut().forget_plans();
                "DISCARD PLANS"
            }
            Discard::Sequences => {
                self.kept.forget_sequences();
                "DISCARD SEQUENCES"
            }
            Discard::Temporary => {
                self.begin_snapshot()?;
                self.define(client, define::persistence::discard)?;
                "DISCARD TEMP"
            }
        };
        client.complete(tag);
        Ok(())
    }
}

/// Whether a statement may end a block that has failed.
pub(crate) fn ends_block(statement: &StatementKind<'_>) -> bool {
    match statement {
        StatementKind::Transaction(transaction) => match transaction {
            Transaction::Commit(_) | Transaction::Rollback(_) | Transaction::RollbackTo(_) => true,
            Transaction::Prepare(_) => true,
            Transaction::Begin(_)
            | Transaction::Start(_)
            | Transaction::Savepoint(_)
            | Transaction::Release(_)
            | Transaction::CommitPrepared(_)
            | Transaction::RollbackPrepared(_) => false,
        },
        _ => false,
    }
}
