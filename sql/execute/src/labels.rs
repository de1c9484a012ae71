//! The names by which the world knows what the executor asks of it.

env::labels! {
    SPILL_WRITE: "execute.spill.write", Write, "rows that do not fit into memory are lost";
    SPILL_READ: "execute.spill.read", Read, "rows that did not fit into memory are not found again";
    SPILL_ROOM: "execute.spill.room", Lock, "two blocks of a temporary file get one room";
    HELP_LOCK: "execute.help.lock", Lock, "what a helper has found is taken before it is whole";
    HELP_CONDITION: "execute.help.condition", Lock, "who waits for a helper does not hear that it is done";
}
