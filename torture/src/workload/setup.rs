//! The first trees: markers, lists, and a few trees of rows, loaded so that they are at least three levels deep.

use super::session::{Ended, Session};
use super::transaction::Mirrored;
use crate::subject::{Isolation, MAIN, Start};

/// The trees before the first one of rows: markers and lists.
pub const FIRST_ROW_TREE: usize = 2;
/// Trees of rows.
pub const ROW_TREES: usize = 2;
/// Keys that the workload knows in each tree of rows.
pub const KEYS: u32 = 320;
/// Lists that transactions append to.
pub const LISTS: u32 = 5;
/// The client that sets up.
pub const SETUP_CLIENT: u8 = 0;

/// The key of row `number`. Lengths differ, so that separators are cut at different places.
pub fn row_key(number: u32) -> Vec<u8> {
    let mut key = format!("row-{number:05}").into_bytes();
    key.extend(std::iter::repeat_n(b'+', (number % 7) as usize));
    key
}

/// The key of a list of one generation; lists of earlier generations are not appended to any more.
pub fn list_key(generation: u32, number: u32) -> Vec<u8> {
    format!("list-{generation:05}-{number}").into_bytes()
}

/// The generation and number of the list with this key, if it is one of a list.
pub fn list_number(key: &[u8]) -> Option<(u32, u32)> {
    let (generation, number) = std::str::from_utf8(key).ok()?.strip_prefix("list-")?.split_once('-')?;
    Some((generation.parse().ok()?, number.parse().ok()?))
}

/// Makes and fills the trees in one transaction, unless they are there.
pub fn set_up(session: &Session, task: &str) -> Result<(), Ended> {
    if session.state.with(|state| state.model.is_set_up()) {
        return Ok(());
    }
    let start = Start::writing(MAIN, Isolation::RepeatableRead);
    let mut transaction = Mirrored::begin(session, task, SETUP_CLIENT, &start)?;
    let _markers = transaction.create_tree()?;
    let _lists = transaction.create_tree()?;
    for _ in 0..ROW_TREES {
        let tree = transaction.create_tree()?;
        for number in (0..KEYS).step_by(2) {
            transaction.put(tree, &row_key(number), 24 + (number % 5) as usize * 6)?;
        }
    }
    transaction.commit()
}
