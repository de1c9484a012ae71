//! The shell without a terminal: lines in, text out. A psql user feels at home in it.
//!
//! * [`Shell`]: reads lines, gathers statements (`scan`), runs them, answers backslash commands (`command`, with `arguments`,
//!   `conditions`, `formatting`, `results`, `crosstab`, `copy`, `describe`).
//! * [`split`]: where statements end. [`message`]: errors and notices as psql shows them. [`collect`]: a client that keeps
//!   what it is told. [`data`]: the data of `COPY … FROM STDIN` in a script.
//!
//! Whoever has the terminal, the files and the clock lends them as [`Surroundings`].

#![forbid(unsafe_code)]

mod arguments;
mod body;
mod client;
pub mod collect;
mod command;
mod completion;
mod conditions;
mod copy;
mod crosstab;
pub mod data;
mod describe;
mod formatting;
mod help;
mod input;
pub mod message;
mod results;
mod scan;
mod shell;
pub mod split;
mod surroundings;
mod variables;

pub use formatting::Formatting;
pub use input::{NotText, script_text};
pub use shell::Shell;
pub use surroundings::{Pieces, Place, Surroundings, Writer};
pub use variables::Variables;
