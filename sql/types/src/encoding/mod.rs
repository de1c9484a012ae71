//! Encodings of text other than UTF-8: their names, their characters, and the way from each to Unicode and back.
//!
//! * Here: encodings by name and number, bytes to text and text to bytes. `characters`: where a character ends, and whether it is
//!   one. `tables`: which letter each stands for; `rare`:
//!   letters of three bytes.
//!
//! Everything goes by way of Unicode. Encodings that no table is at hand for are known by their names and characters, but refused.
//!
//! Invariants
//!
//! 1. Texts within the database are UTF-8. Nothing here is asked of them but on their way in or out.

mod characters;
mod error;
mod rare;
mod tables;

pub use error::EncodingError;
use rare::Rare;
use std::borrow::Cow;
use tables::Table;

/// An encoding, by PostgreSQL's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(u8);

/// Names, by their numbers.
const NAMES: &[&str] = &[
    "SQL_ASCII",
    "EUC_JP",
    "EUC_CN",
    "EUC_KR",
    "EUC_TW",
    "EUC_JIS_2004",
    "UTF8",
    "MULE_INTERNAL",
    "LATIN1",
    "LATIN2",
    "LATIN3",
    "LATIN4",
    "LATIN5",
    "LATIN6",
    "LATIN7",
    "LATIN8",
    "LATIN9",
    "LATIN10",
    "WIN1256",
    "WIN1258",
    "WIN866",
    "WIN874",
    "KOI8R",
    "WIN1251",
    "WIN1252",
    "ISO_8859_5",
    "ISO_8859_6",
    "ISO_8859_7",
    "ISO_8859_8",
    "WIN1250",
    "WIN1253",
    "WIN1254",
    "WIN1255",
    "WIN1257",
    "KOI8U",
    "SJIS",
    "BIG5",
    "GBK",
    "UHC",
    "GB18030",
    "JOHAB",
    "SHIFT_JIS_2004",
];

/// What a name means that is not the encoding's own, of which only letters and digits count.
fn usual_name(name: &str) -> &str {
    match name {
        "unicode" => "utf8",
        "iso88591" => "latin1",
        "iso88592" => "latin2",
        "iso88593" => "latin3",
        "iso88594" => "latin4",
        "iso88599" => "latin5",
        "iso885910" => "latin6",
        "iso885913" => "latin7",
        "iso885914" => "latin8",
        "iso885915" => "latin9",
        "iso885916" => "latin10",
        "koi8" => "koi8r",
        "alt" | "windows866" => "win866",
        "win" => "win1251",
        "abc" | "tcvn" | "tcvn5712" | "vscii" | "windows1258" => "win1258",
        "windows1253" => "win1253",
        "windows1254" => "win1254",
        "windows1255" => "win1255",
        "windows1256" => "win1256",
        "windows1257" => "win1257",
        "windows874" => "win874",
        "mskanji" | "shiftjis" | "windows932" | "win932" => "sjis",
        "windows936" | "win936" => "gbk",
        "windows949" | "win949" => "uhc",
        "windows950" | "win950" => "big5",
        "windows1252" => "win1252",
        "windows1251" => "win1251",
        "windows1250" => "win1250",
        other => other,
    }
}

impl Encoding {
    /// `UTF8`
    pub const UTF8: Encoding = Encoding(6);
    /// `SQL_ASCII`: bytes that mean nothing, beyond those of ASCII.
    pub const ASCII: Encoding = Encoding(0);

    /// One by its name, of which only letters and digits count.
    pub fn named(name: &str) -> Option<Encoding> {
        let plain = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
        };
        let name = plain(name);
        let name = usual_name(&name);
        let found = NAMES.iter().position(|known| plain(known) == name)?;
        u8::try_from(found).ok().map(Encoding)
    }

    /// One by its number.
    pub fn numbered(number: i32) -> Option<Encoding> {
        u8::try_from(number).ok().filter(|number| usize::from(*number) < NAMES.len()).map(Encoding)
    }

    /// All there are.
    pub fn all() -> impl Iterator<Item = Encoding> {
        (0..NAMES.len()).map(|number| Encoding(number as u8)) // there are few
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Its number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }

    /// Whether texts in it are other bytes than within the database.
    pub fn is_translated(self) -> bool {
        !matches!(self, Encoding::UTF8 | Encoding::ASCII)
    }

    /// Whether there is a way between it and UTF-8.
    pub fn has_table(self) -> bool {
        !self.is_translated() || Table::of(self.name()).is_some()
    }

    /// Whether no database may have it: bytes of ASCII may be parts of other characters.
    pub fn is_for_clients_only(self) -> bool {
        self.0 >= 35
    }

    /// How many bytes a character has at most.
    pub fn longest_character(self) -> i32 {
        match self.name() {
            "UTF8" | "EUC_TW" | "MULE_INTERNAL" | "GB18030" => 4,
            "EUC_JP" | "EUC_CN" | "EUC_KR" | "EUC_JIS_2004" | "JOHAB" => 3,
            "SJIS" | "BIG5" | "GBK" | "UHC" | "SHIFT_JIS_2004" => 2,
            _ => 1,
        }
    }

    /// How many characters these bytes are.
    ///
    /// # Errors
    /// When they are none.
    pub fn count(self, bytes: &[u8]) -> Result<usize, EncodingError> {
        if self == Encoding::UTF8 {
            return utf8(bytes).map(|text| text.chars().count());
        }
        characters::each(self, bytes).try_fold(0, |count, one| one.map(|_| count + 1))
    }

    /// The text that bytes in this encoding are; `to` is where they are to get in the end.
    ///
    /// # Errors
    /// When they are no characters, or one of them has no equivalent.
    pub fn decode(self, bytes: &[u8], to: Encoding) -> Result<Cow<'_, str>, EncodingError> {
        if !self.is_translated() {
            return utf8(bytes).map(Cow::Borrowed);
        }
        if self.has_table() && bytes.is_ascii() && !bytes.contains(&0) {
            // These are the same in all of them.
            return utf8(bytes).map(Cow::Borrowed);
        }
        let mut made = String::with_capacity(bytes.len());
        match self.decode_some(bytes, to, true, &mut made) {
            (_, None) => Ok(Cow::Owned(made)),
            (_, Some(error)) => Err(error),
        }
    }

    /// Appends the text of whole characters at the beginning of bytes, up to what is none. Tells how many bytes that were, and
    /// what is wrong with those behind them; a character that is not whole is only if none follow (`complete`).
    pub fn decode_some(
        self,
        bytes: &[u8],
        to: Encoding,
        complete: bool,
        made: &mut String,
    ) -> (usize, Option<EncodingError>) {
        let Some(table) = Table::of(self.name()) else {
            return (0, Some(EncodingError::NoWay { from: self, to }));
        };
        let (mut at, mut rare) = (0, Rare::default());
        while at < bytes.len() {
            let rest = &bytes[at..];
            let plain = rest.iter().position(|byte| !byte.is_ascii() || *byte == 0).unwrap_or(rest.len());
            if let Some(Ok(text)) = rest.get(..plain).map(std::str::from_utf8)
                && plain > 0
            {
                made.push_str(text);
                at += plain;
                continue;
            }
            let one = match characters::first(self, rest) {
                Ok(one) => one,
                Err(_) if !complete && characters::length(self, rest) > rest.len() => break,
                Err(error) => return (at, Some(error)),
            };
            match table.read(one, &mut rare) {
                Some(text) => made.push_str(&text),
                None => {
                    let bytes = one.to_vec();
                    return (at, Some(EncodingError::NoEquivalent { bytes, from: self, to }));
                }
            }
            at += one.len();
        }
        (at, None)
    }

    /// A text as bytes in this encoding; `from` is where it came from in the beginning.
    ///
    /// # Errors
    /// When one of its letters has no equivalent.
    pub fn encode(self, text: &str, from: Encoding) -> Result<Cow<'_, [u8]>, EncodingError> {
        if !self.is_translated() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let Some(table) = Table::of(self.name()) else {
            return Err(EncodingError::NoWay { from, to: self });
        };
        if text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let (mut made, mut rare) = (Vec::with_capacity(text.len()), Rare::default());
        for letter in text.chars() {
            if letter.is_ascii() {
                made.push(letter as u8);
                continue;
            }
            match table.write(letter, &mut rare) {
                Some(bytes) => made.extend_from_slice(&bytes),
                None => {
                    let mut buffer = [0; 4];
                    let bytes = from.encode(letter.encode_utf8(&mut buffer), Encoding::UTF8)?.into_owned();
                    return Err(EncodingError::NoEquivalent { bytes, from, to: self });
                }
            }
        }
        Ok(Cow::Owned(made))
    }

    /// A text as bytes in this encoding, with question marks for letters that it does not have.
    pub fn encode_lossy(self, text: &str) -> Cow<'_, [u8]> {
        if let Ok(bytes) = self.encode(text, Encoding::UTF8) {
            return bytes;
        }
        let mut buffer = [0; 4];
        let mut made = Vec::with_capacity(text.len());
        for letter in text.chars() {
            match self.encode(letter.encode_utf8(&mut buffer), Encoding::UTF8) {
                Ok(bytes) => made.extend_from_slice(&bytes),
                Err(_) => made.push(b'?'),
            }
        }
        Cow::Owned(made)
    }
}

/// Bytes as text of UTF-8.
///
/// # Errors
/// When they are none.
pub fn utf8(bytes: &[u8]) -> Result<&str, EncodingError> {
    let invalid = |bytes: &[u8]| EncodingError::Invalid { bytes: bytes.to_vec(), encoding: Encoding::UTF8 };
    let found = std::str::from_utf8(bytes).map_err(|error| {
        let rest = &bytes[error.valid_up_to()..];
        let said = match rest.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            Some(_) | None => 1,
        };
        invalid(&rest[..rest.len().min(said)])
    })?;
    match bytes.contains(&0) {
        true => Err(invalid(&[0])),
        false => Ok(found),
    }
}
