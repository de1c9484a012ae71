//! The catalog's entries as bytes: a format version, then the value as bincode writes it.
//!
//! Total: any bytes are a value or an error. A length in them never reserves more than [`LIMIT`], and no object contains
//! an object, so nothing recurses.

use crate::error::{CatalogError, CatalogResult};
use bincode::config::{self, Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};

/// The format that is written.
const FORMAT: u8 = 1;
/// The longest entry.
const LIMIT: usize = 64 << 20;

fn configuration() -> Configuration<LittleEndian, Fixint, Limit<LIMIT>> {
    config::standard().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// The bytes of `value`, which errors call `name`.
pub fn encode<T: Encode>(value: &T, name: &str) -> CatalogResult<Vec<u8>> {
    let too_large = || CatalogError::TooLarge { name: name.to_owned() };
    let mut bytes = vec![FORMAT];
    bincode::encode_into_std_write(value, &mut bytes, configuration()).map_err(|_| too_large())?;
    if bytes.len() > LIMIT {
        return Err(too_large());
    }
    Ok(bytes)
}

/// The value in `bytes`, which stand under `key`.
pub fn decode<T: Decode<()>>(key: &[u8], bytes: &[u8]) -> CatalogResult<T> {
    let damaged = |reason: String| CatalogError::damaged(key, reason);
    let (format, body) = bytes.split_first().ok_or_else(|| damaged("it is empty".into()))?;
    if *format != FORMAT {
        return Err(damaged(format!("its format is {format}, and this program knows {FORMAT}")));
    }
    let (value, length): (T, usize) =
        bincode::decode_from_slice(body, configuration()).map_err(|error| damaged(error.to_string()))?;
    if length != body.len() {
        return Err(damaged(format!("{} bytes follow it", body.len() - length)));
    }
    Ok(value)
}
