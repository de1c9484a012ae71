//! Entries of values in indexes that do not keep values in one order, and what of them a question asks for.
//!
//! A value has any number of entries, bytes each. A question to a value becomes a [`Wanted`]: which entries a value must have
//! for the answer to be yes.
//!
//! Invariants
//!
//! 1. Every value that is not null has an entry, and null has one of its own: an index knows all rows.
//! 2. Whatever answers a question with yes has the entries that are wanted. What has them need not: entries are cut off where
//!    they are long, and places in the plane are cells. Who asks looks at the value again.
//! 3. Entries depend on nothing but the value: they are what is deleted when a row goes.

mod address;
mod array;
mod document;
mod grid;
mod lexeme;
mod line;
mod plane;
mod scalar;
mod text;
mod trigram;

pub use grid::{Block, Cell, Window};
pub use plane::Origin;

use crate::catalog::{Type, Types};
use crate::key::KeyError;
use crate::range::RangeType;
use crate::value::Item;
use crate::vector::Order;

/// What entries are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The elements of an array.
    Elements,
    /// The keys and scalars of a `jsonb`.
    JsonbKeys,
    /// The scalars of a `jsonb` with the keys that lead to them.
    JsonbPaths,
    /// The lexemes of a `tsvector`.
    Lexemes,
    /// The lexemes of a `tsquery`.
    QueryLexemes,
    /// Where a range begins and ends.
    Range,
    /// Where the first range of a set begins, and the last ends.
    Multirange,
    /// The first and the last address of a network.
    Address,
    /// The place of a point.
    Point,
    /// The corners of a box.
    Box,
    /// The corners of the box around a polygon.
    Polygon,
    /// The corners of the box around a circle.
    Circle,
    /// A text.
    Text,
    /// The trigrams of a text.
    Trigrams,
    /// A value in its order.
    Scalar,
}

impl EntryKind {
    /// That of an operator class's family of the program, by its number.
    pub fn of_family(family: u32) -> Option<EntryKind> {
        Some(match family {
            2745 => EntryKind::Elements,
            4036 => EntryKind::JsonbKeys,
            4037 => EntryKind::JsonbPaths,
            3655 | 3659 => EntryKind::Lexemes,
            3702 => EntryKind::QueryLexemes,
            3474 | 3919 => EntryKind::Range,
            6158 => EntryKind::Multirange,
            3550 | 3794 => EntryKind::Address,
            1029 | 4015 | 4016 => EntryKind::Point,
            2593 | 5000 => EntryKind::Box,
            2594 | 5008 => EntryKind::Polygon,
            2595 => EntryKind::Circle,
            4017 => EntryKind::Text,
            _ => return None,
        })
    }
}

impl EntryKind {
    /// Whether entries are cells of a plane, one for each value: so they tell how far values are from a point, at least.
    pub fn is_of_plane(self) -> bool {
        match self {
            EntryKind::Point | EntryKind::Box | EntryKind::Polygon | EntryKind::Circle => true,
            EntryKind::Elements
            | EntryKind::JsonbKeys
            | EntryKind::JsonbPaths
            | EntryKind::Lexemes
            | EntryKind::QueryLexemes
            | EntryKind::Range
            | EntryKind::Multirange
            | EntryKind::Address
            | EntryKind::Text
            | EntryKind::Trigrams
            | EntryKind::Scalar => false,
        }
    }
}

/// What is asked of an indexed value, which stands on the left of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // as the operators are called
pub enum Question {
    Overlaps,
    Contains,
    ContainedBy,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `<<`
    Before,
    /// `&<`
    NotAfter,
    /// `&>`
    NotBefore,
    /// `>>`
    After,
    /// `<<|`, `<^`
    Below,
    /// `&<|`
    NotAbove,
    /// `|&>`
    NotBelow,
    /// `|>>`, `>^`
    Above,
    /// `-|-`
    Adjacent,
    /// `?`
    Exists,
    /// `?|`
    ExistsAny,
    /// `?&`
    ExistsAll,
    /// `@?`
    PathExists,
    /// `@@`: of a path or a query.
    Matches,
    /// `^@`
    BeginsWith,
    /// `~~`, `~~*`
    Like,
    /// `%`, `%>`, `%>>`: to be similar needs something in common.
    Similar,
    Null,
    NotNull,
}

impl Question {
    /// By the operator's name.
    pub fn of_operator(kind: EntryKind, name: &str) -> Option<Question> {
        let networks = kind == EntryKind::Address;
        Some(match name {
            "&&" => Question::Overlaps,
            "@>" => Question::Contains,
            "<@" => Question::ContainedBy,
            ">>" | ">>=" if networks => Question::Contains,
            "<<" | "<<=" if networks => Question::ContainedBy,
            "=" | "~=" => Question::Equal,
            "<>" => Question::NotEqual,
            "<" | "~<~" => Question::Less,
            "<=" | "~<=~" => Question::LessOrEqual,
            ">" | "~>~" => Question::Greater,
            ">=" | "~>=~" => Question::GreaterOrEqual,
            "<<" => Question::Before,
            "&<" => Question::NotAfter,
            "&>" => Question::NotBefore,
            ">>" => Question::After,
            "<<|" | "<^" => Question::Below,
            "&<|" => Question::NotAbove,
            "|&>" => Question::NotBelow,
            "|>>" | ">^" => Question::Above,
            "-|-" => Question::Adjacent,
            "?" => Question::Exists,
            "?|" => Question::ExistsAny,
            "?&" => Question::ExistsAll,
            "@?" => Question::PathExists,
            "@@" | "@@@" => Question::Matches,
            "^@" => Question::BeginsWith,
            "~~" | "~~*" => Question::Like,
            "%" | "%>" | "%>>" => Question::Similar,
            _ => return None,
        })
    }
}

/// What entries begin with: what is not there, has nothing in it, is null within, or is something.
const NULL: u8 = 0;
const EMPTY: u8 = 1;
const NULL_WITHIN: u8 = 2;
const SOME: u8 = 3;

/// Bytes of a value in an entry, at most.
const LONGEST: usize = 240;

/// Which entries a value must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// There is no such value.
    Nothing,
    /// Any, but that of null.
    Any,
    /// One that begins with these bytes.
    Beginning(Vec<u8>),
    /// One from the first on, before the second.
    Between(Vec<u8>, Vec<u8>),
    /// One whose cell meets a window.
    Within(Window),
    /// All of these.
    All(Vec<Wanted>),
    /// One of these.
    One(Vec<Wanted>),
}

impl Wanted {
    /// That of null.
    fn null() -> Wanted {
        Wanted::Beginning(vec![NULL])
    }

    /// The entry of a value with nothing in it.
    fn empty() -> Wanted {
        Wanted::Beginning(vec![EMPTY])
    }

    /// All of these.
    fn all(parts: impl IntoIterator<Item = Wanted>) -> Wanted {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Wanted::Nothing => return Wanted::Nothing,
                Wanted::Any => {}
                Wanted::All(parts) => kept.extend(parts),
                Wanted::Beginning(_) | Wanted::Between(..) | Wanted::Within(_) | Wanted::One(_) => {
                    kept.push(part);
                }
            }
        }
        match kept.len() {
            0 => Wanted::Any,
            1 => kept.swap_remove(0),
            _ => Wanted::All(kept),
        }
    }

    /// One of these.
    fn one(parts: impl IntoIterator<Item = Wanted>) -> Wanted {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Wanted::Nothing => {}
                Wanted::Any => return Wanted::Any,
                Wanted::One(parts) => kept.extend(parts),
                Wanted::Beginning(_) | Wanted::Between(..) | Wanted::Within(_) | Wanted::All(_) => {
                    kept.push(part);
                }
            }
        }
        match kept.len() {
            0 => Wanted::Nothing,
            1 => kept.swap_remove(0),
            _ => Wanted::One(kept),
        }
    }
}

/// The entry of something, cut off where it is long.
fn some(bytes: &[u8]) -> Vec<u8> {
    let mut entry = vec![SOME];
    entry.extend_from_slice(&bytes[..bytes.len().min(LONGEST)]);
    entry
}

/// Makes entries of the values of a type.
#[derive(Debug, Clone)]
pub struct Maker {
    kind: EntryKind,
    /// The order of the values, or of an array's elements.
    order: Option<Order>,
    /// What there is to know of a range's type, or of that of sets of them.
    range: Option<RangeType>,
}

impl Maker {
    /// For values of a type; `None` if there can be no such entries of them.
    pub fn new(types: &(impl Types + ?Sized), kind: EntryKind, of: Type) -> Option<Maker> {
        let of = types.undomained(of);
        let mut maker = Maker { kind, order: None, range: None };
        match kind {
            EntryKind::Elements => {
                let Order::Array(order) = types.order(of)? else { return None };
                maker.order = Some(*order);
            }
            EntryKind::Range | EntryKind::Multirange => maker.range = Some(RangeType::of(types, of.oid)?),
            EntryKind::Scalar => {
                // As text a `citext` is told apart by its letters as they are.
                maker.order = Some(match types.order(of)? {
                    Order::Folded => Order::Bytes,
                    order => order,
                });
            }
            EntryKind::JsonbKeys
            | EntryKind::JsonbPaths
            | EntryKind::Lexemes
            | EntryKind::QueryLexemes
            | EntryKind::Address
            | EntryKind::Point
            | EntryKind::Box
            | EntryKind::Polygon
            | EntryKind::Circle
            | EntryKind::Text
            | EntryKind::Trigrams => {}
        }
        Some(maker)
    }

    /// The entries of a value, ascending, each once.
    ///
    /// # Errors
    /// When the value is damaged.
    pub fn entries(&self, item: &Item<'_>) -> Result<Vec<Vec<u8>>, KeyError> {
        const DAMAGED: KeyError = KeyError { column: 0 };
        let mut entries = match item {
            Item::Null => vec![vec![NULL]],
            item if self.kind == EntryKind::Scalar => {
                vec![scalar::entry(self.order.as_ref().ok_or(DAMAGED)?, item)]
            }
            Item::Bytes(bytes) => self.of_bytes(bytes).ok_or(DAMAGED)?,
            _ => return Err(DAMAGED),
        };
        if entries.is_empty() {
            entries.push(vec![EMPTY]);
        }
        entries.sort_unstable();
        entries.dedup();
        Ok(entries)
    }

    fn of_bytes(&self, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
        Some(match self.kind {
            EntryKind::Elements => array::entries(self.order.as_ref()?, bytes)?,
            EntryKind::JsonbKeys => document::keys(bytes),
            EntryKind::JsonbPaths => document::paths(bytes),
            EntryKind::Lexemes => lexeme::entries(bytes)?,
            EntryKind::QueryLexemes => lexeme::entries_of_query(bytes)?,
            EntryKind::Range => {
                let of = self.range.as_ref()?;
                line::entries(of, &of.decode(bytes).ok()?)
            }
            EntryKind::Multirange => {
                let of = self.range.as_ref()?;
                line::entries(of, &line::span(of, bytes)?)
            }
            EntryKind::Address => address::entries(bytes)?,
            EntryKind::Point | EntryKind::Box | EntryKind::Polygon | EntryKind::Circle => {
                vec![plane::entry(plane::corners(self.kind, bytes))]
            }
            EntryKind::Text => vec![text::entry(bytes)],
            EntryKind::Trigrams => trigram::entries(bytes)?,
            EntryKind::Scalar => vec![scalar::entry(self.order.as_ref()?, &Item::Bytes(bytes))],
        })
    }

    /// Which entries a value must have for a question with a value of this type to be answered with yes.
    ///
    /// # Errors
    /// When the value is damaged, or it is none that can be asked with.
    pub fn wanted(&self, question: Question, with: Option<(Type, &Item<'_>)>) -> Result<Wanted, KeyError> {
        let found = match (question, with) {
            (Question::Null, None) => Some(Wanted::null()),
            (Question::NotNull, None) => Some(Wanted::Any),
            // Operators are strict.
            (_, Some((_, Item::Null))) => Some(Wanted::Nothing),
            (_, Some((of, item))) => self.wanted_with(question, of, item),
            (_, None) => None,
        };
        found.ok_or(KeyError { column: 0 })
    }

    fn wanted_with(&self, question: Question, of: Type, item: &Item<'_>) -> Option<Wanted> {
        if let (EntryKind::Range | EntryKind::Multirange, Some(range)) = (self.kind, &self.range) {
            return line::wanted(range, question, of, item);
        }
        if let (EntryKind::Scalar, Some(order)) = (self.kind, &self.order) {
            return scalar::wanted(order, question, item);
        }
        let Item::Bytes(bytes) = item else { return None };
        match self.kind {
            EntryKind::Elements => array::wanted(self.order.as_ref()?, question, bytes),
            EntryKind::JsonbKeys => document::wanted_keys(question, bytes),
            EntryKind::JsonbPaths => document::wanted_paths(question, bytes),
            EntryKind::Lexemes => lexeme::wanted(question, bytes),
            EntryKind::QueryLexemes => lexeme::wanted_of_query(question, bytes),
            EntryKind::Address => address::wanted(question, bytes),
            EntryKind::Point | EntryKind::Box | EntryKind::Polygon | EntryKind::Circle => {
                plane::wanted(self.kind, question, of, bytes)
            }
            EntryKind::Text => text::wanted(question, bytes),
            EntryKind::Trigrams => trigram::wanted(question, bytes),
            EntryKind::Range | EntryKind::Multirange | EntryKind::Scalar => None,
        }
    }
}
