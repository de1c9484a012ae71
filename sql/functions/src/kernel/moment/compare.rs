//! Comparisons across dates and timestamps.

use crate::kernel::loops::scalar;
use datetime::convert as of;
use datetime::{Date, Timestamp, TimestampTz};

scalar! {
    fn date_eq_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_eq() }
    fn date_ne_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_ne() }
    fn date_lt_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_lt() }
    fn date_le_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_le() }
    fn date_gt_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_gt() }
    fn date_ge_timestamp(a: Date, b: Timestamp) -> bool { of::compare_date_timestamp(a, b).is_ge() }
    fn date_cmp_timestamp(a: Date, b: Timestamp) -> i32 { of::compare_date_timestamp(a, b) as i32 }
    fn date_eq_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_eq() }
    fn date_ne_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_ne() }
    fn date_lt_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_lt() }
    fn date_le_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_le() }
    fn date_gt_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_gt() }
    fn date_ge_timestamptz [context] (a: Date, b: TimestampTz) -> bool { of::compare_date_timestamptz(a, b, context.zone()).is_ge() }
    fn date_cmp_timestamptz [context] (a: Date, b: TimestampTz) -> i32 { of::compare_date_timestamptz(a, b, context.zone()) as i32 }
    fn timestamp_eq_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_eq() }
    fn timestamp_ne_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_ne() }
    fn timestamp_lt_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_lt() }
    fn timestamp_le_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_le() }
    fn timestamp_gt_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_gt() }
    fn timestamp_ge_date(a: Timestamp, b: Date) -> bool { of::compare_date_timestamp(b, a).reverse().is_ge() }
    fn timestamp_cmp_date(a: Timestamp, b: Date) -> i32 { of::compare_date_timestamp(b, a).reverse() as i32 }
    fn timestamptz_eq_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_eq() }
    fn timestamptz_ne_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_ne() }
    fn timestamptz_lt_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_lt() }
    fn timestamptz_le_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_le() }
    fn timestamptz_gt_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_gt() }
    fn timestamptz_ge_date [context] (a: TimestampTz, b: Date) -> bool { of::compare_date_timestamptz(b, a, context.zone()).reverse().is_ge() }
    fn timestamptz_cmp_date [context] (a: TimestampTz, b: Date) -> i32 { of::compare_date_timestamptz(b, a, context.zone()).reverse() as i32 }
    fn timestamp_eq_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_eq() }
    fn timestamp_ne_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_ne() }
    fn timestamp_lt_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_lt() }
    fn timestamp_le_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_le() }
    fn timestamp_gt_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_gt() }
    fn timestamp_ge_timestamptz [context] (a: Timestamp, b: TimestampTz) -> bool { of::compare_timestamp_timestamptz(a, b, context.zone()).is_ge() }
    fn timestamp_cmp_timestamptz [context] (a: Timestamp, b: TimestampTz) -> i32 { of::compare_timestamp_timestamptz(a, b, context.zone()) as i32 }
    fn timestamptz_eq_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_eq() }
    fn timestamptz_ne_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_ne() }
    fn timestamptz_lt_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_lt() }
    fn timestamptz_le_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_le() }
    fn timestamptz_gt_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_gt() }
    fn timestamptz_ge_timestamp [context] (a: TimestampTz, b: Timestamp) -> bool { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse().is_ge() }
    fn timestamptz_cmp_timestamp [context] (a: TimestampTz, b: Timestamp) -> i32 { of::compare_timestamp_timestamptz(b, a, context.zone()).reverse() as i32 }
}
