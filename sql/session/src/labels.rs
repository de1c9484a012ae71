//! The names by which the world knows what a session asks of it.

env::labels! {
    COPY_OPEN: "sql.copy.open", Directory, "COPY finds no file";
    COPY_LENGTH: "sql.copy.length", Length, "COPY TO leaves behind its rows what stood in the file before";
    COPY_READ: "sql.copy.read", Read, "COPY FROM reads nothing from a file";
    COPY_WRITE: "sql.copy.write", Write, "COPY TO writes nothing to a file";
    WAKE_LOCK: "sql.wake.lock", Lock, "a session that is told to end still waits for its client";
    ACTIVITY_LOCK: "sql.activity.lock", Lock, "what a session does is told half from one statement, half from another";
    CLOCK: "sql.clock", Clock, "statements do not know what time it is";
    ENTROPY: "sql.entropy", Entropy, "every session gets the same random numbers";
    SLEEP: "sql.sleep", Clock, "pg_sleep returns at once";
    NOTIFY_ORDER_LOCK: "sql.notify.order.lock", Lock, "notifications come in another order than commits";
    LISTENERS_LOCK: "sql.listeners.lock", Lock, "a notification is lost, or comes twice";
    NOTIFICATION: "sql.notification", Lock, "who waits for a notification does not see it come";
    NATIVES_LOCK: "sql.natives.lock", Lock, "two functions of the program get one number";
    RESULTS_LOCK: "sql.results.lock", Lock, "a result is found while it is being replaced";
    SEARCH_CONFIGURATIONS_LOCK: "sql.search_configurations.lock", Lock, "a configuration of text search is found while it is being replaced";
    SEARCH_DICTIONARIES_LOCK: "sql.search_dictionaries.lock", Lock, "a dictionary of text search is found while it is being replaced";
    SESSIONS_LOCK: "sql.sessions.lock", Lock, "two sessions enter with one number";
    STATISTICS_LOCK: "sql.statistics.lock", Lock, "what a session has counted is lost when it goes";
    WATCH_LOCK: "sql.watch.lock", Lock, "two runs of a statement are counted as one";
    EXPORTED_LOCK: "sql.exported.lock", Lock, "two snapshots are exported under one name";
    HELPER: "sql.helper", Task, "a statement waits for a helper that never began";
    HELPED: "sql.mark.helped", Mark, "no statement is ever helped";
    TIMER: "sql.timer", Clock, "a statement runs on after its time is over";
}
