//! Unique numbers as RFC 4122 has them: of names, and of the clock.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{collect, scalar};
use md5::{Digest, Md5};
use sha1::Sha1;
use types::Vector;

/// The name spaces of the RFC's appendix C differ in one byte.
fn name_space(kind: u8) -> [u8; 16] {
    let first = 0x6ba7_b800_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes();
    let mut space = first;
    space[3] |= kind;
    space
}

scalar! {
    fn nil() -> [u8; 16] { [0; 16] }
    fn of_dns() -> [u8; 16] { name_space(0x10) }
    fn of_url() -> [u8; 16] { name_space(0x11) }
    fn of_oid() -> [u8; 16] { name_space(0x12) }
    fn of_x500() -> [u8; 16] { name_space(0x14) }
    fn by_md5(space: [u8; 16], name: &[u8]) -> [u8; 16] {
        numbered(&Md5::new().chain_update(space).chain_update(name).finalize(), 3)
    }
    fn by_sha1(space: [u8; 16], name: &[u8]) -> [u8; 16] {
        numbered(&Sha1::new().chain_update(space).chain_update(name).finalize(), 5)
    }
}

/// The first sixteen bytes of a digest, marked with a version.
fn numbered(digest: &[u8], version: u8) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = *from;
    }
    marked(bytes, version)
}

fn marked(mut bytes: [u8; 16], version: u8) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// Tenths of microseconds from the Gregorian calendar's first day to the day from which timestamps count, 2000-01-01.
const GREGORIAN: i64 = (10_957 + 141_427) * 86_400 * 10_000_000;

/// By the clock. The world tells no address of a network card, so the node is a random one, which the RFC allows; its first bit
/// says so. The clock's sequence is random, too: that tells apart what comes within one microsecond.
pub(crate) fn by_clock(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    collect::<[u8; 16]>(arguments.rows, |_| {
        let ticks = context.session.clock().0.wrapping_mul(10).wrapping_add(GREGORIAN).cast_unsigned();
        let node = (context.session.entropy()? | 1 << 40) & ((1 << 48) - 1);
        let sequence = context.session.entropy()? as u16;
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&(ticks as u32).to_be_bytes());
        bytes[4..6].copy_from_slice(&((ticks >> 32) as u16).to_be_bytes());
        bytes[6..8].copy_from_slice(&((ticks >> 48) as u16).to_be_bytes());
        bytes[8..10].copy_from_slice(&sequence.to_be_bytes());
        bytes[10..].copy_from_slice(&node.to_be_bytes()[2..]);
        Ok(marked(bytes, 1))
    })
}
