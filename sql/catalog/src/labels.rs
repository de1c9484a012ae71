//! The names by which the world knows what this crate asks of it.

env::labels! {
    // locks
    KEPT_LOCK: "catalog.kept.lock", Lock, "two sessions replace the kept snapshot at once and the older one stays";
    RECORDS_LOCK: "catalog.records.lock", Lock, "two kinds of rows get one number";
}
