//! How many slots the file certainly has, noted in the file: so that a log whose end was cut off is told from one that
//! never was longer.
//!
//! ```text
//! in the file's second or third sector
//!  0  8 bytes "HBEAMEXT"
//!  8  u32     checksum: CRC-32 of bytes 12 to 32
//! 12  u32     slots
//! 16  u128    database id
//! ```
//!
//! Invariants
//!
//! 1. A note is written only when the slots it tells of are on the device, so whoever finds it may require them.
//! 2. It is durable before the first record in its newest slot is: it is written before that, and the same sync covers both.
//! 3. The note with the most slots is never overwritten: a power failure may turn a sector that is being written into
//!    garbage. So there are two places, used by turns.
//! 4. A log of format version 1 has no room for notes, and tells nothing.

use crate::geometry::Geometry;
use crate::label;
use crate::window::Window;
use env::{File, FileExt, IoResult};

/// Bytes of a note.
pub(crate) const SLOT_NOTE_BYTES: usize = 32;
const MAGIC: [u8; 8] = *b"HBEAMEXT";
/// Where the bytes begin that the checksum covers.
const COVERED_FROM: usize = 12;

/// What the notes of a file say.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotNotes {
    /// The most slots that a note tells of; 0 without any.
    slots: u32,
    /// Which of the two places holds that note.
    place: usize,
}

impl SlotNotes {
    /// What a file has that was created with one slot, and [`encode`] of 1 in its first place.
    pub const CREATED: SlotNotes = SlotNotes { slots: 1, place: 0 };

    /// Reads them, the second place first: a reader that moves towards the file's beginning ends here.
    pub fn read(window: &mut Window, geometry: &Geometry, database: u128) -> IoResult<SlotNotes> {
        let mut notes = SlotNotes::default();
        let Some(places) = geometry.note_places() else { return Ok(notes) };
        for (place, &offset) in places.iter().enumerate().rev() {
            let bytes = window.get_before(offset, SLOT_NOTE_BYTES)?;
            if let Some(slots) = decode(database, bytes).filter(|&slots| slots > notes.slots) {
                notes = SlotNotes { slots, place };
            }
        }
        Ok(notes)
    }

    /// So many slots the file had for certain.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Notes that the file has `slots` slots, all of which are on the device. Not synced.
    pub fn note(&mut self, file: &dyn File, geometry: &Geometry, database: u128, slots: u32) -> IoResult<()> {
        let Some(places) = geometry.note_places().filter(|_| slots > self.slots) else { return Ok(()) };
        let place = 1 - self.place;
        let mut sector = encode(database, slots).to_vec();
        sector.resize(geometry.sector_size as usize, 0);
        file.write_all_at(&label::NOTE_WRITE, places[place], &sector)?;
        *self = SlotNotes { slots, place };
        Ok(())
    }
}

/// A note of `slots` slots.
pub(crate) fn encode(database: u128, slots: u32) -> [u8; SLOT_NOTE_BYTES] {
    let mut bytes = [0u8; SLOT_NOTE_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[12..16].copy_from_slice(&slots.to_le_bytes());
    bytes[16..32].copy_from_slice(&database.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[COVERED_FROM..]);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The slots that an intact note of this database tells of.
pub(crate) fn decode(database: u128, bytes: &[u8]) -> Option<u32> {
    claimed(bytes).filter(|(claimed, _)| *claimed == database).map(|(_, slots)| slots)
}

/// The database of an intact note, and the slots that it tells of.
pub(crate) fn claimed(bytes: &[u8]) -> Option<(u128, u32)> {
    let bytes = bytes.first_chunk::<SLOT_NOTE_BYTES>()?;
    let slots = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
    let database = u128::from_le_bytes(*bytes.last_chunk()?);
    (*bytes == encode(database, slots)).then_some((database, slots))
}
