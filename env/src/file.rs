//! Files: the trait, and the loops over it that resume short and interrupted calls.

use crate::{IoError, IoResult, Label};
use std::io::{ErrorKind, IoSlice};
use std::path::Path;
use std::sync::Arc;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// It must exist; nothing can be written.
    ReadOnly,
    /// It must exist.
    ReadWrite,
    /// It is made when missing.
    Create,
    /// It must not exist.
    CreateNew,
}

/// The two strengths of the advisory lock on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLockKind {
    /// Many may hold it together (shared read-only opening).
    Shared,
    /// One holds it alone.
    Exclusive,
}

/// What came of asking for the advisory lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLockOutcome {
    /// It is held until the file is closed.
    Acquired,
    /// Another open file holds it; the process, where the system tells.
    HeldBy(Option<u32>),
}

/// Which file stands behind a path or an open file: unchanged as long as it is the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    /// The device it lies on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

/// An open file. All calls take the offset; there is no cursor. Calls may run side by side.
pub trait File: Send + Sync {
    /// Reads up to `buffer.len()` bytes at `offset`; fewer is legal, 0 means end of file.
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize>;
    /// Writes up to all bytes of `buffers`, one after another, at `offset`; fewer is legal. Grows the file.
    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize>;
    /// Makes the bytes, and the length if it grew, durable (fdatasync).
    fn sync_data(&self, label: &'static Label) -> IoResult<()>;
    /// Makes bytes and all metadata durable (fsync).
    fn sync_all(&self, label: &'static Label) -> IoResult<()>;
    /// Length in bytes.
    fn len(&self, label: &'static Label) -> IoResult<u64>;
    /// Cuts or extends (with zeros) to `length` bytes.
    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()>;
    /// Tries to take the advisory lock; never waits. Released when the last handle is dropped.
    fn try_lock(&self, label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome>;
    /// Which file this is.
    fn identity(&self, label: &'static Label) -> IoResult<FileIdentity>;
    /// The path under which it was opened.
    fn path(&self) -> &Path;
    /// The smallest unit in bytes that a torn write can damage, as far as the device tells (512 or 4096).
    fn sector_size(&self) -> usize;
}

/// So many readings in turn have to agree where nothing but bytes that were read tells what may be written over, cut or removed.
pub const AGREEING_READINGS: usize = 3;
/// So many readings are made until as many agree. By chance alone so many never differ.
pub const READINGS_MAX: usize = 11;
/// So many readings may fail among them.
const FAILURES_BORNE: usize = 2;
/// So many bytes at a file's beginning are looked at to tell whether it is somebody's.
pub const TELLING_BYTES: usize = 13;

/// Whether a file that begins with these bytes is somebody's text: what a torn write or rot leaves never looks like that.
pub fn is_text(beginning: &[u8; TELLING_BYTES]) -> bool {
    beginning.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
}

/// Zero-progress and interruption handling for [`File`]; the only place where calls are resumed.
pub trait FileExt: File {
    /// Reads exactly `buffer.len()` bytes.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends before; otherwise what the file reports. `Interrupted` is retried.
    fn read_exact_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<()> {
        let length = buffer.len();
        if self.read_up_to(label, offset, buffer)? < length {
            return Err(IoError::new(label, self.path(), ErrorKind::UnexpectedEof));
        }
        Ok(())
    }

    /// Reads until `buffer` is full or the file ends; returns the number of bytes read.
    fn read_up_to(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read_at(label, offset + done as u64, &mut buffer[done..]) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// As [`FileExt::read_up_to`], for bytes that nothing else checks: they are believed when [`AGREEING_READINGS`] readings in
    /// turn agree. A device may answer what stood there before, once or twice. Nothing where no readings agree; what lies behind
    /// the bytes that are believed is zero.
    ///
    /// # Errors
    /// The failure of the last reading that failed, if a few have.
    fn read_agreed(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<Option<usize>> {
        agreed(buffer, |buffer| self.read_up_to(label, offset, buffer))
    }

    /// Writes all of `bytes` at `offset`.
    fn write_all_at(&self, label: &'static Label, offset: u64, bytes: &[u8]) -> IoResult<()> {
        self.write_all_vectored_at(label, offset, &mut [IoSlice::new(bytes)])
    }

    /// Writes all bytes of all `buffers` at `offset`; the slices are consumed.
    ///
    /// # Errors
    /// `WriteZero` when a call makes no progress; otherwise what the file reports. `Interrupted` is retried.
    fn write_all_vectored_at(
        &self,
        label: &'static Label,
        offset: u64,
        mut buffers: &mut [IoSlice<'_>],
    ) -> IoResult<()> {
        let mut offset = offset;
        IoSlice::advance_slices(&mut buffers, 0);
        while !buffers.is_empty() {
            match self.write_at(label, offset, buffers) {
                Ok(0) => return Err(IoError::new(label, self.path(), ErrorKind::WriteZero)),
                Ok(count) => {
                    offset += count as u64;
                    IoSlice::advance_slices(&mut buffers, count);
                }
                Err(error) if error.kind == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<F: File + ?Sized> FileExt for F {}

/// An open file, shared.
pub type SharedFile = Arc<dyn File>;

/// See [`FileExt::read_agreed`]; `read` makes one reading.
fn agreed(buffer: &mut [u8], mut read: impl FnMut(&mut [u8]) -> IoResult<usize>) -> IoResult<Option<usize>> {
    let mut before = vec![0; buffer.len()];
    let (mut count, mut agreeing, mut failures) = (0, 0, 0);
    for _ in 0..READINGS_MAX {
        let now = match read(buffer) {
            Ok(now) => now,
            Err(error) if failures == FAILURES_BORNE => return Err(error),
            Err(_) => {
                failures += 1;
                continue;
            }
        };
        let same = agreeing > 0 && now == count && buffer[..now] == before[..count];
        agreeing = if same { agreeing + 1 } else { 1 };
        if agreeing == AGREEING_READINGS {
            // An earlier reading may have come further.
            buffer[now..].fill(0);
            return Ok(Some(now));
        }
        before[..now].copy_from_slice(&buffer[..now]);
        count = now;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    static READ: Label = Label { name: "test.agreed.read", kind: crate::LabelKind::Read, breaks: "nothing" };

    /// What is believed of readings that answer this one after the other, or fail, and what is in the buffer then.
    fn read(answers: &[Option<&[u8]>]) -> IoResult<Option<(usize, [u8; 4])>> {
        let (mut buffer, mut answers) = ([9; 4], answers.iter());
        let reading = |buffer: &mut [u8]| match answers.next().expect("so many readings") {
            Some(bytes) => {
                buffer[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
            None => Err(IoError::new(&READ, Path::new("answers"), ErrorKind::Other)),
        };
        Ok(agreed(&mut buffer, reading)?.map(|count| (count, buffer)))
    }

    #[test]
    fn bytes_are_believed_when_three_readings_in_turn_agree() {
        let (old, new) = (Some(b"old!".as_slice()), Some(b"new!".as_slice()));
        assert_eq!(read(&[new, new, new]), Ok(Some((4, *b"new!"))));
        assert_eq!(read(&[old, old, new, new, new]), Ok(Some((4, *b"new!"))));
        assert_eq!(read(&[new, new, old, new, new, new]), Ok(Some((4, *b"new!"))));
        assert_eq!(read(&[new, None, new, None, new]), Ok(Some((4, *b"new!"))));
        assert!(read(&[new, None, None, new, None]).is_err());
        assert_eq!(read(&[old, new].repeat(READINGS_MAX)), Ok(None));
    }

    #[test]
    fn nothing_stays_of_a_reading_that_came_further_than_those_that_agree() {
        let (long, short) = (Some(b"long".as_slice()), Some(b"s".as_slice()));
        assert_eq!(read(&[long, short, short, short]), Ok(Some((1, [b's', 0, 0, 0]))));
        assert_eq!(read(&[Some(b"".as_slice()); 3]), Ok(Some((0, [0; 4]))));
    }
}
