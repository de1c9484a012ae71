//! Encodings other than UTF-8, into which bytes are brought and from which text is read: `convert` and its like.
//!
//! What bytes mean in an encoding is told by [`types::encoding`].

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use std::borrow::Cow;
use types::encoding::{Encoding, EncodingError};

fn invalid(message: impl Into<String>) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

/// An encoding by its name; `side` tells what it is asked for.
fn known(name: &str, side: &str) -> FunctionResult<Encoding> {
    Encoding::named(name).ok_or_else(|| invalid(format!("invalid {side}encoding name \"{name}\"")))
}

/// Text of bytes: they are all looked at before any is brought over.
fn decode(bytes: &[u8], encoding: Encoding) -> FunctionResult<Cow<'_, str>> {
    encoding.count(bytes)?;
    Ok(encoding.decode(bytes, Encoding::UTF8)?)
}

/// Whether there is a way between two encodings of which neither is Unicode's.
fn is_connected(from: &str, to: &str) -> bool {
    const CONNECTED: [&[&str]; 3] =
        [&["KOI8R", "WIN1251", "WIN866", "ISO_8859_5"], &["LATIN2", "WIN1250"], &["SJIS", "EUC_JP"]];
    from == Encoding::UTF8.name()
        || to == Encoding::UTF8.name()
        || CONNECTED.iter().any(|group| group.contains(&from) && group.contains(&to))
}

fn convert<'a>(bytes: &'a [u8], from: &str, to: &str) -> FunctionResult<Cow<'a, [u8]>> {
    let (from, to) = (known(from, "source ")?, known(to, "destination ")?);
    if from != Encoding::ASCII {
        from.count(bytes)?;
    }
    if from == to || bytes.is_empty() || to == Encoding::ASCII {
        return Ok(Cow::Borrowed(bytes));
    }
    if from == Encoding::ASCII {
        to.count(bytes)?;
        return Ok(Cow::Borrowed(bytes));
    }
    if !is_connected(from.name(), to.name()) {
        return Err(EncodingError::NoWay { from, to }.into());
    }
    let letters = from.decode(bytes, to)?;
    Ok(Cow::Owned(to.encode(&letters, from)?.into_owned()))
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
    let unknown = || {
        let message = format!("{name} is not a valid encoding name");
        FunctionError::plain(SqlState::UndefinedObject, message)
    };
    Encoding::named(name).map(Encoding::name).ok_or_else(unknown)
}

fn numbered(number: i32) -> FunctionResult<&'static str> {
    let unknown = || {
        let message = format!("{number} is not a valid encoding code");
        FunctionError::plain(SqlState::UndefinedObject, message)
    };
    Encoding::numbered(number).map(Encoding::name).ok_or_else(unknown)
}

scalar! {
    fn pg_convert(a: &[u8], from: &str, to: &str) -> Cow<'_, [u8]> { convert(a, from, to)? }
    fn pg_convert_from(a: &[u8], from: &str) -> Cow<'_, str> { decode(a, known(from, "source ")?)? }
    fn pg_convert_to(a: &str, to: &str) -> Cow<'_, [u8]> { known(to, "destination ")?.encode(a, Encoding::UTF8)? }
    fn length_in_encoding(a: &[u8], encoding: &str) -> i32 { known(encoding, "")?.count(a)? as i32 }
    fn encoding_name(a: i32) -> String { Encoding::numbered(a).map(Encoding::name).unwrap_or_default().to_owned() }
    fn char_to_encoding(a: &str) -> i32 { Encoding::named(a).map_or(-1, Encoding::number) }
    fn encoding_max_length(a: i32) -> Option<i32> { Encoding::numbered(a).map(Encoding::longest_character) }
    fn to_ascii_default(a: &[u8]) -> Vec<u8> { to_plain(a, Encoding::UTF8.name())? }
    fn to_ascii_enc(a: &[u8], number: i32) -> Vec<u8> { to_plain(a, numbered(number)?)? }
    fn to_ascii_encname(a: &[u8], name: &str) -> Vec<u8> { to_plain(a, named(name)?)? }
}
