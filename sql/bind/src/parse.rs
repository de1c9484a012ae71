//! Texts that the catalog keeps: expressions and queries, read again when they are needed.

use crate::binder::{Binder, internal};
use crate::error::{BindError, BindErrorKind, BindResult, Carried};
use crate::level::Level;
use bumpalo::Bump;
use syntax::tree::select::QueryBody;
use syntax::tree::{Expression, Query, StatementKind};

/// Runs `inner` over the tree of an expression's text. Errors have no position: the text is not the user's.
pub(crate) fn parsed_expression<T>(
    text: &str,
    depth_limit: usize,
    inner: impl FnOnce(&Expression<'_>) -> BindResult<T>,
) -> BindResult<T> {
    let source = format!("SELECT {text}");
    parsed_query(&source, depth_limit, |query| match query.body {
        QueryBody::Select(select) => match select.targets {
            [target] => inner(&target.expression),
            _ => Err(internal("the text of an expression is none")),
        },
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Set(_) | QueryBody::Nested(_) => {
            Err(internal("the text of an expression is none"))
        }
    })
}

/// The tree of a statement's text.
pub(crate) fn parsed_statement<'a>(
    text: &'a str,
    arena: &'a Bump,
    depth_limit: usize,
) -> BindResult<StatementKind<'a>> {
    let statements = syntax::parse(text, arena, depth_limit)
        .map_err(|error| BindError::new(BindErrorKind::Carried(Carried::of(&error))))?;
    match statements {
        [statement] => Ok(statement.kind),
        _ => Err(internal("the text of a statement is none")),
    }
}

/// Runs `inner` over the tree of a query's text.
pub(crate) fn parsed_query<T>(
    text: &str,
    depth_limit: usize,
    inner: impl FnOnce(&Query<'_>) -> BindResult<T>,
) -> BindResult<T> {
    let arena = Bump::new();
    let statements = syntax::parse(text, &arena, depth_limit)
        .map_err(|error| BindError::new(BindErrorKind::Carried(Carried::of(&error))))?;
    let [statement] = statements else { return Err(internal("the text of a query is none")) };
    match &statement.kind {
        StatementKind::Query(query) => inner(query).map_err(BindError::nowhere),
        _ => Err(internal("the text of a query is none")),
    }
}

impl Binder<'_> {
    /// The same over a text that the catalog keeps: names mean what they meant when it was written.
    pub fn kept<T>(&mut self, inner: impl FnOnce(&mut Self) -> BindResult<T>) -> BindResult<T> {
        let context = self.context;
        self.context = context.kept();
        let result = self.apart(inner);
        self.context = context;
        result
    }

    /// Runs `inner` as if nothing stood around it: neither the columns nor the tables of `WITH`.
    pub fn apart<T>(&mut self, inner: impl FnOnce(&mut Self) -> BindResult<T>) -> BindResult<T> {
        let levels = std::mem::take(&mut self.levels);
        let common = std::mem::take(&mut self.common_scopes);
        let names = std::mem::take(&mut self.parameter_names);
        let shapes = self.shapes.take();
        let first = self.owners.len();
        let level = Level::new(self);
        self.levels.push(level);
        let result = self.deeper(inner);
        self.levels = levels;
        // What was made in there counted its levels from nothing; here it is below all that stands around.
        let around = self.levels.len() as u32;
        self.owners.iter_mut().skip(first).for_each(|owner| *owner += around);
        self.common_scopes = common;
        self.parameter_names = names;
        self.shapes = shapes;
        result.map_err(BindError::nowhere)
    }
}
