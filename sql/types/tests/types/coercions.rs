//! Values are fitted to modifiers as PostgreSQL 15's casts and assignments do it (`data/coercions.txt`: type, modifier,
//! whether the cast is explicit, text, answer).

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::answers::{refusal, rows};
use types::catalog::{builtin_named, oid};
use types::text::{
    InputResult, TextSettings, fit_item, fit_vector, input, input_vector, output, output_vector,
};
use types::{BuiltinTypes, Item, Kind, Type, Value, Vector};

/// The text after a coercion of one value, and after one of a vector of it: both must agree.
fn coerced(of: Type, explicit: bool, text: &str) -> InputResult<String> {
    let (types, settings) = (&BuiltinTypes, &TextSettings::default());
    // Without its modifier, a text is what `char` is cast from.
    let source = if of.oid == oid::BPCHAR { oid::TEXT } else { of.oid };
    let value = input(types, Type::of(source), text, settings).unwrap();
    let vector = Vector::constant(value.kind().unwrap(), &value, 3).unwrap().flatten().unwrap();
    let (mut scratch, mut shown) = (Vec::new(), String::new());
    let fitted = fit_item(types, of, &Item::from(&value), explicit, &mut scratch);
    let fitted_vector = fit_vector(types, of, &vector, explicit);
    match (fitted, fitted_vector) {
        (Ok(item), Ok(vector)) => {
            assert_eq!((vector.value(2), vector.len()), (item.to_value(), 3));
            output(types, of, &item, settings, &mut shown)?;
            Ok(shown)
        }
        (Err(error), Err(other)) => {
            assert_eq!(error, other);
            Err(error)
        }
        (one, other) => panic!("{one:?} {other:?}"),
    }
}

#[test]
fn casts_and_assignments_fit_values_as_postgresql_does() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(include_str!("data/coercions.txt")) {
        let of = Type { oid: builtin_named(&row[0]).unwrap().oid, modifier: row[1].parse().unwrap() };
        let told = match coerced(of, row[2] == "true", &row[3]) {
            Ok(text) => format!("={text}"),
            Err(error) => refusal(&error),
        };
        if told != row[4] {
            wrong.push(format!("{row:?}\n  told {told}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 200, "{count}");
}

#[test]
fn numbers_of_a_columns_own_shape_are_not_copied() {
    let of = Type { oid: oid::NUMERIC, modifier: (15 << 16 | 2) + 4 };
    let types = &BuiltinTypes;
    let read = |texts: &[&str]| {
        let mut builder = types::vector::VectorBuilder::new(Kind::Bytes, texts.len());
        texts.iter().for_each(|text| builder.push_bytes(text.as_bytes()).unwrap());
        input_vector(types, Type::of(oid::NUMERIC), &builder.finish(), &TextSettings::default()).unwrap()
    };
    let numbers = read(&["1.25", "-9999999999999.99", "0.00"]);
    let fitted = fit_vector(types, of, &numbers, false).unwrap();
    let texts = output_vector(types, of, &fitted, &TextSettings::default()).unwrap();
    assert_eq!(texts.value(1), Value::text("-9999999999999.99"));
    let error = fit_vector(types, of, &read(&["10000000000000.00"]), true).unwrap_err();
    let told = "!22003|numeric field overflow|D:A field with precision 15, scale 2 must round to an absolute value \
                less than 10^13.";
    assert_eq!(refusal(&error), told);
}
