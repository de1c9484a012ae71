//! SQL scripts and what psql would show of them: `snapshots/sql/*.sql`. `snapshots/against-postgres` compares the same
//! snapshots with a PostgreSQL 15.

use suite::modes::{self, Mode};
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
    execution;
    explain_analyze;
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

/// The same comes of a script whichever way it is run.
fn runs_alike(mode: Mode) {
    // Prepared statements do not outlive a store that is closed.
    let scripts: &[&str] = match mode {
        Mode::Reopening => &[include_str!("../../../snapshots/sql/nulls_and_edges.sql")],
        _ => &[
            include_str!("../../../snapshots/sql/nulls_and_edges.sql"),
            include_str!("../../../snapshots/sql/execution.sql"),
        ],
    };
    for text in scripts {
        let plain = modes::run(Mode::Plain, text);
        for (expected, found) in plain.into_iter().zip(modes::run(mode, text)) {
            assert_eq!(found, expected, "{mode:?}");
        }
    }
}

#[test]
fn every_way_to_run_statements_gives_the_same_results() {
    Mode::OTHERS.into_iter().for_each(runs_alike);
}
