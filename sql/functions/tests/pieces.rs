//! Calls that are much work are done in pieces: the session is asked in between, and what comes out is what comes out at once.

use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use functions::evaluate::Site;
use functions::{
    Argument, Cache, Context, FunctionError, FunctionResult, Resolution, Session, SessionFunction,
    resolve_function, table,
};
use std::sync::Arc;
use types::catalog::builtin_named;
use types::text::TextSettings;
use types::vector::{Dictionary, Repeats, VectorBuilder};
use types::{BuiltinTypes, Item, Kind, Type, Types, Value, Vector};

/// A session that is asked whether to go on so often, and then says no.
struct Patient {
    asked: usize,
    patience: usize,
    random: Option<[u64; 2]>,
}

impl Session for Patient {
    fn call(&mut self, _: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Value> {
        Ok(Value::text("somebody"))
    }

    fn rows(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        Err(FunctionError::Unsupported(function.source().to_owned()))
    }

    fn clock(&mut self) -> TimestampTz {
        TimestampTz(0)
    }

    fn entropy(&mut self) -> FunctionResult<u64> {
        Ok(42)
    }

    fn random_state(&mut self) -> &mut Option<[u64; 2]> {
        &mut self.random
    }

    fn sleep(&mut self, _: f64) -> FunctionResult<()> {
        Ok(())
    }

    fn check(&mut self) -> FunctionResult<()> {
        self.asked += 1;
        match self.asked > self.patience {
            true => Err(FunctionError::plain(SqlState::QueryCanceled, "stopped")),
            false => Ok(()),
        }
    }

    fn notice(&mut self, _: Box<dyn Diagnostic>) {}
}

fn kind(of: u32) -> Kind {
    BuiltinTypes.entry(of).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes)
}

/// A function of the program on columns of types by name, each with the text of each row's value.
struct Call {
    site: Site,
    vectors: Vec<Vector>,
    rows: usize,
}

impl Call {
    fn new(name: &str, columns: &[(&str, Vec<String>)]) -> Call {
        let types: Vec<u32> = columns
            .iter()
            .map(|(of, _)| builtin_named(of).unwrap_or_else(|| panic!("no type {of}")).oid)
            .collect();
        let arguments: Vec<Argument<'_>> = types.iter().map(|of| Argument { of: *of, name: None }).collect();
        let candidates = functions::resolve::builtin_candidates(name, 0);
        let found = match resolve_function(&BuiltinTypes, name, &candidates, &arguments, false, None) {
            Ok(Resolution::Call(found)) => found,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(&found.arguments[..], &types[..], "{name} without casts");
        let settings = TextSettings::new(TimestampTz(0));
        let vectors = columns.iter().zip(&types).map(|((_, values), of)| {
            let mut builder = VectorBuilder::new(kind(*of), values.len());
            for value in values {
                let value =
                    types::text::input(&BuiltinTypes, Type::of(*of), value, &settings).expect("a value");
                builder.push(&value).expect("room");
            }
            builder.finish()
        });
        Call {
            rows: columns.first().map_or(64, |(_, values)| values.len()),
            vectors: vectors.collect(),
            site: Site {
                native: 0,
                function: table::function(found.function.0).expect("in the table"),
                arguments: types.iter().map(|of| Type::of(*of)).collect(),
                result: Type::of(found.result),
                variadic: false,
                columns: Box::default(),
            },
        }
    }

    /// A function of the module `pg_trgm` on a row of texts.
    fn of_trigrams(name: &str, texts: &[&str]) -> Call {
        let module = table::Module::of_extension("pg_trgm").expect("the module");
        let function = table::module_functions(module, name)[0];
        let columns = texts.iter().map(|text| {
            let mut builder = VectorBuilder::new(Kind::Bytes, 1);
            builder.push(&Value::text(text)).expect("room");
            builder.finish()
        });
        Call {
            rows: 1,
            vectors: columns.collect(),
            site: Site {
                native: 0,
                function,
                arguments: function.arguments.iter().map(|of| Type::of(*of)).collect(),
                result: Type::of(function.result),
                variadic: false,
                columns: Box::default(),
            },
        }
    }

    /// The same call.
    fn again(&self) -> Call {
        Call { site: self.site.clone(), vectors: self.vectors.clone(), rows: self.rows }
    }

    /// What comes of it, and how often the session was asked.
    fn run(&self, patience: usize, room: usize) -> (FunctionResult<Vector>, usize) {
        with_session(patience, room, |context| self.site.evaluate(context, &self.vectors, self.rows))
    }
}

/// What comes of work in a session, and how often that was asked.
fn with_session<T>(patience: usize, room: usize, work: impl FnOnce(&mut Context<'_>) -> T) -> (T, usize) {
    let text = TextSettings::new(TimestampTz(0));
    let mut session = Patient { asked: 0, patience, random: None };
    let mut context = Context {
        types: &BuiltinTypes,
        text: &text,
        statement_time: text.datetime.now,
        session: &mut session,
        cache: &mut Cache::default(),
        room,
    };
    let found = work(&mut context);
    (found, session.asked)
}

const LONG: usize = 1 << 20;

fn long_texts(rows: usize) -> Vec<String> {
    (0..rows).map(|row| format!("{}é{row}", "Ab ".repeat(LONG / 3))).collect()
}

fn some(rows: usize, value: &str) -> Vec<String> {
    vec![value.to_owned(); rows]
}

/// Calls whose rows are a megabyte of work each.
fn much_work() -> Vec<(&'static str, Call)> {
    let texts = || ("text", long_texts(12));
    let letters: Vec<String> = (0..12).map(|row| char::from(b'a' + row).to_string()).collect();
    let lengths = || ("int4", some(12, "1048600"));
    let calls = [
        ("repeat", vec![("text", letters.clone()), lengths()]),
        ("lpad", vec![("text", letters), lengths()]),
        ("upper", vec![texts()]),
        ("initcap", vec![texts()]),
        ("reverse", vec![texts()]),
        ("md5", vec![texts()]),
        ("length", vec![texts()]),
        ("replace", vec![texts(), ("text", some(12, "b")), ("text", some(12, "cc"))]),
        ("regexp_replace", vec![texts(), ("text", some(12, "x+y")), ("text", some(12, "z"))]),
        ("textlike", vec![texts(), ("text", some(12, "%x%"))]),
        ("text_lt", vec![texts(), texts()]),
        ("string_to_array", vec![texts(), ("text", some(12, "x"))]),
        ("power", vec![("numeric", some(12, "12345.6789")), ("numeric", some(12, "9000"))]),
        ("numeric_mul", vec![("numeric", some(12, &"7".repeat(50_000))), ("numeric", some(12, "3"))]),
    ];
    calls.into_iter().map(|(name, columns)| (name, Call::new(name, &columns))).collect()
}

/// Whoever cancels waits for a row or two.
#[test]
fn a_session_is_asked_between_rows_that_are_much_work() {
    for (name, call) in much_work() {
        let (found, asked) = call.run(usize::MAX, usize::MAX);
        assert_eq!(found.expect(name).len(), 12, "{name}");
        assert!(asked >= 5, "{name}: asked {asked} times");
        let (found, asked) = call.run(2, usize::MAX);
        assert_eq!(found.expect_err(name).sqlstate(), SqlState::QueryCanceled, "{name}");
        assert_eq!(asked, 3, "{name}");
    }
}

#[test]
fn what_is_made_in_pieces_is_what_is_made_row_by_row() {
    for (name, call) in much_work() {
        let whole = call.run(usize::MAX, usize::MAX).0.expect(name);
        for row in 0..call.rows {
            let vectors = call.vectors.iter().map(|vector| vector.slice(row, 1)).collect();
            let alone = Call { site: call.site.clone(), vectors, rows: 1 }.run(usize::MAX, usize::MAX);
            assert!(whole.value(row) == alone.0.expect(name).value(0), "{name}, row {row}");
        }
    }
}

/// A match that is looked for through all of a text, many times.
#[test]
fn a_session_is_asked_between_matches() {
    let text = "ab".repeat(4_000);
    let columns =
        [("text", vec![text]), ("text", some(1, "a.*?b")), ("text", some(1, "x")), ("text", some(1, "g"))];
    let call = Call::new("regexp_replace", &columns);
    let (found, asked) = call.run(usize::MAX, usize::MAX);
    assert_eq!(found.expect("replaced").value(0), Value::text(&"x".repeat(4_000)));
    assert!(asked >= 10, "asked {asked} times");
    assert!(call.run(3, usize::MAX).0.is_err());
}

/// Words of which each has trigrams that no other has: an extent of the text may begin at each and end at each.
#[test]
fn a_session_is_asked_between_extents_of_a_text() {
    let text: Vec<String> = (0..3_000).map(|word| format!("{word:04}")).collect();
    let text = text.join(" ");
    for name in ["word_similarity", "strict_word_similarity"] {
        let call = Call::of_trigrams(name, &[&text, &text]);
        let (found, asked) = call.run(usize::MAX, usize::MAX);
        assert_eq!(found.expect("compared").value(0), Value::Float32(1.0));
        assert!(asked >= 100, "asked {asked} times");
        let (found, asked) = call.run(2, usize::MAX);
        assert_eq!(found.expect_err("stopped").sqlstate(), SqlState::QueryCanceled);
        assert_eq!(asked, 3);
    }
}

/// An extent may begin where it has fewer trigrams than from the place before: nowhere else is tried.
#[test]
fn a_text_that_says_the_same_again_is_little_work() {
    let text = "abc ".repeat(20_000);
    for name in ["word_similarity", "strict_word_similarity"] {
        let (found, asked) = Call::of_trigrams(name, &["abc", &text]).run(usize::MAX, usize::MAX);
        assert_eq!(found.expect("compared").value(0), Value::Float32(1.0));
        assert!(asked < 30, "asked {asked} times");
    }
}

/// What the rows weigh is summed up once and not for each piece: that would be minutes here.
#[test]
fn many_small_pieces_are_no_more_work_than_their_rows() {
    const ROWS: usize = 200_000;
    let number = format!("0.{}", "7".repeat(400));
    let value =
        types::text::input(&BuiltinTypes, Type::of(1700), &number, &TextSettings::new(TimestampTz(0)));
    let value = value.expect("a number");
    let mut builder = VectorBuilder::new(Kind::Numeric, ROWS);
    (0..ROWS).for_each(|_| builder.push(&value).expect("room"));
    let numbers = [builder.finish()];
    let (found, asked) = with_session(usize::MAX, usize::MAX, |context| {
        functions::in_pieces(context, &numbers, ROWS, |_, vectors, _| {
            Ok::<_, FunctionError>(vectors[0].slice(0, 1))
        })
    });
    let found = found.expect("in pieces");
    assert_eq!((found.len(), asked), (ROWS, ROWS - 1));
    assert!(found.value(ROWS - 1) == value);
}

/// Calls that are little work are done at once: nobody is asked.
#[test]
fn little_work_is_done_at_once() {
    for (name, columns) in [
        ("upper", vec![("text", some(1024, "Straße"))]),
        ("repeat", vec![("text", some(1024, "ab")), ("int4", some(1024, "100"))]),
        ("power", vec![("numeric", some(1024, "1.5")), ("numeric", some(1024, "10"))]),
    ] {
        let (found, asked) = Call::new(name, &columns).run(0, usize::MAX);
        assert_eq!((found.expect(name).len(), asked), (1024, 0), "{name}");
    }
}

#[test]
fn what_the_session_answers_is_asked_for_in_between() {
    let call = Call::new("pg_get_viewdef", &[("oid", some(64, "1"))]);
    assert_eq!(call.run(usize::MAX, usize::MAX).1, 4);
    assert!(call.run(1, usize::MAX).0.is_err());
}

/// Where there is no room for all, that is said, and a row alone is always made.
#[test]
fn a_call_says_if_there_is_no_room_for_what_it_makes() {
    let call = |rows| Call::new("repeat", &[("text", some(rows, "a")), ("int4", some(rows, "1048600"))]);
    let (found, _) = call(12).run(usize::MAX, 3 * LONG);
    assert_eq!(found.expect_err("too much").sqlstate(), SqlState::OutOfMemory);
    assert_eq!(call(2).run(usize::MAX, 3 * LONG).0.expect("room").len(), 2);
    assert_eq!(call(1).run(usize::MAX, 0).0.expect("room").len(), 1);
}

/// What is computed once for each of few texts is much all the same where it is much for all rows.
#[test]
fn texts_that_repeat_are_made_in_pieces_where_they_are_much() {
    let words: Vec<String> = (0..2000).map(|row| format!("word {}", row % 4)).collect();
    let plain = Call::new("lpad", &[("text", words.clone()), ("int4", vec!["3000".to_owned(); 2000])]);
    let values = plain.vectors[0].slice(0, 4).bytes().expect("are texts").clone();
    let numbers = (0..2000).map(|row| row % 4).collect();
    let dictionary = Arc::new(Dictionary::new(values));
    let repeats = Repeats::new(dictionary.clone(), numbers);
    let texts = repeats.expand(&dictionary.vector(), Some(&dictionary)).expect("room");
    assert!(texts.bytes().expect("are texts").repeats().is_some());
    for (length, is_much) in [(3000, true), (30, false)] {
        let length = Vector::constant(Kind::Int32, &Value::Int32(length), 2000).expect("room");
        let few = Call { vectors: vec![texts.clone(), length.clone()], ..plain.again() };
        let all = Call { vectors: vec![plain.vectors[0].clone(), length], ..plain.again() };
        let ((few, asked), (all, _)) = (few.run(usize::MAX, usize::MAX), all.run(usize::MAX, usize::MAX));
        let (few, all) = (few.expect("works"), all.expect("works"));
        assert_eq!(asked > 1, is_much, "asked {asked} times");
        assert!((0..2000).all(|row| few.value(row) == all.value(row)));
    }
}

/// Texts of rows by their numbers in a dictionary.
fn numbered(dictionary: &Arc<Dictionary>, numbers: &[u16]) -> Vector {
    let repeats = Repeats::new(dictionary.clone(), numbers.to_vec());
    repeats.expand(&dictionary.vector(), Some(dictionary)).expect("room")
}

fn texts(words: &[&str]) -> types::vector::BytesVector {
    let mut builder = VectorBuilder::new(Kind::Bytes, words.len());
    words.iter().for_each(|word| builder.push(&Value::text(word)).expect("room"));
    builder.finish().bytes().expect("are texts").clone()
}

/// What a call has made of a dictionary's values serves chunk after chunk, also when the dictionary has grown meanwhile; and what is made
/// of texts is as good as a dictionary.
#[test]
fn texts_of_one_dictionary_are_made_once() {
    let first = Arc::new(Dictionary::new(texts(&["oak", "elm", "", "ash"])));
    let grown = Arc::new(first.grown(texts(&["oak", "elm", "", "ash", "yew", "fir"])));
    let other = Arc::new(Dictionary::new(texts(&["YEW", "x"])));
    let upper = Call::new("upper", &[("text", vec![String::new()])]);
    let chunks = [
        (numbered(&first, &[0, 1, 1]), vec!["OAK", "ELM", "ELM"]),
        (numbered(&first, &[3, 2, 0, 0]), vec!["ASH", "", "OAK", "OAK"]),
        (numbered(&grown, &[5, 0]), vec!["FIR", "OAK"]),
        (numbered(&other, &[0, 1, 0]), vec!["YEW", "X", "YEW"]),
        (numbered(&grown, &[4, 4, 1]), vec!["YEW", "YEW", "ELM"]),
        (numbered(&first, &[1, 2]), vec!["ELM", ""]),
    ];
    let (made, _) = with_session(usize::MAX, usize::MAX, |context| {
        let run = |(vector, _): &(Vector, Vec<&str>)| {
            upper.site.evaluate(context, std::slice::from_ref(vector), vector.len()).expect("works")
        };
        chunks.iter().map(run).collect::<Vec<Vector>>()
    });
    for (made, (_, expected)) in made.iter().zip(&chunks) {
        let found: Vec<Value> = (0..made.len()).map(|row| made.value(row)).collect();
        assert_eq!(found, expected.iter().map(|text| Value::text(text)).collect::<Vec<Value>>());
    }
    let lineage =
        |at: usize| made[at].bytes().expect("are texts").numbered().map(|of| of.dictionary().clone());
    let (before, after) = (lineage(1).expect("has numbers"), lineage(4).expect("has numbers"));
    assert!(before.is_of_lineage(&after) && (before.len(), after.len()) == (4, 6));
    assert!(!lineage(3).expect("has numbers").is_of_lineage(&after));
}

/// A value of which a call fails is the failure of those alone who have it; and other arguments make another call.
#[test]
fn a_value_that_no_row_has_may_fail() {
    let words = Arc::new(Dictionary::new(texts(&["00", "ff", "no digits"])));
    let decode = Call::new("decode", &[("text", vec![String::new()]), ("text", vec![String::new()])]);
    let (made, _) = with_session(usize::MAX, usize::MAX, |context| {
        let mut run = |numbers: &[u16], format: &str| {
            let rows = numbers.len();
            let format = Vector::constant(Kind::Bytes, &Value::text(format), rows).expect("room");
            let made = decode.site.evaluate(context, &[numbered(&words, numbers), format], rows);
            made.map(|made| made.value(1)).map_err(|error| error.sqlstate())
        };
        [
            run(&[0, 1, 1, 0], "hex"),
            run(&[0, 0, 1, 2], "hex"),
            run(&[0, 1, 0], "hex"),
            run(&[0, 1, 2], "escape"),
        ]
    });
    let bytes = |bytes: &[u8]| Ok(Value::Bytes(bytes.into()));
    let expected = [bytes(&[0xff]), Err(SqlState::InvalidParameterValue), bytes(&[0xff]), bytes(b"ff")];
    assert_eq!(made, expected);
}
