//! Event triggers: the last of all, so that they do not fire by what is written before them.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use catalog::Address;
use catalog::name::quote_identifier;
use catalog::object::{Enabled, class};

impl Writer<'_> {
    /// All of them, by name. One that is switched off follows those that would fire by that.
    pub(crate) fn event_triggers(&mut self) -> Result<(), DumpError> {
        let (mut made, mut switched) = (Vec::new(), Vec::new());
        for trigger in self.scope.event_triggers() {
            let Some(function) = self.scope.function(trigger.function) else { continue };
            let (name, event) = (quote_identifier(&trigger.name), trigger.event.name());
            let tags: Vec<String> = trigger.tags.iter().map(|tag| quote_text(tag)).collect();
            let tags = match tags.is_empty() {
                true => String::new(),
                false => format!("\n         WHEN TAG IN ({})", tags.join(", ")),
            };
            let function = self.full_name(function.schema, &function.name);
            made.push(format!(
                "\nCREATE EVENT TRIGGER {name} ON {event}{tags}\n   EXECUTE FUNCTION {function}();\n"
            ));
            let enabled = match trigger.enabled {
                Enabled::Origin => None,
                Enabled::Disabled => Some("DISABLE"),
                Enabled::Replica => Some("ENABLE REPLICA"),
                Enabled::Always => Some("ENABLE ALWAYS"),
            };
            switched.extend(enabled.map(|enabled| format!("ALTER EVENT TRIGGER {name} {enabled};\n")));
            if let Some(comment) = self.scope.comment(class::EVENT_TRIGGER, Address::of(trigger.oid)) {
                switched.push(format!("COMMENT ON EVENT TRIGGER {name} IS {};\n", quote_text(comment)));
            }
        }
        made.iter().chain(&switched).try_for_each(|text| self.text(text))
    }
}
