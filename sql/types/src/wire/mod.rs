//! Values in the protocol's binary form: big end first, as PostgreSQL's send and receive functions have it.
//!
//! Here are single values, arrays and rows; `shapes`, `addresses` and `ranges` have what they are called for.

mod addresses;
mod error;
mod ranges;
mod shapes;

use crate::array::{ArrayBuilder, ArrayView, DIMENSIONS_MAX, Dimension, checked_count};
use crate::catalog::{BuiltinTypes, Form, Type, Types, module, oid, time_precision, type_name};
use crate::encoding::{Encoding, utf8};
use crate::record::{RecordView, record};
use crate::text::{
    InputError, append_path, bit_length, fit_bits, fit_char, fit_varbits, fit_varchar, kind_of,
    round_timestamp,
};
use crate::text::{SnapshotText, place_of, row_at};
use crate::value::{Item, Value};
use datetime::typmod::round_microseconds;
use datetime::wire::Binary;
use datetime::{Date, Interval, IntervalTypmod, Time, TimeTz, Timestamp, TimestampTz};
pub use error::{WireError, WireResult};
use numeric::{Modifier, Numeric};
use std::borrow::Cow;

/// Types whose values are numbers of objects.
macro_rules! numbered {
    () => {
        oid::REGCLASS
            | oid::REGCOLLATION
            | oid::REGCONFIG
            | oid::REGDICTIONARY
            | oid::REGNAMESPACE
            | oid::REGOPER
            | oid::REGOPERATOR
            | oid::REGPROC
            | oid::REGPROCEDURE
            | oid::REGROLE
            | oid::REGTYPE
    };
}

/// Geometric types.
macro_rules! shaped {
    () => {
        oid::POINT | oid::LSEG | oid::BOX | oid::LINE | oid::CIRCLE | oid::PATH | oid::POLYGON
    };
}

/// The first byte of a path's binary form.
const PATH_VERSION: u8 = 1;

fn unsupported(types: &dyn Types, of: u32) -> WireError {
    WireError::Input(InputError::Unsupported(type_name(types, of, None)))
}

/// What the bytes of values depend on besides them.
#[derive(Clone, Copy)]
pub struct Context<'t> {
    /// The types that there are.
    pub types: &'t dyn Types,
    /// The encoding of texts.
    pub encoding: Encoding,
}

impl<'t> Context<'t> {
    /// Of texts in UTF-8.
    pub fn new(types: &'t dyn Types) -> Context<'t> {
        Context { types, encoding: Encoding::UTF8 }
    }

    /// Of texts in an encoding.
    pub fn of(types: &'t dyn Types, encoding: Encoding) -> Context<'t> {
        Context { types, encoding }
    }

    /// Appends a text.
    fn put(self, text: &str, bytes: &mut Vec<u8>) -> WireResult<()> {
        bytes.extend_from_slice(&self.encoding.encode(text, Encoding::UTF8)?);
        Ok(())
    }

    /// The same of a value that lies as bytes.
    fn put_value(self, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
        if !self.encoding.is_translated() {
            bytes.extend_from_slice(value);
            return Ok(());
        }
        self.put(utf8(value)?, bytes)
    }
}

/// Appends a value's bytes. Nulls have none: whoever sends rows gives their length as -1.
pub fn send(to: Context<'_>, of: Type, item: &Item<'_>, bytes: &mut Vec<u8>) -> WireResult<()> {
    let types = to.types;
    let of = types.represented(of);
    let entry = types.entry(of.oid).ok_or_else(|| unsupported(types, of.oid))?;
    match (entry.form, of.oid, item) {
        (_, _, Item::Null) => {}
        (form, _, Item::Bytes(value)) => send_bytes(to, (form, of.oid), value, bytes)?,
        (Form::Enum, _, Item::Int32(label)) => {
            to.put(types.label_name(*label as u32).unwrap_or_default(), bytes)?;
        }
        (_, oid::BOOL, Item::Bool(value)) => bytes.push(u8::from(*value)),
        (_, oid::CHAR, Item::Int16(value)) => bytes.push(*value as u8),
        (_, oid::INT2, Item::Int16(value)) => bytes.extend_from_slice(&value.to_be_bytes()),
        (_, oid::INT4 | oid::OID | oid::XID | oid::CID, Item::Int32(value))
        | (_, numbered!(), Item::Int32(value)) => {
            bytes.extend_from_slice(&value.to_be_bytes());
        }
        (_, oid::INT8 | oid::XID8 | oid::PG_LSN | oid::MONEY, Item::Int64(value)) => {
            bytes.extend_from_slice(&value.to_be_bytes());
        }
        (_, oid::TID, Item::Int64(value)) => send_place(*value, bytes),
        (_, oid::FLOAT4, Item::Float32(value)) => bytes.extend_from_slice(&value.to_be_bytes()),
        (_, oid::FLOAT8, Item::Float64(value)) => bytes.extend_from_slice(&value.to_be_bytes()),
        (_, oid::DATE, Item::Int32(value)) => Date(*value).send(bytes),
        (_, oid::TIME, Item::Int64(value)) => Time(*value).send(bytes),
        (_, oid::TIMETZ, Item::TimeTz(value)) => value.send(bytes),
        (_, oid::TIMESTAMP, Item::Int64(value)) => Timestamp(*value).send(bytes),
        (_, oid::TIMESTAMPTZ, Item::Int64(value)) => TimestampTz(*value).send(bytes),
        (_, oid::INTERVAL, Item::Interval(value)) => value.send(bytes),
        (_, oid::NUMERIC, Item::Numeric(value)) => value.send(bytes),
        (_, oid::UUID, Item::Uuid(value)) => bytes.extend_from_slice(value),
        _ => return Err(no_output(types, of.oid)),
    }
    Ok(())
}

fn no_output(types: &dyn Types, of: u32) -> WireError {
    WireError::NoForm { direction: "output", of: type_name(types, of, None) }
}

/// Of a value that lies as bytes of any number.
fn send_bytes(to: Context<'_>, (form, of): (Form, u32), value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    match (form, of) {
        (Form::Array, _) | (_, oid::INT2VECTOR | oid::OIDVECTOR) => send_array(to, value, bytes)?,
        (Form::Composite, _) => send_record(to, Some(of), value, bytes)?,
        (_, oid::RECORD) => send_record(to, None, value, bytes)?,
        (Form::Range, _) => ranges::send(to, of, value, bytes)?,
        (Form::Multirange, _) => ranges::send_set(to, of, value, bytes)?,
        (_, oid::JSONB) => {
            let text = json::jsonb::text(json::Value::from_bytes(value))?;
            bytes.push(json::jsonb::VERSION);
            to.put(&text, bytes)?;
        }
        (_, oid::JSONPATH) => {
            let mut text = String::new();
            append_path(value, &mut text)?;
            bytes.push(PATH_VERSION);
            to.put(&text, bytes)?;
        }
        (_, shaped!()) => shapes::send(of, value, bytes),
        (_, oid::INET | oid::CIDR) => addresses::send(of, value, bytes)?,
        (_, oid::TSVECTOR) => {
            let lexemes = search::Lexemes::from_bytes(value).unwrap_or_default();
            lexemes.send(bytes, &mut |text, bytes| to.put(text, bytes))?;
        }
        (_, oid::TSQUERY) => {
            let query = search::Query::from_bytes(value).unwrap_or_default();
            query.send(bytes, &mut |text, bytes| to.put(text, bytes))?;
        }
        (_, oid::PG_SNAPSHOT | oid::TXID_SNAPSHOT) => {
            let snapshot = std::str::from_utf8(value).ok().and_then(SnapshotText::parse);
            snapshot.ok_or(WireError::Leftover)?.send(bytes);
        }
        (_, oid::BIT | oid::VARBIT) => {
            // At most 83 million bits are declared, and a value has less than a gigabyte.
            bytes.extend_from_slice(&(bit_length(value) as u32).to_be_bytes());
            bytes.extend_from_slice(value.get(1..).unwrap_or(&[]));
        }
        (
            _,
            oid::TEXT
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::NAME
            | oid::REFCURSOR
            | module::CITEXT
            | oid::JSON
            | oid::UNKNOWN
            | oid::CSTRING
            | oid::PG_NODE_TREE,
        ) => to.put_value(value, bytes)?,
        (_, oid::BYTEA | oid::MACADDR | oid::MACADDR8 | oid::VOID) => bytes.extend_from_slice(value),
        _ => return Err(no_output(to.types, of)),
    }
    Ok(())
}

/// The page and the line of a row.
fn send_place(row: i64, bytes: &mut Vec<u8>) {
    let (page, line) = place_of(row);
    bytes.extend_from_slice(&(page as u32).to_be_bytes());
    bytes.extend_from_slice(&line.to_be_bytes());
}

/// Appends the length and then the bytes of a value within another.
fn send_part(to: Context<'_>, of: u32, item: &Item<'_>, bytes: &mut Vec<u8>) -> WireResult<()> {
    if item.is_null() {
        bytes.extend_from_slice(&(-1i32).to_be_bytes());
        return Ok(());
    }
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    send(to, Type::of(of), item, bytes)?;
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

fn send_array(to: Context<'_>, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    let Some(array) = ArrayView::new(value) else { return Err(WireError::Leftover) };
    bytes.extend_from_slice(&(array.dimensions().len() as u32).to_be_bytes());
    bytes.extend_from_slice(&u32::from(array.has_nulls()).to_be_bytes());
    bytes.extend_from_slice(&array.element_type().to_be_bytes());
    for dimension in array.dimensions() {
        bytes.extend_from_slice(&dimension.length.to_be_bytes());
        bytes.extend_from_slice(&dimension.lower.to_be_bytes());
    }
    array.items().try_for_each(|item| send_part(to, array.element_type(), &item, bytes))
}

fn send_record(to: Context<'_>, composite: Option<u32>, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    let Some(record) = RecordView::new(value) else { return Err(WireError::Leftover) };
    let columns = composite.and_then(|composite| to.types.columns(composite)).unwrap_or_default();
    let is_there = |column: &usize| columns.get(*column).is_none_or(|column| !column.dropped);
    let there: Vec<usize> = (0..record.len().max(columns.len())).filter(is_there).collect();
    bytes.extend_from_slice(&(there.len() as u32).to_be_bytes());
    for column in there {
        let known = || columns.get(column).map(|column| column.column_type.oid);
        let of = record.column_type(column).or_else(known).unwrap_or(0);
        bytes.extend_from_slice(&of.to_be_bytes());
        send_part(to, of, &record.item(column), bytes)?;
    }
    Ok(())
}

/// The value that these bytes are, and nothing but they.
pub fn receive(from: Context<'_>, of: Type, bytes: &[u8]) -> WireResult<Value> {
    let Context { types, encoding } = from;
    let mut reader = Reader { types, encoding, bytes };
    let value = reader.value(of)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(WireError::Leftover) }
}

/// The text of a part of a value; none, and why in `failed`, if it is none.
fn text_of(encoding: Encoding, bytes: &[u8], failed: &mut Option<WireError>) -> Option<String> {
    let read = Reader { types: &BuiltinTypes, encoding, bytes }.text();
    read.map_err(|error| *failed = Some(error)).ok().map(Cow::into_owned)
}

struct Reader<'a> {
    types: &'a dyn Types,
    encoding: Encoding,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> WireResult<[u8; N]> {
        // PostgreSQL has words of its own for a single byte that is missing.
        let missing = if N == 1 { WireError::NoData } else { WireError::Insufficient };
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or(missing)?;
        self.bytes = rest;
        Ok(*taken)
    }

    /// The same, one byte at a time.
    fn octets<const N: usize>(&mut self) -> WireResult<[u8; N]> {
        self.take().map_err(|_| WireError::NoData)
    }

    fn i32(&mut self) -> WireResult<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn stretch(&mut self, length: usize) -> WireResult<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(WireError::Insufficient)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn text(&mut self) -> WireResult<Cow<'a, str>> {
        let bytes = std::mem::take(&mut self.bytes);
        if self.encoding.is_translated() {
            return Ok(self.encoding.decode(bytes, Encoding::UTF8)?);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| InputError::encoding(bytes, &error))?;
        match text.contains('\0') {
            true => Err(InputError::encoding_of(&[0]).into()),
            false => Ok(Cow::Borrowed(text)),
        }
    }

    fn value(&mut self, of: Type) -> WireResult<Value> {
        let of = self.types.represented(of);
        let entry = self.types.entry(of.oid).ok_or_else(|| unsupported(self.types, of.oid))?;
        match (entry.form, of.oid) {
            (Form::Array, _) | (_, oid::INT2VECTOR | oid::OIDVECTOR) => {
                self.array(entry.element, of.modifier)
            }
            (Form::Composite, composite) => self.record(composite),
            (Form::Enum, _) => {
                let text = self.text()?;
                let unknown = || InputError::EnumLabel {
                    type_name: entry.displayed.to_owned(),
                    text: text.to_string(),
                };
                Ok(Value::Int32(self.types.label(of.oid, &text).ok_or_else(unknown)? as i32))
            }
            (_, oid::RECORD) => Err(InputError::AnonymousRecord.into()),
            (Form::Range, range) => self.range(range),
            (Form::Multirange, range) => self.ranges(range),
            (Form::Base | Form::Pseudo | Form::Domain, _) => self.base(of),
        }
    }

    fn base(&mut self, of: Type) -> WireResult<Value> {
        Ok(match of.oid {
            oid::BOOL => Value::Bool(self.take::<1>()? != [0]),
            oid::CHAR => Value::Int16(i16::from(self.take::<1>()?[0])),
            oid::INT2 => Value::Int16(i16::from_be_bytes(self.take()?)),
            oid::INT4 | oid::OID | oid::XID | oid::CID | numbered!() => Value::Int32(self.i32()?),
            oid::INT8 | oid::XID8 | oid::PG_LSN | oid::MONEY => {
                Value::Int64(i64::from_be_bytes(self.take()?))
            }
            oid::TID => {
                let page = u32::from_be_bytes(self.take()?);
                Value::Int64(row_at(page, u16::from_be_bytes(self.take()?)))
            }
            oid::FLOAT4 => Value::Float32(f32::from_be_bytes(self.take()?)),
            oid::FLOAT8 => Value::Float64(f64::from_be_bytes(self.take()?)),
            oid::UUID => Value::Uuid(self.take()?),
            oid::DATE | oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL => {
                self.moment(of)?
            }
            oid::NUMERIC => Value::Numeric(self.number(of.modifier)?),
            oid::JSON => {
                let text = self.text()?;
                json::text::validate(&text)?;
                Value::text(&text)
            }
            oid::JSONB => Value::Bytes(self.document()?.into()),
            oid::JSONPATH => {
                let [version] = self.take()?;
                if version != PATH_VERSION {
                    return Err(WireError::PathVersion(version));
                }
                let text = self.text()?;
                json::JsonPath::parse(&text)?;
                Value::text(&text)
            }
            oid::TEXT | oid::REFCURSOR | oid::UNKNOWN | oid::CSTRING | module::CITEXT => {
                Value::text(&self.text()?)
            }
            // Written as text it is cut.
            oid::NAME => match self.text()? {
                name if name.len() > crate::text::NAME_BYTES => return Err(WireError::LongName),
                name => Value::text(&name),
            },
            oid::VARCHAR => Value::text(fit_varchar(&self.text()?, of.modifier, false)?),
            oid::BPCHAR => Value::text(&fit_char(&self.text()?, of.modifier, false)?),
            oid::BYTEA => Value::Bytes(std::mem::take(&mut self.bytes).into()),
            shaped!() => Value::Bytes(self.shape(of.oid)?.into()),
            oid::INET | oid::CIDR => Value::Bytes(self.address(of.oid)?.into()),
            oid::MACADDR => Value::Bytes(self.octets::<6>()?.into()),
            oid::MACADDR8 => Value::Bytes(self.card()?.into()),
            oid::TSVECTOR => Value::Bytes(self.lexemes()?.into()),
            oid::TSQUERY => Value::Bytes(self.search_query()?.into()),
            oid::VOID => Value::Bytes([].into()),
            oid::BIT => Value::Bytes(fit_bits(&self.bits()?, of.modifier, false)?.into()),
            oid::VARBIT => Value::Bytes(fit_varbits(&self.bits()?, of.modifier, false)?.into()),
            _ => {
                let of = type_name(self.types, of.oid, None);
                return Err(WireError::NoForm { direction: "input", of });
            }
        })
    }

    fn moment(&mut self, of: Type) -> WireResult<Value> {
        let precision = time_precision(of.modifier);
        Ok(match of.oid {
            oid::DATE => Value::Int32(Date::receive(&self.take::<4>()?)?.0),
            oid::TIME => {
                let time = Time::receive(&self.take::<8>()?)?;
                Value::Int64(round_microseconds(time.0, precision))
            }
            oid::TIMETZ => {
                let TimeTz { time, zone } = TimeTz::receive(&self.take::<12>()?)?;
                Value::TimeTz(TimeTz { time: round_microseconds(time, precision), zone })
            }
            oid::TIMESTAMP => {
                let moment = Timestamp::receive(&self.take::<8>()?)?;
                Value::Int64(round_timestamp(moment.0, precision))
            }
            oid::TIMESTAMPTZ => {
                let moment = TimestampTz::receive(&self.take::<8>()?)?;
                Value::Int64(round_timestamp(moment.0, precision))
            }
            oid::INTERVAL => {
                let interval = Interval::receive(&self.take::<16>()?)?;
                Value::Interval(IntervalTypmod::unpacked(of.modifier).apply(interval))
            }
            _ => return Err(unsupported(self.types, of.oid)),
        })
    }

    /// A number says itself how many digits it has.
    fn number(&mut self, modifier: i32) -> WireResult<Numeric> {
        let count = self.bytes.first_chunk::<2>().map_or(0, |count| u16::from_be_bytes(*count));
        let length = (8 + 2 * usize::from(count)).min(self.bytes.len());
        Ok(Numeric::receive(self.stretch(length)?, Modifier::unpack(modifier))?)
    }

    fn document(&mut self) -> WireResult<Vec<u8>> {
        let mut bytes = Cow::Borrowed(std::mem::take(&mut self.bytes));
        if self.encoding.is_translated()
            && let Some((version, text)) = bytes.split_first()
        {
            let text = self.encoding.decode(text, Encoding::UTF8)?;
            bytes = Cow::Owned([&[*version], text.as_bytes()].concat());
        }
        if bytes.get(1..).is_some_and(|text| text.contains(&0)) {
            return Err(InputError::encoding_of(&[0]).into());
        }
        Ok(json::jsonb::receive(&bytes)?.into_bytes())
    }

    fn lexemes(&mut self) -> WireResult<Vec<u8>> {
        let (encoding, mut failed) = (self.encoding, None);
        let read =
            search::Lexemes::receive(&mut self.bytes, &mut |bytes| text_of(encoding, bytes, &mut failed));
        failed.map_or(Ok(()), Err)?;
        Ok(read?.to_bytes())
    }

    fn search_query(&mut self) -> WireResult<Vec<u8>> {
        let (encoding, mut failed) = (self.encoding, None);
        let read =
            search::Query::receive(&mut self.bytes, &mut |bytes| text_of(encoding, bytes, &mut failed));
        failed.map_or(Ok(()), Err)?;
        Ok(read?.to_bytes())
    }

    fn bits(&mut self) -> WireResult<Vec<u8>> {
        let length = usize::try_from(self.i32()?).map_err(|_| WireError::BitLength)?;
        let unused = length.next_multiple_of(8) - length;
        let mut bits = vec![unused as u8];
        bits.extend_from_slice(self.stretch(length.div_ceil(8))?);
        if let Some(last) = bits.last_mut().filter(|_| length > 0) {
            *last &= 0xff << unused;
        }
        Ok(bits)
    }

    /// A value within another: its length, then its bytes, all of which it must use.
    fn part(&mut self, of: Type, improper: WireError) -> WireResult<Value> {
        let length = self.i32()?;
        if length == -1 {
            return Ok(Value::Null);
        }
        let length = usize::try_from(length).map_err(|_| WireError::Insufficient)?;
        let mut inner = Reader { bytes: self.stretch(length)?, ..*self };
        let value = inner.value(of)?;
        if inner.bytes.is_empty() { Ok(value) } else { Err(improper) }
    }

    fn array(&mut self, element: u32, modifier: i32) -> WireResult<Value> {
        let count = self.i32()?;
        let dimensions = usize::try_from(count).map_err(|_| WireError::Dimensions(count))?;
        if dimensions > DIMENSIONS_MAX {
            return Err(InputError::TooManyDimensions(dimensions).into());
        }
        if !matches!(self.i32()?, 0 | 1) {
            return Err(WireError::Flags);
        }
        let found = self.i32()? as u32;
        if found != element {
            let name = |of| type_name(self.types, of, None);
            let (found_name, expected_name) = (name(found), name(element));
            return Err(WireError::Element { found, found_name, expected: element, expected_name });
        }
        let mut shape = [Dimension { length: 0, lower: 0 }; DIMENSIONS_MAX];
        for dimension in &mut shape[..dimensions] {
            *dimension = Dimension { length: self.i32()?, lower: self.i32()? };
        }
        let shape = &shape[..dimensions];
        let element_type = Type { oid: element, modifier };
        let mut builder = ArrayBuilder::new(element, kind_of(self.types, element_type));
        for index in 0..checked_count(shape)? {
            let value = self.part(element_type, WireError::ElementLength(index + 1))?;
            builder.push(&Item::from(&value));
        }
        Ok(Value::Bytes(builder.finish(shape).into()))
    }

    fn record(&mut self, composite: u32) -> WireResult<Value> {
        let types = self.types;
        let columns = types.columns(composite).unwrap_or_default();
        let expected = columns.iter().filter(|column| !column.dropped).count();
        let found = self.i32()?;
        if usize::try_from(found) != Ok(expected) {
            return Err(WireError::Columns { found, expected });
        }
        let mut values = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let of = column.column_type;
            if column.dropped {
                values.push(Value::Null);
                continue;
            }
            let found = self.i32()? as u32;
            if found != of.oid {
                let name = |of| type_name(types, of, None);
                let (found_name, expected_name) = (name(found), name(of.oid));
                let (expected, column) = (of.oid, index + 1);
                return Err(WireError::Column { found, found_name, expected, expected_name, column });
            }
            values.push(self.part(of, WireError::ColumnLength(index + 1))?);
        }
        let of = |index: usize| columns[index].column_type;
        let items: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(index, value)| (of(index).oid, kind_of(types, of(index)), Item::from(value)))
            .collect();
        Ok(Value::Bytes(record(&items).into()))
    }
}
