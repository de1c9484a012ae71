//! `…send`: values as clients get them in binary form.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::collect;
use types::Vector;

pub(crate) fn send(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    let to = types::wire::Context::of(context.types, context.text.client_encoding);
    collect::<Vec<u8>>(arguments.rows, |row| {
        let mut bytes = Vec::new();
        types::wire::send(to, of, &arguments.vectors[0].item(row), &mut bytes)
            .map_err(|error| FunctionError::Other(Box::new(error)))?;
        Ok(bytes)
    })
}
