//! Blocks: variables get their first values; what fails is undone where a handler keeps it.

use super::{Flow, Runner};
use crate::conditions;
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Standing};
use crate::tree::{Block, Handlers, Variable};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

impl<'r> Runner<'r> {
    pub(super) fn block(&mut self, block: &'r Block) -> Outcome<Flow> {
        let around = self.standing;
        let function = self.function;
        for number in &block.variables {
            let variable = &function.variables[*number as usize];
            let text = "during statement block local variable initialization";
            self.stand(Standing::TextAt(variable.line, text));
            self.initialise(*number, variable)?;
        }
        self.stand(around);
        let flow = match &block.handlers {
            None => self.statements(&block.statements)?,
            Some(handlers) => self.with_handlers(block, handlers)?,
        };
        self.stand(around);
        Ok(match flow {
            Flow::Exit(Some(label)) if block.label.as_ref() == Some(&label) => Flow::Next,
            other => other,
        })
    }

    fn initialise(&mut self, number: u32, variable: &'r Variable) -> Outcome<()> {
        let place = number as usize;
        self.frame.types[place] = variable.of;
        if let Some(default) = &variable.default {
            let answer = self.evaluate(default)?;
            if variable.is_record && answer.shape.is_none() && !answer.value.is_null() {
                let message = "cannot assign non-composite value to a record variable";
                return Err(Failure::new(SqlState::DatatypeMismatch, message));
            }
            return self.assign_variable(number, answer);
        }
        // A bound cursor is called as its variable is.
        self.frame.values[place] = match &variable.cursor {
            Some(_) => Value::text(&variable.name),
            None => Value::Null,
        };
        if variable.is_record {
            self.frame.shapes[place] = self.host.shape(variable.of);
        }
        // A domain may have something against null.
        if self.host.domain_base(variable.of).is_some() {
            let null = Answer { value: Value::Null, of: Type::of(oid::UNKNOWN), shape: None };
            return self.assign_variable(number, null);
        }
        Ok(())
    }

    fn with_handlers(&mut self, block: &'r Block, handlers: &'r Handlers) -> Outcome<Flow> {
        let around = self.standing;
        self.stand(Standing::Text("during statement block entry"));
        self.host.begin_inner()?;
        self.stand(around);
        let done = self.statements(&block.statements);
        match done {
            Ok(flow) => {
                self.stand(Standing::Text("during statement block exit"));
                self.host.keep_inner()?;
                Ok(flow)
            }
            Err(failure) => {
                let line = self.context();
                let failure = failure.within(line);
                self.stand(Standing::Text("during exception cleanup"));
                self.host.undo_inner()?;
                self.stand(around);
                let found = handlers.handlers.iter().find(|it| conditions::takes(&it.conditions, &failure));
                match found {
                    Some(handler) => self.handle(handlers, &handler.statements, failure),
                    None => Err(self.again(failure)),
                }
            }
        }
    }

    fn handle(
        &mut self,
        handlers: &Handlers,
        statements: &'r [crate::tree::Statement],
        failure: Box<Failure>,
    ) -> Outcome<Flow> {
        self.fixed = None;
        self.frame.values[handlers.state as usize] = Value::text(failure.state.code());
        self.frame.values[handlers.message as usize] = Value::text(&failure.message);
        self.kept.push(*failure);
        let done = self.statements(statements);
        self.kept.pop();
        done
    }

    /// A failure that has its line of context already goes on: it gets that line, and no other.
    pub(super) fn again(&mut self, mut failure: Box<Failure>) -> Box<Failure> {
        self.fixed = failure.context.pop();
        failure
    }
}
