//! Blocks, their labels and handlers.

use super::Parser;
use crate::conditions;
use crate::failure::{Failure, Outcome};
use crate::names::Kind;
use crate::tree::{Block, Condition, Handler, Handlers, Statement};
use diagnostic::SqlState;
use syntax::lexer::TokenKind;
use types::Type;
use types::catalog::oid;

impl Parser<'_, '_> {
    /// `<<label>>`, if one stands here.
    pub(super) fn label(&mut self) -> Outcome<Option<String>> {
        if !self.reader.at_operator("<<")? {
            return Ok(None);
        }
        self.reader.take()?;
        let label = self.any_name()?;
        if !self.reader.at_operator(">>")? {
            return Err(self.reader.unexpected());
        }
        self.reader.take()?;
        Ok(Some(label))
    }

    /// A name that may be a variable's, too.
    pub(super) fn any_name(&mut self) -> Outcome<String> {
        Ok(self.reader.name()?.text.to_owned())
    }

    /// A block, whose label has been read.
    pub(super) fn block(&mut self, label: Option<String>) -> Outcome<Block> {
        self.deeper(|parser| {
            let around = parser.scope;
            let name = label.as_deref().unwrap_or("");
            parser.scope = parser.names.add(parser.scope, Kind::Block, name);
            let start = parser.reader.peek()?.start;
            let mut line = parser.reader.line(start);
            let mut variables = Vec::new();
            if parser.reader.eat("declare")? {
                parser.declarations(&mut variables)?;
                let begin = parser.reader.peek()?.start;
                line = parser.reader.line(begin);
            }
            parser.reader.expect("begin")?;
            let statements = parser.statements()?;
            let handlers = parser.handlers()?;
            parser.reader.expect("end")?;
            parser.end_label(label.as_deref())?;
            parser.scope = around;
            Ok(Block { line, label, variables, statements, handlers })
        })
    }

    /// The label behind an `END`: that of the beginning.
    pub(super) fn end_label(&mut self, label: Option<&str>) -> Outcome<()> {
        let token = self.reader.peek()?;
        if !self.reader.is_name(&token) {
            return Ok(());
        }
        self.reader.take()?;
        let message = match label {
            None => format!("end label \"{}\" specified for unlabeled block", token.text),
            Some(label) if label != token.text => {
                format!("end label \"{}\" differs from block's label \"{label}\"", token.text)
            }
            Some(_) => return Ok(()),
        };
        Err(Failure::syntax(message).at(token.start))
    }

    /// Statements up to what ends them.
    pub(super) fn statements(&mut self) -> Outcome<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            let token = self.reader.peek()?;
            let ends = ["end", "else", "elsif", "elseif", "when", "exception"];
            let over = token.kind == TokenKind::End
                || ends.iter().any(|word| self.reader.is(&token, word)) && !self.is_assigned_to()?;
            if over {
                return Ok(statements);
            }
            statements.extend(self.statement()?);
        }
    }

    /// Whether the word here is a variable that is assigned to.
    pub(super) fn is_assigned_to(&mut self) -> Outcome<bool> {
        let assigns = matches!(
            self.reader.look(1)?.kind,
            TokenKind::ColonEquals | TokenKind::Equals | TokenKind::LeftBracket | TokenKind::Dot
        );
        Ok(assigns && self.look_for_variable()?.is_some())
    }

    fn handlers(&mut self) -> Outcome<Option<Box<Handlers>>> {
        if !self.reader.eat("exception")? {
            return Ok(None);
        }
        let text = Type::of(oid::TEXT);
        let state = self.declare("sqlstate", text, false, true);
        let message = self.declare("sqlerrm", text, false, true);
        for variable in [state, message] {
            self.variables[variable as usize].constant = true;
        }
        let mut handlers = Vec::new();
        while self.reader.at("when")? {
            self.reader.take()?;
            let mut conditions = self.condition()?;
            while self.reader.eat("or")? {
                conditions.extend(self.condition()?);
            }
            self.reader.expect("then")?;
            handlers.push(Handler { conditions, statements: self.statements()? });
        }
        if handlers.is_empty() {
            return Err(self.reader.unexpected());
        }
        Ok(Some(Box::new(Handlers { state, message, handlers })))
    }

    fn condition(&mut self) -> Outcome<Vec<Condition>> {
        let name = self.any_name()?;
        match name.as_str() {
            "sqlstate" => Ok(vec![Condition::State(self.state()?)]),
            "others" => Ok(vec![Condition::Others]),
            name => {
                let states: Vec<Condition> = conditions::named(name).map(Condition::State).collect();
                if states.is_empty() {
                    return Err(unknown_condition(name));
                }
                Ok(states)
            }
        }
    }

    /// The string behind `SQLSTATE`.
    pub(super) fn state(&mut self) -> Outcome<SqlState> {
        let token = self.reader.peek()?;
        if token.kind != TokenKind::String {
            return Err(self.reader.unexpected());
        }
        match SqlState::of_code(token.text) {
            Some(state) => {
                self.reader.take()?;
                Ok(state)
            }
            None => Err(self.reader.refused("invalid SQLSTATE code")),
        }
    }
}

/// That there is no condition of a name.
pub(super) fn unknown_condition(name: &str) -> Box<Failure> {
    Failure::new(SqlState::UndefinedObject, format!("unrecognized exception condition \"{name}\""))
}
