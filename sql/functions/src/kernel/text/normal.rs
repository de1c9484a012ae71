//! Unicode's normalization forms (UAX #15): `normalize`, `IS NORMALIZED`.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::{SqlState, room};
use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfd, is_nfkc, is_nfkd};

#[derive(Clone, Copy)]
enum Form {
    Composed,
    Decomposed,
    CompatiblyComposed,
    CompatiblyDecomposed,
}

fn form(name: &str) -> FunctionResult<Form> {
    match name.to_ascii_uppercase().as_str() {
        "NFC" => Ok(Form::Composed),
        "NFD" => Ok(Form::Decomposed),
        "NFKC" => Ok(Form::CompatiblyComposed),
        "NFKD" => Ok(Form::CompatiblyDecomposed),
        _ => {
            let message = format!("invalid normalization form: {name}");
            Err(FunctionError::plain(SqlState::InvalidParameterValue, message))
        }
    }
}

/// Letters that may be many more than there were.
fn gathered(letters: impl Iterator<Item = char>) -> FunctionResult<String> {
    let mut made = String::new();
    for letter in letters {
        room(made.len(), letter.len_utf8())?;
        made.push(letter);
    }
    Ok(made)
}

scalar! {
    fn normalize(a: &str, form_name: &str) -> String {
        match form(form_name)? {
            Form::Composed => gathered(a.nfc())?,
            Form::Decomposed => gathered(a.nfd())?,
            Form::CompatiblyComposed => gathered(a.nfkc())?,
            Form::CompatiblyDecomposed => gathered(a.nfkd())?,
        }
    }
    fn is_normalized(a: &str, form_name: &str) -> bool {
        match form(form_name)? {
            Form::Composed => is_nfc(a),
            Form::Decomposed => is_nfd(a),
            Form::CompatiblyComposed => is_nfkc(a),
            Form::CompatiblyDecomposed => is_nfkd(a),
        }
    }
}
