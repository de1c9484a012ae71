//! The binary forms of values are PostgreSQL 15's (`data/wire.txt`: type, text, bytes), and no bytes panic.

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::Draw;
use common::answers::{refusal, rows};
use common::made::{COMPOSITE, COMPOSITES, MOOD, MOODS, Made, SHORT};
use types::catalog::{builtin_named, oid};
use types::text::{TextSettings, input, output};
use types::wire::{Context, receive, send};
use types::{Item, Type, Value};

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn sent(of: Type, value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    send(Context::new(&Made::new()), of, &Item::from(value), &mut bytes).unwrap();
    bytes
}

fn cases() -> Vec<(Type, Value, Vec<u8>)> {
    rows(include_str!("data/wire.txt"))
        .map(|row| {
            let of = if row[0] == "comp" { COMPOSITE } else { builtin_named(&row[0]).unwrap().oid };
            let value = input(&Made::new(), Type::of(of), &row[1], &TextSettings::default()).unwrap();
            (Type::of(of), value, bytes(&row[2]))
        })
        .collect()
}

/// A path is kept as it was written and sent as PostgreSQL writes it.
fn is_rewritten(of: u32) -> bool {
    matches!(of, oid::JSONPATH | JSONPATHS)
}

/// `jsonpath[]`.
const JSONPATHS: u32 = 4073;

#[test]
fn values_are_sent_and_received_as_postgresql_does() {
    for (of, value, bytes) in cases() {
        assert_eq!(sent(of, &value), bytes, "{of:?} {value:?}");
        let received = receive(Context::new(&Made::new()), of, &bytes).unwrap();
        assert_eq!(sent(of, &received), bytes, "{of:?} {value:?}");
        assert!(received == value || is_rewritten(of.oid), "{of:?} {bytes:?}");
    }
}

/// `data/wire_wrong.txt`: type, bytes, what PostgreSQL's COPY in binary form made of them.
#[test]
fn bytes_are_taken_and_refused_as_postgresql_does() {
    for row in rows(include_str!("data/wire_wrong.txt")) {
        let of = Type::of(builtin_named(&row[0]).unwrap().oid);
        let told = match receive(Context::new(&Made::new()), of, &bytes(&row[1])) {
            Ok(value) => {
                let mut shown = "=".to_owned();
                let item = Item::from(&value);
                output(&Made::new(), of, &item, &TextSettings::default(), &mut shown).unwrap();
                shown
            }
            Err(error) => refusal(&error),
        };
        assert_eq!(told, row[2], "{row:?}");
    }
}

#[test]
fn types_of_users_come_back() {
    for (of, text) in
        [(MOOD, "so so"), (MOODS, "{sad,NULL}"), (SHORT, "abc"), (COMPOSITES, "{\"(1,x,2)\",NULL}")]
    {
        let value = input(&Made::new(), Type::of(of), text, &TextSettings::default()).unwrap();
        assert_eq!(receive(Context::new(&Made::new()), Type::of(of), &sent(Type::of(of), &value)), Ok(value));
    }
}

#[test]
fn objects_are_sent_as_numbers() {
    for of in [oid::REGCLASS, oid::REGTYPE, oid::REGROLE, oid::OID] {
        assert_eq!(sent(Type::of(of), &Value::Int32(1259)), bytes("000004eb"));
        assert_eq!(
            receive(Context::new(&Made::new()), Type::of(of), &bytes("000004eb")),
            Ok(Value::Int32(1259))
        );
    }
}

#[test]
fn wrong_bytes_are_told() {
    let told =
        |of, hex: &str| refusal(&receive(Context::new(&Made::new()), Type::of(of), &bytes(hex)).unwrap_err());
    assert_eq!(told(oid::INT4, "0000"), "!08P01|insufficient data left in message");
    assert_eq!(told(oid::INT4, "0000000000"), "!22P03|incorrect binary data format");
    assert_eq!(told(oid::TEXT, "61ff"), "!22021|invalid byte sequence for encoding \"UTF8\": 0xff");
    assert_eq!(told(oid::TEXT, "6100"), "!22021|invalid byte sequence for encoding \"UTF8\": 0x00");
    assert_eq!(
        told(oid::TEXT, "e228a1"),
        "!22021|invalid byte sequence for encoding \"UTF8\": 0xe2 0x28 0xa1"
    );
    let element = "!42804|binary data has array element type 25 (text) instead of expected 23 (integer)";
    assert_eq!(told(1007, "000000000000000000000019"), element);
    assert_eq!(
        told(1007, "000000070000000000000017"),
        "!54000|number of array dimensions (7) exceeds the maximum allowed (6)"
    );
    assert_eq!(told(COMPOSITE, "00000001"), "!42804|wrong number of columns: 1, expected 3");
    let column = "!42804|binary data has type 25 (text) instead of expected 23 (integer) in record column 1";
    assert_eq!(told(COMPOSITE, "0000000300000019"), column);
}

#[test]
fn no_bytes_panic() {
    let mut draw = Draw(113);
    let cases = cases();
    for _ in 0..60_000 {
        let (of, _, mut bytes) = draw.pick(&cases);
        match draw.below(3) {
            0 => bytes.truncate(draw.below(bytes.len() + 1)),
            1 => (0..2).for_each(|_| {
                let length = bytes.len();
                if length > 0 {
                    bytes[draw.below(length)] = draw.pick(&[0, 1, 2, 7, 0x7f, 0x80, 0xff]);
                }
            }),
            _ => bytes = (0..draw.below(40)).map(|_| draw.pick(&[0, 0, 0, 1, 4, 23, 0xff])).collect(),
        }
        let of = Type { modifier: draw.pick(&[-1, 5, 1]), ..of };
        if let Ok(value) = receive(Context::new(&Made::new()), of, &bytes) {
            let shown = sent(of, &value);
            let again = receive(Context::new(&Made::new()), Type::of(of.oid), &shown);
            // Rounding may leave the range of a timestamp by less than a second, as it may in PostgreSQL.
            let has_left = matches!(of.oid, oid::TIMESTAMP | oid::TIMESTAMPTZ) && of.modifier >= 0;
            // A NaN has many bit patterns, and values are compared by their bits.
            let same = again.as_ref() == Ok(&value) || has_left;
            assert!(same || is_rewritten(of.oid) && sent(of, &again.unwrap()) == shown, "{of:?} {bytes:?}");
        }
    }
}
