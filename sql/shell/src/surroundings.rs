//! What a shell is lent by whoever has a terminal.

/// Bytes of a file, handed over in pieces: whether there were any more.
pub type Pieces = Box<dyn FnMut(&mut Vec<u8>) -> Result<bool, String>>;

/// Takes bytes of a file that is written.
pub type Writer = Box<dyn FnMut(&[u8]) -> Result<(), String>>;

/// Where bytes come from or go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, by its path.
    File(String),
    /// What a program writes, or reads: a command of the system's shell.
    Program(String),
}

/// The terminal, files and time, as a shell asks for them.
pub trait Surroundings {
    /// The next line that is typed; none at the end.
    fn read_line(&mut self, prompt: &str) -> Option<String>;

    /// A file to be read from its beginning, or a program that is started and read.
    ///
    /// # Errors
    /// What is to be told.
    fn read(&mut self, place: &Place) -> Result<Pieces, String>;

    /// A file to be written in place of what stands there, or a program that is started and written to; it is waited for when
    /// the writer goes.
    ///
    /// # Errors
    /// What is to be told.
    fn write(&mut self, place: &Place) -> Result<Writer, String>;

    /// Runs a command of the system's shell at the terminal, or that shell itself.
    ///
    /// # Errors
    /// What is to be told.
    fn run(&mut self, command: Option<&str>) -> Result<(), String>;

    /// Lets the user edit a text.
    ///
    /// # Errors
    /// What is to be told.
    fn edit(&mut self, text: &str) -> Result<String, String>;

    /// From now on output goes to a file or a program; `None` is the terminal again.
    ///
    /// # Errors
    /// What is to be told.
    fn redirect(&mut self, place: Option<&Place>) -> Result<(), String>;

    /// Output: results and what commands answer.
    fn print(&mut self, bytes: &[u8]);

    /// Errors and notices.
    fn complain(&mut self, text: &str);

    /// How far something is that takes long: written over what was told before; an empty text ends it. Nobody need be told.
    fn progress(&mut self, text: &str) {
        let _ = text;
    }

    /// Milliseconds since some moment.
    fn milliseconds(&mut self) -> f64;

    /// What time it is, as `\watch` shows it.
    fn now(&mut self) -> String;

    /// Waits so many seconds; whether nobody interrupted.
    fn sleep(&mut self, seconds: f64) -> bool;

    /// How many columns the terminal has, if there is one.
    fn width(&mut self) -> Option<usize> {
        None
    }
}
