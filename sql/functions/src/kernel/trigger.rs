//! Functions of triggers. What they do with rows is done by whoever fires triggers; here is what a plain call of them says, and
//! what they need that is no row.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::search::document::long_words_told;
use diagnostic::SqlState;
use types::{Value, Vector};

/// `suppress_redundant_updates_trigger` outside of a trigger.
pub(crate) fn suppress_updates(_: &mut Context<'_>, _: &Arguments<'_>) -> FunctionResult<Vector> {
    let message = "suppress_redundant_updates_trigger: must be called as trigger";
    Err(FunctionError::plain(SqlState::ERIETriggerProtocolViolated, message))
}

/// `tsvector_update_trigger` outside of a trigger.
pub(crate) fn update_vector(_: &mut Context<'_>, _: &Arguments<'_>) -> FunctionResult<Vector> {
    let message = "tsvector_update_trigger: not fired by trigger manager";
    Err(FunctionError::plain(SqlState::InternalError, message))
}

/// What the functions that keys are to PostgreSQL say to a plain call.
macro_rules! of_keys {
    ($($function:ident: $name:literal;)*) => {
        $(
            /// A function of keys outside of a trigger.
            pub(crate) fn $function(_: &mut Context<'_>, _: &Arguments<'_>) -> FunctionResult<Vector> {
                let message = concat!("function \"", $name, "\" was not called by trigger manager");
                Err(FunctionError::plain(SqlState::ERIETriggerProtocolViolated, message))
            }
        )*
    };
}

of_keys! {
    check_ins: "RI_FKey_check_ins";
    check_upd: "RI_FKey_check_upd";
    cascade_del: "RI_FKey_cascade_del";
    cascade_upd: "RI_FKey_cascade_upd";
    restrict_del: "RI_FKey_restrict_del";
    restrict_upd: "RI_FKey_restrict_upd";
    setnull_del: "RI_FKey_setnull_del";
    setnull_upd: "RI_FKey_setnull_upd";
    setdefault_del: "RI_FKey_setdefault_del";
    setdefault_upd: "RI_FKey_setdefault_upd";
    noaction_del: "RI_FKey_noaction_del";
    noaction_upd: "RI_FKey_noaction_upd";
    unique_recheck: "unique_key_recheck";
}

/// What text search knows of a text, by a configuration's number.
///
/// # Errors
/// When there is no such configuration, or it has too many words.
pub fn search_document(context: &mut Context<'_>, configuration: u32, text: &str) -> FunctionResult<Value> {
    let document = long_words_told(context, configuration.cast_signed(), text)?;
    Ok(Value::Bytes(document.to_bytes().into()))
}
