//! Statements that are watched: how often each was run, how long it took, and which were slow.
//!
//! What is told of statements that differ in constants only is told of them together: their text has `$1`, `$2`, … in place of
//! constants. Whoever runs the engine says whether this is done, and which statements are slow; a session's setting
//! `log_min_duration_statement` goes before that. Statements that fail are not counted.
//!
//! Invariants
//!
//! 1. Where neither is asked for no clock is read.
//! 2. No more than [`MOST`] texts are kept: of the oldest half of all that were run, those that were run least go first.

use crate::client::{Client, Overheard};
use crate::error::SessionError;
use crate::labels::{TIMER, WATCH_LOCK};
use crate::session::Session;
use bumpalo::Bump;
use catalog::Oid;
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use store::DatabaseId;
use syntax::keyword::Keyword;
use syntax::lexer::{Lexer, StringRules, TokenKind};

/// How many texts are kept (PostgreSQL's pg_stat_statements.max).
const MOST: usize = 5000;

/// What is told of a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// Its text, without constants.
    pub text: Arc<str>,
    pub calls: u64,
    pub rows: u64,
    /// Milliseconds.
    pub total: f64,
    pub least: f64,
    pub most: f64,
    /// The sum of the squares of how much each call differs from the mean.
    squares: f64,
    /// When it was run last, counted in statements.
    last: u64,
}

impl Figures {
    pub fn mean(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.total / self.calls as f64 }
    }

    pub fn deviation(&self) -> f64 {
        if self.calls < 2 { 0.0 } else { (self.squares / self.calls as f64).sqrt() }
    }

    fn add(&mut self, took: f64, rows: u64) {
        let before = self.mean();
        self.least = if self.calls == 0 { took } else { self.least.min(took) };
        self.most = self.most.max(took);
        self.calls += 1;
        self.rows += rows;
        self.total += took;
        self.squares += (took - before) * (took - self.mean());
    }
}

/// Whose statement, in which database, and the number of its text.
pub(crate) type Key = (DatabaseId, Oid, i64);

/// All statements that were watched.
pub(crate) struct Watched {
    on: AtomicBool,
    /// Milliseconds from which a statement is slow; negative where none is.
    slow: AtomicI64,
    figures: Mutex<(u64, BTreeMap<Key, Figures>)>,
}

impl Default for Watched {
    fn default() -> Watched {
        Watched {
            on: AtomicBool::new(false),
            slow: AtomicI64::new(-1),
            figures: Mutex::new(&WATCH_LOCK, (0, BTreeMap::new())),
        }
    }
}

impl Watched {
    pub fn watch(&self, on: bool) {
        self.on.store(on, Ordering::Release);
    }

    pub fn set_slow(&self, limit: Option<Duration>) {
        let milliseconds = limit.map(|limit| i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
        self.slow.store(milliseconds.unwrap_or(-1), Ordering::Release);
    }

    /// All that is known.
    pub fn all(&self) -> Vec<(Key, Figures)> {
        self.figures.lock().1.iter().map(|(key, figures)| (*key, figures.clone())).collect()
    }

    /// Calls and milliseconds of all together.
    pub fn sums(&self) -> (u64, f64) {
        let figures = self.figures.lock();
        figures.1.values().fold((0, 0.0), |(calls, total), one| (calls + one.calls, total + one.total))
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.figures.lock().1.clear();
    }

    fn add(&self, key: Key, text: &Arc<str>, took: f64, rows: u64) {
        let mut figures = self.figures.lock();
        let (now, known) = &mut *figures;
        *now += 1;
        if known.len() >= MOST && !known.contains_key(&key) {
            forget_some(known);
        }
        let one = known.entry(key).or_insert_with(|| Figures { text: text.clone(), ..Figures::default() });
        one.add(took, rows);
        one.last = *now;
    }
}

/// Of the half that was run longest ago, the half that was run least goes.
fn forget_some(known: &mut BTreeMap<Key, Figures>) {
    let mut by_age: Vec<(u64, u64, Key)> =
        known.iter().map(|(key, one)| (one.last, one.calls, *key)).collect();
    by_age.sort_unstable();
    by_age.truncate(MOST / 2);
    by_age.sort_unstable_by_key(|(last, calls, _)| (*calls, *last));
    for (_, _, key) in by_age.iter().take(MOST / 4) {
        known.remove(key);
    }
}

/// A text without constants, and its number.
pub(crate) fn normalised(text: &str, strings: StringRules) -> (i64, Arc<str>) {
    let plain = without_constants(text, strings).unwrap_or_else(|| text.trim().to_owned());
    // FNV-1a: it must be the same in every run.
    let hash = plain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash.cast_signed(), plain.into())
}

/// None where the text is no query or change of rows, or is no SQL at all.
fn without_constants(text: &str, strings: StringRules) -> Option<String> {
    let arena = Bump::new();
    let mut lexer = Lexer::new(text, &arena).ok()?.with_rules(strings);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next_token().ok()?;
        if token.kind == TokenKind::End {
            break;
        }
        tokens.push(token);
    }
    let is_query = match tokens.iter().find(|token| token.kind != TokenKind::LeftParenthesis)?.kind {
        TokenKind::Keyword(word) => matches!(
            word,
            Keyword::Select
                | Keyword::Insert
                | Keyword::Update
                | Keyword::Delete
                | Keyword::Merge
                | Keyword::With
                | Keyword::Values
                | Keyword::Table
        ),
        _ => false,
    };
    if !is_query {
        return None;
    }
    let parameter = |kind: &TokenKind| if let TokenKind::Parameter(number) = kind { *number } else { 0 };
    let mut next = tokens.iter().map(|token| parameter(&token.kind)).max().unwrap_or(0);
    let (mut plain, mut done) = (String::with_capacity(text.len()), tokens.first()?.start as usize);
    for token in &tokens {
        let is_constant = matches!(
            token.kind,
            TokenKind::String
                | TokenKind::BitString
                | TokenKind::HexString
                | TokenKind::Integer(_)
                | TokenKind::Decimal
        );
        if is_constant {
            next += 1;
            plain.push_str(text.get(done..token.start as usize)?);
            // It is kept in memory: that cannot fail.
            let _ = write!(plain, "${next}");
            done = token.end as usize;
        }
    }
    plain.push_str(text.get(done..tokens.last()?.end as usize)?);
    Some(plain)
}

/// The text of a watched statement.
pub(crate) enum Said<'t> {
    /// As it came.
    Text(&'t str),
    /// Of a prepared one, which knows its text without constants after its first run.
    Prepared(&'t crate::prepared::Source),
    /// As it came, run as this prepared one, which has parameters in place of constants.
    Again(&'t str, &'t crate::prepared::Source),
}

impl Session {
    /// Runs a statement, and watches it if that is asked for.
    pub(crate) fn watched<R>(
        &mut self,
        said: &Said<'_>,
        client: &mut dyn Client,
        what: impl FnOnce(&mut Session, &mut dyn Client) -> Result<R, SessionError>,
    ) -> Result<R, SessionError> {
        let watched = &self.engine.watched;
        let slow = match self.settings.typed().log_min_duration {
            -1 => watched.slow.load(Ordering::Acquire),
            own => own,
        };
        let on = watched.on.load(Ordering::Acquire);
        if !on && slow < 0 {
            return what(self, client);
        }
        let watched = watched.clone();
        // By which the text was read: it may set others.
        let strings = self.strings();
        let begun = self.engine.env.monotonic(&TIMER);
        let mut overheard = Overheard::telling(client);
        let done = what(self, &mut overheard)?;
        let rows = overheard.into_tag().map_or(0, |tag| rows_of(&tag));
        let took = self.engine.env.monotonic(&TIMER).saturating_sub(begun).as_secs_f64() * 1e3;
        if on {
            let (number, text) = match said {
                Said::Text(text) => normalised(text, strings),
                Said::Prepared(source) | Said::Again(_, source) => source.normalised(),
            };
            watched.add((self.database, self.role, number), &text, took, rows);
        }
        if slow >= 0 && took >= slow as f64 {
            let text = match said {
                Said::Text(text) | Said::Again(text, _) => text.trim(),
                Said::Prepared(source) => &source.text,
            };
            let process = self.presence.pid;
            tracing::info!(milliseconds = took, process, rows, statement = text, "a statement was slow");
        }
        Ok(done)
    }
}

/// How many rows a tag tells of: `INSERT 0 3`, `SELECT 2`; one without a number is about none.
fn rows_of(tag: &str) -> u64 {
    tag.rsplit(' ').next().and_then(|rows| rows.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_left_out_of_queries_and_changes_only() {
        let strings = StringRules::default();
        let plain = |text: &str| normalised(text, strings).1.to_string();
        assert_eq!(plain(" SELECT 1, 'x' || $2 FROM t -- why\n"), "SELECT $3, $4 || $2 FROM t");
        assert_eq!(plain("insert into t values (-1.5, X'1f')"), "insert into t values (-$1, $2)");
        assert_eq!(plain("SET work_mem = 100"), "SET work_mem = 100");
        assert_eq!(plain("SELECT 'open"), "SELECT 'open");
        assert_eq!(normalised("SELECT 1", strings).0, normalised("SELECT 2", strings).0);
        assert_ne!(normalised("SELECT 1", strings).0, normalised("SELECT 1, 2", strings).0);
        let escaping = StringRules { conforming: false, ..strings };
        assert_eq!(&*normalised(r"SELECT 'a\'b', 1", escaping).1, "SELECT $1, $2");
    }

    #[test]
    fn figures_add_up_and_the_least_used_are_forgotten() {
        let watched = Watched::default();
        let key = |number| (DatabaseId(1), 10, number);
        for took in [1.0, 2.0, 6.0] {
            watched.add(key(0), &"SELECT $1".into(), took, 2);
        }
        let (_, figures) = watched.all().remove(0);
        assert_eq!((figures.calls, figures.rows, figures.total), (3, 6, 9.0));
        assert_eq!((figures.least, figures.most, figures.mean()), (1.0, 6.0, 3.0));
        assert!((figures.deviation() - (14.0_f64 / 3.0).sqrt()).abs() < 1e-9);
        for number in 1..=MOST as i64 {
            watched.add(key(number), &"x".into(), 1.0, 0);
        }
        let kept = watched.all();
        assert_eq!(kept.len(), MOST - MOST / 4 + 1);
        assert!(kept.iter().any(|(known, _)| *known == key(0)), "it was run more often");
        watched.reset();
        assert_eq!(watched.sums(), (0, 0.0));
    }
}
