//! Runs a script on a fresh database in memory and shows what psql would: `cargo run -p hornbeam-sql-suite --example script -- FILE`.

#![allow(clippy::disallowed_methods)] // it reads what people keep in folders

fn main() {
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => print!("{}", suite::script::run(&mut suite::Database::new(), &text)),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}
