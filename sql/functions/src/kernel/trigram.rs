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

/// An extent of the text.
#[derive(Clone, Copy)]
struct Extent {
    /// Where it begins.
    begin: usize,
    /// How many different trigrams it has, and how many of them are looked for.
    different: usize,
    common: usize,
}

/// How many beginnings of extents are tried until it is asked whether the statement is to stop.
const BEGINNINGS_UNCHECKED: usize = 1 << 14;

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
    fn most_similar(&self, context: &mut Context<'_>, strict: bool) -> FunctionResult<f32> {
        let nexts = self.next_begins(strict);
        // Where each trigram of the extent stands for the last time, by its number and by the places.
        let mut last: Vec<Option<usize>> = vec![None; self.found.len()];
        let mut lasts: BTreeMap<usize, usize> = BTreeMap::new();
        let mut extent = strict.then_some(Extent { begin: 0, different: 0, common: 0 });
        let (mut most, mut tried) = (0.0f32, 0);
        for (at, number) in self.numbers.iter().copied().enumerate() {
            let found = self.found[number];
            let may_end = if strict { self.places[at].last } else { found };
            if extent.is_none() && !found {
                continue;
            }
            let now = extent.get_or_insert(Extent { begin: at, different: 0, common: 0 });
            match last[number].replace(at) {
                Some(before) => drop(lasts.remove(&before)),
                None => {
                    now.different += 1;
                    now.common += usize::from(found);
                }
            }
            lasts.insert(at, number);
            if !may_end {
                continue;
            }
            tried += lasts.len();
            if tried > BEGINNINGS_UNCHECKED {
                context.session.check()?;
                tried = 0;
            }
            let (similar, best) = self.best_begin(*now, &lasts, (&nexts, at));
            most = most.max(similar);
            *now = best;
            while let Some(passed) = lasts.first_entry().filter(|passed| *passed.key() < best.begin) {
                last[passed.remove()] = None;
            }
        }
        Ok(most)
    }

    /// For each place, the next one behind it where an extent may begin.
    fn next_begins(&self, strict: bool) -> Vec<usize> {
        let mut next = self.places.len();
        let mut nexts = vec![next; next];
        for (at, place) in self.places.iter().enumerate().rev() {
            nexts[at] = next;
            if !strict || place.first {
                next = at;
            }
        }
        nexts
    }

    /// How similar an extent that ends at a place is, if it begins where it is most similar; of several such places, at the first.
    ///
    /// It has fewer trigrams only if it begins behind a place where one stands for the last time.
    fn best_begin(
        &self,
        whole: Extent,
        lasts: &BTreeMap<usize, usize>,
        (nexts, end): (&[usize], usize),
    ) -> (f32, Extent) {
        let similar = |extent: Extent| share(extent.common, self.wanted, extent.different);
        let (mut most, mut best, mut left) = (similar(whole), whole, whole);
        let mut places = lasts.iter().peekable();
        while let Some((place, number)) = places.next() {
            let begin = nexts[*place];
            if begin > end {
                break;
            }
            left = Extent {
                begin,
                different: left.different - 1,
                common: left.common - usize::from(self.found[*number]),
            };
            if places.peek().is_some_and(|(next, _)| **next < begin) {
                continue;
            }
            let now = similar(left);
            if now > most {
                (most, best) = (now, left);
            }
        }
        (most, best)
    }
}

fn word(context: &mut Context<'_>, word: &str, text: &str, strict: bool) -> FunctionResult<f32> {
    Within::new(word, text).most_similar(context, strict)
}

scalar! {
    fn similarity(a: &str, b: &str) -> f32 { similar(a, b) }
    fn similarity_dist(a: &str, b: &str) -> f32 { 1.0 - similar(a, b) }
    fn word_similarity[context](a: &str, b: &str) -> f32 { word(context, a, b, false)? }
    fn word_distance[context](a: &str, b: &str) -> f32 { 1.0 - word(context, a, b, false)? }
    fn word_distance_turned[context](a: &str, b: &str) -> f32 { 1.0 - word(context, b, a, false)? }
    fn strict_word_similarity[context](a: &str, b: &str) -> f32 { word(context, a, b, true)? }
    fn strict_word_distance[context](a: &str, b: &str) -> f32 { 1.0 - word(context, a, b, true)? }
    fn strict_word_distance_turned[context](a: &str, b: &str) -> f32 { 1.0 - word(context, b, a, true)? }
}

/// How similar two texts are by one of the measures.
type Measure = fn(&mut Context<'_>, &str, &str) -> FunctionResult<f32>;

/// Whether texts are as similar as a setting says.
fn reaches(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    (setting, measure): (&str, Measure),
) -> FunctionResult<Vector> {
    let (one, other) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let least = context.session.number_setting(setting);
    collect::<bool>(arguments.rows, |row| {
        Ok(f64::from(measure(context, one.at(row)?, other.at(row)?)?) >= least)
    })
}

macro_rules! tests {
    ($($name:ident: $setting:expr, $measure:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            reaches(context, arguments, ($setting, $measure))
        })*
    };
}

tests! {
    similarity_op: SIMILARITY, |_, a, b| Ok(similar(a, b));
    word_similarity_op: WORD, |context, a, b| word(context, a, b, false);
    word_similarity_turned_op: WORD, |context, a, b| word(context, b, a, false);
    strict_word_similarity_op: STRICT_WORD, |context, a, b| word(context, a, b, true);
    strict_word_similarity_turned_op: STRICT_WORD, |context, a, b| word(context, b, a, true);
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
