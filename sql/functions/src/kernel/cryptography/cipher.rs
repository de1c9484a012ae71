//! `encrypt` and `decrypt`: one cipher, AES, over blocks that are chained or stand alone, with or without bytes that fill the last one.

use super::{failed, refused};
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};

const BLOCK: usize = 16;

/// What the name of a way to encrypt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    chained: bool,
    padded: bool,
}

/// Ciphers that PostgreSQL has besides.
const OF_OTHERS: [&str; 7] = ["3des", "bf", "blowfish", "cast5", "des", "des3", "twofish"];

impl Way {
    /// `cipher[-mode][/pad:padding]`
    fn named(name: &[u8]) -> FunctionResult<Way> {
        let name = &*String::from_utf8_lossy(name);
        let unknown = || refused(name, "No such cipher algorithm");
        let lower = name.to_ascii_lowercase();
        let mut parts = lower.split('/');
        let cipher = parts.next().unwrap_or_default();
        let mut padded = true;
        for option in parts.filter(|option| !option.is_empty()) {
            let (what, value) =
                option.split_once(':').ok_or_else(|| refused(name, "Badly formatted type"))?;
            padded = match (what, value) {
                ("pad", "pkcs") => true,
                ("pad", "none") => false,
                ("pad", _) => return Err(unknown()),
                _ => return Err(refused(name, "Unknown option")),
            };
        }
        let chained = match cipher {
            "aes" | "aes-cbc" | "rijndael" | "rijndael-cbc" => true,
            "aes-ecb" | "rijndael-ecb" => false,
            other if OF_OTHERS.contains(&other.trim_end_matches("-cbc").trim_end_matches("-ecb")) => {
                return Err(FunctionError::Unsupported(format!("cipher \"{other}\"")));
            }
            _ => return Err(unknown()),
        };
        Ok(Way { chained, padded })
    }
}

/// AES with a key of one of its lengths: the next that is long enough.
enum Cipher {
    Short(Box<Aes128>),
    Middle(Box<Aes192>),
    Long(Box<Aes256>),
}

impl Cipher {
    fn new(key: &[u8]) -> FunctionResult<Cipher> {
        let mut filled = [0; 32];
        for (to, from) in filled.iter_mut().zip(key) {
            *to = *from;
        }
        let none = |_| failed("encrypt error: Cipher cannot be initialized");
        Ok(match key.len() {
            ..=16 => Cipher::Short(Box::new(Aes128::new_from_slice(&filled[..16]).map_err(none)?)),
            17..=24 => Cipher::Middle(Box::new(Aes192::new_from_slice(&filled[..24]).map_err(none)?)),
            _ => Cipher::Long(Box::new(Aes256::new_from_slice(&filled).map_err(none)?)),
        })
    }

    fn encrypt(&self, block: &mut [u8; BLOCK]) {
        let block = Block::from_mut_slice(block);
        match self {
            Cipher::Short(cipher) => cipher.encrypt_block(block),
            Cipher::Middle(cipher) => cipher.encrypt_block(block),
            Cipher::Long(cipher) => cipher.encrypt_block(block),
        }
    }

    fn decrypt(&self, block: &mut [u8; BLOCK]) {
        let block = Block::from_mut_slice(block);
        match self {
            Cipher::Short(cipher) => cipher.decrypt_block(block),
            Cipher::Middle(cipher) => cipher.decrypt_block(block),
            Cipher::Long(cipher) => cipher.decrypt_block(block),
        }
    }
}

/// What stands before the first block: bytes that are missing are zeros, those that are too many count for nothing.
fn before_first(start: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(start) {
        *to = *from;
    }
    block
}

fn mix(block: &mut [u8; BLOCK], with: &[u8; BLOCK]) {
    for (to, from) in block.iter_mut().zip(with) {
        *to ^= *from;
    }
}

/// `function` is what an error calls the one that was called.
fn encrypted(
    function: &str,
    (data, key, start): (&[u8], &[u8], &[u8]),
    way: &[u8],
) -> FunctionResult<Vec<u8>> {
    let way = Way::named(way)?;
    let cipher = Cipher::new(key)?;
    let mut bytes = data.to_vec();
    if way.padded {
        let missing = BLOCK - data.len() % BLOCK;
        bytes.resize(data.len() + missing, missing as u8);
    }
    let (blocks, rest) = bytes.as_chunks_mut::<BLOCK>();
    if !rest.is_empty() {
        return Err(failed(&format!("{function} error: Encryption failed")));
    }
    let mut last = before_first(start);
    for block in blocks {
        if way.chained {
            mix(block, &last);
        }
        cipher.encrypt(block);
        last = *block;
    }
    Ok(bytes)
}

/// The same the other way.
fn decrypted(
    function: &str,
    (data, key, start): (&[u8], &[u8], &[u8]),
    way: &[u8],
) -> FunctionResult<Vec<u8>> {
    let way = Way::named(way)?;
    let cipher = Cipher::new(key)?;
    let wrong = || failed(&format!("{function} error: Decryption failed"));
    let mut bytes = data.to_vec();
    let (blocks, rest) = bytes.as_chunks_mut::<BLOCK>();
    if !rest.is_empty() {
        return Err(wrong());
    }
    let mut last = before_first(start);
    for block in blocks {
        let before = std::mem::replace(&mut last, *block);
        cipher.decrypt(block);
        if way.chained {
            mix(block, &before);
        }
    }
    if way.padded {
        let missing = bytes.last().copied().map(usize::from).unwrap_or_default();
        let kept = bytes.len().checked_sub(missing).ok_or_else(wrong)?;
        let filled = bytes[kept..].iter().all(|byte| usize::from(*byte) == missing);
        if !(1..=BLOCK).contains(&missing) || !filled {
            return Err(wrong());
        }
        bytes.truncate(kept);
    }
    Ok(bytes)
}

scalar! {
    fn encrypt(data: &[u8], key: &[u8], way: &[u8]) -> Vec<u8> { encrypted("encrypt", (data, key, &[]), way)? }
    fn decrypt(data: &[u8], key: &[u8], way: &[u8]) -> Vec<u8> { decrypted("decrypt", (data, key, &[]), way)? }
    fn encrypt_iv(data: &[u8], key: &[u8], start: &[u8], way: &[u8]) -> Vec<u8> {
        encrypted("encrypt_iv", (data, key, start), way)?
    }
    fn decrypt_iv(data: &[u8], key: &[u8], start: &[u8], way: &[u8]) -> Vec<u8> {
        decrypted("decrypt_iv", (data, key, start), way)?
    }
}
