//! A copy-on-write B+tree on pages.
//!
//! * [`Tree`]: a version of a tree. [`Tree::get`], [`Tree::insert`], [`Tree::delete`], [`Tree::delete_range`],
//!   [`Tree::rank`], [`Tree::nth`]. A clone is a snapshot.
//! * [`Edit`]: what a change needs: the pager, the branch that makes it, and where pages taken and given up are noted.
//! * [`Cursor`]: rows in key order, both ways; [`Tree::each_within`]: a few of them; [`LeafRows`]: the rows of a leaf at once.
//! * [`LeafWalk`]: leaf after leaf, some [`Neighbours`] at a time, without reading those of which something is kept already.
//! * [`AtHand`]: pages that a reader has looked at lately, for whoever looks up row after row.
//! * [`Tree::insert_run`]: many rows in one walk. [`Builder`]: a tree from sorted rows. [`diff`]: what changed between two versions.
//! * [`Value`], [`ValueWriter`]: values of up to 1 GiB; the large ones lie in overflow pages, compressed if that helps.
//! * [`Relocation`]: pages to other places of the file, rows and shape unchanged.
//! * [`Tree::check`], [`Tree::walk_pages`], [`annotate`]: looking at a tree from outside.
//!
//! Invariants
//!
//! 1. A page that is reachable from two trees is never changed; a change copies the way from the root.
//! 2. Keys are in the order of their bytes. Every leaf is at the same depth, and holds at least one row.
//! 3. Child `i` of an index page holds the keys from separator `i - 1` (included) to separator `i` (excluded).
//! 4. An index page knows the exact number of rows below each child, and whether there is overflow below it.
//! 5. No page is younger than its parent, so that whole subtrees can be told to be older than a generation.
//! 6. The pages a tree has, those it took and those it gave up add up, after every call and after every error.
//! 7. No panic can be reached from a file's bytes.
//!
//! Files, transactions and what keys and values mean are unknown here. `docs/format.md` has the pages byte by byte.

#![forbid(unsafe_code)]

pub mod annotate;
mod at_hand;
mod builder;
mod check;
mod cursor;
mod delete;
mod diff;
mod error;
mod insert;
mod leaf;
mod leaf_rows;
mod neighbours;
mod node;
mod overflow;
mod privatise;
mod range;
mod rank;
mod relocate;
mod run;
mod tree;
mod value;
mod walk;
mod within;

pub use at_hand::AtHand;
pub use builder::Builder;
pub use check::CheckVisitor;
pub use cursor::Cursor;
pub use delete::Taken;
pub use diff::{Change, DiffVisitor, diff, diff_rows};
pub use error::{Result, TreeError};
pub use leaf::{inline_limit, key_limit};
pub use leaf_rows::LeafRows;
pub use neighbours::{LeafWalk, Neighbours};
pub use node::Edit;
pub use overflow::write::ValueWriter;
pub use relocate::{Relocation, Renamed, ScanOrder, Stopped, Wanted};
pub use run::RunRow;
pub use tree::{StoredTree, Tree};
pub use value::{Overflow, VALUE_LIMIT, Value, ValueRef};
pub use walk::PagesApart;
pub use within::KeyParts;
