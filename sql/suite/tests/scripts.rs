//! SQL scripts and what psql would show of them: `snapshots/sql/*.sql`. `snapshots/against-postgres` compares the same
//! snapshots with a PostgreSQL 15.

use suite::{Database, script};

fn shown(text: &str) -> String {
    script::run(&mut Database::new(), text)
}

macro_rules! scripts {
    ($($name:ident;)*) => {
        $(#[test]
        fn $name() {
            let text = include_str!(concat!("../../../snapshots/sql/", stringify!($name), ".sql"));
            insta::with_settings!({
                snapshot_path => "../../../snapshots/sql",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_snapshot!(stringify!($name), shown(text));
            });
        })*
    };
}

scripts! {
    copy;
    databases;
    definitions;
    domains;
    first_steps;
    functions;
    like;
    locks;
    nulls_and_edges;
    privileges;
    roles;
    sequences;
    statistics;
    temporary;
    transactions;
    views;
}

/// The same rows come whatever the size of a chunk is.
#[test]
fn chunks_of_one_and_two_rows_change_nothing() {
    let text = include_str!("../../../snapshots/sql/nulls_and_edges.sql");
    let whole = shown(text);
    for rows in [1, 2] {
        let mut database = Database::new();
        script::run(&mut database, &format!("set hornbeam.chunk_rows = {rows};"));
        assert_eq!(script::run(&mut database, text), whole, "chunks of {rows}");
    }
}
