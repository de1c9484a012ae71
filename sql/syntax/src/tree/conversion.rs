//! Conversions between encodings.

use super::QualifiedName;

/// `CREATE CONVERSION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateConversion<'a> {
    /// `DEFAULT`
    pub default: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `FOR`: an encoding's name.
    pub source: &'a str,
    /// `TO`: another's.
    pub destination: &'a str,
    /// `FROM`: what does it.
    pub function: QualifiedName<'a>,
}
