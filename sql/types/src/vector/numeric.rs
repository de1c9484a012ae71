//! Numbers of `numeric`, at integer speed where they share one scale.

use super::buffer::Buffer;
use crate::Numeric;

/// Values of `numeric`.
#[derive(Debug, Clone)]
pub enum NumericVector {
    /// All of one scale and within 64 bits, as a column of type `numeric(15,2)` is.
    Uniform {
        /// The digits.
        mantissas: Buffer<i64>,
        /// How many of them stand after the point.
        scale: u16,
    },
    /// Any numbers.
    General(Buffer<Numeric>),
}

impl NumericVector {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            NumericVector::Uniform { mantissas, .. } => mantissas.len(),
            NumericVector::General(numbers) => numbers.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them.
    pub fn get(&self, index: usize) -> Numeric {
        match self {
            NumericVector::Uniform { mantissas, scale } => Numeric::from_mantissa(mantissas[index], *scale),
            NumericVector::General(numbers) => numbers[index].clone(),
        }
    }

    /// A stretch.
    pub fn slice(&self, start: usize, length: usize) -> NumericVector {
        match self {
            NumericVector::Uniform { mantissas, scale } => {
                NumericVector::Uniform { mantissas: mantissas.slice(start, length), scale: *scale }
            }
            NumericVector::General(numbers) => NumericVector::General(numbers.slice(start, length)),
        }
    }

    /// The numbers at `indices`.
    pub fn gather(&self, indices: &[u32]) -> NumericVector {
        match self {
            NumericVector::Uniform { mantissas, scale } => {
                let mantissas: Vec<i64> = indices.iter().map(|index| mantissas[*index as usize]).collect();
                NumericVector::Uniform { mantissas: mantissas.into(), scale: *scale }
            }
            NumericVector::General(numbers) => {
                let numbers: Vec<Numeric> =
                    indices.iter().map(|index| numbers[*index as usize].clone()).collect();
                NumericVector::General(numbers.into())
            }
        }
    }
}

/// A [`NumericVector`] in the making: uniform until a number comes that is not of the kind of the first.
#[derive(Debug, Clone)]
pub struct NumericBuilder {
    mantissas: Vec<i64>,
    /// Of the first number; `None` while there are only nulls.
    scale: Option<u16>,
    /// All numbers, once they are no longer uniform.
    general: Option<Vec<Numeric>>,
}

impl NumericBuilder {
    /// Room for `rows` numbers.
    pub fn with_capacity(rows: usize) -> NumericBuilder {
        NumericBuilder { mantissas: Vec::with_capacity(rows), scale: None, general: None }
    }

    /// How many numbers there are so far.
    pub fn len(&self) -> usize {
        self.general.as_ref().map_or(self.mantissas.len(), Vec::len)
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a number.
    pub fn push(&mut self, number: Numeric) {
        match number.to_mantissa() {
            Some((mantissa, scale)) => self.push_small(mantissa, scale),
            None => self.general().push(number),
        }
    }

    /// Appends a number of a uniform vector.
    #[inline]
    pub fn push_small(&mut self, mantissa: i64, scale: u16) {
        if self.general.is_none() && *self.scale.get_or_insert(scale) == scale {
            self.mantissas.push(mantissa);
        } else {
            self.general().push(Numeric::from_mantissa(mantissa, scale));
        }
    }

    /// Appends what lies below nulls.
    pub fn push_nulls(&mut self, count: usize) {
        match &mut self.general {
            Some(numbers) => numbers.resize(numbers.len() + count, Numeric::from_mantissa(0, 0)),
            None => self.mantissas.resize(self.mantissas.len() + count, 0),
        }
    }

    /// Appends all numbers of a vector.
    pub fn append(&mut self, numbers: &NumericVector) {
        match numbers {
            NumericVector::Uniform { mantissas, scale }
                if self.general.is_none() && *self.scale.get_or_insert(*scale) == *scale =>
            {
                self.mantissas.extend_from_slice(mantissas);
            }
            NumericVector::Uniform { mantissas, scale } => {
                let numbers = mantissas.iter().map(|mantissa| Numeric::from_mantissa(*mantissa, *scale));
                self.general().extend(numbers);
            }
            NumericVector::General(numbers) => self.general().extend_from_slice(numbers),
        }
    }

    /// Appends numbers of a vector by their places.
    pub fn append_rows(&mut self, numbers: &NumericVector, rows: &[u32]) {
        match numbers {
            NumericVector::Uniform { mantissas, scale }
                if self.general.is_none() && *self.scale.get_or_insert(*scale) == *scale =>
            {
                self.mantissas.extend(rows.iter().map(|row| mantissas[*row as usize]));
            }
            NumericVector::Uniform { .. } | NumericVector::General(_) => {
                self.general().extend(rows.iter().map(|row| numbers.get(*row as usize)));
            }
        }
    }

    fn general(&mut self) -> &mut Vec<Numeric> {
        let scale = self.scale.unwrap_or(0);
        let mantissas = &mut self.mantissas;
        self.general.get_or_insert_with(|| {
            std::mem::take(mantissas)
                .iter()
                .map(|mantissa| Numeric::from_mantissa(*mantissa, scale))
                .collect()
        })
    }

    /// The vector.
    pub fn finish(self) -> NumericVector {
        match self.general {
            Some(numbers) => NumericVector::General(numbers.into()),
            None => {
                NumericVector::Uniform { mantissas: self.mantissas.into(), scale: self.scale.unwrap_or(0) }
            }
        }
    }
}
