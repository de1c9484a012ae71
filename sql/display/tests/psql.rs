//! Tables as psql 15 wrote them (`psql.txt`: a line that begins with U+0002 tells table, format, expanded, border,
//! tuples_only and null), byte for byte.

#![allow(clippy::unwrap_used)]

use display::{Column, Content, Format, Options, Table};

const ANSWERS: &str = include_str!("psql.txt");

fn table(columns: &[(&str, Content)], rows: &[&[Option<&str>]]) -> Table {
    Table {
        title: None,
        columns: columns
            .iter()
            .map(|(name, content)| Column { name: (*name).into(), content: *content })
            .collect(),
        rows: rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect(),
    }
}

fn named(name: &str) -> Table {
    use Content::{Boolean, Number, Text};
    match name {
        "plain" => table(
            &[("a", Number), ("long name here", Text), ("n", Text), ("t", Text)],
            &[
                &[Some("1"), Some("x"), None, Some("two\nlines")],
                &[Some("22"), Some("longer than the header"), Some("z\n\nq"), Some("q")],
            ],
        ),
        "odd" => table(
            &[("é", Text), ("t", Text), ("c", Text), ("ctl", Text), ("w", Text), ("num", Number)],
            &[&[Some("ü"), Some("tab\there"), Some("cr\rx"), Some("\u{1}"), Some("日本"), Some("-5")]],
        ),
        "headers" => table(
            &[("a\nb", Number), ("c", Number), ("d\n", Text)],
            &[&[Some("1"), Some("2"), Some("x\ny\nz")]],
        ),
        "none" => table(&[], &[&[]]),
        "two_of_none" => table(&[], &[&[], &[]]),
        "empty" => table(&[("a", Number), ("b", Text)], &[]),
        "quotes" => table(
            &[
                ("a", Number),
                ("d,e", Text),
                ("s", Text),
                ("?column?", Text),
                ("h\"", Text),
                ("e", Text),
                ("dot", Text),
                ("yes", Boolean),
                ("blanks", Text),
            ],
            &[&[
                Some("1"),
                Some("b\n<c"),
                Some(" x  y"),
                None,
                Some("q\"&"),
                Some(""),
                Some("\\."),
                Some("t"),
                Some("  "),
            ]],
        ),
        "many" => table(
            &[("i", Number), ("v", Text)],
            &[&[Some("9"), Some("v9")], &[Some("10"), Some("v10")], &[Some("11"), Some("v11")]],
        ),
        other => panic!("no table {other}"),
    }
}

fn options(words: &[&str]) -> Options {
    Options {
        format: match words[0] {
            "aligned" => Format::Aligned,
            "unaligned" => Format::Unaligned,
            "csv" => Format::Csv,
            "html" => Format::Html,
            other => panic!("no format {other}"),
        },
        expanded: words[1] == "1",
        border: words[2].parse().unwrap(),
        tuples_only: words[3] == "1",
        null: words[4].into(),
        ..Options::default()
    }
}

#[test]
fn tables_are_written_as_psql_writes_them() {
    let mut compared = 0;
    let mut wrong = String::new();
    for answer in ANSWERS.split('\u{2}').skip(1) {
        let (head, expected) = answer.split_once('\n').unwrap();
        let words: Vec<&str> = head.split(' ').collect();
        let found = named(words[0]).to_text(&options(&words[1..]));
        compared += 1;
        if found != expected {
            wrong.push_str(&format!("== {head}\n-- expected\n{expected}-- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "of {compared} tables:\n{wrong}");
    assert_eq!(compared, 8 * 27);
}

#[test]
fn json_and_markdown_keep_what_values_are() {
    let table = table(
        &[("n", Content::Number), ("b", Content::Boolean), ("t", Content::Text), ("j", Content::Json)],
        &[
            &[Some("1.50"), Some("t"), Some("a|b\n\"c\""), Some("{\"a\": 1}")],
            &[Some("NaN"), None, None, None],
        ],
    );
    let json = table.to_text(&Options { format: Format::Json, ..Options::default() });
    assert_eq!(
        json,
        "[\n  {\"n\": 1.50, \"b\": true, \"t\": \"a|b\\n\\\"c\\\"\", \"j\": {\"a\": 1}},\n  \
         {\"n\": \"NaN\", \"b\": null, \"t\": null, \"j\": null}\n]\n"
    );
    let markdown = table.to_text(&Options { format: Format::Markdown, ..Options::default() });
    assert_eq!(
        markdown,
        "| n | b | t | j |\n| ---: | --- | --- | --- |\n| 1.50 | t | a\\|b<br>\"c\" | {\"a\": 1} |\n| NaN |  |  |  |\n"
    );
}
