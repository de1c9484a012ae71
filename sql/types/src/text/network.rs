//! Text of addresses: `192.168.0.1/24`, `::1`, `08:00:2b:01:02:03`.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};
use crate::catalog::oid;
use crate::network::Address;
use std::net::Ipv6Addr;

fn wrong(type_name: &'static str, text: &str) -> InputError {
    InputError::Syntax { type_name, text: text.to_owned() }
}

/// Reads an address of a network or a host; `None` for other types.
pub(super) fn input(of: u32, text: &str) -> InputResult<Option<Vec<u8>>> {
    Ok(Some(match of {
        oid::INET => read(text, false).ok_or_else(|| wrong("inet", text))?.to_bytes(),
        oid::CIDR => {
            let address = read(text, true).ok_or_else(|| wrong("cidr", text))?;
            if address.with_rest(false) != address {
                return Err(InputError::CidrBits(text.to_owned()));
            }
            address.to_bytes()
        }
        oid::MACADDR => card(text, "macaddr")?,
        oid::MACADDR8 => card(text, "macaddr8")?,
        _ => return Ok(None),
    }))
}

fn read(text: &str, network: bool) -> Option<Address> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => {
            let plain = !bits.is_empty() && bits.len() < 4 && bits.bytes().all(|byte| byte.is_ascii_digit());
            (address, Some(plain.then(|| bits.parse::<u8>().ok()).flatten()?))
        }
        None => (text, None),
    };
    let mut found = Address { six: address.contains(':'), bytes: [0; 16], bits: 0 };
    if found.six {
        found.bytes = address.parse::<Ipv6Addr>().ok()?.octets();
        found.bits = bits.unwrap_or(128);
    } else {
        let octets: Option<Vec<u8>> = address.split('.').map(octet).collect();
        let octets = octets.filter(|octets| octets.len() <= 4)?;
        found.bytes[..octets.len()].copy_from_slice(&octets);
        found.bits = match bits {
            Some(bits) if network || usize::from(bits) / 8 <= octets.len() => bits,
            Some(_) => return None,
            None if octets.len() == 4 => {
                if network {
                    of_class(&octets)
                } else {
                    32
                }
            }
            None if network => of_class(&octets),
            None => return None,
        };
    }
    (found.bits <= found.width()).then_some(found)
}

fn octet(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The length of a network that does not say it: as long as what is written, and as the classes of old had it.
fn of_class(octets: &[u8]) -> u8 {
    let written = octets.len() as u8 * 8;
    let class = match octets.first() {
        Some(240..) => 32,
        Some(224..) => 8,
        Some(192..) => 24,
        Some(128..) => 16,
        _ => 8,
    };
    match class.max(written) {
        8 if octets.first() == Some(&224) => 4,
        bits => bits,
    }
}

/// Appends an address without its network's length.
pub fn append_host(address: &Address, text: &mut String) {
    if !address.six {
        let octets: Vec<String> = address.octets().iter().map(u8::to_string).collect();
        text.push_str(&octets.join("."));
        return;
    }
    let six = Ipv6Addr::from(address.bytes);
    let segments = six.segments();
    // An address of four bytes in one of sixteen shows itself.
    let embedded =
        segments[..5] == [0; 5] && (segments[5] == 0xffff || (segments[5] == 0 && segments[6] != 0));
    if embedded {
        let [.., a, b, c, d] = address.bytes;
        let prefix = if segments[5] == 0 { "::" } else { "::ffff:" };
        text.push_str(&format!("{prefix}{a}.{b}.{c}.{d}"));
    } else {
        text.push_str(&six.to_string());
    }
}

/// Appends an address; that of a host alone has no length behind it.
pub fn append_address(address: &Address, network: bool, text: &mut String) {
    append_host(address, text);
    if network || address.bits != address.width() {
        text.push_str(&format!("/{}", address.bits));
    }
}

/// Appends a value; `false` for other types.
pub(super) fn append(of: u32, bytes: &[u8], text: &mut String) -> bool {
    match of {
        oid::INET | oid::CIDR => {
            if let Some(address) = Address::read(bytes) {
                append_address(&address, of == oid::CIDR, text);
            }
        }
        oid::MACADDR | oid::MACADDR8 => {
            let octets: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            text.push_str(&octets.join(":"));
        }
        _ => return false,
    }
    true
}

/// The bytes of a network card's address, in any of the ways in which they are written.
fn card(text: &str, type_name: &'static str) -> InputResult<Vec<u8>> {
    let bad = || wrong(type_name, text);
    let trimmed = text.trim_matches(|found: char| u8::try_from(found).is_ok_and(is_space));
    let separators: Vec<char> = trimmed.chars().filter(|found| !found.is_ascii_hexdigit()).collect();
    let same = separators.windows(2).all(|two| two[0] == two[1]);
    let known = separators.first().is_none_or(|first| matches!(first, ':' | '-' | '.'));
    if !same || !known {
        return Err(bad());
    }
    let groups: Vec<&str> = trimmed.split([':', '-', '.']).collect();
    if type_name == "macaddr" && groups.len() == 6 {
        // Here each byte may have fewer digits, or too many.
        return groups.iter().map(|group| one_byte(group, text, bad)).collect();
    }
    let digits: String = groups.concat();
    let even = groups.iter().all(|group| !group.is_empty() && group.len() % 2 == 0);
    let widths = groups.windows(2).all(|two| two[0].len() == two[1].len());
    let halves = matches!(groups.as_slice(), [first, _] if first.len() == 6);
    if !even || !(widths || halves) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(bad());
    }
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|place| u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).ok())
        .collect();
    let bytes = bytes.ok_or_else(bad)?;
    match (type_name, bytes.len()) {
        ("macaddr", 6) | ("macaddr8", 8) => Ok(bytes),
        ("macaddr8", 6) => Ok([&bytes[..3], &[0xff, 0xfe], &bytes[3..]].concat()),
        _ => Err(bad()),
    }
}

fn one_byte(group: &str, text: &str, bad: impl Fn() -> InputError) -> InputResult<u8> {
    let hex = !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u32::from_str_radix(group, 16) {
        Ok(value) if hex => u8::try_from(value).map_err(|_| InputError::Octet(text.to_owned())),
        _ => Err(bad()),
    }
}
