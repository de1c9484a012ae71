//! Results that are used: `\gset`, `\gexec`, `\crosstabview`, `\watch`.

use crate::client::Channel;
use crate::collect::{Collect, Event};
use crate::input::Input;
use crate::shell::{Shell, Target};
use crate::surroundings::Surroundings;
use display::Table;

impl Shell {
    /// The rows that a statement yields; what else comes of it is shown.
    fn rows_of(
        &mut self,
        statement: &str,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) -> Option<Table> {
        statement.clone_into(&mut self.last);
        let (mut collected, failed, copied) = self.execute(statement, Channel::Standard, input, around);
        let place = collected.events.iter().rposition(|event| matches!(event, Event::Rows(..)));
        let rows = place.map(|place| collected.events.remove(place));
        // With its rows goes the tag of a query.
        collected.events.retain(|event| !matches!(event, Event::Complete(_)) || rows.is_none());
        self.show(statement, &collected, &Target::default(), copied, around);
        if let Some(report) = failed {
            self.tell_failure(statement, &report, around);
            return None;
        }
        match rows {
            Some(Event::Rows(table, _)) => Some(table),
            Some(Event::Complete(_) | Event::Notice(_) | Event::Copied(_)) | None => None,
        }
    }

    /// `\gset [PREFIX]`
    pub(crate) fn set_from_row(
        &mut self,
        statement: &str,
        prefix: &str,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        let Some(table) = self.rows_of(statement, input, around) else { return };
        match table.rows.as_slice() {
            [] => self.complain("no rows returned for \\gset", around),
            [row] => {
                for (column, value) in table.columns.iter().zip(row) {
                    let name = format!("{prefix}{}", column.name);
                    match value {
                        Some(value) => self.variables.set(&name, value),
                        None => self.variables.unset(&name),
                    }
                }
            }
            _ => self.complain("more than one row returned for \\gset", around),
        }
    }

    /// `\gexec`: every value is a statement.
    pub(crate) fn run_cells(
        &mut self,
        statement: &str,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        let Some(table) = self.rows_of(statement, input, around) else { return };
        for cell in table.rows.iter().flatten().flatten() {
            self.run(cell, &Target::default(), input, around);
            if self.must_stop() {
                return;
            }
        }
    }

    /// `\crosstabview [LEFT [TOP [WITHIN [SORTED]]]]`
    pub(crate) fn show_turned(
        &mut self,
        statement: &str,
        words: &[&str],
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        let Some(table) = self.rows_of(statement, input, around) else { return };
        match crate::crosstab::turn(&table, words) {
            Ok(turned) => {
                let mut text = String::new();
                self.formatting.write(&turned, around.width(), &mut text);
                around.print(text.as_bytes());
            }
            Err(reason) => self.complain(&format!("\\crosstabview: {reason}"), around),
        }
    }

    /// `\watch [SECONDS]`, until somebody interrupts or the statement fails.
    pub(crate) fn watch(
        &mut self,
        statement: &str,
        seconds: Option<&str>,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        let seconds = match seconds.map(str::parse::<f64>) {
            None => 2.0,
            Some(Ok(seconds)) if seconds > 0.0 && seconds.is_finite() => seconds,
            Some(_) => return self.complain("\\watch: incorrect interval value", around),
        };
        loop {
            let title = format!("{} (every {seconds}s)", around.now());
            let (mut collected, failed, copied): (Collect<'static>, _, _) =
                self.execute(statement, Channel::Standard, input, around);
            for event in &mut collected.events {
                if let Event::Rows(table, _) = event {
                    table.title = Some(format!("{title}\n"));
                }
            }
            self.show(statement, &collected, &Target::default(), copied, around);
            if let Some(report) = failed {
                return self.tell_failure(statement, &report, around);
            }
            if !around.sleep(seconds) {
                return;
            }
        }
    }
}
