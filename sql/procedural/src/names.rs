//! What names stand for: blocks within blocks, each with a label and the variables that it declares.
//!
//! Entries are only ever added, each with the one before it in its block or around it. Whoever keeps the number of an entry
//! sees what was declared up to there, as PostgreSQL's name lists do.

/// The number of the entry that was added last where names are looked up.
pub type Scope = Option<u32>;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A block begins, whose label is the entry's name; empty without.
    Block,
    /// A loop with a label begins.
    Loop,
    /// A variable that is one value.
    Scalar(u32),
    /// A variable that is a row.
    Record(u32),
}

#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    name: String,
    before: Scope,
}

/// All names of a body.
#[derive(Debug, Clone, Default)]
pub struct Names {
    entries: Vec<Entry>,
}

/// A variable that a name, or its beginning, stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub variable: u32,
    /// Whether it is a row.
    pub is_record: bool,
    /// How many parts of the name it takes.
    pub parts: usize,
}

impl Names {
    /// Adds an entry behind `before`.
    pub fn add(&mut self, before: Scope, kind: Kind, name: &str) -> Scope {
        self.entries.push(Entry { kind, name: name.to_owned(), before });
        u32::try_from(self.entries.len() - 1).ok()
    }

    fn entry(&self, scope: Scope) -> Option<&Entry> {
        self.entries.get(scope? as usize)
    }

    /// The variable that a name of one to three parts begins with; in the innermost block alone, if that is wanted.
    pub fn find(&self, scope: Scope, name: &[&str], innermost: bool) -> Option<Found> {
        let (first, rest) = name.split_first()?;
        let mut at = scope;
        loop {
            let inside = at;
            while let Some(entry) = self.entry(at) {
                let Some(found) = variable(entry) else { break };
                if entry.name == *first && (rest.is_empty() || found.is_record) {
                    return Some(Found { parts: 1, ..found });
                }
                at = entry.before;
            }
            let block = self.entry(at)?;
            if let Some((second, others)) = rest.split_first()
                && block.name == *first
                && !block.name.is_empty()
            {
                let mut place = inside;
                while let Some(entry) = self.entry(place) {
                    let Some(found) = variable(entry) else { break };
                    if entry.name == *second && (others.is_empty() || found.is_record) {
                        return Some(Found { parts: 2, ..found });
                    }
                    place = entry.before;
                }
            }
            if innermost {
                return None;
            }
            at = block.before;
        }
    }

    /// What is declared without the entry that was added last.
    pub fn before(&self, scope: Scope) -> Scope {
        self.entry(scope)?.before
    }

    /// Whether a loop is around.
    pub fn has_loop(&self, scope: Scope) -> bool {
        let mut at = scope;
        while let Some(entry) = self.entry(at) {
            if entry.kind == Kind::Loop {
                return true;
            }
            at = entry.before;
        }
        false
    }

    /// The label of a block or loop around: its kind.
    pub fn label(&self, scope: Scope, name: &str) -> Option<Kind> {
        let mut at = scope;
        while let Some(entry) = self.entry(at) {
            if variable(entry).is_none() && entry.name == name {
                return Some(entry.kind);
            }
            at = entry.before;
        }
        None
    }
}

fn variable(entry: &Entry) -> Option<Found> {
    match entry.kind {
        Kind::Scalar(variable) => Some(Found { variable, is_record: false, parts: 0 }),
        Kind::Record(variable) => Some(Found { variable, is_record: true, parts: 0 }),
        Kind::Block | Kind::Loop => None,
    }
}
