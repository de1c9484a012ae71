//! Which function reads and writes which type.

use super::error::{InputError, InputResult};
use super::settings::TextSettings;
use super::{
    acl, bits, bytea, geometry, money, network, number, record, scalar, search, string, transaction,
};
use crate::array::{ArrayView, array_input, array_output, vector_input, vector_output};
use crate::catalog::{Form, Type, TypeEntry, Types, module, oid, time_precision, type_name};
use crate::range::{multirange_input, multirange_output, range_input, range_output};
use crate::value::{Item, Value};
use datetime::{Date, IntervalTypmod, Time, Timestamp, TimestampTz, parse, text as show};
use json::JsonPath;
use numeric::{Modifier, Numeric, float, integer::Integer};

/// What the functions of types count as white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Reads a value of a type; its modifier is applied as on assignment, so what does not fit is refused.
///
/// Constraints of a domain are not looked at: they are expressions, which the executor runs.
pub fn input(types: &dyn Types, of: Type, text: &str, settings: &TextSettings) -> InputResult<Value> {
    input_item(types, of, text, settings, &mut Vec::new()).map(|item| item.to_value())
}

/// Reads a value as [`input`] does. Its bytes lie in the text or in `scratch`, whose contents go: so a loop over many
/// texts allocates nothing a value.
pub fn input_item<'a>(
    types: &dyn Types,
    of: Type,
    text: &'a str,
    settings: &TextSettings,
    scratch: &'a mut Vec<u8>,
) -> InputResult<Item<'a>> {
    let of = types.represented(of);
    let entry = types.entry(of.oid).ok_or_else(|| unsupported(types, of))?;
    typed_input(types, of, &entry, text, settings, scratch)
}

pub(super) fn unsupported(types: &dyn Types, of: Type) -> InputError {
    InputError::Unsupported(type_name(types, of.oid, None))
}

/// The same for a type that is no domain and that was looked up before.
pub(super) fn typed_input<'a>(
    types: &dyn Types,
    of: Type,
    entry: &TypeEntry<'_>,
    text: &'a str,
    settings: &TextSettings,
    scratch: &'a mut Vec<u8>,
) -> InputResult<Item<'a>> {
    if text.as_bytes().contains(&0) {
        return Err(InputError::Encoding("0x00".to_owned()));
    }
    scratch.clear();
    match entry.form {
        Form::Base if names_objects(of.oid) => match types.object_number(of.oid, text) {
            Some(number) => Ok(Item::Int32(number?.cast_signed())),
            None => Err(unsupported(types, of)),
        },
        Form::Base if of.oid == oid::ACLITEM => Ok(kept(acl::input(types, text)?, scratch)),
        Form::Base => base_input(of, text, settings, scratch)?.ok_or_else(|| unsupported(types, of)),
        Form::Array if entry.kind.is_none() => Err(unsupported(types, of)),
        Form::Array => {
            let element = Type { oid: entry.element, modifier: of.modifier };
            Ok(kept(array_input(types, element, text, settings)?, scratch))
        }
        Form::Enum => match types.label(of.oid, text) {
            Some(label) => {
                refuse_new_label(types, of, label)?;
                Ok(Item::Int32(label as i32))
            }
            None => {
                Err(InputError::EnumLabel { type_name: entry.displayed.to_owned(), text: text.to_owned() })
            }
        },
        Form::Composite => Ok(kept(record::input(types, of.oid, text, settings)?, scratch)),
        Form::Range => Ok(kept(range_input(types, of.oid, text, settings)?, scratch)),
        Form::Multirange => Ok(kept(multirange_input(types, of.oid, text, settings)?, scratch)),
        // `represented` has left no domain but of a damaged catalog.
        Form::Domain => Err(unsupported(types, of)),
        Form::Pseudo => match of.oid {
            oid::UNKNOWN | oid::CSTRING => Ok(Item::Bytes(text.as_bytes())),
            oid::VOID => Ok(Item::Bytes(&[])),
            oid::RECORD => Err(InputError::AnonymousRecord),
            _ => Err(InputError::Pseudo(entry.name.to_owned())),
        },
    }
}

/// Refuses a label of an enum that may yet be undone while values of it stay in an index.
///
/// # Errors
/// When it is such a label.
pub fn refuse_new_label(types: &dyn Types, of: Type, label: u32) -> InputResult<()> {
    if !types.is_new_label(label) {
        return Ok(());
    }
    let name = types.label_name(label).unwrap_or_default();
    let of = type_name(types, of.oid, None);
    Err(InputError::NoObject {
        state: diagnostic::SqlState::UnsafeNewEnumValueUsage,
        message: format!("unsafe use of new value \"{name}\" of enum type {of}"),
        hint: Some("New enum values must be committed before they can be used."),
    })
}

fn kept(bytes: Vec<u8>, scratch: &mut Vec<u8>) -> Item<'_> {
    *scratch = bytes;
    Item::Bytes(scratch)
}

/// What is gathered of several columns together, which nobody writes.
const STATISTICS_NDISTINCT: u32 = 3361;
const STATISTICS_DEPENDENCIES: u32 = 3402;
const STATISTICS_VALUES: u32 = 5017;

/// A value of a base type; `None` for types that have no text yet.
fn base_input<'a>(
    of: Type,
    text: &'a str,
    settings: &TextSettings,
    scratch: &'a mut Vec<u8>,
) -> InputResult<Option<Item<'a>>> {
    Ok(Some(match of.oid {
        oid::BOOL => Item::Bool(scalar::boolean(text)?),
        oid::CHAR => Item::Int16(scalar::single_char(text)),
        oid::INT2 => Item::Int16(Integer::parse(text)?),
        oid::INT4 => Item::Int32(Integer::parse(text)?),
        oid::INT8 => Item::Int64(Integer::parse(text)?),
        oid::FLOAT4 => Item::Float32(float::parse_float4(text)?),
        oid::FLOAT8 => Item::Float64(float::parse_float8(text)?),
        oid::NUMERIC => Item::Numeric(Numeric::parse(text, Modifier::unpack(of.modifier))?),
        oid::OID => Item::Int32(number::oid(text)? as i32),
        oid::XID | oid::CID => Item::Int32(number::lenient_unsigned(text) as i32),
        oid::XID8 => Item::Int64(number::lenient_unsigned(text) as i64),
        oid::PG_LSN => Item::Int64(transaction::place_in_log(text)?),
        oid::TID => Item::Int64(transaction::place_of_row(text)?),
        oid::PG_SNAPSHOT | oid::TXID_SNAPSHOT => kept(transaction::snapshot(text)?, scratch),
        oid::TEXT | oid::REFCURSOR | module::CITEXT => Item::Bytes(text.as_bytes()),
        oid::NAME => Item::Bytes(string::truncate_name(text).as_bytes()),
        oid::VARCHAR => Item::Bytes(string::fit_varchar(text, of.modifier, false)?.as_bytes()),
        oid::BPCHAR => {
            let fitted = string::fit_char(text, of.modifier, false)?;
            scratch.extend_from_slice(fitted.as_bytes());
            Item::Bytes(scratch)
        }
        oid::BYTEA => {
            bytea::input(text, scratch)?;
            Item::Bytes(scratch)
        }
        oid::BIT => kept(bits::bit(text, of.modifier)?, scratch),
        oid::VARBIT => kept(bits::varbit(text, of.modifier)?, scratch),
        oid::UUID => Item::Uuid(scalar::uuid(text)?),
        oid::TSVECTOR | oid::TSQUERY => kept(search::input(of.oid, text)?, scratch),
        oid::MONEY => Item::Int64(money::input(text)?),
        oid::INT2VECTOR | oid::OIDVECTOR => kept(vector_input(of.oid, text)?, scratch),
        oid::JSON => {
            json::text::validate(text)?;
            Item::Bytes(text.as_bytes())
        }
        oid::JSONB => kept(json::jsonb::parse(text)?.into_bytes(), scratch),
        oid::JSONPATH => {
            // Its text is what is kept: what PostgreSQL writes of it does not always say the same.
            JsonPath::parse(text)?;
            Item::Bytes(text.as_bytes())
        }
        oid::DATE | oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL => {
            return moment_input(of, text, settings);
        }
        module::GTRGM => return Err(kept_by_indexes(diagnostic::SqlState::InternalError, "not implemented")),
        module::GBTREEKEY => {
            let state = diagnostic::SqlState::FeatureNotSupported;
            return Err(kept_by_indexes(state, "<datatype>key_in() not implemented"));
        }
        STATISTICS_NDISTINCT => return Err(InputError::Pseudo("pg_ndistinct".to_owned())),
        STATISTICS_DEPENDENCIES => return Err(InputError::Pseudo("pg_dependencies".to_owned())),
        STATISTICS_VALUES => return Err(InputError::Pseudo("pg_mcv_list".to_owned())),
        of => {
            let network = network::input(of, text)?;
            let found = if network.is_some() { network } else { geometry::input(of, text)? };
            return Ok(found.map(|bytes| kept(bytes, scratch)));
        }
    }))
}

/// That nobody has values of what only indexes keep.
fn kept_by_indexes(state: diagnostic::SqlState, message: &str) -> InputError {
    InputError::NoObject { state, message: message.to_owned(), hint: None }
}

fn moment_input(of: Type, text: &str, settings: &TextSettings) -> InputResult<Option<Item<'static>>> {
    let (precision, settings) = (time_precision(of.modifier), &settings.datetime);
    Ok(Some(match of.oid {
        oid::DATE => Item::Int32(parse::date(text, settings)?.0),
        oid::TIME => Item::Int64(parse::time(text, precision, settings)?.0),
        oid::TIMETZ => Item::TimeTz(parse::timetz(text, precision, settings)?),
        oid::TIMESTAMP => Item::Int64(parse::timestamp(text, precision, settings)?.0),
        oid::TIMESTAMPTZ => Item::Int64(parse::timestamptz(text, precision, settings)?.0),
        oid::INTERVAL => {
            let modifier = IntervalTypmod::unpacked(of.modifier);
            Item::Interval(parse::interval(text, modifier, settings.interval_style)?)
        }
        _ => return Ok(None),
    }))
}

/// Appends a value's text. Nulls have none: whoever writes rows has its own word for them.
pub fn output(
    types: &dyn Types,
    of: Type,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    let of = types.represented(of);
    let entry = types.entry(of.oid).ok_or_else(|| unsupported(types, of))?;
    typed_output(types, of, &entry, item, settings, text)
}

/// The same for a type that is no domain and that was looked up before.
pub(super) fn typed_output(
    types: &dyn Types,
    of: Type,
    entry: &TypeEntry<'_>,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    match entry.form {
        Form::Base if names_objects(of.oid) => match item {
            Item::Int32(number) if !types.append_object(of.oid, number.cast_unsigned(), text) => {
                Err(unsupported(types, of))
            }
            _ => Ok(()),
        },
        Form::Base => base_output(of.oid, item, settings, text)?.ok_or_else(|| unsupported(types, of)),
        Form::Array => array_output(types, entry.element, item, settings, text),
        Form::Enum => {
            let Item::Int32(label) = item else { return Ok(()) };
            text.push_str(types.label_name(*label as u32).unwrap_or_default());
            Ok(())
        }
        Form::Composite => record::output(types, Some(of.oid), item, settings, text),
        Form::Range => range_output(types, of.oid, item, settings, text),
        Form::Multirange => multirange_output(types, of.oid, item, settings, text),
        Form::Domain => Err(unsupported(types, of)),
        Form::Pseudo => match of.oid {
            // An array says itself what its elements are.
            oid::ANYARRAY => {
                let view = if let Item::Bytes(bytes) = item { ArrayView::new(bytes) } else { None };
                view.map_or(Ok(()), |view| array_output(types, view.element_type(), item, settings, text))
            }
            oid::RECORD => record::output(types, None, item, settings, text),
            oid::UNKNOWN | oid::CSTRING | oid::VOID => {
                string::append(string::bytes_of(item), text);
                Ok(())
            }
            _ => Err(InputError::NotShown(entry.name.to_owned())),
        },
    }
}

/// Whether the values of a type are their text.
pub(super) fn is_text(of: u32) -> bool {
    matches!(
        of,
        oid::TEXT
            | module::CITEXT
            | oid::REFCURSOR
            | oid::NAME
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::JSON
            | oid::PG_NODE_TREE
            | oid::ACLITEM
            | oid::PG_SNAPSHOT
            | oid::TXID_SNAPSHOT
            | oid::UNKNOWN
            | oid::CSTRING
    )
}

/// Whether the texts of a type are names of objects, and its values their numbers.
pub fn names_objects(of: u32) -> bool {
    matches!(
        of,
        oid::REGCLASS
            | oid::REGTYPE
            | oid::REGNAMESPACE
            | oid::REGROLE
            | oid::REGCOLLATION
            | oid::REGPROC
            | oid::REGPROCEDURE
            | oid::REGOPER
            | oid::REGOPERATOR
            | oid::REGCONFIG
            | oid::REGDICTIONARY
    )
}

/// `None` for types that have no text yet.
fn base_output(
    of: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<Option<()>> {
    let clock = &settings.datetime;
    match (of, item) {
        (_, Item::Null) => {}
        (oid::BOOL, Item::Bool(value)) => text.push(if *value { 't' } else { 'f' }),
        (oid::CHAR, Item::Int16(value)) => scalar::append_single_char(*value, text),
        (oid::INT2, Item::Int16(value)) => number::append(i64::from(*value), text),
        (oid::INT4, Item::Int32(value)) => number::append(i64::from(*value), text),
        (oid::INT8, Item::Int64(value)) => number::append(*value, text),
        (oid::FLOAT4, Item::Float32(value)) => float::write_float4(*value, settings.extra_float_digits, text),
        (oid::FLOAT8, Item::Float64(value)) => float::write_float8(*value, settings.extra_float_digits, text),
        (oid::NUMERIC, Item::Numeric(value)) => value.write_to(text),
        (oid::OID | oid::XID | oid::CID, Item::Int32(value)) => {
            number::append(i64::from(*value as u32), text);
        }
        (oid::XID8, Item::Int64(value)) => number::append_unsigned(*value as u64, text),
        (oid::PG_LSN, Item::Int64(value)) => transaction::append_place_in_log(*value, text),
        (oid::TID, Item::Int64(value)) => transaction::append_place_of_row(*value, text),
        (oid::MONEY, Item::Int64(value)) => money::append(*value, text),
        (oid::DATE, Item::Int32(value)) => show::date(text, Date(*value), clock),
        (oid::TIME, Item::Int64(value)) => show::time(text, Time(*value)),
        (oid::TIMETZ, Item::TimeTz(value)) => show::timetz(text, *value),
        (oid::TIMESTAMP, Item::Int64(value)) => show::timestamp(text, Timestamp(*value), clock),
        (oid::TIMESTAMPTZ, Item::Int64(value)) => show::timestamptz(text, TimestampTz(*value), clock),
        (oid::INTERVAL, Item::Interval(value)) => show::interval(text, *value, clock.interval_style),
        (oid::JSONB, Item::Bytes(value)) => json::jsonb::write(json::Value::from_bytes(value), text)?,
        (oid::JSONPATH, Item::Bytes(value)) => append_path(value, text)?,
        (of, Item::Bytes(value)) if is_text(of) => string::append(value, text),
        (STATISTICS_NDISTINCT | STATISTICS_DEPENDENCIES, Item::Bytes(value)) => string::append(value, text),
        (oid::BYTEA | STATISTICS_VALUES, Item::Bytes(value)) => {
            bytea::append(value, settings.bytea_escaped, text)?;
        }
        (oid::BIT | oid::VARBIT, Item::Bytes(value)) => bits::append(value, text)?,
        (oid::UUID, Item::Uuid(value)) => scalar::append_uuid(*value, text),
        (oid::INT2VECTOR | oid::OIDVECTOR, Item::Bytes(value)) => vector_output(value, text),
        (of @ (oid::TSVECTOR | oid::TSQUERY), Item::Bytes(value)) => search::append(of, value, text),
        (of, Item::Bytes(value)) if network::append(of, value, text) => {}
        (of, item) if geometry::append(of, item, settings.extra_float_digits, text) => {}
        _ => return Ok(None),
    }
    Ok(Some(()))
}

/// Appends a stored path as PostgreSQL writes paths.
pub(crate) fn append_path(value: &[u8], text: &mut String) -> InputResult<()> {
    let mut read = String::new();
    string::append(value, &mut read);
    text.push_str(&JsonPath::parse(&read)?.to_string());
    Ok(())
}
