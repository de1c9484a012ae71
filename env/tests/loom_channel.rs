//! The channel under every interleaving that loom can find. Run with `RUSTFLAGS="--cfg hornbeam_loom"`.

#![cfg(hornbeam_loom)]

use env::sync::{OnceLock, loom, mpsc};
use std::sync::Arc;

env::labels! {
    CHANNEL: "test.channel", Lock, "nothing";
}

#[test]
fn a_bounded_channel_loses_nothing_and_ends() {
    let mut builder = loom::model::Builder::new();
    // Three threads with two condition variables: all orders of more switches than these take minutes.
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (sender, receiver) = mpsc::bounded(&CHANNEL, 1);
        let second = sender.clone();
        let send = |sender: mpsc::Sender<u32>, value| {
            loom::thread::spawn(move || sender.send(value).expect("the receiver lives"))
        };
        let threads = [send(sender, 1), send(second, 2)];
        let mut sum = 0;
        while let Ok(value) = receiver.receive() {
            sum += value;
        }
        assert_eq!(sum, 3);
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

#[test]
fn a_sender_waiting_for_room_sees_the_receiver_go() {
    loom::model(|| {
        let (sender, receiver) = mpsc::bounded(&CHANNEL, 1);
        sender.send(1).expect("there is room");
        let thread = loom::thread::spawn(move || sender.send(2));
        drop(receiver);
        assert_eq!(thread.join().expect("no panic"), Err(mpsc::SendError(2)));
    });
}

#[test]
fn whoever_sees_a_set_cell_sees_its_value_whole() {
    loom::model(|| {
        let cell = Arc::new(OnceLock::new());
        let setters = [1, 2].map(|value| {
            let cell = Arc::clone(&cell);
            loom::thread::spawn(move || *cell.get_or_init(|| [value; 4]))
        });
        if let Some(seen) = cell.get() {
            assert!(*seen == [1; 4] || *seen == [2; 4]);
        }
        let results = setters.map(|thread| thread.join().expect("no panic"));
        assert_eq!(results[0], results[1]);
    });
}
