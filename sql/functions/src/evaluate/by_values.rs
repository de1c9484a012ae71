//! Calls whose only argument that varies is texts that a dictionary tells: they are made once of each of its values, and kept beside
//! what else a statement keeps ([`Cache`](super::Cache)), as the rows that come next mostly have the same dictionary.
//!
//! What holds
//! 1. Nothing is made of values before there were as many rows as there are values, so that it is never more work than to make it of
//!    each row, and once more.
//! 2. A value that no row has may fail: then all is made row by row.

use super::call::Site;
use super::context::Context;
use super::pieces::PIECE_BYTES;
use crate::error::FunctionResult;
use crate::table::Volatility;
use diagnostic::Diagnostic;
use std::collections::VecDeque;
use std::sync::Arc;
use types::vector::{BytesVector, Data, Dictionary, Repeats};
use types::{Item, Value, Vector};

/// So many calls are remembered.
const CALLS_MAX: usize = 16;

/// What functions have made of the values of dictionaries, those that were asked for last first.
#[derive(Debug, Default)]
pub(super) struct MadeOfValues {
    calls: VecDeque<Made>,
}

/// What a call has made.
#[derive(Debug)]
struct Made {
    site: Site,
    /// Which argument the values are, and what all others are.
    place: usize,
    constants: Vec<Value>,
    /// The longest that was seen of its lineage.
    dictionary: Arc<Dictionary>,
    result: Results,
}

#[derive(Debug)]
enum Results {
    /// So many rows were made one by one.
    Waiting(usize),
    /// Of the first values; the results are a dictionary, too, if they are texts.
    Made(Vector, Option<Arc<Dictionary>>),
    /// One fails, or they are much.
    No,
}

fn is_same(item: &Item<'_>, value: &Value) -> bool {
    match (item, value) {
        (Item::Bytes(item), Value::Bytes(value)) => **item == **value,
        (item, value) => item.to_value() == *value,
    }
}

impl Made {
    fn is_of(&self, site: &Site, place: usize, vectors: &[Vector], dictionary: &Dictionary) -> bool {
        let others = vectors.iter().enumerate().filter(|(index, _)| *index != place);
        self.place == place
            && self.dictionary.is_of_lineage(dictionary)
            && self.site.is_same(site)
            && others.zip(&self.constants).all(|((_, vector), value)| is_same(&vector.item(0), value))
    }
}

impl MadeOfValues {
    /// What is known of a call, as the first of all.
    fn of(
        &mut self,
        (site, place, vectors): (&Site, usize, &[Vector]),
        dictionary: &Arc<Dictionary>,
    ) -> &mut Made {
        let known = self.calls.iter().position(|call| call.is_of(site, place, vectors, dictionary));
        let call = known.and_then(|at| self.calls.remove(at)).unwrap_or_else(|| {
            let others = vectors.iter().enumerate().filter(|(index, _)| *index != place);
            Made {
                site: site.clone(),
                place,
                constants: others.map(|(_, vector)| vector.value(0)).collect(),
                dictionary: Arc::clone(dictionary),
                result: Results::Waiting(0),
            }
        });
        self.calls.truncate(CALLS_MAX - 1);
        self.calls.push_front(call);
        &mut self.calls[0]
    }
}

impl Site {
    /// Whether it is the same call of the same function, though it may stand elsewhere.
    fn is_same(&self, other: &Site) -> bool {
        let Site { function, native, arguments, result, variadic, columns } = self;
        std::ptr::eq(*function, other.function)
            && (native, result, variadic) == (&other.native, &other.result, &other.variadic)
            && *arguments == other.arguments
            && columns.is_empty()
            && other.columns.is_empty()
    }

    /// Computes once for each value of the only argument that varies, where a dictionary tells them. `None` if none does, or if it is
    /// better done row by row. (That a statement is to stop is no failure of a value.)
    pub(super) fn by_values(
        &self,
        context: &mut Context<'_>,
        vectors: &[Vector],
        run: impl Fn(&mut Context<'_>, &[Vector], usize) -> FunctionResult<Vector>,
    ) -> FunctionResult<Option<Vector>> {
        let mut varying = vectors.iter().enumerate().filter(|(_, vector)| !vector.is_constant());
        let (Some((place, vector)), None) = (varying.next(), varying.next()) else { return Ok(None) };
        let repeats = vector.bytes().and_then(BytesVector::numbered).filter(|_| !vector.has_nulls());
        let (Some(repeats), Volatility::Immutable) = (repeats, self.function.volatility) else {
            return Ok(None);
        };
        let dictionary = repeats.dictionary();
        let call = context.cache.of_values.of((self, place, vectors), dictionary);
        let first = match &mut call.result {
            Results::No => return Ok(None),
            Results::Made(made, texts) if made.len() >= dictionary.len() => {
                return expanded(repeats, made, texts.as_ref());
            }
            Results::Made(made, _) => made.len(),
            Results::Waiting(rows) => {
                *rows += repeats.numbers().len();
                if *rows < dictionary.len() {
                    return Ok(None);
                }
                0
            }
        };
        let count = dictionary.len() - first;
        let of = |(index, vector): (usize, &Vector)| match index == place {
            true => dictionary.vector().slice(first, count),
            false => vector.slice(0, 1).repeat(0, count),
        };
        let new: Vec<Vector> = vectors.iter().enumerate().map(of).collect();
        let made = run(context, &new, count);
        let call = context.cache.of_values.of((self, place, vectors), dictionary);
        match made {
            Ok(made) => call.add(made, dictionary)?,
            Err(error) if error.sqlstate().is_intervention() => return Err(error),
            Err(_) => call.result = Results::No,
        }
        match &call.result {
            Results::Made(made, texts) => expanded(repeats, made, texts.as_ref()),
            Results::Waiting(_) | Results::No => Ok(None),
        }
    }
}

impl Made {
    /// More was made, of the values behind those of which something was made.
    fn add(&mut self, more: Vector, dictionary: &Arc<Dictionary>) -> FunctionResult<()> {
        let (all, before) = match &self.result {
            Results::Made(made, texts) => (Vector::concat(more.kind(), &[made, &more])?, texts.clone()),
            Results::Waiting(_) | Results::No => (more, None),
        };
        self.dictionary = Arc::clone(dictionary);
        self.result = match all.data() {
            Data::Bytes(values) if values.total() > PIECE_BYTES => Results::No,
            Data::Bytes(values) if !all.is_constant() => {
                let texts = match &before {
                    Some(before) => before.grown(values.clone()),
                    None => Dictionary::new(values.clone()),
                };
                Results::Made(all, Some(Arc::new(texts)))
            }
            _ => Results::Made(all, None), // of fixed width, or the same for all
        };
        Ok(())
    }
}

/// What was made for each row; `None` if that is much, which is made piece by piece.
fn expanded(
    repeats: &Repeats,
    made: &Vector,
    texts: Option<&Arc<Dictionary>>,
) -> FunctionResult<Option<Vector>> {
    let made = made.slice(0, repeats.dictionary().len());
    if repeats.bytes_for_rows(&made) > PIECE_BYTES {
        return Ok(None);
    }
    Ok(Some(repeats.expand(&made, texts)?))
}
