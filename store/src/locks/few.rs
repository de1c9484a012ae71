//! A list that is nearly always of length one, and then costs no allocation.
//!
//! Almost every locked row has one holder. There is nothing here that can fail.
//!
//! Invariants
//!
//! 1. Order is that of insertion, whatever was taken out between.
//! 2. An emptied `Many` keeps its memory until it is dropped; `heap_bytes` counts it.

/// Zero, one or more values, in order of insertion.
#[derive(Debug)]
pub(crate) enum Few<T> {
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Few::None => &[],
            Few::One(value) => std::slice::from_ref(value),
            Few::Many(values) => values,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Few::None => &mut [],
            Few::One(value) => std::slice::from_mut(value),
            Few::Many(values) => values,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    pub(crate) fn push(&mut self, value: T) {
        *self = match std::mem::replace(self, Few::None) {
            Few::None => Few::One(value),
            Few::One(first) => Few::Many(vec![first, value]),
            Few::Many(mut values) => {
                values.push(value);
                Few::Many(values)
            }
        };
    }

    /// Takes out the first value for which `wanted` holds; the order of the others stays.
    pub(crate) fn take(&mut self, wanted: impl FnMut(&T) -> bool) -> Option<T> {
        let position = self.as_slice().iter().position(wanted)?;
        match self {
            Few::Many(values) => Some(values.remove(position)),
            Few::None | Few::One(_) => match std::mem::replace(self, Few::None) {
                Few::One(value) => Some(value),
                Few::None | Few::Many(_) => None,
            },
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Few::None | Few::One(_) => 0,
            Few::Many(values) => values.capacity() * size_of::<T>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_shrinks_in_order() {
        let mut few = Few::None;
        assert!(few.is_empty());
        for value in 0..4 {
            few.push(value);
        }
        assert_eq!(few.take(|&value| value == 1), Some(1));
        assert_eq!(few.as_slice(), [0, 2, 3]);
        assert_eq!(few.take(|&value| value == 1), None);
        let mut one = Few::One(5);
        assert_eq!((one.take(|_| true), one.is_empty()), (Some(5), true));
    }
}
