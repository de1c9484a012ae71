//! Keys and their numbers.

use execute::keys::{KeyTable, NONE};
use types::vector::{Order, VectorBuilder};
use types::{Kind, Value, Vector};

fn ints(values: &[Option<i32>]) -> Vector {
    let mut builder = VectorBuilder::new(Kind::Int32, 0);
    for value in values {
        builder.push(&value.map_or(Value::Null, Value::Int32)).unwrap();
    }
    builder.finish()
}

fn texts(values: &[&str]) -> Vector {
    let mut builder = VectorBuilder::new(Kind::Bytes, 0);
    values.iter().for_each(|value| builder.push(&Value::text(value)).unwrap());
    builder.finish()
}

#[test]
fn numbers_are_given_in_order_of_appearance() {
    let mut table = KeyTable::new(vec![Order::Int32]);
    let mut numbers = Vec::new();
    table.insert(&[ints(&[Some(5), None, Some(5), Some(-1), None])], 5, &mut numbers);
    assert_eq!(numbers, [0, 1, 0, 2, 1]);
    table.find(&[ints(&[Some(-1), Some(7), None])], 3, &mut numbers);
    assert_eq!(numbers, [2, NONE, 1]);
    assert_eq!(table.len(), 3);
}

#[test]
fn keys_of_several_columns_are_not_mixed_up() {
    for orders in [vec![Order::Int32, Order::Bytes], vec![Order::Bytes, Order::Bytes]] {
        let wide = orders[0] == Order::Bytes;
        let mut table = KeyTable::new(orders);
        let first =
            if wide { texts(&["a", "ab", "a", ""]) } else { ints(&[Some(1), Some(2), Some(1), None]) };
        let mut numbers = Vec::new();
        table.insert(&[first, texts(&["bc", "c", "bc", "abc"])], 4, &mut numbers);
        assert_eq!(numbers, [0, 1, 0, 2]);
    }
}

#[test]
fn small_keys_are_found_whatever_came_before_them() {
    let mut table = KeyTable::new(vec![Order::Int32]);
    let (mut numbers, mut found) = (Vec::new(), Vec::new());
    let keys: Vec<i32> = (0..50_000).map(|key| key * 7919 % 50_021 - 20).collect();
    let vector = Vector::from_values::<i32>(keys.clone());
    for start in (0..keys.len()).step_by(100) {
        table.insert(&[vector.slice(start, 100)], 100, &mut numbers);
        assert_eq!(numbers, (start as u32..start as u32 + 100).collect::<Vec<_>>());
    }
    table.find(&[vector], keys.len(), &mut found);
    assert_eq!(found, (0..50_000).collect::<Vec<_>>());
    table.find(&[ints(&[Some(60_000), Some(-21), Some(i32::MAX), None])], 4, &mut found);
    assert_eq!(found, [NONE; 4]);
    table.clear();
    table.insert(&[ints(&[Some(7), Some(i32::MIN)])], 2, &mut numbers);
    assert_eq!((table.len(), numbers), (2, vec![0, 1]));
}

#[test]
fn null_is_no_empty_text() {
    let mut builder = VectorBuilder::new(Kind::Bytes, 0);
    for value in [Value::text(""), Value::Null, Value::text("a"), Value::Null, Value::text("")] {
        builder.push(&value).unwrap();
    }
    let text = builder.finish();
    let mut numbers = Vec::new();
    let mut alone = KeyTable::new(vec![Order::Bytes]);
    alone.insert(std::slice::from_ref(&text), 5, &mut numbers);
    assert_eq!(numbers, [0, 1, 2, 1, 0]);
    let mut table = KeyTable::new(vec![Order::Bytes, Order::Int32]);
    let other = ints(&[Some(1), Some(1), None, Some(1), Some(1)]);
    table.insert(&[text, other], 5, &mut numbers);
    assert_eq!(numbers, [0, 1, 2, 1, 0]);
    let one = ints(&[Some(1), Some(1)]);
    table.find(&[texts(&["b", "a"]), one], 2, &mut numbers);
    assert_eq!(numbers, [NONE, NONE]);
}
