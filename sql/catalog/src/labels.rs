//! The names by which the world knows what this crate asks of it.

env::labels! {
    // locks
    NATIVES_LOCK: "catalog.natives.lock", Lock, "one of two functions that the program gives at once is lost";
    KEPT_LOCK: "catalog.kept.lock", Lock, "two sessions replace the kept snapshot at once and the older one stays";
    RECORDS_LOCK: "catalog.records.lock", Lock, "two kinds of rows get one number";
}
