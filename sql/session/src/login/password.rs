//! Passwords: kept as SCRAM-SHA-256 verifiers (RFC 5803), or as MD5 hashes of them and their role, in the texts that PostgreSQL
//! keeps.
//!
//! A password of other than ASCII letters is taken byte for byte: whoever logs in must send the same bytes.

use crate::labels::ENTROPY;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use env::Env;
use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};

/// How often the password is hashed.
const ITERATIONS: u32 = 4096;
const SALT: usize = 16;
const PREFIX: &str = "SCRAM-SHA-256$";
const MD5_PREFIX: &str = "md5";
/// A verifier that asks for more work than this is not tried.
const TRIED: u32 = 1 << 20;

/// Whether a text is what is kept of a password already.
pub fn is_kept(text: &str) -> bool {
    is_md5(text) || is_verifier(text)
}

/// Whether it is a hash by MD5.
pub fn is_md5(text: &str) -> bool {
    let is_digit = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    text.strip_prefix(MD5_PREFIX).is_some_and(|hash| hash.len() == 32 && hash.bytes().all(is_digit))
}

/// Whether it is a verifier of SCRAM.
pub fn is_verifier(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else { return false };
    let parts: Vec<&str> = rest.split(['$', ':']).collect();
    let [iterations, salt, stored, server] = parts.as_slice() else { return false };
    let is_key = |text: &str| STANDARD.decode(text).is_ok_and(|key| key.len() == 32);
    iterations.parse::<u32>().is_ok() && STANDARD.decode(salt).is_ok() && is_key(stored) && is_key(server)
}

/// A fresh salt.
///
/// # Errors
/// When the world has no chance to give.
pub fn salt(env: &dyn Env) -> env::IoResult<[u8; SALT]> {
    let mut salt = [0; SALT];
    env.random(&ENTROPY, &mut salt)?;
    Ok(salt)
}

/// What is kept of a password.
pub fn verifier(password: &str, salt: &[u8]) -> String {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, ITERATIONS, &mut salted);
    let stored = Sha256::digest(keyed(&salted, b"Client Key"));
    let server = keyed(&salted, b"Server Key");
    let text = |bytes: &[u8]| STANDARD.encode(bytes);
    format!("{PREFIX}{ITERATIONS}:{}${}:{}", text(salt), text(&stored), text(&server))
}

/// The same as a hash by MD5, which holds for that role alone.
pub fn md5(password: &str, role: &str) -> String {
    format!("{MD5_PREFIX}{}", md5_text(&[password.as_bytes(), role.as_bytes()]))
}

/// The hash of some bytes, in hexadecimal digits.
pub fn md5_text(parts: &[&[u8]]) -> String {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether what is written is an empty password, or what is kept of one.
pub fn is_empty(written: &str, role: &str) -> bool {
    if written.is_empty() || written == md5("", role) {
        return true;
    }
    let Some((iterations, rest)) = written.strip_prefix(PREFIX).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let Some((salt, keys)) = rest.split_once('$') else { return false };
    let (Ok(iterations @ 1..TRIED), Ok(salt)) = (iterations.parse::<u32>(), STANDARD.decode(salt)) else {
        return false;
    };
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(b"", &salt, iterations, &mut salted);
    let stored = STANDARD.encode(Sha256::digest(keyed(&salted, b"Client Key")));
    keys.split(':').next() == Some(stored.as_str())
}

fn keyed(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // A key of any length is one; the other arm is never taken.
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    code.update(text);
    code.finalize().into_bytes().into()
}
