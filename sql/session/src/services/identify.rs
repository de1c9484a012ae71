//! Objects by the numbers of their system's tables and their own: what those that come with the program are called in words
//! (`pg_describe_object`), and all by parts (`pg_identify_object`, `pg_identify_object_as_address`).

use crate::services::{Services, number};
use catalog::name::{qualified, quote_identifier};
use catalog::object::{
    DefaultFor, DefaultKind, Foreign, FunctionKind, IndexMethod, Object, PG_CATALOG, Replication,
    TEMPORARY_SCHEMA, Trigger, class,
};
use catalog::operator_class::{self, FamilyPart};
use catalog::{Oid, Scope};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult};
use types::array::ArrayBuilder;
use types::catalog::{Form, oid, type_name};
use types::record::record;
use types::{Item, Kind, Value};

/// What an object is, told by parts.
#[derive(Default)]
pub(crate) struct Identity {
    /// What kind of object.
    pub kind: String,
    pub schema: Option<String>,
    /// Its name, where schema and name are all that it takes.
    pub name: Option<String>,
    /// What tells it from all others.
    pub whole: String,
    /// The same in pieces, to be given to `pg_get_object_address`.
    names: Vec<String>,
    arguments: Vec<String>,
}

/// Who tells what objects are.
pub(crate) struct Identifier<'i> {
    /// What there is.
    pub scope: &'i Scope,
    /// What shows large objects.
    pub view: Option<&'i store::View>,
}

impl Services<'_> {
    /// Who tells what objects are, as the statement sees them.
    pub(crate) fn identifier(&self) -> Identifier<'_> {
        Identifier { scope: self.scope, view: self.view.as_ref() }
    }
}

impl Identity {
    /// Its pieces as arrays.
    pub(crate) fn lists(&self) -> [Vec<u8>; 2] {
        [&self.names, &self.arguments].map(|values| {
            let mut array = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
            values.iter().for_each(|value| array.push(&Item::Bytes(value.as_bytes())));
            array.finish_list()
        })
    }

    /// A large object.
    pub(crate) fn of_large_object(oid: Oid) -> Identity {
        let (kind, whole) = ("large object".to_owned(), oid.to_string());
        Identity { kind, names: vec![whole.clone()], whole, ..Identity::default() }
    }

    /// Something whose name is all that it takes.
    fn alone(kind: &str, name: &str) -> Identity {
        let shown = quote_identifier(name);
        Identity {
            kind: kind.to_owned(),
            name: Some(shown.clone()),
            whole: shown,
            names: vec![name.to_owned()],
            ..Identity::default()
        }
    }

    /// Something in a schema.
    fn within(kind: &str, schema: &str, name: &str) -> Identity {
        Identity {
            kind: kind.to_owned(),
            schema: Some(quote_identifier(schema)),
            name: Some(quote_identifier(name)),
            whole: qualified(schema, name),
            names: vec![schema.to_owned(), name.to_owned()],
            arguments: Vec::new(),
        }
    }
}

/// The system's tables whose objects can be told.
const CLASSES: &[Oid] = &[
    class::RELATION,
    class::TYPE,
    class::FUNCTION,
    class::NAMESPACE,
    class::CAST,
    class::CONSTRAINT,
    class::DEFAULT,
    class::REWRITE,
    class::TRIGGER,
    class::POLICY,
    class::ROLE,
    class::DATABASE,
    class::ACCESS_METHOD,
    class::LANGUAGE,
    class::OPERATOR_CLASS,
    class::OPERATOR_FAMILY,
    class::OPERATOR,
    class::COLLATION,
    class::TABLESPACE,
    class::STATISTICS,
    class::SEARCH_CONFIGURATION,
    class::SEARCH_DICTIONARY,
    class::SEARCH_PARSER,
    class::SEARCH_TEMPLATE,
    class::DEFAULT_PRIVILEGES,
    class::FAMILY_OPERATOR,
    class::FAMILY_FUNCTION,
    class::CONVERSION,
    class::EVENT_TRIGGER,
    class::EXTENSION,
    class::FOREIGN_WRAPPER,
    class::FOREIGN_SERVER,
    class::LARGE_OBJECT,
    PARAMETER_ACL,
    class::PUBLICATION,
    class::PUBLISHED_SCHEMA,
    class::PUBLISHED_TABLE,
    class::SUBSCRIPTION,
    TRANSFORM,
    class::USER_MAPPING,
];

// Tables of the system that have no rows here.
const PARAMETER_ACL: Oid = 6243;
const TRANSFORM: Oid = 3576;

/// Access methods by their numbers.
pub(crate) fn access_methods() -> Vec<(Oid, &'static str)> {
    let of_indexes = IndexMethod::ALL.into_iter().map(|method| (method.oid(), method.name()));
    [(2, "heap")].into_iter().chain(of_indexes).collect()
}

const SYSTEM: &str = "pg_catalog";

impl Identifier<'_> {
    /// Whether there is a large object of a number.
    pub(crate) fn has_large_object(&self, object: Oid) -> bool {
        let found = self.scope.large_objects().zip(self.view);
        found.is_some_and(|(trees, view)| trees.find(view, object).is_ok_and(|found| found.is_some()))
    }

    /// What messages call an object of those that come with the program; the others are told elsewhere.
    pub(crate) fn fixed_in_words(&self, of: Oid, object: Oid) -> FunctionResult<Option<String>> {
        if !CLASSES.contains(&of) {
            let message = format!("unrecognized object class: {of}");
            return Err(FunctionError::plain(SqlState::InternalError, message));
        }
        match of {
            class::FAMILY_OPERATOR | class::FAMILY_FUNCTION => return self.family_part_in_words(of, object),
            class::DEFAULT_PRIVILEGES => return Ok(self.default_in_full(object)),
            _ => {} // all others are told by their names
        }
        let Some(found) = self.identity_of_fixed(of, object) else { return Ok(None) };
        let name = found.name.clone().unwrap_or_default();
        Ok(Some(match of {
            class::OPERATOR_CLASS | class::OPERATOR_FAMILY => {
                if let Some(made) = self.scope.object(object) {
                    return Ok(Some(self.scope.describe(made)));
                }
                let (_, method) = found.whole.rsplit_once(" USING ").unwrap_or_default();
                format!("{} {name} for access method {method}", found.kind)
            }
            class::LARGE_OBJECT => format!("large object {}", found.whole),
            class::EXTENSION | class::EVENT_TRIGGER => {
                self.scope.object(object).map(|found| self.scope.describe(found)).unwrap_or_default()
            }
            class::OPERATOR => {
                format!("operator {}", found.whole.trim_start_matches(SYSTEM).trim_start_matches('.'))
            }
            class::CAST => {
                let (from, to) = self.types_of_cast(object).unwrap_or_default();
                let [from, to] = [from, to].map(|of| type_name(self.scope, of, None));
                format!("cast from {from} to {to}")
            }
            _ => format!("{} {name}", found.kind),
        }))
    }

    /// Of what has a name for each access method.
    fn of_method(&self, kind: &'static str, (schema, name): (Oid, &str), method: &str) -> Identity {
        let schema = self.scope.schema(schema).map_or(SYSTEM, |schema| schema.name.as_str());
        let found = Identity::within(kind, schema, name);
        let names = vec![method.to_owned(), schema.to_owned(), name.to_owned()];
        Identity { whole: format!("{} USING {method}", found.whole), names, ..found }
    }

    fn identity_of_fixed(&self, of: Oid, object: Oid) -> Option<Identity> {
        let numbers = |known: &[(Oid, &'static str)]| {
            known.iter().find(|(number, _)| *number == object).map(|(_, name)| *name)
        };
        match of {
            class::ACCESS_METHOD => {
                numbers(&access_methods()).map(|name| Identity::alone("access method", name))
            }
            class::EXTENSION => {
                self.scope.extension(object).map(|found| Identity::alone("extension", &found.name))
            }
            class::LARGE_OBJECT => self.has_large_object(object).then(|| Identity::of_large_object(object)),
            class::EVENT_TRIGGER => {
                self.scope.event_trigger(object).map(|found| Identity::alone("event trigger", &found.name))
            }
            class::LANGUAGE => numbers(&catalog::LANGUAGES).map(|name| Identity::alone("language", name)),
            class::TABLESPACE => {
                self.scope.tablespace(object).map(|found| Identity::alone("tablespace", &found.name))
            }
            class::FAMILY_OPERATOR | class::FAMILY_FUNCTION => self.identity_of_family_part(of, object),
            class::DEFAULT_PRIVILEGES => self.identity_of_default(object),
            class::COLLATION => self.scope.collation_known(object).map(|(schema, name)| {
                let schema = self.scope.schema(schema).map_or(SYSTEM, |schema| schema.name.as_str());
                Identity::within("collation", schema, name)
            }),
            class::CONVERSION => self.scope.conversion_known(object).map(|(schema, name)| {
                let schema = self.scope.schema(schema).map_or(SYSTEM, |schema| schema.name.as_str());
                Identity::within("conversion", schema, name)
            }),
            class::OPERATOR_CLASS => operator_class::class_of(self.scope, object).map(|known| {
                self.of_method("operator class", (known.schema, &known.name), known.method.name())
            }),
            class::OPERATOR_FAMILY => operator_class::family_of(self.scope, object).map(|(method, name)| {
                let schema = self.scope.object(object).and_then(Object::schema).unwrap_or(PG_CATALOG);
                self.of_method("operator family", (schema, &name), method.name())
            }),
            class::OPERATOR => self.identity_of_operator(object),
            class::CAST => self.identity_of_cast(object),
            class::SEARCH_CONFIGURATION
            | class::SEARCH_DICTIONARY
            | class::SEARCH_PARSER
            | class::SEARCH_TEMPLATE => {
                let found = self.scope.search(object).filter(|found| found.class() == of)?;
                Some(Identity::within(found.kind_word(), self.schema_name(found.schema()), found.name()))
            }
            _ => None, // made by users, or nothing
        }
    }

    /// What stands in a family of operator classes.
    fn family_part(&self, of: Oid, object: Oid) -> Option<FamilyPart> {
        let is_operator = of == class::FAMILY_OPERATOR;
        let mut parts = operator_class::family_parts(self.scope).into_iter();
        parts.find(|part| part.oid == object && part.is_operator == is_operator)
    }

    fn identity_of_family_part(&self, of: Oid, object: Oid) -> Option<Identity> {
        let part = self.family_part(of, object)?;
        let family = self.identity_of_fixed(class::OPERATOR_FAMILY, part.family)?;
        let word = if part.is_operator { "operator" } else { "function" };
        let arguments = vec![self.full_type(part.left), self.full_type(part.right)];
        let whole = format!("{word} {} ({}) of {}", part.number, arguments.join(", "), family.whole);
        let names = family.names.into_iter().chain([part.number.to_string()]).collect();
        let kind = format!("{word} of access method");
        Some(Identity { kind, schema: None, name: None, whole, names, arguments })
    }

    fn family_part_in_words(&self, of: Oid, object: Oid) -> FunctionResult<Option<String>> {
        let Some(part) = self.family_part(of, object) else { return Ok(None) };
        let (word, type_oid) =
            if part.is_operator { ("operator", oid::REGOPERATOR) } else { ("function", oid::REGPROCEDURE) };
        let mut shown = String::new();
        catalog::names::output(self.scope, types::Type::of(type_oid), part.of, &mut shown);
        let family = self.fixed_in_words(class::OPERATOR_FAMILY, part.family)?.unwrap_or_default();
        let types = [part.left, part.right].map(|of| type_name(self.scope, of, None)).join(", ");
        Ok(Some(format!("{word} {} ({types}) of {family}: {shown}", part.number)))
    }

    /// Default privileges: they have no numbers of their own, and are counted.
    fn default_privileges(&self, object: Oid) -> Option<DefaultFor> {
        let place = usize::try_from(object.checked_sub(1)?).ok()?;
        self.scope.all_default_acls().get(place).copied()
    }

    fn identity_of_default(&self, object: Oid) -> Option<Identity> {
        let of = self.default_privileges(object)?;
        let role = self.scope.role(of.role).map_or("", |role| role.name.as_str());
        let schema = self.scope.schema(of.schema).map(|schema| schema.name.as_str());
        let within =
            schema.map_or_else(String::new, |schema| format!(" in schema {}", quote_identifier(schema)));
        let objects = match of.kind {
            DefaultKind::Table => "tables",
            DefaultKind::Sequence => "sequences",
            DefaultKind::Function => "functions",
            DefaultKind::Type => "types",
            DefaultKind::Schema => "schemas",
        };
        Some(Identity {
            kind: "default acl".to_owned(),
            whole: format!("for role {}{within} on {objects}", quote_identifier(role)),
            names: [role].into_iter().chain(schema).map(str::to_owned).collect(),
            arguments: vec![char::from(of.kind.letter()).to_string()],
            ..Identity::default()
        })
    }

    fn default_in_full(&self, object: Oid) -> Option<String> {
        let of = self.default_privileges(object)?;
        let role = self.scope.role(of.role).map_or("", |role| role.name.as_str());
        let schema = self.scope.schema(of.schema).map(|schema| schema.name.as_str());
        let within = schema.map_or_else(String::new, |schema| format!(" in schema {schema}"));
        let objects = match of.kind {
            DefaultKind::Table => "relations",
            DefaultKind::Sequence => "sequences",
            DefaultKind::Function => "functions",
            DefaultKind::Type => "types",
            DefaultKind::Schema => "schemas",
        };
        Some(format!("default privileges on new {objects} belonging to role {role}{within}"))
    }

    fn identity_of_operator(&self, object: Oid) -> Option<Identity> {
        let made = match self.scope.object(object) {
            Some(Object::Operator(made)) => Some(made),
            _ => None, // one of the program
        };
        let (schema, name, left, right) = match made {
            Some(made) => (self.schema_name(made.schema), made.name.as_str(), made.left, made.right),
            None => {
                let entry = functions::table::operator_by_oid(object)?;
                (SYSTEM, entry.name, entry.left, entry.right)
            }
        };
        let side = |of: Oid| if of == 0 { "-".to_owned() } else { self.full_type(of) };
        let arguments = vec![side(left), side(right)];
        let shown = quote_identifier(schema);
        Some(Identity {
            kind: "operator".to_owned(),
            whole: format!("{shown}.{name}({})", arguments.join(",").replace("-,", "NONE,")),
            schema: Some(shown),
            name: None,
            names: vec![schema.to_owned(), name.to_owned()],
            arguments,
        })
    }

    /// From which type a cast is, and to which.
    fn types_of_cast(&self, object: Oid) -> Option<(Oid, Oid)> {
        let built_in = functions::table::casts().iter().map(|cast| (cast.source, cast.target));
        built_in
            .clone()
            .find(|(source, target)| catalog::builtin_cast(*source, *target) == Some(object))
            .or_else(|| {
                self.scope.objects().find_map(|known| match known {
                    Object::Cast(cast) if cast.oid == object => Some((cast.source, cast.target)),
                    _ => None,
                })
            })
    }

    fn identity_of_cast(&self, object: Oid) -> Option<Identity> {
        let (source, target) = self.types_of_cast(object)?;
        let [source, target] = [source, target].map(|of| self.full_type(of));
        Some(Identity {
            kind: "cast".to_owned(),
            whole: format!("({source} AS {target})"),
            names: vec![source],
            arguments: vec![target],
            ..Identity::default()
        })
    }

    /// A type's name, with its schema unless it has a name of the grammar's.
    pub(crate) fn full_type(&self, of: Oid) -> String {
        let array = types::Types::entry(self.scope, of).filter(|entry| entry.form == Form::Array);
        if let Some(array) = array {
            return format!("{}[]", self.full_type(array.element));
        }
        match self.scope.made_type(of) {
            Some(made) => qualified(self.schema_name(made.schema), &made.name),
            None => {
                let shown = type_name(self.scope, of, None);
                let plain = types::catalog::builtin(of).is_some_and(|entry| entry.name == shown);
                if plain { format!("{SYSTEM}.{shown}") } else { shown }
            }
        }
    }

    pub(crate) fn schema_name(&self, schema: Oid) -> &str {
        if schema == TEMPORARY_SCHEMA {
            return "pg_temp";
        }
        self.scope.schema(schema).map_or("", |schema| schema.name.as_str())
    }

    fn identity_of_relation(&self, object: Oid, column: i32) -> Option<Identity> {
        let relation = self.scope.relation(object)?;
        let mut found =
            Identity::within(relation.kind(), self.schema_name(relation.schema()), relation.name());
        if column != 0 {
            let name = crate::services::describe::words::column_name(&relation, column)?;
            found.kind.push_str(" column");
            found.whole = format!("{}.{}", found.whole, quote_identifier(&name));
            found.names.push(name);
        }
        Some(found)
    }

    fn identity_of_function(&self, object: Oid) -> Option<Identity> {
        let (kind, schema, name, inputs) = match self.scope.function(object) {
            Some(made) => {
                let kind = match made.kind {
                    FunctionKind::Function => "function",
                    FunctionKind::Procedure => "procedure",
                    FunctionKind::Aggregate => "aggregate",
                };
                let inputs = made.inputs().map(|argument| argument.type_oid).collect::<Vec<_>>();
                (kind, self.schema_name(made.schema), made.name.as_str(), inputs)
            }
            None => {
                let entry = functions::table::function(object)?;
                let kind = if entry.kind.is_aggregate() { "aggregate" } else { "function" };
                (kind, SYSTEM, entry.name, entry.arguments.to_vec())
            }
        };
        let arguments: Vec<String> = inputs.into_iter().map(|of| self.full_type(of)).collect();
        let found = Identity::within(kind, schema, name);
        let whole = format!("{}({})", found.whole, arguments.join(","));
        Some(Identity { name: None, whole, arguments, ..found })
    }

    fn identity_of_constraint(&self, object: Oid) -> Option<Identity> {
        let constraint = self.scope.constraint(object)?;
        let schema = quote_identifier(self.schema_name(constraint.schema));
        let (kind, mut of) = match self.identity_of_relation(constraint.table, 0) {
            Some(table) => ("table constraint", table),
            None => {
                let domain = self.scope.domain(constraint.domain)?;
                ("domain constraint", Identity::within("", self.schema_name(domain.schema), &domain.name))
            }
        };
        let whole = format!("{} on {}", quote_identifier(&constraint.name), of.whole);
        if kind == "domain constraint" {
            let (names, arguments) = (vec![of.whole.clone()], vec![constraint.name.clone()]);
            return Some(Identity {
                kind: kind.to_owned(),
                schema: Some(schema),
                name: None,
                whole,
                names,
                arguments,
            });
        }
        of.names.push(constraint.name.clone());
        Some(Identity { kind: kind.to_owned(), schema: Some(schema), name: None, whole, ..of })
    }

    fn identity_of_trigger(&self, trigger: &Trigger) -> Option<Identity> {
        let of = self.identity_of_relation(trigger.relation, 0)?;
        let whole = format!("{} on {}", quote_identifier(&trigger.name), of.whole);
        let names = of.names.into_iter().chain([trigger.name.clone()]).collect();
        Some(Identity { kind: "trigger".to_owned(), whole, names, ..Identity::default() })
    }

    /// An object by the number of its system's table and its own.
    pub(crate) fn identity(&self, of: Oid, object: Oid, column: i32) -> FunctionResult<Option<Identity>> {
        if !CLASSES.contains(&of) {
            let message = format!("unrecognized object class: {of}");
            return Err(FunctionError::plain(SqlState::InternalError, message));
        }
        Ok(match of {
            class::RELATION => self.identity_of_relation(object, column),
            class::TYPE => types::Types::entry(self.scope, object).map(|entry| {
                let whole = self.full_type(object);
                let schema =
                    self.scope.made_type(object).map_or(SYSTEM, |made| self.schema_name(made.schema));
                let found = Identity::within("type", schema, entry.name);
                Identity { names: vec![whole.clone()], whole, ..found }
            }),
            class::FUNCTION => self.identity_of_function(object),
            class::NAMESPACE => {
                self.scope.schema(object).map(|schema| Identity::alone("schema", &schema.name))
            }
            class::ROLE => self.scope.role(object).map(|role| Identity::alone("role", &role.name)),
            class::DATABASE => {
                self.scope.database(object).map(|database| Identity::alone("database", &database.name))
            }
            class::CONSTRAINT => self.identity_of_constraint(object),
            class::REWRITE => {
                self.identity_of_relation(relation_of_rule(self.scope, object).0, 0).map(|of| {
                    let name = relation_of_rule(self.scope, object).1;
                    let whole = format!("{} on {}", quote_identifier(name), of.whole);
                    let names = of.names.into_iter().chain([name.to_owned()]).collect();
                    Identity { kind: "rule".to_owned(), whole, names, ..Identity::default() }
                })
            }
            class::STATISTICS => self.scope.statistics(object).map(|known| {
                Identity::within("statistics object", self.schema_name(known.schema), &known.name)
            }),
            class::POLICY => self.scope.policy(object).and_then(|policy| {
                let of = self.identity_of_relation(policy.table, 0)?;
                let whole = format!("{} on {}", quote_identifier(&policy.name), of.whole);
                let names = of.names.into_iter().chain([policy.name.clone()]).collect();
                Some(Identity { kind: "policy".to_owned(), whole, names, ..Identity::default() })
            }),
            class::FOREIGN_WRAPPER | class::FOREIGN_SERVER | class::USER_MAPPING => {
                self.scope.foreign(object).map(|foreign| self.identity_of_foreign(foreign))
            }
            class::PUBLICATION | class::PUBLISHED_TABLE | class::PUBLISHED_SCHEMA | class::SUBSCRIPTION => {
                self.scope
                    .replication(object)
                    .and_then(|replication| self.identity_of_replication(replication))
            }
            class::TRIGGER => {
                let made = self.scope.trigger(object).map(|trigger| (**trigger).clone());
                let trigger = made.or_else(|| self.scope.key_trigger(object));
                trigger.and_then(|trigger| self.identity_of_trigger(&trigger))
            }
            class::DEFAULT => {
                crate::services::describe::words::default_of(self.scope, object).and_then(|(table, place)| {
                    let column = self.identity_of_relation(table, place as i32 + 1)?;
                    let (kind, whole) = ("default value".to_owned(), format!("for {}", column.whole));
                    Some(Identity { kind, schema: None, name: None, whole, ..column })
                })
            }
            of => self.identity_of_fixed(of, object),
        })
    }

    fn identity_of_foreign(&self, foreign: &Foreign) -> Identity {
        match foreign {
            Foreign::Wrapper(wrapper) => Identity::alone("foreign-data wrapper", &wrapper.name),
            Foreign::Server(server) => Identity::alone("server", &server.name),
            Foreign::Mapping(mapping) => {
                let server = self.scope.foreign_server(mapping.server).map(|server| server.name.clone());
                let (user, server) = (self.scope.mapped_name(mapping), server.unwrap_or_default());
                Identity {
                    kind: "user mapping".to_owned(),
                    whole: format!("{user} on server {server}"),
                    names: vec![user],
                    arguments: vec![server],
                    ..Identity::default()
                }
            }
        }
    }

    fn identity_of_replication(&self, replication: &Replication) -> Option<Identity> {
        let publication = |oid| self.scope.publication(oid).map(|known| known.name.clone());
        Some(match replication {
            Replication::Publication(known) => Identity::alone("publication", &known.name),
            Replication::Subscription(known) => Identity::alone("subscription", &known.name),
            Replication::Table(entry) => {
                let table = self.identity_of_relation(entry.table, 0)?;
                let publication = publication(entry.publication)?;
                Identity {
                    kind: "publication relation".to_owned(),
                    whole: format!("{} in publication {publication}", table.whole),
                    names: table.names,
                    arguments: vec![publication],
                    ..Identity::default()
                }
            }
            Replication::Schema(entry) => {
                let schema = self.scope.schema(entry.schema)?.name.clone();
                let publication = publication(entry.publication)?;
                Identity {
                    kind: "publication namespace".to_owned(),
                    whole: format!("{schema} in publication {publication}"),
                    names: vec![schema],
                    arguments: vec![publication],
                    ..Identity::default()
                }
            }
        })
    }

    /// `pg_identify_object`, or with `address` `pg_identify_object_as_address`.
    pub(crate) fn identify(&self, arguments: &[Item<'_>], address: bool) -> FunctionResult<Value> {
        let [of, object, Item::Int32(column)] = arguments else { return Ok(Value::Null) };
        let found = self.identity(number(of), number(object), *column)?;
        let field = |of: Oid, item| (of, Kind::Bytes, item);
        let kind = found.as_ref().map(|found| found.kind.as_str());
        let kind = kind.or_else(|| kind_of_missing(number(of)));
        if address {
            const TEXTS: Oid = 1009;
            let lists = found.as_ref().map(Identity::lists);
            let list = |place: usize| lists.as_ref().map_or(Item::Null, |lists| Item::Bytes(&lists[place]));
            let fields = [field(oid::TEXT, shown(kind)), field(TEXTS, list(0)), field(TEXTS, list(1))];
            return Ok(Value::Bytes(record(&fields).into()));
        }
        let fields = [
            field(oid::TEXT, shown(kind)),
            field(oid::TEXT, shown(found.as_ref().and_then(|found| found.schema.as_deref()))),
            field(oid::TEXT, shown(found.as_ref().and_then(|found| found.name.as_deref()))),
            field(oid::TEXT, shown(found.as_ref().map(|found| found.whole.as_str()))),
        ];
        Ok(Value::Bytes(record(&fields).into()))
    }
}

/// A text as a field of a row.
fn shown(value: Option<&str>) -> Item<'_> {
    value.map_or(Item::Null, |value| Item::Bytes(value.as_bytes()))
}

/// What kind an object would be that is not there.
fn kind_of_missing(of: Oid) -> Option<&'static str> {
    match of {
        class::RELATION => Some("relation"),
        class::TYPE => Some("type"),
        class::FUNCTION => Some("routine"),
        class::CONSTRAINT => Some("constraint"),
        class::ROLE => Some("role"),
        class::DATABASE => Some("database"),
        class::TABLESPACE => Some("tablespace"),
        class::ACCESS_METHOD => Some("access method"),
        class::DEFAULT => Some("default value"),
        class::CAST => Some("cast"),
        class::LANGUAGE => Some("language"),
        class::NAMESPACE => Some("schema"),
        class::OPERATOR_CLASS => Some("operator class"),
        class::OPERATOR_FAMILY => Some("operator family"),
        class::OPERATOR => Some("operator"),
        class::REWRITE => Some("rule"),
        class::TRIGGER => Some("trigger"),
        class::POLICY => Some("policy"),
        class::STATISTICS => Some("statistics object"),
        class::COLLATION => Some("collation"),
        class::SEARCH_CONFIGURATION => Some("text search configuration"),
        class::SEARCH_DICTIONARY => Some("text search dictionary"),
        class::SEARCH_PARSER => Some("text search parser"),
        class::SEARCH_TEMPLATE => Some("text search template"),
        class::DEFAULT_PRIVILEGES => Some("default acl"),
        class::FAMILY_OPERATOR => Some("operator of access method"),
        class::FAMILY_FUNCTION => Some("function of access method"),
        class::CONVERSION => Some("conversion"),
        class::EVENT_TRIGGER => Some("event trigger"),
        class::EXTENSION => Some("extension"),
        class::FOREIGN_WRAPPER => Some("foreign-data wrapper"),
        class::FOREIGN_SERVER => Some("server"),
        class::LARGE_OBJECT => Some("large object"),
        PARAMETER_ACL => Some("parameter ACL"),
        class::PUBLICATION => Some("publication"),
        class::PUBLISHED_SCHEMA => Some("publication namespace"),
        class::PUBLISHED_TABLE => Some("publication relation"),
        class::SUBSCRIPTION => Some("subscription"),
        TRANSFORM => Some("transform"),
        class::USER_MAPPING => Some("user mapping"),
        _ => None, // what is no class is refused before
    }
}

/// The relation of a rule, and the rule's name: that which a view is has the view's number.
fn relation_of_rule(scope: &catalog::Scope, rule: Oid) -> (Oid, &str) {
    scope.rule(rule).map_or((rule, "_RETURN"), |rule| (rule.relation, rule.name.as_str()))
}
