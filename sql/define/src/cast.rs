//! Casts that users make: `CREATE CAST`, and which cast a statement means.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::routine;
use crate::signature::{Exact, all_named, exactly, shown};
use catalog::object::{Cast, CastWay, CastWhen, Object, Oid};
use catalog::{Address, CatalogError, DependencyKind, builtin_cast, type_alignment};
use diagnostic::SqlState;
use functions::resolve::{Cast as Way, CastContext, find_cast};
use functions::table::length_cast;
use std::sync::Arc;
use syntax::tree::TypeName;
use syntax::tree::cast::{CastBy, CastUse, CreateCast};
use syntax::tree::object::{ObjectKind, Signature};
use types::catalog::{Form, module, oid, type_name};
use types::{Type, Types};

fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidObjectDefinition, message)
}

/// The two types of a cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) source: Oid,
    pub(crate) target: Oid,
}

impl Ends {
    /// Those that are written.
    ///
    /// # Errors
    /// When there is no such type.
    pub(crate) fn read(
        definer: &Definer<'_>,
        source: &TypeName<'_>,
        target: &TypeName<'_>,
    ) -> DefineResult<Ends> {
        let of = |written: &TypeName<'_>| -> DefineResult<Oid> {
            Ok(definer.resolve_type(written).map_err(DefineError::without_position)?.oid)
        };
        Ok(Ends { source: of(source)?, target: of(target)? })
    }

    fn each(self) -> [(&'static str, Oid); 2] {
        [("source", self.source), ("target", self.target)]
    }

    fn names(self, definer: &Definer<'_>) -> [String; 2] {
        [self.source, self.target].map(|of| type_name(&definer.scope, of, None))
    }

    /// `from type a to type b`
    pub(crate) fn shown(self, definer: &Definer<'_>) -> String {
        let [source, target] = self.names(definer);
        format!("from type {source} to type {target}")
    }

    /// The cast between them: its number, and whether it comes with the program.
    pub(crate) fn found(self, definer: &Definer<'_>) -> Option<(Oid, bool)> {
        let made = definer.scope.cast_between(self.source, self.target).map(|cast| (cast.oid, false));
        let built_in = || builtin_cast(self.source, self.target).map(|oid| (oid, true));
        // Those that fit lengths are listed nowhere.
        let of_length = || length_cast(self.source).filter(|_| self.source == self.target);
        made.or_else(built_in).or_else(|| of_length().map(|function| (function, true)))
    }

    /// That the role owns one of them.
    ///
    /// # Errors
    /// When it owns neither.
    pub(crate) fn require_owner(self, definer: &Definer<'_>) -> DefineResult<()> {
        let actor = definer.actor();
        let owns = |of: Oid| {
            let object = definer.scope.object_of_type(of);
            object.and_then(Object::owner).is_some_and(|owner| actor.has_rights_of(owner))
        };
        if actor.superuser || owns(self.source) || owns(self.target) {
            return Ok(());
        }
        let [source, target] = self.names(definer);
        let message = format!("must be owner of type {source} or type {target}");
        Err(plain(SqlState::InsufficientPrivilege, message))
    }
}

/// A cast that is to get a comment.
///
/// # Errors
/// When there is none, or the role does not own it.
pub(crate) fn commented(
    definer: &Definer<'_>,
    source: &TypeName<'_>,
    target: &TypeName<'_>,
) -> DefineResult<Address> {
    let ends = Ends::read(definer, source, target)?;
    let (oid, _) = ends.found(definer).ok_or_else(|| missing(definer, ends))?;
    ends.require_owner(definer)?;
    Ok(Address::of(oid))
}

/// What is said of a cast that is not there.
pub(crate) fn missing(definer: &Definer<'_>, ends: Ends) -> DefineError {
    plain(SqlState::UndefinedObject, format!("cast {} does not exist", ends.shown(definer)))
}

/// That a cast comes with the program.
pub(crate) fn fixed(definer: &Definer<'_>, ends: Ends) -> DefineError {
    let [source, target] = ends.names(definer);
    CatalogError::Fixed { what: format!("cast from {source} to {target}") }.into()
}

/// `CREATE CAST`
///
/// # Errors
/// PostgreSQL's.
pub fn create_cast(definer: &mut Definer<'_>, statement: &CreateCast<'_>) -> DefineResult<()> {
    let ends = Ends::read(definer, &statement.source, &statement.target)?;
    look_at_types(definer, ends)?;
    let (way, needs_no_two_types) = match &statement.by {
        CastBy::Function(signature) => {
            let found = function_named(definer, signature)?;
            look_at_function(definer, ends, &found)?;
            (CastWay::Function(found.oid), found.arguments.len() > 1)
        }
        CastBy::Nothing => {
            look_at_binary(definer, ends)?;
            (CastWay::Binary, false)
        }
        CastBy::Text => (CastWay::Text, false),
    };
    if ends.source == ends.target && !needs_no_two_types {
        return Err(invalid("source data type and target data type are the same"));
    }
    if ends.found(definer).is_some() {
        let message = format!("cast {} already exists", ends.shown(definer));
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let when = match statement.when {
        CastUse::Explicit => CastWhen::Explicit,
        CastUse::Assignment => CastWhen::Assignment,
        CastUse::Implicit => CastWhen::Implicit,
    };
    put(definer, ends, when, way)
}

fn put(definer: &mut Definer<'_>, ends: Ends, when: CastWhen, way: CastWay) -> DefineResult<()> {
    let Ends { source, target } = ends;
    let cast = Cast { oid: definer.new_oids_beside(1, source.max(target))?, source, target, when, way };
    let mut references: Vec<(Address, DependencyKind)> = Vec::new();
    for of in [source, target] {
        references.extend(definer.on_type(Type::of(of)));
    }
    if let CastWay::Function(function) = way
        && definer.scope.function(function).is_some()
    {
        references.push((Address::of(function), DependencyKind::Normal));
    }
    definer.create(&Object::Cast(Arc::new(cast)), &references)?;
    definer.refresh()
}

/// Between which types, and whether the role may.
fn look_at_types(definer: &mut Definer<'_>, ends: Ends) -> DefineResult<()> {
    let form = |definer: &Definer<'_>, of: Oid| definer.scope.entry(of).map(|entry| entry.form);
    for (word, of) in ends.each() {
        if form(definer, of) == Some(Form::Pseudo) || of == oid::RECORD_ARRAY {
            let shown = type_name(&definer.scope, of, None);
            let message = format!("{word} data type {shown} is a pseudo-type");
            return Err(plain(SqlState::WrongObjectType, message));
        }
    }
    ends.require_owner(definer)?;
    for (_, of) in ends.each() {
        definer.require_type(of)?;
    }
    for (word, of) in ends.each() {
        if form(definer, of) == Some(Form::Domain) {
            let message = format!("cast will be ignored because the {word} data type is a domain");
            definer.notice(DefineNotice::Warning(SqlState::WrongObjectType, message));
        }
    }
    Ok(())
}

/// The function of a signature, built in or not.
fn function_named(definer: &Definer<'_>, signature: &Signature<'_>) -> DefineResult<Exact> {
    let name = &signature.name;
    let Some(parameters) = signature.parameters else {
        let mut found = all_named(definer, name)?;
        return match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(DefineError::Plain {
                state: SqlState::AmbiguousFunction,
                message: format!("function name \"{name}\" is not unique"),
                detail: None,
                hint: Some("Specify the argument list to select the function unambiguously.".to_owned()),
                position: None,
            }),
            (None, _) => {
                let message = format!("could not find a function named \"{name}\"");
                Err(plain(SqlState::UndefinedFunction, message))
            }
        };
    };
    let mut wanted = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        wanted.push(routine::parameter_type(definer, &parameter.type_name)?.oid);
    }
    match exactly(definer, name, &wanted)? {
        // What is no function at all is told so by whoever finds routines.
        Some(found) if definer.scope.function(found.oid).is_some() => {
            let found = crate::named_routine::find(definer, ObjectKind::Function, signature)?;
            Ok(Exact::from(&*found))
        }
        Some(found) => Ok(found),
        None => {
            let message = format!("function {} does not exist", shown(definer, name, &wanted));
            Err(plain(SqlState::UndefinedFunction, message))
        }
    }
}

/// Whether a function can make a cast.
fn look_at_function(definer: &Definer<'_>, ends: Ends, found: &Exact) -> DefineResult<()> {
    let (first, others) = match found.arguments.split_first() {
        Some((first, others)) if others.len() < 3 => (*first, others),
        Some(_) | None => return Err(invalid("cast function must take one to three arguments")),
    };
    if !is_like(definer, ends.source, first) {
        return Err(invalid(
            "argument of cast function must match or be binary-coercible from source data type",
        ));
    }
    if others.first().is_some_and(|second| *second != oid::INT4) {
        return Err(invalid("second argument of cast function must be type integer"));
    }
    if others.get(1).is_some_and(|third| *third != oid::BOOL) {
        return Err(invalid("third argument of cast function must be type boolean"));
    }
    if !is_like(definer, found.result, ends.target) {
        return Err(invalid(
            "return data type of cast function must match or be binary-coercible to target data type",
        ));
    }
    if !found.ordinary {
        return Err(invalid("cast function must be a normal function"));
    }
    if found.returns_set {
        return Err(invalid("cast function must not return a set"));
    }
    Ok(())
}

/// Whether values of a type are those of another as they are.
fn is_like(definer: &Definer<'_>, from: Oid, to: Oid) -> bool {
    if from == to {
        return true;
    }
    let form = |of: Oid| definer.scope.entry(of).map(|entry| entry.form);
    let base = definer.scope.undomained(Type::of(from)).oid;
    match to {
        oid::ANY | oid::ANYELEMENT | oid::ANYCOMPATIBLE => true,
        oid::ANYARRAY | oid::ANYCOMPATIBLEARRAY => form(base) == Some(Form::Array),
        oid::ANYNONARRAY | oid::ANYCOMPATIBLENONARRAY => form(base) != Some(Form::Array),
        oid::ANYENUM => form(base) == Some(Form::Enum),
        oid::ANYRANGE | oid::ANYCOMPATIBLERANGE => form(base) == Some(Form::Range),
        oid::ANYMULTIRANGE | oid::ANYCOMPATIBLEMULTIRANGE => form(base) == Some(Form::Multirange),
        _ if form(to) == Some(Form::Domain) => false,
        to => find_cast(&definer.scope, base, to, CastContext::Implicit) == Some(Way::Binary),
    }
}

/// Whether values may be taken for those of another type. PostgreSQL looks at how they are laid out there; here they have to be
/// laid out alike besides, and to be values of the other type, whatever they are.
fn look_at_binary(definer: &Definer<'_>, ends: Ends) -> DefineResult<()> {
    if !definer.scope.is_superuser(definer.role) {
        let message = "must be superuser to create a cast WITHOUT FUNCTION";
        return Err(plain(SqlState::InsufficientPrivilege, message));
    }
    let scope = &definer.scope;
    let layout = |of: Oid| {
        let entry = scope.entry(of);
        entry.map(|entry| (entry.length, entry.by_value, type_alignment(scope, &entry)))
    };
    if layout(ends.source) != layout(ends.target) {
        return Err(invalid("source and target data types are not physically compatible"));
    }
    let is = |form: Form| {
        ends.each().iter().any(|(_, of)| scope.entry(*of).is_some_and(|entry| entry.form == form))
    };
    for (form, word) in [(Form::Composite, "composite"), (Form::Enum, "enum"), (Form::Array, "array")] {
        if is(form) {
            return Err(invalid(format!("{word} data types are not binary-compatible")));
        }
    }
    if is(Form::Domain) {
        return Err(invalid("domain data types must not be marked binary-compatible"));
    }
    if ends.source == ends.target || are_alike(definer, ends) {
        return Ok(());
    }
    let [source, target] = ends.names(definer);
    definer.unsupported(&format!("cast WITHOUT FUNCTION from {source} to {target}"), None)
}

fn are_alike(definer: &Definer<'_>, ends: Ends) -> bool {
    const WHOLE: [u32; 15] = [
        oid::INT4,
        oid::OID,
        oid::XID,
        oid::CID,
        oid::REGPROC,
        oid::REGPROCEDURE,
        oid::REGOPER,
        oid::REGOPERATOR,
        oid::REGCLASS,
        oid::REGTYPE,
        oid::REGCONFIG,
        oid::REGDICTIONARY,
        oid::REGNAMESPACE,
        oid::REGROLE,
        oid::REGCOLLATION,
    ];
    const LONG: [u32; 4] = [oid::INT8, oid::XID8, oid::PG_LSN, oid::MONEY];
    const MOMENTS: [u32; 2] = [oid::TIMESTAMP, oid::TIMESTAMPTZ];
    const TEXTS: [u32; 5] = [oid::TEXT, oid::VARCHAR, oid::BPCHAR, oid::JSON, module::CITEXT];
    const OF_TEXTS: [u32; 5] = [oid::TEXT, oid::VARCHAR, oid::BPCHAR, oid::BYTEA, module::CITEXT];
    let like = |of: Oid| definer.scope.made_like(of).unwrap_or(of);
    let (source, target) = (like(ends.source), like(ends.target));
    let kinds = [source, target].map(|of| definer.scope.entry(of).and_then(|entry| entry.kind));
    if let [Some(source), Some(target)] = kinds
        && source.is_as_wide(target)
    {
        return true;
    }
    if source == target {
        return true;
    }
    let both = |group: &[u32]| group.contains(&source) && group.contains(&target);
    let subtype = |of: Oid| {
        let names = definer.scope.range(of)?;
        Some((names.subtype, names.range == of))
    };
    both(&WHOLE)
        || both(&LONG)
        || both(&MOMENTS)
        || TEXTS.contains(&source) && OF_TEXTS.contains(&target)
        || subtype(source).is_some() && subtype(source) == subtype(target)
}
