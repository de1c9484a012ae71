//! Bytes that nobody should send: conversations of valid messages with bytes changed, left out, doubled and shuffled.
//!
//! Whatever comes, the conversation answers or ends: it does not panic, does not go on for ever, and keeps no more than it was sent.
//! (`fuzz/fuzz_targets/conversation.rs` looks for such bytes by coverage.)

use crate::client::{House, Value};
use env::Env;
use env::real::RealEnv;
use server::Options;
use server::conversation::{Bells, Conversation, Next, Peer, PeerGone};
use std::time::Duration;

env::labels! {
    CLOCK: "test.clock", Clock, "a conversation may take for ever";
}

const SEEDS: u64 = 3_000;
/// Bytes of answers after which the client listens no more.
const HEARD: usize = 1 << 20;
/// A conversation of a few hundred bytes may take so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Small numbers, the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
    }
}

/// A client that listens for a while.
#[derive(Default)]
struct Deaf {
    heard: usize,
    later: Vec<u8>,
}

impl Peer for Deaf {
    fn send(&mut self, bytes: &[u8]) -> Result<(), PeerGone> {
        self.heard += bytes.len();
        if self.heard > HEARD { Err(PeerGone) } else { Ok(()) }
    }

    fn receive(&mut self, bytes: &mut Vec<u8>) -> Result<bool, PeerGone> {
        bytes.append(&mut self.later);
        // There is never anything after that.
        Ok(false)
    }
}

/// Messages of whole conversations, one of every kind at least.
fn whole() -> Vec<Vec<u8>> {
    let house = House::trusting();
    let mut caller = house.caller();
    let mut all = Vec::new();
    let mut startup = vec![0, 3, 0, 0];
    startup.extend_from_slice(b"user\0postgres\0options\0-c statement_timeout=2s\0\0");
    let length = (startup.len() as u32 + 4).to_be_bytes();
    all.push([&length[..], &startup].concat());
    for text in [
        "CREATE TABLE t (a int PRIMARY KEY, b text)",
        "INSERT INTO t SELECT g, 'x' FROM generate_series(1, 3) AS g",
        "BEGIN; SAVEPOINT s; SELECT * FROM t; ROLLBACK TO s; COMMIT",
        "COPY t FROM STDIN",
        "COPY t TO STDOUT (FORMAT csv)",
        "LISTEN a; NOTIFY a, 'b'",
        "SELECT 1 / 0",
        "DECLARE c CURSOR WITH HOLD FOR TABLE t; FETCH 2 FROM c",
    ] {
        all.push(caller.message(b'Q', &[text.as_bytes(), b"\0"]).take_said());
    }
    all.push(caller.message(b'd', &[b"8\tcopied\n"]).message(b'c', &[]).take_said());
    all.push(caller.message(b'f', &[b"no more\0"]).take_said());
    all.push(caller.parse("p", "SELECT a, $1::text FROM t WHERE a < $2", &[0, 23]).take_said());
    all.push(caller.bind("q", "p", &[Value::Text("y"), Value::Bytes(&[0, 0, 0, 9])], true).take_said());
    all.push(caller.describe(b'S', "p").describe(b'P', "q").execute("q", 1).execute("q", 0).take_said());
    all.push(caller.close(b'P', "q").sync().message(b'H', &[]).take_said());
    all
}

/// What is sent in one conversation.
fn hostile(whole: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    if dice.next(8) > 0 {
        bytes.extend_from_slice(&whole[0]);
    }
    let kept = bytes.len();
    for _ in 0..=dice.next(6) {
        bytes.extend_from_slice(&whole[dice.next(whole.len())]);
    }
    // Mostly whoever logs in does it well: else hardly anything is reached behind it.
    let first = if dice.next(4) == 0 { 0 } else { kept };
    for _ in 0..dice.next(4) {
        if bytes.len() <= first {
            break;
        }
        let place = first + dice.next(bytes.len() - first);
        match dice.next(5) {
            0 => bytes[place] ^= 1 << dice.next(8),
            1 => bytes[place] = [0, 1, 0x7f, 0x80, 0xff, b'Q', b'\''][dice.next(7)],
            2 => bytes.truncate(place.max(1)),
            3 => drop(bytes.drain(place..(place + 1 + dice.next(9)).min(bytes.len()))),
            _ => {
                let end = (place + 1 + dice.next(40)).min(bytes.len());
                let doubled = bytes[place..end].to_vec();
                bytes.splice(place..place, doubled);
            }
        }
    }
    bytes
}

#[test]
fn bytes_that_nobody_should_send_end_a_conversation_or_are_answered() {
    let whole = whole();
    let house = House::new(Options { message_limit: 1 << 16, ..Options::default() });
    let clock = RealEnv::new();
    let (mut reached, mut ended) = (0, 0);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let bytes = hostile(&whole, &mut dice);
        let begun = clock.monotonic(&CLOCK);
        let mut conversation = Conversation::new(house.shared.clone(), Bells::none());
        let mut peer = Deaf::default();
        let (mut rest, mut next) = (&bytes[..], Next::More);
        while !rest.is_empty() && next == Next::More {
            let (piece, later) = rest.split_at(1 + dice.next(rest.len()));
            rest = later;
            if dice.next(3) == 0 {
                // These are there when a statement asks.
                peer.later.extend_from_slice(later);
                rest = &[];
            }
            next = conversation.take(piece, &mut peer);
        }
        reached += u32::from(conversation.is_logged_in());
        ended += u32::from(next == Next::Over);
        if next == Next::More {
            assert_eq!(conversation.hung_up(&mut peer), Next::Over);
        }
        drop(conversation);
        assert!(clock.monotonic(&CLOCK) - begun < PATIENCE, "seed {seed}");
        if seed % 200 == 0 {
            house.run("DROP TABLE IF EXISTS t");
        }
    }
    assert!(reached > SEEDS as u32 / 3 && ended > SEEDS as u32 / 10, "{reached} {ended}");
    // Nobody has left anything that others would wait for.
    let mut guest = house.guest();
    let told = guest.query("DROP TABLE IF EXISTS t; SELECT count(*) FROM pg_stat_activity");
    assert!(told.ends_with("complete SELECT 1\nready I\n"), "{told}");
}

/// Lengths that promise more than comes take no memory, and no time.
#[test]
fn nothing_is_kept_for_what_has_not_come() {
    let house = House::trusting();
    let mut caller = house.guest();
    let mut head = vec![b'Q'];
    head.extend_from_slice(&(1_u32 << 29).to_be_bytes());
    assert_eq!(caller.say_bytes(&head), "");
    for _ in 0..1000 {
        assert_eq!(caller.say_bytes(b"x"), "");
    }
    assert_eq!(caller.hang_up(), "");
    let mut caller = house.guest();
    let count = [b"\0\0".as_slice(), &u16::MAX.to_be_bytes()].concat();
    let told = caller.message(b'B', &[&count]).sync().say();
    assert!(told.starts_with("error S=ERROR C=08P01"), "{told}");
}

/// As PostgreSQL's SocketBackend: what is wrong with a message decides how far what follows is skipped.
#[test]
fn messages_that_are_none_of_their_kind_leave_the_conversation_where_it_can_go_on() {
    let house = House::trusting();
    let mut caller = house.guest();
    let mut told = caller.message(b'S', &[b"xx"]).say();
    told.push_str(&caller.query("SELECT 1"));
    caller.query("BEGIN");
    told.push_str(&caller.message(b'S', &[b"x"]).say());
    caller.query("ROLLBACK");
    // What is left of a COPY is not looked at.
    told.push_str(&caller.message(b'f', &[b"no end"]).message(b'c', &[b"x"]).say());
    told.push_str(&caller.query("SELECT 2"));
    told.push_str(&caller.message(b'Q', &[b"no end"]).say());
    told.push_str(&caller.message(b'P', &[b"no end"]).query("SELECT 3"));
    told.push_str(&caller.sync().say());
    told.push_str(&caller.message(b'X', &[b"x"]).say());
    insta::assert_snapshot!(told, @r"
    error S=ERROR C=08P01 M=invalid message format
    ready I
    columns ?column?(- type 23 4 -1 format 0)
    row 1
    complete SELECT 1
    ready I
    error S=ERROR C=08P01 M=invalid message format
    ready E
    columns ?column?(- type 23 4 -1 format 0)
    row 2
    complete SELECT 1
    ready I
    error S=ERROR C=08P01 M=invalid string in message
    ready I
    error S=ERROR C=08P01 M=invalid string in message
    ready I
    ");
    assert_eq!(caller.next, Next::Over);
}

#[test]
fn what_is_wrong_within_a_copy_ends_it_and_not_the_conversation() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a text)");
    let mut told = String::new();
    for (kind, body) in [(b'f', b"no end".as_slice()), (b'f', b"\xff\0"), (b'c', b"x"), (b'y', b"")] {
        caller.message(kind, &[body]).say_later();
        told.push_str(&caller.query("COPY t FROM STDIN"));
    }
    insta::assert_snapshot!(told, @r#"
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=08P01 M=invalid string in message
    ready I
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=22021 M=invalid byte sequence for encoding "UTF8": 0xff
    ready I
    copy in [0, 0, 1, 0, 0]
    complete COPY 0
    ready I
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=08P01 M=unexpected message type 0x79 during COPY from stdin
    error S=FATAL C=08P01 M=terminating connection because protocol synchronization was lost
    "#);
    assert_eq!(caller.next, Next::Over);
}

#[test]
fn nothing_is_told_of_rows_in_a_block_that_has_failed() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("shown", "SHOW work_mem", &[]).parse("ended", "ROLLBACK", &[]).sync().say();
    caller.query("BEGIN");
    caller.query("SELECT 1/0");
    let mut told = caller.describe(b'S', "shown").sync().say();
    told.push_str(&caller.describe(b'S', "ended").sync().say());
    told.push_str(&caller.message(b'F', &[&[0; 8]]).say());
    told.push_str(&caller.bind("", "", &[], false).sync().say());
    insta::assert_snapshot!(told, @r"
    error S=ERROR C=25P02 M=current transaction is aborted, commands ignored until end of transaction block
    ready E
    parameters []
    no data
    ready E
    error S=ERROR C=25P02 M=current transaction is aborted, commands ignored until end of transaction block
    ready E
    error S=ERROR C=26000 M=unnamed prepared statement does not exist
    ready E
    ");
}

#[test]
fn binary_parameters_that_are_none_say_which_they_are() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.parse("", "SELECT $1::int4, $2::name, $3::numeric", &[]);
    let mut told = String::new();
    let long = [b'x'; 64];
    let number = [0, 0, 0, 0, 0, 0, 0, 0];
    for values in [
        [b"\0\0\0\0\0".as_slice(), b"x", &number],
        [b"\0\0\0\0", &long, &number],
        [b"\0\0\0\0", b"x", &[number, number].concat()],
    ] {
        let values = values.map(Value::Bytes);
        told.push_str(&caller.bind("", "", &values, false).sync().say());
    }
    insta::assert_snapshot!(told, @r"
    parsed
    error S=ERROR C=22P03 M=incorrect binary data format in bind parameter 1 W=unnamed portal parameter $1
    ready I
    error S=ERROR C=42622 M=identifier too long D=Identifier must be less than 64 characters. W=unnamed portal parameter $2
    ready I
    error S=ERROR C=22P03 M=incorrect binary data format in bind parameter 3 W=unnamed portal parameter $3
    ready I
    ");
}
