//! Bodies of functions in SQL: how they are read, looked at, and kept.
//!
//! A string is kept as it is and bound whenever the function is called. `RETURN …` and `BEGIN ATOMIC … END` are bound once, when
//! the function is made: what they name is depended upon, and kept is a text with every name resolved, as of a view. It is
//! written anew when something in it is called otherwise ([`crate::kept`]).

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::routine::{Options, invalid};
use bind::definition::{Routine, routine_statements};
use bind::deparse::Style;
use bind::kept_routine::{BodyStatement, RETURN, RETURNED, body_statements};
use catalog::object::{Body, Function};
use catalog::{Address, DependencyKind, SearchPath, Snapshot};
use diagnostic::Diagnostic;
use functions::resolve::is_polymorphic;
use syntax::lexer::StringRules;
use syntax::tree::routine::{CreateRoutine, RoutineBody};
use types::Type;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyForm {
    /// AS '…'
    Text,
    /// RETURN …
    Return,
    /// BEGIN ATOMIC … END
    Block,
}

/// A body as it was written.
pub(crate) struct ReadBody {
    pub kept: Body,
    pub form: BodyForm,
    /// Where its text stands, for positions of what is wrong with it.
    pub text_at: Option<u32>,
}

/// Reads the body of a function.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn read_body(
    definer: &Definer<'_>,
    statement: &CreateRoutine<'_>,
    options: &Options<'_>,
    source: &str,
) -> DefineResult<ReadBody> {
    if options.symbol.is_some() && options.language.is_none_or(|language| !language.eq_ignore_ascii_case("c"))
    {
        let language = options.language.unwrap_or("sql").to_ascii_lowercase();
        return Err(invalid(format!("only one AS item needed for language \"{language}\"")));
    }
    match (&statement.body, options.source) {
        (Some(_), Some(_)) => Err(invalid("duplicate function body specified")),
        (None, None) => Err(invalid("no function body specified")),
        (None, Some((text, position))) => {
            // An escape in it would move what comes after.
            let rest = source.get(position as usize..).unwrap_or_default();
            let at = rest.find(text).and_then(|offset| u32::try_from(offset).ok());
            Ok(ReadBody {
                kept: Body::Text(text.to_owned()),
                form: BodyForm::Text,
                text_at: at.map(|at| at + position),
            })
        }
        (Some(_), None)
            if statement.parameters.iter().any(|parameter| {
                definer.resolve_type(&parameter.type_name).is_ok_and(|of| is_polymorphic(of.oid))
            }) =>
        {
            let message = "SQL function with unquoted function body cannot have polymorphic arguments";
            Err(invalid(message))
        }
        (Some(RoutineBody::Return { start, end, .. }), None) => {
            written_body(definer, as_query(source, (*start, *end)), Some(*start), BodyForm::Return)
        }
        (Some(RoutineBody::Block(statements)), None) => {
            let text: Vec<String> = statements
                .iter()
                .map(|inner| match as_query(source, (inner.start, inner.end)) {
                    text if is_return(source, inner.start) => format!("{text}{RETURNED}"),
                    text => text,
                })
                .collect();
            // Places in one alone are places in the statement.
            let at = match statements {
                [only] => Some(only.start),
                _ => None,
            };
            written_body(definer, text.join(";\n"), at, BodyForm::Block)
        }
    }
}

/// Whether a statement of a body is a `RETURN`.
fn is_return(source: &str, start: u32) -> bool {
    const RETURN: &str = "RETURN";
    let text = source.get(start as usize..).unwrap_or_default().trim_start();
    text.get(..RETURN.len()).is_some_and(|word| word.eq_ignore_ascii_case(RETURN))
}

/// The text of a statement of a body: `RETURN …` is a query of one value, and its word as long as that of a query.
fn as_query(source: &str, (start, end): (u32, u32)) -> String {
    const RETURN: &str = "RETURN";
    let text = source.get(start as usize..end as usize).unwrap_or_default().trim();
    match text.get(..RETURN.len()).filter(|word| word.eq_ignore_ascii_case(RETURN)) {
        Some(_) => format!("SELECT{}", &text[RETURN.len()..]),
        None => text.to_owned(),
    }
}

/// A body that is no string, with its own strings as the standard has them.
fn written_body(
    definer: &Definer<'_>,
    text: String,
    text_at: Option<u32>,
    form: BodyForm,
) -> DefineResult<ReadBody> {
    let standard = syntax::in_standard_form(&text, definer.strings)
        .map_err(|error| plain(error.sqlstate(), error.to_string()))?;
    // Where strings are written otherwise, places are others.
    let text_at = text_at.filter(|_| *standard == *text);
    Ok(ReadBody { kept: Body::Text(standard.into_owned()), form, text_at })
}

/// Binds a body that is no string and puts what is kept of it into the function; answers what it names.
///
/// # Errors
/// When it means nothing, or a part of it has no text.
pub(crate) fn keep_body(
    definer: &Definer<'_>,
    function: &mut Function,
    form: BodyForm,
    text_at: Option<u32>,
) -> DefineResult<Vec<(Address, DependencyKind)>> {
    let Body::Text(text) = &function.body else { return Ok(Vec::new()) };
    let context = bind::Context { strings: StringRules::default(), ..definer.binding() };
    let name = function.name.clone();
    let failed =
        |error| DefineError::FunctionBody { error: Box::new(error), at: text_at, name: name.clone() };
    let arguments: Vec<Type> = function.inputs().map(|argument| Type::of(argument.type_oid)).collect();
    let routine =
        Routine { function, arguments: &arguments, result: Type::of(function.result), columns: &[] };
    routine_statements(context, &routine).map_err(failed)?;
    let statements = body_statements(context, function, text, Some(context.strings)).map_err(failed)?;
    function.body = Body::Bound(body_text(definer, &statements, form == BodyForm::Return)?);
    let named = statements.iter();
    Ok(named.flat_map(|statement| definer.statement_uses(&statement.relations, &statement.shapes)).collect())
}

/// The text that is kept of a body, as things are called now.
///
/// # Errors
/// When a part of it has no text.
pub(crate) fn body_text(
    definer: &Definer<'_>,
    statements: &[BodyStatement],
    returned: bool,
) -> DefineResult<String> {
    let style = Style { pretty: false, indented: false };
    let mut texts = Vec::with_capacity(statements.len());
    for statement in statements {
        let text = crate::rule::full(definer, |deparse| match returned {
            true => deparse.returned(&statement.shapes, false),
            false if statement.returned => {
                deparse.returned(&statement.shapes, false).map(|value| format!("SELECT {value}{RETURNED}"))
            }
            false => deparse.statement(&statement.shapes, style),
        });
        match text {
            Some(text) => texts.push(text),
            None => return definer.unsupported("such a statement in the body of a function", None),
        }
    }
    let text = texts.join(";\n");
    Ok(if returned { format!("{RETURN}{text}") } else { text })
}

/// Binds a body once, as it would be called.
///
/// # Errors
/// When it means nothing.
pub(crate) fn look_at_body(
    definer: &mut Definer<'_>,
    function: &Function,
    text_at: Option<u32>,
    path: Option<&dyn Fn(&Snapshot) -> SearchPath>,
) -> DefineResult<()> {
    if let Body::Procedural(source) = &function.body {
        return crate::procedural::look_at(definer, function, (source, text_at));
    }
    let is_text = matches!(function.body, Body::Text(_));
    if !is_text
        || definer.bodies.is_none()
        || function.inputs().any(|argument| is_polymorphic(argument.type_oid))
    {
        return Ok(());
    }
    let arguments: Vec<Type> = function.inputs().map(|argument| Type::of(argument.type_oid)).collect();
    let routine =
        Routine { function, arguments: &arguments, result: Type::of(function.result), columns: &[] };
    // A text is read by the path that the function has when it runs.
    let along = path.map(|path| definer.scope.along(path(definer.scope.snapshot())));
    let context = definer.binding();
    let context = bind::Context { scope: along.as_ref().unwrap_or(context.scope), ..context };
    match routine_statements(context, &routine) {
        Ok(_) => Ok(()),
        Err(error) => {
            let name = function.name.clone();
            Err(DefineError::FunctionBody { error: Box::new(error), at: text_at, name })
        }
    }
}
