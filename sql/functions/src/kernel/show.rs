//! Values as text, wherever a function needs them so.

use crate::error::FunctionResult;
use crate::evaluate::Context;
use types::catalog::oid;
use types::{Item, Type};

/// Appends the text of a value; of a null nothing.
pub(crate) fn show(
    context: &Context<'_>,
    of: Type,
    item: &Item<'_>,
    out: &mut Vec<u8>,
) -> FunctionResult<()> {
    if let (oid::TEXT | oid::VARCHAR | oid::NAME | oid::BPCHAR | oid::UNKNOWN, Item::Bytes(text)) =
        (of.oid, item)
    {
        out.extend_from_slice(text);
        return Ok(());
    }
    let mut text = String::new();
    if !item.is_null() {
        types::text::output(context.types, of, item, context.text, &mut text)?;
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}
