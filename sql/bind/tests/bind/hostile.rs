//! Statements that are long, deep or both: they are bound or refused with a word, on a stack of two megabytes.

use super::support::World;
use bumpalo::Bump;

/// What a test's thread has.
const STACK: usize = 2 << 20;

fn outcome(world: &World, source: &str) -> String {
    let arena = Bump::new();
    match syntax::parse(source, &arena, syntax::depth_limit(STACK)) {
        Err(error) => error.to_string(),
        Ok(statements) => match world.bind_within(&statements[0], bind::depth_limit(STACK)) {
            Ok(query) => format!("{} columns", query.output.len()),
            Err(error) => error.to_string(),
        },
    }
}

#[test]
fn nothing_overflows_the_stack() {
    let world = World::of_script(include_str!("../data/schema.sql"));
    let known = ["stack depth limit exceeded", "1 columns", "3 columns"];
    let many = |one: &str, count: usize| one.repeat(count);
    for count in [10, 100, 1_000, 20_000] {
        let sources = [
            format!("select 1{}", many(" + 1", count)),
            format!("select {}1{}", many("(", count), many(")", count)),
            format!("select {}1{}", many("abs(", count), many(")", count)),
            format!("select {}1{}", many("(select ", count), many(")", count)),
            format!("select {}true", many("not ", count)),
            format!("select true{}", many(" and true", count)),
            format!("select 1{}", many("::int", count)),
            format!("select a in ({}1) from t1", many("1, ", count)),
            format!("select {}1{}", many("case when true then ", count), many(" end", count)),
            format!("select 1{}", many(" union all select 1", count)),
            format!("select 1{}", many(" union select 1", count)),
            format!("select 1 {}", many(" except select 1 union select 1", count)),
            format!("select {}1{}", many("array[", count), many("]", count)),
            format!("select t1.* from t1{}", many(" cross join (select 1 as a) s", 1)),
            format!("values (1){}", many(", (1)", count)),
            format!("select 'a'{}", many(" || 'a'", count)),
            format!("select 1 {}", many(" is null", count)),
        ];
        for source in sources {
            let found = outcome(&world, &source);
            let shape: String = source.chars().take(40).collect();
            let expected = known.contains(&found.as_str())
                || found == "4 columns"
                || found.starts_with("operator does not exist")
                || found.starts_with("cannot determine type of empty array");
            assert!(expected, "{count} of {shape}: {found}");
        }
    }
}

#[test]
fn a_statement_may_have_many_columns_and_terms() {
    let world = World::of_script(include_str!("../data/schema.sql"));
    let columns = vec!["a"; 1_664].join(", ");
    assert_eq!(outcome(&world, &format!("select {columns} from t1")), "1664 columns");
    let found = outcome(&world, &format!("select {columns}, a from t1"));
    assert_eq!(found, "target lists can have at most 1664 entries");
    let list = (0..10_000).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    assert_eq!(outcome(&world, &format!("select a from t1 where a in ({list})")), "1 columns");
}
