//! Tables: their columns and checks; their keys, indexes and foreign keys, which come when rows are there.

use crate::Writer;
use crate::error::DumpError;
use crate::order::schema_name;
use catalog::name::quote_identifier;
use catalog::object::{
    Column, Constraint, Object, Oid, Policy, PolicyCommand, Replica, Rule, RuleState, Source, Table,
};
use std::sync::Arc;
use types::catalog::type_name;

impl Writer<'_> {
    /// `CREATE TABLE …`
    pub(crate) fn table(&mut self, table: &Table) -> Result<String, DumpError> {
        let mut parts = Vec::new();
        for (_, column) in table.live_columns() {
            parts.push(self.column(column)?);
        }
        for check in self.constraints(table.oid, |rule| matches!(rule, Rule::Check(_))) {
            parts.push(self.constraint(&check));
        }
        let name = self.full_name(table.schema, &table.name);
        let parts: Vec<String> = parts.iter().map(|part| format!("    {part}")).collect();
        let body = if parts.is_empty() { String::new() } else { format!("\n{}\n", parts.join(",\n")) };
        let by = self
            .scope
            .partition_key_text(table)
            .map_or_else(String::new, |key| format!(" PARTITION BY {key}"));
        let foreign = crate::foreign::of_table(&self.scope, table, &name);
        let kind = table.kind_word().to_uppercase();
        let (behind, of_columns) = foreign.unwrap_or_else(|| (storage_options(table), String::new()));
        let mut text = format!("CREATE {kind} {name} ({body}){by}{behind};{of_columns}");
        text.push_str(&column_details(table, &name));
        // Whom it inherits from it is told afterwards: so its columns stay in their order.
        for parent in &table.inheritance.parents {
            let Some(parent) = self.scope.table(*parent).cloned() else { continue };
            let above = self.full_name(parent.schema, &parent.name);
            text.push_str(&match self.scope.partition_bound_text(table) {
                Some(bound) => format!("\nALTER TABLE ONLY {above} ATTACH PARTITION {name} {bound};"),
                None => format!("\nALTER TABLE ONLY {name} INHERIT {above};"),
            });
        }
        // So it is with its type: what it says of its columns may be more than can be said of a typed table's.
        if let Some(of) = self.scope.composite(table.of_type) {
            let of = self.full_name(of.schema, &of.name);
            text.push_str(&format!("\nALTER TABLE ONLY {name} OF {of};"));
        }
        Ok(text)
    }

    /// `CREATE MATERIALIZED VIEW …`, without its rows: they are made when everything else is there.
    pub(crate) fn materialized(&mut self, table: &Table) -> Result<String, DumpError> {
        let query =
            self.value(&format!("SELECT pg_catalog.pg_get_viewdef({}::pg_catalog.oid)", table.oid))?;
        let query = query.trim().trim_end_matches(';').to_owned();
        let columns: Vec<String> =
            table.live_columns().map(|(_, column)| quote_identifier(&column.name)).collect();
        let columns = if columns.is_empty() { String::new() } else { format!("({})", columns.join(", ")) };
        let name = self.full_name(table.schema, &table.name);
        let (options, details) = (storage_options(table), column_details(table, &name));
        Ok(format!("CREATE MATERIALIZED VIEW {name}{columns}{options} AS\n {query}\n WITH NO DATA;{details}"))
    }

    /// Makes the rows of materialized views, in the order in which they need each other.
    pub(crate) fn refreshes(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        for oid in nodes {
            let Some(table) = self.scope.table(*oid).cloned() else { continue };
            if table.materialized().is_some_and(|view| view.populated) {
                let name = self.full_name(table.schema, &table.name);
                self.text(&format!("\nREFRESH MATERIALIZED VIEW {name};\n"))?;
            }
        }
        Ok(())
    }

    /// Rules, which come when rows are there: they would be asked at each of them.
    pub(crate) fn rules(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        for oid in nodes {
            let rules: Vec<_> = self.scope.rules_of(*oid).into_iter().cloned().collect();
            let Some(relation) = self.scope.relation(*oid).filter(|_| !rules.is_empty()) else { continue };
            let name = self.full_name(relation.schema(), relation.name());
            for rule in rules {
                let told = format!("SELECT pg_catalog.pg_get_ruledef({}::pg_catalog.oid)", rule.oid);
                let text = self.value(&told)?;
                self.text(&format!("\n{text}\n"))?;
                let switch = match rule.state {
                    RuleState::Enabled => continue,
                    RuleState::Disabled => "DISABLE",
                    RuleState::Replica => "ENABLE REPLICA",
                    RuleState::Always => "ENABLE ALWAYS",
                };
                let of = quote_identifier(&rule.name);
                self.text(&format!("ALTER TABLE {name} {switch} RULE {of};\n"))?;
            }
        }
        Ok(())
    }

    /// Row security and policies, which come when rows are there.
    pub(crate) fn policies(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        for oid in nodes {
            let Some(table) = self.scope.table(*oid).cloned() else { continue };
            let name = self.full_name(table.schema, &table.name);
            if table.row_security {
                self.text(&format!("\nALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\n"))?;
            }
            if table.forces_row_security {
                self.text(&format!("\nALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY;\n"))?;
            }
            let policies: Vec<_> = self.scope.policies_of(*oid).into_iter().cloned().collect();
            for policy in policies {
                let text = self.policy(&policy, &name)?;
                self.text(&format!("\n{text};\n"))?;
            }
        }
        Ok(())
    }

    fn policy(&mut self, policy: &Policy, table: &str) -> Result<String, DumpError> {
        let mut text = format!("CREATE POLICY {} ON {table}", quote_identifier(&policy.name));
        if !policy.permissive {
            text.push_str(" AS RESTRICTIVE");
        }
        if policy.command != PolicyCommand::All {
            text.push_str(&format!(" FOR {}", policy.command.word()));
        }
        if policy.roles != [0] {
            let name = |role: &Oid| Some(quote_identifier(&self.scope.role(*role)?.name));
            let roles: Vec<String> = policy.roles.iter().filter_map(name).collect();
            text.push_str(&format!(" TO {}", roles.join(", ")));
        }
        let parts = [("USING", "polqual", &policy.using), ("WITH CHECK", "polwithcheck", &policy.check)];
        for (word, column, kept) in parts {
            if kept.is_some() {
                let told = format!(
                    "SELECT pg_catalog.pg_get_expr({column}, polrelid) FROM pg_catalog.pg_policy WHERE oid = {}",
                    policy.oid
                );
                text.push_str(&format!(" {word} ({})", self.value(&told)?));
            }
        }
        Ok(text)
    }

    /// Triggers, which come when rows are there, too; those that partitions have from their table come with it.
    pub(crate) fn triggers(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        for oid in nodes {
            let triggers: Vec<_> = self.scope.triggers_of(*oid).into_iter().cloned().collect();
            let Some(relation) = self.scope.relation(*oid).filter(|_| !triggers.is_empty()) else { continue };
            let name = self.full_name(relation.schema(), relation.name());
            for trigger in triggers {
                let above = self.scope.trigger(trigger.parent).map(|above| above.state);
                if above.is_none() {
                    let told =
                        format!("SELECT pg_catalog.pg_get_triggerdef({}::pg_catalog.oid)", trigger.oid);
                    let text = self.value(&told)?;
                    self.text(&format!("\n{text};\n"))?;
                }
                let switch = match trigger.state {
                    state if state == above.unwrap_or(RuleState::Enabled) => continue,
                    RuleState::Enabled => "ENABLE",
                    RuleState::Disabled => "DISABLE",
                    RuleState::Replica => "ENABLE REPLICA",
                    RuleState::Always => "ENABLE ALWAYS",
                };
                let of = quote_identifier(&trigger.name);
                self.text(&format!("ALTER TABLE {name} {switch} TRIGGER {of};\n"))?;
            }
        }
        Ok(())
    }

    fn column(&mut self, column: &Column) -> Result<String, DumpError> {
        let of = type_name(&self.scope, column.type_oid, Some(column.modifier));
        let mut text = format!("{} {of}", quote_identifier(&column.name));
        text.push_str(&self.own_collation(column.collation, column.type_oid));
        match &column.source {
            Source::Null => {}
            Source::Default(expression) => text.push_str(&format!(" DEFAULT {}", expression.text)),
            Source::Generated(expression) => {
                text.push_str(&format!(" GENERATED ALWAYS AS ({}) STORED", bare(&expression.text)));
            }
            Source::Identity { always, sequence } => {
                let how = if *always { "ALWAYS" } else { "BY DEFAULT" };
                text.push_str(&format!(" GENERATED {how} AS IDENTITY"));
                if let Some(sequence) = self.scope.sequence(*sequence).cloned() {
                    let name = self.full_name(sequence.schema, &sequence.name);
                    let rules = crate::sequence::rules(&sequence);
                    text.push_str(&format!(" (SEQUENCE NAME {name}{rules})"));
                }
            }
        }
        if column.not_null {
            text.push_str(" NOT NULL");
        }
        Ok(text)
    }

    /// Constraints of a table, by their names.
    fn constraints(&self, table: Oid, wanted: impl Fn(&Rule) -> bool) -> Vec<Arc<Constraint>> {
        let mut found: Vec<Arc<Constraint>> =
            self.scope.constraints_of(table).filter(|found| wanted(&found.rule)).cloned().collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    fn constraint(&self, constraint: &Constraint) -> String {
        let definition = self.scope.constraint_definition(constraint);
        format!("CONSTRAINT {} {definition}", quote_identifier(&constraint.name))
    }

    /// What comes behind the rows: primary keys and unique constraints, other indexes, foreign keys.
    pub(crate) fn keys(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        let mut tables = Vec::new();
        for node in nodes {
            if let Some(Object::Table(table)) = self.scope.object(*node) {
                tables.push(table.clone());
            }
        }
        for table in &tables {
            self.add_constraints(table, |rule| {
                matches!(rule, Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Exclude(..))
            })?;
        }
        for table in &tables {
            let mut indexes: Vec<_> = self.scope.indexes_of(table.oid).cloned().collect();
            // Parts come with the whole.
            indexes.retain(|index| index.parent == 0 && self.scope.constraint_of_index(index.oid).is_none());
            indexes.sort_by(|one, other| one.name.cmp(&other.name));
            for index in indexes {
                self.within(&schema_name(&self.scope, table.schema))?;
                let definition = self.scope.index_with_parts(&index);
                self.text(&format!("\n{definition};\n"))?;
            }
        }
        for table in &tables {
            self.clustered(table)?;
            self.replica_identity(table)?;
        }
        for table in &tables {
            self.add_constraints(table, |rule| match rule {
                // Of a table that is not written nothing can be demanded.
                Rule::ForeignKey { table, .. } => nodes.contains(table),
                Rule::Check(_) | Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => false,
            })?;
        }
        Ok(())
    }

    /// By which index a table's rows were put in order last.
    fn clustered(&mut self, table: &Table) -> Result<(), DumpError> {
        let Some(index) = self.scope.index(table.clustered) else { return Ok(()) };
        let index = quote_identifier(&index.name);
        let name = self.full_name(table.schema, &table.name);
        self.text(&format!("\nALTER TABLE {name} CLUSTER ON {index};\n"))
    }

    /// By what others tell a table's rows: without it, rows that are published could not be changed.
    fn replica_identity(&mut self, table: &Table) -> Result<(), DumpError> {
        if table.foreign().is_some() {
            return Ok(()); // it has none without a word
        }
        let identity = match table.replica {
            Replica::Default => return Ok(()),
            Replica::Full => "FULL".to_owned(),
            Replica::Nothing => "NOTHING".to_owned(),
            Replica::Index(oid) => match self.scope.index(oid) {
                Some(index) => format!("USING INDEX {}", quote_identifier(&index.name)),
                // PostgreSQL keeps the word, too, and it means nothing.
                None => return Ok(()),
            },
        };
        let name = self.full_name(table.schema, &table.name);
        self.text(&format!("\nALTER TABLE ONLY {name} REPLICA IDENTITY {identity};\n"))
    }

    fn add_constraints(&mut self, table: &Table, wanted: impl Fn(&Rule) -> bool) -> Result<(), DumpError> {
        let partitioned = table.is_partitioned();
        for constraint in self.constraints(table.oid, wanted) {
            if constraint.parent != 0 {
                continue;
            }
            self.within(&schema_name(&self.scope, table.schema))?;
            let name = self.full_name(table.schema, &table.name);
            let constraint = self.constraint(&constraint);
            // A key of a partitioned table is one of its partitions.
            let only = if partitioned { "" } else { "ONLY " };
            self.text(&format!("\nALTER TABLE {only}{name}\n    ADD {constraint};\n"))?;
        }
        Ok(())
    }
}

/// An expression without the parentheses around all of it.
fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let mut depth = 0i32;
    let mut quote = None;
    for found in inner.chars() {
        match (quote, found) {
            (None, '\'' | '"') => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}

/// ` WITH (…)`, if a table has storage parameters.
/// What is said of a table's columns that changes no value, each in a statement of its own; `name` is the table's.
fn column_details(table: &Table, name: &str) -> String {
    let mut text = String::new();
    let kind = if table.is_materialized() { "MATERIALIZED VIEW" } else { "TABLE ONLY" };
    for (_, column) in table.live_columns() {
        let mut said = Vec::new();
        if column.statistics_target >= 0 {
            said.push(format!("SET STATISTICS {}", column.statistics_target));
        }
        said.extend(column.details.storage.map(|letter| {
            let word = match letter {
                b'p' => "PLAIN",
                b'e' => "EXTERNAL",
                b'm' => "MAIN",
                _ => "EXTENDED",
            };
            format!("SET STORAGE {word}")
        }));
        said.extend(
            column
                .details
                .compression
                .map(|letter| format!("SET COMPRESSION {}", if letter == b'l' { "lz4" } else { "pglz" })),
        );
        if !column.details.options.is_empty() {
            said.push(format!("SET ({})", column.details.options.join(", ")));
        }
        for what in said {
            let column = quote_identifier(&column.name);
            text.push_str(&format!("\nALTER {kind} {name} ALTER COLUMN {column} {what};"));
        }
    }
    text
}

fn storage_options(table: &Table) -> String {
    if table.options.is_empty() {
        return String::new();
    }
    let options = table.options.iter().map(|option| match option.split_once('=') {
        Some((name, value)) => format!("{name}={}", crate::objects::quote_text(value)),
        None => option.clone(),
    });
    format!(" WITH ({})", options.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn parentheses_around_everything_go() {
        assert_eq!(bare("(a + 1)"), "a + 1");
        assert_eq!(bare("(a) + (b)"), "(a) + (b)");
        assert_eq!(bare("(')' || a)"), "')' || a");
    }
}
