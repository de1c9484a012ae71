//! The shell without a terminal: lines in, text out. A psql user feels at home in it.
//!
//! * [`Shell`]: reads lines, gathers statements, runs them, answers backslash commands.
//! * [`split`]: where statements end. [`message`]: errors and notices as psql shows them. [`collect`]: a client that keeps
//!   what it is told.
//!
//! Whoever has the terminal, the files and the clock lends them as a [`Surroundings`].

#![forbid(unsafe_code)]

pub mod collect;
mod command;
pub mod message;
mod settings;
pub mod split;

pub use command::Shell;
pub use settings::Surroundings;
