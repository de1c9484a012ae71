//! Points, lines, segments, boxes, paths, polygons and circles.

use super::{Reader, WireError, WireResult};
use crate::catalog::oid;
use crate::geometry::{Path, bytes_of, fixed, numbers, points, same};

/// Appends a geometric value's bytes.
pub(super) fn send(of: u32, value: &[u8], bytes: &mut Vec<u8>) {
    let count = |count: usize| (count as u32).to_be_bytes();
    let value = match of {
        oid::PATH => {
            let path = Path::read(value);
            bytes.push(u8::from(path.closed));
            bytes.extend_from_slice(&count(path.points.len()));
            value.get(1..).unwrap_or_default()
        }
        oid::POLYGON => {
            bytes.extend_from_slice(&count(points(value).len()));
            value
        }
        _ => value,
    };
    bytes.extend(numbers(value).flat_map(f64::to_be_bytes));
}

impl Reader<'_> {
    /// The bytes of a geometric value, as it lies.
    pub(super) fn shape(&mut self, of: u32) -> WireResult<Vec<u8>> {
        Ok(match of {
            oid::POINT => bytes_of(self.numbers(2)?),
            oid::LSEG => bytes_of(self.numbers(4)?),
            oid::BOX => {
                let [a, b, c, d] = fixed(&bytes_of(self.numbers(4)?));
                // The upper right corner comes first. A NaN is where it was.
                let (left, right) = if a < c { (a, c) } else { (c, a) };
                let (lower, upper) = if b < d { (b, d) } else { (d, b) };
                bytes_of([right, upper, left, lower])
            }
            oid::LINE => {
                let line = self.numbers(3)?;
                if same(line[0], 0.0) && same(line[1], 0.0) {
                    return Err(WireError::Line);
                }
                bytes_of(line)
            }
            oid::CIRCLE => {
                let circle = self.numbers(3)?;
                if circle[2] < 0.0 {
                    return Err(WireError::External { problem: "invalid radius", of: "circle" });
                }
                bytes_of(circle)
            }
            oid::PATH => {
                let [closed] = self.take()?;
                let mut path = vec![u8::from(closed != 0)];
                path.extend(self.points("path")?);
                path
            }
            _ => self.points("polygon")?,
        })
    }

    fn numbers(&mut self, count: usize) -> WireResult<Vec<f64>> {
        (0..count).map(|_| self.take().map(f64::from_be_bytes)).collect()
    }

    fn points(&mut self, of: &'static str) -> WireResult<Vec<u8>> {
        let count = usize::try_from(self.i32()?).ok().filter(|count| (1..=POINTS_MAX).contains(count));
        let problem = "invalid number of points";
        let count = count.ok_or(WireError::External { problem, of })?;
        Ok(bytes_of(self.numbers(2 * count)?))
    }
}

/// More would not fit into a value.
const POINTS_MAX: usize = (i32::MAX as usize - 32) / 16;
