//! Hashes of passwords: `crypt` and `gen_salt`, by Blowfish (`$2a$`) and by MD5 (`$1$`). Those by DES are refused.

use super::random;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect};
use blowfish::Blowfish;
use diagnostic::SqlState;
use md5::{Digest, Md5};
use types::Vector;

fn wrong(message: &str) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

fn wrong_salt() -> FunctionError {
    wrong("invalid salt")
}

/// The digits of hashes by MD5 and DES.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits of hashes by Blowfish.
const BLOWFISH_DIGITS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub(crate) fn crypt(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (passwords, salts) = (argument::<&[u8]>(arguments, 0)?, argument::<&[u8]>(arguments, 1)?);
    collect::<String>(arguments.rows, |row| {
        let (password, salt) = (passwords.at(row)?, salts.at(row)?);
        // A zero byte ends a password; texts have none.
        match salt {
            [b'$', b'2', b'a', b'$', ..] => by_blowfish(context, password, salt),
            [b'$', b'2', b'x', b'$', ..] => Err(FunctionError::Unsupported("crypt with $2x$".to_owned())),
            [b'$', b'1', b'$', rest @ ..] => by_md5(context, password, rest),
            [] | [_] => Err(wrong_salt()),
            _ => Err(FunctionError::Unsupported("crypt with DES".to_owned())),
        }
    })
}

/// The places of digits among the digits of Blowfish.
fn read_digits(text: &[u8]) -> Option<Vec<u8>> {
    let place = |digit: &u8| BLOWFISH_DIGITS.iter().position(|known| known == digit);
    text.iter().map(|digit| place(digit).and_then(|place| u8::try_from(place).ok())).collect()
}

/// Six bits a digit, the first bits first.
fn write_digits(bytes: &[u8], out: &mut String) {
    for group in bytes.chunks(3) {
        let [first, second, third] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let bits = first << 16 | second << 8 | third;
        for digit in 0..=group.len() {
            let place = bits >> (18 - 6 * digit) & 63;
            out.push(char::from(BLOWFISH_DIGITS[place as usize]));
        }
    }
}

/// `$2a$nn$` and 22 digits of salt: 128 bits, of which the last digit has two.
fn by_blowfish(context: &mut Context<'_>, password: &[u8], setting: &[u8]) -> FunctionResult<String> {
    let setting = setting.get(..29).ok_or_else(wrong_salt)?;
    let (head, digits) = setting.split_at(7);
    let [_, _, _, _, tens @ b'0'..=b'3', ones @ b'0'..=b'9', b'$'] = head else { return Err(wrong_salt()) };
    let cost = u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
    if !(4..=31).contains(&cost) {
        return Err(wrong_salt());
    }
    let digits = read_digits(digits).ok_or_else(wrong_salt)?;
    let mut bits = digits.iter().fold((0_u128, 0), |(bits, count), digit| match count {
        21 => (bits << 2 | u128::from(digit >> 4), 22),
        count => (bits << 6 | u128::from(*digit), count + 1),
    });
    let salt = std::mem::take(&mut bits.0).to_be_bytes();
    let mut key: Vec<u8> = password.iter().copied().take_while(|byte| *byte != 0).chain([0]).collect();
    key.truncate(72);
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(&salt, &key);
    for round in 0..1_u64 << cost {
        if round.is_multiple_of(64) {
            context.session.check()?;
        }
        state.bc_expand_key(&key);
        state.bc_expand_key(&salt);
    }
    let mut hash = Vec::with_capacity(24);
    for text in b"OrpheanBeholderScryDoubt".as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *text;
        let mut halves = [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])];
        for _ in 0..64 {
            halves = state.bc_encrypt(halves);
        }
        halves.iter().for_each(|half| hash.extend_from_slice(&half.to_be_bytes()));
    }
    // The last byte is left out.
    hash.truncate(23);
    let mut text = String::from_utf8_lossy(head).into_owned();
    write_digits(&salt, &mut text);
    write_digits(&hash, &mut text);
    Ok(text)
}

/// `$1$`, up to eight bytes of salt, and what may follow a dollar. A salt of which eight bytes end within a letter is refused: the
/// hash could not be a text that says of what it is made.
fn by_md5(context: &mut Context<'_>, password: &[u8], setting: &[u8]) -> FunctionResult<String> {
    let salt: Vec<u8> = setting.iter().copied().take_while(|byte| *byte != b'$').take(8).collect();
    let shown = str::from_utf8(&salt).map_err(|_| wrong_salt())?;
    let twice = Md5::new().chain_update(password).chain_update(&salt).chain_update(password).finalize();
    let mut first = Md5::new().chain_update(password).chain_update(b"$1$").chain_update(&salt);
    let mut left = password.len();
    while left > 0 {
        first.update(&twice[..left.min(16)]);
        left = left.saturating_sub(16);
    }
    let mut bits = password.len();
    while bits > 0 {
        first.update(if bits & 1 == 1 { &[0] } else { &password[..1] });
        bits >>= 1;
    }
    let mut state = first.finalize();
    for round in 0..1000_u32 {
        let mut next = Md5::new();
        if round & 1 == 1 {
            next.update(password)
        } else {
            next.update(state)
        }
        if !round.is_multiple_of(3) {
            next.update(&salt);
        }
        if !round.is_multiple_of(7) {
            next.update(password);
        }
        if round & 1 == 1 {
            next.update(state)
        } else {
            next.update(password)
        }
        state = next.finalize();
    }
    context.session.check()?;
    let mut text = format!("$1${shown}$");
    let byte = |place: usize| u32::from(state.get(place).copied().unwrap_or(0));
    for [high, middle, low] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        small_digits(byte(high) << 16 | byte(middle) << 8 | byte(low), 4, &mut text);
    }
    small_digits(byte(11), 2, &mut text);
    Ok(text)
}

/// Six bits a digit, the last bits first.
fn small_digits(mut bits: u32, count: usize, out: &mut String) {
    for _ in 0..count {
        out.push(char::from(DIGITS[(bits & 63) as usize]));
        bits >>= 6;
    }
}

pub(crate) fn gen_salt(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let names = argument::<&[u8]>(arguments, 0)?;
    collect::<String>(arguments.rows, |row| salt(context, names.at(row)?, 0))
}

pub(crate) fn gen_salt_rounds(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (names, rounds) = (argument::<&[u8]>(arguments, 0)?, argument::<i32>(arguments, 1)?);
    collect::<String>(arguments.rows, |row| salt(context, names.at(row)?, rounds.at(row)?))
}

/// The rounds of Blowfish are 6, unless they are said.
fn salt(context: &mut Context<'_>, name: &[u8], rounds: i32) -> FunctionResult<String> {
    let wrong_rounds = || wrong("gen_salt: Incorrect number of rounds");
    match &*String::from_utf8_lossy(name).to_ascii_lowercase() {
        "bf" => {
            let cost = if rounds == 0 { 6 } else { rounds };
            if !(4..=31).contains(&cost) {
                return Err(wrong_rounds());
            }
            let mut text = format!("$2a${cost:02}$");
            write_digits(&random(context, 16)?, &mut text);
            Ok(text)
        }
        "md5" => {
            if rounds != 0 && rounds != 1000 {
                return Err(wrong_rounds());
            }
            let mut text = "$1$".to_owned();
            for bytes in random(context, 6)?.as_chunks::<3>().0 {
                let [low, middle, high] = bytes.map(u32::from);
                small_digits(high << 16 | middle << 8 | low, 4, &mut text);
            }
            Ok(text)
        }
        known @ ("des" | "xdes") => Err(FunctionError::Unsupported(format!("gen_salt('{known}')"))),
        _ => Err(wrong("gen_salt: Unknown salt algorithm")),
    }
}
