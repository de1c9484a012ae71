//! Objects as the SQL that makes them: what `pg_get_indexdef` and `pg_get_constraintdef` answer.

use crate::name::{append_identifier, quote_identifier};
use crate::object::{
    Action, Constraint, Grant, Index, IndexKey, IndexedValue, Match, Object, Oid, Privileges, Rule,
};
use crate::operator_class;
use crate::snapshot::Scope;
use std::fmt::Write;

impl Scope {
    /// `CREATE INDEX …`, the table with its schema. Of a partitioned table's index it makes that one alone, as PostgreSQL has it.
    pub fn index_definition(&self, index: &Index) -> String {
        self.index_definition_as(index, false)
    }

    /// The same, with the table's schema only where the path does not find it, if it is to be `pretty`.
    pub fn index_definition_as(&self, index: &Index, pretty: bool) -> String {
        let alone = self.table(index.table).is_some_and(|table| table.is_partitioned());
        self.index_text(index, pretty, alone)
    }

    /// The same, so that the indexes of partitions come along.
    pub fn index_with_parts(&self, index: &Index) -> String {
        self.index_text(index, false, false)
    }

    fn index_text(&self, index: &Index, pretty: bool, alone: bool) -> String {
        let mut text = String::from(if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
        append_identifier(&index.name, &mut text);
        text.push_str(if alone { " ON ONLY " } else { " ON " });
        match self.relation(index.table) {
            Some(relation) if pretty => {
                text.push_str(&self.relation_name(relation.schema(), relation.name()))
            }
            _ => text.push_str(&self.qualified_relation(index.table)),
        }
        self.append_method_and_keys(index, &[], &mut text);
        self.append_rest(index, &mut text);
        text
    }

    /// The method and the keys of an index, with the operator of each if it is that of an exclusion constraint.
    fn append_method_and_keys(&self, index: &Index, operators: &[Oid], text: &mut String) {
        let _ = write!(text, " USING {} (", index.method.name());
        for (place, key) in index.keys.iter().enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            text.push_str(&self.index_key_definition(index, key));
            self.append_key_kind(index, key, text);
            text.push_str(match (key.descending, key.nulls_first) {
                (false, false) => "",
                (false, true) => " NULLS FIRST",
                (true, true) => " DESC",
                (true, false) => " DESC NULLS LAST",
            });
            if let Some(operator) = operators.get(place) {
                let _ = write!(text, " WITH {}", self.operator_of_exclusion(*operator));
            }
        }
        text.push(')');
    }

    /// An operator as `EXCLUDE` names it.
    fn operator_of_exclusion(&self, operator: Oid) -> String {
        match (functions::table::operator_by_oid(operator), self.object(operator)) {
            (Some(entry), _) if self.operators_named(entry.name).next().is_none() => entry.name.to_owned(),
            (Some(entry), _) => format!("OPERATOR(pg_catalog.{})", entry.name),
            (None, Some(Object::Operator(made))) => self.operator_text(made),
            (None, _) => operator.to_string(),
        }
    }

    /// What stands behind the keys of an index.
    fn append_rest(&self, index: &Index, text: &mut String) {
        if !index.include.is_empty() {
            text.push_str(" INCLUDE (");
            self.append_columns(index.table, &index.include, text);
            text.push(')');
        }
        if index.nulls_not_distinct {
            text.push_str(" NULLS NOT DISTINCT");
        }
        if !index.options.is_empty() {
            let _ = write!(text, " WITH ({})", shown_options(&index.options));
        }
        if let Some(predicate) = &index.predicate {
            text.push_str(" WHERE ");
            text.push_str(predicate);
        }
    }

    /// The collation and the operator class of a key, where they are not those that it would have anyway.
    fn append_key_kind(&self, index: &Index, key: &IndexKey, text: &mut String) {
        let natural = match &key.value {
            IndexedValue::Column(column) => {
                let table = self.table(index.table);
                table.and_then(|table| table.columns.get(usize::from(*column))).map(|column| column.collation)
            }
            IndexedValue::Expression(text) => Some(self.collation_of_key(index, key, text)),
        };
        if natural.is_some_and(|natural| natural != key.collation)
            && let Some(name) = self.collation_name(key.collation)
        {
            let _ = write!(text, " COLLATE {name}");
        }
        let of_type =
            || operator_class::default_class(self, index.method, key.type_oid).map(|class| class.oid);
        let shown = key.class.or_else(|| if key.class_options.is_empty() { None } else { of_type() });
        if let Some(class) = shown {
            let _ = write!(text, " {}", self.operator_class_text(class));
        }
        if !key.class_options.is_empty() {
            let _ = write!(text, " ({})", shown_options(&key.class_options));
        }
    }

    /// An operator class as an index names it.
    pub fn operator_class_text(&self, class: Oid) -> String {
        match (self.object(class), operator_class::class_of(self, class)) {
            (Some(Object::OperatorClass(made)), _) => self.shown_class(made),
            (_, Some(known)) => known.name.into_owned(),
            (_, None) => class.to_string(),
        }
    }

    /// The collation that an expression of an index has by itself: one that is written in it, or that of a column it reads, or its
    /// type's.
    fn collation_of_key(&self, index: &Index, key: &IndexKey, text: &str) -> Oid {
        let written = self.collation_name(key.collation).map(|name| format!(" COLLATE {name})"));
        if written.is_some_and(|written| text.contains(&written)) {
            return key.collation;
        }
        let natural = self.type_collation(key.type_oid);
        let Some(table) = self.table(index.table) else { return natural };
        let read = self.dependencies_of(index.oid).filter(|(_, on, _)| on.oid == index.table && on.part > 0);
        let columns = read.filter_map(|(_, on, _)| table.columns.get(usize::from(on.part) - 1));
        // The index may read others in other keys.
        let columns = columns.filter(|column| names(text, &quote_identifier(&column.name)));
        let own = columns.map(|column| column.collation).find(|own| *own != 0 && *own != natural);
        own.filter(|_| natural != 0).unwrap_or(natural)
    }

    /// One key of an index: a column, a call, or another expression in parentheses.
    pub fn index_key_definition(&self, index: &Index, key: &IndexKey) -> String {
        match &key.value {
            IndexedValue::Column(column) => quote_identifier(self.column_name(index.table, *column)),
            IndexedValue::Expression(text) => key_text(text),
        }
    }

    /// A constraint without its name: `CHECK (…)`, `FOREIGN KEY (…) REFERENCES …`.
    pub fn constraint_definition(&self, constraint: &Constraint) -> String {
        let mut text = String::new();
        match &constraint.rule {
            Rule::Check(expression) => {
                let _ = write!(text, "CHECK ({expression})");
                if constraint.no_inherit {
                    text.push_str(" NO INHERIT");
                }
            }
            Rule::Unique(index) | Rule::PrimaryKey(index) => {
                let index = self.index(*index);
                let primary = matches!(constraint.rule, Rule::PrimaryKey(_));
                text.push_str(if primary { "PRIMARY KEY " } else { "UNIQUE " });
                if index.is_some_and(|index| index.nulls_not_distinct) {
                    text.push_str("NULLS NOT DISTINCT ");
                }
                text.push('(');
                self.append_columns(constraint.table, &constraint.columns, &mut text);
                text.push(')');
                if let Some(index) = index.filter(|index| !index.include.is_empty()) {
                    text.push_str(" INCLUDE (");
                    self.append_columns(constraint.table, &index.include, &mut text);
                    text.push(')');
                }
            }
            Rule::ForeignKey { .. } => self.append_foreign_key(constraint, &mut text),
            Rule::Exclude(index, operators) => {
                if let Some(index) = self.index(*index) {
                    return self.exclusion_definition(constraint, index, operators);
                }
            }
        }
        append_attributes(constraint, &mut text);
        text
    }

    /// An exclusion constraint without its name, by its index as it is to be shown.
    pub fn exclusion_definition(&self, constraint: &Constraint, index: &Index, operators: &[Oid]) -> String {
        let mut text = String::from("EXCLUDE");
        self.append_method_and_keys(index, operators, &mut text);
        let mut shown = index.clone();
        // In parentheses, whatever it is.
        shown.predicate = index.predicate.as_ref().map(|predicate| format!("({predicate})"));
        self.append_rest(&shown, &mut text);
        append_attributes(constraint, &mut text);
        text
    }

    fn append_foreign_key(&self, constraint: &Constraint, text: &mut String) {
        let Rule::ForeignKey { table, columns, matching, on_update, on_delete, set_columns, .. } =
            &constraint.rule
        else {
            return;
        };
        text.push_str("FOREIGN KEY (");
        self.append_columns(constraint.table, &constraint.columns, text);
        text.push_str(") REFERENCES ");
        if let Some(table) = self.table(*table) {
            text.push_str(&self.relation_name(table.schema, &table.name));
        }
        text.push('(');
        self.append_columns(*table, columns, text);
        text.push(')');
        match matching {
            Match::Simple => {}
            Match::Full => text.push_str(" MATCH FULL"),
        }
        for (event, action) in [(" ON UPDATE ", on_update), (" ON DELETE ", on_delete)] {
            if *action != Action::NoAction {
                text.push_str(event);
                text.push_str(action.words());
            }
        }
        if !set_columns.is_empty() {
            text.push_str(" (");
            self.append_columns(constraint.table, set_columns, text);
            text.push(')');
        }
    }

    fn qualified_relation(&self, oid: Oid) -> String {
        match self.relation(oid) {
            Some(relation) => {
                let schema = self.schema(relation.schema()).map_or("", |schema| &schema.name);
                crate::name::qualified(schema, relation.name())
            }
            None => String::new(),
        }
    }

    pub(crate) fn column_name(&self, table: Oid, column: u16) -> &str {
        let found = self.table(table).and_then(|table| table.columns.get(usize::from(column)));
        found.map_or("", |column| &column.name)
    }

    fn append_columns(&self, table: Oid, columns: &[u16], text: &mut String) {
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            append_identifier(self.column_name(table, *column), text);
        }
    }

    /// A grant as an `aclitem`: `role=arw*/owner`.
    pub fn grant_text(&self, grant: &Grant) -> String {
        let mut text = String::new();
        if grant.grantee != 0 {
            self.append_role(grant.grantee, &mut text);
        }
        text.push('=');
        for (privilege, letter, _) in Privileges::ALL {
            if grant.privileges.contains(privilege) {
                text.push(letter);
                if grant.grant_option.contains(privilege) {
                    text.push('*');
                }
            }
        }
        text.push('/');
        self.append_role(grant.grantor, &mut text);
        text
    }

    fn append_role(&self, oid: Oid, text: &mut String) {
        let Some(role) = self.role(oid) else {
            let _ = write!(text, "{oid}");
            return;
        };
        let plain = role.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            text.push_str(&role.name);
        } else {
            let _ = write!(text, "\"{}\"", role.name.replace('"', "\"\""));
        }
    }

    /// A role's name; `unknown (OID=…)` for one that is gone, as `pg_get_userbyid` answers.
    pub fn role_name(&self, oid: Oid) -> String {
        match self.role(oid) {
            Some(role) => role.name.clone(),
            None => format!("unknown (OID={oid})"),
        }
    }
}

/// An expression as an index's key is written: a call as it is, anything else in parentheses.
pub fn key_text(text: &str) -> String {
    if is_call(text) { text.to_owned() } else { format!("({text})") }
}

/// Whether a text has a name in it, and not merely as a part of another.
fn names(text: &str, name: &str) -> bool {
    let within = |of: char| of.is_alphanumeric() || matches!(of, '_' | '$' | '"');
    text.match_indices(name).any(|(place, found)| {
        let before = text[..place].chars().next_back();
        let after = text[place + found.len()..].chars().next();
        !before.is_some_and(within) && !after.is_some_and(within)
    })
}

/// Whether an expression's text is one call: a name, and parentheses that end where the text ends.
pub(crate) fn is_call(text: &str) -> bool {
    let bytes = text.as_bytes();
    let name = bytes.iter().take_while(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'"' | b'$') || !byte.is_ascii()
    });
    let start = name.count();
    if start == 0 || bytes.get(start) != Some(&b'(') {
        return false;
    }
    let (mut depth, mut quote) = (0usize, None);
    for (place, byte) in bytes.iter().enumerate().skip(start) {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(*byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth -= 1;
                if depth == 0 {
                    return place + 1 == bytes.len();
                }
            }
            (None, _) => {}
        }
    }
    false
}

/// Parameters, `name=value` each, as SQL: values in quotes where they are no plain words.
fn shown_options(options: &[String]) -> String {
    let shown = options.iter().map(|option| match option.split_once('=') {
        Some((name, value)) if quote_identifier(value) == value => format!("{name}={value}"),
        Some((name, value)) => format!("{name}='{}'", value.replace('\'', "''")),
        None => option.clone(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// When a constraint is looked at, and whether it was.
fn append_attributes(constraint: &Constraint, text: &mut String) {
    if constraint.deferrable {
        text.push_str(" DEFERRABLE");
    }
    if constraint.initially_deferred {
        text.push_str(" INITIALLY DEFERRED");
    }
    if !constraint.validated {
        text.push_str(" NOT VALID");
    }
}

#[cfg(test)]
mod tests {
    use super::is_call;

    #[test]
    fn calls_are_told_from_other_expressions() {
        for (text, call) in [
            ("lower(x)", true),
            ("s.f(a, ')')", true),
            ("(a + b)", false),
            ("f(a) + g(b)", false),
            ("a", false),
            ("f(a)::text", false),
            ("", false),
            ("f(", false),
        ] {
            assert_eq!(is_call(text), call, "{text}");
        }
    }
}
