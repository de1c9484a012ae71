//! Addresses of networks and hosts, and of network cards.

use super::{Reader, WireError, WireResult};
use crate::catalog::oid;
use crate::network::Address;

/// The numbers of the families.
const FOUR: u8 = 2;
const SIX: u8 = 3;

/// Appends an address's bytes.
pub(super) fn send(of: u32, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    let address = Address::read(value).ok_or(WireError::Leftover)?;
    let (family, octets) = (if address.six { SIX } else { FOUR }, address.octets());
    bytes.extend_from_slice(&[family, address.bits, u8::from(of == oid::CIDR), octets.len() as u8]);
    bytes.extend_from_slice(octets);
    Ok(())
}

impl Reader<'_> {
    /// The bytes of an address, as it lies. Whether it says that it is a network does not matter.
    pub(super) fn address(&mut self, of: u32) -> WireResult<Vec<u8>> {
        let name = if of == oid::CIDR { "cidr" } else { "inet" };
        let wrong = |problem| WireError::External { problem, of: name };
        let [family] = self.take()?;
        if !matches!(family, FOUR | SIX) {
            return Err(wrong("invalid address family"));
        }
        let mut address = Address { six: family == SIX, bytes: [0; 16], bits: 0 };
        [address.bits] = self.take()?;
        if address.bits > address.width() {
            return Err(wrong("invalid bits"));
        }
        let [_] = self.take()?;
        let [length] = self.take()?;
        if usize::from(length) != address.length() {
            return Err(wrong("invalid length"));
        }
        let octets = self.stretch(address.length()).map_err(|_| WireError::NoData)?;
        address.bytes[..octets.len()].copy_from_slice(octets);
        if of == oid::CIDR && address.with_rest(false) != address {
            return Err(WireError::Host);
        }
        Ok(address.to_bytes())
    }

    /// The eight bytes of a card's address; of a short one, as it is when it is made long.
    pub(super) fn card(&mut self) -> WireResult<[u8; 8]> {
        if self.bytes.len() != 6 {
            return self.octets();
        }
        let [a, b, c, d, e, f] = self.octets()?;
        Ok([a, b, c, 0xff, 0xfe, d, e, f])
    }
}
