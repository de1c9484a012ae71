//! The host of a body that runs: values computed, types looked up, savepoints, the transaction's end.

use super::Caller;
use super::body::{ElementParts, Plan, Planned, Value as Alone, Which};
use super::names::{BoundTo, Visible};
use crate::client::{Severity, Teller};
use crate::error::SessionError;
use crate::query::Verb;
use crate::session::Session;
use crate::transaction::block::Marks;
use crate::world::literals::SessionLiterals;
use bind::Parameters;
use bumpalo::Bump;
use catalog::{Oid, Scope};
use diagnostic::SqlState;
use execute::Lone;
use plan::expression::{Expression as Bound, ExpressionKind, ReplacePath, SubscriptStep};
use procedural::host::{
    Answer, Around, Assigned, Called, Done, Field, Host, Named, OpenRows, Query, Rows, Shape, Standing,
    Wanted, Way,
};
use procedural::tree::{Expression, Function, Level, Mode};
use procedural::{Failure, Origin, Outcome};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::tree::statement::StatementKind;
use syntax::tree::{Query as Syntax, Statement};
use types::array::{ArrayBuilder, ArrayView, Dimension};
use types::catalog::{Form, oid, type_name};
use types::{Kind, Type, Types, Value};

/// What SQL of a body means, bound anew whenever something that it names has changed.
type Binding<'b> = dyn Fn(&mut Session, &Scope) -> Result<Option<plan::logical::Query>, SessionError> + 'b;

/// A body that runs in a session.
pub(super) struct BodyHost<'s, 'c> {
    pub session: &'s mut Session,
    pub function: Arc<Function>,
    pub which: Which,
    /// What names mean now.
    pub scope: Scope,
    /// Whom to tell at once what it says.
    pub teller: Option<&'c dyn Teller>,
    pub routine: Oid,
    /// Where it stands.
    standing: Standing,
    /// Whether it may not end the transaction.
    pub is_atomic: bool,
    /// Whether something may have been defined, set or committed since names were looked up.
    pub is_stale: bool,
    /// Queries whose rows come piece by piece.
    pub open: BTreeMap<u64, super::rows::OpenQuery>,
    pub opened: u64,
    /// How many rows were read for the last value, if it needed a query.
    counted: Option<u64>,
    /// Casts that were asked for.
    casts: BTreeMap<(u32, i32, u32, i32), Arc<Lone>>,
}

/// All that an error tells.
pub(super) fn failure_of(error: &SessionError) -> Box<Failure> {
    let mut failure = Failure::of(error);
    failure.is_final = matches!(error, SessionError::ClientGone | SessionError::Terminated);
    failure.origin = error.store_failure().map(|failure| Origin(Arc::new(failure)));
    failure
}

/// A failure of a body as the session carries it.
pub(super) fn carried(failure: Box<Failure>) -> SessionError {
    SessionError::Body(failure)
}

/// How values of a type lie in memory.
pub(super) fn kind_of(scope: &Scope, of: Type) -> Kind {
    scope.entry(scope.undomained(of).oid).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes)
}

/// The fields of a composite type.
pub(super) fn shape_of(scope: &Scope, of: Type) -> Option<Shape> {
    let base = scope.undomained(of);
    let columns = match base.oid {
        oid::RECORD => scope.record_columns(base.modifier)?.to_vec(),
        composite => scope.columns(composite)?.to_vec(),
    };
    let field = |column: types::catalog::Column| Field {
        kind: kind_of(scope, column.column_type),
        name: column.name,
        of: column.column_type,
        dropped: column.dropped,
    };
    Some(columns.into_iter().map(field).collect())
}

/// The fields of an expression's value. Those of a row that is written out are of no type where they are literals of none.
fn shape_of_value(scope: &Scope, bound: &Bound) -> Option<Shape> {
    let mut shape: Vec<Field> = shape_of(scope, bound.result)?.to_vec();
    if let ExpressionKind::Row(values) = &bound.kind {
        for (field, value) in shape.iter_mut().zip(values) {
            if value.result.oid == oid::UNKNOWN {
                field.of = value.result;
            }
        }
    }
    Some(shape.into())
}

impl<'s, 'c> BodyHost<'s, 'c> {
    pub fn new(
        session: &'s mut Session,
        function: Arc<Function>,
        which: Which,
        scope: Scope,
        teller: Option<&'c dyn Teller>,
    ) -> BodyHost<'s, 'c> {
        let mut host = BodyHost {
            is_atomic: session.is_atomic(),
            is_stale: false,
            standing: Standing::Nowhere,
            session,
            function,
            which,
            scope,
            teller,
            routine: 0,
            open: BTreeMap::new(),
            opened: 0,
            counted: None,
            casts: BTreeMap::new(),
        };
        host.hold_plans();
        host
    }

    /// Something is run that may call others, by SQL or by an expression: what these are told of their callers.
    pub fn calls(&mut self, sql: Option<(Mode, Arc<str>)>) {
        if let Some(own) = self.session.transient.get_mut().callers.last_mut() {
            (own.standing, own.sql) = (self.standing, sql);
        }
    }

    /// Plans that something has changed under are forgotten.
    fn hold_plans(&mut self) {
        let session = &mut *self.session;
        let mark = session.settings.mark();
        let (settings, role) = (&session.settings, session.role);
        if let Some(body) = session.transient.get_mut().bodies.get(&self.which) {
            body.hold_to(&self.scope, &mark, role, |known| settings.is_as_at(known));
        }
    }

    /// Looks anew at what names mean, if something may have been defined, set, or committed.
    pub fn look_if_stale(&mut self) -> Outcome<()> {
        // A function may have set who one is.
        let session = &self.session;
        match self.is_stale || !Arc::ptr_eq(&session.settings.typed().identity, &session.identity) {
            true => self.look_again(),
            false => Ok(()),
        }
    }

    /// Looks anew at what names mean, and who one is.
    pub fn look_again(&mut self) -> Outcome<()> {
        self.is_stale = false;
        self.session.refresh_identity().map_err(|error| failure_of(&error))?;
        let scope = self.session.scope().map_err(|error| failure_of(&error))?;
        if !Arc::ptr_eq(scope.snapshot(), self.scope.snapshot()) {
            self.casts.clear();
        }
        self.scope = scope;
        self.hold_plans();
        Ok(())
    }

    /// The variables that SQL sees, for the binder.
    pub fn parameters(&self, expression: &Expression, around: Around<'_>) -> Parameters {
        let visible = Visible::new(self.function.clone(), expression, around, &self.scope);
        Parameters::Variables(Arc::new(visible))
    }

    /// Does something with what the binder asks for.
    pub fn binding<R>(
        &mut self,
        what: impl FnOnce(bind::Context<'_>) -> Result<R, bind::BindError>,
    ) -> Outcome<R> {
        let text = self.session.text_settings();
        let literals = SessionLiterals { text: &text };
        what(self.session.context(&self.scope, &literals)).map_err(|error| Failure::of(&error))
    }

    /// How an expression is done: as it was the last time, if that holds.
    pub fn planned(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Plan> {
        let known = match self.session.transient.get_mut().bodies.get(&self.which) {
            Some(body) => body.plan(expression.number),
            None => None,
        };
        if let Some(plan) = known {
            let holds = match &plan {
                Plan::Value(value) => value.bound_to.holds(around),
                Plan::Rows(planned) => planned.bound_to.holds(around),
            };
            if holds {
                return Ok(plan);
            }
        }
        let plan = self.plan(expression, around).map_err(|failure| located(failure, expression))?;
        if let Some(body) = self.session.transient.get_mut().bodies.get(&self.which) {
            body.keep(expression.number, plan.clone());
        }
        Ok(plan)
    }

    /// Binds and plans SQL of the body.
    fn plan(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Plan> {
        let arena = Bump::new();
        let text = read_text(expression);
        let statements = self.session.parse(&text, &arena).map_err(|error| failure_of(&error))?;
        let [statement] = statements else { return Err(Failure::syntax("syntax error")) };
        if let StatementKind::Query(query) = &statement.kind
            && expression.mode != Mode::Statement
            && let Some(plan) = self.plan_value(expression, query, around)?
        {
            return Ok(plan);
        }
        self.plan_rows(statement, expression, around)
    }

    /// A value that needs no rows; none if it does.
    fn plan_value(
        &mut self,
        expression: &Expression,
        query: &Syntax<'_>,
        around: Around<'_>,
    ) -> Outcome<Option<Plan>> {
        let parameters = self.parameters(expression, around);
        let bound = match expression.mode {
            Mode::Assignment { target, .. } => {
                self.bind_assignment(expression, target, query, &parameters)?
            }
            Mode::Expression | Mode::Statement => None,
        };
        let is_part = bound.is_some();
        let bound = match bound {
            Some(bound) => Some(bound),
            None => self.binding(|context| bind::variable::simple(context, query, parameters))?,
        };
        let Some(bound) = bound else { return Ok(None) };
        if bound.any(&mut |part| matches!(part.kind, ExpressionKind::Subquery(_))) {
            return match expression.mode {
                Mode::Assignment { target, .. } if is_part => {
                    self.plan_assigned(expression, (target, query), around).map(Some)
                }
                Mode::Assignment { .. } | Mode::Expression | Mode::Statement => Ok(None),
            };
        }
        let mut called = Vec::new();
        bound.walk(&mut |part| {
            part.for_each_function(&mut |function| called.push(function.0));
        });
        let (role, branch) = (self.session.role, self.session.database.0);
        crate::privileges::may_execute(&self.scope, role, branch, called)
            .map_err(|error| Failure::of(&error))?;
        let compiled = Lone::new(&self.scope, &bound);
        let compiled = compiled.map_err(|error| failure_of(&error.into()))?;
        Ok(Some(Plan::Value(Arc::new(Alone {
            is_constant: self.is_constant(&bound)?,
            element: self.element_parts(expression, &bound, around)?,
            shape: shape_of_value(&self.scope, &bound),
            of: bound.result,
            expression: compiled,
            scope: self.scope.clone(),
            bound_to: BoundTo::now(around),
        }))))
    }

    /// Whether an expression is computed where it is planned. What a domain asks is not.
    fn is_constant(&mut self, bound: &Bound) -> Outcome<bool> {
        let varies = bound.any(&mut |part| {
            matches!(part.kind, ExpressionKind::Parameter(_) | ExpressionKind::DomainCheck { .. })
        });
        Ok(!varies && self.binding(|context| Ok(bind::definition::is_immutable(context, bound)))?)
    }

    /// A statement that reads or changes rows.
    fn plan_rows(
        &mut self,
        statement: &Statement<'_>,
        expression: &Expression,
        around: Around<'_>,
    ) -> Outcome<Plan> {
        let function = self.function.clone();
        let parameters = |scope: &Scope| {
            let visible = Visible::new(function.clone(), expression, around, scope);
            Parameters::Variables(Arc::new(visible))
        };
        let tells = function.prints_parameters;
        let (ready, shape, named) = self.ready(statement, &parameters, (self.function.is_volatile, tells))?;
        let bound_to = BoundTo::now(around);
        Ok(Plan::Rows(Arc::new(Planned { ready, shape, named, bound_to })))
    }

    /// A statement bound and planned, its relations locked; with the variables that it names, if they are to be told.
    pub fn ready(
        &mut self,
        statement: &Statement<'_>,
        parameters: &dyn Fn(&Scope) -> Parameters,
        (may_write, tells): (bool, bool),
    ) -> Outcome<(crate::query::Ready, Shape, Vec<Named>)> {
        let verb = Verb::of(&statement.kind);
        if !may_write && verb != Verb::Select {
            let message = format!("{} is not allowed in a non-volatile function", verb.name());
            return Err(Failure::new(SqlState::FeatureNotSupported, message));
        }
        self.ready_bound(verb, tells, &|session, scope| {
            session.bind(scope, statement, parameters(scope)).map(Some)
        })
    }

    /// The same of what is bound in some way.
    pub fn ready_bound(
        &mut self,
        verb: Verb,
        tells: bool,
        bind: &Binding<'_>,
    ) -> Outcome<(crate::query::Ready, Shape, Vec<Named>)> {
        let bind = |session: &mut Session, scope: &Scope| {
            let Some(query) = bind(session, scope)? else {
                return Err(SessionError::SeveralStatements);
            };
            let shape = super::body::output_types(&query);
            let named = if tells { super::names::variables_in(&query) } else { Vec::new() };
            Ok((query, (shape, named)))
        };
        // Types of rows that nothing but the statement describes are those of one scope.
        let found =
            self.session.ready_in(self.scope.clone(), verb, bind).map_err(|error| failure_of(&error))?;
        let (ready, (columns, named)) = found;
        let field =
            |(name, of): (String, Type)| Field { kind: kind_of(&ready.scope, of), name, of, dropped: false };
        let shape = columns.into_iter().map(field).collect();
        Ok((ready, shape, named))
    }

    /// The value of an expression that stands alone. As in PostgreSQL one that is computed already, further out, counts as a
    /// query, and one that depends on nothing is computed where it is planned: a failure says which.
    fn value_in_use(&mut self, expression: &Expression, plan: &Alone, values: &[Value]) -> Outcome<Answer> {
        if let Some(value) = plan.expression.at_once(values) {
            return Ok(Answer { value, of: plan.of, shape: plan.shape.clone() });
        }
        let value = self
            .in_use(expression, plan.is_constant, |host| host.value(&plan.expression, &plan.scope, values))?;
        Ok(Answer { value, of: plan.of, shape: plan.shape.clone() })
    }

    /// Computes something of an expression that stands alone.
    fn in_use<T>(
        &mut self,
        expression: &Expression,
        is_constant: bool,
        compute: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let mut told = is_constant;
        if let Some(body) = self.session.transient.get_mut().bodies.get(&self.which) {
            told |= body.in_use.contains(&expression.number);
            body.in_use.push(expression.number);
        }
        self.calls(told.then(|| (expression.mode, expression.text.clone())));
        let done = compute(self);
        if let Some(body) = self.session.transient.get_mut().bodies.get(&self.which) {
            body.in_use.pop();
        }
        match told {
            true => done.map_err(|failure| within_sql(failure, expression)),
            false => done,
        }
    }

    /// The value of an expression that stands alone.
    fn value(&mut self, lone: &Lone, scope: &Scope, values: &[Value]) -> Outcome<Value> {
        if let Some(value) = lone.at_once(values) {
            return Ok(value);
        }
        let view = self.view();
        let text = self.session.kept_text_settings();
        let done = {
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            parts.lent.teller = self.teller;
            let done = parts.within(scope, transaction, values, |world| lone.value(world, view.as_ref()));
            (done, std::mem::take(&mut parts.notices))
        };
        self.session.notices.extend(done.1);
        self.tell_pending();
        done.0.map_err(|error| failure_of(&error.into()))
    }

    /// The parts of an assignment to an element of an array that is a variable; none of anything else.
    fn element_parts(
        &mut self,
        expression: &Expression,
        bound: &plan::expression::Expression,
        around: Around<'_>,
    ) -> Outcome<Option<ElementParts>> {
        let (Mode::Assignment { .. }, ExpressionKind::Replace { operand, path, value }) =
            (expression.mode, &bound.kind)
        else {
            return Ok(None);
        };
        let (ExpressionKind::Parameter(_), ReplacePath::Subscript(steps)) = (&operand.kind, path) else {
            return Ok(None);
        };
        let [SubscriptStep::Index(at)] = &steps[..] else { return Ok(None) };
        let array = self.scope.entry(operand.result.oid).is_some_and(|entry| entry.form == Form::Array);
        if at.result.oid != oid::INT4 || !array {
            return Ok(None);
        }
        let behind = u32::try_from(around.frame.values.len()).unwrap_or(u32::MAX);
        let parameter = |number: u32, of: Type| Bound::new(ExpressionKind::Parameter(number), of);
        let whole = ExpressionKind::Replace {
            operand: operand.clone(),
            path: ReplacePath::Subscript(vec![SubscriptStep::Index(parameter(behind, at.result))]),
            value: Box::new(parameter(behind + 1, value.result)),
        };
        let compiled = |of: &Bound| Lone::new(&self.scope, of).map_err(|error| failure_of(&error.into()));
        let parts = (compiled(at)?, compiled(value)?);
        let whole = compiled(&Bound::new(whole, bound.result))?;
        let constant = (self.is_constant(at)?, self.is_constant(value)?);
        Ok(Some(ElementParts { at: parts.0, value: parts.1, whole, constant }))
    }

    /// What SQL reads from, if it is not all that the transaction sees.
    pub fn view(&self) -> Option<store::View> {
        self.session.within.as_ref().and_then(|within| within.view.clone())
    }

    /// Tells at once what functions had to say, if there is somebody to be told.
    pub fn tell_pending(&mut self) {
        if let Some(teller) = self.teller {
            self.session.tell_at_once(teller);
        }
    }

    fn query_value(
        &mut self,
        expression: &Expression,
        planned: &Planned,
        around: Around<'_>,
    ) -> Outcome<Answer> {
        let count = planned.shape.len();
        let plural = if count == 1 { "" } else { "s" };
        // What is assigned is looked at before it is computed.
        if count != 1 && matches!(expression.mode, Mode::Assignment { .. }) {
            let message = format!("assignment source returned {count} column{plural}");
            return Err(within_sql(Failure::syntax(message), expression));
        }
        self.calls(Some((expression.mode, expression.text.clone())));
        let rows = self.rows_of(planned, &around.frame.values, Wanted::First(2));
        let (rows, _) = rows.map_err(|failure| within_sql(failure, expression))?;
        if count != 1 {
            let message = format!("query returned {count} column{plural}");
            return Err(Failure::syntax(message).within(format!("query: {}", expression.text)));
        }
        if rows.len() > 1 {
            return Err(Failure::new(SqlState::CardinalityViolation, "query returned more than one row")
                .within(format!("query: {}", expression.text)));
        }
        self.counted = Some(rows.len() as u64);
        let field = &planned.shape[0];
        let value = rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or(Value::Null);
        Ok(Answer { value, of: field.of, shape: shape_of(&planned.ready.scope, field.of) })
    }
}

/// The text by which SQL of a body is read. Of an assignment that is the value, which stands where it is written: what is
/// assigned to is read from a text of its own, in which it stands as far in.
pub(super) fn read_text(expression: &Expression) -> String {
    match expression.mode {
        Mode::Statement => expression.text.to_string(),
        Mode::Expression => format!("SELECT {}", expression.text),
        Mode::Assignment { value, .. } => {
            let blank = " ".repeat(value as usize);
            format!("SELECT {blank}{}", expression.text.get(value as usize..).unwrap_or_default())
        }
    }
}

/// A failure that has a place in the text by which SQL was read, with the place in the SQL as it is written; or else with a
/// line that says which SQL it was.
pub(super) fn located(mut failure: Box<Failure>, expression: &Expression) -> Box<Failure> {
    if failure.query.is_some() {
        return failure;
    }
    match failure.position {
        Some(position) => {
            let before = match expression.mode {
                Mode::Statement => 0,
                Mode::Expression | Mode::Assignment { .. } => 7,
            };
            failure.position = Some(position.saturating_sub(before));
            failure.query = Some(expression.text.to_string());
            failure
        }
        None => within_sql(failure, expression),
    }
}

/// A failure with the line that says in which SQL it was.
pub(super) fn within_sql(failure: Box<Failure>, expression: &Expression) -> Box<Failure> {
    failure.within(sql_line(expression.mode, &expression.text))
}

/// The line of a context that says which SQL it was.
pub(super) fn sql_line(mode: Mode, text: &str) -> String {
    let what = match mode {
        Mode::Statement => "SQL statement",
        Mode::Expression => "SQL expression",
        Mode::Assignment { .. } => "PL/pgSQL assignment",
    };
    format!("{what} \"{text}\"")
}

impl Host for BodyHost<'_, '_> {
    fn stand(&mut self, standing: Standing) {
        self.standing = standing;
    }

    fn check(&mut self) -> Outcome<()> {
        self.session.check_running().map_err(|error| failure_of(&error))
    }

    fn evaluate(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Answer> {
        self.look_if_stale()?;
        match self.planned(expression, around)? {
            Plan::Value(plan) => self.value_in_use(expression, &plan, &around.frame.values),
            Plan::Rows(planned) => {
                let planned = self.current(planned, expression, around)?;
                self.query_value(expression, &planned, around)
            }
        }
    }

    fn assigned(&mut self, assignment: &Expression, around: Around<'_>) -> Outcome<Assigned> {
        self.look_if_stale()?;
        if let Plan::Value(plan) = self.planned(assignment, around)?
            && let Some(parts) = &plan.element
        {
            let values = &around.frame.values;
            if let (Some(at), Some(element)) = (parts.at.at_once(values), parts.value.at_once(values)) {
                return Ok(Assigned::Element(at, element));
            }
            let (at_once, value_once) = parts.constant;
            let at = self.in_use(assignment, at_once, |host| host.value(&parts.at, &plan.scope, values))?;
            let element =
                self.in_use(assignment, value_once, |host| host.value(&parts.value, &plan.scope, values))?;
            return Ok(Assigned::Element(at, element));
        }
        self.evaluate(assignment, around).map(Assigned::Whole)
    }

    fn counted(&mut self) -> Option<u64> {
        self.counted.take()
    }

    fn with_element(
        &mut self,
        assignment: &Expression,
        around: Around<'_>,
        (at, element): (Value, Value),
    ) -> Outcome<Answer> {
        let plan = self.planned(assignment, around)?;
        let (Plan::Value(plan), mut values) = (plan, around.frame.values.clone()) else {
            return Err(Failure::new(
                SqlState::InternalError,
                "an assignment is planned otherwise meanwhile",
            ));
        };
        values.extend([at, element]);
        let whole = match &plan.element {
            Some(parts) => &parts.whole,
            None => &plan.expression,
        };
        let value = self.value(whole, &plan.scope, &values)?;
        Ok(Answer { value, of: plan.of, shape: plan.shape.clone() })
    }

    fn cast(&mut self, value: Value, from: Type, to: Type) -> Outcome<Value> {
        self.look_if_stale()?;
        let key = (from.oid, from.modifier, to.oid, to.modifier);
        let compiled = match self.casts.get(&key) {
            Some(known) => known.clone(),
            None => {
                let cast = self.binding(|context| bind::variable::variable_cast(context, from, to))?;
                let compiled = Lone::new(&self.scope, &cast);
                let compiled = Arc::new(compiled.map_err(|error| failure_of(&error.into()))?);
                self.casts.insert(key, compiled.clone());
                compiled
            }
        };
        let text = self.session.kept_text_settings();
        let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
        parts.lent.teller = self.teller;
        let done = parts.within(&self.scope, transaction, &[value], |world| compiled.value(world, None));
        done.map_err(|error| failure_of(&error.into()))
    }

    fn text(&mut self, value: &Value, of: Type) -> Outcome<String> {
        let settings = self.session.kept_text_settings();
        let mut out = String::new();
        types::text::output(&self.scope, of, &value.into(), &settings, &mut out)
            .map_err(|error| Failure::of(&error))?;
        Ok(out)
    }

    fn shown(&mut self, of: Type) -> String {
        type_name(&self.scope, of.oid, (of.modifier >= 0).then_some(of.modifier))
    }

    fn shape(&mut self, of: Type) -> Option<Shape> {
        shape_of(&self.scope, of)
    }

    fn field(&mut self, name: &str, of: Type) -> Field {
        Field { name: name.to_owned(), of, kind: kind_of(&self.scope, of), dropped: false }
    }

    fn domain_base(&mut self, of: Type) -> Option<Type> {
        let is_domain = self.scope.entry(of.oid).is_some_and(|entry| entry.form == Form::Domain);
        is_domain.then(|| self.scope.undomained(of))
    }

    fn element(&mut self, of: Type) -> Option<Type> {
        let base = self.scope.undomained(of);
        let entry = self.scope.entry(base.oid)?;
        (entry.form == Form::Array).then_some(Type { oid: entry.element, modifier: base.modifier })
    }

    fn slices(&mut self, array: &Answer, slice: i32) -> Outcome<(i32, Vec<Value>)> {
        let view = array.value.as_bytes().and_then(ArrayView::new);
        let Some(view) = view else { return Ok((0, Vec::new())) };
        let dimensions = i32::try_from(view.dimensions().len()).unwrap_or(i32::MAX);
        Ok((dimensions, slices(&view, kind_of_element(&self.scope, array.of), slice)))
    }

    fn run(&mut self, query: Query<'_>, wanted: Wanted) -> Outcome<Done> {
        match query {
            Query::Written(expression, around) => self.run_written(expression, around, wanted),
            Query::Dynamic(text, arguments) => self.run_dynamic(text, arguments, wanted),
        }
    }

    fn parameters_of(&mut self, expression: &Expression) -> Vec<Named> {
        match self
            .session
            .transient
            .get_mut()
            .bodies
            .get(&self.which)
            .and_then(|body| body.plan(expression.number))
        {
            Some(Plan::Rows(planned)) => planned.named.clone(),
            Some(Plan::Value(_)) | None => Vec::new(),
        }
    }

    fn open(&mut self, query: Query<'_>) -> Outcome<OpenRows> {
        self.open_rows(query)
    }

    fn more(&mut self, open: OpenRows) -> Outcome<Option<Rows>> {
        self.more_rows(open)
    }

    fn close(&mut self, open: OpenRows) {
        if let Some(mut query) = self.open.remove(&open.0) {
            self.forget_used(&mut query);
        }
    }

    fn open_cursor(&mut self, name: Option<&str>, query: Query<'_>, scroll: Option<bool>) -> Outcome<String> {
        self.open_named(name, query, scroll)
    }

    fn fetch(&mut self, name: &str, way: Way, moves: bool) -> Outcome<(Rows, u64)> {
        self.fetch_named(name, way, moves)
    }

    fn close_cursor(&mut self, name: &str) -> Outcome<()> {
        self.session.refuse_pinned(Some(name)).map_err(|error| failure_of(&error))?;
        match self.session.cursors.get_mut().close(name) {
            true => Ok(()),
            false => Err(super::cursors::no_cursor(name)),
        }
    }

    fn pin_cursor(&mut self, name: &str, pinned: bool) {
        let transient = self.session.transient.get_mut();
        match pinned {
            true => transient.pinned.push(name.to_owned()),
            false => transient.pinned.retain(|known| known != name),
        }
    }

    fn call(&mut self, statement: &Expression, around: Around<'_>) -> Outcome<Called> {
        self.call_written(statement, around)
    }

    fn begin_inner(&mut self) -> Outcome<()> {
        let session = &mut *self.session;
        let (events, cursors) = (session.events.mark(), session.cursors.get_mut().mark());
        let (portals, pending) = (session.portals.mark(), session.kept.pending.mark());
        let large_objects = session.transient.get_mut().large_objects.mark();
        let marks = Marks { events, cursors, portals, pending, large_objects };
        session.block.begin_inner(&session.settings, marks).map_err(|error| failure_of(&error))?;
        session.tally.get_mut().enter();
        Ok(())
    }

    fn keep_inner(&mut self) -> Outcome<()> {
        self.session.block.keep_inner().map_err(|error| failure_of(&error))?;
        let tally = self.session.tally.get_mut();
        tally.keep_to(tally.level().saturating_sub(1));
        Ok(())
    }

    fn undo_inner(&mut self) -> Outcome<()> {
        let session = &mut *self.session;
        let marks = session.block.undo_inner(&mut session.settings).map_err(|error| failure_of(&error))?;
        let tally = session.tally.get_mut();
        tally.undo_to(tally.level().saturating_sub(1));
        session.events.forget(marks.events);
        session.cursors.get_mut().forget(marks.cursors);
        session.portals.forget(marks.portals);
        session.kept.pending.forget(marks.pending);
        session.transient.get_mut().large_objects.forget(marks.large_objects);
        session.catalog.get_mut().end_transaction();
        self.look_again()
    }

    fn end_transaction(&mut self, commits: bool, chain: bool) -> Outcome<()> {
        self.end_now(commits, chain)
    }

    fn tell(&mut self, level: Level, told: Box<Failure>) {
        let severity = match level {
            Level::Debug => Severity::Debug,
            Level::Log => Severity::Log,
            Level::Info => Severity::Info,
            Level::Notice => Severity::Notice,
            Level::Warning => Severity::Warning,
            Level::Exception => Severity::Error,
        };
        self.session.tell_report(severity, &told, self.teller);
    }

    fn settings(&mut self) -> procedural::Settings {
        self.session.settings.typed().bodies
    }

    fn routine(&self) -> u32 {
        self.routine
    }

    fn outer_context(&mut self) -> Vec<String> {
        let callers = &self.session.transient.get_mut().callers;
        // The last one is the body itself.
        callers.iter().rev().skip(1).flat_map(Caller::lines).collect()
    }
}

/// How elements of an array type lie in memory.
fn kind_of_element(scope: &Scope, array: Type) -> (u32, Kind) {
    let element = scope.entry(scope.undomained(array).oid).map_or(0, |entry| entry.element);
    (element, kind_of(scope, Type::of(element)))
}

/// The elements of an array, or its slices of so many dimensions, in order.
fn slices(view: &ArrayView<'_>, (element, kind): (u32, Kind), slice: i32) -> Vec<Value> {
    let items: Vec<Value> = view.items().map(|item| item.to_value()).collect();
    let dimensions: Vec<Dimension> = view.dimensions().collect();
    let Ok(slice) = usize::try_from(slice) else { return Vec::new() };
    if slice == 0 || slice > dimensions.len() {
        return items;
    }
    let inner = &dimensions[dimensions.len() - slice..];
    let length: usize = inner.iter().map(|it| usize::try_from(it.length).unwrap_or(0)).product();
    let array = |values: &[Value]| {
        let mut array = ArrayBuilder::new(element, kind);
        values.iter().for_each(|value| array.push(&value.into()));
        Value::Bytes(array.finish(inner).into())
    };
    items.chunks(length.max(1)).map(array).collect()
}
