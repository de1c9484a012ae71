//! Forms of values: keys, rows, the wire, hashes; and that no text and no bytes make anything panic.

#![allow(clippy::unwrap_used)] // a test

use diagnostic::Diagnostic;
use numeric::integer::Integer;
use numeric::template::Template;
use numeric::{Modifier, Moments, Numeric, NumericError, Sum, float};
use proptest::prelude::*;
use std::hash::{Hash, Hasher};

/// FNV-1a, as good as any to see that equal values feed the same.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn hash(value: &Numeric) -> u64 {
    let mut state = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut state);
    state.finish()
}

fn key(value: &Numeric) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode_key(&mut bytes);
    bytes
}

fn row(value: &Numeric) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode_row(&mut bytes);
    bytes
}

fn wire(value: &Numeric) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.send(&mut bytes);
    bytes
}

/// Numbers of all lengths, many of them close together or equal.
fn numbers() -> impl Strategy<Value = Numeric> {
    let text = prop_oneof![
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?",
        "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        "-?[0-9]{1,60}(\\.[0-9]{1,60})?",
        "-?[1-9]0{0,60}(\\.0{0,60}[1-9]0{0,3})?",
        "-?[0-9]e-?[0-9]{1,4}",
        "-?[0-9]{1,40}e-?[0-9]{1,2}",
        "-?9{1,45}(\\.9{1,45})?",
        Just("NaN".to_owned()),
        Just("Infinity".to_owned()),
        Just("-Infinity".to_owned()),
        "-?17014118346046923173168730371588410572[0-9]",
        "-?0(\\.0{1,9})?",
    ];
    text.prop_map(|text| text.trim_end_matches('.').parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn keys_and_hashes_follow_the_order(left in numbers(), right in numbers()) {
        prop_assert_eq!(key(&left).cmp(&key(&right)), left.cmp(&right));
        prop_assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
        if left == right {
            prop_assert_eq!(hash(&left), hash(&right));
        }
        let same = left.add(&"0.0000000000000000000000000000000000000000000".parse().unwrap()).unwrap();
        prop_assert_eq!(&same, &left);
        prop_assert_eq!(hash(&same), hash(&left));
        prop_assert_eq!(key(&same), key(&left));
    }

    #[test]
    fn forms_are_read_as_they_were_written(value in numbers(), behind in any::<[u8; 3]>()) {
        let mut bytes = key(&value);
        let length = bytes.len();
        bytes.extend(behind);
        let (read, taken) = Numeric::decode_key(&bytes, false).unwrap();
        let turned: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        assert_eq!(Numeric::decode_key(&turned, true), Some((read.clone(), taken)));
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(taken, length);
        prop_assert_eq!(read.scale(), value.min_scale());

        let read = Numeric::decode_row(&row(&value)).unwrap();
        prop_assert_eq!(read.to_string(), value.to_string());
        if let Some(mantissa) = Numeric::decode_row_mantissa(&row(&value)) {
            prop_assert_eq!(value.to_mantissa(), Some(mantissa));
        }

        let read = Numeric::receive(&wire(&value), None).unwrap();
        prop_assert_eq!(read.to_string(), value.to_string());
        let read: Numeric = value.to_string().parse().unwrap();
        prop_assert_eq!(read.to_string(), value.to_string());
    }

    #[test]
    fn calculations_keep_their_laws(left in numbers(), right in numbers()) {
        let sum = left.add(&right).unwrap();
        prop_assert_eq!(&sum, &right.add(&left).unwrap());
        if left.is_finite() && right.is_finite() {
            prop_assert_eq!(&sum.subtract(&right).unwrap(), &left);
            if right != Numeric::ZERO {
                let whole = left.divide_whole(&right).unwrap();
                let rest = left.modulo(&right).unwrap();
                prop_assert_eq!(whole.multiply(&right).unwrap().add(&rest).unwrap(), left.clone());
            }
            let mut total = Sum::default();
            total.add(&left);
            total.add(&right);
            prop_assert_eq!(total.sum().unwrap().unwrap().to_string(), sum.to_string());
            if total.remove(&right) {
                prop_assert_eq!(total.sum().unwrap().unwrap(), left.clone());
            }
        }
        prop_assert_eq!(left.multiply(&right).unwrap(), right.multiply(&left).unwrap());
    }

    #[test]
    fn merged_aggregates_are_those_of_all(values in prop::collection::vec(numbers(), 0..8), at in 0_usize..8) {
        let at = at.min(values.len());
        let all = |values: &[Numeric]| {
            let mut moments = Moments::default();
            let mut sum = Sum::default();
            for value in values {
                moments.add(value);
                sum.add(value);
            }
            (moments, sum)
        };
        let (mut moments, mut sum) = all(&values[..at]);
        let (other_moments, other_sum) = all(&values[at..]);
        moments.merge(&other_moments);
        sum.merge(&other_sum);
        let (whole_moments, whole_sum) = all(&values);
        let text = |value: Result<Option<Numeric>, NumericError>| format!("{value:?}");
        prop_assert_eq!(text(sum.sum()), text(whole_sum.sum()));
        prop_assert_eq!(text(sum.average()), text(whole_sum.average()));
        prop_assert_eq!(text(moments.variance(true)), text(whole_moments.variance(true)));
    }

    #[test]
    fn no_text_panics(text in ".{0,12}", number in "[-+0-9.eExXpPnaif() ]{0,16}", template in "[90.,DGSVBCLRNTHMIPREFrnth \\\\\"xé]{0,12}") {
        for text in [&text, &number] {
            let _ = Numeric::parse(text, None);
            let _ = Numeric::parse(text, Modifier::new(5, 2).ok());
            let _ = Numeric::parse(text, Modifier::new(5, -2).ok());
            let _ = (i16::parse(text), i32::parse(text), <i64 as Integer>::parse(text));
            let _ = (float::parse_float4(text), float::parse_float8(text));
        }
        for template in [&text, &template] {
            let Ok(template) = Template::parse(template) else { continue };
            let _ = (template.int4(-485), template.int8(i64::MIN), template.float8(-1e300), template.float4(0.5));
            let _ = template.numeric(&"-1234567.891".parse().unwrap());
            for text in [&text, &number] {
                let _ = template.read(text);
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..24), kind in prop::sample::select(vec![0x20_u8, 0x40, 241, 240, 7])) {
        let mut led = vec![kind];
        led.extend(&bytes);
        for bytes in [&bytes, &led] {
            let _ = Numeric::receive(bytes, None);
            let _ = Numeric::decode_key(bytes, false);
            let _ = Numeric::decode_row(bytes);
            let _ = Numeric::decode_row_mantissa(bytes);
        }
    }

    #[test]
    fn no_calculation_panics(left in numbers(), right in numbers(), scale in any::<i32>()) {
        let _ = (left.divide(&right), left.sqrt(), left.ln(), left.exp(), left.round(scale), left.truncate(scale));
        let _ = (left.gcd(&right), left.lcm(&right), left.power(&right), left.log(&right));
        let _ = (left.to_float8(), left.to_float4(), left.to_int8(), left.trim_scale(), left.sign());
        let _ = numeric::width_bucket(&left, &right, &Numeric::ONE, scale);
    }
}

#[test]
fn rows_are_short() {
    for (text, length) in
        [("0", 1), ("0.00", 1), ("1", 2), ("-1.28", 2), ("1.28", 3), ("1234567.89", 5), ("NaN", 1)]
    {
        assert_eq!(row(&text.parse().unwrap()).len(), length, "{text}");
    }
    assert!(row(&"1e131071".parse().unwrap()).len() < 10);
}

#[test]
fn what_a_client_sends_is_checked() {
    let message = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    for (words, answer) in [
        (&[1, 0, 0, 0, 5][..], "5"),
        (&[2, 0, 0, 2, 5, 1234], "5.12"),
        (&[2, 0, 0x4000, 1, 5, 9999], "-5.9"),
        (&[3, 0, 0, 0, 0, 0, 7], "0"),
        (&[0, 9, 0, 3], "0.000"),
        (&[1, 0, 0x4000, 0, 0], "0"),
        (&[0, 0, 0xc000, 0], "NaN"),
        (&[0, 0, 0xd000, 0x20], "Infinity"),
        (&[0, 0, 0xf000, 0x20], "-Infinity"),
        (&[1, 0xffff, 0, 4, 7], "0.0007"),
        (&[1, 2, 0, 0, 7], "700000000"),
        (&[1, 0, 0x1000, 0, 5], "22P03 invalid sign in external \"numeric\" value"),
        (&[1, 0, 0, 0x4000, 5], "22P03 invalid scale in external \"numeric\" value"),
        (&[1, 0, 0, 0, 10_000], "22P03 invalid digit in external \"numeric\" value"),
        (&[2, 0, 0, 0, 5], "08P01 insufficient data left in message"),
        (&[1, 0, 0], "08P01 insufficient data left in message"),
        (&[1, 0, 0, 0, 5, 5], "22P03 incorrect binary data format"),
    ] {
        let shown = match Numeric::receive(&message(words), None) {
            Ok(value) => value.to_string(),
            Err(error) => format!("{} {error}", error.sqlstate().code()),
        };
        assert_eq!(shown, answer, "{words:?}");
    }
    let modifier = Modifier::new(3, 1).unwrap();
    assert_eq!(Numeric::receive(&message(&[1, 0, 0, 0, 5]), Some(modifier)).unwrap().to_string(), "5.0");
    assert!(Numeric::receive(&message(&[1, 1, 0, 0, 5]), Some(modifier)).is_err());
}

#[test]
fn a_frame_moves_until_the_scale_would_change() {
    let value = |text: &str| text.parse::<Numeric>().unwrap();
    let mut sum = Sum::default();
    for text in ["1.5", "2.25", "3", "NaN"] {
        sum.add(&value(text));
    }
    assert!(sum.sum().unwrap().unwrap().is_nan());
    assert!(sum.remove(&value("NaN")));
    assert!(sum.remove(&value("1.5")));
    assert_eq!(sum.sum().unwrap().unwrap().to_string(), "5.25");
    assert!(!sum.remove(&value("2.25")), "5 would have to be shown without decimals");
    sum.add_integer(4);
    assert_eq!(sum.average().unwrap().unwrap().to_string(), "3.0833333333333333");
    sum.add_mantissas(&[100, 250], 2);
    assert_eq!(sum.sum().unwrap().unwrap().to_string(), "12.75");
    assert_eq!(sum.count(), 5);
    assert_eq!(Sum::default().sum().unwrap(), None);
}

#[test]
fn vectors_add_up_as_their_values_do() {
    let mantissas = [i64::MAX, i64::MIN, 0, -5, i64::MAX, 12_345, i64::MAX];
    for scale in [0, 2, 18] {
        let (mut all, mut each) = (Moments::default(), Moments::default());
        all.add_mantissas(&mantissas, scale);
        mantissas.iter().for_each(|mantissa| each.add(&Numeric::from_mantissa(*mantissa, scale)));
        assert_eq!(all.count(), 7);
        for sample in [true, false] {
            let text = |value: Option<Numeric>| value.unwrap().to_string();
            assert_eq!(text(all.variance(sample).unwrap()), text(each.variance(sample).unwrap()));
            assert_eq!(text(all.deviation(sample).unwrap()), text(each.deviation(sample).unwrap()));
        }
    }
}

#[test]
fn templates_of_any_length_are_dealt_with_in_time() {
    let nines = "9".repeat(1_000_000);
    let value: Numeric = "-12.5".parse().unwrap();
    let picture = |text: &str| Template::parse(text).unwrap();
    let scientific = picture(&format!("9.{nines}EEEE"));
    assert_eq!(scientific.numeric(&value).unwrap().len(), 1_000_007);
    assert_eq!(scientific.float8(-12.5).unwrap().len(), 1_000_007);
    assert_eq!(scientific.int8(0).unwrap().len(), 1_000_007);
    assert_eq!(picture(&nines).numeric(&value).unwrap().len(), 1_000_001);
    assert_eq!(picture(&format!("FM{nines}")).float8(3.0).unwrap(), "3");
    assert!(picture(&format!("9V{nines}")).numeric(&value).is_err());
    assert_eq!(picture(&nines).read("12").unwrap().unwrap().to_string(), "12");
}

#[test]
fn long_texts_are_dealt_with_in_time() {
    let zeros = "0".repeat(3_000_000);
    assert_eq!(Numeric::parse(&format!("{zeros}1"), None).unwrap().to_string(), "1");
    assert!(Numeric::parse(&format!("1{zeros}"), None).is_err());
    assert!(Numeric::parse(&format!("0.{zeros}1"), None).is_err());
    assert_eq!(Numeric::parse(&format!("0.{zeros}1"), Modifier::new(5, 2).ok()).unwrap().to_string(), "0.00");
    assert!(Numeric::parse(&format!("1{zeros}"), Modifier::new(5, 2).ok()).is_err());
    let long: Numeric = "7".repeat(131_072).parse().unwrap();
    assert_eq!(long.to_string().len(), 131_072);
    assert_eq!(Numeric::decode_key(&key(&long), false).unwrap().0, long);
    assert!(long.multiply(&long).is_err());
    assert!(Numeric::factorial(32_177).is_ok());
}
