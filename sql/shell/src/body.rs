//! Bodies of routines that are written as statements: the semicolons between `BEGIN ATOMIC` and `END` end nothing.

/// Counts the blocks that are open, word by word.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// The first words of the statement.
    words: Vec<String>,
    /// How many blocks of a routine's body are open, those of `CASE` among them.
    blocks: usize,
}

impl Body {
    /// Whether a semicolon would stand within a body.
    pub fn is_open(&self) -> bool {
        self.blocks > 0
    }

    /// Takes a word of a statement.
    pub fn word(&mut self, word: &str) {
        let word = word.to_ascii_lowercase();
        let is_routine = self.words.first().is_some_and(|first| first == "create")
            && self.words.iter().any(|word| matches!(word.as_str(), "function" | "procedure"));
        match word.as_str() {
            "begin" if is_routine => self.blocks += 1,
            "case" if self.blocks > 0 => self.blocks += 1,
            "end" => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
        if self.words.len() < 4 {
            self.words.push(word);
        }
    }
}

/// How long the word is with which a text begins; 0 if there is none.
pub(crate) fn word_length(text: &str) -> usize {
    if !text.starts_with(|found: char| found.is_alphabetic() || found == '_') {
        return 0;
    }
    text.find(|part: char| !(part.is_alphanumeric() || part == '_' || part == '$')).unwrap_or(text.len())
}
