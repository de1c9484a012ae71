//! The simulator. One program: each would be linked with everything below it.

mod canary;
mod common;
mod disk_faults;
mod disk_model;
mod files;
mod network;
mod pinned;
mod scheduling;
mod stops;
mod world_faults;
