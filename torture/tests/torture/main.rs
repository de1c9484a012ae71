//! The tests of `torture` in one program: it is linked once, and what takes long shares the cores.

mod canary;
mod exhaustive;
mod faults_alone;
mod hashes;
mod history;
mod isolation;
mod lock_table;
mod locks;
mod mutants;
mod opening;
mod sabotage;
mod scenarios;
