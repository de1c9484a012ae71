//! Rows apart by the hashes of their keys.

use super::Rows;
use crate::error::ExecuteResult;
use crate::run::Run;
use std::sync::Arc;
use types::row::{RowLayout, Storage};
use types::vector::Order;
use types::{Kind, Vector};

/// Bits of a hash that tell parts of a level apart.
const BITS: u32 = 4;
/// How often parts that are too large are taken apart again. Rows that are together then have equal keys, mostly.
const LEVELS: u32 = 6;

/// Parts of rows; equal keys are in the same part.
pub struct Partitions {
    /// The parts.
    pub parts: Vec<Rows>,
    level: u32,
}

/// The hash of each row's key.
pub fn hashes(keys: &[Vector], orders: &[Order], rows: usize) -> Vec<u64> {
    let mut hashes = vec![0; rows];
    for (key, order) in keys.iter().zip(orders) {
        types::vector::hash(key, order, &mut hashes);
    }
    hashes
}

impl Partitions {
    /// Empty parts of rows of these kinds, within a part of the level before (0: of everything); none behind the last
    /// level.
    pub fn new(kinds: &[Kind], level: u32) -> Option<Partitions> {
        let storages = kinds.iter().map(|kind| Storage::Plain(*kind)).collect();
        let layout = Arc::new(RowLayout::new(storages));
        let parts = (0..1 << BITS).map(|_| Rows::of(layout.clone())).collect();
        (level < LEVELS).then_some(Partitions { parts, level })
    }

    /// Writes a row with the hash of its key and its number.
    pub fn push(
        &mut self,
        run: &mut Run<'_, '_>,
        (hash, number): (u64, u64),
        columns: &[Vector],
        row: usize,
    ) -> ExecuteResult<()> {
        // The upper bits of a hash are its best ones.
        let part = hash >> (u64::BITS - BITS * (self.level + 1)) & ((1 << BITS) - 1);
        self.parts[part as usize].push(run, &super::sequence(number), columns, row)
    }

    /// Writes a row that every part has to have.
    pub fn push_to_all(
        &mut self,
        run: &mut Run<'_, '_>,
        number: u64,
        columns: &[Vector],
        row: usize,
    ) -> ExecuteResult<()> {
        self.parts.iter_mut().try_for_each(|part| part.push(run, &super::sequence(number), columns, row))
    }

    /// The level of what is within its parts.
    pub fn below(&self) -> u32 {
        self.level + 1
    }
}
