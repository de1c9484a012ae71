//! What `COPY … (…)` says: read, and held against each other.

use crate::error::{CopyError, CopyResult};
use diagnostic::SqlState;
use syntax::tree::expression::ExpressionKind;
use syntax::tree::option::{Definition, DefinitionValue};
use types::encoding::{Encoding, EncodingError};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Format {
    Text,
    Csv,
    Binary,
}

/// What the first line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// A row.
    None,
    /// Names, whatever they are.
    Any,
    /// Names that must be those of the columns.
    Match,
}

/// Some of the columns that are copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Columns {
    /// None of them.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these names.
    Named(Vec<String>),
}

/// All that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How rows are written.
    pub format: Format,
    /// What stands between fields.
    pub delimiter: u8,
    /// What stands for null.
    pub null: String,
    /// What the first line is.
    pub header: Header,
    /// What stands around fields.
    pub quote: u8,
    /// What stands before a quote that is part of a field.
    pub escape: u8,
    /// Columns whose values are quoted in any case.
    pub force_quote: Columns,
    /// Columns whose values are never null.
    pub force_not_null: Columns,
    /// Columns whose values are null even if they are quoted.
    pub force_null: Columns,
    /// `FREEZE`
    pub freeze: bool,
    /// The encoding of the data, if one is named: of texts of the binary format it says nothing.
    pub encoding: Option<Encoding>,
}

/// What is said, before anything is made of it.
#[derive(Default)]
struct Said {
    format: Option<Format>,
    freeze: Option<bool>,
    delimiter: Option<String>,
    null: Option<String>,
    header: Option<Header>,
    quote: Option<String>,
    escape: Option<String>,
    force_quote: Option<Columns>,
    force_not_null: Option<Columns>,
    force_null: Option<Columns>,
    encoding: Option<Encoding>,
}

impl Options {
    /// What a list of options says of a `COPY … FROM`, or of a `COPY … TO`.
    ///
    /// # Errors
    /// When something is said twice, is no option, or cannot be.
    pub fn new(definitions: &[Definition<'_>], from: bool) -> CopyResult<Options> {
        let mut said = Said::default();
        for definition in definitions {
            said.take(definition, from)?;
        }
        said.options(from)
    }
}

impl Said {
    fn take(&mut self, definition: &Definition<'_>, from: bool) -> CopyResult<()> {
        let position = definition.name.position;
        match definition.name.text {
            "format" => {
                once(&self.format, position)?;
                let name = text(definition)?;
                self.format = Some(match name.as_str() {
                    "text" => Format::Text,
                    "csv" => Format::Csv,
                    "binary" => Format::Binary,
                    _ => return Err(CopyError::UnknownFormat { name, position }),
                });
            }
            "freeze" => {
                once(&self.freeze, position)?;
                let not = || CopyError::NotBoolean { name: definition.name.text.to_owned() };
                self.freeze = Some(boolean(definition).ok_or_else(not)?);
            }
            "delimiter" => set(&mut self.delimiter, definition)?,
            "null" => set(&mut self.null, definition)?,
            "quote" => set(&mut self.quote, definition)?,
            "escape" => set(&mut self.escape, definition)?,
            "header" => {
                once(&self.header, position)?;
                self.header = Some(header(definition, from)?);
            }
            "force_quote" => columns(&mut self.force_quote, definition, true)?,
            "force_not_null" => columns(&mut self.force_not_null, definition, false)?,
            "force_null" => columns(&mut self.force_null, definition, false)?,
            "encoding" => {
                once(&self.encoding, position)?;
                self.encoding = Some(encoding(definition)?);
            }
            name => return Err(CopyError::UnknownOption { name: name.to_owned(), position }),
        }
        Ok(())
    }

    /// The options, if they go together; of several that do not, PostgreSQL tells the same first.
    fn options(self, from: bool) -> CopyResult<Options> {
        let format = self.format.unwrap_or(Format::Text);
        let csv = format == Format::Csv;
        if format == Format::Binary {
            refuse(
                self.delimiter.is_some(),
                SqlState::SyntaxError,
                "cannot specify DELIMITER in BINARY mode",
            )?;
            refuse(self.null.is_some(), SqlState::SyntaxError, "cannot specify NULL in BINARY mode")?;
        }
        let header = self.header.unwrap_or(Header::None);
        let null = self.null.unwrap_or_else(|| if csv { String::new() } else { "\\N".to_owned() });
        let delimiter = delimiter(self.delimiter.as_deref(), &null, csv)?;
        refuse(
            format == Format::Binary && header != Header::None,
            SqlState::FeatureNotSupported,
            "cannot specify HEADER in BINARY mode",
        )?;
        let quote = quoting(self.quote.as_deref(), csv, "quote")?.unwrap_or(b'"');
        refuse(
            csv && delimiter == quote,
            SqlState::InvalidParameterValue,
            "COPY delimiter and quote must be different",
        )?;
        let escape = quoting(self.escape.as_deref(), csv, "escape")?.unwrap_or(quote);
        forced(&self.force_quote, csv, !from, ("quote", "TO"))?;
        forced(&self.force_not_null, csv, from, ("not null", "FROM"))?;
        forced(&self.force_null, csv, from, ("null", "FROM"))?;
        refuse(
            format != Format::Binary && null.as_bytes().contains(&delimiter),
            SqlState::FeatureNotSupported,
            "COPY delimiter must not appear in the NULL specification",
        )?;
        refuse(
            csv && null.as_bytes().contains(&quote),
            SqlState::FeatureNotSupported,
            "CSV quote character must not appear in the NULL specification",
        )?;
        // Between others and UTF-8 there is a way, or none in either direction.
        if let Some(encoding) = self.encoding.filter(|encoding| !encoding.has_table()) {
            let (from, to) = if from { (encoding, Encoding::UTF8) } else { (Encoding::UTF8, encoding) };
            return Err(EncodingError::NoWay { from, to }.into());
        }
        Ok(Options {
            format,
            delimiter,
            null,
            header,
            quote,
            escape,
            force_quote: self.force_quote.unwrap_or_default(),
            force_not_null: self.force_not_null.unwrap_or_default(),
            force_null: self.force_null.unwrap_or_default(),
            freeze: self.freeze.unwrap_or(false),
            encoding: self.encoding,
        })
    }
}

fn refuse(refused: bool, state: SqlState, message: &str) -> CopyResult<()> {
    if refused { Err(CopyError::rule(state, message)) } else { Ok(()) }
}

fn once<T>(said: &Option<T>, position: u32) -> CopyResult<()> {
    if said.is_some() { Err(CopyError::Redundant { position }) } else { Ok(()) }
}

fn set(said: &mut Option<String>, definition: &Definition<'_>) -> CopyResult<()> {
    once(said, definition.name.position)?;
    *said = Some(text(definition)?);
    Ok(())
}

/// The text that an option has for its value.
fn text(definition: &Definition<'_>) -> CopyResult<String> {
    Ok(match definition.value {
        None => return Err(CopyError::NeedsParameter { name: definition.name.text.to_owned() }),
        Some(DefinitionValue::Word(text) | DefinitionValue::String(text)) => text.to_owned(),
        Some(DefinitionValue::Number(number)) => match number.kind {
            ExpressionKind::Integer(value) => value.to_string(),
            ExpressionKind::Decimal(digits) => digits.to_owned(),
            _ => String::new(),
        },
        Some(DefinitionValue::Star) => "*".to_owned(),
        Some(DefinitionValue::List(names)) => names.join("."),
        // The grammar has neither in this place.
        Some(DefinitionValue::Type(_) | DefinitionValue::Operator(_)) => String::new(),
    })
}

fn boolean(definition: &Definition<'_>) -> Option<bool> {
    if definition.value.is_none() {
        return Some(true);
    }
    match text(definition).ok()?.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" => Some(true),
        "0" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn header(definition: &Definition<'_>, from: bool) -> CopyResult<Header> {
    if let Some(on) = boolean(definition) {
        return Ok(if on { Header::Any } else { Header::None });
    }
    if !text(definition)?.eq_ignore_ascii_case("match") {
        return Err(CopyError::NotHeader { name: definition.name.text.to_owned() });
    }
    let message = "cannot use \"match\" with HEADER in COPY TO";
    refuse(!from, SqlState::FeatureNotSupported, message)?;
    Ok(Header::Match)
}

fn columns(said: &mut Option<Columns>, definition: &Definition<'_>, star: bool) -> CopyResult<()> {
    let position = definition.name.position;
    once(said, position)?;
    *said = Some(match definition.value {
        Some(DefinitionValue::Star) if star => Columns::All,
        Some(DefinitionValue::List(names)) => {
            Columns::Named(names.iter().map(|name| (*name).to_owned()).collect())
        }
        _ => return Err(CopyError::NotColumns { name: definition.name.text.to_owned(), position }),
    });
    Ok(())
}

/// An encoding by its name.
fn encoding(definition: &Definition<'_>) -> CopyResult<Encoding> {
    let position = definition.name.position;
    let unknown = || CopyError::UnknownEncoding { name: definition.name.text.to_owned(), position };
    let written = text(definition).map_err(|_| unknown())?;
    Encoding::named(&written).ok_or_else(unknown)
}

fn delimiter(said: Option<&str>, null: &str, csv: bool) -> CopyResult<u8> {
    let said = said.unwrap_or(if csv { "," } else { "\t" });
    let [delimiter] = *said.as_bytes() else {
        let message = "COPY delimiter must be a single one-byte character";
        return Err(CopyError::rule(SqlState::FeatureNotSupported, message));
    };
    let invalid = SqlState::InvalidParameterValue;
    refuse(
        matches!(delimiter, b'\n' | b'\r'),
        invalid,
        "COPY delimiter cannot be newline or carriage return",
    )?;
    refuse(
        null.contains(['\n', '\r']),
        invalid,
        "COPY null representation cannot use newline or carriage return",
    )?;
    // Characters that mean something behind a backslash, or digits.
    let taken = matches!(delimiter, b'\\' | b'.' | b'a'..=b'z' | b'0'..=b'9');
    refuse(!csv && taken, invalid, &format!("COPY delimiter cannot be \"{said}\""))?;
    Ok(delimiter)
}

fn quoting(said: Option<&str>, csv: bool, what: &str) -> CopyResult<Option<u8>> {
    let Some(said) = said else { return Ok(None) };
    let state = SqlState::FeatureNotSupported;
    refuse(!csv, state, &format!("COPY {what} available only in CSV mode"))?;
    match said.as_bytes() {
        [byte] => Ok(Some(*byte)),
        _ => Err(CopyError::rule(state, format!("COPY {what} must be a single one-byte character"))),
    }
}

fn forced(
    columns: &Option<Columns>,
    csv: bool,
    direction: bool,
    (what, only): (&str, &str),
) -> CopyResult<()> {
    let state = SqlState::FeatureNotSupported;
    refuse(columns.is_some() && !csv, state, &format!("COPY force {what} available only in CSV mode"))?;
    let message = format!("COPY force {what} only available using COPY {only}");
    refuse(columns.is_some() && !direction, state, &message)
}
