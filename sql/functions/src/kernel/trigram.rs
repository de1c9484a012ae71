//! What the `pg_trgm` extension's functions compute: how similar texts are, by the trigrams that they have in common.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, SessionFunction};
use crate::kernel::loops::{argument, collect, scalar};
use diagnostic::SqlState;
use std::collections::BTreeMap;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::trigram::{self, Place, Trigram, share};
use types::{Item, Kind, Vector};

const SIMILARITY: &str = "pg_trgm.similarity_threshold";
const WORD: &str = "pg_trgm.word_similarity_threshold";
const STRICT_WORD: &str = "pg_trgm.strict_word_similarity_threshold";

/// How similar two texts are as wholes.
fn similar(one: &str, other: &str) -> f32 {
    let (one, other) = (trigram::sorted(one), trigram::sorted(other));
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let both = one.iter().filter(|found| other.binary_search(found).is_ok()).count();
    share(both, one.len(), other.len())
}

/// The trigrams of the longer text, by numbers.
struct Within {
    /// The number of each, in the text's order.
    numbers: Vec<usize>,
    places: Vec<Place>,
    /// Whether the trigram of a number is one of those that are looked for.
    found: Vec<bool>,
    /// How many different ones are looked for.
    wanted: usize,
}

impl Within {
    fn new(word: &str, text: &str) -> Within {
        let wanted = trigram::sorted(word);
        let (all, places) = trigram::in_order(text);
        let mut known: BTreeMap<Trigram, usize> = BTreeMap::new();
        let numbers = all.into_iter().map(|found| {
            let next = known.len();
            *known.entry(found).or_insert(next)
        });
        let numbers = numbers.collect();
        let mut found = vec![false; known.len()];
        known.iter().for_each(|(trigram, number)| found[*number] = wanted.binary_search(trigram).is_ok());
        Within { numbers, places, found, wanted: wanted.len() }
    }

    /// How similar what is looked for is to the most similar extent of the text: of whole words if it is `strict`.
    fn most_similar(&self, strict: bool) -> f32 {
        let mut last: Vec<Option<usize>> = vec![None; self.found.len()];
        let mut lower = strict.then_some(0);
        let (mut different, mut common, mut most) = (0, 0, 0.0f32);
        for (at, number) in self.numbers.iter().copied().enumerate() {
            if lower.is_some() || self.found[number] {
                if last[number].is_none() {
                    different += 1;
                    common += usize::from(self.found[number]);
                }
                last[number] = Some(at);
            }
            let may_end = if strict { self.places[at].last } else { self.found[number] };
            if !may_end {
                continue;
            }
            let from = *lower.get_or_insert_with(|| {
                different = 1;
                at
            });
            let mut best = (share(common, self.wanted, different), from, different, common);
            let (mut fewer, mut fewer_common) = (different, common);
            for begin in from..=at {
                if !strict || self.places[begin].first {
                    let now = share(fewer_common, self.wanted, fewer);
                    if now > best.0 {
                        best = (now, begin, fewer, fewer_common);
                    }
                }
                let left = self.numbers[begin];
                if last[left] == Some(begin) {
                    fewer -= 1;
                    fewer_common -= usize::from(self.found[left]);
                }
            }
            most = most.max(best.0);
            for passed in from..best.1 {
                let left = self.numbers[passed];
                if last[left] == Some(passed) {
                    last[left] = None;
                }
            }
            (lower, different, common) = (Some(best.1), best.2, best.3);
        }
        most
    }
}

fn word(word: &str, text: &str, strict: bool) -> f32 {
    Within::new(word, text).most_similar(strict)
}

scalar! {
    fn similarity(a: &str, b: &str) -> f32 { similar(a, b) }
    fn similarity_dist(a: &str, b: &str) -> f32 { 1.0 - similar(a, b) }
    fn word_similarity(a: &str, b: &str) -> f32 { word(a, b, false) }
    fn word_distance(a: &str, b: &str) -> f32 { 1.0 - word(a, b, false) }
    fn word_distance_turned(a: &str, b: &str) -> f32 { 1.0 - word(b, a, false) }
    fn strict_word_similarity(a: &str, b: &str) -> f32 { word(a, b, true) }
    fn strict_word_distance(a: &str, b: &str) -> f32 { 1.0 - word(a, b, true) }
    fn strict_word_distance_turned(a: &str, b: &str) -> f32 { 1.0 - word(b, a, true) }
}

/// Whether texts are as similar as a setting says.
fn reaches(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    (setting, measure): (&str, fn(&str, &str) -> f32),
) -> FunctionResult<Vector> {
    let (one, other) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let least = context.session.number_setting(setting);
    collect::<bool>(arguments.rows, |row| Ok(f64::from(measure(one.at(row)?, other.at(row)?)) >= least))
}

macro_rules! tests {
    ($($name:ident: $setting:expr, $measure:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            reaches(context, arguments, ($setting, $measure))
        })*
    };
}

tests! {
    similarity_op: SIMILARITY, similar;
    word_similarity_op: WORD, |a, b| word(a, b, false);
    word_similarity_turned_op: WORD, |a, b| word(b, a, false);
    strict_word_similarity_op: STRICT_WORD, |a, b| word(a, b, true);
    strict_word_similarity_turned_op: STRICT_WORD, |a, b| word(b, a, true);
}

/// The trigrams of a text, as texts.
pub(crate) fn show_trgm(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let texts = argument::<&str>(arguments, 0)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let mut array = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
        for found in trigram::sorted(texts.at(row)?) {
            array.push(&Item::Bytes(trigram::shown(found).as_bytes()));
        }
        Ok(array.finish_list())
    })
}

/// What the setting of `%` says.
pub(crate) fn show_limit(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let limit = context.session.number_setting(SIMILARITY) as f32;
    collect::<f32>(arguments.rows, |_| Ok(limit))
}

/// Sets it.
pub(crate) fn set_limit(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let limits = argument::<f32>(arguments, 0)?;
    collect::<f32>(arguments.rows, |row| {
        let limit = limits.at(row)?;
        let text = limit.to_string();
        let given = [Item::Bytes(SIMILARITY.as_bytes()), Item::Bytes(text.as_bytes()), Item::Bool(false)];
        context.session.call(SessionFunction::SetSetting, arguments.site, &given)?;
        Ok(limit)
    })
}

/// Values that only an index has: nobody writes them.
pub(crate) fn refused(_: &mut Context<'_>, _: &Arguments<'_>) -> FunctionResult<Vector> {
    Err(FunctionError::plain(SqlState::InternalError, "not implemented".to_owned()))
}
