//! Passwords as they are kept.

use crate::support::{said, session};
use session::login::password::{is_verifier, verifier};

/// The example of RFC 7677, section 3: its client proof and server signature follow from these keys.
#[test]
fn the_verifier_of_the_example() {
    use base64::Engine;
    let salt = base64::engine::general_purpose::STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let made = verifier("pencil", &salt);
    assert_eq!(
        made,
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
         wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    );
    assert!(is_verifier(&made));
    assert!(!is_verifier("pencil") && !is_verifier("SCRAM-SHA-256$4096:x$y:z"));
}

#[test]
fn a_hash_says_of_which_salt_it_is() {
    let mut session = session();
    assert_eq!(said(&mut session, "create extension pgcrypto"), ["CREATE EXTENSION"]);
    let told = said(&mut session, "select crypt('pw', '$1$aéééb') = crypt('pw', crypt('pw', '$1$aéééb'))");
    assert_eq!(told[1..], ["t", "SELECT 1"]);
    // The eighth byte is the first of a letter.
    assert_eq!(said(&mut session, "select crypt('pw', '$1$aéééééé')"), ["22023 invalid salt"]);
}
