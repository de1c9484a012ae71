//! Values behind a shared count: slices and clones cost nothing, whoever changes a shared one gets a copy.

use std::ops::Deref;
use std::sync::Arc;

/// A stretch of a shared run of values.
#[derive(Debug, Clone)]
pub struct Buffer<T> {
    values: Arc<Vec<T>>,
    /// `start + length <= values.len()`, always.
    start: usize,
    length: usize,
}

impl<T: Clone> Buffer<T> {
    /// A stretch of this one; cut where this one ends.
    pub fn slice(&self, start: usize, length: usize) -> Buffer<T> {
        let start = start.min(self.length);
        let length = length.min(self.length - start);
        Buffer { values: Arc::clone(&self.values), start: self.start + start, length }
    }

    /// The values, to be changed: in place if nobody else holds them, in a copy otherwise.
    pub fn make_mut(&mut self) -> &mut [T] {
        if Arc::get_mut(&mut self.values).is_none() {
            *self = Buffer::from(self.to_vec());
        }
        // Either nobody else held them or the copy is new: this makes no other.
        &mut Arc::make_mut(&mut self.values)[self.start..self.start + self.length]
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Buffer<T> {
        let length = values.len();
        Buffer { values: Arc::new(values), start: 0, length }
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Buffer<T> {
        Buffer::from(Vec::new())
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    #[test]
    fn a_change_is_not_seen_by_who_shares() {
        let mut whole = Buffer::from(vec![1, 2, 3, 4]);
        let mut part = whole.slice(1, 9);
        part.make_mut()[0] = 20;
        whole.make_mut()[2] = 30;
        assert_eq!((&whole[..], &part[..]), (&[1, 2, 30, 4][..], &[20, 3, 4][..]));
        assert!(whole.slice(7, 1).is_empty());
    }
}
