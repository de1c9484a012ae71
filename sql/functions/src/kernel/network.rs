//! Addresses of networks, hosts and network cards.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{Give, Take, internal, scalar};
use diagnostic::SqlState;
use types::Vector;
use types::network::Address;
use types::text::{append_address, append_host};
use types::vector::{BytesBuilder, BytesView, Data};

impl<'a> Take<'a> for Address {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        <&[u8] as Take<'a>>::column(vector)
    }

    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<Address> {
        Address::read(column.get(place)).ok_or_else(|| internal("damaged address"))
    }
}

impl Give for Address {
    type Builder = BytesBuilder;

    fn builder(rows: usize) -> BytesBuilder {
        BytesBuilder::with_capacity(rows, 0)
    }

    fn give(self, builder: &mut BytesBuilder) -> FunctionResult<bool> {
        builder.push(&self.to_bytes())?;
        Ok(true)
    }

    fn give_null(builder: &mut BytesBuilder) {
        builder.push_empty(1);
    }

    fn data(builder: BytesBuilder) -> Data {
        Data::Bytes(builder.finish())
    }
}

fn invalid(message: impl Into<String>) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

fn out_of_range() -> FunctionError {
    FunctionError::plain(SqlState::NumericValueOutOfRange, "result is out of range")
}

fn whole(address: &Address) -> Address {
    Address { bits: address.width(), ..*address }
}

fn with_bits(address: &Address, bits: i32) -> FunctionResult<Address> {
    let bits = match bits {
        -1 => address.width(),
        bits => u8::try_from(bits)
            .ok()
            .filter(|bits| *bits <= address.width())
            .ok_or_else(|| invalid(format!("invalid mask length: {bits}")))?,
    };
    Ok(Address { bits, ..*address })
}

/// Whether the first network is within the second, or is it where that is enough.
fn within(part: &Address, whole: &Address, or_equal: bool) -> bool {
    let longer = if or_equal { part.bits >= whole.bits } else { part.bits > whole.bits };
    longer && part.agrees(whole, whole.bits)
}

fn each_byte(one: &Address, other: &Address, verb: &str, join: fn(u8, u8) -> u8) -> FunctionResult<Address> {
    if one.six != other.six {
        return Err(invalid(format!("cannot {verb} inet values of different sizes")));
    }
    let mut found = Address { bits: one.bits.max(other.bits), ..*one };
    for (byte, other) in found.bytes.iter_mut().zip(other.bytes) {
        *byte = join(*byte, other);
    }
    Ok(found)
}

/// An address as a number.
fn number(address: &Address) -> u128 {
    u128::from_be_bytes(address.bytes) >> (128 - u32::from(address.width()))
}

fn moved(address: &Address, by: i128) -> FunctionResult<Address> {
    let width = u32::from(address.width());
    let before = number(address);
    let amount = by.unsigned_abs();
    let moved = if by < 0 { before.checked_sub(amount) } else { before.checked_add(amount) };
    let moved = moved.filter(|moved| width == 128 || moved >> width == 0).ok_or_else(out_of_range)?;
    Ok(Address { bytes: (moved << (128 - width)).to_be_bytes(), ..*address })
}

fn difference(one: &Address, other: &Address) -> FunctionResult<i64> {
    if one.six != other.six {
        return Err(invalid("cannot subtract inet values of different sizes"));
    }
    let (one, other) = (number(one), number(other));
    let (negative, amount) = if one < other { (true, other - one) } else { (false, one - other) };
    let amount = i128::try_from(amount).map_err(|_| out_of_range())?;
    i64::try_from(if negative { -amount } else { amount }).map_err(|_| out_of_range())
}

fn merged(one: &Address, other: &Address) -> FunctionResult<Address> {
    if one.six != other.six {
        return Err(invalid("cannot merge addresses from different families"));
    }
    let shared = one.bits.min(other.bits);
    let bits = (0..shared).find(|place| one.bit(*place) != other.bit(*place)).unwrap_or(shared);
    Ok(Address { bits, ..*one }.with_rest(false))
}

/// A network with no more of its address than its length needs.
fn abbreviated(address: &Address) -> String {
    let mut shown = String::new();
    if address.six {
        append_host(address, &mut shown);
    } else {
        let count = usize::from(address.bits.div_ceil(8)).max(1);
        let octets: Vec<String> = address.octets()[..count].iter().map(u8::to_string).collect();
        shown.push_str(&octets.join("."));
    }
    shown.push_str(&format!("/{}", address.bits));
    shown
}

fn joined(one: &[u8], other: &[u8], join: fn(u8, u8) -> u8) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| join(*one, *other)).collect()
}

/// The maker's part of a card's address.
fn maker(card: &[u8]) -> Vec<u8> {
    card.iter().enumerate().map(|(place, byte)| if place < 3 { *byte } else { 0 }).collect()
}

fn shortened(card: &[u8]) -> FunctionResult<Vec<u8>> {
    match card {
        [a, b, c, 0xff, 0xfe, d, e, f] => Ok(vec![*a, *b, *c, *d, *e, *f]),
        _ => Err(FunctionError::hinted(
            SqlState::NumericValueOutOfRange,
            "macaddr8 data out of range to convert to macaddr",
            "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example \
             xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.",
        )),
    }
}

fn local(card: &[u8]) -> Vec<u8> {
    let mut card = card.to_vec();
    if let Some(first) = card.first_mut() {
        *first |= 2;
    }
    card
}

scalar! {
    fn inet_abbrev(a: Address) -> String {
        let mut shown = String::new();
        append_address(&a, false, &mut shown);
        shown
    }
    fn cidr_abbrev(a: Address) -> String { abbreviated(&a) }
    fn network_host(a: Address) -> String {
        let mut shown = String::new();
        append_host(&a, &mut shown);
        shown
    }
    fn network_show(a: Address) -> String {
        let mut shown = String::new();
        append_address(&a, true, &mut shown);
        shown
    }
    fn inet_set_masklen(a: Address, bits: i32) -> Address { with_bits(&a, bits)? }
    fn cidr_set_masklen(a: Address, bits: i32) -> Address { with_bits(&a, bits)?.with_rest(false) }
    fn network_network(a: Address) -> Address { a.with_rest(false) }
    fn inet_to_cidr(a: Address) -> Address { a.with_rest(false) }
    fn network_netmask(a: Address) -> Address {
        whole(&Address { bytes: [0xff; 16], ..a }.with_rest(false))
    }
    fn network_hostmask(a: Address) -> Address { whole(&Address { bytes: [0; 16], ..a }.with_rest(true)) }
    fn network_broadcast(a: Address) -> Address { a.with_rest(true) }
    fn network_masklen(a: Address) -> i32 { i32::from(a.bits) }
    fn network_family(a: Address) -> i32 { if a.six { 6 } else { 4 } }
    fn network_sub(a: Address, b: Address) -> bool { within(&a, &b, false) }
    fn network_subeq(a: Address, b: Address) -> bool { within(&a, &b, true) }
    fn network_sup(a: Address, b: Address) -> bool { within(&b, &a, false) }
    fn network_supeq(a: Address, b: Address) -> bool { within(&b, &a, true) }
    fn network_overlap(a: Address, b: Address) -> bool { a.agrees(&b, a.bits.min(b.bits)) }
    fn network_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn network_larger(a: &[u8], b: &[u8]) -> Vec<u8> { a.max(b).to_vec() }
    fn network_smaller(a: &[u8], b: &[u8]) -> Vec<u8> { a.min(b).to_vec() }
    fn inetnot(a: Address) -> Address {
        let mut found = a;
        found.bytes[..a.length()].iter_mut().for_each(|byte| *byte = !*byte);
        found
    }
    fn inetand(a: Address, b: Address) -> Address { each_byte(&a, &b, "AND", |a, b| a & b)? }
    fn inetor(a: Address, b: Address) -> Address { each_byte(&a, &b, "OR", |a, b| a | b)? }
    fn inetpl(a: Address, b: i64) -> Address { moved(&a, b.into())? }
    fn int8pl_inet(a: i64, b: Address) -> Address { moved(&b, a.into())? }
    fn inetmi_int8(a: Address, b: i64) -> Address { moved(&a, -i128::from(b))? }
    fn inetmi(a: Address, b: Address) -> i64 { difference(&a, &b)? }
    fn inet_merge(a: Address, b: Address) -> Address { merged(&a, &b)? }
    fn inet_same_family(a: Address, b: Address) -> bool { a.six == b.six }
    fn macaddr_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn macaddr8_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn macaddr_trunc(a: &[u8]) -> Vec<u8> { maker(a) }
    fn macaddr8_trunc(a: &[u8]) -> Vec<u8> { maker(a) }
    fn macaddr_not(a: &[u8]) -> Vec<u8> { a.iter().map(|byte| !byte).collect::<Vec<u8>>() }
    fn macaddr8_not(a: &[u8]) -> Vec<u8> { a.iter().map(|byte| !byte).collect::<Vec<u8>>() }
    fn macaddr_and(a: &[u8], b: &[u8]) -> Vec<u8> { joined(a, b, |a, b| a & b) }
    fn macaddr8_and(a: &[u8], b: &[u8]) -> Vec<u8> { joined(a, b, |a, b| a & b) }
    fn macaddr_or(a: &[u8], b: &[u8]) -> Vec<u8> { joined(a, b, |a, b| a | b) }
    fn macaddr8_or(a: &[u8], b: &[u8]) -> Vec<u8> { joined(a, b, |a, b| a | b) }
    fn macaddrtomacaddr8(a: &[u8]) -> Vec<u8> { [&a[..3], &[0xff, 0xfe], &a[3..]].concat() }
    fn macaddr8tomacaddr(a: &[u8]) -> Vec<u8> { shortened(a)? }
    fn macaddr8_set7bit(a: &[u8]) -> Vec<u8> { local(a) }
}
