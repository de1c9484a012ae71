//! Asked of a PostgreSQL 15: what `SET` says and what `SHOW` shows afterwards.

use diagnostic::Diagnostic;
use session::settings::{SettingError, Settings};

fn set(settings: &mut Settings, name: &str, value: &str) -> String {
    match settings.set(name, value, false, true) {
        Ok(()) => settings.show(name).unwrap(),
        Err(error) => {
            let mut text = format!("{} {error}", error.sqlstate().code());
            for more in [error.detail(), error.hint()].into_iter().flatten() {
                text.push_str(" / ");
                text.push_str(&more);
            }
            text
        }
    }
}

#[test]
fn values_are_read_and_shown_as_postgresql_does() {
    let sizes = "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
    let times = "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
    let cases: Vec<(&str, &str, String)> = vec![
        ("work_mem", "10", "22023 10 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)".into()),
        ("work_mem", "10MB", "10MB".into()),
        ("work_mem", "abc", "22023 invalid value for parameter \"work_mem\": \"abc\"".into()),
        ("work_mem", "10XB", format!("22023 invalid value for parameter \"work_mem\": \"10XB\" / {sizes}")),
        ("work_mem", "1.5MB", "1536kB".into()),
        ("work_mem", "1024kB", "1MB".into()),
        ("work_mem", " 64 kB ", "64kB".into()),
        ("work_mem", "0x100", "256kB".into()),
        ("work_mem", "64.5", "64kB".into()),
        ("work_mem", "99999999999999", "22023 invalid value for parameter \"work_mem\": \"99999999999999\" / Value exceeds integer range.".into()),
        ("statement_timeout", "1min", "1min".into()),
        ("statement_timeout", "90s", "90s".into()),
        ("statement_timeout", "1.5s", "1500ms".into()),
        ("lock_timeout", "1d", "1d".into()),
        ("lock_timeout", "1us", "0".into()),
        ("lock_timeout", "5 foo", format!("22023 invalid value for parameter \"lock_timeout\": \"5 foo\" / {times}")),
        ("lock_timeout", "5000", "5s".into()),
        ("effective_cache_size", "1GB", "1GB".into()),
        ("effective_cache_size", "100", "800kB".into()),
        ("enable_sort", "maybe", "22023 parameter \"enable_sort\" requires a Boolean value".into()),
        ("enable_sort", "of", "off".into()),
        ("enable_sort", "ye", "on".into()),
        ("enable_sort", "o", "22023 parameter \"enable_sort\" requires a Boolean value".into()),
        ("seq_page_cost", "1e3", "1000".into()),
        ("seq_page_cost", "-1", "22023 -1 is outside the valid range for parameter \"seq_page_cost\" (0 .. 1.79769e+308)".into()),
        ("seq_page_cost", "nan", "22023 invalid value for parameter \"seq_page_cost\": \"nan\"".into()),
        ("extra_float_digits", "9", "22023 9 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 3)".into()),
        ("client_min_messages", "loud", "22023 invalid value for parameter \"client_min_messages\": \"loud\" / Available values: debug5, debug4, debug3, debug2, debug1, log, notice, warning, error.".into()),
        ("default_transaction_isolation", "READ COMMITTED", "read committed".into()),
        ("DateStyle", "sql, european", "SQL, DMY".into()),
        ("datestyle", "postgres,ymd", "Postgres, YMD".into()),
        ("datestyle", "german", "German, DMY".into()),
        ("datestyle", "iso,iso,us", "ISO, MDY".into()),
        ("datestyle", "german, mdy", "German, MDY".into()),
        ("datestyle", "iso,sql", "22023 invalid value for parameter \"DateStyle\": \"iso,sql\" / Conflicting \"datestyle\" specifications.".into()),
        ("datestyle", "foo", "22023 invalid value for parameter \"DateStyle\": \"foo\" / Unrecognized key word: \"foo\".".into()),
        ("timezone", "-7", "<-07>+07".into()),
        ("timezone", "utc", "UTC".into()),
        ("timezone", "europe/berlin", "Europe/Berlin".into()),
        ("timezone", "5.5", "<+05:30>-05:30".into()),
        ("timezone", "EST5EDT", "EST5EDT".into()),
        ("timezone", "foo3bar", "FOO3BAR".into()),
        ("timezone", "200", "22023 invalid value for parameter \"TimeZone\": \"200\" / UTC timezone offset is out of range.".into()),
        ("timezone", "Mars", "22023 invalid value for parameter \"TimeZone\": \"Mars\"".into()),
        ("client_encoding", "unicode", "UTF8".into()),
        ("client_encoding", "foo", "22023 invalid value for parameter \"client_encoding\": \"foo\"".into()),
        ("server_version", "1", "55P02 parameter \"server_version\" cannot be changed".into()),
        ("max_connections", "1", "55P02 parameter \"max_connections\" cannot be changed without restarting the server".into()),
        ("foo", "1", "42704 unrecognized configuration parameter \"foo\"".into()),
        ("foo.bar", "x", "x".into()),
    ];
    let mut settings = Settings::default();
    for (name, value, expected) in cases {
        assert_eq!(set(&mut settings, name, value), expected, "SET {name} = '{value}'");
    }
}

#[test]
fn values_follow_transactions() {
    let mut settings = Settings::default();
    settings.set("work_mem", "1MB", false, true).unwrap();
    let begin = settings.mark();
    settings.set("work_mem", "2MB", true, true).unwrap();
    settings.set("work_mem", "3MB", false, true).unwrap();
    let savepoint = settings.mark();
    settings.set("work_mem", "4MB", true, true).unwrap();
    assert_eq!(settings.typed().work_mem, 4 << 20);
    settings.roll_back(&savepoint);
    assert_eq!(settings.typed().work_mem, 3 << 20);
    let mut committed = settings.clone();
    committed.commit();
    assert_eq!(committed.show("work_mem").unwrap(), "3MB");
    settings.roll_back(&begin);
    assert_eq!(settings.show("work_mem").unwrap(), "1MB");
    settings.set("work_mem", "8MB", true, true).unwrap();
    settings.commit();
    assert_eq!(settings.show("work_mem").unwrap(), "1MB", "SET LOCAL ends with its transaction");
}

#[test]
fn what_has_no_meaning_here_is_refused() {
    let mut settings = Settings::default();
    let refused = settings.set("array_nulls", "off", false, true);
    assert!(matches!(refused, Err(SettingError::NotSupported { .. })), "{refused:?}");
    settings.set("array_nulls", "on", false, true).unwrap();
}
