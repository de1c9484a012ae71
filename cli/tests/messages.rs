//! What the program says: its help, and what it makes of files that are not what they should be. Each message names the
//! file, what was expected and found, and what to do; the exit code tells a verdict (1) from what cannot be done (2).

#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn hornbeam(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hornbeam"));
    let output = command.current_dir(directory).args(arguments).output().expect("the program can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes text");
    let code = output.status.code().expect("it ends by itself");
    format!("{}{}[exit code {code}]\n", text(output.stdout), text(output.stderr))
}

fn pinned(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../snapshots/cli", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A database with a few commits in its log, left by a process that was killed.
fn database(directory: &Path, name: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hornbeam"))
        .current_dir(directory)
        .args(["victim", name, "1"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let output = child.stdout.take().expect("it is piped");
    assert_eq!(BufReader::new(output).lines().take(10).count(), 10);
    child.kill().expect("it is there to be killed");
    child.wait().expect("it has ended");
}

#[test]
fn the_help_of_every_command_has_examples() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for command in [
        &["--help"][..],
        &["torture", "--help"],
        &["torture", "merge", "--help"],
        &["replay", "--help"],
        &["minimise", "--help"],
        &["check", "--help"],
        &["dump", "--help"],
        &["vacuum", "--help"],
    ] {
        let help = hornbeam(here, command);
        assert!(help.contains("Examples:"), "{command:?} has no examples");
        writeln!(text, "$ hornbeam {}\n{help}", command.join(" ")).expect("a String takes everything");
    }
    pinned("help", &text);
}

#[test]
fn what_cannot_be_asked_is_explained() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for command in [
        &["torture", "--seeds", "10..3"][..],
        &["torture", "--shard", "4/4"],
        &["torture", "--for", "soon"],
        &["torture", "--profile", "stormy"],
        &["torture", "--sabotage", "wal.comit.sync"],
        &["torture", "--sabotage", "wal.read"],
        &["torture", "--exhaustive", "nowhere.toml"],
        &["torture", "merge", "nowhere.json"],
        &["torture", "merge", "Cargo.toml"],
        &["replay", "nowhere"],
        &["replay", "Cargo.toml"],
        &["replay", "7", "--profile", "stormy"],
    ] {
        let said = hornbeam(here, command);
        assert!(said.ends_with("[exit code 2]\n"), "{command:?}: {said}");
        writeln!(text, "$ hornbeam {}\n{said}", command.join(" ")).expect("a String takes everything");
    }
    pinned("wrong_commands", &text);
}

#[test]
fn a_database_in_memory_leaves_no_file() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let said = hornbeam(
        place.path(),
        &[":memory:", "-c", "create table t (a int); insert into t values (7); table t"],
    );
    assert!(said.contains(" 7\n(1 row)") && said.ends_with("[exit code 0]\n"), "{said}");
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0);
}

#[test]
fn what_is_opened_for_reading_is_not_written() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    hornbeam(place.path(), &["app.db", "-c", "create table t (a int); insert into t values (7)"]);
    let before = fs::read(place.path().join("app.db")).expect("it is there");
    let mut text = String::new();
    for statement in ["table t", "insert into t values (8)", "create temp table o as table t; table o"] {
        let said = hornbeam(place.path(), &["--read-only", "app.db", "-c", statement]);
        writeln!(text, "$ hornbeam --read-only app.db -c \"{statement}\"\n{said}").expect("takes everything");
    }
    text += &hornbeam(place.path(), &["--read-only", "other.db", "-c", "select 1"]);
    pinned("read_only", &text);
    assert!(fs::read(place.path().join("app.db")).expect("it is there") == before);
    let files = fs::read_dir(place.path()).expect("can be listed").count();
    assert_eq!(files, 1, "no log, no lock, no other database");
}

#[test]
fn programs_read_and_write() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let said = |script: &str| hornbeam(place.path(), &["app.db", "-c", script]);
    let mut text = said("create table t (a text);\n\\copy t from program 'echo one; echo two'\n");
    text += &said("table t \\g (format=unaligned) | tr a-z A-Z\n\\echo behind it\n");
    text += &said(
        "\\o |sort -r\ncopy t to stdout;\n\\o\n\\! echo $((6 * 7))\n\\copy t to program 'cat > out.txt'\n",
    );
    // Who reads no more has what he wants; what has failed has not written all there is.
    text += &said(
        "select generate_series(1, 100000) \\g | head -n 2\n\\copy t from program 'echo three; exit 3'\n",
    );
    text += &said("table t");
    pinned("programs", &text);
    assert_eq!(fs::read(place.path().join("out.txt")).expect("it is there"), b"one\ntwo\n");
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let directory = place.path();
    database(directory, "good.db");
    database(directory, "other.db");
    let read = |name: &str| fs::read(directory.join(name)).expect("it is there");
    let (good, log, other_log) = (read("good.db"), read("good.db-log"), read("other.db-log"));
    let write = |name: &str, bytes: &[u8]| fs::write(directory.join(name), bytes).expect("it can be written");
    write("empty.db", b"");
    write("text.db", b"Dear diary, today I have kept bees in a file.");
    write("picture.db", &[7; 20_000]);
    write("cut.db", &good[..5000]);
    write("no-log.db", &good);
    write("cut-log.db", &good);
    write("cut-log.db-log", &log[..5000]);
    write("empty-log.db", &good);
    write("empty-log.db-log", b"");
    write("foreign-log.db", &good);
    write("foreign-log.db-log", &other_log);
    write("log-is-a-directory.db", &good);
    for name in ["directory.db", "log-is-a-directory.db-log", "with space, ünïcödé"] {
        fs::create_dir(directory.join(name)).expect("it can be made");
    }
    write("with space, ünïcödé/🐝 1.db", &good);
    write("with space, ünïcödé/🐝 1.db-log", &log);
    let mut text = String::new();
    for name in [
        "good.db",
        "with space, ünïcödé/🐝 1.db",
        "missing.db",
        "missing/missing.db",
        "text.db/inside.db",
        "empty.db",
        "text.db",
        "picture.db",
        "cut.db",
        "no-log.db",
        "cut-log.db",
        "empty-log.db",
        "foreign-log.db",
        "directory.db",
        "log-is-a-directory.db",
    ] {
        let before = read_all(directory);
        let said = hornbeam(directory, &["check", name]);
        let file = name.rsplit('/').next().expect("it has a name");
        assert!(said.contains(file.trim_end_matches(".db")), "{name} is not named: {said}");
        assert_eq!(before, read_all(directory), "a check of {name} has written something");
        writeln!(text, "$ hornbeam check '{name}'\n{said}").expect("a String takes everything");
    }
    // Two databases have two ids, and each run makes its own; how far the victims came is a matter of speed.
    let masked =
        mask_after(&text, &["belongs to database ", "not to ", "1 database, 1 tree, ", "0 pages in use; "]);
    pinned("files", &masked);
}

/// The names of all files, and what is in them.
fn read_all(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_file() {
            files.push((path.display().to_string(), fs::read(&path).expect("it can be read")));
        }
    }
    files.sort();
    files
}

/// Puts `N` in place of the number that follows each of `before`.
fn mask_after(text: &str, before: &[&str]) -> String {
    let mut masked = text.to_owned();
    for words in before {
        let mut from = 0;
        while let Some(found) = masked[from..].find(words) {
            let start = from + found + words.len();
            let rest = &masked[start..];
            let length = rest.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(rest.len());
            masked.replace_range(start..start + length, "N");
            from = start;
        }
    }
    masked
}

#[test]
fn a_second_process_is_told_who_has_the_file() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let mut first = Command::new(env!("CARGO_BIN_EXE_hornbeam"))
        .current_dir(place.path())
        .args(["victim", "app.db", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut lines = BufReader::new(first.stdout.take().expect("it is piped")).lines();
    lines.next().expect("it commits").expect("its output is text");
    for command in [&["check", "app.db"][..], &["victim", "app.db", "1"]] {
        let said = hornbeam(place.path(), command);
        let told = format!(
            "hornbeam: app.db: in use by process {}; close it there first\n[exit code 2]\n",
            first.id()
        );
        assert_eq!(said, told);
    }
    first.kill().expect("it is there to be killed");
    first.wait().expect("it has ended");
}

#[test]
fn a_vacuum_says_what_it_did() {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    database(place.path(), "app.db");
    let said = hornbeam(place.path(), &["vacuum", "app.db"]);
    assert!(said.starts_with("app.db: ") && said.contains(" moved; "), "{said}");
    assert!(said.ends_with("[exit code 0]\n"), "{said}");
    let said = hornbeam(place.path(), &["check", "app.db"]);
    assert!(said.starts_with("app.db: sound"), "{said}");
    let said = hornbeam(place.path(), &["vacuum", "nowhere.db"]);
    assert!(said.ends_with("[exit code 2]\n"), "{said}");
    assert!(!place.path().join("nowhere.db").exists(), "a vacuum makes no database");
}
