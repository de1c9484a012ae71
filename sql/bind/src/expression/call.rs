//! Calls of functions; those of aggregates and window functions go on from here.

use crate::binder::{Binder, Bound, carried, internal};
use crate::clause::Clause;
use crate::collation::COLLATION_FOR;
use crate::domain::{Populates, populates};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::SetDraft;
use crate::names::column_expression;
use crate::parse::parsed_expression;
use catalog::left_out::LEFT_OUT;
use catalog::object::{
    Argument as Declared, ArgumentMode, Function, FunctionKind as DeclaredKind, PG_CATALOG,
};
use diagnostic::{Diagnostic, SqlState};
use functions::ResolveError;
use functions::resolve::{
    Argument, Candidate, FunctionId as Number, Resolution, ResolvedCall, Source, builtin_candidates,
    is_polymorphic, resolve_function,
};
use functions::table::{CastContext, FunctionKind, function};
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, FunctionId, WrittenArgument};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::expression::{Call as Syntax, CallSyntax, Expression as Tree, ExpressionKind as TreeKind};
use types::Type;
use types::catalog::oid;

/// The most arguments that a call may have.
const ARGUMENTS_MAX: usize = 100;

/// Whether a function's last arguments may be of any type: a literal has no type among them.
fn takes_anything(number: u32) -> bool {
    function(number).is_some_and(|entry| entry.variadic == oid::ANY)
}

/// Whether an argument is declared to be of any type.
fn takes_any(candidates: &[Candidate<'_>], found: &ResolvedCall, slot: usize) -> bool {
    candidates.get(found.candidate).is_some_and(|candidate| {
        candidate.arguments.get(slot).copied().unwrap_or(candidate.variadic) == oid::ANY
    })
}

/// A call whose function is known and whose arguments are as it takes them.
pub(super) struct Resolved {
    pub found: ResolvedCall,
    pub arguments: Vec<Expression>,
    /// The name as messages give it.
    pub name: String,
    pub position: u32,
    /// Which arguments were written, if not all in their order.
    pub written: Option<Arc<[WrittenArgument]>>,
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written<'t> {
    /// The name that it is given by.
    pub name: Option<&'t str>,
    /// Whether a text that the catalog keeps only says of what type it is, and means the default that it has.
    pub left_out: bool,
}

impl Resolved {
    /// The type of its result: rows that go in and come out, alone or in an array, keep the names of their columns.
    pub fn result(&self) -> Type {
        let result = Type::of(self.found.result);
        let rows = |of: &Type| of.oid == oid::RECORD || of.oid == oid::RECORD_ARRAY;
        if !rows(&result) {
            return result;
        }
        let given = self.arguments.iter().map(|argument| argument.result).find(rows);
        Type { modifier: given.map_or(-1, |of| of.modifier), ..result }
    }
}

/// What is looked for under a name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// Whether the last argument is an array of the last ones.
    pub variadic: bool,
    /// The type of that name.
    pub type_named: Option<u32>,
    /// Whether it is a procedure that is called.
    pub procedure: bool,
}

impl Binder<'_> {
    pub(super) fn call(&mut self, call: &Syntax<'_>, position: u32) -> BindResult<Bound> {
        let uses: Vec<usize> = self.levels.iter().map(|level| level.uses.len()).collect();
        let (arguments, names) = self.call_arguments(call)?;
        let order = if call.within_group { self.order_expressions(call)? } else { Vec::new() };
        let row = self.row_of_field(call, &arguments);
        if let Some((row, field)) = &row
            && self.candidates(None, field).is_empty()
        {
            return self.field(row.clone(), field, position);
        }
        let mut given = arguments;
        let direct = given.len();
        given.extend(order);
        let types: Vec<u32> = given.iter().map(Bound::oid).collect();
        let resolved = match self.resolve(&call.name, given, &names, call.variadic, position) {
            Err(error) => return self.field_otherwise(row, error, position),
            Ok(Found::Cast(expression)) => {
                self.plain_call(call, &call.name.to_string(), position)?;
                return Ok(Bound { expression, position });
            }
            Ok(Found::Call(resolved)) => resolved,
        };
        match resolved.found.kind {
            FunctionKind::Function => {
                self.plain_call(call, &resolved.name, position)?;
                let returns_set = resolved.found.returns_set;
                let mut resolved = resolved;
                self.ask_query(&mut resolved)?;
                let expression = self.called(resolved, call.variadic);
                let expression = match call.syntax {
                    CallSyntax::Plain => expression,
                    CallSyntax::Extract
                    | CallSyntax::Overlay
                    | CallSyntax::Position
                    | CallSyntax::Substring
                    | CallSyntax::Trim
                    | CallSyntax::Normalize
                    | CallSyntax::Overlaps
                    | CallSyntax::CollationFor => written_in_words(expression),
                };
                let expression = self.collation_for(expression, types.first().copied())?;
                let expression = self.mapped_by_collation(expression)?;
                let (of, makes) = (expression.result, populates(&expression));
                let in_from = self.level().clause == Clause::FromFunction;
                let bound = match returns_set {
                    true => self.set(expression, position)?,
                    false => Bound { expression, position },
                };
                match makes {
                    // Of rows in `FROM` it is asked by whoever takes them there.
                    Some(Populates::Rows) if in_from => Ok(bound),
                    Some(Populates::Columns) => Ok(bound),
                    Some(Populates::Row | Populates::Rows) => {
                        Ok(Bound { expression: self.populated(bound.expression, of)?, position })
                    }
                    None => Ok(bound),
                }
            }
            FunctionKind::Window => self.window_call(call, resolved),
            FunctionKind::Aggregate { .. } if call.over.is_some() => self.window_call(call, resolved),
            FunctionKind::Aggregate { .. } | FunctionKind::OrderedSet { .. } | FunctionKind::Hypothetical => {
                self.aggregate(call, resolved, direct, &uses)
            }
        }
    }

    /// `row.name` as `name(row)`, if a user has made such a function.
    pub(crate) fn function_of_row(&mut self, row: &Bound, name: &str) -> BindResult<Option<Bound>> {
        let users = self.users_functions(None, name);
        // What its rows are values of besides: of the type that its table is of, or of a table that it inherits from.
        let takes = |inputs: &[u32]| match inputs {
            [of] => *of == row.oid() || self.types().inherited(row.oid(), *of).is_some(),
            _ => false,
        };
        let users: Vec<_> =
            users.into_iter().map(|(place, known)| (place, inputs_of(&known), known)).collect();
        let fitting = users.iter().filter(|(_, inputs, _)| takes(inputs));
        let candidates: Vec<_> =
            fitting.map(|(place, inputs, known)| self.users_candidate(*place, known, inputs)).collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        let (given, position) = (vec![row.clone()], row.position);
        match self.resolve_among(
            name,
            &candidates,
            given,
            &[Written::default()],
            Asked::default(),
            position,
        )? {
            Found::Call(resolved) if !resolved.found.returns_set => {
                Ok(Some(Bound { expression: self.called(resolved, false), position }))
            }
            Found::Call(_) | Found::Cast(_) => Ok(None),
        }
    }

    /// The call as an expression. Of a row that the function declares the columns are known by the type.
    pub(super) fn called(&self, resolved: Resolved, variadic: bool) -> Expression {
        let result = resolved.result();
        let call = Call {
            function: FunctionId(resolved.found.function.0),
            arguments: resolved.arguments,
            operator: None,
            form: CallForm::Call,
            variadic,
            written: resolved.written,
        };
        let mut called = Expression { kind: ExpressionKind::Call(call), result };
        if result.oid == oid::RECORD && result.modifier < 0 {
            let declared = self.declared_columns(&called);
            if !declared.is_empty() {
                let column = |(name, column_type): (Arc<str>, Type)| types::catalog::Column {
                    name: name.to_string(),
                    column_type,
                    dropped: false,
                };
                let columns: Vec<types::catalog::Column> = declared.into_iter().map(column).collect();
                called.result = self.scope().record_type(&columns);
            }
        }
        called
    }

    /// A function of `pg_catalog`, which the grammar has a syntax for.
    pub(super) fn system_call(
        &mut self,
        name: &'static str,
        arguments: Vec<Bound>,
        position: u32,
    ) -> BindResult<Bound> {
        let candidates = builtin_candidates(name, 0);
        let names = vec![Written::default(); arguments.len()];
        let displayed = format!("pg_catalog.{name}");
        match self.resolve_among(&displayed, &candidates, arguments, &names, Asked::default(), position)? {
            Found::Cast(expression) => Ok(Bound { expression, position }),
            Found::Call(resolved) => {
                Ok(Bound { expression: written_in_words(self.called(resolved, false)), position })
            }
        }
    }

    fn call_arguments<'t>(&mut self, call: &Syntax<'t>) -> BindResult<(Vec<Bound>, Vec<Written<'t>>)> {
        let mut bound = Vec::with_capacity(call.arguments.len());
        let mut names = Vec::with_capacity(call.arguments.len());
        for argument in call.arguments {
            match argument.name {
                None if names.iter().any(|known: &Written<'_>| known.name.is_some()) => {
                    let kind = BindErrorKind::PositionalAfterNamed;
                    return Err(BindError::at(kind, argument.value.start()));
                }
                Some(name) if names.iter().any(|known| known.name == Some(name.text)) => {
                    let kind = BindErrorKind::NameTwice { name: name.text.to_owned() };
                    return Err(BindError::at(kind, name.position));
                }
                Some(_) | None => {}
            }
            let left_out = left_out(&argument.value).filter(|_| argument.kept);
            let value = self.expression(left_out.unwrap_or(&argument.value))?;
            if argument.name.is_none() && !call.within_group && is_place_for_a_result(&value) {
                continue;
            }
            names.push(Written { name: argument.name.map(|name| name.text), left_out: left_out.is_some() });
            bound.push(value);
        }
        if bound.len() > ARGUMENTS_MAX {
            return Err(BindError::at(BindErrorKind::TooManyArguments, call.name.position()));
        }
        Ok((bound, names))
    }

    /// What `WITHIN GROUP` sorts by: further arguments of the aggregate.
    fn order_expressions(&mut self, call: &Syntax<'_>) -> BindResult<Vec<Bound>> {
        call.order.iter().map(|key| self.expression(&key.expression)).collect()
    }

    /// Where no function of a name takes a row, its column is meant.
    fn field_otherwise(
        &mut self,
        row: Option<(Bound, &str)>,
        error: BindError,
        position: u32,
    ) -> BindResult<Bound> {
        match row {
            Some((row, field)) if error.sqlstate() == SqlState::UndefinedFunction => {
                self.field(row, field, position)
            }
            Some(_) | None => Err(error),
        }
    }

    /// `column(row)` is the same as `row.column`: the row and the column's name, if it has such a column.
    fn row_of_field<'n>(&self, call: &Syntax<'n>, arguments: &[Bound]) -> Option<(Bound, &'n str)> {
        let plain = !call.star
            && !call.distinct
            && !call.variadic
            && !call.within_group
            && call.filter.is_none()
            && call.over.is_none()
            && call.order.is_empty();
        let ([row], [name], true) = (arguments, call.name.parts, plain) else { return None };
        let base = self.types().undomained(row.expression.result).oid;
        let named = self
            .types()
            .columns(base)
            .is_some_and(|columns| columns.iter().any(|known| !known.dropped && known.name == name.text));
        named.then(|| (row.clone(), name.text))
    }

    /// Refuses what only aggregates and window functions may have.
    fn plain_call(&self, call: &Syntax<'_>, name: &str, position: u32) -> BindResult<()> {
        let what = if call.distinct {
            Some("DISTINCT")
        } else if call.within_group {
            Some("WITHIN GROUP")
        } else if !call.order.is_empty() {
            Some("ORDER BY")
        } else if call.filter.is_some() {
            Some("FILTER")
        } else {
            None
        };
        let name = name.to_owned();
        let kind = match what {
            _ if call.star => BindErrorKind::StarOfFunction { name },
            Some(what) => BindErrorKind::NotAggregate { what, name },
            None if call.over.is_some() => BindErrorKind::OverOfFunction { name },
            None => return Ok(()),
        };
        Err(BindError::at(kind, position))
    }

    /// The functions that a name may mean, those that users made first along the path.
    pub(crate) fn users_functions(&self, schema: Option<&str>, name: &str) -> Vec<(usize, Arc<Function>)> {
        let scope = self.scope();
        let mut found = Vec::new();
        match schema {
            Some(schema) => {
                if let Ok(schema) = scope.find_schema(schema) {
                    found.extend(scope.functions_named(schema, name).map(|function| (0, function.clone())));
                }
            }
            None => {
                for (place, schema) in scope.path().schemas_of_functions().enumerate() {
                    found.extend(scope.functions_named(schema, name).map(|known| (place, known.clone())));
                }
            }
        }
        found
    }

    pub(super) fn candidates(&self, schema: Option<&str>, name: &str) -> Vec<Candidate<'static>> {
        let place = match schema {
            None => self.scope().path().schemas_of_functions().position(|schema| schema == PG_CATALOG),
            Some("pg_catalog") => Some(0),
            Some("information_schema") => {
                let found = functions::table::information_functions(name);
                return found.map(|entry| Candidate::of_entry(entry, 0)).collect();
            }
            Some(_) => None,
        };
        let mut candidates = place.map_or_else(Vec::new, |place| builtin_candidates(name, place));
        let computed_here = |known: &Candidate<'_>| {
            known.kind == FunctionKind::Hypothetical || known.function.0 == COLLATION_FOR
        };
        for candidate in candidates.iter_mut().filter(|known| computed_here(known)) {
            // Nobody computes them: hypothetical ones are made of counts, a collation is known beforehand.
            candidate.builtin = None;
        }
        candidates
    }

    fn resolve(
        &mut self,
        name: &QualifiedName<'_>,
        arguments: Vec<Bound>,
        names: &[Written<'_>],
        variadic: bool,
        position: u32,
    ) -> BindResult<Found> {
        let (schema, object) = self.schema_and_object(name, position)?;
        self.look_in_schema(schema, position)?;
        let users = self.users_functions(schema, object);
        let inputs: Vec<Vec<u32>> = users.iter().map(|(_, function)| inputs_of(function)).collect();
        let mut candidates = self.candidates(schema, object);
        for ((place, function), inputs) in users.iter().zip(&inputs) {
            let default_types = self.default_types(function, inputs, arguments.len());
            candidates.push(Candidate { default_types, ..self.users_candidate(*place, function, inputs) });
        }
        let type_named = self.scope().look_for_type(schema, object);
        let displayed = name.to_string();
        let asked = Asked { variadic, type_named, procedure: false };
        self.resolve_among(&displayed, &candidates, arguments, names, asked, position)
    }

    /// A user's function as one that a name may mean.
    pub(super) fn users_candidate<'f>(
        &self,
        place: usize,
        function: &'f Function,
        arguments: &'f [u32],
    ) -> Candidate<'f> {
        let inputs = || function.inputs();
        let variadic = match (inputs().last(), arguments.last()) {
            (Some(last), Some(array)) if last.mode == ArgumentMode::Variadic => match *array {
                oid::ANYARRAY => oid::ANYELEMENT,
                oid::ANYCOMPATIBLEARRAY => oid::ANYCOMPATIBLE,
                array => self.types().entry(array).map_or(0, |entry| entry.element),
            },
            _ => 0,
        };
        Candidate {
            function: Number(function.oid),
            kind: match function.kind {
                DeclaredKind::Function | DeclaredKind::Procedure => FunctionKind::Function,
                DeclaredKind::Aggregate => FunctionKind::Aggregate { sort_operator: 0 },
            },
            arguments,
            names: inputs().map(|argument| argument.name.as_str()).collect(),
            defaults: inputs().filter(|argument| argument.default.is_some()).count(),
            default_types: Vec::new(),
            variadic,
            result: function.result,
            returns_set: function.returns_set,
            place,
            builtin: None,
        }
    }

    /// The procedure of a call, and its arguments, what it gives out among them.
    pub(crate) fn procedure_call(
        &mut self,
        call: &Syntax<'_>,
        position: u32,
    ) -> BindResult<(Arc<Function>, Vec<Expression>)> {
        let (given, names) = self.call_arguments(call)?;
        let (schema, object) = self.schema_and_object(&call.name, position)?;
        self.look_in_schema(schema, position)?;
        let users = self.users_functions(schema, object);
        let types = |function: &Function| {
            // Of a function, too, all are to be given (and then it is refused), as PostgreSQL looks for it.
            function.arguments.iter().map(|argument| argument.type_oid).collect()
        };
        let arguments: Vec<Vec<u32>> = users.iter().map(|(_, function)| types(function)).collect();
        let mut candidates = Vec::with_capacity(users.len());
        for ((place, function), arguments) in users.iter().zip(&arguments) {
            let mut candidate = self.users_candidate(*place, function, arguments);
            candidate.default_types = self.default_types(function, arguments, given.len());
            candidate.names = function.arguments.iter().map(|argument| argument.name.as_str()).collect();
            candidates.push(candidate);
        }
        // None of these is a procedure: they are refused where they are meant.
        candidates.extend(self.candidates(schema, object));
        let displayed = call.name.to_string();
        let asked = Asked { variadic: call.variadic, type_named: None, procedure: true };
        match self.resolve_among(&displayed, &candidates, given, &names, asked, position)? {
            Found::Cast(_) => Err(internal("a procedure is a cast")),
            Found::Call(resolved) => match users.get(resolved.found.candidate) {
                Some((_, function)) => Ok((function.clone(), resolved.arguments)),
                None => Err(internal("a procedure is not there")),
            },
        }
    }

    pub(super) fn resolve_among(
        &mut self,
        displayed: &str,
        candidates: &[Candidate<'_>],
        arguments: Vec<Bound>,
        names: &[Written<'_>],
        Asked { variadic, type_named, procedure }: Asked,
        position: u32,
    ) -> BindResult<Found> {
        let given: Vec<Argument<'_>> = arguments
            .iter()
            .enumerate()
            .map(|(place, bound)| Argument {
                of: bound.oid(),
                name: names.get(place).and_then(|written| written.name),
            })
            .collect();
        let found = resolve_function(self.types(), displayed, candidates, &given, variadic, type_named);
        let found = match found.map_err(|error| unresolved(&error, position))? {
            Resolution::Cast(target) => {
                let Some(argument) = arguments.into_iter().next() else {
                    return Err(internal("a cast has no operand"));
                };
                let cast = self.cast(argument, Type::of(target), CastContext::Explicit, position)?;
                return Ok(Found::Cast(cast));
            }
            Resolution::Call(found) => found,
        };
        // Before its arguments are looked at more closely.
        let types = || arguments.iter().map(Bound::oid).collect::<Vec<u32>>();
        match procedure {
            true => self.refuse_function(displayed, found.function.0, &types(), position)?,
            false => self.refuse_procedure(found.function.0, &types(), position)?,
        }
        if variadic
            && let Some(last) = arguments.last()
            && self.element_of(last.oid()).is_none()
            && (last.oid() != oid::UNKNOWN || takes_anything(found.function.0))
        {
            return Err(BindError::at(BindErrorKind::VariadicArray, last.position));
        }
        if found.function.0 == PG_TYPEOF
            && let [literal] = &arguments[..]
            && literal.oid() == oid::UNKNOWN
            && literal.expression.as_constant().is_some()
        {
            // A literal that nothing gives a type has none.
            let value = types::Value::Int32(oid::UNKNOWN as i32);
            return Ok(Found::Cast(crate::constant::constant(value, oid::REGTYPE, position).expression));
        }
        let mut given: Vec<Option<Bound>> = arguments.into_iter().map(Some).collect();
        let mut taken = Vec::with_capacity(found.sources.len());
        for (slot, (source, wanted)) in found.sources.iter().zip(&found.arguments).enumerate() {
            taken.push(match source {
                Source::Given(place) if names.get(*place).is_some_and(|written| written.left_out) => {
                    self.default_argument(candidates, &found, slot, *wanted, position)?
                }
                Source::Given(place) => {
                    let Some(bound) = given.get_mut(*place).and_then(Option::take) else {
                        return Err(internal("an argument is used twice"));
                    };
                    // A value of a hypothetical row gets the type of what it is placed among.
                    let waits = found.kind == FunctionKind::Hypothetical && bound.oid() == oid::UNKNOWN;
                    match takes_any(candidates, &found, slot) {
                        _ if waits => bound.expression,
                        true => self.settle_any(bound)?.expression,
                        false => self.implicit(bound, *wanted)?,
                    }
                }
                Source::Default(slot) => {
                    self.default_argument(candidates, &found, *slot, *wanted, position)?
                }
            });
        }
        let written = written(&found, names);
        if let Some((from, array)) = found.packed {
            let elements = taken.split_off(from.min(taken.len()));
            let nested = elements.first().is_some_and(|element| self.is_array(element.result.oid));
            let kind = ExpressionKind::Array { elements, nested };
            taken.push(Expression { kind, result: Type::of(array) });
        }
        Ok(Found::Call(Resolved { found, arguments: taken, name: displayed.to_owned(), position, written }))
    }

    fn default_argument(
        &mut self,
        candidates: &[Candidate<'_>],
        found: &ResolvedCall,
        slot: usize,
        wanted: u32,
        position: u32,
    ) -> BindResult<Expression> {
        let missing = || internal("a default is missing");
        let candidate = candidates.get(found.candidate).ok_or_else(missing)?;
        let last = candidate.arguments.len().saturating_sub(candidate.defaults);
        let place = slot.checked_sub(last).ok_or_else(missing)?;
        let text: String = match candidate.builtin.or_else(|| function(found.function.0)) {
            // A value's text, whatever its type.
            Some(entry) => {
                let value = entry.defaults.get(place).copied().ok_or_else(missing)?;
                format!("'{}'", value.replace('\'', "''"))
            }
            None => {
                let function = self.scope().function(found.function.0).cloned().ok_or_else(missing)?;
                // A procedure is called with what it gives out, too.
                let all = function.kind == DeclaredKind::Procedure;
                let inputs: Vec<&Declared> =
                    function.arguments.iter().filter(|argument| all || argument.mode.is_input()).collect();
                inputs.get(slot).and_then(|argument| argument.default.clone()).ok_or_else(missing)?
            }
        };
        let bound = self.default_text(&text)?;
        let literal = bound.oid() == oid::UNKNOWN;
        let value = self.cast(bound, Type::of(wanted), CastContext::Assignment, position);
        // Nobody has written here what cannot be read.
        value.map_err(|error| if literal { error.nowhere() } else { error })
    }

    /// What the text of a default says.
    fn default_text(&mut self, text: &str) -> BindResult<Bound> {
        self.kept(|binder| {
            parsed_expression(text, binder.context.depth_limit, |tree| binder.expression(tree))
        })
    }

    /// The types of a function's defaults, argument by argument, if a call with so many arguments needs some, and types that stand
    /// for many are among what it takes.
    fn default_types(&mut self, function: &Function, takes: &[u32], given: usize) -> Vec<u32> {
        if given >= takes.len() || !takes.iter().any(|of| is_polymorphic(*of)) {
            return Vec::new();
        }
        // A procedure takes what it gives out, too.
        let all = takes.len() == function.arguments.len();
        let taken = function.arguments.iter().filter(|argument| all || argument.mode.is_input());
        let texts = taken.map(|argument| argument.default.as_deref());
        // One that means nothing any more is refused if this is the function that is called.
        let mut type_of = |text: &str| self.default_text(text).map_or(oid::UNKNOWN, |bound| bound.oid());
        texts.map(|text| text.map_or(oid::UNKNOWN, &mut type_of)).collect()
    }

    /// A function that returns a set: it stands for a column of what is run in step.
    pub(super) fn set(&mut self, call: Expression, position: u32) -> BindResult<Bound> {
        let level = self.level();
        if let Some(place) = level.clause.refuses_sets() {
            return Err(BindError::at(BindErrorKind::SetNotAllowed { place }, position));
        }
        if let Some(place) = level.conditional {
            return Err(BindError::at(BindErrorKind::SetInConditional { place }, position));
        }
        if level.clause == crate::clause::Clause::FromFunction {
            // The one at the top is taken out by whoever binds `FROM`.
            return Ok(Bound { expression: call, position });
        }
        let mut depth = 0;
        call.for_each_column(&mut |column| {
            let within = level.sets.iter().position(|set| set.relation == column.relation);
            depth = depth.max(within.map_or(0, |place| place + 1));
        });
        if depth >= level.sets.len() {
            let relation = self.relation();
            self.level().sets.push(SetDraft { relation, calls: Vec::new() });
        }
        let Some(set) = self.level().sets.get_mut(depth) else {
            return Err(internal("a set has no place"));
        };
        let index = match set.calls.iter().position(|known| *known == call) {
            Some(index) => index,
            None => {
                set.calls.push(call.clone());
                set.calls.len() - 1
            }
        };
        let column = Column { relation: set.relation, index: index as u32 };
        self.note_collation_of(column, &call)?;
        Ok(Bound { expression: column_expression(column, call.result), position })
    }
}

/// What stands for an argument that was left out, if a text that the catalog keeps says so of an expression.
fn left_out<'t>(value: &'t Tree<'t>) -> Option<&'t Tree<'t>> {
    let TreeKind::Call(call) = &value.kind else { return None };
    if call.name.schema() != Some("pg_catalog") {
        return None;
    }
    match call.arguments {
        [argument] if call.name.object() == LEFT_OUT => Some(&argument.value),
        _ => None, // a call of a function
    }
}

/// Which arguments were written, if not all in their order.
fn written(found: &ResolvedCall, names: &[Written<'_>]) -> Option<Arc<[WrittenArgument]>> {
    let defaults = || found.sources.iter().any(|source| matches!(source, Source::Default(_)));
    if names.iter().all(|written| written.name.is_none() && !written.left_out) && !defaults() {
        return None;
    }
    let slot_of =
        |place| found.sources.iter().position(|source| matches!(source, Source::Given(of) if *of == place));
    let shown = names.iter().enumerate().filter(|(_, written)| !written.left_out);
    let shown = shown.filter_map(|(place, written)| {
        Some(WrittenArgument { place: slot_of(place)? as u32, name: written.name.map(Arc::from) })
    });
    Some(shown.collect())
}

/// The number of `pg_typeof`.
const PG_TYPEOF: u32 = 1619;

/// What a name with arguments means.
pub(super) enum Found {
    Cast(Expression),
    Call(Resolved),
}

/// The types of what a caller gives.
pub(super) fn inputs_of(function: &Function) -> Vec<u32> {
    function.inputs().map(|argument| argument.type_oid).collect()
}

/// Why a call means nothing. PostgreSQL points at nothing when a function is found and its types do not agree, or tell none.
fn unresolved(error: &ResolveError, position: u32) -> BindError {
    match error {
        ResolveError::UnknownPolymorphic
        | ResolveError::UnknownRange(_)
        | ResolveError::NotAlike(..)
        | ResolveError::NoCommonType { .. }
        | ResolveError::NoCommonCompatible
        | ResolveError::NotArray { .. }
        | ResolveError::Inconsistent(..)
        | ResolveError::NotRange { .. }
        | ResolveError::ArrayForNonArray(_)
        | ResolveError::NotEnum(_) => carried(error, position).nowhere(),
        error => carried(error, position),
    }
}

/// A call that was written in SQL's own words.
fn written_in_words(mut expression: Expression) -> Expression {
    if let ExpressionKind::Call(call) = &mut expression.kind {
        call.form = CallForm::Words;
    }
    expression
}

/// Whether an argument is a parameter of no type at all. Libraries for Java write a place for what a function gives like
/// that, and PostgreSQL passes over it.
fn is_place_for_a_result(argument: &Bound) -> bool {
    argument.oid() == oid::VOID && matches!(argument.expression.kind, ExpressionKind::Parameter(_))
}
