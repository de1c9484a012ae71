//! What is shown of an operator.

use super::Actual;
use crate::physical::Estimate;

/// An operator as it is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// `Seq Scan`: how JSON names it.
    pub(super) node_type: String,
    /// `Hash Left Join`, `Seq Scan on t`: how text names it.
    pub(super) title: String,
    /// What JSON says beside the type: names of tables and indexes, kinds of joins, strategies.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Of a change of several tables each of them, as text names it.
    pub(super) targets: Vec<String>,
    pub(super) estimate: Estimate,
    pub(super) actual: Option<Actual>,
    pub(super) properties: Vec<Property>,
    /// Plans beside it, with their titles: before its inputs, and after.
    pub(super) before: Vec<(String, Entry)>,
    pub(super) inputs: Vec<Entry>,
    pub(super) after: Vec<(String, Entry)>,
}

/// Something said of an operator.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub(super) label: &'static str,
    pub(super) value: PropertyValue,
}

/// What is said.
#[derive(Debug, Clone)]
pub(super) enum PropertyValue {
    Text(String),
    List(Vec<String>),
    Count(u64),
}

impl Entry {
    pub(super) fn new(node_type: &str, estimate: Estimate) -> Entry {
        Entry { node_type: node_type.to_owned(), title: node_type.to_owned(), estimate, ..Entry::default() }
    }

    pub(super) fn text(&mut self, label: &'static str, value: impl Into<String>) {
        self.properties.push(Property { label, value: PropertyValue::Text(value.into()) });
    }

    pub(super) fn list(&mut self, label: &'static str, values: Vec<String>) {
        if !values.is_empty() {
            self.properties.push(Property { label, value: PropertyValue::List(values) });
        }
    }

    pub(super) fn count(&mut self, label: &'static str, value: u64) {
        self.properties.push(Property { label, value: PropertyValue::Count(value) });
    }
}
