//! The judges that look at a database through its public face.
//!
//! * [`contents`]: first sight and full comparison with the model.
//! * [`accounting`]: the same on only the synced bytes, at an acknowledgement.
//! * [`spare`]: the same with one of the two superblocks damaged.
//! * [`copies`]: the same on a backup.
//! * [`isolation`]: the list-append transactions of a whole run.

pub mod accounting;
pub mod contents;
pub mod copies;
pub mod isolation;
pub mod spare;

use crate::promise::Failure;
use crate::subject::Refusal;

/// Why a judge came to no approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A promise is broken.
    Broken(Failure),
    /// The engine refused a call; whether that is legal depends on the faults of the run.
    Refused(Refusal),
    /// A check has found what a fault has destroyed.
    Lost,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Broken(failure)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}
