//! Passwords: kept as SCRAM-SHA-256 verifiers (RFC 5803), in the text that PostgreSQL keeps.
//!
//! A password of other than ASCII letters is taken byte for byte: whoever logs in must send the same bytes.

use crate::labels::ENTROPY;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use env::Env;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How often the password is hashed.
const ITERATIONS: u32 = 4096;
const SALT: usize = 16;
const PREFIX: &str = "SCRAM-SHA-256$";

/// Whether a text is a verifier already.
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

fn keyed(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // A key of any length is one; the other arm is never taken.
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    code.update(text);
    code.finalize().into_bytes().into()
}
