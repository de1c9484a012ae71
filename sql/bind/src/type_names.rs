//! Types by the names that are written.

use crate::binder::{Binder, carried, unsupported};
use crate::error::{BindError, BindErrorKind, BindResult};
use catalog::Relation;
use syntax::tree::expression::ExpressionKind as Tree;
use syntax::tree::type_name::{IntervalFields, TypeName, TypeNameKind};
use syntax::tree::{Expression, QualifiedName};
use types::Type;
use types::catalog::{Form, modifier_from_arguments, oid};

/// That the elements' type of an array is not there is said as of the array.
fn of_array(mut error: BindError, is_array: bool) -> BindError {
    if let (BindErrorKind::NoType { name }, true) = (&mut *error.kind, is_array) {
        name.push_str("[]");
    }
    error
}

impl Binder<'_> {
    /// The type that a name means.
    pub fn type_named(&mut self, name: &TypeName<'_>) -> BindResult<Type> {
        if name.set {
            return Err(unsupported("SETOF outside of a function's result", name.position));
        }
        let (mut number, modifier) = match &name.kind {
            TypeNameKind::Named(written) => {
                let found = self.type_by_name(written, name.position);
                let number = found.map_err(|error| of_array(error, !name.dimensions.is_empty()))?;
                (number, self.modifier(number, written, name)?)
            }
            TypeNameKind::Interval(fields) => (oid::INTERVAL, self.interval_modifier(*fields, name)?),
            TypeNameKind::OfColumn(column) => {
                let of = self.type_of_column(column, name.position)?;
                (of.oid, of.modifier)
            }
        };
        if !name.dimensions.is_empty() {
            let array = self.types().entry(number).map_or(0, |entry| entry.array);
            if array == 0 {
                let type_name = self.type_name(number);
                return Err(BindError::at(BindErrorKind::NoArrayType { type_name }, name.position));
            }
            number = array;
        }
        Ok(Type { oid: number, modifier })
    }

    /// The type of a name without parentheses and brackets.
    pub fn type_by_name(&self, name: &QualifiedName<'_>, position: u32) -> BindResult<u32> {
        let (schema, object) = self.schema_and_object(name, position)?;
        self.look_in_schema(schema, position)?;
        match self.scope().look_for_type(schema, object) {
            Some(number) if self.scope().is_shell(number) => {
                let message = format!("type \"{name}\" is only a shell");
                let kind = BindErrorKind::Plain { state: diagnostic::SqlState::UndefinedObject, message };
                Err(BindError::at(kind, position))
            }
            Some(number) => Ok(number),
            None => {
                let kind = BindErrorKind::NoType { name: name.to_string() };
                Err(BindError::at(kind, position))
            }
        }
    }

    /// That a schema, if one is named, is there, and may be looked in.
    pub(crate) fn look_in_schema(&self, schema: Option<&str>, position: u32) -> BindResult<()> {
        let Some(schema) = schema else { return Ok(()) };
        if self.scope().find_schema(schema).is_err() {
            return Err(BindError::at(BindErrorKind::NoSchema { name: schema.to_owned() }, position));
        }
        self.scope().may_look_in(schema).map_err(|error| crate::binder::carried(&error, position))
    }

    /// The schema and the object of a name; a database before them must be this one.
    pub fn schema_and_object<'n>(
        &self,
        name: &QualifiedName<'n>,
        position: u32,
    ) -> BindResult<(Option<&'n str>, &'n str)> {
        match self.without_database(name.parts, 3) {
            [object] => Ok((None, object.text)),
            [schema, object] => Ok((Some(schema.text), object.text)),
            [_, _, _] => {
                let kind = BindErrorKind::CrossDatabase { name: name.to_string() };
                Err(BindError::at(kind, position))
            }
            _ => {
                let kind = BindErrorKind::ImproperName { name: name.to_string() };
                Err(BindError::at(kind, position))
            }
        }
    }

    fn modifier(&self, number: u32, written: &QualifiedName<'_>, name: &TypeName<'_>) -> BindResult<i32> {
        if name.modifiers.is_empty() {
            return Ok(-1);
        }
        let arguments = self.modifier_texts(name.modifiers, name.position)?;
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // Those of a base type are those of the type whose values it has, if it takes any.
        let of = match self.scope().object(number) {
            Some(catalog::Object::Base(base)) => {
                let shape = base.shape.as_ref().filter(|shape| shape.modifier_input != 0);
                shape.map_or(number, |shape| shape.like)
            }
            _ => number,
        };
        let made = modifier_from_arguments(of, &texts, written.object());
        match made {
            Ok((modifier, _)) => Ok(modifier),
            Err(error) => Err(carried(&error, name.position)),
        }
    }

    fn modifier_texts(&self, arguments: &[Expression<'_>], position: u32) -> BindResult<Vec<String>> {
        let text = |argument: &Expression<'_>| match argument.kind {
            Tree::Integer(number) => Ok(number.to_string()),
            Tree::Decimal(text) | Tree::String(text) => Ok(text.to_owned()),
            Tree::Column(name) if name.parts.len() == 1 => Ok(name.object().to_owned()),
            _ => {
                let kind = BindErrorKind::Plain {
                    state: diagnostic::SqlState::SyntaxError,
                    message: "type modifiers must be simple constants or identifiers".to_owned(),
                };
                Err(BindError::at(kind, position))
            }
        };
        arguments.iter().map(text).collect()
    }

    fn interval_modifier(&self, fields: IntervalFields, name: &TypeName<'_>) -> BindResult<i32> {
        let mut arguments = vec![interval_mask(fields).to_string()];
        arguments.extend(self.modifier_texts(name.modifiers, name.position)?);
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match modifier_from_arguments(oid::INTERVAL, &texts, "interval") {
            Ok((modifier, _)) => Ok(modifier),
            Err(error) => Err(carried(&error, name.position)),
        }
    }

    fn type_of_column(&self, column: &QualifiedName<'_>, position: u32) -> BindResult<Type> {
        let Some((last, table)) = column.parts.split_last() else {
            return Err(crate::binder::internal("a name has no parts"));
        };
        let table = QualifiedName { parts: table };
        let (schema, name) = self.schema_and_object(&table, position)?;
        let Some(relation) = self.scope().look_for_relation(schema, name) else {
            return Err(BindError::new(BindErrorKind::NoRelation { name: table.to_string() }));
        };
        let columns = match &relation {
            Relation::Table(table) => self.types().columns(table.row_type),
            Relation::View(view) => self.types().columns(view.row_type),
            Relation::Composite(composite) => self.types().columns(composite.oid),
            Relation::System(table) => self.types().columns(table.row_type),
            Relation::Index(_) | Relation::Sequence(_) => None,
        };
        let found = columns
            .unwrap_or(&[])
            .iter()
            .find(|known| !known.dropped && known.name == last.text)
            .map(|known| known.column_type);
        found.ok_or_else(|| {
            let (column, relation) = (last.text.to_owned(), relation.name().to_owned());
            BindError::new(BindErrorKind::NoColumnOf { column, relation })
        })
    }

    /// Whether a type is one of rows.
    pub fn is_composite(&self, of: u32) -> bool {
        let base = self.types().undomained(Type::of(of)).oid;
        self.types().entry(base).is_some_and(|entry| entry.form == Form::Composite)
    }
}

/// The mask of fields that the grammar makes an interval's first modifier of.
fn interval_mask(fields: IntervalFields) -> i32 {
    const MONTH: i32 = 1 << 1;
    const YEAR: i32 = 1 << 2;
    const DAY: i32 = 1 << 3;
    const HOUR: i32 = 1 << 10;
    const MINUTE: i32 = 1 << 11;
    const SECOND: i32 = 1 << 12;
    match fields {
        IntervalFields::Year => YEAR,
        IntervalFields::Month => MONTH,
        IntervalFields::Day => DAY,
        IntervalFields::Hour => HOUR,
        IntervalFields::Minute => MINUTE,
        IntervalFields::Second => SECOND,
        IntervalFields::YearToMonth => YEAR | MONTH,
        IntervalFields::DayToHour => DAY | HOUR,
        IntervalFields::DayToMinute => DAY | HOUR | MINUTE,
        IntervalFields::DayToSecond => DAY | HOUR | MINUTE | SECOND,
        IntervalFields::HourToMinute => HOUR | MINUTE,
        IntervalFields::HourToSecond => HOUR | MINUTE | SECOND,
        IntervalFields::MinuteToSecond => MINUTE | SECOND,
    }
}
