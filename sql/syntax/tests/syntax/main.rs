//! The parser.

mod hostile;
mod keywords;
mod shapes;
mod verdicts;
