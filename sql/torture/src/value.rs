//! Values of the model: few types, whose meaning in SQL is beyond doubt.

use std::fmt::Write as _;

/// A type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `int`
    Int,
    /// `text`
    Text,
}

impl Kind {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Int => "int",
            Kind::Text => "text",
        }
    }
}

/// A value. Its order is that of SQL, with NULL last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number.
    Int(i64),
    /// A text of lower-case letters and blanks.
    Text(String),
    /// A truth value, of predicates only.
    Bool(bool),
    /// `NULL`
    Null,
}

impl Value {
    /// As it stands in a statement.
    pub fn literal(&self) -> String {
        match self {
            Value::Int(number) if *number < 0 => format!("({number})"),
            Value::Int(number) => number.to_string(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Bool(truth) => truth.to_string(),
            Value::Null => "NULL".to_owned(),
        }
    }

    /// As a result shows it.
    pub fn shown(&self) -> Option<String> {
        match self {
            Value::Int(number) => Some(number.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::Bool(truth) => Some(if *truth { "t" } else { "f" }.to_owned()),
            Value::Null => None,
        }
    }

    /// What a result shows of a column of this type, if it can be one.
    pub fn read(kind: Kind, shown: Option<&str>) -> Option<Value> {
        match (kind, shown) {
            (_, None) => Some(Value::Null),
            (Kind::Int, Some(text)) => text.parse().ok().map(Value::Int),
            (Kind::Text, Some(text)) => Some(Value::Text(text.to_owned())),
        }
    }

    /// What a result shows of a column that was of this type when the client looked: others may have made it anew since.
    pub fn read_of_any(kind: Kind, shown: Option<&str>) -> Value {
        let other = || shown.map_or(Value::Null, |text| Value::Text(text.to_owned()));
        Value::read(kind, shown).unwrap_or_else(other)
    }

    /// What becomes of it in a column of this type, which somebody else may have made anew: a text takes numbers, and what was
    /// taken for a text may be one.
    #[must_use]
    pub fn assigned_to(self, kind: Kind) -> Value {
        match (kind, self) {
            (Kind::Text, Value::Int(number)) => Value::Text(number.to_string()),
            (Kind::Int, Value::Text(text)) => Value::read(kind, Some(&text)).unwrap_or(Value::Text(text)),
            (Kind::Int | Kind::Text, value) => value,
        }
    }

    /// Whether it is `NULL`.
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }
}

/// A row as a result shows it.
pub type Shown = Vec<Option<String>>;

/// Rows for a reader, a few of them.
pub fn describe(rows: &[Shown]) -> String {
    const MOST: usize = 6;
    let mut text = format!("{} rows", rows.len());
    for row in rows.iter().take(MOST) {
        let values: Vec<&str> = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
        // Writing to a text does not fail.
        let _ = write!(text, " ({})", values.join(", "));
    }
    if rows.len() > MOST {
        text.push_str(" …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Kind, Value};

    /// A client took a column for numbers that another has given to texts (seed 3045), and the other way round.
    #[test]
    fn what_a_column_of_another_type_shows_is_not_lost() {
        let text = Value::read_of_any(Kind::Int, Some("ab"));
        assert_eq!(text, Value::Text("ab".to_owned()));
        assert_eq!(text.clone().assigned_to(Kind::Text), text);
        let number = Value::read_of_any(Kind::Text, Some("7"));
        assert_eq!(number.assigned_to(Kind::Int), Value::Int(7));
        assert_eq!(Value::read_of_any(Kind::Int, None), Value::Null);
    }
}
