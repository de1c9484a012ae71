//! What rules make of words, in all ways in which files are written. The files are made up; PostgreSQL says the same of them.

use super::Ispell;
use super::affixes::Affixes;
use std::collections::BTreeSet;

const WORDS: &str = "book/GRUS\nsky/Y\nball/Z\nfoot/Z\n";

const OLDER: &str = "compoundwords controlled z\nprefixes\nflag *r:\n  . > RE\nflag u:\n  . > UN\nsuffixes\nflag *g:\n  [^E] > ING\n\
                     flag *s:\n  [^Y] > S\nflag y:\n  Y > -Y,IES\n";

fn lexemes(affixes: &str, words: &str, word: &str) -> Option<Vec<(u16, String)>> {
    let made = Ispell::of(Affixes::read(affixes).unwrap(), words, BTreeSet::new()).unwrap();
    let found = made.answer(word)?;
    Some(found.into_iter().map(|found| (found.variant, found.text)).collect())
}

fn texts(affixes: &str, words: &str, word: &str) -> Vec<String> {
    lexemes(affixes, words, word).unwrap_or_default().into_iter().map(|(_, text)| text).collect()
}

#[test]
fn rules_of_both_sides() {
    let small = WORDS.to_lowercase();
    for word in ["book", "booking", "rebook", "Rebooking", "books", "unbook"] {
        assert_eq!(texts(OLDER, &small, word), ["book"], "{word}");
    }
    assert_eq!(texts(OLDER, &small, "skies"), ["sky"]);
    assert_eq!(texts(OLDER, &small, "skys"), [""; 0]);
    assert_eq!(lexemes(OLDER, &small, "boot"), None);
}

#[test]
fn compound_words() {
    let found = lexemes(OLDER, &WORDS.to_lowercase(), "football");
    assert_eq!(found, Some(vec![(1, "foot".to_owned()), (1, "ball".to_owned())]));
}

#[test]
fn newer_files() {
    let rules = "FLAG long\nCOMPOUNDFLAG Zz\nPFX Rr Y 1\nPFX Rr 0 re .\nSFX Gg Y 1\nSFX Gg 0 ing [^e]\nSFX Yy N 1\nSFX Yy y ies y\n";
    let words = "book/GgRr\nsky/Yy\nfoot/Zz\nball/Zz\n";
    assert_eq!(texts(rules, words, "rebooking"), ["book"]);
    assert_eq!(texts(rules, words, "skies"), ["sky"]);
    assert_eq!(texts(rules, words, "footballs"), [""; 0]);
    assert_eq!(texts(rules, words, "footfootball"), ["foot", "foot", "ball"]);
    assert!(Affixes::read("FLAG num\nSFX 70000 Y 1\nSFX 70000 0 s .\n").is_err());
}
