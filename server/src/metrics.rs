//! Figures for Prometheus: asked by HTTP, answered in its text format.
//!
//! A request is read up to its empty line: `GET` of any path is answered with all figures, `HEAD` with the same head alone, every
//! other method with 405; then the connection is closed. One asks at a time: his whole request has to come within [`PATIENCE`],
//! and what he does not take within as long he does not get.

use crate::labels::{CLOCK, METRICS_ACCEPT, METRICS_PATIENCE, METRICS_READ, METRICS_WRITE, REST};
use crate::shared::Shared;
use env::{Listener, Stream, StreamDirection, StreamExt};
use std::fmt::Write;
use std::time::Duration;

/// How long a whole request may take to come, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may be.
const REQUEST_MAX: usize = 8 << 10;

/// Answers until the listener is closed.
pub fn serve(shared: &Shared, listener: &dyn Listener) {
    loop {
        match listener.accept(&METRICS_ACCEPT) {
            Ok(Some(stream)) => answer(shared, &*stream),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "nobody can ask for figures");
                shared.env.sleep(&REST, Duration::from_millis(50));
            }
        }
    }
}

fn answer(shared: &Shared, stream: &dyn Stream) {
    let method = request(shared, stream);
    let (status, body) = match method.as_deref() {
        Some("GET" | "HEAD") => ("200 OK", figures(shared)),
        Some(_) => ("405 Method Not Allowed", String::new()),
        None => ("400 Bad Request", String::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    // Who does not wait for it need not have it.
    let _ = stream.write_all(&METRICS_WRITE, head.as_bytes());
    if method.as_deref() != Some("HEAD") {
        let _ = stream.write_all(&METRICS_WRITE, body.as_bytes());
    }
    let _ = stream.shutdown(&METRICS_WRITE, StreamDirection::Both);
}

/// The method of a whole request.
fn request(shared: &Shared, stream: &dyn Stream) -> Option<String> {
    stream.set_write_limit(&METRICS_PATIENCE, Some(PATIENCE)).ok()?;
    let begun = shared.env.monotonic(&CLOCK);
    let (mut come, mut piece) = (Vec::new(), [0; 1024]);
    while !come.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = PATIENCE.saturating_sub(shared.env.monotonic(&CLOCK).saturating_sub(begun));
        if left.is_zero() {
            return None;
        }
        stream.set_read_limit(&METRICS_PATIENCE, Some(left)).ok()?;
        match stream.read_some(&METRICS_READ, &mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) if come.len() + count > REQUEST_MAX => return None,
            Ok(count) => come.extend_from_slice(&piece[..count]),
        }
    }
    let line = come.split(|byte| *byte == b' ').next()?;
    String::from_utf8(line.to_vec()).ok()
}

/// One figure with its kind and what it is about.
fn figure(text: &mut String, (name, kind): (&str, &str), about: &str, values: &[(&str, f64)]) {
    // It is kept in memory: that cannot fail.
    let _ = writeln!(text, "# HELP hornbeam_{name} {about}\n# TYPE hornbeam_{name} {kind}");
    for (labels, value) in values {
        let _ = writeln!(text, "hornbeam_{name}{labels} {value}");
    }
}

/// All figures.
pub fn figures(shared: &Shared) -> String {
    let (now, store) = (shared.engine.figures(), shared.engine.store().statistics());
    let mut text = String::new();
    let (gauge, counter) = ("gauge", "counter");
    let sessions = [
        ("{state=\"active\"}", now.active as f64),
        ("{state=\"idle\"}", now.idle as f64),
        ("{state=\"idle in transaction\"}", now.idle_in_transaction as f64),
    ];
    figure(&mut text, ("sessions", gauge), "Sessions by what they do.", &sessions);
    figure(
        &mut text,
        ("sessions_waiting", gauge),
        "Sessions that wait for a lock.",
        &[("", now.waiting as f64)],
    );
    figure(&mut text, ("sessions_total", counter), "Sessions that have come.", &[("", now.come as f64)]);
    let limit = shared.options.connection_limit as f64;
    figure(&mut text, ("connections_max", gauge), "Clients that may be logged in at once.", &[("", limit)]);
    let ended = [("{end=\"commit\"}", now.commits as f64), ("{end=\"rollback\"}", now.rollbacks as f64)];
    figure(&mut text, ("transactions_total", counter), "Transactions by how they ended.", &ended);
    let rows = [
        ("{done=\"scanned\"}", now.rows_scanned as f64),
        ("{done=\"fetched\"}", now.rows_fetched as f64),
        ("{done=\"inserted\"}", now.inserted as f64),
        ("{done=\"updated\"}", now.updated as f64),
        ("{done=\"deleted\"}", now.deleted as f64),
    ];
    figure(&mut text, ("rows_total", counter), "Rows of tables by what was done with them.", &rows);
    let statements = now.statements as f64;
    figure(&mut text, ("statements_total", counter), "Statements that were watched.", &[("", statements)]);
    figure(&mut text, ("statement_seconds_total", counter), "Seconds that they took.", &[("", now.seconds)]);
    let boxes = now.notifications;
    figure(
        &mut text,
        ("notification_queue_usage", gauge),
        "How full the queue of NOTIFY is.",
        &[("", boxes)],
    );
    let pages = [
        ("{state=\"used\"}", (store.file_pages - store.free_pages) as f64),
        ("{state=\"free\"}", store.free_pages as f64),
    ];
    figure(&mut text, ("file_pages", gauge), "Pages of the file.", &pages);
    let dirty = store.dirty_bytes as f64;
    figure(&mut text, ("dirty_bytes", gauge), "Bytes of pages that have not been written.", &[("", dirty)]);
    figure(&mut text, ("lock_bytes", gauge), "Bytes that locks take.", &[("", store.lock_bytes as f64)]);
    figure(&mut text, ("snapshots", gauge), "Snapshots that are held.", &[("", store.snapshots as f64)]);
    text
}
