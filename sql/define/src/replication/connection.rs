//! How another server would be reached: the text is looked at as PostgreSQL's client library does, and kept.

use crate::error::{DefineResult, plain};
use diagnostic::SqlState;

/// What may be said of a connection.
const KEYWORDS: &[&str] = &[
    "service",
    "user",
    "password",
    "passfile",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "port",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslmode",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "replication",
    "target_session_attrs",
];
const SCHEMES: [&str; 2] = ["postgresql://", "postgres://"];

/// That a text tells of a connection.
///
/// # Errors
/// PostgreSQL's.
pub(super) fn check(text: &str) -> DefineResult<()> {
    let wrong = match SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        Some(rest) => address(rest),
        None => pairs(text),
    };
    // The library ends its messages with a line's end.
    let refused = |why| plain(SqlState::SyntaxError, format!("invalid connection string syntax: {why}\n"));
    wrong.map_err(refused)
}

fn known(name: &str) -> Result<(), String> {
    match KEYWORDS.contains(&name) {
        true => Ok(()),
        false => Err(format!("invalid connection option \"{name}\"")),
    }
}

/// `name = value`, values perhaps in quotes.
fn pairs(text: &str) -> Result<(), String> {
    let is_space = |letter: char| letter.is_ascii_whitespace();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = rest.find(|letter| letter == '=' || is_space(letter)).unwrap_or(rest.len());
        let name = &rest[..end];
        let Some(value) = rest[end..].trim_start_matches(is_space).strip_prefix('=') else {
            return Err(format!("missing \"=\" after \"{name}\" in connection info string"));
        };
        rest = behind_value(value.trim_start_matches(is_space))?;
        known(name)?;
    }
    Ok(())
}

/// What follows a value, from the next name on.
fn behind_value(text: &str) -> Result<&str, String> {
    let quoted = text.starts_with('\'');
    let mut letters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\'' if quoted => {
                return Ok(text[at + 1..].trim_start_matches(|it: char| it.is_ascii_whitespace()));
            }
            letter if !quoted && letter.is_ascii_whitespace() => {
                return Ok(text[at..].trim_start_matches(|it: char| it.is_ascii_whitespace()));
            }
            _ => {}
        }
    }
    if quoted { Err("unterminated quoted string in connection info string".to_owned()) } else { Ok("") }
}

/// An address as a whole, whose parameters are looked at.
fn address(rest: &str) -> Result<(), String> {
    let Some((_, parameters)) = rest.split_once('?') else { return Ok(()) };
    for parameter in parameters.split('&') {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(format!("missing key/value separator \"=\" in URI query parameter: \"{parameter}\""));
        };
        if value.contains('=') {
            return Err(format!("extra key/value separator \"=\" in URI query parameter: \"{name}\""));
        }
        if name != "ssl" && known(name).is_err() {
            return Err(format!("invalid URI query parameter: \"{name}\""));
        }
    }
    Ok(())
}
