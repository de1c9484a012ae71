//! Functions that look at what a query yields: `ts_stat`, and `ts_rewrite` by a query. Whoever binds a call puts the query's
//! rows, as an array, in the place of its text.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, internal};
use search::lexemes::Weight;
use search::{Lexemes, Query};
use std::collections::BTreeMap;
use types::array::ArrayView;
use types::record::RecordView;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// In how many documents a word is, and how often: of these weights alone, if some are given.
pub(crate) fn ts_stat(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let weights = match arguments.vectors.get(1) {
        None => None,
        Some(_) => {
            let letters = argument::<&str>(arguments, 1)?.at(row)?;
            Some(letters.chars().filter_map(Weight::from_letter).fold(0, |all, weight| all | weight.bit()))
        }
    };
    let Item::Bytes(bytes) = arguments.vectors[0].item(row) else { return Ok(Made::source(Vec::new())) };
    let documents = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
    let mut found: BTreeMap<String, (i32, i32)> = BTreeMap::new();
    for document in documents.items() {
        let Item::Bytes(document) = document else { continue };
        let lexemes = Lexemes::from_bytes(document).ok_or_else(|| internal("damaged tsvector"))?;
        for lexeme in lexemes.entries() {
            let times = match weights {
                // A word without places is there once.
                None => lexeme.positions.len().max(1),
                Some(weights) => {
                    lexeme.positions.iter().filter(|position| position.weight.bit() & weights != 0).count()
                }
            };
            if times > 0 {
                let entry = found.entry(lexeme.text.to_string()).or_default();
                entry.0 += 1;
                entry.1 += i32::try_from(times).unwrap_or(i32::MAX);
            }
        }
    }
    let mut words = VectorBuilder::new(Kind::Bytes, found.len());
    let (mut documents, mut entries) =
        (VectorBuilder::new(Kind::Int32, found.len()), VectorBuilder::new(Kind::Int32, found.len()));
    for (word, (in_documents, times)) in &found {
        words.push_bytes(word.as_bytes())?;
        documents.push(&Value::Int32(*in_documents))?;
        entries.push(&Value::Int32(*times))?;
    }
    Ok(Made::source(vec![words.finish(), documents.finish(), entries.finish()]))
}

/// A query in which, pair by pair, the first is replaced by the second.
pub(crate) fn rewrite_by_query(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let mut builder = VectorBuilder::new(Kind::Bytes, arguments.rows);
    for row in 0..arguments.rows {
        let query = argument::<Query>(arguments, 0)?.at(row)?;
        let mut by_pairs = Vec::new();
        if let Item::Bytes(bytes) = arguments.vectors[1].item(row) {
            let pairs = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
            for pair in pairs.items() {
                let Item::Bytes(pair) = pair else { continue };
                let pair = RecordView::new(pair).ok_or_else(|| internal("damaged record"))?;
                let (Item::Bytes(wanted), Item::Bytes(by)) = (pair.item(0), pair.item(1)) else { continue };
                if let (Some(wanted), Some(by)) = (Query::from_bytes(wanted), Query::from_bytes(by)) {
                    by_pairs.push((wanted, by));
                }
            }
        }
        builder.push_bytes(&query.rewritten_by(&by_pairs).to_bytes())?;
    }
    Ok(builder.finish())
}
