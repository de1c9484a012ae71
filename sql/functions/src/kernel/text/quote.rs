//! Quoting for use in SQL.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{collect, scalar_text};
use crate::kernel::show::show;
use diagnostic::room;
use syntax::keyword::{Keyword, KeywordClass};
use types::Vector;

/// Appends a literal: quotes and backslashes doubled, `E` in front if there are backslashes.
///
/// # Errors
/// When it is longer than a value may be.
pub(crate) fn literal_into(text: &[u8], out: &mut Vec<u8>) -> FunctionResult<()> {
    let is_doubled = |byte: u8| matches!(byte, b'\'' | b'\\');
    room(0, text.len() + text.iter().filter(|byte| is_doubled(**byte)).count() + "E''".len())?;
    if text.contains(&b'\\') {
        out.push(b'E');
    }
    out.push(b'\'');
    for byte in text {
        if is_doubled(*byte) {
            out.push(*byte);
        }
        out.push(*byte);
    }
    out.push(b'\'');
    Ok(())
}

/// Appends a name, in quotes where it needs them.
///
/// # Errors
/// When it is longer than a value may be.
pub(crate) fn identifier_into(name: &str, out: &mut Vec<u8>) -> FunctionResult<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let safe = name.bytes().next().is_some_and(plain)
        && name.bytes().all(|byte| plain(byte) || byte.is_ascii_digit())
        && Keyword::find(name).is_none_or(|keyword| keyword.class() == KeywordClass::Unreserved);
    if safe {
        out.extend_from_slice(name.as_bytes());
        return Ok(());
    }
    room(0, name.len() + name.bytes().filter(|byte| *byte == b'"').count() + 2)?;
    out.push(b'"');
    for byte in name.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
    Ok(())
}

scalar_text! {
    fn quote_literal(out, a: &[u8]) {
        literal_into(a, out)?;
    }
    fn quote_ident(out, a: &str) {
        identifier_into(a, out)?;
    }
}

/// Any value as a literal; a null as the word.
fn quoted(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (vector, of) = (&arguments.vectors[0], arguments.type_of(0));
    let mut shown = Vec::new();
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        if vector.is_null(row) {
            return Ok((!arguments.site.function.strict).then(|| b"NULL".to_vec()));
        }
        shown.clear();
        show(context, of, &vector.item(row), &mut shown)?;
        let mut out = Vec::new();
        literal_into(&shown, &mut out)?;
        Ok(Some(out))
    })
}

macro_rules! any_value {
    ($($name:ident ($what:ident);)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            quoted(context, arguments)
        })*
    };
}

// kernel: scalar
any_value! {
    quote_nullable (text);
    quote_any_literal (value);
    quote_any_nullable (value);
}
