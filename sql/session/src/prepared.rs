//! Prepared statements: `PREPARE`, `EXECUTE`, `DEALLOCATE`, and those of the wire protocol.
//!
//! A statement is kept as its text and read again where it must be bound anew; its plan is kept as long as nothing that
//! it was made of has changed: the catalog, settings (`search_path` among them), the role.

use crate::client::Client;
use crate::error::SessionError;
use crate::query::{Ready, Verb};
use crate::session::Session;
use crate::settings::Mark;
use bind::Parameters;
use bumpalo::Bump;
use catalog::Oid;
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::tree::Statement;
use syntax::tree::session::{Execute, Prepare};
use syntax::tree::statement::StatementKind;
use types::{Type, Value};

/// A prepared statement.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// The text of the statement alone.
    pub text: Arc<str>,
    /// Types of its parameters.
    pub parameters: Vec<Type>,
    /// Whether it is planned: a query or a change of rows.
    pub plans: bool,
    /// Whether it may end a block that has failed.
    pub ends_block: bool,
    /// How it was planned last.
    plan: Option<Planned>,
}

/// A plan, and what it was made of.
#[derive(Clone)]
struct Planned {
    ready: Ready,
    /// Where the catalog stood, what is temporary in it too; none if it has been changed and that is not committed.
    version: Option<catalog::Version>,
    settings: Mark,
    role: Oid,
}

impl Prepared {
    /// The plan that is kept.
    pub fn planned(&self) -> Option<&Ready> {
        self.plan.as_ref().map(|planned| &planned.ready)
    }
}

/// Those of a session, by name.
#[derive(Default)]
pub(crate) struct PreparedStatements {
    by_name: BTreeMap<String, Prepared>,
}

impl PreparedStatements {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.by_name.clear();
    }

    /// Forgets how they were planned.
    pub fn forget_plans(&mut self) {
        for prepared in self.by_name.values_mut() {
            prepared.plan = None;
        }
    }

    /// Keeps one.
    ///
    /// # Errors
    /// When there is one of that name.
    pub fn insert(&mut self, name: &str, prepared: Prepared) -> Result<(), SessionError> {
        if self.by_name.contains_key(name) {
            return Err(SessionError::PreparedExists { name: name.to_owned() });
        }
        self.by_name.insert(name.to_owned(), prepared);
        Ok(())
    }

    /// Forgets one.
    pub fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// One by name.
    pub fn get(&self, name: &str) -> Result<&Prepared, SessionError> {
        self.by_name.get(name).ok_or_else(|| SessionError::NoPrepared { name: name.to_owned() })
    }
}

impl Prepared {
    /// A text without a statement.
    pub fn nothing() -> Prepared {
        Prepared { text: "".into(), parameters: Vec::new(), plans: false, ends_block: false, plan: None }
    }
}

impl Session {
    pub(crate) fn run_prepare(
        &mut self,
        text: &str,
        prepare: &Prepare<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = prepare.name.text.to_owned();
        if self.prepared.get(&name).is_ok() {
            return Err(SessionError::PreparedExists { name });
        }
        let scope = self.scope()?;
        let mut declared = Vec::with_capacity(prepare.types.len());
        for written in prepare.types {
            declared.push(Some(self.resolve_type(&scope, written)?));
        }
        let inner = slice(text, prepare.statement);
        let prepared = self.prepare_statement(inner, prepare.statement, declared)?;
        self.prepared.insert(&name, prepared)?;
        client.complete("PREPARE");
        Ok(())
    }

    /// The type that is written.
    pub(crate) fn resolve_type(
        &self,
        scope: &catalog::Scope,
        written: &syntax::tree::TypeName<'_>,
    ) -> Result<Type, SessionError> {
        let text = self.text_settings();
        let literals = crate::literals::SessionLiterals { scope, text: &text };
        let context = bind::Context { scope, literals: &literals, depth_limit: self.depth_limit() };
        Ok(bind::definition::resolve_type(context, written)?)
    }

    /// Binds a statement so far that its parameters have types.
    pub(crate) fn prepare_statement(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        declared: Vec<Option<Type>>,
    ) -> Result<Prepared, SessionError> {
        let plans = matches!(
            &statement.kind,
            StatementKind::Query(_)
                | StatementKind::Insert(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
                | StatementKind::Merge(_)
        );
        let parameters = if plans {
            let scope = self.scope()?;
            self.bind(&scope, statement, Parameters::Inferred(declared))?.parameters
        } else {
            Vec::new()
        };
        let ends_block = crate::statement::ends_block(&statement.kind);
        Ok(Prepared { text: text.into(), parameters, plans, ends_block, plan: None })
    }

    pub(crate) fn run_execute(
        &mut self,
        execute: &Execute<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let (ready, values) = self.executed(execute)?;
        self.run_ready(&ready, &values, client)
    }

    /// The plan that `EXECUTE` runs, and the values of its parameters.
    pub(crate) fn executed(&mut self, execute: &Execute<'_>) -> Result<(Ready, Vec<Value>), SessionError> {
        let name = execute.name.text;
        let prepared = self.prepared.get(name)?.clone();
        let values = self.argument_values(name, &prepared.parameters, execute)?;
        self.begin_snapshot()?;
        let ready = self.ready_prepared(name, &prepared);
        let ready = ready.map_err(|error| SessionError::Prepared(Box::new(error)))?;
        let no_plan = SessionError::NotSupported { feature: "EXECUTE of such a statement" };
        let ready = ready.ok_or(no_plan)?;
        Ok((ready, values))
    }

    /// The plan of one that is kept by name; none if it is not planned.
    pub(crate) fn ready_prepared(
        &mut self,
        name: &str,
        prepared: &Prepared,
    ) -> Result<Option<Ready>, SessionError> {
        let mut prepared = prepared.clone();
        self.make_ready(&mut prepared)?;
        let ready = prepared.planned().cloned();
        if let Some(kept) = self.prepared.by_name.get_mut(name) {
            *kept = prepared;
        }
        Ok(ready)
    }

    /// Sees to it that a prepared statement has a plan that holds, with its relations locked. The answer is whether that is
    /// the one that it had. Statements that are not planned are left without one.
    pub(crate) fn make_ready(&mut self, prepared: &mut Prepared) -> Result<bool, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let version = self.catalog.version(transaction);
        if let Some(planned) = &prepared.plan
            && self.settings.typed().keeps_plans
            && version.is_some()
            && version == planned.version
            && self.settings.is_as_at(&planned.settings)
            && self.role == planned.role
        {
            let Ready { scope, plan, .. } = planned.ready.clone();
            if self.lock(&scope, &plan.relations)? {
                return Ok(true);
            }
            self.begin_snapshot()?;
        }
        prepared.plan = None;
        let arena = Bump::new();
        let statements = self.parse(&prepared.text, &arena)?;
        let Some(statement) = statements.first() else { return Ok(false) };
        if Verb::of(&statement.kind) == Verb::Select && !matches!(statement.kind, StatementKind::Query(_)) {
            return Ok(false);
        }
        let declared = prepared.parameters.iter().copied().map(Some).collect();
        let ready = self.ready(statement, Parameters::Inferred(declared))?;
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let version = self.catalog.version(transaction);
        prepared.plan = Some(Planned { version, ready, settings: self.settings.mark(), role: self.role });
        Ok(false)
    }

    /// The values of `EXECUTE name (…)`.
    fn argument_values(
        &mut self,
        name: &str,
        types: &[Type],
        execute: &Execute<'_>,
    ) -> Result<Vec<Value>, SessionError> {
        if execute.values.len() != types.len() {
            return Err(SessionError::ParameterCount {
                name: name.to_owned(),
                expected: types.len(),
                found: execute.values.len(),
            });
        }
        let scope = self.scope()?;
        let mut values = Vec::with_capacity(types.len());
        for (written, of) in execute.values.iter().zip(types) {
            values.push(self.value_of(&scope, written, *of)?);
        }
        Ok(values)
    }

    pub(crate) fn run_deallocate(
        &mut self,
        name: Option<&str>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match name {
            Some(name) => {
                self.prepared.get(name)?;
                self.prepared.remove(name);
                client.complete("DEALLOCATE");
            }
            None => {
                self.prepared.clear();
                client.complete("DEALLOCATE ALL");
            }
        }
        Ok(())
    }
}

/// The text of a statement within the text it was read from.
pub(crate) fn slice<'t>(text: &'t str, statement: &Statement<'_>) -> &'t str {
    text.get(statement.start as usize..statement.end as usize).unwrap_or(text)
}
