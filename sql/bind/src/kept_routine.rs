//! Bodies of functions that are read when the function is made, `RETURN …` and `BEGIN ATOMIC … END`: what their statements
//! mean and how they were written, for what the catalog keeps and shows of them.
//!
//! The text that is kept of one has every name resolved; an argument is a number there. A body that is an expression begins
//! with [`RETURN`], which no statement begins with.

use crate::binder::{Binder, Context};
use crate::error::BindResult;
use crate::routine::{allowed, argument_names, parsed_body};
use crate::shape::Shapes;
use bumpalo::Bump;
use catalog::object::Function;
use plan::logical::RelationUse;
use std::borrow::Cow;
use syntax::lexer::StringRules;
use types::Type;

/// What the text of a body begins with that is an expression.
pub const RETURN: &str = "RETURN ";

/// A statement of a body.
pub struct BodyStatement {
    /// How it was written.
    pub shapes: Shapes,
    /// The relations that it uses.
    pub relations: Vec<RelationUse>,
    /// Whether it is a `RETURN` within a block.
    pub returned: bool,
}

/// What stands behind a query, in the text of a block, that was written as a `RETURN`.
pub const RETURNED: &str = " /*RETURN*/";

/// What is kept of a body, as statements.
pub(crate) fn kept_statements(text: &str) -> Cow<'_, str> {
    match text.strip_prefix(RETURN) {
        Some(expression) => Cow::Owned(format!("SELECT {expression}")),
        None => Cow::Borrowed(text),
    }
}

/// The statements of a body that a user has just written, whose strings are read by these rules, or of one that is kept.
///
/// # Errors
/// When one of them means nothing.
pub fn body_statements(
    context: Context<'_>,
    function: &Function,
    text: &str,
    strings: Option<StringRules>,
) -> BindResult<Vec<BodyStatement>> {
    let arena = Bump::new();
    let statements = parsed_body(context, text, &arena, strings)?;
    let mut found = Vec::with_capacity(statements.len());
    for statement in statements {
        allowed(statement)?;
        let types: Vec<Type> = function.inputs().map(|argument| Type::of(argument.type_oid)).collect();
        let mut binder = Binder::defining(context, argument_names(function, &types));
        binder.shapes = Some(Box::default());
        let mut bound = binder.changing_statement(&statement.kind)?;
        let mut shapes = binder.shapes.take().map_or_else(Shapes::default, |shapes| *shapes);
        shapes.root = bound.shape.take();
        crate::kept_rule::note_system_columns(&binder, &mut shapes);
        let behind = text.get(statement.end as usize..).unwrap_or_default();
        let returned = behind.starts_with(RETURNED);
        found.push(BodyStatement { shapes, relations: binder.finish(bound)?.relations, returned });
    }
    Ok(found)
}

/// The same of a body that the catalog keeps.
///
/// # Errors
/// When one of them means nothing.
pub fn kept_body_statements(
    context: Context<'_>,
    function: &Function,
    text: &str,
) -> BindResult<Vec<BodyStatement>> {
    body_statements(context.kept(), function, &kept_statements(text), None)
}
