//! How values get into variables, and what is asked of them on the way.

use super::Runner;
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Field, Rows, Shape};
use crate::settings::Found;
use crate::tree::{Place, Target};
use diagnostic::SqlState;
use std::sync::Arc;
use types::catalog::oid;
use types::record::{RecordView, record};
use types::{Item, Type, Value};

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
        if (same || answer.value.is_null()) && self.host.domain_base(to).is_none() {
            return Ok(answer.value);
        }
        self.host.cast(answer.value, answer.of, to)
    }

    /// The fields of a row's value, whose type says them or which says them itself.
    pub(super) fn shape_of(&mut self, value: &Value, of: Type) -> Option<Shape> {
        if value.is_null() && of.oid == oid::RECORD {
            return None;
        }
        if let Some(shape) = self.host.shape(of) {
            return Some(shape);
        }
        let (Value::Bytes(bytes), oid::RECORD) = (value, of.oid) else { return None };
        let view = RecordView::new(bytes)?;
        let field = |place: usize| {
            let of = view.column_type(place)?;
            Some(self.host.field(&format!("f{}", place + 1), Type::of(of)))
        };
        (0..view.len()).map(field).collect()
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

    /// Puts an element into an array where nothing else in it changes: whether that was done.
    pub(super) fn put_element(&mut self, number: u32, at: &Value, element: &Value) -> bool {
        let (Value::Bytes(array), Value::Int32(at)) = (&mut self.frame.values[number as usize], at) else {
            return false;
        };
        let item = Item::from(element);
        if let Some(own) = Arc::get_mut(array)
            && types::array::overwrite(own, *at, &item)
        {
            return true;
        }
        match types::array::replaced(array, *at, &item) {
            Some(copy) => {
                *array = copy.into();
                true
            }
            None => false,
        }
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
            if self.host.domain_base(variable.of).is_some() {
                self.host.cast(Value::Null, Type::of(oid::UNKNOWN), variable.of)?;
            }
            self.frame.values[place] = Value::Null;
            self.frame.types[place] = variable.of;
            // What a record is that has become null, is forgotten.
            self.frame.shapes[place] = self.host.shape(variable.of);
            return Ok(());
        }
        let Some(shape) = answer.shape else {
            // The text of anything may be that of a row.
            let of = self.declared_row(number);
            let value = self.host.cast(answer.value, answer.of, of)?;
            self.frame.values[place] = value;
            self.frame.types[place] = of;
            self.frame.shapes[place] = self.host.shape(of);
            return Ok(());
        };
        if variable.of.oid == oid::RECORD || variable.of.oid == answer.of.oid {
            self.frame.values[place] = answer.value;
            self.frame.types[place] = answer.of;
            self.frame.shapes[place] = Some(shape);
            return Ok(());
        }
        let values = values_of(&answer.value, &shape);
        self.assign_values(number, (values, true), &shape)
    }

    /// The type of rows that a variable is declared for: what a trigger is called with are rows of its table.
    fn declared_row(&self, number: u32) -> Type {
        match (&self.function.trigger, &self.trigger) {
            (Some(variables), Some(data)) if variables.rows.contains(&number) => data.row_type,
            _ => self.function.variables[number as usize].of,
        }
    }

    /// Puts the values of a row into a row's variable, field by field. What stands for no row is no row of too few.
    fn assign_values(
        &mut self,
        number: u32,
        (values, is_row): (Vec<Value>, bool),
        shape: &Shape,
    ) -> Outcome<()> {
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
                if is_row {
                    let places = own.iter().filter(|field| !field.dropped).count();
                    self.look_at_number(shape, places)?;
                }
                let values = self.fitted(values, shape, &own)?;
                (record_of(&values, &own), own)
            }
        };
        self.frame.values[place] = self.looked_at(row, of)?;
        self.frame.types[place] = of;
        self.frame.shapes[place] = Some(own);
        Ok(())
    }

    /// Looks whether a row has as many columns as there are places for, if that is asked: every place without one counts, columns
    /// without a place count once.
    fn look_at_number(&mut self, shape: &Shape, places: usize) -> Outcome<()> {
        let Some(grave) = self.host.settings().looks_for(|checks| checks.strict_multi_assignment) else {
            return Ok(());
        };
        let columns = shape.iter().filter(|field| !field.dropped).count();
        let times = if columns > places { 1 } else { places - columns };
        let list = match grave {
            Found::Warning => "extra_warnings",
            Found::Error => "extra_errors",
        };
        for _ in 0..times {
            let message = "number of source and target fields in assignment does not match";
            let failure = Failure::new(SqlState::DatatypeMismatch, message)
                .with_detail(format!("strict_multi_assignment check of {list} is active."))
                .with_hint("Make sure the query returns the exact list of columns.");
            self.found_fault(Some(grave), failure)?;
        }
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
        self.frame.values[place] = self.looked_at(row, of)?;
        Ok(())
    }

    /// A row that was put together, as one of its type: a domain over rows may refuse it.
    pub(super) fn looked_at(&mut self, row: Value, of: Type) -> Outcome<Value> {
        match self.host.domain_base(of) {
            Some(base) => self.host.cast(row, base, of),
            None => Ok(row),
        }
    }

    /// Puts a row where a statement wants it; without one, nulls.
    pub(super) fn assign_row(
        &mut self,
        target: &Target,
        shape: &Shape,
        row: Option<Vec<Value>>,
    ) -> Outcome<()> {
        match target {
            Target::Record(place) => {
                let is_row = row.is_some();
                let values = row.unwrap_or_else(|| vec![Value::Null; shape.len()]);
                self.assign_values(place.variable, (values, is_row), shape)?;
                if self.function.variables[place.variable as usize].of.oid == oid::RECORD {
                    self.frame.types[place.variable as usize] = Type::of(oid::RECORD);
                }
                Ok(())
            }
            Target::List(places) => {
                if row.is_some() {
                    self.look_at_number(shape, places.len())?;
                }
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
