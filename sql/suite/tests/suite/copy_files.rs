//! `COPY` with files of the world, and the binary format beside what PostgreSQL writes.

use shell::collect::{Collect, Event};
use suite::{Database, script};

/// What `COPY` of a row of many types is in PostgreSQL 15's binary format.
const ROW: &str = include_str!("../copy_binary.hex");

const VALUES: &str = "1::int2, 2::int4, 3::int8, 1.5::float4, -2.5::float8, 12345.678::numeric, true, 'text'::text, \
    null::int, '2020-02-29'::date, '2020-01-01 00:00:00+00'::timestamptz, '{1,null,3}'::int[], '\\x00ff'::bytea, \
    '1 day 2 hours'::interval, '{\"a\": 1}'::jsonb";

const TABLE: &str = "create table w(a int2, b int4, c int8, d float4, e float8, f numeric, g bool, h text, i int, \
    j date, k timestamptz, l int[], m bytea, n interval, o jsonb)";

fn copied(database: &mut Database, statement: &str) -> Vec<u8> {
    let mut client = Collect::default();
    database.session.execute(statement, &mut client).unwrap();
    let copied = client.events.into_iter().find_map(|event| match event {
        Event::Copied(bytes) => Some(bytes),
        Event::Rows(..) | Event::Complete(_) | Event::Notice(_) => None,
    });
    copied.unwrap()
}

#[test]
fn the_binary_format_is_postgresqls() {
    let mut database = Database::new();
    let bytes = copied(&mut database, &format!("copy (select {VALUES}) to stdout (format binary)"));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, ROW.trim());
}

#[test]
fn what_goes_to_a_file_comes_back() {
    for options in ["", "(format csv, header)", "(format binary)", "(format csv, delimiter '|', null 'N')"] {
        let mut database = Database::new();
        let shown = script::run(
            &mut database,
            &format!(
                "{TABLE}; insert into w select {VALUES}; insert into w default values; \
                 insert into w(h) values (E'a\\tb\\n\"c\\\\'), (''), ('\\N'); \
                 copy w to '/dir/w' {options}; {}; copy x from '/dir/w' {options}; \
                 (select w::text from w except all select x::text from x) union all \
                 (select x::text from x except all select w::text from w); \
                 select count(*) from x;",
                TABLE.replace("table w", "table x")
            ),
        );
        assert!(shown.contains("(0 rows)") && shown.contains("     5"), "{options}: {shown}");
        assert!(!shown.contains("ERROR"), "{options}: {shown}");
    }
}

#[test]
fn files_that_are_not_there_are_told_of() {
    let mut database = Database::new();
    let shown = script::run(
        &mut database,
        "create table t(a int); copy t from '/nothing'; copy t to 'relative'; copy t from program 'ls'; \
         copy (values (1), (2)) to '/one'; copy t from '/one'; copy t to '/one'; copy t from '/one'; \
         select count(*) from t;",
    );
    assert!(shown.contains("58P01: could not open file \"/nothing\" for reading: No such file or directory"));
    assert!(shown.contains("42602: relative path not allowed for COPY to file"), "{shown}");
    assert!(shown.contains("0A000: COPY PROGRAM is not supported"), "{shown}");
    assert!(shown.contains("     4"), "{shown}");
}

/// Values of every beginning of a binary copy are an error or rows: never a panic.
#[test]
fn damaged_binary_data_are_refused() {
    let mut database = Database::new();
    script::run(&mut database, &format!("{TABLE};"));
    let bytes: Vec<u8> = (0..ROW.trim().len() / 2)
        .map(|place| u8::from_str_radix(&ROW[place * 2..place * 2 + 2], 16).unwrap())
        .collect();
    for place in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[place] ^= change;
            let mut client = Feeding { bytes: Some(damaged) };
            let _ = database.session.execute("copy w from stdin (format binary)", &mut client);
        }
        let mut client = Feeding { bytes: Some(bytes[..place].to_vec()) };
        let _ = database.session.execute("copy w from stdin (format binary)", &mut client);
    }
}

struct Feeding {
    bytes: Option<Vec<u8>>,
}

impl session::client::Client for Feeding {
    fn columns(&mut self, _: &[session::client::ResultColumn]) {}

    fn rows(
        &mut self,
        _: &types::vector::Chunk,
        _: &mut dyn session::client::ValueFormat,
    ) -> Result<(), session::client::ClientGone> {
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: session::client::Report) {}

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, session::client::CopyBroken> {
        match self.bytes.take() {
            Some(mut given) => {
                bytes.append(&mut given);
                Ok(true)
            }
            None => Ok(false),
        }
    }
}
