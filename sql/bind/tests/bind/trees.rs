//! What statements are bound to, as text: one snapshot for all, so that a change of the binder shows what it changes.

use super::support::{DEPTH, World};
use bumpalo::Bump;
use std::fmt::Write;

#[test]
fn trees() {
    let world = World::of_script(include_str!("../data/schema.sql"));
    let mut shown = String::new();
    for source in include_str!("../data/trees.sql").lines().filter(|line| !line.is_empty()) {
        let arena = Bump::new();
        let statements = syntax::parse(source, &arena, DEPTH).unwrap();
        writeln!(shown, "## {source}").unwrap();
        match world.bind(&statements[0], true) {
            Ok(query) => {
                for (place, table) in query.common_tables.iter().enumerate() {
                    write!(shown, "with {place} {}:\n{}", table.name, table.query).unwrap();
                }
                write!(shown, "{}", query.root).unwrap();
            }
            Err(error) => writeln!(shown, "{error}").unwrap(),
        }
        shown.push('\n');
    }
    insta::with_settings!({ snapshot_path => "../../../../snapshots/sql-bind", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("trees", shown);
    });
}
