//! Bodies of functions, bound with the types of a call; calls of procedures.

use crate::binder::{Binder, Bound, Context, Parameters, internal, unsupported};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult, Carried};
use crate::kept_routine::kept_statements;
use crate::query::{BoundQuery, column_value};
use bumpalo::Bump;
use catalog::object::{Argument, ArgumentMode, Body, Function, FunctionKind};
use diagnostic::SqlState;
use functions::resolve::stands_for;
use functions::table::CastContext;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{Logical, Query};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;
use syntax::lexer::StringRules;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree};
use syntax::tree::select::{Query as SyntaxQuery, QueryBody};
use syntax::tree::table::TableSource;
use syntax::tree::{Statement, StatementKind};
use types::Type;
use types::catalog::{Form, oid};

/// A function as it is called.
#[derive(Clone, Copy)]
pub struct Routine<'r> {
    /// Which.
    pub function: &'r Function,
    /// Of which types its inputs are.
    pub arguments: &'r [Type],
    /// Of which type its result is.
    pub result: Type,
    /// Of which types the columns are that the query says of a `record`.
    pub columns: &'r [Type],
}

/// A statement of a body.
pub enum RoutineStatement {
    /// It reads or changes rows.
    Query {
        /// What it means; its only column is the function's result, if it `yields` that.
        query: Box<Query>,
        /// Whether it is the last, whose rows are the result.
        yields: bool,
    },
    /// It does something else, as it is written: this text, whose positions are those of the body's.
    Other(String),
}

impl RoutineStatement {
    /// What it means, if it reads or changes rows.
    pub fn query(&self) -> Option<&Query> {
        match self {
            RoutineStatement::Query { query, .. } => Some(query),
            RoutineStatement::Other(_) => None,
        }
    }
}

/// A call of a procedure.
pub struct CalledProcedure {
    /// Which.
    pub function: Arc<Function>,
    /// Its inputs.
    pub arguments: Vec<Expression>,
    /// Of which type its result is: a row of what it gives out, or nothing.
    pub result: Type,
    /// Names and types of what it gives out.
    pub outputs: Vec<(String, Type)>,
    /// The arguments that stand where it gives something out.
    pub places: Vec<Expression>,
    /// The types of the parameters that its arguments name.
    pub parameters: Vec<Type>,
}

/// What the statements of a body mean.
///
/// # Errors
/// When one of them means nothing, or the last does not give what the function returns.
pub fn routine_statements(context: Context<'_>, routine: &Routine<'_>) -> BindResult<Vec<RoutineStatement>> {
    routine_statements_at(context, routine, None)
}

/// The same; if a place is given, only the statement there is bound.
///
/// # Errors
/// The same.
pub fn routine_statements_at(
    context: Context<'_>,
    routine: &Routine<'_>,
    only: Option<usize>,
) -> BindResult<Vec<RoutineStatement>> {
    let (context, text, strings) = match &routine.function.body {
        Body::Text(text) => (context, Cow::Borrowed(text.as_str()), Some(context.strings)),
        Body::Bound(text) => (context.kept(), kept_statements(text), None),
        Body::Native | Body::BuiltIn(_) | Body::Uncallable(_) => {
            return Err(internal("a function of the program has no statements"));
        }
        Body::Procedural(_) => return Err(internal("a function in PL/pgSQL is not bound as a whole")),
        Body::Aggregate(_) => return Err(internal("an aggregate has no statements")),
    };
    let arena = Bump::new();
    let statements = parsed_body(context, &text, &arena, strings)?;
    let mut bound = Vec::with_capacity(statements.len());
    let void = routine.result.oid == oid::VOID;
    for (place, statement) in statements.iter().enumerate() {
        let yields = !void && place + 1 == statements.len();
        if only.is_some_and(|only| only != place) {
            bound.push(RoutineStatement::Other(String::new()));
            continue;
        }
        let query = match yields {
            true => last_statement(context, routine, statement)?,
            false if allowed(statement).is_err() => {
                look_into(context, routine, statement)?;
                // Where it stands in the body its positions say.
                let (start, end) = (statement.start as usize, statement.end as usize);
                let written = text.get(start..end).unwrap_or_default();
                bound.push(RoutineStatement::Other(format!("{}{written}", " ".repeat(start))));
                continue;
            }
            false => crate::bind(context, statement, parameters(routine))?,
        };
        bound.push(RoutineStatement::Query { query: Box::new(query), yields });
    }
    if bound.is_empty() && !void {
        return Err(mismatch(context, routine, NO_ROWS.to_owned()));
    }
    Ok(bound)
}

/// Looks at what a statement has within it that means something before the function runs.
fn look_into(context: Context<'_>, routine: &Routine<'_>, statement: &Statement<'_>) -> BindResult<()> {
    match &statement.kind {
        StatementKind::Explain(explain) => match allowed(explain.statement) {
            Ok(()) => crate::bind(context, explain.statement, parameters(routine)).map(drop),
            Err(_) => look_into(context, routine, explain.statement),
        },
        StatementKind::CreateTableAs(create) => match &create.source {
            TableSource::Query(query) => look_into_query(context, routine, query, statement),
            TableSource::Execute(_) => Ok(()),
        },
        StatementKind::DeclareCursor(cursor) => look_into_query(context, routine, cursor.query, statement),
        StatementKind::Call(call) => {
            let called = called_procedure(context, &call.call, parameters(routine))?;
            if called.outputs.is_empty() {
                return Ok(());
            }
            Err(BindError::new(BindErrorKind::Plain {
                state: SqlState::FeatureNotSupported,
                message: "calling procedures with output arguments is not supported in SQL functions"
                    .to_owned(),
            }))
        }
        _ => Ok(()), // means something only when it is run
    }
}

fn look_into_query<'a>(
    context: Context<'_>,
    routine: &Routine<'_>,
    query: &'a SyntaxQuery<'a>,
    around: &Statement<'a>,
) -> BindResult<()> {
    let query = Statement { kind: StatementKind::Query(query), ..*around };
    crate::bind(context, &query, parameters(routine)).map(drop)
}

/// Whether a function is written as one statement, or as something that cannot be read.
pub fn may_be_one_statement(context: Context<'_>, function: &Function) -> bool {
    let Body::Text(text) = &function.body else { return true };
    let statements = parsed_body(context, text, &Bump::new(), Some(context.strings)).map(<[_]>::len);
    statements.map_or(true, |count| count == 1)
}

/// A call of a procedure.
///
/// # Errors
/// When there is no such procedure.
pub fn called_procedure(
    context: Context<'_>,
    call: &Syntax<'_>,
    parameters: Parameters,
) -> BindResult<CalledProcedure> {
    let mut binder = Binder::new(context, parameters);
    let called = binder.called_procedure(call)?;
    Ok(CalledProcedure { parameters: binder.parameter_types()?, ..called })
}

const NO_ROWS: &str = "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.";

/// The statements that a body is written as: by a user, whose strings are read by these rules, or by the catalog.
pub(crate) fn parsed_body<'a>(
    context: Context<'_>,
    text: &'a str,
    arena: &'a Bump,
    strings: Option<StringRules>,
) -> BindResult<&'a [Statement<'a>]> {
    let statements = match strings {
        Some(rules) => syntax::parse_by(text, arena, context.depth_limit, rules),
        None => syntax::parse(text, arena, context.depth_limit),
    };
    statements.map_err(|error| {
        let kind = BindErrorKind::Carried(Carried::of(&error));
        match diagnostic::Diagnostic::position(&error) {
            Some(position) => BindError::at(kind, position),
            None => BindError::new(kind),
        }
    })
}

/// The arguments of a function, as they are named in its body.
pub(crate) fn argument_names(function: &Function, types: &[Type]) -> Parameters {
    let names = function.inputs().map(|argument| argument.name.clone());
    Parameters::Named {
        function: function.name.clone(),
        arguments: names.zip(types.iter().copied()).collect(),
    }
}

fn parameters(routine: &Routine<'_>) -> Parameters {
    argument_names(routine.function, routine.arguments)
}

/// Refuses a statement that no body may have.
pub(crate) fn allowed(statement: &Statement<'_>) -> BindResult<()> {
    match statement.kind {
        StatementKind::Query(query) if makes_table(&query.body) => {
            Err(unsupported("SELECT INTO in a SQL function", statement.start))
        }
        StatementKind::Query(_)
        | StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_) => Ok(()),
        _ => Err(unsupported("such a statement in a SQL function", statement.start)),
    }
}

/// Whether a query is another way to write `CREATE TABLE … AS`: `INTO` stands in its first `SELECT`.
fn makes_table(body: &QueryBody<'_>) -> bool {
    match body {
        QueryBody::Select(select) => select.into.is_some(),
        QueryBody::Set(operation) => makes_table(&operation.left),
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Nested(_) => false,
    }
}

fn mismatch(context: Context<'_>, routine: &Routine<'_>, detail: String) -> BindError {
    let shown = types::catalog::type_name(context.scope, routine.result.oid, None);
    BindError::new(BindErrorKind::PlainWith {
        state: SqlState::InvalidFunctionDefinition,
        message: format!("return type mismatch in function declared to return {shown}"),
        detail: Some(detail),
        hint: None,
    })
}

/// The last statement, as one that yields the function's result.
fn last_statement(
    context: Context<'_>,
    routine: &Routine<'_>,
    statement: &Statement<'_>,
) -> BindResult<Query> {
    let mut binder = Binder::new(context, parameters(routine));
    let mut beside = None;
    let mut bound = match &statement.kind {
        StatementKind::Query(query) => binder.open_query(query)?,
        StatementKind::Insert(_) | StatementKind::Update(_) | StatementKind::Delete(_) => {
            match binder.by_rules(&statement.kind)? {
                Some(ruled) => {
                    beside = Some((ruled.query.before, ruled.query.after));
                    ruled.bound
                }
                None => binder.changing_statement(&statement.kind)?,
            }
        }
        _ => return Err(mismatch(context, routine, NO_ROWS.to_owned())),
    };
    let changes = !matches!(statement.kind, StatementKind::Query(_));
    if changes && bound.columns.is_empty() {
        return Err(mismatch(context, routine, NO_ROWS.to_owned()));
    }
    let result = binder.routine_result(routine, &mut bound)?;
    let relation = binder.inner_relation();
    let value = BoundQuery::of_value(relation, &routine.function.name, bound.logical, result);
    let mut query = binder.finish(value)?;
    (query.before, query.after) = beside.unwrap_or_default();
    Ok(query)
}

impl Binder<'_> {
    /// The function's result, made of what its last statement yields.
    fn routine_result(&mut self, routine: &Routine<'_>, bound: &mut BoundQuery) -> BindResult<Expression> {
        let context = self.context;
        let result = routine.result;
        let base = self.types().undomained(result);
        // One of a domain over a row is made as a whole.
        let fields = if result.oid == base.oid { self.fields_of_result(routine, base) } else { None };
        self.settle_row(bound, base)?;
        let Some(fields) = fields else {
            let [column] = &bound.columns[..] else {
                let detail = "Final statement must return exactly one column.";
                return Err(mismatch(context, routine, detail.to_owned()));
            };
            // A literal of no type is text by now.
            let value = self.settle(column_value(column))?;
            let actual = self.type_name(value.oid());
            let cast = self.coerce(value, result, CastContext::Assignment)?;
            return cast
                .ok_or_else(|| mismatch(context, routine, format!("Actual return type is {actual}.")));
        };
        if let [column] = &bound.columns[..]
            && column.column_type.oid == base.oid
        {
            return Ok(column_value(column).expression);
        }
        let mut row = Vec::with_capacity(bound.columns.len());
        if fields.is_empty() {
            for column in &bound.columns {
                row.push(self.settle(column_value(column))?.expression);
            }
        } else {
            for (place, (column, of)) in bound.columns.iter().zip(&fields).enumerate() {
                let value = self.settle(column_value(column))?;
                let Some(of) = of else {
                    row.push(value.expression);
                    continue;
                };
                let (actual, wanted) = (self.type_name(value.oid()), self.type_name(of.oid));
                let cast = self.coerce(value, *of, CastContext::Assignment)?;
                row.push(cast.ok_or_else(|| {
                    let number = place + 1;
                    let detail =
                        format!("Final statement returns {actual} instead of {wanted} at column {number}.");
                    mismatch(context, routine, detail)
                })?);
            }
            // Whether there are as many is said after what the first of them are.
            let which = match bound.columns.len().cmp(&fields.len()) {
                Ordering::Less => "few",
                Ordering::Greater => "many",
                Ordering::Equal => "",
            };
            if !which.is_empty() {
                let detail = format!("Final statement returns too {which} columns.");
                return Err(mismatch(context, routine, detail));
            }
        }
        let kind = ExpressionKind::Row(self.placed(base.oid, row));
        Ok(Expression { kind, result: Type::of(base.oid) })
    }

    /// Makes a row that is written out, and the only column, one of the type that is wanted.
    fn settle_row(&mut self, bound: &mut BoundQuery, base: Type) -> BindResult<()> {
        let [column] = &mut bound.columns[..] else { return Ok(()) };
        if column.column_type.oid != oid::RECORD || base.oid == oid::RECORD {
            return Ok(());
        }
        let mut at = &mut bound.logical;
        while let Logical::Sort { input, .. } | Logical::Limit { input, .. } = at {
            at = input;
        }
        let Logical::Project { relation, expressions, .. } = at else { return Ok(()) };
        let place = column.column.index as usize;
        let Some(row) = expressions.get_mut(place).filter(|_| *relation == column.column.relation) else {
            return Ok(());
        };
        let written = Bound { expression: row.clone(), position: column.position };
        if let Some(cast) = self.coerce(written, base, CastContext::Assignment)? {
            column.column_type = cast.result;
            *row = cast;
        }
        Ok(())
    }

    /// The types of a row that is the result, where they are known; none if it is no row. Of any row nothing is known.
    fn fields_of_result(&self, routine: &Routine<'_>, base: Type) -> Option<Vec<Option<Type>>> {
        if base.oid == oid::RECORD {
            let out = routine.function.arguments.iter().filter(|argument| gives(argument));
            let of = |argument: &Argument| {
                let given = routine.arguments.iter().copied();
                let of = self.output_type(routine.function, given, argument.type_oid);
                let known = self.types().entry(of.oid).is_some_and(|entry| entry.form != Form::Pseudo);
                known.then_some(of)
            };
            let known: Vec<Option<Type>> = out.map(of).collect();
            let said = routine.columns.iter().map(|of| Some(*of));
            return Some(if known.is_empty() { said.collect() } else { known });
        }
        let columns = self.types().columns(base.oid)?;
        Some(columns.iter().filter(|column| !column.dropped).map(|column| Some(column.column_type)).collect())
    }

    /// The type of something that a function gives, where it is called with inputs of these types.
    pub(crate) fn output_type(
        &self,
        function: &Function,
        given: impl Iterator<Item = Type>,
        declared: u32,
    ) -> Type {
        let inputs: Vec<u32> = function.inputs().map(|input| input.type_oid).collect();
        let given: Vec<u32> = given.map(|of| of.oid).collect();
        Type::of(stands_for(self.types(), declared, &given, &inputs).unwrap_or(declared))
    }

    fn called_procedure(&mut self, call: &Syntax<'_>) -> BindResult<CalledProcedure> {
        let Tree::Call(written) = &call.kind else { return Err(internal("CALL calls nothing")) };
        self.level().clause = Clause::CallArgument;
        let (function, arguments) = self.procedure_call(written, call.position).map_err(of_procedure)?;
        let given = || function.arguments.iter().zip(&arguments);
        let places =
            given().filter(|(argument, _)| gives(argument)).map(|(_, place)| place.clone()).collect();
        let inputs = given().filter(|(argument, _)| argument.mode.is_input());
        let arguments: Vec<Expression> = inputs.map(|(_, value)| value.clone()).collect();
        let result = Type::of(function.result);
        let of = |argument: &Argument| {
            let given = arguments.iter().map(|value| value.result);
            (argument.name.clone(), self.output_type(&function, given, argument.type_oid))
        };
        let outputs = function.arguments.iter().filter(|argument| gives(argument)).map(of).collect();
        Ok(CalledProcedure { function, arguments, result, outputs, places, parameters: Vec::new() })
    }

    /// Refuses a function where a procedure is called.
    pub(crate) fn refuse_function(
        &self,
        displayed: &str,
        function: u32,
        arguments: &[u32],
        position: u32,
    ) -> BindResult<()> {
        if self.scope().function(function).is_some_and(|found| found.kind == FunctionKind::Procedure) {
            return Ok(());
        }
        let given: Vec<String> = arguments.iter().map(|of| self.type_name(*of)).collect();
        let kind = BindErrorKind::PlainWith {
            state: SqlState::WrongObjectType,
            message: format!("{displayed}({}) is not a procedure", given.join(", ")),
            detail: None,
            hint: Some("To call a function, use SELECT.".to_owned()),
        };
        Err(BindError::at(kind, position))
    }

    /// Refuses a procedure where a value is wanted.
    pub(crate) fn refuse_procedure(&self, function: u32, arguments: &[u32], position: u32) -> BindResult<()> {
        let Some(found) = self.scope().function(function) else { return Ok(()) };
        if matches!(found.result, oid::TRIGGER | oid::EVENT_TRIGGER) {
            let error = BindError::new(BindErrorKind::Plain {
                state: SqlState::FeatureNotSupported,
                message: "trigger functions can only be called as triggers".to_owned(),
            });
            let line = format!("compilation of PL/pgSQL function \"{}\" near line 1", found.name);
            return Err(BindError::new(BindErrorKind::Carried(Carried::of(&error).within(line))));
        }
        if found.kind != FunctionKind::Procedure {
            return Ok(());
        }
        let given: Vec<String> = arguments.iter().map(|of| self.type_name(*of)).collect();
        let kind = BindErrorKind::PlainWith {
            state: SqlState::WrongObjectType,
            message: format!("{}({}) is a procedure", found.name, given.join(", ")),
            detail: None,
            hint: Some("To call a procedure, use CALL.".to_owned()),
        };
        Err(BindError::at(kind, position))
    }
}

/// Whether an argument is part of what a function gives.
pub(crate) fn gives(argument: &Argument) -> bool {
    match argument.mode {
        ArgumentMode::Out | ArgumentMode::InOut | ArgumentMode::Table => true,
        ArgumentMode::In | ArgumentMode::Variadic => false,
    }
}

/// What is said of functions, said of procedures.
fn of_procedure(error: BindError) -> BindError {
    error.map_carried(|carried| {
        if let Some(rest) = carried.message.strip_prefix("function ") {
            carried.message = format!("procedure {rest}");
        }
        if let Some(hint) = &mut carried.hint {
            *hint = hint
                .replace("No function matches", "No procedure matches")
                .replace("a best candidate function", "a best candidate procedure");
        }
    })
}
