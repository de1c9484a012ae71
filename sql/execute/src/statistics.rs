//! What a sample tells of a column: ANALYZE.
//!
//! The estimates are PostgreSQL's: distinct values by Haas and Stokes' Duj1 from how many values the sample has once, most
//! common values as far as they are surely more common than the others, a histogram of the rest, and how far the order of
//! values is that of rows. Where the sample is the whole table, they are what PostgreSQL finds.

use std::cmp::Ordering;
use types::vector::Order;
use types::{Item, Numeric, Value, Vector};

/// Values that are longer count, but are not looked at.
const WIDE: usize = 1024;
/// Columns with more different values than this part of the rows are taken to grow with them.
const GROWING: f64 = 0.1;

/// What is known of a sampled column besides its values.
#[derive(Debug, Clone, Copy)]
pub struct Sampled<'s> {
    /// How its values compare, if they do.
    pub order: Option<&'s Order>,
    /// `typlen`: the bytes of each value, if they are the same for all.
    pub length: i16,
    /// How many rows the table has.
    pub rows: f64,
    /// How many most common values, and parts of the histogram, are wanted at most.
    pub target: usize,
    /// Whether values are computed, so that they do not lie as closely as those in rows.
    pub computed: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Which part is null.
    pub null_fraction: f64,
    /// Bytes of a value on average.
    pub width: i32,
    /// How many different values; negative: minus their part of the rows.
    pub distinct: f64,
    /// The most common values, and which part of the rows they are.
    pub common: Vec<(Value, f64)>,
    /// Values between which equally many rows lie, the most common ones left out.
    pub histogram: Vec<Value>,
    /// How far the order of values is that of rows.
    pub correlation: Option<f64>,
}

/// A value that the sample has more than once, or once: where it begins among the sorted ones, and how often it is there.
#[derive(Clone, Copy)]
struct Group {
    first: usize,
    count: usize,
}

/// The statistics of a column by the values of a sample, in the order of rows; none of an empty one.
pub fn column_statistics(values: &Vector, sampled: &Sampled<'_>) -> Option<Statistics> {
    let sample = values.len();
    if sample == 0 {
        return None;
    }
    let present: Vec<u32> = (0..sample as u32).filter(|row| !values.is_null(*row as usize)).collect();
    let mut found = Statistics {
        null_fraction: (sample - present.len()) as f64 / sample as f64,
        width: average_width(values, &present, sampled),
        ..Statistics::default()
    };
    let Some(order) = sampled.order.filter(|_| !present.is_empty()) else { return Some(found) };
    let kept: Vec<u32> =
        present.iter().copied().filter(|row| !is_wide(&values.item(*row as usize))).collect();
    let wide = present.len() - kept.len();
    if kept.is_empty() {
        // They are long: one takes them to be different.
        found.distinct = found.null_fraction - 1.0;
        return Some(found);
    }
    let sorted = sorted(values, &kept, order);
    let groups = groups(values, &kept, &sorted, order);
    let several = groups.iter().filter(|group| group.count > 1).count();
    let is_all = several == groups.len() && wide == 0;
    found.distinct = if several == 0 {
        found.null_fraction - 1.0
    } else if is_all {
        groups.len() as f64
    } else {
        let once = groups.len() - several + wide;
        duj1(sampled.rows * (1.0 - found.null_fraction), present.len() as f64, once as f64, several as f64)
    };
    if found.distinct > GROWING * sampled.rows {
        found.distinct = -(found.distinct / sampled.rows);
    }
    let common = common(&groups, sample, sampled, &found, wide == 0);
    let value = |place: usize| values.value(kept[sorted[place] as usize] as usize);
    found.common =
        common.iter().map(|group| (value(group.first), group.count as f64 / sample as f64)).collect();
    let bounds = histogram(&groups, &common, sorted.len(), sampled.target);
    found.histogram = bounds.into_iter().map(value).collect();
    found.correlation = correlation(&sorted);
    Some(found)
}

/// Places among the kept values, in the order of the values, equal ones in the order of rows.
fn sorted(values: &Vector, kept: &[u32], order: &Order) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..kept.len() as u32).collect();
    let item = |place: &u32| values.item(kept[*place as usize] as usize);
    sorted.sort_by(|one, other| order.compare(&item(one), &item(other)).then(one.cmp(other)));
    sorted
}

fn groups(values: &Vector, kept: &[u32], sorted: &[u32], order: &Order) -> Vec<Group> {
    let item = |place: usize| values.item(kept[sorted[place] as usize] as usize);
    let mut groups: Vec<Group> = Vec::new();
    for place in 0..sorted.len() {
        match groups.last_mut() {
            Some(group) if order.compare(&item(group.first), &item(place)) == Ordering::Equal => {
                group.count += 1
            }
            Some(_) | None => groups.push(Group { first: place, count: 1 }),
        }
    }
    groups
}

/// How many different values so many rows have, of which a sample has so many once and so many several times.
pub(crate) fn duj1(rows: f64, sample: f64, once: f64, several: f64) -> f64 {
    if rows <= 0.0 {
        return 0.0;
    }
    let found = once + several;
    let estimate = sample * found / ((sample - once) + once * sample / rows);
    (estimate.clamp(found, rows.max(found)) + 0.5).floor()
}

/// The most common values, the most common first.
fn common(
    groups: &[Group],
    sample: usize,
    sampled: &Sampled<'_>,
    found: &Statistics,
    none_wide: bool,
) -> Vec<Group> {
    let mut common: Vec<Group> = groups.iter().copied().filter(|group| group.count > 1).collect();
    let all = common.len() == groups.len();
    common.sort_by_key(|value| std::cmp::Reverse(value.count));
    let fit = common.len() <= sampled.target;
    common.truncate(sampled.target);
    // All there are: then there is no rest to be described otherwise.
    if all && none_wide && fit && found.distinct > 0.0 {
        return common;
    }
    surely_common(&mut common, sample as f64, sampled.rows, found);
    common
}

/// Leaves those that are more common than the others by more than two standard deviations (of a hypergeometric
/// distribution: the sample was drawn without putting back).
fn surely_common(common: &mut Vec<Group>, sample: f64, rows: f64, found: &Statistics) {
    if sample >= rows || rows <= 1.0 {
        return;
    }
    let distinct = if found.distinct < 0.0 { -found.distinct * rows } else { found.distinct };
    while let Some(last) = common.last() {
        let count = last.count as f64;
        let before: usize = common[..common.len() - 1].iter().map(|group| group.count).sum();
        let mut others = (1.0 - before as f64 / sample - found.null_fraction).clamp(0.0, 1.0);
        let many = distinct - (common.len() - 1) as f64;
        if many > 1.0 {
            others /= many;
        }
        let there = rows * count / sample;
        let variance = sample * there * (rows - there) * (rows - sample) / (rows * rows * (rows - 1.0));
        if count > others * sample + 2.0 * variance.sqrt() + 0.5 {
            return;
        }
        common.pop();
    }
}

/// Places among the sorted values of the bounds between which equally many of the others lie.
fn histogram(groups: &[Group], common: &[Group], sorted: usize, target: usize) -> Vec<usize> {
    let bounds = (groups.len() - common.len()).min(target + 1);
    if bounds < 2 {
        return Vec::new();
    }
    let mut left_out: Vec<Group> = common.to_vec();
    left_out.sort_by_key(|group| group.first);
    let others = sorted - common.iter().map(|group| group.count).sum::<usize>();
    let mut left_out = left_out.into_iter().peekable();
    let mut skipped = 0;
    (0..bounds)
        .map(|bound| {
            let place = bound * (others - 1) / (bounds - 1);
            while let Some(group) = left_out.next_if(|group| group.first <= place + skipped) {
                skipped += group.count;
            }
            place + skipped
        })
        .collect()
}

/// Pearson's coefficient of the places of values and rows, which are both the numbers from 0 on.
fn correlation(sorted: &[u32]) -> Option<f64> {
    if sorted.len() < 2 {
        return None;
    }
    let many = sorted.len() as f64;
    let products: f64 = sorted.iter().enumerate().map(|(place, row)| place as f64 * f64::from(*row)).sum();
    let sum = (many - 1.0) * many / 2.0;
    let squares = (many - 1.0) * many * (2.0 * many - 1.0) / 6.0;
    Some((many * products - sum * sum) / (many * squares - sum * sum))
}

fn average_width(values: &Vector, present: &[u32], sampled: &Sampled<'_>) -> i32 {
    if sampled.length > 0 {
        return i32::from(sampled.length);
    }
    if present.is_empty() {
        return 0;
    }
    let bytes = |row: &u32| stored_bytes(&values.item(*row as usize), sampled.computed);
    let total: usize = present.iter().map(bytes).sum();
    i32::try_from(total / present.len()).unwrap_or(i32::MAX)
}

/// How many bytes PostgreSQL takes for a value of no fixed length.
fn stored_bytes(item: &Item<'_>, computed: bool) -> usize {
    let content = match item {
        Item::Bytes(bytes) => bytes.len(),
        Item::Numeric(number) => 2 + 2 * numeric_digits(number),
        Item::Null => return 0,
        Item::Bool(_)
        | Item::Int16(_)
        | Item::Int32(_)
        | Item::Int64(_)
        | Item::Float32(_)
        | Item::Float64(_)
        | Item::Interval(_)
        | Item::TimeTz(_)
        | Item::Uuid(_) => 16,
    };
    // A header of one byte, or of four.
    if content < 127 && !computed { content + 1 } else { content + 4 }
}

/// How many digits to the base of ten thousand a number has.
fn numeric_digits(number: &Numeric) -> usize {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.trim_start_matches(['-', '0']).len();
    let fraction = fraction.trim_end_matches('0');
    let leading = if whole == 0 { fraction.len() - fraction.trim_start_matches('0').len() } else { 0 };
    whole.div_ceil(4) + fraction.len().div_ceil(4) - leading / 4
}

fn is_wide(item: &Item<'_>) -> bool {
    matches!(item, Item::Bytes(bytes) if bytes.len() > WIDE)
}
