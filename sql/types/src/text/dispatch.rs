//! Which function reads and writes which type.

use super::error::{InputError, InputResult};
use super::{bits, bytea, float, number, record, scalar, string};
use crate::array::{array_input, array_output, vector_input, vector_output};
use crate::catalog::{Form, Type, Types, oid, type_name};
use crate::value::{Item, Value};

/// Settings of the session that decide how values look.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextSettings {
    /// `bytea_output` is `escape`, not `hex`.
    pub bytea_escaped: bool,
}

/// What the functions of types count as white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Reads a value of a type; its modifier is applied as on assignment, so what does not fit is refused.
///
/// Constraints of a domain are not looked at: they are expressions, which the executor runs.
pub fn input(types: &dyn Types, of: Type, text: &str) -> InputResult<Value> {
    if text.contains('\0') {
        return Err(InputError::Encoding("0x00".to_owned()));
    }
    let of = types.undomained(of);
    let unsupported = || InputError::Unsupported(type_name(types, of.oid, None));
    let entry = types.entry(of.oid).ok_or_else(unsupported)?;
    match entry.form {
        Form::Base => base_input(of, text)?.ok_or_else(unsupported),
        Form::Array if entry.kind.is_none() => Err(unsupported()),
        Form::Array => array_input(types, entry.element, of.modifier, text),
        Form::Enum => match types.label(of.oid, text) {
            Some(label) => Ok(Value::Int32(label as i32)),
            None => {
                Err(InputError::EnumLabel { type_name: entry.displayed.to_owned(), text: text.to_owned() })
            }
        },
        Form::Composite => record::input(types, of.oid, text),
        Form::Range | Form::Multirange => Err(unsupported()),
        Form::Pseudo => match of.oid {
            oid::UNKNOWN | oid::CSTRING => Ok(Value::text(text)),
            oid::VOID => Ok(Value::Bytes([].into())),
            oid::RECORD => Err(InputError::AnonymousRecord),
            _ => Err(InputError::Pseudo(entry.name.to_owned())),
        },
        // `undomained` has left none but of a damaged catalog.
        Form::Domain => Err(unsupported()),
    }
}

/// A value of a base type of this crate; `None` for types of others.
fn base_input(of: Type, text: &str) -> InputResult<Option<Value>> {
    Ok(Some(match of.oid {
        oid::BOOL => Value::Bool(scalar::boolean(text)?),
        oid::CHAR => Value::Int16(scalar::single_char(text)),
        oid::INT2 => Value::Int16(number::integer(text, "smallint")?),
        oid::INT4 => Value::Int32(number::integer(text, "integer")?),
        oid::INT8 => Value::Int64(number::integer(text, "bigint")?),
        oid::FLOAT4 => Value::Float32(float::float32(text)?),
        oid::FLOAT8 => Value::Float64(float::float64(text)?),
        oid::OID => Value::Int32(number::oid(text)? as i32),
        oid::XID | oid::CID => Value::Int32(number::lenient_unsigned(text) as i32),
        oid::XID8 => Value::Int64(number::lenient_unsigned(text) as i64),
        oid::TEXT | oid::REFCURSOR => Value::text(text),
        oid::NAME => Value::text(string::truncate_name(text)),
        oid::VARCHAR => Value::text(string::fit_varchar(text, of.modifier, false)?),
        oid::BPCHAR => Value::text(&string::fit_char(text, of.modifier, false)?),
        oid::BYTEA => Value::Bytes(bytea::input(text)?.into()),
        oid::BIT => Value::Bytes(bits::bit(text, of.modifier)?.into()),
        oid::VARBIT => Value::Bytes(bits::varbit(text, of.modifier)?.into()),
        oid::UUID => Value::Uuid(scalar::uuid(text)?),
        oid::INT2VECTOR | oid::OIDVECTOR => Value::Bytes(vector_input(of.oid, text)?.into()),
        _ => return Ok(None),
    }))
}

/// Appends a value's text. Nulls have none: whoever writes rows has its own word for them.
pub fn output(
    types: &dyn Types,
    of: Type,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut Vec<u8>,
) -> InputResult<()> {
    let of = types.undomained(of);
    let unsupported = || InputError::Unsupported(type_name(types, of.oid, None));
    let entry = types.entry(of.oid).ok_or_else(unsupported)?;
    match entry.form {
        Form::Base => base_output(of.oid, item, settings, text)?.ok_or_else(unsupported),
        Form::Array => array_output(types, entry.element, item, settings, text),
        Form::Enum => {
            let Item::Int32(label) = item else { return Ok(()) };
            text.extend_from_slice(types.label_name(*label as u32).unwrap_or_default().as_bytes());
            Ok(())
        }
        Form::Composite => record::output(types, Some(of.oid), item, settings, text),
        Form::Range | Form::Multirange | Form::Domain => Err(unsupported()),
        Form::Pseudo => match of.oid {
            oid::RECORD => record::output(types, None, item, settings, text),
            oid::UNKNOWN | oid::CSTRING | oid::VOID => {
                text.extend_from_slice(string::bytes_of(item));
                Ok(())
            }
            _ => Err(InputError::NotShown(entry.name.to_owned())),
        },
    }
}

/// `None` for types of other crates.
fn base_output(
    of: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut Vec<u8>,
) -> InputResult<Option<()>> {
    match (of, item) {
        (_, Item::Null) => {}
        (oid::BOOL, Item::Bool(value)) => text.push(if *value { b't' } else { b'f' }),
        (oid::CHAR, Item::Int16(value)) => scalar::append_single_char(*value, text),
        (oid::INT2, Item::Int16(value)) => number::append(i64::from(*value), text),
        (oid::INT4, Item::Int32(value)) => number::append(i64::from(*value), text),
        (oid::INT8, Item::Int64(value)) => number::append(*value, text),
        (oid::FLOAT4, Item::Float32(value)) => float::append_float32(*value, text),
        (oid::FLOAT8, Item::Float64(value)) => float::append_float64(*value, text),
        (oid::OID | oid::XID | oid::CID, Item::Int32(value)) => {
            number::append(i64::from(*value as u32), text);
        }
        (oid::XID8, Item::Int64(value)) => number::append_unsigned(*value as u64, text),
        (
            oid::TEXT
            | oid::REFCURSOR
            | oid::NAME
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::PG_NODE_TREE
            | oid::ACLITEM,
            Item::Bytes(value),
        ) => text.extend_from_slice(value),
        (oid::BYTEA, Item::Bytes(value)) => bytea::append(value, settings.bytea_escaped, text),
        (oid::BIT | oid::VARBIT, Item::Bytes(value)) => bits::append(value, text),
        (oid::UUID, Item::Uuid(value)) => scalar::append_uuid(*value, text),
        (oid::INT2VECTOR | oid::OIDVECTOR, Item::Bytes(value)) => vector_output(value, text),
        _ => return Ok(None),
    }
    Ok(Some(()))
}
