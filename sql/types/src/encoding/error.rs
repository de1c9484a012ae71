//! Why bytes are no text of an encoding, in PostgreSQL's words.

use super::Encoding;
use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// Why a text cannot be brought from one encoding into another.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// They are no character.
    #[error("invalid byte sequence for encoding \"{}\": {}", encoding.name(), shown(bytes))]
    Invalid {
        /// As many of them as are told.
        bytes: Vec<u8>,
        /// Of what.
        encoding: Encoding,
    },
    /// The other has no such letter.
    #[error(
        "character with byte sequence {} in encoding \"{}\" has no equivalent in encoding \"{}\"",
        shown(bytes),
        from.name(),
        to.name()
    )]
    NoEquivalent {
        /// Its bytes, where it comes from.
        bytes: Vec<u8>,
        /// Where it comes from.
        from: Encoding,
        /// Where it cannot get.
        to: Encoding,
    },
    /// There is no way between the two.
    #[error(
        "default conversion function for encoding \"{}\" to \"{}\" does not exist",
        from.name(),
        to.name()
    )]
    NoWay {
        /// From where.
        from: Encoding,
        /// To where.
        to: Encoding,
    },
}

impl Diagnostic for EncodingError {
    fn sqlstate(&self) -> SqlState {
        match self {
            EncodingError::Invalid { .. } => SqlState::CharacterNotInRepertoire,
            EncodingError::NoEquivalent { .. } => SqlState::UntranslatableCharacter,
            EncodingError::NoWay { .. } => SqlState::UndefinedFunction,
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    shown.join(" ")
}
