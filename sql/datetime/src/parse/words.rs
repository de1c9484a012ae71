//! The words of dates and of intervals.

use crate::unit::Unit;

/// Longer words are compared by this many bytes only.
const SIGNIFICANT: usize = 10;

/// What a word means in a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateWord {
    /// Says nothing (`at`, `on`).
    Filler,
    /// `now`.
    Now,
    /// `yesterday`, `today`, `tomorrow`: days from today.
    Day(i64),
    /// `allballs`: midnight UTC.
    Allballs,
    /// `epoch`.
    Epoch,
    /// `infinity`.
    Infinity,
    /// `-infinity`.
    NegativeInfinity,
    /// A month, from 1.
    Month(i64),
    /// A day of the week.
    Weekday,
    /// `am` is false, `pm` true.
    Afternoon(bool),
    /// `ad` is false, `bc` true.
    BeforeChrist(bool),
    /// `dst`: an hour more.
    DaylightSaving,
    /// What the number that follows is.
    Unit(Unit),
    /// `t`: a time follows.
    IsoTime,
}

/// What a word means in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalWord {
    /// The unit of the number before it.
    Unit(Unit),
    /// `ago`: everything is negative.
    Ago,
}

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let key = &word.as_bytes()[..word.len().min(SIGNIFICANT)];
    let found = table.binary_search_by(|entry| entry.0.as_bytes().cmp(key)).ok()?;
    Some(table[found].1)
}

/// What a word in small letters means in a date or time.
pub fn date_word(word: &str) -> Option<DateWord> {
    find(DATE_WORDS, word)
}

/// What a word in small letters means in an interval.
pub fn interval_word(word: &str) -> Option<IntervalWord> {
    find(INTERVAL_WORDS, word)
}

const DATE_WORDS: &[(&str, DateWord)] = &[
    ("-infinity", DateWord::NegativeInfinity),
    ("ad", DateWord::BeforeChrist(false)),
    ("allballs", DateWord::Allballs),
    ("am", DateWord::Afternoon(false)),
    ("apr", DateWord::Month(4)),
    ("april", DateWord::Month(4)),
    ("at", DateWord::Filler),
    ("aug", DateWord::Month(8)),
    ("august", DateWord::Month(8)),
    ("bc", DateWord::BeforeChrist(true)),
    ("d", DateWord::Unit(Unit::Day)),
    ("dec", DateWord::Month(12)),
    ("december", DateWord::Month(12)),
    ("dow", DateWord::Unit(Unit::DayOfWeek)),
    ("doy", DateWord::Unit(Unit::DayOfYear)),
    ("dst", DateWord::DaylightSaving),
    ("epoch", DateWord::Epoch),
    ("feb", DateWord::Month(2)),
    ("february", DateWord::Month(2)),
    ("fri", DateWord::Weekday),
    ("friday", DateWord::Weekday),
    ("h", DateWord::Unit(Unit::Hour)),
    ("infinity", DateWord::Infinity),
    ("isodow", DateWord::Unit(Unit::IsoDayOfWeek)),
    ("isoyear", DateWord::Unit(Unit::IsoYear)),
    ("j", DateWord::Unit(Unit::Julian)),
    ("jan", DateWord::Month(1)),
    ("january", DateWord::Month(1)),
    ("jd", DateWord::Unit(Unit::Julian)),
    ("jul", DateWord::Month(7)),
    ("julian", DateWord::Unit(Unit::Julian)),
    ("july", DateWord::Month(7)),
    ("jun", DateWord::Month(6)),
    ("june", DateWord::Month(6)),
    ("m", DateWord::Unit(Unit::Month)),
    ("mar", DateWord::Month(3)),
    ("march", DateWord::Month(3)),
    ("may", DateWord::Month(5)),
    ("mm", DateWord::Unit(Unit::Minute)),
    ("mon", DateWord::Weekday),
    ("monday", DateWord::Weekday),
    ("nov", DateWord::Month(11)),
    ("november", DateWord::Month(11)),
    ("now", DateWord::Now),
    ("oct", DateWord::Month(10)),
    ("october", DateWord::Month(10)),
    ("on", DateWord::Filler),
    ("pm", DateWord::Afternoon(true)),
    ("s", DateWord::Unit(Unit::Second)),
    ("sat", DateWord::Weekday),
    ("saturday", DateWord::Weekday),
    ("sep", DateWord::Month(9)),
    ("sept", DateWord::Month(9)),
    ("september", DateWord::Month(9)),
    ("sun", DateWord::Weekday),
    ("sunday", DateWord::Weekday),
    ("t", DateWord::IsoTime),
    ("thu", DateWord::Weekday),
    ("thur", DateWord::Weekday),
    ("thurs", DateWord::Weekday),
    ("thursday", DateWord::Weekday),
    ("today", DateWord::Day(0)),
    ("tomorrow", DateWord::Day(1)),
    ("tue", DateWord::Weekday),
    ("tues", DateWord::Weekday),
    ("tuesday", DateWord::Weekday),
    ("wed", DateWord::Weekday),
    ("wednesday", DateWord::Weekday),
    ("weds", DateWord::Weekday),
    ("y", DateWord::Unit(Unit::Year)),
    ("yesterday", DateWord::Day(-1)),
];

const INTERVAL_WORDS: &[(&str, IntervalWord)] = &[
    ("ago", IntervalWord::Ago),
    ("c", IntervalWord::Unit(Unit::Century)),
    ("cent", IntervalWord::Unit(Unit::Century)),
    ("centuries", IntervalWord::Unit(Unit::Century)),
    ("century", IntervalWord::Unit(Unit::Century)),
    ("d", IntervalWord::Unit(Unit::Day)),
    ("day", IntervalWord::Unit(Unit::Day)),
    ("days", IntervalWord::Unit(Unit::Day)),
    ("dec", IntervalWord::Unit(Unit::Decade)),
    ("decade", IntervalWord::Unit(Unit::Decade)),
    ("decades", IntervalWord::Unit(Unit::Decade)),
    ("decs", IntervalWord::Unit(Unit::Decade)),
    ("h", IntervalWord::Unit(Unit::Hour)),
    ("hour", IntervalWord::Unit(Unit::Hour)),
    ("hours", IntervalWord::Unit(Unit::Hour)),
    ("hr", IntervalWord::Unit(Unit::Hour)),
    ("hrs", IntervalWord::Unit(Unit::Hour)),
    ("m", IntervalWord::Unit(Unit::Minute)),
    ("microsecon", IntervalWord::Unit(Unit::Microsecond)),
    ("mil", IntervalWord::Unit(Unit::Millennium)),
    ("millennia", IntervalWord::Unit(Unit::Millennium)),
    ("millennium", IntervalWord::Unit(Unit::Millennium)),
    ("millisecon", IntervalWord::Unit(Unit::Millisecond)),
    ("mils", IntervalWord::Unit(Unit::Millennium)),
    ("min", IntervalWord::Unit(Unit::Minute)),
    ("mins", IntervalWord::Unit(Unit::Minute)),
    ("minute", IntervalWord::Unit(Unit::Minute)),
    ("minutes", IntervalWord::Unit(Unit::Minute)),
    ("mon", IntervalWord::Unit(Unit::Month)),
    ("mons", IntervalWord::Unit(Unit::Month)),
    ("month", IntervalWord::Unit(Unit::Month)),
    ("months", IntervalWord::Unit(Unit::Month)),
    ("ms", IntervalWord::Unit(Unit::Millisecond)),
    ("msec", IntervalWord::Unit(Unit::Millisecond)),
    ("msecond", IntervalWord::Unit(Unit::Millisecond)),
    ("mseconds", IntervalWord::Unit(Unit::Millisecond)),
    ("msecs", IntervalWord::Unit(Unit::Millisecond)),
    ("qtr", IntervalWord::Unit(Unit::Quarter)),
    ("quarter", IntervalWord::Unit(Unit::Quarter)),
    ("s", IntervalWord::Unit(Unit::Second)),
    ("sec", IntervalWord::Unit(Unit::Second)),
    ("second", IntervalWord::Unit(Unit::Second)),
    ("seconds", IntervalWord::Unit(Unit::Second)),
    ("secs", IntervalWord::Unit(Unit::Second)),
    ("timezone", IntervalWord::Unit(Unit::Timezone)),
    ("timezone_h", IntervalWord::Unit(Unit::TimezoneHour)),
    ("timezone_m", IntervalWord::Unit(Unit::TimezoneMinute)),
    ("us", IntervalWord::Unit(Unit::Microsecond)),
    ("usec", IntervalWord::Unit(Unit::Microsecond)),
    ("usecond", IntervalWord::Unit(Unit::Microsecond)),
    ("useconds", IntervalWord::Unit(Unit::Microsecond)),
    ("usecs", IntervalWord::Unit(Unit::Microsecond)),
    ("w", IntervalWord::Unit(Unit::Week)),
    ("week", IntervalWord::Unit(Unit::Week)),
    ("weeks", IntervalWord::Unit(Unit::Week)),
    ("y", IntervalWord::Unit(Unit::Year)),
    ("year", IntervalWord::Unit(Unit::Year)),
    ("years", IntervalWord::Unit(Unit::Year)),
    ("yr", IntervalWord::Unit(Unit::Year)),
    ("yrs", IntervalWord::Unit(Unit::Year)),
];

#[cfg(test)]
mod tests {
    use super::{DATE_WORDS, DateWord, INTERVAL_WORDS, date_word};

    #[test]
    fn the_tables_are_sorted() {
        assert!(DATE_WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(INTERVAL_WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(date_word("sept"), Some(DateWord::Month(9)));
    }
}
