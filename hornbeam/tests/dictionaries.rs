//! Dictionaries of text search that are made from files, which lie beside the database's; and what looks into functions unasked.

#![allow(clippy::disallowed_methods)] // it puts files where people would

use hornbeam::{Connection, Database};
use std::path::Path;

/// A database in a folder with these files for its dictionaries.
fn connect(folder: &Path, files: &[(&str, &str)]) -> Connection {
    std::fs::create_dir(folder.join("tsearch_data")).expect("a new folder");
    files.iter().for_each(|(name, text)| write(folder, name, text));
    Database::open(folder.join("app.db")).and_then(|database| database.connect()).expect("a new database")
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join("tsearch_data").join(name), text).expect("a file");
}

fn lexemes(connection: &mut Connection, dictionary: &str, word: &str) -> String {
    let ask = "select ts_lexize($1::text::regdictionary, $2)::text";
    connection.query_value::<String>(ask, (dictionary, word)).expect("an answer")
}

#[test]
fn a_file_is_read_again_when_its_dictionary_is_altered_even_without_effect() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = connect(folder.path(), &[("words.syn", "quick fast\n")]);
    connection
        .batch("create text search dictionary synonyms (template = synonym, synonyms = words)")
        .unwrap();
    assert_eq!(lexemes(&mut connection, "synonyms", "quick"), "{fast}");
    write(folder.path(), "words.syn", "quick swift\n");
    assert_eq!(lexemes(&mut connection, "synonyms", "quick"), "{fast}");
    connection.batch("alter text search dictionary synonyms (dummy)").unwrap();
    assert_eq!(lexemes(&mut connection, "synonyms", "quick"), "{swift}");
}

#[test]
fn a_name_within_a_dictionary_that_has_come_to_mean_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = connect(folder.path(), &[("phrases.ths", "foo : bar\n")]);
    connection
        .batch(
            "create schema one; create schema two; create text search dictionary two.d (template = simple); \
             set search_path = two; \
             create text search dictionary one.d (template = thesaurus, dictfile = phrases, dictionary = d)",
        )
        .unwrap();
    assert_eq!(lexemes(&mut connection, "one.d", "foo"), "{bar}");
    connection.batch("set search_path = one").unwrap();
    let ask = "select ts_lexize('one.d', 'foo')::text";
    let refused = connection.query_value::<String>(ask, ()).unwrap_err();
    assert_eq!(refused.to_string(), "forbidden call of thesaurus or nested call (SQLSTATE F0000)");
    connection.batch("set search_path = two").unwrap();
    assert_eq!(lexemes(&mut connection, "one.d", "foo"), "{bar}");
}

#[test]
fn many_rules_that_begin_alike_are_told_apart_in_time() {
    let rules: String = (0..20_000).map(|rule| format!("new w{rule} : x{rule}\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut connection = connect(folder.path(), &[("many.ths", &rules)]);
    connection
        .batch(
            "create text search dictionary many (template = thesaurus, dictfile = many, dictionary = simple); \
             create text search configuration many (parser = \"default\"); \
             alter text search configuration many add mapping for asciiword, numword with many, simple; \
             set statement_timeout = '60s'",
        )
        .unwrap();
    let ask = "select to_tsvector('many', repeat('new ', 50) || 'w19999')::text";
    let found = connection.query_value::<String>(ask, ()).unwrap();
    assert!(found.contains("'x19999':50"), "{found}");
}

#[test]
fn estimates_do_nothing_besides() {
    let mut connection = Database::open_in_memory().unwrap().connect().unwrap();
    connection
        .batch(
            "create operator ### (leftarg = int, rightarg = int, function = pg_try_advisory_lock, restrict = eqsel); \
             create table tried (a int); insert into tried select i % 3 from generate_series(1, 90) i; \
             analyze tried; explain select * from tried where a ### 7",
        )
        .unwrap();
    let locks = "select count(*) from pg_locks where locktype = 'advisory'";
    assert_eq!(connection.query_value::<i64>(locks, ()).unwrap(), 0);
}
