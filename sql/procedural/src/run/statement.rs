//! Statements, each in its place.

use super::{Flow, Runner, Standing};
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Around, Did, Query};
use crate::tree::{Expression, Place, ResultShape, Statement, StatementKind, Target, Told};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

impl<'r> Runner<'r> {
    pub(super) fn statement(&mut self, statement: &'r Statement) -> Outcome<Flow> {
        self.standing = Standing::At(statement.line, statement.kind.name());
        self.host.check()?;
        match &statement.kind {
            StatementKind::Block(block) => self.block(block),
            StatementKind::Assign(place, value) => self.assignment(place, value),
            StatementKind::If { arms, otherwise } => {
                for (condition, statements) in arms {
                    if self.holds(condition)? {
                        return self.statements(statements);
                    }
                }
                self.statements(otherwise)
            }
            StatementKind::Case { operand, arms, otherwise } => {
                self.case(operand.as_ref(), arms, otherwise.as_deref())
            }
            StatementKind::Loop(_)
            | StatementKind::While(..)
            | StatementKind::ForInteger { .. }
            | StatementKind::ForRows { .. }
            | StatementKind::Foreach { .. } => self.any_loop(&statement.kind),
            StatementKind::Exit { exits, label, when } => {
                if let Some(condition) = when
                    && !self.holds(condition)?
                {
                    return Ok(Flow::Next);
                }
                let label = label.clone();
                Ok(if *exits { Flow::Exit(label) } else { Flow::Continue(label) })
            }
            StatementKind::Return(value) => {
                self.has_returned = true;
                if let Some(value) = value {
                    let answer = self.evaluate(value)?;
                    self.require_row(&answer)?;
                    self.returned = Some(answer);
                }
                Ok(Flow::Return)
            }
            other => self.plain_statement(other).map(|()| Flow::Next),
        }
    }

    /// One after which the next one comes.
    fn plain_statement(&mut self, statement: &'r StatementKind) -> Outcome<()> {
        match statement {
            StatementKind::ReturnNext(value) => self.return_next(value.as_ref()),
            StatementKind::ReturnQuery(query) => {
                let around = Around { function: self.function, frame: &self.frame };
                let done = self.host.run(Query::Written(query, around), None)?;
                self.return_rows(done, &query.text)
            }
            StatementKind::ReturnExecute(query, arguments) => {
                let (text, arguments) = self.dynamic_text(query, arguments)?;
                let done = self.host.run(Query::Dynamic(&text, arguments), None)?;
                self.return_rows(done, &text)
            }
            StatementKind::Raise(raise) => self.raise(raise),
            StatementKind::Assert(condition, message) => self.assert(condition, message.as_ref()),
            StatementKind::Sql { query, target, strict } => self.sql(query, target.as_ref(), *strict),
            StatementKind::Execute { query, target, strict, arguments } => {
                self.execute(query, target.as_ref(), *strict, arguments)
            }
            StatementKind::Perform(query) => {
                let done = self.host.run(
                    Query::Written(query, Around { function: self.function, frame: &self.frame }),
                    Some(0),
                )?;
                self.row_count = done.processed;
                self.set_found(done.processed != 0);
                Ok(())
            }
            StatementKind::Call(call, _) => self.call(call),
            StatementKind::GetDiagnostics { stacked, items } => self.diagnostics(*stacked, items),
            StatementKind::Open { cursor, query, scroll } => self.open(*cursor, query, *scroll),
            StatementKind::Fetch { cursor, way, target, moves } => {
                self.fetch(*cursor, way, target.as_ref(), *moves)
            }
            StatementKind::Close(cursor) => self.close(*cursor),
            StatementKind::Commit(chain) => self.end_transaction(true, *chain),
            StatementKind::Rollback(chain) => self.end_transaction(false, *chain),
            StatementKind::Null
            | StatementKind::Block(_)
            | StatementKind::Assign(..)
            | StatementKind::If { .. }
            | StatementKind::Case { .. }
            | StatementKind::Loop(_)
            | StatementKind::While(..)
            | StatementKind::ForInteger { .. }
            | StatementKind::ForRows { .. }
            | StatementKind::Foreach { .. }
            | StatementKind::Exit { .. }
            | StatementKind::Return(_) => Ok(()),
        }
    }

    fn assignment(&mut self, place: &Place, value: &Expression) -> Outcome<Flow> {
        let answer = self.evaluate(value)?;
        let done = self.assign(place, answer);
        match (&done, &place.field) {
            (Err(failure), Some(_)) if self.is_of_shape(failure) => {
                let line = format!("PL/pgSQL assignment \"{}\"", value.text);
                done.map_err(|failure| failure.within(line))?;
            }
            _ => done?,
        }
        Ok(Flow::Next)
    }

    /// Whether a failure is about the fields of a row.
    fn is_of_shape(&self, failure: &Failure) -> bool {
        matches!(failure.state, SqlState::UndefinedColumn | SqlState::ObjectNotInPrerequisiteState)
    }

    /// What is returned where a row is wanted must be one.
    fn require_row(&self, answer: &Answer) -> Outcome<()> {
        let wanted = matches!(self.function.result, ResultShape::Row(_) | ResultShape::Trigger);
        if wanted && !answer.value.is_null() && answer.shape.is_none() {
            let message = "cannot return non-composite value from function returning composite type";
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        }
        Ok(())
    }

    fn case(
        &mut self,
        operand: Option<&(Expression, u32)>,
        arms: &'r [(Expression, Vec<Statement>)],
        otherwise: Option<&'r [Statement]>,
    ) -> Outcome<Flow> {
        let standing = self.standing;
        if let Some((operand, variable)) = operand {
            let answer = self.evaluate(operand)?;
            let place = *variable as usize;
            self.frame.values[place] = answer.value;
            self.frame.types[place] = answer.of;
        }
        let mut chosen = otherwise;
        for (condition, statements) in arms {
            if self.holds(condition)? {
                chosen = Some(statements);
                break;
            }
        }
        if let Some((_, variable)) = operand {
            self.frame.values[*variable as usize] = Value::Null;
        }
        self.standing = standing;
        match chosen {
            Some(statements) => self.statements(statements),
            None => Err(Failure::new(SqlState::CaseNotFound, "case not found")
                .with_hint("CASE statement is missing ELSE part.")),
        }
    }

    fn assert(&mut self, condition: &Expression, message: Option<&Expression>) -> Outcome<()> {
        if !self.host.is_on("plpgsql.check_asserts") || self.holds(condition)? {
            return Ok(());
        }
        let said = match message {
            None => None,
            Some(message) => {
                let answer = self.evaluate(message)?;
                if answer.value.is_null() { None } else { Some(self.host.text(&answer.value, answer.of)?) }
            }
        };
        let said = said.unwrap_or_else(|| "assertion failed".to_owned());
        Err(Failure::new(SqlState::AssertFailure, said))
    }

    fn sql(&mut self, query: &Expression, target: Option<&Target>, strict: bool) -> Outcome<()> {
        let wanted = if target.is_some() { Some(2) } else { Some(0) };
        let done = self
            .host
            .run(Query::Written(query, Around { function: self.function, frame: &self.frame }), wanted)?;
        if matches!(done.did, Did::Selected | Did::Changed) {
            self.set_found(done.processed != 0);
        }
        self.row_count = done.processed;
        let changed = done.did == Did::Changed;
        match (target, done.rows) {
            (None, None) => Ok(()),
            (None, Some(_)) => {
                let message = "query has no destination for result data";
                let failure = Failure::syntax(message);
                Err(match changed {
                    true => failure,
                    false => failure
                        .with_hint("If you want to discard the results of a SELECT, use PERFORM instead."),
                })
            }
            (Some(_), None) => Err(Failure::syntax("INTO used with a command that cannot return data")),
            (Some(target), Some(rows)) => {
                if rows.rows.is_empty() && strict {
                    return Err(self.with_parameters(no_rows(), query));
                }
                if rows.rows.len() > 1 {
                    if strict || changed {
                        return Err(self.with_parameters(too_many_rows(), query));
                    }
                    self.row_count = 1;
                }
                self.assign_first(target, rows)
            }
        }
    }

    /// `#print_strict_params`: what the variables of a statement were.
    fn with_parameters(&mut self, failure: Box<Failure>, query: &Expression) -> Box<Failure> {
        if !self.function.prints_parameters {
            return failure;
        }
        let mut told = Vec::new();
        for number in self.host.parameters_of(query, Around { function: self.function, frame: &self.frame }) {
            let variable = &self.function.variables[number as usize];
            let (name, value) = (variable.name.clone(), self.frame.values[number as usize].clone());
            let of = self.frame.types[number as usize];
            told.push(self.told_parameter(&name, &value, of));
        }
        match told.is_empty() {
            true => failure,
            false => failure.with_detail(format!("parameters: {}", told.join(", "))),
        }
    }

    fn told_parameter(&mut self, name: &str, value: &Value, of: Type) -> String {
        match self.host.text(value, of) {
            Ok(text) if !value.is_null() => format!("{name} = '{}'", text.replace('\'', "''")),
            Ok(_) | Err(_) => format!("{name} = NULL"),
        }
    }

    /// The text of a statement that the body has made, and the values that it is given.
    pub(super) fn dynamic_text(
        &mut self,
        query: &Expression,
        arguments: &[Expression],
    ) -> Outcome<(String, Vec<Answer>)> {
        let text = self.evaluate(query)?;
        if text.value.is_null() {
            let message = "query string argument of EXECUTE is null";
            return Err(Failure::new(SqlState::NullValueNotAllowed, message));
        }
        let text = self.host.text(&text.value, text.of)?;
        let arguments = arguments.iter().map(|argument| self.evaluate(argument)).collect::<Outcome<_>>()?;
        Ok((text, arguments))
    }

    fn execute(
        &mut self,
        query: &Expression,
        target: Option<&Target>,
        strict: bool,
        arguments: &[Expression],
    ) -> Outcome<()> {
        let (text, arguments) = self.dynamic_text(query, arguments)?;
        let told: Vec<(Value, Type)> = match self.function.prints_parameters {
            true => arguments.iter().map(|it| (it.value.clone(), it.of)).collect(),
            false => Vec::new(),
        };
        let done = self.host.run(Query::Dynamic(&text, arguments), target.map(|_| 2).or(Some(0)))?;
        if done.did == Did::Created {
            let message = "EXECUTE of SELECT ... INTO is not implemented";
            return Err(Failure::new(SqlState::FeatureNotSupported, message).with_hint(
                "You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.",
            ));
        }
        self.row_count = done.processed;
        let Some(target) = target else { return Ok(()) };
        let Some(rows) = done.rows else {
            return Err(Failure::syntax("INTO used with a command that cannot return data"));
        };
        let failure = match rows.rows.len() {
            0 if strict => no_rows(),
            2.. if strict => Failure::new(SqlState::TooManyRows, "query returned more than one row"),
            _ => return self.assign_first(target, rows),
        };
        let mut all = Vec::new();
        for (place, (value, of)) in told.iter().enumerate() {
            all.push(self.told_parameter(&format!("${}", place + 1), value, *of));
        }
        Err(match all.is_empty() {
            true => failure,
            false => failure.with_detail(format!("parameters: {}", all.join(", "))),
        })
    }

    fn call(&mut self, call: &Expression) -> Outcome<()> {
        let called = self.host.call(call, Around { function: self.function, frame: &self.frame })?;
        let Some(rows) = called.rows else { return Ok(()) };
        let target = Target::List(called.places);
        self.assign_first(&target, rows)
    }

    fn end_transaction(&mut self, commits: bool, chain: bool) -> Outcome<()> {
        if self.inner > 0 {
            let verb = if commits { "commit" } else { "roll back" };
            let message = format!("cannot {verb} while a subtransaction is active");
            return Err(Failure::new(SqlState::InvalidTransactionTermination, message));
        }
        self.host.end_transaction(commits, chain)
    }

    fn diagnostics(&mut self, stacked: bool, items: &[(Told, Place)]) -> Outcome<()> {
        let kept = self.kept.last().cloned();
        if stacked && kept.is_none() {
            let message = "GET STACKED DIAGNOSTICS cannot be used outside an exception handler";
            return Err(Failure::new(SqlState::StackedDiagnosticsAccessedWithoutActiveHandler, message));
        }
        for (told, place) in items {
            let text = |text: Option<String>| Value::text(&text.unwrap_or_default());
            let of_kept = |what: fn(&Failure) -> Option<String>| text(kept.as_ref().and_then(what));
            let (value, of) = match told {
                Told::RowCount => {
                    (Value::Int64(i64::try_from(self.row_count).unwrap_or(i64::MAX)), oid::INT8)
                }
                Told::RoutineOid => (Value::Int32(self.host.routine().cast_signed()), oid::OID),
                Told::Context => {
                    let mut lines = vec![self.context()];
                    lines.extend(self.host.outer_context());
                    (Value::text(&lines.join("\n")), oid::TEXT)
                }
                Told::ErrorContext => {
                    let mut lines = kept.as_ref().map(|kept| kept.context.clone()).unwrap_or_default();
                    lines.extend(self.host.outer_context());
                    (Value::text(&lines.join("\n")), oid::TEXT)
                }
                Told::ErrorDetail => (of_kept(|kept| kept.detail.clone()), oid::TEXT),
                Told::ErrorHint => (of_kept(|kept| kept.hint.clone()), oid::TEXT),
                Told::ReturnedSqlstate => (of_kept(|kept| Some(kept.state.code().to_owned())), oid::TEXT),
                Told::ColumnName => (of_kept(|kept| kept.subject.column.clone()), oid::TEXT),
                Told::ConstraintName => (of_kept(|kept| kept.subject.constraint.clone()), oid::TEXT),
                Told::DatatypeName => (of_kept(|kept| kept.subject.data_type.clone()), oid::TEXT),
                Told::MessageText => (of_kept(|kept| Some(kept.message.clone())), oid::TEXT),
                Told::TableName => (of_kept(|kept| kept.subject.table.clone()), oid::TEXT),
                Told::SchemaName => (of_kept(|kept| kept.subject.schema.clone()), oid::TEXT),
            };
            self.assign(place, Answer { value, of: Type::of(of), shape: None })?;
        }
        Ok(())
    }
}

fn no_rows() -> Box<Failure> {
    Failure::new(SqlState::NoDataFound, "query returned no rows")
}

fn too_many_rows() -> Box<Failure> {
    Failure::new(SqlState::TooManyRows, "query returned more than one row")
        .with_hint("Make sure the query returns a single row, or use LIMIT 1.")
}
