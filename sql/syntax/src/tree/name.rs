//! Names, simple and qualified.

use std::fmt;

/// A name: folded, truncated, unquoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    /// Its text.
    pub text: &'a str,
    /// Where it stands.
    pub position: u32,
}

/// Names with dots between them: `database.schema.object`, `schema.object`, `object`. At least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualifiedName<'a> {
    /// The names, from the outermost.
    pub parts: &'a [Name<'a>],
}

impl<'a> QualifiedName<'a> {
    /// Where it begins.
    pub fn position(&self) -> u32 {
        self.parts.first().map_or(0, |part| part.position)
    }

    /// The last part, which names the object itself.
    pub fn object(&self) -> &'a str {
        self.parts.last().map_or("", |part| part.text)
    }

    /// The schema, if one is named.
    pub fn schema(&self) -> Option<&'a str> {
        self.parts.len().checked_sub(2).map(|place| self.parts[place].text)
    }
}

impl fmt::Display for QualifiedName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                formatter.write_str(".")?;
            }
            formatter.write_str(part.text)?;
        }
        Ok(())
    }
}
