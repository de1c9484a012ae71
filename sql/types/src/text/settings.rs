//! What the text of a value depends on besides the value.

use crate::encoding::Encoding;
use datetime::{Settings, TimestampTz};

/// Settings of the session and the transaction's clock reading.
#[derive(Debug, Clone)]
pub struct TextSettings {
    /// `timezone`, `datestyle`, `intervalstyle`, and when the transaction began: what `now` and `today` are.
    pub datetime: Settings,
    /// `extra_float_digits`: 1 and more ask for the shortest exact text.
    pub extra_float_digits: i32,
    /// `bytea_output` is `escape`, not `hex`.
    pub bytea_escaped: bool,
    /// `client_encoding`: of texts in binary forms. Within the database they are UTF-8.
    pub client_encoding: Encoding,
}

impl TextSettings {
    /// PostgreSQL's defaults in UTC, in a transaction that began at `now`.
    pub fn new(now: TimestampTz) -> TextSettings {
        TextSettings {
            datetime: Settings::new(now),
            extra_float_digits: 1,
            bytea_escaped: false,
            client_encoding: Encoding::UTF8,
        }
    }
}

impl Default for TextSettings {
    /// As of 2000-01-01, for texts that name no moment by the clock.
    fn default() -> TextSettings {
        TextSettings::new(TimestampTz(0))
    }
}
