//! A number for each numeric. Null has one, too.
//!
//! Equal numbers may be written with more or fewer decimals. Those whose digits fit a word at the scale of the first number that
//! came are told apart by these digits; all others by their keys as bytes, none of which is such a number. Numbers of the former
//! count up from zero, those of the latter down, so that they never meet.

use super::narrow::NarrowKeys;
use super::table::NONE;
use super::texts::TextNumbers;
use types::vector::NumericVector;
use types::{Numeric, Vector};

/// Numerics and their numbers.
#[derive(Debug, Default)]
pub struct DecimalNumbers {
    /// The decimals of the first number.
    scale: Option<u16>,
    /// Numbers by their digits at that scale.
    short: NarrowKeys,
    /// Others, and null.
    long: TextNumbers,
}

fn digits(mantissa: i64) -> u128 {
    u128::from(mantissa.cast_unsigned())
}

/// The number of one that is long.
fn turned(number: u32) -> u32 {
    NONE - 1 - number
}

impl DecimalNumbers {
    /// Bytes that they take, roughly.
    pub fn size(&self) -> usize {
        self.short.size() + self.long.size()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.scale = None;
        self.short.clear();
        self.long.clear();
    }

    fn add(&mut self, value: &Numeric, key: &mut Vec<u8>) -> u32 {
        let own = || value.to_mantissa().map_or(0, |(_, scale)| scale);
        let scale = *self.scale.get_or_insert_with(own);
        match value.exactly_at(scale) {
            Some(mantissa) => self.short.insert(digits(mantissa)),
            None => {
                key.clear();
                value.encode_key(key);
                turned(self.long.number(key))
            }
        }
    }

    fn get(&self, value: &Numeric, key: &mut Vec<u8>) -> u32 {
        let found = match self.scale.and_then(|scale| value.exactly_at(scale)) {
            Some(mantissa) => self.short.find(digits(mantissa)),
            None => {
                key.clear();
                value.encode_key(key);
                self.long.number_if_any(key).map(turned)
            }
        };
        found.unwrap_or(NONE)
    }

    /// Puts the number of each row's value into `numbers`; those that are new get new ones.
    pub fn insert(&mut self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        let Some(values) = vector.numeric().filter(|_| rows > 0) else {
            // Numerics have this kind, so there is no row.
            return numbers.resize(rows, NONE);
        };
        let mut key = Vec::new();
        if vector.is_constant() {
            let number = match vector.is_null(0) {
                true => turned(self.long.number_of_null()),
                false => self.add(&values.get(0), &mut key),
            };
            return numbers.resize(rows, number);
        }
        numbers.reserve(rows);
        match (values, vector.nulls()) {
            (NumericVector::Uniform { mantissas, scale }, None)
                if *self.scale.get_or_insert(*scale) == *scale =>
            {
                numbers.extend(mantissas.iter().map(|mantissa| self.short.insert(digits(*mantissa))));
            }
            (NumericVector::Uniform { .. } | NumericVector::General(_), nulls) => {
                for row in 0..rows {
                    numbers.push(match nulls.is_some_and(|nulls| nulls.get(row)) {
                        true => turned(self.long.number_of_null()),
                        false => self.add(&values.get(row), &mut key),
                    });
                }
            }
        }
    }

    /// Puts the number of each row's value into `numbers`, [`NONE`] for one that is not there.
    pub fn find(&self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        let Some(values) = vector.numeric().filter(|_| rows > 0) else {
            return numbers.resize(rows, NONE);
        };
        let mut key = Vec::new();
        let mut of = |row: usize| match vector.is_null(row) {
            true => self.long.null().map_or(NONE, turned),
            false => self.get(&values.get(row), &mut key),
        };
        if vector.is_constant() {
            let number = of(0);
            return numbers.resize(rows, number);
        }
        match values {
            NumericVector::Uniform { mantissas, scale }
                if vector.nulls().is_none() && self.scale == Some(*scale) =>
            {
                let of = |mantissa: &i64| self.short.find(digits(*mantissa)).unwrap_or(NONE);
                numbers.extend(mantissas.iter().map(of));
            }
            NumericVector::Uniform { .. } | NumericVector::General(_) => numbers.extend((0..rows).map(of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DecimalNumbers;
    use crate::keys::NONE;
    use types::vector::VectorBuilder;
    use types::{Kind, Numeric, Value, Vector};

    fn vector(texts: &[&str]) -> Vector {
        let mut builder = VectorBuilder::new(Kind::Numeric, texts.len());
        for text in texts {
            let value = match *text {
                "null" => Value::Null,
                text => Value::Numeric(Numeric::parse(text, None).unwrap()),
            };
            builder.push(&value).unwrap();
        }
        builder.finish()
    }

    const ALIKE: [&[&str]; 11] = [
        &[
            "1.50",
            "1.5",
            "1.500000000000000000000000000000",
            "1.5000000000000000000000000000000000000000000000000000000000000",
        ],
        &["1000", "1000.0000000000000000", "1000.0000000000000000000000000000000000000000"],
        &["-1.5", "-1.50"],
        &["0", "0.000", "-0.0", "0.00000000000000000000000000000000000000000000"],
        &["7e-40", "0.00000000000000000000000000000000000000070"],
        &["0.001", "0.0010"],
        &["12345678901234567890123", "12345678901234567890123.00"],
        &["NaN", "NaN"],
        &["Infinity", "Infinity"],
        &["-Infinity", "-Infinity"],
        &["null", "null"],
    ];

    /// Every order in which they may come gives equal numbers to equal values, and others to others.
    #[test]
    fn equal_values_have_equal_numbers() {
        let all: Vec<(usize, &str)> = ALIKE
            .iter()
            .enumerate()
            .flat_map(|(class, texts)| texts.iter().map(move |text| (class, *text)))
            .collect();
        for turn in 0..all.len() {
            let mut values = all.clone();
            values.rotate_left(turn);
            let mut table = DecimalNumbers::default();
            let texts: Vec<&str> = values.iter().map(|(_, text)| *text).collect();
            let (mut numbers, mut found) = (Vec::new(), Vec::new());
            table.find(&vector(&texts), texts.len(), &mut found);
            assert!(found.iter().all(|number| *number == NONE));
            for part in texts.chunks(3) {
                let mut some = Vec::new();
                table.insert(&vector(part), part.len(), &mut some);
                numbers.extend(some);
            }
            table.find(&vector(&texts), texts.len(), &mut found);
            assert_eq!(numbers, found);
            for (one, (class, _)) in values.iter().enumerate() {
                for (other, (other_class, _)) in values.iter().enumerate() {
                    assert_eq!(numbers[one] == numbers[other], class == other_class, "{values:?}");
                }
            }
        }
    }
}
