//! Constants, types and names within expressions, as text.

use super::Deparse;
use super::output::Output;
use catalog::Relation;
use catalog::name::quote_identifier;
use catalog::object::FunctionKind as MadeKind;
use catalog::object::PG_CATALOG;
use functions::table::{FunctionKind, function};
use plan::expression::SqlValue;
use types::catalog::{oid, type_name};
use types::{Item, Type, Value};

impl Deparse<'_> {
    pub(super) fn type_text(&self, of: Type) -> String {
        // Which columns a row has no text of its type tells.
        let modifier = if of.oid == oid::RECORD { -1 } else { of.modifier };
        type_name(self.scope, of.oid, Some(modifier))
    }

    /// A relation's name, with its schema where the path does not find it.
    pub(super) fn relation_text(&self, relation: &Relation) -> Option<String> {
        let name = relation.name();
        Some(if self.scope.is_relation_visible(relation.schema(), name) {
            quote_identifier(name)
        } else {
            catalog::name::qualified(&self.scope.schema(relation.schema())?.name, name)
        })
    }

    /// A function's name, with its schema where the path does not find it.
    pub(super) fn function_name(&self, number: u32) -> Option<String> {
        if let Some(entry) = function(number) {
            let name = quote_identifier(entry.name);
            let visible = self.scope.is_function_visible(PG_CATALOG, entry.name, entry.arguments);
            return Some(if visible { name } else { format!("pg_catalog.{name}") });
        }
        let known = self.scope.function(number)?;
        let first = self
            .scope
            .path()
            .schemas_of_functions()
            .find(|schema| self.scope.functions_named(*schema, &known.name).next().is_some());
        Some(if first == Some(known.schema) && self.scope.is_own_function_visible(known) {
            quote_identifier(&known.name)
        } else {
            catalog::name::qualified(&self.scope.schema(known.schema)?.name, &known.name)
        })
    }

    pub(super) fn is_ordered_set(&self, number: u32) -> bool {
        function(number).is_some_and(|entry| match entry.kind {
            FunctionKind::OrderedSet { .. } | FunctionKind::Hypothetical => true,
            FunctionKind::Aggregate { .. } | FunctionKind::Function | FunctionKind::Window => false,
        })
    }

    pub(super) fn is_aggregate(&self, number: u32) -> bool {
        match function(number).map(|entry| entry.kind) {
            Some(FunctionKind::Aggregate { .. }) => true,
            Some(
                FunctionKind::OrderedSet { .. }
                | FunctionKind::Hypothetical
                | FunctionKind::Function
                | FunctionKind::Window,
            ) => false,
            None => self.scope.function(number).is_some_and(|made| made.kind == MadeKind::Aggregate),
        }
    }

    /// A constant with its type, which a number alone might not be read as: it might be a place.
    pub(super) fn typed_constant(&self, value: &Value, of: Type, output: &mut Output) -> Option<()> {
        let before = output.text.len();
        self.constant(value, of, true, &mut output.text)?;
        if !output.text[before..].contains("::") && of.oid != oid::UNKNOWN {
            output.push(&format!("::{}", self.type_text(of)));
        }
        Some(())
    }

    pub(super) fn constant(&self, value: &Value, of: Type, labelled: bool, text: &mut String) -> Option<()> {
        if value.is_null() {
            text.push_str("NULL");
            if labelled && of.oid != oid::UNKNOWN {
                text.push_str(&format!("::{}", self.type_text(of)));
            }
            return Some(());
        }
        let shown = self.output(value, of)?;
        let digits = shown.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'e');
        let label = match of.oid {
            oid::BOOL => {
                text.push_str(if shown == "t" { "true" } else { "false" });
                return Some(());
            }
            oid::INT4 if digits => {
                text.push_str(&shown);
                return Some(());
            }
            // What looks like an integer would be read as one.
            oid::NUMERIC if digits && shown.contains(['.', 'e']) => {
                text.push_str(&shown);
                of.modifier >= 0
            }
            oid::UNKNOWN => {
                text.push_str(&quoted(&shown));
                false
            }
            _ => {
                text.push_str(&quoted(&shown));
                true
            }
        };
        if labelled && label {
            text.push_str(&format!("::{}", self.type_text(of)));
        }
        Some(())
    }

    fn output(&self, value: &Value, of: Type) -> Option<String> {
        // A sequence, a table: what is kept must go on meaning the object, so it is named.
        if of.oid == oid::REGCLASS
            && let Value::Int32(number) = value
            && let Some(relation) = self.scope.relation(*number as u32)
        {
            return self.relation_text(&relation);
        }
        let mut shown = String::new();
        types::text::output(self.scope, of, &Item::from(value), self.settings, &mut shown).ok()?;
        Some(shown)
    }

    pub(super) fn operator_of(&self, number: u32) -> Option<&'static str> {
        functions::table::operators_of(number).next().map(|entry| entry.name)
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn sql_value(value: SqlValue) -> String {
    let timed = |name: &str, precision: Option<i32>| match precision {
        Some(precision) => format!("{name}({precision})"),
        None => name.to_owned(),
    };
    match value {
        SqlValue::CurrentDate => "CURRENT_DATE".to_owned(),
        SqlValue::CurrentTime(precision) => timed("CURRENT_TIME", precision),
        SqlValue::CurrentTimestamp(precision) => timed("CURRENT_TIMESTAMP", precision),
        SqlValue::LocalTime(precision) => timed("LOCALTIME", precision),
        SqlValue::LocalTimestamp(precision) => timed("LOCALTIMESTAMP", precision),
        SqlValue::CurrentUser => "CURRENT_USER".to_owned(),
        SqlValue::SessionUser => "SESSION_USER".to_owned(),
        SqlValue::CurrentCatalog => "CURRENT_CATALOG".to_owned(),
        SqlValue::CurrentSchema => "CURRENT_SCHEMA".to_owned(),
    }
}
