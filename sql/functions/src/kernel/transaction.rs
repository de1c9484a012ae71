//! Places in the log, transactions' numbers, snapshots, places of rows.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, collect_all, internal, scalar};
use diagnostic::SqlState;
use numeric::Numeric;
use types::text::SnapshotText;

/// A place in the log: 64 bits without a sign.
fn place(number: &Numeric) -> FunctionResult<i64> {
    let mut text = String::new();
    if number.is_finite() {
        number.round(0)?.write_to(&mut text);
    }
    let found = text.parse::<u64>().map(u64::cast_signed);
    found.map_err(|_| match number.is_nan() {
        true => FunctionError::plain(SqlState::FeatureNotSupported, "cannot convert NaN to pg_lsn"),
        false if number.is_infinite() => {
            FunctionError::plain(SqlState::FeatureNotSupported, "cannot convert infinity to pg_lsn")
        }
        false => FunctionError::plain(SqlState::InvalidParameterValue, "pg_lsn out of range"),
    })
}

fn number(place: i64) -> FunctionResult<Numeric> {
    Ok(Numeric::parse(&place.cast_unsigned().to_string(), None)?)
}

/// A place moved by a number of bytes.
fn moved(from: i64, by: &Numeric, back: bool) -> FunctionResult<i64> {
    if by.is_nan() {
        let message = if back { "cannot subtract NaN from pg_lsn" } else { "cannot add NaN to pg_lsn" };
        return Err(FunctionError::plain(SqlState::FeatureNotSupported, message));
    }
    let from = number(from)?;
    place(&if back { from.subtract(by)? } else { from.add(by)? })
}

fn larger(one: i64, other: i64) -> i64 {
    if one.cast_unsigned() > other.cast_unsigned() { one } else { other }
}

fn smaller(one: i64, other: i64) -> i64 {
    if one.cast_unsigned() < other.cast_unsigned() { one } else { other }
}

fn order(one: i64, other: i64) -> i32 {
    one.cast_unsigned().cmp(&other.cast_unsigned()) as i32
}

scalar! {
    fn numeric_pg_lsn(a: Numeric) -> i64 { place(&a)? }
    fn pg_lsn_mi(a: i64, b: i64) -> Numeric { number(a)?.subtract(&number(b)?)? }
    fn pg_lsn_pli(a: i64, b: Numeric) -> i64 { moved(a, &b, false)? }
    fn numeric_pl_pg_lsn(a: Numeric, b: i64) -> i64 { moved(b, &a, false)? }
    fn pg_lsn_mii(a: i64, b: Numeric) -> i64 { moved(a, &b, true)? }
    fn unsigned_larger(a: i64, b: i64) -> i64 { larger(a, b) }
    fn unsigned_smaller(a: i64, b: i64) -> i64 { smaller(a, b) }
    fn unsigned_cmp(a: i64, b: i64) -> i32 { order(a, b) }
    fn xid_of_xid8(a: i64) -> i32 { a as i32 }
    fn bttidcmp(a: i64, b: i64) -> i32 { a.cmp(&b) as i32 }
    fn tidlarger(a: i64, b: i64) -> i64 { a.max(b) }
    fn tidsmaller(a: i64, b: i64) -> i64 { a.min(b) }
    fn pg_snapshot_xmin(a: &str) -> u64 { snapshot(a)?.oldest }
    fn pg_snapshot_xmax(a: &str) -> u64 { snapshot(a)?.next }
    fn pg_visible_in_snapshot(a: u64, b: &str) -> bool {
        let snapshot = snapshot(b)?;
        a < snapshot.oldest || a < snapshot.next && !snapshot.running.contains(&a)
    }
}

fn snapshot(text: &str) -> FunctionResult<SnapshotText> {
    SnapshotText::parse(text).ok_or_else(|| internal("damaged snapshot"))
}

/// The transactions that ran.
pub(crate) fn pg_snapshot_xip(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let running = snapshot(argument::<&str>(arguments, 0)?.at(row)?)?.running;
    let column = collect_all::<u64>(running.len(), |row| Ok(running[row]))?;
    Ok(Made::source(vec![column]))
}
