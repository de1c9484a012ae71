//! Values of any length: one buffer, and where each value ends in it.

use super::buffer::Buffer;
use super::error::{VectorError, VectorResult};
use super::repeats::Repeats;
use env::sync::OnceLock;

/// Byte strings: one after the other, or by their numbers in a dictionary, or both. Values that are known by their numbers alone are
/// put one after the other when somebody asks for them so.
#[derive(Debug)]
pub struct BytesVector {
    /// `None` as long as nobody has asked; then there are numbers.
    flat: OnceLock<Flat>,
    /// What is known of values that repeat.
    repeats: Option<Repeats>,
}

/// Values one after the other.
///
/// Ends never fall and the last is within the buffer; value `i` begins where value `i - 1` ends, the first at `first`.
#[derive(Debug, Clone, Default)]
struct Flat {
    bytes: Buffer<u8>,
    ends: Buffer<u32>,
    first: u32,
}

impl Flat {
    fn view(&self) -> BytesView<'_> {
        BytesView { bytes: &self.bytes, ends: &self.ends, first: self.first }
    }

    /// Bytes of all values together.
    fn total(&self) -> usize {
        self.ends.last().map_or(0, |end| (end - self.first) as usize)
    }

    /// The same values as those that numbers tell, which are together no longer than a vector's may be.
    fn of(repeats: &Repeats) -> Flat {
        let dictionary = repeats.dictionary();
        let mut bytes = Vec::with_capacity(repeats.total());
        let mut ends = Vec::with_capacity(repeats.numbers().len());
        let values = dictionary.values().view();
        for number in repeats.numbers() {
            values.stretch(usize::from(*number)).append_to(&mut bytes);
            ends.push(bytes.len() as u32);
        }
        Flat { bytes: bytes.into(), ends: ends.into(), first: 0 }
    }

    fn slice(&self, start: usize, length: usize) -> Flat {
        let start = start.min(self.ends.len());
        let first = if start == 0 { self.first } else { self.ends[start - 1] };
        Flat { bytes: self.bytes.clone(), ends: self.ends.slice(start, length), first }
    }
}

impl Clone for BytesVector {
    fn clone(&self) -> BytesVector {
        let flat = self.flat.get().cloned();
        BytesVector { flat: flat.map(known).unwrap_or_default(), repeats: self.repeats.clone() }
    }
}

impl From<Flat> for BytesVector {
    fn from(flat: Flat) -> BytesVector {
        BytesVector { flat: known(flat), repeats: None }
    }
}

/// What need not be made.
fn known(flat: Flat) -> OnceLock<Flat> {
    let cell = OnceLock::new();
    // An empty cell takes it.
    let _ = cell.set(flat);
    cell
}

impl BytesVector {
    /// Texts one after the other, each up to its end in `text`.
    pub(crate) fn from_text(text: String, ends: Vec<u32>) -> BytesVector {
        debug_assert!(ends.is_sorted() && ends.last().is_none_or(|end| *end as usize <= text.len()));
        Flat { bytes: text.into_bytes().into(), ends: ends.into(), first: 0 }.into()
    }

    /// The values that numbers tell.
    ///
    /// # Errors
    /// When they are longer together than those of a vector may be.
    pub(super) fn of_numbers(repeats: Repeats) -> VectorResult<BytesVector> {
        u32::try_from(repeats.total()).map_err(|_| VectorError::TooLarge)?;
        Ok(BytesVector { flat: OnceLock::new(), repeats: Some(repeats) })
    }

    /// The same, of which it is known how they repeat.
    ///
    /// # Panics
    /// When that is of another number of values.
    #[must_use]
    pub fn with_repeats(self, repeats: Repeats) -> BytesVector {
        assert_eq!(repeats.numbers().len(), self.len(), "a number for each value");
        debug_assert!(
            (0..self.len()).all(|row| {
                repeats.dictionary().get(usize::from(repeats.numbers()[row])) == self.get(row)
            })
        );
        BytesVector { repeats: Some(repeats), ..self }
    }

    /// The values, each once, if it is known that they are few.
    pub fn repeats(&self) -> Option<&Repeats> {
        self.repeats.as_ref().filter(|repeats| repeats.are_few())
    }

    /// The values as numbers in a dictionary, which may have more of them than there are rows.
    pub fn numbered(&self) -> Option<&Repeats> {
        self.repeats.as_ref()
    }

    /// The values one after the other.
    #[inline]
    fn flat(&self) -> &Flat {
        match self.flat.get() {
            Some(flat) => flat,
            None => self.flat.get_or_init(|| self.repeats.as_ref().map(Flat::of).unwrap_or_default()),
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        match &self.repeats {
            Some(repeats) => repeats.numbers().len(),
            None => self.flat().ends.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One value.
    #[inline]
    pub fn get(&self, index: usize) -> &[u8] {
        match (self.flat.get(), &self.repeats) {
            (None, Some(repeats)) => repeats.get(index),
            (Some(flat), _) => flat.view().get(index),
            (None, None) => self.view().get(index),
        }
    }

    /// The values, borrowed once for many looks at them.
    #[inline]
    pub fn view(&self) -> BytesView<'_> {
        self.flat().view()
    }

    /// All values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let flat = self.flat();
        let (bytes, mut start) = (&flat.bytes[..], flat.first as usize);
        flat.ends.iter().map(move |end| {
            let value = &bytes[start..*end as usize];
            start = *end as usize;
            value
        })
    }

    /// Where the values end in [`BytesVector::buffer`], for loops over all of them.
    pub fn ends(&self) -> &[u32] {
        &self.flat().ends
    }

    /// Whether these are the same values in the same place. False says nothing.
    pub(crate) fn lies_with(&self, other: &BytesVector) -> bool {
        let (Some(flat), Some(other)) = (self.flat.get(), other.flat.get()) else { return false };
        flat.first == other.first
            && std::ptr::eq(&raw const flat.ends[..], &raw const other.ends[..])
            && std::ptr::eq(&raw const flat.bytes[..], &raw const other.bytes[..])
    }

    /// Where the first value begins.
    pub fn first(&self) -> u32 {
        self.flat().first
    }

    /// What the ends refer to; it may begin and end with bytes of nobody.
    pub fn buffer(&self) -> &[u8] {
        &self.flat().bytes
    }

    /// All values, one after the other.
    pub fn all(&self) -> &[u8] {
        let flat = self.flat();
        let first = flat.first as usize;
        &flat.bytes[first..first + flat.total()]
    }

    /// How many bytes each value has.
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = u32> {
        let flat = self.flat();
        let mut start = flat.first;
        flat.ends.iter().map(move |end| end - std::mem::replace(&mut start, *end))
    }

    /// The values with other bytes, each made of one of theirs.
    pub fn map_bytes(&self, each: impl Fn(u8) -> u8) -> BytesVector {
        let flat = self.flat();
        let bytes: Vec<u8> = self.all().iter().map(|byte| each(*byte)).collect();
        let ends = match flat.first {
            0 => flat.ends.clone(),
            first => flat.ends.iter().map(|end| end - first).collect::<Vec<u32>>().into(),
        };
        Flat { bytes: bytes.into(), ends, first: 0 }.into()
    }

    /// Bytes of all values together.
    pub fn total(&self) -> usize {
        match (self.flat.get(), &self.repeats) {
            (None, Some(repeats)) => repeats.total(),
            (Some(_), _) | (None, None) => self.flat().total(),
        }
    }

    /// A stretch; the buffer is shared.
    pub fn slice(&self, start: usize, length: usize) -> BytesVector {
        let flat = self.flat.get().map(|flat| known(flat.slice(start, length)));
        let repeats = self.repeats.as_ref().map(|repeats| repeats.slice(start, length));
        BytesVector { flat: flat.unwrap_or_default(), repeats }
    }

    /// The values at `indices`.
    pub fn gather(&self, indices: &[u32]) -> VectorResult<BytesVector> {
        if let Some(repeats) = &self.repeats {
            return BytesVector::of_numbers(repeats.gather(indices));
        }
        let flat = self.flat();
        let mut total = 0u64;
        let mut ends = Vec::with_capacity(indices.len());
        for index in indices {
            let index = *index as usize;
            let start = if index == 0 { flat.first } else { flat.ends[index - 1] };
            total += u64::from(flat.ends[index] - start);
            // Wraps only where the total is refused below.
            ends.push(total as u32);
        }
        let total = u32::try_from(total).map_err(|_| VectorError::TooLarge)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(total as usize).map_err(|_| VectorError::TooLarge)?;
        // Values that follow one another are copied together.
        for stretch in indices.chunk_by(|index, next| index.checked_add(1) == Some(*next)) {
            let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
            let start = if *first == 0 { flat.first } else { flat.ends[*first as usize - 1] };
            bytes.extend_from_slice(&flat.bytes[start as usize..flat.ends[*last as usize] as usize]);
        }
        Ok(Flat { bytes: bytes.into(), ends: ends.into(), first: 0 }.into())
    }
}

/// The values of a [`BytesVector`], borrowed.
#[derive(Debug, Clone, Copy)]
pub struct BytesView<'a> {
    bytes: &'a [u8],
    ends: &'a [u32],
    first: u32,
}

impl<'a> BytesView<'a> {
    /// One value.
    #[inline]
    pub fn get(&self, index: usize) -> &'a [u8] {
        self.stretch(index).bytes()
    }

    /// One value, with what lies behind it.
    #[inline]
    pub fn stretch(&self, index: usize) -> Stretch<'a> {
        let start = if index == 0 { self.first } else { self.ends[index - 1] };
        Stretch { all: self.bytes, start: start as usize, end: self.ends[index] as usize }
    }
}

/// A value among others, to be copied: so many bytes as most have at most are copied at once, together with what lies behind the
/// value, which is cut off again. That takes no call.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    all: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Stretch<'a> {
    /// How many bytes are copied at once.
    const AT_ONCE: usize = 32;

    /// The value.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        &self.all[self.start..self.end]
    }

    /// A part of it; cut where it ends.
    #[inline]
    pub fn part(&self, from: usize, to: usize) -> Stretch<'a> {
        let length = self.end - self.start;
        let to = to.min(length);
        Stretch { all: self.all, start: self.start + from.min(to), end: self.start + to }
    }

    /// Appends it.
    #[inline]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        let before = out.len();
        match self.all.get(self.start..).and_then(|rest| rest.first_chunk::<{ Stretch::AT_ONCE }>()) {
            Some(wide) if self.end - self.start <= Stretch::AT_ONCE => {
                out.extend_from_slice(wide);
                out.truncate(before + self.end - self.start);
            }
            Some(_) | None => out.extend_from_slice(self.bytes()),
        }
    }
}

/// A [`BytesVector`] in the making.
#[derive(Debug, Clone, Default)]
pub struct BytesBuilder {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl BytesBuilder {
    /// Room for `rows` values.
    pub fn with_capacity(rows: usize, bytes: usize) -> BytesBuilder {
        BytesBuilder { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    /// How many values there are so far.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all values together.
    #[inline]
    pub fn total(&self) -> usize {
        self.bytes.len()
    }

    /// Appends a value.
    #[inline]
    pub fn push(&mut self, value: &[u8]) -> VectorResult<()> {
        if self.bytes.len() + value.len() > u32::MAX as usize {
            return Err(VectorError::TooLarge);
        }
        if self.bytes.capacity() - self.bytes.len() < value.len() {
            self.bytes.try_reserve(value.len()).map_err(|_| VectorError::TooLarge)?;
        }
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len() as u32);
        Ok(())
    }

    /// Appends a value that `write` appends to the buffer. What it appends in vain is taken back on an error.
    pub fn push_with<E: From<VectorError>>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.bytes.len();
        let written = write(&mut self.bytes);
        let fits = self.bytes.len() >= before && self.bytes.len() <= u32::MAX as usize;
        if written.is_err() || !fits {
            self.bytes.truncate(before);
            return written.and(Err(VectorError::TooLarge.into()));
        }
        self.ends.push(self.bytes.len() as u32);
        Ok(())
    }

    /// Appends all values of a vector.
    pub fn append(&mut self, values: &BytesVector) -> VectorResult<()> {
        let (before, values) = (self.bytes.len(), values.flat());
        if before + values.total() > u32::MAX as usize {
            return Err(VectorError::TooLarge);
        }
        self.bytes.try_reserve(values.total()).map_err(|_| VectorError::TooLarge)?;
        let first = values.first as usize;
        self.bytes.extend_from_slice(&values.bytes[first..first + values.total()]);
        // Every end that comes of it is within 32 bits, whether or not what it is moved by is.
        let shift = (before as u32).wrapping_sub(values.first);
        self.ends.extend(values.ends.iter().map(|end| end.wrapping_add(shift)));
        Ok(())
    }

    /// Appends values of a vector by their places.
    pub fn append_rows(&mut self, values: &BytesVector, rows: &[u32]) -> VectorResult<()> {
        if let (None, Some(repeats)) = (values.flat.get(), &values.repeats) {
            return rows.iter().try_for_each(|row| self.push(repeats.get(*row as usize)));
        }
        let values = values.flat();
        // Values that follow one another are copied together.
        for stretch in rows.chunk_by(|row, next| row.checked_add(1) == Some(*next)) {
            let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
            let (first, last) = (*first as usize, *last as usize);
            let start = if first == 0 { values.first } else { values.ends[first - 1] } as usize;
            let more = &values.bytes[start..values.ends[last] as usize];
            let before = self.bytes.len();
            if before + more.len() > u32::MAX as usize {
                return Err(VectorError::TooLarge);
            }
            self.bytes.try_reserve(more.len()).map_err(|_| VectorError::TooLarge)?;
            self.bytes.extend_from_slice(more);
            self.ends
                .extend(values.ends[first..=last].iter().map(|end| (*end as usize - start + before) as u32));
        }
        Ok(())
    }

    /// Appends empty values.
    pub fn push_empty(&mut self, count: usize) {
        self.ends.resize(self.ends.len() + count, self.bytes.len() as u32);
    }

    /// The vector.
    pub fn finish(self) -> BytesVector {
        Flat { bytes: self.bytes.into(), ends: self.ends.into(), first: 0 }.into()
    }
}
