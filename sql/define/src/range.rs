//! `CREATE TYPE … AS RANGE`: a range type, the type of sets of its ranges, the functions that make values of both, and the cast
//! from one to the other. What comes with the range type is a part of it.

use crate::base_type::{create_or_fill, shell_to_fill};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::{routine, signature};
use catalog::name::{NAME_BYTES_MAX, truncate, truncate_to};
use catalog::object::{
    Argument, ArgumentMode, Body, Cast, CastWay, CastWhen, Function, IndexMethod, Multirange, Object, Oid,
    Parallel, RangeType, SUPERUSER, Volatility, is_temporary,
};
use catalog::{Address, CatalogError, DependencyKind, operator_class};
use diagnostic::{Diagnostic, SqlState};
use std::sync::Arc;
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{Name, QualifiedName, TypeName};
use types::catalog::{Form, oid, type_name};
use types::{Type, Types};

fn hinted(state: SqlState, message: impl Into<String>, hint: &str) -> DefineError {
    let (message, hint) = (message.into(), Some(hint.to_owned()));
    DefineError::Plain { state, message, detail: None, hint, position: None }
}

/// What is said of a range type in any order.
#[derive(Default)]
struct Options<'a> {
    subtype: Option<Type>,
    operator_class: Option<Written<'a>>,
    collation: Option<Oid>,
    canonical: bool,
    difference: Option<Written<'a>>,
    /// The schema and the name of the type of sets.
    multirange: Option<(Oid, String)>,
}

/// A name that an option's value is: a string is one, too.
#[derive(Clone, Copy)]
enum Written<'a> {
    Name(&'a QualifiedName<'a>),
    Text(&'a str),
}

impl Written<'_> {
    fn with<R>(self, then: impl FnOnce(&QualifiedName<'_>) -> DefineResult<R>) -> DefineResult<R> {
        match self {
            Written::Name(name) => then(name),
            Written::Text(text) => then(&QualifiedName { parts: &[Name { text, position: 0 }] }),
        }
    }
}

/// `CREATE TYPE … AS RANGE`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn create_range(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    let shell = shell_to_fill(definer, schema, name)?;
    if shell.is_none() {
        refuse_taken(definer, schema, name)?;
    }
    let options = Options::read(definer, written)?;
    let draft = options.draft(definer, (schema, name))?;
    draft.create(definer, shell)
}

fn refuse_taken(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<()> {
    match definer.scope.type_in(schema, name) {
        Some(_) => Err(plain(SqlState::DuplicateObject, format!("type \"{name}\" already exists"))),
        None => Ok(()),
    }
}

/// The name that an option's value is.
fn name_value<'a>(option: &str, value: Option<&'a DefinitionValue<'a>>) -> DefineResult<Written<'a>> {
    match value {
        Some(DefinitionValue::Type(TypeName { kind: TypeNameKind::Named(name), .. })) => {
            Ok(Written::Name(name))
        }
        Some(DefinitionValue::String(text)) => Ok(Written::Text(text)),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a name"))),
        None => Err(needs_parameter(option)),
    }
}

fn needs_parameter(option: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{option} requires a parameter"))
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
        let again = match name {
            "subtype" => self.subtype.replace(subtype(definer, value)?).is_some(),
            "subtype_opclass" => self.operator_class.replace(name_value(name, value)?).is_some(),
            "collation" => {
                let written = name_value(name, value)?;
                self.collation.replace(collation(definer, written)?).is_some()
            }
            "canonical" => {
                name_value(name, value)?;
                std::mem::replace(&mut self.canonical, true)
            }
            "subtype_diff" => self.difference.replace(name_value(name, value)?).is_some(),
            "multirange_type_name" => {
                let written = name_value(name, value)?;
                let named = written.with(|written| {
                    let (schema, name) = definer.new_name(written)?;
                    Ok((schema, name.to_owned()))
                })?;
                self.multirange.replace(named).is_some()
            }
            _ => {
                let message = format!("type attribute \"{name}\" not recognized");
                return Err(plain(SqlState::SyntaxError, message));
            }
        };
        match again {
            true => Err(DefineError::ConflictingOptions { position: option.name.position }),
            false => Ok(()),
        }
    }

    /// What is to be made, once all that is said of it has been looked at.
    fn draft(&self, definer: &Definer<'_>, (schema, name): (Oid, &str)) -> DefineResult<Draft> {
        let Some(subtype) = self.subtype else {
            return Err(plain(SqlState::SyntaxError, "type attribute \"subtype\" is required"));
        };
        refuse_pseudo_type(definer, subtype)?;
        let operator_class = operator_class(definer, subtype, self.operator_class)?;
        let natural = definer.collation(subtype, None)?;
        if self.collation.is_some() && natural == 0 {
            let message = "range collation specified but subtype does not support collation";
            return Err(plain(SqlState::WrongObjectType, message));
        }
        if self.canonical {
            return Err(hinted(
                SqlState::InvalidObjectDefinition,
                "cannot specify a canonical function without a pre-created shell type",
                "Create the type as a shell type, then create its canonicalization function, then do a full \
                 CREATE TYPE.",
            ));
        }
        let difference = match self.difference {
            Some(written) => written.with(|name| difference(definer, name, subtype))?,
            None => 0,
        };
        let (multirange_schema, multirange_name) = match &self.multirange {
            Some((schema, named)) => {
                refuse_taken(definer, *schema, named)?;
                (*schema, named.clone())
            }
            None => (schema, chosen_name(definer, schema, name)?),
        };
        if is_temporary(schema) != is_temporary(multirange_schema) {
            return definer.unsupported("range type whose multirange type lives longer or shorter", None);
        }
        if definer.scope.order(subtype).is_none() {
            let shown = type_name(&definer.scope, subtype.oid, None);
            return definer.unsupported(&format!("range over values of type {shown}"), None);
        }
        Ok(Draft {
            name: name.to_owned(),
            schema,
            multirange_name,
            multirange_schema,
            subtype: subtype.oid,
            collation: self.collation.unwrap_or(natural),
            operator_class,
            difference,
        })
    }
}

fn subtype(definer: &Definer<'_>, value: Option<&DefinitionValue<'_>>) -> DefineResult<Type> {
    match value {
        Some(DefinitionValue::Type(written)) => {
            definer.resolve_type(written).map_err(DefineError::without_position)
        }
        Some(DefinitionValue::String(text)) => Ok(Type::of(definer.scope.find_type(None, text)?)),
        Some(_) => Err(plain(SqlState::SyntaxError, "argument of subtype must be a type name")),
        None => Err(needs_parameter("subtype")),
    }
}

/// A collation by its name, whatever it is for.
fn collation(definer: &Definer<'_>, written: Written<'_>) -> DefineResult<Oid> {
    written.with(|name| {
        definer.collation(Type::of(oid::TEXT), Some(name)).map_err(|error| {
            // Where it is written is not said.
            plain(error.sqlstate(), error.to_string())
        })
    })
}

fn refuse_pseudo_type(definer: &Definer<'_>, subtype: Type) -> DefineResult<()> {
    let form = definer.scope.entry(subtype.oid).map(|entry| entry.form);
    match form {
        // Arrays of records are no type of values.
        Some(Form::Pseudo) | None => {}
        Some(_) if subtype.oid == oid::RECORD_ARRAY => {}
        Some(_) => return Ok(()),
    }
    let shown = type_name(&definer.scope, subtype.oid, None);
    Err(plain(SqlState::DatatypeMismatch, format!("range subtype cannot be {shown}")))
}

/// The operator class by which bounds compare: all that are for a type compare in the one order that it has here.
fn operator_class(definer: &Definer<'_>, subtype: Type, written: Option<Written<'_>>) -> DefineResult<Oid> {
    let method = IndexMethod::Ordered;
    let shown = type_name(&definer.scope, subtype.oid, None);
    let Some(written) = written else {
        return match operator_class::default_class(&definer.scope, method, subtype.oid) {
            Some(class) => Ok(class.oid),
            None => Err(hinted(
                SqlState::UndefinedObject,
                format!("data type {shown} has no default operator class for access method \"btree\""),
                "You must specify an operator class for the range type or define a default operator class for \
                 the subtype.",
            )),
        };
    };
    written.with(|name| {
        let (schema, class) = crate::names::split_name(&definer.scope, name)?;
        let schema = schema.map(|schema| definer.scope.open_schema(schema)).transpose()?;
        let Some(found) = operator_class::named_class(&definer.scope, method, schema, class) else {
            let message = format!("operator class \"{name}\" does not exist for access method \"btree\"");
            return Err(plain(SqlState::UndefinedObject, message));
        };
        if !operator_class::accepts(&definer.scope, &found, subtype.oid) {
            let message = format!("operator class \"{name}\" does not accept data type {shown}");
            return Err(plain(SqlState::DatatypeMismatch, message));
        }
        if !operator_class::is_as_own(&definer.scope, &found) {
            return definer.unsupported("an operator class with an order of its own", None);
        }
        Ok(found.oid)
    })
}

/// The function that tells how far bounds lie from each other.
fn difference(definer: &Definer<'_>, name: &QualifiedName<'_>, subtype: Type) -> DefineResult<Oid> {
    let given = [subtype.oid, subtype.oid];
    let shown = signature::shown(definer, name, &given);
    // Where there is no such schema, there is no such function either.
    let found = match signature::exactly(definer, name, &given) {
        Ok(Some(found)) => found,
        Ok(None) | Err(DefineError::Catalog(CatalogError::UndefinedSchema { .. })) => {
            let message = format!("function {shown} does not exist");
            return Err(plain(SqlState::UndefinedFunction, message));
        }
        Err(error) => return Err(error),
    };
    let refused = |what: &str| {
        let message = format!("range subtype diff function {shown} {what}");
        Err(plain(SqlState::InvalidObjectDefinition, message))
    };
    if found.result != oid::FLOAT8 {
        return refused("must return type double precision");
    }
    if found.volatility != Volatility::Immutable {
        return refused("must be immutable");
    }
    definer.require(found.oid, catalog::object::Privileges::EXECUTE)?;
    Ok(found.oid)
}

/// What the type of sets is called where nobody says it.
fn chosen_name(definer: &Definer<'_>, schema: Oid, range: &str) -> DefineResult<String> {
    const ENDING: &str = "_multirange";
    let made = match range.find("range") {
        Some(place) => {
            let (before, rest) = range.split_at(place);
            format!("{before}multi{rest}")
        }
        None => format!("{}{ENDING}", truncate_to(range, NAME_BYTES_MAX - ENDING.len())),
    };
    let name = truncate(&made).to_owned();
    if definer.scope.type_in(schema, &name).is_none() {
        return Ok(name);
    }
    Err(DefineError::Plain {
        state: SqlState::DuplicateObject,
        message: format!("type \"{name}\" already exists"),
        detail: Some(format!("Failed while creating a multirange type for type \"{range}\".")),
        hint: Some(
            "You can manually specify a multirange type name using the \"multirange_type_name\" attribute."
                .to_owned(),
        ),
        position: None,
    })
}

/// A range type that is to be made.
struct Draft {
    name: String,
    schema: Oid,
    multirange_name: String,
    multirange_schema: Oid,
    subtype: Oid,
    collation: Oid,
    operator_class: Oid,
    difference: Oid,
}

/// The numbers of a range type and of what comes with it, in PostgreSQL's order.
#[derive(Clone, Copy)]
struct Numbers {
    first: Oid,
    /// That of the shell that the type fills.
    shell: Option<Oid>,
}

impl Numbers {
    const COUNT: u32 = 10;

    fn array(self) -> Oid {
        self.first
    }

    fn multirange(self) -> Oid {
        self.first + 1
    }

    fn multirange_array(self) -> Oid {
        self.first + 2
    }

    fn range(self) -> Oid {
        self.shell.unwrap_or(self.first + 3)
    }

    fn constructor(self, place: u32) -> Oid {
        self.first + 4 + place
    }

    fn cast(self) -> Oid {
        self.first + 9
    }
}

/// A function that makes values: what computes it, what it takes.
struct Constructor {
    worker: Oid,
    arguments: Vec<(Oid, ArgumentMode)>,
    strict: bool,
}

/// The place among the constructors of the one that makes a set of one range: it is the cast, too.
const SET_OF_ONE: u32 = 3;

impl Draft {
    fn create(self, definer: &mut Definer<'_>, shell: Option<Oid>) -> DefineResult<()> {
        let numbers = Numbers { first: definer.new_oids_beside(Numbers::COUNT, self.schema)?, shell };
        let (range, multirange) = (numbers.range(), numbers.multirange());
        self.create_types(definer, numbers)?;
        for (constructor, place) in self.constructors(numbers).into_iter().zip(0u32..) {
            let of_range = constructor.arguments.len() > 1;
            let oid = numbers.constructor(place);
            let function = self.function(definer, constructor, oid, (range, multirange));
            let mut references: Vec<(Address, DependencyKind)> =
                vec![(Address::of(self.schema), DependencyKind::Normal)];
            references
                .extend(function.inputs().filter_map(|input| definer.on_type(Type::of(input.type_oid))));
            let owner = if of_range { range } else { multirange };
            references.push((Address::of(owner), DependencyKind::Internal));
            definer.create(&Object::Function(Arc::new(function)), &references)?;
            // The next may take what this one is about.
            definer.refresh()?;
        }
        let by = numbers.constructor(SET_OF_ONE);
        let cast = Cast {
            oid: numbers.cast(),
            source: range,
            target: multirange,
            when: CastWhen::Explicit,
            way: CastWay::Function(by),
        };
        let parts = [range, multirange, by].map(|of| (Address::of(of), DependencyKind::Internal));
        definer.create(&Object::Cast(Arc::new(cast)), &parts)?;
        definer.refresh()
    }

    fn create_types(&self, definer: &mut Definer<'_>, numbers: Numbers) -> DefineResult<()> {
        let range = RangeType {
            oid: numbers.range(),
            name: self.name.clone(),
            schema: self.schema,
            owner: definer.role,
            array_type: numbers.array(),
            subtype: self.subtype,
            collation: self.collation,
            operator_class: self.operator_class,
            difference: self.difference,
            multirange: numbers.multirange(),
            acl: None,
        };
        let mut references = vec![(Address::of(self.schema), DependencyKind::Normal)];
        references.extend(definer.on_type(Type::of(self.subtype)));
        references.extend(definer.on_collation(self.collation));
        if definer.scope.function(self.difference).is_some() {
            references.push((Address::of(self.difference), DependencyKind::Normal));
        }
        create_or_fill(definer, Object::Range(Arc::new(range)), &references, numbers.shell)?;
        let multirange = Multirange {
            oid: numbers.multirange(),
            name: self.multirange_name.clone(),
            schema: self.multirange_schema,
            owner: definer.role,
            array_type: numbers.multirange_array(),
            range: numbers.range(),
            subtype: self.subtype,
            acl: None,
        };
        let references = [
            (Address::of(self.multirange_schema), DependencyKind::Normal),
            (Address::of(numbers.range()), DependencyKind::Internal),
        ];
        definer.create(&Object::Multirange(Arc::new(multirange)), &references)?;
        definer.refresh()
    }

    /// The functions that make ranges and sets of them; the same as those of the built-in range types.
    fn constructors(&self, numbers: Numbers) -> Vec<Constructor> {
        let of = |worker, types: &[Oid], strict| Constructor {
            worker,
            arguments: types.iter().map(|of| (*of, ArgumentMode::In)).collect(),
            strict,
        };
        let mut made = vec![
            of(INT4_RANGE, &[self.subtype; 2], false),
            of(INT4_RANGE_WITH_FLAGS, &[self.subtype, self.subtype, oid::TEXT], false),
            of(INT4_MULTIRANGE, &[], true),
            of(INT4_MULTIRANGE_OF_ONE, &[numbers.range()], true),
            of(INT4_MULTIRANGE_OF_MANY, &[numbers.array()], true),
        ];
        if let Some((_, mode)) = made.last_mut().and_then(|last| last.arguments.last_mut()) {
            *mode = ArgumentMode::Variadic;
        }
        made
    }

    fn function(
        &self,
        definer: &Definer<'_>,
        constructor: Constructor,
        oid: Oid,
        (range, multirange): (Oid, Oid),
    ) -> Function {
        let (name, result) = match constructor.arguments.len() > 1 {
            true => (&self.name, range),
            false => (&self.multirange_name, multirange),
        };
        let argument = |(type_oid, mode)| Argument { name: String::new(), mode, type_oid, default: None };
        let arguments = constructor.arguments.into_iter().map(argument).collect();
        Function {
            oid,
            owner: SUPERUSER,
            body: Body::BuiltIn(constructor.worker),
            volatility: Volatility::Immutable,
            strict: constructor.strict,
            parallel: Parallel::Safe,
            cost: 1.0,
            ..routine::new_function(definer, (self.schema, name), arguments, (result, false))
        }
    }
}

/// The functions of the program that make ranges and sets of any type; these are those of `int4`.
const INT4_RANGE: Oid = 3840;
const INT4_RANGE_WITH_FLAGS: Oid = 3841;
const INT4_MULTIRANGE: Oid = 4280;
const INT4_MULTIRANGE_OF_ONE: Oid = 4281;
const INT4_MULTIRANGE_OF_MANY: Oid = 4282;
