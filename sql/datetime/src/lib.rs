//! PostgreSQL's dates and times: `date`, `time`, `timetz`, `timestamp`, `timestamptz`, `interval`.
//!
//! Inside they are integers ([`value`]); text is at the edges only.
//!
//! * [`parse`] reads text, [`text`] writes it, both by [`settings`], [`iso`] as JSON has it; [`typmod`] rounds and cuts.
//! * [`arithmetic`]: operators and ages. [`convert`]: casts, AT TIME ZONE. [`extract`], [`truncate`], [`make`],
//!   [`series`]: functions by those names.
//! * [`format`]: `to_char`, `to_timestamp` and `to_date`.
//! * [`wire`]: binary forms.
//! * [`zone`]: time zones from the bundled zone database, by rule, by abbreviation.
//!
//! Invariants
//!
//! 1. Whatever the text, the format or the value: an answer or an error, never a panic.
//! 2. Results, errors and their SQLSTATEs are PostgreSQL 15's.
//! 3. No clock and no file: the transaction's time is a setting, the zone database is part of the program.

#![forbid(unsafe_code)]

pub mod arithmetic;
pub mod calendar;
pub mod convert;
pub mod error;
pub mod extract;
pub mod format;
pub mod iso;
pub mod make;
pub mod parse;
pub mod series;
pub mod settings;
pub mod text;
pub mod truncate;
pub mod typmod;
pub mod unit;
pub mod value;
pub mod wire;
pub mod zone;

pub use error::{DateTimeError, DateTimeResult, TypeName, WireError};
pub use settings::{DateOrder, DateStyle, IntervalStyle, Settings};
pub use typmod::{IntervalFields, IntervalTypmod};
pub use unit::{Unit, UnitName};
pub use value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
pub use zone::{TimeZone, ZoneSpec};
