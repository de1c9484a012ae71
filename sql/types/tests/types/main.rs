//! The tests of `types` in one program: it is linked once, and what takes long shares the cores.

mod arrays;
mod catalog;
mod coercions;
mod common;
mod keys;
mod paths;
mod rows;
mod settings;
mod text;
mod vectors;
mod wire;
