//! A vector put together from parts that were computed for some of its rows each.

use crate::error::ExecuteResult;
use types::{Kind, Value, Vector};

/// Rows and their values, part by part; no row twice.
pub struct Parts {
    kind: Kind,
    rows: usize,
    parts: Vec<(Vec<u32>, Vector)>,
}

impl Parts {
    /// Nothing yet of a vector of `rows` rows.
    pub fn new(kind: Kind, rows: usize) -> Parts {
        Parts { kind, rows, parts: Vec::new() }
    }

    /// Values for some of the rows.
    pub fn push(&mut self, rows: Vec<u32>, values: Vector) {
        if !rows.is_empty() {
            self.parts.push((rows, values));
        }
    }

    /// The vector; null where no part has a value.
    pub fn finish(mut self) -> ExecuteResult<Vector> {
        if let [(rows, _)] = &self.parts[..]
            && rows.len() == self.rows
        {
            return Ok(self.parts.remove(0).1);
        }
        let given: usize = self.parts.iter().map(|part| part.0.len()).sum();
        let null = Vector::constant(self.kind, &Value::Null, 1)?;
        if given == 0 {
            return Ok(null.repeat(0, self.rows));
        }
        let mut vectors: Vec<&Vector> = self.parts.iter().map(|part| &part.1).collect();
        if given < self.rows {
            vectors.push(&null);
        }
        let all = Vector::concat(self.kind, &vectors)?;
        // Rows without a value take the null behind all others.
        let mut places = vec![given as u32; self.rows];
        for (place, row) in self.parts.iter().flat_map(|part| &part.0).enumerate() {
            places[*row as usize] = place as u32;
        }
        Ok(all.gather(&places)?)
    }
}
