//! Rows picked from a vector, and vectors put one after the other.

use super::bitmap::{Bitmap, BitmapBuilder};
use super::builder::VectorBuilder;
use super::bytes::BytesVector;
use super::error::VectorResult;
use super::repeats::Repeats;
use super::{Data, Fixed, Vector, each_kind};
use crate::kind::Kind;

impl Vector {
    /// The rows at `indices`, in their order, each as often as it is named. Every index is below the vector's length.
    pub fn gather(&self, indices: &[u32]) -> VectorResult<Vector> {
        if self.constant {
            return Ok(Vector { length: indices.len(), ..self.clone() });
        }
        let data = gather_data(&self.data, indices)?;
        let nulls = self
            .nulls
            .as_ref()
            .map(|nulls| Bitmap::from_fn(indices.len(), |row| nulls.get(indices[row] as usize)));
        Ok(Vector::new(data, nulls))
    }

    /// The same with a value for each row.
    pub fn flatten(self) -> VectorResult<Vector> {
        if !self.constant {
            return Ok(self);
        }
        let data = gather_data(&self.data, &vec![0; self.length])?;
        Ok(Vector::new(data, self.nulls.map(|_| Bitmap::filled(self.length, true))))
    }

    /// All vectors, which are of the same kind, one after the other.
    pub fn concat(kind: Kind, vectors: &[&Vector]) -> VectorResult<Vector> {
        let rows = vectors.iter().map(|vector| vector.len()).sum();
        let nothing = |vector: &&Vector| vector.constant && vector.length > 0 && vector.is_null(0);
        if let Some(first) = vectors.first().filter(|_| vectors.iter().all(nothing)) {
            return Ok(first.repeat(0, rows));
        }
        if let Some(repeats) = Repeats::concat(vectors) {
            let nulls = vectors.iter().any(|vector| vector.nulls.is_some()).then(|| all_nulls(vectors));
            return Ok(Vector::new(
                Data::Bytes(BytesVector::of_numbers(repeats)?),
                nulls.and_then(BitmapBuilder::finish),
            ));
        }
        let mut builder = VectorBuilder::new(kind, rows);
        for vector in vectors {
            builder.append(vector)?;
        }
        Ok(builder.finish())
    }
}

/// Which of the rows of all vectors are null.
fn all_nulls(vectors: &[&Vector]) -> BitmapBuilder {
    let mut nulls = BitmapBuilder::default();
    for vector in vectors {
        match &vector.nulls {
            None => nulls.push_zeros(vector.length),
            Some(_) => (0..vector.length).for_each(|row| nulls.push(vector.is_null(row))),
        }
    }
    nulls
}

fn gather_data(data: &Data, indices: &[u32]) -> VectorResult<Data> {
    Ok(each_kind!(
        data,
        fixed values => gather_fixed(values, indices),
        numeric values => Data::Numeric(values.gather(indices)),
        bytes values => Data::Bytes(values.gather(indices)?),
    ))
}

fn gather_fixed<T: Fixed>(values: &[T], indices: &[u32]) -> Data {
    let picked: Vec<T> = indices.iter().map(|index| values[*index as usize]).collect();
    T::wrap(picked.into())
}
