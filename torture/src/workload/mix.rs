//! Mixes: how often each sort of transaction comes, each sort of operation, each level. A run draws one, so that what
//! hardly ever meets in the usual mix (short waits, many row locks, write skew) meets all the time in some runs.

use super::setup::KEYS;
use faults::Weights;

/// Weights by option number, in a million, from option 1 on (see `client` for what the options are).
#[derive(Debug, Clone)]
pub struct Mix {
    /// Sorts of transactions.
    pub transactions: Weights,
    /// Sorts of operations.
    pub operations: Weights,
    /// Sizes of values.
    pub sizes: Weights,
    /// READ COMMITTED and SERIALIZABLE; the rest is REPEATABLE READ.
    pub levels: Weights,
    /// Waits that end soon, and later; the rest waits for ever.
    pub patience: Weights,
    /// Single rows are drawn from so many.
    pub keys: u32,
    /// So many of a million transactions are broken off at some call, and their clients with them.
    pub broken_off: u32,
    /// In so many of a million large transactions a scan is held open.
    pub held_scans: u32,
    /// So many of a million requests for a checkpoint are for a vacuum, which makes several.
    pub vacuums: u32,
}

impl Mix {
    /// The mix of that number.
    pub fn of(number: u64) -> Mix {
        match number {
            1 => Mix::lists(),
            2 => Mix::contention(),
            3 => Mix::hoarders(),
            4 => Mix::lineage(),
            5 => Mix::movers(),
            _ => Mix::usual(),
        }
    }

    /// A bit of everything.
    pub fn usual() -> Mix {
        Mix {
            transactions: Weights::new(&[
                580_000, 130_000, 90_000, 20_000, 20_000, 30_000, 12_000, 10_000, 6_000, 25_000, 7_000,
                20_000, 5_000,
            ]),
            operations: Weights::new(&[
                410_000, 130_000, 170_000, 60_000, 40_000, 30_000, 20_000, 8_000, 10_000, 40_000, 40_000,
                10_000, 2_000, 20_000, 10_000,
            ]),
            sizes: Weights::new(&[300_000, 60_000, 12_000]),
            levels: Weights::new(&[333_333, 333_333]),
            patience: Weights::new(&[30_000, 30_000]),
            keys: KEYS,
            broken_off: 2_000,
            held_scans: 250_000,
            vacuums: 250_000,
        }
    }

    /// The mix of bare cycles: what is left out (branches, backups, snapshots held for long) has its place in every other
    /// profile, and here would mostly multiply the rows that each comparison goes through.
    pub fn bare() -> Mix {
        Mix {
            transactions: Weights::new(&[
                650_000, 150_000, 80_000, 0, 20_000, 30_000, 12_000, 0, 0, 0, 7_000,
            ]),
            operations: Weights::new(&[
                420_000, 130_000, 170_000, 60_000, 40_000, 30_000, 20_000, 8_000, 10_000, 40_000, 40_000,
                10_000, 2_000,
            ]),
            broken_off: 0,
            held_scans: 0,
            ..Mix::usual()
        }
    }

    /// Lists, mostly between serialisable transactions.
    fn lists() -> Mix {
        Mix {
            transactions: Weights::new(&[
                100_000, 780_000, 30_000, 10_000, 10_000, 20_000, 12_000, 5_000, 3_000, 5_000, 5_000,
            ]),
            levels: Weights::new(&[60_000, 800_000]),
            ..Mix::usual()
        }
    }

    /// Few rows, many locks, little patience, and others that meddle.
    fn contention() -> Mix {
        Mix {
            operations: Weights::new(&[
                200_000, 60_000, 60_000, 20_000, 50_000, 40_000, 120_000, 110_000, 150_000, 40_000, 80_000,
                10_000, 40_000, 0, 20_000,
            ]),
            patience: Weights::new(&[150_000, 200_000]),
            keys: 10,
            ..Mix::usual()
        }
    }

    /// Vacuums that move pages while others commit by their roots, and branch, so that the log names pages.
    fn movers() -> Mix {
        Mix {
            transactions: Weights::new(&[
                200_000, 10_000, 10_000, 20_000, 20_000, 5_000, 200_000, 60_000, 5_000, 40_000, 400_000, 0,
                30_000,
            ]),
            sizes: Weights::new(&[300_000, 60_000, 60_000]),
            vacuums: 900_000,
            ..Mix::usual()
        }
    }

    /// Branches of branches, and transactions on all of them of many statements, or large enough to commit by their roots;
    /// large values, that are written once more as they are, and statements that fail.
    fn lineage() -> Mix {
        Mix {
            transactions: Weights::new(&[
                250_000, 20_000, 20_000, 10_000, 10_000, 10_000, 40_000, 220_000, 5_000, 230_000, 155_000, 0,
                30_000,
            ]),
            operations: Weights::new(&[
                380_000, 110_000, 70_000, 20_000, 40_000, 100_000, 20_000, 8_000, 10_000, 90_000, 30_000,
                10_000, 2_000, 100_000, 10_000,
            ]),
            sizes: Weights::new(&[300_000, 60_000, 150_000]),
            levels: Weights::new(&[600_000, 100_000]),
            ..Mix::usual()
        }
    }

    /// Transactions of many rows, and others that want the same rows.
    fn hoarders() -> Mix {
        Mix {
            transactions: Weights::new(&[
                490_000, 60_000, 60_000, 20_000, 10_000, 20_000, 12_000, 10_000, 6_000, 15_000, 220_000,
                60_000, 10_000,
            ]),
            ..Mix::usual()
        }
    }
}
