//! Functions that come with extensions: they are called by those that the extension's script makes in `LANGUAGE c`, and by no name
//! of their own.
//!
//! Their numbers are kept in files, as bodies of functions, so they never change: each module has a range of its own.

use super::entry::FunctionEntry;
use super::rows;
use types::entry::EntryKind;

/// A library, as `LANGUAGE c` names it behind `$libdir/`.
#[derive(Debug)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its functions; by the source's name a script asks for one.
    pub functions: &'static [FunctionEntry],
    /// What its types are called, and as which their values lie.
    pub types: &'static [(&'static str, u32)],
    /// Which functions of operator classes say of what an index's entries are made.
    pub entries: &'static [(u32, EntryKind)],
}

impl Module {
    /// One that has functions alone.
    pub(super) const fn of(name: &'static str, functions: &'static [FunctionEntry]) -> Module {
        Module { name, functions, types: &[], entries: &[] }
    }

    /// The library that `AS` names.
    pub fn named(file: &str) -> Option<&'static Module> {
        Module::of_extension(file.strip_prefix("$libdir/")?)
    }

    /// The library of an extension: it has the extension's name.
    pub fn of_extension(name: &str) -> Option<&'static Module> {
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

/// What the entries of an index are made of whose operator class has this function.
pub fn module_entries(function: u32) -> Option<EntryKind> {
    let mut all = rows::MODULES.iter().flat_map(|module| module.entries);
    all.find(|(makes, _)| *makes == function).map(|(_, kind)| *kind)
}

pub(super) fn worker(oid: u32) -> Option<&'static FunctionEntry> {
    rows::MODULES.iter().flat_map(|module| module.functions).find(|entry| entry.oid == oid)
}

#[cfg(test)]
mod tests {
    use crate::table::{function, rows};

    /// Files keep the numbers, so no two functions have the same.
    #[test]
    fn every_function_has_a_number_of_its_own() {
        let all = || rows::MODULES.iter().flat_map(|module| module.functions).map(|entry| entry.oid);
        let mut numbers: Vec<u32> = all().collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all().count());
        assert!(numbers.iter().all(|oid| function(*oid).is_none()));
    }
}
