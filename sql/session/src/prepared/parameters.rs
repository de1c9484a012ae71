//! Values of parameters as a client sends them: texts, or bytes in the protocol's binary form.

use crate::client::Report;
use crate::error::SessionError;
use crate::prepared::Statement;
use crate::session::Session;
use crate::world::literals::SessionLiterals;
use bind::Literals;
use catalog::Scope;
use diagnostic::Diagnostic;
use std::borrow::Cow;
use types::catalog::Form;
use types::encoding::Encoding;
use types::text::{InputError, TextSettings};
use types::wire::WireError;
use types::{Type, Value};

/// A parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter<'p> {
    /// Null.
    Null,
    /// Its text, in UTF-8.
    Text(&'p [u8]),
    /// Its bytes.
    Binary(&'p [u8]),
}

/// Why a parameter has no value.
struct ParameterError {
    error: Box<dyn Diagnostic>,
    portal: String,
    /// Its number, from 1.
    number: usize,
    text: Option<String>,
}

/// A parameter in binary form has more bytes than its type.
#[derive(Debug, thiserror::Error)]
#[error("incorrect binary data format in bind parameter {number}")]
struct LeftoverBytes {
    number: usize,
}

impl Diagnostic for LeftoverBytes {
    fn sqlstate(&self) -> diagnostic::SqlState {
        diagnostic::SqlState::InvalidBinaryRepresentation
    }
}

impl std::fmt::Display for ParameterError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(formatter)
    }
}

impl Diagnostic for ParameterError {
    fn sqlstate(&self) -> diagnostic::SqlState {
        self.error.sqlstate()
    }

    fn detail(&self) -> Option<String> {
        self.error.detail()
    }

    fn hint(&self) -> Option<String> {
        self.error.hint()
    }

    fn subject(&self) -> diagnostic::Subject {
        self.error.subject()
    }

    fn context(&self) -> Option<String> {
        let portal = match self.portal.as_str() {
            // A call by message has none that anybody has seen.
            crate::prepared::fast_call::NAME => return None,
            "" => "unnamed portal".to_owned(),
            name => format!("portal \"{name}\""),
        };
        Some(match &self.text {
            // How much is shown of a value a setting says in PostgreSQL: nothing, if nobody sets it.
            Some(text) => {
                let shown = if text.is_empty() { "" } else { "..." };
                format!("{portal} parameter ${} = '{shown}'", self.number)
            }
            None => format!("{portal} parameter ${}", self.number),
        })
    }
}

impl Session {
    /// Binds a prepared statement to values as they were sent, under a name of its own; the portal without a name is replaced.
    ///
    /// # Errors
    /// When there is no such statement, it takes other values, or means nothing any more.
    pub fn bind_portal_to(
        &mut self,
        portal: &str,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<(), Box<Report>> {
        let name = statement;
        let statement = self.step(|session| Ok(session.prepared.get_mut().get(name)?.clone()))?;
        let values = match statement.parameters().len() == parameters.len() {
            true => self.read_parameters(portal, &statement, parameters)?,
            // It is told how many there are.
            false => vec![Value::Null; parameters.len()],
        };
        self.step(|session| {
            statement.source.check_count(name, &values)?;
            session.bind_portal(portal, statement, values)
        })
    }

    fn read_parameters(
        &mut self,
        portal: &str,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Value>, Box<Report>> {
        if parameters.is_empty() {
            return Ok(Vec::new());
        }
        let scope = self.step(|session| {
            session.refuse_in_failed_block(statement)?;
            session.scope()
        })?;
        let settings = self.text_settings();
        let mut values = Vec::with_capacity(parameters.len());
        for (place, (parameter, of)) in parameters.iter().zip(statement.parameters()).enumerate() {
            let value = read(&scope, &settings, (place + 1, *of), *parameter);
            let value = value.and_then(|value| self.as_domains_ask(&scope, value, *of));
            values.push(value.map_err(|error| {
                let text = match parameter {
                    Parameter::Text(bytes) => {
                        written(settings.client_encoding, bytes).ok().map(Cow::into_owned)
                    }
                    Parameter::Null | Parameter::Binary(_) => None,
                };
                let number = place + 1;
                self.failed_of(&ParameterError { error, portal: portal.to_owned(), number, text })
            })?);
        }
        Ok(values)
    }

    fn as_domains_ask(
        &mut self,
        scope: &Scope,
        value: Value,
        of: Type,
    ) -> Result<Value, Box<dyn Diagnostic>> {
        let has_domains = match types::Types::entry(scope, of.oid).map(|entry| entry.form) {
            Some(Form::Domain | Form::Array | Form::Composite | Form::Range | Form::Multirange) => true,
            Some(Form::Base | Form::Enum | Form::Pseudo) | None => false,
        };
        if !has_domains {
            return Ok(value);
        }
        let asked = self.step_as_oneself(|session| session.asked(scope, value, of));
        asked.map_err(|error| Box::new(error) as Box<dyn Diagnostic>)
    }

    /// In a block that has failed nothing is bound but what ends it.
    pub(crate) fn refuse_in_failed_block(&self, statement: &Statement) -> Result<(), SessionError> {
        let failed = self.block.status() == crate::transaction::block::Status::Failed;
        if failed && !statement.source.ends_block { Err(SessionError::InFailedTransaction) } else { Ok(()) }
    }
}

fn read(
    scope: &Scope,
    text: &TextSettings,
    (number, of): (usize, Type),
    parameter: Parameter<'_>,
) -> Result<Value, Box<dyn Diagnostic>> {
    match parameter {
        Parameter::Null => Ok(Value::Null),
        Parameter::Text(bytes) => {
            let written = written(text.client_encoding, bytes)?;
            SessionLiterals { text }.read(scope, of, &written)
        }
        Parameter::Binary(bytes) => {
            let from = types::wire::Context::of(scope, text.client_encoding);
            types::wire::receive(from, of, bytes).map_err(|error| match error {
                WireError::Leftover => Box::new(LeftoverBytes { number }) as Box<dyn Diagnostic>,
                error => Box::new(error),
            })
        }
    }
}

/// A value's text in the client's encoding.
fn written(encoding: Encoding, bytes: &[u8]) -> Result<Cow<'_, str>, Box<dyn Diagnostic>> {
    if encoding.is_translated() {
        return encoding
            .decode(bytes, Encoding::UTF8)
            .map_err(|error| Box::new(error) as Box<dyn Diagnostic>);
    }
    let text = std::str::from_utf8(bytes);
    text.map(Cow::Borrowed)
        .map_err(|error| Box::new(InputError::encoding(bytes, &error)) as Box<dyn Diagnostic>)
}
