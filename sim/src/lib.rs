//! A seeded world.

#![deny(unsafe_code)]

pub mod disk;
