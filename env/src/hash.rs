//! Hash maps and sets with a fixed hasher: the same order in every run, though no output may depend on it.

use foldhash::fast::FixedState;

/// A hash map whose hasher draws nothing from the system. `HashMap::default()` makes one.
pub type HashMap<K, V> = hashbrown::HashMap<K, V, FixedState>;
/// A hash set whose hasher draws nothing from the system. `HashSet::default()` makes one.
pub type HashSet<T> = hashbrown::HashSet<T, FixedState>;
