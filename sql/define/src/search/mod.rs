//! Text search: parsers, templates, dictionaries and configurations.
//!
//! Parsers and templates are made of functions that come with the program, by superusers. A dictionary is made once when it is
//! defined, so that what is wrong with its options, or with files that they name, is told then. What comes with the program is
//! not changed.

mod configuration;

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::storage_option::value_text;
use catalog::object::{
    FIRST_USER_OID, Object, Oid, PARSER_FUNCTIONS, Search, SearchConfiguration, SearchDictionary,
    SearchParser, SearchTemplate, class,
};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use search::dictionary::{OptionValue, Template, parse_options, write_options};
use std::sync::Arc;
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::search::SearchStatement;
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{Name, QualifiedName};
use types::Types;
use types::catalog::oid;

/// The type of what functions say to each other.
const INTERNAL: Oid = 2281;

/// Runs a statement about text search.
///
/// # Errors
/// PostgreSQL's.
pub fn define(definer: &mut Definer<'_>, statement: &SearchStatement<'_>) -> DefineResult<()> {
    match statement {
        SearchStatement::Create(ObjectKind::TextSearchParser, name, options) => {
            create_parser(definer, name, options)
        }
        SearchStatement::Create(ObjectKind::TextSearchTemplate, name, options) => {
            create_template(definer, name, options)
        }
        SearchStatement::Create(ObjectKind::TextSearchDictionary, name, options) => {
            create_dictionary(definer, name, options)
        }
        SearchStatement::Create(_, name, options) => create_configuration(definer, name, options),
        SearchStatement::AlterDictionary(name, options) => alter_dictionary(definer, name, options),
        SearchStatement::AlterConfiguration(name, change) => configuration::alter(definer, name, change),
    }
}

/// The catalog of a kind of text search; none of others.
fn class_of(kind: ObjectKind) -> Option<Oid> {
    match kind {
        ObjectKind::TextSearchParser => Some(class::SEARCH_PARSER),
        ObjectKind::TextSearchTemplate => Some(class::SEARCH_TEMPLATE),
        ObjectKind::TextSearchDictionary => Some(class::SEARCH_DICTIONARY),
        ObjectKind::TextSearchConfiguration => Some(class::SEARCH_CONFIGURATION),
        _ => None, // others have ways of their own to be found
    }
}

/// What is found by a name, its class first; none of another kind, or if there is none.
///
/// # Errors
/// When the name has too many parts.
pub(crate) fn find(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> DefineResult<Option<(Oid, Oid)>> {
    let (Some(class), ObjectName::Named(name)) = (class_of(kind), object) else { return Ok(None) };
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema.filter(|schema| definer.scope.schema_named(schema).is_some()) {
        definer.scope.may_look_in(schema)?;
    }
    Ok(definer.scope.look_for_search(class, schema, object).map(|oid| (class, oid)))
}

/// Something that is to be changed: what comes with the program is not.
fn changed(definer: &Definer<'_>, kind: ObjectKind, oid: Oid) -> DefineResult<()> {
    require_owner(definer, oid)?;
    match oid < FIRST_USER_OID {
        true => definer.unsupported(&format!("changing a built-in {}", word(kind)), None),
        false => Ok(()),
    }
}

/// That the role may change something: parsers and templates are changed by superusers.
///
/// # Errors
/// When it may not.
pub(crate) fn require_owner(definer: &Definer<'_>, oid: Oid) -> DefineResult<()> {
    let Some(found) = definer.scope.search(oid) else { return Ok(()) };
    if found.owner().is_some() || definer.actor().superuser {
        return definer.require_owner(oid);
    }
    let message = format!("must be superuser to alter {}s", found.kind_word());
    Err(plain(SqlState::InsufficientPrivilege, message))
}

/// What is to be renamed, put into another schema or given to somebody else, if it is of text search.
///
/// # Errors
/// When it comes with the program, or is not the role's.
pub(crate) fn changeable(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> DefineResult<Option<Oid>> {
    let Some((_, oid)) = find(definer, kind, object)? else { return Ok(None) };
    changed(definer, kind, oid)?;
    Ok(Some(oid))
}

/// That something may have a name in a schema.
///
/// # Errors
/// When another has it.
pub(crate) fn refuse_taken(
    definer: &Definer<'_>,
    search: &Search,
    schema: Oid,
    name: &str,
) -> DefineResult<()> {
    if definer.scope.search_in(search.class(), schema, name).is_none() {
        return Ok(());
    }
    let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("{} \"{name}\" already exists in schema \"{within}\"", search.kind_word());
    Err(plain(SqlState::DuplicateObject, message))
}

/// What messages call a kind.
fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::TextSearchParser => "text search parser",
        ObjectKind::TextSearchTemplate => "text search template",
        ObjectKind::TextSearchDictionary => "text search dictionary",
        _ => "text search configuration",
    }
}

/// The number of what a name means.
fn named(definer: &Definer<'_>, kind: ObjectKind, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    if let Some((_, oid)) = find(definer, kind, &ObjectName::Named(*name))? {
        return Ok(oid);
    }
    if let (Some(schema), _) = crate::names::split_name(&definer.scope, name)? {
        definer.scope.find_schema(schema)?;
    }
    Err(plain(SqlState::UndefinedObject, format!("{} \"{name}\" does not exist", word(kind))))
}

fn wrong(message: &str) -> DefineError {
    plain(SqlState::InvalidObjectDefinition, message)
}

fn unrecognised(kind: ObjectKind, name: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{} parameter \"{name}\" not recognized", word(kind)))
}

fn no_value(name: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{name} requires a parameter"))
}

/// Calls `each` with the name that an option is set to.
fn with_name<R>(
    option: &Definition<'_>,
    each: impl FnOnce(&QualifiedName<'_>) -> DefineResult<R>,
) -> DefineResult<R> {
    match &option.value {
        None => Err(no_value(option.name.text)),
        Some(DefinitionValue::Type(of)) => match &of.kind {
            TypeNameKind::Named(name) => each(name),
            TypeNameKind::Interval(_) | TypeNameKind::OfColumn(_) => not_a_name(option),
        },
        Some(DefinitionValue::Word(text) | DefinitionValue::String(text)) => {
            each(&QualifiedName { parts: &[Name { text, position: option.name.position }] })
        }
        Some(
            DefinitionValue::Number(_)
            | DefinitionValue::Operator(_)
            | DefinitionValue::Star
            | DefinitionValue::List(_),
        ) => not_a_name(option),
    }
}

fn not_a_name<R>(option: &Definition<'_>) -> DefineResult<R> {
    Err(plain(SqlState::SyntaxError, format!("argument of {} must be a name", option.name.text)))
}

/// The function that an option names, by the types that it takes; one of these.
fn function(
    definer: &Definer<'_>,
    option: &Definition<'_>,
    takes: &[Oid],
    known: &[Oid],
) -> DefineResult<Oid> {
    with_name(option, |name| {
        let Some(found) = crate::signature::exactly(definer, name, takes)? else {
            let shown = crate::signature::shown(definer, name, takes);
            return Err(plain(SqlState::UndefinedFunction, format!("function {shown} does not exist")));
        };
        match known.contains(&worker(definer, found.oid)) {
            true => Ok(found.oid),
            false => definer.unsupported("text search by functions other than the program's", None),
        }
    })
}

/// The function of the program that a function stands for: itself, or the one of a module.
fn worker(definer: &Definer<'_>, function: Oid) -> Oid {
    definer.scope.worker(function).unwrap_or(function)
}

fn require_superuser(definer: &Definer<'_>, what: &str) -> DefineResult<()> {
    match definer.actor().superuser {
        true => Ok(()),
        false => Err(plain(
            SqlState::InsufficientPrivilege,
            format!("must be superuser to create text search {what}"),
        )),
    }
}

/// Puts something new, which depends on its schema and on others.
fn create(definer: &mut Definer<'_>, search: Search, on: &[Oid]) -> DefineResult<()> {
    let on = [search.schema()].into_iter().chain(on.iter().copied());
    let references: Vec<_> = on.map(|on| (Address::of(on), DependencyKind::Normal)).collect();
    if definer.scope.search_in(search.class(), search.schema(), search.name()).is_some() {
        // The catalog has the words.
        definer.catalog.create(definer.transaction, &Object::Search(Arc::new(search)), &references)?;
        return Ok(());
    }
    definer.create(&Object::Search(Arc::new(search)), &references)?;
    definer.refresh()
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Search)) -> DefineResult<()> {
    definer.change_object(oid, |object| {
        if let Object::Search(search) = object {
            change(Arc::make_mut(search));
        }
    })
}

fn create_parser(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    options: &[Definition<'_>],
) -> DefineResult<()> {
    require_superuser(definer, "parsers")?;
    let (schema, name) = definer.new_name(name)?;
    let all: [(&str, &[Oid]); 5] = [
        ("start", &[INTERNAL, oid::INT4]),
        ("gettoken", &[INTERNAL, INTERNAL, INTERNAL]),
        ("end", &[INTERNAL]),
        ("headline", &[INTERNAL, INTERNAL, oid::TSQUERY]),
        ("lextypes", &[INTERNAL]),
    ];
    let mut functions = [0; 5];
    for option in options {
        let place = all.iter().position(|(known, _)| *known == option.name.text);
        let place = place.ok_or_else(|| unrecognised(ObjectKind::TextSearchParser, option.name.text))?;
        functions[place] = function(definer, option, all[place].1, &PARSER_FUNCTIONS[place..=place])?;
    }
    for place in [0, 1, 2, 4] {
        if functions[place] == 0 {
            return Err(wrong(&format!("text search parser {} method is required", all[place].0)));
        }
    }
    let (oid, name) = (definer.new_oids_beside(1, schema)?, name.to_owned());
    create(definer, Search::Parser(SearchParser { oid, name, schema, headline: functions[3] }), &[])
}

fn create_template(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    options: &[Definition<'_>],
) -> DefineResult<()> {
    require_superuser(definer, "templates")?;
    let (schema, name) = definer.new_name(name)?;
    let (mut begins, mut looks_up) = (0, 0);
    for option in options {
        match option.name.text {
            "init" => {
                begins = function(definer, option, &[INTERNAL], &Template::ALL.map(|it| it.numbers().1))?;
            }
            "lexize" => {
                looks_up =
                    function(definer, option, &[INTERNAL; 4], &Template::ALL.map(|it| it.numbers().2))?;
            }
            other => return Err(unrecognised(ObjectKind::TextSearchTemplate, other)),
        }
    }
    if looks_up == 0 {
        return Err(wrong("text search template lexize method is required"));
    }
    let (begin, look_up) = (worker(definer, begins), worker(definer, looks_up));
    if begins != 0 && template_of(begin, look_up).is_none() {
        return definer.unsupported("a text search template of functions that do not belong together", None);
    }
    let (oid, name) = (definer.new_oids_beside(1, schema)?, name.to_owned());
    let on: Vec<Oid> = [begins, looks_up].into_iter().filter(|oid| *oid >= FIRST_USER_OID).collect();
    create(definer, Search::Template(SearchTemplate { oid, name, schema, begins, looks_up }), &on)
}

/// The template that two functions make, or one that begins nothing.
fn template_of(begins: Oid, looks_up: Oid) -> Option<Template> {
    Template::ALL.into_iter().find(|template| {
        let (_, first, second) = template.numbers();
        second == looks_up && (begins == 0 || first == begins)
    })
}

/// An option of a dictionary, as it is kept.
fn kept(option: &Definition<'_>) -> DefineResult<(String, OptionValue)> {
    let Some(value) = &option.value else { return Err(no_value(option.name.text)) };
    let number = matches!(value, DefinitionValue::Number(_));
    Ok((option.name.text.to_owned(), OptionValue { text: value_text(value), number }))
}

/// Has a dictionary made, to see whether it can be.
fn verify(definer: &mut Definer<'_>, template: Oid, options: &[(String, OptionValue)]) -> DefineResult<()> {
    let Some(template) = definer.scope.search_template(template).cloned() else { return Ok(()) };
    if template.begins != 0 {
        let tried = definer.rows.try_dictionary(&definer.scope, &template, options);
        return tried.map_err(DefineError::Build);
    }
    match options.is_empty() {
        true => Ok(()),
        false => {
            let message = format!("text search template \"{}\" does not accept options", template.name);
            Err(plain(SqlState::SyntaxError, message))
        }
    }
}

fn create_dictionary(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    let (mut template, mut options, mut unset) = (None, Vec::new(), None);
    for option in written {
        if option.name.text == "template" {
            template = Some(with_name(option, |name| named(definer, ObjectKind::TextSearchTemplate, name))?);
        } else if option.value.is_none() {
            unset = unset.or(Some(option.name.text));
        } else {
            options.push(kept(option)?);
        }
    }
    let template = template.ok_or_else(|| wrong("text search template is required"))?;
    if let Some(unset) = unset {
        return Err(no_value(unset));
    }
    verify(definer, template, &options)?;
    let dictionary = SearchDictionary {
        oid: definer.new_oids_beside(1, schema)?,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        template,
        options: write_options(&options),
    };
    create(definer, Search::Dictionary(dictionary), &[template])
}

fn alter_dictionary(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    let oid = named(definer, ObjectKind::TextSearchDictionary, name)?;
    changed(definer, ObjectKind::TextSearchDictionary, oid)?;
    definer.hold_newest(oid)?;
    let Some(dictionary) = definer.scope.search_dictionary(oid).cloned() else { return Ok(()) };
    let mut options = parse_options(dictionary.options.as_deref().unwrap_or_default());
    for option in written {
        options.retain(|(known, _)| known != option.name.text);
        if option.value.is_some() {
            options.push(kept(option)?);
        }
    }
    verify(definer, dictionary.template, &options)?;
    change(definer, oid, |search| {
        if let Search::Dictionary(dictionary) = search {
            dictionary.options = write_options(&options);
        }
    })
}

fn create_configuration(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    options: &[Definition<'_>],
) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    let (mut parser, mut source) = (None, None);
    for option in options {
        let kind = match option.name.text {
            "parser" => ObjectKind::TextSearchParser,
            "copy" => ObjectKind::TextSearchConfiguration,
            other => return Err(unrecognised(ObjectKind::TextSearchConfiguration, other)),
        };
        let found = Some(with_name(option, |name| named(definer, kind, name))?);
        match kind {
            ObjectKind::TextSearchParser => parser = found,
            _ => source = found,
        }
    }
    if parser.is_some() && source.is_some() {
        return Err(plain(SqlState::SyntaxError, "cannot specify both PARSER and COPY options"));
    }
    let source = source.and_then(|source| definer.scope.search_configuration(source));
    let mappings = source.map(|source| source.mappings.clone()).unwrap_or_default();
    let parser = parser.or_else(|| source.map(|source| source.parser));
    let parser = parser.ok_or_else(|| wrong("text search parser is required"))?;
    let configuration = SearchConfiguration {
        oid: definer.new_oids_beside(1, schema)?,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        parser,
        mappings,
    };
    let on = configuration::used(&configuration);
    create(definer, Search::Configuration(configuration), &on)
}

/// Gives something another name.
///
/// # Errors
/// When it is taken.
pub(crate) fn rename(definer: &mut Definer<'_>, oid: Oid, to: &str) -> DefineResult<()> {
    let Some(found) = definer.scope.search(oid).cloned() else {
        return Err(CatalogError::UndefinedObject { oid }.into());
    };
    refuse_taken(definer, &found, found.schema(), to)?;
    definer.with_texts([oid], |definer| change(definer, oid, |search| search.set_name(to.to_owned())))
}

/// What is told of something that is not there.
fn skipped(definer: &mut Definer<'_>, sentence: String) {
    definer.notice(DefineNotice::Skipped(sentence));
}
