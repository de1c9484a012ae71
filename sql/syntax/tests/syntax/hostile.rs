//! Text written to break the parser: nesting, noise, edges. Whatever comes, it returns.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // a test may start a thread, whose stack it chooses

use bumpalo::Bump;
use syntax::SyntaxErrorKind;
use syntax::parser::depth_limit;

const STATEMENTS: &str = include_str!("../data/statements.sql");

/// A small generator of numbers (xorshift), so that a failing text comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

#[test]
fn nothing_that_is_broken_panics() {
    let lines = STATEMENTS.lines().collect::<Vec<_>>();
    let odd = [
        '\'',
        '"',
        '$',
        '\\',
        '\u{0}',
        'é',
        '\u{1F600}',
        '(',
        ')',
        '[',
        '.',
        ':',
        ';',
        '*',
        '-',
        '/',
        'U',
        'E',
        '&',
    ];
    let mut dice = Dice(20_240_517);
    for round in 0..40_000 {
        let mut text = lines[dice.roll(lines.len())].chars().collect::<Vec<_>>();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(text.len());
            match dice.roll(4) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, odd[dice.roll(odd.len())]),
                2 => text.truncate(at.max(1)),
                _ => text[at] = odd[dice.roll(odd.len())],
            }
            if text.is_empty() {
                text.push(' ');
            }
        }
        let text = text.into_iter().collect::<String>();
        let arena = Bump::new();
        if let Err(error) = syntax::parse(&text, &arena, 100)
            && let Some(position) = error.position
        {
            assert!(text.is_char_boundary(position as usize), "round {round}: {text:?} at {position}");
        }
    }
}

/// Ways to nest: what opens, what stands in the middle, what closes.
const NESTINGS: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("not ", "1", ""),
    ("- ", "1", ""),
    ("@ ", "1", ""),
    ("f(", "1", ")"),
    ("case when ", "1", " then 1 end"),
    ("array[", "1", "]"),
    ("a[", "1", "]"),
    ("(select ", "1", ")"),
    ("exists(select ", "1", ")"),
    ("1 in (", "1", ")"),
    ("1 = any (", "1", ")"),
    ("1 between ", "1", " and 2"),
    ("1 from (select ", "1", ") a"),
    ("1 union (select ", "1", ")"),
    ("cast(", "1", " as int)"),
    ("coalesce(", "1", ")"),
    ("substring(", "1", " from 1)"),
    ("xmlconcat(", "1", ")"),
    ("f() over (order by ", "1", ")"),
    ("f() filter (where ", "1", ")"),
    ("1::t(", "1", ")"),
    ("row(", "1", ")"),
    ("1 group by grouping sets (", "1", ")"),
    ("1 from (a join ", "b", " on true)"),
];

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    const STACK: usize = 1 << 20;
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        let limit = depth_limit(STACK);
        for (open, middle, close) in NESTINGS {
            for depth in [10_000, 100_000] {
                let text = format!("select {}{middle}{}", open.repeat(depth), close.repeat(depth));
                let arena = Bump::new();
                match syntax::parse(&text, &arena, limit) {
                    // Some can only be nested once as they are written here: then the second is refused as such.
                    Ok(_) => panic!("{open} is accepted {depth} deep"),
                    Err(error) => assert!(
                        matches!(error.kind, SyntaxErrorKind::TooDeep | SyntaxErrorKind::Unexpected(_)),
                        "{open}: {error}"
                    ),
                }
            }
        }
        let text = format!("select {}1{}", "(".repeat(10_000), ")".repeat(10_000));
        let arena = Bump::new();
        let error = syntax::parse(&text, &arena, limit).expect_err("too deep");
        assert_eq!(error.kind, SyntaxErrorKind::TooDeep);
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_long_chain_is_not_deep() {
    let arena = Bump::new();
    let limit = depth_limit(1 << 20);
    for (term, joint) in
        [("a", " and "), ("a", " or "), ("1", " + "), ("'x'", " || "), ("select 1", " union ")]
    {
        let chain = vec![term; 50_000].join(joint);
        let text = if term.starts_with("select") { chain } else { format!("select {chain}") };
        assert!(syntax::parse(&text, &arena, limit).is_ok(), "{joint}");
    }
}

#[test]
fn a_budget_of_nothing_allows_nothing() {
    assert_eq!(depth_limit(0), 0);
    let arena = Bump::new();
    let error = syntax::parse("select 1", &arena, 0).expect_err("no depth");
    assert_eq!(error.kind, SyntaxErrorKind::TooDeep);
}
