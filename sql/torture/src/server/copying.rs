//! COPY: lines that go in, whole or broken off, and all lines that come out.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::{copy_data, copy_done, copy_fail, query, steps, sync};
use super::model::{Deed, Lines, Must, note};
use super::reading::of_read;
use super::transfer::{LEVELS, filled, lock, statements, tell, texts};
use super::wire::Answer;
use crate::labels;
use std::collections::BTreeMap;
use std::time::Duration;
use torture::promise::Promise;

/// As many lines at most.
const LINES: u32 = 24;

/// A format of COPY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Csv,
    Binary,
}

const FORMATS: [Format; 3] = [Format::Text, Format::Csv, Format::Binary];

/// How data end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All came.
    Done,
    /// The client says that there are no more for a reason.
    Fail,
    /// The client is gone.
    Vanish,
    /// A line is there twice.
    Twice,
    /// What comes is no line.
    Malformed,
}

const ENDS: [End; 7] = [End::Done, End::Done, End::Done, End::Fail, End::Vanish, End::Twice, End::Malformed];

impl Format {
    fn options(self) -> &'static str {
        match self {
            Format::Text => "",
            Format::Csv => " (FORMAT csv)",
            Format::Binary => " (FORMAT binary)",
        }
    }

    fn begin(self) -> Vec<u8> {
        match self {
            Format::Text | Format::Csv => Vec::new(),
            Format::Binary => b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec(),
        }
    }

    fn line(self, load: i64, line: i64, note: Option<&str>, bytes: &mut Vec<u8>) {
        let text = match (self, note) {
            (Format::Binary, note) => {
                bytes.extend_from_slice(&3_u16.to_be_bytes());
                for number in [load, line] {
                    bytes.extend_from_slice(&[&8_u32.to_be_bytes()[..], &number.to_be_bytes()].concat());
                }
                match note {
                    None => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
                    Some(note) => {
                        bytes.extend_from_slice(&(note.len() as u32).to_be_bytes());
                        bytes.extend_from_slice(note.as_bytes());
                    }
                }
                return;
            }
            (Format::Text, None) => format!("{load}\t{line}\t\\N\n"),
            (Format::Text, Some(note)) => {
                let note = note.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
                format!("{load}\t{line}\t{note}\n")
            }
            (Format::Csv, None) => format!("{load},{line},\n"),
            (Format::Csv, Some(note)) => format!("{load},{line},\"{}\"\n", note.replace('"', "\"\"")),
        };
        bytes.extend_from_slice(text.as_bytes());
    }

    /// What is no line, and the error that it is.
    fn malformed(self) -> (&'static [u8], &'static str) {
        match self {
            Format::Text => (b"what\t1\tnothing\n", "22P02"),
            Format::Csv => (b"1,what,nothing\n", "22P02"),
            Format::Binary => (b"\0\x02\0\0\0\0\0\0\0\0", "22P04"),
        }
    }

    fn end(self) -> &'static [u8] {
        match self {
            Format::Text | Format::Csv => b"",
            Format::Binary => b"\xff\xff",
        }
    }

    /// The lines that these data hold, by loads; none if they are none.
    fn read(self, data: &[u8]) -> Option<BTreeMap<i64, Lines>> {
        let mut loads: BTreeMap<i64, Lines> = BTreeMap::new();
        let mut put = |load, line, note| {
            let lines = loads.entry(load).or_default();
            lines.insert(line, note).is_none()
        };
        match self {
            Format::Text => {
                for line in std::str::from_utf8(data).ok()?.lines() {
                    let mut fields = line.split('\t');
                    let (load, number) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
                    let note = fields.next()?;
                    let note = (note != "\\N").then(|| unescaped(note));
                    (fields.next().is_none() && put(load, number, note)).then_some(())?;
                }
            }
            Format::Csv => return None,
            Format::Binary => {
                let mut rest = data.strip_prefix(&*self.begin())?;
                while rest != self.end() {
                    rest = rest.strip_prefix(&3_u16.to_be_bytes()[..])?;
                    let load = i64::from_be_bytes(field(&mut rest)??.try_into().ok()?);
                    let line = i64::from_be_bytes(field(&mut rest)??.try_into().ok()?);
                    let note = field(&mut rest)?.map(|note| String::from_utf8_lossy(note).into_owned());
                    put(load, line, note).then_some(())?;
                }
            }
        }
        Some(loads)
    }
}

fn field<'d>(rest: &mut &'d [u8]) -> Option<Option<&'d [u8]>> {
    let (length, after) = rest.split_first_chunk()?;
    let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
        *rest = after;
        return Some(None);
    };
    let (value, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(Some(value))
}

fn unescaped(note: &str) -> String {
    let mut text = String::new();
    let mut characters = note.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}

/// These bytes in messages of so many bytes each.
fn in_messages(data: &[u8], size: usize) -> Vec<u8> {
    data.chunks(size).flat_map(copy_data).collect()
}

/// Lines that are to go in.
struct Load {
    number: i64,
    lines: i64,
    format: Format,
    end: End,
    /// Bytes of a message.
    size: usize,
}

impl Load {
    /// The data, in messages, without what ends them.
    fn data(&self) -> Vec<u8> {
        let mut data = self.format.begin();
        let put = |line, data: &mut Vec<u8>| {
            self.format.line(self.number, line, note(self.number, line).as_deref(), data);
        };
        (1..=self.lines).for_each(|line| put(line, &mut data));
        match self.end {
            End::Done | End::Fail | End::Vanish => {}
            End::Twice => put(1, &mut data),
            End::Malformed => data.extend_from_slice(self.format.malformed().0),
        }
        data.extend_from_slice(self.format.end());
        in_messages(&data, self.size)
    }

    /// The error that it ends with.
    fn state(&self) -> &'static str {
        match self.end {
            End::Done | End::Vanish => "",
            End::Fail => "57014",
            End::Twice => "23505",
            End::Malformed => self.format.malformed().1,
        }
    }

    fn statement(&self) -> String {
        format!("COPY loads FROM STDIN{}", self.format.options())
    }
}

impl Client<'_> {
    /// Copies lines in.
    pub fn copy_in(&mut self) -> Result<(), Stopped> {
        let load = Load {
            number: self.next_number(),
            lines: i64::from(1 + self.choose(&labels::COPY, LINES)),
            format: FORMATS[self.choose(&labels::COPY, 3) as usize],
            end: ENDS[self.choose(&labels::COPY, ENDS.len() as u32) as usize],
            size: [1 << 20, 700, 37, 3][self.choose(&labels::COPY, 4) as usize],
        };
        let Load { number, lines, format, end, .. } = &load;
        let way = self.choose(&labels::COPY, 3);
        let ways = ["in one message", "in steps", "in a block"];
        self.note(&format!(
            "copies {lines} lines in as {number:x}, {format:?}, {end:?}, {}",
            ways[way as usize]
        ));
        match way {
            0 => {
                let texts = [filled(&lock(self.number)), load.statement(), filled(&tell(load.number))];
                self.copy_alone(&load, &query(&texts.join("; ")), &[])
            }
            1 => {
                let (_, text, values) = lock(self.number);
                let begin = [steps(text, &texts(&values)), steps(&load.statement(), &[])].concat();
                let (_, text, values) = tell(load.number);
                self.copy_alone(&load, &begin, &[steps(text, &texts(&values)), sync()].concat())
            }
            _ => self.copy_in_block(&load),
        }
    }

    /// Lines are all that the transaction leaves. `after` is said behind the data.
    fn copy_alone(&mut self, load: &Load, begin: &[u8], after: &[u8]) -> Result<(), Stopped> {
        if !self.begins_copy(begin, after)? {
            return Ok(());
        }
        if load.end == End::Done {
            self.send_copy(&load.data())?;
            self.reached(&marks::COPIED_IN);
            let deed = Deed { transfer: None, lines: load.lines };
            return self.at_once(load.number, deed, [&copy_done(), after].concat());
        }
        self.breaks_off(load, after).map(drop)
    }

    /// Lines go in with a transfer; where the data break off, without them.
    fn copy_in_block(&mut self, load: &Load) -> Result<(), Stopped> {
        let level = LEVELS[self.choose(&labels::MESSAGES, 3) as usize];
        let Some(_) = self.begins(level)? else { return Ok(()) };
        let Some(_) = self.simply(&filled(&lock(self.number)))? else { return Ok(()) };
        let Some(_) = self.simply("SAVEPOINT copied")? else { return Ok(()) };
        if !self.begins_copy(&query(&load.statement()), &[])? {
            return Ok(());
        }
        let transfer = self.draw_transfer();
        let mut deed = Deed { transfer: Some(transfer), lines: load.lines };
        if load.end == End::Done {
            if !self.ends_copy(load)? {
                return Ok(());
            }
        } else {
            if !self.breaks_off(load, &[])? || self.simply("ROLLBACK TO copied")?.is_none() {
                return Ok(());
            }
            self.reached(&marks::COPY_ROLLED_BACK_TO);
            deed.lines = 0;
        }
        self.step_by_step(load.number, deed, &statements(self.number, load.number, transfer)[1..])
    }

    /// Copies lines in within a transaction; whether that goes on.
    pub fn copy_whole(&mut self, number: i64, lines: i64) -> Result<bool, Stopped> {
        let load = Load { number, lines, format: Format::Text, end: End::Done, size: 100 };
        Ok(self.begins_copy(&query(&load.statement()), &[])? && self.ends_copy(&load)?)
    }

    /// Says what begins a COPY; whether data are awaited.
    fn begins_copy(&mut self, begin: &[u8], after: &[u8]) -> Result<bool, Stopped> {
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let answered = wire.say(begin).and_then(|()| {
            let mut answer = Answer::default();
            // In steps an error is not followed by anything until they are at their end.
            while !wire.take(&mut answer, 1)? {
                if answer.error.is_some() && !after.is_empty() {
                    wire.say(&sync())?;
                    wire.take(&mut answer, usize::MAX)?;
                    break;
                }
            }
            Ok(answer)
        });
        let answer = self.heard(spoke, answered, &[])?;
        if answer.awaits_data {
            return Ok(true);
        }
        if answer.error.is_none() {
            return Err(self.broken(Promise::StatementsMatchModel, "a COPY takes no data".to_owned()));
        }
        self.or_back(answer).map(|_| false)
    }

    fn send_copy(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let sent = wire.say(bytes);
        // What the server has said last is heard where an answer is awaited.
        drop(sent);
        Ok(())
    }

    fn ends_copy(&mut self, load: &Load) -> Result<bool, Stopped> {
        let answer = self.ask(&[load.data(), copy_done()].concat(), &[])?;
        let Some(answer) = self.or_back(answer)? else { return Ok(false) };
        let tag = format!("COPY {}", load.lines);
        if answer.tags.last() != Some(&tag) {
            let detail = format!("{tag} was answered {:?}", answer.tags);
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        Ok(true)
    }

    /// The data come to no good end; whether the transaction may go back to a savepoint.
    fn breaks_off(&mut self, load: &Load, after: &[u8]) -> Result<bool, Stopped> {
        let data = load.data();
        let end = match load.end {
            End::Vanish => {
                let length = self.choose(&labels::COPY, data.len() as u32) as usize;
                self.send_copy(&data[..length.min(data.len())])?;
                self.reached(&marks::COPY_VANISHED);
                return Err(Stopped::Gone);
            }
            End::Fail => copy_fail("no more"),
            End::Done | End::Twice | End::Malformed => copy_done(),
        };
        let answer = self.ask(&[&data, &end, after].concat(), &[load.state()])?;
        match &answer.error {
            Some(told) if told.state == load.state() => {
                self.reached(match load.end {
                    End::Fail => &marks::COPY_FAILED,
                    End::Done | End::Vanish | End::Twice | End::Malformed => &marks::COPY_REFUSED,
                });
                Ok(answer.status == b'E')
            }
            Some(_) => self.or_back(answer).map(|_| false),
            None => {
                let detail = format!("a COPY that ends with {:?} was answered {:?}", load.end, answer.tags);
                Err(self.broken(Promise::StatementsMatchModel, detail))
            }
        }
    }

    /// Copies all lines out; stops reading half way, for a while or for good.
    pub fn copy_out(&mut self) -> Result<(), Stopped> {
        let format = [Format::Text, Format::Binary][self.choose(&labels::COPY, 2) as usize];
        let source = ["loads", "(SELECT load, line, note FROM loads ORDER BY line, load)"]
            [self.choose(&labels::COPY, 2) as usize];
        let text = format!("COPY {source} TO STDOUT{}", format.options());
        let bytes = match self.choose(&labels::COPY, 2) {
            0 => query(&text),
            _ => [steps(&text, &[]), sync()].concat(),
        };
        self.note(&text);
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let mut answer = Answer::default();
        let mut taken = wire.say(&bytes).map(|()| false);
        if self.happens(&labels::VANISH, 300_000) {
            let messages = 1 + self.choose(&labels::COPY, 12) as usize;
            let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
            taken = taken.and_then(|_| wire.take(&mut answer, messages));
            self.note("stops reading");
            self.reached(&marks::COPY_OUT_STOPPED);
            if self.vanishes() || self.happens(&labels::VANISH, 300_000) {
                return Err(Stopped::Gone);
            }
            self.session.stage.env().sleep(&labels::PAUSE, Duration::from_secs(3));
        }
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let taken = match taken {
            Ok(false) => wire.take(&mut answer, usize::MAX),
            taken => taken,
        };
        let answer = self.heard(spoke, taken.map(|_| answer), &[])?;
        let Some(answer) = self.or_back(answer)? else { return Ok(()) };
        let data = answer.copied.concat();
        let Some(loads) = format.read(&data) else {
            let detail =
                format!("what was copied out is no {format:?}: {:?}", String::from_utf8_lossy(&data));
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        };
        let judged = self.kept.with(|kept| kept.model.judge_loads(&loads, Must::Before(spoke)));
        judged.map_err(|failure| self.failed(of_read(failure)))?;
        self.reached(&marks::COPIED_OUT);
        self.kept.with(|kept| kept.model.read_verified());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        for format in [Format::Text, Format::Binary] {
            let mut data = format.begin();
            (1..10).for_each(|line| format.line(7, line, note(7, line).as_deref(), &mut data));
            data.extend_from_slice(format.end());
            let expected: Lines = (1..10).map(|line| (line, note(7, line))).collect();
            assert_eq!(format.read(&data), Some(BTreeMap::from([(7, expected)])));
            assert_eq!(format.read(&data[..data.len() - 1]).is_none(), format == Format::Binary);
        }
    }
}
