//! Statements, each in its place.

use super::assign::values_of;
use super::{Flow, Runner};
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Around, Assigned, Did, Query, Standing, Wanted};
use crate::settings::Found;
use crate::tree::{
    Expression, Level, Place, Plain, ResultShape, Sort, Statement, StatementKind, Target, Told,
};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

impl<'r> Runner<'r> {
    pub(super) fn statement(&mut self, statement: &'r Statement) -> Outcome<Flow> {
        self.stand(Standing::At(statement.line, statement.kind.name()));
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
            StatementKind::Loop(kind) => self.any_loop(kind),
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
                if let Some(value) = value {
                    let answer = self.evaluate(value)?;
                    self.require_row(&answer)?;
                    self.returned = Some(answer);
                }
                Ok(Flow::Return)
            }
            StatementKind::Plain(plain) => self.plain_statement(plain).map(|()| Flow::Next),
        }
    }

    /// One after which the next one comes.
    fn plain_statement(&mut self, statement: &Plain) -> Outcome<()> {
        match statement {
            Plain::ReturnNext(value) => self.return_next(value.as_ref()),
            Plain::ReturnQuery(query) => {
                let around = Around { function: self.function, frame: &self.frame };
                let done = self.host.run(Query::Written(query, around), Wanted::All)?;
                self.return_rows(done, &query.text)
            }
            Plain::ReturnExecute(query, arguments) => {
                let (text, arguments) = self.dynamic_text(query, arguments)?;
                let done = self.host.run(Query::Dynamic(&text, arguments), Wanted::All)?;
                self.return_rows(done, &text)
            }
            Plain::Raise(raise) => self.raise(raise),
            Plain::Assert(condition, message) => self.assert(condition, message.as_ref()),
            Plain::Sql { query, target, strict } => self.sql(query, target.as_ref(), *strict),
            Plain::Execute { query, target, strict, arguments } => {
                self.execute(query, target.as_ref(), *strict, arguments)
            }
            Plain::Perform(query) => {
                let done = self.host.run(
                    Query::Written(query, Around { function: self.function, frame: &self.frame }),
                    Wanted::First(0),
                )?;
                self.row_count = done.processed;
                self.set_found(done.processed != 0);
                Ok(())
            }
            Plain::Call(call, _) => self.call(call),
            Plain::GetDiagnostics { stacked, items } => self.diagnostics(*stacked, items),
            Plain::Open { cursor, query, scroll } => self.open(*cursor, query, *scroll),
            Plain::Fetch { cursor, way, target, moves } => self.fetch(*cursor, way, target.as_ref(), *moves),
            Plain::Close(cursor) => self.close(*cursor),
            Plain::Commit(chain) => self.host.end_transaction(true, *chain),
            Plain::Rollback(chain) => self.host.end_transaction(false, *chain),
        }
    }

    fn assignment(&mut self, place: &Place, value: &Expression) -> Outcome<Flow> {
        let around = Around { function: self.function, frame: &self.frame };
        let assigned = self.host.assigned(value, around)?;
        let by_query = self.note_counted();
        let answer = match assigned {
            Assigned::Whole(answer) => answer,
            Assigned::Element(at, element) => {
                if self.put_element(place.variable, &at, &element) {
                    return Ok(Flow::Next);
                }
                let around = Around { function: self.function, frame: &self.frame };
                self.host.with_element(value, around, (at, element))?
            }
        };
        let done = self.assign(place, answer);
        match (&done, &place.field) {
            // What a query yields becomes one of the variable's type within it.
            (Err(failure), None) if by_query && is_of_type(failure) => {
                let line = format!("PL/pgSQL assignment \"{}\"", value.text);
                done.map_err(|failure| failure.within(line))?;
            }
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
        self.stand(standing);
        match chosen {
            Some(statements) => self.statements(statements),
            None => Err(Failure::new(SqlState::CaseNotFound, "case not found")
                .with_hint("CASE statement is missing ELSE part.")),
        }
    }

    fn assert(&mut self, condition: &Expression, message: Option<&Expression>) -> Outcome<()> {
        if !self.host.settings().check_asserts || self.holds(condition)? {
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
        let around = Around { function: self.function, frame: &self.frame };
        let many = self.host.settings().looks_for(|checks| checks.too_many_rows);
        // A second row is asked for only where it matters.
        let wanted = match target {
            None => Wanted::First(0),
            Some(_) if strict || many.is_some() || query.sort == Sort::Change => Wanted::Only(2),
            Some(_) => Wanted::Only(1),
        };
        let done = self.host.run(Query::Written(query, around), wanted)?;
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
                Err(match done.did {
                    Did::Selected => failure
                        .with_hint("If you want to discard the results of a SELECT, use PERFORM instead."),
                    Did::Changed | Did::Created | Did::Other => failure,
                })
            }
            (Some(_), None) => Err(Failure::syntax("INTO used with a command that cannot return data")),
            (Some(target), Some(rows)) => {
                if rows.rows.is_empty() && strict {
                    return Err(self.with_parameters(no_rows(), query));
                }
                if rows.rows.len() > 1 {
                    let failure = self.with_parameters(too_many_rows(), query);
                    let found = if strict || changed { Some(Found::Error) } else { many };
                    self.found_fault(found, failure)?;
                }
                self.assign_first(target, rows)
            }
        }
    }

    /// What was looked for beyond what the language asks was found.
    pub(super) fn found_fault(&mut self, grave: Option<Found>, failure: Box<Failure>) -> Outcome<()> {
        match grave {
            None => Ok(()),
            Some(Found::Error) => Err(failure),
            Some(Found::Warning) => {
                self.tell(Level::Warning, failure);
                Ok(())
            }
        }
    }

    /// `#print_strict_params`: what the variables of a statement were.
    fn with_parameters(&mut self, failure: Box<Failure>, query: &Expression) -> Box<Failure> {
        if !self.function.prints_parameters {
            return failure;
        }
        let mut told = Vec::new();
        for named in self.host.parameters_of(query) {
            let place = named.variable as usize;
            let name = &self.function.variables[place].name;
            let value = self.frame.values[place].clone();
            // A field goes by its own name.
            let field = match (named.field, self.frame.shapes[place].clone()) {
                (Some(field), Some(shape)) => {
                    let of = shape.get(field as usize).map(|it| (it.name.clone(), it.of));
                    of.zip(values_of(&value, &shape).into_iter().nth(field as usize))
                }
                _ => None,
            };
            told.push(match field {
                Some(((name, of), value)) => self.told_parameter(&name, &value, of),
                None => self.told_parameter(name, &value, self.frame.types[place]),
            });
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
        let wanted = Wanted::First(if target.is_some() { 2 } else { 0 });
        let done = self.host.run(Query::Dynamic(&text, arguments), wanted)?;
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

/// Whether a failure is about making a value one of a type: that is part of a query, what a variable refuses is not.
fn is_of_type(failure: &Failure) -> bool {
    failure.state != SqlState::NullValueNotAllowed
}

fn no_rows() -> Box<Failure> {
    Failure::new(SqlState::NoDataFound, "query returned no rows")
}

fn too_many_rows() -> Box<Failure> {
    Failure::new(SqlState::TooManyRows, "query returned more than one row")
        .with_hint("Make sure the query returns a single row, or use LIMIT 1.")
}
