//! `CREATE EXTENSION`, as far as dumps need it: what PostgreSQL's databases have from the first is there, and nothing else can
//! be had.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::procedural::PLPGSQL;
use syntax::tree::object::CreateExtension;

/// Refuses the extension, unless it is there and need not be made.
///
/// # Errors
/// PostgreSQL's.
pub fn create_extension(definer: &mut Definer<'_>, statement: &CreateExtension<'_>) -> DefineResult<()> {
    let name = statement.name.text.to_owned();
    if name != PLPGSQL {
        return Err(DefineError::NoExtension { name });
    }
    if !statement.if_not_exists {
        return Err(DefineError::ExtensionExists { name });
    }
    definer.notice(DefineNotice::ExtensionExists { name });
    Ok(())
}
