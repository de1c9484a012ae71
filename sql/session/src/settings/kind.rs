//! Kinds of settings: what a value may be, and how PostgreSQL shows it.

use super::error::SettingError;
use super::{date_style, zone};
use search::dictionary::LANGUAGES;
use types::encoding::Encoding;

/// What a setting is called, may be, and is at first.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name, in the case in which it is shown.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is at first, in the form in which values are kept.
    pub default: &'static str,
    /// Who may change it.
    pub access: Access,
    /// `pg_settings.category`.
    pub category: &'static str,
}

/// Who may change a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, for the session.
    User,
    /// Superusers, for the session.
    Superuser,
    /// Nobody, once the database is open.
    Server,
    /// Nobody here; in PostgreSQL the file of settings.
    Reload,
    /// Nobody.
    Internal,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called; a block is 8 kB
pub enum Unit {
    None,
    Milliseconds,
    Seconds,
    Kilobytes,
    Blocks,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // each is what it is called
pub enum Kind {
    Bool,
    Integer { least: i64, greatest: i64, unit: Unit },
    Real { least: f64, greatest: f64, unit: Unit },
    Choice(&'static [&'static str]),
    Text,
    Names,
    RelationKinds,
    Checks,
    DateStyle,
    TimeZone,
    Encoding,
    SearchConfiguration,
}

impl Access {
    /// `pg_settings.context`.
    pub fn name(self) -> &'static str {
        match self {
            Access::User => "user",
            Access::Superuser => "superuser",
            Access::Server => "postmaster",
            Access::Reload => "sighup",
            Access::Internal => "internal",
        }
    }
}

impl Kind {
    /// `pg_settings.unit`, `min_val`, `max_val`: of numbers.
    pub fn bounds(self) -> Option<(&'static str, String, String)> {
        let of_real = |bound: f64| if bound == f64::MAX { "1.79769e+308".to_owned() } else { short(bound) };
        match self {
            Kind::Integer { least, greatest, unit } => {
                Some((unit.suffix().trim_start(), least.to_string(), greatest.to_string()))
            }
            Kind::Real { least, greatest, unit } => {
                Some((unit.suffix().trim_start(), of_real(least), of_real(greatest)))
            }
            Kind::Bool
            | Kind::Choice(_)
            | Kind::Text
            | Kind::Names
            | Kind::RelationKinds
            | Kind::Checks
            | Kind::DateStyle
            | Kind::TimeZone
            | Kind::Encoding
            | Kind::SearchConfiguration => None,
        }
    }

    /// `pg_settings.vartype`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Integer { .. } => "integer",
            Kind::Real { .. } => "real",
            Kind::Choice(_) => "enum",
            Kind::Text
            | Kind::Names
            | Kind::RelationKinds
            | Kind::Checks
            | Kind::DateStyle
            | Kind::TimeZone
            | Kind::Encoding
            | Kind::SearchConfiguration => "string",
        }
    }

    /// Whether `SET name = a, b` is a list, not one value too many.
    pub fn is_list(self) -> bool {
        match self {
            Kind::Names | Kind::RelationKinds | Kind::Checks | Kind::DateStyle => true,
            Kind::Bool
            | Kind::Integer { .. }
            | Kind::Real { .. }
            | Kind::Choice(_)
            | Kind::Text
            | Kind::TimeZone
            | Kind::Encoding
            | Kind::SearchConfiguration => false,
        }
    }

    /// Whether a wrong value is told of under the name that was written, not the setting's own: what it may be is known
    /// without asking anything else.
    pub fn is_checked_plainly(self) -> bool {
        match self {
            Kind::Bool | Kind::Integer { .. } | Kind::Real { .. } | Kind::Choice(_) => true,
            Kind::Names
            | Kind::RelationKinds
            | Kind::Checks
            | Kind::DateStyle
            | Kind::Text
            | Kind::TimeZone
            | Kind::Encoding
            | Kind::SearchConfiguration => false,
        }
    }

    /// The form in which `value` is kept, if it is one; `before` is what the setting was.
    ///
    /// # Errors
    /// PostgreSQL's, naming the setting.
    pub fn accept(self, name: &str, value: &str, before: &str) -> Result<String, SettingError> {
        let invalid = |detail: Option<String>, hint: Option<String>| SettingError::Invalid {
            name: name.into(),
            value: value.into(),
            detail,
            hint,
        };
        let listed = |read: Result<(), String>| {
            read.map(|()| value.to_owned()).map_err(|detail| invalid(Some(detail), None))
        };
        match self {
            Kind::Bool => match boolean(value) {
                Some(true) => Ok("on".into()),
                Some(false) => Ok("off".into()),
                None => Err(SettingError::NotBoolean { name: name.into() }),
            },
            Kind::Integer { least, greatest, unit } => {
                let number = integer(value, unit).map_err(|hint| invalid(None, hint))?;
                if number < least || number > greatest {
                    return Err(SettingError::OutOfRange {
                        name: name.into(),
                        value: format!("{number}{}", unit.suffix()),
                        least: least.to_string(),
                        greatest: greatest.to_string(),
                    });
                }
                Ok(number.to_string())
            }
            Kind::Real { least, greatest, unit } => {
                let number = real(value, unit).map_err(|hint| invalid(None, hint))?;
                if number < least || number > greatest {
                    return Err(SettingError::OutOfRange {
                        name: name.into(),
                        value: format!("{}{}", short(number), unit.suffix()),
                        least: short(least),
                        greatest: short(greatest),
                    });
                }
                Ok(short(number))
            }
            Kind::Choice(choices) => {
                let found =
                    choices.iter().find(|choice| choice.eq_ignore_ascii_case(unlisted(choices, value)));
                let hint = || Some(format!("Available values: {}.", choices.join(", ")));
                found.map(|found| (*found).to_owned()).ok_or_else(|| invalid(None, hint()))
            }
            Kind::Text | Kind::Names => Ok(value.to_owned()),
            Kind::RelationKinds => listed(super::relation_kinds(value).map(drop)),
            Kind::Checks => listed(super::checks(value).map(drop)),
            Kind::DateStyle => {
                date_style::accept(value, before).map_err(|detail| invalid(Some(detail), None))
            }
            Kind::SearchConfiguration => {
                // What else there is only the catalog knows, which is asked where there is one (`identity`).
                let own = value == "simple" || LANGUAGES.iter().any(|(language, ..)| *language == value);
                Ok(if own { format!("pg_catalog.{value}") } else { value.to_owned() })
            }
            Kind::TimeZone => zone::accept(value).map_err(|detail| invalid(detail, None)),
            Kind::Encoding => match Encoding::named(value) {
                None => Err(invalid(None, None)),
                Some(found) if found.has_table() => Ok(found.name().to_owned()),
                Some(found) => Err(SettingError::Encoding { value: value.into(), name: found.name() }),
            },
        }
    }

    /// A value as `SHOW` tells it.
    pub fn show(self, kept: &str) -> String {
        match self {
            Kind::Integer { unit, .. } => match kept.parse::<i64>() {
                Ok(number) => unit.show(number),
                Err(_) => kept.to_owned(),
            },
            Kind::Real { unit, .. } => match kept.parse::<f64>() {
                Ok(number) => unit.show_real(number),
                Err(_) => kept.to_owned(),
            },
            Kind::Bool
            | Kind::Choice(_)
            | Kind::Text
            | Kind::Names
            | Kind::RelationKinds
            | Kind::Checks
            | Kind::DateStyle
            | Kind::TimeZone
            | Kind::Encoding
            | Kind::SearchConfiguration => kept.to_owned(),
        }
    }
}

/// `on`, `true`, `yes`, `1` and their opposites, as far as they are written out unambiguously.
pub fn boolean(text: &str) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// The choice that a word stands for which is not listed among them.
fn unlisted<'v>(choices: &[&str], value: &'v str) -> &'v str {
    let is_any = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    match choices.first() {
        // The one that has no number stands for the second.
        Some(&"debug5") if is_any(&["debug"]) => "debug2",
        Some(_) if choices.contains(&"off") && is_any(&["true", "yes", "1"]) => "on",
        Some(_) if choices.contains(&"off") && is_any(&["false", "no", "0"]) => "off",
        Some(_) | None => value,
    }
}

/// A number with or without a unit, in units of the setting. The error is a hint, where PostgreSQL gives one.
fn integer(text: &str, unit: Unit) -> Result<i64, Option<String>> {
    let scaled = scaled(text, unit)?;
    let rounded = scaled.round_ties_even();
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded) {
        return Err(Some("Value exceeds integer range.".into()));
    }
    Ok(rounded as i64) // within 32 bits, as just seen
}

/// The same without rounding.
fn real(text: &str, unit: Unit) -> Result<f64, Option<String>> {
    let number = scaled(text, unit)?;
    if number.is_finite() { Ok(number) } else { Err(None) }
}

fn scaled(text: &str, unit: Unit) -> Result<f64, Option<String>> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(place, found)| !number_character(text, *place, *found))
        .map_or(text.len(), |(place, _)| place);
    let (digits, suffix) = text.split_at(end);
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).map(|number| number as f64).map_err(|_| None)?,
        None => digits.parse::<f64>().map_err(|_| None)?,
    };
    let suffix = suffix.trim_start();
    Ok(if suffix.is_empty() { number } else { number * unit.factor(suffix)? })
}

/// Whether a character still belongs to the number that the text begins with.
fn number_character(text: &str, place: usize, found: char) -> bool {
    let hex = text.starts_with("0x") || text.starts_with("0X");
    match found {
        '0'..='9' => true,
        '+' | '-' => place == 0 || matches!(text.as_bytes()[place - 1], b'e' | b'E'),
        '.' => !hex,
        'x' | 'X' => hex && place == 1,
        'a'..='f' | 'A'..='F' if hex => true,
        'e' | 'E' => {
            text.as_bytes().get(place + 1).is_some_and(|next| matches!(next, b'0'..=b'9' | b'+' | b'-'))
        }
        _ => false,
    }
}

impl Unit {
    /// How much of the setting's unit one of `name` is.
    fn factor(self, name: &str) -> Result<f64, Option<String>> {
        let (units, base): (&[(&str, f64)], f64) = match self {
            Unit::None => return Err(None),
            Unit::Milliseconds => (TIMES, 1.0),
            Unit::Seconds => (TIMES, 1000.0),
            Unit::Kilobytes => (SIZES, 1024.0),
            Unit::Blocks => (SIZES, 8192.0),
        };
        let hint = match self {
            Unit::Milliseconds | Unit::Seconds => TIME_HINT,
            Unit::None | Unit::Kilobytes | Unit::Blocks => SIZE_HINT,
        };
        let found = units.iter().find(|unit| unit.0 == name);
        found.map(|unit| unit.1 / base).ok_or_else(|| Some(hint.to_owned()))
    }

    /// What messages write behind a number.
    fn suffix(self) -> &'static str {
        match self {
            Unit::None => "",
            Unit::Milliseconds => " ms",
            Unit::Seconds => " s",
            Unit::Kilobytes => " kB",
            Unit::Blocks => " 8kB",
        }
    }

    /// A number in the greatest unit of which it is a whole number.
    fn show_real(self, number: f64) -> String {
        let (units, base) = match self {
            Unit::Milliseconds => (TIMES, 1.0),
            Unit::Seconds => (TIMES, 1000.0),
            Unit::None | Unit::Kilobytes | Unit::Blocks => return short(number),
        };
        let whole = |unit: &&(&str, f64)| {
            let count = number * base / unit.1;
            (count - count.round()).abs() <= 1e-8 * count.abs() && count.round() > 0.0
        };
        match units.iter().rev().find(whole) {
            Some(unit) if number > 0.0 => format!("{}{}", short(number * base / unit.1), unit.0),
            _ => short(number),
        }
    }

    /// A number in the greatest unit that divides it.
    fn show(self, number: i64) -> String {
        let (units, base): (&[(&str, f64)], i64) = match self {
            Unit::None => return number.to_string(),
            Unit::Milliseconds => (TIMES, 1),
            Unit::Seconds => (TIMES, 1000),
            Unit::Kilobytes => (SIZES, 1),
            Unit::Blocks => (SIZES, 8),
        };
        if number <= 0 {
            return number.to_string();
        }
        let smallest = match self {
            Unit::None | Unit::Milliseconds | Unit::Seconds => 1.0,
            Unit::Kilobytes | Unit::Blocks => 1024.0,
        };
        let total = number.saturating_mul(base);
        let fitting = units.iter().rev().find(|unit| {
            let size = (unit.1 / smallest) as i64; // whole: units from the smallest on
            size > 0 && total % size == 0
        });
        fitting.map_or_else(
            || number.to_string(),
            |unit| format!("{}{}", total / (unit.1 / smallest) as i64, unit.0),
        )
    }
}

const TIMES: &[(&str, f64)] =
    &[("us", 0.001), ("ms", 1.0), ("s", 1e3), ("min", 6e4), ("h", 3.6e6), ("d", 8.64e7)];
const SIZES: &[(&str, f64)] =
    &[("B", 1.0), ("kB", 1024.0), ("MB", 1_048_576.0), ("GB", 1_073_741_824.0), ("TB", 1_099_511_627_776.0)];
const TIME_HINT: &str =
    "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
const SIZE_HINT: &str = "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";

/// A real number as `%g` writes it.
fn short(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let exponent = number.abs().log10().floor() as i32; // finite and not zero
    if !(-4..6).contains(&exponent) {
        let text = format!("{number:.5e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = trim(mantissa);
        let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
        return format!("{mantissa}e{sign}{power:0>2}");
    }
    let decimals = (5 - exponent).max(0) as usize; // at most nine
    trim(&format!("{number:.decimals$}")).to_owned()
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
