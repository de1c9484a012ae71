//! SQL within a body of PL/pgSQL: names of variables beside those of columns, expressions that stand alone, assignments.

use crate::binder::{Binder, Bound, Context, Parameters};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::query::BoundQuery;
use diagnostic::SqlState;
use functions::table::CastContext;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{Logical, Query as Planned};
use std::fmt::Debug;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree, Indirection};
use syntax::tree::select::{Distinct, Query, QueryBody, Select};
use syntax::tree::{Name, QualifiedName};
use types::catalog::oid;
use types::{Type, Value};

/// A variable that a name, or its beginning, stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its number: that of the parameter that has its value.
    pub number: u32,
    /// Its type; none of a `record` to which nothing was assigned.
    pub of: Option<Type>,
    /// Whether it is a row.
    pub is_record: bool,
    /// Its name.
    pub name: String,
    /// How many parts of the name it takes.
    pub parts: usize,
}

/// What is meant by a name that is a variable and a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// It is refused.
    Refused,
    /// The variable.
    Variable,
    /// The column.
    Column,
}

/// The variables that a body's SQL sees.
pub trait Variables: Debug + Send + Sync {
    /// The one that a name of one to three parts begins with.
    fn find(&self, name: &[&str]) -> Option<Variable>;

    /// The one that `$n` stands for.
    fn positional(&self, number: i32) -> Option<Variable>;

    /// The name of the cursor that a variable of this name holds.
    fn cursor(&self, name: &str) -> Option<&str>;

    /// What is meant where there is a column of the same name.
    fn meant(&self) -> Meant;
}

impl Binder<'_> {
    /// A name that may be a variable's or a column's.
    pub(crate) fn column_or_variable(
        &mut self,
        variables: &dyn Variables,
        name: &QualifiedName<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let meant = variables.meant();
        if meant == Meant::Variable
            && let Some(found) = self.variable(variables, name.parts, position)?
        {
            return Ok(found);
        }
        match self.plain_column(name, position) {
            Ok(column) if meant == Meant::Column => Ok(column),
            Ok(column) => match self.variable(variables, name.parts, position) {
                Ok(None) | Err(_) => Ok(column),
                Ok(Some(_)) => {
                    let detail = "It could refer to either a PL/pgSQL variable or a table column.";
                    let kind = BindErrorKind::PlainWith {
                        state: SqlState::AmbiguousColumn,
                        message: format!("column reference \"{name}\" is ambiguous"),
                        detail: Some(detail.to_owned()),
                        hint: None,
                    };
                    Err(BindError::at(kind, position))
                }
            },
            Err(error) => {
                let unknown =
                    matches!(*error.kind, BindErrorKind::NoColumn { .. } | BindErrorKind::NoTable { .. });
                if !unknown {
                    return Err(error);
                }
                self.variable(variables, name.parts, position)?.ok_or(error)
            }
        }
    }

    /// A variable, or a field of one.
    fn variable(
        &mut self,
        variables: &dyn Variables,
        names: &[Name<'_>],
        position: u32,
    ) -> BindResult<Option<Bound>> {
        let texts: Vec<&str> = names.iter().map(|name| name.text).collect();
        let Some(found) = variables.find(&texts) else { return Ok(None) };
        match texts.get(found.parts..) {
            // A record that nothing was assigned to is a null, as a whole.
            Some([]) if found.of.is_none() => {
                let (kind, result) = (ExpressionKind::Constant(Value::Null), Type::of(oid::RECORD));
                Ok(Some(Bound { expression: Expression { kind, result }, position }))
            }
            Some([]) => self.whole_variable(&found, position).map(Some),
            Some([field]) if found.is_record => {
                let row = self.whole_variable(&found, position)?;
                match self.field(row, field, position) {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => {
                        let message = format!("record \"{}\" has no field \"{field}\"", found.name);
                        let kind = BindErrorKind::Plain { state: SqlState::UndefinedColumn, message };
                        Err(BindError::new(kind))
                    }
                }
            }
            Some(_) | None => Ok(None),
        }
    }

    pub(crate) fn whole_variable(&self, found: &Variable, position: u32) -> BindResult<Bound> {
        let Some(result) = found.of else {
            return Err(BindError::new(BindErrorKind::PlainWith {
                state: SqlState::ObjectNotInPrerequisiteState,
                message: format!("record \"{}\" is not assigned yet", found.name),
                detail: Some("The tuple structure of a not-yet-assigned record is indeterminate.".to_owned()),
                hint: None,
            }));
        };
        let expression = Expression { kind: ExpressionKind::Parameter(found.number), result };
        Ok(Bound { expression, position })
    }

    /// The row that a star is of, if it is a variable.
    pub(crate) fn starred_variable(&self, names: &[Name<'_>]) -> BindResult<Option<Expression>> {
        let Parameters::Variables(variables) = &self.parameter_names else { return Ok(None) };
        let texts: Vec<&str> = names.iter().map(|name| name.text).collect();
        match variables.find(&texts) {
            Some(found) if found.is_record && found.parts == texts.len() => {
                Ok(Some(self.whole_variable(&found, 0)?.expression))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// An expression that stands alone as one of a variable's type; none if it is not alone, or no such value at once.
    fn assigned_whole(&mut self, written: &Syntax<'_>, of: Type) -> BindResult<Option<Expression>> {
        self.level().clause = crate::clause::Clause::Select;
        let bound = self.expression(written)?;
        if !self.is_alone(&bound) {
            return Ok(None);
        }
        self.coerce(bound, of, CastContext::Assignment)
    }

    /// `base` with the value of a query put in where a path leads.
    fn assigned_part(
        &mut self,
        base: Expression,
        name: &str,
        (path, position): (&[Indirection<'_>], u32),
        value: &Query<'_>,
    ) -> BindResult<Expression> {
        self.assigns_by_text = true;
        let whole = Syntax { kind: Tree::Subquery(value), position: value.position };
        let bound = self.expression(only_target(value).unwrap_or(&whole))?;
        self.assigned_into(base, name, path, bound, position)
    }

    /// The new value of what is assigned to.
    fn assigned_target(
        &mut self,
        assigned: Assigned<'_, '_>,
        value: &Query<'_>,
    ) -> BindResult<Option<Expression>> {
        let Assigned { target, variable, field, names } = assigned;
        let path = path_of(target, names);
        match (field, path.is_empty()) {
            (Some(_), true) => Ok(None),
            (None, true) => match (variable.is_record, variable.of, only_target(value)) {
                (false, Some(of), Some(target)) => self.assigned_whole(target, of),
                _ => Ok(None),
            },
            (Some(field), false) => {
                let row = self.whole_variable(variable, target.position)?;
                let base = self.field(row, field, target.position)?.expression;
                self.assigned_part(base, field, (&path, target.position), value).map(Some)
            }
            (None, false) => {
                let base = self.whole_variable(variable, target.position)?.expression;
                self.assigned_part(base, &variable.name, (&path, target.position), value).map(Some)
            }
        }
    }

    /// A value as one of a type to which no cast leads: what its text is as such a value.
    pub(crate) fn through_text(&mut self, value: Expression, to: Type) -> BindResult<Expression> {
        let base = self.types().undomained(to);
        let kind = ExpressionKind::ThroughText(Box::new(value));
        let read = Bound { expression: Expression { kind, result: Type::of(base.oid) }, position: 0 };
        let wanted = read.expression.clone();
        Ok(self.coerce(read, to, CastContext::Assignment)?.unwrap_or(wanted))
    }

    /// What an expression means that stands alone; none if it yields or reads rows.
    fn alone(&mut self, written: &Syntax<'_>) -> BindResult<Option<Bound>> {
        let bound = self.expression(written)?;
        let bound = self.settle(bound)?;
        Ok(self.is_alone(&bound).then_some(bound))
    }

    /// Whether an expression neither yields nor reads rows.
    fn is_alone(&mut self, bound: &Bound) -> bool {
        let level = self.level();
        let rows = !level.aggregates.is_empty() || !level.windows.is_empty() || !level.sets.is_empty();
        let reads = bound.expression.any(&mut |part| matches!(part.kind, ExpressionKind::Subquery(_)));
        !rows && !reads
    }
}

/// The only thing that a query selects, if it does nothing else.
fn only_target<'q, 'a>(query: &'q Query<'a>) -> Option<&'q Syntax<'a>> {
    let QueryBody::Select(select) = query.body else { return None };
    let Select { distinct: Distinct::No, targets: [target], into: None, from: [], .. } = select else {
        return None;
    };
    let plain = query.with.is_none()
        && query.order.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locking.is_empty()
        && select.condition.is_none()
        && select.having.is_none()
        && select.windows.is_empty()
        && select.group.items.is_empty();
    (plain && !matches!(target.expression.kind, Tree::Star(_))).then_some(&target.expression)
}

/// What a query means that selects one value without reading rows; none if it does more than that.
///
/// # Errors
/// When it means nothing.
pub fn simple(
    context: Context<'_>,
    query: &Query<'_>,
    parameters: Parameters,
) -> BindResult<Option<Expression>> {
    let Some(target) = only_target(query) else { return Ok(None) };
    let mut binder = Binder::new(context, parameters);
    binder.level().clause = crate::clause::Clause::Select;
    Ok(binder.alone(target)?.map(|bound| bound.expression))
}

/// What an assignment goes to: a target of names and subscripts whose first `names` are the variable's, or those of its field.
#[derive(Debug, Clone, Copy)]
pub struct Assigned<'t, 'a> {
    /// As it is written.
    pub target: &'t Syntax<'a>,
    /// The variable.
    pub variable: &'t Variable,
    /// The field of a row that is assigned to by its name.
    pub field: Option<&'t str>,
    /// How many names are these.
    pub names: usize,
}

/// The new value of a variable, or of its field, into which something is assigned: `v.field[1] := …`; none if the field is
/// assigned to as a whole.
///
/// # Errors
/// When it means nothing.
pub fn assignment(
    context: Context<'_>,
    assigned: Assigned<'_, '_>,
    value: &Query<'_>,
    parameters: Parameters,
) -> BindResult<Option<Expression>> {
    Binder::new(context, parameters).assigned_target(assigned, value)
}

/// The same as a query of one row, for a value that is computed by reading rows.
///
/// # Errors
/// When it means nothing.
pub fn assigned_row(
    context: Context<'_>,
    assigned: Assigned<'_, '_>,
    value: &Query<'_>,
    parameters: Parameters,
) -> BindResult<Option<Planned>> {
    let mut binder = Binder::new(context, parameters);
    let Some(expression) = binder.assigned_target(assigned, value)? else { return Ok(None) };
    let input = Logical::nothing(binder.inner_relation());
    let relation = binder.inner_relation();
    binder.finish(BoundQuery::of_value(relation, &assigned.variable.name, input, expression)).map(Some)
}

/// What is behind the first names of an assignment's target.
fn path_of<'a>(target: &Syntax<'a>, names: usize) -> Vec<Indirection<'a>> {
    let (written, rest) = match &target.kind {
        Tree::Indirection { base, path } => (*base, *path),
        _ => (target, &[][..]),
    };
    match &written.kind {
        Tree::Column(name) => {
            let fields = name.parts.iter().skip(names).map(|field| Indirection::Field(*field));
            fields.chain(rest.iter().copied()).collect()
        }
        // `$1` is one name, its fields are steps.
        _ => rest.iter().skip(names.saturating_sub(1)).copied().collect(),
    }
}

/// A variable's value, which is parameter 0, as one of another type: as on assignment, or else by its text.
///
/// # Errors
/// When a domain's check means nothing.
pub fn variable_cast(context: Context<'_>, from: Type, to: Type) -> BindResult<Expression> {
    let from = if from.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { from };
    let mut binder = Binder::new(context, Parameters::None);
    let value = Expression { kind: ExpressionKind::Parameter(0), result: from };
    let bound = Bound { expression: value.clone(), position: 0 };
    // A text is read as whatever is wanted.
    if let Some(cast) = binder.coerce(bound, to, CastContext::Assignment)? {
        return Ok(cast);
    }
    binder.through_text(value, to)
}
