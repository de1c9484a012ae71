//! Conversations as bytes: no sockets, no time.

#![allow(clippy::unwrap_used)]

mod client;
mod copying;
mod encodings;
mod hostile;
mod notifications;
mod opening;
mod statements;
mod steps;
mod watching;
