//! Where bodies begin: functions within statements, blocks, procedures, triggers.

use super::Caller;
use super::body::{Body, BodyKey, Which};
use super::host::{BodyHost, carried, failure_of};
use super::lend::within_nested;
use crate::client::{Client, Notice, Severity, SharedClient, Teller};
use crate::error::SessionError;
use crate::session::Session;
use crate::system::Live;
use crate::world::literals::SessionLiterals;
use catalog::object::{Body as Kept, Function as Defined};
use catalog::{GivenTable, Oid, Scope};
use diagnostic::SqlState;
use execute::{ExecuteResult, RoutineCall, World};
use functions::FunctionError;
use plan::trigger::{TransitionTable, TriggerCall, TriggerColumn, TriggerEvent, TriggerLevel, TriggerWhen};
use procedural::host::Standing;
use procedural::parse::{BodyKind, Declared, Looks};
use procedural::run::{Call, TriggerData};
use procedural::tree::Function;
use procedural::{Failure, Outcome, Returned};
use std::sync::Arc;
use store::View;
use syntax::tree::session::Do;
use types::array::{ArrayBuilder, Dimension};
use types::catalog::oid;
use types::{Item, Kind, Type, Types, Value};

/// Where a session stands that runs what a function does.
#[derive(Default)]
pub(crate) struct Within {
    /// How deep functions have called each other.
    pub depth: u32,
    /// Whether all that it has is lent to it: it runs within a statement.
    pub lent: bool,
    /// Whether what runs may not end the transaction for another reason.
    pub atomic: bool,
    /// What functions that are not volatile read from.
    pub view: Option<View>,
    /// The relations that statements around are reading or changing, which nobody may define anew.
    pub used: Vec<Oid>,
    /// What the body of a trigger that runs was given.
    pub given: Arc<[GivenTable]>,
}

/// What a body that runs counts for among levels of calls: it takes as much stack as so many of functions in SQL.
const LEVELS: u32 = 4;

/// Runs a function within a statement.
///
/// # Errors
/// Whatever its statements fail with.
pub(crate) fn run_function(
    live: Live<'_>,
    world: &mut World<'_>,
    call: &RoutineCall,
    values: &[Value],
    view: Option<&View>,
) -> ExecuteResult<Vec<Value>> {
    let done = within_nested(live, world, view, |session, teller| {
        session.deeper(|session| session.run_body_of(call, values, teller))
    })?;
    done.map(|returned| returned.rows).map_err(|failure| FunctionError::Other(failure).into())
}

/// Runs a trigger's function: the row that it returns, as the values of the table's columns.
///
/// # Errors
/// Whatever its statements fail with.
pub(crate) fn call_trigger(
    live: Live<'_>,
    world: &mut World<'_>,
    function: u32,
    call: &TriggerCall,
) -> ExecuteResult<Option<Vec<Value>>> {
    let done = within_nested(live, world, None, |session, teller| {
        session.deeper(|session| session.run_trigger(function, call, teller))
    })?;
    done.map_err(|failure| FunctionError::Other(failure).into())
}

/// Runs an event trigger's function within a command.
///
/// # Errors
/// Whatever its statements fail with.
pub(crate) fn call_event_trigger(
    live: Live<'_>,
    world: &mut World<'_>,
    function: u32,
    words: (&str, &str),
) -> ExecuteResult<()> {
    let done = within_nested(live, world, None, |session, teller| {
        session.call_event_trigger(function, words, teller)
    })?;
    done.map_err(|error| FunctionError::Other(Box::new(error)).into())
}

impl Session {
    /// The body of a function, read if it is not known yet.
    fn body(&mut self, scope: &Scope, defined: &Arc<Defined>, key: &BodyKey) -> Outcome<Arc<Function>> {
        if let Some(known) = self.transient.get_mut().bodies.known(key, defined) {
            return Ok(known.function.clone());
        }
        let Kept::Procedural(source) = &defined.body else {
            return Err(Failure::new(SqlState::InternalError, "the function is not in PL/pgSQL"));
        };
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        let settings = (self.settings.typed().bodies, Looks::default());
        let (arguments, result) = key.types();
        let types = (&arguments[..], result);
        let read = define::procedural::compile(context, defined, source, types, settings);
        let function = read.map_err(|mut failure| {
            if failure.position.is_some() && failure.query.is_none() {
                failure.query = Some(source.clone());
            }
            failure
        })?;
        let body = Body::new(function, Some(defined.clone()));
        let function = body.function.clone();
        self.transient.get_mut().bodies.insert(key.clone(), body, scope.snapshot());
        Ok(function)
    }

    /// Runs a function or procedure.
    pub(crate) fn run_body_of(
        &mut self,
        call: &RoutineCall,
        values: &[Value],
        teller: Option<&dyn Teller>,
    ) -> Outcome<Returned> {
        let scope = self.scope().map_err(|error| failure_of(&error))?;
        let Some(defined) = scope.function(call.function).cloned() else {
            return Err(Failure::new(SqlState::UndefinedFunction, "the function is not there any more"));
        };
        if matches!(defined.result, oid::TRIGGER | oid::EVENT_TRIGGER) {
            let message = "trigger functions can only be called as triggers";
            return Err(Failure::new(SqlState::FeatureNotSupported, message)
                .within(format!("compilation of PL/pgSQL function \"{}\" near line 0", defined.name)));
        }
        let arguments = called_types(&scope, &defined, call);
        let key = BodyKey::Call { function: defined.oid, arguments, result: call.result.oid };
        let function = self.body(&scope, &defined, &key)?;
        let expected = match &call.columns[..] {
            [] => None,
            columns => Some(shape_of_columns(&scope, columns)),
        };
        let given = call.arguments.iter().zip(&call.rows);
        let types = given.map(|(of, columns)| match columns {
            Some(columns) => scope.record_type(columns),
            None => *of,
        });
        let types = types.collect();
        let arguments = Call { arguments: values.to_vec(), types, expected, trigger: None };
        let mut host = BodyHost::new(self, function.clone(), Which::Function(key), scope, teller);
        host.routine = defined.oid;
        run_in(&mut host, arguments)
    }

    /// Calls a procedure: with its owner's rights and its own settings, if it has such.
    pub(crate) fn call_procedural(
        &mut self,
        called: &bind::definition::CalledProcedure,
        call: &RoutineCall,
        values: &[Value],
        teller: Option<&dyn Teller>,
    ) -> Result<Vec<Value>, SessionError> {
        let done = self.with_rights_of(&called.function, |session, alone| match alone {
            true => session.atomically(|session| session.run_body_of(call, values, teller)),
            false => session.run_body_of(call, values, teller),
        });
        Ok(done?.rows)
    }

    /// Runs the function of an event trigger.
    pub(crate) fn call_event_trigger(
        &mut self,
        function: Oid,
        words: (&str, &str),
        teller: Option<&dyn Teller>,
    ) -> Result<(), SessionError> {
        let scope = self.scope()?;
        let Some(defined) = scope.function(function).cloned() else { return Ok(()) };
        self.with_rights_of(&defined, |session, _| {
            session.atomically(|session| session.run_event_trigger(&defined, words, teller))
        })
    }

    fn run_event_trigger(
        &mut self,
        defined: &Arc<Defined>,
        (event, tag): (&str, &str),
        teller: Option<&dyn Teller>,
    ) -> Outcome<()> {
        let scope = self.scope().map_err(|error| failure_of(&error))?;
        let key = BodyKey::Event { function: defined.oid };
        let body = self.body(&scope, defined, &key)?;
        let text = Type::of(oid::TEXT);
        let (arguments, types) = (vec![Value::text(event), Value::text(tag)], vec![text, text]);
        let arguments = Call { arguments, types, ..Call::default() };
        let mut host = BodyHost::new(self, body, Which::Function(key), scope, teller);
        host.routine = defined.oid;
        run_in(&mut host, arguments).map(drop)
    }

    /// Does what a routine does: with its owner's rights and its own settings, if it has such. It is told whether that lets no
    /// transaction end within it.
    fn with_rights_of<R>(
        &mut self,
        defined: &Defined,
        what: impl FnOnce(&mut Session, bool) -> Outcome<R>,
    ) -> Result<R, SessionError> {
        let around = defined.security_definer.then(|| std::mem::replace(&mut self.role, defined.owner));
        self.kept.definers += u32::from(around.is_some());
        let mark = self.settings.mark();
        let mut set = Ok(());
        for setting in &defined.settings {
            set = set.and_then(|()| match self.set_identity((&setting.name, &setting.value, true))? {
                true => Ok(()),
                false => {
                    let superuser = self.is_superuser_for(&setting.name)?;
                    Ok(self.settings.set(&setting.name, &setting.value, true, superuser)?)
                }
            });
        }
        let set = set.and_then(|()| self.refresh_identity());
        // Neither lets the transaction end within it.
        let alone = around.is_some() || !defined.settings.is_empty();
        let done = match set {
            Err(error) => Err(error),
            Ok(()) => self.deeper(|session| what(session, alone)).map_err(carried),
        };
        defined.settings.iter().for_each(|setting| self.settings.give_back(&setting.name, &mark));
        self.kept.definers -= u32::from(around.is_some());
        if let Some(around) = around {
            self.role = around;
        }
        let done = done?;
        self.refresh_identity()?;
        Ok(done)
    }

    fn run_trigger(
        &mut self,
        function: u32,
        call: &TriggerCall,
        teller: Option<&dyn Teller>,
    ) -> Outcome<Option<Vec<Value>>> {
        if let Some(within) = &mut self.within {
            within.given = call.transitions.iter().map(given_table).collect();
            within.used.push(call.table.relation);
        }
        let scope = self.scope().map_err(|error| failure_of(&error))?;
        let Some(defined) = scope.function(function).cloned() else {
            return Err(Failure::new(SqlState::UndefinedFunction, "the function is not there any more"));
        };
        let transitions = call.transitions.iter().map(|table| table.name.clone()).collect();
        let key = BodyKey::Trigger { function: defined.oid, table: call.table.relation, transitions };
        let body = self.body(&scope, &defined, &key)?;
        let which = Which::Function(key);
        let words = match self.transient.get_mut().bodies.get(&which) {
            Some(body) => body.words(&call.trigger, call.event, || words_of(call)),
            None => words_of(call),
        };
        let data = trigger_data(&scope, call, words)?;
        let shape = data.shape.clone();
        let arguments = Call { trigger: Some(data), ..Call::default() };
        let mut host = BodyHost::new(self, body.clone(), which, scope, teller);
        host.routine = defined.oid;
        let done = run_in(&mut host, arguments);
        let row = done?.rows.into_iter().next();
        Ok(row.map(|row| {
            let values = procedural::run::values_of(&row, &shape);
            let kept = shape.iter().zip(values).filter(|(field, _)| !field.dropped);
            kept.map(|(_, value)| value).collect()
        }))
    }

    /// `DO`
    pub(crate) fn run_do(
        &mut self,
        block: &Do<'_>,
        sent: Option<(&str, u32)>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let source = match block.bodies {
            [source] => *source,
            [] => return Err(plain(SqlState::SyntaxError, "no inline code specified")),
            _ => return Err(plain(SqlState::SyntaxError, "conflicting or redundant options")),
        };
        match block.languages {
            [] => {}
            [language] if language.eq_ignore_ascii_case(define::procedural::PLPGSQL) => {}
            [language @ ("sql" | "internal" | "c")] => {
                let message = format!("language \"{language}\" does not support inline code execution");
                return Err(plain(SqlState::FeatureNotSupported, message));
            }
            [language] => {
                let message = format!("language \"{language}\" does not exist");
                return Err(plain(SqlState::UndefinedObject, message));
            }
            _ => return Err(plain(SqlState::SyntaxError, "conflicting or redundant options")),
        }
        self.begin_snapshot()?;
        // A body that stands in what was sent as it is has its places there.
        let place = sent.and_then(|(text, start)| {
            let rest = text.get(start as usize..)?;
            u32::try_from(rest.find(source)?).ok().map(|place| place + start)
        });
        let shared = SharedClient::new(client);
        self.deeper(|session| session.run_block(source, place, &shared)).map_err(carried)?;
        client.complete("DO");
        Ok(())
    }

    fn run_block(&mut self, source: &str, place: Option<u32>, teller: &dyn Teller) -> Outcome<()> {
        let scope = self.scope().map_err(|error| failure_of(&error))?;
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(&scope, &literals);
        let declared = Declared {
            shown: "inline_code_block",
            name: "inline_code_block",
            source,
            kind: BodyKind::Block,
            arguments: &[],
            result: Type::of(oid::VOID),
            returns_set: false,
            is_volatile: true,
            settings: self.settings.typed().bodies,
            looks: Looks { syntax: self.settings.typed().checks_bodies, shadowed: None },
            depth_limit: context.depth_limit,
        };
        let mut names = define::procedural::BodyNames { context };
        let read = procedural::compile(&declared, &mut names);
        let function = read.map_err(|mut failure| {
            match (place, failure.position) {
                (Some(place), Some(position)) => failure.position = Some(position + place),
                (None, Some(_)) => failure.query = Some(source.to_owned()),
                (_, None) => {}
            }
            failure
        })?;
        let body = Body::new(function, None);
        let function = body.function.clone();
        let place = self.transient.get_mut().bodies.begin_block(body);
        let mut host = BodyHost::new(self, function.clone(), Which::Block(place), scope, Some(teller));
        let done = run_in(&mut host, Call::default());
        self.transient.get_mut().bodies.end_block(place);
        done.map(drop)
    }

    /// How deep functions have called each other where this session stands.
    pub(super) fn call_depth(&self) -> u32 {
        self.within.as_ref().map_or(0, |within| within.depth)
    }

    /// Runs something a level of calls deeper.
    ///
    /// # Errors
    /// Where they may not call each other so deep.
    pub(super) fn deeper<R>(&mut self, what: impl FnOnce(&mut Session) -> Outcome<R>) -> Outcome<R> {
        let limit = execute::depth_limit(self.engine.env.stack_budget());
        let depth = self.call_depth();
        if depth.saturating_add(LEVELS) >= limit || env::stack_address() < self.engine.env.stack_floor() {
            return Err(Failure::of(&execute::ExecuteError::TooDeep));
        }
        let around = self.within.take();
        let (lent, atomic, view, used) = match &around {
            Some(within) => (within.lent, within.atomic, within.view.clone(), within.used.clone()),
            None => (false, false, None, Vec::new()),
        };
        self.within = Some(Within { depth: depth + LEVELS, lent, atomic, view, used, given: Arc::default() });
        let done = what(self);
        self.within = around;
        done
    }

    /// Sends what a body tells, if the client wants to hear it.
    pub(super) fn tell_report(&mut self, severity: Severity, failure: &Failure, teller: Option<&dyn Teller>) {
        if !self.is_told(severity) {
            return;
        }
        let report = Box::new(crate::client::Report::new(severity, failure));
        let untold = match teller {
            Some(teller) => teller.tell(report).err(),
            None => Some(report),
        };
        self.notices.extend(untold.map(Notice::Told));
    }
}

/// Runs a body; those that it calls are told of it.
fn run_in(host: &mut BodyHost<'_, '_>, call: Call) -> Outcome<Returned> {
    let function = host.function.clone();
    let caller = Caller { function: function.clone(), standing: Standing::Nowhere, sql: None };
    host.session.transient.get_mut().callers.push(caller);
    let done = procedural::run(&function, host, call);
    host.session.transient.get_mut().callers.pop();
    done
}

fn plain(state: SqlState, message: impl Into<String>) -> SessionError {
    carried(Failure::new(state, message))
}

/// The types of a function's arguments as it is called, those that it gives out among them.
fn called_types(scope: &Scope, defined: &Defined, call: &RoutineCall) -> Vec<u32> {
    let inputs: Vec<u32> = defined.inputs().map(|input| input.type_oid).collect();
    let given: Vec<u32> = call.arguments.iter().map(|of| of.oid).collect();
    let mut next = given.iter();
    let of = |declared: u32| {
        let meant = functions::resolve::stands_for(scope, declared, &given, &inputs);
        meant.unwrap_or(declared)
    };
    let types = defined.arguments.iter().map(|argument| match argument.mode.is_input() {
        true => {
            let given = next.next().copied();
            let declared = argument.type_oid;
            // What is declared counts, unless it stands for any.
            let pseudo = scope.entry(declared).is_some_and(|it| it.form == types::catalog::Form::Pseudo);
            if pseudo && declared != oid::RECORD { given.unwrap_or(declared) } else { declared }
        }
        false => of(argument.type_oid),
    });
    types.collect()
}

/// The fields that a query says of a `record`.
fn shape_of_columns(scope: &Scope, columns: &[Type]) -> procedural::host::Shape {
    let field = |of: &Type| procedural::host::Field {
        name: String::new(),
        of: *of,
        kind: super::host::kind_of(scope, *of),
        dropped: false,
    };
    columns.iter().map(field).collect()
}

/// What a trigger's body sees of the call.
fn trigger_data(scope: &Scope, call: &TriggerCall, words: Arc<[Value]>) -> Outcome<TriggerData> {
    let row_type = Type::of(call.table.row_type);
    let Some(shape) = super::host::shape_of(scope, row_type) else {
        return Err(Failure::new(SqlState::InternalError, "the table of the trigger has no rows"));
    };
    // What is generated is computed when they are done that come before the row.
    let before = call.trigger.when == TriggerWhen::Before;
    let row = |values: &Option<Vec<Value>>, is_new: bool| {
        let values = values.as_ref()?;
        let mut given = values.iter().zip(&call.table.columns);
        let placed: Vec<Value> = shape
            .iter()
            .map(|field| match field.dropped {
                true => Value::Null,
                false => match given.next() {
                    Some((_, column)) if is_new && before && column.generated => Value::Null,
                    Some((value, _)) => value.clone(),
                    None => Value::Null,
                },
            })
            .collect();
        Some(procedural::run::record_of(&placed, &shape))
    };
    Ok(TriggerData {
        words,
        rows: [row(&call.new, true), row(&call.old, false)],
        row_type,
        shape: shape.clone(),
        for_rows: call.trigger.level == TriggerLevel::Row,
    })
}

/// What a trigger's body is told besides its rows, in the order of [`procedural::tree::TriggerVariables::words`].
fn words_of(call: &TriggerCall) -> Arc<[Value]> {
    let trigger = &call.trigger;
    let when = match trigger.when {
        TriggerWhen::Before => "BEFORE",
        TriggerWhen::After => "AFTER",
        TriggerWhen::InsteadOf => "INSTEAD OF",
    };
    let level = match trigger.level {
        TriggerLevel::Row => "ROW",
        TriggerLevel::Statement => "STATEMENT",
    };
    let event = match call.event {
        TriggerEvent::Insert => "INSERT",
        TriggerEvent::Update => "UPDATE",
        TriggerEvent::Delete => "DELETE",
        TriggerEvent::Truncate => "TRUNCATE",
    };
    let count = i32::try_from(trigger.arguments.len()).unwrap_or(i32::MAX);
    Arc::new([
        Value::text(&trigger.name),
        Value::text(when),
        Value::text(level),
        Value::text(event),
        Value::Int32(call.table.relation.cast_signed()),
        Value::text(&call.table.name),
        Value::text(&call.table.name),
        Value::text(&call.table.schema),
        Value::Int32(count),
        array_of(&trigger.arguments),
    ])
}

/// A transition table, as names find it.
fn given_table(given: &TransitionTable) -> GivenTable {
    let column = |column: &TriggerColumn| (column.name.as_str().into(), column.column_type);
    GivenTable { name: given.name.clone(), columns: given.table.columns.iter().map(column).collect() }
}

/// The words of a trigger as an array that counts from 0; null if there are none.
fn array_of(words: &[String]) -> Value {
    if words.is_empty() {
        return Value::Null;
    }
    let mut array = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    for word in words {
        array.push(&Item::Bytes(word.as_bytes()));
    }
    let length = i32::try_from(words.len()).unwrap_or(i32::MAX);
    Value::Bytes(array.finish(&[Dimension { length, lower: 0 }]).into())
}
