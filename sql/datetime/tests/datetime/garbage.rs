//! No text makes a parser panic, and what is written reads back.

use datetime::format::Format;
use datetime::{DateOrder, DateStyle, IntervalStyle, IntervalTypmod, Settings, TimeZone, TimestampTz};
use datetime::{Interval, Timestamp, UnitName, ZoneSpec, parse, text};

/// A seeded stream, so that a failure repeats.
struct Stream(u64);

impl Stream {
    fn next(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

const PIECES: &[&str] = &[
    "2000",
    "1",
    "05",
    "12",
    "31",
    "99",
    "366",
    "-",
    "/",
    ".",
    ":",
    "+",
    "jan",
    "T",
    "Z",
    "+05",
    "-08:00",
    "am",
    "pm",
    "bc",
    "PST",
    "MSK",
    "EST5EDT",
    "America/New_York",
    "04:05",
    "04:05:06.7",
    "040506",
    "J",
    "2451187",
    "y",
    "m",
    "d",
    "now",
    "today",
    "epoch",
    "infinity",
    "-infinity",
    "dst",
    "at",
    " ",
    "\t",
    "é",
    "\u{1f552}",
    "\0",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "P",
    "PT",
    "Y",
    "W",
    "S",
    "ago",
    "week",
    "mon",
    "us",
    "1e9",
    "0x",
    "<",
    ">",
    ",M3.2.0",
    ",J60",
    "/25",
    "century",
    "@",
    "1.5",
    ".5",
    "24:00",
    "00:00:60",
    "2147483647",
    "-2147483648",
];

fn sentence(stream: &mut Stream) -> String {
    let count = stream.next(9);
    (0..count).map(|_| PIECES[stream.next(PIECES.len())]).collect()
}

#[test]
fn no_text_makes_a_parser_panic() {
    let mut stream = Stream(42);
    let mut settings = Settings::new(TimestampTz(812_345_678_901_234));
    for round in 0..60_000 {
        let input = sentence(&mut stream);
        settings.date_order = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd][round % 3];
        let _ = parse::date(&input, &settings);
        let _ = parse::time(&input, Some(3), &settings);
        let _ = parse::timetz(&input, None, &settings);
        let _ = parse::timestamp(&input, Some(0), &settings);
        let _ = parse::timestamptz(&input, None, &settings);
        let _ = parse::interval(&input, IntervalTypmod::default(), IntervalStyle::SqlStandard);
        if let Ok(zone) = ZoneSpec::find(&input) {
            zone.offset_at(i64::MIN);
            zone.offset_at(i64::MAX);
        }
    }
    let long = "1".repeat(1 << 20);
    assert!(parse::date(&long, &settings).is_err());
    assert!(
        parse::interval(&format!("P{long}"), IntervalTypmod::default(), IntervalStyle::Postgres).is_err()
    );
}

#[test]
fn what_is_written_reads_back() {
    let mut stream = Stream(7);
    let mut settings = Settings::new(TimestampTz(0));
    settings.zone = TimeZone::find("America/New_York").unwrap();
    for round in 0..20_000usize {
        // Styles with the orders in which they can be read again.
        (settings.date_style, settings.date_order) = [
            (DateStyle::Iso, DateOrder::Ymd),
            (DateStyle::Iso, DateOrder::Dmy),
            (DateStyle::Sql, DateOrder::Mdy),
            (DateStyle::Sql, DateOrder::Dmy),
            (DateStyle::Postgres, DateOrder::Mdy),
            (DateStyle::Postgres, DateOrder::Dmy),
            (DateStyle::German, DateOrder::Dmy),
        ][round % 7];
        let span = 9_000_000_000_000_000i64 * 1000;
        let value = ((stream.next(1 << 31) as i64) << 31 | stream.next(1 << 31) as i64) % span;
        // The local mean time of earlier days has a name that nobody reads.
        let earliest = if settings.date_style == DateStyle::Iso { 200 } else { 1 };
        let value = TimestampTz(value - earliest * 1_000_000_000_000_000);
        let mut written = String::new();
        text::timestamptz(&mut written, value, &settings);
        assert_eq!(parse::timestamptz(&written, None, &settings), Ok(value), "{written}");
    }
}

const PATTERNS: &[&str] = &[
    "YYYY", "YYY", "Y", "Y,YYY", "IYYY", "IY", "MM", "Month", "MON", "DD", "DDD", "D", "ID", "IDDD", "IW",
    "WW", "W", "CC", "J", "Q", "RM", "HH24", "HH", "MI", "SS", "SSSS", "MS", "US", "FF1", "FF6", "TZ", "TZH",
    "TZM", "OF", "AM", "A.D.", "FX", "FM", "TM", "TH", "th", "SP", "-", " ", "\"", "\\", "é", "1", "x",
];

#[test]
fn no_format_makes_its_use_panic() {
    let mut stream = Stream(99);
    let zone = TimeZone::find("Europe/Paris").unwrap();
    let extremes = [i64::MIN, i64::MAX, Timestamp::MIN.0, Timestamp::MAX.0, 0];
    for _ in 0..40_000 {
        let count = stream.next(7);
        let format: String = (0..count).map(|_| PATTERNS[stream.next(PATTERNS.len())]).collect();
        let format = Format::parse(&format);
        let value = extremes[stream.next(extremes.len())];
        let _ = format.timestamp(Timestamp(value));
        let _ = format.timestamptz(TimestampTz(value), &zone);
        let _ = format.interval(Interval::new(value as i32, (value >> 7) as i32, value));
        let input = sentence(&mut stream);
        let _ = format.to_timestamptz(&input, &zone);
        let _ = format.to_date(&input);
    }
}

#[test]
fn no_arithmetic_panics() {
    use datetime::{Date, Time, TimeTz, arithmetic::*, convert::*, extract, make, truncate};
    let mut stream = Stream(3);
    let zone = TimeZone::find("America/New_York").unwrap();
    let numbers =
        [i64::MIN, i64::MIN + 1, Timestamp::MIN.0, -1, 0, 1, 86_400_000_000, Timestamp::MAX.0, i64::MAX];
    let units =
        ["century", "week", "julian", "epoch", "second", "isoyear", "timezone", "quarter", "day", "month"];
    let pick =
        move |stream: &mut Stream| numbers[stream.next(numbers.len())].wrapping_mul(stream.next(3) as i64);
    for _ in 0..20_000 {
        let (a, b, c) = (pick(&mut stream), pick(&mut stream), pick(&mut stream));
        let interval = Interval::new(b as i32, (c >> 32) as i32, c);
        let (timestamp, moment, date) = (Timestamp(a), TimestampTz(a), Date((a >> 32) as i32));
        let time = TimeTz { time: a.rem_euclid(Time::MAX.0 + 1), zone: (b % 57_600) as i32 };
        let unit = &UnitName::new(units[stream.next(units.len())]);
        let _ =
            (timestamp_add_interval(timestamp, interval), timestamp_subtract_interval(timestamp, interval));
        let _ = (
            timestamptz_add_interval(moment, interval, &zone),
            timestamp_difference(timestamp, Timestamp(b)),
        );
        let _ = (age(timestamp, Timestamp(b)), age_tz(moment, TimestampTz(b), &zone));
        let _ = (justify_hours(interval), justify_days(interval), justify_interval(interval));
        let _ = (interval_multiply(interval, a as f64), interval_divide(interval, b as f64));
        let _ =
            (date_add_days(date, b as i32), date_add_timetz(date, time), date_to_timestamptz(date, &zone));
        let _ = (timetz_add_interval(time, interval), timestamptz_to_timetz(moment, &zone));
        let _ = (timestamp_to_timestamptz(timestamp, &zone), timestamptz_to_date(moment, &zone));
        let _ = (truncate::timestamp(unit, timestamp), truncate::timestamptz(unit, moment, &zone));
        let _ = (truncate::interval(unit, interval), truncate::bin(interval, timestamp, Timestamp(b)));
        let _ = (extract::timestamp(unit, timestamp), extract::timestamptz_double(unit, moment, &zone));
        let _ = (extract::interval(unit, interval), extract::date(unit, date), extract::timetz(unit, time));
        if let Some(parts) = extract::dates(unit, &[date.0, 0, date.0]) {
            let each = |date| extract::date(unit, date).expect("has whole parts").text();
            let parts: Vec<String> = parts.iter().map(i64::to_string).collect();
            assert_eq!(parts, [each(date), each(Date(0)), each(date)], "{unit:?}");
        }
        let _ = (make::date(a as i32, b as i32, c as i32), make::time(a as i32, b as i32, c as f64));
        let _ = make::timestamptz_of_seconds(a as f64);
        let _ = (
            interval.cmp(&Interval::new(a as i32, b as i32, a)),
            compare_timestamp_timestamptz(timestamp, TimestampTz(b), &zone),
        );
        let mut out = String::new();
        for style in [
            IntervalStyle::Postgres,
            IntervalStyle::PostgresVerbose,
            IntervalStyle::SqlStandard,
            IntervalStyle::Iso8601,
        ] {
            out.clear();
            text::interval(&mut out, interval, style);
            // The least integers have no negative, so that `ago` cannot bring them back.
            let is_least =
                interval.months == i32::MIN || interval.days == i32::MIN || interval.microseconds == i64::MIN;
            let read = parse::interval(&out, IntervalTypmod::default(), style);
            assert!(is_least || read.is_ok_and(|read| read.is_identical(interval)), "{out}");
        }
    }
}
