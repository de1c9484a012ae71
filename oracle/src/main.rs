//! Our parser beside PostgreSQL's: every statement of the scripts that are named, and mutations of them, is given to both;
//! whether it is accepted, the words of the refusal and its position must agree.
//!
//! `cargo run --release -- [--mutations N] [--seed N] [--show N] PATH…`; folders are searched. Ends with 1 if anything
//! differs. `--table FILE` writes verdicts on the lines of a file and mutations of them, for the tests of `sql/syntax`.

mod mutate;
mod postgres;
mod split;

use mutate::Dice;
use postgres::Verdict;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Deep enough for every script; the stack of the thread is made for it.
const DEPTH: usize = 2_000;

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Numbers with letters behind them, which the library knows nothing of.
    junk: usize,
    wrongly_accepted: usize,
    wrongly_refused: usize,
    other_words: usize,
    other_place: usize,
    /// Differences by how the statement begins.
    themes: BTreeMap<String, usize>,
    shown: usize,
}

fn ours(text: &str) -> Verdict {
    use diagnostic::Diagnostic;
    let arena = bumpalo::Bump::new();
    match syntax::parse(text, &arena, DEPTH) {
        Ok(_) => Verdict::Accepted,
        Err(error) => {
            let place = error.position().map_or(0, |at| text[..at as usize].chars().count() + 1);
            Verdict::Refused(error.to_string(), place)
        }
    }
}

impl Tally {
    fn compare(&mut self, text: &str, show: usize) {
        let Some(theirs) = postgres::verdict(text) else { return };
        let ours = ours(text);
        match (&theirs, &ours) {
            (Verdict::Accepted, Verdict::Accepted) => return self.accepted += 1,
            (theirs, ours) if theirs == ours => return self.refused += 1,
            // The library's lexer takes `1a` for `1 a`, as PostgreSQL 15's own does not.
            (_, Verdict::Refused(ours, _)) if ours.starts_with("trailing junk") => return self.junk += 1,
            (Verdict::Accepted, Verdict::Refused(..)) => self.wrongly_refused += 1,
            (Verdict::Refused(..), Verdict::Accepted) => self.wrongly_accepted += 1,
            (Verdict::Refused(theirs, _), Verdict::Refused(ours, _)) if theirs != ours => {
                self.other_words += 1
            }
            (Verdict::Refused(..), Verdict::Refused(..)) => self.other_place += 1,
        }
        let words = text.split_whitespace().filter(|word| !word.starts_with("--")).take(2);
        *self.themes.entry(words.collect::<Vec<_>>().join(" ").to_ascii_uppercase()).or_default() += 1;
        if self.shown < show {
            self.shown += 1;
            println!("-- {}\n   postgres: {theirs:?}\n   ours:     {ours:?}", text.trim());
        }
    }

    fn differences(&self) -> usize {
        self.wrongly_accepted + self.wrongly_refused + self.other_words + self.other_place
    }

    fn report(&self, name: &str) {
        println!(
            "{name}: {} accepted by both, {} refused alike, {} refused for junk behind numbers, {} only we accept, {} only we refuse, {} in other words, \
             {} at another place",
            self.accepted,
            self.refused,
            self.junk,
            self.wrongly_accepted,
            self.wrongly_refused,
            self.other_words,
            self.other_place
        );
        let mut themes = self.themes.iter().collect::<Vec<_>>();
        themes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (theme, count) in themes.iter().take(25) {
            println!("    {count:6} {theme}");
        }
    }
}

fn scripts(path: &Path, found: &mut Vec<PathBuf>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut entries = entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>();
        entries.sort();
        entries.iter().for_each(|entry| scripts(entry, found));
    } else if matches!(path.extension().and_then(|e| e.to_str()), Some("sql" | "test" | "spec")) {
        found.push(path.to_owned());
    }
}

/// Statements that differ, each once.
fn distinct(paths: &[PathBuf]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in paths {
        let Ok(bytes) = std::fs::read(path) else {
            eprintln!("{} cannot be read", path.display());
            continue;
        };
        for statement in split::statements(path, &String::from_utf8_lossy(&bytes)) {
            if seen.insert(statement.clone()) {
                found.push(statement);
            }
        }
    }
    found
}

fn mutations(statements: &[String], count: usize, seed: u64, show: usize) -> Tally {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let parts = statements.iter().map(|text| mutate::tokens(text)).collect::<Vec<_>>();
    let mut pool = HashSet::new();
    for (text, tokens) in statements.iter().zip(&parts) {
        pool.extend(tokens.iter().map(|(from, to)| &text[*from..*to]).filter(|token| token.len() < 30));
    }
    let mut pool = pool.into_iter().map(str::to_owned).collect::<Vec<_>>();
    pool.sort();
    // Key words and signs far more often than the many names and numbers.
    let words = syntax::keyword::Keyword::all().map(|word| word.text().to_owned()).collect::<Vec<_>>();
    pool.truncate(200);
    for _ in 0..4 {
        pool.extend(words.iter().cloned());
        pool.extend("( ) , . ; * + - = < [ ] :: : => 1 'a' a \"b\" 1.5".split(' ').map(str::to_owned));
    }
    let mut tally = Tally::default();
    for _ in 0..count {
        for (text, tokens) in statements.iter().zip(&parts) {
            if (2..400).contains(&tokens.len()) {
                tally.compare(&mutate::mutated(text, tokens, &pool, &mut dice), show);
            }
        }
    }
    tally
}

/// Verdicts as a table for a test: place, words, statement, with tabs between them; both empty for what is accepted.
fn table(statements: &[String], count: usize, seed: u64) {
    let parts = statements.iter().map(|text| mutate::tokens(text)).collect::<Vec<_>>();
    let words = syntax::keyword::Keyword::all().map(|word| word.text().to_owned());
    let pool =
        words.chain("( ) , . * + = :: 1 'a' x \"y\"".split(' ').map(str::to_owned)).collect::<Vec<_>>();
    let mut dice = Dice(seed | 1);
    let mut seen = HashSet::new();
    for (text, tokens) in statements.iter().zip(&parts) {
        let plain = std::iter::once(text.clone());
        let mutated = (0..count).filter(|_| tokens.len() > 1);
        let mutated = mutated.map(|_| mutate::mutated(text, tokens, &pool, &mut dice)).collect::<Vec<_>>();
        for text in plain.chain(mutated).filter(|text| seen.insert(text.clone())) {
            match postgres::verdict(&text) {
                Some(Verdict::Accepted) => println!("\t\t{text}"),
                Some(Verdict::Refused(words, place)) => println!("{place}\t{words}\t{text}"),
                None => {}
            }
        }
    }
}

fn run() -> bool {
    let (mut count, mut seed, mut show, mut paths) = (0_usize, 1_u64, 20_usize, Vec::new());
    let mut lines = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        match argument.as_str() {
            "--mutations" => count = number() as usize,
            "--seed" => seed = number(),
            "--show" => show = number() as usize,
            "--table" => lines = arguments.next(),
            path => scripts(Path::new(path), &mut paths),
        }
    }
    if let Some(path) = lines {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        table(&text.lines().map(str::to_owned).collect::<Vec<_>>(), count, seed);
        return true;
    }
    let statements = distinct(&paths);
    let mut plain = Tally::default();
    statements.iter().for_each(|text| plain.compare(text, show));
    let mutated = mutations(&statements, count, seed, show);
    plain.report(&format!("{} statements of {} scripts", statements.len(), paths.len()));
    if count > 0 {
        mutated.report(&format!("{count} mutations of each, seed {seed}"));
    }
    plain.differences() + mutated.differences() == 0
}

fn main() {
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(run);
    let agrees = thread.is_ok_and(|thread| thread.join().unwrap_or(false));
    std::process::exit(i32::from(!agrees));
}
