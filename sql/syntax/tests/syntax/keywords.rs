//! Key words.

use syntax::keyword::{Keyword, KeywordClass};

#[test]
fn words_are_found_by_their_text_only() {
    assert!(Keyword::all().all(|keyword| Keyword::find(keyword.text()) == Some(keyword)));
    assert_eq!(Keyword::find("SELECT"), None);
    assert_eq!(Keyword::find("selec"), None);
    assert_eq!(Keyword::Select.class(), KeywordClass::Reserved);
}

#[test]
fn they_are_told_in_the_order_of_their_texts() {
    let texts: Vec<&str> = Keyword::all().map(Keyword::text).collect();
    assert!(texts.len() > 400 && texts.is_sorted());
}
