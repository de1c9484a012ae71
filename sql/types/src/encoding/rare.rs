//! Letters of three bytes in EUC_JP, which the web reads but does not write: those of the second standard of kanji, and behind them
//! IBM's, in the order in which Shift JIS has them.

use encoding_rs::{EUC_JP, SHIFT_JIS};
use std::collections::BTreeMap;

/// What such a character begins with.
const BEGIN: u8 = 0x8f;
/// Where the first and the last place of a row are.
const ROW: std::ops::RangeInclusive<u8> = 0xa1..=0xfe;
/// Where IBM's letters begin.
const IBM: [u8; 2] = [0xf3, 0xf3];

fn single(web: &'static encoding_rs::Encoding, bytes: &[u8]) -> Option<char> {
    let read = web.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut letters = read.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// All places of some rows.
fn places(rows: std::ops::RangeInclusive<u8>) -> impl Iterator<Item = [u8; 2]> {
    rows.flat_map(|row| ROW.map(move |column| [row, column]))
}

/// The letters of the second standard, with their places.
fn standard() -> impl Iterator<Item = (char, [u8; 2])> {
    places(0xa1..=0xf3).take_while(|place| *place < IBM).filter_map(|place| match place {
        // A tilde is none of them, and a bar is as wide as the others.
        [0xa2, 0xb7] => None,
        [0xa2, 0xc3] => Some(('\u{ffe4}', place)),
        [row, column] => Some((single(EUC_JP, &[BEGIN, row, column])?, place)),
    })
}

/// IBM's letters in their order.
fn ibm() -> impl Iterator<Item = char> {
    let columns = (0x40..=0x7e).chain(0x80..=0xfc);
    let all = (0xfa..=0xfc_u8).flat_map(move |row| columns.clone().map(move |column: u8| [row, column]));
    let all = all.take_while(|place| *place <= [0xfc, 0x4b]);
    // Two that the first standard has.
    all.filter_map(|place| single(SHIFT_JIS, &place))
        .filter(|letter| !matches!(letter, '\u{ffe2}' | '\u{2235}'))
}

/// The letters and their places, looked up when the first of them is asked for.
#[derive(Default)]
pub(super) struct Rare(Option<Tables>);

struct Tables {
    places: BTreeMap<char, [u8; 2]>,
    letters: BTreeMap<[u8; 2], char>,
}

impl Tables {
    fn new() -> Tables {
        let mut known: BTreeMap<char, [u8; 2]> = standard().collect();
        // What the standard has is not written a second time, but for the sign of numbers.
        let others: Vec<char> =
            ibm().filter(|letter| *letter == '\u{2116}' || !known.contains_key(letter)).collect();
        let behind = places(IBM[0]..=0xf4).skip_while(|place| *place < IBM);
        let others: Vec<_> = others.into_iter().zip(behind).collect();
        let letters =
            standard().chain(others.iter().copied()).map(|(letter, place)| (place, letter)).collect();
        known.extend(others);
        known.insert('\u{a6}', [0xa2, 0xc3]);
        Tables { places: known, letters }
    }
}

impl Rare {
    /// The letter of the two bytes behind the first.
    pub(super) fn read(&mut self, place: [u8; 2]) -> Option<char> {
        self.0.get_or_insert_with(Tables::new).letters.get(&place).copied()
    }

    /// The bytes of a letter.
    pub(super) fn write(&mut self, letter: char) -> Option<Vec<u8>> {
        let place = self.0.get_or_insert_with(Tables::new).places.get(&letter);
        place.map(|[row, column]| vec![BEGIN, *row, *column])
    }
}
