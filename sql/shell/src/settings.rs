//! What a shell is lent by whoever has a terminal.

/// Files and time, as a shell asks for them.
pub trait Surroundings {
    /// The text of a file.
    ///
    /// # Errors
    /// What is to be told.
    fn read_file(&mut self, path: &str) -> Result<String, String>;

    /// From now on output goes to a file; `None` is the terminal again.
    ///
    /// # Errors
    /// What is to be told.
    fn redirect(&mut self, path: Option<&str>) -> Result<(), String>;

    /// Output: results and what commands answer.
    fn print(&mut self, text: &str);

    /// Errors and notices.
    fn complain(&mut self, text: &str);

    /// Milliseconds since some moment.
    fn milliseconds(&mut self) -> f64;
}
