//! `CREATE AGGREGATE`: how values are gathered to one, said by the functions of the steps.
//!
//! The functions are found once, by the types that the aggregate declares. What they are called with is then the same for every
//! call, so that nothing needs a cast.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::routine;
use bind::definition::{StepFunction, step_function};
use catalog::object::{
    Aggregate, AggregateSteps, Argument, ArgumentMode, Body, Function, FunctionKind, Oid, Parallel, StateUse,
    Volatility,
};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use functions::resolve::{Cast, CastContext, find_cast};
use syntax::tree::expression::Operator;
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::routine::{CreateAggregate, ParameterMode};
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{QualifiedName, TypeName};
use types::catalog::{Form, oid, type_name};
use types::{Type, Types};

fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidFunctionDefinition, message)
}

/// What is said of an aggregate in any order.
#[derive(Default)]
struct Options<'a> {
    plain: StepOptions<'a>,
    moving: StepOptions<'a>,
    inverse: Option<&'a QualifiedName<'a>>,
    combine: Option<&'a QualifiedName<'a>>,
    serial: [Option<&'a QualifiedName<'a>>; 2],
    base: Option<&'a DefinitionValue<'a>>,
    sort: Option<&'a DefinitionValue<'a>>,
    hypothetical: bool,
    parallel: Option<Parallel>,
}

/// What is said of gathering.
#[derive(Default)]
struct StepOptions<'a> {
    transition: Option<&'a QualifiedName<'a>>,
    last: Option<&'a QualifiedName<'a>>,
    last_extra: bool,
    last_modifies: Option<StateUse>,
    state: Option<&'a TypeName<'a>>,
    space: i32,
    initial: Option<String>,
}

/// `CREATE AGGREGATE`
///
/// # Errors
/// PostgreSQL's.
pub fn create_aggregate(definer: &mut Definer<'_>, statement: &CreateAggregate<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let options = Options::read(definer, statement.options)?;
    options.refuse_incomplete()?;
    let arguments = arguments(definer, statement, &options)?;
    if statement.parameters.is_some_and(|parameters| parameters.direct.is_some()) {
        return definer.unsupported("ordered-set aggregate of one's own", None);
    }
    if options.hypothetical {
        return Err(invalid("only ordered-set aggregates can be hypothetical"));
    }
    let plain = options.plain.state(definer)?;
    let moving = options.moving.state.map(|_| options.moving.state(definer)).transpose()?;
    options.look_at_serial(definer, plain)?;
    if plain == oid::INTERNAL || moving == Some(oid::INTERNAL) {
        return definer.unsupported("transition type internal", None);
    }
    let steps = Steps { definer, arguments: &arguments };
    let aggregate = steps.aggregate(&options, plain, moving)?;
    let result = aggregate.1;
    let function = new_function(definer, (schema, name), arguments, aggregate, options.parallel);
    keep(definer, function, statement.or_replace, result)
}

/// The aggregate as a function of the catalog.
fn new_function(
    definer: &Definer<'_>,
    (schema, name): (Oid, &str),
    arguments: Vec<Argument>,
    (aggregate, result): (Aggregate, Oid),
    parallel: Option<Parallel>,
) -> Function {
    Function {
        kind: FunctionKind::Aggregate,
        body: Body::Aggregate(Box::new(aggregate)),
        volatility: Volatility::Immutable,
        parallel: parallel.unwrap_or(Parallel::Unsafe),
        cost: 1.0,
        ..routine::new_function(definer, (schema, name), arguments, (result, false))
    }
}

/// Puts it into the catalog, perhaps in place of one that is there.
fn keep(definer: &mut Definer<'_>, function: Function, or_replace: bool, result: Oid) -> DefineResult<()> {
    let there = routine::same_signature(definer, &function);
    if let Some(there) = &there {
        routine::refuse_replacing(definer, there, &function, or_replace)?;
    }
    let mut references = vec![(Address::of(function.schema), DependencyKind::Normal)];
    references.extend(function.arguments.iter().filter_map(|of| definer.on_type(Type::of(of.type_oid))));
    references.extend(definer.on_type(Type::of(result)));
    if let Some(aggregate) = function.aggregate() {
        references.extend(definer.on_type(Type::of(aggregate.plain.state)));
        references
            .extend(aggregate.moving.iter().filter_map(|(steps, _)| definer.on_type(Type::of(steps.state))));
        let made = aggregate.functions().filter(|oid| definer.scope.function(*oid).is_some());
        let sort = definer.scope.operator(aggregate.sort_operator).map(|made| made.oid);
        references.extend(made.chain(sort).map(|oid| (Address::of(oid), DependencyKind::Normal)));
    }
    routine::put(definer, function, there, &references)
}

/// The arguments that are written, or the base type of the older form.
fn arguments(
    definer: &Definer<'_>,
    statement: &CreateAggregate<'_>,
    options: &Options<'_>,
) -> DefineResult<Vec<Argument>> {
    let Some(parameters) = statement.parameters else {
        let Some(base) = options.base else { return Err(invalid("aggregate input type must be specified")) };
        let of = match base {
            DefinitionValue::String(word) if word.eq_ignore_ascii_case("any") => return Ok(Vec::new()),
            DefinitionValue::Type(written) if is_any(written) => return Ok(Vec::new()),
            DefinitionValue::Word(word) if word.eq_ignore_ascii_case("any") => return Ok(Vec::new()),
            base => {
                let written = type_value("basetype", Some(base))?;
                definer.resolve_type(written).map_err(DefineError::without_position)?.oid
            }
        };
        return Ok(vec![Argument {
            name: String::new(),
            mode: ArgumentMode::In,
            type_oid: of,
            default: None,
        }]);
    };
    if options.base.is_some() {
        return Err(invalid("basetype is redundant with aggregate input type specification"));
    }
    let mut arguments: Vec<Argument> = Vec::with_capacity(parameters.all.len());
    for parameter in parameters.all {
        if parameter.type_name.set {
            return Err(invalid("aggregates cannot accept set arguments"));
        }
        let of = routine::parameter_type(definer, &parameter.type_name)?.oid;
        let mode = match parameter.mode {
            Some(ParameterMode::Variadic) => ArgumentMode::Variadic,
            Some(ParameterMode::In | ParameterMode::Out | ParameterMode::InOut) | None => ArgumentMode::In,
        };
        let argument = Argument {
            name: parameter.name.map_or_else(String::new, |name| name.text.to_owned()),
            mode,
            type_oid: of,
            default: None,
        };
        routine::look_at_variadic(definer, &argument, &arguments)?;
        routine::refuse_same_name(&argument, &arguments)?;
        arguments.push(argument);
    }
    if arguments
        .iter()
        .any(|argument| argument.mode == ArgumentMode::Variadic && argument.type_oid == oid::ANY)
    {
        return definer.unsupported("aggregate with VARIADIC \"any\"", None);
    }
    Ok(arguments)
}

fn is_any(written: &TypeName<'_>) -> bool {
    matches!(written.kind, TypeNameKind::Named(QualifiedName { parts: [word] }) if word.text == "any")
}

/// The name that an option's value is.
fn name_value<'a>(
    option: &str,
    value: Option<&'a DefinitionValue<'a>>,
) -> DefineResult<&'a QualifiedName<'a>> {
    match value {
        Some(DefinitionValue::Type(TypeName { kind: TypeNameKind::Named(name), .. })) => Ok(name),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a name"))),
        None => Err(needs_parameter(option)),
    }
}

/// The type that an option's value is.
fn type_value<'a>(option: &str, value: Option<&'a DefinitionValue<'a>>) -> DefineResult<&'a TypeName<'a>> {
    match value {
        Some(DefinitionValue::Type(written)) => Ok(written),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a type name"))),
        None => Err(needs_parameter(option)),
    }
}

fn needs_parameter(option: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{option} requires a parameter"))
}

/// The text that an option's value is.
fn text_value(option: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<String> {
    use syntax::tree::expression::ExpressionKind;
    let text = match value {
        Some(DefinitionValue::Type(name)) => Some(crate::written::type_name(name)),
        Some(DefinitionValue::Word(word) | DefinitionValue::String(word)) => Some((*word).to_owned()),
        Some(DefinitionValue::Number(number)) => match number.kind {
            ExpressionKind::Integer(number) => Some(number.to_string()),
            ExpressionKind::Decimal(text) => Some(text.to_owned()),
            _ => None,
        },
        Some(DefinitionValue::Operator(operator)) => Some(operator.symbol.to_owned()),
        Some(DefinitionValue::Star | DefinitionValue::List(_)) | None => None,
    };
    text.ok_or_else(|| needs_parameter(option))
}

/// How much room a state takes: a guess that nobody needs here.
fn space_value(option: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<i32> {
    use syntax::tree::expression::ExpressionKind;
    match value {
        Some(DefinitionValue::Number(number)) => match number.kind {
            ExpressionKind::Integer(number) => Ok(number),
            _ => Err(plain(SqlState::SyntaxError, format!("{option} requires an integer value"))),
        },
        Some(_) | None => Err(plain(SqlState::SyntaxError, format!("{option} requires an integer value"))),
    }
}

fn use_value(option: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<StateUse> {
    match text_value(option, value)?.as_str() {
        "read_only" => Ok(StateUse::ReadOnly),
        "shareable" => Ok(StateUse::Shareable),
        "read_write" => Ok(StateUse::ReadWrite),
        _ => {
            let message = format!("parameter \"{option}\" must be READ_ONLY, SHAREABLE, or READ_WRITE");
            Err(plain(SqlState::SyntaxError, message))
        }
    }
}

impl<'a> Options<'a> {
    fn read(definer: &mut Definer<'_>, written: &'a [Definition<'a>]) -> DefineResult<Options<'a>> {
        let mut options = Options::default();
        for option in written {
            if !options.set(option)? {
                let message = format!("aggregate attribute \"{}\" not recognized", option.name.text);
                definer.notice(DefineNotice::Warning(SqlState::SyntaxError, message));
            }
        }
        Ok(options)
    }

    /// Whether there is such an option.
    fn set(&mut self, option: &'a Definition<'a>) -> DefineResult<bool> {
        let (name, value) = (option.name.text, option.value.as_ref());
        match name {
            "sfunc" | "sfunc1" => self.plain.transition = Some(name_value(name, value)?),
            "finalfunc" => self.plain.last = Some(name_value(name, value)?),
            "finalfunc_extra" => self.plain.last_extra = crate::view::boolean(name, value)?,
            "finalfunc_modify" => self.plain.last_modifies = Some(use_value(name, value)?),
            "stype" | "stype1" => self.plain.state = Some(type_value(name, value)?),
            "sspace" => self.plain.space = space_value(name, value)?,
            "initcond" | "initcond1" => self.plain.initial = Some(text_value(name, value)?),
            "msfunc" => self.moving.transition = Some(name_value(name, value)?),
            "mfinalfunc" => self.moving.last = Some(name_value(name, value)?),
            "mfinalfunc_extra" => self.moving.last_extra = crate::view::boolean(name, value)?,
            "mfinalfunc_modify" => self.moving.last_modifies = Some(use_value(name, value)?),
            "mstype" => self.moving.state = Some(type_value(name, value)?),
            "msspace" => self.moving.space = space_value(name, value)?,
            "minitcond" => self.moving.initial = Some(text_value(name, value)?),
            "minvfunc" => self.inverse = Some(name_value(name, value)?),
            "combinefunc" => self.combine = Some(name_value(name, value)?),
            "serialfunc" => self.serial[0] = Some(name_value(name, value)?),
            "deserialfunc" => self.serial[1] = Some(name_value(name, value)?),
            "basetype" => self.base = Some(value.ok_or_else(|| needs_parameter(name))?),
            "sortop" => self.sort = Some(value.ok_or_else(|| needs_parameter(name))?),
            "hypothetical" => self.hypothetical = crate::view::boolean(name, value)?,
            "parallel" => self.parallel = Some(routine::parallel(&text_value(name, value)?)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What belongs together is said together.
    fn refuse_incomplete(&self) -> DefineResult<()> {
        if self.plain.state.is_none() {
            return Err(invalid("aggregate stype must be specified"));
        }
        if self.plain.transition.is_none() {
            return Err(invalid("aggregate sfunc must be specified"));
        }
        let moving = &self.moving;
        let said = [
            ("msfunc", moving.transition.is_some()),
            ("minvfunc", self.inverse.is_some()),
            ("mfinalfunc", moving.last.is_some()),
            ("msspace", moving.space != 0),
            ("minitcond", moving.initial.is_some()),
        ];
        if moving.state.is_some() {
            if let Some((option, _)) = said[..2].iter().find(|(_, said)| !said) {
                let message = format!("aggregate {option} must be specified when mstype is specified");
                return Err(invalid(message));
            }
        } else if let Some((option, _)) = said.iter().find(|(_, said)| *said) {
            return Err(invalid(format!("aggregate {option} must not be specified without mstype")));
        }
        Ok(())
    }

    fn look_at_serial(&self, definer: &Definer<'_>, state: Oid) -> DefineResult<()> {
        match self.serial {
            [None, None] => Ok(()),
            [Some(_), None] | [None, Some(_)] => {
                Err(invalid("must specify both or neither of serialization and deserialization functions"))
            }
            [Some(_), Some(_)] if state == oid::INTERNAL => {
                definer.unsupported("serialization function of an aggregate", None)
            }
            [Some(_), Some(_)] => Err(invalid(
                "serialization functions may be specified only when the aggregate transition data type is \
                 internal",
            )),
        }
    }
}

impl StepOptions<'_> {
    /// The type of the states; what is given as the first one is one.
    fn state(&self, definer: &mut Definer<'_>) -> DefineResult<Oid> {
        let Some(written) = self.state else { return Ok(0) };
        let state = definer.use_type(written).map_err(DefineError::without_position)?.oid;
        let pseudo = definer.scope.entry(state).is_some_and(|entry| entry.form == Form::Pseudo);
        if pseudo && state != oid::INTERNAL && !functions::resolve::is_polymorphic(state) {
            let shown = type_name(&definer.scope, state, None);
            return Err(invalid(format!("aggregate transition data type cannot be {shown}")));
        }
        if let Some(text) = &self.initial
            && !pseudo
        {
            let value = bind::definition::text_value(definer.binding(), text, Type::of(state))?;
            definer.constant(&value)?;
        }
        Ok(state)
    }
}

/// Where the functions of the steps are found.
struct Steps<'s, 'd> {
    definer: &'s Definer<'d>,
    arguments: &'s [Argument],
}

impl Steps<'_, '_> {
    /// All of it, and the type of its result.
    fn aggregate(
        &self,
        options: &Options<'_>,
        state: Oid,
        moving: Option<Oid>,
    ) -> DefineResult<(Aggregate, Oid)> {
        for state in [Some(state), moving].into_iter().flatten() {
            self.polymorphic("cannot determine transition data type", state)?;
        }
        let (transition, result) = self.steps(&options.plain, state, "transition")?;
        let combine = match options.combine {
            None => 0,
            Some(name) => {
                let found = self.find(name, &[state, state])?;
                self.same_type("combine", name, &found, state)?;
                found.function
            }
        };
        let mut made = Aggregate { plain: transition.0, moving: None, combine, sort_operator: 0 };
        if let (Some(state), Some(name)) = (moving, options.inverse) {
            let (steps, moving_result) = self.steps(&options.moving, state, "transition")?;
            let inverse = self.find(name, &self.with_arguments(state))?;
            self.same_type("inverse transition", name, &inverse, state)?;
            if inverse.strict != steps.1 {
                return Err(invalid(
                    "strictness of aggregate's forward and inverse transition functions must match",
                ));
            }
            if moving_result != result {
                let shown = |of| type_name(&self.definer.scope, of, None);
                return Err(invalid(format!(
                    "moving-aggregate implementation returns type {}, but plain implementation returns type {}",
                    shown(moving_result),
                    shown(result)
                )));
            }
            made.moving = Some((steps.0, inverse.function));
        }
        self.polymorphic("cannot determine result data type", result)?;
        if let Some(sort) = options.sort {
            made.sort_operator = self.sort_operator(sort)?;
        }
        Ok((made, result))
    }

    /// The steps, whether the first is strict, and the type of the result.
    fn steps(
        &self,
        options: &StepOptions<'_>,
        state: Oid,
        word: &str,
    ) -> DefineResult<((AggregateSteps, bool), Oid)> {
        let Some(name) = options.transition else {
            return Err(invalid("aggregate sfunc must be specified"));
        };
        let transition = self.find(name, &self.with_arguments(state))?;
        self.same_type(word, name, &transition, state)?;
        if transition.strict && options.initial.is_none() {
            let first = self.arguments.first().map(|argument| argument.type_oid);
            if !first.is_some_and(|first| self.is_like(first, state)) {
                return Err(invalid(
                    "must not omit initial value when transition function is strict and transition type is not \
                     compatible with input type",
                ));
            }
        }
        let last = match options.last {
            None => None,
            Some(name) => {
                let given = if options.last_extra { self.with_arguments(state) } else { vec![state] };
                let found = self.find(name, &given)?;
                if options.last_extra && found.strict {
                    let message = "final function with extra arguments must not be declared STRICT";
                    return Err(invalid(message));
                }
                Some(found)
            }
        };
        let result = last.as_ref().map_or(state, |last| last.result);
        let steps = AggregateSteps {
            transition: transition.function,
            state,
            space: options.space,
            initial: options.initial.clone(),
            last: last.map_or(0, |last| last.function),
            last_extra: options.last_extra,
            last_modifies: options.last_modifies.unwrap_or(StateUse::ReadOnly),
        };
        Ok(((steps, transition.strict), result))
    }

    fn with_arguments(&self, state: Oid) -> Vec<Oid> {
        [state].into_iter().chain(self.arguments.iter().map(|argument| argument.type_oid)).collect()
    }

    fn find(&self, name: &QualifiedName<'_>, given: &[Oid]) -> DefineResult<StepFunction> {
        Ok(step_function(self.definer.binding(), name, given)?)
    }

    /// Whether values of a type are those of another as they are.
    fn is_like(&self, from: Oid, to: Oid) -> bool {
        from == to || find_cast(&self.definer.scope, from, to, CastContext::Implicit) == Some(Cast::Binary)
    }

    fn same_type(
        &self,
        word: &str,
        name: &QualifiedName<'_>,
        found: &StepFunction,
        state: Oid,
    ) -> DefineResult<()> {
        if found.result == state {
            return Ok(());
        }
        let shown = type_name(&self.definer.scope, state, None);
        let message = format!("return type of {word} function {name} is not {shown}");
        Err(plain(SqlState::DatatypeMismatch, message))
    }

    /// What stands for many is decided by an argument.
    fn polymorphic(&self, message: &str, of: Oid) -> DefineResult<()> {
        match routine::undecided(self.definer, self.arguments, of) {
            None => Ok(()),
            Some(detail) => Err(DefineError::Plain {
                state: SqlState::InvalidFunctionDefinition,
                message: message.into(),
                detail: Some(detail),
                hint: None,
                position: None,
            }),
        }
    }

    fn sort_operator(&self, written: &DefinitionValue<'_>) -> DefineResult<Oid> {
        let [argument] = self.arguments else {
            return Err(invalid("sort operator can only be specified for single-argument aggregates"));
        };
        let written = match written {
            DefinitionValue::Operator(operator) => *operator,
            DefinitionValue::String(symbol) => Operator { schema: &[], symbol, position: 0 },
            _ => return Err(plain(SqlState::SyntaxError, "argument of sortop must be a name")), // no name
        };
        let sides = (argument.type_oid, argument.type_oid);
        let found = crate::operator::find(self.definer, &written, sides)?;
        found.ok_or_else(|| crate::operator::missing(self.definer, &written, sides))
    }
}
