//! From whom a relation inherits, and who inherits from it.

use super::relation::{Described, cell};
use crate::shell::Shell;
use crate::surroundings::Surroundings;

impl Shell {
    /// What a table is a partition of, and what it is partitioned by.
    pub(super) fn part_of(
        &mut self,
        table: &Described,
        more: bool,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let oid = &table.oid;
        let part = self.query(
            &format!(
                "SELECT i.inhparent::pg_catalog.regclass, pg_catalog.pg_get_expr(c.relpartbound, c.oid), \
                 pg_catalog.pg_get_partition_constraintdef(c.oid), i.inhdetachpending FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_inherits i ON c.oid = i.inhrelid WHERE c.oid = {oid} AND c.relispartition"
            ),
            around,
        )?;
        for row in &part.rows {
            let pending = if cell(row, 3) == "t" { " DETACH PENDING" } else { "" };
            footers.push(format!("Partition of: {} {}{pending}", cell(row, 0), cell(row, 1)));
            if more {
                footers.push(match cell(row, 2) {
                    "" => "No partition constraint".to_owned(),
                    constraint => format!("Partition constraint: {constraint}"),
                });
            }
        }
        if table.is("p") {
            let key = self.query(&format!("SELECT pg_catalog.pg_get_partkeydef({oid})"), around)?;
            footers.extend(key.rows.first().map(|row| format!("Partition key: {}", cell(row, 0))));
        }
        Some(())
    }

    /// The tables that a table inherits from, and those that inherit from it.
    pub(super) fn heirs(
        &mut self,
        table: &Described,
        more: bool,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let oid = &table.oid;
        let parents = self.query(
            &format!(
                "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i \
                 WHERE c.oid = i.inhparent AND i.inhrelid = {oid} AND c.relkind <> 'p' AND c.relkind <> 'I' \
                 ORDER BY inhseqno"
            ),
            around,
        )?;
        let names: Vec<String> = parents.rows.iter().map(|row| cell(row, 0).to_owned()).collect();
        listed("Inherits", names, footers);
        let children = self.query(
            &format!(
                "SELECT c.oid::pg_catalog.regclass, c.relkind, pg_catalog.pg_get_expr(c.relpartbound, c.oid), \
                 i.inhdetachpending \
                 FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i WHERE c.oid = i.inhrelid AND i.inhparent = {oid} \
                 ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.relname"
            ),
            around,
        )?;
        let (count, divided) = (children.rows.len(), table.is("p"));
        if !more || count == 0 && divided {
            if count > 0 || divided {
                let kind = if divided { "partitions" } else { "child tables" };
                let use_more = if count > 0 { " (Use \\d+ to list them.)" } else { "" };
                footers.push(format!("Number of {kind}: {count}{use_more}"));
            }
            return Some(());
        }
        let line = |row: &Vec<Option<String>>| {
            let bound = if divided { format!(" {}", cell(row, 2)) } else { String::new() };
            let further = if divided && matches!(cell(row, 1), "p" | "I") { ", PARTITIONED" } else { "" };
            let pending = if cell(row, 3) == "t" { " (DETACH PENDING)" } else { "" };
            format!("{}{bound}{further}{pending}", cell(row, 0))
        };
        let title = if divided { "Partitions" } else { "Child tables" };
        listed(title, children.rows.iter().map(line).collect(), footers);
        Some(())
    }
}

impl Shell {
    /// Of which type a table is.
    pub(super) fn of_type(
        &mut self,
        table: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let of = self.query(
            &format!(
                "SELECT reloftype::pg_catalog.regtype FROM pg_catalog.pg_class WHERE oid = {} AND reloftype <> 0",
                table.oid
            ),
            around,
        )?;
        footers.extend(of.rows.first().map(|row| format!("Typed table of type: {}", cell(row, 0))));
        Some(())
    }

    /// The tablespace that it is to lie in, if it is not the default one.
    pub(super) fn tablespace(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let found = self.query(
            &format!(
                "SELECT t.spcname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace t \
                 ON t.oid = c.reltablespace WHERE c.oid = {}",
                relation.oid
            ),
            around,
        )?;
        footers.extend(found.rows.first().map(|row| format!("Tablespace: \"{}\"", cell(row, 0))));
        Some(())
    }
}

/// Names one below the other.
fn listed(title: &str, names: Vec<String>, footers: &mut Vec<String>) {
    let last = names.len().saturating_sub(1);
    for (place, name) in names.into_iter().enumerate() {
        let begin = if place == 0 { format!("{title}: ") } else { " ".repeat(title.len() + 2) };
        footers.push(format!("{begin}{name}{}", if place < last { "," } else { "" }));
    }
}
