//! The hash functions of PostgreSQL's hash operator classes, with its results: programs keep them and partition by them.
//!
//! Bytes go through Jenkins's `lookup3`, little-endian whatever the machine. With a seed there are 64 bits of it; with the
//! seed 0 the lower half is the result without one.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect};
use json::jsonb::Visit;
use numeric::Numeric;
use types::array::ArrayView;
use types::catalog::{Form, module, oid, type_name};
use types::folded::folded;
use types::network::Address;
use types::range::{Bound, Range, RangeType};
use types::record::RecordView;
use types::vector::without_padding;
use types::{Item, Type, Types, Vector};

/// The three words that are mixed.
#[derive(Clone, Copy)]
struct State(u32, u32, u32);

impl State {
    fn new(length: usize, seed: u64) -> State {
        let first = 0x9e37_79b9_u32.wrapping_add(length as u32).wrapping_add(3_923_095);
        let mut state = State(first, first, first);
        if seed != 0 {
            state.0 = state.0.wrapping_add((seed >> 32) as u32);
            state.1 = state.1.wrapping_add(seed as u32);
            state.mix();
        }
        state
    }

    fn mix(&mut self) {
        for turns in [4, 6, 8, 16, 19, 4] {
            let State(a, b, c) = *self;
            let mixed = a.wrapping_sub(c) ^ c.rotate_left(turns);
            // The words change places: each is mixed with the next in turn.
            *self = State(b, c.wrapping_add(b), mixed);
        }
    }

    fn finish(mut self) -> u64 {
        for turns in [14, 11, 25, 16, 4, 14, 24] {
            let State(a, b, c) = self;
            let mixed = (c ^ b).wrapping_sub(b.rotate_left(turns));
            self = State(b, mixed, a);
        }
        // After seven steps each word stands one place before its own.
        let State(b, c, _) = self;
        u64::from(b) << 32 | u64::from(c)
    }
}

/// Of bytes.
fn of_bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut state = State::new(bytes.len(), seed);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
    let mut chunks = bytes.chunks_exact(12);
    for chunk in &mut chunks {
        state.0 = state.0.wrapping_add(word(&chunk[..4]));
        state.1 = state.1.wrapping_add(word(&chunk[4..8]));
        state.2 = state.2.wrapping_add(word(&chunk[8..]));
        state.mix();
    }
    let rest = chunks.remainder();
    let part = |from: usize, to: usize| word(rest.get(from..to.min(rest.len())).unwrap_or(&[]));
    state.0 = state.0.wrapping_add(part(0, 4));
    state.1 = state.1.wrapping_add(part(4, 8));
    // The lowest byte of the last word is the length's.
    state.2 = state.2.wrapping_add(part(8, 11) << 8);
    state.finish()
}

/// Of a number of 32 bits.
fn of_word(word: u32, seed: u64) -> u64 {
    let mut state = State::new(4, seed);
    state.0 = state.0.wrapping_add(word);
    state.finish()
}

fn of_long(value: i64, seed: u64) -> u64 {
    let high = (value >> 32) as u32;
    of_word(value as u32 ^ if value >= 0 { high } else { !high }, seed)
}

fn of_float(value: f64, seed: u64) -> u64 {
    if value == 0.0 {
        return seed;
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    of_bytes(&value.to_le_bytes(), seed)
}

/// A number by its digits of ten thousand without the zeros around them, so that its scale does not matter.
fn of_numeric(value: &Numeric, seed: u64) -> u64 {
    if value.is_nan() || value.is_infinite() {
        return seed;
    }
    let mut text = String::new();
    value.write_to(&mut text);
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = format!("{}{whole}", "0".repeat(whole.len().next_multiple_of(4) - whole.len()));
    let fraction = format!("{fraction}{}", "0".repeat(fraction.len().next_multiple_of(4) - fraction.len()));
    let digits = format!("{whole}{fraction}");
    let digits: Vec<i16> = digits
        .as_bytes()
        .chunks_exact(4)
        .map(|four| four.iter().fold(0, |digit, byte| digit * 10 + i16::from(byte - b'0')))
        .collect();
    let Some(first) = digits.iter().position(|digit| *digit != 0) else { return seed.wrapping_sub(1) };
    let last = digits.iter().rposition(|digit| *digit != 0).unwrap_or(first);
    let weight = (whole.len() / 4) as i64 - 1 - first as i64;
    let bytes: Vec<u8> = digits[first..=last].iter().flat_map(|digit| digit.to_le_bytes()).collect();
    of_bytes(&bytes, seed) ^ weight as u64
}

/// Hashes the values of types; with a seed, or without one the shorter results.
struct Hasher<'a> {
    types: &'a dyn Types,
    seed: Option<u64>,
}

impl Hasher<'_> {
    /// A hash that goes on into another: of 32 bits if there is no seed.
    fn cut(&self, hash: u64) -> u64 {
        if self.seed.is_some() { hash } else { hash & 0xffff_ffff }
    }

    /// What comes of the hashes of parts, one after the other; a null part has 0.
    fn joined(&self, parts: impl Iterator<Item = FunctionResult<u64>>, first: u64) -> FunctionResult<u64> {
        let mut whole = first;
        for part in parts {
            whole = self.cut((whole << 5).wrapping_sub(whole).wrapping_add(part?));
        }
        Ok(whole)
    }

    fn hash(&self, of: Type, item: &Item<'_>) -> FunctionResult<u64> {
        let of = self.types.undomained(of);
        let form = self.types.entry(of.oid).map(|entry| (entry.form, entry.element));
        let found = match (form, item) {
            (_, Item::Null) => return Ok(0),
            (Some((Form::Array, element)), Item::Bytes(bytes)) => {
                let items =
                    ArrayView::new(bytes).into_iter().flat_map(|array| array.items().collect::<Vec<_>>());
                return self.joined(items.map(|item| self.hash(Type::of(element), &item)), 1);
            }
            (Some((Form::Composite, _)), Item::Bytes(bytes)) => return self.of_record(bytes),
            (Some((Form::Pseudo, _)), Item::Bytes(bytes)) if of.oid == oid::RECORD => {
                return self.of_record(bytes);
            }
            (Some((Form::Range, _)), Item::Bytes(bytes)) => {
                let range_type = super::range::range_type_in(self.types, of)?;
                return self.of_range(&range_type, &range_type.decode(bytes)?);
            }
            (Some((Form::Multirange, _)), Item::Bytes(bytes)) => {
                let range_type = super::range::range_type_in(self.types, of)?;
                let ranges = range_type.decode_set(bytes)?;
                return self.joined(ranges.iter().map(|range| self.of_range(&range_type, range)), 1);
            }
            (Some((Form::Base | Form::Enum, _)), item) => {
                self.of_base(self.types.module_like(of.oid).unwrap_or(of.oid), item)
            }
            _ => None,
        };
        found.map(|hash| self.cut(hash)).ok_or_else(|| {
            let name = type_name(self.types, of.oid, None);
            let message = format!("could not identify a hash function for type {name}");
            FunctionError::plain(diagnostic::SqlState::UndefinedFunction, message)
        })
    }

    fn of_record(&self, bytes: &[u8]) -> FunctionResult<u64> {
        let columns = RecordView::new(bytes).into_iter().flat_map(|record| {
            let of = move |column| Type::of(record.column_type(column).unwrap_or(0));
            record.items().enumerate().map(move |(column, item)| (of(column), item)).collect::<Vec<_>>()
        });
        self.joined(columns.map(|(of, item)| self.hash(of, &item)), 0)
    }

    /// What a range says of its bounds, then the bounds.
    fn of_range(&self, of: &RangeType, range: &Range) -> FunctionResult<u64> {
        let subtype = Type::of(of.names.subtype);
        let hash = |bound: &Option<Bound>| match bound {
            Some(bound) => self.hash(subtype, &Item::from(&bound.value)),
            None => Ok(0),
        };
        let inclusive = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.inclusive);
        let said = [
            range.empty,
            inclusive(&range.lower),
            inclusive(&range.upper),
            range.lower.is_none() && !range.empty,
            range.upper.is_none() && !range.empty,
        ];
        let flags = said.iter().rev().fold(0u32, |flags, said| flags << 1 | u32::from(*said));
        let with_lower = self.cut(of_word(flags, self.seed.unwrap_or(0))) ^ hash(&range.lower)?;
        let halves = [with_lower >> 32, with_lower & 0xffff_ffff].map(|half| half as u32);
        let [high, low] = halves.map(|half| u64::from(half.rotate_left(1)));
        Ok((high << 32 | low) ^ hash(&range.upper)?)
    }

    /// A document by its keys and values one after the other; an empty one has nothing to hash.
    fn of_document(&self, value: json::Value<'_>) -> u64 {
        const ARRAY: u64 = 0x4000_0000;
        const OBJECT: u64 = 0x2000_0000;
        let whole = |flag: u64| if self.seed.is_some() { flag << 32 | flag } else { flag };
        let turned = |hash: u64| {
            let (high, low) = ((hash >> 32) as u32, hash as u32);
            let high = if self.seed.is_some() { high.rotate_left(1) } else { 0 };
            u64::from(high) << 32 | u64::from(low.rotate_left(1))
        };
        match value {
            json::Value::Array(array) if array.is_empty() => return 0,
            json::Value::Object(object) if object.is_empty() => return 0,
            _ => {}
        }
        // What is no more than a scalar lies in an array.
        let mut hash = if value.is_scalar() { whole(ARRAY) } else { 0 };
        for visit in json::jsonb::Walk::new(value) {
            hash = match visit {
                Visit::ArrayStart(_) => hash ^ whole(ARRAY),
                Visit::ObjectStart(_) => hash ^ whole(OBJECT),
                Visit::Key(name) => {
                    turned(hash) ^ self.cut(of_bytes(name.as_bytes(), self.seed.unwrap_or(0)))
                }
                Visit::Scalar(value) => turned(hash) ^ self.of_scalar(value),
                Visit::ObjectEnd | Visit::ArrayEnd => hash,
            };
        }
        hash
    }

    fn of_scalar(&self, value: json::Value<'_>) -> u64 {
        let seed = self.seed.unwrap_or(0);
        match value {
            json::Value::Null => seed.wrapping_add(1),
            json::Value::Bool(value) if seed != 0 => of_word(u32::from(value), seed),
            json::Value::Bool(value) => {
                if value {
                    2
                } else {
                    4
                }
            }
            json::Value::String(text) => self.cut(of_bytes(text.as_bytes(), seed)),
            json::Value::Number(number) => {
                let number = Numeric::parse(&number.text(), None);
                self.cut(number.map_or(0, |number| of_numeric(&number, seed)))
            }
            json::Value::Array(_) | json::Value::Object(_) => 0,
        }
    }

    fn of_base(&self, of: u32, item: &Item<'_>) -> Option<u64> {
        let seed = self.seed.unwrap_or(0);
        Some(match (of, item) {
            (_, Item::Bool(value)) => of_word(u32::from(*value), seed),
            // A character is a signed byte.
            (oid::CHAR, Item::Int16(value)) => of_word(i32::from(*value as u8 as i8).cast_unsigned(), seed),
            (_, Item::Int16(value)) => of_word(i32::from(*value).cast_unsigned(), seed),
            (_, Item::Int32(value)) => of_word(value.cast_unsigned(), seed),
            (of, Item::Int64(value)) if of != oid::TID => of_long(*value, seed),
            (_, Item::Float32(value)) => of_float(f64::from(*value), seed),
            (_, Item::Float64(value)) => of_float(*value, seed),
            (_, Item::Numeric(value)) => of_numeric(value, seed),
            (_, Item::Uuid(value)) => of_bytes(value, seed),
            // Only the lower half of the length counts.
            (_, Item::Interval(value)) => of_long(value.span() as i64, seed),
            (_, Item::TimeTz(value)) => {
                let zone = of_word(value.zone.cast_unsigned(), seed);
                self.cut(of_long(value.time, seed)) ^ self.cut(zone)
            }
            (oid::BPCHAR, Item::Bytes(bytes)) => of_bytes(without_padding(bytes), seed),
            (module::CITEXT, Item::Bytes(bytes)) => of_bytes(&folded(bytes), seed),
            (
                oid::TEXT | oid::VARCHAR | oid::NAME | oid::BYTEA | oid::MACADDR | oid::MACADDR8,
                Item::Bytes(bytes),
            ) => of_bytes(bytes, seed),
            (oid::INET | oid::CIDR, Item::Bytes(bytes)) => {
                let address = Address::read(bytes)?;
                let mut whole = vec![if address.six { 3 } else { 2 }, address.bits];
                whole.extend_from_slice(address.octets());
                of_bytes(&whole, seed)
            }
            (oid::TID, Item::Int64(row)) => {
                let place = row.wrapping_add(1).cast_unsigned();
                let (page, line) = ((place >> 16) as u32, place as u16);
                let [a, b, c, d] = page.to_le_bytes();
                let [e, f] = line.to_le_bytes();
                // The page lies as its upper half, then its lower.
                of_bytes(&[c, d, a, b, e, f], seed)
            }
            (oid::JSONB, Item::Bytes(bytes)) => self.of_document(json::Value::from_bytes(bytes)),
            (oid::OIDVECTOR, Item::Bytes(bytes)) => {
                let numbers = ArrayView::new(bytes)?.items().flat_map(|item| match item {
                    Item::Int32(number) => number.to_le_bytes(),
                    _ => [0; 4],
                });
                of_bytes(&numbers.collect::<Vec<u8>>(), seed)
            }
            _ => return None,
        })
    }
}

/// 32 bits of each value.
pub(crate) fn hash(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let hasher = Hasher { types: context.types, seed: None };
    let of = arguments.type_of(0);
    collect::<i32>(arguments.rows, |row| Ok(hasher.hash(of, &arguments.vectors[0].item(row))? as i32))
}

/// 64 bits of each value, with a seed.
pub(crate) fn hash_extended(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let seeds = argument::<u64>(arguments, 1)?;
    let of = arguments.type_of(0);
    collect::<i64>(arguments.rows, |row| {
        let hasher = Hasher { types: context.types, seed: Some(seeds.at(row)?) };
        Ok(hasher.hash(of, &arguments.vectors[0].item(row))?.cast_signed())
    })
}
