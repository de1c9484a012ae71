//! `information_schema`: routines, their parameters, who may call them.

use super::emit::{Emit, SystemContext, int, maybe, text, yes};
use super::information::Asker;
use super::information_columns::{Described, describe, type_item};
use crate::error::CatalogResult;
use crate::object::{
    Acl, ArgumentMode, Body, Function, FunctionKind, Grant, Object, Oid, PG_CATALOG, Privileges, SUPERUSER,
    Volatility,
};
use crate::privilege::default_grants;
use functions::table::{self, FunctionEntry};
use types::catalog::Type;
use types::value::Item;

/// A parameter as the standard tells it.
struct Parameter<'a> {
    name: &'a str,
    mode: &'static str,
    of: Oid,
    default: Option<&'a str>,
}

/// A routine as the standard tells it, made by a user or not.
pub(super) struct Routine<'a> {
    oid: Oid,
    pub(super) name: &'a str,
    pub(super) schema: Oid,
    owner: Oid,
    acl: Acl,
    /// None of a procedure.
    result: Option<Oid>,
    procedure: bool,
    language: &'static str,
    definition: Option<&'a str>,
    immutable: bool,
    strict: bool,
    definer: bool,
    parameters: Vec<Parameter<'a>>,
}

impl Routine<'_> {
    /// The name that tells it from others of its name.
    pub(super) fn specific(&self) -> String {
        let suffix = format!("_{}", self.oid);
        let room = types::text::NAME_BYTES - suffix.len();
        format!("{}{suffix}", crate::name::truncate_to(self.name, room))
    }
}

fn builtin(entry: &FunctionEntry) -> Routine<'_> {
    let parameters = entry.arguments.iter().enumerate().map(|(place, of)| Parameter {
        name: entry.names.get(place).copied().unwrap_or(""),
        mode: "IN",
        of: *of,
        default: place
            .checked_sub(entry.arguments.len() - entry.defaults.len())
            .and_then(|place| entry.defaults.get(place).copied()),
    });
    let columns =
        entry.columns.iter().map(|(name, of)| Parameter { name, mode: "OUT", of: *of, default: None });
    Routine {
        oid: entry.oid,
        name: entry.name,
        schema: PG_CATALOG,
        owner: SUPERUSER,
        acl: None,
        result: Some(entry.result),
        procedure: false,
        language: "INTERNAL",
        definition: Some(entry.source),
        immutable: entry.volatility == functions::Volatility::Immutable,
        strict: entry.strict,
        definer: false,
        parameters: parameters.chain(columns).collect(),
    }
}

fn made(function: &Function) -> Routine<'_> {
    let procedure = function.kind == FunctionKind::Procedure;
    let parameters = function.arguments.iter().map(|argument| Parameter {
        name: &argument.name,
        mode: match argument.mode {
            ArgumentMode::In | ArgumentMode::Variadic => "IN",
            ArgumentMode::InOut => "INOUT",
            ArgumentMode::Out | ArgumentMode::Table => "OUT",
        },
        of: argument.type_oid,
        default: argument.default.as_deref(),
    });
    let (language, definition) = match &function.body {
        Body::Text(body) => ("SQL", Some(body.as_str())),
        Body::Bound(_) => ("SQL", None),
        Body::Procedural(body) => ("PLPGSQL", Some(body.as_str())),
        Body::BuiltIn(_) if function.module().is_some() => ("C", function.built_in_name()),
        Body::Native | Body::Aggregate(_) | Body::BuiltIn(_) | Body::Uncallable(_) => {
            ("INTERNAL", Some(function.name.as_str()))
        }
    };
    Routine {
        oid: function.oid,
        name: &function.name,
        schema: function.schema,
        owner: function.owner,
        acl: function.acl.clone(),
        result: (!procedure).then_some(function.result),
        procedure,
        language,
        definition,
        immutable: function.volatility == Volatility::Immutable,
        strict: function.strict,
        definer: function.security_definer,
        parameters: parameters.collect(),
    }
}

impl Asker<'_> {
    /// Those that the asker owns or may call.
    fn each_routine(&self, mut each: impl FnMut(&Routine<'_>) -> CatalogResult<()>) -> CatalogResult<()> {
        for entry in table::functions() {
            each(&builtin(entry))?;
        }
        for object in self.scope.objects() {
            let Object::Function(function) = object else { continue };
            let routine = made(function);
            let granted = self.granted(&routine.acl, routine.owner, Privileges::EXECUTE, Privileges::EXECUTE);
            if self.has_role(routine.owner) || granted {
                each(&routine)?;
            }
        }
        Ok(())
    }
}

/// What a column of the names that all of these relations have tells of a routine.
fn of_routine<'v>(asker: &Asker<'v>, routine: &'v Routine<'_>, specific: &'v str, column: &str) -> Item<'v> {
    match column {
        "specific_catalog" | "routine_catalog" => text(asker.database),
        "specific_schema" | "routine_schema" => text(asker.schema(routine.schema)),
        "specific_name" => text(specific),
        "routine_name" => text(routine.name),
        _ => Item::Null,
    }
}

/// `routines`.
pub(super) fn routines(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    asker.each_routine(|routine| {
        let specific = routine.specific();
        let result = routine.result.map(|of| describe(context.scope, Type::of(of)));
        let only_owner = asker.has_role(routine.owner);
        emit.named(|column| match column {
            "routine_type" => text(if routine.procedure { "PROCEDURE" } else { "FUNCTION" }),
            "data_type" => maybe(result.as_ref().map(|result| result.data_type.as_str())),
            "type_udt_catalog" => maybe(result.as_ref().map(|_| asker.database)),
            "type_udt_schema" => maybe(result.as_ref().map(|result| asker.schema(result.schema))),
            "type_udt_name" => maybe(result.as_ref().map(|result| result.name.as_str())),
            "dtd_identifier" => maybe(result.as_ref().map(|_| "0")),
            "routine_body" => text(if routine.language == "SQL" { "SQL" } else { "EXTERNAL" }),
            "routine_definition" => maybe(routine.definition.filter(|_| only_owner)),
            "external_language" => text(routine.language),
            "parameter_style" => text("GENERAL"),
            "is_deterministic" => yes(routine.immutable),
            "sql_data_access" => text("MODIFIES"),
            "is_null_call" => {
                if routine.procedure {
                    Item::Null
                } else {
                    yes(routine.strict)
                }
            }
            "schema_level_routine" => yes(true),
            "max_dynamic_result_sets" => int(0),
            "security_type" => text(if routine.definer { "DEFINER" } else { "INVOKER" }),
            "as_locator" | "is_udt_dependent" => yes(false),
            column => of_routine(&asker, routine, &specific, column),
        })
    })
}

/// `parameters`.
pub(super) fn parameters(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    asker.each_routine(|routine| {
        let specific = routine.specific();
        for (place, parameter) in routine.parameters.iter().enumerate() {
            let described = describe(context.scope, Type::of(parameter.of));
            let (identifier, shown) = ((place + 1).to_string(), parameter.name);
            let default = parameter.default.filter(|_| asker.has_role(routine.owner));
            let default = default.map(|kept| context.session.expression(kept, 0));
            emit.named(|column| match column {
                "ordinal_position" => int(place + 1),
                "parameter_mode" => text(parameter.mode),
                "is_result" | "as_locator" => yes(false),
                "parameter_name" => maybe(Some(shown).filter(|name| !name.is_empty())),
                "data_type" => text(&described.data_type),
                "udt_catalog" => text(asker.database),
                "udt_schema" => text(asker.schema(described.schema)),
                "udt_name" => text(&described.name),
                "dtd_identifier" => text(&identifier),
                "parameter_default" => maybe(default.as_deref()),
                column => of_routine(&asker, routine, &specific, column),
            })?;
        }
        Ok(())
    })
}

fn emit_privileges(context: &SystemContext<'_>, emit: &mut Emit, public: bool) -> CatalogResult<()> {
    let asker = Asker::new(context);
    asker.each_routine(|routine| {
        let specific = routine.specific();
        let defaults = || default_grants(routine.owner, Privileges::EXECUTE, Privileges::EXECUTE);
        let grants = routine.acl.clone().unwrap_or_else(defaults);
        let shown = |grant: &&Grant| if public { asker.concerns(grant) } else { asker.concerns_roles(grant) };
        for grant in grants.iter().filter(shown) {
            let (grantor, grantee) = (context.scope.role_name(grant.grantor), asker.grantee(grant));
            let may_give = asker.may_give(grant, routine.owner, Privileges::EXECUTE);
            emit.named(|column| match column {
                "grantor" => text(&grantor),
                "grantee" => text(&grantee),
                "privilege_type" => text("EXECUTE"),
                "is_grantable" => yes(may_give),
                column => of_routine(&asker, routine, &specific, column),
            })?;
        }
        Ok(())
    })
}

/// `routine_privileges`.
pub(super) fn routine_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_privileges(context, emit, true)
}

/// `role_routine_grants`.
pub(super) fn role_routine_grants(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_privileges(context, emit, false)
}

/// `element_types`: of arrays in columns, domains, parameters, results.
pub(super) fn element_types(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    let mut one = |schema: Oid, name: &str, kind: &str, identifier: String, of: Type| {
        let element =
            types::Types::entry(scope, of.oid).filter(|entry| entry.form == types::catalog::Form::Array);
        let Some(element) = element.map(|entry| entry.element) else { return Ok(()) };
        let described: Described = describe(scope, Type::of(element));
        let (collection, own) = (identifier.clone(), format!("a{identifier}"));
        emit.named(|column| match column {
            "object_catalog" => text(asker.database),
            "object_schema" => text(asker.schema(schema)),
            "object_name" => text(name),
            "object_type" => text(kind),
            "collection_type_identifier" => text(&collection),
            "dtd_identifier" => text(&own),
            "data_type" => text(&described.data_type),
            column => type_item(&asker, &described, column),
        })
    };
    super::information_usage::each_column(&asker, |column| {
        let kind = if column.composite { "USER-DEFINED TYPE" } else { "TABLE" };
        one(column.schema, column.relation, kind, column.number.to_string(), column.of)
    })?;
    for object in scope.objects() {
        if let Object::Domain(domain) = object {
            one(domain.schema, &domain.name, "DOMAIN", "1".to_owned(), domain.base())?;
        }
    }
    asker.each_routine(|routine| {
        let specific = routine.specific();
        for (place, parameter) in routine.parameters.iter().enumerate() {
            let identifier = (place + 1).to_string();
            one(routine.schema, &specific, "ROUTINE", identifier, Type::of(parameter.of))?;
        }
        match routine.result {
            Some(of) => one(routine.schema, &specific, "ROUTINE", "0".to_owned(), Type::of(of)),
            None => Ok(()),
        }
    })
}
