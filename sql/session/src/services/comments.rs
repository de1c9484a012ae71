//! What functions ask of comments, and of what no database here has.

use crate::services::{Services, number, text};
use catalog::Address;
use catalog::object::{FIRST_USER_OID, class};
use functions::SessionFunction;
use types::{Item, Value};

/// Catalogs whose objects have comments.
const CLASSES: &[(&str, u32)] = &[
    ("pg_class", class::RELATION),
    ("pg_type", class::TYPE),
    ("pg_cast", class::CAST),
    ("pg_proc", class::FUNCTION),
    ("pg_namespace", class::NAMESPACE),
    ("pg_constraint", class::CONSTRAINT),
    ("pg_authid", class::ROLE),
    ("pg_database", class::DATABASE),
    ("pg_am", class::ACCESS_METHOD),
    ("pg_event_trigger", class::EVENT_TRIGGER),
    ("pg_largeobject", class::LARGE_OBJECT),
    ("pg_language", class::LANGUAGE),
    ("pg_extension", class::EXTENSION),
    ("pg_opclass", class::OPERATOR_CLASS),
    ("pg_opfamily", class::OPERATOR_FAMILY),
    ("pg_operator", class::OPERATOR),
    ("pg_rewrite", class::REWRITE),
    ("pg_trigger", class::TRIGGER),
    ("pg_policy", class::POLICY),
    ("pg_foreign_data_wrapper", class::FOREIGN_WRAPPER),
    ("pg_foreign_server", class::FOREIGN_SERVER),
    ("pg_user_mapping", class::USER_MAPPING),
    ("pg_publication", class::PUBLICATION),
    ("pg_subscription", class::SUBSCRIPTION),
    ("pg_collation", class::COLLATION),
    ("pg_statistic_ext", class::STATISTICS),
    ("pg_tablespace", class::TABLESPACE),
    ("pg_ts_config", class::SEARCH_CONFIGURATION),
    ("pg_ts_dict", class::SEARCH_DICTIONARY),
    ("pg_ts_parser", class::SEARCH_PARSER),
    ("pg_ts_template", class::SEARCH_TEMPLATE),
];

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_descriptions(&self, function: SessionFunction, arguments: &[Item<'_>]) -> Option<Value> {
        let oid = arguments.first().map_or(0, number);
        let comment = |class, address| self.scope.comment(class, address).map(|comment| Value::text(comment));
        let found = match function {
            SessionFunction::ObjectDescription => {
                let named = arguments.get(1).map(text);
                let mut classes = CLASSES.iter().filter(|(name, _)| named.is_none_or(|named| named == *name));
                classes.find_map(|(_, class)| comment(*class, Address::of(oid)))
            }
            SessionFunction::ColumnDescription => match arguments.get(1) {
                Some(Item::Int32(column @ 1..)) => {
                    let column = u16::try_from(*column - 1).ok()?;
                    comment(class::RELATION, Address::column(oid, column))
                }
                _ => None,
            },
            // PostgreSQL keeps those of users in a directory of its own.
            SessionFunction::TablespaceLocation if oid < FIRST_USER_OID => Some(Value::text("")),
            SessionFunction::TablespaceLocation => Some(Value::text(&format!("pg_tblspc/{oid}"))),
            _ => return None,
        };
        Some(found.unwrap_or(Value::Null))
    }
}
