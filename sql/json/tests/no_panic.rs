//! Whatever comes in, nothing panics: texts, bytes and paths that are mangled at random; and limits are errors.

#![allow(clippy::unwrap_used)]

use json::error::PathError;
use json::jsonb::{self, Insertion};
use json::path::{Datetimes, Moment, MomentKind, Query};
use json::text::{self, Step};
use json::{JsonError, JsonPath, JsonResult, Jsonb, MAX_DEPTH, Value};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next(from.len())]
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.next(most + 1)).map(|_| self.pick(pieces)).collect()
    }
}

struct Noon;

impl Datetimes for Noon {
    fn parse(&self, text: &str, _template: &str) -> Result<Moment, PathError> {
        match text {
            "a" => Ok(Moment { kind: MomentKind::TimeTz, value: i64::MAX, zone: i32::MIN }),
            _ => Err(PathError::DatetimeFormat(text.to_owned())),
        }
    }

    fn convert(&self, moment: Moment, kind: MomentKind) -> JsonResult<Moment> {
        Ok(Moment { kind, ..moment })
    }

    fn write(&self, _moment: Moment, out: &mut String) {
        out.push_str("noon");
    }
}

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"a\":",
    "\"\":",
    "1",
    "-1",
    "1.5e3",
    "1e999",
    "1e-20",
    "-0.00",
    "true",
    "null",
    "\"",
    "\\",
    "\\u",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud83d",
    "é",
    "日",
    "\u{1}",
    " ",
    "\n",
    "[1,2]",
    "{\"a\":[null]}",
    "99999999999999999999999999999999999999999",
    "\"a\":{\"b\":",
    "[[",
    "]]",
];

const PATH: &[&str] = &[
    "$",
    "@",
    ".",
    "a",
    "\"a\"",
    "[",
    "]",
    "(",
    ")",
    "*",
    "**",
    "{",
    "}",
    "?",
    "? (@ == 1)",
    ".a",
    "[*]",
    "[last]",
    "[0 to 1]",
    ".**",
    ".**{1 to 2}",
    "1",
    "1.5",
    "-",
    "+",
    "/",
    "%",
    "==",
    "<",
    "&&",
    "||",
    "!",
    "exists",
    "is unknown",
    "last",
    "strict ",
    "like_regex \"a[b\"",
    "like_regex \"(a|b)*\"",
    " flag \"i\"",
    "starts with \"a\"",
    ".type()",
    ".size()",
    ".keyvalue()",
    ".double()",
    ".datetime()",
    ".abs()",
    "\\u0061",
    "\\",
    "\"",
    "é",
    "$x",
    "null",
    "1e100000",
    " ",
    "/*",
    "*/",
];

const REGEX: &[&str] = &[
    "a",
    "é",
    "(",
    ")",
    "[",
    "]",
    "[^",
    "-",
    "*",
    "+",
    "?",
    "{1",
    "{1,2}",
    "}",
    ",",
    "|",
    "^",
    "$",
    ".",
    "\\\\",
    "\\\\d",
    "\\\\1",
    "\\\\y",
    "\\\\m",
    "(?:",
    "(?=",
    "(?<!",
    "(?i)",
    "[:alpha:]",
    "[.a.]",
    "***=",
    "\\\\x",
    "\\\\u0061",
    "[[:<:]]",
    "#",
];

fn use_document(document: &Jsonb, other: &Jsonb) {
    let (value, part) = (document.value(), other.value());
    let shown = value.to_string();
    assert_eq!(jsonb::parse(&shown).unwrap().value(), value);
    let _ = jsonb::pretty(value).unwrap();
    let _ = jsonb::contains(value, part);
    assert_eq!(jsonb::key(value).cmp(&jsonb::key(part)), value.cmp(&part));
    let _ = jsonb::concatenate(value, part).unwrap();
    let path = [Some("a"), Some("-1"), Some("b")];
    for length in 0..=path.len() {
        let path = &path[..length];
        let _ = jsonb::set(value, path, part, true);
        let _ = jsonb::insert(value, path, part, Insertion::After);
        let _ = jsonb::delete_path(value, path);
        let _ = jsonb::assign(Some(value), path, part, false);
    }
    let _ = (jsonb::strip_nulls(value).unwrap(), jsonb::delete_index(value, -1), value.element(i32::MIN));
}

#[test]
fn texts_at_random() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut last = jsonb::parse("{}").unwrap();
    for _ in 0..60_000 {
        let input = dice.text(JSON, 12);
        let valid = text::validate(&input).is_ok();
        let _ = text::path(&input, &[Step::Text("a"), Step::Index(-1)]);
        let _ = (text::object_fields(&input), text::array_elements_text(&input), text::strip_nulls(&input));
        let _ = (text::type_name(&input), text::array_length(&input), text::object_keys(&input));
        if let Ok(document) = jsonb::parse(&input) {
            assert!(valid, "{input}");
            use_document(&document, &last);
            last = document;
        }
    }
}

#[test]
fn bytes_at_random() {
    let mut dice = Dice(77);
    let source = jsonb::parse(r#"{"a":[1,2.50,"x",null,{"b":true}],"bb":"é","ccc":1e300}"#).unwrap();
    let path = JsonPath::parse("$.keyvalue().value[*] ? (@ > 1 || @ like_regex \"x\")").unwrap();
    for _ in 0..5_000 {
        let mut bytes = source.as_bytes().to_vec();
        for _ in 0..=dice.next(4) {
            let place = dice.next(bytes.len());
            bytes[place] = dice.next(256) as u8;
        }
        bytes.truncate(bytes.len() - dice.next(3) * dice.next(20));
        let value = Value::from_bytes(&bytes);
        let _ = value.array_length();
        let _ = value.to_string();
        let _ = (value.cmp(&source.value()), jsonb::key(value), jsonb::pretty(value), value.field("bb"));
        let _ = jsonb::strip_nulls(value);
        let query = Query {
            path: &path,
            target: value,
            variables: None,
            silent: true,
            zone_aware: false,
            datetimes: &Noon,
        };
        let _ = (query.all(), query.exists(), query.matches());
    }
}

#[test]
fn paths_at_random() {
    let mut dice = Dice(4242);
    let documents = [r#"{"a":[1,"a",{"b":null}]}"#, r#"["a",[2]]"#, "\"a\"", "[]"]
        .map(|text| jsonb::parse(text).unwrap());
    let variables = jsonb::parse(r#"{"x":[1,"a"]}"#).unwrap();
    for round in 0..60_000 {
        let input = if round % 4 == 0 {
            format!("$ like_regex \"{}\"", dice.text(REGEX, 7))
        } else {
            format!("{}{}", dice.pick(&["$", "", "strict $"]), dice.text(PATH, 8))
        };
        let Ok(path) = JsonPath::parse(&input) else { continue };
        let _ = path.to_string();
        for document in &documents {
            for silent in [false, true] {
                let query = Query {
                    path: &path,
                    target: document.value(),
                    variables: Some(variables.value()),
                    silent,
                    zone_aware: silent,
                    datetimes: &Noon,
                };
                let _ = (query.all(), query.exists(), query.matches());
            }
        }
    }
}

#[test]
fn nesting_up_to_the_limit_needs_no_stack() {
    on_a_small_stack(deep_documents);
}

fn deep_documents() {
    let nested = |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth / 2) + "1", "}]".repeat(depth / 2));
    let text = nested(MAX_DEPTH);
    let document = jsonb::parse(&text).unwrap();
    let value = document.value();
    assert_eq!(value.to_string().len(), text.len() + MAX_DEPTH / 2);
    assert_eq!(value.cmp(&value), std::cmp::Ordering::Equal);
    assert!(jsonb::key(value).len() > MAX_DEPTH);
    assert_eq!(jsonb::strip_nulls(value).unwrap(), document);
    assert_eq!(text::strip_nulls(&text).unwrap(), text);
    assert_eq!(jsonb::contains(value, value), Err(JsonError::TooDeep));
    assert_eq!(text::validate(&nested(MAX_DEPTH + 2)), Err(JsonError::TooDeep));
    let steps: Vec<Option<&str>> =
        (0..MAX_DEPTH).map(|level| Some(if level % 2 == 0 { "0" } else { "a" })).collect();
    assert_eq!(value.path(steps.iter().flatten().copied()).unwrap().to_string(), "1");
    let set = jsonb::set(value, &steps, Value::Null, true).unwrap();
    assert_eq!(set.value().to_string().len(), value.to_string().len() + 3);
    let made = jsonb::assign(None, &steps, Value::Null, true).unwrap();
    assert_eq!(made, set);
}

/// Coroutines have small stacks: what recurses must be content with half a megabyte, unoptimised.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    #[allow(clippy::disallowed_types, clippy::disallowed_methods)]
    std::thread::Builder::new().stack_size(512 << 10).spawn(body).unwrap().join().unwrap();
}

#[test]
fn deep_paths_are_errors() {
    on_a_small_stack(deep_paths);
}

fn deep_paths() {
    for (open, middle, close) in [
        ("(", "$", ")"),
        ("$[", "1", "]"),
        ("-", "$", ""),
        ("$ ? (@ == ", "1", ")"),
        ("1 + ", "1", ""),
        ("!(", "1==1", ")"),
    ] {
        let text = format!("{}{middle}{}", open.repeat(100_000), close.repeat(100_000));
        assert!(JsonPath::parse(&text).is_err_and(|error| error == JsonError::TooDeep), "{open}");
    }
    let long = format!("${}", "[0]".repeat(100_000));
    let path = JsonPath::parse(&long).unwrap();
    let document = jsonb::parse("1").unwrap();
    let query = Query {
        path: &path,
        target: document.value(),
        variables: None,
        silent: true,
        zone_aware: false,
        datetimes: &Noon,
    };
    assert_eq!(query.all(), Err(JsonError::TooDeep));
    let nested = jsonb::parse(&format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000))).unwrap();
    let path = JsonPath::parse("$.**").unwrap();
    assert_eq!(Query { path: &path, target: nested.value(), ..query }.all(), Err(JsonError::TooDeep));
}

#[test]
fn what_outgrows_a_value_is_an_error() {
    let document = jsonb::parse("[]").unwrap();
    let far = [Some("2000000000")];
    assert!(matches!(
        jsonb::assign(Some(document.value()), &far, Value::Null, true),
        Err(JsonError::TooLarge(_))
    ));
}
