//! Functions that come with extensions: they are called by those that the extension's script makes in `LANGUAGE c`, and by no name
//! of their own.
//!
//! Their numbers are kept in files, as bodies of functions, so they never change: each module has a range of its own.

use super::entry::FunctionEntry;
use super::rows;

/// A library, as `LANGUAGE c` names it behind `$libdir/`.
#[derive(Debug)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its functions; by the source's name a script asks for one.
    pub functions: &'static [FunctionEntry],
}

impl Module {
    /// The library that `AS` names.
    pub fn named(file: &str) -> Option<&'static Module> {
        let name = file.strip_prefix("$libdir/")?;
        rows::MODULES.iter().find(|module| module.name == name)
    }

    /// What `pg_proc.probin` has.
    pub fn file(&self) -> String {
        format!("$libdir/{}", self.name)
    }
}

/// The functions of a module by a name: they take different arguments.
pub fn module_functions(module: &'static Module, name: &str) -> Vec<&'static FunctionEntry> {
    module.functions.iter().filter(|entry| entry.source == name).collect()
}

/// The module of the function of this number.
pub fn module_of(oid: u32) -> Option<&'static Module> {
    rows::MODULES.iter().find(|module| module.functions.iter().any(|entry| entry.oid == oid))
}

pub(super) fn worker(oid: u32) -> Option<&'static FunctionEntry> {
    rows::MODULES.iter().flat_map(|module| module.functions).find(|entry| entry.oid == oid)
}
