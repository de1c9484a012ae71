//! Which letter a character of an encoding stands for: by the web's tables, but where PostgreSQL's differ from them.

use super::characters::is_one;
use super::rare::Rare;
use std::borrow::Cow;

/// The table of an encoding.
#[derive(Clone, Copy)]
pub(super) struct Table {
    name: &'static str,
    /// None for the two that are Unicode's own first page.
    web: Option<&'static encoding_rs::Encoding>,
}

/// The letters in which Turkish differs from the first page of Unicode.
const TURKISH: [(u8, char); 6] =
    [(0xd0, 'Ğ'), (0xdd, 'İ'), (0xde, 'Ş'), (0xf0, 'ğ'), (0xfd, 'ı'), (0xfe, 'ş')];

/// Where PostgreSQL's tables differ from those of the web.
fn own_letters(name: &str) -> &'static [(u8, Option<char>)] {
    match name {
        "KOI8U" => &[(0xae, Some('\u{255d}')), (0xbe, Some('\u{256c}'))],
        "WIN1255" => &[(0xca, None)],
        _ => &[],
    }
}

/// The same for characters of two bytes.
fn own_pairs(name: &str) -> &'static [(u16, char)] {
    match name {
        "EUC_CN" => &[(0xa1a4, '・'), (0xa1aa, '―')],
        "EUC_KR" | "UHC" => &[(0xa2e8, '㉾')],
        "GB18030" => GB18030_PAIRS,
        _ => &[],
    }
}

/// Letters that PostgreSQL writes otherwise: others stand for them where they are read, or they stand in two places.
fn written_otherwise(name: &str, letter: char) -> Option<u16> {
    let known = if name == "SJIS" { SJIS_WRITTEN } else { &[] };
    known.iter().find(|(known, _)| *known == letter).map(|(_, place)| *place)
}

const SJIS_WRITTEN: &[(char, u16)] = &[
    ('\u{00a2}', 0x8191),
    ('\u{00a3}', 0x8192),
    ('\u{00ac}', 0x81ca),
    ('\u{2016}', 0x8161),
    ('\u{2116}', 0xfa59),
    ('\u{2121}', 0xfa5a),
    ('\u{2160}', 0xfa4a),
    ('\u{2161}', 0xfa4b),
    ('\u{2162}', 0xfa4c),
    ('\u{2163}', 0xfa4d),
    ('\u{2164}', 0xfa4e),
    ('\u{2165}', 0xfa4f),
    ('\u{2166}', 0xfa50),
    ('\u{2167}', 0xfa51),
    ('\u{2168}', 0xfa52),
    ('\u{2169}', 0xfa53),
    ('\u{301c}', 0x8160),
    ('\u{3231}', 0xfa58),
];

/// What later editions of GB18030 have instead of letters for private use.
const GB18030_PAIRS: &[(u16, char)] = &[
    (0xa3a0, '\u{e5e5}'),
    (0xa6d9, '\u{e78d}'),
    (0xa6da, '\u{e78e}'),
    (0xa6db, '\u{e78f}'),
    (0xa6dc, '\u{e790}'),
    (0xa6dd, '\u{e791}'),
    (0xa6de, '\u{e792}'),
    (0xa6df, '\u{e793}'),
    (0xa6ec, '\u{e794}'),
    (0xa6ed, '\u{e795}'),
    (0xa6f3, '\u{e796}'),
    (0xa8bc, '\u{e7c7}'),
    (0xfe59, '\u{e81e}'),
    (0xfe61, '\u{e826}'),
    (0xfe66, '\u{e82b}'),
    (0xfe67, '\u{e82c}'),
    (0xfe6d, '\u{e832}'),
    (0xfe7e, '\u{e843}'),
    (0xfe90, '\u{e854}'),
    (0xfea0, '\u{e864}'),
];

/// Where the letters of later editions stand in that of PostgreSQL.
const GB18030_FOURS: &[(char, u32)] = &[
    ('\u{fe10}', 0x84318236),
    ('\u{fe12}', 0x84318238),
    ('\u{fe11}', 0x84318237),
    ('\u{fe13}', 0x84318239),
    ('\u{fe14}', 0x84318330),
    ('\u{fe15}', 0x84318331),
    ('\u{fe16}', 0x84318332),
    ('\u{fe17}', 0x84318333),
    ('\u{fe18}', 0x84318334),
    ('\u{fe19}', 0x84318335),
    ('\u{1e3f}', 0x8135f437),
    ('\u{9fb4}', 0x82359037),
    ('\u{9fb5}', 0x82359038),
    ('\u{9fb6}', 0x82359039),
    ('\u{9fb7}', 0x82359130),
    ('\u{9fb8}', 0x82359131),
    ('\u{9fb9}', 0x82359132),
    ('\u{9fba}', 0x82359133),
    ('\u{9fbb}', 0x82359134),
];

/// Letters for private use, of which UHC has two rows.
fn private_letter(name: &str, [first, second]: [u8; 2]) -> Option<char> {
    let row = match (name, first) {
        ("UHC", 0xc9) => 0xe000,
        ("UHC", 0xfe) => 0xe05e,
        _ => return None,
    };
    let place = second.checked_sub(0xa1).filter(|place| *place < 94)?;
    char::from_u32(row + u32::from(place))
}

fn private_bytes(name: &str, letter: char) -> Option<[u8; 2]> {
    let place = u32::from(letter).checked_sub(0xe000).filter(|place| name == "UHC" && *place < 188)?;
    let (row, place) = if place < 94 { (0xc9, place) } else { (0xfe, place - 94) };
    Some([row, 0xa1 + place as u8]) // less than 94
}

/// Whether the web's table has more than PostgreSQL's at a place.
fn is_left_out(name: &str, [first, second]: [u8; 2]) -> bool {
    match name {
        // Letters of IBM's: they stand among those of three bytes.
        "EUC_JP" => matches!(first, 0xf9..=0xfc),
        "EUC_CN" => !is_of_gb2312(first, second),
        "GBK" => match first {
            0xa2 => second == 0xe3,
            0xa3 => second == 0xa0,
            0xa6 => matches!(second, 0xd9..=0xdf | 0xec..=0xed | 0xf3),
            0xa8 => matches!(second, 0xbc | 0xbf),
            0xa9 => matches!(second, 0x89..=0x95),
            0xfe => second >= 0x50,
            _ => false,
        },
        _ => false,
    }
}

/// Whether the first standard of simplified characters has a letter there.
fn is_of_gb2312(row: u8, place: u8) -> bool {
    match row {
        0xa1 | 0xa3 | 0xb0..=0xd6 | 0xd8..=0xf7 => true,
        0xa2 => matches!(place, 0xb1..=0xe2 | 0xe5..=0xee | 0xf1..=0xfc),
        0xa4 => place <= 0xf3,
        0xa5 => place <= 0xf6,
        0xa6 => matches!(place, 0xa1..=0xb8 | 0xc1..=0xd8),
        0xa7 => matches!(place, 0xa1..=0xc1 | 0xd1..=0xf1),
        0xa8 => matches!(place, 0xa1..=0xba | 0xc5..=0xe9),
        0xa9 => matches!(place, 0xa4..=0xef),
        0xd7 => place <= 0xf9,
        _ => false,
    }
}

/// Whether a letter only stands for what an encoding leaves open: the web reads that as control characters or for private use.
fn is_open(name: &str, letter: char) -> bool {
    match letter {
        '\u{80}'..='\u{9f}' => !name.starts_with("LATIN") && !name.starts_with("ISO") && name != "GB18030",
        '\u{e000}'..='\u{f8ff}' => name != "GB18030",
        _ => false,
    }
}

impl Table {
    /// The one of an encoding by its name, if there is one at hand.
    pub(super) fn of(name: &'static str) -> Option<Table> {
        use encoding_rs as e;
        let web = match name {
            "LATIN1" | "LATIN5" => return Some(Table { name, web: None }),
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
            "EUC_JP" => e::EUC_JP,
            "EUC_CN" | "GBK" => e::GBK,
            "GB18030" => e::GB18030,
            "EUC_KR" | "UHC" => e::EUC_KR,
            _ => return None,
        };
        Some(Table { name, web: Some(web) })
    }

    /// The text of one character. What was looked up for characters before stays in `rare`.
    pub(super) fn read<'o>(self, one: &'o [u8], rare: &mut Rare) -> Option<Cow<'o, str>> {
        if let [byte] = one
            && byte.is_ascii()
        {
            return std::str::from_utf8(one).ok().map(Cow::Borrowed);
        }
        let Some(web) = self.web else {
            let turkish = TURKISH.iter().find(|(byte, _)| self.name == "LATIN5" && one == [*byte]);
            let letter = turkish
                .map_or_else(|| one.first().map(|byte| char::from(*byte)), |(_, letter)| Some(*letter));
            return letter.map(|letter| Cow::Owned(letter.to_string()));
        };
        if let Some((_, letter)) = own_letters(self.name).iter().find(|(byte, _)| one == [*byte]) {
            return letter.map(|letter| Cow::Owned(letter.to_string()));
        }
        if let [first, second] = *one {
            let (pair, place) = ([first, second], u16::from_be_bytes([first, second]));
            let own =
                own_pairs(self.name).iter().find(|(known, _)| *known == place).map(|(_, letter)| *letter);
            if let Some(letter) = own.or_else(|| private_letter(self.name, pair)) {
                return Some(Cow::Owned(letter.to_string()));
            }
            if is_left_out(self.name, pair) {
                return None;
            }
        }
        if self.name == "EUC_JP"
            && let [0x8f, first, second] = *one
        {
            return rare.read([first, second]).map(|letter| Cow::Owned(letter.to_string()));
        }
        let read = web.decode_without_bom_handling_and_without_replacement(one)?;
        let mut letters = read.chars();
        let is_one =
            letters.next().is_some_and(|letter| !is_open(self.name, letter)) && letters.next().is_none();
        is_one.then_some(read)
    }

    /// The bytes of one letter that is not of ASCII. What was looked up for letters before stays in `rare`.
    pub(super) fn write(self, letter: char, rare: &mut Rare) -> Option<Vec<u8>> {
        let Some(web) = self.web else {
            let turkish =
                TURKISH.iter().find(|(byte, known)| *known == letter || char::from(*byte) == letter);
            return match turkish.filter(|_| self.name == "LATIN5") {
                Some((byte, known)) => (*known == letter).then_some(vec![*byte]),
                None => u8::try_from(letter).ok().map(|byte| vec![byte]),
            };
        };
        if let Some((byte, _)) = own_letters(self.name).iter().find(|(_, known)| *known == Some(letter)) {
            return Some(vec![*byte]);
        }
        let own = own_pairs(self.name).iter().find(|(_, known)| *known == letter);
        let own = own.map(|(place, _)| place.to_be_bytes()).or_else(|| private_bytes(self.name, letter));
        let own = own.or_else(|| written_otherwise(self.name, letter).map(u16::to_be_bytes));
        if let Some(bytes) = own {
            return Some(bytes.to_vec());
        }
        if self.name == "GB18030"
            && let Some((_, bytes)) = GB18030_FOURS.iter().find(|(known, _)| *known == letter)
        {
            return Some(bytes.to_be_bytes().to_vec());
        }
        let mut buffer = [0; 4];
        let (bytes, _, lost) = web.encode(letter.encode_utf8(&mut buffer));
        // The web takes a minus of another width for the same.
        let other = self.name == "EUC_JP" && letter == '\u{2212}';
        if !lost && !other && self.has(letter, &bytes) {
            return Some(bytes.into_owned());
        }
        if self.name == "EUC_JP" { rare.write(letter) } else { None }
    }

    /// Whether the letter has in PostgreSQL's table the bytes that it has in the web's.
    fn has(self, letter: char, bytes: &[u8]) -> bool {
        if is_open(self.name, letter) || !is_one(self.name, bytes) {
            return false;
        }
        match *bytes {
            // One that stands for the letters of another alphabet.
            [byte] if byte.is_ascii() => self.name == "SJIS",
            [byte] => {
                self.name != "EUC_CN" && !own_letters(self.name).iter().any(|(known, _)| *known == byte)
            }
            [first, second] => {
                let place = u16::from_be_bytes([first, second]);
                !is_left_out(self.name, [first, second])
                    && !own_pairs(self.name).iter().any(|(known, _)| *known == place)
            }
            _ => true, // longer ones are the same
        }
    }
}
