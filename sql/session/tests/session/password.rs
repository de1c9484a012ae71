//! Passwords as they are kept.

use session::password::{is_verifier, verifier};

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
