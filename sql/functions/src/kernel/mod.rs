//! What computes: whole vectors at a time. Each function bears the name that `pg_proc.prosrc` gives it, or one of its own
//! where PostgreSQL writes it in SQL.

pub(crate) mod acl;
pub(crate) mod aggregate;
pub(crate) mod array;
pub(crate) mod bits;
pub(crate) mod bytes;
pub(crate) mod citext;
pub(crate) mod combined;
pub(crate) mod cryptography;
pub(crate) mod digest;
pub(crate) mod distance;
pub(crate) mod document;
pub(crate) mod encoding;
pub(crate) mod geometry;
pub(crate) mod hash;
pub(crate) mod io;
pub(crate) mod loops;
pub(crate) mod moment;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod pattern;
pub(crate) mod range;
pub(crate) mod search;
pub(crate) mod send;
pub(crate) mod show;
pub(crate) mod size;
pub(crate) mod system;
pub(crate) mod text;
pub(crate) mod transaction;
pub(crate) mod trigger;
pub(crate) mod trigram;
pub(crate) mod unique_number;
pub(crate) mod window;
pub(crate) mod window_range;
