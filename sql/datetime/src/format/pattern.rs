//! A format as a list of nodes: fields with their modifiers, and characters between them.

/// What a field shows or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `AM`, `PM`.
    Meridiem,
    /// `A.M.`, `P.M.`.
    MeridiemDotted,
    /// `AD`, `BC`.
    Era,
    /// `A.D.`, `B.C.`.
    EraDotted,
    /// `CC`.
    Century,
    /// `DAY`.
    DayName,
    /// `DY`.
    DayNameShort,
    /// `DDD`.
    DayOfYear,
    /// `IDDD`.
    IsoDayOfYear,
    /// `DD`.
    Day,
    /// `D`.
    DayOfWeek,
    /// `ID`.
    IsoDayOfWeek,
    /// `FF1` to `FF6`.
    Fraction(u8),
    /// `FX`.
    Fixed,
    /// `HH24`.
    Hour24,
    /// `HH12`, `HH`.
    Hour12,
    /// `IW`.
    IsoWeek,
    /// `IYYY`, `IYY`, `IY`, `I`: by its digits.
    IsoYear(u8),
    /// `J`.
    Julian,
    /// `MI`.
    Minute,
    /// `MM`.
    Month,
    /// `MONTH`.
    MonthName,
    /// `MON`.
    MonthNameShort,
    /// `MS`.
    Millisecond,
    /// `OF`.
    Offset,
    /// `Q`.
    Quarter,
    /// `RM`.
    RomanMonth,
    /// `SSSS`, `SSSSS`.
    SecondOfDay,
    /// `SS`.
    Second,
    /// `TZH`.
    ZoneHour,
    /// `TZM`.
    ZoneMinute,
    /// `TZ`.
    ZoneName,
    /// `US`.
    Microsecond,
    /// `WW`.
    Week,
    /// `W`.
    WeekOfMonth,
    /// `Y,YYY`.
    YearWithComma,
    /// `YYYY`, `YYY`, `YY`, `Y`: by its digits.
    Year(u8),
}

/// Which calendar a field belongs to; both in one format are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Either.
    Any,
    /// Months and days.
    Gregorian,
    /// ISO weeks.
    IsoWeek,
}

/// A field as it may be spelled.
#[derive(Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Its spelling, which also says in which case it is written.
    pub name: &'static str,
    /// What it is.
    pub key: Key,
    /// Whether it is read as digits, so that a number before it must know where to end.
    pub is_digits: bool,
    /// Its calendar.
    pub convention: Convention,
}

/// The case in which a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `MONTH`.
    Upper,
    /// `Month`.
    Title,
    /// `month`.
    Lower,
}

impl Pattern {
    /// The case that its spelling has.
    pub fn case(&self) -> Case {
        let bytes = self.name.as_bytes();
        if bytes[0].is_ascii_lowercase() {
            Case::Lower
        } else if bytes.get(1).is_some_and(u8::is_ascii_lowercase) {
            Case::Title
        } else {
            Case::Upper
        }
    }
}

/// A field with its modifiers.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The field.
    pub pattern: &'static Pattern,
    /// `FM`: without padding.
    pub fill: bool,
    /// `TM`: in the locale's words.
    pub translated: bool,
    /// `TH` or `th`: with an ordinal's ending.
    pub ordinal: Option<Case>,
}

/// A node of a format.
#[derive(Debug, Clone, Copy)]
pub enum Node {
    /// A field.
    Field(Field),
    /// A blank.
    Space(char),
    /// Punctuation.
    Separator(char),
    /// Any other character.
    Character(char),
}

/// Whether a character is punctuation in a format and in what is read by it.
pub fn is_separator(byte: u8) -> bool {
    byte.is_ascii_graphic() && !byte.is_ascii_alphanumeric()
}

fn find(text: &str) -> Option<&'static Pattern> {
    PATTERNS.iter().find(|pattern| text.starts_with(pattern.name))
}

/// The nodes of a format. Whatever it is, it means something.
pub fn parse(format: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = format;
    while let Some(character) = fields_and_literals(&mut rest, &mut nodes, true) {
        nodes.push(match character {
            _ if character.is_ascii() && is_separator(character as u8) => Node::Separator(character),
            ' ' | '\t'..='\r' => Node::Space(character),
            _ => Node::Character(character),
        });
    }
    nodes
}

/// The nodes of a format in which, outside quotes, only some characters may stand between fields; the character if it is
/// none of them.
pub fn parse_with(format: &str, is_allowed: impl Fn(char) -> bool) -> Result<Vec<Node>, char> {
    let mut nodes = Vec::new();
    let mut rest = format;
    while let Some(character) = fields_and_literals(&mut rest, &mut nodes, false) {
        nodes.push(match character {
            ' ' => Node::Space(character),
            _ if is_allowed(character) => Node::Separator(character),
            _ => return Err(character),
        });
    }
    Ok(nodes)
}

/// Reads fields and quoted texts up to the next other character, which is taken too; `None` at the end. With
/// `escapes`, a backslash before a quote takes the quote as it is.
fn fields_and_literals(rest_of_format: &mut &str, nodes: &mut Vec<Node>, escapes: bool) -> Option<char> {
    let mut rest = *rest_of_format;
    let mut found = None;
    while !rest.is_empty() && found.is_none() {
        let fill = strip(&mut rest, &["FM", "fm"]);
        let translated = !fill && strip(&mut rest, &["TM", "tm"]);
        if let Some(pattern) = find(rest) {
            rest = &rest[pattern.name.len()..];
            let ordinal = if strip(&mut rest, &["TH"]) {
                Some(Case::Upper)
            } else if strip(&mut rest, &["th"]) {
                Some(Case::Lower)
            } else {
                // Spelled numbers are known to the syntax alone.
                strip(&mut rest, &["SP"]);
                None
            };
            nodes.push(Node::Field(Field { pattern, fill, translated, ordinal }));
        } else if let Some(quoted) = rest.strip_prefix('"') {
            rest = literal(quoted, nodes);
        } else {
            if escapes && rest.starts_with("\\\"") {
                rest = &rest[1..];
            }
            found = rest.chars().next();
            rest = &rest[found.map_or(0, char::len_utf8)..];
        }
    }
    *rest_of_format = rest;
    found
}

fn strip(rest: &mut &str, words: &[&str]) -> bool {
    match words.iter().find_map(|word| rest.strip_prefix(word)) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

/// Characters up to a closing quote; a backslash takes the next one as it is.
fn literal<'a>(quoted: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let mut characters = quoted.chars();
    while let Some(mut character) = characters.next() {
        if character == '"' {
            break;
        }
        if character == '\\' {
            character = characters.next().unwrap_or(character);
        }
        nodes.push(Node::Character(character));
    }
    characters.as_str()
}

macro_rules! patterns {
    ($($name:literal $key:expr, $digits:literal, $convention:ident;)*) => {
        /// Where one spelling begins another, the longer one is first.
        const PATTERNS: &[Pattern] = &[$(Pattern {
            name: $name,
            key: $key,
            is_digits: $digits,
            convention: Convention::$convention,
        }),*];
    };
}

patterns! {
    "A.D." Key::EraDotted, false, Any;
    "A.M." Key::MeridiemDotted, false, Any;
    "AD" Key::Era, false, Any;
    "AM" Key::Meridiem, false, Any;
    "B.C." Key::EraDotted, false, Any;
    "BC" Key::Era, false, Any;
    "CC" Key::Century, true, Any;
    "DAY" Key::DayName, false, Any;
    "DDD" Key::DayOfYear, true, Gregorian;
    "DD" Key::Day, true, Gregorian;
    "DY" Key::DayNameShort, false, Any;
    "Day" Key::DayName, false, Any;
    "Dy" Key::DayNameShort, false, Any;
    "D" Key::DayOfWeek, true, Gregorian;
    "FF1" Key::Fraction(1), true, Any;
    "FF2" Key::Fraction(2), true, Any;
    "FF3" Key::Fraction(3), true, Any;
    "FF4" Key::Fraction(4), true, Any;
    "FF5" Key::Fraction(5), true, Any;
    "FF6" Key::Fraction(6), true, Any;
    "FX" Key::Fixed, false, Any;
    "HH24" Key::Hour24, true, Any;
    "HH12" Key::Hour12, true, Any;
    "HH" Key::Hour12, true, Any;
    "IDDD" Key::IsoDayOfYear, true, IsoWeek;
    "ID" Key::IsoDayOfWeek, true, IsoWeek;
    "IW" Key::IsoWeek, true, IsoWeek;
    "IYYY" Key::IsoYear(4), true, IsoWeek;
    "IYY" Key::IsoYear(3), true, IsoWeek;
    "IY" Key::IsoYear(2), true, IsoWeek;
    "I" Key::IsoYear(1), true, IsoWeek;
    "J" Key::Julian, true, Any;
    "MI" Key::Minute, true, Any;
    "MM" Key::Month, true, Gregorian;
    "MONTH" Key::MonthName, false, Gregorian;
    "MON" Key::MonthNameShort, false, Gregorian;
    "MS" Key::Millisecond, true, Any;
    "Month" Key::MonthName, false, Gregorian;
    "Mon" Key::MonthNameShort, false, Gregorian;
    "OF" Key::Offset, false, Any;
    "P.M." Key::MeridiemDotted, false, Any;
    "PM" Key::Meridiem, false, Any;
    "Q" Key::Quarter, true, Any;
    "RM" Key::RomanMonth, false, Gregorian;
    "SSSSS" Key::SecondOfDay, true, Any;
    "SSSS" Key::SecondOfDay, true, Any;
    "SS" Key::Second, true, Any;
    "TZH" Key::ZoneHour, false, Any;
    "TZM" Key::ZoneMinute, true, Any;
    "TZ" Key::ZoneName, false, Any;
    "US" Key::Microsecond, true, Any;
    "WW" Key::Week, true, Gregorian;
    "W" Key::WeekOfMonth, true, Gregorian;
    "Y,YYY" Key::YearWithComma, true, Gregorian;
    "YYYY" Key::Year(4), true, Gregorian;
    "YYY" Key::Year(3), true, Gregorian;
    "YY" Key::Year(2), true, Gregorian;
    "Y" Key::Year(1), true, Gregorian;
    "a.d." Key::EraDotted, false, Any;
    "a.m." Key::MeridiemDotted, false, Any;
    "ad" Key::Era, false, Any;
    "am" Key::Meridiem, false, Any;
    "b.c." Key::EraDotted, false, Any;
    "bc" Key::Era, false, Any;
    "cc" Key::Century, true, Any;
    "day" Key::DayName, false, Any;
    "ddd" Key::DayOfYear, true, Gregorian;
    "dd" Key::Day, true, Gregorian;
    "dy" Key::DayNameShort, false, Any;
    "d" Key::DayOfWeek, true, Gregorian;
    "ff1" Key::Fraction(1), true, Any;
    "ff2" Key::Fraction(2), true, Any;
    "ff3" Key::Fraction(3), true, Any;
    "ff4" Key::Fraction(4), true, Any;
    "ff5" Key::Fraction(5), true, Any;
    "ff6" Key::Fraction(6), true, Any;
    "fx" Key::Fixed, false, Any;
    "hh24" Key::Hour24, true, Any;
    "hh12" Key::Hour12, true, Any;
    "hh" Key::Hour12, true, Any;
    "iddd" Key::IsoDayOfYear, true, IsoWeek;
    "id" Key::IsoDayOfWeek, true, IsoWeek;
    "iw" Key::IsoWeek, true, IsoWeek;
    "iyyy" Key::IsoYear(4), true, IsoWeek;
    "iyy" Key::IsoYear(3), true, IsoWeek;
    "iy" Key::IsoYear(2), true, IsoWeek;
    "i" Key::IsoYear(1), true, IsoWeek;
    "j" Key::Julian, true, Any;
    "mi" Key::Minute, true, Any;
    "mm" Key::Month, true, Gregorian;
    "month" Key::MonthName, false, Gregorian;
    "mon" Key::MonthNameShort, false, Gregorian;
    "ms" Key::Millisecond, true, Any;
    "of" Key::Offset, false, Any;
    "p.m." Key::MeridiemDotted, false, Any;
    "pm" Key::Meridiem, false, Any;
    "q" Key::Quarter, true, Any;
    "rm" Key::RomanMonth, false, Gregorian;
    "sssss" Key::SecondOfDay, true, Any;
    "ssss" Key::SecondOfDay, true, Any;
    "ss" Key::Second, true, Any;
    "tzh" Key::ZoneHour, false, Any;
    "tzm" Key::ZoneMinute, true, Any;
    "tz" Key::ZoneName, false, Any;
    "us" Key::Microsecond, true, Any;
    "ww" Key::Week, true, Gregorian;
    "w" Key::WeekOfMonth, true, Gregorian;
    "y,yyy" Key::YearWithComma, true, Gregorian;
    "yyyy" Key::Year(4), true, Gregorian;
    "yyy" Key::Year(3), true, Gregorian;
    "yy" Key::Year(2), true, Gregorian;
    "y" Key::Year(1), true, Gregorian;
}
