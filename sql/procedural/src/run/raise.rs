//! `RAISE`: what is said, and how.

use super::Runner;
use crate::conditions;
use crate::failure::{Failure, Outcome};
use crate::tree::{Level, Raise, RaiseOption};
use diagnostic::{SqlState, Subject};

/// What a statement says, as far as it has been put together.
#[derive(Default)]
struct Said {
    state: Option<SqlState>,
    /// The condition as it is written.
    condition: Option<String>,
    message: Option<String>,
    detail: Option<String>,
    hint: Option<String>,
    subject: Subject,
}

impl Runner<'_> {
    pub(super) fn raise(&mut self, raise: &Raise) -> Outcome<()> {
        let alone = raise.condition.is_none() && raise.message.is_none() && raise.options.is_empty();
        if alone {
            return Err(match self.kept.last().cloned() {
                Some(kept) => self.again(Box::new(kept)),
                None => {
                    let message = "RAISE without parameters cannot be used outside an exception handler";
                    Failure::new(SqlState::StackedDiagnosticsAccessedWithoutActiveHandler, message)
                }
            });
        }
        let mut said = Said::default();
        if let Some((name, state)) = &raise.condition {
            (said.condition, said.state) = (Some(name.clone()), Some(*state));
        }
        if let Some(message) = &raise.message {
            said.message = Some(self.formatted(message, raise)?);
        }
        for (option, value) in &raise.options {
            let answer = self.evaluate(value)?;
            if answer.value.is_null() {
                let message = "RAISE statement option cannot be null";
                return Err(Failure::new(SqlState::NullValueNotAllowed, message));
            }
            let text = self.host.text(&answer.value, answer.of)?;
            said.set(*option, text)?;
        }
        let is_error = raise.level == Level::Exception;
        let state = said.state.unwrap_or(match raise.level {
            Level::Exception => SqlState::RaiseException,
            Level::Warning => SqlState::Warning,
            Level::Debug | Level::Log | Level::Info | Level::Notice => SqlState::SuccessfulCompletion,
        });
        let message = said.message.or(said.condition).unwrap_or_else(|| state.code().to_owned());
        let mut failure = Failure::new(state, message);
        (failure.detail, failure.hint, failure.subject) = (said.detail, said.hint, said.subject);
        if is_error {
            return Err(failure);
        }
        self.tell(raise.level, failure);
        Ok(())
    }

    /// Tells the client something, with where that was.
    pub(super) fn tell(&mut self, level: Level, failure: Box<Failure>) {
        let mut failure = failure.within(self.context());
        failure.context.extend(self.host.outer_context());
        self.host.tell(level, failure);
    }

    /// A message with its parameters in their places.
    fn formatted(&mut self, message: &str, raise: &Raise) -> Outcome<String> {
        let mut text = String::with_capacity(message.len());
        let mut parameters = raise.parameters.iter();
        let mut rest = message.chars().peekable();
        while let Some(one) = rest.next() {
            if one != '%' {
                text.push(one);
                continue;
            }
            if rest.peek() == Some(&'%') {
                rest.next();
                text.push('%');
                continue;
            }
            let Some(parameter) = parameters.next() else { continue };
            let answer = self.evaluate(parameter)?;
            match answer.value.is_null() {
                true => text.push_str("<NULL>"),
                false => text.push_str(&self.host.text(&answer.value, answer.of)?),
            }
        }
        Ok(text)
    }
}

impl Said {
    fn set(&mut self, option: RaiseOption, text: String) -> Outcome<()> {
        let (place, name) = match option {
            RaiseOption::Errcode => {
                if self.state.is_some() {
                    return Err(twice("ERRCODE"));
                }
                let state = SqlState::of_code(&text).or_else(|| conditions::named(&text).next());
                self.state = Some(state.ok_or_else(|| {
                    let message = format!("unrecognized exception condition \"{text}\"");
                    Failure::new(SqlState::UndefinedObject, message)
                })?);
                self.condition = Some(text);
                return Ok(());
            }
            RaiseOption::Message => (&mut self.message, "MESSAGE"),
            RaiseOption::Detail => (&mut self.detail, "DETAIL"),
            RaiseOption::Hint => (&mut self.hint, "HINT"),
            RaiseOption::Column => (&mut self.subject.column, "COLUMN"),
            RaiseOption::Constraint => (&mut self.subject.constraint, "CONSTRAINT"),
            RaiseOption::Datatype => (&mut self.subject.data_type, "DATATYPE"),
            RaiseOption::Table => (&mut self.subject.table, "TABLE"),
            RaiseOption::Schema => (&mut self.subject.schema, "SCHEMA"),
        };
        if place.is_some() {
            return Err(twice(name));
        }
        *place = Some(text);
        Ok(())
    }
}

fn twice(option: &str) -> Box<Failure> {
    Failure::syntax(format!("RAISE option already specified: {option}"))
}
