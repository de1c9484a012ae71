//! Operations on arrays against PostgreSQL 15 (`data/arrays.txt`: operation, three arguments, answer).

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::answers::{refusal, rows};
use types::array::*;
use types::catalog::oid;
use types::text::{TextSettings, input, output};
use types::vector::Order;
use types::{BuiltinTypes, Item, Kind, Type, Value};

const INTEGER: (u32, Kind) = (oid::INT4, Kind::Int32);

fn integers(text: &str) -> Vec<u8> {
    let value = input(&BuiltinTypes, Type::of(1007), text, &TextSettings::default()).unwrap();
    value.as_bytes().unwrap().to_vec()
}

fn shown(array: &[u8]) -> String {
    let element = ArrayView::new(array).unwrap().element_type();
    let of = if element == oid::TEXT { 1009 } else { 1007 };
    let mut text = String::new();
    output(&BuiltinTypes, Type::of(of), &Item::Bytes(array), &TextSettings::default(), &mut text).unwrap();
    format!("={text}")
}

fn number(text: &str) -> Item<'static> {
    if text == "\\N" { Item::Null } else { Item::Int32(text.parse().unwrap()) }
}

fn optional(text: &str) -> Option<&str> {
    (text != "\\N").then_some(text)
}

fn truth(value: bool) -> String {
    format!("={value}")
}

fn maybe(number: Option<i32>) -> String {
    number.map_or("NULL".to_owned(), |number| format!("={number}"))
}

fn bounds(text: &str) -> Vec<(Option<i32>, Option<i32>)> {
    let bound = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    text.split(',')
        .map(|one| one.split_once(':').unwrap())
        .map(|(low, high)| (bound(low), bound(high)))
        .collect()
}

fn filled(element: &str, lengths: &str, lowers: &str) -> ArrayResult<Vec<u8>> {
    let lengths = optional(lengths).map(integers);
    let view = lengths.as_ref().map(|lengths| ArrayView::new(lengths).unwrap());
    let given = (lowers != "-").then(|| optional(lowers).map(integers));
    let lowers = given.as_ref().map(|lowers| lowers.as_ref().map(|lowers| ArrayView::new(lowers).unwrap()));
    fill(INTEGER, &number(element), view.as_ref(), lowers.as_ref().map(Option::as_ref))
}

fn joined(array: &ArrayView<'_>, delimiter: &str, null: Option<&str>) -> String {
    let mut text = "=".to_owned();
    let of = Type::of(oid::INT4);
    join_text(array, delimiter, null, &mut text, |item, text| {
        output(&BuiltinTypes, of, item, &TextSettings::default(), text)
    })
    .unwrap();
    text
}

fn made(result: ArrayResult<Vec<u8>>) -> String {
    result.map_or_else(|error| refusal(&error), |array| shown(&array))
}

fn told(operation: &str, a: &str, b: &str, c: &str) -> String {
    match operation {
        "fill" => return made(filled(a, b, c)),
        "split" => return made(split_text(a, optional(b), optional(c))),
        _ => {}
    }
    let bytes = integers(a);
    let array = ArrayView::new(&bytes).unwrap();
    let by_number = |read: fn(Dimension) -> i32| maybe(dimension(&array, b.parse().unwrap()).map(read));
    let order = Order::Int32;
    match operation {
        "cat" => made(concatenate(&array, &ArrayView::new(&integers(b)).unwrap())),
        "contains" => truth(contains(&array, &ArrayView::new(&integers(b)).unwrap(), &order)),
        "overlaps" => truth(overlaps(&array, &ArrayView::new(&integers(b)).unwrap(), &order)),
        "equal" => truth(Order::Array(Box::new(order)).compare_bytes(&bytes, &integers(b)).is_eq()),
        "less" => truth(Order::Array(Box::new(order)).compare_bytes(&bytes, &integers(b)).is_lt()),
        "append" => made(add_element(Some(&array), INTEGER, &number(b), false)),
        "prepend" => made(add_element(Some(&array), INTEGER, &number(b), true)),
        "remove" => made(remove(&array, &number(b), &order)),
        "replace" => shown(&replace(&array, &number(b), &number(c), &order)),
        "positions" => made(positions(&array, &number(b), &order)),
        "position" => {
            let from = (!c.is_empty()).then(|| Some(c.parse().unwrap()));
            position(&array, &number(b), from, &order).map_or_else(|error| refusal(&error), maybe)
        }
        "trim" => made(trim(&array, b.parse().unwrap())),
        "subscript" => {
            let subscripts: Vec<i32> = b.split(',').map(|one| one.parse().unwrap()).collect();
            match subscript(&array, &subscripts).to_value() {
                Value::Int32(value) => format!("={value}"),
                _ => "NULL".to_owned(),
            }
        }
        "slice" => shown(&slice(&array, &bounds(b))),
        "length" => by_number(|dimension| dimension.length),
        "lower" => by_number(|dimension| dimension.lower),
        "upper" => by_number(Dimension::upper),
        "dims" => dimensions_text(&array).map_or("NULL".to_owned(), |text| format!("={text}")),
        "join" => joined(&array, b, optional(c)),
        operation => panic!("no operation {operation}"),
    }
}

#[test]
fn operations_answer_as_postgresql_does() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows_with_nulls(&answers::text(include_bytes!("data/arrays.txt.zst"))) {
        let told = told(&row[0], &row[1], &row[2], &row[3]);
        if told != row[4] {
            wrong.push(format!("{row:?}\n  told {told}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong[..wrong.len().min(25)].join("\n"));
    assert!(count > 2000, "{count}");
}

/// Nulls stay as the files write them; no argument is a backslash and an N.
fn rows_with_nulls(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines().zip(rows(text)).map(|(line, mut row)| {
        for (column, written) in row.iter_mut().zip(line.split('\t')) {
            if written == "\\N" {
                *column = written.to_owned();
            }
        }
        row
    })
}
