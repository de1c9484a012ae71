//! `hornbeam vacuum`.

use crate::arguments::VacuumArguments;
use crate::check::count;
use crate::errors::CliError;
use env::Env;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::sync::Arc;
use store::{Store, StoreOptions};

/// Puts a file in order and makes it short.
pub fn vacuum(env: &Arc<dyn Env>, arguments: &VacuumArguments) -> Result<bool, CliError> {
    let options = StoreOptions { create: false, ..StoreOptions::default() };
    let store = Store::open(env.clone(), &arguments.file, options).map_err(CliError::Store)?;
    let before = store.statistics();
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:28} {percent:>3}%  {pos}/{len} pages looked at") {
        bar.set_style(style);
    }
    let report = store.vacuum(&mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let report = report.map_err(CliError::Store)?;
    let after = store.statistics();
    let (file, moved) = (arguments.file.display(), count(report.moved, "page"));
    let (long, short) = (before.file_pages, count(after.file_pages, "page"));
    println!("{file}: {moved} moved; {short} long, {long} before, {} of them free", after.free_pages);
    if report.no_room {
        println!("{file}: some trees were left scattered: there was no room to copy them");
    }
    store.close().map_err(CliError::Store)?;
    Ok(true)
}
