//! The real face of `env::sync`, on threads.

#![cfg(not(hornbeam_loom))]
#![allow(clippy::disallowed_methods)] // the tests make their own threads

use env::sync::{Condvar, Mutex, RwLock, mpsc};
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    MUTEX: "test.mutex", Lock, "nothing";
    CHANNEL: "test.channel", Lock, "nothing";
}

#[test]
fn a_mutex_excludes_threads() {
    let mutex = Arc::new(Mutex::new(&MUTEX, 0u64));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mutex = Arc::clone(&mutex);
            std::thread::spawn(move || (0..10_000).for_each(|_| *mutex.lock() += 1))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    assert_eq!(*mutex.lock(), 40_000);
}

#[test]
fn a_taken_lock_refuses_try() {
    let mutex = Mutex::new(&MUTEX, ());
    let guard = mutex.lock();
    assert!(mutex.try_lock().is_none());
    drop(guard);
    assert!(mutex.try_lock().is_some());
    let lock = RwLock::new(&MUTEX, ());
    let reader = lock.read();
    assert!(lock.try_write().is_none() && lock.try_read().is_some());
    drop(reader);
    assert!(lock.try_write().is_some());
}

#[test]
fn a_panic_in_a_critical_section_leaves_the_lock_usable() {
    let mutex = Arc::new(Mutex::new(&MUTEX, 7));
    let inside = Arc::clone(&mutex);
    let result = std::thread::spawn(move || {
        let _guard = inside.lock();
        panic!("planned");
    });
    assert!(result.join().is_err());
    assert_eq!(*mutex.lock(), 7);
}

#[test]
fn a_wait_ends_by_notification_or_by_its_limit() {
    let shared = Arc::new((Mutex::new(&MUTEX, false), Condvar::new(&MUTEX)));
    assert!(shared.1.wait_for(&mut shared.0.lock(), Duration::from_millis(1)));
    let notifier = Arc::clone(&shared);
    let thread = std::thread::spawn(move || {
        *notifier.0.lock() = true;
        notifier.1.notify_all();
    });
    let mut ready = shared.0.lock();
    while !*ready {
        shared.1.wait(&mut ready);
    }
    drop(ready);
    thread.join().expect("no panic");
}

#[test]
fn channels_cross_threads_and_report_a_lost_receiver() {
    let (sender, receiver) = mpsc::channel(&CHANNEL);
    assert_eq!(receiver.try_receive(), Err(mpsc::ReceiveError::Empty));
    assert_eq!(receiver.receive_for(Duration::from_millis(1)), Err(mpsc::ReceiveError::Empty));
    let second = sender.clone();
    let threads = [sender, second].map(|sender| {
        std::thread::spawn(move || (0..100).for_each(|value| sender.send(value).expect("the receiver lives")))
    });
    let sum: u32 = std::iter::from_fn(|| receiver.receive().ok()).sum();
    assert_eq!(sum, 2 * 4950);
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    let (sender, receiver) = mpsc::channel(&CHANNEL);
    drop(receiver);
    assert_eq!(sender.send(1), Err(mpsc::SendError(1)));
}
