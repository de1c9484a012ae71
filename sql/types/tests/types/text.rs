//! Texts become values and values texts as in PostgreSQL 15 (`data/text.txt` and, of numbers, times and documents, `data/moments.txt`: type,
//! modifier, text, answer).

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::Draw;
use common::answers::{refusal, rows};
use common::made::{COMPOSITE, COMPOSITES, EMPTY, MOOD, MOODS, Made, SHORT};
use types::catalog::{builtin_named, builtin_types, oid};
use types::text::{InputResult, TextSettings, input, output};
use types::{Item, Type};

fn type_of(name: &str) -> u32 {
    match name {
        "comp" => COMPOSITE,
        "_comp" => COMPOSITES,
        "empt" => EMPTY,
        "\"char\"" => oid::CHAR,
        name => builtin_named(name).unwrap().oid,
    }
}

fn there_and_back(of: Type, text: &str) -> InputResult<String> {
    let types = Made::new();
    let settings = TextSettings::default();
    let value = input(&types, of, text, &settings)?;
    let mut shown = String::new();
    output(&types, of, &Item::from(&value), &settings, &mut shown)?;
    Ok(shown)
}

#[test]
fn texts_are_read_shown_and_refused_as_postgresql_does() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(&answers::text(include_bytes!("data/text.txt.zst")))
        .chain(rows(include_str!("data/floats.txt")))
        .chain(rows(include_str!("data/moments.txt")))
    {
        let of = Type { oid: type_of(&row[0]), modifier: row[1].parse().unwrap() };
        let told = match there_and_back(of, &row[2]) {
            Ok(text) if of.oid == oid::BOOL => format!("={}", if text == "t" { "true" } else { "false" }),
            Ok(text) => format!("={text}"),
            Err(error) => refusal(&error),
        };
        if told != row[3] {
            wrong.push(format!("{row:?}\n  told {told}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(count > 3000, "{count}");
}

#[test]
fn enums_domains_and_void() {
    let show = |of, text| there_and_back(Type::of(of), text).map_err(|error| refusal(&error));
    assert_eq!(show(MOOD, "so so").unwrap(), "so so");
    assert_eq!(show(MOODS, "{sad,\"so so\",NULL}").unwrap(), "{sad,\"so so\",NULL}");
    assert_eq!(show(MOOD, "Sad").unwrap_err(), "!22P02|invalid input value for enum mood: \"Sad\"");
    assert_eq!(show(SHORT, "abc ").unwrap(), "abc");
    assert_eq!(show(SHORT, "abcd").unwrap_err(), "!22001|value too long for type character varying(3)");
    assert_eq!(show(oid::VOID, "anything").unwrap(), "");
    assert_eq!(show(oid::ANYELEMENT, "x").unwrap_err(), "!0A000|cannot accept a value of type anyelement");
    let anonymous = "!0A000|input of anonymous composite types is not implemented";
    assert_eq!(show(oid::RECORD, "(1)").unwrap_err(), anonymous);
    assert_eq!(
        show(oid::TEXT, "a\0b").unwrap_err(),
        "!22021|invalid byte sequence for encoding \"UTF8\": 0x00"
    );
}

#[test]
fn escaped_bytea() {
    let types = Made::new();
    let value = input(&types, Type::of(oid::BYTEA), "\\x00415c7f80ff20", &TextSettings::default()).unwrap();
    let mut shown = String::new();
    let settings = TextSettings { bytea_escaped: true, ..TextSettings::default() };
    output(&types, Type::of(oid::BYTEA), &Item::from(&value), &settings, &mut shown).unwrap();
    assert_eq!(shown, "\\000A\\\\\\177\\200\\377 ");
}

/// What is read can be shown, and what is shown is read as the same value.
#[test]
fn no_text_panics_and_shown_texts_are_read_again() {
    let types = Made::new();
    let all: Vec<u32> = builtin_types()
        .iter()
        .map(|entry| entry.oid)
        .chain([COMPOSITE, COMPOSITES, MOOD, MOODS, SHORT])
        .collect();
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        ",",
        "\"",
        "\\",
        "\\x",
        "0x",
        "1",
        "0",
        "99999999999",
        "-",
        "+",
        ".",
        "e",
        "p",
        "inf",
        "nan",
        "NULL",
        "[",
        "]",
        ":",
        "=",
        "é",
        "\u{10ffff}",
        " ",
        "\n",
        "true",
        "a",
        "f",
        "b",
        "sad",
        ";",
    ];
    let settings = TextSettings::default();
    let mut draw = Draw(97);
    for _ in 0..60_000 {
        let text: String = (0..draw.below(12)).map(|_| draw.pick(&pieces)).collect();
        let of = Type { oid: draw.pick(&all), modifier: draw.pick(&[-1, -1, 0, 1, 5, 9]) };
        let Ok(value) = input(&types, of, &text, &settings) else { continue };
        let mut shown = String::new();
        if output(&types, of, &Item::from(&value), &settings, &mut shown).is_err() {
            continue;
        }
        // A backslash of "char" begins an escape when it is read again.
        let again = input(&types, of, &shown, &settings);
        assert_eq!(again.as_ref(), Ok(&value), "{of:?} {text:?}");
    }
}
