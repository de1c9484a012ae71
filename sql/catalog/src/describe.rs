//! What messages call an object: its kind and its name, with its schema where its name alone does not find it.

use crate::name::{qualified, quote_identifier};
use crate::object::{
    ExtendedStatistics, Foreign, Function, Object, Oid, Operator, PG_CATALOG, Replication, Search,
    UserMapping,
};
use crate::snapshot::{Relation, Scope};
use functions::table::OperatorEntry;
use types::catalog::{Form, type_name};

impl Scope {
    /// What messages call an object: `table t`, `constraint c on table s.t`.
    pub fn describe(&self, object: &Object) -> String {
        let name = object.name();
        let relation = |kind: &str, schema| format!("{kind} {}", self.relation_name(schema, name));
        match object {
            Object::Schema(_) => format!("schema {name}"),
            Object::Role(_) => format!("role {name}"),
            Object::Database(_) => format!("database {name}"),
            Object::Tablespace(_) => format!("tablespace {name}"),
            Object::Extension(_) => format!("extension {name}"),
            Object::Table(table) => relation(table.kind_word(), table.schema),
            Object::EventTrigger(_) => format!("event trigger {name}"),
            Object::View(view) => relation("view", view.schema),
            Object::Index(index) => relation("index", index.schema),
            Object::Sequence(sequence) => relation("sequence", sequence.schema),
            Object::Enum(enumeration) => format!("type {}", self.user_type_name(enumeration.schema, name)),
            Object::Domain(domain) => format!("type {}", self.user_type_name(domain.schema, name)),
            Object::Composite(composite) => format!("type {}", self.user_type_name(composite.schema, name)),
            Object::Range(range) => format!("type {}", self.user_type_name(range.schema, name)),
            Object::Base(base) => format!("type {}", self.user_type_name(base.schema, name)),
            Object::Multirange(multirange) => {
                format!("type {}", self.user_type_name(multirange.schema, name))
            }
            Object::Cast(cast) => {
                let name = |of: Oid| type_name(self, of, None);
                format!("cast from {} to {}", name(cast.source), name(cast.target))
            }
            Object::Operator(operator) => {
                let side = |of: Oid| if of == 0 { "NONE".to_owned() } else { type_name(self, of, None) };
                let name = match self.is_operator_visible(operator) {
                    true => operator.name.clone(),
                    false => {
                        let schema = self.schema(operator.schema).map_or("", |schema| schema.name.as_str());
                        format!("{}.{}", quote_identifier(schema), operator.name)
                    }
                };
                format!("operator {name}({},{})", side(operator.left), side(operator.right))
            }
            Object::OperatorClass(made) => {
                format!("operator class {} for access method {}", self.shown_class(made), made.method.name())
            }
            Object::OperatorFamily(made) => {
                format!(
                    "operator family {} for access method {}",
                    self.shown_family(made),
                    made.method.name()
                )
            }
            Object::Statistics(made) => format!("statistics object {}", self.statistics_name(made)),
            Object::Collation(collation) => {
                format!("collation {}", self.collation_name(collation.oid).unwrap_or_default())
            }
            Object::Conversion(conversion) => format!("conversion {}", self.conversion_name(conversion)),
            Object::Rewrite(rule) => self.describe_part("rule", name, rule.relation),
            Object::Trigger(trigger) => self.describe_part("trigger", name, trigger.relation),
            Object::Policy(policy) => self.describe_part("policy", name, policy.table),
            Object::Foreign(foreign) => self.describe_foreign(foreign),
            Object::Replication(replication) => self.describe_replication(replication),
            Object::Search(search) => self.describe_search(search),
            // PostgreSQL has one word for functions of all kinds.
            Object::Function(function) => format!("function {}", self.function_name(function)),
            Object::Constraint(constraint) => match self.table(constraint.table) {
                Some(table) => {
                    let shown = self.relation_name(table.schema, &table.name);
                    format!("constraint {name} on {} {shown}", table.kind_word())
                }
                None => format!("constraint {name}"),
            },
        }
    }

    /// What stands with a relation and is named after it.
    fn describe_part(&self, word: &str, name: &str, relation: Oid) -> String {
        let relation = self.relation(relation).map(|of| self.describe_relation(&of));
        format!("{word} {name} on {}", relation.unwrap_or_default())
    }

    fn describe_foreign(&self, foreign: &Foreign) -> String {
        match foreign {
            Foreign::Wrapper(wrapper) => format!("foreign-data wrapper {}", wrapper.name),
            Foreign::Server(server) => format!("server {}", server.name),
            Foreign::Mapping(mapping) => {
                let user = self.mapped_name(mapping);
                let server = self.foreign_server(mapping.server).map_or("", |server| server.name.as_str());
                format!("user mapping for {user} on server {server}")
            }
        }
    }

    fn describe_replication(&self, replication: &Replication) -> String {
        let publication = |oid| self.publication(oid).map_or("", |known| known.name.as_str());
        match replication {
            Replication::Publication(known) => format!("publication {}", known.name),
            Replication::Subscription(known) => format!("subscription {}", known.name),
            Replication::Table(entry) => {
                let table = self.table(entry.table);
                let table = table.map(|table| self.relation_name(table.schema, &table.name));
                let (table, publication) = (table.unwrap_or_default(), publication(entry.publication));
                format!("publication of table {table} in publication {publication}")
            }
            Replication::Schema(entry) => {
                let schema = self.schema(entry.schema).map_or("", |schema| schema.name.as_str());
                let publication = publication(entry.publication);
                format!("publication of schema {schema} in publication {publication}")
            }
        }
    }

    fn describe_search(&self, search: &Search) -> String {
        format!("{} {}", search.kind_word(), self.search_name(search))
    }

    /// Whose a mapping is, as messages and `pg_user_mappings` have it.
    pub fn mapped_name(&self, mapping: &UserMapping) -> String {
        if mapping.role == 0 { "public".to_owned() } else { self.role_name(mapping.role) }
    }

    /// The name of statistics, with their schema where it alone does not find them.
    fn statistics_name(&self, made: &ExtendedStatistics) -> String {
        match self.is_statistics_visible(made.schema, &made.name) {
            true => quote_identifier(&made.name),
            false => self.with_schema(made.schema, &made.name),
        }
    }

    /// What messages call a relation.
    fn describe_relation(&self, relation: &Relation) -> String {
        match self.object(relation.oid()) {
            Some(object) => self.describe(object),
            None => relation.name().to_owned(),
        }
    }

    /// A relation's name, with its schema where it alone does not find it.
    pub fn relation_name(&self, schema: Oid, name: &str) -> String {
        if self.is_relation_visible(schema, name) {
            return quote_identifier(name);
        }
        self.with_schema(schema, name)
    }

    /// The collation of a type's values; 0 for a type that has none.
    pub fn type_collation(&self, of: Oid) -> Oid {
        match self.domain(of) {
            Some(domain) => domain.collation,
            None => match self.object(of) {
                Some(Object::Base(base)) if base.shape.as_ref().is_some_and(|shape| shape.collatable) => {
                    crate::system::DEFAULT_COLLATION
                }
                _ => match self.made_type(of).map(|made| made.entry(true)) {
                    Some(array) if array.form == Form::Array => self.type_collation(array.element),
                    Some(_) | None => crate::system::collation_of(of),
                },
            },
        }
    }

    /// The text of the value that columns of a type have which are given none, if the type says so: that of a domain, or of
    /// a base type.
    pub fn type_default(&self, of: Oid) -> Option<String> {
        match self.object(of)? {
            Object::Domain(domain) => domain.default.clone(),
            Object::Base(base) => {
                let default = base.shape.as_ref()?.default.as_deref()?;
                let shown = self.with_schema(base.schema, &base.name);
                Some(format!("'{}'::{shown}", default.replace('\'', "''")))
            }
            _ => None,
        }
    }

    /// Whether a type is only a shell.
    pub fn is_shell(&self, of: Oid) -> bool {
        matches!(self.object(of), Some(Object::Base(base)) if base.shape.is_none())
    }

    /// A collation's name, with its schema where it alone does not find it; none of one that is not there.
    pub fn collation_name(&self, oid: Oid) -> Option<String> {
        let (schema, name) = self.collation_known(oid)?;
        Some(if self.is_collation_visible(schema, name) {
            quote_identifier(name)
        } else {
            self.with_schema(schema, name)
        })
    }

    fn user_type_name(&self, schema: Oid, name: &str) -> String {
        if self.is_type_visible(schema, name) {
            return quote_identifier(name);
        }
        self.with_schema(schema, name)
    }

    fn with_schema(&self, schema: Oid, name: &str) -> String {
        match self.schema(schema) {
            Some(schema) => qualified(&schema.name, name),
            None => quote_identifier(name),
        }
    }

    /// A function's name with the types of its arguments: `f(integer,text)`.
    pub fn function_name(&self, function: &Function) -> String {
        let arguments: Vec<String> =
            function.inputs().map(|argument| type_name(self, argument.type_oid, None)).collect();
        let name = if self.is_own_function_visible(function) {
            quote_identifier(&function.name)
        } else {
            self.with_schema(function.schema, &function.name)
        };
        format!("{name}({})", arguments.join(","))
    }

    /// The name of a function with its schema, built in or not; none of one that is not there.
    pub fn full_function_name(&self, oid: Oid) -> Option<String> {
        if let Some(entry) = functions::table::function(oid) {
            return Some(format!("pg_catalog.{}", quote_identifier(entry.name)));
        }
        self.function(oid).map(|made| self.with_schema(made.schema, &made.name))
    }

    /// Whether an operator's symbol alone, with operands of its types, finds it.
    pub fn is_operator_visible(&self, operator: &Operator) -> bool {
        let built_in = || {
            let mut known = functions::table::operators_named(&operator.name);
            known.any(|known| (known.left, known.right) == (operator.left, operator.right))
        };
        let holds = |schema: &Oid| {
            let mut made = self.operators_named(&operator.name);
            *schema == PG_CATALOG && built_in()
                || made.any(|known| {
                    known.schema == *schema && (known.left, known.right) == (operator.left, operator.right)
                })
        };
        self.path().schemas_of_functions().find(holds) == Some(operator.schema)
    }

    /// Whether functions and operators are looked for in a schema before they are in the system's.
    pub fn is_before_the_systems(&self, schema: Oid) -> bool {
        let mut known = self.path().schemas_of_functions().take_while(|known| *known != PG_CATALOG);
        known.any(|known| known == schema)
    }

    /// An operator of the program as it is written between its operands, called by its function and name.
    pub fn system_operator_text(&self, name: &str, function: Oid) -> String {
        let hides = |entry: &OperatorEntry| {
            let mut made = self.operators_named(name);
            made.any(|made| {
                (made.left, made.right) == (entry.left, entry.right)
                    && self.is_before_the_systems(made.schema)
            })
        };
        let mut known = functions::table::operators_named(name).filter(|entry| entry.function == function);
        if known.any(hides) { format!("OPERATOR(pg_catalog.{name})") } else { name.to_owned() }
    }

    /// An operator that users have made as it is written between its operands.
    pub fn operator_text(&self, operator: &Operator) -> String {
        if self.is_operator_visible(operator) {
            return operator.name.clone();
        }
        let schema = self.schema(operator.schema).map_or("", |schema| schema.name.as_str());
        format!("OPERATOR({}.{})", quote_identifier(schema), operator.name)
    }

    /// The same of an operator, as it is written.
    pub fn full_operator_name(&self, oid: Oid) -> Option<String> {
        if let Some(entry) = functions::table::operator_by_oid(oid) {
            return Some(format!("OPERATOR(pg_catalog.{})", entry.name));
        }
        let made = self.operator(oid)?;
        let schema = self.schema(made.schema).map_or("", |schema| schema.name.as_str());
        Some(format!("OPERATOR({}.{})", quote_identifier(schema), made.name))
    }

    /// Whether a function's name alone, with arguments of its types, finds it: none that takes the same stands before it in the path.
    pub fn is_function_visible(&self, schema: Oid, name: &str, inputs: &[Oid]) -> bool {
        let holds = |schema: &Oid| {
            let built_in = || functions::table::functions_named(name).any(|entry| entry.arguments == inputs);
            let mut made = self.functions_named(*schema, name);
            *schema == PG_CATALOG && built_in()
                || made.any(|found| found.inputs().map(|own| own.type_oid).eq(inputs.iter().copied()))
        };
        self.path().schemas_of_functions().find(holds) == Some(schema)
    }

    /// The same of one that was made.
    pub fn is_own_function_visible(&self, function: &Function) -> bool {
        let inputs: Vec<Oid> = function.inputs().map(|own| own.type_oid).collect();
        self.is_function_visible(function.schema, &function.name, &inputs)
    }
}
