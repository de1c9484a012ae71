//! Until somebody is logged in.

use crate::client::House;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use server::conversation::Next;
use server::{Authentication, Options};
use sha2::{Digest, Sha256};

#[test]
fn who_is_trusted_comes_in_and_learns_what_he_has_to_know() {
    let house = House::trusting();
    let mut caller = house.caller();
    insta::assert_snapshot!(caller.start(&[("user", "postgres"), ("application_name", "tests")]), @r"
    authentication ok
    key
    ready I
    ");
    insta::assert_snapshot!(caller.query("SELECT current_user, current_setting('application_name')"), @r"
    columns current_user(- type 19 64 -1 format 0) current_setting(- type 25 -1 -1 format 0)
    row postgres | tests
    complete SELECT 1
    ready I
    ");
}

#[test]
fn settings_tell_how_the_server_is_run() {
    let house = House::new(Options { connection_limit: 7, ..Options::default() });
    let mut guest = house.guest();
    let cache = guest.query("SHOW shared_buffers");
    assert!(cache.contains("row 64MB"), "{cache}");
    let limit = guest.query("SHOW max_connections");
    assert!(limit.contains("row 7"), "{limit}");
    let pending = guest.query("SELECT setting, reset_val FROM pg_settings WHERE name = 'max_connections'");
    assert!(pending.contains("row 7 | 7"), "{pending}");
}

#[test]
fn who_may_not_come_in_is_told_why() {
    let house = House::new(Options { connection_limit: 1, ..Options::default() });
    house.run("CREATE ROLE sleeper");
    let told = |parameters: &[(&str, &str)]| {
        let mut caller = house.caller();
        let told = caller.start(parameters);
        assert_eq!(caller.next, Next::Over);
        told
    };
    insta::assert_snapshot!(told(&[("user", "nobody")]), @r#"
    authentication ok
    error S=FATAL C=28000 M=role "nobody" does not exist
    "#);
    insta::assert_snapshot!(told(&[("user", "sleeper"), ("database", "postgres")]), @r#"
    authentication ok
    error S=FATAL C=28000 M=role "sleeper" is not permitted to log in
    "#);
    insta::assert_snapshot!(told(&[("user", "postgres"), ("database", "nowhere")]), @r#"
    authentication ok
    error S=FATAL C=3D000 M=database "nowhere" does not exist
    "#);
    insta::assert_snapshot!(told(&[("database", "postgres")]), @r"
    error S=FATAL C=28000 M=no PostgreSQL user name specified in startup packet
    ");
    insta::assert_snapshot!(told(&[("user", "postgres"), ("replication", "true")]), @r"
    error S=FATAL C=0A000 M=replication is not supported
    ");
    insta::assert_snapshot!(told(&[("user", "postgres"), ("options", "-c work_mem=lots")]), @r#"
    authentication ok
    error S=FATAL C=22023 M=invalid value for parameter "work_mem": "lots"
    "#);
    let _first = house.guest();
    insta::assert_snapshot!(told(&[("user", "postgres")]), @r"
    authentication ok
    error S=FATAL C=53300 M=sorry, too many clients already
    ");
}

#[test]
fn a_place_is_free_again_when_its_client_has_gone() {
    let house = House::new(Options { connection_limit: 1, ..Options::default() });
    for _ in 0..3 {
        house.guest();
    }
}

#[test]
fn encryption_is_declined_where_there_is_none_and_options_that_are_not_known_too() {
    let house = House::trusting();
    let mut caller = house.caller();
    insta::assert_snapshot!(caller.packet_of(80_877_103, b""), @r"
    byte N
    ");
    insta::assert_snapshot!(caller.packet_of(80_877_104, b""), @r"
    byte N
    ");
    insta::assert_snapshot!(caller.start(&[("user", "postgres"), ("_pq_.colour", "red")]), @r"
    negotiate 196608 1
    authentication ok
    key
    ready I
    ");
}

#[test]
fn who_takes_too_long_to_log_in_or_hangs_up_is_let_go() {
    let house = House::asking();
    let mut caller = house.caller();
    assert!(caller.conversation.patience().is_some());
    insta::assert_snapshot!(caller.wait_too_long(), @r"
    error S=FATAL C=57014 M=canceling authentication due to timeout
    ");
    let mut caller = house.caller();
    caller.start(&[("user", "postgres")]);
    assert_eq!(caller.hang_up(), "");
    assert_eq!(caller.next, Next::Over);
}

#[test]
fn a_cancellation_needs_the_secret_and_gets_no_answer() {
    let house = House::trusting();
    let mut caller = house.caller();
    assert_eq!(caller.packet_of(80_877_102, &[0, 0, 0, 1, 0, 0, 0, 2]), "");
    assert_eq!(caller.next, Next::Over);
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut code = Hmac::<Sha256>::new_from_slice(key).unwrap();
    code.update(text);
    code.finalize().into_bytes().to_vec()
}

/// Logs in by a password, as RFC 5802 has it; the last answer.
fn log_in(house: &House, role: &str, password: &str) -> String {
    let mut caller = house.caller();
    assert_eq!(caller.start(&[("user", role)]), "sasl SCRAM-SHA-256\n");
    let first = "n=,r=fyko+d2lbbFgONRv9qkxdawL";
    let said = format!("n,,{first}");
    let length = (said.len() as u32).to_be_bytes();
    let asked = caller.message(b'p', &[b"SCRAM-SHA-256\0", &length, said.as_bytes()]).say();
    let asked = asked.trim_end().strip_prefix("authentication 11 ").unwrap();
    let parts: Vec<&str> = asked.split(',').map(|part| &part[2..]).collect();
    let [nonce, salt, rounds] = parts.as_slice() else { panic!("{asked}") };
    let mut salted = [0; 32];
    let salt = STANDARD.decode(salt).unwrap();
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, rounds.parse().unwrap(), &mut salted);
    let key = keyed(&salted, b"Client Key");
    let last = format!("c=biws,r={nonce}");
    let signature = keyed(&Sha256::digest(&key), format!("{first},{asked},{last}").as_bytes());
    let proof: Vec<u8> = key.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
    let last = format!("{last},p={}", STANDARD.encode(proof));
    let told = caller.message(b'p', &[last.as_bytes()]).say();
    match told.strip_prefix("authentication 12 v=") {
        // That it is the server is proved, too: the signature differs from run to run.
        Some(rest) => rest.split_once('\n').unwrap().1.to_owned(),
        None => told,
    }
}

#[test]
fn a_password_opens_and_nothing_is_told_of_who_has_none() {
    let house = House::asking();
    house.run("CREATE DATABASE ann");
    house.run(
        "CREATE ROLE ann LOGIN PASSWORD 'pencil'; CREATE ROLE bob LOGIN; \
        CREATE ROLE late LOGIN PASSWORD 'pencil' VALID UNTIL '2001-01-01'",
    );
    insta::assert_snapshot!(log_in(&house, "ann", "pencil"), @r"
    authentication ok
    key
    ready I
    ");
    insta::assert_snapshot!(log_in(&house, "ann", "pen"), @r#"
    error S=FATAL C=28P01 M=password authentication failed for user "ann"
    "#);
    insta::assert_snapshot!(log_in(&house, "bob", "pencil"), @r#"
    error S=FATAL C=28P01 M=password authentication failed for user "bob"
    "#);
    insta::assert_snapshot!(log_in(&house, "nobody", "pencil"), @r#"
    error S=FATAL C=28P01 M=password authentication failed for user "nobody"
    "#);
    insta::assert_snapshot!(log_in(&house, "late", "pencil"), @r#"
    error S=FATAL C=28P01 M=password authentication failed for user "late"
    "#);
}

/// Logs in by a password whose hash is asked for by MD5; the last answer.
fn log_in_by_md5(house: &House, role: &str, password: &str) -> String {
    let mut caller = house.caller();
    let salt = caller.start_for_salt(&[("user", role)]);
    let hash = session::login::password::md5(password, role);
    let said = format!("md5{}", session::login::password::md5_text(&[&hash.as_bytes()[3..], &salt]));
    caller.message(b'p', &[said.as_bytes(), b"\0"]).say()
}

#[test]
fn passwords_kept_by_md5_are_asked_for_by_md5_where_the_server_is_run_so() {
    let house = House::new(Options { authentication: Authentication::Md5, ..Options::default() });
    house.run("CREATE DATABASE ann");
    house.run("CREATE DATABASE bob");
    house.run(
        "CREATE ROLE bob LOGIN PASSWORD 'pencil'; SET password_encryption = md5; CREATE ROLE ann LOGIN PASSWORD 'pencil'",
    );
    assert_eq!(log_in_by_md5(&house, "ann", "pencil"), "authentication ok\nkey\nready I\n");
    let refused = "error S=FATAL C=28P01 M=password authentication failed for user \"ann\"\n";
    assert_eq!(log_in_by_md5(&house, "ann", "pen"), refused);
    assert_eq!(log_in(&house, "bob", "pencil"), "authentication ok\nkey\nready I\n");
    // Of nobody the same is asked as of most.
    assert!(log_in(&house, "nobody", "pencil").contains("password authentication failed"));
    // Where nothing but SCRAM is spoken, such a password opens nothing.
    let house = House::asking();
    house.run("CREATE DATABASE ann");
    house.run("SET password_encryption = md5; CREATE ROLE ann LOGIN PASSWORD 'pencil'");
    assert_eq!(log_in(&house, "ann", "pencil"), refused);
}

#[test]
fn who_proves_nothing_is_refused() {
    let house = House::asking();
    let mut caller = house.caller();
    caller.start(&[("user", "postgres")]);
    insta::assert_snapshot!(caller.query("SELECT 1"), @r"
    error S=FATAL C=08P01 M=expected password response, got message type 81
    ");
    let mut caller = house.caller();
    caller.start(&[("user", "postgres")]);
    insta::assert_snapshot!(caller.message(b'p', &[b"secret\0"]).say(), @r"
    error S=FATAL C=08P01 M=malformed SCRAM message
    ");
}
