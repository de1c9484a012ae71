//! Random texts and what PostgreSQL 15's parser `default` takes them apart into: a line each, the text, then the kind and
//! the text of every token.

use search::token::tokens;

#[test]
fn tokens_are_those_of_postgresql() {
    let mut count = 0;
    for line in include_str!("tokens.txt").lines() {
        let mut fields = line.split('\t');
        let text = fields.next().expect("a text");
        let expected: Vec<&str> = fields.collect();
        let found: Vec<String> =
            tokens(text).iter().map(|token| format!("{}:{}", token.kind.number(), token.text)).collect();
        assert_eq!(found, expected, "{text}");
        count += 1;
    }
    assert_eq!(count, 400);
}

#[test]
fn tokens_are_the_text() {
    for text in ["", " ", "<", "a<b", "ж-é-1 x@y.zz/ http://", "\u{301}a\u{301}", "<!-- never ends", "&#x;"]
    {
        let whole: String = tokens(text)
            .iter()
            .scan(String::new(), |compound, token| {
                // What follows a compound token is its text once more.
                if compound.starts_with(token.text) && !compound.is_empty() {
                    compound.drain(..token.text.len());
                    return Some("");
                }
                if token.kind.is_hyphenated() || token.kind == search::token::TokenKind::Url {
                    compound.push_str(token.text);
                }
                Some(token.text)
            })
            .collect();
        assert_eq!(whole, text);
    }
}
