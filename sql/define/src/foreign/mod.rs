//! Foreign data: wrappers, servers, mappings of users, and what is special of foreign tables; the import of schemas, which needs a handler.
//!
//! No wrapper has a handler, as no function that is one can be made. Of the functions that look at options there is one that comes
//! with the program, and that of a user's is refused.

mod option;
pub(crate) mod table;

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use catalog::object::{Foreign, ForeignServer, ForeignWrapper, Object, Oid, Privileges, UserMapping, class};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use option::{Validator, changed};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::foreign::{
    AlterServer, CreateServer, ForeignOption, ForeignStatement, MappingName, Wrapper, WrapperFunction,
};
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::option::{DropBehavior, RoleKind};
use types::catalog::oid;

/// `text[]`
const TEXT_ARRAY: Oid = 1009;

/// Runs a statement about foreign data.
///
/// # Errors
/// PostgreSQL's.
pub fn define(definer: &mut Definer<'_>, statement: &ForeignStatement<'_>) -> DefineResult<()> {
    match statement {
        ForeignStatement::CreateWrapper(wrapper) => create_wrapper(definer, wrapper),
        ForeignStatement::AlterWrapper(wrapper) => alter_wrapper(definer, wrapper),
        ForeignStatement::CreateServer(create) => create_server(definer, create),
        ForeignStatement::AlterServer(alter) => alter_server(definer, alter),
        ForeignStatement::CreateMapping(name, if_not_exists, options) => {
            create_mapping(definer, name, *if_not_exists, options)
        }
        ForeignStatement::AlterMapping(name, options) => alter_mapping(definer, name, options),
        ForeignStatement::DropMapping(name, if_exists) => drop_mapping(definer, name, *if_exists),
        ForeignStatement::Import(server, schema) => import(definer, server.text, schema.text),
    }
}

/// The wrapper or the server of a name that has no schema; none of another kind, or if there is none.
pub(crate) fn find(definer: &Definer<'_>, kind: ObjectKind, object: &ObjectName<'_>) -> Option<Oid> {
    let ObjectName::Named(name) = object else { return None };
    match kind {
        ObjectKind::ForeignDataWrapper => {
            definer.scope.foreign_wrapper_named(name.object()).map(|wrapper| wrapper.oid)
        }
        ObjectKind::Server => definer.scope.foreign_server_named(name.object()).map(|server| server.oid),
        _ => None, // others have ways of their own to be found
    }
}

/// Gives a wrapper or a server another name.
pub(crate) fn rename(
    definer: &mut Definer<'_>,
    (kind, oid): (ObjectKind, Oid),
    to: &str,
) -> DefineResult<()> {
    definer.require_owner(oid)?;
    let word = match kind {
        ObjectKind::ForeignDataWrapper => {
            definer.scope.foreign_wrapper_named(to).map(|_| "foreign-data wrapper")
        }
        _ => definer.scope.foreign_server_named(to).map(|_| "server"),
    };
    if let Some(word) = word {
        return Err(plain(SqlState::DuplicateObject, format!("{word} \"{to}\" already exists")));
    }
    change(definer, oid, |foreign| foreign.set_name(to.to_owned()))
}

/// Refuses to give a wrapper to somebody else, or to somebody who is no superuser.
pub(crate) fn refuse_owner(definer: &Definer<'_>, object: &Object, owner: Oid) -> DefineResult<()> {
    let Object::Foreign(foreign) = object else { return Ok(()) };
    let Foreign::Wrapper(wrapper) = &**foreign else { return Ok(()) };
    let what = format!("change owner of foreign-data wrapper \"{}\"", wrapper.name);
    require_superuser(
        definer,
        definer.role,
        &what,
        "Must be superuser to change owner of a foreign-data wrapper.",
    )?;
    require_superuser(definer, owner, &what, "The owner of a foreign-data wrapper must be a superuser.")
}

fn require_superuser(definer: &Definer<'_>, role: Oid, what: &str, hint: &str) -> DefineResult<()> {
    if definer.scope.is_superuser(role) {
        return Ok(());
    }
    Err(DefineError::Plain {
        state: SqlState::InsufficientPrivilege,
        message: format!("permission denied to {what}"),
        detail: None,
        hint: Some(hint.to_owned()),
        position: None,
    })
}

/// That there is no such thing.
fn missing(word: &str, name: &str) -> DefineError {
    plain(SqlState::UndefinedObject, format!("{word} \"{name}\" does not exist"))
}

fn wrapper_named<'d>(definer: &'d Definer<'_>, name: &str) -> DefineResult<&'d ForeignWrapper> {
    definer.scope.foreign_wrapper_named(name).ok_or_else(|| missing("foreign-data wrapper", name))
}

fn server_named<'d>(definer: &'d Definer<'_>, name: &str) -> DefineResult<&'d ForeignServer> {
    definer.scope.foreign_server_named(name).ok_or_else(|| missing("server", name))
}

/// What looks at the options of a wrapper, and of what is made with it.
fn validator_of(definer: &Definer<'_>, wrapper: Oid) -> Validator {
    Validator(definer.scope.foreign_wrapper(wrapper).map_or(0, |wrapper| wrapper.validator))
}

/// The functions of a wrapper, as far as they are written.
struct Functions {
    handler: bool,
    /// The number of the function; 0 after `NO`.
    validator: Option<Oid>,
}

impl Functions {
    fn read(definer: &Definer<'_>, written: &[WrapperFunction<'_>]) -> DefineResult<Functions> {
        let mut found = Functions { handler: false, validator: None };
        for function in written {
            match function {
                WrapperFunction::Handler(position, _) if found.handler => return Err(twice(*position)),
                WrapperFunction::Validator(position, _) if found.validator.is_some() => {
                    return Err(twice(*position));
                }
                WrapperFunction::Handler(_, name) => {
                    if let Some(name) = name {
                        refuse_handler(definer, name)?;
                    }
                    found.handler = true;
                }
                WrapperFunction::Validator(_, name) => {
                    let validator = name.as_ref().map_or(Ok(0), |name| validator(definer, name))?;
                    found.validator = Some(validator);
                }
            }
        }
        Ok(found)
    }
}

fn twice(position: u32) -> DefineError {
    DefineError::Plain {
        state: SqlState::SyntaxError,
        message: "conflicting or redundant options".to_owned(),
        detail: None,
        hint: None,
        position: Some(position),
    }
}

/// A handler would be a function that returns a type of which no function can be made.
fn refuse_handler(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<()> {
    let Some(found) = crate::signature::exactly(definer, name, &[])? else {
        let message = format!("function {} does not exist", crate::signature::shown(definer, name, &[]));
        return Err(plain(SqlState::UndefinedFunction, message));
    };
    if found.result != oid::FDW_HANDLER {
        let message = format!("function {name} must return type fdw_handler");
        return Err(plain(SqlState::WrongObjectType, message));
    }
    definer.unsupported("a handler of a foreign-data wrapper", None)
}

/// The function that looks at options.
fn validator(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let takes = [TEXT_ARRAY, oid::OID];
    let Some(found) = crate::signature::exactly(definer, name, &takes)? else {
        let message = format!("function {} does not exist", crate::signature::shown(definer, name, &takes));
        return Err(plain(SqlState::UndefinedFunction, message));
    };
    match found.oid == option::BUILT_IN_VALIDATOR {
        true => Ok(found.oid),
        false => definer.unsupported("a validator that is a user's function", None),
    }
}

fn create_wrapper(definer: &mut Definer<'_>, statement: &Wrapper<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    let what = format!("create foreign-data wrapper \"{name}\"");
    require_superuser(definer, definer.role, &what, "Must be superuser to create a foreign-data wrapper.")?;
    if definer.scope.foreign_wrapper_named(name).is_some() {
        let message = format!("foreign-data wrapper \"{name}\" already exists");
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let validator = Functions::read(definer, statement.functions)?.validator.unwrap_or(0);
    let options = changed(Validator(validator), class::FOREIGN_WRAPPER, &[], statement.options)?;
    let (oid, name, owner) = (definer.new_oid()?, name.to_owned(), definer.role);
    let wrapper = ForeignWrapper { oid, name, owner, validator, options, acl: None };
    create(definer, Foreign::Wrapper(wrapper), &[])
}

/// Puts something new that depends on others.
fn create(definer: &mut Definer<'_>, foreign: Foreign, on: &[Oid]) -> DefineResult<()> {
    let references: Vec<_> = on.iter().map(|on| (Address::of(*on), DependencyKind::Normal)).collect();
    definer.create(&Object::Foreign(Arc::new(foreign)), &references)?;
    definer.refresh()
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Foreign)) -> DefineResult<()> {
    definer.change_object(oid, |object| {
        if let Object::Foreign(foreign) = object {
            change(Arc::make_mut(foreign));
        }
    })
}

fn alter_wrapper(definer: &mut Definer<'_>, statement: &Wrapper<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    let what = format!("alter foreign-data wrapper \"{name}\"");
    require_superuser(definer, definer.role, &what, "Must be superuser to alter a foreign-data wrapper.")?;
    let wrapper = wrapper_named(definer, name)?.clone();
    let functions = Functions::read(definer, statement.functions)?;
    let mut warn = |message: &str| {
        definer.notice(DefineNotice::Warning(SqlState::Warning, message.to_owned()));
    };
    if functions.handler {
        warn("changing the foreign-data wrapper handler can change behavior of existing foreign tables");
    }
    if functions.validator.is_some_and(|validator| validator != 0) {
        warn(
            "changing the foreign-data wrapper validator can cause the options for dependent objects to become \
             invalid",
        );
    }
    let validator = functions.validator.unwrap_or(wrapper.validator);
    let options = changed(Validator(validator), class::FOREIGN_WRAPPER, &wrapper.options, statement.options)?;
    change(definer, wrapper.oid, |foreign| {
        if let Foreign::Wrapper(wrapper) = foreign {
            (wrapper.validator, wrapper.options) = (validator, options);
        }
    })
}

fn create_server(definer: &mut Definer<'_>, statement: &CreateServer<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    if definer.scope.foreign_server_named(name).is_some() {
        let what = format!("server \"{name}\" already exists");
        return exists(definer, what, statement.if_not_exists);
    }
    let wrapper = wrapper_named(definer, statement.wrapper.text)?.oid;
    definer.require(wrapper, Privileges::USAGE)?;
    let options = changed(validator_of(definer, wrapper), class::FOREIGN_SERVER, &[], statement.options)?;
    let server = ForeignServer {
        oid: definer.new_oid()?,
        name: name.to_owned(),
        owner: definer.role,
        wrapper,
        server_type: statement.server_type.map(str::to_owned),
        version: statement.version.map(str::to_owned),
        options,
        acl: None,
    };
    create(definer, Foreign::Server(server), &[wrapper])
}

/// That something is there already, which need not be an error.
fn exists(definer: &mut Definer<'_>, what: String, may: bool) -> DefineResult<()> {
    if !may {
        return Err(plain(SqlState::DuplicateObject, what));
    }
    definer.notice(DefineNotice::Exists { what });
    Ok(())
}

fn alter_server(definer: &mut Definer<'_>, statement: &AlterServer<'_>) -> DefineResult<()> {
    let server = server_named(definer, statement.name.text)?.clone();
    definer.require_owner(server.oid)?;
    let validator = validator_of(definer, server.wrapper);
    let options = changed(validator, class::FOREIGN_SERVER, &server.options, statement.options)?;
    change(definer, server.oid, |foreign| {
        if let Foreign::Server(server) = foreign {
            server.options = options;
            if let Some(version) = statement.version {
                server.version = version.map(str::to_owned);
            }
        }
    })
}

/// The role of a mapping; 0 for everybody.
fn mapped_role(definer: &Definer<'_>, name: &MappingName<'_>) -> DefineResult<Oid> {
    match name.user.kind {
        RoleKind::Public => Ok(0),
        RoleKind::Named(_) | RoleKind::CurrentRole | RoleKind::CurrentUser | RoleKind::SessionUser => {
            definer.role_named(&name.user)
        }
    }
}

/// What messages call a mapping.
fn shown(definer: &Definer<'_>, role: Oid) -> String {
    if role == 0 { "public".to_owned() } else { definer.scope.role_name(role) }
}

/// That the role may say who somebody is on a server: who owns it may of everybody, who may use it of himself.
fn require_mapping(definer: &Definer<'_>, role: Oid, server: Oid) -> DefineResult<()> {
    match definer.require_owner(server) {
        Err(_) if role == definer.role => definer.require(server, Privileges::USAGE),
        done => done,
    }
}

fn create_mapping(
    definer: &mut Definer<'_>,
    name: &MappingName<'_>,
    if_not_exists: bool,
    written: &[ForeignOption<'_>],
) -> DefineResult<()> {
    let role = mapped_role(definer, name)?;
    let server = server_named(definer, name.server.text)?.clone();
    require_mapping(definer, role, server.oid)?;
    if definer.scope.user_mapping_of(server.oid, role).is_some() {
        let user = shown(definer, role);
        let what = format!("user mapping for \"{user}\" already exists for server \"{}\"", server.name);
        return exists(definer, what, if_not_exists);
    }
    let options = changed(validator_of(definer, server.wrapper), class::USER_MAPPING, &[], written)?;
    let mapping = UserMapping { oid: definer.new_oid()?, role, server: server.oid, options };
    create(definer, Foreign::Mapping(mapping), &[server.oid])
}

/// What is said of a mapping that is not there.
fn no_mapping(definer: &Definer<'_>, role: Oid, server: &ForeignServer) -> String {
    let user = shown(definer, role);
    format!("user mapping for \"{user}\" does not exist for server \"{}\"", server.name)
}

fn alter_mapping(
    definer: &mut Definer<'_>,
    name: &MappingName<'_>,
    written: &[ForeignOption<'_>],
) -> DefineResult<()> {
    let role = mapped_role(definer, name)?;
    let server = server_named(definer, name.server.text)?.clone();
    let Some(mapping) = definer.scope.user_mapping_of(server.oid, role).cloned() else {
        return Err(plain(SqlState::UndefinedObject, no_mapping(definer, role, &server)));
    };
    require_mapping(definer, role, server.oid)?;
    let validator = validator_of(definer, server.wrapper);
    let options = changed(validator, class::USER_MAPPING, &mapping.options, written)?;
    change(definer, mapping.oid, |foreign| *foreign.options_mut() = options)
}

fn drop_mapping(definer: &mut Definer<'_>, name: &MappingName<'_>, if_exists: bool) -> DefineResult<()> {
    let skip = |definer: &mut Definer<'_>, error: DefineError| match if_exists {
        true => {
            definer.notice(DefineNotice::Skipped(error.to_string()));
            Ok(())
        }
        false => Err(error),
    };
    let role = match mapped_role(definer, name) {
        Ok(role) => role,
        Err(error) => return skip(definer, error),
    };
    let server = match server_named(definer, name.server.text) {
        Ok(server) => server.clone(),
        Err(error) => return skip(definer, error),
    };
    let Some(mapping) = definer.scope.user_mapping_of(server.oid, role).map(|mapping| mapping.oid) else {
        let error = plain(SqlState::UndefinedObject, no_mapping(definer, role, &server));
        return skip(definer, error);
    };
    require_mapping(definer, role, server.oid)?;
    crate::drop::remove(definer, &[Address::of(mapping)], DropBehavior::Cascade)?;
    Ok(())
}

/// Finds nobody who could say what is in a schema elsewhere.
fn import(definer: &mut Definer<'_>, server: &str, schema: &str) -> DefineResult<()> {
    let server = server_named(definer, server)?.clone();
    definer.require(server.oid, Privileges::USAGE)?;
    definer.creation_schema(Some(schema))?;
    Err(plain(SqlState::ObjectNotInPrerequisiteState, definer.scope.no_handler(server.oid)))
}
