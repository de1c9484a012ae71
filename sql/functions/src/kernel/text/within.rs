//! A text looked for in all texts of a vector at once: they lie one after the other, and most of them are passed over without
//! being looked at by themselves.

use crate::error::FunctionResult;
use diagnostic::room;
use memchr::memmem::Finder;
use types::vector::{BytesBuilder, BytesVector};

/// Calls `each` with the rows that have `needle` within their texts, ascending, and where in the text it is first.
pub(super) fn rows_with(
    texts: &BytesVector,
    needle: &Finder<'_>,
    mut each: impl FnMut(usize, usize) -> FunctionResult<()>,
) -> FunctionResult<()> {
    let ends = texts.ends();
    let all = &texts.buffer()[..ends.last().map_or(0, |end| *end as usize)];
    let (mut row, mut start) = (0, texts.first() as usize);
    let mut from = start;
    while let Some(place) = needle.find(&all[from..]) {
        let place = from + place;
        while ends[row] as usize <= place {
            start = ends[row] as usize;
            row += 1;
        }
        let end = ends[row] as usize;
        // What begins here in the midst of a text and goes on in the next one leaves no room for another before the end.
        if place + needle.needle().len() <= end {
            each(row, place - start)?;
        }
        (start, from) = (end, end);
        row += 1;
    }
    Ok(())
}

/// The texts with `by` in place of `needle`, which is not empty, wherever it is.
pub(super) fn replaced(texts: &BytesVector, needle: &Finder<'_>, by: &[u8]) -> FunctionResult<BytesVector> {
    let ends = texts.ends();
    let all = &texts.buffer()[..ends.last().map_or(0, |end| *end as usize)];
    let find = |from: usize| needle.find(&all[from..]).map_or(usize::MAX, |place| from + place);
    let (view, mut builder) = (texts.view(), BytesBuilder::with_capacity(texts.len(), texts.total()));
    let mut from = texts.first() as usize;
    let mut next = find(from);
    for (row, end) in ends.iter().enumerate() {
        let (start, end) = (from, *end as usize);
        builder.push_with(|out| {
            let before = out.len();
            while next < end && next + needle.needle().len() <= end {
                room(out.len() - before, next - from)?;
                room(out.len() - before + (next - from), by.len())?;
                out.extend_from_slice(&all[from..next]);
                out.extend_from_slice(by);
                from = next + needle.needle().len();
                next = find(from);
            }
            room(out.len() - before, end - from)?;
            view.stretch(row).part(from - start, end - start).append_to(out);
            FunctionResult::Ok(())
        })?;
        if next < end {
            // It begins in the midst of this text and goes on in the next one.
            next = find(end);
        }
        from = end;
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::{replaced, rows_with};
    use memchr::memmem::Finder;
    use types::vector::BytesBuilder;

    /// What begins in one text and ends in the next is in neither, whatever follows it.
    #[test]
    fn nothing_is_found_across_texts() {
        let texts = ["xaab", "ab", "aa", "ba", "", "aab", "aabaab", "a", "ab", "aaaab"];
        let mut builder = BytesBuilder::default();
        texts.iter().for_each(|text| builder.push(text.as_bytes()).unwrap());
        let all = builder.finish();
        for start in 0..texts.len() {
            let (some, vector) = (&texts[start..], all.slice(start, texts.len()));
            for needle in ["aab", "ab", "a", "aa", "baa", "x", "ba", "aabaab"] {
                let finder = Finder::new(needle);
                let mut found = vec![None; some.len()];
                rows_with(&vector, &finder, |row, place| {
                    found[row] = Some(place);
                    Ok(())
                })
                .unwrap();
                let expected: Vec<Option<usize>> = some.iter().map(|text| text.find(needle)).collect();
                assert_eq!(found, expected, "{needle} in {some:?}");
                for by in ["", "z", "aab", "long enough"] {
                    let made = replaced(&vector, &finder, by.as_bytes()).unwrap();
                    let expected: Vec<String> = some.iter().map(|text| text.replace(needle, by)).collect();
                    let made: Vec<&[u8]> = made.iter().collect();
                    assert_eq!(made, expected.iter().map(String::as_bytes).collect::<Vec<_>>());
                }
            }
        }
    }
}
