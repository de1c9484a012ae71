//! Everything that a function may ask besides its arguments.

use super::cache::Cache;
use super::session::Session;
use datetime::TimestampTz;
use types::Types;
use types::text::TextSettings;

/// What a call runs in. Whoever runs a statement makes one and lends it to every call.
pub struct Context<'a> {
    /// Which types there are.
    pub types: &'a dyn Types,
    /// How values look as text; the session's zone and styles, and when the transaction began.
    pub text: &'a TextSettings,
    /// When the statement came in: `statement_timestamp()`.
    pub statement_time: TimestampTz,
    /// What only the session knows: sequences, settings, the catalog's texts, the clock, random numbers.
    pub session: &'a mut dyn Session,
    /// What was made of arguments before: compiled patterns and the like.
    pub cache: &'a mut Cache,
    /// How many bytes a call may make of many rows: where it would make more, it fails with
    /// [`VectorError::TooLarge`](types::vector::VectorError), and whoever has said so computes fewer rows at once. Nobody at first.
    pub room: usize,
}

impl<'a> Context<'a> {
    /// The session's zone and styles; its `now` is the transaction's beginning.
    pub fn datetime(&self) -> &'a datetime::Settings {
        &self.text.datetime
    }

    /// The session's time zone.
    pub fn zone(&self) -> &'a datetime::TimeZone {
        &self.text.datetime.zone
    }
}
