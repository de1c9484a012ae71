//! Nests a text in itself on a stack of so many bytes, to measure what a level costs: it aborts where the stack ends.
//!
//! `deep OPEN MIDDLE CLOSE DEPTH STACK`, as in `deep 'select (' 1 ')' 1000 2000000`; the first word of `OPEN` stands once.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // an example may start a thread

use bumpalo::Bump;

/// How many levels the rules count: the least limit under which the text is accepted.
fn levels(text: &str, most: usize) -> usize {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = (low + high) / 2;
        match syntax::parse(text, &Bump::new(), middle) {
            Ok(_) => high = middle,
            Err(_) => low = middle + 1,
        }
    }
    low
}

fn main() {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [open, middle, close, depth, stack] = arguments.as_slice() else {
        return eprintln!("deep OPEN MIDDLE CLOSE DEPTH STACK");
    };
    let (first, open) = open.split_once(' ').unwrap_or(("", open));
    let (depth, stack) = (depth.parse().unwrap_or(1000), stack.parse().unwrap_or(1 << 20));
    let text = format!("{first} {}{middle}{}", open.repeat(depth), close.repeat(depth));
    let run = move || match syntax::parse(&text, &Bump::new(), usize::MAX) {
        Ok(_) => println!("{} levels", levels(&text, 100 * depth)),
        Err(error) => println!("{error}"),
    };
    if let Ok(thread) = std::thread::Builder::new().stack_size(stack).spawn(run) {
        let _ = thread.join();
    }
}
