//! The encoding of a client's texts: whoever brings them to the client learns at once when a setting changes it, though a
//! statement has the session for itself.

use env::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use types::encoding::Encoding;

/// The encoding that the client's texts have now.
#[derive(Debug, Clone)]
pub struct Spoken(Arc<AtomicU32>);

impl Spoken {
    /// Which it is.
    pub fn encoding(&self) -> Encoding {
        let number = self.0.load(Ordering::Relaxed).cast_signed();
        // It was one when it was put there.
        Encoding::numbered(number).unwrap_or(Encoding::UTF8)
    }

    fn put(&self, encoding: Encoding) {
        self.0.store(encoding.number().cast_unsigned(), Ordering::Relaxed);
    }
}

impl Default for Spoken {
    fn default() -> Spoken {
        Spoken(Arc::new(AtomicU32::new(Encoding::UTF8.number().cast_unsigned())))
    }
}

/// Who is told, if anybody. A copy of settings is nobody's.
#[derive(Debug, Default)]
pub(super) struct Listener(Option<Spoken>);

impl Clone for Listener {
    fn clone(&self) -> Listener {
        Listener(None)
    }
}

impl Listener {
    /// Somebody wants to be told from now on.
    pub fn listen(&mut self, encoding: Encoding) -> Spoken {
        let spoken = self.0.get_or_insert_default().clone();
        spoken.put(encoding);
        spoken
    }

    /// Tells it.
    pub fn tell(&self, encoding: Encoding) {
        if let Some(spoken) = &self.0 {
            spoken.put(encoding);
        }
    }
}
