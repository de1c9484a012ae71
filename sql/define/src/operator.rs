//! Operators that users make: `CREATE OPERATOR`, `ALTER OPERATOR`, and which one a statement means.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::signature::{Exact, exactly, shown};
use catalog::object::{Object, Oid, Operator, PG_CATALOG, Privileges};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::expression::Operator as Written;
use syntax::tree::operator::{AlterOperator, CreateOperator};
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{Name, QualifiedName, TypeName};
use types::Type;
use types::catalog::{oid, type_name};

/// What PostgreSQL has to estimate how many rows an operator keeps, alone and in joins.
const ESTIMATORS: [&str; 30] = [
    "areajoinsel",
    "areasel",
    "arraycontjoinsel",
    "arraycontsel",
    "contjoinsel",
    "contsel",
    "eqjoinsel",
    "eqsel",
    "iclikejoinsel",
    "iclikesel",
    "icnlikejoinsel",
    "icnlikesel",
    "icregexeqjoinsel",
    "icregexeqsel",
    "icregexnejoinsel",
    "icregexnesel",
    "matchingjoinsel",
    "matchingsel",
    "multirangesel",
    "neqjoinsel",
    "neqsel",
    "networkjoinsel",
    "networksel",
    "positionjoinsel",
    "positionsel",
    "rangesel",
    "scalargejoinsel",
    "scalargesel",
    "scalarltjoinsel",
    "scalarltsel",
];
/// Those that go by the order of values.
const SCALAR: [&str; 4] = ["scalargtsel", "scalarlesel", "scalargtjoinsel", "scalarlejoinsel"];

fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidFunctionDefinition, message)
}

/// What is said of an operator in any order.
#[derive(Default)]
struct Options<'a> {
    sides: [Option<Oid>; 2],
    function: Option<QualifiedName<'a>>,
    commutator: Option<Written<'a>>,
    negator: Option<Written<'a>>,
    restrict: Option<String>,
    join: Option<String>,
    hashes: bool,
    merges: bool,
}

impl<'a> Options<'a> {
    fn read(definer: &mut Definer<'_>, written: &'a [Definition<'a>]) -> DefineResult<Options<'a>> {
        let mut options = Options::default();
        for option in written {
            options.set(definer, option)?;
        }
        Ok(options)
    }

    fn set(&mut self, definer: &mut Definer<'_>, option: &'a Definition<'a>) -> DefineResult<()> {
        let (name, value) = (option.name.text, option.value.as_ref());
        match name {
            "leftarg" => self.sides[0] = Some(side(definer, name, value)?),
            "rightarg" => self.sides[1] = Some(side(definer, name, value)?),
            "function" | "procedure" => self.function = Some(named(name, value)?),
            "commutator" => self.commutator = Some(symbol(name, value)?),
            "negator" => self.negator = Some(symbol(name, value)?),
            "restrict" => self.restrict = Some(estimator(&named(name, value)?, name == "join")?),
            "join" => self.join = Some(estimator(&named(name, value)?, name == "join")?),
            "hashes" => self.hashes = crate::view::boolean(name, value)?,
            "merges" => self.merges = crate::view::boolean(name, value)?,
            // Written by old programs; they say what MERGES says.
            "sort1" | "sort2" | "ltcmp" | "gtcmp" => self.merges = true,
            _ => {
                let message = format!("operator attribute \"{name}\" not recognized");
                definer.notice(DefineNotice::Warning(SqlState::SyntaxError, message));
            }
        }
        Ok(())
    }
}

fn needs_parameter(name: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{name} requires a parameter"))
}

fn side(definer: &Definer<'_>, name: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<Oid> {
    match value {
        Some(DefinitionValue::Type(written)) if written.set => {
            Err(invalid("SETOF type not allowed for operator argument"))
        }
        Some(DefinitionValue::Type(written)) => {
            Ok(definer.use_type(written).map_err(DefineError::without_position)?.oid)
        }
        Some(DefinitionValue::String(text)) => Ok(definer.scope.find_type(None, text)?),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {name} must be a type name"))),
        None => Err(needs_parameter(name)),
    }
}

fn named<'a>(option: &str, value: Option<&'a DefinitionValue<'a>>) -> DefineResult<QualifiedName<'a>> {
    match value {
        Some(DefinitionValue::Type(TypeName { kind: TypeNameKind::Named(name), .. })) => Ok(*name),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a name"))),
        None => Err(needs_parameter(option)),
    }
}

fn symbol<'a>(option: &str, value: Option<&'a DefinitionValue<'a>>) -> DefineResult<Written<'a>> {
    match value {
        Some(DefinitionValue::Operator(operator)) => Ok(*operator),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a name"))),
        None => Err(needs_parameter(option)),
    }
}

/// The name of an estimator: the program has no use for it, and keeps it for those who ask.
fn estimator(name: &QualifiedName<'_>, joins: bool) -> DefineResult<String> {
    let object = name.object();
    let known = ESTIMATORS.contains(&object) || SCALAR.contains(&object);
    if known && name.schema().is_none_or(|schema| schema == "pg_catalog") {
        return Ok(object.to_owned());
    }
    let wanted = if joins { "smallint, internal" } else { "integer" };
    let message = format!("function {name}(internal, oid, internal, {wanted}) does not exist");
    Err(plain(SqlState::UndefinedFunction, message))
}

/// `CREATE OPERATOR`
///
/// # Errors
/// PostgreSQL's.
pub fn create_operator(definer: &mut Definer<'_>, statement: &CreateOperator<'_>) -> DefineResult<()> {
    let (schema, name) = new_name(definer, &statement.name)?;
    let options = Options::read(definer, statement.options)?;
    let Some(function) = &options.function else {
        return Err(invalid("operator function must be specified"));
    };
    let right = match options.sides {
        [None, None] => return Err(invalid("operator argument types must be specified")),
        [Some(_), None] => {
            return Err(DefineError::Plain {
                state: SqlState::InvalidFunctionDefinition,
                message: "operator right argument type must be specified".into(),
                detail: Some("Postfix operators are not supported.".into()),
                hint: None,
                position: None,
            });
        }
        [_, Some(right)] => right,
    };
    let left = options.sides[0].unwrap_or(0);
    for of in [left, right] {
        if let Some(object) = definer.scope.object_of_type(of).map(Object::oid) {
            definer.require(object, Privileges::USAGE)?;
        }
    }
    let arguments: Vec<Oid> = options.sides.iter().flatten().copied().collect();
    let computed = computed_by(definer, function, &arguments)?;
    refuse_unfit(&options, left, computed.result)?;
    let there = same(definer, schema, name, (left, right));
    if there.as_ref().is_some_and(|there| there.function != 0) {
        return Err(CatalogError::DuplicateOperator { name: name.to_owned() }.into());
    }
    let made = Operator {
        oid: there.as_ref().map_or(0, |there| there.oid),
        name: name.to_owned(),
        schema,
        owner: definer.role,
        left,
        right,
        result: computed.result,
        function: computed.oid,
        commutator: there.as_ref().map_or(0, |there| there.commutator),
        negator: there.as_ref().map_or(0, |there| there.negator),
        restrict: options.restrict.clone(),
        join: options.join.clone(),
        hashes: options.hashes,
        merges: options.merges,
    };
    let made = put(definer, made, there.is_some())?;
    link_others(definer, &made, &options)
}

/// The schema and the symbol of a new operator.
fn new_name<'n>(definer: &mut Definer<'_>, written: &Written<'n>) -> DefineResult<(Oid, &'n str)> {
    let symbol = Name { text: written.symbol, position: written.position };
    let schema = match written.schema.last() {
        Some(schema) => definer.new_name(&QualifiedName { parts: &[*schema, symbol] })?.0,
        None => definer.new_name(&QualifiedName { parts: &[symbol] })?.0,
    };
    Ok((schema, written.symbol))
}

fn computed_by(definer: &Definer<'_>, name: &QualifiedName<'_>, arguments: &[Oid]) -> DefineResult<Exact> {
    let missing = || {
        let message = format!("function {} does not exist", shown(definer, name, arguments));
        plain(SqlState::UndefinedFunction, message)
    };
    let found = exactly(definer, name, arguments)?.ok_or_else(missing)?;
    if definer.scope.function(found.oid).is_some() {
        definer.require(found.oid, Privileges::EXECUTE)?;
    }
    Ok(found)
}

/// What only some operators can have.
fn refuse_unfit(options: &Options<'_>, left: Oid, result: Oid) -> DefineResult<()> {
    let said = [
        (options.commutator.is_some(), "have commutators", true, false),
        (options.negator.is_some(), "have negators", false, true),
        (options.restrict.is_some(), "have restriction selectivity", false, true),
        (options.join.is_some(), "have join selectivity", true, true),
        (options.merges, "merge join", true, true),
        (options.hashes, "hash", true, true),
    ];
    if left == 0
        && let Some((_, what, _, _)) = said.iter().find(|(is, _, binary, _)| *is && *binary)
    {
        return Err(invalid(format!("only binary operators can {what}")));
    }
    if result != oid::BOOL
        && let Some((_, what, _, _)) = said.iter().find(|(is, _, _, boolean)| *is && *boolean)
    {
        return Err(invalid(format!("only boolean operators can {what}")));
    }
    Ok(())
}

fn same(definer: &Definer<'_>, schema: Oid, name: &str, (left, right): (Oid, Oid)) -> Option<Arc<Operator>> {
    let mut known = definer.scope.operators_named(name);
    known.find(|it| it.schema == schema && (it.left, it.right) == (left, right)).cloned()
}

/// Puts an operator into the catalog, or what is known of it now in the place of what others have said of it.
fn put(definer: &mut Definer<'_>, mut made: Operator, is_there: bool) -> DefineResult<Operator> {
    let mut references = vec![(Address::of(made.schema), DependencyKind::Normal)];
    for of in [made.left, made.right, made.result] {
        references.extend(definer.on_type(Type::of(of)));
    }
    if definer.scope.function(made.function).is_some() {
        references.push((Address::of(made.function), DependencyKind::Normal));
    }
    if is_there {
        let filled = Arc::new(made.clone());
        definer.change_object(made.oid, |object| *object = Object::Operator(filled))?;
        definer.catalog.depend_on_nothing(definer.transaction, Address::of(made.oid))?;
        definer.depend(made.oid, &references)?;
    } else {
        made.oid = definer.new_oids_beside(1, made.schema)?;
        definer.create(&Object::Operator(Arc::new(made.clone())), &references)?;
    }
    definer.refresh()?;
    Ok(made)
}

/// The commutator and the negator, and what these say in turn.
fn link_others(definer: &mut Definer<'_>, made: &Operator, options: &Options<'_>) -> DefineResult<()> {
    if let Some(written) = &options.commutator {
        let other = other(definer, written, made, (made.right, made.left))?;
        definer.change_object(made.oid, |object| change(object, |it| it.commutator = other))?;
        if other != made.oid {
            let back = made.oid;
            let empty = definer.scope.operator(other).is_some_and(|other| other.commutator == 0);
            if empty {
                definer.change_object(other, |object| change(object, |it| it.commutator = back))?;
            }
        }
    }
    if let Some(written) = &options.negator {
        let other = other(definer, written, made, (made.left, made.right))?;
        if other == made.oid {
            return Err(invalid("operator cannot be its own negator"));
        }
        definer.change_object(made.oid, |object| change(object, |it| it.negator = other))?;
        let back = made.oid;
        if definer.scope.operator(other).is_some_and(|other| other.negator == 0) {
            definer.change_object(other, |object| change(object, |it| it.negator = back))?;
        }
    }
    definer.refresh()
}

fn change(object: &mut Object, change: impl FnOnce(&mut Operator)) {
    if let Object::Operator(operator) = object {
        change(Arc::make_mut(operator));
    }
}

/// The operator that another is said to belong to: if it is not there, it is noted that it is to come.
fn other(
    definer: &mut Definer<'_>,
    written: &Written<'_>,
    of: &Operator,
    (left, right): (Oid, Oid),
) -> DefineResult<Oid> {
    if let Some(found) = find(definer, written, (left, right))? {
        return Ok(found);
    }
    let (schema, name) = new_name(definer, written)?;
    let shell = Operator {
        oid: 0,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        left,
        right,
        result: 0,
        function: 0,
        commutator: 0,
        negator: 0,
        restrict: None,
        join: None,
        hashes: false,
        merges: false,
    };
    if (schema, name, left, right) == (of.schema, of.name.as_str(), of.left, of.right) {
        return Ok(of.oid);
    }
    Ok(put(definer, shell, false)?.oid)
}

/// The operator of a symbol with these operands, built in or not.
pub(crate) fn find(
    definer: &Definer<'_>,
    written: &Written<'_>,
    sides: (Oid, Oid),
) -> DefineResult<Option<Oid>> {
    let schemas: Vec<Oid> = match written.schema.last() {
        Some(schema) => vec![definer.scope.open_schema(schema.text)?],
        None => definer.scope.path().schemas_of_functions().collect(),
    };
    for schema in schemas {
        let built_in = || {
            let mut known = functions::table::operators_named(written.symbol);
            known.find(|known| (known.left, known.right) == sides).map(|known| known.oid)
        };
        let found = if schema == PG_CATALOG { built_in() } else { None };
        let made = || same(definer, schema, written.symbol, sides).map(|made| made.oid);
        if let Some(found) = found.or_else(made) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

pub(crate) fn operand_types(
    definer: &Definer<'_>,
    operands: &[Option<TypeName<'_>>; 2],
) -> DefineResult<(Oid, Oid)> {
    let of = |written: &Option<TypeName<'_>>| -> DefineResult<Oid> {
        let Some(written) = written else { return Ok(0) };
        Ok(definer.resolve_type(written).map_err(DefineError::without_position)?.oid)
    };
    Ok((of(&operands[0])?, of(&operands[1])?))
}

pub(crate) fn missing(
    definer: &Definer<'_>,
    written: &Written<'_>,
    (left, right): (Oid, Oid),
) -> DefineError {
    if right == 0 {
        return plain(SqlState::SyntaxError, "postfix operators are not supported".to_owned());
    }
    let name = written_name(written);
    let of = |of: Oid| type_name(&definer.scope, of, None);
    let sides = if left == 0 {
        format!("{name} {}", of(right))
    } else {
        format!("{} {name} {}", of(left), of(right))
    };
    plain(SqlState::UndefinedFunction, format!("operator does not exist: {sides}"))
}

fn written_name(written: &Written<'_>) -> String {
    match written.schema.last() {
        Some(schema) => format!("{}.{}", schema.text, written.symbol),
        None => written.symbol.to_owned(),
    }
}

/// An operator that is to be changed: those that come with the program are not.
///
/// # Errors
/// When there is none, or it comes with the program.
pub(crate) fn made(
    definer: &Definer<'_>,
    written: &Written<'_>,
    operands: &[Option<TypeName<'_>>; 2],
) -> DefineResult<Oid> {
    match definer.scope.operator(find_or_fail(definer, written, operands)?) {
        Some(made) => Ok(made.oid),
        None => definer.unsupported("changing a built-in operator", None),
    }
}

/// An operator that is to get a comment; those that come with the program only a superuser describes.
///
/// # Errors
/// When there is none, or the role may not describe it.
pub(crate) fn commented(
    definer: &Definer<'_>,
    written: &Written<'_>,
    operands: &[Option<TypeName<'_>>; 2],
) -> DefineResult<Oid> {
    let found = find_or_fail(definer, written, operands)?;
    if definer.scope.operator(found).is_none() {
        crate::fixed::require_owner(definer, "operator", written.symbol)?;
    }
    Ok(found)
}

fn find_or_fail(
    definer: &Definer<'_>,
    written: &Written<'_>,
    operands: &[Option<TypeName<'_>>; 2],
) -> DefineResult<Oid> {
    let sides = operand_types(definer, operands)?;
    find(definer, written, sides)?.ok_or_else(|| missing(definer, written, sides))
}

/// An operator that is to be dropped.
pub(crate) enum Dropped {
    /// It.
    There(Oid),
    /// There is none: what to say of it.
    Missing(DefineNotice, DefineError),
}

/// An operator that is to be dropped.
///
/// # Errors
/// When it comes with the program.
pub(crate) fn droppable(
    definer: &Definer<'_>,
    written: &Written<'_>,
    operands: &[Option<TypeName<'_>>; 2],
) -> DefineResult<Dropped> {
    for operand in operands.iter().flatten() {
        if let Err(error) = definer.resolve_type(operand) {
            let (notice, error) = crate::fixed::skipped(error.without_position())?;
            return Ok(Dropped::Missing(notice, error));
        }
    }
    let sides = operand_types(definer, operands)?;
    let found = match find(definer, written, sides) {
        Ok(found) => found,
        Err(error) => {
            let (notice, error) = crate::fixed::skipped(error)?;
            return Ok(Dropped::Missing(notice, error));
        }
    };
    let Some(found) = found else {
        let notice = DefineNotice::NoRoutine { word: "operator", name: written_name(written) };
        return Ok(Dropped::Missing(notice, missing(definer, written, sides)));
    };
    if definer.scope.operator(found).is_some() {
        return Ok(Dropped::There(found));
    }
    let of = |of: Oid| if of == 0 { "NONE".to_owned() } else { type_name(&definer.scope, of, None) };
    let what = format!("operator {}({},{})", written.symbol, of(sides.0), of(sides.1));
    Err(CatalogError::Fixed { what }.into())
}

/// That an operator may stand in a schema.
///
/// # Errors
/// When there is one with the same operands.
pub(crate) fn refuse_taken(definer: &Definer<'_>, made: &Operator, schema: Oid) -> DefineResult<()> {
    if same(definer, schema, &made.name, (made.left, made.right)).is_none() {
        return Ok(());
    }
    let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("operator {} already exists in schema \"{within}\"", made.name);
    Err(plain(SqlState::DuplicateFunction, message))
}

/// Operators are gone: nobody is their commutator or negator any more.
///
/// # Errors
/// When the others cannot be changed.
pub(crate) fn forget(definer: &mut Definer<'_>, dropped: &[Object]) -> DefineResult<()> {
    let gone: Vec<Oid> = dropped
        .iter()
        .filter_map(|object| match object {
            Object::Operator(operator) => Some(operator.oid),
            _ => None,
        })
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    let left: Vec<Oid> = definer
        .scope
        .objects()
        .filter_map(|object| match object {
            Object::Operator(it) if gone.contains(&it.commutator) || gone.contains(&it.negator) => {
                Some(it.oid)
            }
            _ => None,
        })
        .collect();
    for oid in left {
        definer.change_object(oid, |object| {
            change(object, |it| {
                it.commutator = if gone.contains(&it.commutator) { 0 } else { it.commutator };
                it.negator = if gone.contains(&it.negator) { 0 } else { it.negator };
            });
        })?;
    }
    definer.refresh()
}

/// `ALTER OPERATOR … SET (…)`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_operator(definer: &mut Definer<'_>, statement: &AlterOperator<'_>) -> DefineResult<()> {
    let oid = find_or_fail(definer, &statement.name, &statement.operands)?;
    match definer.scope.operator(oid) {
        Some(_) => definer.require_owner(oid)?,
        None => crate::fixed::require_owner(definer, "operator", statement.name.symbol)?,
    }
    let (mut restrict, mut join) = (None, None);
    for option in statement.options {
        let name = option.name.text;
        let value = match &option.value {
            Some(DefinitionValue::Word(word)) if *word == "none" => None,
            None => None,
            value => Some(value.as_ref()),
        };
        let read = |value: Option<Option<&DefinitionValue<'_>>>| match value {
            None => Ok(None),
            Some(value) => estimator(&named(name, value)?, name == "join").map(Some),
        };
        match name {
            "restrict" => restrict = Some(read(value)?),
            "join" => join = Some(read(value)?),
            "leftarg" | "rightarg" | "function" | "procedure" | "commutator" | "negator" | "hashes"
            | "merges" => {
                let message = format!("operator attribute \"{name}\" cannot be changed");
                return Err(plain(SqlState::SyntaxError, message));
            }
            _ => {
                let message = format!("operator attribute \"{name}\" not recognized");
                return Err(plain(SqlState::SyntaxError, message));
            }
        }
    }
    let Some(operator) = definer.scope.operator(oid).cloned() else {
        return definer.unsupported("changing a built-in operator", None);
    };
    let given = |change: &Option<Option<String>>| change.as_ref().is_some_and(Option::is_some);
    if given(&join) && operator.left == 0 {
        return Err(invalid("only binary operators can have join selectivity"));
    }
    if operator.result != oid::BOOL && given(&restrict) {
        return Err(invalid("only boolean operators can have restriction selectivity"));
    }
    if operator.result != oid::BOOL && given(&join) {
        return Err(invalid("only boolean operators can have join selectivity"));
    }
    definer.change_object(oid, |object| {
        change(object, |it| {
            it.restrict = restrict.unwrap_or_else(|| it.restrict.clone());
            it.join = join.unwrap_or_else(|| it.join.clone());
        });
    })
}
