//! Functions of `pgcrypto`: digests and codes by name, random bytes, hashes of passwords (`password`), ciphers (`cipher`).
//!
//! What another library would do and is not here is refused by its name, as what PostgreSQL does not know is refused in its words.

pub(crate) mod cipher;
pub(crate) mod password;

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, scalar};
use diagnostic::SqlState;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use types::Vector;

/// A digest that can be had.
enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn named(name: &[u8]) -> FunctionResult<Algorithm> {
        let name = String::from_utf8_lossy(name);
        let lower = name.to_ascii_lowercase();
        // What signatures are made of is called after them, too.
        Ok(match lower.strip_prefix("rsa-").unwrap_or(&lower) {
            "md5" => Algorithm::Md5,
            "sha1" | "sha-1" => Algorithm::Sha1,
            "sha224" | "sha-224" | "sha2-224" => Algorithm::Sha224,
            "sha256" | "sha-256" | "sha2-256" => Algorithm::Sha256,
            "sha384" | "sha-384" | "sha2-384" => Algorithm::Sha384,
            "sha512" | "sha-512" | "sha2-512" => Algorithm::Sha512,
            // PostgreSQL has what its library of ciphers has besides.
            known if OF_OTHERS.contains(&known) => {
                return Err(FunctionError::Unsupported(format!("hash algorithm \"{known}\"")));
            }
            _ => return Err(refused(&name, "No such hash algorithm")),
        })
    }

    fn digest(&self, data: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Md5 => Md5::digest(data).to_vec(),
            Algorithm::Sha1 => Sha1::digest(data).to_vec(),
            Algorithm::Sha224 => Sha224::digest(data).to_vec(),
            Algorithm::Sha256 => Sha256::digest(data).to_vec(),
            Algorithm::Sha384 => Sha384::digest(data).to_vec(),
            Algorithm::Sha512 => Sha512::digest(data).to_vec(),
        }
    }

    fn code(&self, data: &[u8], key: &[u8]) -> FunctionResult<Vec<u8>> {
        match self {
            Algorithm::Md5 => code::<Hmac<Md5>>(data, key),
            Algorithm::Sha1 => code::<Hmac<Sha1>>(data, key),
            Algorithm::Sha224 => code::<Hmac<Sha224>>(data, key),
            Algorithm::Sha256 => code::<Hmac<Sha256>>(data, key),
            Algorithm::Sha384 => code::<Hmac<Sha384>>(data, key),
            Algorithm::Sha512 => code::<Hmac<Sha512>>(data, key),
        }
    }
}

/// Digests that PostgreSQL may have besides.
const OF_OTHERS: [&str; 15] = [
    "blake2b512",
    "blake2s256",
    "md4",
    "md5-sha1",
    "rmd160",
    "ripemd",
    "ripemd160",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "sha512-224",
    "sha512-256",
    "sm3",
    "whirlpool",
];

fn code<M: Mac + hmac::digest::KeyInit>(data: &[u8], key: &[u8]) -> FunctionResult<Vec<u8>> {
    let code = <M as Mac>::new_from_slice(key);
    let mut code = code.map_err(|_| failed("Cipher cannot be initialized"))?;
    code.update(data);
    Ok(code.finalize().into_bytes().to_vec())
}

/// Refuses what a name means, in PostgreSQL's words.
fn refused(name: &str, why: &str) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, format!("Cannot use \"{name}\": {why}"))
}

/// That something did not work.
fn failed(message: &str) -> FunctionError {
    FunctionError::plain(SqlState::ExternalRoutineInvocationException, message)
}

scalar! {
    fn digest(data: &[u8], name: &[u8]) -> Vec<u8> { Algorithm::named(name)?.digest(data) }
    fn hmac(data: &[u8], key: &[u8], name: &[u8]) -> Vec<u8> { Algorithm::named(name)?.code(data, key)? }
}

/// Random bytes of the environment's.
fn random(context: &mut Context<'_>, count: usize) -> FunctionResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count.next_multiple_of(8));
    while bytes.len() < count {
        bytes.extend_from_slice(&context.session.entropy()?.to_be_bytes());
    }
    bytes.truncate(count);
    Ok(bytes)
}

pub(crate) fn gen_random_bytes(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let counts = argument::<i32>(arguments, 0)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let count = usize::try_from(counts.at(row)?).unwrap_or(0);
        if !(1..=1024).contains(&count) {
            return Err(failed("Length not in range"));
        }
        random(context, count)
    })
}

/// What is a function of the extension, and not done here.
pub(crate) fn missing(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    Err(FunctionError::Unsupported(format!("function {}", arguments.site.function.name)))
}
