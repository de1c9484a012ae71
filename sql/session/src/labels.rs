//! The names by which the world knows what a session asks of it.

env::labels! {
    CLOCK: "sql.clock", Clock, "statements do not know what time it is";
    ENTROPY: "sql.entropy", Entropy, "every session gets the same random numbers";
    SLEEP: "sql.sleep", Clock, "pg_sleep returns at once";
    TIMER: "sql.timer", Clock, "a statement runs on after its time is over";
}
