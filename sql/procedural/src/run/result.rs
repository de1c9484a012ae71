//! What a function returns: values cast, rows brought into the shape that is wanted.

use super::assign::{record_of, values_of};
use super::{Returned, Runner};
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Done, Shape, Standing};
use crate::tree::{Expression, ResultShape};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

impl Runner<'_> {
    /// The result of the whole call.
    pub(super) fn result(&mut self) -> Outcome<Returned> {
        let function = self.function;
        if function.returns_set {
            return Ok(Returned { rows: std::mem::take(&mut self.rows) });
        }
        self.stand(Standing::Text("while casting return value to function's return type"));
        let returned = self.returned.take();
        let value = match &function.result {
            ResultShape::Void => Value::text(""),
            ResultShape::Scalar(of) => match returned {
                None => Value::Null,
                Some(answer) => self.converted(answer, *of)?,
            },
            ResultShape::Row(of) => match returned {
                None => Value::Null,
                Some(answer) => {
                    let words = "returned record type does not match expected record type";
                    self.row_result(answer, *of, words)?
                }
            },
            ResultShape::Output(variable, of) => {
                let answer = self.variable_answer(*variable);
                self.converted(answer, *of)?
            }
            ResultShape::Outputs(variables, _) => self.outputs(variables)?,
            ResultShape::Trigger => return self.trigger_result(returned),
        };
        Ok(Returned { rows: vec![value] })
    }

    fn variable_answer(&mut self, number: u32) -> Answer {
        let place = number as usize;
        Answer {
            value: self.frame.values[place].clone(),
            of: self.frame.types[place],
            shape: self.frame.shapes[place].clone(),
        }
    }

    /// A row of variables.
    fn outputs(&mut self, variables: &[u32]) -> Outcome<Value> {
        let shape: Shape = match &self.expected {
            Some(shape) => shape.clone(),
            None => {
                let fields = variables.iter().map(|number| {
                    let of = self.function.variables[*number as usize].of;
                    self.host.field(&self.function.variables[*number as usize].name, of)
                });
                fields.collect()
            }
        };
        let mut values = Vec::with_capacity(variables.len());
        for (number, field) in variables.iter().zip(shape.iter()) {
            let answer = self.variable_answer(*number);
            values.push(self.converted(answer, field.of)?);
        }
        Ok(record_of(&values, &shape))
    }

    /// A row as one of the type that is returned.
    fn row_result(&mut self, answer: Answer, of: Type, words: &str) -> Outcome<Value> {
        if answer.value.is_null() {
            return Ok(Value::Null);
        }
        let Some(shape) = answer.shape else {
            let message = "cannot return non-composite value from function returning composite type";
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        };
        let wanted = match (&self.expected, of.oid) {
            (Some(expected), oid::RECORD) => Some(expected.clone()),
            (_, oid::RECORD) => None,
            _ => self.host.shape(of),
        };
        let Some(wanted) = wanted else { return Ok(answer.value) };
        let row = if answer.of.oid == of.oid && of.oid != oid::RECORD {
            answer.value
        } else {
            let values = values_of(&answer.value, &shape);
            let fitted = self.matched(values, &shape, &wanted, words)?;
            record_of(&fitted, &wanted)
        };
        self.looked_at(row, of)
    }

    /// The values of a row as those of another shape, which must have the same types.
    fn matched(&mut self, values: Vec<Value>, from: &Shape, to: &Shape, words: &str) -> Outcome<Vec<Value>> {
        let kept = |shape: &Shape| shape.iter().filter(|field| !field.dropped).count();
        let (returned, expected) = (kept(from), kept(to));
        let refused =
            |detail: String| Err(Failure::new(SqlState::DatatypeMismatch, words).with_detail(detail));
        let mut given = from.iter().zip(values).filter(|(field, _)| !field.dropped);
        let mut matched = Vec::with_capacity(to.len());
        let mut column = 0;
        for field in to.iter() {
            if field.dropped {
                matched.push(Value::Null);
                continue;
            }
            column += 1;
            let Some((from, value)) = given.next() else { continue };
            let same = from.of.oid == field.of.oid
                && (field.of.modifier < 0 || field.of.modifier == from.of.modifier);
            if !same {
                let (one, other) = (self.host.shown(from.of), self.host.shown(field.of));
                return refused(format!(
                    "Returned type {one} does not match expected type {other} in column {column}."
                ));
            }
            matched.push(value);
        }
        if returned != expected {
            return refused(format!(
                "Number of returned columns ({returned}) does not match expected column count ({expected})."
            ));
        }
        Ok(matched)
    }

    /// That rows of a shape fit another one, be there any or not.
    fn look_at_shape(&mut self, from: &Shape, to: &Shape, words: &str) -> Outcome<()> {
        self.matched(vec![Value::Null; from.len()], from, to, words).map(drop)
    }

    /// A set of rows of which nobody knows the columns cannot be gathered: in a select list.
    fn refuse_unknown_rows(&self) -> Outcome<()> {
        let unknown = matches!(&self.function.result, ResultShape::Row(of) if of.oid == oid::RECORD);
        if unknown && self.expected.is_none() {
            let message = "materialize mode required, but it is not allowed in this context";
            return Err(Failure::new(SqlState::FeatureNotSupported, message));
        }
        Ok(())
    }

    /// Whether an expression is nothing but a variable.
    fn is_variable(&self, value: &Expression) -> bool {
        let text = value.text.trim();
        self.function.variables.iter().any(|variable| variable.name.eq_ignore_ascii_case(text))
    }

    pub(super) fn return_next(&mut self, value: Option<&Expression>) -> Outcome<()> {
        self.refuse_unknown_rows()?;
        let function = self.function;
        let row = match (&function.result, value) {
            (ResultShape::Output(variable, of), _) => {
                let answer = self.variable_answer(*variable);
                self.converted(answer, *of)?
            }
            (ResultShape::Outputs(variables, _), _) => self.outputs(variables)?,
            (ResultShape::Scalar(of), Some(value)) => {
                let answer = self.evaluate(value)?;
                self.converted(answer, *of)?
            }
            (ResultShape::Row(of), Some(value)) => {
                let answer = self.evaluate(value)?;
                let of = *of;
                let words = match self.is_variable(value) {
                    true => "wrong record type supplied in RETURN NEXT",
                    false => "returned record type does not match expected record type",
                };
                if answer.value.is_null() {
                    // A row of nulls stands for none.
                    match self.wanted_shape(of) {
                        Some(shape) => record_of(&vec![Value::Null; shape.len()], &shape),
                        None => Value::Null,
                    }
                } else {
                    self.row_result(answer, of, words)?
                }
            }
            (ResultShape::Void | ResultShape::Trigger, _) | (_, None) => Value::Null,
        };
        self.rows.push(row);
        Ok(())
    }

    fn wanted_shape(&mut self, of: Type) -> Option<Shape> {
        match (&self.expected, of.oid) {
            (Some(expected), oid::RECORD) => Some(expected.clone()),
            _ => self.host.shape(of),
        }
    }

    /// `RETURN QUERY`: all rows of a query.
    pub(super) fn return_rows(&mut self, done: Done, text: &str) -> Outcome<()> {
        self.refuse_unknown_rows()?;
        self.add_rows(done).map_err(|failure| failure.within(format!("SQL statement \"{text}\"")))
    }

    fn add_rows(&mut self, done: Done) -> Outcome<()> {
        let Some(rows) = done.rows else {
            return Err(Failure::syntax("query is not a SELECT"));
        };
        self.row_count = done.processed;
        self.set_found(done.processed != 0);
        let words = "structure of query does not match function result type";
        let function = self.function;
        match &function.result {
            ResultShape::Scalar(of) | ResultShape::Output(_, of) => {
                let wanted: Shape = [self.host.field("", *of)].into_iter().collect();
                self.look_at_shape(&rows.shape, &wanted, words)?;
                for row in rows.rows {
                    let fitted = self.matched(row, &rows.shape, &wanted, words)?;
                    self.rows.extend(fitted);
                }
            }
            ResultShape::Row(of) | ResultShape::Outputs(_, of) => {
                let wanted = match (&self.expected, &function.result) {
                    (None, ResultShape::Outputs(variables, _)) => {
                        let fields = variables.iter().map(|number| {
                            let of = function.variables[*number as usize].of;
                            self.host.field(&function.variables[*number as usize].name, of)
                        });
                        Some(fields.collect())
                    }
                    _ => self.wanted_shape(*of),
                };
                let wanted: Shape = wanted.unwrap_or_else(|| rows.shape.clone());
                self.look_at_shape(&rows.shape, &wanted, words)?;
                for row in rows.rows {
                    let fitted = self.matched(row, &rows.shape, &wanted, words)?;
                    self.rows.push(record_of(&fitted, &wanted));
                }
            }
            ResultShape::Void | ResultShape::Trigger => {}
        }
        Ok(())
    }

    /// A trigger's row, which must be one of its table.
    fn trigger_result(&mut self, returned: Option<Answer>) -> Outcome<Returned> {
        self.stand(Standing::Text("during function exit"));
        let Some(data) = &self.trigger else { return Ok(Returned::default()) };
        let (for_rows, of, wanted) = (data.for_rows, data.row_type, data.shape.clone());
        let Some(answer) = returned.filter(|answer| !answer.value.is_null() && for_rows) else {
            return Ok(Returned::default());
        };
        let Some(shape) = answer.shape else {
            let message = "cannot return non-composite value from function returning composite type";
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        };
        if answer.of.oid == of.oid && shape.len() == wanted.len() {
            return Ok(Returned { rows: vec![answer.value] });
        }
        let words = "returned row structure does not match the structure of the triggering table";
        let values = values_of(&answer.value, &shape);
        let fitted = self.matched(values, &shape, &wanted, words)?;
        Ok(Returned { rows: vec![record_of(&fitted, &wanted)] })
    }
}
