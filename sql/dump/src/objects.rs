//! Definitions of schemas, types, functions, views; comments.

use crate::Writer;
use crate::error::DumpError;
use crate::order::{is_system, schema_name};
use crate::range::range_of;
use crate::select::{Selection, Told, run};
use catalog::name::{qualified, quote_identifier};
use catalog::object::{
    Cast, CastWay, CastWhen, CheckOption, Collation, Conversion, ExtendedStatistics, Object, Oid, Operator,
    Rule, View, class,
};
use types::catalog::type_name;
use types::encoding::Encoding;

/// What is said of a view before its query and behind it.
fn view_options(view: &View) -> (String, &'static str) {
    let told = |option: &&String| !option.starts_with("check_option=");
    let options: Vec<&str> = view.options.iter().filter(told).map(String::as_str).collect();
    let options = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    let check = match view.check_option() {
        CheckOption::None => "",
        CheckOption::Local => "\n WITH LOCAL CHECK OPTION",
        CheckOption::Cascaded => "\n WITH CASCADED CHECK OPTION",
    };
    (options, check)
}

/// A text between quotes.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Writer<'_> {
    /// The name of an object with its schema's.
    pub(crate) fn full_name(&self, schema: Oid, name: &str) -> String {
        qualified(&schema_name(&self.scope, schema), name)
    }

    pub(crate) fn schemas(&mut self, selection: &Selection) -> Result<(), DumpError> {
        if !selection.is_everything() {
            return Ok(());
        }
        let mut names: Vec<String> = self
            .scope
            .objects()
            .filter_map(|object| if let Object::Schema(schema) = object { Some(&schema.name) } else { None })
            .filter(|name| !is_system(name) && *name != "public")
            .cloned()
            .collect();
        names.sort();
        for name in names {
            self.text(&format!("\nCREATE SCHEMA {};\n", quote_identifier(&name)))?;
        }
        Ok(())
    }

    /// The definition of an object.
    pub(crate) fn definition(&mut self, oid: Oid) -> Result<(), DumpError> {
        let Some(object) = self.scope.object(oid).cloned() else { return Ok(()) };
        if let Some(schema) = crate::order::schema_of(&object) {
            let schema = schema_name(&self.scope, schema);
            self.within(&schema)?;
        }
        let text = match &object {
            Object::Enum(made) => {
                let mut labels = made.labels.clone();
                labels.sort_by(|one, other| one.sort_order.total_cmp(&other.sort_order));
                let labels: Vec<String> =
                    labels.iter().map(|label| format!("    {}", quote_text(&label.name))).collect();
                let name = self.full_name(made.schema, &made.name);
                format!("CREATE TYPE {name} AS ENUM (\n{}\n);", labels.join(",\n"))
            }
            Object::Composite(made) => {
                let columns: Vec<String> = made
                    .columns
                    .iter()
                    .filter(|column| !column.dropped)
                    .map(|column| {
                        let of = type_name(&self.scope, column.type_oid, Some(column.modifier));
                        let collation = self.own_collation(column.collation, column.type_oid);
                        format!("    {} {of}{collation}", quote_identifier(&column.name))
                    })
                    .collect();
                let name = self.full_name(made.schema, &made.name);
                format!("CREATE TYPE {name} AS (\n{}\n);", columns.join(",\n"))
            }
            Object::Domain(made) => self.domain(made),
            Object::Range(made) => self.range(made),
            Object::Base(base) => self.base_type(base).unwrap_or_default(),
            Object::Sequence(sequence) => self.sequence(sequence).unwrap_or_default(),
            Object::Table(table) if table.is_materialized() => self.materialized(table)?,
            Object::Table(table) => self.table(table)?,
            Object::View(view) => self.view(view)?,
            Object::Function(made) if made.aggregate().is_some() => self.aggregate(made),
            Object::Function(_) => {
                let definition = format!("SELECT pg_catalog.pg_get_functiondef({oid}::pg_catalog.oid)");
                format!("{};", self.value(&definition)?.trim_end())
            }
            Object::Cast(cast) => self.cast(cast)?,
            Object::Collation(made) => self.collation(made),
            Object::Conversion(made) => self.conversion(made)?,
            Object::Operator(made) => self.operator(made)?,
            Object::OperatorClass(made) => self.operator_class(made)?,
            Object::OperatorFamily(made) => self.operator_family(made)?,
            Object::Statistics(made) => self.statistics(made)?,
            Object::Foreign(foreign) => crate::foreign::definition(&self.scope, foreign),
            Object::Replication(replication) => self.replication(replication)?,
            Object::Search(search) => self.search(search),
            Object::Extension(made) => {
                let schema = quote_identifier(&schema_name(&self.scope, made.schema));
                let name = quote_identifier(&made.name);
                format!("CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {schema};")
            }
            Object::Schema(_)
            | Object::Index(_)
            | Object::Constraint(_)
            | Object::Multirange(_)
            | Object::Rewrite(_)
            | Object::Policy(_)
            | Object::EventTrigger(_)
            | Object::Trigger(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_) => return Ok(()),
        };
        if text.is_empty() { Ok(()) } else { self.text(&format!("\n{text}\n")) }
    }

    /// `CREATE VIEW …`
    fn view(&mut self, view: &View) -> Result<String, DumpError> {
        let query = self.value(&format!("SELECT pg_catalog.pg_get_viewdef({}::pg_catalog.oid)", view.oid))?;
        let columns: Vec<String> =
            view.columns.iter().map(|column| quote_identifier(&column.column.name)).collect();
        let name = self.full_name(view.schema, &view.name);
        let query = query.trim().trim_end_matches(';').to_owned();
        let (options, check) = view_options(view);
        Ok(format!("CREATE VIEW {name}({}){options} AS\n {query}{check};", columns.join(", ")))
    }

    /// `CREATE STATISTICS …`
    fn statistics(&mut self, made: &ExtendedStatistics) -> Result<String, DumpError> {
        let told = format!("SELECT pg_catalog.pg_get_statisticsobjdef({}::pg_catalog.oid)", made.oid);
        let text = self.value(&told)?;
        let name = self.full_name(made.schema, &made.name);
        Ok(match made.target {
            -1 => format!("{text};"),
            target => format!("{text};\nALTER STATISTICS {name} SET STATISTICS {target};"),
        })
    }

    /// ` COLLATE …`, if a collation is not that of the type.
    pub(crate) fn own_collation(&self, collation: Oid, of: Oid) -> String {
        if collation == self.scope.type_collation(of) {
            return String::new();
        }
        self.full_collation_name(collation).map_or_else(String::new, |name| format!(" COLLATE {name}"))
    }

    /// The name of a collation with its schema.
    pub(crate) fn full_collation_name(&self, collation: Oid) -> Option<String> {
        let (schema, name) = self.scope.collation_known(collation)?;
        Some(self.full_name(schema, name))
    }

    fn operator_signature(&self, made: &Operator) -> String {
        let side = |of: Oid| if of == 0 { "NONE".to_owned() } else { type_name(&self.scope, of, None) };
        let schema = schema_name(&self.scope, made.schema);
        let name = format!("{}.{}", quote_identifier(&schema), made.name);
        format!("{name} ({}, {})", side(made.left), side(made.right))
    }

    /// An operator; one that is only the other's commutator or negator comes with that.
    fn operator(&mut self, made: &Operator) -> Result<String, DumpError> {
        if made.function == 0 {
            return Ok(String::new());
        }
        let function = self.value(&format!("SELECT {}::pg_catalog.regproc", made.function))?;
        let mut parts = vec![format!("FUNCTION = {function}")];
        for (word, of) in [("LEFTARG", made.left), ("RIGHTARG", made.right)] {
            if of != 0 {
                parts.push(format!("{word} = {}", type_name(&self.scope, of, None)));
            }
        }
        for (word, other) in [("COMMUTATOR", made.commutator), ("NEGATOR", made.negator)] {
            let own = self.scope.operator(other).map(|other| {
                let schema = schema_name(&self.scope, other.schema);
                format!("OPERATOR({}.{})", quote_identifier(&schema), other.name)
            });
            let text = own.or_else(|| self.scope.full_operator_name(other));
            parts.extend(text.map(|text| format!("{word} = {text}")));
        }
        for (word, name) in [("RESTRICT", &made.restrict), ("JOIN", &made.join)] {
            parts.extend(name.iter().map(|name| format!("{word} = {name}")));
        }
        for (word, is) in [("HASHES", made.hashes), ("MERGES", made.merges)] {
            parts.extend(is.then(|| word.to_owned()));
        }
        let schema = schema_name(&self.scope, made.schema);
        let name = format!("{}.{}", quote_identifier(&schema), made.name);
        Ok(format!("CREATE OPERATOR {name} (\n    {}\n);", parts.join(",\n    ")))
    }

    fn collation(&self, made: &Collation) -> String {
        let name = self.full_name(made.schema, &made.name);
        let locale = if made.collate == made.ctype {
            format!("locale = {}", quote_text(&made.collate))
        } else {
            format!("lc_collate = {}, lc_ctype = {}", quote_text(&made.collate), quote_text(&made.ctype))
        };
        format!("CREATE COLLATION {name} (provider = libc, {locale});")
    }

    fn conversion(&mut self, made: &Conversion) -> Result<String, DumpError> {
        let name = self.full_name(made.schema, &made.name);
        let default = if made.default { "DEFAULT " } else { "" };
        let [source, destination] = [made.source, made.destination]
            .map(|number| quote_text(Encoding::numbered(number).map_or("", Encoding::name)));
        let function = self.value(&format!("SELECT {}::pg_catalog.regproc", made.function))?;
        Ok(format!("CREATE {default}CONVERSION {name} FOR {source} TO {destination} FROM {function};"))
    }

    /// A cast's types as its statements name them.
    fn cast_types(&self, cast: &Cast) -> String {
        let [source, target] = [cast.source, cast.target].map(|of| type_name(&self.scope, of, None));
        format!("({source} AS {target})")
    }

    fn cast(&mut self, cast: &Cast) -> Result<String, DumpError> {
        let way = match cast.way {
            CastWay::Binary => "WITHOUT FUNCTION".to_owned(),
            CastWay::Text => "WITH INOUT".to_owned(),
            CastWay::Function(function) => {
                let name = format!("SELECT {function}::pg_catalog.regprocedure");
                format!("WITH FUNCTION {}", self.value(&name)?)
            }
        };
        let when = match cast.when {
            CastWhen::Explicit => "",
            CastWhen::Assignment => " AS ASSIGNMENT",
            CastWhen::Implicit => " AS IMPLICIT",
        };
        Ok(format!("CREATE CAST {} {way}{when};", self.cast_types(cast)))
    }

    fn domain(&self, made: &catalog::object::Domain) -> String {
        let name = self.full_name(made.schema, &made.name);
        let base = type_name(&self.scope, made.base_oid, Some(made.modifier));
        let mut text = format!("CREATE DOMAIN {name} AS {base}");
        text.push_str(&self.own_collation(made.collation, made.base_oid));
        if made.not_null {
            text.push_str(" NOT NULL");
        }
        if let Some(default) = &made.default {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        let mut checks: Vec<_> = self.scope.constraints_of(made.oid).cloned().collect();
        checks.sort_by(|one, other| one.name.cmp(&other.name));
        for check in checks {
            if let Rule::Check(_) = check.rule {
                let definition = self.scope.constraint_definition(&check);
                text.push_str(&format!("\n    CONSTRAINT {} {definition}", quote_identifier(&check.name)));
            }
        }
        text.push(';');
        text
    }

    /// The text that a query yields.
    pub(crate) fn value(&mut self, query: &str) -> Result<String, DumpError> {
        let mut value = None;
        run(self.session, query, &mut |told| {
            if let Told::Row([found, ..]) = told {
                value = found.clone();
            }
            Ok(())
        })?;
        let missing = || DumpError::Statement { statement: query.to_owned(), message: "no value".to_owned() };
        value.ok_or_else(missing)
    }

    /// In which tablespaces what is written is to lie.
    pub(crate) fn tablespaces(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        let mut texts = Vec::new();
        for relation in self.scope.all_placed() {
            let is_written = match self.scope.object(relation) {
                Some(Object::Index(index)) => nodes.contains(&index.table),
                Some(_) | None => nodes.contains(&relation),
            };
            let tablespace = self.scope.tablespace(self.scope.tablespace_of(relation));
            let subject = self.scope.object(relation).and_then(|object| self.subject(object));
            if let (true, Some(tablespace), Some(subject)) = (is_written, tablespace, subject) {
                let name = quote_identifier(&tablespace.name);
                texts.push(format!("ALTER {subject} SET TABLESPACE {name};\n"));
            }
        }
        if !texts.is_empty() {
            self.text("\n")?;
        }
        texts.iter().try_for_each(|text| self.text(text))
    }

    /// Comments on what is written.
    pub(crate) fn comments(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        let mut texts = Vec::new();
        for (of, address, comment) in self.scope.all_comments() {
            if of == class::LARGE_OBJECT {
                continue; // told with the object, which has a number among its like
            }
            let Some(object) = self.scope.object(address.oid) else { continue };
            let is_written = nodes.contains(&address.oid)
                || match object {
                    Object::Index(index) => nodes.contains(&index.table),
                    // Parts of foreign keys are made with them, and called anew.
                    Object::Constraint(constraint) => {
                        let is_part =
                            constraint.parent != 0 && matches!(constraint.rule, Rule::ForeignKey { .. });
                        nodes.contains(&constraint.table) && !is_part
                    }
                    Object::Trigger(trigger) => nodes.contains(&trigger.relation),
                    Object::Policy(policy) => nodes.contains(&policy.table),
                    Object::Schema(schema) => !is_system(&schema.name) && schema.name != "public",
                    other => range_of(&self.scope, other).is_some_and(|range| nodes.contains(&range)),
                };
            if !is_written {
                continue;
            }
            let subject = match (object, address.part) {
                (Object::Table(table), part @ 1..) => {
                    let column = table.columns.get(usize::from(part) - 1);
                    let column = column.map_or("", |column| column.name.as_str());
                    let name = self.full_name(table.schema, &table.name);
                    format!("COLUMN {name}.{}", quote_identifier(column))
                }
                (Object::View(view), part @ 1..) => {
                    let column = view.columns.get(usize::from(part) - 1);
                    let column = column.map_or("", |column| column.column.name.as_str());
                    let name = self.full_name(view.schema, &view.name);
                    format!("COLUMN {name}.{}", quote_identifier(column))
                }
                (object, _) => match self.subject(object) {
                    Some(subject) => subject,
                    None => continue,
                },
            };
            texts.push(format!("COMMENT ON {subject} IS {};\n", quote_text(comment)));
        }
        texts.sort();
        if !texts.is_empty() {
            self.text("\n")?;
        }
        texts.iter().try_for_each(|text| self.text(text))
    }

    /// What a comment is on.
    fn subject(&self, object: &Object) -> Option<String> {
        Some(match object {
            Object::Schema(schema) => format!("SCHEMA {}", quote_identifier(&schema.name)),
            Object::Table(table) if table.is_materialized() => {
                format!("MATERIALIZED VIEW {}", self.full_name(table.schema, &table.name))
            }
            Object::Table(table) if table.is_foreign() => {
                format!("FOREIGN TABLE {}", self.full_name(table.schema, &table.name))
            }
            Object::Table(table) => format!("TABLE {}", self.full_name(table.schema, &table.name)),
            Object::View(view) => format!("VIEW {}", self.full_name(view.schema, &view.name)),
            Object::Index(index) => format!("INDEX {}", self.full_name(index.schema, &index.name)),
            Object::Sequence(sequence) => {
                format!("SEQUENCE {}", self.full_name(sequence.schema, &sequence.name))
            }
            Object::Enum(made) => format!("TYPE {}", self.full_name(made.schema, &made.name)),
            Object::Domain(made) => format!("DOMAIN {}", self.full_name(made.schema, &made.name)),
            Object::Composite(made) => format!("TYPE {}", self.full_name(made.schema, &made.name)),
            Object::Range(made) => format!("TYPE {}", self.full_name(made.schema, &made.name)),
            Object::Base(base) => format!("TYPE {}", self.full_name(base.schema, &base.name)),
            Object::Multirange(made) => format!("TYPE {}", self.full_name(made.schema, &made.name)),
            Object::Function(made) if made.aggregate().is_some() => {
                let name = self.full_name(made.schema, &made.name);
                format!("AGGREGATE {name}({})", crate::aggregate::arguments(&self.scope, made))
            }
            Object::Function(made) => format!("FUNCTION {}", self.scope.function_name(made)),
            Object::Constraint(constraint) => {
                let table = self.scope.table(constraint.table)?;
                let name = self.full_name(table.schema, &table.name);
                format!("CONSTRAINT {} ON {name}", quote_identifier(&constraint.name))
            }
            Object::Cast(cast) => format!("CAST {}", self.cast_types(cast)),
            Object::Operator(made) => format!("OPERATOR {}", self.operator_signature(made)),
            Object::OperatorClass(made) => {
                let name = self.full_name(made.schema, &made.name);
                format!("OPERATOR CLASS {name} USING {}", made.method.name())
            }
            Object::OperatorFamily(made) => {
                let name = self.full_name(made.schema, &made.name);
                format!("OPERATOR FAMILY {name} USING {}", made.method.name())
            }
            Object::Statistics(made) => format!("STATISTICS {}", self.full_name(made.schema, &made.name)),
            Object::Collation(made) => format!("COLLATION {}", self.full_name(made.schema, &made.name)),
            Object::Conversion(made) => format!("CONVERSION {}", self.full_name(made.schema, &made.name)),
            Object::Rewrite(rule) => {
                let relation = self.scope.relation(rule.relation)?;
                let name = self.full_name(relation.schema(), relation.name());
                format!("RULE {} ON {name}", quote_identifier(&rule.name))
            }
            Object::Trigger(trigger) => {
                let relation = self.scope.relation(trigger.relation)?;
                let name = self.full_name(relation.schema(), relation.name());
                format!("TRIGGER {} ON {name}", quote_identifier(&trigger.name))
            }
            Object::Policy(policy) => {
                let table = self.scope.table(policy.table)?;
                let name = self.full_name(table.schema, &table.name);
                format!("POLICY {} ON {name}", quote_identifier(&policy.name))
            }
            Object::Foreign(foreign) => crate::foreign::subject(foreign)?,
            Object::Replication(replication) => crate::replication::subject(replication)?,
            Object::Search(search) => self.search_subject(search),
            Object::Extension(made) => format!("EXTENSION {}", quote_identifier(&made.name)),
            // It is said where it is made.
            Object::EventTrigger(_) | Object::Role(_) | Object::Tablespace(_) | Object::Database(_) => {
                return None;
            }
        })
    }
}
