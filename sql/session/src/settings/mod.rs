//! A session's settings: `SET`, `SHOW`, `RESET`, and how they follow transactions.
//!
//! Values are kept as text in one form each; what the session asks often is read from it once, into [`Typed`].
//!
//! Invariants
//!
//! 1. `SET` within a transaction that does not commit never happened; `SET LOCAL` ends with its transaction in any case.
//! 2. A setting whose other values would have an effect that does not exist here takes no other value (`NOT_SUPPORTED`);
//!    one that only tunes what PostgreSQL does inside takes them all.

mod date_style;
mod error;
mod flags;
mod kind;
mod spoken;
mod table;
mod zone;

pub use error::SettingError;
pub(crate) use flags::flags;
pub use kind::{Access, Kind, Setting, Unit, boolean};
use spoken::Listener;
pub use spoken::Spoken;
pub use table::SETTINGS;
use table::{HIDDEN, OF_MODULES};

use crate::prepared::plan_choice::PlanCacheMode;
use crate::transaction::block::{Characteristics, IsolationLevel};
use procedural::settings::{Checks, NoChecks};
use procedural::tree::Conflict;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syntax::lexer::StringRules;
use types::encoding::Encoding;

/// Settings that can have one value only here, beside their defaults: the others would change what statements mean.
const FIXED: &[&str] = &[
    "default_table_access_method",
    "transform_null_equals",
    "array_nulls",
    "quote_all_identifiers",
    "allow_system_table_mods",
    "exit_on_error",
    "ignore_checksum_failure",
    "zero_damaged_pages",
];

/// What only somebody can do who waits for a client: a program's own sessions do not end because it says nothing.
const SERVED: &[&str] = &["idle_in_transaction_session_timeout", "idle_session_timeout"];

/// The settings of a session.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What holds now.
    current: Arc<BTreeMap<String, String>>,
    /// What will hold when the transaction has committed: without `SET LOCAL`.
    lasting: Arc<BTreeMap<String, String>>,
    /// What `RESET` goes back to, where it is not the table's default: the role's and the database's settings.
    defaults: Arc<BTreeMap<String, String>>,
    /// Settings of users' own that were ever named to be changed: they stay, empty, whatever comes of the transaction.
    own: Arc<BTreeSet<String>>,
    typed: Arc<Typed>,
    /// Whether the session's client is waited for.
    served: bool,
    /// Who is told when the encoding of texts changes.
    listener: Listener,
}

/// A point in a transaction to which settings go back.
#[derive(Debug, Clone)]
pub struct Mark {
    current: Arc<BTreeMap<String, String>>,
    lasting: Arc<BTreeMap<String, String>>,
}

/// What is asked often, read from the texts.
#[derive(Debug, Clone)]
pub struct Typed {
    /// `DateStyle`, its first half.
    pub date_style: datetime::DateStyle,
    /// `DateStyle`, its second half.
    pub date_order: datetime::DateOrder,
    /// `IntervalStyle`
    pub interval_style: datetime::IntervalStyle,
    /// `TimeZone`
    pub zone: datetime::zone::TimeZone,
    /// `client_encoding`, of a client that sends and takes bytes: a program's own sessions speak of texts, not of bytes.
    pub client_encoding: Encoding,
    /// `extra_float_digits`
    pub extra_float_digits: i32,
    /// `bytea_output = escape`
    pub bytea_escape: bool,
    /// `statement_timeout`, milliseconds; 0 is none.
    pub statement_timeout: u64,
    /// `log_min_duration_statement`, milliseconds; -1 leaves it to whoever runs the engine.
    pub log_min_duration: i64,
    /// `lock_timeout`, milliseconds; 0 is none.
    pub lock_timeout: u64,
    /// `deadlock_timeout`, milliseconds.
    pub deadlock_timeout: u64,
    /// `work_mem`, bytes.
    pub work_mem: usize,
    /// `max_parallel_workers_per_gather`, `min_parallel_table_scan_size`, `parallel_setup_cost`
    pub helping: execute::parallel::Helping,
    /// `max_parallel_workers`
    pub parallel_workers: usize,
    /// `session_authorization` and `role`.
    pub identity: Arc<(String, String)>,
    /// From which expected cost on results are kept, if they are: `hornbeam.result_cache`, `hornbeam.result_cache_above_cost`.
    pub results_above_cost: Option<f64>,
    /// `plan_cache_mode`
    pub plan_cache_mode: PlanCacheMode,
    /// `standard_conforming_strings`, `backslash_quote`
    pub strings: StringRules,
    /// Whether backslashes in plain strings escape, and are told of: `escape_string_warning`.
    pub escape_warning: bool,
    /// Whether views of users may not be read: `restrict_nonsystem_relation_kind`.
    pub restricts_views: bool,
    /// `row_security = off`
    pub refuses_policies: bool,
    /// `temp_file_limit`, bytes.
    pub temp_file_limit: Option<u64>,
    /// `idle_session_timeout`, milliseconds; 0 is none.
    pub idle_timeout: u64,
    /// `idle_in_transaction_session_timeout`, milliseconds; 0 is none.
    pub idle_in_transaction_timeout: u64,
    /// `session_replication_role = replica`
    pub replica: bool,
    /// `hornbeam.chunk_rows`; 0 leaves it to the executor.
    pub chunk_rows: usize,
    /// `check_function_bodies`
    pub checks_bodies: bool,
    /// `track_counts`
    pub counts_tables: bool,
    /// `track_functions`
    pub followed: execute::Followed,
    /// `stats_fetch_consistency`
    pub fetch: crate::statistics::Fetch,
    /// `plpgsql.…`
    pub bodies: procedural::Settings,
    /// What new transactions are like.
    pub new_transaction: Characteristics,
    /// What the present one was noted to be like.
    pub transaction: Characteristics,
}

impl Default for Settings {
    fn default() -> Settings {
        let empty = Arc::new(BTreeMap::new());
        Settings {
            current: empty.clone(),
            lasting: empty.clone(),
            defaults: empty.clone(),
            own: Arc::default(),
            typed: Arc::new(Typed::read(&|name| default_of(name).unwrap_or_default())),
            served: false,
            listener: Listener::default(),
        }
    }
}

/// The setting that is what `random()` begins with; giving it a value is all that there is of it.
const SEED: &str = "seed";

/// What `random()` begins with if a setting was given a value that says so.
pub(crate) fn seed_of(name: &str, settings: &Settings) -> Option<f64> {
    name.eq_ignore_ascii_case(SEED).then(|| settings.number(SEED))
}

/// The setting of this name, without regard to case.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().chain(HIDDEN).chain(OF_MODULES).find(|setting| setting.name.eq_ignore_ascii_case(name))
}

fn default_of(name: &str) -> Option<&'static str> {
    find(name).map(|setting| setting.default)
}

impl Settings {
    /// Gives a setting a value, as `SET` and `SET LOCAL` do. Outside a transaction block the caller commits at once.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn set(&mut self, name: &str, value: &str, local: bool, superuser: bool) -> Result<(), SettingError> {
        let kept = match find(name) {
            Some(setting) => {
                allowed(setting, superuser)?;
                let before = self.kept(setting.name);
                let called = if setting.kind.is_checked_plainly() { name } else { setting.name };
                let mut kept = setting.kind.accept(called, value, before)?;
                if setting.name == "application_name" {
                    // What shows it elsewhere may know no other letters.
                    kept = kept
                        .bytes()
                        .map(|byte| if matches!(byte, 32..=126) { char::from(byte) } else { '?' })
                        .collect();
                }
                if setting.name == "default_with_oids" && kept != setting.default {
                    return Err(SettingError::WithOids);
                }
                let fixed = FIXED.contains(&setting.name) || (!self.served && SERVED.contains(&setting.name));
                if fixed && kept != setting.default {
                    return Err(SettingError::NotSupported { name: setting.name.into(), value: kept });
                }
                kept
            }
            None => {
                custom_name(name)?;
                value.to_owned()
            }
        };
        self.put(name, Some(kept), local);
        Ok(())
    }

    /// Gives a setting its default, as `RESET` and `SET … TO DEFAULT` do.
    ///
    /// # Errors
    /// When it is unknown or not to be changed.
    pub fn reset(&mut self, name: &str, local: bool, superuser: bool) -> Result<(), SettingError> {
        match find(name) {
            Some(setting) => allowed(setting, superuser)?,
            None if self.current.contains_key(&key(name)) => {}
            None => custom_name(name)?,
        }
        self.put(name, None, local);
        Ok(())
    }

    /// Gives every setting its default: `RESET ALL`.
    pub fn reset_all(&mut self) {
        let stays = |values: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let hidden = |key: &String| HIDDEN.iter().any(|setting| setting.name == key.as_str());
            values
                .iter()
                .filter(|(key, _)| hidden(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        let same = Arc::ptr_eq(&self.current, &self.lasting);
        self.lasting = Arc::new(stays(&self.lasting));
        self.current = if same { self.lasting.clone() } else { Arc::new(stays(&self.current)) };
        self.read();
    }

    /// The value as `SHOW` tells it.
    ///
    /// # Errors
    /// When there is no such setting.
    pub fn show(&self, name: &str) -> Result<String, SettingError> {
        match find(name) {
            // It tells nothing of the numbers that were drawn since.
            Some(setting) if setting.name == SEED => Ok("unavailable".to_owned()),
            Some(setting) => Ok(setting.kind.show(self.kept(setting.name))),
            None => {
                let key = key(name);
                let known = self.current.get(&key).or_else(|| self.defaults.get(&key));
                match known {
                    Some(value) => Ok(value.clone()),
                    None if self.own.contains(&key) => Ok(String::new()),
                    None => Err(SettingError::Unknown { name: name.into() }),
                }
            }
        }
    }

    /// The settings that plans depend on and that are not what they are at first, by their names, with their values
    /// (`EXPLAIN (SETTINGS)`).
    pub fn explained(&self) -> Vec<(String, String)> {
        let differing = SETTINGS.iter().filter(|setting| {
            flags::flags(setting.name).contains(&"EXPLAIN") && self.kept(setting.name) != setting.default
        });
        let mut told: Vec<(String, String)> = differing
            .map(|setting| (setting.name.to_owned(), setting.kind.show(self.kept(setting.name))))
            .collect();
        told.sort();
        told
    }

    /// A value as it is kept; empty for one that is unknown.
    pub fn kept(&self, name: &str) -> &str {
        let key = key(name);
        let found = self.current.get(&key).or_else(|| self.defaults.get(&key));
        found.map_or_else(|| default_of(name).unwrap_or_default(), String::as_str)
    }

    /// `pg_settings.source` and `reset_val`: whether the session has given it a value, and what it goes back to.
    pub fn origin(&self, setting: &Setting) -> (&'static str, &str) {
        let key = key(setting.name);
        let source = if self.current.contains_key(&key) { "session" } else { "default" };
        (source, self.defaults.get(&key).map_or(setting.default, String::as_str))
    }

    /// Whether a yes-or-no setting is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.kept(name) == "on"
    }

    /// A number; 0 for what is none.
    pub fn number(&self, name: &str) -> f64 {
        self.kept(name).parse().unwrap_or_default()
    }

    /// What is asked often.
    pub fn typed(&self) -> &Typed {
        &self.typed
    }

    /// The same: another one as soon as anything of it changes.
    pub fn shared(&self) -> &Arc<Typed> {
        &self.typed
    }

    /// What `RESET` goes back to from now on.
    pub fn set_defaults(&mut self, defaults: BTreeMap<String, String>) {
        self.defaults = Arc::new(defaults);
        self.read();
    }

    /// What one setting goes back to from now on.
    pub fn set_default(&mut self, name: &str, value: &str) {
        let key = key(name);
        if self.defaults.get(&key).map(String::as_str) != Some(value) {
            Arc::make_mut(&mut self.defaults).insert(key, value.to_owned());
            self.read();
        }
    }

    /// From now on somebody waits for the session's client, for no longer than settings say.
    pub fn serve(&mut self) {
        self.served = true;
        self.read();
    }

    /// The encoding of the client's texts, now and whenever it changes.
    pub fn spoken(&mut self) -> Spoken {
        self.listener.listen(self.typed.client_encoding)
    }

    /// Where the transaction or the savepoint begins.
    pub fn mark(&self) -> Mark {
        Mark { current: self.current.clone(), lasting: self.lasting.clone() }
    }

    /// Whether all that statements are planned by is as it was at `mark`.
    pub fn is_as_at(&self, mark: &Mark) -> bool {
        /// What a transaction notes of itself.
        const OWN: &str = "transaction_";
        let asked = |entry: &(&String, &String)| !entry.0.starts_with(OWN);
        Arc::ptr_eq(&self.current, &mark.current)
            || self.current.iter().filter(asked).eq(mark.current.iter().filter(asked))
    }

    /// The transaction commits: what `SET LOCAL` said ends.
    pub fn commit(&mut self) {
        if !Arc::ptr_eq(&self.current, &self.lasting) {
            self.current = self.lasting.clone();
            self.read();
        }
    }

    /// The transaction, or what was done since a savepoint, did not happen.
    pub fn roll_back(&mut self, to: &Mark) {
        if !Arc::ptr_eq(&self.current, &to.current) || !Arc::ptr_eq(&self.lasting, &to.lasting) {
            self.current = to.current.clone();
            self.lasting = to.lasting.clone();
            self.read();
        }
    }

    /// A setting has the value again that it had at `mark`, if nobody has given it another that lasts.
    pub fn give_back(&mut self, name: &str, mark: &Mark) {
        let key = key(name);
        if self.lasting.get(&key) == mark.lasting.get(&key) {
            self.put(name, mark.current.get(&key).cloned(), true);
        }
    }

    /// A value that the session itself decides: transaction_isolation, role and the like. Never kept beyond the
    /// transaction.
    pub fn note(&mut self, name: &str, value: &str) {
        if self.kept(name) != value {
            self.put(name, Some(value.to_owned()), true);
        }
    }

    fn put(&mut self, name: &str, value: Option<String>, local: bool) {
        let key = key(name);
        if find(name).is_none() && !self.own.contains(&key) {
            Arc::make_mut(&mut self.own).insert(key.clone());
        }
        let shared = Arc::ptr_eq(&self.current, &self.lasting);
        change(&mut self.current, &key, value.clone());
        if !local {
            if shared {
                self.lasting = self.current.clone();
            } else {
                change(&mut self.lasting, &key, value);
            }
        }
        self.read();
    }

    fn read(&mut self) {
        let mut typed = Typed::read(&|name| self.kept(name));
        if !self.served {
            typed.client_encoding = Encoding::UTF8;
        }
        self.listener.tell(typed.client_encoding);
        self.typed = Arc::new(typed);
    }
}

fn change(values: &mut Arc<BTreeMap<String, String>>, key: &str, value: Option<String>) {
    let values = Arc::make_mut(values);
    match value {
        Some(value) => values.insert(key.to_owned(), value),
        None => values.remove(key),
    };
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn allowed(setting: &Setting, superuser: bool) -> Result<(), SettingError> {
    let name = || setting.name.to_owned();
    match setting.access {
        Access::User => Ok(()),
        Access::Superuser if superuser => Ok(()),
        Access::Superuser => Err(SettingError::Denied { name: name() }),
        Access::Server => Err(SettingError::Server { name: name() }),
        Access::Reload => Err(SettingError::Reload { name: name() }),
        Access::Internal => Err(SettingError::Internal { name: name() }),
    }
}

/// Users may make settings of their own, whose names have a dot.
fn custom_name(name: &str) -> Result<(), SettingError> {
    let Some((prefix, _)) = name.split_once('.') else {
        return Err(SettingError::Unknown { name: name.into() });
    };
    if prefix.eq_ignore_ascii_case("plpgsql") {
        return Err(SettingError::Reserved { name: name.into(), prefix: "plpgsql" });
    }
    let good = |part: &str| {
        let begins = part
            .chars()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_' || !first.is_ascii());
        begins
            && part
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || "_$".contains(next) || !next.is_ascii())
    };
    if name.split('.').all(good) { Ok(()) } else { Err(SettingError::InvalidName { name: name.into() }) }
}

/// `IntervalStyle`
fn interval_style(word: &str) -> datetime::IntervalStyle {
    match word {
        "postgres_verbose" => datetime::IntervalStyle::PostgresVerbose,
        "sql_standard" => datetime::IntervalStyle::SqlStandard,
        "iso_8601" => datetime::IntervalStyle::Iso8601,
        _ => datetime::IntervalStyle::Postgres,
    }
}

/// `standard_conforming_strings` and `backslash_quote`
fn string_rules(conforming: &str, backslash_quote: &str, encoding: Encoding) -> StringRules {
    let before_quotes = match backslash_quote {
        "off" => false,
        "safe_encoding" => !encoding.is_for_clients_only(),
        _ => true,
    };
    StringRules { conforming: conforming == "on", before_quotes }
}

/// The kinds of relations that a list names.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn relation_kinds(list: &str) -> Result<Vec<String>, String> {
    let words = listed_words(list)?;
    let known =
        |word: &String| ["view", "foreign-table"].iter().any(|known| word.eq_ignore_ascii_case(known));
    match words.iter().find(|word| !known(word)) {
        Some(word) => Err(format!("Unrecognized key word: \"{word}\".")),
        None => Ok(words.iter().map(|word| word.to_ascii_lowercase()).collect()),
    }
}

fn listed_words(list: &str) -> Result<Vec<String>, String> {
    catalog::name::strict_identifier_list(list).ok_or_else(|| "List syntax is invalid.".to_owned())
}

/// What a list of checks of bodies says.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn checks(list: &str) -> Result<Checks, String> {
    if let Some(checks) = Checks::by_word(list) {
        return Ok(checks);
    }
    Checks::read(&listed_words(list)?).map_err(|error| match error {
        NoChecks::Unknown(word) => format!("Unrecognized key word: \"{word}\"."),
        NoChecks::NotAlone(word) => format!("Key word \"{word}\" cannot be combined with other key words."),
    })
}

impl Typed {
    fn read<'a>(kept: &dyn Fn(&'static str) -> &'a str) -> Typed {
        let (date_style, date_order) = date_style::read(kept("DateStyle"));
        let number = |name| kept(name).parse::<u64>().unwrap_or_default();
        let isolation = |name| IsolationLevel::from_name(name).unwrap_or(IsolationLevel::ReadCommitted);
        let client_encoding = Encoding::named(kept("client_encoding")).unwrap_or(Encoding::UTF8);
        let backslash_quote = kept("backslash_quote");
        let strings = string_rules(kept("standard_conforming_strings"), backslash_quote, client_encoding);
        Typed {
            date_style,
            date_order,
            interval_style: interval_style(kept("IntervalStyle")),
            zone: zone::read(kept("TimeZone")),
            client_encoding,
            extra_float_digits: kept("extra_float_digits").parse().unwrap_or(1),
            bytea_escape: kept("bytea_output") == "escape",
            statement_timeout: number("statement_timeout"),
            log_min_duration: kept("log_min_duration_statement").parse().unwrap_or(-1),
            lock_timeout: number("lock_timeout"),
            deadlock_timeout: number("deadlock_timeout"),
            idle_timeout: number("idle_session_timeout"),
            idle_in_transaction_timeout: number("idle_in_transaction_session_timeout"),
            replica: kept("session_replication_role") == "replica",
            identity: Arc::new((kept("session_authorization").to_owned(), kept("role").to_owned())),
            work_mem: match kept("hornbeam.spill") {
                "on" => 0,
                _ => usize::try_from(number("work_mem")).unwrap_or(usize::MAX).saturating_mul(1024),
            },
            helping: helping(kept),
            parallel_workers: usize::try_from(number("max_parallel_workers")).unwrap_or_default(),
            // -1 is no limit.
            temp_file_limit: kept("temp_file_limit").parse::<u64>().ok().map(|limit| limit * 1024),
            results_above_cost: match kept("hornbeam.result_cache") {
                "on" => kept("hornbeam.result_cache_above_cost").parse().ok(),
                _ => None,
            },
            plan_cache_mode: PlanCacheMode::read(kept("plan_cache_mode")),
            refuses_policies: kept("row_security") == "off",
            restricts_views: relation_kinds(kept("restrict_nonsystem_relation_kind"))
                .is_ok_and(|kinds| kinds.contains(&"view".to_owned())),
            strings,
            escape_warning: kept("standard_conforming_strings") != "on"
                && kept("escape_string_warning") == "on",
            chunk_rows: usize::try_from(number("hornbeam.chunk_rows")).unwrap_or_default(),
            checks_bodies: kept("check_function_bodies") == "on",
            counts_tables: kept("track_counts") == "on",
            followed: match kept("track_functions") {
                "all" => execute::Followed::All,
                "pl" => execute::Followed::Procedural,
                _ => execute::Followed::None,
            },
            fetch: match kept("stats_fetch_consistency") {
                "none" => crate::statistics::Fetch::None,
                "snapshot" => crate::statistics::Fetch::Snapshot,
                _ => crate::statistics::Fetch::Cache,
            },
            bodies: bodies(kept, strings),
            new_transaction: Characteristics {
                isolation: isolation(kept("default_transaction_isolation")),
                read_only: kept("default_transaction_read_only") == "on",
                deferrable: kept("default_transaction_deferrable") == "on",
            },
            transaction: Characteristics {
                isolation: isolation(kept("transaction_isolation")),
                read_only: kept("transaction_read_only") == "on",
                deferrable: kept("transaction_deferrable") == "on",
            },
        }
    }
}

/// From when on others help a statement.
fn helping<'a>(kept: &dyn Fn(&'static str) -> &'a str) -> execute::parallel::Helping {
    let number = |name| kept(name).parse::<f64>().unwrap_or_default();
    execute::parallel::Helping {
        most: kept("max_parallel_workers_per_gather").parse().unwrap_or_default(),
        scan_cost: number("min_parallel_table_scan_size").max(number("parallel_setup_cost")),
    }
}

/// How bodies of functions are read and run.
fn bodies<'a>(kept: &dyn Fn(&'static str) -> &'a str, strings: StringRules) -> procedural::Settings {
    procedural::Settings {
        check_asserts: kept("plpgsql.check_asserts") == "on",
        conflict: match kept("plpgsql.variable_conflict") {
            "use_variable" => Conflict::Variable,
            "use_column" => Conflict::Column,
            _ => Conflict::Error,
        },
        prints_parameters: kept("plpgsql.print_strict_params") == "on",
        warnings: checks(kept("plpgsql.extra_warnings")).unwrap_or_default(),
        errors: checks(kept("plpgsql.extra_errors")).unwrap_or_default(),
        strings,
    }
}
