//! Text in the making, with lines broken and indented as PostgreSQL does it.

/// By how much what belongs to a query stands further right than the query.
pub(super) const STANDARD: i32 = 8;
/// The same for joined tables and for further entries of lists.
pub(super) const JOIN: i32 = 4;
/// From here on lines are not indented further.
const LIMIT: i32 = 40;

/// Text in the making.
pub(super) struct Output {
    pub text: String,
    /// Whether lines are broken.
    pub indented: bool,
    pub level: i32,
}

impl Output {
    pub fn new(indented: bool) -> Output {
        Output { text: String::new(), indented, level: 0 }
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends a word that begins a line, the level having changed by `before`; afterwards by `after`.
    pub fn line(&mut self, word: &str, before: i32, after: i32, plus: i32) {
        if !self.indented {
            self.text.push_str(word);
            return;
        }
        self.level += before;
        self.trim();
        self.text.push('\n');
        let amount = if self.level < LIMIT {
            self.level.max(0)
        } else {
            (LIMIT + (self.level - LIMIT) / (STANDARD / 2)) % LIMIT
        };
        for _ in 0..amount + plus {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.level = (self.level + after).max(0);
    }

    /// Takes spaces off the end.
    pub fn trim(&mut self) {
        let length = self.text.trim_end_matches(' ').len();
        self.text.truncate(length);
    }

    /// Appends what `inner` writes as a further entry of a list, on a line of its own.
    pub fn entry<T>(&mut self, first: bool, inner: impl FnOnce(&mut Output) -> Option<T>) -> Option<T> {
        let whole = std::mem::take(&mut self.text);
        let result = inner(self);
        let entry = std::mem::replace(&mut self.text, whole);
        if self.indented {
            if entry.starts_with('\n') {
                self.trim();
            } else if !first {
                self.line("", -STANDARD, STANDARD, JOIN);
            }
        }
        self.text.push_str(&entry);
        result
    }
}
