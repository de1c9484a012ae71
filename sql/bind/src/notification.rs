//! `NOTIFY` as an action of a rule: a call of `pg_notify` that is done once for the statement, and yields rows to nobody.

use crate::binder::Binder;
use crate::error::BindResult;
use crate::parse::parsed_statement;
use crate::query::BoundQuery;
use bumpalo::Bump;
use catalog::name::quote_identifier;
use syntax::tree::session::Notify;

/// As the catalog keeps it, and shows it.
pub(crate) fn notify_text(notify: &Notify<'_>) -> String {
    let channel = quote_identifier(notify.channel.text);
    match notify.payload {
        Some(payload) => format!("NOTIFY {channel}, {}", literal(payload)),
        None => format!("NOTIFY {channel}"),
    }
}

/// A text in quotes, as PostgreSQL writes it in definitions.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Binder<'_> {
    /// The call that it is.
    pub(crate) fn notification(&mut self, notify: &Notify<'_>) -> BindResult<BoundQuery> {
        let (channel, payload) = (literal(notify.channel.text), literal(notify.payload.unwrap_or("")));
        let text = format!("SELECT pg_catalog.pg_notify({channel}, {payload})");
        let arena = Bump::new();
        let call = parsed_statement(&text, &arena, self.context.depth_limit)?;
        self.changing_statement(&call)
    }
}
