//! What a session tells the shell while a statement runs: results are kept until they are whole, what is copied goes on at
//! once.

use crate::collect::Collect;
use crate::input::Input;
use crate::surroundings::{Pieces, Surroundings, Writer};
use session::client::{Client, ClientGone, CopyBroken, CopyShape, Report, ResultColumn, ValueFormat};
use types::vector::Chunk;

/// Where the data of a copy come from or go to.
pub enum Channel {
    /// With the statements, and to where results go.
    Standard,
    /// A file that is read.
    From(Pieces),
    /// A file that is written.
    To(Writer),
}

/// How far a copy is, for whoever waits for it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Progress {
    /// Lines and bytes so far.
    pub lines: u64,
    bytes: u64,
    begun: f64,
    told: f64,
}

/// A copy is told of at most so often, in milliseconds.
const TOLD_EACH: f64 = 500.0;

impl Progress {
    fn note(&mut self, bytes: &[u8], now: f64) -> Option<String> {
        if self.bytes == 0 {
            (self.begun, self.told) = (now, now);
        }
        self.bytes += bytes.len() as u64;
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if now - self.told < TOLD_EACH {
            return None;
        }
        self.told = now;
        let rate = self.lines as f64 / ((now - self.begun) / 1000.0);
        let megabytes = self.bytes as f64 / 1e6;
        Some(format!("{} rows, {megabytes:.1} MB, {rate:.0} rows/s", self.lines))
    }
}

/// The client.
pub struct ShellClient<'c, 't> {
    /// Results and notices.
    pub collected: Collect<'static>,
    /// Where statements come from.
    pub input: &'c mut Input<'t>,
    /// The terminal.
    pub around: &'c mut dyn Surroundings,
    /// Where data of a copy come from or go to.
    pub channel: Channel,
    /// Whether data that stand with the statements are awaited.
    pub awaits: bool,
    /// Whether something was copied to where results go.
    pub copied_out: bool,
    /// How far a copy is.
    pub progress: Progress,
}

impl ShellClient<'_, '_> {
    /// Takes what nobody has read of data that stand with the statements, because their statement failed.
    pub fn skip_data(&mut self) {
        let mut skipped = Vec::new();
        while self.awaits {
            skipped.clear();
            self.read_standard(&mut skipped);
        }
    }

    fn read_standard(&mut self, bytes: &mut Vec<u8>) {
        self.awaits = self.input.data(bytes, self.around);
    }

    fn tell(&mut self, bytes: &[u8]) {
        let now = self.around.milliseconds();
        if let Some(text) = self.progress.note(bytes, now) {
            self.around.progress(&text);
        }
    }
}

impl Client for ShellClient<'_, '_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.collected.columns(columns);
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Client::rows(&mut self.collected, chunk, format)
    }

    fn complete(&mut self, tag: &str) {
        self.collected.complete(tag);
    }

    fn notice(&mut self, report: Report) {
        self.collected.notice(report);
    }

    fn copy_in(&mut self, _: CopyShape) {
        self.awaits = matches!(self.channel, Channel::Standard | Channel::To(_));
        if self.awaits && matches!(self.input, Input::Typed) {
            self.around.print(
                b"Enter data to be copied followed by a newline.\nEnd with a backslash and a period on a line by itself, \
                  or an EOF signal.\n",
            );
        }
    }

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        let before = bytes.len();
        let more = match &mut self.channel {
            Channel::From(read) => read(bytes).map_err(CopyBroken::Refused)?,
            Channel::Standard | Channel::To(_) => {
                let awaited = self.awaits;
                if awaited {
                    self.read_standard(bytes);
                }
                awaited
            }
        };
        self.tell(&bytes[before..]);
        Ok(more)
    }

    fn copy_write(&mut self, bytes: &[u8], _: &[usize]) -> Result<(), ClientGone> {
        match &mut self.channel {
            Channel::To(write) => {
                if let Err(reason) = write(bytes) {
                    self.around.complain(&format!("{reason}\n"));
                    return Err(ClientGone);
                }
                self.tell(bytes);
            }
            Channel::Standard | Channel::From(_) => {
                self.copied_out = true;
                self.around.print(bytes);
            }
        }
        Ok(())
    }
}
