//! The bytes of a file, cheap to copy.
//!
//! Invariants
//!
//! 1. Bytes at and beyond the length are zero wherever a chunk holds them, so that growing is free and shows zeros.
//! 2. A missing chunk stands for zeros; it and a chunk full of zeros have the same hash.
//! 3. Cloning an image copies one pointer; the first write after it copies the list of chunks, and each first write to a
//!    shared chunk copies that chunk.

use env::sync::atomic::{AtomicU64, Ordering};
use std::ops::Range;
use std::sync::Arc;

const CHUNK: usize = 4096;
const CHUNK_BYTES: u64 = CHUNK as u64;

struct Chunk {
    bytes: [u8; CHUNK],
    /// The hash of the bytes, or 0 when it has to be computed.
    hash: AtomicU64,
}

impl Clone for Chunk {
    fn clone(&self) -> Chunk {
        Chunk { bytes: self.bytes, hash: AtomicU64::new(0) }
    }
}

/// A file's contents.
#[derive(Clone, Default)]
pub struct Image {
    chunks: Arc<Vec<Option<Arc<Chunk>>>>,
    length: u64,
}

impl Image {
    /// An image of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Image {
        let mut image = Image::default();
        image.write(0, bytes);
        image
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Reads up to `buffer.len()` bytes at `offset`; returns how many there were.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let available = self.length.saturating_sub(offset).min(buffer.len() as u64) as usize;
        for (number, within, part) in spans(offset, available) {
            let target = &mut buffer[part];
            match self.chunks.get(number).and_then(Option::as_ref) {
                Some(chunk) => target.copy_from_slice(&chunk.bytes[within..within + target.len()]),
                None => target.fill(0),
            }
        }
        available
    }

    /// Writes `bytes` at `offset` and grows to hold them.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.length = self.length.max(offset + bytes.len() as u64);
        let chunks = Arc::make_mut(&mut self.chunks);
        let needed = self.length.div_ceil(CHUNK_BYTES) as usize;
        if chunks.len() < needed {
            chunks.resize(needed, None);
        }
        for (number, within, part) in spans(offset, bytes.len()) {
            let chunk = owned(&mut chunks[number]);
            let source = &bytes[part];
            chunk.bytes[within..within + source.len()].copy_from_slice(source);
        }
    }

    /// Cuts or grows, with zeros.
    pub fn set_len(&mut self, length: u64) {
        if length < self.length {
            let chunks = Arc::make_mut(&mut self.chunks);
            chunks.truncate(length.div_ceil(CHUNK_BYTES) as usize);
            let within = (length % CHUNK_BYTES) as usize;
            if within > 0
                && let Some(slot) = chunks.get_mut((length / CHUNK_BYTES) as usize)
                && slot.is_some()
            {
                owned(slot).bytes[within..].fill(0);
            }
        }
        self.length = length;
    }

    /// Flips the bits of `mask` in one byte; does nothing beyond the end.
    pub fn flip(&mut self, offset: u64, mask: u8) {
        let mut byte = [0];
        if self.read(offset, &mut byte) == 1 {
            self.write(offset, &[byte[0] ^ mask]);
        }
    }

    /// All bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.length as usize];
        self.read(0, &mut bytes);
        bytes
    }

    /// A hash of length and bytes. Costs what was written since it was last asked for.
    pub fn hash(&self) -> u64 {
        let mut hash = mix(self.length ^ 0x6a09_e667_f3bc_c908);
        for number in 0..self.length.div_ceil(CHUNK_BYTES) as usize {
            let chunk = self.chunks.get(number).and_then(Option::as_ref);
            hash = mix(hash ^ chunk.map_or(ZEROS_HASH, |chunk| chunk.hash()));
        }
        hash
    }
}

impl Chunk {
    fn hash(&self) -> u64 {
        let known = self.hash.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let hash = hash_chunk(&self.bytes);
        self.hash.store(hash, Ordering::Relaxed);
        hash
    }
}

/// The chunk in `slot`, made if missing, copied if shared, its hash forgotten.
fn owned(slot: &mut Option<Arc<Chunk>>) -> &mut Chunk {
    let chunk = Arc::make_mut(
        slot.get_or_insert_with(|| Arc::new(Chunk { bytes: [0; CHUNK], hash: AtomicU64::new(0) })),
    );
    chunk.hash.store(0, Ordering::Relaxed);
    chunk
}

/// The parts of `offset..offset + length` by chunk: number, place within it, and range of the caller's buffer.
fn spans(offset: u64, length: usize) -> impl Iterator<Item = (usize, usize, Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done >= length {
            return None;
        }
        let at = offset + done as u64;
        let within = (at % CHUNK_BYTES) as usize;
        let count = (CHUNK - within).min(length - done);
        let part = done..done + count;
        done += count;
        Some(((at / CHUNK_BYTES) as usize, within, part))
    })
}

/// Spreads a word's bits.
pub(super) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (word >> 31)
}

const ZEROS_HASH: u64 = hash_chunk(&[0; CHUNK]);

/// Four lanes, so that the multiplications overlap. Never 0.
const fn hash_chunk(bytes: &[u8; CHUNK]) -> u64 {
    let mut lanes =
        [0x510e_527f_ade6_82d1u64, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179];
    let (words, _) = bytes.as_chunks::<8>();
    let mut index = 0;
    while index < words.len() {
        let lane = index % 4;
        let word = lanes[lane] ^ u64::from_le_bytes(words[index]);
        lanes[lane] = word.wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29);
        index += 1;
    }
    let hash = mix(lanes[0] ^ mix(lanes[1] ^ mix(lanes[2] ^ mix(lanes[3]))));
    if hash == 0 { 1 } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_written_and_zeros_elsewhere() {
        let mut image = Image::default();
        image.write(4000, &[7; 5000]);
        let mut buffer = [1; 200];
        assert_eq!(image.read(3900, &mut buffer), 200);
        assert_eq!((buffer[99], buffer[100]), (0, 7));
        assert_eq!(image.read(8990, &mut buffer), 10);
        assert_eq!(image.read(9000, &mut buffer), 0);
        image.set_len(4100);
        image.set_len(9000);
        assert_eq!(image.read(4096, &mut buffer), 200);
        assert_eq!((buffer[3], buffer[4]), (7, 0));
    }

    #[test]
    fn a_clone_keeps_its_bytes_and_equal_bytes_have_equal_hashes() {
        let mut image = Image::from_bytes(&[3; 10_000]);
        let before = image.clone();
        let hash = image.hash();
        image.flip(5000, 0x10);
        assert_ne!(image.hash(), hash);
        assert_eq!((before.hash(), before.to_vec()), (hash, vec![3; 10_000]));
        image.flip(5000, 0x10);
        assert_eq!(image.hash(), hash);
        let (mut sparse, mut dense) = (Image::default(), Image::from_bytes(&[0; 9000]));
        sparse.set_len(9000);
        assert_eq!(sparse.hash(), dense.hash());
        dense.set_len(9001);
        assert_ne!(sparse.hash(), dense.hash());
    }
}
