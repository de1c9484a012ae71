//! Writing the binary form: pieces in the order of a text, one pass that sorts and measures, one that writes.
//!
//! Pieces are kept as a flat list until the document is complete; then every length is known and each byte is written
//! once, however deep it lies.

use super::{ENTRY, Jsonb, Kind, MAX_ELEMENTS, MAX_PAIRS, MAX_SIZE, Value, order_of_names};
use crate::error::{JsonError, JsonResult, TooLarge};
use crate::text::Text;
use crate::{MAX_DEPTH, number};

/// Where the payload of a piece is.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    /// Written here.
    Scratch { start: usize },
    /// Lies elsewhere.
    Borrowed(&'a [u8]),
    /// An array or object: its pieces are `children[start..start + count]`.
    Children { start: usize, count: usize },
}

#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    kind: Kind,
    /// The length of its payload.
    size: usize,
    source: Source<'a>,
}

struct Open {
    kind: Kind,
    /// Where its pieces start among those that wait.
    first: usize,
}

/// Takes a document's pieces in order and writes the document.
#[derive(Default)]
pub struct Builder<'a> {
    pieces: Vec<Piece<'a>>,
    /// Pieces whose array or object is still open; of an object names and values in turn.
    waiting: Vec<u32>,
    children: Vec<u32>,
    open: Vec<Open>,
    scratch: Vec<u8>,
    /// The fields of the object that ends, while they are sorted.
    fields: Vec<(u32, u32)>,
}

impl<'a> Builder<'a> {
    /// A builder that has nothing yet.
    pub fn new() -> Builder<'a> {
        Builder::default()
    }

    /// Makes room for the pieces of a text of that length.
    pub(super) fn reserve(&mut self, length: usize) {
        // A piece takes ten bytes of a usual text. Where it takes less, there is room for more when it is needed.
        let pieces = (length / 10).clamp(4, 1 << 16);
        self.pieces.reserve(pieces);
        self.waiting.reserve(pieces / 2);
        self.children.reserve(pieces);
        self.scratch.reserve(pieces);
    }

    fn piece(&mut self, kind: Kind, size: usize, source: Source<'a>) -> JsonResult<()> {
        let place = u32::try_from(self.pieces.len()).map_err(|_| TooLarge::Array)?;
        self.pieces.push(Piece { kind, size, source });
        self.waiting.push(place);
        Ok(())
    }

    /// An object begins.
    pub fn begin_object(&mut self) -> JsonResult<()> {
        self.begin(Kind::Object)
    }

    /// An array begins.
    pub fn begin_array(&mut self) -> JsonResult<()> {
        self.begin(Kind::Array)
    }

    fn begin(&mut self, kind: Kind) -> JsonResult<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.open.push(Open { kind, first: self.waiting.len() });
        Ok(())
    }

    /// The innermost object or array ends. Without one, nothing happens.
    pub fn end(&mut self) -> JsonResult<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let start = self.children.len();
        let (count, too_large) = match open.kind {
            Kind::Object => (self.sort_fields(open.first)?, TooLarge::Object),
            Kind::Array | Kind::Null | Kind::False | Kind::True | Kind::Number | Kind::String => {
                self.children.extend_from_slice(&self.waiting[open.first..]);
                if self.children.len() - start > MAX_ELEMENTS {
                    return Err(TooLarge::Elements.into());
                }
                (self.children.len() - start, TooLarge::Array)
            }
        };
        self.waiting.truncate(open.first);
        let entries = self.children.len() - start;
        let payloads = self.children[start..].iter().map(|child| self.pieces[*child as usize].size);
        let size = ENTRY + entries * ENTRY + payloads.sum::<usize>();
        if size > MAX_SIZE {
            return Err(too_large.into());
        }
        self.piece(open.kind, size, Source::Children { start, count })
    }

    /// Moves the fields that wait since `first` to the children: names sorted, the last of doubled ones, then values.
    fn sort_fields(&mut self, first: usize) -> JsonResult<usize> {
        let mut fields = std::mem::take(&mut self.fields);
        fields.clear();
        fields.extend(self.waiting[first..].as_chunks::<2>().0.iter().map(|pair| (pair[0], pair[1])));
        if fields.len() > MAX_PAIRS {
            return Err(TooLarge::Pairs.into());
        }
        let name = |piece: u32| self.scalar_bytes(self.pieces[piece as usize]);
        if !fields.is_sorted_by(|one, two| order_of_names(name(one.0), name(two.0)).is_lt()) {
            // Of equal names the later has the higher number and comes first; the others go.
            fields.sort_unstable_by(|one, two| {
                order_of_names(name(one.0), name(two.0)).then(two.0.cmp(&one.0))
            });
            fields.dedup_by(|later, kept| name(later.0) == name(kept.0));
        }
        self.children.extend(fields.iter().map(|field| field.0));
        self.children.extend(fields.iter().map(|field| field.1));
        let count = fields.len();
        self.fields = fields;
        Ok(count)
    }

    fn scalar_bytes(&self, piece: Piece<'a>) -> &[u8] {
        match piece.source {
            Source::Scratch { start } => &self.scratch[start..start + piece.size],
            Source::Borrowed(bytes) => bytes,
            Source::Children { .. } => &[],
        }
    }

    /// The name of a field, whose value must come next.
    pub fn key(&mut self, name: &'a str) -> JsonResult<()> {
        self.string(name)
    }

    /// The name of a field that nobody keeps.
    pub fn key_copied(&mut self, name: &str) -> JsonResult<()> {
        self.string_copied(name)
    }

    /// A string.
    pub fn string(&mut self, text: &'a str) -> JsonResult<()> {
        if text.len() > MAX_SIZE {
            return Err(TooLarge::String.into());
        }
        self.piece(Kind::String, text.len(), Source::Borrowed(text.as_bytes()))
    }

    /// A string that nobody keeps.
    pub fn string_copied(&mut self, text: &str) -> JsonResult<()> {
        if text.len() > MAX_SIZE {
            return Err(TooLarge::String.into());
        }
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text.as_bytes());
        self.piece(Kind::String, text.len(), Source::Scratch { start })
    }

    /// A string as JSON writes it, between its quotes.
    pub(super) fn quoted(&mut self, text: Text<'a>) -> JsonResult<()> {
        if !text.is_escaped() {
            return self.string(text.raw());
        }
        let start = self.scratch.len();
        text.decode_onto(&mut self.scratch);
        let size = self.scratch.len() - start;
        if size > MAX_SIZE {
            return Err(TooLarge::String.into());
        }
        self.piece(Kind::String, size, Source::Scratch { start })
    }

    /// A number as JSON writes it.
    pub fn number(&mut self, text: &str) -> JsonResult<()> {
        let start = self.scratch.len();
        number::encode_text(text, &mut self.scratch)?;
        self.piece(Kind::Number, self.scratch.len() - start, Source::Scratch { start })
    }

    /// A number.
    pub fn integer(&mut self, value: i64) -> JsonResult<()> {
        let start = self.scratch.len();
        number::encode_integer(value, &mut self.scratch);
        self.piece(Kind::Number, self.scratch.len() - start, Source::Scratch { start })
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) -> JsonResult<()> {
        self.piece(if value { Kind::True } else { Kind::False }, 0, Source::Borrowed(&[]))
    }

    /// `null`.
    pub fn null(&mut self) -> JsonResult<()> {
        self.piece(Kind::Null, 0, Source::Borrowed(&[]))
    }

    /// A value of another document, with all that is in it.
    pub fn value(&mut self, value: Value<'a>) -> JsonResult<()> {
        let (kind, payload) = value.kind_and_payload();
        self.piece(kind, payload.len(), Source::Borrowed(payload))
    }

    /// The document. What was left open is closed; of several values the first is it, of none `null`.
    pub fn finish(mut self) -> JsonResult<Jsonb> {
        while !self.open.is_empty() {
            self.end()?;
        }
        let Some(root) = self.waiting.first().map(|root| self.pieces[*root as usize]) else {
            return Ok(Value::Null.to_jsonb());
        };
        let mut bytes = Vec::with_capacity(ENTRY + root.size);
        bytes.extend_from_slice(&root.kind.entry(root.size));
        let mut depth = vec![self.write(root, &mut bytes)];
        while let Some(children) = depth.last_mut() {
            match children.split_first() {
                Some((child, rest)) => {
                    *children = rest;
                    let inner = self.write(self.pieces[*child as usize], &mut bytes);
                    if !inner.is_empty() {
                        depth.push(inner);
                    }
                }
                None => {
                    depth.pop();
                }
            }
        }
        Ok(Jsonb { bytes })
    }

    /// Writes a piece's payload, or the head of it and what is to be written behind that.
    fn write(&self, piece: Piece<'a>, bytes: &mut Vec<u8>) -> &[u32] {
        let Source::Children { start, count } = piece.source else {
            bytes.extend_from_slice(self.scalar_bytes(piece));
            return &[];
        };
        let entries = if piece.kind == Kind::Object { count * 2 } else { count };
        let children = &self.children[start..start + entries];
        bytes.extend_from_slice(&(count as u32).to_le_bytes());
        let mut end = 0;
        for child in children {
            let child = self.pieces[*child as usize];
            end += child.size;
            bytes.extend_from_slice(&child.kind.entry(end));
        }
        children
    }
}
