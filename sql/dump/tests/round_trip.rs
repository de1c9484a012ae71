//! A database that is written and read again is the same database; parts of it are what was asked for.
//! `snapshots/dump-into-postgres` reads the same dump with PostgreSQL 15 and compares what the tables hold.
#![allow(clippy::unwrap_used)] // tests

use dump::{DumpError, DumpOptions, dump};
use env::memory::MemoryEnv;
use session::client::{Client, ClientGone, CopyBroken, Report, ResultColumn, ValueFormat};
use session::{Engine, Session};
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreOptions};

const DATABASE: &str = include_str!("database.sql");

fn session() -> Session {
    let env = Arc::new(MemoryEnv::new());
    let store = Store::open(env.clone(), Path::new("dump.db"), StoreOptions::default()).unwrap();
    Session::new(&Engine::new(env, store).unwrap()).unwrap()
}

/// Reads data from what follows a statement.
#[derive(Default)]
struct Script<'t> {
    following: &'t str,
    taken: usize,
}

impl Client for Script<'_> {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn rows(&mut self, _: &types::vector::Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        if self.taken > 0 {
            return Ok(false);
        }
        self.taken = self.following.find("\\.\n").unwrap() + 3;
        bytes.extend_from_slice(&self.following.as_bytes()[1..self.taken]);
        Ok(true)
    }
}

/// Runs a script whose statements end with their lines, and whose data follow theirs.
fn load(session: &mut Session, text: &str) {
    let mut rest = text;
    while let Some(end) = rest.find(";\n") {
        let mut client = Script { following: &rest[end + 1..], taken: 0 };
        session
            .execute(&rest[..=end], &mut client)
            .map_err(|report| format!("{report} in {}", &rest[..end]))
            .unwrap();
        let taken = client.taken;
        rest = &rest[end + 1 + taken..];
    }
}

fn text(session: &mut Session, options: &DumpOptions) -> Result<String, DumpError> {
    let mut out = Vec::new();
    dump(session, options, &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(String::from_utf8(out).unwrap())
}

fn loaded() -> Session {
    let mut session = session();
    load(&mut session, DATABASE);
    session
}

#[test]
fn what_is_read_again_is_the_same() {
    for inserts in [false, true] {
        let options = DumpOptions { inserts, ..DumpOptions::default() };
        let first = text(&mut loaded(), &options).unwrap();
        let mut again = session();
        load(&mut again, &first);
        assert_eq!(text(&mut again, &options).unwrap(), first);
    }
}

#[test]
fn a_dump_changes_nothing() {
    let mut session = loaded();
    let first = text(&mut session, &DumpOptions::default()).unwrap();
    assert_eq!(text(&mut session, &DumpOptions::default()).unwrap(), first);
}

#[test]
fn parts_are_what_was_asked_for() {
    let mut session = loaded();
    let schema = text(&mut session, &DumpOptions { schema_only: true, ..DumpOptions::default() }).unwrap();
    assert!(!schema.contains("COPY") && !schema.contains("setval") && schema.contains("FOREIGN KEY"));
    let data = text(&mut session, &DumpOptions { data_only: true, ..DumpOptions::default() }).unwrap();
    assert!(!data.contains("CREATE") && !data.contains("ALTER") && data.contains("setval"));
    let mut again = self::session();
    load(&mut again, &schema);
    let mut of = |pattern: &str| {
        let tables = vec![pattern.to_owned()];
        text(&mut session, &DumpOptions { tables, ..DumpOptions::default() })
    };
    let child = of("s2.c*").unwrap();
    assert!(child.contains("CREATE TABLE s2.child") && !child.contains("parent ("));
    assert!(!child.contains("FOREIGN KEY"), "of a table that is not there nothing can be demanded");
    let with_its_sequence = of("parent").unwrap();
    assert!(with_its_sequence.contains("setval('public.parent_id_seq'"), "{with_its_sequence}");
    assert!(of("s2.child").unwrap().contains("CREATE SEQUENCE s2.child_id_seq"));
    assert_eq!(of("nothing"), Err(DumpError::NothingMatches("nothing".into())));
    assert_eq!(of("a.b.c"), Err(DumpError::Name("a.b.c".into())));
}

#[test]
fn whoever_takes_no_more_ends_it() {
    let mut session = loaded();
    let done = dump(&mut session, &DumpOptions::default(), &mut |_| Err("full".into()));
    assert_eq!(done, Err(DumpError::Output("full".into())));
    assert_eq!(session.status(), session::transaction::block::Status::Idle);
}
