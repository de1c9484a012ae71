//! Storage parameters of tables and indexes: `WITH (fillfactor = 70)`.
//!
//! They are looked at and kept as PostgreSQL does, since dumps and tools have them. What they speak of there (free room in
//! pages, a vacuum that runs by itself) does not exist here, so that they change nothing.

use crate::error::{DefineError, DefineResult};
use catalog::object::IndexMethod;
use diagnostic::SqlState;
use syntax::tree::expression::ExpressionKind;
use syntax::tree::option::{Definition, DefinitionValue};

/// What has parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageOf {
    /// A table.
    Table,
    /// A partitioned table: it has none.
    Partitioned,
    /// An index.
    Index(IndexMethod),
    /// A view.
    View,
    /// A tablespace.
    Tablespace,
    /// A column.
    Column,
    /// The operator class of an index's key: of those that there are, one of texts that are searched has parameters.
    OperatorClass,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Whole(i64, i64),
    Real(f64, f64),
    Switch,
    Words(&'static [&'static str], &'static str),
}

const MOST: i64 = i32::MAX as i64;

#[rustfmt::skip]
const OF_TABLES: &[(&str, Kind, bool)] = &[
    ("fillfactor", Kind::Whole(10, 100), false),
    ("toast_tuple_target", Kind::Whole(128, 8160), false),
    ("parallel_workers", Kind::Whole(0, 1024), false),
    ("user_catalog_table", Kind::Switch, false),
    ("autovacuum_enabled", Kind::Switch, true),
    ("autovacuum_vacuum_threshold", Kind::Whole(0, MOST), true),
    ("autovacuum_vacuum_insert_threshold", Kind::Whole(-1, MOST), true),
    ("autovacuum_analyze_threshold", Kind::Whole(0, MOST), false),
    ("autovacuum_vacuum_cost_delay", Kind::Real(0.0, 100.0), true),
    ("autovacuum_vacuum_cost_limit", Kind::Whole(1, 10_000), true),
    ("autovacuum_vacuum_scale_factor", Kind::Real(0.0, 100.0), true),
    ("autovacuum_vacuum_insert_scale_factor", Kind::Real(0.0, 100.0), true),
    ("autovacuum_analyze_scale_factor", Kind::Real(0.0, 100.0), false),
    ("autovacuum_freeze_min_age", Kind::Whole(0, 1_000_000_000), true),
    ("autovacuum_freeze_max_age", Kind::Whole(100_000, 2_000_000_000), true),
    ("autovacuum_freeze_table_age", Kind::Whole(0, 2_000_000_000), true),
    ("autovacuum_multixact_freeze_min_age", Kind::Whole(0, 1_000_000_000), true),
    ("autovacuum_multixact_freeze_max_age", Kind::Whole(10_000, 2_000_000_000), true),
    ("autovacuum_multixact_freeze_table_age", Kind::Whole(0, 2_000_000_000), true),
    ("log_autovacuum_min_duration", Kind::Whole(-1, MOST), true),
    ("vacuum_index_cleanup", Kind::Words(&["auto", "on", "off", "true", "false", "yes", "no", "1", "0"], "Valid values are \"on\", \"off\", and \"auto\"."), true),
    ("vacuum_truncate", Kind::Switch, true),
];

const OF_TABLESPACES: &[(&str, Kind, bool)] = &[
    ("random_page_cost", Kind::Real(0.0, f64::MAX), false),
    ("seq_page_cost", Kind::Real(0.0, f64::MAX), false),
    ("effective_io_concurrency", Kind::Whole(0, 1000), false),
    ("maintenance_io_concurrency", Kind::Whole(0, 1000), false),
];

const OF_ORDERED: &[(&str, Kind, bool)] =
    &[("fillfactor", Kind::Whole(10, 100), false), ("deduplicate_items", Kind::Switch, false)];

const OF_HASH: &[(&str, Kind, bool)] = &[("fillfactor", Kind::Whole(10, 100), false)];

const OF_COLUMNS: &[(&str, Kind, bool)] = &[
    ("n_distinct", Kind::Real(-1.0, f64::MAX), false),
    ("n_distinct_inherited", Kind::Real(-1.0, f64::MAX), false),
];

const OF_VIEWS: &[(&str, Kind, bool)] = &[
    (
        "check_option",
        Kind::Words(&["local", "cascaded"], "Valid values are \"local\" and \"cascaded\"."),
        false,
    ),
    ("security_barrier", Kind::Switch, false),
    ("security_invoker", Kind::Switch, false),
];

const OF_GIST: &[(&str, Kind, bool)] = &[
    ("fillfactor", Kind::Whole(10, 100), false),
    (
        "buffering",
        Kind::Words(&["on", "off", "auto"], "Valid values are \"on\", \"off\", and \"auto\"."),
        false,
    ),
];

const OF_GIN: &[(&str, Kind, bool)] =
    &[("fastupdate", Kind::Switch, false), ("gin_pending_list_limit", Kind::Whole(64, MOST), false)];

const OF_SPGIST: &[(&str, Kind, bool)] = &[("fillfactor", Kind::Whole(10, 100), false)];

const OF_BRIN: &[(&str, Kind, bool)] =
    &[("pages_per_range", Kind::Whole(1, 131_072), false), ("autosummarize", Kind::Switch, false)];

const OF_CLASS: &[(&str, Kind, bool)] = &[("siglen", Kind::Whole(1, 2024), false)];

impl StorageOf {
    /// Of a table, partitioned or not.
    pub fn table(partitioned: bool) -> StorageOf {
        if partitioned { StorageOf::Partitioned } else { StorageOf::Table }
    }

    fn is_table(self) -> bool {
        matches!(self, StorageOf::Table | StorageOf::Partitioned)
    }

    fn parameters(self) -> &'static [(&'static str, Kind, bool)] {
        match self {
            StorageOf::Table => OF_TABLES,
            StorageOf::Partitioned => &[],
            StorageOf::View => OF_VIEWS,
            StorageOf::Tablespace => OF_TABLESPACES,
            StorageOf::Column => OF_COLUMNS,
            StorageOf::Index(IndexMethod::Ordered) => OF_ORDERED,
            StorageOf::Index(IndexMethod::Hash) => OF_HASH,
            StorageOf::Index(IndexMethod::Gist) => OF_GIST,
            StorageOf::Index(IndexMethod::Gin) => OF_GIN,
            StorageOf::Index(IndexMethod::SpGist) => OF_SPGIST,
            StorageOf::Index(IndexMethod::Brin) => OF_BRIN,
            StorageOf::OperatorClass => OF_CLASS,
        }
    }
}

fn wrong(message: String, detail: Option<String>) -> DefineError {
    DefineError::Plain { state: SqlState::InvalidParameterValue, message, detail, hint: None, position: None }
}

/// Parameters, `name=value` each, once these have been set.
///
/// # Errors
/// PostgreSQL's: names that are not known or stand twice, values that make no sense.
pub fn set(before: &[String], written: &[Definition<'_>], of: StorageOf) -> DefineResult<Vec<String>> {
    let mut kept: Vec<String> = without(before, written);
    let mut seen: Vec<(bool, &str)> = Vec::new();
    for option in written {
        let name = option.name.text;
        let of_toast = is_of_toast(option, of)?;
        let value = option.value.as_ref().map_or_else(|| "true".to_owned(), value_text);
        if of.is_table() && name == "oids" && !of_toast {
            if !matches!(value.as_str(), "false" | "off" | "no" | "0") {
                return Err(DefineError::Plain {
                    state: SqlState::FeatureNotSupported,
                    message: "tables declared WITH OIDS are not supported".into(),
                    detail: None,
                    hint: None,
                    position: None,
                });
            }
            continue;
        }
        let known = of.parameters().iter().find(|known| known.0 == name && (!of_toast || known.2));
        let Some((_, kind, _)) = known else {
            return Err(DefineError::NoParameter { name: name.into() });
        };
        if seen.contains(&(of_toast, name)) {
            return Err(wrong(format!("parameter \"{name}\" specified more than once"), None));
        }
        seen.push((of_toast, name));
        look_at(name, *kind, &value)?;
        // Values that lie elsewhere have no place of their own here.
        if !of_toast {
            kept.push(format!("{name}={value}"));
        }
    }
    Ok(kept)
}

/// Parameters once these have been taken away.
///
/// # Errors
/// PostgreSQL's.
pub fn reset(before: &[String], written: &[Definition<'_>], of: StorageOf) -> DefineResult<Vec<String>> {
    for option in written {
        is_of_toast(option, of)?;
        if option.value.is_some() {
            return Err(DefineError::Plain {
                state: SqlState::SyntaxError,
                message: "RESET must not include values for parameters".into(),
                detail: None,
                hint: None,
                position: None,
            });
        }
    }
    Ok(without(before, written))
}

fn without(before: &[String], written: &[Definition<'_>]) -> Vec<String> {
    let is_named = |kept: &&String| {
        let name = kept.split('=').next();
        !written.iter().any(|option| option.namespace.is_none() && Some(option.name.text) == name)
    };
    before.iter().filter(is_named).cloned().collect()
}

/// Whether an option is one of values that lie beside the table, in PostgreSQL.
fn is_of_toast(option: &Definition<'_>, of: StorageOf) -> DefineResult<bool> {
    match option.namespace {
        None => Ok(false),
        Some(namespace) if namespace.text == "toast" && of.is_table() => Ok(true),
        Some(namespace) => {
            Err(wrong(format!("unrecognized parameter namespace \"{}\"", namespace.text), None))
        }
    }
}

fn look_at(name: &str, kind: Kind, value: &str) -> DefineResult<()> {
    let invalid = |what: &str, detail| {
        Err(wrong(format!("invalid value for {what} option \"{name}\": {value}"), detail))
    };
    let outside = |low: String, high: String| {
        Err(wrong(
            format!("value {value} out of bounds for option \"{name}\""),
            Some(format!("Valid values are between \"{low}\" and \"{high}\".")),
        ))
    };
    match kind {
        Kind::Whole(low, high) => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let inside = (low as f64..=high as f64).contains(&number.round_ties_even());
                if inside { Ok(()) } else { outside(low.to_string(), high.to_string()) }
            }
            Ok(_) | Err(_) => invalid("integer", None),
        },
        Kind::Real(low, high) => match value.parse::<f64>() {
            Ok(number) if (low..=high).contains(&number) => Ok(()),
            Ok(_) => outside(format!("{low:.6}"), format!("{high:.6}")),
            Err(_) => invalid("floating point", None),
        },
        Kind::Switch => {
            let words = ["true", "false", "on", "off", "yes", "no", "1", "0", "t", "f", "y", "n"];
            if words.contains(&value.to_ascii_lowercase().as_str()) {
                Ok(())
            } else {
                invalid("boolean", None)
            }
        }
        Kind::Words(words, valid) => {
            if words.contains(&value.to_ascii_lowercase().as_str()) {
                Ok(())
            } else {
                invalid("enum", Some(valid.to_owned()))
            }
        }
    }
}

/// The value of an option as text.
pub(crate) fn value_text(value: &DefinitionValue<'_>) -> String {
    match value {
        DefinitionValue::Type(name) => crate::written::type_name(name),
        DefinitionValue::Word(word) | DefinitionValue::String(word) => (*word).to_owned(),
        DefinitionValue::Number(number) => match &number.kind {
            ExpressionKind::Integer(number) => number.to_string(),
            ExpressionKind::Decimal(number) => (*number).to_owned(),
            _ => String::new(), // there are no other numbers
        },
        DefinitionValue::Operator(_) | DefinitionValue::Star => String::new(),
        DefinitionValue::List(words) => words.join(", "),
    }
}
