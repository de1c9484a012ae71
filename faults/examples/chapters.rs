//! Prints the generated part of `docs/faults.md`.

fn main() {
    print!("{}", faults::document::chapters());
}
