//! `pg_get_object_address`: the number of an object's system table, its own and that of a column, by the words that
//! `pg_identify_object_as_address` tells.
//!
//! What names mean is looked up as casts to `regclass` and its like look it up, so that most errors are theirs. That there is no
//! such object is an error of its kind; nothing is changed.

use crate::services::{Services, number, other, text};
use catalog::name::quote_identifier;
use catalog::object::{FunctionKind, IndexMethod, Object, Oid, Publication, Source, class};
use catalog::{Relation, operator_class};
use diagnostic::{Diagnostic, SqlState};
use functions::{FunctionError, FunctionResult};
use types::array::ArrayView;
use types::catalog::{Form, oid, type_name};
use types::record::record;
use types::{Item, Kind, Type, Types, Value};

/// Number of the system's table, of the object, of a column.
type Address = (Oid, Oid, i32);

/// Kinds that `pg_identify_object` tells, and whose objects have no address by words.
const UNSUPPORTED: &[&str] = &[
    "toast table",
    "index column",
    "sequence column",
    "toast table column",
    "view column",
    "materialized view column",
    "composite type",
    "composite type column",
];

/// Kinds whose objects have one name.
const ALONE: &[&str] = &[
    "access method",
    "database",
    "event trigger",
    "extension",
    "foreign-data wrapper",
    "language",
    "large object",
    "parameter ACL",
    "publication",
    "publication namespace",
    "role",
    "schema",
    "server",
    "subscription",
    "tablespace",
    "user mapping",
];

/// Kinds whose objects have a name that a schema may stand before.
const QUALIFIED: &[&str] = &[
    "aggregate",
    "collation",
    "conversion",
    "foreign table",
    "function",
    "index",
    "materialized view",
    "operator",
    "procedure",
    "publication relation",
    "sequence",
    "statistics object",
    "table",
    "text search configuration",
    "text search dictionary",
    "text search parser",
    "text search template",
    "view",
];

/// Kinds whose objects are parts of a relation.
const PARTS: &[&str] = &[
    "default value",
    "foreign table column",
    "policy",
    "rule",
    "table column",
    "table constraint",
    "trigger",
];

/// Kinds whose one name is that of a type.
const OF_TYPE: &[&str] = &["cast", "domain constraint", "transform", "type"];

/// Kinds whose objects belong to an access method.
const OF_METHOD: &[&str] =
    &["function of access method", "operator class", "operator family", "operator of access method"];

/// What was asked for.
struct Asked<'a> {
    kind: &'a str,
    names: Vec<String>,
    arguments: Vec<String>,
}

fn invalid(message: String) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

fn missing(message: String) -> FunctionError {
    FunctionError::plain(SqlState::UndefinedObject, message)
}

fn no_such(kind: &str, name: &str) -> FunctionError {
    missing(format!("{kind} \"{name}\" does not exist"))
}

/// The words of a list, none of which may be null.
fn words(list: &Item<'_>) -> FunctionResult<Vec<String>> {
    let Item::Bytes(bytes) = list else { return Ok(Vec::new()) };
    let items = ArrayView::new(bytes).into_iter().flat_map(|list| list.items().collect::<Vec<_>>());
    let word = |item: Item<'_>| match item {
        Item::Null => Err(invalid("name or argument lists may not contain nulls".to_owned())),
        item => Ok(text(&item).to_owned()),
    };
    items.map(word).collect()
}

fn count(list: &Item<'_>) -> usize {
    let Item::Bytes(bytes) = list else { return 0 };
    ArrayView::new(bytes).map_or(0, |list| list.items().count())
}

impl<'a> Asked<'a> {
    /// Reads what is asked, as far as it can be told without looking anything up.
    fn read(kind: &'a str, names: &Item<'_>, arguments: &Item<'_>) -> FunctionResult<Asked<'a>> {
        let known = [ALONE, QUALIFIED, PARTS, OF_TYPE, OF_METHOD, &["default acl"]];
        if UNSUPPORTED.contains(&kind) {
            return Err(invalid(format!("unsupported object type \"{kind}\"")));
        }
        if !known.iter().any(|kinds| kinds.contains(&kind)) {
            return Err(invalid(format!("unrecognized object type \"{kind}\"")));
        }
        let exactly_one = || invalid("name list length must be exactly 1".to_owned());
        if OF_TYPE.contains(&kind) && count(names) != 1 {
            return Err(exactly_one());
        }
        let names = words(names)?;
        if names.is_empty() {
            return Err(invalid("name list length must be at least 1".to_owned()));
        }
        let asked = Asked { kind, names, arguments: words(arguments)? };
        if ALONE.contains(&kind) && asked.names.len() != 1 {
            return Err(exactly_one());
        }
        asked.refuse_lengths()?;
        Ok(asked)
    }

    fn refuse_lengths(&self) -> FunctionResult<()> {
        let (least, exactly) = match self.kind {
            "operator class" | "operator family" => (2, None),
            "operator of access method" | "function of access method" => (3, Some(2)),
            "operator" => (1, Some(2)),
            "publication namespace"
            | "user mapping"
            | "domain constraint"
            | "cast"
            | "publication relation"
            | "default acl"
            | "transform" => (1, Some(1)),
            _ => (1, None), // all others take what there is
        };
        if self.names.len() < least {
            return Err(invalid(format!("name list length must be at least {least}")));
        }
        match exactly {
            Some(count) if count != self.arguments.len() => {
                Err(invalid(format!("argument list length must be exactly {count}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    fn argument(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }

    /// The names, as messages show them.
    fn written(&self) -> String {
        self.names.join(".")
    }
}

/// Names as SQL has them.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(".")
}

impl Services<'_> {
    /// `pg_get_object_address`
    pub(crate) fn object_address(&self, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let [kind, names, arguments] = arguments else { return Ok(Value::Null) };
        let asked = Asked::read(text(kind), names, arguments)?;
        let (of, object, column) = self.address_of(&asked)?;
        let field = |of: Oid, number: i32| (of, Kind::Int32, Item::Int32(number));
        let fields = [
            field(oid::OID, of.cast_signed()),
            field(oid::OID, object.cast_signed()),
            field(oid::INT4, column),
        ];
        Ok(Value::Bytes(record(&fields).into()))
    }

    fn address_of(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let kind = asked.kind;
        if PARTS.contains(&kind) {
            return self.address_of_part(asked);
        }
        if OF_METHOD.contains(&kind) {
            return self.address_of_method(asked);
        }
        match kind {
            "table" | "index" | "sequence" | "view" | "materialized view" | "foreign table" => {
                self.address_of_relation(asked)
            }
            "aggregate" | "function" | "procedure" => self.address_of_routine(asked),
            "operator" => self.address_of_operator(asked),
            "type" | "cast" | "domain constraint" | "transform" => self.address_by_type(asked),
            "default acl" => self.address_of_default(asked),
            "publication relation" => self.address_of_published_table(asked),
            "collation" => {
                let found = self.number_of(oid::REGCOLLATION, &quoted(&asked.names))?;
                Ok((class::COLLATION, found, 0))
            }
            _ if QUALIFIED.contains(&kind) => self.address_in_schema(asked),
            _ => self.address_alone(asked),
        }
    }

    /// What a text means as a value of one of the types of objects' names.
    fn number_of(&self, of: u32, written: &str) -> FunctionResult<Oid> {
        match catalog::names::input(self.scope, Type::of(of), written) {
            Ok(found) => Ok(number(&Item::from(&found))),
            Err(error) => Err(other(error)),
        }
    }

    fn address_alone(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let (kind, name) = (asked.kind, asked.name());
        let known =
            |of: Oid, found: Option<Oid>| found.map(|oid| (of, oid, 0)).ok_or_else(|| no_such(kind, name));
        let by_number = |of: Oid, known: &[(Oid, &str)]| {
            let found = known.iter().find(|(_, known)| *known == name);
            found.map(|(number, _)| (of, *number, 0)).ok_or_else(|| no_such(kind, name))
        };
        match kind {
            "schema" => Ok((class::NAMESPACE, self.scope.find_schema(name).map_err(other)?, 0)),
            "role" => Ok((class::ROLE, self.scope.find_role(name).map_err(other)?, 0)),
            "database" => {
                let missing = || {
                    let message = format!("database \"{name}\" does not exist");
                    FunctionError::plain(SqlState::InvalidCatalogName, message)
                };
                Ok((class::DATABASE, self.scope.database_named(name).ok_or_else(missing)?, 0))
            }
            "extension" => {
                let found = self.scope.extension_named(name).ok_or_else(|| no_such(kind, name))?;
                Ok((class::EXTENSION, found.oid, 0))
            }
            "event trigger" => {
                known(class::EVENT_TRIGGER, self.scope.event_trigger_named(name).map(|found| found.oid))
            }
            "language" => by_number(class::LANGUAGE, &catalog::LANGUAGES),
            "tablespace" => {
                known(class::TABLESPACE, self.scope.tablespace_named(name).map(|found| found.oid))
            }
            "access method" => by_number(class::ACCESS_METHOD, &crate::services::identify::access_methods()),
            "publication namespace" => {
                let schema = self.scope.find_schema(name).map_err(other)?;
                let publication = self.publication_of(asked)?;
                let entry = self.scope.schema_in_publication(publication.oid, schema);
                let none = || {
                    missing(format!(
                        "publication schema \"{name}\" in publication \"{}\" does not exist",
                        publication.name
                    ))
                };
                Ok((class::PUBLISHED_SCHEMA, entry.ok_or_else(none)?.oid, 0))
            }
            "publication" => {
                known(class::PUBLICATION, self.scope.publication_named(name).map(|found| found.oid))
            }
            "subscription" => {
                known(class::SUBSCRIPTION, self.scope.subscription_named(name).map(|found| found.oid))
            }
            "foreign-data wrapper" => {
                known(class::FOREIGN_WRAPPER, self.scope.foreign_wrapper_named(name).map(|found| found.oid))
            }
            "server" => match self.scope.foreign_server_named(name) {
                Some(server) => Ok((class::FOREIGN_SERVER, server.oid, 0)),
                None => Err(no_such(kind, name)),
            },
            "user mapping" => self.address_of_mapping(name, asked.argument()),
            "large object" => {
                let number =
                    types::text::input(self.scope, Type::of(oid::OID), name, self.text).map_err(other)?;
                let number = crate::services::number(&Item::from(&number));
                match self.identifier().has_large_object(number) {
                    true => Ok((class::LARGE_OBJECT, number, 0)),
                    false => Err(missing(format!("large object {number} does not exist"))),
                }
            }
            // Of these there are none.
            kind => Err(no_such(kind, name)),
        }
    }

    /// The publication that something is in.
    fn publication_of(&self, asked: &Asked<'_>) -> FunctionResult<&Publication> {
        let name = asked.argument();
        self.scope.publication_named(name).ok_or_else(|| no_such("publication", name))
    }

    fn address_of_published_table(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let table = self.number_of(oid::REGCLASS, &quoted(&asked.names))?;
        let publication = self.publication_of(asked)?;
        let none = || {
            let (table, publication) = (asked.name(), &publication.name);
            missing(format!(
                "publication relation \"{table}\" in publication \"{publication}\" does not exist"
            ))
        };
        let entry = self.scope.table_in_publication(publication.oid, table).ok_or_else(none)?;
        Ok((class::PUBLISHED_TABLE, entry.oid, 0))
    }

    fn address_of_mapping(&self, name: &str, server: &str) -> FunctionResult<Address> {
        let role = if name == "public" { Some(0) } else { self.scope.role_named(name) };
        let found = match role {
            Some(role) => {
                let of = self.scope.foreign_server_named(server).ok_or_else(|| no_such("server", server))?;
                self.scope.user_mapping_of(of.oid, role)
            }
            None => None,
        };
        let none =
            || missing(format!("user mapping for user \"{name}\" on server \"{server}\" does not exist"));
        Ok((class::USER_MAPPING, found.ok_or_else(none)?.oid, 0))
    }

    /// The schema that is named, or none, and the name behind it.
    fn split<'n>(&self, names: &'n [String]) -> FunctionResult<(Option<Oid>, &'n str)> {
        let schema = |name: &str| self.scope.find_schema(name).map(Some).map_err(other);
        match names {
            [name] => Ok((None, name)),
            [of, name] => Ok((schema(of)?, name)),
            [database, of, name] if self.scope.is_this_database(database) => Ok((schema(of)?, name)),
            [_, _, _] => {
                let message = format!("cross-database references are not implemented: {}", names.join("."));
                Err(FunctionError::plain(SqlState::FeatureNotSupported, message))
            }
            _ => {
                let written = names.join(".");
                let message = format!("improper qualified name (too many dotted names): {written}");
                Err(FunctionError::plain(SqlState::SyntaxError, message))
            }
        }
    }

    /// What has its name in a schema, and is no relation.
    fn address_in_schema(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let (schema, name) = self.split(&asked.names)?;
        let schema = schema.and_then(|schema| self.scope.schema(schema)).map(|it| it.name.as_str());
        let search = |class: Oid| (class, self.scope.look_for_search(class, schema, name));
        let (of, found) = match asked.kind {
            "statistics object" => (class::STATISTICS, self.scope.look_for_statistics(schema, name)),
            "text search configuration" => search(class::SEARCH_CONFIGURATION),
            "text search dictionary" => search(class::SEARCH_DICTIONARY),
            "text search parser" => search(class::SEARCH_PARSER),
            "text search template" => search(class::SEARCH_TEMPLATE),
            _ => (class::CONVERSION, self.scope.look_for_conversion(schema, name)),
        };
        let found = found.ok_or_else(|| no_such(asked.kind, &asked.written()))?;
        Ok((of, found, 0))
    }

    fn relation_at(&self, names: &[String]) -> FunctionResult<Relation> {
        let found = self.number_of(oid::REGCLASS, &quoted(names))?;
        let missing = || {
            let message = format!("relation \"{}\" does not exist", names.join("."));
            FunctionError::plain(SqlState::UndefinedTable, message)
        };
        self.scope.relation(found).ok_or_else(missing)
    }

    fn address_of_relation(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let relation = self.relation_at(&asked.names)?;
        let fits = relation.kind() == asked.kind;
        if fits {
            return Ok((class::RELATION, relation.oid(), 0));
        }
        let article = if asked.kind == "index" { "an" } else { "a" };
        let message = format!("\"{}\" is not {article} {}", relation.name(), asked.kind);
        Err(FunctionError::plain(SqlState::WrongObjectType, message))
    }

    fn address_of_part(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let column = asked.kind.ends_with("column") || asked.kind == "default value";
        let [of @ .., name] = asked.names.as_slice() else { return Err(no_such(asked.kind, "")) };
        if of.is_empty() {
            let message = if column {
                "column name must be qualified"
            } else {
                "must specify relation and object name"
            };
            return Err(FunctionError::plain(SqlState::SyntaxError, message));
        }
        let relation = self.relation_at(of)?;
        if column {
            return self.address_of_column(asked, &relation, (name, &of.join(".")));
        }
        let table = relation.oid();
        let (of, found, kind) = match asked.kind {
            "rule" => (class::REWRITE, self.rule_named(&relation, name), "relation"),
            "trigger" => {
                let mut known = self.scope.triggers_of(table).into_iter();
                (class::TRIGGER, known.find(|it| it.name == *name).map(|it| it.oid), "table")
            }
            "policy" => {
                let mut known = self.scope.policies_of(table).into_iter();
                (class::POLICY, known.find(|it| it.name == *name).map(|it| it.oid), "table")
            }
            _ => {
                let mut known = self.scope.constraints_of(table);
                (class::CONSTRAINT, known.find(|it| it.name == *name).map(|it| it.oid), "table")
            }
        };
        let word = asked.kind.trim_start_matches("table ");
        let missing =
            || missing(format!("{word} \"{name}\" for {kind} \"{}\" does not exist", relation.name()));
        Ok((of, found.ok_or_else(missing)?, 0))
    }

    fn rule_named(&self, relation: &Relation, name: &str) -> Option<Oid> {
        let is_view = matches!(relation.kind(), "view" | "materialized view");
        if is_view && name == "_RETURN" {
            return Some(relation.oid());
        }
        let mut known = self.scope.rules_of(relation.oid()).into_iter();
        known.find(|rule| rule.name == name).map(|rule| rule.oid)
    }

    fn address_of_column(
        &self,
        asked: &Asked<'_>,
        relation: &Relation,
        (name, of): (&str, &str),
    ) -> FunctionResult<Address> {
        let undefined = |message: String| Err(FunctionError::plain(SqlState::UndefinedColumn, message));
        if asked.kind == "default value" {
            let column = match relation {
                Relation::Table(table) => table.column(name).map(|(_, column)| &column.source),
                _ => None, // no others have any that have numbers
            };
            return match column {
                Some(Source::Default(value) | Source::Generated(value)) => Ok((class::DEFAULT, value.oid, 0)),
                Some(Source::Null | Source::Identity { .. }) | None => undefined(format!(
                    "default value for column \"{name}\" of relation \"{of}\" does not exist"
                )),
            };
        }
        match crate::services::names::column_number(relation, name) {
            Some(number) => Ok((class::RELATION, relation.oid(), number)),
            None => undefined(format!("column \"{name}\" of relation \"{of}\" does not exist")),
        }
    }

    /// The types that arguments name.
    fn argument_types(&self, asked: &Asked<'_>) -> FunctionResult<Vec<Oid>> {
        asked.arguments.iter().map(|argument| self.number_of(oid::REGTYPE, argument)).collect()
    }

    fn address_of_routine(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let types = self.argument_types(asked)?;
        let shown: Vec<String> = types.iter().map(|of| type_name(self.scope, *of, None)).collect();
        let written = format!("{}({})", asked.written(), shown.join(", "));
        let types: Vec<String> = types.iter().map(|of| self.identifier().full_type(*of)).collect();
        let signature = format!("{}({})", quoted(&asked.names), types.join(","));
        let found = match catalog::names::input(self.scope, Type::of(oid::REGPROCEDURE), &signature) {
            Ok(found) => number(&Item::from(&found)),
            Err(error) if error.sqlstate() == SqlState::UndefinedFunction => {
                let any = shown.is_empty() && asked.kind == "aggregate";
                let written = if any { format!("{}(*)", asked.written()) } else { written };
                let message = format!("{} {written} does not exist", asked.kind);
                return Err(FunctionError::plain(SqlState::UndefinedFunction, message));
            }
            Err(error) => return Err(other(error)),
        };
        let is_wrong = match (asked.kind, self.kind_of_function(found)) {
            ("aggregate", FunctionKind::Aggregate) | ("procedure", FunctionKind::Procedure) => None,
            ("aggregate", _) => Some(format!("function {written} is not an aggregate")),
            ("procedure", _) => Some(format!("{written} is not a procedure")),
            (_, FunctionKind::Procedure) => Some(format!("{written} is not a function")),
            (_, FunctionKind::Function | FunctionKind::Aggregate) => None,
        };
        match is_wrong {
            Some(message) => Err(FunctionError::plain(SqlState::WrongObjectType, message)),
            None => Ok((class::FUNCTION, found, 0)),
        }
    }

    fn kind_of_function(&self, found: Oid) -> FunctionKind {
        match self.scope.function(found) {
            Some(made) => made.kind,
            None => {
                let entry = functions::table::function(found);
                let aggregate = entry.is_some_and(|entry| entry.kind.is_aggregate());
                if aggregate { FunctionKind::Aggregate } else { FunctionKind::Function }
            }
        }
    }

    fn address_of_operator(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let types = self.argument_types(asked)?;
        if asked.names.len() > 2 {
            self.split(&asked.names)?;
        }
        let shown: Vec<String> = types.iter().map(|of| type_name(self.scope, *of, None)).collect();
        let types: Vec<String> = types.iter().map(|of| self.identifier().full_type(*of)).collect();
        let signature = format!("{}({})", asked.written(), types.join(","));
        let found = self.number_of(oid::REGOPERATOR, &signature).map_err(|_| {
            let message =
                format!("operator does not exist: {}", shown.join(&format!(" {} ", asked.written())));
            FunctionError::plain(SqlState::UndefinedFunction, message)
        })?;
        Ok((class::OPERATOR, found, 0))
    }

    /// Casts, transforms, constraints of domains, types themselves.
    fn address_by_type(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let of = self.number_of(oid::REGTYPE, asked.name())?;
        let shown = |of: Oid| type_name(self.scope, of, None);
        match asked.kind {
            "type" => Ok((class::TYPE, of, 0)),
            "cast" => {
                let target = self.number_of(oid::REGTYPE, asked.argument())?;
                let made = self.scope.objects().find_map(|object| match object {
                    Object::Cast(cast) if (cast.source, cast.target) == (of, target) => Some(cast.oid),
                    _ => None,
                });
                let found = made.or_else(|| catalog::builtin_cast(of, target)).ok_or_else(|| {
                    let (from, to) = (shown(of), shown(target));
                    missing(format!("cast from type {from} to type {to} does not exist"))
                })?;
                Ok((class::CAST, found, 0))
            }
            "domain constraint" => {
                let is_domain = self.scope.entry(of).is_some_and(|entry| entry.form == Form::Domain);
                if !is_domain {
                    let message = format!("\"{}\" is not a domain", asked.name());
                    return Err(FunctionError::plain(SqlState::WrongObjectType, message));
                }
                let name = asked.argument();
                let found = self.scope.objects().find_map(|object| match object {
                    Object::Constraint(it) if it.domain == of && it.name == name => Some(it.oid),
                    _ => None,
                });
                let missing =
                    || missing(format!("constraint \"{name}\" for domain {} does not exist", shown(of)));
                Ok((class::CONSTRAINT, found.ok_or_else(missing)?, 0))
            }
            _ => {
                let language = asked.argument();
                if !catalog::LANGUAGES.iter().any(|(_, known)| *known == language) {
                    return Err(no_such("language", language));
                }
                let of = shown(of);
                Err(missing(format!("transform for type {of} language \"{language}\" does not exist")))
            }
        }
    }

    fn address_of_method(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let [method, rest @ ..] = asked.names.as_slice() else { return Err(no_such(asked.kind, "")) };
        let Some(by) = IndexMethod::ALL.into_iter().find(|known| known.name() == method) else {
            if method == "heap" {
                let message = format!("access method \"{method}\" is not of type INDEX");
                return Err(FunctionError::plain(SqlState::ObjectNotInPrerequisiteState, message));
            }
            return Err(no_such("access method", method));
        };
        let nothing = |kind: &str, names: &[String]| {
            let name = names.join(".");
            missing(format!("{kind} \"{name}\" does not exist for access method \"{method}\""))
        };
        if asked.kind == "operator class" {
            let (schema, name) = self.split(rest)?;
            let found = operator_class::named_class(self.scope, by, schema, name);
            return Ok((class::OPERATOR_CLASS, found.ok_or_else(|| nothing(asked.kind, rest))?.oid, 0));
        }
        let is_family = asked.kind == "operator family";
        let names = if is_family { rest } else { rest.split_last().map_or(rest, |(_, names)| names) };
        let (schema, name) = self.split(names)?;
        let family = operator_class::named_family(self.scope, by, schema, name)
            .ok_or_else(|| nothing("operator family", names))?;
        if is_family {
            return Ok((class::OPERATOR_FAMILY, family, 0));
        }
        let types = self.argument_types(asked)?;
        let place = leading_number(asked.name());
        let is_operator = asked.kind.starts_with("operator");
        let found = operator_class::family_parts(self.scope).into_iter().find(|part| {
            part.family == family
                && part.is_operator == is_operator
                && [part.left, part.right] == *types
                && i32::from(part.number) == place
        });
        let of = if is_operator { class::FAMILY_OPERATOR } else { class::FAMILY_FUNCTION };
        if let Some(found) = found {
            return Ok((of, found.oid, 0));
        }
        let (word, types) = (if is_operator { "operator" } else { "function" }, asked.arguments.join(", "));
        let family = self.identifier().fixed_in_words(class::OPERATOR_FAMILY, family)?.unwrap_or_default();
        Err(missing(format!("{word} {place} ({types}) of {family} does not exist")))
    }

    /// Default privileges of a role's objects, perhaps of those in a schema alone.
    fn address_of_default(&self, asked: &Asked<'_>) -> FunctionResult<Address> {
        let letter = asked.argument().chars().next().unwrap_or('\0');
        let kinds =
            [('r', "tables"), ('S', "sequences"), ('f', "functions"), ('T', "types"), ('n', "schemas")];
        let Some((_, shown)) = kinds.into_iter().find(|(known, _)| *known == letter) else {
            return Err(FunctionError::hinted(
                SqlState::InvalidParameterValue,
                format!("unrecognized default ACL object type \"{letter}\""),
                "Valid object types are \"r\", \"S\", \"f\", \"T\", \"n\".",
            ));
        };
        let user = asked.names.first().map_or("", String::as_str);
        let schema = asked.names.get(1);
        let found = self.scope.role_named(user).and_then(|role| {
            let schema = match schema {
                Some(name) => self.scope.schema_named(name)?,
                None => 0,
            };
            let known = self.scope.all_default_acls();
            known.iter().position(|of| {
                of.role == role && of.schema == schema && char::from(of.kind.letter()) == letter
            })
        });
        let missing = || {
            let within = schema.map_or_else(String::new, |schema| format!(" in schema \"{schema}\""));
            missing(format!("default ACL for user \"{user}\"{within} on {shown} does not exist"))
        };
        let place = u32::try_from(found.ok_or_else(missing)?).unwrap_or(u32::MAX);
        Ok((class::DEFAULT_PRIVILEGES, place.saturating_add(1), 0))
    }
}

/// The number that a text begins with, as C reads it; 0 if with none.
fn leading_number(text: &str) -> i32 {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().unwrap_or(0)
}
