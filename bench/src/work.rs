//! What is done again and again in the lines that are rates.

use crate::engine::{Outcome, Session, VALUE_BYTES};
use crate::measure::Keys;

/// Rows of a range scan.
const SCANNED: usize = 100;

/// Reads, each in a transaction of its own.
pub fn point_reads(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    for _ in 0..64 {
        expect(session.get(keys.next())? == VALUE_BYTES)?;
    }
    Ok(64)
}

/// Reads in one transaction.
pub fn thousand_reads(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    let wanted: Vec<u64> = (0..1000).map(|_| keys.next()).collect();
    expect(session.get_all(&wanted)? == 1000 * VALUE_BYTES)?;
    Ok(1000)
}

/// Neighbouring rows.
pub fn range_scan(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    let from = keys.next();
    let bytes = session.scan(from, SCANNED)?;
    let there = (keys.rows() - from).min(SCANNED as u64);
    expect(bytes as u64 == there * VALUE_BYTES as u64)?;
    Ok(there)
}

/// One durable commit.
pub fn commit(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    session.put(keys.next(), &[7; VALUE_BYTES])?;
    Ok(1)
}

/// Nine reads to a commit, in random order.
pub fn mixed(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    let key = keys.next();
    if keys.number().is_multiple_of(10) {
        session.put(key, &[8; VALUE_BYTES])?;
    } else {
        expect(session.get(key)? == VALUE_BYTES)?;
    }
    Ok(1)
}

/// Every row once: brings as much as it takes into the session's cache.
pub fn scan_all(session: &mut dyn Session, keys: &mut Keys) -> Outcome<u64> {
    let bytes = session.scan(0, usize::try_from(keys.rows())?)?;
    expect(bytes as u64 == keys.rows() * VALUE_BYTES as u64)?;
    Ok(keys.rows())
}

/// A benchmark of wrong answers is worth nothing.
pub fn expect(right: bool) -> Outcome<()> {
    if right { Ok(()) } else { Err("an engine returned a wrong value".into()) }
}
