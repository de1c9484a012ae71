//! What computes: whole vectors at a time. Each function bears the name that `pg_proc.prosrc` gives it.
