//! Sessions, without the scripts of the suite.

mod password;
mod portal;
mod settings;
