//! What runs over vectors says the same as what looks at one value after the other.

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::{Draw, orders, value, vector};
use std::sync::Arc;
use types::vector::{
    Bitmap, Dictionary, Operator, Order, Repeats, compare, distinct, equal_rows, hash, select, select_false,
    sum_int,
};
use types::{Chunk, Item, Kind, Numeric, Value, Vector};

const OPERATORS: [Operator; 6] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
];

/// Vectors of one order in all shapes: with and without nulls, constant, sliced, and of numbers of one scale.
fn shapes(draw: &mut Draw, kind: Kind, order: &Order, rows: usize) -> Vec<Vector> {
    let one = value(draw, kind, order, 0);
    let mut shapes = vec![
        vector(draw, kind, order, rows, 0),
        vector(draw, kind, order, rows, 3),
        vector(draw, kind, order, rows + 70, 4).slice(67, rows),
        Vector::constant(kind, &one, rows).unwrap(),
        Vector::constant(kind, &Value::Null, rows).unwrap(),
    ];
    if kind == Kind::Bytes {
        let few = vector(draw, kind, order, 5, 0);
        for nulls in [0, 3] {
            let numbers: Vec<u16> = (0..rows + 40).map(|_| draw.below(5) as u16).collect();
            let dictionary = Arc::new(Dictionary::new(few.bytes().unwrap().clone()));
            let repeats = Repeats::new(dictionary.clone(), numbers);
            let all = repeats.expand(&few, Some(&dictionary)).unwrap();
            let is_null = Bitmap::from_fn(all.len(), |_| nulls > 0 && draw.below(nulls) == 0);
            let shape = all.with_nulls(&is_null).unwrap().slice(33, rows);
            assert!(shape.bytes().unwrap().repeats().is_some(), "what is known of all is known of a slice");
            shapes.push(shape);
        }
    }
    if kind == Kind::Numeric {
        for scale in [0, 2] {
            let mut builder = types::vector::VectorBuilder::new(kind, rows);
            (0..rows)
                .for_each(|_| builder.push_numeric(Numeric::from_mantissa(draw.below(9) as i64 * 50, scale)));
            shapes.push(builder.finish());
        }
        shapes.push(Vector::constant(kind, &Value::Numeric(Numeric::from_mantissa(2, 0)), rows).unwrap());
        shapes.push(
            Vector::constant(kind, &Value::Numeric(Numeric::from_mantissa(i64::MAX, 0)), rows).unwrap(),
        );
    }
    shapes
}

#[test]
fn comparisons_say_what_the_order_says() {
    let mut draw = Draw(11);
    for (kind, order) in orders() {
        let vectors = shapes(&mut draw, kind, &order, 131);
        for left in &vectors {
            for right in &vectors {
                for operator in OPERATORS {
                    let result = compare(operator, left, right, &order).unwrap();
                    let flipped = compare(operator.flipped(), right, left, &order).unwrap();
                    for row in 0..left.len() {
                        let (l, r) = (left.item(row), right.item(row));
                        let expected = match l.is_null() || r.is_null() {
                            true => Value::Null,
                            false => Value::Bool(operator.holds(order.compare(&l, &r))),
                        };
                        assert_eq!(result.value(row), expected, "{l:?} {operator:?} {r:?} by {order:?}");
                        assert_eq!(flipped.value(row), expected);
                    }
                }
                let result = distinct(left, right, &order).unwrap();
                for row in 0..left.len() {
                    let differs = order.compare(&left.item(row), &right.item(row)).is_ne();
                    assert_eq!(result.value(row), Value::Bool(differs));
                }
            }
        }
    }
}

#[test]
fn an_order_is_total() {
    let mut draw = Draw(5);
    for (kind, order) in orders() {
        for _ in 0..3000 {
            let [a, b, c] = [0; 3].map(|_| value(&mut draw, kind, &order, 9));
            let [a, b, c] = [Item::from(&a), Item::from(&b), Item::from(&c)];
            assert_eq!(order.compare(&a, &b), order.compare(&b, &a).reverse());
            assert!(order.compare(&a, &a).is_eq());
            if order.compare(&a, &b).is_le() && order.compare(&b, &c).is_le() {
                assert!(order.compare(&a, &c).is_le(), "{a:?} {b:?} {c:?}");
            }
        }
    }
}

#[test]
fn equal_values_hash_alike_and_in_all_shapes() {
    let mut draw = Draw(3);
    for (kind, order) in orders() {
        for vector in shapes(&mut draw, kind, &order, 90) {
            let mut hashes = vec![0; vector.len()];
            hash(&vector, &order, &mut hashes);
            for left in 0..vector.len() {
                let mut alone = [0];
                let single = Vector::concat(kind, &[&vector.slice(left, 1)]).unwrap();
                hash(&single, &order, &mut alone);
                assert_eq!(alone[0], hashes[left], "{:?} by {order:?}", vector.item(left));
                for right in 0..left {
                    if order.compare(&vector.item(left), &vector.item(right)).is_eq() {
                        assert_eq!(hashes[left], hashes[right], "{:?} by {order:?}", vector.item(left));
                    }
                }
            }
        }
    }
}

#[test]
fn integers_of_all_widths_hash_alike() {
    let values = [-32768i16, -1, 0, 7, 32767];
    let hashes = |vector: Vector, order| {
        let mut hashes = vec![0; vector.len()];
        hash(&vector, &order, &mut hashes);
        hashes
    };
    let small = hashes(Vector::from_values(values.to_vec()), Order::Int16);
    assert_eq!(small, hashes(Vector::from_values(values.map(i32::from).to_vec()), Order::Int32));
    assert_eq!(small, hashes(Vector::from_values(values.map(i64::from).to_vec()), Order::Int64));
}

#[test]
fn hashes_of_neighbours_spread() {
    let mut hashes = vec![0; 1 << 16];
    hash(&Vector::from_values((0..1i64 << 16).collect()), &Order::Int64, &mut hashes);
    for shift in [0, 24, 48] {
        let mut buckets = vec![0u32; 1 << 16];
        hashes.iter().for_each(|hash| buckets[(hash >> shift & 0xffff) as usize] += 1);
        let filled = buckets.iter().filter(|count| **count > 0).count();
        assert!(filled > 35_000 && buckets.iter().max() < Some(&14), "{filled} of 65536 from bit {shift}");
    }
}

#[test]
fn gathering_slicing_and_joining_keep_values() {
    let mut draw = Draw(17);
    for (kind, order) in orders() {
        for vector in shapes(&mut draw, kind, &order, 77) {
            let indices: Vec<u32> = (0..200).map(|_| draw.below(77) as u32).collect();
            let gathered = vector.gather(&indices).unwrap();
            assert_eq!(gathered.len(), 200);
            for (row, index) in indices.iter().enumerate() {
                assert_eq!(gathered.value(row), vector.value(*index as usize));
            }
            let picked: Vec<u32> = indices.iter().flat_map(|index| *index..(*index + 3).min(77)).collect();
            let mut builder = types::vector::VectorBuilder::new(kind, 1);
            builder.append_rows(&vector, &indices).unwrap();
            builder.append_rows(&vector, &picked).unwrap();
            let appended = builder.finish();
            for (row, index) in indices.iter().chain(&picked).enumerate() {
                assert_eq!(appended.value(row), vector.value(*index as usize));
            }
            let flat = vector.clone().flatten().unwrap();
            let parts = [vector.slice(0, 13), flat.slice(13, 50), vector.slice(63, 99)];
            let whole = Vector::concat(kind, &parts.each_ref()).unwrap();
            assert_eq!(whole.len(), 77);
            assert_eq!(whole.null_count(), vector.null_count());
            (0..77).for_each(|row| assert_eq!(whole.value(row), vector.value(row)));
            let mut equal = vec![true; 77];
            let rows: Vec<u32> = (0..77).collect();
            equal_rows((&vector, &rows), (&whole, &rows), &order, true, &mut equal);
            assert!(equal.iter().all(|equal| *equal));
            equal_rows((&vector, &rows), (&whole, &rows), &order, false, &mut equal);
            assert_eq!(equal.iter().filter(|equal| !**equal).count(), vector.null_count());
        }
    }
}

#[test]
fn selecting_keeps_the_true_rows() {
    let mut draw = Draw(23);
    for condition in shapes(&mut draw, Kind::Bool, &Order::Bool, 300) {
        for (wanted, rows) in [(true, select(&condition)), (false, select_false(&condition))] {
            let expected: Vec<u32> =
                (0..300).filter(|row| condition.value(*row as usize) == Value::Bool(wanted)).collect();
            assert_eq!(rows, expected);
        }
    }
    let numbers = Vector::from_values((0..100i32).collect());
    let mut chunk = Chunk::new(vec![numbers], 100);
    chunk.select((0..100).filter(|row| row % 2 == 0).collect());
    chunk.select((0..50).filter(|row| row % 5 == 0).collect());
    assert_eq!(chunk.dense(0).unwrap().fixed::<i32>().unwrap(), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    assert_eq!(chunk.slice(8, 5).densify().unwrap().column(0).fixed::<i32>().unwrap(), [80, 90]);
}

#[test]
fn sums_are_exact() {
    let mut draw = Draw(29);
    for (kind, order) in
        [(Kind::Int16, Order::Int16), (Kind::Int32, Order::Int32), (Kind::Int64, Order::Int64)]
    {
        for vector in shapes(&mut draw, kind, &order, 1000) {
            let values = (0..vector.len()).map(|row| match vector.value(row) {
                Value::Int16(value) => i128::from(value),
                Value::Int32(value) => i128::from(value),
                Value::Int64(value) => i128::from(value),
                _ => 0,
            });
            assert_eq!(sum_int(&vector), Some((values.sum(), vector.len() - vector.null_count())));
        }
    }
}

#[test]
fn a_shared_vector_is_not_changed_by_others() {
    let mut changed = Vector::from_values(vec![1i64, 2, 3]);
    let kept = changed.clone();
    changed.fixed_mut::<i64>().unwrap()[1] = 20;
    assert_eq!(
        (kept.fixed::<i64>().unwrap(), changed.fixed::<i64>().unwrap()),
        (&[1, 2, 3][..], &[1, 20, 3][..])
    );
}

#[test]
fn few_values_stand_for_their_rows_as_long_as_they_are_few() {
    let values: Arc<_> = {
        let mut builder = types::vector::VectorBuilder::new(Kind::Bytes, 3);
        ["oak", "", "elm"].iter().for_each(|text| builder.push_bytes(text.as_bytes()).unwrap());
        Arc::new(Dictionary::new(builder.finish().bytes().unwrap().clone()))
    };
    let numbers: Vec<u16> = (0..40).map(|row| row % 3).collect();
    assert!(!Repeats::new(values.clone(), vec![0; 11]).are_few(), "three values are many for eleven rows");
    let repeats = Repeats::new(values.clone(), numbers);
    let lengths = Vector::from_values::<i64>(vec![3, 0, 3]);
    let expanded = repeats.expand(&lengths, None).unwrap();
    assert_eq!(expanded.fixed::<i64>().unwrap()[..5], [3, 0, 3, 3, 0]);
    let one = Vector::constant(Kind::Int64, &Value::Int64(7), 3).unwrap();
    assert!(repeats.expand(&one, None).unwrap().is_constant());
    let rows = repeats.expand(&values.vector(), Some(&values)).unwrap();
    let known = |vector: &Vector| vector.bytes().unwrap().repeats().is_some();
    assert!(known(&rows) && known(&rows.slice(20, 12)) && !known(&rows.slice(20, 11)));
    let places: Vec<u32> = (0..12).map(|row| row * 2).collect();
    assert!(known(&rows.gather(&places).unwrap()) && !known(&rows.gather(&places[1..]).unwrap()));
    assert_eq!(rows.gather(&places).unwrap().value(1), Value::Bytes(b"elm".as_slice().into()));
}

/// The same texts, which are known by their numbers alone in one vector, and one after the other in another.
#[test]
fn texts_by_their_numbers_are_what_they_are_one_after_the_other() {
    let mut draw = Draw(7);
    let flat = |texts: &[Option<&str>]| {
        let mut builder = types::vector::VectorBuilder::new(Kind::Bytes, texts.len());
        for text in texts {
            builder.push(&text.map_or(Value::Null, Value::text)).unwrap();
        }
        builder.finish()
    };
    let words =
        ["oak", "", "elm", "a text that is longer than the others, and than a word of the machine", "ash"];
    let all: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
    let first = Arc::new(Dictionary::new(flat(&all[..3]).bytes().unwrap().clone()));
    let grown = Arc::new(first.grown(flat(&all).bytes().unwrap().clone()));
    let stranger = Arc::new(Dictionary::new(flat(&all).bytes().unwrap().clone()));
    let mut made = |dictionary: &Arc<Dictionary>, rows: usize| {
        let numbers: Vec<u16> = (0..rows).map(|_| draw.below(dictionary.len()) as u16).collect();
        let texts: Vec<Option<&str>> = numbers.iter().map(|number| all[usize::from(*number)]).collect();
        let repeats = Repeats::new(dictionary.clone(), numbers);
        (repeats.expand(&dictionary.vector(), Some(dictionary)).unwrap(), texts)
    };
    let same = |vector: &Vector, texts: &[Option<&str>]| {
        assert_eq!(vector.len(), texts.len());
        let other = flat(texts);
        assert!((0..texts.len()).all(|row| vector.value(row) == other.value(row)));
        let (bytes, others) = (vector.bytes().unwrap(), other.bytes().unwrap());
        if texts.contains(&None) {
            return; // what lies below a null is anything
        }
        assert_eq!(bytes.total(), others.total());
        // Whoever asks for them one after the other gets them so.
        assert!(bytes.clone().iter().eq(others.iter()) && bytes.lengths().eq(others.lengths()));
        assert_eq!(bytes.all(), others.all());
        assert!((0..texts.len()).all(|row| bytes.get(row) == others.get(row)));
    };
    let is_numbered = |vector: &Vector| vector.bytes().unwrap().numbered().is_some();
    let (one, one_texts) = made(&first, 50);
    let (two, two_texts) = made(&grown, 30);
    let (three, three_texts) = made(&stranger, 20);
    for (vector, texts) in [(&one, &one_texts), (&two, &two_texts)] {
        same(&vector.slice(7, 11), &texts[7..18]);
        let places = [3, 3, 9, 10, 11, 0, 20];
        let picked: Vec<Option<&str>> = places.iter().map(|place| texts[*place as usize]).collect();
        same(&vector.gather(&places).unwrap(), &picked);
        let mut builder = types::vector::VectorBuilder::new(Kind::Bytes, 0);
        builder.append_rows(vector, &places).unwrap();
        builder.append(&vector.slice(2, 5)).unwrap();
        same(&builder.finish(), &[&picked[..], &texts[2..7]].concat());
        same(vector, texts);
    }
    let null = Vector::constant(Kind::Bytes, &Value::Null, 2).unwrap();
    let together = Vector::concat(Kind::Bytes, &[&one, &null, &two, &one.slice(0, 3)]).unwrap();
    assert!(is_numbered(&together));
    same(&together, &[&one_texts[..], &[None, None], &two_texts, &one_texts[..3]].concat());
    let strangers = Vector::concat(Kind::Bytes, &[&one, &three, &null, &two]).unwrap();
    assert!(is_numbered(&strangers), "dictionaries are joined");
    same(&strangers, &[&one_texts[..], &three_texts, &[None, None], &two_texts].concat());
    let few = Vector::concat(Kind::Bytes, &[&one.slice(0, 3), &three.slice(0, 3)]).unwrap();
    assert!(!is_numbered(&few), "what has more values than rows is as well without");
    same(&few, &[&one_texts[..3], &three_texts[..3]].concat());
    let stranger_texts = (stranger.vector(), all.clone());
    let own = Repeats::new(stranger.clone(), vec![4, 3, 2, 1, 0]);
    same(
        &own.expand(&stranger_texts.0, Some(&stranger)).unwrap(),
        &all.iter().rev().copied().collect::<Vec<_>>(),
    );
}
