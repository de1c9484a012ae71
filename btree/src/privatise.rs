//! Making a tree let go of a page that others will give up.
//!
//! Invariants
//!
//! 1. The rows of the tree are the same before and after.
//! 2. The page is looked for before anything is copied, and the reference to it is held until the way has
//!    been copied, so that it cannot be edited in place.

use crate::error::Result;
use crate::node::{Edit, index_of, load};
use crate::tree::Tree;
use pager::PageRef;

impl Tree {
    /// If the tree has `page` at `level`, on the way to `key`, copies that way, so that the tree no longer refers to
    /// the page. Returns whether it did. The pages that were copied count as given up, as with any change.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn privatise(&mut self, edit: &mut Edit<'_>, key: &[u8], level: u8, page: &PageRef) -> Result<bool> {
        let Some(root) = &mut self.root else { return Ok(false) };
        if level > self.level {
            return Ok(false);
        }
        let mut found = root.clone();
        for at in (level + 1..=self.level).rev() {
            let frame = load(edit.pager, &found, self.id, at)?;
            let node = index_of(&frame);
            found = node.child(node.search(key)).page.clone();
        }
        if !found.same_page(page) {
            return Ok(false);
        }
        // The reference in hand makes a resident page shared, which makes it be copied.
        let mut page = root;
        for at in (level + 1..=self.level).rev() {
            let node = edit.editable_index(page, self.id, at)?;
            let index = node.search(key);
            page = &mut node.child_mut(index).page;
        }
        edit.editable(page, self.id, level)?;
        drop(found);
        Ok(true)
    }
}
