//! Encodings other than UTF-8, into which bytes are brought and from which text is read: `convert` and its like.
//!
//! Everything goes by way of Unicode. Bytes are first looked at whether they are characters of their encoding at all, then whether
//! each has an equivalent in the other. Encodings that no table is at hand for are refused.

use super::text::basic::{encoding_named, number_of_encoding};
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{scalar, text};
use diagnostic::SqlState;
use encoding_rs::Encoding;
use std::borrow::Cow;

const UTF8: &str = "UTF8";
const ASCII: &str = "SQL_ASCII";

fn invalid(message: impl Into<String>) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

/// An encoding by its name; `side` tells what it is asked for.
fn known(name: &str, side: &str) -> FunctionResult<&'static str> {
    match encoding_named(number_of_encoding(name)) {
        "" => Err(invalid(format!("invalid {side}encoding name \"{name}\""))),
        found => Ok(found),
    }
}

/// The table for an encoding; the two that are Unicode's own first page need none.
fn table(name: &str) -> FunctionResult<Option<&'static Encoding>> {
    use encoding_rs as e;
    Ok(Some(match name {
        "LATIN1" | "LATIN5" => return Ok(None),
        "LATIN2" => e::ISO_8859_2,
        "LATIN3" => e::ISO_8859_3,
        "LATIN4" => e::ISO_8859_4,
        "LATIN6" => e::ISO_8859_10,
        "LATIN7" => e::ISO_8859_13,
        "LATIN8" => e::ISO_8859_14,
        "LATIN9" => e::ISO_8859_15,
        "LATIN10" => e::ISO_8859_16,
        "ISO_8859_5" => e::ISO_8859_5,
        "ISO_8859_6" => e::ISO_8859_6,
        "ISO_8859_7" => e::ISO_8859_7,
        "ISO_8859_8" => e::ISO_8859_8,
        "WIN1250" => e::WINDOWS_1250,
        "WIN1251" => e::WINDOWS_1251,
        "WIN1252" => e::WINDOWS_1252,
        "WIN1253" => e::WINDOWS_1253,
        "WIN1254" => e::WINDOWS_1254,
        "WIN1255" => e::WINDOWS_1255,
        "WIN1256" => e::WINDOWS_1256,
        "WIN1257" => e::WINDOWS_1257,
        "WIN1258" => e::WINDOWS_1258,
        "WIN866" => e::IBM866,
        "WIN874" => e::WINDOWS_874,
        "KOI8R" => e::KOI8_R,
        "KOI8U" => e::KOI8_U,
        "SJIS" => e::SHIFT_JIS,
        "EUC_CN" | "GBK" => e::GBK,
        "GB18030" => e::GB18030,
        "EUC_KR" | "UHC" => e::EUC_KR,
        _ => return Err(FunctionError::Unsupported(format!("conversion of encoding {name}"))),
    }))
}

/// How many bytes the first character says it has.
fn length_of_character(name: &str, bytes: &[u8]) -> usize {
    let first = bytes.first().copied().unwrap_or(0);
    match name {
        "EUC_JP" if first == 0x8f => 3,
        "EUC_JP" | "EUC_KR" | "EUC_CN" if first >= 0x80 => 2,
        "SJIS" if (0xa1..=0xdf).contains(&first) => 1,
        "GB18030" if first >= 0x80 && bytes.get(1).is_some_and(u8::is_ascii_digit) => 4,
        "SJIS" | "BIG5" | "GBK" | "UHC" | "GB18030" if first >= 0x80 => 2,
        _ => 1,
    }
}

/// Whether bytes of that length may be a character.
fn is_character(name: &str, bytes: &[u8]) -> bool {
    let high = |byte: &u8| (0xa1..=0xfe).contains(byte);
    match (name, bytes) {
        (_, [byte]) => *byte != 0,
        ("EUC_JP", [0x8e, second]) => (0xa1..=0xdf).contains(second),
        ("EUC_JP", [0x8f, rest @ ..]) => rest.iter().all(high),
        ("EUC_JP" | "EUC_KR" | "EUC_CN", bytes) => bytes.iter().all(high),
        ("SJIS", [first, second]) => {
            matches!(first, 0x81..=0x9f | 0xe0..=0xfc) && matches!(second, 0x40..=0x7e | 0x80..=0xfc)
        }
        ("GB18030", [first, second]) => {
            matches!(first, 0x81..=0xfe) && matches!(second, 0x40..=0x7e | 0x80..=0xfe)
        }
        ("GB18030", [first, second, third, fourth]) => {
            let (outer, inner) = ([first, third], [second, fourth]);
            outer.iter().all(|byte| matches!(byte, 0x81..=0xfe))
                && inner.iter().all(|byte| byte.is_ascii_digit())
        }
        (_, bytes) => bytes.iter().all(|byte| *byte != 0),
    }
}

fn shown(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    shown.join(" ")
}

fn no_characters(name: &str, bytes: &[u8]) -> FunctionError {
    let message = format!("invalid byte sequence for encoding \"{name}\": {}", shown(bytes));
    FunctionError::plain(SqlState::CharacterNotInRepertoire, message)
}

fn no_equivalent(bytes: &[u8], from: &str, to: &str) -> FunctionError {
    let message = format!(
        "character with byte sequence {} in encoding \"{from}\" has no equivalent in encoding \"{to}\"",
        shown(bytes)
    );
    FunctionError::plain(SqlState::UntranslatableCharacter, message)
}

/// Bytes as text of UTF-8.
fn utf8(bytes: &[u8]) -> FunctionResult<&str> {
    let found = std::str::from_utf8(bytes).map_err(|error| {
        let from = error.valid_up_to();
        let said = match bytes[from] {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            _ => 1,
        };
        let cut = (from + said).min(bytes.len());
        no_characters(UTF8, &bytes[from..cut])
    })?;
    match memchr::memchr(0, bytes) {
        Some(at) => Err(no_characters(UTF8, &bytes[at..=at])),
        None => Ok(found),
    }
}

/// The characters of bytes, each with its bytes.
fn characters<'a>(name: &'static str, bytes: &'a [u8]) -> impl Iterator<Item = FunctionResult<&'a [u8]>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (length, left) = (length_of_character(name, rest), rest.len());
        let (one, after) = rest.split_at(length.min(left));
        rest = after;
        Some(match length <= left && is_character(name, one) {
            true => Ok(one),
            false => Err(no_characters(name, one)),
        })
    })
}

/// The letters in which Turkish differs from the first page of Unicode.
const TURKISH: [(u8, char); 6] =
    [(0xd0, 'Ğ'), (0xdd, 'İ'), (0xde, 'Ş'), (0xf0, 'ğ'), (0xfd, 'ı'), (0xfe, 'ş')];

/// The text of one character.
fn read<'a>(name: &str, table: Option<&'static Encoding>, one: &'a [u8]) -> Option<Cow<'a, str>> {
    if let [byte] = one
        && byte.is_ascii()
    {
        return std::str::from_utf8(one).ok().map(Cow::Borrowed);
    }
    let Some(table) = table else {
        let turkish = TURKISH.iter().find(|(byte, _)| name == "LATIN5" && one == [*byte]);
        let letter =
            turkish.map_or_else(|| one.first().map(|byte| char::from(*byte)), |(_, letter)| Some(*letter));
        return letter.map(|letter| Cow::Owned(letter.to_string()));
    };
    if let Some((_, letter)) = own_letters(name).iter().find(|(byte, _)| one == [*byte]) {
        return letter.map(|letter| Cow::Owned(letter.to_string()));
    }
    let read = table.decode_without_bom_handling_and_without_replacement(one)?;
    (!read.chars().any(|letter| is_open(name, letter))).then_some(read)
}

/// Where PostgreSQL's tables differ from those of the web.
fn own_letters(name: &str) -> &'static [(u8, Option<char>)] {
    match name {
        "KOI8U" => &[(0xae, Some('\u{255d}')), (0xbe, Some('\u{256c}'))],
        "WIN1255" => &[(0xca, None)],
        _ => &[],
    }
}

/// Whether a letter only stands for what an encoding leaves open: the web reads that as control characters or for private use.
fn is_open(name: &str, letter: char) -> bool {
    match letter {
        '\u{80}'..='\u{9f}' => !name.starts_with("LATIN") && !name.starts_with("ISO"),
        '\u{e000}'..='\u{f8ff}' => name != "GB18030",
        _ => false,
    }
}

/// The bytes of one character.
fn write(name: &str, table: Option<&'static Encoding>, letter: char) -> Option<Vec<u8>> {
    if letter.is_ascii() {
        return Some(vec![letter as u8]);
    }
    let Some(table) = table else {
        let turkish = TURKISH.iter().find(|(byte, known)| *known == letter || char::from(*byte) == letter);
        return match turkish.filter(|_| name == "LATIN5") {
            Some((byte, known)) => (*known == letter).then_some(vec![*byte]),
            None => u8::try_from(letter).ok().map(|byte| vec![byte]),
        };
    };
    if let Some((byte, _)) = own_letters(name).iter().find(|(_, known)| *known == Some(letter)) {
        return Some(vec![*byte]);
    }
    let mut buffer = [0; 4];
    let (bytes, _, lost) = table.encode(letter.encode_utf8(&mut buffer));
    let taken = own_letters(name).iter().any(|(byte, _)| *bytes == [*byte]);
    (!lost && !taken && !is_open(name, letter) && is_character(name, &bytes)).then(|| bytes.into_owned())
}

/// Text of bytes in an encoding; `to` is where they are to get in the end.
fn decode<'a>(bytes: &'a [u8], name: &'static str, to: &str) -> FunctionResult<Cow<'a, str>> {
    if matches!(name, UTF8 | ASCII) {
        return utf8(bytes).map(Cow::Borrowed);
    }
    let table = table(name)?;
    characters(name, bytes).try_for_each(|one| one.map(|_| ()))?;
    let mut made = String::with_capacity(bytes.len());
    for one in characters(name, bytes) {
        let one = one?;
        made.push_str(&read(name, table, one).ok_or_else(|| no_equivalent(one, name, to))?);
    }
    Ok(Cow::Owned(made))
}

/// Bytes of a text in an encoding.
fn encode<'a>(letters: &'a str, name: &'static str, from: &'static str) -> FunctionResult<Cow<'a, [u8]>> {
    if matches!(name, UTF8 | ASCII) {
        return Ok(Cow::Borrowed(letters.as_bytes()));
    }
    let (table, mut made) = (table(name)?, Vec::with_capacity(letters.len()));
    for letter in letters.chars() {
        match write(name, table, letter) {
            Some(bytes) => made.extend_from_slice(&bytes),
            None => {
                let origin = match from {
                    UTF8 => letter.to_string().into_bytes(),
                    from => encode(letter.to_string().as_str(), from, UTF8)?.into_owned(),
                };
                return Err(no_equivalent(&origin, from, name));
            }
        }
    }
    Ok(Cow::Owned(made))
}

/// Whether there is a way between two encodings of which neither is Unicode's.
fn is_connected(from: &str, to: &str) -> bool {
    const CONNECTED: [&[&str]; 3] =
        [&["KOI8R", "WIN1251", "WIN866", "ISO_8859_5"], &["LATIN2", "WIN1250"], &["SJIS", "EUC_JP"]];
    from == UTF8 || to == UTF8 || CONNECTED.iter().any(|group| group.contains(&from) && group.contains(&to))
}

fn convert<'a>(bytes: &'a [u8], from: &str, to: &str) -> FunctionResult<Cow<'a, [u8]>> {
    let (from, to) = (known(from, "source ")?, known(to, "destination ")?);
    match from {
        ASCII => {}
        UTF8 => drop(utf8(bytes)?),
        from => characters(from, bytes).try_for_each(|one| one.map(|_| ()))?,
    }
    if from == to || bytes.is_empty() || to == ASCII {
        return Ok(Cow::Borrowed(bytes));
    }
    if from == ASCII {
        return match to {
            UTF8 => utf8(bytes).map(|_| Cow::Borrowed(bytes)),
            to => characters(to, bytes).try_for_each(|one| one.map(|_| ())).map(|()| Cow::Borrowed(bytes)),
        };
    }
    if !is_connected(from, to) {
        let message =
            format!("default conversion function for encoding \"{from}\" to \"{to}\" does not exist");
        return Err(FunctionError::plain(SqlState::UndefinedFunction, message));
    }
    let letters = decode(bytes, from, to)?;
    Ok(Cow::Owned(encode(&letters, to, from)?.into_owned()))
}

/// Where a letter without its marks stands for bytes from `first` on: of four encodings.
fn plain_letters(name: &str) -> Option<(u8, &'static [u8])> {
    Some(match name {
        "LATIN1" => (
            160,
            b"  cL Y  \"Ca  -R     'u .,      ?AAAAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooooo/ouuuuyty",
        ),
        "LATIN2" => (
            160,
            b" A L LS \"SSTZ-ZZ a,l'ls ,sstz\"zzRAAAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoooo/ruuuuyt.",
        ),
        "LATIN9" => (
            160,
            b"  cL YS sCa  -R     Zu .z   EeY?AAAAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooooo/ouuuuyty",
        ),
        "WIN1250" => (
            128,
            b"  ' \"    %S<STZZ `'\"\".--  s>stzz   L A  \"CS  -RZ  ,l'u .,as L\"lzRAAAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoooo/ruuuuyt ",
        ),
        _ => return None,
    })
}

fn to_plain(letters: &[u8], name: &str) -> FunctionResult<Vec<u8>> {
    let (first, table) = plain_letters(name).ok_or_else(|| {
        let message = format!("encoding conversion from {name} to ASCII not supported");
        FunctionError::plain(SqlState::FeatureNotSupported, message)
    })?;
    let plain = |byte: &u8| match byte {
        byte if byte.is_ascii() => *byte,
        byte => {
            byte.checked_sub(first).and_then(|place| table.get(usize::from(place))).copied().unwrap_or(b' ')
        }
    };
    Ok(letters.iter().map(plain).collect())
}

fn named(name: &str) -> FunctionResult<&'static str> {
    match encoding_named(number_of_encoding(name)) {
        "" => {
            let message = format!("{name} is not a valid encoding name");
            Err(FunctionError::plain(SqlState::UndefinedObject, message))
        }
        found => Ok(found),
    }
}

fn numbered(number: i32) -> FunctionResult<&'static str> {
    match encoding_named(number) {
        "" => {
            let message = format!("{number} is not a valid encoding code");
            Err(FunctionError::plain(SqlState::UndefinedObject, message))
        }
        found => Ok(found),
    }
}

scalar! {
    fn pg_convert(a: &[u8], from: &str, to: &str) -> Cow<'_, [u8]> { convert(a, from, to)? }
    fn pg_convert_from(a: &[u8], from: &str) -> Cow<'_, str> { decode(a, known(from, "source ")?, UTF8)? }
    fn pg_convert_to(a: &str, to: &str) -> Cow<'_, [u8]> { encode(a, known(to, "destination ")?, UTF8)? }
    fn length_in_encoding(a: &[u8], encoding: &str) -> i32 {
        match known(encoding, "")? {
            UTF8 => text(utf8(a)?.as_bytes())?.chars().count() as i32,
            name => {
                let mut count = 0;
                for one in characters(name, a) {
                    one?;
                    count += 1;
                }
                count
            }
        }
    }
    fn to_ascii_default(a: &[u8]) -> Vec<u8> { to_plain(a, UTF8)? }
    fn to_ascii_enc(a: &[u8], number: i32) -> Vec<u8> { to_plain(a, numbered(number)?)? }
    fn to_ascii_encname(a: &[u8], name: &str) -> Vec<u8> { to_plain(a, named(name)?)? }
}
