//! What reads and writes the text of types, where it is called by name: `textout('x')`, `array_in('{1}', 23, -1)`.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, collect_text, internal, text};
use crate::kernel::show::show;
use types::array::ArrayView;
use types::catalog::{BuiltinTypes, Form, modifier_from_arguments, oid, type_name};
use types::vector::VectorBuilder;
use types::{Item, Type, Value, Vector};

/// The text of each value.
pub(crate) fn output(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    collect_text(arguments.rows, |row, out| show(context, of, &arguments.vectors[0].item(row), out))
}

/// Which type the text of a row is read as. Who reads the text of many types is told by a number which: of an array's elements, of
/// the row, the range, the enum.
fn read_as(context: &Context<'_>, arguments: &Arguments<'_>, row: usize) -> Type {
    let number = |place: usize| match arguments.vectors.get(place).map(|vector| vector.item(row)) {
        Some(Item::Int32(number)) => Some(number),
        _ => None,
    };
    let (given, modifier) = (number(1).unwrap_or(0).cast_unsigned(), number(2).unwrap_or(-1));
    match arguments.site.function.source {
        "array_in" => {
            let array = context.types.entry(given).map_or(0, |entry| entry.array);
            Type { oid: array, modifier }
        }
        "record_in" | "domain_in" | "enum_in" | "range_in" | "multirange_in" if given != 0 => {
            Type { oid: given, modifier }
        }
        _ => Type { oid: arguments.site.function.result, modifier },
    }
}

/// The value that each text stands for.
pub(crate) fn input(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let texts = argument::<&str>(arguments, 0)?;
    let mut values = Vec::with_capacity(arguments.rows);
    for row in 0..arguments.rows {
        let Some(text) = texts.get(row)? else {
            values.push(Value::Null);
            continue;
        };
        let of = read_as(context, arguments, row);
        values.push(types::text::input(context.types, of, text, context.text)?);
    }
    let of = read_as(context, arguments, 0);
    let entry = context.types.entry(context.types.undomained(of).oid);
    let kind = entry.and_then(|entry| match entry.form {
        Form::Pseudo if of.oid == oid::VOID => Some(types::Kind::Bytes),
        _ => entry.kind,
    });
    let mut builder =
        VectorBuilder::new(kind.ok_or_else(|| internal("a type without values"))?, arguments.rows);
    for value in &values {
        builder.push(value)?;
    }
    Ok(builder.finish())
}

/// The modifier that the words in a type's parentheses make.
pub(crate) fn modifier(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = match arguments.site.function.name {
        "bittypmodin" => oid::BIT,
        "varbittypmodin" => oid::VARBIT,
        "bpchartypmodin" => oid::BPCHAR,
        "varchartypmodin" => oid::VARCHAR,
        "numerictypmodin" => oid::NUMERIC,
        "intervaltypmodin" => oid::INTERVAL,
        "timetypmodin" => oid::TIME,
        "timetztypmodin" => oid::TIMETZ,
        "timestamptypmodin" => oid::TIMESTAMP,
        _ => oid::TIMESTAMPTZ,
    };
    let lists = argument::<ArrayView<'_>>(arguments, 0)?;
    collect::<i32>(arguments.rows, |row| {
        let list = lists.at(row)?;
        let words: Vec<&str> = list
            .items()
            .map(|item| if let Item::Bytes(word) = item { text(word) } else { Ok("") })
            .collect::<FunctionResult<_>>()?;
        let (modifier, _) = modifier_from_arguments(of, &words, arguments.site.function.name)
            .map_err(|error| FunctionError::Other(Box::new(error)))?;
        Ok(modifier)
    })
}

/// What stands in a type's parentheses, of its modifier: what the type's name has behind its first words.
pub(crate) fn shown_modifier(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (of, name) = match arguments.site.function.name {
        "bittypmodout" => (oid::BIT, "bit"),
        "varbittypmodout" => (oid::VARBIT, "bit varying"),
        "bpchartypmodout" => (oid::BPCHAR, "character"),
        "varchartypmodout" => (oid::VARCHAR, "character varying"),
        "numerictypmodout" => (oid::NUMERIC, "numeric"),
        "intervaltypmodout" => (oid::INTERVAL, "interval"),
        "timetypmodout" => (oid::TIME, "time"),
        "timetztypmodout" => (oid::TIMETZ, "time"),
        "timestamptypmodout" => (oid::TIMESTAMP, "timestamp"),
        _ => (oid::TIMESTAMPTZ, "timestamp"),
    };
    let modifiers = argument::<i32>(arguments, 0)?;
    collect::<String>(arguments.rows, |row| {
        let shown = type_name(&BuiltinTypes, of, Some(modifiers.at(row)?));
        Ok(shown.strip_prefix(name).unwrap_or("").to_owned())
    })
}
