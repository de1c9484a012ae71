//! How values get into variables, and what is asked of them on the way.

use super::Runner;
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Field, Rows, Shape};
use crate::tree::{Place, Target};
use diagnostic::SqlState;
use types::catalog::oid;
use types::record::{RecordView, record};
use types::{Type, Value};

/// The values of a record's fields.
pub fn values_of(value: &Value, shape: &[Field]) -> Vec<Value> {
    let view = match value {
        Value::Bytes(bytes) => RecordView::new(bytes),
        _ => None,
    };
    let item = |place: usize| view.as_ref().map_or(Value::Null, |view| view.item(place).to_value());
    (0..shape.len()).map(item).collect()
}

/// A record of these values.
pub fn record_of(values: &[Value], shape: &[Field]) -> Value {
    let columns: Vec<_> =
        shape.iter().zip(values).map(|(field, value)| (field.of.oid, field.kind, value.into())).collect();
    Value::Bytes(record(&columns).into())
}

impl Runner<'_> {
    /// A value as one of another type.
    pub(super) fn converted(&mut self, answer: Answer, to: Type) -> Outcome<Value> {
        let same = answer.of.oid == to.oid && (to.modifier < 0 || answer.of.modifier == to.modifier);
        if same && !self.host.is_domain(to) {
            return Ok(answer.value);
        }
        if answer.value.is_null() && !self.host.is_domain(to) {
            return Ok(Value::Null);
        }
        self.host.cast(answer.value, answer.of, to)
    }

    /// The fields of a row's value, whose type says them or which says them itself.
    pub(super) fn shape_of(&mut self, value: &Value, of: Type) -> Option<Shape> {
        if value.is_null() && of.oid == oid::RECORD {
            return None;
        }
        self.host.shape(of)
    }

    /// Puts a value into a place.
    pub(super) fn assign(&mut self, place: &Place, answer: Answer) -> Outcome<()> {
        match &place.field {
            None => self.assign_variable(place.variable, answer),
            Some(field) => self.assign_field(place.variable, field, answer),
        }
    }

    pub(super) fn assign_variable(&mut self, number: u32, answer: Answer) -> Outcome<()> {
        let function = self.function;
        let variable = &function.variables[number as usize];
        if variable.is_record {
            return self.assign_row_value(number, answer);
        }
        let value = self.converted(answer, variable.of)?;
        if value.is_null() && variable.not_null {
            return Err(self.null_refused(number));
        }
        self.frame.values[number as usize] = value;
        Ok(())
    }

    fn null_refused(&self, number: u32) -> Box<Failure> {
        let name = &self.function.variables[number as usize].name;
        let message = format!("null value cannot be assigned to variable \"{name}\" declared NOT NULL");
        Failure::new(SqlState::NullValueNotAllowed, message)
    }

    /// Puts a row into a row's variable.
    pub(super) fn assign_row_value(&mut self, number: u32, answer: Answer) -> Outcome<()> {
        let place = number as usize;
        let function = self.function;
        let variable = &function.variables[place];
        if answer.value.is_null() {
            if variable.not_null {
                return Err(self.null_refused(number));
            }
            if self.host.is_domain(variable.of) {
                self.host.cast(Value::Null, Type::of(oid::UNKNOWN), variable.of)?;
            }
            self.frame.values[place] = Value::Null;
            self.frame.types[place] = variable.of;
            self.frame.shapes[place] = match answer.shape {
                Some(shape) if variable.of.oid == oid::RECORD => Some(shape),
                Some(_) | None => self.host.shape(variable.of),
            };
            return Ok(());
        }
        let Some(shape) = answer.shape else {
            let message = "cannot assign non-composite value to a record variable";
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        };
        if variable.of.oid == oid::RECORD || variable.of.oid == answer.of.oid {
            self.frame.values[place] = answer.value;
            self.frame.types[place] = answer.of;
            self.frame.shapes[place] = Some(shape);
            return Ok(());
        }
        let values = values_of(&answer.value, &shape);
        self.assign_values(number, values, &shape)
    }

    /// Puts the values of a row into a row's variable, field by field.
    fn assign_values(&mut self, number: u32, values: Vec<Value>, shape: &Shape) -> Outcome<()> {
        let place = number as usize;
        let of = self.function.variables[place].of;
        let (row, own) = match self.host.shape(of) {
            None => {
                let kept: Vec<Field> = shape.iter().filter(|field| !field.dropped).cloned().collect();
                let there = shape.iter().zip(values).filter(|(field, _)| !field.dropped);
                let values: Vec<Value> = there.map(|(_, value)| value).collect();
                (record_of(&values, &kept), Shape::from(kept))
            }
            Some(own) => {
                let values = self.fitted(values, shape, &own)?;
                (record_of(&values, &own), own)
            }
        };
        let row = match self.host.is_domain(of) {
            true => self.host.cast(row, of, of)?,
            false => row,
        };
        self.frame.values[place] = row;
        self.frame.types[place] = of;
        self.frame.shapes[place] = Some(own);
        Ok(())
    }

    /// The values of a row as those of another shape, by their places: what is missing is null, what is too much is left out.
    pub(super) fn fitted(&mut self, values: Vec<Value>, from: &Shape, to: &Shape) -> Outcome<Vec<Value>> {
        let mut given = from.iter().zip(values).filter(|(field, _)| !field.dropped);
        let mut fitted = Vec::with_capacity(to.len());
        for field in to.iter() {
            if field.dropped {
                fitted.push(Value::Null);
                continue;
            }
            let (of, value) = match given.next() {
                Some((from, value)) => (from.of, value),
                None => (Type::of(oid::UNKNOWN), Value::Null),
            };
            fitted.push(self.converted(Answer { value, of, shape: None }, field.of)?);
        }
        Ok(fitted)
    }

    fn assign_field(&mut self, number: u32, name: &str, answer: Answer) -> Outcome<()> {
        let place = number as usize;
        let variable = &self.function.variables[place].name;
        let Some(shape) = self.frame.shapes[place].clone() else { return Err(not_assigned(variable)) };
        let Some(field) = shape.iter().position(|field| field.name == name && !field.dropped) else {
            let message = format!("record \"{variable}\" has no field \"{name}\"");
            return Err(Failure::new(SqlState::UndefinedColumn, message));
        };
        let value = self.converted(answer, shape[field].of)?;
        let mut values = values_of(&self.frame.values[place], &shape);
        values[field] = value;
        let row = record_of(&values, &shape);
        let of = self.function.variables[place].of;
        self.frame.values[place] = match self.host.is_domain(of) {
            true => self.host.cast(row, of, of)?,
            false => row,
        };
        Ok(())
    }

    /// Puts a row where a statement wants it; without one, nulls.
    pub(super) fn assign_row(
        &mut self,
        target: &Target,
        shape: &Shape,
        row: Option<Vec<Value>>,
    ) -> Outcome<()> {
        match target {
            Target::Record(place) => match row {
                Some(values) => {
                    self.assign_values(place.variable, values, shape)?;
                    if self.function.variables[place.variable as usize].of.oid == oid::RECORD {
                        self.frame.types[place.variable as usize] = Type::of(oid::RECORD);
                    }
                    Ok(())
                }
                None => self.assign_row(target, shape, Some(vec![Value::Null; shape.len()])),
            },
            Target::List(places) => {
                let values = row.unwrap_or_default();
                let mut given = shape.iter().zip(values).filter(|(field, _)| !field.dropped);
                for place in places {
                    let answer = match given.next() {
                        Some((field, value)) => {
                            let shape = self.shape_of(&value, field.of);
                            Answer { value, of: field.of, shape }
                        }
                        None => Answer { value: Value::Null, of: Type::of(oid::UNKNOWN), shape: None },
                    };
                    self.assign(place, answer)?;
                }
                Ok(())
            }
        }
    }

    /// The first of some rows, or nulls.
    pub(super) fn assign_first(&mut self, target: &Target, rows: Rows) -> Outcome<()> {
        let first = rows.rows.into_iter().next();
        self.assign_row(target, &rows.shape, first)
    }
}

/// That nothing has been assigned to a `record` yet.
fn not_assigned(name: &str) -> Box<Failure> {
    let message = format!("record \"{name}\" is not assigned yet");
    Failure::new(SqlState::ObjectNotInPrerequisiteState, message)
        .with_detail("The tuple structure of a not-yet-assigned record is indeterminate.")
}
