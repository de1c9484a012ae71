//! Casts between types, as far as they are not what a type is made of: when they are made, and how.

/// When a cast is made without being asked for; each allows what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CastContext {
    /// Anywhere.
    Implicit,
    /// Where a value goes into a column.
    Assignment,
    /// Where it is asked for.
    Explicit,
}

/// How a cast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CastMethod {
    /// The values are the same.
    Binary,
    /// By a function of this number.
    Function(u32),
    /// Through the text form.
    Text,
}
