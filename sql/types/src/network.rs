//! Addresses of networks and hosts, and of network cards: how they lie in memory.
//!
//! An address lies so that its bytes compare as PostgreSQL compares addresses: the family, then the bits of the network one
//! byte each (1 and 2) and a 0 that ends them, then the whole address. So what is wider comes before what it contains.

/// An address with the length of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// Whether it has sixteen bytes, not four.
    pub six: bool,
    /// Its bytes; of a short one the first four.
    pub bytes: [u8; 16],
    /// How many bits are the network's.
    pub bits: u8,
}

impl Address {
    /// How many bits an address of its family has.
    pub fn width(&self) -> u8 {
        if self.six { 128 } else { 32 }
    }

    /// How many bytes.
    pub fn length(&self) -> usize {
        usize::from(self.width()) / 8
    }

    /// Whether a bit is set, counted from the left.
    pub fn bit(&self, place: u8) -> bool {
        self.bytes[usize::from(place / 8)] >> (7 - place % 8) & 1 == 1
    }

    /// The bytes of the address.
    pub fn octets(&self) -> &[u8] {
        &self.bytes[..self.length()]
    }

    /// The address with the bits behind the network's all clear or all set.
    pub fn with_rest(&self, set: bool) -> Address {
        let mut found = *self;
        for place in self.bits..self.width() {
            let (byte, bit) = (usize::from(place / 8), 1u8 << (7 - place % 8));
            found.bytes[byte] = if set { found.bytes[byte] | bit } else { found.bytes[byte] & !bit };
        }
        found
    }

    /// Whether the networks of two addresses agree in so many bits.
    pub fn agrees(&self, other: &Address, bits: u8) -> bool {
        self.six == other.six && (0..bits).all(|place| self.bit(place) == other.bit(place))
    }

    /// Its bytes as they lie.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut found = vec![u8::from(self.six)];
        found.extend((0..self.bits).map(|place| 1 + u8::from(self.bit(place))));
        found.push(0);
        found.extend_from_slice(self.octets());
        found
    }

    /// Reads it; damaged bytes are no address.
    pub fn read(bytes: &[u8]) -> Option<Address> {
        let (six, rest) = bytes.split_first()?;
        let bits = rest.iter().position(|byte| *byte == 0)?;
        let octets = &rest[bits + 1..];
        let mut found = Address { six: *six != 0, bytes: [0; 16], bits: u8::try_from(bits).ok()? };
        if octets.len() != found.length() || found.bits > found.width() {
            return None;
        }
        found.bytes[..octets.len()].copy_from_slice(octets);
        Some(found)
    }
}
