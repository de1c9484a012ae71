//! Ranges and sets of ranges. A range in an argument is taken as a set of one, an empty one as a set of none: so that what is
//! asked of either is written once.

pub(crate) mod aggregate;
pub(crate) mod ask;
pub(crate) mod make;

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::internal;
use types::catalog::{Form, type_name};
use types::range::{Range, RangeType};
use types::{Item, Type, Types, Value};

/// What an argument is.
enum Operand {
    Range,
    Set,
    Value,
}

/// What a row's argument holds.
enum Ranges {
    Of(Vec<Range>),
    Value(Value),
}

fn operand(context: &Context<'_>, of: Type) -> Operand {
    let base = context.types.undomained(of).oid;
    match context.types.entry(base).map(|entry| entry.form) {
        Some(Form::Range) => Operand::Range,
        Some(Form::Multirange) => Operand::Set,
        _ => Operand::Value,
    }
}

/// The range type that a range or multirange type belongs to.
fn range_type(context: &Context<'_>, of: Type) -> FunctionResult<RangeType> {
    range_type_in(context.types, of)
}

/// The same where the types are known alone.
pub(crate) fn range_type_in(types: &dyn Types, of: Type) -> FunctionResult<RangeType> {
    let base = types.undomained(of).oid;
    RangeType::of(types, base)
        .ok_or_else(|| FunctionError::Unsupported(format!("type {}", type_name(types, base, None))))
}

/// The same for the first argument that has one.
fn range_type_of(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<RangeType> {
    let types = arguments.site.arguments.iter();
    let found = types.copied().find(|of| !matches!(operand(context, *of), Operand::Value));
    range_type(context, found.ok_or_else(|| internal("no range among the arguments"))?)
}

impl Operand {
    fn read(&self, of: &RangeType, item: &Item<'_>) -> FunctionResult<Ranges> {
        Ok(match (self, item) {
            (Operand::Range, Item::Bytes(bytes)) => {
                let range = of.decode(bytes)?;
                Ranges::Of(if range.empty { Vec::new() } else { vec![range] })
            }
            (Operand::Set, Item::Bytes(bytes)) => Ranges::Of(of.decode_set(bytes)?),
            (Operand::Value, item) => Ranges::Value(item.to_value()),
            _ => return Err(internal("a range of another kind")),
        })
    }
}

/// A range of a row.
fn range_at(of: &RangeType, arguments: &Arguments<'_>, place: usize, row: usize) -> FunctionResult<Range> {
    match arguments.vectors[place].item(row) {
        Item::Bytes(bytes) => Ok(of.decode(bytes)?),
        _ => Err(internal("a range of another kind")),
    }
}

/// A set of a row.
fn set_at(of: &RangeType, arguments: &Arguments<'_>, place: usize, row: usize) -> FunctionResult<Vec<Range>> {
    match arguments.vectors[place].item(row) {
        Item::Bytes(bytes) => Ok(of.decode_set(bytes)?),
        _ => Err(internal("a multirange of another kind")),
    }
}
