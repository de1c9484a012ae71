//! How long a value may be, asked before memory for it is: an allocation that fails ends the whole process, with all its
//! sessions.

use crate::{Diagnostic, SqlState};
use std::fmt;

/// No value and no value's text has more bytes than this.
pub const VALUE_MAX: usize = 0x3fff_fffe;

/// A value would outgrow what one may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRoom {
    /// Its length so far.
    pub have: usize,
    /// What was to be appended.
    pub more: usize,
}

/// Refuses `more` bytes behind the `have` that a value has where it would be too long with them.
///
/// # Errors
/// When it would.
#[inline]
pub fn room(have: usize, more: usize) -> Result<(), OutOfRoom> {
    match have.saturating_add(more) <= VALUE_MAX {
        true => Ok(()),
        false => Err(OutOfRoom { have, more }),
    }
}

impl fmt::Display for OutOfRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("out of memory")
    }
}

impl std::error::Error for OutOfRoom {}

impl Diagnostic for OutOfRoom {
    fn sqlstate(&self) -> SqlState {
        SqlState::ProgramLimitExceeded
    }

    fn detail(&self) -> Option<String> {
        let OutOfRoom { have, more } = self;
        Some(format!("Cannot enlarge string buffer containing {have} bytes by {more} more bytes."))
    }
}

#[cfg(test)]
mod tests {
    use super::{OutOfRoom, VALUE_MAX, room};
    use crate::{Diagnostic, SqlState};

    #[test]
    fn a_value_may_be_as_long_as_the_longest_and_no_longer() {
        assert_eq!(room(0, VALUE_MAX), Ok(()));
        assert_eq!(room(VALUE_MAX, 0), Ok(()));
        assert_eq!(room(VALUE_MAX, 1), Err(OutOfRoom { have: VALUE_MAX, more: 1 }));
        let error = room(1, usize::MAX).unwrap_err();
        assert_eq!(error.sqlstate(), SqlState::ProgramLimitExceeded);
        assert_eq!(
            room(1_073_740_000, 2000).unwrap_err().detail().unwrap(),
            "Cannot enlarge string buffer containing 1073740000 bytes by 2000 more bytes."
        );
    }
}
