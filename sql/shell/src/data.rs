//! The data of `COPY … FROM STDIN` in a script: the lines that follow the statement's, up to `\.` alone or the end.

/// What follows a statement.
#[derive(Debug, Default)]
pub struct Following<'t> {
    text: &'t str,
    /// Where data go on, once they have begun.
    at: Option<usize>,
    ended: bool,
}

impl<'t> Following<'t> {
    /// This follows the statement.
    pub fn new(text: &'t str) -> Following<'t> {
        Following { text, at: None, ended: false }
    }

    /// The statement asks for its data. They begin with the next line, or behind those of the statement before.
    pub fn begin(&mut self) {
        let line_end = || self.text.find('\n').map_or(self.text.len(), |newline| newline + 1);
        self.at = Some(self.at.unwrap_or_else(line_end));
        self.ended = false;
    }

    /// Appends data; `false` if there are no more.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> bool {
        let Some(start) = self.at.filter(|_| !self.ended) else { return false };
        let length = marked(&self.text[start..]);
        bytes.extend_from_slice(&self.text.as_bytes()[start..start + length]);
        (self.at, self.ended) = (Some(start + length), true);
        true
    }

    /// How many bytes of what follows were data. What nobody read of them, because the statement failed, is among them.
    pub fn end(&mut self) -> usize {
        self.read(&mut Vec::new());
        self.at.unwrap_or(0)
    }
}

/// How long data are, with the mark that ends them: within quotes it is none, and whoever reads the data knows.
pub(crate) fn marked(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end_matches(['\n', '\r']) == "\\." {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::Following;

    #[test]
    fn data_end_at_the_mark_or_with_the_text() {
        let mut following = Following::new(" \n1\n2\\.\n\\.\nselect");
        assert_eq!(following.end(), 0);
        following.begin();
        let mut bytes = Vec::new();
        assert!(following.read(&mut bytes));
        assert!(!following.read(&mut bytes));
        assert_eq!((bytes.as_slice(), following.end()), (&b"1\n2\\.\n\\.\n"[..], 11));
        let mut following = Following::new("");
        following.begin();
        assert_eq!(following.end(), 0);
    }
}
