//! What a reader gives does not depend on how its bytes were cut into pieces; and bytes of any kind give rows or an error.
#![allow(clippy::unwrap_used)] // a test

use copy::{Columns, CopyError, Format, Header, Options, Reader, Step};

type Rows = Result<Vec<Vec<Option<Vec<u8>>>>, CopyError>;

fn options(format: Format) -> Options {
    let csv = format == Format::Csv;
    Options {
        format,
        delimiter: if csv { b',' } else { b'\t' },
        null: if csv { String::new() } else { "\\N".to_owned() },
        header: Header::None,
        quote: b'"',
        escape: b'"',
        force_quote: Columns::None,
        force_not_null: Columns::None,
        force_null: Columns::None,
        freeze: false,
        encoding: None,
    }
}

/// The rows of bytes that come in pieces of so many bytes.
fn read(options: &Options, bytes: &[u8], piece: usize, columns: usize) -> Rows {
    let names = (0..columns).map(|column| format!("c{column}")).collect();
    let mut reader = Reader::new(options.clone(), names);
    let mut pieces = bytes.chunks(piece);
    let mut rows = Vec::new();
    loop {
        match reader.step()? {
            Step::Row => {
                let row: Result<Vec<_>, CopyError> = (0..columns)
                    .map(|column| reader.field(column).map(|field| field.map(<[u8]>::to_vec)))
                    .collect();
                rows.push(row?);
                // As whoever loads rows does from time to time.
                if rows.len() % 2 == 0 {
                    reader.begin_batch();
                }
            }
            Step::NeedsBytes => match pieces.next() {
                Some(piece) => reader.buffer().extend_from_slice(piece),
                None => reader.complete(),
            },
            Step::End => return Ok(rows),
        }
    }
}

fn check(options: &Options, bytes: &[u8], columns: usize) {
    let whole = read(options, bytes, usize::MAX, columns);
    for piece in 1..bytes.len().min(40) + 1 {
        assert_eq!(read(options, bytes, piece, columns), whole, "pieces of {piece} of {bytes:?}");
    }
}

#[test]
fn text_is_the_same_in_pieces() {
    let text = options(Format::Text);
    for bytes in [
        "1\ta\n2\t\\N\n\\.\nrest",
        "1\ta\r\n2\t\\\\\r\n\\.\r\n",
        "1\ta\r2\tb\r",
        "1\ta\\\nb\n2\tc",
        "1\t\\x41\\101\\q\\b\n\\.x\n",
        "1\ta\r\n2\tb\n",
        "1\ta\n2\tb\r\n",
        "\\.",
        "a\\",
        "",
        "\n",
        "ab\\.\n1\t2\n",
    ] {
        check(&text, bytes.as_bytes(), 2);
    }
}

#[test]
fn csv_is_the_same_in_pieces() {
    let csv = options(Format::Csv);
    let own_escape = Options { escape: b'\\', ..csv.clone() };
    for bytes in [
        "1,\"a\nb\"\n2,\"\"\"\"\n",
        "1,\"a\r\nb\"\r\n2,x\r\n\\.\r\n",
        "\\.,2\n\\.\n3,4\n",
        "\\.x,2\n",
        "1,\"a\\\"b\"\n2,\"c\\\\\"\n",
        "1,\"open\n",
        "1,a\"b,c\"d\n",
        "1,a\r\n2,b\n",
        "\\.",
        "\\",
        ",\n\"\",\"\"",
    ] {
        check(&csv, bytes.as_bytes(), 2);
        check(&own_escape, bytes.as_bytes(), 2);
    }
}

#[test]
fn binary_is_the_same_in_pieces() {
    let binary = options(Format::Binary);
    let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&2u32.to_be_bytes());
    bytes.extend_from_slice(b"xx");
    for _ in 0..3 {
        bytes.extend_from_slice(&2u16.to_be_bytes());
        bytes.extend_from_slice(&3u32.to_be_bytes());
        bytes.extend_from_slice(b"abc");
        bytes.extend_from_slice(&(-1i32).to_be_bytes());
    }
    // Every beginning of it: data may end without their mark.
    for end in 0..bytes.len() {
        check(&binary, &bytes[..end], 2);
    }
    bytes.extend_from_slice(&(-1i16).to_be_bytes());
    assert_eq!(read(&binary, &bytes, 5, 2).unwrap().len(), 3);
    check(&binary, &bytes, 2);
    bytes.push(0);
    assert_eq!(read(&binary, &bytes, usize::MAX, 2), Err(CopyError::AfterEnd));
}

#[test]
fn any_bytes_are_rows_or_an_error() {
    let alphabet = b"\n\r\\.\",a\tx0N\xc3\xa9\0";
    let mut state = 1u64;
    for _ in 0..3_000 {
        let bytes: Vec<u8> = (0..12)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect();
        for format in [Format::Text, Format::Csv, Format::Binary] {
            let options = options(format);
            let whole = read(&options, &bytes, usize::MAX, 1);
            assert_eq!(read(&options, &bytes, 1, 1), whole, "{bytes:?}");
            assert_eq!(read(&options, &bytes, 5, 1), whole, "{bytes:?}");
        }
    }
}
