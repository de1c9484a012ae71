//! The names by which the world knows what the executor asks of it.

env::labels! {
    SPILL_WRITE: "execute.spill.write", Write, "rows that do not fit into memory are lost";
    SPILL_READ: "execute.spill.read", Read, "rows that did not fit into memory are not found again";
}
