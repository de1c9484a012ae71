//! Who takes what a portal sends before its client does: one counts rows, the other keeps them.

use crate::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use types::vector::Chunk;

/// Counts rows, and hands them on if somebody wants them.
pub(super) struct Passed<'c> {
    pub rows: usize,
    pub sends: bool,
    pub client: &'c mut dyn Client,
}

impl Client for Passed<'_> {
    fn columns(&mut self, _columns: &[ResultColumn]) {}

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        self.rows += chunk.len();
        if self.sends { self.client.rows(chunk, format) } else { Ok(()) }
    }

    fn complete(&mut self, _tag: &str) {}

    fn notice(&mut self, report: Report) {
        self.client.notice(report);
    }
}

/// Gathers what a statement sends.
pub(super) struct Gathered<'c> {
    pub rows: Vec<Chunk>,
    pub tag: String,
    pub client: &'c mut dyn Client,
}

impl Client for Gathered<'_> {
    /// They were told when the statement was described.
    fn columns(&mut self, _columns: &[ResultColumn]) {}

    fn rows(&mut self, chunk: &Chunk, _format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        self.rows.push(chunk.clone());
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        self.tag = tag.to_owned();
    }

    fn notice(&mut self, report: Report) {
        self.client.notice(report);
    }
}
