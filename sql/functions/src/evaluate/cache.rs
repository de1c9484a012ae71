//! What is made of arguments that seldom change, kept from call to call.

/// Compiled patterns and other forms of arguments. One for a session or a statement; dropping it loses nothing.
#[derive(Debug, Default)]
pub struct Cache {}
