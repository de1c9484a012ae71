//! Reading arrays where they lie, and making them.

use crate::kind::Kind;
use crate::stored::{append, bit_at, read, u32_at};
use crate::value::Item;

/// The most dimensions.
pub const DIMENSIONS_MAX: usize = 6;
const HEADER: usize = 8;

/// One dimension of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimension {
    /// How many elements it has.
    pub length: i32,
    /// The subscript of the first.
    pub lower: i32,
}

impl Dimension {
    /// The subscript of the last element.
    pub fn upper(self) -> i32 {
        self.lower.wrapping_add(self.length).wrapping_sub(1)
    }
}

/// An array in somebody else's bytes.
///
/// Making one looks at sizes only, so that it costs the same for arrays of any length. Of elements whose bytes are
/// damaged reading makes empty ones or nulls.
#[derive(Debug, Clone, Copy)]
pub struct ArrayView<'a> {
    kind: Kind,
    element_type: u32,
    dimensions: &'a [u8],
    length: usize,
    nulls: Option<&'a [u8]>,
    /// Empty for kinds of fixed width.
    ends: &'a [u8],
    data: &'a [u8],
}

impl<'a> ArrayView<'a> {
    /// The array of these bytes, if their sizes are those of one.
    pub fn new(bytes: &'a [u8]) -> Option<ArrayView<'a>> {
        let ([count, kind, has_nulls, zero], rest) = bytes.split_first_chunk::<4>()?;
        let (element_type, rest) = rest.split_first_chunk::<4>()?;
        let kind = Kind::from_code(*kind)?;
        if usize::from(*count) > DIMENSIONS_MAX || *has_nulls > 1 || *zero != 0 {
            return None;
        }
        let (dimensions, rest) = rest.split_at_checked(usize::from(*count) * 8)?;
        let mut length = usize::from(*count > 0);
        for dimension in dimensions.as_chunks::<8>().0 {
            length = length.checked_mul(usize::try_from(read_dimension(*dimension).length).ok()?)?;
        }
        if *count > 0 && length == 0 {
            return None;
        }
        let (nulls, rest) = rest.split_at_checked(if *has_nulls == 1 { length.div_ceil(8) } else { 0 })?;
        let (ends, data) = match kind.stored_width() {
            Some(width) => (&[][..], (rest.len() == length.checked_mul(width)?).then_some(rest)?),
            None => {
                let (ends, data) = rest.split_at_checked(length.checked_mul(4)?)?;
                let last = ends.last_chunk::<4>().map_or(0, |end| u32::from_le_bytes(*end) as usize);
                (ends, (last == data.len()).then_some(data)?)
            }
        };
        Some(ArrayView {
            kind,
            element_type: u32::from_le_bytes(*element_type),
            dimensions,
            length,
            nulls: (*has_nulls == 1).then_some(nulls),
            ends,
            data,
        })
    }

    /// How many elements there are in all dimensions together.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it has none; then it has no dimensions.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The kind of the elements.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The type of the elements.
    pub fn element_type(&self) -> u32 {
        self.element_type
    }

    /// The dimensions, the outermost first.
    pub fn dimensions(&self) -> impl ExactSizeIterator<Item = Dimension> + use<'a> {
        self.dimensions.as_chunks::<8>().0.iter().map(|dimension| read_dimension(*dimension))
    }

    /// Whether any element is null.
    pub fn has_nulls(&self) -> bool {
        (0..self.length).any(|index| self.is_null(index))
    }

    /// Whether an element is null.
    pub fn is_null(&self, index: usize) -> bool {
        self.nulls.is_some_and(|nulls| bit_at(nulls, index))
    }

    /// An element by its place in storage order, the last dimension running fastest; past the end there are nulls.
    pub fn item(&self, index: usize) -> Item<'a> {
        if index >= self.length || self.is_null(index) {
            return Item::Null;
        }
        read(self.kind, self.element(index)).unwrap_or(Item::Null)
    }

    /// All elements in storage order.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Item<'a>> + use<'a> {
        let array = *self;
        (0..self.length).map(move |index| array.item(index))
    }

    fn element(&self, index: usize) -> &'a [u8] {
        let stretch = match self.kind.stored_width() {
            Some(width) => self.data.get(index * width..(index + 1) * width),
            None => {
                let start = if index == 0 { Some(0) } else { u32_at(self.ends, (index - 1) * 4) };
                let end = u32_at(self.ends, index * 4);
                start.zip(end).and_then(|(start, end)| self.data.get(start as usize..end as usize))
            }
        };
        stretch.unwrap_or(&[])
    }
}

fn read_dimension([a, b, c, d, e, f, g, h]: [u8; 8]) -> Dimension {
    Dimension { length: i32::from_le_bytes([a, b, c, d]), lower: i32::from_le_bytes([e, f, g, h]) }
}

/// An array in the making: elements in storage order, then its shape.
#[derive(Debug, Clone)]
pub struct ArrayBuilder {
    kind: Kind,
    element_type: u32,
    /// Places of nulls, as far as the last one.
    nulls: Vec<u8>,
    ends: Vec<u32>,
    data: Vec<u8>,
    length: usize,
}

impl ArrayBuilder {
    /// An array of elements of this type, which are of this kind.
    pub fn new(element_type: u32, kind: Kind) -> ArrayBuilder {
        ArrayBuilder { kind, element_type, nulls: Vec::new(), ends: Vec::new(), data: Vec::new(), length: 0 }
    }

    /// How many elements there are so far.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many bytes the elements take so far.
    pub fn size(&self) -> usize {
        self.data.len() + self.ends.len() * 4
    }

    /// Appends an element, which is of the array's kind or null.
    pub fn push(&mut self, item: &Item<'_>) {
        debug_assert!(item.kind().is_none_or(|kind| kind == self.kind), "elements of one kind");
        match (item, self.kind.stored_width()) {
            (Item::Null, width) => {
                self.nulls.resize(self.length / 8 + 1, 0);
                self.nulls[self.length / 8] |= 1 << (self.length % 8);
                self.data.resize(self.data.len() + width.unwrap_or(0), 0);
            }
            (item, _) => append(item, &mut self.data),
        }
        if self.kind.stored_width().is_none() {
            // Sizes are checked by whoever makes values: all of one value is at most a gigabyte.
            self.ends.push(self.data.len() as u32);
        }
        self.length += 1;
    }

    /// Appends all elements of an array, which are of the same kind.
    pub fn extend(&mut self, array: &ArrayView<'_>) {
        debug_assert!(array.is_empty() || array.kind == self.kind, "elements of one kind");
        if let Some(nulls) = array.nulls {
            for index in (0..array.length).filter(|index| bit_at(nulls, *index)) {
                let place = self.length + index;
                self.nulls.resize(self.nulls.len().max(place / 8 + 1), 0);
                self.nulls[place / 8] |= 1 << (place % 8);
            }
        }
        let before = self.data.len() as u32;
        let ends = array.ends.as_chunks::<4>().0.iter();
        self.ends.extend(ends.map(|end| before.wrapping_add(u32::from_le_bytes(*end))));
        self.data.extend_from_slice(array.data);
        self.length += array.length;
    }

    /// The array's bytes. The product of the lengths is the number of elements; without elements there is no dimension.
    pub fn finish(mut self, dimensions: &[Dimension]) -> Vec<u8> {
        let dimensions = if self.length == 0 { &[] } else { dimensions };
        debug_assert_eq!(
            self.length,
            dimensions.iter().map(|dimension| dimension.length as usize).product::<usize>()
                * usize::from(!dimensions.is_empty())
        );
        let has_nulls = !self.nulls.is_empty();
        let room = HEADER + dimensions.len() * 8 + self.nulls.len() + self.size() + self.length.div_ceil(8);
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(&[dimensions.len() as u8, self.kind.code(), u8::from(has_nulls), 0]);
        bytes.extend_from_slice(&self.element_type.to_le_bytes());
        for dimension in dimensions {
            bytes.extend_from_slice(&dimension.length.to_le_bytes());
            bytes.extend_from_slice(&dimension.lower.to_le_bytes());
        }
        if has_nulls {
            self.nulls.resize(self.length.div_ceil(8), 0);
            bytes.extend_from_slice(&self.nulls);
        }
        for end in &self.ends {
            bytes.extend_from_slice(&end.to_le_bytes());
        }
        bytes.extend_from_slice(&self.data);
        bytes
    }

    /// The bytes of an array of one dimension that begins with subscript one.
    pub fn finish_list(self) -> Vec<u8> {
        let dimension = Dimension { length: self.length as i32, lower: 1 };
        self.finish(&[dimension])
    }
}

#[cfg(test)]
mod tests {
    use super::{ArrayBuilder, ArrayView};
    use crate::catalog::oid;
    use crate::kind::Kind;
    use crate::value::Item;

    /// Elements that come as an array are those that come one by one.
    #[test]
    fn arrays_are_appended_as_their_elements_are() {
        let texts = |from: usize, to: usize| -> Vec<Item<'static>> {
            let all: [&[u8]; 7] = [b"a", b"", b"bcd", b"e", b"ff", b"g", b"hh"];
            (from..to).map(|n| if n % 3 == 1 { Item::Null } else { Item::Bytes(all[n % 7]) }).collect()
        };
        for (kind, of) in [(Kind::Bytes, oid::TEXT), (Kind::Int32, oid::INT4)] {
            for lengths in [[0, 5], [3, 0], [9, 20], [1, 1]] {
                let items = |from, to| match kind {
                    Kind::Int32 => (from..to)
                        .map(|n| if n % 4 == 0 { Item::Null } else { Item::Int32(n as i32) })
                        .collect(),
                    _ => texts(from, to),
                };
                let (mut one_by_one, mut whole) = (ArrayBuilder::new(of, kind), ArrayBuilder::new(of, kind));
                let mut next = 0;
                for length in lengths {
                    let mut part = ArrayBuilder::new(of, kind);
                    for item in items(next, next + length) {
                        one_by_one.push(&item);
                        part.push(&item);
                    }
                    whole.extend(&ArrayView::new(&part.finish_list()).unwrap());
                    next += length;
                }
                assert_eq!(one_by_one.finish_list(), whole.finish_list());
            }
        }
    }
}
