//! What computes: whole vectors at a time. Each function bears the name that `pg_proc.prosrc` gives it, or one of its own
//! where PostgreSQL writes it in SQL.

pub(crate) mod aggregate;
pub(crate) mod array;
pub(crate) mod bits;
pub(crate) mod loops;
pub(crate) mod moment;
pub(crate) mod number;
pub(crate) mod show;
pub(crate) mod text;
pub(crate) mod window;
