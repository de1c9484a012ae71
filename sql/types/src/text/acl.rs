//! Text of `aclitem`: `role=rw*/grantor`. It is kept as its text, which has one form only; whether the roles exist is looked at here,
//! what numbers they have is asked by whoever needs them.

use super::error::{InputError, InputResult};
use crate::catalog::{Types, oid};
use diagnostic::SqlState;

/// The letters of privileges, in the order in which they are written.
pub const LETTERS: &str = "arwdDxtXUCTcsA";

/// What one role has given another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclText {
    /// Who may; empty for everybody.
    pub grantee: String,
    /// The privileges by the places of their letters, a bit for each.
    pub privileges: u16,
    /// Which of them may be given on.
    pub grantable: u16,
    /// Who has said so; empty where nobody is named.
    pub grantor: String,
}

fn wrong(message: impl Into<String>, hint: Option<&'static str>) -> InputError {
    InputError::NoObject { state: SqlState::InvalidTextRepresentation, message: message.into(), hint }
}

/// A name in quotes or without, and what follows.
fn name(text: &str) -> (String, &str) {
    let (mut rest, mut found, mut quoted) = (text.trim_start(), String::new(), false);
    while let Some(next) = rest.chars().next() {
        let plain = next.is_ascii_alphanumeric() || next == '_' || !next.is_ascii();
        match next {
            '"' if rest.starts_with("\"\"") && quoted => {
                found.push('"');
                rest = &rest[2..];
                continue;
            }
            '"' => quoted = !quoted,
            next if quoted || plain => found.push(next),
            _ => break,
        }
        rest = &rest[next.len_utf8()..];
    }
    (found, rest.trim_start())
}

fn append_name(name: &str, out: &mut String) {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.chars().all(plain) {
        return out.push_str(name);
    }
    out.push_str(&format!("\"{}\"", name.replace('"', "\"\"")));
}

impl AclText {
    /// Reads one.
    ///
    /// # Errors
    /// PostgreSQL's; roles are not looked for.
    pub fn parse(text: &str) -> InputResult<AclText> {
        let (mut grantee, mut rest) = name(text);
        if !rest.starts_with('=') {
            if grantee != "group" && grantee != "user" {
                let hint = Some("ACL key word must be \"group\" or \"user\".");
                return Err(wrong(format!("unrecognized key word: \"{grantee}\""), hint));
            }
            (grantee, rest) = name(rest);
            if grantee.is_empty() {
                let hint = Some("A name must follow the \"group\" or \"user\" key word.");
                return Err(wrong("missing name", hint));
            }
        }
        let Some(after) = rest.strip_prefix('=') else { return Err(wrong("missing \"=\" sign", None)) };
        let (mut privileges, mut grantable, mut last, mut rest) = (0, 0, 0, after);
        while let Some(letter) = rest.chars().next().filter(|next| next.is_ascii_alphabetic() || *next == '*')
        {
            rest = &rest[1..];
            match (letter, LETTERS.find(letter)) {
                ('*', _) => grantable |= last,
                (_, Some(place)) => {
                    last = 1 << place;
                    privileges |= last;
                }
                (_, None) => {
                    let message = format!("invalid mode character: must be one of \"{LETTERS}\"");
                    return Err(wrong(message, None));
                }
            }
        }
        let mut grantor = String::new();
        if let Some(after) = rest.strip_prefix('/') {
            (grantor, rest) = name(after);
            if grantor.is_empty() {
                return Err(wrong("a name must follow the \"/\" sign", None));
            }
        }
        if !rest.trim_start().is_empty() {
            return Err(wrong("extra garbage at the end of the ACL specification", None));
        }
        Ok(AclText { grantee, privileges, grantable, grantor })
    }
}

impl std::fmt::Display for AclText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        append_name(&self.grantee, &mut text);
        text.push('=');
        for (place, letter) in LETTERS.chars().enumerate() {
            if self.privileges >> place & 1 == 1 {
                text.push(letter);
                text.push_str(if self.grantable >> place & 1 == 1 { "*" } else { "" });
            }
        }
        if !self.grantor.is_empty() {
            text.push('/');
            append_name(&self.grantor, &mut text);
        }
        formatter.write_str(&text)
    }
}

/// The text in its one form; both roles must be there.
pub(super) fn input(types: &dyn Types, text: &str) -> InputResult<Vec<u8>> {
    /// Who has said what nobody is named for: the first superuser.
    const FIRST_SUPERUSER: u32 = 10;
    let mut item = AclText::parse(text)?;
    if item.grantor.is_empty() {
        types.append_object(oid::REGROLE, FIRST_SUPERUSER, &mut item.grantor);
    }
    for role in [&item.grantee, &item.grantor] {
        let quoted = format!("\"{}\"", role.replace('"', "\"\""));
        if !role.is_empty() {
            types.object_number(oid::REGROLE, &quoted).transpose()?;
        }
    }
    Ok(item.to_string().into_bytes())
}
