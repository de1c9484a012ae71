//! The names of the lock table's own mutexes and of the states it must sometimes reach.
//!
//! Invariants
//!
//! 1. Each name is used for one mutex, condition, call or state only: traces, sabotage and marks go by name.

env::labels! {
    SHARD: "locks.shard", Lock, "two transactions hold one row in conflicting modes";
    WAITING: "locks.waiting", Lock, "a waiter is forgotten, or a deadlock is not seen";
    IMPLICIT: "locks.implicit", Lock, "a row that a large transaction wrote counts as free";
    CLAIMS: "locks.claims", Lock, "two transactions write rows that exclude one another";
    SLOT: "locks.slot", Lock, "a grant and a cancellation of one waiter overwrite one another";
    GRANTED: "locks.granted", Lock, "a waiter sleeps on after its lock was granted";
    CLOCK: "locks.clock", Clock, "lock_timeout and deadlock_timeout end too early or never";
    REACHED_WAIT: "locks.reached.wait", Mark, "a transaction waited for another";
    REACHED_DEADLOCK: "locks.reached.deadlock", Mark, "a wait was refused because it closed a cycle";
    REACHED_REORDER: "locks.reached.reorder", Mark, "a cycle was opened by letting one waiter pass another";
    REACHED_TIMEOUT: "locks.reached.timeout", Mark, "a wait ended by its time limit";
    REACHED_CANCEL: "locks.reached.cancel", Mark, "a wait was cancelled from outside";
    REACHED_RACE: "locks.reached.race", Mark, "a lock was granted while its waiter was giving up";
    REACHED_IMPLICIT: "locks.reached.implicit", Mark, "a row was found locked by what a transaction had written";
}
