//! The names of this module's mutex and condition, and of the states it must sometimes reach.
//!
//! Invariants
//!
//! 1. Each name is used for one mutex, condition or state only: traces, sabotage and marks go by name.

env::labels! {
    STATE: "serializable.state", Lock, "a read-write conflict between two transactions is overlooked";
    SAFE: "serializable.safe", Lock, "a deferrable transaction waits on after its snapshot became safe";
    REACHED_DOOMED: "serializable.reached.doomed", Mark, "a transaction was marked to fail by another one";
    REACHED_PIVOT: "serializable.reached.pivot", Mark, "a transaction was refused because of a dangerous structure";
    REACHED_SAFE: "serializable.reached.safe", Mark, "a read-only transaction was found to need no tracking";
    REACHED_UNSAFE: "serializable.reached.unsafe", Mark, "a deferrable transaction had to take another snapshot";
    REACHED_UNKNOWN: "serializable.reached.unknown", Mark, "a transaction of unknown outcome was kept, to be minded by readers";
    REACHED_SUMMARY: "serializable.reached.summary", Mark, "a committed transaction was summarised to save memory";
    REACHED_COARSE: "serializable.reached.coarse", Mark, "tracked keys were joined into ranges to save memory";
}
