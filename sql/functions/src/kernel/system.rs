//! What is known without asking the session: types, counts of nulls, enums; and chance.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, internal, scalar, scalar_lenient};
use crate::kernel::moment::now::void;
use diagnostic::SqlState;
use types::array::{ArrayBuilder, ArrayView};
use types::catalog::type_name;
use types::vector::EnumOrder;
use types::{Item, Kind, Value, Vector};

pub(crate) fn pg_typeof(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0).oid as i32;
    Ok(Vector::constant(Kind::Int32, &Value::Int32(of), arguments.rows)?)
}

scalar_lenient! {
    fn format_type [context] (of: u32, modifier: i32) -> Option<String> {
        of.map(|of| type_name(context.types, of, modifier))
    }
}

/// How many arguments are null, or are not; of a `VARIADIC` array how many elements.
fn count(arguments: &Arguments<'_>, nulls: bool) -> FunctionResult<Vector> {
    collect::<Option<i32>>(arguments.rows, |row| {
        if !arguments.site.variadic {
            let counted = arguments.vectors.iter().filter(|vector| vector.is_null(row) == nulls);
            return Ok(Some(counted.count() as i32));
        }
        let Some(array) = argument::<ArrayView<'_>>(arguments, 0)?.get(row)? else { return Ok(None) };
        Ok(Some(array.items().filter(|item| item.is_null() == nulls).count() as i32))
    })
}

pub(crate) fn pg_num_nulls(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    count(arguments, true)
}

pub(crate) fn pg_num_nonnulls(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    count(arguments, false)
}

scalar! {
    // Programs look for the number behind the first word.
    fn version() -> &'static str {
        concat!("PostgreSQL 15.18 (Hornbeam ", env!("CARGO_PKG_VERSION"), ")")
    }
    fn pg_jit_available() -> bool { false }
}

/// How many bytes a value takes: with four for its length if that is not always the same, as PostgreSQL counts one that
/// is not in a table.
pub(crate) fn pg_column_size(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    let fixed = context.types.entry(of.oid).map_or(-1, |entry| i32::from(entry.length));
    let vector = arguments.vectors.first().ok_or_else(|| internal("too few arguments"))?;
    collect::<Option<i32>>(arguments.rows, |row| {
        Ok(match vector.item(row) {
            Item::Null => None,
            _ if fixed > 0 => Some(fixed),
            Item::Numeric(number) => Some(numeric_size(&number.to_string())),
            Item::Bytes(bytes) => {
                let around = if fixed == -1 { 4 } else { 1 };
                Some(i32::try_from(bytes.len()).unwrap_or(i32::MAX).saturating_add(around))
            }
            _ => None,
        })
    })
}

/// How many bytes PostgreSQL keeps a number in, as it is written: two for each four decimal digits on both sides of the
/// point, after those for its length and for sign, weight and scale.
fn numeric_size(written: &str) -> i32 {
    const HEADER: i32 = 6;
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let whole = whole.trim_start_matches('-');
    if !whole.starts_with(|digit: char| digit.is_ascii_digit()) {
        return HEADER;
    }
    let missing = (4 - whole.len() % 4) % 4;
    let mut digits = "0".repeat(missing) + whole + fraction;
    digits.extend(std::iter::repeat_n('0', (4 - fraction.len() % 4) % 4));
    let groups: Vec<bool> = digits.as_bytes().chunks(4).map(|group| group != b"0000").collect();
    let first = groups.iter().position(|kept| *kept);
    let last = groups.iter().rposition(|kept| *kept);
    let kept = first.zip(last).map_or(0, |(first, last)| last - first + 1);
    HEADER + 2 * i32::try_from(kept).unwrap_or(0)
}

/// One step of the generator: xoroshiro128**.
fn step(state: &mut [u64; 2]) -> u64 {
    let [first, second] = *state;
    let mixed = first ^ second;
    *state = [first.rotate_left(24) ^ mixed ^ mixed << 16, mixed.rotate_left(37)];
    first.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
}

/// A state made of 64 bits: splitmix64, twice.
fn seeded(seed: u64) -> [u64; 2] {
    let mut state = seed;
    std::array::from_fn(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = state;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ value >> 31
    })
}

pub(crate) fn drandom(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    if context.session.random_state().is_none() {
        let seed = context.session.entropy()?;
        *context.session.random_state() = Some(seeded(seed));
    }
    let kept = context.session.random_state();
    let mut state = kept.unwrap_or_default();
    let values: Vec<f64> =
        (0..arguments.rows).map(|_| (step(&mut state) >> 12) as f64 / (1_u64 << 52) as f64).collect();
    *kept = Some(state);
    Ok(Vector::from_values(values))
}

pub(crate) fn setseed(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let seeds = argument::<f64>(arguments, 0)?;
    for row in 0..arguments.rows {
        let seed = seeds.at(row)?;
        if !(-1.0..=1.0).contains(&seed) {
            let mut shown = String::new();
            numeric::float::write_float8(seed, 0, &mut shown);
            let message = format!("setseed parameter {shown} is out of allowed range [-1,1]");
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
        }
        *context.session.random_state() = Some(random_state(seed));
    }
    void(arguments.rows)
}

/// The state of `random()` after `setseed`, of a number from -1 to 1.
pub fn random_state(seed: f64) -> [u64; 2] {
    let whole = (((1_u64 << 52) - 1) as f64 * seed) as i64;
    seeded(whole as u64)
}

pub(crate) fn gen_random_uuid(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    collect::<[u8; 16]>(arguments.rows, |_| {
        let (high, low) = (context.session.entropy()?, context.session.entropy()?);
        let mut bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Ok(bytes)
    })
}

/// The order of the argument's enum, which is told by its type even if the value is null.
fn labels(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<std::sync::Arc<EnumOrder>> {
    let of = context.types.undomained(arguments.type_of(0));
    context.types.labels(of.oid).ok_or_else(|| internal("labels of a type that is no enum"))
}

/// Refuses a label that may yet be undone.
fn refuse_new(context: &Context<'_>, arguments: &Arguments<'_>, label: u32) -> FunctionResult<()> {
    let of = context.types.undomained(arguments.type_of(0));
    Ok(types::text::refuse_new_label(context.types, of, label)?)
}

fn end(context: &Context<'_>, arguments: &Arguments<'_>, last: bool) -> FunctionResult<Vector> {
    let order = labels(context, arguments)?;
    let places = order.numbers();
    let found = if last { places.last() } else { places.first() };
    if let Some(label) = found {
        refuse_new(context, arguments, *label)?;
    }
    let value = found.map_or(Value::Null, |label| Value::Int32(*label as i32));
    Ok(Vector::constant(Kind::Int32, &value, arguments.rows)?)
}

pub(crate) fn enum_first(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    end(context, arguments, false)
}

pub(crate) fn enum_last(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    end(context, arguments, true)
}

fn range(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let order = labels(context, arguments)?;
    let of = context.types.undomained(arguments.type_of(0));
    let bounded = arguments.vectors.len() > 1;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let bound = |place: usize| match arguments
            .vectors
            .get(place)
            .filter(|_| bounded)
            .map(|vector| vector.item(row))
        {
            Some(Item::Int32(label)) => Some(order.place(label as u32)),
            _ => None,
        };
        let (low, high) = (bound(0), bound(1));
        let mut builder = ArrayBuilder::new(of.oid, Kind::Int32);
        for label in order.numbers() {
            let place = order.place(label);
            if low.is_none_or(|low| place >= low) && high.is_none_or(|high| place <= high) {
                refuse_new(context, arguments, label)?;
                builder.push(&Item::Int32(label as i32));
            }
        }
        Ok(builder.finish_list())
    })
}

pub(crate) fn enum_range_all(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    range(context, arguments)
}

pub(crate) fn enum_range_bounds(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    range(context, arguments)
}
