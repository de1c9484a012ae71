//! The tests of `wal` in one program: it is linked once, and what takes long shares the cores.

mod crash;
mod damage;
mod misreadings;
mod promises;
mod support;
mod threads;
