//! Streams of random numbers: one per concern, all from one seed, the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// The key is spread here and not by a library's convenience, so that no upgrade ever changes what a seed means.
fn key(seed: u64) -> [u8; 32] {
    let mut key = [0; 32];
    let mut state = seed;
    for word in key.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        word.copy_from_slice(&mix(state).to_le_bytes());
    }
    key
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Stream `number` of `seed`.
pub(super) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut stream = ChaCha8Rng::from_seed(key(seed));
    stream.set_stream(number);
    stream
}

/// A stream far from the concerns' own, selected by name.
pub(super) fn split(seed: u64, concern: u64, purpose: &str, number: u64) -> ChaCha8Rng {
    let mut selector = mix(concern + 1);
    for byte in purpose.bytes() {
        selector = mix(selector ^ u64::from(byte));
    }
    stream(seed, mix(selector ^ number) | 1 << 63)
}

/// Maps a draw to `0..bound`. The bias is below 2^-12 for the bounds in use, and no draw is ever repeated, so that
/// each choice takes a fixed number of draws.
pub(super) fn below(draw: u32, bound: u32) -> u32 {
    ((u64::from(draw) * u64::from(bound)) >> 32) as u32
}
