//! Values as text, for messages.

use crate::error::ExecuteResult;
use functions::Context;
use types::text::output;
use types::{Item, Type};

/// Appends a value's text; a null has none.
pub fn append(context: &Context<'_>, of: Type, item: &Item<'_>, text: &mut String) -> ExecuteResult<()> {
    Ok(output(context.types, of, item, context.text, text)?)
}
