//! `BUFFERS`: pages that were touched, in PostgreSQL's words. A page that stood in memory was hit, whoever kept it there.

use super::structured::{Fields, Said};
use std::ops::Sub;

/// How many pages of one kind were touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pages {
    /// Asked for, and found in memory.
    pub hit: u64,
    /// Asked for, and read from the file.
    pub read: u64,
    /// Made anew or in place of others.
    pub dirtied: u64,
    /// Written to the file.
    pub written: u64,
}

/// How many pages were touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Of the file.
    pub shared: Pages,
    /// Of the session's temporary tables.
    pub local: Pages,
    /// Blocks of rows that did not fit into memory and were read again.
    pub temporary_read: u64,
    /// And that were written.
    pub temporary_written: u64,
}

impl Sub for Pages {
    type Output = Pages;

    fn sub(self, before: Pages) -> Pages {
        Pages {
            hit: self.hit.saturating_sub(before.hit),
            read: self.read.saturating_sub(before.read),
            dirtied: self.dirtied.saturating_sub(before.dirtied),
            written: self.written.saturating_sub(before.written),
        }
    }
}

impl Sub for Buffers {
    type Output = Buffers;

    fn sub(self, before: Buffers) -> Buffers {
        Buffers {
            shared: self.shared - before.shared,
            local: self.local - before.local,
            temporary_read: self.temporary_read.saturating_sub(before.temporary_read),
            temporary_written: self.temporary_written.saturating_sub(before.temporary_written),
        }
    }
}

impl Pages {
    fn add(&mut self, later: Pages) {
        self.hit += later.hit;
        self.read += later.read;
        self.dirtied += later.dirtied;
        self.written += later.written;
    }

    /// With the names that texts have for them, and those that programs are told.
    fn named(&self) -> [(&'static str, &'static str, u64); 4] {
        [
            ("hit", "Hit", self.hit),
            ("read", "Read", self.read),
            ("dirtied", "Dirtied", self.dirtied),
            ("written", "Written", self.written),
        ]
    }
}

impl Buffers {
    /// Adds what was touched later.
    pub fn add(&mut self, later: Buffers) {
        self.shared.add(later.shared);
        self.local.add(later.local);
        self.temporary_read += later.temporary_read;
        self.temporary_written += later.temporary_written;
    }

    /// `Buffers: shared hit=3, temp read=1`; nothing if no page was touched.
    pub(super) fn line(&self) -> Option<String> {
        let temporary =
            [("read", "Read", self.temporary_read), ("written", "Written", self.temporary_written)];
        let kinds: [(&str, &[_]); 3] =
            [("shared", &self.shared.named()), ("local", &self.local.named()), ("temp", &temporary)];
        let mut said = Vec::new();
        for (kind, counts) in kinds {
            let counts = counts.iter().filter(|(_, _, count)| *count > 0);
            let counts: Vec<String> = counts.map(|(name, _, count)| format!(" {name}={count}")).collect();
            if !counts.is_empty() {
                said.push(format!("{kind}{}", counts.concat()));
            }
        }
        (!said.is_empty()).then(|| format!("Buffers: {}", said.join(", ")))
    }

    /// What programs are told: all of it.
    pub(super) fn fields(&self) -> Fields {
        let of = |kind: &str, pages: Pages| {
            pages.named().map(|(_, name, count)| (format!("{kind} {name} Blocks"), count))
        };
        let temporary = [
            ("Temp Read Blocks".to_owned(), self.temporary_read),
            ("Temp Written Blocks".to_owned(), self.temporary_written),
        ];
        let all = of("Shared", self.shared).into_iter().chain(of("Local", self.local)).chain(temporary);
        all.map(|(name, count)| (name, Said::Plain(count.to_string()))).collect()
    }
}
