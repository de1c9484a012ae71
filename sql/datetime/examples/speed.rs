//! How long the common operations take, in nanoseconds a value. Run with `--release`.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // a benchmark looks at the clock

use datetime::format::Format;
use datetime::{
    Interval, Settings, TimeZone, Timestamp, TimestampTz, UnitName, arithmetic, extract, parse, text,
    truncate,
};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 1_000_000;

fn measure(name: &str, mut operation: impl FnMut(i64)) {
    let start = Instant::now();
    for round in 0..ROUNDS {
        operation(i64::from(round));
    }
    println!("{name:42} {:6.0} ns", start.elapsed().as_nanos() as f64 / f64::from(ROUNDS));
}

fn main() {
    let mut settings = Settings::new(TimestampTz(0));
    if let Some(zone) = TimeZone::find("America/New_York") {
        settings.zone = zone;
    }
    let zone = settings.zone.clone();
    let moment = |round: i64| TimestampTz(700_000_000_000_000 + round * 61_000_000);
    let mut out = String::new();
    for input in [
        "2004-10-19 10:23:54.123456",
        "2004-10-19 10:23:54+02",
        "Wed Dec 17 07:37:16 1997 PST",
        "2004-10-19 10:23:54 America/New_York",
    ] {
        measure(input, |_| {
            let _ = black_box(parse::timestamptz(black_box(input), None, &settings));
        });
    }
    measure("1 year 2 mons 3 days 04:05:06", |_| {
        let input = black_box("1 year 2 mons 3 days 04:05:06");
        let _ = black_box(parse::interval(input, Default::default(), settings.interval_style));
    });
    measure("timestamp to text", |round| {
        out.clear();
        text::timestamp(&mut out, Timestamp(moment(round).0), &settings);
    });
    measure("timestamptz to text", |round| {
        out.clear();
        text::timestamptz(&mut out, moment(round), &settings);
    });
    measure("timestamp + 1 month", |round| {
        let _ =
            black_box(arithmetic::timestamp_add_interval(Timestamp(moment(round).0), Interval::new(1, 0, 0)));
    });
    measure("timestamptz + 1 day", |round| {
        let _ = black_box(arithmetic::timestamptz_add_interval(moment(round), Interval::new(0, 1, 0), &zone));
    });
    let (month, year) = (UnitName::new("month"), UnitName::new("year"));
    measure("date_trunc('month', timestamp)", |round| {
        let _ = black_box(truncate::timestamp(&month, Timestamp(moment(round).0)));
    });
    measure("extract(year from timestamp)", |round| {
        let _ = black_box(extract::timestamp(&year, Timestamp(moment(round).0)));
    });
    let format = Format::parse("YYYY-MM-DD HH24:MI:SS");
    measure("to_char(timestamp)", |round| {
        let _ = black_box(format.timestamp(Timestamp(moment(round).0)));
    });
}
