//! Which part of the session answers a function that only it can answer.

use crate::services::Services;
use functions::{Area, FunctionResult, SessionFunction};
use types::{Item, Value};

impl Services<'_> {
    /// The answer of a function. None if it gives rows, or is answered where statements run or by what is known of the call.
    pub(super) fn answer(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        match function.area() {
            Area::Sequences => self.of_sequences(function, arguments),
            Area::Settings => self.of_settings(function, arguments),
            Area::Current => self.of_session(function, arguments),
            Area::About => self.of_statement(function, arguments),
            Area::Snapshots => self.of_snapshots(function),
            Area::Notifications => self.of_notifications(function, arguments),
            Area::Sessions => self.of_others(function, arguments),
            Area::Locks => self.of_locks(function, arguments),
            Area::Counts => self.of_counts(function, arguments),
            Area::Sizes => self.of_sizes(function, arguments),
            Area::Replication => self.of_replication(function, arguments),
            Area::Definitions => self.of_catalog(function, arguments),
            Area::Names => self.of_objects(function, arguments),
            Area::Comments => Ok(self.of_descriptions(function, arguments)),
            Area::IndexProperties => Ok(self.of_index_properties(function, arguments)),
            Area::Privileges => self.of_privileges(function, arguments),
            Area::LargeObjects | Area::BySite | Area::Rows => Ok(None),
        }
    }
}
