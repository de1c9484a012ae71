//! Digests of bytes: `md5`, `sha224` to `sha512`.

use crate::kernel::bytes::hex_into;
use crate::kernel::loops::{scalar, scalar_text};
use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

scalar_text! {
    fn md5(out, a: &[u8]) {
        hex_into(&Md5::digest(a), out);
    }
}

scalar! {
    fn sha224(a: &[u8]) -> Vec<u8> { Sha224::digest(a).to_vec() }
    fn sha256(a: &[u8]) -> Vec<u8> { Sha256::digest(a).to_vec() }
    fn sha384(a: &[u8]) -> Vec<u8> { Sha384::digest(a).to_vec() }
    fn sha512(a: &[u8]) -> Vec<u8> { Sha512::digest(a).to_vec() }
}
