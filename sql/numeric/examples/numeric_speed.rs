//! How fast numbers are: `cargo run --release -p hornbeam-sql-numeric --example numeric_speed [ONLY]`.
//!
//! Each line is the time of one operation, the best of five rounds. `ONLY` runs the lines whose name contains it.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)] // an example, and it takes the time

use numeric::template::Template;
use numeric::{Moments, Numeric, Sum, float};
use std::hint::black_box;
use std::time::Instant;

/// The `n`-th of some numbers in no order.
fn scattered(n: u64) -> u64 {
    let mut number = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^= number >> 32;
    number.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Numbers up to `limit` with some scale.
fn numbers(limit: u64, scale: u16) -> Vec<Numeric> {
    (0..1024).map(|n| Numeric::from_mantissa((scattered(n) % limit) as i64 + 1, scale)).collect()
}

struct Speed {
    only: String,
}

impl Speed {
    /// Measures `step` for every index below 1,024, `rounds` times over.
    fn line<T>(&self, name: &str, rounds: usize, mut step: impl FnMut(usize) -> T) {
        if !name.contains(&self.only) {
            return;
        }
        let mut best = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..rounds {
                for index in 0..1024 {
                    black_box(step(index));
                }
            }
            best = best.min(start.elapsed().as_nanos() as f64 / (rounds * 1024) as f64);
        }
        println!("{name:<44} {best:>10.1} ns");
    }

    /// Measures something long, once.
    fn once<T>(&self, name: &str, step: impl FnOnce() -> T) {
        if !name.contains(&self.only) {
            return;
        }
        let start = Instant::now();
        black_box(step());
        println!("{name:<44} {:>10.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}

fn main() {
    let speed = Speed { only: std::env::args().nth(1).unwrap_or_default() };
    let (left, right) = (numbers(1_000_000_000, 2), numbers(1_000_000, 2));
    let other = numbers(1_000_000, 4);
    hot(&speed, &left, &right, &other);
    forms(&speed, &left);
    functions(&speed, &left, &right);
    long(&speed);
}

fn hot(speed: &Speed, left: &[Numeric], right: &[Numeric], other: &[Numeric]) {
    speed.line("add, one scale", 1000, |index| left[index].add(&right[index]));
    speed.line("add, two scales", 1000, |index| left[index].add(&other[index]));
    speed.line("subtract, one scale", 1000, |index| left[index].subtract(&right[index]));
    speed.line("multiply", 1000, |index| left[index].multiply(&right[index]));
    speed.line("compare, one scale", 1000, |index| left[index].cmp(&right[index]));
    speed.line("compare, two scales", 1000, |index| left[index].cmp(&other[index]));
    let mut sum = Sum::default();
    speed.line("sum, a value", 1000, |index| sum.add(&left[index]));
    let mantissas: Vec<i64> = left.iter().map(|value| value.to_mantissa().unwrap().0).collect();
    speed.line("sum, 1,024 mantissas", 10, |_| sum.add_mantissas(&mantissas, 2));
    let mut moments = Moments::default();
    speed.line("variance, a value", 1000, |index| moments.add(&left[index]));
    speed.line("divide", 100, |index| left[index].divide(&right[index]));
    speed.line("modulo", 1000, |index| left[index].modulo(&right[index]));
    speed.line("round", 1000, |index| left[index].round(1));
}

fn forms(speed: &Speed, left: &[Numeric]) {
    let texts: Vec<String> = left.iter().map(Numeric::to_string).collect();
    let (mut text, mut bytes) = (String::new(), Vec::new());
    speed.line("read text", 100, |index| texts[index].parse::<Numeric>());
    speed.line("write text", 100, |index| {
        text.clear();
        left[index].write_to(&mut text);
    });
    speed.line("encode key", 100, |index| {
        bytes.clear();
        left[index].encode_key(&mut bytes);
    });
    speed.line("encode row", 100, |index| {
        bytes.clear();
        left[index].encode_row(&mut bytes);
    });
    let rows: Vec<Vec<u8>> = left
        .iter()
        .map(|value| {
            let mut row = Vec::new();
            value.encode_row(&mut row);
            row
        })
        .collect();
    speed.line("decode row", 1000, |index| Numeric::decode_row(&rows[index]));
    speed.line("decode row to a mantissa", 1000, |index| Numeric::decode_row_mantissa(&rows[index]));
    let floats: Vec<f64> = left.iter().map(|value| value.to_float8_lossy() / 7.0).collect();
    let float_texts: Vec<String> = floats.iter().map(f64::to_string).collect();
    speed.line("read double", 100, |index| float::parse_float8(&float_texts[index]));
    speed.line("write double", 100, |index| {
        text.clear();
        float::write_float8(floats[index], 1, &mut text);
    });
    speed.line("to double", 100, |index| left[index].to_float8_lossy());
    let template = Template::parse("FM999,999,999.00").unwrap();
    speed.line("to_char", 20, |index| template.numeric(&left[index]));
}

fn functions(speed: &Speed, left: &[Numeric], right: &[Numeric]) {
    let small = numbers(1000, 2);
    speed.line("sqrt", 20, |index| left[index].sqrt());
    speed.line("exp", 5, |index| small[index].exp());
    speed.line("ln", 5, |index| left[index].ln());
    speed.line("power, whole", 5, |index| right[index].power(&Numeric::from(12)));
    speed.line("power, fraction", 5, |index| right[index].power(&small[index]));
}

fn long(speed: &Speed) {
    let digits = "7".repeat(131_072);
    let value: Numeric = digits.parse().unwrap();
    let half: Numeric = "3".repeat(65_536).parse().unwrap();
    let near: Numeric = format!("1.{}1", "0".repeat(16_000)).parse().unwrap();
    speed.once("long: read 131,072 digits", || digits.parse::<Numeric>());
    speed.once("long: write them", || value.to_string());
    speed.once("long: multiply halves", || half.multiply(&half));
    speed.once("long: divide by a half", || value.divide(&half));
    speed.once("long: gcd with a half", || value.gcd(&half));
    let (mut low, mut high) = (Numeric::ONE, Numeric::ONE);
    while high.to_mantissa().is_some() || high < value {
        let next = low.add(&high).unwrap();
        low = std::mem::replace(&mut high, next);
    }
    speed.once("long: gcd, the worst there is", || low.gcd(&high));
    speed.once("long: root", || value.sqrt());
    speed.once("long: factorial of 32,177", || Numeric::factorial(32_177));
    speed.once("long: 1.000001 to the 2,000,000,000th", || {
        "1.00001".parse::<Numeric>().unwrap().power(&Numeric::from(30_000_000))
    });
    speed.once("long: logarithm near one", || near.ln());
    speed.once("long: power near one", || near.power(&"1.5".parse().unwrap()));
    speed.once("long: exponential of 5,999", || Numeric::from(5_999).exp());
    let mut wire = Vec::new();
    speed.once("long: send", || value.send(&mut wire));
    speed.once("long: receive", || Numeric::receive(&wire, None));
    let (mut key, mut row) = (Vec::new(), Vec::new());
    speed.once("long: encode key", || value.encode_key(&mut key));
    speed.once("long: decode key", || Numeric::decode_key(&key, false));
    speed.once("long: encode row", || value.encode_row(&mut row));
    speed.once("long: decode row", || Numeric::decode_row(&row));
}
