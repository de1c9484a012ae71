//! Clients whose texts are not UTF-8: what comes is read, and what goes is written, in the encoding that a setting says. What is
//! awaited here is what PostgreSQL 15 answers to the same bytes.

use crate::client::{Caller, House, Value};

impl Caller {
    fn query_bytes(&mut self, text: &[u8]) -> String {
        self.message(b'Q', &[text, b"\0"]).say()
    }

    fn parse_bytes(&mut self, text: &[u8]) -> &mut Caller {
        self.message(b'P', &[b"\0", text, b"\0", &[0, 0]])
    }

    fn speaking(house: &House, encoding: &str) -> Caller {
        let mut caller = house.caller();
        let told = caller.start(&[("user", "postgres"), ("client_encoding", encoding)]);
        assert!(told.ends_with("ready I\n"), "{told}");
        caller
    }
}

const NO_EQUIVALENT: &str = "error S=ERROR C=22P05 M=character with byte sequence 0xe6 0x97 0xa5 in encoding \"UTF8\" has \
    no equivalent in encoding \"LATIN1\"";

#[test]
fn statements_and_rows_are_in_the_encoding_of_the_client() {
    let house = House::trusting();
    let mut caller = Caller::speaking(&house, "latin1");
    insta::assert_snapshot!(caller.query_bytes(b"select '\xe9', length('\xe9') as \"\xe9\", pg_client_encoding()"), @r"
    columns ?column?(- type 25 -1 -1 format 0) \xe9(- type 23 4 -1 format 0) pg_client_encoding(- type 19 64 -1 format 0)
    row [e9] | 1 | LATIN1
    complete SELECT 1
    ready I
    ");
    let told = caller.query("select chr(233) union all select chr(26085)");
    assert!(told.contains("row [e9]\n") && told.contains(NO_EQUIVALENT), "{told}");
    // What cannot be told of an error is told instead; a notice, and a name, cannot be told either.
    for text in [
        "select chr(26085)::int",
        "do $$ begin raise notice '%', chr(26085); end $$",
        "do $$ begin execute format('create table t (a int, %I int)', chr(26085)); end $$; select * from t",
    ] {
        let told = caller.query(text);
        assert!(told.contains(NO_EQUIVALENT) && told.ends_with("ready I\n"), "{text}: {told}");
        assert!(!told.contains("complete SELECT"), "{text}: {told}");
    }
    assert_eq!(
        caller.query_bytes(b"listen \"\xe9\"; notify \"\xe9\", '\xe8'"),
        "complete LISTEN\ncomplete NOTIFY\ntold \\xe9 \\xe8\nready I\n"
    );
}

#[test]
fn a_change_of_the_encoding_holds_at_once_and_is_taken_back_with_its_block() {
    let house = House::trusting();
    let mut caller = Caller::speaking(&house, "LATIN1");
    let told = caller.query_bytes(b"select set_config('client_encoding', 'utf8', false), '\xe9'");
    assert!(told.contains("row UTF8 | é\n"), "{told}");
    assert_eq!(
        caller.query_bytes(b"select '\xe9'"),
        "error S=ERROR C=22021 M=invalid byte sequence for encoding \"UTF8\": 0xe9 0x27\nready I\n"
    );
    let told = caller.query("begin; set local client_encoding to latin1; select chr(233)");
    assert!(told.contains("row [e9]\n"), "{told}");
    let told = caller.query("rollback; select chr(233)");
    assert!(told.contains("row é\n"), "{told}");
    caller.query("set names 'sql_ascii'");
    assert!(caller.query("select 'é'").contains("row é\n"));
    assert_eq!(
        caller.query("set client_encoding to mule_internal"),
        "error S=ERROR C=0A000 M=invalid value for parameter \"client_encoding\": \"mule_internal\" D=Conversion between \
         MULE_INTERNAL and UTF8 is not supported.\nready I\n"
    );
    let refused =
        |encoding: &str| house.caller().start(&[("user", "postgres"), ("client_encoding", encoding)]);
    assert!(
        refused("mule_internal")
            .ends_with("S=FATAL C=0A000 M=conversion between MULE_INTERNAL and UTF8 is not supported\n")
    );
    let unknown = "S=FATAL C=22023 M=invalid value for parameter \"client_encoding\": \"foo\"\n";
    assert!(refused("foo").ends_with(unknown));
}

#[test]
fn bytes_that_are_no_text_are_told_with_what_they_are() {
    let house = House::trusting();
    let mut caller = Caller::speaking(&house, "sjis");
    let invalid = |bytes: &str| {
        format!("error S=ERROR C=22021 M=invalid byte sequence for encoding \"SJIS\": {bytes}\nready I\n")
    };
    assert_eq!(caller.query_bytes(b"select '\x81'"), invalid("0x81 0x27"));
    assert!(caller.query_bytes(b"select '\x81\x40'").contains("row [81, 40]\n"));
    let unknown = "error S=ERROR C=22P05 M=character with byte sequence 0x85 0x40 in encoding \"SJIS\" has no equivalent in \
        encoding \"UTF8\"";
    assert_eq!(caller.query_bytes(b"select '\x85\x40'"), format!("{unknown}\nready I\n"));
    // Within a character stands what is a quote's escape by itself.
    let told = caller.query("set standard_conforming_strings to on; select E'\\'' as a");
    assert!(told.contains("C=22P06 M=unsafe use of \\' in a string literal"), "{told}");
    caller.parse("", "select $1::text, $2::text", &[]).sync();
    caller.say();
    caller.bind("", "", &[Value::Bytes(b"\x85\x40"), Value::Null], false).execute("", 0).sync();
    assert_eq!(caller.say(), format!("{unknown} W=unnamed portal parameter $1\nready I\n"));
    caller.parse_bytes(b"select '\x85\x40'").sync();
    assert_eq!(caller.say(), format!("{unknown}\nready I\n"));
}

#[test]
fn texts_within_binary_values_are_in_the_encoding_of_the_client() {
    let house = House::trusting();
    let mut caller = Caller::speaking(&house, "LATIN1");
    caller.parse("", "select $1::text, $2::jsonb, $3::tsvector, $4::text", &[]);
    let lexemes = b"\0\0\0\x01\xe9\0\0\0";
    caller.bind(
        "",
        "",
        &[Value::Bytes(b"\xe9"), Value::Bytes(b"\x01[\"\xe9\"]"), Value::Bytes(lexemes), Value::Text("x")],
        true,
    );
    caller.execute("", 0).sync();
    assert_eq!(
        caller.say(),
        "parsed\nbound\nrow [e9] | [01, 5b, 22, e9, 22, 5d] | [00, 00, 00, 01, e9, 00, 00, 00] | x\n\
         complete SELECT 1\nready I\n"
    );
    caller.parse_bytes(b"select array['\xe9'], row('\xe9'::text), textsend('\xe9')");
    caller.bind("", "", &[], true).execute("", 0).sync();
    assert_eq!(
        caller.say(),
        "parsed\nbound\n\
         row [00, 00, 00, 01, 00, 00, 00, 00, 00, 00, 00, 19, 00, 00, 00, 01, 00, 00, 00, 01, 00, 00, 00, 01, e9] | \
         [00, 00, 00, 01, 00, 00, 00, 19, 00, 00, 00, 01, e9] | [e9]\n\
         complete SELECT 1\nready I\n"
    );
    caller.parse("", "select array[chr(26085)]", &[]).bind("", "", &[], true).execute("", 0).sync();
    assert_eq!(caller.say(), format!("parsed\nbound\n{NO_EQUIVALENT}\nready I\n"));
}

#[test]
fn what_is_copied_is_in_the_encoding_that_is_named_or_the_clients() {
    let house = House::trusting();
    let mut caller = Caller::speaking(&house, "LATIN1");
    caller.query("create table t (a text)");
    caller.message(b'd', &[b"a\n\xe9"]).message(b'd', &[b"\n"]).message(b'c', &[]).say_later();
    assert!(caller.query("copy t from stdin").contains("complete COPY 2\n"));
    assert!(caller.query("copy t to stdout").contains("data \"a\\n\"\ndata \"\\\\xe9\\\\n\"\n"));
    assert!(caller.query("copy t to stdout (encoding 'utf8')").contains("data \"é\\n\"\n"));
    caller.query("insert into t values (chr(26085))");
    let told = caller.query("copy t to stdout");
    assert!(told.contains(&format!("data \"\\\\xe9\\\\n\"\n{NO_EQUIVALENT}\n")), "{told}");
    let cases: [(&str, &[&[u8]], &str); 5] = [
        (
            "sjis",
            &[b"a\nb\n\x85\x40\n"],
            "C=22P05 M=character with byte sequence 0x85 0x40 in encoding \"SJIS\" has no equivalent in encoding \"UTF8\" W=COPY t, line 3",
        ),
        (
            "sjis",
            &[b"a\nb\n\x81\n"],
            "C=22021 M=invalid byte sequence for encoding \"SJIS\": 0x81 0x0a W=COPY t, line 3",
        ),
        (
            "sjis",
            &[b"a\nb\nxx\x81\x20\n"],
            "C=22021 M=invalid byte sequence for encoding \"SJIS\": 0x81 0x20 W=COPY t, line 3",
        ),
        (
            "sjis",
            &[b"a\nb\x81"],
            "C=22021 M=invalid byte sequence for encoding \"SJIS\": 0x81 W=COPY t, line 2",
        ),
        (
            "utf8",
            &[b"a\nb\nxx\xe9\n"],
            "C=22021 M=invalid byte sequence for encoding \"UTF8\": 0xe9 W=COPY t, line 3",
        ),
    ];
    for (encoding, pieces, awaited) in cases {
        for piece in pieces {
            caller.message(b'd', &[piece]);
        }
        caller.message(b'c', &[]).say_later();
        let told = caller.query(&format!("copy t from stdin (encoding '{encoding}')"));
        assert!(told.contains(awaited), "{told}");
    }
    // A character may come in two pieces.
    caller.message(b'd', &[b"\x93"]).message(b'd', &[b"\xfa\n"]).message(b'c', &[]).say_later();
    assert!(caller.query("delete from t; copy t from stdin (encoding 'sjis')").contains("complete COPY 1\n"));
    assert!(caller.query("select a = chr(26085) from t").contains("row t\n"));
    assert!(
        caller
            .query("copy t to stdout (format csv, encoding 'sjis')")
            .contains("data \"\\\\x93\\\\xfa\\\\n\"\n")
    );
}
