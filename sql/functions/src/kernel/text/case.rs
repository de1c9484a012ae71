//! Upper and lower case, one character for one, as the C library maps them.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{ascii_texts, scalar_text};
use types::Vector;
use types::folded::{lower_into, lower_of};
use types::vector::Data;

/// The upper case of a character; itself where it would become several.
fn upper_of(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

fn push(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// ASCII is mapped byte by byte, all texts at once.
macro_rules! cases {
    ($($name:ident: $byte:expr, $each:ident;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            match ascii_texts(arguments, 0) {
                Some(texts) => Ok(Vector::new(Data::Bytes(texts.map_bytes(|byte| $byte(&byte))), None)),
                None => $each(context, arguments),
            }
        })*
    };
}

// kernel: scalar
cases! {
    lower: u8::to_ascii_lowercase, lower_each;
    upper: u8::to_ascii_uppercase, upper_each;
}

scalar_text! {
    fn lower_each(out, a: &str) {
        lower_into(a, out);
    }
    fn upper_each(out, a: &str) {
        if a.is_ascii() {
            out.extend(a.bytes().map(|byte| byte.to_ascii_uppercase()));
        } else {
            a.chars().for_each(|character| push(out, upper_of(character)));
        }
    }
    fn lower_of_ascii(out, a: &[u8]) {
        out.extend(a.iter().map(u8::to_ascii_lowercase));
    }
    fn upper_of_ascii(out, a: &[u8]) {
        out.extend(a.iter().map(u8::to_ascii_uppercase));
    }
    fn initcap_of_ascii(out, a: &[u8]) {
        let mut inside = false;
        for byte in a {
            out.push(if inside { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() });
            inside = byte.is_ascii_alphanumeric();
        }
    }
    fn initcap(out, a: &str) {
        let mut inside = false;
        for character in a.chars() {
            push(out, if inside { lower_of(character) } else { upper_of(character) });
            inside = character.is_alphanumeric();
        }
    }
}
