//! What PostgreSQL 15 answers.

use pattern::{Flags, Pattern};

/// The groups of the first match, or the whole where there are none; `!` and the text of an error.
fn first(text: &str, pattern: &str) -> String {
    let compiled = match Pattern::new(pattern, Flags::default()) {
        Ok(compiled) => compiled,
        Err(error) => return format!("!{error}"),
    };
    let found = compiled.search(text).expect("short").next_from(0).expect("not too hard");
    assert_eq!(compiled.is_match(text).expect("not too hard"), found.is_some(), "{text} {pattern}");
    let Some(found) = found else { return "none".to_owned() };
    let skipped = usize::from(found.len() > 1);
    let shown: Vec<String> = found[skipped..]
        .iter()
        .map(|part| part.clone().map_or("NULL".to_owned(), |part| format!("'{}'", &text[part])))
        .collect();
    shown.join(",")
}

fn answers(expected: &[(&str, &str, &str)]) {
    for (text, pattern, answer) in expected {
        assert_eq!(first(text, pattern), *answer, "{text:?} {pattern:?}");
    }
}

#[test]
fn longest_and_shortest() {
    answers(&[
        ("abcd", "a|ab|abc", "'abc'"),
        ("abcd", "(?:a|ab)(?:c|bcd)(d*)", "''"),
        ("abcd", "(a|ab)(c|bcd)(d*)", "'ab','c','d'"),
        ("xyyz", "(y*?)(y*)z", "'','yy'"),
        ("XY1234Z", "Y*([0-9]{1,3})", "'123'"),
        ("XY1234Z", "Y*?([0-9]{1,3})", "'1'"),
        ("abc0123xyz", "(.*)(\\d+)(.*)", "'abc012','3','xyz'"),
        ("abc0123xyz", "(.*?)(\\d+)(.*)", "'abc','0',''"),
        ("foobarbequebaz", "(?:(bar)(beque))?", "NULL,NULL"),
        ("foobarbequebarf", "ba.{1,1}?", "'bar'"),
        ("aaa", "(a|aa)+", "'a'"),
        ("aaa", "(a|aa)*", "'a'"),
        ("abcabc", "(?:(a)|(b)|(c))*", "NULL,NULL,'c'"),
        ("ab", "(|a)(b|)", "'a','b'"),
        ("", "()", "''"),
    ]);
}

#[test]
fn back_references_and_conditions() {
    answers(&[
        ("abab", "^(ab)\\1$", "'ab'"),
        ("xxx", "(.){0}(\\1)", "none"),
        ("a", "()*\\1", "''"),
        ("aabb", "(\\w)\\1(\\w)\\2", "'a','b'"),
        ("xabcabcy", "(.+)\\1", "'abc'"),
        ("abcabcabc", "(abc)\\1{2}", "'abc'"),
        ("abc", "(?=b)\\w", "'b'"),
        ("abc", "(?!a)\\w", "'b'"),
        ("cab", "(?<=a)b", "'b'"),
        ("ab", "(?<!a)b", "none"),
        ("a word", "\\mw\\w*\\M", "'word'"),
        ("xyz", "[[:<:]]xyz[[:>:]]", "'xyz'"),
        ("a\nb", "^b", "none"),
        ("a\nb", "(?w)^b", "'b'"),
        ("a\nb", "(?p)a.b", "none"),
        ("a\nb", "a.b", "'a\nb'"),
        ("ÄB", "(?i)äb", "'ÄB'"),
        ("abAB", "(?i)^(ab)\\1$", "'ab'"),
    ]);
}

#[test]
fn ways_of_writing() {
    answers(&[
        ("a{", "a{", "'a{'"),
        ("a-", "[[.hyphen.]-z]", "'a'"),
        ("a]", "[]a]+", "'a]'"),
        ("ab", "(?x)a b # foo", "'ab'"),
        ("ab", "a(?#comment)b", "'ab'"),
        ("a.", "***=a.", "'a.'"),
        ("aa", "(?b)a\\{2\\}", "'aa'"),
        ("a*", "(?b)\\(*\\)", "'*'"),
        ("a+", "(?e)a\\+", "'a+'"),
        ("\u{1}8", "(a)?\\18", "NULL"),
        ("tAb", "\\x41", "'A'"),
        ("é1_", "\\w+", "'é1_'"),
        ("x", "[^\\W]", "'x'"),
    ]);
}

#[test]
fn errors() {
    answers(&[
        ("", "a**", "!quantifier operand invalid"),
        ("", "^*", "!quantifier operand invalid"),
        ("", "a|*b", "!quantifier operand invalid"),
        ("", "(?=a)*", "!quantifier operand invalid"),
        ("", "***a", "!quantifier operand invalid"),
        ("", "(a){2}{3}", "!quantifier operand invalid"),
        ("", "(?a)", "!invalid embedded option"),
        ("", "a{256}", "!invalid repetition count(s)"),
        ("", "a{2,1}", "!invalid repetition count(s)"),
        ("", "x{1,2,3}", "!invalid repetition count(s)"),
        ("", "a{1,", "!braces {} not balanced"),
        ("", "\\2", "!invalid backreference number"),
        ("", "(a\\1)", "!invalid backreference number"),
        ("", "(?=(a))\\1", "!invalid backreference number"),
        ("", "[[:bogus:]]", "!invalid character class"),
        ("", "[[.bogus.]]", "!invalid collating element"),
        ("", "[b-a]", "!invalid character range"),
        ("", "[a-[:digit:]]", "!invalid character range"),
        ("", "[a-a-b]", "!invalid character range"),
        ("", "[a", "!brackets [] not balanced"),
        ("", "(a", "!parentheses () not balanced"),
        ("", "a)", "!parentheses () not balanced"),
        ("", "a\\", "!invalid escape \\ sequence"),
        ("", "\\q", "!invalid escape \\ sequence"),
        ("", "[\\q]", "!invalid escape \\ sequence"),
    ]);
    let deep = "(".repeat(100_000);
    assert_eq!(first("", &deep), "!regular expression is too complex");
    assert_eq!(first("", &"(a)".repeat(10_000)), "!regular expression is too complex");
    assert_eq!(first("", &format!("(a){}", "\\1".repeat(10_000))), "!regular expression is too complex");
    assert_eq!(first("", "((((a{200}){200}){200}){200})"), "!regular expression is too complex");
}

#[test]
fn long_texts() {
    let text = "ab".repeat(50_000);
    assert_eq!(first(&text, "^(a|b)*$"), "'b'");
    assert_eq!(first(&text, "(?=c)"), "none");
}
